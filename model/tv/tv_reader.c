/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The reader: records into worlds. One world is in memory at a time.
 */
#include "tv/tv_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ----------------------------------------------------------------------------------------- */

bool mmu_tv_fail_at(mmu_tv_t *tv, const char *found, const char *expected)
{
    mmu_tv_fail(tv->err, "%s:%u: found %s, expected %s", mmu_tv_lines_path(tv->lines),
                mmu_tv_lines_number(tv->lines), found, expected);
    return false;
}

bool mmu_tv_fail_word(mmu_tv_t *tv, const char *what, const char *found, const char *expected,
                      const char *near)
{
    mmu_tv_fail(tv->err, "%s:%u: found %s '%s', expected %s%s%s%s", mmu_tv_lines_path(tv->lines),
                mmu_tv_lines_number(tv->lines), what, found, expected, near != NULL ? "; did you mean '" : "",
                near != NULL ? near : "", near != NULL ? "'?" : "");
    return false;
}

void *mmu_tv_grow(mmu_tv_t *tv, void *array, unsigned count, unsigned *room, size_t size)
{
    unsigned more = *room == 0 ? 64 : *room * 2;
    void *bigger;

    if (count < *room)
        return array;
    bigger = realloc(array, more * size);
    if (bigger == NULL)
        mmu_tv_fail(tv->err, "%s: out of memory", mmu_tv_lines_path(tv->lines));
    else
        *room = more;
    return bigger;
}

bool mmu_tv_field_number(mmu_tv_t *tv, const char *what, const char *text, uint64_t max, uint64_t *value)
{
    char expected[64];

    if (mmu_tv_number(text, value) && *value <= max)
        return true;
    if (max == UINT64_MAX)
        snprintf(expected, sizeof expected, "a number (0x and hexadecimal digits, or decimal)");
    else
        snprintf(expected, sizeof expected, "a number up to 0x%" PRIx64, max);
    return mmu_tv_fail_word(tv, what, text, expected, NULL);
}

bool mmu_tv_field_count(mmu_tv_t *tv, int count, int expected, const char *shape)
{
    char found[32];

    if (count == expected)
        return true;
    snprintf(found, sizeof found, "%d field%s", count, count == 1 ? "" : "s");
    return mmu_tv_fail_at(tv, found, shape);
}

/* ---- world ------------------------------------------------------------------------------------------ */

static bool parse_ram(mmu_tv_t *tv, char *value)
{
    mmu_tv_world_t *w = &tv->world;
    char *colon = strchr(value, ':');
    const char *expected = "ram=BASE:SIZE, multiples of 8, size not 0, not beyond 64 bits";
    bool ok;

    if (colon == NULL)
        return mmu_tv_fail_word(tv, "ram", value, expected, NULL);
    *colon = '\0';
    ok = mmu_tv_number(value, &w->ram_base) && mmu_tv_number(colon + 1, &w->ram_size);
    *colon = ':';
    ok = ok && w->ram_size != 0 && (w->ram_base | w->ram_size) % 8 == 0;
    if (!ok || w->ram_base + (w->ram_size - 1) < w->ram_base)
        return mmu_tv_fail_word(tv, "ram", value, expected, NULL);
    return true;
}

/* What the keys of a world must be to each other. */
static bool check_world(mmu_tv_t *tv, uint64_t given)
{
    mmu_tv_world_t *w = &tv->world;
    const uint64_t isa = w->key[MMU_TV_ISA], mode = w->key[MMU_TV_MODE], gmode = w->key[MMU_TV_GMODE];
    char buf[24];

    if (isa == 0 || mode == 0)
        return mmu_tv_fail_at(tv, isa == 0 ? "a world without isa" : "a world without mode",
                              "isa=… and mode=…");
    if (w->ram_size == 0)
        return mmu_tv_fail_at(tv, "a world without ram", "ram=BASE:SIZE");
    for (unsigned key = 0; key < MMU_TV_KEYS; key++)
        if ((given >> key & 1u) != 0 && !mmu_tv_key_fits(key, isa))
            return mmu_tv_fail_word(tv, "key", mmu_tv_key_name(key), "keys of this isa only", NULL);
    if (!mmu_tv_mode_fits(isa, mode))
        return mmu_tv_fail_word(tv, "mode", mmu_tv_value(MMU_TV_MODE, mode, buf), "a mode of this isa", NULL);
    if ((w->key[MMU_TV_VIRT] != 0) != (gmode != 0))
        return mmu_tv_fail_at(tv, gmode != 0 ? "gmode without virt=1" : "virt=1 without gmode",
                              "both or none");
    if (gmode != 0 && !mmu_tv_mode_fits(isa, gmode))
        return mmu_tv_fail_word(tv, "gmode", mmu_tv_value(MMU_TV_GMODE, gmode, buf), "a mode of this isa",
                                NULL);
    if (mode >= MMU_TV_M_LINEAR && mode <= MMU_TV_M_SEGPAGE && w->key[MMU_TV_PLG] < 9)
        return mmu_tv_fail_word(tv, "plg", mmu_tv_value(MMU_TV_PLG, w->key[MMU_TV_PLG], buf),
                                "9 to 16, the logarithm of the page's bytes", NULL);
    /* Words of 4 bytes: where a 4-byte table is in force, in either stage. */
    w->wide =
        !(mode == MMU_TV_SV32 || mode == MMU_TV_X86_2LEVEL || (isa == MMU_TV_RV32 && gmode > MMU_TV_BARE));
    return true;
}

