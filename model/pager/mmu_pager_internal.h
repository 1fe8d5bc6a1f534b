/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the pager share.
 *
 *     mmu_pager.c         life, the list of pages, serving a fault
 *     mmu_pager_frames.c  frames and room for tables
 *     mmu_pager_fold.c    addresses of a trace to those that the format has
 *     mmu_pager_riscv.c, mmu_pager_x86.c, mmu_pager_classic.c   tables
 */
#ifndef LOCKWALK_PAGER_MMU_PAGER_INTERNAL_H
#define LOCKWALK_PAGER_MMU_PAGER_INTERNAL_H

#include "lockwalk/mmu_pager.h"

#define NO_FRAME UINT64_MAX
#define ZONES 3u

/* RAM is cut into a zone a page size; each hands out its frames once, in a scattered order. */
typedef struct {
    uint64_t base;   /* bytes */
    uint64_t frames; /* of 2^lg bytes */
    uint64_t stride; /* frames; shares no divisor with `frames`, so that the steps meet each frame once */
    uint64_t used;   /* frames handed out */
    uint64_t next;   /* number of the frame to hand out next */
    uint8_t lg;
} mmu_zone_t;

typedef struct {
    mmu_region_t *region; /* in order of first touch */
    size_t count, room;
    uint32_t *index; /* hash table of region number + 1 by va; 0: free */
    size_t places;   /* a power of two */
} mmu_regions_t;

/* What differs between formats. */
typedef struct {
    /* The first tables; false: no room. */
    bool (*begin)(mmu_pager_t *pager);
    /* Writes words so that page->va is mapped, with lg as given; fills in pa and pte_addr. False: no memory. */
    bool (*map)(mmu_pager_t *pager, mmu_page_t *page);
    /* The registers that are the format's. */
    void (*registers)(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow);
    uint32_t serves; /* mmu_pager_serves */
} mmu_pager_format_t;

struct mmu_pager {
    mmu_mem_t *mem;
    mmu_pager_options_t opt; /* with the defaults filled in */
    const mmu_pager_format_t *format;
    uint64_t root; /* bytes */
    uint64_t aux;  /* ctx.aux */
    mmu_zone_t zone[ZONES];
    uint64_t table_next, table_end; /* classical formats: room for tables, bytes */
    mmu_regions_t regions;
    mmu_page_t *pages;
    size_t count, room;
    uint32_t *index; /* hash table of page number + 1 by va; 0: free */
    size_t places;   /* a power of two */
};

extern const mmu_pager_format_t mmu_pager_riscv, mmu_pager_x86, mmu_pager_bounds, mmu_pager_segment,
    mmu_pager_linear, mmu_pager_directory, mmu_pager_inverted, mmu_pager_segpage;

void *mmu_pager_must_have(void *p);

/* mmu_pager_frames.c */
uint64_t mmu_zone_take(mmu_zone_t *zone); /* NO_FRAME where none is left */
/* Frames of 2^lg bytes from base to end. */
void mmu_zone_init(mmu_zone_t *zone, uint64_t base, uint64_t end, unsigned lg);
/* riscv, x86: half of RAM for 4 KiB frames, a quarter for each of the others; all for 4 KiB without huge pages.
 * No frame of zone n reaches beyond top[n]. */
void mmu_zones_init(mmu_pager_t *pager, const uint8_t lg[ZONES], const uint64_t top[ZONES]);
/* Classical formats: the lower quarter of RAM (below `top`) for tables, the rest for frames of 2^lg bytes. */
void mmu_zones_classic(mmu_pager_t *pager, unsigned lg, uint64_t top);
/* So many bytes for a table, aligned to 2^lg; NO_FRAME where there is no room. */
uint64_t mmu_pager_table(mmu_pager_t *pager, uint64_t bytes, unsigned lg);

/* mmu_pager_fold.c */
void mmu_regions_free(mmu_regions_t *regions);

#endif
