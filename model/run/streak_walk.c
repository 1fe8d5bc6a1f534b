/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A streak's way along the trace: reading, offers, groups.
 */
#include "run/streak_inside.h"

#define INLINE __attribute__((always_inline)) static inline
/* Accesses that a streak may read before it looks again whether it can: those of a group and, where it ends with them, those
 * that are offered in the clock after it. */
#define AHEAD 4u

/* ---- reading ------------------------------------------------------------------------------------------- */

/* Near the end of the block, or where regions are packed. */
__attribute__((noinline)) static bool can_read_more(const streak_t *s)
{
    mmu_player_t *p = s->player;

    while (p->filled - p->at < AHEAD && !p->drained)
        mmu_player_refill(p);
    return (p->filled - p->at >= AHEAD || !mmu_player_is_broken(p)) &&
           (s->open_bits != 0 || mmu_pager_has_room(p->pager, AHEAD));
}

/* Whether the next accesses can be read without a failure. That must come in its clock, so it is left to stepping. */
INLINE bool can_read(const streak_t *s)
{
    const mmu_player_t *p = s->player;

    return (p->filled - p->at >= AHEAD && s->open_bits != 0) || can_read_more(s);
}

/* The next access into player->head, which must have been offered. */
INLINE void read_next(streak_t *s)
{
    mmu_player_t *p = s->player;
    const mmu_access_t *a = &p->block[p->at];

    /* The common case of mmu_player_read: a whole access that stays where it is. */
    if (p->rest.size != 0 || p->at == p->filled || a->va >> s->open_bits != 0 || s->open_bits == 0 ||
        (a->va & s->in_page) + a->size > s->in_page + 1) {
        (void)mmu_player_read(p);
        return;
    }
    p->at++;
    p->number++;
    p->accesses++;
    p->fetch += a->acc == MMU_ACC_FETCH && p->whole;
    p->whole = true;
    p->head.va = p->head.raw = a->va;
    p->head.number = p->number;
    p->head.fetch = p->fetch;
    p->head.bytes = a->size;
    p->head.acc = a->acc;
    p->head.refusals = 0;
}

/* ---- offers -------------------------------------------------------------------------------------------- */

/* The clock in which `head`, an access of this port, is offered, if all goes on hitting. */
INLINE uint64_t clock_of_head(const streak_t *s, unsigned port)
{
    const uint64_t free = s->offered[port] + 1;

    return higher(s->prev, port == MMU_PORT_I ? free : higher(free, s->data_from));
}

/* mmu_stage_free_id. Those given in this streak are free again but for the last two, which are not come to. */
INLINE uint8_t next_id(streak_t *s, unsigned port)
{
    unsigned id = s->stage->last_id[port];

    do
        id = (id + 1) & (MMU_IDS - 1);
    while ((s->behind[port] >> id & 1u) != 0);
    s->stage->last_id[port] = (uint8_t)id;
    return (uint8_t)id;
}

/* `head` is offered in this clock: what that means for those after it. */
INLINE void head_is_offered(streak_t *s, unsigned port, uint64_t clock)
{
    const uint64_t fetch = s->player->head.fetch;

    s->prev = s->offered[port] = clock;
    if (port != MMU_PORT_I)
        return;
    if (fetch != s->fetch) {
        s->fetch = fetch;
        s->blocked = 0;
        s->data_from = 0;
    }
    s->data_from = higher(s->data_from, clock + 2);
}

/* `head` into the inputs: where it is not accepted in this streak. */
static void offer_head(streak_t *s, uint64_t clock)
{
    mmu_player_t *p = s->player;
    const unsigned port = port_of(p->head.acc);
    const uint8_t id = next_id(s, port);

    p->flight[port][id] = p->head;
    s->run->in.req[port] = mmu_player_request(id, p->head.va, p->head.bytes, p->head.acc);
    head_is_offered(s, port, clock);
    read_next(s);
}

/* The port has a request in the inputs, since this clock, and accepts nothing. */
static void offers_in_vain(streak_t *s, unsigned port, uint64_t clock)
{
    s->stuck_from[port] = clock;
    s->offered[port] = NEVER - 1;
    if (port == MMU_PORT_I && s->player->flight[port][s->run->in.req[port].id].fetch == s->fetch)
        s->data_from = NEVER;
}

/* ---- groups -------------------------------------------------------------------------------------------- */

/* A member's look-up was a hit: it is answered in the clock after its acceptance. */
INLINE void settle_one(streak_t *s, unsigned port)
{
    const member_t *m = &s->member[port];
    mmu_fast_piece_t *piece = m->piece;
    mmu_env_pending_t *pending = &s->stage->pending[port][m->id];
    const uint64_t accepted = pending->clock;
    const mmu_rsp_t rsp = {.id = m->id,
                           .pa = mmu_fast_pa(s->fast, piece, pending->req.va),
                           .lg = piece->page_lg,
                           .mt = piece->mt};

    mmu_fast_touch(s->fast, port, piece);
    s->answered[port]++;
    s->sum += mmu_env_answer_sum(s->group + 1, port, &rsp);
    pending->ended = s->group + 1;
    if (__builtin_expect(piece->array == MMU_ARRAYS, 0))
        s->bare[port]++;
    if (__builtin_expect(accepted != s->group, 0)) { /* it has stalled before this streak */
        mmu_hist_add(&s->run->result.translation[port], s->group + 1 - accepted, 1);
        s->late[port]++;
    }
}

