/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the walks of the architectural model share: faults, physical protection and the trail.
 *
 *     mmu_arch.c           the public functions; riscv's walk of one stage, or none
 *     mmu_arch_two.c       riscv's walk of two stages
 *     mmu_arch_format.c    the walk of any other format
 */
#ifndef LOCKWALK_ARCH_MMU_ARCH_INTERNAL_H
#define LOCKWALK_ARCH_MMU_ARCH_INTERNAL_H

#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_walk.h"

/* Of riscv. */
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

/* PA is known; the access itself is judged last (L1-14, PMP-3). */
static inline bool access_allowed(guard_t *guard, const mmu_rq_t *rq, uint64_t pa, mmu_arch_trail_t *trail)
{
    mmu_pmp_decision_t why = UNGUARDED;
    const uint8_t acc = rq->acc == MMU_ACC_APPEND ? MMU_ACC_STORE : rq->acc; /* FRM-11 */
    const bool allowed = allows(guard, pa, acc, rq->size, rq->prv, trail != NULL ? &why : NULL);

    if (trail != NULL)
        trail_add(trail,
                  &(mmu_trail_step_t){.addr = pa, .op = MMU_TRAIL_FINAL, .denied = !allowed, .pmp = why});
    return allowed;
}

static inline void judge_access(guard_t *guard, const mmu_rq_t *rq, mmu_arch_result_t *out,
                                mmu_arch_trail_t *trail)
{
    if (!access_allowed(guard, rq, out->pa, trail))
        set_fault(out, rq, MMU_FAULT_ACCESS);
}

/* ---- a walk by mmu_walk.h ----------------------------------------------------------------------------- */

/* What the trail says of the access that comes next, before its word is known. */
static inline mmu_trail_step_t trail_of(const mmu_walk_t *w, mmu_pmp_decision_t why)
{
    const bool swap = w->kind == MMU_WALK_SWAP;

    return (mmu_trail_step_t){.addr = w->addr,
                              .new_word = swap ? w->new_word : 0,
                              .op = swap ? MMU_TRAIL_CAS : MMU_TRAIL_READ,
                              .level = (uint8_t)mmu_pos_level(w->stage == 0 ? w->pos : w->gpos),
                              .wide = w->wide,
                              .stage = w->stage,
                              .what = w->what,
                              .gpa = w->gpa,
                              .pmp = why};
}

static inline void trail_refused(mmu_arch_trail_t *trail, const mmu_walk_t *w, mmu_pmp_decision_t why,
                                 bool denied)
{
    mmu_trail_step_t step = trail_of(w, why);

    step.denied = denied;
    step.error = !denied;
    trail_add(trail, &step);
}

/* `step` is of before the word, `w` as it is after it. A compare-and-swap that lost is two steps: the word that
 * was there is judged like one that was read. */
static inline void trail_word(mmu_arch_trail_t *trail, const mmu_walk_t *w, mmu_trail_step_t step,
                              uint64_t old_word, uint64_t word)
{
    step.word = word;
    if (step.op == MMU_TRAIL_CAS) {
        step.lost = word != old_word;
        trail_add(trail, &step);
        if (!step.lost)
            return;
        step.op = MMU_TRAIL_READ;
        step.lost = false;
        step.new_word = 0;
    }
    step.kind = w->step;
    step.rule = w->rule;
    trail_add(trail, &step);
}

/* One access of the walk: the word, or false where there is none for it. */
static inline bool access_memory(const mmu_arch_mem_t *mem, const mmu_walk_t *w, uint64_t *word)
{
    if (w->kind == MMU_WALK_READ)
        return mem->read(mem->user, w->addr, w->wide, word);
    return mem->cas(mem->user, w->addr, w->wide, w->old_word, w->new_word, word);
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

/* ---- mmu_arch_format.c ---------------------------------------------------------------------------------- */

/* As the public functions, where slow->format is not riscv. pmp NULL: there is none. trail may be NULL. */
void mmu_arch_format(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                     const mmu_slow_t *slow, mmu_arch_result_t *out, mmu_arch_trail_t *trail);

#endif
