/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The RISC-V paging formats: Bare, Sv32, Sv39, Sv48, Sv57 and their x4, with Svnapot, Svpbmt, Svade and Svadu.
 *
 * The bodies of mmu_riscv_start, addr, step and perm and of their twins for the G stage (mmu_format.h, riscv.c),
 * for callers on a hot path that take them inline. The RTL modules of the same name are written from the same
 * rules (docs/microarchitecture.md, FMT, GST, COMB). The modes differ in one row of a table, not in code, and
 * the stages in `what` (mmu_g_what_e): MMU_G_NONE is the first or only stage, and a constant in its callers.
 *
 *     63 62:61 60:54  53 ............ 10  9:8  7 6 5 4 3 2 1 0
 *     N  PBMT  zero   PPN                 RSW  D A G U X W R V      (Sv32: bits 31:0 only)
 */
#ifndef LOCKWALK_ARCH_FORMAT_RISCV_INLINE_H
#define LOCKWALK_ARCH_FORMAT_RISCV_INLINE_H

#include "lockwalk/mmu_format.h"

/* ---- modes --------------------------------------------------------------------------------------------- */

/* One row a mode: all that Sv32, Sv39, Sv48 and Sv57 differ in (Priv 4.3, 4.4, 4.5, 4.6). */
typedef struct {
    uint64_t word;       /* the bits of a word that count */
    uint64_t root_level; /* of a position; 0: no paging */
    uint8_t lg[8];       /* by level: log2 of the bytes that an entry covers */
    uint8_t shift[8];    /* by level: so many places right stands the entry's offset in its table... */
    uint16_t offset;     /* ...of which these are the bits; a table is 4 KiB */
    uint8_t sign_bit;    /* all VA bits from here up must be equal; 63: none to compare */
    uint8_t gpa_bits;    /* of a guest physical address, in the mode's x4 */
    bool wide;           /* entries of 8 bytes, else 4 */
} riscv_mode_t;

#define RISCV_LEVEL(n) (UINT64_C(n) << MMU_POS_LEVEL_SHIFT)
#define RISCV_MODE32 .word = UINT64_C(0xffffffff), .offset = 0xffc, .wide = false
#define RISCV_MODE64 .word = UINT64_MAX, .offset = 0xff8, .wide = true

/* FMT-1, by satp.MODE. The modes that the specification reserves cannot stand in satp: writing one has no
 * effect. shift = lg - log2 of the bytes of an entry. */
static const riscv_mode_t riscv_modes[16] = {
    [MMU_MODE_SV32] = {RISCV_MODE32, .root_level = RISCV_LEVEL(1), .sign_bit = 63, .gpa_bits = 34,
                       .lg = {12, 22}, .shift = {10, 20}},
    [MMU_MODE_SV39] = {RISCV_MODE64, .root_level = RISCV_LEVEL(2), .sign_bit = 38, .gpa_bits = 41,
                       .lg = {12, 21, 30}, .shift = {9, 18, 27}},
    [MMU_MODE_SV48] = {RISCV_MODE64, .root_level = RISCV_LEVEL(3), .sign_bit = 47, .gpa_bits = 50,
                       .lg = {12, 21, 30, 39}, .shift = {9, 18, 27, 36}},
    [MMU_MODE_SV57] = {RISCV_MODE64, .root_level = RISCV_LEVEL(4), .sign_bit = 56, .gpa_bits = 59,
                       .lg = {12, 21, 30, 39, 48}, .shift = {9, 18, 27, 36, 45}},
};

/* The level of a position, whose bits above are zero (TYP-3). */
static inline uint64_t riscv_level(mmu_pos_t pos)
{
    return pos >> MMU_POS_LEVEL_SHIFT;
}

static inline const riscv_mode_t *riscv_mode(const mmu_rq_t *rq)
{
    return &riscv_modes[rq->ctx.mode & 15u];
}

static inline const riscv_mode_t *riscv_gmode(const mmu_rq_t *rq)
{
    return &riscv_modes[rq->ctx.gmode & 15u];
}

/* FMT-2 */
static inline bool riscv_two_stage(const mmu_rq_t *rq)
{
    return rq->ctx.v && rq->prv != MMU_PRIV_M && riscv_gmode(rq)->root_level != 0;
}

/* ---- words --------------------------------------------------------------------------------------------- */

#define RISCV_PAGE_LG 12u
#define RISCV_NAPOT_LG 16u
#define RISCV_NAPOT_PATTERN UINT64_C(8) /* ppn[3:0] of the only NAPOT size, 64 KiB */

