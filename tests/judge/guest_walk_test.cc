// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The walk port with two stages: reads and swaps of either stage belong to the walk of some request (JDG-10 to JDG-12,
// JDG-21).
#include "guest_bench.h"

using namespace judging;

namespace
{

constexpr uint64_t kLeaf = host(kVTable0) + (kEntryGpa & 0xfff);

// ---- reads ----

TEST(JudgeGuestWalk, from_nowhere_is_illegal)
{
    GuestBench b;
    b.read(kGRoot);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, begins_in_the_g_stage)
{
    GuestBench b;
    b.request(1);
    b.read(host(kVRoot) + 8); // nothing has told where the table is
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, must_not_read_at_a_guest_physical_address)
{
    GuestBench b;
    b.request(1);
    b.read(kVRoot + 8);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, that_leaves_its_way_in_the_g_stage_is_illegal)
{
    for (unsigned level = 0; level < 3; level++) {
        GuestBench b;
        b.request(1);
        if (level == 0)
            b.read(kGRoot + 8);
        else
            b.read(kGRoot);
        if (level == 1)
            b.read(kGTable1);
        if (level == 2) {
            b.read(kGTable1 + 8 * (kGuest >> 21 & 511));
            b.read(gleaf(kVTable1)); // another page's
        }
        EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    }
}

TEST(JudgeGuestWalk, that_leaves_its_way_in_the_first_stage_is_illegal)
{
    GuestBench b;
    uint64_t pa;
    b.request(1);
    b.gwalk(kVRoot + 8, &pa);
    EXPECT_EQ(pa, host(kVRoot) + 8);
    b.read(pa + 8);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    EXPECT_NE(b.details().find("its next read is at 0xc0000008"), std::string::npos) << b.details();
}

TEST(JudgeGuestWalk, that_skips_the_translation_of_the_next_table_is_illegal)
{
    GuestBench b;
    uint64_t pa;
    b.request(1);
    b.gwalk(kVRoot + 8, &pa);
    b.read(pa);
    b.read(host(kVTable1)); // its place was not read in any word
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
    EXPECT_NE(b.details().find("the guest physical address 0x10001000 is translated next, for the read of a "
                               "first-stage entry"),
              std::string::npos)
        << b.details();
}

TEST(JudgeGuestWalk, may_have_places_from_a_tlb)
{
    GuestBench b;
    b.vtranslate();
    b.vmap(kVa ^ 0x1000, kVPage, kVLeaf);
    b.request(1, kVa ^ 0x1000);
    b.read(host(kVRoot) + 8); // from the root, which stands in the G stage's TLB as all others do
    b.read(host(kVTable1));
    b.read(kLeaf ^ 8);
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestWalk, may_begin_where_a_walk_cache_of_either_stage_can)
{
    GuestBench b;
    b.vtranslate();
    b.gmap(kVPage + 0x1000, kHost + 0x9000, kGLeaf);
    b.vmap(kVa ^ 0x1000, kVPage + 0x1000, kVLeaf);
    b.request(1, kVa ^ 0x1000);
    b.read(gleaf(kVTable0)); // the place of the last table, read anew
    b.read(kLeaf ^ 8);
    b.read(gleaf(kVPage + 0x1000)); // the last word of the final address's walk
    b.answer(1, kHost + 0x9000 + 0xabc);
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestWalk, may_not_begin_below_a_pointer_of_another_machine)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.vmid = 6;
    b.ctx.groot += 4;
    b.request(1);
    b.read(gleaf(kVTable0));
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, that_goes_on_after_its_end_is_illegal)
{
    GuestBench b;
    b.request(1);
    b.vwalk();
    b.read(host(kVPage));
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, ends_where_the_final_address_is_in_a_tlb)
{
    GuestBench b;
    b.vtranslate();
    b.vmap(kVa ^ 0x1000, kVPage, kVLeaf);
    b.request(1);
    b.request(2, kVa ^ 0x1000);
    b.read(kLeaf);     // the first one's leaf; what it leads to is known
    b.read(kLeaf ^ 8); // so the same slot may begin the second one's
    b.answer(1, kGuestPa);
    b.answer(2, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestWalk, does_not_end_where_nothing_tells_the_final_address)
{
    GuestBench b;
    b.vtranslate();
    b.gmap(kVPage + 0x1000, kHost + 0x9000, kGLeaf);
    b.vmap(kVa ^ 0x1000, kVPage + 0x1000, kVLeaf);
    b.vmap(kVa ^ 0x2000, kVPage, kVLeaf);
    b.request(1, kVa ^ 0x1000);
    b.request(2, kVa ^ 0x2000);
    b.read(kLeaf ^ 8);
    b.read(kLeaf ^ 16);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, of_a_bare_first_stage_reads_the_g_stage_only)
{
    GuestBench b;
    uint64_t pa;
    b.ctx.mode = MMU_MODE_BARE;
    b.request(1, kFinalGpa);
    b.gwalk(kFinalGpa, &pa);
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
    b.request(1, kFinalGpa);
    b.read(kGuestPa & ~UINT64_C(7));
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, with_another_width_is_illegal)
{
    GuestBench b;
    b.request(1);
    b.take_read(kGRoot, 0, false);
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, of_sv32_over_sv32x4_reads_words_of_four_bytes)
{
    GuestBench b;
    const uint64_t va = 0x00403abc, table = 0xb0000000, gtable = 0xb0008000;
    b.ctx.mode = b.ctx.gmode = MMU_MODE_SV32;
    auto word32 = [&](uint64_t addr, uint64_t word) {
        b.take_read(addr, 0, false);
        b.respond(word);
    };
    auto leaf = [&](uint64_t pa, uint64_t flags) { return pa >> 12 << 10 | flags | V; };
    b.request(1, va);
    word32(kGRoot + 4 * (kVRoot >> 22), leaf(gtable, 0)); // the root
    word32(gtable + 4 * (kVRoot >> 12 & 1023), leaf(table, R | U | A));
    word32(table + 4 * (va >> 22), leaf(UINT64_C(0x300001000), 0)); // 34 bits of guest physical address
    word32(kGRoot + 4 * (UINT64_C(0x300001000) >> 22), leaf(UINT64_C(0x200000000), R | U | A)); // 4 MiB
    word32(UINT64_C(0x200001000) + 4 * (va >> 12 & 1023), leaf(UINT64_C(0x300002000), R | A));
    b.answer(1, UINT64_C(0x200002abc));
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().reads, 5u);
}

