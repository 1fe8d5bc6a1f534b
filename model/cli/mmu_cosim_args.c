/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `lockwalk cosim`.
 */
#include "cli/mmu_cosim_args.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_RTL = 0x2000,
    KEY_BUILD_DIR,
    KEY_BUILD_ONLY,
    KEY_JSON,
    KEY_WHITEBOX,
    KEY_CFG,
    KEY_COMMAND
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "What is compared:", -3},
    {"config", 'c', "PRESET|FILE", 0,
     "The MMU's configuration: a preset (`lockwalk config list`) or a YAML file (default: default)", 0},
    {"whitebox", KEY_WHITEBOX, NULL, 0,
     "Also compare the contents of the arrays: each write, a row of each a clock, all rows at the end; "
     "+whitebox "
     "is the same",
     0},
    {"rtl", KEY_RTL, "DIR", 0, "RTL to build instead of the source tree's folder rtl", 0},
    {NULL, 0, NULL, 0, "Building and reporting:", -2},
    {"build-dir", KEY_BUILD_DIR, "DIR", 0, "Where simulations are kept (default: rtl in the build folder)",
     0},
    {"build-only", KEY_BUILD_ONLY, NULL, 0, "Build the simulation, print its path, do not run it", 0},
    {"json", KEY_JSON, "FILE", 0,
     "Write the result there as JSON too; - is standard output (text: standard error)", 0},
    {"cfg", KEY_CFG, "HEX", OPTION_HIDDEN, NULL, 0},
    {"command", KEY_COMMAND, "TEXT", OPTION_HIDDEN, NULL, 0},
    {0}};

static const char text[] =
    "Runs an MMU's RTL and its cycle model in lockstep, on a trace of a real program or on random stimulus, "
    "and "
    "compares every output in every clock. It stops at the first difference and tells what led to it.\v"
    "Arguments that begin with + go to the simulation, e.g. +verilator+rand+reset+2.\n"
    "\n"
    "The simulation of a configuration is built when it is first asked for (Verilator, about a minute), and "
    "kept. "
    "LOCKWALK_ROOT names another source tree to build it from.\n"
    "\n"
    "Examples:\n"
    "  lockwalk cosim\n"
    "  lockwalk cosim --config tiny --whitebox --huge-pages mixed\n"
    "  lockwalk cosim --trace mine.trc.zst --cycles 1000000 --mem-latency 1..20 --json result.json\n"
    "  lockwalk cosim --config my-mmu.yaml --random 7 --cycles 200000\n"
    "\n"
    "Exit status: 0 all outputs agreed, 1 a difference or a failed check, 2 bad use or bad input.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    mmu_cosim_args_t *args = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &args->env;
        return 0;
    case 'c':
        args->config = arg;
        return 0;
    case KEY_RTL:
        args->rtl = arg;
        return 0;
    case KEY_BUILD_DIR:
        args->build_dir = arg;
        return 0;
    case KEY_BUILD_ONLY:
        args->build_only = true;
        return 0;
    case KEY_JSON:
        args->json = arg;
        return 0;
    case KEY_WHITEBOX:
        args->whitebox = true;
        return 0;
    case KEY_CFG:
        args->cfg = arg;
        return 0;
    case KEY_COMMAND:
        args->command = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (arg[0] != '+')
            argp_error(state, "'%s': expected options, and arguments of the simulation, which begin with +",
                       arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void mmu_cosim_parse(int argc, char **argv, mmu_cosim_args_t *args)
{
    static const struct argp_child children[] = {{&mmu_env_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {options, parse, NULL, text, children, NULL, NULL};

    memset(args, 0, sizeof *args);
    args->config = "default";
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, args);
}

static void quote(FILE *f, const char *word)
{
    if (word[0] != '\0' &&
        word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%")] ==
            '\0') {
        fputs(word, f);
        return;
    }
    fputc('\'', f);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", f);
        else
            fputc(*word, f);
    fputc('\'', f);
}

char *mmu_cosim_quote(int argc, char **argv)
{
    char *line = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&line, &size);

    if (f == NULL)
        abort();
    /* argv[0] may be two words, "lockwalk cosim". */
    fputs(argv[0], f);
    for (int n = 1; n < argc; n++) {
        fputc(' ', f);
        quote(f, argv[n]);
    }
    fclose(f);
    return line;
}
