/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The end of a lockstep run, for people.
 */
#include "compare/mmu_report.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- what differs ---------------------------------------------------------------------------------------- */

static void print_value(FILE *to, const char *name, const mmu_field_t *field, uint64_t value)
{
    fprintf(to, "  %-14s 0x%0*" PRIx64, name, (field->width + 3) / 4, value);
    if (field->width == MMU_EVENT_W) {
        char *names = mmu_event_names(value);
        fprintf(to, "  %s", names);
        free(names);
    } else if (field->width > 3 && field->width < 8) {
        fprintf(to, "  (%" PRIu64 ")", value);
    }
    fprintf(to, "\n");
}

static void print_events(FILE *to, const char *who, uint64_t bits)
{
    char *names = mmu_event_names(bits);

    if (bits != 0)
        fprintf(to, "  %-14s   %s: %s\n", "", who, names);
    free(names);
}

static void print_output(FILE *to, const mmu_mismatch_t *mm)
{
    const mmu_field_t *field = &mmu_fields[mm->field];
    uint64_t rtl = mmu_field_get(field, mm->words);
    uint64_t model = mmu_field_get(field, mm->model);
    const char *comma = "";

    fprintf(to, "What differs\n  %-14s %" PRIu64 "\n  %-14s %s (%s)\n", "clock", mm->clock, "signal",
            field->name, field->what);
    print_value(to, "RTL", field, rtl);
    print_value(to, "model", field, model);
    fprintf(to, "  %-14s ", "bits");
    for (unsigned b = 0; b < field->width; b++)
        if (((rtl ^ model) >> b & 1u) != 0) {
            fprintf(to, "%s%u", comma, b);
            comma = ", ";
        }
    fprintf(to, "\n");
    for (unsigned n = mm->field + 1; n < MMU_FIELDS; n++) {
        const mmu_field_t *other = &mmu_fields[n];
        uint64_t a = mmu_field_get(other, mm->words);
        uint64_t b = mmu_field_get(other, mm->model);
        if (a == b)
            continue;
        fprintf(to, "  %-14s %s: RTL 0x%" PRIx64 ", model 0x%" PRIx64 "\n", "also", other->name, a, b);
        if (other->width == MMU_EVENT_W) {
            print_events(to, "RTL only", a & ~b);
            print_events(to, "model only", b & ~a);
        }
    }
}

static void print_sample(FILE *to, const char *who, const mmu_row_sample_t *row, unsigned ways)
{
    fprintf(to, "  %-14s ", who);
    if (!row->valid)
        fprintf(to, "nothing valid\n");
    else
        fprintf(to,
                "set %u, way %u: key 0x%016" PRIx64 "  mask 0x%016" PRIx64 "  data 0x%016" PRIx64
                "  vm 0x%06" PRIx32 "\n",
                row->row_no / ways, row->row_no % ways, row->key, row->mask, row->data, row->vm);
}

static void print_array(FILE *to, const mmu_mismatch_t *mm, const mmu_cfg_t *cfg)
{
    unsigned ways = mmu_array_shape(cfg, mm->array_id).ways;
    char title[64];

    mmu_array_title(mm->array_id, title, sizeof title);
    fprintf(to, "What differs\n  %-14s %" PRIu64 "\n  %-14s %s of the %s (number %u)\n", "clock", mm->clock,
            "signal", mm->kind == MMU_DIFF_WRITE ? "write port" : "row", title, mm->array_id);
    print_sample(to, "RTL", &mm->rtl_row, ways);
    print_sample(to, "model", &mm->model_row, ways);
    if (mm->rtl_row.valid && mm->model_row.valid)
        fprintf(to,
                "  %-14s                key 0x%016" PRIx64 "  mask 0x%016" PRIx64 "  data 0x%016" PRIx64
                "  vm 0x%06" PRIx32 "\n",
                "bits", mm->rtl_row.key ^ mm->model_row.key, mm->rtl_row.mask ^ mm->model_row.mask,
                mm->rtl_row.data ^ mm->model_row.data, mm->rtl_row.vm ^ mm->model_row.vm);
}

/* ---- requests -------------------------------------------------------------------------------------------- */

static void print_rq(FILE *to, const mmu_rq_t *rq)
{
    fprintf(to, "%s of %u byte%s, %s mode, VA 0x%016" PRIx64, mmu_name_acc(rq->acc), 1u << rq->size,
            rq->size == 0 ? "" : "s", mmu_name_prv(rq->prv), rq->va);
}

