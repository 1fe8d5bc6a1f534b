/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The architectural model. Each walk is written once, with an optional trail and optional physical protection;
 * the public functions are that walk with and without them, so that the plain one carries no test for either.
 * A translation of another format than riscv is in mmu_arch_format.c, one with a G stage in mmu_arch_two.c. One
 * without has its walk here, with the format inline: it judges every answer of a long run.
 */
#include "arch/format/riscv_inline.h"
#include "arch/mmu_arch_internal.h"

#include <string.h>

static void trail_denied(mmu_arch_trail_t *trail, uint8_t op, mmu_pos_t pos, mmu_addr_t at,
                         mmu_pmp_decision_t why)
{
    trail_add(trail, &(mmu_trail_step_t){.addr = at.addr,
                                         .op = op,
                                         .level = (uint8_t)mmu_pos_level(pos),
                                         .wide = at.wide,
                                         .denied = true,
                                         .pmp = why});
}

static void trail_read(mmu_arch_trail_t *trail, mmu_pos_t pos, mmu_addr_t at, mmu_pmp_decision_t why,
                       uint64_t word, const mmu_step_t *step)
{
    mmu_trail_step_t s = {.addr = at.addr,
                          .word = word,
                          .op = MMU_TRAIL_READ,
                          .level = (uint8_t)mmu_pos_level(pos),
                          .wide = at.wide,
                          .error = step == NULL,
                          .pmp = why};

    if (step != NULL) {
        s.kind = step->kind;
        s.rule = step->rule;
    }
    trail_add(trail, &s);
}

/* A (and D) must be set before the leaf counts. On return the step is the leaf, or what the word that was
 * there instead has become: a fault, or a pointer. */
static void set_ad(const mmu_arch_mem_t *mem, guard_t *guard, const mmu_rq_t *rq, const mmu_slow_t *slow,
                   mmu_pos_t pos, mmu_addr_t at, uint64_t word, mmu_step_t *step, mmu_arch_trail_t *trail)
{
    mmu_pmp_decision_t why = UNGUARDED;

    /* Implicit accesses are S's, and this one is a store (Priv 3.7.2). */
    if (!allows(guard, at.addr, MMU_ACC_STORE, word_size(at.wide), MMU_PRIV_S, trail != NULL ? &why : NULL)) {
        if (trail != NULL)
            trail_denied(trail, MMU_TRAIL_CAS, pos, at, why);
        *step = (mmu_step_t){.kind = MMU_STEP_FAULT, .fault = MMU_FAULT_ACCESS};
        return;
    }
    while (step->kind == MMU_STEP_NEED_AD) {
        uint64_t before = word;
        const bool ok = mem->cas(mem->user, at.addr, at.wide, word, step->new_word, &before);
        const bool lost = ok && before != word;

        if (trail != NULL)
            trail_add(trail, &(mmu_trail_step_t){.addr = at.addr,
                                                 .word = before,
                                                 .new_word = step->new_word,
                                                 .op = MMU_TRAIL_CAS,
                                                 .level = (uint8_t)mmu_pos_level(pos),
                                                 .wide = at.wide,
                                                 .error = !ok,
                                                 .lost = lost,
                                                 .pmp = why});
        if (!ok) {
            *step = (mmu_step_t){.kind = MMU_STEP_FAULT, .fault = MMU_FAULT_ACCESS};
        } else if (lost) {
            /* Somebody changed the word: judge the one that is there now (Priv 4.3.2 step 7). */
            word = before;
            *step = mmu_riscv_step(rq, slow, pos, word);
            if (trail != NULL)
                trail_read(trail, pos, at, why, word, step);
        } else {
            step->kind = MMU_STEP_LEAF;
        }
    }
}