#define PTE_V UINT64_C(0x01)
#define PTE_R UINT64_C(0x02)
#define PTE_W UINT64_C(0x04)
#define PTE_X UINT64_C(0x08)
#define PTE_U UINT64_C(0x10)
#define PTE_G UINT64_C(0x20)
#define PTE_A UINT64_C(0x40)
#define PTE_D UINT64_C(0x80)
#define PTE_RESERVED (UINT64_C(0x7f) << 54)
#define PTE_PBMT (UINT64_C(3) << 61)
#define PTE_N (UINT64_C(1) << 63)
#define PTE_UPPER (PTE_RESERVED | PTE_PBMT | PTE_N)
#define PTE_FLAGS (PTE_R | PTE_W | PTE_X | PTE_U | PTE_G | PTE_A | PTE_D)

/* What a pointer must not have: FMT-6. */
#define PTE_LEAF_ONLY (PTE_A | PTE_D | PTE_U | PTE_N | PTE_PBMT)

/* Bits 7:1 of a word stand, in the same order, in bits 59:53 of an entry. */
#define RISCV_FLAGS_SHIFT 52
_Static_assert(PTE_R << RISCV_FLAGS_SHIFT == MMU_ENTRY_R && PTE_D << RISCV_FLAGS_SHIFT == MMU_ENTRY_D,
               "the order of flags");

/* G of a word, where positions and entries have theirs. */
#define RISCV_POS_G(word) (((word)&PTE_G) << 42)
_Static_assert(RISCV_POS_G(PTE_G) == MMU_POS_G, "the place of G in a position");
_Static_assert(MMU_POS_G << 10 == MMU_ENTRY_G, "the place of G in an entry");

/* A leaf so far as V, R, W and X tell: FMT-5 and FMT-6. One bit for each value of the four. */
static inline bool riscv_leaf(uint64_t word)
{
    const unsigned leaves = 1u << (PTE_V | PTE_R) | 1u << (PTE_V | PTE_R | PTE_W) | 1u << (PTE_V | PTE_X) |
                            1u << (PTE_V | PTE_X | PTE_R) | 1u << (PTE_V | PTE_X | PTE_R | PTE_W);

    return (leaves >> (word & 15) & 1u) != 0;
}

/* PPN of a word, in the 512-byte units of positions and entries. */
static inline uint64_t riscv_ppn(uint64_t word)
{
    return (word >> 10 & ((UINT64_C(1) << 44) - 1)) << (RISCV_PAGE_LG - MMU_PPN_LG);
}

/* Bits of a ppn (512-byte units) below a page of 2^lg bytes. */
static inline uint64_t riscv_ppn_below(unsigned lg)
{
    return (UINT64_C(1) << (lg - MMU_PPN_LG)) - 1;
}

/* ---- start and addr ------------------------------------------------------------------------------------ */

/* GST-2. The root table is four pages, aligned to its size. */
static inline mmu_start_t riscv_gstart(const mmu_rq_t *rq, uint64_t gpa)
{
    const riscv_mode_t *mode = riscv_gmode(rq);

    if (gpa >> mode->gpa_bits != 0)
        return (mmu_start_t){.kind = MMU_START_FAULT, .fault = MMU_FAULT_GUEST};
    return (mmu_start_t){.kind = MMU_START_WALK,
                         .pos =
                             mode->root_level |
                             ((rq->ctx.groot & ~UINT64_C(3)) << (RISCV_PAGE_LG - MMU_PPN_LG) & MMU_PPN_MASK)};
}

static inline mmu_start_t riscv_start(const mmu_rq_t *rq)
{
    const riscv_mode_t *mode = riscv_mode(rq);
    mmu_start_t out = {.kind = MMU_START_WALK};

    /* FMT-2. No translation, but an address beyond the physical ones reaches nothing. */
    if (rq->prv == MMU_PRIV_M || mode->root_level == 0) {
        const bool outside = rq->va >> MMU_PA_W != 0;

        /* FMT-16. The address is a guest physical one: there is no first stage's entry to begin with. */
        if (riscv_two_stage(rq)) {
            out = riscv_gstart(rq, rq->va);
            out.pos = 0;
            return out;
        }
        out.kind = outside ? MMU_START_FAULT : MMU_START_BARE;
        out.fault = outside ? MMU_FAULT_ACCESS : MMU_FAULT_NONE;
        return out;
    }
    /* FMT-3. Canonical: the bits from the sign bit up are all 0 (top = 0) or all 1 (top + 1 wraps to 0). With
     * sign bit 63 (Sv32, which looks at VA 31:0 only) one bit is left, and both its values pass. */
    const uint64_t all = UINT64_MAX >> mode->sign_bit;
    const uint64_t top = rq->va >> mode->sign_bit;
    if (((top + 1) & all) > 1) {
        out.kind = MMU_START_FAULT;
        out.fault = MMU_FAULT_PAGE;
        return out;
    }
    /* FMT-4 */
    out.pos = mode->root_level | (rq->ctx.root << (RISCV_PAGE_LG - MMU_PPN_LG) & MMU_PPN_MASK);
    return out;
}

