// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker alone, with its walk caches: rules WALK and PWC. The test is the memory, word by word.
#include <gtest/gtest.h>

#include "cycle/mmu_walker.h"
#include "cycle/room.hh"

namespace
{
constexpr uint64_t V = 1, R = 2, W = 4, X = 8, G = 0x20, A = 0x40, D = 0x80;
constexpr uint64_t kLeaf = V | R | W | X | A | D;
constexpr uint64_t kVa = 0x0000001234567abc; // vpn 0x48, 0x1a2, 0x167

constexpr uint64_t pte(uint64_t pa, uint64_t flags)
{
    return pa >> 12 << 10 | flags;
}

class Walker : public ::testing::Test
{
  protected:
    mmu_walker_t walker;
    mmu_walker_in_t in = zero<mmu_walker_in_t>();
    mmu_walker_out_t out;
    Storage storage;

    void SetUp() override
    {
        make(2, 2, 2);
    }

    void make(unsigned slots, unsigned ways1, unsigned ways2)
    {
        mmu_walker_cfg_t cfg = zero<mmu_walker_cfg_t>();
        cfg.slots = static_cast<uint8_t>(slots);
        cfg.cache.pwc[0] = {static_cast<uint8_t>(ways1), MMU_POLICY_PLRU};
        cfg.cache.pwc[1] = {static_cast<uint8_t>(ways2), MMU_POLICY_PLRU};
        storage.build([&](mmu_arena_t *arena) { mmu_walker_init(&walker, &cfg, arena); });
        in = zero<mmu_walker_in_t>();
        in.mreq_ready = in.fill_ready = true;
        in.slow.adue = true;
    }

    void comb()
    {
        mmu_walker_comb(&walker, &in, &out);
        mmu_walker_comb(&walker, &in, &out);
    }

    void edge()
    {
        mmu_walker_seq(&walker, true);
        in.start = in.fence_accept = false;
        in.mrsp = zero<mmu_mrsp_t>();
    }

    void clock()
    {
        comb();
        edge();
    }

    void start(uint64_t va, unsigned acc = MMU_ACC_LOAD, unsigned port = 1, unsigned asid = 1)
    {
        in.start = true;
        in.start_rq = make_rq(va, acc, asid);
        in.start_port = static_cast<uint8_t>(port);
    }

    void respond(uint64_t word, unsigned slot = 0, bool err = false)
    {
        in.mrsp.valid = true;
        in.mrsp.id = static_cast<uint8_t>(slot);
        in.mrsp.data = word;
        in.mrsp.err = err;
    }

    // One level of slot 0: the offer is taken, the word comes in the next clock.
    void level(uint64_t addr, uint64_t word)
    {
        comb();
        ASSERT_TRUE(out.mreq.valid);
        EXPECT_EQ(out.mreq.op, MMU_MEM_READ);
        EXPECT_EQ(out.mreq.addr, addr);
        edge();
        respond(word);
        clock();
    }

    // Brings a new walk of kVa in slot 0 to the clock in which its leaf has been answered.
    void walk_to_leaf(uint64_t leaf, unsigned acc = MMU_ACC_LOAD)
    {
        start(kVa, acc);
        clock();
        level(0x80000000 + 0x48 * 8, pte(0x90000000, V));
        level(0x90000000 + 0x1a2 * 8, pte(0x90001000, V));
        level(0x90001000 + 0x167 * 8, leaf);
    }

    unsigned state(unsigned slot = 0) const
    {
        return walker.q.st[slot];
    }

