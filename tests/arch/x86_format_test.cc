// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The format x86 by rule (X86); the golden vectors are in vectors_test.cc.
#include "classic.h"

namespace
{

using classic::append;
using classic::fetch;
using classic::kernel;
using classic::load;
using classic::store;
using classic::text;
using classic::user;

constexpr uint8_t two_level = 1, pae = 2, pml4 = 3, pml5 = 4;
constexpr uint64_t P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100, NX = uint64_t(1) << 63;
constexpr uint64_t table = P | RW | US | A;    // a pointer
constexpr uint64_t page = P | RW | US | A | D; // a leaf
constexpr unsigned wp = 1, smep = 2, smap = 4, ac = 8;

// Tables at 0x10000 (level 4) down to 0x50000 (level 0), each filled at the index of `va`.
struct X86 : classic::Machine {
    uint64_t va;

    explicit X86(uint8_t mode, uint64_t address = 0) : Machine(MMU_FORMAT_X86), va(address)
    {
        slow.adue = false; // counts in other formats only
        slow.maxpa = 46;
        slow.nxe = slow.pse = slow.pge = true;
        ctx.mode = mode;
        ctx.root = base(root_level()) >> 12;
        for (unsigned level = root_level(); level > 0; level--)
            word(level) = base(level - 1) | (mode == pae && level == 2 ? P : table);
        word(0) = 0x123000 | page;
    }
    unsigned root_level() const
    {
        return ctx.mode;
    }
    static uint64_t base(unsigned level)
    {
        return 0x50000 - 0x10000 * level;
    }
    uint64_t at(unsigned level) const
    {
        if (ctx.mode == two_level)
            return base(level) + 4 * (va >> (12 + 10 * level) & 0x3ff);
        if (ctx.mode == pae && level == 2)
            return base(2) + 32 * ctx.aux + 8 * (va >> 30 & 3);
        return base(level) + 8 * (va >> (12 + 9 * level) & 0x1ff);
    }
    uint64_t &word(unsigned level)
    {
        return ram.word[at(level)];
    }
    mmu_arch_result_t go(uint8_t prv, uint8_t acc)
    {
        return Machine::go(prv, acc, va);
    }
    bool perm(mmu_entry_t entry, uint8_t prv, uint8_t acc) const
    {
        const mmu_rq_t request = rq(prv, acc, va);
        return format().perm(&request, &slow, entry);
    }
};

const uint8_t modes[] = {two_level, pae, pml4, pml5};

// ---- X86-1 to X86-3 ------------------------------------------------------------------------------------

TEST(x86, every_mode_walks_from_its_root)
{
    for (uint8_t mode : modes) {
        X86 m(mode, 0xfedcb678);
        EXPECT_EQ(text(m.go(user, load)), "0x123678") << int(mode);
        EXPECT_EQ(m.go(user, load).lg, 12);
        classic::Addresses want;
        for (unsigned level = mode + 1u; level-- > 0;)
            want.push_back(m.at(level));
        EXPECT_EQ(m.ram.reads, want);
    }
}

TEST(x86, pae_has_a_root_of_32_bytes)
{
    for (uint64_t aux : {0u, 1u, 0x55u, 0x7fu}) {
        X86 m(pae, 0xc0000000);
        m.ram.word.erase(m.at(2));
        m.ctx.aux = aux;
        m.word(2) = X86::base(1) | P;
        EXPECT_EQ(text(m.go(user, load)), "0x123000");
    }
}

TEST(x86, addresses_that_are_not_canonical)
{
    for (uint8_t mode : {pml4, pml5}) {
        const unsigned bits = mode == pml4 ? 47 : 56;
        for (uint64_t va : {uint64_t(0), (uint64_t(1) << bits) - 1, UINT64_MAX << bits, UINT64_MAX}) {
            X86 m(mode, va);
            EXPECT_EQ(m.go(user, load).fault, MMU_FAULT_NONE) << std::hex << va;
        }
        for (unsigned bit = bits; bit < 64; bit++)
            for (uint64_t va : {uint64_t(1) << bit, ~(uint64_t(1) << bit)}) {
                X86 m(mode, va);
                const mmu_arch_result_t got = m.go(user, load);
                EXPECT_EQ(got.fault, MMU_FAULT_LIMIT) << std::hex << va;
                EXPECT_EQ(got.cause, 32);
                EXPECT_EQ(got.tval, va);
                EXPECT_TRUE(m.ram.reads.empty());
            }
    }
    // 32 bits are looked at.
    for (uint8_t mode : {two_level, pae}) {
        X86 m(mode, 0x12345678);
        EXPECT_EQ(text(m.Machine::go(user, load, 0xfffffff012345678)), "0x123678");
    }
}

TEST(x86, no_paging)
{
    X86 m(pml4);
    EXPECT_EQ(text(m.Machine::go(MMU_PRIV_M, load, 0x800000000000)), "0x800000000000");
    m.ctx.mode = 0;
    EXPECT_EQ(text(m.Machine::go(user, load, 0x800000000000)), "0x800000000000");
    const mmu_arch_result_t got = m.Machine::go(user, load, uint64_t(1) << 56);
    EXPECT_EQ(got.fault, MMU_FAULT_ACCESS);
    EXPECT_EQ(got.cause, 33);
}

// ---- X86-4, X86-5 ---------------------------------------------------------------------------------------

TEST(x86, a_word_that_is_not_present_says_nothing_else)
{
    for (uint8_t mode : modes)
        for (unsigned level = 0; level <= mode; level++) {
            X86 m(mode);
            m.word(level) = mode == two_level ? 0xfffffffe : ~uint64_t(1);
            const mmu_arch_result_t got = m.go(user, store);
            EXPECT_EQ(got.fault, MMU_FAULT_PAGE);
            EXPECT_EQ(got.cause, 6);
        }
}

TEST(x86, reserved_bits_of_long_words)
{
    for (uint8_t mode : {pae, pml4, pml5})
        for (unsigned level = 0; level <= mode; level++)
            for (unsigned bit = 12; bit < 64; bit++)
                for (bool nxe : {false, true}) {
                    X86 m(mode);
                    const bool pdpte = mode == pae && level == 2;
                    const bool reserved = (bit >= m.slow.maxpa && bit < 52) ||
                                          (mode == pae && bit >= 52 && bit < 63) ||
                                          (bit == 63 && (pdpte || !nxe));
                    m.slow.nxe = nxe;
                    m.word(level) |= uint64_t(1) << bit;
                    EXPECT_EQ(m.go(user, load).fault == MMU_FAULT_RSVD, reserved)
                        << int(mode) << " " << level << " " << bit;
                    if (reserved)
                        EXPECT_EQ(m.go(user, load).cause, 13);
                }
}

TEST(x86, reserved_bits_of_large_pages)
{
    const struct {
        uint8_t mode;
        unsigned level, lg, first;
    } cases[] = {{two_level, 1, 22, 21}, {pae, 1, 21, 13},  {pml4, 1, 21, 13},
                 {pml4, 2, 30, 13},      {pml5, 1, 21, 13}, {pml5, 2, 30, 13}};
    for (const auto &c : cases) {
        for (unsigned bit = 12; bit < c.lg; bit++) {
            X86 m(c.mode, 0x12345);
            m.word(c.level) = page | PS | uint64_t(1) << bit;
            EXPECT_EQ(m.go(user, load).fault == MMU_FAULT_RSVD, bit >= c.first) << bit;
        }
        X86 m(c.mode, 0x12345);
        m.word(c.level) = page | PS | uint64_t(1) << c.lg | 0x1000; // bit 12 is PAT
        const mmu_arch_result_t got = m.go(user, load);
        EXPECT_EQ(got.pa, (uint64_t(1) << c.lg) + 0x12345);
        EXPECT_EQ(got.lg, c.lg);
    }
    for (unsigned level : {3u, 4u}) {
        X86 m(pml5);
        m.word(level) |= PS;
        EXPECT_EQ(m.go(user, load).fault, MMU_FAULT_RSVD);
    }
    // A PDPTE of PAE has neither PS nor rights nor A: bits 8:5 and 2:1 are not looked at.
    X86 m(pae);
    m.word(2) |= 0x1e6;
    EXPECT_EQ(text(m.go(user, store)), "0x123000");
}

TEST(x86, pages_of_4_mib_reach_40_bits)
{
    X86 m(two_level, 0x00c0ffee & 0x3fffff);
    m.slow.maxpa = 40;
    m.word(1) = page | PS | 0xff << 13 | 0x1400000;
    EXPECT_EQ(m.go(user, load).pa, UINT64_C(0xff01400000) + 0xffee);
    for (unsigned maxpa = 32; maxpa < 42; maxpa++)
        for (unsigned bit = 32; bit < 40; bit++) {
            m.slow.maxpa = uint8_t(maxpa);
            m.word(1) = page | PS | uint64_t(1) << (bit - 32 + 13);
            EXPECT_EQ(m.go(user, load).fault, bit >= maxpa ? MMU_FAULT_RSVD : MMU_FAULT_NONE);
        }
}

TEST(x86, pse_counts_in_2_level_paging_alone)
{
    X86 m(two_level, 0x2345);
    m.slow.pse = false;
    m.word(1) |= PS; // still a pointer
    EXPECT_EQ(text(m.go(user, load)), "0x123345");
    for (uint8_t mode : {pae, pml4}) {
        X86 other(mode, 0x2345);
        other.slow.pse = false;
        other.word(1) = page | PS;
        EXPECT_EQ(text(other.go(user, load)), "0x2345");
    }
}

// ---- X86-6, X86-7, X86-11, X86-12 ------------------------------------------------------------------------

// Rights of all levels, every access, every register: a walk, and the held entry of one that succeeded.
TEST(x86, rights)
{
    for (uint8_t mode : modes)
        for (unsigned level = 0; level <= mode; level++)
            for (unsigned lacks = 0; lacks < 8; lacks++)
                for (unsigned flags = 0; flags < 16; flags++)
                    for (uint8_t prv : {user, kernel})
                        for (uint8_t acc : {fetch, load, store, append, uint8_t(MMU_ACC_LOAD_X)}) {
                            const bool counts = !(mode == pae && level == 2);
                            const bool us = (lacks & 1) == 0 || !counts, rw = (lacks & 2) == 0 || !counts;
                            const bool nx = (lacks & 4) != 0 && counts && mode != two_level;
                            const bool is_store = acc == store || acc == append;
                            X86 m(mode);
                            m.ctx.flags = uint8_t(flags);
                            if (counts)
                                m.word(level) = (m.word(level) & ~(US | RW)) | (us ? US : 0) | (rw ? RW : 0) |
                                                (nx ? NX : 0);
                            bool granted = !(acc == fetch && nx) && !(prv == user && !us);
                            if (prv == kernel && us)
                                granted = granted && !(acc == fetch && (flags & smep) != 0) &&
                                          !(acc != fetch && (flags & smap) != 0 && (flags & ac) == 0);
                            if (is_store && !rw && (prv == user || (flags & wp) != 0))
                                granted = false;
                            const mmu_arch_result_t got = m.go(prv, acc);
                            ASSERT_EQ(text(got), granted ? "0x123000" : "prot")
                                << int(mode) << " " << level << " " << lacks << " " << flags;
                            if (!granted) {
                                const bool i = acc == fetch && ((flags & smep) != 0 || mode != two_level);
                                ASSERT_EQ(got.cause,
                                          1 | (is_store ? 2 : 0) | (prv == user ? 4 : 0) | (i ? 16 : 0));
                            }
                            // What the kernel holds for a load answers as the walk did.
                            m.ctx.flags = ac;
                            const mmu_entry_t entry = m.go(kernel, load).entry;
                            m.ctx.flags = uint8_t(flags);
                            ASSERT_EQ(m.perm(entry, prv, acc), granted);
                        }
}

TEST(x86, nx_counts_while_nxe)
{
    X86 m(pml4);
    m.word(0) |= NX;
    EXPECT_EQ(m.go(user, fetch).cause, 0x15);
    EXPECT_EQ(text(m.go(user, load)), "0x123000");
    m.slow.nxe = false;
    EXPECT_EQ(m.go(user, fetch).cause, 0xd);
    // I, where neither SMEP nor NXE is: not told.
    m.word(0) = 0;
    EXPECT_EQ(m.go(user, fetch).cause, 4);
    m.ctx.flags = smep;
    EXPECT_EQ(m.go(user, fetch).cause, 0x14);
    m.ctx.flags = 0;
    m.slow.nxe = true;
    EXPECT_EQ(m.go(user, fetch).cause, 0x14);
    X86 old(two_level);
    old.word(0) = 0;
    EXPECT_EQ(old.go(user, fetch).cause, 4); // NXE does not count in 2-level paging
}

TEST(x86, entries)
{
    X86 m(pml4, 0x567);
    m.word(0) = 0x123000 | P | US | A | G | NX;
    mmu_entry_t entry = m.go(user, load).entry;
    EXPECT_EQ(entry, (UINT64_C(0x123000) >> 9 | uint64_t(12) << 47 | MMU_ENTRY_R | MMU_ENTRY_U | MMU_ENTRY_G |
                      MMU_ENTRY_A));
    EXPECT_FALSE(m.perm(entry, kernel, store)); // D is clear, though the kernel may write without WP
    m.slow.pge = false;
    EXPECT_FALSE(mmu_entry_g(m.go(user, load).entry));
    // G of a pointer is no G.
    m.slow.pge = true;
    m.word(0) &= ~G;
    m.word(1) |= G;
    EXPECT_FALSE(mmu_entry_g(m.go(user, load).entry));
    EXPECT_EQ(m.format().merge_lg(&m.slow), 12u);
}

// ---- X86-8, X86-9 ---------------------------------------------------------------------------------------

TEST(x86, a_is_set_in_every_word_passed_and_d_in_the_leaf)
{
    for (uint8_t mode : modes)
        for (bool afault : {false, true})
            for (uint8_t acc : {load, fetch, store, append}) {
                X86 m(mode, 0x345678);
                m.slow.afault = afault;
                classic::Addresses set;
                for (unsigned level = mode + 1u; level-- > 0;) {
                    m.word(level) &= ~(A | D);
                    if (!(mode == pae && level == 2))
                        set.push_back(m.at(level));
                }
                EXPECT_EQ(text(m.go(user, acc)), "0x123678");
                EXPECT_EQ(m.ram.writes, set);
                for (unsigned level = 1; level <= mode; level++)
                    EXPECT_EQ(m.word(level) & (A | D), mode == pae && level == 2 ? 0 : A);
                EXPECT_EQ(m.word(0) & (A | D), acc == store || acc == append ? A | D : A);
                EXPECT_EQ(text(m.go(user, acc)), "0x123678");
                EXPECT_TRUE(m.ram.writes.empty());
            }
}

TEST(x86, what_a_failing_access_leaves)
{
    for (uint64_t leaf :
         {uint64_t(0), 0x123000 | P | US, 0x123000 | P | RW, 0x123000 | P | US | RW | uint64_t(1) << 50})
        for (bool afault : {false, true}) {
            X86 m(pml4);
            m.slow.afault = afault;
            for (unsigned level = 1; level < 4; level++)
                m.word(level) &= ~A;
            m.word(0) = leaf;
            EXPECT_NE(m.go(user, store).fault, MMU_FAULT_NONE);
            EXPECT_EQ(m.ram.writes.size(), afault ? 3u : 0u);
            EXPECT_EQ(m.word(0), leaf); // never D, nor A, on a fault
        }
}

// The second pass reads again, and judges what is there then.
TEST(x86, the_second_pass_meets_a_changed_memory)
{
    X86 m(pml4);
    m.word(2) &= ~A;
    EXPECT_EQ(text(m.go(user, load)), "0x123000");
    EXPECT_EQ(m.ram.reads.size(), 8u);
    auto changed = [&](uint64_t other) {
        m.word(2) = X86::base(1) | (table & ~A);
        m.ram.meddle = {other};
        return text(m.go(user, load));
    };
    EXPECT_EQ(changed(X86::base(1) | table), "0x123000"); // somebody else set A
    EXPECT_TRUE(m.ram.writes.empty());
    EXPECT_EQ(changed(0), "page");
    EXPECT_EQ(changed(X86::base(1) | table | uint64_t(1) << 50), "rsvd");
    EXPECT_EQ(changed(X86::base(1) | P | RW | A), "prot");
    EXPECT_EQ(changed(uint64_t(5) << 30 | page | PS), "0x140000000");
    // A leaf that loses its compare-and-swap.
    m.word(2) = X86::base(1) | table;
    m.word(0) &= ~D;
    m.ram.meddle = {0x456000 | P | US | A};
    EXPECT_EQ(text(m.go(user, store)), "prot");
}

TEST(x86, which_pointers_are_kept)
{
    for (uint8_t mode : modes)
        for (unsigned level = 1; level <= mode; level++)
            for (bool a : {false, true})
                for (bool afault : {false, true}) {
                    X86 m(mode);
                    m.slow.afault = afault;
                    const bool pdpte = mode == pae && level == 2;
                    const uint64_t rights = uint64_t(3) << 51; // us, rw
                    const mmu_pos_t pos = mmu_pos_make(level, false, 0) | rights;
                    const mmu_rq_t rq = m.rq(user, load, 0);
                    const mmu_step_t step =
                        m.format().step(&rq, &m.slow, pos, 0x77000 | P | RW | US | (a ? A : 0));
                    const mmu_pos_t next = mmu_pos_make(level - 1, false, 0x77000 >> 9) | rights;
                    const unsigned lg = mode == two_level ? 22 : 12 + 9 * level;
                    if (pdpte || a) {
                        EXPECT_EQ(step.kind, MMU_STEP_READ);
                        EXPECT_EQ(step.lg, pdpte ? 0 : lg);
                        EXPECT_EQ(step.pos, next);
                    } else if (afault) {
                        EXPECT_EQ(step.kind, MMU_STEP_READ_AD);
                        EXPECT_EQ(step.new_word, 0x77000 | P | RW | US | A);
                        EXPECT_EQ(step.pos, next);
                    } else {
                        EXPECT_EQ(step.kind, MMU_STEP_READ);
                        EXPECT_EQ(step.lg, 0);
                        EXPECT_EQ(step.pos, next | uint64_t(1) << 54);
                    }
                    // In the second pass nothing is kept.
                    const mmu_step_t second =
                        m.format().step(&rq, &m.slow, pos | uint64_t(1) << 55, 0x77000 | table);
                    EXPECT_EQ(second.kind, MMU_STEP_READ);
                    EXPECT_EQ(second.lg, 0);
                }
}

TEST(x86, memory_errors)
{
    X86 m(pml4);
    m.ram.end = X86::base(1);
    const mmu_arch_result_t got = m.go(user, store);
    EXPECT_EQ(got.fault, MMU_FAULT_ACCESS);
    EXPECT_EQ(got.cause, 33);
}

} // namespace
