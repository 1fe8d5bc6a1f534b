/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Pages as small numbers: an open hash table behind the shortcut of mmu_pages_id.
 */
#include "lockwalk/mmu_sizing.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_PLACES 1024u
#define NO_PAGE UINT64_MAX /* no page number is so large: a page has at least 512 bytes */

bool mmu_pages_init(mmu_pages_t *pages)
{
    memset(pages, 0, sizeof *pages);
    memset(pages->near_page, 0xff, sizeof pages->near_page);
    pages->places = FIRST_PLACES;
    pages->table = calloc(pages->places, sizeof pages->table[0]);
    return pages->table != NULL;
}

void mmu_pages_free(mmu_pages_t *pages)
{
    free(pages->page);
    free(pages->low);
    free(pages->table);
    memset(pages, 0, sizeof *pages);
}

static uint32_t place_of(const mmu_pages_t *pages, uint64_t page)
{
    return (uint32_t)(page * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (pages->places - 1);
}

static bool grow_table(mmu_pages_t *pages)
{
    uint32_t *old = pages->table;

    pages->table = calloc((size_t)pages->places * 2, sizeof pages->table[0]);
    if (pages->table == NULL) {
        pages->table = old;
        return false;
    }
    pages->places *= 2;
    free(old);
    for (uint32_t id = 0; id < pages->count; id++) {
        uint32_t at = place_of(pages, pages->page[id]);

        while (pages->table[at] != 0)
            at = (at + 1) & (pages->places - 1);
        pages->table[at] = id + 1;
    }
    return true;
}

static bool grow_ids(mmu_pages_t *pages)
{
    const uint32_t room = pages->room == 0 ? FIRST_PLACES : pages->room * 2;
    uint64_t *page = realloc(pages->page, room * sizeof page[0]);
    uint32_t *low;

    if (page == NULL)
        return false;
    pages->page = page;
    low = realloc(pages->low, room * sizeof low[0]);
    if (low == NULL)
        return false;
    pages->low = low;
    pages->room = room;
    return true;
}

mmu_page_id_t mmu_pages_enter(mmu_pages_t *pages, uint64_t page)
{
    uint32_t at = place_of(pages, page);
    uint32_t id;

    while (pages->table[at] != 0 && pages->page[pages->table[at] - 1] != page)
        at = (at + 1) & (pages->places - 1);
    if (pages->table[at] == 0) {
        if (page == NO_PAGE || pages->count >= UINT32_C(1) << 31)
            return UINT32_MAX;
        if (pages->count == pages->room && !grow_ids(pages))
            return UINT32_MAX;
        pages->page[pages->count] = page;
        pages->low[pages->count] = (uint32_t)page;
        pages->table[at] = ++pages->count;
        id = pages->count - 1;
        if (pages->count > pages->places / 2 && !grow_table(pages))
            return UINT32_MAX;
    } else {
        id = pages->table[at] - 1;
    }
    pages->near_page[page & 63u] = page;
    pages->near_id[page & 63u] = id;
    return id;
}
