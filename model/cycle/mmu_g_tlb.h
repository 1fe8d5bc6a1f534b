/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The G stage's TLB, inside the walker: leaves of any size but NAPOT, fully associative. Twin: rtl/mmu_g_tlb.sv.
 * Rules: GTLB.
 *
 *     key {VMID, guest physical address} --> [ one set ] --> hit, entry  (this clock)
 *     touch, drop (of the row that hit), fill, fence ------> edge
 */
#ifndef MMU_G_TLB_H
#define MMU_G_TLB_H

#include "cycle/mmu_array.h"
#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t ways;   /* 0..64; without ways it never hits */
    uint8_t policy; /* mmu_policy_e */
} mmu_g_tlb_cfg_t;

typedef struct {
    bool lookup;         /* [1] */
    uint64_t key;        /* [KeyW] KEY-6 */
    bool touch;          /* [1] the row that hit was used */
    bool drop;           /* [1] the row that hit becomes invalid */
    bool fill;           /* [1] */
    mmu_line_t fill_row; /* row_t */
    bool fence_accept;   /* [1] */
    mmu_fence_t fence;   /* fence_t */
} mmu_g_tlb_in_t;

typedef struct {
    bool hit;          /* [1] */
    mmu_entry_t entry; /* entry_t 0 without a hit */
} mmu_g_tlb_out_t;

typedef struct {
    mmu_g_tlb_cfg_t cfg;
    struct {
        bool any; /* the array changes */
    } d;
    mmu_array_t array;
} mmu_g_tlb_t;

void mmu_g_tlb_init(mmu_g_tlb_t *m, const mmu_g_tlb_cfg_t *cfg, mmu_arena_t *arena);

/* The look-up, before touch and drop, which depend on it: all outputs. */
void mmu_g_tlb_out(mmu_g_tlb_t *m, const mmu_g_tlb_in_t *in, mmu_g_tlb_out_t *out);

/* The next state. */
void mmu_g_tlb_comb(mmu_g_tlb_t *m, const mmu_g_tlb_in_t *in);
void mmu_g_tlb_seq(mmu_g_tlb_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
