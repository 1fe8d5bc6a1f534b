// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// lockwalk run as a user calls it: warm-up, comparison of configurations, correlation with the RTL.
#include "../support/run.h"
#include "lockwalk/mmu_run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace
{

struct Free {
    void operator()(json_t *j) const
    {
        json_decref(j);
    }
};
using Json = std::unique_ptr<json_t, Free>;

const std::string TREE = std::string("'") + LOCKWALK_SOURCE_DIR + "/traces/tree.trc.zst' ";

Json parse(const std::string &text)
{
    return Json(json_loads(text.c_str(), 0, nullptr));
}

const json_t *at(const json_t *j, std::string path)
{
    for (size_t dot; !path.empty(); path.erase(0, dot == std::string::npos ? path.size() : dot + 1)) {
        dot = path.find('.');
        j = json_object_get(j, path.substr(0, dot).c_str());
    }
    return j;
}

long long number(const Json &j, const std::string &path)
{
    EXPECT_TRUE(json_is_integer(at(j.get(), path))) << path;
    return json_integer_value(at(j.get(), path));
}

Json run_json(const std::string &arguments)
{
    const run::Result r = run::lockwalk("run --json " + arguments);
    EXPECT_EQ(r.status, 0) << r.err;
    return parse(r.out);
}

// ---- the two ways ----

TEST(RunCommand, prints_the_same_figures_with_and_without_step)
{
    const std::string how =
        TREE + "--config tiny --mem-latency 3..9 --cycles 60000 --warmup 10000 --windows 5000 ";
    const Json fast = run_json(how), stepped = run_json(how + "--step");
    EXPECT_TRUE(json_equal(at(fast.get(), "figures"), at(stepped.get(), "figures")));
    EXPECT_TRUE(json_equal(at(fast.get(), "warmup.events"), at(stepped.get(), "warmup.events")));
    json_object_del(const_cast<json_t *>(at(stepped.get(), "counts")), "judge");
    EXPECT_TRUE(json_equal(at(fast.get(), "counts"), at(stepped.get(), "counts")));
    EXPECT_EQ(number(stepped, "stepped_clocks"), 60000);
    EXPECT_LT(number(fast, "stepped_clocks"), 50000);
    EXPECT_GT(json_array_size(at(fast.get(), "figures.windows")), 5u);
}

TEST(RunCommand, says_what_was_judged)
{
    EXPECT_NE(run::lockwalk("run --cycles 5000 " + TREE).out.find("compared with the pager's list of pages"),
              std::string::npos);
    const run::Result stepped = run::lockwalk("run --step --cycles 5000 " + TREE);
    EXPECT_NE(stepped.out.find("answers judged"), std::string::npos) << stepped.out;
    EXPECT_EQ(stepped.out.find("pager's list"), std::string::npos) << stepped.out;
}

TEST(RunCommand, a_warm_up_is_told_and_one_that_the_trace_does_not_reach_is_exit_status_2)
{
    const run::Result good = run::lockwalk("run --warmup 1000 --cycles 5000 " + TREE);
    EXPECT_EQ(good.status, 0) << good.err;
    EXPECT_NE(good.out.find("\nafter a warm-up of 1001 accesses in "), std::string::npos) << good.out;
    const run::Result bad = run::lockwalk("run --warmup 300001 " + TREE);
    EXPECT_EQ(bad.status, 2);
    EXPECT_EQ(
        bad.err,
        "lockwalk run: --warmup: the run had 300000 accesses and did not get to the end of its warm-up; "
        "nothing was taken off\n");
}

TEST(RunCommand, help_shows_how_configurations_are_compared)
{
    const run::Result r = run::lockwalk("run --help");
    EXPECT_EQ(r.status, 0);
    for (const char *word :
         {"--compare", "--correlate", "--warmup", "--step", "lockwalk run --compare default,skylake,cva6"})
        EXPECT_NE(r.out.find(word), std::string::npos) << word;
}

// ---- comparison ----

TEST(RunCompare, has_a_column_for_each_and_the_numbers_of_single_runs)
{
    const Json all = run_json("--compare default,tiny " + TREE + "--mem-latency 20");
    const json_t *configs = at(all.get(), "configurations");
    ASSERT_EQ(json_array_size(configs), 2u);
    for (const char *name : {"default", "tiny"}) {
        const json_t *c = json_array_get(configs, name == std::string("tiny"));
        const Json one = run_json(std::string("--config ") + name + " " + TREE + "--mem-latency 20");
        EXPECT_EQ(json_string_value(at(c, "config")), std::string(name));
        EXPECT_TRUE(json_equal(at(c, "counts"), at(one.get(), "counts"))) << name;
        EXPECT_EQ(json_integer_value(at(c, "clocks")), number(one, "counts.clocks"));
        EXPECT_GT(json_integer_value(at(c, "storage_bits")), 1000);
    }
    const double first = json_real_value(at(json_array_get(configs, 0), "clocks_per_access")),
                 second = json_real_value(at(json_array_get(configs, 1), "clocks_per_access"));
    EXPECT_EQ(json_real_value(at(json_array_get(configs, 0), "speed_up")), 1.0);
    EXPECT_DOUBLE_EQ(json_real_value(at(json_array_get(configs, 1), "speed_up")), first / second);
    EXPECT_LT(first, second);
}

// However they are named, the order is that of the command line.
TEST(RunCompare, takes_lists_repeated_options_arguments_and_files)
{
    run::Folder folder;
    const run::Result yaml = run::lockwalk("config show tiny");
    const std::string mine = folder.file("mine.yaml", yaml.out);
    const std::string end = " --cycles 2000 --csv -";
    const std::vector<std::string> ways = {
        "--compare tiny,default,pml4 " + TREE, "--compare tiny --compare default,pml4 " + TREE,
        "--compare tiny default pml4 " + TREE, TREE + "--compare tiny default pml4"};
    const std::string want = run::lockwalk("run " + ways[0] + end).out;
    EXPECT_EQ(want.substr(0, 40), "config,accesses,clocks,clocks_per_access");
    EXPECT_NE(want.find("\npml4,"), std::string::npos) << want;
    for (const std::string &way : ways)
        EXPECT_EQ(run::lockwalk("run " + way + end).out, want) << way;
    const run::Result file = run::lockwalk("run --compare tiny " + mine + " " + TREE + end);
    ASSERT_EQ(file.status, 0) << file.err;
    const size_t tiny = file.out.find("\ntiny,"), other = file.out.find("\nmine,");
    EXPECT_EQ(file.out.substr(tiny + 5, other - tiny - 5), file.out.substr(other + 5, other - tiny - 5));
}

TEST(RunCompare, csv_and_table_tell_the_same)
{
    run::Folder folder;
    const std::string csv = folder.path() + "/c.csv";
    const run::Result r =
        run::lockwalk("run --compare default,tiny --csv " + csv + " --cycles 30000 " + TREE);
    ASSERT_EQ(r.status, 0) << r.err;
    const std::string text = run::read_file(csv);
    std::vector<std::string> cells;
    std::string line = text.substr(text.find("\ntiny,") + 1);
    for (size_t comma; (comma = line.find_first_of(",\n")) != std::string::npos; line.erase(0, comma + 1))
        cells.push_back(line.substr(0, comma));
    ASSERT_EQ(cells.size(), 18u);
    for (size_t n = 1; n < cells.size(); n++)
        EXPECT_NE(r.out.find(" " + cells[n] + "\n"), std::string::npos) << cells[n] << "\n" << r.out;
    EXPECT_FALSE(std::filesystem::exists(csv + ".part"));
}

TEST(RunCompare, a_run_that_fails_has_exit_status_1_and_a_bad_file_2)
{
    run::Folder folder;
    const run::Result slow =
        run::lockwalk("run --compare default,tiny --watchdog 30 --mem-latency 100 " + TREE);
    EXPECT_EQ(slow.status, 1);
    EXPECT_NE(slow.err.find("configuration default:"), std::string::npos) << slow.err;
    const run::Result csv = run::lockwalk("run --compare tiny --cycles 100 --csv /no/such/c.csv " + TREE);
    EXPECT_EQ(csv.status, 2);
    EXPECT_NE(csv.err.find("--csv: /no/such/c.csv: No such file"), std::string::npos) << csv.err;
    EXPECT_EQ(run::lockwalk("run --compare default,tyni " + TREE).status, 2);
    const run::Result cold = run::lockwalk("run --compare default,tiny --warmup 300001 " + TREE);
    EXPECT_EQ(cold.status, 2);
    EXPECT_NE(cold.err.find("configuration default:\nlockwalk run: --warmup: "), std::string::npos)
        << cold.err;
}

struct BadUse {
    const char *name, *arguments, *error;
};

class RunModes : public testing::TestWithParam<BadUse>
{
};

TEST_P(RunModes, are_refused_with_a_sentence)
{
    const run::Result r = run::lockwalk(std::string("run ") + GetParam().arguments);
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err.substr(0, r.err.find('\n')), std::string("lockwalk run: ") + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    , RunModes,
    testing::Values(BadUse{"empty", "--compare default,,tiny t", "--compare: an empty name in the list"},
                    BadUse{"both", "--compare default --config tiny t",
                           "--config and --compare: name all configurations in --compare"},
                    BadUse{"two_traces", "--compare default t u", "more than one trace: 't' and 'u'"},
                    BadUse{
                        "random", "--compare default --random 1",
                        "--compare: expected a trace, not a random stimulus, which differs by configuration"},
                    BadUse{"stdin", "--compare default,tiny -",
                           "--compare: standard input can be read once only; expected a file"},
                    BadUse{"csv", "--csv c.csv t", "--csv: expected --compare"},
                    BadUse{"rtl", "--rtl d t", "--rtl: expected --correlate"},
                    BadUse{"correlate_random", "--correlate --random 1",
                           "--correlate: expected one configuration and a trace in a file"},
                    BadUse{"correlate_compare", "--correlate --compare tiny t",
                           "--correlate: expected one configuration and a trace in a file"},
                    BadUse{"correlate_none", "--correlate=0 t",
                           "--correlate: '0', expected a whole number from 1 to 18446744073709551615"},
                    BadUse{"warmup", "--warmup x t",
                           "--warmup: 'x', expected a whole number from 1 to 18446744073709551615"}),
    [](const auto &p) { return std::string(p.param.name); });

// ---- correlation ----

TEST(Correlate, compares_each_number_and_not_the_judge)
{
    const Json a = parse(R"({"clocks": 9, "accesses": {"data": 3}, "sum": "0x1", "judge": {"legal": 3}})"),
               b = parse(R"({"clocks": 9, "accesses": {"data": 3}, "sum": "0x1"})"), none(json_array());
    EXPECT_EQ(mmu_run_correlate(a.get(), b.get(), none.get()), 3u);
    EXPECT_EQ(json_array_size(none.get()), 0u);
}

TEST(Correlate, tells_what_differs_and_what_one_has_not)
{
    const Json a = parse(R"({"clocks": 9, "accesses": {"data": 3, "more": 1}, "sum": "0x1"})"),
               b = parse(R"({"clocks": 8, "accesses": {"data": 4}, "sum": "0x2", "other": 1})"),
               all(json_array());
    EXPECT_EQ(mmu_run_correlate(a.get(), b.get(), all.get()), 3u);
    std::string names;
    size_t n;
    json_t *one;
    json_array_foreach(all.get(), n, one) names +=
        std::string(json_string_value(json_object_get(one, "name"))) + " ";
    EXPECT_EQ(names, "clocks accesses.data accesses.more sum other ");
}

TEST(Correlate, nothing_to_compare_is_nothing_compared)
{
    const Json a = parse("{}"), b = parse("{}"), all(json_array());
    EXPECT_EQ(mmu_run_correlate(a.get(), b.get(), all.get()), 0u);
    EXPECT_EQ(mmu_run_correlate(nullptr, b.get(), all.get()), 0u);
}

// The simulation is built when it is first asked for: a minute.
TEST(RunCorrelate, counts_of_run_and_rtl_are_equal)
{
    const std::string how =
        TREE + "--config tiny --mem-latency 2..7 --mem-stall 10 --huge-pages mixed --svade --seed 5 "
               "--ram 64K:1G --asid 3 --watchdog 5000 ";
    const run::Result r = run::lockwalk("run --correlate=40000 " + how);
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_NE(r.out.find("PASS: the first 40000 clocks with the RTL, "), std::string::npos) << r.out;
    const Json j = run_json("--correlate=40000 " + how);
    EXPECT_EQ(json_string_value(at(j.get(), "correlation.verdict")), std::string("PASS"));
    EXPECT_EQ(number(j, "correlation.clocks"), 40000);
    EXPECT_GT(number(j, "correlation.answers"), 10000);
    EXPECT_GT(number(j, "correlation.compared"), 60);
    EXPECT_LT(number(j, "correlation.stepped"), 40000);
}

TEST(RunCorrelate, fails_where_the_rtl_is_another)
{
    run::Folder folder;
    const std::string rtl = folder.path() + "/rtl",
                      wrong = "victim_tree = ~tree_q[victim_set_i*Nodes +: Nodes];";
    std::filesystem::copy(LOCKWALK_SOURCE_DIR "/rtl", rtl, std::filesystem::copy_options::recursive);
    std::string text = run::read_file(rtl + "/mmu_plru.sv");
    const std::string right = "victim_tree = tree_q[victim_set_i*Nodes +: Nodes];";
    ASSERT_NE(text.find(right), std::string::npos);
    folder.file("rtl/mmu_plru.sv", text.replace(text.find(right), right.size(), wrong));
    const run::Result r = run::lockwalk("run --config tiny --correlate=40000 --rtl " + rtl + " --build-dir " +
                                        folder.path() + "/sim " + TREE);
    EXPECT_EQ(r.status, 1) << r.out << r.err;
    EXPECT_NE(r.out.find("FAIL: the first 40000 clocks with the RTL"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("\n  clocks: RTL "), std::string::npos) << r.out;
    EXPECT_NE(r.err.find("MISMATCH"), std::string::npos) << r.err;
}

TEST(RunCorrelate, a_folder_that_is_not_there_is_exit_status_2)
{
    const run::Result r = run::lockwalk("run --cycles 100 --correlate --rtl /no/such " + TREE);
    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find("--correlate: --rtl '/no/such': No such file or directory"), std::string::npos)
        << r.err;
}

} // namespace
