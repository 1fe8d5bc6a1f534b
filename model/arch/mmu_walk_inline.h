/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The bodies of mmu_walk_begin, mmu_walk_word and mmu_walk_refused (lockwalk/mmu_walk.h), for the architectural
 * model, which takes them inline. What the order of a two-stage translation is stands here once: hypervisor
 * extension, "Two-Stage Address Translation" (Priv 8.5).
 *
 *     first stage's entry at `pos` ──gpa──→ G stage (GEntry) ──→ read ──→ step ─┬─ pointer: again, one level down
 *                                                                              ├─ A/D: G stage (GUpdate) → swap ─┐
 *                                                                              └─ leaf ──────────────────────────┤
 *                                                     entry ←── combine ←── G stage (GFinal) ←─────────gpa───────┘
 *
 * Without a G stage the arrows through it are no steps at all.
 */
#ifndef LOCKWALK_ARCH_MMU_WALK_INLINE_H
#define LOCKWALK_ARCH_MMU_WALK_INLINE_H

#include "lockwalk/mmu_walk.h"

#include "arch/format/riscv_inline.h"

static inline void walk_end(mmu_walk_t *w, uint8_t fault)
{
    w->kind = MMU_WALK_END;
    w->fault = fault;
    /* Which access it was, where the G stage refuses: REQ-8. */
    w->imp = fault != MMU_FAULT_GUEST || w->what == MMU_G_FINAL ? 0 : w->what == MMU_G_ENTRY ? 1 : 2;
}

static inline void walk_read_g(mmu_walk_t *w)
{
    w->addr = riscv_gentry_addr(riscv_gmode(&w->rq), w->gpa, w->gpos);
    w->kind = MMU_WALK_READ;
}

/* Where does this guest physical address stand? GST-2. */
static inline void walk_g(mmu_walk_t *w, uint8_t what, uint64_t gpa)
{
    const mmu_start_t start = riscv_gstart(&w->rq, gpa);

    w->stage = 1;
    w->what = what;
    w->gpa = gpa;
    if (start.kind == MMU_START_FAULT) {
        walk_end(w, start.fault);
        return;
    }
    w->wide = riscv_gmode(&w->rq)->wide;
    w->gpos = start.pos;
    walk_read_g(w);
}

/* The first stage's entry at `pos` is to be read. */
static inline void walk_entry(mmu_walk_t *w)
{
    const riscv_mode_t *mode = riscv_mode(&w->rq);
    const uint64_t addr = riscv_entry_addr(mode, w->rq.va, w->pos);

    if (w->two) {
        walk_g(w, MMU_G_ENTRY, addr);
        return;
    }
    w->wide = mode->wide;
    w->addr = addr;
    w->kind = MMU_WALK_READ;
}

/* The first stage's leaf is found, and A and D are as they must be. */
static inline void walk_leaf(mmu_walk_t *w)
{
    if (w->two) {
        walk_g(w, MMU_G_FINAL, mmu_entry_pa(w->first, w->rq.va));
        return;
    }
    w->entry = w->first;
    w->flg = mmu_entry_lg(w->first);
    walk_end(w, MMU_FAULT_NONE);
}

/* The G stage's leaf is found, and A and D are as they must be: WALK-15. */
static inline void walk_g_leaf(mmu_walk_t *w, mmu_entry_t g)
{
    if (w->what == MMU_G_FINAL) {
        w->entry = riscv_combine(w->first, g, w->gpa);
        w->flg = mmu_entry_lg(w->rq.ctx.mode == MMU_MODE_BARE ? w->entry : w->first);
        walk_end(w, MMU_FAULT_NONE);
        return;
    }
    w->addr = mmu_entry_pa(g, w->gpa);
    w->wide = riscv_mode(&w->rq)->wide;
    w->stage = 0;
    if (w->what == MMU_G_UPDATE) {
        w->kind = MMU_WALK_SWAP;
        w->old_word = w->word;
        w->new_word = w->update;
    } else {
        w->kind = MMU_WALK_READ;
    }
    w->what = MMU_G_NONE;
}

static inline void walk_swap(mmu_walk_t *w, uint64_t word, uint64_t new_word)
{
    w->kind = MMU_WALK_SWAP;
    w->old_word = word;
    w->new_word = new_word;
}

static inline void walk_word_g(mmu_walk_t *w, uint64_t word)
{
    const riscv_mode_t *mode = riscv_gmode(&w->rq);
    mmu_step_t step;

    if (w->kind == MMU_WALK_SWAP && ((word ^ w->old_word) & mode->word) == 0) {
        walk_g_leaf(w, w->g);
        return;
    }
    step = riscv_step(mode, &w->rq, &w->slow, w->gpos, w->what, word);
    w->step = step.kind;
    w->rule = step.rule;
    switch (step.kind) {
    case MMU_STEP_READ:
        w->gpos = step.pos;
        walk_read_g(w);
        break;
    case MMU_STEP_LEAF:
        walk_g_leaf(w, step.entry);
        break;
    case MMU_STEP_NEED_AD:
        w->g = step.entry;
        walk_swap(w, word & mode->word, step.new_word);
        break;
    default:
        walk_end(w, step.fault);
    }
}

static inline void walk_word_first(mmu_walk_t *w, uint64_t word)
{
    const riscv_mode_t *mode = riscv_mode(&w->rq);
    mmu_step_t step;

    if (w->kind == MMU_WALK_SWAP && ((word ^ w->old_word) & mode->word) == 0) {
        walk_leaf(w);
        return;
    }
    step = riscv_step(mode, &w->rq, &w->slow, w->pos, MMU_G_NONE, word);
    w->step = step.kind;
    w->rule = step.rule;
    switch (step.kind) {
    case MMU_STEP_READ:
        w->pos = step.pos;
        walk_entry(w);
        break;
    case MMU_STEP_LEAF:
        w->first = step.entry;
        walk_leaf(w);
        break;
    case MMU_STEP_NEED_AD:
        w->first = step.entry;
        w->word = word & mode->word;
        w->update = step.new_word;
        /* The entry that was read is written, and the G stage asked anew: now it is a store. */
        if (w->two)
            walk_g(w, MMU_G_UPDATE, riscv_entry_addr(mode, w->rq.va, w->pos));
        else
            walk_swap(w, w->word, step.new_word);
        break;
    default:
        walk_end(w, step.fault);
    }
}

static inline void walk_word(mmu_walk_t *w, uint64_t word)
{
    if (w->stage != 0)
        walk_word_g(w, word);
    else
        walk_word_first(w, word);
}

static inline void walk_refused(mmu_walk_t *w)
{
    walk_end(w, MMU_FAULT_ACCESS);
}

static inline void walk_begin(mmu_walk_t *w, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    const mmu_start_t start = riscv_start(rq);

    *w = (mmu_walk_t){.rq = *rq, .slow = *slow, .two = riscv_two_stage(rq), .pos = start.pos};
    if (start.kind == MMU_START_BARE) {
        w->bare = true;
        walk_end(w, MMU_FAULT_NONE);
    } else if (start.kind == MMU_START_FAULT) {
        if (start.fault == MMU_FAULT_GUEST) {
            w->what = MMU_G_FINAL;
            w->stage = 1;
            w->gpa = rq->va;
        }
        walk_end(w, start.fault);
    } else if (w->two && rq->ctx.mode == MMU_MODE_BARE) {
        w->first = RISCV_BARE_ENTRY;
        walk_g(w, MMU_G_FINAL, rq->va);
    } else {
        walk_entry(w);
    }
}

#endif
