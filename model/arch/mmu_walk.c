/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One translation as a sequence of accesses to memory. The bodies of riscv, which has two stages, are in
 * mmu_walk_inline.h; those of the other formats are in mmu_walk_format.c.
 */
#include "arch/mmu_walk_format.h"
#include "arch/mmu_walk_inline.h"

#include <assert.h>

void mmu_walk_begin(mmu_walk_t *walk, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    if (slow->format == MMU_FORMAT_RISCV)
        walk_begin(walk, rq, slow);
    else
        mmu_walk_format_begin(walk, rq, slow);
}

void mmu_walk_word(mmu_walk_t *walk, uint64_t word)
{
    if (walk->slow.format == MMU_FORMAT_RISCV)
        walk_word(walk, word);
    else
        mmu_walk_format_word(walk, word);
}

void mmu_walk_refused(mmu_walk_t *walk)
{
    walk_refused(walk);
}

uint64_t mmu_walk_pa(const mmu_walk_t *walk)
{
    assert(walk->kind == MMU_WALK_END && walk->fault == MMU_FAULT_NONE);
    if (walk->bare)
        return (walk->rq.va + walk->base) & MMU_PA_MASK;
    return mmu_format(walk->slow.format)->pa(&walk->rq, &walk->slow, walk->entry);
}

uint8_t mmu_walk_cause(const mmu_walk_t *walk)
{
    return mmu_format(walk->slow.format)->cause(walk->fault, &walk->rq, &walk->slow);
}
