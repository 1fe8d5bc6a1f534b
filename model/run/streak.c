/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Streaks: what streak.h promises.
 */
#include "run/streak.h"

#include "env/player.h"

#include <assert.h>
#include <string.h>

#define NEVER UINT64_MAX
#define INLINE __attribute__((always_inline)) static inline
/* Accesses that a streak may read before it looks again whether it can: those of a group and, where it ends with them, those
 * that are offered in the clock after it. */
#define AHEAD 4u
/* Answers of one streak, so that progress is told. */
#define MOST_ANSWERS (UINT64_C(1) << 20)

/* An access that was accepted and has no answer yet; player->flight has it. */
typedef struct {
    mmu_fast_piece_t *piece; /* NULL: it is no hit */
    uint8_t id;
} member_t;

typedef struct {
    mmu_runner_t *run;
    mmu_stage_t *stage;
    mmu_player_t *player;
    mmu_fast_t *fast;
    uint64_t begin; /* the clock to come when the streak began */
    uint64_t limit; /* the clock to come when it ends, at the latest */
    uint64_t until; /* it ends with the clock of so many answers in all */

    uint64_t group; /* clock in which its members are accepted */
    uint32_t there; /* bit p: member[p] */
    uint32_t stuck; /* bit p: stage 1 of the port stalls: it accepts nothing */

    uint64_t prev;               /* no access is offered before this clock, */
    uint64_t offered[MMU_PORTS]; /* nor in this one of its port, */
    uint64_t data_from;          /* nor a data access before this one */
    uint64_t fetch;              /* number of the fetch that data_from speaks of */
    unsigned blocked;            /* its pieces that wait behind the L1: then data_from is NEVER */

    uint32_t behind[MMU_PORTS]; /* ids that are outstanding behind the L1s */
    uint32_t given[MMU_PORTS];  /* ids that were given in this streak */
    uint8_t last[MMU_PORTS];    /* the id accepted last, if any was */
    uint64_t accepted[MMU_PORTS], answered[MMU_PORTS];
    uint64_t bare[MMU_PORTS]; /* of the answers: without a look-up */
    uint64_t late[MMU_PORTS]; /* of the answers: not in the clock after acceptance; their times are counted */
    uint64_t queued[MMU_PORTS];     /* of the accepted: offered before the streak; their times are counted */
    uint64_t stuck_from[MMU_PORTS]; /* first clock of what such a port offers */
    uint64_t active;                /* last clock with an acceptance or an answer */
    uint64_t sum;                   /* mmu_env_answer_sum */

    unsigned open_bits;         /* mmu_pager_open_bits */
    uint64_t in_page;           /* the bits of an address within what accesses are split at */
    member_t member[MMU_PORTS]; /* of the group */
} streak_t;

static unsigned port_of(uint8_t acc)
{
    return acc == MMU_ACC_FETCH ? MMU_PORT_I : MMU_PORT_D;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

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

/* The answer is compared with the pager's own list of pages, once for all of a piece. A wrong one is no hit: the stepped
 * clock tells of it. */
__attribute__((noinline)) static mmu_fast_piece_t *vouch(const streak_t *s, mmu_fast_piece_t *piece,
                                                         uint64_t va)
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
        piece = vouch(s, piece, play->va);
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

/* ---- begin --------------------------------------------------------------------------------------------- */

/* Answers in all that end the streak. */
static uint64_t answers_until(const mmu_runner_t *run, const mmu_env_stats_t *stats)
{
    const uint64_t now = mmu_run_accesses(stats);

    return run->next_mark == NEVER ? MOST_ANSWERS : lower(run->next_mark - now, MOST_ANSWERS);
}

/* The first clock that something else than a look-up asks to be stepped: memory's response, the end, the watchdog. */
static uint64_t first_limit(const streak_t *s)
{
    const mmu_stage_t *stage = s->stage;
    const uint64_t cycles = stage->opt->cycles == 0 ? NEVER : stage->opt->cycles;
    uint64_t limit = lower(mmu_memport_due(&stage->memport), cycles);

    for (unsigned port = 0; port < MMU_PORTS; port++)
        for (uint32_t left = s->behind[port]; left != 0; left &= left - 1)
            limit = lower(limit, stage->pending[port][__builtin_ctz(left)].clock + stage->opt->watchdog);
    return limit;
}

/* What is in stage 1: the group of the clock before. False: it does not hit. */
static bool take_stage1(streak_t *s)
{
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const mmu_fast_stage1_t stage1 = mmu_fast_stage1(s->fast, port);

        s->behind[port] = s->stage->outstanding[port];
        if (stage1.stalls)
            s->stuck |= 1u << port;
        if (!stage1.valid || stage1.stalls)
            continue;
        s->member[port].id = stage1.id;
        s->member[port].piece = vouch(s, stage1.piece, s->player->flight[port][stage1.id].va);
        if (s->member[port].piece == NULL)
            return false;
        s->there |= 1u << port;
        s->behind[port] &= ~(1u << stage1.id);
    }
    return true;
}

