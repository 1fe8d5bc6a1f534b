/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What judge_explore.c and judge_guest.c are asked: all walks that some choice of versions makes (JDG-4, JDG-18). A part
 * of judge.h, which includes it.
 */
#ifndef LOCKWALK_JUDGE_JUDGE_EXPLORE_H
#define LOCKWALK_JUDGE_JUDGE_EXPLORE_H

/* ---- judge_explore.c ---------------------------------------------------------------------------------------------- */

/* What a walk came to: a leaf, or a fault. */
typedef struct {
    uint64_t gpa; /* MMU_FAULT_GUEST */
    mmu_entry_t entry;
    const mmu_g_result_t *through; /* the G stage's, that decided; NULL: it did not */
    uint8_t fault;                 /* mmu_fault_e */
    uint8_t imp;
    uint8_t flg; /* of the first stage's page, as log2; 12 where a fault does not tell */
    bool global;
} mmu_end_t;

typedef struct mmu_explore mmu_explore_t;

struct mmu_explore {
    mmu_judge_t *judge;
    mmu_rq_t rq;
    mmu_slow_t slow;          /* of the first stage */
    mmu_slow_t gslow;         /* of the request */
    const mmu_space_t *space; /* whose walks; NULL: the request's own */
    uint64_t accepted;        /* clock of the request's acceptance */
    mmu_stamp_t floor;        /* versions up to it are of no use; first stage */
    mmu_stamp_t gfloor;       /* G stage */
    mmu_stamp_t gfloor_entry; /* G stage, for what was read through it (JDG-20) */
    bool two;                 /* there is a G stage */
    bool stale;               /* for people: what fences have ended as well */
    /* Called at each end; and at each position of the first stage before its word is chosen, with its address, a guest
     * physical one in two stages. True: no more is wanted. */
    bool (*end)(mmu_explore_t *x, const mmu_end_t *end);
    bool (*position)(mmu_explore_t *x, mmu_pos_t pos, mmu_addr_t at);
    /* For people: called at each physical address of a word, before it is chosen. */
    void (*look)(mmu_explore_t *x, uint8_t stage, unsigned level, mmu_addr_t at);
    void *user;
    mmu_link_t *link; /* riscv: `few`; else the judge's `many` */
    mmu_link_t few[JUDGE_LEVELS];
    unsigned links, room;
    unsigned choices, most; /* so far, and allowed */
    bool over;              /* this run had too many choices */
    bool unsure;            /* some run had, or a version that counted was forgotten */
};

/* The request's own walk: its context, with all fences. The callbacks are to be set. Ends what an exploration before
 * knew of guest pages. */
void mmu_explore_init(mmu_explore_t *x, mmu_judge_t *judge, const mmu_request_t *request);
/* The same with the first stage of another space. */
void mmu_explore_space(mmu_explore_t *x, const mmu_space_t *space);
/* Goes through all walks from the root. True where a callback wanted no more. */
bool mmu_explore_run(mmu_explore_t *x);
/* Link n of a walk, as fences see it. */
mmu_use_t mmu_explore_use(const mmu_explore_t *x, unsigned n, const mmu_end_t *end);
/* May this chain of words be used together? */
bool mmu_explore_fresh(const mmu_explore_t *x, const mmu_end_t *end);

/* ---- judge_kept.c ------------------------------------------------------------------------------------------------- */

/* A fence before the request that forbids to use the words of this walk together, *link the word that is too old; NULL:
 * none does. Not riscv. */
const mmu_covering_t *mmu_kept_forbids(const mmu_explore_t *x, const mmu_end_t *end, unsigned *link);

/* ---- judge_guest.c ------------------------------------------------------------------------------------------------- */

/* Which tables there are; with mmu_explore_init. */
void mmu_guest_init(mmu_explore_t *x);
/* All that this guest physical address may translate to. */
const mmu_g_list_t *mmu_guest_translate(mmu_explore_t *x, uint64_t gpa, uint8_t what);
/* Positions in walks of the G stage for it at which the word at `addr` is read; all words above may be used now. The
 * number of them, at most `room`. */
unsigned mmu_guest_positions(mmu_explore_t *x, uint64_t gpa, uint8_t what, mmu_addr_t at, mmu_pos_t *pos,
                             unsigned room);

#endif
