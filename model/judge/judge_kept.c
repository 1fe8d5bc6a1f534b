/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Which words may be used together in formats other than riscv (JDG-24): what an MMU may have kept of them, and where,
 * decides which fence ends it. A pointer that the format lets walk caches keep may be older than a fence that spares
 * them; a whole translation may be, as one, in a TLB. All else has been read after the fence.
 */
#include "judge/judge.h"

/* PWC-3: the fence ends what walk caches keep of this address space. */
static bool ends_pointers(const mmu_covering_t *fence, uint16_t asid)
{
    if (fence->kind == JUDGE_FENCE_RESET)
        return true;
    if (fence->kind == MMU_FENCE_S && fence->va_en)
        return false;
    return (fence->kind == MMU_FENCE_S || fence->kind == MMU_FENCE_X) &&
           (!fence->asid_en || fence->asid == asid);
}

/* All words were there before the fence, so that a TLB may hold what they gave. */
static bool is_older(const mmu_explore_t *x, const mmu_covering_t *fence)
{
    for (unsigned n = 0; n < x->links; n++)
        if (x->link[n].version == NULL || mmu_version_begin(x->judge, x->link[n].version) > fence->stamp)
            return false;
    return true;
}

static bool forbids(const mmu_explore_t *x, const mmu_end_t *end, const mmu_covering_t *fence, unsigned *link)
{
    const mmu_use_t use = mmu_explore_use(x, x->links - 1, end);
    const bool pointers = !ends_pointers(fence, use.asid);
    bool kept = false;

    if (end->fault == MMU_FAULT_NONE && !mmu_fence_covers(fence, &use) && is_older(x, fence))
        return false;
    for (unsigned n = x->links; n-- > 0;) {
        kept |= x->link[n].lg != 0 && pointers;
        *link = n;
        if (!kept && x->link[n].reach <= fence->stamp)
            return true;
    }
    /* JDG-6: a walk from another space's root takes a request of that space. */
    return !kept && x->space != NULL && !x->judge->opt.foreign && x->space->entered <= fence->stamp;
}

const mmu_covering_t *mmu_kept_forbids(const mmu_explore_t *x, const mmu_end_t *end, unsigned *link)
{
    const mmu_fences_t *f = &x->judge->fences;
    mmu_stamp_t least = x->space != NULL ? x->space->entered : JUDGE_OPEN;

    for (unsigned n = 0; n < x->links; n++)
        if (x->link[n].reach < least)
            least = x->link[n].reach;
    for (unsigned i = f->count; i-- > 0 && f->fence[i].stamp >= least;)
        if (f->fence[i].since <= x->accepted && forbids(x, end, &f->fence[i], link))
            return &f->fence[i];
    return NULL;
}
