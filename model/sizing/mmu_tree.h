/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Hierarchies: pairs of first levels (instruction, data), each in front of every second level, all LRU.
 *
 *     ids, side ─→ one row of recent pages a set, a number of sets and a side ─→ which first levels miss ─┬─→ L2 grid
 *                                                                                                         └─→ L2 grid …
 */
#ifndef LOCKWALK_SIZING_MMU_TREE_H
#define LOCKWALK_SIZING_MMU_TREE_H

#include "lockwalk/mmu_sizing.h"
#include "lockwalk/mmu_sizing_engine.h"

typedef struct mmu_tree mmu_tree_t;

/* First levels number from … to - 1 of the options (at most 64). NULL: no memory. */
mmu_tree_t *mmu_tree_new(const mmu_sweep_options_t *opt, unsigned from, unsigned to);
void mmu_tree_free(mmu_tree_t *tree);

/* The block's ids are packed: id · 2 + side (0 instruction, 1 data). False: no memory. */
bool mmu_tree_feed(mmu_tree_t *tree, const mmu_page_block_t *packed);
void mmu_tree_clear(mmu_tree_t *tree);

/* Of first level n (by its number in the options); the second level is looked up where either side missed. */
uint64_t mmu_tree_l1_misses(const mmu_tree_t *tree, unsigned n, unsigned side);
uint64_t mmu_tree_l2_misses(const mmu_tree_t *tree, unsigned n, unsigned l2);

#endif
