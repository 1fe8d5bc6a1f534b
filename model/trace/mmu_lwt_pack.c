/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * .lwt: accesses to a block. mmu_lwt_load.c and mmu_lwt_unpack.c are its counterpart, step by step.
 */
#include "trace/mmu_lwt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Twice as many places as there can be runs, slots. */
#define RUN_PLACES (MMU_LWT_RUNS * 2)
#define SLOT_PLACES (MMU_LWT_DESCRIBED * 2)

typedef struct {
    uint8_t *bytes;
    size_t n, room;
} column_t;

typedef struct {
    uint32_t first, n; /* where it stood first, in accesses of the block */
    uint64_t hash;
} run_t;

/* A data access of an instruction: the n-th behind the fetch at pc, or of a run that begins without a fetch. */
typedef struct {
    uint64_t pc;
    uint32_t nth;
    uint32_t process;
    uint64_t last, next, near;
} slot_t;

struct mmu_lwt_packer {
    column_t column[MMU_LWT_COLUMNS];
    run_t run[MMU_LWT_RUNS];
    slot_t slot[MMU_LWT_DESCRIBED];
    uint32_t run_place[RUN_PLACES]; /* number + 1; 0: free */
    uint32_t slot_place[SLOT_PLACES];
    uint32_t runs, slots, described, data;
    /* of the run that was described last: */
    uint64_t pc;
    uint16_t process;
    uint64_t address; /* of the last data access */
    bool no_memory;
    uint8_t *payload, *frame;
    size_t payload_room, frame_room;
};

mmu_lwt_packer_t *mmu_lwt_packer_new(void)
{
    return calloc(1, sizeof(mmu_lwt_packer_t));
}

void mmu_lwt_packer_free(mmu_lwt_packer_t *pack)
{
    if (pack == NULL)
        return;
    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++)
        free(pack->column[c].bytes);
    free(pack->payload);
    free(pack->frame);
    free(pack);
}

/* ---- columns -------------------------------------------------------------------------------- */

static void put(mmu_lwt_packer_t *pack, mmu_lwt_column_e which, uint64_t value, unsigned bytes)
{
    column_t *c = &pack->column[which];

    if (c->room - c->n < bytes) {
        const size_t room = c->room == 0 ? 1 << 16 : 2 * c->room;
        uint8_t *bigger = realloc(c->bytes, room);

        if (bigger == NULL) {
            pack->no_memory = true;
            return;
        }
        c->bytes = bigger;
        c->room = room;
    }
    for (; bytes-- > 0; value >>= 8)
        c->bytes[c->n++] = (uint8_t)value;
}

/* 7 bits a byte, the lowest first; the top bit says that more follow. */
static void put_varint(mmu_lwt_packer_t *pack, mmu_lwt_column_e which, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put(pack, which, value | 0x80, 1);
    put(pack, which, value, 1);
}

/* Small differences of either sign are small numbers. */
static uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

/* ---- runs ----------------------------------------------------------------------------------- */

/* The length of the run that begins here. */
static uint32_t run_length(const mmu_access_t *a, size_t n)
{
    const bool fetch = a[0].acc == MMU_ACC_FETCH;
    const size_t most = fetch ? MMU_LWT_RUN_LENGTH : MMU_LWT_DATA_LENGTH;
    uint64_t next = a[0].va + a[0].size;
    uint32_t length = 1;

    for (; length < n && length < most && a[length].process == a[0].process; length++) {
        if (a[length].acc != MMU_ACC_FETCH)
            continue;
        if (!fetch || a[length].va != next)
            break;
        next += a[length].size;
    }
    return length;
}

