/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A closer look at some shapes: other policies, why they miss, when, and in which sets.
 */
#include "report/report_view.h"

#include <inttypes.h>

void mmu_report_by_policy(const mmu_report_view_t *v)
{
    mmu_report_figure_t *figure;
    mmu_report_table_t *ratios, *table;
    unsigned columns = 0;

    for (unsigned p = 0; p <= MMU_SWEEP_OPT; p++)
        columns += p != MMU_POLICY_LRU && v->report->opt.policy[p];
    if (columns == 0)
        return;
    figure = mmu_report_figure(
        v->section, MMU_FIGURE_LINES, "Misses by policy",
        mmu_report_format(v->report, "With %d ways, against LRU: 1.1 is a tenth more misses than LRU has.",
                          MMU_REPORT_SET_WAYS));
    figure->x_label = "entries";
    figure->y_label = "misses / misses of LRU";
    figure->x_log = true;
    ratios = mmu_report_table(figure, mmu_report_view_id(v, "policy", "ratio"), "times the misses of LRU",
                              "entries");
    table = mmu_report_table(figure, mmu_report_view_id(v, "policy", "misses"), "misses", "entries");
    mmu_report_column(ratios, "lru", 4);
    mmu_report_column(table, "lru", 0);
    for (unsigned p = 0; p <= MMU_SWEEP_OPT; p++)
        if (p != MMU_POLICY_LRU && v->report->opt.policy[p]) {
            mmu_report_column(ratios, mmu_sweep_policy_name(p), 4);
            mmu_report_column(table, mmu_sweep_policy_name(p), 0);
        }
    for (unsigned s = 0; s < MMU_REPORT_SETS; s++) {
        const double lru = (double)v->misses->grid[s][MMU_REPORT_SET_WAYS - 1];
        const unsigned row = mmu_report_view_row(v, table, (uint64_t)MMU_REPORT_SET_WAYS << s);
        unsigned column = 0;

        mmu_report_view_row(v, ratios, (uint64_t)MMU_REPORT_SET_WAYS << s);
        mmu_report_set(table, row, column, lru);
        mmu_report_set(ratios, row, column++, 1);
        for (unsigned p = 0; p <= MMU_SWEEP_OPT; p++)
            if (p != MMU_POLICY_LRU && v->report->opt.policy[p]) {
                mmu_report_set(table, row, column, (double)v->misses->policy[p][s]);
                mmu_report_set(ratios, row, column++, (double)v->misses->policy[p][s] / lru);
            }
    }
}

void mmu_report_by_class(const mmu_report_view_t *v)
{
    static const char *const classes[] = {"compulsory", "capacity", "conflict"};
    mmu_report_figure_t *figure = mmu_report_figure(
        v->section, MMU_FIGURE_STACK, "Why it misses",
        mmu_report_format(
            v->report,
            "LRU, %d ways. Compulsory: first uses. Capacity: a fully associative TLB of this size would "
            "miss as well. Conflict: the rest.",
            MMU_REPORT_SET_WAYS));
    mmu_report_table_t *shares =
        mmu_report_table(figure, mmu_report_view_id(v, "classes", "share"), "% of the misses", "entries");
    mmu_report_table_t *table =
        mmu_report_table(figure, mmu_report_view_id(v, "classes", "misses"), "misses", "entries");

    figure->x_label = "entries";
    figure->y_label = "% of the misses";
    for (unsigned c = 0; c < sizeof classes / sizeof classes[0]; c++) {
        mmu_report_column(shares, classes[c], 2);
        mmu_report_column(table, classes[c], 0);
    }
    for (unsigned s = 0; s < MMU_REPORT_SETS; s++) {
        const mmu_sweep_classes_t *c = &v->misses->classes[s];
        const uint64_t of[] = {c->compulsory, c->capacity, c->conflict};
        const unsigned row = mmu_report_view_row(v, table, (uint64_t)MMU_REPORT_SET_WAYS << s);

        mmu_report_view_row(v, shares, (uint64_t)MMU_REPORT_SET_WAYS << s);
        for (unsigned k = 0; k < sizeof of / sizeof of[0]; k++) {
            mmu_report_set(table, row, k, (double)of[k]);
            mmu_report_set(shares, row, k, 100 * (double)of[k] / (double)(of[0] + of[1] + of[2]));
        }
    }
}

/* ---- when ---------------------------------------------------------------------------------------------------- */

void mmu_report_by_time(const mmu_report_view_t *v)
{
    const uint64_t window = v->sizing->window;
    char text[MMU_REPORT_NUMBER];
    mmu_report_figure_t *figure;
    mmu_report_table_t *rates, *counts;

    mmu_report_grouped((double)window, 0, text);
    figure = mmu_report_figure(
        v->section, MMU_FIGURE_LINES, "Phases",
        mmu_report_format(v->report,
                          "LRU, %d ways, in the course of the trace: each point is a window of %s "
                          "accesses, where it begins.",
                          MMU_REPORT_SET_WAYS, text));
    figure->x_label = "accesses of the trace";
    figure->y_label = "misses per 1000 accesses";
    figure->ordered = figure->y_zero = true;
    rates = mmu_report_table(figure, mmu_report_view_id(v, "phases", "rate"), figure->y_label, "begins at");
    counts = mmu_report_table(figure, mmu_report_view_id(v, "phases", "misses"), "misses", "begins at");
    for (size_t w = 0; w < v->misses->windows; w++) {
        mmu_report_view_row(v, rates, w * window);
        mmu_report_view_row(v, counts, w * window);
    }
    for (unsigned p = 0; p < MMU_REPORT_PHASES; p++) {
        const char *label =
            mmu_report_format(v->report, "%u entries", MMU_REPORT_SET_WAYS << mmu_report_phase_sets_log2[p]);

        mmu_report_column(rates, label, 4);
        mmu_report_column(counts, label, 0);
        for (unsigned w = 0; w < v->misses->windows; w++) {
            const mmu_sweep_count_t *c = &v->misses->window[p][w];

            mmu_report_set(counts, w, p, (double)c->misses);
            if (c->accesses != 0)
                mmu_report_set(rates, w, p, 1000.0 * (double)c->misses / (double)c->accesses);
        }
    }
}

/* ---- where --------------------------------------------------------------------------------------------------- */

void mmu_report_by_set(const mmu_report_view_t *v)
{
    const mmu_sweep_shape_t shape = v->report->opt.shape;
    const unsigned sets = 1u << shape.sets_log2;
    mmu_report_figure_t *figure;
    mmu_report_table_t *table;

    figure = mmu_report_figure(
        v->section, MMU_FIGURE_BARS, "Pressure on the sets",
        mmu_report_format(v->report,
                          "LRU, %u sets x %u ways: the misses of each set. Peaks are pages that "
                          "meet in one set.",
                          sets, shape.ways));
    figure->x_label = "set";
    figure->y_label = "misses";
    table = mmu_report_table(figure, mmu_report_view_id(v, "sets", "counts"), "of each set", "set");
    mmu_report_column(table, "misses", 0);
    mmu_report_column(table, "accesses", 0);
    for (unsigned s = 0; s < sets; s++) {
        mmu_report_view_row(v, table, s);
        mmu_report_set(table, s, 0, (double)v->misses->set[s].misses);
        mmu_report_set(table, s, 1, (double)v->misses->set[s].accesses);
    }
}
