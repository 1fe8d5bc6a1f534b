// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Generated accesses: their distribution, and that they are the same everywhere.
#include "lockwalk/mmu_rng.h"
#include "lockwalk/mmu_trace_generate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace
{

using Accesses = std::vector<mmu_access_t>;

mmu_generate_options_t options(mmu_generate_e kind, uint64_t pages)
{
    mmu_generate_options_t o = {};
    o.kind = kind;
    o.base = 0x10000000;
    o.pages = pages;
    o.theta = 990;
    o.stride = 4096;
    o.store_percent = 30;
    o.seed = 1;
    return o;
}

Accesses generate(const mmu_generate_options_t &o, size_t n)
{
    char err[256] = "";
    mmu_generator_t *g = mmu_generate_new(&o, err, sizeof err);
    EXPECT_NE(g, nullptr) << err;
    Accesses all(n);
    mmu_generate(g, all.data(), n / 3);
    mmu_generate(g, all.data() + n / 3, n - n / 3);
    mmu_generate_free(g);
    return all;
}

// Statistics on fixed seeds: they pass or fail the same way every time.
TEST(Generate, uniform_takes_every_page_alike)
{
    const size_t pages = 500, n = 500000;
    std::vector<unsigned> count(pages);
    size_t stores = 0;
    for (const auto &a : generate(options(MMU_GENERATE_UNIFORM, pages), n)) {
        ASSERT_GE(a.va, 0x10000000u);
        ASSERT_EQ(a.va % 8, 0u);
        ASSERT_EQ(a.size, 8u);
        count.at((a.va - 0x10000000) / 4096)++;
        stores += a.acc == MMU_ACC_STORE;
    }
    double chi = 0;
    for (const unsigned c : count)
        chi += (c - 1000.0) * (c - 1000.0) / 1000.0;
    EXPECT_NEAR(chi, 499, 4 * std::sqrt(2 * 499.0));
    EXPECT_NEAR(static_cast<double>(stores), 0.3 * n, 4 * std::sqrt(n * 0.3 * 0.7));
}

TEST(Generate, weights_of_zipf_are_powers)
{
    for (const uint32_t theta : {0u, 1u, 500u, 990u, 1000u, 1234u, 2000u, 4000u})
        for (const uint64_t rank : {1u, 2u, 3u, 7u, 10u, 100u, 1000u, 65536u}) {
            const double want = std::pow(static_cast<double>(rank), -theta / 1000.0) * std::pow(2.0, 37);
            EXPECT_NEAR(static_cast<double>(mmu_generate_weight(rank, theta)), want, want * 1e-7 + 1)
                << rank << "^-" << theta;
        }
}

TEST(Generate, zipf_takes_pages_by_their_rank)
{
    const size_t pages = 100, n = 1000000;
    std::vector<double> count(pages);
    for (const auto &a : generate(options(MMU_GENERATE_ZIPF, pages), n))
        count.at((a.va - 0x10000000) / 4096)++;
    // Ranks are spread by 63: more than 618 thousandths of 100, and no divisor in common with it.
    double sum = 0, chi = 0;
    for (size_t r = 0; r < pages; r++)
        sum += std::pow(static_cast<double>(r + 1), -0.99);
    for (size_t r = 0; r < pages; r++) {
        const double want = n * std::pow(static_cast<double>(r + 1), -0.99) / sum;
        const double got = count[r * 63 % pages];
        chi += (got - want) * (got - want) / want;
    }
    EXPECT_NEAR(chi, 99, 4 * std::sqrt(2 * 99.0));
}

TEST(Generate, every_rank_of_zipf_is_another_page)
{
    for (const uint64_t pages : {1u, 2u, 3u, 6u, 30u, 210u, 1000u}) {
        mmu_generate_options_t o = options(MMU_GENERATE_ZIPF, pages);
        o.theta = 0;
        std::set<uint64_t> seen;
        for (const auto &a : generate(o, pages * 30))
            seen.insert(a.va >> 12);
        EXPECT_EQ(seen.size(), pages);
    }
}

TEST(Generate, stride_goes_round)
{
    mmu_generate_options_t o = options(MMU_GENERATE_STRIDE, 3);
    o.stride = 5000;
    uint64_t at = 0;
    for (const auto &a : generate(o, 100)) {
        EXPECT_EQ(a.va, 0x10000000 + at);
        at = (at + 5000) % (3 * 4096);
    }
}

TEST(Generate, gups_loads_and_stores_random_words)
{
    const Accesses all = generate(options(MMU_GENERATE_GUPS, 1000000), 20000);
    std::set<uint64_t> pages;
    for (size_t n = 0; n < all.size(); n += 2) {
        EXPECT_EQ(all[n].acc, MMU_ACC_LOAD);
        EXPECT_EQ(all[n + 1].acc, MMU_ACC_STORE);
        EXPECT_EQ(all[n].va, all[n + 1].va);
        EXPECT_TRUE(all[n].modify && all[n + 1].modify);
        pages.insert(all[n].va >> 12);
    }
    EXPECT_GT(pages.size(), 9900u); // of 10,000 draws of a million
}

TEST(Generate, is_the_same_on_every_machine)
{
    const struct {
        mmu_generate_e kind;
        uint64_t hash;
    } known[] = {{MMU_GENERATE_UNIFORM, UINT64_C(12400446871671574724)},
                 {MMU_GENERATE_ZIPF, UINT64_C(3837354681523294404)},
                 {MMU_GENERATE_STRIDE, UINT64_C(6824280127383889027)},
                 {MMU_GENERATE_GUPS, UINT64_C(10713842203330413456)}};
    for (const auto &k : known) {
        uint64_t hash = 0;
        for (const auto &a : generate(options(k.kind, 1234567), 100000))
            hash = (hash ^ a.va ^ a.acc) * UINT64_C(0x9e3779b97f4a7c15);
        EXPECT_EQ(hash, k.hash) << mmu_generate_name(k.kind);
    }
}

TEST(Generate, another_seed_is_another_trace)
{
    mmu_generate_options_t o = options(MMU_GENERATE_UNIFORM, 1000);
    const Accesses one = generate(o, 100);
    o.seed = 2;
    const Accesses two = generate(o, 100);
    unsigned same = 0;
    for (size_t n = 0; n < 100; n++)
        same += one[n].va == two[n].va;
    EXPECT_LT(same, 3u);
}

TEST(Generate, says_what_is_wrong_with_an_option)
{
    char err[256];
    const auto says = [&](mmu_generate_options_t o) {
        EXPECT_EQ(mmu_generate_new(&o, err, sizeof err), nullptr);
        return std::string(err);
    };
    mmu_generate_options_t o = options(MMU_GENERATE_ZIPF, 0);
    EXPECT_EQ(says(o), "pages: 0, expected 1 to 67108864");
    o = options(MMU_GENERATE_UNIFORM, UINT64_C(1) << 37);
    EXPECT_EQ(says(o), "pages: 137438953472, expected 1 to 68719476736");
    o = options(MMU_GENERATE_UNIFORM, 10);
    o.base = UINT64_MAX - 4095;
    EXPECT_EQ(says(o),
              "base: 0xfffffffffffff000, expected a multiple of 4096 with room for the pages above it");
    o = options(MMU_GENERATE_ZIPF, 10);
    o.theta = 4001;
    EXPECT_EQ(says(o), "theta: 4.001, expected 0 to 4");
    o = options(MMU_GENERATE_STRIDE, 1);
    o.stride = 4;
    EXPECT_EQ(says(o), "stride: 4, expected a multiple of 8 from 8 to the footprint, 4096");
    o = options(MMU_GENERATE_UNIFORM, 1);
    o.store_percent = 101;
    EXPECT_EQ(says(o), "store-percent: 101, expected 0 to 100");
}

TEST(Rng, wide_numbers_are_below_their_bound)
{
    mmu_rng_t rng;
    mmu_rng_seed(&rng, 5, 6);
    for (const uint64_t n :
         {UINT64_C(1), UINT64_C(2), UINT64_C(1000003), (UINT64_C(1) << 40) + 7, UINT64_MAX}) {
        uint64_t lowest = UINT64_MAX, highest = 0;
        for (unsigned k = 0; k < 10000; k++) {
            mmu_rng_t before = rng;
            const uint64_t r = mmu_rng_below64(&rng, n);
            __extension__ typedef unsigned __int128 wide;
            ASSERT_EQ(r, static_cast<uint64_t>(static_cast<wide>(mmu_rng_next(&before)) * n >> 64));
            lowest = std::min(lowest, r);
            highest = std::max(highest, r);
        }
        EXPECT_LT(highest, n);
        EXPECT_LT(static_cast<double>(lowest), static_cast<double>(n) / 100);
    }
}

} // namespace
