/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Finds or builds the simulation of a configuration: <build folder>/<hash>/lockwalk-sim, where the hash is over the
 * configuration, all sources that go into it, and the versions of the tools.
 */
#ifndef LOCKWALK_CLI_MMU_COSIM_BUILD_H
#define LOCKWALK_CLI_MMU_COSIM_BUILD_H

#include "lockwalk/mmu_config.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char *root;      /* source tree */
    const char *build_dir; /* where simulations are kept; made if need be */
    const char *rtl;       /* folder of the RTL; NULL: rtl below root */
    const char *config;    /* name, for messages */
    const char *cfg;       /* the vector's hex digits */
    bool waves;            /* one that can write waves */
} mmu_cosim_build_t;

/* The path of the simulation (the caller frees it); NULL: the reason has been printed. Progress goes to standard
 * error. Several programs may do this at the same time. */
char *mmu_cosim_build(const mmu_cosim_build_t *what);

#ifdef __cplusplus
}
#endif
#endif
