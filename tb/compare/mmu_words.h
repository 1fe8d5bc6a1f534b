/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The words of a clock: how the inputs and outputs of an MMU travel between a simulation and C. Each port's record
 * stands as in RTL (rtl/mmu_pkg.sv), from a word of 64 bits of its own on, inputs first; bits that no field has are 0.
 * So two clocks differ in an output where they differ in a word from MMU_WORDS_IN on. The fields are listed in
 * mmu_words_in.def and mmu_words_out.def.
 */
#ifndef LOCKWALK_COMPARE_MMU_WORDS_H
#define LOCKWALK_COMPARE_MMU_WORDS_H

#include "lockwalk/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_WORD_REQ = 0,   /* req_t a port, the instruction port's lowest */
    MMU_WORD_CTX = 3,   /* ctx_t a port */
    MMU_WORD_FENCE = 9, /* fence_t */
    MMU_WORD_MRSP = 11, /* mrsp_t */
    MMU_WORD_IN = 13,   /* kill, mreq_ready */
    MMU_WORD_RSP = 14,  /* rsp_t a port */
    MMU_WORD_MREQ = 21, /* mreq_t */
    MMU_WORD_OUT = 24   /* events, idle, fence_done, fence_ready, req_ready */
} mmu_word_e;

#define MMU_WORDS 25
#define MMU_WORDS_IN 14
#define MMU_WORDS_OUT (MMU_WORDS - MMU_WORDS_IN)

/* Widths of the ports' records in RTL, for who copies them. */
#define MMU_REQ_BITS 154
#define MMU_CTX_BITS 356
#define MMU_FENCE_BITS 103
#define MMU_MRSP_BITS 69
#define MMU_RSP_BITS 412
#define MMU_MREQ_BITS 190

/* The slow registers, and a write of one of those that are an array (PMP). They travel on change only. */
typedef struct {
    mmu_slow_t slow;
    mmu_pmp_write_t pmp;
} mmu_slow_in_t;

/* As the RTL's packed slow_t and pmp_write_t. */
#define MMU_SLOW_BITS 33
#define MMU_PMP_BITS 69
#define MMU_PMP_WORDS 2

/* One output field. */
typedef struct {
    const char *name; /* as RTL's ports and mmu_out_t call it, e.g. "rsp[1].pa" */
    const char *what; /* what it is, for people */
    uint16_t bit;     /* the lowest, from word 0 on; a field may reach into the next word */
    uint8_t width;
} mmu_field_t;

#define MMU_FIELDS 33

/* In the order in which a difference is reported. */
extern const mmu_field_t mmu_fields[MMU_FIELDS];

/* The field's value in the words of a clock. */
uint64_t mmu_field_get(const mmu_field_t *field, const uint64_t words[MMU_WORDS]);

/* All of the words that are inputs; bits that hold none are 0. */
void mmu_words_pack_in(const mmu_in_t *in, uint64_t words[MMU_WORDS]);

/* All inputs but `slow`, which stays. */
void mmu_words_unpack_in(const uint64_t words[MMU_WORDS], mmu_in_t *in);

void mmu_words_pack_out(const mmu_out_t *out, uint64_t words[MMU_WORDS]);
void mmu_words_unpack_out(const uint64_t words[MMU_WORDS], mmu_out_t *out);

uint64_t mmu_words_pack_slow(const mmu_slow_t *slow);
mmu_slow_t mmu_words_unpack_slow(uint64_t bits);
void mmu_words_pack_pmp(const mmu_pmp_write_t *pmp, uint64_t words[MMU_PMP_WORDS]);
mmu_pmp_write_t mmu_words_unpack_pmp(const uint64_t words[MMU_PMP_WORDS]);

#ifdef __cplusplus
}
#endif
#endif
