/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The sweep's engines on a decoded trace in memory, one thread:
 *
 *     bench-sizing TRACE STREAM            times, and ratios in this one run
 *     bench-sizing TRACE STREAM grid       only the grid, once: accesses and seconds; for callgrind, with
 *                                          --toggle-collect=mmu_lru_grid_feed
 *
 * STREAM is unified, data or fetch. The rival is mmu_shape, one LRU shape a run: no way is searched, and a page that
 * is accessed again at once costs one comparison.
 */
#include "lockwalk/mmu_sizing.h"
#include "lockwalk/mmu_sizing_engine.h"
#include "lockwalk/mmu_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEVELS = 10, WAYS = 32, FIRST_LEVELS = 15 };

typedef struct {
    mmu_access_t *access; /* of the stream, cut at pages */
    mmu_pages_t pages;
    mmu_page_id_t *id;
    size_t count, room;
} decoded_t;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *text)
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

static void decode(decoded_t *to, const char *path, const char *stream)
{
    char err[512];
    mmu_trace_t *trace = mmu_trace_open(path, err, sizeof err);
    const bool all = strcmp(stream, "unified") == 0, fetches = strcmp(stream, "fetch") == 0;
    mmu_access_t access;
    bool last;
    int got;

    if (!all && !fetches && strcmp(stream, "data") != 0)
        die("the stream is unified, data or fetch");
    if (trace == NULL)
        die(err);
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
}

/* Runs the grid; its seconds. */
static double grid(const decoded_t *d, mmu_lru_grid_t **out)
{
    mmu_lru_grid_t *g = must(mmu_lru_grid_new(0, LEVELS - 1));
    const mmu_page_block_t block = mmu_pages_block(&d->pages, d->id, d->count);
    const double begin = now();

    if (!mmu_lru_grid_feed(g, &block))
        die("no memory");
    *out = g;
    return now() - begin;
}

/* Every shape of the grid by itself; all must agree with it. */
static double singles(const decoded_t *d, const mmu_lru_grid_t *g)
{
    double seconds = 0;

    for (unsigned s = 0; s < LEVELS; s++)
        for (unsigned ways = 1; ways <= WAYS; ways++) {
            mmu_shape_t *shape = must(mmu_shape_new(s, ways, MMU_POLICY_LRU));
            const mmu_page_block_t block = mmu_pages_block(&d->pages, d->id, d->count);
            const double begin = now();

            if (!mmu_shape_feed(shape, &block, NULL, NULL))
                die("no memory");
            seconds += now() - begin;
            if (mmu_shape_misses(shape) != mmu_lru_grid_misses(g, s, ways))
                die("grid and single run count differently");
            mmu_shape_free(shape);
        }
    return seconds;
}

/* 15 pairs of first levels, each in front of every shape of the grid. */
static double hierarchies(const decoded_t *d)
{
    mmu_sweep_options_t *opt = must(calloc(1, sizeof *opt));
    mmu_sweep_t *sweep;
    double begin;

    opt->pages = 1;
    opt->page_lg[0] = 12;
    for (unsigned n = 0; n < FIRST_LEVELS; n++)
        opt->l1i[n] = opt->l1d[n] = (mmu_sweep_shape_t){.sets_log2 = (uint8_t)(n % 5), .ways = 4u << n / 5};
    opt->l1s = FIRST_LEVELS;
    for (unsigned s = 0; s < LEVELS; s++)
        for (unsigned ways = 1; ways <= WAYS; ways++)
            opt->l2[opt->l2s++] = (mmu_sweep_shape_t){.sets_log2 = (uint8_t)s, .ways = ways};
    sweep = must(mmu_sweep_new(opt));
    begin = now();
    if (!mmu_sweep_feed(sweep, d->access, d->count) || !mmu_sweep_finish(sweep))
        die(mmu_sweep_error(sweep));
    begin = now() - begin;
    mmu_sweep_free(sweep);
    free(opt);
    return begin;
}

int main(int argc, char **argv)
{
    decoded_t d = {.count = 0};
    mmu_lru_grid_t *g;
    double one, many;

    if (argc < 3)
        die("usage: bench-sizing TRACE unified|data|fetch [grid]");
    decode(&d, argv[1], argv[2]);
    one = grid(&d, &g);
    if (argc > 3) {
        printf("%zu %.3f\n", d.count, one);
        return 0;
    }
    many = singles(&d, g);
    printf("%zu accesses, %" PRIu32 " pages\n", d.count, d.pages.count);
    printf("grid of %d x %d      %8.3f s  %8.1f M accesses/s\n", LEVELS, WAYS, one,
           (double)d.count / one * 1e-6);
    printf("%d single runs      %8.3f s  %8.1f M accesses/s each; the grid takes 1/%.1f of them\n",
           LEVELS * WAYS, many, (double)d.count * LEVELS * WAYS / many * 1e-6, many / one);
    if (strcmp(argv[2], "unified") == 0) {
        const double trees = hierarchies(&d);

        printf("%d x %d hierarchies %8.3f s, %.2f times the grid alone\n", FIRST_LEVELS, LEVELS * WAYS, trees,
               trees / one);
    }
    return 0;
}
