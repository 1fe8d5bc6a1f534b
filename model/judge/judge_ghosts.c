/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Killed requests: they stay as ghosts while a walk of theirs may run on (JDG-12).
 */
#include "judge/judge.h"

/* The one that was killed first. */
static void forget_ghost(mmu_judge_t *judge)
{
    unsigned first = 0;

    for (unsigned i = 1; i < judge->ghosts; i++)
        if (judge->ghost[i].killed < judge->ghost[first].killed)
            first = i;
    if (judge->ghost[first].killed > judge->ghosts_forgotten)
        judge->ghosts_forgotten = judge->ghost[first].killed;
    mmu_spaces_leave(judge, judge->ghost[first].request.space);
    judge->ghost[first] = judge->ghost[--judge->ghosts];
}

void mmu_walks_killed(mmu_judge_t *judge, const mmu_request_t *request)
{
    if (judge_start(&request->rq, &request->slow).kind != MMU_START_WALK) {
        mmu_spaces_leave(judge, request->space);
        return;
    }
    for (unsigned i = 0; i < judge->ghosts; i++) {
        mmu_ghost_t *g = &judge->ghost[i];
        if (!mmu_going_same(&g->request, request))
            continue;
        g->killed = mmu_stamp(judge->clock);
        if (request->clock < g->request.clock)
            g->request.clock = request->clock;
        mmu_spaces_leave(judge, request->space);
        return;
    }
    if (judge->ghosts == JUDGE_GHOSTS)
        forget_ghost(judge);
    judge->ghost[judge->ghosts++] = (mmu_ghost_t){*request, mmu_stamp(judge->clock)};
}

void mmu_walks_quiet(mmu_judge_t *judge)
{
    for (unsigned i = 0; i < JUDGE_SLOTS; i++)
        if (judge->slot[i].waiting)
            return;
    for (unsigned i = 0; i < judge->ghosts; i++)
        mmu_spaces_leave(judge, judge->ghost[i].request.space);
    judge->ghosts = 0;
    judge->ghosts_forgotten = 0;
    for (unsigned i = 0; i < JUDGE_SLOTS; i++) {
        judge->slot[i].count = 0;
        judge->slot[i].unsure = false;
    }
}
