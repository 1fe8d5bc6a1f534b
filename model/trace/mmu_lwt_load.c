/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * .lwt: the payload of a block to its columns and its different runs. Whatever the bytes are, nothing outside them is
 * touched: a block whose check sums are right may still be wrong.
 */
#include "trace/mmu_lwt_block.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static mmu_access_t kind_of(uint64_t kind)
{
    return (mmu_access_t){.size = (uint32_t)(kind >> 3) + 1, .acc = kind & 3, .modify = (kind & 4) != 0};
}

mmu_lwt_block_t *mmu_lwt_block_new(void)
{
    mmu_lwt_block_t *b = calloc(1, sizeof *b);

    if (b != NULL && (b->zstd = ZSTD_createDCtx()) == NULL) {
        free(b);
        b = NULL;
    }
    for (unsigned k = 0; b != NULL && k < MMU_LWT_SHORT_KINDS; k++)
        b->kind[k] = kind_of(k);
    return b;
}

void mmu_lwt_block_free(mmu_lwt_block_t *b)
{
    if (b == NULL)
        return;
    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++)
        free(b->column[c].bytes);
    free(b->access);
    free(b->run);
    free(b->datum);
    free(b->slot);
    ZSTD_freeDCtx(b->zstd);
    free(b);
}

void mmu_lwt_block_empty(mmu_lwt_block_t *b)
{
    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++)
        b->column[c].p = b->column[c].end = b->column[c].bytes;
    b->rest_n = b->rest_at = 0;
    b->address = 0;
    b->wrong = false;
}

unsigned mmu_lwt_block_processes(const mmu_lwt_block_t *b)
{
    return b->processes;
}

/* ---- columns -------------------------------------------------------------------------------- */

/* Room for n elements; false: no memory. What was there is lost. */
static bool reserve(void **p, size_t *room, size_t n, size_t size)
{
    if (*room >= n && *p != NULL)
        return true;
    free(*p);
    *p = malloc((n + 1) * size);
    *room = *p != NULL ? n : 0;
    return *p != NULL;
}

static const char *load_columns(mmu_lwt_block_t *b, const uint8_t *payload, size_t length)
{
    static const char *const says[MMU_LWT_COLUMNS] = {"column heads", "column kinds", "column slots",
                                                      "column list",  "column codes", "column of 1 byte",
                                                      "column of 2",  "column of 4",  "column of 8"};
    size_t at = MMU_LWT_BLOCK_HEAD;

    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++) {
        const uint8_t *sizes = payload + 4 * MMU_LWT_COUNTS + 8 * c;
        const size_t stored = mmu_lwt_get32(sizes), whole = mmu_lwt_get32(sizes + 4);
        mmu_lwt_bytes_t *column = &b->column[c];
        void *bytes = column->bytes;

        if (stored > length - at || whole > MMU_LWT_COLUMN || (stored == 0) != (whole == 0))
            return says[c];
        if (!reserve(&bytes, &column->room, whole + MMU_LWT_SLACK, 1)) {
            column->bytes = NULL;
            return "no memory";
        }
        memset((uint8_t *)bytes + whole, 0, MMU_LWT_SLACK);
        column->p = column->bytes = bytes;
        column->end = column->p + whole;
        if (whole != 0 && ZSTD_decompressDCtx(b->zstd, column->bytes, whole, payload + at, stored) != whole)
            return says[c];
        at += stored;
    }
    return at == length ? NULL : "it is longer than its columns";
}

/* ---- what different runs there are ---------------------------------------------------------- */

/* Reads 10 bytes at most. */
static inline bool varint(const uint8_t **p, uint64_t *value)
{
    uint64_t v = *(*p)++;

    if (MMU_LIKELY(v < 0x80)) {
        *value = v;
        return true;
    }
    v &= 0x7f;
    for (unsigned shift = 7; shift < 64; shift += 7) {
        const uint8_t byte = *(*p)++;

        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = v;
            return true;
        }
    }
    return false;
}

static uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

typedef struct {
    uint32_t runs, described, data, slots;
} counts_t;

/* Where the description is. */
typedef struct {
    const uint8_t *heads, *kinds, *refs;
    uint32_t accesses, data, slots;
    uint64_t pc;
    uint16_t process;
} place_t;

/* The accesses of a run. Each takes at most 3 bytes of kinds and of slots, or is wrong. */
static bool describe(mmu_lwt_block_t *b, place_t *at, uint32_t n, bool fetches)
{
    mmu_access_t *a = b->access + at->accesses;
    mmu_lwt_datum_t *d = b->datum + at->data;
    const uint8_t *kinds = at->kinds, *refs = at->refs;
    uint64_t pc = at->pc;
    uint32_t slots = at->slots;
    bool wrong = false;

    for (uint32_t k = 0; k < n; k++, a++) {
        uint64_t kind = *kinds++, back;

        if (MMU_LIKELY(kind < MMU_LWT_SHORT_KINDS)) {
            *a = b->kind[kind];
        } else {
            kinds--;
            if (!varint(&kinds, &kind) || kind >> 15 != 0)
                return false;
            *a = kind_of(kind);
        }
        if (at->process != 0)
            a->process = at->process;
        if (a->acc == MMU_ACC_FETCH) {
            a->va = pc;
            pc += a->size;
            if (pc - 1 < a->va)
                return false;
            wrong |= !fetches;
            continue;
        }
        back = *refs++;
        if (!MMU_LIKELY(back < 0x80)) {
            refs--;
            if (!varint(&refs, &back))
                return false;
        }
        wrong |= a->acc > MMU_ACC_STORE || back > slots;
        *d++ = (mmu_lwt_datum_t){.slot = (uint32_t)((slots - back) * sizeof(mmu_lwt_slot_t)), .at = k};
        slots += back == 0;
    }
    if (wrong)
        return false;
    at->pc = pc;
    at->slots = slots;
    at->accesses += n;
    at->data = (uint32_t)(d - b->datum);
    at->kinds = kinds;
    at->refs = refs;
    return true;
}

