/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A walk at the port, from word to word (JDG-10, JDG-11). With a G stage it is, for each entry of the first stage,
 *
 *     translate its place (from a TLB, or by reads) → read it → …   at the leaf: translate the final address
 *                                                            └→ translate its place for an update → swap it → …
 *
 * What is denied never comes to the port: the walk ends there with a fault (WALK-12).
 */
#include "judge/judge.h"

bool mmu_going_same(const mmu_request_t *a, const mmu_request_t *b)
{
    return a->tag == b->tag && a->space == b->space && (a->rq.va ^ b->rq.va) >> a->merge_lg == 0;
}

/* ---- what comes next --------------------------------------------------------------------------------------- */

static bool has_two_stages(const mmu_request_t *r)
{
    return r->rq.ctx.v && mmu_riscv_two_stage(&r->rq);
}

static void read_next(mmu_judge_t *judge, mmu_candidate_t *c, mmu_addr_t at)
{
    c->next = mmu_judge_allows_walk(judge, at.addr, at.wide, false) ? JUDGE_NEXT_READ : JUDGE_NEXT_END;
    c->addr = at.addr;
    c->wide = at.wide;
}

static void swap_next(mmu_judge_t *judge, mmu_candidate_t *c, uint64_t addr)
{
    c->next = mmu_judge_allows_walk(judge, addr, c->wide, true) ? JUDGE_NEXT_SWAP : JUDGE_NEXT_END;
    c->addr = addr;
}

static void translate_next(mmu_candidate_t *c, uint64_t gpa, uint8_t what)
{
    c->gpa = gpa;
    c->what = what;
    c->gst = false;
    c->next =
        mmu_riscv_gstart(&c->request.rq, gpa).kind == MMU_START_WALK ? JUDGE_NEXT_TRANSLATE : JUDGE_NEXT_END;
}

mmu_candidate_t mmu_going_at(const mmu_request_t *request, mmu_pos_t pos)
{
    mmu_addr_t at = judge_addr(&request->rq, &request->slow, pos);
    mmu_candidate_t c = {.request = *request, .pos = pos, .wide = at.wide};

    if (has_two_stages(request)) {
        translate_next(&c, at.addr, MMU_G_ENTRY);
    } else {
        c.next = JUDGE_NEXT_READ;
        c.addr = at.addr;
    }
    return c;
}

mmu_candidate_t mmu_going_root(const mmu_request_t *request)
{
    mmu_start_t start = judge_start(&request->rq, &request->slow);
    mmu_candidate_t c = {.request = *request, .next = JUDGE_NEXT_END};

    if (start.kind == MMU_START_WALK &&
        (request->rq.ctx.mode != MMU_MODE_BARE || judge_other(&request->slow)))
        return mmu_going_at(request, start.pos);
    if (start.kind == MMU_START_WALK)
        translate_next(&c, request->rq.va, MMU_G_FINAL);
    return c;
}

/* ---- words ------------------------------------------------------------------------------------------------- */

static void end(const mmu_judge_t *judge, mmu_candidate_t *c)
{
    c->next = JUDGE_NEXT_END;
    c->ended = mmu_stamp(judge->clock);
}

/* WALK-15 */
static void take_g_leaf(mmu_judge_t *judge, mmu_candidate_t *c, mmu_entry_t g)
{
    uint64_t addr = mmu_entry_pa(g, c->gpa);

    c->gst = false;
    c->wide = mmu_riscv_addr(&c->request.rq, c->pos).wide;
    if (c->what == MMU_G_ENTRY)
        read_next(judge, c, (mmu_addr_t){.addr = addr, .wide = c->wide});
    else if (c->what == MMU_G_UPDATE)
        swap_next(judge, c, addr);
    else
        end(judge, c);
}

