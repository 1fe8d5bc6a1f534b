/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `segpage` (docs/microarchitecture.md, SPG): VA = <S, P, D>, segments with a page table each.
 * Rights and limit are the segment's, and are judged before its page table is read.
 *
 *     63:22 page table, PA[50:9]   21:8 limit in pages   7:0 rights          a segment
 */
#include "arch/format/classic.h"

_Static_assert((unsigned)FORMAT_segpage == (unsigned)MMU_FORMAT_SEGPAGE, "formats.def and mmu_format_e");

#define SEGPAGE_LG 22u /* of the bytes of a segment's address space */
#define SEGPAGE_TABLE_SHIFT 22

/* A position of level 0 (SPG-2): ppn of the page table 46:0, R W X U of the segment 51, 52, 53, 54, in the order of
 * an entry's 53, 54, 55, 56. */
#define POS_RIGHTS_SHIFT 2

enum { RULE_SEGMENT = CLASSIC_RULES, RULE_NO_SEGMENT, RULE_BEYOND, RULES };

static const char *const rules[RULES] = {
    CLASSIC_TEXTS,
    [RULE_SEGMENT] = "a segment that grants the access: its page table's row is read next (SPG-2)",
    [RULE_NO_SEGMENT] = "P is 0 in the segment table: the segment is absent (SPG-2)",
    [RULE_BEYOND] = "the page is not below the segment's limit (SPG-2)",
};

static uint64_t number(const mmu_rq_t *rq)
{
    return rq->va >> SEGPAGE_LG;
}

static uint64_t page_of(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return (rq->va & ((UINT64_C(1) << SEGPAGE_LG) - 1)) >> slow->plg;
}

static mmu_start_t segpage_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    return classic_start(rq, number(rq), rq->ctx.aux,
                         mmu_pos_make(1, false, rq->ctx.root << (12 - MMU_PPN_LG)));
}

static mmu_addr_t segpage_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    return classic_addr(mmu_pos_ppn(pos) << MMU_PPN_LG,
                        (mmu_pos_level(pos) != 0 ? number(rq) : page_of(rq, slow)) * 8);
}

static mmu_step_t segment(const mmu_rq_t *rq, const mmu_slow_t *slow, uint64_t word)
{
    const uint16_t base = FORMAT_RULE(segpage, 0);
    const mmu_entry_t rights = classic_flags(word) & CLASSIC_RIGHTS;

    if ((word & CLASSIC_P) == 0)
        return classic_fault(MMU_FAULT_TABLE, base, RULE_NO_SEGMENT);
    if (classic_mode_reserved(word))
        return classic_fault(MMU_FAULT_RSVD, base, CLASSIC_MODE);
    const unsigned refused = classic_rights(rq, rights);
    if (refused != CLASSIC_LEAF)
        return classic_fault(MMU_FAULT_PROT, base, refused);
    if (page_of(rq, slow) >= (word >> 8 & 0x3fff))
        return classic_fault(MMU_FAULT_LIMIT, base, RULE_BEYOND);
    return (mmu_step_t){.kind = MMU_STEP_READ,
                        .pos =
                            mmu_pos_make(0, false, word >> SEGPAGE_TABLE_SHIFT) | rights >> POS_RIGHTS_SHIFT,
                        .rule = (uint16_t)(base + RULE_SEGMENT)};
}

static mmu_step_t segpage_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    if (mmu_pos_level(pos) != 0)
        return segment(rq, slow, word);
    return classic_page(rq, slow, word, pos << POS_RIGHTS_SHIFT, FORMAT_RULE(segpage, 0));
}

const mmu_format_t mmu_format_segpage = {.name = "segpage",
                                         .start = segpage_start,
                                         .addr = segpage_addr,
                                         .step = segpage_step,
                                         .perm = classic_perm,
                                         .pa = classic_pa,
                                         .cause = classic_cause,
                                         .merge_lg = classic_merge_lg,
                                         .pages = MMU_PAGES_512_TO_64K,
                                         .rules = rules,
                                         .rule_count = RULES};
