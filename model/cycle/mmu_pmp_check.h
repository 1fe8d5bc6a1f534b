/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * May this access be made, as physical memory protection sees it? Combinational: it has no state and no file
 * but this one. Twin: rtl/mmu_pmp_check.sv. Rules: PMP-3, PMP-4.
 *
 *     ranges, pa, acc, size, prv, sec --> the lowest-numbered entry that matches --> allow
 *
 * The rule itself is mmu_pmp_allow, which the architectural model uses too.
 */
#ifndef MMU_PMP_CHECK_H
#define MMU_PMP_CHECK_H

#include "cycle/mmu_internal.h"
#include "lockwalk/mmu_pmp.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t entries; /* 0, 16 or 64 */
} mmu_pmp_check_cfg_t;

typedef struct {
    const mmu_pmp_range_t *ranges; /* [Entries] pmp_range_t */
    uint64_t pa;                   /* [PaW] */
    uint8_t acc;                   /* [3] mmu_acc_e */
    uint8_t size;                  /* [3] log2 of the bytes accessed */
    uint8_t prv;                   /* [2] mmu_priv_e */
    uint8_t sec;                   /* [3] mseccfg: MML 0, MMWP 1, RLB 2 */
} mmu_pmp_check_in_t;

typedef struct {
    bool allow; /* [1] */
} mmu_pmp_check_out_t;

typedef struct {
    mmu_pmp_check_cfg_t cfg;
} mmu_pmp_check_t;

static inline void mmu_pmp_check_init(mmu_pmp_check_t *m, mmu_pmp_check_cfg_t cfg)
{
    m->cfg = cfg;
}

static inline void mmu_pmp_check_comb(const mmu_pmp_check_t *m, const mmu_pmp_check_in_t *in,
                                      mmu_pmp_check_out_t *out)
{
    /* p_check */
    out->allow = m->cfg.entries == 0 ||
                 mmu_pmp_allow(in->ranges, m->cfg.entries, in->pa, in->acc, in->size, in->prv, in->sec);
}

#ifdef __cplusplus
}
#endif
#endif
