/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What `lockwalk check` tells of a mismatch, as text and as JSON.
 */
#include "cli/check.h"
#include "cli/explain.h"

#include <inttypes.h>
#include <string.h>

static const char *const priv_names[] = {"U", "S", "", "M"};
static const char *const type_letters[] = {"X", "R", "W", "RX", "A"};
static const char *const type_names[] = {"fetch", "load", "store", "load with execute permission", "append"};

/* ---- the walk --------------------------------------------------------------------------------------- */

/* What the walk's start decided, where there was no walk; else NULL. */
static const char *start_text(const mmu_check_mismatch_t *m)
{
    const mmu_arch_trail_t *trail = &m->trail;
    const unsigned format = mmu_vectors_format(m->world);

    if (format != MMU_FORMAT_RISCV) {
        const mmu_rq_t rq =
            mmu_vectors_request(m->world, &m->world->access[m->found->access], m->found->step);

        return mmu_explain_start_of(format, trail, &rq);
    }
    if (trail->start == MMU_START_BARE)
        return "no translation: mode bare or privilege M (FMT-2)";
    if (trail->start == MMU_START_FAULT && trail->fault == MMU_FAULT_ACCESS)
        return "no translation, and the address is beyond the physical ones (FMT-2)";
    if (trail->start == MMU_START_FAULT)
        return "page fault before the walk: the address is not canonical (FMT-3)";
    return NULL;
}

static unsigned steps_kept(const mmu_arch_trail_t *trail)
{
    return trail->count < MMU_TRAIL_STEPS ? trail->count : MMU_TRAIL_STEPS;
}

/* What physical protection said of a step: "PMP entry 3 (NAPOT 0x1000-0x1fff r-x): the entry covers…". */
static const char *pmp_text(const mmu_check_mismatch_t *m, const mmu_trail_step_t *s, char text[256])
{
    static const char *const modes[] = {"OFF", "TOR", "NA4", "NAPOT"};
    const mmu_pmp_file_t *pmp = m->pmp;
    char entry[96] = "";

    if (s->pmp.entry != MMU_PMP_NO_ENTRY) {
        const mmu_pmp_range_t *r = &pmp->range[s->pmp.entry];

        snprintf(entry, sizeof entry, " entry %u (%s 0x%" PRIx64 "-0x%" PRIx64 " %c%c%c%s)", s->pmp.entry,
                 modes[(pmp->cfg[s->pmp.entry] >> MMU_PMP_A_SHIFT) & 3], r->base << 2, (r->last << 2) + 3,
                 r->r ? 'r' : '-', r->w ? 'w' : '-', r->x ? 'x' : '-', r->l ? " locked" : "");
    }
    snprintf(text, 256, "PMP%s: %s", entry, mmu_pmp_text(s->pmp.verdict));
    return text;
}

static void print_place(const mmu_trail_step_t *s, FILE *to)
{
    if (s->op == MMU_TRAIL_FINAL)
        fprintf(to, "      access   0x%014" PRIx64 "  ", s->addr);
    else
        fprintf(to, "    %slevel %u  0x%014" PRIx64 "  ", s->stage != 0 ? "G " : "  ", s->level, s->addr);
}

static void print_trail(const mmu_check_mismatch_t *m, FILE *to)
{
    const mmu_arch_trail_t *trail = &m->trail;
    const char *start = start_text(m);

    fprintf(to, "  walk:     %s\n", start != NULL ? start : "of the architectural model, from the root");
    for (unsigned i = 0; i < steps_kept(trail); i++) {
        const mmu_trail_step_t *s = &trail->step[i];
        const int digits = s->wide ? 16 : 8;
        char text[256];

        print_place(s, to);
        if (s->denied)
            fprintf(to, "%sdenied, an access fault; %s\n", s->op == MMU_TRAIL_CAS ? "setting A or D is " : "",
                    pmp_text(m, s, text));
        else if (s->op == MMU_TRAIL_FINAL)
            fprintf(to, "allowed; %s\n", pmp_text(m, s, text));
        else if (s->error)
            fprintf(to, "outside ram 0x%" PRIx64 ":0x%" PRIx64 ", an access fault%s\n", m->world->ram_base,
                    m->world->ram_size,
                    mmu_vectors_format(m->world) == MMU_FORMAT_RISCV ? " (Priv 4.3.2 step 2)" : "");
        else if (s->op == MMU_TRAIL_CAS)
            fprintf(to, "0x%0*" PRIx64 "  written%s\n", digits, s->new_word,
                    s->lost ? ", but the word had changed: judged again" : "");
        else
            fprintf(to, "0x%0*" PRIx64 "  %s\n", digits, s->word, mmu_rule_text(s->rule));
    }
    if (trail->count > MMU_TRAIL_STEPS)
        fprintf(to, "    and %u steps more\n", trail->count - MMU_TRAIL_STEPS);
}

