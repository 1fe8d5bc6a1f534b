/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Address spaces, and the virtual addresses of the paging mode in force.
 *
 * ASIDs that are equal in the bits that the MMU keeps have the same root: anything else would be an error of
 * software. So an address space is one for good, until all is fenced after a drain, or until its ASID gets another
 * root and a fence of it follows. Between the two any answer may be by either root.
 */
#include "env/random.h"

/* ---- address spaces -------------------------------------------------------------------------- */

uint16_t mmu_asid_draw(mmu_random_t *r, const mmu_space_t *before, unsigned i, uint16_t mask)
{
    unsigned bits = (unsigned)__builtin_popcount(mask);
    unsigned flip;

    switch (mmu_draw(r, 5)) {
    case 0:
        return (uint16_t)(mmu_rng_next(&r->rng) & mask);
    case 1:
        return mask;
    case 2:
        return (uint16_t)(i & mask);
    default: /* one bit away from another one */
        if (i == 0 || bits == 0)
            return 0;
        flip = 1u << mmu_draw(r, bits);
        return (uint16_t)((before[mmu_draw(r, i)].asid & mask) ^ flip);
    }
}

/* The root that this ASID, as the MMU sees it, has already; 0: none. */
static uint64_t root_of(const mmu_random_t *r, unsigned count, uint16_t asid, uint16_t mask)
{
    for (unsigned i = 0; i < count; i++)
        if ((r->space[i].asid & mask) == (asid & mask))
            return r->space[i].root;
    return 0;
}

void mmu_space_bind(mmu_random_t *r)
{
    unsigned ignored = r->base.stage->opt->random.asid_bits_ignored;
    uint16_t mask = (uint16_t)(0xffffu >> ignored);

    r->spaces = (unsigned)mmu_w(r, MMU_W_space_count);
    for (unsigned i = 0; i < r->spaces; i++) {
        uint16_t asid = mmu_asid_draw(r, r->space, i, mask);
        uint64_t root;

        if (ignored > 0 && i > 0 && mmu_chance(r, MMU_W_space_alias, 100)) {
            asid = r->space[mmu_draw(r, i)].asid;
            asid = (uint16_t)(asid ^ (mmu_rng_next(&r->rng) & ~(uint64_t)mask));
        }
        root = root_of(r, i, asid, mask);
        if (root == 0)
            root = mmu_world_target(r, r->paging, mmu_pagings[r->paging].levels - 1u, false)->addr >> 12;
        r->space[i] = (mmu_space_t){.asid = asid, .root = root};
    }
}

/* A root that differs from this one; the same where there is no other. */
static uint64_t other_root(mmu_random_t *r, uint64_t root)
{
    uint64_t other = root;

    for (unsigned i = 0; i < 8 && other == root; i++)
        other = mmu_world_target(r, r->paging, mmu_pagings[r->paging].levels - 1u, false)->addr >> 12;
    return other;
}

/* Ports that are in the space get its new root. */
static void enter_again(mmu_random_t *r, uint16_t asid, uint16_t mask, uint64_t root)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_op_t op = {.kind = MMU_OP_CTX, .port = (uint8_t)(1 + port), .u.ctx = r->ctx[port]};

        if (op.u.ctx.v || ((op.u.ctx.asid ^ asid) & mask) != 0)
            continue;
        op.u.ctx.root = root;
        mmu_random_emit(r, &op);
    }
}

void mmu_space_rebind(mmu_random_t *r)
{
    uint16_t mask = (uint16_t)(0xffffu >> r->base.stage->opt->random.asid_bits_ignored);
    mmu_op_t op = {.kind = MMU_OP_CTX, .u.ctx = r->ctx[0]};
    uint16_t asid = r->ctx[0].asid;
    uint64_t root;

    if (r->rebind.active || r->draining || r->hold || !mmu_rare(r, MMU_W_ctx_rebind, 1000))
        return;
    if (mmu_draw(r, 4) == 0)
        asid = r->space[mmu_draw(r, r->spaces)].asid;
    root = root_of(r, r->spaces, asid, mask);
    if (root == 0)
        return;
    root = other_root(r, root);
    for (unsigned i = 0; i < r->spaces; i++)
        if (((r->space[i].asid ^ asid) & mask) == 0)
            r->space[i].root = root;
    r->rebind = (mmu_rebind_t){.active = true,
                               .asid = asid,
                               .kind = MMU_FENCE_S,
                               .wait = mmu_draw(r, (uint32_t)mmu_w(r, MMU_W_ctx_rebind_delay) + 1)};
    if (r->guests) {
        enter_again(r, asid, mask, root);
        return;
    }
    if (((op.u.ctx.asid ^ asid) & mask) != 0)
        return;
    op.u.ctx.root = root;
    mmu_random_emit(r, &op);
}

/* ---- addresses ------------------------------------------------------------------------------- */

unsigned mmu_va_index(unsigned row, uint64_t va, unsigned level)
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    unsigned bits = paging->vpn_bits + (level + 1u == paging->levels ? paging->root_bits : 0u);

    return (unsigned)(va >> (12 + paging->vpn_bits * level)) & ((1u << bits) - 1);
}

