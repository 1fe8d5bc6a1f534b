/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Bytes to a plain, zstd, gzip or xz file (libzstd, zlib, liblzma).
 */
#include "trace/mmu_output.h"

#include "file/mmu_whole_file.h"

#include <errno.h>
#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define STEP ((size_t)1 << 16)
#define ZSTD_LEVEL 12
#define GZIP_LEVEL 6
#define XZ_LEVEL 6u

struct mmu_output {
    mmu_whole_file_t file;
    char *path;
    mmu_output_e how;
    ZSTD_CCtx *zstd;
    z_stream gzip;
    lzma_stream xz;
    char error[160];
    unsigned char raw[STEP];
};

static void release(mmu_output_t *out)
{
    if (out->how == MMU_OUTPUT_ZSTD)
        ZSTD_freeCCtx(out->zstd);
    if (out->how == MMU_OUTPUT_GZIP)
        deflateEnd(&out->gzip);
    if (out->how == MMU_OUTPUT_XZ)
        lzma_end(&out->xz);
    free(out->path);
    free(out);
}

static bool start(mmu_output_t *out)
{
    bool ready = true;

    if (out->how == MMU_OUTPUT_ZSTD) {
        out->zstd = ZSTD_createCCtx();
        ready = out->zstd != NULL;
        if (ready) {
            ZSTD_CCtx_setParameter(out->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
            ZSTD_CCtx_setParameter(out->zstd, ZSTD_c_checksumFlag, 1);
        }
    } else if (out->how == MMU_OUTPUT_GZIP) {
        ready = deflateInit2(&out->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    } else if (out->how == MMU_OUTPUT_XZ) {
        out->xz = (lzma_stream)LZMA_STREAM_INIT;
        ready = lzma_easy_encoder(&out->xz, XZ_LEVEL, LZMA_CHECK_CRC64) == LZMA_OK;
    }
    if (!ready)
        out->how = MMU_OUTPUT_PLAIN; /* nothing to free */
    return ready;
}

mmu_output_t *mmu_output_open(const char *path, mmu_output_e how, char *err, size_t n)
{
    mmu_output_t *out = calloc(1, sizeof *out);

    if (out == NULL) {
        snprintf(err, n, "%s: no memory", path);
        return NULL;
    }
    out->how = how;
    out->path = strdup(path);
    if (out->path == NULL || !start(out)) {
        snprintf(err, n, "%s: no memory", path);
        release(out);
        return NULL;
    }
    if (!mmu_whole_file_open(&out->file, out->path, err, n)) {
        release(out);
        return NULL;
    }
    return out;
}

static bool put(mmu_output_t *out, const void *bytes, size_t n)
{
    if (n != 0 && fwrite(bytes, 1, n, out->file.file) != n && out->error[0] == '\0')
        snprintf(out->error, sizeof out->error, "cannot be written: %s", strerror(errno));
    return out->error[0] == '\0';
}

/* One step each: the bytes that came out, and whether it is done. */
static size_t step(mmu_output_t *out, const unsigned char **p, size_t *left, bool end, bool *done)
{
    if (out->how == MMU_OUTPUT_ZSTD) {
        ZSTD_inBuffer in = {*p, *left, 0};
        ZSTD_outBuffer raw = {out->raw, STEP, 0};
        const size_t more = ZSTD_compressStream2(out->zstd, &raw, &in, end ? ZSTD_e_end : ZSTD_e_continue);

        if (ZSTD_isError(more))
            snprintf(out->error, sizeof out->error, "cannot be compressed: %s", ZSTD_getErrorName(more));
        *p += in.pos;
        *left -= in.pos;
        *done = end ? more == 0 : *left == 0;
        return raw.pos;
    }
    if (out->how == MMU_OUTPUT_GZIP) {
        int status;

        out->gzip.next_in = (Bytef *)*p;
        out->gzip.avail_in = (uInt)*left;
        out->gzip.next_out = out->raw;
        out->gzip.avail_out = (uInt)STEP;
        status = deflate(&out->gzip, end ? Z_FINISH : Z_NO_FLUSH);
        *p += *left - out->gzip.avail_in;
        *left = out->gzip.avail_in;
        *done = end ? status == Z_STREAM_END : *left == 0;
        return STEP - out->gzip.avail_out;
    }
    out->xz.next_in = *p;
    out->xz.avail_in = *left;
    out->xz.next_out = out->raw;
    out->xz.avail_out = STEP;
    *done = lzma_code(&out->xz, end ? LZMA_FINISH : LZMA_RUN) == LZMA_STREAM_END ||
            (!end && out->xz.avail_in == 0);
    *p += *left - out->xz.avail_in;
    *left = out->xz.avail_in;
    return STEP - out->xz.avail_out;
}

static bool squeeze(mmu_output_t *out, const void *bytes, size_t n, bool end)
{
    const unsigned char *p = bytes;
    bool done = false;

    while (!done && out->error[0] == '\0') {
        const size_t got = step(out, &p, &n, end, &done);

        if (!put(out, out->raw, got))
            return false;
    }
    return out->error[0] == '\0';
}

bool mmu_output_write(mmu_output_t *out, const void *bytes, size_t n)
{
    if (out->error[0] != '\0')
        return false;
    if (out->how == MMU_OUTPUT_PLAIN)
        return put(out, bytes, n);
    return n == 0 || squeeze(out, bytes, n, false);
}

bool mmu_output_close(mmu_output_t *out, bool keep, char *err, size_t n)
{
    bool good =
        !keep || (out->error[0] == '\0' && (out->how == MMU_OUTPUT_PLAIN || squeeze(out, "", 0, true)));

    if (!good)
        snprintf(err, n, "%s %s", out->path, out->error);
    if (!mmu_whole_file_close(&out->file, keep && good, err, n))
        good = !keep;
    release(out);
    return good;
}
