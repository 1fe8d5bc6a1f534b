/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The environment of an MMU: stimulus, memory and operating system, in C. It knows nothing of what it
 * surrounds: the RTL, the cycle model or somebody else's MMU. It is called once a clock.
 *
 *         +------------------- environment -------------------+
 *         |  stimulus (trace | random)    pager     memory    |
 *         +---|req, ctx, fence---------------------------|----+
 *             v        ^ rsp                        mreq ^  | mrsp
 *         +---------------------------------------------------+
 *         |                        MMU                        |
 *         +---------------------------------------------------+
 *
 *     mmu_env_options_t opt = {.trace = "traces/x.trc.zst"};        (zero is a good default everywhere)
 *     mmu_env_t *env = mmu_env_create(&opt, err, sizeof err);
 *     mmu_env_reset_inputs(env, &in);                               inputs of clock 0 (and of reset)
 *     while (!mmu_env_done(env)) {
 *         outputs of this clock: out = MMU(state, in)
 *         mmu_env_step(env, &in, &out, &next);                      end of the clock
 *         clock edge; in = next
 *         for mmu_env_reset_clocks(env) clocks: rst_n low
 *     }
 *     if (mmu_env_failure(env)->kind != MMU_ENV_OK) ...
 *
 * `next` are the inputs of the following clock: what the environment decides from clock n reaches the MMU
 * in clock n + 1, so it passes through flops and no combinational path runs through the environment.
 *
 * Time, as CONTRACT.md has it. A request is accepted in a clock where req.valid and req_ready; its answer
 * comes in a later clock. An id is free in the clock after its answer or kill. A walk-port request is
 * accepted in a clock where mreq.valid and mreq_ready; memory reads or swaps in that clock, and the
 * response comes `mem_latency` clocks later (1: the following clock), at most one response a clock. A
 * request that is offered stays offered, unchanged, until it is accepted. The slow registers change only
 * while `idle`, and PMP entries are written only then. Where there are entries, one that allows everything is
 * written in clock 0 and in the clock after a reset, in which every MMU is idle.
 */
#ifndef LOCKWALK_MMU_ENV_H
#define LOCKWALK_MMU_ENV_H

#include "lockwalk/mmu.h"
#include "lockwalk/mmu_cfg.h"
#include "lockwalk/mmu_judge.h"
#include "lockwalk/mmu_pager.h"
#include "lockwalk/mmu_random.h"
#include "lockwalk/mmu_vectors.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- options: zero everywhere is the default ---------------------------------------------- */

typedef enum { MMU_ENV_TRACE = 0, MMU_ENV_RANDOM = 1, MMU_ENV_VECTORS = 2 } mmu_env_kind_e;

/* Kind vectors (model/env/vectors.c): translation vectors, each access in the steps of mmu_vectors.h. Every answer is
 * compared with the vector or with the architectural model, so no judge watches. */
#define MMU_VECTORS_FILES 64u
typedef struct {
    const char *file[MMU_VECTORS_FILES];
    unsigned files;
    const char *select; /* terms of mmu_tv_select_parse; NULL: all worlds */
    /* Who hears what was found; NULL: the first step that differs is a failure of the run. */
    const mmu_vectors_sink_t *sink;
    int fd; /* above 0, and no sink: what was found is written there (mmu_vectors_pipe_read) */
} mmu_vectors_options_t;

typedef struct {
    mmu_env_kind_e kind;
    const char *trace;             /* kind trace: the file, "-" standard input */
    uint64_t cycles;               /* stop after so many clocks; 0: at the end of the stimulus */
    uint64_t seed;                 /* of memory latencies and of the random stimulus */
    uint64_t watchdog;             /* clocks without progress that are a failure; 0: 20,000 */
    uint32_t mem_latency_min;      /* clocks from acceptance to response; 0: 1 */
    uint32_t mem_latency_max;      /* 0: the same as mem_latency_min */
    uint32_t mem_stall_percent;    /* clocks in which the walk port is not ready, 0..95 */
    uint64_t ram_base;             /* bytes, a multiple of 4096; 0: 0x80000000 */
    uint64_t ram_size;             /* bytes, a multiple of 4096; 0: 1 TiB */
    mmu_huge_e huge;               /* kind trace: which page sizes the pager maps */
    bool svade;                    /* the pager sets A and D; else the hardware does (Svadu) */
    uint16_t asid;                 /* kind trace: the address space; 0 is an ASID like any other */
    mmu_random_options_t random;   /* kind random: weights, record, replay */
    mmu_vectors_options_t vectors; /* kind vectors: files, selection */
    uint8_t pmp_entries; /* of the MMU's configuration, as the next three: mmu_env_configure sets them */
    uint16_t formats;    /* bit n: format n is built in (mmu_format_e); 0: riscv alone */
    uint16_t pages;      /* page sizes that some array holds, as mmu_page_lg numbers them */
    uint8_t format;      /* 1 + the format to play, mmu_format_e; 0: the lowest-numbered that is built in */
    uint8_t x86_mode;    /* kind trace: MMU_X86_2LEVEL ...; 0: by the page sizes (mmu_env_x86_mode) */
    uint8_t plg;         /* kind trace, classical formats: log2 of the page size, 9..16; 0: by the arrays */
    uint8_t rows_lg;     /* kind trace, inverted: log2 of the rows; 0: 16, with a linear search 11 */
    bool linear;         /* kind trace, inverted: search row by row */
    bool foreign;        /* the judge's milder reading for somebody else's MMU (JDG-17) */
    bool unjudged;       /* no judge: for tests of the environment itself, with a pretended MMU */
} mmu_env_options_t;