/* A run: false: its description is wrong. */
static bool describe_run(mmu_lwt_block_t *b, const counts_t *n, place_t *at, mmu_lwt_run_t *r)
{
    uint64_t head, process, delta;

    if (!varint(&at->heads, &head) || head >> 2 >= MMU_LWT_RUN_LENGTH ||
        (head >> 2) + 1 > n->described - at->accesses)
        return false;
    *r = (mmu_lwt_run_t){
        .access = b->access + at->accesses, .data = b->datum + at->data, .n = (uint32_t)(head >> 2) + 1};
    if ((head & 2) != 0) {
        if (!varint(&at->heads, &process) || process > UINT16_MAX)
            return false;
        at->process = (uint16_t)process;
    }
    if (at->process >= b->processes)
        b->processes = at->process + 1u;
    if ((head & 1) != 0) {
        if (!varint(&at->heads, &delta))
            return false;
        at->pc += unzigzag(delta);
    }
    if (!describe(b, at, r->n, (head & 1) != 0))
        return false;
    r->datas = (uint32_t)(b->datum + at->data - r->data);
    return at->heads <= b->column[MMU_LWT_HEADS].end && at->kinds <= b->column[MMU_LWT_KINDS].end &&
           at->refs <= b->column[MMU_LWT_SLOTS].end && at->data <= n->data && at->slots <= n->slots &&
           ((head & 1) != 0) == (r->access->acc == MMU_ACC_FETCH);
}

static const char *describe_runs(mmu_lwt_block_t *b, const counts_t *n)
{
    place_t at = {.heads = b->column[MMU_LWT_HEADS].p,
                  .kinds = b->column[MMU_LWT_KINDS].p,
                  .refs = b->column[MMU_LWT_SLOTS].p};

    b->processes = 1;
    for (uint32_t k = 0; k < n->runs; k++)
        if (!describe_run(b, n, &at, &b->run[k]))
            return "the description of its runs";
    if (at.accesses != n->described || at.data != n->data || at.slots != n->slots ||
        at.heads != b->column[MMU_LWT_HEADS].end || at.kinds != b->column[MMU_LWT_KINDS].end ||
        at.refs != b->column[MMU_LWT_SLOTS].end)
        return "its runs are not what it counts";
    return NULL;
}

/* Every number in the list is a run, and together they have as many accesses, and data, as there are. */
static const char *check_list(const mmu_lwt_block_t *b, uint32_t runs, uint32_t count)
{
    const mmu_lwt_bytes_t *list = &b->column[MMU_LWT_LIST], *codes = &b->column[MMU_LWT_CODES];
    uint64_t accesses = 0, data = 0;

    if ((list->end - list->p) % 2 != 0)
        return "its list of runs ends in the middle of one";
    for (const uint8_t *p = list->p; p < list->end; p += 2) {
        const uint32_t number = p[0] | (uint32_t)p[1] << 8;

        if (number >= runs)
            return "its list names a run that is not described";
        accesses += b->run[number].n;
        data += b->run[number].datas;
    }
    if (accesses != count)
        return "its runs have another number of accesses";
    return data == (uint64_t)(codes->end - codes->p) ? NULL : "its runs have another number of data accesses";
}

const char *mmu_lwt_block_load(mmu_lwt_block_t *b, const uint8_t *payload, size_t length, uint32_t count)
{
    const char *problem;
    counts_t n;

    mmu_lwt_block_empty(b);
    if (length < MMU_LWT_BLOCK_HEAD)
        return "it is too short";
    if (mmu_lwt_get32(payload + MMU_LWT_BLOCK_HEAD - 4) !=
        (uint32_t)crc32(0, payload, MMU_LWT_BLOCK_HEAD - 4))
        return "its list of columns has another check sum";
    n = (counts_t){mmu_lwt_get32(payload), mmu_lwt_get32(payload + 4), mmu_lwt_get32(payload + 8),
                   mmu_lwt_get32(payload + 12)};
    if (n.runs > MMU_LWT_RUNS || n.described > MMU_LWT_DESCRIBED || n.data > n.described ||
        n.slots > n.data || count > MMU_LWT_BLOCK_COUNT)
        return "its counts are too large";
    problem = load_columns(b, payload, length);
    if (problem == NULL &&
        (!reserve((void **)&b->access, &b->access_room, n.described + MMU_LWT_AHEAD, sizeof b->access[0]) ||
         !reserve((void **)&b->run, &b->run_room, n.runs, sizeof b->run[0]) ||
         !reserve((void **)&b->datum, &b->datum_room, n.data + MMU_LWT_RUN_LENGTH, sizeof b->datum[0]) ||
         !reserve((void **)&b->slot, &b->slot_room, n.slots, sizeof b->slot[0])))
        problem = "no memory";
    if (problem == NULL) {
        memset(b->access + n.described, 0, MMU_LWT_AHEAD * sizeof b->access[0]);
        memset(b->slot, 0, n.slots * sizeof b->slot[0]);
        problem = describe_runs(b, &n);
    }
    if (problem == NULL)
        problem = check_list(b, n.runs, count);
    if (problem != NULL)
        mmu_lwt_block_empty(b);
    return problem;
}
