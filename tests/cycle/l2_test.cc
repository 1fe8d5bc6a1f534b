// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_l2 alone: rules L2.
#include <gtest/gtest.h>

#include "cycle/mmu_l2.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12, M2 = 21, G1 = 30;

class L2 : public ::testing::Test
{
  protected:
    mmu_l2_t l2;
    mmu_l2_in_t in = zero<mmu_l2_in_t>();
    mmu_l2_out_t out;
    Storage storage;

    void SetUp() override
    {
        make(1);
    }

    // 4 KiB and 2 MiB pages in 4 sets, 1 GiB pages in 1 set.
    void make(unsigned latency)
    {
        mmu_l2_cfg_t cfg = zero<mmu_l2_cfg_t>();
        cfg.latency = static_cast<uint8_t>(latency);
        cfg.array[0] = {2, 2, 1u << 3 | 1u << 8, MMU_POLICY_PLRU};
        cfg.array[1] = {0, 2, 1u << 10, MMU_POLICY_FIFO};
        storage.build([&](mmu_arena_t *arena) { mmu_l2_init(&l2, &cfg, arena); });
        in = zero<mmu_l2_in_t>();
    }

    void comb()
    {
        mmu_l2_comb(&l2, &in, &out);
        mmu_l2_comb(&l2, &in, &out);
    }

    void edge()
    {
        mmu_l2_seq(&l2, true);
        in = zero<mmu_l2_in_t>();
    }

    void clock()
    {
        comb();
        edge();
    }

    void look(uint64_t va, unsigned acc = MMU_ACC_LOAD, unsigned port = 1, unsigned sel = 2)
    {
        in.look = true;
        in.look_port = static_cast<uint8_t>(port);
        in.look_sel = static_cast<uint8_t>(sel);
        in.look_rq = make_rq(va, acc);
    }

    void fill(const mmu_line_t &row)
    {
        in.fill = true;
        in.fill_row = row;
        clock();
        clock();
    }

    // Clocks from the start of a look-up to its `done`; −1 without an end.
    int look_up(uint64_t va, unsigned acc = MMU_ACC_LOAD)
    {
        look(va, acc);
        clock();
        for (int n = 1; n < 100; n++) {
            comb();
            if (out.done)
                return n;
            edge();
        }
        return -1;
    }

    void fence(bool asid_en, unsigned asid, bool va_en, uint64_t va)
    {
        in.fence_accept = true;
        in.fence.asid_en = asid_en;
        in.fence.asid = static_cast<uint16_t>(asid);
        in.fence.va_en = va_en;
        in.fence.va = va;
    }

    bool valid(unsigned k, unsigned set, unsigned way)
    {
        return ((l2.array[k].q.valid[set] >> way) & 1) != 0;
    }
};

TEST_F(L2, hit_in_the_first_probe_takes_one_clock_L2_2)
{
    const mmu_line_t row = make_row(0x5000, 1, K4, false, kAllRights, 0x9000);
    fill(row);
    look(0x5abc);
    comb();
    EXPECT_TRUE(out.ready);
    EXPECT_FALSE(out.done); // c
    edge();
    comb(); // c + 1
    EXPECT_FALSE(out.ready);
    EXPECT_FALSE(out.idle);
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.hit);
    EXPECT_EQ(out.port, 1);
    EXPECT_EQ(out.sel, 2);
    EXPECT_EQ(out.row.key, row.key);
    EXPECT_EQ(out.row.data, row.data);
    edge();
    comb();
    EXPECT_TRUE(out.ready);
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.hit);
    EXPECT_EQ(out.row.data, 0u); // L2-8
}

TEST_F(L2, probes_go_from_small_to_large_one_a_clock_L2_3)
{
    fill(make_row(0x200000, 1, M2, false, kAllRights, 0x600000));
    fill(make_row(0x40000000, 1, G1, false, kAllRights, 0x80000000));
    EXPECT_EQ(look_up(0x200000), 2);
    EXPECT_TRUE(out.hit);
    edge();
    EXPECT_EQ(look_up(0x40000000), 3);
    EXPECT_TRUE(out.hit);
    EXPECT_EQ(out.row.data & MMU_PPN_MASK, 0x80000000u >> 9);
    edge();
    EXPECT_EQ(look_up(0x80000000), 3); // none
    EXPECT_FALSE(out.hit);
}

TEST_F(L2, latency_is_between_read_and_compare_of_each_probe_L2_2)
{
    make(4);
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0));
    fill(make_row(0x200000, 1, M2, false, kAllRights, 0));
    EXPECT_EQ(look_up(0x5000), 4);
    EXPECT_TRUE(out.hit);
    edge();
    EXPECT_EQ(look_up(0x200000), 8);
    EXPECT_TRUE(out.hit);
    edge();
    EXPECT_EQ(look_up(0x80000000), 12);
    EXPECT_FALSE(out.hit);
}

