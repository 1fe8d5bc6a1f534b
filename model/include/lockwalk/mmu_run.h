/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A run of the cycle model on a stimulus, and what there is to tell of it: clocks, misses, walks, how long
 * translations took. `lockwalk run`, its comparison of several configurations, and the report use it.
 *
 *     mmu_run_options_t options = {.warmup = 100000, .window = 10000};             (zero is a good default everywhere)
 *     mmu_env_options_t env = {.trace = "traces/x.trc.zst"};
 *     mmu_runner_t *run = mmu_runner_create(&cfg, &env, &options, err, sizeof err);   NULL: err tells (exit status 2)
 *     mmu_runner_go(run);
 *     const mmu_run_result_t *r = mmu_runner_result(run);
 *     if (r->failure->kind == MMU_ENV_OK)
 *         printf("%f clocks an access\n", mmu_run_clocks_per_access(&r->counts));
 *     mmu_runner_destroy(run);
 *
 * A trace is played at full speed: clocks whose outcome the rules decide are counted and not stepped (docs/run.md).
 * What comes out is equal to stepping each clock. Times are in clocks; "accesses" are answers with a physical
 * address, so an access that crosses a page counts once a page, and a fault that the pager serves does not count.
 */
#ifndef LOCKWALK_MMU_RUN_H
#define LOCKWALK_MMU_RUN_H

#include "lockwalk/mmu_env.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- distributions of clocks --------------------------------------------------------------------- */

/* Exact below 256; above, 64 buckets for each doubling, so a percentile is at most 1.6 % above the true one. */
#define MMU_HIST_EXACT 256u
#define MMU_HIST_BUCKETS (MMU_HIST_EXACT + 24u * 64u) /* up to 2^32 - 1 */

typedef struct {
    uint64_t count, sum, max;
    uint64_t bucket[MMU_HIST_BUCKETS];
} mmu_hist_t;

/* `times` times a duration of so many clocks (longer ones than 2^32 - 1 stand in the last bucket). */
void mmu_hist_add(mmu_hist_t *hist, uint64_t clocks, uint64_t times);
/* 0 where nothing was counted. */
double mmu_hist_mean(const mmu_hist_t *hist);
/* The shortest time in which `percent` of 100 were done (0 < percent <= 100); 0 where nothing was counted. */
uint64_t mmu_hist_percentile(const mmu_hist_t *hist, double percent);
/* First and last duration of bucket n. */
void mmu_hist_bounds(unsigned n, uint64_t *first, uint64_t *last);

/* ---- options and results -------------------------------------------------------------------------- */

typedef struct {
    bool step; /* each clock is stepped, and the judge watches; else it does so for a random stimulus only */
    uint64_t warmup; /* accesses whose counts are taken off; what they leave in the MMU stays */
    uint64_t window; /* a point of the series for every so many accesses; 0: none */
    /* Called now and then (several times a second) from mmu_runner_go; NULL: not. */
    void (*progress)(void *user, const mmu_env_stats_t *stats);
    void *user;
} mmu_run_options_t;

/* A part of the run: from the end of the one before (or of the warm-up) to the end of the clock in which its last access
 * was answered; the last part is what is left. */
typedef struct {
    uint64_t clocks;
    uint64_t accesses;
    uint64_t l1_misses[MMU_PORTS];
    uint64_t l2_misses;
    uint64_t walks; /* begun */
} mmu_run_window_t;

typedef struct {
    mmu_env_stats_t counts; /* without the warm-up */
    mmu_env_stats_t
        warmup;  /* what was taken off: the counts at the end of the clock in which the last access of the
                               warm-up was answered. All 0: no warm-up */
    bool warmed; /* the run got to the end of its warm-up */
    /* After the warm-up. `translation`: from acceptance to an answer with a physical address (a hit: 1). `queueing`: from
     * the first offer of a request to its acceptance (nothing in the way: 0). `walk`: from the clock in which a walk took
     * its slot to that in which it ended (WALK-10), whether with a leaf or a fault. */
    mmu_hist_t translation[MMU_PORTS];
    mmu_hist_t queueing[MMU_PORTS];
    mmu_hist_t walk;
    const mmu_run_window_t *window;
    size_t windows;
    uint64_t stepped;     /* clocks of the whole run that were stepped; the others were skipped by count */
    const char *stimulus; /* a sentence about what was played */
    const mmu_env_failure_t *failure;
} mmu_run_result_t;

/* ---- functions ----------------------------------------------------------------------------------- */

typedef struct mmu_runner mmu_runner_t;

/* NULL and a sentence in err (n bytes) when the options or the trace are bad. cfg must have passed mmu_cfg_check; what it
 * decides of the environment's options (mmu_env_configure) is filled in here. Strings in `env` must outlive the runner. */
mmu_runner_t *mmu_runner_create(const mmu_cfg_t *cfg, const mmu_env_options_t *env,
                                const mmu_run_options_t *options, char *err, size_t n);
void mmu_runner_destroy(mmu_runner_t *run);

/* Runs to the end of the stimulus, to env.cycles, or to a failure. */
void mmu_runner_go(mmu_runner_t *run);

/* Good until mmu_runner_destroy; complete after mmu_runner_go. */
const mmu_run_result_t *mmu_runner_result(const mmu_runner_t *run);

/* For what the environment tells besides: coverage, how addresses were folded. */
const mmu_env_t *mmu_runner_env(const mmu_runner_t *run);

/* ---- figures -------------------------------------------------------------------------------------- */

uint64_t mmu_run_accesses(const mmu_env_stats_t *counts);
/* 0 where there was no access. */
double mmu_run_clocks_per_access(const mmu_env_stats_t *counts);
/* `events` per thousand instructions, which are the accesses of the instruction port; 0 without any. */
double mmu_run_mpki(const mmu_env_stats_t *counts, uint64_t events);
/* Both ports together. */
double mmu_run_translation_time(const mmu_run_result_t *result);

/* ---- the closing table (model/run/run_report.c) ----------------------------------------------------- */

/* As text, each line ended; the caller frees it. */
char *mmu_run_report_text(const mmu_run_result_t *result);

/* The times and the window series as a JSON object (jansson's json_t *), owned by the caller. */
struct json_t;
struct json_t *mmu_run_report_json(const mmu_run_result_t *result);

/* ---- against the RTL (model/run/run_correlate.c) -------------------------------------------------- */

/* Compares two reports of the environment (mmu_env_report_json) number by number, but for what the judge says, which may
 * have watched one of them only. Appends {"name", "rtl", "model"} to the array `differences` for each that differs or that
 * one of them has not. Returns how many were compared. */
unsigned mmu_run_correlate(const struct json_t *rtl, const struct json_t *model, struct json_t *differences);

#ifdef __cplusplus
}
#endif
#endif
