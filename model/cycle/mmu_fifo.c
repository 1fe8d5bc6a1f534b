/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * FIFO replacement state of an array. Twin: rtl/mmu_fifo.sv. Rules: REPL.
 */
#include "cycle/mmu_fifo.h"

#include <assert.h>

void mmu_fifo_init(mmu_fifo_t *m, mmu_fifo_cfg_t cfg, mmu_arena_t *arena)
{
    assert(cfg.sets >= 1 && cfg.ways >= 1 && cfg.ways <= 64);
    *m = (mmu_fifo_t){.cfg = cfg};
    m->q.ptr = (uint8_t *)mmu_arena_take(arena, cfg.sets);
    if (arena->base != NULL)
        mmu_fifo_seq(m, false);
}

void mmu_fifo_out(const mmu_fifo_t *m, const mmu_fifo_in_t *in, mmu_fifo_out_t *out)
{
    /* REPL-3 */
    out->victim = m->q.ptr[in->victim_set];
}

void mmu_fifo_comb(mmu_fifo_t *m, const mmu_fifo_in_t *in)
{
    /* p_next, REPL-3 */
    unsigned next = m->q.ptr[in->fill_set] + 1u;
    m->d.write = in->fill && in->chose;
    m->d.set = in->fill_set;
    m->d.ptr = (uint8_t)(next == m->cfg.ways ? 0 : next);
}

void mmu_fifo_seq(mmu_fifo_t *m, bool rst_n)
{
    if (!rst_n)
        memset(m->q.ptr, 0, m->cfg.sets * sizeof m->q.ptr[0]);
    else if (m->d.write)
        m->q.ptr[m->d.set] = m->d.ptr;
}