/* FMT-4. */
static inline uint64_t riscv_entry_addr(const riscv_mode_t *mode, uint64_t va, mmu_pos_t pos)
{
    return mmu_pos_ppn(pos) << MMU_PPN_LG | (va >> mode->shift[riscv_level(pos)] & mode->offset);
}

/* GST-3: at the root's level the index has two bits more. */
static inline uint64_t riscv_gentry_addr(const riscv_mode_t *mode, uint64_t gpa, mmu_pos_t gpos)
{
    const uint64_t level = riscv_level(gpos);
    const uint64_t root = level == mode->root_level >> MMU_POS_LEVEL_SHIFT ? 0x3000 : 0;

    return mmu_pos_ppn(gpos) << MMU_PPN_LG | (gpa >> mode->shift[level] & (mode->offset | root));
}

/* ---- rights -------------------------------------------------------------------------------------------- */

/* What an access must find in a leaf, by mmu_acc_e: one of `any` (of `any_mxr` while MXR), and all of `all`.
 * Accesses that no row names find nothing that lets them pass. */
typedef struct {
    uint64_t any, any_mxr, all;
    uint64_t data; /* 1 where SUM counts: no fetch */
} riscv_need_t;

static const riscv_need_t riscv_needs[8] = {
    [MMU_ACC_FETCH] = {MMU_ENTRY_X, MMU_ENTRY_X, MMU_ENTRY_A, .data = 0},
    [MMU_ACC_LOAD] = {MMU_ENTRY_R, MMU_ENTRY_R | MMU_ENTRY_X, MMU_ENTRY_A, .data = 1},
    [MMU_ACC_STORE] = {MMU_ENTRY_W, MMU_ENTRY_W, MMU_ENTRY_A | MMU_ENTRY_D, .data = 1},
    [MMU_ACC_LOAD_X] = {MMU_ENTRY_X, MMU_ENTRY_X, MMU_ENTRY_A, .data = 1},
    [MMU_ACC_APPEND] = {MMU_ENTRY_W, MMU_ENTRY_W, MMU_ENTRY_A | MMU_ENTRY_D, .data = 1}, /* FRM-11 */
};

/* GST-1: which access it is for this stage. */
static inline uint8_t riscv_acc(const mmu_rq_t *rq, uint8_t what)
{
    return what == MMU_G_ENTRY ? MMU_ACC_LOAD : what == MMU_G_UPDATE ? MMU_ACC_STORE : rq->acc;
}

static inline const riscv_need_t *riscv_need(const mmu_rq_t *rq, uint8_t what)
{
    return &riscv_needs[riscv_acc(rq, what) & 7u];
}

/* FMT-8, GST-4: R, W and X. In the G stage MXR of sstatus alone counts, and never for implicit accesses. */
static inline bool riscv_rights_ok(const mmu_rq_t *rq, uint8_t what, const riscv_need_t *need,
                                   mmu_entry_t entry)
{
    const bool mxr = what == MMU_G_NONE ? rq->ctx.mxr : what == MMU_G_FINAL && rq->ctx.gmxr;

    return (entry & (mxr ? need->any_mxr : need->any)) != 0;
}

/* FMT-8: user and supervisor pages. From U: U pages. From S: the others, and with SUM all but for fetches.
 * GST-4: to the G stage every access is U's. */
static inline bool riscv_user_ok(const mmu_rq_t *rq, uint8_t what, const riscv_need_t *need,
                                 mmu_entry_t entry)
{
    const bool page = (entry & MMU_ENTRY_U) != 0;
    const bool user = what != MMU_G_NONE || rq->prv == MMU_PRIV_U;

    return page == user || (what == MMU_G_NONE && page && rq->ctx.sum && need->data != 0);
}

