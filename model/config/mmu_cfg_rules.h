/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The rules over a whole configuration, apart from how their violations are told: the loader knows lines and
 * columns, mmu_cfg_check does not. Rules: docs/microarchitecture.md, CFG-2.
 */
#ifndef LOCKWALK_CONFIG_MMU_CFG_RULES_H
#define LOCKWALK_CONFIG_MMU_CFG_RULES_H

#include "lockwalk/mmu_config.h"

/* Numbers of the fields for mmu_cfg_field. */
enum {
#define MMU_CFG_SCALAR(name, width, min, max) MMU_CFG_F_##name,
#define MMU_CFG_PORT(name, width, min, max) MMU_CFG_F_##name,
#define MMU_CFG_ARRAY(name, width, min, max) MMU_CFG_F_array_##name,
#define MMU_CFG_PWC(name, width, min, max) MMU_CFG_F_pwc_##name,
#define MMU_CFG_GPWC(name, width, min, max) MMU_CFG_F_gpwc_##name,
#include "config/mmu_cfg_fields.def"
    MMU_CFG_FIELDS
};

enum { MMU_CFG_MOST = MMU_LEVELS * MMU_ARRAYS }; /* no field is there more often */

/* `text` goes on where the field's path ends: " is 3; allowed: ...". */
typedef void mmu_cfg_report_fn(void *to, unsigned field, unsigned index, const char *text);

void mmu_cfg_rules(const mmu_cfg_t *cfg, mmu_cfg_report_fn *report, void *to);

/* Adds a line to the errors (which may be NULL). */
void mmu_cfg_errors_add(mmu_cfg_errors_t *errors, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
