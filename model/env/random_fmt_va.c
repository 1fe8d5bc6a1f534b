/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Virtual addresses in formats other than riscv: a few indexes of each level, and offsets at the edge of limits.
 */
#include "env/random_fmt.h"

/* Which bits of an address are the index of a level. */
typedef struct {
    uint8_t shift, bits;
} mmu_field_t;

static mmu_field_t field(const mmu_random_t *r, unsigned level)
{
    const mmu_fmt_t *f = r->fmt;
    const uint8_t plg = r->slow.plg;

    switch (f->number) {
    case MMU_FORMAT_X86:
        if (f->mode == MMU_X86_2LEVEL)
            return (mmu_field_t){(uint8_t)(12 + 10 * level), 10};
        return (mmu_field_t){(uint8_t)(12 + 9 * level), f->mode == MMU_X86_PAE && level == 2 ? 2 : 9};
    case MMU_FORMAT_SEGMENT:
        return (mmu_field_t){16, 16};
    case MMU_FORMAT_DIRECTORY:
    case MMU_FORMAT_SEGPAGE:
        return level == 1 ? (mmu_field_t){22, 10} : (mmu_field_t){plg, (uint8_t)(22 - plg)};
    case MMU_FORMAT_INVERTED: /* pages are remembered in 16 bits */
        return (mmu_field_t){plg, 16};
    default:
        return (mmu_field_t){plg, (uint8_t)(32 - plg)};
    }
}

/* Indexes stand in 16 bits: of a longer field the low ones are used. */
unsigned mmu_fmt_bits(const mmu_random_t *r, unsigned level)
{
    const mmu_field_t at = field(r, level);

    return at.bits > 16 ? 16 : at.bits;
}

static unsigned levels(const mmu_random_t *r)
{
    switch (r->fmt->number) {
    case MMU_FORMAT_X86:
        return r->fmt->mode + 1u;
    case MMU_FORMAT_DIRECTORY:
    case MMU_FORMAT_SEGPAGE:
        return 2;
    default:
        return 1;
    }
}

static uint64_t set_index(const mmu_random_t *r, uint64_t va, unsigned level, uint64_t index)
{
    const mmu_field_t at = field(r, level);
    const uint64_t mask = ((UINT64_C(1) << at.bits) - 1) << at.shift;
    unsigned sign;

    va = (va & ~mask) | (index << at.shift & mask);
    if (r->fmt->number != MMU_FORMAT_X86 || level != r->fmt->mode || r->fmt->mode < MMU_X86_PML4)
        return va;
    sign = r->fmt->mode == MMU_X86_PML4 ? 47 : 56;
    return (va >> sign & 1) != 0 ? va | ~UINT64_C(0) << sign : va & ~(~UINT64_C(0) << sign);
}

static unsigned draw_index(mmu_random_t *r, unsigned level)
{
    const mmu_fmt_t *f = r->fmt;

    if (level + 1 == levels(r) && f->shareds > 0 && mmu_fmt_percent(r, MMU_W_va_global))
        return f->shared[mmu_draw(r, f->shareds)];
    return f->index[level][mmu_draw(r, f->indexes[level])];
}

/* ---- offsets --------------------------------------------------------------------------------------- */

uint64_t mmu_fmt_offset_mask(const mmu_random_t *r)
{
    switch (r->fmt->number) {
    case MMU_FORMAT_BOUNDS:
    case MMU_FORMAT_SEGMENT:
        return 7;
    default:
        return r->slow.plg != 0 && r->slow.plg < 12 ? (UINT64_C(1) << r->slow.plg) - 1 : 0xfff;
    }
}

/* An offset in the segment that va names: at the edge of its limit, or anywhere. */
static uint64_t segment_offset(mmu_random_t *r, uint64_t va)
{
    const mmu_fmt_t *f = r->fmt;
    const uint64_t at = f->table[mmu_draw(r, f->roots)].addr + (va >> 16 & 0xffff) * 16;
    uint64_t limit;

    if (!mmu_fmt_percent(r, MMU_W_row_edge))
        return mmu_draw(r, 65536);
    limit = mmu_mem_read(r->base.stage->mem, at, true) >> 32 & 0x1ffff;
    return (limit + mmu_draw(r, 32) - 16) & 0xffff;
}

