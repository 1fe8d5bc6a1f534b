/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `trident`, made up for docs/formats.md: three levels of tables with fields of 7, 6 and 7 bits, pages of
 * 4 KiB, rights in odd places. RTL: mmu_trident.sv. TRI-1..5 are its rules, in docs/formats.md.
 *
 *     VA       31..25  24..19  18..12  11..0          ctx.mode 1, root: frame of the first table
 *              first   second  third   offset
 *     pointer  63 P    49..3 PA[55:9] of the next table                  0 must be 0
 *     page     63 P    62 U  60 D  57 G  54 A   52..9 PA[55:12]  6 R  5 W  1 X   0 must be 0
 */
#include "arch/format/formats.h"

#define P (UINT64_C(1) << 63)
#define U (UINT64_C(1) << 62)
#define D (UINT64_C(1) << 60)
#define G (UINT64_C(1) << 57)
#define A (UINT64_C(1) << 54)
#define R (UINT64_C(1) << 6)
#define W (UINT64_C(1) << 5)
#define X (UINT64_C(1) << 1)
#define RESERVED UINT64_C(1)
#define PAGE_LG 12u

enum {
    RULE_POINTER = 0,
    RULE_LEAF,
    RULE_AD_UPDATE,
    RULE_NO_TABLE,
    RULE_ABSENT,
    RULE_RESERVED,
    RULE_RIGHTS,
    RULE_AD_CLEAR,
    RULES
};

static const char *const rules[RULES] = {
    [RULE_POINTER] = "points to the next table (TRI-2)",
    [RULE_LEAF] = "maps what grants the access (TRI-3)",
    [RULE_AD_UPDATE] = "A, or D for a store, is clear and hardware sets it (TRI-3)",
    [RULE_NO_TABLE] = "P is 0: the next table is absent (TRI-2)",
    [RULE_ABSENT] = "P is 0: the page is absent (TRI-3)",
    [RULE_RESERVED] = "bit 0 is reserved (TRI-2, TRI-3)",
    [RULE_RIGHTS] = "the access lacks its right (TRI-4)",
    [RULE_AD_CLEAR] = "A, or D for a store, is clear and software must set it (TRI-3)",
};

/* How many VA bits stand below the index of a level's table. */
static const uint8_t below[3] = {12, 19, 25};

/* TRI-1 */
static mmu_start_t trident_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    if (rq->prv == MMU_PRIV_M || rq->ctx.mode == 0)
        return format_bare(rq->va, 0);
    if (rq->va >> 32 != 0)
        return format_start_fault(MMU_FAULT_LIMIT);
    return (mmu_start_t){.kind = MMU_START_WALK,
                         .pos = mmu_pos_make(2, false, rq->ctx.root << (12 - MMU_PPN_LG))};
}

/* TRI-2. Levels above 2 are in no position that start and step make. */
static mmu_addr_t trident_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    const unsigned level = mmu_pos_level(pos) & 3u;
    const uint64_t index = (rq->va >> below[level % 3]) & (level == 1 ? 0x3fu : 0x7fu);

    (void)slow;
    return (mmu_addr_t){.addr = ((mmu_pos_ppn(pos) << MMU_PPN_LG) + index * 8) & MMU_PA_MASK, .wide = true};
}

/* TRI-4: of an entry's rights. */
static bool granted(const mmu_rq_t *rq, mmu_entry_t entry)
{
    const mmu_entry_t right = format_store(rq->acc)     ? MMU_ENTRY_W
                              : rq->acc == MMU_ACC_LOAD ? MMU_ENTRY_R
                                                        : MMU_ENTRY_X;

    return (entry & right) != 0 && (rq->prv != MMU_PRIV_U || (entry & MMU_ENTRY_U) != 0);
}

static mmu_entry_t needed(const mmu_rq_t *rq)
{
    return MMU_ENTRY_A | (format_store(rq->acc) ? MMU_ENTRY_D : 0);
}

