/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A file that is written, compressed on the way, as NAME.part until it is whole.
 */
#ifndef LOCKWALK_TRACE_MMU_OUTPUT_H
#define LOCKWALK_TRACE_MMU_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    MMU_OUTPUT_PLAIN = 0,
    MMU_OUTPUT_ZSTD = 1,
    MMU_OUTPUT_GZIP = 2,
    MMU_OUTPUT_XZ = 3
} mmu_output_e;

typedef struct mmu_output mmu_output_t;

/* "-" is standard output. NULL and a sentence in err. */
mmu_output_t *mmu_output_open(const char *path, mmu_output_e how, char *err, size_t n);
/* False: an error, which the close tells. */
bool mmu_output_write(mmu_output_t *output, const void *bytes, size_t n);
/* With keep, the file gets its name; else, or on an error (false, and a sentence), nothing stays. */
bool mmu_output_close(mmu_output_t *output, bool keep, char *err, size_t n);

#endif
