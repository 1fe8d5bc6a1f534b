/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Every number of a report as CSV (RFC 4180): table,row,column,value.
 */
#include "report/report.h"

#include <string.h>

static void field(const char *text, FILE *to)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, to);
        return;
    }
    putc('"', to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', to);
        putc(*text, to);
    }
    putc('"', to);
}

static void table_csv(const mmu_report_table_t *table, FILE *to)
{
    char text[MMU_REPORT_NUMBER];

    for (unsigned r = 0; r < table->rows; r++)
        for (unsigned c = 0; c < table->columns; c++) {
            field(table->id, to);
            putc(',', to);
            field(table->row[r].label, to);
            putc(',', to);
            field(table->column[c].label, to);
            fprintf(to, ",%s\n", mmu_report_plain(table->row[r].cell[c], table->column[c].decimals, text));
        }
}

void mmu_report_csv(const mmu_report_t *report, FILE *to)
{
    fputs("table,row,column,value\n", to);
    for (const mmu_report_section_t *s = report->sections; s != NULL; s = s->next)
        for (const mmu_report_figure_t *f = s->figures; f != NULL; f = f->next)
            for (const mmu_report_table_t *t = f->tables; t != NULL; t = t->next)
                table_csv(t, to);
}
