/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * ChampSim's records, 64 bytes an instruction, little endian:
 *
 *     0   8  instruction pointer
 *     8   1  is it a branch? 0 or 1          9  1  was it taken? 0 or 1
 *     10  2  registers written               12  4  registers read
 *     16  2 x 8  addresses written, 0: none
 *     32  4 x 8  addresses read, 0: none
 *
 * A record is a fetch, its loads, then its stores. Sizes are not told.
 */
#include "trace/mmu_trace_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECORD 64u
#define FETCH_SIZE 4u
#define DATA_SIZE 8u

static uint64_t word(const char *bytes)
{
    uint64_t value = 0;

    for (unsigned n = 8; n-- > 0;)
        value = value << 8 | (uint8_t)bytes[n];
    return value;
}

/* Text has no byte of 0 or 1; other binary files hardly in these places of 16 records. */
static bool probe(const char *bytes, size_t n)
{
    if (n < RECORD)
        return false;
    for (unsigned k = 0; k < 16 && n >= RECORD; k++, bytes += RECORD, n -= RECORD)
        if ((uint8_t)bytes[8] > 1 || (uint8_t)bytes[9] > 1 || word(bytes) == 0)
            return false;
    return true;
}

static bool give(mmu_trace_t *t, mmu_acc_e acc, uint64_t va, uint32_t size)
{
    const char *expected;

    return mmu_trace_queue(t, acc, va, mmu_trace_default_size(va, size), 0, &expected) ||
           mmu_trace_fail(t, "record %" PRIu64 ": expected %s", t->line, expected);
}

static bool parse(mmu_trace_t *t, const char *bytes)
{
    t->line++;
    for (unsigned n = 8; n <= 9; n++)
        if ((uint8_t)bytes[n] > 1)
            return mmu_trace_fail(
                t, "byte %" PRIu64 ": found %u, expected 0 or 1 (%s) in record %" PRIu64 " of 64 bytes",
                (t->line - 1) * RECORD + n, (uint8_t)bytes[n], n == 8 ? "is it a branch?" : "was it taken?",
                t->line);
    if (!give(t, MMU_ACC_FETCH, word(bytes), FETCH_SIZE))
        return false;
    for (unsigned n = 0; n < 4; n++)
        if (word(bytes + 32 + 8 * n) != 0 && !give(t, MMU_ACC_LOAD, word(bytes + 32 + 8 * n), DATA_SIZE))
            return false;
    for (unsigned n = 0; n < 2; n++)
        if (word(bytes + 16 + 8 * n) != 0 && !give(t, MMU_ACC_STORE, word(bytes + 16 + 8 * n), DATA_SIZE))
            return false;
    t->records++;
    return true;
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    size_t given = 0;

    while (given < room) {
        const size_t have = t->end - t->begin;

        if (t->queue_at < t->queued) {
            to[given++] = t->queue[t->queue_at++];
            continue;
        }
        t->queue_at = t->queued = 0;
        if (t->failed)
            break;
        if (have < RECORD) {
            if (mmu_trace_fill(t))
                continue;
            if (!t->failed && have > 0)
                mmu_trace_fail(t,
                               "byte %" PRIu64
                               ": found %zu bytes, expected a record of 64: the file is cut short; "
                               "%" PRIu64 " record%s whole",
                               t->records * RECORD, have, t->records, t->records == 1 ? " was" : "s were");
            break;
        }
        if (!parse(t, t->buffer + t->begin)) {
            t->queued = 0;
            break;
        }
        t->begin += RECORD;
    }
    return given;
}

const mmu_trace_format_t mmu_trace_format_champsim = {.name = "champsim",
                                                      .what = "ChampSim's records of 64 bytes",
                                                      .probe = probe,
                                                      .read = read,
                                                      .binary = true};
