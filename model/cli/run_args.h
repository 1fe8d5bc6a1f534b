/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `lockwalk run`.
 */
#ifndef LOCKWALK_CLI_RUN_ARGS_H
#define LOCKWALK_CLI_RUN_ARGS_H

#include "lockwalk/mmu_run.h"

#define MMU_RUN_CONFIGS 16u

typedef struct {
    bool json, verbose;
    bool compare;                /* several configurations, side by side */
    const char *csv;             /* of the comparison; NULL: none */
    uint64_t correlate;          /* clocks that are repeated with the RTL; 0: none */
    const char *rtl, *build_dir; /* as of `lockwalk cosim` */
    const char *config[MMU_RUN_CONFIGS];
    unsigned configs; /* at least 1 */
    mmu_env_options_t env;
    mmu_run_options_t run;
} mmu_run_args_t;

/* Exits where they are wrong. */
void mmu_run_parse(int argc, char **argv, mmu_run_args_t *args);

#endif
