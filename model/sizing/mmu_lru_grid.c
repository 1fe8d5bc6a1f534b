/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Misses of all LRU TLBs of 2^first … 2^last sets and 1 … 32 ways, from one pass (Hill and Smith's
 * all-associativity simulation). For each number of sets every set is a row of the ids that were used last; an
 * access that stood at place n of its row hits in all TLBs of more than n ways.
 *
 * Two facts save most of the work. An id that is in front of its row is also in front of the row of every larger
 * number of sets, whose accesses are some of those of this row: there the search ends, and nothing has to move.
 * And so the page of the access before is in front everywhere.
 */
#include "sizing/mmu_lru_row.h"

#include <assert.h>
#include <stdlib.h>

#define MANY_IDS 0xffffu /* from so many on, ids need 32 bits */

struct mmu_lru_grid {
    unsigned first, last; /* log2 of the sets */
    bool portable;
    mmu_page_id_t before; /* the page of the last access */
    uint64_t accesses;
    mmu_row16_t *row16[MMU_GRID_LEVELS]; /* by log2 of the sets; NULL once ids are wide */
    mmu_row32_t *row32[MMU_GRID_LEVELS];
    uint64_t at[MMU_GRID_LEVELS][MMU_ROW_IDS + 1]; /* accesses that stood at this place, but not in front */
};

#ifdef MMU_LRU_AVX2
#define ONES(n, k) ((k) <= (n) ? 0xffffu : 0)
#define ONES8(n, k)                                                                                          \
    ONES(n, k), ONES(n, (k) + 1), ONES(n, (k) + 2), ONES(n, (k) + 3), ONES(n, (k) + 4), ONES(n, (k) + 5),    \
        ONES(n, (k) + 6), ONES(n, (k) + 7)
#define BELOW(n)                                                                                             \
    {                                                                                                        \
        ONES8(n, 0), ONES8(n, 8), ONES8(n, 16), ONES8(n, 24)                                                 \
    }
#define BELOW8(n)                                                                                            \
    BELOW(n), BELOW((n) + 1), BELOW((n) + 2), BELOW((n) + 3), BELOW((n) + 4), BELOW((n) + 5),                \
        BELOW((n) + 6), BELOW((n) + 7)
_Alignas(64) const uint16_t mmu_row_below[MMU_ROW_IDS + 1][MMU_ROW_IDS] = {BELOW8(0), BELOW8(8), BELOW8(16),
                                                                           BELOW8(24), BELOW(32)};
#endif

mmu_lru_grid_t *mmu_lru_grid_new(unsigned first, unsigned last)
{
    mmu_lru_grid_t *grid = calloc(1, sizeof *grid);

    assert(first <= last && last < MMU_GRID_LEVELS);
    if (grid == NULL)
        return NULL;
    grid->first = first;
    grid->last = last;
    grid->before = UINT32_MAX;
    for (unsigned s = first; s <= last; s++) {
        const size_t bytes = sizeof(mmu_row16_t) << s;

        grid->row16[s] = aligned_alloc(64, bytes);
        if (grid->row16[s] == NULL) {
            mmu_lru_grid_free(grid);
            return NULL;
        }
        memset(grid->row16[s], 0xff, bytes);
    }
    return grid;
}

void mmu_lru_grid_free(mmu_lru_grid_t *grid)
{
    if (grid == NULL)
        return;
    for (unsigned s = 0; s < MMU_GRID_LEVELS; s++) {
        free(grid->row16[s]);
        free(grid->row32[s]);
    }
    free(grid);
}

void mmu_lru_grid_portable(mmu_lru_grid_t *grid)
{
    grid->portable = true;
}

/* Ids no longer fit 16 bits: the rows as they are, but wider. */
static bool widen(mmu_lru_grid_t *grid)
{
    for (unsigned s = grid->first; s <= grid->last; s++) {
        grid->row32[s] = aligned_alloc(64, sizeof(mmu_row32_t) << s);
        if (grid->row32[s] == NULL)
            return false;
        for (size_t r = 0; r < (size_t)1 << s; r++)
            for (unsigned n = 0; n < MMU_ROW_IDS; n++) {
                const uint16_t id = grid->row16[s][r].id[n];
                grid->row32[s][r].id[n] = id == MMU_ROW_EMPTY16 ? MMU_ROW_EMPTY32 : id;
            }
    }
    for (unsigned s = grid->first; s <= grid->last; s++) {
        free(grid->row16[s]);
        grid->row16[s] = NULL;
    }
    return true;
}

