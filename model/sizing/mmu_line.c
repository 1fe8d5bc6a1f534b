/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A line of a sweep: its engines, and what they have counted. Accesses come in by mmu_line_take.c.
 */
#include "sizing/mmu_line.h"

#include "sizing/mmu_lru_row.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(MMU_SWEEP_LEVELS == MMU_GRID_LEVELS, "the grid tells all numbers of sets");

/* ---- engines of every kind behind one interface --------------------------------------------------------------- */

static bool feed_grid(void *self, const mmu_page_block_t *block)
{
    return mmu_lru_grid_feed(self, block);
}

static void clear_grid(void *self)
{
    mmu_lru_grid_clear(self);
}

static bool feed_stack(void *self, const mmu_page_block_t *block)
{
    return mmu_stack_feed(self, block);
}

static void clear_stack(void *self)
{
    mmu_stack_clear(self);
}

static bool feed_shape(void *self, const mmu_page_block_t *block)
{
    return mmu_shape_feed(self, block, NULL, NULL);
}

static void clear_shape(void *self)
{
    mmu_shape_clear(self);
}

static bool feed_opt(void *self, const mmu_page_block_t *block)
{
    return mmu_opt_feed(self, block);
}

static void clear_opt(void *self)
{
    mmu_opt_clear(self);
}

static bool feed_tree(void *self, const mmu_page_block_t *block)
{
    return mmu_tree_feed(self, block);
}

static void clear_tree(void *self)
{
    mmu_tree_clear(self);
}

static bool add_engine(mmu_line_t *line, void *self, bool (*feed)(void *, const mmu_page_block_t *),
                       void (*clear)(void *))
{
    mmu_engine_t *engine;

    if (self == NULL)
        return false;
    engine = realloc(line->engine, (line->engines + 1) * sizeof engine[0]);
    if (engine == NULL)
        return false;
    line->engine = engine;
    engine[line->engines++] = (mmu_engine_t){.self = self, .feed = feed, .clear = clear};
    return true;
}

/* ---- which engines are needed ----------------------------------------------------------------------------------- */

