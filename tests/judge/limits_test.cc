// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What the judge gives up, what it forgets, what it tells, and how a run ends (JDG-9, JDG-13 to JDG-16).
#include "bench.h"

using namespace judging;

namespace
{

// ---- undecided ----

// So many versions, 4 at most, of each word of the walk, all of them read.
void blur(Bench &b, unsigned versions)
{
    b.request(14);
    for (unsigned n = 0; n < versions; n++) {
        // The software bits make another word of the same meaning.
        b.write(kRoot + 8, pte(kTable1, uint64_t(n) << 8));
        b.write(kTable1, pte(kTable0, uint64_t(n) << 8));
        b.write(kLeafAddr, pte(kPage + 0x1000 * n, R | A));
        b.walk();
    }
}

TEST(JudgeUndecided, up_to_64_choices_are_decided)
{
    Bench b;
    blur(b, 4); // 4 x 4 x 4
    b.answer(14, 0xdead0abc);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeUndecided, a_legal_answer_among_the_first_choices_is_legal)
{
    Bench b;
    blur(b, 4);
    b.write(kLeafAddr, pte(0xa0000000, R | A));
    b.walk();
    b.answer(14, 0xa0000abc);
    EXPECT_LEGAL(b);
}

TEST(JudgeUndecided, more_choices_are_counted_and_fail_the_run_above_the_rate)
{
    Bench b;
    blur(b, 4);
    b.write(kLeafAddr, pte(0xa0000000, R | A));
    b.walk(); // 4 x 4 x 5
    b.answer(14, 0xdead0abc);
    EXPECT_EQ(b.failed(), MMU_JUDGE_OK) << b.text();
    EXPECT_EQ(b.counts().undecided, 1u);
    for (unsigned n = 2; n < 1000; n++) {
        b.request(1);
        b.answer(1, 0xa0000abc);
    }
    EXPECT_EQ(b.counts().answers, 999u);
    mmu_judge_finish(b.judge, b.clock, 999);
    EXPECT_ILLEGAL(b, MMU_JUDGE_UNDECIDED);
    EXPECT_EQ(b.text(),
              "the judge could not decide 1 of 999 answers, more than one in 1000: their table words change "
              "too often between fences");
}

TEST(JudgeUndecided, one_in_a_thousand_is_good_enough)
{
    Bench b;
    blur(b, 4);
    b.write(kLeafAddr, pte(0xa0000000, R | A));
    b.walk();
    b.answer(14, 0xdead0abc);
    for (unsigned n = 1; n < 1000; n++) {
        b.request(1);
        b.answer(1, 0xa0000abc);
    }
    mmu_judge_finish(b.judge, b.clock, 1000);
    EXPECT_EQ(b.failed(), MMU_JUDGE_OK) << b.text();
    EXPECT_EQ(b.counts().undecided, 1u);
    EXPECT_EQ(b.counts().legal, 999u);
}

TEST(JudgeUndecided, an_answer_that_a_forgotten_version_may_give)
{
    Bench b;
    b.request(1);
    for (unsigned n = 0; n < 40; n++) {
        b.write(kLeafAddr, pte(kPage + 0x1000 * n, R | A));
        b.walk();
    }
    EXPECT_EQ(b.counts().versions, 32u + 2u);
    b.answer(1, kPa); // the first, which is forgotten
    EXPECT_EQ(b.failed(), MMU_JUDGE_OK) << b.text();
    EXPECT_EQ(b.counts().undecided, 1u);
    b.fence();
    b.request(1);
    b.walk();
    b.answer(1, kPa); // what was forgotten is too old now
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeUndecided, walks_of_more_killed_requests_than_are_remembered)
{
    Bench b;
    for (unsigned n = 0; n < 65; n++) {
        b.request(1, kVa + (uint64_t(n) << 30));
        b.kill();
    }
    b.read(kRoot + 8); // the first one's root
    EXPECT_EQ(b.failed(), MMU_JUDGE_OK) << b.text();
    EXPECT_EQ(b.counts().port_undecided, 1u);
    mmu_judge_finish(b.judge, b.clock, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_UNDECIDED);
    EXPECT_EQ(b.text(), "the judge could not decide 1 of 1 accesses of the walk port, more than one in 1000");
}

// ---- the end of a run ----

TEST(JudgeEnd, answers_of_which_none_was_judged)
{
    Bench b;
    mmu_judge_finish(b.judge, b.clock, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_NOTHING);
    EXPECT_EQ(b.text(),
              "5 answers were given and the judge has judged none, so nothing says that they are right");
}

TEST(JudgeEnd, no_answers_at_all)
{
    Bench b;
    mmu_judge_finish(b.judge, b.clock, 0);
    EXPECT_LEGAL(b);
}

TEST(JudgeEnd, the_first_failure_is_told_and_nothing_is_judged_after_it)
{
    Bench b;
    b.request(1);
    b.answer(1, 0);
    uint64_t clock = mmu_judge_failure(b.judge)->clock;
    b.read(0x1234568);
    b.request(1);
    b.answer(1, 0);
    mmu_judge_finish(b.judge, b.clock, 2);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_EQ(mmu_judge_failure(b.judge)->clock, clock);
    EXPECT_EQ(b.counts().answers, 1u);
}

// ---- the memo ----

TEST(JudgeMemo, is_of_no_use_after_a_fence)
{
    Bench b;
    b.translate();
    b.fence(Bench::by_asid(99));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_EQ(b.counts().remembered, 0u);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_EQ(b.counts().remembered, 1u);
    EXPECT_LEGAL(b);
}

TEST(JudgeMemo, of_a_younger_request_serves_an_older_one)
{
    Bench b;
    b.request(1);
    b.fence();
    b.request(2);
    b.walk();
    b.answer(2, kPa);
    b.answer(1, kPa);
    EXPECT_EQ(b.counts().remembered, 1u);
    EXPECT_LEGAL(b);
}

TEST(JudgeMemo, tells_faults_apart_by_access)
{
    Bench b;
    b.map(kVa, kPage, R | A);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.answer_fault(1, 15);
    b.request(1, kVa + 8, MMU_ACC_STORE);
    b.answer_fault(1, 15, kVa + 8);
    EXPECT_EQ(b.counts().remembered, 1u);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_EQ(b.counts().remembered, 1u);
    EXPECT_LEGAL(b);
}

// ---- memory ----

TEST(JudgeMemory, is_bounded_in_a_run_with_fences)
{
    Bench b;
    uint64_t most = 0;
    for (uint64_t n = 0; n < 20000; n++) {
        uint64_t va = (n * 0x9e3779b9u % 0x8000) << 12;
        b.map(va, n << 12, R | A);
        b.request(1, va);
        b.walk(va);
        b.answer(1, n << 12);
        if (n % 100 == 0)
            b.fence();
        if (b.counts().versions > most)
            most = b.counts().versions;
    }
    EXPECT_LEGAL(b);
    EXPECT_GT(most, 100u);
    EXPECT_LT(most, 1000u);
}

TEST(JudgeMemory, of_a_foreign_mmu_is_bounded)
{
    mmu_judge_options_t opt = {};
    opt.foreign = true;
    Bench b(opt);
    uint64_t most = 0;
    for (uint64_t n = 0; n < 20000; n++) {
        uint64_t va = (n * 0x9e3779b9u % 0x8000) << 12;
        b.map(va, n << 12, R | A);
        b.request(1, va);
        b.answer(1, n << 12);
        if (n % 100 == 0)
            b.fence();
        if (b.counts().versions > most)
            most = b.counts().versions;
    }
    EXPECT_LEGAL(b);
    EXPECT_LT(most, 3000u);
}

TEST(JudgeMemory, of_fences_and_spaces_is_bounded)
{
    Bench b;
    for (unsigned n = 0; n < 3000; n++) {
        b.fence(Bench::by_asid(static_cast<uint16_t>(n)));
        b.ctx.asid = static_cast<uint16_t>(n);
        b.request(1);
        b.walk();
        b.answer(1, kPa);
    }
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().legal, 3000u);
}

