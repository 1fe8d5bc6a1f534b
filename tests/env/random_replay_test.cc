// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A recorded run played again, and what is told about a bad file.
#include "random_bench.h"

#include <cstring>
#include <sstream>

namespace
{

mmu_env_options_t with(const char *profile, const std::string *record, const std::string *replay,
                       uint64_t cycles)
{
    mmu_env_options_t opt = {};
    opt.random.profile = profile;
    opt.random.record = record == nullptr ? nullptr : record->c_str();
    opt.random.replay = replay == nullptr ? nullptr : replay->c_str();
    opt.cycles = cycles;
    return opt;
}

class RandomReplay : public testing::TestWithParam<const char *>
{
};

TEST_P(RandomReplay, is_the_recorded_run)
{
    run::Folder folder;
    const std::string first = folder.path() + "/first", second = folder.path() + "/second";
    mmu_env_stats_t stats;
    mmu_judge_counts_t judged;
    {
        RandomBench b(21, {"mode.sv32=50", "slow.drain=20"}, "tiny",
                      with(GetParam(), &first, nullptr, 30000));
        b.play(30000);
        ASSERT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
        stats = b.stats();
        judged = *stats.judge;
    }
    {
        RandomBench b(0, {}, "tiny", with(nullptr, &second, &first, 0));
        ASSERT_NE(b.env, nullptr) << b.error;
        b.play(100000);
        EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
        EXPECT_TRUE(mmu_env_done(b.env));
        mmu_env_stats_t again = b.stats();
        EXPECT_EQ(std::memcmp(&judged, again.judge, sizeof judged), 0);
        stats.judge = again.judge = nullptr;
        EXPECT_EQ(std::memcmp(&stats, &again, sizeof stats), 0);
        EXPECT_EQ(json_integer_value(json_object_get(b.cover(), "late")), 0);
    }
    EXPECT_EQ(run::read_file(first), run::read_file(second));
}

INSTANTIATE_TEST_SUITE_P(Profiles, RandomReplay, testing::Values("default", "storm", "swaps", "hits"),
                         [](const auto &one) { return std::string(one.param); });

// Every answer of the walk port and every word of memory is the same, clock by clock.
TEST(RandomReplayMemory, is_the_recorded_one)
{
    run::Folder folder;
    const std::string file = folder.path() + "/run";
    auto play = [](RandomBench &b, uint64_t clocks) {
        std::ostringstream log;
        b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &) {
            if (in.mrsp.valid)
                log << b.clock << " " << unsigned(in.mrsp.id) << " " << in.mrsp.data << " " << in.mrsp.err
                    << "\n";
            if (out.mreq.valid)
                log << b.clock << " " << out.mreq.addr << " " << in.mreq_ready << "\n";
        };
        b.play(clocks);
        return log.str();
    };
    std::string recorded;
    {
        RandomBench b(4, {}, "default", with("storm", &file, nullptr, 20000));
        recorded = play(b, 20000);
    }
    RandomBench b(0, {}, "default", with(nullptr, nullptr, &file, 0));
    EXPECT_EQ(play(b, 30000), recorded);
    EXPECT_GT(recorded.size(), 10000u);
}

