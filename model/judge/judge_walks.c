/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The walk port: which requests may a slot be walking for? A read goes on with a walk, begins one of an outstanding
 * request, or begins one anew after a fence (JDG-10); a swap is what the format demands for such a request (JDG-11).
 * Killed requests stay as ghosts while a walk of theirs may run.
 */
#include "judge/judge.h"

#include <string.h>

/* ---- candidates ------------------------------------------------------------------------------------------ */

typedef struct {
    mmu_candidate_t candidate[JUDGE_CANDIDATES];
    unsigned count;
    bool full;
} list_t;

/* Walks that read the same words and end alike. */
static bool same_walk(const mmu_request_t *a, const mmu_request_t *b)
{
    return a->tag == b->tag && a->space == b->space && a->rq.va >> 12 == b->rq.va >> 12;
}

/* Keeps one of several that are alike: the oldest, which may use the most. */
static void add(list_t *list, const mmu_request_t *request, mmu_pos_t pos)
{
    for (unsigned i = 0; i < list->count; i++) {
        mmu_candidate_t *c = &list->candidate[i];
        if (c->pos == pos && same_walk(&c->request, request)) {
            if (request->clock < c->request.clock)
                c->request.clock = request->clock;
            return;
        }
    }
    if (list->count == JUDGE_CANDIDATES)
        list->full = true;
    else
        list->candidate[list->count++] = (mmu_candidate_t){.request = *request, .pos = pos};
}

static bool stands_at(const mmu_request_t *request, mmu_pos_t pos, uint64_t addr, bool wide)
{
    mmu_addr_t at = mmu_riscv_addr(&request->rq, pos);

    return at.addr == addr && at.wide == wide;
}

/* ---- where a walk may begin ---------------------------------------------------------------------------------- */

typedef struct {
    const mmu_request_t *request;
    const mmu_mreq_t *mreq;
    list_t *list;
    bool unsure;
} begin_t;

/* Any position that the pointers read so far lead to: a walk cache may hold it. */
static bool at_position(mmu_explore_t *x, mmu_pos_t pos, mmu_addr_t at)
{
    begin_t *b = x->user;
    mmu_end_t end = {.fault = MMU_FAULT_ACCESS, .global = (pos & MMU_POS_G) != 0};

    if (at.addr != b->mreq->addr || at.wide != b->mreq->wide)
        return false;
    /* All words so far are pointers: none stands as the leaf. */
    x->links++;
    x->link[x->links - 1].reach = JUDGE_OPEN;
    bool fresh = mmu_explore_fresh(x, &end);
    x->links--;
    if (fresh)
        add(b->list, b->request, pos);
    return false;
}

/* Tables begin at multiples of 512 bytes (mmu_pos_t), so the address alone decides the bits below: they tell most
 * requests apart without a look at any word. */
static bool may_read(const mmu_request_t *request, uint64_t addr)
{
    const uint64_t below = (UINT64_C(1) << MMU_PPN_LG) - 1;
    mmu_start_t start = mmu_riscv_start(&request->rq, &request->slow);
    unsigned level = start.kind == MMU_START_WALK ? mmu_pos_level(start.pos) + 1 : 0;

    while (level-- > 0)
        if (((mmu_riscv_addr(&request->rq, mmu_pos_make(level, false, 0)).addr ^ addr) & below) == 0)
            return true;
    return false;
}

static void begin(mmu_judge_t *judge, begin_t *b, const mmu_request_t *request)
{
    const mmu_space_t *own = &judge->space[request->space];
    mmu_explore_t x;

    if (!may_read(request, b->mreq->addr))
        return;
    b->request = request;
    mmu_explore_init(&x, judge, request);
    x.position = at_position;
    x.user = b;
    (void)mmu_explore_run(&x);
    /* JDG-6: pointers of the ASID's former root. */
    for (unsigned n = 0; n < mmu_spaces_used(judge); n++) {
        const mmu_space_t *s = &judge->space[n];
        if (s != own && s->ctx.asid == own->ctx.asid && s->ctx.mode == own->ctx.mode &&
            mmu_spaces_alive(judge, n, x.floor)) {
            mmu_explore_space(&x, s);
            x.slow = request->slow;
            (void)mmu_explore_run(&x);
        }
    }
    b->unsure |= x.unsure;
}

