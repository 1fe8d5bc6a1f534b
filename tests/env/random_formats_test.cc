// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Random stimulus in every format, around the cycle model with the presets as users have them.
#include "../support/run.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"
#include "lockwalk/mmu_format.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace
{

class Machine
{
  public:
    explicit Machine(const std::string &preset, uint64_t seed, uint64_t clocks,
                     const std::vector<const char *> &weights = {}, mmu_env_options_t opt = {})
    {
        mmu_cfg_errors_t errors = {};
        mmu_cfg_t cfg;
        char err[512] = "";
        if (!mmu_cfg_load(preset.c_str(), &cfg, nullptr, &errors)) {
            error = errors.text;
            return;
        }
        opt.kind = MMU_ENV_RANDOM;
        opt.seed = seed;
        opt.cycles = clocks;
        for (const char *w : weights)
            opt.random.weight[opt.random.weights++] = w;
        mmu_env_configure(&opt, &cfg);
        env = mmu_env_create(&opt, err, sizeof err);
        error = err;
        storage_.resize((mmu_sizeof(&cfg) + 7) / 8);
        mmu = mmu_init(storage_.data(), &cfg);
        if (env != nullptr)
            mmu_env_reset_inputs(env, &in);
    }
    ~Machine()
    {
        mmu_env_destroy(env);
    }
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;

    mmu_env_t *env = nullptr;
    mmu_t *mmu = nullptr;
    std::string error;
    mmu_in_t in = {};
    mmu_out_t out = {};
    std::function<void(mmu_out_t &)> spoil;
    std::function<void(const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next, bool reset)> look;

    bool play()
    {
        if (env == nullptr) {
            ADD_FAILURE() << error;
            return false;
        }
        while (!mmu_env_done(env)) {
            mmu_in_t next;
            mmu_comb(mmu, &in, &out);
            if (spoil)
                spoil(out);
            mmu_env_step(env, &in, &out, &next);
            mmu_seq(mmu, true);
            for (unsigned n = mmu_env_reset_clocks(env); n > 0; n--)
                mmu_seq(mmu, false);
            if (look)
                look(in, out, next, mmu_env_reset_clocks(env) > 0);
            in = next;
        }
        return mmu_env_failure(env)->kind == MMU_ENV_OK;
    }
    std::string failure() const
    {
        const mmu_env_failure_t *f = mmu_env_failure(env);
        return "clock " + std::to_string(f->clock) + ": " + f->text + "\n" + (f->details ? f->details : "");
    }
    std::set<std::string> never() const
    {
        std::unique_ptr<json_t, void (*)(json_t *)> all(mmu_env_cover_json(env), json_decref);
        std::set<std::string> bins;
        size_t i;
        json_t *bin;
        json_array_foreach(json_object_get(all.get(), "never"), i, bin)
        {
            bins.insert(json_string_value(bin));
        }
        return bins;
    }
    std::string hash() const
    {
        std::unique_ptr<json_t, void (*)(json_t *)> all(mmu_env_cover_json(env), json_decref);
        return json_string_value(json_object_get(all.get(), "hash"));
    }

  private:
    std::vector<uint64_t> storage_;
};

const char *const PRESETS[] = {"x86-32",      "pml4",      "base-bounds", "segmentation",     "direct",
                               "associative", "directory", "inverted",    "segmented-paging", "vectors-x86"};

class Formats : public testing::TestWithParam<const char *>
{
};

TEST_P(Formats, everyOutcomeIsMetAndJudged)
{
    std::set<std::string> never;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        Machine run(GetParam(), seed, 60000);
        ASSERT_TRUE(run.play()) << GetParam() << ", seed " << seed << ", " << run.failure();
        std::set<std::string> here = run.never(), both;
        for (const std::string &bin : here)
            if (bin.compare(0, 7, "format_") == 0 && (seed == 1 || never.count(bin) != 0))
                both.insert(bin);
        never = both;
        const mmu_judge_counts_t *judge = mmu_env_stats(run.env)->judge;
        ASSERT_NE(judge, nullptr);
        EXPECT_GT(judge->legal, 1000u);
    }
    std::string list;
    for (const std::string &bin : never)
        list += " " + bin;
    EXPECT_EQ(list, "");
}

TEST_P(Formats, everyProfileRuns)
{
    const mmu_random_profile_t *profile;
    for (unsigned i = 0; (profile = mmu_random_profile(i)) != nullptr; i++) {
        mmu_env_options_t opt = {};
        opt.random.profile = profile->name;
        Machine run(GetParam(), 7 + i, 15000, {}, opt);
        EXPECT_TRUE(run.play()) << GetParam() << ", profile " << profile->name << ", " << run.failure();
    }
}

