/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk trace: finds the action and hands over.
 */
#include "cli/mmu_cli.h"
#include "cli/trace_cli.h"
#include "config/mmu_nearest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} action_t;

static const action_t actions[] = {
    {"info", "what a trace holds: accesses by kind, pages, processes", mmu_trace_info},
    {"convert", "to Lockwalk's compact .lwt, or to text", mmu_trace_convert},
    {"cut", "a window of a trace, or one of its processes", mmu_trace_cut},
    {"merge", "several traces as processes that take turns", mmu_trace_merge},
    {"generate", "accesses of any footprint: uniform, zipf, stride, gups", mmu_trace_generate},
};

#define ACTIONS (sizeof actions / sizeof actions[0])

static void help(FILE *to)
{
    fprintf(to, "Usage: lockwalk trace ACTION [OPTION...]\n"
                "Traces of a program's memory accesses.\n"
                "\n"
                "Actions:\n");
    for (size_t n = 0; n < ACTIONS; n++)
        fprintf(to, "  %-10s %s\n", actions[n].name, actions[n].what);
    fprintf(to,
            "\n"
            "`lockwalk trace ACTION --help` tells more, with examples. Traces are read in these formats, "
            "chosen by\n"
            "content, plain, zstd, gzip or xz; - is standard input:\n"
            "%s"
            "\n"
            "Examples:\n"
            "  lockwalk trace info traces/perl.trc.zst\n"
            "  lockwalk trace convert --output perl.lwt traces/perl.trc.zst\n"
            "\n"
            "Exit status: 0 good, 2 bad use or a trace that cannot be read.\n",
            mmu_trace_cli_formats());
}

int mmu_cmd_trace(int argc, char **argv)
{
    const char *names[ACTIONS], *near;
    char name[64];

    if (argc < 2) {
        help(stderr);
        return MMU_EXIT_USE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return MMU_EXIT_GOOD;
    }
    for (size_t n = 0; n < ACTIONS; n++) {
        names[n] = actions[n].name;
        if (strcmp(argv[1], actions[n].name) == 0) {
            snprintf(name, sizeof name, "lockwalk trace %s", actions[n].name);
            argv[1] = name;
            program_invocation_name = name;
            program_invocation_short_name = name;
            return actions[n].run(argc - 1, argv + 1);
        }
    }
    near = mmu_nearest(argv[1], names, ACTIONS);
    fprintf(stderr, "lockwalk trace: '%s' is not an action; allowed: info, convert, cut, merge, generate",
            argv[1]);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near);
    fputc('\n', stderr);
    return MMU_EXIT_USE;
}
