/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker: what becomes of a slot by a word of memory, or by the G stage's TLB.
 * Twin: rtl/mmu_walker.sv. Rules: WALK-4..7, WALK-13..17.
 */
#include "cycle/walker_slot.h"

#define NAPOT_LG 16u

/* ---- the G stage -------------------------------------------------------------------------------------- */

/* WALK-16 */
static void guest_fault(mmu_walker_t *m, mmu_walk_write_t *w, uint64_t gpa)
{
    static const uint8_t imp[] = {[MMU_G_ENTRY] = 1, [MMU_G_UPDATE] = 2, [MMU_G_FINAL] = 0};

    w->entry = (gpa & ~UINT64_C(3)) | imp[m->q.what[w->at]];
    mmu_walk_finish(m, w, MMU_FAULT_GUEST);
}

/* WALK-15: the G leaf of gpa is known. */
static void g_leaf(mmu_walker_t *m, mmu_walk_write_t *w, uint64_t gpa, mmu_entry_t g)
{
    const unsigned s = w->at;

    w->gst = false;
    if (m->q.what[s] == MMU_G_FINAL) {
        w->entry = mmu_riscv_combine(m->q.entry[s], g, gpa);
        w->flg = mmu_entry_lg(m->q.rq[s].ctx.mode == MMU_MODE_BARE ? w->entry : m->q.entry[s]);
        mmu_walk_finish(m, w, MMU_FAULT_NONE);
    } else {
        w->spa = mmu_entry_pa(g, gpa);
        m->d.st[s] = m->q.what[s] == MMU_G_ENTRY ? MMU_WALK_REQ : MMU_WALK_CAS_REQ;
    }
}

/* p_ask, WALK-14 */
void mmu_walk_ask(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out, mmu_walk_inputs_t *to)
{
    mmu_walk_write_t *w = &m->d.ask;
    unsigned s = 0;

    while (s < m->cfg.slots && m->q.st[s] != MMU_WALK_G)
        s++;
    if (in->fence_accept || s == m->cfg.slots)
        return;
    mmu_walk_keep(m, s, w);
    if (m->q.redo[s]) {
        mmu_walk_restart(m, in, out, w);
        return;
    }
    const mmu_rq_t *rq = &m->q.rq[s];
    const uint64_t gpa = mmu_walk_guest_address(m, s);
    const mmu_start_t begin = mmu_riscv_gstart(rq, gpa);
    if (begin.kind == MMU_START_FAULT) {
        guest_fault(m, w, gpa);
        return;
    }
    mmu_g_tlb_out_t found;
    to->gtlb.lookup = true;
    to->gtlb.key = mmu_make_gkey(rq->ctx.vmid, gpa);
    mmu_g_tlb_out(&m->gtlb, &to->gtlb, &found);
    if (found.hit && mmu_riscv_gperm(rq, m->q.what[s], found.entry)) {
        to->gtlb.touch = out->ev_g_hit = true;
        g_leaf(m, w, gpa, found.entry);
        return;
    }
    out->ev_g_miss = true;
    to->gtlb.drop = out->ev_g_refuse = found.hit;
    to->gcache.lookup = to->gcache.use = true;
    to->gcache.key = to->gtlb.key;
    m->d.st[s] = MMU_WALK_REQ;
    w->gst = true;
    w->gpos = begin.pos;
}

/* GTLB-2 and WALK-15: a G leaf from memory. One of NAPOT size stands in 16 entries, of which each has its own A
 * and D to set: it is not kept. */
static void g_leaf_found(mmu_walker_t *m, mmu_walk_inputs_t *to, mmu_walk_write_t *w, mmu_entry_t g)
{
    const uint64_t gpa = mmu_walk_guest_address(m, w->at);

    to->gtlb.fill = !m->q.nofill[w->at] && mmu_entry_lg(g) != NAPOT_LG;
    to->gtlb.fill_row = (mmu_line_t){.key = mmu_make_gkey(m->q.rq[w->at].ctx.vmid, gpa),
                                     .mask = mmu_make_gmask(mmu_entry_lg(g)),
                                     .data = g};
    g_leaf(m, w, gpa, g);
}

/* WALK-6, gst = 1 */
static void g_step(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walk_inputs_t *to, mmu_walk_write_t *w)
{
    const unsigned s = w->at;
    const mmu_rq_t *rq = &m->q.rq[s];
    const mmu_step_t next = mmu_riscv_gstep(rq, &in->slow, m->q.gpos[s], m->q.what[s], in->mrsp.data);

    switch (next.kind) {
    case MMU_STEP_READ:
        m->d.st[s] = MMU_WALK_REQ;
        w->gpos = next.pos;
        to->gcache.fill = !m->q.nofill[s]; /* PWC-2 */
        to->gcache.fill_level = (uint8_t)mmu_pos_level(m->q.gpos[s]);
        to->gcache.fill_row = (mmu_line_t){.key = mmu_make_gkey(rq->ctx.vmid, mmu_walk_guest_address(m, s)),
                                           .mask = mmu_make_gmask(next.lg),
                                           .data = next.pos};
        break;
    case MMU_STEP_LEAF:
        g_leaf_found(m, to, w, next.entry);
        break;
    case MMU_STEP_NEED_AD:
        m->d.st[s] = MMU_WALK_CAS_REQ;
        w->gentry = next.entry;
        w->gcas_old = in->mrsp.data;
        w->gcas_new = next.new_word;
        break;
    default:
        guest_fault(m, w, mmu_walk_guest_address(m, s));
        break;
    }
}

