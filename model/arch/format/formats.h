/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the files of formats share: their numbers, from formats.def, and how they number their rules.
 */
#ifndef LOCKWALK_ARCH_FORMAT_FORMATS_H
#define LOCKWALK_ARCH_FORMAT_FORMATS_H

#include "lockwalk/mmu_format.h"

enum {
#define MMU_FORMAT(number, name) FORMAT_##name = (number),
#include "arch/format/formats.def"
#undef MMU_FORMAT
};

#define MMU_FORMAT(number, name) extern const mmu_format_t mmu_format_##name;
#include "arch/format/formats.def"
#undef MMU_FORMAT

/* mmu_step_t.rule: rule n of a format. */
#define FORMAT_RULE(name, n) ((uint16_t)((unsigned)FORMAT_##name << 8 | (unsigned)(n)))

/* FRM-11: AccAppend is a store in every respect. */
static inline bool format_store(uint8_t acc)
{
    return acc == MMU_ACC_STORE || acc == MMU_ACC_APPEND;
}

/* FRM-2: no translation. An address beyond the physical ones reaches nothing. */
static inline mmu_start_t format_bare(uint64_t va, uint64_t base)
{
    const uint64_t pa = va + base;
    const bool outside = pa < va || pa >> MMU_PA_W != 0;

    return outside ? (mmu_start_t){.kind = MMU_START_FAULT, .fault = MMU_FAULT_ACCESS}
                   : (mmu_start_t){.kind = MMU_START_BARE, .base = base};
}

static inline mmu_start_t format_start_fault(uint8_t fault)
{
    return (mmu_start_t){.kind = MMU_START_FAULT, .fault = fault};
}

static inline mmu_step_t format_fault(uint8_t fault, uint16_t rule)
{
    return (mmu_step_t){.kind = MMU_STEP_FAULT, .fault = fault, .rule = rule};
}

#endif
