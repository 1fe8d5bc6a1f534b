// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The trace reader: forms, compression, splitting, and what it says about bad input.
#include "lockwalk/mmu_trace.h"

#include "../support/run.h"
#include "trace/read.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace
{

using namespace traces;

std::string data(const std::string &name)
{
    return std::string(LOCKWALK_SOURCE_DIR) + "/tests/trace/data/" + name;
}

TEST(TraceReader, lackey_output_and_its_conversion_read_equal)
{
    const Read raw = read_file(data("true.raw-lackey.txt.zst"));
    const Read plain = read_file(data("true.trc.zst"));
    EXPECT_EQ(raw.error, "");
    EXPECT_EQ(plain.error, "");
    EXPECT_EQ(raw.accesses.size(), 40095u);
    EXPECT_EQ(raw.accesses, plain.accesses);
}

TEST(TraceReader, lackey_form_reads_every_kind)
{
    const Read r = read_text("==12== Lackey, an example Valgrind tool\n"
                             "==12== \n"
                             "I  0401ab70,3\n"
                             " S 1fff000608,8\n"
                             "--12-- chatter\n"
                             " L 04a2da48,4\n"
                             "**12** said by the program\n"
                             " M 0421c7cc,16\n"
                             "==12== Exit code:       0\n");
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0x401ab70, 3), S(0x1fff000608, 8), L(0x4a2da48, 4),
                                               L(0x421c7cc, 16), S(0x421c7cc, 16)}));
}

TEST(TraceReader, plain_form_reads_every_kind)
{
    const Read r = read_text("I 401ab70,3\nL 4A2DA48,4\nS ffffffffffffffff,1\n");
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0x401ab70, 3), L(0x4a2da48, 4), S(UINT64_MAX, 1)}));
}

TEST(TraceReader, a_last_line_without_an_end_is_a_line)
{
    EXPECT_EQ(read_text("I 10,3\nL 20,4").accesses, (std::vector<Access>{I(0x10, 3), L(0x20, 4)}));
}

TEST(TraceReader, an_empty_file_holds_nothing)
{
    const Read r = read_text("");
    EXPECT_EQ(r.error, "");
    EXPECT_TRUE(r.accesses.empty());
}

TEST(TraceReader, counts_lines_and_accesses)
{
    run::Folder folder;
    char err[512];
    mmu_access_t a;
    mmu_trace_t *t = mmu_trace_open(folder.file("t", "==1== x\nI  10,1\n M 20,8\n").c_str(), err, sizeof err);
    ASSERT_NE(t, nullptr);
    ASSERT_EQ(mmu_trace_next(t, &a), 1);
    EXPECT_EQ(mmu_trace_line(t), 2u);
    EXPECT_FALSE(a.modify);
    ASSERT_EQ(mmu_trace_next(t, &a), 1);
    ASSERT_EQ(mmu_trace_next(t, &a), 1);
    EXPECT_TRUE(a.modify);
    EXPECT_EQ(mmu_trace_line(t), 3u);
    EXPECT_EQ(mmu_trace_count(t), 3u);
    EXPECT_STREQ(mmu_trace_form(t), "lackey");
    EXPECT_STREQ(mmu_trace_compression(t), "none");
    mmu_trace_close(t);
}

TEST(TraceReader, blocks_of_any_size_hold_the_same_accesses)
{
    run::Folder folder;
    const std::string file = folder.file("t", "I  10,1\n M 20,8\n L 30,4\n M 40,2\nI  11,1\nbad\n");
    const std::vector<Access> all{I(0x10, 1), L(0x20, 8), S(0x20, 8), L(0x30, 4),
                                  L(0x40, 2), S(0x40, 2), I(0x11, 1)};
    static_assert(sizeof(mmu_access_t) == 16);
    for (size_t room = 1; room <= 9; room++) {
        char err[512];
        mmu_trace_t *t = mmu_trace_open(file.c_str(), err, sizeof err);
        ASSERT_NE(t, nullptr);
        std::vector<Access> got;
        mmu_access_t block[9];
        memset(block, 0xff, sizeof block);
        for (size_t n; (n = mmu_trace_read(t, block, room)) > 0;) {
            ASSERT_LE(n, room);
            for (size_t i = 0; i < n; i++) {
                got.emplace_back(block[i].acc, block[i].va, block[i].size, block[i].process);
            }
        }
        EXPECT_EQ(got, all) << room;
        EXPECT_TRUE(mmu_trace_failed(t));
        EXPECT_NE(std::string(mmu_trace_error(t)).find(":6: found 'bad'"), std::string::npos);
        EXPECT_EQ(mmu_trace_read(t, block, room), 0u);
        mmu_trace_close(t);
    }
    char err[512];
    mmu_access_t a;
    mmu_trace_t *t = mmu_trace_open(folder.file("good", "L 10,1\n").c_str(), err, sizeof err);
    ASSERT_EQ(mmu_trace_read(t, &a, 1), 1u);
    EXPECT_EQ(mmu_trace_read(t, &a, 1), 0u);
    EXPECT_FALSE(mmu_trace_failed(t));
    mmu_trace_close(t);
}

