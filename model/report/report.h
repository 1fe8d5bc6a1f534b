/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a report is made of. Everything lives until the report is freed.
 *
 *     report ─→ sections (Summary; each trace; each stream of it)
 *                 ├ facts    "accesses", "8,000,000"
 *                 ├ words    sentences that say what the pictures show
 *                 └ figures  a picture, and its tables: the first is what is drawn
 */
#ifndef LOCKWALK_REPORT_REPORT_H
#define LOCKWALK_REPORT_REPORT_H

#include "lockwalk/mmu_report.h"
#include "lockwalk/mmu_run.h"
#include "lockwalk/mmu_trace.h"

#include <math.h>

/* How a figure's first table is drawn. */
typedef enum {
    MMU_FIGURE_TABLE, /* not at all: the table is the figure */
    MMU_FIGURE_LINES, /* a line a column over the rows' x */
    MMU_FIGURE_HEAT,  /* rows × columns, a colour a cell */
    MMU_FIGURE_BARS,  /* a bar a row (first column) */
    MMU_FIGURE_STACK, /* bars on top of each other, one a column */
    MMU_FIGURE_SCATTER /* a dot a row: first column across, second up; third: 1 on the front, fourth: 1 is a variant */
} mmu_figure_e;

typedef struct {
    const char *label;
    double x; /* where it stands on the x axis; NAN: nowhere */
    double *cell;
} mmu_report_row_t;

typedef struct {
    const char *label;
    uint8_t decimals;
} mmu_report_column_t;

typedef struct mmu_report_table {
    struct mmu_report_table *next; /* of the same figure */
    const char *id;                /* in the whole report, e.g. "cc1/data/4K/entries/misses" */
    const char *title;             /* what its numbers are, with the unit */
    const char *row_head;          /* what its rows are */
    mmu_report_column_t *column;
    mmu_report_row_t *row; /* a cell is NAN where there is no number */
    unsigned columns, rows, column_room, row_room;
    struct mmu_report *report;
} mmu_report_table_t;

typedef struct mmu_report_figure {
    struct mmu_report_figure *next;
    mmu_figure_e kind;
    const char *title, *note;      /* note: how to read it */
    const char *x_label, *y_label; /* of the axes, with units; of a heat map y is down */
    const char *value_label;       /* of a heat map: what the colour is */
    bool x_log, y_log, y_zero;     /* y_zero: the axis begins at 0 */
    bool steps;                    /* lines go up in steps, not straight */
    bool ordered;                  /* the columns are steps of one quantity */
    /* a cell of a heat map that is pointed out; NULL: none */
    const char *mark;
    unsigned mark_row, mark_column;
    mmu_report_table_t *tables;
    struct mmu_report *report;
} mmu_report_figure_t;

typedef struct mmu_report_line {
    struct mmu_report_line *next;
    const char *name; /* NULL: a sentence */
    const char *text;
} mmu_report_line_t;

typedef struct mmu_report_section {
    struct mmu_report_section *next;
    const char *title;
    unsigned level;                    /* of its heading: 2 a trace, 3 a part of it */
    const char *trace, *stream, *page; /* what the reader chooses it by; NULL: always there */
    mmu_report_line_t *facts, *words;
    mmu_report_figure_t *figures;
    struct mmu_report *report;
} mmu_report_section_t;

struct mmu_report {
    mmu_report_options_t opt;
    mmu_report_section_t *sections;
    mmu_report_section_t *summary;
    mmu_report_table_t *overview; /* of the summary: a row a trace */
    mmu_report_table_t *curves;   /* of the summary: a column a trace */
    mmu_report_figure_t *front_figure;
    mmu_report_table_t *front;             /* of the summary: all traces together */
    mmu_report_table_t *clocks;            /* of the summary: a column a trace */
    double *total_clocks, *total_accesses; /* by run; NAN where it failed on a trace */
    struct mmu_report_block *memory;
};

/* ---- building (report_build.c) -------------------------------------------------------------------------- */

