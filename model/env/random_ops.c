/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Operations as text: "CLOCK NAME field=value ...". One table says which fields an operation has; writing and
 * reading both follow it. docs/stimulus.md describes the same for people. Fields that came with two stages may be
 * missing, and then are 0; so a file of before is read as it was, and a run without them is written and hashed as it
 * was.
 */
#include "config/mmu_nearest.h"
#include "env/random.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ------------------------------------------------------------------------------- */

/* A value that stands as a word. */
typedef struct {
    const char *name;
    uint8_t value;
} op_word_t;

typedef struct {
    const char *name;
    size_t offset;
    uint8_t bytes; /* of the member */
    bool hex;
    uint64_t min, max;
    const op_word_t *words; /* NULL: a number */
} op_field_t;

enum { MOST_FIELDS = 17 };

typedef struct {
    const char *name;
    unsigned fields, must; /* how many, and how many of them must be there */
    op_field_t field[MOST_FIELDS];
} op_form_t;

static const op_word_t acc_words[] = {{"fetch", MMU_ACC_FETCH},   {"load", MMU_ACC_LOAD},
                                      {"store", MMU_ACC_STORE},   {"hlvx", MMU_ACC_LOAD_X},
                                      {"append", MMU_ACC_APPEND}, {NULL, 0}};
static const op_word_t prv_words[] = {{"u", MMU_PRIV_U}, {"s", MMU_PRIV_S}, {"m", MMU_PRIV_M}, {NULL, 0}};
static const op_word_t mode_words[] = {{"bare", MMU_MODE_BARE}, {"sv32", MMU_MODE_SV32},
                                       {"sv39", MMU_MODE_SV39}, {"sv48", MMU_MODE_SV48},
                                       {"sv57", MMU_MODE_SV57}, {"pae", MMU_X86_PAE},
                                       {"pml4", MMU_X86_PML4},  {"pml5", MMU_X86_PML5},
                                       {"on", MMU_MODE_SV32},   {NULL, 0}};
static const op_word_t by_words[] = {{"all", 0}, {"va", 1}, {"asid", 2}, {"va+asid", 3}, {NULL, 0}};
static const op_word_t gmode_words[] = {{"bare", MMU_MODE_BARE},   {"sv32x4", MMU_MODE_SV32},
                                        {"sv39x4", MMU_MODE_SV39}, {"sv48x4", MMU_MODE_SV48},
                                        {"sv57x4", MMU_MODE_SV57}, {NULL, 0}};
static const op_word_t kind_words[] = {{"s", MMU_FENCE_S},
                                       {"vv", MMU_FENCE_VV},
                                       {"g", MMU_FENCE_G},
                                       {"w_inval", MMU_FENCE_W_INVAL},
                                       {"inval_ir", MMU_FENCE_INVAL_IR},
                                       {"x", MMU_FENCE_X},
                                       {NULL, 0}};
static const op_word_t ctx_port_words[] = {{"both", 0}, {"0", 1}, {"1", 2}, {NULL, 0}};
static const op_word_t bytes_words[] = {{"4", 0}, {"8", 1}, {NULL, 0}};

#define NUMBER(name, member, hex, min, max)                                                                  \
    {                                                                                                        \
        name, offsetof(mmu_op_t, member), sizeof(((mmu_op_t *)0)->member), hex, min, max, NULL               \
    }
#define WORD(name, member, words)                                                                            \
    {                                                                                                        \
        name, offsetof(mmu_op_t, member), sizeof(((mmu_op_t *)0)->member), false, 0, 0, words                \
    }
#define BIT(name, member) NUMBER(name, member, false, 0, 1)
#define PORT NUMBER("port", port, false, 0, MMU_PORTS - 1)

