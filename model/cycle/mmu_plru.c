/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Tree-PLRU replacement state of an array. Twin: rtl/mmu_plru.sv. Rules: REPL.
 */
#include "cycle/mmu_plru.h"

#include <assert.h>

void mmu_plru_init(mmu_plru_t *m, mmu_plru_cfg_t cfg, mmu_arena_t *arena)
{
    assert(cfg.sets >= 1 && cfg.ways >= 1 && cfg.ways <= 64 && (cfg.ways & (cfg.ways - 1)) == 0);
    *m = (mmu_plru_t){.cfg = cfg};
    m->q.tree = mmu_arena_words(arena, cfg.sets);
    m->path = mmu_arena_words(arena, cfg.ways);
    m->away = mmu_arena_words(arena, cfg.ways);
    if (arena->base == NULL)
        return;
    for (unsigned way = 0; way < cfg.ways; way++) {
        m->path[way] = m->away[way] = 0;
        for (unsigned half = cfg.ways / 2u, node = 0; half != 0; half /= 2) {
            unsigned upper = (way & half) != 0;
            m->path[way] |= UINT64_C(1) << node;
            m->away[way] |= (uint64_t)!upper << node;
            node = 2 * node + 1 + upper;
        }
    }
    mmu_plru_seq(m, false);
}

void mmu_plru_out(const mmu_plru_t *m, const mmu_plru_in_t *in, mmu_plru_out_t *out)
{
    /* REPL-2: the bits lead from the root to the victim. */
    uint64_t tree = m->q.tree[in->victim_set];
    unsigned node = 0;
    while (node < m->cfg.ways - 1u)
        node = 2 * node + 1 + (unsigned)((tree >> node) & 1u);
    out->victim = (uint8_t)(node - (m->cfg.ways - 1u));
}

void mmu_plru_comb(mmu_plru_t *m, const mmu_plru_in_t *in)
{
    /* p_next, REPL-1, REPL-2 */
    unsigned set = in->fill ? in->fill_set : in->touch_set;
    unsigned way = in->fill ? in->fill_way : in->touch_way;
    m->d.write = in->fill || in->touch;
    m->d.set = (uint16_t)set;
    m->d.tree = (m->q.tree[set] & ~m->path[way]) | m->away[way];
}

void mmu_plru_seq(mmu_plru_t *m, bool rst_n)
{
    if (!rst_n)
        memset(m->q.tree, 0, m->cfg.sets * sizeof m->q.tree[0]);
    else if (m->d.write)
        m->q.tree[m->d.set] = m->d.tree;
}
