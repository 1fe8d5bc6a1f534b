/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Page tables of virtual machines. Guest page tables stand in guest physical memory, one or two banks of it, which
 * the G stage's tables lead to:
 *
 *     vsatp ── guest physical ──┐                         bank 0: VS tables, 2 MiB
 *                               ├─ a G root's window ───► bank 1: others at the same guest addresses,
 *     entries of VS tables ─────┘   (per root)                    1 GiB above
 *     leaves of VS tables ───────── other G entries ───► anywhere
 *
 * So two machines may use the same guest addresses and mean different words. The window is a chain of tables or
 * a superpage; a few of its entries lack rights, A, D or more, so that reads and A/D updates of VS entries fault.
 * Rows of mmu_pagings with the same number of index bits share indexes, so that small pages of one stage meet
 * large ones of the other.
 */
#include "env/random.h"

#include <assert.h>
#include <inttypes.h>

#define PTE_LEAF_ALL UINT64_C(0xdf) /* V, R, W, X, U, A, D */
#define GIB UINT64_C(0x40000000)
#define BANK_SIZE UINT64_C(0x200000)

enum { BANK_FRAMES = 512, G_ROOT_FRAMES = 4, MOST_WINDOW = 16 };

bool mmu_row_on(const mmu_random_t *r, unsigned row)
{
    return mmu_w(r, mmu_pagings[row].weight) > 0;
}

static unsigned shift_of(unsigned row, unsigned level)
{
    return 12u + mmu_pagings[row].vpn_bits * level;
}

/* ---- places ---------------------------------------------------------------------------------- */

static bool place_banks(mmu_random_t *r, char *err, size_t n)
{
    const mmu_mem_t *mem = r->base.stage->mem;
    uint64_t base = mmu_mem_base(mem), size = mmu_mem_size(mem);
    uint64_t first = ((base + 0x3fffff) & ~UINT64_C(0x3fffff)) + 0x400000;
    uint64_t most = mmu_row_on(r, MMU_ROW_G) || mmu_row_on(r, MMU_ROW_VS) ? UINT64_C(1) << 34 : MMU_PA_MASK;

    if (first + BANK_SIZE - base > size || first + BANK_SIZE > most) {
        snprintf(err, n,
                 "RAM 0x%" PRIx64 ":0x%" PRIx64 ": virtual machines need 16 MiB of RAM below 0x%" PRIx64
                 " for page tables",
                 base, size, most);
        return false;
    }
    r->world.bank[0] = first;
    r->world.bank[1] = first + GIB;
    r->world.banks = first + GIB + BANK_SIZE - base > size || first + GIB + BANK_SIZE > most ? 1 : 2;
    return true;
}

/* The same frame of each bank. */
static void add_guest_table(mmu_random_t *r, unsigned row, unsigned level, bool global)
{
    uint64_t offset;

    do
        offset = (uint64_t)mmu_draw(r, BANK_FRAMES) << 12;
    while (mmu_world_taken(&r->world, r->world.bank[0] + offset) ||
           mmu_world_taken(&r->world, r->world.bank[1] + offset));
    for (unsigned bank = 0; bank < r->world.banks; bank++)
        mmu_world_add(r, r->world.bank[bank] + offset, row, level, global)->bank = (uint8_t)bank;
}

static uint64_t root_frames(mmu_random_t *r, unsigned row)
{
    bool good;
    uint64_t addr;

    do {
        addr = mmu_world_frame(r, &mmu_pagings[row]) & ~UINT64_C(0x3fff);
        good = mmu_mem_is_ram(r->base.stage->mem, addr, G_ROOT_FRAMES * 4096);
        for (unsigned i = 0; i < G_ROOT_FRAMES; i++)
            good = good && !mmu_world_taken(&r->world, addr + 4096ull * i);
    } while (!good);
    return addr;
}

