// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The formats segment and segpage by rule (SEG, SPG), with the textbook's examples.
#include "classic.h"

namespace
{

using namespace classic;

constexpr uint64_t down = 0x100;

// Words of a segment's row (SEG-1).
constexpr uint64_t word0(uint64_t base, uint64_t limit)
{
    return limit << 32 | base;
}

struct Segments : Machine {
    static constexpr uint64_t table = 0x30000;

    Segments() : Machine(MMU_FORMAT_SEGMENT)
    {
        ctx.root = table >> 12;
        ctx.aux = 8;
    }
    void put(unsigned s, uint64_t base, uint64_t limit, uint64_t rights)
    {
        ram.word[table + 16 * s] = word0(base, limit);
        ram.word[table + 16 * s + 8] = rights;
    }
    static constexpr uint64_t va(unsigned s, uint64_t offset)
    {
        return uint64_t(s) << 16 | offset;
    }
    bool perm(mmu_entry_t entry, uint8_t prv, uint8_t acc, uint64_t at) const
    {
        const mmu_rq_t request = rq(prv, acc, at);
        return format().perm(&request, &slow, entry);
    }
};

TEST(segment, segment_0_at_120_with_offset_32_is_152)
{
    Segments m;
    m.put(0, 120, 64, all);
    const mmu_arch_result_t got = m.go(user, load, 32);
    EXPECT_EQ(got.pa, 152u);
    EXPECT_EQ(got.lg, 16);
    EXPECT_EQ(got.mt, 0);
    EXPECT_EQ(m.ram.reads, (Addresses{Segments::table, Segments::table + 8}));
    EXPECT_EQ(m.go(user, load, 63).pa, 183u);
    const mmu_arch_result_t beyond = m.go(user, load, 64);
    EXPECT_EQ(text(beyond), "limit");
    EXPECT_EQ(beyond.cause, cause(user, 1, 4));
    EXPECT_EQ(beyond.tval, 64u);
}

TEST(segment, limits_from_nothing_to_64_kib)
{
    Segments m;
    for (uint64_t limit : {0u, 1u, 2u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu, 0x10000u, 0x10001u, 0x1ffffu})
        for (bool grows_down : {false, true})
            for (uint64_t d : {0u, 1u, 2u, 0x7ffeu, 0x7fffu, 0x8000u, 0x8001u, 0xfffeu, 0xffffu}) {
                const bool inside = grows_down ? d >= limit : d < limit;
                m.put(5, 0xfffff123, limit, all | (grows_down ? down : 0));
                const mmu_arch_result_t got = m.go(user, store, Segments::va(5, d));
                EXPECT_EQ(got.fault, inside ? MMU_FAULT_NONE : MMU_FAULT_LIMIT) << limit << " " << d;
                if (!inside)
                    continue;
                EXPECT_EQ(got.pa, 0xfffff123 + d); // the carry stays
                EXPECT_EQ(got.mt, 0);
                EXPECT_EQ(mmu_entry_lg(got.entry), 16);
                EXPECT_FALSE(mmu_entry_g(got.entry));
                // The held entry knows the same limit.
                for (uint64_t other : {0u, 1u, 2u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
                    EXPECT_EQ(m.perm(got.entry, user, store, Segments::va(5, other)),
                              grows_down ? other >= limit : other < limit)
                        << limit << " " << other;
            }
}

TEST(segment, one_that_grows_down_is_a_stack)
{
    Segments m;
    m.put(1, 0x50000, 0xc000, P | R | W | U | A | D | down);
    EXPECT_EQ(text(m.go(user, store, Segments::va(1, 0xfff8))), "0x5fff8");
    EXPECT_EQ(text(m.go(user, store, Segments::va(1, 0xc000))), "0x5c000");
    EXPECT_EQ(text(m.go(user, store, Segments::va(1, 0xbfff))), "limit");
    EXPECT_NE(m.why().find("grows down"), std::string::npos);
}

TEST(segment, the_tables_end)
{
    Segments m;
    m.put(7, 0, 1, all);
    EXPECT_EQ(text(m.go(user, load, Segments::va(7, 0))), "0x0");
    EXPECT_EQ(m.go(user, load, Segments::va(8, 0)).cause, cause(user, 1, 4));
    EXPECT_TRUE(m.ram.reads.empty());
    EXPECT_EQ(text(m.go(user, load, uint64_t(1) << 32)), "limit");
    m.ctx.aux = UINT64_C(0xfffffffffff);
    m.ram.word[Segments::table + 16 * 0xffff] = word0(0x99, 0x10000);
    m.ram.word[Segments::table + 16 * 0xffff + 8] = all;
    EXPECT_EQ(text(m.go(user, load, 0xffff0001)), "0x9a");
}

TEST(segment, all_eight_rights_modes)
{
    Segments m;
    expect_rights(m, Segments::va(2, 0x10), "0x7010", "page",
                  [&](uint64_t rights) { m.put(2, 0x7000, 0x20, rights); });
}

// A missing right is a protection fault, an offset beyond the limit a segmentation fault: rights come first.
TEST(segment, order_of_faults)
{
    Segments m;
    auto beyond = [&](uint64_t rights, uint8_t acc) {
        m.put(2, 0x7000, 0x20, rights);
        return text(m.go(user, acc, Segments::va(2, 0x20)));
    };
    EXPECT_EQ(beyond(0, load), "page");
    EXPECT_EQ(beyond(P | W, load), "rsvd");
    EXPECT_EQ(beyond(P | R, load), "prot");
    EXPECT_EQ(beyond(P | R | U, store), "prot");
    EXPECT_EQ(beyond(P | R | U, load), "limit"); // before A
    EXPECT_TRUE(m.ram.writes.empty());
}

TEST(segment, accessed_and_dirty_are_in_word_1)
{
    Segments m;
    m.put(2, 0x7000, 0x20, P | R | W | U | down);
    EXPECT_EQ(text(m.go(user, store, Segments::va(2, 0x20))), "0x7020");
    EXPECT_EQ(m.ram.writes, (Addresses{Segments::table + 40}));
    EXPECT_EQ(m.ram.word[Segments::table + 40], P | R | W | U | A | D | down);
    m.put(2, 0x7000, 0x20, P | R | W | U);
    m.slow.adue = false;
    EXPECT_EQ(m.go(user, load, Segments::va(2, 0)).cause, cause(user, 1, 1));
    // Somebody takes the segment away meanwhile.
    m.slow.adue = true;
    m.ram.meddle = {0};
    EXPECT_EQ(text(m.go(user, load, Segments::va(2, 0))), "page");
}

TEST(segment, a_held_entry_is_asked_again)
{
    Segments m;
    m.put(2, 0x7000, 0x20, P | R | W | A);
    const mmu_entry_t entry = m.go(kernel, load, Segments::va(2, 0)).entry;
    EXPECT_TRUE(m.perm(entry, kernel, load, Segments::va(2, 0x1f)));
    EXPECT_FALSE(m.perm(entry, kernel, load, Segments::va(2, 0x20)));
    EXPECT_FALSE(m.perm(entry, user, load, Segments::va(2, 0)));
    EXPECT_FALSE(m.perm(entry, kernel, store, Segments::va(2, 0))); // D is clear
    EXPECT_FALSE(m.perm(entry, kernel, fetch, Segments::va(2, 0)));
    EXPECT_EQ(m.format().merge_lg(&m.slow), 0u);
}

// FRM-5: what stands between the two words of a row is kept in no walk cache.
TEST(segment, word_0_is_not_kept)
{
    Segments m;
    const mmu_rq_t rq = m.rq(user, load, Segments::va(2, 0));
    const mmu_step_t step =
        m.format().step(&rq, &m.slow, m.format().start(&rq, &m.slow).pos, word0(0xffffffff, 0x10000));
    EXPECT_EQ(step.kind, MMU_STEP_READ);
    EXPECT_EQ(step.lg, 0);
    EXPECT_EQ(mmu_pos_level(step.pos), 0u);
    EXPECT_EQ(step.pos, UINT64_C(0xffffffff) | uint64_t(1) << 51);
}

// ---- segments with page tables ----------------------------------------------------------------------------

struct SegmentedPages : Machine {
    static constexpr uint64_t table = 0x30000;

    explicit SegmentedPages(unsigned plg = 12) : Machine(MMU_FORMAT_SEGPAGE, plg)
    {
        ctx.root = table >> 12;
        ctx.aux = 4;
    }
    void put(unsigned s, uint64_t pages_at, uint64_t limit, uint64_t rights)
    {
        ram.word[table + 8 * s] = pages_at >> 9 << 22 | limit << 8 | rights;
    }
};

constexpr uint64_t rights_rw = P | R | W | U;

TEST(segpage, a_segment_has_its_own_page_table)
{
    SegmentedPages m;
    m.put(1, 0x40000, 4, rights_rw);
    m.put(2, 0x50200, 4, rights_rw);
    m.ram.word[0x40000 + 3 * 8] = row(0x11000, P | A | D);
    m.ram.word[0x50200 + 3 * 8] = row(0x22000, P | A | D);
    EXPECT_EQ(text(m.go(user, load, 1 << 22 | 0x3456)), "0x11456");
    EXPECT_EQ(m.ram.reads, (Addresses{SegmentedPages::table + 8, 0x40000 + 3 * 8}));
    EXPECT_EQ(text(m.go(user, store, 2 << 22 | 0x3456)), "0x22456");
    EXPECT_EQ(m.go(user, load, 2 << 22 | 0x3456).lg, 12);
}

TEST(segpage, rights_and_limit_are_judged_before_the_page_table_is_read)
{
    SegmentedPages m;
    auto outcome = [&](uint64_t rights, uint8_t prv, uint8_t acc, uint64_t page) {
        m.put(1, 0x40000, 4, rights);
        const std::string got = text(m.go(prv, acc, 1 << 22 | page << 12));
        EXPECT_EQ(m.ram.reads.size(), got == "page" ? 2u : 1u);
        return got;
    };
    EXPECT_EQ(outcome(R | W | U, user, load, 0), "table");
    EXPECT_EQ(outcome(P | W | U, user, load, 0), "rsvd");
    EXPECT_EQ(outcome(P | R, user, load, 0), "prot");
    EXPECT_EQ(outcome(P | R | U, user, store, 9), "prot");
    EXPECT_EQ(outcome(P | R | U, user, load, 4), "limit");
    EXPECT_EQ(outcome(P | R | U, user, load, 3), "page");
    EXPECT_EQ(outcome(P | R, kernel, load, 3), "page");
    EXPECT_EQ(text(m.go(user, load, 4 << 22)), "limit");
    EXPECT_TRUE(m.ram.reads.empty());
    EXPECT_EQ(m.go(user, load, 1 << 22).cause, cause(user, 1, 2));
}

TEST(segpage, an_absent_segment_and_an_absent_page_are_told_apart)
{
    SegmentedPages m;
    EXPECT_EQ(m.go(user, fetch, 0).cause, cause(user, 0, 5));
    m.put(0, 0x40000, 1, P | X | U);
    EXPECT_EQ(m.go(user, fetch, 0).cause, cause(user, 0, 1));
}

TEST(segpage, all_eight_rights_modes_of_the_segment)
{
    SegmentedPages m;
    // Whatever the page's row says of rights.
    for (uint64_t of_page : {uint64_t(0), W, R | W | X | U}) {
        m.ram.word[0x40000 + 3 * 8] = row(0x11000, P | A | D | of_page);
        expect_rights(m, 0x3456, "0x11456", "table", [&](uint64_t rights) { m.put(0, 0x40000, 4, rights); });
    }
}

TEST(segpage, accessed_and_dirty_are_the_pages)
{
    SegmentedPages m;
    m.put(0, 0x40000, 4, rights_rw);
    m.ram.word[0x40000] = row(0x11000, P | W);
    EXPECT_EQ(text(m.go(user, store, 4)), "0x11004");
    EXPECT_EQ(m.ram.word[0x40000], row(0x11000, P | W | A | D));
    EXPECT_EQ(m.ram.writes, (Addresses{0x40000}));
    m.ram.word[0x40000] = row(0x11000, P);
    m.slow.adue = false;
    EXPECT_EQ(text(m.go(user, load, 4)), "page");
    m.ram.word[0x40000] = row(0x11000, P | A);
    EXPECT_EQ(text(m.go(user, load, 4)), "0x11004");
    EXPECT_EQ(text(m.go(user, store, 4)), "page");
}

TEST(segpage, every_page_size)
{
    for (unsigned plg = 9; plg <= 16; plg++) {
        SegmentedPages m(plg);
        const uint64_t pages = uint64_t(1) << (22 - plg), last = pages - 1;
        m.put(3, 0x40000, pages, rights_rw);
        m.ram.word[0x40000 + last * 8] = row(uint64_t(7) << plg, P | A | D);
        EXPECT_EQ(m.go(user, load, (uint64_t(4) << 22) - 1).pa, (uint64_t(8) << plg) - 1);
        m.put(3, 0x40000, last, rights_rw);
        EXPECT_EQ(text(m.go(user, load, (uint64_t(4) << 22) - 1)), "limit");
        if (plg > 9) {
            m.put(3, 0x40000, pages, rights_rw);
            m.ram.word[0x40000 + last * 8] += 1 << 12;
            EXPECT_EQ(text(m.go(user, load, (uint64_t(4) << 22) - 1)), "rsvd");
        }
    }
}

// The entry has the segment's rights, so that a held one says what a walk would.
TEST(segpage, an_entry_has_the_segments_rights)
{
    SegmentedPages m;
    m.put(0, 0x40000, 4, P | R);
    m.ram.word[0x40000] = row(0x11000, P | W | X | U | A);
    const mmu_entry_t entry = m.go(kernel, load, 0).entry;
    EXPECT_EQ(entry & (MMU_ENTRY_R | MMU_ENTRY_W | MMU_ENTRY_X | MMU_ENTRY_U), MMU_ENTRY_R);
    const mmu_rq_t rq = m.rq(user, load, 0);
    EXPECT_FALSE(m.format().perm(&rq, &m.slow, entry));
}

TEST(segpage, a_segments_word_is_not_kept)
{
    SegmentedPages m;
    const mmu_rq_t rq = m.rq(kernel, load, 0);
    const mmu_step_t step = m.format().step(&rq, &m.slow, m.format().start(&rq, &m.slow).pos,
                                            UINT64_C(0xfedcba98) << 22 | 4 << 8 | P | R | X);
    EXPECT_EQ(step.kind, MMU_STEP_READ);
    EXPECT_EQ(step.lg, 0);
    EXPECT_EQ(step.pos, UINT64_C(0xfedcba98) | uint64_t(1) << 51 | uint64_t(1) << 53);
}

} // namespace
