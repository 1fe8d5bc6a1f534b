// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Physical memory protection: ranges, registers, and who may do what (PMP-1..3).
#include "lockwalk/mmu_pmp.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace
{

constexpr uint8_t R = MMU_PMP_R, W = MMU_PMP_W, X = MMU_PMP_X, L = MMU_PMP_L;
constexpr uint8_t TOR = MMU_PMP_TOR << 3, NA4 = MMU_PMP_NA4 << 3, NAPOT = MMU_PMP_NAPOT << 3;
constexpr uint64_t all_ones = MMU_PMP_ADDR_MASK, top = MMU_PA_MASK;
constexpr uint8_t F = MMU_ACC_FETCH, LD = MMU_ACC_LOAD, ST = MMU_ACC_STORE;

// Registers; addresses in bytes, and NAPOT by base and size.
struct Pmp {
    mmu_pmp_file_t file;
    explicit Pmp(unsigned entries = 16)
    {
        memset(&file, 0xa5, sizeof file);
        mmu_pmp_reset(&file, entries);
    }
    Pmp &set(unsigned i, uint8_t cfg, uint64_t byte_addr)
    {
        mmu_pmp_write(&file, i, cfg, byte_addr >> 2, MMU_SEC_RLB);
        return *this;
    }
    Pmp &napot(unsigned i, uint8_t rights, uint64_t base, uint64_t size)
    {
        mmu_pmp_write(&file, i, rights | NAPOT, base >> 2 | (size / 8 - 1), MMU_SEC_RLB);
        return *this;
    }
    bool allow(uint64_t pa, uint8_t acc = LD, uint8_t size = 0, uint8_t prv = MMU_PRIV_S) const
    {
        const bool yes = mmu_pmp_allow(file.range, file.entries, pa, acc, size, prv, 0);
        const uint8_t verdict = decide(pa, acc, size, prv).verdict;
        EXPECT_EQ(yes, verdict == MMU_PMP_ALLOWED || verdict == MMU_PMP_FREE);
        return yes;
    }
    bool m(uint64_t pa, uint8_t acc = LD, uint8_t size = 0) const
    {
        return allow(pa, acc, size, MMU_PRIV_M);
    }
    mmu_pmp_decision_t decide(uint64_t pa, uint8_t acc, uint8_t size, uint8_t prv) const
    {
        return mmu_pmp_decide(file.range, file.entries, pa, acc, size, prv, 0);
    }
    // "1 partial": which entry decided a load of S, and how.
    std::string decided(uint64_t pa, uint8_t size = 0, uint8_t prv = MMU_PRIV_S) const
    {
        static const char *const names[] = {"allowed", "partial", "no right", "no match", "free"};
        const mmu_pmp_decision_t d = decide(pa, LD, size, prv);
        return (d.entry == MMU_PMP_NO_ENTRY ? "-" : std::to_string(d.entry)) + " " + names[d.verdict];
    }
};

void expect_range(const mmu_pmp_range_t &r, bool on, uint64_t base, uint64_t last)
{
    EXPECT_EQ(r.on, on);
    EXPECT_EQ(r.base, base);
    EXPECT_EQ(r.last, last);
}

// ---- ranges -------------------------------------------------------------------------------------------

TEST(pmp_range, off_matches_nothing_and_keeps_its_rights)
{
    const mmu_pmp_range_t r = mmu_pmp_decode(R | X | L, 0x1234, 0x1000);
    expect_range(r, false, 0, 0);
    EXPECT_TRUE(r.r && !r.w && r.x && r.l);
}

TEST(pmp_range, tor_reaches_from_the_address_before_to_below_its_own)
{
    expect_range(mmu_pmp_decode(TOR, 0x1234, 0x1000), true, 0x1000, 0x1233);
    expect_range(mmu_pmp_decode(TOR, 0x1234, 0), true, 0, 0x1233);
    expect_range(mmu_pmp_decode(TOR, 1, 0), true, 0, 0);
    expect_range(mmu_pmp_decode(TOR, all_ones, all_ones - 1), true, all_ones - 1, all_ones - 1);
}

TEST(pmp_range, tor_whose_base_is_not_below_its_top_matches_nothing)
{
    expect_range(mmu_pmp_decode(TOR | W, 0x1000, 0x1000), false, 0, 0);
    expect_range(mmu_pmp_decode(TOR, 0x1000, 0x1001), false, 0, 0);
    expect_range(mmu_pmp_decode(TOR, 0, 0), false, 0, 0);
    EXPECT_TRUE(mmu_pmp_decode(TOR | W, 0x1000, 0x1000).w);
}

TEST(pmp_range, na4_is_one_unit)
{
    expect_range(mmu_pmp_decode(NA4, 0x1234, 0x99), true, 0x1234, 0x1234);
    expect_range(mmu_pmp_decode(NA4, all_ones, 0), true, all_ones, all_ones);
}

TEST(pmp_range, napot_of_every_size)
{
    for (unsigned k = 0; k < 54; k++) { // trailing ones: 2^(k + 3) bytes
        const uint64_t ones = (uint64_t(1) << k) - 1;
        const uint64_t size = uint64_t(1) << (k + 1); // in units
        // All bits above the lowest zero are set, or none.
        const uint64_t high = all_ones & ~(size - 1);
        expect_range(mmu_pmp_decode(NAPOT, ones, 0), true, 0, size - 1);
        expect_range(mmu_pmp_decode(NAPOT, high | ones, 0x77), true, high, all_ones);
        // The same by accesses around a range in the middle.
        if (k < 52) {
            const uint64_t base = uint64_t(1) << (k + 2), bytes = size * 4;
            Pmp p;
            p.set(0, R | NAPOT, (base | ones) << 2);
            EXPECT_FALSE(p.allow(base * 4 - 1)) << k;
            EXPECT_TRUE(p.allow(base * 4)) << k;
            EXPECT_TRUE(p.allow(base * 4 + bytes - 1)) << k;
            EXPECT_FALSE(p.allow(base * 4 + bytes)) << k;
        }
    }
}

TEST(pmp_range, napot_of_all_ones_is_everything)
{
    expect_range(mmu_pmp_decode(NAPOT, all_ones, 0), true, 0, all_ones);
    const Pmp p = Pmp().set(0, R | NAPOT, top);
    EXPECT_TRUE(p.allow(0) && p.allow(top) && p.allow(top - 7, LD, 3));
}

TEST(pmp_range, only_54_bits_of_an_address_count)
{
    expect_range(mmu_pmp_decode(NA4, ~uint64_t(0), 0), true, all_ones, all_ones);
    expect_range(mmu_pmp_decode(NAPOT, ~uint64_t(0), 0), true, 0, all_ones);
    expect_range(mmu_pmp_decode(TOR, all_ones + 3, all_ones + 2), true, 1, 1);
    Pmp p;
    mmu_pmp_write(&p.file, 2, NA4, all_ones + 6, MMU_SEC_RLB);
    EXPECT_EQ(p.file.addr[2], 5u);
}

// ---- registers ----------------------------------------------------------------------------------------

TEST(pmp_registers, after_reset_all_is_off)
{
    const Pmp p;
    for (unsigned i = 0; i < MMU_MAX_PMP; i++) {
        const mmu_pmp_range_t &r = p.file.range[i];
        EXPECT_TRUE(p.file.addr[i] == 0 && p.file.cfg[i] == 0 && !r.on && !r.r && !r.w && !r.x && !r.l);
        expect_range(r, false, 0, 0);
    }
    EXPECT_FALSE(p.allow(0));
    EXPECT_TRUE(p.m(0));
}

TEST(pmp_registers, an_entry_that_is_off_or_of_another_mode_is_the_base_of_the_next)
{
    for (uint8_t mode : {uint8_t(0), TOR, NA4, NAPOT}) {
        const Pmp p = Pmp().set(3, mode, 0x1000).set(4, R | TOR, 0x2000);
        expect_range(p.file.range[4], true, 0x1000 >> 2, (0x2000 >> 2) - 1);
    }
}

TEST(pmp_registers, a_write_moves_the_base_of_the_tor_entry_above)
{
    Pmp p;
    p.set(5, R | TOR, 0x3000);
    expect_range(p.file.range[5], true, 0, 0xbff);
    p.set(4, 0, 0x1000);
    expect_range(p.file.range[5], true, 0x400, 0xbff);
    p.set(4, 0, 0x3000); // no longer below it
    expect_range(p.file.range[5], false, 0, 0);
    p.set(4, NA4, 0x2000);
    expect_range(p.file.range[5], true, 0x800, 0xbff);
    // The one two above does not care, nor one that is not TOR.
    p.set(6, NA4, 0x4000).set(4, 0, 0x2800);
    expect_range(p.file.range[6], true, 0x1000, 0x1000);
    expect_range(p.file.range[5], true, 0xa00, 0xbff);
}

TEST(pmp_registers, the_last_entry_works_and_one_beyond_is_not_written)
{
    for (unsigned entries : {16u, 64u}) {
        Pmp p(entries);
        p.set(entries - 1, R | NA4, 0x1000);
        EXPECT_TRUE(p.allow(0x1000)) << entries;
        EXPECT_EQ(p.decided(0x1000), std::to_string(entries - 1) + " allowed");
        EXPECT_FALSE(p.allow(0x1004)) << entries;
        const mmu_pmp_file_t before = p.file;
        p.set(entries, R | NA4, 0x2000);
        EXPECT_EQ(memcmp(&before, &p.file, sizeof before), 0) << entries;
        // It is TOR's top too, above the one before.
        p.set(entries - 2, 0, 0x1000).set(entries - 1, R | TOR, 0x1008);
        EXPECT_TRUE(p.allow(0x1007) && !p.allow(0x0fff) && !p.allow(0x1008)) << entries;
    }
}

TEST(pmp_registers, an_entry_counts_for_whom_it_exists)
{
    // Entry 20 of 64 is none of 16.
    const Pmp p = Pmp(64).set(20, R | NA4, 0x1000);
    EXPECT_TRUE(mmu_pmp_allow(p.file.range, 64, 0x1000, LD, 0, MMU_PRIV_S, 0));
    EXPECT_FALSE(mmu_pmp_allow(p.file.range, 16, 0x1000, LD, 0, MMU_PRIV_S, 0));
}

// ---- who may do what ----------------------------------------------------------------------------------

TEST(pmp_allow, without_entries_everything_is_allowed)
{
    const Pmp p(0);
    for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M})
        for (uint8_t acc : {F, LD, ST})
            EXPECT_TRUE(p.allow(top - 7, acc, 3, prv));
    EXPECT_EQ(p.decided(0), "- free");
}

