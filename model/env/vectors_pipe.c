/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a run over vectors has found, from the simulation's process to the one that asked. Both are built from the same
 * sources, so records are written as they stand in memory; a mark and their sizes tell where that is not so.
 */
#include "env/vectors.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MARK UINT64_C(0x4c57564543543031) /* "LWVECT01" */

enum { FOUND = 1, FILE_DONE = 2, END = 3 };

typedef struct {
    uint64_t mark;
    uint32_t kind, file, size, zero;
} head_t;

/* ---- writing ------------------------------------------------------------------------------------------ */

static bool write_all(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n != 0) {
        ssize_t done = write(fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

/* One that cannot be written is missed by the reader, who then has no end. */
static void put(int *fd, unsigned kind, unsigned file, const void *body, size_t size)
{
    const head_t head = {.mark = MARK, .kind = kind, .file = file, .size = (uint32_t)size};

    if (*fd >= 0 && (!write_all(*fd, &head, sizeof head) || !write_all(*fd, body, size)))
        *fd = -1;
}

static void put_found(void *user, unsigned file, const mmu_vectors_found_t *found)
{
    put(user, FOUND, file, found, sizeof *found);
}

static void put_file(void *user, unsigned file, const mmu_vectors_counts_t *counts)
{
    put(user, FILE_DONE, file, counts, sizeof *counts);
}

mmu_vectors_sink_t mmu_vectors_pipe_sink(int *fd)
{
    return (mmu_vectors_sink_t){.found = put_found, .file_done = put_file, .user = fd};
}

void mmu_vectors_pipe_end(int fd)
{
    put(&fd, END, 0, NULL, 0);
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static bool read_all(int fd, void *bytes, size_t n)
{
    char *at = bytes;

    while (n != 0) {
        ssize_t done = read(fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

bool mmu_vectors_pipe_read(int fd, const mmu_vectors_sink_t *sink)
{
    mmu_vectors_found_t found;
    mmu_vectors_counts_t counts;
    head_t head;

    while (read_all(fd, &head, sizeof head) && head.mark == MARK) {
        if (head.kind == END)
            return true;
        if (head.kind == FOUND && head.size == sizeof found) {
            if (!read_all(fd, &found, sizeof found))
                return false;
            sink->found(sink->user, head.file, &found);
        } else if (head.kind == FILE_DONE && head.size == sizeof counts) {
            if (!read_all(fd, &counts, sizeof counts))
                return false;
            sink->file_done(sink->user, head.file, &counts);
        } else {
            return false;
        }
    }
    return false;
}
