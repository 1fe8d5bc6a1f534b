/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk run: the cycle model alone.
 */
#include "cli/mmu_cli.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"

#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRESS_CLOCKS UINT64_C(4000000)

typedef struct {
    bool json;
    bool verbose;
    const char *config;
    mmu_env_options_t env;
} options_t;

static const struct argp_option options[] = {
    {"config", 'c', "CONFIG", 0, "A preset's name or a YAML file (default: default)", 0},
    {"json", 'j', NULL, 0, "Machine-readable output", 0},
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

static void play(mmu_t *mmu, mmu_env_t *env)
{
    bool progress = isatty(STDERR_FILENO) != 0;
    mmu_in_t in, next;
    mmu_out_t out;

    mmu_env_reset_inputs(env, &in);
    while (!mmu_env_done(env)) {
        mmu_comb(mmu, &in, &out);
        mmu_env_step(env, &in, &out, &next);
        mmu_seq(mmu, true);
        for (unsigned n = mmu_env_reset_clocks(env); n > 0; n--)
            mmu_seq(mmu, false);
        in = next;
        if (progress && mmu_env_stats(env)->clocks % PROGRESS_CLOCKS == 0)
            fprintf(stderr, "\r%" PRIu64 " million clocks", mmu_env_stats(env)->clocks / 1000000);
    }
    if (progress && mmu_env_stats(env)->clocks >= PROGRESS_CLOCKS)
        fprintf(stderr, "\r                                \r");
}

static void print_json(const mmu_env_t *env, const char *config)
{
    const mmu_env_failure_t *failure = mmu_env_failure(env);
    json_t *all = json_object(), *coverage;

    json_object_set_new(all, "command", json_string("run"));
    json_object_set_new(all, "config", json_string(config));
    json_object_set_new(all, "stimulus", json_string(mmu_env_describe(env)));
    json_object_set_new(all, "verdict", json_string(failure->kind == MMU_ENV_OK ? "good" : "failed"));
    if (failure->kind != MMU_ENV_OK)
        json_object_set_new(all, "failure",
                            json_pack("{s:s, s:I, s:s, s:s*}", "kind", mmu_env_fail_name(failure->kind),
                                      "clock", (json_int_t)failure->clock, "text", failure->text, "details",
                                      failure->details));
    json_object_set_new(all, "counts", mmu_env_report_json(mmu_env_stats(env)));
    coverage = mmu_env_cover_json(env);
    if (coverage != NULL)
        json_object_set_new(all, "coverage", coverage);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static void print_text(const mmu_env_t *env, const char *config, bool verbose)
{
    char *table = mmu_env_report_text(mmu_env_stats(env));
    char *coverage = verbose ? mmu_env_cover_text(env) : NULL;
    char *fold = verbose ? mmu_env_fold_text(env) : NULL;

    printf("cycle model, configuration %s; %s\n\n%s", config, mmu_env_describe(env), table);
    if (coverage != NULL)
        printf("\n%s", coverage);
    if (fold != NULL)
        printf("\n%s", fold);
    free(table);
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
    mmu_cfg_t cfg;
    mmu_env_t *env;
    void *storage;
    char error[512];
    int status;

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (!mmu_cfg_load(o.config, &cfg, &about, &errors)) {
        fputs(errors.text, stderr);
        return MMU_EXIT_USE;
    }
    mmu_env_configure(&o.env, &cfg);
    env = mmu_env_create(&o.env, error, sizeof error);
    if (env == NULL) {
        fprintf(stderr, "lockwalk run: %s\n", error);
        return MMU_EXIT_USE;
    }
    storage = malloc(mmu_sizeof(&cfg));
    if (storage == NULL) {
        fprintf(stderr, "lockwalk run: no memory\n");
        mmu_env_destroy(env);
        return MMU_EXIT_USE;
    }
    play(mmu_init(storage, &cfg), env);
    if (o.json)
        print_json(env, about.name);
    else
        print_text(env, about.name, o.verbose);
    failure = mmu_env_failure(env);
    status = failure->kind == MMU_ENV_OK          ? MMU_EXIT_GOOD
             : failure->kind == MMU_ENV_BAD_INPUT ? MMU_EXIT_USE
                                                  : MMU_EXIT_MISMATCH;
    if (status != MMU_EXIT_GOOD) {
        fflush(stdout);
        fprintf(stderr, "lockwalk run: clock %" PRIu64 ": %s\n", failure->clock, failure->text);
        if (failure->details != NULL)
            fputs(failure->details, stderr);
    }
    mmu_env_destroy(env);
    free(storage);
    return status;
}
