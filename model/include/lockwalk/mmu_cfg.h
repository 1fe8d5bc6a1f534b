/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The shape of an MMU. One struct for the C model, one packed vector for the RTL (rtl/mmu_cfg_pkg.sv,
 * written from the same list of fields, model/config/mmu_cfg_fields.def). Rules: docs/microarchitecture.md, CFG.
 */
#ifndef LOCKWALK_MMU_CFG_H
#define LOCKWALK_MMU_CFG_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One set-associative array of a TLB level; ways 0: it is not there. */
typedef struct {
    uint8_t sets_log2; /* 0..12 */
    uint8_t ways;      /* 0..64 */
    uint16_t pages;    /* bit i: holds pages of 2^mmu_page_lg(i) bytes */
    uint8_t policy;    /* mmu_policy_e */
} mmu_cfg_array_t;

/* One walk cache: fully associative; ways 0: it is not there. */
typedef struct {
    uint8_t ways; /* 0..64 */
    uint8_t policy;
} mmu_cfg_pwc_t;

typedef struct {
    uint8_t version;                               /* of the layout: MMU_CFG_VERSION */
    uint16_t formats;                              /* bit n: format n, mmu_format_e */
    uint8_t asid_bits;                             /* 0..16; ASID bits above are ignored */
    uint8_t misses[MMU_PORTS];                     /* misses in flight a port, 1..8 */
    uint8_t walks;                                 /* walks in flight, 1..8 */
    uint8_t l2_latency;                            /* clocks from an L2 row's read to its compare, 1..15 */
    uint8_t pmp_entries;                           /* entries of physical protection: 0, 16, 64 */
    mmu_cfg_array_t array[MMU_LEVELS][MMU_ARRAYS]; /* [level][k], smallest pages first */
    mmu_cfg_pwc_t pwc[MMU_PWC_LEVELS];             /* [k]: pointers found in level k + 1 */
    uint8_t hypervisor;                            /* 1: two-stage translation is built in */
    uint8_t vmid_bits;                             /* 0..14; VMID bits above are ignored */
    uint8_t gtlb_ways;                             /* the G stage's TLB, fully associative; 0: none */
    uint8_t gtlb_policy;
    mmu_cfg_pwc_t gpwc[MMU_PWC_LEVELS]; /* as pwc, of the G stage */
} mmu_cfg_t;

#define MMU_CFG_VERSION 4

#ifdef __cplusplus
}
#endif
#endif
