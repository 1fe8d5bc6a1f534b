/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random x86 tables (docs/microarchitecture.md, X86-2 to X86-10), by the weights entry.*, leaf.* and x86.*.
 */
#include "env/random_fmt.h"

#define P UINT64_C(0x001)
#define RW UINT64_C(0x002)
#define US UINT64_C(0x004)
#define PCD UINT64_C(0x010)
#define A UINT64_C(0x020)
#define D UINT64_C(0x040)
#define PS UINT64_C(0x080)
#define G UINT64_C(0x100)
#define NX (UINT64_C(1) << 63)
#define PA_BITS ((UINT64_C(1) << 52) - 1)

enum { NEAR_FRAMES = 192 };

static bool wide(const mmu_random_t *r)
{
    return r->fmt->mode != MMU_X86_2LEVEL;
}

static unsigned page_lg(const mmu_random_t *r, unsigned level)
{
    return 12 + (wide(r) ? 9 : 10) * level;
}

/* May a word of this level be a leaf? (X86-6) */
static bool may_be_large(const mmu_random_t *r, unsigned level)
{
    return level == 1 || (level == 2 && r->fmt->mode >= MMU_X86_PML4);
}

static bool is_pdpte(const mmu_random_t *r, unsigned level)
{
    return r->fmt->mode == MMU_X86_PAE && level == 2;
}

/* ---- places ------------------------------------------------------------------------------------ */

/* A free frame below 4 GiB: half of them side by side. */
static uint64_t frame(mmu_random_t *r)
{
    const mmu_fmt_t *f = r->fmt;
    const uint64_t base = mmu_mem_base(r->base.stage->mem);

    for (;;) {
        uint64_t n = mmu_draw(r, 2) == 0 ? mmu_draw(r, NEAR_FRAMES) : mmu_draw(r, 1u << 18);
        uint64_t addr = base + (n << 12);
        unsigned i = 0;
        while (i < f->tables && (f->table[i].addr ^ addr) >> 12 != 0)
            i++;
        if (i == f->tables)
            return addr;
    }
}

static void add_cells(mmu_random_t *r, unsigned table)
{
    mmu_fmt_t *f = r->fmt;
    const mmu_fmt_table_t *t = &f->table[table];
    const unsigned lg = wide(r) ? 3 : 2;

    for (unsigned i = 0; i < f->indexes[t->level]; i++)
        mmu_fmt_add_cell(r, t->addr + ((uint64_t)f->index[t->level][i] << lg), t->level, table,
                         f->index[t->level][i], wide(r), false);
    for (unsigned i = 0; t->root && i < f->shareds; i++)
        mmu_fmt_add_cell(r, t->addr + ((uint64_t)f->shared[i] << lg), t->level, table, f->shared[i], wide(r),
                         true);
}

static void place_root(mmu_random_t *r)
{
    mmu_fmt_t *f = r->fmt;
    uint64_t at = frame(r);

    f->aux[f->roots] = 0;
    if (f->mode == MMU_X86_PAE) {
        f->aux[f->roots] = mmu_draw(r, 128);
        at += f->aux[f->roots] * 32;
    }
    (void)mmu_fmt_add_table(r, at, f->mode, true, false);
    f->roots++;
}

void mmu_fmt_x86_place(mmu_random_t *r)
{
    mmu_fmt_t *f = r->fmt;
    const unsigned root_size = 1u << mmu_fmt_bits(r, f->mode);

    f->shareds = f->mode == MMU_X86_PAE ? 1 : 2;
    f->shared[0] = (uint16_t)mmu_draw(r, root_size / 2);
    f->shared[1] = (uint16_t)(root_size / 2 + mmu_draw(r, root_size / 2));
    for (unsigned level = 0; level <= f->mode; level++)
        mmu_fmt_draw_indexes(r, level, (unsigned)mmu_w(r, MMU_W_world_indexes), 1u << mmu_fmt_bits(r, level));
    for (int32_t i = 0; i < mmu_w(r, MMU_W_world_roots); i++)
        place_root(r);
    for (unsigned level = 0; level < f->mode; level++)
        for (int32_t i = 0; i <= mmu_w(r, MMU_W_world_tables); i++)
            (void)mmu_fmt_add_table(r, frame(r), level, false, i == 0);
    for (unsigned i = 0; i < f->tables; i++)
        add_cells(r, i);
}

