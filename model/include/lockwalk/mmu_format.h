/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Formats: the one thing that differs between architectures, as pure functions (docs/microarchitecture.md, FRM).
 * Both C layers use them; the RTL modules rtl/format/mmu_<name>.sv are written from the same rules.
 *
 *     start(rq)            bare | fault | walk from a position
 *     addr (rq, pos)       where the word at that position stands in memory
 *     step (rq, pos, word) read at a new position | leaf | A/D must be set first | read after A | fault
 *     perm (entry, rq)     may this access use this entry?
 *     pa   (entry, rq)     the physical address
 *     cause(fault, rq)     the architecture's number
 *     merge_lg             accesses within 2^merge_lg bytes have one outcome
 */
#ifndef LOCKWALK_MMU_FORMAT_H
#define LOCKWALK_MMU_FORMAT_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t kind;      /* mmu_start_e */
    uint8_t fault;     /* mmu_fault_e, with MMU_START_FAULT */
    union {            /* one word: RISC-V's walks keep the record in registers */
        mmu_pos_t pos; /* with MMU_START_WALK: the root entry */
        uint64_t base; /* with MMU_START_BARE: PA is the VA plus this (FRM-2) */
    };
} mmu_start_t;

typedef struct {
    uint64_t addr; /* physical address of the entry, bytes */
    bool wide;     /* 8 bytes, else 4 */
} mmu_addr_t;

typedef struct {
    uint8_t kind;      /* mmu_step_e */
    uint8_t fault;     /* mmu_fault_e, with MMU_STEP_FAULT */
    uint8_t lg;        /* with MMU_STEP_READ: log2 of the bytes that the pointer covers; 0: it is not kept */
    mmu_pos_t pos;     /* with MMU_STEP_READ and MMU_STEP_READ_AD: the next entry */
    mmu_entry_t entry; /* with MMU_STEP_LEAF and MMU_STEP_NEED_AD (A and D as after the update) */
    uint64_t new_word; /* with MMU_STEP_NEED_AD and MMU_STEP_READ_AD: the word with A (and D) set */
    uint16_t rule;     /* which rule decided, for people: mmu_rule_text; in riscv mmu_rule_e */
} mmu_step_t;

/* Page sizes, for `pages`. */
#define MMU_PAGES_4K 0x0008u
#define MMU_PAGES_64K 0x0080u
#define MMU_PAGES_512_TO_64K 0x00ffu
#define MMU_PAGES_2M 0x0100u
#define MMU_PAGES_4M 0x0200u
#define MMU_PAGES_1G 0x0400u
#define MMU_PAGES_512G 0x0800u
#define MMU_PAGES_256T 0x1000u

/* A format. One file each in model/arch/format; formats.def lists them. */
typedef struct {
    const char *name;
    mmu_start_t (*start)(const mmu_rq_t *rq, const mmu_slow_t *slow);
    mmu_addr_t (*addr)(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos);
    mmu_step_t (*step)(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word);
    bool (*perm)(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry);
    uint64_t (*pa)(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry);
    uint8_t (*cause)(uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow);
    unsigned (*merge_lg)(const mmu_slow_t *slow);
    uint16_t pages; /* page sizes of its leaves, as in a `pages` field (TYP-4, CFG-5); 0: it holds nothing */
    /* Rule n of the format is mmu_step_t.rule = number << 8 | n: a sentence each. */
    const char *const *rules;
    unsigned rule_count;
} mmu_format_t;

/* By slow.format (mmu_format_e). NULL where there is none of this number. */
const mmu_format_t *mmu_format(unsigned number);

/* ---- riscv, by name ---------------------------------------------------------------------------------- */

mmu_start_t mmu_riscv_start(const mmu_rq_t *rq, const mmu_slow_t *slow);
mmu_addr_t mmu_riscv_addr(const mmu_rq_t *rq, mmu_pos_t pos);
mmu_step_t mmu_riscv_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word);
bool mmu_riscv_perm(const mmu_rq_t *rq, mmu_entry_t entry);
uint8_t mmu_riscv_cause(uint8_t fault, uint8_t acc);

