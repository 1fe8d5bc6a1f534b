/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The books of the environment: which requests are outstanding, whether the MMU keeps the protocol of
 * CONTRACT.md (rules REQ and FEN of docs/microarchitecture.md), and whether anything moves.
 */
#include "env/mmu_stage.h"

#include "lockwalk/mmu_pmp.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Every so many clocks the age of each outstanding request is looked at. */
#define AGE_CHECK_CLOCKS 1024u

const char *mmu_port_name(unsigned port)
{
    return port == MMU_PORT_I ? "instruction" : "data";
}

static const char *access_name(uint8_t acc)
{
    return acc == MMU_ACC_FETCH    ? "fetch"
           : acc == MMU_ACC_LOAD   ? "load"
           : acc == MMU_ACC_STORE  ? "store"
           : acc == MMU_ACC_LOAD_X ? "HLVX load"
                                   : "access";
}

void mmu_stage_fail(mmu_stage_t *stage, mmu_env_fail_e kind, const char *format, ...)
{
    va_list args;

    if (stage->failure.kind != MMU_ENV_OK)
        return;
    stage->failure.kind = kind;
    stage->failure.clock = stage->clock;
    va_start(args, format);
    vsnprintf(stage->failure.text, sizeof stage->failure.text, format, args);
    va_end(args);
}

int mmu_stage_free_id(mmu_stage_t *stage, unsigned port)
{
    for (unsigned k = 1; k <= MMU_IDS; k++) {
        unsigned id = (stage->last_id[port] + k) & (MMU_IDS - 1);
        if ((stage->outstanding[port] >> id & 1u) == 0) {
            stage->last_id[port] = (uint8_t)id;
            return (int)id;
        }
    }
    return -1;
}

void mmu_stage_request_text(const mmu_stage_t *stage, unsigned port, unsigned id, char *text, size_t n)
{
    const mmu_env_pending_t *p = &stage->pending[port][id];

    snprintf(text, n, "%s port, id %u: %s of %u byte%s at 0x%" PRIx64 ", accepted in clock %" PRIu64,
             mmu_port_name(port), id, access_name(p->req.acc), 1u << p->req.size, p->req.size == 0 ? "" : "s",
             p->req.va, p->clock);
}

/* ---- answers, acceptances, kills ------------------------------------------------------------ */

static void bad_id(mmu_stage_t *stage, unsigned port, unsigned id)
{
    const mmu_env_pending_t *p = id < MMU_IDS ? &stage->pending[port][id] : NULL;
    char text[160];

    if (p == NULL || !p->req.valid) {
        mmu_stage_fail(stage, MMU_ENV_BAD_ID, "an answer at the %s port for id %u, which no request has had",
                       mmu_port_name(port), id);
        return;
    }
    mmu_stage_request_text(stage, port, id, text, sizeof text);
    mmu_stage_fail(stage, MMU_ENV_BAD_ID,
                   "an answer for an id that is not outstanding (%s, was %s in clock %" PRIu64 ")", text,
                   p->killed ? "killed" : "answered", p->ended);
}

static void answer(mmu_stage_t *stage, unsigned port, const mmu_rsp_t *rsp)
{
    mmu_env_pending_t *p;

    if (rsp->id >= MMU_IDS || (stage->outstanding[port] >> rsp->id & 1u) == 0) {
        bad_id(stage, port, rsp->id);
        return;
    }
    p = &stage->pending[port][rsp->id];
    p->busy = false;
    p->killed = false;
    p->ended = stage->clock;
    stage->outstanding[port] &= ~(1u << rsp->id);
    stage->progress = stage->clock;
    stage->stats.answers_sum += mmu_env_answer_sum(stage->clock, port, rsp);
    if (rsp->fault)
        stage->stats.faults[port]++;
    else
        stage->stats.answered[port]++;
}

