// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk check` as a user runs it: it passes what is right, and fails for each way in which a vector can
// differ.
#include "../support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>
#include <zlib.h>

#include <string>

namespace
{

// Sv39 with the root at 0x80000000: a global 1 GiB page, a pointer, and behind it at level 1 a pointer to
// nowhere in RAM.
const char small[] = "world 0x1 isa=rv64 mode=sv39 root=0x80000 adue=1 pbmte=1 ram=0x80000000:0x10000\n"
                     "m 0x80000000 0x200000001000002f\n"
                     "m 0x80000008 0x20000401\n"
                     "m 0x80001000 0x401\n"
                     "a S R 0x123 = pa 0x40000123 pbmt=1 size=0x40000000\n"
                     "u 0x80000000 0x200000001000006f\n"
                     "a S W 0x0 = pa 0x40000000 pbmt=1 size=0x40000000\n"
                     "u 0x80000000 0x20000000100000ef\n"
                     "a S W 0x8 = pa 0x40000008 pbmt=1 size=0x40000000\n"
                     "a U X 0x124 = fault 0xc tval=0x124\n"
                     "a S R 0x40000000 = fault 0x5 tval=0x40000000\n"
                     "a S R 0x4000000000 = fault 0xd tval=0x4000000000\n"
                     "a M R 0x40000000 = pa 0x40000000 pbmt=0\n"
                     "end\n";

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

class Check : public testing::Test
{
  protected:
    run::Folder folder;

    run::Result check(const std::string &text, const std::string &options = "")
    {
        return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' check x.tv " +
                          (folder.file("x.tv", text), options));
    }
    // The vector with one text replaced must fail, and tell what differs.
    run::Result mutant(const std::string &from, const std::string &to, const std::string &differs)
    {
        const run::Result r = check(replaced(small, from, to));
        EXPECT_EQ(r.status, 1) << from << " -> " << to << "\n" << r.out << r.err;
        EXPECT_TRUE(has(r.out, ", cold, differs in " + differs + "\n")) << r.out;
        EXPECT_TRUE(has(r.out, "FAIL: on arch, 7 accesses of 1 worlds compared, ")) << r.out;
        return r;
    }
};

TEST_F(Check, passes_a_vector_that_is_right_and_tells_the_counts)
{
    const run::Result r = check(small);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_EQ(r.out, "x.tv: 1 worlds, 7 accesses, 0 mismatches; left out 0 worlds, 0 accesses\n"
                     "outcomes: translated 4, load_access_fault 1, fetch_page_fault 1, load_page_fault 1\n"
                     "compared: cold 7, warm 7, from the other port 7, with random memory latency 7\n"
                     "PASS: on arch, 7 accesses of 1 worlds compared, 0 mismatches, 2 changed words; "
                     "left out by --select: 0 worlds, 0 accesses\n");
    EXPECT_EQ(r.err, "");
}

TEST_F(Check, each_part_of_an_answer_is_compared)
{
    mutant("pa 0x40000123", "pa 0x40000122", "pa");
    mutant("pbmt=1 size=0x40000000\nu 0x80000000 0x20000000100000ef",
           "pbmt=2 size=0x40000000\nu 0x80000000 0x20000000100000ef", "pbmt");
    mutant("size=0x40000000", "size=0x200000", "size");
    mutant("fault 0xc", "fault 0xd", "cause");
    mutant("tval=0x124", "tval=0x120", "tval");
    mutant("fault 0xd tval=0x4000000000", "pa 0x4000000000", "outcome");
    mutant("pa 0x40000000 pbmt=0", "fault 0x5", "outcome");
    mutant("pa 0x40000008 pbmt=1 size=0x40000000", "pa 0x40000009 pbmt=0 size=0x1000", "pa, size, pbmt");
    // No page was used: there is no size to be given.
    mutant("pa 0x40000000 pbmt=0\n", "pa 0x40000000 pbmt=0 size=0x1000\n", "size");
}

TEST_F(Check, each_changed_word_is_compared)
{
    mutant("u 0x80000000 0x20000000100000ef\n", "", "words");                              // dropped
    mutant("0x20000000100000ef", "0x20000000100000ee", "words");                           // another value
    mutant("u 0x80000000 0x200000001000006f", "u 0x80000010 0x200000001000006f", "words"); // another address
    mutant("a U X", "u 0x80000018 1\na U X", "words");                                     // one too many
}

