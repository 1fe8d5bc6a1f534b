/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of a trace to addresses that the format has (docs/traces.md, "Wide addresses").
 *
 *     riscv (Sv39), x86 4- and 5-level   what fits stays; upper bits are XORed onto bits from 21 on
 *     all others                         regions are packed in order of first touch
 */
#include "pager/mmu_pager_internal.h"

#include <assert.h>
#include <stdlib.h>

#define FOLD_LG 21

/* ---- XOR ------------------------------------------------------------------------------------ */

uint64_t mmu_pager_fold(uint64_t va)
{
    const uint64_t low = (UINT64_C(1) << MMU_PAGER_VA_BITS) - 1;
    uint64_t high = va >> MMU_PAGER_VA_BITS; /* 26 bits: 17, and 9 more, onto bits 37:21 */

    return (va & low) ^ ((high & 0x1ffff) << FOLD_LG) ^ ((high >> 17) << FOLD_LG);
}

/* x86: 47 or 56 bits of user mode; what is above fits onto the bits from 21 on at once. */
static uint64_t fold_x86(uint64_t va, unsigned bits)
{
    return (va & ((UINT64_C(1) << bits) - 1)) ^ (va >> bits << FOLD_LG);
}

/* ---- regions -------------------------------------------------------------------------------- */

void mmu_regions_free(mmu_regions_t *regions)
{
    free(regions->region);
    free(regions->index);
}

static uint32_t *place_of(const mmu_regions_t *r, uint64_t va, unsigned lg)
{
    size_t p = (size_t)(((va >> lg) * UINT64_C(0x9e3779b97f4a7c15)) >> 24) & (r->places - 1);

    while (r->index[p] != 0 && r->region[r->index[p] - 1].va != va >> lg << lg)
        p = (p + 1) & (r->places - 1);
    return &r->index[p];
}

static void make_room(mmu_regions_t *r, unsigned lg)
{
    if (r->count == r->room) {
        r->room = r->room == 0 ? 64 : 2 * r->room;
        r->region = mmu_pager_must_have(realloc(r->region, r->room * sizeof *r->region));
    }
    if (2 * (r->count + 1) <= r->places)
        return;
    r->places = r->places == 0 ? 256 : 2 * r->places;
    free(r->index);
    r->index = mmu_pager_must_have(calloc(r->places, sizeof *r->index));
    for (size_t i = 0; i < r->count; i++)
        *place_of(r, r->region[i].va, lg) = (uint32_t)(i + 1);
}

static bool pack(mmu_regions_t *r, uint64_t va, unsigned lg, uint64_t most, uint64_t *folded)
{
    const uint64_t offset = va & ((UINT64_C(1) << lg) - 1);
    uint32_t *at;

    make_room(r, lg);
    at = place_of(r, va, lg);
    if (*at == 0) {
        if (r->count == most)
            return false;
        r->region[r->count] =
            (mmu_region_t){.va = va - offset, .folded = (uint64_t)r->count << lg, .lg = (uint8_t)lg};
        r->count++;
        *at = (uint32_t)r->count;
    }
    *folded = r->region[*at - 1].folded | offset;
    return true;
}

bool mmu_pager_place(mmu_pager_t *pager, uint64_t va, uint64_t *folded)
{
    switch (pager->opt.format) {
    case MMU_FORMAT_RISCV:
        *folded = mmu_pager_fold(va);
        return true;
    case MMU_FORMAT_X86:
        if (pager->opt.mode == MMU_X86_PML4 || pager->opt.mode == MMU_X86_PML5) {
            *folded = fold_x86(va, pager->opt.mode == MMU_X86_PML4 ? 47 : 56);
            return true;
        }
        break;
    case MMU_FORMAT_SEGMENT: /* a region is a segment */
        return pack(&pager->regions, va, 16, 1u << 16, folded);
    case MMU_FORMAT_BOUNDS:
        return pack(&pager->regions, va, 16, pager->zone[0].frames, folded);
    default:
        break;
    }
    return pack(&pager->regions, va, 22, 1u << 10, folded);
}

bool mmu_pager_region(const mmu_pager_t *pager, size_t n, mmu_region_t *region)
{
    if (n >= pager->regions.count)
        return false;
    *region = pager->regions.region[n];
    return true;
}
