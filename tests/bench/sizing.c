/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The sweep's engines against each other; tests/bench/sizing prints what comes out as a table with its goals.
 *
 *     bench-sizing grid TRACE STREAM [portable]  the grid once on a decoded trace in memory, for callgrind with
 *                                                --toggle-collect=mmu_lru_grid_feed
 *     bench-sizing singles TRACE STREAM          the grid against a single run of each of its shapes; all must agree
 *     bench-sizing trees TRACE                   15 x 320 hierarchies against the grid
 *     bench-sizing disk TRACE                    a sweep of an .lwt file on disk against the grid
 *     bench-sizing opt TRACE STREAM              OPT of all shapes against the grid
 *     bench-sizing memory PAGES ACCESSES         peak memory of a sweep of an .lwt file of so many pages
 *
 * Each prints lines `name value`. Times are processor time of this thread, rivals by turns in one run, so that a busy
 * machine slows both. STREAM is unified, data or fetch.
 *
 * The rival of the grid is mmu_shape under LRU: it searches no way, as each page knows its slot; recency is a ring of
 * slots, so a hit is a few stores; a page that is accessed again at once costs one comparison. It is fed the very
 * block that the grid is fed, with repeated pages in it.
 */
#include "lockwalk/mmu_sizing.h"
#include "lockwalk/mmu_sizing_engine.h"
#include "lockwalk/mmu_trace_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LEVELS = 10, WAYS = 32, FIRST_LEVELS = 15, ROUNDS = 5, PIECE = 4096 };

typedef struct {
    mmu_access_t *access; /* of the stream, cut at pages */
    mmu_pages_t pages;
    mmu_page_id_t *id;
    size_t count, room;
} decoded_t;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static _Noreturn void die(const char *text)
{
    fprintf(stderr, "bench-sizing: %s\n", text);
    exit(2);
}

static void *must(void *p)
{
    if (p == NULL)
        die("no memory");
    return p;
}

static mmu_trace_t *open_trace(const char *path)
{
    char err[512];
    mmu_trace_t *trace = mmu_trace_open(path, err, sizeof err);

    if (trace == NULL)
        die(err);
    return trace;
}

static void decode(decoded_t *to, const char *path, const char *stream)
{
    mmu_trace_t *trace = open_trace(path);
    const bool all = strcmp(stream, "unified") == 0, fetches = strcmp(stream, "fetch") == 0;
    mmu_access_t access;
    bool last;
    int got;

    if (!all && !fetches && strcmp(stream, "data") != 0)
        die("the stream is unified, data or fetch");
    if (!mmu_pages_init(&to->pages))
        die("no memory");
    while ((got = mmu_trace_next_page(trace, &access, &last)) > 0) {
        const bool fetch = access.acc == MMU_ACC_FETCH;

        if (!all && fetch != fetches)
            continue;
        if (to->count == to->room) {
            to->room = to->room == 0 ? 1 << 20 : to->room * 2;
            to->id = must(realloc(to->id, to->room * sizeof to->id[0]));
            to->access = must(realloc(to->access, to->room * sizeof to->access[0]));
        }
        to->access[to->count] = access;
        to->id[to->count++] = mmu_pages_id(&to->pages, access.va >> 12, (uint32_t)(access.va >> 12));
    }
    if (got < 0)
        die(mmu_trace_error(trace));
    mmu_trace_close(trace);
    printf("accesses %zu\npages %" PRIu32 "\n", to->count, to->pages.count);
}

static void tell_ratio(double seconds, double rival_seconds, const char *what)
{
    if (seconds <= 0 || rival_seconds <= 0)
        die("the trace is too short to be timed");
    printf("%s %.4f\n", what, rival_seconds / seconds);
}

/* ---- the grid ---------------------------------------------------------------------------------------------- */

static double grid_seconds(const decoded_t *d, mmu_lru_grid_t **out, bool portable)
{
    mmu_lru_grid_t *g = must(mmu_lru_grid_new(0, LEVELS - 1));
    const mmu_page_block_t block = mmu_pages_block(&d->pages, d->id, d->count);
    double begin;

    if (portable)
        mmu_lru_grid_portable(g);
    begin = now();
    if (!mmu_lru_grid_feed(g, &block))
        die("no memory");
    begin = now() - begin;
    if (out != NULL)
        *out = g;
    else
        mmu_lru_grid_free(g);
    return begin;
}