    void fence(bool asid_en = false, unsigned asid = 0, bool va_en = false, uint64_t va = 0)
    {
        in.fence_accept = true;
        in.fence = zero<mmu_fence_t>();
        in.fence.asid_en = asid_en;
        in.fence.asid = static_cast<uint16_t>(asid);
        in.fence.va_en = va_en;
        in.fence.va = va;
    }
};

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

TEST_F(Walker, same_access_joins_the_walk_WALK_1)
{
    start(kVa);
    clock();
    start(kVa + 8); // the same page
    comb();
    EXPECT_TRUE(out.start_grant);
    EXPECT_TRUE(out.start_merge);
    EXPECT_EQ(out.start_slot, 0);
    EXPECT_EQ(out.ev_pwc, 0);
    edge();
    EXPECT_EQ(state(1), MMU_WALK_IDLE);
}

TEST_F(Walker, what_differs_takes_a_walk_of_its_own_WALK_1)
{
    using Change = void (*)(mmu_walker_in_t &);
    const Change changes[] = {
        [](mmu_walker_in_t &i) { i.start_rq.va += 0x1000; },
        [](mmu_walker_in_t &i) { i.start_rq.acc = MMU_ACC_STORE; },
        [](mmu_walker_in_t &i) { i.start_rq.prv = MMU_PRIV_U; },
        [](mmu_walker_in_t &i) { i.start_rq.ctx.asid = 2; },
        [](mmu_walker_in_t &i) { i.start_rq.ctx.root = 0x80001; },
        [](mmu_walker_in_t &i) { i.start_rq.ctx.sum = true; },
        [](mmu_walker_in_t &i) { i.start_rq.ctx.mxr = true; },
        [](mmu_walker_in_t &i) { i.start_rq.ctx.mode = MMU_MODE_SV48; },
        [](mmu_walker_in_t &i) { i.start_port = 0; },
    };
    for (const Change &change : changes) {
        make(2, 2, 2);
        start(kVa);
        clock();
        start(kVa);
        change(in);
        comb();
        EXPECT_TRUE(out.start_grant);
        EXPECT_FALSE(out.start_merge);
        EXPECT_EQ(out.start_slot, 1);
    }
}

TEST_F(Walker, nothing_is_granted_while_all_slots_are_taken_WALK_1)
{
    make(1, 1, 1);
    start(kVa);
    clock();
    start(0x1000);
    comb();
    EXPECT_FALSE(out.start_grant);
    EXPECT_EQ(out.start_slot, 0);
    edge();
    start(0x1000);
    respond(0);
    comb();
    edge();
    start(0x1000);
    comb(); // WalkDone completes in this clock, but is free only in the next
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(out.start_grant);
    edge();
    start(0x1000);
    comb();
    EXPECT_TRUE(out.start_grant);
}

TEST_F(Walker, no_walk_can_be_joined_that_is_done_WALK_1)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    start(kVa);
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.start_grant);
    EXPECT_FALSE(out.start_merge);
    EXPECT_EQ(out.start_slot, 1);
}

TEST_F(Walker, no_walk_starts_at_a_fence_WALK_1)
{
    start(kVa);
    fence();
    comb();
    EXPECT_FALSE(out.start_grant);
}

TEST_F(Walker, offer_stays_as_it_is_until_taken_WALK_3)
{
    in.mreq_ready = false;
    start(0x1000, MMU_ACC_LOAD, 0);
    in.start_rq.ctx.asid = 5;
    clock();
    start(kVa);
    clock(); // slot 0 offered, not taken: locked; slot 1 starts
    in.mreq_ready = true;
    clock(); // slot 0 taken
    in.mreq_ready = false;
    comb(); // slot 1 offered
    EXPECT_EQ(out.mreq.id, 1);
    const mmu_mreq_t offer = out.mreq;
    edge();
    respond(pte(0x90000000, V), 0); // slot 0 wants the port again, and is the lower number
    clock();
    EXPECT_EQ(state(0), MMU_WALK_REQ);
    for (unsigned n = 0; n < 3; n++) {
        comb();
        EXPECT_TRUE(out.mreq.valid);
        EXPECT_EQ(out.mreq.id, offer.id);
        EXPECT_EQ(out.mreq.addr, offer.addr);
        edge();
    }
    in.mreq_ready = true;
    clock();
    comb();
    EXPECT_EQ(out.mreq.id, 0); // the lowest again
}

TEST_F(Walker, an_offer_survives_a_fence_unchanged_WALK_3)
{
    in.mreq_ready = false;
    start(kVa);
    clock();
    comb();
    const uint64_t addr = out.mreq.addr;
    edge();
    fence();
    clock();
    comb();
    EXPECT_EQ(out.mreq.addr, addr);
    EXPECT_TRUE(walker.q.redo[0]);
}

TEST_F(Walker, answers_come_in_any_order_by_slot_WALK_4)
{
    start(kVa);
    clock();
    start(0x1000);
    clock();
    clock(); // both are taken
    EXPECT_EQ(state(0), MMU_WALK_WAIT);
    EXPECT_EQ(state(1), MMU_WALK_WAIT);
    respond(pte(0x40000000, kLeaf), 1);
    clock();
    EXPECT_EQ(state(0), MMU_WALK_WAIT);
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_slot, 1);
    EXPECT_EQ(mmu_entry_pa(out.done_entry, 0), 0x40000000u);
}

TEST_F(Walker, answers_for_nobody_are_ignored_WALK_4)
{
    start(kVa);
    clock();
    respond(0, 0); // not taken yet... in this clock it is
    comb();
    edge();
    EXPECT_EQ(state(0), MMU_WALK_WAIT);
    respond(0, 1);
    clock();
    respond(0, 7);
    clock();
    EXPECT_EQ(state(0), MMU_WALK_WAIT);
    EXPECT_EQ(state(1), MMU_WALK_IDLE);
}

