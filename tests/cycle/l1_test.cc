// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_l1 alone: rules L1 and REQ.
#include <gtest/gtest.h>

#include "cycle/mmu_l1.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12, M2 = 21, G1 = 30;

class L1 : public ::testing::Test
{
  protected:
    mmu_l1_t l1;
    mmu_l1_in_t in = zero<mmu_l1_in_t>();
    mmu_l1_out_t out;
    Storage storage;

    void SetUp() override
    {
        mmu_l1_cfg_t cfg = zero<mmu_l1_cfg_t>();
        cfg.array[0] = {2, 2, 1u << 3, MMU_POLICY_PLRU};            // 4 sets, 2 ways, 4 KiB
        cfg.array[1] = {0, 4, 1u << 8 | 1u << 10, MMU_POLICY_PLRU}; // 2 MiB, 1 GiB
        storage.build([&](mmu_arena_t *arena) { mmu_l1_init(&l1, &cfg, arena); });
        in.ctx = make_rq(0).ctx;
    }

    void request(uint64_t va, unsigned id, unsigned acc = MMU_ACC_LOAD, unsigned prv = MMU_PRIV_S)
    {
        in.req.valid = true;
        in.req.va = va;
        in.req.id = static_cast<uint8_t>(id);
        in.req.acc = static_cast<uint8_t>(acc);
        in.req.size = 3;
        in.req.prv = static_cast<uint8_t>(prv);
    }

    void comb()
    {
        mmu_l1_comb(&l1, &in, &out);
        mmu_l1_comb(&l1, &in, &out);
    }

    // Ends the clock; what comes in pulses is gone in the next.
    void edge()
    {
        mmu_l1_seq(&l1, true);
        in.req.valid = in.kill = in.fill = in.fence_accept = in.fence_mark = false;
    }

    void clock()
    {
        comb();
        edge();
    }

    void fill(const mmu_line_t &row)
    {
        in.fill = true;
        in.fill_row = row;
        clock();
    }

    void mq_done(unsigned id, uint64_t va, uint8_t fault, mmu_entry_t entry, bool two = false)
    {
        in.mq_done = true;
        in.mq_done_two = two;
        in.mq_done_id = static_cast<uint8_t>(id);
        in.mq_done_rq = make_rq(va, MMU_ACC_STORE);
        in.mq_done_fault = fault;
        in.mq_done_entry = entry;
    }
};

TEST_F(L1, hit_answers_in_the_next_clock_REQ_4)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x9000));
    request(0x5123, 7);
    comb();
    EXPECT_TRUE(out.req_ready);
    EXPECT_FALSE(out.rsp.valid); // t − 1
    edge();
    comb();
    EXPECT_TRUE(out.rsp.valid); // t
    EXPECT_EQ(out.rsp.id, 7);
    EXPECT_EQ(out.rsp.pa, 0x9123u);
    EXPECT_EQ(out.rsp.lg, 12);
    EXPECT_FALSE(out.rsp.fault);
    EXPECT_EQ(out.rsp.cause, 0);
    EXPECT_EQ(out.rsp.tval, 0u);
    EXPECT_TRUE(out.ev_hit);
    edge();
    comb();
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_EQ(out.rsp.pa, 0u); // REQ-8
}

TEST_F(L1, hits_follow_without_bubbles_REQ_5)
{
    for (uint64_t n = 0; n < 4; n++)
        fill(make_row(n << K4, 1, K4, false, kAllRights, (n + 16) << K4));
    for (unsigned n = 0; n <= 20; n++) {
        request(static_cast<uint64_t>(n % 4) << K4, n % 16);
        comb();
        EXPECT_TRUE(out.req_ready);
        EXPECT_EQ(out.rsp.valid, n > 0);
        if (n > 0) {
            EXPECT_EQ(out.rsp.id, (n - 1) % 16);
            EXPECT_EQ(out.rsp.pa, ((n - 1) % 4 + 16u) << K4);
        }
        edge();
    }
}

