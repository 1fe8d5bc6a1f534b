/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One entry's word, by the weights entry.* and leaf.*. The bits are those of RISC-V (rules FMT-5 to
 * FMT-12); Sv32 has no bits above 31.
 */
#include "env/random.h"

#include <assert.h>

#define PTE_V UINT64_C(0x01)
#define PTE_R UINT64_C(0x02)
#define PTE_W UINT64_C(0x04)
#define PTE_X UINT64_C(0x08)
#define PTE_U UINT64_C(0x10)
#define PTE_G UINT64_C(0x20)
#define PTE_A UINT64_C(0x40)
#define PTE_D UINT64_C(0x80)
#define PTE_RSW_SHIFT 8
#define PTE_PPN_SHIFT 10
#define PTE_RESERVED_SHIFT 54
#define PTE_PBMT_SHIFT 61
#define PTE_N (UINT64_C(1) << 63)

/* Where a kind of entry may stand. */
enum { AT_LEVEL_0 = 1, ABOVE = 2, WIDE = 4, GOOD = 8 };

static const uint8_t kinds[MMU_ENTRY_KINDS] = {
    [MMU_W_entry_leaf - MMU_W_entry_leaf] = AT_LEVEL_0 | GOOD,
    [MMU_W_entry_super - MMU_W_entry_leaf] = ABOVE | GOOD,
    [MMU_W_entry_pointer - MMU_W_entry_leaf] = ABOVE | GOOD,
    [MMU_W_entry_pointer0 - MMU_W_entry_leaf] = AT_LEVEL_0,
    [MMU_W_entry_zero - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE,
    [MMU_W_entry_invalid - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE,
    [MMU_W_entry_reserved - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE | WIDE,
    [MMU_W_entry_w_without_r - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE,
    [MMU_W_entry_misaligned - MMU_W_entry_leaf] = ABOVE,
    [MMU_W_entry_pointer_bits - MMU_W_entry_leaf] = ABOVE,
    [MMU_W_entry_pointer_out - MMU_W_entry_leaf] = ABOVE,
    [MMU_W_entry_loop - MMU_W_entry_leaf] = ABOVE,
    [MMU_W_entry_napot - MMU_W_entry_leaf] = AT_LEVEL_0 | WIDE | GOOD,
    [MMU_W_entry_napot_bad - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE | WIDE,
    [MMU_W_entry_pbmt - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE | WIDE | GOOD,
    [MMU_W_entry_pbmt_reserved - MMU_W_entry_leaf] = AT_LEVEL_0 | ABOVE | WIDE,
};

static bool percent(mmu_random_t *r, mmu_weight_e w)
{
    return mmu_chance(r, w, 100);
}

/* ---- parts of an entry ----------------------------------------------------------------------- */

static uint64_t ppn_mask(const mmu_paging_t *paging)
{
    return (UINT64_C(1) << paging->ppn_bits) - 1;
}

/* The page of a leaf: near the start of RAM, anywhere, all ones, or one bit. */
static uint64_t leaf_ppn(mmu_random_t *r, const mmu_paging_t *paging, unsigned level)
{
    unsigned low = paging->vpn_bits * level;
    uint64_t ppn;

    switch (mmu_draw(r, 4)) {
    case 0:
        ppn = (mmu_mem_base(r->base.stage->mem) >> 12) + ((uint64_t)mmu_draw(r, 64) << low);
        break;
    case 1:
        ppn = ~UINT64_C(0);
        break;
    case 2:
        ppn = UINT64_C(1) << (low + mmu_draw(r, paging->ppn_bits - low));
        break;
    default:
        ppn = mmu_rng_next(&r->rng);
        break;
    }
    return ppn & ppn_mask(paging) & ~((UINT64_C(1) << low) - 1);
}

static uint64_t rsw(mmu_random_t *r)
{
    return (uint64_t)mmu_draw(r, 4) << PTE_RSW_SHIFT;
}

/* In the G stage the bit counts for nothing: it stands there now and then. */
static uint64_t global_bit(mmu_random_t *r, const mmu_table_t *table)
{
    if (mmu_row_is_g(table->paging))
        return mmu_draw(r, 5) == 0 ? PTE_G : 0;
    return percent(r, table->global ? MMU_W_leaf_global : MMU_W_leaf_global_wild) ? PTE_G : 0;
}

static uint64_t page_of(mmu_random_t *r, const mmu_table_t *table, unsigned level)
{
    if (mmu_row_is_vs(table->paging))
        return mmu_guest_page(r, table->paging, level);
    return leaf_ppn(r, &mmu_pagings[table->paging], level);
}

static uint64_t g_rights(mmu_random_t *r)
{
    uint64_t word = percent(r, MMU_W_gleaf_read) ? PTE_R : PTE_X;

    word |= (word & PTE_R) != 0 && percent(r, MMU_W_gleaf_write) ? PTE_W : 0;
    word |= percent(r, MMU_W_gleaf_exec) ? PTE_X : 0;
    word |= percent(r, MMU_W_gleaf_user) ? PTE_U : 0;
    word |= percent(r, MMU_W_gleaf_accessed) ? PTE_A : 0;
    word |= percent(r, MMU_W_gleaf_dirty) ? PTE_D : 0;
    return word;
}

static uint64_t leaf(mmu_random_t *r, const mmu_table_t *table, unsigned level)
{
    uint64_t word = PTE_V | rsw(r);

    word |= global_bit(r, table);
    if (mmu_row_is_g(table->paging)) {
        word |= g_rights(r);
        return word | page_of(r, table, level) << PTE_PPN_SHIFT;
    }
    if (percent(r, MMU_W_leaf_exec_only)) {
        word |= PTE_X;
    } else {
        word |= PTE_R;
        word |= percent(r, MMU_W_leaf_write) ? PTE_W : 0;
        word |= percent(r, MMU_W_leaf_exec) ? PTE_X : 0;
    }
    word |= percent(r, MMU_W_leaf_user) ? PTE_U : 0;
    word |= percent(r, MMU_W_leaf_accessed) ? PTE_A : 0;
    word |= percent(r, MMU_W_leaf_dirty) ? PTE_D : 0;
    return word | page_of(r, table, level) << PTE_PPN_SHIFT;
}

static uint64_t pointer_to(mmu_random_t *r, const mmu_table_t *table, uint64_t addr)
{
    uint64_t word = PTE_V | rsw(r);

    word |= global_bit(r, table);
    return word | addr >> 12 << PTE_PPN_SHIFT;
}

/* A table as entries of its kind point to it. */
static uint64_t link_of(const mmu_random_t *r, const mmu_table_t *to)
{
    return mmu_row_is_vs(to->paging) ? mmu_guest_addr(r, to->addr) : to->addr;
}

static uint64_t pointer(mmu_random_t *r, const mmu_table_t *table, unsigned level)
{
    const mmu_table_t *to = mmu_world_target(r, table->paging, level > 0 ? level - 1 : 0, table->global);

    return to == NULL ? 0 : pointer_to(r, table, link_of(r, to));
}

/* A pointer to where no memory is: the last frame of all, right behind RAM, or anywhere. 0 where RAM is
 * everywhere. */
static uint64_t pointer_out(mmu_random_t *r, const mmu_table_t *table)
{
    const mmu_mem_t *mem = r->base.stage->mem;
    uint64_t mask = ppn_mask(&mmu_pagings[table->paging]);

    for (unsigned i = 0; i < 8; i++) {
        uint64_t ppn = mmu_rng_next(&r->rng) & mask;
        if (mmu_draw(r, 3) == 0)
            ppn = mask;
        else if (mmu_draw(r, 3) == 0)
            ppn = ((mmu_mem_base(mem) + mmu_mem_size(mem)) >> 12) & mask;
        if (!mmu_mem_is_ram(mem, ppn << 12, 4096))
            return pointer_to(r, table, ppn << 12);
    }
    return 0;
}

static uint64_t with_napot_ppn(uint64_t word)
{
    return (word & ~(UINT64_C(15) << PTE_PPN_SHIFT)) | UINT64_C(8) << PTE_PPN_SHIFT;
}

/* N with another pattern, or above level 0. A root keeps clear of the right pattern: through a loop it
 * would be a page of sixteen entries across those that all roots share. */
static uint64_t napot_bad(mmu_random_t *r, const mmu_table_t *table, unsigned level)
{
    uint64_t word = leaf(r, table, level) | PTE_N;
    bool root = table->level + 1u == mmu_pagings[table->paging].levels;

    if (level > 0 && !root)
        return with_napot_ppn(word);
    word &= ~(UINT64_C(15) << PTE_PPN_SHIFT);
    if (level == 0) {
        unsigned pattern = mmu_draw(r, 15);
        word |= (uint64_t)(pattern < 8 ? pattern : pattern + 1) << PTE_PPN_SHIFT;
    }
    return word;
}

/* One of A, D, U, N, PBMT in a pointer. */
static uint64_t pointer_bit(mmu_random_t *r, const mmu_paging_t *paging)
{
    static const uint64_t bits[] = {PTE_A,
                                    PTE_D,
                                    PTE_U,
                                    PTE_A | PTE_D,
                                    PTE_N,
                                    UINT64_C(1) << PTE_PBMT_SHIFT,
                                    UINT64_C(2) << PTE_PBMT_SHIFT};

    return bits[mmu_draw(r, paging->entry_lg == 3 ? 7 : 4)];
}

static uint64_t invalid(mmu_random_t *r, const mmu_paging_t *paging)
{
    uint64_t word = mmu_rng_next(&r->rng) & ~PTE_V;

    return paging->entry_lg == 3 ? word : word & UINT32_MAX;
}

static uint64_t without_r(mmu_random_t *r, uint64_t word)
{
    return (word & ~(PTE_R | PTE_X)) | PTE_W | (mmu_draw(r, 2) == 0 ? PTE_X : 0);
}

/* ---- an entry -------------------------------------------------------------------------------- */

static uint64_t make(mmu_random_t *r, mmu_weight_e kind, const mmu_table_t *table, unsigned level)
{
    const mmu_paging_t *paging = &mmu_pagings[table->paging];
    uint64_t word;

    switch (kind) {
    case MMU_W_entry_pointer:
    case MMU_W_entry_pointer0:
        return pointer(r, table, level);
    case MMU_W_entry_zero:
        return 0;
    case MMU_W_entry_invalid:
        return invalid(r, paging);
    case MMU_W_entry_pointer_out:
        return pointer_out(r, table);
    case MMU_W_entry_loop:
        return pointer_to(r, table, link_of(r, table));
    case MMU_W_entry_napot_bad:
        return napot_bad(r, table, level);
    case MMU_W_entry_pointer_bits:
        word = pointer(r, table, level);
        return word | pointer_bit(r, paging);
    case MMU_W_entry_reserved:
        word = level > 0 && mmu_draw(r, 2) == 0 ? pointer(r, table, level) : leaf(r, table, level);
        return word | UINT64_C(1) << (PTE_RESERVED_SHIFT + mmu_draw(r, 7));
    default:
        word = leaf(r, table, level);
        break;
    }
    switch (kind) {
    case MMU_W_entry_w_without_r:
        return without_r(r, word);
    case MMU_W_entry_misaligned:
        return word | UINT64_C(1) << (PTE_PPN_SHIFT + mmu_draw(r, paging->vpn_bits * level));
    case MMU_W_entry_napot:
        word = with_napot_ppn(word) | PTE_N;
        return mmu_draw(r, 4) == 0 ? word | UINT64_C(1) << PTE_PBMT_SHIFT : word;
    case MMU_W_entry_pbmt:
        return word | (uint64_t)(1 + mmu_draw(r, 2)) << PTE_PBMT_SHIFT;
    case MMU_W_entry_pbmt_reserved:
        return word | UINT64_C(3) << PTE_PBMT_SHIFT;
    default:
        return word;
    }
}

uint64_t mmu_entry_draw(mmu_random_t *r, const mmu_table_t *table, unsigned level)
{
    uint8_t where = level == 0 ? AT_LEVEL_0 : ABOVE;
    bool wide = mmu_pagings[table->paging].entry_lg == 3;
    uint32_t share[MMU_ENTRY_KINDS], sum = 0, at;

    for (unsigned i = 0; i < MMU_ENTRY_KINDS; i++) {
        bool can = (kinds[i] & where) != 0 && (wide || (kinds[i] & WIDE) == 0) &&
                   (!r->world.clean || (kinds[i] & GOOD) != 0);
        share[i] = can ? (uint32_t)mmu_w(r, (mmu_weight_e)(MMU_W_entry_leaf + i)) : 0;
        sum += share[i];
    }
    if (sum == 0)
        return 0;
    at = mmu_draw(r, sum);
    for (unsigned i = 0;; i++) {
        assert(i < MMU_ENTRY_KINDS);
        if (at < share[i]) {
            mmu_cover_entry(r->cover, i);
            return make(r, (mmu_weight_e)(MMU_W_entry_leaf + i), table, level);
        }
        at -= share[i];
    }
}

uint64_t mmu_entry_mutate(mmu_random_t *r, const mmu_table_t *table, unsigned level, uint64_t word)
{
    static const uint64_t rights[] = {PTE_R, PTE_W, PTE_X, PTE_U};
    static const uint64_t ad[] = {PTE_A, PTE_D, PTE_A | PTE_D};
    bool is_leaf = (word & (PTE_R | PTE_W | PTE_X)) != 0;
    unsigned n = mmu_draw(r, 20);

    if ((word & PTE_V) == 0 || !is_leaf || n < 4)
        return mmu_entry_draw(r, table, level);
    if (n < 6)
        return word & ~PTE_V;
    if (n < 9) { /* another page, the same rights */
        uint64_t keep = word & ~(ppn_mask(&mmu_pagings[table->paging]) << PTE_PPN_SHIFT);
        uint64_t to = page_of(r, table, level) << PTE_PPN_SHIFT;
        if ((word & PTE_N) != 0)
            to = (to & ~(UINT64_C(15) << PTE_PPN_SHIFT)) | (word & UINT64_C(15) << PTE_PPN_SHIFT);
        return keep | to;
    }
    if (n < 15) /* as software does that looks for pages in use */
        return word & ~ad[mmu_draw(r, 3)];
    word ^= rights[mmu_draw(r, 4)];
    return (word & (PTE_R | PTE_W | PTE_X)) == 0 ? word | PTE_R : word;
}

bool mmu_entry_fit(mmu_random_t *r, uint64_t word, unsigned port, uint8_t *prv, uint8_t *acc)
{
    bool store = mmu_chance(r, MMU_W_acc_store, 100) && (word & PTE_W) != 0 &&
                 (r->slow.adue || r->slow.hadue || (word & PTE_D) != 0);

    *prv = (word & PTE_U) != 0 ? MMU_PRIV_U : MMU_PRIV_S;
    if (port == MMU_PORT_I) {
        *acc = MMU_ACC_FETCH;
        return (word & PTE_X) != 0;
    }
    *acc = store ? MMU_ACC_STORE : MMU_ACC_LOAD;
    return store || (word & PTE_R) != 0;
}
