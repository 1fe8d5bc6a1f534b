// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_l1 with arrays of several sets and several page sizes: rule L1-13.
#include <gtest/gtest.h>

#include "cycle/mmu_l1.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12, M2 = 21, G1 = 30;
constexpr unsigned kK4 = 1u << 3, kM2 = 1u << 8, kG1 = 1u << 10; // bits of `pages`

class L1Probe : public ::testing::Test
{
  protected:
    mmu_l1_t l1;
    mmu_l1_in_t in;
    mmu_l1_out_t out;
    Storage storage;

    // Probe 0: 4 KiB of array 0. Probe 1: its 2 MiB, and all of array 1.
    void SetUp() override
    {
        make({2, 2, kK4 | kM2, MMU_POLICY_PLRU}, {0, 4, kG1, MMU_POLICY_PLRU});
    }

    void make(mmu_cfg_array_t a, mmu_cfg_array_t b)
    {
        mmu_l1_cfg_t cfg = zero<mmu_l1_cfg_t>();
        cfg.array[0] = a;
        cfg.array[1] = b;
        storage.build([&](mmu_arena_t *arena) { mmu_l1_init(&l1, &cfg, arena); });
        in = zero<mmu_l1_in_t>();
        in.ctx = make_rq(0).ctx;
    }

    void request(uint64_t va, unsigned id = 1, unsigned acc = MMU_ACC_LOAD)
    {
        in.req.valid = true;
        in.req.va = va;
        in.req.id = static_cast<uint8_t>(id);
        in.req.acc = static_cast<uint8_t>(acc);
        in.req.size = 3;
        in.req.prv = MMU_PRIV_S;
    }

    void comb()
    {
        mmu_l1_comb(&l1, &in, &out);
        mmu_l1_comb(&l1, &in, &out);
    }

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

    void fill(uint64_t va, unsigned lg, uint64_t pa, uint64_t flags = kAllRights)
    {
        in.fill = true;
        in.fill_row = make_row(va, 1, lg, false, flags, pa);
        clock();
    }

    // Accepts a request; the clocks until its answer (1: the next), and no other clock is ready or answers.
    unsigned clocks_to_answer(uint64_t va)
    {
        request(va);
        comb();
        EXPECT_TRUE(out.req_ready);
        edge();
        for (unsigned n = 1; n < 10; n++) {
            comb();
            const bool done = out.rsp.valid || out.miss;
            EXPECT_EQ(out.req_ready, done) << n;
            EXPECT_FALSE(out.ev_stall);
            edge();
            if (done)
                return n;
        }
        return 0;
    }
};

TEST_F(L1Probe, page_of_the_second_probe_answers_one_clock_later)
{
    fill(0x40005000, K4, 0x9000);
    fill(0x40200000, M2, 0x600000);
    EXPECT_EQ(clocks_to_answer(0x40005123), 1u);
    EXPECT_EQ(out.rsp.pa, 0x9123u);
    EXPECT_EQ(clocks_to_answer(0x40212345), 2u);
    EXPECT_EQ(out.rsp.pa, 0x612345u);
    EXPECT_EQ(out.rsp.lg, M2);
    EXPECT_TRUE(out.ev_hit);
    EXPECT_EQ(clocks_to_answer(0x40005123), 1u); // the next one begins with probe 0 again
}

TEST_F(L1Probe, hits_of_the_first_probe_follow_without_bubbles_REQ_5)
{
    fill(0x5000, K4, 0x9000);
    for (unsigned n = 0; n < 10; n++) {
        request(0x5000 + n * 8, n);
        comb();
        EXPECT_TRUE(out.req_ready);
        EXPECT_EQ(out.rsp.valid, n > 0);
        edge();
    }
}

TEST_F(L1Probe, miss_is_known_after_the_last_probe_only)
{
    request(0x5000, 4);
    clock();
    comb(); // t − 1
    EXPECT_FALSE(out.miss);
    EXPECT_FALSE(out.req_ready);
    EXPECT_TRUE(out.busy);
    edge();
    EXPECT_EQ(l1.q.s1_probe, 1);
    comb(); // t
    EXPECT_TRUE(out.miss);
    EXPECT_EQ(out.miss_id, 4);
    EXPECT_TRUE(out.req_ready);
    edge();
    comb();
    EXPECT_FALSE(out.busy);
}

