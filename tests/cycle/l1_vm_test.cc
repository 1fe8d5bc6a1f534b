// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_l1 with the hypervisor extension: rules KEY-1, KEY-5, L1-2, L1-9, L1-12, REQ-8.
#include <gtest/gtest.h>

#include "cycle/mmu_l1.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12;
// What every stage grants to S.
constexpr uint64_t kGuest = kAllRights;

class L1Vm : public ::testing::Test
{
  protected:
    mmu_l1_t l1;
    mmu_l1_in_t in = zero<mmu_l1_in_t>();
    mmu_l1_out_t out;
    Storage storage;

    void SetUp() override
    {
        mmu_l1_cfg_t cfg = zero<mmu_l1_cfg_t>();
        cfg.hypervisor = true;
        cfg.array[0] = {1, 4, 1u << 3, MMU_POLICY_FIFO};
        cfg.array[1] = {0, 4, 1u << 8 | 1u << 10, MMU_POLICY_FIFO};
        storage.build([&](mmu_arena_t *arena) { mmu_l1_init(&l1, &cfg, arena); });
        in.ctx = make_rq(0).ctx;
    }

    void comb()
    {
        mmu_l1_comb(&l1, &in, &out);
        mmu_l1_comb(&l1, &in, &out);
    }

    void edge()
    {
        mmu_l1_seq(&l1, true);
        in.req.valid = in.fill = in.fence_accept = in.fence_mark = in.mq_done = false;
    }

    void fill(const mmu_line_t &row)
    {
        in.fill = true;
        in.fill_row = row;
        comb();
        edge();
    }

    // The row that a walk for this request brings, by KEY-1, KEY-2 and KEY-5.
    void fill_for(const mmu_ctx_t &ctx, uint64_t va, uint64_t pa)
    {
        mmu_line_t row = make_vm_row(va, ctx.asid, K4, false, mmu_ctx_vm(&ctx), K4, kGuest, pa);
        row.key = mmu_ctx_key(&ctx, va);
        fill(row);
    }

    // A request, and its clock in stage 1: `out` is of that clock.
    void ask(const mmu_ctx_t &ctx, uint64_t va, unsigned acc = MMU_ACC_LOAD)
    {
        in.ctx = ctx;
        in.req.valid = true;
        in.req.id = 3;
        in.req.va = va;
        in.req.acc = static_cast<uint8_t>(acc);
        in.req.size = 3;
        in.req.prv = MMU_PRIV_S;
        comb();
        edge();
        comb();
    }

    // The physical address of a hit, 0 for a miss.
    uint64_t hit(const mmu_ctx_t &ctx, uint64_t va)
    {
        ask(ctx, va);
        EXPECT_EQ(out.ev_hit, out.rsp.valid);
        EXPECT_EQ(out.miss, !out.rsp.valid);
        const uint64_t pa = out.rsp.pa;
        edge();
        return pa;
    }

    void fence(const mmu_fence_t &fence)
    {
        in.fence_accept = in.fence_mark = true;
        in.fence = fence;
        comb();
        edge();
    }
};

const mmu_ctx_t kHost = make_rq(0).ctx;

TEST_F(L1Vm, one_address_answers_from_the_row_of_its_own_machine_L1_2)
{
    fill_for(kHost, 0x5000, 0x10000);
    fill_for(guest_ctx(1), 0x5000, 0x11000);
    fill_for(guest_ctx(2), 0x5000, 0x12000);
    EXPECT_EQ(hit(kHost, 0x5008), 0x10008u);
    EXPECT_EQ(hit(guest_ctx(1), 0x5008), 0x11008u);
    EXPECT_EQ(hit(guest_ctx(2), 0x5008), 0x12008u);
    EXPECT_EQ(hit(guest_ctx(3), 0x5008), 0u);
    EXPECT_EQ(hit(guest_ctx(0), 0x5008), 0u);
}

TEST_F(L1Vm, a_machine_without_g_stage_has_rows_of_its_own_too_L1_2)
{
    const mmu_ctx_t alone = guest_ctx(1, MMU_MODE_SV39, MMU_MODE_BARE);
    fill_for(alone, 0x5000, 0x11000);
    EXPECT_EQ(hit(alone, 0x5000), 0x11000u);
    EXPECT_EQ(hit(kHost, 0x5000), 0u);
}

