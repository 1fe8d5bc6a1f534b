/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The story of one translation, for machines. Addresses and words are strings: a JSON number holds 53 bits in many
 * readers.
 */
#include "cli/explain.h"

#include <inttypes.h>

static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

static json_t *json_world(const mmu_explain_t *e)
{
    const mmu_tv_world_t *w = e->world;
    json_t *registers = json_object();
    char buf[24];

    for (unsigned key = 0; key < MMU_TV_KEYS; key++)
        if (w->key[key] != 0)
            json_object_set_new(registers, mmu_tv_key_name(key),
                                json_string(mmu_tv_value(key, w->key[key], buf)));
    return json_pack("{s:s, s:o, s:I, s:o, s:o, s:o}", "file", w->file, "id", hex(w->id), "line",
                     (json_int_t)w->line, "keys", registers, "ram_base", hex(w->ram_base), "ram_size",
                     hex(w->ram_size));
}

static json_t *json_fields_of(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    const mmu_explain_field_t *field = mmu_explain_word_fields(e, s);
    json_t *fields = json_object();

    for (; field->name != NULL; field++) {
        const uint64_t value = mmu_explain_field_value(field, s->word);

        json_object_set_new(fields, field->name, field->bits == 1 ? json_boolean(value != 0) : hex(value));
    }
    return fields;
}

static json_t *json_fields(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    if (e->slow.format != MMU_FORMAT_RISCV)
        return json_fields_of(e, s);

    const mmu_explain_fields_t f = mmu_explain_fields(s);

    return json_pack("{s:o, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:i}", "ppn", hex(f.ppn),
                     "d", f.d, "a", f.a, "g", f.g, "u", f.u, "x", f.x, "w", f.w, "r", f.r, "v", f.v, "n", f.n,
                     "pbmt", (int)f.pbmt, "rsw", (int)f.rsw, "reserved", (int)f.reserved);
}

/* By mmu_step_e and mmu_g_what_e. */
static const char *const kinds[] = {"pointer", "leaf", "update", "fault", "pointer_update"};
static const char *const purposes[] = {"", "entry", "update", "final"};

static json_t *json_step(const mmu_explain_t *e, const mmu_trail_step_t *s)
{
    static const char *const operations[] = {"read", "compare-and-swap", "access"};
    json_t *step = json_pack("{s:s, s:o}", "operation", operations[s->op], "address", hex(s->addr));
    char text[MMU_EXPLAIN_LINE];

    if (e->pmp != NULL)
        json_object_set_new(
            step, "pmp",
            json_pack("{s:b, s:o, s:s}", "allowed", !s->denied, "entry",
                      s->pmp.entry == MMU_PMP_NO_ENTRY ? json_null() : json_integer(s->pmp.entry), "text",
                      mmu_explain_pmp(e, s, text)));
    if (s->op == MMU_TRAIL_FINAL)
        return step;
    if (e->slow.format == MMU_FORMAT_RISCV)
        json_object_set_new(step, "stage", json_string(mmu_explain_stage(e, s->stage)));
    else
        json_object_set_new(step, "table", json_string(mmu_explain_word_name(e, s->level)));
    json_object_set_new(step, "level", json_integer(s->level));
    if (s->stage != 0)
        json_object_set_new(step, "purpose", json_string(purposes[s->what]));
    if (e->slow.format == MMU_FORMAT_RISCV && mmu_riscv_two_stage(&e->rq))
        json_object_set_new(step, "guest_address", hex(s->gpa));
    if (s->denied)
        return step;
    json_object_set_new(step, "ram", json_boolean(!s->error));
    if (s->error)
        return step;
    json_object_set_new(step, "word", hex(s->word));
    if (s->op == MMU_TRAIL_CAS) {
        json_object_set_new(step, "new_word", hex(s->new_word));
        json_object_set_new(step, "lost", json_boolean(s->lost));
        return step;
    }
    json_object_set_new(step, "fields", json_fields(e, s));
    json_object_set_new(step, "is", json_string(kinds[s->kind]));
    json_object_set_new(step, "rule", json_string(mmu_rule_text(s->rule)));
    return step;
}

static json_t *json_answer(const mmu_vectors_answer_t *a)
{
    json_t *words = json_array();
    json_t *json =
        a->fault ? json_pack("{s:o}", "cause", hex(a->cause)) : json_pack("{s:o}", "pa", hex(a->pa));

    if (a->fault && a->format == MMU_FORMAT_X86 && a->cause == MMU_VECTORS_GP)
        json_object_set_new(json, "cause", json_string("gp"));

    if (a->format == MMU_FORMAT_RISCV && (a->given & MMU_TV_HAS_PBMT) != 0)
        json_object_set_new(json, "pbmt", json_integer((json_int_t)a->pbmt));
    if ((a->given & MMU_TV_HAS_SIZE) != 0 && a->size != 0)
        json_object_set_new(json, "size", hex(a->size));
    if ((a->given & MMU_TV_HAS_TVAL) != 0)
        json_object_set_new(json, "tval", hex(a->tval));
    if (a->format == MMU_FORMAT_RISCV && (a->given & MMU_TV_HAS_GPA) != 0 &&
        (a->cause == 20 || a->cause == 21 || a->cause == 23))
        json_object_set_new(json, "gpa", hex(a->gpa));
    for (unsigned i = 0; i < a->words && i < MMU_VECTORS_WORDS; i++)
        json_array_append_new(
            words, json_pack("{s:o, s:o}", "address", hex(a->word[i].addr), "word", hex(a->word[i].value)));
    json_object_set_new(json, "words", words);
    return json;
}

static json_t *json_reference(const mmu_explain_t *e)
{
    json_t *differs;

    if (e->reference == 0)
        return json_null();
    differs = json_array();
    for (unsigned n = 0; n < MMU_VECTORS_DIFFERENCES; n++)
        if ((e->differs >> n & 1u) != 0)
            json_array_append_new(differs, json_string(mmu_vectors_difference_name(n)));
    return json_pack("{s:i, s:I, s:b, s:o, s:o}", "access", (int)e->reference, "line",
                     (json_int_t)e->world->access[e->reference - 1].line, "same_memory", e->same_memory,
                     "differs", differs, "answer", json_answer(&e->expected));
}

json_t *mmu_explain_json(const mmu_explain_t *e)
{
    const unsigned kept = e->trail.count < MMU_TRAIL_STEPS ? e->trail.count : MMU_TRAIL_STEPS;
    const char *start = mmu_explain_start(e);
    json_t *steps = json_array(), *stopped = json_null();
    char text[MMU_EXPLAIN_LINE];

    for (unsigned i = 0; i < kept; i++)
        json_array_append_new(steps, json_step(e, &e->trail.step[i]));
    if (mmu_explain_too_wide(e, text) != NULL)
        stopped = json_string(text);
    return json_pack(
        "{s:o, s:{s:s, s:s, s:o, s:i}, s:i, s:o, s:o, s:i, s:o, s:s, s:o, s:o}", "world", json_world(e),
        "access", "privilege", mmu_explain_privs[e->access.priv], "type", mmu_explain_types[e->access.type],
        "va", hex(e->rq.va), "bytes", 1 << e->rq.size, "accesses_before", (int)e->after, "start",
        start != NULL ? json_string(start) : json_null(), "steps", steps, "steps_made", (int)e->trail.count,
        "stopped_before_a_read", stopped, "outcome", mmu_vectors_outcome_key(mmu_vectors_outcome(&e->answer)),
        "result", json_answer(&e->answer), "reference", json_reference(e));
}
