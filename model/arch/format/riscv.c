/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The RISC-V paging formats, of both stages, as functions; the bodies are in riscv_inline.h. What stands here
 * besides is off the hot path: which rule made a word fault, and the numbers of causes.
 */
#include "arch/format/riscv_inline.h"

#include "arch/format/formats.h"

_Static_assert((unsigned)FORMAT_riscv == (unsigned)MMU_FORMAT_RISCV, "formats.def and mmu_format_e");

mmu_start_t mmu_riscv_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    return riscv_start(rq);
}

mmu_addr_t mmu_riscv_addr(const mmu_rq_t *rq, mmu_pos_t pos)
{
    const riscv_mode_t *mode = riscv_mode(rq);

    return (mmu_addr_t){.addr = riscv_entry_addr(mode, rq->va, pos), .wide = mode->wide};
}

mmu_step_t mmu_riscv_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    return riscv_step(riscv_mode(rq), rq, slow, pos, MMU_G_NONE, word);
}

bool mmu_riscv_perm(const mmu_rq_t *rq, mmu_entry_t entry)
{
    return riscv_perm(rq, entry);
}

/* ---- the G stage -------------------------------------------------------------------------------------- */

bool mmu_riscv_two_stage(const mmu_rq_t *rq)
{
    return riscv_two_stage(rq);
}

mmu_start_t mmu_riscv_gstart(const mmu_rq_t *rq, uint64_t gpa)
{
    return riscv_gstart(rq, gpa);
}

mmu_addr_t mmu_riscv_gaddr(const mmu_rq_t *rq, mmu_pos_t gpos, uint64_t gpa)
{
    const riscv_mode_t *mode = riscv_gmode(rq);

    return (mmu_addr_t){.addr = riscv_gentry_addr(mode, gpa, gpos), .wide = mode->wide};
}

mmu_step_t mmu_riscv_gstep(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t gpos, uint8_t what,
                           uint64_t word)
{
    return riscv_step(riscv_gmode(rq), rq, slow, gpos, what, word);
}

bool mmu_riscv_gperm(const mmu_rq_t *rq, uint8_t what, mmu_entry_t entry)
{
    return riscv_gperm(rq, what, entry);
}

mmu_entry_t mmu_riscv_combine(mmu_entry_t first, mmu_entry_t g, uint64_t gpa)
{
    return riscv_combine(first, g, gpa);
}

mmu_entry_t mmu_riscv_bare_entry(void)
{
    return RISCV_BARE_ENTRY;
}

/* ---- which rule --------------------------------------------------------------------------------------- */

/* FMT-5, any entry. MMU_RULE_LEAF: none of its rules. */
static uint16_t invalid_rule(bool svnapot, bool pbmte, uint64_t word)
{
    if ((word & PTE_V) == 0)
        return MMU_RULE_INVALID;
    if ((word & (PTE_R | PTE_W)) == PTE_W)
        return MMU_RULE_W_WITHOUT_R;
    if ((word & PTE_RESERVED) != 0)
        return MMU_RULE_RESERVED;
    if ((word & PTE_N) != 0 && !svnapot)
        return MMU_RULE_N_DISABLED;
    if ((word & PTE_PBMT) != 0 && !pbmte)
        return MMU_RULE_PBMT_DISABLED;
    if ((word & PTE_PBMT) == PTE_PBMT)
        return MMU_RULE_PBMT_RESERVED;
    return MMU_RULE_LEAF;
}

/* FMT-8, GST-4. */
static uint16_t rights_rule(uint8_t acc)
{
    return acc == MMU_ACC_FETCH    ? MMU_RULE_NO_X
           : format_store(acc)     ? MMU_RULE_NO_W
           : acc == MMU_ACC_LOAD_X ? MMU_RULE_NO_X_READ
                                   : MMU_RULE_NO_R;
}

uint16_t mmu_riscv_fault_rule(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint8_t what,
                              uint64_t word)
{
    const riscv_mode_t *mode = what == MMU_G_NONE ? riscv_mode(rq) : riscv_gmode(rq);
    const riscv_need_t *need = riscv_need(rq, what);
    const mmu_entry_t entry = (word & PTE_FLAGS) << RISCV_FLAGS_SHIFT;
    const uint16_t invalid = invalid_rule(slow->svnapot, riscv_pbmte(rq, slow, what), word);

    if (invalid != MMU_RULE_LEAF)
        return invalid;
    /* FMT-6: it is a bad pointer, or it would not be here. */
    if ((word & (PTE_R | PTE_W | PTE_X)) == 0)
        return (word & PTE_LEAF_ONLY) != 0 ? MMU_RULE_POINTER_BITS : MMU_RULE_POINTER_LEVEL0;
    if (!riscv_rights_ok(rq, what, need, entry))
        return rights_rule(riscv_acc(rq, what));
    if (!riscv_user_ok(rq, what, need, entry))
        return what != MMU_G_NONE           ? MMU_RULE_G_NO_U
               : (entry & MMU_ENTRY_U) != 0 ? MMU_RULE_U_PAGE
                                            : MMU_RULE_S_PAGE;
    /* FMT-9 */
    if ((riscv_ppn(word) & riscv_ppn_below(mode->lg[mmu_pos_level(pos)])) != 0)
        return MMU_RULE_MISALIGNED;
    /* FMT-10 is what is left where N is not, or is right. */
    if ((word & PTE_N) != 0 && (word >> 10 & 15) != RISCV_NAPOT_PATTERN)
        return MMU_RULE_NAPOT;
    return MMU_RULE_AD_CLEAR;
}

uint8_t mmu_riscv_cause(uint8_t fault, uint8_t acc)
{
    /* FMT-14; Priv 3.1.15, mcause: by fault kind, then access; an access that no column names is a load. */
    static const uint8_t page[8] = {12, 13, 15, 13, 15, 13, 13, 13};
    static const uint8_t access[8] = {1, 5, 7, 5, 7, 5, 5, 5};
    static const uint8_t guest[8] = {20, 21, 23, 21, 23, 21, 21, 21};

    switch (fault) {
    case MMU_FAULT_PAGE:
        return page[acc & 7u];
    case MMU_FAULT_ACCESS:
        return access[acc & 7u];
    case MMU_FAULT_GUEST:
        return guest[acc & 7u];
    default:
        return 0;
    }
}

/* ---- as a format ------------------------------------------------------------------------------------- */

static mmu_addr_t format_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    (void)slow;
    return mmu_riscv_addr(rq, pos);
}

static bool format_perm(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return riscv_perm(rq, entry);
}

/* FMT-15 */
static uint64_t format_pa(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return mmu_entry_pa(entry, rq->va);
}

static uint8_t format_cause(uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    return mmu_riscv_cause(fault, rq->acc);
}

static unsigned format_merge_lg(const mmu_slow_t *slow)
{
    (void)slow;
    return RISCV_PAGE_LG;
}

const mmu_format_t mmu_format_riscv = {.name = "riscv",
                                       .start = mmu_riscv_start,
                                       .addr = format_addr,
                                       .step = mmu_riscv_step,
                                       .perm = format_perm,
                                       .pa = format_pa,
                                       .cause = format_cause,
                                       .merge_lg = format_merge_lg,
                                       .pages = MMU_PAGES_4K | MMU_PAGES_64K | MMU_PAGES_2M | MMU_PAGES_4M |
                                                MMU_PAGES_1G | MMU_PAGES_512G | MMU_PAGES_256T,
                                       .rules = mmu_riscv_rules,
                                       .rule_count = MMU_RULES};
