/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The judge's clock: requests, answers, kills, fences; what was proven before; the end of a run.
 */
#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

mmu_judge_t *mmu_judge_create(const mmu_judge_options_t *opt)
{
    mmu_judge_t *judge = calloc(1, sizeof *judge);

    if (judge == NULL)
        return NULL;
    judge->opt = *opt;
    judge->asid_mask = (uint16_t)(0xffffu >> opt->asid_bits_ignored);
    judge->vmid_mask = (uint16_t)(((1u << MMU_VMID_W) - 1) >> opt->vmid_bits_ignored);
    judge->quiet_end = opt->hypervisor ? JUDGE_QUIET_G : JUDGE_QUIET;
    judge->failure.details = "";
    mmu_pmp_reset(&judge->pmp, opt->pmp_entries);
    if (!mmu_words_init(&judge->words)) {
        free(judge);
        return NULL;
    }
    return judge;
}

void mmu_judge_destroy(mmu_judge_t *judge)
{
    if (judge == NULL)
        return;
    mmu_words_free(&judge->words);
    free(judge->details);
    free(judge);
}

/* ---- the memo (JDG-13) -------------------------------------------------------------------------------------- */

/* All that an outcome depends on besides the page and the words. */
static uint64_t tag_of(const mmu_judge_t *judge, const mmu_request_t *r)
{
    return (uint64_t)judge->space[r->space].number << 32 | (uint64_t)(judge->protection & 0xffff) << 16 |
           (uint64_t)(r->rq.ctx.flags & 15u) << 12 | (uint64_t)r->rq.acc << 8 | (uint64_t)r->rq.prv << 4 |
           (r->rq.ctx.gmxr ? 4u : 0u) | (r->rq.ctx.sum ? 2u : 0u) | (r->rq.ctx.mxr ? 1u : 0u);
}

static mmu_memo_t *memo_of(mmu_judge_t *judge, const mmu_request_t *r)
{
    uint64_t h = ((r->rq.va >> 12) ^ r->tag << 20 ^ r->tag >> 24) * UINT64_C(0x9e3779b97f4a7c15);

    return &judge->memo[h >> (64 - JUDGE_MEMO_LG)];
}

/* An outcome holds for 4 KiB where the page is not smaller; faults do as well. */
enum { MEMO_LG = 12 };
#define MEMO_OFFSET ((UINT64_C(1) << MEMO_LG) - 1)

/* This answer, proven for a request of this page that came after as many fences at least. */
static bool is_remembered(mmu_judge_t *judge, const mmu_memo_t *m, const mmu_request_t *r,
                          const mmu_rsp_t *rsp)
{
    mmu_outcome_t outcome = m->outcome;

    if (m->page != r->rq.va >> MEMO_LG || m->tag != r->tag || m->fences < r->fences || !m->used)
        return false;
    outcome.pa |= r->rq.va & MEMO_OFFSET;
    if (outcome.fault == MMU_FAULT_GUEST && outcome.imp == 0)
        outcome.gpa |= r->rq.va & MEMO_OFFSET;
    return mmu_outcome_is(judge, r, &outcome, rsp);
}

static void remember(mmu_memo_t *m, const mmu_request_t *r, const mmu_outcome_t *outcome)
{
    if ((outcome->fault == MMU_FAULT_NONE && outcome->lg < MEMO_LG) || r->merge_lg < MEMO_LG)
        return;
    *m = (mmu_memo_t){
        .page = r->rq.va >> MEMO_LG, .tag = r->tag, .fences = r->fences, .outcome = *outcome, .used = true};
    m->outcome.pa &= ~MEMO_OFFSET;
    if (outcome->imp == 0)
        m->outcome.gpa &= ~MEMO_OFFSET;
}

/* ---- requests ------------------------------------------------------------------------------------------------- */

