/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Between DPI's packed vectors (32-bit words, the lowest first) and the words of a clock (mmu_words.h). A vector is
 * copied as it stands, so the host must be little-endian, as every host of Verilator's Debian packages is.
 */
#ifndef LOCKWALK_DPI_MMU_DPI_WORDS_H
#define LOCKWALK_DPI_MMU_DPI_WORDS_H

#include "compare/mmu_words.h"

#include "svdpi.h"

#include <string.h>

#define MMU_DPI_VEC_BYTES(bits) (((bits) + 31) / 32 * 4)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vectors are copied as bytes");

/* A vector of so many bits; the rest of its last word becomes 0. */
static inline void mmu_dpi_take(uint64_t *words, const svBitVecVal *vec, unsigned bits)
{
    if (bits % 64 != 0)
        words[bits / 64] = 0;
    memcpy(words, vec, MMU_DPI_VEC_BYTES(bits));
}

static inline void mmu_dpi_give(svBitVecVal *vec, const uint64_t *words, unsigned bits)
{
    memcpy(vec, words, MMU_DPI_VEC_BYTES(bits));
}

static inline void mmu_dpi_take_out(uint64_t words[MMU_WORDS], svBitVecVal req_ready, const svBitVecVal *rsp,
                                    svBit fence_ready, svBit fence_done, const svBitVecVal *mreq, svBit idle,
                                    const svBitVecVal *events)
{
    mmu_dpi_take(words + MMU_WORD_RSP, rsp, MMU_RSP_BITS);
    mmu_dpi_take(words + MMU_WORD_MREQ, mreq, MMU_MREQ_BITS);
    words[MMU_WORD_OUT] = (uint64_t)events[0] | (uint64_t)events[1] << 32 | (uint64_t)idle << 37 |
                          (uint64_t)fence_done << 38 | (uint64_t)fence_ready << 39 |
                          (uint64_t)req_ready << 40;
}

#endif
