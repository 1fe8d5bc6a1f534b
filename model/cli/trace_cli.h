/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The actions of `lockwalk trace`, one file each or a few, and what they share.
 */
#ifndef LOCKWALK_CLI_TRACE_CLI_H
#define LOCKWALK_CLI_TRACE_CLI_H

#include "lockwalk/mmu_trace_write.h"

#include <stdbool.h>
#include <stdint.h>

/* argv[0] is "lockwalk trace ACTION". They return the exit status. */
int mmu_trace_info(int argc, char **argv);
int mmu_trace_convert(int argc, char **argv);
int mmu_trace_cut(int argc, char **argv);
int mmu_trace_merge(int argc, char **argv);
int mmu_trace_generate(int argc, char **argv);

/* A decimal number up to `most` ("_" and "," between digits are fine); false: it is none. */
bool mmu_trace_cli_number(const char *text, uint64_t most, uint64_t *value);

/* The list of formats, for --help; static storage. */
const char *mmu_trace_cli_formats(void);

/* ---- one output (trace_output.c) ---------------------------------------------------------------- */

typedef struct {
    mmu_trace_writer_t *writer;
    const char *path;
    bool terminal; /* progress is shown */
    uint64_t shown;
} mmu_trace_cli_output_t;

/* The words of a command, as a shell takes them; the caller frees it. NULL: no memory. */
char *mmu_trace_cli_command(int argc, char **argv);
/* False: a sentence was printed. */
bool mmu_trace_cli_create(mmu_trace_cli_output_t *out, const char *path, const mmu_trace_about_t *about);
bool mmu_trace_cli_write(mmu_trace_cli_output_t *out, const mmu_access_t *access, size_t n);
/* Keeps the file, or (keep false) not. False: it was to be kept and could not; a sentence was printed. */
bool mmu_trace_cli_close(mmu_trace_cli_output_t *out, bool keep);

#endif
