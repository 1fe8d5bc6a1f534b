/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Requests of one port that missed its L1. Twin: rtl/mmu_miss_queue.sv. Rules: MQ.
 */
#include "cycle/mmu_miss_queue.h"

#include <assert.h>

void mmu_miss_queue_init(mmu_miss_queue_t *m, mmu_miss_queue_cfg_t cfg)
{
    assert(cfg.entries >= 1 && cfg.entries <= MMU_MAX_MISSES);
    *m = (mmu_miss_queue_t){.cfg = cfg};
}

/* The lowest-numbered entry in this state, or the number of entries. */
static unsigned first(const mmu_miss_queue_t *m, uint8_t st)
{
    unsigned i = 0;
    while (i < m->cfg.entries && m->q.st[i] != st)
        i++;
    return i;
}

void mmu_miss_queue_out(const mmu_miss_queue_t *m, mmu_miss_queue_out_t *out)
{
    unsigned by_state[8] = {0}, old = 0, done;

    /* p_out, MQ-1, MQ-5, MQ-8 */
    memset(out, 0, sizeof *out);
    if (mmu_miss_queue_empty(m))
        return;
    for (unsigned i = 0; i < m->cfg.entries; i++) {
        by_state[m->q.st[i] & 7u] |= 1u << i;
        old |= (unsigned)m->q.old[i] << i;
    }
    out->full = by_state[MMU_MISS_FREE] == 0;
    out->look = (uint8_t)by_state[MMU_MISS_LOOK];
    out->want = (uint8_t)by_state[MMU_MISS_WANT];
    out->busy = true;
    out->old_busy = (old & ~by_state[MMU_MISS_FREE]) != 0;
    done = by_state[MMU_MISS_DONE];
    if (done != 0) {
        const unsigned i = mmu_lowest(done);
        out->done = true;
        out->done_two = (done & (done - 1)) != 0;
        out->done_id = m->q.id[i];
        out->done_rq = m->q.rq[i];
        out->done_fault = m->q.fault[i];
        out->done_entry = m->q.entry[i];
    }
}

void mmu_miss_queue_select(const mmu_miss_queue_t *m, const mmu_miss_queue_in_t *in,
                           mmu_miss_queue_out_t *out)
{
    out->look_rq = m->q.rq[in->look_sel];
    out->want_rq = m->q.rq[in->want_sel];
    out->want_old = m->q.old[in->want_sel];
}

void mmu_miss_queue_comb(mmu_miss_queue_t *m, const mmu_miss_queue_in_t *in)
{
    /* p_next */
    uint8_t *st = m->d.st;
    m->d.any = in->alloc || !mmu_miss_queue_empty(m);
    if (!m->d.any)
        return;
    memcpy(st, m->q.st, sizeof m->d.st);
    memcpy(m->d.old, m->q.old, sizeof m->d.old);
    m->d.alloc = in->alloc;
    m->d.want = in->want_grant;
    m->d.l2 = in->l2_done && in->l2_hit;
    m->d.walked = 0;

    if (in->take_done) { /* MQ-5 */
        const unsigned i = first(m, MMU_MISS_DONE);
        assert(i < m->cfg.entries);
        st[i] = MMU_MISS_FREE;
    }
    if (in->look_grant) /* MQ-2 */
        st[in->look_sel] = MMU_MISS_L2;
    if (in->l2_abort)
        st[in->l2_sel] = MMU_MISS_LOOK;
    if (in->l2_done)
        st[in->l2_sel] = in->l2_hit ? MMU_MISS_DONE : MMU_MISS_WANT;
    if (m->d.l2) {
        m->d.l2_at = in->l2_sel;
        m->d.l2_entry = in->l2_entry;
    }
    if (in->want_grant) { /* MQ-3 */
        st[in->want_sel] = MMU_MISS_WALK;
        m->d.want_at = in->want_sel;
        m->d.slot = in->want_slot;
    }
    if (in->walk_done) { /* MQ-4 */
        for (unsigned i = 0; i < m->cfg.entries; i++)
            if (m->q.st[i] == MMU_MISS_WALK && m->q.slot[i] == in->walk_slot) {
                st[i] = MMU_MISS_DONE;
                m->d.walked |= (uint8_t)(1u << i);
            }
        m->d.walk_fault = in->walk_fault;
        m->d.walk_entry = in->walk_entry;
    }
    if (in->alloc) { /* MQ-1 */
        const unsigned i = first(m, MMU_MISS_FREE);
        assert(i < m->cfg.entries);
        st[i] = m->cfg.has_l2 ? MMU_MISS_LOOK : MMU_MISS_WANT;
        m->d.old[i] = in->alloc_old;
        m->d.alloc_at = (uint8_t)i;
        m->d.id = in->alloc_id;
        m->d.rq = in->alloc_rq;
    }
    if (in->fence_mark) /* MQ-6; an entry that is free has no use for its mark */
        for (unsigned i = 0; i < m->cfg.entries; i++)
            m->d.old[i] = true;
    if (in->kill) /* MQ-7 */
        memset(st, MMU_MISS_FREE, sizeof m->d.st);
}

void mmu_miss_queue_seq(mmu_miss_queue_t *m, bool rst_n)
{
    if (!rst_n) {
        memset(m->q.st, MMU_MISS_FREE, sizeof m->q.st);
        return;
    }
    if (!m->d.any)
        return;
    memcpy(m->q.st, m->d.st, sizeof m->q.st);
    memcpy(m->q.old, m->d.old, sizeof m->q.old);
    if (m->d.alloc) {
        m->q.id[m->d.alloc_at] = m->d.id;
        m->q.rq[m->d.alloc_at] = m->d.rq;
    }
    if (m->d.want)
        m->q.slot[m->d.want_at] = m->d.slot;
    if (m->d.l2) {
        m->q.fault[m->d.l2_at] = MMU_FAULT_NONE;
        m->q.entry[m->d.l2_at] = m->d.l2_entry;
    }
    for (unsigned left = m->d.walked; left != 0; left &= left - 1) {
        m->q.fault[mmu_lowest(left)] = m->d.walk_fault;
        m->q.entry[mmu_lowest(left)] = m->d.walk_entry;
    }
}
