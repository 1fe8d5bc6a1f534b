/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The lockstep. The model's clock edge is put off until the next clock's call, so that what the arrays' probes
 * hand over in a clock, before or after that clock's call, finds the model as it was in that clock.
 */
#include "compare/mmu_lockstep.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the probe of one array handed over in one clock. */
typedef struct {
    bool write_seen, row_seen;
    mmu_row_sample_t write, row;
} sample_t;

struct mmu_lockstep {
    mmu_t *model;
    mmu_cfg_t cfg;
    mmu_in_t in;
    mmu_out_t out;
    bool whitebox;
    bool edge_due;     /* the model's clock edge of the last call is still to come */
    bool edge_rst_n;   /* with this rst_n */
    bool slow_changed; /* before the coming clock */
    mmu_slow_t slow_before;
    mmu_pmp_file_t pmp; /* what has been written, for reports */
    uint64_t calls;
    uint64_t clock; /* number of the coming clock */
    mmu_lockstep_counts_t counts;
    mmu_mismatch_t mismatch;
    mmu_walk_view_t walk_view[MMU_MAX_WALKS]; /* with a mismatch of outputs */
    bool overtaken; /* a mismatch of arrays was found one clock later, with these inputs */
    bool overtaken_rst_n;
    uint64_t overtaken_words[MMU_WORDS];
    mmu_track_t track;
    sample_t sample[2][MMU_ARRAY_IDS];
    mmu_array_shape_t shape[MMU_ARRAY_IDS];
    unsigned arrays;                          /* that there are */
    uint8_t array[MMU_ARRAY_IDS];             /* their numbers */
    mmu_row_sample_t *rtl_row[MMU_ARRAY_IDS]; /* of the last sweep */
    unsigned swept[MMU_ARRAY_IDS];            /* how many of them */
    bool rtl_rows_known;
};

mmu_array_shape_t mmu_array_shape(const mmu_cfg_t *cfg, unsigned array_id)
{
    if (array_id < MMU_LEVELS * MMU_ARRAYS) {
        const mmu_cfg_array_t *a = &cfg->array[array_id / MMU_ARRAYS][array_id % MMU_ARRAYS];
        return (mmu_array_shape_t){.sets_log2 = a->sets_log2, .ways = a->ways};
    }
    if (array_id < MMU_ARRAY_GPWC)
        return (mmu_array_shape_t){.sets_log2 = 0, .ways = cfg->pwc[array_id - MMU_ARRAY_PWC].ways};
    if (array_id < MMU_ARRAY_GTLB)
        return (mmu_array_shape_t){.sets_log2 = 0, .ways = cfg->gpwc[array_id - MMU_ARRAY_GPWC].ways};
    return (mmu_array_shape_t){.sets_log2 = 0, .ways = cfg->gtlb_ways};
}

void mmu_array_title(unsigned array_id, char *text, size_t size)
{
    static const char *const level[MMU_LEVELS] = {"instruction L1 TLB", "data L1 TLB", "L2 TLB"};

    if (array_id < MMU_LEVELS * MMU_ARRAYS)
        snprintf(text, size, "%s, array %u", level[array_id / MMU_ARRAYS], array_id % MMU_ARRAYS);
    else if (array_id < MMU_ARRAY_GPWC)
        snprintf(text, size, "walk cache of level %u", array_id - MMU_ARRAY_PWC + 1);
    else if (array_id < MMU_ARRAY_GTLB)
        snprintf(text, size, "G-stage walk cache of level %u", array_id - MMU_ARRAY_GPWC + 1);
    else
        snprintf(text, size, "G-stage TLB");
}

static unsigned rows_of(mmu_array_shape_t shape)
{
    return shape.ways << shape.sets_log2;
}

mmu_lockstep_t *mmu_lockstep_create(const mmu_cfg_t *cfg, bool whitebox)
{
    mmu_lockstep_t *ls = calloc(1, sizeof *ls);

    if (ls == NULL)
        return NULL;
    ls->cfg = *cfg;
    ls->whitebox = whitebox;
    ls->model = aligned_alloc(64, (mmu_sizeof(cfg) + 63) / 64 * 64);
    if (ls->model == NULL) {
        mmu_lockstep_destroy(ls);
        return NULL;
    }
    mmu_init(ls->model, cfg);
    mmu_pmp_reset(&ls->pmp, cfg->pmp_entries);
    for (unsigned a = 0; a < MMU_ARRAY_IDS; a++) {
        ls->shape[a] = mmu_array_shape(cfg, a);
        if (ls->shape[a].ways == 0)
            continue;
        ls->array[ls->arrays++] = (uint8_t)a;
        ls->rtl_row[a] = calloc(rows_of(ls->shape[a]), sizeof *ls->rtl_row[a]);
        if (ls->rtl_row[a] == NULL) {
            mmu_lockstep_destroy(ls);
            return NULL;
        }
    }
    return ls;
}

