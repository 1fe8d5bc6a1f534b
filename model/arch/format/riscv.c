/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The RISC-V paging formats: Bare, Sv32, Sv39, Sv48, Sv57, with Svnapot, Svpbmt, Svade and Svadu.
 * Pure functions; both C layers call them. The RTL modules of the same name are written from the same
 * rules (docs/microarchitecture.md, FMT). The modes differ in one row of a table, not in code.
 *
 *     63 62:61 60:54  53 ............ 10  9:8  7 6 5 4 3 2 1 0
 *     N  PBMT  zero   PPN                 RSW  D A G U X W R V      (Sv32: bits 31:0 only)
 */
#include "lockwalk/mmu_format.h"

/* One row a mode: all that Sv32, Sv39, Sv48 and Sv57 differ in (Priv 4.3, 4.4, 4.5, 4.6). */
typedef struct {
    uint8_t levels;   /* 0: no paging */
    uint8_t vpn_bits; /* bits of the virtual page number that a level uses */
    uint8_t entry_lg; /* log2 of the bytes of an entry */
    uint8_t sign_bit; /* all VA bits from here up must be equal; 63: none to compare */
    uint64_t word;    /* the bits of a word that count */
} riscv_mode_t;

#define WORD32 UINT64_C(0xffffffff)
#define WORD64 UINT64_C(0xffffffffffffffff)

/* FMT-1, by satp.MODE. The modes that the specification reserves cannot stand in satp: writing one has no
 * effect. */
static const riscv_mode_t modes[16] = {
    [MMU_MODE_SV32] = {.levels = 2, .vpn_bits = 10, .entry_lg = 2, .sign_bit = 63, .word = WORD32},
    [MMU_MODE_SV39] = {.levels = 3, .vpn_bits = 9, .entry_lg = 3, .sign_bit = 38, .word = WORD64},
    [MMU_MODE_SV48] = {.levels = 4, .vpn_bits = 9, .entry_lg = 3, .sign_bit = 47, .word = WORD64},
    [MMU_MODE_SV57] = {.levels = 5, .vpn_bits = 9, .entry_lg = 3, .sign_bit = 56, .word = WORD64},
};

#define PAGE_LG 12u
#define NAPOT_LG 16u
#define NAPOT_PATTERN 8u /* ppn[3:0] of the only NAPOT size, 64 KiB */

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
#define PTE_FLAGS (PTE_R | PTE_W | PTE_X | PTE_U | PTE_G | PTE_A | PTE_D)

/* Bits 7:1 of a word stand, in the same order, in bits 59:53 of an entry. */
#define FLAGS_SHIFT 52
_Static_assert(PTE_R << FLAGS_SHIFT == MMU_ENTRY_R && PTE_D << FLAGS_SHIFT == MMU_ENTRY_D, "entry layout");

static inline uint64_t pte_ppn(uint64_t word)
{
    return (word >> 10) & ((UINT64_C(1) << 44) - 1);
}

mmu_start_t mmu_riscv_start(const mmu_rq_t *rq, const mmu_slow_t *slow)
{
    (void)slow;
    const riscv_mode_t *mode = &modes[rq->ctx.mode & 15u];
    mmu_start_t out = {.kind = MMU_START_WALK};

    if (rq->prv == MMU_PRIV_M || mode->levels == 0) {
        /* FMT-2. No translation, but an address beyond the physical ones reaches nothing. */
        bool outside = rq->va >> MMU_PA_W != 0;
        out.kind = outside ? MMU_START_FAULT : MMU_START_BARE;
        out.fault = outside ? MMU_FAULT_ACCESS : MMU_FAULT_NONE;
        return out;
    }
    /* FMT-3. Canonical: the bits from the sign bit up are all 0 (top = 0) or all 1 (top + 1 wraps to 0). With sign
     * bit 63 (Sv32, which looks at VA 31:0 only) one bit is left, and both its values pass. */
    uint64_t all = WORD64 >> mode->sign_bit;
    uint64_t top = rq->va >> mode->sign_bit;
    if (((top + 1) & all) > 1) {
        out.kind = MMU_START_FAULT;
        out.fault = MMU_FAULT_PAGE;
        return out;
    }
    /* FMT-4 */
    out.pos = mmu_pos_make(mode->levels - 1u, false, rq->ctx.root << (PAGE_LG - MMU_PPN_LG));
    return out;
}