// ---- fences and kills ----

TEST(JudgeGuestWalk, may_begin_anew_after_a_fence)
{
    for (bool fence : {true, false}) {
        GuestBench b;
        uint64_t pa;
        b.request(1);
        b.gwalk(kVRoot + 8, &pa);
        if (fence)
            b.fence(GuestBench::g());
        b.read(kGRoot);
        EXPECT_EQ(b.failed(), fence ? MMU_JUDGE_OK : MMU_JUDGE_READ) << b.text();
    }
}

TEST(JudgeGuestWalk, that_ended_before_the_fence_does_not_begin_anew)
{
    GuestBench b;
    b.vtranslate();
    b.idle(2);
    b.fence(GuestBench::g());
    b.request(1);
    b.read(gleaf(kVRoot)); // below pointers that only the former request could use
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuestWalk, may_begin_anew_after_sfence_inval_ir)
{
    for (int kind : {MMU_FENCE_W_INVAL, MMU_FENCE_INVAL_IR}) {
        GuestBench b;
        b.request(1);
        b.read(kGRoot);
        b.fence(GuestBench::of(static_cast<uint8_t>(kind)));
        b.read(kGRoot);
        EXPECT_EQ(b.failed(), kind == MMU_FENCE_INVAL_IR ? MMU_JUDGE_OK : MMU_JUDGE_READ) << b.text();
    }
}

