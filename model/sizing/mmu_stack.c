/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Stack distances: the misses of a fully associative LRU TLB of every size. Each page has a mark at the time of
 * its last use; the distance of an access is the number of marks from its page's on. A Fenwick tree counts them
 * (Bennett and Kruskal). When time runs out of the tree, the marks are moved together.
 */
#include "lockwalk/mmu_sizing_engine.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_TIMES 4096u

struct mmu_stack {
    mmu_page_id_t before;   /* the page of the last access: distance 1 */
    uint64_t cold, cleared; /* first uses; first uses after a clear of pages used before */
    uint32_t known;         /* pages that have ever been used: ids below it, as ids are given by first use */
    uint32_t pages;         /* that have been used since the last clear */
    uint32_t room;          /* of `used` and `at` */
    uint32_t *used;         /* by id: time of the last use, from 1; 0: none since the last clear */
    uint64_t *at;           /* by distance: accesses */
    uint32_t now;           /* time of the last use of all */
    uint32_t times;         /* a power of two */
    uint32_t *tree;         /* [times + 1] marks, as a Fenwick tree */
    uint32_t *page_at;      /* [times + 1] by time: the page whose mark is there */
};

mmu_stack_t *mmu_stack_new(void)
{
    mmu_stack_t *stack = calloc(1, sizeof *stack);

    if (stack == NULL)
        return NULL;
    stack->before = MMU_NO_PAGE;
    stack->times = FIRST_TIMES;
    stack->tree = calloc(stack->times + 1, sizeof stack->tree[0]);
    stack->page_at = calloc(stack->times + 1, sizeof stack->page_at[0]);
    if (stack->tree == NULL || stack->page_at == NULL) {
        mmu_stack_free(stack);
        return NULL;
    }
    return stack;
}

void mmu_stack_free(mmu_stack_t *stack)
{
    if (stack == NULL)
        return;
    free(stack->used);
    free(stack->at);
    free(stack->tree);
    free(stack->page_at);
    free(stack);
}

static void add(mmu_stack_t *stack, uint32_t time, uint32_t what)
{
    for (; time <= stack->times; time += time & -time)
        stack->tree[time] += what;
}

/* Marks at times up to this one. */
static uint32_t marks(const mmu_stack_t *stack, uint32_t time)
{
    uint32_t n = 0;

    for (; time != 0; time &= time - 1)
        n += stack->tree[time];
    return n;
}

static bool room_for(mmu_stack_t *stack, mmu_page_id_t id)
{
    uint32_t room = stack->room == 0 ? 1024 : stack->room;
    uint32_t *used;
    uint64_t *at;

    while (room <= id)
        room *= 2;
    used = realloc(stack->used, room * sizeof used[0]);
    if (used == NULL)
        return false;
    stack->used = used;
    at = realloc(stack->at, ((size_t)room + 1) * sizeof at[0]);
    if (at == NULL)
        return false;
    stack->at = at;
    memset(used + stack->room, 0, (room - stack->room) * sizeof used[0]);
    memset(at + (stack->room == 0 ? 0 : stack->room + 1), 0,
           (room - stack->room + (stack->room == 0)) * sizeof at[0]);
    stack->room = room;
    return true;
}

/* Time starts again: the marks, in their order, at 1 … pages. At least half of the times are free then. */
static bool compact(mmu_stack_t *stack)
{
    uint32_t now = 0;

    for (uint32_t time = 1; time <= stack->now; time++) {
        const mmu_page_id_t id = stack->page_at[time];

        if (stack->used[id] != time)
            continue;
        stack->page_at[++now] = id;
        stack->used[id] = now;
    }
    stack->now = now;
    if (now > stack->times / 2) {
        const uint32_t times = stack->times * 2;
        uint32_t *tree = realloc(stack->tree, ((size_t)times + 1) * sizeof tree[0]);
        uint32_t *page_at;

        if (tree == NULL)
            return false;
        stack->tree = tree;
        page_at = realloc(stack->page_at, ((size_t)times + 1) * sizeof page_at[0]);
        if (page_at == NULL)
            return false;
        stack->page_at = page_at;
        stack->times = times;
    }
    /* Each node counts the marks of the times that it stands for. */
    for (uint32_t time = 1; time <= stack->times; time++) {
        const uint32_t below = time - (time & -time);

        stack->tree[time] = (time < now ? time : now) - (below < now ? below : now);
    }
    return true;
}

bool mmu_stack_feed(mmu_stack_t *stack, const mmu_page_block_t *block)
{
    for (size_t i = 0; i < block->n; i++) {
        const mmu_page_id_t p = block->id[i];

        if (p == stack->before)
            continue;
        stack->before = p;
        if (p >= stack->room && !room_for(stack, p))
            return false;
        if (stack->now == stack->times && !compact(stack))
            return false;
        if (stack->used[p] == 0) {
            const bool known = p < stack->known;

            stack->cleared += known;
            stack->cold += !known;
            stack->known = known ? stack->known : p + 1;
            stack->pages++;
        } else {
            stack->at[stack->pages - marks(stack, stack->used[p] - 1)]++;
            add(stack, stack->used[p], UINT32_MAX); /* - 1 */
        }
        stack->used[p] = ++stack->now;
        stack->page_at[stack->now] = p;
        add(stack, stack->now, 1);
    }
    return true;
}

void mmu_stack_clear(mmu_stack_t *stack)
{
    for (uint32_t time = 1; time <= stack->now; time++)
        stack->used[stack->page_at[time]] = 0;
    memset(stack->tree, 0, ((size_t)stack->times + 1) * sizeof stack->tree[0]);
    stack->now = 0;
    stack->pages = 0;
    stack->before = MMU_NO_PAGE;
}

uint64_t mmu_stack_misses(const mmu_stack_t *stack, uint64_t entries)
{
    uint64_t misses = stack->cold + stack->cleared;

    for (uint64_t distance = entries + 1; distance <= stack->known; distance++)
        misses += stack->at[distance];
    return misses;
}

uint64_t mmu_stack_cold(const mmu_stack_t *stack)
{
    return stack->cold;
}

uint64_t mmu_stack_cleared(const mmu_stack_t *stack)
{
    return stack->cleared;
}
