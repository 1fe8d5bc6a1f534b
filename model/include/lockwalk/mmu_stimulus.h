/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the environment and its stimuli share: the stage (memory, walk port, books of what is outstanding) and
 * the interface of a stimulus, which decides the requests, fences, context and slow registers.
 *
 * In every clock the environment first keeps the books (answers, acceptances, kills, fences; protocol errors
 * are failures there, for every stimulus), then answers the walk port, then calls the stimulus's step.
 */
#ifndef LOCKWALK_MMU_STIMULUS_H
#define LOCKWALK_MMU_STIMULUS_H

#include "lockwalk/mmu_env.h"
#include "lockwalk/mmu_mem.h"
#include "lockwalk/mmu_rng.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_IDS (1u << MMU_ID_W)

/* ---- the walk port's memory side ------------------------------------------------------------ */

typedef struct {
    uint64_t due;  /* first clock in which the response may be given */
    uint64_t seq;  /* order of acceptance */
    uint64_t addr; /* of the request, for reports */
    uint64_t data;
    bool err;
} mmu_memport_slot_t;

typedef struct {
    mmu_mem_t *mem;
    mmu_rng_t rng;
    uint64_t seq;
    uint32_t busy; /* bit n: walk id n waits for its response */
    mmu_memport_slot_t slot[1u << MMU_SLOT_W];
    /* Knobs; a stimulus may turn them between any two clocks. */
    uint32_t latency_min, latency_max; /* 1 <= min <= max */
    uint32_t stall_percent;            /* clocks in which mreq_ready is 0 */
    uint32_t error_percent;            /* requests that answer err and do nothing */
} mmu_memport_t;

/* ---- the stage ------------------------------------------------------------------------------ */

typedef struct {
    const mmu_env_options_t *opt; /* defaults filled in */
    mmu_mem_t *mem;
    mmu_memport_t memport;
    uint64_t clock; /* that the current step ends */
    mmu_env_stats_t stats;
    mmu_env_failure_t failure;
    mmu_env_pending_t pending[MMU_PORTS][MMU_IDS];
    uint32_t outstanding[MMU_PORTS]; /* bit n: pending[port][n].busy */
    bool fence_pending;              /* accepted and not yet done */
    bool fence_waits;     /* for older requests (FEN-2): not with SFENCE.W.INVAL, nor where it is posted */
    uint64_t fence_clock; /* of its acceptance */
    bool offering[MMU_PORTS];    /* a request has been offered and not accepted, */
    uint64_t offered[MMU_PORTS]; /* since this clock */
    uint8_t last_id[MMU_PORTS];  /* that mmu_stage_free_id gave */
    uint64_t progress;           /* last clock in which something came forward */
    uint32_t reset_clocks;       /* of reset between this clock and the next; 0: none */
} mmu_stage_t;

/* For a stimulus, in its step: the MMU is reset for so many clocks before the next one (REQ-11). Nothing is outstanding
 * or offered then, and memory's responses are dropped. What the stimulus offers afterwards in the same step counts. */
void mmu_stage_reset(mmu_stage_t *stage, uint32_t clocks, mmu_in_t *next);

/* Records a failure of the run; the first one counts. */
void mmu_stage_fail(mmu_stage_t *stage, mmu_env_fail_e kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An id for a new offer at this port, in turn; -1: all are outstanding. */
int mmu_stage_free_id(mmu_stage_t *stage, unsigned port);

/* A request for people: "data port, id 3: store of 8 bytes at 0x1fff000608, accepted in clock 99". */
void mmu_stage_request_text(const mmu_stage_t *stage, unsigned port, unsigned id, char *text, size_t n);

/* ---- the interface of a stimulus ------------------------------------------------------------ */

typedef struct mmu_stimulus mmu_stimulus_t;

typedef struct {
    /* Completes the inputs of clock 0 and of reset: context and slow registers; nothing may be valid. */
    void (*reset)(mmu_stimulus_t *stim, mmu_in_t *first);
    /* End of stage->clock. `next` already holds: a request or fence that was offered and not accepted (keep it,
     * CONTRACT.md lets it wait), none where one was accepted; no kill; context and slow registers as before; the
     * walk port's inputs. A request that was answered in this clock is no longer busy in stage->pending, but its
     * req and ctx still stand there. */
    void (*step)(mmu_stimulus_t *stim, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next);
    /* Nothing is left to offer and nothing is outstanding. */
    bool (*done)(const mmu_stimulus_t *stim);
    /* What was met and what never: a table, and a JSON object. The caller frees. NULL functions: nothing to tell. */
    char *(*cover_text)(const mmu_stimulus_t *stim);
    struct json_t *(*cover_json)(const mmu_stimulus_t *stim);
    /* One sentence for people about what is played. */
    void (*describe)(const mmu_stimulus_t *stim, char *text, size_t n);
    void (*destroy)(mmu_stimulus_t *stim);
} mmu_stimulus_ops_t;

/* The first member of every stimulus. */
struct mmu_stimulus {
    const mmu_stimulus_ops_t *ops;
    mmu_stage_t *stage;
};

/* The trace player (model/env/mmu_player.c). NULL and a sentence in err on bad input. */
mmu_stimulus_t *mmu_player_create(mmu_stage_t *stage, char *err, size_t n);
/* How it folded addresses, as text (the caller frees); NULL where no region was packed. */
char *mmu_player_fold_text(const mmu_stimulus_t *stim);

/* Random stimulus, or the replay of a recorded one, as stage->opt->random says (model/env/random.c). It owns the
 * memory port's knobs and next->mreq_ready, and writes the page tables into stage->mem. NULL and a sentence in
 * err on bad weights or a bad file. */
mmu_stimulus_t *mmu_random_create(mmu_stage_t *stage, char *err, size_t n);

/* Vectors, as stage->opt->vectors says (model/env/vectors.c). It owns the memory port's knobs, and stage->mem, which
 * is another one for each world. NULL and a sentence in err on a bad file or selection. */
mmu_stimulus_t *mmu_vectors_create(mmu_stage_t *stage, char *err, size_t n);

#ifdef __cplusplus
}
#endif
#endif
