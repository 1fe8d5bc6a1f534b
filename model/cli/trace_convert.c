/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk trace convert and cut: one trace in, one out.
 */
#include "cli/mmu_cli.h"
#include "cli/trace_cli.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096u

typedef struct {
    const char *format, *input, *output, *map, *source;
    bool salvage;
    /* cut */
    uint64_t skip, count; /* count UINT64_MAX: all */
    uint64_t from, to;
    bool window, bounds; /* --skip or --count, --from or --to */
    uint64_t process;    /* UINT64_MAX: all */
} options_t;

enum { KEY_SKIP = 256, KEY_COUNT, KEY_FROM, KEY_TO, KEY_PROCESS, KEY_MAP, KEY_SALVAGE, KEY_SOURCE };

static const struct argp_option common_options[] = {
    {"output", 'o', "FILE", 0,
     "Where to: NAME.lwt, or NAME.trc or .txt, and .zst, .gz or .xz behind it; - is text", 0},
    {"format", 'f', "NAME", 0, "Do not choose the input's format by content", 0},
    {"page-map", KEY_MAP, "FILE", 0, "Put this page map into the .lwt file (else the input's, if it has one)",
     0},
    {"source", KEY_SOURCE, "TEXT", 0,
     "What the .lwt file says it was made from (default: TRACE and its format)", 0},
    {"salvage", KEY_SALVAGE, NULL, 0, "Of a trace that is cut short or damaged, keep what was whole", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp_option cut_options[] = {
    {"skip", KEY_SKIP, "N", 0, "Leave out the first N accesses (default 0)", 1},
    {"count", KEY_COUNT, "N", 0, "Keep N accesses (default: all that follow)", 1},
    {"from", KEY_FROM, "N", 0, "The same by numbers of accesses, from 0: the first one", 1},
    {"to", KEY_TO, "N", 0, "... and the first one that is left out", 1},
    {"process", KEY_PROCESS, "P", 0, "Of these, only the accesses of process P, which becomes process 0", 1},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char convert_text[] =
    "Converts a trace of any format to .lwt, or to text.\v"
    "Examples:\n"
    "  lockwalk trace convert --output perl.lwt traces/perl.trc.zst\n"
    "  lockwalk trace convert --output perl.trc.gz perl.lwt\n"
    "  valgrind --tool=lackey --trace-mem=yes --log-fd=9 9>&1 >/dev/null true | lockwalk trace convert -o "
    "true.lwt "
    "-\n"
    "\n"
    "Text has no place for which loads and stores were one M record, nor for a page map.\n"
    "Exit status: 0 good, 2 bad use or a trace that cannot be read (with --salvage: 1).";

static const char cut_text[] =
    "Cuts a window out of a trace: at once where it is .lwt, else by reading up to it.\v"
    "Examples:\n"
    "  lockwalk trace cut --skip 1000000 --count 500000 --output part.lwt big.lwt\n"
    "  lockwalk trace cut --from 100 --to 200 --output - traces/perl.trc.zst\n"
    "  lockwalk trace cut --process 1 --output one.lwt both.lwt\n"
    "\n"
    "Exit status: 0 good, 2 bad use or a trace that cannot be read (with --salvage: 1).";

static void number(struct argp_state *state, const char *option, const char *argument, uint64_t most,
                   uint64_t *to)
{
    if (!mmu_trace_cli_number(argument, most, to))
        argp_error(state, "%s: '%s', expected a number from 0 to %" PRIu64, option, argument, most);
}

static void check(struct argp_state *state, options_t *o)
{
    if (o->input == NULL)
        argp_error(state, "no trace");
    if (o->output == NULL)
        argp_error(state, "no --output");
    if (!mmu_trace_name_is_good(o->output))
        argp_error(state,
                   "--output: '%s', expected a name that ends in .lwt, or in .trc or .txt and perhaps .zst, "
                   ".gz or .xz",
                   o->output);
    if (o->window && o->bounds)
        argp_error(state, "--skip and --count say the same as --from and --to: use one pair");
    if (o->bounds) {
        if (o->to < o->from)
            argp_error(state, "--to %" PRIu64 " is before --from %" PRIu64, o->to, o->from);
        o->skip = o->from;
        o->count = o->to - o->from;
    }
    if (strcmp(o->input, o->output) == 0 && strcmp(o->input, "-") != 0)
        argp_error(state, "'%s' is input and output", o->input);
}

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case 'o':
        o->output = argument;
        return 0;
    case 'f':
        o->format = argument;
        return 0;
    case KEY_MAP:
        o->map = argument;
        return 0;
    case KEY_SOURCE:
        o->source = argument;
        return 0;
    case KEY_SALVAGE:
        o->salvage = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->input != NULL)
            argp_error(state, "more than one trace: '%s' and '%s'", o->input, argument);
        o->input = argument;
        return 0;
    case ARGP_KEY_END:
        check(state, o);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The options of cut; all else is common. */
static error_t parse_cut(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = o;
        return 0;
    case KEY_SKIP:
    case KEY_COUNT:
        number(state, key == KEY_SKIP ? "--skip" : "--count", argument, UINT64_MAX / 2,
               key == KEY_SKIP ? &o->skip : &o->count);
        o->window = true;
        return 0;
    case KEY_FROM:
    case KEY_TO:
        number(state, key == KEY_FROM ? "--from" : "--to", argument, UINT64_MAX / 2,
               key == KEY_FROM ? &o->from : &o->to);
        o->bounds = true;
        return 0;
    case KEY_PROCESS:
        number(state, "--process", argument, UINT16_MAX, &o->process);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Leaves in the block what is of the process: how many. */
static size_t of_process(mmu_access_t *block, size_t n, uint64_t process)
{
    size_t kept = 0;

    for (size_t k = 0; k < n; k++) {
        if (block[k].process != process)
            continue;
        block[kept] = block[k];
        block[kept++].process = 0;
    }
    return kept;
}

/* The window to the output; false: writing failed. */
static bool copy(const options_t *o, mmu_trace_t *trace, mmu_trace_cli_output_t *out)
{
    mmu_access_t block[BLOCK];
    uint64_t left = o->count;
    size_t n;

    if (o->skip != 0 && !mmu_trace_seek(trace, o->skip))
        return true; /* the trace tells */
    while (left > 0 && (n = mmu_trace_read(trace, block, left < BLOCK ? (size_t)left : BLOCK)) > 0) {
        left -= n;
        if (o->process != UINT64_MAX)
            n = of_process(block, n, o->process);
        if (!mmu_trace_cli_write(out, block, n))
            return false;
    }
    return true;
}

static int run(const options_t *o, mmu_trace_t *trace, const mmu_page_map_t *map, const char *command)
{
    char source[512];
    const mmu_trace_about_t about = {o->source != NULL ? o->source : source, command,
                                     map != NULL ? map : mmu_trace_page_map(trace)};
    mmu_trace_cli_output_t out;
    bool failed, keep;

    snprintf(source, sizeof source, "%s, %s", strcmp(o->input, "-") == 0 ? "standard input" : o->input,
             mmu_trace_form(trace));
    if (!mmu_trace_cli_create(&out, o->output, &about))
        return MMU_EXIT_USE;
    keep = copy(o, trace, &out);
    failed = mmu_trace_failed(trace);
    if (failed)
        fprintf(stderr, "lockwalk trace: %s\n", mmu_trace_error(trace));
    if (failed && o->salvage)
        fprintf(stderr, "lockwalk trace: %" PRIu64 " accesses were kept\n", mmu_trace_written(out.writer));
    /* Where writing failed, closing tells why. */
    if (!mmu_trace_cli_close(&out, !keep || !failed || o->salvage))
        return MMU_EXIT_USE;
    if (!failed)
        return MMU_EXIT_GOOD;
    return o->salvage ? MMU_EXIT_MISMATCH : MMU_EXIT_USE;
}

static int convert(const struct argp *argp, int argc, char **argv)
{
    options_t o = {.count = UINT64_MAX, .to = UINT64_MAX / 2, .process = UINT64_MAX};
    char error[512], *command = mmu_trace_cli_command(argc, argv);
    mmu_page_map_t *map = NULL;
    mmu_trace_t *trace;
    int status = MMU_EXIT_USE;

    argp_parse(argp, argc, argv, 0, NULL, &o);
    trace = mmu_trace_open_as(o.input, o.format, error, sizeof error);
    if (trace != NULL && o.map != NULL)
        map = mmu_page_map_load(o.map, error, sizeof error);
    if (trace == NULL || (o.map != NULL && map == NULL))
        fprintf(stderr, "lockwalk trace: %s\n", error);
    else
        status = run(&o, trace, map, command);
    if (trace != NULL)
        mmu_trace_close(trace);
    mmu_page_map_free(map);
    free(command);
    return status;
}

int mmu_trace_convert(int argc, char **argv)
{
    static const struct argp argp = {common_options, parse_common, "TRACE", convert_text, NULL, NULL, NULL};

    return convert(&argp, argc, argv);
}

int mmu_trace_cut(int argc, char **argv)
{
    static const struct argp common = {common_options, parse_common, NULL, NULL, NULL, NULL, NULL};
    static const struct argp_child children[] = {{&common, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    static const struct argp argp = {cut_options, parse_cut, "TRACE", cut_text, children, NULL, NULL};

    return convert(&argp, argc, argv);
}