/* ---- text ------------------------------------------------------------------------------------------- */

/* How it is to be seen again: the options that made it so. */
static void print_again(const mmu_check_mismatch_t *m, FILE *to)
{
    const mmu_check_t *check = m->check;

    fprintf(to, "  again:    lockwalk check");
    if (check->on != MMU_CHECK_ARCH)
        fprintf(to, " --on %s", mmu_check_on_name(check->on));
    if (check->config != NULL)
        fprintf(to, " --config %s", check->config);
    if (check->seed != 0)
        fprintf(to, " --seed %" PRIu64, check->seed);
    if (check->rtl != NULL)
        fprintf(to, " --rtl %s", check->rtl);
    fprintf(to, " --select id=0x%" PRIx64 " %s\n", m->world->id, m->world->file);
}

/* The access on the memory that it finds. From the other port it is another one, on the world's first memory. */
static void print_explain(const mmu_check_mismatch_t *m, FILE *to)
{
    const mmu_tv_access_t *a = &m->world->access[m->found->access];

    fprintf(to, "  explain:  lockwalk explain --world %s:0x%" PRIx64 " ", m->world->file, m->world->id);
    if (m->found->step == MMU_VECTORS_OTHER)
        fprintf(to, "%s %s 0x%" PRIx64 "\n", priv_names[a->priv], a->type == MMU_TV_FETCH ? "R" : "X", a->va);
    else
        fprintf(to, "--access %u\n", m->found->access + 1);
}

void mmu_check_print(const mmu_check_mismatch_t *m, FILE *to)
{
    const mmu_tv_world_t *w = m->world;
    const mmu_tv_access_t *a = &w->access[m->found->access];
    const char *separator = "";
    char text[1024], value[24];

    fprintf(to, "%s:%u: mismatch in world 0x%" PRIx64 ": %s from %s of 0x%" PRIx64 ", ", w->file, a->line,
            w->id, type_names[a->type], priv_names[a->priv], a->va);
    fprintf(to, "%s", mmu_vectors_step_name(m->found->step));
    if (m->found->step == MMU_VECTORS_OTHER)
        fprintf(to, " as a %s", a->type == MMU_TV_FETCH ? "load" : "fetch");
    if (m->found->together > 1)
        fprintf(to, " and %u other%s at once", m->found->together - 1, m->found->together > 2 ? "s" : "");
    fprintf(to, ", differs in ");
    for (unsigned n = 0; n < MMU_VECTORS_DIFFERENCES; n++)
        if ((m->found->differs >> n & 1u) != 0) {
            fprintf(to, "%s%s", separator, mmu_vectors_difference_name(n));
            separator = ", ";
        }
    mmu_vectors_answer_text(&m->found->expected, text, sizeof text);
    fprintf(to, "\n  expected: %s\n", text);
    mmu_vectors_answer_text(&m->found->got, text, sizeof text);
    fprintf(to, "  got:      %s\n  world:   ", text);
    for (unsigned key = 0; key < MMU_TV_KEYS; key++)
        if (w->key[key] != 0)
            fprintf(to, " %s=%s", mmu_tv_key_name(key), mmu_tv_value(key, w->key[key], value));
    fprintf(to, " ram=0x%" PRIx64 ":0x%" PRIx64 "\n", w->ram_base, w->ram_size);
    print_trail(m, to);
    print_explain(m, to);
    print_again(m, to);
}

