/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The format `x86` (docs/microarchitecture.md, X86): 32-bit paging of two levels, PAE, and paging of four
 * and five levels. Intel SDM volume 3, chapter 4; its section numbers stand with the rules' texts.
 *
 *     63  62:52    51 .......... 12  11:9  8  7  6 5   4   3    2   1   0
 *     NX  ignored  PPN                     G  PS D A  PCD PWT  U/S R/W  P     (2-level: bits 31:0 only)
 *
 * The modes differ in one row of a table, not in code.
 */
#include "arch/format/formats.h"

_Static_assert((unsigned)FORMAT_x86 == (unsigned)MMU_FORMAT_X86, "formats.def and mmu_format_e");

/* ---- modes ------------------------------------------------------------------------------------------- */

enum { X86_OFF = 0, X86_2LEVEL = 1, X86_PAE = 2, X86_PML4 = 3, X86_PML5 = 4 };

typedef struct {
    uint8_t root_level;
    uint8_t lg[5];      /* by level: log2 of the bytes that a word covers */
    uint8_t index_bits; /* of a level; PAE's root has 2 */
    uint8_t sign_bit;   /* VA bits from here up must be equal; 63: none to compare */
    uint8_t leaf_level; /* PS makes a leaf at levels from 1 to this one */
    bool wide;          /* words of 8 bytes, else 4 */
} x86_mode_t;

static const x86_mode_t modes[8] = {
    [X86_2LEVEL] = {1, {12, 22}, 10, 63, 1, false},
    [X86_PAE] = {2, {12, 21, 30}, 9, 63, 1, true},
    [X86_PML4] = {3, {12, 21, 30, 39}, 9, 47, 2, true},
    [X86_PML5] = {4, {12, 21, 30, 39, 48}, 9, 56, 2, true},
};

static const x86_mode_t *mode_of(const mmu_rq_t *rq)
{
    return &modes[rq->ctx.mode & 7u];
}

/* ---- words and positions ----------------------------------------------------------------------------- */

#define WORD_P UINT64_C(0x001)
#define WORD_RW UINT64_C(0x002)
#define WORD_US UINT64_C(0x004)
#define WORD_A UINT64_C(0x020)
#define WORD_D UINT64_C(0x040)
#define WORD_PS UINT64_C(0x080)
#define WORD_G UINT64_C(0x100)
#define WORD_NX (UINT64_C(1) << 63)

#define FLAG_WP 1u
#define FLAG_SMEP 2u
#define FLAG_SMAP 4u
#define FLAG_AC 8u

/* X86-2 */
#define POS_US (UINT64_C(1) << 51)
#define POS_RW (UINT64_C(1) << 52)
#define POS_NX (UINT64_C(1) << 53)
#define POS_LACKS (UINT64_C(1) << 54)
#define POS_COMMIT (UINT64_C(1) << 55)

/* Bits high:low of a word, in their place. */
static uint64_t bits(uint64_t word, unsigned high, unsigned low)
{
    return high < low ? 0 : word & (UINT64_MAX >> (63 - high)) & (UINT64_MAX << low);
}

static mmu_pos_t root_of(const mmu_rq_t *rq)
{
    return mmu_pos_make(mode_of(rq)->root_level, false, rq->ctx.root << (12 - MMU_PPN_LG)) | POS_US | POS_RW;
}

/* The page directory pointers of PAE: no rights, no A (X86-6). */
static bool is_pdpte(const mmu_rq_t *rq, unsigned level)
{
    return rq->ctx.mode == X86_PAE && level == 2;
}

/* ---- rules for people -------------------------------------------------------------------------------- */

typedef enum {
    RULE_POINTER = 0,
    RULE_POINTER_A,
    RULE_LEAF,
    RULE_ABSENT,
    RULE_RSVD_MAXPA,
    RULE_RSVD_NX,
    RULE_RSVD_PAE,
    RULE_RSVD_PS,
    RULE_RSVD_LARGE,
    RULE_NX,
    RULE_SUPERVISOR,
    RULE_SMEP,
    RULE_SMAP,
    RULE_READ_ONLY,
    RULE_AD_UPDATE,
    RULE_COMMIT,
    RULES
} rule_e;

