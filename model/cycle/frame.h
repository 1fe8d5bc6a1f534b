/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format in force, as L1, L2 and walker call it (FRM). riscv is called by name and stands for NULL, so that the
 * look-up of every clock has its functions inline; the others are called through their table. No RTL module stands
 * behind it.
 */
#ifndef FRAME_H
#define FRAME_H

#include "arch/format/riscv_inline.h"
#include "lockwalk/mmu_format.h"

/* A format other than riscv, or NULL. Where none is built in, slow.format is 0 (REQ-1). */
typedef const mmu_format_t *frame_t;

static inline bool frame_is_other(const mmu_slow_t *slow)
{
    return __builtin_expect(slow->format != MMU_FORMAT_RISCV, 0);
}

static inline frame_t frame_of(const mmu_slow_t *slow)
{
    return frame_is_other(slow) ? mmu_format(slow->format) : NULL;
}

/* FRM-2 */
static inline mmu_start_t frame_start(frame_t other, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return other != NULL ? other->start(rq, slow) : riscv_start(rq);
}

/* FRM-3 */
static inline mmu_addr_t frame_addr(frame_t other, const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    return other != NULL ? other->addr(rq, slow, pos) : mmu_riscv_addr(rq, pos);
}

/* FRM-4 */
static inline mmu_step_t frame_step(frame_t other, const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos,
                                    uint64_t word)
{
    return other != NULL ? other->step(rq, slow, pos, word) : mmu_riscv_step(rq, slow, pos, word);
}

/* FRM-6 */
static inline bool frame_perm(frame_t other, const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    return other != NULL ? other->perm(rq, slow, entry) : riscv_perm(rq, entry);
}

/* FRM-7, FMT-15 */
static inline uint64_t frame_pa(frame_t other, const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    return other != NULL ? other->pa(rq, slow, entry) : mmu_entry_pa(entry, rq->va);
}

/* FRM-8, FMT-14 */
static inline uint8_t frame_cause(frame_t other, uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return other != NULL ? other->cause(fault, rq, slow) : mmu_riscv_cause(fault, rq->acc);
}

/* FRM-10 */
static inline unsigned frame_merge_lg(frame_t other, const mmu_slow_t *slow)
{
    return other != NULL ? other->merge_lg(slow) : RISCV_PAGE_LG;
}

#endif
