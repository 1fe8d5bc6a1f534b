/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Address spaces: the contexts that requests had. A translation may have been made in another one (JDG-6): a global
 * mapping in any of the machine, and in one of the same ASID whose root software changed.
 */
#include "judge/judge.h"

#include <assert.h>
#include <string.h>

/* Outstanding requests and ghosts are fewer than places, so that there is always one that is not live. */
_Static_assert(MMU_PORTS *JUDGE_IDS + JUDGE_GHOSTS < JUDGE_SPACES, "places for spaces");

/* Registers of formats stand at the end, a byte each. */
__attribute__((noinline)) static bool same_registers(const mmu_slow_t *a, const mmu_slow_t *b)
{
    const size_t at = offsetof(mmu_slow_t, format);

    return memcmp((const char *)a + at, (const char *)b + at, sizeof *a - at) == 0;
}

static inline bool slow_same(const mmu_slow_t *a, const mmu_slow_t *b)
{
    return a->adue == b->adue && a->pbmte == b->pbmte && a->svnapot == b->svnapot && a->hadue == b->hadue &&
           a->hpbmte == b->hpbmte && a->format == b->format && (!judge_other(a) || same_registers(a, b));
}

bool mmu_slow_same(const mmu_slow_t *a, const mmu_slow_t *b)
{
    return slow_same(a, b);
}

static bool same(const mmu_space_t *space, const mmu_ctx_t *ctx, const mmu_slow_t *slow)
{
    const mmu_ctx_t *c = &space->ctx;

    return space->number != 0 && c->root == ctx->root && c->asid == ctx->asid && c->mode == ctx->mode &&
           c->v == ctx->v && c->vmid == ctx->vmid && c->gmode == ctx->gmode && c->groot == ctx->groot &&
           c->aux == ctx->aux && mmu_slow_same(&space->slow, slow);
}

/* A free place, else that of the space which was alive longest ago. */
static unsigned choose_place(mmu_judge_t *judge)
{
    unsigned best = JUDGE_SPACES;

    if (judge->spaces_made < JUDGE_SPACES)
        return judge->spaces_made;
    for (unsigned i = 0; i < JUDGE_SPACES; i++) {
        const mmu_space_t *s = &judge->space[i];
        if (s->live == 0 && (best == JUDGE_SPACES || s->alive < judge->space[best].alive))
            best = i;
    }
    assert(best < JUDGE_SPACES);
    if (judge->space[best].alive > judge->spaces_forgotten)
        judge->spaces_forgotten = judge->space[best].alive;
    return best;
}

unsigned mmu_spaces_enter(mmu_judge_t *judge, unsigned port, const mmu_ctx_t *ctx, const mmu_slow_t *slow)
{
    unsigned n = judge->last_space[port];

    if (!same(&judge->space[n], ctx, slow)) {
        const unsigned used = mmu_spaces_used(judge);

        for (n = 0; n < used && !same(&judge->space[n], ctx, slow); n++)
            ;
        if (n == used) {
            n = choose_place(judge);
            judge->space[n] = (mmu_space_t){.ctx = *ctx, .slow = *slow, .number = ++judge->spaces_made};
            judge->space[n].ctx.flags = 0;
            judge->space[n].ctx.sum = judge->space[n].ctx.mxr = judge->space[n].ctx.gmxr = false;
        }
        judge->last_space[port] = n;
    }
    judge->space[n].live++;
    judge->space[n].entered = mmu_stamp(judge->clock);
    return n;
}

void mmu_spaces_leave(mmu_judge_t *judge, unsigned space)
{
    mmu_space_t *s = &judge->space[space];

    if (s->live > 0)
        s->live--;
    s->alive = mmu_stamp(judge->clock);
}

bool mmu_spaces_alive(const mmu_judge_t *judge, unsigned space, mmu_stamp_t after)
{
    const mmu_space_t *s = &judge->space[space];

    return s->number != 0 && (s->live != 0 || s->alive > after);
}
