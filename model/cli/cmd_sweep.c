/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk sweep: the misses of many TLB shapes from one pass over a trace.
 */
#include "cli/mmu_cli.h"
#include "cli/sweep_args.h"
#include "lockwalk/mmu_trace.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_ACCESSES UINT64_C(1000000)
#define ACCESSES 4096 /* read at once */
#define TABLE_COLUMNS 12

typedef struct {
    mmu_sweep_options_t sweep;
    unsigned l1ds; /* shapes that --l1d named */
    bool shapes;   /* --sets, --ways, --policy or --stream was given */
    bool json;
    const char *csv;
    char **traces;
    unsigned count;
} options_t;

enum { KEY_L1I = 256, KEY_L1D, KEY_L2, KEY_CSV, KEY_CLASSES };

static const struct argp_option options[] = {
    {"stream", 's', "LIST", 0, "unified (default), data, fetch", 0},
    {"page", 'p', "LIST", 0, "Page sizes: 4K (default), 64K, 2M, 1G ...", 0},
    {"sets", 'S', "LIST", 0, "Sets, powers of two (default 1..512)", 0},
    {"ways", 'W', "LIST", 0, "Ways (default 1..32; up to 64 numbers, each up to 65536)", 0},
    {"policy", 'P', "LIST", 0, "lru (default), plru, fifo, nru, random", 0},
    {"classes", KEY_CLASSES, NULL, 0, "Tell compulsory, capacity and conflict misses apart", 0},
    {"l1i", KEY_L1I, "LIST", 0, "Hierarchy: shapes SETSxWAYS of the instruction TLB", 1},
    {"l1d", KEY_L1D, "LIST", 0, "... of the data TLB, as many", 1},
    {"l2", KEY_L2, "LIST", 0, "... of the second level; each is put behind each first level", 1},
    {"csv", KEY_CSV, "FILE", 0, "Write every result to FILE (- is standard output)", 2},
    {"json", 'j', NULL, 0, "Machine-readable output", 2},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "The exact misses of TLBs of many shapes, from one pass over each TRACE.\v"
    "A set is chosen by the low bits of the page number, TLBs start empty, reads and writes count alike, and "
    "an "
    "access that crosses a page counts once a page. All LRU shapes together cost about as much as a few "
    "single "
    "ones; every shape of another policy is simulated. A LIST is separated by commas; A..B is a range.\n"
    "\n"
    "Examples:\n"
    "  lockwalk sweep traces/perl.trc.zst\n"
    "  lockwalk sweep --stream data --page 4K,2M --csv grid.csv traces/perl.trc.zst\n"
    "  lockwalk sweep --policy fifo,plru --sets 16 --ways 4 traces/tree.trc.zst\n"
    "  lockwalk sweep --sets 1 --ways 64,1024 --classes traces/tree.trc.zst\n"
    "  lockwalk sweep --l1i 16x4 --l1d 16x4 --l2 128x12 traces/perl.trc.zst\n"
    "\n"
    "CSV columns: trace,stream,page,policy,sets,ways,accesses,misses; of hierarchies: "
    "trace,level,sets,ways,accesses,misses.\n"
    "Exit status: 0 good, 2 bad use or bad input.";

static void defaults(options_t *o)
{
    char err[SWEEP_ERR];

    mmu_sweep_arg_streams(&o->sweep, "unified", err);
    mmu_sweep_arg_pages(&o->sweep, "4K", err);
    mmu_sweep_arg_policies(&o->sweep, "lru", err);
    mmu_sweep_arg_sets(&o->sweep, "1..512", err);
    mmu_sweep_arg_ways(&o->sweep, "1..32", err);
}

static void check(struct argp_state *state, options_t *o)
{
    if (o->count == 0)
        argp_error(state, "no trace");
    if (o->sweep.l1s != o->l1ds)
        argp_error(state, "--l1i names %u shapes and --l1d %u: they go in pairs", o->sweep.l1s, o->l1ds);
    if (o->sweep.l2s != 0 && o->sweep.l1s == 0)
        argp_error(state, "--l2 needs --l1i and --l1d in front of it");
    if (o->sweep.l1s != 0 && o->shapes)
        argp_error(state,
                   "--l1i, --l1d, --l2 are a hierarchy under LRU; --stream, --policy, --sets, --ways and "
                   "--classes do not go with it");
    if (o->sweep.l1s != 0)
        memset(o->sweep.stream, 0, sizeof o->sweep.stream);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;
    char err[SWEEP_ERR];
    bool good = true;

    switch (key) {
    case 's':
        good = mmu_sweep_arg_streams(&o->sweep, argument, err);
        o->shapes = true;
        break;
    case 'p':
        good = mmu_sweep_arg_pages(&o->sweep, argument, err);
        break;
    case 'S':
        good = mmu_sweep_arg_sets(&o->sweep, argument, err);
        o->shapes = true;
        break;
    case 'W':
        good = mmu_sweep_arg_ways(&o->sweep, argument, err);
        o->shapes = true;
        break;
    case 'P':
        good = mmu_sweep_arg_policies(&o->sweep, argument, err);
        o->shapes = true;
        break;
    case KEY_CLASSES:
        o->sweep.classes = true;
        o->shapes = true;
        break;
    case KEY_L1I:
        good = mmu_sweep_arg_shapes(o->sweep.l1i, MMU_SWEEP_LIST, &o->sweep.l1s, "--l1i", argument, err);
        break;
    case KEY_L1D:
        good = mmu_sweep_arg_shapes(o->sweep.l1d, MMU_SWEEP_LIST, &o->l1ds, "--l1d", argument, err);
        break;
    case KEY_L2:
        good = mmu_sweep_arg_shapes(o->sweep.l2, MMU_SWEEP_L2S, &o->sweep.l2s, "--l2", argument, err);
        break;
    case KEY_CSV:
        o->csv = argument;
        break;
    case 'j':
        o->json = true;
        break;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* all of them, below */
    case ARGP_KEY_ARGS:
        o->traces = state->argv + state->next;
        o->count = (unsigned)(state->argc - state->next);
        break;
    case ARGP_KEY_END:
        check(state, o);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (!good)
        argp_error(state, "%s", err);
    return 0;
}

/* ---- one trace ------------------------------------------------------------------------------------------ */

typedef struct {
    const options_t *o;
    const char *trace; /* its name in results */
    uint64_t fetches;
    FILE *csv;    /* NULL: none */
    json_t *json; /* NULL: none; a list of results */
    /* the table: rows of the grid that is being told */
    mmu_sweep_result_t last;
    unsigned columns;
} out_t;

static const char *base_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    char *dot;

    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    dot = strchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

/* False: the trace is bad; the sentence has been printed. */
static bool feed(mmu_sweep_t *sweep, const char *path, uint64_t *fetches)
{
    static mmu_access_t access[ACCESSES];
    char err[512];
    mmu_trace_t *trace = mmu_trace_open(path, err, sizeof err);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    uint64_t count = 0, shown = 0;
    bool good = true;
    size_t n;

    if (trace == NULL) {
        fprintf(stderr, "lockwalk sweep: %s\n", err);
        return false;
    }
    *fetches = 0;
    while (good && (n = mmu_trace_read(trace, access, ACCESSES)) != 0) {
        for (size_t i = 0; i < n; i++)
            *fetches += access[i].acc == MMU_ACC_FETCH;
        good = mmu_sweep_feed(sweep, access, n);
        count += n;
        if (terminal && count / PROGRESS_ACCESSES != shown) {
            shown = count / PROGRESS_ACCESSES;
            fprintf(stderr, "\r%s: %" PRIu64 " million accesses", path, shown);
        }
    }
    if (shown != 0)
        fprintf(stderr, "\r\033[K");
    good = good && !mmu_trace_failed(trace) && mmu_sweep_finish(sweep);
    if (mmu_trace_failed(trace))
        fprintf(stderr, "lockwalk sweep: %s\n", mmu_trace_error(trace));
    else if (!good)
        fprintf(stderr, "lockwalk sweep: %s: %s\n", path, mmu_sweep_error(sweep));
    mmu_trace_close(trace);
    return good;
}

/* ---- results -------------------------------------------------------------------------------------------- */

static bool in_table(const options_t *o, uint32_t ways)
{
    return o->sweep.ways <= TABLE_COLUMNS || (ways & (ways - 1)) == 0;
}

static void table_head(out_t *out, const mmu_sweep_result_t *r)
{
    char page[16];

    printf("%s%s: %s stream, pages of %s, %s: %" PRIu64
           " accesses; misses by sets (down) and ways (across)\n%8s",
           out->columns == 0 ? "" : "\n", out->trace, mmu_sweep_stream_name(r->stream),
           mmu_sweep_page_name(r->page_lg, page), mmu_sweep_policy_name(r->policy), r->accesses, "");
    for (unsigned w = 0; w < out->o->sweep.ways; w++)
        if (in_table(out->o, out->o->sweep.way[w]))
            printf(" %10" PRIu32, out->o->sweep.way[w]);
}

static void table_cell(out_t *out, const mmu_sweep_result_t *r)
{
    const mmu_sweep_result_t *last = &out->last;
    const bool fresh = out->columns == 0 || last->stream != r->stream || last->page_lg != r->page_lg ||
                       last->policy != r->policy;

    if (fresh)
        table_head(out, r);
    if (fresh || last->sets_log2 != r->sets_log2)
        printf("\n%8u", 1u << r->sets_log2);
    if (in_table(out->o, r->ways))
        printf(" %10" PRIu64, r->misses);
    out->columns++;
    out->last = *r;
}

static void tell_classes(const out_t *out, const mmu_sweep_result_t *r)
{
    const mmu_sweep_classes_t c = mmu_sweep_classes(r);

    printf("%10u x %-6" PRIu32 " %10" PRIu64 " misses = %" PRIu64 " compulsory + %" PRIu64
           " capacity + %" PRIu64 " conflict; %.3f per 1000 instructions, ratio %.6f\n",
           1u << r->sets_log2, r->ways, r->misses, c.compulsory, c.capacity, c.conflict,
           out->fetches == 0 ? 0.0 : (double)r->misses * 1000 / (double)out->fetches,
           r->accesses == 0 ? 0.0 : (double)r->misses / (double)r->accesses);
}

static void result_json(const out_t *out, const mmu_sweep_result_t *r)
{
    char page[16];
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:f}", "trace", out->trace, "stream",
                  mmu_sweep_stream_name(r->stream), "page", mmu_sweep_page_name(r->page_lg, page), "policy",
                  mmu_sweep_policy_name(r->policy), "sets", 1 << r->sets_log2, "ways", (json_int_t)r->ways,
                  "accesses", (json_int_t)r->accesses, "misses", (json_int_t)r->misses, "miss_ratio",
                  r->accesses == 0 ? 0.0 : (double)r->misses / (double)r->accesses);

    if (out->fetches != 0)
        json_object_set_new(json, "mpki", json_real((double)r->misses * 1000 / (double)out->fetches));
    if (out->o->sweep.classes) {
        const mmu_sweep_classes_t c = mmu_sweep_classes(r);

        json_object_set_new(json, "compulsory", json_integer((json_int_t)c.compulsory));
        json_object_set_new(json, "capacity", json_integer((json_int_t)c.capacity));
        json_object_set_new(json, "conflict", json_integer((json_int_t)c.conflict));
    }
    json_array_append_new(out->json, json);
}

