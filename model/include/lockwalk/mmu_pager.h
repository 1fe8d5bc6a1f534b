/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager: a minimal operating system. It owns the frames of a memory and one address space, whose tables it
 * builds on first touch, in any format (docs/microarchitecture.md, FRM): a page fault is answered by mapping the
 * page, or (Svade) by setting its A and D bits. It only ever adds rights, so it never needs a fence.
 *
 * Beside the tables it keeps its own list of what it mapped. mmu_pager_find reads that list and not the
 * tables, so that an answer of the MMU can be judged without trusting the way the MMU reads tables.
 *
 *     a trace's address ─ mmu_pager_place ─→ folded address ─→ the MMU ─→ fault ─→ mmu_pager_serve
 *                          (docs/traces.md, "Wide addresses")          └→ answer ─→ mmu_pager_find
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
    MMU_HUGE_2M = 1,    /* 2 MiB pages only (4 MiB in x86's 2-level paging) */
    MMU_HUGE_1G = 2,    /* 1 GiB pages only */
    MMU_HUGE_MIXED = 3  /* all three, by a hash of the region */
} mmu_huge_e;

/* ctx.mode of x86 (X86). */
enum { MMU_X86_2LEVEL = 1, MMU_X86_PAE = 2, MMU_X86_PML4 = 3, MMU_X86_PML5 = 4 };

/* Virtual addresses of user mode that Sv39 has: 2^38 bytes. */
#define MMU_PAGER_VA_BITS 38

/* Zero is Sv39 with 4 KiB pages, A and D set by the hardware. */
typedef struct {
    uint8_t format;  /* mmu_format_e */
    uint8_t mode;    /* x86: MMU_X86_2LEVEL ...; 0: MMU_X86_PML4 */
    uint8_t plg;     /* classical formats: log2 of the page size, 9..16; 0: 12 */
    uint8_t rows_lg; /* inverted: log2 of the rows; 0: 16, with a linear search 11 */
    bool linear;     /* inverted: search row by row */
    bool svade;      /* the pager sets A and D */
    mmu_huge_e huge; /* riscv, x86 */
    uint16_t asid;   /* of the address space */
} mmu_pager_options_t;

typedef struct {
    uint64_t va;       /* of the page's first byte, folded */
    uint64_t pa;       /* of the page's first byte: an address in it is at pa + (address - va) */
    uint64_t pte_addr; /* where the word with its A and D stands */
    uint64_t clock;    /* when the pager mapped it */
    uint8_t lg;        /* as in an answer: 9 to 30; 0 where the format has no pages */
} mmu_page_t;

typedef enum {
    MMU_PAGER_MAPPED = 0,   /* a page was mapped */
    MMU_PAGER_AD_SET = 1,   /* A or D was set in a leaf */
    MMU_PAGER_NOTHING = 2,  /* the leaf grants this access already: somebody read an older word */
    MMU_PAGER_NO_MEMORY = 3 /* no frame is left */
} mmu_pager_served_e;

typedef struct mmu_pager mmu_pager_t;

/* NULL when there is no frame for the first tables, or no host memory. The memory must outlive the pager. */
mmu_pager_t *mmu_pager_create_format(mmu_mem_t *mem, const mmu_pager_options_t *options);
/* The same for riscv. */
mmu_pager_t *mmu_pager_create(mmu_mem_t *mem, mmu_huge_e huge, bool svade);
void mmu_pager_destroy(mmu_pager_t *pager);

/* satp.PPN, CR3[55:12], the table's frame; base (in bytes) of `bounds`. */
uint64_t mmu_pager_root(const mmu_pager_t *pager);

/* Context and slow registers of the address space; what is not the format's is 0. They change in `bounds` only,
 * whose bound grows. */
void mmu_pager_registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow);

/* Bit n: mmu_pager_serve answers faults of kind n (mmu_fault_e). */
uint32_t mmu_pager_serves(const mmu_pager_t *pager);

/* ---- addresses ---------------------------------------------------------------------------------- */

/* Sv39: any 64-bit address to one of MMU_PAGER_VA_BITS bits. What fits stays, bits 20:0 always stay; two pages that
 * meet become one page (docs/traces.md, "Wide addresses"). */
uint64_t mmu_pager_fold(uint64_t va);

/* Any format: an address of a trace to one that the format has. Where regions are packed the order of calls
 * matters. False: no room for another region. */
bool mmu_pager_place(mmu_pager_t *pager, uint64_t va, uint64_t *folded);

/* Addresses below 2^(so many bits) stay as they are; 0: regions are packed. */
unsigned mmu_pager_open_bits(const mmu_pager_t *pager);

/* Whether mmu_pager_place finds room for so many regions more. */
bool mmu_pager_has_room(const mmu_pager_t *pager, uint64_t regions);

/* Regions that mmu_pager_place has packed, in order of first touch: from `va` to `folded`, 2^lg bytes. False: no
 * region n. */
typedef struct {
    uint64_t va, folded;
    uint8_t lg;
} mmu_region_t;
bool mmu_pager_region(const mmu_pager_t *pager, size_t n, mmu_region_t *region);

/* riscv: log2 of the size of the page that this (folded) address is in, mapped or not. */
unsigned mmu_pager_lg(mmu_huge_e huge, uint64_t va);
/* Any format. 0: the format has no pages. */
unsigned mmu_pager_page_lg(const mmu_pager_t *pager, uint64_t va);

/* The page of this (folded) address as the pager mapped it; NULL where it has not. The pointer is good until
 * the next mmu_pager_serve. */
const mmu_page_t *mmu_pager_find(mmu_pager_t *pager, uint64_t va);

/* Answers a fault of an access (mmu_acc_e) to a folded address in this clock. */
mmu_pager_served_e mmu_pager_serve(mmu_pager_t *pager, uint64_t va, uint8_t acc, uint64_t clock);

#ifdef __cplusplus
}
#endif
#endif
