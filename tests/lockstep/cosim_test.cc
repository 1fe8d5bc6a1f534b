// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk cosim` as a user runs it: RTL in a simulation, the cycle model beside it.
#include "support/run.h"

#include "compare/mmu_words.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <filesystem>
#include <memory>
#include <regex>
#include <vector>

namespace
{

// A few thousand accesses on a few dozen pages: code, a stack, a heap that grows.
std::string small_trace(unsigned accesses = 3000)
{
    std::ostringstream out;

    out << std::hex;
    for (unsigned n = 0; n < accesses; n++) {
        out << "I " << 0x400000 + (n % 700) * 52 << ",4\n";
        if (n % 3 == 0)
            out << "S " << UINT64_C(0x3fff000000) - (n % 97) * 40 << ",8\n";
        if (n % 4 == 1)
            out << "L " << 0x10000000 + n * 24 << ",4\n";
        if (n % 50 == 7)
            out << "S " << 0x60000000 + (n * 7919) % 90000 * 64 << ",8\n";
    }
    return out.str();
}

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

Json parse(const std::string &text)
{
    return {json_loads(text.c_str(), 0, nullptr), json_decref};
}

std::string text_of(const Json &json, const char *key)
{
    const char *text = json_string_value(json_object_get(json.get(), key));
    return text == nullptr ? "" : text;
}

class Cosim : public ::testing::Test
{
  protected:
    run::Folder folder;
    std::string trace = folder.file("small.trc", small_trace());

