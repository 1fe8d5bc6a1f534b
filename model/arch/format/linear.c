/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `linear` (docs/microarchitecture.md, LIN-1): VA = <P, D>, one table with a row for each page.
 * Without a TLB this is direct mapping, with a fully associative one associative mapping.
 */
#include "arch/format/classic.h"

_Static_assert((unsigned)FORMAT_linear == (unsigned)MMU_FORMAT_LINEAR, "formats.def and mmu_format_e");

static const char *const rules[CLASSIC_RULES] = {CLASSIC_TEXTS};

static mmu_start_t linear_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return classic_start(rq, rq->va >> slow->plg, rq->ctx.aux,
                         mmu_pos_make(0, false, rq->ctx.root << (12 - MMU_PPN_LG)));
}

static mmu_addr_t linear_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    return classic_addr(mmu_pos_ppn(pos) << MMU_PPN_LG, (rq->va >> slow->plg) * 8);
}

static mmu_step_t linear_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    (void)pos;
    return classic_row(rq, slow, word, FORMAT_RULE(linear, 0));
}

const mmu_format_t mmu_format_linear = {.name = "linear",
                                        .start = linear_start,
                                        .addr = linear_addr,
                                        .step = linear_step,
                                        .perm = classic_perm,
                                        .pa = classic_pa,
                                        .cause = classic_cause,
                                        .merge_lg = classic_merge_lg,
                                        .pages = MMU_PAGES_512_TO_64K,
                                        .rules = rules,
                                        .rule_count = CLASSIC_RULES};
