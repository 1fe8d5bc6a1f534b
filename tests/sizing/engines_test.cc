// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The engines of a sweep against a TLB that is written down as plainly as can be.
#include "lockwalk/mmu_sizing_engine.h"
#include "sizing/plain.h"
#include "sizing/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace
{

uint64_t plain_lru(const std::vector<uint64_t> &pages, unsigned sets, unsigned ways)
{
    return plain::count(plain::misses(plain::uses(pages), sets, ways, MMU_POLICY_LRU));
}

TEST(Pages, ids_are_given_in_the_order_of_first_use_and_stay)
{
    std::vector<uint64_t> numbers;
    for (uint64_t n = 0; n < 5000; n++)
        numbers.push_back(n * n * UINT64_C(0x10001)); // many share a place of the shortcut
    Stream stream(numbers);
    for (uint32_t n = 0; n < numbers.size(); n++) {
        ASSERT_EQ(stream.ids[n], n);
        ASSERT_EQ(mmu_pages_id(&stream.pages, numbers[n], uint32_t(numbers[n])), n);
        ASSERT_EQ(stream.pages.key[n], numbers[n]);
    }
    EXPECT_EQ(stream.pages.count, 5000u);
}

TEST(Pages, a_number_that_no_page_has_is_refused)
{
    Stream stream({});
    EXPECT_EQ(mmu_pages_enter(&stream.pages, UINT64_MAX, 0), UINT32_MAX);
}

void grid_is_plain(unsigned spread, bool portable, unsigned seed)
{
    const auto pages = plain::mixed(20000, spread, seed);
    Stream stream(pages);
    mmu_lru_grid_t *grid = mmu_lru_grid_new(0, 6);

    if (portable)
        mmu_lru_grid_portable(grid);
    stream.feed(777, [&](const mmu_page_block_t *block) { return mmu_lru_grid_feed(grid, block); });
    for (unsigned s = 0; s <= 6; s++)
        for (unsigned ways : {1u, 2u, 3u, 5u, 15u, 16u, 17u, 31u, 32u})
            EXPECT_EQ(mmu_lru_grid_misses(grid, s, ways), plain_lru(pages, 1u << s, ways))
                << (1u << s) << " sets, " << ways << " ways";
    mmu_lru_grid_free(grid);
}

TEST(Grid, counts_what_single_tlbs_count)
{
    for (unsigned spread : {20u, 300u, 3000u})
        grid_is_plain(spread, false, spread);
}

TEST(Grid, counts_the_same_without_vector_instructions)
{
    for (unsigned spread : {20u, 300u, 3000u})
        grid_is_plain(spread, true, spread);
}

TEST(Grid, may_begin_above_one_set)
{
    const auto pages = plain::mixed(20000, 500, 1);
    Stream stream(pages);
    mmu_lru_grid_t *grid = mmu_lru_grid_new(3, 5);

    stream.feed(stream.ids.size(),
                [&](const mmu_page_block_t *block) { return mmu_lru_grid_feed(grid, block); });
    for (unsigned s = 3; s <= 5; s++)
        EXPECT_EQ(mmu_lru_grid_misses(grid, s, 4), plain_lru(pages, 1u << s, 4));
    mmu_lru_grid_free(grid);
}

// From 65,535 pages on ids need more than 16 bits; the rows are widened in mid-stream.
void outgrows(bool portable)
{
    std::vector<uint64_t> pages = plain::mixed(5000, 400, 2);
    for (uint64_t n = 0; n < 70000; n++) {
        pages.push_back(n);
        if (n % 3 == 0)
            pages.push_back(n / 2);
        if (n % 5 == 0)
            pages.push_back(n - n % 40);
    }
    mmu_pages_t growing{};
    ASSERT_TRUE(mmu_pages_init(&growing));
    mmu_lru_grid_t *grid = mmu_lru_grid_new(0, 5);
    if (portable)
        mmu_lru_grid_portable(grid);
    Ids block;
    for (uint64_t page : pages) {
        block.push_back(mmu_pages_id(&growing, page, uint32_t(page)));
        if (block.size() == 1000) {
            const mmu_page_block_t b = mmu_pages_block(&growing, block.data(), block.size());
            ASSERT_TRUE(mmu_lru_grid_feed(grid, &b));
            block.clear();
        }
    }
    const mmu_page_block_t b = mmu_pages_block(&growing, block.data(), block.size());
    ASSERT_TRUE(mmu_lru_grid_feed(grid, &b));
    EXPECT_GT(growing.count, 65535u);
    for (unsigned s : {0u, 2u, 5u})
        for (unsigned ways : {1u, 7u, 32u})
            EXPECT_EQ(mmu_lru_grid_misses(grid, s, ways), plain_lru(pages, 1u << s, ways))
                << s << " " << ways;
    mmu_lru_grid_free(grid);
    mmu_pages_free(&growing);
}

TEST(Grid, goes_on_when_pages_outgrow_16_bits)
{
    outgrows(false);
}

TEST(Grid, goes_on_without_vector_instructions_too)
{
    outgrows(true);
}

// Many more accesses than the tree has times at first, and more pages than it has room for.
TEST(Stack, counts_fully_associative_tlbs_of_every_size)
{
    for (unsigned spread : {10u, 900u, 9000u}) {
        const auto pages = plain::mixed(60000, spread, spread);
        Stream stream(pages);
        mmu_stack_t *stack = mmu_stack_new();

        stream.feed(5001, [&](const mmu_page_block_t *block) { return mmu_stack_feed(stack, block); });
        EXPECT_EQ(mmu_stack_cold(stack), stream.pages.count);
        for (unsigned entries : {1u, 2u, 3u, 33u, 100u, 1000u})
            EXPECT_EQ(mmu_stack_misses(stack, entries), plain_lru(pages, 1, entries)) << entries;
        EXPECT_EQ(mmu_stack_misses(stack, 1u << 20), stream.pages.count);
        mmu_stack_free(stack);
    }
}

TEST(Shape, follows_each_policy)
{
    for (unsigned policy = 0; policy <= MMU_POLICY_RANDOM; policy++)
        for (unsigned sets_log2 : {0u, 2u, 4u})
            for (unsigned ways : {1u, 2u, 3u, 8u, 64u}) {
                if (policy == MMU_POLICY_PLRU && ways == 3)
                    continue;
                const auto pages = plain::mixed(20000, 700, 7 * policy + ways);
                Stream stream(pages);
                mmu_shape_t *shape = mmu_shape_new(sets_log2, ways, policy);
                stream.feed(999, [&](const mmu_page_block_t *block) {
                    return mmu_shape_feed(shape, block, nullptr, nullptr);
                });
                EXPECT_EQ(mmu_shape_misses(shape),
                          plain::count(plain::misses(plain::uses(pages), 1u << sets_log2, ways, policy)))
                    << "policy " << policy << ", " << (1u << sets_log2) << "x" << ways;
                mmu_shape_free(shape);
            }
}

TEST(Shape, tells_which_accesses_missed)
{
    Stream stream({5, 5, 6, 7, 5, 6, 5});
    mmu_shape_t *shape = mmu_shape_new(0, 2, MMU_POLICY_LRU);
    uint32_t which[7];
    size_t count = 0;

    stream.feed(7,
                [&](const mmu_page_block_t *block) { return mmu_shape_feed(shape, block, which, &count); });
    // 5 | - | 6 | 7 for 5 | 5 for 6 | 6 for 7 | -
    EXPECT_EQ(std::vector<uint32_t>(which, which + count), (std::vector<uint32_t>{0, 2, 3, 4, 5}));
    mmu_shape_free(shape);
}

} // namespace
