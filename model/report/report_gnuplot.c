/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A report for gnuplot: a data file for each table, and a script that draws the pictures from them.
 */
#include "report/report.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MISSING "?"
#define NAME 256

/* "cc1/data/4K/grid/rate" becomes "cc1-data-4K-grid-rate"; n makes it unique whatever the trace is called. */
static const char *file_name(const mmu_report_table_t *table, unsigned number, char name[NAME])
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    size_t at = (size_t)snprintf(name, NAME, "%03u-", number);

    for (const char *c = table->id; *c != '\0' && at < NAME - 1; c++)
        name[at++] = strchr(safe, *c) != NULL ? *c : '-';
    name[at] = '\0';
    return name;
}

/* ---- data files ------------------------------------------------------------------------------------------ */

typedef struct {
    const mmu_report_t *report;
    const mmu_report_figure_t *figure;
    const mmu_report_table_t *table;
} data_t;

/* A word of a data file: in quotes, without any inside; a comment: on one line. */
static void word(const char *text, FILE *to)
{
    putc('"', to);
    for (; *text != '\0'; text++)
        putc(*text == '"' || *text == '\\' ? '\'' : *text, to);
    putc('"', to);
}

static void data_file(const void *what, FILE *to)
{
    const data_t *d = what;
    const mmu_report_table_t *t = d->table;
    const bool matrix = d->figure->kind == MMU_FIGURE_HEAT;
    char text[MMU_REPORT_NUMBER];

    fprintf(to, "# %s: %s\n# %s\n# made by: %s\n", t->id, d->figure->title, t->title, d->report->opt.command);
    if (matrix)
        fprintf(to, "# first column: %s; first row: %s\n", d->figure->y_label, d->figure->x_label);
    else
        fprintf(to, "# columns: %s, the same as a number, and those of the first row; " MISSING ": none\n",
                t->row_head);
    word(t->row_head, to);
    if (!matrix)
        fputs(" \"x\"", to);
    for (unsigned c = 0; c < t->columns; c++) {
        putc(' ', to);
        word(t->column[c].label, to);
    }
    putc('\n', to);
    for (unsigned r = 0; r < t->rows; r++) {
        word(t->row[r].label, to);
        if (!matrix)
            fprintf(to, " %s", isfinite(t->row[r].x) ? mmu_report_plain(t->row[r].x, 0, text) : MISSING);
        for (unsigned c = 0; c < t->columns; c++) {
            const double value = t->row[r].cell[c];

            fprintf(to, " %s",
                    isfinite(value) ? mmu_report_plain(value, t->column[c].decimals, text) : MISSING);
        }
        putc('\n', to);
    }
}

/* ---- the script ------------------------------------------------------------------------------------------ */

static void quoted(const char *text, FILE *to)
{
    putc('\'', to);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            putc('\'', to);
        putc(*text, to);
    }
    putc('\'', to);
}

static void set(const char *what, const char *text, FILE *to)
{
    fprintf(to, "set %s ", what);
    quoted(text, to);
    putc('\n', to);
}

/* plot FILE using USING with STYLE title COLUMN, a line a column; the first column of numbers is 3. */
static void plot_columns(const mmu_report_table_t *t, const char *file, const char *using, const char *style,
                         FILE *to)
{
    fputs("plot", to);
    for (unsigned c = 0; c < t->columns; c++) {
        fputs(c == 0 ? " \\\n  " : ", \\\n  ", to);
        fprintf(to, "'%s.dat' using ", file);
        fprintf(to, using, c + 3);
        fprintf(to, " %s title ", style);
        quoted(t->column[c].label, to);
    }
    putc('\n', to);
}

/* An axis on which all numbers are the same has no length of its own. */
static void open_range(const char *axis, double low, double high, FILE *to)
{
    if (low == high)
        fprintf(to, "set %srange [%g:%g]\n", axis, low > 0 ? low / 2 : low - 1, low > 0 ? low * 2 : low + 1);
}

static void ranges(const mmu_report_figure_t *figure, FILE *to)
{
    const mmu_report_table_t *t = figure->tables;
    const bool scatter = figure->kind == MMU_FIGURE_SCATTER;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};

    for (unsigned r = 0; r < t->rows; r++)
        for (unsigned c = 0; c < (scatter ? 2 : t->columns); c++) {
            const double at[2] = {scatter ? t->row[r].cell[0] : t->row[r].x, t->row[r].cell[scatter ? 1 : c]};

            for (unsigned k = 0; k < 2; k++) {
                low[k] = fmin(low[k], at[k]);
                high[k] = fmax(high[k], at[k]);
            }
        }
    open_range("x", low[0], high[0], to);
    open_range("y", low[1], high[1], to);
}

