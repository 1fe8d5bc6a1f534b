/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The cycle model of the whole MMU. Twin: rtl/mmu.sv. Rules: docs/microarchitecture.md.
 *
 *     mmu_t *m = mmu_init(malloc(mmu_sizeof(&cfg)), &cfg);   (reset state)
 *     for each clock:
 *         mmu_comb(m, &in, &out);   outputs of this clock, from state and inputs; may be called again
 *         mmu_seq(m, rst_n);        the clock edge; rst_n 0: the reset state
 *
 * Nothing is allocated, nothing is global; many can live in one process.
 */
#ifndef LOCKWALK_MMU_H
#define LOCKWALK_MMU_H

#include "lockwalk/mmu_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    mmu_req_t req[MMU_PORTS]; /* req_t */
    bool kill[MMU_PORTS];     /* [1] */
    mmu_ctx_t ctx[MMU_PORTS]; /* ctx_t captured with a request that is accepted in this clock */
    mmu_slow_t slow;          /* slow_t changes only while idle */
    mmu_fence_t fence;        /* fence_t */
    mmu_pmp_write_t pmp;      /* pmp_write_t valid only while idle */
    bool mreq_ready;          /* [1] */
    mmu_mrsp_t mrsp;          /* mrsp_t */
} mmu_in_t;

typedef struct {
    bool req_ready[MMU_PORTS]; /* [1] */
    mmu_rsp_t rsp[MMU_PORTS];  /* rsp_t */
    bool fence_ready;          /* [1] */
    bool fence_done;           /* [1] */
    mmu_mreq_t mreq;           /* mreq_t */
    bool idle;                 /* [1] */
    uint64_t events;           /* [EventW] bit n: event n of EVT */
} mmu_out_t;

typedef struct mmu mmu_t;

/* Bytes that an MMU of this shape needs; cfg must have passed mmu_cfg_check. */
size_t mmu_sizeof(const mmu_cfg_t *cfg);

/* Builds an MMU in `storage` (at least mmu_sizeof(cfg) bytes, aligned for any type), in its reset state. */
mmu_t *mmu_init(void *storage, const mmu_cfg_t *cfg);

void mmu_comb(mmu_t *m, const mmu_in_t *in, mmu_out_t *out);
void mmu_seq(mmu_t *m, bool rst_n);

/* EVT: bits of mmu_out_t.events. */
typedef enum {
    MMU_EV_ACCEPT_I = 0,
    MMU_EV_ACCEPT_D = 1,
    MMU_EV_L1_HIT_I = 2,
    MMU_EV_L1_HIT_D = 3,
    MMU_EV_L1_MISS_I = 4,
    MMU_EV_L1_MISS_D = 5,
    MMU_EV_L1_REFUSE_I = 6,
    MMU_EV_L1_REFUSE_D = 7,
    MMU_EV_L2_HIT = 8,
    MMU_EV_L2_MISS = 9,
    MMU_EV_L2_REFUSE = 10,
    MMU_EV_WALK_START = 11,
    MMU_EV_WALK_MERGE = 12,
    MMU_EV_WALK_LEAF = 13,
    MMU_EV_WALK_FAULT = 14,
    MMU_EV_WALK_RESTART = 15,
    MMU_EV_PWC_HIT_1 = 16,
    MMU_EV_PWC_HIT_2 = 17,
    MMU_EV_PWC_HIT_3 = 18,
    MMU_EV_PWC_HIT_4 = 19,
    MMU_EV_MEM_READ = 20,
    MMU_EV_MEM_CAS = 21,
    MMU_EV_CAS_FAIL = 22,
    MMU_EV_FENCE = 23,
    MMU_EV_FENCE_DONE = 24,
    MMU_EV_FAULT_I = 25,
    MMU_EV_FAULT_D = 26,
    MMU_EV_STALL_I = 27,
    MMU_EV_STALL_D = 28,
    MMU_EV_G_HIT = 29,
    MMU_EV_G_MISS = 30,
    MMU_EV_G_REFUSE = 31,
    MMU_EV_GPWC_HIT_1 = 32,
    MMU_EV_GPWC_HIT_2 = 33,
    MMU_EV_GPWC_HIT_3 = 34,
    MMU_EV_GPWC_HIT_4 = 35,
    MMU_EV_CHAIN = 36
} mmu_event_e;

/* Name of event n as the RTL and the reports write it, e.g. "l1_hit_i". */
const char *mmu_event_name(unsigned n);

/* ---- looking inside (white-box checks, mismatch reports) ---------------------------------- */

/* Arrays are numbered: [level][k] is level * MMU_ARRAYS + k for the TLBs, then 9 + k for walk cache k, 13 + k for
 * the G stage's walk cache k, 17 for its TLB. */
#define MMU_ARRAY_IDS (MMU_LEVELS * MMU_ARRAYS + 2 * MMU_PWC_LEVELS + 1)
#define MMU_ARRAY_PWC (MMU_LEVELS * MMU_ARRAYS)
#define MMU_ARRAY_GPWC (MMU_ARRAY_PWC + MMU_PWC_LEVELS)
#define MMU_ARRAY_GTLB (MMU_ARRAY_GPWC + MMU_PWC_LEVELS)

typedef struct {
    bool valid;
    uint32_t vm; /* KEY-5; 0 without the hypervisor extension and in arrays of the G stage */
    uint64_t key, mask, data;
} mmu_row_t;

/* One row of an array as it is before the next mmu_seq. */
mmu_row_t mmu_peek_row(const mmu_t *m, unsigned array_id, unsigned set, unsigned way);

/* The write port of an array in this clock (ARR-9), valid after mmu_comb. */
typedef struct {
    bool enable; /* a fill writes one row */
    uint16_t set;
    uint8_t way;
    uint32_t vm;
    uint64_t key, mask, data;
} mmu_write_t;

mmu_write_t mmu_peek_write(const mmu_t *m, unsigned array_id);

/* State of walk slot s, for reports. */
typedef struct {
    uint8_t state; /* mmu_walk_st_e of WALK-1 */
    bool redo, nofill;
    uint8_t port;
    mmu_rq_t rq;
    mmu_pos_t pos;
    uint8_t fault; /* mmu_fault_e */
    mmu_entry_t entry;
    bool gst;     /* the G stage's entry is being read or written */
    uint8_t what; /* mmu_g_what_e */
    mmu_pos_t gpos;
} mmu_walk_view_t;

mmu_walk_view_t mmu_peek_walk(const mmu_t *m, unsigned slot);

#ifdef __cplusplus
}
#endif
#endif
