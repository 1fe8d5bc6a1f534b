/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The end of a lockstep run, as JSON. Values of 64 bits are hexadecimal strings, clocks and counts are numbers.
 */
#include "compare/mmu_report.h"

#include <inttypes.h>
#include <stdlib.h>

static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static const char *port_name(unsigned port)
{
    return port == MMU_PORT_I ? "instruction" : "data";
}

/* ---- what differs ---------------------------------------------------------------------------------------- */

static json_t *field_json(const mmu_field_t *field, const mmu_mismatch_t *mm)
{
    uint64_t rtl = mmu_field_get(field, mm->words);
    uint64_t model = mmu_field_get(field, mm->model);
    json_t *bits = json_array();

    for (unsigned b = 0; b < field->width; b++)
        if (((rtl ^ model) >> b & 1u) != 0)
            json_array_append_new(bits, integer(b));
    return json_pack("{s:s, s:o, s:o, s:o}", "signal", field->name, "rtl", hex(rtl), "model", hex(model),
                     "bits", bits);
}

static json_t *row_json(const mmu_row_sample_t *row, unsigned ways)
{
    json_t *json = json_pack("{s:i, s:i, s:b}", "set", (int)(row->row_no / ways), "way",
                             (int)(row->row_no % ways), "valid", row->valid);

    if (row->valid) {
        json_object_set_new(json, "key", hex(row->key));
        json_object_set_new(json, "mask", hex(row->mask));
        json_object_set_new(json, "data", hex(row->data));
        json_object_set_new(json, "vm", hex(row->vm));
    }
    return json;
}

static void add_difference(json_t *json, const mmu_run_t *run)
{
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(run->lockstep);

    if (mm->kind == MMU_DIFF_OUTPUT) {
        json_t *fields = json_array();

        for (unsigned n = mm->field; n < MMU_FIELDS; n++)
            if (mmu_field_get(&mmu_fields[n], mm->words) != mmu_field_get(&mmu_fields[n], mm->model))
                json_array_append_new(fields, field_json(&mmu_fields[n], mm));
        json_object_set_new(json, "signal", json_string(mmu_fields[mm->field].name));
        json_object_set_new(json, "fields", fields);
    } else if (mm->kind == MMU_DIFF_WRITE || mm->kind == MMU_DIFF_ROW || mm->kind == MMU_DIFF_FINAL_ROW) {
        unsigned ways = mmu_array_shape(mmu_lockstep_cfg(run->lockstep), mm->array_id).ways;
        char title[64];

        mmu_array_title(mm->array_id, title, sizeof title);
        json_object_set_new(json, "array", json_string(title));
        json_object_set_new(json, "array_id", integer(mm->array_id));
        json_object_set_new(json, "rtl", row_json(&mm->rtl_row, ways));
        json_object_set_new(json, "model", row_json(&mm->model_row, ways));
    } else if (mm->kind == MMU_DIFF_SLOW) {
        json_object_set_new(json, "slow_before", hex(mm->slow_before));
        json_object_set_new(json, "slow_after", hex(mm->slow_after));
    }
}

/* ---- requests, walks, sets ------------------------------------------------------------------------------- */

static json_t *rq_json(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    json_t *json = json_pack("{s:s, s:s, s:i, s:o}", "access", mmu_name_acc(rq->acc), "privilege",
                             mmu_name_prv(rq->prv), "bytes", 1 << rq->size, "va", hex(rq->va));

    json_object_set_new(json, "format", json_string(mmu_name_format(slow->format)));
    json_object_set_new(json, "mode", json_string(mmu_name_mode(slow->format, rq->ctx.mode)));
    json_object_set_new(json, "asid", integer(rq->ctx.asid));
    json_object_set_new(json, "root", hex(rq->ctx.root << 12));
    json_object_set_new(json, "sum", json_boolean(rq->ctx.sum));
    json_object_set_new(json, "mxr", json_boolean(rq->ctx.mxr));
    if (slow->format != MMU_FORMAT_RISCV) {
        json_object_set_new(json, "aux", hex(rq->ctx.aux));
        json_object_set_new(json, "flags", integer(rq->ctx.flags));
    }
    json_object_set_new(json, "v", json_boolean(rq->ctx.v));
    if (rq->ctx.v) {
        json_object_set_new(json, "gmode", json_string(mmu_name_gmode(rq->ctx.gmode)));
        json_object_set_new(json, "vmid", integer(rq->ctx.vmid));
        json_object_set_new(json, "groot", hex(rq->ctx.groot << 12));
        json_object_set_new(json, "gmxr", json_boolean(rq->ctx.gmxr));
    }
    return json;
}