TEST_F(Check, a_mismatch_tells_everything_and_does_not_hide_the_next)
{
    std::string text = replaced(small, "u 0x80000000 0x20000000100000ef\n", "");
    const run::Result r = check(replaced(text, "fault 0x5 tval", "fault 0x7 tval"));
    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(
        r.out,
        "x.tv:7: mismatch in world 0x1: store from S of 0x0, cold, differs in words\n"
        "  expected: pa 0x40000000, size 0x40000000, pbmt 1; words changed: none\n"
        "  got:      pa 0x40000000, size 0x40000000, pbmt 1; words changed: 0x80000000 = 0x20000000100000ef\n"
        "  world:    isa=rv64 mode=sv39 root=0x80000 adue=1 pbmte=1 ram=0x80000000:0x10000\n"
        "  walk:     of the architectural model, from the root\n"
        "      level 2  0x00000080000000  0x200000001000006f  A, or D for a store, is clear and hardware "
        "sets "
        "it: "
        "Svadu (FMT-11; Priv 4.3.2 step 7)\n"
        "      level 2  0x00000080000000  0x20000000100000ef  written\n"
        "  explain:  lockwalk explain --world x.tv:0x1 --access 2\n"
        "  again:    lockwalk check --select id=0x1 x.tv\n"
        // The reference's memory goes on: D is still clear.
        "x.tv:8: mismatch in world 0x1: store from S of 0x8, cold, differs in words\n"
        "  expected: pa 0x40000008, size 0x40000000, pbmt 1; words changed: none\n"
        "  got:      pa 0x40000008, size 0x40000000, pbmt 1; words changed: 0x80000000 = 0x20000000100000ef\n"
        "  world:    isa=rv64 mode=sv39 root=0x80000 adue=1 pbmte=1 ram=0x80000000:0x10000\n"
        "  walk:     of the architectural model, from the root\n"
        "      level 2  0x00000080000000  0x200000001000006f  A, or D for a store, is clear and hardware "
        "sets "
        "it: "
        "Svadu (FMT-11; Priv 4.3.2 step 7)\n"
        "      level 2  0x00000080000000  0x20000000100000ef  written\n"
        "  explain:  lockwalk explain --world x.tv:0x1 --access 3\n"
        "  again:    lockwalk check --select id=0x1 x.tv\n"
        "x.tv:10: mismatch in world 0x1: load from S of 0x40000000, cold, differs in cause\n"
        "  expected: store access fault, cause 0x7, tval 0x40000000; words changed: none\n"
        "  got:      load access fault, cause 0x5, tval 0x40000000; words changed: none\n"
        "  world:    isa=rv64 mode=sv39 root=0x80000 adue=1 pbmte=1 ram=0x80000000:0x10000\n"
        "  walk:     of the architectural model, from the root\n"
        "      level 2  0x00000080000008  0x0000000020000401  a pointer to the next level (FMT-7; Priv 4.3.2 "
        "step 4)\n"
        "      level 1  0x00000080001000  0x0000000000000401  a pointer to the next level (FMT-7; Priv 4.3.2 "
        "step 4)\n"
        "      level 0  0x00000000001000  outside ram 0x80000000:0x10000, an access fault (Priv 4.3.2 step "
        "2)\n"
        "  explain:  lockwalk explain --world x.tv:0x1 --access 5\n"
        "  again:    lockwalk check --select id=0x1 x.tv\n"
        "x.tv: 1 worlds, 7 accesses, 3 mismatches; left out 0 worlds, 0 accesses\n"
        "outcomes: translated 4, load_access_fault 1, fetch_page_fault 1, load_page_fault 1\n"
        "compared: cold 7, warm 7, from the other port 7, with random memory latency 7\n"
        "differ: cold 3, warm 1, from the other port 0, with random memory latency 3\n"
        "FAIL: on arch, 7 accesses of 1 worlds compared, 3 mismatches, 1 changed words; "
        "left out by --select: 0 worlds, 0 accesses\n");
}