static void begin_any(mmu_judge_t *judge, const mmu_slot_t *slot, begin_t *b)
{
    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = judge->outstanding[port]; left != 0; left &= left - 1)
            begin(judge, b, &judge->request[port][__builtin_ctz(left)]);
    /* A killed request's walk that was not seen yet is the first that this slot shows after the kill. */
    for (unsigned i = 0; i < judge->ghosts; i++)
        if (judge->ghost[i].killed >= slot->begun)
            begin(judge, b, &judge->ghost[i].request);
    b->unsure |= judge->ghosts_forgotten != 0 && judge->ghosts_forgotten >= slot->begun;
}

/* ---- reads and swaps ---------------------------------------------------------------------------------------------- */

/* A fence since the acceptance: the walk may have been sent back to the root (WALK-5, WALK-7). */
static bool may_restart(const mmu_judge_t *judge, const mmu_request_t *request)
{
    const mmu_fences_t *f = &judge->fences;

    return f->count > 0 && f->fence[f->count - 1].stamp > request->clock;
}

static void go_on(const mmu_judge_t *judge, const mmu_slot_t *slot, const mmu_mreq_t *mreq, list_t *list)
{
    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];

        if (c->next == JUDGE_NEXT_READ && stands_at(&c->request, c->pos, mreq->addr, mreq->wide))
            add(list, &c->request, c->pos);
        if (may_restart(judge, &c->request)) {
            mmu_start_t start = mmu_riscv_start(&c->request.rq, &c->request.slow);
            if (stands_at(&c->request, start.pos, mreq->addr, mreq->wide))
                add(list, &c->request, start.pos);
        }
    }
}

static bool is_denied_root(mmu_judge_t *judge, const mmu_request_t *request)
{
    mmu_addr_t at = mmu_riscv_addr(&request->rq, mmu_riscv_start(&request->rq, &request->slow).pos);

    return !mmu_judge_allows_walk(judge, at.addr, at.wide, false);
}

/* Has the walk ended, or may it have? */
static bool may_have_ended(mmu_judge_t *judge, const mmu_slot_t *slot)
{
    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];
        if (c->next == JUDGE_NEXT_END ||
            (may_restart(judge, &c->request) && is_denied_root(judge, &c->request)))
            return true;
    }
    return slot->count == 0 || slot->unsure;
}

static void take_read(mmu_judge_t *judge, mmu_slot_t *slot, const mmu_mreq_t *mreq)
{
    list_t list = {.count = 0};
    bool unsure = slot->unsure;

    judge->counts.reads++;
    go_on(judge, slot, mreq, &list);
    if (may_have_ended(judge, slot)) {
        begin_t b = {.mreq = mreq, .list = &list};
        bool is_new = list.count == 0;

        begin_any(judge, slot, &b);
        unsure |= b.unsure;
        if (is_new && list.count > 0 && !unsure)
            slot->begun = mmu_stamp(judge->clock);
    }
    if (list.count == 0 && !judge->opt.foreign) {
        if (!unsure) {
            mmu_judge_tell_walk(judge, mreq);
            return;
        }
        judge->counts.port_undecided++;
    }
    memcpy(slot->candidate, list.candidate, list.count * sizeof list.candidate[0]);
    slot->count = list.count;
    /* Once it is explained by all that can explain it, it is sure again. */
    slot->unsure = list.full || list.count == 0 || unsure;
}

static uint64_t width_mask(bool wide)
{
    return wide ? UINT64_MAX : UINT32_MAX;
}

/* JDG-17: for a fetch or a load of anybody the format would set this, and so no D. */
static bool is_only_accessed(const mmu_judge_t *judge, const mmu_mreq_t *mreq)
{
    static const uint8_t accesses[] = {MMU_ACC_FETCH, MMU_ACC_LOAD}, privileges[] = {MMU_PRIV_U, MMU_PRIV_S};

    for (unsigned n = 0; n < mmu_spaces_used(judge); n++) {
        const mmu_space_t *s = &judge->space[n];
        for (unsigned k = 0; s->number != 0 && k < 4; k++) {
            mmu_rq_t rq = {.ctx = s->ctx, .acc = accesses[k & 1], .prv = privileges[k >> 1]};
            mmu_start_t start = mmu_riscv_start(&rq, &s->slow);
            unsigned level = start.kind == MMU_START_WALK ? mmu_pos_level(start.pos) + 1 : 0;
            while (level-- > 0) {
                mmu_step_t step =
                    mmu_riscv_step(&rq, &s->slow, mmu_pos_make(level, false, 0), mreq->old_word);
                if (step.kind == MMU_STEP_NEED_AD && step.new_word == mreq->new_word)
                    return true;
            }
        }
    }
    return false;
}

