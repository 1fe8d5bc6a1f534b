// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk check` on x86 and classical worlds, as a user runs it: all vectors, on the presets that they ask for, and
// vectors that are wrong in each part that is compared.
#include "../support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <sstream>
#include <string>
#include <utility>

namespace
{

const std::string folder_of_vectors = LOCKWALK_SOURCE_DIR "/tests/vectors/";
const std::string x86_files = " " + folder_of_vectors + "x86_2level.tv.gz " + folder_of_vectors +
                              "x86_pae.tv.gz " + folder_of_vectors + "pml4.tv.gz " + folder_of_vectors +
                              "pml5.tv.gz";
const std::string classic_files = " " + folder_of_vectors + "classic-*.tv";

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

// ---- all vectors -------------------------------------------------------------------------------------------

TEST(format_vectors, of_x86_pass_on_arch_and_on_the_cycle_model)
{
    for (const std::string on : {"arch", "cycle"}) {
        const run::Result r = run::lockwalk("check --on " + on + x86_files);
        EXPECT_EQ(r.status, 0) << r.out << r.err;
        EXPECT_TRUE(has(r.out,
                        "outcomes: translated 17122, not_present 2544, protection 9122, reserved 1191, "
                        "beyond_limit 446\n"))
            << r.out;
        EXPECT_TRUE(has(r.out,
                        "compared: cold 30425, warm 30425, from the other port 30425, with random memory "
                        "latency 30425\n"))
            << r.out;
        EXPECT_TRUE(has(r.out, "PASS: on " + on +
                                   ", 30425 accesses of 376 worlds compared, 0 mismatches, 13933 "
                                   "changed words; "))
            << r.out;
    }
}

// Their number is whoever writes them's; each outcome is there, and both count the same.
TEST(format_vectors, of_the_classics_pass_on_arch_and_on_the_cycle_model)
{
    std::string counted;
    for (const std::string on : {"arch", "cycle"}) {
        const run::Result r = run::lockwalk("check --on " + on + classic_files);
        EXPECT_EQ(r.status, 0) << r.out << r.err;
        for (const char *outcome : {"translated ", "not_present ", "protection ", "reserved ",
                                    "beyond_limit ", "table_not_present ", "access_fault "})
            EXPECT_TRUE(has(r.out, outcome)) << outcome << r.out;
        const std::string rest = r.out.substr(r.out.find("PASS: on " + on) + 9 + on.size());
        EXPECT_TRUE(counted.empty() || counted == rest) << rest;
        counted = rest;
    }
}

struct Shape {
    const char *config, *files;
};

class FormatShapes : public testing::TestWithParam<Shape>
{
};

// Other shapes and latencies, a scheme's own preset among them.
TEST_P(FormatShapes, pass_the_vectors_of_their_format)
{
    std::string files;
    std::istringstream names(GetParam().files);
    for (std::string name; names >> name;)
        files += " " + folder_of_vectors + name;
    const run::Result r =
        run::lockwalk("check --on cycle --seed 5 --config " + std::string(GetParam().config) + files);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_TRUE(has(r.out, "PASS: on cycle, ")) << r.out;
}

INSTANTIATE_TEST_SUITE_P(vectors, FormatShapes,
                         testing::Values(Shape{"pml4", "pml4.tv.gz pml5.tv.gz x86_pae.tv.gz"},
                                         Shape{"x86-32", "x86_2level.tv.gz x86_pae.tv.gz"},
                                         Shape{"base-bounds --select asid=0", "classic-bounds.tv"},
                                         Shape{"segmentation --select asid=0", "classic-segment.tv"},
                                         Shape{"direct --select asid=0", "classic-linear.tv"},
                                         Shape{"associative --select asid=0", "classic-linear.tv"},
                                         Shape{"directory --select asid=0", "classic-directory.tv"},
                                         Shape{"inverted", "classic-inverted.tv"},
                                         Shape{"segmented-paging --select asid=0", "classic-segpage.tv"}),
                         [](const auto &i) {
                             std::string name = i.param.config;
                             name = name.substr(0, name.find(' '));
                             for (char &c : name)
                                 c = c == '-' ? '_' : c;
                             return name;
                         });

// Several families at once: each on its own preset.
TEST(format_vectors, files_of_several_families_are_played_each_on_its_preset)
{
    const run::Result r =
        run::lockwalk("check --on cycle --json --select 'id=0|1' " + folder_of_vectors +
                      "classic-linear.tv " + folder_of_vectors + "sv39.tv.gz " + folder_of_vectors +
                      "pml4.tv.gz " + folder_of_vectors + "classic-bounds.tv");
    json_error_t error;
    json_t *j = json_loads(r.out.c_str(), 0, &error);
    ASSERT_NE(j, nullptr) << error.text << r.out << r.err;
    EXPECT_EQ(r.status, 0) << r.out;
    EXPECT_STREQ(json_string_value(json_object_get(j, "config")),
                 "vectors-riscv, vectors-x86, vectors-classic");
    EXPECT_EQ(json_integer_value(json_object_get(j, "worlds")), 8);
    const char *const order[] = {"sv39.tv.gz", "pml4.tv.gz", "classic-linear.tv", "classic-bounds.tv"};
    json_t *files = json_object_get(j, "files");
    ASSERT_EQ(json_array_size(files), 4u);
    for (size_t i = 0; i < 4; i++)
        EXPECT_EQ(json_string_value(json_object_get(json_array_get(files, i), "file")),
                  folder_of_vectors + order[i]);
    json_decref(j);
}

// Nothing of a file is selected: it is counted all the same, and a selection of nothing fails.
TEST(format_vectors, a_file_of_which_nothing_is_selected_is_counted)
{
    const run::Result r = run::lockwalk("check --on cycle --select mode=pml4,id=3 " + folder_of_vectors +
                                        "classic-bounds.tv " + folder_of_vectors + "pml4.tv.gz");
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_TRUE(has(r.out, "classic-bounds.tv: 0 worlds, 0 accesses, 0 mismatches; left out ")) << r.out;
    const run::Result none =
        run::lockwalk("check --on cycle --select mode=sv39 " + folder_of_vectors + "pml4.tv.gz");
    EXPECT_EQ(none.status, 1) << none.out << none.err;
    EXPECT_TRUE(has(none.out, "FAIL: no access was selected")) << none.out;
}

// ---- documents -----------------------------------------------------------------------------------------------

TEST(documents, of_check_and_explain_show_commands_that_work)
{
    for (const char *name : {"check", "explain"}) {
        std::istringstream text(run::read_file(LOCKWALK_SOURCE_DIR "/docs/" + std::string(name) + ".md"));
        const std::string start = "    build/lockwalk ";
        unsigned commands = 0;
        for (std::string line; std::getline(text, line);) {
            if (line.compare(0, start.size(), start) != 0)
                continue;
            const run::Result r =
                run::shell("cd '" LOCKWALK_SOURCE_DIR "' && '" LOCKWALK_BIN "' " + line.substr(start.size()));
            EXPECT_EQ(r.status, 0) << line << r.out << r.err;
            commands++;
        }
        EXPECT_GE(commands, 4u) << name;
    }
}

// ---- wrong vectors -----------------------------------------------------------------------------------------

// 4-level: the first page is a user's, 4 KiB, A clear; one GiB further a 2 MiB page of the supervisor's.
const char x86[] = "world 0x3 isa=x86_64 mode=pml4 cr3=0x1000 wp=1 nxe=1 maxpa=40 ram=0x0:0x10000\n"
                   "m 0x1000 0x2027\n"
                   "m 0x2000 0x3027\n"
                   "m 0x2008 0x5027\n"
                   "m 0x3000 0x4027\n"
                   "m 0x4000 0x8000000012345007\n"
                   "m 0x5000 0x6000e3\n"
                   "a U R 0x123 = pa 0x12345123 size=0x1000\n"
                   "u 0x4000 0x8000000012345027\n"
                   "a U X 0x124 = fault 0x15 tval=0x124\n"
                   "a S W 0x40000010 = pa 0x600010 size=0x200000\n"
                   "a U R 0x40000010 = fault 0x5 tval=0x40000010\n"
                   "a S R 0x800000000000 = fault gp tval=0x800000000000\n"
                   "a S R 0x80000000 = fault 0x0 tval=0x80000000\n"
                   "end\n";

// 512-byte pages, two rows: the first a user's, A clear; the second in swap.
const char classic[] =
    "world 0x4 isa=classic mode=linear root=0x10 aux=0x2 plg=9 asid=0x5 adue=1 ram=0x10000:0x1000\n"
    "m 0x10000 0x280bd\n"
    "m 0x10008 0x2\n"
    "a U R 0x10 = pa 0x5010 size=0x200\n"
    "u 0x10000 0x280fd\n"
    "a U A 0x11 = pa 0x5011 size=0x200\n"
    "a S R 0x200 = fault 0x9 tval=0x200\n"
    "a U W 0x400 = fault 0x34 tval=0x400\n"
    "a M R 0x400 = pa 0x400\n"
    "end\n";

class Formats : public testing::TestWithParam<const char *>
{
  protected:
    run::Folder folder;

