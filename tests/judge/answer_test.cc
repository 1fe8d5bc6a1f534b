// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Answers: each kind of wrong one is caught, and the right one is not (JDG-4 to JDG-8).
#include "bench.h"

using namespace judging;

namespace
{

// ---- the words decide ----

TEST(JudgeAnswer, what_the_walk_gives_is_legal)
{
    Bench b;
    b.request(3);
    b.walk();
    b.answer(3, kPa);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().answers, 1u);
    EXPECT_EQ(b.counts().legal, 1u);
    EXPECT_EQ(b.counts().reads, 3u);
}

TEST(JudgeAnswer, a_hit_later_is_legal_and_remembered)
{
    Bench b;
    b.translate();
    for (unsigned n = 0; n < 5; n++) {
        b.request(1, kVa + n);
        b.answer(1, kPa + n);
    }
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().legal, 6u);
    EXPECT_EQ(b.counts().remembered, 5u);
}

TEST(JudgeAnswer, a_remembered_page_does_not_excuse_another_answer)
{
    Bench b;
    b.translate();
    b.request(1, kVa + 1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, without_any_read_is_illegal)
{
    Bench b;
    b.request(3);
    b.answer(3, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.details().find("never read"), std::string::npos) << b.details();
}

TEST(JudgeAnswer, wrong_pa)
{
    Bench b;
    b.request(3);
    b.walk();
    b.answer(3, kPa ^ 0x1000);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_EQ(b.text(),
              "an illegal answer at the data port, id 3: load of 4 bytes at 0x40101abc from S, accepted in "
              "clock 100, was answered with PA 0x90001abc, page of 2^12 bytes, memory type 0; no choice of "
              "the table words that it has read gives this");
    EXPECT_EQ(mmu_judge_failure(b.judge)->clock, 107u);
}

TEST(JudgeAnswer, wrong_offset_in_the_page)
{
    Bench b;
    b.request(3);
    b.walk();
    b.answer(3, kPa ^ 4);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, wrong_size)
{
    Bench b;
    b.request(3);
    b.walk();
    b.answer(3, kPa, 21);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, wrong_memory_type)
{
    Bench b;
    b.request(3);
    b.walk();
    b.answer(3, kPa, 12, 1);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, fault_without_reason)
{
    Bench b;
    b.request(3);
    b.walk();
    b.answer_fault(3, 13);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.text().find("was answered with a fault, cause 13, tval 0x40101abc"), std::string::npos)
        << b.text();
}

class JudgeFault : public testing::Test
{
  protected:
    JudgeFault()
    {
        b.write(kLeafAddr, 0);
        b.request(3);
        b.walk();
    }
    Bench b;
};

TEST_F(JudgeFault, with_cause_and_tval_is_legal)
{
    b.answer_fault(3, 13);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeFault, missing)
{
    b.answer(3, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.details().find("V is 0"), std::string::npos) << b.details();
}

