/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the twins of the cycle model share: the row of an array, the place where their arrays live, and the
 * comparison of KEY-3. No RTL module stands behind it.
 *
 * How a twin is built (mmu_x_t in mmu_x.h):
 *     cfg   parameters, fixed at init
 *     q     registers, named as in the rules
 *     d     what the next clock edge writes: single registers and write ports, never a copy of an array
 *
 *     mmu_x_out (m, in, out)  outputs that must be known before the other inputs are; only where needed
 *     mmu_x_comb(m, in, out)  outputs and d, from q and in; may be called again
 *     mmu_x_seq (m, rst_n)    the clock edge: d to q, or the reset values
 *
 * Fields of in, out and q carry their width as the rules write it. A parent calls no twin that has nothing to
 * do, and moves only those that it has called.
 */
#ifndef MMU_INTERNAL_H
#define MMU_INTERNAL_H

#include <string.h>

#include "lockwalk/mmu_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* KEY-5, a word with getters. */
typedef uint32_t mmu_vm_t;

/* row_t of rtl/mmu_pkg.sv: what a row of an array stores beside its valid bit. */
typedef struct {
    uint64_t key;  /* [64] */
    uint64_t mask; /* [64] */
    uint64_t data; /* [64] */
    mmu_vm_t vm;   /* vm_t 0 without the hypervisor extension and in arrays of the G stage */
} mmu_line_t;

/* ---- storage ------------------------------------------------------------------------------------------ */

/* The caller's storage, dealt out front to back. Without a base it only counts, and what it deals out is
 * NULL: so the same code tells how much is needed. */
typedef struct {
    unsigned char *base;
    size_t used;
} mmu_arena_t;

static inline void *mmu_arena_take(mmu_arena_t *arena, size_t bytes)
{
    void *place = arena->base != NULL ? arena->base + arena->used : NULL;
    arena->used += (bytes + 63u) & ~(size_t)63u;
    return place;
}

static inline uint64_t *mmu_arena_words(mmu_arena_t *arena, size_t count)
{
    return (uint64_t *)mmu_arena_take(arena, count * sizeof(uint64_t));
}

/* ---- small things ------------------------------------------------------------------------------------- */

/* The lowest bit that is set; bits is not 0. */
static inline unsigned mmu_lowest(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

/* Bits n−1..0, 1 <= n <= 64. */
static inline uint64_t mmu_ones(unsigned n)
{
    return ~UINT64_C(0) >> (64 - n);
}

/* Eight small states as one word: 0 where all are 0. */
static inline uint64_t mmu_word8(const uint8_t state[8])
{
    uint64_t word;
    memcpy(&word, state, sizeof word);
    return word;
}

/* KEY-3, for the rows of one set: the ways of `ways` whose row matches `key` in the bits of `care`. */
static inline uint64_t mmu_rows_match(const uint64_t *row_key, const uint64_t *row_mask, uint64_t ways,
                                      uint64_t key, uint64_t care)
{
    uint64_t match = 0;
    for (; ways != 0; ways &= ways - 1) {
        unsigned way = mmu_lowest(ways);
        if (((row_key[way] ^ key) & row_mask[way] & care) == 0)
            match |= UINT64_C(1) << way;
    }
    return match;
}

/* Of `ways`, those whose row is not global: the ASID part of its mask is not 0 (ARR-5, ROW-2). */
static inline uint64_t mmu_rows_local(const uint64_t *row_mask, uint64_t ways)
{
    uint64_t local = 0;
    for (; ways != 0; ways &= ways - 1) {
        unsigned way = mmu_lowest(ways);
        if ((row_mask[way] & MMU_KEY_ASID_MASK) != 0)
            local |= UINT64_C(1) << way;
    }
    return local;
}

/* KEY-5: of `ways`, those whose row is of the virtual machine `space`, in the bits of `care`. */
static inline uint64_t mmu_rows_space(const mmu_vm_t *row_vm, uint64_t ways, uint32_t space, uint32_t care)
{
    uint64_t match = 0;
    for (; ways != 0; ways &= ways - 1) {
        unsigned way = mmu_lowest(ways);
        if (((row_vm[way] ^ space) & care & MMU_VM_SPACE) == 0)
            match |= UINT64_C(1) << way;
    }
    return match;
}

/* KEY-7: of `ways`, those that a fence's key and address part cover. A row is a piece of its first stage's page
 * of 2^flg bytes: a fence of one address in the page ends all of its pieces. */
static inline uint64_t mmu_rows_covered(const uint64_t *row_key, const uint64_t *row_mask,
                                        const mmu_vm_t *row_vm, uint64_t ways, uint64_t key, uint64_t care)
{
    uint64_t match = 0;
    for (; ways != 0; ways &= ways - 1) {
        unsigned way = mmu_lowest(ways);
        uint64_t page = mmu_make_mask(mmu_vm_flg(row_vm[way]), false);
        if (((row_key[way] ^ key) & row_mask[way] & page & care) == 0)
            match |= UINT64_C(1) << way;
    }
    return match;
}

/* Which part of a fence's key counts, by address and address space (KEY-7). */
static inline uint64_t mmu_fence_mask(const mmu_fence_t *fence)
{
    uint64_t va = fence->va_en ? mmu_ones(MMU_KEY_VA_W) : 0;
    return va | (fence->asid_en ? MMU_KEY_ASID_MASK : 0);
}

/* What a fence compares with the rows of a TLB or of a first-stage walk cache (KEY-7). */
typedef struct {
    uint64_t key, mask;
    uint16_t vm, vm_mask;
    bool spare_g;
} mmu_fence_cmp_t;

/* Without the hypervisor extension only FenceS and FenceX come here, and their vm_mask is compared with nothing. */
static inline mmu_fence_cmp_t mmu_fence_cmp(const mmu_fence_t *fence)
{
    mmu_fence_cmp_t cmp;

    memset(&cmp, 0, sizeof cmp);
    cmp.key = mmu_make_key(fence->asid, fence->va);
    cmp.vm_mask = MMU_VM_V;
    if (fence->kind != MMU_FENCE_G) {
        cmp.mask = mmu_fence_mask(fence);
        cmp.spare_g = fence->kind == MMU_FENCE_X ? fence->keep_g : fence->asid_en;
    }
    if (fence->kind != MMU_FENCE_S && fence->kind != MMU_FENCE_X) {
        cmp.vm = (uint16_t)(MMU_VM_V | fence->vmid);
        if (fence->kind == MMU_FENCE_VV || fence->vmid_en)
            cmp.vm_mask = MMU_VM_V | MMU_VM_VMID;
    }
    return cmp;
}

#ifdef __cplusplus
}
#endif
#endif
