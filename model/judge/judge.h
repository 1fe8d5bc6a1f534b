/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the judge share. Rules: docs/judge.md.
 *
 *     judge.c          a clock: requests, answers, kills; the memo; the end of a run
 *     judge_words.c    the words of page tables: which versions the MMU has read, and when (JDG-1)
 *     judge_fences.c   fences: which versions one may still use (JDG-2, JDG-3)
 *     judge_spaces.c   address spaces: the contexts that requests had (JDG-6)
 *     judge_explore.c  all walks that some choice of versions makes (JDG-4, JDG-5)
 *     judge_kept.c     in formats other than riscv: which words may be used together (JDG-24)
 *     judge_format.h   the format in force
 *     judge_guest.c    in them: what a guest physical address may translate to (JDG-18 to JDG-20)
 *     judge_answer.c   is an answer among their outcomes?
 *     judge_walks.c    the walk port: is a read or a swap part of such a walk? (JDG-10 to JDG-12)
 *     judge_going.c    a walk at the port, from word to word
 *     judge_foreign.c  A that somebody else's MMU sets early (JDG-17)
 *     judge_ghosts.c   killed requests, whose walks may run on
 *     judge_report.c   an illegal answer, read or swap for people
 *     judge_text.c     its pieces: requests, answers, fences
 *
 * A *stamp* is a clock + 1, so that 0 is before everything: what was read has the stamp of its clock, a fence that of
 * its acceptance, and a version may be used where its stamp is above the stamps of the fences that cover it.
 */
#ifndef LOCKWALK_JUDGE_JUDGE_H
#define LOCKWALK_JUDGE_JUDGE_H

#include "judge/judge_format.h"
#include "lockwalk/mmu_judge.h"
#include "lockwalk/mmu_pmp.h"

#include <stdio.h>

enum {
    JUDGE_CHOICES = 64,      /* of a walk; more: undecided (JDG-9) */
    JUDGE_CHOICES_G = 512,   /* the same with a G stage */
    JUDGE_CHOICES_F = 1024,  /* the same in formats other than riscv, ways that come to no end included */
    JUDGE_LEVELS = 8,        /* words of one walk; more: undecided */
    JUDGE_ROWS = 4096,       /* the same in formats other than riscv: a chain may be long */
    JUDGE_VERSIONS = 32,     /* of one word; the oldest is forgotten */
    JUDGE_FENCES = 512,      /* remembered; the oldest is forgotten */
    JUDGE_SPACES = 128,      /* remembered; more than can be live; the one used longest ago is forgotten */
    JUDGE_GHOSTS = 64,       /* killed requests whose walks may run on; the oldest is forgotten */
    JUDGE_CANDIDATES = 48,   /* requests that a walk slot may be walking for */
    JUDGE_NEIGHBOURS_LG = 4, /* addresses of a page at which JDG-7 looks, as log2 */
    JUDGE_G_LISTS = 48,      /* guest pages and purposes of one exploration; more: undecided */
    JUDGE_G_RESULTS = 16,    /* of one guest page; more: undecided */
    JUDGE_G_ROOTS = 32,      /* tables of the G stage that one machine had; more: undecided */
    JUDGE_MACHINES = 64,     /* VMIDs remembered */
    JUDGE_POSTED = 64,       /* fences posted at somebody else's MMU that wait for SFENCE.INVAL.IR */
    /* Clocks in which all slots have offered, or were kept from it by physical protection, one a clock; with a G
     * stage each has besides asked its TLB, up to three times (JDG-12). */
    JUDGE_QUIET = 9,
    JUDGE_QUIET_G = 36,
    JUDGE_MEMO_LG = 12 /* places of the memo, as log2 */
};

#define JUDGE_IDS (1u << MMU_ID_W)
#define JUDGE_SLOTS (1u << MMU_SLOT_W)
#define JUDGE_OPEN UINT64_MAX /* `to` of a version that memory still holds */

typedef uint64_t mmu_stamp_t;

static inline mmu_stamp_t mmu_stamp(uint64_t clock)
{
    return clock + 1;
}

/* ---- words ------------------------------------------------------------------------------------------ */

typedef struct {
    uint64_t word;
    uint64_t from, to; /* clocks in which memory held it: from <= c < to; 0: since before it was first read */
    mmu_stamp_t first, last; /* reads of it; 0: none */
    uint64_t reads;
} mmu_version_t;

