/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The parts of mmu_walker.c: what they share, and which there are. No RTL module stands behind it.
 *
 *     mmu_walker.c       start, done, fences, the clock
 *     mmu_walker_port.c  offers at the walk port
 *     mmu_walker_step.c  what becomes of a slot by a response, or by the G stage's TLB
 */
#ifndef WALKER_SLOT_H
#define WALKER_SLOT_H

#include "cycle/frame.h"
#include "cycle/mmu_walker.h"

/* What the walker's children get in a clock. */
typedef struct {
    mmu_walk_cache_in_t cache, gcache;
    mmu_g_tlb_in_t gtlb;
} mmu_walk_inputs_t;

/* WALK-13: before the first stage's leaf has been found. */
static inline bool mmu_walk_may_restart(const mmu_walker_t *m, unsigned s)
{
    return m->q.what[s] == MMU_G_NONE || m->q.what[s] == MMU_G_ENTRY;
}

/* A write port of slot s that so far changes nothing. */
static inline void mmu_walk_keep(const mmu_walker_t *m, unsigned s, mmu_walk_write_t *w)
{
    w->on = true;
    w->at = (uint8_t)s;
    w->fault = m->q.fault[s];
    w->pos = m->q.pos[s];
    w->entry = m->q.entry[s];
    w->cas_old = m->q.cas_old[s];
    w->cas_new = m->q.cas_new[s];
    if (m->cfg.others) {
        w->more = m->q.more[s];
        w->next = m->q.next[s];
    }
    if (!m->cfg.hypervisor)
        return;
    w->gst = m->q.gst[s];
    w->what = m->q.what[s];
    w->flg = m->q.flg[s];
    w->gpos = m->q.gpos[s];
    w->spa = m->q.spa[s];
    w->gentry = m->q.gentry[s];
    w->gcas_old = m->q.gcas_old[s];
    w->gcas_new = m->q.gcas_new[s];
}

static inline void mmu_walk_finish(mmu_walker_t *m, mmu_walk_write_t *w, uint8_t fault)
{
    m->d.st[w->at] = MMU_WALK_DONE;
    w->fault = fault;
}

/* To the G stage, for this purpose. */
static inline void mmu_walk_want_g(mmu_walker_t *m, mmu_walk_write_t *w, uint8_t what)
{
    m->d.st[w->at] = MMU_WALK_G;
    w->what = what;
    w->gst = false;
}

/* WALK-5: from the root again. */
static inline void mmu_walk_restart(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out,
                                    mmu_walk_write_t *w)
{
    const unsigned s = w->at;

    if (m->q.what[s] != MMU_G_NONE)
        mmu_walk_want_g(m, w, MMU_G_ENTRY);
    else
        m->d.st[s] = MMU_WALK_REQ;
    m->d.redo[s] = false;
    m->d.restarted |= (uint8_t)(1u << s);
    out->ev_restart = true;
    w->pos = frame_start(frame_of(&in->slow), &m->q.rq[s], &in->slow).pos;
}

/* WALK-14: the guest physical address of a slot in front of a G stage, from state alone. */
static inline uint64_t mmu_walk_guest_address(const mmu_walker_t *m, unsigned s)
{
    const mmu_rq_t *rq = &m->q.rq[s];

    if (m->q.what[s] != MMU_G_FINAL)
        return mmu_riscv_addr(rq, m->q.pos[s]).addr;
    return rq->ctx.mode == MMU_MODE_BARE ? rq->va : mmu_entry_pa(m->q.entry[s], rq->va);
}

/* p_mreq, WALK-3 */
void mmu_walk_offer(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out);

/* p_ask, WALK-14. The G walk caches are looked up after this: the slot's gpos is the root's so far. */
void mmu_walk_ask(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out, mmu_walk_inputs_t *to);

/* p_response, WALK-4..7 */
void mmu_walk_respond(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out,
                      mmu_walk_inputs_t *to);

#endif
