/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `segment` (docs/microarchitecture.md, SEG): VA = <S, D>, a table of segments in memory with
 * base, limit and rights. A held entry is a whole segment: it has the limit, and `pa` adds.
 *
 *     word 0  48:32 limit  31:0 base          word 1  8 down  7:0 rights
 */
#include "arch/format/classic.h"

_Static_assert((unsigned)FORMAT_segment == (unsigned)MMU_FORMAT_SEGMENT, "formats.def and mmu_format_e");

#define SEGMENT_LG 16u
#define SEGMENT_MAX (UINT64_C(1) << SEGMENT_LG) /* the largest limit */
#define SEGMENT_DOWN UINT64_C(0x100)            /* in word 1 */

/* A position at word 1 (SEG-2): base 31:0, limit[15:0] 47:32, limit[16] 51. */
#define POS_LIMIT_SHIFT 32
#define POS_LIMIT_TOP_SHIFT 51

/* An entry (SEG-3): base 31:0, bound[14:0] 46:32, bound[15] 62, down 63. */
#define ENTRY_BOUND_SHIFT 32
#define ENTRY_BOUND_TOP_SHIFT 62
#define ENTRY_DOWN (UINT64_C(1) << 63)

enum { RULE_WORD0 = CLASSIC_RULES, RULE_BEYOND, RULE_BELOW, RULES };

static const char *const rules[RULES] = {
    CLASSIC_TEXTS,
    [RULE_WORD0] = "base and limit of the segment; its rights are read next (SEG-2)",
    [RULE_BEYOND] = "the offset is not below the segment's limit (SEG-2)",
    [RULE_BELOW] = "the segment grows down, and the offset is below its limit (SEG-2)",
};

static uint64_t number(const mmu_rq_t *rq)
{
    return rq->va >> SEGMENT_LG & 0xffff;
}

static uint64_t offset(const mmu_rq_t *rq)
{
    return rq->va & (SEGMENT_MAX - 1);
}

/* SEG-1 */
static mmu_start_t segment_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    return classic_start(rq, number(rq), rq->ctx.aux, mmu_pos_make(1, false, 0));
}

static mmu_addr_t segment_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    (void)slow;
    return classic_addr(classic_root(rq), number(rq) * 16 + (mmu_pos_level(pos) != 0 ? 0 : 8));
}

/* SEG-2. A position of level 0 has the 32 bits of base and the low 16 of limit where others have ppn and g. */
static mmu_step_t word0(uint64_t word)
{
    const uint64_t given = word >> 32 & 0x1ffff, limit = given < SEGMENT_MAX ? given : SEGMENT_MAX;

    return (mmu_step_t){.kind = MMU_STEP_READ,
                        .pos = (word & UINT32_MAX) | (limit & 0xffff) << POS_LIMIT_SHIFT |
                               limit >> 16 << POS_LIMIT_TOP_SHIFT,
                        .rule = FORMAT_RULE(segment, RULE_WORD0)};
}

static mmu_step_t word1(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const uint16_t base = FORMAT_RULE(segment, 0);
    const uint64_t limit = (pos >> POS_LIMIT_SHIFT & 0xffff) | (pos >> POS_LIMIT_TOP_SHIFT & 1) << 16;
    const bool down = (word & SEGMENT_DOWN) != 0;
    mmu_entry_t entry = classic_flags(word);

    if ((word & CLASSIC_P) == 0)
        return classic_fault(MMU_FAULT_PAGE, base, CLASSIC_ABSENT);
    if (classic_mode_reserved(word))
        return classic_fault(MMU_FAULT_RSVD, base, CLASSIC_MODE);
    const unsigned refused = classic_rights(rq, entry);
    if (refused != CLASSIC_LEAF)
        return classic_fault(MMU_FAULT_PROT, base, refused);
    if (down ? offset(rq) < limit : offset(rq) >= limit)
        return classic_fault(MMU_FAULT_LIMIT, base, down ? RULE_BELOW : RULE_BEYOND);
    /* A byte is inside, so limit - 1, with `down` limit, is below 2^16. */
    const uint64_t bound = down ? limit : limit - 1;
    entry |= (pos & UINT32_MAX) | (bound & 0x7fff) << ENTRY_BOUND_SHIFT |
             bound >> 15 << ENTRY_BOUND_TOP_SHIFT | (down ? ENTRY_DOWN : 0) |
             (uint64_t)SEGMENT_LG << MMU_ENTRY_LG_SHIFT;
    return classic_leaf(rq, slow, word, entry, base);
}

static mmu_step_t segment_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    return mmu_pos_level(pos) != 0 ? word0(word) : word1(rq, slow, pos, word);
}

/* SEG-3 */
static bool segment_perm(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    const uint64_t bound = (entry >> ENTRY_BOUND_SHIFT & 0x7fff) | (entry >> ENTRY_BOUND_TOP_SHIFT & 1) << 15;
    const bool inside = (entry & ENTRY_DOWN) != 0 ? offset(rq) >= bound : offset(rq) <= bound;

    return inside && classic_perm(rq, slow, entry);
}

static uint64_t segment_pa(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return (entry & UINT32_MAX) + offset(rq);
}

static unsigned segment_merge_lg(const mmu_slow_t *slow)
{
    (void)slow;
    return 0;
}

const mmu_format_t mmu_format_segment = {.name = "segment",
                                         .start = segment_start,
                                         .addr = segment_addr,
                                         .step = segment_step,
                                         .perm = segment_perm,
                                         .pa = segment_pa,
                                         .cause = classic_cause,
                                         .merge_lg = segment_merge_lg,
                                         .pages = MMU_PAGES_64K,
                                         .rules = rules,
                                         .rule_count = RULES};
