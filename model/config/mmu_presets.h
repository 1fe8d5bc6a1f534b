/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The files of model/config/presets as they were when the program was built (presets.cmake).
 */
#ifndef LOCKWALK_CONFIG_MMU_PRESETS_H
#define LOCKWALK_CONFIG_MMU_PRESETS_H

#include <stddef.h>

typedef struct {
    const char *name; /* the file's name without .yaml */
    const char *text;
    size_t size;
} mmu_preset_t;

extern const mmu_preset_t mmu_presets[]; /* sorted by name */
extern const unsigned mmu_presets_count;

#endif
