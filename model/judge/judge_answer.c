/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Is an answer among the outcomes of its walk, in its own space, of a neighbour in the same page, in another space?
 */
#include "judge/judge.h"

typedef struct {
    const mmu_request_t *request;
    const mmu_rsp_t *rsp;
    bool only_global;
} wanted_t;

/* ---- outcomes -------------------------------------------------------------------------------------------- */

static bool is_fault(const mmu_rsp_t *rsp, const mmu_request_t *request, uint8_t fault)
{
    return rsp->fault && rsp->cause == mmu_riscv_cause(fault, request->rq.acc) &&
           rsp->tval == request->rq.va && rsp->pa == 0 && rsp->lg == 0 && rsp->mt == 0;
}

static bool is_translation(const mmu_rsp_t *rsp, uint64_t pa, uint8_t lg, uint8_t mt)
{
    return !rsp->fault && rsp->pa == pa && rsp->lg == lg && rsp->mt == mt && rsp->cause == 0 &&
           rsp->tval == 0;
}

/* The leaf, found for x->rq.va, maps the request's address as well, and to the answer. */
static bool is_leaf(const wanted_t *w, const mmu_explore_t *x, mmu_entry_t entry)
{
    uint8_t lg = mmu_entry_lg(entry);

    return (x->rq.va ^ w->request->rq.va) >> lg == 0 &&
           is_translation(w->rsp, mmu_entry_pa(entry, w->request->rq.va), lg, mmu_entry_mt(entry));
}

static bool at_end(mmu_explore_t *x, const mmu_end_t *end)
{
    const wanted_t *w = x->user;

    if (w->only_global && !end->global)
        return false;
    if (end->fault != MMU_FAULT_NONE ? !is_fault(w->rsp, w->request, end->fault) : !is_leaf(w, x, end->entry))
        return false;
    return mmu_explore_fresh(x, end);
}

/* ---- walks ------------------------------------------------------------------------------------------------- */

/* JDG-7: another address of the page that was answered has a word of its own in some formats (Svnapot), and the
 * translation may have come from there. */
static bool is_neighbours(mmu_explore_t *x, const wanted_t *w)
{
    uint8_t lg = w->rsp->lg;
    uint64_t va = w->request->rq.va, base, step;

    if (w->rsp->fault || lg < JUDGE_NEIGHBOURS_LG || lg >= MMU_VA_W)
        return false;
    step = UINT64_C(1) << (lg - JUDGE_NEIGHBOURS_LG);
    base = va & ~((UINT64_C(1) << lg) - 1);
    for (uint64_t k = 0; k < UINT64_C(1) << JUDGE_NEIGHBOURS_LG; k++) {
        x->rq.va = base + k * step;
        if ((va - base) / step != k && mmu_explore_run(x))
            return true;
    }
    x->rq.va = va;
    return false;
}

static bool is_in_space(mmu_explore_t *x, const wanted_t *w)
{
    return mmu_explore_run(x) || is_neighbours(x, w);
}

/* JDG-6 */
static bool is_in_other_space(mmu_explore_t *x, wanted_t *w)
{
    mmu_judge_t *judge = x->judge;
    const mmu_space_t *own = &judge->space[w->request->space];

    for (unsigned n = 0; n < JUDGE_SPACES; n++) {
        const mmu_space_t *s = &judge->space[n];
        bool same_asid = s->ctx.asid == own->ctx.asid;

        if (s == own || s->ctx.mode != own->ctx.mode || !mmu_spaces_alive(judge, n, x->floor))
            continue;
        /* No fault is kept; but a pointer of the ASID's former root may be, and leads to one. */
        if (w->rsp->fault && (!same_asid || !mmu_slow_same(&s->slow, &own->slow)))
            continue;
        w->only_global = !same_asid;
        mmu_explore_space(x, s);
        if (w->rsp->fault ? mmu_explore_run(x) : is_in_space(x, w))
            return true;
    }
    return false;
}

mmu_verdict_of_answer_e mmu_judge_answer(mmu_judge_t *judge, const mmu_request_t *request,
                                         const mmu_rsp_t *rsp)
{
    wanted_t w = {.request = request, .rsp = rsp};
    mmu_start_t start = mmu_riscv_start(&request->rq, &request->slow);
    mmu_explore_t x;

    /* JDG-8 */
    if (start.kind == MMU_START_BARE)
        return is_translation(rsp, request->rq.va & MMU_PA_MASK, 0, 0) ? JUDGE_LEGAL : JUDGE_ILLEGAL;
    if (start.kind == MMU_START_FAULT)
        return is_fault(rsp, request, start.fault) ? JUDGE_LEGAL : JUDGE_ILLEGAL;

    mmu_explore_init(&x, judge, request);
    x.end = at_end;
    x.user = &w;
    if (is_in_space(&x, &w) || is_in_other_space(&x, &w))
        return JUDGE_LEGAL;
    return x.unsure || judge->spaces_forgotten > x.floor ? JUDGE_UNDECIDED : JUDGE_ILLEGAL;
}
