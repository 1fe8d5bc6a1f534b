/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Lockwalk's text: one access a line, `I|L|S hexaddr,size`; `P n` says whose the following accesses are.
 */
#include "trace/mmu_trace_fast.h"

static bool is_record(const char *text, size_t n)
{
    return n >= 2 && (text[0] == 'I' || text[0] == 'L' || text[0] == 'S' || text[0] == 'P') &&
           text[1] == ' ' && (n == 2 || text[2] != ' ');
}

static bool no_skip(const char *text, size_t n)
{
    (void)text;
    (void)n;
    return false;
}

static bool probe(const char *bytes, size_t n)
{
    size_t length;
    const char *line = mmu_trace_first_line(bytes, n, no_skip, &length);

    return is_record(line, length);
}

const char *mmu_trace_slow_access(mmu_trace_t *t, const char *p, const char *end, mmu_acc_e acc)
{
    const char *expected = NULL;
    uint64_t va, size;

    if (!mmu_trace_hex(&p, end, &va))
        return "an address of 1 to 16 hexadecimal digits";
    if (p == end || *p != ',')
        return "',' and a size after the address";
    p++;
    if (p == end)
        return "a size, 1 to 4096, after ','";
    if (!mmu_trace_decimal(&p, end, &size) || p != end || size == 0 || size > MMU_TRACE_MAX_SIZE)
        return "a size, 1 to 4096, and then the end of the line";
    mmu_trace_queue(t, acc, va, size, t->process, &expected);
    return expected;
}

static bool parse(mmu_trace_t *t, const char *text, size_t n)
{
    const char *p = text + 2, *end = text + n, *expected;
    uint64_t number;

    if (!is_record(text, n))
        return mmu_trace_fail_record(t, text, n,
                                     "'I addr,size', 'L addr,size' or 'S addr,size' as in the lines before");
    if (text[0] == 'P') {
        if (!mmu_trace_decimal(&p, end, &number) || p != end || number > UINT16_MAX)
            return mmu_trace_fail_record(t, text, n, "the number of a process, 0 to 65535, after 'P '");
        t->process = (uint16_t)number;
        mmu_trace_count_note(t, "line that names a process");
        return true;
    }
    expected = mmu_trace_slow_access(t, p, end,
                                     text[0] == 'I'   ? MMU_ACC_FETCH
                                     : text[0] == 'L' ? MMU_ACC_LOAD
                                                      : MMU_ACC_STORE);
    return expected == NULL || mmu_trace_fail_record(t, text, n, expected);
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    size_t given = 0, slow = 1;

    while (given < room && slow > 0) {
        const char *p = t->buffer + t->begin, *const limit = t->buffer + t->end, *next;
        const size_t before = given;

        for (; t->queue_at == t->queued && given < room && p < limit; p = next, given++) {
            uint64_t va;
            uint32_t size;
            const uint8_t acc = *p == 'I' ? MMU_ACC_FETCH : *p == 'L' ? MMU_ACC_LOAD : MMU_ACC_STORE;

            if (p[1] != ' ' || (*p != 'S' && acc == MMU_ACC_STORE))
                break;
            next = mmu_trace_fast_access(p + 2, &va, &size);
            if (next == NULL || next > limit)
                break;
            to[given] = (mmu_access_t){.va = va, .size = size, .acc = acc, .process = t->process};
        }
        t->begin = (size_t)(p - t->buffer);
        t->line += given - before;
        t->records += given - before;
        /* The end of the buffer, the room, and whatever is not so simple. */
        slow = given < room ? mmu_trace_read_lines(t, to + given, 1, parse) : 0;
        given += slow;
    }
    return given;
}

const mmu_trace_format_t mmu_trace_format_plain = {
    .name = "plain", .what = "text, one access a line: I|L|S hexaddr,size", .probe = probe, .read = read};
