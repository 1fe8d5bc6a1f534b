/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Hits without clocks. While the rooms behind the L1s rest, a clock of an MMU is nothing but this: each port's request in
 * stage 1 answers, if it hits or is bare, and the one that is offered enters stage 1 (L1-1..3, L1-7, REQ-5). Who knows
 * which requests come when can then ask for the hits alone, and write the state of stage 1 once, at the end. No RTL
 * module stands behind this: it is another way to come to the state that mmu_comb and mmu_seq would come to.
 *
 *     mmu_fast_t *f = calloc(1, sizeof *f);
 *     f->mmu = m;
 *     between two clocks:
 *     if (mmu_fast_rests(m, events of the last clock) && mmu_fast_begin(f, &in))
 *         for the request in stage 1 and each that is accepted, port by port in the order of their clocks:
 *             piece = mmu_fast_look(...)       NULL: the clock of its look-up must be stepped, with it in stage 1
 *             mmu_fast_touch(f, port, piece)   at the end of the clock of its look-up (L1-3)
 *         mmu_fast_leave(...)                  stage 1 as it is then
 *
 * The contract. Nothing but requests changes in the inputs: no kill, no fence, no write of PMP, no response of memory; the
 * context and the slow registers stay. A look depends on rows alone, which only a stepped clock changes, so it may
 * be made before earlier touches. Each port's touches come in the order of its clocks.
 */
#ifndef FAST_H
#define FAST_H

#include "cycle/mmu_state.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_FAST_PIECES 512u

/* What is known of 2^lg bytes of addresses in which every access of one kind has one outcome. */
typedef struct {
    uint64_t tag;     /* its VA >> lg */
    uint64_t pa;      /* of its first byte */
    uint32_t version; /* it is known as long as the port's rows have this one */
    uint8_t
        granted; /* bit acc: such an access is answered without a fault in the clock after its acceptance */
    uint8_t vouched;     /* the caller's; 0 in a new piece and with another bit of granted */
    uint8_t array;       /* of the row that hits; MMU_ARRAYS: bare, nothing is touched */
    uint8_t page_lg, mt; /* of the answer */
    uint8_t way;
    uint16_t set;
} mmu_fast_piece_t;

typedef struct {
    uint32_t version;       /* of all rows of the port */
    mmu_fast_piece_t *last; /* touched last: again would change nothing (REPL) */
    mmu_fast_piece_t once;  /* of one access, where no piece can be remembered */
    mmu_fast_piece_t piece[MMU_FAST_PIECES];
} mmu_fast_port_t;

typedef struct {
    mmu_t *mmu;
    mmu_slow_t slow; /* masked (REQ-1) */
    mmu_ctx_t ctx;   /* masked, of both ports */
    uint8_t prv;
    uint8_t lg; /* of a piece; 0: none may be remembered */
    uint32_t pmp_version;
    mmu_fast_port_t port[MMU_PORTS];
    bool skip_touch; /* for the test that must fail: a touch is forgotten */
} mmu_fast_t;

/* Whether all behind the L1s will stay as it is, clock after clock, until memory responds or a miss comes. `events`: of
 * the clock that was stepped last. */
bool mmu_fast_rests(const mmu_t *m, uint64_t events);

/* The inputs of the clock to come; all requests will have their privilege. False: a clock must be stepped first, for the
 * inputs hold more than requests, or stage 1 is between two probes. */
bool mmu_fast_begin(mmu_fast_t *f, const mmu_in_t *in, uint8_t prv);

/* The request in stage 1, as it looks in the clock to come. valid: there is one. */
typedef struct {
    bool valid;
    bool
        stalls; /* a miss that finds the miss queue full: it stays, clock after clock (L1-5), and nothing is accepted */
    uint8_t id;
    mmu_fast_piece_t *piece; /* NULL as of mmu_fast_look */
} mmu_fast_stage1_t;
mmu_fast_stage1_t mmu_fast_stage1(mmu_fast_t *f, unsigned port);

/* A request that is accepted from now on. `va` and `acc` as in mmu_req_t; size counts for physical protection alone. NULL:
 * stage 1 would not answer it without a fault in its first clock. The piece is good until the next look at this port. */
mmu_fast_piece_t *mmu_fast_look_afresh(mmu_fast_t *f, unsigned port, uint64_t va, uint8_t acc, uint8_t size);

static inline mmu_fast_piece_t *mmu_fast_look(mmu_fast_t *f, unsigned port, uint64_t va, uint8_t acc,
                                              uint8_t size)
{
    const uint64_t tag = va >> (f->lg & 63u);
    mmu_fast_port_t *p = &f->port[port];
    mmu_fast_piece_t *piece = &p->piece[(tag ^ tag >> 9) % MMU_FAST_PIECES];

    if (piece->tag == tag && piece->version == p->version && (piece->granted >> acc & 1u) != 0)
        return piece;
    return mmu_fast_look_afresh(f, port, va, acc, size);
}

/* PA of the answer (FRM-7). */
static inline uint64_t mmu_fast_pa(const mmu_fast_t *f, const mmu_fast_piece_t *piece, uint64_t va)
{
    return piece->pa | (va & ((UINT64_C(1) << (f->lg & 63u)) - 1));
}

/* L1-3 */
static inline void mmu_fast_touch(mmu_fast_t *f, unsigned port, mmu_fast_piece_t *piece)
{
    mmu_repl_t *repl;

    if (piece == f->port[port].last)
        return;
    f->port[port].last = piece;
    if (piece->array == MMU_ARRAYS || f->skip_touch)
        return;
    repl = &f->mmu->l1[port].array[piece->array].repl;
    if (mmu_repl_touch_moves(repl, piece->set, piece->way)) {
        mmu_repl_touch(repl, piece->set, piece->way);
        mmu_repl_seq(repl, true);
    }
}

/* Stage 1 of a port as the clock to come finds it: `last` is the request that was accepted last since mmu_fast_begin
 * (NULL: none was), `valid`: it, or without one the request of before, is still to be looked up. */
void mmu_fast_leave(mmu_fast_t *f, unsigned port, const mmu_req_t *last, bool valid);

#ifdef __cplusplus
}
#endif
#endif