static const op_form_t forms[MMU_OPS] = {
    [MMU_OP_WORD] = {"word",
                     3,
                     3,
                     {NUMBER("addr", u.word.addr, true, 0, MMU_PA_MASK),
                      NUMBER("word", u.word.word, true, 0, UINT64_MAX),
                      WORD("bytes", u.word.wide, bytes_words)}},
    [MMU_OP_CTX] = {"ctx",
                    13,
                    5,
                    {WORD("mode", u.ctx.mode, mode_words), NUMBER("asid", u.ctx.asid, true, 0, UINT16_MAX),
                     NUMBER("root", u.ctx.root, true, 0, (UINT64_C(1) << 44) - 1), BIT("sum", u.ctx.sum),
                     BIT("mxr", u.ctx.mxr), WORD("port", port, ctx_port_words), BIT("v", u.ctx.v),
                     WORD("gmode", u.ctx.gmode, gmode_words),
                     NUMBER("vmid", u.ctx.vmid, true, 0, MMU_VM_VMID),
                     NUMBER("groot", u.ctx.groot, true, 0, (UINT64_C(1) << 44) - 1), BIT("gmxr", u.ctx.gmxr),
                     NUMBER("aux", u.ctx.aux, true, 0, (UINT64_C(1) << 44) - 1),
                     NUMBER("flags", u.ctx.flags, true, 0, 15)}},
    [MMU_OP_SLOW] = {"slow",
                     17,
                     3,
                     {BIT("adue", u.slow.adue), BIT("pbmte", u.slow.pbmte), BIT("svnapot", u.slow.svnapot),
                      BIT("hadue", u.slow.hadue), BIT("hpbmte", u.slow.hpbmte), BIT("mml", u.slow.mml),
                      BIT("mmwp", u.slow.mmwp), BIT("rlb", u.slow.rlb),
                      NUMBER("format", u.slow.format, false, 0, MMU_FORMAT_SEGPAGE), BIT("pse", u.slow.pse),
                      BIT("pge", u.slow.pge), BIT("nxe", u.slow.nxe), BIT("afault", u.slow.afault),
                      NUMBER("maxpa", u.slow.maxpa, false, 0, 52), NUMBER("plg", u.slow.plg, false, 0, 16),
                      BIT("linear", u.slow.linear), NUMBER("rows_lg", u.slow.rows_lg, false, 0, 16)}},
    [MMU_OP_REQ] = {"req",
                    6,
                    6,
                    {PORT, NUMBER("id", u.req.id, false, 0, MMU_IDS - 1), WORD("acc", u.req.acc, acc_words),
                     NUMBER("size", u.req.size, false, 0, 7), WORD("prv", u.req.prv, prv_words),
                     NUMBER("va", u.req.va, true, 0, UINT64_MAX)}},
    [MMU_OP_KILL] = {"kill", 1, 1, {PORT}},
    [MMU_OP_FENCE] = {"fence",
                      8,
                      3,
                      {WORD("by", u.fence.by, by_words), NUMBER("va", u.fence.va, true, 0, UINT64_MAX),
                       NUMBER("asid", u.fence.asid, true, 0, UINT16_MAX),
                       WORD("kind", u.fence.kind, kind_words), BIT("by_vmid", u.fence.by_vmid),
                       NUMBER("vmid", u.fence.vmid, true, 0, MMU_VM_VMID), BIT("posted", u.fence.posted),
                       BIT("keep_g", u.fence.keep_g)}},
    [MMU_OP_ANSWER] = {"answer",
                       2,
                       2,
                       {NUMBER("latency", u.answer.latency, false, 1, 1000000), BIT("err", u.answer.err)}},
    [MMU_OP_STALL] = {"stall", 1, 1, {NUMBER("clocks", u.stall, false, 1, 1000000)}},
    [MMU_OP_END] = {"end", 0, 0, {{0}}},
    [MMU_OP_RESET] = {"reset", 1, 1, {NUMBER("clocks", u.reset, false, 1, 15)}},
    [MMU_OP_PMP] = {"pmp",
                    3,
                    3,
                    {NUMBER("index", u.pmp.index, false, 0, MMU_MAX_PMP - 1),
                     NUMBER("cfg", u.pmp.cfg, true, 0, UINT8_MAX),
                     NUMBER("addr", u.pmp.addr, true, 0, MMU_PMP_ADDR_MASK)}},
};

