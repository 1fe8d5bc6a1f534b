/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The bits of a TLB of any shape.
 */
#include "lockwalk/mmu_area.h"

#include <assert.h>

/* ceil(log2 n) */
static unsigned bits_for(uint32_t n)
{
    unsigned bits = 0;

    while (((uint64_t)1 << bits) < n)
        bits++;
    return bits;
}

static unsigned above(unsigned bits, unsigned lowest)
{
    return bits > lowest ? bits - lowest : 0;
}

uint64_t mmu_area_policy_bits(unsigned sets_log2, uint32_t ways, unsigned policy)
{
    const uint64_t sets = (uint64_t)1 << sets_log2;

    assert(ways >= 1);
    switch (policy) {
    case MMU_POLICY_PLRU:
        return sets * (ways - 1);
    case MMU_POLICY_FIFO:
        return sets * bits_for(ways);
    case MMU_POLICY_LRU:
        return sets * ways * bits_for(ways);
    case MMU_POLICY_NRU:
        return sets * ways;
    default:
        return 16;
    }
}

unsigned mmu_area_row_bits(const mmu_area_shape_t *shape, const mmu_area_widths_t *widths)
{
    const unsigned tag = above(widths->va, (unsigned)shape->page_lg + shape->sets_log2);
    const unsigned frame = above(widths->pa, shape->page_lg);

    assert(shape->sizes >= 1);
    return 1 + tag + widths->asid + 1 + frame + widths->rights + bits_for(shape->sizes);
}

uint64_t mmu_area_tlb_bits(const mmu_area_shape_t *shape, const mmu_area_widths_t *widths)
{
    const uint64_t rows = (uint64_t)shape->ways << shape->sets_log2;

    return rows * mmu_area_row_bits(shape, widths) +
           mmu_area_policy_bits(shape->sets_log2, shape->ways, shape->policy);
}
