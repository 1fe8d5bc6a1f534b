/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The verdict of a lockstep run, in one sentence that needs no other.
 */
#include "compare/mmu_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

mmu_verdict_e mmu_run_verdict(const mmu_run_t *run)
{
    const mmu_env_failure_t *env = run->env != NULL ? mmu_env_failure(run->env) : NULL;
    mmu_diff_e diff = run->lockstep != NULL ? mmu_lockstep_mismatch(run->lockstep)->kind : MMU_DIFF_NONE;

    if (env != NULL && env->kind == MMU_ENV_BAD_INPUT)
        return MMU_VERDICT_BAD_INPUT;
    switch (diff) {
    case MMU_DIFF_OUTPUT:
    case MMU_DIFF_WRITE:
    case MMU_DIFF_ROW:
    case MMU_DIFF_FINAL_ROW:
        return MMU_VERDICT_MISMATCH;
    case MMU_DIFF_SLOW:
    case MMU_DIFF_UNSEEN:
        return MMU_VERDICT_FAIL;
    case MMU_DIFF_NOTHING:
    case MMU_DIFF_NONE:
        break;
    }
    if (diff != MMU_DIFF_NONE || (env != NULL && env->kind != MMU_ENV_OK))
        return MMU_VERDICT_FAIL;
    return run->lockstep != NULL ? MMU_VERDICT_PASS : MMU_VERDICT_NOT_COMPARED;
}

int mmu_verdict_exit_status(mmu_verdict_e verdict)
{
    switch (verdict) {
    case MMU_VERDICT_PASS:
    case MMU_VERDICT_NOT_COMPARED:
        return 0;
    case MMU_VERDICT_BAD_INPUT:
        return 2;
    case MMU_VERDICT_MISMATCH:
    case MMU_VERDICT_FAIL:
    default:
        return 1;
    }
}

const char *mmu_verdict_name(mmu_verdict_e verdict)
{
    static const char *const names[] = {"pass", "mismatch", "fail", "bad-input", "not-compared"};
    return names[verdict];
}

const char *mmu_diff_name(mmu_diff_e kind)
{
    static const char *const names[] = {"none",         "output",          "slow-registers",
                                        "array-write",  "array-row",       "array-row-at-end",
                                        "array-unseen", "nothing-compared"};
    return names[kind];
}

char *mmu_event_names(uint64_t bits)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    const char *comma = "";

    if (f == NULL)
        abort();
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        if ((bits >> n & 1u) != 0) {
            fprintf(f, "%s%s", comma, mmu_event_name(n));
            comma = ", ";
        }
    fclose(f);
    return text;
}

/* ---- the sentence ------------------------------------------------------------------------------------------ */

static void side(FILE *f, const char *who, const mmu_row_sample_t *row, bool write)
{
    if (!row->valid)
        fprintf(f, "%s %s", who, write ? "writes nothing" : "has no valid row there");
    else
        fprintf(f, "%s %s key 0x%016" PRIx64 ", mask 0x%016" PRIx64 ", data 0x%016" PRIx64, who,
                write ? "writes" : "has", row->key, row->mask, row->data);
}

static void array_sentence(FILE *f, const mmu_mismatch_t *mm, const mmu_cfg_t *cfg)
{
    char title[64];
    unsigned ways = mmu_array_shape(cfg, mm->array_id).ways;
    const mmu_row_sample_t *row = mm->rtl_row.valid ? &mm->rtl_row : &mm->model_row;
    bool write = mm->kind == MMU_DIFF_WRITE;

    mmu_array_title(mm->array_id, title, sizeof title);
    fprintf(
        f, mm->kind == MMU_DIFF_FINAL_ROW ? "after the last clock, number %" PRIu64 "," : "in clock %" PRIu64,
        mm->clock);
    fprintf(f, " RTL and cycle model differ in %s of the %s, set %u, way %u: ",
            write ? "the write port" : "a row", title, row->row_no / ways, row->row_no % ways);
    side(f, "RTL", &mm->rtl_row, write);
    fprintf(f, "; ");
    side(f, "the model", &mm->model_row, write);
    if (write && mm->rtl_row.valid && mm->model_row.valid && mm->rtl_row.row_no != mm->model_row.row_no)
        fprintf(f, " to set %u, way %u", mm->model_row.row_no / ways, mm->model_row.row_no % ways);
}

static void output_sentence(FILE *f, const mmu_mismatch_t *mm)
{
    const mmu_field_t *field = &mmu_fields[mm->field];
    uint64_t rtl = mmu_field_get(field, mm->words);
    uint64_t model = mmu_field_get(field, mm->model);

    fprintf(f, "in clock %" PRIu64 " RTL and cycle model differ in %s, %s: ", mm->clock, field->name,
            field->what);
    if (field->width == MMU_EVENT_W) {
        char *rtl_only = mmu_event_names(rtl & ~model);
        char *model_only = mmu_event_names(model & ~rtl);
        if (rtl_only[0] != '\0')
            fprintf(f, "RTL reports %s", rtl_only);
        if (model_only[0] != '\0')
            fprintf(f, "%sthe model reports %s", rtl_only[0] != '\0' ? "; " : "", model_only);
        free(rtl_only);
        free(model_only);
    } else if (field->width == 1) {
        fprintf(f, "RTL says %" PRIu64 ", the model says %" PRIu64, rtl, model);
    } else {
        fprintf(f, "RTL says 0x%" PRIx64 ", the model says 0x%" PRIx64, rtl, model);
    }
}

