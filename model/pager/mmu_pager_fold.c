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

/* Bytes of user mode that are not packed, as log2; 0: all are. */
static unsigned open_bits(const mmu_pager_t *pager)
{
    if (pager->opt.format == MMU_FORMAT_RISCV)
        return MMU_PAGER_VA_BITS;
    if (pager->opt.format != MMU_FORMAT_X86 || pager->opt.mode < MMU_X86_PML4)
        return 0;
    return pager->opt.mode == MMU_X86_PML4 ? 47 : 56;
}

/* Size of a packed region, and how many there may be. */
static uint64_t most_regions(const mmu_pager_t *pager, unsigned *lg)
{
    *lg = 16;
    if (pager->opt.format == MMU_FORMAT_SEGMENT) /* a region is a segment */
        return 1u << 16;
    if (pager->opt.format == MMU_FORMAT_BOUNDS)
        return pager->zone[0].frames;
    *lg = 22;
    return 1u << 10;
}

bool mmu_pager_place(mmu_pager_t *pager, uint64_t va, uint64_t *folded)
{
    const unsigned bits = open_bits(pager);
    uint64_t most;
    unsigned lg;

    if (bits != 0) {
        *folded = pager->opt.format == MMU_FORMAT_RISCV ? mmu_pager_fold(va) : fold_x86(va, bits);
        return true;
    }
    most = most_regions(pager, &lg);
    return pack(&pager->regions, va, lg, most, folded);
}

unsigned mmu_pager_open_bits(const mmu_pager_t *pager)
{
    return open_bits(pager);
}

bool mmu_pager_has_room(const mmu_pager_t *pager, uint64_t regions)
{
    unsigned lg;

    return open_bits(pager) != 0 || pager->regions.count + regions <= most_regions(pager, &lg);
}

bool mmu_pager_region(const mmu_pager_t *pager, size_t n, mmu_region_t *region)
{
    if (n >= pager->regions.count)
        return false;
    *region = pager->regions.region[n];
    return true;
}
