/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk check`: golden vectors against the architectural model, the cycle model, or RTL. Every access is
 * compared, in four steps; worlds are left out by --select only, and counted; what cannot be played is an error,
 * never skipped.
 */
#include "cli/check.h"
#include "cli/mmu_cli.h"
#include "config/mmu_nearest.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const subjects[] = {"arch", "cycle", "rtl"};
#define SUBJECTS (sizeof subjects / sizeof subjects[0])

#define SHOWN_DEFAULT 10

const char *mmu_check_on_name(unsigned on)
{
    return subjects[on];
}

const char *mmu_check_config(const mmu_check_t *check)
{
    return check->config != NULL ? check->config : check->preset;
}

/* ---- the end ---------------------------------------------------------------------------------------- */

static void print_steps(const char *title, const uint64_t counts[MMU_VECTORS_STEPS])
{
    printf("%s:", title);
    for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++)
        printf("%s %s %" PRIu64, step == 0 ? "" : ",", mmu_vectors_step_name(step), counts[step]);
    printf("\n");
}

static void print_verdict(const mmu_check_t *check, bool good)
{
    const mmu_vectors_counts_t *t = &check->total;
    const char *separator = "";

    if (t->mismatches > check->shown)
        printf("%" PRIu64 " mismatches more are not shown (--shown N)\n", t->mismatches - check->shown);
    printf("outcomes:");
    for (unsigned i = 0; i < MMU_VECTORS_OUTCOMES; i++)
        if (t->outcome[i] != 0) {
            printf("%s %s %" PRIu64, separator, mmu_vectors_outcome_key(i), t->outcome[i]);
            separator = ",";
        }
    printf("%s\n", *separator == '\0' ? " none" : "");
    print_steps("compared", t->compared);
    if (t->mismatches != 0)
        print_steps("differ", t->differ);
    if (t->accesses == 0)
        printf("FAIL: no access was %s, so nothing was checked; ", check->failed ? "played" : "selected");
    else
        printf("%s: on %s, %" PRIu64 " accesses of %" PRIu64 " worlds compared, %" PRIu64
               " mismatches, %" PRIu64 " changed words; ",
               good ? "PASS" : "FAIL", mmu_check_on_name(check->on), t->accesses, t->worlds, t->mismatches,
               t->words);
    printf("left out by --select: %" PRIu64 " worlds, %" PRIu64 " accesses\n", t->worlds_out,
           t->accesses_out);
}

static void dump(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}

static json_t *steps_json(const uint64_t counts[MMU_VECTORS_STEPS])
{
    json_t *json = json_object();

    for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++)
        json_object_set_new(json, mmu_vectors_step_key(step), json_integer((json_int_t)counts[step]));
    return json;
}

static void json_verdict(mmu_check_t *check, bool good)
{
    const mmu_vectors_counts_t *t = &check->total;
    json_t *outcome = json_object();
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "verdict",
                  good ? "pass" : "fail", "on", mmu_check_on_name(check->on), "select", check->select_text,
                  "worlds", (json_int_t)t->worlds, "accesses", (json_int_t)t->accesses, "worlds_left_out",
                  (json_int_t)t->worlds_out, "accesses_left_out", (json_int_t)t->accesses_out, "mismatches",
                  (json_int_t)t->mismatches, "words_changed", (json_int_t)t->words, "compared",
                  steps_json(t->compared), "differ", steps_json(t->differ));

    for (unsigned i = 0; i < MMU_VECTORS_OUTCOMES; i++)
        json_object_set_new(outcome, mmu_vectors_outcome_key(i), json_integer((json_int_t)t->outcome[i]));
    if (check->on != MMU_CHECK_ARCH) {
        json_object_set_new(json, "config",
                            json_string(check->config != NULL ? check->config : check->presets));
        json_object_set_new(json, "seed", json_integer((json_int_t)check->seed));
    }
    json_object_set_new(json, "outcomes", outcome);
    json_object_set(json, "files", check->json_files);
    json_object_set(json, "mismatches_shown", check->json_mismatches);
    if (check->json_failure != NULL)
        json_object_set(json, "failure", check->json_failure);
    dump(json);
}

static int check_all(mmu_check_t *check)
{
    bool (*const run[SUBJECTS])(mmu_check_t *) = {mmu_check_arch, mmu_check_cycle, mmu_check_rtl};
    bool good =
        check->on == MMU_CHECK_ARCH ? mmu_check_arch(check) : mmu_check_families(check, run[check->on]);

    if (good && check->out_of_memory) {
        snprintf(check->err.text, sizeof check->err.text, "out of memory");
        good = false;
    }
    if (!good) {
        fflush(stdout);
        fprintf(stderr, "lockwalk check: %s\n", check->err.text);
        if (check->json)
            dump(json_pack("{s:s, s:s}", "verdict", "error", "error", check->err.text));
        return MMU_EXIT_USE;
    }
    good = !check->failed && check->files_done == check->file_count && mmu_vectors_counts_good(&check->total);
    if (check->json)
        json_verdict(check, good);
    else
        print_verdict(check, good);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_MISMATCH;
}

/* ---- command line ----------------------------------------------------------------------------------- */

static const char doc[] =
    "Compares each access of golden translation vectors (.tv, plain or gzip; tests/vectors/FORMAT.md): "
    "physical "
    "address, page size, memory type, or cause, tval and guest physical address of the fault, and every "
    "changed "
    "word. Each access is played cold (everything flushed), warm (at once again), from the other port (a "
    "fetch as "
    "a load, all else as a fetch), and, memory put back and everything flushed, with random memory latency. "
    "Cold "
    "and last it must answer as the vector says, in between as the architectural model says on that memory."
    "\v"
    "Nothing is skipped in silence. A world that cannot be played is an error (exit 2) that says which "
    "--select leaves it out; worlds left out are counted; a selection without any access fails.\n"
    "\n"
    "Keys of --select are those of a world in the file, and id; one that a world leaves out is 0. "
    "key=A|B takes both values, key!=A all others.\n"
    "\n"
    "Examples:\n"
    "  lockwalk check tests/vectors/sv39.tv.gz\n"
    "  lockwalk check --on cycle tests/vectors/twostage.tv.gz\n"
    "  lockwalk check --on cycle tests/vectors/pml4.tv.gz tests/vectors/classic-*.tv\n"
    "  lockwalk check --on rtl --whitebox tests/vectors/twostage.tv.gz tests/vectors/pmp.tv.gz\n"
    "  lockwalk check --on cycle --config tiny --seed 7 --select gmode=sv39x4 tests/vectors/twostage.tv.gz\n"
    "  lockwalk check --select mode=sv39,napot=0,pbmte=0 --json tests/vectors/sv39.tv.gz\n"
    "  lockwalk check --select id=0x1f tests/vectors/sv48.tv.gz\n"
    "\n"
    "Exit status: 0 all as expected, 1 a mismatch or nothing selected, 2 bad use or bad input.";

enum { KEY_SEED = 0x100, KEY_RTL, KEY_BUILD_DIR, KEY_WHITEBOX };

static const struct argp_option options[] = {
    {"on", 'o', "WHAT", 0,
     "What to check: arch (the architectural model; default), cycle (the cycle model), or rtl (the RTL, in "
     "lockstep with the cycle model)",
     0},
    {"select", 's', "TERMS", 0, "Check only worlds where all TERMS hold: key=value,key!=value|value,...", 0},
    {"json", 'j', NULL, 0, "Print counts and mismatches as JSON", 0},
    {"shown", 'n', "N", 0, "Show at most N mismatches in full (default 10); all are counted", 0},
    {NULL, 0, NULL, 0, "With --on cycle and --on rtl:", 0},
    {"config", 'c', "PRESET|FILE", 0,
     "The MMU's configuration (default: vectors-riscv, vectors-x86, vectors-classic, as the files ask for)",
     0},
    {"seed", KEY_SEED, "N", 0, "Seed of the random memory latencies (default: 0)", 0},
    {NULL, 0, NULL, 0, "With --on rtl:", 0},
    {"whitebox", KEY_WHITEBOX, NULL, 0, "Also compare the contents of the arrays", 0},
    {"rtl", KEY_RTL, "DIR", 0, "RTL to build instead of the source tree's folder rtl", 0},
    {"build-dir", KEY_BUILD_DIR, "DIR", 0, "Where simulations are kept (default: rtl in the build folder)",
     0},
    {NULL, 0, NULL, 0, NULL, 0}};

static void set_subject(mmu_check_t *check, struct argp_state *state, const char *arg)
{
    const char *near;

    for (unsigned i = 0; i < SUBJECTS; i++)
        if (strcmp(arg, subjects[i]) == 0) {
            check->on = (mmu_check_on_e)i;
            return;
        }
    near = mmu_nearest(arg, subjects, SUBJECTS);
    argp_failure(state, MMU_EXIT_USE, 0,
                 "--on: found '%s', which is not available; available: arch, cycle, rtl%s%s%s", arg,
                 near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}

static void set_shown(mmu_check_t *check, struct argp_state *state, const char *arg)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 10);

    if (*arg < '0' || *arg > '9' || *end != '\0' || n > 1000000)
        argp_failure(state, MMU_EXIT_USE, 0, "--shown: found '%s', expected a number up to 1000000", arg);
    check->shown_max = (unsigned)n;
}

static void set_seed(mmu_check_t *check, struct argp_state *state, const char *arg)
{
    char *end;

    errno = 0;
    check->seed = strtoull(arg, &end, 0);
    if (*arg < '0' || *arg > '9' || *end != '\0' || errno != 0)
        argp_failure(state, MMU_EXIT_USE, 0, "--seed: found '%s', expected a number of 64 bits", arg);
}

/* What an option means to what is checked only the end of the command line tells. */
static void check_use(const mmu_check_t *check, struct argp_state *state)
{
    if (check->on == MMU_CHECK_ARCH && check->config != NULL)
        argp_failure(state, MMU_EXIT_USE, 0,
                     "--config: the architectural model has none; expected with --on cycle or --on rtl");
    if (check->on != MMU_CHECK_RTL && (check->rtl != NULL || check->build_dir != NULL || check->whitebox))
        argp_failure(state, MMU_EXIT_USE, 0, "--%s: expected with --on rtl",
                     check->rtl != NULL ? "rtl"
                     : check->whitebox  ? "whitebox"
                                        : "build-dir");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    mmu_check_t *check = state->input;

    switch (key) {
    case 'o':
        set_subject(check, state, arg);
        return 0;
    case 's':
        if (check->select != NULL)
            argp_failure(state, MMU_EXIT_USE, 0,
                         "--select: found twice, expected one with all terms: A=1,B=2");
        check->select_text = arg;
        check->select = mmu_tv_select_parse(arg, &check->err);
        if (check->select == NULL)
            argp_failure(state, MMU_EXIT_USE, 0, "%s", check->err.text);
        return 0;
    case 'j':
        check->json = true;
        return 0;
    case 'n':
        set_shown(check, state, arg);
        return 0;
    case 'c':
        check->config = arg;
        return 0;
    case KEY_SEED:
        set_seed(check, state, arg);
        return 0;
    case KEY_RTL:
        check->rtl = arg;
        return 0;
    case KEY_BUILD_DIR:
        check->build_dir = arg;
        return 0;
    case KEY_WHITEBOX:
        check->whitebox = true;
        return 0;
    case ARGP_KEY_ARGS:
        check->files = state->argv + state->next;
        check->file_count = (unsigned)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "expected a FILE of vectors");
        return 0;
    case ARGP_KEY_END:
        check_use(check, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* False: the reason has been printed. */
static bool load_config(mmu_check_t *check)
{
    mmu_cfg_errors_t errors;

    if (check->config == NULL || mmu_cfg_load(check->config, &check->cfg, NULL, &errors))
        return true;
    fputs(errors.text, stderr);
    return false;
}

int mmu_cmd_check(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options, .parser = parse_option, .args_doc = "FILE...", .doc = doc};
    mmu_check_t check = {.argc = argc, .argv = argv, .select_text = "", .shown_max = SHOWN_DEFAULT};
    int status = MMU_EXIT_USE;

    argp_parse(&argp, argc, argv, 0, NULL, &check);
    if (check.select == NULL)
        check.select = mmu_tv_select_parse("", &check.err);
    check.image = mmu_tv_image_new();
    check.json_files = json_array();
    check.json_mismatches = json_array();
    if (check.select == NULL || check.image == NULL || check.json_files == NULL ||
        check.json_mismatches == NULL)
        fprintf(stderr, "lockwalk check: out of memory\n");
    else if (load_config(&check))
        status = check_all(&check);
    json_decref(check.json_files);
    json_decref(check.json_mismatches);
    json_decref(check.json_failure);
    free(check.kept);
    mmu_tv_image_free(check.image);
    mmu_tv_select_free(check.select);
    return status;
}
