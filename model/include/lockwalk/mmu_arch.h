/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The architectural model: what must this translation be? One access at a time, no clock, no cache; every
 * access is a full walk of the page tables that stand in memory now.
 *
 *     rq, slow ─→ start ─→ [ address ─→ read ─→ step ]… ─→ leaf ─→ PA, page size, memory type
 *                   │         │ outside RAM     │  └─→ A/D clear: compare-and-swap, and step again if it lost
 *                   └─────────┴─────────────────┴────→ fault: cause, tval, and gpa of a guest-page fault
 *
 * With a G stage each address above, the leaf's too, is a guest physical one, and is itself translated by such a
 * walk, as a load; before a compare-and-swap once more, as a store. mmu_walk.h has the order.
 *
 * It knows no architecture: the format that slow.format names (mmu_format.h) does. Memory is a pair of callbacks, which exist
 * in this model only; the cycle model's memory is a port. Physical protection (mmu_pmp.h) judges each address
 * between `address` and `read`, before a compare-and-swap, and PA last of all: memory never sees what it
 * refuses.
 */
#ifndef LOCKWALK_MMU_ARCH_H
#define LOCKWALK_MMU_ARCH_H

#include "lockwalk/mmu_format.h"
#include "lockwalk/mmu_pmp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Memory as the walker reaches it. Addresses are aligned to the word: 8 bytes where `wide`, else 4 (then
 * only the low 32 bits of a word count). A callback returns false where no RAM is: an access fault. */
typedef struct {
    bool (*read)(void *user, uint64_t addr, bool wide, uint64_t *word);
    /* Writes new_word if the word is old_word. *before: the word before, equal to old_word if it wrote. */
    bool (*cas)(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word, uint64_t *before);
    void *user;
} mmu_arch_mem_t;

typedef struct {
    uint64_t pa;       /* 0 on a fault */
    uint64_t tval;     /* the virtual address on a fault, else 0 */
    uint64_t gpa;      /* on a guest-page fault, as in mmu_rsp_t; else 0 */
    mmu_entry_t entry; /* the leaf; 0 on a fault and where no page is (bare) */
    uint8_t fault;     /* mmu_fault_e */
    uint8_t cause;     /* the architecture's number; 0 without a fault */
    uint8_t lg;        /* log2 of the page size in bytes; 0 where no page is (bare, fault) */
    uint8_t mt;        /* memory type: 0 PMA, 1 NC, 2 IO */
    uint8_t imp;       /* on a guest-page fault, as in mmu_rsp_t; else 0 */
} mmu_arch_result_t;

/* ---- the trail of one translation, for people ------------------------------------------------------- */

typedef enum {
    MMU_TRAIL_READ = 0, /* an entry is read: `word` is what it held */
    MMU_TRAIL_CAS = 1, /* A or D is set: `word` is what was there before, `new_word` what was to be written */
    MMU_TRAIL_FINAL = 2 /* only with physical protection: the access itself, at `addr` */
} mmu_trail_op_e;

typedef struct {
    uint64_t addr;
    uint64_t word;
    uint64_t new_word;
    uint8_t op;    /* mmu_trail_op_e */
    uint8_t level; /* of the entry; 0 is the last */
    bool wide;
    bool error;    /* outside RAM: what follows does not count */
    bool denied;   /* by physical protection, never made: what follows does not count, but `pmp` does */
    bool lost;     /* MMU_TRAIL_CAS: the word had changed meanwhile; nothing was written */
    uint8_t stage; /* 0 the first or only stage's entry, 1 the G stage's */
    uint8_t what;  /* mmu_g_what_e: what gpa is translated for, in stage 1 */
    uint64_t
        gpa; /* stage 1: the guest physical address that is being translated; stage 0 in front of a G stage:
                      that of the entry */
    uint8_t kind;           /* MMU_TRAIL_READ: mmu_step_e, what the entry means */
    uint16_t rule;          /* MMU_TRAIL_READ: which rule said so (mmu_rule_text) */
    mmu_pmp_decision_t pmp; /* MMU_PMP_FREE, MMU_PMP_NO_ENTRY where there is no physical protection */
} mmu_trail_step_t;

/* Room for a walk of five levels over five, with updates, that loses a few compare-and-swaps. */
#define MMU_TRAIL_STEPS 64

typedef struct {
    mmu_trail_step_t step[MMU_TRAIL_STEPS];
    unsigned count; /* of steps made; those beyond MMU_TRAIL_STEPS are counted but not kept */
    uint8_t start;  /* mmu_start_e */
    uint8_t fault;  /* mmu_fault_e of the start, with MMU_START_FAULT */
} mmu_arch_trail_t;

/* Translates one access, without physical protection; rq->size does not matter. */
void mmu_arch_translate(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                        mmu_arch_result_t *out);

/* The same, and how it came about. */
void mmu_arch_translate_trail(const mmu_arch_mem_t *mem, const mmu_rq_t *rq, const mmu_slow_t *slow,
                              mmu_arch_result_t *out, mmu_arch_trail_t *trail);

/* The same under physical protection (PMP-3): reads and writes of entries as S, of their own width, whoever
 * made the access; PA as rq says, in mode bare and from M too. pmp NULL: there is none. trail may be NULL. */
void mmu_arch_translate_pmp(const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                            const mmu_slow_t *slow, mmu_arch_result_t *out, mmu_arch_trail_t *trail);

#ifdef __cplusplus
}
#endif
#endif