TEST(JudgeGuestWalk, whose_request_was_answered_has_ended)
{
    GuestBench b;
    b.vtranslate();
    b.vmap(kVa ^ 0x1000, kVPage, kVLeaf);
    b.request(1, kVa ^ 0x1000);
    b.read(kLeaf ^ 8);
    b.answer(1, kGuestPa);
    b.fence(GuestBench::g());
    b.fence(GuestBench::vv());
    b.fence();
    b.ctx.mode = MMU_MODE_BARE;
    for (uint64_t gpa = UINT64_C(1) << 30; gpa < UINT64_C(600) << 30; gpa += UINT64_C(1) << 30) {
        // So many words that what told its final address is forgotten.
        b.write(kGRoot + 8 * (gpa >> 30), pte(gpa, kGLeaf));
        b.request(2, gpa);
        b.read(kGRoot + 8 * (gpa >> 30), 1);
        b.answer(2, gpa, 30);
    }
    b.ctx.mode = MMU_MODE_SV39;
    b.ctx.v = false;
    b.ctx.root = kRoot >> 12;
    b.translate(); // in the slot that the first walk had
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestWalk, of_a_killed_request_goes_on_in_both_stages)
{
    GuestBench b;
    uint64_t pa;
    b.request(1);
    b.gwalk(kVRoot + 8, &pa);
    b.kill();
    b.read(pa);
    b.gwalk(kVTable1, &pa);
    b.read(pa);
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestWalk, of_a_killed_request_cannot_begin_after_a_quiet_time)
{
    for (unsigned clocks : {35u, 36u}) {
        GuestBench b;
        b.request(1);
        b.kill();
        b.idle(clocks);
        b.vwalk();
        EXPECT_EQ(b.failed(), clocks == 35 ? MMU_JUDGE_OK : MMU_JUDGE_READ) << clocks;
    }
}

// ---- swaps of the G stage ----

class JudgeGuestSwap : public testing::Test
{
  protected:
    static constexpr uint64_t kClean = R | W | X | U;
    JudgeGuestSwap()
    {
        b.slow.adue = b.slow.hadue = true;
    }
    // Of the page's leaf, at the end of a walk.
    void at_final(uint8_t acc)
    {
        b.gmap(kVPage, host(kVPage), kClean);
        b.request(1, kVa, acc);
        b.vwalk();
    }
    // Of the last table's leaf, for a read or an update of the entry there.
    void at_entry(uint64_t flags, uint8_t acc)
    {
        uint64_t pa;
        b.gmap(kVTable0, host(kVTable0), flags);
        b.request(1, kVa, acc);
        b.gwalk(kVRoot + 8, &pa);
        b.read(pa);
        b.gwalk(kVTable1, &pa);
        b.read(pa);
        b.gwalk(kEntryGpa, &pa);
    }
    void swap(uint64_t gpa, uint64_t before, uint64_t after)
    {
        b.swap(gleaf(gpa), pte(host(gpa) & ~UINT64_C(0xfff), before),
               pte(host(gpa) & ~UINT64_C(0xfff), after));
    }
    GuestBench b;
};

TEST_F(JudgeGuestSwap, a_load_sets_a)
{
    at_final(MMU_ACC_LOAD);
    swap(kVPage, kClean, kClean | A);
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestSwap, a_load_does_not_set_d)
{
    at_final(MMU_ACC_LOAD);
    swap(kVPage, kClean, kClean | A | D);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeGuestSwap, a_store_sets_both)
{
    at_final(MMU_ACC_STORE);
    swap(kVPage, kClean, kClean | A | D);
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestSwap, an_answer_needs_it)
{
    at_final(MMU_ACC_LOAD);
    b.answer(1, kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestSwap, without_svadu_of_the_host_there_is_none)
{
    b.slow.adue = false;
    at_final(MMU_ACC_LOAD);
    swap(kVPage, kClean, kClean | A);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeGuestSwap, the_read_of_an_entry_sets_a_even_for_a_store)
{
    at_entry(kClean, MMU_ACC_STORE);
    swap(kVTable0, kClean, kClean | A);
    b.read(kLeaf);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestSwap, the_read_of_an_entry_does_not_set_d)
{
    at_entry(kClean, MMU_ACC_STORE);
    swap(kVTable0, kClean, kClean | A | D);
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeGuestSwap, the_update_of_an_entry_sets_d_even_for_a_load)
{
    b.vmap(kVa, kVPage, R | W);
    at_entry(kClean | A, MMU_ACC_LOAD);
    b.read(kLeaf);
    b.read(gleaf(kVTable0));
    swap(kVTable0, kClean | A, kClean | A | D);
    b.swap(kLeaf, pte(kVPage, R | W), pte(kVPage, R | W | A));
    b.read(gleaf(kVPage));
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().swaps, 2u);
}

