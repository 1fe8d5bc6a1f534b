// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk sweep` as a user runs it, and the check of expected misses on rows that are wrong.
#include "support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <fstream>
#include <map>
#include <memory>

namespace
{

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

const std::string data = LOCKWALK_SOURCE_DIR "/tests/sizing/data/";
const std::string trace = data + "true.trc.zst";

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

// Pages 1 2 1 3 1 2: with two entries under LRU 1, 2, 3 and the last 2 miss.
const char small[] = "I 1000,4\nL 2000,8\nI 1004,4\nS 3000,8\nI 1008,4\nL 2008,8\n";

TEST(sweep, writes_every_shape_as_csv)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const run::Result r = run::lockwalk("sweep --csv - --sets 1..2 --ways 1,2 " + path);

    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.out, "trace,stream,page,policy,sets,ways,accesses,misses\n"
                     "small,unified,4K,lru,1,1,6,6\n"
                     "small,unified,4K,lru,1,2,6,4\n"
                     "small,unified,4K,lru,2,1,6,4\n"
                     "small,unified,4K,lru,2,2,6,3\n");
}

TEST(sweep, keeps_streams_and_page_sizes_apart)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const run::Result r =
        run::lockwalk("sweep --csv - --stream data,fetch --page 4K,2M --sets 1 --ways 1 " + path);

    EXPECT_EQ(r.out, "trace,stream,page,policy,sets,ways,accesses,misses\n"
                     "small,data,4K,lru,1,1,3,3\n"
                     "small,data,2M,lru,1,1,3,1\n"
                     "small,fetch,4K,lru,1,1,3,1\n"
                     "small,fetch,2M,lru,1,1,3,1\n");
}

TEST(sweep, tells_a_hierarchy_level_by_level)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const run::Result r = run::lockwalk("sweep --csv - --l1i 1x1 --l1d 1x1 --l2 1x2 " + path);

    // Behind the first levels come 1, 2, 3, 2.
    EXPECT_EQ(r.out, "trace,level,sets,ways,accesses,misses\n"
                     "small,L1I,1,1,3,1\n"
                     "small,L1D,1,1,3,3\n"
                     "small,L2,1,2,4,3\n");
}

TEST(sweep, classes_add_up_to_the_misses)
{
    const run::Result r = run::lockwalk("sweep --json --classes --sets 1..64 --ways 1..4 " + trace);
    ASSERT_EQ(r.status, 0) << r.err;
    Json json(json_loads(r.out.c_str(), 0, nullptr), json_decref);
    ASSERT_NE(json, nullptr);
    ASSERT_EQ(json_array_size(json.get()), 28u);
    bool conflict = false;
    for (size_t n = 0; n < 28; n++) {
        const json_t *shape = json_array_get(json.get(), n);
        auto get = [&](const char *key) { return json_integer_value(json_object_get(shape, key)); };
        EXPECT_EQ(get("compulsory") + get("capacity") + get("conflict"), get("misses"));
        EXPECT_EQ(get("compulsory"), 143);
        if (get("sets") == 1)
            EXPECT_EQ(get("conflict"), 0) << "one set has none";
        conflict = conflict || get("conflict") > 0;
        EXPECT_NEAR(json_number_value(json_object_get(shape, "mpki")), double(get("misses")) * 1000 / 130962,
                    1e-9);
    }
    EXPECT_TRUE(conflict);
}

TEST(sweep, shows_a_table)
{
    const run::Result r = run::lockwalk("sweep --sets 16 --ways 2,4 --policy lru,fifo " + trace);
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "true: unified stream, pages of 4K, fifo: 172882 accesses")) << r.out;
    EXPECT_TRUE(has(r.out, "      16       1186        249\n")) << r.out;
}