    run::Result cosim(const std::string &arguments)
    {
        return run::lockwalk("cosim --trace " + trace + " " + arguments);
    }
};

std::string last_line(const std::string &text, const std::string &start)
{
    const size_t at = text.rfind("\n" + start);
    return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

} // namespace

TEST_F(Cosim, tiny_agrees_in_every_clock_and_row)
{
    const run::Result r =
        cosim("--config tiny --huge-pages mixed +whitebox --json " + folder.path() + "/r.json");

    ASSERT_EQ(r.status, 0) << r.out << r.err;
    const std::string verdict = last_line(r.out, "PASS: ");
    EXPECT_TRUE(std::regex_match(
        verdict,
        std::regex("PASS: RTL and cycle model agreed on all 33 output fields in every one of [0-9,]+ clocks "
                   "\\([0-9,]+ comparisons\\), and on the contents of their arrays \\([0-9,]+ rows and write "
                   "ports compared, among them all 18 rows at the end\\)")))
        << r.out;
    EXPECT_NE(r.out.find("L1 hit rate"), std::string::npos);
    EXPECT_NE(r.out.find("walk-cache hits"), std::string::npos);
    const Json json = parse(run::read_file(folder.path() + "/r.json"));
    EXPECT_EQ(text_of(json, "verdict"), "pass");
    EXPECT_GT(json_integer_value(json_object_get(json.get(), "clocks")), 3000);
    EXPECT_EQ(json_integer_value(json_object_get(json.get(), "comparisons")),
              MMU_FIELDS * json_integer_value(json_object_get(json.get(), "clocks")));
}

TEST_F(Cosim, default_agrees_in_every_clock_and_row)
{
    const run::Result r = cosim("--whitebox");

    ASSERT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_NE(last_line(r.out, "PASS: "), "") << r.out;
}

// Two-state simulation: registers that nobody resets begin with 0, 1 or anything.
TEST_F(Cosim, agrees_whatever_the_registers_begin_with)
{
    for (const char *kind : {"0", "1", "2", "2 +verilator+seed+77"}) {
        const run::Result r =
            cosim(std::string("--config tiny --cycles 3000 +whitebox +verilator+rand+reset+") + kind);
        EXPECT_EQ(r.status, 0) << kind << r.out << r.err;
    }
}

TEST_F(Cosim, random_stimulus_agrees_too)
{
    const run::Result r = run::lockwalk("cosim --config tiny --random 5 --cycles 20000 +whitebox");

    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_NE(r.out.find("seed 5"), std::string::npos);
}

TEST_F(Cosim, the_command_to_repeat_it_repeats_it)
{
    const run::Result first = cosim("--config tiny --mem-latency 1..9 --seed 3 --cycles 2000");
    ASSERT_EQ(first.status, 0) << first.err;
    const size_t at = first.out.find("repeat it with:\n    lockwalk ");
    ASSERT_NE(at, std::string::npos);
    std::string command = first.out.substr(at + strlen("repeat it with:\n    lockwalk "));
    command = command.substr(0, command.find('\n'));
    EXPECT_EQ(run::lockwalk(command).out, first.out);
}

// ---- what must fail -------------------------------------------------------------------------------------------

// Every bit of every output, changed between RTL and comparison, is noticed in its clock under its name: so nothing
// goes uncompared, and SystemVerilog and C mean the same by each bit.
TEST_F(Cosim, each_output_bit_is_noticed_under_its_name)
{
    // From the most significant bit of outputs_t (tb/lockstep/mmu_dpi_pkg.sv); records as in rtl/mmu_pkg.sv.
    std::vector<std::pair<std::string, int>> fields = {{"req_ready[1]", 1}, {"req_ready[0]", 1}};
    for (const char *port : {"rsp[1]", "rsp[0]"})
        for (const auto &field : std::vector<std::pair<std::string, int>>{{".valid", 1},
                                                                          {".id", 4},
                                                                          {".pa", 56},
                                                                          {".lg", 6},
                                                                          {".mt", 2},
                                                                          {".fault", 1},
                                                                          {".cause", 6},
                                                                          {".tval", 64},
                                                                          {".gpa", 64},
                                                                          {".imp", 2}})
            fields.emplace_back(port + field.first, field.second);
    for (const auto &field : std::vector<std::pair<std::string, int>>{{"fence_ready", 1},
                                                                      {"fence_done", 1},
                                                                      {"mreq.valid", 1},
                                                                      {"mreq.id", 3},
                                                                      {"mreq.op", 1},
                                                                      {"mreq.wide", 1},
                                                                      {"mreq.addr", 56},
                                                                      {"mreq.old_word", 64},
                                                                      {"mreq.new_word", 64},
                                                                      {"idle", 1},
                                                                      {"events", 37}})
        fields.push_back(field);
    int bit = 0;
    for (const auto &field : fields)
        bit += field.second;
    ASSERT_EQ(bit, 644);

    const run::Result built = cosim("--config tiny --build-only");
    ASSERT_EQ(built.status, 0) << built.err;
    const std::string program = built.out.substr(0, built.out.find('\n'));
    for (const auto &field : fields)
        for (int b = field.second - 1; b >= 0; b--) {
            bit--;
            const run::Result r =
                run::shell(program + " --trace " + trace + " --cycles 200 --json - +lockwalk_flip_bit=" +
                           std::to_string(bit) + " +lockwalk_flip_clock=123");
            ASSERT_EQ(r.status, 1) << field.first << " bit " << b << r.err;
            const Json json = parse(r.out);
            json_t *failure = json_object_get(json.get(), "failure");
            ASSERT_STREQ(json_string_value(json_object_get(failure, "signal")), field.first.c_str())
                << "bit " << b;
            ASSERT_EQ(json_integer_value(json_object_get(failure, "clock")), 123);
            json_t *first = json_array_get(json_object_get(failure, "fields"), 0);
            json_t *bits = json_object_get(first, "bits");
            ASSERT_EQ(json_array_size(bits), 1u);
            ASSERT_EQ(json_integer_value(json_array_get(bits, 0)), b) << field.first;
            ASSERT_EQ(json_array_size(json_object_get(failure, "history")), 32u);
        }
}

TEST_F(Cosim, a_mismatch_ends_with_one_and_says_where)
{
    const run::Result r = cosim("--config tiny +lockwalk_flip_bit=0 +lockwalk_flip_clock=40");

    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(r.out.find("MISMATCH: in clock 40 RTL and cycle model differ in events, the events: "), 0u)
        << r.out;
    EXPECT_NE(r.out.find("41 clocks, 1,353 comparisons of output fields, 0 of array rows, 1 mismatch"),
              std::string::npos)
        << r.out;
    EXPECT_NE(r.out.find("lockwalk cosim --trace"), std::string::npos);
}

TEST_F(Cosim, an_empty_trace_proves_nothing)
{
    const std::string empty = folder.file("empty.trc", "");
    const run::Result r = run::lockwalk("cosim --config tiny --trace " + empty);

    EXPECT_NE(r.status, 0) << r.out;
    EXPECT_EQ(r.out.find("PASS"), std::string::npos) << r.out;
}

TEST_F(Cosim, rtl_of_another_shape_is_refused)
{
    const run::Result built = cosim("--config tiny --build-only");
    ASSERT_EQ(built.status, 0) << built.err;
    const std::string program = built.out.substr(0, built.out.find('\n'));
    const std::string hex = run::lockwalk("config hex default").out; // 347'h...
    const size_t digits = hex.find('h') + 1;
    const run::Result r =
        run::shell(program + " --trace " + trace + " --cfg " + hex.substr(digits, hex.find('\n') - digits));
    EXPECT_EQ(r.status, 2) << r.out;
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(r.err.find("lockstep: refused to run: RTL and model are not of the same shape\n"), 0u) << r.err;
    EXPECT_NE(r.err.find("  asid_bits[0]: RTL has 4, the model was to have 16\n"), std::string::npos)
        << r.err;
}

TEST_F(Cosim, no_progress_is_a_failure_with_its_own_message)
{
    const run::Result r = cosim("--config tiny --mem-latency 500 --watchdog 300");

    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(std::regex_search(
        r.out,
        std::regex(
            "^FAIL: no progress for 300 clocks while work is outstanding: .*; up to there RTL and cycle "
            "model agree, so both hang")))
        << r.out;
    EXPECT_NE(r.out.find("Requests in flight\n"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("0 mismatches"), std::string::npos) << r.out;
}

// G of a held entry means nothing, since the row's mask says it: no output ever shows it, the white-box check does.
TEST_F(Cosim, whitebox_sees_what_no_output_shows)
{
    const std::string rtl = folder.path() + "/rtl";
    std::filesystem::copy(LOCKWALK_SOURCE_DIR "/rtl", rtl, std::filesystem::copy_options::recursive);
    std::string text = run::read_file(rtl + "/mmu_array.sv");
    const std::regex old_text(R"(<= fill_row_i\.data;)");
    ASSERT_EQ(std::distance(std::sregex_iterator(text.begin(), text.end(), old_text), std::sregex_iterator()),
              1);
    folder.file(
        "rtl/mmu_array.sv",
        std::regex_replace(text, old_text, "<= {fill_row_i.data[63:58], 1'b1, fill_row_i.data[56:0]};"));

    const std::string options = "--config tiny --rtl " + rtl + " --build-dir " + folder.path() + "/sim";
    const run::Result black = cosim(options);
    EXPECT_EQ(black.status, 0) << black.out << black.err;
    const run::Result white = cosim(options + " --whitebox");
    EXPECT_EQ(white.status, 1) << white.out << white.err;
    EXPECT_TRUE(std::regex_search(
        white.out,
        std::regex(
            "^MISMATCH: in clock [0-9]+ RTL and cycle model differ in a row of the walk cache of level "
            "[12], set 0, way [01]: RTL has key 0x[0-9a-f]{16}, mask 0x[0-9a-f]{16}, data 0x02")))
        << white.out;
    EXPECT_TRUE(std::regex_search(
        white.out, std::regex("    way  [01] RTL        key .*\n    way  [01] model      key")))
        << white.out;
}

// ---- bad use and bad input ------------------------------------------------------------------------------------

TEST_F(Cosim, rtl_that_does_not_build_is_told_with_the_logs_end)
{
    const std::string rtl = folder.path() + "/rtl";
    std::filesystem::copy(LOCKWALK_SOURCE_DIR "/rtl", rtl, std::filesystem::copy_options::recursive);
    folder.file("rtl/mmu_fence.sv", "module mmu_fence (oops\n");
    const run::Result r = cosim("--config tiny --rtl " + rtl + " --build-dir " + folder.path() + "/sim");

    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find("mmu_fence.sv:"), std::string::npos) << r.err;
    EXPECT_NE(r.err.find("lockwalk cosim: the simulation of 'tiny' could not be built; the whole log is "),
              std::string::npos)
        << r.err;
    const size_t at = r.err.find("the whole log is ") + strlen("the whole log is ");
    EXPECT_TRUE(std::filesystem::exists(r.err.substr(at, r.err.find('\n', at) - at))) << r.err;
}

TEST_F(Cosim, bad_use_ends_with_two)
{
    EXPECT_EQ(run::lockwalk("cosim --config tinny").status, 2);
    EXPECT_NE(run::lockwalk("cosim --config tinny").err.find("tiny"), std::string::npos);
    EXPECT_EQ(run::lockwalk("cosim --no-such-option").status, 2);
    EXPECT_EQ(run::lockwalk("cosim --cycles many").status, 2);
    EXPECT_EQ(run::lockwalk("cosim stray").status, 2);
    EXPECT_EQ(run::lockwalk("cosim --rtl /no/such/folder").status, 2);
    EXPECT_EQ(run::lockwalk("cosim --config tiny --trace /no/such/trace").status, 2);
    EXPECT_EQ(run::shell("LOCKWALK_ROOT=/ '" LOCKWALK_BIN "' cosim --config tiny").status, 2);
}

TEST_F(Cosim, a_broken_trace_is_bad_input)
{
    const std::string broken = folder.file("broken.trc", "I 400000,4\nI 400004,4\nX 12,4\n");
    const run::Result r = run::lockwalk("cosim --config tiny --trace " + broken);

    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find("broken.trc:3"), std::string::npos) << r.err;
    EXPECT_EQ(r.out, "");
}