TEST_F(Check, the_lines_that_it_tells_are_commands)
{
    const std::string text = replaced(small, "u 0x80000000 0x20000000100000ef\n", "");
    const std::string told = check(text).out;
    for (const char *line : {"\n  explain:  lockwalk ", "\n  again:    lockwalk "}) {
        const size_t at = told.find(line);
        ASSERT_NE(at, std::string::npos) << line;
        const size_t start = at + std::string(line).size();
        const run::Result r = run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' " +
                                         told.substr(start, told.find('\n', start) - start));
        EXPECT_EQ(r.status, 1) << r.err; // both: the reference says something else
        EXPECT_TRUE(has(r.out, "0x20000000100000ef")) << r.out;
    }
}

TEST_F(Check, an_access_without_a_walk_says_why)
{
    EXPECT_TRUE(has(mutant("pa 0x40000000 pbmt=0", "pa 0x40000008 pbmt=0", "pa").out,
                    "  walk:     no translation: mode bare or privilege M (FMT-2)\n"));
    EXPECT_TRUE(has(mutant("fault 0xd tval=0x4000000000", "fault 0xc tval=0x4000000000", "cause").out,
                    "  walk:     page fault before the walk: the address is not canonical (FMT-3)\n"));
}

TEST_F(Check, mismatches_beyond_shown_are_counted)
{
    std::string text = small;
    for (int i = 0; i < 30; i++)
        text = replaced(text, "a U X", "a S R 0x123 = pa 0x0\na U X");
    const run::Result ten = check(text), two = check(text, "--shown 2");
    EXPECT_TRUE(has(ten.out, "20 mismatches more are not shown (--shown N)\n")) << ten.out;
    EXPECT_TRUE(has(two.out, "28 mismatches more are not shown (--shown N)\n")) << two.out;
    EXPECT_TRUE(has(two.out, "37 accesses of 1 worlds compared, 30 mismatches")) << two.out;
    EXPECT_EQ(check(small, "--shown many").status, 2);
}

TEST_F(Check, worlds_left_out_are_counted)
{
    std::string other = replaced(replaced(small, "world 0x1", "world 0x2"), "adue=1", "adue=1 sum=1");
    const run::Result r = check(small + other, "--select sum=0");
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_TRUE(has(r.out, "x.tv: 1 worlds, 7 accesses, 0 mismatches; left out 1 worlds, 7 accesses\n"))
        << r.out;
    EXPECT_TRUE(has(r.out, "left out by --select: 1 worlds, 7 accesses\n")) << r.out;
}

TEST_F(Check, nothing_selected_fails)
{
    const run::Result r = check(small, "--select mode=sv48");
    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(r.out, "x.tv: 0 worlds, 0 accesses, 0 mismatches; left out 1 worlds, 7 accesses\n"
                     "outcomes: none\n"
                     "compared: cold 0, warm 0, from the other port 0, with random memory latency 0\n"
                     "FAIL: no access was selected, so nothing was checked; "
                     "left out by --select: 1 worlds, 7 accesses\n");
    EXPECT_EQ(check("# nothing\n").status, 1);
    EXPECT_EQ(check("world 1 isa=rv64 mode=bare ram=0:8\nend\n").status, 1);
}

