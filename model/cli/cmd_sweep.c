/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk sweep: the misses of many TLB shapes from one pass over a trace.
 */
#include "cli/mmu_cli.h"
#include "cli/sweep_args.h"
#include "cli/sweep_out.h"
#include "file/mmu_whole_file.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_ACCESSES UINT64_C(1000000)
#define ACCESSES 4096 /* read at once */
#define MOST_JOBS 64u

typedef struct {
    mmu_sweep_options_t sweep;
    mmu_sweep_show_e show;
    unsigned l1ds; /* shapes that --l1d named */
    bool shapes;   /* an option was given that hierarchies do not take */
    bool paged;    /* --page was given */
    bool json;
    const char *csv;
    const char *map_path; /* NULL: the trace's own */
    mmu_page_map_t *map;  /* from map_path */
    char **traces;
    unsigned count;
} options_t;

enum {
    KEY_L1I = 256,
    KEY_L1D,
    KEY_L2,
    KEY_CSV,
    KEY_CLASSES,
    KEY_MAP,
    KEY_WINDOWS,
    KEY_PER_SET,
    KEY_NO_ASID,
    KEY_FLUSH,
    KEY_JOBS,
    KEY_SHOW
};

static const struct argp_option options[] = {
    {"stream", 's', "LIST", 0, "unified (default), data, fetch", 0},
    {"page", 'p', "LIST", 0, "Page sizes: 4K (default), 64K, 2M, 1G ..., map", 0},
    {"page-map", KEY_MAP, "FILE", 0,
     "Which addresses are in which pages, for map (default: what an .lwt trace carries)", 0},
    {"sets", 'S', "LIST", 0, "Sets, powers of two (default 1..512)", 0},
    {"ways", 'W', "LIST", 0, "Ways (default 1..32; up to 64 numbers, each up to 65536)", 0},
    {"policy", 'P', "LIST", 0, "lru (default), plru, fifo, nru, random, opt", 0},
    {"classes", KEY_CLASSES, NULL, 0, "Tell compulsory, capacity and conflict misses apart", 0},
    {"windows", KEY_WINDOWS, "N", 0, "Tell the misses of each N accesses of the trace", 0},
    {"per-set", KEY_PER_SET, NULL, 0, "Tell the misses of each set, of one number of sets and ways", 0},
    {"no-asid", KEY_NO_ASID, NULL, 0, "A change of process flushes", 1},
    {"flush-every", KEY_FLUSH, "N", 0, "Flush after each N accesses of the trace", 1},
    {"switch-every", KEY_FLUSH, "N", OPTION_ALIAS, NULL, 1},
    {"l1i", KEY_L1I, "LIST", 0, "Hierarchy: shapes SETSxWAYS of the instruction TLB", 2},
    {"l1d", KEY_L1D, "LIST", 0, "... of the data TLB, as many", 2},
    {"l2", KEY_L2, "LIST", 0, "... of the second level; each is put behind each first level", 2},
    {"csv", KEY_CSV, "FILE", 0, "Write every result to FILE (- is standard output)", 3},
    {"json", 'j', NULL, 0, "Machine-readable output", 3},
    {"show", KEY_SHOW, "WHAT", 0, "In tables: misses (default), mpki (per 1000 instructions), ratio", 3},
    {"jobs", KEY_JOBS, "N", 0, "Threads (default: as many as processors, up to 8); results are the same", 3},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "The exact misses of TLBs of many shapes, from one pass over each TRACE.\v"
    "A set is chosen by the low bits of the page number, TLBs start empty, reads and writes count alike, and "
    "an "
    "access that crosses a page counts once a page. All LRU shapes together cost about as much as a few "
    "single "
    "ones, and so do all of OPT, the bound that no policy passes; every shape of another policy is "
    "simulated. "
    "Pages of different processes are different. A LIST is separated by commas; A..B is a range.\n"
    "\n"
    "Examples:\n"
    "  lockwalk sweep traces/perl.trc.zst\n"
    "  lockwalk sweep --stream data --page 4K,2M --csv grid.csv traces/perl.trc.zst\n"
    "  lockwalk sweep --policy lru,fifo,opt --sets 16 --ways 4 traces/tree.trc.zst\n"
    "  lockwalk sweep --sets 1 --ways 64,1024 --classes traces/tree.trc.zst\n"
    "  lockwalk sweep --l1i 16x4 --l1d 16x4 --l2 128x12 traces/perl.trc.zst\n"
    "  lockwalk sweep --windows 100000 --sets 16 --ways 4 traces/tree.trc.zst\n"
    "  lockwalk sweep --per-set --sets 16 --ways 4 traces/tree.trc.zst\n"
    "  lockwalk sweep --flush-every 50000 --classes --sets 1 --ways 64 traces/tree.trc.zst\n"
    "  lockwalk sweep --page-map huge.map traces/tree.trc.zst\n"
    "\n"
    "CSV columns: trace,stream,page,policy,sets,ways,accesses,misses; with --windows also `from` (the "
    "window's first "
    "access), with --per-set `set`, in front of accesses; of hierarchies: "
    "trace,level,sets,ways,accesses,misses.\n"
    "Exit status: 0 good, 2 bad use or bad input.";

static void defaults(options_t *o)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    char err[SWEEP_ERR];

    mmu_sweep_arg_streams(&o->sweep, "unified", err);
    mmu_sweep_arg_pages(&o->sweep, "4K", err);
    mmu_sweep_arg_policies(&o->sweep, "lru", err);
    mmu_sweep_arg_sets(&o->sweep, "1..512", err);
    mmu_sweep_arg_ways(&o->sweep, "1..32", err);
    o->sweep.jobs = processors < 1 ? 1 : processors > 8 ? 8 : (unsigned)processors;
}

