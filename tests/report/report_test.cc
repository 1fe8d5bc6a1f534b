// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk report` as a user runs it: its numbers, its messages, and a page that nothing can break out of. How the page
// looks and works in a browser is in page_test.py.
#include "support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <filesystem>
#include <map>
#include <memory>
#include <regex>

namespace
{

namespace fs = std::filesystem;
using Json = std::unique_ptr<json_t, decltype(&json_decref)>;
using Numbers = std::map<std::string, std::string>; // "table,row,column": as written

const std::string trace = LOCKWALK_SOURCE_DIR "/tests/sizing/data/true.trc.zst";

// Pages 1 2 1 3 1 2: with two entries under LRU 1, 2, 3 and the last 2 miss.
const char small[] = "I 1000,4\nL 2000,8\nI 1004,4\nS 3000,8\nI 1008,4\nL 2008,8\n";

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

unsigned count(const std::string &text, const std::string &part)
{
    unsigned n = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        n++;
    return n;
}

// The fields of a line of CSV.
std::vector<std::string> fields(const std::string &line)
{
    std::vector<std::string> all(1);
    bool quoted = false;
    for (size_t n = 0; n < line.size(); n++)
        if (line[n] == '"' && quoted && n + 1 < line.size() && line[n + 1] == '"')
            all.back() += line[n++];
        else if (line[n] == '"')
            quoted = !quoted;
        else if (line[n] == ',' && !quoted)
            all.emplace_back();
        else
            all.back() += line[n];
    return all;
}

// The last field of each line, by the fields that `key` numbers, with commas between them.
Numbers csv(const std::string &text, const std::vector<size_t> &key)
{
    Numbers numbers;
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        const std::vector<std::string> field = fields(line);
        std::string name;
        for (size_t k : key)
            name += (k == key[0] ? "" : ",") + field.at(k);
        EXPECT_EQ(numbers.count(name), 0u) << name << " occurs twice";
        numbers[name] = field.back();
    }
    return numbers;
}

// The JSON that the page draws from.
Json data_of(const std::string &page)
{
    const std::string open = "<script type=\"application/json\" id=\"data\">";
    const size_t from = page.find(open) + open.size();
    json_error_t error;
    Json json(json_loads(page.substr(from, page.find("</script>", from) - from).c_str(), 0, &error),
              json_decref);
    EXPECT_NE(json, nullptr) << error.text;
    return json;
}

class Report : public testing::Test
{
  protected:
    run::Result report(const std::string &arguments, const std::string &environment = "")
    {
        return run::shell("cd '" + folder.path() + "' && " + environment + " '" LOCKWALK_BIN "' report " +
                          arguments);
    }
    std::string text(const std::string &name)
    {
        return run::read_file(folder.path() + "/" + name);
    }
    bool exists(const std::string &name)
    {
        return fs::exists(folder.path() + "/" + name);
    }
    run::Folder folder;
};

// ---- the numbers --------------------------------------------------------------------------------------------

TEST_F(Report, misses_of_a_small_trace_are_those_counted_by_hand)
{
    folder.file("small.txt", small);
    const run::Result r = report("small.txt --config none --stream unified --csv n.csv");
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out + r.err, "");
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    EXPECT_EQ(n.at("small/unified/4K/grid/misses,1,1"), "6");
    EXPECT_EQ(n.at("small/unified/4K/grid/misses,1,2"), "4");
    EXPECT_EQ(n.at("small/unified/4K/grid/misses,2,2"), "3");
    EXPECT_EQ(n.at("small/unified/4K/entries/misses,2,fully associative"), "4");
    // 4 misses, 3 instructions
    EXPECT_EQ(n.at("small/unified/4K/entries/rate,2,fully associative"), "1333.3333");
    // Shapes that the grid does not hold have no number.
    EXPECT_EQ(n.at("small/unified/4K/entries/misses,1024,1 way"), "");
    EXPECT_EQ(n.at("small/unified/4K/classes/misses,4,compulsory"), "3");
    EXPECT_EQ(n.at("all/traces,small,4K pages"), "3");
    EXPECT_EQ(n.at("small/unified/4K/sets/counts,1,accesses"), "3");
    EXPECT_EQ(n.at("small/unified/4K/sets/counts,1,misses"), "1");
}

