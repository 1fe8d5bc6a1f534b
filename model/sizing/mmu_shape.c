/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One TLB of one shape, under any policy. Under LRU, and where a set has more ways than a row, each page knows where it
 * stands, so no way is searched; LRU keeps the ways of a set in a ring in their order of use. Else the ways of a set
 * are a row, searched at once where the machine can: many shapes then take little memory. An access to the page of the
 * access before hits and changes nothing under any policy.
 */
#include "sizing/mmu_lru_row.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LFSR_SEED 0xace1u /* REPL-7 */
#define LFSR_TAPS 0xb400u

struct mmu_shape {
    unsigned sets_log2, ways, policy;
    mmu_page_id_t before; /* the page of the last access */
    uint64_t misses;
    uint64_t *set_accesses, *set_misses; /* by set; NULL: not wanted */
    bool in_rows;                        /* ids are in `rows`; else `where` and `tag` tell */
    mmu_rows_t rows;                     /* by set: the ids of its ways */
    uint32_t room;                       /* of `where` */
    uint32_t *where;                     /* by id: its slot (set · ways + way) + 1; 0: nowhere */
    uint32_t *tag;                       /* by slot: the id */
    uint32_t *filled;                    /* by set: its ways from 0 to this one are in use */
    uint32_t *newer, *older;             /* LRU, by slot: a ring a set */
    uint32_t *first;                     /* LRU, by set: the slot used last. FIFO: the way that is next */
    uint8_t *bits;                       /* PLRU: ways a set, node n at n. NRU: ways a set */
    uint32_t lfsr;
};

static bool begin_common(mmu_shape_t *shape, size_t sets)
{
    shape->filled = calloc(sets, sizeof shape->filled[0]);
    shape->first = calloc(sets, sizeof shape->first[0]);
    shape->bits = calloc(sets * shape->ways, sizeof shape->bits[0]);
    return shape->filled != NULL && shape->first != NULL && shape->bits != NULL;
}

static bool begin_ring(mmu_shape_t *shape, size_t sets)
{
    shape->newer = calloc(sets * shape->ways, sizeof shape->newer[0]);
    shape->older = calloc(sets * shape->ways, sizeof shape->older[0]);
    return shape->newer != NULL && shape->older != NULL;
}

mmu_shape_t *mmu_shape_new(unsigned sets_log2, unsigned ways, unsigned policy)
{
    const size_t sets = (size_t)1 << sets_log2;
    mmu_shape_t *shape = calloc(1, sizeof *shape);
    bool good;

    assert(sets_log2 < MMU_GRID_LEVELS && ways >= 1 && policy <= MMU_POLICY_RANDOM);
    assert(policy != MMU_POLICY_PLRU || (ways & (ways - 1)) == 0);
    if (shape == NULL)
        return NULL;
    shape->sets_log2 = sets_log2;
    shape->ways = ways;
    shape->policy = policy;
    shape->before = MMU_NO_PAGE;
    shape->lfsr = LFSR_SEED;
    shape->in_rows = policy != MMU_POLICY_LRU && ways <= MMU_ROW_IDS;
    good = begin_common(shape, sets) && (policy != MMU_POLICY_LRU || begin_ring(shape, sets)) &&
           (shape->in_rows ? mmu_rows_init(&shape->rows, sets_log2)
                           : (shape->tag = calloc(sets * ways, sizeof shape->tag[0])) != NULL);
    if (!good) {
        mmu_shape_free(shape);
        return NULL;
    }
    return shape;
}

void mmu_shape_free(mmu_shape_t *shape)
{
    if (shape == NULL)
        return;
    mmu_rows_free(&shape->rows);
    free(shape->where);
    free(shape->tag);
    free(shape->filled);
    free(shape->first);
    free(shape->newer);
    free(shape->older);
    free(shape->bits);
    free(shape->set_accesses);
    free(shape->set_misses);
    free(shape);
}

/* ---- LRU: a ring a set, from the one used last to older ones ---------------------------------------------- */

static void ring_out(mmu_shape_t *shape, uint32_t slot)
{
    shape->newer[shape->older[slot]] = shape->newer[slot];
    shape->older[shape->newer[slot]] = shape->older[slot];
}

static void ring_in(mmu_shape_t *shape, uint32_t set, uint32_t slot)
{
    const uint32_t first = shape->first[set], last = shape->newer[first];

    shape->older[slot] = first;
    shape->newer[slot] = last;
    shape->newer[first] = slot;
    shape->older[last] = slot;
    shape->first[set] = slot;
}

/* ---- policies -------------------------------------------------------------------------------------------- */

/* REPL-2 */
static void plru_touch(uint8_t *tree, unsigned ways, unsigned way)
{
    unsigned node = 0;

    for (unsigned half = ways / 2; half != 0; half /= 2) {
        const unsigned upper = (way & half) != 0;

        tree[node] = upper == 0;
        node = 2 * node + 1 + upper;
    }
}

