/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What `lockwalk check` tells of a mismatch, as text and as JSON.
 */
#include "cli/check.h"

#include <inttypes.h>
#include <string.h>

static const char *const priv_names[] = {"U", "S", "", "M"};
static const char *const type_letters[] = {"X", "R", "W", "RX"};
static const char *const type_names[] = {"fetch", "load", "store", "load with execute permission"};

static const struct {
    unsigned bit;
    const char *name;
} diff_names[] = {
    {MMU_DIFF_OUTCOME, "outcome"}, {MMU_DIFF_PA, "pa"},       {MMU_DIFF_SIZE, "size"},
    {MMU_DIFF_PBMT, "pbmt"},       {MMU_DIFF_CAUSE, "cause"}, {MMU_DIFF_TVAL, "tval"},
    {MMU_DIFF_WORDS, "words"},
};

static const char *cause_name(uint64_t cause)
{
    switch (cause) {
    case 1:
        return "fetch access fault";
    case 5:
        return "load access fault";
    case 7:
        return "store access fault";
    case 12:
        return "fetch page fault";
    case 13:
        return "load page fault";
    case 15:
        return "store page fault";
    default:
        return "fault";
    }
}

/* ---- text ------------------------------------------------------------------------------------------- */

static void print_expected(const mmu_check_t *check, FILE *to)
{
    const mmu_tv_access_t *a = check->access;

    fprintf(to, "  expected: ");
    if (a->fault) {
        fprintf(to, "%s, cause 0x%" PRIx64, cause_name(a->cause), a->cause);
        if ((a->given & MMU_TV_HAS_TVAL) != 0)
            fprintf(to, ", tval 0x%" PRIx64, a->tval);
    } else {
        fprintf(to, "pa 0x%" PRIx64, a->pa);
        if ((a->given & MMU_TV_HAS_SIZE) != 0)
            fprintf(to, ", size 0x%" PRIx64, a->size);
        if ((a->given & MMU_TV_HAS_PBMT) != 0)
            fprintf(to, ", pbmt %" PRIu64, a->pbmt);
    }
    fprintf(to, "; words changed:%s", a->updates == 0 ? " none" : "");
    for (unsigned i = 0; i < a->updates; i++) {
        const mmu_tv_word_t *u = &check->world->update[a->first_update + i];

        fprintf(to, " 0x%" PRIx64 " = 0x%" PRIx64, u->addr, u->value);
    }
    fprintf(to, "\n");
}

static void print_got(const mmu_check_t *check, FILE *to)
{
    const mmu_arch_result_t *r = &check->result;

    fprintf(to, "  got:      ");
    if (r->fault != MMU_FAULT_NONE)
        fprintf(to, "%s, cause 0x%x, tval 0x%" PRIx64, cause_name(r->cause), r->cause, r->tval);
    else if (r->lg == 0)
        fprintf(to, "pa 0x%" PRIx64 ", no page, pbmt %u", r->pa, r->mt);
    else
        fprintf(to, "pa 0x%" PRIx64 ", size 0x%" PRIx64 ", pbmt %u", r->pa, UINT64_C(1) << r->lg, r->mt);
    fprintf(to, "; words changed:%s", check->changes == 0 ? " none" : "");
    for (unsigned i = 0; i < check->changes; i++)
        fprintf(to, " 0x%" PRIx64 " = 0x%" PRIx64, check->change[i].addr, check->change[i].after);
    fprintf(to, "\n");
}

