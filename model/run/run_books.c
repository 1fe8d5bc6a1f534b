/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a run counts beside the environment: how long translations and walks took, warm-up and windows.
 */
#include "run/runner.h"

#include <stdlib.h>
#include <string.h>

/* ---- times ----------------------------------------------------------------------------------------- */

void mmu_runner_count(mmu_runner_t *run, uint64_t clock, const mmu_out_t *out)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_rsp_t *rsp = &out->rsp[port];

        if (rsp->valid && !rsp->fault)
            mmu_hist_add(&run->result.translation[port],
                         clock - mmu_env_pending(run->env, port, rsp->id)->clock, 1);
        if (!run->in.req[port].valid) {
            run->offering[port] = false;
            continue;
        }
        if (!run->offering[port])
            run->since[port] = clock;
        run->offering[port] = !out->req_ready[port];
        if (out->req_ready[port])
            mmu_hist_add(&run->result.queueing[port], clock - run->since[port], 1);
    }
}

/* A slot that walks now and did not before has begun in this clock, and the other way round it has ended: one that is
 * given back in a clock cannot be taken in it (WALK-1). */
void mmu_runner_count_walks(mmu_runner_t *run, uint64_t clock, uint64_t events)
{
    const uint64_t began = UINT64_C(1) << MMU_EV_WALK_START;
    const uint64_t ended = UINT64_C(1) << MMU_EV_WALK_LEAF | UINT64_C(1) << MMU_EV_WALK_FAULT;

    if ((events & (began | ended)) == 0)
        return;
    for (unsigned slot = 0; slot < run->cfg.walks; slot++) {
        const bool walks = mmu_peek_walk(run->mmu, slot).state != 0; /* WalkIdle */

        if (walks && (run->walking >> slot & 1u) == 0)
            run->walk_began[slot] = clock;
        if (!walks && (run->walking >> slot & 1u) != 0)
            mmu_hist_add(&run->result.walk, clock - run->walk_began[slot], 1);
        run->walking = (run->walking & ~(1u << slot)) | (uint32_t)walks << slot;
    }
}

/* ---- warm-up and windows ------------------------------------------------------------------------------- */

/* a -= b, but for what is no count. */
static void subtract(mmu_env_stats_t *a, const mmu_env_stats_t *b)
{
    a->clocks -= b->clocks;
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        a->accepted[p] -= b->accepted[p];
        a->answered[p] -= b->answered[p];
        a->faults[p] -= b->faults[p];
        a->killed[p] -= b->killed[p];
    }
    a->resets -= b->resets;
    a->retries -= b->retries;
    for (unsigned k = 0; k < 3; k++)
        a->pages_mapped[k] -= b->pages_mapped[k];
    a->ad_set -= b->ad_set;
    a->mem_reads -= b->mem_reads;
    a->mem_cas -= b->mem_cas;
    a->mem_cas_failed -= b->mem_cas_failed;
    a->mem_errors -= b->mem_errors;
    a->answers_sum -= b->answers_sum;
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        a->events[n] -= b->events[n];
}

static void end_window(mmu_runner_t *run)
{
    mmu_env_stats_t part = *mmu_env_stats(run->env);
    mmu_run_window_t *w;

    subtract(&part, &run->mark);
    if (run->result.windows == run->room) {
        run->room = run->room == 0 ? 64 : 2 * run->room;
        w = realloc(run->window, run->room * sizeof *w);
        if (w == NULL)
            abort();
        run->result.window = run->window = w;
    }
    w = &run->window[run->result.windows++];
    *w = (mmu_run_window_t){.clocks = part.clocks,
                            .accesses = mmu_run_accesses(&part),
                            .l1_misses = {part.events[MMU_EV_L1_MISS_I], part.events[MMU_EV_L1_MISS_D]},
                            .l2_misses = part.events[MMU_EV_L2_MISS],
                            .walks = part.events[MMU_EV_WALK_START]};
    run->mark = *mmu_env_stats(run->env);
}

static void end_warmup(mmu_runner_t *run)
{
    mmu_run_result_t *r = &run->result;

    r->warmed = true;
    r->warmup = run->mark = *mmu_env_stats(run->env);
    memset(r->translation, 0, sizeof r->translation);
    memset(r->queueing, 0, sizeof r->queueing);
    memset(&r->walk, 0, sizeof r->walk);
}

/* Two accesses may be answered in one clock, so a mark may be overrun by one; the next one is counted from it. */
void mmu_runner_mark(mmu_runner_t *run)
{
    if (!run->result.warmed)
        end_warmup(run);
    else
        end_window(run);
    run->next_mark = run->opt.window == 0 ? UINT64_MAX : mmu_run_accesses(&run->mark) + run->opt.window;
}

void mmu_runner_close(mmu_runner_t *run)
{
    const mmu_env_stats_t *all = mmu_env_stats(run->env);

    if (run->opt.window != 0 && run->result.warmed && all->clocks != run->mark.clocks)
        end_window(run);
    run->result.counts = *all;
    subtract(&run->result.counts, &run->result.warmup);
    run->result.stimulus = mmu_env_describe(run->env);
    run->result.failure = mmu_env_failure(run->env);
}

/* ---- figures ------------------------------------------------------------------------------------------- */

uint64_t mmu_run_accesses(const mmu_env_stats_t *counts)
{
    return counts->answered[MMU_PORT_I] + counts->answered[MMU_PORT_D];
}

double mmu_run_clocks_per_access(const mmu_env_stats_t *counts)
{
    const uint64_t accesses = mmu_run_accesses(counts);

    return accesses == 0 ? 0.0 : (double)counts->clocks / (double)accesses;
}

double mmu_run_mpki(const mmu_env_stats_t *counts, uint64_t events)
{
    const uint64_t instructions = counts->answered[MMU_PORT_I];

    return instructions == 0 ? 0.0 : 1000.0 * (double)events / (double)instructions;
}

double mmu_run_translation_time(const mmu_run_result_t *r)
{
    const uint64_t count = r->translation[0].count + r->translation[1].count;

    return count == 0 ? 0.0 : (double)(r->translation[0].sum + r->translation[1].sum) / (double)count;
}