INLINE void settle(streak_t *s)
{
    if (s->there == 0)
        return;
    if ((s->there & 1u << MMU_PORT_I) != 0)
        settle_one(s, MMU_PORT_I);
    if ((s->there & 1u << MMU_PORT_D) != 0)
        settle_one(s, MMU_PORT_D);
    s->active = s->group + 1;
    s->there = 0;
    if (s->answered[MMU_PORT_I] + s->answered[MMU_PORT_D] >= s->until)
        s->limit = lower(s->limit, s->group + 2);
}

mmu_fast_piece_t *mmu_streak_vouch(const streak_t *s, mmu_fast_piece_t *piece, uint64_t va)
{
    if (piece == NULL ||
        !mmu_player_is_right(s->player, va, mmu_fast_pa(s->fast, piece, va), piece->page_lg, piece->mt))
        return NULL;
    piece->vouched = 1;
    return piece;
}

/* An access of this port, which is in flight, is accepted in the group's clock. */
INLINE void join(streak_t *s, unsigned port, const mmu_play_t *play, uint8_t id)
{
    mmu_env_pending_t *pending = &s->stage->pending[port][id];
    const uint8_t size = mmu_player_size(play->bytes);
    mmu_fast_piece_t *piece = mmu_fast_look(s->fast, port, play->va, play->acc, size);
    member_t *m = &s->member[port];

    if (__builtin_expect(piece == NULL || !piece->vouched, 0)) {
        piece = mmu_streak_vouch(s, piece, play->va);
        if (piece == NULL)
            s->limit = lower(s->limit, s->group + 1);
    }
    m->piece = piece;
    m->id = s->last[port] = id;
    s->there |= 1u << port;
    s->accepted[port]++;
    s->active = s->group;
    s->given[port] |= 1u << id;
    pending->clock = s->group;
    pending->req.va = play->va; /* the rest: close_books */
    pending->req.acc = play->acc;
    pending->req.size = size;
}

/* ---- along the trace ------------------------------------------------------------------------------------ */

static bool offered(const streak_t *s, unsigned port)
{
    return s->run->in.req[port].valid && (s->stuck >> port & 1u) == 0;
}

/* The look-ups of the clock to come, and what is offered in it. Their times may have begun before the streak. */
static void first_clock(streak_t *s)
{
    mmu_run_result_t *result = &s->run->result;
    const mmu_in_t *in = &s->run->in;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (in->req[port].valid && (s->stuck >> port & 1u) != 0)
            offers_in_vain(s, port, s->begin);
    if (!offered(s, MMU_PORT_I) && !offered(s, MMU_PORT_D))
        return;
    settle(s);
    s->group = s->begin;
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_req_t *req = &in->req[port];

        if (!offered(s, port))
            continue;
        join(s, port, &s->player->flight[port][req->id], req->id);
        s->offered[port] = s->begin;
        if (s->run->offering[port]) {
            mmu_hist_add(&result->queueing[port], s->begin - s->run->since[port], 1);
            s->queued[port] = 1;
        }
    }
}

/* `head` is offered, and accepted, in this clock. False: the streak ends before it. */
INLINE bool take_head(streak_t *s, unsigned port)
{
    mmu_player_t *p = s->player;
    const uint64_t clock = clock_of_head(s, port);
    uint8_t id;

    if (clock >= s->limit)
        return false;
    if (clock > s->group) {
        settle(s);
        if (clock >= s->limit)
            return false;
        if (!can_read(s)) {
            s->limit = clock;
            return false;
        }
        s->group = clock;
    }
    if (__builtin_expect((s->stuck >> port & 1u) != 0, 0)) {
        offer_head(s, clock);
        offers_in_vain(s, port, clock);
        return true;
    }
    id = next_id(s, port);
    p->flight[port][id] = p->head;
    join(s, port, &p->head, id);
    head_is_offered(s, port, clock);
    read_next(s);
    return true;
}

void mmu_streak_walk(streak_t *s)
{
    const mmu_player_t *p = s->player;
    bool more = true;

    first_clock(s);
    while (more && p->have_head)
        if (p->head.acc == MMU_ACC_FETCH)
            more = take_head(s, MMU_PORT_I);
        else
            more = take_head(s, MMU_PORT_D);
}

/* ---- for streak.c ---------------------------------------------------------------------------------------- */

bool mmu_streak_can_read(const streak_t *s)
{
    return can_read(s);
}

void mmu_streak_settle(streak_t *s)
{
    settle(s);
}

void mmu_streak_offer(streak_t *s, uint64_t clock)
{
    const mmu_player_t *p = s->player;

    while (p->have_head && clock_of_head(s, port_of(p->head.acc)) == clock)
        offer_head(s, clock);
}
