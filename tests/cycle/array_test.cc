// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_array: rules ARR and KEY.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "cycle/mmu_array.h"
#include "cycle/room.hh"

namespace
{
constexpr uint64_t K4 = 12, M2 = 21, G1 = 30;

class Array : public ::testing::Test
{
  protected:
    mmu_array_t array;
    mmu_array_in_t in = zero<mmu_array_in_t>();
    mmu_array_out_t out;
    Storage storage;
    uint8_t lg = K4; // of every look-up and fill

    void make(unsigned sets, unsigned ways, unsigned policy = MMU_POLICY_PLRU, unsigned index_lg = K4)
    {
        const mmu_array_cfg_t cfg = {static_cast<uint16_t>(sets), static_cast<uint8_t>(ways),
                                     static_cast<uint8_t>(policy), false};
        lg = static_cast<uint8_t>(index_lg);
        storage.build([&](mmu_arena_t *arena) { mmu_array_init(&array, cfg, arena); });
    }

    // The look-up of one clock; touch and drop follow with edge().
    bool look(uint64_t va, unsigned asid = 1)
    {
        in.lookup = true;
        in.key = mmu_make_key(static_cast<uint16_t>(asid), va);
        in.key_lg = lg;
        mmu_array_out(&array, &in, &out);
        return out.hit;
    }

    // The rest of the clock, with comb called twice.
    void edge()
    {
        in.fill_lg = lg;
        mmu_array_comb(&array, &in);
        mmu_array_comb(&array, &in);
        mmu_array_seq(&array, true);
        in = zero<mmu_array_in_t>();
    }

    void fill(const mmu_line_t &row)
    {
        in.fill = true;
        in.fill_row = row;
        edge();
    }

    void fence(unsigned asid, uint64_t va, bool asid_en, bool va_en)
    {
        mmu_fence_t f = zero<mmu_fence_t>();
        f.asid_en = asid_en;
        f.va_en = va_en;
        in.fence = true;
        in.fence_key = mmu_make_key(static_cast<uint16_t>(asid), va);
        in.fence_mask = mmu_fence_mask(&f);
        in.fence_spare_g = asid_en;
        edge();
    }

    bool holds(uint64_t va, unsigned asid = 1)
    {
        const bool hit = look(va, asid);
        in = zero<mmu_array_in_t>();
        return hit;
    }

