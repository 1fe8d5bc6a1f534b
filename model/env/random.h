/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the random stimulus share.
 *
 *     random.c          the stimulus: a clock's order, record, replay or generator
 *     random_ops.c      operations: what they do, and as text
 *     random_replay.c   reads operations from a file
 *     random_weights.c  weights: table, command line, file, profiles
 *     random_phase.c    phases: weights of the moment, working set, drains and what happens in them
 *     random_world.c    page tables: where tables stand, which entries they hold
 *     random_entry.c    one entry's word, by the weights
 *     random_look.c     a translation by the architectural model
 *     random_space.c    address spaces and virtual addresses
 *     random_ports.c    requests and kills
 *     random_fence.c    fences, aimed and at any time
 *     random_pmp.c      PMP entries, while idle
 *     random_system.c   the operating system's writes, context changes, the memory's answers
 *     random_cover.c    what was met and what never
 *     random_check.c    the shape of answers (REQ-8)
 */
#ifndef LOCKWALK_ENV_RANDOM_H
#define LOCKWALK_ENV_RANDOM_H

#include "env/mmu_stage.h"
#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_pmp.h"

#include <stdio.h>

/* ---- weights --------------------------------------------------------------------------------- */

typedef enum {
#define MMU_WEIGHT(group, name, def, min, max, phase, text) MMU_W_##group##_##name,
#include "env/random_weights.def"
#undef MMU_WEIGHT
    MMU_WEIGHTS
} mmu_weight_e;

typedef struct {
    int32_t value[MMU_WEIGHTS];
} mmu_weights_t;

/* Defaults, profile, file and single settings of the options. False and a sentence in err on an error. */
bool mmu_weights_load(mmu_weights_t *weights, const mmu_random_options_t *opt, char *err, size_t n);

/* One "name=value"; the error tells what is allowed. */
bool mmu_weights_set(mmu_weights_t *weights, const char *setting, char *err, size_t n);

/* ---- operations ------------------------------------------------------------------------------ */

typedef enum {
    MMU_OP_WORD = 0,   /* a word of memory is written */
    MMU_OP_CTX = 1,    /* the context from this clock on */
    MMU_OP_SLOW = 2,   /* the slow registers from this clock on */
    MMU_OP_REQ = 3,    /* a request is offered from this clock on, until it is accepted */
    MMU_OP_KILL = 4,   /* a port is killed in this clock */
    MMU_OP_FENCE = 5,  /* a fence is offered from this clock on, until it is accepted */
    MMU_OP_ANSWER = 6, /* how memory answers the requests accepted from this clock on */
    MMU_OP_STALL = 7,  /* the walk port is not ready for so many clocks, this one included */
    MMU_OP_END = 8,    /* the last clock of the run */
    MMU_OP_RESET = 9,  /* before this clock the MMU is in reset, for so many clocks (REQ-11) */
    MMU_OP_PMP = 10,   /* a PMP entry is written in this clock */
    MMU_OPS
} mmu_op_e;

typedef struct {
    uint64_t clock; /* in whose inputs it shows */
    uint8_t kind;   /* mmu_op_e */
    uint8_t port;   /* MMU_OP_REQ, MMU_OP_KILL */
    union {
        struct {
            uint64_t addr, word;
            bool wide;
        } word;
        mmu_ctx_t ctx;
        mmu_slow_t slow;
        mmu_req_t req;
        struct {
            uint64_t va;
            uint16_t asid;
            uint8_t by; /* bit 0 by address, bit 1 by ASID */
        } fence;
        struct {
            uint32_t latency;
            bool err;
        } answer;
        uint32_t stall;
        uint32_t reset;
        mmu_pmp_write_t pmp;
    } u;
} mmu_op_t;

#define MMU_OP_LINE 256

/* A number that differs where operations differ. */
uint64_t mmu_op_hash(const mmu_op_t *op);

/* The operation as a line of a file, without line end. */
void mmu_op_text(const mmu_op_t *op, char line[MMU_OP_LINE]);

/* Reads one line that is neither empty nor a comment. False and a sentence in err, without file and line. */
bool mmu_op_parse(const char *line, mmu_op_t *op, char *err, size_t n);

/* ---- replay ---------------------------------------------------------------------------------- */

