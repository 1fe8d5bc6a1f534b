/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random tables of the classical formats (docs/microarchitecture.md, CLS to SPG), by the weights entry.*, leaf.* and
 * row.*. RAM from its start: inner tables in the first 64 MiB, then 128 MiB for each root's table.
 */
#include "env/random_fmt.h"

#include <assert.h>

#define P UINT64_C(0x01)
#define SWAP UINT64_C(0x02)
#define X UINT64_C(0x04)
#define W UINT64_C(0x08)
#define R UINT64_C(0x10)
#define U UINT64_C(0x20)
#define A UINT64_C(0x40)
#define D UINT64_C(0x80)
#define DOWN UINT64_C(0x100)
#define FRAME_SHIFT 12
#define ROOT_LG 27
#define INNER_LG 16
#define INNERS 64u

/* Of an inverted table: levels of its words (INV-1, INV-2). */
enum { LEVEL_ROW = 0, LEVEL_NEXT = 1, LEVEL_MATCH = 2, LEVEL_ANCHOR = 3 };

/* ---- places ------------------------------------------------------------------------------------ */

static uint64_t root_addr(mmu_random_t *r, unsigned n)
{
    return mmu_mem_base(r->base.stage->mem) + ((uint64_t)(1 + n) << ROOT_LG) +
           ((uint64_t)mmu_draw(r, 256) << 12);
}

/* The table of a root, or an inner one, where each row has `words` words; the last is of level 0. */
static void add_rows(mmu_random_t *r, unsigned table, unsigned level, unsigned words)
{
    mmu_fmt_t *f = r->fmt;
    const uint64_t addr = f->table[table].addr;

    for (unsigned i = 0; i < f->indexes[level]; i++)
        for (unsigned k = 0; k < words; k++)
            mmu_fmt_add_cell(r, addr + ((uint64_t)f->index[level][i] * words + k) * 8,
                             words == 1 ? level : words - 1 - k, table, f->index[level][i], true, false);
}

static void place_inner(mmu_random_t *r)
{
    const uint64_t base = mmu_mem_base(r->base.stage->mem);
    const unsigned first = mmu_draw(r, INNERS);

    for (unsigned i = 0; i <= (unsigned)mmu_w(r, MMU_W_world_tables); i++) {
        /* Where it is shorter than its place it begins anywhere there. */
        const unsigned free_lg = INNER_LG - (22 - r->slow.plg + 3);
        uint64_t addr = base + ((uint64_t)((first + 7 * i) % INNERS) << INNER_LG);
        if (free_lg > 0)
            addr += (uint64_t)mmu_draw(r, 1u << free_lg) << (INNER_LG - free_lg);
        add_rows(r, mmu_fmt_add_table(r, addr & ~UINT64_C(511), 0, false, false), 0, 1);
    }
}

static void place_inverted(mmu_random_t *r)
{
    mmu_fmt_t *f = r->fmt;
    const unsigned rows = 1u << r->slow.rows_lg;

    assert(rows <= MMU_FMT_ROWS);
    for (unsigned n = 0; n < f->roots; n++) {
        const uint64_t table = f->table[n].addr, anchors = table + 0x10000;
        f->aux[n] = anchors >> 12;
        for (unsigned i = 0; i < rows; i++) {
            mmu_fmt_add_cell(r, table + i * 32, LEVEL_MATCH, n, i, true, false);
            mmu_fmt_add_cell(r, table + i * 32 + 8, LEVEL_ROW, n, i, true, false);
            if (!r->slow.linear)
                mmu_fmt_add_cell(r, table + i * 32 + 16, LEVEL_NEXT, n, i, true, false);
        }
        /* After the rows: words are drawn in this order, and rows make the chains. */
        for (unsigned i = 0; i < rows && !r->slow.linear; i++)
            mmu_fmt_add_cell(r, anchors + i * 8, LEVEL_ANCHOR, n, i, true, false);
    }
}

/* Rows that a table has: all, or some of those that addresses reach. */
static uint64_t draw_rows(mmu_random_t *r, unsigned level)
{
    const mmu_fmt_t *f = r->fmt;

    if (mmu_draw(r, 3) != 0)
        return UINT64_C(1) << mmu_fmt_bits(r, level);
    return f->index[level][mmu_draw(r, f->indexes[level])] + 1u;
}

