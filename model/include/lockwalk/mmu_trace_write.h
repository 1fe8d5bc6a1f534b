/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Writes traces. The name decides the format:
 *
 *     NAME.lwt                              Lockwalk's compact format (traces/FORMAT.md)
 *     NAME.trc or .txt, then .zst .gz .xz   text, `I|L|S hexaddr,size`, and `P n` where the process changes
 *     -                                     the same text, to standard output
 *
 * A file is called NAME.part until it is whole.
 */
#ifndef LOCKWALK_MMU_TRACE_WRITE_H
#define LOCKWALK_MMU_TRACE_WRITE_H

#include "lockwalk/mmu_trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an .lwt file says of itself; NULL: nothing. Text has no place for it. */
typedef struct {
    const char *source;        /* what it was made from, e.g. "cc1.trc.zst, plain" */
    const char *command;       /* the command that made it */
    const mmu_page_map_t *map; /* of its pages */
} mmu_trace_about_t;

typedef struct mmu_trace_writer mmu_trace_writer_t;

/* Is it a name as above, and one of an .lwt file? */
bool mmu_trace_name_is_good(const char *path);
bool mmu_trace_name_is_lwt(const char *path);

/* NULL and a sentence in err. about may be NULL. */
mmu_trace_writer_t *mmu_trace_create(const char *path, const mmu_trace_about_t *about, char *err, size_t n);
/* Sizes are 1..4096, acc is fetch, load or store, no access reaches 2^64. False: an error, which finish tells. */
bool mmu_trace_write(mmu_trace_writer_t *writer, const mmu_access_t *access, size_t count);
uint64_t mmu_trace_written(const mmu_trace_writer_t *writer);
/* Completes the file and frees the writer. False: an error, a sentence in err, and no file. */
bool mmu_trace_finish(mmu_trace_writer_t *writer, char *err, size_t n);
/* Frees the writer; there is no file. NULL is fine. */
void mmu_trace_abandon(mmu_trace_writer_t *writer);

#ifdef __cplusplus
}
#endif
#endif
