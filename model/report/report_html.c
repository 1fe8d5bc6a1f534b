/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A report as one HTML file: page/page.html, with its {{places}} filled. Sections and tables are plain HTML; page.js
 * adds the pictures and the choice of what is shown.
 */
#include "embed/mmu_embed.h"
#include "report/report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const mmu_embed_t mmu_report_page[];
extern const unsigned mmu_report_page_count;

static const mmu_embed_t *part(const char *name)
{
    for (unsigned n = 0; n < mmu_report_page_count; n++)
        if (strcmp(mmu_report_page[n].name, name) == 0)
            return &mmu_report_page[n];
    assert(!"a part of the page is missing");
    return NULL;
}

/* ---- tables and figures --------------------------------------------------------------------------------- */

static void put(const char *open, const char *text, const char *close, FILE *to)
{
    fputs(open, to);
    mmu_report_escape(text, to);
    fputs(close, to);
}

static void table_html(const mmu_report_table_t *table, FILE *to)
{
    char text[MMU_REPORT_NUMBER];

    put("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", table->title, "\">", to);
    put("<table data-table=\"", table->id, "\">\n", to);
    put("<caption>", table->title, "</caption>\n<thead><tr>", to);
    put("<th scope=\"col\">", table->row_head, "</th>", to);
    for (unsigned c = 0; c < table->columns; c++)
        put("<th scope=\"col\">", table->column[c].label, "</th>", to);
    fputs("</tr></thead>\n<tbody>\n", to);
    for (unsigned r = 0; r < table->rows; r++) {
        put("<tr><th scope=\"row\">", table->row[r].label, "</th>", to);
        for (unsigned c = 0; c < table->columns; c++)
            put("<td>", mmu_report_grouped(table->row[r].cell[c], table->column[c].decimals, text), "</td>",
                to);
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
}

/* Whether it takes the page's whole width. */
static bool wide(const mmu_report_figure_t *figure)
{
    return figure->kind == MMU_FIGURE_HEAT ||
           (figure->kind == MMU_FIGURE_TABLE && figure->tables->columns > 6);
}

static void figure_html(const mmu_report_figure_t *figure, unsigned number, FILE *to)
{
    fprintf(to, "<figure id=\"figure-%u\"%s data-figure=\"%u\">\n", number,
            wide(figure) ? " class=\"wide\"" : "", number);
    put("<figcaption><h4>", figure->title, "</h4>", to);
    put("<p>", figure->note, "</p></figcaption>\n", to);
    if (figure->kind != MMU_FIGURE_TABLE)
        fputs("<div class=\"picture\"></div>\n<details><summary>The numbers</summary>\n", to);
    for (const mmu_report_table_t *t = figure->tables; t != NULL; t = t->next)
        table_html(t, to);
    fputs(figure->kind == MMU_FIGURE_TABLE ? "</figure>\n" : "</details>\n</figure>\n", to);
}

/* ---- sections ------------------------------------------------------------------------------------------- */

static void attribute(const char *name, const char *value, FILE *to)
{
    if (value == NULL)
        return;
    fprintf(to, " data-%s=\"", name);
    mmu_report_escape(value, to);
    putc('"', to);
}

static void section_html(const mmu_report_section_t *section, unsigned number, unsigned *figures, FILE *to)
{
    fprintf(to, "<section id=\"section-%u\"", number);
    attribute("trace", section->trace, to);
    attribute("stream", section->stream, to);
    attribute("page", section->page, to);
    fprintf(to, ">\n<h%u>", section->level);
    mmu_report_escape(section->title, to);
    fprintf(to, "</h%u>\n", section->level);
    if (section->facts != NULL) {
        fputs("<dl class=\"facts\">", to);
        for (const mmu_report_line_t *f = section->facts; f != NULL; f = f->next) {
            put("<div><dt>", f->name, "</dt>", to);
            put("<dd>", f->text, "</dd></div>", to);
        }
        fputs("</dl>\n", to);
    }
    if (section->words != NULL) {
        fputs("<ul class=\"words\">\n", to);
        for (const mmu_report_line_t *w = section->words; w != NULL; w = w->next)
            put("<li>", w->text, "</li>\n", to);
        fputs("</ul>\n", to);
    }
    fputs("<div class=\"figures\">\n", to);
    for (const mmu_report_figure_t *f = section->figures; f != NULL; f = f->next)
        figure_html(f, (*figures)++, to);
    fputs("</div>\n</section>\n", to);
}

static void put_sections(const mmu_report_t *report, FILE *to)
{
    unsigned sections = 0, figures = 0;

    for (const mmu_report_section_t *s = report->sections; s != NULL; s = s->next)
        section_html(s, sections++, &figures, to);
}

/* ---- the page ------------------------------------------------------------------------------------------- */

static void put_title(const mmu_report_t *report, FILE *to)
{
    mmu_report_escape(report->opt.title, to);
}

static void put_command(const mmu_report_t *report, FILE *to)
{
    mmu_report_escape(report->opt.command, to);
}

static void put_version(const mmu_report_t *report, FILE *to)
{
    mmu_report_escape(report->opt.version, to);
}

static void put_date(const mmu_report_t *report, FILE *to)
{
    const time_t time = (time_t)report->opt.time;
    struct tm tm;
    char text[64];

    gmtime_r(&time, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm);
    fputs(text, to);
}

static void put_data(const mmu_report_t *report, FILE *to)
{
    char *json = mmu_report_json(report);

    fputs(json, to);
    free(json);
}

static void put_licences(const mmu_report_t *report, FILE *to)
{
    (void)report;
    mmu_report_escape(part("LICENSES.txt")->text, to);
}

static void put_style(const mmu_report_t *report, FILE *to)
{
    (void)report;
    fputs(part("page.css")->text, to);
}

static void put_plot(const mmu_report_t *report, FILE *to)
{
    (void)report;
    fputs(part("plot.min.js")->text, to);
}

static void put_script(const mmu_report_t *report, FILE *to)
{
    (void)report;
    fputs(part("page.js")->text, to);
}

static const struct {
    const char *name;
    void (*put)(const mmu_report_t *report, FILE *to);
} places[] = {
    {"title", put_title},       {"command", put_command}, {"version", put_version},   {"date", put_date},
    {"sections", put_sections}, {"data", put_data},       {"licences", put_licences}, {"style", put_style},
    {"plot", put_plot},         {"script", put_script},
};

static void fill(const mmu_report_t *report, const char *name, size_t size, FILE *to)
{
    for (unsigned n = 0; n < sizeof places / sizeof places[0]; n++)
        if (strlen(places[n].name) == size && strncmp(places[n].name, name, size) == 0) {
            places[n].put(report, to);
            return;
        }
    assert(!"page.html has a place that nothing fills");
}

void mmu_report_html(const mmu_report_t *report, FILE *to)
{
    const char *text = part("page.html")->text;

    for (;;) {
        const char *open = strstr(text, "{{"), *close;

        if (open == NULL)
            break;
        close = strstr(open, "}}");
        assert(close != NULL);
        fwrite(text, 1, (size_t)(open - text), to);
        fill(report, open + 2, (size_t)(close - open - 2), to);
        text = close + 2;
    }
    fputs(text, to);
}