static void accept(mmu_stage_t *stage, unsigned port, const mmu_in_t *in)
{
    unsigned id = in->req[port].id;
    mmu_env_pending_t *p = &stage->pending[port][id];

    assert(id < MMU_IDS && !p->busy);
    p->busy = true;
    p->clock = stage->clock;
    p->req = in->req[port];
    p->ctx = in->ctx[port];
    stage->outstanding[port] |= 1u << id;
    stage->progress = stage->clock;
    stage->stats.accepted[port]++;
}

static void kill_port(mmu_stage_t *stage, unsigned port)
{
    for (uint32_t left = stage->outstanding[port]; left != 0; left &= left - 1) {
        mmu_env_pending_t *p = &stage->pending[port][__builtin_ctz(left)];
        p->busy = false;
        p->killed = true;
        p->ended = stage->clock;
        stage->stats.killed[port]++;
    }
    stage->outstanding[port] = 0;
    stage->progress = stage->clock;
}

static void books_of_port(mmu_stage_t *stage, unsigned port, const mmu_in_t *in, const mmu_out_t *out)
{
    if (out->rsp[port].valid) {
        if (in->kill[port])
            mmu_stage_fail(stage, MMU_ENV_BAD_ID,
                           "an answer at the %s port, id %u, in the clock of a kill (REQ-6)",
                           mmu_port_name(port), out->rsp[port].id);
        answer(stage, port, &out->rsp[port]);
    }
    if (out->idle && stage->outstanding[port] != 0) {
        char text[160];
        mmu_stage_request_text(stage, port, (unsigned)__builtin_ctz(stage->outstanding[port]), text,
                               sizeof text);
        mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL, "idle is 1 while a request is outstanding (%s)", text);
    }
    if (in->req[port].valid) {
        if (!stage->offering[port])
            stage->offered[port] = stage->clock;
        stage->offering[port] = !out->req_ready[port];
        if (out->req_ready[port])
            accept(stage, port, in);
    } else {
        stage->offering[port] = false;
    }
    if (in->kill[port])
        kill_port(stage, port);
}

/* ---- fences --------------------------------------------------------------------------------- */

/* FEN-2: a fence that waits is done when every older request has been answered or killed. */
static void fence_done(mmu_stage_t *stage)
{
    for (unsigned port = 0; stage->fence_waits && port < MMU_PORTS; port++)
        for (uint32_t left = stage->outstanding[port]; left != 0; left &= left - 1) {
            unsigned id = (unsigned)__builtin_ctz(left);
            char text[160];
            if (stage->pending[port][id].clock > stage->fence_clock)
                continue;
            mmu_stage_request_text(stage, port, id, text, sizeof text);
            mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL,
                           "the fence of clock %" PRIu64
                           " is done while an older request is outstanding (%s)",
                           stage->fence_clock, text);
        }
    stage->fence_pending = false;
    stage->progress = stage->clock;
}

static void books_of_fence(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out)
{
    if (out->fence_done) {
        if (stage->fence_pending)
            fence_done(stage);
        else
            mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL, "fence_done is 1 and no fence is running");
    }
    if (in->fence.valid && out->fence_ready) {
        if (stage->fence_pending)
            mmu_stage_fail(stage, MMU_ENV_BAD_PROTOCOL, "fence_ready is 1 while a fence is running");
        stage->fence_pending = true;
        stage->fence_waits = in->fence.kind != MMU_FENCE_W_INVAL &&
                             (in->fence.kind == MMU_FENCE_INVAL_IR || !in->fence.posted);
        stage->fence_clock = stage->clock;
        stage->progress = stage->clock;
    }
}

void mmu_stage_books(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out)
{
    uint64_t events = out->events & ((UINT64_C(1) << MMU_EVENT_W) - 1);

    for (unsigned port = 0; port < MMU_PORTS; port++)
        books_of_port(stage, port, in, out);
    /* After the ports: an answer in the clock of `done` is early enough. */
    if (out->fence_done || in->fence.valid)
        books_of_fence(stage, in, out);
    for (; events != 0; events &= events - 1)
        stage->stats.events[__builtin_ctzll(events)]++;
}