    int way_of(uint64_t va)
    {
        if (!look(va))
            return -1;
        in = zero<mmu_array_in_t>();
        return array.d.hit_way;
    }
};

TEST_F(Array, look_up_finds_key_in_the_bits_of_the_mask_KEY_3)
{
    make(1, 4);
    fill(make_row(0x40201000, 1, K4, false, 0, 0x9000));
    EXPECT_TRUE(look(0x40201fff));
    EXPECT_EQ(out.data, make_row(0, 1, K4, false, 0, 0x9000).data);
    EXPECT_FALSE(holds(0x40202000));
    EXPECT_FALSE(holds(0x40201000, 2));
    fill(make_row(0x80000000, 1, M2, false));
    EXPECT_TRUE(holds(0x801fffff));
    EXPECT_FALSE(holds(0x80200000));
    fill(make_row(0xC0000000, 7, G1, true));
    EXPECT_TRUE(holds(0xFFFFFFFF, 3)); // global: any ASID
}

TEST_F(Array, without_look_up_or_hit_the_outputs_are_0_ARR_1)
{
    make(1, 2);
    fill(make_row(0x1000, 1, K4, false));
    EXPECT_FALSE(look(0x2000));
    EXPECT_EQ(out.data, 0u);
    in.lookup = false;
    in.key = mmu_make_key(1, 0x1000);
    mmu_array_out(&array, &in, &out);
    EXPECT_FALSE(out.hit);
    EXPECT_EQ(out.data, 0u);
}

TEST_F(Array, a_fill_is_seen_in_the_next_clock_not_before_ARR_1)
{
    make(1, 2);
    in.fill = true;
    in.fill_row = make_row(0x1000, 1, K4, false);
    EXPECT_FALSE(look(0x1000));
    edge();
    EXPECT_TRUE(holds(0x1000));
}

TEST_F(Array, the_set_is_the_bits_from_the_page_size_up_KEY_4)
{
    make(4, 1);
    for (uint64_t n = 0; n < 4; n++)
        fill(make_row(n << K4, 1, K4, false));
    for (uint64_t n = 0; n < 4; n++)
        EXPECT_TRUE(holds(n << K4));
    fill(make_row(4ull << K4, 1, K4, false));
    EXPECT_FALSE(holds(0));
    EXPECT_TRUE(holds(1ull << K4));

    // One array of both sizes: each is found in the set of its own size only.
    make(4, 1);
    fill(make_row(1ull << K4, 1, K4, false));
    lg = M2;
    fill(make_row(2ull << M2, 1, M2, false));
    EXPECT_TRUE(holds((2ull << M2) + 0x1000));
    EXPECT_FALSE(holds(1ull << K4)); // set 0 at this size
    lg = K4;
    EXPECT_TRUE(holds(1ull << K4));
    EXPECT_FALSE(holds((2ull << M2) + 0x1000));
    EXPECT_TRUE(holds((2ull << M2) + 0x2000)); // stands in set 2 by chance, and matches (L1-13)

    make(2, 1, MMU_POLICY_FIFO, M2);
    fill(make_row(1ull << M2, 1, M2, false));
    fill(make_row(2ull << M2, 1, M2, false));
    EXPECT_TRUE(holds((1ull << M2) + 0x5000));
    EXPECT_TRUE(holds((2ull << M2) + 0x5000));
}

TEST_F(Array, the_victim_is_the_lowest_invalid_way_ARR_4)
{
    make(1, 4);
    for (uint64_t n = 0; n < 4; n++) {
        fill(make_row(n << K4, 1, K4, false));
        EXPECT_EQ(way_of(n << K4), static_cast<int>(n));
    }
    look(2ull << K4);
    in.drop = true;
    edge();
    fill(make_row(0x9000, 1, K4, false));
    EXPECT_EQ(way_of(0x9000), 2);
}

TEST_F(Array, a_full_set_gives_up_the_policys_victim_ARR_4)
{
    make(1, 4);
    for (uint64_t n = 0; n < 4; n++)
        fill(make_row(n << K4, 1, K4, false));
    look(0);
    in.touch = true; // ARR-2; the tree then points at the half of ways 2 and 3, there at 2
    edge();
    fill(make_row(0x9000, 1, K4, false));
    EXPECT_EQ(way_of(0x9000), 2);
    EXPECT_TRUE(holds(0));
}

TEST_F(Array, fifo_pointer_moves_only_when_it_chose_REPL_3)
{
    make(1, 2, MMU_POLICY_FIFO);
    fill(make_row(0x1000, 1, K4, false)); // way 0, free
    fill(make_row(0x2000, 1, K4, false)); // way 1, free
    fill(make_row(0x3000, 1, K4, false)); // way 0, chosen
    EXPECT_EQ(way_of(0x3000), 0);
    fill(make_row(0x3000, 1, K4, false)); // overlaps: way 0 again, not chosen
    EXPECT_EQ(way_of(0x3000), 0);
    fill(make_row(0x4000, 1, K4, false)); // way 1, chosen
    EXPECT_EQ(way_of(0x4000), 1);
}

TEST_F(Array, a_fill_invalidates_everything_that_overlaps_ARR_4)
{
    make(1, 4);
    fill(make_row(0x1000, 1, K4, false));
    fill(make_row(0x2000, 1, K4, false));
    fill(make_row(0x2000, 2, K4, false));
    fill(make_row(0x200000, 1, K4, false));
    fill(make_row(0x0, 1, M2, false)); // covers the first two, in ASID 1
    EXPECT_EQ(way_of(0x1000), 0);
    EXPECT_EQ(out.data, make_row(0, 1, M2, false).data);
    EXPECT_TRUE(holds(0x2000, 2));
    EXPECT_TRUE(holds(0x200000));
    EXPECT_EQ(array.q.valid[0], 0b1101u);
    fill(make_row(0x0, 3, G1, true)); // global: all of them
    EXPECT_EQ(array.q.valid[0], 0b0001u);
}

TEST_F(Array, a_small_page_takes_the_place_of_the_large_one_that_covers_it_ARR_4)
{
    make(1, 2);
    fill(make_row(0x0, 1, M2, false));
    fill(make_row(0x3000, 1, K4, false));
    EXPECT_TRUE(holds(0x3000));
    EXPECT_FALSE(holds(0x4000));
}

TEST_F(Array, drop_takes_the_row_that_hit_ARR_3)
{
    make(1, 4);
    fill(make_row(0x1000, 1, K4, false));
    fill(make_row(0x2000, 1, K4, false));
    look(0x1000);
    in.drop = true;
    edge();
    EXPECT_FALSE(holds(0x1000));
    EXPECT_TRUE(holds(0x2000));
}

TEST_F(Array, invalidation_never_moves_replacement_state_REPL_4)
{
    make(1, 4);
    for (uint64_t n = 0; n < 4; n++)
        fill(make_row(n << K4, 1, K4, false));
    const uint64_t before = array.repl.plru.q.tree[0];
    look(0x1000);
    in.drop = true;
    edge();
    fence(0, 0, false, false);
    EXPECT_EQ(array.repl.plru.q.tree[0], before);
}

TEST_F(Array, the_four_fences_ARR_5)
{
    auto refill = [this] {
        make(1, 8);
        fill(make_row(0x1000, 1, K4, false));
        fill(make_row(0x2000, 1, K4, false));
        fill(make_row(0x1000, 2, K4, false));
        fill(make_row(0x5000, 1, K4, true));
        fill(make_row(0x40000000, 1, G1, false));
    };
    refill();
    fence(0, 0, false, false); // everything, global too
    EXPECT_EQ(array.q.valid[0], 0u);

    refill();
    fence(1, 0, true, false); // address space 1, not what is global
    EXPECT_FALSE(holds(0x1000));
    EXPECT_FALSE(holds(0x2000));
    EXPECT_FALSE(holds(0x40000000));
    EXPECT_TRUE(holds(0x1000, 2));
    EXPECT_TRUE(holds(0x5000));

    refill();
    fence(0, 0x1abc, false, true); // an address in all spaces
    EXPECT_FALSE(holds(0x1000));
    EXPECT_FALSE(holds(0x1000, 2));
    EXPECT_TRUE(holds(0x2000));
    fence(0, 0x5000, false, true); // global too
    EXPECT_FALSE(holds(0x5000));
    fence(9, 0x7fffffff, false, true); // anywhere in a large page
    EXPECT_FALSE(holds(0x40000000));

    refill();
    fence(2, 0x1000, true, true); // an address in one space
    EXPECT_FALSE(holds(0x1000, 2));
    EXPECT_TRUE(holds(0x1000, 1));
    fence(1, 0x5000, true, true); // spares global
    EXPECT_TRUE(holds(0x5000));
}

TEST_F(Array, a_fence_covers_every_set_ARR_5)
{
    make(4, 2);
    for (uint64_t n = 0; n < 8; n++)
        fill(make_row(n << K4, 1, K4, n == 5));
    fence(1, 0, true, false);
    for (uint64_t n = 0; n < 8; n++)
        EXPECT_EQ(holds(n << K4), n == 5);
}

TEST_F(Array, a_fence_beats_fill_and_touch_of_the_same_clock_but_not_drop_ARR_6)
{
    make(1, 4);
    fill(make_row(0x1000, 1, K4, true)); // spared by a fence of ASID 1
    const uint64_t before = array.repl.plru.q.tree[0];
    look(0x1000);
    in.touch = in.fill = true;
    in.fill_row = make_row(0x3000, 2, K4, false);
    fence(1, 0, true, false);
    EXPECT_FALSE(holds(0x3000, 2));
    EXPECT_EQ(array.repl.plru.q.tree[0], before);
    EXPECT_TRUE(holds(0x1000));
    look(0x1000);
    in.drop = true;
    fence(1, 0, true, false);
    EXPECT_FALSE(holds(0x1000));
}

TEST_F(Array, drop_and_fill_act_both_and_the_dropped_place_is_not_free_yet_ARR_7)
{
    make(1, 4);
    fill(make_row(0x1000, 1, K4, false));
    look(0x1000);
    in.drop = true;
    fill(make_row(0x2000, 1, K4, false));
    EXPECT_EQ(way_of(0x2000), 1); // way 0 counted as valid
    EXPECT_FALSE(holds(0x1000));
}

TEST_F(Array, where_the_fill_writes_the_dropped_place_the_fill_wins_ARR_7)
{
    make(1, 4);
    fill(make_row(0x1000, 1, K4, false));
    look(0x1000);
    in.drop = true;
    fill(make_row(0x1000, 1, K4, false, 0, 0x7000)); // overlaps: the same way
    EXPECT_EQ(way_of(0x1000), 0);
    EXPECT_EQ(out.data, make_row(0, 1, K4, false, 0, 0x7000).data);
    EXPECT_EQ(array.q.valid[0], 1u);
}

TEST_F(Array, drop_and_fill_in_different_sets_act_both_ARR_7)
{
    make(4, 1);
    fill(make_row(0x1000, 1, K4, false));
    look(0x1000);
    in.drop = true;
    fill(make_row(0x2000, 1, K4, false));
    EXPECT_FALSE(holds(0x1000));
    EXPECT_TRUE(holds(0x2000));
}

TEST_F(Array, of_touch_and_fill_only_the_fill_moves_the_tree_ARR_8)
{
    make(1, 4);
    for (uint64_t n = 0; n < 4; n++)
        fill(make_row(n << K4, 1, K4, false));
    EXPECT_EQ(array.repl.plru.q.tree[0], 0u); // the last fill was way 3
    look(0);
    in.touch = true;
    fill(make_row(0x9000, 1, K4, false)); // victim: way 0
    EXPECT_EQ(way_of(0x9000), 0);
    EXPECT_EQ(array.repl.plru.q.tree[0], 0b011u); // as of the fill alone
    look(3ull << K4);
    in.touch = true;
    fill(make_row(0xa000, 1, K4, false));         // victim: way 2
    EXPECT_EQ(array.repl.plru.q.tree[0], 0b110u); // a touch of way 3 would leave node 2 at 0
}

TEST_F(Array, the_write_port_shows_the_fill_ARR_9)
{
    make(4, 2);
    fill(make_row(0x2000, 1, K4, false));
    in.fill = true;
    in.fill_row = make_row(0x6000, 1, K4, false);
    in.fill_lg = K4;
    mmu_array_comb(&array, &in);
    EXPECT_TRUE(array.d.fill);
    EXPECT_EQ(array.d.fill_set, 2u);
    EXPECT_EQ(array.d.fill_way, 1u);
    EXPECT_EQ(array.d.row.key, in.fill_row.key);
    in.fence = true;
    mmu_array_comb(&array, &in);
    EXPECT_FALSE(array.d.fill);
}

// At most one row matches any key (ARR-4), and what is found is what a plain table would hold. The hints of
// earlier look-ups must not show.
TEST_F(Array, random_fills_and_look_ups_agree_with_a_plain_table)
{
    std::mt19937 rng(1);
    make(1, 32);
    auto any = [&rng](unsigned n) { return static_cast<unsigned>(rng() % n); };
    unsigned hits = 0;
    for (unsigned n = 0; n < 20000; n++) {
        const uint64_t va = static_cast<uint64_t>(any(4)) << M2 | static_cast<uint64_t>(any(16)) << K4;
        const unsigned asid = any(3);
        const bool hit = look(va, asid);
        unsigned matches = 0, way = 0;
        for (unsigned w = 0; w < 32; w++)
            if (((array.q.valid[0] >> w) & 1) != 0 && ((array.q.key[w] ^ in.key) & array.q.mask[w]) == 0) {
                matches++;
                way = w;
            }
        ASSERT_LE(matches, 1u);
        ASSERT_EQ(hit, matches == 1);
        if (hit) {
            hits++;
            ASSERT_EQ(array.d.hit_way, way);
            ASSERT_EQ(out.data, array.q.data[way]);
        }
        in.touch = hit && any(2) != 0;
        in.drop = hit && !in.touch && any(8) == 0;
        in.fill = any(3) == 0;
        in.fill_row = make_row(static_cast<uint64_t>(any(4)) << M2 | static_cast<uint64_t>(any(16)) << K4,
                               any(3), any(8) == 0 ? M2 : K4, any(6) == 0, 0, static_cast<uint64_t>(n) << 12);
        if (any(200) == 0)
            fence(any(3), va, any(2) != 0, any(2) != 0);
        else
            edge();
    }
    EXPECT_GT(hits, 1000u);
}

TEST_F(Array, reset_makes_every_row_invalid)
{
    make(2, 2);
    fill(make_row(0x1000, 1, K4, false));
    fill(make_row(0x2000, 1, K4, false));
    mmu_array_seq(&array, false);
    EXPECT_FALSE(holds(0x1000));
    EXPECT_FALSE(holds(0x2000));
}
} // namespace
