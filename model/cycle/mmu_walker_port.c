/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker at the walk port: which word is offered, and may it be. Twin: rtl/mmu_walker.sv.
 * Rules: WALK-3, WALK-12.
 */
#include "cycle/walker_slot.h"

/* WALK-3: where the word stands that a slot offers to read or swap. */
static mmu_addr_t offer_address(const mmu_walker_t *m, const mmu_slow_t *slow, unsigned s)
{
    mmu_addr_t at;

    if (m->q.gst[s])
        return mmu_riscv_gaddr(&m->q.rq[s], m->q.gpos[s], mmu_walk_guest_address(m, s));
    at = frame_addr(frame_of(slow), &m->q.rq[s], slow, m->q.pos[s]);
    if (m->q.what[s] != MMU_G_NONE)
        at.addr = m->q.spa[s];
    return at;
}

/* PMP-3, for the walker's own accesses: they are S's. */
static bool allowed(const mmu_walker_t *m, const mmu_walker_in_t *in, const mmu_addr_t *at, bool cas)
{
    const mmu_pmp_check_in_t check = {.ranges = in->ranges,
                                      .pa = at->addr,
                                      .acc = cas ? MMU_ACC_STORE : MMU_ACC_LOAD,
                                      .size = at->wide ? 3 : 2,
                                      .prv = MMU_PRIV_S,
                                      .sec = mmu_slow_sec(&in->slow)};
    mmu_pmp_check_out_t out;
    mmu_pmp_check_comb(&m->pmp_check, &check, &out);
    return out.allow;
}

/* WALK-12 */
static void deny(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out, unsigned s)
{
    mmu_walk_keep(m, s, &m->d.deny);
    if (m->q.st[s] == MMU_WALK_REQ && mmu_walk_may_restart(m, s) && (m->q.redo[s] || in->fence_accept))
        mmu_walk_restart(m, in, out, &m->d.deny);
    else
        mmu_walk_finish(m, &m->d.deny, MMU_FAULT_ACCESS);
}

/* p_mreq, WALK-3 */
void mmu_walk_offer(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out)
{
    unsigned s = m->q.lock_slot;
    if (!m->q.lock_valid)
        for (s = 0; s < m->cfg.slots; s++)
            if (m->q.st[s] == MMU_WALK_REQ || m->q.st[s] == MMU_WALK_CAS_REQ)
                break;
    m->d.lock_valid = false;
    m->d.lock_slot = m->q.lock_slot;
    if (s == m->cfg.slots)
        return;

    const bool cas = m->q.st[s] == MMU_WALK_CAS_REQ, g = m->q.gst[s];
    const mmu_addr_t at = offer_address(m, &in->slow, s);
    if (m->pmp_check.cfg.entries != 0 && !allowed(m, in, &at, cas)) {
        deny(m, in, out, s);
        return;
    }
    out->mreq = (mmu_mreq_t){.addr = at.addr,
                             .old_word = !cas ? 0
                                         : g  ? m->q.gcas_old[s]
                                              : m->q.cas_old[s],
                             .new_word = !cas ? 0
                                         : g  ? m->q.gcas_new[s]
                                              : m->q.cas_new[s],
                             .valid = true,
                             .wide = at.wide,
                             .id = (uint8_t)s,
                             .op = cas ? MMU_MEM_CAS : MMU_MEM_READ};
    if (in->mreq_ready) {
        m->d.st[s] = cas ? MMU_WALK_CAS_WAIT : MMU_WALK_WAIT;
    } else {
        m->d.lock_valid = true;
        m->d.lock_slot = (uint8_t)s;
    }
}