typedef struct mmu_replay mmu_replay_t;

/* Reads and checks the whole file; NULL and "file:line: ..." in err on an error. */
mmu_replay_t *mmu_replay_open(const char *path, const mmu_mem_t *mem, char *err, size_t n);
void mmu_replay_close(mmu_replay_t *replay);

/* The next operation, NULL at the end. */
const mmu_op_t *mmu_replay_peek(const mmu_replay_t *replay);
void mmu_replay_advance(mmu_replay_t *replay);
size_t mmu_replay_count(const mmu_replay_t *replay);

/* ---- the world: page tables ------------------------------------------------------------------ */

enum {
    MMU_WORLD_MODES = 4, /* rows of mmu_pagings */
    MMU_WORLD_LEVELS = 5,
    MMU_WORLD_TABLES = 96, /* of all modes together */
    MMU_WORLD_INDEXES = 16,
    MMU_WORLD_ENTRIES = 1024, /* of one table */
    MMU_WORLD_GLOBALS = 2,
    MMU_WORLD_SPACES = 16,
    MMU_WORLD_POOL = 256
};

/* What a mode's page tables look like: all that the generator knows of a paging format. */
typedef struct {
    mmu_weight_e weight;
    uint8_t mode; /* satp.MODE */
    uint8_t levels, vpn_bits, entry_lg;
    uint8_t sign_bit; /* VA bits above are copies of it; 63: there are none */
    uint8_t ppn_bits;
} mmu_paging_t;

extern const mmu_paging_t mmu_pagings[MMU_WORLD_MODES];

typedef struct {
    uint64_t addr;
    uint8_t paging; /* row of mmu_pagings */
    uint8_t level;
    bool global; /* in the part that all roots share */
} mmu_table_t;

/* Indexes of a level that addresses use. The top level's global indexes lead to the part that all roots
 * share, and are no index of a lower level, so that no loop leads there. */
typedef struct {
    uint16_t index[MMU_WORLD_LEVELS][MMU_WORLD_INDEXES];
    uint8_t indexes[MMU_WORLD_LEVELS];
    uint16_t global[MMU_WORLD_GLOBALS];
} mmu_geography_t;

typedef struct {
    uint64_t root; /* PPN */
    uint16_t asid;
} mmu_space_t;

/* Changes of an entry since the last fence of everything, as epoch << 3 | count. */
typedef uint32_t mmu_versions_t;

typedef struct {
    mmu_table_t table[MMU_WORLD_TABLES];
    unsigned tables;
    mmu_geography_t geography[MMU_WORLD_MODES];
    bool clean; /* only good entries */
    uint32_t epoch;
    mmu_versions_t versions[MMU_WORLD_TABLES][MMU_WORLD_ENTRIES];
    uint64_t written[MMU_WORLD_TABLES][MMU_WORLD_ENTRIES / 64]; /* bit n: entry n is not as after reset */
} mmu_world_t;

/* ---- the stimulus ---------------------------------------------------------------------------- */

typedef enum { MMU_TIME_STEADY = 0, MMU_TIME_BURST = 1, MMU_TIME_GAP = 2 } mmu_time_e;

enum { MMU_GOOD = 4, MMU_TOUCHES = 4, MMU_READS = 8 };

/* A page that has just answered, and with what. */
typedef struct {
    uint64_t va;
    uint8_t prv, acc;
    uint8_t lg;
} mmu_good_t;

typedef struct {
    mmu_time_e time;
    uint32_t left; /* clocks of this time */
    uint64_t va;   /* of the last request */
    uint8_t prv;
    mmu_good_t good[MMU_GOOD];
    unsigned goods;              /* ever seen */
    uint64_t touch[MMU_TOUCHES]; /* addresses that must be asked for */
    unsigned touches;
    int32_t kill_in; /* clocks to an aimed kill, -1: none */
} mmu_random_port_t;

/* A read that the walk port took. */
typedef struct {
    uint64_t addr;
    bool wide, swap;
} mmu_walk_read_t;

/* A page that is being changed: write, then fence, then touch. */
typedef struct {
    bool active;
    bool offered;  /* the fence is offered, and not yet accepted */
    uint32_t wait; /* clocks to the fence */
    uint64_t va;
    uint16_t asid;
    uint8_t lg; /* of the page that was there */
    bool leaf;
} mmu_remap_t;