TEST_F(Check, what_it_does_not_handle_is_an_error_that_names_the_selection)
{
    const struct {
        const char *options, *text, *error;
    } cases[] = {
        {"--on cycle ", "world 1 isa=x86_64 mode=pml4 ram=0:8\nend\n",
         "world 0x1 has isa=x86_64, and those before it are of another family; no preset plays both; "
         "such worlds are left out by --select 'isa=rv32|rv64'"},
        {"--on rtl ", "world 1 isa=classic mode=bounds ram=0:8\nend\n",
         "world 0x1 has isa=classic, and those before it are of another family; no preset plays both; "
         "such worlds are left out by --select 'isa=rv32|rv64'"},
        {"--on cycle --config tiny ", "world 1 isa=x86_64 mode=pml4 ram=0:8\nend\n",
         "world 0x1 has isa=x86_64, for which its configuration needs `x86` in `formats`; `--on cycle "
         "--config tiny` "
         "does not handle that; such worlds are left out by --select 'isa=rv32|rv64|classic'"},
        {"--on cycle --config tiny ", "world 1 isa=classic mode=linear plg=12 ram=0:8\nend\n",
         "world 0x1 has mode=linear, for which its configuration needs `linear` in `formats`; `--on cycle "
         "--config "
         "tiny` does not handle that; such worlds are left out by --select 'mode!=linear'"},
        {"--on cycle --config default ", "world 1 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 ram=0:4096\nend\n",
         "world 0x1 has virt=1, for which its configuration needs a section `hypervisor`; `--on cycle "
         "--config default` does not handle that; such worlds are left out by --select 'virt=0'"},
        {"--on rtl --config default ", "world 1 isa=rv64 mode=sv39 pmp=1 ram=0:4096\nend\n",
         "world 0x1 has pmp=1 with 16 entries, for which its configuration needs `pmp: 16` (it has 0); `--on "
         "rtl --config default` does not handle that; such worlds are left out by --select 'pmp=0'"},
        {"--on cycle ", "world 1 isa=rv64 mode=sv39 pmp=1 ram=0:4096\np 16 0 0\nend\n",
         "world 0x1 has pmp=1 with 64 entries, for which its configuration needs `pmp: 64` (it has 16); "
         "`--on cycle --config vectors-riscv` does not handle that; such worlds are left out by --select "
         "'id!=0x1'"},
        {"--on cycle ", "world 1 isa=rv64 mode=sv39 ram=0xfffffffffffff8:0x10\nend\n",
         "world 0x1 has ram=0xfffffffffffff8:0x10, where an end at 2^56 at most is needed; `--on "
         "cycle "
         "--config vectors-riscv` does not handle that; such worlds are left out by --select 'id!=0x1'"},
    };
    for (const auto &c : cases) {
        const run::Result r = check(std::string(small) + c.text, c.options);
        EXPECT_EQ(r.status, 2) << r.out;
        EXPECT_EQ(r.err,
                  std::string("lockwalk check: x.tv:15: ") + c.error + ", with what else it selects\n");
        // The selection that it names does leave the world out.
        const std::string err = r.err.substr(r.err.find('\'') + 1);
        if (std::string(c.options).find("--on rtl") != std::string::npos)
            continue; // the same selection, but a simulation would be built
        const run::Result again =
            check(replaced(small, "world 0x1", "world 0x9") + c.text,
                  std::string(c.options) + "--select '" + err.substr(0, err.find('\'')) + "'");
        EXPECT_EQ(again.status, 0) << again.err;
        EXPECT_TRUE(has(again.out, "left out 1 worlds, ")) << again.out;
    }
}

TEST_F(Check, bad_input_and_bad_use_exit_with_2)
{
    EXPECT_EQ(check("nonsense\n").status, 2);
    EXPECT_EQ(check("nonsense\n").err,
              "lockwalk check: x.tv:1: found record 'nonsense', expected world, or a comment (#)\n");
    // Also where the malformed world is left out.
    EXPECT_EQ(
        check(std::string(small) + "world 2 isa=rv64 mode=bare sum=1 ram=0:8\nm x x\n", "--select sum=0")
            .status,
        2);
    EXPECT_EQ(check(small, "no-such.tv").status, 2);
    EXPECT_EQ(run::lockwalk("check").status, 2);
    EXPECT_EQ(check(small, "--select colour=1").status, 2);
    EXPECT_EQ(check(small, "--select sum=0 --select mxr=0").status, 2);
    EXPECT_EQ(check(small, "--frobnicate").status, 2);
}

TEST_F(Check, on_names_what_is_available)
{
    EXPECT_EQ(check(small, "--on arch").status, 0);
    const run::Result r = check(small, "--on silicon");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err,
              "lockwalk check: --on: found 'silicon', which is not available; available: arch, cycle, rtl\n");
    EXPECT_TRUE(has(check(small, "--on acrh").err, "did you mean 'arch'?"));
    EXPECT_TRUE(has(check(small, "--on rlt").err, "did you mean 'rtl'?"));
}

