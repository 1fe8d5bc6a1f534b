// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_row_array: rules ROW.
#include <gtest/gtest.h>

#include "cycle/mmu_row_array.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12, M2 = 21;

class RowArray : public ::testing::Test
{
  protected:
    mmu_row_array_t array;
    mmu_row_array_in_t in = zero<mmu_row_array_in_t>();
    mmu_row_array_out_t out;
    Storage storage;

    void SetUp() override
    {
        make(4, 2);
    }

    void make(unsigned sets, unsigned ways, unsigned policy = MMU_POLICY_PLRU)
    {
        const mmu_row_array_cfg_t cfg = {static_cast<uint16_t>(sets), static_cast<uint8_t>(ways),
                                         static_cast<uint8_t>(policy), false};
        storage.build([&](mmu_arena_t *arena) { mmu_row_array_init(&array, cfg, arena); });
    }

    void edge()
    {
        mmu_row_array_comb(&array, &in);
        mmu_row_array_comb(&array, &in);
        mmu_row_array_seq(&array, true);
        in = zero<mmu_row_array_in_t>();
    }

    void read(unsigned set)
    {
        in.read = true;
        in.read_set = static_cast<uint16_t>(set);
        edge();
    }

    bool compare(uint64_t va, unsigned asid = 1, uint64_t mask = ~UINT64_C(0), bool spare_g = false)
    {
        in.cmp_key = mmu_make_key(static_cast<uint16_t>(asid), va);
        in.cmp_mask = mask;
        in.cmp_spare_g = spare_g;
        mmu_row_array_out(&array, &in, &out);
        return out.hit;
    }

    void fill(unsigned set, const mmu_line_t &row)
    {
        read(set);
        in.cmp_key = row.key;
        in.cmp_mask = row.mask;
        in.fill = true;
        in.fill_row = row;
        mmu_row_array_out(&array, &in, &out);
        edge();
    }

    bool holds(unsigned set, uint64_t va, unsigned asid = 1)
    {
        read(set);
        const bool hit = compare(va, asid);
        in = zero<mmu_row_array_in_t>();
        return hit;
    }
};

TEST_F(RowArray, rows_are_compared_from_the_clock_after_the_read_on_ROW_1)
{
    fill(2, make_row(0x2000, 1, K4, false));
    read(0);
    in.read = true;
    in.read_set = 2;
    EXPECT_FALSE(compare(0x2000)); // the clock of the read: still set 0
    edge();
    EXPECT_TRUE(compare(0x2000));
    in = zero<mmu_row_array_in_t>();
    edge();
    EXPECT_TRUE(compare(0x2000)); // until the next read
}

TEST_F(RowArray, compare_tells_the_row_ROW_2)
{
    const mmu_line_t row = make_row(0x2000, 1, K4, false, 0, 0x5000);
    fill(2, row);
    read(2);
    EXPECT_TRUE(compare(0x2fff));
    EXPECT_EQ(out.row.key, row.key);
    EXPECT_EQ(out.row.mask, row.mask);
    EXPECT_EQ(out.row.data, row.data);
    EXPECT_FALSE(compare(0x2000, 2));
    EXPECT_EQ(out.row.key, 0u);
    EXPECT_EQ(out.row.data, 0u);
}

TEST_F(RowArray, the_lowest_numbered_match_is_shown_and_global_rows_can_be_spared_ROW_2)
{
    fill(0, make_row(0x0, 1, K4, true));
    fill(0, make_row(0x4000, 1, K4, false));
    read(0);
    EXPECT_TRUE(compare(0, 1, MMU_KEY_ASID_MASK)); // way 0 matches: global rows have no ASID
    EXPECT_EQ(out.row.key, make_row(0, 1, K4, true).key);
    EXPECT_TRUE(compare(0, 1, MMU_KEY_ASID_MASK, true));
    EXPECT_EQ(out.row.key, make_row(0x4000, 1, K4, false).key);
}