/* FMT-13, what the G stage's rights in a combined entry say; W is in the entry's own. */
static inline bool riscv_perm_g(const mmu_rq_t *rq, mmu_entry_t entry)
{
    const bool r = (entry & MMU_ENTRY_GNR) == 0, x = (entry & MMU_ENTRY_GNX) == 0;

    switch (rq->acc) {
    case MMU_ACC_FETCH:
    case MMU_ACC_LOAD_X:
        return x;
    case MMU_ACC_LOAD:
        return r || (rq->ctx.gmxr && x);
    default:
        return true;
    }
}

/* FMT-13 */
static inline bool riscv_perm(const mmu_rq_t *rq, mmu_entry_t entry)
{
    const riscv_need_t *need = riscv_need(rq, MMU_G_NONE);

    if ((entry & (MMU_ENTRY_GNR | MMU_ENTRY_GNX)) != 0 && !riscv_perm_g(rq, entry))
        return false;
    return (entry & need->all) == need->all && riscv_rights_ok(rq, MMU_G_NONE, need, entry) &&
           (riscv_user_ok(rq, MMU_G_NONE, need, entry) || rq->ctx.mode == MMU_MODE_BARE);
}

/* GST-5 */
static inline bool riscv_gperm(const mmu_rq_t *rq, uint8_t what, mmu_entry_t entry)
{
    const riscv_need_t *need = riscv_need(rq, what);

    return (entry & need->all) == need->all && riscv_rights_ok(rq, what, need, entry) &&
           riscv_user_ok(rq, what, need, entry);
}

/* ---- step ---------------------------------------------------------------------------------------------- */

/* FMT-2: with V = 1 henvcfg steers the first stage; menvcfg the G stage, or the only one. */
static inline bool riscv_adue(const mmu_rq_t *rq, const mmu_slow_t *slow, uint8_t what)
{
    return what == MMU_G_NONE && rq->ctx.v ? slow->hadue : slow->adue;
}

static inline bool riscv_pbmte(const mmu_rq_t *rq, const mmu_slow_t *slow, uint8_t what)
{
    return what == MMU_G_NONE && rq->ctx.v ? slow->hpbmte : slow->pbmte;
}

extern const char *const mmu_riscv_rules[MMU_RULES];

/* Which rule makes this word a fault, looked at in the order of the rules; not for words that make none.
 * Off the hot path. */
uint16_t mmu_riscv_fault_rule(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint8_t what,
                              uint64_t word);

static inline mmu_step_t riscv_step_fault(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos,
                                          uint8_t what, uint64_t word)
{
    mmu_step_t out = {.kind = MMU_STEP_FAULT, .fault = what == MMU_G_NONE ? MMU_FAULT_PAGE : MMU_FAULT_GUEST};

    out.rule = mmu_riscv_fault_rule(rq, slow, pos, what, word);
    return out;
}

/* FMT-5 for the upper bits: which of them may be set. PBMT = 3 is for the caller. */
static inline uint64_t riscv_upper_allowed(const mmu_rq_t *rq, const mmu_slow_t *slow, uint8_t what)
{
    return (slow->svnapot ? PTE_N : 0) | (riscv_pbmte(rq, slow, what) ? PTE_PBMT : 0);
}

/* Of either stage: `mode` is the stage's. Inline also where a compiler thinks it too long: the caller takes the
 * large result apart at once. */
