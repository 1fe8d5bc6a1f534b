/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Requests of one port that missed its L1. Twin: rtl/mmu_miss_queue.sv. Rules: MQ.
 *
 *     alloc --> MissLook --look_grant--> MissL2 --l2_done, hit------------------+
 *                  ^                       | | \                                v
 *                  +------l2_abort---------+ +--+ no hit --> MissWant        MissDone --take_done--> MissFree
 *     alloc without an L2 -----------------------------------> |                ^
 *                                                          want_grant           |
 *                                                              v                |
 *                                                          MissWalk --walk_done-+
 */
#ifndef MMU_MISS_QUEUE_H
#define MMU_MISS_QUEUE_H

#include "cycle/mmu_internal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_MISS_FREE = 0,
    MMU_MISS_LOOK = 1, /* wants the L2 */
    MMU_MISS_L2 = 2,   /* in the L2 */
    MMU_MISS_WANT = 3, /* wants the walker */
    MMU_MISS_WALK = 4, /* waits for a walk */
    MMU_MISS_DONE = 5
} mmu_miss_st_e;

typedef struct {
    uint8_t entries; /* misses in flight, 1..8 */
    bool has_l2;
} mmu_miss_queue_cfg_t;

typedef struct {
    bool alloc;             /* [1] */
    uint8_t alloc_id;       /* [IdW] */
    mmu_rq_t alloc_rq;      /* rq_t */
    bool alloc_old;         /* [1] */
    bool kill;              /* [1] */
    bool fence_mark;        /* [1] what is there becomes old */
    uint8_t look_sel;       /* [MissW] */
    bool look_grant;        /* [1] */
    bool l2_done;           /* [1] */
    bool l2_abort;          /* [1] */
    uint8_t l2_sel;         /* [MissW] */
    bool l2_hit;            /* [1] */
    mmu_entry_t l2_entry;   /* entry_t */
    uint8_t want_sel;       /* [MissW] */
    bool want_grant;        /* [1] */
    uint8_t want_slot;      /* [SlotW] */
    bool walk_done;         /* [1] */
    uint8_t walk_slot;      /* [SlotW] */
    uint8_t walk_fault;     /* [3] mmu_fault_e */
    mmu_entry_t walk_entry; /* entry_t */
    bool take_done;         /* [1] */
} mmu_miss_queue_in_t;

typedef struct {
    bool full;              /* [1] */
    uint8_t look;           /* [Entries] */
    mmu_rq_t look_rq;       /* rq_t of look_sel */
    uint8_t want;           /* [Entries] */
    mmu_rq_t want_rq;       /* rq_t of want_sel */
    bool want_old;          /* [1] of want_sel */
    bool done;              /* [1] */
    bool done_two;          /* [1] */
    uint8_t done_id;        /* [IdW] */
    mmu_rq_t done_rq;       /* rq_t */
    uint8_t done_fault;     /* [3] */
    mmu_entry_t done_entry; /* entry_t */
    bool busy;              /* [1] */
    bool old_busy;          /* [1] */
} mmu_miss_queue_out_t;

typedef struct {
    mmu_miss_queue_cfg_t cfg;
    struct {
        uint8_t st[MMU_MAX_MISSES];        /* [3] mmu_miss_st_e */
        bool old[MMU_MAX_MISSES];          /* [1] */
        uint8_t id[MMU_MAX_MISSES];        /* [IdW] */
        mmu_rq_t rq[MMU_MAX_MISSES];       /* rq_t */
        uint8_t slot[MMU_MAX_MISSES];      /* [SlotW] */
        uint8_t fault[MMU_MAX_MISSES];     /* [3] mmu_fault_e */
        mmu_entry_t entry[MMU_MAX_MISSES]; /* entry_t */
    } q;
    struct {
        bool any; /* something changes */
        uint8_t st[MMU_MAX_MISSES];
        bool old[MMU_MAX_MISSES];
        bool alloc; /* write ports: id and rq; slot; fault and entry twice */
        uint8_t alloc_at;
        uint8_t id;
        mmu_rq_t rq;
        bool want;
        uint8_t want_at, slot;
        bool l2;
        uint8_t l2_at;
        mmu_entry_t l2_entry;
        uint8_t walked; /* bit i: entry i */
        uint8_t walk_fault;
        mmu_entry_t walk_entry;
    } d;
} mmu_miss_queue_t;

void mmu_miss_queue_init(mmu_miss_queue_t *m, mmu_miss_queue_cfg_t cfg);

/* True while every entry is MissFree. */
static inline bool mmu_miss_queue_empty(const mmu_miss_queue_t *m)
{
    return mmu_word8(m->q.st) == 0;
}

/* All outputs but look_rq, want_rq and want_old, from state alone. */
void mmu_miss_queue_out(const mmu_miss_queue_t *m, mmu_miss_queue_out_t *out);

/* look_rq, want_rq and want_old, from state and the selectors (MQ-9). */
void mmu_miss_queue_select(const mmu_miss_queue_t *m, const mmu_miss_queue_in_t *in,
                           mmu_miss_queue_out_t *out);

/* The next state. */
void mmu_miss_queue_comb(mmu_miss_queue_t *m, const mmu_miss_queue_in_t *in);
void mmu_miss_queue_seq(mmu_miss_queue_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
