/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Round-robin arbiter. Twin: rtl/mmu_rr_arb.sv. Rules: ARB.
 *
 *     req 1 0 1 1, ptr = 1   ->   index 2: the first requester at or after ptr
 *         0 1 2 3                 with advance, ptr becomes 3
 */
#ifndef MMU_RR_ARB_H
#define MMU_RR_ARB_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t w; /* requesters, 1..16 */
} mmu_rr_arb_cfg_t;

typedef struct {
    uint16_t req; /* [W] */
    bool advance; /* [1] the choice was served */
} mmu_rr_arb_in_t;

typedef struct {
    bool valid;    /* [1] */
    uint8_t index; /* [IndexW] */
} mmu_rr_arb_out_t;

typedef struct {
    mmu_rr_arb_cfg_t cfg;
    struct {
        uint8_t ptr; /* [IndexW] */
    } q;
    struct {
        uint8_t ptr;
    } d;
} mmu_rr_arb_t;

void mmu_rr_arb_init(mmu_rr_arb_t *m, mmu_rr_arb_cfg_t cfg);

/* All outputs: they do not depend on `advance`, which depends on them. */
void mmu_rr_arb_out(const mmu_rr_arb_t *m, const mmu_rr_arb_in_t *in, mmu_rr_arb_out_t *out);
void mmu_rr_arb_comb(mmu_rr_arb_t *m, const mmu_rr_arb_in_t *in, mmu_rr_arb_out_t *out);
void mmu_rr_arb_seq(mmu_rr_arb_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