static json_t *steps_json(const mmu_fact_step_t *step, unsigned count, bool clocks)
{
    json_t *steps = json_array();

    for (unsigned n = 0; n < count; n++) {
        json_t *json = json_pack("{s:s, s:i, s:o}", "op",
                                 step[n].final  ? "access"
                                 : step[n].swap ? "swap"
                                                : "read",
                                 "level", step[n].level, "address", hex(step[n].addr));
        json_object_set_new(json, "stage", json_string(step[n].gst ? "G" : "first"));
        if (step[n].gst)
            json_object_set_new(json, "guest_address", hex(step[n].gpa));
        if (clocks)
            json_object_set_new(json, "taken", integer(step[n].taken));
        if (clocks && step[n].done)
            json_object_set_new(json, "answered", integer(step[n].answered));
        if (step[n].error)
            json_object_set_new(json, "error", json_true());
        if (step[n].done && !step[n].error && !step[n].final && !step[n].denied) {
            json_object_set_new(json, "word", hex(step[n].word));
            json_object_set_new(json, "decoded", json_string(step[n].decoded));
            json_object_set_new(json, "rule", json_string(step[n].rule));
        }
        if (step[n].final || step[n].denied) {
            json_object_set_new(json, "protection", json_string(step[n].rule));
            if (step[n].entry != MMU_PMP_NO_ENTRY)
                json_object_set_new(json, "protection_entry", integer(step[n].entry));
        }
        if (step[n].swap)
            json_object_set_new(json, "new_word", hex(step[n].new_word));
        json_array_append_new(steps, json);
    }
    return steps;
}

static json_t *request_json(const mmu_fact_request_t *request, const mmu_slow_t *slow, bool concerned)
{
    json_t *json = rq_json(&request->rq, slow);

    json_object_set_new(json, "port", json_string(port_name(request->port)));
    if (request->id >= 0) {
        json_object_set_new(json, "id", json_integer(request->id));
        json_object_set_new(json, "accepted", integer(request->clock));
    }
    if (concerned && request->walk.known) {
        const mmu_fact_walk_t *walk = &request->walk;
        json_t *w = json_pack("{s:i, s:b, s:o, s:o}", "slot", (int)walk->slot, "open", walk->open, "began",
                              integer(walk->clock), "steps", steps_json(walk->step, walk->count, true));
        if (!walk->open)
            json_object_set_new(w, "done", integer(walk->end));
        if (!walk->same_request)
            json_object_set_new(w, "made_for", rq_json(&walk->rq, slow));
        json_object_set_new(json, "walk", w);
    }
    if (concerned && request->arch.known) {
        const mmu_arch_result_t *result = &request->arch.result;
        json_t *a = json_pack("{s:o}", "steps", steps_json(request->arch.step, request->arch.count, false));
        if (result->fault != MMU_FAULT_NONE) {
            json_object_set_new(a, "cause", integer(result->cause));
            json_object_set_new(a, "fault", json_string(mmu_name_fault(result->fault)));
            json_object_set_new(a, "tval", hex(result->tval));
            if (result->fault == MMU_FAULT_GUEST) {
                json_object_set_new(a, "gpa", hex(result->gpa));
                json_object_set_new(a, "imp", integer(result->imp));
            }
        } else {
            json_object_set_new(a, "pa", hex(result->pa));
            json_object_set_new(a, "lg", integer(result->lg));
            json_object_set_new(a, "mt", integer(result->mt));
        }
        json_object_set_new(json, "architectural_model", a);
    }
    return json;
}

static json_t *set_json(const mmu_fact_set_t *set)
{
    json_t *model = json_array(), *rtl = json_array();

    for (unsigned way = 0; way < set->ways; way++) {
        if (set->model[way].valid)
            json_array_append_new(model, row_json(&set->model[way], set->ways));
        if (set->rtl_known && set->rtl[way].valid)
            json_array_append_new(rtl, row_json(&set->rtl[way], set->ways));
    }
    json_t *json = json_pack("{s:s, s:i, s:i, s:i, s:o}", "array", set->title, "array_id", (int)set->array_id,
                             "set", (int)set->set, "ways", (int)set->ways, "model", model);
    if (set->rtl_known)
        json_object_set_new(json, "rtl", rtl);
    else
        json_decref(rtl);
    return json;
}

/* ---- history --------------------------------------------------------------------------------------------- */

/* Fields that are 0 are left out. */
static json_t *outputs_json(const uint64_t *words)
{
    json_t *json = json_object();

    for (unsigned n = 0; n < MMU_FIELDS; n++)
        if (mmu_field_get(&mmu_fields[n], words) != 0)
            json_object_set_new(json, mmu_fields[n].name, hex(mmu_field_get(&mmu_fields[n], words)));
    return json;
}