TEST(sweep, names_what_is_wrong_with_a_list)
{
    const struct {
        const char *arguments, *says;
    } cases[] = {
        {"--sets 3", "--sets: '3' is no number of sets; allowed: powers of two up to 32768"},
        {"--sets 8..4", "--sets: '8..4'"},
        {"--ways 0", "--ways: '0' is no number of ways; allowed: 1 to 65536"},
        {"--ways 1..99", "--ways: the list names more than 64 numbers"},
        {"--page 3K", "--page: '3K' is no page size"},
        {"--stream code", "--stream: 'code' is no stream; allowed: unified, data, fetch"},
        {"--page map,3K",
         "--page: '3K' is no page size; allowed: powers of two from 512 to 256T, e.g. 4K, and map"},
        {"--page map",
         "the trace carries no page map, which --page map needs; give one with --page-map FILE"},
        {"--page 4K --page-map x", "--page-map: --page names no 'map', so nothing would use it"},
        {"--page-map no-such-map", "no-such-map"},
        {"--policy mru", "--policy: 'mru' is no policy; allowed: lru, plru, fifo, nru, random, opt"},
        {"--windows 0", "--windows: '0' is no such number; allowed: 1 to"},
        {"--flush-every 5k", "--flush-every: '5k' is no such number"},
        {"--switch-every -1", "--flush-every: '-1' is no such number"},
        {"--jobs 65", "--jobs: '65' is no such number; allowed: 1 to 64"},
        {"--show walks", "--show: 'walks' is nothing to show; allowed: misses, mpki, ratio"},
        {"--per-set --ways 4", "--per-set tells one shape: name one number with --sets and one with --ways"},
        {"--per-set --sets 4 --ways 4 --windows 9", "--per-set and --windows do not go together"},
        {"--per-set --sets 4 --ways 4 --policy opt", "--per-set: opt is not told by set"},
        {"--l1i 1x1 --l1d 1x1 --windows 9", "are a hierarchy under LRU"},
        {"--l1i 16x4 --l1d 16 --l2 1x1", "--l1d: '16' is no shape; allowed: SETSxWAYS"},
        {"--l1i 16x4,1x1 --l1d 16x4", "--l1i names 2 shapes and --l1d 1: they go in pairs"},
        {"--l2 16x4", "--l2 needs --l1i and --l1d in front of it"},
        {"--l1i 1x1 --l1d 1x1 --policy fifo", "are a hierarchy under LRU"},
    };
    for (const auto &c : cases) {
        const run::Result r = run::lockwalk(std::string("sweep ") + c.arguments + " " + trace);
        EXPECT_EQ(r.status, 2) << c.arguments;
        EXPECT_TRUE(has(r.err, c.says)) << c.arguments << "\n" << r.err;
        EXPECT_EQ(r.out, "") << c.arguments;
    }
}

// Two entries, of 1 2 1 3 1 2: OPT keeps 1.
TEST(sweep, opt_is_a_policy)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const run::Result r = run::lockwalk("sweep --csv - --policy lru,opt --sets 1 --ways 2 " + path);

    EXPECT_EQ(r.out, "trace,stream,page,policy,sets,ways,accesses,misses\n"
                     "small,unified,4K,lru,1,2,6,4\n"
                     "small,unified,4K,opt,1,2,6,4\n");
    EXPECT_TRUE(has(run::lockwalk("sweep --csv - --policy opt --sets 1 --ways 1..3 " + path).out,
                    "small,unified,4K,opt,1,1,6,6\n"
                    "small,unified,4K,opt,1,2,6,4\n"
                    "small,unified,4K,opt,1,3,6,3\n"));
}

