/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The output of valgrind --tool=lackey --trace-mem=yes, untouched. A modify is a load and a store.
 */
#include "trace/mmu_trace_fast.h"

/* Valgrind's own lines: ==123== its messages, --123-- its chatter, **123** what the client printed through it. */
static bool is_comment(const char *text, size_t n)
{
    return n >= 2 && text[0] == text[1] && (text[0] == '=' || text[0] == '-' || text[0] == '*');
}

static bool is_record(const char *text, size_t n)
{
    if (n < 3 || text[2] != ' ')
        return false;
    if (text[0] == 'I')
        return text[1] == ' ';
    return text[0] == ' ' && (text[1] == 'L' || text[1] == 'S' || text[1] == 'M');
}

static bool probe(const char *bytes, size_t n)
{
    size_t length;
    const char *line = mmu_trace_first_line(bytes, n, is_comment, &length);

    /* Nothing but comments so far: Valgrind begins with "==123== ". */
    return length == 0 ? is_comment(bytes, n) && mmu_trace_digit[(uint8_t)bytes[2]] < 10
                       : is_record(line, length);
}

static bool parse(mmu_trace_t *t, const char *text, size_t n)
{
    const char *p = text + 3, *end = text + n, *expected;

    if (is_comment(text, n)) {
        mmu_trace_count_note(t, "line of Valgrind's own");
        return true;
    }
    if (!is_record(text, n))
        return mmu_trace_fail_record(
            t, text, n,
            "'I  addr,size', ' L addr,size', ' S addr,size' or ' M addr,size' as in the lines before");
    expected = mmu_trace_slow_access(t, p, end,
                                     text[0] == 'I'   ? MMU_ACC_FETCH
                                     : text[1] == 'S' ? MMU_ACC_STORE
                                                      : MMU_ACC_LOAD);
    if (expected == NULL && text[1] == 'M') {
        expected = mmu_trace_slow_access(t, p, end, MMU_ACC_STORE);
        if (expected == NULL)
            t->queue[t->queued - 2].modify = t->queue[t->queued - 1].modify = true;
    }
    return expected == NULL || mmu_trace_fail_record(t, text, n, expected);
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    size_t given = 0, slow = 1;

    while (given < room && slow > 0) {
        const char *p = t->buffer + t->begin, *const limit = t->buffer + t->end, *next;
        uint64_t lines = 0;

        for (; t->queue_at == t->queued && given + 1 < room && p < limit; p = next, lines++) {
            const bool fetch = p[0] == 'I' && p[1] == ' ', modify = p[0] == ' ' && p[1] == 'M';
            mmu_access_t access = {.modify = modify};

            if (!fetch && !modify && (p[0] != ' ' || (p[1] != 'L' && p[1] != 'S')))
                break;
            if (p[2] != ' ')
                break;
            access.acc = fetch ? MMU_ACC_FETCH : p[1] == 'S' ? MMU_ACC_STORE : MMU_ACC_LOAD;
            next = mmu_trace_fast_access(p + 3, &access.va, &access.size);
            if (next == NULL || next > limit)
                break;
            to[given++] = access;
            if (modify) {
                access.acc = MMU_ACC_STORE;
                to[given++] = access;
            }
        }
        t->begin = (size_t)(p - t->buffer);
        t->line += lines;
        t->records += lines;
        /* The end of the buffer, the last access of the room, and whatever is not so simple. */
        slow = given < room ? mmu_trace_read_lines(t, to + given, 1, parse) : 0;
        given += slow;
    }
    return given;
}

const mmu_trace_format_t mmu_trace_format_lackey = {.name = "lackey",
                                                    .what =
                                                        "valgrind --tool=lackey --trace-mem=yes, untouched",
                                                    .probe = probe,
                                                    .read = read};