static mmu_entry_t entry_of(uint64_t word)
{
    return (word >> 9 << 3 & MMU_PPN_MASK) | (uint64_t)PAGE_LG << MMU_ENTRY_LG_SHIFT |
           ((word & R) != 0 ? MMU_ENTRY_R : 0) | ((word & W) != 0 ? MMU_ENTRY_W : 0) |
           ((word & X) != 0 ? MMU_ENTRY_X : 0) | ((word & U) != 0 ? MMU_ENTRY_U : 0) |
           ((word & G) != 0 ? MMU_ENTRY_G : 0) | ((word & A) != 0 ? MMU_ENTRY_A : 0) |
           ((word & D) != 0 ? MMU_ENTRY_D : 0);
}

/* TRI-3 */
static mmu_step_t page(const mmu_rq_t *rq, const mmu_slow_t *slow, uint64_t word)
{
    const mmu_entry_t entry = entry_of(word), need = needed(rq);

    if (!granted(rq, entry))
        return format_fault(MMU_FAULT_PROT, FORMAT_RULE(trident, RULE_RIGHTS));
    if ((entry & need) == need)
        return (mmu_step_t){.kind = MMU_STEP_LEAF, .entry = entry, .rule = FORMAT_RULE(trident, RULE_LEAF)};
    if (!slow->adue)
        return format_fault(MMU_FAULT_PAGE, FORMAT_RULE(trident, RULE_AD_CLEAR));
    return (mmu_step_t){.kind = MMU_STEP_NEED_AD,
                        .entry = entry | need,
                        .new_word = word | A | (format_store(rq->acc) ? D : 0),
                        .rule = FORMAT_RULE(trident, RULE_AD_UPDATE)};
}

static mmu_step_t trident_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const unsigned level = mmu_pos_level(pos);

    if ((word & P) == 0)
        return level != 0 ? format_fault(MMU_FAULT_TABLE, FORMAT_RULE(trident, RULE_NO_TABLE))
                          : format_fault(MMU_FAULT_PAGE, FORMAT_RULE(trident, RULE_ABSENT));
    if ((word & RESERVED) != 0)
        return format_fault(MMU_FAULT_RSVD, FORMAT_RULE(trident, RULE_RESERVED));
    if (level == 0)
        return page(rq, slow, word);
    return (mmu_step_t){.kind = MMU_STEP_READ,
                        .lg = level == 2 ? 25 : 19,
                        .pos = mmu_pos_make(level - 1, false, word >> 3),
                        .rule = FORMAT_RULE(trident, RULE_POINTER)};
}

/* TRI-4: of a held entry; what the walk would do to A and D it must do. */
static bool trident_perm(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return granted(rq, entry) && (entry & needed(rq)) == needed(rq);
}

static uint64_t trident_pa(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return mmu_entry_pa(entry, rq->va);
}

/* TRI-5 */
static uint8_t trident_cause(uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    static const uint8_t kinds[8] = {[MMU_FAULT_PAGE] = 1,  [MMU_FAULT_PROT] = 2,  [MMU_FAULT_RSVD] = 3,
                                     [MMU_FAULT_LIMIT] = 4, [MMU_FAULT_TABLE] = 5, [MMU_FAULT_ACCESS] = 6};

    (void)slow;
    return kinds[fault & 7u] == 0 ? 0 : (uint8_t)(rq->acc << 3 | kinds[fault & 7u]);
}

static unsigned trident_merge_lg(const mmu_slow_t *slow)
{
    (void)slow;
    return PAGE_LG;
}

const mmu_format_t mmu_format_trident = {.name = "trident",
                                         .start = trident_start,
                                         .addr = trident_addr,
                                         .step = trident_step,
                                         .perm = trident_perm,
                                         .pa = trident_pa,
                                         .cause = trident_cause,
                                         .merge_lg = trident_merge_lg,
                                         .pages = MMU_PAGES_4K,
                                         .rules = rules,
                                         .rule_count = RULES};