static bool power_of_two(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

/* Whether a shape needs a run of its own. */
static bool is_single(const mmu_sweep_options_t *opt, unsigned policy, unsigned sets_log2, uint32_t ways)
{
    if (policy == MMU_POLICY_PLRU)
        return power_of_two(ways);
    if (policy == MMU_POLICY_LRU)
        return opt->per_set || (ways > MMU_GRID_WAYS && sets_log2 != 0);
    return policy != MMU_SWEEP_OPT;
}

static bool begin_shapes(mmu_line_t *line, unsigned policy)
{
    const mmu_sweep_options_t *opt = line->opt;
    mmu_line_shapes_t *shapes = calloc(1, sizeof *shapes);

    line->shapes[policy] = shapes;
    if (shapes == NULL)
        return false;
    for (unsigned s = 0; s < opt->sets; s++)
        for (unsigned w = 0; w < opt->ways; w++) {
            mmu_shape_t *shape;

            if (!is_single(opt, policy, opt->sets_log2[s], opt->way[w]))
                continue;
            shape = shapes->shape[s][w] = mmu_shape_new(opt->sets_log2[s], opt->way[w], policy);
            if (!add_engine(line, shape, feed_shape, clear_shape) ||
                (opt->per_set && !mmu_shape_count_sets(shape)))
                return false;
        }
    return true;
}

static bool begin_grid(mmu_line_t *line)
{
    const mmu_sweep_options_t *opt = line->opt;
    unsigned first = MMU_SWEEP_LEVELS, last = 0;
    bool narrow = false;

    for (unsigned w = 0; w < opt->ways; w++)
        narrow = narrow || opt->way[w] <= MMU_GRID_WAYS;
    if (!opt->policy[MMU_POLICY_LRU] || opt->per_set || !narrow)
        return true;
    for (unsigned s = 0; s < opt->sets; s++) {
        first = opt->sets_log2[s] < first ? opt->sets_log2[s] : first;
        last = opt->sets_log2[s] > last ? opt->sets_log2[s] : last;
    }
    line->grid = mmu_lru_grid_new(first, last);
    return add_engine(line, line->grid, feed_grid, clear_grid);
}

static bool begin_stack(mmu_line_t *line)
{
    const mmu_sweep_options_t *opt = line->opt;
    bool needed = opt->classes;

    for (unsigned s = 0; s < opt->sets && opt->policy[MMU_POLICY_LRU] && !opt->per_set; s++)
        for (unsigned w = 0; w < opt->ways; w++)
            needed = needed || (opt->sets_log2[s] == 0 && opt->way[w] > MMU_GRID_WAYS);
    if (!needed)
        return true;
    line->stack = mmu_stack_new();
    return add_engine(line, line->stack, feed_stack, clear_stack);
}

static bool begin_optimum(mmu_line_t *line)
{
    const mmu_sweep_options_t *opt = line->opt;
    uint32_t most = 1;

    if (!opt->policy[MMU_SWEEP_OPT])
        return true;
    for (unsigned w = 0; w < opt->ways; w++)
        most = opt->way[w] > most ? opt->way[w] : most;
    line->optimum = mmu_opt_new(opt->sets_log2, opt->sets, most);
    return add_engine(line, line->optimum, feed_opt, clear_opt);
}

/* A tree for each thread. */
static bool begin_trees(mmu_line_t *line)
{
    const mmu_sweep_options_t *opt = line->opt;
    const unsigned jobs = opt->jobs < 1 ? 1 : opt->jobs;

    line->tree_l1s = (opt->l1s + jobs - 1) / jobs;
    for (unsigned from = 0; from < opt->l1s; from += line->tree_l1s) {
        const unsigned to = from + line->tree_l1s < opt->l1s ? from + line->tree_l1s : opt->l1s;
        mmu_tree_t *tree = line->tree[line->trees++] = mmu_tree_new(opt, from, to);

        if (!add_engine(line, tree, feed_tree, clear_tree))
            return false;
    }
    return true;
}

bool mmu_line_begin(mmu_line_t *line, const mmu_sweep_options_t *opt, unsigned stream, unsigned page_lg)
{
    memset(line, 0, sizeof *line);
    line->opt = opt;
    line->stream = (uint8_t)stream;
    line->page_lg = (uint8_t)page_lg;
    line->keep_all = opt->per_set;
    line->avx2 = mmu_rows_have_avx2();
    mmu_line_forget(line);
    if (!mmu_pages_init(&line->pages))
        return false;
    if (stream == MMU_LINE_SPLIT)
        return begin_trees(line);
    mmu_series_init(&line->volume, 1, opt->most_windows);
    if (!begin_grid(line) || !begin_stack(line) || !begin_optimum(line))
        return false;
    for (unsigned p = 0; p < MMU_SWEEP_POLICIES; p++) {
        mmu_series_init(&line->series[p], opt->sets * opt->ways, opt->most_windows);
        if (opt->policy[p] && !begin_shapes(line, p))
            return false;
    }
    return true;
}

void mmu_line_free(mmu_line_t *line)
{
    mmu_pages_free(&line->pages);
    free(line->id);
    free(line->fed_id);
    free(line->engine);
    mmu_lru_grid_free(line->grid);
    mmu_stack_free(line->stack);
    mmu_opt_free(line->optimum);
    mmu_series_free(&line->volume);
    for (unsigned t = 0; t < line->trees; t++)
        mmu_tree_free(line->tree[t]);
    for (unsigned p = 0; p < MMU_SWEEP_POLICIES; p++) {
        mmu_series_free(&line->series[p]);
        if (line->shapes[p] == NULL)
            continue;
        for (unsigned s = 0; s < MMU_SWEEP_LEVELS; s++)
            for (unsigned w = 0; w < MMU_SWEEP_LIST; w++)
                mmu_shape_free(line->shapes[p]->shape[s][w]);
        free(line->shapes[p]);
    }
}

/* ---- blocks --------------------------------------------------------------------------------------------------- */

bool mmu_line_reserve(mmu_line_t *line, size_t more)
{
    if (line->filled + more > line->room) {
        const size_t room = line->filled + more;
        mmu_page_id_t *id = realloc(line->id, room * sizeof id[0]);
        mmu_page_id_t *fed;

        if (id == NULL)
            return false;
        line->id = id;
        fed = realloc(line->fed_id, room * sizeof fed[0]);
        if (fed == NULL)
            return false;
        line->fed_id = fed;
        line->room = room;
    }
    return mmu_pages_reserve(&line->pages, (uint32_t)(line->room - line->filled));
}

bool mmu_line_turn(mmu_line_t *line, bool clear)
{
    const size_t n = line->filled;
    mmu_page_id_t *id = line->id;

    line->id = line->fed_id;
    line->fed_id = id;
    line->filled = 0;
    line->fed_clear = clear;
    if (!mmu_line_reserve(line, 0))
        return false;
    line->fed = mmu_pages_block(&line->pages, id, n);
    return true;
}