static void print_context(FILE *to, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    char text[512];

    mmu_describe_context(rq, slow, text, sizeof text);
    fprintf(to, "  %s\n", text);
}

static void print_step(FILE *to, const mmu_fact_step_t *step, bool clocks)
{
    static const char *const purpose[] = {"", "a VS entry", "the update of a VS entry", "the access"};

    if (step->gst)
        fprintf(to, "      G stage, guest 0x%" PRIx64 " of %s:\n  ", step->gpa, purpose[step->what & 3u]);
    if (step->final || step->denied) {
        fprintf(to, "    %s 0x%014" PRIx64 "  physical protection",
                step->final  ? "access itself at "
                : step->swap ? "swap"
                             : "read",
                step->addr);
        if (step->entry != MMU_PMP_NO_ENTRY)
            fprintf(to, ", entry %u", step->entry);
        fprintf(to, ": %s\n", step->rule);
        return;
    }
    fprintf(to, "    level %d  %s 0x%014" PRIx64, step->level, step->swap ? "swap" : "read", step->addr);
    if (clocks)
        fprintf(to, "  clock %" PRIu64, step->taken);
    if (!step->done) {
        fprintf(to, "  no response yet\n");
        return;
    }
    if (clocks)
        fprintf(to, "..%" PRIu64, step->answered);
    if (step->error) {
        fprintf(to, "  the memory answers with an error: access fault\n");
        return;
    }
    fprintf(to, "  word 0x%016" PRIx64 "  %s\n", step->word, step->decoded);
    if (step->swap && step->lost)
        fprintf(to, "             the word had changed, nothing was written; the new word means:\n");
    else if (step->swap)
        fprintf(to, "             new word 0x%016" PRIx64 "\n", step->new_word);
    fprintf(to, "             %s\n", step->rule);
}

static void print_walk(FILE *to, const mmu_fact_walk_t *walk)
{
    fprintf(to, "\nThe walk, as the model saw it\n");
    if (!walk->known) {
        fprintf(to, "  The model has walked for no access to this page in the last %u walks.\n",
                MMU_TRACK_WALKS);
        return;
    }
    fprintf(to, "  slot %u, for the %s port, began in clock %" PRIu64, walk->slot,
            walk->port == MMU_PORT_I ? "instruction" : "data", walk->clock);
    if (walk->open)
        fprintf(to, ", still runs\n");
    else
        fprintf(to, ", done in clock %" PRIu64 "\n", walk->end);
    if (!walk->same_request) {
        fprintf(to, "  the newest walk of this page, made for another access: ");
        print_rq(to, &walk->rq);
        fprintf(to, "\n");
    }
    if (walk->left_out != 0)
        fprintf(to, "    (%u earlier steps)\n", walk->left_out);
    for (unsigned n = 0; n < walk->count; n++)
        print_step(to, &walk->step[n], true);
    if (walk->count == 0)
        fprintf(to, "    nothing has been read yet\n");
}

static void print_arch(FILE *to, const mmu_fact_arch_t *arch, const mmu_slow_t *slow)
{
    if (!arch->known)
        return;
    fprintf(to, "\nThe architectural model, with memory as it is now\n");
    for (unsigned n = 0; n < arch->count; n++)
        print_step(to, &arch->step[n], false);
    if (arch->result.fault != MMU_FAULT_NONE)
        fprintf(to, "    -> fault, cause %u%s%s, tval 0x%" PRIx64 "%s\n", arch->result.cause,
                slow->format != MMU_FORMAT_RISCV ? ": " : "",
                slow->format != MMU_FORMAT_RISCV ? mmu_name_fault(arch->result.fault) : "", arch->result.tval,
                arch->result.fault != MMU_FAULT_GUEST ? ""
                : arch->result.imp != 0               ? ", of an implicit access"
                                                      : "");
    if (arch->result.fault == MMU_FAULT_GUEST)
        fprintf(to, "       guest physical address 0x%" PRIx64 "\n", arch->result.gpa);
    if (arch->result.fault == MMU_FAULT_NONE)
        fprintf(to, "    -> PA 0x%" PRIx64 ", page of 2^%u bytes, memory type %u\n", arch->result.pa,
                arch->result.lg, arch->result.mt);
}

