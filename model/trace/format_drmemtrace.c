/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The text of DynamoRIO's `view` tool (drrun -t drmemtrace -tool view):
 *
 *     Output format:
 *     <--record#-> <--instr#->: <---tid---> <record details>
 *     ------------------------------------------------------------
 *                7           0:      296231 <marker: tid 296231 on core 10>
 *                8           1:      296231 ifetch       4 byte(s) @ 0x0000000000401028 48 83 eb 01  sub ...
 *                9           1:      296231 read         8 byte(s) @ 0x00007ffc1a2b3c40 by PC 0x0000000000401028
 *
 * Threads share their process's addresses: all are process 0, and changes of the thread are noted.
 */
#include "trace/mmu_trace_format.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint64_t thread;
    bool known;
} drmemtrace_t;

static bool only(const char *p, const char *end, char c)
{
    while (p < end && *p == c)
        p++;
    return p == end;
}

/* "RECORD INSTRUCTION: THREAD " */
static bool split(const char **p, const char *end, uint64_t *thread)
{
    uint64_t number;

    mmu_trace_skip_space(p, end);
    if (!mmu_trace_decimal(p, end, &number))
        return false;
    mmu_trace_skip_space(p, end);
    if (!mmu_trace_decimal(p, end, &number) || !mmu_trace_literal(p, end, ":"))
        return false;
    mmu_trace_skip_space(p, end);
    return mmu_trace_decimal(p, end, thread) && mmu_trace_literal(p, end, " ");
}

static bool is_blank(const char *text, size_t n)
{
    return only(text, text + n, ' ') || only(text, text + n, '-');
}

static bool probe(const char *bytes, size_t n)
{
    size_t length;
    uint64_t thread;
    const char *line = mmu_trace_first_line(bytes, n, is_blank, &length), *end = line + length;

    return mmu_trace_literal(&line, end, "Output format:") || split(&line, end, &thread);
}

/* What stands around the records. */
static const char *around(const char *text, const char *end)
{
    const char *p = text;
    uint64_t number;

    if (only(p, end, ' '))
        return "empty line";
    if (only(p, end, '-') || only(p, end, '='))
        return "dividing line";
    if (mmu_trace_literal(&p, end, "Output format:") || mmu_trace_literal(&p, end, "<--record#->"))
        return "heading";
    if (mmu_trace_literal(&p, end, "View tool results:"))
        return "result";
    mmu_trace_skip_space(&p, end);
    if (mmu_trace_decimal(&p, end, &number) && mmu_trace_literal(&p, end, " : total "))
        return "result";
    return NULL;
}

/* The bytes of a long instruction that go on in the next line. */
static bool more_bytes(const char *p, const char *end)
{
    mmu_trace_skip_space(&p, end);
    while (end - p >= 2 && mmu_trace_digit[(uint8_t)p[0]] < 16 && mmu_trace_digit[(uint8_t)p[1]] < 16) {
        p += 2;
        mmu_trace_skip_space(&p, end);
    }
    return p == end;
}

static bool parse_record(mmu_trace_t *t, const char *p, const char *end, const char **expected)
{
    mmu_acc_e acc = MMU_ACC_FETCH;
    uint64_t size, va;

    *expected = "ifetch, read, write, a prefetch, a flush or <...> after the thread";
    if (p < end && *p == '<') {
        mmu_trace_count_note(t, "marker or thread's exit");
        return true;
    }
    if (mmu_trace_literal(&p, end, "pref") || mmu_trace_literal(&p, end, "iflush ") ||
        mmu_trace_literal(&p, end, "dflush ")) {
        mmu_trace_count_note(t, "prefetch or flush");
        return true;
    }
    if (mmu_trace_literal(&p, end, "read "))
        acc = MMU_ACC_LOAD;
    else if (mmu_trace_literal(&p, end, "write "))
        acc = MMU_ACC_STORE;
    else if (!mmu_trace_literal(&p, end, "ifetch ")) {
        if (!more_bytes(p, end))
            return false;
        mmu_trace_count_note(t, "line with further bytes of an instruction");
        return true;
    }
    *expected = "'SIZE byte(s) @ 0xADDRESS' after the kind";
    mmu_trace_skip_space(&p, end);
    return mmu_trace_decimal(&p, end, &size) && mmu_trace_literal(&p, end, " byte(s) @ ") &&
           mmu_trace_0x(&p, end, &va) && (p == end || *p == ' ') &&
           mmu_trace_queue(t, acc, va, size, 0, expected);
}

static bool parse(mmu_trace_t *t, const char *text, size_t n)
{
    drmemtrace_t *s = t->state;
    const char *p = text, *end = text + n, *expected;
    const char *what = around(text, end);
    uint64_t thread;

    if (what != NULL) {
        mmu_trace_count_note(t, what);
        return true;
    }
    if (!split(&p, end, &thread))
        return mmu_trace_fail_record(t, text, n, "'RECORD INSTRUCTION: THREAD ...' of DynamoRIO's view tool");
    if (s->known && s->thread != thread)
        mmu_trace_count_note(t, "change to another thread");
    s->thread = thread;
    s->known = true;
    return parse_record(t, p, end, &expected) || mmu_trace_fail_record(t, text, n, expected);
}

static bool open(mmu_trace_t *t)
{
    t->state = calloc(1, sizeof(drmemtrace_t));
    return t->state != NULL || mmu_trace_fail(t, "no memory");
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    return mmu_trace_read_lines(t, to, room, parse);
}

const mmu_trace_format_t mmu_trace_format_drmemtrace = {.name = "drmemtrace",
                                                        .what = "the text of DynamoRIO's view tool",
                                                        .probe = probe,
                                                        .read = read,
                                                        .open = open};
