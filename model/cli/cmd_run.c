/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk run: the cycle model alone (docs/run.md).
 */
#include "cli/mmu_cli.h"
#include "cli/run_one.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* On a terminal. */
static void progress(void *user, const mmu_env_stats_t *stats)
{
    (void)user;
    fprintf(stderr, "\r%" PRIu64 " million clocks", stats->clocks / 1000000);
}

mmu_runner_t *mmu_run_one(const mmu_run_args_t *args, unsigned n, mmu_cfg_t *cfg, mmu_cfg_about_t *about)
{
    mmu_run_options_t options = args->run;
    mmu_cfg_errors_t errors;
    mmu_runner_t *run;
    char error[512];

    if (!mmu_cfg_load(args->config[n], cfg, about, &errors)) {
        fputs(errors.text, stderr);
        return NULL;
    }
    if (isatty(STDERR_FILENO) != 0)
        options.progress = progress;
    run = mmu_runner_create(cfg, &args->env, &options, error, sizeof error);
    if (run == NULL) {
        fprintf(stderr, "lockwalk run: %s%s%s\n", args->compare ? about->name : "", args->compare ? ": " : "",
                error);
        return NULL;
    }
    mmu_runner_go(run);
    if (options.progress != NULL)
        fprintf(stderr, "\r                                \r");
    return run;
}

int mmu_run_verdict_of(const mmu_runner_t *run)
{
    const mmu_run_result_t *r = mmu_runner_result(run);
    const mmu_env_failure_t *failure = r->failure;

    if (failure->kind == MMU_ENV_OK && r->warmed)
        return MMU_EXIT_GOOD;
    fflush(stdout);
    if (failure->kind == MMU_ENV_OK) {
        fprintf(stderr,
                "lockwalk run: --warmup: the run had %" PRIu64
                " accesses and did not get to the end of its warm-up; "
                "nothing was taken off\n",
                mmu_run_accesses(&r->counts));
        return MMU_EXIT_USE;
    }
    fprintf(stderr, "lockwalk run: clock %" PRIu64 ": %s\n", failure->clock, failure->text);
    if (failure->details != NULL)
        fputs(failure->details, stderr);
    return failure->kind == MMU_ENV_BAD_INPUT ? MMU_EXIT_USE : MMU_EXIT_MISMATCH;
}

/* ---- what is printed ----------------------------------------------------------------------------------- */

json_t *mmu_run_failure_json(const mmu_env_failure_t *failure)
{
    return json_pack("{s:s, s:I, s:s, s:s*}", "kind", mmu_env_fail_name(failure->kind), "clock",
                     (json_int_t)failure->clock, "text", failure->text, "details", failure->details);
}

void mmu_run_print_json(json_t *all)
{
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static json_t *run_json(const mmu_runner_t *run, const char *config)
{
    const mmu_run_result_t *r = mmu_runner_result(run);
    json_t *all = json_object(), *coverage;

    json_object_set_new(all, "command", json_string("run"));
    json_object_set_new(all, "config", json_string(config));
    json_object_set_new(all, "stimulus", json_string(r->stimulus));
    json_object_set_new(all, "verdict", json_string(r->failure->kind == MMU_ENV_OK ? "good" : "failed"));
    if (r->failure->kind != MMU_ENV_OK)
        json_object_set_new(all, "failure", mmu_run_failure_json(r->failure));
    json_object_set_new(all, "counts", mmu_env_report_json(&r->counts));
    if (r->warmup.clocks != 0)
        json_object_set_new(all, "warmup", mmu_env_report_json(&r->warmup));
    json_object_set_new(all, "figures", mmu_run_report_json(r));
    json_object_set_new(all, "stepped_clocks", json_integer((json_int_t)r->stepped));
    coverage = mmu_env_cover_json(mmu_runner_env(run));
    if (coverage != NULL)
        json_object_set_new(all, "coverage", coverage);
    return all;
}

static void print_text(const mmu_runner_t *run, const char *config, bool verbose)
{
    const mmu_run_result_t *r = mmu_runner_result(run);
    char *table = mmu_env_report_text(&r->counts);
    char *times = mmu_run_report_text(r);
    char *coverage = verbose ? mmu_env_cover_text(mmu_runner_env(run)) : NULL;
    char *fold = verbose ? mmu_env_fold_text(mmu_runner_env(run)) : NULL;

    printf("cycle model, configuration %s; %s\n", config, r->stimulus);
    if (r->warmup.clocks != 0)
        printf("after a warm-up of %" PRIu64 " accesses in %" PRIu64 " clocks\n",
               mmu_run_accesses(&r->warmup), r->warmup.clocks);
    printf("\n%s\n%s", table, times);
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
    mmu_run_args_t args;
    mmu_cfg_about_t about;
    mmu_runner_t *run;
    mmu_cfg_t cfg;
    json_t *all = NULL;
    int status;

    mmu_run_parse(argc, argv, &args);
    if (args.compare)
        return mmu_run_comparison(&args);
    run = mmu_run_one(&args, 0, &cfg, &about);
    if (run == NULL)
        return MMU_EXIT_USE;
    if (args.json)
        all = run_json(run, about.name);
    else
        print_text(run, about.name, args.verbose);
    status = mmu_run_verdict_of(run);
    if (status == MMU_EXIT_GOOD && args.correlate != 0)
        status = mmu_run_correlation(&args, &cfg, all);
    if (all != NULL)
        mmu_run_print_json(all);
    mmu_runner_destroy(run);
    return status;
}