// ---- pages ----

TEST(TraceReader, an_access_that_crosses_a_page_comes_as_one_a_page_lower_first)
{
    const Read r = read_text("L 1ffc,4\nL 1ffd,4\nS 2fff,16\n", true);
    EXPECT_EQ(r.accesses,
              (std::vector<Access>{L(0x1ffc, 4), L(0x1ffd, 3), L(0x2000, 1), S(0x2fff, 1), S(0x3000, 15)}));
}

TEST(TraceReader, an_access_of_a_page_that_is_not_aligned_touches_two_pages)
{
    const Read r = read_text("L 1800,4096\n", true);
    EXPECT_EQ(r.accesses, (std::vector<Access>{L(0x1800, 0x800), L(0x2000, 0x800)}));
}

TEST(TraceReader, both_halves_of_a_modify_are_split)
{
    const Read r = read_text(" M 1ffe,4\n", true);
    EXPECT_EQ(r.accesses, (std::vector<Access>{L(0x1ffe, 2), L(0x2000, 2), S(0x1ffe, 2), S(0x2000, 2)}));
}

// ---- compression ----

struct Packed {
    std::string tool, name;
};

class TraceCompression : public testing::TestWithParam<Packed>
{
  protected:
    // 30,000 records, packed; more than any buffer of the reader holds.
    std::string pack()
    {
        std::string text;
        for (unsigned i = 0; i < 30000; i++) {
            char line[64];
            snprintf(line, sizeof line, "L %x,%u\n", 0x400000u + (i * 2654435761u >> 8), 1 + i % 8);
            text += line;
        }
        plain_ = folder_.file("plain", text);
        const std::string packed = folder_.path() + "/packed";
        EXPECT_EQ(run::shell(GetParam().tool + " -c '" + plain_ + "' > '" + packed + "'").status, 0);
        return packed;
    }
    run::Folder folder_;
    std::string plain_;
};

TEST_P(TraceCompression, is_told_by_the_first_bytes)
{
    const std::string packed = pack();
    const Read r = read_file(packed);
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.accesses.size(), 30000u);
    EXPECT_EQ(r.accesses, read_file(plain_).accesses);
}

TEST_P(TraceCompression, two_files_one_after_the_other_are_one)
{
    const std::string packed = pack();
    ASSERT_EQ(run::shell("cat '" + packed + "' '" + packed + "' > '" + packed + "2'").status, 0);
    const Read r = read_file(packed + "2");
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.accesses.size(), 60000u);
}

TEST_P(TraceCompression, a_cut_file_tells_how_many_records_were_whole)
{
    const std::string packed = pack();
    const size_t size = run::read_file(packed).size();
    ASSERT_EQ(
        run::shell("head -c " + std::to_string(size / 2) + " '" + packed + "' > '" + packed + "2'").status,
        0);
    const Read r = read_file(packed + "2");
    const std::string n = std::to_string(r.accesses.size());
    EXPECT_LT(r.accesses.size(), 30000u);
    EXPECT_EQ(r.error, packed + "2: the " + GetParam().name + " data is cut short after line " + n + "; " +
                           n + " records before it were whole");
}

TEST_P(TraceCompression, a_file_without_its_last_byte_is_cut)
{
    const std::string packed = pack();
    ASSERT_EQ(run::shell("head -c -1 '" + packed + "' > '" + packed + "2'").status, 0);
    EXPECT_NE(read_file(packed + "2").error.find(GetParam().name + " data is cut short"), std::string::npos);
}

