/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Traces: lines to accesses. The bytes come from mmu_input.c.
 */
#include "lockwalk/mmu_trace.h"

#include "trace/mmu_input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE ((size_t)1 << 17) /* also the longest line */
#define MAX_SIZE 4096u
#define PAGE UINT64_C(4096)

typedef enum { FORM_UNKNOWN = 0, FORM_LACKEY = 1, FORM_PLAIN = 2 } form_e;

struct mmu_trace {
    mmu_input_t *input;
    char *path;
    form_e form;
    uint64_t line;  /* of the record read last */
    uint64_t count; /* accesses given */
    uint64_t records;
    mmu_access_t store; /* the second half of an M record */
    bool store_pending;
    mmu_access_t rest; /* what is left of an access that crosses a page */
    bool rest_pending;
    bool failed, ended;
    size_t begin, end; /* of the unread bytes in buffer */
    char error[512];
    char buffer[BUFFER_SIZE];
};

mmu_trace_t *mmu_trace_open(const char *path, char *err, size_t n)
{
    mmu_trace_t *trace = calloc(1, sizeof *trace);

    if (trace == NULL) {
        snprintf(err, n, "%s: no memory", path);
        return NULL;
    }
    trace->path = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    trace->input = mmu_input_open(path, err, n);
    if (trace->input == NULL || trace->path == NULL) {
        mmu_trace_close(trace);
        return NULL;
    }
    return trace;
}

