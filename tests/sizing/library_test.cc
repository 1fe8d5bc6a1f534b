// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Whole sweeps, through the library, against plain TLBs: streams, page sizes and maps, processes, flushes, windows, sets,
// hierarchies, threads.
#include "lockwalk/mmu_sizing.h"
#include "sizing/plain.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace
{

using Accesses = std::vector<mmu_access_t>;

// A program, or several by turns: runs of code, loads and stores near and far, some across a page.
Accesses program(unsigned n, unsigned seed, unsigned processes)
{
    std::mt19937_64 random(seed);
    Accesses list;
    uint64_t code = 0x400000;
    uint16_t process = 0;

    while (list.size() < n) {
        mmu_access_t a{};
        if (random() % 16 == 0)
            code = 0x400000 + random() % 0x40000;
        if (processes > 1 && random() % 100 == 0)
            process = uint16_t(random() % processes);
        a.process = process;
        a.acc = MMU_ACC_FETCH;
        a.va = code;
        a.size = 4;
        code += 4 + (random() % 8 == 0 ? 2 : 0);
        list.push_back(a);
        if (random() % 3 != 0)
            continue;
        a.acc = random() % 2 ? MMU_ACC_LOAD : MMU_ACC_STORE;
        a.va = random() % 4 == 0 ? UINT64_C(0xffffffffff000000) + random() % 0x1000000 - 64
                                 : 0x7fff0000 + random() % 0x8000;
        a.size = uint32_t(1u << random() % 7);
        if (random() % 200 == 0)
            a.size = 4096;
        list.push_back(a);
    }
    list.resize(n);
    // The first and the last bytes that there are.
    list[n / 2].va = UINT64_MAX - 3;
    list[n / 2].size = 4;
    list[n / 3].va = 0;
    return list;
}

bool in_stream(unsigned stream, const mmu_access_t &a)
{
    return stream == MMU_STREAM_UNIFIED || (stream == MMU_STREAM_FETCH) == (a.acc == MMU_ACC_FETCH);
}

using Lg = std::function<unsigned(uint16_t process, uint64_t va)>;

// The uses of pages by a stream, with flushes in front of them.
std::vector<plain::Use> uses_of(const Accesses &accesses, unsigned stream, const Lg &lg_of,
                                const mmu_sweep_options_t &opt)
{
    std::vector<plain::Use> uses;
    bool flush = false;
    for (size_t n = 0; n < accesses.size(); n++) {
        const mmu_access_t &a = accesses[n];
        flush = flush || (n != 0 && opt.flush_every != 0 && n % opt.flush_every == 0);
        flush = flush || (n != 0 && opt.no_asid && a.process != accesses[n - 1].process);
        if (!in_stream(stream, a))
            continue;
        const uint64_t end = a.va + a.size - 1;
        for (uint64_t va = a.va;;) {
            const unsigned lg = lg_of(a.process, va);
            uses.push_back({{a.process, lg, va >> lg}, flush, n});
            flush = false;
            const uint64_t last = va | ((UINT64_C(1) << lg) - 1);
            if (last >= end)
                break;
            va = last + 1;
        }
    }
    return uses;
}

struct Collected {
    mmu_sweep_result_t result;
    std::vector<mmu_sweep_count_t> window, set;
};

std::vector<Collected> run(const mmu_sweep_options_t &opt, const Accesses &accesses,
                           uint64_t *window = nullptr)
{
    std::vector<Collected> results;
    std::unique_ptr<mmu_sweep_t, decltype(&mmu_sweep_free)> sweep(mmu_sweep_new(&opt), mmu_sweep_free);
    // In pieces of changing size: blocks, spans and pieces do not fit each other.
    for (size_t from = 0, piece = 1; from < accesses.size(); from += piece, piece = piece * 3 % 7001 + 1) {
        piece = std::min(piece, accesses.size() - from);
        EXPECT_TRUE(mmu_sweep_feed(sweep.get(), &accesses[from], piece)) << mmu_sweep_error(sweep.get());
    }
    EXPECT_TRUE(mmu_sweep_finish(sweep.get())) << mmu_sweep_error(sweep.get());
    EXPECT_TRUE(mmu_sweep_results(
        sweep.get(),
        [](void *user, const mmu_sweep_result_t *r) {
            Collected c{*r, {}, {}};
            if (r->window != nullptr)
                c.window.assign(r->window, r->window + r->windows);
            if (r->set != nullptr)
                c.set.assign(r->set, r->set + (1u << r->sets_log2));
            static_cast<std::vector<Collected> *>(user)->push_back(c);
        },
        &results));
    if (window != nullptr)
        *window = mmu_sweep_window(sweep.get());
    return results;
}

// Few enough shapes to be run plainly, of every kind: grid, stack, singles.
std::unique_ptr<mmu_sweep_options_t> shapes(std::vector<unsigned> policies)
{
    auto opt = std::make_unique<mmu_sweep_options_t>();
    opt->stream[MMU_STREAM_UNIFIED] = opt->stream[MMU_STREAM_DATA] = opt->stream[MMU_STREAM_FETCH] = true;
    opt->page_lg[opt->pages++] = 12;
    for (unsigned policy : policies)
        opt->policy[policy] = true;
    for (uint8_t sets_log2 : {0, 1, 4})
        opt->sets_log2[opt->sets++] = sets_log2;
    for (uint32_t ways : {1u, 2u, 3u, 8u, 40u})
        opt->way[opt->ways++] = ways;
    return opt;
}

std::vector<bool> missed(const std::vector<plain::Use> &uses, const mmu_sweep_result_t &r)
{
    const unsigned sets = 1u << r.sets_log2;
    return r.policy == MMU_SWEEP_OPT ? plain::opt_misses(uses, sets, r.ways)
                                     : plain::misses(uses, sets, r.ways, r.policy);
}

std::string name(const mmu_sweep_result_t &r)
{
    char page[16];
    return std::string(mmu_sweep_stream_name(r.stream)) + " " + mmu_sweep_page_name(r.page_lg, page) + " " +
           mmu_sweep_policy_name(r.policy) + " " + std::to_string(1u << r.sets_log2) + "x" +
           std::to_string(r.ways);
}

// All results of a sweep are what plain TLBs count.
void is_plain(const mmu_sweep_options_t &opt, const Accesses &accesses, size_t expected,
              const Lg &lg_of_map = {})
{
    const auto results = run(opt, accesses);
    ASSERT_EQ(results.size(), expected);
    std::map<std::pair<unsigned, unsigned>, std::vector<plain::Use>> uses;
    for (const Collected &c : results) {
        const mmu_sweep_result_t &r = c.result;
        auto &u = uses[{r.stream, r.page_lg}];
        if (u.empty())
            u = uses_of(
                accesses, r.stream,
                r.page_lg == MMU_SWEEP_MAP ? lg_of_map
                                           : [&](uint16_t, uint64_t) { return unsigned(r.page_lg); },
                opt);
        EXPECT_EQ(r.accesses, u.size()) << name(r);
        EXPECT_EQ(r.misses, plain::count(missed(u, r))) << name(r);
    }
}

const std::vector<unsigned> all_policies = {MMU_POLICY_PLRU, MMU_POLICY_FIFO,   MMU_POLICY_LRU,
                                            MMU_POLICY_NRU,  MMU_POLICY_RANDOM, MMU_SWEEP_OPT};
// 3 streams, 3 numbers of sets, 5 of ways, of which PLRU has 3.
const size_t all_results = 3 * 3 * (5 * 5 + 3);

TEST(Sweep, streams_and_policies_are_those_of_plain_tlbs)
{
    is_plain(*shapes(all_policies), program(30000, 1, 1), all_results);
}

TEST(Sweep, small_and_large_pages)
{
    auto opt = shapes({MMU_POLICY_LRU});
    opt->page_lg[opt->pages++] = 9; // an access of 4096 bytes covers eight or nine
    opt->page_lg[opt->pages++] = 21;
    opt->page_lg[opt->pages++] = 30;
    is_plain(*opt, program(30000, 2, 1), 4 * 3 * 3 * 5);
}

TEST(Sweep, processes_have_pages_of_their_own)
{
    is_plain(*shapes(all_policies), program(10000, 3, 3), all_results);
}

TEST(Sweep, without_asids_a_switch_flushes)
{
    auto opt = shapes(all_policies);
    opt->no_asid = true;
    is_plain(*opt, program(10000, 4, 3), all_results);
}

TEST(Sweep, flushes_every_so_many_accesses)
{
    for (uint64_t every : {1u, 7u, 1000u}) {
        auto opt = shapes(all_policies);
        opt->flush_every = every;
        is_plain(*opt, program(every == 1 ? 2000 : 8000, 5, 1), all_results);
    }
}

TEST(Sweep, flushes_of_both_kinds_and_a_grid_above_one_set)
{
    auto opt = shapes({MMU_POLICY_LRU});
    opt->sets_log2[0] = 2;
    opt->no_asid = true;
    opt->flush_every = 313;
    is_plain(*opt, program(20000, 6, 2), 3 * 3 * 5);
}

TEST(Sweep, pages_of_a_map_have_their_own_size)
{
    const std::string text = "400000-41ffff 64K\n"
                             "7fff0000-7fff3fff 8K process 1\n"
                             "fffffffffe000000-ffffffffffffffff 1M\n";
    char err[256];
    std::unique_ptr<mmu_page_map_t, decltype(&mmu_page_map_free)> map(
        mmu_page_map_parse(text.data(), text.size(), "map", err, sizeof err), mmu_page_map_free);
    ASSERT_NE(map, nullptr) << err;
    auto opt = shapes(all_policies);
    opt->page_lg[0] = MMU_SWEEP_MAP;
    opt->page_lg[opt->pages++] = 12;
    opt->page_map = map.get();
    is_plain(*opt, program(8000, 7, 2), 2 * all_results, [](uint16_t process, uint64_t va) -> unsigned {
        if (va >= 0x400000 && va < 0x420000)
            return 16;
        if (va >= 0x7fff0000 && va < 0x7fff4000 && process == 1)
            return 13;
        return va >= UINT64_C(0xfffffffffe000000) ? 20 : 12;
    });
}

TEST(Sweep, more_pages_than_16_bits_tell)
{
    Accesses accesses = program(5000, 8, 1);
    for (uint64_t n = 0; n < 70000; n++) {
        mmu_access_t a{};
        a.acc = n % 2 ? MMU_ACC_LOAD : MMU_ACC_FETCH;
        a.va = n << 12;
        a.size = 1;
        accesses.push_back(a);
        a.va = (n - n % 7) << 12;
        accesses.push_back(a);
    }
    auto opt = shapes({MMU_POLICY_LRU, MMU_POLICY_FIFO, MMU_SWEEP_OPT});
    opt->stream[MMU_STREAM_DATA] = opt->stream[MMU_STREAM_FETCH] = false;
    is_plain(*opt, accesses, 3 * 15);
}

// ---- windows ------------------------------------------------------------------------------------------------

// What plain TLBs count in each window.
std::vector<std::pair<uint64_t, uint64_t>> windows_of(const std::vector<plain::Use> &uses,
                                                      const std::vector<bool> &missed, uint64_t length,
                                                      size_t accesses)
{
    std::vector<std::pair<uint64_t, uint64_t>> windows((accesses + length - 1) / length);
    for (size_t n = 0; n < uses.size(); n++) {
        windows[uses[n].access / length].first++;
        windows[uses[n].access / length].second += missed[n];
    }
    return windows;
}

void windows_are_plain(const mmu_sweep_options_t &opt, const Accesses &accesses, uint64_t length)
{
    uint64_t window = 0;
    const auto results = run(opt, accesses, &window);
    EXPECT_EQ(window, length);
    ASSERT_EQ(results.size(), all_results);
    for (const Collected &c : results) {
        const auto uses = uses_of(
            accesses, c.result.stream, [](uint16_t, uint64_t) { return 12u; }, opt);
        const auto expected = windows_of(uses, missed(uses, c.result), length, accesses.size());
        ASSERT_EQ(c.window.size(), expected.size()) << name(c.result);
        for (size_t w = 0; w < expected.size(); w++) {
            EXPECT_EQ(c.window[w].accesses, expected[w].first) << name(c.result) << ", window " << w;
            EXPECT_EQ(c.window[w].misses, expected[w].second) << name(c.result) << ", window " << w;
        }
    }
}

TEST(Sweep, windows_tell_phases)
{
    auto opt = shapes(all_policies);
    opt->window = 1000;
    windows_are_plain(*opt, program(4500, 9, 1), 1000); // the last one is half
    windows_are_plain(*opt, program(4000, 9, 1), 1000);
    windows_are_plain(*opt, program(999, 9, 1), 1000);
}

TEST(Sweep, windows_and_flushes_go_together)
{
    auto opt = shapes(all_policies);
    opt->window = 500;
    opt->flush_every = 250;
    opt->no_asid = true;
    windows_are_plain(*opt, program(3100, 10, 2), 500);
}

TEST(Sweep, windows_are_joined_where_there_are_too_many)
{
    auto opt = shapes(all_policies);
    opt->window = 100;
    opt->most_windows = 8;
    windows_are_plain(*opt, program(800, 11, 1), 100);
    windows_are_plain(*opt, program(801, 11, 1), 200);
    windows_are_plain(*opt, program(1700, 11, 1), 400);
    windows_are_plain(*opt, program(3300, 11, 1), 800);
}

// ---- sets, classes ------------------------------------------------------------------------------------------

TEST(Sweep, counts_by_set)
{
    const auto accesses = program(20000, 12, 1);
    auto opt = shapes(all_policies);
    opt->per_set = true;
    opt->flush_every = 5000;
    const auto results = run(*opt, accesses);
    ASSERT_EQ(results.size(), all_results);
    for (const Collected &c : results) {
        const auto uses = uses_of(
            accesses, c.result.stream, [](uint16_t, uint64_t) { return 12u; }, *opt);
        const auto miss = missed(uses, c.result);
        EXPECT_EQ(c.result.misses, plain::count(miss)) << name(c.result);
        if (c.result.policy == MMU_SWEEP_OPT) {
            EXPECT_TRUE(c.set.empty());
            continue;
        }
        std::vector<mmu_sweep_count_t> expected(1u << c.result.sets_log2);
        for (size_t n = 0; n < uses.size(); n++) {
            auto &set = expected[plain::number(uses[n].page) % expected.size()];
            set.accesses++;
            set.misses += miss[n];
        }
        ASSERT_EQ(c.set.size(), expected.size()) << name(c.result);
        for (size_t s = 0; s < expected.size(); s++) {
            EXPECT_EQ(c.set[s].accesses, expected[s].accesses) << name(c.result) << ", set " << s;
            EXPECT_EQ(c.set[s].misses, expected[s].misses) << name(c.result) << ", set " << s;
        }
    }
}

TEST(Sweep, tells_classes_of_misses_also_with_flushes)
{
    const auto accesses = program(6000, 13, 2);
    for (bool flushes : {false, true}) {
        auto opt = shapes(all_policies);
        opt->classes = true;
        opt->no_asid = flushes;
        opt->flush_every = flushes ? 500 : 0;
        for (const Collected &c : run(*opt, accesses)) {
            const auto uses = uses_of(
                accesses, c.result.stream, [](uint16_t, uint64_t) { return 12u; }, *opt);
            std::map<plain::Page, bool> ever, now;
            uint64_t compulsory = 0, flushed = 0;
            for (const plain::Use &use : uses) {
                if (use.flush)
                    now.clear();
                compulsory += ever.count(use.page) == 0;
                flushed += ever.count(use.page) != 0 && now.count(use.page) == 0;
                ever[use.page] = now[use.page] = true;
            }
            const uint64_t same_size =
                plain::count(plain::misses(uses, 1, c.result.ways << c.result.sets_log2, MMU_POLICY_LRU));
            EXPECT_EQ(c.result.compulsory, compulsory) << name(c.result);
            EXPECT_EQ(c.result.flushed, flushed) << name(c.result);
            EXPECT_EQ(c.result.capacity, same_size - compulsory - flushed) << name(c.result);
            EXPECT_EQ(flushed != 0, flushes);
            const mmu_sweep_classes_t sum = mmu_sweep_classes(&c.result);
            EXPECT_EQ(sum.compulsory + sum.flushed + sum.capacity + sum.conflict, c.result.misses)
                << name(c.result);
            if (c.result.policy == MMU_POLICY_LRU && c.result.sets_log2 == 0)
                EXPECT_EQ(sum.conflict, 0u) << name(c.result);
        }
    }
}

// ---- hierarchies ----------------------------------------------------------------------------------------------

std::vector<mmu_sweep_level_t> run_levels(const mmu_sweep_options_t &opt, const Accesses &accesses)
{
    std::vector<mmu_sweep_level_t> levels;
    std::unique_ptr<mmu_sweep_t, decltype(&mmu_sweep_free)> sweep(mmu_sweep_new(&opt), mmu_sweep_free);
    EXPECT_TRUE(mmu_sweep_feed(sweep.get(), accesses.data(), accesses.size()));
    EXPECT_TRUE(mmu_sweep_finish(sweep.get()));
    mmu_sweep_levels(
        sweep.get(),
        [](void *user, const mmu_sweep_level_t *level) {
            static_cast<std::vector<mmu_sweep_level_t> *>(user)->push_back(*level);
        },
        &levels);
    return levels;
}

// First levels of equal and different sets, wider than a row too; second levels as well.
std::unique_ptr<mmu_sweep_options_t> hierarchy()
{
    auto opt = std::make_unique<mmu_sweep_options_t>();
    opt->page_lg[opt->pages++] = 12;
    for (mmu_sweep_shape_t l1 : {mmu_sweep_shape_t{0, 1}, {0, 4}, {2, 4}, {0, 40}, {4, 1}}) {
        opt->l1i[opt->l1s] = l1;
        opt->l1d[opt->l1s++] = {uint8_t(l1.sets_log2 ^ 1), l1.ways + 1};
    }
    for (mmu_sweep_shape_t l2 : {mmu_sweep_shape_t{3, 4}, {0, 12}, {5, 2}, {2, 50}})
        opt->l2[opt->l2s++] = l2;
    return opt;
}

void levels_are_plain(const mmu_sweep_options_t &opt, const Accesses &accesses)
{
    const auto levels = run_levels(opt, accesses);
    ASSERT_EQ(levels.size(), opt.pages * opt.l1s * (2 + opt.l2s));
    const auto uses = uses_of(
        accesses, MMU_STREAM_UNIFIED, [](uint16_t, uint64_t) { return 12u; }, opt);
    size_t at = 0;
    for (unsigned n = 0; n < opt.l1s; n++) {
        plain::Tlb l1[2] = {{1u << opt.l1i[n].sets_log2, opt.l1i[n].ways, MMU_POLICY_LRU},
                            {1u << opt.l1d[n].sets_log2, opt.l1d[n].ways, MMU_POLICY_LRU}};
        uint64_t seen[2] = {}, misses[2] = {};
        std::vector<plain::Use> behind;
        bool flush = false;
        for (const plain::Use &use : uses) {
            const unsigned side = accesses[use.access].acc == MMU_ACC_FETCH ? 0 : 1;
            if (use.flush) {
                l1[0].flush();
                l1[1].flush();
                flush = true;
            }
            seen[side]++;
            if (l1[side].hits(use.page))
                continue;
            misses[side]++;
            behind.push_back(use);
            behind.back().flush = flush;
            flush = false;
        }
        for (unsigned side = 0; side < 2; side++, at++) {
            EXPECT_EQ(levels[at].level, side);
            EXPECT_EQ(levels[at].l1, n);
            EXPECT_EQ(levels[at].accesses, seen[side]);
            EXPECT_EQ(levels[at].misses, misses[side]) << "first level " << n << ", side " << side;
        }
        for (unsigned l = 0; l < opt.l2s; l++, at++) {
            EXPECT_EQ(levels[at].level, 2);
            EXPECT_EQ(levels[at].accesses, behind.size());
            EXPECT_EQ(levels[at].misses, plain::count(plain::misses(behind, 1u << opt.l2[l].sets_log2,
                                                                    opt.l2[l].ways, MMU_POLICY_LRU)))
                << "first level " << n << ", second " << l;
        }
    }
}

TEST(Sweep, hierarchies_are_those_of_plain_tlbs)
{
    levels_are_plain(*hierarchy(), program(60000, 14, 1));
}

TEST(Sweep, hierarchies_flush_both_levels)
{
    auto opt = hierarchy();
    opt->no_asid = true;
    opt->flush_every = 700;
    levels_are_plain(*opt, program(30000, 15, 3));
}

TEST(Sweep, hierarchies_of_more_pages_than_16_bits_tell)
{
    Accesses accesses = program(5000, 16, 1);
    for (uint64_t n = 0; n < 70000; n++) {
        mmu_access_t a{};
        a.acc = n % 3 ? MMU_ACC_LOAD : MMU_ACC_FETCH;
        a.va = n << 12;
        a.size = 1;
        accesses.push_back(a);
        a.va = (n - n % 11) << 12;
        accesses.push_back(a);
    }
    levels_are_plain(*hierarchy(), accesses);
}

// ---- threads ----------------------------------------------------------------------------------------------------

bool equal(const std::vector<mmu_sweep_count_t> &a, const std::vector<mmu_sweep_count_t> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto &x, const auto &y) {
        return x.accesses == y.accesses && x.misses == y.misses;
    });
}