TEST(pmp_allow, without_a_match_only_m_is_allowed)
{
    const Pmp p = Pmp().napot(0, R | W | X, 0x1000, 0x1000);
    for (uint8_t acc : {F, LD, ST}) {
        EXPECT_TRUE(p.allow(0x2000, acc, 0, MMU_PRIV_M));
        EXPECT_FALSE(p.allow(0x2000, acc, 0, MMU_PRIV_S));
        EXPECT_FALSE(p.allow(0x2000, acc, 0, MMU_PRIV_U));
    }
    EXPECT_EQ(p.decided(0x2000), "- no match");
    EXPECT_EQ(p.decided(0x2000, 0, MMU_PRIV_M), "- free");
}

TEST(pmp_allow, each_access_needs_its_own_right)
{
    for (unsigned rights = 0; rights < 8; rights++)
        for (uint8_t lock : {uint8_t(0), L}) {
            const Pmp p = Pmp().napot(0, uint8_t(rights | lock), 0x1000, 0x1000);
            for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M}) {
                const bool bound = prv != MMU_PRIV_M || lock;
                EXPECT_EQ(p.allow(0x1ff8, LD, 3, prv), !bound || (rights & R) != 0);
                EXPECT_EQ(p.allow(0x1ff8, ST, 3, prv), !bound || (rights & W) != 0);
                EXPECT_EQ(p.allow(0x1ffc, F, 2, prv), !bound || (rights & X) != 0);
            }
        }
    EXPECT_EQ(Pmp().napot(0, X, 0x1000, 0x1000).decided(0x1000), "0 no right");
}

