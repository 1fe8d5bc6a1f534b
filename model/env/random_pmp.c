/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * PMP entries. They are written while the MMU is idle (REQ-9), one a clock, as sets: one that opens everything, or
 * one that closes a few places over an open background. Entries of former sets stay where nothing is written.
 *
 *     open:      entry 0 covers everything with R, W and X
 *     closing:   entry 0 closes or is off, a few others close, the last one or 15 is the open background
 *
 * What decides is the lowest-numbered entry, so places close to tables and pages, of few bytes, odd in their
 * bounds, meet accesses half (PMP-3).
 */
#include "env/random.h"

#include <assert.h>

#define ALL_RIGHTS (MMU_PMP_R | MMU_PMP_W | MMU_PMP_X)

static uint8_t cfg_of(mmu_pmp_mode_e mode, uint8_t rights)
{
    return (uint8_t)((unsigned)mode << MMU_PMP_A_SHIFT | rights);
}

/* The queue is written from its end. */
static void plan(mmu_random_t *r, unsigned index, uint8_t cfg, uint64_t addr)
{
    assert(r->pmps < MMU_PMP_QUEUE);
    r->pmp[r->pmps++] = (mmu_pmp_write_t){
        .valid = true, .index = (uint8_t)index, .cfg = cfg, .addr = addr & MMU_PMP_ADDR_MASK};
}

static void plan_open(mmu_random_t *r, unsigned index)
{
    plan(r, index, cfg_of(MMU_PMP_NAPOT, ALL_RIGHTS), MMU_PMP_ADDR_MASK);
}

/* A page table's entry, or what a page of the working set leads to. */
static uint64_t draw_place(mmu_random_t *r)
{
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;
    const mmu_pool_t *pool = &r->pool[r->paging];
    uint64_t va = pool->va[mmu_draw(r, pool->count)];
    mmu_ctx_t ctx = r->ctx[0];
    bool walked;

    if (r->guests) {
        mmu_view_t view = mmu_view_draw(r, mmu_chance(r, MMU_W_virt_share, 100));
        pool = &r->pool[mmu_view_row(r, view)];
        va = pool->va[mmu_draw(r, pool->count)];
        ctx = mmu_view_ctx(r, view);
    }
    walked = mmu_random_look(r, &ctx, va, MMU_PRIV_S, MMU_ACC_LOAD, &result, &trail);

    if (walked && mmu_chance(r, MMU_W_pmp_table, 100))
        return trail.step[mmu_draw(r, trail.count < MMU_TRAIL_STEPS ? trail.count : MMU_TRAIL_STEPS)].addr;
    if (walked && result.fault == MMU_FAULT_NONE)
        return result.pa;
    return r->world.table[mmu_draw(r, r->world.tables)].addr + 8ull * mmu_draw(r, 512);
}

/* W without R is reserved, but with MML (PMP-4). */
static uint8_t draw_rights(mmu_random_t *r)
{
    static const uint8_t some[] = {MMU_PMP_R, MMU_PMP_R | MMU_PMP_W, MMU_PMP_X, MMU_PMP_R | MMU_PMP_X,
                                   ALL_RIGHTS};
    uint8_t rights = 0;

    if (mmu_chance(r, MMU_W_pmp_grant, 100))
        rights = some[mmu_draw(r, sizeof some)];
    if (r->slow.mml && mmu_rng_below(&r->sec, 2) == 0)
        rights = (uint8_t)mmu_rng_below(&r->sec, 8);
    if (mmu_chance(r, MMU_W_pmp_lock, 100))
        rights |= MMU_PMP_L;
    return rights;
}

/* First and last entries have no neighbour on one side. */
static unsigned draw_index(mmu_random_t *r, unsigned background)
{
    switch (mmu_draw(r, 4)) {
    case 0:
        return 0;
    case 1:
        return background - 1;
    case 2:
        return mmu_draw(r, 4);
    default:
        return mmu_draw(r, background);
    }
}

static void plan_closing(mmu_random_t *r, unsigned index)
{
    uint64_t unit = draw_place(r) >> 2;
    uint8_t rights = draw_rights(r);
    unsigned lg = mmu_draw(r, 16);

    switch (mmu_draw(r, 4)) {
    case 0:
        plan(r, index, cfg_of(MMU_PMP_NA4, rights), unit + mmu_draw(r, 2));
        break;
    case 1: /* 8 bytes to 256 KiB */
        plan(r, index, cfg_of(MMU_PMP_NAPOT, rights),
             (unit & ~((UINT64_C(2) << lg) - 1)) | ((UINT64_C(1) << lg) - 1));
        break;
    default: /* The entry before gives the lower bound, whatever its mode; now and then none is above it. */
        plan(r, index, cfg_of(MMU_PMP_TOR, rights),
             unit + (mmu_draw(r, 8) == 0 ? 0 : 1 + mmu_draw(r, 1u << lg)));
        if (index > 0)
            plan(r, index - 1, mmu_draw(r, 4) == 0 ? cfg_of(MMU_PMP_NA4, rights) : 0, unit - mmu_draw(r, 3));
        break;
    }
}

void mmu_pmp_plan(mmu_random_t *r)
{
    unsigned entries = r->base.stage->opt->pmp_entries;
    unsigned background, count;

    if (entries == 0 || r->pmps > 0 || !mmu_chance(r, MMU_W_pmp_change, 100))
        return;
    if (!mmu_chance(r, MMU_W_pmp_restrict, 100)) {
        plan_open(r, 0);
        return;
    }
    background = mmu_draw(r, 2) == 0 ? entries - 1 : 15;
    count = 1 + mmu_draw(r, 4);
    for (unsigned i = 0; i < count; i++)
        plan_closing(r, draw_index(r, background));
    plan_open(r, background);
    /* The first one written: what opened everything does so no more. */
    plan(r, 0, 0, mmu_rng_next(&r->rng));
}

void mmu_pmp_write_next(mmu_random_t *r, bool idle_next)
{
    mmu_op_t op = {.kind = MMU_OP_PMP};

    if (r->pmps == 0 || !idle_next || r->next->pmp.valid)
        return;
    op.u.pmp = r->pmp[--r->pmps];
    mmu_random_emit(r, &op);
}
