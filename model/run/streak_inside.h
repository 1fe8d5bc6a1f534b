/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A streak, inside: streak.c begins and ends it, streak_walk.c goes along the trace.
 */
#ifndef LOCKWALK_RUN_STREAK_INSIDE_H
#define LOCKWALK_RUN_STREAK_INSIDE_H

#include "env/player.h"
#include "run/runner.h"

#define NEVER UINT64_MAX

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

static inline unsigned port_of(uint8_t acc)
{
    return acc == MMU_ACC_FETCH ? MMU_PORT_I : MMU_PORT_D;
}

static inline uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- streak_walk.c ------------------------------------------------------------------------------------- */

/* Whether the next accesses can be read without a failure. That must come in its clock, so it is left to stepping. */
bool mmu_streak_can_read(const streak_t *s);

/* The answer is compared with the pager's own list of pages, once for all of a piece. NULL: it is none, or a wrong one, which
 * is no hit: the stepped clock tells of it. */
mmu_fast_piece_t *mmu_streak_vouch(const streak_t *s, mmu_fast_piece_t *piece, uint64_t va);

/* The look-ups of the first clock, what is offered in it, and then along the trace, up to the access that is offered at
 * `limit` or later. */
void mmu_streak_walk(streak_t *s);

/* The look-ups of the group that is there were hits: it is answered in the clock after its acceptance. */
void mmu_streak_settle(streak_t *s);

/* What is offered in this clock, in which the streak ends, into the inputs. */
void mmu_streak_offer(streak_t *s, uint64_t clock);

#endif