TEST(Sweep, threads_change_no_result)
{
    const auto accesses = program(70000, 17, 2);
    auto opt = shapes(all_policies);
    opt->page_lg[opt->pages++] = 9;
    opt->flush_every = 20000;
    opt->window = 15000;
    opt->classes = true;
    const auto one = run(*opt, accesses);
    for (unsigned jobs : {2u, 3u, 8u}) {
        opt->jobs = jobs;
        const auto many = run(*opt, accesses);
        ASSERT_EQ(many.size(), one.size());
        for (size_t n = 0; n < one.size(); n++) {
            EXPECT_EQ(many[n].result.misses, one[n].result.misses) << name(one[n].result);
            EXPECT_EQ(many[n].result.capacity, one[n].result.capacity) << name(one[n].result);
            EXPECT_TRUE(equal(many[n].window, one[n].window)) << name(one[n].result);
        }
    }
}

TEST(Sweep, threads_change_no_level)
{
    const auto accesses = program(100000, 18, 1);
    auto opt = hierarchy();
    const auto one = run_levels(*opt, accesses);
    for (unsigned jobs : {2u, 4u, 16u}) {
        opt->jobs = jobs;
        const auto many = run_levels(*opt, accesses);
        ASSERT_EQ(many.size(), one.size());
        for (size_t n = 0; n < one.size(); n++)
            EXPECT_EQ(many[n].misses, one[n].misses) << "level " << n;
    }
}

TEST(Sweep, nothing_fed_gives_zeros)
{
    auto opt = shapes(all_policies);
    opt->window = 10;
    opt->classes = true;
    const auto results = run(*opt, {});
    ASSERT_EQ(results.size(), all_results);
    for (const Collected &c : results) {
        EXPECT_EQ(c.result.accesses, 0u);
        EXPECT_EQ(c.result.misses, 0u);
        EXPECT_TRUE(c.window.empty());
    }
}

} // namespace
