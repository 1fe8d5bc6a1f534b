// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_lru, mmu_nru and mmu_lfsr: rules REPL; and that an array uses the twin which its policy names.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "cycle/mmu_array.h"
#include "cycle/room.hh"

namespace
{
// One twin with names that the tests can share.
#define POLICY_BENCH(Bench, x)                                                                               \
    class Bench : public ::testing::Test                                                                     \
    {                                                                                                        \
      protected:                                                                                             \
        mmu_##x##_t x;                                                                                       \
        Storage storage;                                                                                     \
        void make(unsigned sets, unsigned ways)                                                              \
        {                                                                                                    \
            const mmu_##x##_cfg_t cfg = {static_cast<uint16_t>(sets), static_cast<uint8_t>(ways)};           \
            storage.build([&](mmu_arena_t *arena) { mmu_##x##_init(&x, cfg, arena); });                      \
        }                                                                                                    \
        unsigned victim(unsigned set = 0)                                                                    \
        {                                                                                                    \
            mmu_##x##_in_t in = zero<mmu_##x##_in_t>();                                                      \
            mmu_##x##_out_t out;                                                                             \
            in.victim_set = static_cast<uint16_t>(set);                                                      \
            mmu_##x##_out(&x, &in, &out);                                                                    \
            return out.victim;                                                                               \
        }                                                                                                    \
        void clock(const mmu_##x##_in_t &in)                                                                 \
        {                                                                                                    \
            mmu_##x##_comb(&x, &in);                                                                         \
            mmu_##x##_comb(&x, &in);                                                                         \
            mmu_##x##_seq(&x, true);                                                                         \
        }                                                                                                    \
        void touch(unsigned way, unsigned set = 0)                                                           \
        {                                                                                                    \
            mmu_##x##_in_t in = zero<mmu_##x##_in_t>();                                                      \
            in.touch = true;                                                                                 \
            in.touch_set = static_cast<uint16_t>(set);                                                       \
            in.touch_way = static_cast<uint8_t>(way);                                                        \
            clock(in);                                                                                       \
        }                                                                                                    \
        void fill(unsigned way, unsigned set, bool chose)                                                    \
        {                                                                                                    \
            mmu_##x##_in_t in = zero<mmu_##x##_in_t>();                                                      \
            in.fill = true;                                                                                  \
            in.fill_set = static_cast<uint16_t>(set);                                                        \
            in.fill_way = static_cast<uint8_t>(way);                                                         \
            in.chose = chose;                                                                                \
            clock(in);                                                                                       \
        }                                                                                                    \
    }

POLICY_BENCH(Lru, lru);
POLICY_BENCH(Nru, nru);
POLICY_BENCH(Lfsr, lfsr);

// ---- true LRU ----

TEST_F(Lru, worked_example_of_four_ways_REPL_5)
{
    make(1, 4);
    EXPECT_EQ(lru.q.rank[0], 0x3210u);
    EXPECT_EQ(victim(), 3u);
    touch(2);
    EXPECT_EQ(lru.q.rank[0], 0x3021u);
    EXPECT_EQ(victim(), 3u);
    fill(3, 0, true);
    EXPECT_EQ(lru.q.rank[0], 0x0132u);
    EXPECT_EQ(victim(), 1u);
    touch(3); // the most recent one: nothing moves
    EXPECT_FALSE(mmu_lru_touch_moves(&lru, 0, 3));
    EXPECT_EQ(lru.q.rank[0], 0x0132u);
    fill(0, 0, false); // a fill counts whether the policy chose or not
    EXPECT_EQ(lru.q.rank[0], 0x1230u);
}

TEST_F(Lru, victim_is_the_way_that_was_used_longest_ago_REPL_5)
{
    for (unsigned ways : {1u, 2u, 3u, 7u, 16u}) {
        make(2, ways);
        std::list<unsigned> order; // front: most recent
        for (unsigned way = 0; way < ways; way++)
            order.push_back(way);
        for (unsigned n = 0; n < 12 * ways; n++) {
            const unsigned way = n % 3 == 0 ? order.back() : (n * 7 + n / 5) % ways;
            ASSERT_EQ(victim(1), order.back()) << ways << " ways, step " << n;
            const bool moves = order.front() != way;
            ASSERT_EQ(mmu_lru_touch_moves(&lru, 1, way), moves);
            if (n % 2 == 0)
                touch(way, 1);
            else
                fill(way, 1, n % 3 == 0);
            order.remove(way);
            order.push_front(way);
        }
        EXPECT_EQ(victim(0), ways - 1); // the other set has not moved
    }
}

TEST_F(Lru, of_a_touch_and_a_fill_only_the_fill_counts_REPL_1)
{
    make(2, 4);
    mmu_lru_in_t in = zero<mmu_lru_in_t>();
    in.touch = in.fill = true;
    in.touch_way = 3;
    in.fill_set = 1;
    in.fill_way = 3;
    clock(in);
    EXPECT_EQ(lru.q.rank[0], 0x3210u);
    EXPECT_EQ(lru.q.rank[1], 0x0321u);
}

TEST_F(Lru, reset_gives_way_w_the_rank_w)
{
    make(2, 16);
    touch(9, 1);
    mmu_lru_seq(&lru, false);
    EXPECT_EQ(lru.q.rank[0], 0xfedcba9876543210u);
    EXPECT_EQ(lru.q.rank[1], 0xfedcba9876543210u);
}

// ---- NRU ----

TEST_F(Nru, worked_example_of_four_ways_REPL_6)
{
    make(1, 4);
    EXPECT_EQ(victim(), 0u);
    touch(0);
    fill(1, 0, false);
    EXPECT_EQ(nru.q.used[0], 0b0011u);
    EXPECT_EQ(victim(), 2u);
    touch(3);
    EXPECT_EQ(nru.q.used[0], 0b1011u);
    EXPECT_EQ(victim(), 2u);
    EXPECT_FALSE(mmu_nru_touch_moves(&nru, 0, 1));
    touch(1); // used already
    EXPECT_EQ(nru.q.used[0], 0b1011u);
    EXPECT_TRUE(mmu_nru_touch_moves(&nru, 0, 2));
    fill(2, 0, true); // all would be used: the others are forgotten
    EXPECT_EQ(nru.q.used[0], 0b0100u);
    EXPECT_EQ(victim(), 0u);
}

TEST_F(Nru, never_are_all_ways_used_REPL_6)
{
    for (unsigned ways : {2u, 5u, 64u}) {
        make(2, ways);
        for (unsigned n = 0; n < 5 * ways; n++) {
            touch((n * 3 + n / 4) % ways, 1);
            ASSERT_NE(nru.q.used[1], mmu_ones(ways));
            ASSERT_NE(victim(1), (n * 3 + n / 4) % ways);
        }
        EXPECT_EQ(nru.q.used[0], 0u);
    }
}

TEST_F(Nru, one_way_is_always_the_victim_REPL_6)
{
    make(1, 1);
    touch(0);
    EXPECT_EQ(nru.q.used[0], 1u);
    EXPECT_EQ(victim(), 0u);
}

TEST_F(Nru, of_a_touch_and_a_fill_only_the_fill_counts_REPL_1)
{
    make(1, 4);
    mmu_nru_in_t in = zero<mmu_nru_in_t>();
    in.touch = in.fill = true;
    in.touch_way = 0;
    in.fill_way = 1;
    clock(in);
    EXPECT_EQ(nru.q.used[0], 0b0010u);
    mmu_nru_seq(&nru, false);
    EXPECT_EQ(nru.q.used[0], 0u);
}

// ---- random ----

TEST_F(Lfsr, sequence_from_ACE1_REPL_7)
{
    make(4, 4);
    const uint16_t sequence[] = {0xace1, 0xe270, 0x7138, 0x389c, 0x1c4e, 0x0e27, 0xb313, 0xed89};
    for (uint16_t value : sequence) {
        EXPECT_EQ(lfsr.q.lfsr, value);
        EXPECT_EQ(victim(0), value >> 14); // from the value before the step, for every set the same
        EXPECT_EQ(victim(3), value >> 14);
        fill(victim(), 2, true);
    }
}

TEST_F(Lfsr, moves_only_with_a_fill_that_it_chose_REPL_7)
{
    make(2, 8);
    touch(3);
    EXPECT_EQ(lfsr.q.lfsr, 0xace1);
    fill(3, 0, false);
    EXPECT_EQ(lfsr.q.lfsr, 0xace1);
    mmu_lfsr_in_t in = zero<mmu_lfsr_in_t>();
    in.chose = true;
    clock(in);
    EXPECT_EQ(lfsr.q.lfsr, 0xace1);
    fill(3, 0, true);
    EXPECT_EQ(lfsr.q.lfsr, 0xe270);
    mmu_lfsr_seq(&lfsr, false);
    EXPECT_EQ(lfsr.q.lfsr, 0xace1);
}

TEST_F(Lfsr, comes_back_after_65535_steps_and_takes_every_way_about_as_often_REPL_7)
{
    make(1, 5);
    unsigned taken[5] = {0};
    for (unsigned n = 0; n < 65535; n++) {
        ASSERT_LT(victim(), 5u);
        ASSERT_TRUE(n == 0 || lfsr.q.lfsr != 0xace1) << n;
        taken[victim()]++;
        fill(victim(), 0, true);
    }
    EXPECT_EQ(lfsr.q.lfsr, 0xace1);
    for (unsigned count : taken)
        EXPECT_NEAR(count, 13107, 1);
}

// ---- the policy of an array ----

// Fills a set of four ways, uses them in this order: 1, 0, 3, 2, 0; which rows do the next two fills replace?
TEST(Policies, an_array_replaces_by_the_policy_that_its_shape_names_REPL_8)
{
    struct Case {
        unsigned policy;
        unsigned gone[2];
    };
    for (const Case &c : {Case{MMU_POLICY_FIFO, {0, 1}}, Case{MMU_POLICY_LRU, {1, 3}},
                          Case{MMU_POLICY_NRU, {1, 3}}, Case{MMU_POLICY_RANDOM, {2, 3}}}) {
        mmu_array_t array;
        Storage storage;
        const mmu_array_cfg_t cfg = {1, 4, static_cast<uint8_t>(c.policy), false};
        storage.build([&](mmu_arena_t *arena) { mmu_array_init(&array, cfg, arena); });
        auto fill = [&](unsigned n) {
            mmu_array_in_t in = zero<mmu_array_in_t>();
            in.fill = true;
            in.fill_row = make_row(static_cast<uint64_t>(n) << 12, 1, 12, false);
            mmu_array_comb(&array, &in);
            mmu_array_seq(&array, true);
            return static_cast<unsigned>(array.d.fill_way);
        };
        for (unsigned n = 0; n < 4; n++)
            EXPECT_EQ(fill(n), n);
        for (unsigned n : {1u, 0u, 3u, 2u, 0u}) {
            mmu_array_in_t in = zero<mmu_array_in_t>();
            mmu_array_out_t out;
            in.lookup = in.touch = true;
            in.key = mmu_make_key(1, static_cast<uint64_t>(n) << 12);
            mmu_array_out(&array, &in, &out);
            ASSERT_TRUE(out.hit);
            mmu_array_comb(&array, &in);
            mmu_array_seq(&array, true);
        }
        for (unsigned n = 0; n < 2; n++)
            EXPECT_EQ(fill(8 + n), c.gone[n]) << "policy " << c.policy << ", fill " << n;
    }
}
} // namespace
