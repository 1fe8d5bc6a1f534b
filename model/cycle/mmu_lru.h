/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * True LRU replacement state of an array. Twin: rtl/mmu_lru.sv. Rules: REPL.
 *
 *     way   0 1 2 3      4 ways after reset: rank = 3210 (way 0 in the lowest digit), the victim is way 3.
 *     rank  0 1 2 3      Use way 2: ways 0 and 1, more recent than it, grow older by one; it becomes 0:
 *     rank  1 2 0 3      rank = 3021, the victim is still way 3.
 *     rank  2 3 1 0      Use way 3: rank = 0132, the victim is way 1.
 */
#ifndef MMU_LRU_H
#define MMU_LRU_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint16_t sets;
    uint8_t ways; /* 1..16 */
} mmu_lru_cfg_t;

typedef struct {
    bool touch;          /* [1] a row was used */
    uint16_t touch_set;  /* [SetW] */
    uint8_t touch_way;   /* [WayW] */
    bool fill;           /* [1] a row is written */
    uint16_t fill_set;   /* [SetW] */
    uint8_t fill_way;    /* [WayW] */
    bool chose;          /* [1] the filled way was the policy's choice */
    uint16_t victim_set; /* [SetW] */
} mmu_lru_in_t;

typedef struct {
    uint8_t victim; /* [WayW] of victim_set */
} mmu_lru_out_t;

typedef struct {
    mmu_lru_cfg_t cfg;
    struct {
        uint64_t *rank; /* [Sets][Ways·4] 4 bits a way, 0 the most recently used */
    } q;
    struct {
        bool write;
        uint16_t set;
        uint64_t rank;
    } d;
} mmu_lru_t;

void mmu_lru_init(mmu_lru_t *m, mmu_lru_cfg_t cfg, mmu_arena_t *arena);

/* The output: it depends on victim_set alone, and fill_way depends on it. */
void mmu_lru_out(const mmu_lru_t *m, const mmu_lru_in_t *in, mmu_lru_out_t *out);

/* Whether a touch of this way would change anything: not, where it is the most recently used. */
static inline bool mmu_lru_touch_moves(const mmu_lru_t *m, unsigned set, unsigned way)
{
    return ((m->q.rank[set] >> (4 * way)) & 15u) != 0;
}

/* The next state. */
void mmu_lru_comb(mmu_lru_t *m, const mmu_lru_in_t *in);
void mmu_lru_seq(mmu_lru_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
