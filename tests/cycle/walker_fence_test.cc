// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker, what a fence does to walks: rules WALK-2, 5, 7..9.
#include "cycle/walker_bench.hh"

namespace
{
TEST_F(Walker, no_walk_starts_at_a_fence_WALK_1)
{
    start(kVa);
    fence();
    comb();
    EXPECT_FALSE(out.start_grant);
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
} // namespace