TEST_F(Cosim, a_trace_that_is_not_there_is_told_before_anything_is_built)
{
    const run::Result r =
        run::lockwalk("cosim --trace /nowhere/t --build-dir " + folder.path() + "/simulations");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk cosim: /nowhere/t: cannot be opened: No such file or directory\n");
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/simulations"));
}

TEST_F(Cosim, json_alone_is_all_of_standard_output)
{
    const run::Result r = cosim("--config tiny --cycles 500 --json -");

    EXPECT_EQ(r.status, 0);
    const Json json = parse(r.out);
    ASSERT_NE(json.get(), nullptr) << r.out;
    EXPECT_EQ(text_of(json, "verdict"), "pass");
    EXPECT_NE(r.err.find("PASS: "), std::string::npos);
}

TEST_F(Cosim, switched_off_lockstep_is_no_pass)
{
    const run::Result r = cosim("--config tiny --cycles 500 +nolockstep");

    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.out.find("PASS"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("NOT COMPARED: lockstep was switched off; "), std::string::npos) << r.out;
}

TEST_F(Cosim, help_has_examples)
{
    const run::Result r = run::lockwalk("cosim --help");

    EXPECT_EQ(r.status, 0);
    EXPECT_NE(r.out.find("Examples:\n  lockwalk cosim\n"), std::string::npos) << r.out;
    for (const char *option : {"--config", "--trace", "--random", "--cycles", "--whitebox", "--mem-latency",
                               "--huge-pages", "--svade", "--watchdog", "--json", "--rtl", "--build-only"})
        EXPECT_NE(r.out.find(option), std::string::npos) << option;
}