/* ---- JSON ------------------------------------------------------------------------------------------- */

/* Addresses and words are strings: a JSON number holds 53 bits in many readers. */
static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

static json_t *answer_json(const mmu_vectors_answer_t *a)
{
    json_t *words = json_array();
    json_t *json =
        a->fault ? json_pack("{s:I}", "cause", (json_int_t)a->cause) : json_pack("{s:o}", "pa", hex(a->pa));

    if ((a->given & MMU_TV_HAS_TVAL) != 0)
        json_object_set_new(json, "tval", hex(a->tval));
    if ((a->given & MMU_TV_HAS_GPA) != 0)
        json_object_set_new(json, "gpa", hex(a->gpa));
    if ((a->given & MMU_TV_HAS_SIZE) != 0 && a->size != 0)
        json_object_set_new(json, "size", hex(a->size));
    if ((a->given & MMU_TV_HAS_PBMT) != 0)
        json_object_set_new(json, "pbmt", json_integer((json_int_t)a->pbmt));
    for (unsigned i = 0; i < a->words && i < MMU_VECTORS_WORDS; i++)
        json_array_append_new(
            words, json_pack("{s:o, s:o}", "address", hex(a->word[i].addr), "word", hex(a->word[i].value)));
    json_object_set_new(json, "words", words);
    return json;
}

/* By mmu_trail_op_e. */
static const char *const operations[] = {"read", "compare-and-swap", "access"};

static json_t *json_walk(const mmu_check_mismatch_t *m)
{
    const mmu_arch_trail_t *trail = &m->trail;
    const char *start = start_text(m);
    json_t *walk = json_array();
    char text[256];

    if (start != NULL)
        json_array_append_new(walk, json_pack("{s:s}", "rule", start));
    for (unsigned i = 0; i < steps_kept(trail); i++) {
        const mmu_trail_step_t *s = &trail->step[i];
        json_t *step = json_pack("{s:s, s:o}", "operation", operations[s->op], "address", hex(s->addr));

        if (s->op != MMU_TRAIL_FINAL)
            json_object_set_new(step, "level", json_integer(s->level));
        if (s->stage != 0)
            json_object_set_new(step, "stage", json_string("g"));
        if (m->pmp != NULL)
            json_object_set_new(step, "pmp", json_string(pmp_text(m, s, text)));
        if (s->pmp.entry != MMU_PMP_NO_ENTRY)
            json_object_set_new(step, "pmp_entry", json_integer(s->pmp.entry));
        if (s->denied)
            json_object_set_new(step, "denied", json_true());
        else if (s->op == MMU_TRAIL_FINAL)
            json_object_set_new(step, "denied", json_false());
        else if (s->error)
            json_object_set_new(step, "rule", json_string("outside ram"));
        else if (s->op == MMU_TRAIL_CAS)
            json_object_set_new(step, "new_word", hex(s->new_word));
        else
            json_object_set_new(step, "rule", json_string(mmu_rule_text(s->rule)));
        if (!s->error && !s->denied && s->op != MMU_TRAIL_FINAL)
            json_object_set_new(step, "word", hex(s->word));
        json_array_append_new(walk, step);
    }
    return walk;
}

json_t *mmu_check_json(const mmu_check_mismatch_t *m)
{
    const mmu_tv_world_t *w = m->world;
    const mmu_vectors_found_t *found = m->found;
    const mmu_tv_access_t *a = &w->access[found->access];
    json_t *differs = json_array();

    for (unsigned n = 0; n < MMU_VECTORS_DIFFERENCES; n++)
        if ((found->differs >> n & 1u) != 0)
            json_array_append_new(differs, json_string(mmu_vectors_difference_name(n)));
    return json_pack("{s:s, s:I, s:o, s:s, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o}", "file", w->file, "line",
                     (json_int_t)a->line, "world", hex(w->id), "privilege", priv_names[a->priv], "type",
                     type_letters[a->type], "va", hex(a->va), "step", mmu_vectors_step_key(found->step),
                     "at_once", (int)found->together, "differs", differs, "expected",
                     answer_json(&found->expected), "got", answer_json(&found->got), "walk", json_walk(m));
}
