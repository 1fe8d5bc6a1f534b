/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The pager: its list of pages, and what it does about a fault.
 */
#include "pager/mmu_pager_internal.h"

#include <assert.h>
#include <stdlib.h>

/* A and D of a RISC-V leaf and of a page row (CLS) stand in the same bits; x86 sets its own. */
#define PTE_A UINT64_C(0x40)
#define PTE_D UINT64_C(0x80)

void *mmu_pager_must_have(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* ---- which page size ------------------------------------------------------------------------ */

/* The hash of docs/traces.md: the upper half of a product of 32 bits. */
static uint32_t region_hash(uint64_t region)
{
    return (((uint32_t)region + 1) * UINT32_C(0x9e3779b1)) >> 16;
}

unsigned mmu_pager_lg(mmu_huge_e huge, uint64_t va)
{
    switch (huge) {
    case MMU_HUGE_2M:
        return 21;
    case MMU_HUGE_1G:
        return 30;
    case MMU_HUGE_MIXED:
        if ((region_hash(va >> 30) & 3) == 0)
            return 30;
        return (region_hash(va >> 21) >> 13 & 1) == 0 ? 21 : 12;
    case MMU_HUGE_NEVER:
    default:
        return 12;
    }
}

/* 2-level has 4 MiB for 2 MiB, and 2-level and PAE have no 1 GiB: the next smaller size. */
static unsigned x86_lg(const mmu_pager_options_t *opt, uint64_t va)
{
    unsigned lg;

    if (opt->mode != MMU_X86_2LEVEL) {
        lg = mmu_pager_lg(opt->huge, va);
        return lg == 30 && opt->mode == MMU_X86_PAE ? 21 : lg;
    }
    /* One answer for all of 4 MiB. */
    return mmu_pager_lg(opt->huge, va >> 22 << 22) == 12 ? 12 : 22;
}

unsigned mmu_pager_page_lg(const mmu_pager_t *pager, uint64_t va)
{
    switch (pager->opt.format) {
    case MMU_FORMAT_RISCV:
        return mmu_pager_lg(pager->opt.huge, va);
    case MMU_FORMAT_X86:
        return x86_lg(&pager->opt, va);
    case MMU_FORMAT_BOUNDS:
        return 0;
    case MMU_FORMAT_SEGMENT:
        return 16;
    default:
        return pager->opt.plg;
    }
}

/* ---- the pager's own list of pages ---------------------------------------------------------- */

static uint32_t *index_place(const mmu_pager_t *pager, uint64_t va, unsigned lg)
{
    uint64_t number = va >> lg;
    size_t p = (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 24) & (pager->places - 1);

    while (pager->index[p] != 0 && pager->pages[pager->index[p] - 1].va != number << lg)
        p = (p + 1) & (pager->places - 1);
    return &pager->index[p];
}

static void remember(mmu_pager_t *pager, mmu_page_t page)
{
    if (pager->count == pager->room) {
        pager->room *= 2;
        pager->pages = mmu_pager_must_have(realloc(pager->pages, pager->room * sizeof *pager->pages));
    }
    if (2 * (pager->count + 1) > pager->places) {
        pager->places *= 2;
        free(pager->index);
        pager->index = mmu_pager_must_have(calloc(pager->places, sizeof *pager->index));
        for (size_t i = 0; i < pager->count; i++)
            *index_place(pager, pager->pages[i].va, pager->pages[i].lg) = (uint32_t)(i + 1);
    }
    pager->pages[pager->count++] = page;
    *index_place(pager, page.va, page.lg) = (uint32_t)pager->count;
}

/* A region has one page size, decided by the address alone, so two pages never overlap and `va` of the first
 * byte names a page. */
static mmu_page_t *find(mmu_pager_t *pager, uint64_t va)
{
    uint32_t n;

    if (pager->opt.format == MMU_FORMAT_BOUNDS)
        return pager->count > 0 && va < pager->aux ? &pager->pages[0] : NULL;
    n = *index_place(pager, va, mmu_pager_page_lg(pager, va));
    return n == 0 ? NULL : &pager->pages[n - 1];
}

const mmu_page_t *mmu_pager_find(mmu_pager_t *pager, uint64_t va)
{
    return find(pager, va);
}

/* ---- faults --------------------------------------------------------------------------------- */

static mmu_pager_served_e map(mmu_pager_t *pager, uint64_t va, uint64_t clock)
{
    unsigned lg = mmu_pager_page_lg(pager, va);
    mmu_page_t page = {.lg = (uint8_t)lg, .clock = clock, .va = va >> lg << lg};

    if (!pager->format->map(pager, &page))
        return MMU_PAGER_NO_MEMORY;
    if (pager->opt.format == MMU_FORMAT_BOUNDS)
        pager->count = 0; /* the one entry, with the new clock */
    remember(pager, page);
    return MMU_PAGER_MAPPED;
}

mmu_pager_served_e mmu_pager_serve(mmu_pager_t *pager, uint64_t va, uint8_t acc, uint64_t clock)
{
    const mmu_page_t *page = find(pager, va);
    uint64_t need = PTE_A | (acc == MMU_ACC_STORE || acc == MMU_ACC_APPEND ? PTE_D : 0);
    uint64_t pte;

    assert(pager->opt.format != MMU_FORMAT_RISCV || va >> MMU_PAGER_VA_BITS == 0);
    if (page == NULL)
        return map(pager, va, clock);
    if (!pager->opt.svade || pager->opt.format == MMU_FORMAT_X86 || pager->opt.format == MMU_FORMAT_BOUNDS)
        return MMU_PAGER_NOTHING;
    pte = mmu_mem_read(pager->mem, page->pte_addr, true);
    if ((pte & need) == need)
        return MMU_PAGER_NOTHING;
    mmu_mem_write(pager->mem, page->pte_addr, true, pte | need);
    return MMU_PAGER_AD_SET;
}

/* ---- life ----------------------------------------------------------------------------------- */

static const mmu_pager_format_t *format_of(uint8_t format)
{
    static const mmu_pager_format_t *const formats[] = {
        [MMU_FORMAT_RISCV] = &mmu_pager_riscv,       [MMU_FORMAT_X86] = &mmu_pager_x86,
        [MMU_FORMAT_BOUNDS] = &mmu_pager_bounds,     [MMU_FORMAT_SEGMENT] = &mmu_pager_segment,
        [MMU_FORMAT_LINEAR] = &mmu_pager_linear,     [MMU_FORMAT_DIRECTORY] = &mmu_pager_directory,
        [MMU_FORMAT_INVERTED] = &mmu_pager_inverted, [MMU_FORMAT_SEGPAGE] = &mmu_pager_segpage,
    };

    assert(format < sizeof formats / sizeof formats[0]);
    return formats[format];
}

static void fill_in_defaults(mmu_pager_options_t *opt)
{
    if (opt->mode == 0)
        opt->mode = MMU_X86_PML4;
    if (opt->plg == 0)
        opt->plg = 12;
    if (opt->rows_lg == 0)
        opt->rows_lg = opt->linear ? 11 : 16;
    assert(opt->mode <= MMU_X86_PML5 && opt->plg >= 9 && opt->plg <= 16 && opt->rows_lg <= 16);
}

mmu_pager_t *mmu_pager_create_format(mmu_mem_t *mem, const mmu_pager_options_t *options)
{
    mmu_pager_t *pager = calloc(1, sizeof *pager);

    if (pager == NULL)
        return NULL;
    pager->mem = mem;
    pager->opt = *options;
    fill_in_defaults(&pager->opt);
    pager->format = format_of(pager->opt.format);
    pager->room = 256;
    pager->pages = malloc(pager->room * sizeof *pager->pages);
    pager->places = 1024;
    pager->index = calloc(pager->places, sizeof *pager->index);
    if (pager->pages == NULL || pager->index == NULL || !pager->format->begin(pager)) {
        mmu_pager_destroy(pager);
        return NULL;
    }
    return pager;
}

mmu_pager_t *mmu_pager_create(mmu_mem_t *mem, mmu_huge_e huge, bool svade)
{
    mmu_pager_options_t options = {.huge = huge, .svade = svade};

    return mmu_pager_create_format(mem, &options);
}

void mmu_pager_destroy(mmu_pager_t *pager)
{
    if (pager == NULL)
        return;
    mmu_regions_free(&pager->regions);
    free(pager->pages);
    free(pager->index);
    free(pager);
}

uint64_t mmu_pager_root(const mmu_pager_t *pager)
{
    return pager->opt.format == MMU_FORMAT_BOUNDS ? pager->root : pager->root >> 12;
}

void mmu_pager_registers(const mmu_pager_t *pager, mmu_ctx_t *ctx, mmu_slow_t *slow)
{
    *ctx = (mmu_ctx_t){.asid = pager->opt.asid};
    *slow = (mmu_slow_t){.format = pager->opt.format};
    pager->format->registers(pager, ctx, slow);
}

uint32_t mmu_pager_serves(const mmu_pager_t *pager)
{
    return pager->format->serves;
}
