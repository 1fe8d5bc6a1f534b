/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The records inside a world: m, p, a, u, end.
 */
#include "tv/tv_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- m, u, p ---------------------------------------------------------------------------------------- */

static bool parse_word(mmu_tv_t *tv, char **field, int count, mmu_tv_word_t *word)
{
    const mmu_tv_world_t *w = &tv->world;
    const uint64_t bytes = w->wide ? 8 : 4;

    if (!mmu_tv_field_count(tv, count, 3, field[0][0] == 'm' ? "m PA VALUE" : "u PA VALUE") ||
        !mmu_tv_field_number(tv, "address", field[1], UINT64_MAX, &word->addr) ||
        !mmu_tv_field_number(tv, "word", field[2], w->wide ? UINT64_MAX : UINT32_MAX, &word->value))
        return false;
    word->line = mmu_tv_lines_number(tv->lines);
    if (word->addr % bytes != 0)
        return mmu_tv_fail_word(tv, "address", field[1], w->wide ? "a multiple of 8" : "a multiple of 4",
                                NULL);
    if (word->addr < w->ram_base || word->addr - w->ram_base >= w->ram_size)
        return mmu_tv_fail_word(tv, "address", field[1], "one inside the world's ram", NULL);
    return true;
}

static bool parse_m(mmu_tv_t *tv, char **field, int count)
{
    mmu_tv_world_t *w = &tv->world;
    void *more;

    if (w->accesses != 0)
        return mmu_tv_fail_at(tv, "an m record after an access", "all m records before the first a");
    more = mmu_tv_grow(tv, w->word, w->words, &tv->word_room, sizeof *w->word);
    if (more == NULL)
        return false;
    w->word = more;
    return parse_word(tv, field, count, &w->word[w->words++]);
}

static bool parse_u(mmu_tv_t *tv, char **field, int count)
{
    mmu_tv_world_t *w = &tv->world;
    void *more;
    mmu_tv_access_t *a;

    if (w->accesses == 0)
        return mmu_tv_fail_at(tv, "a u record before the first access",
                              "u records after the access that changed the word");
    more = mmu_tv_grow(tv, w->update, w->updates, &tv->update_room, sizeof *w->update);
    if (more == NULL)
        return false;
    w->update = more;
    if (!parse_word(tv, field, count, &w->update[w->updates]))
        return false;
    a = &w->access[w->accesses - 1];
    for (unsigned i = 0; i < a->updates; i++)
        if (w->update[a->first_update + i].addr == w->update[w->updates].addr)
            return mmu_tv_fail_word(tv, "a second u record of", field[1], "one a word and access", NULL);
    a->updates++;
    w->updates++;
    return true;
}

static bool parse_p(mmu_tv_t *tv, char **field, int count)
{
    mmu_tv_world_t *w = &tv->world;
    uint64_t index, cfg, addr;

    if (w->key[MMU_TV_ISA] > MMU_TV_RV64)
        return mmu_tv_fail_at(tv, "a p record in a world of another isa", "p records in RISC-V worlds only");
    if (w->accesses != 0)
        return mmu_tv_fail_at(tv, "a p record after an access", "all p records before the first a");
    if (!mmu_tv_field_count(tv, count, 4, "p I CFG ADDR") ||
        !mmu_tv_field_number(tv, "PMP entry", field[1], 63, &index) ||
        !mmu_tv_field_number(tv, "pmpcfg", field[2], 255, &cfg) ||
        !mmu_tv_field_number(tv, "pmpaddr", field[3], UINT64_MAX, &addr))
        return false;
    for (unsigned i = 0; i < w->pmps; i++)
        if (w->pmp[i].index == index)
            return mmu_tv_fail_word(tv, "a second PMP entry", field[1], "each entry once", NULL);
    w->pmp[w->pmps++] = (mmu_tv_pmp_t){.addr = addr, .index = (uint8_t)index, .cfg = (uint8_t)cfg};
    return true;
}

/* ---- a ---------------------------------------------------------------------------------------------- */

