/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Traces to files: text, and the chunks of .lwt.
 */
#include "lockwalk/mmu_trace_write.h"

#include "trace/mmu_lwt.h"
#include "trace/mmu_output.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_ROOM ((size_t)1 << 16)
#define TEXT_LINE 64u /* more than a line and a change of the process */

struct mmu_trace_writer {
    mmu_output_t *out;
    bool lwt;
    bool no_memory;
    uint64_t count;
    /* text */
    uint16_t process;
    char *text;
    /* .lwt */
    mmu_lwt_packer_t *pack;
    mmu_access_t *block;
    size_t blocked;  /* accesses in block */
    uint64_t offset; /* bytes written */
    uint64_t packed; /* accesses written */
    uint64_t kinds[3], modifies;
    uint32_t processes;
    uint8_t *index; /* 12 bytes a block: offset, accesses */
    size_t blocks, index_room;
};

/* ---- names ---------------------------------------------------------------------------------- */

static bool ends_in(const char *name, size_t n, const char *end)
{
    const size_t k = strlen(end);

    return n > k && memcmp(name + n - k, end, k) == 0;
}

bool mmu_trace_name_is_lwt(const char *path)
{
    return ends_in(path, strlen(path), ".lwt");
}

/* How text of this name is compressed; false: no name of text. */
static bool text_name(const char *path, mmu_output_e *how)
{
    size_t n = strlen(path);

    *how = MMU_OUTPUT_PLAIN;
    if (strcmp(path, "-") == 0)
        return true;
    if (ends_in(path, n, ".zst"))
        *how = MMU_OUTPUT_ZSTD;
    else if (ends_in(path, n, ".gz"))
        *how = MMU_OUTPUT_GZIP;
    else if (ends_in(path, n, ".xz"))
        *how = MMU_OUTPUT_XZ;
    if (*how != MMU_OUTPUT_PLAIN)
        n = (size_t)(strrchr(path, '.') - path);
    return ends_in(path, n, ".trc") || ends_in(path, n, ".txt");
}

bool mmu_trace_name_is_good(const char *path)
{
    mmu_output_e how;

    return mmu_trace_name_is_lwt(path) || text_name(path, &how);
}

/* ---- text ----------------------------------------------------------------------------------- */

static char *put_hex(char *p, uint64_t value)
{
    static const char digit[] = "0123456789abcdef";
    int shift = value == 0 ? 0 : (63 - __builtin_clzll(value)) & ~3;

    for (; shift >= 0; shift -= 4)
        *p++ = digit[value >> shift & 15];
    return p;
}

static char *put_decimal(char *p, uint32_t value)
{
    char digits[10];
    unsigned n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (n > 0)
        *p++ = digits[--n];
    return p;
}

static bool write_text(mmu_trace_writer_t *w, const mmu_access_t *access, size_t count)
{
    char *p = w->text;

    for (size_t k = 0; k < count; k++) {
        const mmu_access_t *a = &access[k];

        if (a->process != w->process) {
            w->process = a->process;
            *p++ = 'P';
            *p++ = ' ';
            p = put_decimal(p, a->process);
            *p++ = '\n';
        }
        *p++ = "ILS"[a->acc];
        *p++ = ' ';
        p = put_hex(p, a->va);
        *p++ = ',';
        p = put_decimal(p, a->size);
        *p++ = '\n';
        if ((size_t)(p - w->text) > TEXT_ROOM - TEXT_LINE) {
            if (!mmu_output_write(w->out, w->text, (size_t)(p - w->text)))
                return false;
            p = w->text;
        }
    }
    return mmu_output_write(w->out, w->text, (size_t)(p - w->text));
}

/* ---- .lwt ------------------------------------------------------------------------------------- */

static bool put_bytes(mmu_trace_writer_t *w, const void *bytes, size_t n)
{
    w->offset += n;
    return mmu_output_write(w->out, bytes, n);
}