/* ---- responses ---------------------------------------------------------------------------------------- */

/* PWC-2: a pointer that covers 2^lg bytes. */
static void fill_pointer(const mmu_walker_t *m, mmu_walk_inputs_t *to, unsigned s, unsigned lg, mmu_pos_t pos)
{
    const mmu_rq_t *rq = &m->q.rq[s];

    to->cache.fill = true;
    to->cache.fill_level = (uint8_t)mmu_pos_level(m->q.pos[s]);
    to->cache.fill_row = (mmu_line_t){
        .key = mmu_make_key(rq->ctx.asid, rq->va), .mask = mmu_make_mask(lg, false), .data = pos};
    if (m->cfg.hypervisor)
        to->cache.fill_row.vm = mmu_ctx_vm(&rq->ctx) | (uint32_t)lg << MMU_VM_FLG_SHIFT;
}

/* EVT 36: a word of another row of an inverted table is read next; level 3 is the anchor, before the first. */
static bool chain(const mmu_slow_t *slow, mmu_pos_t pos, mmu_pos_t next)
{
    return slow->format == MMU_FORMAT_INVERTED && mmu_pos_level(pos) != 3 && mmu_pos_level(next) == 2;
}

/* WALK-6: a word is to be written. */
static void want_swap(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walk_write_t *w, const mmu_step_t *next)
{
    m->d.st[w->at] = MMU_WALK_CAS_REQ;
    w->cas_old = in->mrsp.data;
    w->cas_new = next->new_word;
    w->more = next->kind == MMU_STEP_READ_AD;
    if (w->more)
        w->next = next->pos;
    else
        w->entry = next->entry;
}

/* WALK-6: what the word says. */
static void step(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out, mmu_walk_inputs_t *to,
                 mmu_walk_write_t *w)
{
    const unsigned s = w->at;
    const mmu_rq_t *rq = &m->q.rq[s];
    const bool two = m->q.what[s] != MMU_G_NONE;
    if (m->q.gst[s]) {
        g_step(m, in, to, w);
        return;
    }
    const mmu_step_t next = frame_step(frame_of(&in->slow), rq, &in->slow, m->q.pos[s], in->mrsp.data);

    w->more = false;

    switch (next.kind) {
    case MMU_STEP_READ:
        m->d.st[s] = MMU_WALK_REQ;
        if (two)
            mmu_walk_want_g(m, w, MMU_G_ENTRY);
        w->pos = next.pos;
        if (next.lg != 0 && !m->q.nofill[s]) /* FRM-5 */
            fill_pointer(m, to, s, next.lg, next.pos);
        out->ev_row = chain(&in->slow, m->q.pos[s], next.pos);
        break;
    case MMU_STEP_LEAF:
        w->entry = next.entry;
        if (two)
            mmu_walk_want_g(m, w, MMU_G_FINAL);
        else
            mmu_walk_finish(m, w, MMU_FAULT_NONE);
        break;
    case MMU_STEP_NEED_AD:
    case MMU_STEP_READ_AD:
        want_swap(m, in, w, &next);
        if (two)
            mmu_walk_want_g(m, w, MMU_G_UPDATE);
        break;
    default:
        mmu_walk_finish(m, w, next.fault);
        break;
    }
}

/* WALK-7: a compare-and-swap that has happened. */
static void swapped(mmu_walker_t *m, mmu_walk_inputs_t *to, mmu_walk_write_t *w)
{
    const unsigned s = w->at;

    if (m->q.gst[s])
        g_leaf_found(m, to, w, m->q.gentry[s]);
    else if (m->q.what[s] != MMU_G_NONE)
        mmu_walk_want_g(m, w, MMU_G_FINAL);
    else if (m->q.more[s]) {
        m->d.st[s] = MMU_WALK_REQ;
        w->pos = m->q.next[s];
        w->more = false;
    } else
        mmu_walk_finish(m, w, MMU_FAULT_NONE);
}

/* p_response, WALK-4..7 */
void mmu_walk_respond(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out,
                      mmu_walk_inputs_t *to)
{
    const unsigned s = in->mrsp.id & 7u;
    mmu_walk_write_t *w = &m->d.answer;
    if (m->q.st[s] != MMU_WALK_WAIT && m->q.st[s] != MMU_WALK_CAS_WAIT)
        return;
    mmu_walk_keep(m, s, w);

    if (m->q.st[s] == MMU_WALK_WAIT) {
        if (mmu_walk_may_restart(m, s) && (m->q.redo[s] || in->fence_accept))
            mmu_walk_restart(m, in, out, w);
        else if (in->mrsp.err)
            mmu_walk_finish(m, w, MMU_FAULT_ACCESS);
        else
            step(m, in, out, to, w);
    } else if (in->mrsp.err) { /* WALK-7 */
        mmu_walk_finish(m, w, MMU_FAULT_ACCESS);
    } else if (in->mrsp.data == (m->q.gst[s] ? m->q.gcas_old[s] : m->q.cas_old[s])) {
        swapped(m, to, w);
    } else {
        out->ev_cas_fail = true;
        if (mmu_walk_may_restart(m, s) && (m->q.nofill[s] || in->fence_accept))
            mmu_walk_restart(m, in, out, w);
        else
            step(m, in, out, to, w);
    }
}
