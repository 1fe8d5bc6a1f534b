/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Hierarchies; see mmu_tree.h. The place where a page stood in the row of its set tells of every first level with so
 * many sets whether it missed, so one pass over a few rows does for all of them. As in mmu_lru_grid.c a page in front
 * of a row is in front of the rows of all larger numbers of sets, and all of those first levels hit.
 */
#include "sizing/mmu_tree.h"

#include "sizing/mmu_lru_row.h"

#include <assert.h>
#include <stdlib.h>

/* One number of sets on one side. */
typedef struct {
    mmu_rows_t rows;
    uint64_t missed[MMU_ROW_IDS + 1]; /* by place: the first levels that have missed, a bit each */
} level_t;

typedef struct {
    mmu_page_id_t before; /* the page of this side's last access */
    unsigned levels;
    level_t level[MMU_GRID_LEVELS];    /* ascending sets */
    mmu_shape_t *wide[MMU_SWEEP_LIST]; /* first levels of more ways than a row has; else NULL */
    bool any_wide;
    uint64_t misses[MMU_SWEEP_LIST];
} side_t;

/* What is behind one first level. */
typedef struct {
    mmu_page_id_t *missed; /* of the block */
    uint32_t count;
    mmu_lru_grid_t *grid; /* NULL: no second level is narrow */
    mmu_shape_t **wide;   /* by second level: one that the grid cannot tell, else NULL */
} branch_t;

struct mmu_tree {
    unsigned from, branches;
    bool avx2;
    side_t side[2];
    branch_t branch[MMU_SWEEP_LIST];
    unsigned l2s;
    mmu_sweep_shape_t l2[MMU_SWEEP_L2S];
    size_t room;         /* of the lists below and of each branch's `missed` */
    uint64_t *mask;      /* by position in the block: the first levels that missed */
    mmu_page_id_t *wide; /* one side's ids, */
    uint32_t *at;        /* where they stood, */
    uint32_t *which;     /* and which of them missed: for wide first levels */
};

/* ---- begin and end ----------------------------------------------------------------------------------------- */

static bool side_begin(side_t *side, const mmu_sweep_shape_t *l1, unsigned count)
{
    side->before = MMU_NO_PAGE;
    for (unsigned s = 0; s < MMU_GRID_LEVELS; s++) {
        level_t *level = &side->level[side->levels];
        bool used = false;

        for (unsigned n = 0; n < count; n++) {
            if (l1[n].sets_log2 != s || l1[n].ways > MMU_GRID_WAYS)
                continue;
            used = true;
            for (unsigned place = l1[n].ways; place <= MMU_ROW_IDS; place++)
                level->missed[place] |= UINT64_C(1) << n;
        }
        side->levels += used;
        if (used && !mmu_rows_init(&level->rows, s))
            return false;
    }
    for (unsigned n = 0; n < count; n++) {
        if (l1[n].ways <= MMU_GRID_WAYS)
            continue;
        side->any_wide = true;
        side->wide[n] = mmu_shape_new(l1[n].sets_log2, l1[n].ways, MMU_POLICY_LRU);
        if (side->wide[n] == NULL)
            return false;
    }
    return true;
}

static bool branch_begin(branch_t *branch, const mmu_tree_t *tree)
{
    unsigned first = MMU_GRID_LEVELS, last = 0;

    branch->wide = calloc(tree->l2s + 1, sizeof(mmu_shape_t *));
    if (branch->wide == NULL)
        return false;
    for (unsigned n = 0; n < tree->l2s; n++) {
        const mmu_sweep_shape_t *l2 = &tree->l2[n];

        if (l2->ways > MMU_GRID_WAYS) {
            branch->wide[n] = mmu_shape_new(l2->sets_log2, l2->ways, MMU_POLICY_LRU);
            if (branch->wide[n] == NULL)
                return false;
            continue;
        }
        first = l2->sets_log2 < first ? l2->sets_log2 : first;
        last = l2->sets_log2 > last ? l2->sets_log2 : last;
    }
    if (first > last)
        return true;
    branch->grid = mmu_lru_grid_new(first, last);
    return branch->grid != NULL;
}

mmu_tree_t *mmu_tree_new(const mmu_sweep_options_t *opt, unsigned from, unsigned to)
{
    mmu_tree_t *tree = calloc(1, sizeof *tree);
    bool good;

    assert(from < to && to <= MMU_SWEEP_LIST);
    if (tree == NULL)
        return NULL;
    tree->from = from;
    tree->branches = to - from;
    tree->avx2 = mmu_rows_have_avx2();
    tree->l2s = opt->l2s;
    memcpy(tree->l2, opt->l2, opt->l2s * sizeof opt->l2[0]);
    good = side_begin(&tree->side[0], opt->l1i + from, tree->branches) &&
           side_begin(&tree->side[1], opt->l1d + from, tree->branches);
    for (unsigned b = 0; b < tree->branches; b++)
        good = good && branch_begin(&tree->branch[b], tree);
    if (good)
        return tree;
    mmu_tree_free(tree);
    return NULL;
}

