/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the classical formats share (docs/microarchitecture.md, "Classical formats", CLS): words, rights,
 * page rows, causes.
 *
 *     63:59  58 ........ 12  11:8  7 6 5 4 3 2 1 0
 *            PA[55:9]              D A U R W X S P      a page row
 */
#ifndef LOCKWALK_ARCH_FORMAT_CLASSIC_H
#define LOCKWALK_ARCH_FORMAT_CLASSIC_H

#include "arch/format/formats.h"

#define CLASSIC_P UINT64_C(0x01)
#define CLASSIC_S UINT64_C(0x02)
#define CLASSIC_X UINT64_C(0x04)
#define CLASSIC_W UINT64_C(0x08)
#define CLASSIC_R UINT64_C(0x10)
#define CLASSIC_U UINT64_C(0x20)
#define CLASSIC_A UINT64_C(0x40)
#define CLASSIC_D UINT64_C(0x80)
#define CLASSIC_FRAME_SHIFT 12

#define CLASSIC_RIGHTS (MMU_ENTRY_R | MMU_ENTRY_W | MMU_ENTRY_X | MMU_ENTRY_U)

/* ---- rules for people: those of CLS come first in each format's table ---------------------------------- */

enum {
    CLASSIC_LEAF = 0,
    CLASSIC_AD_UPDATE,
    CLASSIC_ABSENT,
    CLASSIC_MODE,
    CLASSIC_MISALIGNED,
    CLASSIC_NO_X,
    CLASSIC_NO_R,
    CLASSIC_NO_W,
    CLASSIC_KERNEL,
    CLASSIC_AD_CLEAR,
    CLASSIC_RULES
};

#define CLASSIC_TEXTS                                                                                        \
    [CLASSIC_LEAF] = "maps what grants the access (CLS-1)",                                                  \
    [CLASSIC_AD_UPDATE] = "A, or D for a store, is clear and hardware sets it (CLS-1)",                      \
    [CLASSIC_ABSENT] = "P is 0: not present; in swap where S is 1 (CLS-1)",                                  \
    [CLASSIC_MODE] = "W without R: rights modes 2 and 3 are reserved (CLS-1)",                               \
    [CLASSIC_MISALIGNED] = "the frame is not aligned to the page size (CLS-1)",                              \
    [CLASSIC_NO_X] = "a fetch without X (CLS-2)", [CLASSIC_NO_R] = "a load without R (CLS-2)",               \
    [CLASSIC_NO_W] = "a store or an append without W (CLS-2)",                                               \
    [CLASSIC_KERNEL] = "a user's access to what is the kernel's: U is 0 (CLS-2)",                            \
    [CLASSIC_AD_CLEAR] = "A, or D for a store, is clear and software must set it (CLS-1)"

/* ---- start ------------------------------------------------------------------------------------------- */

/* From M, or where translation is off: no translation (FRM-2). */
static inline bool classic_off(const mmu_rq_t *rq)
{
    return rq->prv == MMU_PRIV_M || rq->ctx.mode == 0;
}

/* index: of the VA in the first table, which has `rows` rows. */
static inline mmu_start_t classic_start(const mmu_rq_t *rq, uint64_t index, uint64_t rows, mmu_pos_t pos)
{
    if (classic_off(rq))
        return format_bare(rq->va, 0);
    if (rq->va >> 32 != 0 || index >= rows)
        return format_start_fault(MMU_FAULT_LIMIT);
    return (mmu_start_t){.kind = MMU_START_WALK, .pos = pos};
}

/* Where the first table stands. */
static inline uint64_t classic_root(const mmu_rq_t *rq)
{
    return rq->ctx.root << 12;
}

static inline mmu_addr_t classic_addr(uint64_t table, uint64_t offset)
{
    return (mmu_addr_t){.addr = (table + offset) & MMU_PA_MASK, .wide = true};
}

/* ---- rights ------------------------------------------------------------------------------------------ */

/* R W X U A D of a word, as an entry has them. */
static inline mmu_entry_t classic_flags(uint64_t word)
{
    return ((word & CLASSIC_R) != 0 ? MMU_ENTRY_R : 0) | ((word & CLASSIC_W) != 0 ? MMU_ENTRY_W : 0) |
           ((word & CLASSIC_X) != 0 ? MMU_ENTRY_X : 0) | ((word & CLASSIC_U) != 0 ? MMU_ENTRY_U : 0) |
           ((word & CLASSIC_A) != 0 ? MMU_ENTRY_A : 0) | ((word & CLASSIC_D) != 0 ? MMU_ENTRY_D : 0);
}

/* Modes 2 and 3 of R W X. */
static inline bool classic_mode_reserved(uint64_t word)
{
    return (word & (CLASSIC_R | CLASSIC_W)) == CLASSIC_W;
}

