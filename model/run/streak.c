/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Streaks: what streak.h promises.
 */
#include "run/streak.h"

#include "run/streak_inside.h"

#include <assert.h>
#include <string.h>

/* Answers of one streak, so that progress is told. */
#define MOST_ANSWERS (UINT64_C(1) << 20)

/* ---- begin --------------------------------------------------------------------------------------------- */

/* Answers in all that end the streak. */
static uint64_t answers_until(const mmu_runner_t *run, const mmu_env_stats_t *stats)
{
    const uint64_t now = mmu_run_accesses(stats);

    return run->next_mark == NEVER ? MOST_ANSWERS : lower(run->next_mark - now, MOST_ANSWERS);
}

/* The first clock that something else than a look-up asks to be stepped: memory's response, the end, the watchdog. */
static uint64_t first_limit(const streak_t *s)
{
    const mmu_stage_t *stage = s->stage;
    const uint64_t cycles = stage->opt->cycles == 0 ? NEVER : stage->opt->cycles;
    uint64_t limit = lower(mmu_memport_due(&stage->memport), cycles);

    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = s->behind[port]; left != 0; left &= left - 1)
            limit = lower(limit, stage->pending[port][__builtin_ctz(left)].clock + stage->opt->watchdog);
    return limit;
}

/* What is in stage 1: the group of the clock before. False: it does not hit. */
static bool take_stage1(streak_t *s)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_fast_stage1_t stage1 = mmu_fast_stage1(s->fast, port);

        s->behind[port] = s->stage->outstanding[port];
        if (stage1.stalls)
            s->stuck |= 1u << port;
        if (!stage1.valid || stage1.stalls)
            continue;
        s->member[port].id = stage1.id;
        s->member[port].piece = mmu_streak_vouch(s, stage1.piece, s->player->flight[port][stage1.id].va);
        if (s->member[port].piece == NULL)
            return false;
        s->there |= 1u << port;
        s->behind[port] &= ~(1u << stage1.id);
    }
    return true;
}

/* Of the last fetch's pieces without an answer, those that are neither in stage 1 nor offered nor still to be offered. */
static unsigned pieces_behind(const streak_t *s)
{
    const mmu_player_t *p = s->player;
    const mmu_req_t *req = &s->run->in.req[MMU_PORT_I];
    unsigned pieces = p->pieces_left;

    pieces -= p->have_head && p->head.acc == MMU_ACC_FETCH;
    pieces -= (s->there >> MMU_PORT_I & 1u) != 0 &&
              p->flight[MMU_PORT_I][s->member[MMU_PORT_I].id].fetch == p->fetch;
    pieces -= req->valid && p->flight[MMU_PORT_I][req->id].fetch == p->fetch;
    return pieces;
}

/* ---- end ----------------------------------------------------------------------------------------------- */

/* A port whose stage 1 has stalled from the first clock on: what is offered is still offered. */
static void close_stuck(streak_t *s, unsigned port, uint64_t end)
{
    mmu_stage_t *stage = s->stage;
    const bool offers = s->run->in.req[port].valid;

    stage->stats.events[MMU_EV_STALL_I + port] += end - s->begin;
    if (offers && !stage->offering[port])
        stage->offered[port] = s->stuck_from[port];
    if (offers && !s->run->offering[port])
        s->run->since[port] = s->stuck_from[port];
    stage->offering[port] = s->run->offering[port] = offers;
}

/* All of the group before `end` is accepted; this is where the books are as of then. */
static void close_books(streak_t *s, uint64_t end)
{
    mmu_stage_t *stage = s->stage;
    mmu_env_stats_t *stats = &stage->stats;
    mmu_in_t *in = &s->run->in;

    stage->clock = end - 1;
    stats->clocks = end;
    stats->answers_sum += s->sum;
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const bool in_stage1 = (s->there >> port & 1u) != 0;
        const mmu_env_pending_t *last;

        stats->accepted[port] += s->accepted[port];
        stats->answered[port] += s->answered[port];
        stats->events[MMU_EV_ACCEPT_I + port] += s->accepted[port];
        stats->events[MMU_EV_L1_HIT_I + port] += s->answered[port] - s->bare[port];
        for (uint32_t left = s->given[port]; left != 0; left &= left - 1) {
            mmu_env_pending_t *pending = &stage->pending[port][__builtin_ctz(left)];
            pending->busy = pending->killed = false;
            pending->ctx = in->ctx[port];
            pending->req.valid = true;
            pending->req.id = (uint8_t)__builtin_ctz(left);
            pending->req.prv = MMU_PRIV_U;
        }
        for (uint32_t left = stage->outstanding[port] & ~s->behind[port]; left != 0; left &= left - 1)
            stage->pending[port][__builtin_ctz(left)].busy = false;
        stage->outstanding[port] = s->behind[port];
        if (in_stage1) {
            stage->pending[port][s->member[port].id].busy = true;
            stage->outstanding[port] |= 1u << s->member[port].id;
        }
        if ((s->stuck >> port & 1u) != 0) {
            close_stuck(s, port, end);
            continue;
        }
        last = s->accepted[port] == 0 ? NULL : &stage->pending[port][s->last[port]];
        if (last != NULL && !(s->accepted[port] == 1 && stage->offering[port]))
            stage->offered[port] = last->clock;
        stage->offering[port] = s->run->offering[port] = false;
        mmu_fast_leave(s->fast, port, last != NULL ? &last->req : NULL, in_stage1);
    }
    stage->progress = s->active;
    if ((stage->outstanding[MMU_PORT_I] | stage->outstanding[MMU_PORT_D]) == 0)
        stage->progress = end - 1;
}

