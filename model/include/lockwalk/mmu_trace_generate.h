/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Accesses that no small program makes: footprints of any size. The same on every machine: integers only.
 *
 *     uniform   each page as likely as any other
 *     zipf      the page of rank r (from 1) with probability in proportion to 1 / r^theta; ranks are spread over
 *               the footprint by a multiplication
 *     stride    one address after the other, `stride` bytes apart, round and round
 *     gups      a load and a store of one random word (a modify), as HPC Challenge's RandomAccess does
 *
 * Words are 8 bytes, aligned, anywhere in their page.
 */
#ifndef LOCKWALK_MMU_TRACE_GENERATE_H
#define LOCKWALK_MMU_TRACE_GENERATE_H

#include "lockwalk/mmu_trace.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_GENERATE_UNIFORM = 0,
    MMU_GENERATE_ZIPF = 1,
    MMU_GENERATE_STRIDE = 2,
    MMU_GENERATE_GUPS = 3,
    MMU_GENERATE_KINDS
} mmu_generate_e;

#define MMU_GENERATE_PAGES (UINT64_C(1) << 36)      /* the most: 2^48 bytes */
#define MMU_GENERATE_ZIPF_PAGES (UINT64_C(1) << 26) /* its table takes 8 bytes a page */
#define MMU_GENERATE_THETA 4000u

typedef struct {
    mmu_generate_e kind;
    uint64_t base;          /* first address, a multiple of 4096 */
    uint64_t pages;         /* of 4 KiB, 1 .. MMU_GENERATE_PAGES (zipf: MMU_GENERATE_ZIPF_PAGES) */
    uint32_t theta;         /* zipf: in thousandths, 0 .. MMU_GENERATE_THETA */
    uint64_t stride;        /* stride: bytes, a multiple of 8, 8 .. the footprint */
    uint32_t store_percent; /* 0 .. 100; gups has a store for each load */
    uint64_t seed;
} mmu_generate_options_t;

typedef struct mmu_generator mmu_generator_t;

/* "uniform", "zipf" ...; NULL behind the last. */
const char *mmu_generate_name(unsigned kind);

/* NULL, and a sentence in err with the option, its value and what is allowed. */
mmu_generator_t *mmu_generate_new(const mmu_generate_options_t *options, char *err, size_t n);
void mmu_generate_free(mmu_generator_t *generator);

/* The next n accesses. */
void mmu_generate(mmu_generator_t *generator, mmu_access_t *to, size_t n);

/* For tests: the weight of a rank of zipf, from 1; only ratios mean something. */
uint64_t mmu_generate_weight(uint64_t rank, uint32_t theta);

#ifdef __cplusplus
}
#endif
#endif
