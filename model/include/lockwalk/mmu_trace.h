/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Reads traces of memory accesses as a stream. Two forms, chosen by the first record:
 *
 *     lackey's output, untouched            one access a line
 *     ==123== Lackey, an example ...
 *     I  0401ab70,3                         I 401ab70,3
 *      S 1fff000608,8                       S 1fff000608,8
 *      M 0401ab70,8                         L 401ab70,8
 *                                           S 401ab70,8
 *
 * plain, zstd or gzip, told by the first bytes. A modify (M) is read as a load and a store.
 */
#ifndef LOCKWALK_MMU_TRACE_H
#define LOCKWALK_MMU_TRACE_H

#include "lockwalk/mmu_page_map.h"
#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint64_t va;
    uint32_t size;    /* bytes, 1..4096 */
    uint8_t acc;      /* mmu_acc_e */
    bool modify;      /* half of an M record */
    uint16_t process; /* whose access; 0 where the trace does not tell */
} mmu_access_t;

typedef struct mmu_trace mmu_trace_t;

/* "-" is standard input. NULL and a sentence in err when the file cannot be opened. */
mmu_trace_t *mmu_trace_open(const char *path, char *err, size_t n);
void mmu_trace_close(mmu_trace_t *trace);

/* The next accesses, at most room > 0 of them, into to: how many. 0: the end of the trace, or an error, which
 * mmu_trace_failed and mmu_trace_error tell; accesses before an error have been given by then. Accesses are those
 * of the file: an M record is two, and one that crosses a page is not split. */
size_t mmu_trace_read(mmu_trace_t *trace, mmu_access_t *to, size_t room);
bool mmu_trace_failed(const mmu_trace_t *trace);

/* The next access: 1; the end of the trace: 0; an error: -1, then mmu_trace_error tells it. */
int mmu_trace_next(mmu_trace_t *trace, mmu_access_t *access);

/* As mmu_trace_next, but an access that crosses a 4 KiB page comes as one access a page, lower page first. */
int mmu_trace_next_page(mmu_trace_t *trace, mmu_access_t *access, bool *last_piece);

/* A sentence with file, line, what was found and what was expected. */
const char *mmu_trace_error(const mmu_trace_t *trace);

/* The line of the access that was read last, from 1; accesses read so far (an M is two). */
uint64_t mmu_trace_line(const mmu_trace_t *trace);
uint64_t mmu_trace_count(const mmu_trace_t *trace);

/* The page map that the file carries; NULL: none. It lives as long as the trace. */
const mmu_page_map_t *mmu_trace_page_map(const mmu_trace_t *trace);
/* Processes of the trace: numbers of accesses are below it. 1 where the file does not tell. */
unsigned mmu_trace_processes(const mmu_trace_t *trace);

/* "lackey" or "plain" form, and "none", "zstd" or "gzip" compression; good after the first access. */
const char *mmu_trace_form(const mmu_trace_t *trace);
const char *mmu_trace_compression(const mmu_trace_t *trace);

/* ---- what a trace holds (model/trace/mmu_trace_info.c) --------------------------------------- */

typedef struct {
    uint64_t accesses;        /* records, an M as two */
    uint64_t kinds[3];        /* of them, by mmu_acc_e */
    uint64_t modifies;        /* M records */
    uint64_t crossing;        /* accesses that cross a 4 KiB page */
    uint64_t pages_4k;        /* distinct */
    uint64_t pages_4k_code;   /* of them touched by a fetch */
    uint64_t pages_4k_data;   /* of them touched by a load or store */
    uint64_t pages_2m;        /* distinct */
    uint64_t lowest, highest; /* first and last byte touched */
} mmu_trace_info_t;

/* Reads the rest of the trace. False on an error, which mmu_trace_error tells; info then counts what was whole. */
bool mmu_trace_measure(mmu_trace_t *trace, mmu_trace_info_t *info);

#ifdef __cplusplus
}
#endif
#endif
