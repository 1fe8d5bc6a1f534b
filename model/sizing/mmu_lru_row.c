/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Storage of rows.
 */
#include "sizing/mmu_lru_row.h"

#include <stdlib.h>

#ifdef MMU_LRU_AVX2
#define ONES(n, k) ((k) <= (n) ? 0xffffu : 0)
#define ONES8(n, k)                                                                                          \
    ONES(n, k), ONES(n, (k) + 1), ONES(n, (k) + 2), ONES(n, (k) + 3), ONES(n, (k) + 4), ONES(n, (k) + 5),    \
        ONES(n, (k) + 6), ONES(n, (k) + 7)
#define BELOW(n)                                                                                             \
    {                                                                                                        \
        ONES8(n, 0), ONES8(n, 8), ONES8(n, 16), ONES8(n, 24)                                                 \
    }
#define BELOW8(n)                                                                                            \
    BELOW(n), BELOW((n) + 1), BELOW((n) + 2), BELOW((n) + 3), BELOW((n) + 4), BELOW((n) + 5),                \
        BELOW((n) + 6), BELOW((n) + 7)
_Alignas(64) const uint16_t mmu_row_below[MMU_ROW_IDS + 1][MMU_ROW_IDS] = {BELOW8(0), BELOW8(8), BELOW8(16),
                                                                           BELOW8(24), BELOW(32)};
#endif

bool mmu_rows_have_avx2(void)
{
#ifdef MMU_LRU_AVX2
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
#else
    return false;
#endif
}

bool mmu_rows_init(mmu_rows_t *rows, unsigned sets_log2)
{
    rows->sets_log2 = sets_log2;
    rows->wide = NULL;
    rows->narrow = aligned_alloc(_Alignof(mmu_row16_t), sizeof(mmu_row16_t) << sets_log2);
    if (rows->narrow == NULL)
        return false;
    mmu_rows_clear(rows);
    return true;
}

void mmu_rows_free(mmu_rows_t *rows)
{
    free(rows->narrow);
    free(rows->wide);
    rows->narrow = NULL;
    rows->wide = NULL;
}

bool mmu_rows_widen(mmu_rows_t *rows)
{
    rows->wide = aligned_alloc(_Alignof(mmu_row32_t), sizeof(mmu_row32_t) << rows->sets_log2);
    if (rows->wide == NULL)
        return false;
    for (size_t r = 0; r < (size_t)1 << rows->sets_log2; r++)
        for (unsigned n = 0; n < MMU_ROW_IDS; n++) {
            const uint16_t id = rows->narrow[r].id[n];

            rows->wide[r].id[n] = id == MMU_ROW_EMPTY16 ? MMU_ROW_EMPTY32 : id;
        }
    free(rows->narrow);
    rows->narrow = NULL;
    return true;
}

void mmu_rows_clear(mmu_rows_t *rows)
{
    /* all ones: MMU_ROW_EMPTY16, MMU_ROW_EMPTY32 */
    if (rows->narrow != NULL)
        memset(rows->narrow, 0xff, sizeof(mmu_row16_t) << rows->sets_log2);
    else
        memset(rows->wide, 0xff, sizeof(mmu_row32_t) << rows->sets_log2);
}

void mmu_rows_clear_set(mmu_rows_t *rows, uint32_t set)
{
    if (rows->narrow != NULL)
        memset(&rows->narrow[set], 0xff, sizeof rows->narrow[0]);
    else
        memset(&rows->wide[set], 0xff, sizeof rows->wide[0]);
}
