/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk run: the cycle model alone.
 */
#include "cli/mmu_cli.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_run.h"

#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    bool json;
    bool verbose;
    const char *config;
    mmu_env_options_t env;
    mmu_run_options_t run;
} options_t;

enum { KEY_STEP = 0x1000, KEY_WARMUP };

static const struct argp_option options[] = {
    {"config", 'c', "CONFIG", 0, "A preset's name or a YAML file (default: default)", 0},
    {"json", 'j', NULL, 0, "Machine-readable output", 0},
    {"step", KEY_STEP, NULL, 0, "Step each clock of a trace, and let the judge watch", 0},
    {"warmup", KEY_WARMUP, "N", 0,
     "Take the counts of the first N accesses off; what they leave in the TLBs stays", 0},
    {"verbose", 'v', NULL, 0,
     "Tell as well what the random stimulus met and what never, and how a trace's addresses were folded", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "The cycle model of an MMU alone, without RTL: clocks, hits, misses, walks.\v"
    "TRACE is a program's memory accesses: lackey's output or lines `I|L|S hexaddr,size`, plain, zstd or "
    "gzip; - is "
    "standard input. `lockwalk cosim` counts the same clocks.\n"
    "\n"
    "Examples:\n"
    "  lockwalk run traces/perl.trc.zst\n"
    "  lockwalk run --config tiny --huge-pages mixed traces/perl.trc.zst\n"
    "  lockwalk run --mem-latency 20..60 --json traces/tree.trc.zst\n"
    "  lockwalk run --config tiny --random 7 --cycles 100000 --profile storm --verbose\n"
    "\n"
    "Exit status: 0 good, 1 a wrong answer or no progress, 2 bad use or bad input.";

static uint64_t number(struct argp_state *state, const char *option, const char *text_)
{
    char *end = NULL;
    unsigned long long value = strtoull(text_, &end, 10);

    if (*text_ < '0' || *text_ > '9' || *end != '\0' || value == 0)
        argp_error(state, "--%s: '%s', expected a whole number from 1", option, text_);
    return value;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->env;
        return 0;
    case 'c':
        o->config = argument;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case KEY_STEP:
        o->run.step = true;
        return 0;
    case KEY_WARMUP:
        o->run.warmup = number(state, "warmup", argument);
        return 0;
    case 'v':
        o->verbose = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->env.trace != NULL)
            argp_error(state, "more than one trace: '%s' and '%s'", o->env.trace, argument);
        o->env.trace = argument;
        return 0;
    case ARGP_KEY_END:
        if (o->env.kind == MMU_ENV_TRACE && o->env.trace == NULL)
            argp_error(state, "no trace");
        if (o->env.kind != MMU_ENV_TRACE && o->env.trace != NULL)
            argp_error(state, "a trace, '%s', and %s: only one of them", o->env.trace,
                       o->env.kind == MMU_ENV_RANDOM ? "random accesses" : "vectors");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* On a terminal. */
static void progress(void *user, const mmu_env_stats_t *stats)
{
    (void)user;
    fprintf(stderr, "\r%" PRIu64 " million clocks", stats->clocks / 1000000);
}

static void print_json(const mmu_runner_t *run, const char *config)
{
    const mmu_run_result_t *r = mmu_runner_result(run);
    json_t *all = json_object(), *coverage;

    json_object_set_new(all, "command", json_string("run"));
    json_object_set_new(all, "config", json_string(config));
    json_object_set_new(all, "stimulus", json_string(r->stimulus));
    json_object_set_new(all, "verdict", json_string(r->failure->kind == MMU_ENV_OK ? "good" : "failed"));
    if (r->failure->kind != MMU_ENV_OK)
        json_object_set_new(all, "failure",
                            json_pack("{s:s, s:I, s:s, s:s*}", "kind", mmu_env_fail_name(r->failure->kind),
                                      "clock", (json_int_t)r->failure->clock, "text", r->failure->text,
                                      "details", r->failure->details));
    json_object_set_new(all, "counts", mmu_env_report_json(&r->counts));
    if (r->warmup.clocks != 0)
        json_object_set_new(all, "warmup", mmu_env_report_json(&r->warmup));
    json_object_set_new(all, "figures", mmu_run_report_json(r));
    json_object_set_new(all, "stepped_clocks", json_integer((json_int_t)r->stepped));
    coverage = mmu_env_cover_json(mmu_runner_env(run));
    if (coverage != NULL)
        json_object_set_new(all, "coverage", coverage);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static void print_text(const mmu_runner_t *run, const char *config, bool verbose)
{
    const mmu_run_result_t *r = mmu_runner_result(run);
    char *table = mmu_env_report_text(&r->counts);
    char *times = mmu_run_report_text(r);
    char *coverage = verbose ? mmu_env_cover_text(mmu_runner_env(run)) : NULL;
    char *fold = verbose ? mmu_env_fold_text(mmu_runner_env(run)) : NULL;

    printf("cycle model, configuration %s; %s\n\n%s\n%s", config, r->stimulus, table, times);
    if (coverage != NULL)
        printf("\n%s", coverage);
    if (fold != NULL)
        printf("\n%s", fold);
    free(table);
    free(times);
    free(fold);
    free(coverage);
}

int mmu_cmd_run(int argc, char **argv)
{
    const struct argp_child children[] = {{&mmu_env_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    const struct argp argp = {options, parse, "TRACE", text, children, NULL, NULL};
    options_t o = {.config = "default"};
    const mmu_env_failure_t *failure;
    mmu_cfg_errors_t errors;
    mmu_cfg_about_t about;
    mmu_runner_t *run;
    mmu_cfg_t cfg;
    char error[512];
    int status;

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (!mmu_cfg_load(o.config, &cfg, &about, &errors)) {
        fputs(errors.text, stderr);
        return MMU_EXIT_USE;
    }
    if (isatty(STDERR_FILENO) != 0)
        o.run.progress = progress;
    run = mmu_runner_create(&cfg, &o.env, &o.run, error, sizeof error);
    if (run == NULL) {
        fprintf(stderr, "lockwalk run: %s\n", error);
        return MMU_EXIT_USE;
    }
    mmu_runner_go(run);
    if (o.run.progress != NULL)
        fprintf(stderr, "\r                                \r");
    if (o.json)
        print_json(run, about.name);
    else
        print_text(run, about.name, o.verbose);
    failure = mmu_runner_result(run)->failure;
    status = failure->kind == MMU_ENV_OK          ? MMU_EXIT_GOOD
             : failure->kind == MMU_ENV_BAD_INPUT ? MMU_EXIT_USE
                                                  : MMU_EXIT_MISMATCH;
    if (status != MMU_EXIT_GOOD) {
        fflush(stdout);
        fprintf(stderr, "lockwalk run: clock %" PRIu64 ": %s\n", failure->clock, failure->text);
        if (failure->details != NULL)
            fputs(failure->details, stderr);
    }
    mmu_runner_destroy(run);
    return status;
}