TEST_F(Report, numbers_are_those_of_sweep)
{
    ASSERT_EQ(report(trace + " --config none --page 4K,2M --csv n.csv").status, 0);
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    const run::Result s = run::lockwalk("sweep --csv - --stream unified,data,fetch --page 4K,2M " + trace);
    unsigned compared = 0;
    for (const auto &[shape, misses] : csv(s.out, {1, 2, 4, 5})) {
        std::smatch m;
        ASSERT_TRUE(std::regex_match(shape, m, std::regex("(.*),(.*),(.*),(.*)")));
        EXPECT_EQ(n.at("true/" + m.str(1) + "/" + m.str(2) + "/grid/misses," + m.str(3) + "," + m.str(4)),
                  misses);
        compared++;
    }
    EXPECT_EQ(compared, 3u * 2u * 320u);

    const run::Result p =
        run::lockwalk("sweep --csv - --stream data --ways 4 --policy plru,fifo,nru,random,opt " + trace);
    const Numbers policies = csv(p.out, {3, 4});
    for (const auto &[policy_sets, misses] : policies) {
        const size_t comma = policy_sets.find(',');
        EXPECT_EQ(n.at("true/data/4K/policy/misses," +
                       std::to_string(4 * std::stoi(policy_sets.substr(comma + 1))) + "," +
                       policy_sets.substr(0, comma)),
                  misses);
    }
    EXPECT_EQ(policies.size(), 50u);
    for (int entries = 4; entries <= 2048; entries *= 2)
        EXPECT_LE(std::stod(n.at("true/data/4K/policy/ratio," + std::to_string(entries) + ",opt")), 1.0);

    const run::Result f = run::lockwalk("sweep --csv - --stream fetch --sets 1 --ways 1,64,16384 " + trace);
    const Numbers full = csv(f.out, {5});
    EXPECT_EQ(full.size(), 3u);
    for (const auto &[ways, misses] : full)
        EXPECT_EQ(n.at("true/fetch/4K/entries/misses," + ways + ",fully associative"), misses);
}

TEST_F(Report, windows_and_sets_add_up_to_the_whole)
{
    ASSERT_EQ(report(trace + " --config none --stream data --shape 8x2 --windows 10 --csv n.csv").status, 0);
    uint64_t windows = 0, misses = 0, sets = 0, accesses = 0;
    unsigned rows = 0;
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    for (const auto &[name, value] : n) {
        if (has(name, "true/data/4K/phases/misses,") && has(name, ",16 entries")) {
            windows += std::stoull(value);
            rows++;
        }
        if (has(name, "true/data/4K/sets/counts,") && has(name, ",misses"))
            misses += std::stoull(value);
        if (has(name, "true/data/4K/sets/counts,") && has(name, ",accesses")) {
            accesses += std::stoull(value);
            sets++;
        }
    }
    EXPECT_EQ(std::to_string(windows), n.at("true/data/4K/grid/misses,4,4"));
    EXPECT_GE(rows, 5u);
    EXPECT_LE(rows, 10u);
    EXPECT_EQ(std::to_string(misses), n.at("true/data/4K/grid/misses,8,2"));
    EXPECT_EQ(sets, 8u);
    EXPECT_GT(accesses, misses);
}

