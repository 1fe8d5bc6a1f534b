/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A sweep: accesses become blocks of page ids, one a stream and page size; a full block goes to every engine
 * that the options ask for.
 */
#include "lockwalk/mmu_sizing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16384u

/* One policy's shapes on one stream and page size: sets by number, ways by number. */
typedef struct {
    mmu_shape_t *shape[MMU_GRID_LEVELS][MMU_SWEEP_LIST]; /* NULL: the grid or the stack tells it, or nobody */
} shapes_t;

typedef struct {
    uint8_t stream, page_lg;
    mmu_pages_t pages;
    mmu_page_id_t *block;
    uint32_t filled;
    mmu_lru_grid_t *grid; /* NULL: not needed */
    mmu_stack_t *stack;
    shapes_t *shapes[MMU_POLICY_RANDOM + 1];
} line_t;

/* A first level, and what misses in it. */
typedef struct {
    mmu_shape_t *l1[2]; /* instruction, data */
    mmu_lru_grid_t *grid;
    mmu_shape_t **wide; /* second levels that the grid cannot tell, by number; else NULL */
    mmu_page_id_t *missed;
} tree_t;

typedef struct {
    uint8_t page_lg;
    mmu_pages_t pages;
    mmu_page_id_t *id[2]; /* of a block, instruction and data apart */
    uint32_t *at[2];      /* where each stood in the block */
    uint32_t *which[2];   /* of them missed */
    uint32_t filled[2];
    uint32_t all;
    tree_t *tree;
} forest_t;

struct mmu_sweep {
    mmu_sweep_options_t opt;
    unsigned lines;
    line_t line[MMU_STREAMS * MMU_SWEEP_PAGES];
    unsigned forests;
    forest_t forest[MMU_SWEEP_PAGES];
};

/* ---- what the grid can tell ---------------------------------------------------------------------------------- */

static void levels_of(const mmu_sweep_options_t *opt, unsigned *first, unsigned *last)
{
    *first = MMU_GRID_LEVELS;
    *last = 0;
    for (unsigned s = 0; s < opt->sets; s++) {
        *first = opt->sets_log2[s] < *first ? opt->sets_log2[s] : *first;
        *last = opt->sets_log2[s] > *last ? opt->sets_log2[s] : *last;
    }
}