TEST_F(Walker, fence_restarts_a_walk_from_the_root_when_its_answer_comes_WALK_5)
{
    start(kVa);
    clock();
    level(0x80000000 + 0x48 * 8, pte(0x90000000, V));
    clock();                      // WalkWait at level 1
    fence(true, 9, true, 0x7000); // covers something else: all the same
    clock();
    EXPECT_TRUE(walker.q.redo[0]);
    clock();
    respond(pte(0x5000, kLeaf), 0, true); // the error is thrown away too
    comb();
    EXPECT_TRUE(out.ev_restart);
    edge();
    EXPECT_FALSE(walker.q.redo[0]);
    comb();
    EXPECT_EQ(out.mreq.addr, 0x80000000u + 0x48 * 8);
    edge();
    respond(pte(0x40000000, kLeaf));
    comb();
    EXPECT_FALSE(out.ev_restart);
    edge();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(out.done_fill); // the root is that of before the fence (WALK-8)
}

TEST_F(Walker, an_answer_in_the_fences_clock_restarts_at_once_WALK_5)
{
    start(kVa);
    clock();
    clock();
    fence(true, 1, false, 0);
    respond(pte(0x90000000, V));
    comb();
    EXPECT_TRUE(out.ev_restart);
    edge();
    EXPECT_EQ(state(), MMU_WALK_REQ);
    EXPECT_FALSE(walker.q.redo[0]); // WALK-8
    EXPECT_EQ(walker.cache.array[1].q.valid[0], 0u);
    comb();
    EXPECT_EQ(out.mreq.addr, 0x80000000u + 0x48 * 8);
}

TEST_F(Walker, a_read_not_yet_taken_is_thrown_away_too_WALK_8)
{
    start(kVa);
    clock();
    fence(); // WalkReq, taken in this very clock
    clock();
    EXPECT_EQ(state(), MMU_WALK_WAIT);
    respond(pte(0x40000000, kLeaf));
    comb();
    EXPECT_TRUE(out.ev_restart);
}

TEST_F(Walker, compare_and_swap_in_flight_happens_but_fills_nothing_WALK_8)
{
    for (unsigned at = 0; at < 3; at++) { // fence while offered, while waiting, in the clock of the answer
        make(2, 2, 2);
        walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
        if (at == 0)
            fence();
        clock();
        EXPECT_EQ(state(), MMU_WALK_CAS_WAIT);
        if (at == 1) {
            fence();
            clock();
        }
        if (at == 2)
            fence();
        respond(pte(0x5000, V | R));
        clock();
        EXPECT_TRUE(walker.q.nofill[0]);
        in.fill_ready = false; // nofill does not wait for the L2
        comb();
        EXPECT_TRUE(out.done) << at;
        EXPECT_FALSE(out.done_fill);
        EXPECT_EQ(out.done_fault, MMU_FAULT_NONE);
        EXPECT_EQ(mmu_entry_pa(out.done_entry, 0), 0x5000u);
    }
}

TEST_F(Walker, nothing_joins_a_walk_that_will_not_fill_WALK_1)
{
    walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
    fence();
    clock();
    start(kVa);
    comb();
    EXPECT_TRUE(out.start_grant);
    EXPECT_FALSE(out.start_merge);
    EXPECT_EQ(out.start_slot, 1);
}

TEST_F(Walker, lost_compare_and_swap_after_a_fence_restarts_and_fills_nothing_WALK_7)
{
    for (bool same_clock : {false, true}) {
        make(2, 2, 2);
        walk_to_leaf(pte(0x5000, V | R), MMU_ACC_LOAD);
        clock();
        fence();
        if (!same_clock)
            clock();
        respond(pte(0x6000, V | R));
        comb();
        EXPECT_TRUE(out.ev_cas_fail);
        EXPECT_TRUE(out.ev_restart);
        edge();
        EXPECT_TRUE(walker.q.nofill[0]);
        EXPECT_FALSE(walker.q.redo[0]);
        comb();
        EXPECT_EQ(out.mreq.op, MMU_MEM_READ);
        EXPECT_EQ(out.mreq.addr, 0x80000000u + 0x48 * 8);
        edge();
        respond(pte(0x40000000, kLeaf));
        clock();
        comb();
        EXPECT_TRUE(out.done);
        EXPECT_FALSE(out.done_fill);
    }
}