void mmu_fmt_classic_place(mmu_random_t *r)
{
    mmu_fmt_t *f = r->fmt;
    const bool inner = f->number == MMU_FORMAT_DIRECTORY || f->number == MMU_FORMAT_SEGPAGE;
    const unsigned top = inner ? 1 : 0;
    unsigned count = (unsigned)mmu_w(r, MMU_W_world_indexes);

    if (f->number == MMU_FORMAT_BOUNDS) {
        f->roots = 1;
        return;
    }
    /* As many pages as make half of the pairs <process, page> stand in the table. */
    if (f->number == MMU_FORMAT_INVERTED)
        count = 1 + (1u << r->slow.rows_lg) / (unsigned)mmu_w(r, MMU_W_space_count);
    if (count > MMU_FMT_INDEXES / 2)
        count = MMU_FMT_INDEXES / 2;
    for (unsigned level = 0; level <= top; level++)
        mmu_fmt_draw_indexes(r, level, inner ? count : 2 * count, 1u << mmu_fmt_bits(r, level));
    f->roots = f->number == MMU_FORMAT_INVERTED ? 2 : (unsigned)mmu_w(r, MMU_W_world_roots);
    for (unsigned n = 0; n < f->roots; n++) {
        (void)mmu_fmt_add_table(r, root_addr(r, n), top, true, false);
        f->aux[n] = f->number == MMU_FORMAT_INVERTED ? 0 : draw_rows(r, top);
    }
    if (f->number == MMU_FORMAT_INVERTED) {
        place_inverted(r);
        return;
    }
    for (unsigned n = 0; n < f->roots; n++)
        add_rows(r, n, top, f->number == MMU_FORMAT_SEGMENT ? 2 : 1);
    if (inner)
        place_inner(r);
}

/* ---- rights and page rows -------------------------------------------------------------------------- */

static uint64_t rights(mmu_random_t *r)
{
    uint64_t word = P;

    if (mmu_fmt_percent(r, MMU_W_row_mode)) {
        word |= (uint64_t)mmu_draw(r, 8) << 2; /* all eight modes */
    } else if (mmu_fmt_percent(r, MMU_W_leaf_exec_only)) {
        word |= X;
    } else {
        word |= R;
        word |= mmu_fmt_percent(r, MMU_W_leaf_write) ? W : 0;
        word |= mmu_fmt_percent(r, MMU_W_leaf_exec) ? X : 0;
    }
    word |= mmu_fmt_percent(r, MMU_W_leaf_user) ? U : 0;
    word |= mmu_fmt_percent(r, MMU_W_leaf_accessed) ? A : 0;
    return word | (mmu_fmt_percent(r, MMU_W_leaf_dirty) ? D : 0);
}

/* PA as a row has it: from bit 12 up, PA[55:9]. */
static uint64_t framed(uint64_t pa)
{
    return pa >> MMU_PPN_LG << FRAME_SHIFT;
}

/* Bits that nobody looks at. */
static uint64_t ignored(mmu_random_t *r)
{
    return mmu_draw(r, 8) == 0 ? mmu_rng_next(&r->rng) & UINT64_C(0xf800000000000e00) : 0;
}

/* A kind of word: the weights entry.*, those that a page row or a segment's rights can be. */
static mmu_weight_e draw_kind(mmu_random_t *r, bool page)
{
    static const mmu_weight_e kinds[] = {MMU_W_entry_leaf,        MMU_W_entry_zero,  MMU_W_entry_invalid,
                                         MMU_W_entry_w_without_r, MMU_W_row_swapped, MMU_W_entry_misaligned};
    const unsigned count = page && r->slow.plg > MMU_PPN_LG ? 6 : 5;
    uint32_t sum = 0, at;

    if (r->fmt->clean)
        return MMU_W_entry_leaf;
    for (unsigned i = 0; i < count; i++)
        sum += (uint32_t)mmu_w(r, kinds[i]);
    at = mmu_draw(r, sum);
    for (unsigned i = 0; i < count; i++) {
        if (at < (uint32_t)mmu_w(r, kinds[i]))
            return kinds[i];
        at -= (uint32_t)mmu_w(r, kinds[i]);
    }
    return MMU_W_entry_leaf;
}

/* Rights as that kind has them, without a frame. */
static uint64_t rights_of(mmu_random_t *r, mmu_weight_e kind)
{
    uint64_t word = rights(r);

    if (kind <= MMU_W_entry_pbmt_reserved)
        mmu_cover_entry(r->cover, (unsigned)(kind - MMU_W_entry_leaf));
    switch (kind) {
    case MMU_W_entry_zero:
        return 0;
    case MMU_W_entry_invalid:
        return mmu_rng_next(&r->rng) & 0xfe;
    case MMU_W_entry_w_without_r:
        return (word & ~R) | W;
    case MMU_W_row_swapped:
        return (word & ~P) | SWAP;
    default:
        return word;
    }
}