/* ---- words --------------------------------------------------------------------------------------- */

/* Bits that nobody looks at: AVL, PCD, in 4- and 5-level 58:52. */
static uint64_t ignored(mmu_random_t *r)
{
    uint64_t bits = mmu_draw(r, 8) == 0 ? mmu_rng_next(&r->rng) : 0;

    return bits & (PCD | UINT64_C(0xe00) | (r->fmt->mode >= MMU_X86_PML4 ? UINT64_C(0x7f) << 52 : 0));
}

static uint64_t no_exec(mmu_random_t *r, mmu_weight_e exec)
{
    if (!wide(r) || mmu_fmt_percent(r, exec))
        return 0;
    return r->slow.nxe || mmu_draw(r, 10) == 0 ? NX : 0;
}

static uint64_t leaf(mmu_random_t *r, const mmu_cell_t *cell)
{
    const unsigned lg = page_lg(r, cell->level), maxpa = r->slow.maxpa;
    const bool global = r->fmt->table[cell->table].global || cell->shared;
    uint64_t word = P | ignored(r), pa;

    word |= mmu_fmt_percent(r, MMU_W_leaf_write) ? RW : 0;
    word |= mmu_fmt_percent(r, MMU_W_leaf_user) ? US : 0;
    word |= mmu_fmt_percent(r, MMU_W_leaf_accessed) ? A : 0;
    word |= mmu_fmt_percent(r, MMU_W_leaf_dirty) ? D : 0;
    word |= mmu_fmt_percent(r, global ? MMU_W_leaf_global : MMU_W_leaf_global_wild) ? G : 0;
    word |= no_exec(r, MMU_W_leaf_exec);
    if (cell->level > 0)
        word |= PS;
    if (wide(r))
        return word | mmu_fmt_page(r, lg, maxpa);
    pa = mmu_fmt_page(r, lg, lg == 12 ? 32 : maxpa < 40 ? maxpa : 40);
    return word | (pa & UINT32_MAX) | pa >> 32 << 13;
}

static uint64_t pointer_to(mmu_random_t *r, const mmu_cell_t *cell, uint64_t addr)
{
    uint64_t word = P | ignored(r) | (addr & ~UINT64_C(0xfff));

    if (is_pdpte(r, cell->level)) /* bits 8:5 and 2:1 are not looked at */
        return word | (mmu_draw(r, 4) == 0 ? mmu_rng_next(&r->rng) & UINT64_C(0x1e6) : 0);
    word |= mmu_fmt_percent(r, MMU_W_x86_pointer_write) ? RW : 0;
    word |= mmu_fmt_percent(r, MMU_W_x86_pointer_user) ? US : 0;
    word |= mmu_fmt_percent(r, MMU_W_x86_pointer_accessed) ? A : 0;
    word |= mmu_draw(r, 4) == 0 ? D : 0;
    return word | no_exec(r, MMU_W_x86_pointer_exec);
}

static uint64_t pointer(mmu_random_t *r, const mmu_cell_t *cell)
{
    const bool global = r->fmt->table[cell->table].global || cell->shared;
    const mmu_fmt_table_t *to = mmu_fmt_target(r, cell->level - 1u, global);

    return to == NULL ? 0 : pointer_to(r, cell, to->addr);
}

/* A good word with a reserved bit (X86-5). */
static uint64_t reserved(mmu_random_t *r, const mmu_cell_t *cell)
{
    const bool large = may_be_large(r, cell->level) && mmu_draw(r, 2) == 0;
    uint64_t word = cell->level == 0 || large ? leaf(r, cell) : pointer(r, cell);

    if (!wide(r))
        return cell->level == 1 ? leaf(r, cell) | UINT64_C(1) << (mmu_draw(r, 2) == 0 ? 21 : 20) : word;
    switch (mmu_draw(r, 3)) {
    case 0:
        return cell->level >= 3 ? word | PS : word | NX;
    case 1:
        return r->fmt->mode == MMU_X86_PAE ? word | UINT64_C(1) << (52 + mmu_draw(r, 11)) : word | NX;
    default:
        if (r->slow.maxpa >= 52)
            return word | NX;
        return word | UINT64_C(1) << (r->slow.maxpa + mmu_draw(r, 52u - r->slow.maxpa));
    }
}