/* The keys after a result. `pa`, `fault`: after which of the two they may stand. */
static const struct {
    const char *name;
    unsigned bit;
    bool pa, fault;
} details[] = {
    {"pbmt", MMU_TV_HAS_PBMT, true, false}, {"size", MMU_TV_HAS_SIZE, true, false},
    {"len", MMU_TV_HAS_LEN, true, true},    {"tval", MMU_TV_HAS_TVAL, false, true},
    {"gpa", MMU_TV_HAS_GPA, false, true},   {"reason", MMU_TV_HAS_REASON, false, true},
};

static bool parse_detail(mmu_tv_t *tv, mmu_tv_access_t *a, char *field)
{
    const char *expected = a->fault ? "one of tval=, gpa=, len=, reason=" : "one of pbmt=, size=, len=";
    char *equals = strchr(field, '=');
    const char *value;
    size_t i = 0;

    if (equals == NULL)
        return mmu_tv_fail_word(tv, "field", field, expected, NULL);
    *equals = '\0';
    value = equals + 1;
    while (i < sizeof details / sizeof details[0] && strcmp(details[i].name, field) != 0)
        i++;
    if (i == sizeof details / sizeof details[0] || !(a->fault ? details[i].fault : details[i].pa))
        return mmu_tv_fail_word(tv, "key", field, expected, NULL);
    if ((a->given & details[i].bit) != 0)
        return mmu_tv_fail_word(tv, "a second key", field, "each key once", NULL);
    a->given |= details[i].bit;
    switch (details[i].bit) {
    case MMU_TV_HAS_PBMT:
        return mmu_tv_field_number(tv, "pbmt", value, 2, &a->pbmt);
    case MMU_TV_HAS_TVAL:
        return mmu_tv_field_number(tv, "tval", value, UINT64_MAX, &a->tval);
    case MMU_TV_HAS_GPA:
        if (tv->world.key[MMU_TV_VIRT] == 0)
            return mmu_tv_fail_at(tv, "a gpa in a world without virt=1",
                                  "guest addresses with two stages only");
        return mmu_tv_field_number(tv, "gpa", value, UINT64_MAX, &a->gpa);
    case MMU_TV_HAS_REASON:
        if (*value == '\0' || strlen(value) >= sizeof a->reason)
            return mmu_tv_fail_word(tv, "reason", value, "a word of 1 to 15 letters", NULL);
        snprintf(a->reason, sizeof a->reason, "%s", value);
        return true;
    case MMU_TV_HAS_SIZE:
        if (!mmu_tv_number(value, &a->size) || a->size == 0 || (a->size & (a->size - 1)) != 0)
            return mmu_tv_fail_word(tv, "size", value, "a power of two", NULL);
        return true;
    default:
        if (!mmu_tv_number(value, &a->len) || a->len == 0 || a->len > 8 || (a->len & (a->len - 1)) != 0 ||
            a->va % a->len != 0)
            return mmu_tv_fail_word(tv, "len", value, "1, 2, 4 or 8, and an address that is a multiple of it",
                                    NULL);
        return true;
    }
}

static bool parse_who(mmu_tv_t *tv, mmu_tv_access_t *a, char **field)
{
    const uint64_t isa = tv->world.key[MMU_TV_ISA];
    const bool x86 = isa == MMU_TV_X86 || isa == MMU_TV_X86_64, classic = isa == MMU_TV_CLASSIC;

    if (strcmp(field[1], "U") == 0)
        a->priv = MMU_TV_PRIV_U;
    else if (strcmp(field[1], "S") == 0)
        a->priv = MMU_TV_PRIV_S;
    else if (strcmp(field[1], "M") == 0 && !x86)
        a->priv = MMU_TV_PRIV_M;
    else
        return mmu_tv_fail_word(tv, "privilege", field[1], x86 ? "one of S, U" : "one of M, S, U", NULL);

    if (strcmp(field[2], "X") == 0)
        a->type = MMU_TV_FETCH;
    else if (strcmp(field[2], "R") == 0)
        a->type = MMU_TV_LOAD;
    else if (strcmp(field[2], "W") == 0)
        a->type = MMU_TV_STORE;
    else if (strcmp(field[2], "RX") == 0 && !x86)
        a->type = MMU_TV_LOAD_X;
    else if (strcmp(field[2], "A") == 0 && classic)
        a->type = MMU_TV_APPEND;
    else
        return mmu_tv_fail_word(tv, "access type", field[2],
                                classic ? "one of R, W, X, RX, A"
                                : x86   ? "one of R, W, X"
                                        : "one of R, W, X, RX",
                                NULL);
    return true;
}