static uint64_t set_index(const mmu_paging_t *paging, uint64_t va, unsigned level, unsigned index)
{
    unsigned shift = 12u + paging->vpn_bits * level;
    unsigned bits = paging->vpn_bits + (level + 1u == paging->levels ? paging->root_bits : 0u);
    uint64_t mask = ((UINT64_C(1) << bits) - 1) << shift;

    va = (va & ~mask) | (uint64_t)index << shift;
    if (level + 1u < paging->levels || paging->sign_bit == 63)
        return va;
    /* The upper bits copy the top one. */
    uint64_t upper = ~UINT64_C(0) << paging->sign_bit;
    return (va >> paging->sign_bit & 1) != 0 ? va | upper : va & ~upper;
}

static unsigned draw_index(mmu_random_t *r, unsigned row, unsigned level)
{
    const mmu_geography_t *g = &r->world.geography[row];

    if (level + 1u == mmu_pagings[row].levels && !mmu_row_is_g(row) && mmu_chance(r, MMU_W_va_global, 100))
        return g->global[mmu_draw(r, MMU_WORLD_GLOBALS)];
    return g->index[level][mmu_draw(r, g->indexes[level])];
}

uint64_t mmu_va_draw(mmu_random_t *r, unsigned row)
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    uint64_t va = 0;

    if (r->fmt != NULL)
        return mmu_fmt_va_draw(r);
    for (unsigned level = 0; level < paging->levels; level++)
        va = set_index(paging, va, level, draw_index(r, row, level));
    return va;
}

uint64_t mmu_va_alias(mmu_random_t *r, unsigned row, uint64_t va)
{
    unsigned level;

    if (r->fmt != NULL)
        return mmu_fmt_va_alias(r, va);
    level = mmu_draw(r, mmu_pagings[row].levels);
    return set_index(&mmu_pagings[row], va, level, draw_index(r, row, level));
}

uint64_t mmu_va_wild(mmu_random_t *r, unsigned row, uint64_t va)
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    const uint16_t *global = r->world.geography[row].global;
    unsigned level, index;

    if (r->fmt != NULL)
        return mmu_fmt_va_wild(r, va);
    level = mmu_draw(r, paging->levels);
    index = mmu_draw(r, 1u << paging->vpn_bits);
    /* No lower level knows the global indexes (mmu_geography_t). */
    while (level + 1u < paging->levels && (index == global[0] || index == global[1]))
        index = (index + 1) & ((1u << paging->vpn_bits) - 1);
    return set_index(paging, va, level, index);
}

uint64_t mmu_va_noncanonical(mmu_random_t *r, unsigned row, uint64_t va)
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    unsigned sign = paging->sign_bit;

    if (r->fmt != NULL)
        return mmu_fmt_va_beyond(r, va);
    if (mmu_row_is_g(row)) /* GST-2 */
        sign = 12u + paging->vpn_bits * paging->levels + paging->root_bits;
    if (sign == 63)
        return va;
    if (mmu_draw(r, 2) == 0)
        return va ^ UINT64_C(1) << (sign + mmu_draw(r, 64 - sign));
    return va ^ mmu_rng_next(&r->rng) << sign;
}

/* ---- the working set ------------------------------------------------------------------------- */

/* The same page with an index of level 0 whose low bits are those of `like`. */
static uint64_t in_set(mmu_random_t *r, unsigned row, uint64_t va, unsigned like, unsigned low)
{
    const mmu_paging_t *paging = &mmu_pagings[row];
    const mmu_geography_t *g = &r->world.geography[row];
    unsigned index = mmu_va_index(row, va, 0);

    if (r->fmt != NULL)
        return va;
    for (unsigned i = 0; i < 8 && ((index ^ like) & ((1u << low) - 1)) != 0; i++)
        index = g->index[0][mmu_draw(r, g->indexes[0])];
    if (((index ^ like) & ((1u << low) - 1)) != 0)
        index = like;
    return set_index(paging, va, 0, index);
}

static void draw_pool(mmu_random_t *r, unsigned row)
{
    static const uint8_t sets[] = {1, 4, 7}; /* log2 of the sets of usual arrays */
    mmu_pool_t *pool = &r->pool[row];
    unsigned most = (unsigned)mmu_w(r, MMU_W_va_pages);
    unsigned lg = 1 + mmu_draw(r, 31u - (unsigned)__builtin_clz(most));
    unsigned like = mmu_va_index(row, mmu_va_draw(r, row), 0);
    unsigned low = mmu_chance(r, MMU_W_va_one_set, 100) ? sets[mmu_draw(r, 3)] : 0;

    pool->count = (1u << lg) + mmu_draw(r, 1u << lg);
    if (pool->count > most)
        pool->count = most;
    for (unsigned i = 0; i < pool->count; i++)
        pool->va[i] =
            mmu_row_is_g(row) ? mmu_guest_bare_page(r, row) : in_set(r, row, mmu_va_draw(r, row), like, low);
}

void mmu_va_pool(mmu_random_t *r)
{
    draw_pool(r, r->paging);
    for (unsigned row = 0; r->guests && row < MMU_ROWS; row++)
        if (row != r->paging && mmu_row_on(r, row))
            draw_pool(r, row);
}