static uint64_t page_row(mmu_random_t *r)
{
    const mmu_weight_e kind = draw_kind(r, true);
    uint64_t word = rights_of(r, kind);

    if (word == 0)
        return 0;
    word |= framed(mmu_fmt_page(r, r->slow.plg, MMU_PA_W)) | ignored(r);
    if (kind == MMU_W_entry_misaligned)
        word |= UINT64_C(1) << (FRAME_SHIFT + mmu_draw(r, (uint32_t)r->slow.plg - MMU_PPN_LG));
    return word;
}

/* ---- segments ---------------------------------------------------------------------------------------- */

/* SEG-1, word 0. */
static uint64_t segment_word0(mmu_random_t *r)
{
    uint64_t base = mmu_rng_next(&r->rng) & UINT32_MAX, limit;

    switch (mmu_draw(r, 4)) {
    case 0:
        limit = 65536;
        break;
    case 1:
        limit = mmu_draw(r, 8) == 0 ? 0x10001u + mmu_draw(r, 0xffff) : mmu_draw(r, 65);
        break;
    default:
        limit = mmu_draw(r, 65537);
        break;
    }
    if (mmu_draw(r, 8) == 0)
        base = UINT32_MAX;
    return limit << 32 | base;
}

static uint64_t segment_word1(mmu_random_t *r)
{
    uint64_t word = rights_of(r, draw_kind(r, false));

    return word == 0 ? 0 : word | (mmu_fmt_percent(r, MMU_W_row_down) ? DOWN : 0) | (ignored(r) & ~DOWN);
}

/* ---- inner tables ---------------------------------------------------------------------------------------- */

/* Where the inner table stands; a wrong place now and then. */
static uint64_t inner_addr(mmu_random_t *r, const mmu_cell_t *cell, unsigned bits)
{
    const mmu_fmt_table_t *to = mmu_fmt_target(r, 0, false);
    const uint32_t good = (uint32_t)mmu_w(r, MMU_W_entry_pointer),
                   out = (uint32_t)mmu_w(r, MMU_W_entry_pointer_out),
                   loop = (uint32_t)mmu_w(r, MMU_W_entry_loop);
    uint32_t at = r->fmt->clean ? 0 : mmu_draw(r, good + out + loop);
    uint64_t addr = to == NULL ? 0 : to->addr;

    if (at >= good + out) {
        mmu_cover_entry(r->cover, MMU_W_entry_loop - MMU_W_entry_leaf);
        addr = r->fmt->table[cell->table].addr;
    } else if (at >= good) {
        mmu_cover_entry(r->cover, MMU_W_entry_pointer_out - MMU_W_entry_leaf);
        addr = mmu_fmt_out(r, bits);
    } else {
        mmu_cover_entry(r->cover, MMU_W_entry_pointer - MMU_W_entry_leaf);
    }
    return addr;
}

static uint64_t directory_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    const mmu_weight_e kind = draw_kind(r, false);
    uint64_t addr = inner_addr(r, cell, MMU_PA_W);

    if (kind == MMU_W_entry_zero)
        return 0;
    if (kind == MMU_W_entry_invalid || kind == MMU_W_row_swapped)
        return rights_of(r, kind) | framed(addr);
    /* Only P counts. */
    return framed(addr) | P | (mmu_draw(r, 4) == 0 ? mmu_rng_next(&r->rng) & UINT64_C(0xffe) : 0);
}

/* SPG-1. */
static uint64_t segpage_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    const mmu_fmt_t *f = r->fmt;
    uint64_t word = rights_of(r, draw_kind(r, false)), addr = inner_addr(r, cell, 51), limit;

    limit = UINT64_C(1) << (22 - r->slow.plg);
    if (mmu_draw(r, 3) == 0) /* cuts at an index that addresses reach */
        limit = f->index[0][mmu_draw(r, f->indexes[0])] + (uint64_t)mmu_draw(r, 2);
    return word == 0 ? 0 : word | (limit & 0x3fff) << 8 | addr >> MMU_PPN_LG << 22;
}

/* ---- inverted tables -------------------------------------------------------------------------------------- */

static uint64_t link_word(unsigned row_and_1)
{
    return row_and_1 == 0 ? 0 : (uint64_t)(row_and_1 - 1) << 1 | 1;
}

