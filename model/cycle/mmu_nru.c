/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Not-recently-used replacement state of an array. Twin: rtl/mmu_nru.sv. Rules: REPL.
 */
#include "cycle/mmu_nru.h"

#include <assert.h>

void mmu_nru_init(mmu_nru_t *m, mmu_nru_cfg_t cfg, mmu_arena_t *arena)
{
    assert(cfg.sets >= 1 && cfg.ways >= 1 && cfg.ways <= 64);
    *m = (mmu_nru_t){.cfg = cfg};
    m->q.used = mmu_arena_words(arena, cfg.sets);
    if (arena->base != NULL)
        mmu_nru_seq(m, false);
}

void mmu_nru_out(const mmu_nru_t *m, const mmu_nru_in_t *in, mmu_nru_out_t *out)
{
    /* REPL-6 */
    const uint64_t free = ~m->q.used[in->victim_set] & mmu_ones(m->cfg.ways);
    out->victim = (uint8_t)(free != 0 ? mmu_lowest(free) : 0);
}

void mmu_nru_comb(mmu_nru_t *m, const mmu_nru_in_t *in)
{
    /* p_next, REPL-1, REPL-6 */
    const unsigned set = in->fill ? in->fill_set : in->touch_set;
    const uint64_t way = UINT64_C(1) << (in->fill ? in->fill_way : in->touch_way);
    const uint64_t used = m->q.used[set] | way;
    m->d.write = in->fill || in->touch;
    m->d.set = (uint16_t)set;
    m->d.used = used == mmu_ones(m->cfg.ways) ? way : used;
}

void mmu_nru_seq(mmu_nru_t *m, bool rst_n)
{
    if (!rst_n)
        memset(m->q.used, 0, m->cfg.sets * sizeof m->q.used[0]);
    else if (m->d.write)
        m->q.used[m->d.set] = m->d.used;
}
