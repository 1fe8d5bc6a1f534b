// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Waves of failures: a second simulation is built for them, which takes a while the first time.
#include "fst.hh"
#include "support/run.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace
{

const char *const kScope = "TOP.mmu_tb.u_mmu.u_wave.";

uint64_t number(const std::string &digits)
{
    return std::stoull(digits, nullptr, 2);
}

run::Result cosim_in(const run::Folder &folder, const std::string &arguments)
{
    return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' cosim --config tiny " + arguments);
}

// Outputs that differ between RTL and model, by name.
std::vector<std::string> different(const Fst::Sample &sample)
{
    std::vector<std::string> names;

    for (const auto &signal : sample.value)
        if (signal.first.compare(0, 4, "rtl.") == 0 &&
            signal.second != sample.value.at("model." + signal.first.substr(4)))
            names.push_back(signal.first.substr(4));
    return names;
}

} // namespace

TEST(WavesLong, show_both_sides_up_to_the_failure)
{
    const run::Folder folder;
    // The highest bit of the page size in the instruction port's answer.
    const run::Result r = cosim_in(folder, "--random 7 --cycles 2000 --waves on --wave-clocks 150 --whitebox "
                                           "+lockwalk_flip_bit=300 +lockwalk_flip_clock=900");

    ASSERT_EQ(r.status, 1) << r.out << r.err;
    ASSERT_NE(r.out.find("in clock 900 RTL and cycle model differ in rsp[0].lg"), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find("--waves on\n    "), std::string::npos);
    EXPECT_NE(r.err.find("open it with: gtkwave lockwalk-tiny-7.fst\n"), std::string::npos) << r.err;

    const Fst fst(folder.path() + "/lockwalk-tiny-7.fst", kScope);
    bool before = false, failed = false;
    unsigned answers = 0, walks = 0;
    ASSERT_FALSE(fst.samples().empty());
    EXPECT_EQ(number(fst.samples().front().value.at("clock")), 751u);
    EXPECT_EQ(number(fst.samples().back().value.at("clock")), 901u);
    for (const Fst::Sample &sample : fst.samples()) {
        const uint64_t clock = number(sample.value.at("clock"));
        const std::vector<std::string> names = different(sample);

        EXPECT_EQ(sample.value.at("failure"), clock == 900 ? "1" : "0");
        EXPECT_EQ(sample.value.at("mismatch"), clock == 900 ? "1" : "0");
        if (clock == 900) {
            failed = true;
            EXPECT_EQ(names, std::vector<std::string>{"rsp[0].lg"});
        } else {
            before = before || clock < 900;
            EXPECT_TRUE(names.empty()) << clock << " " << names[0];
        }
        answers += sample.value.at("model.rsp[1].valid") == "1";
        walks += sample.value.at("walk[0].state") != "0";
    }
    EXPECT_TRUE(before && failed);
    EXPECT_GT(answers, 0u);
    EXPECT_GT(walks, 0u);
}

// A failure of the environment, in a hanging MMU, with the file's name given; the model agrees up to there.
TEST(WavesLong, show_what_led_to_no_progress)
{
    const run::Folder folder;
    folder.file("t.trc", "I 400000,4\nI 400004,4\nL 500000,8\nI 400008,4\n");
    const run::Result r =
        cosim_in(folder, "--trace t.trc --mem-latency 300 --watchdog 100 --whitebox --wave w.fst");

    ASSERT_EQ(r.status, 1) << r.out << r.err;
    ASSERT_NE(r.out.find("FAIL: "), std::string::npos) << r.out;
    const Fst fst(folder.path() + "/w.fst", kScope);
    bool failed = false;
    for (const Fst::Sample &sample : fst.samples()) {
        EXPECT_EQ(sample.value.at("mismatch"), "0");
        failed = failed || sample.value.at("failure") == "1";
    }
    EXPECT_TRUE(failed);
}

// A row of an array, that no output tells of in its clock.
TEST(WavesLong, end_with_a_wrong_row)
{
    const run::Folder folder;
    const std::string rtl = folder.path() + "/rtl";
    std::filesystem::copy(LOCKWALK_SOURCE_DIR "/rtl", rtl, std::filesystem::copy_options::recursive);
    std::string text = run::read_file(rtl + "/mmu_array.sv");
    const std::string right = "<= fill_row_i.data;";
    const size_t at = text.find(right);
    ASSERT_NE(at, std::string::npos);
    folder.file("rtl/mmu_array.sv", text.replace(at, right.size(), "<= {1'b1, fill_row_i.data[62:0]};"));
    const run::Result r =
        cosim_in(folder, "--random 3 --cycles 3000 --whitebox --wave w.fst --rtl rtl --build-dir sim");

    ASSERT_EQ(r.status, 1) << r.out << r.err;
    const std::string told = "MISMATCH: in clock ";
    ASSERT_EQ(r.out.find(told), 0u) << r.out;
    const uint64_t clock = std::stoull(r.out.substr(told.size()));
    const Fst fst(folder.path() + "/w.fst", kScope);
    bool failed = false;
    for (const Fst::Sample &sample : fst.samples()) {
        EXPECT_EQ(sample.value.at("mismatch"), "0");
        EXPECT_EQ(sample.value.at("failure") == "1", number(sample.value.at("clock")) == clock);
        failed = failed || sample.value.at("failure") == "1";
    }
    EXPECT_TRUE(failed);
    EXPECT_LE(number(fst.samples().back().value.at("clock")), clock + 1);
}

TEST(WavesLong, a_file_that_cannot_be_written_is_told)
{
    const run::Folder folder;
    const run::Result r =
        cosim_in(folder, "--random 7 --cycles 200 --wave no/such/folder/w.fst +lockwalk_flip_bit=0 "
                         "+lockwalk_flip_clock=90");

    EXPECT_EQ(r.status, 1) << r.out;
    EXPECT_NE(r.err.find("cannot write no/such/folder/w.fst"), std::string::npos) << r.err;
    EXPECT_EQ(r.err.find("open it with"), std::string::npos) << r.err;
    EXPECT_EQ(r.err.find("did not fail"), std::string::npos) << r.err;
}
