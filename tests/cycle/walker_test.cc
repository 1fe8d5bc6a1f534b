// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker, words, compare-and-swap, answers and their clocks: rules WALK-5..7, 9, 10.
#include "cycle/walker_bench.hh"

namespace
{
TEST_F(Walker, walk_from_root_completes_at_w_plus_7_WALK_10)
{
    start(kVa); // w
    comb();
    EXPECT_TRUE(out.start_grant);
    EXPECT_FALSE(out.start_merge);
    EXPECT_EQ(out.start_slot, 0);
    EXPECT_EQ(out.ev_pwc, 0);
    EXPECT_FALSE(out.mreq.valid);
    EXPECT_FALSE(out.busy);
    edge();
    level(0x80000000 + 0x48 * 8, pte(0x90000000, V));  // w + 1, w + 2
    level(0x90000000 + 0x1a2 * 8, pte(0x90001000, V)); // w + 3, w + 4
    comb();                                            // w + 5
    EXPECT_EQ(out.mreq.addr, 0x90001000u + 0x167 * 8);
    EXPECT_TRUE(out.mreq.wide);
    edge();
    respond(pte(0x5000, kLeaf));
    comb(); // w + 6
    EXPECT_FALSE(out.done);
    EXPECT_TRUE(out.busy);
    edge();
    comb(); // w + 7
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.done_fill);
    EXPECT_EQ(out.done_slot, 0);
    EXPECT_EQ(out.done_port, 1);
    EXPECT_EQ(out.done_fault, MMU_FAULT_NONE);
    EXPECT_EQ(mmu_entry_pa(out.done_entry, kVa), 0x5abcu);
    EXPECT_EQ(out.done_row.key, mmu_make_key(1, kVa));
    EXPECT_EQ(out.done_row.mask, mmu_make_mask(12, false));
    EXPECT_EQ(out.done_row.data, out.done_entry);
    edge();
    comb();
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.busy);
    EXPECT_EQ(out.done_entry, 0u);
    EXPECT_EQ(out.done_row.key, 0u);
}

TEST_F(Walker, walk_from_the_level_1_pointer_completes_at_w_plus_3_WALK_10)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    start(kVa + 0x1000); // w
    comb();
    EXPECT_EQ(out.ev_pwc, 1); // cache 1
    edge();
    comb(); // w + 1
    EXPECT_EQ(out.mreq.addr, 0x90001000u + 0x168 * 8);
    edge();
    respond(pte(0x7000, kLeaf));
    comb(); // w + 2
    EXPECT_FALSE(out.done);
    edge();
    comb(); // w + 3
    EXPECT_TRUE(out.done);
    EXPECT_EQ(mmu_entry_pa(out.done_entry, 0), 0x7000u);
}

TEST_F(Walker, walk_from_the_level_2_pointer_completes_at_w_plus_5_WALK_10)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    start(kVa + (1 << 21)); // w: another level-1 entry
    comb();
    EXPECT_EQ(out.ev_pwc, 2); // cache 2
    edge();
    level(0x90000000 + 0x1a3 * 8, pte(0x90002000, V)); // w + 1, w + 2
    comb();                                            // w + 3
    EXPECT_EQ(out.mreq.addr, 0x90002000u + 0x167 * 8);
    edge();
    respond(pte(0x7000, kLeaf));
    comb(); // w + 4
    EXPECT_FALSE(out.done);
    edge();
    comb(); // w + 5
    EXPECT_TRUE(out.done);
}

TEST_F(Walker, ad_update_takes_two_clocks_more_WALK_10)
{
    walk_to_leaf(pte(0x5000, V | R | W), MMU_ACC_STORE);
    comb(); // w + 7: the compare-and-swap
    EXPECT_FALSE(out.done);
    ASSERT_TRUE(out.mreq.valid);
    EXPECT_EQ(out.mreq.op, MMU_MEM_CAS);
    EXPECT_EQ(out.mreq.addr, 0x90001000u + 0x167 * 8);
    EXPECT_EQ(out.mreq.old_word, pte(0x5000, V | R | W));
    EXPECT_EQ(out.mreq.new_word, pte(0x5000, V | R | W | A | D));
    edge();
    respond(pte(0x5000, V | R | W)); // w + 8: the word before it: it has happened
    comb();
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.ev_cas_fail);
    edge();
    comb(); // w + 9
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.done_fill);
    EXPECT_EQ(out.done_entry & (MMU_ENTRY_A | MMU_ENTRY_D), MMU_ENTRY_A | MMU_ENTRY_D);
}

TEST_F(Walker, a_load_sets_A_only_FMT_11)
{
    walk_to_leaf(pte(0x5000, V | R | W), MMU_ACC_LOAD);
    comb();
    EXPECT_EQ(out.mreq.new_word, pte(0x5000, V | R | W | A));
}

