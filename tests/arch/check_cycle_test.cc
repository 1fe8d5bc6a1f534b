// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk check --on cycle` as a user runs it: all vectors, and vectors that are wrong.
#include "../support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <string>

namespace
{

const std::string folder_of_vectors = LOCKWALK_SOURCE_DIR "/tests/vectors/";

std::string all_files()
{
    std::string files;
    for (const char *name : {"bare", "sv32", "sv39", "sv48", "sv57", "pmp", "twostage"})
        files += " " + folder_of_vectors + name + ".tv.gz";
    return files;
}

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

const std::string all_compared = "compared: cold 57200, warm 57200, from the other port 57200, with random "
                                 "memory latency 57200\n";
const std::string all_counted =
    "57200 accesses of 730 worlds compared, 0 mismatches, 6777 changed words; left "
    "out by --select: 0 worlds, 0 accesses\n";

// arch and cycle count the same.
TEST(vectors, all_pass_on_arch_and_on_the_cycle_model)
{
    for (const std::string on : {"arch", "cycle"}) {
        const run::Result r = run::lockwalk("check --on " + on + all_files());
        EXPECT_EQ(r.status, 0) << r.out << r.err;
        EXPECT_TRUE(has(r.out, all_compared)) << r.out;
        EXPECT_TRUE(has(r.out, "PASS: on " + on + ", " + all_counted)) << r.out;
    }
}

class Shapes : public testing::TestWithParam<const char *>
{
};

TEST_P(Shapes, pass_all_vectors_with_other_latencies)
{
    const run::Result r =
        run::lockwalk("check --on cycle --seed 11 --config " + std::string(GetParam()) + all_files());
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_TRUE(has(r.out, all_compared)) << r.out;
}

INSTANTIATE_TEST_SUITE_P(vectors, Shapes, testing::Values("tiny", "tiny-policies", "guest"),
                         [](const auto &i) {
                             return std::string(i.param) == "tiny-policies" ? "tiny_policies" : i.param;
                         });

TEST(vectors, of_one_stage_pass_on_a_machine_of_one_stage)
{
    const run::Result r =
        run::lockwalk("check --on cycle --config default --select virt=0,pmp=0" + all_files());
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_TRUE(has(r.out, "PASS: on cycle, 36200 accesses of 460 worlds compared, 0 mismatches")) << r.out;
}

// ---- vectors that are wrong --------------------------------------------------------------------------------

// Sv39 over Sv39x4 in 1 GiB pages: guest 0 is 0x40000000, guest 1 GiB is RAM, where the first stage's table is, guest
// 2 GiB may not be written. Line 14 and on are faults.
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
                         "a S R 0x128 = pa 0x40000128 pbmt=1 size=0x40000000\n"
                         "a S W 0x40000208 = fault 0x17 tval=0x40000208 gpa=0x80000208\n"
                         "a S X 0x4000000000 = fault 0xc tval=0x4000000000\n"
                         "end\n";

class CheckCycle : public testing::Test
{
  protected:
    run::Folder folder;

    run::Result check(const std::string &text, const std::string &options = "")
    {
        return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' check --on cycle x.tv " +
                          (folder.file("x.tv", text), options));
    }
    void mutant(const std::string &from, const std::string &to, const std::string &differs)
    {
        const run::Result r = check(replaced(two_stage, from, to));
        EXPECT_EQ(r.status, 1) << from << " -> " << to << "\n" << r.out << r.err;
        EXPECT_TRUE(has(r.out, ", cold, differs in " + differs + "\n")) << r.out;
        EXPECT_TRUE(has(r.out, "FAIL: on cycle, 5 accesses of 1 worlds compared, ")) << r.out;
    }
};

TEST_F(CheckCycle, passes_what_is_right)
{
    const run::Result r = check(two_stage);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_EQ(r.out, "x.tv: 1 worlds, 5 accesses, 0 mismatches; left out 0 worlds, 0 accesses\n"
                     "outcomes: translated 3, fetch_page_fault 1, store_guest_page_fault 1\n"
                     "compared: cold 5, warm 5, from the other port 5, with random memory latency 5\n"
                     "PASS: on cycle, 5 accesses of 1 worlds compared, 0 mismatches, 1 changed words; "
                     "left out by --select: 0 worlds, 0 accesses\n");
}

