/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The fence unit: one fence at a time, done when no older request is left that it waits for.
 * Twin: rtl/mmu_fence.sv. Rules: FEN.
 *
 *     clock  t (valid, ready)   t + 1 …                     done
 *     busy   0                  1  1  1 …  old requests,    1      0
 *                                          scan of the L2
 */
#ifndef MMU_FENCE_H
#define MMU_FENCE_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    bool hypervisor; /* fences of virtual machines are built in */
} mmu_fence_cfg_t;

typedef struct {
    bool fence_valid;   /* [1] */
    uint8_t fence_kind; /* [3] mmu_fence_kind_e */
    bool fence_posted;  /* [1] Svinval: done without waiting for older requests */
    bool old_busy;      /* [1] an older request is left */
    bool scanning;      /* [1] the L2 is being scanned */
} mmu_fence_in_t;

typedef struct {
    bool ready;  /* [1] */
    bool take;   /* [1] clock t */
    bool accept; /* [1] clock t of a fence that invalidates */
    bool mark;   /* [1] clock t: the requests that are there become old */
    bool done;   /* [1] */
    bool busy;   /* [1] */
} mmu_fence_out_t;

typedef struct {
    mmu_fence_cfg_t cfg;
    struct {
        bool busy; /* [1] */
        bool wait; /* [1] for older requests */
    } q;
    struct {
        bool busy, wait;
    } d;
} mmu_fence_unit_t;

void mmu_fence_init(mmu_fence_unit_t *m, mmu_fence_cfg_t cfg);
void mmu_fence_comb(mmu_fence_unit_t *m, const mmu_fence_in_t *in, mmu_fence_out_t *out);
void mmu_fence_seq(mmu_fence_unit_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
