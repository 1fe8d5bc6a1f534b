/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A run of the cycle model: the loop over clocks.
 */
#include "run/streak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_CLOCKS UINT64_C(1000000)
#define SHORT_WATCHDOG 64u

/* Only the trace player's requests are known beforehand, and the judge must see each clock. A watchdog that barks within a
 * few clocks is left to stepping. */
static bool may_skip(const mmu_run_options_t *options, const mmu_env_options_t *opt)
{
    return !options->step && opt->kind == MMU_ENV_TRACE && opt->unjudged &&
           (opt->watchdog == 0 || opt->watchdog >= SHORT_WATCHDOG);
}

mmu_runner_t *mmu_runner_create(const mmu_cfg_t *cfg, const mmu_env_options_t *env,
                                const mmu_run_options_t *options, char *err, size_t n)
{
    mmu_env_options_t opt = *env;
    mmu_runner_t *run = calloc(1, sizeof *run);
    void *storage = malloc(mmu_sizeof(cfg));

    if (run == NULL || storage == NULL) {
        snprintf(err, n, "no memory");
        free(storage);
        free(run);
        return NULL;
    }
    run->cfg = *cfg;
    run->opt = *options;
    run->mmu = mmu_init(storage, cfg);
    mmu_env_configure(&opt, cfg);
    if (opt.kind == MMU_ENV_TRACE && !options->step)
        opt.unjudged = true; /* each answer is compared with the pager's list */
    run->env = mmu_env_create(&opt, err, n);
    if (run->env == NULL) {
        mmu_runner_destroy(run);
        return NULL;
    }
    if (may_skip(options, &opt) && (run->fast = calloc(1, sizeof *run->fast)) == NULL) {
        snprintf(err, n, "no memory");
        mmu_runner_destroy(run);
        return NULL;
    }
    if (run->fast != NULL)
        run->fast->mmu = run->mmu;
    run->next_mark = options->warmup != 0   ? options->warmup
                     : options->window != 0 ? options->window
                                            : UINT64_MAX;
    run->result.warmed = options->warmup == 0;
    mmu_env_reset_inputs(run->env, &run->in);
    return run;
}

void mmu_runner_destroy(mmu_runner_t *run)
{
    if (run == NULL)
        return;
    mmu_env_destroy(run->env);
    free(run->mmu);
    free(run->fast);
    free(run->window);
    free(run);
}

/* Returns the clock's events. */
static uint64_t step(mmu_runner_t *run)
{
    const uint64_t clock = mmu_env_stats(run->env)->clocks;
    mmu_in_t next;
    mmu_out_t out;

    mmu_comb(run->mmu, &run->in, &out);
    mmu_runner_count(run, clock, &out);
    mmu_env_step(run->env, &run->in, &out, &next);
    mmu_seq(run->mmu, true);
    mmu_runner_count_walks(run, clock, out.events);
    for (unsigned n = mmu_env_reset_clocks(run->env); n > 0; n--) {
        mmu_seq(run->mmu, false);
        run->walking = 0;
    }
    run->in = next;
    run->result.stepped++;
    return out.events;
}

void mmu_runner_advance(mmu_runner_t *run)
{
    if (run->fast != NULL && mmu_runner_streak(run, run->events))
        run->events = 0;
    else
        run->events = step(run);
    if (mmu_run_accesses(mmu_env_stats(run->env)) >= run->next_mark)
        mmu_runner_mark(run);
}

void mmu_runner_go(mmu_runner_t *run)
{
    uint64_t told = 0;

    while (!mmu_env_done(run->env)) {
        mmu_runner_advance(run);
        if (run->opt.progress != NULL && mmu_env_stats(run->env)->clocks - told >= PROGRESS_CLOCKS) {
            told = mmu_env_stats(run->env)->clocks;
            run->opt.progress(run->opt.user, mmu_env_stats(run->env));
        }
    }
    mmu_runner_close(run);
}

const mmu_run_result_t *mmu_runner_result(const mmu_runner_t *run)
{
    return &run->result;
}

const mmu_env_t *mmu_runner_env(const mmu_runner_t *run)
{
    return run->env;
}
