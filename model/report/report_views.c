/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pictures of a trace's misses.
 */
#include "report/report_view.h"

#include "lockwalk/mmu_area.h"

#include <inttypes.h>
#include <string.h>

static const uint32_t drawn_ways[] = {1, 2, 4, 8, 16, 32};
#define DRAWN_WAYS (sizeof drawn_ways / sizeof drawn_ways[0])

#define RATE_DECIMALS 4

const char *mmu_report_view_id(const mmu_report_view_t *v, const char *figure, const char *table)
{
    return mmu_report_format(v->report, "%s/%s/%s", v->prefix, figure, table);
}

unsigned mmu_report_view_row(const mmu_report_view_t *v, mmu_report_table_t *table, uint64_t n)
{
    return mmu_report_row(table, mmu_report_format(v->report, "%" PRIu64, n), (double)n);
}

void mmu_report_view_rates(const mmu_report_view_t *v, mmu_report_figure_t *figure, const char *name)
{
    mmu_report_table_t *counts = figure->tables;

    figure->tables = NULL;
    mmu_report_scaled(figure, counts, v->factor, RATE_DECIMALS, mmu_report_view_id(v, name, "rate"), v->rate)
        ->next = counts;
}

/* Misses of `entries` entries in sets of `ways`; NAN where the grid has no such shape. */
static double misses_of(const mmu_report_view_t *v, unsigned entries, uint32_t ways)
{
    for (unsigned s = 0; s < MMU_REPORT_SETS; s++)
        if ((ways << s) == entries)
            return (double)v->misses->grid[s][ways - 1];
    return NAN;
}

static void by_entries(const mmu_report_view_t *v)
{
    mmu_report_figure_t *figure =
        mmu_report_figure(v->section, MMU_FIGURE_LINES, "Misses by entries",
                          "LRU. How much a larger TLB helps, and what more ways help at the same size.");
    mmu_report_table_t *table =
        mmu_report_table(figure, mmu_report_view_id(v, "entries", "misses"), "misses", "entries");

    figure->x_label = "entries";
    figure->y_label = v->rate;
    figure->x_log = figure->y_log = figure->ordered = true;
    for (unsigned w = 0; w < DRAWN_WAYS; w++)
        mmu_report_column(
            table, mmu_report_format(v->report, drawn_ways[w] == 1 ? "%u way" : "%u ways", drawn_ways[w]), 0);
    mmu_report_column(table, "fully associative", 0);
    for (unsigned e = 0; e < MMU_REPORT_FULL; e++) {
        const unsigned row = mmu_report_view_row(v, table, 1u << e);

        for (unsigned w = 0; w < DRAWN_WAYS; w++)
            mmu_report_set(table, row, w, misses_of(v, 1u << e, drawn_ways[w]));
        mmu_report_set(table, row, DRAWN_WAYS, (double)v->misses->full[e]);
    }
    mmu_report_view_rates(v, figure, "entries");
}

static void by_ways(const mmu_report_view_t *v)
{
    mmu_report_figure_t *figure =
        mmu_report_figure(v->section, MMU_FIGURE_LINES, "Misses by ways",
                          "LRU. Each line has one number of entries: where it falls, sets were in conflict.");
    mmu_report_table_t *table =
        mmu_report_table(figure, mmu_report_view_id(v, "ways", "misses"), "misses", "ways");
    unsigned columns = 0;

    figure->x_label = "ways";
    figure->y_label = v->rate;
    figure->x_log = figure->y_log = figure->ordered = true;
    for (unsigned w = 0; w < DRAWN_WAYS; w++)
        mmu_report_view_row(v, table, drawn_ways[w]);
    for (unsigned entries = 32; entries <= 2048; entries *= 2, columns++) {
        mmu_report_column(table, mmu_report_format(v->report, "%u entries", entries), 0);
        for (unsigned w = 0; w < DRAWN_WAYS; w++)
            mmu_report_set(table, w, columns, misses_of(v, entries, drawn_ways[w]));
    }
    mmu_report_view_rates(v, figure, "ways");
}

static void every_shape(const mmu_report_view_t *v)
{
    mmu_report_figure_t *figure = mmu_report_figure(
        v->section, MMU_FIGURE_HEAT, "Every shape",
        "LRU, sets down and ways across. The star is the smallest shape within 5 % of the best.");
    mmu_report_table_t *table =
        mmu_report_table(figure, mmu_report_view_id(v, "grid", "misses"), "misses", "sets");
    unsigned sets_log2, ways;

    mmu_report_knee(v->misses, &sets_log2, &ways);
    figure->x_label = "ways";
    figure->y_label = "sets";
    figure->value_label = v->rate;
    figure->mark = "the smallest within 5 % of the best";
    figure->mark_row = sets_log2;
    figure->mark_column = ways - 1;
    for (unsigned w = 1; w <= MMU_REPORT_WAYS; w++)
        mmu_report_column(table, mmu_report_format(v->report, "%u", w), 0);
    for (unsigned s = 0; s < MMU_REPORT_SETS; s++) {
        const unsigned row = mmu_report_view_row(v, table, UINT64_C(1) << s);

        for (unsigned w = 0; w < MMU_REPORT_WAYS; w++)
            mmu_report_set(table, row, w, (double)v->misses->grid[s][w]);
    }
    mmu_report_view_rates(v, figure, "grid");
}

