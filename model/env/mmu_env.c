/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The environment: books, walk port and stimulus, once a clock.
 */
#include "lockwalk/mmu_env.h"

#include "env/mmu_stage.h"
#include "lockwalk/mmu_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RAM_BASE UINT64_C(0x80000000)
#define DEFAULT_RAM_SIZE (UINT64_C(1) << 40)
#define DEFAULT_WATCHDOG UINT64_C(20000)

struct mmu_env {
    mmu_env_options_t opt; /* with the defaults filled in */
    mmu_stage_t stage;
    mmu_stimulus_t *stim;
    mmu_judge_t *judge; /* NULL: opt.unjudged */
    bool finished;      /* the judge has closed the run */
    char text[512];     /* of mmu_env_describe */
};

/* ---- options -------------------------------------------------------------------------------- */

static void fill_in_defaults(mmu_env_options_t *opt)
{
    if (opt->mem_latency_min == 0)
        opt->mem_latency_min = 1;
    if (opt->mem_latency_max == 0)
        opt->mem_latency_max = opt->mem_latency_min;
    if (opt->ram_base == 0)
        opt->ram_base = DEFAULT_RAM_BASE;
    if (opt->ram_size == 0)
        opt->ram_size = DEFAULT_RAM_SIZE;
    /* A slow memory is no lack of progress. */
    if (opt->watchdog == 0)
        opt->watchdog = DEFAULT_WATCHDOG + UINT64_C(256) * opt->mem_latency_max;
}

/* Formats that are built in, for people. */
static void list_formats(uint16_t formats, char *text, size_t n)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned k = 0; k < 16 && used < n; k++)
        if ((formats >> k & 1u) != 0 && mmu_format(k) != NULL)
            used +=
                (size_t)snprintf(text + used, n - used, "%s%s", used > 0 ? ", " : "", mmu_format(k)->name);
}

static bool format_is_good(const mmu_env_options_t *opt, char *err, size_t n)
{
    uint16_t formats = opt->formats == 0 ? 1u << MMU_FORMAT_RISCV : opt->formats;
    uint8_t format = mmu_env_format(opt);
    char allowed[160];

    if ((formats >> format & 1u) == 0 || mmu_format(format) == NULL) {
        list_formats(formats, allowed, sizeof allowed);
        snprintf(err, n, "format %s: the configuration has it not built in; allowed: %s",
                 mmu_format(format) != NULL ? mmu_format(format)->name : "without a name", allowed);
        return false;
    }
    /* Traces and random traffic write tables, which is more than a format says (docs/formats.md). */
    if (opt->kind != MMU_ENV_VECTORS && format > MMU_FORMAT_SEGPAGE) {
        snprintf(err, n, "format %s: nobody writes tables of it; expected vectors", mmu_format(format)->name);
        return false;
    }
    if (opt->kind != MMU_ENV_TRACE)
        return true;
    if (opt->huge != MMU_HUGE_NEVER && format > MMU_FORMAT_X86) {
        snprintf(err, n, "huge pages: pages of the format %s have one size; expected the policy never",
                 mmu_format(format)->name);
        return false;
    }
    if (opt->svade && (format == MMU_FORMAT_X86 || format == MMU_FORMAT_BOUNDS)) {
        snprintf(err, n, "svade: in the format %s software sets no A and D; expected it to be off",
                 mmu_format(format)->name);
        return false;
    }
    return true;
}

static bool options_are_good(const mmu_env_options_t *opt, char *err, size_t n)
{
    if (opt->mem_latency_min > opt->mem_latency_max || opt->mem_latency_max > 100000) {
        snprintf(err, n, "memory latency %" PRIu32 "..%" PRIu32 ": expected 1 <= lowest <= highest <= 100000",
                 opt->mem_latency_min, opt->mem_latency_max);
        return false;
    }
    if (opt->mem_stall_percent > 95) {
        snprintf(err, n, "memory stall %" PRIu32 " percent: expected 0 to 95", opt->mem_stall_percent);
        return false;
    }
    if ((opt->ram_base & 0xfff) != 0 || (opt->ram_size & 0xfff) != 0 || opt->ram_base > MMU_PA_MASK ||
        opt->ram_size > MMU_PA_MASK + 1 - opt->ram_base) {
        snprintf(err, n,
                 "RAM 0x%" PRIx64 ":0x%" PRIx64
                 ": expected base and size to be multiples of 4096 and to end at 2^56 "
                 "at most",
                 opt->ram_base, opt->ram_size);
        return false;
    }
    if (opt->huge > MMU_HUGE_MIXED) {
        snprintf(err, n, "huge-page policy %d: expected 0 to %d", (int)opt->huge, (int)MMU_HUGE_MIXED);
        return false;
    }
    return format_is_good(opt, err, n);
}