TEST_F(L1Vm, bare_and_paged_first_stage_of_one_machine_do_not_mix_KEY_5)
{
    mmu_ctx_t bare = guest_ctx(1, MMU_MODE_BARE), paged = guest_ctx(1);
    paged.asid = bare.asid = 0; // a bare key has VA[63:57] there: the keys are the same
    fill_for(bare, 0x5000, 0x10000);
    EXPECT_EQ(hit(paged, 0x5000), 0u);
    fill_for(paged, 0x5000, 0x11000);
    EXPECT_EQ(hit(bare, 0x5000), 0x10000u);
    EXPECT_EQ(hit(paged, 0x5000), 0x11000u);
    bare.asid = 7; // counts for nothing
    EXPECT_EQ(hit(bare, 0x5000), 0x10000u);
}

TEST_F(L1Vm, all_bits_of_a_bare_first_stages_address_count_KEY_1)
{
    const mmu_ctx_t bare = guest_ctx(1, MMU_MODE_BARE, MMU_MODE_SV57); // 59 bits
    const uint64_t high = UINT64_C(1) << 58;
    fill_for(bare, 0x5000, 0x10000);
    EXPECT_EQ(hit(bare, high | 0x5000), 0u);
    fill_for(bare, high | 0x5000, 0x11000);
    EXPECT_EQ(hit(bare, 0x5000), 0x10000u);
    EXPECT_EQ(hit(bare, high | 0x5000), 0x11000u);
    EXPECT_EQ(hit(bare, (UINT64_C(1) << 57) | 0x5000), 0u);
}

TEST_F(L1Vm, bare_over_a_g_stage_is_translated_and_alone_it_is_not_L1_2)
{
    ask(guest_ctx(1, MMU_MODE_BARE), 0x5000);
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_TRUE(out.miss);
    EXPECT_EQ(out.miss_rq.ctx.vmid, 1);
    EXPECT_EQ(out.miss_rq.ctx.groot, 0x90000u);
    edge();
    ask(guest_ctx(1, MMU_MODE_BARE, MMU_MODE_BARE), 0x5000);
    EXPECT_TRUE(out.rsp.valid);
    EXPECT_EQ(out.rsp.pa, 0x5000u);
}

TEST_F(L1Vm, a_guest_physical_address_too_wide_faults_at_once_L1_2)
{
    struct {
        unsigned acc, cause;
    } const cases[] = {{MMU_ACC_FETCH, 20}, {MMU_ACC_LOAD, 21}, {MMU_ACC_STORE, 23}, {MMU_ACC_LOAD_X, 21}};
    const uint64_t va = (UINT64_C(1) << 41) | 0x5007;
    for (const auto &c : cases) {
        ask(guest_ctx(1, MMU_MODE_BARE), va, c.acc);
        EXPECT_TRUE(out.rsp.valid && out.rsp.fault);
        EXPECT_TRUE(out.ev_fault);
        EXPECT_EQ(out.rsp.cause, c.cause);
        EXPECT_EQ(out.rsp.tval, va);
        EXPECT_EQ(out.rsp.gpa, va & ~UINT64_C(3)); // the low two bits are 0
        EXPECT_EQ(out.rsp.imp, 0);
        EXPECT_EQ(out.rsp.pa, 0u);
        edge();
    }
    ask(guest_ctx(1, MMU_MODE_BARE), va - (UINT64_C(1) << 41)); // t − 1: the last that is not too wide
    EXPECT_FALSE(out.rsp.valid);
    edge();
    ask(guest_ctx(1), va); // paged: not canonical, the guest's own fault
    EXPECT_EQ(out.rsp.cause, 13);
    EXPECT_EQ(out.rsp.gpa, 0u);
}

TEST_F(L1Vm, guest_faults_of_the_miss_queue_tell_address_and_purpose_L1_12)
{
    for (unsigned imp : {0u, 1u, 2u}) {
        in.mq_done = true;
        in.mq_done_id = 9;
        in.mq_done_rq = make_rq(0x7123, MMU_ACC_STORE);
        in.mq_done_fault = MMU_FAULT_GUEST;
        in.mq_done_entry = UINT64_C(0x8000000012345678) | imp;
        comb();
        EXPECT_TRUE(out.take_done && out.rsp.valid && out.rsp.fault);
        EXPECT_EQ(out.rsp.id, 9);
        EXPECT_EQ(out.rsp.cause, 23);
        EXPECT_EQ(out.rsp.tval, 0x7123u);
        // Its own access has the offset of its own address: the walk may have been begun for another.
        EXPECT_EQ(out.rsp.gpa, imp == 0 ? 0x8000000012345120u : 0x8000000012345678u);
        EXPECT_EQ(out.rsp.imp, imp);
        EXPECT_EQ(out.rsp.pa, 0u);
        EXPECT_EQ(out.rsp.lg, 0);
        EXPECT_EQ(out.rsp.mt, 0);
        edge();
    }
    in.mq_done = true; // any other fault has neither
    in.mq_done_fault = MMU_FAULT_PAGE;
    comb();
    EXPECT_EQ(out.rsp.cause, 15);
    EXPECT_EQ(out.rsp.gpa, 0u);
    EXPECT_EQ(out.rsp.imp, 0);
}

