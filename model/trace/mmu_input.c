/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a plain, zstd, gzip or xz file (libzstd, zlib, liblzma).
 */
#include "trace/mmu_input.h"

#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#define RAW_SIZE ((size_t)1 << 16)
#define XZ_MEMORY (UINT64_C(1) << 28) /* more than any preset of xz needs */

typedef enum { KIND_NONE = 0, KIND_ZSTD = 1, KIND_GZIP = 2, KIND_XZ = 3 } kind_e;

struct mmu_input {
    FILE *file;
    kind_e kind;
    ZSTD_DStream *zstd;
    z_stream gzip;
    lzma_stream xz;
    bool whole;  /* the compressed data read so far ends where a frame (member) ends */
    bool at_end; /* of the file */
    bool seekable;
    uint64_t size;    /* of the file, where it is seekable */
    size_t have, pos; /* bytes in raw, and used of them */
    char error[160];
    unsigned char raw[RAW_SIZE];
};

static bool refill(mmu_input_t *in)
{
    in->pos = 0;
    in->have = fread(in->raw, 1, sizeof in->raw, in->file);
    if (in->have == 0) {
        if (ferror(in->file)) {
            snprintf(in->error, sizeof in->error, "cannot be read: %s", strerror(errno));
            return false;
        }
        in->at_end = true;
    }
    return true;
}

static kind_e kind_of(const unsigned char *raw, size_t n)
{
    static const unsigned char zstd_magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
    static const unsigned char gzip_magic[2] = {0x1f, 0x8b};
    static const unsigned char xz_magic[6] = {0xfd, '7', 'z', 'X', 'Z', 0};

    if (n >= sizeof zstd_magic && memcmp(raw, zstd_magic, sizeof zstd_magic) == 0)
        return KIND_ZSTD;
    if (n >= sizeof gzip_magic && memcmp(raw, gzip_magic, sizeof gzip_magic) == 0)
        return KIND_GZIP;
    if (n >= sizeof xz_magic && memcmp(raw, xz_magic, sizeof xz_magic) == 0)
        return KIND_XZ;
    return KIND_NONE;
}

/* Makes the decompressor; false: no memory. */
static bool start(mmu_input_t *in)
{
    bool ready = true;

    in->whole = true;
    if (in->kind == KIND_ZSTD) {
        in->zstd = ZSTD_createDStream();
        ready = in->zstd != NULL;
    } else if (in->kind == KIND_GZIP) {
        ready = inflateInit2(&in->gzip, 15 + 16) == Z_OK; /* the largest window, gzip's header */
    } else if (in->kind == KIND_XZ) {
        in->xz = (lzma_stream)LZMA_STREAM_INIT;
        ready = lzma_stream_decoder(&in->xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK;
        in->whole = false;
    }
    if (!ready)
        in->kind = KIND_NONE; /* nothing to free */
    return ready;
}

mmu_input_t *mmu_input_open(const char *path, char *err, size_t n)
{
    mmu_input_t *in = calloc(1, sizeof *in);
    struct stat st;

    if (in == NULL) {
        snprintf(err, n, "%s: no memory", path);
        return NULL;
    }
    in->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (in->file == NULL) {
        snprintf(err, n, "%s: cannot be opened: %s", path, strerror(errno));
        free(in);
        return NULL;
    }
    if (fstat(fileno(in->file), &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            snprintf(err, n, "%s: is a directory, expected a trace file", path);
            mmu_input_close(in);
            return NULL;
        }
        in->seekable = S_ISREG(st.st_mode) && in->file != stdin;
        in->size = in->seekable ? (uint64_t)st.st_size : 0;
    }
    if (!refill(in)) {
        snprintf(err, n, "%s: %s", path, in->error);
        mmu_input_close(in);
        return NULL;
    }
    in->kind = kind_of(in->raw, in->have);
    if (!start(in)) {
        snprintf(err, n, "%s: no memory to decompress", path);
        mmu_input_close(in);
        return NULL;
    }
    return in;
}

void mmu_input_close(mmu_input_t *in)
{
    if (in == NULL)
        return;
    if (in->kind == KIND_ZSTD)
        ZSTD_freeDStream(in->zstd);
    if (in->kind == KIND_GZIP)
        inflateEnd(&in->gzip);
    if (in->kind == KIND_XZ)
        lzma_end(&in->xz);
    if (in->file != stdin)
        fclose(in->file);
    free(in);
}

/* One step of the decompressor: how many bytes it wrote, or -1. */
static long step_zstd(mmu_input_t *in, char *to, size_t n)
{
    ZSTD_outBuffer out = {to, n, 0};
    ZSTD_inBuffer raw = {in->raw, in->have, in->pos};
    size_t left = ZSTD_decompressStream(in->zstd, &out, &raw);

    in->pos = raw.pos;
    if (ZSTD_isError(left)) {
        snprintf(in->error, sizeof in->error, "the zstd data is damaged: %s", ZSTD_getErrorName(left));
        return -1;
    }
    in->whole = left == 0;
    return (long)out.pos;
}

static long step_gzip(mmu_input_t *in, char *to, size_t n)
{
    int status;

    in->gzip.next_in = in->raw + in->pos;
    in->gzip.avail_in = (uInt)(in->have - in->pos);
    in->gzip.next_out = (Bytef *)to;
    in->gzip.avail_out = (uInt)n;
    status = inflate(&in->gzip, Z_NO_FLUSH);
    in->pos = in->have - in->gzip.avail_in;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        snprintf(in->error, sizeof in->error, "the gzip data is damaged: %s",
                 in->gzip.msg != NULL ? in->gzip.msg : "no reason given");
        return -1;
    }
    in->whole = status == Z_STREAM_END;
    if (in->whole)
        inflateReset(&in->gzip);
    return (long)(n - in->gzip.avail_out);
}

