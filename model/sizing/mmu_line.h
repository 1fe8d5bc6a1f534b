/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One stream of one page size in a sweep: accesses become a block of page ids; a full block goes to every engine of the
 * line, while the next one fills. Hierarchies are a line too, whose stream is split in two sides.
 */
#ifndef LOCKWALK_SIZING_MMU_LINE_H
#define LOCKWALK_SIZING_MMU_LINE_H

#include "lockwalk/mmu_sizing.h"
#include "lockwalk/mmu_sizing_engine.h"
#include "sizing/mmu_series.h"
#include "sizing/mmu_tree.h"

/* The stream of hierarchies: ids are packed, id · 2 + side (0 instruction, 1 data). */
#define MMU_LINE_SPLIT MMU_STREAMS

#define MMU_LINE_NO_KEY UINT64_MAX

/* An engine of any kind. */
typedef struct {
    void *self;
    bool (*feed)(void *self, const mmu_page_block_t *block); /* false: no memory */
    void (*clear)(void *self);
} mmu_engine_t;

/* One policy's shapes that need a run each: sets by number, ways by number. */
typedef struct {
    mmu_shape_t *shape[MMU_SWEEP_LEVELS][MMU_SWEEP_LIST]; /* NULL: grid or stack tells it, or nobody */
} mmu_line_shapes_t;

typedef struct {
    uint8_t stream; /* mmu_stream_e or MMU_LINE_SPLIT */
    uint8_t page_lg;
    bool keep_all; /* ids that stand twice in a row stay in the blocks: somebody counts them */
    bool avx2;     /* the machine has what mmu_line_take.c can use */
    const mmu_sweep_options_t *opt;

    /* the block that is being filled */
    mmu_pages_t pages;
    mmu_page_map_hint_t hint; /* of the page map */
    uint64_t before[2];       /* by side: key of the last access's page, or MMU_LINE_NO_KEY */
    mmu_page_id_t *id;
    size_t filled, room;
    uint64_t accesses[2]; /* by side; a line that is not split has one */

    /* the block that the engines are fed */
    mmu_page_id_t *fed_id;
    bool fed_clear; /* to be cleared before it */
    mmu_page_block_t fed;

    unsigned engines;
    mmu_engine_t *engine;
    mmu_lru_grid_t *grid; /* NULL: not needed; so below */
    mmu_stack_t *stack;
    mmu_opt_t *optimum;
    mmu_line_shapes_t *shapes[MMU_SWEEP_POLICIES];
    unsigned trees;
    unsigned tree_l1s; /* first levels in each tree; in the last perhaps fewer */
    mmu_tree_t *tree[MMU_SWEEP_LIST];

    mmu_series_t volume;                     /* one column: accesses */
    mmu_series_t series[MMU_SWEEP_POLICIES]; /* columns: misses of shapes, set by set */
} mmu_line_t;

/* False: no memory; mmu_line_free is good then too. */
bool mmu_line_begin(mmu_line_t *line, const mmu_sweep_options_t *opt, unsigned stream, unsigned page_lg);
void mmu_line_free(mmu_line_t *line);

/* Room for so many more ids, and for as many new pages. No engine may be at work. False: no memory. */
bool mmu_line_reserve(mmu_line_t *line, size_t more);
/* What was filled is what engines are fed next. No engine may be at work. False: no memory. */
bool mmu_line_turn(mmu_line_t *line, bool clear);

/* The next access is not the page before again, whatever its number: a flush, another process. */
static inline void mmu_line_forget(mmu_line_t *line)
{
    line->before[0] = line->before[1] = MMU_LINE_NO_KEY;
}

/* Ids for the accesses picked (NULL: all). There is room for n ids; where accesses that cross pages need more, `more`
 * is called first: it stops the engines and reserves. False: no memory, or more pages than ids. */
typedef bool mmu_line_more_fn(void *user, mmu_line_t *line, size_t more);
bool mmu_line_take(mmu_line_t *line, const mmu_access_t *access, const uint16_t *pick, size_t n,
                   mmu_line_more_fn *more, void *user);

/* How many of the first n accesses are of the first one's process; n >= 1. */
size_t mmu_line_same_process(const mmu_access_t *access, size_t n);

/* A window has ended. No engine may be at work. False: no memory. */
bool mmu_line_window(mmu_line_t *line);
/* The trace has ended; begun: in the middle of a window. False: no memory, or mmu_opt_error of `optimum` tells. */
bool mmu_line_finish(mmu_line_t *line, bool begun);

/* As mmu_sweep_results and mmu_sweep_levels, of this line. */
bool mmu_line_results(const mmu_line_t *line, void (*tell)(void *user, const mmu_sweep_result_t *result),
                      void *user);
void mmu_line_levels(const mmu_line_t *line, void (*tell)(void *user, const mmu_sweep_level_t *level),
                     void *user);

#endif
