/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Where a simulation is built from and kept, for the commands that run one.
 */
#ifndef LOCKWALK_CLI_MMU_COSIM_PLACE_H
#define LOCKWALK_CLI_MMU_COSIM_PLACE_H

#include "cli/mmu_cosim_build.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The source tree (LOCKWALK_ROOT names another than that of this program), the folder of simulations and that of the RTL,
 * as absolute paths. `rtl` and `build_dir`: as the user gave them, NULL: not. False: err tells. */
typedef struct {
    char *root, *build_dir;
    char *rtl; /* NULL: the tree's own */
} mmu_cosim_place_t;

bool mmu_cosim_find_place(mmu_cosim_place_t *place, const char *rtl, const char *build_dir, char *err,
                          size_t n);
void mmu_cosim_free_place(mmu_cosim_place_t *place);

/* The simulation of a configuration, from there. `cfg`: the vector's hex digits. As mmu_cosim_build. */
char *mmu_cosim_build_at(const mmu_cosim_place_t *place, const char *config, const char *cfg);

#ifdef __cplusplus
}
#endif
#endif