// Contexts of a port, fences of all kinds, posted ones, slow registers of both stages: all of it comes back.
TEST(RandomReplay, is_the_recorded_run_of_machines)
{
    run::Folder folder;
    const std::string first = folder.path() + "/first", second = folder.path() + "/second";
    mmu_env_stats_t stats;
    mmu_env_options_t opt = with("guests", &first, nullptr, 30000);
    opt.pmp_entries = 16;
    opt.random.hypervisor = true;
    {
        RandomBench b(21, {"slow.drain=20"}, "tiny", opt);
        b.play(30000);
        ASSERT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
        stats = b.stats();
    }
    mmu_env_options_t again = with(nullptr, &second, &first, 0);
    again.pmp_entries = 16;
    again.random.hypervisor = true;
    {
        RandomBench b(0, {}, "tiny", again);
        ASSERT_NE(b.env, nullptr) << b.error;
        b.play(100000);
        EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
        EXPECT_EQ(std::memcmp(stats.events, b.stats().events, sizeof stats.events), 0);
        EXPECT_EQ(std::memcmp(stats.faults, b.stats().faults, sizeof stats.faults), 0);
        EXPECT_EQ(json_integer_value(json_object_get(b.cover(), "late")), 0);
    }
    const std::string text = run::read_file(first);
    EXPECT_EQ(text, run::read_file(second));
    for (const char *part : {" v=1 gmode=sv39x4 vmid=0x", " gmxr=1", " port=1 ", " kind=vv", " kind=g",
                             " by_vmid=1", " posted=1", " kind=w_inval", " kind=inval_ir", " acc=hlvx ",
                             " hadue=1", " hpbmte=1", " mml=1", " rlb=1"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
}

// Another MMU is not ready when the recorded one was: operations wait, in their order, and nothing breaks.
TEST(RandomReplay, goes_with_another_mmu)
{
    run::Folder folder;
    const std::string file = folder.path() + "/run";
    {
        RandomBench b(5, {"slow.drain=20"}, "tiny", with("hits", &file, nullptr, 20000));
        b.play(20000);
    }
    RandomBench b(0, {}, "default", with(nullptr, nullptr, &file, 0));
    b.play(200000);
    EXPECT_TRUE(mmu_env_done(b.env));
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_GT(json_integer_value(json_object_get(b.cover(), "late")), 0);
}

TEST(RandomReplay, plays_a_file_written_by_hand)
{
    run::Folder folder;
    // One 1 GiB page, everybody's: V R W X U A D.
    const std::string file =
        folder.file("hand", "# a page of 1 GiB\n"
                            "lockwalk-stimulus 1\n"
                            "0 word addr=0x80000000 word=0x200000df bytes=8\n"
                            "0 ctx mode=sv39 asid=0x3 root=0x80000 sum=0 mxr=0\n"
                            "\n"
                            "3 req port=1 id=9 acc=load size=3 prv=u va=0x1238\n"
                            "0x20 req port=0 id=2 acc=fetch size=2 prv=u va=0x3ffffffc\n");
    RandomBench b(0, {}, "tiny", with(nullptr, nullptr, &file, 0));
    ASSERT_NE(b.env, nullptr) << b.error;
    std::vector<mmu_rsp_t> answers;
    std::vector<uint64_t> offered;
    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &) {
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            if (in.req[p].valid)
                offered.push_back(b.clock);
            if (out.rsp[p].valid)
                answers.push_back(out.rsp[p]);
        }
    };
    b.play(1000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(offered, (std::vector<uint64_t>{3, 32}));
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].id, 9);
    EXPECT_EQ(answers[0].pa, 0x80001238u);
    EXPECT_EQ(answers[0].lg, 30);
    EXPECT_EQ(answers[1].pa, 0xbffffffcu);
    EXPECT_LT(b.clock, 100u); // it ends when all is answered
}

// ---- diagnostics --------------------------------------------------------------------------------

struct Bad {
    const char *name, *text, *error;
};

void PrintTo(const Bad &bad, std::ostream *to)
{
    *to << bad.text;
}

class RandomReplayErrors : public testing::TestWithParam<Bad>
{
};

TEST_P(RandomReplayErrors, are_told)
{
    run::Folder folder;
    const std::string file = folder.file("f", GetParam().text);
    RandomBench b(0, {}, "tiny", with(nullptr, nullptr, &file, 0));
    EXPECT_EQ(b.env, nullptr);
    std::string error = b.error;
    const size_t at = error.find(file);
    if (at != std::string::npos)
        error.replace(at, file.size(), "f");
    EXPECT_EQ(error, GetParam().error);
}

