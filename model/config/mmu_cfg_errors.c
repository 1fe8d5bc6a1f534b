/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A list of errors in a fixed buffer.
 */
#include "config/mmu_cfg_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TAIL = 64 }; /* kept free for the line that counts what did not fit */

void mmu_cfg_errors_add(mmu_cfg_errors_t *errors, const char *format, ...)
{
    char line[1024];
    size_t used;
    va_list args;

    if (errors == NULL)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);

    errors->count++;
    used = strlen(errors->text);
    if (used + strlen(line) + 1 + TAIL < sizeof errors->text) {
        snprintf(errors->text + used, sizeof errors->text - used, "%s\n", line);
        return;
    }
    /* The first line that does not fit closes the list; from then on only its number grows. */
    for (unsigned lines = 0, i = 0; errors->text[i] != '\0'; i++) {
        lines += errors->text[i] == '\n';
        if (strncmp(errors->text + i, "\nand ", 5) == 0) {
            snprintf(errors->text + i + 1, sizeof errors->text - i - 1, "and %u more errors\n",
                     errors->count - lines);
            return;
        }
    }
    snprintf(errors->text + used, sizeof errors->text - used, "and 1 more error\n");
}