TEST_F(Walker, superpage_ends_the_walk_early_WALK_6)
{
    start(kVa);
    clock();
    level(0x80000000 + 0x48 * 8, pte(0x40000000, kLeaf));
    comb(); // w + 3
    EXPECT_TRUE(out.done);
    EXPECT_EQ(mmu_entry_lg(out.done_entry), 30);
    EXPECT_EQ(out.done_row.mask, mmu_make_mask(30, false));
}

TEST_F(Walker, global_leaf_has_no_asid_in_its_mask_WALK_9)
{
    start(kVa);
    clock();
    level(0x80000000 + 0x48 * 8, pte(0x90000000, V | G)); // a global pointer makes all below it global
    level(0x90000000 + 0x1a2 * 8, pte(0x40000000, kLeaf));
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_row.mask & MMU_KEY_ASID_MASK, 0u);
}

TEST_F(Walker, page_fault_completes_without_fill_WALK_6)
{
    walk_to_leaf(0);
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(out.done_fill);
    EXPECT_EQ(out.done_fault, MMU_FAULT_PAGE);
    EXPECT_EQ(out.done_entry, 0u);
    EXPECT_EQ(out.done_row.key, 0u);
}

TEST_F(Walker, memory_error_is_an_access_fault_WALK_6)
{
    start(kVa);
    clock();
    clock();
    respond(pte(0x5000, kLeaf), 0, true);
    clock();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_fault, MMU_FAULT_ACCESS);
    EXPECT_FALSE(out.done_fill);
}

TEST_F(Walker, error_of_the_compare_and_swap_is_an_access_fault_WALK_7)
{
    walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
    clock();
    respond(0, 0, true);
    clock();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_fault, MMU_FAULT_ACCESS);
}

TEST_F(Walker, lost_compare_and_swap_steps_again_with_the_word_returned_WALK_7)
{
    walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
    clock();
    respond(pte(0x6000, V | R)); // another page by now
    comb();
    EXPECT_TRUE(out.ev_cas_fail);
    EXPECT_FALSE(out.ev_restart);
    edge();
    comb();
    EXPECT_FALSE(out.done);
    EXPECT_EQ(out.mreq.op, MMU_MEM_CAS);
    EXPECT_EQ(out.mreq.old_word, pte(0x6000, V | R));
    EXPECT_EQ(out.mreq.new_word, pte(0x6000, V | R | A));
    edge();
    respond(pte(0x6000, V | R | A)); // somebody else has set A
    comb();
    EXPECT_TRUE(out.ev_cas_fail);
    edge();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(mmu_entry_pa(out.done_entry, 0), 0x6000u);
}

TEST_F(Walker, lost_compare_and_swap_can_become_a_fault_or_a_pointer_WALK_7)
{
    walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
    clock();
    respond(0);
    clock();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_fault, MMU_FAULT_PAGE);

    make(2, 2, 2);
    start(kVa);
    clock();
    level(0x80000000 + 0x48 * 8, pte(0x40000000, V | R)); // a 1 GiB page without A
    clock();
    respond(pte(0x90000000, V)); // it is a pointer now
    clock();
    comb();
    EXPECT_EQ(out.mreq.op, MMU_MEM_READ);
    EXPECT_EQ(out.mreq.addr, 0x90000000u + 0x1a2 * 8);
    EXPECT_EQ(walker.cache.array[1].q.valid[0], 1u); // PWC-2
}

TEST_F(Walker, finished_walk_waits_for_the_l2_WALK_9)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    in.fill_ready = false;
    comb();
    EXPECT_FALSE(out.done);
    edge();
    in.fill_ready = true;
    comb();
    EXPECT_TRUE(out.done);
}

TEST_F(Walker, fault_does_not_wait_for_the_l2_and_overtakes_WALK_9)
{
    in.fill_ready = false;
    walk_to_leaf(pte(0x5000, kLeaf)); // slot 0, waits
    start(0x1000);
    clock();
    clock();
    respond(0, 1);
    clock();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_slot, 1);
    EXPECT_EQ(out.done_fault, MMU_FAULT_PAGE);
    edge();
    in.fill_ready = true;
    comb();
    EXPECT_EQ(out.done_slot, 0);
    EXPECT_TRUE(out.done_fill);
}

TEST_F(Walker, sv32_words_are_narrow_FMT_4)
{
    start(0x00c03004);
    in.start_rq.ctx.mode = MMU_MODE_SV32;
    clock();
    comb();
    EXPECT_FALSE(out.mreq.wide);
    EXPECT_EQ(out.mreq.addr, 0x80000000u + 3 * 4);
    edge();
    respond(0x00100000 | kLeaf); // a 4 MiB page at 0x4000 0000
    clock();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(mmu_entry_lg(out.done_entry), 22);
}

TEST_F(Walker, reset_forgets_walks_and_pointers)
{
    walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
    in.mreq_ready = false;
    comb();
    mmu_walker_seq(&walker, false);
    comb();
    EXPECT_FALSE(out.busy);
    EXPECT_FALSE(out.mreq.valid);
    start(kVa);
    comb();
    EXPECT_EQ(out.start_slot, 0);
    EXPECT_EQ(out.ev_pwc, 0);
}
} // namespace
