/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a trace holds: kinds of accesses and distinct pages.
 */
#include "lockwalk/mmu_trace.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 1024u
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

/* A page of an access; one that was the last of its kind is known. */
typedef struct {
    pages_t small, large;
    uint64_t last[2]; /* page + 1 of the last fetch, of the last load or store */
} seen_t;

static void see(mmu_trace_info_t *info, seen_t *seen, uint64_t page, bool fetch)
{
    uint8_t fresh;

    if (seen->last[fetch] == page + 1)
        return;
    seen->last[fetch] = page + 1;
    fresh = mark(&seen->small, page, fetch ? SEEN_CODE : SEEN_DATA);
    if ((fresh & SEEN_CODE) != 0)
        info->pages_4k_code++;
    if ((fresh & SEEN_DATA) != 0)
        info->pages_4k_data++;
    if (fresh != 0)
        mark(&seen->large, page >> 9, SEEN_DATA);
}

static void count(mmu_trace_info_t *info, seen_t *seen, const mmu_access_t *access)
{
    const bool fetch = access->acc == MMU_ACC_FETCH;
    const uint64_t last = access->va + access->size - 1;

    info->accesses++;
    info->kinds[access->acc]++;
    info->modifies += access->modify && access->acc == MMU_ACC_STORE;
    see(info, seen, access->va >> 12, fetch);
    if (access->va >> 12 != last >> 12) {
        info->crossing++;
        see(info, seen, last >> 12, fetch);
    }
    if (access->va < info->lowest)
        info->lowest = access->va;
    if (last > info->highest)
        info->highest = last;
}

bool mmu_trace_measure(mmu_trace_t *trace, mmu_trace_info_t *info)
{
    mmu_access_t block[BLOCK];
    seen_t seen = {.last = {0, 0}};
    size_t n;

    memset(info, 0, sizeof *info);
    info->lowest = UINT64_MAX;
    pages_init(&seen.small, 4096);
    pages_init(&seen.large, 256);
    while ((n = mmu_trace_read(trace, block, BLOCK)) > 0)
        for (size_t k = 0; k < n; k++)
            count(info, &seen, &block[k]);
    info->pages_4k = seen.small.used;
    info->pages_2m = seen.large.used;
    if (info->accesses == 0)
        info->lowest = 0;
    pages_free(&seen.small);
    pages_free(&seen.large);
    return !mmu_trace_failed(trace);
}