void mmu_tree_free(mmu_tree_t *tree)
{
    if (tree == NULL)
        return;
    for (unsigned k = 0; k < 2; k++) {
        for (unsigned l = 0; l < MMU_GRID_LEVELS; l++)
            mmu_rows_free(&tree->side[k].level[l].rows);
        for (unsigned n = 0; n < MMU_SWEEP_LIST; n++)
            mmu_shape_free(tree->side[k].wide[n]);
    }
    for (unsigned b = 0; b < tree->branches; b++) {
        branch_t *branch = &tree->branch[b];

        free(branch->missed);
        mmu_lru_grid_free(branch->grid);
        for (unsigned n = 0; branch->wide != NULL && n < tree->l2s; n++)
            mmu_shape_free(branch->wide[n]);
        free((void *)branch->wide);
    }
    free(tree->mask);
    free(tree->wide);
    free(tree->at);
    free(tree->which);
    free(tree);
}

void mmu_tree_clear(mmu_tree_t *tree)
{
    for (unsigned k = 0; k < 2; k++) {
        side_t *side = &tree->side[k];

        side->before = MMU_NO_PAGE;
        for (unsigned l = 0; l < side->levels; l++)
            mmu_rows_clear(&side->level[l].rows);
        for (unsigned n = 0; side->any_wide && n < tree->branches; n++)
            if (side->wide[n] != NULL)
                mmu_shape_clear(side->wide[n]);
    }
    for (unsigned b = 0; b < tree->branches; b++) {
        branch_t *branch = &tree->branch[b];

        if (branch->grid != NULL)
            mmu_lru_grid_clear(branch->grid);
        for (unsigned n = 0; n < tree->l2s; n++)
            if (branch->wide[n] != NULL)
                mmu_shape_clear(branch->wide[n]);
    }
}

/* ---- first levels ------------------------------------------------------------------------------------------ */

static void first_wide(mmu_tree_t *tree, const uint32_t *low, const mmu_page_id_t *packed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        side_t *side = &tree->side[packed[i] & 1u];
        const mmu_page_id_t p = packed[i] >> 1;
        uint64_t mask = 0;

        tree->mask[i] = 0;
        if (p == side->before)
            continue;
        side->before = p;
        for (unsigned l = 0; l < side->levels; l++) {
            level_t *level = &side->level[l];
            mmu_row32_t *row = &level->rows.wide[low[p] & ((1u << level->rows.sets_log2) - 1)];

            if (row->id[0] == p)
                break;
            mask |= level->missed[mmu_row32_front(row, p)];
        }
        tree->mask[i] = mask;
    }
}

static void first_narrow(mmu_tree_t *tree, const uint32_t *low, const mmu_page_id_t *packed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        side_t *side = &tree->side[packed[i] & 1u];
        const mmu_page_id_t p = packed[i] >> 1;
        uint64_t mask = 0;

        tree->mask[i] = 0;
        if (p == side->before)
            continue;
        side->before = p;
        for (unsigned l = 0; l < side->levels; l++) {
            level_t *level = &side->level[l];
            mmu_row16_t *row = &level->rows.narrow[low[p] & ((1u << level->rows.sets_log2) - 1)];

            if (row->id[0] == (uint16_t)p)
                break;
            mask |= level->missed[mmu_row16_front(row, (uint16_t)p)];
        }
        tree->mask[i] = mask;
    }
}

#ifdef MMU_LRU_AVX2
__attribute__((target("avx2,bmi"))) static void first_narrow_avx2(mmu_tree_t *tree, const uint32_t *low,
                                                                  const mmu_page_id_t *packed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        side_t *side = &tree->side[packed[i] & 1u];
        const mmu_page_id_t p = packed[i] >> 1;
        const __m256i wanted = _mm256_set1_epi16((short)p);
        uint64_t mask = 0;

        tree->mask[i] = 0;
        if (p == side->before)
            continue;
        side->before = p;
        for (unsigned l = 0; l < side->levels; l++) {
            level_t *level = &side->level[l];
            mmu_row16_t *row = &level->rows.narrow[low[p] & ((1u << level->rows.sets_log2) - 1)];
            mmu_row_avx2_t ids;
            unsigned place;

            if (row->id[0] == (uint16_t)p)
                break;
            ids = mmu_row_load(row);
            place = mmu_row_find(ids, wanted);
            mask |= level->missed[place];
            mmu_row_store(row, mmu_row_up(ids, wanted, place));
        }
        tree->mask[i] = mask;
    }
}
#endif

