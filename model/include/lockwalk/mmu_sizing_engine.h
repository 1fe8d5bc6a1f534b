/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The engines of a sweep (mmu_sizing.h): each counts the exact misses of some TLBs in one pass over a stream of pages.
 *
 *     trace ─→ mmu_pages (a page is a small number) ─→ blocks of ids ─┬─→ mmu_lru_grid   all sets × ways, LRU
 *                                                                     ├─→ mmu_stack      fully associative, LRU
 *                                                                     ├─→ mmu_shape      one shape, any policy
 *                                                                     ├─→ mmu_opt        all sets × ways, OPT
 *                                                                     └─→ mmu_tree       first levels × second levels
 *
 * Every engine is fed blocks, keeps its state between them, and may be asked at any time (OPT: at the end). A set is
 * chosen by the low bits of the page number, tags are whole, reads and writes count alike, a TLB starts empty and fills
 * its lowest empty way first. `clear` empties the TLBs, as a fence over everything does; counts go on.
 * An id that stands twice in a row hits the second time in every TLB and changes nothing in any, so a feeder may
 * leave it out (and count the access itself).
 *
 * Sources: Mattson et al., "Evaluation techniques for storage hierarchies", 1970; Hill and Smith, "Evaluating
 * associativity in CPU caches", 1989; Bennett and Kruskal, "LRU stack processing", 1975; Belady, "A study of replacement
 * algorithms for a virtual-storage computer", 1966.
 */
#ifndef LOCKWALK_MMU_SIZING_ENGINE_H
#define LOCKWALK_MMU_SIZING_ENGINE_H

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pages as small numbers --------------------------------------------------------------------------- */

/* A page of a stream: 0, 1, 2 … in the order of first use. */
typedef uint32_t mmu_page_id_t;

#define MMU_NO_PAGE UINT32_MAX
#define MMU_PAGES_NEAR 256u /* a power of two */

/* A page is known by a key (its number, or whatever tells pages apart) and by the process that it belongs to. */
typedef struct {
    uint64_t *key;     /* by id */
    uint16_t *process; /* by id */
    uint32_t *low;     /* by id: low bits of the page number, for set indices */
    uint32_t count;
    uint32_t room;
    uint32_t *table; /* a hash table of ids + 1; 0: free */
    uint32_t places; /* a power of two */
    uint16_t now;    /* the process that pages are entered for */
    uint64_t near_key
        [MMU_PAGES_NEAR]; /* a shortcut: the last pages of this process, by the low bits of their numbers */
    uint32_t near_id[MMU_PAGES_NEAR];
} mmu_pages_t;

/* False: no memory. */
bool mmu_pages_init(mmu_pages_t *pages);
void mmu_pages_free(mmu_pages_t *pages);

/* Pages asked for from now on are of this process (0 at first). */
void mmu_pages_process(mmu_pages_t *pages, uint16_t process);

/* Makes room for so many more pages: `low` does not move before they are entered. False: no memory. */
bool mmu_pages_reserve(mmu_pages_t *pages, uint32_t more);

/* The id of a page, a new one where it was never asked for. key < UINT64_MAX. MMU_NO_PAGE: no memory, or 2^31 pages. */
mmu_page_id_t mmu_pages_enter(mmu_pages_t *pages, uint64_t key, uint32_t low);

static inline mmu_page_id_t mmu_pages_id(mmu_pages_t *pages, uint64_t key, uint32_t low)
{
    const unsigned n = low & (MMU_PAGES_NEAR - 1);

    if (__builtin_expect(pages->near_key[n] == key, 1))
        return pages->near_id[n];
    return mmu_pages_enter(pages, key, low);
}

/* What engines are fed: n ids in the order of use. */
typedef struct {
    const mmu_page_id_t *id;
    size_t n;
    const uint32_t *low; /* by id */
    uint32_t pages;      /* every id is below */
} mmu_page_block_t;

static inline mmu_page_block_t mmu_pages_block(const mmu_pages_t *pages, const mmu_page_id_t *id, size_t n)
{
    const mmu_page_block_t block = {id, n, pages->low, pages->count};

    return block;
}

/* ---- LRU, all shapes at once -------------------------------------------------------------------------- */

#define MMU_GRID_WAYS 32   /* the most */
#define MMU_GRID_LEVELS 16 /* sets 1, 2 … 2^15 */

