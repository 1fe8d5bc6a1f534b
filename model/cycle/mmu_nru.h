/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Not-recently-used replacement state of an array. Twin: rtl/mmu_nru.sv. Rules: REPL.
 *
 *     way   3 2 1 0
 *     used  0 0 1 1      4 ways, ways 0 and 1 were used: the victim is way 2, the lowest that was not.
 *     used  1 0 1 1      Use way 3: the victim is still way 2.
 *     used  0 1 0 0      Use way 2: all would be used, so all others are forgotten; the victim is way 0.
 */
#ifndef MMU_NRU_H
#define MMU_NRU_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint16_t sets;
    uint8_t ways; /* 1..64 */
} mmu_nru_cfg_t;

typedef struct {
    bool touch;          /* [1] a row was used */
    uint16_t touch_set;  /* [SetW] */
    uint8_t touch_way;   /* [WayW] */
    bool fill;           /* [1] a row is written */
    uint16_t fill_set;   /* [SetW] */
    uint8_t fill_way;    /* [WayW] */
    bool chose;          /* [1] the filled way was the policy's choice */
    uint16_t victim_set; /* [SetW] */
} mmu_nru_in_t;

typedef struct {
    uint8_t victim; /* [WayW] of victim_set */
} mmu_nru_out_t;

typedef struct {
    mmu_nru_cfg_t cfg;
    struct {
        uint64_t *used; /* [Sets][Ways] */
    } q;
    struct {
        bool write;
        uint16_t set;
        uint64_t used;
    } d;
} mmu_nru_t;

void mmu_nru_init(mmu_nru_t *m, mmu_nru_cfg_t cfg, mmu_arena_t *arena);

/* The output: it depends on victim_set alone, and fill_way depends on it. */
void mmu_nru_out(const mmu_nru_t *m, const mmu_nru_in_t *in, mmu_nru_out_t *out);

/* Whether a touch of this way would change anything: not, where it counts as used. */
static inline bool mmu_nru_touch_moves(const mmu_nru_t *m, unsigned set, unsigned way)
{
    return ((m->q.used[set] >> way) & 1u) == 0;
}

/* The next state. */
void mmu_nru_comb(mmu_nru_t *m, const mmu_nru_in_t *in);
void mmu_nru_seq(mmu_nru_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
