/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A run of the cycle model: the loop over clocks.
 */
#include "run/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_CLOCKS UINT64_C(1000000)

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
    free(run->window);
    free(run);
}

static void step(mmu_runner_t *run)
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
    if (mmu_run_accesses(mmu_env_stats(run->env)) >= run->next_mark)
        mmu_runner_mark(run);
}

void mmu_runner_go(mmu_runner_t *run)
{
    uint64_t told = 0;

    while (!mmu_env_done(run->env)) {
        step(run);
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