typedef struct mmu_lru_grid mmu_lru_grid_t;

/* Sets 2^first … 2^last. NULL: no memory. */
mmu_lru_grid_t *mmu_lru_grid_new(unsigned first, unsigned last);
void mmu_lru_grid_free(mmu_lru_grid_t *grid);

/* False: no memory (65,535 pages and more need wider rows). */
bool mmu_lru_grid_feed(mmu_lru_grid_t *grid, const mmu_page_block_t *block);
void mmu_lru_grid_clear(mmu_lru_grid_t *grid);

/* sets_log2 in first … last, ways in 1 … MMU_GRID_WAYS. */
uint64_t mmu_lru_grid_misses(const mmu_lru_grid_t *grid, unsigned sets_log2, unsigned ways);

/* For tests and benchmarks: without the machine's vector instructions. */
void mmu_lru_grid_portable(mmu_lru_grid_t *grid);

/* ---- LRU, fully associative, of any size -------------------------------------------------------------- */

typedef struct mmu_stack mmu_stack_t;

mmu_stack_t *mmu_stack_new(void);
void mmu_stack_free(mmu_stack_t *stack);
bool mmu_stack_feed(mmu_stack_t *stack, const mmu_page_block_t *block);
void mmu_stack_clear(mmu_stack_t *stack);
uint64_t mmu_stack_misses(const mmu_stack_t *stack, uint64_t entries);
/* First uses of a page, and first uses after a clear of pages used before: together the misses of a TLB of any size. */
uint64_t mmu_stack_cold(const mmu_stack_t *stack);
uint64_t mmu_stack_cleared(const mmu_stack_t *stack);

/* ---- OPT, all shapes at once ---------------------------------------------------------------------------- */

typedef struct mmu_opt mmu_opt_t;

/* These numbers of sets, each with 1 … ways ways. NULL: no memory. */
mmu_opt_t *mmu_opt_new(const uint8_t *sets_log2, unsigned sets, uint32_t ways);
void mmu_opt_free(mmu_opt_t *opt);
/* False: mmu_opt_error tells why. The stream goes to a temporary file. */
bool mmu_opt_feed(mmu_opt_t *opt, const mmu_page_block_t *block);
void mmu_opt_clear(mmu_opt_t *opt);
/* mmu_opt_finish will call `mark` when it has come to this place of the stream. */
bool mmu_opt_mark(mmu_opt_t *opt);
/* Once, at the end of the stream, before misses are asked for. low, by id, and pages as in the last block; `mark`
 * may ask for misses so far, and gives false where it had no memory. */
bool mmu_opt_finish(mmu_opt_t *opt, const uint32_t *low, uint32_t pages, bool (*mark)(void *user),
                    void *user);
uint64_t mmu_opt_misses(const mmu_opt_t *opt, unsigned sets_log2, uint32_t ways);
const char *mmu_opt_error(const mmu_opt_t *opt);

/* ---- one shape ---------------------------------------------------------------------------------------- */

typedef struct mmu_shape mmu_shape_t;

/* policy: mmu_policy_e, as REPL-2 … REPL-7 (LRU of any number of ways here; PLRU: a power of two).
 * sets_log2 < MMU_GRID_LEVELS, ways ≥ 1. NULL: no memory. */
mmu_shape_t *mmu_shape_new(unsigned sets_log2, unsigned ways, unsigned policy);
void mmu_shape_free(mmu_shape_t *shape);
/* missed: NULL, or room for n numbers: which of the ids missed, ascending; *misses (may be NULL) how many. */
bool mmu_shape_feed(mmu_shape_t *shape, const mmu_page_block_t *block, uint32_t *missed, size_t *misses);
/* Ways become invalid; replacement state stays as it is (REPL-4). */
void mmu_shape_clear(mmu_shape_t *shape);
uint64_t mmu_shape_misses(const mmu_shape_t *shape);

/* Counts by set from now on. False: no memory. */
bool mmu_shape_count_sets(mmu_shape_t *shape);
/* By set, 2^sets_log2 numbers: ids fed, and misses. */
const uint64_t *mmu_shape_set_accesses(const mmu_shape_t *shape);
const uint64_t *mmu_shape_set_misses(const mmu_shape_t *shape);

#ifdef __cplusplus
}
#endif
#endif