static uint64_t misaligned(mmu_random_t *r, const mmu_cell_t *cell)
{
    if (!wide(r))
        return leaf(r, cell) | UINT64_C(1) << 21;
    return leaf(r, cell) | UINT64_C(1) << (13 + mmu_draw(r, page_lg(r, cell->level) - 13));
}

static uint64_t fitting(const mmu_random_t *r, uint64_t word)
{
    return wide(r) ? word : word & UINT32_MAX;
}

/* The weight of a kind where it may stand; else 0. */
static uint32_t share(const mmu_random_t *r, const mmu_cell_t *cell, mmu_weight_e kind)
{
    const bool low = cell->level == 0, large = may_be_large(r, cell->level);
    bool can = false;

    switch (kind) {
    case MMU_W_entry_leaf:
        can = low;
        break;
    case MMU_W_entry_super:
        can = large;
        break;
    case MMU_W_entry_pointer:
        can = !low;
        break;
    case MMU_W_entry_zero:
    case MMU_W_entry_invalid:
    case MMU_W_entry_reserved:
        can = !r->fmt->clean;
        break;
    case MMU_W_entry_misaligned:
        can = large && !r->fmt->clean;
        break;
    case MMU_W_entry_pointer_out:
    case MMU_W_entry_loop:
        can = !low && !r->fmt->clean;
        break;
    default:
        break;
    }
    return can ? (uint32_t)mmu_w(r, kind) : 0;
}

static uint64_t make(mmu_random_t *r, const mmu_cell_t *cell, mmu_weight_e kind)
{
    uint64_t out;

    switch (kind) {
    case MMU_W_entry_leaf:
    case MMU_W_entry_super:
        return leaf(r, cell);
    case MMU_W_entry_pointer:
        return pointer(r, cell);
    case MMU_W_entry_invalid:
        return mmu_rng_next(&r->rng) & ~P;
    case MMU_W_entry_reserved:
        return reserved(r, cell);
    case MMU_W_entry_misaligned:
        return misaligned(r, cell);
    case MMU_W_entry_pointer_out:
        out = mmu_fmt_out(r, wide(r) ? r->slow.maxpa : 32);
        return out == 0 ? 0 : pointer_to(r, cell, out);
    case MMU_W_entry_loop: /* no root leads to itself where all roots must agree */
        return cell->shared ? 0 : pointer_to(r, cell, r->fmt->table[cell->table].addr);
    default:
        return 0;
    }
}

uint64_t mmu_fmt_x86_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    uint32_t sum = 0, at;

    for (unsigned i = 0; i < MMU_ENTRY_KINDS; i++)
        sum += share(r, cell, (mmu_weight_e)(MMU_W_entry_leaf + i));
    if (sum == 0)
        return 0;
    at = mmu_draw(r, sum);
    for (unsigned i = 0;; i++) {
        uint32_t s = share(r, cell, (mmu_weight_e)(MMU_W_entry_leaf + i));
        if (at < s) {
            mmu_cover_entry(r->cover, i);
            return fitting(r, make(r, cell, (mmu_weight_e)(MMU_W_entry_leaf + i)));
        }
        at -= s;
    }
}

uint64_t mmu_fmt_x86_changed(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word)
{
    static const uint64_t rights[] = {RW, US, RW | US, NX}, ad[] = {A, D, A | D};
    const unsigned n = mmu_draw(r, 20);

    if ((word & P) == 0 || is_pdpte(r, cell->level) || n < 5)
        return mmu_fmt_x86_word(r, cell);
    if (n < 7)
        return word & ~P;
    if (n < 14) /* as software does that looks for pages in use */
        return word & ~ad[mmu_draw(r, 3)];
    return fitting(r, word ^ rights[mmu_draw(r, r->slow.nxe ? 4 : 3)]);
}
