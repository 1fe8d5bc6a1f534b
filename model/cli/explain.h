/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk explain`: one translation, step by step, in words.
 *
 *     cmd_explain.c      the command line; finds the world, translates
 *     explain_words.c    what a step means, in words, for both of
 *     explain_format.c   the same of formats other than riscv: starts, tables, fields
 *     explain_text.c     the story for people
 *     explain_other.c    the same of formats other than riscv
 *     explain_json.c     the same for machines
 */
#ifndef LOCKWALK_CLI_EXPLAIN_H
#define LOCKWALK_CLI_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "lockwalk/mmu_vectors.h"

typedef struct {
    const mmu_tv_world_t *world;
    const mmu_pmp_file_t *pmp; /* NULL: none */
    mmu_pmp_file_t pmp_file;
    /* What is asked. */
    mmu_tv_access_t access; /* priv, type, va, len */
    unsigned after;         /* so many of the world's accesses came before: memory is as they left it */
    bool numbered;          /* by --access: it is number after + 1 */
    mmu_rq_t rq;
    mmu_slow_t slow;
    /* What the architectural model says. */
    mmu_arch_result_t result;
    mmu_arch_trail_t trail;
    mmu_vectors_answer_t answer;
    /* What the reference says: number of the world's access that is the same, from 1; 0: it has none. */
    unsigned reference;
    unsigned like_it; /* accesses of the world that are the same */
    bool same_memory; /* the reference translated it in this memory */
    unsigned differs; /* MMU_VECTORS_OUTCOME, … */
    mmu_vectors_answer_t expected;
} mmu_explain_t;

/* ---- words (explain_words.c) -------------------------------------------------------------------------- */

#define MMU_EXPLAIN_LINE 512

extern const char *const mmu_explain_privs[4]; /* as the vector format writes them, by mmu_priv_e */
extern const char *const mmu_explain_types[5]; /* by mmu_tv_type_e */

/* "Sv39", "Sv39x4". */
const char *mmu_explain_mode(uint8_t mode, bool guest);

/* "4 KiB". */
const char *mmu_explain_size(unsigned lg, char text[24]);

/* "VS-stage", "G-stage", or "page-table" where there is one stage. */
const char *mmu_explain_stage(const mmu_explain_t *e, uint8_t stage);

/* What the start decided, where there was no walk; else NULL. */
const char *mmu_explain_start(const mmu_explain_t *e);

/* Of a page-table word. */
typedef struct {
    uint64_t ppn;
    unsigned pbmt, rsw, reserved; /* bits 62:61, 9:8, 60:54 */
    bool n, d, a, g, u, x, w, r, v;
} mmu_explain_fields_t;
mmu_explain_fields_t mmu_explain_fields(const mmu_trail_step_t *step);

/* The step as the format judges it (mmu_riscv_step, mmu_riscv_gstep): the leaf's entry, for one. */
mmu_step_t mmu_explain_step(const mmu_explain_t *e, const mmu_trail_step_t *step);

/* "entry 3 (NAPOT 0x1000-0x1fff r-x): the entry covers…". */
const char *mmu_explain_pmp(const mmu_explain_t *e, const mmu_trail_step_t *step,
                            char text[MMU_EXPLAIN_LINE]);

/* Why a guest physical address is translated: "the read of the VS-stage entry", … */
const char *mmu_explain_purpose(uint8_t what);

/* The purpose's access, as GST-1 has it: "a load", … */
const char *mmu_explain_purpose_access(const mmu_explain_t *e, uint8_t what);

/* What stopped the G stage before its first word: "…"; NULL where nothing did. Its guest address is result.gpa. */
const char *mmu_explain_too_wide(const mmu_explain_t *e, char text[MMU_EXPLAIN_LINE]);

/* ---- formats other than riscv (explain_format.c) -------------------------------------------------------- */

/* What the start decided, where there was no walk; else NULL. */
const char *mmu_explain_start_of(unsigned format, const mmu_arch_trail_t *trail, const mmu_rq_t *rq);

/* "PML4 entry", "owner of row", and its number in its table. */
const char *mmu_explain_word_name(const mmu_explain_t *e, unsigned level);
uint64_t mmu_explain_word_number(const mmu_explain_t *e, const mmu_trail_step_t *step);

/* A field of a word: its bits from `low` up, shifted left. */
typedef struct {
    const char *name;
    uint8_t low, bits, shift;
} mmu_explain_field_t;

/* Of the word that a step read, from the top; the last one has no name. */
const mmu_explain_field_t *mmu_explain_word_fields(const mmu_explain_t *e, const mmu_trail_step_t *step);
uint64_t mmu_explain_field_value(const mmu_explain_field_t *field, uint64_t word);

/* ---- the story ---------------------------------------------------------------------------------------- */

void mmu_explain_print(const mmu_explain_t *e, FILE *to);
/* Up to the result, of a format other than riscv. */
void mmu_explain_print_other(const mmu_explain_t *e, FILE *to);
/* Which access of the world it is, and which memory it finds. */
void mmu_explain_print_memory(const mmu_explain_t *e, FILE *to);
json_t *mmu_explain_json(const mmu_explain_t *e);

#endif
