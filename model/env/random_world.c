/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The page tables: where they stand and what is written into them.
 *
 *       roots            a few a mode; each ASID has one of them
 *         │ private entries: differ from root to root       │ global entries: the same word in all roots
 *         ▼                                                 ▼
 *       private tables, shared at random                  global tables; only here G may be set
 *
 * So two translations of one page that are both global never differ from root to root, as the specification
 * asks of software (Priv 4.3.1, the G bit). The sixteen entries of a NAPOT page are always written
 * together, since a cached one may stand for its neighbours.
 */
#include "env/random.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

const mmu_paging_t mmu_pagings[MMU_ROWS] = {
    {MMU_W_mode_sv32, MMU_MODE_SV32, 2, 10, 2, 63, 22, 0},
    {MMU_W_mode_sv39, MMU_MODE_SV39, 3, 9, 3, 38, 44, 0},
    {MMU_W_mode_sv48, MMU_MODE_SV48, 4, 9, 3, 47, 44, 0},
    {MMU_W_mode_sv57, MMU_MODE_SV57, 5, 9, 3, 56, 44, 0},
    {MMU_W_gmode_sv32x4, MMU_MODE_SV32, 2, 10, 2, 63, 22, 2},
    {MMU_W_gmode_sv39x4, MMU_MODE_SV39, 3, 9, 3, 63, 44, 2},
    {MMU_W_gmode_sv48x4, MMU_MODE_SV48, 4, 9, 3, 63, 44, 2},
    {MMU_W_gmode_sv57x4, MMU_MODE_SV57, 5, 9, 3, 63, 44, 2},
    {MMU_W_vsmode_sv32, MMU_MODE_SV32, 2, 10, 2, 63, 22, 0},
    {MMU_W_vsmode_sv39, MMU_MODE_SV39, 3, 9, 3, 38, 44, 0},
    {MMU_W_vsmode_sv48, MMU_MODE_SV48, 4, 9, 3, 47, 44, 0},
    {MMU_W_vsmode_sv57, MMU_MODE_SV57, 5, 9, 3, 56, 44, 0},
};

enum { LEAST_FRAMES = 512, NEAR_FRAMES = 192 };

/* ---- places ---------------------------------------------------------------------------------- */

bool mmu_world_taken(const mmu_world_t *world, uint64_t addr)
{
    for (unsigned i = 0; i < world->tables; i++)
        if ((world->table[i].addr ^ addr) >> world->table[i].lg == 0)
            return true;
    return false;
}

/* A free frame: half of them side by side at the start of RAM, half anywhere that the mode reaches. */
uint64_t mmu_world_frame(mmu_random_t *r, const mmu_paging_t *paging)
{
    uint64_t base = mmu_mem_base(r->base.stage->mem);
    uint64_t frames = mmu_mem_size(r->base.stage->mem) >> 12;
    uint64_t reach = (UINT64_C(1) << paging->ppn_bits) - (base >> 12);
    uint64_t addr;

    if (frames > reach)
        frames = reach;
    do {
        uint64_t n = mmu_draw(r, 2) == 0 ? mmu_draw(r, NEAR_FRAMES) : mmu_rng_next(&r->rng) % frames;
        addr = base + (n << 12);
    } while (mmu_world_taken(&r->world, addr));
    return addr;
}

mmu_table_t *mmu_world_add(mmu_random_t *r, uint64_t addr, unsigned row, unsigned level, bool global)
{
    mmu_world_t *world = &r->world;
    mmu_table_t *table = &world->table[world->tables];

    assert(world->tables < MMU_WORLD_TABLES);
    *table = (mmu_table_t){
        .addr = addr, .paging = (uint8_t)row, .level = (uint8_t)level, .global = global, .lg = 12};
    if (level + 1u == mmu_pagings[row].levels)
        table->lg = (uint8_t)(12 + mmu_pagings[row].root_bits);
    world->tables++;
    return table;
}

static void add_table(mmu_random_t *r, unsigned paging, unsigned level, bool global)
{
    uint64_t addr = mmu_world_frame(r, &mmu_pagings[paging]);

    (void)mmu_world_add(r, addr, paging, level, global);
}

