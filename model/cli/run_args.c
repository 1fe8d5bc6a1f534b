/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `lockwalk run`.
 */
#include "cli/run_args.h"

#include "lockwalk/mmu_config.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CORRELATE_CLOCKS UINT64_C(200000)

enum {
    KEY_STEP = 0x3000,
    KEY_WARMUP,
    KEY_WINDOWS,
    KEY_COMPARE,
    KEY_CSV,
    KEY_CORRELATE,
    KEY_RTL,
    KEY_BUILD_DIR
};

static const struct argp_option options[] = {
    {"config", 'c', "CONFIG", 0, "A preset's name or a YAML file (default: default)", 0},
    {"step", KEY_STEP, NULL, 0,
     "Step each clock of a trace, and let the judge watch; else clocks whose outcome the rules decide are "
     "counted "
     "only",
     0},
    {"warmup", KEY_WARMUP, "N", 0,
     "Take off the counts up to the answer of access N; what they leave in the MMU stays", 0},
    {"windows", KEY_WINDOWS, "N", 0, "With --json: a series, a point for every N accesses", 0},
    {"json", 'j', NULL, 0, "Machine-readable output", 0},
    {"verbose", 'v', NULL, 0,
     "Tell as well what the random stimulus met and what never, and how a trace's addresses were folded", 0},
    {NULL, 0, NULL, 0, "Several configurations:", 1},
    {"compare", KEY_COMPARE, "CONFIG[,CONFIG...]", 0,
     "Run all of them on the trace and put them side by side; may be given again, and more may follow as "
     "arguments",
     0},
    {"csv", KEY_CSV, "FILE", 0, "Write the comparison there too; - is standard output", 0},
    {NULL, 0, NULL, 0, "Against the RTL:", 1},
    {"correlate", KEY_CORRELATE, "CLOCKS", OPTION_ARG_OPTIONAL,
     "Repeat the first clocks (default: 200000) with the RTL, in lockstep, and compare all counts", 0},
    {"rtl", KEY_RTL, "DIR", 0, "RTL to build instead of the source tree's folder rtl", 0},
    {"build-dir", KEY_BUILD_DIR, "DIR", 0, "Where simulations are kept (default: rtl in the build folder)",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "The cycle model of an MMU on a program's memory accesses, without RTL: clocks, hits, misses, walks, and "
    "how "
    "long translations took.\v"
    "TRACE is what `lockwalk trace info` reads; - is standard input. `lockwalk cosim` counts the same "
    "clocks.\n"
    "\n"
    "Examples:\n"
    "  lockwalk run traces/perl.trc.zst\n"
    "  lockwalk run --config tiny --huge-pages mixed traces/perl.trc.zst\n"
    "  lockwalk run --mem-latency 20..60 --json traces/tree.trc.zst\n"
    "  lockwalk run --warmup 100000 traces/perl.trc.zst\n"
    "  lockwalk run --compare default,skylake,cva6 traces/tree.trc.zst\n"
    "  lockwalk run --compare default ./mine.yaml --csv table.csv traces/tree.trc.zst\n"
    "  lockwalk run --config default traces/perl.trc.zst --correlate\n"
    "  lockwalk run --config tiny --random 7 --cycles 100000 --profile storm --verbose\n"
    "\n"
    "Exit status: 0 good, 1 a wrong answer, no progress, or counts that differ from the RTL's, 2 bad use or "
    "bad "
    "input.";

static uint64_t number(struct argp_state *state, const char *option, const char *arg)
{
    char *end = NULL;
    unsigned long long value;

    errno = 0;
    value = strtoull(arg, &end, 10);
    if (*arg < '0' || *arg > '9' || *end != '\0' || errno != 0 || value == 0)
        argp_error(state, "--%s: '%s', expected a whole number from 1 to %" PRIu64, option, arg, UINT64_MAX);
    return value;
}

static void add_config(struct argp_state *state, mmu_run_args_t *a, const char *config)
{
    if (*config == '\0')
        argp_error(state, "--compare: an empty name in the list");
    if (a->configs == MMU_RUN_CONFIGS)
        argp_error(state, "--compare: more than %u configurations, from '%s' on", MMU_RUN_CONFIGS, config);
    a->config[a->configs++] = config;
}

/* Takes the list apart where it stands. */
static void add_list(struct argp_state *state, mmu_run_args_t *a, char *list)
{
    char *item;

    a->compare = true;
    while ((item = strsep(&list, ",")) != NULL)
        add_config(state, a, item);
}

static bool is_config(const char *arg)
{
    const size_t n = strlen(arg);

    for (unsigned k = 0; mmu_cfg_preset_name(k) != NULL; k++)
        if (strcmp(arg, mmu_cfg_preset_name(k)) == 0)
            return true;
    return n > 5 && strcmp(arg + n - 5, ".yaml") == 0;
}

static void finish(struct argp_state *state, mmu_run_args_t *a, const char *config)
{
    if (a->env.kind == MMU_ENV_TRACE && a->env.trace == NULL)
        argp_error(state, "no trace");
    if (a->env.kind != MMU_ENV_TRACE && a->env.trace != NULL)
        argp_error(state, "a trace, '%s', and %s: only one of them", a->env.trace,
                   a->env.kind == MMU_ENV_RANDOM ? "random accesses" : "vectors");
    if (a->compare && config != NULL)
        argp_error(state, "--config and --compare: name all configurations in --compare");
    if (a->compare && a->env.kind != MMU_ENV_TRACE)
        argp_error(state,
                   "--compare: expected a trace, not a random stimulus, which differs by configuration");
    if (a->compare && strcmp(a->env.trace, "-") == 0)
        argp_error(state, "--compare: standard input can be read once only; expected a file");
    if (a->correlate != 0 && (a->compare || a->env.kind != MMU_ENV_TRACE || strcmp(a->env.trace, "-") == 0))
        argp_error(state, "--correlate: expected one configuration and a trace in a file");
    if (!a->compare && a->csv != NULL)
        argp_error(state, "--csv: expected --compare");
    if (a->correlate == 0 && (a->rtl != NULL || a->build_dir != NULL))
        argp_error(state, "--%s: expected --correlate", a->rtl != NULL ? "rtl" : "build-dir");
    if (!a->compare)
        a->config[a->configs++] = config != NULL ? config : "default";
}

typedef struct {
    mmu_run_args_t *args;
    const char *config; /* of --config */
    const char *plain[MMU_RUN_CONFIGS + 1];
    unsigned plains; /* arguments without an option */
} parse_t;

/* With --compare an argument that is a preset's name or ends in .yaml is one more configuration. */
static void take_plain(struct argp_state *state, parse_t *p)
{
    for (unsigned n = 0; n < p->plains; n++) {
        if (p->args->compare && is_config(p->plain[n]))
            add_config(state, p->args, p->plain[n]);
        else if (p->args->env.trace == NULL)
            p->args->env.trace = p->plain[n];
        else
            argp_error(state, "more than one trace: '%s' and '%s'", p->args->env.trace, p->plain[n]);
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    parse_t *p = state->input;
    mmu_run_args_t *a = p->args;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->env;
        return 0;
    case 'c':
        p->config = arg;
        return 0;
    case 'j':
        a->json = true;
        return 0;
    case 'v':
        a->verbose = true;
        return 0;
    case KEY_STEP:
        a->run.step = true;
        return 0;
    case KEY_WARMUP:
        a->run.warmup = number(state, "warmup", arg);
        return 0;
    case KEY_WINDOWS:
        a->run.window = number(state, "windows", arg);
        return 0;
    case KEY_COMPARE:
        add_list(state, a, arg);
        return 0;
    case KEY_CSV:
        a->csv = arg;
        return 0;
    case KEY_CORRELATE:
        a->correlate = arg == NULL ? CORRELATE_CLOCKS : number(state, "correlate", arg);
        return 0;
    case KEY_RTL:
        a->rtl = arg;
        return 0;
    case KEY_BUILD_DIR:
        a->build_dir = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (p->plains == MMU_RUN_CONFIGS + 1)
            argp_error(state, "too many arguments, from '%s' on", arg);
        p->plain[p->plains++] = arg;
        return 0;
    case ARGP_KEY_END:
        take_plain(state, p);
        finish(state, a, p->config);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void mmu_run_parse(int argc, char **argv, mmu_run_args_t *args)
{
    const struct argp_child children[] = {{&mmu_env_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    const struct argp argp = {options, parse, "TRACE", text, children, NULL, NULL};
    parse_t p = {.args = args};

    memset(args, 0, sizeof *args);
    argp_parse(&argp, argc, argv, 0, NULL, &p);
}