TEST_F(L1, bare_answers_without_look_up_L1_2)
{
    in.ctx.mode = MMU_MODE_BARE;
    request(0x00ffffffffffff12, 1);
    clock();
    comb();
    EXPECT_TRUE(out.rsp.valid);
    EXPECT_EQ(out.rsp.pa, 0x00ffffffffffff12u);
    EXPECT_EQ(out.rsp.lg, 0);
    EXPECT_EQ(out.rsp.mt, 0);
    EXPECT_FALSE(out.ev_hit); // L1-11
    EXPECT_FALSE(out.miss);
}

TEST_F(L1, fault_of_start_answers_from_stage_1_L1_2)
{
    request(0x4000000000, 2, MMU_ACC_STORE); // not canonical in Sv39
    clock();
    comb();
    EXPECT_TRUE(out.rsp.valid);
    EXPECT_TRUE(out.rsp.fault);
    EXPECT_EQ(out.rsp.cause, 15);
    EXPECT_EQ(out.rsp.tval, 0x4000000000u);
    EXPECT_EQ(out.rsp.pa, 0u);
    EXPECT_TRUE(out.ev_fault);
    EXPECT_FALSE(out.miss);
}

TEST_F(L1, miss_goes_to_the_miss_queue_and_leaves_stage_1_L1_5)
{
    request(0x5000, 3, MMU_ACC_STORE);
    clock();
    comb();
    EXPECT_TRUE(out.miss);
    EXPECT_EQ(out.miss_id, 3);
    EXPECT_EQ(out.miss_rq.va, 0x5000u);
    EXPECT_EQ(out.miss_rq.acc, MMU_ACC_STORE);
    EXPECT_EQ(out.miss_rq.ctx.root, 0x80000u);
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_TRUE(out.req_ready);
    EXPECT_TRUE(out.busy);
    edge();
    comb();
    EXPECT_FALSE(out.miss);
    EXPECT_FALSE(out.busy);
}

TEST_F(L1, miss_stalls_while_the_queue_is_full_and_looks_up_again_L1_5)
{
    in.mq_full = true;
    request(0x5000, 3);
    clock();
    for (unsigned n = 0; n < 3; n++) {
        request(0x6000, 4);
        comb();
        EXPECT_FALSE(out.miss);
        EXPECT_FALSE(out.req_ready);
        EXPECT_TRUE(out.ev_stall);
        edge();
    }
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x9000)); // still stalls in the clock of the fill
    comb();
    EXPECT_TRUE(out.rsp.valid); // and hits in the next
    EXPECT_EQ(out.rsp.id, 3);
    EXPECT_TRUE(out.req_ready);
    EXPECT_FALSE(out.ev_stall);
}

TEST_F(L1, stalled_miss_goes_on_in_the_clock_in_which_the_queue_has_room_L1_5)
{
    in.mq_full = true;
    request(0x5000, 3);
    clock();
    clock();
    in.mq_full = false;
    comb();
    EXPECT_TRUE(out.miss);
    EXPECT_TRUE(out.req_ready);
}

TEST_F(L1, refused_hit_is_dropped_and_walks_L1_4)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights & ~MMU_ENTRY_D, 0x9000));
    request(0x5000, 1, MMU_ACC_STORE);
    clock();
    comb();
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_TRUE(out.miss);
    EXPECT_TRUE(out.ev_refuse);
    EXPECT_FALSE(out.ev_hit);
    edge();
    request(0x5000, 2, MMU_ACC_LOAD); // the row is gone, for loads too
    clock();
    comb();
    EXPECT_TRUE(out.miss);
    EXPECT_FALSE(out.ev_refuse);
}

TEST_F(L1, stalled_refusal_drops_once_L1_11)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights & ~MMU_ENTRY_W, 0x9000));
    in.mq_full = true;
    request(0x5000, 1, MMU_ACC_STORE);
    clock();
    comb();
    EXPECT_TRUE(out.ev_refuse);
    EXPECT_TRUE(out.ev_stall);
    edge();
    comb();
    EXPECT_FALSE(out.ev_refuse);
    EXPECT_TRUE(out.ev_stall);
}