typedef struct {
    uint64_t key; /* address and width */
    mmu_version_t *version;
    unsigned count, room;
    mmu_stamp_t read_error; /* the last read that memory answered with an error */
    mmu_stamp_t swap_error; /* the last compare-and-swap with an error */
    mmu_stamp_t forgotten;  /* the latest stamp of versions that were forgotten */
    uint64_t held, since;   /* what memory holds, where it is known: written in clock `since` */
    bool held_known;
} mmu_word_t;

typedef struct {
    mmu_word_t **table; /* words stay where they are, so that a walk can hold them */
    size_t places;      /* a power of two */
    size_t used;
    size_t tidy_at; /* words at which mmu_words_tidy is worth its while */
} mmu_words_t;

/* ---- fences, spaces, requests ------------------------------------------------------------------------- */

#define JUDGE_FENCE_RESET 0xff /* a kind of fence that covers everything */

typedef struct {
    mmu_stamp_t stamp; /* what was read up to it is too old */
    uint64_t since;    /* requests accepted in this clock or later come after it */
    uint64_t va;
    uint16_t asid, vmid; /* masked */
    uint8_t kind;        /* mmu_fence_kind_e */
    bool va_en, asid_en, vmid_en, keep_g;
} mmu_covering_t;

typedef struct {
    mmu_covering_t fence[JUDGE_FENCES]; /* stamps ascend */
    unsigned count;
    uint64_t accepted; /* in all */
    mmu_covering_t posted[JUDGE_POSTED];
    unsigned posts;
} mmu_fences_t;

/* VMIDs that requests had, for the horizon (JDG-14). */
typedef struct {
    uint16_t vmid[JUDGE_MACHINES];
    mmu_stamp_t seen[JUDGE_MACHINES];
    unsigned count;
    mmu_stamp_t forgotten; /* the last time that one was forgotten */
} mmu_machines_t;

/* A context without what permission alone asks for (SUM, MXR, flags). */
typedef struct {
    mmu_ctx_t ctx; /* masked (REQ-1); sum, mxr and gmxr are 0 */
    mmu_slow_t slow;
    uint32_t number;     /* never used twice; 0: this place is free */
    uint32_t live;       /* requests with it that are outstanding or ghosts */
    mmu_stamp_t alive;   /* while live is 0: the last clock in which it was not */
    mmu_stamp_t entered; /* the last acceptance of a request with it */
} mmu_space_t;

typedef struct {
    mmu_rq_t rq;     /* masked (REQ-1) */
    uint64_t clock;  /* of its acceptance */
    uint64_t fences; /* accepted before it */
    uint64_t tag;    /* for the memo: all that an outcome depends on besides the page */
    unsigned space;
    mmu_slow_t slow;
    uint8_t merge_lg; /* FRM-10 */
} mmu_request_t;

/* What a walk comes to, before physical protection looks at the address. */
typedef struct {
    uint64_t pa;  /* without fault; of the request's address, in the memo of the page's first */
    uint64_t gpa; /* MMU_FAULT_GUEST; as pa where imp is 0 */
    uint8_t fault, lg, mt, imp;
} mmu_outcome_t;

typedef struct {
    uint64_t page, tag;
    uint64_t fences; /* proven for a request after so many fences */
    mmu_outcome_t outcome;
    bool used;
} mmu_memo_t;

/* ---- the walk port -------------------------------------------------------------------------------------- */

typedef enum {
    JUDGE_NEXT_END = 0,
    JUDGE_NEXT_READ = 1,
    JUDGE_NEXT_SWAP = 2,
    JUDGE_NEXT_TRANSLATE = 3 /* `gpa` for `what`: from a TLB, or by a walk of the G stage */
} mmu_next_e;

/* A request that a slot may be walking for, and how its walk goes on. While waiting: what is being read. */
typedef struct {
    mmu_request_t request;
    mmu_pos_t pos;     /* of the first stage's entry */
    mmu_pos_t gpos;    /* `gst`: of the G stage's */
    mmu_pos_t after;   /* `more`: of the entry that is read after the swap */
    uint64_t addr;     /* JUDGE_NEXT_READ, JUDGE_NEXT_SWAP */
    uint64_t old_word; /* the first stage's entry, and what its swap writes */
    uint64_t new_word;
    uint64_t g_old; /* `gst`: the same of the G stage's */
    uint64_t g_new;
    uint64_t gpa;      /* `what` is not MMU_G_NONE: the guest physical address in work */
    uint64_t final;    /* the one that the first stage's leaf gives, while its A or D is set */
    mmu_entry_t entry; /* `gst`: the leaf, while its A or D is set */
    mmu_stamp_t ended; /* JUDGE_NEXT_END: by the word of this clock; 0: unseen, when nobody can tell */
    bool wide;         /* of addr */
    bool gst;          /* addr is a word of the G stage */
    bool more;         /* the walk goes on after the swap (FRM-4) */
    uint8_t what;      /* mmu_g_what_e */
    uint8_t next;      /* mmu_next_e */
} mmu_candidate_t;

