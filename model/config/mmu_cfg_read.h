/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A YAML document as a configuration.
 */
#ifndef LOCKWALK_CONFIG_MMU_CFG_READ_H
#define LOCKWALK_CONFIG_MMU_CFG_READ_H

#include "config/mmu_yaml.h"

/* Where each value of the vector stood, so that a rule over several values can point at one of them. */
typedef struct {
    yaml_mark_t mark[MMU_CFG_FIELDS][MMU_CFG_MOST];
} mmu_cfg_marks_t;

/* Reads the document's root; errors go to y->errors. `about` may be NULL. */
void mmu_cfg_read(const mmu_yaml_t *y, mmu_cfg_t *cfg, mmu_cfg_about_t *about, mmu_cfg_marks_t *marks);

#endif