TEST_F(JudgeGuestSwap, the_update_of_an_entry_goes_through_the_g_stage)
{
    b.vmap(kVa, kVPage, R | W);
    at_entry(kClean | A, MMU_ACC_LOAD);
    b.read(kLeaf);
    b.swap(kLeaf, pte(kVPage, R | W), pte(kVPage, R | W | A)); // without D in the G stage
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
    EXPECT_NE(b.details().find("for the update of a first-stage entry"), std::string::npos) << b.details();
}

TEST_F(JudgeGuestSwap, the_update_of_an_entry_may_have_its_place_from_a_tlb)
{
    b.vmap(kVa, kVPage, R | W);
    at_entry(kClean | A | D, MMU_ACC_LOAD);
    b.read(kLeaf);
    b.swap(kLeaf, pte(kVPage, R | W), pte(kVPage, R | W | A));
    b.read(gleaf(kVPage));
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestSwap, the_update_of_an_entry_is_made_where_its_table_is_now)
{
    b.vmap(kVa, kVPage, R | W);
    at_entry(kClean | A | D, MMU_ACC_LOAD);
    b.read(kLeaf);
    b.swap(kVTable0 + (kEntryGpa & 0xfff), pte(kVPage, R | W),
           pte(kVPage, R | W | A)); // a guest physical address
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeGuestSwap, of_the_first_stage_is_the_guest_s_to_allow)
{
    b.slow.hadue = false;
    b.vmap(kVa, kVPage, R | W);
    at_entry(kClean | A | D, MMU_ACC_LOAD);
    b.read(kLeaf);
    b.swap(kLeaf, pte(kVPage, R | W), pte(kVPage, R | W | A));
    EXPECT_ILLEGAL(b, MMU_JUDGE_SWAP);
}

TEST_F(JudgeGuestSwap, that_was_lost_is_made_again_with_the_word_returned)
{
    at_final(MMU_ACC_LOAD);
    b.write(gleaf(kVPage), pte(0xd0000000, kClean));
    swap(kVPage, kClean, kClean | A);
    b.swap(gleaf(kVPage), pte(0xd0000000, kClean), pte(0xd0000000, kClean | A));
    b.answer(1, 0xd0000abc);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestSwap, with_an_error_is_an_access_fault)
{
    at_final(MMU_ACC_LOAD);
    b.swap(gleaf(kVPage), pte(host(kVPage), kClean), pte(host(kVPage), kClean | A), 0, true);
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
    b.request(2, kVa, MMU_ACC_STORE);
    b.answer_guest(2, 23, kFinalGpa & ~UINT64_C(3), 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- somebody else's MMU (JDG-17) ----

TEST(JudgeGuestForeignSwap, may_set_a_early_and_with_it_d_of_the_table_s_page)
{
    for (bool hadue : {true, false}) {
        mmu_judge_options_t opt = {};
        opt.foreign = true;
        GuestBench b(opt);
        b.slow.adue = true;
        b.slow.hadue = hadue;
        b.idle(1);
        b.hit(kGuestPa);
        b.gmap(kVTable0, host(kVTable0), R | W | U);
        b.swap(gleaf(kVTable0), pte(host(kVTable0), R | W | U), pte(host(kVTable0), R | W | U | A));
        EXPECT_LEGAL(b);
        b.swap(gleaf(kVTable0), pte(host(kVTable0), R | W | U | A), pte(host(kVTable0), R | W | U | A | D));
        EXPECT_EQ(b.failed(), hadue ? MMU_JUDGE_OK : MMU_JUDGE_SWAP) << b.text();
    }
}

} // namespace