void mmu_lockstep_destroy(mmu_lockstep_t *ls)
{
    if (ls == NULL)
        return;
    for (unsigned a = 0; a < MMU_ARRAY_IDS; a++)
        free(ls->rtl_row[a]);
    free(ls->model);
    free(ls);
}

/* ---- white-box ------------------------------------------------------------------------------------------- */

static mmu_row_sample_t model_row(const mmu_lockstep_t *ls, unsigned array_id, uint32_t row_no)
{
    unsigned ways = ls->shape[array_id].ways;
    mmu_row_t row = mmu_peek_row(ls->model, array_id, row_no / ways, row_no % ways);

    return (mmu_row_sample_t){.valid = row.valid,
                              .row_no = row_no,
                              .vm = row.vm,
                              .key = row.key,
                              .mask = row.mask,
                              .data = row.data};
}

/* Valid, and where both are: all of it. */
static bool same_row(const mmu_row_sample_t *a, const mmu_row_sample_t *b)
{
    if (a->valid != b->valid)
        return false;
    return !a->valid || (a->row_no == b->row_no && a->vm == b->vm && a->key == b->key && a->mask == b->mask &&
                         a->data == b->data);
}

static void row_mismatch(mmu_lockstep_t *ls, mmu_diff_e kind, unsigned array_id, const mmu_row_sample_t *rtl,
                         const mmu_row_sample_t *model)
{
    ls->mismatch.kind = kind;
    ls->mismatch.clock = ls->clock - 1;
    ls->mismatch.array_id = array_id;
    ls->mismatch.rtl_row = *rtl;
    ls->mismatch.model_row = *model;
}

/* What the probes handed over in the clock of the last call, against the model in that clock. */
static void compare_arrays(mmu_lockstep_t *ls, sample_t *samples)
{
    for (unsigned n = 0; n < ls->arrays && ls->mismatch.kind == MMU_DIFF_NONE; n++) {
        unsigned a = ls->array[n];
        sample_t *s = &samples[a];
        mmu_row_sample_t row;
        mmu_write_t write;

        if (!s->row_seen) {
            row_mismatch(ls, MMU_DIFF_UNSEEN, a, &s->row, &s->row);
            return;
        }
        write = mmu_peek_write(ls->model, a);
        if (write.enable || s->write_seen) {
            mmu_row_sample_t model = {.valid = write.enable,
                                      .row_no = write.set * ls->shape[a].ways + write.way,
                                      .vm = write.vm,
                                      .key = write.key,
                                      .mask = write.mask,
                                      .data = write.data};
            s->write.valid = s->write_seen;
            if (!same_row(&s->write, &model))
                row_mismatch(ls, MMU_DIFF_WRITE, a, &s->write, &model);
        }
        row = model_row(ls, a, s->row.row_no);
        if (ls->mismatch.kind == MMU_DIFF_NONE && !same_row(&s->row, &row))
            row_mismatch(ls, MMU_DIFF_ROW, a, &s->row, &row);
        ls->counts.rows += 2;
    }
}

static void clear_samples(const mmu_lockstep_t *ls, sample_t *samples)
{
    for (unsigned n = 0; n < ls->arrays; n++)
        samples[ls->array[n]].write_seen = samples[ls->array[n]].row_seen = false;
}

void mmu_lockstep_write(mmu_lockstep_t *ls, unsigned array_id, bool phase, const mmu_row_sample_t *row)
{
    sample_t *s;

    assert(array_id < MMU_ARRAY_IDS);
    s = &ls->sample[phase][array_id];
    s->write_seen = true;
    s->write = *row;
}

void mmu_lockstep_row(mmu_lockstep_t *ls, unsigned array_id, bool phase, const mmu_row_sample_t *row)
{
    sample_t *s;

    assert(array_id < MMU_ARRAY_IDS && row->row_no < rows_of(ls->shape[array_id]));
    s = &ls->sample[phase][array_id];
    s->row_seen = true;
    s->row = *row;
}

/* ---- every clock ----------------------------------------------------------------------------------------- */