TEST(pmp_allow, the_lowest_numbered_match_decides)
{
    Pmp p;
    p.napot(2, R, 0x1000, 0x1000).napot(7, R | W | X, 0, 0x10000);
    EXPECT_TRUE(p.allow(0x1000, LD) && !p.allow(0x1000, ST)); // 2, though 7 allows more
    EXPECT_TRUE(p.allow(0x2000, ST));                         // 7 alone
    p.napot(1, W, 0x1000, 0x1000);
    EXPECT_TRUE(!p.allow(0x1000, LD) && p.allow(0x1000, ST));
    p.set(1, 0, 0x1000); // off: it is as if it were not there
    EXPECT_TRUE(p.allow(0x1000, LD));
    // A lower entry without rights takes a hole out of a higher one, in M where it is locked.
    p.set(0, L | NA4, 0x3004);
    EXPECT_TRUE(p.allow(0x3003) && !p.allow(0x3004) && !p.allow(0x3007) && p.allow(0x3008));
    EXPECT_TRUE(p.m(0x3003) && !p.m(0x3004) && p.m(0x3008));
}

TEST(pmp_allow, a_partial_match_fails_from_m_too)
{
    Pmp p;
    p.set(1, R | W | X | NA4, 0x1004).napot(2, R | W | X, 0, 0x10000);
    EXPECT_TRUE(p.allow(0x1004, LD, 2));  // all of it
    EXPECT_FALSE(p.allow(0x1000, LD, 3)); // its upper half, and entry 2 would cover all
    EXPECT_FALSE(p.m(0x1000, LD, 3));
    EXPECT_FALSE(p.m(0x1000, ST, 3));
    EXPECT_EQ(p.decided(0x1000, 3, MMU_PRIV_M), "1 partial");
    p.set(1, R | NA4, 0x1000); // its lower half
    EXPECT_FALSE(p.m(0x1000, LD, 3));
    EXPECT_TRUE(p.m(0x1008, LD, 3));
    // The order decides: where entry 2 is asked first, it covers all.
    p.set(3, NA4, 0x1000).set(1, 0, 0);
    EXPECT_TRUE(p.allow(0x1000, LD, 3));
    // An entry inside of an access matches it partly.
    p.set(0, R | NA4, 0x2014);
    EXPECT_FALSE(p.m(0x2010, LD, 4));
    EXPECT_TRUE(p.m(0x2000, LD, 4));
}