void mmu_trace_close(mmu_trace_t *trace)
{
    if (trace == NULL)
        return;
    mmu_input_close(trace->input);
    free(trace->path);
    free(trace);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static int fail_input(mmu_trace_t *t)
{
    t->failed = true;
    snprintf(t->error, sizeof t->error,
             "%s: %s after line %" PRIu64 "; %" PRIu64 " record%s before it %s whole", t->path,
             mmu_input_error(t->input), t->line, t->records, t->records == 1 ? "" : "s",
             t->records == 1 ? "was" : "were");
    return -1;
}

/* The line as people can read it, for a message. */
static int fail_record(mmu_trace_t *t, const char *text, size_t n, const char *expected)
{
    char shown[80];
    size_t k = 0;

    for (size_t i = 0; i < n && k < 60; i++)
        shown[k++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    if (k < n) {
        memcpy(shown + k, "...", 3);
        k += 3;
    }
    shown[k] = '\0';
    t->failed = true;
    snprintf(t->error, sizeof t->error, "%s:%" PRIu64 ": found '%s', expected %s", t->path, t->line, shown,
             expected);
    return -1;
}

/* The next line without its end: 1; the end: 0; an error: -1. A last line without an end is a line, unless the
 * data was cut there. */
static int next_line(mmu_trace_t *t, const char **text, size_t *n)
{
    size_t seen = 0; /* bytes that hold no line end */

    for (;;) {
        char *start = t->buffer + t->begin;
        char *nl = memchr(start + seen, '\n', t->end - t->begin - seen);
        long got;

        if (nl != NULL) {
            *text = start;
            *n = (size_t)(nl - start);
            t->begin += *n + 1;
            t->line++;
            return 1;
        }
        seen = t->end - t->begin;
        if (t->begin > 0) {
            memmove(t->buffer, start, seen);
            t->begin = 0;
            t->end = seen;
        }
        if (t->end == BUFFER_SIZE) {
            t->line++;
            return fail_record(t, t->buffer, t->end, "a line of less than 128 KiB");
        }
        got = mmu_input_read(t->input, t->buffer + t->end, BUFFER_SIZE - t->end);
        if (got < 0)
            return fail_input(t);
        if (got == 0) {
            if (seen == 0)
                return 0;
            *text = t->buffer;
            *n = seen;
            t->begin = t->end;
            t->line++;
            return 1;
        }
        t->end += (size_t)got;
    }
}

/* ---- records -------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "hexaddr,size": NULL, or what was expected. */
static const char *parse_access(const char *p, const char *end, mmu_access_t *access)
{
    unsigned digits = 0;
    uint64_t va = 0;
    uint32_t size = 0;

    for (; p < end && hex_digit(*p) >= 0; p++, digits++)
        va = va << 4 | (unsigned)hex_digit(*p);
    if (digits == 0 || digits > 16)
        return "an address of 1 to 16 hexadecimal digits";
    if (p == end || *p != ',')
        return "',' and a size after the address";
    p++;
    if (p == end)
        return "a size, 1 to 4096, after ','";
    for (; p < end && *p >= '0' && *p <= '9' && size <= MAX_SIZE; p++)
        size = size * 10 + (uint32_t)(*p - '0');
    if (p != end || size == 0 || size > MAX_SIZE)
        return "a size, 1 to 4096, and then the end of the line";
    if (va + size - 1 < va)
        return "an access that ends below 2^64";
    access->va = va;
    access->size = size;
    return NULL;
}

/* Valgrind's own lines: ==123== its messages, --123-- its chatter, **123** what the client printed through it. */
static bool is_comment(const char *text, size_t n)
{
    return n >= 2 && text[0] == text[1] && (text[0] == '=' || text[0] == '-' || text[0] == '*');
}

static form_e form_of(const char *text, size_t n)
{
    if (n < 3)
        return FORM_UNKNOWN;
    if (memcmp(text, "I  ", 3) == 0)
        return FORM_LACKEY;
    if (text[0] == ' ' && (text[1] == 'L' || text[1] == 'S' || text[1] == 'M') && text[2] == ' ')
        return FORM_LACKEY;
    if ((text[0] == 'I' || text[0] == 'L' || text[0] == 'S') && text[1] == ' ')
        return FORM_PLAIN;
    return FORM_UNKNOWN;
}

/* One record: the letter of its kind in *kind. */
static int parse_record(mmu_trace_t *t, const char *text, size_t n, char *kind, mmu_access_t *access)
{
    const char *end = text + n, *expected, *number;

    if (t->form == FORM_UNKNOWN) {
        t->form = form_of(text, n);
        if (t->form == FORM_UNKNOWN)
            return fail_record(
                t, text, n,
                "lackey's 'I  addr,size', ' L addr,size', ' S addr,size' or ' M addr,size', or "
                "'I addr,size', 'L addr,size', 'S addr,size'");
    }
    if (form_of(text, n) != t->form)
        return fail_record(t, text, n,
                           t->form == FORM_LACKEY
                               ? "'I  addr,size', ' L addr,size', ' S addr,size' or ' M addr,size' as in the "
                                 "lines before"
                               : "'I addr,size', 'L addr,size' or 'S addr,size' as in the lines before");
    if (t->form == FORM_LACKEY) {
        *kind = text[0] == 'I' ? 'I' : text[1];
        number = text + 3;
    } else {
        *kind = text[0];
        number = text + 2;
    }
    expected = parse_access(number, end, access);
    if (expected != NULL)
        return fail_record(t, text, n, expected);
    t->records++;
    return 1;
}

static int give(mmu_trace_t *t)
{
    t->count++;
    return 1;
}

/* The next access: 1; the end: 0; an error: -1. */
static int next_access(mmu_trace_t *t, mmu_access_t *access)
{
    const char *text = NULL;
    size_t n = 0;
    char kind = 'I';
    int got;

    if (t->store_pending) {
        t->store_pending = false;
        *access = t->store;
        return give(t);
    }
    if (t->failed || t->ended)
        return t->failed ? -1 : 0;
    do {
        got = next_line(t, &text, &n);
        if (got <= 0) {
            t->ended = got == 0;
            return got;
        }
    } while (t->form != FORM_PLAIN && is_comment(text, n));
    if (parse_record(t, text, n, &kind, access) < 0)
        return -1;
    access->process = 0;
    access->modify = kind == 'M';
    access->acc = kind == 'I' ? MMU_ACC_FETCH : kind == 'S' ? MMU_ACC_STORE : MMU_ACC_LOAD;
    if (access->modify) {
        t->store = *access;
        t->store.acc = MMU_ACC_STORE;
        t->store_pending = true;
    }
    return give(t);
}

size_t mmu_trace_read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    size_t n = 0;

    while (n < room && next_access(t, &to[n]) > 0)
        n++;
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
    return t->form == FORM_LACKEY ? "lackey" : t->form == FORM_PLAIN ? "plain" : "none";
}

const char *mmu_trace_compression(const mmu_trace_t *t)
{
    return mmu_input_compression(t->input);
}

const mmu_page_map_t *mmu_trace_page_map(const mmu_trace_t *t)
{
    (void)t; /* neither form carries one */
    return NULL;
}

unsigned mmu_trace_processes(const mmu_trace_t *t)
{
    (void)t;
    return 1;
}
