/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk trace info
 */
#include "cli/mmu_cli.h"
#include "cli/trace_cli.h"

#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

typedef struct {
    bool json;
    const char *format;
    const char *file;
} options_t;

static const struct argp_option options[] = {
    {"format", 'f', "NAME", 0, "Do not choose the format by content", 0},
    {"json", 'j', NULL, 0, "Machine-readable output", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "What a trace holds: accesses by kind, distinct pages, accesses that cross a page, processes; what was "
    "read "
    "that is no access; and what an .lwt file says of itself.\v"
    "Examples:\n"
    "  lockwalk trace info traces/perl.trc.zst\n"
    "  valgrind --tool=lackey --trace-mem=yes --log-fd=9 9>&1 >/dev/null true | lockwalk trace info -\n"
    "  lockwalk trace info --format din old.din\n"
    "\n"
    "Formats: `lockwalk trace --help`.\n"
    "Exit status: 0 good, 2 bad use or a trace that cannot be read in full; what was whole is told then, "
    "too.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case 'f':
        o->format = argument;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->file != NULL)
            argp_error(state, "more than one file: '%s' and '%s'", o->file, argument);
        o->file = argument;
        return 0;
    case ARGP_KEY_END:
        if (o->file == NULL)
            argp_error(state, "no file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_header(const mmu_trace_t *trace)
{
    mmu_trace_header_t header;

    if (!mmu_trace_header(trace, &header))
        return;
    printf("  blocks              %12" PRIu64 "%s\n", header.blocks,
           header.indexed ? "" : "  (the index at the end is missing)");
    if (header.source != NULL)
        printf("  made from           %s\n", header.source);
    if (header.command != NULL)
        printf("  made by             %s\n", header.command);
    if (mmu_trace_page_map(trace) != NULL)
        printf("  page map            %12zu  regions\n", mmu_page_map_regions(mmu_trace_page_map(trace)));
}

static void print_text(const mmu_trace_t *trace, const mmu_trace_info_t *info, const char *file)
{
    const char *what;
    uint64_t count;

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
    printf("  processes           %12u\n", mmu_trace_processes(trace));
    printf("  addresses           0x%" PRIx64 " to 0x%" PRIx64 "\n", info->lowest, info->highest);
    print_header(trace);
    for (unsigned n = 0; (what = mmu_trace_note(trace, n, &count)) != NULL; n++)
        printf("  %s: %" PRIu64 "\n", what, count);
}

static void put(json_t *out, const char *name, uint64_t value)
{
    json_object_set_new(out, name, json_integer((json_int_t)value));
}

static json_t *header_json(const mmu_trace_t *trace, const mmu_trace_header_t *header)
{
    json_t *out = json_object();

    put(out, "blocks", header->blocks);
    json_object_set_new(out, "indexed", json_boolean(header->indexed));
    if (header->source != NULL)
        json_object_set_new(out, "source", json_string(header->source));
    if (header->command != NULL)
        json_object_set_new(out, "command", json_string(header->command));
    if (mmu_trace_page_map(trace) != NULL)
        put(out, "page_map_regions", mmu_page_map_regions(mmu_trace_page_map(trace)));
    return out;
}

static void print_json(const mmu_trace_t *trace, const mmu_trace_info_t *info, const char *file)
{
    char lowest[24], highest[24];
    json_t *out = json_object(), *notes = json_object();
    mmu_trace_header_t header;
    const char *what;
    uint64_t count;

    snprintf(lowest, sizeof lowest, "0x%" PRIx64, info->lowest);
    snprintf(highest, sizeof highest, "0x%" PRIx64, info->highest);
    json_object_set_new(out, "file", json_string(file));
    json_object_set_new(out, "form", json_string(mmu_trace_form(trace)));
    json_object_set_new(out, "compression", json_string(mmu_trace_compression(trace)));
    put(out, "accesses", info->accesses);
    put(out, "fetches", info->kinds[MMU_ACC_FETCH]);
    put(out, "loads", info->kinds[MMU_ACC_LOAD]);
    put(out, "stores", info->kinds[MMU_ACC_STORE]);
    put(out, "modifies", info->modifies);
    put(out, "crossing", info->crossing);
    put(out, "pages_4k", info->pages_4k);
    put(out, "pages_4k_code", info->pages_4k_code);
    put(out, "pages_4k_data", info->pages_4k_data);
    put(out, "pages_2m", info->pages_2m);
    put(out, "processes", mmu_trace_processes(trace));
    json_object_set_new(out, "lowest", json_string(lowest));
    json_object_set_new(out, "highest", json_string(highest));
    for (unsigned n = 0; (what = mmu_trace_note(trace, n, &count)) != NULL; n++)
        put(notes, what, count);
    json_object_set_new(out, "notes", notes);
    if (mmu_trace_header(trace, &header))
        json_object_set_new(out, "lwt", header_json(trace, &header));
    json_dumpf(out, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(out);
}

int mmu_trace_info(int argc, char **argv)
{
    const struct argp argp = {options, parse, "FILE", text, NULL, NULL, NULL};
    options_t o = {0};
    mmu_trace_info_t info;
    mmu_trace_t *trace;
    char error[512];
    bool whole;

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    trace = mmu_trace_open_as(o.file, o.format, error, sizeof error);
    if (trace == NULL) {
        fprintf(stderr, "lockwalk trace: %s\n", error);
        return MMU_EXIT_USE;
    }
    whole = mmu_trace_measure(trace, &info);
    if (whole || info.accesses > 0)
        (o.json ? print_json : print_text)(trace, &info, o.file);
    if (!whole) {
        fflush(stdout);
        fprintf(stderr, "lockwalk trace: %s\n", mmu_trace_error(trace));
    }
    mmu_trace_close(trace);
    return whole ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
