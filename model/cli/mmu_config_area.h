/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk config area`: the bits that a configuration keeps, and its cells where they were counted.
 */
#ifndef LOCKWALK_CLI_MMU_CONFIG_AREA_H
#define LOCKWALK_CLI_MMU_CONFIG_AREA_H

#include "lockwalk/mmu_config.h"

#include <jansson.h>
#include <stdio.h>

/* A table of the boxes. */
void mmu_config_area_text(const mmu_cfg_t *cfg, const char *name, FILE *to);
json_t *mmu_config_area_json(const mmu_cfg_t *cfg, const char *name);

/* A line of a table of configurations; cfg NULL: its head. */
void mmu_config_area_line(const mmu_cfg_t *cfg, const char *name, FILE *to);

/* {cells, flops, memory_bits, yosys}, or null. */
json_t *mmu_config_cells_json(const mmu_cfg_t *cfg);

#endif
