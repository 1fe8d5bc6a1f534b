/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What `lockwalk sweep` prints: tables for people, CSV, JSON.
 */
#ifndef LOCKWALK_CLI_SWEEP_OUT_H
#define LOCKWALK_CLI_SWEEP_OUT_H

#include "lockwalk/mmu_sizing.h"

#include <jansson.h>
#include <stdio.h>

/* What stands in the cells of a table. */
typedef enum { SWEEP_SHOW_MISSES = 0, SWEEP_SHOW_MPKI = 1, SWEEP_SHOW_RATIO = 2 } mmu_sweep_show_e;

typedef struct {
    const mmu_sweep_options_t *opt;
    mmu_sweep_show_e show;
    bool table;   /* print tables */
    FILE *csv;    /* NULL: none */
    json_t *json; /* NULL: none; a list of results */
    /* the trace that is being told */
    const char *trace;     /* its name in results */
    uint64_t instructions; /* its fetches */
    uint64_t window;       /* accesses in each */
    /* the table that is being printed */
    mmu_sweep_result_t last;
    unsigned cells;
} mmu_sweep_out_t;

void mmu_sweep_out_csv_head(const mmu_sweep_out_t *out);
/* All that a sweep has counted of out->trace. False: no memory. */
bool mmu_sweep_out_trace(mmu_sweep_out_t *out, const mmu_sweep_t *sweep);

#endif
