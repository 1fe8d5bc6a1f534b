/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Formats by number.
 */
#include "arch/format/formats.h"

#define FORMATS 16u /* slow.format has four bits */

static const mmu_format_t *const formats[FORMATS] = {
#define MMU_FORMAT(number, name) [(number)] = &mmu_format_##name,
#include "arch/format/formats.def"
#undef MMU_FORMAT
};

const mmu_format_t *mmu_format(unsigned number)
{
    return number < FORMATS ? formats[number] : NULL;
}

const char *mmu_rule_text(unsigned rule)
{
    const mmu_format_t *format = mmu_format(rule >> 8);
    const unsigned n = rule & 255u;

    return format != NULL && n < format->rule_count ? format->rules[n] : "no such rule";
}
