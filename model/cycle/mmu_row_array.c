/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Set-associative array in memories. Twin: rtl/mmu_row_array.sv. Rules: ROW.
 */
#include "cycle/mmu_row_array.h"

#include <assert.h>

static inline size_t base_of(const mmu_row_array_t *m)
{
    return (size_t)m->q.rd_set * m->cfg.ways;
}

void mmu_row_array_init(mmu_row_array_t *m, mmu_row_array_cfg_t cfg, mmu_arena_t *arena)
{
    const size_t rows = (size_t)cfg.sets * cfg.ways;
    assert(cfg.sets >= 1 && (cfg.sets & (cfg.sets - 1)) == 0 && cfg.ways >= 1 && cfg.ways <= 64);
    memset(m, 0, sizeof *m);
    m->cfg = cfg;
    m->q.valid = mmu_arena_words(arena, cfg.sets);
    m->q.mem_key = mmu_arena_words(arena, rows);
    m->q.mem_mask = mmu_arena_words(arena, rows);
    m->q.mem_data = mmu_arena_words(arena, rows);
    if (cfg.vm)
        m->q.mem_vm = (mmu_vm_t *)mmu_arena_take(arena, rows * sizeof m->q.mem_vm[0]);
    mmu_repl_init(&m->repl, cfg.sets, cfg.ways, cfg.policy, arena);
    if (arena->base != NULL)
        mmu_row_array_seq(m, false);
}

void mmu_row_array_out(mmu_row_array_t *m, const mmu_row_array_in_t *in, mmu_row_array_out_t *out)
{
    /* p_compare, ROW-2 */
    const size_t base = base_of(m);
    const uint64_t *key = &m->q.mem_key[base], *mask = &m->q.mem_mask[base];
    const bool idle = in->cmp_mask == 0 && !in->cmp_spare_g && (!m->cfg.vm || in->cmp_vm_mask == 0);
    uint64_t match = idle ? 0 : m->q.valid[m->q.rd_set];
    if (m->cfg.vm)
        match = mmu_rows_space(&m->q.mem_vm[base], match, in->cmp_vm, in->cmp_vm_mask);
    if (m->cfg.vm && in->scan)
        match = mmu_rows_covered(key, mask, &m->q.mem_vm[base], match, in->cmp_key, in->cmp_mask);
    else
        match = mmu_rows_match(key, mask, match, in->cmp_key, in->cmp_mask);
    if (in->cmp_spare_g)
        match = mmu_rows_local(mask, match);

    m->d.match = match;
    *out = (mmu_row_array_out_t){0};
    if (match != 0) {
        const size_t row = base + mmu_lowest(match);
        out->hit = true;
        out->row = (mmu_line_t){.key = m->q.mem_key[row],
                                .mask = m->q.mem_mask[row],
                                .data = m->q.mem_data[row],
                                .vm = m->cfg.vm ? m->q.mem_vm[row] : 0};
    }
}

/* ROW-4: as ARR-4, on the set that was read. */
static void fill(mmu_row_array_t *m, const mmu_row_array_in_t *in)
{
    const unsigned set = m->q.rd_set;
    const uint64_t stay = m->q.valid[set] & ~m->d.match;
    const uint64_t open = ~stay & mmu_ones(m->cfg.ways);
    const bool chose = open == 0;
    const unsigned way = chose ? mmu_repl_victim(&m->repl, set) : mmu_lowest(open);

    m->d.fill = true;
    m->d.fill_way = (uint8_t)way;
    m->d.row = in->fill_row;
    m->d.write_valid = true;
    m->d.valid = stay | UINT64_C(1) << way;
    m->d.repl = true;
    mmu_repl_fill(&m->repl, set, way, chose);
}

void mmu_row_array_comb(mmu_row_array_t *m, const mmu_row_array_in_t *in)
{
    /* p_next */
    const unsigned set = m->q.rd_set;
    m->d.rd_set = in->read ? in->read_set : m->q.rd_set; /* ROW-1 */
    m->d.repl = false;
    m->d.write_valid = false;
    m->d.fill = false;
    m->d.clear = in->clear;
    if (in->clear)
        return; /* ROW-6 */
    if (in->fill) {
        fill(m, in);
    } else if (in->scan) { /* ROW-5 */
        m->d.write_valid = true;
        m->d.valid = m->q.valid[set] & ~m->d.match;
    } else if (in->drop || in->touch) { /* ROW-3 */
        const unsigned way = mmu_lowest(m->d.match);
        assert(m->d.match != 0);
        m->d.write_valid = in->drop;
        m->d.valid = m->q.valid[set] & ~(UINT64_C(1) << way);
        m->d.repl = in->touch;
        if (in->touch)
            mmu_repl_touch(&m->repl, set, way);
    }
}

void mmu_row_array_seq(mmu_row_array_t *m, bool rst_n)
{
    if (!rst_n) {
        memset(m->q.valid, 0, m->cfg.sets * sizeof m->q.valid[0]);
        mmu_repl_seq(&m->repl, false);
        m->q.rd_set = 0;
        return;
    }
    if (m->d.repl)
        mmu_repl_seq(&m->repl, true);
    if (m->d.write_valid)
        m->q.valid[m->q.rd_set] = m->d.valid;
    if (m->d.fill) {
        const size_t row = base_of(m) + m->d.fill_way;
        m->q.mem_key[row] = m->d.row.key;
        m->q.mem_mask[row] = m->d.row.mask;
        m->q.mem_data[row] = m->d.row.data;
        if (m->cfg.vm)
            m->q.mem_vm[row] = m->d.row.vm;
    }
    if (m->d.clear)
        memset(m->q.valid, 0, m->cfg.sets * sizeof m->q.valid[0]);
    m->q.rd_set = m->d.rd_set;
}