/* The inputs of the clock `end`: what is offered in it, and memory. */
static void next_inputs(streak_t *s, uint64_t end)
{
    mmu_player_t *p = s->player;
    mmu_in_t *in = &s->run->in;
    unsigned pieces = 0;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        if ((s->stuck >> port & 1u) == 0)
            in->req[port] = (mmu_req_t){0};
    mmu_streak_offer(s, end);
    pieces += s->fetch == p->fetch ? s->blocked : 0;
    pieces += p->have_head && p->head.acc == MMU_ACC_FETCH;
    pieces += (s->there >> MMU_PORT_I & 1u) != 0 &&
              p->flight[MMU_PORT_I][s->member[MMU_PORT_I].id].fetch == p->fetch;
    pieces += in->req[MMU_PORT_I].valid && p->flight[MMU_PORT_I][in->req[MMU_PORT_I].id].fetch == p->fetch;
    p->pieces_left = pieces;
    mmu_memport_skip(s->stage, end - s->begin, in);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static void close_times(streak_t *s)
{
    mmu_run_result_t *result = &s->run->result;

    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_hist_add(&result->translation[port], 1, s->answered[port] - s->late[port]);
        mmu_hist_add(&result->queueing[port], 0, s->accepted[port] - s->queued[port]);
    }
}

/* What must be so that look-ups are all that happens. */
static bool may_begin(const mmu_runner_t *run, const mmu_player_t *p, const mmu_stage_t *stage,
                      uint64_t events)
{
    return stage->stats.clocks != 0 && stage->failure.kind == MMU_ENV_OK &&
           p->retries[MMU_PORT_I].count == 0 && p->retries[MMU_PORT_D].count == 0 &&
           mmu_fast_rests(run->mmu, events) && mmu_fast_begin(run->fast, &run->in, MMU_PRIV_U);
}

bool mmu_runner_streak(mmu_runner_t *run, uint64_t events)
{
    mmu_stage_t *stage = mmu_env_stage(run->env);
    mmu_player_t *player = (mmu_player_t *)mmu_env_stimulus(run->env);
    streak_t s;
    uint64_t end;
    bool waits;

    if (!may_begin(run, player, stage, events))
        return false;
    memset(&s, 0, offsetof(streak_t, member));
    s.run = run;
    s.stage = stage;
    s.player = player;
    s.fast = run->fast;
    s.begin = stage->stats.clocks;
    s.open_bits = mmu_pager_open_bits(player->pager);
    s.in_page = (UINT64_C(1) << player->split_lg) - 1;
    if (!mmu_streak_can_read(&s) || !take_stage1(&s))
        return false;
    s.limit = first_limit(&s);
    s.until = answers_until(run, &stage->stats);
    s.active = stage->progress;
    s.group = s.begin - 1;
    s.prev = s.begin + 1;
    s.fetch = player->fetch;
    s.blocked = pieces_behind(&s);
    s.data_from = s.blocked != 0 ? NEVER : 0;
    if (run->in.req[MMU_PORT_I].valid &&
        player->flight[MMU_PORT_I][run->in.req[MMU_PORT_I].id].fetch == s.fetch)
        s.data_from = higher(s.data_from, s.begin + 2);
    waits = (s.behind[MMU_PORT_I] | s.behind[MMU_PORT_D]) != 0;
    if (s.limit <= s.begin || s.active + stage->opt->watchdog <= s.begin || (waits && s.limit == NEVER))
        return false;

    mmu_streak_walk(&s);
    /* Where the trace has ended and nothing else is on its way, its last look-ups are the last clock of the run. */
    end = player->have_head || waits ? s.limit : lower(s.limit, s.group + 1);
    end = lower(end, s.active + stage->opt->watchdog);
    if (s.there != 0 && s.group + 1 < end) {
        mmu_streak_settle(&s);
        end = lower(end, s.limit);
    }
    assert(end != NEVER);
    if (end <= s.begin)
        return false;
    close_books(&s, end);
    next_inputs(&s, end);
    close_times(&s);
    return true;
}
