/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Somebody else's MMU may set A early (JDG-17): is this such a swap?
 */
#include "judge/judge.h"

static bool sets(const mmu_step_t *step, const mmu_mreq_t *mreq)
{
    return (step->kind == MMU_STEP_NEED_AD || step->kind == MMU_STEP_READ_AD) &&
           step->new_word == mreq->new_word;
}

/* As a word of another format, at any level; x86 as if it set A of pointers always (X86-8). */
static bool sets_accessed_other(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_start_t start,
                                const mmu_mreq_t *mreq)
{
    const mmu_pos_t level = UINT64_C(7) << MMU_POS_LEVEL_SHIFT;
    mmu_slow_t always = *slow;

    always.afault = true;
    for (uint64_t n = 0; start.kind == MMU_START_WALK && n < 8; n++) {
        mmu_step_t step =
            judge_step(rq, &always, (start.pos & ~level) | n << MMU_POS_LEVEL_SHIFT, mreq->old_word);
        if (sets(&step, mreq))
            return true;
    }
    return false;
}

/* As a word of the first stage, or the only one, at any level. */
static bool sets_accessed(const mmu_rq_t *rq, const mmu_slow_t *slow, const mmu_mreq_t *mreq)
{
    mmu_start_t start = judge_start(rq, slow);
    if (judge_other(slow))
        return sets_accessed_other(rq, slow, start, mreq);
    unsigned level =
        start.kind == MMU_START_WALK && rq->ctx.mode != MMU_MODE_BARE ? mmu_pos_level(start.pos) + 1 : 0;

    while (level-- > 0) {
        mmu_step_t step = mmu_riscv_step(rq, slow, mmu_pos_make(level, false, 0), mreq->old_word);
        if (sets(&step, mreq))
            return true;
    }
    return false;
}

/* As one of the G stage. D goes with an entry of the first stage whose A is set early (Priv 4.3.1). */
static bool sets_accessed_g(const mmu_rq_t *rq, const mmu_slow_t *slow, const mmu_mreq_t *mreq)
{
    mmu_start_t start = mmu_riscv_gstart(rq, 0);
    unsigned level = mmu_riscv_two_stage(rq) ? mmu_pos_level(start.pos) + 1 : 0;

    while (level-- > 0)
        for (uint8_t what = MMU_G_ENTRY; what <= MMU_G_FINAL; what++) {
            mmu_step_t step = mmu_riscv_gstep(rq, slow, mmu_pos_make(level, false, 0), what, mreq->old_word);
            if ((what != MMU_G_UPDATE || slow->hadue) && sets(&step, mreq))
                return true;
        }
    return false;
}

/* JDG-17: for a fetch or a load of anybody the format would set this, and so no D. */
bool mmu_foreign_sets_accessed(const mmu_judge_t *judge, const mmu_mreq_t *mreq)
{
    static const uint8_t accesses[] = {MMU_ACC_FETCH, MMU_ACC_LOAD}, privileges[] = {MMU_PRIV_U, MMU_PRIV_S};

    for (unsigned n = 0; n < mmu_spaces_used(judge); n++) {
        const mmu_space_t *s = &judge->space[n];
        for (unsigned k = 0; s->number != 0 && k < 4; k++) {
            mmu_rq_t rq = {.ctx = s->ctx, .acc = accesses[k & 1], .prv = privileges[k >> 1]};
            if (sets_accessed(&rq, &s->slow, mreq) || (s->ctx.v && sets_accessed_g(&rq, &s->slow, mreq)))
                return true;
        }
    }
    return false;
}
