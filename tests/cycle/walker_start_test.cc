// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker, who gets a slot, the walk port and its answers: rules WALK-1, 3, 4.
#include "cycle/walker_bench.hh"

namespace
{
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
} // namespace
