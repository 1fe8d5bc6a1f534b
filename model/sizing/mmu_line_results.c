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
    else if (policy == MMU_SWEEP_OPT)
        r->misses = mmu_opt_misses(line->optimum, r->sets_log2, r->ways);
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
    return set * opt->ways + way;
}

typedef enum { WINDOW_ENDS, TRACE_ENDS_AT_ONE, TRACE_ENDS_IN_ONE } moment_e;

static bool note(mmu_series_t *series, const uint64_t *count, moment_e moment)
{
    return moment == WINDOW_ENDS ? mmu_series_tell(series, count)
                                 : mmu_series_end(series, count, moment == TRACE_ENDS_IN_ONE);
}

static bool note_policy(mmu_line_t *line, unsigned policy, moment_e moment)
{
    const mmu_sweep_options_t *opt = line->opt;
    uint64_t *count = calloc(opt->sets * opt->ways, sizeof count[0]);
    bool good = count != NULL;

    for (unsigned s = 0; s < opt->sets && good; s++)
        for (unsigned w = 0; w < opt->ways; w++) {
            mmu_sweep_result_t r;

            if (result(line, policy, s, w, &r))
                count[column_of(opt, s, w)] = r.misses;
        }
    good = good && note(&line->series[policy], count, moment);
    free(count);
    return good;
}

static bool note_all(mmu_line_t *line, moment_e moment)
{
    bool good = note(&line->volume, &line->accesses[0], moment);

    for (unsigned p = 0; p < MMU_SWEEP_OPT && good; p++)
        good = !line->opt->policy[p] || note_policy(line, p, moment);
    return good;
}

bool mmu_line_window(mmu_line_t *line)
{
    return line->stream == MMU_LINE_SPLIT ||
           (note_all(line, WINDOW_ENDS) && (line->optimum == NULL || mmu_opt_mark(line->optimum)));
}

static bool optimum_window(void *user)
{
    return note_policy(user, MMU_SWEEP_OPT, WINDOW_ENDS);
}

bool mmu_line_finish(mmu_line_t *line, bool begun)
{
    const bool windows = line->opt->window != 0 && line->stream != MMU_LINE_SPLIT;
    const moment_e moment = begun ? TRACE_ENDS_IN_ONE : TRACE_ENDS_AT_ONE;

    if (windows && !note_all(line, moment))
        return false;
    if (line->optimum == NULL)
        return true;
    return mmu_opt_finish(line->optimum, line->pages.low, line->pages.count, optimum_window, line) &&
           (!windows || note_policy(line, MMU_SWEEP_OPT, moment));
}

/* ---- shapes ------------------------------------------------------------------------------------------------------- */

/* Windows and sets of a result, in `room`. */
static void add_windows(const mmu_series_t *volume, const mmu_series_t *series, unsigned column,
                        mmu_sweep_count_t *room, mmu_sweep_result_t *r)
{
    for (size_t row = 0; row < series->rows; row++)
        room[row] = (mmu_sweep_count_t){.accesses = mmu_series_get(volume, row, 0),
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
                add_windows(&line->volume, series, column_of(opt, s, w), window, &r);
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
