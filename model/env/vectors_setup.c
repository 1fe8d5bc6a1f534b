/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A world's registers, written while the MMU is idle, and the fences that flush.
 */
#include "env/vectors.h"

/* ---- slow registers ----------------------------------------------------------------------------------- */

void mmu_vectors_pmp_reset(mmu_vectors_t *v)
{
    mmu_in_t first = {0};

    mmu_stage_open_pmp(v->base.stage, &first);
    if (first.pmp.valid) {
        v->pmp_cfg[first.pmp.index] = first.pmp.cfg;
        v->pmp_addr[first.pmp.index] = first.pmp.addr;
    }
}

/* With RLB, so that no lock of the world before is in the way (PMP-5). */
void mmu_vectors_world_registers(mmu_vectors_t *v, mmu_in_t *next)
{
    next->slow = mmu_vectors_slow(v->world);
    next->slow.rlb = true;
    v->pmp = mmu_vectors_pmp(v->world, &v->model_pmp);
}

/* What entry n is to hold: the world's, or, in one without PMP, entry 0 over everything with R, W and X. */
static mmu_pmp_write_t wanted(const mmu_vectors_t *v, unsigned n)
{
    mmu_in_t open = {0};

    if (v->pmp == NULL && n == 0)
        mmu_stage_open_pmp(v->base.stage, &open);
    else if (v->pmp != NULL && n < v->pmp->entries)
        open.pmp = (mmu_pmp_write_t){.cfg = v->pmp->cfg[n], .addr = v->pmp->addr[n]};
    open.pmp.valid = true;
    open.pmp.index = (uint8_t)(n & (MMU_MAX_PMP - 1));
    return open.pmp;
}

bool mmu_vectors_write_pmp(mmu_vectors_t *v, mmu_in_t *next)
{
    for (unsigned n = 0; n < v->base.stage->opt->pmp_entries; n++) {
        const mmu_pmp_write_t write = wanted(v, n);

        if (v->pmp_cfg[n] == write.cfg && v->pmp_addr[n] == write.addr)
            continue;
        v->pmp_cfg[n] = write.cfg;
        v->pmp_addr[n] = write.addr;
        next->pmp = write;
        return true;
    }
    next->slow.rlb = false;
    return false;
}

/* ---- flushes ------------------------------------------------------------------------------------------ */

static void plan(mmu_vectors_t *v, uint8_t kind, bool posted)
{
    v->fence[v->fences++] = (mmu_fence_t){.valid = true, .kind = kind, .posted = posted};
}

/* The first flush of a world ends what any world before has left, of another format too; later ones what this one
 * leaves: VMID is 0, so a single stage's rows are all ended by FenceS, those of both by FenceVv and FenceG. In the last
 * step by Svinval. x86 knows FenceX alone: INVPCID of all contexts, global pages included (X86-13). */
void mmu_vectors_plan_flush(mmu_vectors_t *v)
{
    const bool first = v->group == 0 && v->position == 0 && v->step == MMU_VECTORS_COLD;
    const bool inval = v->step == MMU_VECTORS_RANDOM;
    const bool both = v->world->key[MMU_TV_VIRT] != 0;
    const bool x86 = mmu_vectors_format(v->world) == MMU_FORMAT_X86;

    v->fences = v->fences_offered = 0;
    if (x86)
        plan(v, MMU_FENCE_X, false);
    else if (inval)
        plan(v, MMU_FENCE_W_INVAL, false);
    if (!x86 && (first || !both))
        plan(v, MMU_FENCE_S, inval);
    if (first || both) {
        plan(v, MMU_FENCE_VV, inval);
        plan(v, MMU_FENCE_G, inval);
    }
    if (inval && !x86)
        plan(v, MMU_FENCE_INVAL_IR, false);
}

bool mmu_vectors_flush(mmu_vectors_t *v, mmu_in_t *next)
{
    if (next->fence.valid || v->base.stage->fence_pending)
        return true;
    if (v->fences_offered == v->fences)
        return false;
    next->fence = v->fence[v->fences_offered++];
    return true;
}
