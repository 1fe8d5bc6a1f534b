// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk check --on rtl` as a user runs it: vectors through the verilated RTL, the cycle model beside it.
#include "support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <string>

namespace
{

// Sv39 over Sv39x4 in 1 GiB pages: guest 0 is 0x40000000, guest 1 GiB is RAM, where the first stage's table is, guest
// 2 GiB may not be written.
const char two_stage[] = "world 0x7 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 root=0x40004 groot=0x80000 adue=1 "
                         "hadue=1 pbmte=1 hpbmte=1 "
                         "ram=0x80000000:0x10000\n"
                         "m 0x80000000 0x100000df\n"
                         "m 0x80000008 0x200000df\n"
                         "m 0x80000010 0x3000005b\n"
                         "m 0x80004000 0x2000000000000007\n"
                         "m 0x80004008 0x200000cf\n"
                         "a S R 0x123 = pa 0x40000123 pbmt=1 size=0x40000000\n"
                         "u 0x80004000 0x2000000000000047\n"
                         "a S R 0x124 = pa 0x40000124 pbmt=1 size=0x40000000\n"
                         "a S W 0x40000208 = fault 0x17 tval=0x40000208 gpa=0x80000208\n"
                         "a S X 0x4000000000 = fault 0xc tval=0x4000000000\n"
                         "end\n";

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

class CheckRtl : public testing::Test
{
  protected:
    run::Folder folder;

    run::Result check(const std::string &text, const std::string &options = "")
    {
        return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' check --on rtl x.tv " +
                          (folder.file("x.tv", text), options));
    }
};

TEST(vectors, all_pass_on_rtl)
{
    std::string files;
    for (const char *name : {"bare", "sv32", "sv39", "sv48", "sv57", "pmp", "twostage"})
        files += std::string(" " LOCKWALK_SOURCE_DIR "/tests/vectors/") + name + ".tv.gz";
    const run::Result r = run::lockwalk("check --on rtl --whitebox" + files);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_TRUE(has(r.out,
                    "compared: cold 57200, warm 57200, from the other port 57200, with random memory latency "
                    "57200\n"))
        << r.out;
    EXPECT_TRUE(has(r.out,
                    "PASS: on rtl, 57200 accesses of 730 worlds compared, 0 mismatches, 6777 changed words; "
                    "left out by --select: 0 worlds, 0 accesses\n"))
        << r.out;
}

TEST_F(CheckRtl, tells_the_counts)
{
    const run::Result r = check(two_stage);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_EQ(r.out, "x.tv: 1 worlds, 4 accesses, 0 mismatches; left out 0 worlds, 0 accesses\n"
                     "outcomes: translated 2, fetch_page_fault 1, store_guest_page_fault 1\n"
                     "compared: cold 4, warm 4, from the other port 4, with random memory latency 4\n"
                     "PASS: on rtl, 4 accesses of 1 worlds compared, 0 mismatches, 1 changed words; "
                     "left out by --select: 0 worlds, 0 accesses\n");
}

TEST_F(CheckRtl, each_part_of_an_answer_is_compared)
{
    const struct {
        const char *from, *to, *differs;
    } cases[] = {
        {"pa 0x40000124", "pa 0x40000125", "pa"},
        {"0x124 = pa 0x40000124 pbmt=1 size=0x40000000", "0x124 = pa 0x40000124 pbmt=1 size=0x1000", "size"},
        {"0x124 = pa 0x40000124 pbmt=1", "0x124 = pa 0x40000124 pbmt=0", "pbmt"},
        {"fault 0x17", "fault 0x15", "cause"},
        {"tval=0x40000208", "tval=0x40000200", "tval"},
        {"gpa=0x80000208", "gpa=0x80000210", "gpa"},
        {"u 0x80004000 0x2000000000000047\n", "", "words"},
    };
    for (const auto &c : cases) {
        const run::Result r = check(replaced(two_stage, c.from, c.to));
        EXPECT_EQ(r.status, 1) << c.from << r.out << r.err;
        EXPECT_TRUE(has(r.out, std::string(", cold, differs in ") + c.differs + "\n")) << r.out;
        EXPECT_TRUE(has(r.out, "  again:    lockwalk check --on rtl --select id=0x7 x.tv\n")) << r.out;
        EXPECT_TRUE(has(r.out, "FAIL: on rtl, 4 accesses of 1 worlds compared, ")) << r.out;
    }
}

TEST_F(CheckRtl, nothing_selected_fails)
{
    const run::Result r = check(two_stage, "--select virt=0");
    EXPECT_EQ(r.status, 1) << r.err;
    EXPECT_TRUE(has(r.out, "FAIL: no access was selected, so nothing was checked; ")) << r.out;
}

// RTL that is not its model's twin is stopped by lockstep, whose report tells the clock and how to see it again.
TEST_F(CheckRtl, a_lockstep_mismatch_is_told_as_cosim_tells_it)
{
    const std::string rtl = folder.path() + "/rtl";
    ASSERT_EQ(
        run::shell("cp -r '" LOCKWALK_SOURCE_DIR "/rtl' '" + rtl + "' && cd '" + rtl +
                   "' && sed -i 's/rsp_o.gpa\\[11:2\\] = ans_va\\[11:2\\]/rsp_o.gpa[11:2] = ~ans_va[11:2]/' "
                   "mmu_l1.sv && ! cmp -s mmu_l1.sv '" LOCKWALK_SOURCE_DIR "/rtl/mmu_l1.sv'")
            .status,
        0);
    const std::string options = "--config tiny --rtl '" + rtl + "'";
    const run::Result r = check(two_stage, options);
    EXPECT_EQ(r.status, 1) << r.err;
    EXPECT_TRUE(has(r.out, "RTL and cycle model differ in")) << r.out;
    EXPECT_TRUE(has(r.out, "lockwalk cosim --config tiny --seed 0 --rtl " + rtl + " --vectors x.tv"))
        << r.out;
    EXPECT_TRUE(has(r.out, "FAIL: ")) << r.out;

    const run::Result j = check(two_stage, options + " --json");
    EXPECT_EQ(j.status, 1);
    json_t *json = json_loads(j.out.c_str(), 0, nullptr);
    ASSERT_NE(json, nullptr) << j.out;
    EXPECT_STREQ(json_string_value(json_object_get(json, "verdict")), "fail");
    const char *text = json_string_value(json_object_get(json_object_get(json, "failure"), "text"));
    ASSERT_NE(text, nullptr);
    EXPECT_TRUE(has(text, "RTL and cycle model differ in")) << text;
    json_decref(json);
}

TEST_F(CheckRtl, rtl_that_does_not_build_is_told)
{
    const std::string rtl = folder.path() + "/rtl";
    ASSERT_EQ(run::shell("cp -r '" LOCKWALK_SOURCE_DIR "/rtl' '" + rtl + "' && echo nonsense >> '" + rtl +
                         "/mmu.sv'")
                  .status,
              0);
    const run::Result r = check(two_stage, "--config tiny --rtl '" + rtl + "' --build-dir sims");
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "lockwalk check: no simulation of configuration 'tiny'\n")) << r.err;
    const run::Result missing = check(two_stage, "--rtl nowhere");
    EXPECT_EQ(missing.status, 2);
    EXPECT_TRUE(has(missing.err, "lockwalk check: --rtl 'nowhere': No such file or directory\n"))
        << missing.err;
}

} // namespace
