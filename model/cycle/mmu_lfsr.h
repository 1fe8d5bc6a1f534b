/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random replacement of an array: one shift register for all sets. Twin: rtl/mmu_lfsr.sv. Rules: REPL.
 *
 *     bit  15 14 13 12 11 10  …  1  0      Galois form of x^16 + x^14 + x^13 + x^11 + 1: shifts right; where
 *           ^     ^  ^     ^           |      a 1 leaves at bit 0, bits 15, 13, 12 and 10 are inverted.
 *           +-----+--+-----+-----------+      ACE1 -> E270 -> 7138 -> …
 *
 *     The victim of 4 ways is its upper two bits, 2 at ACE1. Only a fill that took the victim moves it.
 */
#ifndef MMU_LFSR_H
#define MMU_LFSR_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint16_t sets;
    uint8_t ways; /* 1..64 */
} mmu_lfsr_cfg_t;

typedef struct {
    bool touch;          /* [1] moves nothing */
    uint16_t touch_set;  /* [SetW] */
    uint8_t touch_way;   /* [WayW] */
    bool fill;           /* [1] a row is written */
    uint16_t fill_set;   /* [SetW] */
    uint8_t fill_way;    /* [WayW] */
    bool chose;          /* [1] the filled way was the policy's choice */
    uint16_t victim_set; /* [SetW] */
} mmu_lfsr_in_t;

typedef struct {
    uint8_t victim; /* [WayW] of victim_set */
} mmu_lfsr_out_t;

typedef struct {
    mmu_lfsr_cfg_t cfg;
    struct {
        uint16_t lfsr; /* [16] */
    } q;
    struct {
        bool write;
        uint16_t lfsr;
    } d;
} mmu_lfsr_t;

void mmu_lfsr_init(mmu_lfsr_t *m, mmu_lfsr_cfg_t cfg, mmu_arena_t *arena);

/* The output: it depends on victim_set alone, and fill_way depends on it. */
void mmu_lfsr_out(const mmu_lfsr_t *m, const mmu_lfsr_in_t *in, mmu_lfsr_out_t *out);

/* The next state. */
void mmu_lfsr_comb(mmu_lfsr_t *m, const mmu_lfsr_in_t *in);
void mmu_lfsr_seq(mmu_lfsr_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