TEST_F(L1, every_right_is_judged_on_a_hit_L1_3)
{
    struct {
        uint64_t flags;
        unsigned acc, prv;
        bool sum, mxr, ok;
    } const cases[] = {
        {MMU_ENTRY_R | MMU_ENTRY_A, MMU_ACC_FETCH, MMU_PRIV_S, false, false, false},
        {MMU_ENTRY_X | MMU_ENTRY_A, MMU_ACC_FETCH, MMU_PRIV_S, false, false, true},
        {MMU_ENTRY_X | MMU_ENTRY_A, MMU_ACC_LOAD, MMU_PRIV_S, false, false, false},
        {MMU_ENTRY_X | MMU_ENTRY_A, MMU_ACC_LOAD, MMU_PRIV_S, false, true, true},
        {MMU_ENTRY_R | MMU_ENTRY_U | MMU_ENTRY_A, MMU_ACC_LOAD, MMU_PRIV_S, false, false, false},
        {MMU_ENTRY_R | MMU_ENTRY_U | MMU_ENTRY_A, MMU_ACC_LOAD, MMU_PRIV_S, true, false, true},
        {MMU_ENTRY_X | MMU_ENTRY_U | MMU_ENTRY_A, MMU_ACC_FETCH, MMU_PRIV_S, true, false, false},
        {MMU_ENTRY_R | MMU_ENTRY_A, MMU_ACC_LOAD, MMU_PRIV_U, false, false, false},
        {MMU_ENTRY_R | MMU_ENTRY_U | MMU_ENTRY_A, MMU_ACC_LOAD, MMU_PRIV_U, false, false, true},
    };
    for (const auto &c : cases) {
        SetUp();
        in.ctx.sum = c.sum;
        in.ctx.mxr = c.mxr;
        fill(make_row(0x5000, 1, K4, false, c.flags, 0x9000));
        request(0x5000, 1, c.acc, c.prv);
        clock();
        comb();
        EXPECT_EQ(out.rsp.valid, c.ok) << std::hex << c.flags;
        EXPECT_EQ(out.miss, !c.ok);
    }
}

TEST_F(L1, fill_goes_to_the_array_that_holds_its_size_L1_10)
{
    fill(make_row(0x200000, 1, M2, false, kAllRights, 0x600000));
    EXPECT_EQ(l1.array[1].q.valid[0], 1u);
    fill(make_row(0x40000000, 1, G1, false, kAllRights, 0));
    EXPECT_EQ(l1.array[1].q.valid[0], 3u);
    fill(make_row(0x10000, 1, 16, false, kAllRights, 0)); // 64 KiB: no array holds it (CFG-3)
    EXPECT_EQ(l1.array[0].q.valid[0], 0u);
    EXPECT_EQ(l1.array[1].q.valid[0], 3u);
}

TEST_F(L1, the_smallest_page_wins_L1_2)
{
    fill(make_row(0x200000, 1, M2, false, kAllRights, 0x600000));
    fill(make_row(0x201000, 1, K4, false, kAllRights, 0x9000));
    const uint64_t tree = l1.array[1].repl.plru.q.tree[0];
    request(0x201234, 1);
    clock();
    request(0x202234, 2);
    comb();
    EXPECT_EQ(out.rsp.pa, 0x9234u);
    EXPECT_EQ(out.rsp.lg, 12);
    edge();
    EXPECT_EQ(l1.array[1].repl.plru.q.tree[0], tree); // the other hit is as if not there
    comb();
    EXPECT_EQ(out.rsp.pa, 0x602234u);
    EXPECT_EQ(out.rsp.lg, 21);
}

