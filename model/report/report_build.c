/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Building a report: memory, sections, figures, tables.
 */
#include "report/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory: freed all at once -------------------------------------------------------------------------- */

struct mmu_report_block {
    struct mmu_report_block *next;
    max_align_t data[];
};

void *mmu_report_alloc(mmu_report_t *report, size_t size)
{
    struct mmu_report_block *block = calloc(1, sizeof *block + size);

    if (block == NULL)
        abort();
    block->next = report->memory;
    report->memory = block;
    return block->data;
}

char *mmu_report_copy(mmu_report_t *report, const char *text)
{
    const size_t size = strlen(text) + 1;

    return memcpy(mmu_report_alloc(report, size), text, size);
}

char *mmu_report_format(mmu_report_t *report, const char *format, ...)
{
    va_list args;
    char *text;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = mmu_report_alloc(report, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return text;
}

/* An array of `used` of `*room` items has one place more afterwards. */
static void *grown(mmu_report_t *report, void *array, unsigned used, unsigned *room, size_t size)
{
    void *bigger;

    if (used < *room)
        return array;
    *room = *room == 0 ? 8 : 2 * *room;
    bigger = mmu_report_alloc(report, *room * size);
    if (used != 0)
        memcpy(bigger, array, used * size);
    return bigger;
}

void mmu_report_free(mmu_report_t *report)
{
    if (report == NULL)
        return;
    while (report->memory != NULL) {
        struct mmu_report_block *block = report->memory;

        report->memory = block->next;
        free(block);
    }
    free(report);
}

/* ---- sections -------------------------------------------------------------------------------- */

mmu_report_section_t *mmu_report_section(mmu_report_t *report, unsigned level, const char *title)
{
    mmu_report_section_t *section = mmu_report_alloc(report, sizeof *section), **end = &report->sections;

    while (*end != NULL)
        end = &(*end)->next;
    *end = section;
    section->report = report;
    section->level = level;
    section->title = title;
    return section;
}

static void add_line(mmu_report_t *report, mmu_report_line_t **end, const char *name, const char *text)
{
    mmu_report_line_t *line = mmu_report_alloc(report, sizeof *line);

    while (*end != NULL)
        end = &(*end)->next;
    *end = line;
    line->name = name;
    line->text = text;
}

void mmu_report_fact(mmu_report_section_t *section, const char *name, const char *text)
{
    add_line(section->report, &section->facts, name, text);
}

void mmu_report_word(mmu_report_section_t *section, const char *sentence)
{
    add_line(section->report, &section->words, NULL, sentence);
}

/* ---- figures and tables --------------------------------------------------------------------------------- */

mmu_report_figure_t *mmu_report_figure(mmu_report_section_t *section, mmu_figure_e kind, const char *title,
                                       const char *note)
{
    mmu_report_figure_t *figure = mmu_report_alloc(section->report, sizeof *figure),
                        **end = &section->figures;

    while (*end != NULL)
        end = &(*end)->next;
    *end = figure;
    figure->report = section->report;
    figure->kind = kind;
    figure->title = title;
    figure->note = note;
    return figure;
}

mmu_report_table_t *mmu_report_table(mmu_report_figure_t *figure, const char *id, const char *title,
                                     const char *row_head)
{
    mmu_report_table_t *table = mmu_report_alloc(figure->report, sizeof *table), **end = &figure->tables;

    while (*end != NULL)
        end = &(*end)->next;
    *end = table;
    table->report = figure->report;
    table->id = id;
    table->title = title;
    table->row_head = row_head;
    return table;
}

unsigned mmu_report_column(mmu_report_table_t *table, const char *label, unsigned decimals)
{
    const unsigned room = table->column_room;

    table->column =
        grown(table->report, table->column, table->columns, &table->column_room, sizeof *table->column);
    table->column[table->columns] = (mmu_report_column_t){label, (uint8_t)decimals};
    for (unsigned r = 0; r < table->rows && table->column_room != room; r++) {
        double *cell = mmu_report_alloc(table->report, table->column_room * sizeof *cell);

        for (unsigned c = 0; c < table->column_room; c++)
            cell[c] = c < table->columns ? table->row[r].cell[c] : NAN;
        table->row[r].cell = cell;
    }
    return table->columns++;
}

unsigned mmu_report_row(mmu_report_table_t *table, const char *label, double x)
{
    double *cell = mmu_report_alloc(table->report, table->column_room * sizeof *cell);

    for (unsigned c = 0; c < table->column_room; c++)
        cell[c] = NAN;
    table->row = grown(table->report, table->row, table->rows, &table->row_room, sizeof *table->row);
    table->row[table->rows] = (mmu_report_row_t){label, x, cell};
    return table->rows++;
}

void mmu_report_set(mmu_report_table_t *table, unsigned row, unsigned column, double value)
{
    char text[MMU_REPORT_NUMBER];

    assert(row < table->rows && column < table->columns);
    if (isfinite(value))
        table->row[row].cell[column] =
            strtod(mmu_report_plain(value, table->column[column].decimals, text), NULL);
}

mmu_report_table_t *mmu_report_scaled(mmu_report_figure_t *figure, const mmu_report_table_t *of,
                                      double factor, unsigned decimals, const char *id, const char *title)
{
    mmu_report_table_t *table = mmu_report_table(figure, id, title, of->row_head);

    for (unsigned c = 0; c < of->columns; c++)
        mmu_report_column(table, of->column[c].label, decimals);
    for (unsigned r = 0; r < of->rows; r++) {
        mmu_report_row(table, of->row[r].label, of->row[r].x);
        for (unsigned c = 0; c < of->columns; c++)
            mmu_report_set(table, r, c, of->row[r].cell[c] * factor);
    }
    return table;
}
