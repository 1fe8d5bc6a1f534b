/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Spike's --log-commits, one line an instruction:
 *
 *     core   0: 3 0x000000000000100c (0x0182b283) x5  0x0000000080000000 mem 0x0000000000001018
 *          hart  privilege   pc       instruction   registers             loads: mem ADDRESS
 *                                                                         stores: mem ADDRESS VALUE
 *
 * A fetch is as long as the instruction, a store as its value; a load's size is decoded from the instruction. Harts
 * are processes.
 */
#include "trace/mmu_trace_format.h"

#include <inttypes.h>
#include <stdlib.h>

#define DATA_SIZE 8u /* of a load of an instruction that is not known */

typedef struct {
    uint64_t commits, executed; /* lines of --log-commits, of -l */
} spike_t;

static bool split(const char **p, const char *end, uint64_t *hart)
{
    if (!mmu_trace_literal(p, end, "core"))
        return false;
    mmu_trace_skip_space(p, end);
    return mmu_trace_decimal(p, end, hart) && mmu_trace_literal(p, end, ": ");
}

static bool is_blank(const char *text, size_t n)
{
    (void)text;
    return n == 0;
}

static bool probe(const char *bytes, size_t n)
{
    size_t length;
    uint64_t hart;
    const char *line = mmu_trace_first_line(bytes, n, is_blank, &length);

    return split(&line, line + length, &hart);
}

/* The bytes that one load of this instruction reads; 0: not known. Unprivileged ISA, chapters on I, A, F, D, Q, C
 * and V: opcodes LOAD, LOAD-FP, AMO; compressed quadrants 0 and 2. */
static uint32_t load_size(uint32_t insn, bool compressed, bool rv32)
{
    const uint32_t funct3 = compressed ? insn >> 13 & 7 : insn >> 12 & 7;

    if (compressed) {
        const uint32_t quadrant = insn & 3;

        if (quadrant == 1)
            return 0;
        if (quadrant == 0 && funct3 == 4) /* Zcb: c.lbu, c.lhu, c.lh */
            return (insn >> 10 & 7) == 0 ? 1 : 2;
        if (funct3 == 1)
            return 8;
        if (funct3 == 2)
            return 4;
        return funct3 == 3 ? (rv32 ? 4 : 8) : 0;
    }
    switch (insn & 0x7f) {
    case 0x03:
        return 1u << (funct3 & 3);
    case 0x07: {
        static const uint32_t bytes[8] = {1, 2, 4, 8, 16, 2, 4, 8}; /* 0, 5, 6, 7: elements of vectors */

        return bytes[funct3];
    }
    case 0x2f:
        return funct3 <= 4 ? 1u << funct3 : 0;
    default:
        return 0;
    }
}

/* " mem ADDRESS [VALUE]" and registers, up to the end. */
static bool parse_effects(mmu_trace_t *t, const char *p, const char *end, uint32_t load, uint16_t hart,
                          const char **expected)
{
    while (p < end) {
        uint64_t va, first;

        mmu_trace_skip_space(&p, end);
        if (!mmu_trace_literal(&p, end, "mem ")) {
            while (p < end && *p != ' ')
                p++;
            continue;
        }
        if (!mmu_trace_0x(&p, end, &va) || (p < end && *p != ' ')) {
            *expected = "an address, 0x and 1 to 16 hexadecimal digits, after 'mem'";
            return false;
        }
        mmu_trace_skip_space(&p, end);
        if (mmu_trace_literal(&p, end, "0x")) {
            first = 0;
            while (p < end && mmu_trace_digit[(uint8_t)*p] < 16) {
                p++;
                first++;
            }
            if (!mmu_trace_queue(t, MMU_ACC_STORE, va, (first + 1) / 2, hart, expected))
                return false;
        } else if (!mmu_trace_queue(t, MMU_ACC_LOAD, va,
                                    load != 0 ? load : mmu_trace_default_size(va, DATA_SIZE), hart, expected))
            return false;
    }
    return true;
}

/* Behind the privilege: " PC (INSTRUCTION) effects". */
static bool parse_commit(mmu_trace_t *t, const char *p, const char *end, uint16_t hart, const char **expected)
{
    uint64_t pc, insn;
    const char *digits;
    size_t bytes;
    bool rv32;

    *expected = "'core HART: PRIVILEGE 0xPC (0xINSTRUCTION) ...' of --log-commits";
    digits = p;
    if (!mmu_trace_0x(&p, end, &pc))
        return false;
    rv32 = p - digits == 2 + 8;
    if (!mmu_trace_literal(&p, end, " ("))
        return false;
    digits = p;
    if (!mmu_trace_0x(&p, end, &insn))
        return false;
    bytes = (size_t)(p - digits - 2 + 1) / 2;
    if (!mmu_trace_literal(&p, end, ")"))
        return false;
    return mmu_trace_queue(t, MMU_ACC_FETCH, pc, bytes, hart, expected) &&
           parse_effects(t, p, end, load_size((uint32_t)insn, bytes == 2, rv32), hart, expected);
}

static bool parse(mmu_trace_t *t, const char *text, size_t n)
{
    spike_t *s = t->state;
    const char *p = text, *end = text + n;
    const char *expected = "a line 'core HART: ...' of Spike";
    uint64_t hart;

    if (n == 0) {
        mmu_trace_count_note(t, "empty line");
        return true;
    }
    if (!split(&p, end, &hart))
        return mmu_trace_fail_record(t, text, n, expected);
    if (hart > UINT16_MAX)
        return mmu_trace_fail_record(t, text, n, "the number of a hart, 0 to 65535");
    if (end - p > 2 && *p >= '0' && *p <= '3' && p[1] == ' ') {
        s->commits++;
        return parse_commit(t, p + 2, end, (uint16_t)hart, &expected) ||
               mmu_trace_fail_record(t, text, n, expected);
    }
    if (mmu_trace_literal(&p, end, "0x")) {
        s->executed++;
        mmu_trace_count_note(t, "line of an executed instruction (-l)");
        return true;
    }
    if (mmu_trace_literal(&p, end, ">>>>")) {
        mmu_trace_count_note(t, "line of a symbol");
        return true;
    }
    mmu_trace_skip_space(&p, end);
    if (mmu_trace_literal(&p, end, "exception") || mmu_trace_literal(&p, end, "tval")) {
        mmu_trace_count_note(t, "line of an exception");
        return true;
    }
    return mmu_trace_fail_record(t, text, n, expected);
}

static bool open(mmu_trace_t *t)
{
    t->state = calloc(1, sizeof(spike_t));
    return t->state != NULL || mmu_trace_fail(t, "no memory");
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    const size_t given = mmu_trace_read_lines(t, to, room, parse);
    const spike_t *s = t->state;

    if (given == 0 && !t->failed && s->commits == 0 && s->executed > 0)
        mmu_trace_fail(t,
                       "has %" PRIu64 " lines of executed instructions (-l), expected those of --log-commits",
                       s->executed);
    return given;
}

const mmu_trace_format_t mmu_trace_format_spike = {
    .name = "spike", .what = "Spike's --log-commits", .probe = probe, .read = read, .open = open};
