/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * .lwt: a block to accesses. Whatever the bytes are, nothing outside them is touched: a block whose check sums are
 * right may still be wrong.
 */
#include "trace/mmu_lwt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define AHEAD 4u   /* accesses are copied in fours: as many may be written behind a run */
#define KINDS 128u /* that one byte tells */
/* Zeros behind a column: more than the description of a run takes, so that bounds need a look once a run only. */
#define SLACK 1024u

typedef struct {
    uint32_t slot; /* its byte in slots */
    uint32_t at;   /* in the run */
} datum_t;

typedef struct {
    const mmu_access_t *access;
    const datum_t *data;
    uint32_t n, datas;
    uint64_t unused; /* 32 bytes: an index is a shift */
} run_t;

typedef struct {
    uint64_t predicted[2]; /* next; near, which is added to the address before */
    uint64_t last;
    uint64_t unused;
} slot_t;

typedef struct {
    uint8_t *bytes;
    const uint8_t *p, *end;
    size_t room;
} column_t;

struct mmu_lwt_block {
    ZSTD_DCtx *zstd;
    column_t column[MMU_LWT_COLUMNS];
    mmu_access_t *access; /* of all different runs */
    run_t *run;
    datum_t *datum;
    slot_t *slot;
    size_t access_room, run_room, datum_room, slot_room;
    mmu_access_t kind[KINDS];
    unsigned processes;
    uint64_t address; /* of the last data access */
    bool wrong;       /* a code or a difference was */
    /* a run that did not fit the caller's room, as far as it was not given */
    mmu_access_t rest[MMU_LWT_RUN_LENGTH + AHEAD];
    unsigned rest_n, rest_at;
};

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
    for (unsigned k = 0; b != NULL && k < KINDS; k++)
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
        column_t *column = &b->column[c];
        void *bytes = column->bytes;

        if (stored > length - at || whole > MMU_LWT_COLUMN || (stored == 0) != (whole == 0))
            return says[c];
        if (!reserve(&bytes, &column->room, whole + SLACK, 1)) {
            column->bytes = NULL;
            return "no memory";
        }
        memset((uint8_t *)bytes + whole, 0, SLACK);
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

    if (LIKELY(v < 0x80)) {
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
    datum_t *d = b->datum + at->data;
    const uint8_t *kinds = at->kinds, *refs = at->refs;
    uint64_t pc = at->pc;
    uint32_t slots = at->slots;
    bool wrong = false;

    for (uint32_t k = 0; k < n; k++, a++) {
        uint64_t kind = *kinds++, back;

        if (LIKELY(kind < KINDS)) {
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
        if (!LIKELY(back < 0x80)) {
            refs--;
            if (!varint(&refs, &back))
                return false;
        }
        wrong |= a->acc > MMU_ACC_STORE || back > slots;
        *d++ = (datum_t){.slot = (uint32_t)((slots - back) * sizeof(slot_t)), .at = k};
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
static bool describe_run(mmu_lwt_block_t *b, const counts_t *n, place_t *at, run_t *r)
{
    uint64_t head, process, delta;

    if (!varint(&at->heads, &head) || head >> 2 >= MMU_LWT_RUN_LENGTH ||
        (head >> 2) + 1 > n->described - at->accesses)
        return false;
    *r = (run_t){
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
    const column_t *list = &b->column[MMU_LWT_LIST], *codes = &b->column[MMU_LWT_CODES];
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
        (!reserve((void **)&b->access, &b->access_room, n.described + AHEAD, sizeof b->access[0]) ||
         !reserve((void **)&b->run, &b->run_room, n.runs, sizeof b->run[0]) ||
         !reserve((void **)&b->datum, &b->datum_room, n.data + MMU_LWT_RUN_LENGTH, sizeof b->datum[0]) ||
         !reserve((void **)&b->slot, &b->slot_room, n.slots, sizeof b->slot[0])))
        problem = "no memory";
    if (problem == NULL) {
        memset(b->access + n.described, 0, AHEAD * sizeof b->access[0]);
        memset(b->slot, 0, n.slots * sizeof b->slot[0]);
        problem = describe_runs(b, &n);
    }
    if (problem == NULL)
        problem = check_list(b, n.runs, count);
    if (problem != NULL)
        mmu_lwt_block_empty(b);
    return problem;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* An address that no prediction gave: from the slot's last or the neighbour's, by a difference. Off the fast way:
 * what is wrong is noted, and looked for once a run. */
static __attribute__((noinline)) uint64_t far_address(mmu_lwt_block_t *b, unsigned code, uint64_t last,
                                                      uint64_t near)
{
    const unsigned wider = (code - MMU_LWT_LAST_DIFF) >> 1, shift = 64 - (8u << (wider & 3));
    column_t *c = &b->column[MMU_LWT_DIFF1 + (wider & 3)];
    const uint64_t value = mmu_lwt_get64(c->p); /* there is SLACK */

    c->p += UINT64_C(1) << (wider & 3);
    if (wider > 3 || c->p > c->end) {
        b->wrong = true;
        c->p = c->end;
    }
    return ((code & 1) != 0 ? near : last) + (uint64_t)((int64_t)(value << shift) >> shift);
}

static size_t give_rest(mmu_lwt_block_t *b, mmu_access_t *to, size_t room)
{
    const size_t left = b->rest_n - b->rest_at, n = left < room ? left : room;

    memcpy(to, b->rest + b->rest_at, n * sizeof to[0]);
    b->rest_at += (unsigned)n;
    return n;
}

/* All differences must have been used. */
static bool used_up(const mmu_lwt_block_t *b)
{
    for (unsigned c = MMU_LWT_DIFF1; c < MMU_LWT_COLUMNS; c++)
        if (b->column[c].p != b->column[c].end)
            return false;
    return true;
}

/* What the loops below keep in registers. */
typedef struct {
    const uint8_t *list, *code;
    uint64_t address;
} cursor_t;

/* The next run, to where there is room for it and AHEAD more: its length. */
static inline __attribute__((always_inline)) uint32_t unpack_run(mmu_lwt_block_t *b, cursor_t *c,
                                                                 mmu_access_t *out)
{
    const run_t *const r = &b->run[c->list[0] | (uint32_t)c->list[1] << 8];
    const mmu_access_t *from = r->access;
    const datum_t *d = r->data, *const last = d + r->datas;
    mmu_access_t *o = out, *const stop = out + r->n;
    char *const slots = (char *)b->slot;
    uint64_t address = c->address;

    c->list += 2;
    do {
        memcpy(o, from, AHEAD * sizeof *o);
        o += AHEAD;
        from += AHEAD;
    } while (o < stop);
    for (; d != last; d++) {
        slot_t *const s = (slot_t *)(slots + d->slot);
        const unsigned code = *c->code++;
        const uint64_t odd = code & 1;
        /* no branch: half of them would be guessed wrong */
        uint64_t va = s->predicted[odd] + (address & (0 - odd));

        if (!LIKELY(code <= MMU_LWT_NEAR))
            va = far_address(b, code, s->last, va);
        s->predicted[0] = va + (va - s->last);
        s->predicted[1] = va - address;
        s->last = va;
        address = va;
        out[d->at].va = va;
        if (!LIKELY(va < UINT64_MAX - 4096))
            b->wrong |= va + out[d->at].size - 1 < va;
    }
    c->address = address;
    return r->n;
}

size_t mmu_lwt_block_read(mmu_lwt_block_t *b, mmu_access_t *to, size_t room, const char **problem)
{
    column_t *list = &b->column[MMU_LWT_LIST], *codes = &b->column[MMU_LWT_CODES];
    const uint8_t *const end = list->end;
    cursor_t c = {list->p, codes->p, b->address};
    size_t given = give_rest(b, to, room);

    /* Any run fits. */
    if (room >= MMU_LWT_RUN_LENGTH + AHEAD) {
        mmu_access_t *out = to + given, *const stop = to + room - MMU_LWT_RUN_LENGTH - AHEAD;

        while (out <= stop && c.list < end && LIKELY(!b->wrong)) {
            out += unpack_run(b, &c, out);
            given = b->wrong ? given : (size_t)(out - to);
        }
    }
    while (given < room && c.list < end && !b->wrong) {
        b->rest_n = unpack_run(b, &c, b->rest);
        b->rest_at = 0;
        if (!b->wrong)
            given += give_rest(b, to + given, room - given);
    }
    if (b->wrong) {
        *problem = "a data address";
        mmu_lwt_block_empty(b);
        return given;
    }
    list->p = c.list;
    codes->p = c.code;
    b->address = c.address;
    if (c.list == end && !used_up(b))
        *problem = "differences are left over";
    return given;
}
