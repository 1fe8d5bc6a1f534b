/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * .lwt: heads of chunks, and compressed bytes.
 */
#include "trace/mmu_lwt.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define LEVEL 19    /* a block takes a fraction of a second; reading is as fast as of any level */
#define MIN_MATCH 6 /* shorter ones cost more in reading than they save in size */

void mmu_lwt_chunk_put(uint8_t bytes[MMU_LWT_CHUNK], const mmu_lwt_chunk_t *c)
{
    memcpy(bytes, c->kind, 4);
    mmu_lwt_put32(bytes + 4, c->length);
    mmu_lwt_put64(bytes + 8, c->first);
    mmu_lwt_put32(bytes + 16, c->count);
    mmu_lwt_put32(bytes + 20, (uint32_t)crc32(0, bytes, 20));
}

const char *mmu_lwt_chunk_get(const uint8_t bytes[MMU_LWT_CHUNK], mmu_lwt_chunk_t *c)
{
    if (mmu_lwt_get32(bytes + 20) != (uint32_t)crc32(0, bytes, 20))
        return "its head has another check sum";
    memcpy(c->kind, bytes, 4);
    c->kind[4] = '\0';
    c->length = mmu_lwt_get32(bytes + 4);
    c->first = mmu_lwt_get64(bytes + 8);
    c->count = mmu_lwt_get32(bytes + 16);
    return c->length > MMU_LWT_PAYLOAD ? "it says that it is longer than 64 MiB" : NULL;
}

size_t mmu_lwt_deflate(uint8_t **to, size_t *room, const void *from, size_t n)
{
    const size_t bound = ZSTD_compressBound(n);
    ZSTD_CCtx *zstd;
    size_t size;

    if (*room < bound) {
        uint8_t *bigger = realloc(*to, bound);

        if (bigger == NULL)
            return 0;
        *to = bigger;
        *room = bound;
    }
    zstd = ZSTD_createCCtx();
    if (zstd == NULL)
        return 0;
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_minMatch, MIN_MATCH);
    size = ZSTD_compress2(zstd, *to, *room, from, n);
    ZSTD_freeCCtx(zstd);
    return ZSTD_isError(size) ? 0 : size;
}

uint8_t *mmu_lwt_inflate(const uint8_t *from, size_t n, size_t most, size_t *size, const char **problem)
{
    const unsigned long long whole = ZSTD_getFrameContentSize(from, n);
    uint8_t *to;
    size_t got;

    if (whole == ZSTD_CONTENTSIZE_ERROR || whole == ZSTD_CONTENTSIZE_UNKNOWN || whole > most) {
        *problem = "its size is not told, or too large";
        return NULL;
    }
    to = malloc((size_t)whole + 1);
    if (to == NULL) {
        *problem = "no memory";
        return NULL;
    }
    got = ZSTD_decompress(to, (size_t)whole, from, n);
    if (ZSTD_isError(got) || got != whole) {
        *problem = ZSTD_isError(got) ? ZSTD_getErrorName(got) : "it has another size";
        free(to);
        return NULL;
    }
    to[got] = '\0';
    *size = got;
    return to;
}
