// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The environment's books: the protocol of requests, kills and fences, and the watchdog.
#include "env/mmu_stage.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

struct Books {
    mmu_env_options_t opt = {};
    mmu_stage_t stage = {};
    mmu_in_t in = {};
    mmu_out_t out = {};

    explicit Books(uint64_t watchdog = 1000)
    {
        opt.watchdog = watchdog;
        stage.opt = &opt;
    }
    void tick()
    {
        mmu_stage_books(&stage, &in, &out);
        mmu_stage_watch(&stage, &in);
        in = {};
        out = {};
        stage.clock++;
    }
    void offer(unsigned port, uint8_t id, bool ready = true)
    {
        in.req[port].valid = true;
        in.req[port].id = id;
        in.req[port].va = 0x1000;
        in.req[port].acc = port == 0 ? MMU_ACC_FETCH : MMU_ACC_STORE;
        in.req[port].size = 3;
        out.req_ready[port] = ready;
    }
    void answer(unsigned port, uint8_t id, bool fault = false)
    {
        out.rsp[port].valid = true;
        out.rsp[port].id = id;
        out.rsp[port].fault = fault;
    }
    std::string failure() const
    {
        return stage.failure.text;
    }
};

// ---- answers ----

TEST(Books, count_requests_and_answers)
{
    Books b;
    b.offer(0, 1);
    b.offer(1, 2);
    b.tick();
    EXPECT_EQ(b.stage.outstanding[0], 2u);
    EXPECT_EQ(b.stage.outstanding[1], 4u);
    b.answer(0, 1);
    b.answer(1, 2, true);
    b.tick();
    EXPECT_EQ(b.stage.outstanding[0], 0u);
    EXPECT_EQ(b.stage.stats.accepted[0], 1u);
    EXPECT_EQ(b.stage.stats.answered[0], 1u);
    EXPECT_EQ(b.stage.stats.answered[1], 0u);
    EXPECT_EQ(b.stage.stats.faults[1], 1u);
    EXPECT_EQ(b.failure(), "");
}

TEST(Books, a_request_that_is_not_ready_is_not_accepted)
{
    Books b;
    b.offer(0, 1, false);
    b.tick();
    EXPECT_EQ(b.stage.outstanding[0], 0u);
    EXPECT_TRUE(b.stage.offering[0]);
    b.offer(0, 1);
    b.tick();
    EXPECT_EQ(b.stage.outstanding[0], 2u);
    EXPECT_FALSE(b.stage.offering[0]);
}

TEST(Books, an_id_may_be_used_again_in_the_clock_after_its_answer)
{
    Books b;
    b.offer(0, 1);
    b.tick();
    b.answer(0, 1);
    b.tick();
    b.offer(0, 1);
    b.tick();
    b.answer(0, 1);
    b.tick();
    EXPECT_EQ(b.failure(), "");
    EXPECT_EQ(b.stage.stats.answered[0], 2u);
}

TEST(BooksProtocol, an_answer_for_an_id_that_nobody_used)
{
    Books b;
    b.answer(1, 5);
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_BAD_ID);
    EXPECT_EQ(b.failure(), "an answer at the data port for id 5, which no request has had");
}

TEST(BooksProtocol, two_answers_for_one_id)
{
    Books b;
    b.offer(1, 5);
    b.tick();
    b.answer(1, 5);
    b.tick();
    b.answer(1, 5);
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_BAD_ID);
    EXPECT_EQ(b.stage.failure.clock, 2u);
    EXPECT_EQ(b.failure(),
              "an answer for an id that is not outstanding (data port, id 5: store of 8 bytes at 0x1000, "
              "accepted in clock 0, was answered in clock 1)");
}

TEST(BooksProtocol, an_answer_in_the_clock_of_its_acceptance)
{
    Books b;
    b.offer(0, 5);
    b.answer(0, 5);
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_BAD_ID);
}

TEST(BooksProtocol, an_answer_at_the_other_port)
{
    Books b;
    b.offer(0, 5);
    b.tick();
    b.answer(1, 5);
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_BAD_ID);
}

