/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of traces share: the buffer, lines, numbers, the queue, messages.
 */
#include "trace/mmu_trace_format.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages ------------------------------------------------------------------------------- */

bool mmu_trace_fail(mmu_trace_t *t, const char *problem, ...)
{
    va_list list;
    int n = snprintf(t->error, sizeof t->error, "%s: ", t->path);

    t->failed = true;
    if (n < 0 || (size_t)n >= sizeof t->error)
        return false;
    va_start(list, problem);
    vsnprintf(t->error + n, sizeof t->error - (size_t)n, problem, list);
    va_end(list);
    return false;
}

bool mmu_trace_fail_input(mmu_trace_t *t)
{
    const char *ending = t->records == 1 ? " was" : "s were";

    if (t->format != NULL && t->format->binary)
        return mmu_trace_fail(t, "%s; %" PRIu64 " record%s whole", mmu_input_error(t->input), t->records,
                              ending);
    return mmu_trace_fail(t, "%s after line %" PRIu64 "; %" PRIu64 " record%s before it %s whole",
                          mmu_input_error(t->input), t->line, t->records, t->records == 1 ? "" : "s",
                          t->records == 1 ? "was" : "were");
}

bool mmu_trace_fail_record(mmu_trace_t *t, const char *text, size_t n, const char *expected)
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
    return false;
}

bool mmu_trace_fail_past_end(mmu_trace_t *t, uint64_t to, uint64_t count)
{
    return mmu_trace_fail(t, "there is no access %" PRIu64 ": the trace has %" PRIu64, to, count);
}

/* ---- lines ---------------------------------------------------------------------------------- */

int mmu_trace_more(mmu_trace_t *t)
{
    const size_t have = t->end - t->begin;
    long got;

    if (t->no_more)
        return 0;
    if (t->begin > 0) {
        memmove(t->buffer, t->buffer + t->begin, have);
        t->consumed += t->begin;
        t->begin = 0;
        t->end = have;
        t->buffer[have] = '\n';
    }
    if (have == MMU_TRACE_BUFFER)
        return 0;
    got = mmu_input_read(t->input, t->buffer + have, MMU_TRACE_BUFFER - have);
    if (got < 0)
        return -1;
    t->no_more = got == 0;
    t->end += (size_t)got;
    t->buffer[t->end] = '\n';
    return got > 0;
}

bool mmu_trace_fill(mmu_trace_t *t)
{
    const int more = t->failed ? 0 : mmu_trace_more(t);

    return more < 0 ? mmu_trace_fail_input(t) : more > 0;
}

static int line_is(mmu_trace_t *t, const char *start, size_t length, const char **text, size_t *n)
{
    t->line++;
    if (length > 0 && start[length - 1] == '\r')
        length--;
    *text = start;
    *n = length;
    return 1;
}

int mmu_trace_next_line(mmu_trace_t *t, const char **text, size_t *n)
{
    size_t seen = 0; /* bytes that hold no line end */

    for (;;) {
        const char *start = t->buffer + t->begin;
        const char *nl = memchr(start + seen, '\n', t->end - t->begin - seen);

        if (nl != NULL) {
            t->begin += (size_t)(nl - start) + 1;
            return line_is(t, start, (size_t)(nl - start), text, n);
        }
        seen = t->end - t->begin;
        if (seen == MMU_TRACE_BUFFER) {
            t->line++;
            mmu_trace_fail_record(t, t->buffer, seen, "a line of less than 128 KiB");
            return -1;
        }
        if (mmu_trace_fill(t))
            continue;
        if (t->failed)
            return -1;
        if (seen == 0)
            return 0;
        start = t->buffer + t->begin;
        t->begin = t->end;
        mmu_trace_count_note(t, "last line without a line end");
        return line_is(t, start, seen, text, n);
    }
}

size_t mmu_trace_read_lines(mmu_trace_t *t, mmu_access_t *to, size_t room,
                            bool (*parse)(mmu_trace_t *trace, const char *text, size_t n))
{
    size_t given = 0, n = 0;
    const char *text = NULL;

    while (given < room) {
        if (t->queue_at < t->queued) {
            to[given++] = t->queue[t->queue_at++];
            continue;
        }
        t->queue_at = t->queued = 0;
        if (t->failed || mmu_trace_next_line(t, &text, &n) <= 0)
            break;
        if (!parse(t, text, n)) {
            t->queued = 0; /* of a bad record nothing is given */
            break;
        }
        t->records += t->queued > 0;
    }
    return given;
}

