/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format in force, as the judge asks it: riscv by name, since it judges millions of answers, the others through
 * their table.
 */
#ifndef LOCKWALK_JUDGE_JUDGE_FORMAT_H
#define LOCKWALK_JUDGE_JUDGE_FORMAT_H

#include "lockwalk/mmu_format.h"

static inline bool judge_other(const mmu_slow_t *slow)
{
    return __builtin_expect(slow->format != MMU_FORMAT_RISCV, 0);
}

static inline mmu_start_t judge_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return judge_other(slow) ? mmu_format(slow->format)->start(rq, slow) : mmu_riscv_start(rq, slow);
}

static inline mmu_addr_t judge_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    return judge_other(slow) ? mmu_format(slow->format)->addr(rq, slow, pos) : mmu_riscv_addr(rq, pos);
}

static inline mmu_step_t judge_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    return judge_other(slow) ? mmu_format(slow->format)->step(rq, slow, pos, word)
                             : mmu_riscv_step(rq, slow, pos, word);
}

static inline uint64_t judge_pa(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    return judge_other(slow) ? mmu_format(slow->format)->pa(rq, slow, entry) : mmu_entry_pa(entry, rq->va);
}

static inline uint8_t judge_cause(uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return judge_other(slow) ? mmu_format(slow->format)->cause(fault, rq, slow)
                             : mmu_riscv_cause(fault, rq->acc);
}

/* A pointer of a global mapping was passed: riscv's positions tell, the others' leaves alone are global. */
static inline bool judge_pos_global(const mmu_slow_t *slow, mmu_pos_t pos)
{
    return !judge_other(slow) && (pos & MMU_POS_G) != 0;
}

/* FRM-11, for physical protection. */
static inline uint8_t judge_acc(uint8_t acc)
{
    return acc == MMU_ACC_APPEND ? MMU_ACC_STORE : acc;
}

#endif
