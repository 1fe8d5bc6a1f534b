/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager: frames, Sv39 page tables on first touch, A and D for Svade.
 */
#include "lockwalk/mmu_pager.h"

#include <assert.h>
#include <stdlib.h>

/* Bits of a page-table entry (Priv, Sv39). */
#define PTE_V UINT64_C(0x01)
#define PTE_R UINT64_C(0x02)
#define PTE_W UINT64_C(0x04)
#define PTE_X UINT64_C(0x08)
#define PTE_U UINT64_C(0x10)
#define PTE_A UINT64_C(0x40)
#define PTE_D UINT64_C(0x80)

#define LEVELS 3u
#define NO_FRAME UINT64_MAX

/* 2^32 times the golden section. */
#define GOLDEN UINT64_C(0x9e3779b9)

/* RAM is cut into a zone a page size; each hands out its frames once, in a scattered order. */
typedef struct {
    uint64_t base;   /* bytes */
    uint64_t frames; /* of 2^lg bytes */
    uint64_t stride; /* frames; shares no divisor with `frames`, so that the steps meet each frame once */
    uint64_t used;   /* frames handed out */
    uint64_t next;   /* number of the frame to hand out next */
    uint8_t lg;
} zone_t;

struct mmu_pager {
    mmu_mem_t *mem;
    mmu_huge_e huge;
    bool svade;
    uint64_t root; /* bytes */
    zone_t zone[LEVELS];
    mmu_page_t *pages;
    size_t count, room;
    uint32_t *index; /* hash table of page number + 1 by va; 0: free */
    size_t places;   /* a power of two */
};

/* ---- frames --------------------------------------------------------------------------------- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

static void zone_init(zone_t *zone, uint64_t base, uint64_t end, uint8_t lg)
{
    uint64_t bytes = UINT64_C(1) << lg;

    base = (base + bytes - 1) & ~(bytes - 1);
    zone->base = base;
    zone->lg = lg;
    zone->frames = end > base ? (end - base) >> lg : 0;
    zone->used = 0;
    zone->next = 0;
    /* The golden section of the zone: neighbouring pages get frames far apart, and all bits of the frame number
     * take part. */
    zone->stride = (zone->frames >> 32) * GOLDEN + ((zone->frames & UINT32_MAX) * GOLDEN >> 32);
    while (zone->frames != 0 && common_divisor(zone->stride, zone->frames) != 1)
        zone->stride++;
}

static uint64_t zone_take(zone_t *zone)
{
    uint64_t n = zone->next;

    if (zone->used == zone->frames)
        return NO_FRAME;
    zone->used++;
    zone->next = (n + zone->stride) % zone->frames;
    return zone->base + (n << zone->lg);
}

/* Half of RAM for 4 KiB frames, a quarter for 2 MiB, a quarter for 1 GiB; all for 4 KiB without huge pages. */
static void zones_init(mmu_pager_t *pager)
{
    uint64_t base = mmu_mem_base(pager->mem), size = mmu_mem_size(pager->mem);
    bool small = pager->huge == MMU_HUGE_NEVER;
    uint64_t cut1 = small ? base + size : base + ((size / 2) & ~UINT64_C(0xfff));
    uint64_t cut2 = small ? base + size : base + ((size / 4 * 3) & ~UINT64_C(0xfff));

    zone_init(&pager->zone[0], base, cut1, 12);
    zone_init(&pager->zone[1], cut1, cut2, 21);
    zone_init(&pager->zone[2], cut2, base + size, 30);
}

/* ---- which page size ------------------------------------------------------------------------ */

uint64_t mmu_pager_fold(uint64_t va)
{
    const uint64_t low = (UINT64_C(1) << MMU_PAGER_VA_BITS) - 1;
    uint64_t high = va >> MMU_PAGER_VA_BITS; /* 26 bits: 17, and 9 more, onto bits 37:21 */

    return (va & low) ^ ((high & 0x1ffff) << 21) ^ ((high >> 17) << 21);
}

/* The hash of docs/traces.md: the upper half of a product of 32 bits. */
static uint32_t region_hash(uint64_t region)
{
    return (((uint32_t)region + 1) * UINT32_C(0x9e3779b1)) >> 16;
}

unsigned mmu_pager_lg(mmu_huge_e huge, uint64_t va)
{
    switch (huge) {
    case MMU_HUGE_2M:
        return 21;
    case MMU_HUGE_1G:
        return 30;
    case MMU_HUGE_MIXED:
        if ((region_hash(va >> 30) & 3) == 0)
            return 30;
        return (region_hash(va >> 21) >> 13 & 1) == 0 ? 21 : 12;
    case MMU_HUGE_NEVER:
    default:
        return 12;
    }
}

/* ---- the pager's own list of pages ---------------------------------------------------------- */

