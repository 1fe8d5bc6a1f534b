/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The walk of one stage with whatever format is in force, through its table of functions (FRM):
 *
 *     start ──→ read at `pos` ──→ step ─┬─ read: at the new pos
 *                                       ├─ A/D: swap ──────────────────┬─→ leaf
 *                                       ├─ read after A: swap ─────────┴─→ read at the new pos
 *                                       │        └─ lost: step with the word that was there
 *                                       └─ leaf, fault
 */
#include "arch/mmu_walk_format.h"

#include <assert.h>

static void end(mmu_walk_t *w, uint8_t fault)
{
    w->kind = MMU_WALK_END;
    w->fault = fault;
}

static void read_at(mmu_walk_t *w, const mmu_format_t *format, mmu_pos_t pos)
{
    const mmu_addr_t at = format->addr(&w->rq, &w->slow, pos);

    w->pos = pos;
    w->kind = MMU_WALK_READ;
    w->addr = at.addr;
    w->wide = at.wide;
    w->old_word = w->new_word = 0;
    w->more = false;
}

static void leaf(mmu_walk_t *w, mmu_entry_t entry)
{
    w->entry = entry;
    w->flg = mmu_entry_lg(entry);
    end(w, MMU_FAULT_NONE);
}

static void swap(mmu_walk_t *w, uint64_t word, const mmu_step_t *step)
{
    w->kind = MMU_WALK_SWAP;
    w->old_word = word;
    w->new_word = step->new_word;
    w->more = step->kind == MMU_STEP_READ_AD;
    w->next = w->more ? step->pos : 0;
    w->first = w->more ? 0 : step->entry;
}

void mmu_walk_format_begin(mmu_walk_t *walk, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    const mmu_format_t *format = mmu_format(slow->format);

    assert(format != NULL);
    const mmu_start_t start = format->start(rq, slow);
    *walk = (mmu_walk_t){.rq = *rq, .slow = *slow};
    switch (start.kind) {
    case MMU_START_BARE:
        walk->bare = true;
        walk->base = start.base;
        end(walk, MMU_FAULT_NONE);
        break;
    case MMU_START_FAULT:
        end(walk, start.fault);
        break;
    default:
        read_at(walk, format, start.pos);
    }
}

void mmu_walk_format_word(mmu_walk_t *walk, uint64_t word)
{
    const mmu_format_t *format = mmu_format(walk->slow.format);

    if (!walk->wide)
        word &= UINT32_MAX;
    if (walk->kind == MMU_WALK_SWAP && word == walk->old_word) {
        if (walk->more)
            read_at(walk, format, walk->next);
        else
            leaf(walk, walk->first);
        return;
    }
    const mmu_step_t step = format->step(&walk->rq, &walk->slow, walk->pos, word);
    walk->step = step.kind;
    walk->rule = step.rule;
    switch (step.kind) {
    case MMU_STEP_READ:
        read_at(walk, format, step.pos);
        break;
    case MMU_STEP_LEAF:
        leaf(walk, step.entry);
        break;
    case MMU_STEP_NEED_AD:
    case MMU_STEP_READ_AD:
        swap(walk, word, &step);
        break;
    default:
        end(walk, step.fault);
    }
}
