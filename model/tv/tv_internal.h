/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the vector reader share.
 */
#ifndef LOCKWALK_TV_INTERNAL_H
#define LOCKWALK_TV_INTERNAL_H

#include "lockwalk/mmu_tv.h"

/* Writes an error's text. */
__attribute__((format(printf, 2, 3))) void mmu_tv_fail(mmu_tv_err_t *err, const char *format, ...);

/* A number of the format: 0x and hexadecimal digits, or decimal digits. False: none, or over 64 bits. */
bool mmu_tv_number(const char *text, uint64_t *value);

/* ---- lines ------------------------------------------------------------------------------------------ */

#define MMU_TV_LINE_MAX 1024
#define MMU_TV_FIELDS_MAX 64

typedef struct mmu_tv_lines mmu_tv_lines_t;

mmu_tv_lines_t *mmu_tv_lines_open(const char *path, mmu_tv_err_t *err);
void mmu_tv_lines_close(mmu_tv_lines_t *lines);
const char *mmu_tv_lines_path(const mmu_tv_lines_t *lines);
unsigned mmu_tv_lines_number(const mmu_tv_lines_t *lines);

/* The fields of the next line that is no comment, which stay until the next call. Returns their count, 0 at
 * the end of the file, -1 on an error. */
int mmu_tv_lines_next(mmu_tv_lines_t *lines, char ***fields, mmu_tv_err_t *err);

/* ---- keys ------------------------------------------------------------------------------------------- */

/* Finds a key by name; MMU_TV_KEYS where there is none of that name. */
unsigned mmu_tv_key_find(const char *name);

/* The key whose name is nearest to a misspelt one, or NULL. */
const char *mmu_tv_key_nearest(const char *name);

/* Whether worlds of this isa have the key. */
bool mmu_tv_key_fits(unsigned key, uint64_t isa);

/* Reads a key's value. False: `expected` is what is allowed, in words. */
bool mmu_tv_key_parse(unsigned key, const char *text, uint64_t *value, char expected[256]);

/* The word that the key's value nearly is, or NULL. */
const char *mmu_tv_value_nearest(unsigned key, const char *text);

/* Whether the isa has the mode. */
bool mmu_tv_mode_fits(uint64_t isa, uint64_t mode);

/* ---- the reader ------------------------------------------------------------------------------------- */

struct mmu_tv {
    mmu_tv_lines_t *lines;
    mmu_tv_world_t world;
    unsigned word_room, access_room, update_room; /* elements allocated */
    mmu_tv_err_t *err;
    bool failed;
};

/* "FILE:LINE: found FOUND, expected EXPECTED". Returns false, so that a caller can return it. */
bool mmu_tv_fail_at(mmu_tv_t *tv, const char *found, const char *expected);

/* The same with what was found in quotes, and a near word where there is one. */
bool mmu_tv_fail_word(mmu_tv_t *tv, const char *what, const char *found, const char *expected,
                      const char *near);

/* The array with room for one more element. NULL: out of memory; the error is told, the array is as it was. */
void *mmu_tv_grow(mmu_tv_t *tv, void *array, unsigned count, unsigned *room, size_t size);

/* Reads a field that is a number up to max; checks the number of fields. False: the error is told. */
bool mmu_tv_field_number(mmu_tv_t *tv, const char *what, const char *text, uint64_t max, uint64_t *value);
bool mmu_tv_field_count(mmu_tv_t *tv, int count, int expected, const char *shape);

/* One record inside a world. *done: it was its end. */
bool mmu_tv_parse_record(mmu_tv_t *tv, char **field, int count, bool *done);

#endif
