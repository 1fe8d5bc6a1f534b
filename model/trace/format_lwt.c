/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The reader of .lwt: chunks one after the other; in a file that is no pipe also by the index, or, where that is
 * missing, by the heads of the chunks.
 */
#include "trace/mmu_lwt.h"
#include "trace/mmu_trace_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint64_t offset, first;
} where_t;

typedef struct {
    mmu_lwt_block_t *block;
    uint64_t number; /* of the block that is being read, from 1 */
    uint64_t whole;  /* accesses of the blocks before it */
    uint64_t next;   /* number of the next access to be given */
    uint64_t offset; /* of the chunk that is being read */
    bool ended;      /* the index and the tail have been read */
    uint8_t *payload;
    size_t room;
    /* of a file that is no pipe */
    where_t *where; /* of the blocks; NULL: only forward */
    size_t blocks, where_room;
    mmu_trace_header_t header;
} lwt_t;

/* A magic that is not quite right is better told than taken for something else. */
static bool probe(const char *bytes, size_t n)
{
    unsigned right = 0;

    for (size_t k = 0; k < MMU_LWT_MAGIC_SIZE && k < n; k++)
        right += bytes[k] == MMU_LWT_MAGIC[k];
    return right >= MMU_LWT_MAGIC_SIZE / 2;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static uint64_t position(const mmu_trace_t *t)
{
    return t->consumed + t->begin;
}

/* n bytes; how many there were: fewer at the end of the file, or with an error of the input, which fails the trace. */
static size_t take(mmu_trace_t *t, void *to, size_t n)
{
    size_t have = 0;

    while (have < n) {
        const size_t ready = t->end - t->begin;
        const size_t step = n - have < ready ? n - have : ready;

        if (step == 0) {
            t->begin = t->end;
            if (mmu_trace_more(t) <= 0)
                break;
            continue;
        }
        memcpy((char *)to + have, t->buffer + t->begin, step);
        t->begin += step;
        have += step;
    }
    return have;
}

static bool jump(mmu_trace_t *t, uint64_t offset)
{
    if (!mmu_input_seek(t->input, offset))
        return mmu_trace_fail(t, "%s", mmu_input_error(t->input));
    t->begin = t->end = 0;
    t->consumed = offset;
    t->no_more = false;
    return true;
}

/* ---- what is said ----------------------------------------------------------------------------- */

static bool fail_chunk(mmu_trace_t *t, const char *what, const char *problem)
{
    const lwt_t *s = t->state;
    const uint64_t before = s->number > 0 ? s->number - 1 : 0;

    return mmu_trace_fail(t,
                          "byte %" PRIu64 ": %s is damaged: %s; %" PRIu64 " access%s of the %" PRIu64
                          " block%s before it %s whole",
                          s->offset, what, problem, s->whole, s->whole == 1 ? "" : "es", before,
                          before == 1 ? "" : "s", s->whole == 1 ? "was" : "were");
}

static bool fail_block(mmu_trace_t *t, const char *problem)
{
    const lwt_t *s = t->state;
    char what[40];

    snprintf(what, sizeof what, "block %" PRIu64, s->number);
    return fail_chunk(t, what, problem);
}

static bool fail_cut(mmu_trace_t *t)
{
    const lwt_t *s = t->state;
    const char *input = mmu_input_error(t->input);
    const uint64_t before = s->number > 0 ? s->number - 1 : 0;

    return mmu_trace_fail(t, "byte %" PRIu64 ": %s; %" PRIu64 " access%s of %" PRIu64 " block%s %s whole",
                          position(t), input[0] != '\0' ? input : "the file is cut short", s->whole,
                          s->whole == 1 ? "" : "es", before, before == 1 ? "" : "s",
                          s->whole == 1 ? "was" : "were");
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* A chunk and its payload. */
static bool take_chunk(mmu_trace_t *t, mmu_lwt_chunk_t *chunk)
{
    lwt_t *s = t->state;
    uint8_t bytes[MMU_LWT_CHUNK];
    const char *problem;

    s->offset = position(t);
    if (take(t, bytes, sizeof bytes) != sizeof bytes)
        return fail_cut(t);
    problem = mmu_lwt_chunk_get(bytes, chunk);
    if (problem != NULL)
        return fail_block(t, problem);
    if (s->room < chunk->length || s->payload == NULL) {
        free(s->payload);
        s->payload = malloc((size_t)chunk->length + 1);
        s->room = chunk->length;
        if (s->payload == NULL)
            return fail_block(t, "no memory");
    }
    return take(t, s->payload, chunk->length) == chunk->length || fail_cut(t);
}

/* What the header says: a list of {name, length, bytes}. What is not known is left alone. */
static bool read_header(mmu_trace_t *t, const char *text, size_t n)
{
    lwt_t *s = t->state;
    size_t at = 0;

    while (n - at >= 8) {
        const char *name = text + at, *value = name + 8;
        const uint32_t length = mmu_lwt_get32((const uint8_t *)name + 4);
        char err[400];

        if (length > n - at - 8)
            return fail_chunk(t, "the header", "an entry is longer than it");
        if (memcmp(name, "PMAP", 4) == 0 && t->map == NULL) {
            t->map = mmu_page_map_parse(value, length, "page map", err, sizeof err);
            if (t->map == NULL)
                return fail_chunk(t, "the header", err);
        } else if (memcmp(name, "SRCE", 4) == 0 && s->header.source == NULL) {
            s->header.source = strndup(value, length);
        } else if (memcmp(name, "CMND", 4) == 0 && s->header.command == NULL) {
            s->header.command = strndup(value, length);
        }
        at += 8 + (size_t)length;
    }
    return at == n || fail_chunk(t, "the header", "an entry is cut short");
}

/* The index: totals, and where the blocks are. */
static const char *read_index(mmu_trace_t *t, const mmu_lwt_chunk_t *chunk)
{
    lwt_t *s = t->state;
    const char *problem = NULL;
    size_t size;
    uint8_t *bytes = mmu_lwt_inflate(s->payload, chunk->length, MMU_LWT_PAYLOAD, &size, &problem);
    where_t *where;
    uint64_t count = 0;

    if (bytes == NULL)
        return problem;
    if (size != 48 + (size_t)chunk->count * 12) {
        free(bytes);
        return "it has another size than its blocks need";
    }
    where = malloc(((size_t)chunk->count + 1) * sizeof where[0]);
    if (where == NULL) {
        free(bytes);
        return "no memory";
    }
    s->header.accesses = mmu_lwt_get64(bytes);
    for (unsigned k = 0; k < 3; k++)
        s->header.kinds[k] = mmu_lwt_get64(bytes + 8 + 8 * k);
    s->header.modifies = mmu_lwt_get64(bytes + 32);
    s->header.processes = mmu_lwt_get32(bytes + 40);
    for (uint32_t k = 0; k < chunk->count; k++) {
        where[k] = (where_t){.offset = mmu_lwt_get64(bytes + 48 + 12 * (size_t)k), .first = count};
        count += mmu_lwt_get32(bytes + 48 + 12 * (size_t)k + 8);
    }
    if (count != s->header.accesses || s->header.processes == 0 || s->header.processes > UINT16_MAX + 1u)
        problem = "its totals are not those of its blocks";
    free(bytes);
    if (problem != NULL || s->where != NULL) {
        free(where);
        return problem;
    }
    s->where = where;
    s->blocks = chunk->count;
    s->header.blocks = chunk->count;
    s->header.indexed = true;
    t->processes = s->header.processes;
    return NULL;
}

/* ---- finding blocks ----------------------------------------------------------------------------- */

/* By the tail. False: there is none, or it is not good: no error. */
static bool find_index(mmu_trace_t *t, uint64_t size)
{
    lwt_t *s = t->state;
    uint8_t tail[MMU_LWT_END], head[MMU_LWT_CHUNK];
    mmu_lwt_chunk_t chunk;
    uint64_t offset;

    if (size < MMU_LWT_BEGIN + MMU_LWT_END || !jump(t, size - MMU_LWT_END) ||
        take(t, tail, sizeof tail) != sizeof tail || memcmp(tail + 8, MMU_LWT_TAIL, MMU_LWT_MAGIC_SIZE) != 0)
        return false;
    offset = mmu_lwt_get64(tail);
    if (offset > size - MMU_LWT_END - MMU_LWT_CHUNK || !jump(t, offset) ||
        take(t, head, sizeof head) != sizeof head || mmu_lwt_chunk_get(head, &chunk) != NULL ||
        strcmp(chunk.kind, "INDX") != 0 || chunk.length != size - MMU_LWT_END - MMU_LWT_CHUNK - offset)
        return false;
    free(s->payload);
    s->payload = malloc((size_t)chunk.length + 1);
    s->room = s->payload != NULL ? chunk.length : 0;
    return s->payload != NULL && take(t, s->payload, chunk.length) == chunk.length &&
           read_index(t, &chunk) == NULL;
}

/* By the heads of the chunks, as far as they are good; from byte `offset` on. */
static void scan(mmu_trace_t *t, uint64_t offset, uint64_t size)
{
    lwt_t *s = t->state;
    uint8_t head[MMU_LWT_CHUNK];
    mmu_lwt_chunk_t chunk;
    uint64_t count = 0;

    while (offset + MMU_LWT_CHUNK <= size && jump(t, offset) && take(t, head, sizeof head) == sizeof head &&
           mmu_lwt_chunk_get(head, &chunk) == NULL && strcmp(chunk.kind, "BLCK") == 0 &&
           chunk.length <= size - offset - MMU_LWT_CHUNK && chunk.first == count) {
        if (s->blocks == s->where_room) {
            const size_t room = s->where_room == 0 ? 64 : 2 * s->where_room;
            where_t *bigger = realloc(s->where, room * sizeof bigger[0]);

            if (bigger == NULL)
                return;
            s->where = bigger;
            s->where_room = room;
        }
        s->where[s->blocks++] = (where_t){.offset = offset, .first = count};
        count += chunk.count;
        offset += MMU_LWT_CHUNK + (uint64_t)chunk.length;
    }
    s->header.accesses = count;
    s->header.blocks = s->blocks;
}

static void close(mmu_trace_t *t)
{
    lwt_t *s = t->state;

    mmu_lwt_block_free(s->block);
    free(s->payload);
    free(s->where);
    free((char *)s->header.source);
    free((char *)s->header.command);
}

static bool open(mmu_trace_t *t)
{
    lwt_t *s = calloc(1, sizeof *s);
    uint8_t begin[MMU_LWT_BEGIN];
    mmu_lwt_chunk_t chunk;
    const char *problem = NULL;
    uint64_t size, first;
    uint8_t *text;
    size_t n;
    bool good;

    t->state = s;
    if (s == NULL || (s->block = mmu_lwt_block_new()) == NULL)
        return mmu_trace_fail(t, "no memory");
    if (take(t, begin, sizeof begin) != sizeof begin)
        return fail_cut(t);
    if (memcmp(begin, MMU_LWT_MAGIC, MMU_LWT_MAGIC_SIZE) != 0)
        return mmu_trace_fail(
            t, "is no .lwt file, expected one that begins with the bytes 89 4c 57 54 0d 0a 1a 0a");
    if (mmu_lwt_get32(begin + MMU_LWT_MAGIC_SIZE) != MMU_LWT_VERSION)
        return mmu_trace_fail(t, "is .lwt of version %" PRIu32 ", expected %u",
                              mmu_lwt_get32(begin + MMU_LWT_MAGIC_SIZE), MMU_LWT_VERSION);
    if (!take_chunk(t, &chunk))
        return false;
    if (strcmp(chunk.kind, "HEAD") != 0)
        return fail_chunk(t, "the header", "the first chunk is no header");
    text = mmu_lwt_inflate(s->payload, chunk.length, MMU_LWT_PAYLOAD, &n, &problem);
    if (text == NULL)
        return fail_chunk(t, "the header", problem);
    good = read_header(t, (const char *)text, n);
    free(text);
    s->number = 1;
    first = position(t);
    if (!good || !mmu_input_size(t->input, &size))
        return good;
    if (!find_index(t, size))
        scan(t, first, size);
    return jump(t, first);
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool take_end(mmu_trace_t *t, const mmu_lwt_chunk_t *chunk)
{
    lwt_t *s = t->state;
    const char *problem = read_index(t, chunk);
    uint8_t tail[MMU_LWT_END + 1];
    size_t n;

    if (problem != NULL)
        return fail_chunk(t, "the index", problem);
    n = take(t, tail, sizeof tail);
    if (n < MMU_LWT_END)
        return fail_cut(t);
    if (n > MMU_LWT_END || memcmp(tail + 8, MMU_LWT_TAIL, MMU_LWT_MAGIC_SIZE) != 0 ||
        mmu_lwt_get64(tail) != s->offset)
        return fail_chunk(t, "the index", "what follows it is not the file's end");
    if (s->whole != s->header.accesses)
        return fail_chunk(t, "the index", "it has another number of accesses");
    s->ended = true;
    return true;
}

/* Loads the next block; false: the end, or an error. */
static bool next_block(mmu_trace_t *t)
{
    lwt_t *s = t->state;
    mmu_lwt_chunk_t chunk;
    const char *problem;

    if (s->ended || !take_chunk(t, &chunk))
        return false;
    if (strcmp(chunk.kind, "INDX") == 0) {
        take_end(t, &chunk);
        return false;
    }
    if (strcmp(chunk.kind, "BLCK") != 0)
        return fail_block(t, "it is a chunk of a kind that is not known");
    if (chunk.first != s->whole)
        return fail_block(t, "its first access has another number");
    problem = mmu_lwt_block_load(s->block, s->payload, chunk.length, chunk.count);
    if (problem != NULL)
        return fail_block(t, problem);
    if (mmu_lwt_block_processes(s->block) > t->processes)
        t->processes = mmu_lwt_block_processes(s->block);
    s->whole += chunk.count;
    s->number++;
    return true;
}

static size_t read(mmu_trace_t *t, mmu_access_t *to, size_t room)
{
    lwt_t *s = t->state;
    const char *problem = NULL;
    size_t given = 0;

    while (given < room) {
        given += mmu_lwt_block_read(s->block, to + given, room - given, &problem);
        if (problem != NULL) {
            s->number--;
            s->whole = s->next + given;
            fail_block(t, problem);
            break;
        }
        if (given < room && !next_block(t))
            break;
    }
    s->next += given;
    t->records = t->line = s->next;
    return given;
}

static bool seek(mmu_trace_t *t, uint64_t to)
{
    lwt_t *s = t->state;
    mmu_access_t skipped[512];
    size_t low = 0, high = s->blocks;

    if (s->where != NULL) {
        if (to > s->header.accesses && s->header.indexed)
            return mmu_trace_fail_past_end(t, to, s->header.accesses);
        /* low: the first block that begins behind `to` */
        while (low < high) {
            const size_t middle = low + (high - low) / 2;

            if (s->where[middle].first <= to)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0) {
            if (!jump(t, s->where[low - 1].offset))
                return false;
            s->number = low;
            s->whole = s->next = s->where[low - 1].first;
            s->ended = false;
            mmu_lwt_block_empty(s->block);
        }
    } else if (to < s->next) {
        return mmu_trace_fail(t,
                              "cannot go back from access %" PRIu64 " to %" PRIu64
                              " of a pipe or a file that was "
                              "compressed again",
                              s->next, to);
    }
    while (s->next < to) {
        const uint64_t left = to - s->next, most = sizeof skipped / sizeof skipped[0];

        if (read(t, skipped, (size_t)(left < most ? left : most)) == 0)
            return t->failed ? false : mmu_trace_fail_past_end(t, to, s->next);
    }
    return true;
}

bool mmu_trace_header(const mmu_trace_t *t, mmu_trace_header_t *header)
{
    if (t->format != &mmu_trace_format_lwt)
        return false;
    *header = ((const lwt_t *)t->state)->header;
    return true;
}

const mmu_trace_format_t mmu_trace_format_lwt = {.name = "lwt",
                                                 .what = "Lockwalk's compact format (traces/FORMAT.md)",
                                                 .probe = probe,
                                                 .read = read,
                                                 .open = open,
                                                 .seek = seek,
                                                 .close = close,
                                                 .binary = true};
