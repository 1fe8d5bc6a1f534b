/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker: several walks at a time, one memory port. Twin: rtl/mmu_walker.sv. Rules: WALK.
 *
 *                +-----read: next level--------------------+
 *                v                                         |
 *     start --> WalkReq --taken--> WalkWait --response--> step --leaf, fault--> WalkDone --> done
 *                ^                   |                     |                       ^
 *                +----- restart -----+              need A/D v                     |
 *                ^                              WalkCasReq --> WalkCasWait --------+
 *                +------- restart, or `more`: next level -----------+
 *     WalkReq, WalkCasReq: an offer that physical protection denies is not made: WalkDone, or restart.
 *
 * In front of a G stage (`what` tells for what, `gst` that its words are being read) a walk stops in WalkG before
 * each of these, to have a guest physical address translated: before it reads an entry (GEntry), before it sets
 * A or D in one (GUpdate), and at the leaf (GFinal). WalkG --hit--> on; --miss--> WalkReq, gst = 1, as above.
 */
#ifndef MMU_WALKER_H
#define MMU_WALKER_H

#include "cycle/mmu_g_tlb.h"
#include "cycle/mmu_internal.h"
#include "cycle/mmu_pmp_check.h"
#include "cycle/mmu_walk_cache.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_WALK_IDLE = 0,
    MMU_WALK_REQ = 1, /* offers a read */
    MMU_WALK_WAIT = 2,
    MMU_WALK_CAS_REQ = 3, /* offers a compare-and-swap */
    MMU_WALK_CAS_WAIT = 4,
    MMU_WALK_DONE = 5,
    MMU_WALK_G = 6 /* wants the G stage's TLB */
} mmu_walk_st_e;

typedef struct {
    uint8_t slots;                      /* walks in flight, 1..8 */
    uint8_t pmp_entries;                /* 0, 16 or 64 */
    bool hypervisor;                    /* two stages are built in; else gcache and gtlb are not looked at */
    bool others;                        /* a format other than riscv is built in */
    mmu_walk_cache_cfg_t cache, gcache; /* of each stage: pwc; the rest is the walker's to set */
    mmu_g_tlb_cfg_t gtlb;
} mmu_walker_cfg_t;

typedef struct {
    mmu_slow_t slow;               /* slow_t */
    bool fence_accept;             /* [1] */
    mmu_fence_t fence;             /* fence_t */
    bool start;                    /* [1] */
    mmu_rq_t start_rq;             /* rq_t */
    bool start_old;                /* [1] the request is older than a running fence */
    uint8_t start_port;            /* [1] */
    bool fill_ready;               /* [1] the L2 can take a row */
    bool mreq_ready;               /* [1] */
    mmu_mrsp_t mrsp;               /* mrsp_t */
    const mmu_pmp_range_t *ranges; /* [Entries] pmp_range_t */
} mmu_walker_in_t;

typedef struct {
    bool start_grant;       /* [1] */
    uint8_t start_slot;     /* [SlotW] */
    bool start_merge;       /* [1] the request joins a walk */
    bool done;              /* [1] */
    uint8_t done_slot;      /* [SlotW] */
    uint8_t done_port;      /* [1] */
    uint8_t done_fault;     /* [3] mmu_fault_e */
    mmu_entry_t done_entry; /* entry_t 0 with a fault; MMU_FAULT_GUEST: {gpa[63:2], imp} */
    bool done_fill;         /* [1] the TLBs get done_row */
    mmu_line_t done_row;    /* row_t 0 without done_fill */
    mmu_mreq_t mreq;        /* mreq_t */
    bool busy;              /* [1] */
    bool ev_restart;        /* [1] */
    uint8_t ev_pwc;         /* [PwcLevels] bit k − 1: cache k */
    bool ev_cas_fail;       /* [1] */
    bool ev_g_hit;          /* [1] */
    bool ev_g_miss;         /* [1] */
    bool ev_g_refuse;       /* [1] */
    uint8_t ev_gpwc;        /* [PwcLevels] bit k − 1: the G stage's cache k */
    bool ev_row;            /* [1] a further row of an inverted table is looked at */
} mmu_walker_out_t;

