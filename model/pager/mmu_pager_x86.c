/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager's x86 tables: 2-level, PAE, 4-level, 5-level (docs/microarchitecture.md, X86). Entries begin with A
 * and D clear: the hardware sets them in pointers, too.
 */
#include "pager/mmu_pager_internal.h"

#define P UINT64_C(0x01)
#define RW UINT64_C(0x02)
#define US UINT64_C(0x04)
#define PS UINT64_C(0x80)

/* PAE's root has four words, and stands anywhere in its frame. */
#define PAE_ROOT_AUX UINT64_C(5)
#define PAE_ROOT_OFFSET (PAE_ROOT_AUX * 32)

#define MAXPA 52u

static bool x86_begin(mmu_pager_t *pager)
{
    static const uint8_t lg[ZONES] = {12, 21, 30}, lg_2level[ZONES] = {12, 22, 22};
    static const uint64_t top[ZONES] = {UINT64_C(1) << MAXPA, UINT64_C(1) << MAXPA, UINT64_C(1) << MAXPA};
    /* PSE-36 has 40 bits. */
    static const uint64_t top_2level[ZONES] = {UINT64_C(1) << 32, UINT64_C(1) << 40, UINT64_C(1) << 40};

    if (pager->opt.mode == MMU_X86_2LEVEL)
        mmu_zones_init(pager, lg_2level, top_2level);
    else
        mmu_zones_init(pager, lg, top);
    pager->root = mmu_zone_take(&pager->zone[0]);
    if (pager->root == NO_FRAME)
        return false;
    if (pager->opt.mode == MMU_X86_PAE) {
        pager->root += PAE_ROOT_OFFSET;
        pager->aux = PAE_ROOT_AUX;
    }
    return true;
}

/* A word that leads to this page or table. */
static uint64_t word_of(const mmu_pager_t *pager, uint64_t pa, unsigned level, bool leaf)
{
    uint64_t word = P | RW | US | (leaf && level > 0 ? PS : 0);

    if (pager->opt.mode == MMU_X86_PAE && level == 2) /* it has no rights */
        word = P;
    if (pager->opt.mode == MMU_X86_2LEVEL && leaf && level > 0)
        return word | (pa & UINT32_MAX) | pa >> 32 << 13;
    return word | pa;
}

static bool x86_map(mmu_pager_t *pager, mmu_page_t *page)
{
    const unsigned mode = pager->opt.mode;
    const bool wide = mode != MMU_X86_2LEVEL;
    const unsigned bits = wide ? 9 : 10;
    const unsigned leaf_level = (page->lg - 12u) / bits;
    uint64_t table = pager->root;

    for (unsigned level = mode;; level--) {
        const uint64_t index = (page->va >> (12 + bits * level)) & ((UINT64_C(1) << bits) - 1);
        const uint64_t at = table + index * (wide ? 8 : 4);
        uint64_t word, frame;

        if (level == leaf_level) {
            page->pte_addr = at;
            break;
        }
        word = mmu_mem_read(pager->mem, at, wide);
        if ((word & P) == 0) {
            frame = mmu_zone_take(&pager->zone[0]);
            if (frame == NO_FRAME)
                return false;
            word = word_of(pager, frame, level, false);
            mmu_mem_write(pager->mem, at, wide, word);
        }
        table = word & ((UINT64_C(1) << MAXPA) - 1) & ~UINT64_C(0xfff);
    }
    page->pa = mmu_zone_take(&pager->zone[leaf_level]);
    if (page->pa == NO_FRAME)
        return false;
    mmu_mem_write(pager->mem, page->pte_addr, wide, word_of(pager, page->pa, leaf_level, true));
    return true;
}

static void x86_registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow)
{
    ctx->mode = pager->opt.mode;
    ctx->root = pager->root >> 12;
    ctx->aux = pager->aux;
    ctx->flags = 1; /* CR0.WP */
    slow->pse = pager->opt.mode == MMU_X86_2LEVEL;
    slow->nxe = pager->opt.mode != MMU_X86_2LEVEL;
    slow->maxpa = MAXPA;
}

const mmu_pager_format_t mmu_pager_x86 = {
    .begin = x86_begin, .map = x86_map, .registers = x86_registers, .serves = 1u << MMU_FAULT_PAGE};