void *mmu_report_alloc(mmu_report_t *report, size_t size); /* zeroed */
char *mmu_report_copy(mmu_report_t *report, const char *text);
char *mmu_report_format(mmu_report_t *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

mmu_report_section_t *mmu_report_section(mmu_report_t *report, unsigned level, const char *title);
void mmu_report_fact(mmu_report_section_t *section, const char *name, const char *text);
void mmu_report_word(mmu_report_section_t *section, const char *sentence);
mmu_report_figure_t *mmu_report_figure(mmu_report_section_t *section, mmu_figure_e kind, const char *title,
                                       const char *note);
mmu_report_table_t *mmu_report_table(mmu_report_figure_t *figure, const char *id, const char *title,
                                     const char *row_head);
/* Return the new one's number. */
unsigned mmu_report_column(mmu_report_table_t *table, const char *label, unsigned decimals);
unsigned mmu_report_row(mmu_report_table_t *table, const char *label, double x);
/* Rounds to the column's decimals. Cells that are never set are NAN. */
void mmu_report_set(mmu_report_table_t *table, unsigned row, unsigned column, double value);
/* One more table of the figure: each number of `of` times `factor`. Where it is to be drawn it must come first. */
mmu_report_table_t *mmu_report_scaled(mmu_report_figure_t *figure, const mmu_report_table_t *of,
                                      double factor, unsigned decimals, const char *id, const char *title);

/* ---- text (report_text.c) ------------------------------------------------------------------------------- */

#define MMU_REPORT_NUMBER 40
/* "1234.50" as in CSV, "1,234.50" as people read it; "" for NAN. */
const char *mmu_report_plain(double value, unsigned decimals, char text[MMU_REPORT_NUMBER]);
const char *mmu_report_grouped(double value, unsigned decimals, char text[MMU_REPORT_NUMBER]);
/* Text for HTML: < > & " ' are written as entities. */
void mmu_report_escape(const char *text, FILE *to);
/* A copy in which bytes that are no UTF-8 and control characters have become U+FFFD. */
char *mmu_report_utf8(mmu_report_t *report, const char *text);

/* ---- files (report_file.c) ------------------------------------------------------------------------------- */

/* Writes a file whole, or not at all: false, and err tells. */
bool mmu_report_file(const char *path, void (*write)(const void *what, FILE *to), const void *what, char *err,
                     size_t n);

/* ---- the page's data (report_json.c) -------------------------------------------------------------------- */

/* All figures and tables as JSON in which no "<" occurs, so that it may stand in a <script>. To be freed. */
char *mmu_report_json(const mmu_report_t *report);

/* ---- what is in it (report_sizing.c, report_views.c) ---------------------------------------------------- */

#define MMU_REPORT_SETS 10    /* 1 … 512 */
#define MMU_REPORT_WAYS 32    /* 1 … 32 */
#define MMU_REPORT_FULL 15    /* fully associative: 1, 2, 4 … 16384 entries */
#define MMU_REPORT_SET_WAYS 4 /* ways of the shapes in which policies and classes are compared */

#define MMU_REPORT_PHASES 4
extern const uint8_t mmu_report_phase_sets_log2[MMU_REPORT_PHASES]; /* the shapes that are followed in time */

/* The misses of one stream under one page size. */
typedef struct {
    uint64_t accesses;
    uint64_t grid[MMU_REPORT_SETS][MMU_REPORT_WAYS];      /* LRU; ways - 1 */
    mmu_sweep_classes_t classes[MMU_REPORT_SETS];         /* of LRU shapes of MMU_REPORT_SET_WAYS ways */
    uint64_t full[MMU_REPORT_FULL];                       /* LRU, fully associative */
    uint64_t policy[MMU_SWEEP_POLICIES][MMU_REPORT_SETS]; /* with MMU_REPORT_SET_WAYS ways; not of LRU */
    mmu_sweep_count_t *window[MMU_REPORT_PHASES];         /* in the course of time */
    size_t windows;
    mmu_sweep_count_t *set; /* by set, of options.shape */
} mmu_report_misses_t;

typedef struct {
    const char *name; /* of the trace, unique in the report */
    const char *path;
    const char *form; /* "plain, compression zstd" */
    mmu_trace_info_t info;
    uint64_t window; /* accesses of the trace in a window of time */
    mmu_report_misses_t misses[MMU_STREAMS][MMU_SWEEP_PAGES];
} mmu_report_sizing_t;

/* Reads the trace (sizing->path) and counts. False: err tells. */
bool mmu_report_size(mmu_report_t *report, mmu_report_sizing_t *sizing, char *err, size_t n);

/* The smallest LRU shape whose misses are within 5 % of the grid's best. */
void mmu_report_knee(const mmu_report_misses_t *misses, unsigned *sets_log2, unsigned *ways);

/* One run of the cycle model. */
typedef struct {
    const char *name;
    bool variant; /* of the first configuration */
    mmu_cfg_t cfg;
    const char *error; /* NULL: it ran to the end of the trace */
    mmu_env_stats_t counts;
    double translation; /* mean clocks, both ports */
    mmu_hist_t walk;    /* clocks of walks */
} mmu_report_run_t;

typedef struct {
    mmu_report_run_t *run; /* the configurations in their order, then the variants */
    unsigned runs;
} mmu_report_clocks_t;

/* Runs the cycle model on the trace, once a configuration and variant (report_runs.c). */
void mmu_report_run(mmu_report_t *report, const char *path, mmu_report_clocks_t *clocks);

/* The section of a trace's clocks (report_clocks.c). */
void mmu_report_clocks(mmu_report_t *report, const mmu_report_sizing_t *sizing,
                       const mmu_report_clocks_t *clocks);

/* Storage against clocks (report_front.c): the figure's first table, to which runs are added; then the front is marked
 * among them, and told in words. which: a sentence before the note, with a space behind it. */
mmu_report_table_t *mmu_report_front_figure(mmu_report_section_t *section, const char *id, const char *which);
unsigned mmu_report_front_row(mmu_report_table_t *table, const mmu_report_run_t *run);
void mmu_report_front_clocks(mmu_report_table_t *table, unsigned row, double clocks_per_access);
void mmu_report_mark_front(mmu_report_table_t *table, mmu_report_figure_t *figure);
void mmu_report_front_words(mmu_report_section_t *section, const mmu_report_table_t *table);

/* The first section (report_summary.c): once, then with each trace. */
void mmu_report_begin_summary(mmu_report_t *report);
void mmu_report_summarise(mmu_report_t *report, const mmu_report_sizing_t *sizing,
                          const mmu_report_clocks_t *clocks);

/* A trace's own section; those of its streams. */
void mmu_report_trace_section(mmu_report_t *report, const mmu_report_sizing_t *sizing);
void mmu_report_views(mmu_report_t *report, const mmu_report_sizing_t *sizing);

#endif
