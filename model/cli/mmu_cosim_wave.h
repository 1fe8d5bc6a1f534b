/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The wave of a failure. The simulation runs as ever, so a run that passes pays nothing; where it fails, a second
 * simulation, which can write waves, is built and repeats the run up to the failure.
 */
#ifndef LOCKWALK_CLI_MMU_COSIM_WAVE_H
#define LOCKWALK_CLI_MMU_COSIM_WAVE_H

#include "cli/mmu_cosim_args.h"
#include "cli/mmu_cosim_build.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does this command line ask for waves, here and now? Exits with 2 where it does, and the run cannot be repeated. */
bool mmu_cosim_wants_wave(const mmu_cosim_args_t *args);

/* Runs the simulation with the arguments argv[0..argc-1], of which it adds some; after a failure builds `what` with
 * waves, and repeats it. Returns the exit status of the first run. */
int mmu_cosim_run_for_wave(const char *program, int argc, char **argv, const mmu_cosim_args_t *args,
                           const mmu_cosim_build_t *what);

#ifdef __cplusplus
}
#endif
#endif