TEST_F(Check, options_that_mean_nothing_to_what_is_checked_are_refused)
{
    const struct {
        const char *options, *error;
    } cases[] = {
        {"--config tiny", "--config: the architectural model has none; expected with --on cycle or --on rtl"},
        {"--on cycle --whitebox", "--whitebox: expected with --on rtl"},
        {"--on cycle --rtl x", "--rtl: expected with --on rtl"},
        {"--build-dir x", "--build-dir: expected with --on rtl"},
        {"--on cycle --seed x", "--seed: found 'x', expected a number of 64 bits"},
    };
    for (const auto &c : cases) {
        const run::Result r = check(small, c.options);
        EXPECT_EQ(r.status, 2) << c.options;
        EXPECT_EQ(r.err, std::string("lockwalk check: ") + c.error + "\n");
    }
    EXPECT_EQ(check(small, "--on cycle --config nobody").status, 2);
    EXPECT_TRUE(has(check(small, "--on cycle --config nobody").err, "'nobody' is not a preset"));
}

TEST_F(Check, help_has_examples)
{
    const run::Result r = run::lockwalk("check --help");
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "Examples:")) << r.out;
}

TEST_F(Check, json_tells_counts_per_outcome)
{
    const run::Result r = check(small, "--json");
    EXPECT_EQ(r.status, 0);
    json_t *json = json_loads(r.out.c_str(), 0, nullptr);
    ASSERT_NE(json, nullptr) << r.out;
    auto number = [&](const char *key) { return json_integer_value(json_object_get(json, key)); };
    auto outcome = [&](const char *key) {
        return json_integer_value(json_object_get(json_object_get(json, "outcomes"), key));
    };
    EXPECT_STREQ(json_string_value(json_object_get(json, "verdict")), "pass");
    EXPECT_EQ(number("worlds"), 1);
    EXPECT_EQ(number("accesses"), 7);
    EXPECT_EQ(number("mismatches"), 0);
    EXPECT_EQ(number("words_changed"), 2);
    EXPECT_EQ(outcome("translated"), 4);
    EXPECT_EQ(outcome("load_access_fault"), 1);
    EXPECT_EQ(outcome("fetch_page_fault"), 1);
    EXPECT_EQ(outcome("load_page_fault"), 1);
    EXPECT_EQ(outcome("store_page_fault"), 0);
    for (const char *step : {"cold", "warm", "other_port", "random_latency"}) {
        EXPECT_EQ(json_integer_value(json_object_get(json_object_get(json, "compared"), step)), 7) << step;
        EXPECT_EQ(json_integer_value(json_object_get(json_object_get(json, "differ"), step)), 0) << step;
    }
    EXPECT_EQ(json_array_size(json_object_get(json, "files")), 1u);
    json_decref(json);
}

TEST_F(Check, json_tells_mismatches_and_errors)
{
    run::Result r = check(replaced(small, "pa 0x40000123", "pa 0x40000122"), "--json");
    EXPECT_EQ(r.status, 1);
    json_t *json = json_loads(r.out.c_str(), 0, nullptr);
    ASSERT_NE(json, nullptr) << r.out;
    EXPECT_STREQ(json_string_value(json_object_get(json, "verdict")), "fail");
    json_t *first = json_array_get(json_object_get(json, "mismatches_shown"), 0);
    EXPECT_EQ(json_integer_value(json_object_get(first, "line")), 5);
    EXPECT_STREQ(json_string_value(json_object_get(first, "world")), "0x1");
    EXPECT_STREQ(json_string_value(json_object_get(first, "step")), "cold");
    EXPECT_STREQ(json_string_value(json_array_get(json_object_get(first, "differs"), 0)), "pa");
    EXPECT_STREQ(json_string_value(json_object_get(json_object_get(first, "expected"), "pa")), "0x40000122");
    EXPECT_STREQ(json_string_value(json_object_get(json_object_get(first, "got"), "pa")), "0x40000123");
    EXPECT_EQ(json_array_size(json_object_get(first, "walk")), 2u);
    json_decref(json);

    r = check("nonsense\n", "--json");
    EXPECT_EQ(r.status, 2);
    json = json_loads(r.out.c_str(), 0, nullptr);
    ASSERT_NE(json, nullptr) << r.out;
    EXPECT_STREQ(json_string_value(json_object_get(json, "verdict")), "error");
    json_decref(json);
}

} // namespace
