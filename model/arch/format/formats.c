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

_Static_assert((unsigned)FORMAT_riscv == (unsigned)MMU_FORMAT_RISCV &&
                   (unsigned)FORMAT_x86 == (unsigned)MMU_FORMAT_X86 &&
                   (unsigned)FORMAT_bounds == (unsigned)MMU_FORMAT_BOUNDS &&
                   (unsigned)FORMAT_segment == (unsigned)MMU_FORMAT_SEGMENT &&
                   (unsigned)FORMAT_linear == (unsigned)MMU_FORMAT_LINEAR &&
                   (unsigned)FORMAT_directory == (unsigned)MMU_FORMAT_DIRECTORY &&
                   (unsigned)FORMAT_inverted == (unsigned)MMU_FORMAT_INVERTED &&
                   (unsigned)FORMAT_segpage == (unsigned)MMU_FORMAT_SEGPAGE,
               "formats.def and mmu_format_e");

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
