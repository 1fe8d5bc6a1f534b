/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check`: golden vectors against a model. Every access is compared; worlds are left out by --select
 * only, and counted; what the model does not handle is an error, never skipped.
 */
#include "cli/check.h"
#include "cli/mmu_cli.h"
#include "config/mmu_nearest.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What can be checked in this build. */
static const char *const subjects[] = {"arch"};
#define SUBJECTS (sizeof subjects / sizeof subjects[0])

#define SHOWN_DEFAULT 10

typedef struct {
    uint64_t worlds, accesses;         /* compared */
    uint64_t worlds_out, accesses_out; /* left out */
    uint64_t mismatches;               /* accesses that differ */
    uint64_t words;                    /* words that the reference changed */
} counts_t;

typedef struct {
    const char *select_text;
    mmu_tv_select_t *select;
    bool json;
    unsigned shown_max; /* mismatches told in full */
    char **files;
    unsigned file_count;

    counts_t total;
    uint64_t outcome[MMU_CHECK_OUTCOMES];
    unsigned shown;
    json_t *json_files, *json_mismatches;
    mmu_tv_image_t *image;
    mmu_tv_err_t err;
} run_t;

/* ---- one file --------------------------------------------------------------------------------------- */

static void tell_mismatch(run_t *run, const mmu_check_t *check)
{
    if (run->shown == run->shown_max)
        return;
    run->shown++;
    if (run->json)
        json_array_append_new(run->json_mismatches, mmu_check_json(check));
    else
        mmu_check_print(check, stdout);
}

/* False: run->err says why. */
static bool check_world(run_t *run, const mmu_tv_world_t *world, counts_t *counts)
{
    char what[128], leave_out[64];
    mmu_pmp_file_t file;
    const mmu_pmp_file_t *pmp;

    if (!mmu_check_handles(world, what, leave_out)) {
        snprintf(run->err.text, sizeof run->err.text,
                 "%s:%u: world 0x%" PRIx64
                 " has %s, which `--on arch` does not handle; such worlds are left out "
                 "by --select '%s', with what else it selects",
                 world->file, world->line, world->id, what, leave_out);
        return false;
    }
    if (!mmu_tv_image_load(run->image, world)) {
        snprintf(run->err.text, sizeof run->err.text, "%s:%u: out of memory", world->file, world->line);
        return false;
    }
    pmp = mmu_check_pmp(world, &file);
    counts->worlds++;
    for (unsigned i = 0; i < world->accesses; i++) {
        const mmu_tv_access_t *access = &world->access[i];
        mmu_check_t check;

        mmu_check_access(world, pmp, access, run->image, &check);
        counts->accesses++;
        counts->words += access->updates;
        run->outcome[mmu_check_outcome(&check.result)]++;
        if (check.differs != 0) {
            counts->mismatches++;
            tell_mismatch(run, &check);
        }
        mmu_tv_image_settle(run->image, world, access);
    }
    return true;
}

static void add(counts_t *total, const counts_t *counts)
{
    total->worlds += counts->worlds;
    total->accesses += counts->accesses;
    total->worlds_out += counts->worlds_out;
    total->accesses_out += counts->accesses_out;
    total->mismatches += counts->mismatches;
    total->words += counts->words;
}

static json_t *json_counts(const counts_t *c)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "worlds", (json_int_t)c->worlds, "accesses",
                     (json_int_t)c->accesses, "worlds_left_out", (json_int_t)c->worlds_out,
                     "accesses_left_out", (json_int_t)c->accesses_out, "mismatches",
                     (json_int_t)c->mismatches, "words_changed", (json_int_t)c->words);
}

static bool check_file(run_t *run, const char *path)
{
    const mmu_tv_world_t *world;
    counts_t counts = {0};
    int got = -1;
    mmu_tv_t *tv = mmu_tv_open(path, &run->err);

    if (tv == NULL)
        return false;
    while ((got = mmu_tv_next(tv, &world, &run->err)) > 0) {
        if (!mmu_tv_select_match(run->select, world)) {
            counts.worlds_out++;
            counts.accesses_out += world->accesses;
        } else if (!check_world(run, world, &counts)) {
            got = -1;
            break;
        }
    }
    mmu_tv_close(tv);
    add(&run->total, &counts);
    if (got < 0)
        return false;
    if (run->json) {
        json_t *json = json_counts(&counts);

        json_object_set_new(json, "file", json_string(path));
        json_array_append_new(run->json_files, json);
    } else {
        printf("%s: %" PRIu64 " worlds, %" PRIu64 " accesses, %" PRIu64 " mismatches; left out %" PRIu64
               " worlds, %" PRIu64 " accesses\n",
               path, counts.worlds, counts.accesses, counts.mismatches, counts.worlds_out,
               counts.accesses_out);
    }
    return true;
}

/* ---- the end ---------------------------------------------------------------------------------------- */

static void print_verdict(const run_t *run, bool good)
{
    const counts_t *t = &run->total;
    const char *separator = "";

    if (t->mismatches > run->shown)
        printf("%" PRIu64 " mismatches more are not shown (--shown N)\n", t->mismatches - run->shown);
    printf("outcomes:");
    for (unsigned i = 0; i < MMU_CHECK_OUTCOMES; i++)
        if (run->outcome[i] != 0) {
            printf("%s %s %" PRIu64, separator, mmu_check_outcome_name(i), run->outcome[i]);
            separator = ",";
        }
    printf("%s\n", *separator == '\0' ? " none" : "");
    if (t->accesses == 0)
        printf("FAIL: no access was selected, so nothing was checked; ");
    else
        printf("%s: on arch, %" PRIu64 " accesses of %" PRIu64 " worlds compared, %" PRIu64
               " mismatches, %" PRIu64 " changed words; ",
               good ? "PASS" : "FAIL", t->accesses, t->worlds, t->mismatches, t->words);
    printf("left out by --select: %" PRIu64 " worlds, %" PRIu64 " accesses\n", t->worlds_out,
           t->accesses_out);
}

static void dump(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}

static void json_verdict(run_t *run, bool good)
{
    json_t *outcome = json_object();
    json_t *json = json_counts(&run->total);

    for (unsigned i = 0; i < MMU_CHECK_OUTCOMES; i++)
        json_object_set_new(outcome, mmu_check_outcome_name(i), json_integer((json_int_t)run->outcome[i]));
    json_object_set_new(json, "verdict", json_string(good ? "pass" : "fail"));
    json_object_set_new(json, "on", json_string("arch"));
    json_object_set_new(json, "select", json_string(run->select_text));
    json_object_set_new(json, "outcomes", outcome);
    json_object_set(json, "files", run->json_files);
    json_object_set(json, "mismatches_shown", run->json_mismatches);
    dump(json);
}

static int check_all(run_t *run)
{
    bool good;

    for (unsigned i = 0; i < run->file_count; i++)
        if (!check_file(run, run->files[i])) {
            fflush(stdout);
            fprintf(stderr, "lockwalk check: %s\n", run->err.text);
            if (run->json)
                dump(json_pack("{s:s, s:s}", "verdict", "error", "error", run->err.text));
            return MMU_EXIT_USE;
        }
    good = run->total.accesses != 0 && run->total.mismatches == 0;
    if (run->json)
        json_verdict(run, good);
    else
        print_verdict(run, good);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_MISMATCH;
}

/* ---- command line ----------------------------------------------------------------------------------- */

static const char doc[] =
    "Compares each access of golden translation vectors (.tv, plain or gzip; tests/vectors/FORMAT.md) with a "
    "model: physical address, page size, memory type, or cause and tval of the fault, and every changed word."
    "\v"
    "Nothing is skipped in silence. A world that the model does not handle is an error (exit 2) that says "
    "which "
    "--select leaves it out; worlds left out are counted; a selection without any access fails.\n"
    "\n"
    "Keys of --select are those of a world in the file, and id; one that a world leaves out is 0. "
    "key=A|B takes both values, key!=A all others.\n"
    "\n"
    "Examples:\n"
    "  lockwalk check tests/vectors/sv39.tv.gz\n"
    "  lockwalk check --select mode=sv39,napot=0,pbmte=0 tests/vectors/sv39.tv.gz\n"
    "  lockwalk check --select virt=0 --json tests/vectors/bare.tv.gz tests/vectors/pmp.tv.gz\n"
    "  lockwalk check --select id=0x1f tests/vectors/sv48.tv.gz\n"
    "\n"
    "Exit status: 0 all as expected, 1 a mismatch or nothing selected, 2 bad use or bad input.";

static const struct argp_option options[] = {
    {"on", 'o', "WHAT", 0, "what to check: arch (the architectural model; default)", 0},
    {"select", 's', "TERMS", 0, "check only worlds where all TERMS hold: key=value,key!=value|value,...", 0},
    {"json", 'j', NULL, 0, "print counts and mismatches as JSON", 0},
    {"shown", 'n', "N", 0, "show at most N mismatches in full (default 10); all are counted", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static void set_subject(struct argp_state *state, const char *arg)
{
    const char *near;

    for (size_t i = 0; i < SUBJECTS; i++)
        if (strcmp(arg, subjects[i]) == 0)
            return;
    near = mmu_nearest(arg, subjects, SUBJECTS);
    argp_failure(state, MMU_EXIT_USE, 0, "--on: found '%s', which is not available; available: arch%s%s%s",
                 arg, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                 near != NULL ? "'?" : "");
}

static void set_shown(run_t *run, struct argp_state *state, const char *arg)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 10);

    if (*arg < '0' || *arg > '9' || *end != '\0' || n > 1000000)
        argp_failure(state, MMU_EXIT_USE, 0, "--shown: found '%s', expected a number up to 1000000", arg);
    run->shown_max = (unsigned)n;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    run_t *run = state->input;

    switch (key) {
    case 'o':
        set_subject(state, arg);
        return 0;
    case 's':
        if (run->select != NULL)
            argp_failure(state, MMU_EXIT_USE, 0,
                         "--select: found twice, expected one with all terms: A=1,B=2");
        run->select_text = arg;
        run->select = mmu_tv_select_parse(arg, &run->err);
        if (run->select == NULL)
            argp_failure(state, MMU_EXIT_USE, 0, "%s", run->err.text);
        return 0;
    case 'j':
        run->json = true;
        return 0;
    case 'n':
        set_shown(run, state, arg);
        return 0;
    case ARGP_KEY_ARGS:
        run->files = state->argv + state->next;
        run->file_count = (unsigned)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "expected a FILE of vectors");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int mmu_cmd_check(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options, .parser = parse_option, .args_doc = "FILE...", .doc = doc};
    run_t run = {.select_text = "", .shown_max = SHOWN_DEFAULT};
    int status;

    argp_parse(&argp, argc, argv, 0, NULL, &run);
    if (run.select == NULL)
        run.select = mmu_tv_select_parse("", &run.err);
    run.image = mmu_tv_image_new();
    run.json_files = json_array();
    run.json_mismatches = json_array();
    if (run.select == NULL || run.image == NULL || run.json_files == NULL || run.json_mismatches == NULL) {
        fprintf(stderr, "lockwalk check: out of memory\n");
        status = MMU_EXIT_USE;
    } else {
        status = check_all(&run);
    }
    json_decref(run.json_files);
    json_decref(run.json_mismatches);
    mmu_tv_image_free(run.image);
    mmu_tv_select_free(run.select);
    return status;
}
