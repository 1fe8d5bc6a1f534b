/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Guest physical addresses: all that one may translate to, by any choice of versions of the G stage's words (JDG-18 to
 * JDG-20). A fence of the G stage knows nothing of the first stage (JDG-3), so a result is judged here once and for all,
 * and many choices come to a few results: they are kept for the exploration, by guest page and purpose.
 */
#include "judge/judge.h"

#include <string.h>

enum {
    CHOICES = 256,   /* of one translation; more: undecided */
    PAGE_LG = 12,    /* no page of the G stage is smaller */
    NAPOT_LG = 16,   /* Svnapot's only size... */
    NAPOT_WORDS = 16 /* ...has so many words, and a TLB may hold any of them (JDG-7) */
};

typedef struct {
    mmu_explore_t *x;
    const mmu_g_root_t *root;
    mmu_rq_t rq;
    uint64_t gpa;
    uint8_t what;
    mmu_stamp_t floor;
    mmu_link_t link[JUDGE_LEVELS];
    unsigned links;
    unsigned choices;
    mmu_g_list_t *list; /* for results; NULL: positions are wanted, */
    mmu_addr_t at;      /* at which this is read */
    mmu_pos_t *pos;
    unsigned found, room;
} walk_t;

static const mmu_g_list_t nothing;

/* ---- tables ------------------------------------------------------------------------------------------------ */

static void add_root(mmu_explore_t *x, uint64_t groot, const mmu_slow_t *slow, mmu_stamp_t entered,
                     bool only_leaves)
{
    mmu_guest_t *g = &x->judge->guest;

    for (unsigned n = 0; n < g->roots; n++) {
        mmu_g_root_t *r = &g->root[n];
        if (r->groot != groot || !mmu_slow_same(&r->slow, slow))
            continue;
        if (r->entered < entered)
            r->entered = entered;
        return;
    }
    if (g->roots == JUDGE_G_ROOTS)
        x->unsure = true;
    else
        g->root[g->roots++] = (mmu_g_root_t){groot, *slow, entered, only_leaves};
}

/* JDG-19: tables that the machine had before; as JDG-6, but each translation may come from another one. */
static void add_former_roots(mmu_explore_t *x)
{
    const mmu_ctx_t *own = &x->rq.ctx;

    for (unsigned n = 0; n < mmu_spaces_used(x->judge); n++) {
        const mmu_space_t *s = &x->judge->space[n];
        mmu_stamp_t entered = x->judge->opt.foreign ? JUDGE_OPEN : s->entered;

        if (!s->ctx.v || s->ctx.vmid != own->vmid || s->ctx.gmode != own->gmode ||
            !mmu_spaces_alive(x->judge, n, x->gfloor_entry))
            continue;
        if (s->ctx.groot != own->groot)
            add_root(x, s->ctx.groot, &x->gslow, entered, false);
        if (!mmu_slow_same(&s->slow, &x->gslow))
            add_root(x, s->ctx.groot, &s->slow, entered, true);
    }
}

void mmu_guest_init(mmu_explore_t *x)
{
    mmu_guest_t *g = &x->judge->guest;
    const mmu_ctx_t *ctx = &x->rq.ctx;

    x->gfloor = mmu_fences_floor(x->judge, x->accepted, ctx, 1);
    x->gfloor_entry = x->gfloor <= x->floor ? x->gfloor : mmu_fences_floor(x->judge, x->floor, ctx, 1);
    g->lists = g->roots = 0;
    add_root(x, ctx->groot, &x->gslow, JUDGE_OPEN, false);
    add_former_roots(x);
}

/* ---- results ----------------------------------------------------------------------------------------------- */

/* Which fence has ended the walk that stands in the links, and by which of its words. leaf_lg 0: the last one is a
 * pointer. */
static void end_by_fences(const walk_t *w, unsigned leaf_lg, mmu_g_result_t *r)
{
    const mmu_explore_t *x = w->x;
    mmu_use_t use = {.stage = 1, .v = true, .vmid = w->rq.ctx.vmid, .va = w->gpa, .lg = (uint8_t)leaf_lg};

    r->expiry = JUDGE_OPEN;
    for (unsigned n = w->links; n-- > 0;) {
        mmu_stamp_t reach = w->link[n].reach;
        const mmu_covering_t *fence;

        use.leaf = n + 1 == w->links && leaf_lg != 0;
        /* As JDG-6: a walk from a former table was begun for a request that had it. */
        if (n == 0 && reach > w->root->entered)
            reach = w->root->entered;
        if (reach == JUDGE_OPEN)
            continue;
        fence = mmu_fences_end(x->judge, x->accepted, &use, reach);
        if (fence == NULL || fence->stamp >= r->expiry)
            continue;
        r->expiry = fence->stamp;
        r->ended = fence;
        r->addr = w->link[n].addr;
        r->reach = reach;
    }
}