static bool parse_world(mmu_tv_t *tv, char **field, int count)
{
    mmu_tv_world_t *w = &tv->world;
    uint64_t given = 0;

    w->file = mmu_tv_lines_path(tv->lines);
    w->line = mmu_tv_lines_number(tv->lines);
    memset(w->key, 0, sizeof w->key);
    w->ram_base = w->ram_size = 0;
    w->words = w->pmps = w->accesses = w->updates = 0;
    if (count < 2)
        return mmu_tv_fail_at(tv, "a world without id", "world ID isa=… mode=… key=value…");
    if (!mmu_tv_field_number(tv, "world id", field[1], UINT64_MAX, &w->id))
        return false;
    for (int i = 2; i < count; i++) {
        char *equals = strchr(field[i], '=');
        char expected[256];
        unsigned key;

        if (equals == NULL)
            return mmu_tv_fail_word(tv, "field", field[i], "key=value", NULL);
        *equals = '\0';
        if (strcmp(field[i], "ram") == 0) {
            if (w->ram_size != 0)
                return mmu_tv_fail_at(tv, "key 'ram' twice", "each key once");
            if (!parse_ram(tv, equals + 1))
                return false;
            continue;
        }
        key = mmu_tv_key_find(field[i]);
        if (key == MMU_TV_KEYS)
            return mmu_tv_fail_word(tv, "key", field[i], "a key of a world", mmu_tv_key_nearest(field[i]));
        if ((given >> key & 1u) != 0)
            return mmu_tv_fail_word(tv, "a second key", field[i], "each key once", NULL);
        given |= UINT64_C(1) << key;
        if (!mmu_tv_key_parse(key, equals + 1, &w->key[key], expected))
            return mmu_tv_fail_word(tv, field[i], equals + 1, expected,
                                    mmu_tv_value_nearest(key, equals + 1));
    }
    return check_world(tv, given);
}

/* ---- public ----------------------------------------------------------------------------------------- */

/* The records up to `end`. */
static bool parse_body(mmu_tv_t *tv)
{
    char **field;
    char found[64];
    bool done = false;

    while (!done) {
        int count = mmu_tv_lines_next(tv->lines, &field, tv->err);

        if (count < 0)
            return false;
        if (count == 0) {
            snprintf(found, sizeof found, "the end of the file inside world 0x%" PRIx64, tv->world.id);
            return mmu_tv_fail_at(tv, found, "its end record");
        }
        if (!mmu_tv_parse_record(tv, field, count, &done))
            return false;
    }
    return true;
}

static int next_world(mmu_tv_t *tv)
{
    char **field;
    int count = mmu_tv_lines_next(tv->lines, &field, tv->err);

    if (count <= 0)
        return count;
    if (strcmp(field[0], "world") != 0) {
        mmu_tv_fail_word(tv, "record", field[0], "world, or a comment (#)", NULL);
        return -1;
    }
    return parse_world(tv, field, count) && parse_body(tv) ? 1 : -1;
}

/* ---- public ----------------------------------------------------------------------------------------- */

mmu_tv_t *mmu_tv_open(const char *path, mmu_tv_err_t *err)
{
    mmu_tv_t *tv = calloc(1, sizeof *tv);

    if (tv == NULL) {
        mmu_tv_fail(err, "%s: out of memory", path);
        return NULL;
    }
    tv->lines = mmu_tv_lines_open(path, err);
    if (tv->lines == NULL) {
        free(tv);
        return NULL;
    }
    return tv;
}

int mmu_tv_next(mmu_tv_t *tv, const mmu_tv_world_t **world, mmu_tv_err_t *err)
{
    int got;

    tv->err = err;
    if (tv->failed) {
        mmu_tv_fail(err, "%s: was not read to its end", mmu_tv_lines_path(tv->lines));
        return -1;
    }
    got = next_world(tv);
    tv->failed = got < 0;
    *world = &tv->world;
    return got;
}

void mmu_tv_close(mmu_tv_t *tv)
{
    if (tv == NULL)
        return;
    mmu_tv_lines_close(tv->lines);
    free(tv->world.word);
    free(tv->world.access);
    free(tv->world.update);
    free(tv);
}
