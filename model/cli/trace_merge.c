/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk trace merge: several traces take turns.
 */
#include "cli/mmu_cli.h"
#include "cli/trace_cli.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096u
#define MAX_INPUTS 1024u
#define QUANTUM 50000u

typedef struct {
    const char *output, *map;
    uint64_t quantum;
    char **inputs;
    unsigned count;
} options_t;

enum { KEY_MAP = 256 };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "Where to: NAME.lwt, or NAME.trc or .txt, and .zst, .gz or .xz behind it; - is text", 0},
    {"quantum", 'q', "N", 0, "Accesses of a turn (default 50000)", 0},
    {"page-map", KEY_MAP, "FILE", 0, "Put this page map into the .lwt file; those of the traces are left out",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "Merges traces as processes of one machine: each in its turn gives a quantum of accesses, round and "
    "round; one "
    "that ends drops out. The first trace is process 0, the next 1 ...; a trace that has several processes "
    "gets as "
    "many numbers, in the order in which they appear.\v"
    "Example:\n"
    "  lockwalk trace merge --quantum 20000 --output both.lwt traces/perl.trc.zst traces/tree.trc.zst\n"
    "\n"
    "Exit status: 0 good, 2 bad use or a trace that cannot be read.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case 'o':
        o->output = argument;
        return 0;
    case 'q':
        if (!mmu_trace_cli_number(argument, UINT32_MAX, &o->quantum) || o->quantum == 0)
            argp_error(state, "--quantum: '%s', expected a number from 1 to %" PRIu32, argument, UINT32_MAX);
        return 0;
    case KEY_MAP:
        o->map = argument;
        return 0;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* all of them, below */
    case ARGP_KEY_ARGS:
        o->inputs = state->argv + state->next;
        o->count = (unsigned)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (o->count == 0)
            argp_error(state, "no traces");
        if (o->count > MAX_INPUTS)
            argp_error(state, "%u traces, expected at most %u", o->count, MAX_INPUTS);
        if (o->output == NULL)
            argp_error(state, "no --output");
        if (!mmu_trace_name_is_good(o->output))
            argp_error(state,
                       "--output: '%s', expected a name that ends in .lwt, or in .trc or .txt and perhaps "
                       ".zst, .gz or .xz",
                       o->output);
        for (unsigned n = 0; n < o->count; n++)
            if (strcmp(o->inputs[n], o->output) == 0 && strcmp(o->output, "-") != 0)
                argp_error(state, "'%s' is input and output", o->output);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* An input, and the number of each of its processes: 0 none yet, else one more than it. */
typedef struct {
    mmu_trace_t *trace;
    uint32_t number[UINT16_MAX + 1];
} input_t;

/* Gives the accesses their new processes; false: there are too many. */
static bool rename_processes(input_t *in, mmu_access_t *block, size_t n, uint32_t *processes)
{
    for (size_t k = 0; k < n; k++) {
        uint32_t *number = &in->number[block[k].process];

        if (*number == 0) {
            if (*processes > UINT16_MAX) {
                fprintf(stderr, "lockwalk trace: more than 65536 processes\n");
                return false;
            }
            *number = ++*processes;
        }
        block[k].process = (uint16_t)(*number - 1);
    }
    return true;
}

/* One turn; *ended: the trace has no more. False: a sentence was, or will be, printed. */
static bool turn(input_t *in, uint64_t quantum, mmu_trace_cli_output_t *out, uint32_t *processes, bool *ended)
{
    mmu_access_t block[BLOCK];

    *ended = false;
    while (quantum > 0) {
        const size_t n = mmu_trace_read(in->trace, block, quantum < BLOCK ? (size_t)quantum : BLOCK);

        if (mmu_trace_failed(in->trace)) {
            fprintf(stderr, "lockwalk trace: %s\n", mmu_trace_error(in->trace));
            return false;
        }
        *ended = n == 0;
        if (n == 0)
            return true;
        quantum -= n;
        if (!rename_processes(in, block, n, processes))
            return false;
        if (!mmu_trace_cli_write(out, block, n))
            break; /* closing tells why */
    }
    return true;
}

static bool open_all(const options_t *o, input_t **inputs)
{
    char error[512];

    for (unsigned n = 0; n < o->count; n++) {
        inputs[n] = calloc(1, sizeof *inputs[n]);
        if (inputs[n] == NULL) {
            fprintf(stderr, "lockwalk trace: no memory\n");
            return false;
        }
        inputs[n]->trace = mmu_trace_open(o->inputs[n], error, sizeof error);
        if (inputs[n]->trace == NULL) {
            fprintf(stderr, "lockwalk trace: %s\n", error);
            return false;
        }
        if (mmu_trace_page_map(inputs[n]->trace) != NULL)
            fprintf(stderr, "lockwalk trace: the page map of %s is left out (--page-map gives one)\n",
                    o->inputs[n]);
    }
    return true;
}

static bool merge(const options_t *o, input_t **inputs, mmu_trace_cli_output_t *out)
{
    uint32_t processes = 0;
    unsigned live = o->count;
    bool done[MAX_INPUTS] = {false};

    while (live > 0)
        for (unsigned n = 0; n < o->count; n++) {
            if (done[n])
                continue;
            if (!turn(inputs[n], o->quantum, out, &processes, &done[n]))
                return false;
            live -= done[n];
        }
    return true;
}

static char *sources(const options_t *o)
{
    size_t room = 1;
    char *all, *p;

    for (unsigned n = 0; n < o->count; n++)
        room += strlen(o->inputs[n]) + 2;
    all = p = malloc(room);
    if (all == NULL)
        return NULL;
    *p = '\0';
    for (unsigned n = 0; n < o->count; n++) {
        p = stpcpy(p, n == 0 ? "" : ", ");
        p = stpcpy(p, o->inputs[n]);
    }
    return all;
}

int mmu_trace_merge(int argc, char **argv)
{
    const struct argp argp = {options, parse, "TRACE...", text, NULL, NULL, NULL};
    options_t o = {.quantum = QUANTUM};
    input_t *inputs[MAX_INPUTS] = {NULL};
    char error[512], *command = mmu_trace_cli_command(argc, argv), *source = NULL;
    mmu_page_map_t *map = NULL;
    mmu_trace_cli_output_t out;
    bool good;

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    good = open_all(&o, inputs);
    if (good && o.map != NULL) {
        map = mmu_page_map_load(o.map, error, sizeof error);
        good = map != NULL;
        if (!good)
            fprintf(stderr, "lockwalk trace: %s\n", error);
    }
    if (good) {
        mmu_trace_about_t about = {source = sources(&o), command, map};

        good = mmu_trace_cli_create(&out, o.output, &about);
        if (good) {
            const bool keep = merge(&o, inputs, &out);

            good = mmu_trace_cli_close(&out, keep) && keep;
        }
    }
    for (unsigned n = 0; n < o.count; n++) {
        if (inputs[n] != NULL)
            mmu_trace_close(inputs[n]->trace);
        free(inputs[n]);
    }
    mmu_page_map_free(map);
    free(command);
    free(source);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
