/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Selections of worlds: "key=value,key!=value|value,…". A world is selected where every term holds. A key that
 * a world leaves out is 0.
 */
#include "config/mmu_nearest.h"
#include "tv/tv_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ID MMU_TV_KEYS /* the world's number, as a key of selections */
#define VALUES_MAX 32

typedef struct {
    unsigned key;
    bool negated;
    unsigned values;
    uint64_t value[VALUES_MAX];
} term_t;

struct mmu_tv_select {
    unsigned terms;
    term_t term[MMU_TV_KEYS + 1]; /* a key stands in one term only */
};

static bool parse_value(term_t *term, const char *name, const char *text, mmu_tv_err_t *err)
{
    char expected[256] = "a number";
    const char *near = NULL;
    uint64_t value;

    if (term->values == VALUES_MAX) {
        mmu_tv_fail(err, "--select: key '%s' has over %d values, expected at most that many", name,
                    VALUES_MAX);
        return false;
    }
    if (term->key == KEY_ID ? mmu_tv_number(text, &value)
                            : mmu_tv_key_parse(term->key, text, &value, expected)) {
        term->value[term->values++] = value;
        return true;
    }
    if (term->key != KEY_ID)
        near = mmu_tv_value_nearest(term->key, text);
    mmu_tv_fail(err, "--select: found %s '%s', expected %s%s%s%s", name, text, expected,
                near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
    return false;
}

static bool parse_term(mmu_tv_select_t *select, char *text, mmu_tv_err_t *err)
{
    char *equals = strchr(text, '=');
    term_t *term;
    unsigned key;
    bool negated;

    if (equals == NULL || equals == text) {
        mmu_tv_fail(err, "--select: found '%s', expected key=value or key!=value", text);
        return false;
    }
    negated = equals[-1] == '!';
    equals[negated ? -1 : 0] = '\0';
    key = strcmp(text, "id") == 0 ? KEY_ID : mmu_tv_key_find(text);
    if (key == MMU_TV_KEYS && strcmp(text, "id") != 0) {
        const char *near = mmu_tv_key_nearest(text);

        mmu_tv_fail(err, "--select: found key '%s', expected id or a key of a world%s%s%s", text,
                    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                    near != NULL ? "'?" : "");
        return false;
    }
    for (unsigned i = 0; i < select->terms; i++)
        if (select->term[i].key == key) {
            mmu_tv_fail(err, "--select: found key '%s' twice, expected it once; several values: %s=A|B", text,
                        text);
            return false;
        }
    term = &select->term[select->terms++];
    *term = (term_t){.key = key, .negated = negated};
    for (char *value = equals + 1; value != NULL;) {
        char *bar = strchr(value, '|');

        if (bar != NULL)
            *bar = '\0';
        if (!parse_value(term, text, value, err))
            return false;
        value = bar != NULL ? bar + 1 : NULL;
    }
    return true;
}

mmu_tv_select_t *mmu_tv_select_parse(const char *text, mmu_tv_err_t *err)
{
    mmu_tv_select_t *select = calloc(1, sizeof *select);
    char *copy = strdup(text);
    bool ok = select != NULL && copy != NULL;

    if (!ok)
        mmu_tv_fail(err, "--select: out of memory");
    for (char *term = copy; ok && term != NULL && *text != '\0';) {
        char *comma = strchr(term, ',');

        if (comma != NULL)
            *comma = '\0';
        ok = parse_term(select, term, err);
        term = comma != NULL ? comma + 1 : NULL;
    }
    free(copy);
    if (!ok) {
        free(select);
        return NULL;
    }
    return select;
}

bool mmu_tv_select_match(const mmu_tv_select_t *select, const mmu_tv_world_t *world)
{
    for (unsigned i = 0; i < select->terms; i++) {
        const term_t *term = &select->term[i];
        const uint64_t value = term->key == KEY_ID ? world->id : world->key[term->key];
        bool found = false;

        for (unsigned v = 0; v < term->values; v++)
            found |= term->value[v] == value;
        if (found == term->negated)
            return false;
    }
    return true;
}

void mmu_tv_select_free(mmu_tv_select_t *select)
{
    free(select);
}