TEST_F(CheckCycle, each_part_of_an_answer_is_compared)
{
    mutant("pa 0x40000124", "pa 0x40000125", "pa");
    mutant("0x124 = pa 0x40000124 pbmt=1 size=0x40000000", "0x124 = pa 0x40000124 pbmt=1 size=0x1000",
           "size");
    mutant("0x124 = pa 0x40000124 pbmt=1", "0x124 = pa 0x40000124 pbmt=0", "pbmt");
    mutant("fault 0x17", "fault 0x15", "cause");
    mutant("tval=0x40000208", "tval=0x40000200", "tval");
    mutant("gpa=0x80000208", "gpa=0x80000210", "gpa");
    mutant("fault 0xc tval=0x4000000000", "pa 0x0", "outcome");
    mutant("u 0x80004000 0x2000000000000047\n", "", "words");
    mutant("0x2000000000000047", "0x20000000000000c7", "words");
    mutant("a S W", "u 0x80004ff8 1\na S W", "words");
}

TEST_F(CheckCycle, a_mismatch_tells_how_to_see_it_again)
{
    const run::Result r =
        check(replaced(two_stage, "gpa=0x80000208", "gpa=0x80000210"), "--config tiny --seed 5");
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(has(r.out,
                    "x.tv:11: mismatch in world 0x7: store from S of 0x40000208, cold, differs in gpa\n"
                    "  expected: store guest-page fault, cause 0x17, tval 0x40000208, gpa 0x80000210; "
                    "words changed: none\n"
                    "  got:      store guest-page fault, cause 0x17, tval 0x40000208, gpa 0x80000208; "
                    "words changed: none\n"))
        << r.out;
    EXPECT_TRUE(has(r.out, "    G level 2  0x00000080000010  ")) << r.out;
    EXPECT_TRUE(has(r.out,
                    "  explain:  lockwalk explain --world x.tv:0x7 --access 4\n"
                    "  again:    lockwalk check --on cycle --config tiny --seed 5 --select id=0x7 x.tv\n"))
        << r.out;
    EXPECT_TRUE(has(r.out, "differ: cold 1, warm 1, from the other port 0, with random memory latency 1\n"))
        << r.out;
}

TEST_F(CheckCycle, nothing_selected_fails)
{
    const run::Result r = check(two_stage, "--select virt=0");
    EXPECT_EQ(r.status, 1) << r.err;
    EXPECT_TRUE(has(r.out,
                    "FAIL: no access was selected, so nothing was checked; left out by --select: 1 worlds, "
                    "5 accesses\n"))
        << r.out;
}

TEST_F(CheckCycle, bad_input_is_told_before_anything_is_played)
{
    const run::Result r = check(std::string(two_stage) + "nonsense\n");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(r.err, "lockwalk check: x.tv:14: found record 'nonsense', expected world, or a comment (#)\n");
}

TEST_F(CheckCycle, json_names_the_configuration_and_the_seed)
{
    const run::Result r = check(two_stage, "--json --seed 3");
    json_t *json = json_loads(r.out.c_str(), 0, nullptr);
    ASSERT_NE(json, nullptr) << r.out;
    EXPECT_STREQ(json_string_value(json_object_get(json, "verdict")), "pass");
    EXPECT_STREQ(json_string_value(json_object_get(json, "on")), "cycle");
    EXPECT_STREQ(json_string_value(json_object_get(json, "config")), "vectors-riscv");
    EXPECT_EQ(json_integer_value(json_object_get(json, "seed")), 3);
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(json, "compared"), "random_latency")), 5);
    json_decref(json);
}

// Outside of check a run stops at the first step that differs.
TEST_F(CheckCycle, run_plays_vectors_too)
{
    const std::string run_it = "run --config vectors-riscv --vectors ";
    const run::Result good = run::lockwalk(run_it + folder.file("good.tv", two_stage));
    EXPECT_EQ(good.status, 0) << good.err;
    EXPECT_TRUE(has(good.out, "cold, warm, from the other port, with random latency")) << good.out;
    const run::Result bad = run::lockwalk(
        run_it + folder.file("bad.tv", replaced(two_stage, "gpa=0x80000208", "gpa=0x80000210")));
    EXPECT_EQ(bad.status, 1);
    EXPECT_TRUE(has(bad.err, "bad.tv:11: world 0x7, cold: expected store guest-page fault, cause 0x17, tval "
                             "0x40000208, gpa 0x80000210; words changed: none; got store guest-page fault"))
        << bad.err;
    const run::Result none =
        run::lockwalk(run_it + folder.file("good.tv", two_stage) + " --vectors-select virt=0");
    EXPECT_EQ(none.status, 2);
    EXPECT_TRUE(has(none.err, "no access of the vectors was selected")) << none.err;
    EXPECT_EQ(run::lockwalk(run_it + "x.tv --random 3").status, 2);
    EXPECT_EQ(run::lockwalk("run --random 3 --vectors x.tv").status, 2);
}

} // namespace
