/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Translation through both stages: mmu_walk.h's sequence of accesses with memory, physical protection and the trail
 * attached. Most walks meet nothing but pointers and leaves that grant; these are walked in registers first.
 */
#include "arch/mmu_arch_internal.h"
#include "arch/mmu_walk_inline.h"

#include <string.h>

/* The walk has found `entry`. */
static inline void found(guard_t *guard, const mmu_rq_t *rq, mmu_entry_t entry, mmu_arch_result_t *out,
                         mmu_arch_trail_t *trail)
{
    *out = (mmu_arch_result_t){.pa = mmu_entry_pa(entry, rq->va),
                               .entry = entry,
                               .lg = mmu_entry_lg(entry),
                               .mt = mmu_entry_mt(entry)};
    if (guard != NULL)
        judge_access(guard, rq, out, trail);
}

static void end_two(const mmu_walk_t *w, guard_t *guard, mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    if (w->fault == MMU_FAULT_NONE) {
        found(guard, &w->rq, w->entry, out, trail);
        return;
    }
    set_fault(out, &w->rq, w->fault);
    if (w->fault == MMU_FAULT_GUEST) {
        out->gpa = w->gpa & ~UINT64_C(3);
        out->imp = w->imp;
    }
}

/* A walk on its way, for who goes on with it. */
static void hand_over(mmu_walk_t *w, const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos,
                      mmu_entry_t first)
{
    *w = (mmu_walk_t){.rq = *rq, .slow = *slow, .two = true, .pos = pos, .first = first};
}

/* False: protection refuses it, or no RAM is there. */
static inline bool read_entry(const mmu_arch_mem_t *mem, guard_t *guard, uint64_t addr, bool wide,
                              uint64_t *word)
{
    return (guard == NULL || allows(guard, addr, MMU_ACC_LOAD, word_size(wide), MMU_PRIV_S, NULL)) &&
           mem->read(mem->user, addr, wide, word);
}

/* Most walks meet pointers and leaves that grant, and nothing else. These are walked here, in registers: true,
 * with the result. At the first thing of another kind the walk is handed over in `w`, as if it had come so far by
 * itself: false. */
__attribute__((always_inline)) static inline bool walk_two_hot(const mmu_arch_mem_t *mem, guard_t *guard,
                                                               const mmu_rq_t *rq, const mmu_slow_t *slow,
                                                               mmu_walk_t *w, mmu_arch_result_t *out)
{
    const riscv_mode_t *mode = riscv_mode(rq), *gmode = riscv_gmode(rq);
    const uint64_t va = rq->va;
    const mmu_start_t start = riscv_start(rq);
    const mmu_pos_t groot = riscv_gstart(rq, 0).pos;
    mmu_pos_t pos = start.pos, gpos = groot;
    mmu_entry_t first = RISCV_BARE_ENTRY;
    uint8_t what = MMU_G_FINAL;
    uint64_t gpa = va, word = 0;

    if (start.kind != MMU_START_WALK) {
        walk_begin(w, rq, slow);
        return false;
    }
    if (mode->root_level != 0) {
        what = MMU_G_ENTRY;
        gpa = riscv_entry_addr(mode, va, pos);
    }
    for (;;) {
        mmu_step_t step;
        uint64_t addr;

        if (gpa >> gmode->gpa_bits != 0) {
            hand_over(w, rq, slow, pos, first);
            walk_g(w, what, gpa);
            return false;
        }
        gpos = groot;
        do {
            addr = riscv_gentry_addr(gmode, gpa, gpos);
            if (!read_entry(mem, guard, addr, gmode->wide, &word)) {
                set_fault(out, rq, MMU_FAULT_ACCESS);
                return true;
            }
            step = riscv_step(gmode, rq, slow, gpos, what, word);
            if (step.kind == MMU_STEP_READ)
                gpos = step.pos;
        } while (step.kind == MMU_STEP_READ);
        if (step.kind != MMU_STEP_LEAF) {
            hand_over(w, rq, slow, pos, first);
            w->kind = MMU_WALK_READ;
            w->stage = 1;
            w->what = what;
            w->wide = gmode->wide;
            w->gpa = gpa;
            w->gpos = gpos;
            w->addr = addr;
            break;
        }
        if (what == MMU_G_FINAL) {
            found(guard, rq, riscv_combine(first, step.entry, gpa), out, NULL);
            return true;
        }
        addr = mmu_entry_pa(step.entry, gpa);
        if (!read_entry(mem, guard, addr, mode->wide, &word)) {
            set_fault(out, rq, MMU_FAULT_ACCESS);
            return true;
        }
        step = riscv_step(mode, rq, slow, pos, MMU_G_NONE, word);
        if (step.kind == MMU_STEP_READ) {
            pos = step.pos;
            gpa = riscv_entry_addr(mode, va, pos);
        } else if (step.kind == MMU_STEP_LEAF) {
            first = step.entry;
            what = MMU_G_FINAL;
            gpa = mmu_entry_pa(first, va);
        } else {
            hand_over(w, rq, slow, pos, first);
            w->kind = MMU_WALK_READ;
            w->wide = mode->wide;
            w->gpa = gpa;
            w->addr = addr;
            break;
        }
    }
    walk_word(w, word);
    return false;
}

/* Inline in each of its callers, like the other walk below. */
__attribute__((always_inline)) static inline void walk_two(const mmu_arch_mem_t *mem,
                                                           const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                                                           const mmu_slow_t *slow, mmu_arch_result_t *out,
                                                           mmu_arch_trail_t *trail)
{
    guard_t *guard = pmp != NULL ? &(guard_t){.file = pmp, .sec = mmu_slow_sec(slow)} : NULL;
    mmu_walk_t w;

    if (trail == NULL) {
        if (walk_two_hot(mem, guard, rq, slow, &w, out))
            return;
    } else {
        walk_begin(&w, rq, slow);
    }
    if (trail != NULL) {
        memset(trail, 0, sizeof *trail);
        trail->start = w.kind == MMU_WALK_END ? MMU_START_FAULT : MMU_START_WALK;
        trail->fault = w.fault;
    }
    while (w.kind != MMU_WALK_END) {
        const uint8_t acc = w.kind == MMU_WALK_READ ? MMU_ACC_LOAD : MMU_ACC_STORE;
        mmu_pmp_decision_t why = UNGUARDED;
        uint64_t word = 0;

        /* Implicit accesses are S's (Priv 3.7.2), those of the G stage too. */
        const bool denied = guard != NULL && !allows(guard, w.addr, acc, word_size(w.wide), MMU_PRIV_S,
                                                     trail != NULL ? &why : NULL);
        if (denied || !access_memory(mem, &w, &word)) {
            if (trail != NULL)
                trail_refused(trail, &w, why, denied);
            walk_refused(&w);
        } else if (trail != NULL) {
            const mmu_trail_step_t step = trail_of(&w, why);
            const uint64_t old_word = w.old_word;

            walk_word(&w, word);
            trail_word(trail, &w, step, old_word, word);
        } else {
            walk_word(&w, word);
        }
    }
    end_two(&w, guard, out, trail);
}

void mmu_arch_two(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                  mmu_arch_result_t *out)
{
    walk_two(mem, NULL, rq, slow, out, NULL);
}

void mmu_arch_two_pmp(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                      const mmu_slow_t *slow, mmu_arch_result_t *out)
{
    walk_two(mem, pmp, rq, slow, out, NULL);
}

void mmu_arch_two_trail(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                        const mmu_slow_t *slow, mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    walk_two(mem, pmp, rq, slow, out, trail);
}
