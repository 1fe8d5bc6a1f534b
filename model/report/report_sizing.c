/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Counting the misses that a report shows: one pass over the trace, several sweeps beside each other.
 */
#include "report/report.h"

#include "lockwalk/mmu_trace.h"

#include <assert.h>
#include <string.h>

#define BLOCK 65536u
#define PROGRESS UINT64_C(1000000)

/* What is counted:
 * GRID      every LRU shape, with classes
 * FULL      LRU, fully associative, of any size
 * POLICIES  all policies with few ways
 * PHASES    some LRU shapes in the course of time
 * ONE       options.shape, each set by itself */
enum { GRID, FULL, POLICIES, PHASES, ONE, SWEEPS };

const uint8_t mmu_report_phase_sets_log2[MMU_REPORT_PHASES] = {2, 4, 6, 8};

/* The windows of a trace of any length are between half of options.windows and all of them. */
#define FIRST_WINDOW 256u

static void options_of(const mmu_report_options_t *opt, unsigned which, mmu_sweep_options_t *sweep)
{
    *sweep = (mmu_sweep_options_t){.pages = opt->pages, .jobs = opt->jobs, .sets = MMU_REPORT_SETS};
    memcpy(sweep->stream, opt->stream, sizeof sweep->stream);
    memcpy(sweep->page_lg, opt->page_lg, sizeof sweep->page_lg);
    for (unsigned s = 0; s < MMU_REPORT_SETS; s++)
        sweep->sets_log2[s] = (uint8_t)s;
    sweep->policy[MMU_POLICY_LRU] = which != POLICIES;
    switch (which) {
    case GRID:
        sweep->classes = true;
        for (unsigned w = 0; w < MMU_REPORT_WAYS; w++)
            sweep->way[sweep->ways++] = w + 1;
        break;
    case FULL:
        sweep->sets = 1;
        for (unsigned n = 0; n < MMU_REPORT_FULL; n++)
            sweep->way[sweep->ways++] = 1u << n;
        break;
    case POLICIES:
        memcpy(sweep->policy, opt->policy, sizeof opt->policy);
        sweep->policy[MMU_POLICY_LRU] = false;
        sweep->way[sweep->ways++] = MMU_REPORT_SET_WAYS;
        break;
    case PHASES:
        sweep->sets = MMU_REPORT_PHASES;
        memcpy(sweep->sets_log2, mmu_report_phase_sets_log2, sizeof mmu_report_phase_sets_log2);
        sweep->way[sweep->ways++] = MMU_REPORT_SET_WAYS;
        sweep->window = FIRST_WINDOW;
        sweep->most_windows = opt->windows;
        break;
    default:
        sweep->sets = 1;
        sweep->sets_log2[0] = opt->shape.sets_log2;
        sweep->way[sweep->ways++] = opt->shape.ways;
        sweep->per_set = true;
        break;
    }
}

/* ---- results --------------------------------------------------------------------------------------------- */

typedef struct {
    mmu_report_t *report;
    mmu_report_sizing_t *sizing;
} told_t;

static mmu_report_misses_t *misses_of(const told_t *told, const mmu_sweep_result_t *r)
{
    for (unsigned p = 0; p < told->report->opt.pages; p++)
        if (told->report->opt.page_lg[p] == r->page_lg)
            return &told->sizing->misses[r->stream][p];
    assert(!"a result for a page size that nobody asked for");
    return NULL;
}

static void tell_grid(void *user, const mmu_sweep_result_t *r)
{
    mmu_report_misses_t *m = misses_of(user, r);

    m->accesses = r->accesses;
    m->grid[r->sets_log2][r->ways - 1] = r->misses;
    if (r->ways == MMU_REPORT_SET_WAYS)
        m->classes[r->sets_log2] = mmu_sweep_classes(r);
}

static void tell_full(void *user, const mmu_sweep_result_t *r)
{
    for (unsigned n = 0; n < MMU_REPORT_FULL; n++)
        if (r->ways == 1u << n)
            misses_of(user, r)->full[n] = r->misses;
}

static void tell_policy(void *user, const mmu_sweep_result_t *r)
{
    misses_of(user, r)->policy[r->policy][r->sets_log2] = r->misses;
}

static mmu_sweep_count_t *copied(mmu_report_t *report, const mmu_sweep_count_t *count, size_t n)
{
    mmu_sweep_count_t *copy = mmu_report_alloc(report, (n + 1) * sizeof *copy);

    memcpy(copy, count, n * sizeof *copy);
    return copy;
}

static void tell_phase(void *user, const mmu_sweep_result_t *r)
{
    const told_t *told = user;
    mmu_report_misses_t *m = misses_of(told, r);

    m->windows = r->windows;
    for (unsigned p = 0; p < MMU_REPORT_PHASES; p++)
        if (mmu_report_phase_sets_log2[p] == r->sets_log2)
            m->window[p] = copied(told->report, r->window, r->windows);
}

static void tell_set(void *user, const mmu_sweep_result_t *r)
{
    const told_t *told = user;

    misses_of(told, r)->set = copied(told->report, r->set, (size_t)1 << r->sets_log2);
}

/* ---- the pass -------------------------------------------------------------------------------------------- */

