// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// lockwalk trace convert, cut, merge, generate, as a user runs them.
#include "lockwalk/mmu_trace_write.h"

#include "../support/run.h"
#include "trace/read.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{

using namespace traces;

const std::string perl = LOCKWALK_SOURCE_DIR "/traces/perl.trc.zst";

std::string trace(const std::string &arguments, int status = 0)
{
    const run::Result r = run::lockwalk("trace " + arguments);
    EXPECT_EQ(r.status, status) << arguments << "\n" << r.err;
    return r.out;
}

std::string fails(const std::string &arguments, int status = 2)
{
    const run::Result r = run::lockwalk("trace " + arguments);
    EXPECT_EQ(r.status, status) << arguments << "\n" << r.out;
    return r.err;
}

bool exists(const std::string &path)
{
    return access(path.c_str(), F_OK) == 0;
}

// Without the lines that name the file and its format.
std::string numbers(const std::string &path)
{
    const std::string all = trace("info " + path);
    const size_t begin = all.find("  accesses"), end = all.find("  addresses"), stop = all.find('\n', end);
    return all.substr(begin, stop - begin);
}

TEST(TraceConvert, text_to_lwt_to_text_is_the_same_text)
{
    run::Folder folder;
    const std::string lwt = folder.path() + "/perl.lwt", back = folder.path() + "/perl.trc";
    trace("convert --output " + lwt + " " + perl);
    trace("convert --output " + back + " " + lwt);
    EXPECT_EQ(run::shell("zstd -dcq " + perl + " | cmp - " + back).out, "");
    EXPECT_EQ(run::shell("zstd -dcq " + perl + " | cmp - " + back).status, 0);
    EXPECT_EQ(numbers(lwt), numbers(perl));
    // 600,000 accesses
    EXPECT_LT(run::read_file(lwt).size(), 240000u);
    EXPECT_FALSE(exists(lwt + ".part"));
}

TEST(TraceConvert, of_lackey_keeps_what_is_a_modify)
{
    run::Folder folder;
    const std::string raw = LOCKWALK_SOURCE_DIR "/tests/trace/data/true.raw-lackey.txt.zst";
    trace("convert --output " + folder.path() + "/t.lwt " + raw);
    EXPECT_EQ(numbers(folder.path() + "/t.lwt"), numbers(raw));
    EXPECT_NE(numbers(raw).find("of M records"), std::string::npos);
}

TEST(TraceConvert, writes_text_of_every_compression_and_to_standard_output)
{
    run::Folder folder;
    const std::string in = folder.file("t.trc", "I 10,1\nP 7\nL ffffffffffffffff,1\nS 0,4096\nP 0\nI 11,3\n");
    for (const char *name : {"a.trc", "a.txt.zst", "a.trc.gz", "a.trc.xz", "a.lwt"}) {
        const std::string out = folder.path() + "/" + name;
        trace("convert -o " + out + " " + in);
        EXPECT_EQ(trace("convert -o - " + out), run::read_file(in)) << name;
    }
    EXPECT_EQ(run::read_file(folder.path() + "/a.txt.zst").substr(0, 4), "\x28\xb5\x2f\xfd");
    EXPECT_EQ(run::read_file(folder.path() + "/a.trc.gz").substr(0, 2), "\x1f\x8b");
    EXPECT_EQ(run::read_file(folder.path() + "/a.trc.xz").substr(0, 5), "\xfd"
                                                                        "7zXZ");
}

TEST(TraceConvert, a_page_map_goes_into_the_file_and_on)
{
    run::Folder folder;
    const std::string in = folder.file("t.trc", "I 10,1\n"), map = folder.file("m", "0-1fffff 2M\n");
    const std::string one = folder.path() + "/one.lwt", two = folder.path() + "/two.lwt";
    trace("convert --page-map " + map + " -o " + one + " " + in);
    trace("convert -o " + two + " " + one);
    const std::string info = trace("info " + two);
    EXPECT_NE(info.find("  page map                       1  regions\n"), std::string::npos) << info;
    EXPECT_NE(info.find("  made from           " + one + ", lwt\n"), std::string::npos) << info;
    EXPECT_NE(info.find("  made by             lockwalk trace convert -o " + two + " " + one + "\n"),
              std::string::npos)
        << info;
    const run::Result r = run::lockwalk("trace convert -o - " + two);
    EXPECT_EQ(r.out, "I 10,1\n");
    EXPECT_EQ(r.err, "lockwalk trace: the page map is left out: only an .lwt file has a place for it\n");
    trace("convert --source 'sort of names' -o " + folder.path() + "/named.lwt " + in);
    EXPECT_NE(trace("info " + folder.path() + "/named.lwt").find("  made from           sort of names\n"),
              std::string::npos);
    const std::string bad = folder.file("bad", "0-1ffffe 2M\n");
    EXPECT_EQ(fails("convert --page-map " + bad + " -o " + folder.path() + "/three.lwt " + in),
              "lockwalk trace: " + bad +
                  ":1: found '0-1ffffe 2M', expected a region of whole pages: 0x0-0x1fffff is the one of 2M "
                  "around it\n");
    EXPECT_FALSE(exists(folder.path() + "/three.lwt"));
}