/* One that can be used now stands before the others. */
static void keep(walk_t *w, const mmu_g_result_t *r)
{
    mmu_g_list_t *list = w->list;
    unsigned at = r->expiry == JUDGE_OPEN ? 0 : list->count;

    for (unsigned n = 0; n < list->count; n++) {
        mmu_g_result_t *same = &list->result[n];
        if (same->fault != r->fault || same->entry != r->entry || same->denied != r->denied)
            continue;
        if (same->expiry >= r->expiry)
            return;
        list->count--;
        memmove(same, same + 1, (list->count - n) * sizeof *same);
        at = r->expiry == JUDGE_OPEN ? 0 : list->count;
        break;
    }
    if (list->count == JUDGE_G_RESULTS) {
        w->x->unsure = true;
        return;
    }
    while (r->expiry == JUDGE_OPEN && at < list->count && list->result[at].expiry == JUDGE_OPEN)
        at++;
    memmove(&list->result[at + 1], &list->result[at], (list->count - at) * sizeof list->result[0]);
    list->result[at] = *r;
    list->count++;
}

/* The walk in the links and this last word come to a result. */
static void come_to(walk_t *w, const mmu_link_t *link, mmu_g_result_t r)
{
    if (w->list == NULL || (w->root->only_leaves && r.fault != MMU_FAULT_NONE))
        return;
    if (w->choices++ == CHOICES)
        w->x->unsure = true;
    if (w->choices > CHOICES)
        return;
    w->link[w->links++] = *link;
    end_by_fences(w, r.fault == MMU_FAULT_NONE ? mmu_entry_lg(r.entry) : PAGE_LG, &r);
    w->links--;
    /* JDG-20: what a fence has ended counts for words that were read through it before, and nothing else. */
    if (r.expiry != JUDGE_OPEN && !w->x->stale &&
        (w->what != MMU_G_ENTRY || r.fault != MMU_FAULT_NONE || r.expiry <= w->x->floor))
        return;
    r.word = link->version == NULL ? 0 : link->version->word;
    keep(w, &r);
}

/* ---- walks ------------------------------------------------------------------------------------------------- */

static void walk_from(walk_t *w, mmu_pos_t pos);

static void choose(walk_t *w, const mmu_link_t *link)
{
    mmu_step_t step = mmu_riscv_gstep(&w->rq, &w->root->slow, link->pos, w->what, link->version->word);
    mmu_link_t swap = *link;

    switch (step.kind) {
    case MMU_STEP_READ:
        w->link[w->links++] = *link;
        walk_from(w, step.pos);
        w->links--;
        break;
    case MMU_STEP_LEAF:
        come_to(w, link, (mmu_g_result_t){.entry = step.entry, .rule = step.rule});
        break;
    case MMU_STEP_NEED_AD:
        /* As JDG-5. */
        swap.version = NULL;
        swap.reach = link->word->swap_error;
        if (!mmu_judge_allows_walk(w->x->judge, link->addr, link->wide, true)) {
            swap.reach = JUDGE_OPEN;
            come_to(w, &swap, (mmu_g_result_t){.fault = MMU_FAULT_ACCESS, .denied = true});
        } else if (swap.reach > w->floor) {
            come_to(w, &swap, (mmu_g_result_t){.fault = MMU_FAULT_ACCESS});
        }
        break;
    default:
        come_to(w, link, (mmu_g_result_t){.fault = step.fault, .rule = step.rule});
        break;
    }
}

static void choose_versions(walk_t *w, mmu_link_t *link)
{
    const mmu_word_t *word = link->word;

    if (word->forgotten > w->floor)
        w->x->unsure = true;
    for (unsigned n = word->count; n-- > 0;) {
        link->version = &word->version[n];
        link->reach = mmu_version_reach(w->x->judge, link->version);
        if (link->reach > w->floor)
            choose(w, link);
    }
}