    run::Result check(const std::string &text)
    {
        folder.file("x.tv", text);
        return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' check --on " + GetParam() +
                          " x.tv");
    }
    void mutant(const std::string &world, const std::string &from, const std::string &to,
                const std::string &differs)
    {
        const run::Result r = check(replaced(world, from, to));
        EXPECT_EQ(r.status, 1) << from << " -> " << to << "\n" << r.out << r.err;
        EXPECT_TRUE(has(r.out, ", cold, differs in " + differs + "\n")) << from << " -> " << to << "\n"
                                                                        << r.out;
        EXPECT_TRUE(has(r.out, std::string("FAIL: on ") + GetParam())) << r.out;
    }
};

TEST_P(Formats, what_is_right_passes)
{
    const run::Result a = check(x86), b = check(classic);
    EXPECT_EQ(a.status, 0) << a.out << a.err;
    EXPECT_TRUE(has(a.out, "outcomes: translated 2, not_present 1, protection 2, beyond_limit 1\n")) << a.out;
    EXPECT_EQ(b.status, 0) << b.out << b.err;
    EXPECT_TRUE(has(b.out, "outcomes: translated 3, not_present 1, beyond_limit 1\n")) << b.out;
}

TEST_P(Formats, each_part_of_an_x86_answer_is_compared)
{
    mutant(x86, "pa 0x600010", "pa 0x600011", "pa");
    mutant(x86, "pa 0x600010 size=0x200000", "pa 0x600010 size=0x1000", "size");
    mutant(x86, "fault 0x15", "fault 0x5", "cause");
    mutant(x86, "fault 0x5", "fault 0x4", "cause");
    mutant(x86, "fault gp", "fault 0x0", "cause");
    mutant(x86, "fault 0x0", "fault gp", "cause");
    mutant(x86, "tval=0x124", "tval=0x120", "tval");
    mutant(x86, "fault 0x15 tval=0x124", "pa 0x12345124", "outcome");
    mutant(x86, "pa 0x600010 size=0x200000", "fault 0x3", "outcome");
    mutant(x86, "u 0x4000 0x8000000012345027\n", "", "words");
    mutant(x86, "0x8000000012345027", "0x8000000012345067", "words");
    mutant(x86, "a U X", "u 0x4ff8 0x1\na U X", "words");
}

