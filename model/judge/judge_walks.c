/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The walk port: which requests may a slot be walking for? A read goes on with a walk, begins one of an outstanding
 * request, or begins one anew after a fence (JDG-10); a swap is what the format demands for such a request (JDG-11).
 * Where a guest physical address is to be translated next, a TLB may do it unseen (JDG-21).
 */
#include "judge/judge.h"

#include <string.h>

/* ---- candidates ------------------------------------------------------------------------------------------ */

typedef struct {
    mmu_candidate_t candidate[JUDGE_CANDIDATES];
    unsigned count;
    bool full;
} list_t;

/* Keeps one of several that are alike: the oldest, which may use the most. */
static void add(list_t *list, const mmu_candidate_t *candidate)
{
    for (unsigned i = 0; i < list->count; i++) {
        mmu_candidate_t *c = &list->candidate[i];
        if (c->pos == candidate->pos && c->what == candidate->what && c->gst == candidate->gst &&
            c->gpa == candidate->gpa && c->gpos == candidate->gpos && c->new_word == candidate->new_word &&
            mmu_going_same(&c->request, &candidate->request)) {
            if (candidate->request.clock < c->request.clock)
                c->request.clock = candidate->request.clock;
            return;
        }
    }
    if (list->count == JUDGE_CANDIDATES)
        list->full = true;
    else
        list->candidate[list->count++] = *candidate;
}

enum { POSITIONS = 8 };

/* JDG-21: this read is one of the G stage's walk for the address, wherever its walk caches let that begin; or the
 * address was in a TLB, and what it was translated for is read. */
static void add_translating(mmu_explore_t *x, const mmu_candidate_t *c, const mmu_mreq_t *mreq, list_t *list)
{
    mmu_addr_t at = {.addr = mreq->addr, .wide = mreq->wide};
    mmu_candidate_t next = *c;
    mmu_pos_t pos[POSITIONS];
    unsigned n = mmu_guest_positions(x, c->gpa, c->what, at, pos, POSITIONS);
    const mmu_g_list_t *known;

    next.next = JUDGE_NEXT_READ;
    next.addr = mreq->addr;
    next.wide = mreq->wide;
    next.gst = true;
    while (n-- > 0) {
        next.gpos = pos[n];
        add(list, &next);
    }
    if (c->what != MMU_G_ENTRY || ((c->gpa ^ mreq->addr) & 0xfff) != 0 ||
        mmu_riscv_addr(&c->request.rq, c->pos).wide != mreq->wide)
        return;
    next.gst = false;
    next.gpos = 0;
    known = mmu_guest_translate(x, c->gpa, c->what);
    for (unsigned k = 0; k < known->count && known->result[k].expiry == JUDGE_OPEN; k++)
        if (known->result[k].fault == MMU_FAULT_NONE &&
            mmu_entry_pa(known->result[k].entry, c->gpa) == mreq->addr)
            add(list, &next);
}

/* This read, if it is what comes next in the walk. */
static void add_next(mmu_judge_t *judge, const mmu_candidate_t *c, const mmu_mreq_t *mreq, list_t *list,
                     bool *unsure)
{
    mmu_explore_t x;

    if (c->next == JUDGE_NEXT_READ && c->addr == mreq->addr && c->wide == mreq->wide)
        add(list, c);
    if (c->next != JUDGE_NEXT_TRANSLATE)
        return;
    mmu_explore_init(&x, judge, &c->request);
    add_translating(&x, c, mreq, list);
    *unsure |= x.unsure;
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
    mmu_end_t end = {.fault = MMU_FAULT_ACCESS, .flg = 12, .global = judge_pos_global(&x->slow, pos)};
    mmu_candidate_t c;

    if (!x->two && (at.addr != b->mreq->addr || at.wide != b->mreq->wide))
        return false;
    /* All words so far are pointers: none stands as the leaf. */
    x->links++;
    x->link[x->links - 1].reach = JUDGE_OPEN;
    x->link[x->links - 1].lg = 0;
    bool fresh = mmu_explore_fresh(x, &end);
    x->links--;
    if (!fresh)
        return false;
    c = mmu_going_at(b->request, pos);
    if (c.next == JUDGE_NEXT_TRANSLATE)
        add_translating(x, &c, b->mreq, b->list);
    else if (c.next == JUDGE_NEXT_READ)
        add(b->list, &c);
    return false;
}