bool mmu_world_place(mmu_random_t *r, char *err, size_t n)
{
    const mmu_mem_t *mem = r->base.stage->mem;

    for (unsigned p = 0; p < MMU_WORLD_MODES; p++) {
        const mmu_paging_t *paging = &mmu_pagings[p];
        uint64_t top = UINT64_C(1) << (paging->ppn_bits + 12);

        if (mmu_w(r, paging->weight) == 0)
            continue;
        if (mmu_mem_size(mem) < (uint64_t)LEAST_FRAMES << 12 ||
            mmu_mem_base(mem) + ((uint64_t)LEAST_FRAMES << 12) > top) {
            snprintf(err, n,
                     "RAM 0x%" PRIx64 ":0x%" PRIx64 ": %s needs 2 MiB of RAM below 0x%" PRIx64
                     " for page tables",
                     mmu_mem_base(mem), mmu_mem_size(mem), mmu_random_weight(paging->weight)->name, top);
            return false;
        }
        for (int32_t i = 0; i < mmu_w(r, MMU_W_world_roots); i++)
            add_table(r, p, paging->levels - 1u, false);
        for (unsigned level = 0; level + 1 < paging->levels; level++) {
            for (int32_t i = 0; i < mmu_w(r, MMU_W_world_tables); i++)
                add_table(r, p, level, false);
            add_table(r, p, level, true);
        }
    }
    return !r->guests || mmu_gworld_place(r, err, n);
}

const mmu_table_t *mmu_world_target(mmu_random_t *r, unsigned paging, unsigned level, bool global)
{
    const mmu_world_t *world = &r->world;
    const mmu_table_t *found[MMU_WORLD_TABLES];
    unsigned count = 0;

    for (unsigned i = 0; i < world->tables; i++) {
        const mmu_table_t *t = &world->table[i];
        if (t->paging == paging && t->level == level && t->global == global && !t->window &&
            (t->bank == 0 || mmu_row_is_g(paging)))
            found[count++] = t;
    }
    return count == 0 ? NULL : found[mmu_draw(r, count)];
}

const mmu_table_t *mmu_world_find(const mmu_random_t *r, uint64_t addr, unsigned *index)
{
    for (unsigned i = 0; i < r->world.tables; i++) {
        const mmu_table_t *t = &r->world.table[i];
        if ((t->addr ^ addr) >> t->lg == 0) {
            *index = (unsigned)(addr - t->addr) >> mmu_pagings[t->paging].entry_lg;
            return t;
        }
    }
    return NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t word)
{
    unsigned lg = mmu_pagings[table->paging].entry_lg;
    mmu_op_t op = {.kind = MMU_OP_WORD,
                   .u.word = {.addr = table->addr + ((uint64_t)index << lg), .word = word, .wide = lg == 3}};
    size_t number = (size_t)(table - r->world.table);

    if (mmu_mem_read(r->base.stage->mem, op.u.word.addr, lg == 3) == word)
        return;
    if (word != 0)
        r->world.written[number][index / 64] |= UINT64_C(1) << (index % 64);
    else
        r->world.written[number][index / 64] &= ~(UINT64_C(1) << (index % 64));
    mmu_random_emit(r, &op);
}

/* N with the pattern of 64 KiB, in a valid entry: sixteen entries that stand for each other. */
static bool is_napot(const mmu_table_t *table, uint64_t word)
{
    return mmu_pagings[table->paging].entry_lg == 3 && (word >> 63) != 0 && (word & 1) != 0 &&
           (word >> 10 & 15) == 8;
}

void mmu_world_put(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t word)
{
    uint64_t addr = table->addr + ((uint64_t)index << mmu_pagings[table->paging].entry_lg);
    uint64_t old = mmu_mem_read(r->base.stage->mem, addr, mmu_pagings[table->paging].entry_lg == 3);

    if (is_napot(table, word) || is_napot(table, old))
        for (unsigned i = index & ~15u; i <= (index | 15u); i++)
            put(r, table, i, is_napot(table, word) || i == index ? word : 0);
    else
        put(r, table, index, word);
}

static bool is_global_entry(const mmu_random_t *r, const mmu_table_t *table, unsigned index)
{
    const uint16_t *global = r->world.geography[table->paging].global;

    return !mmu_row_is_g(table->paging) && table->level + 1u == mmu_pagings[table->paging].levels &&
           (index == global[0] || index == global[1]);
}

mmu_table_t mmu_world_view(mmu_random_t *r, const mmu_table_t *table, unsigned index)
{
    mmu_table_t view = *table;

    if (is_global_entry(r, table, index)) {
        /* One word for all roots, so a loop of it leads to the table below. */
        view.addr = mmu_world_target(r, table->paging, table->level - 1u, true)->addr;
        view.global = true;
    }
    return view;
}

/* True where the entry may change once more. */
static bool count_version(mmu_random_t *r, const mmu_table_t *table, unsigned index)
{
    mmu_versions_t *v = &r->world.versions[table - r->world.table][index];
    uint32_t epoch = r->world.epoch[mmu_row_stage(table->paging)];

    if (*v >> 3 != epoch)
        *v = epoch << 3;
    if ((int32_t)(*v & 7) >= mmu_w(r, MMU_W_write_versions))
        return false;
    ++*v;
    return true;
}

void mmu_world_put_roots(mmu_random_t *r, unsigned row, unsigned bank, unsigned index, uint64_t word)
{
    for (unsigned i = 0; i < r->world.tables; i++) {
        const mmu_table_t *t = &r->world.table[i];
        if (t->paging == row && t->bank == bank && t->level + 1u == mmu_pagings[row].levels)
            mmu_world_put(r, t, index, word);
    }
}