static uint64_t bounds_va(mmu_random_t *r)
{
    const mmu_space_t *space = &r->space[mmu_draw(r, r->spaces)];

    if (mmu_fmt_percent(r, MMU_W_row_edge))
        return space->aux + mmu_draw(r, 64) - 32;
    if (space->aux == 0 || mmu_draw(r, 8) == 0)
        return mmu_rng_next(&r->rng) >> mmu_draw(r, 64);
    return mmu_rng_next(&r->rng) % space->aux;
}

/* ---- addresses ------------------------------------------------------------------------------------------ */

uint64_t mmu_fmt_va_draw(mmu_random_t *r)
{
    const mmu_fmt_t *f = r->fmt;
    uint64_t va = 0;

    if (f->number == MMU_FORMAT_BOUNDS)
        return bounds_va(r);
    for (unsigned level = 0; level < levels(r); level++)
        va = set_index(r, va, level, draw_index(r, level));
    return f->number == MMU_FORMAT_SEGMENT ? va | segment_offset(r, va) : va;
}

uint64_t mmu_fmt_va_alias(mmu_random_t *r, uint64_t va)
{
    unsigned level = mmu_draw(r, levels(r));

    if (r->fmt->number == MMU_FORMAT_BOUNDS)
        return va ^ UINT64_C(1) << mmu_draw(r, 44);
    return set_index(r, va, level, draw_index(r, level));
}

uint64_t mmu_fmt_va_wild(mmu_random_t *r, uint64_t va)
{
    const mmu_fmt_t *f = r->fmt;
    unsigned level = mmu_draw(r, levels(r));
    uint64_t index = mmu_rng_next(&r->rng) & ((UINT64_C(1) << field(r, level).bits) - 1);

    if (f->number == MMU_FORMAT_BOUNDS)
        return mmu_rng_next(&r->rng);
    /* No level but the root's knows the shared indexes. */
    while (level + 1 < levels(r) && f->shareds > 0 && (index == f->shared[0] || index == f->shared[1]))
        index = (index + 1) & ((UINT64_C(1) << field(r, level).bits) - 1);
    return set_index(r, va, level, index);
}

uint64_t mmu_fmt_va_beyond(mmu_random_t *r, uint64_t va)
{
    const mmu_fmt_t *f = r->fmt;
    unsigned from = 32;

    if (f->number == MMU_FORMAT_X86 && f->mode >= MMU_X86_PML4)
        from = f->mode == MMU_X86_PML4 ? 47 : 56;
    if (mmu_draw(r, 2) == 0)
        return va ^ UINT64_C(1) << (from + mmu_draw(r, 64 - from));
    return va ^ mmu_rng_next(&r->rng) << from;
}

/* ---- does an access fit? ---------------------------------------------------------------------------------- */

bool mmu_fmt_fits(mmu_random_t *r, unsigned port, uint64_t va, uint8_t *prv, uint8_t *acc)
{
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;

    for (unsigned i = 0; i < 3; i++) {
        *prv = mmu_draw(r, 2) == 0 ? MMU_PRIV_U : MMU_PRIV_S;
        *acc = mmu_fmt_acc(r, port);
        (void)mmu_random_look(r, &r->ctx[0], va, *prv, *acc, &result, &trail);
        if (result.fault == MMU_FAULT_NONE)
            return true;
    }
    return false;
}

uint8_t mmu_fmt_acc(mmu_random_t *r, unsigned port)
{
    if (port == MMU_PORT_I)
        return MMU_ACC_FETCH;
    if (mmu_fmt_percent(r, MMU_W_acc_store))
        return mmu_fmt_percent(r, MMU_W_acc_append) ? MMU_ACC_APPEND : MMU_ACC_STORE;
    return mmu_fmt_percent(r, MMU_W_acc_load_x) ? MMU_ACC_LOAD_X : MMU_ACC_LOAD;
}
