/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk report: pictures of what TLBs would have done with traces, as one HTML file.
 */
#include "cli/mmu_cli.h"
#include "cli/sweep_args.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_report.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONFIGS 32u

typedef struct {
    mmu_report_options_t report;
    const char *config, *compare;
    mmu_report_config_t configs[CONFIGS];
    mmu_sweep_options_t lists; /* streams, pages, policies, as `lockwalk sweep` reads them */
    const char *output, *csv, *gnuplot;
    char **traces;
    unsigned count;
} options_t;

enum { KEY_CSV = 256, KEY_GNUPLOT, KEY_TITLE, KEY_SHAPE, KEY_WINDOWS, KEY_COMPARE, KEY_VARIANTS };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "The page (default: report.html)", 0},
    {"stream", 's', "LIST", 0, "unified, data, fetch (default: all three)", 0},
    {"page", 'p', "LIST", 0, "Page sizes: 4K (default), 64K, 2M, 1G ...", 0},
    {"policy", 'P', "LIST", 0, "What is compared with LRU (default: plru,fifo,nru,random,opt)", 0},
    {"shape", KEY_SHAPE, "SETSxWAYS", 0, "Whose sets are shown one by one (default: 64x4)", 0},
    {"windows", KEY_WINDOWS, "N", 0, "At most so many windows of time, 2 to 10000 (default: 128)", 0},
    {"config", 'c', "CONFIG", 0,
     "Whose clocks are counted, also with its L1 and L2 smaller and larger: a preset or a YAML file "
     "(default: "
     "default); `none`: no clocks",
     0},
    {"compare", KEY_COMPARE, "LIST", 0,
     "Presets and YAML files that stand beside it (default: cva6,rocket,cortex-a72,skylake); `none`", 0},
    {"no-variants", KEY_VARIANTS, NULL, 0, "Count the clocks of the configurations only, as they are", 0},
    {"title", KEY_TITLE, "TEXT", 0, "Of the page", 0},
    {"csv", KEY_CSV, "FILE", 0, "Also write every number of the page to FILE: table,row,column,value", 0},
    {"gnuplot", KEY_GNUPLOT, "FOLDER", 0, "Also write data files and report.gp, which draws them, to FOLDER",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] = "What TLBs of many shapes would have done with each TRACE, as one HTML file with "
                           "pictures and the tables behind "
                           "them. The file works offline.\v"
                           "\n"
                           "Examples:\n"
                           "  lockwalk report traces/perl.trc.zst traces/tree.trc.zst -o report.html\n"
                           "  lockwalk report --stream data --page 4K,2M traces/tree.trc.zst\n"
                           "  lockwalk report --csv numbers.csv --gnuplot plots traces/perl.trc.zst\n"
                           "\n"
                           "The date in the page is SOURCE_DATE_EPOCH's where that is set.\n"
                           "Exit status: 0 good, 2 bad use or bad input.";

/* A whole number of an option that may be from..to; false: err tells. */
static bool whole(const char *name, const char *given, unsigned from, unsigned to, unsigned *value,
                  char err[SWEEP_ERR])
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(given, &end, 10);
    if (*given < '0' || *given > '9' || *end != '\0' || errno != 0 || number < from || number > to) {
        snprintf(err, SWEEP_ERR, "%s: '%s' is no number from %u to %u", name, given, from, to);
        return false;
    }
    *value = (unsigned)number;
    return true;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;
    char err[SWEEP_ERR];
    bool good = true;
    unsigned shapes;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->report.env;
        break;
    case 'c':
        o->config = argument;
        break;
    case KEY_COMPARE:
        o->compare = argument;
        break;
    case KEY_VARIANTS:
        o->report.variants = false;
        break;
    case 'o':
        o->output = argument;
        break;
    case 's':
        good = mmu_sweep_arg_streams(&o->lists, argument, err);
        break;
    case 'p':
        good = mmu_sweep_arg_pages(&o->lists, argument, err);
        break;
    case 'P':
        good = mmu_sweep_arg_policies(&o->lists, argument, err);
        break;
    case KEY_TITLE:
        o->report.title = argument;
        break;
    case KEY_SHAPE:
        good = mmu_sweep_arg_shapes(&o->report.shape, 1, &shapes, "--shape", argument, err);
        break;
    case KEY_WINDOWS:
        good = whole("--windows", argument, 2, 10000, &o->report.windows, err);
        break;
    case KEY_CSV:
        o->csv = argument;
        break;
    case KEY_GNUPLOT:
        o->gnuplot = argument;
        break;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* all of them, below */
    case ARGP_KEY_ARGS:
        o->traces = state->argv + state->next;
        o->count = (unsigned)(state->argc - state->next);
        break;
    case ARGP_KEY_END:
        if (o->count == 0)
            argp_error(state, "no trace");
        if (o->report.env.kind != MMU_ENV_TRACE || o->report.env.trace != NULL)
            argp_error(
                state,
                "a report is about the traces that are its arguments: no --trace, --random or --vectors");
        for (unsigned n = 0; n < o->count; n++)
            if (strcmp(o->traces[n], "-") == 0)
                argp_error(state,
                           "a report reads each trace more than once, which standard input (-) cannot; "
                           "give a file");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (!good)
        argp_error(state, "%s", err);
    return 0;
}

/* ---- what the page says of itself --------------------------------------------------------------------------- */

