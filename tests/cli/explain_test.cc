// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk explain` as a user runs it: what it tells of one access of each outcome, word for word, and what it
// says of bad use. The cases are in explain/cases.txt, the texts beside it; LOCKWALK_UPDATE_GOLDEN=1 writes them anew.
#include "../support/run.h"
#include "lockwalk/mmu_format.h"
#include "lockwalk/mmu_pmp.h"
#include "lockwalk/mmu_tv.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <dirent.h>

#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace
{

const std::string folder = LOCKWALK_SOURCE_DIR "/tests/cli/explain/";

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

run::Result explain(const std::string &arguments)
{
    return run::shell("cd '" LOCKWALK_SOURCE_DIR "' && '" LOCKWALK_BIN "' explain " + arguments);
}

// ---- golden texts ---------------------------------------------------------------------------------------------

struct Case {
    std::string name, arguments;
};

// Lines "name file:id arguments"; # starts a comment.
std::vector<Case> cases()
{
    std::istringstream text(run::read_file(folder + "cases.txt"));
    std::vector<Case> all;
    std::string line;
    while (std::getline(text, line)) {
        std::istringstream words(line);
        Case c;
        std::string world, rest;
        words >> c.name >> world;
        std::getline(words, rest);
        if (c.name.empty() || c.name[0] == '#')
            continue;
        c.arguments = "--world tests/vectors/" + world + rest;
        all.push_back(c);
    }
    return all;
}

TEST(explain, text_of_one_access_of_each_outcome)
{
    const bool update = getenv("LOCKWALK_UPDATE_GOLDEN") != nullptr;
    std::set<std::string> known = {"cases.txt"};
    for (const Case &c : cases()) {
        const run::Result r = explain(c.arguments);
        const std::string path = folder + c.name + ".txt";
        EXPECT_EQ(r.status, 0) << c.name << r.out << r.err;
        EXPECT_EQ(r.err, "");
        EXPECT_TRUE(known.insert(c.name + ".txt").second) << c.name << " is there twice";
        if (update)
            std::ofstream(path) << r.out;
        EXPECT_EQ(r.out, run::read_file(path)) << "of: lockwalk explain " << c.arguments;
    }
    EXPECT_GE(known.size(), 50u);
    // No text without a case.
    DIR *dir = opendir(folder.c_str());
    ASSERT_NE(dir, nullptr);
    while (const dirent *entry = readdir(dir))
        if (entry->d_name[0] != '.')
            EXPECT_TRUE(known.count(entry->d_name)) << entry->d_name;
    closedir(dir);
}

// The cases meet every rule, every verdict of physical protection, every cause and every page size.
TEST(explain, the_cases_are_complete)
{
    std::string all;
    for (const Case &c : cases())
        all += run::read_file(folder + c.name + ".txt");
    for (unsigned rule = 0; rule < MMU_RULES; rule++)
        EXPECT_TRUE(has(all, mmu_rule_text(rule))) << mmu_rule_text(rule);
    for (unsigned verdict = 0; verdict < MMU_PMP_VERDICTS; verdict++)
        EXPECT_TRUE(has(all, mmu_pmp_text(verdict))) << mmu_pmp_text(verdict);
    for (const char *cause : {"0x1 ", "0x5 ", "0x7 ", "0xc ", "0xd ", "0xf ", "0x14 ", "0x15 ", "0x17 "})
        EXPECT_TRUE(has(all, std::string(" = fault ") + cause)) << cause;
    for (const char *size : {"4 KiB", "64 KiB", "2 MiB", "4 MiB", "1 GiB", "512 GiB", "256 TiB"})
        EXPECT_TRUE(has(all, std::string("result: translated, a page of ") + size + "\n")) << size;
    for (const char *imp : {"at the access's own address", "at the read of a VS-stage entry",
                            "at the update of A or D in a VS-stage entry"})
        EXPECT_TRUE(has(all, imp)) << imp;
    EXPECT_TRUE(has(all, "result: no page, the address is the physical one"));
    EXPECT_FALSE(has(all, ", differs in "));
}

// So they do of the other formats.
TEST(explain, the_cases_of_other_formats_are_complete)
{
    std::string all;
    for (const Case &c : cases())
        all += run::read_file(folder + c.name + ".txt");
    for (unsigned number = 1; number < 8; number++) {
        const mmu_format_t *format = mmu_format(number);
        for (unsigned n = 0; n < format->rule_count; n++)
            EXPECT_TRUE(has(all, format->rules[n])) << format->name << ": " << format->rules[n];
    }
    for (const char *kind :
         {"page fault, not present", "protection fault", "reserved bit or mode", "beyond a limit",
          "table absent or broken", "access fault", "general-protection fault"})
        EXPECT_TRUE(has(all, std::string("result: ") + kind + "\n")) << kind;
    for (const char *start : {"the base is added (BND-1)", "not below the bounds", "more than 32 bits",
                              "SEG-1", "LIN-1", "DIR-1", "SPG-1", "X86-1", "from M", "beyond its 56 bits"})
        EXPECT_TRUE(has(all, start)) << start;
    for (const char *word :
         {"PML4 entry", "page-directory-pointer entry", "page-directory entry", "page-table entry",
          "base and limit of segment", "rights of segment", "directory's word", "inner table's row", "anchor",
          "owner of row", "chain of row", "page row of row", ": segment ", "row of the segment's page table"})
        EXPECT_TRUE(has(all, word)) << word;
}

// The story in the document is one of them.
TEST(explain, the_document_shows_what_is_printed)
{
    std::istringstream golden(run::read_file(folder + "guest_update_no_w.txt"));
    std::string line, indented;
    while (std::getline(golden, line))
        indented += "    " + line + "\n";
    EXPECT_TRUE(has(run::read_file(LOCKWALK_SOURCE_DIR "/docs/explain.md"), indented));
}

// ---- a world of its own ---------------------------------------------------------------------------------------

// Sv39 with the root at 0x80000000: a global 1 GiB page whose A and D are clear.
const char small[] = "world 0x1 isa=rv64 mode=sv39 root=0x80000 adue=1 pbmte=1 ram=0x80000000:0x10000\n"
                     "m 0x80000000 0x200000001000002f\n"
                     "a S R 0x123 = pa 0x40000123 pbmt=1 size=0x40000000\n"
                     "u 0x80000000 0x200000001000006f\n"
                     "a S W 0x0 = pa 0x40000000 pbmt=1 size=0x40000000\n"
                     "u 0x80000000 0x20000000100000ef\n"
                     "end\n"
                     "world 0x2 isa=x86 mode=x86_2level cr3=0x1000 maxpa=32 ram=0x0:0x10000\n"
                     "end\n";

class Explain : public testing::Test
{
  protected:
    run::Folder temporary;

    run::Result small_world(const std::string &arguments, const std::string &text = small)
    {
        temporary.file("x.tv", text);
        return run::shell("cd '" + temporary.path() + "' && '" LOCKWALK_BIN "' explain " + arguments);
    }
    void expect_error(const std::string &arguments, const std::string &message)
    {
        const run::Result r = small_world(arguments);
        EXPECT_EQ(r.status, 2) << arguments;
        EXPECT_EQ(r.out, "");
        EXPECT_EQ(r.err.substr(0, r.err.find('\n')), "lockwalk explain: " + message);
    }
};

TEST_F(Explain, memory_is_as_the_world_begins_or_as_the_accesses_before_left_it)
{
    const run::Result cold = small_world("--world x.tv:1 S W 0x0");
    EXPECT_TRUE(has(cold.out, "word 0x200000001000002f")) << cold.out;
    EXPECT_TRUE(has(cold.out, "0x200000001000002f -> 0x20000000100000ef"));
    const run::Result later = small_world("--world x.tv:1 --access 2");
    EXPECT_TRUE(has(later.out, "word 0x200000001000006f")) << later.out;
    EXPECT_TRUE(has(later.out, "memory: as the 1 access before left it\n"));
    EXPECT_TRUE(has(later.out, "reference: access 2 of 2, line 5, agrees\n"));
    EXPECT_EQ(small_world("--world x.tv:1 --access 2 S W 0").out, later.out); // the same, said twice
}

TEST_F(Explain, a_reference_that_differs_is_told_and_fails)
{
    const std::string wrong =
        std::string(small).replace(std::string(small).find("pa 0x40000123"), 13, "pa 0x50000123");
    const run::Result r = small_world("--world x.tv:0x1 S R 0x123", wrong);
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(has(r.out,
                    "reference: access 1 of 2, line 3, differs in pa\n  a S R 0x123 = pa 0x50000123 pbmt=1 "
                    "size=0x40000000\n  u 0x80000000 0x200000001000006f\n"))
        << r.out;
    // In other memory than the reference had, a difference is no failure.
    const std::string later =
        std::string(small).replace(std::string(small).find("u 0x80000000 0x20000000100000ef"), 32, "");
    const run::Result other = small_world("--world x.tv:1 S W 0x0", later);
    EXPECT_EQ(other.status, 0);
    EXPECT_TRUE(has(other.out, "differs in words\n")) << other.out;
    EXPECT_TRUE(has(other.out, "the accesses before had left: --access 2 shows it so.\n"));
    EXPECT_EQ(small_world("--world x.tv:1 --access 2", later).status, 1);
}

TEST_F(Explain, an_access_that_the_world_has_not)
{
    const run::Result r = small_world("--world x.tv:1 U R 0x123");
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "page fault: a supervisor page from U")) << r.out;
    EXPECT_TRUE(has(r.out, "reference: the world has no such access\n"));
}

