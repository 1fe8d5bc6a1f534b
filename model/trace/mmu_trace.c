/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Traces: which format a file has, and the calls that are the same for all.
 */
#include "trace/mmu_trace_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(4096)
#define PROBE_BYTES 4096u

#define MMU_TRACE_FORMAT(id) &mmu_trace_format_##id,
static const mmu_trace_format_t *const formats[] = {
#include "trace/mmu_trace_formats.def"
};
#undef MMU_TRACE_FORMAT

#define FORMATS (sizeof formats / sizeof formats[0])

const char *mmu_trace_format_name(unsigned n)
{
    return n < FORMATS ? formats[n]->name : NULL;
}

const char *mmu_trace_format_what(unsigned n)
{
    return n < FORMATS ? formats[n]->what : NULL;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* "a, b or c" */
static void list_formats(char *text, size_t n)
{
    size_t at = 0;

    text[0] = '\0';
    for (unsigned k = 0; k < FORMATS && at < n; k++)
        at += (size_t)snprintf(text + at, n - at, "%s%s",
                               k == 0             ? ""
                               : k == FORMATS - 1 ? " or "
                                                  : ", ",
                               formats[k]->name);
}

static bool choose(mmu_trace_t *t, const char *name, char *err, size_t n)
{
    char list[160], expected[200];
    const char *nl;

    if (name != NULL) {
        for (unsigned k = 0; k < FORMATS; k++)
            if (strcmp(formats[k]->name, name) == 0)
                t->format = formats[k];
        if (t->format != NULL)
            return true;
        list_formats(list, sizeof list);
        snprintf(err, n, "'%s' is no format of traces, expected %s", name, list);
        return false;
    }
    /* An error of the input is told by the first read: what is whole comes first. */
    while (t->end < PROBE_BYTES && mmu_trace_more(t) > 0)
        ;
    for (unsigned k = 0; k < FORMATS && t->format == NULL && t->end > 0; k++)
        if (formats[k]->probe(t->buffer, t->end))
            t->format = formats[k];
    if (t->format != NULL || t->end == 0)
        return true;
    list_formats(list, sizeof list);
    snprintf(expected, sizeof expected, "a trace: %s (see lockwalk trace --help)", list);
    nl = memchr(t->buffer, '\n', t->end + 1);
    t->line = 1;
    mmu_trace_fail_record(t, t->buffer, (size_t)(nl - t->buffer), expected);
    snprintf(err, n, "%s", t->error);
    return false;
}

mmu_trace_t *mmu_trace_open_as(const char *path, const char *format, char *err, size_t n)
{
    mmu_trace_t *t = calloc(1, sizeof *t);

    if (t == NULL) {
        snprintf(err, n, "%s: no memory", path);
        return NULL;
    }
    t->buffer[0] = '\n';
    t->processes = 1;
    t->path = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    t->input = mmu_input_open(path, err, n);
    if (t->input == NULL || t->path == NULL || !choose(t, format, err, n)) {
        mmu_trace_close(t);
        return NULL;
    }
    if (t->format != NULL && t->format->open != NULL && !t->format->open(t)) {
        snprintf(err, n, "%s", t->error);
        mmu_trace_close(t);
        return NULL;
    }
    return t;
}

mmu_trace_t *mmu_trace_open(const char *path, char *err, size_t n)
{
    return mmu_trace_open_as(path, NULL, err, n);
}

void mmu_trace_close(mmu_trace_t *t)
{
    if (t == NULL)
        return;
    if (t->format != NULL && t->format->close != NULL && t->state != NULL)
        t->format->close(t);
    mmu_input_close(t->input);
    mmu_page_map_free(t->map);
    free(t->state);
    free(t->queue);
    free(t->path);
    free(t);
}

/* ---- reading -------------------------------------------------------------------------------- */

size_t mmu_trace_read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    size_t n = 0;

    if (t->failed)
        return 0;
    if (t->format != NULL)
        n = t->format->read(t, to, room);
    else
        mmu_trace_fill(t);
    t->count += n;
    return n;
}

int mmu_trace_next(mmu_trace_t *t, mmu_access_t *access)
{
    if (mmu_trace_read(t, access, 1) != 0)
        return 1;
    return t->failed ? -1 : 0;
}

int mmu_trace_next_page(mmu_trace_t *t, mmu_access_t *access, bool *last_piece)
{
    uint64_t room;

    if (t->rest_pending) {
        t->rest_pending = false;
        *access = t->rest;
    } else {
        int got = mmu_trace_next(t, access);
        if (got <= 0)
            return got;
    }
    room = PAGE - (access->va & (PAGE - 1));
    *last_piece = access->size <= room;
    if (!*last_piece) {
        t->rest = *access;
        t->rest.va += room;
        t->rest.size -= (uint32_t)room;
        t->rest_pending = true;
        access->size = (uint32_t)room;
    }
    return 1;
}

bool mmu_trace_seek(mmu_trace_t *t, uint64_t to)
{
    mmu_access_t block[512];

    if (t->failed)
        return false;
    t->rest_pending = false;
    if (t->format != NULL && t->format->seek != NULL) {
        if (!t->format->seek(t, to))
            return false;
        t->count = to;
        return true;
    }
    if (to < t->count)
        return mmu_trace_fail(t,
                              "cannot go back from access %" PRIu64 " to %" PRIu64
                              ": only an .lwt file (not compressed again, no pipe) can",
                              t->count, to);
    while (t->count < to) {
        const uint64_t left = to - t->count, most = sizeof block / sizeof block[0];

        if (mmu_trace_read(t, block, (size_t)(left < most ? left : most)) == 0)
            return t->failed ? false : mmu_trace_fail_past_end(t, to, t->count);
    }
    return true;
}

/* ---- questions ------------------------------------------------------------------------------ */

bool mmu_trace_failed(const mmu_trace_t *t)
{
    return t->failed;
}

const char *mmu_trace_error(const mmu_trace_t *t)
{
    return t->error;
}

uint64_t mmu_trace_line(const mmu_trace_t *t)
{
    return t->line;
}

uint64_t mmu_trace_count(const mmu_trace_t *t)
{
    return t->count;
}

const char *mmu_trace_form(const mmu_trace_t *t)
{
    return t->format != NULL ? t->format->name : "none";
}

const char *mmu_trace_compression(const mmu_trace_t *t)
{
    return mmu_input_compression(t->input);
}

const char *mmu_trace_note(const mmu_trace_t *t, unsigned n, uint64_t *count)
{
    if (n >= MMU_TRACE_NOTES || t->note[n].count == 0)
        return NULL;
    *count = t->note[n].count;
    return t->note[n].what;
}

const mmu_page_map_t *mmu_trace_page_map(const mmu_trace_t *t)
{
    return t->map;
}

unsigned mmu_trace_processes(const mmu_trace_t *t)
{
    return t->processes;
}
