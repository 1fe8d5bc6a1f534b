/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The words of a clock. Everything is made from the two lists of fields.
 */
#include "compare/mmu_words.h"

#include <string.h>

#define MASK(width) (~UINT64_C(0) >> (64 - (width)))

/* A field of `width` bits whose lowest is bit `bit` from `words` on. With constants, a few shifts. */
static inline uint64_t get(const uint64_t *words, unsigned bit, unsigned width)
{
    const uint64_t *w = words + bit / 64;
    unsigned shift = bit % 64;
    uint64_t value = w[0] >> shift;

    if (shift + width > 64)
        value |= w[1] << (64 - shift);
    return value & MASK(width);
}

static inline void put(uint64_t *words, unsigned bit, unsigned width, uint64_t value)
{
    uint64_t *w = words + bit / 64;
    unsigned shift = bit % 64;

    w[0] |= value << shift;
    if (shift + width > 64)
        w[1] |= value >> (64 - shift);
}

/* The field's value, in the member's own type. */
#define GET(member, word, bit, width) (__typeof__(member))get(words + MMU_WORD_##word, bit, width)

const mmu_field_t mmu_fields[MMU_FIELDS] = {
#define MMU_OUT(member, word, bit, width, what) {#member, what, MMU_WORD_##word * 64 + (bit), width},
#include "compare/mmu_words_out.def"
};

uint64_t mmu_field_get(const mmu_field_t *field, const uint64_t words[MMU_WORDS])
{
    return get(words, field->bit, field->width);
}

void mmu_words_pack_in(const mmu_in_t *in, uint64_t words[MMU_WORDS])
{
    memset(words, 0, MMU_WORDS_IN * sizeof words[0]);
#define MMU_IN(member, word, bit, width) put(words + MMU_WORD_##word, bit, width, in->member);
#include "compare/mmu_words_in.def"
}

void mmu_words_unpack_in(const uint64_t words[MMU_WORDS], mmu_in_t *in)
{
#define MMU_IN(member, word, bit, width) in->member = GET(in->member, word, bit, width);
#include "compare/mmu_words_in.def"
}

void mmu_words_pack_out(const mmu_out_t *out, uint64_t words[MMU_WORDS])
{
    memset(words + MMU_WORDS_IN, 0, MMU_WORDS_OUT * sizeof words[0]);
#define MMU_OUT(member, word, bit, width, what) put(words + MMU_WORD_##word, bit, width, out->member);
#include "compare/mmu_words_out.def"
}

void mmu_words_unpack_out(const uint64_t words[MMU_WORDS], mmu_out_t *out)
{
#define MMU_OUT(member, word, bit, width, what) out->member = GET(out->member, word, bit, width);
#include "compare/mmu_words_out.def"
}

/* slow_t: the first field of the RTL's struct is the most significant. */
uint32_t mmu_words_pack_slow(const mmu_slow_t *slow)
{
    return (uint32_t)slow->hadue << 7 | (uint32_t)slow->hpbmte << 6 | (uint32_t)slow->mml << 5 |
           (uint32_t)slow->mmwp << 4 | (uint32_t)slow->rlb << 3 | (uint32_t)slow->adue << 2 |
           (uint32_t)slow->pbmte << 1 | (uint32_t)slow->svnapot;
}

mmu_slow_t mmu_words_unpack_slow(uint32_t bits)
{
    return (mmu_slow_t){.hadue = (bits >> 7 & 1u) != 0,
                        .hpbmte = (bits >> 6 & 1u) != 0,
                        .mml = (bits >> 5 & 1u) != 0,
                        .mmwp = (bits >> 4 & 1u) != 0,
                        .rlb = (bits >> 3 & 1u) != 0,
                        .adue = (bits >> 2 & 1u) != 0,
                        .pbmte = (bits >> 1 & 1u) != 0,
                        .svnapot = (bits & 1u) != 0};
}

void mmu_words_pack_pmp(const mmu_pmp_write_t *pmp, uint64_t words[MMU_PMP_WORDS])
{
    words[0] = words[1] = 0;
    put(words, 0, 54, pmp->addr);
    put(words, 54, 8, pmp->cfg);
    put(words, 62, 6, pmp->index);
    put(words, 68, 1, pmp->valid);
}

mmu_pmp_write_t mmu_words_unpack_pmp(const uint64_t words[MMU_PMP_WORDS])
{
    return (mmu_pmp_write_t){.addr = get(words, 0, 54),
                             .cfg = (uint8_t)get(words, 54, 8),
                             .index = (uint8_t)get(words, 62, 6),
                             .valid = get(words, 68, 1) != 0};
}