TEST_F(L2, the_smallest_page_wins_L2_3)
{
    fill(make_row(0x400000, 1, M2, false, kAllRights, 0x600000)); // set 2
    fill(make_row(0x401000, 1, K4, false, kAllRights, 0x9000));   // set 1
    EXPECT_EQ(look_up(0x401000), 1);
    EXPECT_EQ(mmu_entry_lg(out.row.data), K4);
    edge();
    EXPECT_EQ(look_up(0x403000), 2);
    EXPECT_EQ(mmu_entry_lg(out.row.data), M2);
}

TEST_F(L2, refused_match_is_dropped_and_ends_without_hit_L2_3)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights & ~MMU_ENTRY_D, 0));
    EXPECT_EQ(look_up(0x5000, MMU_ACC_STORE), 1);
    EXPECT_FALSE(out.hit);
    EXPECT_EQ(out.row.data, 0u);
    EXPECT_TRUE(out.ev_refuse);
    edge();
    EXPECT_FALSE(valid(0, 1, 0));
}

TEST_F(L2, a_hit_touches_the_row_L2_3)
{
    fill(make_row(0x1000, 1, K4, false, kAllRights, 0));
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0)); // the same set; victim is now 0x1000
    look_up(0x1000);
    edge();
    fill(make_row(0x9000, 1, K4, false, kAllRights, 0));
    look_up(0x1000);
    EXPECT_TRUE(out.hit);
    edge();
    look_up(0x5000);
    EXPECT_FALSE(out.hit);
}

TEST_F(L2, fill_takes_two_clocks_L2_4)
{
    in.fill = true;
    in.fill_row = make_row(0x5000, 1, K4, false, kAllRights, 0);
    clock(); // c
    comb();  // c + 1
    EXPECT_FALSE(out.ready);
    EXPECT_FALSE(valid(0, 1, 0));
    edge();
    comb(); // c + 2
    EXPECT_TRUE(out.ready);
    EXPECT_TRUE(valid(0, 1, 0));
}

TEST_F(L2, fill_goes_to_the_array_that_holds_its_size_L2_4)
{
    fill(make_row(0x40000000, 1, G1, false, kAllRights, 0));
    EXPECT_TRUE(valid(1, 0, 0));
    EXPECT_TRUE(mmu_l2_holds(&l2, K4));
    EXPECT_FALSE(mmu_l2_holds(&l2, 16));
}

TEST_F(L2, kill_of_its_port_ends_a_look_up_without_effect_L2_5)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights & ~MMU_ENTRY_D, 0));
    look(0x5000, MMU_ACC_STORE, 1);
    clock();
    in.kill[1] = true;
    comb();
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.abort);
    EXPECT_FALSE(out.ev_refuse);
    edge();
    comb();
    EXPECT_TRUE(out.ready);
    EXPECT_TRUE(valid(0, 1, 0)); // not dropped
}

TEST_F(L2, kill_of_the_other_port_does_nothing_L2_5)
{
    look(0x5000, MMU_ACC_LOAD, 1);
    clock();
    in.kill[0] = true;
    comb();
    edge();
    comb();
    EXPECT_FALSE(out.ready);
}

TEST_F(L2, full_fence_clears_everything_at_t_L2_6)
{
    fill(make_row(0x5000, 1, K4, true, kAllRights, 0));
    fill(make_row(0x40000000, 1, G1, false, kAllRights, 0));
    fence(false, 0, false, 0);
    clock();
    comb();
    EXPECT_FALSE(out.scanning);
    EXPECT_TRUE(out.ready);
    EXPECT_FALSE(valid(0, 1, 0));
    EXPECT_FALSE(valid(1, 0, 0));
}

TEST_F(L2, look_up_in_progress_is_aborted_by_a_fence_L2_6)
{
    for (bool full : {true, false}) {
        make(3);
        look(0x5000, MMU_ACC_LOAD, 0, 1);
        clock();
        clock();
        fence(!full, 1, false, 0);
        comb();
        EXPECT_TRUE(out.abort);
        EXPECT_FALSE(out.done);
        EXPECT_EQ(out.port, 0);
        EXPECT_EQ(out.sel, 1);
        edge();
        comb();
        EXPECT_EQ(out.scanning, !full);
    }
}

TEST_F(L2, a_probe_that_would_go_on_is_aborted_a_final_one_is_not_L2_6)
{
    look(0x80000000);
    clock();
    fence(true, 1, false, 0); // the first of three probes misses
    comb();
    EXPECT_TRUE(out.abort);
    make(1);
    look(0x80000000);
    clock();
    clock();
    clock();
    fence(true, 1, false, 0); // the last one misses
    comb();
    EXPECT_FALSE(out.abort);
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(out.hit);
}

