/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One run of the bench: the environment, the lockstep once it has reported itself, and how it ends. The program's
 * main makes it, and hands its address to the bench as a number; so nothing is global.
 */
#ifndef LOCKWALK_DPI_MMU_SESSION_H
#define LOCKWALK_DPI_MMU_SESSION_H

#include "cli/mmu_cosim_args.h"
#include "compare/mmu_report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    mmu_cosim_args_t args;
    mmu_env_t *env;
    mmu_in_t in;              /* of the current clock, slow registers included */
    mmu_slow_t slow;          /* as they were handed over last */
    bool pmp_valid;           /* a write of PMP was */
    mmu_lockstep_t *lockstep; /* NULL until it is attached, or while it is switched off */
    bool attached;            /* the bench ran so far that it told of the lockstep */
    char *command;            /* that repeats the run */
    bool wave_on;             /* a wave is being written */
} mmu_session_t;

/* Reads the command line (the simulation's own: plus arguments are left to the simulator). Bad use exits with 2;
 * false: bad input, the reason has been printed. built_cfg: the shape of the simulation's RTL, in hex digits, where
 * the command line tells none. */
bool mmu_session_open(mmu_session_t *session, int argc, char **argv, const char *built_cfg);

/* After the simulation: prints the verdict and returns the exit status. */
int mmu_session_close(mmu_session_t *session);

#ifdef __cplusplus
}
#endif
#endif
