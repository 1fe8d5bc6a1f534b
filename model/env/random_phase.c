/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Phases and drains. A phase is a time of one mood: the weights marked with a star are scaled by a factor
 * each, so that a run sees calm and storm, each alone and together. A drain lets the MMU become idle, for
 * what may change only then: the slow registers (REQ-9), the paging mode, the root of an ASID.
 */
#include "env/random.h"

#include <assert.h>
#include <string.h>

unsigned mmu_draw_share(mmu_random_t *r, mmu_weight_e first, unsigned count)
{
    uint32_t sum = 0, at;

    for (unsigned i = 0; i < count; i++)
        sum += (uint32_t)r->now.value[first + i];
    if (sum == 0)
        return count;
    at = mmu_draw(r, sum);
    for (unsigned i = 0;; i++) {
        uint32_t share = (uint32_t)r->now.value[first + i];
        assert(i < count);
        if (at < share)
            return i;
        at -= share;
    }
}

/* ---- phases ---------------------------------------------------------------------------------- */

/* Quarters: nothing, a quarter, as it is, double, five times; as it is most often. */
static int32_t draw_factor(mmu_random_t *r)
{
    static const int32_t factors[] = {0, 1, 1, 4, 4, 4, 4, 8, 8, 20};

    return factors[mmu_draw(r, sizeof factors / sizeof factors[0])];
}

/* Groups whose weights are all rates of disturbances: without them is a mood as well. */
static bool may_be_silent(const char *name)
{
    static const char *const groups[] = {"ctx.", "fence.", "write.", "remap.", "kill.", "stall."};

    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (strncmp(name, groups[i], strlen(groups[i])) == 0)
            return true;
    return false;
}

static bool same_group(const char *a, const char *b)
{
    size_t n = strcspn(a, ".") + 1;

    return strncmp(a, b, n) == 0;
}

static void draw_mood(mmu_random_t *r)
{
    const char *group = "";
    bool vary, silent = false;

    r->now = r->weights;
    vary = mmu_chance(r, MMU_W_phase_vary, 100);
    for (unsigned i = 0; vary && i < MMU_WEIGHTS; i++) {
        const mmu_random_weight_t *w = mmu_random_weight(i);
        int64_t value = r->weights.value[i];

        if ((i == MMU_W_GUEST_FIRST && !r->guests) || i == MMU_W_FORMAT_FIRST)
            break;
        if (!same_group(w->name, group))
            silent = may_be_silent(w->name) && mmu_chance(r, MMU_W_phase_silence, 100);
        group = w->name;
        if (!w->phase)
            continue;
        value = silent ? 0 : (value * draw_factor(r) + 3) / 4;
        r->now.value[i] = value < w->min ? w->min : value > w->max ? w->max : (int32_t)value;
    }
}

void mmu_random_phase(mmu_random_t *r)
{
    uint32_t spread;

    if (r->clock < r->phase_end)
        return;
    draw_mood(r);
    spread = (uint32_t)(mmu_w(r, MMU_W_phase_max) - mmu_w(r, MMU_W_phase_min)) + 1;
    r->phase_end = r->clock + (uint64_t)mmu_w(r, MMU_W_phase_min) + mmu_draw(r, spread);
    r->phases++;
    mmu_va_pool(r);
    for (unsigned port = 0; port < MMU_PORTS; port++)
        r->port[port].left = 0;
    if (r->clock > 0 && mmu_chance(r, MMU_W_world_rebuild, 100))
        r->rebuild = true;
}

/* ---- context and slow registers -------------------------------------------------------------- */

static mmu_slow_t draw_slow(mmu_random_t *r)
{
    mmu_slow_t slow = {0};

    slow.adue = mmu_chance(r, MMU_W_slow_adue, 100);
    slow.pbmte = mmu_chance(r, MMU_W_slow_pbmte, 100);
    slow.svnapot = mmu_chance(r, MMU_W_slow_svnapot, 100);
    if (r->guests) {
        slow.hadue = mmu_chance(r, MMU_W_slow_hadue, 100);
        slow.hpbmte = mmu_chance(r, MMU_W_slow_hpbmte, 100);
    }
    if (r->base.stage->opt->pmp_entries > 0) {
        slow.mml = mmu_sec_chance(r, MMU_W_slow_mml, 100);
        slow.mmwp = mmu_sec_chance(r, MMU_W_slow_mmwp, 100);
        slow.rlb = mmu_sec_chance(r, MMU_W_slow_rlb, 100);
    }
    return slow;
}

