// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_rr_arb: rules ARB.
#include <gtest/gtest.h>

#include "cycle/mmu_rr_arb.h"
#include "cycle/room.hh"

namespace
{
class Arb : public ::testing::Test
{
  protected:
    mmu_rr_arb_t arb;
    mmu_rr_arb_in_t in = zero<mmu_rr_arb_in_t>();
    mmu_rr_arb_out_t out;

    void SetUp() override
    {
        mmu_rr_arb_init(&arb, {4});
    }

    // One clock; returns the choice, or −1 for none.
    int clock(unsigned req, bool advance)
    {
        in.req = static_cast<uint16_t>(req);
        in.advance = advance;
        mmu_rr_arb_comb(&arb, &in, &out);
        mmu_rr_arb_seq(&arb, true);
        return out.valid ? out.index : -1;
    }
};

TEST_F(Arb, nobody_asks_nobody_is_chosen_ARB_1)
{
    EXPECT_EQ(clock(0, false), -1);
    EXPECT_EQ(out.index, 0);
}

TEST_F(Arb, choice_goes_round_with_advance_ARB_2)
{
    EXPECT_EQ(clock(0b1101, true), 0);
    EXPECT_EQ(clock(0b1101, true), 2); // ptr 1: the first at or after it
    EXPECT_EQ(clock(0b1101, true), 3);
    EXPECT_EQ(clock(0b1101, true), 0); // (3 + 1) mod 4
    EXPECT_EQ(arb.q.ptr, 1);
}

TEST_F(Arb, choice_stays_without_advance_ARB_2)
{
    clock(0b0010, true);
    EXPECT_EQ(arb.q.ptr, 2);
    EXPECT_EQ(clock(0b1011, false), 3);
    EXPECT_EQ(clock(0b1011, false), 3);
    EXPECT_EQ(clock(0b0011, false), 0); // cyclically
    EXPECT_EQ(arb.q.ptr, 2);
}

TEST_F(Arb, every_requester_is_served_within_one_round)
{
    for (unsigned start = 0; start < 4; start++) {
        unsigned served = 0;
        for (unsigned n = 0; n < 4; n++)
            served |= 1u << clock(0b1111, true);
        EXPECT_EQ(served, 0b1111u);
        clock(0b1111, true);
    }
}

TEST_F(Arb, sixteen_requesters)
{
    mmu_rr_arb_init(&arb, {16});
    EXPECT_EQ(clock(0x8000, true), 15);
    EXPECT_EQ(arb.q.ptr, 0);
    EXPECT_EQ(clock(0x8001, true), 0);
    EXPECT_EQ(clock(0x8001, true), 15);
}

TEST_F(Arb, one_requester)
{
    mmu_rr_arb_init(&arb, {1});
    EXPECT_EQ(clock(1, true), 0);
    EXPECT_EQ(clock(1, true), 0);
}

TEST_F(Arb, reset_points_at_requester_0)
{
    clock(0b0100, true);
    mmu_rr_arb_seq(&arb, false);
    EXPECT_EQ(clock(0b1001, false), 0);
}
} // namespace
