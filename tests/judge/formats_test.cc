// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Formats other than riscv: their walks, their answers, and which words a fence ends (JDG-3, JDG-24, JDG-25).
#include "bench.h"

using namespace judging;

namespace
{

// ---- x86, 4-level: one table of each level ----

enum : uint64_t { P = 1, RW = 2, US = 4, ACC = 32, DIRTY = 64, GLOBAL = 256 };
constexpr uint64_t kPointer = P | RW | US | ACC, kLeaf = kPointer | DIRTY;
constexpr uint64_t kT3 = kRoot, kT2 = 0x80001000, kT1 = 0x80002000, kT0 = 0x80003000;
constexpr uint64_t kOne = 0x5abc, kTwo = 0x6abc; // two pages of one table
constexpr uint64_t kOnePa = 0x90000abc, kTwoPa = 0x90001abc;

mmu_fence_t fence_x(bool va_en, uint64_t va, bool asid_en, uint16_t asid, bool keep_g)
{
    mmu_fence_t f = {};
    f.kind = MMU_FENCE_X;
    f.va_en = va_en;
    f.va = va;
    f.asid_en = asid_en;
    f.asid = asid;
    f.keep_g = keep_g;
    return f;
}

class X86 : public Bench
{
  public:
    X86()
    {
        slow.format = MMU_FORMAT_X86;
        slow.maxpa = 40;
        slow.pge = true;
        ctx.mode = 3;
        write(kT3, kT2 | kPointer);
        write(kT2, kT1 | kPointer);
        write(kT1, kT0 | kPointer);
        write(kT0 + 8 * 5, 0x90000000 | kLeaf);
        write(kT0 + 8 * 6, 0x90001000 | kLeaf);
    }
    // The reads of a walk, from this level on.
    void walk_x86(uint64_t va, int level = 3)
    {
        const uint64_t table[] = {kT0, kT1, kT2, kT3};
        for (; level >= 0; level--)
            read(table[level] + 8 * (va >> (12 + 9 * level) & 511));
    }
    void hold(uint64_t va, uint64_t pa)
    {
        request(14, va);
        walk_x86(va);
        answer(14, pa);
    }
    void hit(uint64_t va, uint64_t pa)
    {
        request(1, va);
        answer(1, pa);
    }
};

TEST(JudgeFormats, an_x86_walk_and_its_answer_are_legal)
{
    X86 b;
    b.hold(kOne, kOnePa);
    b.hit(kOne + 1, kOnePa + 1);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().legal, 2u);
}

TEST(JudgeFormats, an_x86_answer_of_the_other_page_is_illegal)
{
    X86 b;
    b.request(3, kOne);
    b.walk_x86(kOne);
    b.answer(3, kTwoPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.details().find("x86 4-level, PCID 7"), std::string::npos) << b.details();
}

TEST(JudgeFormats, error_codes_are_the_formats)
{
    for (uint8_t cause : {1 | 2 | 4, 2 | 4}) {
        X86 b;
        b.write(kT0 + 8 * 5, 0x90000000 | P | ACC); // supervisor's, read-only
        b.request(3, kOne, MMU_ACC_STORE, MMU_PRIV_U);
        b.walk_x86(kOne);
        b.answer_fault(3, cause, kOne);
        if ((cause & 1) != 0) {
            EXPECT_LEGAL(b);
        } else {
            EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
        }
    }
}

