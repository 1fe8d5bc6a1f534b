/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The judge: is this answer legal? It sees the ports of an MMU, nothing inside it, and asks the paging format:
 * so an MMU and its model that agree on a wrong answer do not pass. Rules: docs/judge.md, JDG.
 *
 *     ports, each clock ──► requests ─┐
 *                      ──► fences ────┤                  ┌─► legal
 *                      ──► words read ┴─► choose, walk ──┼─► illegal: a failure, told in full
 *     memory, each write ─► when words changed           └─► undecided: too many choices, counted
 *
 *     mmu_judge_t *j = mmu_judge_create(&opt);        (zero is a good default everywhere)
 *     each clock:   mmu_judge_step(j, clock, &in, &out);
 *     each write:   mmu_judge_write(j, clock, addr, before, after);
 *     at the end:   mmu_judge_finish(j, clock, answers);
 *     if (mmu_judge_failure(j)->kind != MMU_JUDGE_OK) ...
 *
 * Time: clock n's inputs and outputs in one call, clocks ascending. After the first failure it judges no more.
 */
#ifndef LOCKWALK_MMU_JUDGE_H
#define LOCKWALK_MMU_JUDGE_H

#include "lockwalk/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t asid_bits_ignored; /* 16 - asid_bits of the MMU's configuration (REQ-1) */
    uint8_t pmp_entries;       /* of the MMU's configuration: 0, 16 or 64 */
    bool hypervisor;           /* of the MMU's configuration; else requests and fences are masked (REQ-1) */
    uint8_t vmid_bits_ignored; /* 14 - vmid_bits of the MMU's configuration */
    /* Somebody else's MMU (JDG-17): what memory holds counts as read, walks may be speculative and may set A early. */
    bool foreign;
    /* foreign: what memory holds now; false where none is. addr is aligned to the word (wide: 8 bytes, else 4). */
    bool (*peek)(void *user, uint64_t addr, bool wide, uint64_t *word);
    void *user;
} mmu_judge_options_t;

/* Answers are legal + undecided, and the illegal one that ended the judging. */
typedef struct {
    uint64_t answers;         /* to requests that were outstanding */
    uint64_t legal;           /* proven */
    uint64_t undecided;       /* more choices than are tried (JDG-9) */
    uint64_t remembered;      /* of the legal ones: proven before, the same page and context (JDG-13) */
    uint64_t reads;           /* on the walk port */
    uint64_t swaps;           /* compare-and-swaps on the walk port */
    uint64_t port_undecided;  /* of both: the walk was forgotten or has too many choices */
    uint64_t words, versions; /* of table words, held now (JDG-14) */
} mmu_judge_counts_t;

typedef enum {
    MMU_JUDGE_OK = 0,
    MMU_JUDGE_ANSWER = 1,    /* an illegal answer */
    MMU_JUDGE_READ = 2,      /* a read on the walk port that no request's walk can make */
    MMU_JUDGE_SWAP = 3,      /* a compare-and-swap that no request demands */
    MMU_JUDGE_UNDECIDED = 4, /* more than one in a thousand was undecided */
    MMU_JUDGE_NOTHING = 5    /* there were answers, and none was judged */
} mmu_judge_fail_e;

typedef struct {
    mmu_judge_fail_e kind;
    uint64_t clock;
    char text[512]; /* a sentence for people, without line end */
    const char
        *details; /* lines for people: request, answer, words, choices, fences; "" where there are none */
} mmu_judge_failure_t;

typedef struct mmu_judge mmu_judge_t;

/* NULL when the host has no memory left. */
mmu_judge_t *mmu_judge_create(const mmu_judge_options_t *opt);
void mmu_judge_destroy(mmu_judge_t *judge);

/* The end of a clock. */
void mmu_judge_step(mmu_judge_t *judge, uint64_t clock, const mmu_in_t *in, const mmu_out_t *out);

/* The 8 bytes at addr became another word; a read that the walk port takes in `clock` or later sees it. */
void mmu_judge_write(mmu_judge_t *judge, uint64_t clock, uint64_t addr, uint64_t before, uint64_t after);

/* The MMU was reset: from `clock` on it holds nothing, and nothing is outstanding. */
void mmu_judge_reset(mmu_judge_t *judge, uint64_t clock);

/* The end of a run in which the MMU gave so many answers. */
void mmu_judge_finish(mmu_judge_t *judge, uint64_t clock, uint64_t answers);

const mmu_judge_counts_t *mmu_judge_counts(const mmu_judge_t *judge);
const mmu_judge_failure_t *mmu_judge_failure(const mmu_judge_t *judge);

#ifdef __cplusplus
}
#endif
#endif
