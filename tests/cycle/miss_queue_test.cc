// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_miss_queue: rules MQ.
#include <gtest/gtest.h>

#include "cycle/mmu_miss_queue.h"
#include "cycle/room.hh"

namespace
{
class MissQueue : public ::testing::Test
{
  protected:
    mmu_miss_queue_t q;
    mmu_miss_queue_in_t in = zero<mmu_miss_queue_in_t>();
    mmu_miss_queue_out_t out;

    void SetUp() override
    {
        make(4, true);
    }

    void make(unsigned entries, bool has_l2)
    {
        mmu_miss_queue_init(&q, {static_cast<uint8_t>(entries), has_l2});
        mmu_miss_queue_out(&q, &out);
    }

    // The clock's end; then the outputs of the next.
    void edge()
    {
        mmu_miss_queue_comb(&q, &in);
        mmu_miss_queue_comb(&q, &in);
        mmu_miss_queue_seq(&q, true);
        in = zero<mmu_miss_queue_in_t>();
        mmu_miss_queue_out(&q, &out);
    }

    void alloc(unsigned id, bool old = false)
    {
        in.alloc = true;
        in.alloc_id = static_cast<uint8_t>(id);
        in.alloc_rq = make_rq(static_cast<uint64_t>(id) << 12);
        in.alloc_old = old;
    }

    void look_grant(unsigned sel)
    {
        in.look_sel = static_cast<uint8_t>(sel);
        in.look_grant = true;
    }

    void l2_done(unsigned sel, bool hit, mmu_entry_t entry = 0)
    {
        in.l2_done = true;
        in.l2_sel = static_cast<uint8_t>(sel);
        in.l2_hit = hit;
        in.l2_entry = entry;
    }

    void want_grant(unsigned sel, unsigned slot)
    {
        in.want_grant = true;
        in.want_sel = static_cast<uint8_t>(sel);
        in.want_slot = static_cast<uint8_t>(slot);
    }

    void walk_done(unsigned slot, uint8_t fault, mmu_entry_t entry)
    {
        in.walk_done = true;
        in.walk_slot = static_cast<uint8_t>(slot);
        in.walk_fault = fault;
        in.walk_entry = entry;
    }

    // Entry `sel` to MissWalk with `slot`.
    void to_walk(unsigned sel, unsigned slot)
    {
        look_grant(sel);
        edge();
        l2_done(sel, false);
        edge();
        want_grant(sel, slot);
        edge();
    }
};

TEST_F(MissQueue, alloc_takes_the_lowest_free_entry_until_full_MQ_1)
{
    EXPECT_FALSE(out.busy);
    for (unsigned n = 0; n < 4; n++) {
        EXPECT_FALSE(out.full);
        alloc(n);
        edge();
        EXPECT_EQ(out.look, mmu_ones(n + 1));
    }
    EXPECT_TRUE(out.full);
    EXPECT_TRUE(out.busy);
}

TEST_F(MissQueue, without_an_l2_a_miss_wants_the_walker_MQ_1)
{
    make(2, false);
    alloc(1);
    edge();
    EXPECT_EQ(out.look, 0);
    EXPECT_EQ(out.want, 1);
}

TEST_F(MissQueue, selectors_show_the_requests_MQ_9)
{
    alloc(5);
    edge();
    alloc(6);
    edge();
    in.look_sel = 1;
    in.want_sel = 0;
    mmu_miss_queue_select(&q, &in, &out);
    EXPECT_EQ(out.look_rq.va, 0x6000u);
    EXPECT_EQ(out.want_rq.va, 0x5000u);
    EXPECT_FALSE(out.want_old);
    in.fence_mark = true;
    edge();
    in.fence_mark = false;
    mmu_miss_queue_select(&q, &in, &out);
    EXPECT_TRUE(out.want_old); // WALK-2
}

TEST_F(MissQueue, l2_hit_finishes_MQ_2)
{
    alloc(3);
    edge();
    look_grant(0);
    edge();
    EXPECT_EQ(out.look, 0);
    l2_done(0, true, 0x1234);
    edge();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_id, 3);
    EXPECT_EQ(out.done_rq.va, 0x3000u);
    EXPECT_EQ(out.done_fault, MMU_FAULT_NONE);
    EXPECT_EQ(out.done_entry, 0x1234u);
    EXPECT_EQ(out.want, 0);
}

TEST_F(MissQueue, l2_miss_wants_the_walker_and_abort_asks_again_MQ_2)
{
    alloc(3);
    edge();
    look_grant(0);
    edge();
    in.l2_abort = true;
    edge();
    EXPECT_EQ(out.look, 1);
    look_grant(0);
    edge();
    l2_done(0, false);
    edge();
    EXPECT_EQ(out.want, 1);
    EXPECT_FALSE(out.done);
}