TEST(TraceConvert, of_a_bad_trace_nothing_stays_unless_salvaged)
{
    run::Folder folder;
    const std::string in = folder.file("t.trc", "I 10,1\nI 11,1\nhello\n"), out = folder.path() + "/t.lwt";
    const std::string error =
        "lockwalk trace: " + in +
        ":3: found 'hello', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the "
        "lines before\n";
    EXPECT_EQ(fails("convert -o " + out + " " + in), error);
    EXPECT_FALSE(exists(out) || exists(out + ".part"));
    EXPECT_EQ(fails("convert --salvage -o " + out + " " + in, 1),
              error + "lockwalk trace: 2 accesses were kept\n");
    EXPECT_EQ(trace("convert -o - " + out), "I 10,1\nI 11,1\n");
}

TEST(TraceConvert, bad_use_is_exit_status_2)
{
    run::Folder folder;
    const std::string in = folder.file("t.trc", "I 10,1\n");
    EXPECT_NE(fails("convert " + in).find("no --output"), std::string::npos);
    EXPECT_NE(fails("convert -o x.lwt").find("no trace"), std::string::npos);
    EXPECT_NE(fails("convert -o x.zip " + in).find("--output: 'x.zip', expected a name that ends in .lwt"),
              std::string::npos);
    EXPECT_NE(fails("convert -o " + in + " " + in).find("is input and output"), std::string::npos);
    EXPECT_NE(fails("convert -o x.lwt a b").find("more than one trace: 'a' and 'b'"), std::string::npos);
    EXPECT_NE(fails("convert --format vhs -o x.lwt " + in).find("'vhs' is no format of traces"),
              std::string::npos);
    EXPECT_NE(fails("convert -o /no/such/folder/x.lwt " + in)
                  .find("/no/such/folder/x.lwt cannot be written: No such file or directory"),
              std::string::npos);
    EXPECT_EQ(fails("covert x"),
              "lockwalk trace: 'covert' is not an action; allowed: info, convert, cut, merge, "
              "generate; did you mean 'convert'?\n");
    for (const char *action : {"info", "convert", "cut", "merge", "generate"}) {
        const std::string help = trace(std::string(action) + " --help");
        EXPECT_NE(help.find("Example"), std::string::npos) << action;
    }
    EXPECT_NE(trace("--help").find("  champsim "), std::string::npos);
}

// ---- cut -----------------------------------------------------------------------------------------------------

TEST(TraceCut, takes_a_window_of_any_format)
{
    run::Folder folder;
    std::string text;
    for (unsigned n = 0; n < 2000; n++)
        text += "L " + std::to_string(10000 + n) + ",8\n";
    const std::string trc = folder.file("t.trc", text), lwt = folder.path() + "/t.lwt";
    trace("convert -o " + lwt + " " + trc);
    for (const std::string &in : {trc, lwt}) {
        EXPECT_EQ(trace("cut --skip 1500 --count 2 -o - " + in), "L 11500,8\nL 11501,8\n");
        EXPECT_EQ(trace("cut --from 3 --to 4 -o - " + in), "L 10003,8\n");
        EXPECT_EQ(trace("cut --skip 1999 -o - " + in), "L 11999,8\n");
        EXPECT_EQ(trace("cut --to 1 -o - " + in), "L 10000,8\n");
        EXPECT_EQ(trace("cut --skip 2_000 -o - " + in), "");
        EXPECT_EQ(trace("cut --count 5000 -o - " + in), text);
        EXPECT_EQ(fails("cut --skip 2001 -o - " + in),
                  "lockwalk trace: " + in + ": there is no access 2001: the trace has 2000\n");
    }
    EXPECT_NE(fails("cut --skip 1 --to 3 -o - " + trc).find("use one pair"), std::string::npos);
    EXPECT_NE(fails("cut --from 3 --to 1 -o - " + trc).find("--to 1 is before --from 3"), std::string::npos);
    EXPECT_NE(fails("cut --skip x -o - " + trc).find("--skip: 'x', expected a number"), std::string::npos);
}

TEST(TraceCut, takes_one_process)
{
    run::Folder folder;
    const std::string in = folder.file("t.trc", "I 10,1\nP 2\nL 20,2\nP 0\nS 30,4\nP 2\nS 40,4\n");
    EXPECT_EQ(trace("cut --process 2 -o - " + in), "L 20,2\nS 40,4\n");
    EXPECT_EQ(trace("cut --process 1 -o - " + in), "");
    EXPECT_EQ(trace("cut --process 0 --skip 1 -o - " + in), "S 30,4\n");
}

// ---- merge ---------------------------------------------------------------------------------------------------

