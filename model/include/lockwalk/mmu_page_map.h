/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Which addresses of a trace are in large pages: a list of regions, one a line.
 *
 *     # FIRST-LAST SIZE [process N]       hexadecimal, both included; what is after # is a comment
 *     400000-7fffff 2M
 *     40000000-7fffffff 1G process 1
 *
 * A region holds whole pages: FIRST and LAST + 1 are multiples of SIZE, a power of two from 512 to 512G.
 * Without `process` it is every process's. No address of a process is in two regions; one in none is in a page of
 * 4 KiB. A map does not change once it is loaded.
 */
#ifndef LOCKWALK_MMU_PAGE_MAP_H
#define LOCKWALK_MMU_PAGE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_PAGE_MAP_DEFAULT_LG 12u

typedef struct mmu_page_map mmu_page_map_t;

/* From a file ("-": standard input). NULL and a sentence in err (with file and line) when it is not good. */
mmu_page_map_t *mmu_page_map_load(const char *path, char *err, size_t n);
/* From n_text bytes of text; name stands for the file in messages. */
mmu_page_map_t *mmu_page_map_parse(const char *text, size_t n_text, const char *name, char *err, size_t n);
/* NULL is fine. */
void mmu_page_map_free(mmu_page_map_t *map);

/* The map as text, regions in order; the caller frees it. NULL: no memory. */
char *mmu_page_map_text(const mmu_page_map_t *map);
size_t mmu_page_map_regions(const mmu_page_map_t *map);

/* log2 of the size of the page that holds va. */
unsigned mmu_page_map_lg(const mmu_page_map_t *map, uint16_t process, uint64_t va);

/* The same for a stream of accesses, whose neighbours are mostly in one region. The caller owns a hint, all zero at
 * first; map may be NULL, then every page has 4 KiB. */
typedef struct {
    uint64_t first, span; /* va - first <= span: in the region, or gap, that was found last */
    uint16_t process;
    uint8_t lg; /* 0: nothing was found yet */
} mmu_page_map_hint_t;

unsigned mmu_page_map_find(const mmu_page_map_t *map, mmu_page_map_hint_t *hint, uint16_t process,
                           uint64_t va);

static inline unsigned mmu_page_map_lg_hint(const mmu_page_map_t *map, mmu_page_map_hint_t *hint,
                                            uint16_t process, uint64_t va)
{
    if (va - hint->first <= hint->span && process == hint->process && hint->lg != 0)
        return hint->lg;
    return mmu_page_map_find(map, hint, process, va);
}

#ifdef __cplusplus
}
#endif
#endif