mmu_addr_t mmu_riscv_addr(const mmu_rq_t *rq, mmu_pos_t pos)
{
    const riscv_mode_t *mode = &modes[rq->ctx.mode & 15u];
    unsigned shift = PAGE_LG + mode->vpn_bits * mmu_pos_level(pos);
    uint64_t vpn = (rq->va >> shift) & ((UINT64_C(1) << mode->vpn_bits) - 1);
    uint64_t addr = (mmu_pos_ppn(pos) << MMU_PPN_LG) | (vpn << mode->entry_lg);
    mmu_addr_t out = {.addr = addr & MMU_PA_MASK, .wide = mode->entry_lg == 3};
    return out;
}

/* What an access must find in a leaf, by mmu_acc_e: any of `any` (and X too for loads with MXR), and all of
 * `all`. Accesses that no row names find nothing that lets them pass. */
typedef struct {
    uint64_t any, any_mxr, all;
    bool fetch;
} riscv_need_t;

static const riscv_need_t needs[8] = {
    [MMU_ACC_FETCH] = {.any = MMU_ENTRY_X, .any_mxr = MMU_ENTRY_X, .all = MMU_ENTRY_A, .fetch = true},
    [MMU_ACC_LOAD] = {.any = MMU_ENTRY_R, .any_mxr = MMU_ENTRY_R | MMU_ENTRY_X, .all = MMU_ENTRY_A},
    [MMU_ACC_STORE] = {.any = MMU_ENTRY_W, .any_mxr = MMU_ENTRY_W, .all = MMU_ENTRY_A | MMU_ENTRY_D},
};

/* FMT-8: R, W and X. */
static inline bool rights_ok(const mmu_rq_t *rq, mmu_entry_t entry)
{
    const riscv_need_t *need = &needs[rq->acc & 7u];
    return (entry & (rq->ctx.mxr ? need->any_mxr : need->any)) != 0;
}

/* FMT-8: user and supervisor pages. */
static inline bool user_ok(const mmu_rq_t *rq, mmu_entry_t entry)
{
    bool user = rq->prv == MMU_PRIV_U;
    bool sum = rq->ctx.sum && !needs[rq->acc & 7u].fetch;
    return (entry & MMU_ENTRY_U) != 0 ? user || sum : !user;
}

/* FMT-13 */
bool mmu_riscv_perm(const mmu_rq_t *rq, mmu_entry_t entry)
{
    uint64_t all = needs[rq->acc & 7u].all;
    return rights_ok(rq, entry) && user_ok(rq, entry) && (entry & all) == all;
}

/* FMT-5: the word's own validity, in the order in which the rules name the causes. */
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

static uint16_t refused_rule(const mmu_rq_t *rq, mmu_entry_t entry)
{
    if (!rights_ok(rq, entry))
        return rq->acc == MMU_ACC_FETCH   ? MMU_RULE_NO_X
               : rq->acc == MMU_ACC_STORE ? MMU_RULE_NO_W
                                          : MMU_RULE_NO_R;
    return (entry & MMU_ENTRY_U) != 0 ? MMU_RULE_U_PAGE : MMU_RULE_S_PAGE;
}

static inline void page_fault(mmu_step_t *out, uint16_t rule)
{
    out->kind = MMU_STEP_FAULT;
    out->fault = MMU_FAULT_PAGE;
    out->rule = rule;
}

