// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_plru and mmu_fifo: rules REPL.
#include <gtest/gtest.h>

#include "cycle/mmu_fifo.h"
#include "cycle/mmu_plru.h"
#include "cycle/room.hh"

namespace
{
class Plru : public ::testing::Test
{
  protected:
    mmu_plru_t plru;
    Storage storage;

    void make(unsigned sets, unsigned ways)
    {
        const mmu_plru_cfg_t cfg = {static_cast<uint16_t>(sets), static_cast<uint8_t>(ways)};
        storage.build([&](mmu_arena_t *arena) { mmu_plru_init(&plru, cfg, arena); });
    }

    unsigned victim(unsigned set = 0)
    {
        mmu_plru_in_t in = zero<mmu_plru_in_t>();
        mmu_plru_out_t out;
        in.victim_set = static_cast<uint16_t>(set);
        mmu_plru_out(&plru, &in, &out);
        return out.victim;
    }

    void touch(unsigned way, unsigned set = 0)
    {
        mmu_plru_in_t in = zero<mmu_plru_in_t>();
        in.touch = true;
        in.touch_set = static_cast<uint16_t>(set);
        in.touch_way = static_cast<uint8_t>(way);
        mmu_plru_comb(&plru, &in);
        mmu_plru_seq(&plru, true);
    }

    void fill(unsigned way, unsigned set, bool chose)
    {
        mmu_plru_in_t in = zero<mmu_plru_in_t>();
        in.fill = true;
        in.fill_set = static_cast<uint16_t>(set);
        in.fill_way = static_cast<uint8_t>(way);
        in.chose = chose;
        mmu_plru_comb(&plru, &in);
        mmu_plru_seq(&plru, true);
    }
};

TEST_F(Plru, worked_example_of_four_ways_REPL_2)
{
    make(1, 4);
    EXPECT_EQ(victim(), 0u);
    touch(0);
    EXPECT_EQ(plru.q.tree[0], 0b011u);
    EXPECT_EQ(victim(), 2u);
    touch(2);
    EXPECT_EQ(plru.q.tree[0], 0b110u);
    EXPECT_EQ(victim(), 1u);
    touch(1); // nodes 0 and 1: root up, node 1 down
    EXPECT_EQ(plru.q.tree[0], 0b101u);
    EXPECT_EQ(victim(), 3u);
    touch(3);
    EXPECT_EQ(plru.q.tree[0], 0b000u);
    EXPECT_EQ(victim(), 0u);
}

TEST_F(Plru, a_used_way_is_never_the_next_victim_REPL_2)
{
    for (unsigned ways : {2u, 4u, 8u, 16u, 32u, 64u}) {
        make(1, ways);
        for (unsigned n = 0; n < 4 * ways; n++) {
            const unsigned way = (n * 7 + n / 3) % ways;
            touch(way);
            EXPECT_NE(victim(), way) << ways << " ways";
            EXPECT_LT(victim(), ways);
        }
    }
}

TEST_F(Plru, victims_filled_one_after_the_other_are_all_ways_REPL_2)
{
    for (unsigned ways : {1u, 2u, 8u, 64u}) {
        make(1, ways);
        uint64_t seen = 0;
        for (unsigned n = 0; n < ways; n++) {
            seen |= UINT64_C(1) << victim();
            fill(victim(), 0, true);
        }
        EXPECT_EQ(seen, mmu_ones(ways));
    }
}

TEST_F(Plru, a_fill_counts_whether_the_policy_chose_or_not_REPL_2)
{
    make(1, 4);
    fill(0, 0, false);
    EXPECT_EQ(victim(), 2u);
}

TEST_F(Plru, one_way_is_always_the_victim_REPL_2)
{
    make(2, 1);
    touch(0, 1);
    EXPECT_EQ(victim(1), 0u);
}

TEST_F(Plru, sets_are_apart)
{
    make(8, 2);
    touch(0, 5);
    for (unsigned set = 0; set < 8; set++)
        EXPECT_EQ(victim(set), set == 5 ? 1u : 0u);
}

TEST_F(Plru, of_a_touch_and_a_fill_only_the_fill_counts_REPL_1)
{
    make(2, 4);
    mmu_plru_in_t in = zero<mmu_plru_in_t>();
    in.touch = in.fill = true;
    in.touch_set = 0;
    in.touch_way = 0;
    in.fill_set = 1;
    in.fill_way = 3;
    mmu_plru_comb(&plru, &in);
    mmu_plru_comb(&plru, &in); // comb called twice changes nothing
    EXPECT_EQ(plru.q.tree[1], 0u);
    mmu_plru_seq(&plru, true);
    EXPECT_EQ(plru.q.tree[0], 0u);
    EXPECT_EQ(victim(0), 0u);
    EXPECT_EQ(plru.q.tree[1], 0u); // way 3: nodes 0 and 2 point down
    touch(0, 1);
    EXPECT_EQ(plru.q.tree[1], 0b011u);
}

TEST_F(Plru, reset_clears_every_set)
{
    make(4, 8);
    for (unsigned set = 0; set < 4; set++)
        touch(0, set);
    mmu_plru_seq(&plru, false);
    for (unsigned set = 0; set < 4; set++)
        EXPECT_EQ(plru.q.tree[set], 0u);
}

class Fifo : public ::testing::Test
{
  protected:
    mmu_fifo_t fifo;
    Storage storage;

    void SetUp() override
    {
        const mmu_fifo_cfg_t cfg = {2, 3};
        storage.build([&](mmu_arena_t *arena) { mmu_fifo_init(&fifo, cfg, arena); });
    }

    unsigned victim(unsigned set)
    {
        mmu_fifo_in_t in = zero<mmu_fifo_in_t>();
        mmu_fifo_out_t out;
        in.victim_set = static_cast<uint16_t>(set);
        mmu_fifo_out(&fifo, &in, &out);
        return out.victim;
    }

    void clock(bool touch, bool fill, unsigned set, unsigned way, bool chose)
    {
        mmu_fifo_in_t in = zero<mmu_fifo_in_t>();
        in.touch = touch;
        in.fill = fill;
        in.touch_set = in.fill_set = static_cast<uint16_t>(set);
        in.touch_way = in.fill_way = static_cast<uint8_t>(way);
        in.chose = chose;
        mmu_fifo_comb(&fifo, &in);
        mmu_fifo_seq(&fifo, true);
    }
};

TEST_F(Fifo, pointer_goes_round_with_fills_that_it_chose_REPL_3)
{
    for (unsigned n = 0; n < 7; n++) {
        EXPECT_EQ(victim(1), n % 3);
        clock(false, true, 1, victim(1), true);
    }
    EXPECT_EQ(victim(0), 0u);
}

TEST_F(Fifo, a_fill_of_a_free_way_moves_nothing_REPL_3)
{
    clock(false, true, 0, 0, false);
    EXPECT_EQ(victim(0), 0u);
}

TEST_F(Fifo, a_touch_moves_nothing_REPL_3)
{
    clock(true, false, 0, 0, true);
    EXPECT_EQ(victim(0), 0u);
}

TEST_F(Fifo, reset_points_at_way_0)
{
    clock(false, true, 0, 0, true);
    EXPECT_EQ(victim(0), 1u);
    mmu_fifo_seq(&fifo, false);
    EXPECT_EQ(victim(0), 0u);
}
} // namespace