/* First levels of more ways than a row has, by single runs. */
static bool first_single(mmu_tree_t *tree, unsigned k, const mmu_page_block_t *packed)
{
    mmu_page_block_t ids = *packed;
    size_t misses;

    ids.id = tree->wide;
    ids.n = 0;
    for (size_t i = 0; i < packed->n; i++) {
        tree->wide[ids.n] = packed->id[i] >> 1;
        tree->at[ids.n] = (uint32_t)i;
        ids.n += (packed->id[i] & 1u) == k;
    }
    for (unsigned b = 0; b < tree->branches; b++) {
        if (tree->side[k].wide[b] == NULL)
            continue;
        if (!mmu_shape_feed(tree->side[k].wide[b], &ids, tree->which, &misses))
            return false;
        for (size_t m = 0; m < misses; m++)
            tree->mask[tree->at[tree->which[m]]] |= UINT64_C(1) << b;
    }
    return true;
}

/* ---- a block ----------------------------------------------------------------------------------------------- */

static bool room_for(mmu_tree_t *tree, size_t n)
{
    if (n <= tree->room)
        return true;
    free(tree->mask);
    free(tree->wide);
    free(tree->at);
    free(tree->which);
    tree->mask = malloc(n * sizeof tree->mask[0]);
    tree->wide = malloc(n * sizeof tree->wide[0]);
    tree->at = malloc(n * sizeof tree->at[0]);
    tree->which = malloc(n * sizeof tree->which[0]);
    if (tree->mask == NULL || tree->wide == NULL || tree->at == NULL || tree->which == NULL)
        return false;
    for (unsigned b = 0; b < tree->branches; b++) {
        free(tree->branch[b].missed);
        tree->branch[b].missed = malloc(n * sizeof tree->branch[b].missed[0]);
        if (tree->branch[b].missed == NULL)
            return false;
    }
    tree->room = n;
    return true;
}

static bool widen(mmu_tree_t *tree)
{
    for (unsigned k = 0; k < 2; k++)
        for (unsigned l = 0; l < tree->side[k].levels; l++) {
            mmu_rows_t *rows = &tree->side[k].level[l].rows;

            if (rows->narrow != NULL && !mmu_rows_widen(rows))
                return false;
        }
    return true;
}

static bool first_levels(mmu_tree_t *tree, const mmu_page_block_t *packed)
{
    if (packed->pages >= MMU_ROW_MANY_IDS) {
        if (!widen(tree))
            return false;
        first_wide(tree, packed->low, packed->id, packed->n);
    } else
#ifdef MMU_LRU_AVX2
        if (tree->avx2) {
        first_narrow_avx2(tree, packed->low, packed->id, packed->n);
    } else
#endif
    {
        first_narrow(tree, packed->low, packed->id, packed->n);
    }
    for (unsigned k = 0; k < 2; k++)
        if (tree->side[k].any_wide && !first_single(tree, k, packed))
            return false;
    return true;
}

bool mmu_tree_feed(mmu_tree_t *tree, const mmu_page_block_t *packed)
{
    mmu_page_block_t block = *packed;

    if (!room_for(tree, packed->n) || !first_levels(tree, packed))
        return false;
    for (unsigned b = 0; b < tree->branches; b++)
        tree->branch[b].count = 0;
    for (size_t i = 0; i < packed->n; i++)
        for (uint64_t mask = tree->mask[i]; mask != 0; mask &= mask - 1) {
            const unsigned b = (unsigned)__builtin_ctzll(mask);
            branch_t *branch = &tree->branch[b];

            branch->missed[branch->count++] = packed->id[i] >> 1;
            tree->side[packed->id[i] & 1u].misses[b]++;
        }
    for (unsigned b = 0; b < tree->branches; b++) {
        branch_t *branch = &tree->branch[b];

        block.id = branch->missed;
        block.n = branch->count;
        if (branch->grid != NULL && !mmu_lru_grid_feed(branch->grid, &block))
            return false;
        for (unsigned l = 0; l < tree->l2s; l++)
            if (branch->wide[l] != NULL && !mmu_shape_feed(branch->wide[l], &block, NULL, NULL))
                return false;
    }
    return true;
}

uint64_t mmu_tree_l1_misses(const mmu_tree_t *tree, unsigned n, unsigned side)
{
    return tree->side[side].misses[n - tree->from];
}

uint64_t mmu_tree_l2_misses(const mmu_tree_t *tree, unsigned n, unsigned l2)
{
    const branch_t *branch = &tree->branch[n - tree->from];

    return branch->wide[l2] != NULL
               ? mmu_shape_misses(branch->wide[l2])
               : mmu_lru_grid_misses(branch->grid, tree->l2[l2].sets_log2, tree->l2[l2].ways);
}