static void feed16(mmu_lru_grid_t *grid, const uint32_t *low, const mmu_page_id_t *id, size_t n)
{
    mmu_page_id_t before = grid->before;

    for (size_t i = 0; i < n; i++) {
        const uint16_t p = (uint16_t)id[i];

        if (id[i] == before)
            continue;
        before = id[i];
        for (unsigned s = grid->first; s <= grid->last; s++) {
            mmu_row16_t *row = &grid->row16[s][low[p] & ((1u << s) - 1)];

            if (row->id[0] == p)
                break;
            grid->at[s][mmu_row16_front(row, p)]++;
        }
    }
    grid->before = before;
}

static void feed32(mmu_lru_grid_t *grid, const uint32_t *low, const mmu_page_id_t *id, size_t n)
{
    mmu_page_id_t before = grid->before;

    for (size_t i = 0; i < n; i++) {
        const uint32_t p = id[i];

        if (p == before)
            continue;
        before = p;
        for (unsigned s = grid->first; s <= grid->last; s++) {
            mmu_row32_t *row = &grid->row32[s][low[p] & ((1u << s) - 1)];

            if (row->id[0] == p)
                break;
            grid->at[s][mmu_row32_front(row, p)]++;
        }
    }
    grid->before = before;
}

#ifdef MMU_LRU_AVX2
/* The first level is looked at in every access that the filter lets through: with one set its row stays in
 * registers. */
__attribute__((target("avx2,bmi"))) static void feed16_avx2(mmu_lru_grid_t *grid, const uint32_t *low,
                                                            const mmu_page_id_t *id, size_t n)
{
    const unsigned last = grid->last;
    const unsigned from = grid->first == 0 ? 1 : grid->first;
    const bool one_set = grid->first == 0;
    mmu_row_avx2_t all = mmu_row_load(&grid->row16[grid->first][0]);
    mmu_page_id_t before = grid->before;

    for (size_t i = 0; i < n; i++) {
        const mmu_page_id_t p = id[i];
        const uint32_t page = low[p];
        __m256i wanted;

        if (p == before)
            continue;
        before = p;
        wanted = _mm256_set1_epi16((short)p);
        if (one_set) {
            const unsigned place = mmu_row_find(all, wanted);

            grid->at[0][place]++;
            all = mmu_row_up(all, wanted, place);
        }
        for (unsigned s = from; s <= last; s++) {
            mmu_row16_t *row = &grid->row16[s][page & ((1u << s) - 1)];
            unsigned place;
            mmu_row_avx2_t ids;

            if (row->id[0] == (uint16_t)p)
                break;
            ids = mmu_row_load(row);
            place = mmu_row_find(ids, wanted);
            grid->at[s][place]++;
            mmu_row_store(row, mmu_row_up(ids, wanted, place));
        }
    }
    if (one_set)
        mmu_row_store(&grid->row16[0][0], all);
    grid->before = before;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}
#endif

bool mmu_lru_grid_feed(mmu_lru_grid_t *grid, const mmu_pages_t *pages, const mmu_page_id_t *id, size_t n)
{
    if (pages->count >= MANY_IDS && grid->row16[grid->first] != NULL && !widen(grid))
        return false;
    grid->accesses += n;
    if (grid->row16[grid->first] == NULL)
        feed32(grid, pages->low, id, n);
#ifdef MMU_LRU_AVX2
    else if (!grid->portable && has_avx2())
        feed16_avx2(grid, pages->low, id, n);
#endif
    else
        feed16(grid, pages->low, id, n);
    return true;
}

uint64_t mmu_lru_grid_misses(const mmu_lru_grid_t *grid, unsigned sets_log2, unsigned ways)
{
    uint64_t misses = 0;

    assert(sets_log2 >= grid->first && sets_log2 <= grid->last && ways >= 1 && ways <= MMU_GRID_WAYS);
    for (unsigned n = ways; n <= MMU_ROW_IDS; n++)
        misses += grid->at[sets_log2][n];
    return misses;
}

uint64_t mmu_lru_grid_accesses(const mmu_lru_grid_t *grid)
{
    return grid->accesses;
}