/* The end of the clock of the last call. */
static void settle(mmu_lockstep_t *ls)
{
    if (!ls->edge_due)
        return;
    if (ls->whitebox) {
        sample_t *samples = ls->sample[(ls->calls - 1) & 1u];
        if (ls->edge_rst_n)
            compare_arrays(ls, samples);
        clear_samples(ls, samples);
        if (ls->mismatch.kind != MMU_DIFF_NONE)
            return;
    }
    mmu_seq(ls->model, ls->edge_rst_n);
    ls->edge_due = false;
}

void mmu_lockstep_slow(mmu_lockstep_t *ls, const mmu_slow_in_t *slow)
{
    if (!ls->slow_changed)
        ls->slow_before = ls->in.slow;
    ls->slow_changed = true;
    ls->in.slow = slow->slow;
    ls->in.pmp = slow->pmp;
}

/* REQ-9, in a clock that is not in reset. `before` counts where the clock before had a number, too. */
static void check_slow(mmu_lockstep_t *ls, bool before)
{
    uint64_t old = mmu_words_pack_slow(&ls->slow_before);
    uint64_t now = mmu_words_pack_slow(&ls->in.slow);

    if (!ls->out.idle && ((before && old != now) || ls->in.pmp.valid)) {
        ls->mismatch.clock = ls->clock;
        ls->mismatch.kind = MMU_DIFF_SLOW;
        ls->mismatch.slow_before = old;
        ls->mismatch.slow_after = now;
    }
    if (ls->in.pmp.valid)
        mmu_pmp_write(&ls->pmp, ls->in.pmp.index, ls->in.pmp.cfg, ls->in.pmp.addr,
                      mmu_slow_sec(&ls->in.slow));
}

static void output_mismatch(mmu_lockstep_t *ls, const uint64_t *words, const uint64_t *model)
{
    mmu_mismatch_t *mm = &ls->mismatch;

    mm->kind = MMU_DIFF_OUTPUT;
    for (unsigned s = 0; s < ls->cfg.walks; s++)
        ls->walk_view[s] = mmu_peek_walk(ls->model, s);
    memcpy(mm->words, words, sizeof mm->words);
    memcpy(mm->model, model, sizeof mm->model);
    for (mm->field = 0; mm->field < MMU_FIELDS; mm->field++)
        if (mmu_field_get(&mmu_fields[mm->field], words) != mmu_field_get(&mmu_fields[mm->field], model))
            return;
    assert(!"words differ in a bit that belongs to no field");
}

bool mmu_lockstep_clock(mmu_lockstep_t *ls, const uint64_t words[MMU_WORDS], bool rst_n)
{
    uint64_t model[MMU_WORDS];
    uint64_t differ = 0;
    bool after_reset;

    if (ls->mismatch.kind != MMU_DIFF_NONE)
        return false;
    after_reset = ls->calls == 0 || !ls->edge_rst_n;
    settle(ls);
    if (ls->mismatch.kind != MMU_DIFF_NONE) {
        ls->overtaken = true;
        ls->overtaken_rst_n = rst_n;
        memcpy(ls->overtaken_words, words, sizeof ls->overtaken_words);
        return false;
    }
    ls->calls++;
    ls->edge_due = true;
    ls->edge_rst_n = rst_n;
    if (!rst_n) {
        ls->slow_changed = false;
        mmu_pmp_reset(&ls->pmp, ls->cfg.pmp_entries);
        mmu_track_reset(&ls->track, ls->clock);
        return true;
    }

    mmu_words_unpack_in(words, &ls->in);
    mmu_comb(ls->model, &ls->in, &ls->out);
    mmu_words_pack_out(&ls->out, model);
    for (unsigned n = MMU_WORDS_IN; n < MMU_WORDS; n++)
        differ |= words[n] ^ model[n];
    mmu_track_clock(&ls->track, ls->clock, words, &ls->in, &ls->out, ls->model, ls->cfg.walks);
    if (differ != 0) {
        ls->mismatch.clock = ls->clock;
        memcpy(model, words, MMU_WORDS_IN * sizeof model[0]);
        output_mismatch(ls, words, model);
    } else if (ls->slow_changed) {
        check_slow(ls, !after_reset);
    }
    ls->slow_changed = false;
    ls->clock++;
    ls->counts.clocks++;
    ls->counts.comparisons += MMU_FIELDS;
    return ls->mismatch.kind == MMU_DIFF_NONE;
}

void mmu_lockstep_preview(mmu_lockstep_t *ls, const mmu_in_t *in)
{
    settle(ls);
    /* It stays before the edge where it has found a difference; the waves go on. */
    if (ls->edge_due)
        mmu_seq(ls->model, ls->edge_rst_n);
    ls->edge_due = false;
    mmu_comb(ls->model, in, &ls->out);
}

/* ---- the end --------------------------------------------------------------------------------------------- */