TEST(sweep, opt_has_no_more_misses_than_any_policy)
{
    const run::Result r = run::lockwalk(
        "sweep --json --policy lru,plru,fifo,nru,random,opt --sets 1..64 --ways 1,2,4,16 " + trace);
    Json json(json_loads(r.out.c_str(), 0, nullptr), json_decref);
    ASSERT_NE(json, nullptr) << r.err;
    std::map<std::pair<json_int_t, json_int_t>, json_int_t> opt;
    auto each = [&](auto fn) {
        for (size_t n = 0; n < json_array_size(json.get()); n++) {
            const json_t *shape = json_array_get(json.get(), n);
            auto get = [&](const char *key) { return json_integer_value(json_object_get(shape, key)); };
            fn(std::string(json_string_value(json_object_get(shape, "policy"))),
               std::make_pair(get("sets"), get("ways")), get("misses"));
        }
    };
    each([&](const std::string &policy, auto shape, json_int_t misses) {
        if (policy == "opt")
            opt[shape] = misses;
    });
    ASSERT_EQ(opt.size(), 28u);
    unsigned fewer = 0;
    each([&](const std::string &policy, auto shape, json_int_t misses) {
        EXPECT_LE(opt[shape], misses) << policy << " " << shape.first << "x" << shape.second;
        fewer += opt[shape] < misses;
    });
    EXPECT_GT(fewer, 50u);
}

TEST(sweep, windows_have_rows_of_their_own)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const std::string options = "--windows 4 --policy lru,opt --sets 1 --ways 2 ";

    EXPECT_EQ(run::lockwalk("sweep --csv - " + options + path).out,
              "trace,stream,page,policy,sets,ways,from,accesses,misses\n"
              "small,unified,4K,lru,1,2,0,4,3\n"
              "small,unified,4K,lru,1,2,4,2,1\n"
              "small,unified,4K,opt,1,2,0,4,3\n"
              "small,unified,4K,opt,1,2,4,2,1\n");
    EXPECT_TRUE(has(run::lockwalk("sweep " + options + path).out,
                    "small: unified stream, pages of 4K, opt, 1 x 2: 6 accesses, 4 misses\n"
                    "   from access     accesses       misses     ratio\n"
                    "             0            4            3  0.750000\n"
                    "             4            2            1  0.500000\n"));
    Json json(json_loads(run::lockwalk("sweep --json " + options + path).out.c_str(), 0, nullptr),
              json_decref);
    const json_t *first = json_array_get(json.get(), 0);
    EXPECT_EQ(json_integer_value(json_object_get(first, "window")), 4);
    const json_t *misses = json_object_get(json_object_get(first, "windows"), "misses");
    ASSERT_EQ(json_array_size(misses), 2u);
    EXPECT_EQ(json_integer_value(json_array_get(misses, 0)), 3);
}

TEST(sweep, sets_have_rows_of_their_own)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const std::string options = "--per-set --sets 2 --ways 1 --policy lru,fifo ";

    EXPECT_EQ(run::lockwalk("sweep --csv - " + options + path).out,
              "trace,stream,page,policy,sets,ways,set,accesses,misses\n"
              "small,unified,4K,fifo,2,1,0,2,1\n"
              "small,unified,4K,fifo,2,1,1,4,3\n"
              "small,unified,4K,lru,2,1,0,2,1\n"
              "small,unified,4K,lru,2,1,1,4,3\n");
    EXPECT_TRUE(has(run::lockwalk("sweep " + options + path).out,
                    "             1            4            3  0.750000\n"));
    EXPECT_TRUE(has(run::lockwalk("sweep --json " + options + path).out, "\"by_set\""));
}

TEST(sweep, flushes_are_misses_of_their_own_class)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);

    // 1 2 | 1 3 | 1 2
    for (const char *name : {"--flush-every", "--switch-every"})
        EXPECT_EQ(run::lockwalk("sweep --classes " + std::string(name) + " 2 --sets 1 --ways 4 " + path).out,
                  "small: unified stream, pages of 4K, lru, 1 x 4: 6 accesses, 6 misses = 3 compulsory + 3 "
                  "flushed + 0 "
                  "capacity + 0 conflict; 2000.000 per 1000 instructions; ratio 1.000000\n");
}