/* Tables begin at multiples of 512 bytes (mmu_pos_t), so the address alone decides the bits below: they tell most
 * requests apart without a look at any word. With a G stage nothing is so simple. */
static bool may_read(const mmu_request_t *request, mmu_start_t start, uint64_t addr)
{
    const uint64_t below = (UINT64_C(1) << MMU_PPN_LG) - 1;
    unsigned level = mmu_pos_level(start.pos) + 1;

    while (level-- > 0)
        if (((mmu_riscv_addr(&request->rq, mmu_pos_make(level, false, 0)).addr ^ addr) & below) == 0)
            return true;
    return false;
}

static void begin(mmu_judge_t *judge, begin_t *b, const mmu_request_t *request)
{
    const mmu_space_t *own = &judge->space[request->space];
    mmu_start_t start = judge_start(&request->rq, &request->slow);
    bool other = judge_other(&request->slow);
    bool two = request->rq.ctx.v && mmu_riscv_two_stage(&request->rq);
    mmu_explore_t x;

    if (start.kind != MMU_START_WALK || (!two && !other && !may_read(request, start, b->mreq->addr)))
        return;
    b->request = request;
    if (request->rq.ctx.mode == MMU_MODE_BARE && !other) {
        mmu_candidate_t c = mmu_going_root(request);
        add_next(judge, &c, b->mreq, b->list, &b->unsure);
        return;
    }
    mmu_explore_init(&x, judge, request);
    x.position = at_position;
    x.user = b;
    (void)mmu_explore_run(&x);
    /* JDG-6: pointers of the ASID's former root. */
    for (unsigned n = 0; n < mmu_spaces_used(judge); n++) {
        const mmu_space_t *s = &judge->space[n];
        if (s != own && s->ctx.asid == own->ctx.asid && s->ctx.mode == own->ctx.mode &&
            s->ctx.v == own->ctx.v && s->ctx.vmid == own->ctx.vmid &&
            (s->ctx.root != own->ctx.root || s->ctx.aux != own->ctx.aux) &&
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

/* A fence since the acceptance, and before the walk came to its end: it may have been sent back to the root (WALK-5,
 * WALK-7). */
static bool may_restart(const mmu_judge_t *judge, const mmu_candidate_t *c)
{
    return mmu_fences_since(judge, c->request.clock, c->ended == 0 ? JUDGE_OPEN : c->ended);
}

/* Somebody waits for this walk, or was killed while he did. */
static bool is_awaited(const mmu_judge_t *judge, const mmu_request_t *request)
{
    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = judge->outstanding[port]; left != 0; left &= left - 1)
            if (mmu_going_same(&judge->request[port][__builtin_ctz(left)], request))
                return true;
    for (unsigned i = 0; i < judge->ghosts; i++)
        if (mmu_going_same(&judge->ghost[i].request, request))
            return true;
    return false;
}

static void go_on(mmu_judge_t *judge, const mmu_slot_t *slot, const mmu_mreq_t *mreq, list_t *list,
                  bool *unsure)
{
    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];

        if (judge->ghosts_forgotten == 0 && !is_awaited(judge, &c->request))
            continue;
        add_next(judge, c, mreq, list, unsure);
        if (may_restart(judge, c)) {
            mmu_candidate_t again = mmu_going_root(&c->request);
            add_next(judge, &again, mreq, list, unsure);
        }
    }
}

/* Has the walk ended, or may it have? One whose requests are all answered has. */
static bool may_have_ended(mmu_judge_t *judge, const mmu_slot_t *slot, bool *unsure)
{
    for (unsigned i = 0; i < slot->count; i++) {
        const mmu_candidate_t *c = &slot->candidate[i];

        if (!is_awaited(judge, &c->request) || mmu_going_may_end(judge, c, unsure))
            return true;
        if (may_restart(judge, c)) {
            mmu_candidate_t again = mmu_going_root(&c->request);
            if (mmu_going_may_end(judge, &again, unsure))
                return true;
        }
    }
    return slot->count == 0 || slot->unsure;
}