static void place_g(mmu_random_t *r, unsigned row)
{
    unsigned top = mmu_pagings[row].levels - 1u;

    for (int32_t i = 0; i < mmu_w(r, MMU_W_world_roots); i++) {
        uint64_t addr = root_frames(r, row);
        mmu_world_add(r, addr, row, top, false)->bank = (uint8_t)((unsigned)i % r->world.banks);
    }
    for (unsigned level = 0; level < top; level++) {
        for (int32_t i = 0; i < mmu_w(r, MMU_W_world_tables); i++)
            (void)mmu_world_add(r, mmu_world_frame(r, &mmu_pagings[row]), row, level, false);
        for (unsigned bank = 0; bank < r->world.banks; bank++) {
            uint64_t addr = mmu_world_frame(r, &mmu_pagings[row]);
            mmu_table_t *table = mmu_world_add(r, addr, row, level, false);
            table->window = true;
            table->bank = (uint8_t)bank;
        }
    }
}

static void place_vs(mmu_random_t *r, unsigned row)
{
    unsigned top = mmu_pagings[row].levels - 1u;

    for (int32_t i = 0; i < mmu_w(r, MMU_W_world_roots); i++)
        add_guest_table(r, row, top, false);
    for (unsigned level = 0; level < top; level++) {
        for (int32_t i = 0; i < mmu_w(r, MMU_W_world_tables); i++)
            add_guest_table(r, row, level, false);
        add_guest_table(r, row, level, true);
    }
}

bool mmu_gworld_place(mmu_random_t *r, char *err, size_t n)
{
    if (!place_banks(r, err, n))
        return false;
    for (unsigned row = MMU_ROW_VS; row < MMU_ROWS; row++)
        if (mmu_row_on(r, row))
            place_vs(r, row);
    for (unsigned row = MMU_ROW_G; row < MMU_ROW_VS; row++)
        if (mmu_row_on(r, row))
            place_g(r, row);
    return true;
}

uint64_t mmu_guest_addr(const mmu_random_t *r, uint64_t addr)
{
    return r->world.window << 30 | (addr & (GIB - 1));
}

/* ---- the window ------------------------------------------------------------------------------ */

static const mmu_table_t *window_table(const mmu_random_t *r, unsigned row, unsigned level, unsigned bank)
{
    for (unsigned i = 0; i < r->world.tables; i++) {
        const mmu_table_t *t = &r->world.table[i];
        if (t->window && t->paging == row && t->level == level && t->bank == bank)
            return t;
    }
    return NULL;
}

/* A leaf of the right page, or what makes the walk of a guest page table fault. */
static uint64_t window_leaf(mmu_random_t *r, unsigned row, unsigned level, uint64_t page)
{
    static const uint64_t lacks[] = {0x04, 0x08, 0x40, 0x80, 0x06, 0x10, 0x01};
    uint64_t word = PTE_LEAF_ALL | page >> 12 << 10 | (uint64_t)mmu_draw(r, 4) << 8;
    bool wide = mmu_pagings[row].entry_lg == 3;

    word &= mmu_chance(r, MMU_W_gleaf_accessed, 100) ? ~UINT64_C(0) : ~UINT64_C(0x40);
    word &= mmu_chance(r, MMU_W_gleaf_dirty, 100) ? ~UINT64_C(0) : ~UINT64_C(0x80);
    if (mmu_chance(r, MMU_W_window_good, 100))
        return word;
    switch (mmu_draw(r, 4)) {
    case 0:
        if (wide && level == 0) /* the same pages, sixteen in one */
            return (word & ~(UINT64_C(15) << 10)) | UINT64_C(8) << 10 | UINT64_C(1) << 63;
        return word;
    case 1:
        return wide ? word | (uint64_t)(1 + mmu_draw(r, 2)) << 61 : word;
    default: /* without W, X, A, D; in tables that need not be good without R and W, U, V as well */
        return word & ~lacks[mmu_draw(r, r->world.clean ? 4 : 7)];
    }
}