static void set_slow(mmu_random_t *r, mmu_slow_t slow)
{
    mmu_op_t op = {.kind = MMU_OP_SLOW, .u.slow = slow};

    mmu_random_emit(r, &op);
}

static void enter_space(mmu_random_t *r)
{
    mmu_op_t op = {.kind = MMU_OP_CTX, .u.ctx = r->ctx[0]};
    const mmu_space_t *space = &r->space[mmu_draw(r, r->spaces)];

    if (r->guests) /* both ports begin without V; their first requests say more */
        op.u.ctx = (mmu_ctx_t){.sum = r->hart.sum, .mxr = r->hart.mxr};

    op.u.ctx.mode = mmu_pagings[r->paging].mode;
    op.u.ctx.asid = space->asid;
    op.u.ctx.root = space->root;
    mmu_random_emit(r, &op);
}

static unsigned draw_paging(mmu_random_t *r)
{
    unsigned row = mmu_draw_share(r, MMU_W_mode_sv32, MMU_WORLD_MODES);

    assert(row < MMU_WORLD_MODES && mmu_pagings[row].weight == MMU_W_mode_sv32 + row);
    return row;
}

void mmu_random_begin(mmu_random_t *r)
{
    if (r->fmt != NULL) {
        mmu_fmt_begin(r);
        mmu_random_phase(r);
        mmu_random_answer(r);
        return;
    }
    r->paging = draw_paging(r);
    mmu_world_build(r);
    mmu_space_bind(r);
    if (r->guests) {
        mmu_guest_begin(r);
        mmu_guest_bind(r);
    }
    set_slow(r, draw_slow(r));
    enter_space(r);
    mmu_random_phase(r);
    mmu_random_answer(r);
}

/* ---- drains ---------------------------------------------------------------------------------- */

/* What happens while the MMU is idle. True where a fence of everything must follow. */
static bool change_things(mmu_random_t *r)
{
    bool fence = false;
    unsigned paging = draw_paging(r);
    bool rebind = mmu_chance(r, MMU_W_slow_rebind, 100) || paging != r->paging;

    if (mmu_chance(r, MMU_W_slow_change, 100)) {
        mmu_slow_t old = r->slow;
        set_slow(r, draw_slow(r));
        fence = old.pbmte != r->slow.pbmte || old.svnapot != r->slow.svnapot || old.hpbmte != r->slow.hpbmte;
    }
    if (r->rebuild) {
        mmu_world_build(r);
        fence = true;
    }
    if (rebind) {
        r->paging = paging;
        mmu_space_bind(r);
        enter_space(r);
        fence = true;
    }
    if (r->guests && (r->rebuild || rebind)) {
        mmu_guest_bind(r);
    }
    if (r->rebuild || rebind)
        mmu_va_pool(r);
    r->rebuild = false;
    return fence;
}

void mmu_random_drain(mmu_random_t *r, bool idle_next)
{
    if (!r->draining) {
        r->draining = r->rebuild || mmu_chance(r, MMU_W_slow_drain, 10000);
        return;
    }
    if (!idle_next)
        return;
    r->draining = false;
    r->fence_in = -1;
    r->remap.active = false;
    r->fences_queued = 0;
    r->fence_owed = r->fmt != NULL ? mmu_fmt_drained(r) : change_things(r);
    r->fence_owed_g = r->guests && r->fence_owed;
    r->fence_owed_vv = r->fence_owed ? mmu_all_machines(r) : 0;
    if (r->fence_owed)
        r->rebind.active = false;
    mmu_pmp_plan(r);
    /* Requests wait until it is accepted. */
    r->hold = r->fence_owed;
}