TEST_F(Report, clocks_are_those_of_run)
{
    ASSERT_EQ(
        report(trace + " --config tiny --compare cva6 --mem-latency 7 --stream data --csv n.csv").status, 0);
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    for (const char *config : {"tiny", "cva6"}) {
        const run::Result r =
            run::lockwalk("run --json --mem-latency 7 --config " + std::string(config) + " " + trace);
        Json json(json_loads(r.out.c_str(), 0, nullptr), json_decref);
        ASSERT_NE(json, nullptr) << r.err;
        const json_int_t clocks =
            json_integer_value(json_object_get(json_object_get(json.get(), "counts"), "clocks"));
        EXPECT_GT(clocks, 100000);
        EXPECT_EQ(n.at("true/clocks/runs," + std::string(config) + ",clocks"), std::to_string(clocks));
    }
    // A variant is a configuration like any other: tiny's L1 doubled, written by hand.
    ASSERT_EQ(run::shell("'" LOCKWALK_BIN
                         "' config show tiny | sed '/^ports:/,/^l2:/{s/sets: 2,/sets: 4,/; s/sets: 1, ways: "
                         "2,/sets: 1, ways: 4,/}' >" +
                         folder.path() + "/doubled.yaml")
                  .status,
              0);
    const run::Result doubled =
        run::lockwalk("run --json --mem-latency 7 --config " + folder.path() + "/doubled.yaml " + trace);
    Json json(json_loads(doubled.out.c_str(), 0, nullptr), json_decref);
    ASSERT_NE(json, nullptr) << doubled.err;
    EXPECT_EQ(
        n.at("true/clocks/variants,tiny / L1 x 2 / L2 as it is,clocks"),
        std::to_string(json_integer_value(json_object_get(json_object_get(json.get(), "counts"), "clocks"))));
}

TEST_F(Report, the_front_is_what_nothing_beats)
{
    ASSERT_EQ(report(trace + " --no-variants --stream data --csv n.csv").status, 0);
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    std::map<std::string, std::pair<double, double>> mmus;
    for (const auto &[name, value] : n)
        if (has(name, "true/clocks/front,") && has(name, ",storage bits")) {
            const std::string mmu = name.substr(18, name.rfind(',') - 18);
            mmus[mmu] = {std::stod(value),
                         std::stod(n.at("true/clocks/front," + mmu + ",clocks per access"))};
        }
    ASSERT_EQ(mmus.size(), 5u);
    unsigned on_front = 0;
    for (const auto &[mmu, at] : mmus) {
        bool beaten = false;
        for (const auto &[other, best] : mmus)
            beaten = beaten || (other != mmu && best.first <= at.first && best.second <= at.second);
        EXPECT_EQ(n.at("true/clocks/front," + mmu + ",on the front: 1"), beaten ? "0" : "1") << mmu;
        on_front += !beaten;
    }
    EXPECT_GE(on_front, 2u);
}

TEST_F(Report, page_data_and_csv_hold_the_same_numbers)
{
    ASSERT_EQ(report(trace + " --no-variants --windows 8 --csv n.csv").status, 0);
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    Json data = data_of(text("report.html"));
    unsigned compared = 0;
    size_t f, t, r, c;
    json_t *figure, *table, *row, *cell;
    json_array_foreach(json_object_get(data.get(), "figures"), f, figure)
        json_array_foreach(json_object_get(figure, "tables"), t, table)
            json_array_foreach(json_object_get(table, "cells"), r, row) json_array_foreach(row, c, cell)
    {
        const std::string name = json_string_value(json_object_get(table, "id")) + std::string(",") +
                                 json_string_value(json_array_get(json_object_get(table, "rows"), r)) + "," +
                                 json_string_value(json_array_get(json_object_get(table, "columns"), c));
        const std::string value = n.at(name);
        if (value.empty())
            EXPECT_TRUE(json_is_null(cell)) << name;
        else
            EXPECT_EQ(std::stod(value), json_number_value(cell)) << name;
        compared++;
    }
    EXPECT_EQ(compared, n.size());
    EXPECT_GT(compared, 2000u);
}

// ---- the page by itself --------------------------------------------------------------------------------------