static const char *const rules[RULES] = {
    [RULE_POINTER] = "a pointer to the next table (X86-9; SDM 3, 4.2)",
    [RULE_POINTER_A] =
        "a pointer whose A is clear: it is set before the next table is read (X86-8; SDM 3, 4.8)",
    [RULE_LEAF] = "maps a page that grants the access (X86-10; SDM 3, 4.6)",
    [RULE_ABSENT] = "P is 0: nothing is mapped here (X86-4; SDM 3, 4.7)",
    [RULE_RSVD_MAXPA] = "an address bit from MAXPHYADDR up is set (X86-5; SDM 3, 4.3 to 4.5)",
    [RULE_RSVD_NX] =
        "bit 63 is set where it is reserved: EFER.NXE is 0, or a PDPTE of PAE (X86-5; SDM 3, 4.5)",
    [RULE_RSVD_PAE] = "one of bits 62:52 is set, which PAE reserves (X86-5; SDM 3, 4.4.2)",
    [RULE_RSVD_PS] = "PS is set in a PML4 or PML5 entry (X86-5; SDM 3, 4.5)",
    [RULE_RSVD_LARGE] = "an address bit below the large page's size is set (X86-5; SDM 3, 4.3 to 4.5)",
    [RULE_NX] = "a fetch from a page with NX (X86-7; SDM 3, 4.6)",
    [RULE_SUPERVISOR] = "a user's access to a supervisor page (X86-7; SDM 3, 4.6)",
    [RULE_SMEP] = "a supervisor's fetch from a user page while SMEP (X86-7; SDM 3, 4.6)",
    [RULE_SMAP] = "a supervisor's access to a user page while SMAP, without AC (X86-7; SDM 3, 4.6)",
    [RULE_READ_ONLY] = "a store to a read-only page, by the user or while WP (X86-7; SDM 3, 4.6)",
    [RULE_AD_UPDATE] = "A, or D for a store, is clear and is set (X86-8; SDM 3, 4.8)",
    [RULE_COMMIT] = "the access succeeds: the walk begins again, and sets A on its way (X86-8; SDM 3, 4.8)",
};

static mmu_step_t refuse(uint8_t fault, rule_e rule)
{
    return format_fault(fault, FORMAT_RULE(x86, rule));
}

/* ---- start and addr ---------------------------------------------------------------------------------- */

static mmu_start_t x86_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    const x86_mode_t *mode = mode_of(rq);

    (void)slow;
    if (rq->prv == MMU_PRIV_M || rq->ctx.mode == X86_OFF)
        return format_bare(rq->va, 0);
    /* X86-1. With sign bit 63 one bit is left, and both its values pass. */
    const uint64_t all = UINT64_MAX >> mode->sign_bit;
    const uint64_t top = rq->va >> mode->sign_bit;
    if (top != 0 && top != all)
        return format_start_fault(MMU_FAULT_LIMIT);
    return (mmu_start_t){.kind = MMU_START_WALK, .pos = root_of(rq)};
}

static mmu_addr_t x86_addr(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos)
{
    const x86_mode_t *mode = mode_of(rq);
    const unsigned level = mmu_pos_level(pos);
    const uint64_t index = rq->va >> mode->lg[level];
    const uint64_t table = mmu_pos_ppn(pos) << MMU_PPN_LG;
    mmu_addr_t out = {.wide = mode->wide};

    (void)slow;
    /* X86-3 */
    if (is_pdpte(rq, level))
        out.addr = table + ((rq->ctx.aux & 0x7f) << 5) + ((index & 3) << 3);
    else
        out.addr = table + ((index & ((UINT64_C(1) << mode->index_bits) - 1)) << (mode->wide ? 3 : 2));
    out.addr &= MMU_PA_MASK;
    return out;
}

/* ---- step -------------------------------------------------------------------------------------------- */

/* X86-6 */
static bool is_leaf(const mmu_rq_t *rq, const mmu_slow_t *slow, unsigned level, uint64_t word)
{
    if (level == 0)
        return true;
    return level <= mode_of(rq)->leaf_level && (word & WORD_PS) != 0 &&
           (rq->ctx.mode != X86_2LEVEL || slow->pse);
}

