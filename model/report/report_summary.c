/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The first section: all traces beside each other.
 */
#include "report/report.h"

#include <inttypes.h>

/* ---- what the traces hold, and how they miss ------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t decimals;
} columns[] = {
    {"accesses", 0}, {"instructions", 0}, {"loads", 0},    {"stores", 0},
    {"4K pages", 0}, {"of them code", 0}, {"2M pages", 0}, {"entries within 5 % of the best", 0},
};

void mmu_report_begin_summary(mmu_report_t *report)
{
    mmu_report_figure_t *figure;

    report->summary = mmu_report_section(report, 2, "Summary");
    figure = mmu_report_figure(
        report->summary, MMU_FIGURE_TABLE, "The traces",
        "The last column is the size of the smallest LRU shape whose misses are within 5 % of the best.");
    report->overview = mmu_report_table(figure, "all/traces", "what each trace holds", "trace");
    for (unsigned c = 0; c < sizeof columns / sizeof columns[0]; c++)
        mmu_report_column(report->overview, columns[c].name, columns[c].decimals);
}

static void add_to_overview(mmu_report_t *report, const mmu_report_sizing_t *sizing,
                            const mmu_report_misses_t *first)
{
    const mmu_trace_info_t *info = &sizing->info;
    unsigned sets_log2, ways, column = 0;
    const unsigned row = mmu_report_row(report->overview, sizing->name, NAN);

    mmu_report_knee(first, &sets_log2, &ways);
    mmu_report_set(report->overview, row, column++, (double)info->accesses);
    mmu_report_set(report->overview, row, column++, (double)info->kinds[MMU_ACC_FETCH]);
    mmu_report_set(report->overview, row, column++, (double)info->kinds[MMU_ACC_LOAD]);
    mmu_report_set(report->overview, row, column++, (double)info->kinds[MMU_ACC_STORE]);
    mmu_report_set(report->overview, row, column++, (double)info->pages_4k);
    mmu_report_set(report->overview, row, column++, (double)info->pages_4k_code);
    mmu_report_set(report->overview, row, column++, (double)info->pages_2m);
    mmu_report_set(report->overview, row, column++, (double)((uint64_t)ways << sets_log2));
}

/* Fully associative: the curve of each trace. */
static void add_to_curves(mmu_report_t *report, const mmu_report_sizing_t *sizing,
                          const mmu_report_misses_t *first, const char *stream, const char *page)
{
    unsigned column;

    if (report->curves == NULL) {
        mmu_report_figure_t *figure = mmu_report_figure(
            report->summary, MMU_FIGURE_LINES, "Misses by entries",
            mmu_report_format(report,
                              "LRU, fully associative; %s accesses, pages of %s: each trace's working set.",
                              stream, page));

        figure->x_label = "entries";
        figure->y_label = "misses per 1000 accesses";
        figure->x_log = figure->y_log = true;
        report->curves = mmu_report_table(figure, "all/entries", figure->y_label, "entries");
        for (unsigned e = 0; e < MMU_REPORT_FULL; e++)
            mmu_report_row(report->curves, mmu_report_format(report, "%u", 1u << e), (double)(1u << e));
    }
    column = mmu_report_column(report->curves, sizing->name, 4);
    for (unsigned e = 0; e < MMU_REPORT_FULL; e++)
        mmu_report_set(report->curves, e, column, 1000 * (double)first->full[e] / (double)first->accesses);
}

/* ---- clocks over all traces -------------------------------------------------------------------------------------- */

static void begin_clocks(mmu_report_t *report, const mmu_report_clocks_t *clocks)
{
    report->total_clocks = mmu_report_alloc(report, clocks->runs * sizeof(double));
    report->total_accesses = mmu_report_alloc(report, clocks->runs * sizeof(double));
    report->front = mmu_report_front_figure(report->summary, "all/clocks/front", "All traces together. ");
    for (report->front_figure = report->summary->figures; report->front_figure->next != NULL;)
        report->front_figure = report->front_figure->next;
    report->clocks = mmu_report_table(report->front_figure, "all/clocks/each", "clocks per access", "MMU");
    for (unsigned n = 0; n < clocks->runs; n++) {
        mmu_report_front_row(report->front, &clocks->run[n]);
        mmu_report_row(report->clocks, clocks->run[n].name, NAN);
    }
}

/* Clocks per access over all traces so far, of those that ran on all of them. */
static void add_clocks(mmu_report_t *report, const char *trace, const mmu_report_clocks_t *clocks)
{
    unsigned column;

    if (report->front == NULL)
        begin_clocks(report, clocks);
    column = mmu_report_column(report->clocks, trace, 6);
    for (unsigned n = 0; n < clocks->runs; n++) {
        const mmu_report_run_t *run = &clocks->run[n];

        report->total_clocks[n] += run->error != NULL ? NAN : (double)run->counts.clocks;
        report->total_accesses[n] += (double)mmu_run_accesses(&run->counts);
        mmu_report_front_clocks(report->front, n, report->total_clocks[n] / report->total_accesses[n]);
        if (run->error == NULL)
            mmu_report_set(report->clocks, n, column, mmu_run_clocks_per_access(&run->counts));
    }
    mmu_report_mark_front(report->front, report->front_figure);
}

void mmu_report_summarise(mmu_report_t *report, const mmu_report_sizing_t *sizing,
                          const mmu_report_clocks_t *clocks)
{
    unsigned stream = 0;
    char page[16];
    const mmu_report_misses_t *first;

    while (!report->opt.stream[stream] || sizing->misses[stream][0].accesses == 0)
        stream++;
    first = &sizing->misses[stream][0];
    add_to_overview(report, sizing, first);
    add_to_curves(report, sizing, first, mmu_sweep_stream_name(stream),
                  mmu_sweep_page_name(report->opt.page_lg[0], page));
    if (clocks->runs != 0) {
        add_clocks(report, sizing->name, clocks);
        report->summary->words = NULL; /* those of fewer traces */
        mmu_report_front_words(report->summary, report->front);
    }
}