/* ---- what went wrong ---------------------------------------------------------------------- */

typedef enum {
    MMU_ENV_OK = 0,
    MMU_ENV_BAD_INPUT = 1,    /* the trace cannot be read: exit status 2 */
    MMU_ENV_BAD_ANSWER = 2,   /* a wrong PA, page size, memory type, cause or tval */
    MMU_ENV_BAD_ID = 3,       /* an answer for an id that is not outstanding */
    MMU_ENV_BAD_PROTOCOL = 4, /* the walk port, a fence or idle breaks its protocol */
    MMU_ENV_ACCESS_FAULT = 5, /* an access fault where there is memory */
    MMU_ENV_REFUSED = 6,      /* a page fault for a page that the pager had mapped before */
    MMU_ENV_NO_PROGRESS = 7,  /* the watchdog */
    MMU_ENV_NO_MEMORY = 8,    /* the pager has no frame left: a larger ram_size */
    MMU_ENV_ILLEGAL = 9,      /* the judge: an answer, or a read or swap of a walk, that nothing explains */
    MMU_ENV_UNDECIDED = 10,   /* the judge could not decide often enough */
    MMU_ENV_UNJUDGED = 11     /* there were answers, and none was judged */
} mmu_env_fail_e;

typedef struct {
    mmu_env_fail_e kind;
    uint64_t clock;
    char text[512];      /* a sentence for people, without line end */
    const char *details; /* what the judge saw, lines for people; NULL where there is nothing more to tell */
} mmu_env_failure_t;

/* ---- counts for the closing table --------------------------------------------------------- */

typedef struct {
    uint64_t clocks;              /* calls of mmu_env_step */
    uint64_t accepted[MMU_PORTS]; /* requests accepted, retries included */
    uint64_t answered[MMU_PORTS]; /* answers with a PA: finished accesses */
    uint64_t faults[MMU_PORTS];   /* answers with a fault */
    uint64_t killed[MMU_PORTS];   /* by a kill or a reset */
    uint64_t resets;              /* in mid-traffic */
    uint64_t retries;             /* accesses issued again after the pager served their fault */
    uint64_t pages_mapped[3];     /* by the pager: 4 KiB, 2 MiB, 1 GiB, or as page_lg says */
    uint8_t page_lg[3];           /* log2 of these sizes; all 0: 12, 21, 30 */
    uint64_t ad_set;              /* by the pager, Svade */
    uint64_t mem_reads, mem_cas, mem_cas_failed, mem_errors;
    uint64_t answers_sum;            /* of mmu_env_answer_sum over all answers: tells two runs apart */
    uint64_t events[MMU_EVENT_W];    /* pulses of mmu_out_t.events, by mmu_event_e */
    const mmu_judge_counts_t *judge; /* NULL: there was no judge */
} mmu_env_stats_t;

