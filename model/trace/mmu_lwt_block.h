/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * .lwt: a block between being loaded (mmu_lwt_load.c) and being read (mmu_lwt_unpack.c).
 */
#ifndef LOCKWALK_TRACE_MMU_LWT_BLOCK_H
#define LOCKWALK_TRACE_MMU_LWT_BLOCK_H

#include "trace/mmu_lwt.h"

#include <zstd.h>

#define MMU_LIKELY(x) __builtin_expect(!!(x), 1)
#define MMU_LWT_AHEAD 8u         /* accesses are copied in eights: as many may be written behind a run */
#define MMU_LWT_SHORT_KINDS 128u /* that one byte tells */
/* Zeros behind a column: more than the description of a run takes, so that bounds need a look once a run only. */
#define MMU_LWT_SLACK 1024u

typedef struct {
    uint32_t slot; /* its byte in slots */
    uint32_t at;   /* in the run */
} mmu_lwt_datum_t;

typedef struct {
    const mmu_access_t *access;
    const mmu_lwt_datum_t *data;
    uint32_t n, datas;
    uint64_t unused; /* 32 bytes: an index is a shift */
} mmu_lwt_run_t;

typedef struct {
    uint64_t predicted[2]; /* next; near, which is added to the address before */
    uint64_t last;
    uint64_t unused;
} mmu_lwt_slot_t;

typedef struct {
    uint8_t *bytes;
    const uint8_t *p, *end;
    size_t room;
} mmu_lwt_bytes_t;

struct mmu_lwt_block {
    ZSTD_DCtx *zstd;
    mmu_lwt_bytes_t column[MMU_LWT_COLUMNS];
    mmu_access_t *access; /* of all different runs */
    mmu_lwt_run_t *run;
    mmu_lwt_datum_t *datum;
    mmu_lwt_slot_t *slot;
    size_t access_room, run_room, datum_room, slot_room;
    mmu_access_t kind[MMU_LWT_SHORT_KINDS];
    unsigned processes;
    uint64_t address; /* of the last data access */
    bool wrong;       /* a code or a difference was */
    /* a run that did not fit the caller's room, as far as it was not given */
    mmu_access_t rest[MMU_LWT_RUN_LENGTH + MMU_LWT_AHEAD];
    unsigned rest_n, rest_at;
};

#endif