static void print_concerned(FILE *to, const mmu_fact_request_t *request, const mmu_slow_t *slow)
{
    if (request->id >= 0)
        fprintf(to, "\nThe request\n  %s port, id %d, accepted in clock %" PRIu64 ": ",
                request->port == MMU_PORT_I ? "instruction" : "data", request->id, request->clock);
    else
        fprintf(to, "\nThe request that is walked for\n  %s port: ",
                request->port == MMU_PORT_I ? "instruction" : "data");
    print_rq(to, &request->rq);
    fprintf(to, "\n");
    print_context(to, &request->rq, slow);
    print_walk(to, &request->walk);
    print_arch(to, &request->arch, slow);
}

static void print_requests(FILE *to, const mmu_facts_t *facts, const mmu_slow_t *slow)
{
    for (unsigned n = 0; n < facts->concerned; n++)
        print_concerned(to, &facts->request[n], slow);
    if (facts->requests == facts->concerned) {
        if (facts->concerned == 0)
            fprintf(to, "\nNo request is in flight.\n");
        return;
    }
    fprintf(to, "\n%s in flight\n", facts->concerned == 0 ? "Requests" : "Other requests");
    for (unsigned n = facts->concerned; n < facts->requests; n++) {
        const mmu_fact_request_t *request = &facts->request[n];

        fprintf(to, "  %s port, id %d, accepted in clock %" PRIu64 ": ",
                request->port == MMU_PORT_I ? "instruction" : "data", request->id, request->clock);
        print_rq(to, &request->rq);
        if (request->rq.ctx.v)
            fprintf(to, ", VMID %u", request->rq.ctx.vmid);
        fprintf(to, ", ASID %u\n", request->rq.ctx.asid);
    }
}

/* ---- arrays ---------------------------------------------------------------------------------------------- */

static void print_row(FILE *to, unsigned way, const char *who, const mmu_row_sample_t *row)
{
    fprintf(to, "    way %2u %-10s ", way, who);
    if (row->valid)
        fprintf(to,
                "key 0x%016" PRIx64 "  mask 0x%016" PRIx64 "  data 0x%016" PRIx64 "  vm 0x%06" PRIx32 "\n",
                row->key, row->mask, row->data, row->vm);
    else
        fprintf(to, "not valid\n");
}

static bool same(const mmu_row_sample_t *a, const mmu_row_sample_t *b)
{
    return a->valid == b->valid &&
           (!a->valid || (a->key == b->key && a->mask == b->mask && a->data == b->data && a->vm == b->vm));
}

static void print_set(FILE *to, const mmu_fact_set_t *set)
{
    unsigned valid = 0;

    for (unsigned way = 0; way < set->ways; way++)
        if (set->model[way].valid)
            valid++;
    fprintf(to, "  %s, set %u of %u: %u of %u ways valid in the model\n", set->title, set->set, set->sets,
            valid, set->ways);
    for (unsigned way = 0; way < set->ways; way++) {
        if (!set->rtl_known) {
            if (set->model[way].valid)
                print_row(to, way, "model", &set->model[way]);
        } else if (same(&set->model[way], &set->rtl[way])) {
            if (set->model[way].valid)
                print_row(to, way, "both", &set->model[way]);
        } else {
            print_row(to, way, "RTL", &set->rtl[way]);
            print_row(to, way, "model", &set->model[way]);
        }
    }
}

static void print_sets(FILE *to, const mmu_facts_t *facts)
{
    if (facts->sets == 0)
        return;
    fprintf(to, "\nThe sets involved, after the last clock edge (rows that are not valid are left out)\n");
    for (unsigned n = 0; n < facts->sets; n++)
        print_set(to, &facts->set[n]);
}

/* ---- all ------------------------------------------------------------------------------------------------- */