// Two processes at one address, by turns.
TEST(sweep, processes_have_pages_of_their_own)
{
    run::Folder folder;
    const std::string path =
        folder.file("two.txt", "P 0\nL 1000,4\nP 1\nL 1000,4\nP 0\nL 1000,4\nL 1000,4\n");
    const std::string options = "sweep --csv - --sets 1 --ways 1,2 ";

    EXPECT_TRUE(has(run::lockwalk(options + path).out, ",1,1,4,3\ntwo,unified,4K,lru,1,2,4,2\n"));
    EXPECT_TRUE(
        has(run::lockwalk(options + "--no-asid " + path).out, ",1,1,4,3\ntwo,unified,4K,lru,1,2,4,3\n"));
}

TEST(sweep, a_page_map_says_which_pages_are_large)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const std::string map = folder.file("huge.map", "2000-3fff 8K\n");

    EXPECT_EQ(
        run::lockwalk("sweep --csv - --page 4K,map --page-map " + map + " --sets 1 --ways 1..3 " + path).out,
        "trace,stream,page,policy,sets,ways,accesses,misses\n"
        "small,unified,4K,lru,1,1,6,6\n"
        "small,unified,4K,lru,1,2,6,4\n"
        "small,unified,4K,lru,1,3,6,3\n"
        "small,unified,map,lru,1,1,6,6\n"
        "small,unified,map,lru,1,2,6,2\n"
        "small,unified,map,lru,1,3,6,2\n");
    EXPECT_EQ(run::lockwalk("sweep --csv - --page-map " + map + " --sets 1 --ways 2 " + path).out,
              "trace,stream,page,policy,sets,ways,accesses,misses\n"
              "small,unified,map,lru,1,2,6,2\n");
}

TEST(sweep, tables_show_what_is_asked_for)
{
    run::Folder folder;
    const std::string path = folder.file("small.txt", small);
    const std::string options = "--sets 1 --ways 1..3 --policy lru,plru ";

    EXPECT_TRUE(has(run::lockwalk("sweep --show mpki " + options + path).out,
                    "       1   2000.000   1333.333   1000.000\n"));
    EXPECT_TRUE(has(run::lockwalk("sweep --show ratio " + options + path).out,
                    "       1   1.000000   0.666667   0.500000\n"));
    // PLRU has no shape of three ways, and LRU's column of three does not slip.
    EXPECT_TRUE(has(run::lockwalk("sweep --sets 1 --ways 3,4 --policy plru " + path).out,
                    "       1                     3\n"));
    const std::string loads = folder.file("loads.txt", "L 1000,4\n");
    const run::Result r = run::lockwalk("sweep --show mpki " + loads);
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "loads.txt: the trace has no fetches, so there are no instructions")) << r.err;
}

TEST(sweep, threads_change_no_byte)
{
    const std::string options =
        "--csv - --policy lru,fifo,opt --stream unified,data --sets 1..16 --ways 1..4 " + trace;
    const std::string one = run::lockwalk("sweep --jobs 1 " + options).out;

    EXPECT_GT(one.size(), 1000u);
    EXPECT_EQ(run::lockwalk("sweep --jobs 4 " + options).out, one);
}

// ---- several traces, and none ------------------------------------------------------------------------------

TEST(sweep, traces_of_one_name_keep_their_rows_apart)
{
    run::Folder folder, other;
    const std::string a = folder.file("small.txt", small), b = other.file("small.b,2.txt", "I 1000,4\n"),
                      c = other.file("third.txt", "I 1000,4\n");
    const run::Result r = run::lockwalk("sweep --csv - --sets 1 --ways 1 " + a + " " + b + " " + c + " " + a);

    EXPECT_EQ(r.out, "trace,stream,page,policy,sets,ways,accesses,misses\n" + a +
                         ",unified,4K,lru,1,1,6,6\n\"" + b + "\",unified,4K,lru,1,1,1,1\n" +
                         "third,unified,4K,lru,1,1,1,1\n" + a + "#2,unified,4K,lru,1,1,6,6\n");
}