/* ---- members by size ------------------------------------------------------------------------- */

static uint64_t get(const mmu_op_t *op, const op_field_t *field)
{
    const char *at = (const char *)op + field->offset;
    uint8_t b;
    uint16_t h;
    uint32_t w;
    uint64_t d;

    switch (field->bytes) {
    case 1:
        memcpy(&b, at, 1);
        return b;
    case 2:
        memcpy(&h, at, 2);
        return h;
    case 4:
        memcpy(&w, at, 4);
        return w;
    default:
        assert(field->bytes == 8);
        memcpy(&d, at, 8);
        return d;
    }
}

static void put(mmu_op_t *op, const op_field_t *field, uint64_t value)
{
    char *at = (char *)op + field->offset;
    uint8_t b = (uint8_t)value;
    uint16_t h = (uint16_t)value;
    uint32_t w = (uint32_t)value;

    switch (field->bytes) {
    case 1:
        memcpy(at, &b, 1);
        break;
    case 2:
        memcpy(at, &h, 2);
        break;
    case 4:
        memcpy(at, &w, 4);
        break;
    default:
        memcpy(at, &value, 8);
        break;
    }
}

/* Kinds that came later share numbers with other clocks; their fields tell them apart. So a hash that somebody has
 * noted stays. */
#define HASH_KINDS 9u

