/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A file that a command writes is whole, or is not there: it is written as FILE.part and moved to its place at the end.
 */
#ifndef LOCKWALK_FILE_MMU_WHOLE_FILE_H
#define LOCKWALK_FILE_MMU_WHOLE_FILE_H

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    FILE *file; /* to be written */
    const char *path;
    char *part; /* NULL: not moved, being standard output or no regular file */
} mmu_whole_file_t;

/* "-" is standard output; what is there and no regular file (a pipe, /dev/null) is written where it is. The path is
 * not copied. False: a sentence in err. */
bool mmu_whole_file_open(mmu_whole_file_t *whole, const char *path, char *err, size_t n);
/* keep: what was written is all of it; else the file goes away, and what was at its place stays. False: it is not at
 * its place; with keep, a sentence in err tells why. */
bool mmu_whole_file_close(mmu_whole_file_t *whole, bool keep, char *err, size_t n);

#endif