TEST(JudgeFormats, flags_are_of_the_request_and_not_of_the_space)
{
    X86 b;
    b.write(kT0 + 8 * 5, 0x90000000 | P | US | ACC | DIRTY); // read-only
    b.request(14, kOne);
    b.walk_x86(kOne);
    b.answer(14, kOnePa);
    b.request(1, kOne, MMU_ACC_STORE); // without WP the supervisor may
    b.answer(1, kOnePa);
    EXPECT_LEGAL(b);
    b.ctx.flags = 1;
    b.request(1, kOne, MMU_ACC_STORE);
    b.answer(1, kOnePa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- A of pointers (JDG-25) ----

class Accessed : public X86
{
  public:
    Accessed()
    {
        slow.afault = true;
        write(kT2, kT1 | (kPointer & ~ACC));
        request(3, kOne);
        read(kT3);
        read(kT2);
    }
};

TEST(JudgeFormats, a_pointer_is_swapped_and_the_walk_goes_on)
{
    Accessed b;
    EXPECT_TRUE(b.swap(kT2, kT1 | (kPointer & ~ACC), kT1 | kPointer));
    b.walk_x86(kOne, 1);
    b.answer(3, kOnePa);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().swaps, 1u);
}

TEST(JudgeFormats, a_pointer_whose_A_is_clear_leads_nowhere)
{
    Accessed b;
    b.read(kT1); // without the swap
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeFormats, D_is_not_set_in_a_pointer)
{
    Accessed b;
    b.swap(kT2, kT1 | (kPointer & ~ACC), kT1 | kPointer | DIRTY);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST(JudgeFormats, after_the_swap_of_a_pointer_comes_the_table_that_it_names)
{
    Accessed b;
    b.swap(kT2, kT1 | (kPointer & ~ACC), kT1 | kPointer);
    b.read(kT0 + 8 * 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeFormats, a_lost_swap_of_a_pointer_is_a_read)
{
    Accessed b;
    b.write(kT2, kT1 | kPointer); // somebody else was quicker
    EXPECT_FALSE(b.swap(kT2, kT1 | (kPointer & ~ACC), kT1 | kPointer));
    b.walk_x86(kOne, 1);
    b.answer(3, kOnePa);
    EXPECT_LEGAL(b);
}

// X86-8: the first pass writes nothing, the second begins at the root again.
TEST(JudgeFormats, the_second_pass_sets_A_where_the_access_succeeds)
{
    X86 b;
    b.write(kT2, kT1 | (kPointer & ~ACC));
    b.request(3, kOne);
    b.walk_x86(kOne);
    b.read(kT3);
    b.read(kT2);
    b.swap(kT2, kT1 | (kPointer & ~ACC), kT1 | kPointer);
    b.walk_x86(kOne, 1);
    b.answer(3, kOnePa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFormats, the_first_pass_sets_no_A)
{
    X86 b;
    b.write(kT2, kT1 | (kPointer & ~ACC));
    b.request(3, kOne);
    b.read(kT3);
    b.read(kT2);
    b.swap(kT2, kT1 | (kPointer & ~ACC), kT1 | kPointer);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

// ---- FenceX ----

struct Fence {
    const char *name;
    mmu_fence_t fence;
    bool one, two, global; // whether page one, page two, page one as a global page may still be hit
};

class JudgeFenceX : public testing::TestWithParam<Fence>
{
};

TEST_P(JudgeFenceX, ends_what_it_covers)
{
    const Fence &f = GetParam();
    const auto verdict = [&](uint64_t va, uint64_t pa, uint64_t flags) {
        X86 b;
        b.write(kT0 + 8 * 5, 0x90000000 | kLeaf | flags);
        b.hold(kOne, kOnePa);
        b.hold(kTwo, kTwoPa);
        b.fence(f.fence);
        b.hit(va, pa);
        return b.failed() == MMU_JUDGE_OK && b.counts().undecided == 0;
    };
    EXPECT_EQ(verdict(kOne, kOnePa, 0), f.one);
    EXPECT_EQ(verdict(kTwo, kTwoPa, 0), f.two);
    EXPECT_EQ(verdict(kOne, kOnePa, GLOBAL), f.global);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, JudgeFenceX,
    testing::Values(Fence{"INVLPG", fence_x(true, kOne, true, 7, false), false, true, false},
                    Fence{"INVLPG_of_another_PCID", fence_x(true, kOne, true, 8, false), true, true, false},
                    Fence{"INVPCID_0", fence_x(true, kOne, true, 7, true), false, true, true},
                    Fence{"INVPCID_1", fence_x(false, 0, true, 7, true), false, false, true},
                    Fence{"INVPCID_1_of_another", fence_x(false, 0, true, 8, true), true, true, true},
                    Fence{"INVPCID_2", fence_x(false, 0, false, 0, false), false, false, false},
                    Fence{"INVPCID_3", fence_x(false, 0, false, 0, true), false, false, true}),
    [](const auto &kind) { return kind.param.name; });

// A page may be held as a whole, but no walk goes on with pointers of before (PWC-3).
TEST(JudgeFormats, INVLPG_ends_the_pointers_of_its_PCID)
{
    for (uint16_t pcid : {7, 8}) {
        X86 b;
        b.hold(kOne, kOnePa);
        b.fence(fence_x(true, 0x7000, true, pcid, false));
        b.request(3, kTwo);
        b.read(kT0 + 8 * 6); // from a walk cache
        if (pcid == 8) {
            b.answer(3, kTwoPa);
            EXPECT_LEGAL(b);
        } else {
            EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
        }
    }
}

TEST(JudgeFormats, a_leaf_of_after_INVLPG_takes_pointers_of_after_it)
{
    X86 b;
    b.hold(kOne, kOnePa);
    b.fence(fence_x(true, 0x7000, true, 7, false));
    b.request(2, kTwo);
    b.walk_x86(kTwo); // reads them anew
    b.answer(2, kTwoPa);
    b.write(kT1, 0x8000a000 | kPointer); // another table, unread
    b.hit(kOne, kOnePa);                 // held since before
    EXPECT_LEGAL(b);
}

// ---- classical formats ----

class Linear : public Bench
{
  public:
    Linear()
    {
        slow.format = MMU_FORMAT_LINEAR;
        slow.plg = 9;
        slow.adue = true;
        ctx.mode = 1;
        ctx.aux = 16;
        write(kRoot + 8 * 4, row(7, 0x51)); // R, A
        write(kRoot + 8 * 5, row(8, 0x51));
    }
    static uint64_t row(uint64_t frame, uint64_t rights)
    {
        return frame << 12 | rights;
    }
    void hold()
    {
        request(14, 2049);
        read(kRoot + 8 * 4);
        answer(14, 7 * 512 + 1, 9);
    }
};

// Page size 512, VA 2049 is page 4, byte 1.
TEST(JudgeFormats, small_pages_are_told_apart)
{
    Linear b;
    b.hold();
    b.request(1, 2050);
    b.answer(1, 7 * 512 + 2, 9);
    EXPECT_LEGAL(b);
    b.request(1, 2560); // the same 4 KiB, another page
    b.answer(1, 7 * 512, 9);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeFormats, walks_of_two_small_pages_of_4_KiB_are_two_walks)
{
    Linear b;
    b.request(1, 2049);
    b.request(2, 2560);
    b.take_read(kRoot + 8 * 4, 0);
    b.take_read(kRoot + 8 * 5, 1);
    b.respond(b.memory[kRoot + 8 * 4], 0);
    b.respond(b.memory[kRoot + 8 * 5], 1);
    b.answer(1, 7 * 512 + 1, 9);
    b.answer(2, 8 * 512, 9);
    EXPECT_LEGAL(b);
}

TEST(JudgeFormats, a_limit_is_judged_by_the_address_alone)
{
    for (uint8_t kind : {4, 1}) {
        Linear b;
        b.request(1, 16 * 512);
        b.answer_fault(1, 1 << 3 | kind, 16 * 512);
        EXPECT_EQ(b.failed() == MMU_JUDGE_OK, kind == 4);
    }
}

TEST(JudgeFormats, bases_and_bounds)
{
    for (uint64_t pa : {32768 + 100, 100}) {
        Bench b;
        b.slow.format = MMU_FORMAT_BOUNDS;
        b.ctx.mode = 1;
        b.ctx.root = 32768;
        b.ctx.aux = 16384;
        b.request(1, 100);
        b.answer(1, pa, 0);
        EXPECT_EQ(b.failed() == MMU_JUDGE_OK, pa != 100);
    }
}

// Two processes have one address: the table of the other, without a fence between.
TEST(JudgeFormats, a_table_of_the_same_ASID_is_in_force_until_a_fence)
{
    for (bool fence : {false, true}) {
        Linear b;
        b.hold();
        b.ctx.root = 0x80008000 >> 12;
        if (fence)
            b.fence(Bench::by_asid(7));
        b.request(1, 2049);
        b.answer(1, 7 * 512 + 1, 9);
        EXPECT_EQ(b.failed() == MMU_JUDGE_OK, !fence);
    }
}

class Directory : public Linear
{
  public:
    Directory()
    {
        slow.format = MMU_FORMAT_DIRECTORY;
        slow.plg = 12;
        write(kRoot, row(kTable1 >> 9, 1));
        write(kTable1 + 8 * 5, row(0x90000000 >> 9, 0x51));
        write(kTable1 + 8 * 6, row(0x90001000 >> 9, 0x51));
        request(14, kOne);
        read(kRoot);
        read(kTable1 + 8 * 5);
        answer(14, kOnePa);
    }
};

// The directory's row may be in a walk cache, which a fence of an address spares; not so the page's.
TEST(JudgeFormats, a_fence_of_an_address_spares_the_directory)
{
    Directory b;
    b.fence(Bench::by_va(kOne));
    b.request(1, kOne);
    b.read(kTable1 + 8 * 5);
    b.answer(1, kOnePa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFormats, a_fence_of_an_address_ends_its_page)
{
    Directory b;
    b.fence(Bench::by_va(kOne));
    b.request(1, kOne);
    b.answer(1, kOnePa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.text().find("this was right before the fence"), std::string::npos) << b.text();
}

TEST(JudgeFormats, a_fence_of_the_ASID_ends_the_directory_too)
{
    Directory b;
    b.fence(Bench::by_asid(7));
    b.request(1, kOne);
    b.read(kTable1 + 8 * 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

// Nothing of these walks is kept but the translation, so all of its words end with its address.
class Segpage : public Linear
{
  public:
    Segpage()
    {
        slow.format = MMU_FORMAT_SEGPAGE;
        slow.plg = 12;
        write(kRoot, kTable1 >> 9 << 22 | 16 << 8 | 0x11);
        write(kTable1 + 8 * 5, row(0x90000000 >> 9, 0x41));
        request(14, kOne);
        read(kRoot);
        read(kTable1 + 8 * 5);
        answer(14, kOnePa);
    }
};

TEST(JudgeFormats, a_word_that_no_walk_cache_keeps_ends_with_its_address)
{
    Segpage b;
    b.request(1, kOne);
    b.answer(1, kOnePa);
    EXPECT_LEGAL(b);
    b.fence(Bench::by_va(kOne));
    b.request(1, kOne);
    b.read(kTable1 + 8 * 5); // where no walk can begin
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

// A chain of an inverted table, longer than any walk of riscv.
TEST(JudgeFormats, long_chains_are_followed)
{
    for (uint64_t wrong : {0, 512}) {
        Linear b;
        b.slow.format = MMU_FORMAT_INVERTED;
        b.slow.linear = true;
        b.slow.rows_lg = 5;
        for (uint64_t n = 0; n < 32; n++) {
            b.write(kRoot + 32 * n, n << 17 | 7 << 1 | 1);
            b.write(kRoot + 32 * n + 8, Linear::row(64 + n, 0x51));
        }
        b.request(1, 31 * 512);
        for (uint64_t n = 0; n < 32; n++)
            b.read(kRoot + 32 * n);
        b.read(kRoot + 32 * 31 + 8);
        b.answer(1, (64 + 31) * 512 + wrong, 9);
        EXPECT_EQ(b.failed() == MMU_JUDGE_OK, wrong == 0) << b.text();
        EXPECT_EQ(b.counts().undecided, 0u);
    }
}

} // namespace
