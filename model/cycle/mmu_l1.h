/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * First-level TLB of one port. Twin: rtl/mmu_l1.sv. Rules: L1, REQ.
 *
 *     clock n        clock n + 1 (stage 1)
 *     req, ctx --> s1 --> start --> bare, fault ------------------------+
 *                          |                                            +--> rsp
 *                          +--> arrays --> hit that perm grants --------+
 *                                  |                                    |
 *                                  +--> miss or refusal --> miss queue -+  (mq_done, while stage 1 is silent)
 *
 * Where an array has several sets and several page sizes, stage 1 lasts longer: it looks up one size after
 * the other, smallest first (s1_probe). What leaves on rsp is checked by physical memory protection.
 */
#ifndef MMU_L1_H
#define MMU_L1_H

#include "cycle/mmu_array.h"
#include "cycle/mmu_internal.h"
#include "cycle/mmu_pmp_check.h"
#include "lockwalk/mmu_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_L1_PROBES 8 /* s1_probe has 3 bits */

typedef struct {
    mmu_req_t req;                 /* req_t */
    bool kill;                     /* [1] */
    mmu_ctx_t ctx;                 /* ctx_t masked (REQ-1) */
    mmu_slow_t slow;               /* slow_t */
    bool fence_accept;             /* [1] rows are invalidated */
    bool fence_mark;               /* [1] what is in stage 1 becomes old */
    mmu_fence_t fence;             /* fence_t masked */
    bool fill;                     /* [1] */
    mmu_line_t fill_row;           /* row_t */
    bool mq_full;                  /* [1] */
    bool mq_done;                  /* [1] the miss queue has a finished entry */
    bool mq_done_two;              /* [1] it has two or more */
    uint8_t mq_done_id;            /* [IdW] */
    mmu_rq_t mq_done_rq;           /* rq_t */
    uint8_t mq_done_fault;         /* [3] mmu_fault_e */
    mmu_entry_t mq_done_entry;     /* entry_t; with a guest-page fault WALK-16's word */
    const mmu_pmp_range_t *ranges; /* [Entries] pmp_range_t */
} mmu_l1_in_t;

typedef struct {
    mmu_rsp_t rsp;    /* rsp_t */
    bool req_ready;   /* [1] */
    bool miss;        /* [1] the request in stage 1 goes to the miss queue */
    uint8_t miss_id;  /* [IdW] */
    bool miss_old;    /* [1] it is older than a running fence */
    bool take_done;   /* [1] the finished entry has the lane */
    bool busy;        /* [1] */
    bool old_busy;    /* [1] */
    bool ev_hit;      /* [1] */
    bool ev_refuse;   /* [1] */
    bool ev_fault;    /* [1] */
    bool ev_stall;    /* [1] */
    mmu_rq_t miss_rq; /* rq_t last: without `miss` it is left as it was */
} mmu_l1_out_t;

typedef struct {
    mmu_cfg_array_t array[MMU_ARRAYS]; /* of this level */
    uint8_t pmp_entries;               /* 0, 16 or 64 */
    bool hypervisor;                   /* rows keep their virtual machine */
} mmu_l1_cfg_t;

typedef struct {
    mmu_l1_cfg_t cfg;
    struct {
        bool s1_valid;    /* [1] */
        bool s1_old;      /* [1] */
        uint8_t s1_id;    /* [IdW] */
        uint8_t s1_probe; /* [3] */
        mmu_rq_t s1_rq;   /* rq_t */
    } q;
    struct {
        bool s1_valid; /* in the order of q, so that they are copied as one word */
        bool s1_old;
        uint8_t s1_id;
        uint8_t s1_probe;
        mmu_rq_t s1_rq;
        bool load;      /* a request enters stage 1 */
        bool any;       /* something changes */
        uint8_t arrays; /* bit k: array k changes */
    } d;
    mmu_array_t array[MMU_ARRAYS];
    mmu_pmp_check_t pmp_check;
    uint8_t exists;       /* bit k: array k has ways */
    uint8_t array_of[64]; /* by lg: the array that holds the page size, MMU_ARRAYS where none does */
    uint8_t last_probe;
    struct {
        uint8_t arrays;         /* bit k: array k is looked up */
        uint8_t lg[MMU_ARRAYS]; /* at this size */
    } probe[MMU_L1_PROBES];
} mmu_l1_t;

void mmu_l1_init(mmu_l1_t *m, const mmu_l1_cfg_t *cfg, mmu_arena_t *arena);

/* busy and old_busy, from state alone. */
void mmu_l1_out(const mmu_l1_t *m, mmu_l1_out_t *out);

/* All outputs and the next state. */
void mmu_l1_comb(mmu_l1_t *m, const mmu_l1_in_t *in, mmu_l1_out_t *out);
void mmu_l1_seq(mmu_l1_t *m, bool rst_n);

/* ---- for fast.h: no RTL stands behind it ------------------------------------------------- */

typedef enum {
    MMU_LOOK_STEP = 0,   /* neither of these */
    MMU_LOOK_ANSWER = 1, /* an answer without a fault: bare, or a hit that is granted (L1-2, L1-3, L1-14) */
    MMU_LOOK_MISS = 2    /* no row matches, and there is no other probe */
} mmu_l1_look_e;

typedef struct {
    uint64_t pa;
    uint8_t lg, mt;
    uint8_t array; /* of the row that hit; MMU_ARRAYS: a bare answer */
    uint8_t way;
    uint16_t set;
} mmu_l1_look_t;

/* What the first clock of stage 1 says of a request; nothing is written. `found` is filled in with an answer. Between two
 * clocks only: it uses the arrays' wires. */
mmu_l1_look_e mmu_l1_look(mmu_l1_t *m, const mmu_rq_t *rq, const mmu_slow_t *slow,
                          const mmu_pmp_range_t *ranges, mmu_l1_look_t *found);

#ifdef __cplusplus
}
#endif
#endif