TEST(BooksProtocol, an_answer_after_a_kill)
{
    Books b;
    b.offer(1, 5);
    b.tick();
    b.in.kill[1] = true;
    b.tick();
    EXPECT_EQ(b.stage.outstanding[1], 0u);
    EXPECT_EQ(b.stage.stats.killed[1], 1u);
    b.answer(1, 5);
    b.tick();
    EXPECT_EQ(b.failure(),
              "an answer for an id that is not outstanding (data port, id 5: store of 8 bytes at 0x1000, "
              "accepted in clock 0, was killed in clock 1)");
}

TEST(BooksProtocol, an_answer_in_the_clock_of_a_kill)
{
    Books b;
    b.offer(1, 5);
    b.tick();
    b.in.kill[1] = true;
    b.answer(1, 5);
    b.tick();
    EXPECT_EQ(b.failure(), "an answer at the data port, id 5, in the clock of a kill (REQ-6)");
}

TEST(Books, a_kill_ends_requests_of_its_clock_and_its_port_only)
{
    Books b;
    b.offer(0, 1);
    b.tick();
    b.offer(1, 2);
    b.in.kill[1] = true;
    b.tick();
    EXPECT_EQ(b.stage.outstanding[0], 2u);
    EXPECT_EQ(b.stage.outstanding[1], 0u);
    b.answer(0, 1);
    b.tick();
    EXPECT_EQ(b.failure(), "");
}

TEST(BooksProtocol, idle_while_a_request_is_outstanding)
{
    Books b;
    b.out.idle = true;
    b.offer(0, 1); // it was idle up to this clock's end
    b.tick();
    EXPECT_EQ(b.failure(), "");
    b.out.idle = true;
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_BAD_PROTOCOL);
    EXPECT_EQ(b.failure(),
              "idle is 1 while a request is outstanding (instruction port, id 1: fetch of 8 bytes at "
              "0x1000, accepted in clock 0)");
}

TEST(Books, the_first_failure_is_the_one_told)
{
    Books b;
    b.answer(0, 1);
    b.tick();
    b.answer(1, 2);
    b.tick();
    EXPECT_EQ(b.stage.failure.clock, 0u);
    EXPECT_EQ(b.failure(), "an answer at the instruction port for id 1, which no request has had");
}

TEST(Books, free_ids_go_round)
{
    Books b;
    EXPECT_EQ(mmu_stage_free_id(&b.stage, 0), 1);
    EXPECT_EQ(mmu_stage_free_id(&b.stage, 0), 2);
    EXPECT_EQ(mmu_stage_free_id(&b.stage, 1), 1);
    b.stage.outstanding[0] = 0xfff8;
    EXPECT_EQ(mmu_stage_free_id(&b.stage, 0), 0);
    b.stage.outstanding[0] = 0xffff;
    EXPECT_EQ(mmu_stage_free_id(&b.stage, 0), -1);
}

TEST(Books, events_are_counted_by_their_number)
{
    Books b;
    b.out.events = 1u << MMU_EV_L2_HIT | 1u << MMU_EV_STALL_D;
    b.tick();
    b.out.events = 1u << MMU_EV_L2_HIT | UINT64_C(7) << MMU_EVENT_W; // and three that do not exist
    b.tick();
    EXPECT_EQ(b.stage.stats.events[MMU_EV_L2_HIT], 2u);
    EXPECT_EQ(b.stage.stats.events[MMU_EV_STALL_D], 1u);
    uint64_t all = 0;
    for (uint64_t n : b.stage.stats.events)
        all += n;
    EXPECT_EQ(all, 3u);
}

// ---- fences ----

void fence(Books &b)
{
    b.in.fence.valid = true;
    b.out.fence_ready = true;
}

TEST(BooksFence, is_done_after_every_older_request)
{
    Books b;
    b.offer(0, 1);
    b.tick();
    b.offer(1, 2);
    fence(b); // the request of this clock is older, too
    b.tick();
    EXPECT_TRUE(b.stage.fence_pending);
    b.offer(0, 3); // younger
    b.answer(0, 1);
    b.tick();
    b.answer(1, 2);
    b.out.fence_done = true;
    b.tick();
    EXPECT_EQ(b.failure(), "");
    EXPECT_FALSE(b.stage.fence_pending);
}

TEST(BooksFence, done_before_an_older_request)
{
    Books b;
    b.offer(1, 2);
    fence(b);
    b.tick();
    b.out.fence_done = true;
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_BAD_PROTOCOL);
    EXPECT_EQ(b.failure(),
              "the fence of clock 0 is done while an older request is outstanding (data port, id 2: store "
              "of 8 bytes at 0x1000, accepted in clock 0)");
}