typedef struct {
    mmu_candidate_t candidate[JUDGE_CANDIDATES];
    unsigned count;
    bool unsure;  /* more requests than candidates, or unexplained: nothing about it is certain */
    bool waiting; /* for a response to: */
    uint64_t taken, addr, old_word, new_word;
    bool wide, swap;
    mmu_stamp_t begun; /* the last walk that certainly began here */
} mmu_slot_t;

typedef struct {
    mmu_request_t request;
    mmu_stamp_t killed;
} mmu_ghost_t;

/* ---- guest physical addresses ------------------------------------------------------------------------------ */

/* What one may translate to for one purpose. */
typedef struct {
    mmu_entry_t entry;           /* without fault */
    uint8_t fault;               /* MMU_FAULT_GUEST, or MMU_FAULT_ACCESS of a word of the G stage */
    mmu_stamp_t expiry;          /* of the fence that has ended it; JUDGE_OPEN: none has */
    const mmu_covering_t *ended; /* by what; for people, as the following */
    uint64_t addr;               /* the word that is too old for it, */
    mmu_stamp_t reach;           /* and when it was read */
    uint64_t word;               /* the last one of the walk */
    uint16_t rule;               /* mmu_rule_e */
    bool denied;                 /* by physical protection: no word decided */
} mmu_g_result_t;

typedef struct {
    uint64_t page; /* gpa >> 12 */
    uint8_t what;  /* mmu_g_what_e */
    unsigned count;
    mmu_g_result_t result[JUDGE_G_RESULTS]; /* those that may be used now first */
} mmu_g_list_t;

/* A table of the G stage (JDG-19). */
typedef struct {
    uint64_t groot;
    mmu_slow_t slow;
    mmu_stamp_t entered; /* the last acceptance of a request with it; JUDGE_OPEN: the request's own */
    bool only_leaves;
} mmu_g_root_t;

/* What an exploration has found out about guest pages. One at a time. */
typedef struct {
    mmu_g_list_t list[JUDGE_G_LISTS];
    mmu_g_root_t root[JUDGE_G_ROOTS];
    unsigned lists, roots;
} mmu_guest_t;

/* A word of a walk. */
typedef struct {
    mmu_word_t *word;             /* NULL: kept from being read by physical protection, or by the G stage */
    const mmu_version_t *version; /* NULL: an error */
    mmu_stamp_t reach;
    mmu_pos_t pos;
    uint64_t addr;
    bool wide;
    uint8_t
        lg; /* of a pointer, as log2: walk caches may keep it; 0: they do not, or it is not riscv's business */
    const mmu_g_result_t *through; /* what its place was translated by; NULL: a single stage */
} mmu_link_t;

struct mmu_judge {
    mmu_judge_options_t opt;
    uint16_t asid_mask, vmid_mask;
    uint64_t clock;
    mmu_judge_counts_t counts;
    mmu_judge_failure_t failure;
    char *details;
    mmu_request_t request[MMU_PORTS][JUDGE_IDS];
    uint32_t outstanding[MMU_PORTS];
    unsigned last_space[MMU_PORTS];
    mmu_space_t space[JUDGE_SPACES];
    uint32_t spaces_made;
    mmu_stamp_t spaces_forgotten; /* the last clock in which a forgotten space was alive */
    mmu_fences_t fences;
    mmu_machines_t machines;
    mmu_words_t words;
    mmu_guest_t guest;
    mmu_link_t many[JUDGE_ROWS]; /* one exploration of another format at a time */
    mmu_ghost_t ghost[JUDGE_GHOSTS];
    unsigned ghosts;
    mmu_stamp_t ghosts_forgotten; /* the last kill of those that were forgotten; 0: none was */
    unsigned quiet; /* clocks without kill, offer and response at the walk port, up to quiet_end */
    unsigned quiet_end;
    mmu_slot_t slot[JUDGE_SLOTS];
    mmu_pmp_file_t pmp;
    mmu_pmp_window_t near;
    uint8_t sec;         /* mseccfg */
    mmu_slow_t slow;     /* of the last clock */
    uint32_t protection; /* changes of it, for the memo */
    mmu_memo_t memo[1u << JUDGE_MEMO_LG];
};

