/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the pictures of one stream of a trace are made with.
 */
#ifndef LOCKWALK_REPORT_REPORT_VIEW_H
#define LOCKWALK_REPORT_REPORT_VIEW_H

#include "report/report.h"

/* What misses are told per: instructions, or, of a trace without fetches, accesses. */
typedef struct {
    mmu_report_t *report;
    const mmu_report_sizing_t *sizing;
    const mmu_report_misses_t *misses;
    mmu_report_section_t *section;
    uint8_t page_lg;
    const char *prefix; /* of table ids: "cc1/data/4K" */
    const char *rate;   /* "misses per 1000 instructions" */
    double factor;      /* from misses to that */
} mmu_report_view_t;

/* "cc1/data/4K/figure/table" */
const char *mmu_report_view_id(const mmu_report_view_t *v, const char *figure, const char *table);
/* A row that is known by a number. */
unsigned mmu_report_view_row(const mmu_report_view_t *v, mmu_report_table_t *table, uint64_t n);
/* Puts a table of rates, which is drawn, before a figure's only table, of misses. */
void mmu_report_view_rates(const mmu_report_view_t *v, mmu_report_figure_t *figure, const char *name);

/* Each adds one figure (report_close.c). */
void mmu_report_by_policy(const mmu_report_view_t *v);
void mmu_report_by_class(const mmu_report_view_t *v);
void mmu_report_by_time(const mmu_report_view_t *v);
void mmu_report_by_set(const mmu_report_view_t *v);

#endif