/* REQ-1. aux and flags are of formats other than riscv. */
static inline void mask(const mmu_judge_t *judge, mmu_rq_t *rq, bool other)
{
    mmu_ctx_t *ctx = &rq->ctx;

    ctx->asid &= judge->asid_mask;
    if (!other) {
        ctx->aux = 0;
        ctx->flags = 0;
    }
    if (ctx->v && rq->prv != MMU_PRIV_M && judge->opt.hypervisor) {
        ctx->vmid &= judge->vmid_mask;
        ctx->groot &= ~UINT64_C(3);
        return;
    }
    ctx->v = ctx->gmxr = false;
    ctx->gmode = 0;
    ctx->vmid = 0;
    ctx->groot = 0;
}

static void accept(mmu_judge_t *judge, unsigned port, const mmu_in_t *in)
{
    const mmu_req_t *req = &in->req[port];
    unsigned id = req->id & (JUDGE_IDS - 1);
    mmu_request_t *r = &judge->request[port][id];
    bool other = judge_other(&in->slow);

    r->rq.va = req->va;
    r->rq.acc = req->acc;
    r->rq.size = req->size;
    r->rq.prv = req->prv;
    r->rq.ctx = in->ctx[port];
    mask(judge, &r->rq, other);
    if (r->rq.ctx.v)
        mmu_machines_enter(judge, r->rq.ctx.vmid);
    r->slow = in->slow;
    r->merge_lg = other ? (uint8_t)mmu_format(in->slow.format)->merge_lg(&in->slow) : MEMO_LG;
    r->clock = judge->clock;
    r->fences = judge->fences.accepted;
    r->space = mmu_spaces_enter(judge, port, &r->rq.ctx, &in->slow);
    r->tag = tag_of(judge, r);
    judge->outstanding[port] |= 1u << id;
}

static void answer(mmu_judge_t *judge, unsigned port, const mmu_rsp_t *rsp)
{
    unsigned id = rsp->id & (JUDGE_IDS - 1);
    mmu_request_t *r = &judge->request[port][id];
    mmu_outcome_t proven;
    mmu_memo_t *memo;

    /* An answer that nobody waits for is a breach of protocol, and the books' business. */
    if ((judge->outstanding[port] >> id & 1u) == 0)
        return;
    judge->counts.answers++;
    memo = memo_of(judge, r);
    if (is_remembered(judge, memo, r, rsp)) {
        judge->counts.legal++;
        judge->counts.remembered++;
    } else {
        switch (mmu_judge_answer(judge, r, rsp, &proven)) {
        case JUDGE_LEGAL:
            judge->counts.legal++;
            remember(memo, r, &proven);
            break;
        case JUDGE_UNDECIDED:
            judge->counts.undecided++;
            break;
        default:
            mmu_judge_tell_answer(judge, port, id, rsp);
            break;
        }
    }
    judge->outstanding[port] &= ~(1u << id);
    mmu_spaces_leave(judge, r->space);
}

static void kill_port(mmu_judge_t *judge, unsigned port)
{
    for (uint32_t left = judge->outstanding[port]; left != 0; left &= left - 1)
        mmu_walks_killed(judge, &judge->request[port][__builtin_ctz(left)]);
    judge->outstanding[port] = 0;
    judge->quiet = 0;
}

/* ---- a clock ---------------------------------------------------------------------------------------------------- */

static void walk_port(mmu_judge_t *judge, const mmu_in_t *in, const mmu_out_t *out)
{
    if (in->mrsp.valid)
        mmu_walks_response(judge, &in->mrsp);
    if (out->mreq.valid && in->mreq_ready)
        mmu_walks_request(judge, &out->mreq);
    if (in->mrsp.valid || out->mreq.valid)
        judge->quiet = 0;
    else if (judge->quiet < judge->quiet_end && ++judge->quiet == judge->quiet_end)
        mmu_walks_quiet(judge);
}

/* What physical protection has denied on a walk is in what was proven, and in the window. */
static void protection_changes(mmu_judge_t *judge)
{
    judge->near = (mmu_pmp_window_t){.known = false};
    judge->protection++;
}

/* It counts from the next clock (PMP-1). Nothing is outstanding then. */
static void write_pmp(mmu_judge_t *judge, const mmu_pmp_write_t *write)
{
    mmu_pmp_write(&judge->pmp, write->index, write->cfg, write->addr, judge->sec);
    protection_changes(judge);
}