/* PMP-3, by the registers as they are. */
static inline bool mmu_judge_allows(mmu_judge_t *judge, uint64_t pa, uint8_t acc, uint8_t size, uint8_t prv)
{
    return judge->pmp.entries == 0 || mmu_pmp_allow_near(&judge->near, judge->pmp.range, judge->pmp.entries,
                                                         pa, acc, size, prv, judge->sec);
}

/* WALK-12: a walk's read or swap. */
static inline bool mmu_judge_allows_walk(mmu_judge_t *judge, uint64_t addr, bool wide, bool swap)
{
    return mmu_judge_allows(judge, addr, swap ? MMU_ACC_STORE : MMU_ACC_LOAD, wide ? 3 : 2, MMU_PRIV_S);
}

/* ---- judge_words.c ----------------------------------------------------------------------------------------- */

bool mmu_words_init(mmu_words_t *words);
void mmu_words_free(mmu_words_t *words);
/* NULL where the word was never read (foreign: asks memory). Valid until mmu_words_tidy. */
mmu_word_t *mmu_words_find(mmu_judge_t *judge, uint64_t addr, bool wide);
/* The walk port's read of `clock` returned the word; or its swap wrote it. */
void mmu_words_read(mmu_judge_t *judge, uint64_t addr, bool wide, uint64_t word, uint64_t clock);
void mmu_words_error(mmu_judge_t *judge, uint64_t addr, bool wide, bool swap, uint64_t clock);
/* Half of the 8 bytes, or all of them, changed. */
void mmu_words_change(mmu_judge_t *judge, uint64_t clock, uint64_t addr, uint64_t before, uint64_t after);
/* Forgets what no request can see any more (JDG-14). */
void mmu_words_tidy(mmu_judge_t *judge);

/* The stamp up to which a version can be used. */
static inline mmu_stamp_t mmu_version_reach(const mmu_judge_t *judge, const mmu_version_t *version)
{
    return judge->opt.foreign ? version->to : version->last;
}

/* The stamp from which on it could. */
static inline mmu_stamp_t mmu_version_begin(const mmu_judge_t *judge, const mmu_version_t *version)
{
    return judge->opt.foreign ? mmu_stamp(version->from) : version->first;
}

/* ---- judge_fences.c ------------------------------------------------------------------------------------------ */

void mmu_fences_add(mmu_judge_t *judge, const mmu_fence_t *fence, uint64_t clock);
/* A fence of everything at the end of that clock. */
void mmu_fences_reset(mmu_judge_t *judge, uint64_t clock);

/* What a word of a walk is used for, as fences see it. */
typedef struct {
    uint64_t va;         /* of the G stage: the guest physical address */
    uint16_t asid, vmid; /* of the space whose table it is */
    uint8_t stage;       /* 1: the G stage's */
    uint8_t lg;          /* of the last word: bytes that it maps, as log2 */
    bool v;
    bool global; /* the mapping is */
    bool leaf;   /* the last word */
    bool every;  /* whatever it is used for: what covers all words covers it */
} mmu_use_t;

bool mmu_fence_covers(const mmu_covering_t *fence, const mmu_use_t *use);
/* The last fence that covers this use and is before requests accepted in clock `accepted`; NULL: none. */
const mmu_covering_t *mmu_fences_cover(const mmu_judge_t *judge, uint64_t accepted, const mmu_use_t *use);
/* The first one of those that a word read at `reach` is too old for. */
const mmu_covering_t *mmu_fences_end(const mmu_judge_t *judge, uint64_t accepted, const mmu_use_t *use,
                                     mmu_stamp_t reach);
/* The stamp of the last fence that covers every word of that stage in that space (a pointer of a global mapping). */
mmu_stamp_t mmu_fences_floor(const mmu_judge_t *judge, uint64_t accepted, const mmu_ctx_t *ctx,
                             uint8_t stage);
/* The stamp up to which no word is of any use to a request, outstanding or to come. */
mmu_stamp_t mmu_fences_horizon(const mmu_judge_t *judge);
/* A fence after clock `clock`, and not after `until`. */
bool mmu_fences_since(const mmu_judge_t *judge, uint64_t clock, mmu_stamp_t until);
/* A request has this VMID. */
void mmu_machines_enter(mmu_judge_t *judge, uint16_t vmid);