static bool put_chunk(mmu_trace_writer_t *w, const char *kind, uint64_t first, uint32_t count,
                      const void *payload, size_t n)
{
    mmu_lwt_chunk_t chunk = {.length = (uint32_t)n, .first = first, .count = count};
    uint8_t head[MMU_LWT_CHUNK];

    assert(n <= MMU_LWT_PAYLOAD);
    memcpy(chunk.kind, kind, sizeof chunk.kind);
    mmu_lwt_chunk_put(head, &chunk);
    return put_bytes(w, head, sizeof head) && put_bytes(w, payload, n);
}

/* A chunk whose payload is these bytes, compressed. */
static bool put_squeezed(mmu_trace_writer_t *w, const char *kind, uint32_t count, const void *bytes, size_t n)
{
    uint8_t *frame = NULL;
    size_t room = 0, size = mmu_lwt_deflate(&frame, &room, bytes, n);
    bool good = size != 0 && put_chunk(w, kind, 0, count, frame, size);

    w->no_memory = w->no_memory || size == 0;
    free(frame);
    return good;
}

static char *put_entry(char *p, const char *name, const char *value)
{
    const size_t n = strlen(value);

    memcpy(p, name, 4);
    mmu_lwt_put32((uint8_t *)p + 4, (uint32_t)n);
    memcpy(p + 8, value, n);
    return p + 8 + n;
}

static bool put_header(mmu_trace_writer_t *w, const mmu_trace_about_t *about)
{
    const char *source = about != NULL ? about->source : NULL,
               *command = about != NULL ? about->command : NULL;
    char *map = about != NULL && about->map != NULL ? mmu_page_map_text(about->map) : NULL;
    char *text = malloc(32 + (source != NULL ? strlen(source) : 0) + (command != NULL ? strlen(command) : 0) +
                        (map != NULL ? strlen(map) : 0)),
         *p = text;
    uint8_t version[4];
    bool good = text != NULL && (map != NULL || about == NULL || about->map == NULL);

    mmu_lwt_put32(version, MMU_LWT_VERSION);
    if (good) {
        if (source != NULL)
            p = put_entry(p, "SRCE", source);
        if (command != NULL)
            p = put_entry(p, "CMND", command);
        if (map != NULL)
            p = put_entry(p, "PMAP", map);
        good = put_bytes(w, MMU_LWT_MAGIC, MMU_LWT_MAGIC_SIZE) && put_bytes(w, version, sizeof version) &&
               put_squeezed(w, "HEAD", 0, text, (size_t)(p - text));
    } else
        w->no_memory = true;
    free(text);
    free(map);
    return good;
}

static bool add_to_index(mmu_trace_writer_t *w, uint64_t offset, uint32_t count)
{
    if (w->blocks == w->index_room) {
        const size_t room = w->index_room == 0 ? 64 : 2 * w->index_room;
        uint8_t *bigger = realloc(w->index, room * 12);

        if (bigger == NULL)
            return false;
        w->index = bigger;
        w->index_room = room;
    }
    mmu_lwt_put64(w->index + 12 * w->blocks, offset);
    mmu_lwt_put32(w->index + 12 * w->blocks + 8, count);
    w->blocks++;
    return true;
}

/* Writes the first accesses of the block, as many as it takes. */
static bool put_block(mmu_trace_writer_t *w)
{
    const uint64_t offset = w->offset;
    const uint8_t *payload;
    size_t length, n = mmu_lwt_pack(w->pack, w->block, w->blocked, &payload, &length);

    if (n == 0 || !add_to_index(w, offset, (uint32_t)n)) {
        w->no_memory = true;
        return false;
    }
    if (!put_chunk(w, "BLCK", w->packed, (uint32_t)n, payload, length))
        return false;
    w->packed += n;
    w->blocked -= n;
    memmove(w->block, w->block + n, w->blocked * sizeof w->block[0]);
    return true;
}

static bool write_lwt(mmu_trace_writer_t *w, const mmu_access_t *access, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        const mmu_access_t *a = &access[k];

        w->kinds[a->acc]++;
        w->modifies += a->modify && a->acc == MMU_ACC_STORE;
        if (a->process >= w->processes)
            w->processes = a->process + 1u;
    }
    while (count > 0) {
        const size_t room = MMU_LWT_BLOCK_COUNT - w->blocked, n = count < room ? count : room;

        memcpy(w->block + w->blocked, access, n * sizeof access[0]);
        w->blocked += n;
        access += n;
        count -= n;
        if (w->blocked == MMU_LWT_BLOCK_COUNT && !put_block(w))
            return false;
    }
    return true;
}

