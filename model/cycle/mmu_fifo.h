/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * FIFO replacement state of an array. Twin: rtl/mmu_fifo.sv. Rules: REPL.
 *
 *     ways  0 1 2 3      ptr = 2: the victim is way 2; a fill that took it because it was the victim moves
 *               ^        ptr to 3; a fill of a free way, a touch, an invalidation move nothing.
 */
#ifndef MMU_FIFO_H
#define MMU_FIFO_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint16_t sets;
    uint8_t ways; /* 1..64 */
} mmu_fifo_cfg_t;

typedef struct {
    bool touch;          /* [1] moves nothing */
    uint16_t touch_set;  /* [SetW] */
    uint8_t touch_way;   /* [WayW] */
    bool fill;           /* [1] a row is written */
    uint16_t fill_set;   /* [SetW] */
    uint8_t fill_way;    /* [WayW] */
    bool chose;          /* [1] the filled way was the policy's choice */
    uint16_t victim_set; /* [SetW] */
} mmu_fifo_in_t;

typedef struct {
    uint8_t victim; /* [WayW] of victim_set */
} mmu_fifo_out_t;

typedef struct {
    mmu_fifo_cfg_t cfg;
    struct {
        uint8_t *ptr; /* [Sets][WayW] */
    } q;
    struct {
        bool write;
        uint16_t set;
        uint8_t ptr;
    } d;
} mmu_fifo_t;

void mmu_fifo_init(mmu_fifo_t *m, mmu_fifo_cfg_t cfg, mmu_arena_t *arena);

/* The output: it depends on victim_set alone, and fill_way depends on it. */
void mmu_fifo_out(const mmu_fifo_t *m, const mmu_fifo_in_t *in, mmu_fifo_out_t *out);

/* The next state. */
void mmu_fifo_comb(mmu_fifo_t *m, const mmu_fifo_in_t *in);
void mmu_fifo_seq(mmu_fifo_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
