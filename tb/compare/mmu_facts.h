/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The facts of a mismatch report, gathered once, told twice: as text (mmu_report_text.c) and as JSON
 * (mmu_report_json.c).
 */
#ifndef LOCKWALK_COMPARE_MMU_FACTS_H
#define LOCKWALK_COMPARE_MMU_FACTS_H

#include "compare/mmu_lockstep.h"
#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_env.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_FACTS_REQUESTS 34 /* two concerned ones and all that are in flight */
#define MMU_FACTS_CONCERNED 2
#define MMU_FACTS_SETS 24
#define MMU_FACTS_WAYS 64
#define MMU_FACTS_CLOCKS 32u

/* One access to a page table, with what the entry means. */
typedef struct {
    uint64_t addr, word;
    uint64_t new_word;        /* of a compare-and-swap */
    uint64_t taken, answered; /* clocks; answered only while `done` */
    bool swap, done, error, lost;
    bool final;        /* the access itself, at its PA, under physical protection */
    bool denied;       /* by physical protection: never made */
    unsigned entry;    /* of PMP that decided; MMU_PMP_NO_ENTRY: none matches, or there is no protection */
    int level;         /* of the entry; 0 is the last */
    bool gst;          /* of the G stage; then: */
    uint8_t what;      /* mmu_g_what_e */
    uint64_t gpa;      /* what is being translated */
    char decoded[160]; /* the entry's fields, "" while not done */
    const char *rule;  /* what it means, and which rule says so; NULL while not done */
} mmu_fact_step_t;

typedef struct {
    bool known;
    bool same_request; /* it was made for this access, not just for this page */
    unsigned slot, port;
    uint64_t clock; /* in which it took its slot */
    bool open;
    uint64_t end; /* unless open */
    mmu_rq_t rq;
    unsigned left_out; /* steps at the beginning that are no longer remembered */
    unsigned count;
    mmu_fact_step_t step[MMU_TRAIL_STEPS];
} mmu_fact_walk_t;

/* What the architectural model says of an access, with memory as it is at the end of the run. */
typedef struct {
    bool known;
    mmu_arch_result_t result;
    unsigned count;
    mmu_fact_step_t step[MMU_TRAIL_STEPS];
} mmu_fact_arch_t;

typedef struct {
    unsigned port;
    int id; /* -1: a walk whose requester is not known */
    uint64_t clock;
    bool busy; /* neither answered nor killed at the end of the clock before */
    mmu_rq_t rq;
    mmu_fact_walk_t walk;
    mmu_fact_arch_t arch;
} mmu_fact_request_t;

/* One set of an array. */
typedef struct {
    unsigned array_id, set, sets, ways;
    char title[64];
    bool rtl_known;
    mmu_row_sample_t model[MMU_FACTS_WAYS], rtl[MMU_FACTS_WAYS];
} mmu_fact_set_t;

typedef struct {
    uint64_t clock;     /* in which it went wrong */
    unsigned concerned; /* requests that the failure is about: the first ones of `request` */
    unsigned requests;  /* and those in flight */
    mmu_fact_request_t request[MMU_FACTS_REQUESTS];
    unsigned sets;
    mmu_fact_set_t set[MMU_FACTS_SETS];
    const mmu_track_fence_t *fence; /* NULL: there was none */
    uint64_t first_clock;           /* of the history; it ends with `clock` */
} mmu_facts_t;

/* env may be NULL: then there is no architectural model's word. The failure is the lockstep's, or, where that
 * has none, the environment's. */
void mmu_facts_gather(mmu_facts_t *facts, const mmu_lockstep_t *ls, const mmu_env_t *env);

/* ---- words for people (mmu_names.c) ---------------------------------------------------------------------- */

const char *mmu_name_acc(unsigned acc);
const char *mmu_name_prv(unsigned prv);
/* "x86", "riscv"; of mmu_format_e. */
const char *mmu_name_format(unsigned format);
/* Of a format: "Sv39", "PAE", "on". */
const char *mmu_name_mode(unsigned format, unsigned mode);
/* hgatp.MODE, e.g. "Sv39x4". */
const char *mmu_name_gmode(unsigned gmode);
/* mmu_fault_e, e.g. "a right is missing". */
const char *mmu_name_fault(unsigned fault);
/* "SFENCE.VMA", "HFENCE.GVMA", "SINVAL.VMA", "INVLPG", ... */
const char *mmu_name_fence(const mmu_fence_t *fence);
/* The context of an access: a line, with V = 1 two. */
void mmu_describe_context(const mmu_rq_t *rq, const mmu_slow_t *slow, char *text, size_t size);
/* Fields of a word of a table, read at this level, e.g. "PPN 0x80200, D A - U - W R V". */
void mmu_decode_word(unsigned format, unsigned level, uint64_t word, bool wide, char *text, size_t size);
/* 1234567 -> "1,234,567"; text has 32 bytes. */
const char *mmu_number(uint64_t value, char *text);

#ifdef __cplusplus
}
#endif
#endif