static bool same_kind(const mmu_access_t *a, const mmu_access_t *b)
{
    return a->acc == b->acc && a->size == b->size && a->modify == b->modify && a->process == b->process;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint64_t run_hash(const mmu_access_t *a, uint32_t n)
{
    uint64_t hash = mix(a[0].acc == MMU_ACC_FETCH ? a[0].va : 0, n);

    for (uint32_t k = 0; k < n; k++)
        hash = mix(hash, (uint64_t)a[k].size << 32 | (uint64_t)a[k].process << 8 |
                             (uint64_t)a[k].modify << 4 | a[k].acc);
    return hash;
}

/* The fetches of two runs of the same kinds are where they are if the first is. */
static bool same_run(const mmu_access_t *a, const mmu_access_t *b, uint32_t n)
{
    if (a[0].acc == MMU_ACC_FETCH && a[0].va != b[0].va)
        return false;
    for (uint32_t k = 0; k < n; k++)
        if (!same_kind(&a[k], &b[k]))
            return false;
    return true;
}

/* ---- slots ---------------------------------------------------------------------------------- */

/* The slot of a data access; a new one is numbered. */
static uint32_t slot_of(mmu_lwt_packer_t *pack, uint64_t pc, uint32_t nth, uint32_t process)
{
    uint64_t at = mix(mix(pc, nth), process) >> 8;

    for (;; at++) {
        const uint32_t place = (uint32_t)at & (SLOT_PLACES - 1), number = pack->slot_place[place];
        slot_t *s;

        if (number == 0) {
            pack->slot[pack->slots] = (slot_t){.pc = pc, .nth = nth, .process = process};
            pack->slot_place[place] = ++pack->slots;
            return pack->slots - 1;
        }
        s = &pack->slot[number - 1];
        if (s->pc == pc && s->nth == nth && s->process == process)
            return number - 1;
    }
}

/* Calls back for each data access of a run: which slot it is. A fetch at 0 and none have the same slots, which only
 * makes predictions worse. */
static void describe(mmu_lwt_packer_t *pack, const mmu_access_t *a, uint32_t n)
{
    uint64_t pc = 0, next;
    uint32_t nth = 0;
    const bool fetch = a[0].acc == MMU_ACC_FETCH, switched = a[0].process != pack->process;

    put_varint(pack, MMU_LWT_HEADS, (uint64_t)(n - 1) << 2 | (uint64_t)switched << 1 | fetch);
    if (switched)
        put_varint(pack, MMU_LWT_HEADS, a[0].process);
    if (fetch)
        put_varint(pack, MMU_LWT_HEADS, zigzag(a[0].va - pack->pc));
    pack->process = a[0].process;
    next = pack->pc;
    for (uint32_t k = 0; k < n; k++) {
        put_varint(pack, MMU_LWT_KINDS,
                   (uint64_t)(a[k].size - 1) << 3 | (uint64_t)a[k].modify << 2 | a[k].acc);
        if (a[k].acc == MMU_ACC_FETCH) {
            pc = a[k].va;
            next = pc + a[k].size;
            nth = 0;
        } else {
            const uint32_t before = pack->slots, slot = slot_of(pack, pc, nth++, a[k].process);

            put_varint(pack, MMU_LWT_SLOTS, slot == before ? 0 : before - slot);
            pack->data++;
        }
    }
    pack->pc = next;
    pack->described += n;
}

/* ---- addresses of data ---------------------------------------------------------------------- */

static void put_address(mmu_lwt_packer_t *pack, slot_t *s, uint64_t va)
{
    const uint64_t near = pack->address + s->near;

    if (va == s->next) {
        put(pack, MMU_LWT_CODES, MMU_LWT_NEXT, 1);
    } else if (va == near) {
        put(pack, MMU_LWT_CODES, MMU_LWT_NEAR, 1);
    } else {
        const uint64_t of_last = zigzag(va - s->last), of_near = zigzag(va - near);
        const bool take_near = of_near < of_last;
        const uint64_t size = take_near ? of_near : of_last; /* as zigzag: the sign included */
        const unsigned wider = size < 0x100 ? 0 : size < 0x10000 ? 1 : size < UINT64_C(0x100000000) ? 2 : 3;

        put(pack, MMU_LWT_CODES, (take_near ? MMU_LWT_NEAR_DIFF : MMU_LWT_LAST_DIFF) + 2 * wider, 1);
        put(pack, (mmu_lwt_column_e)(MMU_LWT_DIFF1 + wider), va - (take_near ? near : s->last), 1u << wider);
    }
    s->next = va + (va - s->last);
    s->near = va - pack->address;
    s->last = va;
    pack->address = va;
}

static void put_addresses(mmu_lwt_packer_t *pack, const mmu_access_t *a, uint32_t n)
{
    uint64_t pc = 0;
    uint32_t nth = 0;

    for (uint32_t k = 0; k < n; k++) {
        if (a[k].acc == MMU_ACC_FETCH) {
            pc = a[k].va;
            nth = 0;
        } else {
            put_address(pack, &pack->slot[slot_of(pack, pc, nth++, a[k].process)], a[k].va);
        }
    }
}

/* ---- a block -------------------------------------------------------------------------------- */

static void begin(mmu_lwt_packer_t *pack)
{
    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++)
        pack->column[c].n = 0;
    memset(pack->run_place, 0, sizeof pack->run_place);
    memset(pack->slot_place, 0, sizeof pack->slot_place);
    pack->runs = pack->slots = pack->described = pack->data = 0;
    pack->pc = pack->address = 0;
    pack->process = 0;
    pack->no_memory = false;
}

