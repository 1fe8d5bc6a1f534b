/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * TLB sizing: the exact misses of many shapes from one pass over a trace.
 *
 *     mmu_sweep_t *sweep = mmu_sweep_new(&options);      what is wanted
 *     mmu_sweep_feed(sweep, accesses, n);                blocks of the trace, in order, as often as there are some
 *     mmu_sweep_finish(sweep);                           once, at the end
 *     mmu_sweep_results(sweep, tell, user);              each shape; mmu_sweep_levels: each level of hierarchies
 *
 * The model: a set is chosen by the low bits of the page number, tags are whole, reads and writes count alike, a TLB
 * starts empty and fills its lowest empty way first; an access that crosses a page counts once a page, the lower first.
 * How each policy is counted, and from which papers: mmu_sizing_engine.h.
 */
#ifndef LOCKWALK_MMU_SIZING_H
#define LOCKWALK_MMU_SIZING_H

#include "lockwalk/mmu_page_map.h"
#include "lockwalk/mmu_trace.h"
#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what is wanted ------------------------------------------------------------------------------------ */

typedef enum { MMU_STREAM_UNIFIED = 0, MMU_STREAM_DATA = 1, MMU_STREAM_FETCH = 2, MMU_STREAMS } mmu_stream_e;

/* Policies of a sweep: those of mmu_policy_e, and the bound that none of them can pass (Belady's MIN: the page that is
 * used again last leaves; every miss fills). */
#define MMU_SWEEP_OPT (MMU_POLICY_RANDOM + 1)
#define MMU_SWEEP_POLICIES (MMU_SWEEP_OPT + 1)

#define MMU_SWEEP_LEVELS 16 /* sets 1, 2 … 2^15 */
#define MMU_SWEEP_PAGES 8   /* page sizes at once */
#define MMU_SWEEP_LIST 64   /* numbers of ways, first levels */
#define MMU_SWEEP_L2S 512   /* second levels */
#define MMU_SWEEP_MOST_WAYS 65536u

/* A "page size": each address in a page of the size that the page map says. An entry covers its own page, and its set is
 * chosen by the number of the page in its own size. */
#define MMU_SWEEP_MAP 0

typedef struct {
    uint8_t sets_log2; /* < MMU_SWEEP_LEVELS */
    uint32_t ways;     /* 1 … MMU_SWEEP_MOST_WAYS */
} mmu_sweep_shape_t;

typedef struct {
    bool stream[MMU_STREAMS];
    unsigned pages; /* page sizes, each a sweep of its own */
    uint8_t page_lg[MMU_SWEEP_PAGES];
    const mmu_page_map_t
        *page_map; /* for MMU_SWEEP_MAP; NULL: all pages have 4 KiB. Lives as long as the sweep */
    bool policy[MMU_SWEEP_POLICIES];
    /* every number of sets with every number of ways; PLRU skips ways that are no power of two */
    unsigned sets;
    uint8_t sets_log2[MMU_SWEEP_LEVELS];
    unsigned ways;
    uint32_t way[MMU_SWEEP_LIST];
    bool classes; /* tell compulsory, flushed, capacity and conflict misses apart */
    bool per_set; /* count by set: a run for each shape (not of OPT) */
    /* Phases: counts of each `window` accesses of the trace (0: none). Where more than most_windows (0: no limit)
     * would come together, neighbours become one and the window doubles: mmu_sweep_window tells what it became. */
    uint64_t window;
    uint32_t most_windows;
    /* Pages of different processes are different pages, always. Without ASIDs a change of process empties the TLBs
     * as well. flush_every (0: never) empties them before each access of the trace whose number, from 0, is a
     * multiple of it, but the first: a context switch without ASIDs in a trace of one process. */
    bool no_asid;
    uint64_t flush_every;
    /* hierarchies: every first level (l1i[n] with l1d[n]) under every second level, LRU; none: no hierarchy */
    unsigned l1s, l2s;
    mmu_sweep_shape_t l1i[MMU_SWEEP_LIST], l1d[MMU_SWEEP_LIST], l2[MMU_SWEEP_L2S];
    unsigned jobs; /* threads, 0 and 1: none but the caller's. Results do not depend on it */
} mmu_sweep_options_t;

/* ---- the run ------------------------------------------------------------------------------------------- */

typedef struct mmu_sweep mmu_sweep_t;

/* The options are copied. NULL: no memory. */
mmu_sweep_t *mmu_sweep_new(const mmu_sweep_options_t *options);
void mmu_sweep_free(mmu_sweep_t *sweep);

/* The next n accesses. False: mmu_sweep_error tells why; the sweep is of no more use. */
bool mmu_sweep_feed(mmu_sweep_t *sweep, const mmu_access_t *access, size_t n);
/* After the last access, before results are asked for. */
bool mmu_sweep_finish(mmu_sweep_t *sweep);
const char *mmu_sweep_error(const mmu_sweep_t *sweep);

/* ---- results ------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t accesses, misses;
} mmu_sweep_count_t;

typedef struct {
    uint8_t stream, page_lg, policy, sets_log2;
    uint32_t ways;
    uint64_t accesses, misses;
    /* With options.classes: first uses of a page; first uses after a flush of pages used before; those that a fully
     * associative LRU TLB of as many entries has beyond these. What is left of `misses` is conflict; other policies
     * than LRU may have fewer misses than the first three together: see mmu_sweep_classes. */
    uint64_t compulsory, flushed, capacity;
    /* With options.window: each window; good during the call. The last may be shorter. */
    const mmu_sweep_count_t *window;
    size_t windows;
    /* With options.per_set, 2^sets_log2 of them (NULL for OPT); good during the call. */
    const mmu_sweep_count_t *set;
} mmu_sweep_result_t;

/* Calls `tell` for each shape: streams, page sizes, policies, sets, ways, in this order. False: no memory. */
bool mmu_sweep_results(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_result_t *result),
                       void *user);

typedef struct {
    uint64_t compulsory, flushed, capacity, conflict;
} mmu_sweep_classes_t;

/* The misses of a result as a sum: capacity is cut where the policy had fewer misses than LRU's full associativity. */
mmu_sweep_classes_t mmu_sweep_classes(const mmu_sweep_result_t *result);

/* Accesses of the trace in each window. */
uint64_t mmu_sweep_window(const mmu_sweep_t *sweep);

typedef struct {
    uint8_t page_lg;
    uint8_t level; /* 0: L1 instruction, 1: L1 data, 2: L2 */
    unsigned l1;   /* which first level */
    mmu_sweep_shape_t shape;
    uint64_t accesses, misses;
} mmu_sweep_level_t;

/* Calls `tell` for each page size, each first level: its two halves, then each second level behind it. */
void mmu_sweep_levels(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_level_t *level),
                      void *user);

/* ---- names, as commands and results write them ---------------------------------------------------------- */

const char *mmu_sweep_stream_name(unsigned stream); /* mmu_stream_e: "unified", "data", "fetch" */
const char *mmu_sweep_policy_name(unsigned policy); /* "lru", "fifo" …, as configurations do; "opt" */
const char *mmu_sweep_page_name(unsigned lg, char text[16]); /* 12: "4K"; MMU_SWEEP_MAP: "map" */

#ifdef __cplusplus
}
#endif
#endif
