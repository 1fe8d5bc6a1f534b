/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The random stimulus and the replay: what a clock does, and what an operation does.
 */
#include "env/random.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The generator's streams of random numbers (the memory has 1). */
#define STREAM_RANDOM 2
#define STREAM_RARE 3
#define STREAM_SEC 4
/* Clocks of a run to which no end is given. */
#define DEFAULT_CLOCKS UINT64_C(100000)

static mmu_random_t *of(mmu_stimulus_t *stim)
{
    return (mmu_random_t *)stim;
}

/* ---- operations ------------------------------------------------------------------------------ */

static void offer_request(mmu_random_t *r, unsigned port, const mmu_req_t *req)
{
    r->lane[port] = *req;
    r->lane[port].valid = true;
    r->next->req[port] = r->lane[port];
}

/* As after a reset, with the entry that the stage opens (mmu_stage_open_pmp). */
static void open_file(mmu_random_t *r)
{
    mmu_pmp_reset(&r->file, r->base.stage->opt->pmp_entries);
    if (r->file.entries > 0)
        mmu_pmp_write(&r->file, 0, 0x1f, MMU_PMP_ADDR_MASK, 0);
}

static void set_context(mmu_random_t *r, const mmu_op_t *op)
{
    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (op->port == 0 || op->port == 1 + port)
            r->ctx[port] = op->u.ctx;
}

static void offer_fence(mmu_random_t *r, const mmu_op_t *op)
{
    bool g = op->u.fence.kind == MMU_FENCE_G;

    r->fence = (mmu_fence_t){.va = op->u.fence.va,
                             .asid = op->u.fence.asid,
                             .valid = true,
                             .va_en = (op->u.fence.by & 1) != 0,
                             .asid_en = !g && (op->u.fence.by & 2) != 0,
                             .kind = op->u.fence.kind,
                             .posted = op->u.fence.posted,
                             .keep_g = op->u.fence.keep_g,
                             .vmid_en = op->u.fence.by_vmid,
                             .vmid = op->u.fence.vmid};
    r->next->fence = r->fence;
}

static void forget(mmu_random_t *r, uint32_t clocks)
{
    mmu_stage_reset(r->base.stage, clocks, r->next);
    for (unsigned port = 0; port < MMU_PORTS; port++) {
        r->port[port].kill_in = -1;
        r->port[port].touches = 0;
    }
    r->fence_in = -1;
    r->fence_owed = r->fence_owed_g = r->hold = r->draining = false;
    r->fence_owed_vv = 0;
    r->fences_queued = 0;
    r->fence_hint = 0;
    r->updating = 0;
    r->remap.active = r->rebind.active = false;
    r->swap_addr = 0;
    r->stall = 0;
    r->pmps = 0;
    for (unsigned stage = 0; stage < 3; stage++)
        r->world.epoch[stage]++;
    r->world.fenced_s = false;
    r->world.fenced_vv[0] = r->world.fenced_vv[1] = 0;
    open_file(r);
}

static void apply(mmu_random_t *r, const mmu_op_t *op)
{
    mmu_memport_t *memport = &r->base.stage->memport;

    switch ((mmu_op_e)op->kind) {
    case MMU_OP_WORD:
        mmu_mem_write(r->base.stage->mem, op->u.word.addr, op->u.word.wide, op->u.word.word);
        break;
    case MMU_OP_CTX:
        set_context(r, op);
        break;
    case MMU_OP_SLOW:
        r->slow = op->u.slow;
        break;
    case MMU_OP_REQ:
        offer_request(r, op->port, &op->u.req);
        break;
    case MMU_OP_KILL:
        r->next->kill[op->port] = true;
        break;
    case MMU_OP_FENCE:
        offer_fence(r, op);
        break;
    case MMU_OP_ANSWER:
        memport->latency_min = memport->latency_max = op->u.answer.latency;
        memport->error_percent = op->u.answer.err ? 100 : 0;
        break;
    case MMU_OP_STALL:
        r->stall = op->u.stall;
        break;
    case MMU_OP_RESET:
        forget(r, op->u.reset);
        break;
    case MMU_OP_PMP:
        r->next->pmp = op->u.pmp;
        r->next->pmp.valid = true;
        mmu_pmp_write(&r->file, op->u.pmp.index, op->u.pmp.cfg, op->u.pmp.addr, mmu_slow_sec(&r->slow));
        break;
    case MMU_OP_END:
    case MMU_OPS:
    default:
        r->ended = true;
        break;
    }
}

static void write_record(mmu_random_t *r, const mmu_op_t *op)
{
    char line[MMU_OP_LINE];

    mmu_op_text(op, line);
    if (fprintf(r->record, "%s\n", line) < 0)
        mmu_stage_fail(r->base.stage, MMU_ENV_BAD_INPUT, "cannot write '%s': %s", r->record_path,
                       strerror(errno));
}

