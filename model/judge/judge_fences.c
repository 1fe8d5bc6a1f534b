/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Fences: which of them cover a use of a word (JDG-2, JDG-3; Priv 4.2.1, SFENCE.VMA). A list, oldest first; what
 * stands before the horizon's fence says nothing new and is dropped when the list is full.
 */
#include "judge/judge.h"

#include <string.h>

static bool is_full(const mmu_covering_t *fence)
{
    return !fence->va_en && !fence->asid_en;
}

static mmu_covering_t *last_full_before(mmu_fences_t *fences, mmu_stamp_t stamp)
{
    for (unsigned i = fences->count; i-- > 0;)
        if (is_full(&fences->fence[i]) && fences->fence[i].stamp < stamp)
            return &fences->fence[i];
    return NULL;
}

/* A fence of clock t is before requests accepted after t: stamp(t) = t + 1 <= accepted. */
static bool is_before(const mmu_covering_t *fence, uint64_t accepted)
{
    return fence->stamp <= accepted;
}

/* ---- the list ------------------------------------------------------------------------------------------ */

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

mmu_stamp_t mmu_fences_horizon(const mmu_judge_t *judge)
{
    return mmu_fences_floor(judge, oldest_acceptance(judge));
}

/* Room for one more: drops what the horizon makes idle, else the oldest, which makes the judge milder only. */
static void make_room(mmu_judge_t *judge)
{
    mmu_fences_t *f = &judge->fences;
    const mmu_covering_t *full = last_full_before(f, mmu_fences_horizon(judge) + 1);
    unsigned drop = full == NULL ? 0 : (unsigned)(full - f->fence);

    if (drop < JUDGE_FENCES / 8)
        drop = JUDGE_FENCES / 8;
    f->count -= drop;
    memmove(f->fence, f->fence + drop, f->count * sizeof f->fence[0]);
}

void mmu_fences_add(mmu_judge_t *judge, const mmu_fence_t *fence, uint64_t clock)
{
    mmu_fences_t *f = &judge->fences;

    if (f->count == JUDGE_FENCES)
        make_room(judge);
    f->fence[f->count++] = (mmu_covering_t){.stamp = mmu_stamp(clock),
                                            .va = fence->va,
                                            .asid = fence->asid & judge->asid_mask,
                                            .va_en = fence->va_en,
                                            .asid_en = fence->asid_en};
    f->accepted++;
}

/* ---- covering -------------------------------------------------------------------------------------------- */

static bool covers(const mmu_covering_t *fence, const mmu_use_t *use)
{
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
        if (is_before(&f->fence[i], accepted) && covers(&f->fence[i], use))
            return &f->fence[i];
    return NULL;
}

mmu_stamp_t mmu_fences_floor(const mmu_judge_t *judge, uint64_t accepted)
{
    const mmu_fences_t *f = &judge->fences;

    for (unsigned i = f->count; i-- > 0;)
        if (is_before(&f->fence[i], accepted) && is_full(&f->fence[i]))
            return f->fence[i].stamp;
    return 0;
}
