/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The environment's DPI, for tb/lockstep/mmu_tb.sv: one call a clock, whose results pass through flops.
 */
#include MMU_DPI_HEADER

#include "dpi/mmu_dpi_words.h"
#include "dpi/mmu_session.h"

static mmu_session_t *session_of(unsigned long long number)
{
    return (mmu_session_t *)(uintptr_t)number;
}

static void hand_over(const mmu_session_t *session, svBitVecVal *req, svBitVecVal *kill, svBitVecVal *ctx,
                      svBitVecVal *fence, svBit *mreq_ready, svBitVecVal *mrsp)
{
    uint64_t words[MMU_WORDS];

    mmu_words_pack_in(&session->in, words);
    mmu_dpi_give(req, words + MMU_WORD_REQ, MMU_REQ_BITS);
    mmu_dpi_give(ctx, words + MMU_WORD_CTX, MMU_CTX_BITS);
    mmu_dpi_give(fence, words + MMU_WORD_FENCE, MMU_FENCE_BITS);
    mmu_dpi_give(mrsp, words + MMU_WORD_MRSP, MMU_MRSP_BITS);
    *kill = words[MMU_WORD_IN] & 3u;
    *mreq_ready = words[MMU_WORD_IN] >> 2 & 1u;
}

/* What the slow registers are from the next clock on. */
static void hand_over_slow(mmu_session_t *session, svBitVecVal *slow, svBitVecVal *pmp)
{
    uint64_t words[MMU_PMP_WORDS], bits;

    session->slow = session->in.slow;
    session->pmp_valid = session->in.pmp.valid;
    mmu_words_pack_pmp(&session->in.pmp, words);
    bits = mmu_words_pack_slow(&session->in.slow);
    mmu_dpi_give(slow, &bits, MMU_SLOW_BITS);
    mmu_dpi_give(pmp, words, MMU_PMP_BITS);
}

void mmu_dpi_env_reset(unsigned long long number, svBit *done, svBitVecVal *slow, svBitVecVal *pmp,
                       svBitVecVal *req, svBitVecVal *kill, svBitVecVal *ctx, svBitVecVal *fence,
                       svBit *mreq_ready, svBitVecVal *mrsp)
{
    mmu_session_t *session = session_of(number);

    mmu_env_reset_inputs(session->env, &session->in);
    *done = mmu_env_done(session->env);
    hand_over_slow(session, slow, pmp);
    hand_over(session, req, kill, ctx, fence, mreq_ready, mrsp);
}

void mmu_dpi_env_step(unsigned long long number, svBit *done, svBit *slow_changed, unsigned int *reset_clocks,
                      const svBitVecVal *req_ready, const svBitVecVal *rsp, svBit fence_ready,
                      svBit fence_done, const svBitVecVal *mreq, svBit idle, const svBitVecVal *events,
                      svBitVecVal *req, svBitVecVal *kill, svBitVecVal *ctx, svBitVecVal *fence,
                      svBit *mreq_ready, svBitVecVal *mrsp)
{
    mmu_session_t *session = session_of(number);
    uint64_t words[MMU_WORDS];
    mmu_in_t in = session->in;
    mmu_out_t out;

    mmu_dpi_take_out(words, *req_ready, rsp, fence_ready, fence_done, mreq, idle, events);
    mmu_words_unpack_out(words, &out);
    mmu_env_step(session->env, &in, &out, &session->in);
    /* A write of PMP lasts a clock. */
    *slow_changed = session->in.pmp.valid || session->pmp_valid ||
                    mmu_words_pack_slow(&session->in.slow) != mmu_words_pack_slow(&session->slow);
    *reset_clocks = mmu_env_reset_clocks(session->env);
    *done = mmu_env_done(session->env);
    hand_over(session, req, kill, ctx, fence, mreq_ready, mrsp);
}

void mmu_dpi_env_slow(unsigned long long number, svBitVecVal *slow, svBitVecVal *pmp)
{
    hand_over_slow(session_of(number), slow, pmp);
}

void mmu_dpi_attach(unsigned long long number, void *lockstep)
{
    session_of(number)->lockstep = lockstep;
    session_of(number)->attached = true;
}