/* ---- the judge ------------------------------------------------------------------------------ */

/* Changed in the step that ends stage.clock, so a read of the next clock sees it. */
static void word_changed(void *user, uint64_t addr, uint64_t before, uint64_t after)
{
    mmu_env_t *env = user;

    mmu_judge_write(env->judge, env->stage.clock + 1, addr, before, after);
}

static bool peek(void *user, uint64_t addr, bool wide, uint64_t *word)
{
    const mmu_env_t *env = user;

    if (!mmu_mem_is_ram(env->stage.mem, addr, wide ? 8 : 4))
        return false;
    *word = mmu_mem_read(env->stage.mem, addr, wide);
    return true;
}

static bool create_judge(mmu_env_t *env)
{
    mmu_judge_options_t opt = {.asid_bits_ignored = env->opt.random.asid_bits_ignored,
                               .hypervisor = env->opt.random.hypervisor,
                               .vmid_bits_ignored = (uint8_t)(MMU_VMID_W - env->opt.random.vmid_bits),
                               .pmp_entries = env->opt.pmp_entries,
                               .foreign = env->opt.foreign,
                               .peek = peek,
                               .user = env};

    if (env->opt.unjudged || env->opt.kind == MMU_ENV_VECTORS)
        return true;
    env->judge = mmu_judge_create(&opt);
    if (env->judge == NULL)
        return false;
    env->stage.stats.judge = mmu_judge_counts(env->judge);
    return true;
}

static void take_verdict(mmu_env_t *env)
{
    const mmu_judge_failure_t *failure = mmu_judge_failure(env->judge);

    if (failure->kind == MMU_JUDGE_OK || env->stage.failure.kind != MMU_ENV_OK)
        return;
    mmu_stage_fail(&env->stage,
                   failure->kind == MMU_JUDGE_UNDECIDED ? MMU_ENV_UNDECIDED
                   : failure->kind == MMU_JUDGE_NOTHING ? MMU_ENV_UNJUDGED
                                                        : MMU_ENV_ILLEGAL,
                   "%s", failure->text);
    if (failure->details[0] != '\0')
        env->stage.failure.details = failure->details;
}

static void judge(mmu_env_t *env, const mmu_in_t *in, const mmu_out_t *out)
{
    if (env->judge == NULL || env->stage.failure.kind != MMU_ENV_OK)
        return;
    mmu_judge_step(env->judge, env->stage.clock, in, out);
    if (mmu_judge_failure(env->judge)->kind != MMU_JUDGE_OK)
        take_verdict(env);
}

/* Once, in the last clock. */
static void close_judge(mmu_env_t *env)
{
    const mmu_env_stats_t *s = &env->stage.stats;

    env->finished = true;
    mmu_judge_finish(env->judge, env->stage.clock,
                     s->answered[0] + s->answered[1] + s->faults[0] + s->faults[1]);
    take_verdict(env);
}

/* ---- life ----------------------------------------------------------------------------------- */

static mmu_stimulus_t *create_stimulus(mmu_stage_t *stage, char *err, size_t n)
{
    switch (stage->opt->kind) {
    case MMU_ENV_TRACE:
        return mmu_player_create(stage, err, n);
    case MMU_ENV_RANDOM:
        return mmu_random_create(stage, err, n);
    case MMU_ENV_VECTORS:
        return mmu_vectors_create(stage, err, n);
    default:
        snprintf(err, n, "this program has no stimulus of kind %d", (int)stage->opt->kind);
        return NULL;
    }
}

mmu_env_t *mmu_env_create(const mmu_env_options_t *opt, char *err, size_t n)
{
    mmu_env_options_t full = *opt;
    mmu_env_t *env;

    fill_in_defaults(&full);
    if (!options_are_good(&full, err, n))
        return NULL;
    env = calloc(1, sizeof *env);
    if (env == NULL) {
        snprintf(err, n, "no memory");
        return NULL;
    }
    env->opt = full;
    env->stage.opt = &env->opt;
    env->stage.mem = mmu_mem_create(full.ram_base, full.ram_size);
    if (env->stage.mem == NULL || !create_judge(env)) {
        snprintf(err, n, "no memory");
        mmu_env_destroy(env);
        return NULL;
    }
    mmu_memport_init(&env->stage.memport, env->stage.mem, &env->opt);
    env->stim = create_stimulus(&env->stage, err, n);
    if (env->stim == NULL) {
        mmu_env_destroy(env);
        return NULL;
    }
    /* What was written up to here is what memory holds in clock 0. */
    if (env->judge != NULL)
        mmu_mem_watch(env->stage.mem, word_changed, env);
    env->stim->ops->describe(env->stim, env->text, sizeof env->text);
    return env;
}

