/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Fences: which of them cover a use of a word (JDG-2, JDG-3; Priv 4.2.1, SFENCE.VMA; hypervisor chapter, HFENCE.VVMA
 * and HFENCE.GVMA). A list, in the order of their stamps; what stands before the horizon says nothing new and is dropped
 * when the list is full.
 */
#include "judge/judge.h"

#include <string.h>

/* ---- covering -------------------------------------------------------------------------------------------- */

/* A fence of clock t is before requests accepted after t. */
static bool is_before(const mmu_covering_t *fence, uint64_t accepted)
{
    return fence->since <= accepted;
}

static bool is_of_stage(const mmu_covering_t *fence, const mmu_use_t *use)
{
    switch (fence->kind) {
    case MMU_FENCE_S:
    case MMU_FENCE_X:
        return !use->v;
    case MMU_FENCE_VV:
        return use->v && use->stage == 0 && fence->vmid == use->vmid;
    case MMU_FENCE_G:
        return use->stage == 1 && (!fence->vmid_en || fence->vmid == use->vmid);
    default: /* SFENCE.INVAL.IR covers nothing, but walks may begin anew after it (FEN-1) */
        return false;
    }
}

/* X86-13: what a TLB holds of this mapping. */
static bool covers_x(const mmu_covering_t *fence, const mmu_use_t *use)
{
    if (use->every)
        return !fence->va_en && !fence->asid_en && !fence->keep_g;
    if (use->global ? fence->keep_g : fence->asid_en && fence->asid != use->asid)
        return false;
    return !fence->va_en || (use->leaf && (fence->va ^ use->va) >> use->lg == 0);
}

bool mmu_fence_covers(const mmu_covering_t *fence, const mmu_use_t *use)
{
    if (fence->kind == JUDGE_FENCE_RESET)
        return true;
    if (!is_of_stage(fence, use))
        return false;
    if (fence->kind == MMU_FENCE_X)
        return covers_x(fence, use);
    /* By ASID: words of mappings that are not global. */
    if (fence->asid_en && (use->global || fence->asid != use->asid))
        return false;
    /* By address: the leaf of that address only. An address that is not one matches none. */
    return !fence->va_en || (use->leaf && (fence->va ^ use->va) >> use->lg == 0);
}

const mmu_covering_t *mmu_fences_cover(const mmu_judge_t *judge, uint64_t accepted, const mmu_use_t *use)
{
    const mmu_fences_t *f = &judge->fences;

    for (unsigned i = f->count; i-- > 0;)
        if (is_before(&f->fence[i], accepted) && mmu_fence_covers(&f->fence[i], use))
            return &f->fence[i];
    return NULL;
}

const mmu_covering_t *mmu_fences_end(const mmu_judge_t *judge, uint64_t accepted, const mmu_use_t *use,
                                     mmu_stamp_t reach)
{
    const mmu_fences_t *f = &judge->fences;
    const mmu_covering_t *first = NULL;

    for (unsigned i = f->count; i-- > 0 && f->fence[i].stamp >= reach;)
        if (is_before(&f->fence[i], accepted) && mmu_fence_covers(&f->fence[i], use))
            first = &f->fence[i];
    return first;
}

mmu_stamp_t mmu_fences_floor(const mmu_judge_t *judge, uint64_t accepted, const mmu_ctx_t *ctx, uint8_t stage)
{
    mmu_use_t use = {.v = ctx->v, .vmid = ctx->vmid, .stage = stage, .global = true, .every = true};
    const mmu_covering_t *fence = mmu_fences_cover(judge, accepted, &use);

    return fence == NULL ? 0 : fence->stamp;
}

bool mmu_fences_since(const mmu_judge_t *judge, uint64_t clock, mmu_stamp_t until)
{
    const mmu_fences_t *f = &judge->fences;

    for (unsigned i = f->count; i-- > 0 && f->fence[i].stamp > clock;)
        if (f->fence[i].stamp <= until)
            return true;
    return false;
}

/* ---- the horizon ----------------------------------------------------------------------------------------- */

void mmu_machines_enter(mmu_judge_t *judge, uint16_t vmid)
{
    mmu_machines_t *m = &judge->machines;
    unsigned n, last = 0;

    for (n = 0; n < m->count && m->vmid[n] != vmid; n++)
        if (m->seen[n] < m->seen[last])
            last = n;
    if (n == JUDGE_MACHINES) {
        m->forgotten = mmu_stamp(judge->clock);
        n = last;
    } else if (n == m->count) {
        m->count++;
    }
    m->vmid[n] = vmid;
    m->seen[n] = mmu_stamp(judge->clock);
}