TEST_P(TraceCompression, cut_at_any_byte_is_an_error_and_gives_the_beginning)
{
    std::string text;
    for (unsigned i = 0; i < 40; i++)
        text += "L " + std::to_string(i * i * 977 % 10007) + ",8\n";
    const Read whole = read_text(text);
    const std::string packed = folder_.path() + "/small";
    ASSERT_EQ(
        run::shell(GetParam().tool + " -c '" + folder_.file("plain", text) + "' > '" + packed + "'").status,
        0);
    const std::string bytes = run::read_file(packed);
    for (size_t cut = 1; cut < bytes.size(); cut++) {
        const Read r = read_text(bytes.substr(0, cut));
        EXPECT_NE(r.error, "") << cut;
        ASSERT_LE(r.accesses.size(), 40u);
        EXPECT_TRUE(std::equal(r.accesses.begin(), r.accesses.end(), whole.accesses.begin())) << cut;
    }
}

TEST_P(TraceCompression, damage_is_an_error)
{
    const std::string packed = pack();
    std::string bytes = run::read_file(packed);
    for (size_t i = bytes.size() - 4; i < bytes.size(); i++) // of the check sum
        bytes[i] = static_cast<char>(~bytes[i]);
    const Read r = read_file(folder_.file("damaged", bytes));
    EXPECT_NE(r.error.find("the " + GetParam().name + " data is damaged"), std::string::npos) << r.error;
}

INSTANTIATE_TEST_SUITE_P(, TraceCompression,
                         testing::Values(Packed{"zstd --check", "zstd"}, Packed{"gzip", "gzip"},
                                         Packed{"xz", "xz"}),
                         [](const auto &p) { return p.param.name; });

// ---- what it says about bad input ----

struct Bad {
    const char *name, *text, *error;
    size_t whole;
};

class TraceErrors : public testing::TestWithParam<Bad>
{
};

TEST_P(TraceErrors, name_file_line_what_was_found_and_what_was_expected)
{
    const Read r = read_text(GetParam().text);
    EXPECT_EQ(r.error, GetParam().error);
    EXPECT_EQ(r.accesses.size(), GetParam().whole);
}

INSTANTIATE_TEST_SUITE_P(
    , TraceErrors,
    testing::Values(
        Bad{"no_trace", "hello\n",
            "t:1: found 'hello', expected a trace: lwt, champsim, drmemtrace, spike, qemu, lackey, plain or "
            "din "
            "(see "
            "lockwalk trace --help)",
            0},
        Bad{"other_line_in_lackey", "I  10,1\nI 10,1\n",
            "t:2: found 'I 10,1', expected 'I  addr,size', ' L addr,size', ' S addr,size' or ' M addr,size' "
            "as in "
            "the lines before",
            1},
        Bad{"other_line_in_plain", "I 10,1\n L 10,1\n",
            "t:2: found ' L 10,1', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the lines "
            "before",
            1},
        Bad{"modify_in_plain", "I 10,1\nM 10,1\n",
            "t:2: found 'M 10,1', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the lines "
            "before",
            1},
        Bad{"comment_in_plain", "I 10,1\n==1== x\n",
            "t:2: found '==1== x', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the lines "
            "before",
            1},
        Bad{"no_address", "L ,4\n", "t:1: found 'L ,4', expected an address of 1 to 16 hexadecimal digits",
            0},
        Bad{"long_address", "L 12345678901234567,4\n",
            "t:1: found 'L 12345678901234567,4', expected an address of 1 to 16 hexadecimal digits", 0},
        Bad{"no_comma", "L 10 4\n", "t:1: found 'L 10 4', expected ',' and a size after the address", 0},
        Bad{"no_size", "L 10,\n", "t:1: found 'L 10,', expected a size, 1 to 4096, after ','", 0},
        Bad{"size_0", "L 10,0\n",
            "t:1: found 'L 10,0', expected a size, 1 to 4096, and then the end of the line", 0},
        Bad{"size_4097", "L 10,4097\n",
            "t:1: found 'L 10,4097', expected a size, 1 to 4096, and then the end of the line", 0},
        Bad{"after_size", "L 10,4 x\n",
            "t:1: found 'L 10,4 x', expected a size, 1 to 4096, and then the end of the line", 0},
        Bad{"past_the_end", "L ffffffffffffffff,2\n",
            "t:1: found 'L ffffffffffffffff,2', expected an access that ends below 2^64", 0},
        Bad{"unprintable", "L 10,4\n\x01\x02\n",
            "t:2: found '?"
            "?', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the lines before",
            1},
        Bad{"long_line", "L 10,4\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
            "t:2: found 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...', expected 'I "
            "addr,size', "
            "'L addr,size' or 'S addr,size' as in the lines before",
            1}),
    [](const auto &p) { return p.param.name; });