/* ---- in words ---------------------------------------------------------------------------------------------- */

/* Of a plain TLB for Sv39. */
static uint64_t bits_of(const mmu_report_view_t *v, unsigned sets_log2, unsigned ways)
{
    const mmu_area_widths_t widths = mmu_area_sv39();
    const mmu_area_shape_t shape = {(uint8_t)sets_log2, v->page_lg, 1, MMU_POLICY_LRU, ways};

    return mmu_area_tlb_bits(&shape, &widths);
}

static void words(const mmu_report_view_t *v)
{
    const mmu_report_misses_t *m = v->misses;
    const uint64_t best = m->grid[MMU_REPORT_SETS - 1][MMU_REPORT_WAYS - 1];
    char a[MMU_REPORT_NUMBER], b[MMU_REPORT_NUMBER], c[MMU_REPORT_NUMBER], d[MMU_REPORT_NUMBER];
    unsigned sets_log2, ways;

    mmu_report_knee(v->misses, &sets_log2, &ways);
    mmu_report_word(
        v->section,
        mmu_report_format(
            v->report,
            "The smallest LRU shape whose misses are within 5 %% of the best (512 sets x 32 ways: "
            "%s misses) is %u sets x %u ways, %s entries, %s bits: %s misses, %.3f %s.",
            mmu_report_grouped((double)best, 0, a), 1u << sets_log2, ways,
            mmu_report_grouped((double)(ways << sets_log2), 0, b),
            mmu_report_grouped((double)bits_of(v, sets_log2, ways), 0, d),
            mmu_report_grouped((double)m->grid[sets_log2][ways - 1], 0, c),
            (double)m->grid[sets_log2][ways - 1] * v->factor, v->rate + strlen("misses ")));
    mmu_report_word(
        v->section,
        mmu_report_format(
            v->report,
            "64 entries miss %s times in %s accesses as 16 sets x 4 ways, %s times fully associative.",
            mmu_report_grouped((double)m->grid[4][3], 0, a), mmu_report_grouped((double)m->accesses, 0, b),
            mmu_report_grouped((double)m->full[6], 0, c)));
}

/* ---- a trace ----------------------------------------------------------------------------------------------- */

static void view(mmu_report_t *report, const mmu_report_sizing_t *sizing, unsigned stream, unsigned page)
{
    static const char *const titles[MMU_STREAMS] = {"all accesses", "loads and stores", "fetches"};
    char page_text[16];
    const char *page_name =
        mmu_report_copy(report, mmu_sweep_page_name(report->opt.page_lg[page], page_text));
    mmu_report_view_t v = {.report = report, .sizing = sizing, .misses = &sizing->misses[stream][page]};

    if (v.misses->accesses == 0)
        return;
    v.prefix = mmu_report_format(report, "%s/%s/%s", sizing->name, mmu_sweep_stream_name(stream), page_name);
    v.rate =
        sizing->info.kinds[MMU_ACC_FETCH] != 0 ? "misses per 1000 instructions" : "misses per 1000 accesses";
    v.factor = 1000.0 / (double)(sizing->info.kinds[MMU_ACC_FETCH] != 0 ? sizing->info.kinds[MMU_ACC_FETCH]
                                                                        : sizing->info.accesses);
    v.section = mmu_report_section(
        report, 3, mmu_report_format(report, "%s: %s, pages of %s", sizing->name, titles[stream], page_name));
    v.section->trace = sizing->name;
    v.section->stream = mmu_sweep_stream_name(stream);
    v.section->page = page_name;
    v.page_lg = report->opt.page_lg[page];
    words(&v);
    by_entries(&v);
    by_ways(&v);
    every_shape(&v);
    mmu_report_by_policy(&v);
    mmu_report_by_class(&v);
    mmu_report_by_time(&v);
    mmu_report_by_set(&v);
}

void mmu_report_trace_section(mmu_report_t *report, const mmu_report_sizing_t *sizing)
{
    const mmu_trace_info_t *info = &sizing->info;
    const struct {
        const char *name;
        uint64_t value;
    } facts[] = {
        {"accesses", info->accesses},          {"instructions", info->kinds[MMU_ACC_FETCH]},
        {"loads", info->kinds[MMU_ACC_LOAD]},  {"stores", info->kinds[MMU_ACC_STORE]},
        {"across a 4K page", info->crossing},  {"4K pages", info->pages_4k},
        {"of them code", info->pages_4k_code}, {"of them data", info->pages_4k_data},
        {"2M pages", info->pages_2m},
    };
    mmu_report_section_t *section = mmu_report_section(report, 2, sizing->name);
    char text[MMU_REPORT_NUMBER];

    section->trace = sizing->name;
    mmu_report_fact(section, "file", mmu_report_utf8(report, sizing->path));
    mmu_report_fact(section, "form", mmu_report_utf8(report, sizing->form));
    for (unsigned n = 0; n < sizeof facts / sizeof facts[0]; n++)
        mmu_report_fact(section, facts[n].name,
                        mmu_report_copy(report, mmu_report_grouped((double)facts[n].value, 0, text)));
}

void mmu_report_views(mmu_report_t *report, const mmu_report_sizing_t *sizing)
{
    for (unsigned p = 0; p < report->opt.pages; p++)
        for (unsigned s = 0; s < MMU_STREAMS; s++)
            if (report->opt.stream[s])
                view(report, sizing, s, p);
}
