/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Dinero's din: "label hexaddr" and the rest of the line as it likes. Labels of Dinero III: 0 read, 1 write, 2 fetch,
 * 3 unknown, 4 flush; those of Dinero IV's extended din: r, w, i, m (a read), c and v (copy back, invalidate), then a
 * size follows, hexadecimal as the address.
 */
#include "trace/mmu_trace_format.h"

#include <string.h>

#define DEFAULT_SIZE 4u /* Dinero IV's for din */

static bool is_blank(const char *text, size_t n)
{
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    return n == 0;
}

/* The label and the address: false: not there. */
static bool split(const char **p, const char *end, char *label, uint64_t *va)
{
    mmu_trace_skip_space(p, end);
    if (end - *p < 3 || memchr("01234rwimcv", **p, 11) == NULL || ((*p)[1] != ' ' && (*p)[1] != '\t'))
        return false;
    *label = *(*p)++;
    mmu_trace_skip_space(p, end);
    if (end - *p > 2 && (*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X'))
        *p += 2;
    return mmu_trace_hex(p, end, va) && (*p == end || **p == ' ' || **p == '\t');
}

static bool probe(const char *bytes, size_t n)
{
    size_t length;
    const char *line = mmu_trace_first_line(bytes, n, is_blank, &length);
    char label;
    uint64_t va;

    return split(&line, line + length, &label, &va);
}

static bool parse(mmu_trace_t *t, const char *text, size_t n)
{
    const char *p = text, *end = text + n, *expected = NULL;
    uint64_t va, size;
    bool told;
    char label;

    if (is_blank(text, n)) {
        mmu_trace_count_note(t, "empty line");
        return true;
    }
    if (!split(&p, end, &label, &va))
        return mmu_trace_fail_record(
            t, text, n, "a label (0 to 4, or r, w, i, m, c, v), a space and a hexadecimal address");
    mmu_trace_skip_space(&p, end);
    if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        p += 2;
    /* After a digit a size is one only when it stands alone: Dinero III has comments there. */
    told = mmu_trace_hex(&p, end, &size) && (is_blank(p, (size_t)(end - p)) || label >= 'a');
    if (!told && label >= 'a')
        return mmu_trace_fail_record(t, text, n, "a hexadecimal size after the address");
    if (label == '3' || label == '4' || label == 'c' || label == 'v') {
        mmu_trace_count_note(t, label == '3' ? "escape record" : "flush, copy back or invalidate");
        return true;
    }
    if (!told)
        size = mmu_trace_default_size(va, DEFAULT_SIZE);
    if (mmu_trace_queue(t,
                        label == '2' || label == 'i'   ? MMU_ACC_FETCH
                        : label == '1' || label == 'w' ? MMU_ACC_STORE
                                                       : MMU_ACC_LOAD,
                        va, size, 0, &expected))
        return true;
    return mmu_trace_fail_record(t, text, n, expected);
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    return mmu_trace_read_lines(t, to, room, parse);
}

const mmu_trace_format_t mmu_trace_format_din = {
    .name = "din", .what = "Dinero III and IV: label hexaddr [size]", .probe = probe, .read = read};