/* Write port of a slot: what a response, the G stage's look-up or a denied offer makes of it. more and next are
 * written with a format other than riscv only, those from gst on with the hypervisor extension only. */
typedef struct {
    bool on;
    uint8_t at;
    uint8_t fault;
    mmu_pos_t pos;
    mmu_entry_t entry;
    uint64_t cas_old, cas_new;
    bool more;
    mmu_pos_t next;
    bool gst;
    uint8_t what;
    uint8_t flg;
    mmu_pos_t gpos;
    uint64_t spa;
    mmu_entry_t gentry;
    uint64_t gcas_old, gcas_new;
} mmu_walk_write_t;

typedef struct {
    mmu_walker_cfg_t cfg;
    struct {
        bool lock_valid;                  /* [1] */
        uint8_t lock_slot;                /* [SlotW] */
        uint8_t st[MMU_MAX_WALKS];        /* [3] mmu_walk_st_e */
        bool redo[MMU_MAX_WALKS];         /* [1] */
        bool nofill[MMU_MAX_WALKS];       /* [1] */
        uint8_t port[MMU_MAX_WALKS];      /* [1] */
        mmu_rq_t rq[MMU_MAX_WALKS];       /* rq_t */
        mmu_pos_t pos[MMU_MAX_WALKS];     /* pos_t */
        uint8_t fault[MMU_MAX_WALKS];     /* [3] mmu_fault_e */
        mmu_entry_t entry[MMU_MAX_WALKS]; /* entry_t */
        uint64_t cas_old[MMU_MAX_WALKS];  /* [64] */
        uint64_t cas_new[MMU_MAX_WALKS];  /* [64] */
        /* With a format other than riscv; else they stay 0. */
        bool more[MMU_MAX_WALKS];      /* [1] after the compare-and-swap the walk goes on... */
        mmu_pos_t next[MMU_MAX_WALKS]; /* pos_t ...here */
        /* With the hypervisor extension; else they stay 0. */
        bool gst[MMU_MAX_WALKS];           /* [1] the G stage's words are being read */
        uint8_t what[MMU_MAX_WALKS];       /* [2] mmu_g_what_e */
        mmu_pos_t gpos[MMU_MAX_WALKS];     /* pos_t */
        uint64_t spa[MMU_MAX_WALKS];       /* [PaW] of the VS entry */
        uint8_t flg[MMU_MAX_WALKS];        /* [6] */
        mmu_entry_t gentry[MMU_MAX_WALKS]; /* entry_t */
        uint64_t gcas_old[MMU_MAX_WALKS];  /* [64] */
        uint64_t gcas_new[MMU_MAX_WALKS];  /* [64] */
    } q;
    struct {
        bool any; /* something changes */
        bool lock_valid;
        uint8_t lock_slot;
        uint8_t st[MMU_MAX_WALKS];
        bool redo[MMU_MAX_WALKS];
        bool nofill[MMU_MAX_WALKS];
        uint8_t restarted; /* bit s: slot s goes back to the root */
        bool start;        /* write port of a new walk */
        uint8_t start_at, port;
        uint8_t what; /* mmu_g_what_e; MMU_G_FINAL: entry is COMB-2's */
        mmu_rq_t rq;
        mmu_pos_t start_pos;
        mmu_walk_write_t answer; /* of the slot that has a response */
        mmu_walk_write_t ask;    /* of the one that asks the G stage's TLB */
        mmu_walk_write_t deny;   /* of the one whose offer is denied */
    } d;
    mmu_pmp_check_t pmp_check;
    mmu_walk_cache_t cache, gcache;
    mmu_g_tlb_t gtlb;
} mmu_walker_t;

void mmu_walker_init(mmu_walker_t *m, const mmu_walker_cfg_t *cfg, mmu_arena_t *arena);

/* busy (WALK-11), from state alone. */
static inline bool mmu_walker_busy(const mmu_walker_t *m)
{
    return mmu_word8(m->q.st) != 0;
}

void mmu_walker_comb(mmu_walker_t *m, const mmu_walker_in_t *in, mmu_walker_out_t *out);
void mmu_walker_seq(mmu_walker_t *m, bool rst_n);

#ifdef __cplusplus
}
#endif
#endif
