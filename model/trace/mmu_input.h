/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A file as a stream of bytes, decompressed on the way where its first bytes say zstd, gzip or xz. Compressed files
 * one after the other are one.
 */
#ifndef LOCKWALK_TRACE_MMU_INPUT_H
#define LOCKWALK_TRACE_MMU_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mmu_input mmu_input_t;

/* "-" is standard input. NULL and a sentence in err when it cannot be opened. */
mmu_input_t *mmu_input_open(const char *path, char *err, size_t n);
void mmu_input_close(mmu_input_t *input);

/* Up to n > 0 bytes into to: how many; 0 at the end; -1 on an error, which mmu_input_error tells. */
long mmu_input_read(mmu_input_t *input, char *to, size_t n);

/* The size of the file, when it is one that mmu_input_seek works on: not compressed, and no pipe. */
bool mmu_input_size(const mmu_input_t *input, uint64_t *size);
/* The next byte to be read; offset is not above the size. False: an error, which mmu_input_error tells. */
bool mmu_input_seek(mmu_input_t *input, uint64_t offset);

/* What is wrong with the bytes, without the file's name, e.g. "the zstd data is cut short". */
const char *mmu_input_error(const mmu_input_t *input);

/* "none", "zstd", "gzip" or "xz". */
const char *mmu_input_compression(const mmu_input_t *input);

#endif
