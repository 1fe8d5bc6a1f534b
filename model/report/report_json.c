/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The data from which the page draws its pictures.
 */
#include "report/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value, unsigned decimals)
{
    if (!isfinite(value))
        return json_null();
    return decimals == 0 ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *table_json(const mmu_report_table_t *table)
{
    json_t *columns = json_array(), *decimals = json_array(), *rows = json_array(), *x = json_array(),
           *cells = json_array();

    for (unsigned c = 0; c < table->columns; c++) {
        json_array_append_new(columns, json_string(table->column[c].label));
        json_array_append_new(decimals, json_integer(table->column[c].decimals));
    }
    for (unsigned r = 0; r < table->rows; r++) {
        json_t *row = json_array();

        for (unsigned c = 0; c < table->columns; c++)
            json_array_append_new(row, number(table->row[r].cell[c], table->column[c].decimals));
        json_array_append_new(cells, row);
        json_array_append_new(rows, json_string(table->row[r].label));
        json_array_append_new(x, isfinite(table->row[r].x) ? json_real(table->row[r].x) : json_null());
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", table->id, "title", table->title,
                     "row", table->row_head, "columns", columns, "decimals", decimals, "rows", rows, "x", x,
                     "cells", cells);
}

static json_t *figure_json(const mmu_report_figure_t *figure)
{
    static const char *const kinds[] = {"table", "lines", "heat", "bars", "stack", "scatter"};
    json_t *tables = json_array(), *json;

    for (const mmu_report_table_t *t = figure->tables; t != NULL; t = t->next)
        json_array_append_new(tables, table_json(t));
    json = json_pack("{s:s, s:s, s:{s:s*, s:b}, s:{s:s*, s:b, s:b}, s:s*, s:b, s:b, s:o}", "kind",
                     kinds[figure->kind], "title", figure->title, "x", "label", figure->x_label, "log",
                     figure->x_log, "y", "label", figure->y_label, "log", figure->y_log, "zero",
                     figure->y_zero, "value", figure->value_label, "ordered", figure->ordered, "steps",
                     figure->steps, "tables", tables);
    if (figure->mark != NULL)
        json_object_set_new(json, "mark",
                            json_pack("{s:s, s:i, s:i}", "text", figure->mark, "row", (int)figure->mark_row,
                                      "column", (int)figure->mark_column));
    return json;
}

/* "<" as an escape: it occurs in strings only. */
static char *without_tags(const char *json)
{
    size_t count = 0;
    char *copy, *to;

    for (const char *c = json; *c != '\0'; c++)
        count += *c == '<';
    copy = to = malloc(strlen(json) + 5 * count + 1);
    if (copy == NULL)
        abort();
    for (; *json != '\0'; json++)
        if (*json == '<') {
            memcpy(to, "\\u003c", 6);
            to += 6;
        } else {
            *to++ = *json;
        }
    *to = '\0';
    return copy;
}

char *mmu_report_json(const mmu_report_t *report)
{
    json_t *all = json_object(), *figures = json_array();
    char *dump, *json;

    for (const mmu_report_section_t *s = report->sections; s != NULL; s = s->next)
        for (const mmu_report_figure_t *f = s->figures; f != NULL; f = f->next)
            json_array_append_new(figures, figure_json(f));
    json_object_set_new(all, "command", json_string(report->opt.command));
    json_object_set_new(all, "figures", figures);
    dump = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(all);
    if (dump == NULL)
        abort();
    json = without_tags(dump);
    free(dump);
    return json;
}