static unsigned plru_victim(const uint8_t *tree, unsigned ways)
{
    unsigned node = 0, way = 0;

    for (unsigned half = ways / 2; half != 0; half /= 2) {
        way |= tree[node] != 0 ? half : 0;
        node = 2 * node + 1 + tree[node];
    }
    return way;
}

/* REPL-6 */
static void nru_touch(uint8_t *used, unsigned ways, unsigned way)
{
    used[way] = 1;
    for (unsigned w = 0; w < ways; w++)
        if (used[w] == 0)
            return;
    memset(used, 0, ways);
    used[way] = 1;
}

static unsigned nru_victim(const uint8_t *used, unsigned ways)
{
    for (unsigned w = 0; w < ways; w++)
        if (used[w] == 0)
            return w;
    return 0;
}

static void touch(mmu_shape_t *shape, uint32_t set, uint32_t slot)
{
    switch (shape->policy) {
    case MMU_POLICY_LRU:
        if (shape->first[set] != slot) {
            ring_out(shape, slot);
            ring_in(shape, set, slot);
        }
        break;
    case MMU_POLICY_PLRU:
        plru_touch(shape->bits + (size_t)set * shape->ways, shape->ways, slot - set * shape->ways);
        break;
    case MMU_POLICY_NRU:
        nru_touch(shape->bits + (size_t)set * shape->ways, shape->ways, slot - set * shape->ways);
        break;
    default:
        break;
    }
}

/* The set is full. */
static unsigned victim(mmu_shape_t *shape, uint32_t set)
{
    unsigned way;

    switch (shape->policy) {
    case MMU_POLICY_LRU:
        return shape->newer[shape->first[set]] - set * shape->ways;
    case MMU_POLICY_FIFO:
        way = shape->first[set];
        shape->first[set] = way + 1 == shape->ways ? 0 : way + 1;
        return way;
    case MMU_POLICY_PLRU:
        return plru_victim(shape->bits + (size_t)set * shape->ways, shape->ways);
    case MMU_POLICY_NRU:
        return nru_victim(shape->bits + (size_t)set * shape->ways, shape->ways);
    default:
        way = (unsigned)((uint64_t)shape->lfsr * shape->ways >> 16);
        shape->lfsr = shape->lfsr >> 1 ^ ((shape->lfsr & 1u) != 0 ? LFSR_TAPS : 0);
        return way;
    }
}

static void fill(mmu_shape_t *shape, uint32_t set, mmu_page_id_t id)
{
    const bool full = shape->filled[set] == shape->ways;
    const unsigned way = full ? victim(shape, set) : shape->filled[set]++;
    const uint32_t slot = set * shape->ways + way;

    if (shape->set_misses != NULL)
        shape->set_misses[set]++;
    if (shape->in_rows) {
        if (shape->rows.narrow != NULL)
            shape->rows.narrow[set].id[way] = (uint16_t)id;
        else
            shape->rows.wide[set].id[way] = id;
    } else {
        if (full)
            shape->where[shape->tag[slot]] = 0;
        shape->tag[slot] = id;
        shape->where[id] = slot + 1;
    }
    if (shape->policy == MMU_POLICY_LRU && !full) {
        if (way == 0) {
            shape->newer[slot] = shape->older[slot] = shape->first[set] = slot;
        } else {
            ring_in(shape, set, slot);
        }
        return;
    }
    touch(shape, set, slot);
}

static bool room_for(mmu_shape_t *shape, uint32_t ids)
{
    uint32_t room = shape->room == 0 ? 1024 : shape->room;
    uint32_t *where;

    while (room < ids)
        room *= 2;
    where = realloc(shape->where, room * sizeof where[0]);
    if (where == NULL)
        return false;
    memset(where + shape->room, 0, (room - shape->room) * sizeof where[0]);
    shape->where = where;
    shape->room = room;
    return true;
}

/* Every id counts, also one that stands twice in a row. */
static void count_accesses(mmu_shape_t *shape, const mmu_page_block_t *block, uint32_t mask)
{
    for (size_t i = 0; i < block->n; i++)
        shape->set_accesses[block->low[block->id[i]] & mask]++;
}

/* Which way of a set holds an id; MMU_ROW_IDS: none. */
static unsigned find(const mmu_rows_t *rows, uint32_t set, mmu_page_id_t id)
{
    unsigned way = 0;

    if (rows->narrow != NULL)
        while (way < MMU_ROW_IDS && rows->narrow[set].id[way] != id)
            way++;
    else
        while (way < MMU_ROW_IDS && rows->wide[set].id[way] != id)
            way++;
    return way;
}

/* The feeds write the positions of misses to `missed` (NULL: nowhere) and return how many there were. */

