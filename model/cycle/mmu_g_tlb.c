/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The G stage's TLB. Twin: rtl/mmu_g_tlb.sv. Rules: GTLB.
 */
#include "cycle/mmu_g_tlb.h"

void mmu_g_tlb_init(mmu_g_tlb_t *m, const mmu_g_tlb_cfg_t *cfg, mmu_arena_t *arena)
{
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    if (cfg->ways != 0)
        mmu_array_init(&m->array, (mmu_array_cfg_t){.sets = 1, .ways = cfg->ways, .policy = cfg->policy},
                       arena);
}

void mmu_g_tlb_out(mmu_g_tlb_t *m, const mmu_g_tlb_in_t *in, mmu_g_tlb_out_t *out)
{
    const mmu_array_in_t a = {.lookup = in->lookup, .key = in->key};
    mmu_array_out_t found = {0};

    /* p_lookup, GTLB-1 */
    if (m->cfg.ways != 0)
        mmu_array_out(&m->array, &a, &found);
    out->hit = found.hit;
    out->entry = found.data;
}

/* GTLB-3: which part of {VMID, guest physical address} counts. */
static uint64_t fence_mask(const mmu_fence_t *fence)
{
    return mmu_make_gkey(fence->vmid_en ? UINT16_MAX : 0, fence->va_en ? ~UINT64_C(0) : 0);
}

void mmu_g_tlb_comb(mmu_g_tlb_t *m, const mmu_g_tlb_in_t *in)
{
    /* p_next */
    mmu_array_in_t a = {.touch = in->touch, .drop = in->drop};

    a.fence = in->fence_accept && in->fence.kind == MMU_FENCE_G;
    if (a.fence) {
        a.fence_key = mmu_make_gkey(in->fence.vmid, in->fence.va);
        a.fence_mask = fence_mask(&in->fence);
    }
    a.fill = in->fill && !in->fence_accept; /* GTLB-2 */
    if (a.fill)
        a.fill_row = in->fill_row;
    m->d.any = m->cfg.ways != 0 && (a.touch || a.drop || a.fill || a.fence);
    if (m->d.any)
        mmu_array_comb(&m->array, &a);
}

void mmu_g_tlb_seq(mmu_g_tlb_t *m, bool rst_n)
{
    if (m->cfg.ways != 0 && (!rst_n || m->d.any))
        mmu_array_seq(&m->array, rst_n);
}
