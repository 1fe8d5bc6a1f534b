/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The environment's DPI, for tb/lockstep/mmu_tb.sv: one call a clock, whose results pass through flops.
 */
#include MMU_DPI_HEADER

#include "dpi/mmu_session.h"

#include <string.h>

static mmu_session_t *session_of(unsigned long long number)
{
    return (mmu_session_t *)(uintptr_t)number;
}

static void hand_over(const mmu_session_t *session, bool slow_changed, unsigned long long *next)
{
    uint64_t words[MMU_WORDS];

    mmu_words_pack_in(&session->in, words);
    if (slow_changed)
        words[MMU_WORD_IN] |= MMU_WORD_IN_SLOW_CHANGED;
    if (mmu_env_done(session->env))
        words[MMU_WORD_IN] |= MMU_WORD_IN_DONE;
    memcpy(next, words, MMU_WORDS_IN * sizeof words[0]);
}

void mmu_dpi_env_reset(unsigned long long number, unsigned long long *next, svBitVecVal *slow)
{
    mmu_session_t *session = session_of(number);

    mmu_env_reset_inputs(session->env, &session->in);
    session->slow = mmu_words_pack_slow(&session->in.slow);
    *slow = session->slow;
    hand_over(session, false, next);
}

void mmu_dpi_env_step(unsigned long long number, const unsigned long long *outs, unsigned long long *next)
{
    mmu_session_t *session = session_of(number);
    uint64_t words[MMU_WORDS];
    mmu_in_t in = session->in;
    mmu_out_t out;
    uint32_t slow;

    memcpy(words + MMU_WORDS_IN, outs, MMU_WORDS_OUT * sizeof words[0]);
    mmu_words_unpack_out(words, &out);
    mmu_env_step(session->env, &in, &out, &session->in);
    slow = mmu_words_pack_slow(&session->in.slow);
    hand_over(session, slow != session->slow, next);
    session->slow = slow;
}

void mmu_dpi_env_slow(unsigned long long number, svBitVecVal *slow)
{
    *slow = session_of(number)->slow;
}

void mmu_dpi_attach(unsigned long long number, void *lockstep)
{
    session_of(number)->lockstep = lockstep;
    session_of(number)->attached = true;
}