TEST_P(Formats, slowRegistersChangeWhileIdleOnlyAndAFenceOfEverythingFollows)
{
    Machine run(GetParam(), 11, 60000, {"slow.drain=60"});
    bool owed = false;
    unsigned changes = 0;
    run.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next, bool reset) {
        if (in.fence.valid && out.fence_ready && !in.fence.va_en && !in.fence.asid_en && !in.fence.keep_g)
            owed = false;
        if (reset)
            owed = false;
        for (unsigned port = 0; port < MMU_PORTS; port++)
            ASSERT_FALSE(owed && next.req[port].valid) << "before the fence";
        const mmu_slow_t &a = in.slow, &b = next.slow;
        if (a.adue != b.adue || a.pse != b.pse || a.pge != b.pge || a.nxe != b.nxe || a.afault != b.afault ||
            a.maxpa != b.maxpa || a.plg != b.plg || a.linear != b.linear || a.rows_lg != b.rows_lg) {
            ASSERT_TRUE(out.idle);
            ASSERT_FALSE((in.req[0].valid && out.req_ready[0]) || (in.req[1].valid && out.req_ready[1]));
            changes++;
            owed = true;
        }
    };
    ASSERT_TRUE(run.play()) << run.failure();
    EXPECT_GT(changes, std::string(GetParam()) == "base-bounds" ? 0u : 3u);
}

TEST_P(Formats, fencesAreThoseOfTheFormat)
{
    Machine run(GetParam(), 5, 30000, {"fence.rate=30"});
    std::set<unsigned> forms;
    run.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &, bool) {
        if (!in.fence.valid || !out.fence_ready)
            return;
        const unsigned form = in.fence.va_en | in.fence.asid_en << 1 | in.fence.keep_g << 2;
        const bool x86 = in.slow.format == MMU_FORMAT_X86;
        ASSERT_EQ(in.fence.kind, x86 ? MMU_FENCE_X : MMU_FENCE_S);
        ASSERT_FALSE(in.fence.posted);
        forms.insert(form);
    };
    ASSERT_TRUE(run.play()) << run.failure();
    const bool x86 = run.in.slow.format == MMU_FORMAT_X86;
    // X86-13: by address, the same but global entries, a PCID's but global entries, everything, all but global entries.
    EXPECT_EQ(forms, x86 ? (std::set<unsigned>{0, 3, 4, 6, 7}) : (std::set<unsigned>{0, 1, 2, 3}));
}

TEST_P(Formats, replayIsTheSameRun)
{
    run::Folder folder;
    const std::string path = folder.file("r.stim", "");
    const auto play = [](mmu_env_options_t opt, uint64_t seed) {
        std::string log;
        Machine run(GetParam(), seed, 8000, {}, opt);
        run.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &, bool) {
            for (unsigned port = 0; port < MMU_PORTS; port++) {
                if (in.req[port].valid && out.req_ready[port])
                    log += " " + std::to_string(in.req[port].va) + "," + std::to_string(in.req[port].acc) +
                           "," + std::to_string(in.ctx[port].aux) + "," + std::to_string(in.ctx[port].flags);
                if (out.rsp[port].valid)
                    log += " " + std::to_string(out.rsp[port].pa) + "," + std::to_string(out.rsp[port].cause);
            }
            if (in.fence.valid && out.fence_ready)
                log += " fence " + std::to_string(in.fence.kind) + "," + std::to_string(in.fence.keep_g);
            log += in.slow.linear ? "l" : "";
            log += std::to_string(in.slow.plg + in.slow.maxpa + in.slow.rows_lg);
        };
        EXPECT_TRUE(run.play()) << run.failure();
        return log;
    };
    mmu_env_options_t record = {}, replay = {};
    record.random.record = path.c_str();
    replay.random.replay = path.c_str();
    const std::string recorded = play(record, 3);
    EXPECT_EQ(play(replay, 0), recorded);
    EXPECT_GT(recorded.size(), 20000u);
}

TEST_P(Formats, anAnswerOfAnotherShapeIsFound)
{
    mmu_env_options_t opt = {};
    opt.unjudged = true; // the check of the answer's shape alone
    Machine run(GetParam(), 3, 20000, {}, opt);
    run.spoil = [](mmu_out_t &out) {
        if (out.rsp[0].valid && out.rsp[0].fault)
            out.rsp[0].cause = 40; // user, load, no kind of fault; in x86 beyond #GP and memory errors
    };
    EXPECT_FALSE(run.play());
    EXPECT_EQ(mmu_env_failure(run.env)->kind, MMU_ENV_BAD_ANSWER) << run.failure();
}

INSTANTIATE_TEST_SUITE_P(Presets, Formats, testing::ValuesIn(PRESETS), [](const auto &one) {
    std::string name = one.param;
    for (char &c : name)
        c = c == '-' ? '_' : c;
    return name;
});

// ---- riscv: the same sequence as before there were other formats ---------------------------------------------

TEST(FormatsRiscv, sequencesAreWhatTheyWere)
{
    const struct {
        const char *preset, *hash;
    } golden[] = {
        {"default", "fcb8297935b18138"}, {"tiny", "0ce05180b3dbe0e1"}, {"guest", "e73955ae6b6b26f2"}};
    for (const auto &g : golden) {
        mmu_env_options_t opt = {};
        opt.unjudged = true;
        Machine run(g.preset, 3, 60000, {}, opt);
        ASSERT_TRUE(run.play()) << run.failure();
        EXPECT_EQ(run.hash(), g.hash) << g.preset;
    }
}

TEST(FormatsPlace, tooLittleRamIsRefused)
{
    mmu_env_options_t opt = {};
    opt.ram_size = 64u << 20;
    Machine run("directory", 1, 100, {}, opt);
    EXPECT_EQ(run.env, nullptr);
    EXPECT_EQ(run.error,
              "RAM 0x80000000:0x4000000: random tables of the format directory need 1 GiB of RAM below 4 "
              "GiB");
}

} // namespace
