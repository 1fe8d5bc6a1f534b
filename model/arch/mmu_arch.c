/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The architectural model. The walk is written once, with an optional trail; the two public functions are
 * that walk with and without it, so that the plain one carries no test for a trail.
 */
#include "lockwalk/mmu_arch.h"

#include <string.h>

static inline void set_fault(mmu_arch_result_t *out, const mmu_rq_t *rq, uint8_t fault)
{
    *out = (mmu_arch_result_t){.tval = rq->va, .fault = fault, .cause = mmu_riscv_cause(fault, rq->acc)};
}

/* The trail's next step; one that nobody reads where the trail is full. */
static mmu_trail_step_t *trail_next(mmu_arch_trail_t *trail, mmu_trail_step_t *spare)
{
    unsigned n = trail->count++;
    return n < MMU_TRAIL_STEPS ? &trail->step[n] : spare;
}

static inline void walk(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                        mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    mmu_trail_step_t spare;
    mmu_start_t start = mmu_riscv_start(rq, slow);

    if (trail != NULL) {
        memset(trail, 0, sizeof *trail);
        trail->start = start.kind;
        trail->fault = start.fault;
    }
    if (start.kind == MMU_START_BARE) {
        *out = (mmu_arch_result_t){.pa = rq->va & MMU_PA_MASK};
        return;
    }
    if (start.kind == MMU_START_FAULT) {
        set_fault(out, rq, start.fault);
        return;
    }

    mmu_pos_t pos = start.pos;
    mmu_addr_t at = mmu_riscv_addr(rq, pos);
    uint64_t word = 0;
    bool ok = mem->read(mem->user, at.addr, at.wide, &word);

    for (;;) {
        if (trail != NULL)
            *trail_next(trail, &spare) = (mmu_trail_step_t){.addr = at.addr,
                                                            .word = word,
                                                            .op = MMU_TRAIL_READ,
                                                            .level = (uint8_t)mmu_pos_level(pos),
                                                            .wide = at.wide,
                                                            .error = !ok};
        if (!ok) {
            set_fault(out, rq, MMU_FAULT_ACCESS);
            return;
        }
        mmu_step_t step = mmu_riscv_step(rq, slow, pos, word);
        if (trail != NULL && trail->count <= MMU_TRAIL_STEPS) {
            trail->step[trail->count - 1].kind = step.kind;
            trail->step[trail->count - 1].rule = step.rule;
        }
        switch (step.kind) {
        case MMU_STEP_READ:
            pos = step.pos;
            at = mmu_riscv_addr(rq, pos);
            ok = mem->read(mem->user, at.addr, at.wide, &word);
            continue;
        case MMU_STEP_FAULT:
            set_fault(out, rq, step.fault);
            return;
        case MMU_STEP_NEED_AD: {
            uint64_t before = word;
            ok = mem->cas(mem->user, at.addr, at.wide, word, step.new_word, &before);
            bool lost = ok && before != word;
            if (trail != NULL)
                *trail_next(trail, &spare) = (mmu_trail_step_t){.addr = at.addr,
                                                                .word = before,
                                                                .new_word = step.new_word,
                                                                .op = MMU_TRAIL_CAS,
                                                                .level = (uint8_t)mmu_pos_level(pos),
                                                                .wide = at.wide,
                                                                .error = !ok,
                                                                .lost = lost};
            if (!ok) {
                set_fault(out, rq, MMU_FAULT_ACCESS);
                return;
            }
            if (lost) {
                /* Somebody changed the word: judge the one that is there now (Priv 4.3.2 step 7). */
                word = before;
                continue;
            }
            break;
        }
        default:
            break;
        }
        /* A leaf whose A and D are as they must be. */
        *out = (mmu_arch_result_t){.pa = mmu_entry_pa(step.entry, rq->va),
                                   .entry = step.entry,
                                   .lg = mmu_entry_lg(step.entry),
                                   .mt = mmu_entry_mt(step.entry)};
        return;
    }
}

void mmu_arch_translate(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                        mmu_arch_result_t *out)
{
    walk(mem, rq, slow, out, NULL);
}

void mmu_arch_translate_trail(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                              mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    walk(mem, rq, slow, out, trail);
}
