/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A report on traces: what TLBs of many shapes would have done with each of them, as pictures with the tables behind
 * them.
 *
 *     trace ─→ sizing, cycle model ─→ sections ─→ figures ─→ tables ─┬─→ mmu_report_html     one page, works offline
 *                                                                    ├─→ mmu_report_csv      every number of the page
 *                                                                    └─→ mmu_report_gnuplot  data files and a script
 *
 * Every picture is drawn from the table behind it, and all writers write the same tables: a number is rounded once,
 * where it is put into its table.
 */
#ifndef LOCKWALK_MMU_REPORT_H
#define LOCKWALK_MMU_REPORT_H

#include "lockwalk/mmu_env.h"
#include "lockwalk/mmu_sizing.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mmu_report mmu_report_t;

/* An MMU whose clocks are counted. */
typedef struct {
    char name[64];
    mmu_cfg_t cfg; /* has passed mmu_cfg_check */
} mmu_report_config_t;

typedef struct {
    const char *title;   /* of the page */
    const char *command; /* the command line that made it */
    const char *version; /* of Lockwalk */
    int64_t time;        /* when it was made: seconds since 1970, UTC */
    bool stream[MMU_STREAMS];
    unsigned pages;
    uint8_t page_lg[MMU_SWEEP_PAGES];
    bool policy[MMU_SWEEP_POLICIES]; /* which are compared; LRU is always drawn */
    mmu_sweep_shape_t shape;         /* the LRU shape whose phases and sets are shown */
    unsigned windows; /* of time: at most so many, at least half as many where the trace is long enough */
    /* The cycle model runs these on each trace; the first also in variants, with smaller and larger TLBs. */
    const mmu_report_config_t *config;
    unsigned configs;      /* 0: no clocks are told */
    bool variants;         /* of the first */
    mmu_env_options_t env; /* memory and operating system of these runs; the trace is filled in */
    unsigned jobs;         /* threads */
    /* Called now and then with what is being done; may be NULL. millions: of accesses done, 0 where it has no meaning. */
    void (*progress)(void *user, const char *trace, const char *doing, uint64_t millions);
    void *user;
} mmu_report_options_t;

/* The strings are copied. The library ends the program (abort) where there is no memory for a table. */
mmu_report_t *mmu_report_new(const mmu_report_options_t *options);
void mmu_report_free(mmu_report_t *report);

/* Adds a trace: reads the file more than once, so it cannot be standard input. False: err holds a sentence. */
bool mmu_report_trace(mmu_report_t *report, const char *path, char *err, size_t n);

/* ---- writers ------------------------------------------------------------------------------------------- */

/* Whether writing worked is the stream's to tell (ferror). */
typedef void mmu_report_writer_t(const mmu_report_t *report, FILE *to);
mmu_report_writer_t mmu_report_html;
mmu_report_writer_t mmu_report_csv; /* columns: table,row,column,value */

/* Writes into FILE.part, then moves it to its place. False: nothing was written, err tells why. */
bool mmu_report_save(const mmu_report_t *report, mmu_report_writer_t *writer, const char *path, char *err,
                     size_t n);

/* Writes a data file for each table and report.gp, which draws them, into a folder (made where it does not exist).
 * False: err tells. */
bool mmu_report_gnuplot(mmu_report_t *report, const char *folder, char *err, size_t n);

#ifdef __cplusplus
}
#endif
#endif
