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
 *     random_guest.c    virtual machines, views of them, the hart behind a request
 *     random_gworld.c   guest page tables and the tables of the G stage
 *     random_goffer.c   requests and context changes where there are virtual machines
 *     random_gfence.c   fences of both stages, posted ones, those that a change of a machine needs
 *     random_stage.c    which stage's word a walk reads, as far as the tables tell
 *     random_ports.c    requests and kills
 *     random_fence.c    fences, aimed and at any time
 *     random_pmp.c      PMP entries, while idle
 *     random_system.c   the operating system's writes, context changes, the memory's answers
 *     random_cover.c    what was met and what never
 *     random_gcover.c   the same of virtual machines
 *     random_check.c    the shape of answers (REQ-8)
 *     random_fmt*.c     formats other than riscv: tables, address spaces, addresses, fences (random_fmt.h)
 *     random_fcover.c   what was met of them
 */
#ifndef LOCKWALK_ENV_RANDOM_H
#define LOCKWALK_ENV_RANDOM_H

#include "env/mmu_stage.h"
#include "env/random_weights.h"
#include "env/random_world.h"
#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_pmp.h"

#include <stdio.h>

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
    uint8_t port;   /* MMU_OP_REQ, MMU_OP_KILL; MMU_OP_CTX: 0 both ports, else 1 + port */
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
            uint16_t vmid;
            uint8_t by;   /* bit 0 by address, bit 1 by ASID */
            uint8_t kind; /* mmu_fence_kind_e */
            bool by_vmid, posted;
            bool keep_g;
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

#define MMU_OP_LINE 400

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

/* ---- the stimulus ---------------------------------------------------------------------------- */

typedef enum { MMU_TIME_STEADY = 0, MMU_TIME_BURST = 1, MMU_TIME_GAP = 2 } mmu_time_e;

enum { MMU_GOOD = 4, MMU_TOUCHES = 4, MMU_READS = 8 };

/* A page that has just answered, and with what. */
typedef struct {
    uint64_t va;
    uint8_t prv, acc;
    uint8_t lg;
    mmu_view_t view;
} mmu_good_t;

typedef struct {
    uint64_t va;
    mmu_view_t view;
} mmu_touch_t;

typedef struct {
    mmu_time_e time;
    uint32_t left; /* clocks of this time */
    uint64_t va;   /* of the last request */
    uint8_t prv;
    mmu_good_t good[MMU_GOOD];
    unsigned goods;                 /* ever seen */
    mmu_touch_t touch[MMU_TOUCHES]; /* addresses that must be asked for */
    unsigned touches;
    int32_t kill_in;                  /* clocks to an aimed kill, -1: none */
    mmu_view_t view;                  /* of the context as it stands; with machines only */
    mmu_view_t asked[1u << MMU_ID_W]; /* of the requests by id */
    unsigned row;                     /* of `va` */
} mmu_random_port_t;

/* A read that the walk port took. */
typedef struct {
    uint64_t addr;
    bool wide, swap;
    uint8_t stage; /* mmu_stage_of_e */
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
    mmu_view_t view;
    bool g;       /* a word of the G stage; then va is the guest physical address */
    uint64_t ask; /* the address to be asked for again */
} mmu_remap_t;

/* An ASID that has another root: context, then fence, then touch. */
typedef struct {
    bool active;
    bool offered;  /* the fence is offered, and not yet accepted */
    uint32_t wait; /* clocks to the fence */
    uint16_t asid;
    uint8_t kind; /* mmu_fence_kind_e of the fence that it needs */
    uint16_t vmid;
} mmu_rebind_t;

enum { MMU_PMP_QUEUE = 16, MMU_FENCE_QUEUE = 8 };

typedef struct mmu_cover mmu_cover_t;
typedef struct mmu_fmt mmu_fmt_t;

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
    mmu_ctx_t ctx[MMU_PORTS];
    mmu_slow_t slow;
    mmu_pmp_file_t file;       /* PMP entries as written */
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
    mmu_pool_t pool[MMU_ROWS];
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

    /* with the hypervisor extension */
    bool guests;     /* it is there */
    mmu_rng_t sec;   /* Smepmp: runs without it stay as they were */
    mmu_hart_t hart; /* SUM and MXR of both kinds */
    mmu_vm_t vm[MMU_VMS];
    unsigned vms;
    bool fence_owed_g;                     /* beside fence_owed: of the G stage */
    uint32_t fence_owed_vv;                /* and of the VS stage of these machines */
    uint8_t fence_hint;                    /* of an aimed fence: mmu_fence_kind_e + 1; 0: any */
    mmu_op_t fence_queue[MMU_FENCE_QUEUE]; /* a posted sequence, the last one first */
    unsigned fences_queued;
    uint32_t updating; /* walk ids: between a VS entry that lacks A or D and the swap of it */

    mmu_fmt_t *fmt; /* NULL: riscv */
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

/* Bits of all machines; 0 without the hypervisor extension. */
static inline uint32_t mmu_all_machines(const mmu_random_t *r)
{
    return (1u << r->vms) - 1;
}