TEST_F(Explain, the_length_matters_to_protection)
{
    const char text[] = "world 1 isa=rv64 mode=bare pmp=1 ram=0x80000000:0x10000\n"
                        "p 0x0 0x17 0x20000000\n"
                        "end\n";
    EXPECT_TRUE(has(small_world("--world x.tv:1 S R 0x80000000", text).out, "= pa 0x80000000"));
    const run::Result r = small_world("--world x.tv:1 --len 8 S R 0x80000000", text);
    EXPECT_TRUE(has(r.out, "a load of S, 8 bytes: denied, an access fault; entry 0")) << r.out;
    EXPECT_TRUE(has(r.out, "= fault 0x5"));
}

TEST_F(Explain, bad_use_names_what_was_found_and_what_is_expected)
{
    expect_error("S R 0", "expected --world FILE:ID");
    expect_error("--world x.tv:1", "expected PRIV TYPE VA, or --access N");
    expect_error("--world x.tv:1 S R", "found 2 of PRIV TYPE VA, expected all three");
    expect_error("--world x.tv:1 S R 0 0", "found '0' after PRIV TYPE VA, expected nothing");
    expect_error("--world x.tv:1 H R 0", "PRIV: found 'H', expected U, S or M");
    expect_error("--world x.tv:1 S RW 0", "TYPE: found 'RW', expected R, W, X, RX or A");
    expect_error("--world x.tv:1 S R 12x",
                 "VA: found '12x', expected a number of 64 bits, such as 0x80001234");
    expect_error("--world x.tv:1 S R 0x10000000000000000",
                 "VA: found '0x10000000000000000', expected a number of 64 bits, such as 0x80001234");
    expect_error("--world x.tv S R 0",
                 "--world: found 'x.tv', expected FILE:ID, ID the world's number as in FILE.tv.gz:0x1f");
    expect_error("--world x.tv:1 --world x.tv:1 S R 0", "--world: found twice, expected one FILE:ID");
    expect_error("--world y.tv:1 S R 0", "y.tv: cannot be opened: No such file or directory");
    expect_error("--world x.tv:7 S R 0", "x.tv: found no world 0x7, expected one of its 2 (0x1 to 0x2)");
    expect_error("--world x.tv:2 M R 0", "PRIV: found 'M', expected U or S in world 0x2 of x.tv, isa=x86");
    expect_error("--world x.tv:2 S RX 0",
                 "TYPE: found 'RX', expected R, W or X in world 0x2 of x.tv, isa=x86");
    expect_error("--world x.tv:1 S A 0",
                 "TYPE: found 'A', expected R, W, X or RX in world 0x1 of x.tv, isa=rv64");
    expect_error("--world x.tv:1 --access 0", "--access: found '0', expected 1 to 4294967295");
    expect_error("--world x.tv:1 --access 3",
                 "--access: found 3, expected 1 to 2, the accesses of world 0x1 of x.tv");
    expect_error(
        "--world x.tv:1 --access 2 S R 0x0",
        "--access 2 of world 0x1 of x.tv is S W 0x0; found S R 0x0 as well, expected that or nothing");
    expect_error("--world x.tv:1 --access 2 --len 4",
                 "--len: found with --access, expected without: the world says the length");
    expect_error("--world x.tv:1 --len 3 S R 0", "--len: found '3', expected a power of two");
    expect_error("--world x.tv:1 --len 256 S R 0", "--len: found '256', expected 1 to 128");
}

