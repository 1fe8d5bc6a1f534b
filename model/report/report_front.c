/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Storage against clocks: the picture of MMUs in which the Pareto front is marked.
 */
#include "report/report.h"

#include "lockwalk/mmu_area.h"

static uint64_t bits_of(const mmu_report_run_t *run)
{
    mmu_area_t area;

    mmu_area_of(&run->cfg, NULL, &area);
    return area.flops + area.memory;
}

enum { BITS, LOST, FRONT, VARIANT, CLOCKS };

mmu_report_table_t *mmu_report_front_figure(mmu_report_section_t *section, const char *id, const char *which)
{
    mmu_report_figure_t *figure = mmu_report_figure(
        section, MMU_FIGURE_SCATTER, "Storage against clocks",
        mmu_report_format(section->report,
                          "%sDown and to the left is better. What is on the dashed front cannot be had "
                          "smaller and faster at once. Lost are the clocks beyond one an access.",
                          which));
    mmu_report_table_t *table = mmu_report_table(figure, id, "storage and clocks", "MMU");

    figure->x_label = "storage of the whole MMU, bits";
    figure->y_label = "clocks lost per 1000 accesses";
    figure->x_log = figure->y_log = true;
    mmu_report_column(table, "storage bits", 0);
    mmu_report_column(table, "clocks lost per 1000 accesses", 3);
    mmu_report_column(table, "on the front: 1", 0);
    mmu_report_column(table, "a variant: 1", 0);
    mmu_report_column(table, "clocks per access", 6);
    return table;
}

unsigned mmu_report_front_row(mmu_report_table_t *table, const mmu_report_run_t *run)
{
    const unsigned row = mmu_report_row(table, run->name, NAN);

    mmu_report_set(table, row, BITS, (double)bits_of(run));
    mmu_report_set(table, row, VARIANT, run->variant ? 1 : 0);
    return row;
}

/* Lost: beyond one clock an access. */
void mmu_report_front_clocks(mmu_report_table_t *table, unsigned row, double clocks_per_access)
{
    table->row[row].cell[LOST] = table->row[row].cell[CLOCKS] = NAN;
    mmu_report_set(table, row, CLOCKS, clocks_per_access);
    mmu_report_set(table, row, LOST, 1000 * (clocks_per_access - 1));
}

static bool beats(const mmu_report_row_t *a, const mmu_report_row_t *b)
{
    return a->cell[BITS] <= b->cell[BITS] && a->cell[LOST] <= b->cell[LOST] &&
           (a->cell[BITS] < b->cell[BITS] || a->cell[LOST] < b->cell[LOST]);
}

/* Marks the rows that no other row beats. An axis of losses is logarithmic where all are above 0. */
void mmu_report_mark_front(mmu_report_table_t *table, mmu_report_figure_t *figure)
{
    for (unsigned r = 0; r < table->rows; r++) {
        bool front = isfinite(table->row[r].cell[LOST]);

        for (unsigned other = 0; other < table->rows && front; other++)
            front = !beats(&table->row[other], &table->row[r]);
        mmu_report_set(table, r, FRONT, front ? 1 : 0);
        figure->y_log = figure->y_log && !(table->row[r].cell[LOST] <= 0);
    }
}

/* The smallest that is within 1 % of the fastest. */
void mmu_report_front_words(mmu_report_section_t *section, const mmu_report_table_t *t)
{
    mmu_report_t *report = section->report;
    const mmu_report_row_t *fastest = NULL, *smallest = NULL;
    char a[MMU_REPORT_NUMBER], b[MMU_REPORT_NUMBER];

    for (unsigned r = 0; r < t->rows; r++)
        if (fastest == NULL || t->row[r].cell[CLOCKS] < fastest->cell[CLOCKS])
            fastest = &t->row[r];
    for (unsigned r = 0; r < t->rows; r++)
        if (t->row[r].cell[CLOCKS] <= 1.01 * fastest->cell[CLOCKS] &&
            (smallest == NULL || t->row[r].cell[BITS] < smallest->cell[BITS]))
            smallest = &t->row[r];
    if (smallest == NULL)
        return;
    mmu_report_word(section,
                    mmu_report_format(report, "The fastest is %s: %.4f clocks an access with %s bits.",
                                      fastest->label, fastest->cell[CLOCKS],
                                      mmu_report_grouped(fastest->cell[BITS], 0, a)));
    if (smallest != fastest)
        mmu_report_word(
            section,
            mmu_report_format(report,
                              "The smallest within 1 %% of it is %s: %.4f clocks with %s bits, %.0f %% of "
                              "the fastest's.",
                              smallest->label, smallest->cell[CLOCKS],
                              mmu_report_grouped(smallest->cell[BITS], 0, b),
                              100 * smallest->cell[BITS] / fastest->cell[BITS]));
}