uint64_t mmu_op_hash(const mmu_op_t *op)
{
    const op_form_t *form = &forms[op->kind];
    uint64_t hash = op->clock * HASH_KINDS + op->kind;

    for (unsigned i = 0; i < form->fields; i++) {
        uint64_t value = get(op, &form->field[i]);
        if (i >= form->must && value == 0)
            continue;
        hash = (hash ^ (value + (i < form->must ? 0 : (uint64_t)i << 56))) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

/* ---- writing --------------------------------------------------------------------------------- */

static const char *word_of(const op_word_t *words, uint64_t value)
{
    while (words->name != NULL && words->value != value)
        words++;
    assert(words->name != NULL);
    return words->name;
}

void mmu_op_text(const mmu_op_t *op, char line[MMU_OP_LINE])
{
    const op_form_t *form = &forms[op->kind];
    size_t used = (size_t)snprintf(line, MMU_OP_LINE, "%" PRIu64 " %s", op->clock, form->name);

    for (unsigned i = 0; i < form->fields; i++) {
        const op_field_t *field = &form->field[i];
        uint64_t value = get(op, field);
        char *at = line + used;
        size_t room = MMU_OP_LINE - used;

        if (i >= form->must && value == 0)
            continue;
        if (field->words != NULL)
            used += (size_t)snprintf(at, room, " %s=%s", field->name, word_of(field->words, value));
        else if (field->hex)
            used += (size_t)snprintf(at, room, " %s=0x%" PRIx64, field->name, value);
        else
            used += (size_t)snprintf(at, room, " %s=%" PRIu64, field->name, value);
        assert(used < MMU_OP_LINE);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

/* "; did you mean 'x'?" or nothing. */
static void hint(char *text, size_t n, const char *word, const char *const *names, unsigned count)
{
    const char *near = mmu_nearest(word, names, count);

    text[0] = '\0';
    if (near != NULL)
        snprintf(text, n, "; did you mean '%s'?", near);
}

static bool number(const char *text, uint64_t *value)
{
    uint64_t base = 10, v = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        uint64_t digit;
        if (*text >= '0' && *text <= '9')
            digit = (uint64_t)(*text - '0');
        else if (*text >= 'a' && *text <= 'f')
            digit = (uint64_t)(*text - 'a' + 10);
        else if (*text >= 'A' && *text <= 'F')
            digit = (uint64_t)(*text - 'A' + 10);
        else
            return false;
        if (digit >= base || v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
    }
    *value = v;
    return true;
}

static void list_words(const op_word_t *words, char *text, size_t n)
{
    size_t used = 0;

    text[0] = '\0';
    for (; words->name != NULL && used < n; words++)
        used += (size_t)snprintf(text + used, n - used, "%s%s", used > 0 ? ", " : "", words->name);
}

static bool parse_value(const op_form_t *form, const op_field_t *field, const char *text, mmu_op_t *op,
                        char *err, size_t n)
{
    uint64_t value = 0;
    char allowed[96];

    if (field->words != NULL) {
        const op_word_t *w = field->words;
        while (w->name != NULL && strcmp(w->name, text) != 0)
            w++;
        if (w->name != NULL) {
            put(op, field, w->value);
            return true;
        }
        list_words(field->words, allowed, sizeof allowed);
    } else {
        if (number(text, &value) && value >= field->min && value <= field->max) {
            put(op, field, value);
            return true;
        }
        snprintf(allowed, sizeof allowed,
                 field->hex ? "0x%" PRIx64 " to 0x%" PRIx64 : "%" PRIu64 " to %" PRIu64, field->min,
                 field->max);
    }
    snprintf(err, n, "%s: %s is '%.40s'; allowed: %s", form->name, field->name, text, allowed);
    return false;
}

static bool parse_field(const op_form_t *form, char *text, mmu_op_t *op, unsigned *seen, char *err, size_t n)
{
    const char *names[MOST_FIELDS];
    char near[64];
    char *equals = strchr(text, '=');

    if (equals == NULL) {
        snprintf(err, n, "%s: '%.40s' is no field=value", form->name, text);
        return false;
    }
    *equals = '\0';
    for (unsigned i = 0; i < form->fields; i++) {
        names[i] = form->field[i].name;
        if (strcmp(text, names[i]) != 0)
            continue;
        if ((*seen >> i & 1u) != 0) {
            snprintf(err, n, "%s: %s is given twice", form->name, text);
            return false;
        }
        *seen |= 1u << i;
        return parse_value(form, &form->field[i], equals + 1, op, err, n);
    }
    hint(near, sizeof near, text, names, form->fields);
    snprintf(err, n, "%s: '%.40s' is not a field of it%s", form->name, text, near);
    return false;
}

static const op_form_t *find_form(const char *name, char *err, size_t n)
{
    const char *names[MMU_OPS];
    char near[64];

    for (unsigned i = 0; i < MMU_OPS; i++) {
        names[i] = forms[i].name;
        if (strcmp(name, names[i]) == 0)
            return &forms[i];
    }
    hint(near, sizeof near, name, names, MMU_OPS);
    snprintf(err, n, "'%.40s' is not an operation%s", name, near);
    return NULL;
}

bool mmu_op_parse(const char *line, mmu_op_t *op, char *err, size_t n)
{
    static const char space[] = " \t\r\n";
    char copy[2 * MMU_OP_LINE];
    char *rest = NULL, *word;
    const op_form_t *form;
    unsigned seen = 0;

    memset(op, 0, sizeof *op);
    if (strlen(line) >= sizeof copy) {
        snprintf(err, n, "the line is longer than %zu characters", sizeof copy - 1);
        return false;
    }
    strcpy(copy, line);
    word = strtok_r(copy, space, &rest);
    assert(word != NULL);
    if (!number(word, &op->clock)) {
        snprintf(err, n, "'%.40s' is no clock; expected 'CLOCK OPERATION field=value ...'", word);
        return false;
    }
    word = strtok_r(NULL, space, &rest);
    if (word == NULL) {
        snprintf(err, n, "the operation is missing; expected 'CLOCK OPERATION field=value ...'");
        return false;
    }
    form = find_form(word, err, n);
    if (form == NULL)
        return false;
    op->kind = (uint8_t)(form - forms);
    while ((word = strtok_r(NULL, space, &rest)) != NULL)
        if (!parse_field(form, word, op, &seen, err, n))
            return false;
    for (unsigned i = 0; i < form->must; i++)
        if ((seen >> i & 1u) == 0) {
            snprintf(err, n, "%s: the field %s is missing", form->name, form->field[i].name);
            return false;
        }
    if (op->kind == MMU_OP_REQ)
        op->u.req.valid = true;
    return true;
}