static void take_swap(mmu_judge_t *judge, mmu_slot_t *slot, const mmu_mreq_t *mreq)
{
    uint64_t mask = width_mask(mreq->wide);
    unsigned count = 0;

    judge->counts.swaps++;
    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];
        if (c->next == JUDGE_NEXT_SWAP && mreq->addr == slot->addr && mreq->wide == slot->wide &&
            mreq->old_word == slot->word && ((c->new_word ^ mreq->new_word) & mask) == 0)
            slot->candidate[count++] = *c;
    }
    slot->count = count;
    if (count > 0)
        return;
    if (judge->opt.foreign ? is_only_accessed(judge, mreq) : slot->unsure) {
        judge->counts.port_undecided += judge->opt.foreign ? 0 : 1;
        slot->unsure = true;
    } else {
        mmu_judge_tell_walk(judge, mreq);
    }
}

void mmu_walks_request(mmu_judge_t *judge, const mmu_mreq_t *mreq)
{
    mmu_slot_t *slot = &judge->slot[mreq->id & (JUDGE_SLOTS - 1)];

    if (!mmu_judge_allows_walk(judge, mreq->addr, mreq->wide, mreq->op == MMU_MEM_CAS))
        mmu_judge_tell_walk(judge, mreq);
    else if (mreq->op == MMU_MEM_CAS)
        take_swap(judge, slot, mreq);
    else
        take_read(judge, slot, mreq);
    slot->waiting = true;
    slot->taken = judge->clock;
    slot->addr = mreq->addr;
    slot->wide = mreq->wide;
    slot->swap = mreq->op == MMU_MEM_CAS;
    slot->old_word = mreq->old_word;
    slot->new_word = mreq->new_word;
}

/* ---- responses ----------------------------------------------------------------------------------------------------- */

static void step_candidate(mmu_judge_t *judge, const mmu_slot_t *slot, mmu_candidate_t *c, uint64_t word)
{
    mmu_step_t step = mmu_riscv_step(&c->request.rq, &c->request.slow, c->pos, word);

    c->next = JUDGE_NEXT_END;
    /* What is denied never comes to the port: the walk ends with a fault (WALK-12). */
    if (step.kind == MMU_STEP_READ) {
        mmu_addr_t at = mmu_riscv_addr(&c->request.rq, step.pos);
        c->next = mmu_judge_allows_walk(judge, at.addr, at.wide, false) ? JUDGE_NEXT_READ : JUDGE_NEXT_END;
        c->pos = step.pos;
    } else if (step.kind == MMU_STEP_NEED_AD && mmu_judge_allows_walk(judge, slot->addr, slot->wide, true)) {
        c->next = JUDGE_NEXT_SWAP;
        c->new_word = step.new_word;
    }
}

static void end_walk(mmu_slot_t *slot)
{
    for (unsigned i = 0; i < slot->count; i++)
        slot->candidate[i].next = JUDGE_NEXT_END;
}

void mmu_walks_response(mmu_judge_t *judge, const mmu_mrsp_t *mrsp)
{
    mmu_slot_t *slot = &judge->slot[mrsp->id & (JUDGE_SLOTS - 1)];
    uint64_t mask = width_mask(slot->wide);

    if (!slot->waiting)
        return;
    slot->waiting = false;
    slot->word = mrsp->data;
    if (mrsp->err) {
        mmu_words_error(judge, slot->addr, slot->wide, slot->swap, slot->taken);
        end_walk(slot);
    } else if (slot->swap && ((mrsp->data ^ slot->old_word) & mask) == 0) {
        mmu_words_read(judge, slot->addr, slot->wide, slot->new_word & mask, slot->taken);
        end_walk(slot);
    } else {
        mmu_words_read(judge, slot->addr, slot->wide, mrsp->data, slot->taken);
        for (unsigned i = 0; i < slot->count; i++)
            step_candidate(judge, slot, &slot->candidate[i], mrsp->data);
    }
}

/* ---- ghosts ----------------------------------------------------------------------------------------------------------- */

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
    if (mmu_riscv_start(&request->rq, &request->slow).kind != MMU_START_WALK) {
        mmu_spaces_leave(judge, request->space);
        return;
    }
    for (unsigned i = 0; i < judge->ghosts; i++) {
        mmu_ghost_t *g = &judge->ghost[i];
        if (!same_walk(&g->request, request))
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
