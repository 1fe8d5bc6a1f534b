// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// OPT: against every possible choice of victims, against a plain Belady, and below every other policy.
#include "sizing/plain.h"
#include "sizing/stream.h"

#include <cstdlib>
#include <functional>
#include <set>

namespace
{

struct Opt {
    mmu_opt_t *opt;

    explicit Opt(std::vector<uint8_t> sets_log2, unsigned ways)
        : opt(mmu_opt_new(sets_log2.data(), unsigned(sets_log2.size()), ways))
    {
    }
    ~Opt()
    {
        mmu_opt_free(opt);
    }
    Opt(const Opt &) = delete;
    Opt &operator=(const Opt &) = delete;

    void finish(const Stream &stream)
    {
        ASSERT_TRUE(mmu_opt_finish(
            opt, stream.pages.low, stream.pages.count, [](void *) { return true; }, nullptr))
            << mmu_opt_error(opt);
    }
};

// The fewest misses that any choice of victims reaches, tried out one by one.
unsigned fewest(const std::vector<uint64_t> &pages, size_t from, const std::set<uint64_t> &held,
                unsigned ways)
{
    while (from < pages.size() && held.count(pages[from]) != 0)
        from++;
    if (from == pages.size())
        return 0;
    std::set<uint64_t> more = held;
    if (held.size() < ways) {
        more.insert(pages[from]);
        return 1 + fewest(pages, from + 1, more, ways);
    }
    unsigned best = UINT32_MAX;
    for (uint64_t victim : held) {
        more = held;
        more.erase(victim);
        more.insert(pages[from]);
        best = std::min(best, 1 + fewest(pages, from + 1, more, ways));
    }
    return best;
}

TEST(Opt, is_the_best_of_all_choices)
{
    std::mt19937 random(1);
    for (unsigned round = 0; round < 60; round++) {
        std::vector<uint64_t> pages;
        for (unsigned n = 0; n < 14; n++)
            pages.push_back(random() % 5);
        Stream stream(pages);
        Opt opt({0}, 4);
        stream.feed(5, [&](const mmu_page_block_t *block) { return mmu_opt_feed(opt.opt, block); });
        opt.finish(stream);
        for (unsigned ways = 1; ways <= 4; ways++)
            ASSERT_EQ(mmu_opt_misses(opt.opt, 0, ways), fewest(pages, 0, {}, ways))
                << "round " << round << ", " << ways << " ways";
    }
}

// More records than are held in memory at once, so the file is used; all numbers of sets and ways from one run.
TEST(Opt, counts_what_a_plain_belady_counts)
{
    for (unsigned spread : {12u, 150u, 600u}) {
        const auto pages = plain::mixed(30000, spread, spread);
        Stream stream(pages);
        Opt opt({0, 1, 3, 5}, 8);
        stream.feed(4999, [&](const mmu_page_block_t *block) { return mmu_opt_feed(opt.opt, block); });
        opt.finish(stream);
        for (unsigned sets_log2 : {0u, 1u, 3u, 5u})
            for (unsigned ways : {1u, 2u, 3u, 5u, 8u})
                EXPECT_EQ(mmu_opt_misses(opt.opt, sets_log2, ways),
                          plain::count(plain::opt_misses(plain::uses(pages), 1u << sets_log2, ways)))
                    << (1u << sets_log2) << "x" << ways << ", " << spread << " pages";
    }
}

TEST(Opt, is_passed_by_no_policy)
{
    const auto pages = plain::mixed(20000, 400, 5);
    Stream stream(pages);
    Opt opt({0, 2, 4}, 16);
    stream.feed(20000, [&](const mmu_page_block_t *block) { return mmu_opt_feed(opt.opt, block); });
    opt.finish(stream);
    for (unsigned sets_log2 : {0u, 2u, 4u})
        for (unsigned ways : {1u, 2u, 4u, 16u})
            for (unsigned policy = 0; policy <= MMU_POLICY_RANDOM; policy++)
                EXPECT_LE(mmu_opt_misses(opt.opt, sets_log2, ways),
                          plain::count(plain::misses(plain::uses(pages), 1u << sets_log2, ways, policy)));
}

TEST(Opt, forgets_at_a_clear_and_tells_marks_in_between)
{
    // 1 2 | 1 2 | clear | 1 2: with two ways 2 misses, 0, and 2 again.
    Stream stream({1, 2, 1, 2, 1, 2});
    Opt opt({0}, 2);
    auto two = [&](unsigned from) {
        const mmu_page_block_t block = mmu_pages_block(&stream.pages, &stream.ids[from], 2);
        ASSERT_TRUE(mmu_opt_feed(opt.opt, &block));
    };
    two(0);
    ASSERT_TRUE(mmu_opt_mark(opt.opt));
    two(2);
    ASSERT_TRUE(mmu_opt_mark(opt.opt));
    mmu_opt_clear(opt.opt);
    two(4);

    struct Seen {
        mmu_opt_t *opt;
        std::vector<uint64_t> misses;
    } seen{opt.opt, {}};
    ASSERT_TRUE(mmu_opt_finish(
        opt.opt, stream.pages.low, stream.pages.count,
        [](void *user) {
            auto *s = static_cast<Seen *>(user);
            s->misses.push_back(mmu_opt_misses(s->opt, 0, 2));
            return true;
        },
        &seen));
    EXPECT_EQ(seen.misses, (std::vector<uint64_t>{2, 2}));
    EXPECT_EQ(mmu_opt_misses(opt.opt, 0, 2), 4u);
}

TEST(Opt, names_the_folder_setting_where_no_file_can_be_made)
{
    Stream stream({1, 2, 3});
    Opt opt({0}, 2);
    const char *before = std::getenv("TMPDIR");
    const std::string saved = before != nullptr ? before : "";

    setenv("TMPDIR", "/no/such/folder", 1);
    stream.feed(3, [&](const mmu_page_block_t *block) { return mmu_opt_feed(opt.opt, block); });
    EXPECT_FALSE(mmu_opt_finish(
        opt.opt, stream.pages.low, stream.pages.count, [](void *) { return true; }, nullptr));
    EXPECT_EQ(std::string(mmu_opt_error(opt.opt)), "the temporary file that OPT needs cannot be made: No "
                                                   "such file or directory (TMPDIR says where it is)");
    if (before != nullptr)
        setenv("TMPDIR", saved.c_str(), 1);
    else
        unsetenv("TMPDIR");
}

} // namespace
