/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Is an answer among the outcomes of its walk, in its own space, of a neighbour in the same page, in another space?
 */
#include "judge/judge.h"

typedef struct {
    const mmu_request_t *request;
    const mmu_rsp_t *rsp;
    mmu_outcome_t *proven;
    bool only_global, only_leaves;
} wanted_t;

/* ---- outcomes -------------------------------------------------------------------------------------------- */

bool mmu_outcome_is(mmu_judge_t *judge, const mmu_request_t *request, const mmu_outcome_t *outcome,
                    const mmu_rsp_t *rsp)
{
    const mmu_rq_t *rq = &request->rq;
    uint8_t fault = outcome->fault;

    if (fault == MMU_FAULT_NONE &&
        !mmu_judge_allows(judge, outcome->pa, judge_acc(rq->acc), rq->size, rq->prv))
        fault = MMU_FAULT_ACCESS;
    if (fault != MMU_FAULT_NONE)
        return rsp->fault && rsp->cause == judge_cause(fault, rq, &request->slow) && rsp->tval == rq->va &&
               rsp->pa == 0 && rsp->lg == 0 && rsp->mt == 0 &&
               rsp->gpa == (fault == MMU_FAULT_GUEST ? outcome->gpa & ~UINT64_C(3) : 0) &&
               rsp->imp == (fault == MMU_FAULT_GUEST ? outcome->imp : 0);
    return !rsp->fault && rsp->pa == outcome->pa && rsp->lg == outcome->lg && rsp->mt == outcome->mt &&
           rsp->cause == 0 && rsp->tval == 0 && rsp->gpa == 0 && rsp->imp == 0;
}

static bool at_end(mmu_explore_t *x, const mmu_end_t *end)
{
    wanted_t *w = x->user;
    uint64_t va = w->request->rq.va;
    mmu_outcome_t outcome = {.fault = end->fault, .gpa = end->gpa, .imp = end->imp};

    if (w->only_global && !end->global)
        return false;
    if (end->fault == MMU_FAULT_NONE) {
        outcome.lg = mmu_entry_lg(end->entry);
        outcome.mt = mmu_entry_mt(end->entry);
        outcome.pa = judge_pa(&w->request->rq, &x->slow, end->entry);
        /* A leaf found for another address must map the request's as well. */
        if ((x->rq.va ^ va) >> outcome.lg != 0)
            return false;
    } else if (w->only_leaves) {
        return false;
    }
    if (!mmu_outcome_is(x->judge, w->request, &outcome, w->rsp) || !mmu_explore_fresh(x, end))
        return false;
    *w->proven = outcome;
    return true;
}

/* ---- walks ------------------------------------------------------------------------------------------------- */

/* JDG-7: another address of a page has a word of its own in some formats (Svnapot), and the translation may have come
 * from there. lg: the page's size; an access fault of physical protection does not tell it. */
static bool is_neighbours(mmu_explore_t *x, wanted_t *w, uint8_t lg)
{
    uint64_t va = w->request->rq.va, step = UINT64_C(1) << (lg - JUDGE_NEIGHBOURS_LG);
    uint64_t base = va & ~((UINT64_C(1) << lg) - 1);

    bool only_leaves = w->only_leaves;

    w->only_leaves = true;
    for (uint64_t k = 0; k < UINT64_C(1) << JUDGE_NEIGHBOURS_LG; k++) {
        x->rq.va = base + k * step;
        if ((va - base) / step != k && mmu_explore_run(x))
            return true;
    }
    w->only_leaves = only_leaves;
    x->rq.va = va;
    return false;
}

static bool is_in_space(mmu_explore_t *x, wanted_t *w)
{
    const mmu_rsp_t *rsp = w->rsp;

    if (mmu_explore_run(x))
        return true;
    /* In other formats all addresses of a page have the same words. */
    if (judge_other(&x->slow))
        return false;
    if (!rsp->fault)
        return rsp->lg >= JUDGE_NEIGHBOURS_LG && rsp->lg < MMU_VA_W && is_neighbours(x, w, rsp->lg);
    if (x->judge->pmp.entries == 0 || rsp->cause != mmu_riscv_cause(MMU_FAULT_ACCESS, w->request->rq.acc))
        return false;
    for (unsigned n = 0; mmu_page_lg(n) != 0; n++)
        if (mmu_page_lg(n) > 12 && is_neighbours(x, w, (uint8_t)mmu_page_lg(n)))
            return true;
    return false;
}

/* JDG-6 */
static bool is_in_other_space(mmu_explore_t *x, wanted_t *w)
{
    mmu_judge_t *judge = x->judge;
    const mmu_space_t *own = &judge->space[w->request->space];

    for (unsigned n = 0; n < mmu_spaces_used(judge); n++) {
        const mmu_space_t *s = &judge->space[n];
        bool same_asid = s->ctx.asid == own->ctx.asid;

        if (s == own || s->ctx.mode != own->ctx.mode || s->ctx.v != own->ctx.v ||
            s->ctx.vmid != own->ctx.vmid || !mmu_spaces_alive(judge, n, x->floor))
            continue;
        /* It differs in the G stage alone, or in nothing: judge_guest.c looks there. */
        if (own->ctx.v && s->ctx.root == own->ctx.root && same_asid && mmu_slow_same(&s->slow, &own->slow))
            continue;
        if (own->ctx.v && own->ctx.mode == MMU_MODE_BARE)
            continue;
        w->only_global = !same_asid;
        /* No fault is kept; but a pointer of the ASID's former root may be, and leads to one. */
        w->only_leaves = !same_asid || !mmu_slow_same(&s->slow, &own->slow);
        mmu_explore_space(x, s);
        if (is_in_space(x, w))
            return true;
        /* A pointer of the former root, and from there on with the slow registers of now. */
        if (!same_asid || mmu_slow_same(&s->slow, &own->slow))
            continue;
        w->only_leaves = false;
        x->slow = own->slow;
        if (is_in_space(x, w))
            return true;
    }
    return false;
}

/* What was forgotten up to it does not count. */
static mmu_stamp_t floor_of(const mmu_explore_t *x)
{
    return x->two && x->gfloor_entry < x->floor ? x->gfloor_entry : x->floor;
}

mmu_verdict_of_answer_e mmu_judge_answer(mmu_judge_t *judge, const mmu_request_t *request,
                                         const mmu_rsp_t *rsp, mmu_outcome_t *proven)
{
    wanted_t w = {.request = request, .rsp = rsp, .proven = proven};
    mmu_start_t start = judge_start(&request->rq, &request->slow);
    mmu_explore_t x;

    /* JDG-8 */
    if (start.kind != MMU_START_WALK) {
        *proven = (mmu_outcome_t){.pa = (request->rq.va + start.base) & MMU_PA_MASK,
                                  .gpa = request->rq.va,
                                  .fault = start.kind == MMU_START_FAULT ? start.fault : MMU_FAULT_NONE};
        return mmu_outcome_is(judge, request, proven, rsp) ? JUDGE_LEGAL : JUDGE_ILLEGAL;
    }
    mmu_explore_init(&x, judge, request);
    x.end = at_end;
    x.user = &w;
    if (is_in_space(&x, &w) || is_in_other_space(&x, &w))
        return JUDGE_LEGAL;
    if (x.unsure || judge->spaces_forgotten > floor_of(&x) ||
        (request->rq.ctx.v && judge->machines.forgotten > floor_of(&x)))
        return JUDGE_UNDECIDED;
    return JUDGE_ILLEGAL;
}
