// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Fences: which words may still be used, by form, at t and t + 1 (JDG-2, JDG-3).
#include "bench.h"

using namespace judging;

namespace
{

constexpr uint64_t kNew = 0xa0000000, kNewPa = kNew | 0xabc;

// A page that was translated, and then changed.
class JudgeFence : public testing::Test
{
  protected:
    JudgeFence()
    {
        b.translate();
        change(R | A);
    }
    void change(uint64_t flags)
    {
        b.map(kVa, kNew, flags);
    }
    void hit(uint64_t pa)
    {
        b.request(1);
        b.answer(1, pa);
    }
    Bench b;
};

TEST_F(JudgeFence, without_one_the_old_word_may_be_used)
{
    hit(kPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeFence, without_one_the_new_word_may_be_used_once_it_was_read)
{
    b.request(2);
    b.walk();
    b.answer(2, kNewPa);
    hit(kPa);
    hit(kNewPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeFence, after_one_the_old_word_is_illegal)
{
    uint64_t t = b.clock;
    b.fence();
    b.idle(3);
    hit(kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.text().find("this was right before the fence of clock " + std::to_string(t)),
              std::string::npos)
        << b.text();
}

TEST_F(JudgeFence, after_one_the_new_word_is_legal)
{
    b.fence();
    b.request(1);
    b.walk();
    b.answer(1, kNewPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFenceTime, a_word_that_did_not_change_must_be_read_again)
{
    Bench b;
    b.translate();
    b.fence();
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFence, requests_of_its_clock_are_older)
{
    b.offer(1, kVa);
    b.fence_now({});
    b.tick();
    b.idle(2);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeFence, requests_of_the_next_clock_are_not)
{
    b.fence();
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFence, older_requests_may_use_old_and_new_words)
{
    b.request(1);
    b.request(2);
    b.fence();
    b.walk();
    b.answer(1, kPa);
    b.answer(2, kNewPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFenceTime, a_read_of_its_clock_is_before_it)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 8);
    b.read(kTable1);
    b.fence_now({});
    b.take_read(kLeafAddr);
    b.respond(b.memory[kLeafAddr]);
    b.request(2);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.answer(2, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeFenceTime, an_error_before_it_does_not_count)
{
    Bench b;
    b.request(1);
    b.take_read(kRoot + 8);
    b.respond(0, 0, true);
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
    b.fence();
    b.request(1);
    b.walk();
    b.answer_fault(1, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- by address ----

TEST_F(JudgeFence, by_address_covers_the_leaf)
{
    b.fence(Bench::by_va(kVa & ~UINT64_C(0xfff)));
    hit(kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFence, by_address_leaves_pointers)
{
    b.fence(Bench::by_va(kVa));
    b.request(1);
    b.read(kLeafAddr);
    b.answer(1, kNewPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeFence, by_address_leaves_other_pages)
{
    b.fence(Bench::by_va(kVa ^ 0x1000));
    hit(kPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeFence, by_an_address_that_is_none_covers_nothing)
{
    b.fence(Bench::by_va(kVa | UINT64_C(1) << 60));
    hit(kPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFenceForms, any_address_of_a_superpage_covers_it)
{
    Bench b;
    b.write(kTable1, pte(0x90000000, R | A));
    b.request(1);
    b.walk();
    b.answer(1, 0x90101abc, 21);
    b.fence(Bench::by_va(kVa ^ 0x200000));
    b.request(1);
    b.answer(1, 0x90101abc, 21);
    EXPECT_LEGAL(b);
    b.fence(Bench::by_va(kVa ^ 0x1ff000));
    b.request(1);
    b.answer(1, 0x90101abc, 21);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- by address space ----

TEST_F(JudgeFence, by_asid_covers_the_leaf)
{
    b.fence(Bench::by_asid(7));
    hit(kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFence, by_asid_covers_pointers)
{
    b.fence(Bench::by_asid(7));
    b.request(1);
    b.read(kTable1); // as if a walk cache held the root's pointer
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST_F(JudgeFence, by_another_asid_leaves_it)
{
    b.fence(Bench::by_asid(8));
    hit(kPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFenceForms, by_asid_counts_the_bits_that_the_asid_has)
{
    mmu_judge_options_t opt = {};
    opt.asid_bits_ignored = 8;
    Bench b(opt);
    b.translate();
    b.fence(Bench::by_asid(0x5507));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeFenceForms, by_asid_spares_global_pages)
{
    Bench b;
    b.map(kVa, kPage, R | G | A);
    b.translate();
    b.map(kVa, kNew, R | G | A);
    b.fence(Bench::by_asid(7));
    b.fence(Bench::by_both(kVa, 7));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.fence(Bench::by_va(kVa));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeFenceForms, by_asid_does_not_spare_a_word_because_another_is_global)
{
    Bench b;
    b.translate();
    b.map(kVa, kNew, R | G | A);
    b.fence(Bench::by_asid(7));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- by both ----

TEST_F(JudgeFence, by_both_covers_the_leaf_only)
{
    b.fence(Bench::by_both(kVa, 7));
    b.request(1);
    b.read(kLeafAddr);
    b.answer(1, kNewPa);
    EXPECT_LEGAL(b);
    hit(kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFence, by_both_leaves_other_spaces_and_other_pages)
{
    b.fence(Bench::by_both(kVa, 8));
    b.fence(Bench::by_both(kVa ^ 0x1000, 7));
    hit(kPa);
    EXPECT_LEGAL(b);
}

// ---- words of different times ----

TEST(JudgeFenceForms, words_of_one_walk_may_be_of_different_times)
{
    Bench b;
    b.translate();
    // Another page through the same table, after the pointers changed: the old pointers may still be in use.
    b.write(kRoot + 8, 0);
    b.map(kVa ^ 0x1000, kNew, R | A);
    b.write(kRoot + 8, 0);
    b.request(1, kVa ^ 0x1000);
    b.read(kLeafAddr ^ 8);
    b.answer(1, kNewPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeFenceForms, a_reset_forgets_all)
{
    Bench b;
    b.translate();
    b.request(1);
    mmu_judge_reset(b.judge, b.clock);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

} // namespace
