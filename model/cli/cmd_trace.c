/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk trace info
 */
#include "cli/mmu_cli.h"
#include "lockwalk/mmu_trace.h"

#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    bool json;
    const char *action;
    const char *file;
} options_t;

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Machine-readable output", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "Traces of a program's memory accesses.\v"
    "Actions:\n"
    "  info FILE  accesses by kind, distinct pages, accesses that cross a page\n"
    "\n"
    "FILE is lackey's output (valgrind --tool=lackey --trace-mem=yes) or lines `I|L|S hexaddr,size`, plain, "
    "zstd or "
    "gzip; - is standard input.\n"
    "\n"
    "Examples:\n"
    "  lockwalk trace info traces/sort.trc.zst\n"
    "  valgrind --tool=lackey --trace-mem=yes --log-fd=9 9>&1 >/dev/null true | lockwalk trace info -\n"
    "\n"
    "Exit status: 0 good, 2 bad use or a trace that cannot be read.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->action == NULL)
            o->action = argument;
        else if (o->file == NULL)
            o->file = argument;
        else
            argp_error(state, "more than one file: '%s' and '%s'", o->file, argument);
        return 0;
    case ARGP_KEY_END:
        if (o->action == NULL)
            argp_error(state, "no action; allowed: info");
        if (strcmp(o->action, "info") != 0)
            argp_error(state, "'%s' is not an action; allowed: info", o->action);
        if (o->file == NULL)
            argp_error(state, "no file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_text(const mmu_trace_t *trace, const mmu_trace_info_t *info, const char *file)
{
    printf("%s: %s form, compression %s\n", file, mmu_trace_form(trace), mmu_trace_compression(trace));
    printf("  accesses            %12" PRIu64 "\n", info->accesses);
    printf("    fetches           %12" PRIu64 "\n", info->kinds[MMU_ACC_FETCH]);
    printf("    loads             %12" PRIu64 "\n", info->kinds[MMU_ACC_LOAD]);
    printf("    stores            %12" PRIu64 "\n", info->kinds[MMU_ACC_STORE]);
    printf("    of M records      %12" PRIu64 "  (a load and a store each)\n", 2 * info->modifies);
    printf("    crossing a page   %12" PRIu64 "\n", info->crossing);
    printf("  4 KiB pages         %12" PRIu64 "\n", info->pages_4k);
    printf("    fetched from      %12" PRIu64 "\n", info->pages_4k_code);
    printf("    loaded or stored  %12" PRIu64 "\n", info->pages_4k_data);
    printf("  2 MiB pages         %12" PRIu64 "\n", info->pages_2m);
    printf("  addresses           0x%" PRIx64 " to 0x%" PRIx64 "\n", info->lowest, info->highest);
}

static void print_json(const mmu_trace_t *trace, const mmu_trace_info_t *info, const char *file)
{
    char lowest[24], highest[24];
    json_t *out = json_object();

    snprintf(lowest, sizeof lowest, "0x%" PRIx64, info->lowest);
    snprintf(highest, sizeof highest, "0x%" PRIx64, info->highest);
    json_object_set_new(out, "file", json_string(file));
    json_object_set_new(out, "form", json_string(mmu_trace_form(trace)));
    json_object_set_new(out, "compression", json_string(mmu_trace_compression(trace)));
    json_object_set_new(out, "accesses", json_integer((json_int_t)info->accesses));
    json_object_set_new(out, "fetches", json_integer((json_int_t)info->kinds[MMU_ACC_FETCH]));
    json_object_set_new(out, "loads", json_integer((json_int_t)info->kinds[MMU_ACC_LOAD]));
    json_object_set_new(out, "stores", json_integer((json_int_t)info->kinds[MMU_ACC_STORE]));
    json_object_set_new(out, "modifies", json_integer((json_int_t)info->modifies));
    json_object_set_new(out, "crossing", json_integer((json_int_t)info->crossing));
    json_object_set_new(out, "pages_4k", json_integer((json_int_t)info->pages_4k));
    json_object_set_new(out, "pages_4k_code", json_integer((json_int_t)info->pages_4k_code));
    json_object_set_new(out, "pages_4k_data", json_integer((json_int_t)info->pages_4k_data));
    json_object_set_new(out, "pages_2m", json_integer((json_int_t)info->pages_2m));
    json_object_set_new(out, "lowest", json_string(lowest));
    json_object_set_new(out, "highest", json_string(highest));
    json_dumpf(out, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(out);
}

int mmu_cmd_trace(int argc, char **argv)
{
    const struct argp argp = {options, parse, "info FILE", text, NULL, NULL, NULL};
    options_t o = {0};
    mmu_trace_info_t info;
    mmu_trace_t *trace;
    char error[512];
    bool whole;

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    trace = mmu_trace_open(o.file, error, sizeof error);
    if (trace == NULL) {
        fprintf(stderr, "lockwalk trace: %s\n", error);
        return MMU_EXIT_USE;
    }
    whole = mmu_trace_measure(trace, &info);
    if (whole)
        (o.json ? print_json : print_text)(trace, &info, o.file);
    else
        fprintf(stderr, "lockwalk trace: %s\n", mmu_trace_error(trace));
    mmu_trace_close(trace);
    return whole ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