static inline bool mmu_fences_owed(const mmu_random_t *r)
{
    return r->fence_owed || r->fence_owed_g || r->fence_owed_vv != 0;
}

/* The same as mmu_chance, for Smepmp. */
static inline bool mmu_sec_chance(mmu_random_t *r, mmu_weight_e w, uint32_t of)
{
    int32_t value = r->now.value[w];
    return value > 0 && mmu_rng_below(&r->sec, of) < (uint32_t)value;
}

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
/* For building: the word, with its group; in all roots of the bank. */
void mmu_world_put(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t word);
void mmu_world_put_roots(mmu_random_t *r, unsigned row, unsigned bank, unsigned index, uint64_t word);
void mmu_world_geography(mmu_random_t *r, unsigned row, const uint16_t base[MMU_WORLD_LEVELS]);
void mmu_world_build_table(mmu_random_t *r, const mmu_table_t *table);
bool mmu_world_taken(const mmu_world_t *world, uint64_t addr);
uint64_t mmu_world_frame(mmu_random_t *r, const mmu_paging_t *paging);
mmu_table_t *mmu_world_add(mmu_random_t *r, uint64_t addr, unsigned row, unsigned level, bool global);
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
bool mmu_random_look(const mmu_random_t *r, const mmu_ctx_t *ctx, uint64_t va, uint8_t prv, uint8_t acc,
                     mmu_arch_result_t *result, mmu_arch_trail_t *trail);

/* random_space.c */
void mmu_space_bind(mmu_random_t *r);                /* ASIDs and their roots */
void mmu_space_rebind(mmu_random_t *r);              /* now and then one of them gets another root */
uint64_t mmu_va_draw(mmu_random_t *r, unsigned row); /* any reachable page of a paging */
void mmu_va_pool(mmu_random_t *r);                   /* new working sets */
uint64_t mmu_va_alias(mmu_random_t *r, unsigned row, uint64_t va);
uint64_t mmu_va_wild(mmu_random_t *r, unsigned row, uint64_t va);
uint64_t mmu_va_noncanonical(mmu_random_t *r, unsigned row, uint64_t va);
unsigned mmu_va_index(unsigned row, uint64_t va, unsigned level);
uint16_t mmu_asid_draw(mmu_random_t *r, const mmu_space_t *before, unsigned i, uint16_t mask);