TEST(pmp_allow, the_length_of_an_access_counts)
{
    const Pmp p = Pmp().set(0, 0, 0x1004).set(1, R | TOR, 0x100c); // 0x1004..0x100b
    for (uint8_t size = 0; size <= 2; size++)
        EXPECT_TRUE(p.allow(0x1004, LD, size) && p.allow(0x1008, LD, size)) << int(size);
    EXPECT_TRUE(!p.allow(0x1000, LD, 3) && !p.allow(0x1008, LD, 3));
    EXPECT_EQ(p.decided(0x1000, 2), "- no match");
    EXPECT_EQ(p.decided(0x1000, 3), "1 partial");
    // 16 and 128 bytes, for formats with longer accesses.
    const Pmp q = Pmp().napot(0, R, 0x1000, 64);
    EXPECT_TRUE(q.allow(0x1030, LD, 4) && !q.allow(0x1000, LD, 7) && q.allow(0x1000, LD, 6));
}

TEST(pmp_allow, a_locked_entry_binds_m)
{
    const Pmp p = Pmp().napot(0, R | L, 0x1000, 0x1000).napot(1, R, 0x2000, 0x1000);
    EXPECT_TRUE(p.m(0x1000, LD) && !p.m(0x1000, ST) && !p.m(0x1000, F));
    EXPECT_TRUE(p.m(0x2000, LD) && p.m(0x2000, ST) && p.m(0x2000, F));
}

// ---- against a slow definition --------------------------------------------------------------------------

// Byte by byte, from the registers: the entry of lowest number that holds any byte must hold all.
bool slow_allow(const mmu_pmp_file_t &f, uint64_t pa, uint8_t acc, uint8_t size, uint8_t prv)
{
    for (unsigned i = 0; i < f.entries; i++) {
        unsigned held = 0;
        for (uint64_t byte = pa; byte < pa + (uint64_t(1) << size); byte++) {
            const uint64_t unit = byte / 4;
            bool in = false;
            switch ((f.cfg[i] >> 3) & 3) {
            case 1:
                in = unit < f.addr[i] && unit >= (i ? f.addr[i - 1] : 0);
                break;
            case 2:
                in = unit == f.addr[i];
                break;
            case 3: {
                unsigned k = 0; // trailing ones
                while (k < 54 && (f.addr[i] >> k & 1))
                    k++;
                in = unit >> (k + 1) == f.addr[i] >> (k + 1);
                break;
            }
            }
            held += in;
        }
        if (held == 0)
            continue;
        if (held != 1u << size)
            return false;
        if (prv == MMU_PRIV_M && !(f.cfg[i] & L))
            return true;
        return (f.cfg[i] & (acc == F ? X : acc == LD ? R : W)) != 0;
    }
    return prv == MMU_PRIV_M || f.entries == 0;
}

