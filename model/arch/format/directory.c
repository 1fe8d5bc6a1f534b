/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `directory` (docs/microarchitecture.md, DIR-1): VA = <P1, P2, D>, set-associative mapping. A
 * directory whose inner tables may be absent, which is another fault than an absent page.
 */
#include "arch/format/classic.h"

_Static_assert((unsigned)FORMAT_directory == (unsigned)MMU_FORMAT_DIRECTORY, "formats.def and mmu_format_e");

#define DIRECTORY_LG 22u /* of the bytes that an inner table covers */

enum { RULE_INNER = CLASSIC_RULES, RULE_NO_INNER, RULES };

static const char *const rules[RULES] = {
    CLASSIC_TEXTS,
    [RULE_INNER] = "an inner table, where the page's row is read next (DIR-1)",
    [RULE_NO_INNER] = "P is 0 in the directory: the inner table is absent (DIR-1)",
};

static mmu_start_t directory_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    return classic_start(rq, rq->va >> DIRECTORY_LG, rq->ctx.aux,
                         mmu_pos_make(1, false, rq->ctx.root << (12 - MMU_PPN_LG)));
}

static mmu_addr_t directory_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    const uint64_t p1 = rq->va >> DIRECTORY_LG;
    const uint64_t p2 = (rq->va & ((UINT64_C(1) << DIRECTORY_LG) - 1)) >> slow->plg;

    return classic_addr(mmu_pos_ppn(pos) << MMU_PPN_LG, (mmu_pos_level(pos) != 0 ? p1 : p2) * 8);
}

static mmu_step_t directory_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    if (mmu_pos_level(pos) == 0)
        return classic_row(rq, slow, word, FORMAT_RULE(directory, 0));
    if ((word & CLASSIC_P) == 0)
        return format_fault(MMU_FAULT_TABLE, FORMAT_RULE(directory, RULE_NO_INNER));
    return (mmu_step_t){.kind = MMU_STEP_READ,
                        .lg = DIRECTORY_LG,
                        .pos = mmu_pos_make(0, false, word >> CLASSIC_FRAME_SHIFT),
                        .rule = FORMAT_RULE(directory, RULE_INNER)};
}

const mmu_format_t mmu_format_directory = {.name = "directory",
                                           .start = directory_start,
                                           .addr = directory_addr,
                                           .step = directory_step,
                                           .perm = classic_perm,
                                           .pa = classic_pa,
                                           .cause = classic_cause,
                                           .merge_lg = classic_merge_lg,
                                           .pages = MMU_PAGES_512_TO_64K,
                                           .rules = rules,
                                           .rule_count = RULES};