/* ---- what is given -------------------------------------------------------------------------- */

bool mmu_trace_queue(mmu_trace_t *t, mmu_acc_e acc, uint64_t va, uint64_t size, uint16_t process,
                     const char **expected)
{
    if (size == 0 || size > MMU_TRACE_MAX_SIZE) {
        *expected = "a size of 1 to 4096 bytes";
        return false;
    }
    if (va + size - 1 < va) {
        *expected = "an access that ends below 2^64";
        return false;
    }
    if (t->queued == t->queue_room) {
        const size_t room = t->queue_room == 0 ? 64 : 2 * t->queue_room;
        mmu_access_t *bigger = realloc(t->queue, room * sizeof bigger[0]);

        if (bigger == NULL) {
            *expected = "more memory";
            return false;
        }
        t->queue = bigger;
        t->queue_room = room;
    }
    t->queue[t->queued++] =
        (mmu_access_t){.va = va, .size = (uint32_t)size, .acc = (uint8_t)acc, .process = process};
    if (process >= t->processes)
        t->processes = process + 1u;
    return true;
}

void mmu_trace_count_note(mmu_trace_t *t, const char *what)
{
    for (unsigned k = 0; k < MMU_TRACE_NOTES; k++) {
        if (t->note[k].what == NULL)
            t->note[k].what = what;
        if (t->note[k].what == what || strcmp(t->note[k].what, what) == 0 || k == MMU_TRACE_NOTES - 1) {
            t->note[k].count++;
            return;
        }
    }
}

uint32_t mmu_trace_default_size(uint64_t va, uint32_t most)
{
    const uint64_t both = va | most;

    return (uint32_t)(both & (~both + 1));
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* clang-format off */
#define NO1 0xff
#define NO2 NO1, NO1
#define NO4 NO2, NO2
#define NO8 NO4, NO4
#define NO16 NO8, NO8
#define NO32 NO16, NO16
#define NO64 NO32, NO32
const uint8_t mmu_trace_digit[256] = {
    NO32, NO16,                                     /* up to '/' */
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, NO4, NO2, NO1,    /* '0' to '@' */
    10, 11, 12, 13, 14, 15, NO16, NO8, NO2,         /* 'A' to '`' */
    10, 11, 12, 13, 14, 15, NO16, NO8, NO1,         /* 'a' to DEL */
    NO64, NO64};
/* clang-format on */

bool mmu_trace_hex(const char **p, const char *end, uint64_t *value)
{
    const char *q = *p;
    uint64_t v = 0;

    while (q < end && mmu_trace_digit[(uint8_t)*q] < 16)
        v = v << 4 | mmu_trace_digit[(uint8_t)*q++];
    *value = v;
    if (q == *p || q - *p > 16)
        return false;
    *p = q;
    return true;
}

bool mmu_trace_0x(const char **p, const char *end, uint64_t *value)
{
    const char *q = *p;

    if (!mmu_trace_literal(&q, end, "0x") || !mmu_trace_hex(&q, end, value))
        return false;
    *p = q;
    return true;
}

bool mmu_trace_decimal(const char **p, const char *end, uint64_t *value)
{
    const char *q = *p;
    uint64_t v = 0;

    for (; q < end && mmu_trace_digit[(uint8_t)*q] < 10; q++) {
        if (v > UINT64_MAX / 20)
            return false;
        v = v * 10 + mmu_trace_digit[(uint8_t)*q];
    }
    if (q == *p)
        return false;
    *p = q;
    *value = v;
    return true;
}

void mmu_trace_skip_space(const char **p, const char *end)
{
    while (*p < end && (**p == ' ' || **p == '\t'))
        (*p)++;
}

bool mmu_trace_literal(const char **p, const char *end, const char *text)
{
    const size_t n = strlen(text);

    if ((size_t)(end - *p) < n || memcmp(*p, text, n) != 0)
        return false;
    *p += n;
    return true;
}

const char *mmu_trace_first_line(const char *bytes, size_t n, bool (*skip)(const char *text, size_t n),
                                 size_t *length)
{
    const char *end = bytes + n;

    while (bytes < end) {
        const char *nl = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = nl != NULL ? nl : end;

        *length = (size_t)(stop - bytes);
        if (*length > 0 && stop[-1] == '\r')
            --*length;
        if (!skip(bytes, *length))
            return bytes;
        bytes = nl != NULL ? nl + 1 : end;
    }
    *length = 0;
    return end;
}
