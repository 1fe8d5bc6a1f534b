/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `lockwalk cosim`. The command and the simulation that it runs read the same one: the command
 * hands its own on, with what it found out (the configuration's vector, the command that repeats the run).
 */
#ifndef LOCKWALK_CLI_MMU_COSIM_ARGS_H
#define LOCKWALK_CLI_MMU_COSIM_ARGS_H

#include "lockwalk/mmu_env.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a failure is repeated for its wave. AUTO: with --wave, or on a terminal. */
typedef enum { MMU_WAVES_AUTO = 0, MMU_WAVES_ON = 1, MMU_WAVES_OFF = 2 } mmu_waves_e;

typedef struct {
    mmu_env_options_t env;
    const char *config;    /* preset or file; "default" */
    const char *rtl;       /* another folder of RTL, or NULL */
    const char *build_dir; /* where simulations are kept, or NULL */
    const char *json;      /* file, "-", or NULL */
    bool whitebox;
    bool verbose; /* tell as well what the random stimulus met */
    bool build_only;
    mmu_waves_e waves;
    const char *wave;     /* file, or NULL */
    uint64_t wave_clocks; /* written before the failure, its own included */
    /* From the command to the simulation. */
    const char *cfg;     /* the configuration's vector, in hex digits */
    const char *command; /* that repeats the run */
    int failure_fd;      /* tell the clock of a failure there; -1: nobody asks */
    bool rerun;          /* this run repeats one that failed, and only writes its wave */
    uint64_t failure_clock;
} mmu_cosim_args_t;

/* Bad use and --help exit. Strings point into argv. */
void mmu_cosim_parse(int argc, char **argv, mmu_cosim_args_t *args);

/* The command line as a shell would take it; the caller frees it. */
char *mmu_cosim_quote(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