/* An ASID that has another root: context, then fence, then touch. */
typedef struct {
    bool active;
    bool offered;  /* the fence is offered, and not yet accepted */
    uint32_t wait; /* clocks to the fence */
    uint16_t asid;
} mmu_rebind_t;

enum { MMU_PMP_QUEUE = 16 };

typedef struct mmu_cover mmu_cover_t;

typedef struct {
    mmu_stimulus_t base;
    mmu_rng_t rng;
    mmu_rng_t rare;        /* whether something rare happens: those who do without it keep their runs */
    mmu_weights_t weights; /* as the user set them */
    mmu_weights_t now;     /* of this phase */

    /* operations */
    mmu_in_t *next; /* inputs that are being made, NULL between clocks */
    uint64_t clock; /* of *next */
    uint64_t hash, ops, op_count[MMU_OPS];
    FILE *record;
    const char *record_path;
    mmu_replay_t *replay;
    uint64_t late; /* replayed operations that came later than recorded */
    bool ended;    /* MMU_OP_END has come */
    bool offering; /* a request or a fence is offered */

    /* inputs as they stand */
    mmu_ctx_t ctx;
    mmu_slow_t slow;
    mmu_req_t lane[MMU_PORTS]; /* last request of each port: its fields stay on the wires */
    mmu_fence_t fence;
    uint32_t stall; /* clocks left */

    /* generator */
    uint64_t phase_end, phases;
    unsigned paging; /* row of mmu_pagings in force */
    bool draining;   /* no new requests until idle */
    bool hold;       /* no new requests until the fence after a drain is accepted */
    bool rebuild;    /* new tables with the next drain */
    mmu_world_t world;
    mmu_space_t space[MMU_WORLD_SPACES];
    unsigned spaces;
    uint64_t pool[MMU_WORLD_POOL];
    unsigned pool_count;
    mmu_random_port_t port[MMU_PORTS];
    int32_t fence_in; /* clocks to an aimed fence, -1: none */
    bool fence_owed;  /* a fence of everything is to follow */
    mmu_walk_read_t waiting[1u << MMU_SLOT_W];
    uint64_t reads[MMU_READS]; /* addresses that walks read, a ring */
    unsigned read_count;
    uint64_t swap_addr; /* where a compare-and-swap is about to be offered, or is; 0: nowhere */
    mmu_remap_t remap;
    mmu_rebind_t rebind;
    mmu_pmp_write_t pmp[MMU_PMP_QUEUE]; /* to be written while the MMU is idle, the last one first */
    unsigned pmps;

    mmu_cover_t *cover;
} mmu_random_t;

static inline int32_t mmu_w(const mmu_random_t *r, mmu_weight_e w)
{
    return r->now.value[w];
}

/* 0 <= result < n; 0 for n = 0. Never two draws in one expression: C leaves open which comes first, and the
 * same seed would give another run with another compiler. */
static inline uint32_t mmu_draw(mmu_random_t *r, uint32_t n)
{
    return n > 1 ? mmu_rng_below(&r->rng, n) : 0;
}

/* True in `weight` of `of` draws. */
static inline bool mmu_chance(mmu_random_t *r, mmu_weight_e w, uint32_t of)
{
    int32_t value = r->now.value[w];
    return value > 0 && mmu_rng_below(&r->rng, of) < (uint32_t)value;
}

/* The same as mmu_chance, for what is rare. */
static inline bool mmu_rare(mmu_random_t *r, mmu_weight_e w, uint32_t of)
{
    int32_t value = r->now.value[w];
    return value > 0 && mmu_rng_below(&r->rare, of) < (uint32_t)value;
}

/* Number of one of `count` neighbouring weights from `first` on, by their shares; `count` where all are 0. */
unsigned mmu_draw_share(mmu_random_t *r, mmu_weight_e first, unsigned count);

/* Gives an operation of clock r->clock its effect, its line in the record and its place in the hash. */
void mmu_random_emit(mmu_random_t *r, mmu_op_t *op);

/* random_phase.c */
void mmu_random_begin(mmu_random_t *r); /* before clock 0: first tables, context, slow registers */
void mmu_random_phase(mmu_random_t *r); /* a new phase where its clock has come */
void mmu_random_drain(mmu_random_t *r, bool idle_next); /* drains, and what happens in them */