TEST_F(L1, a_refusal_drops_the_smaller_page_only_L1_2)
{
    fill(make_row(0x200000, 1, M2, false, kAllRights, 0x600000));
    fill(make_row(0x201000, 1, K4, false, MMU_ENTRY_R | MMU_ENTRY_A, 0x9000));
    request(0x201000, 1, MMU_ACC_STORE);
    clock();
    comb();
    EXPECT_TRUE(out.miss);
    edge();
    EXPECT_EQ(l1.array[1].q.valid[0], 1u);
    EXPECT_EQ(l1.array[0].q.valid[1], 0u);
}

TEST_F(L1, finished_miss_takes_the_silent_lane_at_once_L1_6)
{
    mq_done(9, 0x7abc, MMU_FAULT_NONE, make_row(0x7000, 1, K4, false, kAllRights, 0x3000).data);
    comb();
    EXPECT_TRUE(out.take_done);
    EXPECT_TRUE(out.rsp.valid);
    EXPECT_EQ(out.rsp.id, 9);
    EXPECT_EQ(out.rsp.pa, 0x3abcu); // L1-12: the answered request's VA
    EXPECT_TRUE(out.req_ready);
}

TEST_F(L1, finished_miss_with_fault_L1_12)
{
    mq_done(9, 0x7abc, MMU_FAULT_ACCESS, 0);
    comb();
    EXPECT_TRUE(out.rsp.fault);
    EXPECT_EQ(out.rsp.cause, 7); // a store
    EXPECT_EQ(out.rsp.tval, 0x7abcu);
    EXPECT_EQ(out.rsp.pa, 0u);
    EXPECT_EQ(out.rsp.lg, 0);
    EXPECT_TRUE(out.ev_fault);
    in.mq_done_fault = MMU_FAULT_PAGE;
    comb();
    EXPECT_EQ(out.rsp.cause, 15);
}

TEST_F(L1, ready_falls_for_exactly_one_clock_when_a_hit_and_a_finished_miss_meet_L1_7)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x9000));
    request(0x5000, 1);
    clock();
    mq_done(9, 0x7000, MMU_FAULT_NONE, make_row(0x7000, 1, K4, false, kAllRights, 0x3000).data);
    request(0x5000, 2);
    comb(); // the hit has the lane
    EXPECT_EQ(out.rsp.id, 1);
    EXPECT_FALSE(out.take_done);
    EXPECT_FALSE(out.req_ready);
    edge();
    request(0x5000, 2);
    comb(); // stage 1 is empty: the miss
    EXPECT_EQ(out.rsp.id, 9);
    EXPECT_TRUE(out.take_done);
    EXPECT_TRUE(out.req_ready);
    edge();
    in.mq_done = false;
    comb();
    EXPECT_EQ(out.rsp.id, 2);
    EXPECT_TRUE(out.req_ready);
}

TEST_F(L1, two_finished_misses_hold_ready_down_until_one_is_left_L1_7)
{
    mq_done(9, 0x7000, MMU_FAULT_PAGE, 0, true);
    comb();
    EXPECT_TRUE(out.take_done);
    EXPECT_FALSE(out.req_ready);
    edge();
    in.mq_done_two = false;
    comb();
    EXPECT_TRUE(out.take_done);
    EXPECT_TRUE(out.req_ready);
}

TEST_F(L1, a_miss_in_stage_1_leaves_the_lane_to_a_finished_one_L1_6)
{
    request(0x5000, 1);
    clock();
    mq_done(9, 0x7000, MMU_FAULT_PAGE, 0);
    comb();
    EXPECT_TRUE(out.miss);
    EXPECT_TRUE(out.take_done);
    EXPECT_TRUE(out.req_ready);
}

TEST_F(L1, kill_silences_stage_1_and_what_is_accepted_L1_8)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x9000));
    const uint64_t tree = l1.array[0].repl.plru.q.tree[1];
    request(0x5000, 1);
    clock();
    request(0x5000, 2);
    in.kill = true;
    comb();
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_EQ(out.rsp.pa, 0u);
    EXPECT_TRUE(out.req_ready); // as without kill
    EXPECT_FALSE(out.ev_hit);
    edge();
    comb();
    EXPECT_FALSE(out.busy);
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_EQ(l1.array[0].repl.plru.q.tree[1], tree);
}