static void tell_result(void *user, const mmu_sweep_result_t *r)
{
    out_t *out = user;
    char page[16];

    if (out->csv != NULL)
        fprintf(out->csv, "%s,%s,%s,%s,%u,%" PRIu32 ",%" PRIu64 ",%" PRIu64 "\n", out->trace,
                mmu_sweep_stream_name(r->stream), mmu_sweep_page_name(r->page_lg, page),
                mmu_sweep_policy_name(r->policy), 1u << r->sets_log2, r->ways, r->accesses, r->misses);
    if (out->json != NULL)
        result_json(out, r);
    else if (out->csv != stdout && !out->o->sweep.classes)
        table_cell(out, r);
    else if (out->csv != stdout)
        tell_classes(out, r);
}

static void tell_level(void *user, const mmu_sweep_level_t *level)
{
    static const char *const names[] = {"L1I", "L1D", "L2"};
    out_t *out = user;
    const mmu_sweep_options_t *opt = &out->o->sweep;
    char name[64], page[16];

    snprintf(name, sizeof name, "%s", names[level->level]);
    if (level->level == 2 && opt->l1s > 1)
        snprintf(name, sizeof name, "L2 behind %ux%u+%ux%u", 1u << opt->l1i[level->l1].sets_log2,
                 (unsigned)opt->l1i[level->l1].ways, 1u << opt->l1d[level->l1].sets_log2,
                 (unsigned)opt->l1d[level->l1].ways);
    mmu_sweep_page_name(level->page_lg, page);
    if (opt->pages > 1)
        snprintf(name + strlen(name), sizeof name - strlen(name), " %s", page);
    if (out->csv != NULL)
        fprintf(out->csv, "%s,%s,%u,%u,%" PRIu64 ",%" PRIu64 "\n", out->trace, name,
                1u << level->shape.sets_log2, (unsigned)level->shape.ways, level->accesses, level->misses);
    if (out->json != NULL)
        json_array_append_new(out->json,
                              json_pack("{s:s, s:s, s:s, s:i, s:i, s:I, s:I}", "trace", out->trace, "level",
                                        name, "page", page, "sets", 1 << level->shape.sets_log2, "ways",
                                        (int)level->shape.ways, "accesses", (json_int_t)level->accesses,
                                        "misses", (json_int_t)level->misses));
    else if (out->csv != stdout)
        printf("%s: %-24s %5u x %-5u %12" PRIu64 " accesses %12" PRIu64 " misses\n", out->trace, name,
               1u << level->shape.sets_log2, (unsigned)level->shape.ways, level->accesses, level->misses);
}