TEST(sweep, a_trace_without_accesses_is_told)
{
    run::Folder folder;
    const run::Result r = run::lockwalk("sweep " + folder.file("empty.txt", ""));

    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "empty.txt: the trace holds no accesses, so there is nothing to count")) << r.err;
    EXPECT_EQ(r.out, "");
}

// ---- files ----------------------------------------------------------------------------------------------------

TEST(sweep, a_bad_trace_leaves_the_csv_that_was_there)
{
    run::Folder folder;
    const std::string csv = folder.file("out.csv", "precious\n");
    const std::string bad = folder.file("bad.txt", "I 1000,4\nL nonsense\n");
    const std::string good = folder.file("small.txt", small);
    auto content = [&] {
        std::ifstream in(csv);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };

    EXPECT_EQ(run::lockwalk("sweep --csv " + csv + " " + good + " " + bad).status, 2);
    EXPECT_EQ(content(), "precious\n");
    EXPECT_FALSE(std::ifstream(csv + ".part").good());
    EXPECT_EQ(run::lockwalk("sweep --csv " + csv + " --sets 1 --ways 1 " + good).status, 0);
    EXPECT_EQ(content(),
              "trace,stream,page,policy,sets,ways,accesses,misses\nsmall,unified,4K,lru,1,1,6,6\n");
    EXPECT_FALSE(std::ifstream(csv + ".part").good());
}

TEST(sweep, a_csv_that_cannot_be_written_is_told)
{
    run::Folder folder;
    const std::string good = folder.file("small.txt", small);
    const run::Result r = run::lockwalk("sweep --csv " + folder.path() + "/none/out.csv " + good);

    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "/none/out.csv cannot be written: No such file or directory")) << r.err;
    const run::Result full = run::lockwalk("sweep --csv /dev/full " + good);
    EXPECT_EQ(full.status, 2);
    EXPECT_TRUE(has(full.err, "/dev/full cannot be written: No space left on device")) << full.err;
}

TEST(sweep, leaves_no_half_of_a_csv_behind_a_bad_trace)
{
    run::Folder folder;
    const std::string path = folder.file("bad.txt", "I 1000,4\nL nonsense\n");
    const std::string csv = folder.path() + "/out.csv";
    const run::Result r = run::lockwalk("sweep --csv " + csv + " " + path);

    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "bad.txt:2")) << r.err;
    EXPECT_FALSE(std::ifstream(csv).good());
}

TEST(sweep, without_a_trace_exits_2)
{
    EXPECT_EQ(run::lockwalk("sweep").status, 2);
    EXPECT_EQ(run::lockwalk("sweep no-such-file").status, 2);
}

// ---- tests/check_expected_misses.py, where something is wrong ----------------------------------------------

run::Result check(const std::string &expected)
{
    return run::shell(LOCKWALK_SOURCE_DIR "/tests/check_expected_misses.py --lockwalk " LOCKWALK_BIN " " +
                      expected + " " + trace);
}

TEST(expected_misses, a_count_that_is_wrong_is_told)
{
    run::Folder folder;
    const run::Result r = check(folder.file("e.csv", "trace,config,accesses,misses\n"
                                                     "true,unified:LRU:16x4,172882,249\n"
                                                     "true,unified:PLRU:16x4,172882,262\n"));
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(has(r.out, "true,unified:PLRU:16x4: 172882 accesses, 261 misses; expected 172882, 262"))
        << r.out;
    EXPECT_TRUE(has(r.out, "2 rows compared, 1 differ")) << r.out;
}

TEST(expected_misses, a_row_that_is_not_understood_is_an_error)
{
    run::Folder folder;
    const run::Result r =
        check(folder.file("e.csv", "trace,config,accesses,misses\ntrue,unified:MRU:1x1,1,1\n"));
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "e.csv:2: config 'unified:MRU:1x1': 'MRU:1x1' is not understood")) << r.err;
}

} // namespace
