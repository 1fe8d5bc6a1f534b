/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `inverted` (docs/microarchitecture.md, INV): one table for all processes, with a row for each
 * page that is somewhere in memory. Rows are found by hashing and chains, or one after the other.
 *
 *     anchor   32:1 row  0 there is one                                                 level 3
 *     word 0   63:17 page  16:1 process  0 in use                                       level 2
 *     word 1   a page row                                                               level 0
 *     word 2   32:1 next row  0 there is one                                            level 1
 */
#include "arch/format/classic.h"

_Static_assert((unsigned)FORMAT_inverted == (unsigned)MMU_FORMAT_INVERTED, "formats.def and mmu_format_e");

enum { LEVEL_ROW = 0, LEVEL_NEXT = 1, LEVEL_MATCH = 2, LEVEL_ANCHOR = 3 };

/* A position (INV-2): row number 15:0, rows looked at 32:16. */
#define POS_ROW UINT64_C(0xffff)
#define POS_LOOKED_SHIFT 16
#define POS_LOOKED UINT64_C(0x1ffff)

enum {
    RULE_FIRST = CLASSIC_RULES,
    RULE_MATCH,
    RULE_OTHER,
    RULE_NEXT,
    RULE_EMPTY,
    RULE_END,
    RULE_LOOP,
    RULE_WILD,
    RULES
};

static const char *const rules[RULES] = {
    CLASSIC_TEXTS,
    [RULE_FIRST] = "the first row of the page's chain (INV-2)",
    [RULE_MATCH] = "the row is of this process and page: its frame is read next (INV-2, INV-3)",
    [RULE_OTHER] = "the row is not of this process and page: the search goes on (INV-2, INV-3)",
    [RULE_NEXT] = "the next row of the chain (INV-2)",
    [RULE_EMPTY] = "the chain has no row: the page is nowhere in memory (INV-2)",
    [RULE_END] = "the search ends: the page is nowhere in memory (INV-2, INV-3)",
    [RULE_LOOP] = "the chain has more rows than the table: it is broken (INV-2)",
    [RULE_WILD] = "a row number beyond the table: the chain is broken (INV-2)",
};

static uint64_t rows_of(const mmu_slow_t *slow)
{
    return UINT64_C(1) << slow->rows_lg;
}

static uint64_t page_of(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    return rq->va >> slow->plg;
}

static mmu_pos_t pos_of(unsigned level, uint64_t row, uint64_t looked)
{
    return mmu_pos_make(level, false, (row & POS_ROW) | (looked & POS_LOOKED) << POS_LOOKED_SHIFT);
}

static uint64_t row_at(mmu_pos_t pos)
{
    return pos & POS_ROW;
}

static uint64_t looked_at(mmu_pos_t pos)
{
    return pos >> POS_LOOKED_SHIFT & POS_LOOKED;
}

static mmu_start_t inverted_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    /* No limit of its own: what is not in the table is nowhere. */
    return classic_start(rq, 0, 1, slow->linear ? pos_of(LEVEL_MATCH, 0, 1) : pos_of(LEVEL_ANCHOR, 0, 0));
}

static mmu_addr_t inverted_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    static const uint8_t word[4] = {[LEVEL_ROW] = 8, [LEVEL_NEXT] = 16, [LEVEL_MATCH] = 0};
    const unsigned level = mmu_pos_level(pos) & 3u;

    if (level == LEVEL_ANCHOR) {
        const uint64_t page = page_of(rq, slow);
        const uint64_t anchor = (page ^ page >> slow->rows_lg ^ rq->ctx.asid) & (rows_of(slow) - 1);

        return classic_addr(rq->ctx.aux << 12, anchor * 8);
    }
    return classic_addr(classic_root(rq), row_at(pos) * 32 + word[level]);
}

static mmu_step_t go(unsigned level, uint64_t row, uint64_t looked, unsigned rule)
{
    return (mmu_step_t){
        .kind = MMU_STEP_READ, .pos = pos_of(level, row, looked), .rule = FORMAT_RULE(inverted, rule)};
}

static mmu_step_t refuse(uint8_t fault, unsigned rule)
{
    return format_fault(fault, FORMAT_RULE(inverted, rule));
}

/* A link of a chain: an anchor, or a row's word 2. */
static mmu_step_t follow(const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word, unsigned rule, unsigned none)
{
    const uint64_t row = word >> 1 & UINT32_MAX, looked = looked_at(pos);

    if ((word & 1) == 0)
        return refuse(MMU_FAULT_PAGE, none);
    if (looked == rows_of(slow))
        return refuse(MMU_FAULT_TABLE, RULE_LOOP);
    return row < rows_of(slow) ? go(LEVEL_MATCH, row, looked + 1, rule) : refuse(MMU_FAULT_TABLE, RULE_WILD);
}

static mmu_step_t match(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const uint64_t row = row_at(pos), looked = looked_at(pos);

    if (word == (page_of(rq, slow) << 17 | (uint64_t)rq->ctx.asid << 1 | 1))
        return go(LEVEL_ROW, row, looked, RULE_MATCH);
    if (!slow->linear)
        return go(LEVEL_NEXT, row, looked, RULE_OTHER);
    /* INV-3 */
    return row + 1 < rows_of(slow) ? go(LEVEL_MATCH, row + 1, looked + 1, RULE_OTHER)
                                   : refuse(MMU_FAULT_PAGE, RULE_END);
}

static mmu_step_t inverted_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    switch (mmu_pos_level(pos)) {
    case LEVEL_ANCHOR:
        return follow(slow, pos, word, RULE_FIRST, RULE_EMPTY);
    case LEVEL_MATCH:
        return match(rq, slow, pos, word);
    case LEVEL_NEXT:
        return follow(slow, pos, word, RULE_NEXT, RULE_END);
    default:
        return classic_row(rq, slow, word, FORMAT_RULE(inverted, 0));
    }
}

const mmu_format_t mmu_format_inverted = {.name = "inverted",
                                          .start = inverted_start,
                                          .addr = inverted_addr,
                                          .step = inverted_step,
                                          .perm = classic_perm,
                                          .pa = classic_pa,
                                          .cause = classic_cause,
                                          .merge_lg = classic_merge_lg,
                                          .pages = MMU_PAGES_512_TO_64K,
                                          .rules = rules,
                                          .rule_count = RULES};