static json_t *inputs_json(const uint64_t *words)
{
    json_t *json = json_object();
    mmu_in_t in = {0};

    mmu_words_unpack_in(words, &in);
#define MMU_IN(member, word, bit, width)                                                                     \
    if (in.member != 0)                                                                                      \
        json_object_set_new(json, #member, hex((uint64_t)in.member));
#include "compare/mmu_words_in.def"
    return json;
}

static json_t *history_json(const mmu_run_t *run, const mmu_facts_t *facts)
{
    const mmu_track_t *track = mmu_lockstep_track(run->lockstep);
    json_t *history = json_array();

    for (uint64_t clock = facts->first_clock; clock <= facts->clock; clock++) {
        const uint64_t *words = track->words[clock % MMU_TRACK_CLOCKS];
        json_array_append_new(history, json_pack("{s:o, s:o, s:o}", "clock", integer(clock), "inputs",
                                                 inputs_json(words), "rtl", outputs_json(words)));
    }
    return history;
}

/* ---- all ------------------------------------------------------------------------------------------------- */

static json_t *fence_json(const mmu_track_fence_t *fence)
{
    json_t *json;

    if (fence == NULL)
        return json_null();
    json = json_pack("{s:o}", "clock", integer(fence->clock));
    if (fence->done)
        json_object_set_new(json, "done", integer(fence->done_clock));
    json_object_set_new(json, "kind", json_string(mmu_name_fence(&fence->fence)));
    if (fence->fence.kind == MMU_FENCE_VV || fence->fence.vmid_en)
        json_object_set_new(json, "vmid", integer(fence->fence.vmid));
    if (fence->fence.va_en)
        json_object_set_new(json, "va", hex(fence->fence.va));
    if (fence->fence.asid_en)
        json_object_set_new(json, "asid", integer(fence->fence.asid));
    if (fence->fence.kind == MMU_FENCE_X)
        json_object_set_new(json, "keep_globals", json_boolean(fence->fence.keep_g));
    return json;
}

static json_t *failure_json(const mmu_run_t *run)
{
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(run->lockstep);
    mmu_facts_t *facts = malloc(sizeof *facts);
    json_t *json = json_object();
    json_t *requests = json_array(), *flight = json_array(), *sets = json_array();

    if (facts == NULL)
        abort();
    mmu_facts_gather(facts, run->lockstep, run->env);
    if (mm->kind != MMU_DIFF_NONE)
        json_object_set_new(json, "kind", json_string(mmu_diff_name(mm->kind)));
    else if (run->env != NULL)
        json_object_set_new(json, "kind", json_string(mmu_env_fail_name(mmu_env_failure(run->env)->kind)));
    if (run->env != NULL && mmu_env_failure(run->env)->details != NULL)
        json_object_set_new(json, "judge", json_string(mmu_env_failure(run->env)->details));
    json_object_set_new(json, "clock", integer(facts->clock));
    add_difference(json, run);
    for (unsigned n = 0; n < facts->requests; n++)
        json_array_append_new(
            n < facts->concerned ? requests : flight,
            request_json(&facts->request[n], mmu_lockstep_slow_now(run->lockstep), n < facts->concerned));
    for (unsigned n = 0; n < facts->sets; n++)
        json_array_append_new(sets, set_json(&facts->set[n]));
    json_object_set_new(json, "requests", requests);
    json_object_set_new(json, "in_flight", flight);
    json_object_set_new(json, "sets", sets);
    json_object_set_new(json, "last_fence", fence_json(facts->fence));
    if (mm->kind == MMU_DIFF_OUTPUT)
        json_object_set_new(json, "model", outputs_json(mm->model));
    json_object_set_new(json, "history", history_json(run, facts));
    free(facts);
    return json;
}

json_t *mmu_run_json(const mmu_run_t *run)
{
    mmu_verdict_e verdict = mmu_run_verdict(run);
    char *sentence = mmu_run_sentence(run);
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "verdict", mmu_verdict_name(verdict), "sentence",
                  sentence, "configuration", run->config, "seed", integer(run->seed), "played",
                  run->env != NULL ? mmu_env_describe(run->env) : "", "command", run->command);

    free(sentence);
    if (run->lockstep != NULL) {
        const mmu_lockstep_counts_t *counts = mmu_lockstep_counts(run->lockstep);

        json_object_set_new(json, "clocks", integer(counts->clocks));
        json_object_set_new(json, "comparisons", integer(counts->comparisons));
        json_object_set_new(json, "fields", json_integer(MMU_FIELDS));
        json_object_set_new(json, "whitebox", json_boolean(mmu_lockstep_whitebox(run->lockstep)));
        json_object_set_new(json, "array_rows", integer(counts->rows));
        json_object_set_new(json, "array_rows_at_end", integer(counts->final_rows));
        json_object_set_new(json, "mismatches", json_integer(verdict == MMU_VERDICT_MISMATCH ? 1 : 0));
    }
    if (run->env != NULL && mmu_env_stats(run->env)->clocks != 0)
        json_object_set_new(json, "statistics", mmu_env_report_json(mmu_env_stats(run->env)));
    if (run->env != NULL && mmu_env_stats(run->env)->clocks != 0) {
        json_t *cover = mmu_env_cover_json(run->env);
        if (cover != NULL)
            json_object_set_new(json, "coverage", cover);
    }
    if ((verdict == MMU_VERDICT_MISMATCH || verdict == MMU_VERDICT_FAIL) && run->lockstep != NULL &&
        mmu_lockstep_counts(run->lockstep)->clocks != 0)
        json_object_set_new(json, "failure", failure_json(run));
    return json;
}
