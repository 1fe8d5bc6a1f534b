/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * TLB sizing: the exact misses of many shapes from one pass over a trace.
 *
 *     trace ─→ mmu_pages (a page is a small number) ─→ blocks of ids ─┬─→ mmu_lru_grid   all sets × ways, LRU
 *                                                                     ├─→ mmu_stack      fully associative, LRU
 *                                                                     └─→ mmu_shape      one shape, any policy
 *
 * Every engine is fed blocks and may be asked at any time. A set is chosen by the low bits of the page number,
 * tags are whole, reads and writes count alike, a TLB starts empty and fills its lowest empty way first.
 * Sources: Mattson et al., "Evaluation techniques for storage hierarchies", 1970; Hill and Smith, "Evaluating
 * associativity in CPU caches", 1989; Bennett and Kruskal, "LRU stack processing", 1975.
 */
#ifndef LOCKWALK_MMU_SIZING_H
#define LOCKWALK_MMU_SIZING_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pages as small numbers --------------------------------------------------------------------------- */

/* A page of a stream: 0, 1, 2 … in the order of first use. */
typedef uint32_t mmu_page_id_t;

typedef struct {
    uint64_t *page; /* by id: the page number */
    uint32_t *low;  /* by id: its low bits, for set indices */
    uint32_t count;
    uint32_t room;
    /* a hash table of ids, and a shortcut: the last page of each of a few stretches */
    uint32_t *table; /* id + 1; 0: free */
    uint32_t places; /* a power of two */
    uint64_t near_page[64];
    uint32_t near_id[64];
} mmu_pages_t;

/* False: no memory. */
bool mmu_pages_init(mmu_pages_t *pages);
void mmu_pages_free(mmu_pages_t *pages);

/* UINT32_MAX: no memory, or 2^32 - 2 pages. */
mmu_page_id_t mmu_pages_enter(mmu_pages_t *pages, uint64_t page);

static inline mmu_page_id_t mmu_pages_id(mmu_pages_t *pages, uint64_t page)
{
    const unsigned n = page & 63u;

    if (__builtin_expect(pages->near_page[n] == page, 1))
        return pages->near_id[n];
    return mmu_pages_enter(pages, page);
}

/* ---- LRU, all shapes at once -------------------------------------------------------------------------- */

#define MMU_GRID_WAYS 32   /* the most */
#define MMU_GRID_LEVELS 16 /* sets 1, 2 … 2^15 */

typedef struct mmu_lru_grid mmu_lru_grid_t;

/* Sets 2^first … 2^last. NULL: no memory. */
mmu_lru_grid_t *mmu_lru_grid_new(unsigned first, unsigned last);
void mmu_lru_grid_free(mmu_lru_grid_t *grid);

/* False: no memory (65,536 pages and more need wider rows). */
bool mmu_lru_grid_feed(mmu_lru_grid_t *grid, const mmu_pages_t *pages, const mmu_page_id_t *id, size_t n);

/* sets_log2 in first … last, ways in 1 … MMU_GRID_WAYS. */
uint64_t mmu_lru_grid_misses(const mmu_lru_grid_t *grid, unsigned sets_log2, unsigned ways);
uint64_t mmu_lru_grid_accesses(const mmu_lru_grid_t *grid);

/* For tests and benchmarks: without the machine's vector instructions. */
void mmu_lru_grid_portable(mmu_lru_grid_t *grid);

/* ---- LRU, fully associative, of any size -------------------------------------------------------------- */

typedef struct mmu_stack mmu_stack_t;

mmu_stack_t *mmu_stack_new(void);
void mmu_stack_free(mmu_stack_t *stack);
bool mmu_stack_feed(mmu_stack_t *stack, const mmu_page_id_t *id, size_t n);
uint64_t mmu_stack_misses(const mmu_stack_t *stack, uint64_t entries);
uint64_t mmu_stack_accesses(const mmu_stack_t *stack);
/* First uses: the misses of a TLB of any size. */
uint64_t mmu_stack_cold(const mmu_stack_t *stack);

/* ---- one shape ---------------------------------------------------------------------------------------- */

typedef struct mmu_shape mmu_shape_t;

