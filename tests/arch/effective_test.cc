// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The effective context of a hart's access (docs/microarchitecture.md, EFF).
#include "lockwalk/mmu_format.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

mmu_hart_t hart_of(unsigned bits)
{
    mmu_hart_t h = {};
    const uint8_t prv[] = {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M};
    h.root = 0x111, h.vroot = 0x222, h.groot = 0x333;
    h.asid = 0x11, h.vasid = 0x22, h.vmid = 0x33;
    h.mode = MMU_MODE_SV39, h.vmode = MMU_MODE_SV48, h.gmode = MMU_MODE_SV57;
    h.mprv = bits & 1;
    h.mpv = bits >> 1 & 1;
    h.v = bits >> 2 & 1;
    h.spvp = bits >> 3 & 1;
    h.sum = bits >> 4 & 1;
    h.mxr = bits >> 5 & 1;
    h.vsum = bits >> 6 & 1;
    h.vmxr = bits >> 7 & 1;
    h.prv = prv[(bits >> 8) % 3];
    h.mpp = prv[(bits >> 8) / 3];
    return h;
}

constexpr unsigned harts = 256 * 9;
const uint8_t all_ops[] = {MMU_HART_FETCH, MMU_HART_LOAD, MMU_HART_STORE,
                           MMU_HART_HLV,   MMU_HART_HLVX, MMU_HART_HSV};

TEST(effective, every_hart_and_every_operation)
{
    unsigned guests = 0, hosts = 0;
    for (unsigned bits = 0; bits < harts; bits++)
        for (uint8_t op : all_ops) {
            const mmu_hart_t h = hart_of(bits);
            const mmu_effective_t e = mmu_riscv_effective(&h, op);
            const bool hypervisor = op >= MMU_HART_HLV;
            const bool as_mpp = h.mprv && (op == MMU_HART_LOAD || op == MMU_HART_STORE);
            const uint8_t prv = hypervisor ? uint8_t(h.spvp ? MMU_PRIV_S : MMU_PRIV_U)
                                : as_mpp   ? h.mpp
                                           : h.prv;
            const bool v = prv != MMU_PRIV_M && (hypervisor || (as_mpp ? h.mpv : h.v));

            ASSERT_EQ(e.prv, prv) << bits << " " << int(op);
            ASSERT_EQ(e.ctx.v, v) << bits << " " << int(op);
            ASSERT_EQ(e.ctx.mode, v ? h.vmode : h.mode);
            ASSERT_EQ(e.ctx.root, v ? h.vroot : h.root);
            ASSERT_EQ(e.ctx.asid, v ? h.vasid : h.asid);
            ASSERT_EQ(e.ctx.sum, v ? h.vsum : h.sum);
            ASSERT_EQ(e.ctx.mxr, v ? h.vmxr || h.mxr : h.mxr);
            ASSERT_EQ(e.ctx.gmxr, v && h.mxr);
            ASSERT_EQ(e.ctx.gmode, v ? h.gmode : 0);
            ASSERT_EQ(e.ctx.vmid, v ? h.vmid : 0);
            ASSERT_EQ(e.ctx.groot, v ? h.groot : 0u);
            (v ? guests : hosts)++;
        }
    EXPECT_GT(guests, 1000u);
    EXPECT_GT(hosts, 1000u);
}

TEST(effective, the_access_of_each_operation)
{
    const mmu_hart_t h = hart_of(0);
    const uint8_t want[] = {MMU_ACC_FETCH, MMU_ACC_LOAD,   MMU_ACC_STORE,
                            MMU_ACC_LOAD,  MMU_ACC_LOAD_X, MMU_ACC_STORE};
    for (unsigned i = 0; i < 6; i++)
        EXPECT_EQ(mmu_riscv_effective(&h, all_ops[i]).acc, want[i]) << i;
}

TEST(effective, mprv_moves_data_accesses_of_m_to_the_guest)
{
    mmu_hart_t h = hart_of(0);
    h.prv = MMU_PRIV_M;
    h.mpp = MMU_PRIV_S;
    h.mprv = h.mpv = true;
    EXPECT_TRUE(mmu_riscv_effective(&h, MMU_HART_LOAD).ctx.v);
    EXPECT_EQ(mmu_riscv_effective(&h, MMU_HART_LOAD).prv, MMU_PRIV_S);
    EXPECT_FALSE(mmu_riscv_effective(&h, MMU_HART_FETCH).ctx.v);
    EXPECT_EQ(mmu_riscv_effective(&h, MMU_HART_FETCH).prv, MMU_PRIV_M);
    h.mpp = MMU_PRIV_M; // MPV does not count then
    EXPECT_FALSE(mmu_riscv_effective(&h, MMU_HART_STORE).ctx.v);
    EXPECT_EQ(mmu_riscv_effective(&h, MMU_HART_STORE).prv, MMU_PRIV_M);
}

} // namespace
