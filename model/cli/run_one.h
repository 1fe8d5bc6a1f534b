/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the modes of `lockwalk run` share: a run from its arguments, and what it ended with.
 */
#ifndef LOCKWALK_CLI_RUN_ONE_H
#define LOCKWALK_CLI_RUN_ONE_H

#include "cli/run_args.h"
#include "lockwalk/mmu_config.h"

#include <jansson.h>

/* Loads configuration n and runs it to its end. NULL: the reason has been printed. */
mmu_runner_t *mmu_run_one(const mmu_run_args_t *args, unsigned n, mmu_cfg_t *cfg, mmu_cfg_about_t *about);

/* Exit status; a failure is told on standard error. */
int mmu_run_verdict_of(const mmu_runner_t *run);

/* {"kind", "clock", "text", "details"}. */
json_t *mmu_run_failure_json(const mmu_env_failure_t *failure);

/* Prints to standard output and gives it back. */
void mmu_run_print_json(json_t *all);

/* Of `--correlate` (run_correlate.c): runs the first clocks again, and with the RTL. Prints a paragraph, or with `all`
 * adds "correlation" to it. Returns the exit status. */
int mmu_run_correlation(const mmu_run_args_t *args, const mmu_cfg_t *cfg, json_t *all);

/* Of `--compare` (run_compare.c). Returns the exit status. */
int mmu_run_comparison(const mmu_run_args_t *args);

#endif
