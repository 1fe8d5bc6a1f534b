/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk cosim`: RTL and cycle model in lockstep. Finds or builds the simulation of the configuration, and
 * becomes it, or, for waves, waits for it (mmu_cosim_wave.c); the simulation prints the verdict.
 */
#include "cli/mmu_cli.h"
#include "cli/mmu_cosim_args.h"
#include "cli/mmu_cosim_place.h"
#include "cli/mmu_cosim_wave.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first of the bundled traces. */
static char *bundled_trace(const char *root)
{
    char pattern[PATH_MAX], *trace = NULL;
    glob_t found = {0};

    snprintf(pattern, sizeof pattern, "%s/traces/*.trc.zst", root);
    if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc != 0)
        trace = strdup(found.gl_pathv[0]);
    globfree(&found);
    return trace;
}

static bool something_is_played(const mmu_cosim_args_t *args)
{
    return args->env.trace != NULL || args->env.kind != MMU_ENV_TRACE;
}

/* The command line of the simulation: ours, and what we found out; *count words, then a NULL. */
static char **command_line(int argc, char **argv, const mmu_cosim_args_t *args, const char *root, char *hex,
                           int *count)
{
    char **all = calloc((size_t)argc + 8, sizeof *all);
    int n = 0;

    if (all == NULL)
        abort();
    for (int i = 0; i < argc; i++)
        all[n++] = argv[i];
    if (!something_is_played(args)) {
        char trace[] = "--trace";
        all[n++] = strdup(trace);
        all[n++] = bundled_trace(root);
        if (all[n - 1] == NULL) {
            fprintf(stderr, "lockwalk cosim: no trace in %s/traces; name one with --trace, or use --random\n",
                    root);
            exit(MMU_EXIT_USE);
        }
    }
    char *command = mmu_cosim_quote(n, all);
    all[n++] = strdup("--command");
    all[n++] = command;
    all[n++] = strdup("--cfg");
    all[n++] = hex;
    *count = n;
    return all;
}

/* Becomes the simulation, or, where a failure is to be repeated for its wave, stays and waits for it. */
static int run(const char *program, int argc, char **argv, const mmu_cosim_args_t *args,
               const mmu_cosim_build_t *what)
{
    if (mmu_cosim_wants_wave(args))
        return mmu_cosim_run_for_wave(program, argc, argv, args, what);
    execv(program, argv);
    fprintf(stderr, "lockwalk cosim: %s: %s\n", program, strerror(errno));
    return MMU_EXIT_USE;
}

/* A trace that is not there is told before a build, which takes a minute. */
static bool trace_is_there(const mmu_cosim_args_t *args)
{
    const char *trace = args->env.trace;

    if (args->build_only || trace == NULL || strcmp(trace, "-") == 0 || access(trace, R_OK) == 0)
        return true;
    fprintf(stderr, "lockwalk cosim: %s: cannot be opened: %s\n", trace, strerror(errno));
    return false;
}

int mmu_cmd_cosim(int argc, char **argv)
{
    mmu_cosim_args_t args;
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    mmu_cosim_place_t place;
    mmu_cosim_build_t what;
    char hex[MMU_CFG_HEX_SIZE], error[512];
    char *program;

    mmu_cosim_parse(argc, argv, &args);
    if (!mmu_cfg_load(args.config, &cfg, NULL, &errors)) {
        fputs(errors.text, stderr);
        return MMU_EXIT_USE;
    }
    if (!trace_is_there(&args))
        return MMU_EXIT_USE;
    mmu_cfg_to_hex(&cfg, hex);
    if (!mmu_cosim_find_place(&place, args.rtl, args.build_dir, error, sizeof error)) {
        fprintf(stderr, "lockwalk cosim: %s\n", error);
        return MMU_EXIT_USE;
    }
    what = (mmu_cosim_build_t){.root = place.root,
                               .build_dir = place.build_dir,
                               .rtl = place.rtl,
                               .config = args.config,
                               .cfg = hex};
    program = mmu_cosim_build(&what);
    if (program == NULL)
        return MMU_EXIT_USE;
    if (!args.build_only) {
        int count;
        char **line = command_line(argc, argv, &args, place.root, hex, &count);
        return run(program, count, line, &args, &what);
    }
    puts(program);
    free(program);
    mmu_cosim_free_place(&place);
    return MMU_EXIT_GOOD;
}
