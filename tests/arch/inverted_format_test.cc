// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The format inverted by rule (INV): chains, broken chains, the search row by row.
#include "classic.h"

namespace
{

using namespace classic;

struct Inverted : Machine {
    static constexpr uint64_t table = 0x100000, anchors = 0x200000;

    explicit Inverted(unsigned rows_lg = 3, bool linear = false) : Machine(MMU_FORMAT_INVERTED)
    {
        slow.rows_lg = uint8_t(rows_lg);
        slow.linear = linear;
        ctx.root = table >> 12;
        ctx.aux = anchors >> 12;
        ctx.asid = 7;
    }
    uint64_t at(uint64_t r, unsigned word) const
    {
        return table + 32 * r + 8 * word;
    }
    void put(uint64_t r, uint16_t process, uint64_t page, uint64_t frame, uint64_t rights = all)
    {
        ram.word[at(r, 0)] = page << 17 | uint64_t(process) << 1 | 1;
        ram.word[at(r, 1)] = row(frame, rights);
    }
    void chain(uint64_t r, uint64_t next)
    {
        ram.word[at(r, 2)] = next << 1 | 1;
    }
    // INV-2, by itself: 8 rows.
    uint64_t anchor(uint64_t page) const
    {
        return anchors + 8 * ((page ^ page >> slow.rows_lg ^ ctx.asid) % (uint64_t(1) << slow.rows_lg));
    }
    void begin(uint64_t page, uint64_t r)
    {
        ram.word[anchor(page)] = r << 1 | 1;
    }
};

TEST(inverted, address_0x400000_in_two_processes_reaches_two_frames)
{
    Inverted m;
    m.put(2, 7, 0x400, 0x5000);
    m.put(3, 8, 0x400, 0x6000);
    m.begin(0x400, 2);
    m.ctx.asid = 8;
    m.begin(0x400, 3);
    EXPECT_EQ(text(m.go(user, load, 0x400010)), "0x6010");
    m.ctx.asid = 7;
    EXPECT_EQ(text(m.go(user, load, 0x400010)), "0x5010");
    m.ctx.asid = 9;
    EXPECT_EQ(text(m.go(user, load, 0x400010)), "page");
}

TEST(inverted, a_chain_is_followed_to_the_row_that_matches)
{
    Inverted m;
    m.put(4, 7, 0x12, 0x1000); // another page
    m.put(1, 8, 0x10, 0x2000); // another process
    m.put(6, 7, 0x10, 0x3000);
    m.ram.word[m.at(5, 0)] = uint64_t(0x10) << 17 | 7 << 1; // not in use
    m.begin(0x10, 4);
    m.chain(4, 1);
    m.chain(1, 5);
    m.chain(5, 6);
    const mmu_arch_result_t got = m.go(user, load, 0x10123);
    EXPECT_EQ(text(got), "0x3123");
    EXPECT_EQ(got.lg, 12);
    EXPECT_EQ(m.ram.reads, (Addresses{m.anchor(0x10), m.at(4, 0), m.at(4, 2), m.at(1, 0), m.at(1, 2),
                                      m.at(5, 0), m.at(5, 2), m.at(6, 0), m.at(6, 1)}));
}

TEST(inverted, a_page_that_is_nowhere_is_a_page_fault)
{
    Inverted m;
    EXPECT_EQ(m.go(user, store, 0x10000).cause, cause(user, 2, 1)); // no anchor
    EXPECT_EQ(m.ram.reads.size(), 1u);
    m.put(4, 7, 0x12, 0x1000);
    m.begin(0x10, 4);
    EXPECT_EQ(m.go(user, store, 0x10000).cause, cause(user, 2, 1)); // the chain ends
    EXPECT_EQ(m.ram.reads.size(), 3u);
    EXPECT_NE(m.why().find("nowhere"), std::string::npos);
    m.put(4, 7, 0x10, 0x1000, R); // the row is there, the page is not
    EXPECT_EQ(m.go(user, store, 0x10000).cause, cause(user, 2, 1));
    EXPECT_NE(m.why().find("P is 0"), std::string::npos);
}

TEST(inverted, a_broken_chain_ends)
{
    Inverted m;
    for (uint64_t r = 0; r < 8; r++) {
        m.put(r, 9, r, 0x1000);
        m.chain(r, (r + 1) % 8);
    }
    m.begin(0x10, 3);
    const mmu_arch_result_t loop = m.go(user, load, 0x10000);
    EXPECT_EQ(text(loop), "table");
    EXPECT_EQ(loop.cause, cause(user, 1, 5));
    EXPECT_EQ(m.ram.reads.size(), 1u + 2 * 8); // every row once
    EXPECT_NE(m.why().find("more rows"), std::string::npos);
    // All rows may be looked at: the last one still counts.
    m.put(2, 7, 0x10, 0x3000);
    EXPECT_EQ(text(m.go(user, load, 0x10000)), "0x3000");
    m.put(2, 9, 2, 0x3000);
    m.ram.word.erase(m.at(2, 2));
    EXPECT_EQ(text(m.go(user, load, 0x10000)), "page");
    // A row that is not in the table.
    for (uint64_t wild : {UINT64_C(8), UINT64_C(0x10000), UINT64_C(0xffffffff)}) {
        m.chain(4, wild);
        EXPECT_EQ(text(m.go(user, load, 0x10000)), "table");
        m.begin(0x10, wild);
        EXPECT_EQ(text(m.go(user, load, 0x10000)), "table");
        EXPECT_NE(m.why().find("beyond the table"), std::string::npos);
        m.begin(0x10, 3);
    }
}

TEST(inverted, anchors_are_spread_by_page_and_process)
{
    Inverted m(10);
    for (uint64_t va : {UINT64_C(0), UINT64_C(0x12345678), UINT64_C(0xfffff000)})
        for (uint16_t asid : {0, 1, 0x3ff, 0xffff}) {
            m.ctx.asid = asid;
            EXPECT_EQ(text(m.go(user, load, va)), "page");
            const uint64_t page = va >> 12;
            EXPECT_EQ(m.ram.reads, (Addresses{Inverted::anchors + 8 * ((page ^ page >> 10 ^ asid) & 0x3ff)}));
        }
}

TEST(inverted, tables_of_1_and_of_65536_rows)
{
    Inverted one(0);
    one.put(0, 7, 0xfffff, 0x1000);
    one.begin(0xfffff, 0);
    EXPECT_EQ(text(one.go(user, load, 0xfffff008)), "0x1008");
    EXPECT_EQ(text(one.go(user, load, 0xffffe008)), "page");
    one.chain(0, 0);
    EXPECT_EQ(text(one.go(user, load, 0xffffe008)), "table");

    Inverted m(16);
    m.put(0xffff, 7, 0x123, 0x1000);
    m.begin(0x123, 0xffff);
    EXPECT_EQ(text(m.go(user, load, 0x123008)), "0x1008");
    // A chain of all rows, which ends with the one.
    for (uint64_t r = 0; r < 0x10000; r++)
        m.chain(r, (r + 1) & 0xffff);
    m.begin(0x123, 0);
    EXPECT_EQ(text(m.go(user, load, 0x123008)), "0x1008");
    m.ram.word.erase(m.at(0xffff, 0));
    EXPECT_EQ(text(m.go(user, load, 0x123008)), "table");
    EXPECT_EQ(m.ram.reads.size(), 1u + 2 * 0x10000);
}

TEST(inverted, the_textbooks_search_goes_row_by_row)
{
    Inverted m(3, true);
    m.put(2, 8, 0x10, 0x1000);
    m.put(5, 7, 0x10, 0x3000);
    m.put(6, 7, 0x10, 0x4000); // never reached
    EXPECT_EQ(text(m.go(user, load, 0x10123)), "0x3123");
    EXPECT_EQ(m.ram.reads, (Addresses{m.at(0, 0), m.at(1, 0), m.at(2, 0), m.at(3, 0), m.at(4, 0), m.at(5, 0),
                                      m.at(5, 1)}));
    EXPECT_EQ(m.go(user, load, 0x11000).cause, cause(user, 1, 1));
    EXPECT_EQ(m.ram.reads.size(), 8u); // each row, and none behind the last
    // Chains and anchors say nothing here.
    m.chain(0, 0);
    m.begin(0x10, 6);
    EXPECT_EQ(text(m.go(user, load, 0x10123)), "0x3123");
}

TEST(inverted, all_eight_rights_modes)
{
    for (bool linear : {false, true}) {
        Inverted m(3, linear);
        m.begin(0x10, 6);
        expect_rights(m, 0x10123, "0x3123", "page",
                      [&](uint64_t rights) { m.put(6, 7, 0x10, 0x3000, rights); });
    }
}

TEST(inverted, accessed_and_dirty_are_in_word_1)
{
    Inverted m;
    m.begin(0x10, 6);
    m.put(6, 7, 0x10, 0x3000, P | R | W | U);
    EXPECT_EQ(text(m.go(user, append, 0x10000)), "0x3000");
    EXPECT_EQ(m.ram.writes, (Addresses{m.at(6, 1)}));
    EXPECT_EQ(m.ram.word[m.at(6, 1)], row(0x3000, P | R | W | U | A | D));
}

// FRM-5 and event 36: no read is kept; a further row is a read of level 2 from a row, not from an anchor.
TEST(inverted, positions)
{
    Inverted m;
    const mmu_rq_t rq = m.rq(user, load, 0x10000);
    const mmu_format_t &f = m.format();
    const mmu_start_t start = f.start(&rq, &m.slow);
    EXPECT_EQ(start.pos, mmu_pos_make(3, false, 0));
    const mmu_step_t first = f.step(&rq, &m.slow, start.pos, 5 << 1 | 1);
    EXPECT_EQ(first.pos, mmu_pos_make(2, false, 5 | 1 << 16));
    const mmu_step_t other = f.step(&rq, &m.slow, first.pos, 0);
    EXPECT_EQ(other.pos, mmu_pos_make(1, false, 5 | 1 << 16));
    const mmu_step_t next = f.step(&rq, &m.slow, other.pos, 6 << 1 | 1);
    EXPECT_EQ(next.pos, mmu_pos_make(2, false, 6 | 2 << 16));
    const mmu_step_t match = f.step(&rq, &m.slow, next.pos, 0x10 << 17 | 7 << 1 | 1);
    EXPECT_EQ(match.pos, mmu_pos_make(0, false, 6 | 2 << 16));
    EXPECT_EQ(first.lg | other.lg | next.lg | match.lg, 0);
    m.slow.linear = true;
    EXPECT_EQ(f.start(&rq, &m.slow).pos, mmu_pos_make(2, false, 1 << 16));
    EXPECT_EQ(f.step(&rq, &m.slow, f.start(&rq, &m.slow).pos, 0).pos, mmu_pos_make(2, false, 1 | 2 << 16));
}

} // namespace