static size_t feed_rows(mmu_shape_t *shape, const mmu_page_block_t *block, uint32_t *missed)
{
    const uint32_t mask = (1u << shape->sets_log2) - 1;
    size_t count = 0;

    for (size_t i = 0; i < block->n; i++) {
        const mmu_page_id_t p = block->id[i];
        uint32_t set;
        unsigned way;

        if (p == shape->before)
            continue;
        shape->before = p;
        set = block->low[p] & mask;
        way = find(&shape->rows, set, p);
        if (way != MMU_ROW_IDS) {
            touch(shape, set, set * shape->ways + way);
            continue;
        }
        fill(shape, set, p);
        if (missed != NULL)
            missed[count] = (uint32_t)i;
        count++;
    }
    return count;
}

#ifdef MMU_LRU_AVX2
__attribute__((target("avx2,bmi"))) static size_t
feed_rows_avx2(mmu_shape_t *shape, const mmu_page_block_t *block, uint32_t *missed)
{
    const uint32_t mask = (1u << shape->sets_log2) - 1;
    const mmu_row16_t *rows = shape->rows.narrow;
    mmu_page_id_t before = shape->before;
    size_t count = 0;

    for (size_t i = 0; i < block->n; i++) {
        const mmu_page_id_t p = block->id[i];
        uint32_t set;
        unsigned way;

        if (p == before)
            continue;
        before = p;
        set = block->low[p] & mask;
        way = mmu_row_find(mmu_row_load(&rows[set]), _mm256_set1_epi16((short)p));
        if (way != MMU_ROW_IDS) {
            touch(shape, set, set * shape->ways + way);
            continue;
        }
        fill(shape, set, p);
        if (missed != NULL)
            missed[count] = (uint32_t)i;
        count++;
    }
    shape->before = before;
    return count;
}
#endif

static size_t feed_where(mmu_shape_t *shape, const mmu_page_block_t *block, uint32_t *missed)
{
    const uint32_t mask = (1u << shape->sets_log2) - 1;
    const uint32_t *low = block->low;
    const mmu_page_id_t *id = block->id;
    mmu_page_id_t before = shape->before;
    size_t count = 0;

    for (size_t i = 0; i < block->n; i++) {
        const mmu_page_id_t p = id[i];
        uint32_t set;

        if (p == before)
            continue;
        before = p;
        set = low[p] & mask;
        if (shape->where[p] != 0) {
            touch(shape, set, shape->where[p] - 1);
            continue;
        }
        fill(shape, set, p);
        if (missed != NULL)
            missed[count] = (uint32_t)i;
        count++;
    }
    shape->before = before;
    return count;
}

bool mmu_shape_feed(mmu_shape_t *shape, const mmu_page_block_t *block, uint32_t *missed, size_t *misses)
{
    size_t count;

    if (shape->set_accesses != NULL)
        count_accesses(shape, block, (1u << shape->sets_log2) - 1);
    if (shape->in_rows) {
        if (block->pages >= MMU_ROW_MANY_IDS && shape->rows.narrow != NULL && !mmu_rows_widen(&shape->rows))
            return false;
#ifdef MMU_LRU_AVX2
        if (shape->rows.narrow != NULL && mmu_rows_have_avx2())
            count = feed_rows_avx2(shape, block, missed);
        else
#endif
            count = feed_rows(shape, block, missed);
    } else {
        if (block->pages > shape->room && !room_for(shape, block->pages))
            return false;
        count = feed_where(shape, block, missed);
    }
    shape->misses += count;
    if (misses != NULL)
        *misses = count;
    return true;
}

void mmu_shape_clear(mmu_shape_t *shape)
{
    for (uint32_t set = 0; set < 1u << shape->sets_log2; set++) {
        for (uint32_t way = 0; !shape->in_rows && way < shape->filled[set]; way++)
            shape->where[shape->tag[(size_t)set * shape->ways + way]] = 0;
        shape->filled[set] = 0;
    }
    if (shape->in_rows)
        mmu_rows_clear(&shape->rows);
    shape->before = MMU_NO_PAGE;
}

uint64_t mmu_shape_misses(const mmu_shape_t *shape)
{
    return shape->misses;
}

bool mmu_shape_count_sets(mmu_shape_t *shape)
{
    const size_t sets = (size_t)1 << shape->sets_log2;

    shape->set_accesses = calloc(sets, sizeof shape->set_accesses[0]);
    shape->set_misses = calloc(sets, sizeof shape->set_misses[0]);
    return shape->set_accesses != NULL && shape->set_misses != NULL;
}

const uint64_t *mmu_shape_set_accesses(const mmu_shape_t *shape)
{
    return shape->set_accesses;
}

const uint64_t *mmu_shape_set_misses(const mmu_shape_t *shape)
{
    return shape->set_misses;
}
