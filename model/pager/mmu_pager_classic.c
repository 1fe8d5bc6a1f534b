/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager's tables of the classical formats (docs/microarchitecture.md, CLS to SPG). All pages may be read,
 * written and executed by user mode; A and D begin clear.
 */
#include "pager/mmu_pager_internal.h"

/* Rights of a word (CLS). */
#define PRESENT UINT64_C(0x01)
#define ALL_RIGHTS UINT64_C(0x3c) /* X W R U */
#define IN_USE UINT64_C(1)

#define REGION_LG 22u /* bytes that an inner table covers */

/* CLS-1: a page row. */
static uint64_t page_row(uint64_t pa)
{
    return pa >> MMU_PPN_LG << 12 | PRESENT | ALL_RIGHTS;
}

static bool take_frame(mmu_pager_t *pager, mmu_page_t *page)
{
    page->pa = mmu_zone_take(&pager->zone[0]);
    return page->pa != NO_FRAME;
}

static bool map_row(mmu_pager_t *pager, mmu_page_t *page)
{
    if (!take_frame(pager, page))
        return false;
    mmu_mem_write(pager->mem, page->pte_addr, true, page_row(page->pa));
    return true;
}

static void registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow)
{
    ctx->mode = 1;
    ctx->root = pager->root >> 12;
    ctx->aux = pager->aux;
    slow->adue = !pager->opt.svade;
    slow->plg = pager->opt.plg;
}

/* ---- linear (LIN) ------------------------------------------------------------------------------ */

static bool linear_begin(mmu_pager_t *pager)
{
    mmu_zones_classic(pager, pager->opt.plg, UINT64_C(1) << MMU_PA_W);
    pager->aux = UINT64_C(1) << (32 - pager->opt.plg);
    pager->root = mmu_pager_table(pager, pager->aux * 8, 12);
    return pager->root != NO_FRAME;
}

static bool linear_map(mmu_pager_t *pager, mmu_page_t *page)
{
    page->pte_addr = pager->root + (page->va >> pager->opt.plg) * 8;
    return map_row(pager, page);
}

const mmu_pager_format_t mmu_pager_linear = {
    .begin = linear_begin, .map = linear_map, .registers = registers, .serves = 1u << MMU_FAULT_PAGE};

/* ---- directory, segpage (DIR, SPG): an inner table for each 4 MiB ------------------------------- */

static bool inner_begin(mmu_pager_t *pager)
{
    mmu_zones_classic(pager, pager->opt.plg, UINT64_C(1) << 51);
    pager->aux = UINT64_C(1) << (32 - REGION_LG);
    pager->root = mmu_pager_table(pager, pager->aux * 8, 12);
    return pager->root != NO_FRAME;
}

/* A row of the first table: where the inner table stands, from bit 12 or from bit 22 up, and the rest. */
static bool inner_map(mmu_pager_t *pager, mmu_page_t *page, unsigned shift, uint64_t rest)
{
    const uint64_t at = pager->root + (page->va >> REGION_LG) * 8;
    const uint64_t rows = UINT64_C(1) << (REGION_LG - pager->opt.plg);
    uint64_t word = mmu_mem_read(pager->mem, at, true);

    if ((word & PRESENT) == 0) {
        /* Inner tables need not be longer than their rows. */
        const uint64_t table = mmu_pager_table(pager, rows * 8, MMU_PPN_LG);
        if (table == NO_FRAME)
            return false;
        word = table >> MMU_PPN_LG << shift | rest | PRESENT;
        mmu_mem_write(pager->mem, at, true, word);
    }
    page->pte_addr = (word >> shift << MMU_PPN_LG) + ((page->va >> pager->opt.plg) & (rows - 1)) * 8;
    return map_row(pager, page);
}

static bool directory_map(mmu_pager_t *pager, mmu_page_t *page)
{
    return inner_map(pager, page, 12, 0);
}

static bool segpage_map(mmu_pager_t *pager, mmu_page_t *page)
{
    const uint64_t limit = UINT64_C(1) << (REGION_LG - pager->opt.plg); /* pages */

    return inner_map(pager, page, 22, limit << 8 | ALL_RIGHTS);
}

const mmu_pager_format_t mmu_pager_directory = {.begin = inner_begin,
                                                .map = directory_map,
                                                .registers = registers,
                                                .serves = 1u << MMU_FAULT_PAGE | 1u << MMU_FAULT_TABLE};

const mmu_pager_format_t mmu_pager_segpage = {.begin = inner_begin,
                                              .map = segpage_map,
                                              .registers = registers,
                                              .serves = 1u << MMU_FAULT_PAGE | 1u << MMU_FAULT_TABLE};

/* ---- inverted (INV): row n is the frame n ------------------------------------------------------- */

static bool inverted_begin(mmu_pager_t *pager)
{
    const uint64_t rows = UINT64_C(1) << pager->opt.rows_lg;
    mmu_zone_t *zone = &pager->zone[0];
    uint64_t anchors = 0;

    mmu_zones_classic(pager, pager->opt.plg, UINT64_C(1) << MMU_PA_W);
    if (zone->frames > rows)
        mmu_zone_init(zone, zone->base, zone->base + (rows << zone->lg), zone->lg);
    pager->root = mmu_pager_table(pager, rows * 32, 12);
    if (!pager->opt.linear)
        anchors = mmu_pager_table(pager, rows * 8, 12);
    pager->aux = anchors >> 12;
    return pager->root != NO_FRAME && anchors != NO_FRAME;
}

