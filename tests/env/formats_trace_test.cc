// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Traces in every format: the player around the cycle model, presets as users have them. Each answer is compared
// with the pager's own list of pages.
#include "../support/run.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace
{

struct Setting {
    const char *name; // of the case
    const char *preset;
    std::function<void(mmu_env_options_t &)> set;
};

// Addresses far apart, in 48 and in 64 bits; accesses that cross pages; one page fetched, loaded and stored.
const char TRACE[] =
    "I 401000,4\nL 7ffe00001000,8\nS 7ffe00001008,8\nI 401004,4\nL 4a2da1fc,8\nS 5b0000ffc,8\n"
    "I 401ffe,4\nS ffff800000123400,4\nL 1000,1\nI 7f5000000000,2\nS 401010,4\nL 5b0001800,2\n"
    "L 7ffe00001000,8\nI 401000,4\nS 7ffe000013ff,2\nL 7ffe0003f000,4\n";

class Play
{
  public:
    Play(const Setting &setting, const std::string &trace, mmu_env_options_t opt = {})
    {
        mmu_cfg_errors_t errors = {};
        mmu_cfg_t cfg;
        char err[512] = "";
        if (!mmu_cfg_load(setting.preset, &cfg, nullptr, &errors)) {
            error = errors.text;
            return;
        }
        path_ = folder_.file("t", trace);
        opt.trace = path_.c_str();
        mmu_env_configure(&opt, &cfg);
        if (setting.set)
            setting.set(opt);
        env = mmu_env_create(&opt, err, sizeof err);
        error = err;
        if (env == nullptr)
            return;
        storage_.resize((mmu_sizeof(&cfg) + 7) / 8);
        mmu = mmu_init(storage_.data(), &cfg);
        mmu_env_reset_inputs(env, &in);
    }
    ~Play()
    {
        mmu_env_destroy(env);
    }
    Play(const Play &) = delete;
    Play &operator=(const Play &) = delete;

    mmu_env_t *env = nullptr;
    mmu_t *mmu = nullptr;
    std::string error;
    mmu_in_t in = {};
    mmu_out_t out = {};
    std::function<void(const mmu_in_t &, const mmu_out_t &)> look;
    std::function<void(mmu_out_t &)> spoil;

    void run(uint64_t most = 5000000)
    {
        mmu_in_t next;
        while (!mmu_env_done(env) && mmu_env_stats(env)->clocks < most) {
            mmu_comb(mmu, &in, &out);
            if (spoil)
                spoil(out);
            if (look)
                look(in, out);
            mmu_env_step(env, &in, &out, &next);
            mmu_seq(mmu, true);
            in = next;
        }
    }
    std::string failure() const
    {
        return mmu_env_failure(env)->text;
    }

  private:
    run::Folder folder_;
    std::string path_;
    std::vector<uint64_t> storage_;
};

std::vector<Setting> settings()
{
    const auto mode = [](uint8_t m) { return [m](mmu_env_options_t &o) { o.x86_mode = m; }; };
    const auto size = [](uint8_t lg) { return [lg](mmu_env_options_t &o) { o.plg = lg; }; };
    return {{"x86_32", "x86-32", {}},
            {"x86_pae", "x86-32", mode(MMU_X86_PAE)},
            {"pml4", "pml4", {}},
            {"pml5", "vectors-x86", mode(MMU_X86_PML5)},
            {"x86_32_mixed", "vectors-x86",
             [](mmu_env_options_t &o) {
                 o.x86_mode = MMU_X86_2LEVEL;
                 o.huge = MMU_HUGE_MIXED;
             }},
            {"pae_2m", "x86-32",
             [](mmu_env_options_t &o) {
                 o.x86_mode = MMU_X86_PAE;
                 o.huge = MMU_HUGE_2M;
             }},
            {"pml4_1g", "pml4", [](mmu_env_options_t &o) { o.huge = MMU_HUGE_1G; }},
            {"base_bounds", "base-bounds", {}},
            {"segmentation", "segmentation", {}},
            {"segmentation_svade", "segmentation", [](mmu_env_options_t &o) { o.svade = true; }},
            {"direct", "direct", {}},
            {"direct_512", "direct", size(9)},
            {"associative", "associative", {}},
            {"associative_64k", "associative", size(16)},
            {"associative_svade", "associative", [](mmu_env_options_t &o) { o.svade = true; }},
            {"directory", "directory", {}},
            {"directory_1k", "directory", size(10)},
            {"inverted", "inverted", {}},
            {"inverted_16_rows", "inverted", [](mmu_env_options_t &o) { o.rows_lg = 4; }},
            {"inverted_linear", "inverted",
             [](mmu_env_options_t &o) {
                 o.linear = true;
                 o.rows_lg = 5;
             }},
            {"segmented_paging", "segmented-paging", {}},
            {"segmented_paging_svade", "segmented-paging", [](mmu_env_options_t &o) { o.svade = true; }}};
}

class FormatsTrace : public testing::TestWithParam<Setting>
{
};

TEST_P(FormatsTrace, everyAccessIsAnsweredWithThePagersFrame)
{
    Play play(GetParam(), TRACE);
    ASSERT_NE(play.env, nullptr) << play.error;
    play.run();
    EXPECT_EQ(mmu_env_failure(play.env)->kind, MMU_ENV_OK) << play.failure();
    const mmu_env_stats_t *stats = mmu_env_stats(play.env);
    EXPECT_GE(stats->answered[0], 5u);
    EXPECT_GE(stats->answered[1], 11u);
    EXPECT_GT(stats->retries, 0u);
    EXPECT_GT(stats->judge->legal, 0u);
    EXPECT_GT(stats->pages_mapped[0] + stats->pages_mapped[1] + stats->pages_mapped[2], 0u);
}

TEST_P(FormatsTrace, aWrongAddressIsFound)
{
    mmu_env_options_t opt = {};
    opt.unjudged = true; // the player alone is to see it
    Play play(GetParam(), TRACE, opt);
    ASSERT_NE(play.env, nullptr) << play.error;
    play.spoil = [](mmu_out_t &out) {
        if (out.rsp[1].valid && !out.rsp[1].fault)
            out.rsp[1].pa ^= 0x40000;
    };
    play.run();
    EXPECT_EQ(mmu_env_failure(play.env)->kind, MMU_ENV_BAD_ANSWER);
}

TEST_P(FormatsTrace, aFaultOfAnotherKindIsFound)
{
    mmu_env_options_t opt = {};
    opt.unjudged = true;
    Play play(GetParam(), TRACE, opt);
    ASSERT_NE(play.env, nullptr) << play.error;
    play.spoil = [](mmu_out_t &out) {
        if (out.rsp[1].valid && out.rsp[1].fault)
            out.rsp[1].cause ^= 0x18; // classical: another access; x86: RSVD and I
    };
    play.run();
    EXPECT_EQ(mmu_env_failure(play.env)->kind, MMU_ENV_BAD_ANSWER) << play.failure();
}

INSTANTIATE_TEST_SUITE_P(Settings, FormatsTrace, testing::ValuesIn(settings()),
                         [](const auto &one) { return std::string(one.param.name); });

// ---- folding, as docs/traces.md says ------------------------------------------------------------------------

std::map<uint64_t, bool> offered(const Setting &setting, const std::string &trace,
                                 std::string *fold = nullptr)
{
    std::map<uint64_t, bool> seen;
    Play play(setting, trace);
    EXPECT_NE(play.env, nullptr) << play.error;
    play.look = [&](const mmu_in_t &in, const mmu_out_t &) {
        for (const mmu_req_t &req : in.req)
            if (req.valid)
                seen[req.va] = true;
    };
    play.run();
    EXPECT_EQ(mmu_env_failure(play.env)->kind, MMU_ENV_OK) << play.failure();
    char *text = mmu_env_fold_text(play.env);
    if (fold != nullptr)
        *fold = text == nullptr ? "" : text;
    free(text);
    return seen;
}

TEST(FormatsTraceFold, regionsOfFourMebibytesArePackedInOrderOfFirstTouch)
{
    std::string fold;
    const auto seen =
        offered({"", "directory", {}}, "L 7ffe00001000,8\nL 401234,4\nL 7ffe00002000,1\n", &fold);
    EXPECT_TRUE(seen.count(0x001000)); // the first region, 0x7ffe00000000
    EXPECT_TRUE(seen.count(0x401234)); // the second
    EXPECT_TRUE(seen.count(0x002000));
    EXPECT_EQ(seen.size(), 3u);
    EXPECT_EQ(fold, "Addresses, packed in order of first touch:\n"
                    "  0x00007ffe00000000 -> 0x00000000, 4 MiB\n"
                    "  0x0000000000400000 -> 0x00400000, 4 MiB\n");
}

TEST(FormatsTraceFold, eachRegionOf64KiBIsASegment)
{
    const auto seen =
        offered({"", "segmentation", {}}, "L 7ffe00011234,4\nL 7ffe00021234,4\nL 7ffe00011238,4\n");
    EXPECT_TRUE(seen.count(0x01234));
    EXPECT_TRUE(seen.count(0x11234));
    EXPECT_TRUE(seen.count(0x01238));
    EXPECT_EQ(seen.size(), 3u);
}

TEST(FormatsTraceFold, belowTheBoundEverythingIsPacked)
{
    std::map<uint64_t, bool> bounds;
    Play play({"", "base-bounds", {}}, "L 7ffe00011234,4\nL 401234,4\nL 501234,4\n");
    ASSERT_NE(play.env, nullptr) << play.error;
    play.look = [&](const mmu_in_t &in, const mmu_out_t &) { bounds[in.ctx[0].aux] = true; };
    play.run();
    EXPECT_EQ(mmu_env_failure(play.env)->kind, MMU_ENV_OK) << play.failure();
    // A trap makes the bound larger: nothing, then twice as much each time.
    EXPECT_TRUE(bounds.count(0));
    EXPECT_TRUE(bounds.count(0x10000));
    EXPECT_TRUE(bounds.count(0x20000));
    EXPECT_TRUE(bounds.count(0x40000));
    EXPECT_EQ(bounds.size(), 4u);
}

TEST(FormatsTraceFold, fourLevelsKeepWhatFitsAndFoldTheRest)
{
    std::string fold;
    const auto seen = offered({"", "pml4", {}}, "L 7ffe00001238,8\nL ffff800000123400,4\n", &fold);
    EXPECT_TRUE(seen.count(0x7ffe00001238));
    EXPECT_TRUE(seen.count((UINT64_C(0x1ffff) << 21) ^ 0x123400));
    EXPECT_EQ(fold, "");
}

TEST(FormatsTraceFold, tooManyRegionsAreAnErrorThatNamesTheLine)
{
    std::string trace;
    for (unsigned n = 0; n < 1025; n++)
        trace += "L " + std::to_string(n) + "00000000,1\n";
    Play play({"", "associative", {}}, trace);
    ASSERT_NE(play.env, nullptr) << play.error;
    play.run();
    EXPECT_EQ(mmu_env_failure(play.env)->kind, MMU_ENV_NO_MEMORY);
    EXPECT_NE(play.failure().find("access 1025 of "), std::string::npos) << play.failure();
    EXPECT_NE(play.failure().find("the format linear has no more addresses"), std::string::npos)
        << play.failure();
}

TEST(FormatsTraceFold, anAccessAcrossASmallPageIsSplit)
{
    const auto seen =
        offered({"", "direct", [](mmu_env_options_t &o) { o.plg = 9; }}, "L 11fc,8\nI 13fe,4\nL 1000,512\n");
    EXPECT_TRUE(seen.count(0x11fc));
    EXPECT_TRUE(seen.count(0x1200));
    EXPECT_TRUE(seen.count(0x13fe));
    EXPECT_TRUE(seen.count(0x1400));
    EXPECT_TRUE(seen.count(0x1000));
    EXPECT_EQ(seen.size(), 5u);
}

// ---- options ------------------------------------------------------------------------------------------------

TEST(FormatsTraceOptions, aFormatThatIsNotBuiltInIsRefused)
{
    Play play({"", "directory", [](mmu_env_options_t &o) { o.format = 1 + MMU_FORMAT_X86; }}, TRACE);
    EXPECT_EQ(play.env, nullptr);
    EXPECT_EQ(play.error, "format x86: the configuration has it not built in; allowed: directory");
}

TEST(FormatsTraceOptions, hugePagesAndSvadeAreRefusedWhereTheFormatHasThemNot)
{
    Play huge({"", "directory", [](mmu_env_options_t &o) { o.huge = MMU_HUGE_2M; }}, TRACE);
    EXPECT_EQ(huge.error,
              "huge pages: pages of the format directory have one size; expected the policy never");
    Play svade({"", "pml4", [](mmu_env_options_t &o) { o.svade = true; }}, TRACE);
    EXPECT_EQ(svade.error, "svade: in the format x86 software sets no A and D; expected it to be off");
}

TEST(FormatsTraceOptions, aPresetsPageSizesChooseThePaging)
{
    mmu_env_options_t opt = {};
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors = {};
    ASSERT_TRUE(mmu_cfg_load("x86-32", &cfg, nullptr, &errors)) << errors.text;
    mmu_env_configure(&opt, &cfg);
    EXPECT_EQ(mmu_env_format(&opt), MMU_FORMAT_X86);
    EXPECT_EQ(mmu_env_x86_mode(&opt), MMU_X86_2LEVEL);
    ASSERT_TRUE(mmu_cfg_load("pml4", &cfg, nullptr, &errors)) << errors.text;
    mmu_env_configure(&opt, &cfg);
    EXPECT_EQ(mmu_env_x86_mode(&opt), MMU_X86_PML4);
    EXPECT_EQ(mmu_env_plg(&opt), 12);
    opt.pages = 0x0040; // 32 KiB alone
    EXPECT_EQ(mmu_env_plg(&opt), 15);
    opt.pages = 0x0048; // and 4 KiB
    EXPECT_EQ(mmu_env_plg(&opt), 12);
}

} // namespace
