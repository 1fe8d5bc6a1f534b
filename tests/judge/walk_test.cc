// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The walk port: reads and swaps belong to the walk of some request (JDG-10 to JDG-12).
#include "bench.h"

using namespace judging;

namespace
{

// ---- reads ----

TEST(JudgeWalk, from_nowhere_is_illegal)
{
    Bench b;
    b.read(kRoot + 8);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    EXPECT_EQ(b.text(),
              "a walk from nowhere: the walk port, slot 0, reads 8 bytes at 0x80000008, where no accepted "
              "request's walk can be");
}

TEST(JudgeWalk, from_another_root_is_illegal)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 16);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    EXPECT_NE(b.details().find("outstanding: load of 4 bytes at 0x40101abc from S"), std::string::npos)
        << b.details();
}

TEST(JudgeWalk, that_leaves_its_way_is_illegal)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 8);
    b.read(kTable1 + 8);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    EXPECT_NE(b.details().find("its next read is at 0x80001000"), std::string::npos) << b.details();
}

TEST(JudgeWalk, that_goes_on_after_its_end_is_illegal)
{
    Bench b;
    b.request(1);
    b.walk();
    b.read(kPage);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, that_begins_anew_without_a_fence_is_illegal)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 8);
    b.read(kRoot + 8);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, may_begin_anew_after_a_fence)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 8);
    b.fence();
    b.walk();
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeWalk, of_a_request_that_was_answered_is_illegal)
{
    Bench b;
    b.translate();
    b.walk();
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, with_another_width_is_illegal)
{
    Bench b;
    b.request(1);
    b.take_read(kRoot + 8, 0, false);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, of_a_bare_request_is_illegal)
{
    Bench b;
    b.request(1, kVa, MMU_ACC_LOAD, MMU_PRIV_M);
    b.read(kRoot + 8);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, may_begin_where_a_walk_cache_can)
{
    Bench b;
    b.translate();
    b.map(kVa ^ 0x1000, 0xa0000000, R | A);
    b.request(1, kVa ^ 0x1000);
    b.read(kLeafAddr ^ 8);
    b.answer(1, 0xa0000abc);
    EXPECT_LEGAL(b);
}

TEST(JudgeWalk, may_not_begin_with_a_pointer_of_another_asid)
{
    Bench b;
    b.translate();
    b.ctx.asid = 8;
    b.ctx.root = 0x80008;
    b.request(1);
    b.read(kLeafAddr);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, several_at_once_are_told_apart_by_slot)
{
    Bench b;
    b.map(kVa ^ 0x1000, 0xa0000000, R | A);
    b.request(1);
    b.request(2, kVa ^ 0x1000);
    b.read(kRoot + 8, 0);
    b.read(kRoot + 8, 1);
    b.read(kTable1, 1);
    b.read(kTable1, 0);
    b.take_read(kLeafAddr, 0);
    b.take_read(kLeafAddr ^ 8, 1);
    b.respond(b.memory[kLeafAddr ^ 8], 1);
    b.respond(b.memory[kLeafAddr], 0);
    b.answer(2, 0xa0000abc);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

// ---- killed requests ----

TEST(JudgeWalk, of_a_killed_request_goes_on)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 8);
    b.kill();
    b.read(kTable1);
    b.read(kLeafAddr);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeWalk, of_a_killed_request_may_show_only_after_the_kill)
{
    Bench b;
    b.request(1);
    b.kill();
    b.walk();
    EXPECT_LEGAL(b);
}

TEST(JudgeWalk, of_a_killed_request_shows_once_in_a_slot)
{
    Bench b;
    b.request(1);
    b.kill();
    b.walk();
    b.walk();
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeWalk, of_a_killed_request_cannot_begin_after_a_quiet_time)
{
    for (unsigned clocks : {8u, 9u}) {
        Bench b;
        b.request(1);
        b.kill();
        b.idle(clocks);
        b.walk();
        EXPECT_EQ(b.failed(), clocks == 8 ? MMU_JUDGE_OK : MMU_JUDGE_READ) << clocks;
    }
}

// JDG-23: nothing walks while slow registers change, or PMP is written.
TEST(JudgeWalk, of_a_killed_request_is_over_when_slow_registers_change)
{
    enum { NOTHING, SLOW, SEC, PMP };
    for (int change : {NOTHING, SLOW, SEC, PMP}) {
        Bench b;
        b.request(1);
        b.read(kRoot + 8);
        b.kill();
        b.slow.svnapot = change == SLOW;
        b.slow.mmwp = change == SEC;
        b.in.pmp.valid = change == PMP;
        b.idle(1);
        b.read(kTable1); // goes on where the killed one was
        EXPECT_EQ(b.failed(), change == NOTHING ? MMU_JUDGE_OK : MMU_JUDGE_READ) << change;
    }
}

