/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers, the same on every machine: the splitmix64 generator.
 */
#include "lockwalk/mmu_stimulus.h"

#include <assert.h>

void mmu_rng_seed(mmu_rng_t *rng, uint64_t seed, uint64_t stream)
{
    rng->state = seed;
    rng->state = mmu_rng_next(rng) ^ (stream * UINT64_C(0xd1342543de82ef95));
}

#define STEP UINT64_C(0x9e3779b97f4a7c15)

void mmu_rng_skip(mmu_rng_t *rng, uint64_t numbers)
{
    rng->state += numbers * STEP;
}

uint64_t mmu_rng_next(mmu_rng_t *rng)
{
    uint64_t z = rng->state += STEP;

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t mmu_rng_below(mmu_rng_t *rng, uint32_t n)
{
    assert(n > 0);
    /* Scaling keeps the upper, better bits; the bias is below n / 2^32. */
    return (uint32_t)(((mmu_rng_next(rng) >> 32) * n) >> 32);
}

bool mmu_rng_percent(mmu_rng_t *rng, uint32_t percent)
{
    return percent != 0 && mmu_rng_below(rng, 100) < percent;
}
