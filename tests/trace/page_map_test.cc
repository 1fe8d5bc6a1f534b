// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Page maps: what is read, what is found, and what is said about a bad one.
#include "lockwalk/mmu_page_map.h"

#include "../support/run.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace
{

using Map = std::unique_ptr<mmu_page_map_t, void (*)(mmu_page_map_t *)>;

Map parse(const std::string &text, std::string *error = nullptr)
{
    char err[512] = "";
    Map map(mmu_page_map_parse(text.data(), text.size(), "m", err, sizeof err), mmu_page_map_free);
    if (error != nullptr)
        *error = err;
    return map;
}

TEST(PageMap, tells_the_page_size_of_an_address_and_4K_elsewhere)
{
    const Map map = parse("# a map\n\n 400000-7fffff 2M   # code\n0x40000000-0x7fffffff\t1G\n");
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(mmu_page_map_regions(map.get()), 2u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, 0x3fffff), 12u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, 0x400000), 21u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 7, 0x7fffff), 21u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, 0x800000), 12u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, 0x7fffffff), 30u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, UINT64_MAX), 12u);
}

TEST(PageMap, a_region_of_a_process_is_not_anothers)
{
    const Map map = parse("400000-5fffff 2M process 1\n400000-4fffff 64K process 2\n0-fffff 8K\n");
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, 0x410000), 12u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 1, 0x410000), 21u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 2, 0x410000), 16u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 2, 0x1000), 13u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 65535, 0x1000), 13u);
}

TEST(PageMap, may_reach_the_end_of_the_address_space)
{
    const Map map = parse("ffffffffffe00000-ffffffffffffffff 2M\n");
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, UINT64_MAX), 21u);
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, UINT64_MAX - 0x200000), 12u);
}

// With a hint and without one, at every border.
TEST(PageMap, a_hint_changes_no_answer)
{
    const Map map = parse("0-1ff 512\n2000-3fff 8K process 3\n10000-1ffff 64K\n20000-2ffff 64K process 3\n"
                          "200000-3fffff 2M\n8000000000-ffffffffff 512G\n");
    ASSERT_NE(map, nullptr);
    mmu_page_map_hint_t hint = {};
    uint64_t x = 1;
    for (unsigned n = 0; n < 200000; n++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const uint64_t base[] = {0,       0x200,    0x2000,   0x4000,       0x10000,       0x20000,
                                 0x30000, 0x200000, 0x400000, 0x8000000000, 0x10000000000, UINT64_MAX,
                                 0x1000};
        const uint64_t va = base[(x >> 40) % 13] + ((x >> 33) & 7) - 3;
        const uint16_t process = (x >> 50) % 3 == 0 ? 3 : 0;
        ASSERT_EQ(mmu_page_map_lg_hint(map.get(), &hint, process, va),
                  mmu_page_map_lg(map.get(), process, va))
            << std::hex << va << " process " << process;
    }
    mmu_page_map_hint_t none = {};
    EXPECT_EQ(mmu_page_map_lg_hint(nullptr, &none, 9, 0x12345), 12u);
}

TEST(PageMap, its_text_is_the_same_map)
{
    const std::string text = "400000-5fffff 2M process 1\n0-fffff 4K\n40000000-7fffffff 512M\n";
    const Map map = parse("40000000-7fffffff 512M\n400000-5fffff 2M process 1\n0-FFFFF 4096\n");
    ASSERT_NE(map, nullptr);
    char *out = mmu_page_map_text(map.get());
    EXPECT_EQ(out, text);
    free(out);
    const Map empty = parse("");
    out = mmu_page_map_text(empty.get());
    EXPECT_STREQ(out, "");
    free(out);
}

struct Bad {
    const char *name, *text, *error;
};

class PageMapErrors : public testing::TestWithParam<Bad>
{
};

