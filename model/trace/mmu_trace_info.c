/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a trace holds: kinds of accesses and distinct pages.
 */
#include "lockwalk/mmu_trace.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_CODE 1u
#define SEEN_DATA 2u

/* Page numbers with marks: a hash table, open addressing. */
typedef struct {
    uint64_t *page;
    uint8_t *marks; /* 0: the place is free */
    size_t places;  /* a power of two */
    size_t used;
} pages_t;

static void *zeroed(size_t count, size_t size)
{
    void *p = calloc(count, size);

    if (p == NULL)
        abort();
    return p;
}

static void pages_init(pages_t *set, size_t places)
{
    set->page = zeroed(places, sizeof *set->page);
    set->marks = zeroed(places, sizeof *set->marks);
    set->places = places;
    set->used = 0;
}

static void pages_free(pages_t *set)
{
    free(set->page);
    free(set->marks);
}

/* Adds marks to a page; tells the ones that are new. */
static uint8_t mark(pages_t *set, uint64_t page, uint8_t marks)
{
    size_t p = (size_t)((page * UINT64_C(0x9e3779b97f4a7c15)) >> 24) & (set->places - 1);
    uint8_t fresh;

    while (set->marks[p] != 0 && set->page[p] != page)
        p = (p + 1) & (set->places - 1);
    fresh = (uint8_t)(marks & ~set->marks[p]);
    if (set->marks[p] == 0)
        set->used++;
    set->page[p] = page;
    set->marks[p] |= marks;
    if (2 * set->used > set->places) {
        pages_t bigger;
        pages_init(&bigger, 2 * set->places);
        for (size_t i = 0; i < set->places; i++)
            if (set->marks[i] != 0)
                mark(&bigger, set->page[i], set->marks[i]);
        pages_free(set);
        *set = bigger;
    }
    return fresh;
}

static void count(mmu_trace_info_t *info, pages_t *small, pages_t *large, const mmu_access_t *access)
{
    uint8_t how = access->acc == MMU_ACC_FETCH ? SEEN_CODE : SEEN_DATA;
    uint8_t fresh = mark(small, access->va >> 12, how);
    uint64_t last = access->va + access->size - 1;

    if ((fresh & SEEN_CODE) != 0)
        info->pages_4k_code++;
    if ((fresh & SEEN_DATA) != 0)
        info->pages_4k_data++;
    mark(large, access->va >> 21, SEEN_DATA);
    if (access->va < info->lowest)
        info->lowest = access->va;
    if (last > info->highest)
        info->highest = last;
}

bool mmu_trace_measure(mmu_trace_t *trace, mmu_trace_info_t *info)
{
    pages_t small, large;
    mmu_access_t access;
    bool last = true, first = true;
    int got;

    memset(info, 0, sizeof *info);
    info->lowest = UINT64_MAX;
    pages_init(&small, 4096);
    pages_init(&large, 256);
    while ((got = mmu_trace_next_page(trace, &access, &last)) > 0) {
        if (first) {
            info->accesses++;
            info->kinds[access.acc]++;
            info->modifies += access.modify && access.acc == MMU_ACC_STORE;
            info->crossing += !last;
        }
        first = last;
        count(info, &small, &large, &access);
    }
    info->pages_4k = small.used;
    info->pages_2m = large.used;
    if (info->accesses == 0)
        info->lowest = 0;
    pages_free(&small);
    pages_free(&large);
    return got == 0;
}