TEST_F(RowArray, touch_moves_the_tree_and_drop_takes_the_row_ROW_3)
{
    fill(1, make_row(0x1000, 1, K4, false));
    fill(1, make_row(0x5000, 1, K4, false));
    read(1);
    ASSERT_TRUE(compare(0x1000));
    in.touch = true;
    edge();
    fill(1, make_row(0x9000, 1, K4, false));
    EXPECT_TRUE(holds(1, 0x1000)); // the other one went
    EXPECT_FALSE(holds(1, 0x5000));
    read(1);
    ASSERT_TRUE(compare(0x9000));
    in.drop = true;
    edge();
    EXPECT_FALSE(holds(1, 0x9000));
    EXPECT_TRUE(holds(1, 0x1000));
}

TEST_F(RowArray, fill_invalidates_what_overlaps_and_takes_the_lowest_free_way_ROW_4)
{
    make(1, 4);
    fill(0, make_row(0x1000, 1, K4, false));
    fill(0, make_row(0x2000, 1, K4, false));
    fill(0, make_row(0x2000, 2, K4, false));
    fill(0, make_row(0x0, 1, M2, false));
    EXPECT_EQ(array.q.valid[0], 0b0101u);
    EXPECT_TRUE(holds(0, 0x7000));
    EXPECT_TRUE(holds(0, 0x2000, 2));
}

TEST_F(RowArray, fifo_moves_only_where_it_chose_ROW_4)
{
    make(1, 2, MMU_POLICY_FIFO);
    fill(0, make_row(0x1000, 1, K4, false));
    fill(0, make_row(0x2000, 1, K4, false));
    fill(0, make_row(0x2000, 1, K4, false)); // overlaps itself
    fill(0, make_row(0x3000, 1, K4, false)); // chosen: way 0
    EXPECT_FALSE(holds(0, 0x1000));
    fill(0, make_row(0x4000, 1, K4, false)); // chosen: way 1
    EXPECT_FALSE(holds(0, 0x2000));
    EXPECT_TRUE(holds(0, 0x3000));
}

TEST_F(RowArray, scan_invalidates_all_matches_while_another_set_is_read_ROW_5)
{
    fill(0, make_row(0x0, 1, K4, false));
    fill(0, make_row(0x4000, 1, K4, true));
    fill(1, make_row(0x1000, 1, K4, false));
    read(0);
    compare(0, 1, MMU_KEY_ASID_MASK, true);
    in.scan = true;
    read(1);
    EXPECT_EQ(array.q.valid[0], 0b10u); // the global one stays
    EXPECT_TRUE(compare(0x1000));
}

TEST_F(RowArray, clear_takes_everything_and_a_fill_of_the_clock_is_lost_ROW_6)
{
    fill(0, make_row(0x0, 1, K4, false));
    fill(3, make_row(0x3000, 1, K4, true));
    const uint64_t tree = array.repl.plru.q.tree[3];
    read(3);
    compare(0x7000);
    in.fill = true;
    in.fill_row = make_row(0x7000, 1, K4, false);
    in.clear = true;
    edge();
    for (unsigned set = 0; set < 4; set++)
        EXPECT_EQ(array.q.valid[set], 0u);
    EXPECT_EQ(array.repl.plru.q.tree[3], tree);
}

TEST_F(RowArray, reset_makes_every_row_invalid)
{
    fill(0, make_row(0x0, 1, K4, false));
    mmu_row_array_seq(&array, false);
    EXPECT_FALSE(holds(0, 0));
}

TEST_F(RowArray, without_a_mask_nothing_is_compared_ROW_2)
{
    fill(1, make_row(0x1000, 1, 12, false, kAllRights));
    read(1);
    EXPECT_TRUE(compare(0x1000));
    EXPECT_TRUE(compare(0x9000, 1, MMU_KEY_ASID_MASK));
    EXPECT_FALSE(compare(0x1000, 1, 0));
    EXPECT_EQ(out.row.data, 0u);
}
} // namespace
