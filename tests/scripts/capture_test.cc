// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// scripts/capture: records with valgrind, or says why it does not.
#include "support/run.h"
#include "trace/read.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

using namespace traces;

run::Result capture(const run::Folder &folder, const std::string &arguments)
{
    return run::shell("cd '" + folder.path() +
                      "' && LOCKWALK='" LOCKWALK_BIN "' '" LOCKWALK_SOURCE_DIR "/scripts/capture' " +
                      arguments);
}

std::string files(const run::Folder &folder)
{
    return run::shell("ls '" + folder.path() + "'").out;
}

TEST(Capture, records_a_window_that_begins_at_a_fetch)
{
    for (const char *name : {"t.lwt", "t.trc", "t.trc.zst", "t.trc.gz", "t.trc.xz"}) {
        run::Folder folder;
        const run::Result r =
            capture(folder, std::string("--skip 100 --count 500 --output ") + name + " /bin/true");
        ASSERT_EQ(r.status, 0) << r.err;
        EXPECT_EQ(files(folder), std::string(name) + "\n"); // nothing else stays
        const Read t = read_file(folder.path() + "/" + name);
        EXPECT_EQ(t.error, "");
        // A modify at the end is not torn.
        EXPECT_GE(t.accesses.size(), 500u);
        EXPECT_LE(t.accesses.size(), 501u);
        EXPECT_EQ(std::get<0>(t.accesses.at(0)), MMU_ACC_FETCH);
        EXPECT_EQ(r.out, std::string(name) + ": " + std::to_string(t.accesses.size()) + " accesses\n");
    }
}

TEST(Capture, is_named_after_the_program_and_says_what_it_ran)
{
    run::Folder folder;
    const run::Result r = capture(folder, "--count 2000 env true");
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(files(folder), "env.lwt\n");
    const run::Result info = run::lockwalk("trace info " + folder.path() + "/env.lwt");
    EXPECT_NE(info.out.find("  made from           env true\n"), std::string::npos) << info.out;
    // Where lockwalk is not built, text.
    const run::Result text =
        run::shell("cd '" + folder.path() +
                   "' && LOCKWALK=/no/such '" LOCKWALK_SOURCE_DIR "/scripts/capture' --count 9 true");
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_EQ(files(folder), "env.lwt\ntrue.trc.zst\n");
}

TEST(Capture, text_and_lwt_hold_the_same)
{
    run::Folder folder;
    ASSERT_EQ(capture(folder, "--count 3000 --output a.lwt /bin/true").status, 0);
    ASSERT_EQ(capture(folder, "--count 3000 --output a.trc /bin/true").status, 0);
    EXPECT_EQ(read_file(folder.path() + "/a.lwt").accesses, read_file(folder.path() + "/a.trc").accesses);
}

TEST(Capture, records_nothing_half)
{
    run::Folder folder;
    run::Result r = capture(folder, "--skip 1000000000 --output t.lwt /bin/true");
    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find("accesses, fewer than --skip leaves out\n"), std::string::npos) << r.err;
    r = capture(folder, "--output t.trc.zst /etc/passwd");
    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find("/etc/passwd"), std::string::npos) << r.err;
    EXPECT_EQ(files(folder), "");
}

TEST(Capture, bad_use_is_exit_status_2)
{
    run::Folder folder;
    const struct {
        const char *arguments, *error;
    } bad[] = {
        {"--count x true", "--count: 'x', expected a whole number"},
        {"--skip -1 true", "--skip: '-1', expected a whole number"},
        {"--count 0 true", "--count: '0', expected a whole number from 1, or all"},
        {"--count", "--count needs a value"},
        {"--frob true", "'--frob' is not an option; see --help"},
        {"", "no program; see --help"},
        {"no-such-program-here", "'no-such-program-here' is no program"},
        {"--output t.zip true",
         "--output: 't.zip', expected a name that ends in .lwt, .trc, .trc.zst, .trc.gz or .trc.xz"},
    };
    for (const auto &b : bad) {
        const run::Result r = capture(folder, b.arguments);
        EXPECT_EQ(r.status, 2) << b.arguments;
        EXPECT_EQ(r.err, std::string("scripts/capture: ") + b.error + "\n");
    }
    EXPECT_EQ(files(folder), "");
    const run::Result help = capture(folder, "--help");
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.out.find("Usage: scripts/capture [OPTION...] PROGRAM"), 0u);
}

} // namespace