/* The arguments as a shell would take them; to be freed. */
static char *command_line(int argc, char **argv)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^";
    char *line = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&line, &size);

    if (to == NULL)
        return NULL;
    fputs(argv[0], to);
    for (int n = 1; n < argc; n++) {
        putc(' ', to);
        if (argv[n][0] != '\0' && argv[n][strspn(argv[n], plain)] == '\0') {
            fputs(argv[n], to);
            continue;
        }
        putc('\'', to);
        for (const char *c = argv[n]; *c != '\0'; c++)
            if (*c == '\'')
                fputs("'\\''", to);
            else
                putc(*c, to);
        putc('\'', to);
    }
    if (fclose(to) != 0) {
        free(line);
        return NULL;
    }
    return line;
}

/* Now, or SOURCE_DATE_EPOCH (reproducible-builds.org). False: it is no number of seconds. */
static bool date_of(int64_t *seconds)
{
    const char *given = getenv("SOURCE_DATE_EPOCH");
    char *end;

    if (given == NULL) {
        *seconds = (int64_t)time(NULL);
        return true;
    }
    errno = 0;
    *seconds = strtoll(given, &end, 10);
    if (*given >= '0' && *given <= '9' && *end == '\0' && errno == 0 && *seconds < INT64_C(253402300800))
        return true;
    fprintf(stderr,
            "lockwalk report: SOURCE_DATE_EPOCH is '%s'; it must be a number of seconds since 1970, up to "
            "the year "
            "9999\n",
            given);
    return false;
}

/* ---- configurations ------------------------------------------------------------------------------------------ */

/* One more; false: it is no configuration, the errors are printed. One that is there already is not added. */
static bool add_config(options_t *o, const char *name)
{
    mmu_report_config_t *config = &o->configs[o->report.configs];
    mmu_cfg_errors_t errors;
    mmu_cfg_about_t about;

    if (o->report.configs == CONFIGS) {
        fprintf(stderr, "lockwalk report: more than %u configurations\n", CONFIGS);
        return false;
    }
    if (!mmu_cfg_load(name, &config->cfg, &about, &errors)) {
        fputs(errors.text, stderr);
        return false;
    }
    snprintf(config->name, sizeof config->name, "%s", about.name);
    for (unsigned n = 0; n < o->report.configs; n++)
        if (strcmp(o->configs[n].name, config->name) == 0)
            return true;
    o->report.configs++;
    return true;
}

static bool add_configs(options_t *o)
{
    char *list = strdup(o->compare), *save = NULL;
    bool good = list != NULL;

    if (good && strcmp(o->config, "none") != 0) {
        good = add_config(o, o->config);
        for (char *name = strtok_r(list, ",", &save); good && name != NULL && strcmp(o->compare, "none") != 0;
             name = strtok_r(NULL, ",", &save))
            good = add_config(o, name);
    }
    free(list);
    o->report.config = o->configs;
    return good;
}

static void progress(void *user, const char *trace, const char *doing, uint64_t millions)
{
    (void)user;
    fprintf(stderr, "\r\033[K%s: %s", trace, doing);
    if (millions != 0)
        fprintf(stderr, ", %" PRIu64 " million accesses", millions);
}

int mmu_cmd_report(int argc, char **argv)
{
    static options_t o; /* the lists of shapes are large */
    const struct argp_child children[] = {{&mmu_env_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    const struct argp argp = {options, parse, "TRACE...", text, children, NULL, NULL};
    char err[SWEEP_ERR + 512];
    char *command = command_line(argc, argv);
    mmu_report_t *report;
    bool good = true;

    o = (options_t){.output = "report.html",
                    .config = "default",
                    .compare = "cva6,rocket,cortex-a72,skylake",
                    .report = {.title = "TLB report",
                               .version = MMU_VERSION,
                               .shape = {6, 4},
                               .windows = 128,
                               .variants = true,
                               .env = {.mem_latency_min = 20}}};
    for (unsigned n = 0; n < MMU_STREAMS; n++)
        o.lists.stream[n] = true;
    for (unsigned n = 0; n < MMU_SWEEP_POLICIES; n++)
        o.lists.policy[n] = true;
    o.lists.page_lg[o.lists.pages++] = 12;
    argp_err_exit_status = MMU_EXIT_USE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0 || command == NULL || !date_of(&o.report.time) ||
        !add_configs(&o)) {
        free(command);
        return MMU_EXIT_USE;
    }
    o.report.command = command;
    memcpy(o.report.stream, o.lists.stream, sizeof o.report.stream);
    o.report.pages = o.lists.pages;
    memcpy(o.report.page_lg, o.lists.page_lg, sizeof o.report.page_lg);
    memcpy(o.report.policy, o.lists.policy, sizeof o.report.policy);
    o.report.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    o.report.progress = isatty(STDERR_FILENO) ? progress : NULL;
    report = mmu_report_new(&o.report);
    free(command);
    for (unsigned n = 0; n < o.count && good; n++)
        good = mmu_report_trace(report, o.traces[n], err, sizeof err);
    if (o.report.progress != NULL)
        fprintf(stderr, "\r\033[K");
    good = good && (o.csv == NULL || mmu_report_save(report, mmu_report_csv, o.csv, err, sizeof err)) &&
           (o.gnuplot == NULL || mmu_report_gnuplot(report, o.gnuplot, err, sizeof err)) &&
           mmu_report_save(report, mmu_report_html, o.output, err, sizeof err);
    if (!good)
        fprintf(stderr, "lockwalk report: %s\n", err);
    mmu_report_free(report);
    return good ? MMU_EXIT_GOOD : MMU_EXIT_USE;
}
