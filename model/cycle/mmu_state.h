/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What an mmu_t is: its rooms, and the wires between them. Twin: rtl/mmu.sv. Rules: TOP.
 *
 *     port 0 (instruction) --> mmu_l1 --miss--> mmu_miss_queue --+
 *                                                                +-- mmu_rr_arb --> mmu_l2
 *     port 1 (data) ---------> mmu_l1 --miss--> mmu_miss_queue --+-- mmu_rr_arb --> mmu_walker --> memory
 *     fence --> mmu_fence
 */
#ifndef MMU_STATE_H
#define MMU_STATE_H

#include <assert.h>

#include "cycle/mmu_fence.h"
#include "cycle/mmu_l1.h"
#include "cycle/mmu_l2.h"
#include "cycle/mmu_miss_queue.h"
#include "cycle/mmu_pmp_regs.h"
#include "cycle/mmu_rr_arb.h"
#include "cycle/mmu_walker.h"
#include "lockwalk/mmu.h"

struct mmu {
    mmu_cfg_t cfg;
    mmu_ctx_t ctx_keep[2]; /* REQ-1: the bits of a context that count; [1] in a virtual machine */
    bool has_l2;
    bool others; /* a format other than riscv is built in */

    mmu_l1_t l1[MMU_PORTS];
    mmu_miss_queue_t queue[MMU_PORTS];
    mmu_rr_arb_t l2_arb, walk_arb;
    mmu_l2_t l2;
    mmu_walker_t walker;
    mmu_fence_unit_t fence;
    mmu_pmp_regs_t pmp_regs;

    /* The wires of this clock. Data beside a valid bit that is 0 is left from an earlier clock. */
    struct {
        mmu_l1_in_t l1_in[MMU_PORTS];
        mmu_l1_out_t l1_out[MMU_PORTS];
        mmu_miss_queue_in_t queue_in[MMU_PORTS];
        mmu_miss_queue_out_t queue_out[MMU_PORTS];
        mmu_l2_in_t l2_in;
        mmu_l2_out_t l2_out;
        mmu_walker_in_t walker_in;
        mmu_walker_out_t walker_out;
        mmu_fence_out_t fence_out;
        bool quiet; /* what the back tells the L1s and queues is nothing */
    } w;

    /* What mmu_seq moves. The back is all behind the L1s: it rests while no miss and no fence is there. */
    struct {
        bool back;
        bool queue[MMU_PORTS];
        bool walk_arb, l2_arb;
        bool pmp;
    } d;
};

/* REQ-1: what of the slow registers counts in any build. */
static inline void mmu_mask_slow(const mmu_slow_t *slow, mmu_slow_t *masked)
{
    memcpy(masked, slow, offsetof(mmu_slow_t, format));
}

/* REQ-1: what of the context counts. Half of it where no virtual machine is: every access pays for it. */
static inline void mmu_mask_ctx(const mmu_t *m, const mmu_ctx_t *ctx, uint8_t prv, mmu_ctx_t *masked)
{
    uint64_t bits[4] = {0}, keep[4];
    static_assert(
        offsetof(mmu_ctx_t, aux) == sizeof bits && offsetof(mmu_ctx_t, vmid) == sizeof bits / 2,
        "riscv's context is four words, and what is of virtual machines alone stands in the last two");

    if (__builtin_expect(ctx->v, 0) && prv != MMU_PRIV_M) {
        memcpy(bits, ctx, sizeof bits);
        memcpy(keep, &m->ctx_keep[1], sizeof keep);
        for (unsigned i = 0; i < 4; i++)
            bits[i] &= keep[i];
    } else {
        memcpy(bits, ctx, sizeof bits / 2);
        memcpy(keep, &m->ctx_keep[0], sizeof keep / 2);
        bits[0] &= keep[0];
        bits[1] &= keep[1];
    }
    memcpy(masked, bits, sizeof bits);
}

#endif
