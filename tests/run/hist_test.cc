// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Distributions of clocks.
#include "lockwalk/mmu_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace
{

TEST(Hist, buckets_follow_each_other_without_a_gap)
{
    uint64_t next = 0;
    for (unsigned n = 0; n < MMU_HIST_BUCKETS; n++) {
        uint64_t first, last;
        mmu_hist_bounds(n, &first, &last);
        ASSERT_EQ(first, next) << n;
        ASSERT_GE(last, first);
        next = last + 1;
    }
    EXPECT_EQ(next, UINT64_C(1) << 32);
}

TEST(Hist, a_duration_stands_in_its_bucket)
{
    for (uint64_t clocks : {0u, 1u, 255u, 256u, 259u, 260u, 511u, 512u, 100000u, 4294967295u}) {
        auto h = std::make_unique<mmu_hist_t>();
        mmu_hist_add(h.get(), clocks, 3);
        const auto *at = std::find(h->bucket, h->bucket + MMU_HIST_BUCKETS, 3u);
        ASSERT_NE(at, h->bucket + MMU_HIST_BUCKETS) << clocks;
        uint64_t first, last;
        mmu_hist_bounds(static_cast<unsigned>(at - h->bucket), &first, &last);
        EXPECT_LE(first, clocks);
        EXPECT_GE(last, clocks);
        EXPECT_EQ(h->count, 3u);
        EXPECT_EQ(h->sum, 3 * clocks);
        EXPECT_EQ(h->max, clocks);
    }
}

TEST(Hist, percentiles_are_exact_up_to_255_clocks_and_near_above)
{
    std::mt19937 random(1);
    for (uint32_t most : {250u, 90000u}) {
        auto h = std::make_unique<mmu_hist_t>();
        std::vector<uint64_t> all;
        for (unsigned n = 0; n < 5000; n++) {
            all.push_back(random() % most);
            mmu_hist_add(h.get(), all.back(), 1);
        }
        std::sort(all.begin(), all.end());
        for (unsigned percent : {1u, 50u, 90u, 99u, 100u}) {
            const uint64_t want = all[(all.size() * percent + 99) / 100 - 1],
                           got = mmu_hist_percentile(h.get(), percent);
            EXPECT_GE(got, want) << percent;
            EXPECT_LE(static_cast<double>(got),
                      most > 255 ? 1.016 * static_cast<double>(want) + 1 : static_cast<double>(want))
                << percent;
        }
    }
}

TEST(Hist, an_empty_one_has_no_mean_and_no_percentile)
{
    auto h = std::make_unique<mmu_hist_t>();
    mmu_hist_add(h.get(), 7, 0);
    EXPECT_EQ(mmu_hist_mean(h.get()), 0.0);
    EXPECT_EQ(mmu_hist_percentile(h.get(), 99), 0u);
    mmu_hist_add(h.get(), 10, 1);
    mmu_hist_add(h.get(), 20, 3);
    EXPECT_EQ(mmu_hist_mean(h.get()), 17.5);
    EXPECT_EQ(mmu_hist_percentile(h.get(), 25), 10u);
    EXPECT_EQ(mmu_hist_percentile(h.get(), 26), 20u);
}

} // namespace
