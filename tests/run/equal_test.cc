// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Skipping clocks by count gives what stepping each clock gives: two runs of one trace, one of which may skip, are
// compared in every register of the MMU, every book of the environment and every figure, again and again.
#include "pair.hh"

#include <gtest/gtest.h>

#include <string>

namespace
{

std::string trace_path(const std::string &name)
{
    return std::string(LOCKWALK_SOURCE_DIR) + (name == "true" ? "/tests/sizing/data/" : "/traces/") + name +
           ".trc.zst";
}

struct Case {
    const char *name, *preset, *trace;
    SetOptions setup;
    double skipped; // at least this part of the clocks
};

void PrintTo(const Case &c, std::ostream *os)
{
    *os << c.name;
}

class RunEqual : public testing::TestWithParam<Case>
{
};

TEST_P(RunEqual, to_stepping_each_clock)
{
    const Case &c = GetParam();
    Runner fast(preset(c.preset), trace_path(c.trace), true, c.setup),
        stepped(preset(c.preset), trace_path(c.trace), false, c.setup);
    EXPECT_EQ(compare(fast, stepped, 2), "");
    EXPECT_EQ(fast.run->result.failure->kind, MMU_ENV_OK) << fast.run->result.failure->text;
    EXPECT_EQ(stepped.run->result.stepped, stepped.clock());
    EXPECT_GE(1.0 - static_cast<double>(fast.run->result.stepped) / static_cast<double>(fast.clock()),
              c.skipped);
}

// The same with the way chosen anew at random before each step.
TEST_P(RunEqual, whenever_skipping_is_switched_on_and_off)
{
    const Case &c = GetParam();
    auto shorter = [&](mmu_env_options_t &env, mmu_run_options_t &run) {
        if (c.setup)
            c.setup(env, run);
        env.cycles = 100000;
    };
    Runner fast(preset(c.preset), trace_path(c.trace), true, shorter),
        stepped(preset(c.preset), trace_path(c.trace), false, shorter);
    Switch change(fast);
    EXPECT_EQ(compare(fast, stepped, 4, std::ref(change)), "");
    change.done(fast.run);
    EXPECT_LT(fast.run->result.stepped, fast.clock());
}

SetOptions latency(uint32_t min, uint32_t max, uint32_t stall = 0)
{
    return [=](mmu_env_options_t &env, mmu_run_options_t &) {
        env.mem_latency_min = min;
        env.mem_latency_max = max;
        env.mem_stall_percent = stall;
    };
}

SetOptions huge(mmu_huge_e policy, bool svade = false, uint32_t most = 1)
{
    return [=](mmu_env_options_t &env, mmu_run_options_t &) {
        env.huge = policy;
        env.svade = svade;
        env.mem_latency_min = 1;
        env.mem_latency_max = most;
    };
}

const Case cases[] = {
    {"default_", "default", "perl", {}, 0.95},
    {"default_tree", "default", "tree", {}, 0.85},
    {"default_true", "default", "true", {}, 0.9},
    {"default_slow", "default", "perl", latency(100, 100), 0.9},
    {"default_overtaking", "default", "tree", latency(1, 60, 30), 0.6},
    {"default_mixed", "default", "perl", huge(MMU_HUGE_MIXED), 0.95},
    {"default_svade", "default", "tree", huge(MMU_HUGE_2M, true, 20), 0.9},
    {"default_marks", "default", "perl",
     [](mmu_env_options_t &env, mmu_run_options_t &run) {
         env.mem_latency_max = 9;
         run.warmup = 12345;
         run.window = 777;
     },
     0.9},
    {"tiny", "tiny", "perl", {}, 0.2},
    {"tiny_slow", "tiny", "tree", latency(50, 80), 0.5},
    {"tiny_mixed", "tiny", "tree", huge(MMU_HUGE_MIXED, false, 5), 0.2},
    {"tiny_policies", "tiny-policies", "perl", {}, 0.3},
    {"tiny_policies_mixed", "tiny-policies", "true", huge(MMU_HUGE_MIXED, true, 9), 0.1},
    {"skylake", "skylake", "perl", huge(MMU_HUGE_MIXED), 0.6},
    {"cva6", "cva6", "tree", latency(1, 30), 0.5},
    {"guest", "guest", "tree", {}, 0.8},
    {"pml4", "pml4", "perl", huge(MMU_HUGE_MIXED, false, 7), 0.9},
    {"x86_32", "x86-32", "tree", latency(10, 10), 0.5},
    {"linear", "direct", "true", {}, 0.05},
    {"associative", "associative", "perl", latency(5, 5), 0.8},
    {"inverted", "inverted", "tree", latency(1, 3), 0.5},
    {"segmentation", "segmentation", "perl", {}, 0.8},
    {"segmented_paging", "segmented-paging", "tree", huge(MMU_HUGE_NEVER, true), 0.5},
    {"bounds", "base-bounds", "tree", {}, 0.99},
    {"small_pages", "directory", "true", [](mmu_env_options_t &env, mmu_run_options_t &) { env.plg = 9; },
     0.05},
};

INSTANTIATE_TEST_SUITE_P(, RunEqual, testing::ValuesIn(cases),
                         [](const auto &p) { return std::string(p.param.name); });

// ---- the comparison can fail ----

TEST(RunEqualFails, where_a_touch_of_the_replacement_state_is_forgotten)
{
    Runner fast(preset("default"), trace_path("perl"), true, {}),
        stepped(preset("default"), trace_path("perl"), false, {});
    fast.run->fast->skip_touch = true;
    EXPECT_NE(compare(fast, stepped, 10).find("tree"), std::string::npos);
}

TEST(RunEqualFails, where_an_id_is_left_out)
{
    Runner fast(preset("default"), trace_path("perl"), true, {}),
        stepped(preset("default"), trace_path("perl"), false, {});
    bool once = true;
    EXPECT_NE(compare(fast, stepped, 1000,
                      [&](mmu_runner_t *run) {
                          if (once && mmu_env_stats(run->env)->clocks > 1000) {
                              mmu_env_stage(run->env)->last_id[0] ^= 1;
                              once = false;
                          }
                      }),
              "");
}

} // namespace
