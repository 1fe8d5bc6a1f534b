// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_cfg_check on structs: golden text of every rule (CFG-2, CFG-4).
#include "lockwalk/mmu_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace
{

constexpr uint16_t P4K = 1 << 3, P64K = 1 << 7, P2M = 1 << 8, P1G = 1 << 10;

mmu_cfg_t tiny()
{
    mmu_cfg_t cfg;
    EXPECT_TRUE(mmu_cfg_load("tiny", &cfg, nullptr, nullptr));
    return cfg;
}

// The same shape without two-stage translation.
mmu_cfg_t plain(mmu_cfg_t cfg)
{
    cfg.hypervisor = cfg.vmid_bits = cfg.gtlb_ways = cfg.gtlb_policy = 0;
    for (auto &cache : cfg.gpwc)
        cache = mmu_cfg_pwc_t{};
    return cfg;
}

struct Case {
    const char *name;
    std::function<void(mmu_cfg_t &)> change;
    const char *errors;
};

class Broken : public testing::TestWithParam<Case>
{
};

TEST_P(Broken, is_told)
{
    mmu_cfg_t cfg = tiny();
    mmu_cfg_errors_t errors;
    GetParam().change(cfg);
    EXPECT_FALSE(mmu_cfg_check(&cfg, &errors));
    EXPECT_STREQ(errors.text, GetParam().errors);
    EXPECT_FALSE(mmu_cfg_check(&cfg, nullptr));
}

INSTANTIATE_TEST_SUITE_P(
    check, Broken,
    testing::Values(
        Case{"version", [](mmu_cfg_t &c) { c.version = 1; }, "version is 1; allowed: 4\n"},
        Case{"no_format", [](mmu_cfg_t &c) { c.formats = 0; }, "formats is 0; allowed: 1 to 65535\n"},
        Case{"format_unknown", [](mmu_cfg_t &c) { c.formats = 0x101; },
             "formats is 257; allowed: bits of 255, the formats that are listed\n"},
        Case{"asid_bits", [](mmu_cfg_t &c) { c.asid_bits = 17; }, "asid_bits is 17; allowed: 0 to 16\n"},
        Case{"no_misses", [](mmu_cfg_t &c) { c.misses[0] = 0; },
             "ports.instruction.misses is 0; allowed: 1 to 8\n"},
        Case{"misses", [](mmu_cfg_t &c) { c.misses[1] = 9; }, "ports.data.misses is 9; allowed: 1 to 8\n"},
        Case{"no_walks", [](mmu_cfg_t &c) { c.walks = 0; }, "walker.walks is 0; allowed: 1 to 8\n"},
        Case{"walks", [](mmu_cfg_t &c) { c.walks = 9; }, "walker.walks is 9; allowed: 1 to 8\n"},
        Case{"latency_0", [](mmu_cfg_t &c) { c.l2_latency = 0; }, "l2.latency is 0; allowed: 1 to 15\n"},
        Case{"latency_16", [](mmu_cfg_t &c) { c.l2_latency = 16; }, "l2.latency is 16; allowed: 1 to 15\n"},
        Case{"sets", [](mmu_cfg_t &c) { c.array[2][0].sets_log2 = 13; },
             "l2.arrays[0].sets is 13; allowed: 0 to 12\n"},
        Case{"ways", [](mmu_cfg_t &c) { c.array[1][1].ways = 65; },
             "ports.data.arrays[1].ways is 65; allowed: 0 to 64\n"},
        Case{"policy", [](mmu_cfg_t &c) { c.array[1][0].policy = 5; },
             "ports.data.arrays[0].policy is 5; allowed: 0 to 4\n"},
        Case{"pages_unknown", [](mmu_cfg_t &c) { c.array[2][0].pages = 0x2000; },
             "l2.arrays[0].pages is 8192; allowed: 0 to 8191\n"},
        Case{"cache_ways", [](mmu_cfg_t &c) { c.pwc[1].ways = 65; },
             "walker.caches[level 2].ways is 65; allowed: 0 to 64\n"},
        Case{"cache_policy", [](mmu_cfg_t &c) { c.pwc[1].policy = 5; },
             "walker.caches[level 2].policy is 5; allowed: 0 to 4\n"},
        Case{"two_ranges",
             [](mmu_cfg_t &c) {
                 c.walks = 9;
                 c.asid_bits = 20;
             },
             "asid_bits is 20; allowed: 0 to 16\nwalker.walks is 9; allowed: 1 to 8\n"},
        Case{"l1_gap", [](mmu_cfg_t &c) { c.array[1][0] = mmu_cfg_array_t{}; },
             "ports.data.arrays[1].ways is 2 after an array that is not there; allowed: arrays without gaps\n"},
        Case{"hypervisor_of_x86", [](mmu_cfg_t &c) { c.formats = 1 << MMU_FORMAT_X86; },
             "hypervisor is 1; allowed: 0 without riscv in `formats`, which alone has two stages\n"},
        Case{"gap",
             [](mmu_cfg_t &c) {
                 c.array[2][2] = mmu_cfg_array_t{0, 2, P1G, 0};
             },
             "l2.arrays[2].ways is 2 after an array that is not there; allowed: arrays without gaps\n"},
        Case{"ghost_array", [](mmu_cfg_t &c) { c.array[2][1].pages = P1G; },
             "l2.arrays[1].ways is 0; allowed: 1 to 64 in an array with sets, pages or policy\n"},
        Case{"ghost_cache", [](mmu_cfg_t &c) { c.pwc[2].policy = 1; },
             "walker.caches[level 3].ways is 0; allowed: 1 to 64 in a walk cache with a policy\n"},
        Case{"plru_ways", [](mmu_cfg_t &c) { c.array[0][0].ways = 3; },
             "ports.instruction.arrays[0].ways is 3 with policy plru; allowed: with plru a power of two (1, "
             "2, "
             "4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{"cache_plru_ways", [](mmu_cfg_t &c) { c.pwc[0].ways = 6; },
             "walker.caches[level 1].ways is 6 with policy plru; allowed: with plru a power of two (1, 2, 4, "
             "8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{
            "lru_ways", [](mmu_cfg_t &c) { c.array[2][0].ways = 17, c.array[2][0].policy = MMU_POLICY_LRU; },
            "l2.arrays[0].ways is 17 with policy lru; allowed: with plru a power of two (1, 2, 4, 8, 16, 32, "
            "64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{"cache_lru_ways",
             [](mmu_cfg_t &c) {
                 c.pwc[1] = mmu_cfg_pwc_t{32, MMU_POLICY_LRU};
             },
             "walker.caches[level 2].ways is 32 with policy lru; allowed: with plru a power of two (1, 2, 4, "
             "8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{"pmp_8", [](mmu_cfg_t &c) { c.pmp_entries = 8; }, "pmp is 8; allowed: 0, 16 or 64\n"},
        Case{"pmp_63", [](mmu_cfg_t &c) { c.pmp_entries = 63; }, "pmp is 63; allowed: 0, 16 or 64\n"},
        Case{"pmp_65", [](mmu_cfg_t &c) { c.pmp_entries = 65; }, "pmp is 65; allowed: 0 to 64\n"},
        Case{"hypervisor", [](mmu_cfg_t &c) { c.hypervisor = 2; }, "hypervisor is 2; allowed: 0 to 1\n"},
        Case{"vmid_bits", [](mmu_cfg_t &c) { c.vmid_bits = 15; },
             "hypervisor.vmid_bits is 15; allowed: 0 to 14\n"},
        Case{"g_tlb_ways", [](mmu_cfg_t &c) { c.gtlb_ways = 65; },
             "hypervisor.tlb.ways is 65; allowed: 0 to 64\n"},
        Case{"g_tlb_policy", [](mmu_cfg_t &c) { c.gtlb_policy = 5; },
             "hypervisor.tlb.policy is 5; allowed: 0 to 4\n"},
        Case{"g_tlb_plru_ways", [](mmu_cfg_t &c) { c.gtlb_ways = 3; },
             "hypervisor.tlb.ways is 3 with policy plru; allowed: with plru a power of two (1, 2, 4, 8, 16, "
             "32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{"g_tlb_lru_ways", [](mmu_cfg_t &c) { c.gtlb_ways = 17, c.gtlb_policy = MMU_POLICY_LRU; },
             "hypervisor.tlb.ways is 17 with policy lru; allowed: with plru a power of two (1, 2, 4, 8, 16, "
             "32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{"ghost_g_tlb", [](mmu_cfg_t &c) { c.gtlb_ways = 0, c.gtlb_policy = 1; },
             "hypervisor.tlb.ways is 0; allowed: 1 to 64 in a TLB with a policy\n"},
        Case{"g_cache_plru_ways", [](mmu_cfg_t &c) { c.gpwc[0].ways = 6; },
             "hypervisor.caches[level 1].ways is 6 with policy plru; allowed: with plru a power of two (1, 2, "
             "4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
        Case{"ghost_g_cache", [](mmu_cfg_t &c) { c.gpwc[3].policy = 1; },
             "hypervisor.caches[level 4].ways is 0; allowed: 1 to 64 in a walk cache with a policy\n"},
        Case{"parts_of_no_hypervisor", [](mmu_cfg_t &c) { c.hypervisor = 0; },
             "hypervisor.vmid_bits is 2; allowed: 0 without the hypervisor extension\n"
             "hypervisor.tlb.ways is 2; allowed: 0 without the hypervisor extension\n"
             "hypervisor.caches[level 1].ways is 2; allowed: 0 without the hypervisor extension\n"
             "hypervisor.caches[level 2].ways is 1; allowed: 0 without the hypervisor extension\n"
             "hypervisor.caches[level 2].policy is 1; allowed: 0 without the hypervisor extension\n"},
        Case{"policy_of_no_g_tlb",
             [](mmu_cfg_t &c) {
                 c = plain(c);
                 c.gtlb_policy = 4;
             },
             "hypervisor.tlb.policy is 4; allowed: 0 without the hypervisor extension\n"},
        Case{"no_pages", [](mmu_cfg_t &c) { c.array[1][0].pages = 0; },
             "ports.data.arrays[0].pages is empty; allowed: one page size or more\n"},
        Case{"l1_probes_9", [](mmu_cfg_t &c) { c.array[0][0].sets_log2 = 1, c.array[0][0].pages = 0x1ff; },
             "ports.instruction.arrays[0].pages is [512, 1K, 2K, 4K, 8K, 16K, 32K, 64K, 2M] with 2 sets, "
             "which makes "
             "a look-up take up to 9 clocks; allowed: 8 (one, and one more for each further page size of an "
             "array "
             "with several sets)\n"},
        Case{"l1_probes_of_two_arrays",
             [](mmu_cfg_t &c) {
                 c.array[1][0].pages = 0x3f;
                 c.array[1][1].pages = 0x3c0, c.array[1][1].sets_log2 = 2;
             },
             "ports.data.arrays[1].pages is [32K, 64K, 2M, 4M] with 4 sets, which makes a look-up take up to "
             "9 "
             "clocks; allowed: 8 (one, and one more for each further page size of an array with several "
             "sets)\n"},
        Case{"size_twice", [](mmu_cfg_t &c) { c.array[1][1].pages = P4K | P64K; },
             "ports.data.arrays[1].pages has 4K, which arrays[0] of the same level holds too; allowed: a "
             "page size in "
             "one array only\n"},
        Case{"wrong_order", [](mmu_cfg_t &c) { std::swap(c.array[1][0], c.array[1][1]); },
             "ports.data.arrays[1].pages is [4K] after arrays[0] with [64K, 2M, 1G]; allowed: arrays with "
             "smaller pages "
             "first\n"},
        Case{"interleaved",
             [](mmu_cfg_t &c) {
                 c.array[2][0].pages = P4K | P1G;
                 c.array[2][1] = mmu_cfg_array_t{0, 2, P2M, 0};
             },
             "l2.arrays[1].pages is [2M] after arrays[0] with [4K, 1G]; allowed: arrays with smaller pages "
             "first\n"}),
    [](const auto &i) { return std::string(i.param.name); });

// The same things where they are allowed.
class Sound : public testing::TestWithParam<Case>
{
};

TEST_P(Sound, is_accepted)
{
    mmu_cfg_t cfg = tiny();
    mmu_cfg_errors_t errors;
    GetParam().change(cfg);
    EXPECT_TRUE(mmu_cfg_check(&cfg, &errors)) << errors.text;
    EXPECT_EQ(errors.count, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    check, Sound,
    testing::Values(
        Case{"tiny", [](mmu_cfg_t &) {}, ""}, Case{"no_asid", [](mmu_cfg_t &c) { c.asid_bits = 0; }, ""},
        Case{"most_of_all",
             [](mmu_cfg_t &c) {
                 c.asid_bits = 16;
                 c.misses[0] = c.misses[1] = c.walks = 8;
                 c.l2_latency = 15;
                 c.array[2][0].sets_log2 = 12;
                 c.array[2][0].ways = 64;
             },
             ""},
        Case{"fifo_of_3",
             [](mmu_cfg_t &c) { c.array[0][0].ways = 3, c.array[0][0].policy = MMU_POLICY_FIFO; }, ""},
        Case{"cache_fifo_of_6", [](mmu_cfg_t &c) { c.pwc[0].ways = 6, c.pwc[0].policy = MMU_POLICY_FIFO; },
             ""},
        Case{"lru_of_16",
             [](mmu_cfg_t &c) { c.array[0][0].ways = 16, c.array[0][0].policy = MMU_POLICY_LRU; }, ""},
        Case{"lru_of_3",
             [](mmu_cfg_t &c) {
                 c.pwc[0] = mmu_cfg_pwc_t{3, MMU_POLICY_LRU};
             },
             ""},
        Case{"nru_of_63",
             [](mmu_cfg_t &c) { c.array[1][1].ways = 63, c.array[1][1].policy = MMU_POLICY_NRU; }, ""},
        Case{"random_of_64",
             [](mmu_cfg_t &c) { c.array[2][0].ways = 64, c.array[2][0].policy = MMU_POLICY_RANDOM; }, ""},
        Case{"cache_random_of_5",
             [](mmu_cfg_t &c) {
                 c.pwc[0] = mmu_cfg_pwc_t{5, MMU_POLICY_RANDOM};
             },
             ""},
        Case{"pmp_0", [](mmu_cfg_t &c) { c.pmp_entries = 0; }, ""},
        Case{"pmp_16", [](mmu_cfg_t &c) { c.pmp_entries = 16; }, ""},
        Case{"pmp_64", [](mmu_cfg_t &c) { c.pmp_entries = 64; }, ""},
        Case{"no_hypervisor", [](mmu_cfg_t &c) { c = plain(c); }, ""},
        Case{"hypervisor_without_caches",
             [](mmu_cfg_t &c) {
                 c = plain(c);
                 c.hypervisor = 1;
             },
             ""},
        Case{"most_of_hypervisor",
             [](mmu_cfg_t &c) {
                 c.vmid_bits = 14;
                 c.gtlb_ways = 64;
                 for (auto &cache : c.gpwc)
                     cache = mmu_cfg_pwc_t{64, MMU_POLICY_RANDOM};
             },
             ""},
        Case{"g_tlb_lru_of_16", [](mmu_cfg_t &c) { c.gtlb_ways = 16, c.gtlb_policy = MMU_POLICY_LRU; }, ""},
        Case{"sizes_in_sets_of_l2", [](mmu_cfg_t &c) { c.array[2][0].pages = P4K | P64K | P2M | P1G; }, ""},
        Case{"sizes_in_sets_of_l1", [](mmu_cfg_t &c) { c.array[1][1].sets_log2 = 3; }, ""},
        Case{"l1_probes_8", [](mmu_cfg_t &c) { c.array[0][0].sets_log2 = 1, c.array[0][0].pages = 0xff; },
             ""},
        Case{"l1_probes_8_of_two_arrays",
             [](mmu_cfg_t &c) {
                 c.array[1][0].pages = 0x1f;
                 c.array[1][1].pages = 0x1e0, c.array[1][1].sets_log2 = 2;
             },
             ""},
        Case{"all_sizes_in_one_set_of_l1", [](mmu_cfg_t &c) { c.array[0][0].pages = 0x1fff; }, ""},
        Case{"one_size_in_sets_of_l1", [](mmu_cfg_t &c) { c.array[1][0].sets_log2 = 6; }, ""},
        Case{"no_l2", [](mmu_cfg_t &c) { c.array[2][0] = mmu_cfg_array_t{}; }, ""},
        Case{"no_caches", [](mmu_cfg_t &c) { c.pwc[0] = c.pwc[1] = mmu_cfg_pwc_t{}; }, ""},
        Case{"three_arrays",
             [](mmu_cfg_t &c) {
                 c.array[2][0].pages = P4K;
                 c.array[2][1] = mmu_cfg_array_t{1, 2, P64K, 0};
                 c.array[2][2] = mmu_cfg_array_t{2, 4, P2M | P1G, 0};
             },
             ""}),
    [](const auto &i) { return std::string(i.param.name); });

TEST(errors, more_than_fit_are_counted)
{
    mmu_cfg_t cfg = tiny();
    mmu_cfg_errors_t errors;
    for (auto &level : cfg.array)
        for (auto &array : level)
            array = mmu_cfg_array_t{13, 65, 0x2000, 5};
    for (auto &cache : cfg.pwc)
        cache = mmu_cfg_pwc_t{65, 5};
    EXPECT_FALSE(mmu_cfg_check(&cfg, &errors));
    EXPECT_EQ(errors.count, 9u * 4 + 4 * 2);
    const std::string text = errors.text;
    EXPECT_EQ(text.find("and "), std::string::npos) << "all fit so far";

    std::string yaml = "formats: [riscv]\n";
    for (int i = 0; i < 200; i++)
        yaml += "unknown_key_number_" + std::to_string(i) + ": 1\n";
    EXPECT_FALSE(mmu_cfg_parse(yaml.data(), yaml.size(), "f", &cfg, nullptr, &errors));
    const std::string many = errors.text;
    unsigned lines = 0;
    for (char c : many)
        lines += c == '\n';
    EXPECT_EQ(errors.count, 204u); // and four keys that are missing
    EXPECT_LT(many.size(), size_t{MMU_CFG_ERRORS_SIZE});
    EXPECT_NE(many.find("\nand " + std::to_string(errors.count - (lines - 1)) + " more errors\n"),
              std::string::npos)
        << many;
}

} // namespace