static bool finish_lwt(mmu_trace_writer_t *w)
{
    uint8_t *index, tail[MMU_LWT_END];
    uint64_t offset;
    bool good;

    while (w->blocked > 0)
        if (!put_block(w))
            return false;
    index = malloc(48 + 12 * w->blocks);
    if (index == NULL) {
        w->no_memory = true;
        return false;
    }
    mmu_lwt_put64(index, w->count);
    for (unsigned k = 0; k < 3; k++)
        mmu_lwt_put64(index + 8 + 8 * k, w->kinds[k]);
    mmu_lwt_put64(index + 32, w->modifies);
    mmu_lwt_put32(index + 40, w->processes);
    mmu_lwt_put32(index + 44, 0);
    if (w->blocks != 0)
        memcpy(index + 48, w->index, 12 * w->blocks);
    offset = w->offset;
    good = put_squeezed(w, "INDX", (uint32_t)w->blocks, index, 48 + 12 * w->blocks);
    free(index);
    mmu_lwt_put64(tail, offset);
    memcpy(tail + 8, MMU_LWT_TAIL, MMU_LWT_MAGIC_SIZE);
    return good && put_bytes(w, tail, sizeof tail);
}

/* ---- the writer ----------------------------------------------------------------------------- */

static void release(mmu_trace_writer_t *w)
{
    mmu_lwt_packer_free(w->pack);
    free(w->block);
    free(w->index);
    free(w->text);
    free(w);
}

mmu_trace_writer_t *mmu_trace_create(const char *path, const mmu_trace_about_t *about, char *err, size_t n)
{
    mmu_trace_writer_t *w = calloc(1, sizeof *w);
    mmu_output_e how = MMU_OUTPUT_PLAIN;

    if (w == NULL) {
        snprintf(err, n, "%s: no memory", path);
        return NULL;
    }
    w->processes = 1;
    w->lwt = mmu_trace_name_is_lwt(path);
    if (!w->lwt && !text_name(path, &how)) {
        snprintf(err, n,
                 "%s: expected a name that ends in .lwt, or in .trc or .txt and perhaps .zst, .gz or .xz",
                 path);
        release(w);
        return NULL;
    }
    if (w->lwt) {
        w->pack = mmu_lwt_packer_new();
        w->block = malloc(MMU_LWT_BLOCK_COUNT * sizeof w->block[0]);
    } else
        w->text = malloc(TEXT_ROOM);
    if (w->lwt ? w->pack == NULL || w->block == NULL : w->text == NULL) {
        snprintf(err, n, "%s: no memory", path);
        release(w);
        return NULL;
    }
    w->out = mmu_output_open(path, how, err, n);
    if (w->out == NULL) {
        release(w);
        return NULL;
    }
    if (w->lwt)
        put_header(w, about); /* an error stays one */
    return w;
}

bool mmu_trace_write(mmu_trace_writer_t *w, const mmu_access_t *access, size_t count)
{
    if (w->no_memory)
        return false;
    w->count += count;
    return w->lwt ? write_lwt(w, access, count) : write_text(w, access, count);
}

uint64_t mmu_trace_written(const mmu_trace_writer_t *w)
{
    return w->count;
}

bool mmu_trace_finish(mmu_trace_writer_t *w, char *err, size_t n)
{
    bool good = !w->no_memory && (!w->lwt || finish_lwt(w) || !w->no_memory);

    if (!good)
        snprintf(err, n, "no memory left to write a trace");
    good = mmu_output_close(w->out, good, err, n) && good;
    release(w);
    return good;
}

void mmu_trace_abandon(mmu_trace_writer_t *w)
{
    char unused[8];

    if (w == NULL)
        return;
    mmu_output_close(w->out, false, unused, sizeof unused);
    release(w);
}