TEST_F(MissQueue, every_waiter_of_a_slot_gets_the_walks_outcome_MQ_4)
{
    for (unsigned n = 0; n < 3; n++) {
        alloc(n);
        edge();
    }
    to_walk(0, 1);
    to_walk(1, 0);
    to_walk(2, 1);
    walk_done(1, MMU_FAULT_PAGE, 0);
    edge();
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.done_two);
    EXPECT_EQ(out.done_id, 0);
    EXPECT_EQ(out.done_fault, MMU_FAULT_PAGE);
    in.take_done = true;
    edge();
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(out.done_two);
    EXPECT_EQ(out.done_id, 2);
    in.take_done = true;
    edge();
    EXPECT_FALSE(out.done);
    EXPECT_TRUE(out.busy); // entry 1 still waits for slot 0
    walk_done(0, MMU_FAULT_NONE, 77);
    edge();
    EXPECT_EQ(out.done_id, 1);
    EXPECT_EQ(out.done_entry, 77u);
    EXPECT_EQ(out.done_fault, MMU_FAULT_NONE);
}

TEST_F(MissQueue, the_lowest_finished_entry_is_shown_and_its_place_is_free_in_the_next_clock_MQ_5)
{
    make(1, true);
    alloc(8);
    edge();
    look_grant(0);
    edge();
    l2_done(0, true, 1);
    edge();
    EXPECT_TRUE(out.full);
    in.take_done = true;
    edge();
    EXPECT_FALSE(out.full);
    EXPECT_FALSE(out.busy);
}

TEST_F(MissQueue, fence_marks_what_is_there_and_what_comes_in_its_clock_MQ_6)
{
    alloc(0);
    edge();
    EXPECT_FALSE(out.old_busy);
    alloc(1);
    in.fence_mark = true;
    edge();
    EXPECT_TRUE(out.old_busy);
    alloc(2); // after the fence
    edge();
    for (unsigned n : {0u, 1u}) {
        look_grant(n);
        edge();
        l2_done(n, true);
        edge();
        EXPECT_TRUE(out.old_busy);
        in.take_done = true;
        edge();
    }
    EXPECT_FALSE(out.old_busy);
    EXPECT_TRUE(out.busy);
    alloc(3, true); // it was marked in stage 1
    edge();
    EXPECT_TRUE(out.old_busy);
}

TEST_F(MissQueue, a_new_entry_does_not_inherit_an_old_mark_MQ_6)
{
    in.fence_mark = true;
    edge();
    alloc(0);
    edge();
    EXPECT_TRUE(out.busy);
    EXPECT_FALSE(out.old_busy);
}

TEST_F(MissQueue, kill_frees_everything_whatever_else_happens_MQ_7)
{
    alloc(0);
    edge();
    alloc(1);
    edge();
    look_grant(0);
    edge();
    l2_done(0, true, 5);
    look_grant(1);
    alloc(2);
    in.kill = true;
    edge();
    EXPECT_FALSE(out.busy);
    EXPECT_FALSE(out.done);
    EXPECT_FALSE(out.full);
    alloc(3);
    edge();
    EXPECT_EQ(out.look, 1);
}

TEST_F(MissQueue, events_of_one_clock_all_act_MQ_8)
{
    for (unsigned n = 0; n < 3; n++) {
        alloc(n);
        edge();
    }
    to_walk(0, 1); // 0 waits for slot 1
    look_grant(1);
    edge(); // 1 is in the L2
    walk_done(1, MMU_FAULT_NONE, 9);
    l2_done(1, false);
    look_grant(2);
    alloc(3);
    edge();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_id, 0);
    EXPECT_EQ(out.want, 0b0010);
    EXPECT_EQ(out.look, 0b1000);
    in.take_done = true;
    l2_done(2, true, 6);
    want_grant(1, 1);
    look_grant(3);
    edge();
    EXPECT_EQ(out.done_id, 2);
    EXPECT_EQ(q.q.st[0], MMU_MISS_FREE);
    EXPECT_EQ(q.q.st[1], MMU_MISS_WALK);
    EXPECT_EQ(q.q.st[3], MMU_MISS_L2);
}

TEST_F(MissQueue, reset_frees_everything)
{
    alloc(0);
    edge();
    mmu_miss_queue_seq(&q, false);
    mmu_miss_queue_out(&q, &out);
    EXPECT_FALSE(out.busy);
}
} // namespace
