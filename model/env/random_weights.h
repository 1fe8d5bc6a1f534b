/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The weights of the random stimulus, by name. Part of random.h.
 */
#ifndef LOCKWALK_ENV_RANDOM_WEIGHTS_H
#define LOCKWALK_ENV_RANDOM_WEIGHTS_H

#include "lockwalk/mmu_random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- weights --------------------------------------------------------------------------------- */

typedef enum {
#define MMU_WEIGHT(group, name, def, min, max, phase, text) MMU_W_##group##_##name,
#include "env/random_weights.def"
#undef MMU_WEIGHT
    MMU_WEIGHTS
} mmu_weight_e;

/* Weights from here on are those of the hypervisor extension and of Smepmp: a machine without them draws nothing
 * for them, so that its runs stay what they were. */
#define MMU_W_GUEST_FIRST MMU_W_slow_mml
/* The same of formats other than riscv. */
#define MMU_W_FORMAT_FIRST MMU_W_x86_mode_2level

typedef struct {
    int32_t value[MMU_WEIGHTS];
} mmu_weights_t;

/* Defaults, profile, file and single settings of the options. False and a sentence in err on an error. */
bool mmu_weights_load(mmu_weights_t *weights, const mmu_random_options_t *opt, char *err, size_t n);

/* One "name=value"; the error tells what is allowed. */
bool mmu_weights_set(mmu_weights_t *weights, const char *setting, char *err, size_t n);

#endif
