/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Runs of the cycle model for a report: the configurations, and variants of the first one. Threads take one run
 * after the other.
 */
#include "report/report.h"

#include "lockwalk/mmu_config.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#define THREADS 64u
#define MOST_VARIANTS 12u

/* ---- variants: L1 and L2 smaller and larger ---------------------------------------------------------------- */

/* Twice (by = 1) or half (by = -1) the entries: by sets where there are several, else by ways. */
static void scale_array(mmu_cfg_array_t *array, int by)
{
    if (array->ways == 0 || by == 0)
        return;
    if (array->sets_log2 > 0)
        array->sets_log2 = (uint8_t)(array->sets_log2 + by);
    else if (by > 0)
        array->ways = (uint8_t)(array->ways * 2);
    else
        array->ways = (uint8_t)((array->ways + 1) / 2);
}

#define L2_NONE INT32_MIN

static void scale(mmu_cfg_t *cfg, int l1, int l2)
{
    for (unsigned level = 0; level < MMU_LEVELS; level++)
        for (unsigned k = 0; k < MMU_ARRAYS; k++) {
            mmu_cfg_array_t *array = &cfg->array[level][k];

            if (level != MMU_LEVEL_L2)
                scale_array(array, l1);
            else if (l2 == L2_NONE)
                *array = (mmu_cfg_array_t){0};
            else
                scale_array(array, l2);
        }
}

static bool has_l2(const mmu_cfg_t *cfg)
{
    for (unsigned k = 0; k < MMU_ARRAYS; k++)
        if (cfg->array[MMU_LEVEL_L2][k].ways != 0)
            return true;
    return false;
}

static const char *times(int by)
{
    static const char *const words[] = {"x 1/2", "as it is", "x 2"};

    return by == L2_NONE ? "none" : words[by + 1];
}

/* Those that mmu_cfg_check accepts, after the configurations in `run`. */
static void add_variants(mmu_report_t *report, mmu_report_clocks_t *clocks)
{
    static const int l1s[] = {-1, 0, 1}, l2s[] = {L2_NONE, -1, 0, 1};
    const mmu_report_config_t *base = &report->opt.config[0];

    for (unsigned a = 0; a < sizeof l1s / sizeof l1s[0]; a++)
        for (unsigned b = 0; b < sizeof l2s / sizeof l2s[0]; b++) {
            mmu_report_run_t *run = &clocks->run[clocks->runs];

            run->cfg = base->cfg;
            scale(&run->cfg, l1s[a], l2s[b]);
            if (mmu_cfg_equal(&run->cfg, &base->cfg) || (!has_l2(&base->cfg) && l2s[b] != 0) ||
                !mmu_cfg_check(&run->cfg, NULL))
                continue;
            run->variant = true;
            run->name =
                mmu_report_format(report, "%s / L1 %s / L2 %s", base->name, times(l1s[a]), times(l2s[b]));
            clocks->runs++;
        }
}

/* ---- running ------------------------------------------------------------------------------------------------ */

typedef struct {
    mmu_report_t *report;
    const char *path;
    mmu_report_clocks_t *clocks;
    pthread_mutex_t lock; /* of next, of the report's memory and of its progress */
    unsigned next;
} pool_t;

/* The next run to be done; NULL: no more. */
static mmu_report_run_t *take(pool_t *pool)
{
    const mmu_report_options_t *opt = &pool->report->opt;
    mmu_report_run_t *run = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->next < pool->clocks->runs) {
        run = &pool->clocks->run[pool->next++];
        if (opt->progress != NULL)
            opt->progress(opt->user, pool->path, run->name, 0);
    }
    pthread_mutex_unlock(&pool->lock);
    return run;
}

static void failed(pool_t *pool, mmu_report_run_t *run, const char *why)
{
    pthread_mutex_lock(&pool->lock);
    run->error = mmu_report_utf8(pool->report, why);
    pthread_mutex_unlock(&pool->lock);
}

static void one_run(pool_t *pool, mmu_report_run_t *run)
{
    mmu_env_options_t env = pool->report->opt.env;
    const mmu_run_options_t options = {0};
    const mmu_run_result_t *result;
    mmu_runner_t *runner;
    char err[512];

    env.trace = pool->path;
    runner = mmu_runner_create(&run->cfg, &env, &options, err, sizeof err);
    if (runner == NULL) {
        failed(pool, run, err);
        return;
    }
    mmu_runner_go(runner);
    result = mmu_runner_result(runner);
    run->counts = result->counts;
    run->counts.judge = NULL; /* the runner's own */
    run->translation = mmu_run_translation_time(result);
    run->walk = result->walk;
    if (result->failure->kind != MMU_ENV_OK)
        failed(pool, run, result->failure->text);
    mmu_runner_destroy(runner);
}

static void *work(void *user)
{
    mmu_report_run_t *run;

    while ((run = take(user)) != NULL)
        one_run(user, run);
    return NULL;
}

void mmu_report_run(mmu_report_t *report, const char *path, mmu_report_clocks_t *clocks)
{
    const mmu_report_options_t *opt = &report->opt;
    pool_t pool = {.report = report, .path = path, .clocks = clocks};
    pthread_t thread[THREADS];
    unsigned threads = 0;

    clocks->runs = 0;
    clocks->run = mmu_report_alloc(report, (opt->configs + MOST_VARIANTS) * sizeof clocks->run[0]);
    for (unsigned c = 0; c < opt->configs; c++) {
        mmu_report_run_t *run = &clocks->run[clocks->runs++];

        run->cfg = opt->config[c].cfg;
        run->name = opt->config[c].name;
    }
    if (opt->variants && opt->configs != 0)
        add_variants(report, clocks);
    pthread_mutex_init(&pool.lock, NULL);
    while (threads + 1 < opt->jobs && threads < THREADS && threads + 1 < clocks->runs &&
           pthread_create(&thread[threads], NULL, work, &pool) == 0)
        threads++;
    work(&pool);
    for (unsigned t = 0; t < threads; t++)
        pthread_join(thread[t], NULL);
    pthread_mutex_destroy(&pool.lock);
}