TEST_F(JudgeFault, wrong_cause)
{
    b.answer_fault(3, 15);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFault, access_fault_instead)
{
    b.answer_fault(3, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFault, wrong_tval)
{
    b.answer_fault(3, 13, kVa & ~UINT64_C(0xfff));
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeFault, with_a_pa)
{
    b.out.rsp[MMU_PORT_D].pa = kPa;
    b.answer_fault(3, 13);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- who asks ----

TEST(JudgeAnswer, permission_of_another_privilege)
{
    Bench b;
    b.translate(); // from S
    b.request(1, kVa, MMU_ACC_LOAD, MMU_PRIV_U);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.details().find("a supervisor page from U"), std::string::npos) << b.details();
}

TEST(JudgeAnswer, sum_is_that_of_the_acceptance)
{
    Bench b;
    b.map(kVa, kPage, R | U | A);
    b.ctx.sum = true;
    b.request(1);
    b.ctx.sum = false;
    b.request(2);
    b.walk();
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.answer(2, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, of_another_asid)
{
    Bench b;
    b.translate();
    b.ctx.asid = 8;
    b.ctx.root = 0x80008;
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, bits_that_the_asid_does_not_have_do_not_count)
{
    mmu_judge_options_t opt = {};
    opt.asid_bits_ignored = 8;
    Bench b(opt);
    b.translate();
    b.ctx.asid = 0x100 + 7;
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

// ---- without words (JDG-8) ----

TEST(JudgeAnswer, bare_is_the_address)
{
    Bench b;
    b.ctx.mode = MMU_MODE_BARE;
    b.request(1, 0x123456789abc);
    b.answer(1, 0x123456789abc, 0);
    EXPECT_LEGAL(b);
    b.request(1, 0x123456789abc);
    b.answer(1, 0x123456789abd, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, m_mode_is_bare)
{
    Bench b;
    b.request(1, kVa, MMU_ACC_LOAD, MMU_PRIV_M);
    b.answer(1, kVa, 0);
    EXPECT_LEGAL(b);
}

TEST(JudgeAnswer, bare_beyond_the_physical_addresses_is_an_access_fault)
{
    Bench b;
    b.ctx.mode = MMU_MODE_BARE;
    b.request(1, UINT64_C(1) << 56);
    b.answer_fault(1, 5, UINT64_C(1) << 56);
    EXPECT_LEGAL(b);
    b.request(1, UINT64_C(1) << 56);
    b.answer(1, 0, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, not_canonical_is_a_page_fault)
{
    Bench b;
    b.request(1, kVa | UINT64_C(1) << 40, MMU_ACC_STORE);
    b.answer_fault(1, 15, kVa | UINT64_C(1) << 40);
    EXPECT_LEGAL(b);
    b.translate();
    b.request(1, kVa | UINT64_C(1) << 40);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- accessed and dirty (JDG-5) ----

TEST(JudgeAnswer, store_with_d_clear_needs_the_swap)
{
    Bench b;
    b.slow.adue = true;
    b.map(kVa, kPage, R | W | A);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, store_after_the_swap_is_legal)
{
    Bench b;
    b.slow.adue = true;
    b.map(kVa, kPage, R | W | A);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    EXPECT_TRUE(b.swap(kLeafAddr, pte(kPage, R | W | A), pte(kPage, R | W | A | D)));
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().swaps, 1u);
}

TEST(JudgeAnswer, what_has_d_may_be_kept_after_software_cleared_it)
{
    Bench b;
    b.slow.adue = true;
    b.translate();
    b.map(kVa, kPage, R | W | A);
    b.request(1, kVa, MMU_ACC_STORE);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.fence();
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- errors of the memory ----

TEST(JudgeAnswer, error_on_a_read_is_an_access_fault)
{
    Bench b;
    b.request(1);
    b.read(kRoot + 8);
    b.read(kTable1);
    b.take_read(kLeafAddr);
    b.respond(0, 0, true);
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
}

TEST(JudgeAnswer, no_access_fault_without_an_error)
{
    Bench b;
    b.request(1);
    b.walk();
    b.answer_fault(1, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, error_on_a_swap_is_an_access_fault_of_who_needs_the_swap)
{
    Bench b;
    b.slow.adue = true;
    b.map(kVa, kPage, R | W | A);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.swap(kLeafAddr, pte(kPage, R | W | A), pte(kPage, R | W | A | D), 0, true);
    b.answer_fault(1, 7);
    EXPECT_LEGAL(b);
    b.request(2);
    b.answer_fault(2, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- other spaces and neighbours (JDG-6, JDG-7) ----

TEST(JudgeAnswer, a_global_page_may_come_from_another_space)
{
    Bench b;
    b.map(kVa, kPage, R | G | A);
    b.translate();
    b.ctx.asid = 8;
    b.ctx.root = 0x80008;
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeAnswer, a_page_below_a_global_pointer_is_global)
{
    Bench b;
    b.write(kTable1, pte(kTable0, G));
    b.translate();
    b.ctx.asid = 8;
    b.ctx.root = 0x80008;
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeAnswer, a_fault_never_comes_from_another_space)
{
    Bench b;
    b.map(kVa, kPage, G); // a pointer at level 0
    b.request(2);
    b.walk();
    b.answer_fault(2, 13);
    EXPECT_LEGAL(b);
    b.ctx.asid = 8;
    b.ctx.root = 0x80008;
    b.request(1);
    b.answer_fault(1, 13);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, the_former_root_of_the_asid_counts_until_a_fence)
{
    Bench b;
    b.translate();
    b.ctx.root = 0x80008;
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.fence(Bench::by_asid(7));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeAnswer, a_napot_page_may_come_from_its_neighbours_word)
{
    Bench b;
    b.slow.svnapot = true;
    for (uint64_t k = 0; k < 16; k++)
        b.write(kTable0 + 8 * (0x100 + k), N | pte(0x90008000, k == 1 ? R | A : R | A | D));
    b.request(1, 0x40105123);
    b.walk(0x40105123);
    b.answer(1, 0x90005123, 16);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer(1, 0x90001abc, 16);
    EXPECT_LEGAL(b);
    b.request(1, 0x40111abc); // the next 64 KiB
    b.answer(1, 0x90001abc, 16);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- physical protection ----

class JudgeProtection : public testing::Test
{
  protected:
    JudgeProtection() : b(options())
    {
        pmp(0, 0x00, 0x90000000 >> 2);
        pmp(1, 0x08, 0x90001000 >> 2);         // TOR: the page may not be touched
        pmp(2, 0x1f, (UINT64_C(1) << 53) - 1); // NAPOT: all else may
    }
    static mmu_judge_options_t options()
    {
        mmu_judge_options_t opt = {};
        opt.pmp_entries = 16;
        return opt;
    }
    void pmp(uint8_t index, uint8_t cfg, uint64_t addr)
    {
        b.in.pmp.valid = true;
        b.in.pmp.index = index;
        b.in.pmp.cfg = cfg;
        b.in.pmp.addr = addr;
        b.tick();
    }
    Bench b;
};

TEST_F(JudgeProtection, denied_pa_is_an_access_fault)
{
    b.request(1);
    b.walk();
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
    b.request(1); // remembered
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.details().find("physical protection denies PA 0x90000abc"), std::string::npos) << b.details();
}

TEST_F(JudgeProtection, a_page_remembered_as_denied_is_good_once_it_is_allowed)
{
    b.request(1);
    b.walk();
    b.answer_fault(1, 5);
    pmp(1, 0x0f, 0x90001000 >> 2);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer_fault(1, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeProtection, denied_table_is_an_access_fault_without_a_read)
{
    b.write(kRoot + 8, pte(0x90000000, 0));
    b.request(1);
    b.read(kRoot + 8);
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeProtection, denied_table_must_not_be_read)
{
    b.write(kRoot + 8, pte(0x90000000, 0));
    b.request(1);
    b.read(kRoot + 8);
    b.read(0x90000000);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    EXPECT_EQ(b.text(),
              "a forbidden access of a walk: the walk port, slot 0, reads the word at 0x90000000, which "
              "physical protection denies");
}

TEST_F(JudgeProtection, denied_swap_is_an_access_fault)
{
    pmp(0, 0x00, kTable0 >> 2);
    pmp(1, 0x09, (kTable0 + 0x1000) >> 2); // TOR: may be read
    b.slow.adue = true;
    b.map(kVa, kPage, R | W | A);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.answer_fault(1, 7);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
    b.request(1, kVa, MMU_ACC_STORE);
    b.walk();
    b.swap(kLeafAddr, pte(kPage, R | W | A), pte(kPage, R | W | A | D));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

} // namespace