static void take_read(mmu_judge_t *judge, mmu_slot_t *slot, const mmu_mreq_t *mreq)
{
    list_t list;
    bool unsure = slot->unsure;

    list.count = 0;
    list.full = false;
    judge->counts.reads++;
    go_on(judge, slot, mreq, &list, &unsure);
    if (may_have_ended(judge, slot, &unsure)) {
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

static bool is_swap(const mmu_mreq_t *mreq, uint64_t old_word, uint64_t new_word)
{
    uint64_t mask = width_mask(mreq->wide);

    return mreq->old_word == old_word && ((mreq->new_word ^ new_word) & mask) == 0;
}

/* This swap is what comes next in the walk. */
static bool is_next(mmu_judge_t *judge, const mmu_candidate_t *c, const mmu_mreq_t *mreq, bool *unsure)
{
    const mmu_g_list_t *known;
    mmu_explore_t x;

    if (c->next == JUDGE_NEXT_SWAP)
        return mreq->addr == c->addr && mreq->wide == c->wide &&
               (c->gst ? is_swap(mreq, c->g_old, c->g_new) : is_swap(mreq, c->old_word, c->new_word));
    if (c->next != JUDGE_NEXT_TRANSLATE || c->what != MMU_G_UPDATE ||
        !is_swap(mreq, c->old_word, c->new_word) || mmu_riscv_addr(&c->request.rq, c->pos).wide != mreq->wide)
        return false;
    mmu_explore_init(&x, judge, &c->request);
    known = mmu_guest_translate(&x, c->gpa, c->what);
    *unsure |= x.unsure;
    for (unsigned k = 0; k < known->count && known->result[k].expiry == JUDGE_OPEN; k++)
        if (known->result[k].fault == MMU_FAULT_NONE &&
            mmu_entry_pa(known->result[k].entry, c->gpa) == mreq->addr)
            return true;
    return false;
}

static void take_swap(mmu_judge_t *judge, mmu_slot_t *slot, const mmu_mreq_t *mreq)
{
    list_t list;
    bool unsure = slot->unsure;

    list.count = 0;
    list.full = false;
    judge->counts.swaps++;
    for (unsigned i = 0; i < slot->count; i++) {
        mmu_candidate_t c = slot->candidate[i];
        if (!is_next(judge, &c, mreq, &unsure))
            continue;
        c.next = JUDGE_NEXT_SWAP;
        c.addr = mreq->addr;
        c.wide = mreq->wide;
        list.candidate[list.count++] = c;
    }
    if (list.count == 0 && (judge->opt.foreign ? !mmu_foreign_sets_accessed(judge, mreq) : !unsure)) {
        mmu_judge_tell_walk(judge, mreq);
        return;
    }
    memcpy(slot->candidate, list.candidate, list.count * sizeof list.candidate[0]);
    slot->count = list.count;
    if (list.count == 0) {
        judge->counts.port_undecided += judge->opt.foreign ? 0 : 1;
        slot->unsure = true;
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

static void end_walk(mmu_judge_t *judge, mmu_slot_t *slot)
{
    for (unsigned i = 0; i < slot->count; i++) {
        slot->candidate[i].next = JUDGE_NEXT_END;
        slot->candidate[i].ended = mmu_stamp(judge->clock);
    }
}

void mmu_walks_response(mmu_judge_t *judge, const mmu_mrsp_t *mrsp)
{
    mmu_slot_t *slot = &judge->slot[mrsp->id & (JUDGE_SLOTS - 1)];
    uint64_t mask = width_mask(slot->wide);

    if (!slot->waiting)
        return;
    slot->waiting = false;
    if (mrsp->err) {
        mmu_words_error(judge, slot->addr, slot->wide, slot->swap, slot->taken);
        end_walk(judge, slot);
    } else if (slot->swap && ((mrsp->data ^ slot->old_word) & mask) == 0) {
        mmu_words_read(judge, slot->addr, slot->wide, slot->new_word & mask, slot->taken);
        for (unsigned i = 0; i < slot->count; i++)
            mmu_going_swapped(judge, &slot->candidate[i]);
    } else {
        mmu_words_read(judge, slot->addr, slot->wide, mrsp->data, slot->taken);
        for (unsigned i = 0; i < slot->count; i++)
            mmu_going_word(judge, &slot->candidate[i], mrsp->data);
    }
}