static bool inverted_map(mmu_pager_t *pager, mmu_page_t *page)
{
    const uint64_t mask = (UINT64_C(1) << pager->opt.rows_lg) - 1;
    const uint64_t number = page->va >> pager->opt.plg;
    const uint64_t anchor = (number ^ number >> pager->opt.rows_lg ^ pager->opt.asid) & mask;
    const uint64_t anchor_addr = (pager->aux << 12) + anchor * 8;
    uint64_t row, at;

    if (!take_frame(pager, page))
        return false;
    row = (page->pa - pager->zone[0].base) >> pager->opt.plg;
    at = pager->root + row * 32;
    page->pte_addr = at + 8;
    mmu_mem_write(pager->mem, at + 8, true, page_row(page->pa));
    if (!pager->opt.linear) { /* the new row becomes the first of its chain */
        mmu_mem_write(pager->mem, at + 16, true, mmu_mem_read(pager->mem, anchor_addr, true));
        mmu_mem_write(pager->mem, anchor_addr, true, row << 1 | IN_USE);
    }
    mmu_mem_write(pager->mem, at, true, number << 17 | (uint64_t)pager->opt.asid << 1 | IN_USE);
    return true;
}

static void inverted_registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow)
{
    registers(pager, ctx, slow);
    slow->rows_lg = pager->opt.rows_lg;
    slow->linear = pager->opt.linear;
}

const mmu_pager_format_t mmu_pager_inverted = {.begin = inverted_begin,
                                               .map = inverted_map,
                                               .registers = inverted_registers,
                                               .serves = 1u << MMU_FAULT_PAGE};

/* ---- segment (SEG) ----------------------------------------------------------------------------- */

/* A segment's frame is twice as large as the segment, which begins somewhere in it: so that PA is a sum. */
#define SEGMENT_FRAME_LG 17u

static bool segment_begin(mmu_pager_t *pager)
{
    mmu_zones_classic(pager, SEGMENT_FRAME_LG, UINT64_C(1) << 32);
    pager->aux = UINT64_C(1) << 16;
    pager->root = mmu_pager_table(pager, pager->aux * 16, 12);
    return pager->root != NO_FRAME;
}

static bool segment_map(mmu_pager_t *pager, mmu_page_t *page)
{
    const uint64_t at = pager->root + (page->va >> 16) * 16;

    if (!take_frame(pager, page))
        return false;
    page->pa += ((page->va >> 16) * UINT64_C(0x9e3779b1) >> 8) & 0xfff0;
    page->pte_addr = at + 8;
    mmu_mem_write(pager->mem, at, true, UINT64_C(0x10000) << 32 | page->pa);
    mmu_mem_write(pager->mem, at + 8, true, PRESENT | ALL_RIGHTS);
    return true;
}

/* A walk that has read the first word before the segment was made, limit 0, and the second after it, faults by the
 * limit: it is tried again. */
const mmu_pager_format_t mmu_pager_segment = {.begin = segment_begin,
                                              .map = segment_map,
                                              .registers = registers,
                                              .serves = 1u << MMU_FAULT_PAGE | 1u << MMU_FAULT_LIMIT};

/* ---- bounds (BND): nothing in memory; a trap makes the bound larger ----------------------------- */

#define BOUNDS_OFFSET UINT64_C(0x1230)

static bool bounds_begin(mmu_pager_t *pager)
{
    uint64_t base = mmu_mem_base(pager->mem) + BOUNDS_OFFSET, end = mmu_mem_base(pager->mem);

    end += mmu_mem_size(pager->mem);
    if (base >> 44 != 0)
        return false;
    if (end - base > UINT64_C(1) << 43)
        end = base + (UINT64_C(1) << 43);
    mmu_zone_init(&pager->zone[0], 0, end > base ? end - base : 0, 16);
    pager->root = base;
    return pager->zone[0].frames != 0;
}

/* The list of pages has one entry at most, which begins at 0 and ends at the bound. */
static bool bounds_map(mmu_pager_t *pager, mmu_page_t *page)
{
    const uint64_t most = pager->zone[0].frames << 16;

    if (page->va >= most)
        return false;
    do
        pager->aux = pager->aux == 0 ? 1u << 16 : pager->aux * 2;
    while (pager->aux <= page->va);
    if (pager->aux > most)
        pager->aux = most;
    page->va = 0;
    page->pa = pager->root;
    return true;
}

static void bounds_registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow)
{
    (void)slow;
    ctx->mode = 1;
    ctx->root = pager->root;
    ctx->aux = pager->aux;
}

const mmu_pager_format_t mmu_pager_bounds = {
    .begin = bounds_begin, .map = bounds_map, .registers = bounds_registers, .serves = 1u << MMU_FAULT_LIMIT};
