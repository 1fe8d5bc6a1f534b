/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The effective context of a hart's access: whose privilege, whose page tables, which rights count. A helper
 * for who connects a hart; the RTL module mmu_riscv_effective is written from the same rules
 * (docs/microarchitecture.md, EFF; Priv 3.1.6.3; hypervisor extension).
 */
#include "lockwalk/mmu_format.h"

/* EFF-3 */
static uint8_t access_of(uint8_t op)
{
    switch (op) {
    case MMU_HART_FETCH:
        return MMU_ACC_FETCH;
    case MMU_HART_STORE:
    case MMU_HART_HSV:
        return MMU_ACC_STORE;
    case MMU_HART_HLVX:
        return MMU_ACC_LOAD_X;
    default:
        return MMU_ACC_LOAD;
    }
}

mmu_effective_t mmu_riscv_effective(const mmu_hart_t *hart, uint8_t op)
{
    mmu_effective_t out = {.prv = hart->prv, .acc = access_of(op)};
    bool v = hart->v;

    /* EFF-1. The guest's accesses of HLV, HLVX and HSV are what hstatus.SPVP says, whatever MPRV is. */
    if (op == MMU_HART_HLV || op == MMU_HART_HLVX || op == MMU_HART_HSV) {
        out.prv = hart->spvp ? MMU_PRIV_S : MMU_PRIV_U;
        v = true;
    } else if (op != MMU_HART_FETCH && hart->mprv) {
        out.prv = hart->mpp;
        v = hart->mpv;
    }
    if (out.prv == MMU_PRIV_M)
        v = false;
    /* EFF-2 */
    if (v)
        out.ctx = (mmu_ctx_t){.root = hart->vroot,
                              .asid = hart->vasid,
                              .mode = hart->vmode,
                              .sum = hart->vsum,
                              .mxr = hart->vmxr || hart->mxr,
                              .v = true,
                              .gmxr = hart->mxr,
                              .gmode = hart->gmode,
                              .vmid = hart->vmid,
                              .groot = hart->groot};
    else
        out.ctx = (mmu_ctx_t){
            .root = hart->root, .asid = hart->asid, .mode = hart->mode, .sum = hart->sum, .mxr = hart->mxr};
    return out;
}
