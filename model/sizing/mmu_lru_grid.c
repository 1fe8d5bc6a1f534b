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

struct mmu_lru_grid {
    unsigned first, last; /* log2 of the sets */
    bool portable;
    mmu_page_id_t before;                          /* the page of the last access */
    mmu_rows_t level[MMU_GRID_LEVELS];             /* by log2 of the sets */
    uint64_t at[MMU_GRID_LEVELS][MMU_ROW_IDS + 1]; /* accesses that stood at this place, but not in front */
};

mmu_lru_grid_t *mmu_lru_grid_new(unsigned first, unsigned last)
{
    mmu_lru_grid_t *grid = calloc(1, sizeof *grid);

    assert(first <= last && last < MMU_GRID_LEVELS);
    if (grid == NULL)
        return NULL;
    grid->first = first;
    grid->last = last;
    grid->before = MMU_NO_PAGE;
    grid->portable = !mmu_rows_have_avx2();
    for (unsigned s = first; s <= last; s++)
        if (!mmu_rows_init(&grid->level[s], s)) {
            mmu_lru_grid_free(grid);
            return NULL;
        }
    return grid;
}

void mmu_lru_grid_free(mmu_lru_grid_t *grid)
{
    if (grid == NULL)
        return;
    for (unsigned s = 0; s < MMU_GRID_LEVELS; s++)
        mmu_rows_free(&grid->level[s]);
    free(grid);
}

void mmu_lru_grid_portable(mmu_lru_grid_t *grid)
{
    grid->portable = true;
}

void mmu_lru_grid_clear(mmu_lru_grid_t *grid)
{
    grid->before = MMU_NO_PAGE;
    for (unsigned s = grid->first; s <= grid->last; s++)
        mmu_rows_clear(&grid->level[s]);
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
            mmu_row16_t *row = &grid->level[s].narrow[low[p] & ((1u << s) - 1)];

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
            mmu_row32_t *row = &grid->level[s].wide[low[p] & ((1u << s) - 1)];

            if (row->id[0] == p)
                break;
            grid->at[s][mmu_row32_front(row, p)]++;
        }
    }
    grid->before = before;
}

#ifdef MMU_LRU_AVX2
__attribute__((target("avx2,bmi"))) static void feed32_avx2(mmu_lru_grid_t *grid, const uint32_t *low,
                                                            const mmu_page_id_t *id, size_t n)
{
    mmu_page_id_t before = grid->before;

    for (size_t i = 0; i < n; i++) {
        const uint32_t p = id[i];

        if (p == before)
            continue;
        before = p;
        for (unsigned s = grid->first; s <= grid->last; s++) {
            mmu_row32_t *row = &grid->level[s].wide[low[p] & ((1u << s) - 1)];

            if (row->id[0] == p)
                break;
            grid->at[s][mmu_row32_front_avx2(row, p)]++;
        }
    }
    grid->before = before;
}

/* The first level is looked at in every access that the filter lets through: with one set its row stays in
 * registers. */
__attribute__((target("avx2,bmi"))) static void feed16_avx2(mmu_lru_grid_t *grid, const uint32_t *low,
                                                            const mmu_page_id_t *id, size_t n)
{
    const unsigned last = grid->last;
    const unsigned from = grid->first == 0 ? 1 : grid->first;
    const bool one_set = grid->first == 0;
    mmu_row_avx2_t all = mmu_row_load(&grid->level[grid->first].narrow[0]);
    mmu_page_id_t before = grid->before;
    mmu_row16_t *rows[MMU_GRID_LEVELS];

    for (unsigned s = 0; s < MMU_GRID_LEVELS; s++)
        rows[s] = grid->level[s].narrow;
    for (size_t i = 0; i < n; i++) {
        const mmu_page_id_t p = id[i];
        const uint32_t page = low[p];
        uint32_t mask = (1u << from) - 1;
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
        for (unsigned s = from; s <= last; s++, mask = mask << 1 | 1) {
            mmu_row16_t *row = &rows[s][page & mask];
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
        mmu_row_store(&grid->level[0].narrow[0], all);
    grid->before = before;
}
#endif

bool mmu_lru_grid_feed(mmu_lru_grid_t *grid, const mmu_page_block_t *block)
{
    bool wide = grid->level[grid->first].narrow == NULL;

    for (unsigned s = grid->first; !wide && block->pages >= MMU_ROW_MANY_IDS && s <= grid->last; s++)
        if (!mmu_rows_widen(&grid->level[s]))
            return false;
    wide = grid->level[grid->first].narrow == NULL;
#ifdef MMU_LRU_AVX2
    if (!grid->portable) {
        (wide ? feed32_avx2 : feed16_avx2)(grid, block->low, block->id, block->n);
        return true;
    }
#endif
    (wide ? feed32 : feed16)(grid, block->low, block->id, block->n);
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
