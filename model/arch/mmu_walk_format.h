/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * mmu_walk_begin and mmu_walk_word (lockwalk/mmu_walk.h) of the formats that have one stage: all but riscv.
 */
#ifndef LOCKWALK_ARCH_MMU_WALK_FORMAT_H
#define LOCKWALK_ARCH_MMU_WALK_FORMAT_H

#include "lockwalk/mmu_walk.h"

void mmu_walk_format_begin(mmu_walk_t *walk, const mmu_rq_t *rq, const mmu_slow_t *slow);
void mmu_walk_format_word(mmu_walk_t *walk, uint64_t word);

#endif