static void take_g_word(mmu_judge_t *judge, mmu_candidate_t *c, uint64_t word)
{
    mmu_step_t step = mmu_riscv_gstep(&c->request.rq, &c->request.slow, c->gpos, c->what, word);

    if (step.kind == MMU_STEP_READ) {
        c->gpos = step.pos;
        read_next(judge, c, mmu_riscv_gaddr(&c->request.rq, c->gpos, c->gpa));
    } else if (step.kind == MMU_STEP_LEAF) {
        take_g_leaf(judge, c, step.entry);
    } else if (step.kind == MMU_STEP_NEED_AD) {
        c->g_old = word;
        c->g_new = step.new_word;
        c->entry = step.entry;
        swap_next(judge, c, c->addr);
    } else {
        end(judge, c);
    }
}

static void take_word(mmu_judge_t *judge, mmu_candidate_t *c, uint64_t word)
{
    const mmu_rq_t *rq = &c->request.rq;
    mmu_step_t step = judge_step(rq, &c->request.slow, c->pos, word);
    bool two = has_two_stages(&c->request);

    c->more = false;
    if (step.kind == MMU_STEP_READ) {
        mmu_addr_t at = judge_addr(rq, &c->request.slow, step.pos);
        c->pos = step.pos;
        if (two)
            translate_next(c, at.addr, MMU_G_ENTRY);
        else
            read_next(judge, c, at);
    } else if (step.kind == MMU_STEP_LEAF && two) {
        translate_next(c, mmu_entry_pa(step.entry, rq->va), MMU_G_FINAL);
    } else if (step.kind == MMU_STEP_NEED_AD) {
        c->old_word = word;
        c->new_word = step.new_word;
        c->final = mmu_entry_pa(step.entry, rq->va);
        if (two)
            translate_next(c, mmu_riscv_addr(rq, c->pos).addr, MMU_G_UPDATE);
        else
            swap_next(judge, c, c->addr);
    } else if (step.kind == MMU_STEP_READ_AD) {
        c->old_word = word;
        c->new_word = step.new_word;
        c->after = step.pos;
        c->more = true;
        swap_next(judge, c, c->addr);
    } else {
        end(judge, c);
    }
}

void mmu_going_word(mmu_judge_t *judge, mmu_candidate_t *c, uint64_t word)
{
    if (c->gst)
        take_g_word(judge, c, word);
    else
        take_word(judge, c, word);
}

void mmu_going_swapped(mmu_judge_t *judge, mmu_candidate_t *c)
{
    if (c->gst)
        take_g_leaf(judge, c, c->entry);
    else if (has_two_stages(&c->request))
        translate_next(c, c->final, MMU_G_FINAL);
    else if (c->more) {
        c->more = false;
        c->pos = c->after;
        read_next(judge, c, judge_addr(&c->request.rq, &c->request.slow, c->pos));
    } else
        end(judge, c);
}

/* ---- ends -------------------------------------------------------------------------------------------------- */

bool mmu_going_may_end(mmu_judge_t *judge, const mmu_candidate_t *c, bool *unsure)
{
    const mmu_g_list_t *list;
    mmu_explore_t x;
    bool wide;

    if (c->next != JUDGE_NEXT_TRANSLATE)
        return c->next == JUDGE_NEXT_END ||
               (c->next == JUDGE_NEXT_READ && !mmu_judge_allows_walk(judge, c->addr, c->wide, false));
    wide = mmu_riscv_addr(&c->request.rq, c->pos).wide;
    mmu_explore_init(&x, judge, &c->request);
    list = mmu_guest_translate(&x, c->gpa, c->what);
    *unsure |= x.unsure;
    for (unsigned n = 0; n < list->count && list->result[n].expiry == JUDGE_OPEN; n++) {
        const mmu_g_result_t *r = &list->result[n];
        uint64_t addr = mmu_entry_pa(r->entry, c->gpa);
        if (r->fault != MMU_FAULT_NONE
                ? r->denied
                : c->what == MMU_G_FINAL ||
                      !mmu_judge_allows_walk(judge, addr, wide, c->what == MMU_G_UPDATE))
            return true;
    }
    return false;
}
