/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Traces of memory accesses, read as a stream and written. What is read is chosen by content:
 *
 *     lackey's output, untouched            one access a line ("plain")
 *     ==123== Lackey, an example ...
 *     I  0401ab70,3                         I 401ab70,3
 *      S 1fff000608,8                       S 1fff000608,8
 *      M 0401ab70,8                         L 401ab70,8
 *                                           S 401ab70,8
 *
 * Dinero's din, ChampSim's records, Spike's commit log, QEMU's execlog, DynamoRIO's view, and Lockwalk's own .lwt
 * (traces/FORMAT.md); docs/traces.md tells each. The file is plain, zstd, gzip or xz, told by its first bytes. A
 * modify (M) is read as a load and a store. Memory is bounded for any length: a few MB, and the window of the
 * decompressor.
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
/* The same, but the format is not chosen by content; NULL: it is. */
mmu_trace_t *mmu_trace_open_as(const char *path, const char *format, char *err, size_t n);
void mmu_trace_close(mmu_trace_t *trace);

/* The formats, n = 0, 1 ...: name for mmu_trace_open_as, and what it is in words; NULL after the last. */
const char *mmu_trace_format_name(unsigned n);
const char *mmu_trace_format_what(unsigned n);

/* The next accesses, at most room > 0 of them, into to: how many. 0: the end of the trace, or an error, which
 * mmu_trace_failed and mmu_trace_error tell; accesses before an error have been given by then. Accesses are those
 * of the file: an M record is two, and one that crosses a page is not split. */
size_t mmu_trace_read(mmu_trace_t *trace, mmu_access_t *to, size_t room);
bool mmu_trace_failed(const mmu_trace_t *trace);

/* The next access: 1; the end of the trace: 0; an error: -1, then mmu_trace_error tells it. */
int mmu_trace_next(mmu_trace_t *trace, mmu_access_t *access);

/* As mmu_trace_next, but an access that crosses a 4 KiB page comes as one access a page, lower page first. */
int mmu_trace_next_page(mmu_trace_t *trace, mmu_access_t *access, bool *last_piece);

/* The next access to be read is number `to`, from 0; the number of accesses is the end. At once in an .lwt file; in
 * others by reading, and only forward. False: an error, as from mmu_trace_read. */
bool mmu_trace_seek(mmu_trace_t *trace, uint64_t to);

/* A sentence with file, line (or byte), what was found and what was expected. */
const char *mmu_trace_error(const mmu_trace_t *trace);

/* The line of the access that was read last, from 1 (where there are no lines: its record); accesses read so far (an
 * M is two). */
uint64_t mmu_trace_line(const mmu_trace_t *trace);
uint64_t mmu_trace_count(const mmu_trace_t *trace);

/* The page map that the file carries; NULL: none. It lives as long as the trace. */
const mmu_page_map_t *mmu_trace_page_map(const mmu_trace_t *trace);
/* Processes of the trace: numbers of accesses are below it. Good from the start in an .lwt file that is no pipe; in
 * others what was seen so far. */
unsigned mmu_trace_processes(const mmu_trace_t *trace);

/* The format's name ("none" for an empty file), and "none", "zstd", "gzip" or "xz" compression. */
const char *mmu_trace_form(const mmu_trace_t *trace);
const char *mmu_trace_compression(const mmu_trace_t *trace);

/* What an .lwt file says of itself. */
typedef struct {
    const char *source,
        *command; /* what it was made from, and how; NULL: not told. They live as long as the trace */
    uint64_t accesses, kinds[3], modifies; /* the latter two only with `indexed` */
    uint64_t blocks;
    unsigned processes; /* with `indexed` */
    bool indexed; /* the index at the end is there; else (a pipe before its end: 0) blocks were counted */
} mmu_trace_header_t;

/* False: no .lwt file. */
bool mmu_trace_header(const mmu_trace_t *trace, mmu_trace_header_t *header);

/* What was read so far that is no access, or worth a word, n = 0, 1 ...: its kind in words, and how often; NULL after
 * the last. */
const char *mmu_trace_note(const mmu_trace_t *trace, unsigned n, uint64_t *count);

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
