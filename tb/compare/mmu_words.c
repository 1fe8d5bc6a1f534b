/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The words of a clock. Everything is made from the two lists of fields.
 */
#include "compare/mmu_words.h"

#include <string.h>

#define MASK(width) (~UINT64_C(0) >> (64 - (width)))

/* The field's value, in the member's own type. */
#define GET(member, word, shift, width)                                                                      \
    (__typeof__(member))((words[MMU_WORD_##word] >> (shift)) & MASK(width))

const mmu_field_t mmu_fields[MMU_FIELDS] = {
#define MMU_OUT(member, word, shift, width, what) {#member, what, MMU_WORD_##word, shift, width},
#include "compare/mmu_words_out.def"
};

uint64_t mmu_field_get(const mmu_field_t *field, const uint64_t words[MMU_WORDS])
{
    return (words[field->word] >> field->shift) & MASK(field->width);
}

void mmu_words_pack_in(const mmu_in_t *in, uint64_t words[MMU_WORDS])
{
    memset(words, 0, MMU_WORDS_IN * sizeof words[0]);
#define MMU_IN(member, word, shift, width) words[MMU_WORD_##word] |= (uint64_t)in->member << (shift);
#include "compare/mmu_words_in.def"
}

void mmu_words_unpack_in(const uint64_t words[MMU_WORDS], mmu_in_t *in)
{
#define MMU_IN(member, word, shift, width) in->member = GET(in->member, word, shift, width);
#include "compare/mmu_words_in.def"
}

void mmu_words_pack_out(const mmu_out_t *out, uint64_t words[MMU_WORDS])
{
    memset(words + MMU_WORDS_IN, 0, MMU_WORDS_OUT * sizeof words[0]);
#define MMU_OUT(member, word, shift, width, what) words[MMU_WORD_##word] |= (uint64_t)out->member << (shift);
#include "compare/mmu_words_out.def"
}

void mmu_words_unpack_out(const uint64_t words[MMU_WORDS], mmu_out_t *out)
{
#define MMU_OUT(member, word, shift, width, what) out->member = GET(out->member, word, shift, width);
#include "compare/mmu_words_out.def"
}

/* slow_t: the first field of the RTL's struct is the most significant. */
uint32_t mmu_words_pack_slow(const mmu_slow_t *slow)
{
    return ((uint32_t)slow->adue << 2) | ((uint32_t)slow->pbmte << 1) | (uint32_t)slow->svnapot;
}

mmu_slow_t mmu_words_unpack_slow(uint32_t bits)
{
    return (mmu_slow_t){
        .adue = (bits >> 2 & 1u) != 0, .pbmte = (bits >> 1 & 1u) != 0, .svnapot = (bits & 1u) != 0};
}
