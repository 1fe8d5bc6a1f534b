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

/* slow_t: the first field of the RTL's struct is the most significant. MMU_SLOW(member, lowest bit, width). */
#define MMU_SLOW_FIELDS                                                                                      \
    MMU_SLOW(svnapot, 0, 1)                                                                                  \
    MMU_SLOW(pbmte, 1, 1)                                                                                    \
    MMU_SLOW(adue, 2, 1)                                                                                     \
    MMU_SLOW(rlb, 3, 1)                                                                                      \
    MMU_SLOW(mmwp, 4, 1)                                                                                     \
    MMU_SLOW(mml, 5, 1)                                                                                      \
    MMU_SLOW(hpbmte, 6, 1)                                                                                   \
    MMU_SLOW(hadue, 7, 1)                                                                                    \
    MMU_SLOW(rows_lg, 8, 5)                                                                                  \
    MMU_SLOW(linear, 13, 1)                                                                                  \
    MMU_SLOW(plg, 14, 5)                                                                                     \
    MMU_SLOW(maxpa, 19, 6)                                                                                   \
    MMU_SLOW(afault, 25, 1)                                                                                  \
    MMU_SLOW(nxe, 26, 1)                                                                                     \
    MMU_SLOW(pge, 27, 1)                                                                                     \
    MMU_SLOW(pse, 28, 1)                                                                                     \
    MMU_SLOW(format, 29, 4)

uint64_t mmu_words_pack_slow(const mmu_slow_t *slow)
{
    uint64_t bits = 0;

#define MMU_SLOW(member, bit, width) put(&bits, bit, width, slow->member);
    MMU_SLOW_FIELDS
#undef MMU_SLOW
    return bits;
}

mmu_slow_t mmu_words_unpack_slow(uint64_t bits)
{
    mmu_slow_t slow = {0};

#define MMU_SLOW(member, bit, width) slow.member = (__typeof__(slow.member))get(&bits, bit, width);
    MMU_SLOW_FIELDS
#undef MMU_SLOW
    return slow;
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