/* CLS-2: which rule refuses; CLASSIC_LEAF: none. */
static inline unsigned classic_rights(const mmu_rq_t *rq, mmu_entry_t rights)
{
    if (format_store(rq->acc)) {
        if ((rights & MMU_ENTRY_W) == 0)
            return CLASSIC_NO_W;
    } else if (rq->acc == MMU_ACC_LOAD) {
        if ((rights & MMU_ENTRY_R) == 0)
            return CLASSIC_NO_R;
    } else if ((rights & MMU_ENTRY_X) == 0) {
        return CLASSIC_NO_X; /* AccLoadX too */
    }
    return rq->prv == MMU_PRIV_U && (rights & MMU_ENTRY_U) == 0 ? CLASSIC_KERNEL : CLASSIC_LEAF;
}

/* A, and D for a store, as an access needs them. */
static inline mmu_entry_t classic_need(const mmu_rq_t *rq)
{
    return MMU_ENTRY_A | (format_store(rq->acc) ? MMU_ENTRY_D : 0);
}

/* CLS-2, of a held entry. */
static inline bool classic_perm(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    const mmu_entry_t need = classic_need(rq);

    (void)slow;
    return (entry & need) == need && classic_rights(rq, entry) == CLASSIC_LEAF;
}

/* ---- steps; `base` is FORMAT_RULE(name, 0) ------------------------------------------------------------- */

static inline mmu_step_t classic_fault(uint8_t fault, uint16_t base, unsigned rule)
{
    return format_fault(fault, (uint16_t)(base + rule));
}

/* CLS-1, the end of it: the access is granted, and `entry` lacks at most A and D, which are the word's. */
static inline mmu_step_t classic_leaf(const mmu_rq_t *rq, const mmu_slow_t *slow, uint64_t word,
                                      mmu_entry_t entry, uint16_t base)
{
    const mmu_entry_t need = classic_need(rq);

    if ((entry & need) == need)
        return (mmu_step_t){.kind = MMU_STEP_LEAF, .entry = entry, .rule = (uint16_t)(base + CLASSIC_LEAF)};
    if (!slow->adue)
        return classic_fault(MMU_FAULT_PAGE, base, CLASSIC_AD_CLEAR);
    return (mmu_step_t){.kind = MMU_STEP_NEED_AD,
                        .entry = entry | need,
                        .new_word = word | CLASSIC_A | ((need & MMU_ENTRY_D) != 0 ? CLASSIC_D : 0),
                        .rule = (uint16_t)(base + CLASSIC_AD_UPDATE)};
}

/* CLS-1 with rights from elsewhere: those of the row do not count. */
static inline mmu_step_t classic_page(const mmu_rq_t *rq, const mmu_slow_t *slow, uint64_t word,
                                      mmu_entry_t rights, uint16_t base)
{
    const unsigned plg = slow->plg;
    const uint64_t ppn = word >> CLASSIC_FRAME_SHIFT & MMU_PPN_MASK;
    const uint64_t below = (UINT64_C(1) << (plg - MMU_PPN_LG)) - 1;
    const mmu_entry_t flags = (classic_flags(word) & ~CLASSIC_RIGHTS) | (rights & CLASSIC_RIGHTS);

    if ((word & CLASSIC_P) == 0)
        return classic_fault(MMU_FAULT_PAGE, base, CLASSIC_ABSENT);
    if ((ppn & below) != 0)
        return classic_fault(MMU_FAULT_RSVD, base, CLASSIC_MISALIGNED);
    const unsigned refused = classic_rights(rq, flags);
    if (refused != CLASSIC_LEAF)
        return classic_fault(MMU_FAULT_PROT, base, refused);
    return classic_leaf(rq, slow, word, ppn | (uint64_t)plg << MMU_ENTRY_LG_SHIFT | flags, base);
}

/* CLS-1: a page row as a leaf. */
static inline mmu_step_t classic_row(const mmu_rq_t *rq, const mmu_slow_t *slow, uint64_t word, uint16_t base)
{
    if ((word & CLASSIC_P) != 0 && classic_mode_reserved(word))
        return classic_fault(MMU_FAULT_RSVD, base, CLASSIC_MODE);
    return classic_page(rq, slow, word, classic_flags(word), base);
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

static inline uint64_t classic_pa(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return mmu_entry_pa(entry, rq->va);
}

/* {prv is U, acc, kind}; "Classical formats". */
static inline uint8_t classic_cause(uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    static const uint8_t kinds[8] = {[MMU_FAULT_PAGE] = 1,  [MMU_FAULT_PROT] = 2,  [MMU_FAULT_RSVD] = 3,
                                     [MMU_FAULT_LIMIT] = 4, [MMU_FAULT_TABLE] = 5, [MMU_FAULT_ACCESS] = 6};
    const unsigned kind = kinds[fault & 7u];
    const unsigned acc = format_store(rq->acc) ? 2u : rq->acc == MMU_ACC_FETCH ? 0u : 1u;

    (void)slow;
    return kind == 0 ? 0 : (uint8_t)((rq->prv == MMU_PRIV_U ? 32u : 0u) | acc << 3 | kind);
}

static inline unsigned classic_merge_lg(const mmu_slow_t *slow)
{
    return slow->plg;
}

#endif