static bool wants_map(const options_t *o)
{
    for (unsigned p = 0; p < o->sweep.pages; p++)
        if (o->sweep.page_lg[p] == MMU_SWEEP_MAP)
            return true;
    return false;
}

static void check(struct argp_state *state, options_t *o)
{
    char err[SWEEP_ERR];

    if (o->count == 0)
        argp_error(state, "no trace");
    if (o->sweep.l1s != o->l1ds)
        argp_error(state, "--l1i names %u shapes and --l1d %u: they go in pairs", o->sweep.l1s, o->l1ds);
    if (o->sweep.l2s != 0 && o->sweep.l1s == 0)
        argp_error(state, "--l2 needs --l1i and --l1d in front of it");
    if (o->sweep.l1s != 0 && o->shapes)
        argp_error(
            state,
            "--l1i, --l1d, --l2 are a hierarchy under LRU; --stream, --policy, --sets, --ways, --classes, "
            "--windows, --per-set and --show do not go with it");
    if (o->sweep.per_set && (o->sweep.sets != 1 || o->sweep.ways != 1))
        argp_error(state, "--per-set tells one shape: name one number with --sets and one with --ways");
    if (o->sweep.per_set && o->sweep.window != 0)
        argp_error(state, "--per-set and --windows do not go together");
    if (o->sweep.per_set && o->sweep.policy[MMU_SWEEP_OPT])
        argp_error(state, "--per-set: opt is not told by set; allowed: lru, plru, fifo, nru, random");
    if (o->map_path != NULL && !o->paged)
        mmu_sweep_arg_pages(&o->sweep, "map", err);
    if (o->map_path != NULL && !wants_map(o))
        argp_error(state, "--page-map: --page names no 'map', so nothing would use it");
    if (o->sweep.l1s != 0)
        memset(o->sweep.stream, 0, sizeof o->sweep.stream);
}

