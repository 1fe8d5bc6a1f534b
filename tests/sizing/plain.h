// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// TLBs written down as plainly as can be: what the engines of a sweep are held against.
#ifndef LOCKWALK_TESTS_SIZING_PLAIN_H
#define LOCKWALK_TESTS_SIZING_PLAIN_H

#include "lockwalk/mmu_sizing.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <tuple>
#include <vector>

namespace plain
{

// A page: process, log2 of its size, its number.
using Page = std::tuple<unsigned, unsigned, uint64_t>;

inline uint64_t number(const Page &page)
{
    return std::get<2>(page);
}

inline Page page(uint64_t number)
{
    return {0, 12, number};
}

// One TLB, by the words of REPL-2 to REPL-7; ways that are flushed are filled first, the lowest before others.
class Tlb
{
  public:
    Tlb(unsigned sets, unsigned ways, unsigned policy) : ways_(ways), policy_(policy), sets_(sets)
    {
        for (Set &set : sets_) {
            set.way.resize(ways);
            set.bit.resize(ways);
        }
    }

    bool hits(const Page &page)
    {
        Set &set = sets_[number(page) % sets_.size()];
        unsigned way = 0;
        while (way < ways_ && !(set.way[way].valid && set.way[way].page == page))
            way++;
        const bool hit = way < ways_;
        if (!hit) {
            way = 0;
            while (way < ways_ && set.way[way].valid)
                way++;
            if (way == ways_)
                way = victim(set);
            set.way[way].valid = true;
            set.way[way].page = page;
        }
        touch(set, way);
        return hit;
    }

    void flush()
    {
        for (Set &set : sets_)
            for (Way &way : set.way)
                way.valid = false;
    }

  private:
    struct Way {
        bool valid = false;
        Page page;
        uint64_t used = 0;
    };
    struct Set {
        std::vector<Way> way;
        std::vector<int> bit;
        unsigned next = 0;
    };

    unsigned victim(Set &set)
    {
        if (policy_ == MMU_POLICY_LRU) {
            unsigned oldest = 0;
            for (unsigned way = 0; way < ways_; way++)
                if (set.way[way].used < set.way[oldest].used)
                    oldest = way;
            return oldest;
        }
        if (policy_ == MMU_POLICY_FIFO) {
            const unsigned way = set.next;
            set.next = (set.next + 1) % ways_;
            return way;
        }
        if (policy_ == MMU_POLICY_NRU)
            return unsigned(std::find(set.bit.begin(), set.bit.end(), 0) - set.bit.begin()) % ways_;
        if (policy_ == MMU_POLICY_RANDOM) {
            const unsigned way = lfsr_ * ways_ >> 16;
            lfsr_ = lfsr_ >> 1 ^ (lfsr_ % 2 ? 0xb400 : 0);
            return way;
        }
        unsigned from = 0, node = 0;
        for (unsigned size = ways_; size > 1; size /= 2) {
            const bool up = set.bit[node] != 0;
            from += up ? size / 2 : 0;
            node = 2 * node + (up ? 2 : 1);
        }
        return from;
    }

    void touch(Set &set, unsigned way)
    {
        set.way[way].used = ++now_;
        if (policy_ == MMU_POLICY_NRU) {
            set.bit[way] = 1;
            if (std::find(set.bit.begin(), set.bit.end(), 0) == set.bit.end()) {
                std::fill(set.bit.begin(), set.bit.end(), 0);
                set.bit[way] = 1;
            }
        } else if (policy_ == MMU_POLICY_PLRU) {
            unsigned from = 0, node = 0;
            for (unsigned size = ways_; size > 1; size /= 2) {
                const bool up = way >= from + size / 2;
                set.bit[node] = up ? 0 : 1;
                from += up ? size / 2 : 0;
                node = 2 * node + (up ? 2 : 1);
            }
        }
    }

    unsigned ways_, policy_;
    std::vector<Set> sets_;
    unsigned lfsr_ = 0xace1;
    uint64_t now_ = 0;
};

// An access to a page; or a flush in front of it.
struct Use {
    Page page;
    bool flush = false;
    uint64_t access = 0; // number of the access in the trace
};

// By use: whether it missed.
inline std::vector<bool> misses(const std::vector<Use> &uses, unsigned sets, unsigned ways, unsigned policy)
{
    Tlb tlb(sets, ways, policy);
    std::vector<bool> missed;
    for (const Use &use : uses) {
        if (use.flush)
            tlb.flush();
        missed.push_back(!tlb.hits(use.page));
    }
    return missed;
}

// Belady: the page that is used again last leaves. A use behind a flush is none.
inline std::vector<bool> opt_misses(const std::vector<Use> &uses, unsigned sets, unsigned ways)
{
    std::vector<size_t> again(uses.size(), uses.size());
    std::map<Page, size_t> later;
    for (size_t n = uses.size(); n-- > 0;) {
        if (later.count(uses[n].page) != 0)
            again[n] = later[uses[n].page];
        later[uses[n].page] = n;
        if (uses[n].flush)
            later.clear();
    }
    std::vector<std::map<Page, size_t>> set(sets); // what is held, and when it is used again
    std::vector<bool> missed;
    for (size_t n = 0; n < uses.size(); n++) {
        if (uses[n].flush)
            for (auto &s : set)
                s.clear();
        auto &s = set[number(uses[n].page) % sets];
        const bool miss = s.count(uses[n].page) == 0;
        missed.push_back(miss);
        if (miss && s.size() == ways)
            s.erase(std::max_element(s.begin(), s.end(),
                                     [](const auto &a, const auto &b) { return a.second < b.second; }));
        s[uses[n].page] = again[n];
    }
    return missed;
}

inline uint64_t count(const std::vector<bool> &missed)
{
    return uint64_t(std::count(missed.begin(), missed.end(), true));
}

inline std::vector<Use> uses(const std::vector<uint64_t> &numbers)
{
    std::vector<Use> list;
    for (uint64_t n : numbers)
        list.push_back({page(n), false, list.size()});
    return list;
}

// Some pages near each other, some far, with runs: misses of every kind.
inline std::vector<uint64_t> mixed(unsigned n, unsigned spread, unsigned seed)
{
    std::mt19937_64 random(seed);
    std::vector<uint64_t> pages;
    uint64_t page = 0;

    while (pages.size() < n) {
        switch (random() % 4) {
        case 0:
            page = random() % spread;
            break;
        case 1:
            page = (page + 1) % spread;
            break;
        case 2:
            page =
                pages.empty() ? 0 : pages[pages.size() - 1 - random() % std::min<size_t>(pages.size(), 40)];
            break;
        default:
            break;
        }
        pages.push_back(page);
    }
    return pages;
}

} // namespace plain

#endif