static uint32_t *index_place(const mmu_pager_t *pager, uint64_t va, unsigned lg)
{
    uint64_t number = va >> lg;
    size_t p = (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 24) & (pager->places - 1);

    while (pager->index[p] != 0 && pager->pages[pager->index[p] - 1].va != number << lg)
        p = (p + 1) & (pager->places - 1);
    return &pager->index[p];
}

static void *must_have(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static void remember(mmu_pager_t *pager, mmu_page_t page)
{
    if (pager->count == pager->room) {
        pager->room *= 2;
        pager->pages = must_have(realloc(pager->pages, pager->room * sizeof *pager->pages));
    }
    if (2 * (pager->count + 1) > pager->places) {
        pager->places *= 2;
        free(pager->index);
        pager->index = must_have(calloc(pager->places, sizeof *pager->index));
        for (size_t i = 0; i < pager->count; i++)
            *index_place(pager, pager->pages[i].va, pager->pages[i].lg) = (uint32_t)(i + 1);
    }
    pager->pages[pager->count++] = page;
    *index_place(pager, page.va, page.lg) = (uint32_t)pager->count;
}

/* A region has one page size, decided by the address alone, so two pages never overlap and `va` of the first
 * byte names a page. */
static mmu_page_t *find(mmu_pager_t *pager, uint64_t va)
{
    uint32_t n = *index_place(pager, va, mmu_pager_lg(pager->huge, va));

    return n == 0 ? NULL : &pager->pages[n - 1];
}

const mmu_page_t *mmu_pager_find(mmu_pager_t *pager, uint64_t va)
{
    return find(pager, va);
}

/* ---- page tables ---------------------------------------------------------------------------- */

static uint64_t pte_make(uint64_t pa, uint64_t bits)
{
    return (pa >> 12 << 10) | bits;
}

static mmu_pager_served_e map(mmu_pager_t *pager, uint64_t va, uint64_t clock)
{
    unsigned lg = mmu_pager_lg(pager->huge, va);
    unsigned leaf_level = (lg - 12) / 9;
    uint64_t table = pager->root;
    mmu_page_t page = {.lg = (uint8_t)lg, .clock = clock, .va = va >> lg << lg};

    for (unsigned level = LEVELS - 1;; level--) {
        uint64_t at = table + ((va >> (12 + 9 * level)) & 511) * 8;
        if (level == leaf_level) {
            page.pte_addr = at;
            break;
        }
        uint64_t pte = mmu_mem_read(pager->mem, at, true);
        if ((pte & PTE_V) == 0) {
            uint64_t frame = zone_take(&pager->zone[0]);
            if (frame == NO_FRAME)
                return MMU_PAGER_NO_MEMORY;
            pte = pte_make(frame, PTE_V);
            mmu_mem_write(pager->mem, at, true, pte);
        }
        table = pte >> 10 << 12;
    }
    page.pa = zone_take(&pager->zone[leaf_level]);
    if (page.pa == NO_FRAME)
        return MMU_PAGER_NO_MEMORY;
    mmu_mem_write(pager->mem, page.pte_addr, true, pte_make(page.pa, PTE_V | PTE_R | PTE_W | PTE_X | PTE_U));
    remember(pager, page);
    return MMU_PAGER_MAPPED;
}

mmu_pager_served_e mmu_pager_serve(mmu_pager_t *pager, uint64_t va, uint8_t acc, uint64_t clock)
{
    const mmu_page_t *page = find(pager, va);
    uint64_t need = PTE_A | (acc == MMU_ACC_STORE ? PTE_D : 0);
    uint64_t pte;

    assert(va >> MMU_PAGER_VA_BITS == 0);
    if (page == NULL)
        return map(pager, va, clock);
    pte = mmu_mem_read(pager->mem, page->pte_addr, true);
    if (!pager->svade || (pte & need) == need)
        return MMU_PAGER_NOTHING;
    mmu_mem_write(pager->mem, page->pte_addr, true, pte | need);
    return MMU_PAGER_AD_SET;
}

/* ---- life ----------------------------------------------------------------------------------- */

mmu_pager_t *mmu_pager_create(mmu_mem_t *mem, mmu_huge_e huge, bool svade)
{
    mmu_pager_t *pager = calloc(1, sizeof *pager);

    if (pager == NULL)
        return NULL;
    pager->mem = mem;
    pager->huge = huge;
    pager->svade = svade;
    zones_init(pager);
    pager->root = zone_take(&pager->zone[0]);
    pager->room = 256;
    pager->pages = malloc(pager->room * sizeof *pager->pages);
    pager->places = 1024;
    pager->index = calloc(pager->places, sizeof *pager->index);
    if (pager->root == NO_FRAME || pager->pages == NULL || pager->index == NULL) {
        mmu_pager_destroy(pager);
        return NULL;
    }
    return pager;
}

void mmu_pager_destroy(mmu_pager_t *pager)
{
    if (pager == NULL)
        return;
    free(pager->pages);
    free(pager->index);
    free(pager);
}

uint64_t mmu_pager_root(const mmu_pager_t *pager)
{
    return pager->root >> 12;
}