/* A link that breaks its chain: to itself, to any row, beyond the table, or the end. */
static uint64_t broken_link(mmu_random_t *r, const mmu_cell_t *cell)
{
    const uint32_t rows = 1u << r->slow.rows_lg;

    switch (mmu_draw(r, 4)) {
    case 0:
        return link_word(cell->index + 1u);
    case 1:
        return link_word(mmu_draw(r, rows) + 1);
    case 2:
        return (uint64_t)(rows + (mmu_draw(r, 2) == 0 ? 0 : mmu_draw(r, UINT32_MAX - rows))) << 1 | 1;
    default:
        return mmu_rng_next(&r->rng) & ~UINT64_C(1);
    }
}

/* Whose page a row has: first word of it, which comes first when a table is built. */
static uint64_t match_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    mmu_fmt_t *f = r->fmt;
    const unsigned n = cell->table, row = cell->index, lg = r->slow.rows_lg, mask = (1u << lg) - 1;
    const mmu_space_t *space = &r->space[mmu_draw(r, r->spaces)];
    const uint16_t asid = (uint16_t)(space->asid & (0xffffu >> r->base.stage->opt->random.asid_bits_ignored));
    const uint64_t page = f->index[0][mmu_draw(r, f->indexes[0])];
    const unsigned anchor = (unsigned)(page ^ page >> lg ^ asid) & mask;

    if (row == 0)
        for (unsigned i = 0; i <= mask; i++)
            f->first[n][i] = 0;
    f->row_page[n][row] = (uint16_t)page;
    f->row_asid[n][row] = asid;
    f->next[n][row] = f->first[n][anchor];
    f->first[n][anchor] = (uint8_t)(row + 1);
    if (!f->clean && mmu_fmt_percent(r, MMU_W_row_unused))
        return page << 17 | (uint64_t)asid << 1;
    return page << 17 | (uint64_t)asid << 1 | 1;
}

static uint64_t inverted_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    const mmu_fmt_t *f = r->fmt;

    switch (cell->level) {
    case LEVEL_ROW:
        return page_row(r);
    case LEVEL_MATCH:
        return match_word(r, cell);
    default:
        if (!f->clean && mmu_fmt_percent(r, MMU_W_row_broken))
            return broken_link(r, cell);
        return link_word(cell->level == LEVEL_NEXT ? f->next[cell->table][cell->index]
                                                   : f->first[cell->table][cell->index]);
    }
}

/* The same row of another page, or not in use; the chains stay as they are. */
static uint64_t other_match(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word)
{
    const mmu_fmt_t *f = r->fmt;
    const uint64_t asid = f->row_asid[cell->table][cell->index], page = f->row_page[cell->table][cell->index];

    if (mmu_draw(r, 2) == 0)
        return page << 17 | asid << 1 | 1;
    if (mmu_draw(r, 2) == 0)
        return word ^ 1;
    return (uint64_t)f->index[0][mmu_draw(r, f->indexes[0])] << 17 | asid << 1 | 1;
}

/* ---- any word -------------------------------------------------------------------------------------------- */

uint64_t mmu_fmt_classic_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    switch (r->fmt->number) {
    case MMU_FORMAT_SEGMENT:
        return cell->level == 1 ? segment_word0(r) : segment_word1(r);
    case MMU_FORMAT_INVERTED:
        return inverted_word(r, cell);
    case MMU_FORMAT_DIRECTORY:
        return cell->level == 1 ? directory_word(r, cell) : page_row(r);
    case MMU_FORMAT_SEGPAGE:
        return cell->level == 1 ? segpage_word(r, cell) : page_row(r);
    default:
        return page_row(r);
    }
}

uint64_t mmu_fmt_classic_changed(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word)
{
    static const uint64_t rights_bits[] = {R, W, X, U}, ad[] = {A, D, A | D};
    const unsigned n = mmu_draw(r, 20);

    if (r->fmt->number == MMU_FORMAT_INVERTED && cell->level == LEVEL_MATCH)
        return other_match(r, cell, word);
    /* Words without rights. */
    if ((r->fmt->number == MMU_FORMAT_SEGMENT || r->fmt->number == MMU_FORMAT_DIRECTORY ||
         r->fmt->number == MMU_FORMAT_INVERTED) &&
        cell->level != 0)
        return mmu_fmt_classic_word(r, cell);
    if ((word & P) == 0 || n < 5)
        return mmu_fmt_classic_word(r, cell);
    if (n < 8)
        return (word & ~P) | (mmu_draw(r, 2) == 0 ? SWAP : 0);
    if (n < 14)
        return word & ~ad[mmu_draw(r, 3)];
    return word ^ rights_bits[mmu_draw(r, 4)];
}