TEST(TraceReader, a_line_without_end_is_an_error_and_no_endless_buffer)
{
    EXPECT_EQ(read_text("L 10,4\n" + std::string(200000, 'x')).error,
              "t:2: found '" + std::string(60, 'x') + "...', expected a line of less than 128 KiB");
}

TEST(TraceReader, a_missing_file_and_a_folder_are_errors)
{
    EXPECT_EQ(read_file("/no/such/file").error, "/no/such/file: cannot be opened: No such file or directory");
    run::Folder folder;
    EXPECT_EQ(read_file(folder.path()).error, folder.path() + ": is a directory, expected a trace file");
}

// ---- lockwalk trace info ----

TEST(TraceInfo, counts_accesses_and_pages)
{
    run::Folder folder;
    const std::string file = folder.file("t", "I  1000,4\n"
                                              " L 1ffe,4\n"   // pages 1 and 2
                                              " M 200000,8\n" // another 2 MiB page
                                              "I  1004,4\n");
    const run::Result r = run::lockwalk("trace info --json " + file);
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.err, "");
    EXPECT_EQ(r.out, "{\n"
                     "  \"file\": \"" +
                         file +
                         "\",\n"
                         "  \"form\": \"lackey\",\n"
                         "  \"compression\": \"none\",\n"
                         "  \"accesses\": 5,\n"
                         "  \"fetches\": 2,\n"
                         "  \"loads\": 2,\n"
                         "  \"stores\": 1,\n"
                         "  \"modifies\": 1,\n"
                         "  \"crossing\": 1,\n"
                         "  \"pages_4k\": 3,\n"
                         "  \"pages_4k_code\": 1,\n"
                         "  \"pages_4k_data\": 3,\n"
                         "  \"pages_2m\": 2,\n"
                         "  \"processes\": 1,\n"
                         "  \"lowest\": \"0x1000\",\n"
                         "  \"highest\": \"0x200007\",\n"
                         "  \"notes\": {}\n"
                         "}\n");
}

TEST(TraceInfo, reads_standard_input)
{
    const run::Result r =
        run::shell(std::string("printf 'I 10,1\\nL 20,1\\n' | '") + LOCKWALK_BIN + "' trace info -");
    EXPECT_EQ(r.status, 0);
    EXPECT_NE(r.out.find("  accesses                       2\n"), std::string::npos) << r.out;
}

TEST(TraceInfo, bad_input_is_exit_status_2)
{
    run::Folder folder;
    const std::string file = folder.file("t", "I 10,1\nhello\n");
    const run::Result r = run::lockwalk("trace info " + file);
    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.out.find("  accesses                       1\n"), std::string::npos)
        << r.out; // what was whole
    EXPECT_EQ(r.err,
              "lockwalk trace: " + file +
                  ":2: found 'hello', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the lines "
                  "before\n");
    EXPECT_EQ(run::lockwalk("trace info /no/such/file").status, 2);
}

TEST(TraceInfo, bad_use_is_exit_status_2)
{
    for (const char *arguments : {"trace", "trace info", "trace frobnicate x", "trace info a b"})
        EXPECT_EQ(run::lockwalk(arguments).status, 2) << arguments;
    EXPECT_NE(run::lockwalk("trace frobnicate x").err.find("'frobnicate' is not an action; allowed: info"),
              std::string::npos);
}

TEST(BundledTraces, hold_what_their_readme_says)
{
    const std::string readme = run::read_file(std::string(LOCKWALK_SOURCE_DIR) + "/traces/README.md");
    for (const char *name : {"perl", "tree"}) {
        const std::string path = std::string(LOCKWALK_SOURCE_DIR) + "/traces/" + name + ".trc.zst";
        char err[512];
        mmu_trace_info_t info;
        mmu_trace_t *t = mmu_trace_open(path.c_str(), err, sizeof err);
        ASSERT_NE(t, nullptr) << err;
        ASSERT_TRUE(mmu_trace_measure(t, &info)) << mmu_trace_error(t);
        mmu_trace_close(t);
        std::string row;
        for (uint64_t n : {info.accesses, info.kinds[0], info.kinds[1], info.kinds[2], info.crossing,
                           info.pages_4k, info.pages_4k_data, info.pages_2m}) {
            std::string digits = std::to_string(n);
            for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
                digits.insert(static_cast<size_t>(at), ",");
            row += "| " + digits + " ";
        }
        EXPECT_NE(readme.find(row + "|"), std::string::npos) << name << ": " << row;
    }
}

} // namespace
