/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A trace's clocks: storage against clocks, walk latency, and what the runs tell.
 */
#include "report/report.h"

#include "lockwalk/mmu_area.h"
#include "lockwalk/mmu_config.h"

#include <inttypes.h>
#include <stdlib.h>

static void storage_against_clocks(mmu_report_section_t *section, const char *trace,
                                   const mmu_report_clocks_t *clocks)
{
    mmu_report_t *report = section->report;
    mmu_report_table_t *table =
        mmu_report_front_figure(section, mmu_report_format(report, "%s/clocks/front", trace), "");

    for (unsigned n = 0; n < clocks->runs; n++)
        if (clocks->run[n].error == NULL)
            mmu_report_front_clocks(table, mmu_report_front_row(table, &clocks->run[n]),
                                    mmu_run_clocks_per_access(&clocks->run[n].counts));
    mmu_report_mark_front(table, section->figures);
}

/* ---- walk latency ------------------------------------------------------------------------------------------- */

#define LATENCY_ROWS 96

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Clocks at which the table of latencies has rows: every one at which some walk ended, or, of many, some of them. */
static unsigned latency_rows(const mmu_report_clocks_t *clocks, unsigned configs, uint64_t rows[LATENCY_ROWS])
{
    static uint64_t all[MMU_HIST_BUCKETS];
    unsigned count = 0, step;

    for (unsigned b = 0; b < MMU_HIST_BUCKETS; b++) {
        uint64_t first, last, walks = 0;

        for (unsigned n = 0; n < configs; n++)
            walks += clocks->run[n].walk.bucket[b];
        mmu_hist_bounds(b, &first, &last);
        if (walks != 0)
            all[count++] = last;
    }
    qsort(all, count, sizeof all[0], by_value);
    step = (count + LATENCY_ROWS - 1) / LATENCY_ROWS;
    for (unsigned r = 0; step != 0 && r * step < count; r++)
        rows[r] = all[(r + 1) * step - 1 < count ? (r + 1) * step - 1 : count - 1];
    return step == 0 ? 0 : (count + step - 1) / step;
}

/* Walks of at most so many clocks. */
static uint64_t walks_within(const mmu_hist_t *walk, uint64_t clocks)
{
    uint64_t first, last, count = 0;

    for (unsigned b = 0; b < MMU_HIST_BUCKETS; b++) {
        mmu_hist_bounds(b, &first, &last);
        if (last <= clocks)
            count += walk->bucket[b];
    }
    return count;
}

static void walk_latency(mmu_report_section_t *section, const char *trace, const mmu_report_clocks_t *clocks)
{
    mmu_report_t *report = section->report;
    uint64_t at[LATENCY_ROWS];
    const unsigned rows = latency_rows(clocks, report->opt.configs, at);
    mmu_report_figure_t *figure;
    mmu_report_table_t *shares, *counts;

    if (rows == 0)
        return;
    figure =
        mmu_report_figure(section, MMU_FIGURE_LINES, "Walk latency",
                          "The share of page-table walks that took at most so many clocks: further left and "
                          "higher is better.");
    figure->x_label = "clocks";
    figure->y_label = "walks done, %";
    figure->x_log = at[rows - 1] > 16 * at[0];
    figure->y_zero = figure->steps = true;
    shares = mmu_report_table(figure, mmu_report_format(report, "%s/clocks/walks/share", trace),
                              "% of walks done", "clocks");
    counts = mmu_report_table(figure, mmu_report_format(report, "%s/clocks/walks/count", trace), "walks done",
                              "clocks");
    for (unsigned r = 0; r < rows; r++) {
        mmu_report_row(shares, mmu_report_format(report, "%" PRIu64, at[r]), (double)at[r]);
        mmu_report_row(counts, shares->row[r].label, (double)at[r]);
    }
    for (unsigned n = 0; n < report->opt.configs; n++) {
        const mmu_report_run_t *run = &clocks->run[n];
        unsigned column;

        if (run->error != NULL || run->walk.count == 0)
            continue;
        column = mmu_report_column(shares, run->name, 3);
        mmu_report_column(counts, run->name, 0);
        for (unsigned r = 0; r < rows; r++) {
            const double done = (double)walks_within(&run->walk, at[r]);

            mmu_report_set(counts, r, column, done);
            mmu_report_set(shares, r, column, 100 * done / (double)run->walk.count);
        }
    }
}

/* ---- what else the runs tell ---------------------------------------------------------------------------------- */

