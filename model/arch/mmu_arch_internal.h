/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the walks of the architectural model share: faults, physical protection and the trail.
 *
 *     mmu_arch.c        the public functions; the walk of one stage, or none
 *     mmu_arch_two.c    the walk of two stages
 */
#ifndef LOCKWALK_ARCH_MMU_ARCH_INTERNAL_H
#define LOCKWALK_ARCH_MMU_ARCH_INTERNAL_H

#include "lockwalk/mmu_arch.h"

static inline void set_fault(mmu_arch_result_t *out, const mmu_rq_t *rq, uint8_t fault)
{
    *out = (mmu_arch_result_t){.tval = rq->va, .fault = fault, .cause = mmu_riscv_cause(fault, rq->acc)};
}

/* Physical protection as one walk meets it. Tables lie near each other: the window saves most looking. */
typedef struct {
    const mmu_pmp_file_t *file;
    mmu_pmp_window_t window;
    uint8_t sec; /* mseccfg */
} guard_t;

/* PMP-3; guard NULL: there is none. With `why` the entry that decided is wanted, not only whether it allows. */
static inline bool allows(guard_t *guard, uint64_t addr, uint8_t acc, uint8_t size, uint8_t prv,
                          mmu_pmp_decision_t *why)
{
    const mmu_pmp_file_t *file;

    if (guard == NULL)
        return true;
    file = guard->file;
    if (why == NULL)
        return mmu_pmp_allow_near(&guard->window, file->range, file->entries, addr, acc, size, prv,
                                  guard->sec);
    *why = mmu_pmp_decide(file->range, file->entries, addr, acc, size, prv, guard->sec);
    return why->verdict == MMU_PMP_ALLOWED || why->verdict == MMU_PMP_FREE;
}

static inline uint8_t word_size(bool wide)
{
    return wide ? 3 : 2;
}

#define UNGUARDED ((mmu_pmp_decision_t){.verdict = MMU_PMP_FREE, .entry = MMU_PMP_NO_ENTRY})

static inline void trail_add(mmu_arch_trail_t *trail, const mmu_trail_step_t *step)
{
    if (trail->count < MMU_TRAIL_STEPS)
        trail->step[trail->count] = *step;
    trail->count++;
}

/* PA is known; the access itself is judged last (PMP-3). */
static inline void judge_access(guard_t *guard, const mmu_rq_t *rq, mmu_arch_result_t *out,
                                mmu_arch_trail_t *trail)
{
    mmu_pmp_decision_t why = UNGUARDED;
    const bool allowed = allows(guard, out->pa, rq->acc, rq->size, rq->prv, trail != NULL ? &why : NULL);

    if (trail != NULL)
        trail_add(trail, &(mmu_trail_step_t){
                             .addr = out->pa, .op = MMU_TRAIL_FINAL, .denied = !allowed, .pmp = why});
    if (!allowed)
        set_fault(out, rq, MMU_FAULT_ACCESS);
}

/* ---- mmu_arch_two.c ------------------------------------------------------------------------------------- */

/* As the public functions, where mmu_riscv_two_stage says so. Apart from the single-stage walk, so that nothing of
 * them weighs on that one. */
void mmu_arch_two(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                  mmu_arch_result_t *out);
void mmu_arch_two_pmp(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                      const mmu_slow_t *slow, mmu_arch_result_t *out);
/* pmp NULL: there is none. */
void mmu_arch_two_trail(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                        const mmu_slow_t *slow, mmu_arch_result_t *out, mmu_arch_trail_t *trail);

#endif
