/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One translation as a sequence of accesses to memory; the bodies are in mmu_walk_inline.h.
 */
#include "arch/mmu_walk_inline.h"

void mmu_walk_begin(mmu_walk_t *walk, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    walk_begin(walk, rq, slow);
}

void mmu_walk_word(mmu_walk_t *walk, uint64_t word)
{
    walk_word(walk, word);
}

void mmu_walk_refused(mmu_walk_t *walk)
{
    walk_refused(walk);
}
