// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// scripts/setup, test and cosim, in a copy of the folder and with stand-ins for the tools that they call.
#include "support/run.h"

#include <gtest/gtest.h>

namespace
{

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

class Scripts : public testing::Test
{
  protected:
    void SetUp() override
    {
        // Only these tools and the stand-ins are on PATH, whatever the machine has.
        ASSERT_EQ(
            run::shell(
                "mkdir -p " + root() + "/bin " + root() +
                "/tree && cp -r " LOCKWALK_SOURCE_DIR "/scripts " LOCKWALK_SOURCE_DIR "/.ci " + root() +
                "/tree/ && for t in sh sed grep mktemp rm cat env dirname mkdir nproc tail touch chmod; do "
                "ln -s \"$(command -v $t)\" " +
                root() + "/bin/$t; done")
                .status,
            0);
        stand_in("id", "echo 0");
        stand_in("sudo", "echo sudo >>$CALLS; exec \"$@\"");
        // dpkg-query knows what INSTALLED says, in words.
        stand_in("dpkg-query",
                 "for p in $INSTALLED; do echo \"$p installed\"; done; echo 'zstd config-files'; exit 1");
        stand_in("apt-get", "echo apt-get \"$@\" >>$CALLS; [ -f " + root() + "/apt_works ]");
        run::shell("touch " + root() + "/apt_works " + calls_file());
    }

    std::string root() const
    {
        return folder_.path();
    }
    std::string calls_file() const
    {
        return root() + "/calls";
    }
    std::string calls() const
    {
        return run::read_file(calls_file());
    }

    void stand_in(const std::string &tool, const std::string &body)
    {
        run::shell("rm -f " + root() + "/bin/" + tool);
        folder_.file("bin/" + tool, "#!/bin/sh\n" + body + "\n");
        ASSERT_EQ(run::shell("chmod +x " + root() + "/bin/" + tool).status, 0);
    }

    run::Result script(const std::string &line, const std::string &installed)
    {
        return run::shell("cd " + root() + "/tree && PATH=" + root() + "/bin CALLS=" + calls_file() +
                          " INSTALLED='" + installed + "' sh " + line);
    }

    // The names in scripts/packages, without `missing`.
    static std::string packages(const std::string &missing = "")
    {
        const run::Result all =
            run::shell("sed 's/[ #].*//' '" LOCKWALK_SOURCE_DIR "/scripts/packages' | grep . | grep "
                       "-vx '" +
                       missing + "' | tr '\\n' ' '");
        return all.out;
    }

  private:
    run::Folder folder_;
};

// ---- setup --------------------------------------------------------------------------------------------------

TEST_F(Scripts, setup_does_nothing_when_all_is_there)
{
    // A package of a foreign architecture's name counts, too.
    const run::Result r = script("scripts/setup", packages("zlib1g-dev") + "zlib1g-dev:amd64");
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out + r.err, "");
    EXPECT_EQ(calls(), "");
}

TEST_F(Scripts, setup_installs_only_what_is_missing)
{
    const run::Result r = script("scripts/setup", packages("yosys"));
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out, "setup: installing yosys\nsetup: done\n");
    EXPECT_EQ(calls(), "apt-get install -y -q --no-install-recommends yosys\n");
}

TEST_F(Scripts, setup_sees_that_a_removed_package_is_missing)
{
    // The stand-in's dpkg-query says that only the configuration of zstd is left.
    const run::Result r = script("scripts/setup", packages("zstd"));
    EXPECT_EQ(r.out, "setup: installing zstd\nsetup: done\n");
}

TEST_F(Scripts, setup_fetches_the_package_lists_where_the_first_try_fails)
{
    stand_in("apt-get", "echo apt-get \"$1\" >>$CALLS; case $1 in update) touch " + root() +
                            "/updated;; *) [ -f " + root() + "/updated ];; esac");
    const run::Result r = script("scripts/setup", packages("yosys"));
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out, "setup: installing yosys\nsetup: fetching package lists\nsetup: done\n");
    EXPECT_EQ(calls(), "apt-get install\napt-get update\napt-get install\n");
}

TEST_F(Scripts, setup_tells_what_apt_said_where_it_cannot_install)
{
    stand_in("apt-get", "echo no network; exit 100");
    const run::Result r = script("scripts/setup", packages("yosys"));
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "no network\nscripts/setup: could not install: yosys\n");
}

TEST_F(Scripts, setup_uses_sudo_where_the_user_is_not_root)
{
    stand_in("id", "echo 1000");
    const run::Result r = script("scripts/setup", packages("yosys"));
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(calls(), "sudo\napt-get install -y -q --no-install-recommends yosys\n");
}

TEST_F(Scripts, setup_without_rights_tells_what_is_missing)
{
    stand_in("id", "echo 1000");
    run::shell("rm " + root() + "/bin/sudo");
    const run::Result r = script("scripts/setup", packages("yosys"));
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "scripts/setup: must be root, or have sudo, to install: yosys\n");
    EXPECT_EQ(calls(), "");
}

TEST_F(Scripts, bad_arguments_exit_2)
{
    EXPECT_EQ(script("scripts/setup --now", packages()).err,
              "scripts/setup: unknown argument '--now'; see scripts/setup --help\n");
    EXPECT_EQ(script("scripts/setup --now", packages()).status, 2);
    EXPECT_EQ(script("scripts/test --now", packages()).err,
              "scripts/test: unknown argument '--now'; see scripts/test --help\n");
    EXPECT_EQ(script("scripts/test --now", packages()).status, 2);
    EXPECT_EQ(script("scripts/test --preset fast", packages()).err,
              "scripts/test: 'fast' is not a preset; allowed: release, debug, coverage\n");
    EXPECT_EQ(script("scripts/test --preset", packages()).status, 2);
    for (const char *name : {"setup", "test", "cosim"}) {
        const run::Result r = script(std::string("scripts/") + name + " --help", packages());
        EXPECT_EQ(r.status, 0);
        EXPECT_TRUE(has(r.out, std::string("Usage: scripts/") + name));
    }
}