static bool parse_show(options_t *o, const char *argument, char err[SWEEP_ERR])
{
    static const char *const names[] = {"misses", "mpki", "ratio"};

    for (unsigned n = 0; n < sizeof names / sizeof names[0]; n++)
        if (strcmp(argument, names[n]) == 0) {
            o->show = (mmu_sweep_show_e)n;
            return true;
        }
    snprintf(err, SWEEP_ERR, "--show: '%s' is nothing to show; allowed: misses, mpki, ratio", argument);
    return false;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;
    uint64_t jobs = 0;
    char err[SWEEP_ERR];
    bool good = true;

    switch (key) {
    case 's':
        good = mmu_sweep_arg_streams(&o->sweep, argument, err);
        break;
    case 'p':
        good = mmu_sweep_arg_pages(&o->sweep, argument, err);
        o->paged = true;
        break;
    case KEY_MAP:
        o->map_path = argument;
        break;
    case 'S':
        good = mmu_sweep_arg_sets(&o->sweep, argument, err);
        break;
    case 'W':
        good = mmu_sweep_arg_ways(&o->sweep, argument, err);
        break;
    case 'P':
        good = mmu_sweep_arg_policies(&o->sweep, argument, err);
        break;
    case KEY_CLASSES:
        o->sweep.classes = true;
        break;
    case KEY_WINDOWS:
        good = mmu_sweep_arg_number(&o->sweep.window, UINT64_MAX / 2, "--windows", argument, err);
        break;
    case KEY_PER_SET:
        o->sweep.per_set = true;
        break;
    case KEY_NO_ASID:
        o->sweep.no_asid = true;
        break;
    case KEY_FLUSH:
        good = mmu_sweep_arg_number(&o->sweep.flush_every, UINT64_MAX / 2, "--flush-every", argument, err);
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
    case KEY_SHOW:
        good = parse_show(o, argument, err);
        break;
    case KEY_JOBS:
        good = mmu_sweep_arg_number(&jobs, MOST_JOBS, "--jobs", argument, err);
        o->sweep.jobs = (unsigned)jobs;
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
    o->shapes = o->shapes || key == 's' || key == 'S' || key == 'W' || key == 'P' || key == KEY_CLASSES ||
                key == KEY_WINDOWS || key == KEY_PER_SET || key == KEY_SHOW;
    return 0;
}

/* ---- names of traces ------------------------------------------------------------------------------------ */

#define NAME 4096

/* The file's name up to its first dot. */
static const char *base_name(const char *path, char name[NAME])
{
    const char *slash = strrchr(path, '/');
    char *dot;

    snprintf(name, NAME, "%s", slash != NULL ? slash + 1 : path);
    dot = strchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

/* What trace n is called in results: its base name; the path where another has the same one; and a number behind
 * that where it was given before. */
static void name_of(const options_t *o, unsigned n, char name[NAME])
{
    char other[NAME];
    unsigned same_path = 0;
    bool same_base = false;

    base_name(o->traces[n], name);
    for (unsigned k = 0; k < o->count; k++) {
        same_base = same_base || (k != n && strcmp(base_name(o->traces[k], other), name) == 0);
        same_path += k < n && strcmp(o->traces[k], o->traces[n]) == 0;
    }
    if (same_path != 0)
        snprintf(name, NAME, "%s#%u", o->traces[n], same_path + 1);
    else if (same_base)
        snprintf(name, NAME, "%s", o->traces[n]);
}

/* ---- one trace ------------------------------------------------------------------------------------------ */

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "lockwalk sweep: %s: %s\n", path, what);
    return false;
}

/* All of the trace into the sweep. False: something is wrong; the sentence has been printed. */
static bool feed(mmu_sweep_t *sweep, mmu_trace_t *trace, const char *path, uint64_t *fetches)
{
    static mmu_access_t access[ACCESSES];
    const bool terminal = isatty(STDERR_FILENO) != 0;
    uint64_t count = 0, shown = 0;
    bool good = true;
    size_t n;

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
    good = good && !mmu_trace_failed(trace) && mmu_sweep_finish(sweep);
    if (shown != 0)
        fprintf(stderr, "\r\033[K");
    if (mmu_trace_failed(trace)) {
        fprintf(stderr, "lockwalk sweep: %s\n", mmu_trace_error(trace));
        return false;
    }
    if (!good)
        return complain(path, mmu_sweep_error(sweep));
    return count != 0 || complain(path, "the trace holds no accesses, so there is nothing to count");
}

