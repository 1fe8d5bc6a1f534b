// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk check` of worlds with physical memory protection: what is wrong fails, and the trail tells which
// entry decided.
#include "../support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <string>

namespace
{

// Sv39 with the root at 0x80000000: a 1 GiB page at 0x40000000, a pointer, and the page once more. PMP: the third
// word of the root can be read only, the second table not at all, the root read and written; the page's first 4 KiB
// grant all, the 4 bytes after them R, locked; the rest of the page is nobody's.
const char world[] = "world 0x7 isa=rv64 mode=sv39 root=0x80000 adue=1 pmp=1 ram=0x80000000:0x10000\n"
                     "p 0 0x19 0x20000004\n"
                     "p 1 0x18 0x200005ff\n"
                     "p 2 0x1b 0x200001ff\n"
                     "p 3 0x00 0x10000000\n"
                     "p 4 0x0f 0x10000400\n"
                     "p 5 0x91 0x10000400\n"
                     "m 0x80000000 0x1000000f\n"
                     "m 0x80000008 0x20000401\n"
                     "m 0x80000010 0x1000000f\n"
                     "a S R 0xff8 = pa 0x40000ff8 pbmt=0 size=0x40000000 len=8\n"
                     "u 0x80000000 0x1000004f\n"
                     "a S R 0x1000 = pa 0x40001000 pbmt=0 size=0x40000000 len=4\n"
                     "a S R 0x1000 = fault 0x5 tval=0x1000 len=8\n"
                     "a S W 0x1000 = fault 0x7 tval=0x1000 len=4\n"
                     "u 0x80000000 0x100000cf\n"
                     "a M W 0x40001000 = fault 0x7 tval=0x40001000 len=2\n"
                     "a M R 0x40001000 = fault 0x5 tval=0x40001000 len=8\n"
                     "a M W 0x40002000 = pa 0x40002000\n"
                     "a S R 0x2000 = fault 0x5 tval=0x2000\n"
                     "a S X 0x40000000 = fault 0x1 tval=0x40000000\n"
                     "a S R 0x80000000 = fault 0x5 tval=0x80000000\n"
                     "end\n";

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

class CheckPmp : public testing::Test
{
  protected:
    run::Folder folder;

    run::Result check(const std::string &text, const std::string &options = "")
    {
        return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' check x.tv " +
                          (folder.file("x.tv", text), options));
    }
    // With one text replaced, the access of this line fails and its trail holds the text.
    void mutant(const std::string &from, const std::string &to, unsigned line, const std::string &trail)
    {
        const run::Result r = check(replaced(world, from, to));
        const std::string head = "x.tv:" + std::to_string(line) + ": mismatch in world 0x7: ";
        EXPECT_EQ(r.status, 1) << from << " -> " << to << "\n" << r.out << r.err;
        const size_t at = r.out.find(head);
        ASSERT_NE(at, std::string::npos) << from << " -> " << to << "\n" << r.out;
        const std::string told = r.out.substr(at, r.out.find("  again: ", at) - at);
        EXPECT_NE(told.find(trail), std::string::npos) << told;
    }
};

TEST_F(CheckPmp, passes_what_is_right)
{
    const run::Result r = check(world);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_EQ(r.out,
              "x.tv: 1 worlds, 10 accesses, 0 mismatches; left out 0 worlds, 0 accesses\n"
              "outcomes: translated 3, fetch_access_fault 1, load_access_fault 4, store_access_fault 2\n"
              "compared: cold 10, warm 10, from the other port 10, with random memory latency 10\n"
              "PASS: on arch, 10 accesses of 1 worlds compared, 0 mismatches, 2 changed words; "
              "left out by --select: 0 worlds, 0 accesses\n");
}