/* NULL: all is well. Else the sweep that failed. */
static const mmu_sweep_t *feed(mmu_sweep_t *const sweep[SWEEPS], const mmu_access_t *access, size_t n)
{
    for (unsigned s = 0; s < SWEEPS; s++)
        if (!(n > 0 ? mmu_sweep_feed(sweep[s], access, n) : mmu_sweep_finish(sweep[s])))
            return sweep[s];
    return NULL;
}

static bool pass(mmu_report_t *report, mmu_trace_t *trace, mmu_sweep_t *const sweep[SWEEPS],
                 mmu_report_sizing_t *sizing, char *err, size_t n)
{
    mmu_access_t *block = mmu_report_alloc(report, BLOCK * sizeof *block);
    const mmu_sweep_t *failed = NULL;
    uint64_t accesses = 0;
    size_t got;

    do {
        got = mmu_trace_read(trace, block, BLOCK);
        failed = feed(sweep, block, got);
        if (report->opt.progress != NULL && accesses / PROGRESS != (accesses + got) / PROGRESS)
            report->opt.progress(report->opt.user, sizing->path, "misses", (accesses + got) / PROGRESS);
        accesses += got;
    } while (got > 0 && failed == NULL);
    if (failed != NULL)
        snprintf(err, n, "%s: %s", sizing->path, mmu_sweep_error(failed));
    else if (mmu_trace_failed(trace))
        snprintf(err, n, "%s", mmu_trace_error(trace));
    else
        return true;
    return false;
}

/* What the trace holds; this pass finds what is wrong with it. */
static bool measure(mmu_report_t *report, mmu_report_sizing_t *sizing, char *err, size_t n)
{
    mmu_trace_t *trace = mmu_trace_open(sizing->path, err, n);
    bool good;

    if (trace == NULL)
        return false;
    good = mmu_trace_measure(trace, &sizing->info);
    if (!good)
        snprintf(err, n, "%s", mmu_trace_error(trace));
    else if (sizing->info.accesses == 0)
        snprintf(err, n, "%s: no accesses; a report needs at least one", sizing->path);
    sizing->form =
        mmu_report_format(report, "%s, compression %s", mmu_trace_form(trace), mmu_trace_compression(trace));
    mmu_trace_close(trace);
    return good && sizing->info.accesses != 0;
}

/* Whether the trace carries the page map that the options ask for, if they do. */
static bool has_map(const mmu_report_t *report, const mmu_trace_t *trace, const char *path, char *err,
                    size_t n)
{
    for (unsigned p = 0; p < report->opt.pages; p++)
        if (report->opt.page_lg[p] == MMU_SWEEP_MAP && mmu_trace_page_map(trace) == NULL) {
            snprintf(err, n,
                     "%s: the trace carries no page map, which --page map needs; `lockwalk trace convert "
                     "--page-map FILE` gives it one",
                     path);
            return false;
        }
    return true;
}

bool mmu_report_size(mmu_report_t *report, mmu_report_sizing_t *sizing, char *err, size_t n)
{
    static void (*const tell[SWEEPS])(void *, const mmu_sweep_result_t *) = {
        tell_grid, tell_full, tell_policy, tell_phase, tell_set};
    told_t told = {report, sizing};
    mmu_sweep_options_t *options = mmu_report_alloc(report, sizeof *options); /* its lists are large */
    mmu_sweep_t *sweep[SWEEPS] = {NULL};
    mmu_trace_t *trace = NULL;
    bool good = measure(report, sizing, err, n) && (trace = mmu_trace_open(sizing->path, err, n)) != NULL;

    good = good && has_map(report, trace, sizing->path, err, n);
    for (unsigned s = 0; s < SWEEPS && good; s++) {
        options_of(&report->opt, s, options);
        options->page_map = mmu_trace_page_map(trace);
        sweep[s] = mmu_sweep_new(options);
        good = sweep[s] != NULL;
        if (!good)
            snprintf(err, n, "no memory left for %s", sizing->path);
    }
    good = good && pass(report, trace, sweep, sizing, err, n);
    for (unsigned s = 0; s < SWEEPS && good; s++) {
        good = mmu_sweep_results(sweep[s], tell[s], &told);
        if (!good)
            snprintf(err, n, "no memory left for %s", sizing->path);
    }
    if (good)
        sizing->window = mmu_sweep_window(sweep[PHASES]);
    for (unsigned s = 0; s < SWEEPS; s++)
        mmu_sweep_free(sweep[s]);
    if (trace != NULL)
        mmu_trace_close(trace);
    return good;
}

/* ---- what comes of it ---------------------------------------------------------------------------------------- */

void mmu_report_knee(const mmu_report_misses_t *misses, unsigned *sets_log2, unsigned *ways)
{
    const uint64_t best = misses->grid[MMU_REPORT_SETS - 1][MMU_REPORT_WAYS - 1];
    unsigned entries = UINT32_MAX;

    *sets_log2 = MMU_REPORT_SETS - 1;
    *ways = MMU_REPORT_WAYS;
    for (unsigned s = 0; s < MMU_REPORT_SETS; s++)
        for (unsigned w = 1; w <= MMU_REPORT_WAYS; w++)
            if ((double)misses->grid[s][w - 1] <= 1.05 * (double)best && (w << s) <= entries) {
                /* of the same size: the fewer ways, that is the later one */
                entries = w << s;
                *sets_log2 = s;
                *ways = w;
            }
}
