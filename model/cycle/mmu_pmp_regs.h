/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The registers of physical memory protection, and the ranges that they stand for. Twin: rtl/mmu_pmp_regs.sv.
 * Rules: PMP-1, PMP-2, PMP-5.
 *
 *     write {index, cfg, addr} --locks--> addr, cfg of the entry --decode--> range of the entry ----+
 *                                            |                                                      +--> ranges
 *                                            +-- where the next is TOR: its base --> range of it ---+
 */
#ifndef MMU_PMP_REGS_H
#define MMU_PMP_REGS_H

#include "cycle/mmu_internal.h"
#include "lockwalk/mmu_pmp.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t entries; /* 0, 16 or 64 */
} mmu_pmp_regs_cfg_t;

typedef struct {
    mmu_pmp_write_t write; /* pmp_write_t */
    uint8_t sec;           /* [3] mseccfg: MML 0, MMWP 1, RLB 2 */
} mmu_pmp_regs_in_t;

typedef struct {
    const mmu_pmp_range_t *ranges; /* [Entries] pmp_range_t */
} mmu_pmp_regs_out_t;

typedef struct {
    mmu_pmp_regs_cfg_t cfg;
    struct {
        uint64_t *addr;         /* [Entries][54] */
        uint8_t *cfg;           /* [Entries][8] */
        mmu_pmp_range_t *range; /* [Entries] pmp_range_t */
    } q;
    struct {
        bool write;
        uint8_t index;
        uint64_t addr;
        uint8_t cfg;
        mmu_pmp_range_t range;
        bool write_next; /* the range of the entry after it changes too */
        mmu_pmp_range_t next;
    } d;
    uint32_t version; /* another one after each write; for fast.h */
} mmu_pmp_regs_t;

void mmu_pmp_regs_init(mmu_pmp_regs_t *m, mmu_pmp_regs_cfg_t cfg, mmu_arena_t *arena);

/* The output, from state alone. */
static inline void mmu_pmp_regs_out(const mmu_pmp_regs_t *m, mmu_pmp_regs_out_t *out)
{
    out->ranges = m->q.range;
}

/* The next state. */
void mmu_pmp_regs_comb(mmu_pmp_regs_t *m, const mmu_pmp_regs_in_t *in);
void mmu_pmp_regs_seq(mmu_pmp_regs_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
