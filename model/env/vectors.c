/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Worlds of translation vectors through an MMU: files, worlds, phases.
 */
#include "env/vectors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- worlds ------------------------------------------------------------------------------------------- */

static void fail_input(mmu_vectors_t *v, const char *text)
{
    mmu_stage_fail(v->base.stage, MMU_ENV_BAD_INPUT, "%s", text);
    v->phase = MMU_VECTORS_END;
}

/* Whoever asks for the counts alone is content with nothing; a run on its own is not. */
static void end(mmu_vectors_t *v)
{
    v->phase = MMU_VECTORS_END;
    if (v->opt->fd > 0 && v->opt->sink == NULL)
        mmu_vectors_pipe_end(v->fd);
    else if (v->compared == 0 && v->opt->sink == NULL)
        fail_input(v, "no access of the vectors was selected, so nothing was checked");
}

/* The MMU's shape is not known here; whoever knows it has asked mmu_vectors_handles before. */
static bool world_is_played(mmu_vectors_t *v)
{
    const mmu_cfg_t most = {.formats =
                                v->base.stage->opt->formats != 0 ? v->base.stage->opt->formats : 0xffff,
                            .asid_bits = 16,
                            .hypervisor = 1,
                            .pmp_entries = v->base.stage->opt->pmp_entries};
    char what[200], leave_out[64], text[512];

    if (!mmu_tv_select_match(v->select, v->world)) {
        mmu_vectors_book_left_out(&v->book, v->world);
        return false;
    }
    if (!mmu_vectors_handles(v->world, &most, what, leave_out)) {
        snprintf(text, sizeof text,
                 "%s:%u: world 0x%" PRIx64 " has %s; such worlds are left out by '%s' in the selection",
                 v->world->file, v->world->line, v->world->id, what, leave_out);
        fail_input(v, text);
        return false;
    }
    if (!mmu_vectors_book_world(&v->book, v->world) || !mmu_vectors_ram_load(v)) {
        fail_input(v, "no memory");
        return false;
    }
    return true;
}

/* Takes the next world that is selected. */
static void next_world(mmu_vectors_t *v, mmu_in_t *next)
{
    mmu_tv_err_t err;

    while (v->phase == MMU_VECTORS_WORLD) {
        int got = mmu_tv_next(v->tv, &v->world, &err);

        if (got < 0) {
            fail_input(v, err.text);
        } else if (got > 0) {
            if (!world_is_played(v))
                continue;
            v->group = v->group_size = 0;
            mmu_vectors_world_registers(v, next);
            v->phase = MMU_VECTORS_PMP;
        } else {
            mmu_tv_close(v->tv);
            v->tv = NULL;
            mmu_vectors_book_file(&v->book);
            if (v->book.file == v->opt->files) {
                end(v);
                return;
            }
            v->tv = mmu_tv_open(v->opt->file[v->book.file], &err);
            if (v->tv == NULL)
                fail_input(v, err.text);
        }
    }
}

/* ---- clocks ------------------------------------------------------------------------------------------- */

static void go_on(mmu_vectors_t *v)
{
    v->phase = mmu_vectors_begin_step(v) ? MMU_VECTORS_FLUSH : MMU_VECTORS_PLAY;
}

static void vectors_reset(mmu_stimulus_t *stim, mmu_in_t *first)
{
    (void)stim;
    (void)first;
}