static bool sweep_trace(const options_t *o, const char *path, FILE *csv, json_t *json)
{
    char name[128];
    out_t out = {.o = o, .csv = csv, .json = json, .trace = base_name(path, name, sizeof name)};
    mmu_sweep_t *sweep = mmu_sweep_new(&o->sweep);
    bool good;

    if (sweep == NULL) {
        fprintf(stderr, "lockwalk sweep: no memory left\n");
        return false;
    }
    good = feed(sweep, path, &out.fetches);
    if (good) {
        good = mmu_sweep_results(sweep, tell_result, &out);
        if (out.columns != 0)
            printf("\n");
        if (out.columns != 0 && o->sweep.ways > TABLE_COLUMNS)
            printf("(ways that are powers of two; --csv and --json tell all of them)\n");
        mmu_sweep_levels(sweep, tell_level, &out);
    }
    mmu_sweep_free(sweep);
    return good;
}

int mmu_cmd_sweep(int argc, char **argv)
{
    static options_t o; /* the lists of shapes are large */
    const struct argp argp = {options, parse, "TRACE...", text, NULL, NULL, NULL};
    FILE *csv = NULL;
    json_t *json = NULL;
    bool good = true;

    defaults(&o);
    argp_err_exit_status = MMU_EXIT_USE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0)
        return MMU_EXIT_USE;
    if (o.csv != NULL) {
        csv = strcmp(o.csv, "-") == 0 ? stdout : fopen(o.csv, "w");
        if (csv == NULL) {
            fprintf(stderr, "lockwalk sweep: %s cannot be written: %s\n", o.csv, strerror(errno));
            return MMU_EXIT_USE;
        }
        fprintf(csv, "%s\n",
                o.sweep.l1s != 0 ? "trace,level,sets,ways,accesses,misses"
                                 : "trace,stream,page,policy,sets,ways,accesses,misses");
    }
    if (o.json)
        json = json_array();
    for (unsigned n = 0; n < o.count && good; n++)
        good = sweep_trace(&o, o.traces[n], csv, json);
    if (json != NULL && good) {
        json_dumpf(json, stdout, JSON_INDENT(2));
        printf("\n");
    }
    json_decref(json);
    if (csv != NULL && csv != stdout && fclose(csv) != 0) {
        fprintf(stderr, "lockwalk sweep: %s cannot be written: %s\n", o.csv, strerror(errno));
        good = false;
    }
    if (!good && csv != NULL && csv != stdout)
        remove(o.csv); /* nothing half-written */
    return good ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
