/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The stimulus "vectors": worlds of translation vectors through an MMU.
 *
 *     vectors.c         files and worlds, one phase after the other
 *     vectors_memory.c  the world's memory, and what was written to it
 *     vectors_setup.c   slow registers, PMP entries, fences that flush
 *     vectors_group.c   which accesses are played at once
 *     vectors_steps.c   the steps of an access: requests, answers, comparison
 *     vectors_pipe.c    what was found, for another program
 *
 * A *step* (cold, warm, other port, random latency) is: flush, where it is cold; offer its requests; wait for the
 * answers and for `idle`; compare answers and changed words. Accesses in a row that change no word make a *group*, whose
 * last step is played at once for all, so that walks overlap.
 */
#ifndef LOCKWALK_ENV_VECTORS_H
#define LOCKWALK_ENV_VECTORS_H

#include "env/mmu_stage.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MMU_VECTORS_GROUP = 6,     /* accesses at most */
    MMU_VECTORS_TOUCHED = 128, /* words of 8 bytes that may be changed between two flushes */
    MMU_VECTORS_FENCES = 6
};

/* A word of 8 bytes that was written. */
typedef struct {
    uint64_t addr;
    uint64_t base;   /* as the vector says */
    uint64_t before; /* the step */
    uint64_t now;
} mmu_vectors_touched_t;

/* 4 KiB pages that a walk translates, of both stages: of five levels, each entry's, and the last. */
enum { MMU_VECTORS_PAGES = 8 };
typedef struct {
    struct {
        uint64_t number;
        uint8_t stage;
        bool napot; /* its leaf is one of a NAPOT page */
    } page[MMU_VECTORS_PAGES];
    unsigned count;
} mmu_vectors_pages_t;

/* One request of a step. */
typedef struct {
    const mmu_tv_access_t *access;
    mmu_rq_t rq;
    unsigned port;
    uint8_t id;
    bool offered, answered;
    mmu_vectors_answer_t expected, got;
} mmu_vectors_job_t;

typedef enum {
    MMU_VECTORS_WORLD = 0, /* the next world is taken */
    MMU_VECTORS_PMP = 1,   /* its PMP entries are written, under RLB */
    MMU_VECTORS_FLUSH = 2,
    MMU_VECTORS_PLAY = 3,
    MMU_VECTORS_END = 4
} mmu_vectors_phase_e;

typedef struct {
    mmu_stimulus_t base;
    const mmu_vectors_options_t *opt;
    mmu_tv_select_t *select;
    mmu_tv_t *tv;
    const mmu_tv_world_t *world; /* NULL: none yet */
    mmu_vectors_sink_t sink;     /* where the options have none */
    int fd;                      /* of the pipe; -1 after an error */
    mmu_vectors_book_t book;
    uint64_t compared; /* in all steps of all files */
    mmu_vectors_phase_e phase;
    /* Memory. */
    mmu_vectors_touched_t touched[MMU_VECTORS_TOUCHED];
    unsigned touches;
    bool own_writes; /* memory is written by us */
    /* Registers. */
    mmu_pmp_file_t model_pmp;  /* of the world, for the architectural model */
    const mmu_pmp_file_t *pmp; /* NULL: the world has none */
    uint64_t pmp_addr[MMU_MAX_PMP];
    uint8_t pmp_cfg[MMU_MAX_PMP]; /* what the MMU's entries hold */
    mmu_fence_t fence[MMU_VECTORS_FENCES];
    unsigned fences, fences_offered;
    /* Steps. */
    unsigned group, group_size; /* accesses of the world */
    unsigned position;          /* of the access in its group */
    bool apart;                 /* the last step one by one: a cold one differed, and might change words */
    unsigned step;              /* mmu_vectors_step_e */
    mmu_vectors_pages_t pages[MMU_VECTORS_GROUP];
    mmu_vectors_job_t job[MMU_VECTORS_GROUP];
    unsigned jobs;
} mmu_vectors_t;

/* ---- memory ------------------------------------------------------------------------------------------- */

/* The world's memory in the place of the stage's. False: no memory. */
bool mmu_vectors_ram_load(mmu_vectors_t *v);
mmu_arch_mem_t mmu_vectors_ram_now(mmu_vectors_t *v);
void mmu_vectors_step_begins(mmu_vectors_t *v);
bool mmu_vectors_untouched(const mmu_vectors_t *v);
void mmu_vectors_add_changes(const mmu_vectors_t *v, mmu_vectors_answer_t *answer);
void mmu_vectors_put_back(mmu_vectors_t *v);
void mmu_vectors_settle(mmu_vectors_t *v, const mmu_tv_access_t *access);

/* ---- registers ---------------------------------------------------------------------------------------- */

/* In clock 0: what the environment has written of its own (mmu_stage_open_pmp). */
void mmu_vectors_pmp_reset(mmu_vectors_t *v);
void mmu_vectors_world_registers(mmu_vectors_t *v, mmu_in_t *next);
/* The next PMP entry that the world needs; false: all are as they must be, and RLB is 0 again. */
bool mmu_vectors_write_pmp(mmu_vectors_t *v, mmu_in_t *next);
void mmu_vectors_plan_flush(mmu_vectors_t *v);
/* False: all fences are done. */
bool mmu_vectors_flush(mmu_vectors_t *v, mmu_in_t *next);

/* ---- groups (the first of the world, or the one after the present; false: there is none) --------------- */

bool mmu_vectors_next_group(mmu_vectors_t *v);

/* ---- steps -------------------------------------------------------------------------------------------- */

/* Makes the requests of the present step, and says whether it begins with a flush. */
bool mmu_vectors_begin_step(mmu_vectors_t *v);
void mmu_vectors_take_answers(mmu_vectors_t *v, const mmu_out_t *out);
void mmu_vectors_offer(mmu_vectors_t *v, mmu_in_t *next);
bool mmu_vectors_answered(const mmu_vectors_t *v);
/* Compares, and goes on to the next step of the group; false: the group has ended. */
bool mmu_vectors_end_step(mmu_vectors_t *v);

/* ---- the pipe ----------------------------------------------------------------------------------------- */

mmu_vectors_sink_t mmu_vectors_pipe_sink(int *fd);
void mmu_vectors_pipe_end(int fd);

#ifdef __cplusplus
}
#endif
#endif
