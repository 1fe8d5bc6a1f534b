/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Second-level TLB, shared by the ports; looked up and filled on an L1 miss only. Twin: rtl/mmu_l2.sv.
 * Rules: L2. One operation at a time:
 *
 *     L2Idle --look--> L2Look: probe after probe (array, page size), smallest size first --> L2Idle
 *            --fill--> L2Fill: one clock ----------------------------------------------> L2Idle
 *            --fence-> L2Scan: set after set (a fence of everything clears at once) ----> L2Idle
 */
#ifndef MMU_L2_H
#define MMU_L2_H

#include "cycle/mmu_internal.h"
#include "cycle/mmu_row_array.h"
#include "lockwalk/mmu_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { MMU_L2_IDLE = 0, MMU_L2_LOOK = 1, MMU_L2_FILL = 2, MMU_L2_SCAN = 3 } mmu_l2_st_e;

#define MMU_L2_PROBES 13 /* page sizes of TYP-4 */

typedef struct {
    uint8_t latency;                   /* clocks from a row's read to its compare */
    bool hypervisor;                   /* rows keep their virtual machine */
    mmu_cfg_array_t array[MMU_ARRAYS]; /* of this level */
} mmu_l2_cfg_t;

typedef struct {
    bool kill[MMU_PORTS]; /* [Ports] */
    bool fence_accept;    /* [1] */
    mmu_fence_t fence;    /* fence_t */
    mmu_slow_t slow;      /* slow_t */
    bool look;            /* [1] starts a look-up */
    uint8_t look_port;    /* [1] */
    uint8_t look_sel;     /* [MissW] */
    mmu_rq_t look_rq;     /* rq_t */
    bool fill;            /* [1] starts a fill */
    mmu_line_t fill_row;  /* row_t */
} mmu_l2_in_t;

typedef struct {
    bool ready;     /* [1] */
    bool done;      /* [1] the look-up ends */
    bool abort;     /* [1] the look-up is to be asked again */
    uint8_t port;   /* [1] */
    uint8_t sel;    /* [MissW] */
    bool hit;       /* [1] */
    mmu_line_t row; /* row_t 0 without a hit */
    bool scanning;  /* [1] */
    bool idle;      /* [1] */
    bool ev_refuse; /* [1] */
} mmu_l2_out_t;

typedef struct {
    mmu_l2_cfg_t cfg;
    struct {
        uint8_t st;             /* [2] mmu_l2_st_e */
        uint8_t wait;           /* [4] clocks to the compare */
        uint8_t probe;          /* [4] */
        uint8_t port;           /* [1] */
        uint8_t sel;            /* [MissW] */
        mmu_rq_t rq;            /* rq_t */
        mmu_line_t fill_row;    /* row_t */
        uint16_t scan;          /* [ScanW] */
        uint64_t fence_key;     /* [KeyW] */
        uint64_t fence_mask;    /* [KeyW] */
        bool fence_spare_g;     /* [1] */
        uint16_t fence_vm;      /* [SpaceW] */
        uint16_t fence_vm_mask; /* [SpaceW] */
    } q;
    struct {
        bool any; /* something changes */
        uint8_t st, wait, probe;
        bool look; /* write port of port, sel and rq */
        uint8_t port, sel;
        mmu_rq_t rq;
        bool fill; /* of fill_row */
        mmu_line_t fill_row;
        uint16_t scan;
        bool fence; /* of fence_* */
        mmu_fence_cmp_t fence_cmp;
        uint8_t arrays; /* bit k: array k changes */
    } d;
    mmu_row_array_t array[MMU_ARRAYS];
    uint8_t exists;     /* bit k: array k has ways */
    uint16_t most_sets; /* S of L2-7 */
    uint8_t probes;     /* the pairs (array, page size), smallest size first */
    struct {
        uint8_t k, lg;
    } probe[MMU_L2_PROBES];
    uint8_t array_of[64]; /* by lg: the array that holds the page size, MMU_ARRAYS where none does */
} mmu_l2_t;

void mmu_l2_init(mmu_l2_t *m, const mmu_l2_cfg_t *cfg, mmu_arena_t *arena);

/* Whether any array has ways: else there is no L2. */
static inline bool mmu_l2_exists(const mmu_l2_t *m)
{
    return m->exists != 0;
}

/* True where an array holds pages of 2^lg bytes. */
static inline bool mmu_l2_holds(const mmu_l2_t *m, unsigned lg)
{
    return m->array_of[lg & 63u] < MMU_ARRAYS;
}

/* ready, idle, scanning, port and sel, from state alone. */
void mmu_l2_out(const mmu_l2_t *m, mmu_l2_out_t *out);

/* All outputs and the next state. */
void mmu_l2_comb(mmu_l2_t *m, const mmu_l2_in_t *in, mmu_l2_out_t *out);
void mmu_l2_seq(mmu_l2_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
