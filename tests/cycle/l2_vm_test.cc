// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_l2 with the hypervisor extension: rules L2-2, L2-6, L2-7, KEY-1, KEY-5, KEY-7.
#include <gtest/gtest.h>

#include "cycle/mmu_l2.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12, M2 = 21;

class L2Vm : public ::testing::Test
{
  protected:
    mmu_l2_t l2;
    mmu_l2_in_t in = zero<mmu_l2_in_t>();
    mmu_l2_out_t out;
    Storage storage;

    void SetUp() override
    {
        mmu_l2_cfg_t cfg = zero<mmu_l2_cfg_t>();
        cfg.latency = 1;
        cfg.hypervisor = true;
        cfg.array[0] = {2, 8, 1u << 3 | 1u << 8, MMU_POLICY_FIFO};
        storage.build([&](mmu_arena_t *arena) { mmu_l2_init(&l2, &cfg, arena); });
    }

    void comb()
    {
        mmu_l2_comb(&l2, &in, &out);
        mmu_l2_comb(&l2, &in, &out);
    }

    void clock()
    {
        comb();
        mmu_l2_seq(&l2, true);
        in = zero<mmu_l2_in_t>();
    }

    void fill(const mmu_line_t &row)
    {
        in.fill = true;
        in.fill_row = row;
        clock();
        clock();
    }

    // The physical address that a look-up finds, 0 for none; `out.row` is of its end.
    uint64_t look_up(const mmu_ctx_t &ctx, uint64_t va)
    {
        in.look = true;
        in.look_rq = make_rq(va);
        in.look_rq.ctx = ctx;
        clock();
        do
            clock();
        while (!out.done);
        return out.hit ? mmu_entry_pa(out.row.data, va) : 0;
    }

    // Clocks from t to the first one that is idle again.
    unsigned fence(const mmu_fence_t &fence)
    {
        unsigned n = 0;
        in.fence_accept = true;
        in.fence = fence;
        do {
            clock();
            comb();
            n++;
        } while (!out.idle);
        return n;
    }
};

const mmu_ctx_t kHost = make_rq(0).ctx;

TEST_F(L2Vm, one_address_is_another_in_each_machine_L2_2)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x10000));
    fill(make_vm_row(0x5000, 1, K4, false, in_vm(1), M2, kAllRights, 0x11000));
    fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), K4, kAllRights, 0x12000));
    EXPECT_EQ(look_up(kHost, 0x5000), 0x10000u);
    EXPECT_EQ(look_up(guest_ctx(1), 0x5000), 0x11000u);
    EXPECT_EQ(out.row.vm, in_vm(1) | M2 << MMU_VM_FLG_SHIFT); // the L1 gets all of it
    EXPECT_EQ(look_up(guest_ctx(2), 0x5000), 0x12000u);
    EXPECT_EQ(look_up(guest_ctx(3), 0x5000), 0u);
    fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), M2, kAllRights, 0x13000)); // in the place of its own
    EXPECT_EQ(look_up(guest_ctx(2), 0x5000), 0x13000u);
    EXPECT_EQ(look_up(guest_ctx(1), 0x5000), 0x11000u);
    EXPECT_EQ(l2.array[0].q.valid[1], 7u);
}

TEST_F(L2Vm, the_key_of_a_bare_first_stage_has_its_upper_bits_KEY_1)
{
    const mmu_ctx_t bare = guest_ctx(1, MMU_MODE_BARE, MMU_MODE_SV57);
    const uint64_t va = UINT64_C(1) << 58 | 0x5000;
    mmu_line_t row = make_vm_row(va, 0, K4, false, in_vm(1, true), K4, kAllRights, 0x11000);
    row.key = mmu_ctx_key(&bare, va);
    fill(row);
    EXPECT_EQ(look_up(bare, va), 0x11000u);
    EXPECT_EQ(look_up(bare, 0x5000), 0u);
    EXPECT_EQ(look_up(guest_ctx(1), 0x5000), 0u);
}

TEST_F(L2Vm, which_fence_ends_what_and_how_long_it_takes_L2_6_L2_7)
{
    struct {
        mmu_fence_t fence;
        unsigned clocks; // 4 sets: a scan lasts from t + 1 to t + 5
        bool host, one, two;
    } const cases[] = {
        {make_fence(MMU_FENCE_S), 1, false, false, false}, // all rows, which a fence may
        {by_asid(make_fence(MMU_FENCE_S), 1), 6, false, true, true},
        {by_va(make_fence(MMU_FENCE_S), 0x5000), 6, false, true, true},
        {by_vmid(make_fence(MMU_FENCE_VV), 1), 6, true, false, true},
        {by_asid(by_vmid(make_fence(MMU_FENCE_VV), 2), 1), 6, true, true, false},
        {by_asid(by_vmid(make_fence(MMU_FENCE_VV), 2), 2), 6, true, true, true},
        {by_vmid(make_fence(MMU_FENCE_G), 2), 6, true, true, false},
        {by_va(by_vmid(make_fence(MMU_FENCE_G), 2), 0x77000), 6, true, true, false},
        {make_fence(MMU_FENCE_G), 1, false, false, false},
        {by_va(make_fence(MMU_FENCE_G), 0x77000), 1, false, false, false},
    };
    unsigned n = 0;
    for (const auto &c : cases) {
        SetUp();
        fill(make_row(0x5000, 1, K4, false, kAllRights, 0x10000));
        fill(make_vm_row(0x5000, 1, K4, false, in_vm(1), K4, kAllRights, 0x11000));
        fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), K4, kAllRights, 0x12000));
        EXPECT_EQ(fence(c.fence), c.clocks) << "case " << n;
        EXPECT_EQ(look_up(kHost, 0x5000) != 0, c.host) << "case " << n;
        EXPECT_EQ(look_up(guest_ctx(1), 0x5000) != 0, c.one) << "case " << n;
        EXPECT_EQ(look_up(guest_ctx(2), 0x5000) != 0, c.two) << "case " << n;
        n++;
    }
}

TEST_F(L2Vm, a_fence_by_address_ends_all_pieces_in_all_sets_KEY_7)
{
    for (uint64_t piece = 0x200000; piece < 0x204000; piece += 0x1000)
        fill(make_vm_row(piece, 1, K4, false, in_vm(1), M2, kAllRights, piece));
    fill(make_vm_row(0x400000, 1, K4, false, in_vm(1), M2, kAllRights, 0x400000));
    fence(by_va(by_vmid(make_fence(MMU_FENCE_VV), 1), 0x3ff000));
    for (uint64_t piece = 0x200000; piece < 0x204000; piece += 0x1000)
        EXPECT_EQ(look_up(guest_ctx(1), piece), 0u);
    EXPECT_EQ(look_up(guest_ctx(1), 0x400000), 0x400000u);
}

TEST_F(L2Vm, global_rows_of_a_machine_stay_with_an_asid_only_KEY_7)
{
    fill(make_vm_row(0x5000, 1, K4, true, in_vm(1), K4, kAllRights | MMU_ENTRY_G, 0x11000));
    fence(by_asid(by_vmid(make_fence(MMU_FENCE_VV), 1), 1));
    EXPECT_EQ(look_up(guest_ctx(1), 0x5000), 0x11000u);
    fence(by_vmid(make_fence(MMU_FENCE_VV), 1));
    EXPECT_EQ(look_up(guest_ctx(1), 0x5000), 0u);
}
} // namespace
