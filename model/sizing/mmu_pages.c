/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Pages as small numbers: an open hash table behind the shortcut of mmu_pages_id.
 */
#include "lockwalk/mmu_sizing_engine.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_PLACES 1024u
#define NO_KEY UINT64_MAX
#define MOST_PAGES (UINT32_C(1) << 31)

static void forget_near(mmu_pages_t *pages)
{
    memset(pages->near_key, 0xff, sizeof pages->near_key); /* NO_KEY */
}

bool mmu_pages_init(mmu_pages_t *pages)
{
    memset(pages, 0, sizeof *pages);
    forget_near(pages);
    pages->places = FIRST_PLACES;
    pages->table = calloc(pages->places, sizeof pages->table[0]);
    return pages->table != NULL;
}

void mmu_pages_free(mmu_pages_t *pages)
{
    free(pages->key);
    free(pages->process);
    free(pages->low);
    free(pages->table);
    memset(pages, 0, sizeof *pages);
}

void mmu_pages_process(mmu_pages_t *pages, uint16_t process)
{
    if (process == pages->now)
        return;
    pages->now = process;
    forget_near(pages);
}

static uint32_t place_of(const mmu_pages_t *pages, uint64_t key, uint16_t process)
{
    const uint64_t mixed = (key ^ (uint64_t)process << 47) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)(mixed >> 32) & (pages->places - 1);
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
        uint32_t at = place_of(pages, pages->key[id], pages->process[id]);

        while (pages->table[at] != 0)
            at = (at + 1) & (pages->places - 1);
        pages->table[at] = id + 1;
    }
    return true;
}

bool mmu_pages_reserve(mmu_pages_t *pages, uint32_t more)
{
    uint32_t room = pages->room == 0 ? FIRST_PLACES : pages->room;
    uint64_t *key;
    uint16_t *process;
    uint32_t *low;

    if (more <= pages->room - pages->count)
        return true;
    while (more > room - pages->count)
        room *= 2;
    key = realloc(pages->key, room * sizeof key[0]);
    if (key == NULL)
        return false;
    pages->key = key;
    process = realloc(pages->process, room * sizeof process[0]);
    if (process == NULL)
        return false;
    pages->process = process;
    low = realloc(pages->low, room * sizeof low[0]);
    if (low == NULL)
        return false;
    pages->low = low;
    pages->room = room;
    return true;
}

mmu_page_id_t mmu_pages_enter(mmu_pages_t *pages, uint64_t key, uint32_t low)
{
    uint32_t at = place_of(pages, key, pages->now);
    uint32_t id;

    for (; pages->table[at] != 0; at = (at + 1) & (pages->places - 1)) {
        id = pages->table[at] - 1;
        if (pages->key[id] == key && pages->process[id] == pages->now)
            break;
    }
    if (pages->table[at] == 0) {
        if (key == NO_KEY || pages->count >= MOST_PAGES || !mmu_pages_reserve(pages, 1))
            return MMU_NO_PAGE;
        id = pages->count++;
        pages->key[id] = key;
        pages->process[id] = pages->now;
        pages->low[id] = low;
        pages->table[at] = id + 1;
        if (pages->count > pages->places / 2 && !grow_table(pages))
            return MMU_NO_PAGE;
    } else {
        id = pages->table[at] - 1;
    }
    pages->near_key[low & (MMU_PAGES_NEAR - 1)] = key;
    pages->near_id[low & (MMU_PAGES_NEAR - 1)] = id;
    return id;
}
