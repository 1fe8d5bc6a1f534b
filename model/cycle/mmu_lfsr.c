/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random replacement of an array. Twin: rtl/mmu_lfsr.sv. Rules: REPL.
 */
#include "cycle/mmu_lfsr.h"

#include <assert.h>

void mmu_lfsr_init(mmu_lfsr_t *m, mmu_lfsr_cfg_t cfg, mmu_arena_t *arena)
{
    assert(cfg.sets >= 1 && cfg.ways >= 1 && cfg.ways <= 64);
    *m = (mmu_lfsr_t){.cfg = cfg};
    if (arena->base != NULL)
        mmu_lfsr_seq(m, false);
}

void mmu_lfsr_out(const mmu_lfsr_t *m, const mmu_lfsr_in_t *in, mmu_lfsr_out_t *out)
{
    /* REPL-7 */
    (void)in;
    out->victim = (uint8_t)(((uint32_t)m->q.lfsr * m->cfg.ways) >> 16);
}

void mmu_lfsr_comb(mmu_lfsr_t *m, const mmu_lfsr_in_t *in)
{
    /* p_next, REPL-7 */
    m->d.write = in->fill && in->chose;
    m->d.lfsr = (uint16_t)((m->q.lfsr >> 1) ^ ((m->q.lfsr & 1u) != 0 ? 0xb400u : 0u));
}

void mmu_lfsr_seq(mmu_lfsr_t *m, bool rst_n)
{
    if (!rst_n)
        m->q.lfsr = 0xace1;
    else if (m->d.write)
        m->q.lfsr = m->d.lfsr;
}