void mmu_env_destroy(mmu_env_t *env)
{
    if (env == NULL)
        return;
    if (env->stim != NULL)
        env->stim->ops->destroy(env->stim);
    mmu_mem_destroy(env->stage.mem);
    mmu_judge_destroy(env->judge);
    free(env);
}

/* ---- clocks --------------------------------------------------------------------------------- */

void mmu_env_reset_inputs(mmu_env_t *env, mmu_in_t *first)
{
    memset(first, 0, sizeof *first);
    first->mreq_ready = true;
    mmu_stage_open_pmp(&env->stage, first);
    env->stim->ops->reset(env->stim, first);
}

void mmu_env_step(mmu_env_t *env, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next)
{
    mmu_stage_t *stage = &env->stage;

    stage->clock = stage->stats.clocks++;
    stage->reset_clocks = 0;
    *next = *in;
    mmu_stage_books(stage, in, out);
    judge(env, in, out);
    mmu_memport_step(stage, in, out, next);
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        next->kill[port] = false;
        if (!stage->offering[port])
            next->req[port] = (mmu_req_t){0};
    }
    if (in->fence.valid && out->fence_ready)
        next->fence = (mmu_fence_t){0};
    next->pmp = (mmu_pmp_write_t){0};
    if (stage->failure.kind == MMU_ENV_OK)
        env->stim->ops->step(env->stim, in, out, next);
    if (stage->reset_clocks > 0 && env->judge != NULL)
        mmu_judge_reset(env->judge, stage->clock + 1);
    mmu_stage_watch(stage, in);
    if (env->judge != NULL && !env->finished && mmu_env_done(env))
        close_judge(env);
}

unsigned mmu_env_reset_clocks(const mmu_env_t *env)
{
    return env->stage.reset_clocks;
}

bool mmu_env_done(const mmu_env_t *env)
{
    const mmu_stage_t *stage = &env->stage;

    return stage->failure.kind != MMU_ENV_OK ||
           (env->opt.cycles != 0 && stage->stats.clocks >= env->opt.cycles) ||
           env->stim->ops->done(env->stim);
}

mmu_stage_t *mmu_env_stage(mmu_env_t *env)
{
    return &env->stage;
}

mmu_stimulus_t *mmu_env_stimulus(mmu_env_t *env)
{
    return env->stim;
}

/* ---- questions ------------------------------------------------------------------------------ */

const mmu_env_failure_t *mmu_env_failure(const mmu_env_t *env)
{
    return &env->stage.failure;
}

const char *mmu_env_fail_name(mmu_env_fail_e kind)
{
    static const char *const names[] = {
        [MMU_ENV_OK] = "ok",
        [MMU_ENV_BAD_INPUT] = "bad_input",
        [MMU_ENV_BAD_ANSWER] = "bad_answer",
        [MMU_ENV_BAD_ID] = "bad_id",
        [MMU_ENV_BAD_PROTOCOL] = "bad_protocol",
        [MMU_ENV_ACCESS_FAULT] = "access_fault",
        [MMU_ENV_REFUSED] = "refused",
        [MMU_ENV_NO_PROGRESS] = "no_progress",
        [MMU_ENV_NO_MEMORY] = "no_memory",
        [MMU_ENV_ILLEGAL] = "illegal",
        [MMU_ENV_UNDECIDED] = "undecided",
        [MMU_ENV_UNJUDGED] = "unjudged",
    };

    return names[kind];
}

const mmu_env_stats_t *mmu_env_stats(const mmu_env_t *env)
{
    return &env->stage.stats;
}

const char *mmu_env_describe(const mmu_env_t *env)
{
    return env->text;
}

const mmu_env_pending_t *mmu_env_pending(const mmu_env_t *env, unsigned port, unsigned id)
{
    return &env->stage.pending[port & (MMU_PORTS - 1)][id & (MMU_IDS - 1)];
}

char *mmu_env_fold_text(const mmu_env_t *env)
{
    return env->opt.kind == MMU_ENV_TRACE ? mmu_player_fold_text(env->stim) : NULL;
}

char *mmu_env_cover_text(const mmu_env_t *env)
{
    return env->stim->ops->cover_text == NULL ? NULL : env->stim->ops->cover_text(env->stim);
}

struct json_t *mmu_env_cover_json(const mmu_env_t *env)
{
    return env->stim->ops->cover_json == NULL ? NULL : env->stim->ops->cover_json(env->stim);
}

bool mmu_env_peek(const mmu_env_t *env, uint64_t addr, uint64_t *word)
{
    addr &= ~UINT64_C(7);
    if (!mmu_mem_is_ram(env->stage.mem, addr, 8))
        return false;
    *word = mmu_mem_read(env->stage.mem, addr, true);
    return true;
}
