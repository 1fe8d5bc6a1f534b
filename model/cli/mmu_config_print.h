/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A configuration for people and for programs, with what follows from it.
 */
#ifndef LOCKWALK_CLI_MMU_CONFIG_PRINT_H
#define LOCKWALK_CLI_MMU_CONFIG_PRINT_H

#include "lockwalk/mmu_config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* The YAML as it was written: the preset's, or the file's. False where a file can no longer be read. */
bool mmu_config_print_text(const char *path_or_preset, FILE *to);

/* Entries, reach and bits of storage, as YAML comments: the whole output of `show` can be loaded again. */
void mmu_config_print_derived(const mmu_cfg_t *cfg, FILE *to);

/* All of it. */
json_t *mmu_config_json(const mmu_cfg_t *cfg, const mmu_cfg_about_t *about);

#endif
