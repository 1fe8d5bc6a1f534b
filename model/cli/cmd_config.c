/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * lockwalk config list | show | check | hex | area
 */
#include "cli/mmu_cli.h"
#include "cli/mmu_config_area.h"
#include "cli/mmu_config_print.h"
#include "config/mmu_nearest.h"

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FILES = 256 };

typedef struct {
    bool json;
    const char *action;
    char *argument[MOST_FILES];
    unsigned arguments;
} options_t;

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Machine-readable output", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char text[] =
    "Presets and configuration files.\v"
    "Actions:\n"
    "  list            every preset, with a line about it\n"
    "  show CONFIG     its YAML, then what follows from it: entries, reach, bits of storage\n"
    "  check CONFIG... is it valid? Errors name file, line, value and what is allowed\n"
    "  hex CONFIG      the packed vector, as the RTL's parameter Cfg takes it\n"
    "  area [CONFIG...] bits of storage, box by box, and cells; of all presets: a line each\n"
    "\n"
    "CONFIG is a preset's name, or a file (with a '/' in it or ending in .yaml).\n"
    "\n"
    "Examples:\n"
    "  lockwalk config list\n"
    "  lockwalk config show tiny > mine.yaml    # a start for an own configuration\n"
    "  lockwalk config check mine.yaml\n"
    "  lockwalk config area default cva6\n"
    "  verilator -GCfg=$(lockwalk config hex mine.yaml) ...\n"
    "\n"
    "Exit status: 0 good, 2 bad use or an invalid configuration.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options_t *o = state->input;

    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->action == NULL)
            o->action = argument;
        else if (o->arguments < MOST_FILES)
            o->argument[o->arguments++] = argument;
        else
            argp_error(state, "more than %d configurations", MOST_FILES);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no action; allowed: list, show, check, hex, area");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_json(json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(value);
}

/* The text of errors as a list of lines. */
static json_t *error_lines(const mmu_cfg_errors_t *errors)
{
    json_t *lines = json_array();
    const char *at = errors->text;

    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
        json_array_append_new(lines, json_stringn(at, (size_t)(end - at)));
    return lines;
}

static int action_list(const options_t *o)
{
    json_t *list = json_array();

    for (unsigned n = 0; mmu_cfg_preset_name(n) != NULL; n++) {
        mmu_cfg_t cfg;
        mmu_cfg_about_t about;
        mmu_cfg_errors_t errors;

        if (!mmu_cfg_load(mmu_cfg_preset_name(n), &cfg, &about, &errors)) {
            fputs(errors.text, stderr);
            json_decref(list);
            return MMU_EXIT_USE;
        }
        if (o->json)
            json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", about.name, "about", about.about,
                                                  "yosys", mmu_config_cells_json(&cfg)));
        else
            printf("%-16s %s\n", about.name, about.about);
    }
    if (o->json)
        print_json(list);
    else
        json_decref(list);
    return MMU_EXIT_GOOD;
}

static int action_show(const options_t *o)
{
    mmu_cfg_t cfg;
    mmu_cfg_about_t about;
    mmu_cfg_errors_t errors;

    if (!mmu_cfg_load(o->argument[0], &cfg, &about, &errors)) {
        fputs(errors.text, stderr);
        return MMU_EXIT_USE;
    }
    if (o->json)
        print_json(mmu_config_json(&cfg, &about));
    else if (!mmu_config_print_text(o->argument[0], stdout))
        return MMU_EXIT_USE;
    else
        mmu_config_print_derived(&cfg, stdout);
    return MMU_EXIT_GOOD;
}

static int action_check(const options_t *o)
{
    json_t *list = json_array();
    int status = MMU_EXIT_GOOD;

    for (unsigned n = 0; n < o->arguments; n++) {
        mmu_cfg_t cfg;
        mmu_cfg_errors_t errors;
        bool good = mmu_cfg_load(o->argument[n], &cfg, NULL, &errors);

        if (!good)
            status = MMU_EXIT_USE;
        if (o->json)
            json_array_append_new(list, json_pack("{s:s, s:b, s:o}", "config", o->argument[n], "valid", good,
                                                  "errors", error_lines(&errors)));
        else if (good)
            printf("%s: valid\n", o->argument[n]);
        else
            fputs(errors.text, stderr);
    }
    if (o->json)
        print_json(list);
    else
        json_decref(list);
    return status;
}

static int action_hex(const options_t *o)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    char hex[MMU_CFG_HEX_SIZE];

    if (!mmu_cfg_load(o->argument[0], &cfg, NULL, &errors)) {
        fputs(errors.text, stderr);
        return MMU_EXIT_USE;
    }
    mmu_cfg_to_hex(&cfg, hex);
    if (o->json)
        print_json(json_pack("{s:i, s:s}", "bits", MMU_CFG_BITS, "hex", hex));
    else
        printf("%d'h%s\n", MMU_CFG_BITS, hex);
    return MMU_EXIT_GOOD;
}

static int action_area(const options_t *o)
{
    const bool all = o->arguments == 0;
    json_t *list = json_array();

    if (all && !o->json)
        mmu_config_area_line(NULL, "bits of", stdout);
    for (unsigned n = 0; all ? mmu_cfg_preset_name(n) != NULL : n < o->arguments; n++) {
        const char *name = all ? mmu_cfg_preset_name(n) : o->argument[n];
        mmu_cfg_t cfg;
        mmu_cfg_errors_t errors;

        if (!mmu_cfg_load(name, &cfg, NULL, &errors)) {
            fputs(errors.text, stderr);
            json_decref(list);
            return MMU_EXIT_USE;
        }
        if (o->json)
            json_array_append_new(list, mmu_config_area_json(&cfg, name));
        else if (all)
            mmu_config_area_line(&cfg, name, stdout);
        else
            mmu_config_area_text(&cfg, name, stdout);
    }
    if (o->json)
        print_json(list);
    else
        json_decref(list);
    return MMU_EXIT_GOOD;
}

typedef struct {
    const char *name;
    unsigned min, max; /* arguments */
    int (*run)(const options_t *o);
} action_t;

static const action_t actions[] = {
    {"list", 0, 0, action_list}, {"show", 1, 1, action_show},          {"check", 1, MOST_FILES, action_check},
    {"hex", 1, 1, action_hex},   {"area", 0, MOST_FILES, action_area},
};

enum { ACTIONS = sizeof actions / sizeof actions[0] };

int mmu_cmd_config(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "ACTION [CONFIG...]", text, NULL, NULL, NULL};
    options_t o = {0};
    const char *names[ACTIONS], *near;

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    for (unsigned i = 0; i < ACTIONS; i++) {
        const action_t *a = &actions[i];

        names[i] = a->name;
        if (strcmp(a->name, o.action) != 0)
            continue;
        if (o.arguments >= a->min && o.arguments <= a->max)
            return a->run(&o);
        fprintf(stderr, "%s: '%s' has %u configurations; allowed: %s\n", argv[0], a->name, o.arguments,
                a->max == 0   ? "none"
                : a->max == 1 ? "one"
                              : "one or more");
        return MMU_EXIT_USE;
    }
    near = mmu_nearest(o.action, names, ACTIONS);
    fprintf(stderr, "%s: '%s' is not an action; allowed: list, show, check, hex, area%s%s%s\n", argv[0],
            o.action, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
            near != NULL ? "'?" : "");
    return MMU_EXIT_USE;
}
