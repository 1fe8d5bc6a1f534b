/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Distributions of clocks.
 *
 *     clocks   0 .. 255 | 256 .. 511      | 512 .. 1023     | ...
 *     buckets  one each | 64, of 4 clocks | 64, of 8 clocks | ...
 */
#include "lockwalk/mmu_run.h"

#include <assert.h>

#define EXACT_LG 8u
#define PARTS_LG 6u

static unsigned bucket_of(uint64_t clocks)
{
    unsigned lg;

    if (clocks < MMU_HIST_EXACT)
        return (unsigned)clocks;
    if (clocks > UINT32_MAX)
        return MMU_HIST_BUCKETS - 1;
    lg = 63u - (unsigned)__builtin_clzll(clocks);
    return MMU_HIST_EXACT + ((lg - EXACT_LG) << PARTS_LG) +
           (unsigned)(clocks >> (lg - PARTS_LG) & ((1u << PARTS_LG) - 1));
}

void mmu_hist_bounds(unsigned n, uint64_t *first, uint64_t *last)
{
    unsigned lg, part;

    assert(n < MMU_HIST_BUCKETS);
    if (n < MMU_HIST_EXACT) {
        *first = *last = n;
        return;
    }
    lg = EXACT_LG + ((n - MMU_HIST_EXACT) >> PARTS_LG);
    part = (n - MMU_HIST_EXACT) & ((1u << PARTS_LG) - 1);
    *first = (UINT64_C(1) << lg) + ((uint64_t)part << (lg - PARTS_LG));
    *last = *first + (UINT64_C(1) << (lg - PARTS_LG)) - 1;
}

void mmu_hist_add(mmu_hist_t *hist, uint64_t clocks, uint64_t times)
{
    if (times == 0)
        return;
    hist->count += times;
    hist->sum += clocks * times;
    if (clocks > hist->max)
        hist->max = clocks;
    hist->bucket[bucket_of(clocks)] += times;
}

double mmu_hist_mean(const mmu_hist_t *hist)
{
    return hist->count == 0 ? 0.0 : (double)hist->sum / (double)hist->count;
}

uint64_t mmu_hist_percentile(const mmu_hist_t *hist, double percent)
{
    uint64_t seen = 0, first, last = 0;

    assert(percent > 0 && percent <= 100);
    if (hist->count == 0)
        return 0;
    for (unsigned n = 0; n < MMU_HIST_BUCKETS; n++) {
        seen += hist->bucket[n];
        if ((double)seen * 100.0 >= percent * (double)hist->count && seen != 0) {
            mmu_hist_bounds(n, &first, &last);
            break;
        }
    }
    return last < hist->max && last < UINT32_MAX ? last : hist->max;
}
