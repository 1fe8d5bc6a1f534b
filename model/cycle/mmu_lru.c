/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * True LRU replacement state of an array. Twin: rtl/mmu_lru.sv. Rules: REPL.
 */
#include "cycle/mmu_lru.h"

#include <assert.h>

void mmu_lru_init(mmu_lru_t *m, mmu_lru_cfg_t cfg, mmu_arena_t *arena)
{
    assert(cfg.sets >= 1 && cfg.ways >= 1 && cfg.ways <= 16);
    *m = (mmu_lru_t){.cfg = cfg};
    m->q.rank = mmu_arena_words(arena, cfg.sets);
    if (arena->base != NULL)
        mmu_lru_seq(m, false);
}

void mmu_lru_out(const mmu_lru_t *m, const mmu_lru_in_t *in, mmu_lru_out_t *out)
{
    /* REPL-5: the way of the highest rank. */
    uint64_t rank = m->q.rank[in->victim_set];
    unsigned way = 0;
    while (way + 1u < m->cfg.ways && ((rank >> (4 * way)) & 15u) != m->cfg.ways - 1u)
        way++;
    out->victim = (uint8_t)way;
}

void mmu_lru_comb(mmu_lru_t *m, const mmu_lru_in_t *in)
{
    /* p_next, REPL-1, REPL-5 */
    const unsigned set = in->fill ? in->fill_set : in->touch_set;
    const unsigned used = in->fill ? in->fill_way : in->touch_way;
    const uint64_t rank = m->q.rank[set];
    const uint64_t before = (rank >> (4 * used)) & 15u;
    uint64_t next = rank & ~(UINT64_C(15) << (4 * used));
    for (unsigned way = 0; way < m->cfg.ways; way++)
        next += (uint64_t)(((rank >> (4 * way)) & 15u) < before) << (4 * way);
    m->d.write = in->fill || in->touch;
    m->d.set = (uint16_t)set;
    m->d.rank = next;
}

void mmu_lru_seq(mmu_lru_t *m, bool rst_n)
{
    if (!rst_n)
        for (unsigned set = 0; set < m->cfg.sets; set++) /* way w has rank w */
            m->q.rank[set] = UINT64_C(0xfedcba9876543210) & mmu_ones(4u * m->cfg.ways);
    else if (m->d.write)
        m->q.rank[m->d.set] = m->d.rank;
}
