/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A set under LRU: 32 ids, the most recently used first. `find and bring to the front` is all that ever happens
 * to it. With ids of 16 bits a row is one cache line, and two vector registers of AVX2.
 */
#ifndef LOCKWALK_SIZING_MMU_LRU_ROW_H
#define LOCKWALK_SIZING_MMU_LRU_ROW_H

#include "lockwalk/mmu_sizing_engine.h"

#include <string.h>

#if defined(__x86_64__)
#define MMU_LRU_AVX2 1
#include <immintrin.h>
#endif

#define MMU_ROW_IDS MMU_GRID_WAYS
#define MMU_ROW_EMPTY16 0xffffu /* ids of 16 bits are smaller */
#define MMU_ROW_EMPTY32 UINT32_MAX

typedef struct {
    _Alignas(64) uint16_t id[MMU_ROW_IDS];
} mmu_row16_t;

typedef struct {
    _Alignas(64) uint32_t id[MMU_ROW_IDS];
} mmu_row32_t;

/* All sets of one number of sets: rows of narrow ids, or of wide ones once there are too many pages. */
typedef struct {
    unsigned sets_log2;
    mmu_row16_t *narrow; /* NULL once ids are wide */
    mmu_row32_t *wide;
} mmu_rows_t;

#define MMU_ROW_MANY_IDS 0xffffu /* from so many ids on they need 32 bits */

/* All empty. False: no memory; free is good then too. */
bool mmu_rows_init(mmu_rows_t *rows, unsigned sets_log2);
void mmu_rows_free(mmu_rows_t *rows);
/* Ids no longer fit 16 bits: the rows as they are, but wider. */
bool mmu_rows_widen(mmu_rows_t *rows);
void mmu_rows_clear(mmu_rows_t *rows);
void mmu_rows_clear_set(mmu_rows_t *rows, uint32_t set);

/* Whether this machine has the instructions of the functions below that end in avx2. */
bool mmu_rows_have_avx2(void);

/* Where `id` was, MMU_ROW_IDS if nowhere; now it is in front. */
static inline unsigned mmu_row16_front(mmu_row16_t *row, uint16_t id)
{
    unsigned n = 0;

    while (n < MMU_ROW_IDS && row->id[n] != id)
        n++;
    memmove(row->id + 1, row->id, (n < MMU_ROW_IDS ? n : MMU_ROW_IDS - 1) * sizeof row->id[0]);
    row->id[0] = id;
    return n;
}

static inline unsigned mmu_row32_front(mmu_row32_t *row, uint32_t id)
{
    unsigned n = 0;

    while (n < MMU_ROW_IDS && row->id[n] != id)
        n++;
    memmove(row->id + 1, row->id, (n < MMU_ROW_IDS ? n : MMU_ROW_IDS - 1) * sizeof row->id[0]);
    row->id[0] = id;
    return n;
}

#ifdef MMU_LRU_AVX2

/* The row in two registers. */
typedef struct {
    __m256i low, high;
} mmu_row_avx2_t;

/* Words 0 to n of the row are taken from the shifted one: all ones there. Row n of the table. */
extern const uint16_t mmu_row_below[MMU_ROW_IDS + 1][MMU_ROW_IDS];

#define MMU_AVX2 __attribute__((target("avx2,bmi"), always_inline)) static inline

/* As mmu_row32_front. */
MMU_AVX2 unsigned mmu_row32_front_avx2(mmu_row32_t *row, uint32_t id)
{
    const __m256i *ids = (const __m256i *)(const void *)row->id;
    const __m256i wanted = _mm256_set1_epi32((int)id);
    uint64_t found = UINT64_C(1) << MMU_ROW_IDS; /* behind the last */
    unsigned n;

    for (unsigned k = 0; k < MMU_ROW_IDS / 8; k++) {
        const __m256i same = _mm256_cmpeq_epi32(_mm256_load_si256(ids + k), wanted);

        found |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(same)) << 8 * k;
    }
    n = (unsigned)_tzcnt_u64(found);
    memmove(row->id + 1, row->id, (n < MMU_ROW_IDS ? n : MMU_ROW_IDS - 1) * sizeof row->id[0]);
    row->id[0] = id;
    return n;
}

MMU_AVX2 mmu_row_avx2_t mmu_row_load(const mmu_row16_t *row)
{
    return (mmu_row_avx2_t){_mm256_load_si256((const __m256i *)(const void *)row->id),
                            _mm256_load_si256((const __m256i *)(const void *)(row->id + 16))};
}

MMU_AVX2 void mmu_row_store(mmu_row16_t *to, mmu_row_avx2_t row)
{
    _mm256_store_si256((__m256i *)(void *)to->id, row.low);
    _mm256_store_si256((__m256i *)(void *)(to->id + 16), row.high);
}

MMU_AVX2 unsigned mmu_row_find(mmu_row_avx2_t row, __m256i id)
{
    const uint64_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi16(row.low, id));
    const uint64_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi16(row.high, id));

    return (unsigned)_tzcnt_u64(low | high << 32) / 2; /* 64 / 2 where there is none */
}

/* Words 0 … n - 1 move up by one, `id` (in all words of the register) comes in front. */
MMU_AVX2 mmu_row_avx2_t mmu_row_up(mmu_row_avx2_t row, __m256i id, unsigned n)
{
    const __m256i *below = (const __m256i *)(const void *)mmu_row_below[n];
    const __m256i low = _mm256_alignr_epi8(row.low, _mm256_permute2x128_si256(row.low, id, 0x03), 14);

    if (n < 16)
        return (mmu_row_avx2_t){_mm256_blendv_epi8(row.low, low, _mm256_load_si256(below)), row.high};
    return (mmu_row_avx2_t){
        low,
        _mm256_blendv_epi8(
            row.high, _mm256_alignr_epi8(row.high, _mm256_permute2x128_si256(row.low, row.high, 0x21), 14),
            _mm256_load_si256(below + 1))};
}

#endif
#endif
