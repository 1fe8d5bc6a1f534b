/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What convert, cut, merge and generate do alike: the output, its progress, where it came from.
 */
#include "cli/mmu_cli.h"
#include "cli/trace_cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS UINT64_C(1000000) /* accesses between two lines */

bool mmu_trace_cli_number(const char *text, uint64_t most, uint64_t *value)
{
    bool digit = false;

    for (*value = 0; *text != '\0'; text++) {
        if ((*text == '_' || *text == ',') && digit) {
            digit = false;
            continue;
        }
        digit = *text >= '0' && *text <= '9';
        if (!digit || *value > most / 10)
            return false;
        *value = *value * 10 + (uint64_t)(*text - '0');
    }
    return digit && *value <= most;
}

const char *mmu_trace_cli_formats(void)
{
    static char list[1024];
    size_t at = 0;

    for (unsigned n = 0; mmu_trace_format_name(n) != NULL && at < sizeof list; n++)
        at += (size_t)snprintf(list + at, sizeof list - at, "  %-10s %s\n", mmu_trace_format_name(n),
                               mmu_trace_format_what(n));
    return list;
}

/* Appends a word; in quotes where a shell would take it apart. */
static char *put_word(char *p, const char *word)
{
    const bool plain =
        *word != '\0' &&
        word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./,:+@%^")] ==
            '\0';

    if (!plain)
        *p++ = '\'';
    for (; *word != '\0'; word++) {
        if (!plain && *word == '\'') {
            memcpy(p, "'\\''", 4);
            p += 4;
        } else
            *p++ = *word;
    }
    if (!plain)
        *p++ = '\'';
    return p;
}

char *mmu_trace_cli_command(int argc, char **argv)
{
    size_t room = strlen(argv[0]) + 1;
    char *text, *p;

    for (int n = 1; n < argc; n++)
        room += 4 * strlen(argv[n]) + 3;
    text = malloc(room);
    if (text == NULL)
        return NULL;
    p = stpcpy(text, argv[0]); /* several words */
    for (int n = 1; n < argc; n++) {
        *p++ = ' ';
        p = put_word(p, argv[n]);
    }
    *p = '\0';
    return text;
}

bool mmu_trace_cli_create(mmu_trace_cli_output_t *out, const char *path, const mmu_trace_about_t *about)
{
    char error[512];

    *out = (mmu_trace_cli_output_t){.path = path, .terminal = isatty(STDERR_FILENO) != 0};
    out->writer = mmu_trace_create(path, about, error, sizeof error);
    if (out->writer == NULL)
        fprintf(stderr, "lockwalk trace: %s\n", error);
    else if (about != NULL && about->map != NULL && !mmu_trace_name_is_lwt(path))
        fprintf(stderr, "lockwalk trace: the page map is left out: only an .lwt file has a place for it\n");
    return out->writer != NULL;
}

bool mmu_trace_cli_write(mmu_trace_cli_output_t *out, const mmu_access_t *access, size_t n)
{
    const bool good = mmu_trace_write(out->writer, access, n);

    if (out->terminal && mmu_trace_written(out->writer) >= out->shown + PROGRESS) {
        out->shown = mmu_trace_written(out->writer);
        fprintf(stderr, "\r%s: %" PRIu64 " million accesses", out->path, out->shown / 1000000);
    }
    return good;
}

bool mmu_trace_cli_close(mmu_trace_cli_output_t *out, bool keep)
{
    char error[512];

    if (out->shown != 0)
        fprintf(stderr, "\r\033[K");
    if (!keep) {
        mmu_trace_abandon(out->writer);
        return true;
    }
    if (mmu_trace_finish(out->writer, error, sizeof error))
        return true;
    fprintf(stderr, "lockwalk trace: %s\n", error);
    return false;
}