/* A number for one answer: its clock, port and id, and PA, page size and memory type, or cause and faulting address. */
static inline uint64_t mmu_env_answer_sum(uint64_t clock, unsigned port, const mmu_rsp_t *rsp)
{
    uint64_t what = rsp->fault ? rsp->tval ^ rsp->gpa << 1 ^ (uint64_t)(64u + rsp->cause) << 56
                               : rsp->pa ^ (uint64_t)rsp->lg << 58 ^ (uint64_t)rsp->mt << 56;

    what ^= (clock << 6 | port << 5 | rsp->id) * UINT64_C(0x9e3779b97f4a7c15);
    what = (what ^ what >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return what ^ what >> 32;
}

/* One request at a port, for reports. */
typedef struct {
    bool busy;      /* accepted and neither answered nor killed */
    bool killed;    /* it ended by a kill, not by an answer */
    uint64_t clock; /* in which it was accepted */
    uint64_t ended; /* clock of its answer or kill, once it is not busy any more */
    mmu_req_t req;
    mmu_ctx_t ctx;
} mmu_env_pending_t;

/* ---- what the environment knows of the MMU (model/env/mmu_env_config.c) -------------------- */

/* Sets the options that a configuration decides. */
void mmu_env_configure(mmu_env_options_t *opt, const mmu_cfg_t *cfg);

/* The format that is played (mmu_format_e). */
uint8_t mmu_env_format(const mmu_env_options_t *opt);

/* x86: the mode of a trace: the option; else 2-level where arrays hold 4 MiB pages and none holds 1 GiB, else
 * 4-level. */
uint8_t mmu_env_x86_mode(const mmu_env_options_t *opt);

/* Classical formats: log2 of the page size of a trace: the option; else 4 KiB, or where arrays hold pages of 512 to
 * 64 KiB, but not of 4 KiB, the smallest. */
uint8_t mmu_env_plg(const mmu_env_options_t *opt);

/* ---- functions ---------------------------------------------------------------------------- */

typedef struct mmu_env mmu_env_t;

/* NULL and a sentence in err (n bytes) when the options or the trace are bad (exit status 2). */
mmu_env_t *mmu_env_create(const mmu_env_options_t *opt, char *err, size_t n);
void mmu_env_destroy(mmu_env_t *env);

void mmu_env_reset_inputs(mmu_env_t *env, mmu_in_t *first);
void mmu_env_step(mmu_env_t *env, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next);

/* Between the clock that the last step has ended and the next one the MMU is to be in reset (rst_n low) for so many
 * clocks; 0: none (REQ-11). They have no number, are not stepped, and nobody looks at outputs in them. */
unsigned mmu_env_reset_clocks(const mmu_env_t *env);

/* True at the end of the stimulus, after opt.cycles clocks, or after a failure. */
bool mmu_env_done(const mmu_env_t *env);

const mmu_env_failure_t *mmu_env_failure(const mmu_env_t *env);

/* The failure's kind in a word, for machines: "ok", "bad_input", "bad_answer" ... */
const char *mmu_env_fail_name(mmu_env_fail_e kind);

const mmu_env_stats_t *mmu_env_stats(const mmu_env_t *env);

/* A sentence about what is being played, e.g. "trace traces/x.trc.zst, 4 KiB pages, Svadu". */
const char *mmu_env_describe(const mmu_env_t *env);

/* The request with this id at this port; busy is false where there is none. */
const mmu_env_pending_t *mmu_env_pending(const mmu_env_t *env, unsigned port, unsigned id);

/* The memory's word of 8 bytes at this address; false outside RAM. */
bool mmu_env_peek(const mmu_env_t *env, uint64_t addr, uint64_t *word);

/* ---- the closing table (model/env/mmu_report.c) ----------------------------------------------- */

/* The table as text, each line ended; the caller frees it. */
char *mmu_env_report_text(const mmu_env_stats_t *stats);

/* The same as a JSON object (jansson's json_t *), owned by the caller. */
struct json_t;
struct json_t *mmu_env_report_json(const mmu_env_stats_t *stats);

/* How a trace's addresses were folded, region by region, as text (the caller frees); NULL where nothing was packed. */
char *mmu_env_fold_text(const mmu_env_t *env);

/* What the stimulus met and what never, as text (the caller frees) and as a JSON object; NULL for a trace. */
char *mmu_env_cover_text(const mmu_env_t *env);
struct json_t *mmu_env_cover_json(const mmu_env_t *env);

/* ---- vectors through a pipe (model/env/vectors_pipe.c) ------------------------------------------ */

/* Reads what a run with vectors.fd has written and hands it to the sink, up to the end of the file. False: it did not
 * come to its end. */
bool mmu_vectors_pipe_read(int fd, const mmu_vectors_sink_t *sink);

/* ---- command line (model/env/mmu_env_args.c) ------------------------------------------------ */

/* Options of the environment for argp_parse, as a child parser whose input is a mmu_env_options_t *:
 * --trace FILE --random SEED --vectors FILE --vectors-select TERMS --cycles N --seed N --watchdog N --mem-latency MIN[..MAX] --mem-stall PERCENT
 * --ram BASE:SIZE --huge-pages POLICY --svade --asid N --format NAME --x86-mode NAME --page-size BYTES --rows N
 * --linear-search. Strings in the options point into argv. Its own
 * child parser is mmu_random_argp (mmu_random.h; input &options->random), so that a command gets the options of
 * the random stimulus as well: --profile --weights --weight --list-weights --record --replay. --replay FILE alone
 * chooses kind random. A command with a configuration calls mmu_env_configure. */
struct argp;
extern const struct argp mmu_env_argp;

/* "never", "2m" ... by mmu_huge_e, "2level" ... by MMU_X86_2LEVEL ...; NULL after the last one. */
const char *mmu_env_huge_name(unsigned policy);
const char *mmu_env_x86_mode_name(unsigned mode);

/* The other way: options of kind trace, but those that a configuration decides, as words; the caller frees each. Returns
 * how many. */
#define MMU_ENV_WORDS 32
unsigned mmu_env_words(const mmu_env_options_t *opt, char *word[MMU_ENV_WORDS]);

#ifdef __cplusplus
}
#endif
#endif
