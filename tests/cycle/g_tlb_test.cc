// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_g_tlb alone: rules GTLB.
#include <gtest/gtest.h>

#include "cycle/mmu_g_tlb.h"
#include "cycle/room.hh"

namespace
{
constexpr uint64_t kGpa = 0x123456789000;

class GTlb : public ::testing::Test
{
  protected:
    mmu_g_tlb_t tlb;
    mmu_g_tlb_in_t in = zero<mmu_g_tlb_in_t>();
    mmu_g_tlb_out_t out;
    Storage storage;

    void SetUp() override
    {
        make(4);
    }

    void make(unsigned ways)
    {
        const mmu_g_tlb_cfg_t cfg = {static_cast<uint8_t>(ways), MMU_POLICY_PLRU};
        storage.build([&](mmu_arena_t *arena) { mmu_g_tlb_init(&tlb, &cfg, arena); });
        in = zero<mmu_g_tlb_in_t>();
    }

    static mmu_line_t row(uint64_t gpa, unsigned vmid, unsigned lg, uint64_t data)
    {
        mmu_line_t line = zero<mmu_line_t>();
        line.key = mmu_make_gkey(static_cast<uint16_t>(vmid), gpa);
        line.mask = mmu_make_gmask(lg);
        line.data = data;
        return line;
    }

    void clock()
    {
        for (unsigned n = 0; n < 2; n++) {
            mmu_g_tlb_out(&tlb, &in, &out);
            mmu_g_tlb_comb(&tlb, &in);
        }
        mmu_g_tlb_seq(&tlb, true);
        in = zero<mmu_g_tlb_in_t>();
    }

    void fill(uint64_t gpa, unsigned vmid, unsigned lg = 12, uint64_t data = 7)
    {
        in.fill = true;
        in.fill_row = row(gpa, vmid, lg, data);
        clock();
    }

    void ask(uint64_t gpa, unsigned vmid)
    {
        in.lookup = true;
        in.key = mmu_make_gkey(static_cast<uint16_t>(vmid), gpa);
    }

    bool has(uint64_t gpa, unsigned vmid)
    {
        ask(gpa, vmid);
        clock();
        return out.hit;
    }

    void fence(unsigned kind, bool vmid_en, unsigned vmid, bool va_en, uint64_t gpa)
    {
        in.fence_accept = true;
        in.fence.kind = static_cast<uint8_t>(kind);
        in.fence.vmid_en = vmid_en;
        in.fence.vmid = static_cast<uint16_t>(vmid);
        in.fence.va_en = va_en;
        in.fence.va = gpa;
    }

    // Two machines with two pages each.
    void fill_four()
    {
        make(4);
        for (unsigned vmid : {1u, 2u}) {
            fill(kGpa, vmid);
            fill(kGpa + 0x1000, vmid);
        }
    }

