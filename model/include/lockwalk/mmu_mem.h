/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Sparse physical memory: one RAM range, words of 8 bytes, zero until they are written. Frames of 4 KiB are
 * allocated when they are first written, so a RAM of terabytes costs what is used of it.
 */
#ifndef LOCKWALK_MMU_MEM_H
#define LOCKWALK_MMU_MEM_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mmu_mem mmu_mem_t;

/* base and size in bytes, multiples of 8, base + size <= 2^56. NULL when the host has no memory left. */
mmu_mem_t *mmu_mem_create(uint64_t base, uint64_t size);
void mmu_mem_destroy(mmu_mem_t *mem);

uint64_t mmu_mem_base(const mmu_mem_t *mem);
uint64_t mmu_mem_size(const mmu_mem_t *mem);

/* True where all of [addr, addr + bytes) is RAM. */
bool mmu_mem_is_ram(const mmu_mem_t *mem, uint64_t addr, uint64_t bytes);

/* The aligned word at addr: 8 bytes when wide, else 4 in the low half. addr must be RAM and aligned. */
uint64_t mmu_mem_read(const mmu_mem_t *mem, uint64_t addr, bool wide);
void mmu_mem_write(mmu_mem_t *mem, uint64_t addr, bool wide, uint64_t word);

/* Calls back after each write that changed a word of 8 bytes, whoever wrote; NULL: nobody. */
typedef void mmu_mem_changed_t(void *user, uint64_t addr, uint64_t before, uint64_t after);
void mmu_mem_watch(mmu_mem_t *mem, mmu_mem_changed_t *changed, void *user);

/* Writes new_word iff the word equals old_word; returns the word before. */
uint64_t mmu_mem_cas(mmu_mem_t *mem, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word);

#ifdef __cplusplus
}
#endif
#endif
