/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Counts over time: at the end of each window a row of counters is noted. Where the windows become too many,
 * neighbours are joined and the window doubles; the same calls always give the same windows.
 */
#ifndef LOCKWALK_SIZING_MMU_SERIES_H
#define LOCKWALK_SIZING_MMU_SERIES_H

#include "lockwalk/mmu_types.h"

typedef struct {
    unsigned columns;
    size_t most;     /* rows; 0: no limit */
    uint64_t stride; /* windows that were told, in each row: a power of two */
    uint64_t told;   /* windows that were told */
    size_t rows, room;
    uint64_t *count; /* [rows][columns]: counters at the end of each row, from the beginning of all */
} mmu_series_t;

void mmu_series_init(mmu_series_t *series, unsigned columns, size_t most);
void mmu_series_free(mmu_series_t *series);

/* A window has ended, and the counters are these. False: no memory. */
bool mmu_series_tell(mmu_series_t *series, const uint64_t *count);
/* The trace has ended; begun: in the middle of a window. */
bool mmu_series_end(mmu_series_t *series, const uint64_t *count, bool begun);

/* What a column grew by in a row. */
uint64_t mmu_series_get(const mmu_series_t *series, size_t row, unsigned column);

#endif