static uint64_t window_word(mmu_random_t *r, unsigned row, unsigned level, unsigned bank, unsigned index)
{
    unsigned shift = shift_of(row, level);
    uint64_t page = r->world.bank[bank];
    const mmu_table_t *below;

    if (level == 0) {
        page = (page & ~((UINT64_C(1) << shift_of(row, 1)) - 1)) | (uint64_t)index << 12;
        return window_leaf(r, row, 0, page);
    }
    /* Larger pages than 1 GiB would lead elsewhere. */
    if (shift <= 30 && mmu_chance(r, MMU_W_window_super, 100))
        return window_leaf(r, row, level, page & ~((UINT64_C(1) << shift) - 1));
    below = window_table(r, row, level - 1, bank);
    assert(below != NULL);
    return 1 | below->addr >> 12 << 10;
}

bool mmu_window_entry(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t *word)
{
    unsigned row = table->paging;
    uint64_t gpa = mmu_guest_addr(r, r->world.bank[table->bank]);
    bool root = mmu_row_is_g(row) && table->level + 1u == mmu_pagings[row].levels;

    if (!table->window && !root)
        return false;
    if (table->level > 0 && index != mmu_va_index(row, gpa, table->level))
        return false;
    *word = window_word(r, row, table->level, table->bank, index);
    return true;
}

static void build_window_entry(mmu_random_t *r, const mmu_table_t *table, uint64_t gpa)
{
    unsigned index = mmu_va_index(table->paging, gpa, table->level);

    mmu_world_put(r, table, index, window_word(r, table->paging, table->level, table->bank, index));
}

static void build_window(mmu_random_t *r, const mmu_table_t *table)
{
    if (table->level > 0) {
        build_window_entry(r, table, mmu_guest_addr(r, r->world.bank[table->bank]));
        return;
    }
    for (unsigned i = 0; i < r->world.tables; i++)
        if (mmu_row_is_vs(r->world.table[i].paging) && r->world.table[i].bank == table->bank)
            build_window_entry(r, table, mmu_guest_addr(r, r->world.table[i].addr));
}

/* ---- building -------------------------------------------------------------------------------- */

/* One base for each level, of rows of 9 bits and of those of 10. */
static void draw_bases(mmu_random_t *r, uint16_t base[MMU_WORLD_LEVELS])
{
    for (unsigned level = 0; level < MMU_WORLD_LEVELS; level++) {
        base[level] = (uint16_t)mmu_draw(r, 1024);
        if (mmu_draw(r, 4) == 0)
            base[level] = mmu_draw(r, 2) == 0 ? 0 : 0xffff;
    }
}

static void draw_rows(mmu_random_t *r)
{
    uint16_t bases[2][MMU_WORLD_LEVELS], base[MMU_WORLD_LEVELS];

    draw_bases(r, bases[0]);
    draw_bases(r, bases[1]);
    for (unsigned row = MMU_ROW_G; row < MMU_ROWS; row++) {
        const mmu_paging_t *paging = &mmu_pagings[row];
        mmu_geography_t *g = &r->world.geography[row];
        unsigned top = paging->levels - 1u, half = 1u << (paging->vpn_bits - 1);
        unsigned window = mmu_va_index(row, mmu_guest_addr(r, r->world.bank[0]), top);

        g->global[0] = (uint16_t)(mmu_row_is_g(row) ? window : mmu_draw(r, half));
        g->global[1] = (uint16_t)(mmu_row_is_g(row) ? window : half + mmu_draw(r, half));
        for (unsigned level = 0; level < MMU_WORLD_LEVELS; level++) {
            base[level] = bases[paging->vpn_bits == 10][level];
            /* Guest physical addresses that entries of 4 bytes reach. */
            if (mmu_row_is_g(row) && level >= 2 && mmu_draw(r, 2) == 0)
                base[level] = level > 2 ? 0 : base[level] & 15;
        }
        mmu_world_geography(r, row, base);
    }
}

static void draw_partners(mmu_random_t *r)
{
    for (unsigned k = 0; k < MMU_WORLD_MODES; k++) {
        unsigned row = mmu_draw_share(r, MMU_W_gmode_sv32x4, MMU_WORLD_MODES);
        r->world.partner[k] = (uint8_t)(row < MMU_WORLD_MODES ? MMU_ROW_G + row : MMU_NO_PAGING);
    }
}