/* The run that begins at access `at` of the block. False: the block is full. */
static bool add_run(mmu_lwt_packer_t *pack, const mmu_access_t *block, uint32_t at, uint32_t n)
{
    const uint64_t hash = run_hash(block + at, n);
    uint64_t place = hash >> 16;
    uint32_t number;

    for (;; place++) {
        const run_t *r;

        number = pack->run_place[place & (RUN_PLACES - 1)];
        if (number == 0)
            break;
        r = &pack->run[number - 1];
        if (r->hash == hash && r->n == n && same_run(block + r->first, block + at, n))
            break;
    }
    if (number == 0) {
        if (pack->runs == MMU_LWT_RUNS || pack->described + n > MMU_LWT_DESCRIBED)
            return false;
        pack->run[pack->runs] = (run_t){.first = at, .n = n, .hash = hash};
        number = ++pack->runs;
        pack->run_place[place & (RUN_PLACES - 1)] = number;
        describe(pack, block + at, n);
    }
    put(pack, MMU_LWT_LIST, number - 1, 2);
    put_addresses(pack, block + at, n);
    return true;
}

/* Columns to a payload; false: no memory. */
static bool finish(mmu_lwt_packer_t *pack, size_t *length)
{
    const uint32_t counts[MMU_LWT_COUNTS] = {pack->runs, pack->described, pack->data, pack->slots};
    size_t at = MMU_LWT_BLOCK_HEAD;
    uint8_t *sizes;

    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++) {
        const column_t *column = &pack->column[c];
        const size_t stored =
            column->n == 0 ? 0 : mmu_lwt_deflate(&pack->frame, &pack->frame_room, column->bytes, column->n);

        if (stored == 0 && column->n != 0)
            return false;
        assert(column->n <= MMU_LWT_COLUMN);
        if (pack->payload_room < at + stored) {
            uint8_t *bigger = realloc(pack->payload, 2 * (at + stored));

            if (bigger == NULL)
                return false;
            pack->payload = bigger;
            pack->payload_room = 2 * (at + stored);
        }
        if (stored != 0)
            memcpy(pack->payload + at, pack->frame, stored);
        at += stored;
        sizes = pack->payload + 4 * MMU_LWT_COUNTS + 8 * c;
        mmu_lwt_put32(sizes, (uint32_t)stored);
        mmu_lwt_put32(sizes + 4, (uint32_t)column->n);
    }
    for (unsigned k = 0; k < MMU_LWT_COUNTS; k++)
        mmu_lwt_put32(pack->payload + 4 * k, counts[k]);
    mmu_lwt_put32(pack->payload + MMU_LWT_BLOCK_HEAD - 4,
                  (uint32_t)crc32(0, pack->payload, MMU_LWT_BLOCK_HEAD - 4));
    *length = at;
    return true;
}

size_t mmu_lwt_pack(mmu_lwt_packer_t *pack, const mmu_access_t *access, size_t n, const uint8_t **payload,
                    size_t *length)
{
    const uint32_t most = n < MMU_LWT_BLOCK_COUNT ? (uint32_t)n : MMU_LWT_BLOCK_COUNT;
    uint32_t at = 0;

    begin(pack);
    while (at < most) {
        const uint32_t run = run_length(access + at, most - at);

        if (!add_run(pack, access, at, run))
            break;
        at += run;
    }
    if (pack->no_memory || !finish(pack, length))
        return 0;
    *payload = pack->payload;
    return at;
}
