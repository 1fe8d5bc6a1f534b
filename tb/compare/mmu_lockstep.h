/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The lockstep: a cycle model beside somebody else's MMU of the same shape (RTL), compared in every clock.
 * It knows no simulator: a bench hands over the words of each clock (mmu_words.h).
 *
 *     mmu_lockstep_t *ls = mmu_lockstep_create(&cfg, whitebox);
 *     for each clock:
 *         mmu_lockstep_slow(ls, &slow);              before the clock, when the slow registers change
 *         if (!mmu_lockstep_clock(ls, words, rst_n)) stop: mmu_lockstep_mismatch(ls) says what differs
 *     white-box, for each array and clock, before or after the clock's call:
 *         mmu_lockstep_write, mmu_lockstep_row       phase: the clock's number modulo 2, clocks in reset too
 *     at the end, white-box or after a mismatch:
 *         mmu_lockstep_sweep                         every row of every array
 *         mmu_lockstep_finish                        what is still to be compared, and the verdict
 *
 * Clocks are numbered from 0, the first clock that is not in reset; clocks in reset have no number and are not
 * compared. Nothing is allocated after creation, nothing is global.
 */
#ifndef LOCKWALK_COMPARE_MMU_LOCKSTEP_H
#define LOCKWALK_COMPARE_MMU_LOCKSTEP_H

#include "compare/mmu_track.h"
#include "lockwalk/mmu_pmp.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_DIFF_NONE = 0,
    MMU_DIFF_OUTPUT = 1, /* an output differs */
    MMU_DIFF_SLOW = 2, /* REQ-9: the slow registers changed, or PMP was written, while the MMU was not idle */
    MMU_DIFF_WRITE = 3,     /* white-box: the write port of an array */
    MMU_DIFF_ROW = 4,       /* white-box: a row of an array */
    MMU_DIFF_FINAL_ROW = 5, /* the same, in the sweep at the end */
    MMU_DIFF_UNSEEN = 6,    /* white-box: an array of the model that nothing was heard of */
    MMU_DIFF_NOTHING = 7    /* not one clock was compared */
} mmu_diff_e;

/* A row as one side has it, or would write it. */
typedef struct {
    bool valid;      /* write port: enable */
    uint32_t row_no; /* set * ways + way */
    uint32_t vm;     /* KEY-5 */
    uint64_t key, mask, data;
} mmu_row_sample_t;

typedef struct {
    mmu_diff_e kind;
    uint64_t clock;
    unsigned field;                   /* MMU_DIFF_OUTPUT: the first in mmu_fields that differs */
    uint64_t words[MMU_WORDS];        /* MMU_DIFF_OUTPUT: inputs and RTL's outputs */
    uint64_t model[MMU_WORDS];        /* inputs and the model's outputs */
    uint64_t slow_before, slow_after; /* MMU_DIFF_SLOW: where they differ, else it was a write of PMP */
    unsigned array_id;                /* of a row or write port */
    mmu_row_sample_t rtl_row, model_row;
} mmu_mismatch_t;

typedef struct {
    uint64_t clocks;      /* compared */
    uint64_t comparisons; /* of output fields */
    uint64_t rows;        /* white-box: rows and write ports compared, the last sweep included */
    uint64_t final_rows;  /* of these in the sweep at the end */
} mmu_lockstep_counts_t;

typedef struct mmu_lockstep mmu_lockstep_t;

/* cfg has passed mmu_cfg_check. NULL when the host has no memory left. */
mmu_lockstep_t *mmu_lockstep_create(const mmu_cfg_t *cfg, bool whitebox);
void mmu_lockstep_destroy(mmu_lockstep_t *ls);

/* The slow registers from the coming clock on. After a clock in which pmp.valid was 1 it is to be called again. */
void mmu_lockstep_slow(mmu_lockstep_t *ls, const mmu_slow_in_t *slow);

/* False: stop. Later calls do nothing and return false. */
bool mmu_lockstep_clock(mmu_lockstep_t *ls, const uint64_t words[MMU_WORDS], bool rst_n);

/* For waves: asks the model for its outputs in the clock that has just begun, with these inputs, before that clock's
 * own call. It must come after all of the clock before, its probes included. */
void mmu_lockstep_preview(mmu_lockstep_t *ls, const mmu_in_t *in);
/* The model's outputs as it was asked for them last. */
const mmu_out_t *mmu_lockstep_outputs(const mmu_lockstep_t *ls);

/* The write port of an array in a clock in which it writes; array numbers as in mmu.h. */
void mmu_lockstep_write(mmu_lockstep_t *ls, unsigned array_id, bool phase, const mmu_row_sample_t *row);
/* One row of it as it is in this clock. */
void mmu_lockstep_row(mmu_lockstep_t *ls, unsigned array_id, bool phase, const mmu_row_sample_t *row);

bool mmu_lockstep_wants_sweep(const mmu_lockstep_t *ls);
/* A row after the last clock. After a mismatch it is kept for the report, else compared. */
void mmu_lockstep_sweep(mmu_lockstep_t *ls, unsigned array_id, const mmu_row_sample_t *row);

/* True where everything agreed and something was compared. After a mismatch it takes the model over the clock edges
 * that the MMU has passed meanwhile, so that its arrays and those of the sweep are of the same time. Calling it again
 * changes nothing. */
bool mmu_lockstep_finish(mmu_lockstep_t *ls);

/* ---- for reports ----------------------------------------------------------------------------------------- */

const mmu_mismatch_t *mmu_lockstep_mismatch(const mmu_lockstep_t *ls);
const mmu_lockstep_counts_t *mmu_lockstep_counts(const mmu_lockstep_t *ls);
const mmu_cfg_t *mmu_lockstep_cfg(const mmu_lockstep_t *ls);
const mmu_track_t *mmu_lockstep_track(const mmu_lockstep_t *ls);
const mmu_t *mmu_lockstep_model(const mmu_lockstep_t *ls);
/* The walk slot in the clock of a mismatch of outputs, before its edge; only then. */
const mmu_walk_view_t *mmu_lockstep_walk_view(const mmu_lockstep_t *ls, unsigned slot);
const mmu_slow_t *mmu_lockstep_slow_now(const mmu_lockstep_t *ls);
const mmu_pmp_file_t *mmu_lockstep_pmp(const mmu_lockstep_t *ls);
bool mmu_lockstep_whitebox(const mmu_lockstep_t *ls);
/* Clocks that had a number so far; the last one is this minus 1. */
uint64_t mmu_lockstep_clock_count(const mmu_lockstep_t *ls);

/* Sets (log2) and ways of an array of this shape; ways 0: it is not there. */
typedef struct {
    unsigned sets_log2, ways;
} mmu_array_shape_t;
mmu_array_shape_t mmu_array_shape(const mmu_cfg_t *cfg, unsigned array_id);
/* For people, e.g. "data L1 TLB, array 0" and "walk cache of level 1". */
void mmu_array_title(unsigned array_id, char *text, size_t size);

/* RTL's row, where the sweep after a mismatch has brought it. */
bool mmu_lockstep_rtl_row(const mmu_lockstep_t *ls, unsigned array_id, unsigned row_no,
                          mmu_row_sample_t *row);

#ifdef __cplusplus
}
#endif
#endif
