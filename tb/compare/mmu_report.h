/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The end of a lockstep run: the verdict in a sentence, and after a failure everything that helps to find its
 * cause; as text for people, and as JSON.
 */
#ifndef LOCKWALK_COMPARE_MMU_REPORT_H
#define LOCKWALK_COMPARE_MMU_REPORT_H

#include "compare/mmu_facts.h"

#include <jansson.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a run was, and how it ended. mmu_lockstep_finish must have been called. */
typedef struct {
    const mmu_lockstep_t *lockstep; /* NULL: it was switched off */
    const mmu_env_t *env;
    const char *config;  /* preset or file */
    const char *command; /* repeats the run */
    uint64_t seed;
    bool verbose; /* print what the random stimulus met */
} mmu_run_t;

typedef enum {
    MMU_VERDICT_PASS = 0,
    MMU_VERDICT_MISMATCH = 1,    /* RTL and cycle model differ */
    MMU_VERDICT_FAIL = 2,        /* they agree, but something else is wrong; or nothing was compared */
    MMU_VERDICT_BAD_INPUT = 3,   /* e.g. the trace cannot be read */
    MMU_VERDICT_NOT_COMPARED = 4 /* lockstep was switched off, and the environment found nothing wrong */
} mmu_verdict_e;

mmu_verdict_e mmu_run_verdict(const mmu_run_t *run);

/* 0, 1 or 2. */
int mmu_verdict_exit_status(mmu_verdict_e verdict);

/* "PASS: RTL and cycle model agreed ..."; the caller frees it. */
char *mmu_run_sentence(const mmu_run_t *run);

/* Everything for people: the verdict, after a failure the report, the closing table. */
void mmu_run_print(const mmu_run_t *run, FILE *to);

/* The same; owned by the caller. */
json_t *mmu_run_json(const mmu_run_t *run);

/* ---- between the files of the report --------------------------------------------------------------------- */

const char *mmu_verdict_name(mmu_verdict_e verdict); /* "pass", "mismatch", ... */
const char *mmu_diff_name(mmu_diff_e kind);          /* "output", "slow-registers", "array-write", ... */

/* Names of the events in `bits`, separated by ", "; the caller frees it. */
char *mmu_event_names(uint64_t bits);

/* The lines of the last clocks. */
void mmu_print_history(const mmu_run_t *run, const mmu_facts_t *facts, FILE *to);

#ifdef __cplusplus
}
#endif
#endif