/* Inline in each of its callers: without a trail, or without physical protection, nothing of it is left. */
__attribute__((always_inline)) static inline void walk(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp,
                                                       const mmu_rq_t *rq, const mmu_slow_t *slow,
                                                       mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    if (__builtin_expect(rq->ctx.v, 0) && riscv_two_stage(rq)) {
        if (trail != NULL)
            mmu_arch_two_trail(mem, pmp, rq, slow, out, trail);
        else if (pmp != NULL)
            mmu_arch_two_pmp(mem, pmp, rq, slow, out);
        else
            mmu_arch_two(mem, rq, slow, out);
        return;
    }
    if (__builtin_expect(slow->format != MMU_FORMAT_RISCV, 0)) {
        mmu_arch_format(mem, pmp, rq, slow, out, trail);
        return;
    }
    guard_t *guard = pmp != NULL ? &(guard_t){.file = pmp, .sec = mmu_slow_sec(slow)} : NULL;
    const mmu_start_t start = riscv_start(rq);
    /* In locals, since the callbacks could change what `rq` points to for all that the compiler knows. */
    const riscv_mode_t *mode = riscv_mode(rq);
    const uint64_t va = rq->va;
    const bool wide = mode->wide;
    mmu_pos_t pos = start.pos;

    if (trail != NULL) {
        memset(trail, 0, sizeof *trail);
        trail->start = start.kind;
        trail->fault = start.fault;
    }
    if (start.kind == MMU_START_BARE) {
        *out = (mmu_arch_result_t){.pa = va & MMU_PA_MASK};
        if (guard != NULL)
            judge_access(guard, rq, out, trail);
        return;
    }
    if (start.kind == MMU_START_FAULT) {
        set_fault(out, rq, start.fault);
        return;
    }
    for (;;) {
        const mmu_addr_t at = {.addr = riscv_entry_addr(mode, va, pos), .wide = wide};
        mmu_pmp_decision_t why = UNGUARDED;
        uint64_t word;

        if (guard != NULL &&
            !allows(guard, at.addr, MMU_ACC_LOAD, word_size(wide), MMU_PRIV_S, trail != NULL ? &why : NULL)) {
            if (trail != NULL)
                trail_denied(trail, MMU_TRAIL_READ, pos, at, why);
            set_fault(out, rq, MMU_FAULT_ACCESS);
            return;
        }
        if (!mem->read(mem->user, at.addr, at.wide, &word)) {
            if (trail != NULL)
                trail_read(trail, pos, at, why, 0, NULL);
            set_fault(out, rq, MMU_FAULT_ACCESS);
            return;
        }
        mmu_step_t step = riscv_step(mode, rq, slow, pos, MMU_G_NONE, word);
        if (trail != NULL)
            trail_read(trail, pos, at, why, word, &step);
        if (step.kind == MMU_STEP_NEED_AD) {
            mmu_step_t after = step; /* a copy whose address is taken, so that `step` can stay in registers */

            set_ad(mem, guard, rq, slow, pos, at, word, &after, trail);
            step = after;
        }
        if (step.kind == MMU_STEP_READ) {
            pos = step.pos;
            continue;
        }
        if (step.kind == MMU_STEP_FAULT) {
            set_fault(out, rq, step.fault);
            return;
        }
        *out = (mmu_arch_result_t){.pa = mmu_entry_pa(step.entry, va),
                                   .entry = step.entry,
                                   .lg = mmu_entry_lg(step.entry),
                                   .mt = mmu_entry_mt(step.entry)};
        if (guard != NULL)
            judge_access(guard, rq, out, trail);
        return;
    }
}

void mmu_arch_translate(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                        mmu_arch_result_t *out)
{
    walk(mem, NULL, rq, slow, out, NULL);
}

void mmu_arch_translate_trail(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                              mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    walk(mem, NULL, rq, slow, out, trail);
}

void mmu_arch_translate_pmp(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                            const mmu_slow_t *slow, mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    if (trail != NULL)
        walk(mem, pmp, rq, slow, out, trail);
    else
        walk(mem, pmp, rq, slow, out, NULL);
}