/* One phase may end, and the next begin, in one clock. */
static void vectors_step(mmu_stimulus_t *stim, const mmu_in_t *in, const mmu_out_t *out, mmu_in_t *next)
{
    mmu_vectors_t *v = (mmu_vectors_t *)stim;

    (void)in;
    if (v->phase == MMU_VECTORS_PLAY)
        mmu_vectors_take_answers(v, out);
    if (v->phase == MMU_VECTORS_PLAY && out->idle && mmu_vectors_answered(v)) {
        if (mmu_vectors_end_step(v) || mmu_vectors_next_group(v))
            go_on(v);
        else
            v->phase = MMU_VECTORS_WORLD;
    }
    if (v->phase == MMU_VECTORS_WORLD) {
        if (out->idle)
            next_world(v, next);
        return;
    }
    if (v->phase == MMU_VECTORS_PMP) {
        if (mmu_vectors_write_pmp(v, next))
            return;
        if (mmu_vectors_next_group(v))
            go_on(v);
        else
            v->phase = MMU_VECTORS_WORLD;
        return; /* the slow registers change into the next clock, in which nothing may be asked yet */
    }
    if (v->phase == MMU_VECTORS_FLUSH && !mmu_vectors_flush(v, next))
        v->phase = MMU_VECTORS_PLAY;
    if (v->phase == MMU_VECTORS_PLAY)
        mmu_vectors_offer(v, next);
}

static bool vectors_done(const mmu_stimulus_t *stim)
{
    return ((const mmu_vectors_t *)stim)->phase == MMU_VECTORS_END;
}

/* ---- a run on its own --------------------------------------------------------------------------------- */

static void fail_found(void *user, unsigned file, const mmu_vectors_found_t *found)
{
    mmu_vectors_t *v = user;
    char expected[200], got[200];

    mmu_vectors_answer_text(&found->expected, expected, sizeof expected);
    mmu_vectors_answer_text(&found->got, got, sizeof got);
    mmu_stage_fail(v->base.stage, MMU_ENV_BAD_ANSWER, "%s:%u: world 0x%" PRIx64 ", %s: expected %s; got %s",
                   v->opt->file[file], found->line, found->world, mmu_vectors_step_name(found->step),
                   expected, got);
}

/* ---- the interface ------------------------------------------------------------------------------------ */

static void vectors_describe(const mmu_stimulus_t *stim, char *text, size_t n)
{
    const mmu_vectors_t *v = (const mmu_vectors_t *)stim;

    snprintf(text, n, "vectors %s%s%s%s, cold, warm, from the other port, with random latency",
             v->opt->file[0], v->opt->files > 1 ? " and others" : "",
             v->opt->select != NULL && *v->opt->select != '\0' ? ", worlds with " : "",
             v->opt->select != NULL ? v->opt->select : "");
}

static void vectors_destroy(mmu_stimulus_t *stim)
{
    mmu_vectors_t *v = (mmu_vectors_t *)stim;

    mmu_tv_close(v->tv);
    mmu_tv_select_free(v->select);
    mmu_vectors_book_free(&v->book);
    free(v);
}

static const mmu_stimulus_ops_t ops = {.reset = vectors_reset,
                                       .step = vectors_step,
                                       .done = vectors_done,
                                       .describe = vectors_describe,
                                       .destroy = vectors_destroy};

mmu_stimulus_t *mmu_vectors_create(mmu_stage_t *stage, char *err, size_t n)
{
    mmu_vectors_t *v;
    mmu_tv_err_t tv_err = {""};

    if (stage->opt->vectors.files == 0) {
        snprintf(err, n, "no file of vectors is given");
        return NULL;
    }
    v = calloc(1, sizeof *v);
    if (v == NULL) {
        snprintf(err, n, "no memory");
        return NULL;
    }
    v->base = (mmu_stimulus_t){&ops, stage};
    v->opt = &stage->opt->vectors;
    v->fd = v->opt->fd;
    v->sink =
        v->fd > 0 ? mmu_vectors_pipe_sink(&v->fd) : (mmu_vectors_sink_t){.found = fail_found, .user = v};
    v->book.sink = v->opt->sink != NULL ? v->opt->sink : &v->sink;
    mmu_vectors_pmp_reset(v);
    v->select = mmu_tv_select_parse(v->opt->select != NULL ? v->opt->select : "", &tv_err);
    if (v->select != NULL)
        v->tv = mmu_tv_open(v->opt->file[0], &tv_err);
    if (v->tv == NULL) {
        snprintf(err, n, "%s", tv_err.text);
        vectors_destroy(&v->base);
        return NULL;
    }
    return &v->base;
}
