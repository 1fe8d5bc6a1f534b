/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager's Sv39 tables.
 */
#include "pager/mmu_pager_internal.h"

/* Bits of a page-table entry (Priv, Sv39). */
#define PTE_V UINT64_C(0x01)
#define PTE_R UINT64_C(0x02)
#define PTE_W UINT64_C(0x04)
#define PTE_X UINT64_C(0x08)
#define PTE_U UINT64_C(0x10)

#define LEVELS 3u

static uint64_t pte_make(uint64_t pa, uint64_t bits)
{
    return (pa >> 12 << 10) | bits;
}

static bool riscv_begin(mmu_pager_t *pager)
{
    static const uint8_t lg[ZONES] = {12, 21, 30};
    static const uint64_t top[ZONES] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

    mmu_zones_init(pager, lg, top);
    pager->root = mmu_zone_take(&pager->zone[0]);
    return pager->root != NO_FRAME;
}

static bool riscv_map(mmu_pager_t *pager, mmu_page_t *page)
{
    unsigned leaf_level = (page->lg - 12u) / 9;
    uint64_t table = pager->root;

    for (unsigned level = LEVELS - 1;; level--) {
        uint64_t at = table + ((page->va >> (12 + 9 * level)) & 511) * 8;
        if (level == leaf_level) {
            page->pte_addr = at;
            break;
        }
        uint64_t pte = mmu_mem_read(pager->mem, at, true);
        if ((pte & PTE_V) == 0) {
            uint64_t frame = mmu_zone_take(&pager->zone[0]);
            if (frame == NO_FRAME)
                return false;
            pte = pte_make(frame, PTE_V);
            mmu_mem_write(pager->mem, at, true, pte);
        }
        table = pte >> 10 << 12;
    }
    page->pa = mmu_zone_take(&pager->zone[leaf_level]);
    if (page->pa == NO_FRAME)
        return false;
    mmu_mem_write(pager->mem, page->pte_addr, true,
                  pte_make(page->pa, PTE_V | PTE_R | PTE_W | PTE_X | PTE_U));
    return true;
}

static void riscv_registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow)
{
    ctx->mode = MMU_MODE_SV39;
    ctx->root = pager->root >> 12;
    slow->adue = !pager->opt.svade;
}

const mmu_pager_format_t mmu_pager_riscv = {
    .begin = riscv_begin, .map = riscv_map, .registers = riscv_registers, .serves = 1u << MMU_FAULT_PAGE};