TEST_F(CheckPmp, a_denial_is_told_with_the_entry_that_decided)
{
    const std::string ok = "pa 0x0", refused = "the entry covers the access and does not grant it";
    mutant(
        "fault 0x1 tval=0x40000000", ok, 21,
        "  walk:     of the architectural model, from the root\n"
        "      level 2  0x00000080000008  0x0000000020000401  a pointer to the next level (FMT-7; Priv "
        "4.3.2 step 4)\n"
        "      level 1  0x00000080001000  denied, an access fault; PMP entry 1 (NAPOT 0x80001000-0x80001fff "
        "---): " +
            refused);
    mutant("fault 0x5 tval=0x80000000", ok, 22,
           "      level 2  0x00000080000010  setting A or D is denied, an access fault; "
           "PMP entry 0 (NAPOT 0x80000010-0x80000017 r--): " +
               refused);
    mutant("fault 0x7 tval=0x1000 len=4", ok + " len=4", 15,
           "      level 2  0x00000080000000  0x00000000100000cf  written\n"
           "      access   0x00000040001000  denied, an access fault; PMP entry 5 (NA4 0x40001000-0x40001003 "
           "r-- locked): " +
               refused);
    mutant("fault 0x5 tval=0x40001000 len=8", ok + " len=8", 18,
           "  walk:     no translation: mode bare or privilege M (FMT-2)\n"
           "      access   0x00000040001000  denied, an access fault; PMP entry 5 (NA4 0x40001000-0x40001003 "
           "r-- locked): "
           "the entry covers a part of the access only, which fails in every mode (PMP-3; Priv 3.7.1)");
    mutant("fault 0x5 tval=0x2000", ok, 20,
           "      access   0x00000040002000  denied, an access fault; PMP: no entry covers the access, and "
           "it needs one");
}

TEST_F(CheckPmp, what_allowed_an_access_is_told_too)
{
    mutant("pa 0x40000ff8", "pa 0x40000ff9", 11,
           "      access   0x00000040000ff8  allowed; PMP entry 4 (TOR 0x40000000-0x40000fff rwx): the entry "
           "grants the access");
    mutant("pa 0x40002000", "fault 0x7", 19,
           "      access   0x00000040002000  allowed; PMP: no entry covers the access, and M needs none");
}

TEST_F(CheckPmp, each_register_and_length_matters)
{
    mutant("p 0 0x19", "p 0 0x1b", 22, "written"); // may write now
    mutant("p 1 0x18", "p 1 0x19", 21, "V is 0");  // may read now
    mutant("p 2 0x1b", "p 2 0x19", 11, "entry 2"); // may not set A
    mutant("p 3 0x00 0x10000000", "p 3 0x00 0x10000400", 11, "no entry covers");
    mutant("p 4 0x0f 0x10000400", "p 4 0x0f 0x10000401", 15, "entry 4"); // takes entry 5's place
    mutant("p 5 0x91", "p 5 0x11", 17, "entry 5");                       // M is free
    mutant("tval=0x1000 len=8", "tval=0x1000 len=4", 14, "entry 5");
    mutant("size=0x40000000 len=4", "size=0x40000000 len=8", 13, "entry 5");
    mutant(" pmp=1", "", 14, "leaf that grants");
}

TEST_F(CheckPmp, an_entry_above_the_sixteenth_counts)
{
    const std::string head = "world 1 isa=rv64 mode=bare pmp=1 ram=0:8\n",
                      tail = "a S R 0x1000 = pa 0x1000\nend\n";
    EXPECT_EQ(check(head + tail).status, 1);
    for (const char *index : {"15", "16", "63"})
        EXPECT_EQ(check(head + "p " + index + " 0x11 0x400\n" + tail).status, 0) << index;
}

TEST_F(CheckPmp, json_tells_the_entry)
{
    const run::Result r = check(replaced(world, "fault 0x1 tval=0x40000000", "pa 0x0"), "--json");
    json_t *json = json_loads(r.out.c_str(), 0, nullptr);
    ASSERT_NE(json, nullptr) << r.out;
    json_t *walk = json_object_get(json_array_get(json_object_get(json, "mismatches_shown"), 0), "walk");
    ASSERT_EQ(json_array_size(walk), 2u);
    json_t *read = json_array_get(walk, 0), *denied = json_array_get(walk, 1);
    EXPECT_EQ(json_integer_value(json_object_get(read, "pmp_entry")), 2);
    EXPECT_FALSE(json_is_true(json_object_get(read, "denied")));
    EXPECT_EQ(json_integer_value(json_object_get(denied, "pmp_entry")), 1);
    EXPECT_TRUE(json_is_true(json_object_get(denied, "denied")));
    EXPECT_EQ(json_object_get(denied, "word"), nullptr);
    EXPECT_EQ(std::string(json_string_value(json_object_get(denied, "pmp"))).substr(0, 12), "PMP entry 1 ");
    json_decref(json);
}

} // namespace