/* random_ports.c, random_fence.c, random_system.c: called once a clock, in this order */
void mmu_random_watch(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out); /* what the clock tells */
void mmu_random_system(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
/* A reset, now and then; true: nothing else in this clock. */
bool mmu_random_reset(mmu_random_t *r);
void mmu_random_answer(mmu_random_t *r); /* how the memory answers the next request */
void mmu_random_fences(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
void mmu_random_kills(mmu_random_t *r);
void mmu_random_requests(mmu_random_t *r);
void mmu_random_touch(mmu_random_t *r, unsigned port, uint64_t va, mmu_view_t view);
uint64_t mmu_request_page(mmu_random_t *r, unsigned port, unsigned row);
uint64_t mmu_request_near(mmu_random_t *r, const mmu_good_t *good);
uint8_t mmu_request_priv(mmu_random_t *r);
void mmu_request_emit(mmu_random_t *r, unsigned port, mmu_op_t *op);
void mmu_aim(mmu_random_t *r, int32_t *in, mmu_weight_e chance, uint32_t range);

/* random_guest.c: only where r->guests */
void mmu_guest_begin(mmu_random_t *r);
void mmu_guest_bind(mmu_random_t *r);                          /* all machines and their spaces anew */
mmu_view_t mmu_view_draw(mmu_random_t *r, bool v);             /* any view, with V or without */
unsigned mmu_view_row(const mmu_random_t *r, mmu_view_t view); /* what its addresses are like */
/* The context and request of an access by some hart: prv and acc are the effective ones that are wanted. */
mmu_effective_t mmu_view_enter(mmu_random_t *r, mmu_view_t view, uint8_t prv, uint8_t acc);
mmu_ctx_t mmu_view_ctx(const mmu_random_t *r, mmu_view_t view); /* without ignored bits, for looking */
void mmu_guest_rebind(mmu_random_t *r);                         /* now and then, under traffic */

/* random_gworld.c: only where r->guests */
bool mmu_gworld_place(mmu_random_t *r, char *err, size_t n);
void mmu_gworld_build(mmu_random_t *r);
uint64_t mmu_guest_addr(const mmu_random_t *r, uint64_t addr);          /* of a guest page table */
uint64_t mmu_guest_page(mmu_random_t *r, unsigned row, unsigned level); /* PPN of a leaf of the VS stage */
uint64_t mmu_guest_bare_page(mmu_random_t *r, unsigned row);            /* an address without VS stage */
/* True where the entry leads to guest page tables; then a word for it. */
bool mmu_window_entry(mmu_random_t *r, const mmu_table_t *table, unsigned index, uint64_t *word);
bool mmu_row_on(const mmu_random_t *r, unsigned row);

/* random_goffer.c: only where r->guests */
void mmu_guest_offer(mmu_random_t *r, unsigned port);
void mmu_guest_context(mmu_random_t *r);

/* random_gfence.c: only where r->guests */
void mmu_guest_fences(mmu_random_t *r, bool aimed);
void mmu_guest_remap_fence(mmu_random_t *r);
void mmu_guest_rebind_fence(mmu_random_t *r);

/* random_stage.c */
uint8_t mmu_stage_of(const mmu_random_t *r, uint64_t addr);
void mmu_stage_watch_walk(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);

/* random_pmp.c */
void mmu_pmp_plan(mmu_random_t *r);                       /* a drain: draws what is to be written */
void mmu_pmp_write_next(mmu_random_t *r, bool idle_next); /* one entry a clock */

/* random_fmt.c: only where r->fmt, but for create and destroy */
bool mmu_fmt_create(mmu_random_t *r, char *err, size_t n); /* leaves r->fmt NULL for riscv */
void mmu_fmt_destroy(mmu_random_t *r);
void mmu_fmt_begin(mmu_random_t *r);
bool mmu_fmt_drained(mmu_random_t *r); /* while idle; true: a fence of everything must follow */
void mmu_fmt_context(mmu_random_t *r);
void mmu_fmt_rebind(mmu_random_t *r);
uint64_t mmu_fmt_any(mmu_random_t *r);               /* address of some word */
bool mmu_fmt_change(mmu_random_t *r, uint64_t addr); /* it becomes another one; false: not now, or no word */
bool mmu_fmt_lacks(const mmu_random_t *r, uint64_t word); /* A or D is clear, and hardware may set it */
uint8_t mmu_fmt_acc(mmu_random_t *r, unsigned port);
bool mmu_fmt_fits(mmu_random_t *r, unsigned port, uint64_t va, uint8_t *prv, uint8_t *acc);
uint64_t mmu_fmt_offset_mask(const mmu_random_t *r); /* bits of an address that a request draws anew */
uint64_t mmu_fmt_va_draw(mmu_random_t *r);
uint64_t mmu_fmt_va_alias(mmu_random_t *r, uint64_t va);
uint64_t mmu_fmt_va_wild(mmu_random_t *r, uint64_t va);
uint64_t mmu_fmt_va_beyond(mmu_random_t *r, uint64_t va);

/* ---- coverage and checks --------------------------------------------------------------------- */

/* Bins of one kind: counts that were met, and the bins that never were. */
typedef struct {
    const char *name;
    const char *const *bins;
    const uint64_t *counts;
    unsigned count;
    uint32_t unless_never; /* bit n: that bin n is empty is no news */
} mmu_cover_group_t;

enum {
    MMU_GCOVER_KINDS = 6, /* fences: S, VV, G, posted, W.INVAL, INVAL.IR */
    MMU_GCOVER_METS = 16,
    MMU_GCOVER_FORMS = 13,
    MMU_GCOVER_STAGES = 25,
    MMU_GCOVER_FAULTS = 20,
    MMU_GCOVER_HARTS = 8,
    MMU_GCOVER_SWITCHES = 5,
    MMU_GCOVER_SETTINGS = 10,
    MMU_GCOVER_GROUPS = MMU_GCOVER_KINDS + 6
};

/* What virtual machines add (random_gcover.c). */
typedef struct {
    uint64_t fence[MMU_GCOVER_KINDS][MMU_GCOVER_METS]; /* what each kind met in its clock */
    uint64_t form[MMU_GCOVER_FORMS];
    uint64_t stage[MMU_GCOVER_STAGES]; /* answers with a page, by the modes of both stages */
    uint64_t fault[MMU_GCOVER_FAULTS];
    uint64_t hart[MMU_GCOVER_HARTS];
    uint64_t change[MMU_GCOVER_SWITCHES]; /* from one accepted request of a port to the next */
    uint64_t setting[MMU_GCOVER_SETTINGS];
    mmu_ctx_t ctx[MMU_PORTS]; /* of the last accepted request */
} mmu_gcover_t;

void mmu_gcover_clock(mmu_gcover_t *c, const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
unsigned mmu_gcover_groups(const mmu_gcover_t *c, const mmu_random_t *r, mmu_cover_group_t *g);

enum { MMU_FCOVER_PAGES = 12, MMU_FCOVER_MODES = 15, MMU_FCOVER_FENCES = 5, MMU_FCOVER_GROUPS = 5 };

/* What formats other than riscv add (random_fcover.c). */
typedef struct {
    uint64_t fault[MMU_PORTS][8]; /* answers by mmu_fault_e */
    uint64_t page[MMU_FCOVER_PAGES];
    uint64_t mode[MMU_FCOVER_MODES]; /* modes, flags and accesses of answered requests */
    uint64_t fence[MMU_FCOVER_FENCES];
} mmu_fcover_t;

void mmu_fcover_clock(mmu_fcover_t *c, const mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out);
unsigned mmu_fcover_groups(const mmu_fcover_t *c, const mmu_random_t *r, mmu_cover_group_t *g);

mmu_cover_t *mmu_cover_create(void);
void mmu_cover_hart(mmu_cover_t *cover, uint8_t op, bool mprv);
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
