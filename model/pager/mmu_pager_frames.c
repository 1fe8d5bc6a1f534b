/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager's frames: zones that hand them out in a scattered order, and room for the tables of the classical
 * formats, which are larger than a frame.
 */
#include "pager/mmu_pager_internal.h"

#include <assert.h>

/* 2^32 times the golden section. */
#define GOLDEN UINT64_C(0x9e3779b9)

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void mmu_zone_init(mmu_zone_t *zone, uint64_t base, uint64_t end, unsigned lg)
{
    uint64_t bytes = UINT64_C(1) << lg;

    base = (base + bytes - 1) & ~(bytes - 1);
    zone->base = base;
    zone->lg = (uint8_t)lg;
    zone->frames = end > base ? (end - base) >> lg : 0;
    zone->used = 0;
    zone->next = 0;
    /* The golden section of the zone: neighbouring pages get frames far apart, and all bits of the frame number
     * take part. */
    zone->stride = (zone->frames >> 32) * GOLDEN + ((zone->frames & UINT32_MAX) * GOLDEN >> 32);
    while (zone->frames != 0 && common_divisor(zone->stride, zone->frames) != 1)
        zone->stride++;
}

uint64_t mmu_zone_take(mmu_zone_t *zone)
{
    uint64_t n = zone->next;

    if (zone->used == zone->frames)
        return NO_FRAME;
    zone->used++;
    zone->next = (n + zone->stride) % zone->frames;
    return zone->base + (n << zone->lg);
}

void mmu_zones_init(mmu_pager_t *pager, const uint8_t lg[ZONES], const uint64_t top[ZONES])
{
    uint64_t base = mmu_mem_base(pager->mem), size = mmu_mem_size(pager->mem);
    bool small = pager->opt.huge == MMU_HUGE_NEVER;
    uint64_t cut1 = small ? base + size : base + ((size / 2) & ~UINT64_C(0xfff));
    uint64_t cut2 = small ? base + size : base + ((size / 4 * 3) & ~UINT64_C(0xfff));

    mmu_zone_init(&pager->zone[0], base, lower(cut1, top[0]), lg[0]);
    mmu_zone_init(&pager->zone[1], cut1, lower(cut2, top[1]), lg[1]);
    mmu_zone_init(&pager->zone[2], cut2, lower(base + size, top[2]), lg[2]);
}

void mmu_zones_classic(mmu_pager_t *pager, unsigned lg, uint64_t top)
{
    uint64_t base = mmu_mem_base(pager->mem);
    uint64_t end = lower(base + mmu_mem_size(pager->mem), top);
    uint64_t cut = end > base ? base + (((end - base) / 4) & ~UINT64_C(0xfff)) : base;

    pager->table_next = base;
    pager->table_end = cut;
    mmu_zone_init(&pager->zone[0], cut, end, lg);
}

uint64_t mmu_pager_table(mmu_pager_t *pager, uint64_t bytes, unsigned lg)
{
    uint64_t align = UINT64_C(1) << lg;
    uint64_t at = (pager->table_next + align - 1) & ~(align - 1);

    if (at > pager->table_end || bytes > pager->table_end - at)
        return NO_FRAME;
    pager->table_next = at + bytes;
    return at;
}
