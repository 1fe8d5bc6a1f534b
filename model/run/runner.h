/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A run, inside: the MMU, its environment, and what is counted beside them.
 */
#ifndef LOCKWALK_RUN_RUNNER_H
#define LOCKWALK_RUN_RUNNER_H

#include "cycle/fast.h"
#include "lockwalk/mmu_run.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mmu_runner {
    mmu_cfg_t cfg;
    mmu_run_options_t opt;
    mmu_env_t *env;
    mmu_t *mmu;       /* its storage too */
    mmu_in_t in;      /* of the clock to come */
    mmu_fast_t *fast; /* NULL: each clock is stepped */

    uint64_t events; /* of the clock before */

    mmu_run_result_t result;
    mmu_env_stats_t mark; /* at the end of the warm-up or of the window before */
    uint64_t next_mark; /* that many accesses in all: the next warm-up's or window's end; UINT64_MAX: none */
    mmu_run_window_t *window;           /* result.window */
    size_t room;                        /* of them */
    bool offering[MMU_PORTS];           /* a request was offered and not accepted, */
    uint64_t since[MMU_PORTS];          /* since this clock */
    uint64_t walk_began[MMU_MAX_WALKS]; /* by slot, while it walks */
    uint32_t walking;                   /* bit n: slot n walks */
};

/* One clock, or a streak. */
void mmu_runner_advance(mmu_runner_t *run);

/* The books of one stepped clock; `clock` is its number. Before the environment's step ... */
void mmu_runner_count(mmu_runner_t *run, uint64_t clock, const mmu_out_t *out);
/* ... and after it and the clock edge. */
void mmu_runner_count_walks(mmu_runner_t *run, uint64_t clock, uint64_t events);
/* At the end of a clock in which next_mark was reached. */
void mmu_runner_mark(mmu_runner_t *run);
/* At the end of the run: the last window, the result. */
void mmu_runner_close(mmu_runner_t *run);

#ifdef __cplusplus
}
#endif

#endif
