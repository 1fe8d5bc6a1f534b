// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk sweep` as a user runs it, and the check of expected misses on rows that are wrong.
#include "support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

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
        {"--policy mru", "--policy: 'mru' is no policy; allowed: lru, plru, fifo, nru, random"},
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