void mmu_random_emit(mmu_random_t *r, mmu_op_t *op)
{
    op->clock = r->clock;
    r->hash = (r->hash ^ mmu_op_hash(op)) * UINT64_C(0x100000001b3);
    r->ops++;
    r->op_count[op->kind]++;
    if (r->record != NULL)
        write_record(r, op);
    mmu_cover_op(r->cover, op);
    apply(r, op);
}

/* ---- replay ---------------------------------------------------------------------------------- */

/* REQ-9: a clock without acceptance after an idle one is idle, whatever is offered in it. */
static bool is_idle_next(const mmu_in_t *in, const mmu_out_t *out)
{
    return out->idle && !(in->req[0].valid && out->req_ready[0]) &&
           !(in->req[1].valid && out->req_ready[1]) && !(in->fence.valid && out->fence_ready);
}

/* Against the MMU of the recording an operation can always take place in its clock. Another MMU may not be
 * ready so soon: then it waits, and all later ones with it. */
static bool can_apply(const mmu_random_t *r, const mmu_op_t *op, bool idle_next)
{
    switch ((mmu_op_e)op->kind) {
    case MMU_OP_REQ:
        return !r->next->req[op->port].valid &&
               (r->base.stage->outstanding[op->port] >> op->u.req.id & 1u) == 0;
    case MMU_OP_FENCE:
        return !r->next->fence.valid;
    case MMU_OP_SLOW:
        return idle_next || r->base.stage->reset_clocks > 0;
    case MMU_OP_PMP:
        return idle_next && !r->next->pmp.valid;
    default:
        return true;
    }
}

static void replay(mmu_random_t *r, bool idle_next)
{
    const mmu_op_t *recorded;

    while ((recorded = mmu_replay_peek(r->replay)) != NULL && recorded->clock <= r->clock &&
           can_apply(r, recorded, idle_next)) {
        mmu_op_t op = *recorded;
        r->late += recorded->clock < r->clock ? 1 : 0;
        mmu_replay_advance(r->replay);
        mmu_random_emit(r, &op);
    }
}

/* ---- the generator --------------------------------------------------------------------------- */

static void generate(mmu_random_t *r, const mmu_in_t *in, const mmu_out_t *out)
{
    bool quiet = !r->next->req[0].valid && !r->next->req[1].valid && !r->next->fence.valid;

    mmu_random_watch(r, in, out);
    if (r->base.stage->opt->cycles == 0 && r->clock >= DEFAULT_CLOCKS)
        return;
    if (mmu_random_reset(r))
        return;
    mmu_random_phase(r);
    mmu_random_drain(r, quiet && is_idle_next(in, out));
    mmu_pmp_write_next(r, is_idle_next(in, out));
    mmu_random_system(r, in, out);
    mmu_random_fences(r, in, out);
    mmu_random_kills(r);
    mmu_random_requests(r);
}

/* ---- the stimulus ---------------------------------------------------------------------------- */

static void reset(mmu_stimulus_t *stim, mmu_in_t *first)
{
    memcpy(first->ctx, of(stim)->ctx, sizeof first->ctx);
    first->slow = of(stim)->slow;
}

static void step(mmu_stimulus_t *stim, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next)
{
    mmu_random_t *r = of(stim);

    r->next = next;
    r->clock = stim->stage->clock + 1;
    mmu_cover_clock(r->cover, r, in, out);
    mmu_random_check(stim->stage, in, out);
    if (r->replay != NULL)
        replay(r, is_idle_next(in, out));
    else
        generate(r, in, out);
    memcpy(next->ctx, r->ctx, sizeof next->ctx);
    next->slow = r->slow;
    /* What is not valid must not count: its fields stay as they were. */
    for (unsigned port = 0; port < MMU_PORTS; port++)
        if (!next->req[port].valid) {
            next->req[port] = r->lane[port];
            next->req[port].valid = false;
        }
    if (!next->fence.valid) {
        next->fence = r->fence;
        next->fence.valid = false;
    }
    if (r->stall > 0) {
        next->mreq_ready = false;
        r->stall--;
    }
    r->offering = next->req[0].valid || next->req[1].valid || next->fence.valid;
    r->next = NULL;
}

static bool done(const mmu_stimulus_t *stim)
{
    const mmu_random_t *r = (const mmu_random_t *)stim;
    const mmu_stage_t *stage = stim->stage;
    bool quiet =
        (stage->outstanding[0] | stage->outstanding[1]) == 0 && !r->offering && !stage->fence_pending;

    if (r->replay != NULL)
        return r->ended || (mmu_replay_peek(r->replay) == NULL && quiet);
    return stage->opt->cycles == 0 && r->clock > DEFAULT_CLOCKS && quiet;
}