/* What the walk's start decided, where there was no walk; else NULL. */
static const char *start_text(const mmu_arch_trail_t *trail)
{
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
static const char *pmp_text(const mmu_check_t *check, const mmu_trail_step_t *s, char text[256])
{
    static const char *const modes[] = {"OFF", "TOR", "NA4", "NAPOT"};
    const mmu_pmp_file_t *pmp = check->pmp;
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
        fprintf(to, "    access   0x%014" PRIx64 "  ", s->addr);
    else
        fprintf(to, "    level %u  0x%014" PRIx64 "  ", s->level, s->addr);
}

static void print_trail(const mmu_check_t *check, FILE *to)
{
    const mmu_arch_trail_t *trail = &check->trail;
    const char *start = start_text(trail);

    fprintf(to, "  walk:     %s\n", start != NULL ? start : "of the model, from the root");
    for (unsigned i = 0; i < steps_kept(trail); i++) {
        const mmu_trail_step_t *s = &trail->step[i];
        const int digits = s->wide ? 16 : 8;
        char text[256];

        print_place(s, to);
        if (s->denied)
            fprintf(to, "%sdenied, an access fault; %s\n", s->op == MMU_TRAIL_CAS ? "setting A or D is " : "",
                    pmp_text(check, s, text));
        else if (s->op == MMU_TRAIL_FINAL)
            fprintf(to, "allowed; %s\n", pmp_text(check, s, text));
        else if (s->error)
            fprintf(to, "outside ram 0x%" PRIx64 ":0x%" PRIx64 ", an access fault (Priv 4.3.2 step 2)\n",
                    check->world->ram_base, check->world->ram_size);
        else if (s->op == MMU_TRAIL_CAS)
            fprintf(to, "0x%0*" PRIx64 "  written%s\n", digits, s->new_word,
                    s->lost ? ", but the word had changed: judged again" : "");
        else
            fprintf(to, "0x%0*" PRIx64 "  %s\n", digits, s->word, mmu_rule_text(s->rule));
    }
    if (trail->count > MMU_TRAIL_STEPS)
        fprintf(to, "    and %u steps more\n", trail->count - MMU_TRAIL_STEPS);
}

void mmu_check_print(const mmu_check_t *check, FILE *to)
{
    const mmu_tv_world_t *w = check->world;
    const mmu_tv_access_t *a = check->access;
    const char *separator = "";
    char buf[24];

    fprintf(to, "%s:%u: mismatch in world 0x%" PRIx64 ": %s from %s of 0x%" PRIx64 " differs in ", w->file,
            a->line, w->id, type_names[a->type], priv_names[a->priv], a->va);
    for (size_t i = 0; i < sizeof diff_names / sizeof diff_names[0]; i++)
        if ((check->differs & diff_names[i].bit) != 0) {
            fprintf(to, "%s%s", separator, diff_names[i].name);
            separator = ", ";
        }
    fprintf(to, "\n");
    print_expected(check, to);
    print_got(check, to);
    fprintf(to, "  world:   ");
    for (unsigned key = 0; key < MMU_TV_KEYS; key++)
        if (w->key[key] != 0)
            fprintf(to, " %s=%s", mmu_tv_key_name(key), mmu_tv_value(key, w->key[key], buf));
    fprintf(to, " ram=0x%" PRIx64 ":0x%" PRIx64 "\n", w->ram_base, w->ram_size);
    print_trail(check, to);
    fprintf(to, "  again:    lockwalk check --select id=0x%" PRIx64 " %s\n", w->id, w->file);
}

/* ---- JSON ------------------------------------------------------------------------------------------- */

/* Addresses and words are strings: a JSON number holds 53 bits in many readers. */
static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

static json_t *json_expected(const mmu_check_t *check)
{
    const mmu_tv_access_t *a = check->access;
    json_t *words = json_array();
    json_t *json =
        a->fault ? json_pack("{s:I}", "cause", (json_int_t)a->cause) : json_pack("{s:o}", "pa", hex(a->pa));

    if ((a->given & MMU_TV_HAS_TVAL) != 0)
        json_object_set_new(json, "tval", hex(a->tval));
    if ((a->given & MMU_TV_HAS_SIZE) != 0)
        json_object_set_new(json, "size", hex(a->size));
    if ((a->given & MMU_TV_HAS_PBMT) != 0)
        json_object_set_new(json, "pbmt", json_integer((json_int_t)a->pbmt));
    for (unsigned i = 0; i < a->updates; i++) {
        const mmu_tv_word_t *u = &check->world->update[a->first_update + i];

        json_array_append_new(words, json_pack("{s:o, s:o}", "address", hex(u->addr), "word", hex(u->value)));
    }
    json_object_set_new(json, "words", words);
    return json;
}

static json_t *json_got(const mmu_check_t *check)
{
    const mmu_arch_result_t *r = &check->result;
    json_t *words = json_array();
    json_t *json = r->fault != MMU_FAULT_NONE
                       ? json_pack("{s:i, s:o}", "cause", r->cause, "tval", hex(r->tval))
                       : json_pack("{s:o, s:i}", "pa", hex(r->pa), "pbmt", r->mt);

    if (r->fault == MMU_FAULT_NONE && r->lg != 0)
        json_object_set_new(json, "size", hex(UINT64_C(1) << r->lg));
    for (unsigned i = 0; i < check->changes; i++)
        json_array_append_new(words, json_pack("{s:o, s:o}", "address", hex(check->change[i].addr), "word",
                                               hex(check->change[i].after)));
    json_object_set_new(json, "words", words);
    return json;
}

/* By mmu_trail_op_e. */
static const char *const operations[] = {"read", "compare-and-swap", "access"};

static json_t *json_walk(const mmu_check_t *check)
{
    const mmu_arch_trail_t *trail = &check->trail;
    const char *start = start_text(trail);
    json_t *walk = json_array();
    char text[256];

    if (start != NULL)
        json_array_append_new(walk, json_pack("{s:s}", "rule", start));
    for (unsigned i = 0; i < steps_kept(trail); i++) {
        const mmu_trail_step_t *s = &trail->step[i];
        json_t *step = json_pack("{s:s, s:o}", "operation", operations[s->op], "address", hex(s->addr));

        if (s->op != MMU_TRAIL_FINAL)
            json_object_set_new(step, "level", json_integer(s->level));
        if (check->pmp != NULL)
            json_object_set_new(step, "pmp", json_string(pmp_text(check, s, text)));
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

json_t *mmu_check_json(const mmu_check_t *check)
{
    const mmu_tv_world_t *w = check->world;
    const mmu_tv_access_t *a = check->access;
    json_t *differs = json_array();

    for (size_t i = 0; i < sizeof diff_names / sizeof diff_names[0]; i++)
        if ((check->differs & diff_names[i].bit) != 0)
            json_array_append_new(differs, json_string(diff_names[i].name));
    return json_pack("{s:s, s:I, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "file", w->file, "line",
                     (json_int_t)a->line, "world", hex(w->id), "privilege", priv_names[a->priv], "type",
                     type_letters[a->type], "va", hex(a->va), "differs", differs, "expected",
                     json_expected(check), "got", json_got(check), "walk", json_walk(check));
}
