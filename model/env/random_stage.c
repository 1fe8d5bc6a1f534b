/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Which stage's word a walk reads or swaps, as far as the tables tell, and fences aimed at it.
 */
#include "env/random.h"

uint8_t mmu_stage_of(const mmu_random_t *r, uint64_t addr)
{
    unsigned index;
    const mmu_table_t *table = mmu_world_find(r, addr, &index);

    return (uint8_t)(table == NULL ? MMU_OF_ONE : mmu_row_stage(table->paging));
}

static void aim(mmu_random_t *r, mmu_weight_e weight, uint32_t range, mmu_fence_kind_e kind)
{
    bool was_free = r->fence_in < 0;

    mmu_aim(r, &r->fence_in, weight, range);
    if (was_free && r->fence_in >= 0)
        r->fence_hint = (uint8_t)(kind + 1);
}

/* A leaf of the VS stage whose A or D the hardware sets: from here to its swap the G stage is walked once more. */
static bool needs_update(const mmu_random_t *r, const mmu_mrsp_t *rsp)
{
    return r->slow.hadue && !rsp->err && (rsp->data & 1) != 0 && (rsp->data & 0xe) != 0 &&
           (rsp->data & 0xc0) != 0xc0;
}

void mmu_stage_watch_walk(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    const mmu_mreq_t *req = &out->mreq;
    unsigned id = in->mrsp.id & ((1u << MMU_SLOT_W) - 1);

    if (in->mrsp.valid && r->waiting[id].stage == MMU_OF_VS) {
        r->updating &= ~(1u << id);
        if (!r->waiting[id].swap && needs_update(r, &in->mrsp)) {
            r->updating |= 1u << id;
            aim(r, MMU_W_fence_at_update, 8, mmu_draw(r, 3) == 0 ? MMU_FENCE_G : MMU_FENCE_VV);
        }
    }
    if (!req->valid || !in->mreq_ready)
        return;
    id = req->id & ((1u << MMU_SLOT_W) - 1);
    r->waiting[id].stage = mmu_stage_of(r, req->addr);
    if (r->waiting[id].stage == MMU_OF_VS) {
        r->updating &= ~(1u << id);
        aim(r, MMU_W_fence_at_vs_read, 3, MMU_FENCE_VV);
    } else if (r->waiting[id].stage == MMU_OF_G) {
        aim(r, MMU_W_fence_at_g_read, 3, MMU_FENCE_G);
    } else {
        r->updating &= ~(1u << id);
    }
}