TEST_F(Explain, help_has_examples)
{
    const run::Result r = small_world("--help");
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "Examples:\n  lockwalk explain --world tests/vectors/")) << r.out;
}

// ---- JSON -----------------------------------------------------------------------------------------------------

TEST_F(Explain, json_tells_the_same)
{
    json_error_t error;
    json_t *j = json_loads(small_world("--world x.tv:1 --json S R 0x123").out.c_str(), 0, &error);
    ASSERT_NE(j, nullptr) << error.text;
    auto text = [](json_t *o, const char *key) {
        const char *s = json_string_value(json_object_get(o, key));
        return std::string(s == nullptr ? "(none)" : s);
    };
    json_t *steps = json_object_get(j, "steps"), *read = json_array_get(steps, 0),
           *cas = json_array_get(steps, 1);
    json_t *fields = json_object_get(read, "fields"), *result = json_object_get(j, "result");
    EXPECT_EQ(json_array_size(steps), 2u);
    EXPECT_EQ(text(read, "operation") + " " + text(read, "stage") + " " + text(read, "is"),
              "read page-table update");
    EXPECT_EQ(text(read, "word"), "0x200000001000002f");
    EXPECT_EQ(text(read, "rule"), mmu_rule_text(MMU_RULE_AD_UPDATE));
    EXPECT_EQ(text(fields, "ppn"), "0x40000");
    EXPECT_TRUE(json_is_true(json_object_get(fields, "g")) && json_is_false(json_object_get(fields, "a")));
    EXPECT_EQ(json_integer_value(json_object_get(fields, "pbmt")), 1);
    EXPECT_EQ(text(cas, "new_word"), "0x200000001000006f");
    EXPECT_EQ(text(result, "pa") + " " + text(result, "size"), "0x40000123 0x40000000");
    EXPECT_EQ(text(j, "outcome"), "translated");
    EXPECT_TRUE(json_is_true(json_object_get(json_object_get(j, "reference"), "same_memory")));
    EXPECT_EQ(json_array_size(json_object_get(json_object_get(j, "reference"), "differs")), 0u);
    json_decref(j);
}

TEST(explain, json_of_every_case_can_be_read)
{
    for (const Case &c : cases()) {
        json_error_t error;
        json_t *j = json_loads(explain(c.arguments + " --json").out.c_str(), 0, &error);
        ASSERT_NE(j, nullptr) << c.name << ": " << error.text;
        const std::string golden = run::read_file(folder + c.name + ".txt");
        json_t *result = json_object_get(j, "result"), *cause = json_object_get(result, "cause");
        const std::string told =
            cause != nullptr ? std::string(" = fault ") + json_string_value(cause)
                             : std::string(" = pa ") + json_string_value(json_object_get(result, "pa"));
        EXPECT_TRUE(has(golden, told)) << c.name << told;
        json_decref(j);
    }
}

} // namespace