mmu_step_t mmu_riscv_step(const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_pos_t pos, uint64_t word)
{
    const riscv_mode_t *mode = &modes[rq->ctx.mode & 15u];
    unsigned level = mmu_pos_level(pos);
    unsigned lg = PAGE_LG + mode->vpn_bits * level;
    mmu_step_t out = {0};

    word &= mode->word;

    /* FMT-5, Priv 4.3.2 step 3. Most words have V and none of the upper bits: one test for all of them. */
    bool plain = (word & PTE_V) != 0 && word >> 54 == 0 && (word & (PTE_R | PTE_W)) != PTE_W;
    if (!plain) {
        uint16_t rule = invalid_rule(slow, word);
        if (rule != MMU_RULE_LEAF) {
            page_fault(&out, rule);
            return out;
        }
    }

    uint64_t ppn = pte_ppn(word);
    uint64_t global = (word & PTE_G) != 0 ? MMU_POS_G : pos & MMU_POS_G;

    /* FMT-6, FMT-7, Priv 4.3.2 step 4: a pointer. */
    if ((word & (PTE_R | PTE_W | PTE_X)) == 0) {
        if ((word & (PTE_A | PTE_D | PTE_U | PTE_N | PTE_PBMT)) != 0) {
            page_fault(&out, MMU_RULE_POINTER_BITS);
        } else if (level == 0) {
            page_fault(&out, MMU_RULE_POINTER_LEVEL0);
        } else {
            out.kind = MMU_STEP_READ;
            out.rule = MMU_RULE_POINTER;
            out.lg = (uint8_t)lg;
            out.pos = mmu_pos_make(level - 1, global != 0, ppn << (PAGE_LG - MMU_PPN_LG));
        }
        return out;
    }

    mmu_entry_t entry = (word & PTE_FLAGS) << FLAGS_SHIFT | (global != 0 ? MMU_ENTRY_G : 0);

    /* FMT-8, Priv 4.3.2 step 5. */
    if (!rights_ok(rq, entry) || !user_ok(rq, entry)) {
        page_fault(&out, refused_rule(rq, entry));
        return out;
    }
    /* FMT-9, Priv 4.3.2 step 6, and Priv 5 (Svnapot). The page's base has no bits below its size. */
    if ((ppn & ((UINT64_C(1) << (lg - PAGE_LG)) - 1)) != 0) {
        page_fault(&out, MMU_RULE_MISALIGNED);
        return out;
    }
    if ((word & PTE_N) != 0) {
        uint64_t pattern = (UINT64_C(1) << (NAPOT_LG - PAGE_LG)) - 1;
        if (level != 0 || (ppn & pattern) != NAPOT_PATTERN) {
            page_fault(&out, MMU_RULE_NAPOT);
            return out;
        }
        ppn &= ~pattern;
        lg = NAPOT_LG;
    }

    /* FMT-10, FMT-11, Priv 4.3.2 step 7. */
    uint64_t all = needs[rq->acc & 7u].all;
    out.kind = MMU_STEP_LEAF;
    out.rule = MMU_RULE_LEAF;
    if ((entry & all) != all) {
        if (!slow->adue) {
            page_fault(&out, MMU_RULE_AD_CLEAR);
            return out;
        }
        out.kind = MMU_STEP_NEED_AD;
        out.rule = MMU_RULE_AD_UPDATE;
        out.new_word = word | all >> FLAGS_SHIFT;
        entry |= all;
    }
    /* FMT-12, Priv 4.3.2 step 8. */
    uint64_t mt = (word & PTE_PBMT) >> 61;
    out.entry =
        entry | ppn << (PAGE_LG - MMU_PPN_LG) | (uint64_t)lg << MMU_ENTRY_LG_SHIFT | mt << MMU_ENTRY_MT_SHIFT;
    return out;
}

uint8_t mmu_riscv_cause(uint8_t fault, uint8_t acc)
{
    /* FMT-14; Priv 3.1.15, mcause: by fault kind, then access; the accesses that no column names are loads. */
    static const uint8_t page[4] = {12, 13, 15, 13};
    static const uint8_t access[4] = {1, 5, 7, 5};
    return fault == MMU_FAULT_PAGE ? page[acc & 3u] : fault == MMU_FAULT_ACCESS ? access[acc & 3u] : 0;
}
