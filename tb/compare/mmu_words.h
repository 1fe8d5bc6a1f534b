/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The words of a clock: how the inputs and outputs of an MMU travel between a simulation and C. All of them are
 * in MMU_WORDS words of 64 bits, inputs first; two clocks differ in an output where they differ in a word from
 * MMU_WORDS_IN on. The layout is in mmu_words_in.def and mmu_words_out.def, and its twin in SystemVerilog is
 * tb/lockstep/mmu_dpi_pkg.sv.
 */
#ifndef LOCKWALK_COMPARE_MMU_WORDS_H
#define LOCKWALK_COMPARE_MMU_WORDS_H

#include "lockwalk/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_WORD_REQ0_VA = 0,
    MMU_WORD_REQ1_VA = 1,
    MMU_WORD_CTX = 2,
    MMU_WORD_FENCE_VA = 3,
    MMU_WORD_MRSP_DATA = 4,
    MMU_WORD_IN = 5,
    MMU_WORD_RSP0 = 6,
    MMU_WORD_RSP0_TVAL = 7,
    MMU_WORD_RSP1 = 8,
    MMU_WORD_RSP1_TVAL = 9,
    MMU_WORD_MREQ = 10,
    MMU_WORD_MREQ_OLD = 11,
    MMU_WORD_MREQ_NEW = 12,
    MMU_WORD_OUT = 13
} mmu_word_e;

#define MMU_WORDS 14
#define MMU_WORDS_IN 6
#define MMU_WORDS_OUT (MMU_WORDS - MMU_WORDS_IN)

/* Bits of word MMU_WORD_IN that are not inputs of the MMU but the environment's word to its bench. */
#define MMU_WORD_IN_SLOW_CHANGED (UINT64_C(1) << 62)
#define MMU_WORD_IN_DONE (UINT64_C(1) << 63)

/* Slow registers as the RTL's packed slow_t. */
#define MMU_SLOW_BITS 3

/* One output field. */
typedef struct {
    const char *name; /* as RTL's ports and mmu_out_t call it, e.g. "rsp[1].pa" */
    const char *what; /* what it is, for people */
    uint8_t word, shift, width;
} mmu_field_t;

#define MMU_FIELDS 29

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

uint32_t mmu_words_pack_slow(const mmu_slow_t *slow);
mmu_slow_t mmu_words_unpack_slow(uint32_t bits);

#ifdef __cplusplus
}
#endif
#endif
