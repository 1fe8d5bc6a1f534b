/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `lockwalk cosim`.
 */
#include "cli/mmu_cosim_args.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
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
    KEY_COMMAND,
    KEY_WAVES,
    KEY_WAVE,
    KEY_WAVE_CLOCKS,
    KEY_FAILURE_FD,
    KEY_FAILURE_CLOCK
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
    {"verbose", 'v', NULL, 0, "Tell as well what the random stimulus met, and what never", 0},
    {NULL, 0, NULL, 0, "Waves of a failure:", -1},
    {"waves", KEY_WAVES, "WHEN", 0,
     "Whether a run that fails is repeated for its wave (FST), which takes a second build, once: on, off, or "
     "auto: "
     "with --wave, or when standard error is a terminal (default: auto)",
     0},
    {"wave", KEY_WAVE, "FILE", 0, "Write the wave there (default: lockwalk-CONFIG-SEED.fst)", 0},
    {"wave-clocks", KEY_WAVE_CLOCKS, "N", 0,
     "Clocks in the wave: the last N up to the failure (default: 200)", 0},
    {"failure-fd", KEY_FAILURE_FD, "FD", OPTION_HIDDEN, NULL, 0},
    {"failure-clock", KEY_FAILURE_CLOCK, "CLOCK", OPTION_HIDDEN, NULL, 0},
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
    "  lockwalk cosim --random 7 --wave failure.fst --wave-clocks 1000\n"
    "\n"
    "Exit status: 0 all outputs agreed, 1 a difference or a failed check, 2 bad use or bad input.";

static mmu_waves_e waves(struct argp_state *state, const char *arg)
{
    static const char *const names[] = {"auto", "on", "off"};

    for (unsigned n = 0; n < 3; n++)
        if (strcmp(arg, names[n]) == 0)
            return (mmu_waves_e)n;
    argp_error(state, "--waves: '%s', expected auto, on or off", arg);
    return MMU_WAVES_AUTO;
}

static uint64_t number(struct argp_state *state, const char *option, const char *arg, uint64_t min)
{
    char *end = NULL;
    unsigned long long value;

    errno = 0;
    value = strtoull(arg, &end, 10);
    if (errno != 0 || arg[0] < '0' || arg[0] > '9' || *end != '\0' || value < min)
        argp_error(state, "--%s: '%s', expected a whole number from %" PRIu64 " on", option, arg, min);
    return value;
}

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
    case 'v':
        args->verbose = true;
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
    case KEY_WAVES:
        args->waves = waves(state, arg);
        return 0;
    case KEY_WAVE:
        args->wave = arg;
        return 0;
    case KEY_WAVE_CLOCKS:
        args->wave_clocks = number(state, "wave-clocks", arg, 1);
        return 0;
    case KEY_FAILURE_FD:
        args->failure_fd = (int)number(state, "failure-fd", arg, 0);
        return 0;
    case KEY_FAILURE_CLOCK:
        args->failure_clock = number(state, "failure-clock", arg, 0);
        args->rerun = true;
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
    args->wave_clocks = 200;
    args->failure_fd = -1;
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