void mmu_judge_step(mmu_judge_t *judge, uint64_t clock, const mmu_in_t *in, const mmu_out_t *out)
{
    if (judge->failure.kind != MMU_JUDGE_OK)
        return;
    judge->clock = clock;
    if (in->pmp.valid || !mmu_slow_same(&in->slow, &judge->slow) ||
        mmu_slow_sec(&in->slow) != mmu_slow_sec(&judge->slow)) {
        /* They change only while nothing walks (REQ-9, REQ-10): JDG-23. */
        judge->slow = in->slow;
        mmu_walks_quiet(judge);
    }
    if (judge->opt.pmp_entries > 0 && mmu_slow_sec(&in->slow) != judge->sec) {
        judge->sec = mmu_slow_sec(&in->slow);
        protection_changes(judge);
    }
    /* In this order: what is asked for in a clock is answered later, and a fence of this clock is after its requests. */
    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (out->rsp[port].valid)
            answer(judge, port, &out->rsp[port]);
    walk_port(judge, in, out);
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        if (in->req[port].valid && out->req_ready[port])
            accept(judge, port, in);
        if (in->kill[port])
            kill_port(judge, port);
    }
    if (in->fence.valid && out->fence_ready)
        mmu_fences_add(judge, &in->fence, clock);
    if (in->pmp.valid)
        write_pmp(judge, &in->pmp);
    if (judge->words.used >= judge->words.tidy_at)
        mmu_words_tidy(judge);
}

void mmu_judge_write(mmu_judge_t *judge, uint64_t clock, uint64_t addr, uint64_t before, uint64_t after)
{
    mmu_words_change(judge, clock, addr & ~UINT64_C(7), before, after);
}

void mmu_judge_reset(mmu_judge_t *judge, uint64_t clock)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        for (uint32_t left = judge->outstanding[port]; left != 0; left &= left - 1)
            mmu_spaces_leave(judge, judge->request[port][__builtin_ctz(left)].space);
        judge->outstanding[port] = 0;
    }
    for (unsigned i = 0; i < JUDGE_SLOTS; i++)
        judge->slot[i].waiting = false;
    mmu_walks_quiet(judge);
    mmu_pmp_reset(&judge->pmp, judge->opt.pmp_entries);
    protection_changes(judge);
    /* It is a fence of everything, before the first clock that counts. */
    if (clock > 0)
        mmu_fences_reset(judge, clock - 1);
}

/* ---- the end ------------------------------------------------------------------------------------------------------ */

#define MOST_UNDECIDED 1000 /* one in so many */

void mmu_judge_finish(mmu_judge_t *judge, uint64_t clock, uint64_t answers)
{
    const mmu_judge_counts_t *c = &judge->counts;
    unsigned long long undecided = c->undecided, all = c->answers;

    judge->clock = clock;
    if (judge->failure.kind != MMU_JUDGE_OK)
        return;
    if (answers != 0 && c->legal + c->undecided == 0)
        mmu_judge_fail(
            judge, MMU_JUDGE_NOTHING,
            "%llu answers were given and the judge has judged none, so nothing says that they are right",
            (unsigned long long)answers);
    else if (c->undecided * MOST_UNDECIDED > c->answers)
        mmu_judge_fail(
            judge, MMU_JUDGE_UNDECIDED,
            "the judge could not decide %llu of %llu answers, more than one in %d: their table words "
            "change too often between fences",
            undecided, all, MOST_UNDECIDED);
    else if (c->port_undecided * MOST_UNDECIDED > c->reads + c->swaps)
        mmu_judge_fail(
            judge, MMU_JUDGE_UNDECIDED,
            "the judge could not decide %llu of %llu accesses of the walk port, more than one in %d",
            (unsigned long long)c->port_undecided, (unsigned long long)(c->reads + c->swaps), MOST_UNDECIDED);
}

const mmu_judge_counts_t *mmu_judge_counts(const mmu_judge_t *judge)
{
    return &judge->counts;
}

const mmu_judge_failure_t *mmu_judge_failure(const mmu_judge_t *judge)
{
    return &judge->failure;
}
