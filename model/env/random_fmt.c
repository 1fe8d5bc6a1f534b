/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Formats other than riscv: cells, slow registers, address spaces, contexts, drains.
 */
#include "env/random_fmt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Tables and what they reach stand in so many bytes from the start of RAM. */
#define LEAST_RAM (UINT64_C(1) << 30)

/* ---- tables and cells -------------------------------------------------------------------------- */

unsigned mmu_fmt_add_table(mmu_random_t *r, uint64_t addr, unsigned level, bool root, bool global)
{
    mmu_fmt_t *f = r->fmt;

    assert(f->tables < MMU_FMT_TABLES);
    f->table[f->tables] =
        (mmu_fmt_table_t){.addr = addr, .level = (uint8_t)level, .root = root, .global = global};
    return f->tables++;
}

void mmu_fmt_add_cell(mmu_random_t *r, uint64_t addr, unsigned level, unsigned table, unsigned index,
                      bool wide, bool shared)
{
    mmu_fmt_t *f = r->fmt;

    assert(f->cells < MMU_FMT_CELLS);
    f->cell[f->cells++] = (mmu_cell_t){.addr = addr,
                                       .level = (uint8_t)level,
                                       .table = (uint8_t)table,
                                       .index = (uint16_t)index,
                                       .wide = wide,
                                       .shared = shared};
}

static bool has_index(const mmu_fmt_t *f, unsigned level, unsigned count, unsigned index)
{
    for (unsigned i = 0; i < count; i++)
        if (f->index[level][i] == index)
            return true;
    return false;
}

/* Indexes that meet in a set of usual arrays, that differ in one bit, that are neighbours; below `limit`. */
void mmu_fmt_draw_indexes(mmu_random_t *r, unsigned level, unsigned count, unsigned limit)
{
    static const uint16_t steps[MMU_FMT_INDEXES] = {0,  1,   256, 16,  128, 2, 64, 32,  15, 4,  8,   511,
                                                    17, 129, 3,   255, 5,   6, 7,  512, 48, 24, 192, 1023};
    mmu_fmt_t *f = r->fmt;
    unsigned base = mmu_draw(r, limit), n = 0;

    if (mmu_draw(r, 4) == 0)
        base = mmu_draw(r, 2) == 0 ? 0 : limit - 1;
    for (unsigned k = 0; k < MMU_FMT_INDEXES && n < count; k++) {
        unsigned index = (base + steps[k]) % limit;
        bool shared = (f->shareds > 0 && index == f->shared[0]) || (f->shareds > 1 && index == f->shared[1]);
        if (!shared && !has_index(f, level, n, index))
            f->index[level][n++] = (uint16_t)index;
    }
    f->indexes[level] = n;
}

const mmu_fmt_table_t *mmu_fmt_target(mmu_random_t *r, unsigned level, bool global)
{
    const mmu_fmt_t *f = r->fmt;
    const mmu_fmt_table_t *found[MMU_FMT_TABLES];
    unsigned count = 0;

    for (unsigned i = 0; i < f->tables; i++)
        if (f->table[i].level == level && !f->table[i].root && f->table[i].global == global)
            found[count++] = &f->table[i];
    return count == 0 ? NULL : found[mmu_draw(r, count)];
}

uint64_t mmu_fmt_page(mmu_random_t *r, unsigned lg, unsigned bits)
{
    uint64_t pa;

    switch (mmu_draw(r, 4)) {
    case 0:
        pa = mmu_mem_base(r->base.stage->mem) + ((uint64_t)mmu_draw(r, 64) << lg);
        break;
    case 1:
        pa = ~UINT64_C(0);
        break;
    case 2:
        pa = UINT64_C(1) << (lg + mmu_draw(r, bits - lg));
        break;
    default:
        pa = mmu_rng_next(&r->rng);
        break;
    }
    return pa & ((UINT64_C(1) << bits) - 1) & ~((UINT64_C(1) << lg) - 1);
}