    unsigned left() // bit 2·(vmid − 1) + page
    {
        unsigned bits = 0;
        for (unsigned n = 0; n < 4; n++)
            bits |= static_cast<unsigned>(has(kGpa + (n & 1) * 0x1000, 1 + n / 2)) << n;
        return bits;
    }
};

TEST_F(GTlb, a_fill_is_seen_in_the_next_clock_GTLB_1)
{
    in.fill = true;
    in.fill_row = row(kGpa, 1, 12, 7);
    ask(kGpa, 1);
    clock();
    EXPECT_FALSE(out.hit);
    EXPECT_EQ(out.entry, 0u);
    ask(kGpa, 1);
    clock();
    EXPECT_TRUE(out.hit);
    EXPECT_EQ(out.entry, 7u);
}

TEST_F(GTlb, nothing_hits_without_a_look_up_GTLB_1)
{
    fill(kGpa, 1);
    in.key = mmu_make_gkey(1, kGpa);
    clock();
    EXPECT_FALSE(out.hit);
    EXPECT_EQ(out.entry, 0u);
}

TEST_F(GTlb, pages_of_any_size_stand_together_GTLB_1)
{
    fill(0x40000000, 1, 30, 1);
    fill(0x200000, 1, 21, 2);
    fill(0x3000, 1, 12, 3);
    ask(0x7ffff000, 1);
    clock();
    EXPECT_EQ(out.entry, 1u);
    ask(0x3ff000, 1);
    clock();
    EXPECT_EQ(out.entry, 2u);
    ask(0x3fff, 1);
    clock();
    EXPECT_EQ(out.entry, 3u);
    EXPECT_FALSE(has(0x4000, 1));
    EXPECT_FALSE(has(0x400000, 1));
    EXPECT_FALSE(has(0x80000000, 1));
}

TEST_F(GTlb, key_is_vmid_and_all_of_the_address_KEY_6)
{
    fill(kGpa, 0x2001);
    EXPECT_TRUE(has(kGpa + 0xfff, 0x2001));
    EXPECT_FALSE(has(kGpa, 1));
    EXPECT_FALSE(has(kGpa, 0x2000));
    EXPECT_FALSE(has(kGpa | UINT64_C(1) << 58, 0x2001)); // the highest bit of Sv57x4
}

TEST_F(GTlb, a_fill_ends_what_it_overlaps_GTLB_1)
{
    fill(0x203000, 1);
    fill(0x203000, 2);
    fill(0x200000, 1, 21, 9);
    ask(0x203000, 1);
    clock();
    EXPECT_EQ(out.entry, 9u);
    EXPECT_TRUE(has(0x203000, 2));
}

TEST_F(GTlb, a_refused_row_is_dropped_GTLB_1)
{
    fill(kGpa, 1);
    fill(kGpa + 0x1000, 1);
    ask(kGpa, 1);
    in.drop = true;
    clock();
    EXPECT_TRUE(out.hit); // in this clock still
    EXPECT_FALSE(has(kGpa, 1));
    EXPECT_TRUE(has(kGpa + 0x1000, 1));
}

TEST_F(GTlb, a_touch_keeps_the_row_from_being_the_next_victim_GTLB_1)
{
    for (bool touch : {false, true}) {
        make(2);
        fill(kGpa, 1);
        fill(kGpa + 0x1000, 1);
        ask(kGpa, 1);
        in.touch = touch;
        clock();
        fill(kGpa + 0x2000, 1);
        EXPECT_EQ(has(kGpa, 1), touch);
        EXPECT_EQ(has(kGpa + 0x1000, 1), !touch);
    }
}

TEST_F(GTlb, touch_and_fill_of_one_clock_only_the_fill_counts_ARR_8)
{
    make(2);
    fill(kGpa, 1);
    fill(kGpa + 0x1000, 1); // the next victim is row 0
    ask(kGpa, 1);
    in.touch = true;
    in.fill = true;
    in.fill_row = row(kGpa + 0x2000, 1, 12, 7);
    clock();
    EXPECT_FALSE(has(kGpa, 1));
    EXPECT_TRUE(has(kGpa + 0x1000, 1));
}

TEST_F(GTlb, drop_and_fill_of_one_clock_both_act_ARR_7)
{
    fill(kGpa, 1);
    ask(kGpa, 1);
    in.drop = true;
    in.fill = true;
    in.fill_row = row(kGpa + 0x1000, 1, 12, 7);
    clock();
    EXPECT_FALSE(has(kGpa, 1));
    EXPECT_TRUE(has(kGpa + 0x1000, 1));
}

TEST_F(GTlb, fills_nothing_at_any_fences_clock_GTLB_2)
{
    for (unsigned kind : {MMU_FENCE_S, MMU_FENCE_VV, MMU_FENCE_G}) {
        make(4);
        in.fill = true;
        in.fill_row = row(kGpa, 1, 12, 7);
        fence(kind, true, 2, true, 0); // that covers something else
        clock();
        EXPECT_FALSE(has(kGpa, 1));
    }
}

TEST_F(GTlb, fences_by_vmid_by_address_by_both_or_all_GTLB_3)
{
    const struct {
        bool vmid_en, va_en;
        unsigned left;
    } cases[] = {{false, false, 0}, {true, false, 0b0011}, {false, true, 0b1010}, {true, true, 0b1011}};
    for (const auto &c : cases) {
        fill_four();
        fence(MMU_FENCE_G, c.vmid_en, 2, c.va_en, kGpa + 0x123);
        clock();
        EXPECT_EQ(left(), c.left) << c.vmid_en << c.va_en;
    }
}

TEST_F(GTlb, a_fence_of_one_address_ends_the_large_page_that_holds_it_GTLB_3)
{
    fill(0x200000, 1, 21);
    fence(MMU_FENCE_G, true, 1, true, 0x3ff000);
    clock();
    EXPECT_FALSE(has(0x200000, 1));
    fill(0x200000, 1, 21);
    fence(MMU_FENCE_G, true, 1, true, 0x400000);
    clock();
    EXPECT_TRUE(has(0x200000, 1));
}

TEST_F(GTlb, fences_of_first_stages_end_nothing_GTLB_3)
{
    fill_four();
    fence(MMU_FENCE_S, false, 0, false, 0);
    clock();
    fence(MMU_FENCE_VV, true, 1, false, 0);
    clock();
    EXPECT_EQ(left(), 0b1111u);
}

TEST_F(GTlb, without_ways_it_never_hits)
{
    make(0);
    fill(kGpa, 1);
    EXPECT_FALSE(has(kGpa, 1));
    fence(MMU_FENCE_G, false, 0, false, 0);
    clock();
    EXPECT_FALSE(tlb.d.any);
    mmu_g_tlb_seq(&tlb, false);
}

TEST_F(GTlb, reset_forgets_all)
{
    fill_four();
    mmu_g_tlb_seq(&tlb, false);
    EXPECT_EQ(left(), 0u);
}
} // namespace