static double single_seconds(const decoded_t *d, const mmu_lru_grid_t *g, unsigned sets_log2, unsigned ways)
{
    mmu_shape_t *shape = must(mmu_shape_new(sets_log2, ways, MMU_POLICY_LRU));
    const mmu_page_block_t block = mmu_pages_block(&d->pages, d->id, d->count);
    const double begin = now();
    double seconds;

    if (!mmu_shape_feed(shape, &block, NULL, NULL))
        die("no memory");
    seconds = now() - begin;
    if (mmu_shape_misses(shape) != mmu_lru_grid_misses(g, sets_log2, ways))
        die("grid and single run count differently");
    mmu_shape_free(shape);
    return seconds;
}

/* A run of the grid for each number of sets, between the single runs. */
static void singles(const decoded_t *d)
{
    double one = 0, many = 0;

    for (unsigned s = 0; s < LEVELS; s++) {
        mmu_lru_grid_t *g;

        one += grid_seconds(d, &g, false);
        for (unsigned ways = 1; ways <= WAYS; ways++)
            many += single_seconds(d, g, s, ways);
        mmu_lru_grid_free(g);
    }
    one /= LEVELS;
    printf("grid_rate %.1f\n", (double)d->count / one * 1e-6);
    printf("single_rate %.1f\n", (double)d->count * LEVELS * WAYS / many * 1e-6);
    tell_ratio(one, many, "ratio");
}

/* ---- whole sweeps -------------------------------------------------------------------------------------------- */

/* The grid's shapes. */
static void add_shapes(mmu_sweep_options_t *opt)
{
    opt->pages = 1;
    opt->page_lg[0] = 12;
    for (unsigned s = 0; s < LEVELS; s++)
        opt->sets_log2[opt->sets++] = (uint8_t)s;
    for (unsigned ways = 1; ways <= WAYS; ways++)
        opt->way[opt->ways++] = ways;
}

static void must_feed(mmu_sweep_t *sweep, const mmu_access_t *access, size_t n)
{
    if (!mmu_sweep_feed(sweep, access, n))
        die(mmu_sweep_error(sweep));
}

static void must_finish(mmu_sweep_t *sweep)
{
    if (!mmu_sweep_finish(sweep))
        die(mmu_sweep_error(sweep));
}

/* 15 pairs of first levels, each in front of every shape of the grid: all from accesses to counts, so that making ids
 * of pages is in it, which the grid alone has done before. */
static void trees(const decoded_t *d)
{
    mmu_sweep_options_t *opt = must(calloc(1, sizeof *opt));
    double one = 0, all = 0;

    add_shapes(opt);
    for (unsigned n = 0; n < FIRST_LEVELS; n++)
        opt->l1i[n] = opt->l1d[n] = (mmu_sweep_shape_t){.sets_log2 = (uint8_t)(n % 5), .ways = 4u << n / 5};
    opt->l1s = FIRST_LEVELS;
    for (unsigned s = 0; s < opt->sets; s++)
        for (unsigned w = 0; w < opt->ways; w++)
            opt->l2[opt->l2s++] = (mmu_sweep_shape_t){.sets_log2 = opt->sets_log2[s], .ways = opt->way[w]};
    for (unsigned round = 0; round < ROUNDS; round++) {
        mmu_sweep_t *sweep = must(mmu_sweep_new(opt));
        double begin;

        one += grid_seconds(d, NULL, false);
        begin = now();
        must_feed(sweep, d->access, d->count);
        must_finish(sweep);
        all += now() - begin;
        mmu_sweep_free(sweep);
    }
    tell_ratio(one, all, "ratio");
    free(opt);
}

static void optimum(const decoded_t *d, const char *stream)
{
    mmu_sweep_options_t *opt = must(calloc(1, sizeof *opt));
    mmu_sweep_t *sweep;
    double begin;

    add_shapes(opt);
    opt->stream[strcmp(stream, "data") == 0    ? MMU_STREAM_DATA
                : strcmp(stream, "fetch") == 0 ? MMU_STREAM_FETCH
                                               : MMU_STREAM_UNIFIED] = true;
    opt->policy[MMU_SWEEP_OPT] = true;
    sweep = must(mmu_sweep_new(opt));
    begin = now();
    must_feed(sweep, d->access, d->count);
    must_finish(sweep);
    begin = now() - begin;
    tell_ratio(grid_seconds(d, NULL, false), begin, "ratio");
    mmu_sweep_free(sweep);
    free(opt);
}

/* ---- from disk ----------------------------------------------------------------------------------------------- */

static char *temporary(const char *name)
{
    const char *folder = getenv("TMPDIR");
    char *path;

    if (asprintf(&path, "%s/bench-sizing-%ld-%s.lwt", folder != NULL ? folder : "/tmp", (long)getpid(),
                 name) < 0)
        die("no memory");
    return path;
}

