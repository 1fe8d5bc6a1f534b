/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * How many bits an MMU keeps: by formula, of a TLB of any shape and of a whole configuration (docs/area.md).
 *
 *     shape (sets, ways, pages, policy) ── mmu_area_tlb_bits ──→ bits that a TLB of this shape needs
 *     mmu_cfg_t ───────────────────────── mmu_area_of ────────→ bits that rtl/ keeps, box by box
 *
 * The two differ on purpose. A row of rtl/ serves every format and page size and holds 193 bits; the first formula
 * is what a row needs for the widths that it is given. A whole configuration has both, so that it can stand in one
 * picture with the shapes of a sweep. Cells of presets: mmu_cfg_preset_cells, lockwalk/mmu_config.h.
 */
#ifndef LOCKWALK_MMU_AREA_H
#define LOCKWALK_MMU_AREA_H

#include "lockwalk/mmu_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a TLB of any shape ------------------------------------------------------------------------------------ */

/* Widths of the fields of a row, in bits. */
typedef struct {
    uint8_t va;     /* virtual address, 12..64 */
    uint8_t pa;     /* physical address, 12..64 */
    uint8_t asid;   /* 0: no address spaces */
    uint8_t rights; /* rights and memory type */
} mmu_area_widths_t;

/* Sv39, a physical address of 56 bits, ASIDs of 16; R W X U D and a memory type of 2 bits (a held entry has A
 * set). RISC-V privileged specification, chapters on Sv39 and Svpbmt. */
static inline mmu_area_widths_t mmu_area_sv39(void)
{
    const mmu_area_widths_t widths = {39, 56, 16, 7};

    return widths;
}

typedef struct {
    uint8_t sets_log2;
    uint8_t page_lg; /* log2 of the smallest page, 9..48 */
    uint8_t sizes;   /* page sizes that it holds, at least 1 */
    uint8_t policy;  /* mmu_policy_e */
    uint32_t ways;   /* at least 1; a power of two with PLRU */
} mmu_area_shape_t;

/* Replacement state of all sets: PLRU ways - 1 a set (REPL-2); FIFO a pointer of ceil(log2 ways) (REPL-3); LRU a
 * rank of ceil(log2 ways) a way (REPL-5, where it is always 4); NRU 1 a way (REPL-6); random 16 in all (REPL-7). */
uint64_t mmu_area_policy_bits(unsigned sets_log2, uint32_t ways, unsigned policy);

/* A row: valid, tag = va - page_lg - sets_log2 (not below 0), ASID, global, frame = pa - page_lg, rights, and
 * ceil(log2 sizes) bits that tell the page's size. */
unsigned mmu_area_row_bits(const mmu_area_shape_t *shape, const mmu_area_widths_t *widths);

/* All rows and the replacement state. */
uint64_t mmu_area_tlb_bits(const mmu_area_shape_t *shape, const mmu_area_widths_t *widths);

/* ---- a whole configuration --------------------------------------------------------------------------------- */

typedef enum {
    MMU_AREA_TLB = 0,       /* an array of a TLB */
    MMU_AREA_CACHE = 1,     /* of translations under way: walk caches, and the G stage's TLB */
    MMU_AREA_REGISTERS = 2, /* requests under way: ports, miss queues, walker, fences, arbiters */
    MMU_AREA_PMP = 3
} mmu_area_kind_e;

typedef struct {
    char name[32];        /* for people: "L1 data, array 2" */
    char rtl[64];         /* its instance below mmu: "gen_port[1].u_l1.gen_array[1].gen_on.u_array" */
    uint8_t kind;         /* mmu_area_kind_e */
    uint32_t entries;     /* rows, slots; 0: none to count */
    uint64_t flops;       /* bits in flip-flops */
    uint64_t memory;      /* bits in memories (the rows of the L2's arrays) */
    uint64_t replacement; /* of the flip-flops, those of the replacement policy */
    uint64_t plain;       /* kind MMU_AREA_TLB: mmu_area_tlb_bits of the same shape; else 0 */
} mmu_area_box_t;

#define MMU_AREA_BOXES 32

typedef struct {
    unsigned boxes;
    mmu_area_box_t box[MMU_AREA_BOXES];
    uint64_t flops, memory; /* of all boxes: what Yosys counts (docs/area.md) */
    uint64_t plain;         /* of all TLB arrays */
} mmu_area_t;

/* `cfg` must hold values that mmu_cfg_check accepts. `widths` is for `plain`; NULL: those of mmu_area_sv39 with the
 * configuration's own ASID bits. */
void mmu_area_of(const mmu_cfg_t *cfg, const mmu_area_widths_t *widths, mmu_area_t *area);

#ifdef __cplusplus
}
#endif
#endif