TEST(pmp_random, agrees_with_the_definition_byte_by_byte_and_so_does_the_window)
{
    std::mt19937_64 random(1);
    uint64_t yes = 0, no = 0, kept = 0;
    for (int round = 0; round < 400; round++) {
        const unsigned entries = round % 8 == 0 ? 64 : round % 8 == 1 ? 0 : 16;
        Pmp p(entries);
        mmu_pmp_window_t window = {};
        // Few addresses, so that ranges meet: units 0..63, and some at the top.
        for (int writes = 0; writes < 40; writes++) {
            const uint64_t addr = random() % 16 == 0 ? all_ones - random() % 4 : random() % 64;
            if (random() % 3)
                mmu_pmp_write(&p.file, unsigned(random() % 64), uint8_t(random()) & 0x9f, addr, MMU_SEC_RLB);
        }
        for (int n = 0; n < 300; n++) {
            const uint8_t size = uint8_t(random() % 5), acc = uint8_t(random() % 3);
            const uint8_t prv = uint8_t(random() % 3 == 2 ? 3 : random() % 2);
            uint64_t pa = random() % 16 == 0 ? top - random() % 32 : random() % 300;
            pa &= ~((uint64_t(1) << size) - 1);
            const bool want = slow_allow(p.file, pa, acc, size, prv);
            const mmu_pmp_window_t before = window;
            ASSERT_EQ(p.allow(pa, acc, size, prv), want) << round << " 0x" << std::hex << pa;
            ASSERT_EQ(mmu_pmp_allow_near(&window, p.file.range, entries, pa, acc, size, prv, 0), want)
                << round << " 0x" << std::hex << pa << " in 0x" << before.base << "-0x" << before.last;
            ASSERT_TRUE(window.base <= pa >> 2 && pa >> 2 <= window.last);
            kept += before.known && before.base == window.base && before.last == window.last;
            (want ? yes : no)++;
        }
    }
    EXPECT_GT(yes, 20000u);
    EXPECT_GT(no, 20000u);
    EXPECT_GT(kept, 10000u);
}

TEST(pmp_window, is_the_widest_one)
{
    const Pmp p =
        Pmp().set(0, R | NA4, 0x1010).set(1, 0, 0x1020).set(2, R | TOR, 0x1040).napot(5, R, 0x1000, 0x1000);
    mmu_pmp_window_t w = {};
    auto look = [&](uint64_t pa, uint64_t base, uint64_t last) {
        mmu_pmp_look(&w, p.file.range, p.file.entries, pa, 0);
        EXPECT_TRUE(w.base * 4 == base && w.last * 4 + 3 == last)
            << std::hex << pa << ": " << w.base * 4 << "-" << w.last * 4 + 3;
    };
    look(0x1000, 0x1000, 0x100f); // entry 5, below entry 0
    look(0x1012, 0x1010, 0x1013); // entry 0
    look(0x1018, 0x1014, 0x101f); // entry 5 between two
    look(0x103f, 0x1020, 0x103f); // entry 2
    look(0x1040, 0x1040, 0x1fff); // entry 5, above them
    look(0, 0, 0xfff);            // none
    look(0x2000, 0x2000, top);    // none
}

TEST(pmp_text, every_verdict_has_a_sentence)
{
    for (unsigned v = 0; v < MMU_PMP_VERDICTS; v++)
        EXPECT_NE(std::string(mmu_pmp_text(v)).find("(PMP-3"), std::string::npos) << v;
    EXPECT_STREQ(mmu_pmp_text(MMU_PMP_VERDICTS), "no such verdict");
}

} // namespace
