/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a mismatch report needs to know of the past: the last clocks, the requests in flight, the walks and the
 * words that they read, the last fences. It watches the ports only, so it knows no environment.
 */
#ifndef LOCKWALK_COMPARE_MMU_TRACK_H
#define LOCKWALK_COMPARE_MMU_TRACK_H

#include "compare/mmu_words.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_TRACK_CLOCKS 64u /* kept; reports show the last 32 */
#define MMU_TRACK_WALKS 32u
#define MMU_TRACK_STEPS 48u
#define MMU_TRACK_FENCES 4u

/* A request that was accepted. */
typedef struct {
    bool used;
    bool busy;      /* it has neither answered nor been killed */
    uint64_t clock; /* of its acceptance */
    uint64_t end;   /* of its answer or kill, unless busy */
    mmu_rq_t rq;
} mmu_track_request_t;

/* One access of a walk at the walk port. */
typedef struct {
    uint64_t addr, old_word, new_word; /* as requested */
    uint64_t taken;                    /* clock of the acceptance */
    uint64_t answered;                 /* clock of the response, while `done` */
    uint64_t word;                     /* of the response */
    mmu_pos_t pos;                     /* that was read; in the G stage its own */
    uint64_t gpa;                      /* in the G stage: what is being translated */
    uint8_t op;                        /* mmu_memop_e */
    bool wide, done, err;
    bool gst;     /* of the G stage */
    uint8_t what; /* mmu_g_what_e */
} mmu_track_step_t;

typedef struct {
    bool used;
    bool open; /* the slot still belongs to it */
    uint8_t slot;
    uint8_t port;
    uint64_t clock; /* in which it took the slot */
    uint64_t end;   /* in which it was done, unless open */
    mmu_rq_t rq;
    unsigned count; /* of steps made; the last MMU_TRACK_STEPS are kept, step n at n % MMU_TRACK_STEPS */
    mmu_track_step_t step[MMU_TRACK_STEPS];
} mmu_track_walk_t;

typedef struct {
    bool used, done;
    uint64_t clock;      /* t of the rules */
    uint64_t done_clock; /* while `done` */
    mmu_fence_t fence;
} mmu_track_fence_t;

typedef struct {
    uint64_t words[MMU_TRACK_CLOCKS][MMU_WORDS]; /* clock n at n % MMU_TRACK_CLOCKS: inputs, RTL's outputs */
    mmu_track_request_t request[MMU_PORTS][1u << MMU_ID_W];
    mmu_track_walk_t walk[MMU_TRACK_WALKS]; /* a ring */
    unsigned next_walk;
    uint8_t walk_of_slot[MMU_MAX_WALKS];       /* index into walk */
    bool close_due;                            /* a walk was done in the last clock */
    mmu_track_fence_t fence[MMU_TRACK_FENCES]; /* a ring; the newest at (fences - 1) % MMU_TRACK_FENCES */
    uint64_t fences;
} mmu_track_t;

/* The MMU is in reset: nothing is in flight. */
void mmu_track_reset(mmu_track_t *track, uint64_t clock);

/* A clock that is not in reset, after mmu_comb. `words` are the inputs and the RTL's outputs. */
void mmu_track_clock(mmu_track_t *track, uint64_t clock, const uint64_t words[MMU_WORDS], const mmu_in_t *in,
                     const mmu_out_t *out, const mmu_t *model, unsigned walks);

/* The newest walk of this page in the address space of rq (any, where it finds none with the same ctx);
 * NULL where none is remembered. */
const mmu_track_walk_t *mmu_track_find_walk(const mmu_track_t *track, const mmu_rq_t *rq);

/* The newest fence, or NULL. */
const mmu_track_fence_t *mmu_track_last_fence(const mmu_track_t *track);

#ifdef __cplusplus
}
#endif
#endif