TEST(JudgeWalk, of_the_other_port_is_not_killed)
{
    Bench b;
    b.request(1);
    b.kill(MMU_PORT_I);
    b.idle(20);
    b.walk();
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

// ---- swaps ----

constexpr uint64_t kClean = R | W;

class JudgeSwap : public testing::Test
{
  protected:
    JudgeSwap()
    {
        b.slow.adue = true;
        b.map(kVa, kPage, kClean);
    }
    void swap_to(uint64_t flags)
    {
        b.swap(kLeafAddr, pte(kPage, kClean), pte(kPage, kClean | flags));
    }
    Bench b;
};

TEST_F(JudgeSwap, a_load_sets_a)
{
    b.request(1);
    b.walk();
    swap_to(A);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeSwap, a_store_sets_both)
{
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    swap_to(A | D);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeSwap, d_without_a_store_is_illegal)
{
    b.request(1);
    b.walk();
    swap_to(A | D);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
    EXPECT_EQ(b.text(),
              "an illegal write of accessed and dirty bits: the walk port, slot 0, swaps 0x24000007 for "
              "0x240000c7 at 0x80002808, which no accepted request demands of the word that it has read");
}

TEST_F(JudgeSwap, a_store_that_sets_a_only_is_illegal)
{
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    swap_to(A);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeSwap, d_for_a_store_that_is_not_permitted_is_illegal)
{
    b.map(kVa, kPage, R);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.swap(kLeafAddr, pte(kPage, R), pte(kPage, R | A | D));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeSwap, none_with_svade)
{
    b.slow.adue = false;
    b.request(1);
    b.walk();
    swap_to(A);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeSwap, not_before_the_word_was_read)
{
    b.request(1);
    b.read(kRoot + 8);
    b.read(kTable1);
    swap_to(A);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeSwap, not_of_another_word_than_was_read)
{
    b.request(1);
    b.walk();
    b.swap(kLeafAddr, pte(kPage, R), pte(kPage, R | A));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeSwap, not_at_another_address)
{
    b.request(1);
    b.walk();
    b.swap(kLeafAddr + 8, pte(kPage, kClean), pte(kPage, kClean | A));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeSwap, that_was_lost_is_made_again_with_the_word_returned)
{
    b.request(1);
    b.walk();
    b.write(kLeafAddr, pte(0xa0000000, R));
    EXPECT_FALSE(b.swap(kLeafAddr, pte(kPage, kClean), pte(kPage, kClean | A)));
    EXPECT_TRUE(b.swap(kLeafAddr, pte(0xa0000000, R), pte(0xa0000000, R | A)));
    b.answer(1, 0xa0000abc);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeSwap, that_was_lost_gives_the_fault_of_the_word_returned)
{
    b.request(1);
    b.walk();
    b.write(kLeafAddr, 0);
    EXPECT_FALSE(b.swap(kLeafAddr, pte(kPage, kClean), pte(kPage, kClean | A)));
    b.answer_fault(1, 13);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeSwap, of_a_killed_store_may_set_d)
{
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.kill();
    swap_to(A | D);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeSwap, of_a_killed_load_may_not_set_d)
{
    b.request(1);
    b.walk();
    b.kill();
    swap_to(A | D);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

// ---- somebody else's MMU (JDG-17) ----

class JudgeForeign : public testing::Test
{
  protected:
    JudgeForeign() : b(options())
    {
        b.slow.adue = true;
    }
    static mmu_judge_options_t options()
    {
        mmu_judge_options_t opt = {};
        opt.foreign = true;
        return opt;
    }
    Bench b;
};

TEST_F(JudgeForeign, what_memory_holds_counts_as_read)
{
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer(1, kPa ^ 0x1000);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeForeign, what_memory_held_counts_until_a_fence)
{
    b.idle(5);
    b.map(kVa, 0xa0000000, R | A);
    b.request(1);
    b.answer(1, kPa);
    b.request(1);
    b.answer(1, 0xa0000abc);
    EXPECT_LEGAL(b);
    b.fence();
    b.request(1);
    b.answer(1, 0xa0000abc);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeForeign, a_word_that_changes_in_the_clock_after_the_fence_is_old_from_then_on)
{
    b.request(2);
    b.fence();                     // clock t
    b.map(kVa, 0xa0000000, R | A); // reads of t + 1 see it: none sees the old word
    b.request(1);
    b.answer(2, kPa);
    EXPECT_LEGAL(b);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeForeign, no_memory_is_an_access_fault)
{
    b.write(kRoot + 8, pte(0x1000, 0));
    b.request(1);
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeForeign, sets_a_before_it_answers)
{
    b.map(kVa, kPage, kClean);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeForeign, may_set_a_early)
{
    b.translate();
    b.map(kVa, kPage, kClean);
    b.read(kLeafAddr);
    b.swap(kLeafAddr, pte(kPage, kClean), pte(kPage, kClean | A));
    EXPECT_LEGAL(b);
}

TEST_F(JudgeForeign, never_sets_d_without_a_store)
{
    b.translate();
    b.map(kVa, kPage, kClean | A);
    b.read(kLeafAddr);
    b.swap(kLeafAddr, pte(kPage, kClean | A), pte(kPage, kClean | A | D));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeForeign, sets_nothing_else)
{
    b.translate();
    b.map(kVa, kPage, kClean);
    b.read(kLeafAddr);
    b.swap(kLeafAddr, pte(kPage, kClean), pte(kPage, kClean | A | G));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

} // namespace