/* X86-5, in the order of the rule; RULE_LEAF: no reserved bit is set. */
static rule_e reserved_rule(const mmu_rq_t *rq, const mmu_slow_t *slow, unsigned level, uint64_t word)
{
    const bool large = level != 0 && is_leaf(rq, slow, level, word);

    if (!mode_of(rq)->wide) {
        /* Bits 20:13 of a 4 MiB leaf are PA[39:32] (PSE-36). */
        const unsigned first = slow->maxpa < 32 ? 32u : slow->maxpa;

        if (large && first < 40 && bits(word, 20, first - 32 + 13) != 0)
            return RULE_RSVD_MAXPA;
        return large && bits(word, 21, 21) != 0 ? RULE_RSVD_LARGE : RULE_LEAF;
    }
    if ((word & WORD_NX) != 0 && (is_pdpte(rq, level) || !slow->nxe))
        return RULE_RSVD_NX;
    if (slow->maxpa < 52 && bits(word, 51, slow->maxpa) != 0)
        return RULE_RSVD_MAXPA;
    if (rq->ctx.mode == X86_PAE && bits(word, 62, 52) != 0)
        return RULE_RSVD_PAE;
    if (level > 2 && (word & WORD_PS) != 0)
        return RULE_RSVD_PS;
    return large && bits(word, mode_of(rq)->lg[level] - 1u, 13) != 0 ? RULE_RSVD_LARGE : RULE_LEAF;
}

/* X86-7; W, X and U as in an entry (X86-10). RULE_LEAF: granted. */
static rule_e rights_rule(const mmu_rq_t *rq, mmu_entry_t entry)
{
    const bool fetch = rq->acc == MMU_ACC_FETCH, user = rq->prv == MMU_PRIV_U;
    const unsigned flags = rq->ctx.flags;

    if (fetch && (entry & MMU_ENTRY_X) == 0)
        return RULE_NX;
    if (user && (entry & MMU_ENTRY_U) == 0)
        return RULE_SUPERVISOR;
    if (!user && (entry & MMU_ENTRY_U) != 0) {
        if (fetch && (flags & FLAG_SMEP) != 0)
            return RULE_SMEP;
        if (!fetch && (flags & FLAG_SMAP) != 0 && (flags & FLAG_AC) == 0)
            return RULE_SMAP;
    }
    if (format_store(rq->acc) && (entry & MMU_ENTRY_W) == 0 && (user || (flags & FLAG_WP) != 0))
        return RULE_READ_ONLY;
    return RULE_LEAF;
}

/* X86-10: the physical page, in units of 512 bytes. */
static uint64_t leaf_ppn(const mmu_rq_t *rq, unsigned lg, uint64_t word)
{
    uint64_t pa = bits(word, 51, lg);

    if (rq->ctx.mode == X86_2LEVEL && lg == 22)
        pa |= bits(word, 20, 13) << (32 - 13);
    return pa >> MMU_PPN_LG & MMU_PPN_MASK;
}

/* pos: with the rights of all levels, the leaf's too. */
static mmu_step_t leaf_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const unsigned lg = mode_of(rq)->lg[mmu_pos_level(pos)];
    const uint64_t need = WORD_A | (format_store(rq->acc) ? WORD_D : 0);
    mmu_entry_t entry =
        leaf_ppn(rq, lg, word) | (uint64_t)lg << MMU_ENTRY_LG_SHIFT | MMU_ENTRY_R | MMU_ENTRY_A;

    entry |= (pos & POS_US) != 0 ? MMU_ENTRY_U : 0;
    entry |= (pos & POS_RW) != 0 ? MMU_ENTRY_W : 0;
    entry |= (pos & POS_NX) != 0 && slow->nxe ? 0 : MMU_ENTRY_X;
    entry |= (word & WORD_G) != 0 && slow->pge ? MMU_ENTRY_G : 0;
    entry |= ((word | need) & WORD_D) != 0 ? MMU_ENTRY_D : 0;

    const rule_e rule = rights_rule(rq, entry);
    if (rule != RULE_LEAF)
        return refuse(MMU_FAULT_PROT, rule);
    /* X86-8: a pointer passed had A = 0, and now the access is known to succeed. */
    if ((pos & POS_LACKS) != 0)
        return (mmu_step_t){
            .kind = MMU_STEP_READ, .pos = root_of(rq) | POS_COMMIT, .rule = FORMAT_RULE(x86, RULE_COMMIT)};
    if ((word & need) != need)
        return (mmu_step_t){.kind = MMU_STEP_NEED_AD,
                            .entry = entry,
                            .new_word = word | need,
                            .rule = FORMAT_RULE(x86, RULE_AD_UPDATE)};
    return (mmu_step_t){.kind = MMU_STEP_LEAF, .entry = entry, .rule = FORMAT_RULE(x86, RULE_LEAF)};
}

