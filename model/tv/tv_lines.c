/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Lines and fields of a vector file, plain or gzip; zlib tells which by the content.
 */
#include "tv/tv_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct mmu_tv_lines {
    gzFile file;
    char *path;
    unsigned number;
    char *fields[MMU_TV_FIELDS_MAX];
    char text[MMU_TV_LINE_MAX + 2]; /* the longest line, its newline, the terminator */
};

void mmu_tv_fail(mmu_tv_err_t *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
}

bool mmu_tv_number(const char *text, uint64_t *value)
{
    const bool hex = text[0] == '0' && text[1] == 'x';
    const unsigned base = hex ? 16 : 10;
    uint64_t v = 0;

    if (hex)
        text += 2;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        unsigned digit;

        if (*text >= '0' && *text <= '9')
            digit = (unsigned)(*text - '0');
        else if (hex && *text >= 'a' && *text <= 'f')
            digit = (unsigned)(*text - 'a') + 10;
        else if (hex && *text >= 'A' && *text <= 'F')
            digit = (unsigned)(*text - 'A') + 10;
        else
            return false;
        if (v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
    }
    *value = v;
    return true;
}

mmu_tv_lines_t *mmu_tv_lines_open(const char *path, mmu_tv_err_t *err)
{
    mmu_tv_lines_t *lines = calloc(1, sizeof *lines);

    if (lines == NULL || (lines->path = strdup(path)) == NULL) {
        free(lines);
        mmu_tv_fail(err, "%s: out of memory", path);
        return NULL;
    }
    errno = 0;
    lines->file = gzopen(path, "rb");
    if (lines->file == NULL) {
        mmu_tv_fail(err, "%s: cannot be opened: %s", path, errno != 0 ? strerror(errno) : "out of memory");
        free(lines->path);
        free(lines);
        return NULL;
    }
    return lines;
}

void mmu_tv_lines_close(mmu_tv_lines_t *lines)
{
    if (lines == NULL)
        return;
    gzclose(lines->file);
    free(lines->path);
    free(lines);
}

const char *mmu_tv_lines_path(const mmu_tv_lines_t *lines)
{
    return lines->path;
}

unsigned mmu_tv_lines_number(const mmu_tv_lines_t *lines)
{
    return lines->number;
}

/* 1: a line, without its newline; 0: the end; -1: an error. */
static int read_line(mmu_tv_lines_t *lines, mmu_tv_err_t *err)
{
    size_t length;

    if (gzgets(lines->file, lines->text, (int)sizeof lines->text) == NULL) {
        int code = Z_OK;
        const char *why = gzerror(lines->file, &code);

        if (code == Z_OK || code == Z_STREAM_END)
            return 0;
        mmu_tv_fail(err, "%s:%u: cannot be read on: %s", lines->path, lines->number + 1,
                    code == Z_ERRNO ? strerror(errno) : why);
        return -1;
    }
    lines->number++;
    length = strlen(lines->text);
    if (length > 0 && lines->text[length - 1] == '\n') {
        lines->text[length - 1] = '\0';
        return 1;
    }
    if (gzeof(lines->file) != 0 && length > 0 && length <= MMU_TV_LINE_MAX) {
        int code = Z_OK;
        const char *why = gzerror(lines->file, &code);

        if (code == Z_OK || code == Z_STREAM_END)
            return 1;
        mmu_tv_fail(err, "%s:%u: cannot be read on: %s", lines->path, lines->number, why);
        return -1;
    }
    mmu_tv_fail(err, "%s:%u: found a line of over %d characters or a NUL, expected a text line", lines->path,
                lines->number, MMU_TV_LINE_MAX);
    return -1;
}

/* Cuts the line at its single spaces. */
static int cut(mmu_tv_lines_t *lines, mmu_tv_err_t *err)
{
    char *at = lines->text;
    int count = 0;

    for (;;) {
        char *space = strchr(at, ' ');

        if (*at == '\0' || *at == ' ') {
            mmu_tv_fail(err, "%s:%u: found an empty field%s, expected fields separated by single spaces",
                        lines->path, lines->number,
                        *at == '\0' && count > 0 ? " at the end of the line" : "");
            return -1;
        }
        if (count == MMU_TV_FIELDS_MAX) {
            mmu_tv_fail(err, "%s:%u: found over %d fields, expected fewer", lines->path, lines->number,
                        MMU_TV_FIELDS_MAX);
            return -1;
        }
        lines->fields[count++] = at;
        if (space == NULL)
            return count;
        *space = '\0';
        at = space + 1;
    }
}

int mmu_tv_lines_next(mmu_tv_lines_t *lines, char ***fields, mmu_tv_err_t *err)
{
    int got;

    do {
        got = read_line(lines, err);
        if (got <= 0)
            return got;
    } while (lines->text[0] == '#');
    *fields = lines->fields;
    return cut(lines, err);
}
