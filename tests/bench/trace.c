/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What reading a trace costs: the same accesses as .lwt, as text and as packed text.
 *
 *     bench-trace TRACE         bytes an access, accesses a second (the best of three), and whether all read the same
 *     bench-trace TRACE once    reads TRACE once: accesses; for callgrind, with --toggle-collect=mmu_trace_read:
 *
 *         valgrind --tool=callgrind --toggle-collect=mmu_trace_read build/bench-trace cc1.lwt once
 *
 *     and the instructions, divided by the accesses, are what one costs.
 */
#include "lockwalk/mmu_trace_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096u
#define TIMES 3

typedef struct {
    uint64_t accesses, hash;
    double seconds;
} read_t;

static void die(const char *text)
{
    fprintf(stderr, "bench-trace: %s\n", text);
    exit(2);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static mmu_trace_t *must_open(const char *path)
{
    char err[512];
    mmu_trace_t *trace = mmu_trace_open(path, err, sizeof err);

    if (trace == NULL)
        die(err);
    return trace;
}

/* Time of mmu_trace_read alone; the hash is of every field of every access. */
static read_t read_all(const char *path)
{
    mmu_access_t block[BLOCK];
    read_t r = {0};
    double begin = now();
    mmu_trace_t *trace = must_open(path);

    for (;;) {
        const size_t n = mmu_trace_read(trace, block, BLOCK);

        r.seconds += now() - begin;
        if (n == 0)
            break;
        for (size_t k = 0; k < n; k++) {
            const mmu_access_t *a = &block[k];
            const uint64_t kind = (uint64_t)a->process << 40 | (uint64_t)a->size << 8 | a->acc;

            r.hash = (r.hash ^ a->va ^ kind << 20) * UINT64_C(0x9e3779b97f4a7c15);
        }
        r.accesses += n;
        begin = now();
    }
    if (mmu_trace_failed(trace))
        die(mmu_trace_error(trace));
    mmu_trace_close(trace);
    return r;
}

static void write_as(const char *from, const char *to)
{
    mmu_access_t block[BLOCK];
    char err[512];
    mmu_trace_t *trace = must_open(from);
    mmu_trace_writer_t *writer = mmu_trace_create(to, NULL, err, sizeof err);
    size_t n;

    if (writer == NULL)
        die(err);
    while ((n = mmu_trace_read(trace, block, BLOCK)) > 0)
        mmu_trace_write(writer, block, n);
    mmu_trace_close(trace);
    if (!mmu_trace_finish(writer, err, sizeof err))
        die(err);
}

static void measure(const char *from, const char *folder, const char *name, const read_t *first)
{
    char path[256];
    struct stat st;
    double best = 0;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_as(from, path);
    for (unsigned k = 0; k < TIMES; k++) {
        const read_t r = read_all(path);

        if (r.accesses != first->accesses || r.hash != first->hash) {
            unlink(path);
            rmdir(folder);
            die("what was written is not what was read");
        }
        if (k == 0 || r.seconds < best)
            best = r.seconds;
    }
    if (stat(path, &st) != 0)
        die("a file is gone");
    printf("%-10s %10.4f bytes an access  %8.1f M accesses/s\n", name,
           (double)st.st_size / (double)first->accesses, (double)first->accesses / best * 1e-6);
    unlink(path);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/bench-trace-XXXXXX";
    read_t first;

    if (argc < 2)
        die("usage: bench-trace TRACE [once]");
    first = read_all(argv[1]);
    printf("%" PRIu64 " accesses\n", first.accesses);
    if (argc > 2)
        return 0;
    if (first.accesses == 0)
        die("a trace without accesses");
    if (mkdtemp(folder) == NULL)
        die("no folder in /tmp");
    measure(argv[1], folder, "t.lwt", &first);
    measure(argv[1], folder, "t.trc", &first);
    measure(argv[1], folder, "t.trc.zst", &first);
    measure(argv[1], folder, "t.trc.gz", &first);
    rmdir(folder);
    return 0;
}
