/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The walk caches. Twin: rtl/mmu_walk_cache.sv. Rules: PWC.
 */
#include "cycle/mmu_walk_cache.h"

void mmu_walk_cache_init(mmu_walk_cache_t *m, const mmu_walk_cache_cfg_t *cfg, mmu_arena_t *arena)
{
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    for (unsigned i = 0; i < MMU_PWC_LEVELS; i++) {
        if (cfg->pwc[i].ways == 0)
            continue;
        m->exists |= (uint8_t)(1u << i);
        mmu_array_init(&m->array[i],
                       (mmu_array_cfg_t){.sets = 1,
                                         .ways = cfg->pwc[i].ways,
                                         .policy = cfg->pwc[i].policy,
                                         .vm = cfg->hypervisor && cfg->stage == 0},
                       arena);
    }
}

/* PWC-3: does the fence end anything here? */
static bool fenced(const mmu_walk_cache_t *m, const mmu_fence_t *fence)
{
    if (m->cfg.stage != 0)
        return fence->kind == MMU_FENCE_G && !fence->va_en;
    return fence->kind == MMU_FENCE_G || fence->kind == MMU_FENCE_X || !fence->va_en;
}

/* PWC-3: what. No address counts: one that FenceS or FenceVv has does not come here, and INVLPG's ends all pointers
 * of its PCID. */
static void fence_rows(const mmu_walk_cache_t *m, const mmu_fence_t *fence, mmu_array_in_t *a)
{
    if (m->cfg.stage != 0) {
        a->fence_key = mmu_make_gkey(fence->vmid, 0);
        a->fence_mask = mmu_make_gkey(fence->vmid_en ? UINT16_MAX : 0, 0);
    } else {
        const mmu_fence_cmp_t cmp = mmu_fence_cmp(fence);
        a->fence_key = cmp.key;
        a->fence_mask = cmp.mask & MMU_KEY_ASID_MASK;
        a->fence_vm = cmp.vm;
        a->fence_vm_mask = cmp.vm_mask;
    }
}

void mmu_walk_cache_comb(mmu_walk_cache_t *m, const mmu_walk_cache_in_t *in, mmu_walk_cache_out_t *out)
{
    /* Of one set: key_lg and fill_lg do not matter. */
    mmu_array_in_t a = {.lookup = true, .key = in->key, .space = in->space};

    /* p_lookup, PWC-1: the deepest pointer. */
    *out = (mmu_walk_cache_out_t){0};
    for (unsigned left = in->lookup ? m->exists : 0; left != 0; left &= left - 1) {
        const unsigned i = mmu_lowest(left);
        mmu_array_out_t found;
        mmu_array_out(&m->array[i], &a, &found);
        if (found.hit) {
            out->hit = true;
            out->level = (uint8_t)(i + 1);
            out->pos = found.data;
            break;
        }
    }

    /* p_next */
    const bool fence = in->fence_accept && fenced(m, &in->fence);
    const unsigned touch = out->hit && in->use ? 1u << (out->level - 1) : 0;
    const unsigned fill = in->fill && !in->fence_accept && in->fill_level != 0 /* PWC-2 */
                              ? (1u << (in->fill_level - 1)) & m->exists
                              : 0;
    unsigned active = touch | fill | (fence ? m->exists : 0);
    m->d.arrays = (uint8_t)active;
    for (; active != 0; active &= active - 1) {
        const unsigned i = mmu_lowest(active);
        a.touch = ((touch >> i) & 1u) != 0;
        a.fill = ((fill >> i) & 1u) != 0;
        if (a.fill)
            a.fill_row = in->fill_row;
        a.fence = fence;
        if (fence)
            fence_rows(m, &in->fence, &a);
        mmu_array_comb(&m->array[i], &a);
    }
}

void mmu_walk_cache_seq(mmu_walk_cache_t *m, bool rst_n)
{
    for (unsigned left = rst_n ? m->d.arrays : m->exists; left != 0; left &= left - 1)
        mmu_array_seq(&m->array[mmu_lowest(left)], rst_n);
}