// ---- the report ----

TEST(JudgeReport, tells_words_choices_and_fences)
{
    Bench b;
    b.translate();                 // reads in clocks 101, 103, 105
    b.map(kVa, 0xa0000000, R | A); // clock 108
    b.fence(Bench::by_va(kVa));    // clock 108
    b.request(3);                  // clock 109
    b.answer(3, kPa);
    EXPECT_EQ(b.details(), "  data port, id 3: load of 4 bytes at 0x40101abc from S\n"
                           "  Sv39, ASID 7, root at 0x80000000, SUM 0, MXR 0; ADUE 0, PBMTE 0, Svnapot 0; "
                           "accepted in clock 109\n"
                           "  The answer, in clock 110: PA 0x90000abc, page of 2^12 bytes, memory type 0\n"
                           "  The words of its walk, each value that the walk port has returned\n"
                           "    level 2, 8 bytes at 0x80000008\n"
                           "      0x0000000020000401, read in clock 101\n"
                           "    level 1, 8 bytes at 0x80001000\n"
                           "      0x0000000020000801, read in clock 103\n"
                           "    level 0, 8 bytes at 0x80002808\n"
                           "      0x00000000240000cf, read in clock 105; not in memory from clock 108 on\n"
                           "      memory holds 0x0000000028000043 since clock 108\n"
                           "  What the architectural model gives for each choice of them\n"
                           "    1. 0x20000401 0x20000801 0x240000cf\n"
                           "       -> PA 0x90000abc, page of 2^12 bytes, memory type 0\n"
                           "       may not be used: the word at 0x80002808 was last read in clock 105, "
                           "before the fence of clock "
                           "108: address 0x40101abc\n"
                           "  The last fences\n"
                           "    clock 108: address 0x40101abc\n");
}

TEST(JudgeReport, tells_that_nothing_was_read)
{
    Bench b;
    b.request(3);
    b.answer(3, kPa);
    EXPECT_EQ(b.details(), "  data port, id 3: load of 4 bytes at 0x40101abc from S\n"
                           "  Sv39, ASID 7, root at 0x80000000, SUM 0, MXR 0; ADUE 0, PBMTE 0, Svnapot 0; "
                           "accepted in clock 100\n"
                           "  The answer, in clock 101: PA 0x90000abc, page of 2^12 bytes, memory type 0\n"
                           "  The words of its walk, each value that the walk port has returned\n"
                           "    level 2, 8 bytes at 0x80000008\n"
                           "      never read\n"
                           "  What the architectural model gives for each choice of them\n"
                           "    nothing: no walk comes to an end with words that were read\n"
                           "  The last fences\n"
                           "    There was none.\n");
}

} // namespace