static bool power_of_two(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

/* ---- a stream of one page size --------------------------------------------------------------------------------- */

static bool line_shapes(line_t *line, const mmu_sweep_options_t *opt, unsigned policy)
{
    shapes_t *shapes = calloc(1, sizeof *shapes);

    line->shapes[policy] = shapes;
    if (shapes == NULL)
        return false;
    for (unsigned s = 0; s < opt->sets; s++)
        for (unsigned w = 0; w < opt->ways; w++) {
            if (policy == MMU_POLICY_PLRU && !power_of_two(opt->way[w]))
                continue;
            if (policy == MMU_POLICY_LRU && (opt->way[w] <= MMU_GRID_WAYS || opt->sets_log2[s] == 0))
                continue;
            shapes->shape[s][w] = mmu_shape_new(opt->sets_log2[s], opt->way[w], policy);
            if (shapes->shape[s][w] == NULL)
                return false;
        }
    return true;
}

static bool line_begin(line_t *line, const mmu_sweep_options_t *opt)
{
    bool narrow = false, wide = false;
    unsigned first, last;

    for (unsigned w = 0; w < opt->ways; w++) {
        narrow = narrow || opt->way[w] <= MMU_GRID_WAYS;
        wide = wide || opt->way[w] > MMU_GRID_WAYS;
    }
    line->block = malloc(BLOCK * sizeof line->block[0]);
    if (line->block == NULL || !mmu_pages_init(&line->pages))
        return false;
    levels_of(opt, &first, &last);
    if (opt->policy[MMU_POLICY_LRU] && narrow) {
        line->grid = mmu_lru_grid_new(first, last);
        if (line->grid == NULL)
            return false;
    }
    if (opt->classes || (opt->policy[MMU_POLICY_LRU] && wide && first == 0)) {
        line->stack = mmu_stack_new();
        if (line->stack == NULL)
            return false;
    }
    for (unsigned p = 0; p <= MMU_POLICY_RANDOM; p++)
        if (opt->policy[p] && !line_shapes(line, opt, p))
            return false;
    return true;
}

static void line_free(line_t *line)
{
    mmu_pages_free(&line->pages);
    free(line->block);
    mmu_lru_grid_free(line->grid);
    mmu_stack_free(line->stack);
    for (unsigned p = 0; p <= MMU_POLICY_RANDOM; p++) {
        if (line->shapes[p] == NULL)
            continue;
        for (unsigned s = 0; s < MMU_GRID_LEVELS; s++)
            for (unsigned w = 0; w < MMU_SWEEP_LIST; w++)
                mmu_shape_free(line->shapes[p]->shape[s][w]);
        free(line->shapes[p]);
    }
}

static bool line_flush(line_t *line)
{
    const uint32_t n = line->filled;

    line->filled = 0;
    if (line->grid != NULL && !mmu_lru_grid_feed(line->grid, &line->pages, line->block, n))
        return false;
    if (line->stack != NULL && !mmu_stack_feed(line->stack, line->block, n))
        return false;
    for (unsigned p = 0; p <= MMU_POLICY_RANDOM; p++) {
        if (line->shapes[p] == NULL)
            continue;
        for (unsigned s = 0; s < MMU_GRID_LEVELS; s++)
            for (unsigned w = 0; w < MMU_SWEEP_LIST; w++) {
                mmu_shape_t *shape = line->shapes[p]->shape[s][w];

                if (shape != NULL && !mmu_shape_feed(shape, &line->pages, line->block, n, NULL, NULL))
                    return false;
            }
    }
    return true;
}

/* ---- hierarchies of one page size -------------------------------------------------------------------------------- */

static bool forest_begin(forest_t *forest, const mmu_sweep_options_t *opt)
{
    unsigned first = MMU_GRID_LEVELS, last = 0;

    if (!mmu_pages_init(&forest->pages))
        return false;
    for (unsigned k = 0; k < 2; k++) {
        forest->id[k] = malloc(BLOCK * sizeof forest->id[k][0]);
        forest->at[k] = malloc(BLOCK * sizeof forest->at[k][0]);
        forest->which[k] = malloc(BLOCK * sizeof forest->which[k][0]);
        if (forest->id[k] == NULL || forest->at[k] == NULL || forest->which[k] == NULL)
            return false;
    }
    for (unsigned n = 0; n < opt->l2s; n++)
        if (opt->l2[n].ways <= MMU_GRID_WAYS) {
            first = opt->l2[n].sets_log2 < first ? opt->l2[n].sets_log2 : first;
            last = opt->l2[n].sets_log2 > last ? opt->l2[n].sets_log2 : last;
        }
    forest->tree = calloc(opt->l1s, sizeof forest->tree[0]);
    if (forest->tree == NULL)
        return false;
    for (unsigned t = 0; t < opt->l1s; t++) {
        tree_t *tree = &forest->tree[t];

        tree->l1[0] = mmu_shape_new(opt->l1i[t].sets_log2, opt->l1i[t].ways, MMU_POLICY_LRU);
        tree->l1[1] = mmu_shape_new(opt->l1d[t].sets_log2, opt->l1d[t].ways, MMU_POLICY_LRU);
        tree->missed = malloc(BLOCK * sizeof tree->missed[0]);
        tree->wide = calloc(opt->l2s + 1, sizeof(mmu_shape_t *));
        if (tree->l1[0] == NULL || tree->l1[1] == NULL || tree->missed == NULL || tree->wide == NULL)
            return false;
        if (first <= last && (tree->grid = mmu_lru_grid_new(first, last)) == NULL)
            return false;
        for (unsigned n = 0; n < opt->l2s; n++)
            if (opt->l2[n].ways > MMU_GRID_WAYS &&
                (tree->wide[n] = mmu_shape_new(opt->l2[n].sets_log2, opt->l2[n].ways, MMU_POLICY_LRU)) ==
                    NULL)
                return false;
    }
    return true;
}

static void forest_free(forest_t *forest, const mmu_sweep_options_t *opt)
{
    mmu_pages_free(&forest->pages);
    for (unsigned k = 0; k < 2; k++) {
        free(forest->id[k]);
        free(forest->at[k]);
        free(forest->which[k]);
    }
    for (unsigned t = 0; forest->tree != NULL && t < opt->l1s; t++) {
        tree_t *tree = &forest->tree[t];

        mmu_shape_free(tree->l1[0]);
        mmu_shape_free(tree->l1[1]);
        mmu_lru_grid_free(tree->grid);
        for (unsigned n = 0; tree->wide != NULL && n < opt->l2s; n++)
            mmu_shape_free(tree->wide[n]);
        free((void *)tree->wide);
        free(tree->missed);
    }
    free(forest->tree);
}

/* The L2 sees what missed on either side, in the order of the program. */
static bool forest_flush(forest_t *forest, const mmu_sweep_options_t *opt)
{
    for (unsigned t = 0; t < opt->l1s; t++) {
        tree_t *tree = &forest->tree[t];
        size_t misses[2], n[2] = {0, 0}, count = 0;

        for (unsigned k = 0; k < 2; k++)
            if (!mmu_shape_feed(tree->l1[k], &forest->pages, forest->id[k], forest->filled[k],
                                forest->which[k], &misses[k]))
                return false;
        while (n[0] < misses[0] || n[1] < misses[1]) {
            const uint32_t i = n[0] < misses[0] ? forest->which[0][n[0]] : 0;
            const uint32_t d = n[1] < misses[1] ? forest->which[1][n[1]] : 0;
            const unsigned k =
                n[1] == misses[1] || (n[0] < misses[0] && forest->at[0][i] < forest->at[1][d]) ? 0 : 1;

            tree->missed[count++] = forest->id[k][k == 0 ? i : d];
            n[k]++;
        }
        if (tree->grid != NULL && !mmu_lru_grid_feed(tree->grid, &forest->pages, tree->missed, count))
            return false;
        for (unsigned l = 0; l < opt->l2s; l++)
            if (tree->wide[l] != NULL &&
                !mmu_shape_feed(tree->wide[l], &forest->pages, tree->missed, count, NULL, NULL))
                return false;
    }
    forest->filled[0] = forest->filled[1] = forest->all = 0;
    return true;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

mmu_sweep_t *mmu_sweep_new(const mmu_sweep_options_t *options)
{
    mmu_sweep_t *sweep = calloc(1, sizeof *sweep);
    bool good = sweep != NULL;

    if (sweep == NULL)
        return NULL;
    sweep->opt = *options;
    for (unsigned stream = 0; stream < MMU_STREAMS; stream++)
        for (unsigned p = 0; options->stream[stream] && p < options->pages; p++) {
            line_t *line = &sweep->line[sweep->lines++];

            line->stream = (uint8_t)stream;
            line->page_lg = options->page_lg[p];
            good = good && line_begin(line, options);
        }
    for (unsigned p = 0; options->l1s != 0 && p < options->pages; p++) {
        forest_t *forest = &sweep->forest[sweep->forests++];

        forest->page_lg = options->page_lg[p];
        good = good && forest_begin(forest, options);
    }
    if (good)
        return sweep;
    mmu_sweep_free(sweep);
    return NULL;
}

void mmu_sweep_free(mmu_sweep_t *sweep)
{
    if (sweep == NULL)
        return;
    for (unsigned n = 0; n < sweep->lines; n++)
        line_free(&sweep->line[n]);
    for (unsigned n = 0; n < sweep->forests; n++)
        forest_free(&sweep->forest[n], &sweep->opt);
    free(sweep);
}

static bool takes(unsigned stream, unsigned acc)
{
    return stream == MMU_STREAM_UNIFIED || (stream == MMU_STREAM_FETCH) == (acc == MMU_ACC_FETCH);
}

bool mmu_sweep_access(mmu_sweep_t *sweep, uint64_t va, uint32_t size, unsigned acc)
{
    const uint64_t end = va + (size == 0 ? 0 : size - 1);

    for (unsigned n = 0; n < sweep->lines; n++) {
        line_t *line = &sweep->line[n];

        if (!takes(line->stream, acc))
            continue;
        for (uint64_t page = va >> line->page_lg; page <= end >> line->page_lg; page++) {
            const mmu_page_id_t id = mmu_pages_id(&line->pages, page);

            if (id == UINT32_MAX)
                return false;
            line->block[line->filled++] = id;
            if (line->filled == BLOCK && !line_flush(line))
                return false;
        }
    }
    for (unsigned n = 0; n < sweep->forests; n++) {
        forest_t *forest = &sweep->forest[n];
        const unsigned k = acc == MMU_ACC_FETCH ? 0 : 1;

        for (uint64_t page = va >> forest->page_lg; page <= end >> forest->page_lg; page++) {
            const mmu_page_id_t id = mmu_pages_id(&forest->pages, page);

            if (id == UINT32_MAX)
                return false;
            forest->id[k][forest->filled[k]] = id;
            forest->at[k][forest->filled[k]++] = forest->all++;
            if (forest->all == BLOCK && !forest_flush(forest, &sweep->opt))
                return false;
        }
    }
    return true;
}

bool mmu_sweep_flush(mmu_sweep_t *sweep)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        if (!line_flush(&sweep->line[n]))
            return false;
    for (unsigned n = 0; n < sweep->forests; n++)
        if (!forest_flush(&sweep->forest[n], &sweep->opt))
            return false;
    return true;
}

/* ---- results ------------------------------------------------------------------------------------------------------- */

static void line_results(const line_t *line, const mmu_sweep_options_t *opt, unsigned policy,
                         void (*tell)(void *, const mmu_sweep_result_t *), void *user)
{
    for (unsigned s = 0; s < opt->sets; s++)
        for (unsigned w = 0; w < opt->ways; w++) {
            const mmu_shape_t *shape = line->shapes[policy]->shape[s][w];
            mmu_sweep_result_t r = {.stream = line->stream,
                                    .page_lg = line->page_lg,
                                    .policy = (uint8_t)policy,
                                    .sets_log2 = opt->sets_log2[s],
                                    .ways = opt->way[w]};

            if (shape != NULL) {
                r.accesses = mmu_shape_accesses(shape);
                r.misses = mmu_shape_misses(shape);
            } else if (policy != MMU_POLICY_LRU) {
                continue; /* PLRU of ways that are no power of two */
            } else if (r.ways <= MMU_GRID_WAYS) {
                r.accesses = mmu_lru_grid_accesses(line->grid);
                r.misses = mmu_lru_grid_misses(line->grid, r.sets_log2, r.ways);
            } else {
                r.accesses = mmu_stack_accesses(line->stack);
                r.misses = mmu_stack_misses(line->stack, r.ways);
            }
            if (opt->classes) {
                const uint64_t same_size = mmu_stack_misses(line->stack, (uint64_t)r.ways << r.sets_log2);

                r.compulsory = mmu_stack_cold(line->stack);
                r.capacity = same_size - r.compulsory;
            }
            tell(user, &r);
        }
}

void mmu_sweep_results(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_result_t *result),
                       void *user)
{
    for (unsigned n = 0; n < sweep->lines; n++)
        for (unsigned p = 0; p <= MMU_POLICY_RANDOM; p++)
            if (sweep->line[n].shapes[p] != NULL)
                line_results(&sweep->line[n], &sweep->opt, p, tell, user);
}

