/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The files of model/config/presets as they were when the program was built (presets.cmake); a preset's name is the
 * file's without .yaml.
 */
#ifndef LOCKWALK_CONFIG_MMU_PRESETS_H
#define LOCKWALK_CONFIG_MMU_PRESETS_H

#include "embed/mmu_embed.h"

extern const mmu_embed_t mmu_presets[]; /* sorted by name */
extern const unsigned mmu_presets_count;

extern const mmu_embed_t mmu_preset_cells[]; /* one: cells.csv */

#endif