TEST_P(Formats, each_part_of_a_classical_answer_is_compared)
{
    mutant(classic, "pa 0x5011", "pa 0x5012", "pa");
    mutant(classic, "pa 0x5011 size=0x200", "pa 0x5011 size=0x400", "size");
    mutant(classic, "fault 0x9", "fault 0xa", "cause");
    mutant(classic, "fault 0x34", "fault 0x14", "cause");
    mutant(classic, "tval=0x400", "tval=0x401", "tval");
    mutant(classic, "fault 0x34 tval=0x400", "pa 0x400", "outcome");
    mutant(classic, "pa 0x400\n", "fault 0x6\n", "outcome");
    mutant(classic, "u 0x10000 0x280fd\n", "", "words");
    mutant(classic, "0x280fd", "0x280ff", "words");
}

// A register that were left out would give another answer.
TEST_P(Formats, registers_of_a_world_are_in_force)
{
    for (const auto &[from, to] :
         {std::pair("cr3=0x1000", "cr3=0x2000"), {"nxe=1", "nxe=0"}, {"maxpa=40", "maxpa=28"}}) {
        const run::Result r = check(replaced(x86, from, to));
        EXPECT_EQ(r.status, 1) << to << r.out << r.err;
    }
    for (const auto &[from, to] : {std::pair("root=0x10", "root=0x11"),
                                   {"aux=0x2", "aux=0x3"},
                                   {"plg=9", "plg=10"},
                                   {"adue=1", "adue=0"},
                                   {"mode=linear", "mode=directory"},
                                   {"linear", "segpage"}}) {
        const run::Result r = check(replaced(classic, from, to));
        EXPECT_EQ(r.status, 1) << to << r.out << r.err;
    }
}

TEST_P(Formats, a_mismatch_tells_the_walk_by_the_formats_rules)
{
    const run::Result a = check(replaced(x86, "fault 0x15 tval=0x124", "fault 0x5 tval=0x124")),
                      b = check(replaced(x86, "fault gp", "fault 0x1")),
                      c = check(replaced(classic, "fault 0x9", "fault 0x8"));
    EXPECT_TRUE(has(a.out,
                    "x.tv:10: mismatch in world 0x3: fetch from U of 0x124, cold, differs in cause\n"
                    "  expected: protection fault, cause 0x5, tval 0x124; words changed: none\n"
                    "  got:      protection fault, cause 0x15, tval 0x124; words changed: none\n"
                    "  world:    isa=x86_64 mode=pml4 cr3=0x1000 wp=1 nxe=1 maxpa=40 ram=0x0:0x10000\n"))
        << a.out;
    EXPECT_TRUE(has(a.out, "a fetch from a page with NX (X86-7; SDM 3, 4.6)\n")) << a.out;
    EXPECT_TRUE(has(b.out, "  got:      general-protection fault, cause 0x20, tval 0x800000000000; "))
        << b.out;
    EXPECT_TRUE(has(b.out, "  walk:     the address is not canonical")) << b.out;
    EXPECT_TRUE(has(c.out, "page fault, not present, cause 0x9")) << c.out;
    EXPECT_TRUE(has(c.out, "P is 0: not present; in swap where S is 1 (CLS-1)\n")) << c.out;
    EXPECT_TRUE(has(c.out, "  explain:  lockwalk explain --world x.tv:0x4 --access 3\n")) << c.out;
}

INSTANTIATE_TEST_SUITE_P(check, Formats, testing::Values("arch", "cycle"),
                         [](const auto &i) { return std::string(i.param); });

} // namespace