static uint64_t oldest_acceptance(const mmu_judge_t *judge)
{
    uint64_t oldest = judge->clock;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = judge->outstanding[port]; left != 0; left &= left - 1) {
            uint64_t clock = judge->request[port][__builtin_ctz(left)].clock;
            if (clock < oldest)
                oldest = clock;
        }
    for (unsigned i = 0; i < judge->ghosts; i++)
        if (judge->ghost[i].request.clock < oldest)
            oldest = judge->ghost[i].request.clock;
    return oldest;
}

static void lower(mmu_stamp_t *stamp, mmu_stamp_t to)
{
    if (to < *stamp)
        *stamp = to;
}

mmu_stamp_t mmu_fences_horizon(const mmu_judge_t *judge)
{
    const mmu_machines_t *m = &judge->machines;
    uint64_t oldest = oldest_acceptance(judge);
    mmu_ctx_t ctx = {.v = false};
    mmu_stamp_t first = mmu_fences_floor(judge, oldest, &ctx, 0), horizon;

    ctx.v = true;
    for (unsigned n = 0; n < m->count && first > 0; n++) {
        ctx.vmid = m->vmid[n];
        lower(&first, mmu_fences_floor(judge, oldest, &ctx, 0));
    }
    /* Of the G stage, what first-stage words may have been read through as well (JDG-20): no fence of it after them
     * counts. */
    horizon = first;
    for (unsigned n = 0; n < m->count && horizon > 0; n++) {
        ctx.vmid = m->vmid[n];
        lower(&horizon, mmu_fences_floor(judge, first, &ctx, 1));
    }
    return horizon;
}

/* ---- the list ------------------------------------------------------------------------------------------ */

/* Room for one more: drops what the horizon makes idle, else the oldest, which makes the judge milder only. */
static void make_room(mmu_judge_t *judge)
{
    mmu_fences_t *f = &judge->fences;
    mmu_stamp_t horizon = mmu_fences_horizon(judge);
    unsigned drop = 0;

    while (drop < f->count && f->fence[drop].stamp < horizon)
        drop++;
    if (drop < JUDGE_FENCES / 8)
        drop = JUDGE_FENCES / 8;
    f->count -= drop;
    memmove(f->fence, f->fence + drop, f->count * sizeof f->fence[0]);
}

static void insert(mmu_judge_t *judge, const mmu_covering_t *fence)
{
    mmu_fences_t *f = &judge->fences;
    unsigned at;

    if (f->count == JUDGE_FENCES)
        make_room(judge);
    for (at = f->count; at > 0 && f->fence[at - 1].stamp > fence->stamp; at--)
        f->fence[at] = f->fence[at - 1];
    f->fence[at] = *fence;
    f->count++;
    f->accepted++;
}

/* FEN-4: somebody else's MMU may take its time with what is posted, until then. */
static void take_posted(mmu_judge_t *judge, uint64_t clock)
{
    mmu_fences_t *f = &judge->fences;

    for (unsigned i = 0; i < f->posts; i++) {
        f->posted[i].since = mmu_stamp(clock);
        insert(judge, &f->posted[i]);
    }
    f->posts = 0;
}

void mmu_fences_add(mmu_judge_t *judge, const mmu_fence_t *fence, uint64_t clock)
{
    mmu_fences_t *f = &judge->fences;
    mmu_covering_t c = {.stamp = mmu_stamp(clock),
                        .since = mmu_stamp(clock),
                        .va = fence->va,
                        .asid = fence->asid & judge->asid_mask,
                        .vmid = fence->vmid & judge->vmid_mask,
                        .kind = fence->kind,
                        .va_en = fence->va_en,
                        .asid_en = fence->asid_en && fence->kind != MMU_FENCE_G,
                        .vmid_en = fence->vmid_en,
                        .keep_g = fence->keep_g};

    if (fence->kind == MMU_FENCE_INVAL_IR)
        take_posted(judge, clock);
    if (fence->kind == MMU_FENCE_W_INVAL)
        return;
    if (!judge->opt.foreign || !fence->posted || fence->kind == MMU_FENCE_INVAL_IR)
        insert(judge, &c);
    else if (f->posts < JUDGE_POSTED)
        f->posted[f->posts++] = c;
}

void mmu_fences_reset(mmu_judge_t *judge, uint64_t clock)
{
    mmu_covering_t c = {.stamp = mmu_stamp(clock), .since = mmu_stamp(clock), .kind = JUDGE_FENCE_RESET};

    judge->fences.posts = 0;
    insert(judge, &c);
}