/* ---- reset ---------------------------------------------------------------------------------- */

void mmu_stage_reset(mmu_stage_t *stage, uint32_t clocks, mmu_in_t *next)
{
    stage->reset_clocks = clocks;
    stage->stats.resets++;
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        kill_port(stage, port);
        stage->offering[port] = false;
        next->req[port] = (mmu_req_t){0};
        next->kill[port] = false;
    }
    stage->fence_pending = false;
    stage->memport.busy = 0;
    next->fence = (mmu_fence_t){0};
    next->mrsp = (mmu_mrsp_t){0};
    mmu_stage_open_pmp(stage, next);
}

void mmu_stage_open_pmp(const mmu_stage_t *stage, mmu_in_t *next)
{
    next->pmp = (mmu_pmp_write_t){0};
    if (stage->opt->pmp_entries > 0)
        next->pmp = (mmu_pmp_write_t){.valid = true, .index = 0, .cfg = 0x1f, .addr = MMU_PMP_ADDR_MASK};
}

/* ---- the watchdog --------------------------------------------------------------------------- */

static bool work_is_outstanding(const mmu_stage_t *stage, const mmu_in_t *in)
{
    return (stage->outstanding[0] | stage->outstanding[1]) != 0 || stage->offering[0] || stage->offering[1] ||
           stage->fence_pending || in->fence.valid;
}

/* The oldest request, as text; false where none is outstanding. */
static bool oldest(const mmu_stage_t *stage, char *text, size_t n, uint64_t *clock)
{
    bool found = false;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = stage->outstanding[port]; left != 0; left &= left - 1) {
            unsigned id = (unsigned)__builtin_ctz(left);
            if (found && stage->pending[port][id].clock >= *clock)
                continue;
            found = true;
            *clock = stage->pending[port][id].clock;
            mmu_stage_request_text(stage, port, id, text, n);
        }
    return found;
}

static void stuck(mmu_stage_t *stage)
{
    char text[200];
    uint64_t clock = 0;

    if (!oldest(stage, text, sizeof text, &clock)) {
        if (stage->offering[0] || stage->offering[1]) {
            unsigned port = stage->offering[0] ? 0 : 1;
            snprintf(text, sizeof text,
                     "a request is offered at the %s port since clock %" PRIu64 ", not ready",
                     mmu_port_name(port), stage->offered[port]);
        } else if (stage->fence_pending) {
            snprintf(text, sizeof text, "the fence of clock %" PRIu64 " is not done", stage->fence_clock);
        } else {
            snprintf(text, sizeof text, "a fence is offered, not ready");
        }
    }
    mmu_stage_fail(stage, MMU_ENV_NO_PROGRESS,
                   "no progress for %" PRIu64
                   " clocks while work is outstanding: %s; %d walk-port request%s wait%s "
                   "for the memory",
                   stage->opt->watchdog, text, __builtin_popcount(stage->memport.busy),
                   __builtin_popcount(stage->memport.busy) == 1 ? "" : "s",
                   __builtin_popcount(stage->memport.busy) == 1 ? "s" : "");
}

void mmu_stage_watch(mmu_stage_t *stage, const mmu_in_t *in)
{
    char text[200];
    uint64_t clock = 0;

    if (!work_is_outstanding(stage, in)) {
        stage->progress = stage->clock;
        return;
    }
    if (stage->clock - stage->progress >= stage->opt->watchdog)
        stuck(stage);
    /* Others may go on for ever while one request starves. */
    if (stage->clock % AGE_CHECK_CLOCKS == 0 && oldest(stage, text, sizeof text, &clock) &&
        stage->clock - clock >= stage->opt->watchdog)
        mmu_stage_fail(stage, MMU_ENV_NO_PROGRESS,
                       "a request has had no answer for %" PRIu64 " clocks while others went on: %s",
                       stage->clock - clock, text);
}