TEST_F(L2, a_hit_in_the_fences_clock_answers_without_touch_L2_6)
{
    fill(make_row(0x1000, 1, K4, false, kAllRights, 0));
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0));
    const uint64_t tree = l2.array[0].repl.plru.q.tree[1];
    look(0x1000);
    clock();
    fence(true, 7, false, 0);
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.hit);
    edge();
    EXPECT_EQ(l2.array[0].repl.plru.q.tree[1], tree);
    comb();
    EXPECT_TRUE(out.scanning);
}

TEST_F(L2, a_refusal_in_the_fences_clock_still_drops_L2_6)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights & ~MMU_ENTRY_D, 0));
    look(0x5000, MMU_ACC_STORE);
    clock();
    fence(true, 7, false, 0); // would spare it
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.ev_refuse);
    edge();
    EXPECT_FALSE(valid(0, 1, 0));
}

TEST_F(L2, kill_goes_before_a_fence_L2_6)
{
    look(0x5000);
    clock();
    fence(true, 1, false, 0);
    in.kill[1] = true;
    comb();
    EXPECT_FALSE(out.abort);
    EXPECT_FALSE(out.done);
    edge();
    comb();
    EXPECT_TRUE(out.scanning);
}

TEST_F(L2, a_fill_at_t_is_lost_L2_6)
{
    for (bool full : {true, false}) {
        make(1);
        in.fill = true;
        in.fill_row = make_row(0x5000, 1, K4, false, kAllRights, 0);
        clock();
        fence(!full, 7, false, 0); // an address space that has nothing to do with it
        clock();
        EXPECT_FALSE(valid(0, 1, 0));
    }
}

TEST_F(L2, scan_takes_one_clock_more_than_the_most_sets_L2_7)
{
    fence(true, 1, false, 0); // t
    clock();
    for (unsigned k = 0; k <= 4; k++) { // t + 1 …
        comb();
        EXPECT_TRUE(out.scanning) << k;
        EXPECT_FALSE(out.ready);
        edge();
    }
    comb();
    EXPECT_FALSE(out.scanning);
    EXPECT_TRUE(out.ready);
}

TEST_F(L2, scan_removes_what_the_fence_covers_in_every_set_L2_7)
{
    for (unsigned n = 0; n < 4; n++) {
        fill(make_row(static_cast<uint64_t>(n) << K4, 1, K4, false, kAllRights, 0));
        fill(make_row(static_cast<uint64_t>(n + 4) << K4, 2, K4, n == 2, kAllRights, 0));
    }
    fill(make_row(0x40000000, 1, G1, false, kAllRights, 0));
    fill(make_row(0x80000000, 1, G1, true, kAllRights, 0));
    fence(true, 1, false, 0);
    clock();
    for (unsigned k = 0; k <= 4; k++)
        clock();
    for (unsigned n = 0; n < 4; n++) {
        EXPECT_FALSE(valid(0, n, 0));
        EXPECT_TRUE(valid(0, n, 1));
    }
    EXPECT_FALSE(valid(1, 0, 0));
    EXPECT_TRUE(valid(1, 0, 1));   // global
    fence(false, 0, true, 0x6123); // by address: global too
    clock();
    for (unsigned k = 0; k <= 4; k++)
        clock();
    EXPECT_FALSE(valid(0, 2, 1));
    EXPECT_TRUE(valid(0, 3, 1));
    fence(false, 0, true, 0x80123456); // the array with fewer sets
    clock();
    for (unsigned k = 0; k <= 4; k++)
        clock();
    EXPECT_FALSE(valid(1, 0, 1));
}

TEST_F(L2, row_goes_at_the_clock_in_which_its_set_is_compared_L2_7)
{
    fill(make_row(0x2000, 1, K4, false, kAllRights, 0)); // set 2
    fence(true, 1, false, 0);
    clock();
    for (unsigned k = 0; k < 3; k++) // k = 0, 1, 2
        clock();
    EXPECT_TRUE(valid(0, 2, 0));
    clock(); // k = 3 compares set 2
    EXPECT_FALSE(valid(0, 2, 0));
}

TEST_F(L2, reset_ends_everything)
{
    fill(make_row(0x5000, 1, K4, false, kAllRights, 0));
    fence(true, 2, false, 0);
    clock();
    comb();
    mmu_l2_seq(&l2, false);
    comb();
    EXPECT_TRUE(out.ready);
    EXPECT_FALSE(valid(0, 1, 0));
}
} // namespace
