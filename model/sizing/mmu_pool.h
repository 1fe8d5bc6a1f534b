/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Threads that do numbered tasks while their owner prepares the next ones.
 */
#ifndef LOCKWALK_SIZING_MMU_POOL_H
#define LOCKWALK_SIZING_MMU_POOL_H

typedef struct mmu_pool mmu_pool_t;

/* helpers: threads beside the caller's; 0, or where none can be started: tasks are done in mmu_pool_start. NULL: no
 * memory. */
mmu_pool_t *mmu_pool_new(unsigned helpers);
void mmu_pool_free(mmu_pool_t *pool);

/* Begins task(user, 0) … task(user, count - 1), in any order and at once. All earlier ones must have been waited for. */
void mmu_pool_start(mmu_pool_t *pool, void (*task)(void *user, unsigned n), void *user, unsigned count);
/* Helps, and returns when all tasks are done. */
void mmu_pool_wait(mmu_pool_t *pool);

#endif
