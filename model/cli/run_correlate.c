/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk run --correlate`: the first clocks of a run again, and the same clocks with the RTL in lockstep; all counts of
 * the two must be equal, and so the sum over all answers, of clock, port, id and physical address.
 */
#include "cli/mmu_cli.h"
#include "cli/mmu_cosim_args.h"
#include "cli/mmu_cosim_place.h"
#include "cli/run_one.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = MMU_ENV_WORDS + 16 };

/* ---- the simulation ------------------------------------------------------------------------------------ */

typedef struct {
    char *word[MOST_WORDS + 1];
    int count;
} line_t;

static void add(line_t *line, const char *word)
{
    line->word[line->count] = strdup(word);
    if (line->word[line->count++] == NULL)
        abort();
}

/* What a user would type for the same clocks, and what the simulation needs besides. */
static void make_line(line_t *line, const mmu_run_args_t *args, const mmu_env_options_t *env, const char *hex)
{
    char *command;

    add(line, "lockwalk cosim");
    add(line, "--config");
    add(line, args->config[0]);
    line->count += (int)mmu_env_words(env, &line->word[line->count]);
    if (args->rtl != NULL) {
        add(line, "--rtl");
        add(line, args->rtl);
    }
    command = mmu_cosim_quote(line->count, line->word);
    add(line, "--json");
    add(line, "-");
    add(line, "--command");
    add(line, command);
    add(line, "--cfg");
    add(line, hex);
    free(command);
}

/* In the child, which ends when we do. */
static void become(const char *program, char **argv, FILE *out, FILE *err, pid_t parent)
{
    signal(SIGINT, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent ||
        dup2(fileno(out), STDOUT_FILENO) < 0 || dup2(fileno(err), STDERR_FILENO) < 0)
        _exit(2);
    execv(program, argv);
    fprintf(stderr, "%s: %s\n", program, strerror(errno));
    _exit(2);
}

static void copy(FILE *from, FILE *to)
{
    int c;

    rewind(from);
    while ((c = fgetc(from)) != EOF)
        fputc(c, to);
}

/* Its JSON; NULL: it did not run to its end, which has been told. */
static json_t *simulate(const char *program, char **argv)
{
    FILE *out = tmpfile(), *err = tmpfile();
    const pid_t parent = getpid();
    json_t *result = NULL;
    int status = -1;
    pid_t child;

    if (out == NULL || err == NULL)
        abort();
    fflush(NULL);
    child = fork();
    if (child == 0)
        become(program, argv, out, err, parent);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) <= 1) {
        rewind(out);
        result = json_loadf(out, 0, NULL);
    }
    if (result == NULL || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "lockwalk run: --correlate: the simulation says:\n");
        copy(err, stderr);
    }
    fclose(out);
    fclose(err);
    return result;
}

static json_t *run_rtl(const mmu_run_args_t *args, const mmu_env_options_t *env, const mmu_cfg_t *cfg)
{
    char hex[MMU_CFG_HEX_SIZE], error[512], *program;
    mmu_cosim_place_t place;
    line_t line = {.count = 0};
    json_t *result = NULL;

    if (!mmu_cosim_find_place(&place, args->rtl, args->build_dir, error, sizeof error)) {
        fprintf(stderr, "lockwalk run: --correlate: %s\n", error);
        return NULL;
    }
    mmu_cfg_to_hex(cfg, hex);
    program = mmu_cosim_build_at(&place, args->config[0], hex);
    mmu_cosim_free_place(&place);
    if (program == NULL)
        return NULL;
    make_line(&line, args, env, hex);
    result = simulate(program, line.word);
    while (line.count > 0)
        free(line.word[--line.count]);
    free(program);
    return result;
}

/* ---- the comparison ------------------------------------------------------------------------------------ */

/* The fast way again, for so many clocks and from the first access on. NULL: told. */
static json_t *run_model(const mmu_cfg_t *cfg, const mmu_env_options_t *env, uint64_t *stepped)
{
    const mmu_run_options_t options = {0};
    const mmu_run_result_t *r;
    json_t *counts = NULL;
    mmu_runner_t *run;
    char error[512];

    run = mmu_runner_create(cfg, env, &options, error, sizeof error);
    if (run == NULL) {
        fprintf(stderr, "lockwalk run: --correlate: %s\n", error);
        return NULL;
    }
    mmu_runner_go(run);
    r = mmu_runner_result(run);
    if (mmu_run_verdict_of(run) == MMU_EXIT_GOOD && r->counts.clocks != 0)
        counts = mmu_env_report_json(&r->counts);
    *stepped = r->stepped;
    mmu_runner_destroy(run);
    return counts;
}

static void print(const json_t *c)
{
    const json_t *differences = json_object_get(c, "differences");
    size_t n;
    json_t *one;

    printf("\n%s: the first %" JSON_INTEGER_FORMAT " clocks with the RTL, %" JSON_INTEGER_FORMAT
           " answers: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " counts are equal\n",
           json_string_value(json_object_get(c, "verdict")), json_integer_value(json_object_get(c, "clocks")),
           json_integer_value(json_object_get(c, "answers")),
           json_integer_value(json_object_get(c, "compared")) - (json_int_t)json_array_size(differences),
           json_integer_value(json_object_get(c, "compared")));
    printf("  RTL and cycle model in lockstep: %s; of these clocks the run stepped %" JSON_INTEGER_FORMAT
           " and skipped the others\n",
           json_string_value(json_object_get(c, "lockstep")),
           json_integer_value(json_object_get(c, "stepped")));
    json_array_foreach(differences, n, one)
    {
        char *rtl = json_dumps(json_object_get(one, "rtl"), JSON_ENCODE_ANY);
        char *model = json_dumps(json_object_get(one, "model"), JSON_ENCODE_ANY);

        printf("  %s: RTL %s, run %s\n", json_string_value(json_object_get(one, "name")), rtl, model);
        free(rtl);
        free(model);
    }
}

int mmu_run_correlation(const mmu_run_args_t *args, const mmu_cfg_t *cfg, json_t *all)
{
    mmu_env_options_t env = args->env;
    json_t *model, *rtl, *statistics, *differences = json_array(), *c;
    uint64_t stepped = 0;
    unsigned compared;
    bool good;

    if (env.cycles == 0 || env.cycles > args->correlate)
        env.cycles = args->correlate;
    model = run_model(cfg, &env, &stepped);
    rtl = model != NULL ? run_rtl(args, &env, cfg) : NULL;
    if (rtl == NULL) {
        json_decref(model);
        json_decref(differences);
        return MMU_EXIT_USE;
    }
    statistics = json_object_get(rtl, "statistics");
    compared = mmu_run_correlate(statistics, model, differences);
    good = compared != 0 && json_array_size(differences) == 0 &&
           json_integer_value(json_object_get(statistics, "clocks")) > 0 &&
           json_integer_value(json_object_get(rtl, "comparisons")) > 0 &&
           strcmp(json_string_value(json_object_get(rtl, "verdict")), "pass") == 0;
    c = json_pack("{s:s, s:O, s:I, s:I, s:O, s:I, s:o}", "verdict", good ? "PASS" : "FAIL", "clocks",
                  json_object_get(model, "clocks"), "answers",
                  json_integer_value(json_object_get(json_object_get(model, "accesses"), "instruction")) +
                      json_integer_value(json_object_get(json_object_get(model, "accesses"), "data")),
                  "compared", (json_int_t)compared, "lockstep", json_object_get(rtl, "verdict"), "stepped",
                  (json_int_t)stepped, "differences", differences);
    if (all != NULL)
        json_object_set(all, "correlation", c);
    else
        print(c);
    json_decref(c);
    json_decref(rtl);
    json_decref(model);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_MISMATCH;
}
