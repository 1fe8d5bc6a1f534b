/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A file that a command writes is whole, or is not there: it is written as FILE.part and moved to its place at the end.
 */
#ifndef LOCKWALK_CLI_MMU_OUTPUT_H
#define LOCKWALK_CLI_MMU_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    FILE *file;
    const char *path;
    char *part; /* NULL: not moved, being standard output or no regular file */
} mmu_output_t;

/* "-" is standard output; what is there and no regular file (a pipe, /dev/null) is written as it is. False: err tells. */
bool mmu_output_open(mmu_output_t *output, const char *path, char *err, size_t n);
/* good: what was written is whole; else the file goes away. False: it is not at its place; err tells where it was to
 * be good. */
bool mmu_output_close(mmu_output_t *output, bool good, char *err, size_t n);

#endif
