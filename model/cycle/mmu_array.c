/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Set-associative array in flops. Twin: rtl/mmu_array.sv. Rules: ARR.
 */
#include "cycle/mmu_array.h"

#include <assert.h>

void mmu_array_init(mmu_array_t *m, mmu_array_cfg_t cfg, mmu_arena_t *arena)
{
    const size_t rows = (size_t)cfg.sets * cfg.ways;
    assert(cfg.sets >= 1 && (cfg.sets & (cfg.sets - 1)) == 0 && cfg.ways >= 1 && cfg.ways <= 64);
    memset(m, 0, sizeof *m);
    m->cfg = cfg;
    m->q.valid = mmu_arena_words(arena, cfg.sets);
    m->d.valid = mmu_arena_words(arena, cfg.sets);
    m->q.key = mmu_arena_words(arena, rows);
    m->q.mask = mmu_arena_words(arena, rows);
    m->q.data = mmu_arena_words(arena, rows);
    if (cfg.vm)
        m->q.vm = (mmu_vm_t *)mmu_arena_take(arena, rows * sizeof m->q.vm[0]);
    mmu_repl_init(&m->repl, cfg.sets, cfg.ways, cfg.policy, arena);
    if (arena->base != NULL)
        mmu_array_seq(m, false);
}

bool mmu_array_search(mmu_array_t *m, const mmu_array_in_t *in, unsigned set, mmu_array_out_t *out)
{
    const size_t base = (size_t)set * m->cfg.ways;
    for (uint64_t ways = m->q.valid[set]; ways != 0; ways &= ways - 1) {
        const unsigned way = mmu_lowest(ways);
        if (((m->q.key[base + way] ^ in->key) & m->q.mask[base + way]) == 0 &&
            mmu_array_same_space(m, base + way, in->space)) {
            m->d.hit_way = (uint8_t)way;
            m->d.found = true;
            out->data = m->q.data[base + way];
            return true;
        }
    }
    return false;
}

/* ARR-4, ARR-7 */
static void fill(mmu_array_t *m, const mmu_array_in_t *in)
{
    const mmu_line_t *row = &in->fill_row;
    const unsigned set = mmu_array_set(m, row->key, in->fill_lg);
    const size_t base = (size_t)set * m->cfg.ways;
    const uint64_t valid = m->q.valid[set]; /* a row that is dropped in this clock counts */
    uint64_t overlap = mmu_rows_match(&m->q.key[base], &m->q.mask[base], valid, row->key, row->mask);
    if (m->cfg.vm)
        overlap = mmu_rows_space(&m->q.vm[base], overlap, row->vm, MMU_VM_SPACE);
    const uint64_t open = ~(valid & ~overlap) & mmu_ones(m->cfg.ways);
    const bool chose = open == 0;
    const unsigned way = chose ? mmu_repl_victim(&m->repl, set) : mmu_lowest(open);

    m->d.fill = true;
    m->d.fill_set = (uint16_t)set;
    m->d.fill_way = (uint8_t)way;
    m->d.fill_valid = valid & ~overlap;
    if (m->d.drop && m->d.hit_set == set)
        m->d.fill_valid &= ~(UINT64_C(1) << m->d.hit_way);
    m->d.fill_valid |= UINT64_C(1) << way;
    m->d.fill_hint = mmu_array_hint(row->key);
    m->d.row = *row;
    m->d.repl = true;
    mmu_repl_fill(&m->repl, set, way, chose);
}

/* ARR-5, KEY-7 */
static void fence(mmu_array_t *m, const mmu_array_in_t *in)
{
    m->d.fence = true;
    for (unsigned set = 0; set < m->cfg.sets; set++) {
        const size_t base = (size_t)set * m->cfg.ways;
        const uint64_t *key = &m->q.key[base], *mask = &m->q.mask[base];
        uint64_t gone = m->q.valid[set];
        if (m->cfg.vm) {
            gone = mmu_rows_space(&m->q.vm[base], gone, in->fence_vm, in->fence_vm_mask);
            gone = mmu_rows_covered(key, mask, &m->q.vm[base], gone, in->fence_key, in->fence_mask);
        } else {
            gone = mmu_rows_match(key, mask, gone, in->fence_key, in->fence_mask);
        }
        if (in->fence_spare_g)
            gone = mmu_rows_local(&m->q.mask[base], gone);
        m->d.valid[set] = m->q.valid[set] & ~gone;
    }
}

void mmu_array_comb(mmu_array_t *m, const mmu_array_in_t *in)
{
    /* p_next */
    assert(m->d.hit || (!in->touch && !in->drop));
    m->d.repl = m->d.fill = m->d.fence = false;
    m->d.drop = in->drop; /* ARR-3 */
    if (in->fence) {
        fence(m, in); /* ARR-6: neither fill nor touch */
    } else if (in->fill) {
        fill(m, in); /* ARR-8: no touch */
    } else if (in->touch) {
        m->d.repl = true; /* ARR-2 */
        mmu_repl_touch(&m->repl, m->d.hit_set, m->d.hit_way);
    }
}

void mmu_array_seq(mmu_array_t *m, bool rst_n)
{
    if (!rst_n) {
        m->d.version++;
        memset(m->q.valid, 0, m->cfg.sets * sizeof m->q.valid[0]);
        mmu_repl_seq(&m->repl, false);
        return;
    }
    if (m->d.found)
        m->hint[m->d.hint] = m->d.hit_way;
    if (m->d.repl)
        mmu_repl_seq(&m->repl, true);
    if (m->d.fence) {
        m->d.version++;
        memcpy(m->q.valid, m->d.valid, m->cfg.sets * sizeof m->q.valid[0]);
    }
    if (m->d.drop) {
        m->d.version++;
        m->q.valid[m->d.hit_set] &= ~(UINT64_C(1) << m->d.hit_way);
    }
    if (m->d.fill) {
        m->d.version++;
        const size_t row = (size_t)m->d.fill_set * m->cfg.ways + m->d.fill_way;
        m->q.valid[m->d.fill_set] = m->d.fill_valid;
        m->q.key[row] = m->d.row.key;
        m->q.mask[row] = m->d.row.mask;
        m->q.data[row] = m->d.row.data;
        if (m->cfg.vm)
            m->q.vm[row] = m->d.row.vm;
        m->hint[m->d.fill_hint] = m->d.fill_way;
    }
}
