/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * From a preset's name or a file to a checked configuration.
 */
#include "config/mmu_cfg_read.h"
#include "config/mmu_nearest.h"
#include "config/mmu_presets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 1 << 20, MOST_PRESETS = 64 };

const char *mmu_cfg_preset_name(unsigned n)
{
    return n < mmu_presets_count ? mmu_presets[n].name : NULL;
}

const char *mmu_cfg_preset_text(unsigned n)
{
    return n < mmu_presets_count ? mmu_presets[n].text : NULL;
}

/* ---- YAML text ------------------------------------------------------------------------------- */

typedef struct {
    const mmu_yaml_t *y;
    const mmu_cfg_marks_t *marks;
} place_t;

static void report_place(void *to, unsigned field, unsigned index, const char *text)
{
    const place_t *place = to;
    char path[80];

    mmu_cfg_path(mmu_cfg_field(field), index, path, sizeof path);
    mmu_yaml_error(place->y, place->marks->mark[field][index], "%s%s", path, text);
}

/* libyaml's own words for text that is no YAML. */
static void report_syntax(const mmu_yaml_t *y, const yaml_parser_t *parser)
{
    const char *problem = parser->problem != NULL ? parser->problem : "out of memory";

    if (parser->error == YAML_READER_ERROR)
        mmu_cfg_errors_add(y->errors, "%s: error: not a text file: %s at byte %zu; allowed: YAML in UTF-8",
                           y->file, problem, parser->problem_offset);
    else if (parser->context != NULL)
        mmu_yaml_error(y, parser->problem_mark, "not YAML: %s (%s, line %zu)", problem, parser->context,
                       parser->context_mark.line + 1);
    else
        mmu_yaml_error(y, parser->problem_mark, "not YAML: %s", problem);
}

/* Only one document may be in the file. */
static void check_end(mmu_yaml_t *y, yaml_parser_t *parser)
{
    yaml_document_t next;
    yaml_node_t *root;

    if (!yaml_parser_load(parser, &next)) {
        report_syntax(y, parser);
        return;
    }
    root = yaml_document_get_root_node(&next);
    if (root != NULL)
        mmu_yaml_error(y, root->start_mark, "a second document; allowed: one configuration a file");
    yaml_document_delete(&next);
}

bool mmu_cfg_parse(const char *text, size_t size, const char *file, mmu_cfg_t *cfg, mmu_cfg_about_t *about,
                   mmu_cfg_errors_t *errors)
{
    yaml_parser_t parser;
    yaml_document_t document;
    mmu_cfg_marks_t marks;
    mmu_cfg_errors_t own;
    mmu_yaml_t y = {&document, file, errors != NULL ? errors : &own};

    memset(y.errors, 0, sizeof *y.errors);
    memset(&marks, 0, sizeof marks);
    if (about != NULL)
        memset(about, 0, sizeof *about);
    if (!yaml_parser_initialize(&parser)) {
        mmu_cfg_errors_add(y.errors, "%s: error: out of memory", file);
        return false;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    if (!yaml_parser_load(&parser, &document)) {
        report_syntax(&y, &parser);
    } else {
        if (yaml_document_get_root_node(&document) == NULL)
            mmu_cfg_errors_add(y.errors,
                               "%s:1:1: error: the file is empty; allowed: a configuration, e.g. what "
                               "`lockwalk config show tiny` prints",
                               file);
        else
            mmu_cfg_read(&y, cfg, about, &marks);
        if (y.errors->count == 0)
            check_end(&y, &parser);
        /* Rules over several values make sense only where each was read. */
        if (y.errors->count == 0)
            mmu_cfg_rules(cfg, report_place, &(place_t){&y, &marks});
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return y.errors->count == 0;
}

/* ---- files and presets ------------------------------------------------------------------------- */

static bool is_path(const char *name)
{
    const size_t n = strlen(name);

    return strchr(name, '/') != NULL || (n >= 5 && strcmp(name + n - 5, ".yaml") == 0);
}

/* A file's name without folder and .yaml. */
static void base_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    char *end;

    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    end = strrchr(name, '.');
    if (end != NULL && strcmp(end, ".yaml") == 0)
        *end = '\0';
}

static bool load_file(const char *path, mmu_cfg_t *cfg, mmu_cfg_about_t *about, mmu_cfg_errors_t *errors)
{
    FILE *file = fopen(path, "rb");
    char *text;
    size_t size;
    bool good = false;

    if (file == NULL) {
        mmu_cfg_errors_add(errors, "%s: error: cannot open: %s", path, strerror(errno));
        return false;
    }
    text = malloc(LARGEST_FILE + 1);
    if (text == NULL) {
        mmu_cfg_errors_add(errors, "%s: error: out of memory", path);
        fclose(file);
        return false;
    }
    size = fread(text, 1, LARGEST_FILE + 1, file);
    if (ferror(file))
        mmu_cfg_errors_add(errors, "%s: error: cannot read: %s", path, strerror(errno));
    else if (size > LARGEST_FILE)
        mmu_cfg_errors_add(errors, "%s: error: too large; allowed: files up to 1 MiB", path);
    else
        good = mmu_cfg_parse(text, size, path, cfg, about, errors);
    free(text);
    fclose(file);
    return good;
}

static void report_no_preset(const char *name, mmu_cfg_errors_t *errors)
{
    const char *names[MOST_PRESETS], *near;
    char all[600] = "";
    size_t used = 0;
    unsigned count = 0;

    for (; count < MOST_PRESETS && mmu_cfg_preset_name(count) != NULL; count++) {
        names[count] = mmu_cfg_preset_name(count);
        if (used < sizeof all)
            used +=
                (size_t)snprintf(all + used, sizeof all - used, "%s%s", count > 0 ? ", " : "", names[count]);
    }
    near = mmu_nearest(name, names, count);
    mmu_cfg_errors_add(
        errors, "error: '%s' is not a preset; allowed: %s, or a file (with a '/' or ending in .yaml)%s%s%s",
        name, all, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
        near != NULL ? "'?" : "");
}

bool mmu_cfg_load(const char *path_or_preset, mmu_cfg_t *cfg, mmu_cfg_about_t *about,
                  mmu_cfg_errors_t *errors)
{
    mmu_cfg_errors_t own;
    mmu_cfg_about_t own_about;
    bool good = false;

    errors = errors != NULL ? errors : &own;
    about = about != NULL ? about : &own_about;
    memset(errors, 0, sizeof *errors);
    if (is_path(path_or_preset)) {
        good = load_file(path_or_preset, cfg, about, errors);
        base_name(path_or_preset, about->name, sizeof about->name);
        return good;
    }
    for (unsigned n = 0; n < mmu_presets_count; n++)
        if (strcmp(mmu_presets[n].name, path_or_preset) == 0) {
            char file[80];

            snprintf(file, sizeof file, "%s.yaml", path_or_preset);
            good = mmu_cfg_parse(mmu_presets[n].text, mmu_presets[n].size, file, cfg, about, errors);
            snprintf(about->name, sizeof about->name, "%s", path_or_preset);
            return good;
        }
    report_no_preset(path_or_preset, errors);
    return false;
}