static bool parse_a(mmu_tv_t *tv, char **field, int count)
{
    const char *shape = "a PRIV TYPE VA = pa PA [key=value…] or a PRIV TYPE VA = fault CAUSE [key=value…]";
    mmu_tv_world_t *w = &tv->world;
    void *more;
    mmu_tv_access_t *a;

    if (count < 7)
        return mmu_tv_field_count(tv, count, 7, shape);
    more = mmu_tv_grow(tv, w->access, w->accesses, &tv->access_room, sizeof *w->access);
    if (more == NULL)
        return false;
    w->access = more;
    a = &w->access[w->accesses];
    *a = (mmu_tv_access_t){.line = mmu_tv_lines_number(tv->lines), .first_update = w->updates};
    if (!parse_who(tv, a, field) || !mmu_tv_field_number(tv, "virtual address", field[3], UINT64_MAX, &a->va))
        return false;
    if (strcmp(field[4], "=") != 0)
        return mmu_tv_fail_word(tv, "field", field[4], "=", NULL);
    if (strcmp(field[5], "pa") == 0) {
        if (!mmu_tv_field_number(tv, "physical address", field[6], UINT64_MAX, &a->pa))
            return false;
    } else if (strcmp(field[5], "fault") == 0) {
        a->fault = true;
        a->gp = (w->key[MMU_TV_ISA] == MMU_TV_X86 || w->key[MMU_TV_ISA] == MMU_TV_X86_64) &&
                strcmp(field[6], "gp") == 0;
        if (!a->gp && !mmu_tv_field_number(tv, "cause", field[6], 63, &a->cause))
            return false;
    } else {
        return mmu_tv_fail_word(tv, "result", field[5], "pa or fault", NULL);
    }
    for (int i = 7; i < count; i++)
        if (!parse_detail(tv, a, field[i]))
            return false;
    w->accesses++;
    return true;
}

/* ---- end -------------------------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
    const mmu_tv_word_t *x = a, *y = b;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static bool parse_end(mmu_tv_t *tv, int count)
{
    mmu_tv_world_t *w = &tv->world;

    if (!mmu_tv_field_count(tv, count, 1, "end alone"))
        return false;
    if (w->words != 0)
        qsort(w->word, w->words, sizeof *w->word, by_address);
    for (unsigned i = 1; i < w->words; i++)
        if (w->word[i].addr == w->word[i - 1].addr) {
            mmu_tv_fail(tv->err,
                        "%s:%u: found a second m record of 0x%" PRIx64
                        " (the first is in line %u), expected one",
                        w->file, w->word[i].line, w->word[i].addr, w->word[i - 1].line);
            return false;
        }
    return true;
}

bool mmu_tv_parse_record(mmu_tv_t *tv, char **field, int count, bool *done)
{
    const char *name = field[0];

    *done = false;
    if (strcmp(name, "m") == 0)
        return parse_m(tv, field, count);
    if (strcmp(name, "a") == 0)
        return parse_a(tv, field, count);
    if (strcmp(name, "u") == 0)
        return parse_u(tv, field, count);
    if (strcmp(name, "p") == 0)
        return parse_p(tv, field, count);
    if (strcmp(name, "end") == 0) {
        *done = true;
        return parse_end(tv, count);
    }
    if (strcmp(name, "world") == 0)
        return mmu_tv_fail_at(tv, "a world inside a world", "end before the next world");
    return mmu_tv_fail_word(tv, "record", name, "one of m, p, a, u, end, or a comment (#)", NULL);
}