#define H "lockwalk-stimulus 1\n"
INSTANTIATE_TEST_SUITE_P(
    Golden, RandomReplayErrors,
    testing::Values(
        Bad{"empty", "",
            "f:0: error: the file has no operation; expected 'lockwalk-stimulus 1' and operations"},
        Bad{"no_header", "# x\n1 kill port=0\n",
            "f:2: error: '1 kill port=0' is not the first line of a stimulus; expected 'lockwalk-stimulus "
            "1'"},
        Bad{"newer_header", "lockwalk-stimulus 2\n",
            "f:1: error: 'lockwalk-stimulus 2' is not the first line of a stimulus; expected "
            "'lockwalk-stimulus 1'"},
        Bad{"no_clock", H "kill port=0\n",
            "f:2: error: 'kill' is no clock; expected 'CLOCK OPERATION field=value ...'"},
        Bad{"no_operation", H "7\n",
            "f:2: error: the operation is missing; expected 'CLOCK OPERATION field=value ...'"},
        Bad{"unknown_operation", H "7 fense by=all\n",
            "f:2: error: 'fense' is not an operation; did you mean 'fence'?"},
        Bad{"unknown_field", H "7 req prot=1\n",
            "f:2: error: req: 'prot' is not a field of it; did you mean 'port'?"},
        Bad{"missing_field", H "7 req port=1 id=2 acc=load size=3 prv=u\n",
            "f:2: error: req: the field va is missing"},
        Bad{"twice", H "7 kill port=1 port=0\n", "f:2: error: kill: port is given twice"},
        Bad{"no_value", H "7 kill 1\n", "f:2: error: kill: '1' is no field=value"},
        Bad{"number_too_large", H "7 kill port=2\n", "f:2: error: kill: port is '2'; allowed: 0 to 1"},
        Bad{"no_number", H "7 stall clocks=many\n",
            "f:2: error: stall: clocks is 'many'; allowed: 1 to 1000000"},
        Bad{"hex_too_large", H "7 fence by=all va=0x0 asid=0x10000\n",
            "f:2: error: fence: asid is '0x10000'; allowed: 0x0 to 0xffff"},
        Bad{"more_than_64_bits", H "7 fence by=all va=0x10000000000000000 asid=0\n",
            "f:2: error: fence: va is '0x10000000000000000'; allowed: 0x0 to 0xffffffffffffffff"},
        Bad{"word_unknown", H "7 req port=1 id=2 acc=read size=3 prv=u va=0\n",
            "f:2: error: req: acc is 'read'; allowed: fetch, load, store, hlvx, append"},
        Bad{"unknown_mode_of_the_g_stage", H "0 ctx mode=sv39 asid=0 root=0 sum=0 mxr=0 v=1 gmode=sv39\n",
            "f:2: error: ctx: gmode is 'sv39'; allowed: bare, sv32x4, sv39x4, sv48x4, sv57x4"},
        Bad{"vmid_too_large", H "7 fence by=all va=0 asid=0 kind=vv vmid=0x4000\n",
            "f:2: error: fence: vmid is '0x4000'; allowed: 0x0 to 0x3fff"},
        Bad{"unknown_kind", H "7 fence by=all va=0 asid=0 kind=vma\n",
            "f:2: error: fence: kind is 'vma'; allowed: s, vv, g, w_inval, inval_ir, x"},
        Bad{"optional_twice", H "7 slow adue=0 pbmte=0 svnapot=0 rlb=0 rlb=1\n",
            "f:2: error: slow: rlb is given twice"},
        Bad{"page_crossed", H "7 req port=1 id=2 acc=load size=3 prv=u va=0x1ffc\n",
            "f:2: error: req: 8 bytes at 0x1ffc cross a page (REQ-7)"},
        Bad{"backwards", H "7 kill port=1\n6 kill port=0\n",
            "f:3: error: clock 6 after clock 7; clocks must not go back"},
        Bad{"clock_0", H "0 kill port=1\n", "f:2: error: clock 0 allows word, ctx, slow and answer only"},
        Bad{"after_end", H "7 end\n8 kill port=0\n", "f:3: error: an operation after 'end'"},
        Bad{"not_aligned", H "0 word addr=0x80000004 word=0 bytes=8\n",
            "f:2: error: word: addr is 0x80000004; allowed: multiples of its 8 bytes"},
        Bad{"out_of_ram", H "0 word addr=0x8 word=0 bytes=8\n",
            "f:2: error: word: addr is 0x8; allowed: RAM, 0x80000000 to 0x1007fffffff (--ram)"}),
    [](const auto &one) { return std::string(one.param.name); });
#undef H

TEST(RandomReplayErrors, tell_a_file_that_is_not_there)
{
    const std::string file = "/nowhere/f";
    RandomBench b(0, {}, "tiny", with(nullptr, nullptr, &file, 0));
    EXPECT_EQ(b.error, "cannot open '/nowhere/f': No such file or directory");
    RandomBench r(0, {}, "tiny", with(nullptr, &file, nullptr, 0));
    EXPECT_EQ(r.error, "cannot write '/nowhere/f': No such file or directory");
}

} // namespace