uint64_t mmu_fmt_out(mmu_random_t *r, unsigned bits)
{
    const mmu_mem_t *mem = r->base.stage->mem;
    const uint64_t mask = ((UINT64_C(1) << bits) - 1) & ~UINT64_C(0xfff);

    for (unsigned i = 0; i < 8; i++) {
        uint64_t pa = mmu_rng_next(&r->rng) & mask;
        if (mmu_draw(r, 3) == 0)
            pa = mask;
        else if (mmu_draw(r, 3) == 0)
            pa = (mmu_mem_base(mem) + mmu_mem_size(mem)) & mask;
        if (!mmu_mem_is_ram(mem, pa, 4096))
            return pa;
    }
    return 0;
}

/* ---- words --------------------------------------------------------------------------------------- */

static void put(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word)
{
    mmu_op_t op = {.kind = MMU_OP_WORD, .u.word = {.addr = cell->addr, .word = word, .wide = cell->wide}};

    if (mmu_mem_read(r->base.stage->mem, cell->addr, cell->wide) != word)
        mmu_random_emit(r, &op);
}

/* In all roots, where they share it. */
static void put_all(mmu_random_t *r, const mmu_cell_t *cell, uint64_t word)
{
    const mmu_fmt_t *f = r->fmt;

    put(r, cell, word);
    for (unsigned i = 0; cell->shared && i < f->cells; i++)
        if (f->cell[i].shared && f->cell[i].index == cell->index)
            put(r, &f->cell[i], word);
}

static uint64_t draw_word(mmu_random_t *r, const mmu_cell_t *cell)
{
    return r->fmt->number == MMU_FORMAT_X86 ? mmu_fmt_x86_word(r, cell) : mmu_fmt_classic_word(r, cell);
}

static mmu_cell_t *find_cell(mmu_fmt_t *f, uint64_t addr)
{
    for (unsigned i = 0; i < f->cells; i++)
        if (f->cell[i].addr == addr)
            return &f->cell[i];
    return NULL;
}

uint64_t mmu_fmt_any(mmu_random_t *r)
{
    const mmu_fmt_t *f = r->fmt;

    return f->cells == 0 ? 0 : f->cell[mmu_draw(r, f->cells)].addr;
}

/* A chain has many words: one change of each is enough to choose from. */
static int32_t most_versions(const mmu_random_t *r)
{
    return r->fmt->number == MMU_FORMAT_INVERTED ? 1 : mmu_w(r, MMU_W_write_versions);
}

bool mmu_fmt_change(mmu_random_t *r, uint64_t addr)
{
    mmu_cell_t *cell = find_cell(r->fmt, addr);
    uint64_t word;

    if (cell == NULL)
        return false;
    if (cell->change >> 3 != r->world.epoch[MMU_OF_ONE])
        cell->change = r->world.epoch[MMU_OF_ONE] << 3;
    if ((int32_t)(cell->change & 7) >= most_versions(r))
        return false;
    cell->change++;
    for (unsigned i = 0; cell->shared && i < r->fmt->cells; i++)
        if (r->fmt->cell[i].shared && r->fmt->cell[i].index == cell->index)
            r->fmt->cell[i].change = cell->change;
    word = mmu_mem_read(r->base.stage->mem, addr, cell->wide);
    word = r->fmt->number == MMU_FORMAT_X86 ? mmu_fmt_x86_changed(r, cell, word)
                                            : mmu_fmt_classic_changed(r, cell, word);
    put_all(r, cell, word);
    return true;
}

bool mmu_fmt_lacks(const mmu_random_t *r, uint64_t word)
{
    const uint64_t ad = r->fmt->number == MMU_FORMAT_X86 ? 0x60 : 0xc0;

    return (word & 1) != 0 && (word & ad) != ad && (r->fmt->number == MMU_FORMAT_X86 || r->slow.adue);
}