static void pass_sentence(FILE *f, const mmu_run_t *run)
{
    const mmu_lockstep_counts_t *counts;
    char clocks[32], comparisons[32], rows[32], last[32];

    counts = mmu_lockstep_counts(run->lockstep);
    fprintf(f,
            "RTL and cycle model agreed on all %d output fields in every one of %s clocks (%s comparisons)",
            MMU_FIELDS, mmu_number(counts->clocks, clocks), mmu_number(counts->comparisons, comparisons));
    if (mmu_lockstep_whitebox(run->lockstep) && counts->rows == 0)
        fprintf(f, "; they have no arrays, so white-box has compared nothing more");
    else if (mmu_lockstep_whitebox(run->lockstep))
        fprintf(f,
                ", and on the contents of their arrays (%s rows and write ports compared, among them all %s "
                "rows at "
                "the end)",
                mmu_number(counts->rows, rows), mmu_number(counts->final_rows, last));
}

static void failure_sentence(FILE *f, const mmu_run_t *run)
{
    const mmu_env_failure_t *env = run->env != NULL ? mmu_env_failure(run->env) : NULL;
    const mmu_mismatch_t *mm = run->lockstep != NULL ? mmu_lockstep_mismatch(run->lockstep) : NULL;
    char title[64];

    switch (mm != NULL ? mm->kind : MMU_DIFF_NONE) {
    case MMU_DIFF_OUTPUT:
        output_sentence(f, mm);
        return;
    case MMU_DIFF_WRITE:
    case MMU_DIFF_ROW:
    case MMU_DIFF_FINAL_ROW:
        array_sentence(f, mm, mmu_lockstep_cfg(run->lockstep));
        return;
    case MMU_DIFF_SLOW:
        if (mm->slow_before == mm->slow_after) {
            fprintf(f,
                    "in clock %" PRIu64
                    " PMP was written while the MMU was not idle, which a user of the MMU must "
                    "not do (REQ-9)",
                    mm->clock);
            return;
        }
        fprintf(f,
                "in clock %" PRIu64 " the slow registers changed (from 0x%" PRIx64 " to 0x%" PRIx64
                ") while the MMU was not idle, "
                "which a user of the MMU must not do (REQ-9)",
                mm->clock, mm->slow_before, mm->slow_after);
        return;
    case MMU_DIFF_UNSEEN:
        mmu_array_title(mm->array_id, title, sizeof title);
        fprintf(f,
                "the white-box check heard nothing of the %s of RTL (number %u) in clock %" PRIu64
                ", so it proves nothing",
                title, mm->array_id, mm->clock);
        return;
    case MMU_DIFF_NOTHING:
    case MMU_DIFF_NONE:
        break;
    }
    if (env != NULL && env->kind == MMU_ENV_NO_PROGRESS)
        fprintf(f, "%s (clock %" PRIu64 ")%s", env->text, env->clock,
                run->lockstep != NULL ? "; up to there RTL and cycle model agree, so both hang" : "");
    else if (env != NULL && env->kind != MMU_ENV_OK)
        fprintf(f, "%s%s (clock %" PRIu64 ")",
                run->lockstep != NULL ? "RTL and cycle model agree, but are both wrong: " : "", env->text,
                env->clock);
    else
        fprintf(f, "not one clock was compared, so this run proves nothing");
}

char *mmu_run_sentence(const mmu_run_t *run)
{
    char *text = NULL, clocks[32];
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    if (f == NULL)
        abort();
    switch (mmu_run_verdict(run)) {
    case MMU_VERDICT_PASS:
        fprintf(f, "PASS: ");
        pass_sentence(f, run);
        break;
    case MMU_VERDICT_NOT_COMPARED:
        fprintf(f,
                "NOT COMPARED: lockstep was switched off; the environment found nothing wrong in the answers "
                "of %s "
                "clocks",
                mmu_number(mmu_env_stats(run->env)->clocks, clocks));
        break;
    case MMU_VERDICT_MISMATCH:
        fprintf(f, "MISMATCH: ");
        failure_sentence(f, run);
        break;
    case MMU_VERDICT_BAD_INPUT:
        fprintf(f, "ERROR: %s", mmu_env_failure(run->env)->text);
        break;
    case MMU_VERDICT_FAIL:
        fprintf(f, "FAIL: ");
        failure_sentence(f, run);
        break;
    }
    fclose(f);
    return text;
}