TEST_F(L1, kill_drops_nothing_and_hands_nothing_on_L1_8)
{
    fill(make_row(0x5000, 1, K4, false, MMU_ENTRY_R | MMU_ENTRY_A, 0x9000));
    request(0x5000, 1, MMU_ACC_STORE);
    clock();
    in.kill = true;
    comb();
    EXPECT_FALSE(out.miss);
    EXPECT_FALSE(out.ev_refuse);
    edge();
    EXPECT_EQ(l1.array[0].q.valid[1], 1u);
}

TEST_F(L1, kill_silences_the_lane_of_a_finished_miss_but_takes_it_L1_8)
{
    mq_done(9, 0x7000, MMU_FAULT_PAGE, 0);
    in.kill = true;
    comb();
    EXPECT_TRUE(out.take_done);
    EXPECT_FALSE(out.rsp.valid);
    EXPECT_FALSE(out.ev_fault);
}

TEST_F(L1, kill_ends_a_stall_L1_8)
{
    in.mq_full = true;
    request(0x5000, 1);
    clock();
    in.kill = true;
    comb();
    EXPECT_FALSE(out.req_ready); // kill does not enter
    EXPECT_FALSE(out.ev_stall);
    edge();
    comb();
    EXPECT_FALSE(out.busy);
    EXPECT_TRUE(out.req_ready);
}

TEST_F(L1, request_in_stage_1_at_a_fence_is_answered_with_the_old_row_L1_9)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x9000));
    request(0x5000, 1);
    clock();
    in.fence_accept = in.fence_mark = true;
    in.fence = zero<mmu_fence_t>();
    request(0x5000, 2);
    comb();
    EXPECT_TRUE(out.rsp.valid);
    EXPECT_EQ(out.rsp.id, 1);
    edge();
    comb(); // accepted at t: older, but the row is gone
    EXPECT_TRUE(out.miss);
    EXPECT_TRUE(out.old_busy);
    EXPECT_TRUE(out.miss_old);
    edge();
    request(0x5000, 3);
    clock();
    comb(); // accepted after t
    EXPECT_TRUE(out.busy);
    EXPECT_FALSE(out.old_busy);
    EXPECT_FALSE(out.miss_old);
}

TEST_F(L1, stalled_request_keeps_its_mark_L1_9)
{
    in.mq_full = true;
    request(0x5000, 1);
    clock();
    comb();
    EXPECT_FALSE(out.old_busy);
    in.fence_accept = in.fence_mark = true;
    clock();
    for (unsigned n = 0; n < 3; n++) {
        comb();
        EXPECT_TRUE(out.old_busy);
        edge();
    }
}

TEST_F(L1, fence_with_asid_spares_global_rows_and_all_arrays_hear_it_L1_9)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0));
    fill(make_row(0x6000, 1, K4, true, kAllRights, 0));
    fill(make_row(0x200000, 1, M2, false, kAllRights, 0));
    fill(make_row(0x400000, 2, M2, false, kAllRights, 0));
    in.fence_accept = in.fence_mark = true;
    in.fence.asid_en = true;
    in.fence.asid = 1;
    clock();
    EXPECT_EQ(l1.array[0].q.valid[1], 0u);
    EXPECT_EQ(l1.array[0].q.valid[2], 1u);
    EXPECT_EQ(l1.array[1].q.valid[0], 2u);
}

TEST_F(L1, reset_empties_stage_1_and_the_arrays)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0x9000));
    request(0x5000, 1);
    comb();
    mmu_l1_seq(&l1, false);
    comb();
    EXPECT_FALSE(out.busy);
    EXPECT_EQ(l1.array[0].q.valid[1], 0u);
}
} // namespace
