/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * All walks that some choice of one version a word makes (JDG-4), depth first, the version that was found last first:
 * it is the right one nearly always.
 */
#include "judge/judge.h"

#include <assert.h>

void mmu_explore_init(mmu_explore_t *x, mmu_judge_t *judge, const mmu_request_t *request)
{
    *x = (mmu_explore_t){.judge = judge,
                         .rq = request->rq,
                         .slow = request->slow,
                         .accepted = request->clock,
                         .floor = mmu_fences_floor(judge, request->clock)};
}

void mmu_explore_space(mmu_explore_t *x, const mmu_space_t *space)
{
    x->space = space;
    x->rq.ctx.root = space->ctx.root;
    x->rq.ctx.asid = space->ctx.asid;
    x->rq.ctx.mode = space->ctx.mode;
    x->slow = space->slow;
}

/* ---- freshness ------------------------------------------------------------------------------------------- */

mmu_use_t mmu_explore_use(const mmu_explore_t *x, unsigned n, const mmu_end_t *end)
{
    /* What a fault's last word would have mapped, nobody can tell: take the least. */
    return (mmu_use_t){.asid = x->rq.ctx.asid,
                       .global = end->global,
                       .leaf = n + 1 == x->links,
                       .va = x->rq.va,
                       .lg = end->fault == MMU_FAULT_NONE ? mmu_entry_lg(end->entry) : 12};
}

/* JDG-6: only a request of another space walks from that space's root, and where the request is older than a fence,
 * its walk fills nothing, whenever it reads (FEN-3). So a word of the root that a fence covers takes a request of that
 * space that is younger. Somebody else's MMU may begin walks without a request. */
static bool is_begun_after(const mmu_explore_t *x, const mmu_covering_t *fence)
{
    return x->space == NULL || x->judge->opt.foreign || x->space->entered > fence->stamp;
}

bool mmu_explore_fresh(const mmu_explore_t *x, const mmu_end_t *end)
{
    const mmu_covering_t *fence = NULL;

    for (unsigned n = x->links; n-- > 0;) {
        /* All pointers of a walk are covered by the same fences. */
        if (n + 1 == x->links || n + 2 == x->links) {
            mmu_use_t use = mmu_explore_use(x, n, end);
            fence = mmu_fences_cover(x->judge, x->accepted, &use);
        }
        if (fence != NULL && x->link[n].reach <= fence->stamp)
            return false;
        if (fence != NULL && n == 0 && !is_begun_after(x, fence))
            return false;
    }
    return true;
}

/* ---- walks ------------------------------------------------------------------------------------------------- */

static bool come_to(mmu_explore_t *x, mmu_link_t link, mmu_end_t end)
{
    bool enough;

    if (x->choices++ == JUDGE_CHOICES) {
        x->over = x->unsure = true;
        return true;
    }
    if (x->end == NULL)
        return false;
    x->link[x->links++] = link;
    enough = x->end(x, &end);
    x->links--;
    return enough;
}

static bool walk_from(mmu_explore_t *x, mmu_pos_t pos);

static bool choose(mmu_explore_t *x, mmu_link_t link)
{
    mmu_step_t step = mmu_riscv_step(&x->rq, &x->slow, link.pos, link.version->word);
    bool enough;

    switch (step.kind) {
    case MMU_STEP_READ:
        x->link[x->links++] = link;
        enough = walk_from(x, step.pos);
        x->links--;
        return enough;
    case MMU_STEP_LEAF:
        return come_to(x, link, (mmu_end_t){.entry = step.entry, .global = mmu_entry_g(step.entry)});
    case MMU_STEP_NEED_AD:
        /* JDG-5: the word after the swap gives the leaf; this one gives a fault where the swap was an error. */
        if (!mmu_judge_allows_walk(x->judge, link.addr, link.wide, true)) {
            link.reach = JUDGE_OPEN;
        } else {
            if (link.word->swap_error <= x->floor)
                return false;
            link.reach = link.word->swap_error;
        }
        link.version = NULL;
        return come_to(x, link,
                       (mmu_end_t){.fault = MMU_FAULT_ACCESS, .global = (link.pos & MMU_POS_G) != 0});
    default:
        return come_to(x, link, (mmu_end_t){.fault = step.fault, .global = (link.pos & MMU_POS_G) != 0});
    }
}

static bool walk_from(mmu_explore_t *x, mmu_pos_t pos)
{
    mmu_addr_t at = mmu_riscv_addr(&x->rq, pos);
    mmu_word_t *word;

    if (x->links == JUDGE_LEVELS) {
        x->unsure = true;
        return false;
    }
    if (x->position != NULL && x->position(x, pos, at))
        return true;
    /* A denied read makes a fault; what was read before it was denied may still be used. */
    if (!mmu_judge_allows_walk(x->judge, at.addr, at.wide, false) &&
        come_to(x, (mmu_link_t){.reach = JUDGE_OPEN, .pos = pos, .addr = at.addr, .wide = at.wide},
                (mmu_end_t){.fault = MMU_FAULT_ACCESS, .global = (pos & MMU_POS_G) != 0}))
        return true;
    word = mmu_words_find(x->judge, at.addr, at.wide);
    if (word == NULL)
        return false;
    if (word->forgotten > x->floor)
        x->unsure = true;
    for (unsigned n = word->count; n-- > 0;) {
        const mmu_version_t *v = &word->version[n];
        mmu_stamp_t reach = mmu_version_reach(x->judge, v);
        if (reach > x->floor && choose(x, (mmu_link_t){word, v, reach, pos, at.addr, at.wide}))
            return true;
    }
    return word->read_error > x->floor &&
           come_to(x, (mmu_link_t){word, NULL, word->read_error, pos, at.addr, at.wide},
                   (mmu_end_t){.fault = MMU_FAULT_ACCESS, .global = (pos & MMU_POS_G) != 0});
}

bool mmu_explore_run(mmu_explore_t *x)
{
    mmu_start_t start = mmu_riscv_start(&x->rq, &x->slow);

    assert(x->links == 0);
    x->choices = 0;
    x->over = false;
    if (start.kind != MMU_START_WALK)
        return false;
    return walk_from(x, start.pos) && !x->over;
}