static void describe(const mmu_stimulus_t *stim, char *text, size_t n)
{
    const mmu_random_t *r = (const mmu_random_t *)stim;
    const mmu_random_options_t *opt = &stim->stage->opt->random;

    if (r->replay != NULL)
        snprintf(text, n, "replay of %s, %zu operations", opt->replay, mmu_replay_count(r->replay));
    else
        snprintf(
            text, n, "random, seed %" PRIu64 ", profile %s%s%s%s", stim->stage->opt->seed,
            opt->profile != NULL ? opt->profile : "default", opt->weights_file != NULL ? ", weights of " : "",
            opt->weights_file != NULL ? opt->weights_file : "", opt->weights > 0 ? ", single weights" : "");
}

/* The record ends with the clock that the run has reached. */
static void close_record(mmu_random_t *r)
{
    mmu_op_t end = {.clock = r->clock, .kind = MMU_OP_END};
    bool bad;

    if (r->record == NULL)
        return;
    if (!r->ended && r->clock > 0)
        write_record(r, &end);
    bad = ferror(r->record) != 0;
    if (fclose(r->record) != 0 || bad)
        fprintf(stderr, "cannot write '%s': the record is not complete\n", r->record_path);
    r->record = NULL;
}

static void destroy(mmu_stimulus_t *stim)
{
    mmu_random_t *r = of(stim);

    close_record(r);
    mmu_replay_close(r->replay);
    mmu_cover_destroy(r->cover);
    mmu_fmt_destroy(r);
    free(r);
}

static char *cover_text(const mmu_stimulus_t *stim)
{
    return mmu_cover_text((const mmu_random_t *)stim);
}

static struct json_t *cover_json(const mmu_stimulus_t *stim)
{
    return mmu_cover_json((const mmu_random_t *)stim);
}

static const mmu_stimulus_ops_t ops = {.reset = reset,
                                       .step = step,
                                       .done = done,
                                       .cover_text = cover_text,
                                       .cover_json = cover_json,
                                       .describe = describe,
                                       .destroy = destroy};

/* ---- creation -------------------------------------------------------------------------------- */

static bool open_record(mmu_random_t *r, const char *path, char *err, size_t n)
{
    if (path == NULL)
        return true;
    r->record_path = path;
    r->record = fopen(path, "w");
    if (r->record == NULL) {
        snprintf(err, n, "cannot write '%s': %s", path, strerror(errno));
        return false;
    }
    fprintf(r->record, "lockwalk-stimulus 1\n");
    return true;
}

static bool begin(mmu_random_t *r, char *err, size_t n)
{
    const mmu_random_options_t *opt = &r->base.stage->opt->random;
    mmu_memport_t *memport = &r->base.stage->memport;

    memport->latency_min = memport->latency_max = 1;
    memport->stall_percent = memport->error_percent = 0;
    r->cover = mmu_cover_create();
    if (r->cover == NULL) {
        snprintf(err, n, "no memory");
        return false;
    }
    if (opt->replay != NULL) {
        r->replay = mmu_replay_open(opt->replay, r->base.stage->mem, err, n);
        if (r->replay == NULL || !open_record(r, opt->record, err, n))
            return false;
        replay(r, true);
        return true;
    }
    if (!mmu_weights_load(&r->weights, opt, err, n))
        return false;
    r->now = r->weights;
    mmu_rng_seed(&r->rng, r->base.stage->opt->seed, STREAM_RANDOM);
    mmu_rng_seed(&r->rare, r->base.stage->opt->seed, STREAM_RARE);
    mmu_rng_seed(&r->sec, r->base.stage->opt->seed, STREAM_SEC);
    if (!mmu_fmt_create(r, err, n) || (r->fmt == NULL && !mmu_world_place(r, err, n)) ||
        !open_record(r, opt->record, err, n))
        return false;
    mmu_random_begin(r);
    return true;
}

mmu_stimulus_t *mmu_random_create(mmu_stage_t *stage, char *err, size_t n)
{
    mmu_random_t *r = calloc(1, sizeof *r);

    if (r == NULL) {
        snprintf(err, n, "no memory");
        return NULL;
    }
    assert(stage->opt->random.asid_bits_ignored <= 16 && stage->opt->random.vmid_bits <= MMU_VMID_W);
    r->base.ops = &ops;
    r->base.stage = stage;
    r->guests = stage->opt->random.hypervisor;
    open_file(r);
    r->fence_in = -1;
    for (unsigned port = 0; port < MMU_PORTS; port++)
        r->port[port].kill_in = -1;
    if (!begin(r, err, n)) {
        destroy(&r->base);
        return NULL;
    }
    return &r->base;
}