/* JDG-7: another word of the same NAPOT page. */
static void choose_neighbours(walk_t *w, mmu_link_t link)
{
    uint64_t own = link.addr;

    for (unsigned k = 1; k < NAPOT_WORDS; k++) {
        link.addr = (own & ~UINT64_C(0x7f)) | ((own + 8 * k) & 0x7f);
        link.word = mmu_words_find(w->x->judge, link.addr, true);
        for (unsigned n = link.word == NULL ? 0 : link.word->count; n-- > 0;) {
            const mmu_version_t *v = &link.word->version[n];
            mmu_step_t step;

            link.version = v;
            link.reach = mmu_version_reach(w->x->judge, v);
            if (link.reach <= w->floor)
                continue;
            step = mmu_riscv_gstep(&w->rq, &w->root->slow, link.pos, w->what, v->word);
            if (step.kind == MMU_STEP_LEAF && mmu_entry_lg(step.entry) == NAPOT_LG)
                come_to(w, &link, (mmu_g_result_t){.entry = step.entry, .rule = step.rule});
        }
    }
}

static void note_position(walk_t *w, mmu_pos_t pos)
{
    mmu_g_result_t r = {0};

    /* All words so far are pointers. */
    end_by_fences(w, 0, &r);
    for (unsigned n = 0; n < w->found; n++)
        if (w->pos[n] == pos)
            return;
    if (r.expiry != JUDGE_OPEN)
        return;
    if (w->found == w->room)
        w->x->unsure = true;
    else
        w->pos[w->found++] = pos;
}

static void walk_from(walk_t *w, mmu_pos_t pos)
{
    mmu_addr_t at = mmu_riscv_gaddr(&w->rq, pos, w->gpa);
    mmu_link_t link = {.reach = JUDGE_OPEN, .pos = pos, .addr = at.addr, .wide = at.wide};
    mmu_explore_t *x = w->x;

    if (w->links + 1 >= JUDGE_LEVELS)
        return;
    if (w->list == NULL && at.addr == w->at.addr && at.wide == w->at.wide)
        note_position(w, pos);
    if (w->list == NULL && mmu_pos_level(pos) == 0)
        return;
    if (x->look != NULL && w->list != NULL)
        x->look(x, 1, mmu_pos_level(pos), at);
    if (!mmu_judge_allows_walk(x->judge, at.addr, at.wide, false))
        come_to(w, &link, (mmu_g_result_t){.fault = MMU_FAULT_ACCESS, .denied = true});
    link.word = mmu_words_find(x->judge, at.addr, at.wide);
    if (link.word != NULL) {
        choose_versions(w, &link);
        link.version = NULL;
        link.reach = link.word->read_error;
        if (link.reach > w->floor)
            come_to(w, &link, (mmu_g_result_t){.fault = MMU_FAULT_ACCESS});
    }
    if (w->list != NULL && w->root->slow.svnapot && at.wide && mmu_pos_level(pos) == 0)
        choose_neighbours(w, link);
}

static void walk(walk_t *w, mmu_explore_t *x, uint64_t gpa, uint8_t what)
{
    const mmu_guest_t *g = &x->judge->guest;

    w->x = x;
    w->rq = x->rq;
    w->gpa = gpa;
    w->what = what;
    w->floor = x->stale ? 0 : what == MMU_G_ENTRY && w->list != NULL ? x->gfloor_entry : x->gfloor;
    for (unsigned n = 0; n < g->roots; n++) {
        mmu_start_t start;

        w->root = &g->root[n];
        w->rq.ctx.groot = w->root->groot;
        start = mmu_riscv_gstart(&w->rq, gpa);
        if (start.kind == MMU_START_WALK)
            walk_from(w, start.pos);
        else if (n == 0 && w->list != NULL) /* GST-2: by the address alone */
            keep(w, &(mmu_g_result_t){.fault = start.fault, .expiry = JUDGE_OPEN, .rule = MMU_RULES});
    }
}

/* ---- what others ask ----------------------------------------------------------------------------------------- */

const mmu_g_list_t *mmu_guest_translate(mmu_explore_t *x, uint64_t gpa, uint8_t what)
{
    mmu_guest_t *g = &x->judge->guest;
    walk_t w = {.list = NULL};

    for (unsigned n = 0; n < g->lists; n++)
        if (g->list[n].page == gpa >> PAGE_LG && g->list[n].what == what)
            return &g->list[n];
    if (g->lists == JUDGE_G_LISTS) {
        x->unsure = true;
        return &nothing;
    }
    w.list = &g->list[g->lists++];
    w.list->page = gpa >> PAGE_LG;
    w.list->what = what;
    w.list->count = 0;
    walk(&w, x, gpa, what);
    return w.list;
}

unsigned mmu_guest_positions(mmu_explore_t *x, uint64_t gpa, uint8_t what, mmu_addr_t at, mmu_pos_t *pos,
                             unsigned room)
{
    walk_t w = {.at = at, .pos = pos, .room = room};

    walk(&w, x, gpa, what);
    return w.found;
}