/* ---- slow registers -------------------------------------------------------------------------------- */

/* Those that tables need not be built anew for. */
static void draw_soft(mmu_random_t *r, mmu_slow_t *slow)
{
    static const uint8_t maxpa[] = {36, 40, 46, 52, 32, 51};

    slow->adue = mmu_fmt_percent(r, MMU_W_slow_adue);
    if (r->fmt->number != MMU_FORMAT_X86)
        return;
    slow->pse = mmu_fmt_percent(r, MMU_W_x86_pse);
    slow->pge = mmu_fmt_percent(r, MMU_W_x86_pge);
    slow->nxe = mmu_fmt_percent(r, MMU_W_x86_nxe);
    slow->afault = mmu_fmt_percent(r, MMU_W_x86_afault);
    slow->maxpa = maxpa[mmu_draw(r, sizeof maxpa)];
}

/* A page size: one that arrays hold, or any. */
static uint8_t draw_plg(mmu_random_t *r)
{
    unsigned held = r->base.stage->opt->pages & 0xffu;

    if (held == 0 || mmu_fmt_percent(r, MMU_W_row_size))
        return (uint8_t)(9 + mmu_draw(r, 8));
    for (unsigned skip = mmu_draw(r, (uint32_t)__builtin_popcount(held)); skip > 0; skip--)
        held &= held - 1;
    return (uint8_t)(9 + __builtin_ctz(held));
}

static mmu_slow_t draw_slow(mmu_random_t *r)
{
    mmu_slow_t slow = {.format = r->fmt->number};

    draw_soft(r, &slow);
    if (r->fmt->number == MMU_FORMAT_X86 || r->fmt->number == MMU_FORMAT_BOUNDS ||
        r->fmt->number == MMU_FORMAT_SEGMENT)
        return slow;
    slow.plg = draw_plg(r);
    if (r->fmt->number != MMU_FORMAT_INVERTED)
        return slow;
    slow.linear = mmu_fmt_percent(r, MMU_W_row_linear);
    slow.rows_lg = (uint8_t)mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_row_rows) + 1);
    if (mmu_draw(r, 2) == 0) /* few rows are soon seen */
        slow.rows_lg = (uint8_t)mmu_w(r, MMU_W_row_rows);
    return slow;
}

static void set_slow(mmu_random_t *r, mmu_slow_t slow)
{
    mmu_op_t op = {.kind = MMU_OP_SLOW, .u.slow = slow};

    mmu_random_emit(r, &op);
}

/* ---- address spaces ---------------------------------------------------------------------------------- */

static uint16_t kept_bits(const mmu_random_t *r)
{
    return (uint16_t)(0xffffu >> r->base.stage->opt->random.asid_bits_ignored);
}

/* A root and what goes with it: a bound, rows of the table, anchors. */
static void draw_root(mmu_random_t *r, mmu_space_t *space)
{
    const mmu_fmt_t *f = r->fmt;
    unsigned n = mmu_draw(r, f->roots);

    if (f->number == MMU_FORMAT_BOUNDS) {
        space->root = mmu_draw(r, 8) == 0 ? (UINT64_C(1) << 44) - 1 - mmu_draw(r, 4096)
                                          : mmu_rng_next(&r->rng) >> (20 + mmu_draw(r, 30));
        space->aux =
            mmu_draw(r, 8) == 0 ? (UINT64_C(1) << 44) - 1 : mmu_rng_next(&r->rng) >> (20 + mmu_draw(r, 44));
        return;
    }
    space->root = f->table[n].addr >> 12;
    space->aux = f->aux[n];
}

