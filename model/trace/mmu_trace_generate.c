/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Generated accesses.
 */
#include "lockwalk/mmu_trace_generate.h"

#include "lockwalk/mmu_rng.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE_LG 12u
#define WORD 8u

struct mmu_generator {
    mmu_generate_options_t o;
    mmu_rng_t rng;
    uint64_t *sum;   /* zipf: sum[r] of the weights of ranks 1 .. r + 1 */
    uint64_t spread; /* zipf: rank r is page r * spread mod pages */
    uint64_t at;     /* stride: byte of the footprint */
    bool store;      /* gups: the store of the access before is due */
    mmu_access_t word;
};

const char *mmu_generate_name(unsigned kind)
{
    static const char *const name[MMU_GENERATE_KINDS] = {"uniform", "zipf", "stride", "gups"};

    return kind < MMU_GENERATE_KINDS ? name[kind] : NULL;
}

/* ---- powers, by integers: no two machines need agree about libm ------------------------------- */

#define FRACTION 30u /* bits */

/* log2 of n >= 1, FRACTION bits behind the point: the bits come out one by one, by squaring. */
static uint64_t log2_of(uint64_t n)
{
    const unsigned whole = 63 - (unsigned)__builtin_clzll(n);
    uint64_t result = whole, m = n << (63 - whole) >> 32; /* 1 <= m / 2^31 < 2 */

    for (unsigned k = 0; k < FRACTION; k++) {
        m = m * m >> 31;
        result = result << 1 | m >> 32;
        if (m >> 32 != 0)
            m >>= 1;
    }
    return result;
}

typedef struct {
    uint64_t root[FRACTION]; /* 2^32 * 2^-(1/2), 2^32 * 2^-(1/4) ... */
} roots_t;

/* Each by an integer square root of the one before. */
static void find_roots(roots_t *roots)
{
    uint64_t before = UINT64_C(1) << 31;

    for (unsigned k = 0; k < FRACTION; k++) {
        const uint64_t square = before << 32;
        uint64_t root = 0;

        for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
            if ((root | bit) <= square / (root | bit))
                root |= bit;
        roots->root[k] = before = root;
    }
}

/* 2^SCALE * 2^-x, x with FRACTION bits behind the point. Sums over all ranks stay below 2^64. */
#define SCALE 37u

static uint64_t power_of_half(const roots_t *roots, uint64_t x)
{
    const uint64_t whole = x >> FRACTION;
    uint64_t result = UINT64_C(1) << 32;

    for (unsigned k = 0; k < FRACTION; k++)
        if ((x >> (FRACTION - 1 - k) & 1) != 0)
            result = result * roots->root[k] >> 32;
    return whole < 64 ? result << (SCALE - 32) >> whole : 0;
}

static uint64_t weight(const roots_t *roots, uint64_t rank, uint32_t theta)
{
    return power_of_half(roots, log2_of(rank) * theta / 1000);
}

uint64_t mmu_generate_weight(uint64_t rank, uint32_t theta)
{
    roots_t roots;

    find_roots(&roots);
    return weight(&roots, rank, theta);
}

/* ---- zipf ----------------------------------------------------------------------------------- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        const uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static bool start_zipf(mmu_generator_t *g)
{
    uint64_t total = 0;
    roots_t roots;

    find_roots(&roots);
    g->sum = malloc(g->o.pages * sizeof g->sum[0]);
    if (g->sum == NULL)
        return false;
    for (uint64_t r = 0; r < g->o.pages; r++)
        g->sum[r] = total += weight(&roots, r + 1, g->o.theta);
    /* The golden section of the pages, or the next number that has no divisor in common with them. */
    g->spread = g->o.pages * 618 / 1000 + 1;
    while (common_divisor(g->spread, g->o.pages) != 1)
        g->spread++;
    return true;
}

