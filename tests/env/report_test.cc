// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The closing table: its text and its JSON.
#include "lockwalk/mmu_env.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <cstdlib>
#include <string>

namespace
{

mmu_env_stats_t numbers()
{
    mmu_env_stats_t s = {};
    s.clocks = 1234567;
    s.answered[0] = 1000000;
    s.answered[1] = 234;
    s.faults[1] = 12;
    s.retries = 12;
    s.pages_mapped[0] = 9;
    s.pages_mapped[1] = 2;
    s.pages_mapped[2] = 1;
    s.mem_reads = 300;
    s.mem_cas = 40;
    s.mem_cas_failed = 1;
    // Event n: n + 100, so that a swapped row shows.
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        s.events[n] = n + 100;
    s.events[MMU_EV_L1_HIT_I] = 999;
    s.events[MMU_EV_L1_MISS_I] = 1;
    s.events[MMU_EV_L1_HIT_D] = 3;
    s.events[MMU_EV_L1_MISS_D] = 1;
    s.events[MMU_EV_FENCE] = 0;
    s.events[MMU_EV_G_HIT] = s.events[MMU_EV_G_MISS] = 0;
    return s;
}

std::string text(const mmu_env_stats_t &s)
{
    char *t = mmu_env_report_text(&s);
    const std::string copy = t;
    free(t);
    return copy;
}

TEST(Report, text)
{
    EXPECT_EQ(
        text(numbers()),
        "                               instruction            data            both\n"
        "  accesses                       1,000,000             234       1,000,234\n"
        "  L1 hits                              999               3           1,002\n"
        "  L1 misses                              1               1               2\n"
        "  L1 refused entries                   106             107             213\n"
        "  L1 hit rate                      99.900%         75.000%         99.801%\n"
        "  faults answered                        0              12              12\n"
        "  clocks stalled                       127             128             255\n"
        "\n"
        "  clocks                         1,234,567\n"
        "  clocks per access                  1.234\n"
        "  L2 hits                              108\n"
        "  L2 misses                            109\n"
        "  L2 refused entries                   110\n"
        "  walks                                111  (113 with a leaf, 114 with a fault; 112 joined, 115 "
        "restarted)\n"
        "  walk-cache hits                      470  (by level of the pointer: 1: 116, 2: 117, 3: 118, 4: "
        "119)\n"
        "  further rows looked at               136\n"
        "  memory reads                         300\n"
        "  compare-and-swaps                     40  (1 failed)\n"
        "  pages mapped                          12  (4 KiB: 9, 2 MiB: 2, 1 GiB: 1)\n"
        "  accesses retried                      12\n");
}

TEST(Report, rows_of_what_did_not_happen_are_left_out_and_others_come)
{
    mmu_env_stats_t s = numbers();
    s.killed[1] = 5;
    s.mem_errors = 6;
    s.events[MMU_EV_FENCE] = 7;
    s.ad_set = 8;
    s.events[MMU_EV_G_HIT] = 1129;
    s.events[MMU_EV_G_MISS] = 130;
    const std::string t = text(s);
    EXPECT_NE(t.find("  G TLB hits                         1,129\n"
                     "  G TLB misses                         130  (131 refused)\n"
                     "  G walk-cache hits                    534  (by level of the pointer: 1: 132, 2: 133, "
                     "3: 134, 4: 135)\n"),
              std::string::npos)
        << t;
    EXPECT_EQ(text(numbers()).find("G TLB"), std::string::npos);
    EXPECT_NE(t.find("  requests killed                        0               5               5\n"),
              std::string::npos);
    EXPECT_NE(t.find("  memory errors                          6\n"), std::string::npos);
    EXPECT_NE(t.find("  fences                                 7\n"), std::string::npos);
    EXPECT_NE(t.find("  A/D set by the pager                   8\n"), std::string::npos);
}

TEST(Report, nothing_at_all_is_no_division_by_zero)
{
    const std::string t = text({});
    EXPECT_NE(t.find("  clocks per access                  0.000\n"), std::string::npos) << t;
    EXPECT_NE(t.find("0.000%"), std::string::npos);
}

TEST(Report, json)
{
    const mmu_env_stats_t s = numbers();
    json_t *j = mmu_env_report_json(&s);
    const auto number = [&](const char *key) { return json_integer_value(json_object_get(j, key)); };
    EXPECT_EQ(number("clocks"), 1234567);
    EXPECT_EQ(number("l2_hits"), 108);
    EXPECT_EQ(number("l2_misses"), 109);
    EXPECT_EQ(number("walks"), 111);
    EXPECT_EQ(number("walk_cache_hits"), 470);
    EXPECT_EQ(number("memory_reads"), 300);
    EXPECT_EQ(number("g_tlb_hits"), 0);
    EXPECT_EQ(number("g_tlb_misses"), 0);
    EXPECT_EQ(number("compare_and_swaps"), 40);
    EXPECT_EQ(number("compare_and_swaps_failed"), 1);
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(j, "accesses"), "data")), 234);
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(j, "l1_hits"), "instruction")), 999);
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(j, "pages_mapped"), "2m")), 2);
    EXPECT_NEAR(json_real_value(json_object_get(j, "clocks_per_access")), 1234567.0 / 1000234, 1e-9);
    // Every event by its name.
    const json_t *events = json_object_get(j, "events");
    EXPECT_EQ(json_object_size(events), static_cast<size_t>(MMU_EVENT_W));
    EXPECT_EQ(json_integer_value(json_object_get(events, "stall_d")), 128);
    json_decref(j);
}

TEST(Report, every_kind_of_failure_has_a_name)
{
    for (int k = MMU_ENV_OK; k <= MMU_ENV_NO_MEMORY; k++)
        EXPECT_NE(mmu_env_fail_name(static_cast<mmu_env_fail_e>(k)), nullptr) << k;
    EXPECT_STREQ(mmu_env_fail_name(MMU_ENV_NO_PROGRESS), "no_progress");
}

} // namespace