TEST_F(Report, same_input_and_date_give_the_same_page)
{
    folder.file("small.txt", small);
    ASSERT_EQ(report("small.txt -o a.html", "SOURCE_DATE_EPOCH=1000000000").status, 0);
    ASSERT_EQ(run::shell("mv " + folder.path() + "/a.html " + folder.path() + "/b.html").status, 0);
    ASSERT_EQ(report("small.txt -o a.html", "SOURCE_DATE_EPOCH=1000000000").status, 0);
    EXPECT_EQ(text("a.html"), text("b.html"));
    EXPECT_TRUE(has(text("a.html"), "2001-09-09 01:46 UTC"));
}

TEST_F(Report, page_tells_the_command_that_made_it)
{
    folder.file("my trace's.txt", small);
    ASSERT_EQ(report("\"my trace's.txt\" --config none --title 'TLBs & <more>' -o out.html").status, 0);
    const std::string page = text("out.html");
    EXPECT_TRUE(has(
        page,
        "<code id=\"command\">lockwalk report &#39;my trace&#39;\\&#39;&#39;s.txt&#39; --config none --title "
        "&#39;TLBs &amp; &lt;more&gt;&#39; -o out.html</code>"));
    EXPECT_TRUE(has(page, "<title>TLBs &amp; &lt;more&gt;</title>"));
}

TEST_F(Report, page_loads_nothing_and_holds_the_licences)
{
    folder.file("small.txt", small);
    ASSERT_EQ(report("small.txt --config none").status, 0);
    const std::string page = text("report.html");
    EXPECT_TRUE(has(
        page, "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src "
              "data:\""));
    EXPECT_FALSE(
        std::regex_search(page, std::regex("(src|href)=[\"']?[a-z]*:?//|@import|url\\(http|<link|<iframe")));
    EXPECT_TRUE(has(page, "@observablehq/plot 0.6.17 (ISC)"));
    EXPECT_TRUE(has(page, "Permission to use, copy, modify"));
    EXPECT_TRUE(has(page, "d3-shape"));
    EXPECT_FALSE(has(page, "{{"));
}

TEST_F(Report, hostile_names_do_not_break_out)
{
    const std::string name = "</script><!--<b onx=\"1\">&'\\,.txt";
    run::shell("mkdir '" + folder.path() + "/<'");
    {
        std::ofstream(folder.path() + "/<" + "/script><!--<b onx=\"1\">&'\\,.txt") << small;
    }
    ASSERT_EQ(report("\"./</script><!--<b onx=\\\"1\\\">&'\\\\,.txt\" --config none --csv n.csv").status, 0);
    const std::string page = text("report.html");
    EXPECT_EQ(count(page, "</script>"), 3u);
    EXPECT_EQ(
        count(page, "<script"),
        3u + count(run::read_file(LOCKWALK_SOURCE_DIR "/model/report/vendor/observable-plot/plot.min.js"),
                   "<script"));
    EXPECT_FALSE(has(page, "<b onx"));
    // Two comments are the page's own.
    EXPECT_EQ(count(page, "<!--"), 2u);
    Json data = data_of(page);
    EXPECT_TRUE(
        has(json_string_value(json_object_get(data.get(), "command")), "./</script><!--<b onx=\"1\">"));
    // The trace is called by its name up to the first dot; in CSV its comma and quotes are quoted.
    EXPECT_TRUE(has(text("n.csv"), "\"script><!--<b onx=\"\"1\"\">&'\\,/unified/4K/grid/misses\",1,1,6\n"));
}

TEST_F(Report, names_that_are_no_utf8_are_shown_as_far_as_they_are)
{
    folder.file("a\xff\x1b"
                "b.txt",
                small);
    ASSERT_EQ(report("$'a\\xff\\x1bb.txt' --config none").status, 2)
        << "sh has no $'': the file is not found";
    ASSERT_EQ(report("a*b.txt --config none").status, 0);
    EXPECT_TRUE(has(text("report.html"), "<h2>a\xef\xbf\xbd\xef\xbf\xbd"
                                         "b</h2>"));
    EXPECT_FALSE(has(text("report.html"), "\xff"));
    data_of(text("report.html"));
}

