/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager: a minimal operating system. It owns the frames of a memory and one Sv39 address space, whose
 * page tables it builds on first touch: a page fault is answered by mapping the page, or (Svade) by setting
 * its A and D bits. It only ever adds rights, so it never needs a fence (docs/microarchitecture.md, FNC).
 *
 * Beside the tables it keeps its own list of what it mapped. mmu_pager_find reads that list and not the
 * tables, so that an answer of the MMU can be judged without trusting the way the MMU reads tables.
 */
#ifndef LOCKWALK_MMU_PAGER_H
#define LOCKWALK_MMU_PAGER_H

#include "lockwalk/mmu_mem.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which page size a virtual address gets (docs/traces.md, "Huge pages"). */
typedef enum {
    MMU_HUGE_NEVER = 0, /* 4 KiB pages only */
    MMU_HUGE_2M = 1,    /* 2 MiB pages only */
    MMU_HUGE_1G = 2,    /* 1 GiB pages only */
    MMU_HUGE_MIXED = 3  /* all three, by a hash of the region */
} mmu_huge_e;

/* Virtual addresses of user mode that Sv39 has: 2^38 bytes. */
#define MMU_PAGER_VA_BITS 38

typedef struct {
    uint64_t va;       /* of the page's first byte, folded */
    uint64_t pa;       /* of the page's first byte */
    uint64_t pte_addr; /* where its leaf stands */
    uint64_t clock;    /* when the pager mapped it */
    uint8_t lg;        /* 12, 21 or 30 */
} mmu_page_t;

typedef enum {
    MMU_PAGER_MAPPED = 0,   /* a page was mapped */
    MMU_PAGER_AD_SET = 1,   /* A or D was set in a leaf */
    MMU_PAGER_NOTHING = 2,  /* the leaf grants this access already: somebody read an older word */
    MMU_PAGER_NO_MEMORY = 3 /* no frame is left */
} mmu_pager_served_e;

typedef struct mmu_pager mmu_pager_t;

/* NULL when there is no frame for the root, or no host memory. The memory must outlive the pager. */
mmu_pager_t *mmu_pager_create(mmu_mem_t *mem, mmu_huge_e huge, bool svade);
void mmu_pager_destroy(mmu_pager_t *pager);

/* satp.PPN. */
uint64_t mmu_pager_root(const mmu_pager_t *pager);

/* Any 64-bit address to one of MMU_PAGER_VA_BITS bits. What fits stays, bits 20:0 always stay; two pages that
 * meet become one page (docs/traces.md, "Wide addresses"). */
uint64_t mmu_pager_fold(uint64_t va);

/* log2 of the size of the page that this (folded) address is in, mapped or not. */
unsigned mmu_pager_lg(mmu_huge_e huge, uint64_t va);

/* The page of this (folded) address as the pager mapped it; NULL where it has not. The pointer is good until
 * the next mmu_pager_serve. */
const mmu_page_t *mmu_pager_find(mmu_pager_t *pager, uint64_t va);

/* Answers a page fault of an access (mmu_acc_e) to a folded address in this clock. */
mmu_pager_served_e mmu_pager_serve(mmu_pager_t *pager, uint64_t va, uint8_t acc, uint64_t clock);

#ifdef __cplusplus
}
#endif
#endif
