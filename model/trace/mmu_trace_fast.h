/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * "hexaddr,size" and a line end, in a hurry: for good records only, all others take the way that explains them.
 */
#ifndef LOCKWALK_TRACE_MMU_TRACE_FAST_H
#define LOCKWALK_TRACE_MMU_TRACE_FAST_H

#include "trace/mmu_trace_format.h"

/* The line's end must be in the bytes at p. Behind it; NULL: not such a record. */
static inline const char *mmu_trace_fast_access(const char *p, uint64_t *va, uint32_t *size)
{
    const char *const begin = p;
    uint64_t v = 0;
    uint32_t s;
    uint8_t d;

    while ((d = mmu_trace_digit[(uint8_t)*p]) < 16) {
        v = v << 4 | d;
        p++;
    }
    if (*p != ',' || p - begin > 16 || p == begin)
        return NULL;
    s = mmu_trace_digit[(uint8_t) * ++p];
    if (s > 9)
        return NULL;
    while ((d = mmu_trace_digit[(uint8_t) * ++p]) < 10 && s <= MMU_TRACE_MAX_SIZE)
        s = s * 10 + d;
    if (*p != '\n' || s - 1 >= MMU_TRACE_MAX_SIZE || v + s - 1 < v)
        return NULL;
    *va = v;
    *size = s;
    return p + 1;
}

/* The slow way: "hexaddr,size" up to end is queued; NULL, or what was expected. */
const char *mmu_trace_slow_access(mmu_trace_t *trace, const char *p, const char *end, mmu_acc_e acc);

#endif
