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

// ---- kinds of fences ----

class FenceKinds : public Fence
{
  protected:
    void make(bool hypervisor)
    {
        mmu_fence_init(&fence, mmu_fence_cfg_t{hypervisor});
    }

    // Clock t of a fence.
    void take(unsigned kind, bool posted = false)
    {
        in.fence_valid = true;
        in.fence_kind = static_cast<uint8_t>(kind);
        in.fence_posted = posted;
        comb();
        mmu_fence_seq(&fence, true);
        in.fence_valid = false;
    }
};

TEST_F(FenceKinds, what_a_kind_invalidates_and_marks_FEN_1)
{
    struct {
        bool hypervisor;
        unsigned kind;
        bool accept, mark;
    } const cases[] = {
        {false, MMU_FENCE_S, true, true},         {true, MMU_FENCE_S, true, true},
        {false, MMU_FENCE_VV, false, true},       {true, MMU_FENCE_VV, true, true},
        {false, MMU_FENCE_G, false, true},        {true, MMU_FENCE_G, true, true},
        {false, MMU_FENCE_W_INVAL, false, false}, {true, MMU_FENCE_W_INVAL, false, false},
        {false, MMU_FENCE_INVAL_IR, false, true}, {true, MMU_FENCE_INVAL_IR, false, true},
    };
    for (const auto &c : cases) {
        make(c.hypervisor);
        take(c.kind);
        EXPECT_TRUE(out.take);
        EXPECT_EQ(out.accept, c.accept) << c.kind << c.hypervisor;
        EXPECT_EQ(out.mark, c.mark) << c.kind << c.hypervisor;
        in.fence_valid = true; // it runs: the next one is not taken
        comb();
        EXPECT_FALSE(out.take || out.accept || out.mark);
    }
    make(true);
    in.fence_valid = false;
    in.fence_kind = MMU_FENCE_S;
    comb();
    EXPECT_FALSE(out.take || out.accept || out.mark);
}

TEST_F(FenceKinds, which_fence_waits_for_older_requests_FEN_2_FEN_4)
{
    struct {
        unsigned kind;
        bool posted, waits;
    } const cases[] = {
        {MMU_FENCE_S, false, true},        {MMU_FENCE_S, true, false},
        {MMU_FENCE_VV, false, true},       {MMU_FENCE_VV, true, false},
        {MMU_FENCE_G, false, true},        {MMU_FENCE_G, true, false},
        {MMU_FENCE_W_INVAL, false, false}, {MMU_FENCE_W_INVAL, true, false},
        {MMU_FENCE_INVAL_IR, false, true}, {MMU_FENCE_INVAL_IR, true, true},
    };
    for (const auto &c : cases) {
        make(true);
        take(c.kind, c.posted);
        EXPECT_FALSE(out.done); // t
        in.old_busy = true;
        in.fence_posted = !c.posted; // as it was at t
        comb();
        EXPECT_EQ(out.done, !c.waits) << c.kind << c.posted;
        if (c.waits) {
            mmu_fence_seq(&fence, true);
            comb();
            EXPECT_FALSE(out.done);
        }
        in.old_busy = false;
        comb();
        EXPECT_TRUE(out.done);
    }
}

TEST_F(FenceKinds, posted_fence_waits_for_the_scan_all_the_same_FEN_2)
{
    make(true);
    take(MMU_FENCE_VV, true);
    in.scanning = true;
    comb();
    EXPECT_FALSE(out.done);
    in.scanning = false;
    comb();
    EXPECT_TRUE(out.done);
}

TEST_F(FenceKinds, the_next_fence_waits_again_FEN_2)
{
    make(true);
    take(MMU_FENCE_S, true);
    clock();
    in.old_busy = true;
    take(MMU_FENCE_INVAL_IR);
    EXPECT_TRUE(out.take);
    clock();
    EXPECT_FALSE(out.done);
    in.old_busy = false;
    comb();
    EXPECT_TRUE(out.done);
}
} // namespace