void mmu_sweep_levels(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_level_t *level),
                      void *user)
{
    const mmu_sweep_options_t *opt = &sweep->opt;

    for (unsigned f = 0; f < sweep->forests; f++)
        for (unsigned t = 0; t < opt->l1s; t++) {
            const tree_t *tree = &sweep->forest[f].tree[t];
            mmu_sweep_level_t level = {.page_lg = sweep->forest[f].page_lg, .l1 = t};

            for (unsigned k = 0; k < 2; k++) {
                level.level = (uint8_t)k;
                level.shape = k == 0 ? opt->l1i[t] : opt->l1d[t];
                level.accesses = mmu_shape_accesses(tree->l1[k]);
                level.misses = mmu_shape_misses(tree->l1[k]);
                tell(user, &level);
            }
            for (unsigned n = 0; n < opt->l2s; n++) {
                level.level = 2;
                level.shape = opt->l2[n];
                level.accesses = tree->wide[n] != NULL ? mmu_shape_accesses(tree->wide[n])
                                                       : mmu_lru_grid_accesses(tree->grid);
                level.misses = tree->wide[n] != NULL
                                   ? mmu_shape_misses(tree->wide[n])
                                   : mmu_lru_grid_misses(tree->grid, opt->l2[n].sets_log2, opt->l2[n].ways);
                tell(user, &level);
            }
        }
}