TEST_F(Report, traces_of_one_name_are_kept_apart)
{
    fs::create_directory(folder.path() + "/x");
    folder.file("a.txt", small);
    folder.file("x/a.txt", "L 1000,4\n");
    ASSERT_EQ(report("a.txt x/a.txt --config none --stream data --csv n.csv").status, 0);
    const Numbers n = csv(text("n.csv"), {0, 1, 2});
    EXPECT_EQ(n.at("a/data/4K/grid/misses,1,1"), "3");
    EXPECT_EQ(n.at("a (2)/data/4K/grid/misses,1,1"), "1");
    // Without fetches there are no instructions: per 1000 accesses.
    EXPECT_EQ(n.at("a (2)/data/4K/grid/rate,1,1"), "1000.0000");
    EXPECT_TRUE(has(text("report.html"), "misses per 1000 accesses"));
}

TEST_F(Report, a_stream_without_accesses_has_no_section)
{
    folder.file("loads.txt", "L 1000,4\nL 2000,4\n");
    ASSERT_EQ(report("loads.txt").status, 0);
    EXPECT_TRUE(has(text("report.html"), "loads: loads and stores, pages of 4K"));
    EXPECT_FALSE(has(text("report.html"), "loads: fetches"));
}

// ---- gnuplot --------------------------------------------------------------------------------------------------

TEST_F(Report, gnuplot_draws_every_picture)
{
    const run::Result r =
        report(trace + " --no-variants --compare none --stream data --windows 8 --gnuplot plots --csv n.csv");
    ASSERT_EQ(r.status, 0) << r.err;
    const run::Result drawn = run::shell("cd " + folder.path() + "/plots && gnuplot report.gp");
    EXPECT_EQ(drawn.status, 0);
    EXPECT_EQ(drawn.out + drawn.err, "");
    unsigned pictures = 0, tables = 0;
    for (const auto &file : fs::directory_iterator(folder.path() + "/plots")) {
        tables += file.path().extension() == ".dat";
        if (file.path().extension() != ".svg")
            continue;
        const std::string svg = run::read_file(file.path());
        EXPECT_TRUE(has(svg, "</svg>")) << file.path();
        EXPECT_GT(svg.size(), 5000u) << file.path();
        pictures++;
    }
    // Of the summary: curves, front; of the trace: front, walk latency, and seven of the stream.
    EXPECT_EQ(pictures, 11u);
    std::set<std::string> ids;
    for (const auto &[name, value] : csv(text("n.csv"), {0, 1, 2}))
        ids.insert(name.substr(0, name.find(',')));
    EXPECT_EQ(tables, ids.size());
}

TEST_F(Report, gnuplot_data_hold_the_same_numbers_and_say_what_they_are)
{
    folder.file("small.txt", small);
    ASSERT_EQ(report("small.txt --config none --stream data --gnuplot plots --csv n.csv").status, 0);
    std::string path;
    for (const auto &file : fs::directory_iterator(folder.path() + "/plots"))
        if (has(file.path(), "small-data-4K-entries-misses.dat"))
            path = file.path();
    const std::string data = run::read_file(path);
    EXPECT_TRUE(has(data, "# small/data/4K/entries/misses: Misses by entries\n# misses\n# made by: lockwalk "
                          "report small.txt "));
    EXPECT_TRUE(has(data, "\"entries\" \"x\" \"1 way\" \"2 ways\""));
    EXPECT_TRUE(has(data, "\n\"1\" 1 3 ? ? ? ? ? 3\n\"2\" 2 2 2 ? ? ? ? 2\n")) << data;
}

TEST_F(Report, a_damaged_gnuplot_script_is_seen)
{
    folder.file("small.txt", small);
    ASSERT_EQ(report("small.txt --config none --gnuplot plots").status, 0);
    const run::Result r =
        run::shell("cd " + folder.path() + "/plots && rm *-entries-rate.dat && gnuplot report.gp");
    EXPECT_NE(r.out + r.err, "");
}