TEST_F(L1Probe, smaller_page_wins_in_an_array_and_across_arrays)
{
    fill(0x40000000, G1, 0x80000000);
    EXPECT_EQ(clocks_to_answer(0x40005000), 2u); // not before the 2 MiB probe (first(1) = 1)
    EXPECT_EQ(out.rsp.lg, G1);
    fill(0x40000000, M2, 0x600000);
    EXPECT_EQ(clocks_to_answer(0x40005000), 2u);
    EXPECT_EQ(out.rsp.lg, M2);
    fill(0x40005000, K4, 0x9000);
    EXPECT_EQ(clocks_to_answer(0x40005000), 1u);
    EXPECT_EQ(out.rsp.lg, K4);
    EXPECT_EQ(clocks_to_answer(0x40006000), 2u); // beside it
    EXPECT_EQ(out.rsp.lg, M2);
}

TEST_F(L1Probe, arrays_of_one_probe_come_in_the_first_probe_of_those_above_them)
{
    make({1, 2, kK4, MMU_POLICY_PLRU}, {1, 2, kM2 | kG1, MMU_POLICY_PLRU}); // 4K and 2M, then 1G
    EXPECT_EQ(l1.last_probe, 1);
    fill(0x40000000, G1, 0x80000000);
    fill(0x80200000, M2, 0x600000);
    fill(0xc0000000, K4, 0x9000);
    EXPECT_EQ(clocks_to_answer(0xc0000000), 1u);
    EXPECT_EQ(clocks_to_answer(0x80200000), 1u);
    EXPECT_EQ(clocks_to_answer(0x40400000), 2u);
    EXPECT_EQ(out.rsp.pa, 0x80400000u);
}

TEST_F(L1Probe, several_arrays_with_probes_share_the_clock_in_which_they_meet)
{
    make({1, 2, kK4 | 1u << 7, MMU_POLICY_PLRU}, {1, 2, kM2 | kG1, MMU_POLICY_PLRU});
    EXPECT_EQ(l1.last_probe, 2); // 4K; 64K and 2M; 1G
    fill(0x40000000, G1, 0x80000000);
    fill(0x80200000, M2, 0x600000);
    fill(0x80210000, 16, 0x10000);
    EXPECT_EQ(clocks_to_answer(0x80210000), 2u);
    EXPECT_EQ(out.rsp.lg, 16);
    EXPECT_EQ(clocks_to_answer(0x80220000), 2u);
    EXPECT_EQ(out.rsp.lg, M2);
    EXPECT_EQ(clocks_to_answer(0x40000000), 3u);
    EXPECT_EQ(clocks_to_answer(0x5000), 3u);
    EXPECT_TRUE(out.miss);
}

TEST_F(L1Probe, a_larger_page_that_stands_in_the_set_of_a_smaller_probe_counts)
{
    fill(0x40400000, M2, 0x600000);              // set 2
    EXPECT_EQ(clocks_to_answer(0x40402000), 1u); // set 2 at 4 KiB
    EXPECT_EQ(out.rsp.pa, 0x602000u);
    EXPECT_EQ(out.rsp.lg, M2);
    EXPECT_EQ(clocks_to_answer(0x40403000), 2u);
    fill(0x40402000, K4, 0x9000); // overlaps it in that set (ARR-4)
    EXPECT_EQ(clocks_to_answer(0x40402000), 1u);
    EXPECT_EQ(out.rsp.pa, 0x9000u);
    EXPECT_EQ(clocks_to_answer(0x40403000), 2u);
    EXPECT_TRUE(out.miss);
}

TEST_F(L1Probe, an_array_of_one_set_needs_one_probe_for_all_its_sizes)
{
    make({0, 4, kK4 | kM2 | kG1, MMU_POLICY_PLRU}, {0, 0, 0, 0});
    EXPECT_EQ(l1.last_probe, 0);
    fill(0x40000000, G1, 0x80000000);
    EXPECT_EQ(clocks_to_answer(0x40200000), 1u);
}

TEST_F(L1Probe, stalled_miss_begins_again_with_probe_0_L1_5)
{
    in.mq_full = true;
    request(0x5000, 2);
    clock();
    for (unsigned round = 0; round < 3; round++) {
        comb();
        EXPECT_EQ(l1.q.s1_probe, 0);
        EXPECT_FALSE(out.ev_stall);
        EXPECT_FALSE(out.req_ready);
        edge();
        comb();
        EXPECT_EQ(l1.q.s1_probe, 1);
        EXPECT_TRUE(out.ev_stall);
        EXPECT_FALSE(out.miss);
        EXPECT_FALSE(out.req_ready);
        edge();
    }
    fill(0x5000, K4, 0x9000); // in the clock of probe 0, too late for it
    clock();                  // probe 1: stalls once more
    comb();
    EXPECT_TRUE(out.rsp.valid);
    EXPECT_EQ(out.rsp.pa, 0x9000u);
}