static bool sweep_opened(const options_t *o, mmu_trace_t *trace, const char *path, mmu_sweep_out_t *out)
{
    static mmu_sweep_options_t opt; /* its lists are large */
    mmu_sweep_t *sweep;
    bool good;

    opt = o->sweep;
    opt.page_map = o->map != NULL ? o->map : mmu_trace_page_map(trace);
    if (wants_map(o) && opt.page_map == NULL)
        return complain(
            path, "the trace carries no page map, which --page map needs; give one with --page-map FILE");
    sweep = mmu_sweep_new(&opt);
    if (sweep == NULL)
        return complain(path, "no memory left");
    out->opt = &opt;
    good = feed(sweep, trace, path, &out->instructions);
    if (good && o->show == SWEEP_SHOW_MPKI && out->instructions == 0)
        good = complain(
            path, "the trace has no fetches, so there are no instructions that --show mpki could count by");
    if (good && !mmu_sweep_out_trace(out, sweep))
        good = complain(path, "no memory left");
    mmu_sweep_free(sweep);
    return good;
}

static bool sweep_trace(const options_t *o, unsigned n, mmu_sweep_out_t *out)
{
    char name[NAME], err[512];
    mmu_trace_t *trace = mmu_trace_open(o->traces[n], err, sizeof err);
    bool good;

    if (trace == NULL) {
        fprintf(stderr, "lockwalk sweep: %s\n", err);
        return false;
    }
    name_of(o, n, name);
    out->trace = name;
    good = sweep_opened(o, trace, o->traces[n], out);
    mmu_trace_close(trace);
    return good;
}

/* ---- all of them ---------------------------------------------------------------------------------------- */

static bool run(options_t *o)
{
    mmu_sweep_out_t out = {.opt = &o->sweep, .show = o->show, .json = o->json ? json_array() : NULL};
    mmu_whole_file_t csv = {.file = NULL};
    char err[512];
    bool good = true;

    if (o->csv != NULL && !mmu_whole_file_open(&csv, o->csv, err, sizeof err)) {
        fprintf(stderr, "lockwalk sweep: --csv: %s\n", err);
        return false;
    }
    out.csv = csv.file;
    out.table = !o->json && csv.file != stdout;
    if (out.csv != NULL)
        mmu_sweep_out_csv_head(&out);
    for (unsigned n = 0; n < o->count && good; n++)
        good = sweep_trace(o, n, &out);
    if (out.json != NULL && good) {
        json_dumpf(out.json, stdout, JSON_INDENT(2));
        printf("\n");
    }
    json_decref(out.json);
    err[0] = '\0';
    if (csv.file != NULL && !mmu_whole_file_close(&csv, good, err, sizeof err)) {
        if (err[0] != '\0')
            fprintf(stderr, "lockwalk sweep: --csv: %s\n", err);
        return false;
    }
    return good;
}

int mmu_cmd_sweep(int argc, char **argv)
{
    static options_t o; /* the lists of shapes are large */
    const struct argp argp = {options, parse, "TRACE...", text, NULL, NULL, NULL};
    char err[512];
    bool good;

    defaults(&o);
    argp_err_exit_status = MMU_EXIT_USE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0)
        return MMU_EXIT_USE;
    if (o.map_path != NULL && (o.map = mmu_page_map_load(o.map_path, err, sizeof err)) == NULL) {
        fprintf(stderr, "lockwalk sweep: %s\n", err);
        return MMU_EXIT_USE;
    }
    good = run(&o);
    mmu_page_map_free(o.map);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
