/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The RISC-V paging formats as functions; the bodies are in riscv_inline.h. What stands here besides is off
 * the hot path: which rule made a word fault, and the numbers of causes.
 */
#include "arch/format/riscv_inline.h"

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
    return riscv_step(riscv_mode(rq), rq, slow, pos, word);
}

bool mmu_riscv_perm(const mmu_rq_t *rq, mmu_entry_t entry)
{
    return riscv_perm(rq, entry);
}

/* FMT-5, any entry. MMU_RULE_LEAF: none of its rules. */
static uint16_t invalid_rule(const mmu_slow_t *slow, uint64_t word)
{
    if ((word & PTE_V) == 0)
        return MMU_RULE_INVALID;
    if ((word & (PTE_R | PTE_W)) == PTE_W)
        return MMU_RULE_W_WITHOUT_R;
    if ((word & PTE_RESERVED) != 0)
        return MMU_RULE_RESERVED;
    if ((word & PTE_N) != 0 && !slow->svnapot)
        return MMU_RULE_N_DISABLED;
    if ((word & PTE_PBMT) != 0 && !slow->pbmte)
        return MMU_RULE_PBMT_DISABLED;
    if ((word & PTE_PBMT) == PTE_PBMT)
        return MMU_RULE_PBMT_RESERVED;
    return MMU_RULE_LEAF;
}

uint16_t mmu_riscv_fault_rule(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const riscv_need_t *need = riscv_need(rq);
    const mmu_entry_t entry = (word & PTE_FLAGS) << RISCV_FLAGS_SHIFT;
    const uint16_t invalid = invalid_rule(slow, word);

    if (invalid != MMU_RULE_LEAF)
        return invalid;
    /* FMT-6: it is a bad pointer, or it would not be here. */
    if ((word & (PTE_R | PTE_W | PTE_X)) == 0)
        return (word & PTE_LEAF_ONLY) != 0 ? MMU_RULE_POINTER_BITS : MMU_RULE_POINTER_LEVEL0;
    /* FMT-8 */
    if (!riscv_rights_ok(rq, need, entry))
        return rq->acc == MMU_ACC_FETCH   ? MMU_RULE_NO_X
               : rq->acc == MMU_ACC_STORE ? MMU_RULE_NO_W
                                          : MMU_RULE_NO_R;
    if (!riscv_user_ok(rq, need, entry))
        return (entry & MMU_ENTRY_U) != 0 ? MMU_RULE_U_PAGE : MMU_RULE_S_PAGE;
    /* FMT-9 */
    if ((riscv_ppn(word) & riscv_ppn_below(riscv_mode(rq)->lg[mmu_pos_level(pos)])) != 0)
        return MMU_RULE_MISALIGNED;
    /* FMT-10 is what is left where N is not, or is right. */
    if ((word & PTE_N) != 0 && (word >> 10 & 15) != RISCV_NAPOT_PATTERN)
        return MMU_RULE_NAPOT;
    return MMU_RULE_AD_CLEAR;
}

uint8_t mmu_riscv_cause(uint8_t fault, uint8_t acc)
{
    /* FMT-14; Priv 3.1.15, mcause: by fault kind, then access; an access that no column names is a load. */
    static const uint8_t page[4] = {12, 13, 15, 13};
    static const uint8_t access[4] = {1, 5, 7, 5};
    return fault == MMU_FAULT_PAGE ? page[acc & 3u] : fault == MMU_FAULT_ACCESS ? access[acc & 3u] : 0;
}
