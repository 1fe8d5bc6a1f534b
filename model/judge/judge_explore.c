/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * All walks that some choice of one version a word makes (JDG-4), depth first, the version that was found last first:
 * it is the right one nearly always. This is the first stage, or the only one; where there is a G stage, the place of
 * each word and the address at the end are asked of judge_guest.c.
 */
#include "judge/judge.h"

#include <assert.h>

/* ---- what is explored -------------------------------------------------------------------------------------- */

void mmu_explore_init(mmu_explore_t *x, mmu_judge_t *judge, const mmu_request_t *request)
{
    const mmu_ctx_t *ctx = &request->rq.ctx;

    *x = (mmu_explore_t){.judge = judge,
                         .rq = request->rq,
                         .slow = request->slow,
                         .gslow = request->slow,
                         .accepted = request->clock,
                         .floor = mmu_fences_floor(judge, request->clock, ctx, 0)};
    x->two = ctx->v && mmu_riscv_two_stage(&request->rq);
    x->most = x->two ? JUDGE_CHOICES_G : JUDGE_CHOICES;
    x->link = x->few;
    x->room = JUDGE_LEVELS;
    if (x->two)
        mmu_guest_init(x);
    if (judge_other(&x->slow)) {
        x->link = judge->many;
        x->room = JUDGE_ROWS;
        x->most = JUDGE_CHOICES_F;
    }
}

void mmu_explore_space(mmu_explore_t *x, const mmu_space_t *space)
{
    x->space = space;
    x->rq.ctx.root = space->ctx.root;
    x->rq.ctx.aux = space->ctx.aux;
    x->rq.ctx.asid = space->ctx.asid;
    x->rq.ctx.mode = space->ctx.mode;
    x->slow = space->slow;
}

/* ---- freshness ------------------------------------------------------------------------------------------- */

