/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One translation as a sequence of accesses to memory, both stages nested, without time, caches, memory or
 * physical protection: what the architectural model and the judge walk with. The cycle model and the RTL do not
 * use it: they are written from the rules of WALK. Of any format: slow.format says which.
 *
 *     mmu_walk_begin(&w, rq, slow);
 *     while (w.kind != MMU_WALK_END)
 *         w.kind is READ: mmu_walk_word(&w, the word at w.addr)
 *                   SWAP: mmu_walk_word(&w, the word that was at w.addr; w.new_word now stands there if it was
 *                         w.old_word)
 *         or, where memory gives an error or protection refuses: mmu_walk_refused(&w)
 *     w.fault, and mmu_walk_cause; without a fault w.entry, and mmu_walk_pa
 *
 * A walk is a value: one may copy it and go on with both.
 */
#ifndef LOCKWALK_MMU_WALK_H
#define LOCKWALK_MMU_WALK_H

#include "lockwalk/mmu_format.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { MMU_WALK_END = 0, MMU_WALK_READ = 1, MMU_WALK_SWAP = 2 } mmu_walk_kind_e;

typedef struct {
    /* ---- what comes next ---- */
    uint8_t kind;  /* mmu_walk_kind_e */
    uint8_t stage; /* of the access: 0 the first (or only) stage's entry, 1 the G stage's */
    uint8_t what;  /* mmu_g_what_e: what `gpa` is translated for; MMU_G_NONE in the first stage */
    bool wide;     /* 8 bytes, else 4 */
    uint64_t addr; /* physical address of the access */
    uint64_t
        gpa; /* stage 1: the guest physical address that is being translated. Stage 0 in front of a G stage:
                      that of the entry (its physical one is `addr`) */
    uint64_t old_word, new_word; /* SWAP */
    /* ---- at the end ---- */
    uint8_t
        fault; /* mmu_fault_e; MMU_FAULT_GUEST: `gpa` and `imp` as in mmu_rsp_t (low two bits not cleared) */
    uint8_t imp;
    bool bare;         /* there is no page: PA is the VA plus base */
    uint64_t base;     /* FRM-2 */
    mmu_entry_t entry; /* without a fault: the (combined) leaf; 0 where bare */
    uint8_t flg;       /* log2 of the first stage's page; the entry's own where the first stage is bare */
    /* ---- on the way ---- */
    mmu_rq_t rq;
    mmu_slow_t slow;
    bool two;          /* there is a G stage */
    mmu_pos_t pos;     /* of the first stage's entry */
    mmu_pos_t gpos;    /* of the G stage's */
    mmu_entry_t first; /* the first stage's leaf, once found */
    mmu_entry_t g;     /* the G stage's leaf, while its A or D is set */
    uint64_t word,
        update;     /* the first stage's word, and what is to be written, while GUpdate is translated */
    mmu_pos_t next; /* of the first stage's entry after a SWAP that is StepReadAd's: `more` */
    bool more;      /* the SWAP is not the walk's last step: it goes on at `next` (FRM-4) */
    uint16_t rule;  /* what decided the last word: mmu_rule_text */
    uint8_t step;   /* mmu_step_e: what the last word was */
} mmu_walk_t;

void mmu_walk_begin(mmu_walk_t *walk, const mmu_rq_t *rq, const mmu_slow_t *slow);
void mmu_walk_word(mmu_walk_t *walk, uint64_t word);
/* Memory gave an error, or physical protection refused the access: an access fault. */
void mmu_walk_refused(mmu_walk_t *walk);

/* At the end, without a fault: PA by FRM-2 or FRM-7. With one: its number (FRM-8). */
uint64_t mmu_walk_pa(const mmu_walk_t *walk);
uint8_t mmu_walk_cause(const mmu_walk_t *walk);

#ifdef __cplusplus
}
#endif
#endif