TEST_P(PageMapErrors, name_the_line_what_was_found_and_what_was_expected)
{
    std::string error;
    EXPECT_EQ(parse(GetParam().text, &error), nullptr);
    EXPECT_EQ(error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    , PageMapErrors,
    testing::Values(
        Bad{"no_region", "\nhello\n",
            "m:2: found 'hello', expected FIRST-LAST SIZE [process N], hexadecimal addresses"},
        Bad{"no_last", "1000- 4K\n",
            "m:1: found '1000- 4K', expected a last address of 1 to 16 hexadecimal digits and a space after "
            "'-'"},
        Bad{"long_address", "1000-11112222333344445 4K\n",
            "m:1: found '1000-11112222333344445 4K', expected a last address of 1 to 16 hexadecimal digits "
            "and a "
            "space after '-'"},
        Bad{"backwards", "2000-fff 4K\n",
            "m:1: found '2000-fff 4K', expected a last address that is not below the first"},
        Bad{"no_size", "1000-1fff\n",
            "m:1: found '1000-1fff', expected a last address of 1 to 16 hexadecimal digits and a space after "
            "'-'"},
        Bad{"odd_size", "1000-1fff 3K\n",
            "m:1: found '1000-1fff 3K', expected a page size, a power of two from 512 to 512G, e.g. 4K, 2M, "
            "1G"},
        Bad{"small_size", "1000-1fff 256\n",
            "m:1: found '1000-1fff 256', expected a page size, a power of two from 512 to 512G, e.g. 4K, 2M, "
            "1G"},
        Bad{"large_size", "0-ffffffffff 1024G\n",
            "m:1: found '0-ffffffffff 1024G', expected a page size, a power of two from 512 to 512G, e.g. "
            "4K, 2M, "
            "1G"},
        Bad{"first_in_a_page", "201000-3fffff 2M\n",
            "m:1: found '201000-3fffff 2M', expected a region of whole pages: 0x200000-0x3fffff is the one "
            "of 2M "
            "around it"},
        Bad{"last_in_a_page", "200000-400000 2M # x\n",
            "m:1: found '200000-400000 2M', expected a region of whole pages: 0x200000-0x5fffff is the one "
            "of 2M "
            "around it"},
        Bad{"no_process", "1000-1fff 4K process\n",
            "m:1: found '1000-1fff 4K process', expected the end of the line, or 'process N', after the page "
            "size"},
        Bad{"large_process", "1000-1fff 4K process 65536\n",
            "m:1: found '1000-1fff 4K process 65536', expected a number of a process, 0 to 65535"},
        Bad{"more", "1000-1fff 4K process 1 2\n",
            "m:1: found '1000-1fff 4K process 1 2', expected the end of the line, or 'process N', after the "
            "page "
            "size"},
        Bad{"overlap", "200000-5fffff 2M\n\n400000-4fffff 4K\n",
            "m:3: found 0x400000-0x4fffff, expected a region that does not overlap the one of line 1"},
        Bad{"overlap_of_one_process", "400000-4fffff 4K process 5\n200000-5fffff 2M process 5\n",
            "m:2: found 0x200000-0x5fffff, expected a region that does not overlap the one of line 1"},
        Bad{"overlap_with_every_process", "400000-4fffff 4K process 5\n200000-5fffff 2M\n",
            "m:2: found 0x200000-0x5fffff, expected a region that does not overlap the one of line 1"},
        Bad{"overlap_over_another",
            "200000-ffffff 2M process 1\n300000-3fffff 4K process 2\n800000-9fffff 2M process 1\n",
            "m:3: found 0x800000-0x9fffff, expected a region that does not overlap the one of line 1"},
        Bad{"every_over_a_long_one",
            "200000-ffffff 2M process 1\n300000-3fffff 4K process 2\n800000-9fffff 2M\n",
            "m:3: found 0x800000-0x9fffff, expected a region that does not overlap the one of line 1"}),
    [](const auto &p) { return p.param.name; });

TEST(PageMap, loads_a_file)
{
    run::Folder folder;
    char err[512];
    Map map(mmu_page_map_load(folder.file("m", "200000-3fffff 2M").c_str(), err, sizeof err),
            mmu_page_map_free);
    ASSERT_NE(map, nullptr) << err;
    EXPECT_EQ(mmu_page_map_lg(map.get(), 0, 0x200000), 21u);
    EXPECT_EQ(mmu_page_map_load("/no/such/map", err, sizeof err), nullptr);
    EXPECT_STREQ(err, "/no/such/map: cannot be opened: No such file or directory");
    const std::string bad = folder.file("bad", "x\n");
    EXPECT_EQ(mmu_page_map_load(bad.c_str(), err, sizeof err), nullptr);
    EXPECT_EQ(err, bad + ":1: found 'x', expected FIRST-LAST SIZE [process N], hexadecimal addresses");
}

} // namespace
