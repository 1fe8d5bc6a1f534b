// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_fence: rules FEN.
#include <gtest/gtest.h>

#include "cycle/mmu_fence.h"
#include "cycle/room.hh"

namespace
{
class Fence : public ::testing::Test
{
  protected:
    mmu_fence_unit_t fence;
    mmu_fence_in_t in = zero<mmu_fence_in_t>();
    mmu_fence_out_t out;

    void SetUp() override
    {
        mmu_fence_init(&fence, mmu_fence_cfg_t{false});
    }

    void comb()
    {
        mmu_fence_comb(&fence, &in, &out);
        mmu_fence_comb(&fence, &in, &out);
    }

    void clock()
    {
        comb();
        mmu_fence_seq(&fence, true);
    }
};

TEST_F(Fence, done_comes_at_t_plus_1_at_the_earliest_FEN_2)
{
    in.fence_valid = true;
    comb(); // t
    EXPECT_TRUE(out.ready);
    EXPECT_TRUE(out.accept);
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.busy);
    mmu_fence_seq(&fence, true);
    comb(); // t + 1
    EXPECT_FALSE(out.ready);
    EXPECT_FALSE(out.accept);
    EXPECT_TRUE(out.busy); // the clock of done included (FEN-1)
    EXPECT_TRUE(out.done);
    mmu_fence_seq(&fence, true);
    comb(); // t + 2: the next one
    EXPECT_TRUE(out.accept);
}

TEST_F(Fence, done_waits_for_older_requests_and_the_scan_FEN_2)
{
    in.fence_valid = true;
    clock();
    in.fence_valid = false;
    in.old_busy = true;
    clock();
    EXPECT_FALSE(out.done);
    in.scanning = true;
    in.old_busy = false;
    clock();
    EXPECT_FALSE(out.done);
    EXPECT_TRUE(out.busy);
    in.scanning = false;
    clock();
    EXPECT_TRUE(out.done);
    clock();
    EXPECT_FALSE(out.done); // once
    EXPECT_TRUE(out.ready);
}

TEST_F(Fence, done_never_without_a_fence_FEN_2)
{
    clock();
    clock();
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.busy);
}

TEST_F(Fence, reset_forgets_it)
{
    in.fence_valid = true;
    clock();
    mmu_fence_seq(&fence, false);
    in.fence_valid = false;
    comb();
    EXPECT_TRUE(out.ready);
    EXPECT_FALSE(out.done);
}
} // namespace