/* Of the last fetch's pieces without an answer, those that are neither in stage 1 nor offered nor still to be offered. */
static unsigned pieces_behind(const streak_t *s)
{
    const mmu_player_t *p = s->player;
    const mmu_req_t *req = &s->run->in.req[MMU_PORT_I];
    unsigned pieces = p->pieces_left;

    pieces -= p->have_head && p->head.acc == MMU_ACC_FETCH;
    pieces -= (s->there >> MMU_PORT_I & 1u) != 0 &&
              p->flight[MMU_PORT_I][s->member[MMU_PORT_I].id].fetch == p->fetch;
    pieces -= req->valid && p->flight[MMU_PORT_I][req->id].fetch == p->fetch;
    return pieces;
}

/* ---- end ----------------------------------------------------------------------------------------------- */

/* A port whose stage 1 has stalled from the first clock on: what is offered is still offered. */
static void close_stuck(streak_t *s, unsigned port, uint64_t end)
{
    mmu_stage_t *stage = s->stage;
    const bool offers = s->run->in.req[port].valid;

    stage->stats.events[MMU_EV_STALL_I + port] += end - s->begin;
    if (offers && !stage->offering[port])
        stage->offered[port] = s->stuck_from[port];
    if (offers && !s->run->offering[port])
        s->run->since[port] = s->stuck_from[port];
    stage->offering[port] = s->run->offering[port] = offers;
}

/* All of the group before `end` is accepted; this is where the books are as of then. */
static void close_books(streak_t *s, uint64_t end)
{
    mmu_stage_t *stage = s->stage;
    mmu_env_stats_t *stats = &stage->stats;
    mmu_in_t *in = &s->run->in;

    stage->clock = end - 1;
    stats->clocks = end;
    stats->answers_sum += s->sum;
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        const bool in_stage1 = (s->there >> port & 1u) != 0;
        const mmu_env_pending_t *last;

        stats->accepted[port] += s->accepted[port];
        stats->answered[port] += s->answered[port];
        stats->events[MMU_EV_ACCEPT_I + port] += s->accepted[port];
        stats->events[MMU_EV_L1_HIT_I + port] += s->answered[port] - s->bare[port];
        for (uint32_t left = s->given[port]; left != 0; left &= left - 1) {
            mmu_env_pending_t *pending = &stage->pending[port][__builtin_ctz(left)];
            pending->busy = pending->killed = false;
            pending->ctx = in->ctx[port];
            pending->req.valid = true;
            pending->req.id = (uint8_t)__builtin_ctz(left);
            pending->req.prv = MMU_PRIV_U;
        }
        for (uint32_t left = stage->outstanding[port] & ~s->behind[port]; left != 0; left &= left - 1)
            stage->pending[port][__builtin_ctz(left)].busy = false;
        stage->outstanding[port] = s->behind[port];
        if (in_stage1) {
            stage->pending[port][s->member[port].id].busy = true;
            stage->outstanding[port] |= 1u << s->member[port].id;
        }
        if ((s->stuck >> port & 1u) != 0) {
            close_stuck(s, port, end);
            continue;
        }
        last = s->accepted[port] == 0 ? NULL : &stage->pending[port][s->last[port]];
        if (last != NULL && !(s->accepted[port] == 1 && stage->offering[port]))
            stage->offered[port] = last->clock;
        stage->offering[port] = s->run->offering[port] = false;
        mmu_fast_leave(s->fast, port, last != NULL ? &last->req : NULL, in_stage1);
    }
    stage->progress = s->active;
    if ((stage->outstanding[MMU_PORT_I] | stage->outstanding[MMU_PORT_D]) == 0)
        stage->progress = end - 1;
}