bool mmu_world_write(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t word)
{
    if (!count_version(r, table, index))
        return false;
    if (!is_global_entry(r, table, index)) {
        mmu_world_put(r, table, index, word);
        return true;
    }
    mmu_world_put_roots(r, table->paging, table->bank, index, word);
    return true;
}

/* ---- building -------------------------------------------------------------------------------- */

/* Indexes that meet in a set of 2, 16 or 128, that differ in one bit, that are neighbours. */
static const uint16_t steps[MMU_WORLD_INDEXES] = {0,  1, 256, 16,  128, 2,   64, 32,
                                                  15, 4, 8,   511, 17,  129, 3,  255};

void mmu_world_geography(mmu_random_t *r, unsigned row, const uint16_t base[MMU_WORLD_LEVELS])
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    mmu_geography_t *g = &r->world.geography[row];

    for (unsigned level = 0; level < paging->levels; level++) {
        unsigned bits = paging->vpn_bits + (level + 1u == paging->levels ? paging->root_bits : 0u);
        unsigned mask = (1u << bits) - 1;

        g->indexes[level] = 0;
        for (unsigned k = 0; k < MMU_WORLD_INDEXES && g->indexes[level] < mmu_w(r, MMU_W_world_indexes);
             k++) {
            unsigned index = (base[level] + steps[k]) & mask;
            if (index != g->global[0] && index != g->global[1])
                g->index[level][g->indexes[level]++] = (uint16_t)index;
        }
    }
}

static void draw_geography(mmu_random_t *r, unsigned p)
{
    const mmu_paging_t *paging = &mmu_pagings[p];
    mmu_geography_t *g = &r->world.geography[p];
    unsigned mask = (1u << paging->vpn_bits) - 1;
    unsigned half = (mask + 1) / 2;
    uint16_t bases[MMU_WORLD_LEVELS] = {0};

    g->global[0] = (uint16_t)mmu_draw(r, half);
    g->global[1] = (uint16_t)(half + mmu_draw(r, half));
    for (unsigned level = 0; level < paging->levels; level++) {
        unsigned base = mmu_draw(r, mask + 1);

        if (mmu_draw(r, 4) == 0)
            base = mmu_draw(r, 2) == 0 ? 0 : mask;
        bases[level] = (uint16_t)base;
    }
    mmu_world_geography(r, p, bases);
}

static void clear(mmu_random_t *r)
{
    mmu_world_t *world = &r->world;

    for (unsigned i = 0; i < world->tables; i++)
        for (unsigned k = 0; k < MMU_WORLD_ENTRIES / 64; k++)
            for (uint64_t left = world->written[i][k]; left != 0; left &= left - 1)
                put(r, &world->table[i], 64 * k + (unsigned)__builtin_ctzll(left), 0);
}

void mmu_world_build_table(mmu_random_t *r, const mmu_table_t *table)
{
    const mmu_geography_t *g = &r->world.geography[table->paging];

    for (unsigned i = 0; i < g->indexes[table->level]; i++)
        mmu_world_put(r, table, g->index[table->level][i], mmu_entry_draw(r, table, table->level));
    /* A table that points to itself is read one level lower, too. */
    if (table->level > 0 && !r->world.clean)
        mmu_world_put(r, table, g->index[table->level - 1][0], mmu_entry_draw(r, table, table->level - 1u));
}

/* All roots get the same words. */
static void build_global(mmu_random_t *r, unsigned p)
{
    unsigned top = mmu_pagings[p].levels - 1u;

    for (unsigned k = 0; k < MMU_WORLD_GLOBALS; k++) {
        unsigned index = r->world.geography[p].global[k];
        mmu_table_t view = mmu_world_view(r, mmu_world_target(r, p, top, false), index);
        mmu_world_put_roots(r, p, 0, index, mmu_entry_draw(r, &view, top));
    }
}

void mmu_world_build(mmu_random_t *r)
{
    mmu_world_t *world = &r->world;

    clear(r);
    world->clean = mmu_chance(r, MMU_W_world_clean, 100);
    for (unsigned p = 0; p < MMU_WORLD_MODES; p++)
        if (mmu_w(r, mmu_pagings[p].weight) > 0)
            draw_geography(r, p);
    for (unsigned i = 0; i < world->tables; i++)
        if (world->table[i].paging < MMU_WORLD_MODES)
            mmu_world_build_table(r, &world->table[i]);
    for (unsigned p = 0; p < MMU_WORLD_MODES; p++)
        if (mmu_w(r, mmu_pagings[p].weight) > 0)
            build_global(r, p);
    if (r->guests)
        mmu_gworld_build(r);
}