/* Spaces whose kept ASID bits are equal have one root. */
static void bind(mmu_random_t *r)
{
    const uint16_t mask = kept_bits(r);

    r->spaces = (unsigned)mmu_w(r, MMU_W_space_count);
    for (unsigned i = 0; i < r->spaces; i++) {
        mmu_space_t *space = &r->space[i];
        unsigned k = 0;

        *space = (mmu_space_t){.asid = mmu_asid_draw(r, r->space, i, mask)};
        if (mask != 0xffff && i > 0 && mmu_fmt_percent(r, MMU_W_space_alias)) {
            space->asid = r->space[mmu_draw(r, i)].asid;
            space->asid = (uint16_t)(space->asid ^ (mmu_rng_next(&r->rng) & ~(uint64_t)mask));
        }
        while (k < i && ((r->space[k].asid ^ space->asid) & mask) != 0)
            k++;
        if (k == i || r->fmt->number == MMU_FORMAT_BOUNDS) {
            draw_root(r, space);
        } else {
            space->root = r->space[k].root;
            space->aux = r->space[k].aux;
        }
    }
}

/* A shorter table: a limit that holds for this context only. */
static uint64_t draw_aux(mmu_random_t *r, uint64_t aux)
{
    const unsigned number = r->fmt->number;
    const unsigned top = number == MMU_FORMAT_LINEAR || number == MMU_FORMAT_SEGMENT ? 0 : 1;

    if (number == MMU_FORMAT_X86 || number == MMU_FORMAT_INVERTED || !mmu_fmt_percent(r, MMU_W_row_aux))
        return aux;
    if (number == MMU_FORMAT_BOUNDS)
        return aux ^ mmu_draw(r, 4096);
    return r->fmt->index[top][mmu_draw(r, r->fmt->indexes[top])] + mmu_draw(r, 2);
}

static void enter(mmu_random_t *r)
{
    mmu_op_t op = {.kind = MMU_OP_CTX, .u.ctx = {.mode = r->fmt->mode, .flags = r->ctx[0].flags}};
    const mmu_space_t *space = &r->space[mmu_draw(r, r->spaces)];

    op.u.ctx.asid = space->asid;
    op.u.ctx.root = space->root;
    op.u.ctx.aux = space->aux;
    mmu_random_emit(r, &op);
}

static uint8_t draw_flags(mmu_random_t *r)
{
    uint8_t flags = mmu_fmt_percent(r, MMU_W_x86_wp) ? 1 : 0;

    flags |= mmu_fmt_percent(r, MMU_W_x86_smep) ? 2 : 0;
    flags |= mmu_fmt_percent(r, MMU_W_x86_smap) ? 4 : 0;
    return (uint8_t)(flags | (mmu_fmt_percent(r, MMU_W_x86_ac) ? 8 : 0));
}

void mmu_fmt_context(mmu_random_t *r)
{
    mmu_op_t op = {.kind = MMU_OP_CTX, .u.ctx = r->ctx[0]};
    bool any = false;

    if (mmu_chance(r, MMU_W_ctx_change, 1000)) {
        const mmu_space_t *space = &r->space[mmu_draw(r, r->spaces)];
        op.u.ctx.asid = space->asid;
        op.u.ctx.root = space->root;
        op.u.ctx.aux = draw_aux(r, space->aux);
        op.u.ctx.mode = mmu_fmt_percent(r, MMU_W_ctx_bare) ? MMU_MODE_BARE : r->fmt->mode;
        any = true;
    }
    if (r->fmt->number == MMU_FORMAT_X86 && mmu_chance(r, MMU_W_x86_flags, 1000)) {
        op.u.ctx.flags = draw_flags(r);
        any = true;
    }
    if (any)
        mmu_random_emit(r, &op);
}