TEST(BooksFence, done_and_none_is_running)
{
    Books b;
    fence(b);
    b.out.fence_done = true; // not in the clock of its acceptance
    b.tick();
    EXPECT_EQ(b.failure(), "fence_done is 1 and no fence is running");
}

TEST(BooksFence, ready_while_one_is_running)
{
    Books b;
    fence(b);
    b.tick();
    fence(b);
    b.tick();
    EXPECT_EQ(b.failure(), "fence_ready is 1 while a fence is running");
}

TEST(BooksFence, not_ready_is_not_accepted)
{
    Books b;
    b.in.fence.valid = true;
    b.tick();
    EXPECT_FALSE(b.stage.fence_pending);
}

// ---- the watchdog ----

TEST(Watchdog, barks_at_n_clocks_without_progress_and_not_at_n_minus_1)
{
    Books b(100);
    b.offer(1, 2);
    b.tick(); // clock 0: accepted
    while (b.stage.clock < 100)
        b.tick();
    EXPECT_EQ(b.failure(), ""); // clock 99 has passed
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_NO_PROGRESS);
    EXPECT_EQ(b.stage.failure.clock, 100u);
    EXPECT_EQ(b.failure(),
              "no progress for 100 clocks while work is outstanding: data port, id 2: store of 8 bytes at "
              "0x1000, accepted in clock 0; 0 walk-port requests wait for the memory");
}

TEST(Watchdog, an_answer_is_progress)
{
    Books b(100);
    b.offer(0, 1);
    b.offer(1, 2);
    b.tick();
    while (b.stage.clock < 99)
        b.tick();
    b.answer(0, 1);
    b.tick();
    while (b.stage.clock < 199)
        b.tick();
    EXPECT_EQ(b.failure(), "");
    b.tick();
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_NO_PROGRESS);
}

TEST(Watchdog, sleeps_while_nothing_is_outstanding)
{
    Books b(100);
    while (b.stage.clock < 5000)
        b.tick();
    b.offer(1, 2);
    b.tick();
    EXPECT_EQ(b.failure(), "");
}

TEST(Watchdog, a_port_that_is_never_ready)
{
    Books b(100);
    b.stage.clock = 7;
    while (b.stage.clock < 200 && b.stage.failure.kind == MMU_ENV_OK) {
        b.offer(0, 1, false);
        b.tick();
    }
    EXPECT_EQ(b.failure(),
              "no progress for 100 clocks while work is outstanding: a request is offered at the "
              "instruction port since clock 7, not ready; 0 walk-port requests wait for the memory");
}

TEST(Watchdog, a_fence_that_is_never_done)
{
    Books b(100);
    fence(b);
    b.tick();
    b.stage.memport.busy = 1;
    while (b.stage.clock < 200 && b.stage.failure.kind == MMU_ENV_OK)
        b.tick();
    EXPECT_EQ(b.failure(),
              "no progress for 100 clocks while work is outstanding: the fence of clock 0 is not done; 1 "
              "walk-port request waits for the memory");
}

TEST(Watchdog, a_fence_that_is_never_ready)
{
    Books b(100);
    while (b.stage.clock < 200 && b.stage.failure.kind == MMU_ENV_OK) {
        b.in.fence.valid = true;
        b.tick();
    }
    EXPECT_EQ(b.failure(),
              "no progress for 100 clocks while work is outstanding: a fence is offered, not ready; 0 "
              "walk-port requests wait for the memory");
}

TEST(Watchdog, a_request_that_starves_while_others_go_on)
{
    Books b(100);
    b.offer(1, 2);
    b.tick();
    while (b.stage.clock < 3000 && b.stage.failure.kind == MMU_ENV_OK) {
        b.offer(0, 1);
        b.tick();
        b.answer(0, 1);
        b.tick();
    }
    EXPECT_EQ(b.stage.failure.kind, MMU_ENV_NO_PROGRESS);
    EXPECT_EQ(b.failure(),
              "a request has had no answer for 1024 clocks while others went on: data port, id 2: store of "
              "8 bytes at 0x1000, accepted in clock 0");
}

} // namespace