/* policy: mmu_policy_e, as REPL-2 … REPL-7 (LRU of any number of ways here; PLRU: a power of two).
 * sets_log2 < MMU_GRID_LEVELS, ways ≥ 1. NULL: no memory. */
mmu_shape_t *mmu_shape_new(unsigned sets_log2, unsigned ways, unsigned policy);
void mmu_shape_free(mmu_shape_t *shape);
/* missed: NULL, or room for n numbers: which of the ids missed, ascending; *misses (may be NULL) how many. */
bool mmu_shape_feed(mmu_shape_t *shape, const mmu_pages_t *pages, const mmu_page_id_t *id, size_t n,
                    uint32_t *missed, size_t *misses);
uint64_t mmu_shape_misses(const mmu_shape_t *shape);
uint64_t mmu_shape_accesses(const mmu_shape_t *shape);

/* ---- names, as commands and results write them ---------------------------------------------------------- */

const char *mmu_sweep_stream_name(unsigned stream); /* mmu_stream_e: "unified", "data", "fetch" */
const char *
mmu_sweep_policy_name(unsigned policy); /* mmu_policy_e: "lru", "fifo" ..., as configurations do */
const char *mmu_sweep_page_name(unsigned lg, char text[16]); /* 12: "4K" */

/* ---- a sweep: everything that was asked for, in one pass ---------------------------------------------- */

typedef enum { MMU_STREAM_UNIFIED = 0, MMU_STREAM_DATA = 1, MMU_STREAM_FETCH = 2, MMU_STREAMS } mmu_stream_e;

typedef struct {
    uint8_t sets_log2;
    uint32_t ways;
} mmu_sweep_shape_t;

#define MMU_SWEEP_PAGES 8
#define MMU_SWEEP_LIST 64

typedef struct {
    bool stream[MMU_STREAMS];
    unsigned pages;
    uint8_t page_lg[MMU_SWEEP_PAGES];
    bool policy[MMU_POLICY_RANDOM + 1];
    /* every number of sets with every number of ways; PLRU skips ways that are no power of two */
    unsigned sets;
    uint8_t sets_log2[MMU_GRID_LEVELS];
    unsigned ways;
    uint32_t way[MMU_SWEEP_LIST];
    bool classes; /* tell compulsory, capacity and conflict misses */
    /* hierarchies: every first level (l1i[n] with l1d[n]) under every second level, LRU; none: no hierarchy */
    unsigned l1s, l2s;
    mmu_sweep_shape_t l1i[MMU_SWEEP_LIST], l1d[MMU_SWEEP_LIST], l2[MMU_SWEEP_LIST * 8];
} mmu_sweep_options_t;

typedef struct mmu_sweep mmu_sweep_t;

/* NULL: no memory. */
mmu_sweep_t *mmu_sweep_new(const mmu_sweep_options_t *options);
void mmu_sweep_free(mmu_sweep_t *sweep);

/* An access of `size` bytes; where it crosses a page it counts once a page, the lower first. False: no memory. */
bool mmu_sweep_access(mmu_sweep_t *sweep, uint64_t va, uint32_t size, unsigned acc);
/* To be called before results are asked for. */
bool mmu_sweep_flush(mmu_sweep_t *sweep);

typedef struct {
    uint8_t stream, page_lg, policy, sets_log2;
    uint32_t ways;
    uint64_t accesses, misses;
    uint64_t compulsory, capacity; /* with options.classes; the rest are conflicts (never fewer than none) */
} mmu_sweep_result_t;

/* Calls `tell` for each shape: streams, page sizes, policies, sets, ways, in this order. */
void mmu_sweep_results(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_result_t *result),
                       void *user);

typedef struct {
    uint8_t page_lg;
    uint8_t level; /* 0: L1 instruction, 1: L1 data, 2: L2 */
    unsigned l1;   /* which first level */
    mmu_sweep_shape_t shape;
    uint64_t accesses, misses;
} mmu_sweep_level_t;

void mmu_sweep_levels(const mmu_sweep_t *sweep, void (*tell)(void *user, const mmu_sweep_level_t *level),
                      void *user);

#ifdef __cplusplus
}
#endif
#endif