TEST_F(L1Vm, what_the_g_stage_refuses_is_dropped_and_walked_afresh_L1_4)
{
    mmu_line_t row = make_vm_row(0x5000, 1, K4, false, in_vm(1), K4, kGuest | MMU_ENTRY_GNR, 0x9000);
    mmu_ctx_t ctx = guest_ctx(1);
    fill(row);
    ctx.gmxr = true; // X is there
    EXPECT_EQ(hit(ctx, 0x5000), 0x9000u);
    ctx.gmxr = false;
    ask(ctx, 0x5000);
    EXPECT_TRUE(out.ev_refuse && out.miss);
    EXPECT_FALSE(out.rsp.valid);
    edge();
    ctx.gmxr = true;
    EXPECT_EQ(hit(ctx, 0x5000), 0u); // it is gone
}

TEST_F(L1Vm, fences_end_rows_of_their_machines_in_all_arrays_L1_9)
{
    struct {
        mmu_fence_t fence;
        bool host, one, two; // stays
    } const cases[] = {
        {make_fence(MMU_FENCE_S), false, true, true},
        {by_vmid(make_fence(MMU_FENCE_VV), 1), true, false, true},
        {by_vmid(make_fence(MMU_FENCE_VV), 2), true, true, false},
        {by_va(by_vmid(make_fence(MMU_FENCE_VV), 1), 0x900000), true, true, true},
        {by_vmid(make_fence(MMU_FENCE_G), 1), true, false, true},
        {by_va(by_vmid(make_fence(MMU_FENCE_G), 1), 0x900000), true, false, true},
        {make_fence(MMU_FENCE_G), true, false, false},
    };
    unsigned n = 0;
    for (const auto &c : cases) {
        SetUp();
        for (unsigned lg : {12u, 21u}) {
            const uint64_t va = lg == 12 ? 0x5000 : 0x200000;
            fill(make_row(va, 1, lg, false, kGuest, 0x40000000));
            fill(make_vm_row(va, 1, lg, false, in_vm(1), lg, kGuest, 0x40000000));
            fill(make_vm_row(va, 1, lg, false, in_vm(2), lg, kGuest, 0x40000000));
        }
        fence(c.fence);
        for (uint64_t va : {0x5000u, 0x200000u}) {
            EXPECT_EQ(hit(kHost, va) != 0, c.host) << "case " << n;
            EXPECT_EQ(hit(guest_ctx(1), va) != 0, c.one) << "case " << n;
            EXPECT_EQ(hit(guest_ctx(2), va) != 0, c.two) << "case " << n;
        }
        n++;
    }
}

TEST_F(L1Vm, a_fence_by_address_ends_pieces_in_other_sets_too_L1_9)
{
    for (uint64_t piece = 0x200000; piece < 0x204000; piece += 0x1000)
        fill(make_vm_row(piece, 1, K4, false, in_vm(1), 21, kGuest, piece));
    EXPECT_EQ(hit(guest_ctx(1), 0x201000), 0x201000u);
    fence(by_va(by_vmid(make_fence(MMU_FENCE_VV), 1), 0x3ff123));
    for (uint64_t piece = 0x200000; piece < 0x204000; piece += 0x1000)
        EXPECT_EQ(hit(guest_ctx(1), piece), 0u);
}

TEST_F(L1Vm, a_mark_without_invalidation_makes_old_and_leaves_the_rows_L1_9)
{
    fill_for(kHost, 0x5000, 0x10000);
    in.fence_mark = true; // SFENCE.INVAL.IR
    in.fence = make_fence(MMU_FENCE_INVAL_IR);
    ask(kHost, 0x6000); // accepted at t
    EXPECT_TRUE(out.miss && out.miss_old && out.old_busy);
    edge();
    EXPECT_EQ(hit(kHost, 0x5000), 0x10000u);
    EXPECT_FALSE(out.old_busy);
    in.mq_full = true;
    ask(kHost, 0x6000);
    EXPECT_FALSE(out.old_busy);
    in.fence_mark = true; // it stalls at t
    comb();
    edge();
    comb();
    EXPECT_TRUE(out.old_busy);
}
} // namespace