static mmu_step_t pointer_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const unsigned level = mmu_pos_level(pos);
    const bool lacks = (word & WORD_A) == 0 && !is_pdpte(rq, level);
    mmu_pos_t next = mmu_pos_make(level - 1, false, bits(word, 51, 12) >> MMU_PPN_LG) |
                     (pos & (POS_US | POS_RW | POS_NX | POS_LACKS | POS_COMMIT));

    /* X86-8 */
    if (lacks && (slow->afault || (pos & POS_COMMIT) != 0))
        return (mmu_step_t){.kind = MMU_STEP_READ_AD,
                            .pos = next,
                            .new_word = word | WORD_A,
                            .rule = FORMAT_RULE(x86, RULE_POINTER_A)};
    if (lacks)
        next |= POS_LACKS;
    /* X86-9 */
    const bool kept = !is_pdpte(rq, level) && (next & (POS_LACKS | POS_COMMIT)) == 0;
    return (mmu_step_t){.kind = MMU_STEP_READ,
                        .lg = kept ? mode_of(rq)->lg[level] : 0,
                        .pos = next,
                        .rule = FORMAT_RULE(x86, RULE_POINTER)};
}

static mmu_step_t x86_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const unsigned level = mmu_pos_level(pos);

    if (!mode_of(rq)->wide)
        word &= UINT32_MAX;
    if ((word & WORD_P) == 0)
        return refuse(MMU_FAULT_PAGE, RULE_ABSENT);
    const rule_e reserved = reserved_rule(rq, slow, level, word);
    if (reserved != RULE_LEAF)
        return refuse(MMU_FAULT_RSVD, reserved);
    /* X86-6 */
    if (!is_pdpte(rq, level)) {
        if ((word & WORD_US) == 0)
            pos &= ~POS_US;
        if ((word & WORD_RW) == 0)
            pos &= ~POS_RW;
        if ((word & WORD_NX) != 0)
            pos |= POS_NX;
    }
    return is_leaf(rq, slow, level, word) ? leaf_step(rq, slow, pos, word)
                                          : pointer_step(rq, slow, pos, word);
}

/* ---- held entries, causes ---------------------------------------------------------------------------- */

/* X86-11 */
static bool x86_perm(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return rights_rule(rq, entry) == RULE_LEAF && (!format_store(rq->acc) || (entry & MMU_ENTRY_D) != 0);
}

static uint64_t x86_pa(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_entry_t entry)
{
    (void)slow;
    return mmu_entry_pa(entry, rq->va);
}

/* X86-12; SDM 3, 4.7. */
static uint8_t x86_cause(uint8_t fault, const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    const bool smep = (rq->ctx.flags & FLAG_SMEP) != 0, nx = slow->nxe && rq->ctx.mode != X86_2LEVEL;

    switch (fault) {
    case MMU_FAULT_PAGE:
    case MMU_FAULT_PROT:
    case MMU_FAULT_RSVD:
        return (uint8_t)((fault == MMU_FAULT_PAGE ? 0 : 1) | (format_store(rq->acc) ? 2 : 0) |
                         (rq->prv == MMU_PRIV_U ? 4 : 0) | (fault == MMU_FAULT_RSVD ? 8 : 0) |
                         (rq->acc == MMU_ACC_FETCH && (smep || nx) ? 16 : 0));
    case MMU_FAULT_LIMIT:
        return 32;
    case MMU_FAULT_ACCESS:
        return 33;
    default:
        return 0;
    }
}

static unsigned x86_merge_lg(const mmu_slow_t *slow)
{
    (void)slow;
    return 12;
}

const mmu_format_t mmu_format_x86 = {.name = "x86",
                                     .start = x86_start,
                                     .addr = x86_addr,
                                     .step = x86_step,
                                     .perm = x86_perm,
                                     .pa = x86_pa,
                                     .cause = x86_cause,
                                     .merge_lg = x86_merge_lg,
                                     .pages = MMU_PAGES_4K | MMU_PAGES_2M | MMU_PAGES_4M | MMU_PAGES_1G,
                                     .rules = rules,
                                     .rule_count = RULES};