// ---- test ---------------------------------------------------------------------------------------------------

class TestScript : public Scripts
{
  protected:
    // ctest writes this summary to its log and leaves with this status.
    void ctest(const std::string &summary, int status)
    {
        stand_in("cmake", "echo cmake \"$@\" >>$CALLS");
        stand_in("ctest", "echo ctest \"$@\" >>$CALLS; while [ $1 != --output-log ]; do shift; done; echo '" +
                              summary + "' >$2; exit " + std::to_string(status));
    }
};

TEST_F(TestScript, closes_with_the_numbers)
{
    ctest("100% tests passed, 0 tests failed out of 40", 0);
    const run::Result r = script("scripts/test", packages());
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out, "== setup\n== configure (release)\n== build\n== test\n40 passed, 0 failed\n");
    EXPECT_TRUE(has(
        calls(), "cmake --preset release\ncmake --build --preset release -- --quiet\nctest --preset release"))
        << calls();
    EXPECT_TRUE(has(calls(), "--no-tests=error")) << calls();
    EXPECT_TRUE(has(calls(), "-LE ^long$")) << calls();
}

TEST_F(TestScript, fails_where_a_test_failed)
{
    ctest("95% tests passed, 2 tests failed out of 40", 8);
    const run::Result r = script("scripts/test", packages());
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(has(r.out, "\n38 passed, 2 failed\n")) << r.out;
}

TEST_F(TestScript, fails_where_there_was_no_test)
{
    ctest("No tests were found!!!", 8);
    const run::Result r = script("scripts/test", packages());
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(has(r.out, "\n0 passed, 0 failed\n")) << r.out;
}

TEST_F(TestScript, fails_where_ctest_fails_with_good_numbers)
{
    ctest("100% tests passed, 0 tests failed out of 40", 1);
    EXPECT_EQ(script("scripts/test", packages()).status, 1);
}

TEST_F(TestScript, long_runs_all)
{
    ctest("100% tests passed, 0 tests failed out of 40", 0);
    EXPECT_EQ(script("scripts/test --long", packages()).status, 0);
    EXPECT_FALSE(has(calls(), "-LE")) << calls();
}

TEST_F(TestScript, takes_a_preset_and_options_of_ctest)
{
    ctest("100% tests passed, 0 tests failed out of 1", 0);
    EXPECT_EQ(script("scripts/test --preset debug -- -R config/", packages()).status, 0);
    EXPECT_TRUE(has(calls(), "cmake --preset debug\n")) << calls();
    EXPECT_TRUE(has(calls(), " -R config/\n")) << calls();
}

TEST_F(TestScript, exits_2_where_it_does_not_build)
{
    ctest("100% tests passed, 0 tests failed out of 1", 0);
    stand_in("cmake", "echo \"$1 says no\"; [ $1 = --build ] || exit 0; exit 3");
    EXPECT_EQ(script("scripts/test", packages()).status, 2);
    stand_in("cmake", "echo \"$1 says no\"; exit 3");
    const run::Result r = script("scripts/test", packages());
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "--preset says no\n");
}

TEST_F(TestScript, is_what_ci_runs)
{
    ctest("100% tests passed, 0 tests failed out of 7", 0);
    const run::Result r = script(".ci/run", packages());
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_TRUE(has(r.out, "\n7 passed, 0 failed\n")) << r.out;
}

// ---- cosim --------------------------------------------------------------------------------------------------

class CosimScript : public Scripts
{
  protected:
    void SetUp() override
    {
        Scripts::SetUp();
        // "Building" makes a program that tells its arguments.
        stand_in("cmake", "echo cmake \"$@\" >>$CALLS; [ \"$1\" = --build ] || exit 0; mkdir -p \"$2\"; "
                          "printf '#!/bin/sh\\necho \"$PWD: $*\"; exit 1\\n' >\"$2/lockwalk\"; chmod +x "
                          "\"$2/lockwalk\"");
        run::shell("mkdir " + root() + "/tree/traces && touch " + root() + "/tree/traces/b.trc.zst " +
                   root() + "/tree/traces/a.trc.zst");
    }
};

TEST_F(CosimScript, runs_a_bundled_trace_and_hands_on_the_exit_status)
{
    const run::Result r = script("scripts/cosim --config tiny", packages());
    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(r.out, "building lockwalk (once)\n" + root() + "/tree: cosim --trace " + root() +
                         "/tree/traces/a.trc.zst --config tiny\n");
}

TEST_F(CosimScript, leaves_a_given_stimulus_alone)
{
    for (const char *given :
         {"--trace mine.trc", "--trace=mine.trc", "--random 1", "--random=1", "--replay ops"}) {
        const run::Result r = script("scripts/cosim " + std::string(given), packages());
        EXPECT_TRUE(has(r.out, root() + "/tree: cosim " + given + "\n")) << r.out;
    }
}

TEST_F(CosimScript, works_from_any_folder_and_stays_there)
{
    const run::Result r = script("-c 'cd ../bin && ../tree/scripts/cosim --random 1'", packages());
    EXPECT_TRUE(has(r.out, root() + "/bin: cosim --random 1\n")) << r.out << r.err;
}

TEST_F(CosimScript, tells_where_no_trace_is_bundled)
{
    run::shell("rm " + root() + "/tree/traces/*");
    const run::Result r = script("scripts/cosim", packages());
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "scripts/cosim: no bundled trace in traces/; give one with --trace FILE\n");
}

} // namespace
