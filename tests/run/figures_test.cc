// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What a run counts: times by hand on a trace of a few accesses, warm-up and windows against a run without them.
#include "../support/run.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_run.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace
{

class Figures : public testing::Test
{
  protected:
    ~Figures() override
    {
        mmu_runner_destroy(run_);
    }
    const mmu_run_result_t *play(const std::string &trace, mmu_run_options_t options = {},
                                 uint32_t latency = 1, const char *preset = "default")
    {
        mmu_env_options_t env = {};
        mmu_cfg_t cfg;
        char err[512] = "";
        env.trace = trace.c_str();
        env.mem_latency_min = latency;
        EXPECT_TRUE(mmu_cfg_load(preset, &cfg, nullptr, nullptr));
        mmu_runner_destroy(run_);
        run_ = mmu_runner_create(&cfg, &env, &options, err, sizeof err);
        if (run_ == nullptr)
            throw std::runtime_error(err);
        mmu_runner_go(run_);
        EXPECT_EQ(mmu_runner_result(run_)->failure->kind, MMU_ENV_OK)
            << mmu_runner_result(run_)->failure->text;
        return mmu_runner_result(run_);
    }
    const std::string perl = std::string(LOCKWALK_SOURCE_DIR) + "/traces/perl.trc.zst";
    run::Folder folder;

  private:
    mmu_runner_t *run_ = nullptr;
};

// Offered in clock 1. Miss: stage 1 in 2, L2 in 3 and 4, walker in 5. The page is not mapped, so the first walk ends with
// a fault (one word), and the second one, three words and a swap, with a leaf.
TEST_F(Figures, a_hit_takes_one_clock_and_a_walk_as_long_as_WALK_10_says)
{
    std::string many = "I 1000,4\n";
    for (int n = 0; n < 99; n++)
        many += "I 1004,4\n";
    const mmu_run_result_t *r = play(folder.file("t", many));
    EXPECT_EQ(mmu_run_accesses(&r->counts), 100u);
    const mmu_hist_t &t = r->translation[MMU_PORT_I];
    EXPECT_EQ(t.count, 100u);
    EXPECT_GE(t.bucket[1], 90u); // hits
    ASSERT_EQ(r->walk.count, r->counts.events[MMU_EV_WALK_START]);
    ASSERT_GE(r->walk.count, 2u);
    // WALK-10: three levels from the root and an A/D update: 7 + 2. The fault: at the root, 3 clocks.
    EXPECT_EQ(r->walk.bucket[3], 1u);
    EXPECT_EQ(r->walk.bucket[9], 1u);
}

TEST_F(Figures, memory_that_takes_longer_shows_in_walks_as_often_as_it_is_asked)
{
    const std::string trace = folder.file("t", "I 1000,4\n");
    EXPECT_EQ(play(trace)->walk.max, 9u);
    EXPECT_EQ(play(trace, {}, 11)->walk.max, 9u + 4 * 10);
}

TEST_F(Figures, a_request_waits_as_long_as_its_port_is_not_ready)
{
    // One miss in flight on either port: the second load of another page finds it full, the third is not accepted.
    const std::string trace =
        folder.file("t", "I 1000,4\nL 2000,8\nL 3000,8\nL 4000,8\nL 5000,8\nL 6000,8\nL 7000,8\n");
    const mmu_run_result_t *r = play(trace, {}, 100, "default");
    EXPECT_GT(r->queueing[MMU_PORT_D].max, 100u);
    EXPECT_EQ(r->queueing[MMU_PORT_D].count, r->counts.accepted[MMU_PORT_D]);
    EXPECT_GT(r->counts.events[MMU_EV_STALL_D], 100u);
}

TEST_F(Figures, the_warm_up_takes_off_what_was_counted_up_to_its_last_answer)
{
    const mmu_env_stats_t whole = play(perl)->counts;
    mmu_run_options_t options = {};
    options.warmup = 300000;
    const mmu_run_result_t *r = play(perl, options);
    EXPECT_TRUE(r->warmed);
    EXPECT_GE(mmu_run_accesses(&r->warmup), 300000u);
    EXPECT_LE(mmu_run_accesses(&r->warmup), 300001u);
    EXPECT_EQ(r->warmup.clocks + r->counts.clocks, whole.clocks);
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        EXPECT_EQ(r->warmup.events[n] + r->counts.events[n], whole.events[n]) << mmu_event_name(n);
    EXPECT_EQ(r->translation[0].count, r->counts.answered[0]);
    EXPECT_EQ(r->translation[1].count, r->counts.answered[1]);
    // What is warm misses less.
    EXPECT_LT(r->counts.pages_mapped[0], r->warmup.pages_mapped[0]);
}

TEST_F(Figures, a_warm_up_that_the_trace_does_not_reach_is_told)
{
    mmu_run_options_t options = {};
    options.warmup = 700000;
    const mmu_run_result_t *r = play(perl, options);
    EXPECT_FALSE(r->warmed);
    EXPECT_EQ(r->warmup.clocks, 0u);
    EXPECT_GT(r->counts.clocks, 600000u);
}

TEST_F(Figures, windows_add_up_to_the_run)
{
    mmu_run_options_t options = {};
    options.window = 50000;
    const mmu_run_result_t *r = play(perl, options);
    mmu_run_window_t sum = {};
    ASSERT_EQ(r->windows, 13u); // 600,552 accesses
    for (size_t n = 0; n < r->windows; n++) {
        if (n + 1 < r->windows) {
            EXPECT_GE(r->window[n].accesses, 50000u);
            EXPECT_LE(r->window[n].accesses, 50001u);
        }
        sum.clocks += r->window[n].clocks;
        sum.accesses += r->window[n].accesses;
        sum.walks += r->window[n].walks;
        sum.l1_misses[1] += r->window[n].l1_misses[1];
        sum.l2_misses += r->window[n].l2_misses;
    }
    EXPECT_EQ(sum.clocks, r->counts.clocks);
    EXPECT_EQ(sum.accesses, mmu_run_accesses(&r->counts));
    EXPECT_EQ(sum.walks, r->counts.events[MMU_EV_WALK_START]);
    EXPECT_EQ(sum.l1_misses[1], r->counts.events[MMU_EV_L1_MISS_D]);
    EXPECT_EQ(sum.l2_misses, r->counts.events[MMU_EV_L2_MISS]);
}

TEST_F(Figures, progress_is_told)
{
    mmu_run_options_t options = {};
    unsigned told = 0;
    options.user = &told;
    options.progress = [](void *user, const mmu_env_stats_t *stats) {
        EXPECT_GT(stats->clocks, 0u);
        ++*static_cast<unsigned *>(user);
    };
    std::string many;
    for (int n = 0; n < 700000; n++)
        many += "I 1000,4\nL 2000,8\n";
    play(folder.file("t", many), options);
    EXPECT_GE(told, 1u);
}

} // namespace
