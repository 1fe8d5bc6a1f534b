/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Translation by another format than riscv: mmu_walk.h's sequence of accesses with memory, physical
 * protection and the trail attached.
 */
#include "arch/mmu_arch_internal.h"

#include <string.h>

static void fault(const mmu_walk_t *w, uint8_t kind, mmu_arch_result_t *out)
{
    *out = (mmu_arch_result_t){
        .tval = w->rq.va, .fault = kind, .cause = mmu_format(w->slow.format)->cause(kind, &w->rq, &w->slow)};
}

static void finish(const mmu_walk_t *w, guard_t *guard, mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    if (w->fault != MMU_FAULT_NONE) {
        fault(w, w->fault, out);
        return;
    }
    *out = (mmu_arch_result_t){
        .pa = mmu_walk_pa(w), .entry = w->entry, .lg = mmu_entry_lg(w->entry), .mt = mmu_entry_mt(w->entry)};
    if (guard != NULL && !access_allowed(guard, &w->rq, out->pa, trail))
        fault(w, MMU_FAULT_ACCESS, out);
}

/* One access of the walk. */
static void go_on(mmu_walk_t *w, const mmu_arch_mem_t *mem, guard_t *guard, mmu_arch_trail_t *trail)
{
    const uint8_t acc = w->kind == MMU_WALK_READ ? MMU_ACC_LOAD : MMU_ACC_STORE;
    mmu_pmp_decision_t why = UNGUARDED;
    uint64_t word = 0;

    /* Implicit accesses are S's (WALK-12). */
    const bool denied = guard != NULL && !allows(guard, w->addr, acc, word_size(w->wide), MMU_PRIV_S,
                                                 trail != NULL ? &why : NULL);
    if (denied || !access_memory(mem, w, &word)) {
        if (trail != NULL)
            trail_refused(trail, w, why, denied);
        mmu_walk_refused(w);
    } else if (trail != NULL) {
        const mmu_trail_step_t step = trail_of(w, why);
        const uint64_t old_word = w->old_word;

        mmu_walk_word(w, word);
        trail_word(trail, w, step, old_word, word);
    } else {
        mmu_walk_word(w, word);
    }
}

void mmu_arch_format(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                     const mmu_slow_t *slow, mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    guard_t *guard = pmp != NULL ? &(guard_t){.file = pmp, .sec = mmu_slow_sec(slow)} : NULL;
    mmu_walk_t w;

    mmu_walk_begin(&w, rq, slow);
    if (trail != NULL) {
        memset(trail, 0, sizeof *trail);
        trail->start = w.kind != MMU_WALK_END ? MMU_START_WALK : w.bare ? MMU_START_BARE : MMU_START_FAULT;
        trail->fault = w.fault;
    }
    while (w.kind != MMU_WALK_END)
        go_on(&w, mem, guard, trail);
    finish(&w, guard, out, trail);
}