static uint64_t zipf_page(mmu_generator_t *g)
{
    const uint64_t r = mmu_rng_below64(&g->rng, g->sum[g->o.pages - 1]);
    uint64_t low = 0, high = g->o.pages - 1;

    /* low: the first rank whose sum is above r */
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;

        if (g->sum[middle] > r)
            high = middle;
        else
            low = middle + 1;
    }
    return low * g->spread % g->o.pages;
}

/* ---- accesses ------------------------------------------------------------------------------- */

static uint64_t next_page(mmu_generator_t *g)
{
    return g->o.kind == MMU_GENERATE_ZIPF ? zipf_page(g) : mmu_rng_below64(&g->rng, g->o.pages);
}

static void next_word(mmu_generator_t *g)
{
    uint64_t byte;

    if (g->o.kind == MMU_GENERATE_STRIDE) {
        byte = g->at;
        g->at = (g->at + g->o.stride) % (g->o.pages << PAGE_LG);
    } else {
        byte = next_page(g) << PAGE_LG;
        byte += mmu_rng_below(&g->rng, (1u << PAGE_LG) / WORD) * WORD;
    }
    g->word.va = g->o.base + byte;
    g->word.acc = MMU_ACC_LOAD;
    if (g->o.kind != MMU_GENERATE_GUPS && mmu_rng_percent(&g->rng, g->o.store_percent))
        g->word.acc = MMU_ACC_STORE;
}

void mmu_generate(mmu_generator_t *g, mmu_access_t *to, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (g->store)
            g->word.acc = MMU_ACC_STORE;
        else
            next_word(g);
        g->store = g->o.kind == MMU_GENERATE_GUPS && !g->store;
        to[k] = g->word;
    }
}

static bool check(const mmu_generate_options_t *o, char *err, size_t n)
{
    const uint64_t most = o->kind == MMU_GENERATE_ZIPF ? MMU_GENERATE_ZIPF_PAGES : MMU_GENERATE_PAGES;

    if (o->pages == 0 || o->pages > most)
        snprintf(err, n, "pages: %" PRIu64 ", expected 1 to %" PRIu64, o->pages, most);
    else if ((o->base & ((1u << PAGE_LG) - 1)) != 0 || o->base + (o->pages << PAGE_LG) - 1 < o->base)
        snprintf(err, n, "base: 0x%" PRIx64 ", expected a multiple of 4096 with room for the pages above it",
                 o->base);
    else if (o->theta > MMU_GENERATE_THETA)
        snprintf(err, n, "theta: %" PRIu32 ".%03" PRIu32 ", expected 0 to %u", o->theta / 1000,
                 o->theta % 1000, MMU_GENERATE_THETA / 1000);
    else if (o->kind == MMU_GENERATE_STRIDE &&
             (o->stride == 0 || o->stride % WORD != 0 || o->stride > o->pages << PAGE_LG))
        snprintf(err, n, "stride: %" PRIu64 ", expected a multiple of %u from %u to the footprint, %" PRIu64,
                 o->stride, WORD, WORD, o->pages << PAGE_LG);
    else if (o->store_percent > 100)
        snprintf(err, n, "store-percent: %" PRIu32 ", expected 0 to 100", o->store_percent);
    else
        return true;
    return false;
}

mmu_generator_t *mmu_generate_new(const mmu_generate_options_t *options, char *err, size_t n)
{
    mmu_generator_t *g;

    if (!check(options, err, n))
        return NULL;
    g = calloc(1, sizeof *g);
    if (g != NULL) {
        g->o = *options;
        g->word.size = WORD;
        g->word.modify = options->kind == MMU_GENERATE_GUPS;
        mmu_rng_seed(&g->rng, options->seed, 0x67656e); /* a stream of its own */
    }
    if (g == NULL || (options->kind == MMU_GENERATE_ZIPF && !start_zipf(g))) {
        snprintf(err, n, "no memory for %" PRIu64 " pages", options->pages);
        mmu_generate_free(g);
        return NULL;
    }
    return g;
}

void mmu_generate_free(mmu_generator_t *g)
{
    if (g == NULL)
        return;
    free(g->sum);
    free(g);
}
