/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Counts over time; see mmu_series.h.
 */
#include "sizing/mmu_series.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64u

void mmu_series_init(mmu_series_t *series, unsigned columns, size_t most)
{
    memset(series, 0, sizeof *series);
    series->columns = columns;
    series->most = most == 0 ? 0 : most < 2 ? 2 : most & ~(size_t)1; /* pairs are joined */
    series->stride = 1;
}

void mmu_series_free(mmu_series_t *series)
{
    free(series->count);
    series->count = NULL;
}

static uint64_t *row_at(const mmu_series_t *series, size_t row)
{
    return series->count + row * series->columns;
}

static bool append(mmu_series_t *series, const uint64_t *count)
{
    if (series->rows == series->room) {
        const size_t room = series->room == 0 ? FIRST_ROOM : series->room * 2;
        uint64_t *more = realloc(series->count, room * series->columns * sizeof more[0]);

        if (more == NULL)
            return false;
        series->count = more;
        series->room = room;
    }
    memcpy(row_at(series, series->rows++), count, series->columns * sizeof count[0]);
    return true;
}

/* Counters run from the beginning, so a joined window has those of its second half. */
static void join(mmu_series_t *series)
{
    for (size_t row = 0; row < series->rows / 2; row++)
        memmove(row_at(series, row), row_at(series, 2 * row + 1), series->columns * sizeof series->count[0]);
    series->rows /= 2;
    series->stride *= 2;
}

static bool note(mmu_series_t *series, const uint64_t *count, bool last)
{
    if (series->told % series->stride != 0 && !last)
        return true;
    if (series->most != 0 && series->rows == series->most) {
        join(series);
        if (series->told % series->stride != 0 && !last)
            return true;
    }
    return append(series, count);
}

bool mmu_series_tell(mmu_series_t *series, const uint64_t *count)
{
    series->told++;
    return note(series, count, false);
}

bool mmu_series_end(mmu_series_t *series, const uint64_t *count, bool begun)
{
    series->told += begun;
    if (!begun && series->told % series->stride == 0)
        return true;
    return note(series, count, true);
}

uint64_t mmu_series_get(const mmu_series_t *series, size_t row, unsigned column)
{
    return row_at(series, row)[column] - (row == 0 ? 0 : row_at(series, row - 1)[column]);
}
