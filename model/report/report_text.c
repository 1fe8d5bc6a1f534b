/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Numbers and text as people and programs read them.
 */
#include "report/report.h"

#include <string.h>

const char *mmu_report_plain(double value, unsigned decimals, char text[MMU_REPORT_NUMBER])
{
    text[0] = '\0';
    if (isfinite(value))
        snprintf(text, MMU_REPORT_NUMBER, "%.*f", (int)decimals, value);
    return text;
}

const char *mmu_report_grouped(double value, unsigned decimals, char text[MMU_REPORT_NUMBER])
{
    char plain[MMU_REPORT_NUMBER];
    const char *from = mmu_report_plain(value, decimals, plain);
    size_t digits = strcspn(from, "."), to = 0;

    if (*from == '-') {
        text[to++] = *from++;
        digits--;
    }
    for (; *from != '\0' && to < MMU_REPORT_NUMBER - 2; from++) {
        text[to++] = *from;
        if (digits > 0 && --digits > 0 && digits % 3 == 0)
            text[to++] = ',';
    }
    text[to] = '\0';
    return text;
}

void mmu_report_escape(const char *text, FILE *to)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '&':
            fputs("&amp;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        default:
            putc(*text, to);
        }
}

/* How many bytes the character at p has; 0: it is none that may stand in a page. */
static unsigned character(const unsigned char *p)
{
    uint32_t code;
    unsigned more;

    if (*p < 0x80)
        return *p >= 0x20 && *p != 0x7f ? 1 : 0;
    if (*p >= 0xc2 && *p <= 0xdf)
        more = 1;
    else if (*p >= 0xe0 && *p <= 0xef)
        more = 2;
    else if (*p >= 0xf0 && *p <= 0xf4)
        more = 3;
    else
        return 0;
    code = *p & (0x3fu >> more);
    for (unsigned n = 1; n <= more; n++) {
        if ((p[n] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[n] & 0x3fu);
    }
    /* too long a form, a surrogate, beyond Unicode, C1 controls */
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code <= 0xdfff) || code < 0xa0)
        return 0;
    return more + 1;
}

char *mmu_report_utf8(mmu_report_t *report, const char *text)
{
    const unsigned char *from = (const unsigned char *)text;
    char *copy = mmu_report_alloc(report, 3 * strlen(text) + 1), *to = copy;

    while (*from != '\0') {
        const unsigned size = character(from);

        if (size == 0) {
            memcpy(to, "\xef\xbf\xbd", 3);
            to += 3;
            from++;
        } else {
            memcpy(to, from, size);
            to += size;
            from += size;
        }
    }
    return copy;
}
