/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The architectural model. Each walk is written once, with an optional trail and optional physical protection;
 * the public functions are that walk with and without them, so that the plain one carries no test for either.
 * A translation with a G stage is mmu_walk.h's sequence of accesses with memory attached. One without has a walk
 * of its own here, with the format inline: it judges every answer of a long run.
 */
#include "lockwalk/mmu_arch.h"

#include "arch/mmu_walk_inline.h"

#include <string.h>

static void set_fault(mmu_arch_result_t *out, const mmu_rq_t *rq, uint8_t fault)
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

static void trail_add(mmu_arch_trail_t *trail, const mmu_trail_step_t *step)
{
    if (trail->count < MMU_TRAIL_STEPS)
        trail->step[trail->count] = *step;
    trail->count++;
}

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

/* PA is known; the access itself is judged last (PMP-3). */
static void judge_access(guard_t *guard, const mmu_rq_t *rq, mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    mmu_pmp_decision_t why = UNGUARDED;
    const bool allowed = allows(guard, out->pa, rq->acc, rq->size, rq->prv, trail != NULL ? &why : NULL);

    if (trail != NULL)
        trail_add(trail, &(mmu_trail_step_t){
                             .addr = out->pa, .op = MMU_TRAIL_FINAL, .denied = !allowed, .pmp = why});
    if (!allowed)
        set_fault(out, rq, MMU_FAULT_ACCESS);
}

/* ---- with a G stage ------------------------------------------------------------------------------------- */

/* What the trail says of the access that comes next, before its word is known. */
static mmu_trail_step_t trail_of(const mmu_walk_t *w, mmu_pmp_decision_t why)
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

static void trail_refused(mmu_arch_trail_t *trail, const mmu_walk_t *w, mmu_pmp_decision_t why, bool denied)
{
    mmu_trail_step_t step = trail_of(w, why);

    step.denied = denied;
    step.error = !denied;
    trail_add(trail, &step);
}

/* `step` is of before the word, `w` as it is after it. A compare-and-swap that lost is two steps: the word that
 * was there is judged like one that was read. */
static void trail_word(mmu_arch_trail_t *trail, const mmu_walk_t *w, mmu_trail_step_t step, uint64_t old_word,
                       uint64_t word)
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

/* Apart from the single-stage walk, so that nothing of it weighs on that one. */
__attribute__((noinline)) static void walk_two_plain(const mmu_arch_mem_t *mem, const mmu_rq_t *rq,
                                                     const mmu_slow_t *slow, mmu_arch_result_t *out)
{
    walk_two(mem, NULL, rq, slow, out, NULL);
}

__attribute__((noinline)) static void walk_two_pmp(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp,
                                                   const mmu_rq_t *rq, const mmu_slow_t *slow,
                                                   mmu_arch_result_t *out)
{
    walk_two(mem, pmp, rq, slow, out, NULL);
}

__attribute__((noinline)) static void walk_two_told(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp,
                                                    const mmu_rq_t *rq, const mmu_slow_t *slow,
                                                    mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    walk_two(mem, pmp, rq, slow, out, trail);
}

/* ---- with one stage, or none ---------------------------------------------------------------------------- */

/* Inline in each of its callers: without a trail, or without physical protection, nothing of it is left. */
__attribute__((always_inline)) static inline void walk(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp,
                                                       const mmu_rq_t *rq, const mmu_slow_t *slow,
                                                       mmu_arch_result_t *out, mmu_arch_trail_t *trail)
{
    if (__builtin_expect(rq->ctx.v, 0) && riscv_two_stage(rq)) {
        if (trail != NULL)
            walk_two_told(mem, pmp, rq, slow, out, trail);
        else if (pmp != NULL)
            walk_two_pmp(mem, pmp, rq, slow, out);
        else
            walk_two_plain(mem, rq, slow, out);
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