// ---- bad use --------------------------------------------------------------------------------------------------

TEST_F(Report, bad_use_exits_2_and_says_what_would_be_right)
{
    folder.file("small.txt", small);
    const std::map<std::string, std::string> cases = {
        {"", "lockwalk report: no trace\n"},
        {"-", "lockwalk report: a report reads each trace more than once, which standard input (-) cannot; "
              "give a file\n"},
        {"small.txt --stream both",
         "lockwalk report: --stream: 'both' is no stream; allowed: unified, data, fetch\n"},
        {"small.txt --page 3K", "lockwalk report: --page: '3K' is no page size; allowed: "},
        {"small.txt --policy best", "lockwalk report: --policy: 'best' is no policy; allowed: "},
        {"small.txt --windows 1", "lockwalk report: --windows: '1' is no number from 2 to 10000\n"},
        {"small.txt --windows 9x", "lockwalk report: --windows: '9x' is no number from 2 to 10000\n"},
        {"small.txt --shape 3x4", "lockwalk report: --shape: '3x4' is no shape; allowed: "},
        {"small.txt --config nobody", "error: 'nobody' is not a preset; allowed: "},
        {"small.txt --compare tiny,nobody", "error: 'nobody' is not a preset; allowed: "},
        {"small.txt --random 1", "lockwalk report: a report is about the traces that are its arguments: no "
                                 "--trace, --random or --vectors\n"},
        {"missing.txt", "missing.txt"},
        {"small.txt -o none/report.html",
         "lockwalk report: none/report.html cannot be written: No such file or directory\n"},
        {"small.txt --csv none/n.csv",
         "lockwalk report: none/n.csv cannot be written: No such file or directory\n"},
        {"small.txt --gnuplot none/plots",
         "lockwalk report: none/plots cannot be made: No such file or directory\n"},
    };
    for (const auto &[arguments, message] : cases) {
        const run::Result r = report(arguments);
        EXPECT_EQ(r.status, 2) << arguments;
        EXPECT_TRUE(has(r.err, message)) << arguments << ": " << r.err;
        EXPECT_EQ(r.out, "") << arguments;
        EXPECT_FALSE(exists("report.html")) << arguments;
    }
    const run::Result date = report("small.txt", "SOURCE_DATE_EPOCH=today");
    EXPECT_EQ(date.status, 2);
    EXPECT_TRUE(has(date.err, "SOURCE_DATE_EPOCH is 'today'; it must be a number of seconds since 1970"))
        << date.err;
}

TEST_F(Report, a_broken_trace_is_named_and_leaves_nothing)
{
    folder.file("good.txt", small);
    folder.file("bad.txt", "L 1000,4\nL 2000\n");
    folder.file("empty.txt", "");
    run::Result r = report("good.txt bad.txt --csv n.csv");
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "lockwalk report: bad.txt:2: ")) << r.err;
    EXPECT_FALSE(exists("report.html") || exists("report.html.part") || exists("n.csv"));
    r = report("empty.txt");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk report: empty.txt: no accesses; a report needs at least one\n");
    r = report("good.txt --page map");
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "good.txt: the trace carries no page map")) << r.err;
}

TEST_F(Report, a_page_that_is_there_stays_until_the_new_one_is_whole)
{
    folder.file("small.txt", small);
    folder.file("report.html", "old");
    EXPECT_EQ(report("small.txt --csv none/n.csv").status, 2);
    EXPECT_EQ(text("report.html"), "old");
    EXPECT_EQ(report("small.txt --config none").status, 0);
    EXPECT_TRUE(has(text("report.html"), "<!DOCTYPE html>"));
    EXPECT_FALSE(exists("report.html.part"));
}

TEST_F(Report, help_has_examples_that_work)
{
    const run::Result r = report("--help");
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "Examples:\n  lockwalk report traces/perl.trc.zst"));
}

} // namespace