mmu_use_t mmu_explore_use(const mmu_explore_t *x, unsigned n, const mmu_end_t *end)
{
    return (mmu_use_t){.va = x->rq.va,
                       .asid = x->rq.ctx.asid,
                       .vmid = x->rq.ctx.vmid,
                       .v = x->rq.ctx.v,
                       .global = end->global,
                       .leaf = n + 1 == x->links,
                       .lg = end->flg};
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
    unsigned link;

    if (judge_other(&x->slow))
        return mmu_kept_forbids(x, end, &link) == NULL;
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

/* ---- ends -------------------------------------------------------------------------------------------------- */

/* The walk as it stands in the links. */
static bool come_to(mmu_explore_t *x, const mmu_end_t *end)
{
    if (x->choices++ == x->most) {
        x->over = x->unsure = true;
        return true;
    }
    return x->end != NULL && x->end(x, end);
}

static bool come_to_by(mmu_explore_t *x, const mmu_link_t *link, const mmu_end_t *end)
{
    bool enough;

    x->link[x->links++] = *link;
    enough = come_to(x, end);
    x->links--;
    return enough;
}

/* What a fault's last word would have mapped, nobody can tell: take the least. */
static mmu_end_t fault_at(const mmu_explore_t *x, mmu_pos_t pos, uint8_t fault)
{
    return (mmu_end_t){.fault = fault, .flg = 12, .global = judge_pos_global(&x->slow, pos)};
}

/* The G stage refuses. imp: as in mmu_rsp_t. */
static mmu_end_t refused_at(uint64_t gpa, const mmu_g_result_t *r, uint8_t imp, uint8_t flg, bool global)
{
    bool guest = r->fault == MMU_FAULT_GUEST;

    return (mmu_end_t){.fault = r->fault,
                       .gpa = guest ? gpa : 0,
                       .imp = guest ? imp : 0,
                       .through = r,
                       .flg = flg,
                       .global = global};
}

/* The first stage's leaf is found, and stands in the links; GFinal follows. */
static bool finish(mmu_explore_t *x, mmu_entry_t first, uint64_t gpa)
{
    bool global = mmu_entry_g(first);
    uint8_t flg = mmu_entry_lg(first);
    const mmu_g_list_t *list;

    if (x->end == NULL)
        return false;
    if (!x->two) {
        mmu_end_t end = {.entry = first, .flg = flg, .global = global};
        return come_to(x, &end);
    }
    list = mmu_guest_translate(x, gpa, MMU_G_FINAL);
    for (unsigned n = 0; n < list->count; n++) {
        const mmu_g_result_t *r = &list->result[n];
        mmu_end_t end = refused_at(gpa, r, 0, flg, global);

        if (r->fault == MMU_FAULT_NONE)
            end.entry = mmu_riscv_combine(first, r->entry, gpa);
        if (come_to(x, &end))
            return true;
    }
    return false;
}

/* ---- A and D (JDG-5) ----------------------------------------------------------------------------------------- */

/* The word after the swap gives the leaf; this one gives a fault where the swap was denied or an error. */
static bool fail_to_swap(mmu_explore_t *x, mmu_link_t link, uint64_t addr, mmu_end_t end)
{
    mmu_word_t *word;

    end.fault = MMU_FAULT_ACCESS;
    link.version = NULL;
    link.reach = JUDGE_OPEN;
    if (mmu_judge_allows_walk(x->judge, addr, link.wide, true)) {
        word = mmu_words_find(x->judge, addr, link.wide);
        if (word == NULL || word->swap_error <= x->floor)
            return false;
        link.reach = word->swap_error;
    }
    return come_to_by(x, &link, &end);
}

static bool update(mmu_explore_t *x, const mmu_link_t *link, const mmu_step_t *step, uint64_t gpa)
{
    bool global = (link->pos & MMU_POS_G) != 0;
    const mmu_g_list_t *list;

    if (x->end == NULL)
        return false;
    if (!x->two)
        return fail_to_swap(x, *link, link->addr, fault_at(x, link->pos, 0));
    list = mmu_guest_translate(x, gpa, MMU_G_UPDATE);
    for (unsigned n = 0; n < list->count; n++) {
        const mmu_g_result_t *r = &list->result[n];
        mmu_end_t end = refused_at(gpa, r, 2, mmu_entry_lg(step->entry), global);

        if (r->fault == MMU_FAULT_NONE ? fail_to_swap(x, *link, mmu_entry_pa(r->entry, gpa), end)
                                       : come_to_by(x, link, &end))
            return true;
    }
    return false;
}

/* ---- walks ------------------------------------------------------------------------------------------------- */

static bool walk_from(mmu_explore_t *x, mmu_pos_t pos);

static bool choose(mmu_explore_t *x, const mmu_link_t *link)
{
    mmu_step_t step = judge_step(&x->rq, &x->slow, link->pos, link->version->word);
    mmu_end_t end;
    bool enough;

    switch (step.kind) {
    case MMU_STEP_READ:
        x->link[x->links] = *link;
        x->link[x->links++].lg = step.lg;
        enough = walk_from(x, step.pos);
        x->links--;
        return enough;
    case MMU_STEP_LEAF:
        x->link[x->links++] = *link;
        enough = finish(x, step.entry, x->two ? mmu_entry_pa(step.entry, x->rq.va) : 0);
        x->links--;
        return enough;
    case MMU_STEP_NEED_AD:
    case MMU_STEP_READ_AD: /* the word after the swap is read as a pointer */
        return update(x, link, &step, x->two ? mmu_riscv_addr(&x->rq, link->pos).addr : 0);
    default:
        end = fault_at(x, link->pos, step.fault);
        return come_to_by(x, link, &end);
    }
}

static bool fail_to_read(mmu_explore_t *x, const mmu_link_t *link)
{
    mmu_end_t end = fault_at(x, link->pos, MMU_FAULT_ACCESS);

    return come_to_by(x, link, &end);
}

/* Ways that end at a word that was never read are many where chains are long: they count. */
static bool come_to_nothing(mmu_explore_t *x)
{
    if (x->choices++ != x->most)
        return false;
    x->over = x->unsure = true;
    return true;
}

/* Other formats' walks begin at the root, or where a walk cache may have kept the pointer (FRM-5), which is never deep. */
static bool may_begin(const mmu_explore_t *x)
{
    return x->links == 0 || x->link[x->links - 1].lg != 0 || !judge_other(&x->slow);
}

/* The word of a position, at a physical address. through: what the G stage said of it, NULL without one. */
static bool read_at(mmu_explore_t *x, mmu_pos_t pos, mmu_addr_t at, const mmu_g_result_t *through)
{
    mmu_stamp_t expiry = through == NULL ? JUDGE_OPEN : through->expiry;
    mmu_link_t link = {.reach = JUDGE_OPEN, .pos = pos, .addr = at.addr, .wide = at.wide, .through = through};
    mmu_word_t *word;

    if (x->look != NULL)
        x->look(x, 0, mmu_pos_level(pos), at);
    /* A denied read makes a fault; what was read before it was denied may still be used. */
    if (expiry == JUDGE_OPEN && !mmu_judge_allows_walk(x->judge, at.addr, at.wide, false) &&
        fail_to_read(x, &link))
        return true;
    word = link.word = mmu_words_find(x->judge, at.addr, at.wide);
    if (word == NULL)
        return judge_other(&x->slow) && come_to_nothing(x);
    if (word->forgotten > x->floor)
        x->unsure = true;
    for (unsigned n = word->count; n-- > 0;) {
        const mmu_version_t *v = &word->version[n];

        /* JDG-20: what was read through the G stage before a fence ended that. */
        link.version = v;
        link.reach = mmu_version_reach(x->judge, v);
        if (expiry != JUDGE_OPEN && !x->stale) {
            if (mmu_version_begin(x->judge, v) > expiry)
                continue;
            if (link.reach > expiry)
                link.reach = expiry;
        }
        if (link.reach > x->floor && choose(x, &link))
            return true;
    }
    link.version = NULL;
    link.reach = word->read_error;
    return expiry == JUDGE_OPEN && word->read_error > x->floor && fail_to_read(x, &link);
}

/* The same, where the position tells a guest physical address. */
static bool read_through(mmu_explore_t *x, mmu_pos_t pos, mmu_addr_t at)
{
    const mmu_g_list_t *list = mmu_guest_translate(x, at.addr, MMU_G_ENTRY);
    mmu_link_t none = {.reach = JUDGE_OPEN, .pos = pos, .addr = at.addr, .wide = at.wide};

    for (unsigned n = 0; n < list->count; n++) {
        const mmu_g_result_t *r = &list->result[n];
        mmu_end_t end = refused_at(at.addr, r, 1, 12, (pos & MMU_POS_G) != 0);
        mmu_addr_t physical = {.addr = mmu_entry_pa(r->entry, at.addr), .wide = at.wide};

        none.through = r;
        if (r->fault == MMU_FAULT_NONE ? read_at(x, pos, physical, r) : come_to_by(x, &none, &end))
            return true;
    }
    return false;
}

static bool walk_from(mmu_explore_t *x, mmu_pos_t pos)
{
    mmu_addr_t at = judge_addr(&x->rq, &x->slow, pos);

    if (x->links + 1 >= x->room) {
        x->unsure = true;
        return false;
    }
    if (x->position != NULL && may_begin(x) && x->position(x, pos, at))
        return true;
    /* No position is below. */
    if (x->end == NULL && (judge_other(&x->slow) ? x->links + 1 >= JUDGE_LEVELS : mmu_pos_level(pos) == 0))
        return false;
    return x->two ? read_through(x, pos, at) : read_at(x, pos, at, NULL);
}

bool mmu_explore_run(mmu_explore_t *x)
{
    mmu_start_t start = judge_start(&x->rq, &x->slow);
    bool enough;

    assert(x->links == 0);
    x->choices = 0;
    x->over = false;
    if (start.kind != MMU_START_WALK)
        return false;
    if (x->rq.ctx.mode == MMU_MODE_BARE && !judge_other(&x->slow))
        enough = finish(x, mmu_riscv_bare_entry(), x->rq.va);
    else
        enough = walk_from(x, start.pos);
    return enough && !x->over;
}