/* random_world.c */
bool mmu_world_place(mmu_random_t *r, char *err, size_t n); /* once: where the tables stand */
void mmu_world_build(mmu_random_t *r);                      /* new entries in all of them */
/* The table and the index of an entry's address; NULL where no table is. */
const mmu_table_t *mmu_world_find(const mmu_random_t *r, uint64_t addr, unsigned *index);
/* Writes an entry: all sixteen where it is or was part of a NAPOT page, in all roots where it is global.
 * False where the entry has changed often enough since the last fence of everything. */
bool mmu_world_write(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t word);
/* The table as an entry of it is to be drawn: global for those that all roots share. */
mmu_table_t mmu_world_view(mmu_random_t *r, const mmu_table_t *table, unsigned index);
/* A table of that level, drawn; NULL where there is none. */
const mmu_table_t *mmu_world_target(mmu_random_t *r, unsigned paging, unsigned level, bool global);

/* random_entry.c: a word for an entry of `table` that is reached at `level`. */
uint64_t mmu_entry_draw(mmu_random_t *r, const mmu_table_t *table, unsigned level);
uint64_t mmu_entry_mutate(mmu_random_t *r, const mmu_table_t *table, unsigned level, uint64_t word);

/* True where the leaf grants this port an access; then `prv` and `acc` are such a one. */
bool mmu_entry_fit(mmu_random_t *r, uint64_t word, unsigned port, uint8_t *prv, uint8_t *acc);

/* Kinds of entries, in the order of the weights entry.*. */
enum { MMU_ENTRY_KINDS = MMU_W_entry_pbmt_reserved - MMU_W_entry_leaf + 1 };

/* random_look.c: what the tables say now, without touching them. The trail has a step at least. */
bool mmu_random_look(const mmu_random_t *r, uint64_t va, uint8_t prv, uint8_t acc, mmu_arch_result_t *result,
                     mmu_arch_trail_t *trail);

/* random_space.c */
void mmu_space_bind(mmu_random_t *r);   /* ASIDs and their roots */
void mmu_space_rebind(mmu_random_t *r); /* now and then one of them gets another root */
uint64_t mmu_va_draw(mmu_random_t *r);  /* any reachable page of the paging in force */
void mmu_va_pool(mmu_random_t *r);      /* a new working set */
uint64_t mmu_va_alias(mmu_random_t *r, uint64_t va);
uint64_t mmu_va_wild(mmu_random_t *r, uint64_t va);
uint64_t mmu_va_noncanonical(mmu_random_t *r, uint64_t va);

/* random_ports.c, random_fence.c, random_system.c: called once a clock, in this order */
void mmu_random_watch(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out); /* what the clock tells */
void mmu_random_system(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
/* A reset, now and then; true: nothing else in this clock. */
bool mmu_random_reset(mmu_random_t *r);
void mmu_random_answer(mmu_random_t *r); /* how the memory answers the next request */
void mmu_random_fences(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
void mmu_random_kills(mmu_random_t *r);
void mmu_random_requests(mmu_random_t *r);
void mmu_random_touch(mmu_random_t *r, unsigned port, uint64_t va);

/* random_pmp.c */
void mmu_pmp_plan(mmu_random_t *r);                       /* a drain: draws what is to be written */
void mmu_pmp_write_next(mmu_random_t *r, bool idle_next); /* one entry a clock */

/* ---- coverage and checks --------------------------------------------------------------------- */

mmu_cover_t *mmu_cover_create(void);
void mmu_cover_destroy(mmu_cover_t *cover);
void mmu_cover_op(mmu_cover_t *cover, const mmu_op_t *op);
void mmu_cover_entry(mmu_cover_t *cover, unsigned kind);
void mmu_cover_clock(mmu_cover_t *cover, const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
char *mmu_cover_text(const mmu_random_t *r);
struct json_t *mmu_cover_json(const mmu_random_t *r);

/* REQ-8: what an answer must look like, whatever the tables say. Called after the books, so pending still
 * holds the request. */
void mmu_random_check(mmu_stage_t *stage, const mmu_in_t *in, const mmu_out_t *out);

#endif