void mmu_fmt_rebind(mmu_random_t *r)
{
    const uint16_t mask = kept_bits(r);
    mmu_op_t op = {.kind = MMU_OP_CTX, .u.ctx = r->ctx[0]};
    mmu_space_t root = {0};
    uint16_t asid = r->ctx[0].asid;

    if (r->fmt->number == MMU_FORMAT_BOUNDS || r->rebind.active || r->draining || r->hold ||
        !mmu_rare(r, MMU_W_ctx_rebind, 1000))
        return;
    if (mmu_draw(r, 4) == 0)
        asid = r->space[mmu_draw(r, r->spaces)].asid;
    draw_root(r, &root);
    for (unsigned i = 0; i < r->spaces; i++)
        if (((r->space[i].asid ^ asid) & mask) == 0) {
            r->space[i].root = root.root;
            r->space[i].aux = root.aux;
        }
    r->rebind = (mmu_rebind_t){.active = true,
                               .asid = asid,
                               .kind = MMU_FENCE_S,
                               .wait = mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_ctx_rebind_delay) + 1)};
    if (((op.u.ctx.asid ^ asid) & mask) != 0)
        return;
    op.u.ctx.root = root.root;
    op.u.ctx.aux = root.aux;
    mmu_random_emit(r, &op);
}

/* ---- building ---------------------------------------------------------------------------------------- */

static void clear(mmu_random_t *r)
{
    mmu_fmt_t *f = r->fmt;

    for (unsigned i = 0; i < f->cells; i++)
        put(r, &f->cell[i], 0);
    f->cells = f->tables = f->roots = f->shareds = 0;
}

/* New slow registers, new tables, new spaces. A fence of everything must follow. */
static void build(mmu_random_t *r)
{
    mmu_fmt_t *f = r->fmt;

    clear(r);
    f->clean = mmu_fmt_percent(r, MMU_W_world_clean);
    set_slow(r, draw_slow(r));
    f->mode = 1;
    if (f->number == MMU_FORMAT_X86)
        f->mode = (uint8_t)(1 + mmu_draw_share(r, MMU_W_x86_mode_2level, 4));
    if (f->mode > 4)
        f->mode = MMU_X86_PML4;
    /* Rows of an inverted table have ASIDs: of the spaces that are to come. */
    if (f->number == MMU_FORMAT_X86)
        mmu_fmt_x86_place(r);
    else
        mmu_fmt_classic_place(r);
    bind(r);
    for (unsigned i = 0; i < f->cells; i++)
        put_all(r, &f->cell[i], draw_word(r, &f->cell[i]));
    enter(r);
}

void mmu_fmt_begin(mmu_random_t *r)
{
    build(r);
}

bool mmu_fmt_drained(mmu_random_t *r)
{
    mmu_slow_t slow = r->slow;

    if (r->rebuild || mmu_fmt_percent(r, MMU_W_slow_rebind)) {
        build(r);
        mmu_va_pool(r);
        r->rebuild = false;
        return true;
    }
    if (!mmu_fmt_percent(r, MMU_W_slow_change))
        return false;
    draw_soft(r, &slow);
    set_slow(r, slow);
    return true;
}

/* ---- life -------------------------------------------------------------------------------------------- */

bool mmu_fmt_create(mmu_random_t *r, char *err, size_t n)
{
    const mmu_mem_t *mem = r->base.stage->mem;
    uint8_t number = mmu_env_format(r->base.stage->opt);

    if (number == MMU_FORMAT_RISCV)
        return true;
    if (mmu_mem_size(mem) < LEAST_RAM || mmu_mem_base(mem) + LEAST_RAM > UINT64_C(1) << 32) {
        snprintf(err, n,
                 "RAM 0x%" PRIx64 ":0x%" PRIx64
                 ": random tables of the format %s need 1 GiB of RAM below 4 GiB",
                 mmu_mem_base(mem), mmu_mem_size(mem), mmu_format(number)->name);
        return false;
    }
    r->fmt = calloc(1, sizeof *r->fmt);
    if (r->fmt == NULL) {
        snprintf(err, n, "no memory");
        return false;
    }
    r->fmt->number = number;
    r->fmt->format = mmu_format(number);
    return true;
}

void mmu_fmt_destroy(mmu_random_t *r)
{
    free(r->fmt);
    r->fmt = NULL;
}