/* Places that have ever been used; they are taken in turn. */
static inline unsigned mmu_spaces_used(const mmu_judge_t *judge)
{
    return judge->spaces_made < JUDGE_SPACES ? judge->spaces_made : JUDGE_SPACES;
}

/* ---- judge_spaces.c ------------------------------------------------------------------------------------------- */

bool mmu_slow_same(const mmu_slow_t *a, const mmu_slow_t *b);
unsigned mmu_spaces_enter(mmu_judge_t *judge, unsigned port, const mmu_ctx_t *ctx, const mmu_slow_t *slow);
void mmu_spaces_leave(mmu_judge_t *judge, unsigned space);
/* Some walk of this space may have read a word after this stamp. */
bool mmu_spaces_alive(const mmu_judge_t *judge, unsigned space, mmu_stamp_t after);

#include "judge/judge_explore.h"

/* ---- judge_answer.c, judge_walks.c ------------------------------------------------------------------------------------ */

typedef enum { JUDGE_LEGAL = 0, JUDGE_ILLEGAL = 1, JUDGE_UNDECIDED = 2 } mmu_verdict_of_answer_e;

/* Is this the answer of that outcome (JDG-5)? */
bool mmu_outcome_is(mmu_judge_t *judge, const mmu_request_t *request, const mmu_outcome_t *outcome,
                    const mmu_rsp_t *rsp);
/* *proven: the outcome that makes it legal. */
mmu_verdict_of_answer_e mmu_judge_answer(mmu_judge_t *judge, const mmu_request_t *request,
                                         const mmu_rsp_t *rsp, mmu_outcome_t *proven);

void mmu_walks_request(mmu_judge_t *judge, const mmu_mreq_t *mreq);
void mmu_walks_response(mmu_judge_t *judge, const mmu_mrsp_t *mrsp);

/* ---- judge_going.c ------------------------------------------------------------------------------------------------------- */

/* Walks that read the same words and end alike. */
bool mmu_going_same(const mmu_request_t *a, const mmu_request_t *b);
/* A walk that comes to this position, or to its beginning. */
mmu_candidate_t mmu_going_at(const mmu_request_t *request, mmu_pos_t pos);
mmu_candidate_t mmu_going_root(const mmu_request_t *request);
/* Goes on with the word that was read at c->addr; or after the swap that has happened. */
void mmu_going_word(mmu_judge_t *judge, mmu_candidate_t *c, uint64_t word);
void mmu_going_swapped(mmu_judge_t *judge, mmu_candidate_t *c);
/* The walk may have come to its end without any access more. */
bool mmu_going_may_end(mmu_judge_t *judge, const mmu_candidate_t *c, bool *unsure);

/* ---- judge_foreign.c ----------------------------------------------------------------------------------------------------- */

bool mmu_foreign_sets_accessed(const mmu_judge_t *judge, const mmu_mreq_t *mreq);

/* ---- judge_ghosts.c ------------------------------------------------------------------------------------------------------ */

void mmu_walks_killed(mmu_judge_t *judge, const mmu_request_t *request);
/* The walk port has been quiet so long that a walk can only be waiting for its response. */
void mmu_walks_quiet(mmu_judge_t *judge);

/* ---- judge_report.c ------------------------------------------------------------------------------------------------------ */

void mmu_judge_fail(mmu_judge_t *judge, mmu_judge_fail_e kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void mmu_judge_tell_answer(mmu_judge_t *judge, unsigned port, unsigned id, const mmu_rsp_t *rsp);
void mmu_judge_tell_walk(mmu_judge_t *judge, const mmu_mreq_t *mreq);

/* ---- judge_text.c -------------------------------------------------------------------------------------------------------- */

const char *mmu_text_port(unsigned port);
void mmu_text_request(char *text, size_t n, const mmu_request_t *r);
void mmu_text_answer(char *text, size_t n, const mmu_rsp_t *rsp);
void mmu_tell_context(FILE *f, const mmu_request_t *r);
void mmu_tell_fence(FILE *f, const mmu_covering_t *fence);
void mmu_tell_fences(FILE *f, const mmu_judge_t *judge);
void mmu_tell_version(FILE *f, const mmu_version_t *v);
void mmu_tell_word(FILE *f, uint8_t stage, unsigned level, mmu_addr_t at, const mmu_word_t *word);

#endif
