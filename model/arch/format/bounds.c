/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `bounds` (docs/microarchitecture.md, BND-1): relocation by a base register, with a bounds
 * register in front. It reads no memory and holds nothing: all is in the registers of the process.
 */
#include "arch/format/classic.h"

_Static_assert((unsigned)FORMAT_bounds == (unsigned)MMU_FORMAT_BOUNDS, "formats.def and mmu_format_e");

static mmu_start_t bounds_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    if (rq->prv == MMU_PRIV_M)
        return format_bare(rq->va, 0);
    if (rq->va >= rq->ctx.aux)
        return format_start_fault(MMU_FAULT_LIMIT);
    return format_bare(rq->va, rq->ctx.root);
}

/* start never walks, so no word, entry or position reaches the rest: there is nothing that they could say. */

static mmu_addr_t bounds_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    (void)rq, (void)slow, (void)pos;
    return (mmu_addr_t){0};
}

static mmu_step_t bounds_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    (void)rq, (void)slow, (void)pos, (void)word;
    return (mmu_step_t){0};
}

static bool bounds_perm(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)rq, (void)slow, (void)entry;
    return false;
}

static unsigned bounds_merge_lg(const mmu_slow_t *slow)
{
    (void)slow;
    return 0;
}

const mmu_format_t mmu_format_bounds = {.name = "bounds",
                                        .start = bounds_start,
                                        .addr = bounds_addr,
                                        .step = bounds_step,
                                        .perm = bounds_perm,
                                        .pa = classic_pa,
                                        .cause = classic_cause,
                                        .merge_lg = bounds_merge_lg,
                                        .pages = 0};