static void print_fence(FILE *to, const mmu_track_fence_t *fence)
{
    fprintf(to, "\nThe last fence\n");
    if (fence == NULL) {
        fprintf(to, "  There was none.\n\n");
        return;
    }
    fprintf(to, "  clock %" PRIu64 ", ", fence->clock);
    if (fence->done)
        fprintf(to, "done in clock %" PRIu64 ": ", fence->done_clock);
    else
        fprintf(to, "not done yet: ");
    fprintf(to, "%s ", mmu_name_fence(&fence->fence));
    if (fence->fence.kind == MMU_FENCE_W_INVAL || fence->fence.kind == MMU_FENCE_INVAL_IR) {
        fprintf(to, "\n\n");
        return;
    }
    if (fence->fence.va_en)
        fprintf(to, "address 0x%016" PRIx64, fence->fence.va);
    if (fence->fence.asid_en)
        fprintf(to, "%s%s %u", fence->fence.va_en ? ", " : "",
                fence->fence.kind == MMU_FENCE_X ? "PCID" : "ASID", fence->fence.asid);
    if (!fence->fence.va_en && !fence->fence.asid_en)
        fprintf(to, "everything");
    if (fence->fence.kind == MMU_FENCE_X && fence->fence.keep_g)
        fprintf(to, " but globals");
    if (fence->fence.kind == MMU_FENCE_VV || (fence->fence.kind == MMU_FENCE_G && fence->fence.vmid_en))
        fprintf(to, ", VMID %u", fence->fence.vmid);
    fprintf(to, "\n\n");
}

static void print_failure(const mmu_run_t *run, FILE *to)
{
    const mmu_mismatch_t *mm = mmu_lockstep_mismatch(run->lockstep);
    mmu_facts_t *facts = malloc(sizeof *facts);

    if (facts == NULL)
        abort();
    mmu_facts_gather(facts, run->lockstep, run->env);
    if (run->env != NULL && mmu_env_failure(run->env)->details != NULL)
        fprintf(to, "What the judge saw\n%s\n", mmu_env_failure(run->env)->details);
    if (mm->kind == MMU_DIFF_OUTPUT)
        print_output(to, mm);
    else if (mm->kind == MMU_DIFF_WRITE || mm->kind == MMU_DIFF_ROW || mm->kind == MMU_DIFF_FINAL_ROW)
        print_array(to, mm, mmu_lockstep_cfg(run->lockstep));
    print_requests(to, facts, mmu_lockstep_slow_now(run->lockstep));
    print_sets(to, facts);
    print_fence(to, facts->fence);
    mmu_print_history(run, facts, to);
    free(facts);
}

static void print_what_ran(const mmu_run_t *run, FILE *to)
{
    char a[32], b[32], c[32];

    fprintf(to, "\n  configuration %s; seed %" PRIu64, run->config, run->seed);
    if (run->env != NULL)
        fprintf(to, "; %s", mmu_env_describe(run->env));
    fprintf(to, "\n");
    if (run->lockstep != NULL) {
        const mmu_lockstep_counts_t *counts = mmu_lockstep_counts(run->lockstep);
        mmu_diff_e kind = mmu_lockstep_mismatch(run->lockstep)->kind;
        bool differ = mmu_run_verdict(run) == MMU_VERDICT_MISMATCH && kind != MMU_DIFF_NONE;

        fprintf(to, "  %s clocks, %s comparisons of output fields, %s of array rows, %s\n",
                mmu_number(counts->clocks, a), mmu_number(counts->comparisons, b),
                mmu_number(counts->rows, c), differ ? "1 mismatch" : "0 mismatches");
    }
    fprintf(to, "  repeat it with:\n    %s\n", run->command);
}

void mmu_run_print(const mmu_run_t *run, FILE *to)
{
    mmu_verdict_e verdict = mmu_run_verdict(run);
    char *sentence = mmu_run_sentence(run);
    bool failed = verdict == MMU_VERDICT_MISMATCH || verdict == MMU_VERDICT_FAIL;

    if (failed && run->lockstep != NULL && mmu_lockstep_counts(run->lockstep)->clocks != 0) {
        fprintf(to, "%s\n\n", sentence);
        print_failure(run, to);
        fprintf(to, "\n");
    }
    if (run->env != NULL && mmu_env_stats(run->env)->clocks != 0 && verdict != MMU_VERDICT_BAD_INPUT) {
        char *table = mmu_env_report_text(mmu_env_stats(run->env));
        fprintf(to, "%s\n", table);
        free(table);
    }
    if (run->env != NULL && run->verbose && verdict != MMU_VERDICT_BAD_INPUT) {
        char *cover = mmu_env_cover_text(run->env);
        if (cover != NULL)
            fprintf(to, "%s\n", cover);
        free(cover);
    }
    fprintf(to, "%s\n", sentence);
    print_what_ran(run, to);
    free(sentence);
}
