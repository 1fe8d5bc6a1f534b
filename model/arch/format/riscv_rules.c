/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The rules of FMT in words, for people: mismatch reports and explanations.
 */
#include "arch/format/riscv_inline.h"

const char *const mmu_riscv_rules[MMU_RULES] = {
    [MMU_RULE_POINTER] = "a pointer to the next level (FMT-7; Priv 4.3.2 step 4)",
    [MMU_RULE_LEAF] = "a leaf that grants the access (FMT-12; Priv 4.3.2 step 8)",
    [MMU_RULE_INVALID] = "V is 0: there is no entry here (FMT-5; Priv 4.3.2 step 3)",
    [MMU_RULE_W_WITHOUT_R] = "W without R is reserved (FMT-5; Priv 4.3.2 step 3)",
    [MMU_RULE_RESERVED] = "one of the reserved bits 60:54 is set (FMT-5; Priv 4.3.2 step 3)",
    [MMU_RULE_N_DISABLED] = "N is set, but Svnapot is not there (FMT-5; Priv 4.4.1)",
    [MMU_RULE_PBMT_DISABLED] =
        "PBMT is not 0, but PBMTE is: menvcfg's, or henvcfg's in the VS stage (FMT-5; Priv 4.4.1)",
    [MMU_RULE_PBMT_RESERVED] = "PBMT 3 is reserved (FMT-5; Priv 4.4.1)",
    [MMU_RULE_POINTER_BITS] = "a pointer with A, D, U, N or PBMT set (FMT-6; Priv 4.3.1, 4.4.1)",
    [MMU_RULE_POINTER_LEVEL0] = "a pointer at level 0, where a leaf must be (FMT-6; Priv 4.3.2 step 4)",
    [MMU_RULE_NO_X] = "a fetch from a page without X (FMT-8; Priv 4.3.2 step 5)",
    [MMU_RULE_NO_R] =
        "a load from a page without R, nor X with MXR where that counts (FMT-8; Priv 4.3.2 step 5)",
    [MMU_RULE_NO_W] = "a store to a page without W (FMT-8; Priv 4.3.2 step 5)",
    [MMU_RULE_U_PAGE] = "a U page from S without SUM, or a fetch from one (FMT-8; Priv 4.3.2 step 5)",
    [MMU_RULE_S_PAGE] = "a supervisor page from U (FMT-8; Priv 4.3.2 step 5)",
    [MMU_RULE_MISALIGNED] = "a misaligned superpage (FMT-9; Priv 4.3.2 step 6)",
    [MMU_RULE_NAPOT] = "N above level 0, or with ppn[3:0] other than 8 (FMT-9; Priv 5, Svnapot)",
    [MMU_RULE_AD_CLEAR] =
        "A, or D for a store, is clear and software must set it: Svade (FMT-10; Priv 4.3.2 step 7)",
    [MMU_RULE_AD_UPDATE] =
        "A, or D for a store, is clear and hardware sets it: Svadu (FMT-11; Priv 4.3.2 step 7)",
    [MMU_RULE_NO_X_READ] = "HLVX from a page without X (FMT-8, GST-4; Priv 8.3.1)",
    [MMU_RULE_G_NO_U] = "a page of the G stage without U, and to it every access is U's (GST-4; Priv 8.5.1)",
};
