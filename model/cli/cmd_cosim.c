/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk cosim`: RTL and cycle model in lockstep. Finds or builds the simulation of the configuration, and
 * becomes it, or, for waves, waits for it (mmu_cosim_wave.c); the simulation prints the verdict.
 */
#include "cli/mmu_cli.h"
#include "cli/mmu_cosim_args.h"
#include "cli/mmu_cosim_build.h"
#include "cli/mmu_cosim_wave.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An absolute path without links; exits where there is none. */
static char *absolute(const char *path, const char *what)
{
    char *full = realpath(path, NULL);

    if (full == NULL) {
        fprintf(stderr, "lockwalk cosim: %s '%s': %s\n", what, path, strerror(errno));
        exit(MMU_EXIT_USE);
    }
    return full;
}

/* It need not exist. */
static char *absolute_folder(const char *path)
{
    char here[PATH_MAX], *full = NULL;

    if (path[0] == '/')
        return strdup(path);
    if (getcwd(here, sizeof here) == NULL || asprintf(&full, "%s/%s", here, path) < 0) {
        fprintf(stderr, "lockwalk cosim: '%s': %s\n", path, strerror(errno));
        exit(MMU_EXIT_USE);
    }
    return full;
}

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

/* Where simulations are kept: beside the tree that they are built from. */
static char *simulations(const mmu_cosim_args_t *args, const char *root)
{
    char *path = NULL;

    if (args->build_dir != NULL)
        return absolute_folder(args->build_dir);
    if (getenv("LOCKWALK_ROOT") == NULL)
        return strdup(MMU_BUILD_DIR "/rtl");
    if (asprintf(&path, "%s/build/rtl", root) < 0)
        abort();
    return path;
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
    const char *named = getenv("LOCKWALK_ROOT");
    mmu_cosim_args_t args;
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    mmu_cosim_build_t what;
    char hex[MMU_CFG_HEX_SIZE];
    char *root, *build_dir, *rtl, *program;

    mmu_cosim_parse(argc, argv, &args);
    if (!mmu_cfg_load(args.config, &cfg, NULL, &errors)) {
        fputs(errors.text, stderr);
        return MMU_EXIT_USE;
    }
    if (!trace_is_there(&args))
        return MMU_EXIT_USE;
    mmu_cfg_to_hex(&cfg, hex);
    root = absolute(named != NULL ? named : MMU_SOURCE_DIR,
                    named != NULL ? "LOCKWALK_ROOT" : "the source tree (LOCKWALK_ROOT names another)");
    build_dir = simulations(&args, root);
    rtl = args.rtl != NULL ? absolute(args.rtl, "--rtl") : NULL;
    what = (mmu_cosim_build_t){
        .root = root, .build_dir = build_dir, .rtl = rtl, .config = args.config, .cfg = hex};
    program = mmu_cosim_build(&what);
    if (program == NULL)
        return MMU_EXIT_USE;
    if (!args.build_only) {
        int count;
        char **line = command_line(argc, argv, &args, root, hex, &count);
        return run(program, count, line, &args, &what);
    }
    puts(program);
    free(program);
    free(rtl);
    free(build_dir);
    free(root);
    return MMU_EXIT_GOOD;
}
