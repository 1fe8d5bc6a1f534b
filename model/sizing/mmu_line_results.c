/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a line of a sweep has counted, shape by shape, level by level, and in each window.
 */
#include "sizing/mmu_line.h"

#include <stdlib.h>

/* What is known of a shape by now, windows and sets apart. False: this policy has no such shape. */
static bool result(const mmu_line_t *line, unsigned policy, unsigned set, unsigned way, mmu_sweep_result_t *r)
{
    const mmu_sweep_options_t *opt = line->opt;
    const mmu_shape_t *shape = line->shapes[policy]->shape[set][way];

    *r = (mmu_sweep_result_t){.stream = line->stream,
                              .page_lg = line->page_lg,
                              .policy = (uint8_t)policy,
                              .sets_log2 = opt->sets_log2[set],
                              .ways = opt->way[way],
                              .accesses = line->accesses[0]};
    if (shape != NULL)
        r->misses = mmu_shape_misses(shape);
    else if (policy != MMU_POLICY_LRU)
        return false; /* PLRU of ways that are no power of two */
    else if (r->ways <= MMU_GRID_WAYS)
        r->misses = mmu_lru_grid_misses(line->grid, r->sets_log2, r->ways);
    else
        r->misses = mmu_stack_misses(line->stack, r->ways);
    if (opt->classes) {
        r->compulsory = mmu_stack_cold(line->stack);
        r->flushed = mmu_stack_cleared(line->stack);
        r->capacity =
            mmu_stack_misses(line->stack, (uint64_t)r->ways << r->sets_log2) - r->compulsory - r->flushed;
    }
    return true;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static unsigned column_of(const mmu_sweep_options_t *opt, unsigned set, unsigned way)
{
    return 1 + set * opt->ways + way;
}

bool mmu_line_window(mmu_line_t *line, bool end, bool begun)
{
    const mmu_sweep_options_t *opt = line->opt;
    uint64_t *count;
    bool good = true;

    if (line->stream == MMU_LINE_SPLIT)
        return true;
    count = calloc(1 + opt->sets * opt->ways, sizeof count[0]);
    if (count == NULL)
        return false;
    count[0] = line->accesses[0];
    for (unsigned p = 0; p < MMU_SWEEP_POLICIES && good; p++) {
        if (!opt->policy[p])
            continue;
        for (unsigned s = 0; s < opt->sets; s++)
            for (unsigned w = 0; w < opt->ways; w++) {
                mmu_sweep_result_t r;

                if (result(line, p, s, w, &r))
                    count[column_of(opt, s, w)] = r.misses;
            }
        good =
            end ? mmu_series_end(&line->series[p], count, begun) : mmu_series_tell(&line->series[p], count);
    }
    free(count);
    return good;
}

/* ---- shapes ------------------------------------------------------------------------------------------------------- */

/* Windows and sets of a result, in `room`. */
static void add_windows(const mmu_series_t *series, unsigned column, mmu_sweep_count_t *room,
                        mmu_sweep_result_t *r)
{
    for (size_t row = 0; row < series->rows; row++)
        room[row] = (mmu_sweep_count_t){.accesses = mmu_series_get(series, row, 0),
                                        .misses = mmu_series_get(series, row, column)};
    r->window = room;
    r->windows = series->rows;
}

static void add_sets(const mmu_shape_t *shape, mmu_sweep_count_t *room, mmu_sweep_result_t *r)
{
    for (size_t set = 0; set < (size_t)1 << r->sets_log2; set++)
        room[set] = (mmu_sweep_count_t){.accesses = mmu_shape_set_accesses(shape)[set],
                                        .misses = mmu_shape_set_misses(shape)[set]};
    r->set = room;
}

static bool policy_results(const mmu_line_t *line, unsigned policy,
                           void (*tell)(void *, const mmu_sweep_result_t *), void *user)
{
    const mmu_sweep_options_t *opt = line->opt;
    const mmu_series_t *series = &line->series[policy];
    mmu_sweep_count_t *window = malloc((series->rows + 1) * sizeof window[0]);
    mmu_sweep_count_t *set = malloc(sizeof set[0] << (MMU_SWEEP_LEVELS - 1));
    const bool good = window != NULL && set != NULL;

    for (unsigned s = 0; s < opt->sets && good; s++)
        for (unsigned w = 0; w < opt->ways; w++) {
            const mmu_shape_t *shape = line->shapes[policy]->shape[s][w];
            mmu_sweep_result_t r;

            if (!result(line, policy, s, w, &r))
                continue;
            if (opt->window != 0)
                add_windows(series, column_of(opt, s, w), window, &r);
            if (opt->per_set && shape != NULL)
                add_sets(shape, set, &r);
            tell(user, &r);
        }
    free(window);
    free(set);
    return good;
}

bool mmu_line_results(const mmu_line_t *line, void (*tell)(void *user, const mmu_sweep_result_t *result),
                      void *user)
{
    for (unsigned p = 0; p < MMU_SWEEP_POLICIES; p++)
        if (line->opt->policy[p] && !policy_results(line, p, tell, user))
            return false;
    return true;
}

mmu_sweep_classes_t mmu_sweep_classes(const mmu_sweep_result_t *r)
{
    const uint64_t rest = r->misses - r->compulsory - r->flushed;
    const uint64_t capacity = r->capacity < rest ? r->capacity : rest;

    return (mmu_sweep_classes_t){.compulsory = r->compulsory,
                                 .flushed = r->flushed,
                                 .capacity = capacity,
                                 .conflict = rest - capacity};
}

/* ---- hierarchies --------------------------------------------------------------------------------------------------- */

void mmu_line_levels(const mmu_line_t *line, void (*tell)(void *user, const mmu_sweep_level_t *level),
                     void *user)
{
    const mmu_sweep_options_t *opt = line->opt;

    for (unsigned l1 = 0; l1 < opt->l1s; l1++) {
        const mmu_tree_t *tree = line->tree[l1 / line->tree_l1s];
        mmu_sweep_level_t level = {.page_lg = line->page_lg, .l1 = l1};
        uint64_t behind = 0;

        for (unsigned k = 0; k < 2; k++) {
            level.level = (uint8_t)k;
            level.shape = k == 0 ? opt->l1i[l1] : opt->l1d[l1];
            level.accesses = line->accesses[k];
            level.misses = mmu_tree_l1_misses(tree, l1, k);
            behind += level.misses;
            tell(user, &level);
        }
        for (unsigned l2 = 0; l2 < opt->l2s; l2++) {
            level.level = 2;
            level.shape = opt->l2[l2];
            level.accesses = behind;
            level.misses = mmu_tree_l2_misses(tree, l1, l2);
            tell(user, &level);
        }
    }
}
