/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The registers of physical memory protection. Twin: rtl/mmu_pmp_regs.sv. Rules: PMP-1, PMP-2, PMP-5.
 */
#include "cycle/mmu_pmp_regs.h"

#include <assert.h>

void mmu_pmp_regs_init(mmu_pmp_regs_t *m, mmu_pmp_regs_cfg_t cfg, mmu_arena_t *arena)
{
    assert(cfg.entries <= MMU_MAX_PMP);
    memset(m, 0, sizeof *m);
    m->cfg = cfg;
    if (cfg.entries == 0)
        return;
    m->q.addr = mmu_arena_words(arena, cfg.entries);
    m->q.cfg = (uint8_t *)mmu_arena_take(arena, cfg.entries * sizeof m->q.cfg[0]);
    m->q.range = (mmu_pmp_range_t *)mmu_arena_take(arena, cfg.entries * sizeof m->q.range[0]);
    if (arena->base != NULL)
        mmu_pmp_regs_seq(m, false);
}

static bool is_tor(uint8_t cfg)
{
    return ((cfg >> MMU_PMP_A_SHIFT) & 3) == MMU_PMP_TOR;
}

void mmu_pmp_regs_comb(mmu_pmp_regs_t *m, const mmu_pmp_regs_in_t *in)
{
    /* p_next */
    const mmu_pmp_write_t *w = &in->write;
    const unsigned i = w->index;
    m->d.write = w->valid && i < m->cfg.entries; /* PMP-1 */
    m->d.write_next = false;
    if (!m->d.write)
        return;
    m->d.index = w->index;
    /* PMP-5 */
    const uint8_t next = i + 1 < m->cfg.entries ? m->q.cfg[i + 1] : 0;
    const mmu_pmp_acts_t acts = mmu_pmp_acts(m->q.cfg[i], next, w->cfg, in->sec);
    m->d.addr = acts.addr ? w->addr & MMU_PMP_ADDR_MASK : m->q.addr[i];
    m->d.cfg = acts.cfg ? w->cfg : m->q.cfg[i];
    /* PMP-2 */
    m->d.range = mmu_pmp_decode(m->d.cfg, m->d.addr, i == 0 ? 0 : m->q.addr[i - 1]);
    m->d.write_next = is_tor(next);
    if (m->d.write_next)
        m->d.next = mmu_pmp_decode(m->q.cfg[i + 1], m->q.addr[i + 1], m->d.addr);
}

void mmu_pmp_regs_seq(mmu_pmp_regs_t *m, bool rst_n)
{
    m->version++;
    if (!rst_n) {
        if (m->cfg.entries == 0)
            return;
        memset(m->q.addr, 0, m->cfg.entries * sizeof m->q.addr[0]);
        memset(m->q.cfg, 0, m->cfg.entries * sizeof m->q.cfg[0]);
        memset(m->q.range, 0, m->cfg.entries * sizeof m->q.range[0]);
        return;
    }
    if (!m->d.write)
        return;
    m->q.addr[m->d.index] = m->d.addr;
    m->q.cfg[m->d.index] = m->d.cfg;
    m->q.range[m->d.index] = m->d.range;
    if (m->d.write_next)
        m->q.range[m->d.index + 1] = m->d.next;
}