/* The grid over a file: its thread's seconds. */
static double sweep_file(const char *path, uint64_t *accesses)
{
    static mmu_access_t access[PIECE];
    mmu_sweep_options_t *opt = must(calloc(1, sizeof *opt));
    const double begin = now();
    mmu_trace_t *trace = open_trace(path);
    mmu_sweep_t *sweep;
    double seconds;
    size_t n;

    add_shapes(opt);
    opt->stream[MMU_STREAM_UNIFIED] = true;
    opt->policy[MMU_POLICY_LRU] = true;
    sweep = must(mmu_sweep_new(opt));
    while ((n = mmu_trace_read(trace, access, PIECE)) != 0)
        must_feed(sweep, access, n);
    if (mmu_trace_failed(trace))
        die(mmu_trace_error(trace));
    must_finish(sweep);
    *accesses = mmu_trace_count(trace);
    mmu_sweep_free(sweep);
    mmu_trace_close(trace);
    seconds = now() - begin;
    free(opt);
    return seconds;
}

static void disk(const decoded_t *d, const char *path)
{
    static mmu_access_t access[PIECE];
    char err[512], *lwt = temporary("disk");
    mmu_trace_t *trace = open_trace(path);
    mmu_trace_writer_t *writer = mmu_trace_create(lwt, NULL, err, sizeof err);
    double one = 0, all = 0;
    uint64_t accesses;
    size_t n;

    if (writer == NULL)
        die(err);
    while ((n = mmu_trace_read(trace, access, PIECE)) != 0)
        mmu_trace_write(writer, access, n);
    mmu_trace_close(trace);
    if (!mmu_trace_finish(writer, err, sizeof err))
        die(err);
    for (unsigned round = 0; round < ROUNDS; round++) {
        one += grid_seconds(d, NULL, false);
        all += sweep_file(lwt, &accesses);
    }
    remove(lwt);
    free(lwt);
    printf("disk_rate %.1f\n", (double)accesses * ROUNDS / all * 1e-6);
    tell_ratio(all, one, "ratio");
}

/* ---- memory -------------------------------------------------------------------------------------------------- */

/* Every page once, then pages at random, near ones more often; written by a process of its own. */
static void generate(const char *path, uint32_t pages, uint64_t accesses)
{
    char err[512];
    mmu_trace_writer_t *writer = mmu_trace_create(path, NULL, err, sizeof err);
    uint64_t random = 1;

    if (writer == NULL)
        die(err);
    for (uint64_t n = 0; n < accesses; n++) {
        mmu_access_t a = {.size = 8, .acc = n % 4 == 0 ? MMU_ACC_FETCH : MMU_ACC_LOAD};
        uint64_t page = n;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        if (n >= pages)
            page = random % 2 == 0 ? (n + random / 2 % 64) % pages : random / 2 % pages;
        a.va = page << 12 | (random >> 20 & 0xff8);
        mmu_trace_write(writer, &a, 1);
    }
    if (!mmu_trace_finish(writer, err, sizeof err))
        die(err);
}

static void memory(uint32_t pages, uint64_t accesses)
{
    char *path = temporary("memory");
    const pid_t child = fork();
    struct rusage usage;
    uint64_t swept;
    int status;

    if (child == 0) {
        generate(path, pages, accesses);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        die("no trace could be generated");
    sweep_file(path, &swept);
    remove(path);
    free(path);
    getrusage(RUSAGE_SELF, &usage);
    printf("accesses %" PRIu64 "\npeak_mb %.1f\n", swept, (double)usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    static decoded_t d;
    const char *what = argc >= 3 ? argv[1] : "";

    if (strcmp(what, "memory") == 0 && argc == 4) {
        memory((uint32_t)strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
        return 0;
    }
    if (strcmp(what, "trees") == 0 || strcmp(what, "disk") == 0)
        decode(&d, argv[2], "unified");
    else if (argc >= 4)
        decode(&d, argv[2], argv[3]);
    if (strcmp(what, "trees") == 0)
        trees(&d);
    else if (strcmp(what, "disk") == 0)
        disk(&d, argv[2]);
    else if (strcmp(what, "grid") == 0 && argc >= 4)
        printf("seconds %.4f\n", grid_seconds(&d, NULL, argc == 5));
    else if (strcmp(what, "singles") == 0 && argc == 4)
        singles(&d);
    else if (strcmp(what, "opt") == 0 && argc == 4)
        optimum(&d, argv[3]);
    else
        die("usage: bench-sizing grid|singles|trees|disk|opt|memory ... (see tests/bench/sizing.c)");
    return 0;
}