static const char *xz_says(lzma_ret status)
{
    switch (status) {
    case LZMA_MEM_ERROR:
        return "no memory";
    case LZMA_MEMLIMIT_ERROR:
        return "it needs more than 256 MiB of memory";
    case LZMA_FORMAT_ERROR:
        return "a part does not begin as xz";
    case LZMA_OPTIONS_ERROR:
        return "it uses a filter that is not known";
    default:
        return "data or check sum";
    }
}

/* liblzma tells at the very end whether the data was whole. */
static long step_xz(mmu_input_t *in, char *to, size_t n)
{
    lzma_ret status;

    in->xz.next_in = in->raw + in->pos;
    in->xz.avail_in = in->have - in->pos;
    in->xz.next_out = (uint8_t *)to;
    in->xz.avail_out = n;
    status = lzma_code(&in->xz, in->at_end ? LZMA_FINISH : LZMA_RUN);
    in->pos = in->have - in->xz.avail_in;
    if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR) {
        snprintf(in->error, sizeof in->error, "the xz data is damaged: %s", xz_says(status));
        return -1;
    }
    in->whole = status == LZMA_STREAM_END;
    return (long)(n - in->xz.avail_out);
}

static long read_compressed(mmu_input_t *in, char *to, size_t n)
{
    for (;;) {
        long got;

        if (in->pos == in->have && !in->at_end && !refill(in))
            return -1;
        if (in->pos == in->have && in->whole)
            return 0;
        /* At the end of the file this still gives what the decompressor holds back. */
        got = in->kind == KIND_ZSTD   ? step_zstd(in, to, n)
              : in->kind == KIND_GZIP ? step_gzip(in, to, n)
                                      : step_xz(in, to, n);
        if (got != 0)
            return got;
        if (in->at_end && in->pos == in->have && !in->whole) {
            snprintf(in->error, sizeof in->error, "the %s data is cut short", mmu_input_compression(in));
            return -1;
        }
    }
}

long mmu_input_read(mmu_input_t *in, char *to, size_t n)
{
    size_t count;

    if (in->error[0] != '\0')
        return -1;
    if (in->kind != KIND_NONE)
        return read_compressed(in, to, n);
    if (in->pos == in->have && !in->at_end && !refill(in))
        return -1;
    count = in->have - in->pos < n ? in->have - in->pos : n;
    memcpy(to, in->raw + in->pos, count);
    in->pos += count;
    return (long)count;
}

bool mmu_input_size(const mmu_input_t *in, uint64_t *size)
{
    *size = in->size;
    return in->seekable && in->kind == KIND_NONE;
}

bool mmu_input_seek(mmu_input_t *in, uint64_t offset)
{
    if (fseeko(in->file, (off_t)offset, SEEK_SET) != 0) {
        snprintf(in->error, sizeof in->error, "cannot be read at byte %llu: %s", (unsigned long long)offset,
                 strerror(errno));
        return false;
    }
    in->at_end = false;
    in->have = in->pos = 0;
    return true;
}

const char *mmu_input_error(const mmu_input_t *in)
{
    return in->error;
}

const char *mmu_input_compression(const mmu_input_t *in)
{
    static const char *const names[] = {"none", "zstd", "gzip", "xz"};

    return names[in->kind];
}