__attribute__((always_inline)) static inline mmu_step_t riscv_step(const riscv_mode_t *mode,
                                                                   const mmu_rq_t *rq, const mmu_slow_t *slow,
                                                                   mmu_pos_t pos, uint8_t what, uint64_t word)
{
    unsigned lg = mode->lg[riscv_level(pos)];
    mmu_step_t out = {0};

    word &= mode->word;

    /* FMT-7, Priv 4.3.2 step 4. A good pointer has V alone of the flags (G aside), and no upper bits: one
     * test is FMT-5 and FMT-6 for it. */
    if ((word & (PTE_UPPER | (PTE_FLAGS ^ PTE_G) | PTE_V)) == PTE_V && riscv_level(pos) != 0) {
        out.kind = MMU_STEP_READ;
        out.rule = MMU_RULE_POINTER;
        out.lg = (uint8_t)lg;
        out.pos = ((pos & ~MMU_PPN_MASK) - (UINT64_C(1) << MMU_POS_LEVEL_SHIFT)) |
                  (what == MMU_G_NONE ? RISCV_POS_G(word) : 0) | riscv_ppn(word);
        return out;
    }

    const riscv_need_t *need = riscv_need(rq, what);
    /* FMT-12: the pointers' G counts too. GST-4: the G stage knows none. */
    mmu_entry_t entry = what == MMU_G_NONE ? (word & PTE_FLAGS) << RISCV_FLAGS_SHIFT | (pos & MMU_POS_G) << 10
                                           : (word & (PTE_FLAGS ^ PTE_G)) << RISCV_FLAGS_SHIFT;
    uint64_t ppn = riscv_ppn(word);

    /* FMT-5, FMT-8, FMT-9; Priv 4.3.2 steps 3, 5 and 6. A pointer here is a bad one: it has no right. */
    if (!riscv_leaf(word) || !riscv_rights_ok(rq, what, need, entry) ||
        !riscv_user_ok(rq, what, need, entry) || (ppn & riscv_ppn_below(lg)) != 0)
        return riscv_step_fault(rq, slow, pos, what, word);
    if ((word & PTE_UPPER) != 0) {
        if ((word & PTE_UPPER & ~riscv_upper_allowed(rq, slow, what)) != 0 || (word & PTE_PBMT) == PTE_PBMT)
            return riscv_step_fault(rq, slow, pos, what, word);
        if ((word & PTE_N) != 0) {
            /* Svnapot: the lower bits of the PPN are no address but tell the size. Above level 0 they are 0 here,
             * and so never the pattern. */
            const uint64_t low = riscv_ppn_below(RISCV_NAPOT_LG);

            if ((ppn & low) != RISCV_NAPOT_PATTERN << (RISCV_PAGE_LG - MMU_PPN_LG))
                return riscv_step_fault(rq, slow, pos, what, word);
            ppn &= ~low;
            lg = RISCV_NAPOT_LG;
        }
        entry |= (word & PTE_PBMT) >> 61 << MMU_ENTRY_MT_SHIFT;
    }

    /* FMT-10, FMT-11, Priv 4.3.2 step 7. */
    out.kind = MMU_STEP_LEAF;
    out.rule = MMU_RULE_LEAF;
    if ((entry & need->all) != need->all) {
        if (!riscv_adue(rq, slow, what))
            return riscv_step_fault(rq, slow, pos, what, word);
        out.kind = MMU_STEP_NEED_AD;
        out.rule = MMU_RULE_AD_UPDATE;
        out.new_word = word | need->all >> RISCV_FLAGS_SHIFT;
        entry |= need->all;
    }
    /* FMT-12, Priv 4.3.2 step 8. */
    out.entry = entry | ppn | (uint64_t)lg << MMU_ENTRY_LG_SHIFT;
    return out;
}

/* ---- both stages in one entry -------------------------------------------------------------------------- */

/* COMB-2 */
#define RISCV_BARE_ENTRY                                                                                     \
    (MMU_ENTRY_R | MMU_ENTRY_W | MMU_ENTRY_X | MMU_ENTRY_A | MMU_ENTRY_D |                                   \
     (uint64_t)MMU_RISCV_BARE_LG << MMU_ENTRY_LG_SHIFT)

/* COMB-1 */
static inline mmu_entry_t riscv_combine(mmu_entry_t first, mmu_entry_t g, uint64_t gpa)
{
    const mmu_entry_t both = MMU_ENTRY_W | MMU_ENTRY_D, mt = UINT64_C(3) << MMU_ENTRY_MT_SHIFT;
    const mmu_entry_t flags = MMU_ENTRY_R | MMU_ENTRY_X | MMU_ENTRY_U | MMU_ENTRY_G | MMU_ENTRY_A;
    const unsigned lg = mmu_entry_lg(first) < mmu_entry_lg(g) ? mmu_entry_lg(first) : mmu_entry_lg(g);
    const uint64_t ppn = mmu_entry_pa(g, gpa) >> MMU_PPN_LG & ~riscv_ppn_below(lg);

    return ppn | (uint64_t)lg << MMU_ENTRY_LG_SHIFT | (first & flags) | (first & g & both) |
           ((first & mt) != 0 ? first & mt : g & mt) | ((g & MMU_ENTRY_R) != 0 ? 0 : MMU_ENTRY_GNR) |
           ((g & MMU_ENTRY_X) != 0 ? 0 : MMU_ENTRY_GNX);
}

#endif