bool mmu_lockstep_wants_sweep(const mmu_lockstep_t *ls)
{
    return ls->whitebox || ls->mismatch.kind != MMU_DIFF_NONE;
}

void mmu_lockstep_sweep(mmu_lockstep_t *ls, unsigned array_id, const mmu_row_sample_t *row)
{
    mmu_row_sample_t model;

    assert(array_id < MMU_ARRAY_IDS && row->row_no < rows_of(ls->shape[array_id]));
    ls->rtl_row[array_id][row->row_no] = *row;
    ls->rtl_rows_known = true;
    if (ls->mismatch.kind != MMU_DIFF_NONE)
        return;
    settle(ls);
    if (ls->mismatch.kind != MMU_DIFF_NONE || ls->counts.clocks == 0)
        return;
    model = model_row(ls, array_id, row->row_no);
    if (!same_row(row, &model))
        row_mismatch(ls, MMU_DIFF_FINAL_ROW, array_id, row, &model);
    ls->swept[array_id]++;
    ls->counts.rows++;
    ls->counts.final_rows++;
}

/* After a mismatch: the edges that the MMU has passed meanwhile. */
static void catch_up(mmu_lockstep_t *ls)
{
    if (ls->edge_due)
        mmu_seq(ls->model, ls->edge_rst_n);
    ls->edge_due = false;
    if (!ls->overtaken)
        return;
    ls->overtaken = false;
    mmu_words_unpack_in(ls->overtaken_words, &ls->in);
    mmu_comb(ls->model, &ls->in, &ls->out);
    mmu_seq(ls->model, ls->overtaken_rst_n);
}

bool mmu_lockstep_finish(mmu_lockstep_t *ls)
{
    if (ls->mismatch.kind == MMU_DIFF_NONE)
        settle(ls);
    if (ls->mismatch.kind != MMU_DIFF_NONE)
        catch_up(ls);
    if (ls->mismatch.kind == MMU_DIFF_NONE && ls->counts.clocks == 0)
        ls->mismatch.kind = MMU_DIFF_NOTHING;
    for (unsigned a = 0; a < MMU_ARRAY_IDS && ls->mismatch.kind == MMU_DIFF_NONE && ls->whitebox; a++)
        if (ls->swept[a] != rows_of(ls->shape[a]))
            row_mismatch(ls, MMU_DIFF_UNSEEN, a, &(mmu_row_sample_t){0}, &(mmu_row_sample_t){0});
    return ls->mismatch.kind == MMU_DIFF_NONE;
}

/* ---- for reports ----------------------------------------------------------------------------------------- */

const mmu_mismatch_t *mmu_lockstep_mismatch(const mmu_lockstep_t *ls)
{
    return &ls->mismatch;
}

const mmu_lockstep_counts_t *mmu_lockstep_counts(const mmu_lockstep_t *ls)
{
    return &ls->counts;
}

const mmu_cfg_t *mmu_lockstep_cfg(const mmu_lockstep_t *ls)
{
    return &ls->cfg;
}

const mmu_track_t *mmu_lockstep_track(const mmu_lockstep_t *ls)
{
    return &ls->track;
}

const mmu_out_t *mmu_lockstep_outputs(const mmu_lockstep_t *ls)
{
    return &ls->out;
}

const mmu_t *mmu_lockstep_model(const mmu_lockstep_t *ls)
{
    return ls->model;
}

const mmu_walk_view_t *mmu_lockstep_walk_view(const mmu_lockstep_t *ls, unsigned slot)
{
    assert(slot < MMU_MAX_WALKS && ls->mismatch.kind == MMU_DIFF_OUTPUT);
    return &ls->walk_view[slot];
}

const mmu_slow_t *mmu_lockstep_slow_now(const mmu_lockstep_t *ls)
{
    return &ls->in.slow;
}

const mmu_pmp_file_t *mmu_lockstep_pmp(const mmu_lockstep_t *ls)
{
    return &ls->pmp;
}

bool mmu_lockstep_whitebox(const mmu_lockstep_t *ls)
{
    return ls->whitebox;
}

uint64_t mmu_lockstep_clock_count(const mmu_lockstep_t *ls)
{
    return ls->clock;
}

bool mmu_lockstep_rtl_row(const mmu_lockstep_t *ls, unsigned array_id, unsigned row_no, mmu_row_sample_t *row)
{
    if (!ls->rtl_rows_known || ls->shape[array_id].ways == 0 || row_no >= rows_of(ls->shape[array_id]))
        return false;
    *row = ls->rtl_row[array_id][row_no];
    return true;
}