static void plot(const mmu_report_figure_t *figure, const char *file, FILE *to)
{
    const mmu_report_table_t *t = figure->tables;

    switch (figure->kind) {
    case MMU_FIGURE_LINES:
        plot_columns(t, file, "2:%u", "with linespoints", to);
        break;
    case MMU_FIGURE_STACK:
        fputs("set style data histograms\nset style histogram rowstacked\n", to);
        plot_columns(t, file, "%u:xticlabels(1)", "", to);
        break;
    case MMU_FIGURE_BARS:
        fprintf(to, "plot '%s.dat' using 2:3 with boxes notitle\n", file);
        break;
    case MMU_FIGURE_HEAT:
        set("cblabel", figure->value_label, to);
        fputs("set logscale cb\nset yrange [*:*] reverse\nset palette defined (0 '#fde725', 1 '#5ec962', 2 "
              "'#21918c', 3 '#3b528b', 4 '#440154')\nset xtics font ',8'\n",
              to);
        fprintf(to, "plot '%s.dat' matrix rowheaders columnheaders using 1:2:3 with image notitle\n", file);
        break;
    case MMU_FIGURE_SCATTER:
        fprintf(to, "plot '%s.dat' using 3:4:1 with labels point pointtype 7 offset 0,0.7 notitle\n", file);
        break;
    default:
        break;
    }
}

static void draw(const mmu_report_figure_t *figure, const char *heading, const char *file, FILE *to)
{
    fprintf(to, "\nreset\nset datafile missing '" MISSING "'\nset style fill solid 0.7 border\nset grid\n");
    fprintf(to, "set output '%s.svg'\n", file);
    set("title", heading, to);
    set("xlabel", figure->x_label, to);
    set("ylabel", figure->y_label, to);
    if (figure->x_log)
        fputs("set logscale x 2\n", to);
    if (figure->y_log)
        fputs("set logscale y\n", to);
    fputs("set key outside\n", to);
    if (figure->kind == MMU_FIGURE_LINES || figure->kind == MMU_FIGURE_SCATTER)
        ranges(figure, to);
    plot(figure, file, to);
}

static void script(const void *what, FILE *to)
{
    const mmu_report_t *report = what;
    unsigned number = 0;
    char name[NAME];

    fprintf(to,
            "# Draws the pictures of a report: cd into this folder, then `gnuplot report.gp`.\n"
            "# made by: %s\nset terminal svg noenhanced size 900,560\n",
            report->opt.command);
    for (const mmu_report_section_t *s = report->sections; s != NULL; s = s->next)
        for (const mmu_report_figure_t *f = s->figures; f != NULL; f = f->next)
            for (const mmu_report_table_t *t = f->tables; t != NULL; t = t->next, number++) {
                char heading[NAME];

                if (t != f->tables || f->kind == MMU_FIGURE_TABLE)
                    continue;
                snprintf(heading, sizeof heading, "%s - %s", f->title, s->title);
                draw(f, heading, file_name(t, number, name), to);
            }
}

/* ---- both ------------------------------------------------------------------------------------------------ */

bool mmu_report_gnuplot(mmu_report_t *report, const char *folder, char *err, size_t n)
{
    char *path = NULL, name[NAME];
    unsigned number = 0;
    bool good;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        snprintf(err, n, "%s cannot be made: %s", folder, strerror(errno));
        return false;
    }
    path = mmu_report_alloc(report, strlen(folder) + NAME + sizeof "/.dat");
    sprintf(path, "%s/report.gp", folder);
    good = mmu_report_file(path, script, report, err, n);
    for (const mmu_report_section_t *s = report->sections; s != NULL; s = s->next)
        for (const mmu_report_figure_t *f = s->figures; f != NULL; f = f->next)
            for (const mmu_report_table_t *t = f->tables; t != NULL && good; t = t->next) {
                const data_t data = {report, f, t};

                sprintf(path, "%s/%s.dat", folder, file_name(t, number++, name));
                good = mmu_report_file(path, data_file, &data, err, n);
            }
    return good;
}