TEST(TraceMerge, traces_take_turns)
{
    run::Folder folder;
    const std::string a = folder.file("a.trc", "I 1,1\nI 2,1\nI 3,1\nI 4,1\nI 5,1\n"),
                      b = folder.file("b.trc", "L a,1\nL b,1\n"), out = folder.path() + "/m.lwt";
    EXPECT_EQ(trace("merge --quantum 2 -o - " + a + " " + b),
              "I 1,1\nI 2,1\nP 1\nL a,1\nL b,1\nP 0\nI 3,1\nI 4,1\nI 5,1\n");
    EXPECT_EQ(
        trace("merge -o - " + a + " " + b + " " + a),
        "I 1,1\nI 2,1\nI 3,1\nI 4,1\nI 5,1\nP 1\nL a,1\nL b,1\nP 2\nI 1,1\nI 2,1\nI 3,1\nI 4,1\nI 5,1\n");
    trace("merge --quantum 1 -o " + out + " " + a + " " + b);
    EXPECT_NE(trace("info " + out).find("  processes                      2\n"), std::string::npos);
    // What was merged is cut apart again.
    EXPECT_EQ(trace("cut --process 1 -o - " + out), run::read_file(b));
    EXPECT_EQ(trace("cut --process 0 -o - " + out), run::read_file(a));
}

TEST(TraceMerge, processes_of_a_trace_keep_apart)
{
    run::Folder folder;
    const std::string a = folder.file("a.trc", "P 5\nI 1,1\nP 9\nI 2,1\nP 5\nI 3,1\n"),
                      b = folder.file("b.trc", "P 5\nL a,1\n");
    EXPECT_EQ(trace("merge --quantum 1 -o - " + a + " " + b), "I 1,1\nP 1\nL a,1\nP 2\nI 2,1\nP 0\nI 3,1\n");
}

TEST(TraceMerge, a_bad_trace_leaves_nothing)
{
    run::Folder folder;
    const std::string a = folder.file("a.trc", "I 1,1\n"), b = folder.file("b.trc", "I 1,1\nx\n"),
                      out = folder.path() + "/m.lwt";
    EXPECT_NE(fails("merge -o " + out + " " + a + " " + b).find("b.trc:2: found 'x'"), std::string::npos);
    EXPECT_FALSE(exists(out) || exists(out + ".part"));
    EXPECT_NE(fails("merge -o " + out).find("no traces"), std::string::npos);
    EXPECT_NE(fails("merge " + a).find("no --output"), std::string::npos);
    EXPECT_NE(fails("merge --quantum 0 -o " + out + " " + a).find("--quantum: '0', expected a number from 1"),
              std::string::npos);
}

// ---- generate ------------------------------------------------------------------------------------------------

TEST(TraceGenerate, makes_the_same_trace_again)
{
    run::Folder folder;
    const std::string one = folder.path() + "/one.lwt", two = folder.path() + "/two.lwt";
    const std::string options = "generate zipf --pages 1000000 --accesses 20000 --theta 0.8 --seed 3 -o ";
    trace(options + one);
    trace(options + two);
    EXPECT_EQ(trace("convert -o - " + one), trace("convert -o - " + two));
    const std::string info = trace("info " + one);
    EXPECT_NE(info.find("  accesses                   20000\n"), std::string::npos) << info;
    EXPECT_NE(info.find("  made by             lockwalk trace generate zipf --pages 1000000"),
              std::string::npos)
        << info;
    EXPECT_EQ(
        trace("generate stride --stride 8192 --pages 4 --accesses 3 --store-percent 0 --base 4000 -o -"),
        "L 4000,8\nL 6000,8\nL 4000,8\n");
    EXPECT_EQ(trace("generate gups --accesses 2 --seed 9 -o -").substr(0, 2), "L ");
}

TEST(TraceGenerate, a_million_pages_are_a_small_file)
{
    run::Folder folder;
    const std::string out = folder.path() + "/u.lwt";
    trace("generate uniform --pages 1,000,000 --accesses 300,000 -o " + out);
    const Read r = read_file(out);
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.accesses.size(), 300000u);
    EXPECT_LT(run::read_file(out).size(), 5u * 300000);
}

TEST(TraceGenerate, bad_use_is_exit_status_2)
{
    EXPECT_NE(fails("generate -o x.lwt").find("no kind, expected uniform, zipf, stride or gups"),
              std::string::npos);
    EXPECT_NE(fails("generate normal -o x.lwt").find("'normal' is no kind"), std::string::npos);
    EXPECT_NE(fails("generate zipf").find("no --output"), std::string::npos);
    EXPECT_NE(fails("generate zipf --theta 1.2345 -o x.lwt").find("--theta: '1.2345', expected"),
              std::string::npos);
    EXPECT_EQ(fails("generate zipf --pages 0 -o x.lwt"),
              "lockwalk trace: --pages: 0, expected 1 to 67108864\n");
    EXPECT_NE(
        fails("generate zipf --base xyz -o x.lwt").find("--base: 'xyz', expected a hexadecimal address"),
        std::string::npos);
}

} // namespace
