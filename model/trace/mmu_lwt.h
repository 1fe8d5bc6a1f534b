/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The .lwt format, as traces/FORMAT.md has it byte for byte: what its reader and its writer share.
 *
 *     magic, chunk HEAD, chunk BLCK ..., chunk INDX, tail
 *
 * A block stands for itself. Its accesses are cut into *runs*: a fetch, the fetches that follow it in memory, and
 * their data accesses. Every different run is described once (heads, kinds, slots); the block then is a list of run
 * numbers, and the addresses of data: each data access of an instruction is a *slot*, which predicts its next
 * address by its own last ones, or by the data access before; a code says which was right, or how wide the
 * difference is.
 */
#ifndef LOCKWALK_TRACE_MMU_LWT_H
#define LOCKWALK_TRACE_MMU_LWT_H

#include "lockwalk/mmu_trace.h"

#define MMU_LWT_VERSION 1u
#define MMU_LWT_MAGIC "\x89LWT\r\n\x1a\n"
#define MMU_LWT_TAIL "LWT-END\n"
#define MMU_LWT_MAGIC_SIZE 8u /* and of the tail's text */
#define MMU_LWT_BEGIN 12u     /* magic and version */
#define MMU_LWT_CHUNK 24u     /* a chunk's head */
#define MMU_LWT_END 16u       /* the tail */

/* Limits, so that a reader's memory is bounded. */
#define MMU_LWT_BLOCK_COUNT (UINT32_C(1) << 19) /* accesses of a block */
#define MMU_LWT_RUNS UINT32_C(65536)            /* different runs */
#define MMU_LWT_RUN_LENGTH 64u                  /* accesses of a run that begins with a fetch */
#define MMU_LWT_DATA_LENGTH 8u                  /* the same, of other runs: as they are written */
#define MMU_LWT_DESCRIBED (UINT32_C(1) << 17)   /* accesses of all different runs */
#define MMU_LWT_PAYLOAD (UINT32_C(1) << 26)     /* bytes of a chunk behind its head */
#define MMU_LWT_COLUMN (UINT32_C(1) << 23)      /* bytes of a column */

typedef enum {
    MMU_LWT_HEADS = 0, /* of each different run: its length, and where it begins */
    MMU_LWT_KINDS,     /* of each of their accesses: kind and size */
    MMU_LWT_SLOTS,     /* of each of their data accesses: its slot */
    MMU_LWT_LIST,      /* runs in order, 2 bytes each */
    MMU_LWT_CODES,     /* a byte for each data access */
    MMU_LWT_DIFF1,     /* differences of 1, 2, 4 and 8 bytes */
    MMU_LWT_DIFF2,
    MMU_LWT_DIFF4,
    MMU_LWT_DIFF8,
    MMU_LWT_COLUMNS
} mmu_lwt_column_e;

/* A block's payload begins with its counts (runs, described, data of them, slots), the columns' sizes (stored and
 * whole, each) and the CRC-32 of these. */
#define MMU_LWT_COUNTS 4u
#define MMU_LWT_BLOCK_HEAD (4u * MMU_LWT_COUNTS + 8u * MMU_LWT_COLUMNS + 4u)

/* Codes of data addresses: from the slot's next address or the neighbour's, exactly; or from the slot's last or the
 * neighbour's and a difference: + 2 for each wider one. */
enum {
    MMU_LWT_NEXT = 0,
    MMU_LWT_NEAR = 1,
    MMU_LWT_LAST_DIFF = 2,
    MMU_LWT_NEAR_DIFF = 3,
    MMU_LWT_CODES_ALL = 10
};

static inline uint32_t mmu_lwt_get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t mmu_lwt_get64(const uint8_t *p)
{
    return mmu_lwt_get32(p) | (uint64_t)mmu_lwt_get32(p + 4) << 32;
}

static inline void mmu_lwt_put32(uint8_t *p, uint32_t value)
{
    for (unsigned n = 0; n < 4; n++)
        p[n] = (uint8_t)(value >> 8 * n);
}

static inline void mmu_lwt_put64(uint8_t *p, uint64_t value)
{
    mmu_lwt_put32(p, (uint32_t)value);
    mmu_lwt_put32(p + 4, (uint32_t)(value >> 32));
}

/* ---- chunks (mmu_lwt_chunk.c) ------------------------------------------------------------------ */

typedef struct {
    char kind[5]; /* "HEAD", "BLCK", "INDX" */
    uint32_t length;
    uint64_t first; /* number of its first access; other chunks: 0 */
    uint32_t count; /* of its accesses; of blocks in an index; HEAD: 0 */
} mmu_lwt_chunk_t;

void mmu_lwt_chunk_put(uint8_t bytes[MMU_LWT_CHUNK], const mmu_lwt_chunk_t *chunk);
/* NULL, or what is wrong. */
const char *mmu_lwt_chunk_get(const uint8_t bytes[MMU_LWT_CHUNK], mmu_lwt_chunk_t *chunk);

/* One zstd frame with check sum and size. *to is made larger as needed; the size of what it holds, or 0: no memory. */
size_t mmu_lwt_deflate(uint8_t **to, size_t *room, const void *from, size_t n);
/* The bytes of a frame, malloc'd, at most `most`; NULL and what is wrong. */
uint8_t *mmu_lwt_inflate(const uint8_t *from, size_t n, size_t most, size_t *size, const char **problem);

/* ---- a block, packed (mmu_lwt_pack.c) ------------------------------------------------------------ */

typedef struct mmu_lwt_packer mmu_lwt_packer_t;

mmu_lwt_packer_t *mmu_lwt_packer_new(void);
void mmu_lwt_packer_free(mmu_lwt_packer_t *pack);
/* Packs the first of n accesses, as many as fit a block: how many; 0: no memory. The payload belongs to pack. */
size_t mmu_lwt_pack(mmu_lwt_packer_t *pack, const mmu_access_t *access, size_t n, const uint8_t **payload,
                    size_t *length);

/* ---- and unpacked (mmu_lwt_load.c, mmu_lwt_unpack.c) --------------------------------------------------------------- */

typedef struct mmu_lwt_block mmu_lwt_block_t;

mmu_lwt_block_t *mmu_lwt_block_new(void);
void mmu_lwt_block_free(mmu_lwt_block_t *block);
/* Takes a payload of `count` accesses: NULL, or what is wrong with it. */
const char *mmu_lwt_block_load(mmu_lwt_block_t *block, const uint8_t *payload, size_t length, uint32_t count);
/* Leaves nothing to be read. */
void mmu_lwt_block_empty(mmu_lwt_block_t *block);
/* One more than the highest process in it. */
unsigned mmu_lwt_block_processes(const mmu_lwt_block_t *block);
/* The next accesses, at most room: how many, 0 at the block's end. *problem is set when something is wrong. */
size_t mmu_lwt_block_read(mmu_lwt_block_t *block, mmu_access_t *to, size_t room, const char **problem);

#endif