/* ---- the G stage (GST, COMB) ---------------------------------------------------------------------- */

/* Is there one? FMT-2: ctx.v, and gmode is not bare (and the access is not M's). */
bool mmu_riscv_two_stage(const mmu_rq_t *rq);

/* what: mmu_g_what_e. Faults are MMU_FAULT_GUEST. */
mmu_start_t mmu_riscv_gstart(const mmu_rq_t *rq, uint64_t gpa);
mmu_addr_t mmu_riscv_gaddr(const mmu_rq_t *rq, mmu_pos_t gpos, uint64_t gpa);
mmu_step_t mmu_riscv_gstep(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t gpos, uint8_t what,
                           uint64_t word);
bool mmu_riscv_gperm(const mmu_rq_t *rq, uint8_t what, mmu_entry_t entry);

/* COMB-1. gpa: of the access, any address in the first stage's page. */
mmu_entry_t mmu_riscv_combine(mmu_entry_t first, mmu_entry_t g, uint64_t gpa);

/* COMB-2: what the first stage says where it is bare: an entry that refuses nothing. */
#define MMU_RISCV_BARE_LG 63u
mmu_entry_t mmu_riscv_bare_entry(void);

/* ---- the effective context of a hart's access (EFF) ------------------------------------------------- */

typedef struct {
    mmu_ctx_t ctx;
    uint8_t prv; /* [2] effective */
    uint8_t acc; /* [3] */
} mmu_effective_t;

mmu_effective_t mmu_riscv_effective(const mmu_hart_t *hart, uint8_t op);

/* Which rule of FMT decided a step of riscv. */
typedef enum {
    MMU_RULE_POINTER = 0,    /* FMT-7: a pointer to the next level */
    MMU_RULE_LEAF,           /* FMT-12: a leaf that grants the access */
    MMU_RULE_INVALID,        /* FMT-5: V = 0 */
    MMU_RULE_W_WITHOUT_R,    /* FMT-5: W without R */
    MMU_RULE_RESERVED,       /* FMT-5: a reserved bit is set */
    MMU_RULE_N_DISABLED,     /* FMT-5: N without Svnapot */
    MMU_RULE_PBMT_DISABLED,  /* FMT-5: PBMT without PBMTE */
    MMU_RULE_PBMT_RESERVED,  /* FMT-5: PBMT = 3 */
    MMU_RULE_POINTER_BITS,   /* FMT-6: A, D, U, N or PBMT in a pointer */
    MMU_RULE_POINTER_LEVEL0, /* FMT-6: a pointer where a leaf must be */
    MMU_RULE_NO_X,           /* FMT-8: fetch without X */
    MMU_RULE_NO_R,           /* FMT-8: load without R (and no X with MXR) */
    MMU_RULE_NO_W,           /* FMT-8: store without W */
    MMU_RULE_U_PAGE,         /* FMT-8: U page from S without SUM, or a fetch */
    MMU_RULE_S_PAGE,         /* FMT-8: S page from U */
    MMU_RULE_MISALIGNED,     /* FMT-9: a misaligned superpage */
    MMU_RULE_NAPOT,          /* FMT-9: N above level 0 or an unknown pattern */
    MMU_RULE_AD_CLEAR,       /* FMT-10: A (or D) clear, and the hardware may not set it */
    MMU_RULE_AD_UPDATE,      /* FMT-11: A (or D) clear, the hardware sets it */
    MMU_RULE_NO_X_READ,      /* FMT-8, GST-4: HLVX without X */
    MMU_RULE_G_NO_U,         /* GST-4: a page of the G stage without U */
    MMU_RULES
} mmu_rule_e;

/* Of any format: one sentence for people, and its place in the specification. */
const char *mmu_rule_text(unsigned rule);

#ifdef __cplusplus
}
#endif
#endif
