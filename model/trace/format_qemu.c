/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What QEMU's execlog plugin writes (-plugin libexeclog.so -d plugin -D FILE), one line an instruction:
 *
 *     0, 0x10c8, 0xfff96c43, "ldr r3, [r0, #0x44]", load, 0x200000e4, RAM
 *     vCPU, pc, opcode, "disassembly", then load|store, address and, in system emulation, a device; changed registers
 *
 * Sizes are not told. In system emulation the addresses of data are physical. vCPUs are processes.
 */
#include "trace/mmu_trace_format.h"

#include <string.h>

#define FETCH_SIZE 4u
#define DATA_SIZE 8u

/* "vCPU, 0xPC, 0xOPCODE, "" and nothing behind it. */
static bool split(const char **p, const char *end, uint64_t *cpu, uint64_t *pc)
{
    uint64_t opcode;

    return mmu_trace_decimal(p, end, cpu) && mmu_trace_literal(p, end, ", ") && mmu_trace_0x(p, end, pc) &&
           mmu_trace_literal(p, end, ", ") && mmu_trace_0x(p, end, &opcode) &&
           mmu_trace_literal(p, end, ", \"");
}

static bool is_blank(const char *text, size_t n)
{
    (void)text;
    return n == 0;
}

static bool probe(const char *bytes, size_t n)
{
    size_t length;
    uint64_t cpu, pc;
    const char *line = mmu_trace_first_line(bytes, n, is_blank, &length);

    return split(&line, line + length, &cpu, &pc);
}

/* The next ", " or the end. */
static const char *field_end(const char *p, const char *end)
{
    const char *comma = memmem(p, (size_t)(end - p), ", ", 2);

    return comma != NULL ? comma : end;
}

static bool is_register(const char *p, const char *end)
{
    return memmem(p, (size_t)(end - p), " -> ", 4) != NULL;
}

/* ", load, 0xADDRESS[, DEVICE]", ", store, ..." and ", REGISTER -> VALUE". */
static bool parse_effects(mmu_trace_t *t, const char *p, const char *end, uint16_t cpu, const char **expected)
{
    while (mmu_trace_literal(&p, end, ", ")) {
        const char *stop = field_end(p, end);
        mmu_acc_e acc = MMU_ACC_LOAD;
        uint64_t va;

        if (is_register(p, stop)) {
            p = stop;
            continue;
        }
        if (mmu_trace_literal(&p, end, "store, "))
            acc = MMU_ACC_STORE;
        else if (!mmu_trace_literal(&p, end, "load, ")) {
            *expected = "'load, 0xADDRESS', 'store, 0xADDRESS' or 'REGISTER -> VALUE' after the disassembly";
            return false;
        }
        if (!mmu_trace_0x(&p, end, &va)) {
            *expected = "an address, 0x and 1 to 16 hexadecimal digits, after 'load, ' or 'store, '";
            return false;
        }
        if (!mmu_trace_queue(t, acc, va, mmu_trace_default_size(va, DATA_SIZE), cpu, expected))
            return false;
        if (end - p > 2 && memcmp(p, ", ", 2) == 0) {
            const char *device = p + 2;

            stop = field_end(device, end);
            if (!is_register(device, stop) && !(stop - device == 4 && memcmp(device, "load", 4) == 0) &&
                !(stop - device == 5 && memcmp(device, "store", 5) == 0)) {
                mmu_trace_count_note(t, "data access with a physical address (system emulation)");
                p = stop;
            }
        }
    }
    if (p != end)
        *expected = "', load, 0xADDRESS', ', store, 0xADDRESS' or the end of the line after the disassembly";
    return p == end;
}

static bool parse(mmu_trace_t *t, const char *text, size_t n)
{
    const char *p = text, *end = text + n, *quote, *expected = NULL;
    uint64_t cpu, pc;

    if (n == 0) {
        mmu_trace_count_note(t, "empty line (a vCPU that did nothing)");
        return true;
    }
    if (!split(&p, end, &cpu, &pc) || (quote = memrchr(p, '"', (size_t)(end - p))) == NULL)
        return mmu_trace_fail_record(t, text, n,
                                     "'VCPU, 0xPC, 0xOPCODE, \"DISASSEMBLY\"[, load|store, 0xADDRESS]'");
    if (cpu > UINT16_MAX)
        return mmu_trace_fail_record(t, text, n, "the number of a vCPU, 0 to 65535");
    if (mmu_trace_queue(t, MMU_ACC_FETCH, pc, mmu_trace_default_size(pc, FETCH_SIZE), (uint16_t)cpu,
                        &expected) &&
        parse_effects(t, quote + 1, end, (uint16_t)cpu, &expected))
        return true;
    return mmu_trace_fail_record(t, text, n, expected);
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    return mmu_trace_read_lines(t, to, room, parse);
}

const mmu_trace_format_t mmu_trace_format_qemu = {
    .name = "qemu", .what = "QEMU's execlog plugin", .probe = probe, .read = read};