/* The inputs of the clock `end`: what is offered in it, and memory. */
static void next_inputs(streak_t *s, uint64_t end)
{
    mmu_player_t *p = s->player;
    mmu_in_t *in = &s->run->in;
    unsigned pieces = 0;

    for (unsigned port = 0; port < MMU_PORTS; port++)
        if ((s->stuck >> port & 1u) == 0)
            in->req[port] = (mmu_req_t){0};
    while (p->have_head && clock_of_head(s, port_of(p->head.acc)) == end)
        offer_head(s, end);
    pieces += s->fetch == p->fetch ? s->blocked : 0;
    pieces += p->have_head && p->head.acc == MMU_ACC_FETCH;
    pieces += (s->there >> MMU_PORT_I & 1u) != 0 &&
              p->flight[MMU_PORT_I][s->member[MMU_PORT_I].id].fetch == p->fetch;
    pieces += in->req[MMU_PORT_I].valid && p->flight[MMU_PORT_I][in->req[MMU_PORT_I].id].fetch == p->fetch;
    p->pieces_left = pieces;
    mmu_memport_skip(s->stage, end - s->begin, in);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

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

/* Along the trace, up to the access that is offered at `limit` or later. */
static void go(streak_t *s)
{
    const mmu_player_t *p = s->player;
    bool more = true;

    while (more && p->have_head)
        if (p->head.acc == MMU_ACC_FETCH)
            more = take_head(s, MMU_PORT_I);
        else
            more = take_head(s, MMU_PORT_D);
}

static void close_times(streak_t *s)
{
    mmu_run_result_t *result = &s->run->result;

    for (unsigned port = 0; port < MMU_PORTS; port++) {
        mmu_hist_add(&result->translation[port], 1, s->answered[port] - s->late[port]);
        mmu_hist_add(&result->queueing[port], 0, s->accepted[port] - s->queued[port]);
    }
}

/* What must be so that look-ups are all that happens. */
static bool may_begin(const mmu_runner_t *run, const mmu_player_t *p, const mmu_stage_t *stage,
                      uint64_t events)
{
    return stage->stats.clocks != 0 && stage->failure.kind == MMU_ENV_OK &&
           p->retries[MMU_PORT_I].count == 0 && p->retries[MMU_PORT_D].count == 0 &&
           mmu_fast_rests(run->mmu, events) && mmu_fast_begin(run->fast, &run->in, MMU_PRIV_U);
}

bool mmu_runner_streak(mmu_runner_t *run, uint64_t events)
{
    mmu_stage_t *stage = mmu_env_stage(run->env);
    mmu_player_t *player = (mmu_player_t *)mmu_env_stimulus(run->env);
    streak_t s;
    uint64_t end;
    bool waits;

    if (!may_begin(run, player, stage, events))
        return false;
    memset(&s, 0, offsetof(streak_t, member));
    s.run = run;
    s.stage = stage;
    s.player = player;
    s.fast = run->fast;
    s.begin = stage->stats.clocks;
    s.open_bits = mmu_pager_open_bits(player->pager);
    s.in_page = (UINT64_C(1) << player->split_lg) - 1;
    if (!can_read(&s) || !take_stage1(&s))
        return false;
    s.limit = first_limit(&s);
    s.until = answers_until(run, &stage->stats);
    s.active = stage->progress;
    s.group = s.begin - 1;
    s.prev = s.begin + 1;
    s.fetch = player->fetch;
    s.blocked = pieces_behind(&s);
    s.data_from = s.blocked != 0 ? NEVER : 0;
    if (run->in.req[MMU_PORT_I].valid &&
        player->flight[MMU_PORT_I][run->in.req[MMU_PORT_I].id].fetch == s.fetch)
        s.data_from = higher(s.data_from, s.begin + 2);
    waits = (s.behind[MMU_PORT_I] | s.behind[MMU_PORT_D]) != 0;
    if (s.limit <= s.begin || s.active + stage->opt->watchdog <= s.begin || (waits && s.limit == NEVER))
        return false;

    first_clock(&s);
    go(&s);
    /* Where the trace has ended and nothing else is on its way, its last look-ups are the last clock of the run. */
    end = player->have_head || waits ? s.limit : lower(s.limit, s.group + 1);
    end = lower(end, s.active + stage->opt->watchdog);
    if (s.there != 0 && s.group + 1 < end) {
        settle(&s);
        end = lower(end, s.limit);
    }
    assert(end != NEVER);
    if (end <= s.begin)
        return false;
    close_books(&s, end);
    next_inputs(&s, end);
    close_times(&s);
    return true;
}
