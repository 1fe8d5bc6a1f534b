/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers, the same on every machine: the splitmix64 generator (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", 2014).
 */
#ifndef LOCKWALK_MMU_RNG_H
#define LOCKWALK_MMU_RNG_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} mmu_rng_t;

#define MMU_RNG_STEP UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t mmu_rng_next(mmu_rng_t *rng)
{
    uint64_t z = rng->state += MMU_RNG_STEP;

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* As if so many numbers had been drawn. */
static inline void mmu_rng_skip(mmu_rng_t *rng, uint64_t numbers)
{
    rng->state += numbers * MMU_RNG_STEP;
}

/* Generators of one seed and different streams are independent. */
static inline void mmu_rng_seed(mmu_rng_t *rng, uint64_t seed, uint64_t stream)
{
    rng->state = seed;
    rng->state = mmu_rng_next(rng) ^ (stream * UINT64_C(0xd1342543de82ef95));
}

/* 0 <= result < n, n > 0. */
static inline uint32_t mmu_rng_below(mmu_rng_t *rng, uint32_t n)
{
    assert(n > 0);
    /* Scaling keeps the upper, better bits; the bias is below n / 2^32. */
    return (uint32_t)(((mmu_rng_next(rng) >> 32) * n) >> 32);
}

/* The same for wide n; the bias is below n / 2^64. */
static inline uint64_t mmu_rng_below64(mmu_rng_t *rng, uint64_t n)
{
    const uint64_t r = mmu_rng_next(rng), low = n & 0xffffffff, high = n >> 32;
    const uint64_t a = (r & 0xffffffff) * low >> 32, b = (r >> 32) * low, c = (r & 0xffffffff) * high;

    assert(n > 0);
    return (r >> 32) * high + (b >> 32) + (c >> 32) + ((a + (b & 0xffffffff) + (c & 0xffffffff)) >> 32);
}

/* True in `percent` of 100 calls. */
static inline bool mmu_rng_percent(mmu_rng_t *rng, uint32_t percent)
{
    return percent != 0 && mmu_rng_below(rng, 100) < percent;
}

#endif