static void runs_table(mmu_report_figure_t *figure, const char *id, const mmu_report_clocks_t *clocks,
                       bool variants)
{
    static const struct {
        const char *name;
        uint8_t decimals;
    } columns[] = {
        {"clocks", 0},
        {"translation clocks", 4},
        {"L1I MPKI", 4},
        {"L1D MPKI", 4},
        {"L2 MPKI", 4},
        {"walks PKI", 4},
        {"mean walk clocks", 2},
        {"99 % walk clocks", 0},
        {"port stall clocks", 0},
        {"storage bits", 0},
        {"plain TLB bits", 0},
        {"Yosys cells", 0},
    };
    mmu_report_table_t *t = mmu_report_table(figure, id, "runs of the cycle model", "MMU");

    for (unsigned c = 0; c < sizeof columns / sizeof columns[0]; c++)
        mmu_report_column(t, columns[c].name, columns[c].decimals);
    for (unsigned n = 0; n < clocks->runs; n++) {
        const mmu_report_run_t *run = &clocks->run[n];
        const uint64_t *ev = run->counts.events;
        unsigned row, column = 0;
        mmu_cfg_cells_t cells;
        mmu_area_t area;

        if (run->error != NULL || run->variant != variants)
            continue;
        row = mmu_report_row(t, run->name, NAN);
        mmu_report_set(t, row, column++, (double)run->counts.clocks);
        mmu_report_set(t, row, column++, run->translation);
        mmu_report_set(t, row, column++, mmu_run_mpki(&run->counts, ev[MMU_EV_L1_MISS_I]));
        mmu_report_set(t, row, column++, mmu_run_mpki(&run->counts, ev[MMU_EV_L1_MISS_D]));
        mmu_report_set(t, row, column++, mmu_run_mpki(&run->counts, ev[MMU_EV_L2_MISS]));
        mmu_report_set(t, row, column++, mmu_run_mpki(&run->counts, ev[MMU_EV_WALK_START]));
        mmu_report_set(t, row, column++, mmu_hist_mean(&run->walk));
        mmu_report_set(t, row, column++, (double)mmu_hist_percentile(&run->walk, 99));
        mmu_report_set(t, row, column++, (double)(ev[MMU_EV_STALL_I] + ev[MMU_EV_STALL_D]));
        mmu_area_of(&run->cfg, NULL, &area);
        mmu_report_set(t, row, column++, (double)(area.flops + area.memory));
        mmu_report_set(t, row, column++, (double)area.plain);
        if (mmu_cfg_cells(&run->cfg, &cells))
            mmu_report_set(t, row, column, (double)cells.cells);
    }
}

/* The configurations for all to see, the variants behind the picture of storage against clocks. */
static void all_runs(mmu_report_section_t *section, const char *trace, const mmu_report_clocks_t *clocks)
{
    mmu_report_t *report = section->report;
    mmu_report_figure_t *figure = mmu_report_figure(section, MMU_FIGURE_TABLE, "The MMUs",
                                                    "MPKI: misses, PKI: events per 1000 instructions. "
                                                    "Translation: mean clocks from acceptance to answer.");

    runs_table(figure, mmu_report_format(report, "%s/clocks/runs", trace), clocks, false);
    if (report->opt.variants)
        runs_table(section->figures, mmu_report_format(report, "%s/clocks/variants", trace), clocks, true);
}

static void memory_words(mmu_report_section_t *section)
{
    const mmu_env_options_t *env = &section->report->opt.env;
    const unsigned low = env->mem_latency_min != 0 ? env->mem_latency_min : 1;
    const unsigned high = env->mem_latency_max > low ? env->mem_latency_max : low;

    mmu_report_word(section,
                    low == high
                        ? mmu_report_format(section->report, "A read of the page table takes %u clocks.", low)
                        : mmu_report_format(section->report,
                                            "A read of the page table takes %u to %u clocks.", low, high));
}

void mmu_report_clocks(mmu_report_t *report, const mmu_report_sizing_t *sizing,
                       const mmu_report_clocks_t *clocks)
{
    mmu_report_section_t *section;

    if (clocks->runs == 0)
        return;
    section = mmu_report_section(report, 3, mmu_report_format(report, "%s: clocks", sizing->name));
    section->trace = sizing->name;
    storage_against_clocks(section, sizing->name, clocks);
    walk_latency(section, sizing->name, clocks);
    all_runs(section, sizing->name, clocks);
    mmu_report_front_words(section, section->figures->tables);
    memory_words(section);
    for (unsigned n = 0; n < clocks->runs; n++)
        if (clocks->run[n].error != NULL)
            mmu_report_word(section, mmu_report_format(report, "%s did not run to the end: %s",
                                                       clocks->run[n].name, clocks->run[n].error));
}