TEST_F(Walker, walk_of_a_request_older_than_a_fence_fills_neither_tlb_nor_walk_cache_WALK_2)
{
    for (bool old : {false, true}) {
        make(2, 2, 2);
        in.start_old = old;
        walk_to_leaf(pte(0x5000, kLeaf));
        EXPECT_EQ(walker.q.nofill[0], old);
        EXPECT_EQ(walker.cache.array[0].q.valid[0], old ? 0u : 1u); // PWC-2
        EXPECT_EQ(walker.cache.array[1].q.valid[0], old ? 0u : 1u);
        in.start_old = false;
        comb();
        EXPECT_TRUE(out.done);
        EXPECT_EQ(mmu_entry_pa(out.done_entry, kVa), 0x5abcu);
        EXPECT_EQ(out.done_fill, !old);
    }
}

TEST_F(Walker, words_read_after_a_fence_by_an_older_walk_stay_out_of_the_walk_caches_WALK_8)
{
    start(kVa);
    clock();
    fence(false, 0, true, 0x7000); // by address: the walk caches keep what they have
    clock();                       // the read is taken
    respond(pte(0x90000000, V));
    clock(); // thrown away
    level(0x80000000 + 0x48 * 8, pte(0x90000000, V));
    EXPECT_EQ(walker.cache.array[1].q.valid[0], 0u);
    EXPECT_TRUE(walker.q.nofill[0]);
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

TEST_F(Walker, a_fence_beats_the_fill_of_its_clock_WALK_9)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    fence();
    comb();
    EXPECT_FALSE(out.done); // t
    edge();
    comb(); // t + 1: answered, not kept
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(out.done_fill);
    EXPECT_EQ(mmu_entry_pa(out.done_entry, 0), 0x5000u);
}

TEST_F(Walker, walk_caches_keep_pointers_by_level_PWC_2)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    const mmu_array_t &one = walker.cache.array[0], &two = walker.cache.array[1];
    EXPECT_EQ(one.q.valid[0], 1u);
    EXPECT_EQ(one.q.mask[0], mmu_make_mask(21, false));
    EXPECT_EQ(one.q.data[0], mmu_pos_make(0, false, 0x90001000 >> 9));
    EXPECT_EQ(two.q.mask[0], mmu_make_mask(30, false));
    EXPECT_EQ(two.q.data[0], mmu_pos_make(1, false, 0x90000000 >> 9));
    EXPECT_EQ(two.q.key[0], mmu_make_key(1, kVa));
}

TEST_F(Walker, walk_caches_are_per_address_space_also_for_global_pointers_PWC_2)
{
    start(kVa);
    clock();
    level(0x80000000 + 0x48 * 8, pte(0x90000000, V | G));
    EXPECT_EQ(walker.cache.array[1].q.mask[0], mmu_make_mask(30, false));
    EXPECT_EQ(walker.cache.array[1].q.data[0] & MMU_POS_G, MMU_POS_G);
    start(kVa + 0x40000, MMU_ACC_LOAD, 1, 2);
    comb();
    EXPECT_EQ(out.ev_pwc, 0);
}

TEST_F(Walker, only_the_cache_used_is_touched_and_only_by_a_new_walk_PWC_1)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    start(kVa + (1 << 21)); // fills way 1 of cache 1
    clock();
    level(0x90000000 + 0x1a3 * 8, pte(0x90002000, V));
    const uint64_t tree1 = walker.cache.array[0].repl.plru.q.tree[0];
    const uint64_t tree2 = walker.cache.array[1].repl.plru.q.tree[0];
    start(kVa + (1 << 21) + 64); // joins: no touch
    clock();
    EXPECT_EQ(walker.cache.array[0].repl.plru.q.tree[0], tree1);
    start(kVa + 0x3000); // uses way 0 of cache 1
    clock();
    EXPECT_NE(walker.cache.array[0].repl.plru.q.tree[0], tree1);
    EXPECT_EQ(walker.cache.array[1].repl.plru.q.tree[0], tree2);
}

TEST_F(Walker, without_a_cache_every_walk_starts_at_the_root_PWC_2)
{
    make(1, 0, 0);
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    start(kVa);
    comb();
    EXPECT_EQ(out.ev_pwc, 0);
    edge();
    comb();
    EXPECT_EQ(out.mreq.addr, 0x80000000u + 0x48 * 8);
}

TEST_F(Walker, address_fences_keep_pointers_others_do_not_PWC_3)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    fence(false, 0, true, kVa);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 1u);
    fence(true, 1, true, kVa);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 1u);
    fence(true, 2);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 1u);
    fence(true, 1);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 0u);
    EXPECT_EQ(walker.cache.array[1].q.valid[0], 0u);
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    fence();
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 0u);
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