static void build_globals(mmu_random_t *r, unsigned row)
{
    unsigned top = mmu_pagings[row].levels - 1u;

    for (unsigned bank = 0; bank < r->world.banks; bank++)
        for (unsigned k = 0; k < MMU_WORLD_GLOBALS; k++) {
            unsigned index = r->world.geography[row].global[k];
            mmu_table_t view = mmu_world_view(r, mmu_world_target(r, row, top, false), index);
            mmu_world_put_roots(r, row, bank, index, mmu_entry_draw(r, &view, top));
        }
}

void mmu_gworld_build(mmu_random_t *r)
{
    mmu_world_t *world = &r->world;

    world->window = 1 + mmu_draw(r, MOST_WINDOW - 1);
    if (mmu_draw(r, 4) == 0 && world->bank[0] >> 30 < MOST_WINDOW)
        world->window = world->bank[0] >> 30;
    draw_rows(r);
    draw_partners(r);
    for (unsigned i = 0; i < world->tables; i++) {
        const mmu_table_t *table = &world->table[i];
        if (table->paging < MMU_WORLD_MODES)
            continue;
        if (table->window) {
            build_window(r, table);
            continue;
        }
        mmu_world_build_table(r, table);
        if (mmu_row_is_g(table->paging) && table->level + 1u == mmu_pagings[table->paging].levels)
            build_window_entry(r, table, mmu_guest_addr(r, world->bank[table->bank]));
    }
    for (unsigned row = MMU_ROW_VS; row < MMU_ROWS; row++)
        if (mmu_row_on(r, row))
            build_globals(r, row);
}

/* ---- guest physical addresses ---------------------------------------------------------------- */

static uint64_t any_guest_table(mmu_random_t *r)
{
    uint64_t offset = (uint64_t)mmu_draw(r, BANK_FRAMES) << 12;

    for (unsigned i = 0; i < 4; i++) {
        const mmu_table_t *t = &r->world.table[mmu_draw(r, r->world.tables)];
        if (mmu_row_is_vs(t->paging))
            return mmu_guest_addr(r, t->addr);
    }
    return mmu_guest_addr(r, r->world.bank[0] + offset);
}

/* A G stage's row, most often the one that machines of this VS row have. */
static unsigned partner_of(mmu_random_t *r, unsigned row)
{
    unsigned partner = r->world.partner[row - MMU_ROW_VS];

    if (mmu_draw(r, 8) == 0) {
        unsigned other = mmu_draw_share(r, MMU_W_gmode_sv32x4, MMU_WORLD_MODES);
        partner = other < MMU_WORLD_MODES ? MMU_ROW_G + other : MMU_NO_PAGING;
    }
    return partner;
}

uint64_t mmu_guest_page(mmu_random_t *r, unsigned row, unsigned level)
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    uint64_t mask = (UINT64_C(1) << paging->ppn_bits) - 1;
    uint64_t low = (UINT64_C(1) << paging->vpn_bits * level) - 1;
    unsigned g = partner_of(r, row);
    uint64_t gpa;

    if (mmu_chance(r, MMU_W_gpa_out, 100))
        return mmu_rng_next(&r->rng) & mask & ~low;
    if (g == MMU_NO_PAGING || mmu_chance(r, MMU_W_gpa_tables, 100))
        return any_guest_table(r) >> 12 & mask & ~low;
    gpa = mmu_va_draw(r, g);
    for (unsigned i = 0; i < 8 && (gpa >> 12 & ~mask) != 0; i++)
        gpa = mmu_va_draw(r, g);
    return gpa >> 12 & mask & ~low;
}

uint64_t mmu_guest_bare_page(mmu_random_t *r, unsigned row)
{
    if (mmu_chance(r, MMU_W_gpa_out, 100))
        return mmu_va_noncanonical(r, row, mmu_va_draw(r, row));
    if (mmu_chance(r, MMU_W_gpa_tables, 100))
        return any_guest_table(r);
    return mmu_va_draw(r, row);
}
