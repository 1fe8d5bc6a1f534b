/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The trace player, inside: for mmu_player.c, and for model/run, which plays streaks of hits by the same rules
 * without stepping each clock.
 */
#ifndef LOCKWALK_ENV_PLAYER_H
#define LOCKWALK_ENV_PLAYER_H

#include "env/mmu_stage.h"
#include "lockwalk/mmu_format.h"
#include "lockwalk/mmu_trace.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_PLAYER_BLOCK 1024u

typedef struct {
    uint64_t va;     /* folded */
    uint64_t raw;    /* as in the trace */
    uint64_t number; /* of the access in the trace, from 1 */
    uint64_t fetch;  /* number of the fetch that this is, or belongs to */
    uint32_t bytes;
    uint8_t acc;
    uint8_t refusals; /* faults in a row for which the pager had nothing to do */
} mmu_play_t;

/* Accesses to be offered again. Each had an id, so there are never more than ids. */
typedef struct {
    mmu_play_t play[MMU_IDS];
    unsigned first, count;
} mmu_retries_t;

typedef struct {
    mmu_stimulus_t base;
    mmu_trace_t *trace;
    mmu_pager_t *pager;
    const mmu_format_t *format;
    mmu_ctx_t ctx; /* as the pager has it */
    mmu_slow_t slow;
    mmu_access_t block[MMU_PLAYER_BLOCK];  /* of the trace, */
    size_t at, filled;                     /* block[at] is the next one, if at < filled */
    bool drained;                          /* it gets no more, whether the trace has ended or failed, */
    bool mixed;                            /* or goes on in another process than `process` */
    uint16_t process;                      /* whose accesses these are */
    uint64_t number;                       /* of the access that was taken from it last */
    unsigned split_lg;                     /* accesses are split at multiples of 2^split_lg bytes (REQ-7) */
    mmu_access_t rest;                     /* what is left of an access that was split; size 0: nothing */
    mmu_play_t flight[MMU_PORTS][MMU_IDS]; /* offered or outstanding, by id */
    mmu_retries_t retries[MMU_PORTS];
    mmu_play_t head; /* the next access of the trace */
    bool have_head;
    bool ended;           /* the trace has no more */
    bool whole;           /* the access read last was whole, or its last piece */
    uint64_t fetch;       /* number of the fetch read last */
    unsigned pieces_left; /* of it that have no answer; two where it crosses a page */
    uint64_t accesses;    /* read from the trace, pieces of a page-crossing access one each */
    bool done;
} mmu_player_t;

/* The next access, or piece of one, into `head`. False at the end of the trace or where it is broken; then the failure
 * is recorded. */
bool mmu_player_read(mmu_player_t *p);

/* Fills the block up, from its beginning. */
void mmu_player_refill(mmu_player_t *p);

/* Once it is drained: whether the end of the block is a failure. */
static inline bool mmu_player_is_broken(const mmu_player_t *p)
{
    return p->mixed || mmu_trace_failed(p->trace);
}

/* log2 of the largest power of two that is not above `bytes`, at most 7: an odd access never reaches into the next page. */
static inline uint8_t mmu_player_size(uint32_t bytes)
{
    const unsigned lg = 31u - (unsigned)__builtin_clz(bytes);

    return (uint8_t)(lg < 7 ? lg : 7);
}

/* The request for an access. */
static inline mmu_req_t mmu_player_request(unsigned id, uint64_t va, uint32_t bytes, uint8_t acc)
{
    mmu_req_t req;

    memset(&req, 0, sizeof req);
    req.valid = true;
    req.id = (uint8_t)id;
    req.va = va;
    req.acc = acc;
    req.size = mmu_player_size(bytes);
    req.prv = MMU_PRIV_U;
    return req;
}

/* Whether an answer with this PA, page size and memory type is what the pager's own list of pages says. */
bool mmu_player_is_right(const mmu_player_t *p, uint64_t va, uint64_t pa, unsigned lg, unsigned mt);

#ifdef __cplusplus
}
#endif
#endif