TEST_F(L1Probe, refused_hit_ends_the_look_up_L1_4)
{
    fill(0x5000, K4, 0x9000, MMU_ENTRY_R | MMU_ENTRY_A);
    request(0x5000, 2, MMU_ACC_STORE);
    clock();
    comb();
    EXPECT_TRUE(out.ev_refuse);
    EXPECT_TRUE(out.miss);
    EXPECT_TRUE(out.req_ready);
    edge();
    EXPECT_EQ(clocks_to_answer(0x5000), 2u); // it is gone
    EXPECT_TRUE(out.miss);
}

TEST_F(L1Probe, refusal_that_stalls_drops_once_and_begins_again_L1_11)
{
    fill(0x200000, M2, 0x600000, MMU_ENTRY_R | MMU_ENTRY_A);
    in.mq_full = true;
    request(0x200000, 2, MMU_ACC_STORE);
    clock();
    clock();
    comb(); // probe 1
    EXPECT_TRUE(out.ev_refuse);
    EXPECT_TRUE(out.ev_stall);
    edge();
    EXPECT_EQ(l1.q.s1_probe, 0);
    comb();
    EXPECT_FALSE(out.ev_refuse);
    EXPECT_FALSE(out.ev_stall);
    edge();
    comb();
    EXPECT_FALSE(out.ev_refuse);
    EXPECT_TRUE(out.ev_stall);
}

TEST_F(L1Probe, kill_between_probes_ends_the_look_up_L1_8)
{
    fill(0x200000, M2, 0x600000);
    request(0x200000, 2);
    clock();
    in.kill = true;
    request(0x200000, 3);
    comb();
    EXPECT_FALSE(out.req_ready); // as without kill
    edge();
    comb();
    EXPECT_FALSE(out.busy);
    EXPECT_FALSE(out.rsp.valid);
    edge();
    EXPECT_EQ(clocks_to_answer(0x200000), 2u); // from probe 0
}

TEST_F(L1Probe, fence_between_probes_marks_the_request_and_the_look_up_goes_on_L1_9)
{
    fill(0x200000, M2, 0x600000);
    request(0x200000, 2);
    clock();
    in.fence_accept = in.fence_mark = true;
    in.fence = zero<mmu_fence_t>();
    clock(); // probe 0
    comb();  // probe 1: the row is gone
    EXPECT_TRUE(out.old_busy);
    EXPECT_TRUE(out.miss);
    EXPECT_TRUE(out.miss_old);
    edge();

    request(0x5000, 3);
    clock();
    clock();
    in.fill = true; // what missed in probe 0 stays missed
    in.fill_row = make_row(0x5000, 1, K4, false, kAllRights, 0x9000);
    comb();
    EXPECT_TRUE(out.miss);
}

TEST_F(L1Probe, finished_miss_has_the_lane_between_two_probes_L1_6)
{
    fill(0x200000, M2, 0x600000);
    request(0x200000, 2);
    clock();
    in.mq_done = true;
    in.mq_done_id = 9;
    in.mq_done_rq = make_rq(0x7000);
    in.mq_done_entry = make_row(0x7000, 1, K4, false, kAllRights, 0xb000).data;
    comb();
    EXPECT_TRUE(out.take_done);
    EXPECT_EQ(out.rsp.id, 9);
    EXPECT_EQ(out.rsp.pa, 0xb000u);
    EXPECT_FALSE(out.req_ready);
    edge();
    comb(); // probe 1 hits: the lane is stage 1's
    EXPECT_FALSE(out.take_done);
    EXPECT_EQ(out.rsp.id, 2);
}

TEST_F(L1Probe, bare_answers_at_once_L1_2)
{
    in.ctx.mode = MMU_MODE_BARE;
    EXPECT_EQ(clocks_to_answer(0x200000), 1u);
    EXPECT_TRUE(out.rsp.valid);
}

TEST_F(L1Probe, fill_goes_to_the_set_of_its_own_size_L1_10)
{
    for (uint64_t n = 0; n < 8; n++) // 4 sets of 2 ways: all stay
        fill(n << M2, M2, (n + 8) << M2);
    for (uint64_t n = 0; n < 8; n++) {
        const uint64_t other_set = ((n + 1) % 4) << K4; // at the size of probe 0
        EXPECT_EQ(clocks_to_answer((n << M2) + other_set), 2u);
        EXPECT_EQ(out.rsp.pa, ((n + 8) << M2) + other_set);
    }
    EXPECT_EQ(l1.array[0].q.valid[0] & l1.array[0].q.valid[3], 3u);
}

TEST_F(L1Probe, reset_in_the_middle_of_a_look_up_forgets_it)
{
    request(0x200000);
    clock();
    clock();
    EXPECT_EQ(l1.q.s1_probe, 1);
    mmu_l1_seq(&l1, false);
    EXPECT_EQ(l1.q.s1_probe, 0);
    EXPECT_FALSE(l1.q.s1_valid);
}
} // namespace
