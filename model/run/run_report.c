/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a run has to tell beside the environment's table: times and misses per thousand instructions, as text and JSON.
 */
#include "lockwalk/mmu_run.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const char *name; /* for people */
    const char *key;  /* in JSON */
    const mmu_hist_t *hist;
} times_t;

enum { TIMES = 5 };

static void all_times(const mmu_run_result_t *r, times_t times[TIMES])
{
    const times_t all[TIMES] = {
        {"translation, instruction", "translation_instruction", &r->translation[MMU_PORT_I]},
        {"translation, data", "translation_data", &r->translation[MMU_PORT_D]},
        {"queueing, instruction", "queueing_instruction", &r->queueing[MMU_PORT_I]},
        {"queueing, data", "queueing_data", &r->queueing[MMU_PORT_D]},
        {"walk", "walk", &r->walk},
    };

    for (unsigned n = 0; n < TIMES; n++)
        times[n] = all[n];
}

/* ---- misses per thousand instructions ------------------------------------------------------------------ */

typedef struct {
    const char *name, *key;
    uint64_t events;
} misses_t;

enum { MISSES = 4 };

static void all_misses(const mmu_env_stats_t *s, misses_t misses[MISSES])
{
    const uint64_t *ev = s->events;
    const misses_t all[MISSES] = {
        {"L1 misses, instruction", "l1_instruction", ev[MMU_EV_L1_MISS_I]},
        {"L1 misses, data", "l1_data", ev[MMU_EV_L1_MISS_D]},
        {"L2 misses", "l2", ev[MMU_EV_L2_MISS]},
        {"walks", "walks", ev[MMU_EV_WALK_START]},
    };

    for (unsigned n = 0; n < MISSES; n++)
        misses[n] = all[n];
}

/* ---- text -------------------------------------------------------------------------------------------------- */

/* Walks by doubling times: at most a dozen lines. */
static void walk_rows(FILE *f, const mmu_hist_t *walk)
{
    uint64_t low = 1;

    if (walk->count == 0)
        return;
    fprintf(f, "\n  %-24s %15s\n", "walks that took", "");
    while (low <= walk->max) {
        const uint64_t high = 2 * low - 1;
        uint64_t n = 0, first, last;
        char name[64];

        for (unsigned b = 0; b < MMU_HIST_BUCKETS; b++) {
            mmu_hist_bounds(b, &first, &last);
            if (first >= low && last <= high)
                n += walk->bucket[b];
        }
        snprintf(name, sizeof name, "  %" PRIu64 " to %" PRIu64 " clocks", low, high);
        if (n != 0)
            fprintf(f, "  %-24s %15" PRIu64 " %9.3f%%\n", name, n, 100.0 * (double)n / (double)walk->count);
        low = high + 1;
    }
}

char *mmu_run_report_text(const mmu_run_result_t *r)
{
    times_t times[TIMES];
    misses_t misses[MISSES];
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (f == NULL)
        abort();
    fprintf(f, "  %-24s %15s %9s %9s %9s %9s\n", "times, in clocks", "mean", "p50", "p90", "p99", "longest");
    all_times(r, times);
    for (unsigned k = 0; k < TIMES; k++) {
        const mmu_hist_t *h = times[k].hist;

        if (h->count != 0)
            fprintf(f, "  %-24s %15.3f %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n", times[k].name,
                    mmu_hist_mean(h), mmu_hist_percentile(h, 50), mmu_hist_percentile(h, 90),
                    mmu_hist_percentile(h, 99), h->max);
    }
    walk_rows(f, &r->walk);
    if (r->counts.answered[MMU_PORT_I] != 0) {
        fprintf(f, "\n  per thousand instructions\n");
        all_misses(&r->counts, misses);
        for (unsigned k = 0; k < MISSES; k++)
            fprintf(f, "  %-24s %15.3f\n", misses[k].name, mmu_run_mpki(&r->counts, misses[k].events));
    }
    fprintf(f, "\n  %-24s %15" PRIu64 "  (the others were skipped by count)\n", "clocks stepped", r->stepped);
    if (r->counts.judge == NULL)
        fprintf(f, "  Each answer was compared with the pager's list of pages; with --step the judge watches "
                   "too.\n");
    fclose(f);
    return text;
}

/* ---- JSON -------------------------------------------------------------------------------------------------- */

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* With "buckets": [first, last, count] of each that is not empty. */
static json_t *hist_json(const mmu_hist_t *h)
{
    json_t *buckets = json_array();
    uint64_t first, last;

    for (unsigned n = 0; n < MMU_HIST_BUCKETS; n++)
        if (h->bucket[n] != 0) {
            mmu_hist_bounds(n, &first, &last);
            json_array_append_new(
                buckets, json_pack("[o, o, o]", integer(first), integer(last), integer(h->bucket[n])));
        }
    return json_pack("{s:o, s:f, s:o, s:o, s:o, s:o, s:o}", "count", integer(h->count), "mean",
                     mmu_hist_mean(h), "p50", integer(mmu_hist_percentile(h, 50)), "p90",
                     integer(mmu_hist_percentile(h, 90)), "p99", integer(mmu_hist_percentile(h, 99)),
                     "longest", integer(h->max), "buckets", buckets);
}

static json_t *window_json(const mmu_run_window_t *w)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "accesses", integer(w->accesses), "clocks",
                     integer(w->clocks), "l1_misses_instruction", integer(w->l1_misses[MMU_PORT_I]),
                     "l1_misses_data", integer(w->l1_misses[MMU_PORT_D]), "l2_misses", integer(w->l2_misses),
                     "walks", integer(w->walks));
}

struct json_t *mmu_run_report_json(const mmu_run_result_t *r)
{
    json_t *all = json_object(), *each = json_object(), *mpki = json_object();
    times_t times[TIMES];
    misses_t misses[MISSES];

    all_times(r, times);
    for (unsigned k = 0; k < TIMES; k++)
        json_object_set_new(each, times[k].key, hist_json(times[k].hist));
    json_object_set_new(all, "translation_time", json_real(mmu_run_translation_time(r)));
    json_object_set_new(all, "times", each);
    all_misses(&r->counts, misses);
    for (unsigned k = 0; k < MISSES; k++)
        json_object_set_new(mpki, misses[k].key, json_real(mmu_run_mpki(&r->counts, misses[k].events)));
    json_object_set_new(all, "per_thousand_instructions", mpki);
    if (r->windows != 0) {
        json_t *series = json_array();

        for (size_t n = 0; n < r->windows; n++)
            json_array_append_new(series, window_json(&r->window[n]));
        json_object_set_new(all, "windows", series);
    }
    return all;
}
