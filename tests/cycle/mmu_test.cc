// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The whole MMU in time: rules REQ, TOP, and how the rooms meet. Clocks count from acceptance, at clock 0.
#include "cycle/bench.hh"

namespace
{
constexpr uint64_t kVa = 0x1234567000, kPa = 0x4242000;
enum { I = MMU_PORT_I, D = MMU_PORT_D };

// With an L2: stage 1 at 1, L2 asked at 2, its answer at 3, the walk starts at 4 (w) and is done at w + 7 = 11,
// the answer leaves at 12.
TEST(Mmu, cold_miss_answers_at_12_with_an_l2)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 3, kVa + 0x123);
    b.ticks(12);                     // clocks 0..11
    EXPECT_EQ(b.answers.size(), 0u); // t − 1
    EXPECT_EQ(b.reads, 3u);
    b.tick();
    ASSERT_EQ(b.answers.size(), 1u); // t
    EXPECT_EQ(b.answers[0].clock, 12u);
    EXPECT_EQ(b.answers[0].rsp.id, 3);
    EXPECT_EQ(b.answers[0].rsp.pa, kPa + 0x123);
    EXPECT_EQ(b.answers[0].rsp.lg, 12);
    EXPECT_FALSE(b.answers[0].rsp.fault);
    EXPECT_EQ(b.events[MMU_EV_L2_MISS], 1u);
    EXPECT_EQ(b.events[MMU_EV_WALK_START], 1u);
    EXPECT_EQ(b.events[MMU_EV_WALK_LEAF], 1u);
    EXPECT_EQ(b.events[MMU_EV_MEM_READ], 3u);
}

TEST(Mmu, cold_miss_answers_at_10_without_an_l2)
{
    Bench b(without_l2(default_shape()));
    b.map(kVa, kPa);
    b.ask(D, 3, kVa);
    b.ticks(10);
    EXPECT_EQ(b.answers.size(), 0u);
    b.tick();
    EXPECT_EQ(b.answered_at(D, 3), 10u);
}

TEST(Mmu, miss_with_the_level_1_pointer_answers_4_clocks_earlier_WALK_10)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.map(kVa + 0x1000, kPa + 0x1000);
    b.warm(D, kVa);
    const uint64_t from = b.clock;
    b.ask(D, 3, kVa + 0x1000);
    b.drain();
    EXPECT_EQ(b.answered_at(D, 3) - from, 8u);
    EXPECT_EQ(b.events[MMU_EV_PWC_HIT_1], 1u);
}

TEST(Mmu, hit_answers_in_the_next_clock_REQ_4)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.warm(D, kVa);
    b.answers.clear();
    const uint64_t from = b.clock;
    b.ask(D, 3, kVa);
    b.tick();
    EXPECT_TRUE(b.answers.empty());
    b.tick();
    EXPECT_EQ(b.answered_at(D, 3), from + 1);
    EXPECT_EQ(b.events[MMU_EV_L1_HIT_D], 1u);
}

TEST(Mmu, miss_that_the_l2_holds_answers_at_4_TOP_6)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.warm(I, kVa, MMU_ACC_FETCH); // fills L1I and L2
    const uint64_t from = b.clock;
    b.answers.clear();
    b.ask(D, 3, kVa);
    b.ticks(4);
    EXPECT_TRUE(b.answers.empty());
    b.tick();
    EXPECT_EQ(b.answered_at(D, 3), from + 4);
    EXPECT_EQ(b.events[MMU_EV_L2_HIT], 1u);
    b.ask(D, 4, kVa); // the L1 has been filled from the L2
    b.ticks(2);
    EXPECT_EQ(b.answered_at(D, 4), from + 6);
    EXPECT_EQ(b.reads, 3u);
}

TEST(Mmu, ad_update_takes_two_clocks_more_and_changes_the_word_WALK_10)
{
    Bench b(default_shape());
    b.map(kVa, kPa, 12, kV | kR | kW);
    b.ask(D, 3, kVa, MMU_ACC_STORE);
    b.ticks(14);
    EXPECT_TRUE(b.answers.empty());
    b.tick();
    EXPECT_EQ(b.answered_at(D, 3), 14u);
    EXPECT_EQ(b.swaps, 1u);
    EXPECT_EQ(b.memory.word(b.memory.entry_addr(Bench::kRoot, kVa, 0)) & (kA | kD), kA | kD);
}

TEST(Mmu, store_to_a_clean_page_is_refused_by_the_hit_and_sets_D_L1_4)
{
    Bench b(default_shape());
    b.map(kVa, kPa, 12, kV | kR | kW | kA);
    b.warm(D, kVa);
    b.ask(D, 3, kVa, MMU_ACC_STORE);
    b.drain();
    EXPECT_EQ(b.events[MMU_EV_L1_REFUSE_D], 1u);
    EXPECT_EQ(b.events[MMU_EV_L2_REFUSE], 1u);
    EXPECT_EQ(b.swaps, 1u);
    EXPECT_FALSE(b.answer(D, 3)->rsp.fault);
    b.ask(D, 4, kVa, MMU_ACC_STORE);
    b.drain();
    EXPECT_EQ(b.answered_at(D, 4), b.clock - 1);
    EXPECT_EQ(b.swaps, 1u);
}

TEST(Mmu, fault_is_never_kept_L1_4)
{
    Bench b(default_shape());
    b.ask(D, 3, kVa, MMU_ACC_STORE);
    b.drain();
    EXPECT_TRUE(b.answer(D, 3)->rsp.fault);
    EXPECT_EQ(b.answer(D, 3)->rsp.cause, 15);
    EXPECT_EQ(b.answer(D, 3)->rsp.tval, kVa);
    EXPECT_EQ(b.events[MMU_EV_FAULT_D], 1u);
    EXPECT_EQ(b.events[MMU_EV_WALK_FAULT], 1u);
    b.map(kVa, kPa); // no fence
    b.ask(D, 4, kVa, MMU_ACC_STORE);
    b.drain();
    EXPECT_FALSE(b.answer(D, 4)->rsp.fault);
}

TEST(Mmu, table_outside_memory_is_an_access_fault_WALK_6)
{
    Bench b(default_shape());
    b.in.ctx[0].root = b.in.ctx[1].root = kRamEnd >> 12;
    b.ask(I, 3, kVa, MMU_ACC_FETCH);
    b.drain();
    EXPECT_EQ(b.answer(I, 3)->rsp.cause, 1);
}

TEST(Mmu, hits_go_on_without_bubbles_past_misses_REQ_5)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.map(kVa + 0x10000, kPa);
    b.map(kVa + 0x20000, kPa);
    b.warm(D, kVa);
    b.latency = 40;
    b.answers.clear();
    b.ask(D, 14, kVa + 0x10000);
    b.tick();
    b.ask(D, 13, kVa + 0x20000);
    b.tick();
    for (unsigned n = 0; n < 30; n++) {
        b.ask(D, n % 8, kVa + n);
        ASSERT_TRUE(b.look().req_ready[D]) << n;
        b.tick();
    }
    b.tick();
    EXPECT_EQ(b.answers.size(), 30u);
    b.drain();
    EXPECT_NE(b.answer(D, 14), nullptr);
    EXPECT_NE(b.answer(D, 13), nullptr);
    EXPECT_GT(b.answered_at(D, 14), b.answered_at(D, 7));
}

TEST(Mmu, ready_falls_for_exactly_one_clock_when_a_miss_finishes_L1_7)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.map(kVa + 0x10000, kPa);
    b.warm(D, kVa);
    b.ask(D, 14, kVa + 0x10000);
    b.tick();
    unsigned refused = 0;
    const uint64_t from = b.clock;
    while (b.clock < from + 40) {
        b.ask(D, static_cast<unsigned>(b.clock % 8), kVa);
        refused += !b.look().req_ready[D];
        b.tick();
    }
    EXPECT_EQ(refused, 1u);
    EXPECT_NE(b.answer(D, 14), nullptr);
}

TEST(Mmu, same_page_misses_share_one_walk_WALK_1)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.latency = 10;
    for (unsigned n = 0; n < 3; n++) {
        b.ask(D, n, kVa + n * 8);
        b.tick();
    }
    b.drain();
    EXPECT_EQ(b.events[MMU_EV_WALK_START], 1u);
    EXPECT_EQ(b.events[MMU_EV_WALK_MERGE], 2u);
    EXPECT_EQ(b.reads, 3u);
    for (unsigned n = 0; n < 3; n++)
        EXPECT_EQ(b.answer(D, n)->rsp.pa, kPa + n * 8);
    EXPECT_EQ(b.answered_at(D, 1), b.answered_at(D, 0) + 1); // L1-6: one lane
    EXPECT_EQ(b.answered_at(D, 2), b.answered_at(D, 0) + 2);
}

TEST(Mmu, two_walks_are_in_flight_at_a_time)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.map(kVa + 0x40000000, kPa + 0x1000);
    b.latency = 20;
    b.ask(D, 1, kVa);
    b.tick();
    b.ask(D, 2, kVa + 0x40000000);
    b.ticks(61);
    EXPECT_EQ(b.reads, 6u);
    b.drain();
    EXPECT_LT(b.answered_at(D, 2) - b.answered_at(D, 1), 10u);
}

TEST(Mmu, full_queue_stalls_the_port_and_only_it_L1_5)
{
    Bench b(tiny_shape()); // 2 misses in flight
    for (unsigned n = 0; n < 4; n++)
        b.map(kVa + n * 0x40000000ull, kPa + n * 0x1000);
    b.latency = 50;
    for (unsigned n = 0; n < 3; n++) {
        b.ask(D, n, kVa + n * 0x40000000ull);
        b.tick();
        ASSERT_FALSE(b.in.req[D].valid);
    }
    b.ask(D, 3, kVa);
    b.tick();
    EXPECT_TRUE(b.in.req[D].valid); // not accepted
    EXPECT_TRUE(b.look().req_ready[I]);
    EXPECT_NE(b.look().events & 1u << MMU_EV_STALL_D, 0u);
    b.drain();
    b.drain();
    for (unsigned n = 0; n < 4; n++)
        EXPECT_NE(b.answer(D, n), nullptr) << n;
}

TEST(Mmu, killed_requests_never_answer_but_their_walk_fills_REQ_6)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 1, kVa);
    b.ticks(6); // the walk is under way
    b.in.kill[D] = true;
    b.ask(D, 2, kVa); // accepted in the clock of the kill
    b.tick();
    EXPECT_FALSE(b.in.req[D].valid);
    b.drain();
    EXPECT_TRUE(b.answers.empty());
    EXPECT_EQ(b.reads, 3u);
    const uint64_t from = b.clock;
    b.ask(D, 1, kVa);
    b.ticks(2);
    EXPECT_EQ(b.answered_at(D, 1), from + 1); // a hit
}

TEST(Mmu, a_kill_at_any_clock_of_a_miss_leaves_nothing_behind_REQ_6)
{
    for (unsigned at = 0; at <= 12; at++) {
        Bench b(default_shape());
        b.map(kVa, kPa);
        b.ask(D, 1, kVa);
        b.ticks(at);
        b.in.kill[D] = true;
        b.tick();
        b.ask(D, 1, kVa + 8); // the id is free again
        b.drain();
        ASSERT_EQ(b.answers.size(), 1u) << "kill at " << at;
        EXPECT_EQ(b.answers[0].rsp.pa, kPa + 8);
    }
}

TEST(Mmu, kill_of_one_port_leaves_the_other_REQ_6)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 1, kVa);
    b.ask(I, 2, kVa, MMU_ACC_FETCH);
    b.ticks(3);
    b.in.kill[I] = true;
    b.drain();
    EXPECT_NE(b.answer(D, 1), nullptr);
    EXPECT_EQ(b.answer(I, 2), nullptr);
}

TEST(Mmu, superpage_goes_where_its_size_is_held_L1_10)
{
    Bench b(default_shape());
    b.map(0x40000000, 0x80000000, 30);
    b.warm(D, 0x41234567);
    EXPECT_EQ(b.answer(D, 15)->rsp.pa, 0x81234567u);
    EXPECT_EQ(b.answer(D, 15)->rsp.lg, 30);
    EXPECT_TRUE(mmu_peek_row(b.mmu, MMU_LEVEL_L1D * MMU_ARRAYS + 1, 0, 0).valid);
    EXPECT_FALSE(mmu_peek_row(b.mmu, MMU_LEVEL_L1D * MMU_ARRAYS + 0, 0, 0).valid);
    for (unsigned set = 0; set < 128; set++) // the L2 holds 4 KiB pages only (CFG-3)
        EXPECT_FALSE(mmu_peek_row(b.mmu, MMU_LEVEL_L2 * MMU_ARRAYS, set, 0).valid);
}

TEST(Mmu, write_ports_show_fills_in_their_clock_ARR_9)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 1, kVa);
    unsigned l1 = 0, l2 = 0, pwc1 = 0, pwc2 = 0;
    const unsigned l1_id = MMU_LEVEL_L1D * MMU_ARRAYS, l2_id = MMU_LEVEL_L2 * MMU_ARRAYS;
    for (unsigned n = 0; n < 16; n++) {
        b.look();
        const mmu_write_t w = mmu_peek_write(b.mmu, l1_id), w2 = mmu_peek_write(b.mmu, l2_id);
        if (w.enable) {
            l1++;
            EXPECT_EQ(n, 11u); // the walk's done clock
            EXPECT_EQ(w.set, (kVa >> 12) & 15);
            EXPECT_EQ(w.way, 0);
            EXPECT_EQ(w.key, mmu_make_key(1, kVa));
            EXPECT_FALSE(mmu_peek_row(b.mmu, l1_id, w.set, w.way).valid);
        }
        if (w2.enable) {
            l2++;
            EXPECT_EQ(n, 12u); // L2-4: one later
            EXPECT_EQ(w2.set, (kVa >> 12) & 127);
        }
        pwc2 += mmu_peek_write(b.mmu, 9 + 1).enable;
        pwc1 += mmu_peek_write(b.mmu, 9 + 0).enable;
        b.tick();
    }
    EXPECT_EQ(l1, 1u);
    EXPECT_EQ(l2, 1u);
    EXPECT_EQ(pwc1, 1u);
    EXPECT_EQ(pwc2, 1u);
    const mmu_row_t row = mmu_peek_row(b.mmu, l1_id, (kVa >> 12) & 15, 0);
    EXPECT_TRUE(row.valid);
    EXPECT_EQ(mmu_entry_pa(row.data, 0), kPa);
}

TEST(Mmu, walk_can_be_looked_at_while_it_runs)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.latency = 5;
    b.ask(D, 1, kVa + 0x18);
    b.ticks(7);
    const mmu_walk_view_t walk = mmu_peek_walk(b.mmu, 0);
    EXPECT_EQ(walk.state, 2); // WalkWait
    EXPECT_EQ(walk.port, D);
    EXPECT_EQ(walk.rq.va, kVa + 0x18);
    EXPECT_EQ(mmu_pos_level(walk.pos), 2u);
    EXPECT_EQ(mmu_peek_walk(b.mmu, 1).state, 0);
}

TEST(Mmu, asid_bits_above_the_configured_ones_are_ignored_REQ_1)
{
    Bench b(tiny_shape()); // 4 bits
    b.map(kVa, kPa);
    b.in.ctx[0].asid = b.in.ctx[1].asid = 0x21;
    b.warm(D, kVa);
    b.in.ctx[0].asid = b.in.ctx[1].asid = 0x11; // the same space
    const uint64_t reads = b.reads;
    b.ask(D, 1, kVa);
    b.drain();
    EXPECT_EQ(b.reads, reads);
    b.fence(true, 0x31); // covers it
    b.drain();
    b.ask(D, 1, kVa);
    b.drain();
    EXPECT_GT(b.reads, reads);
}

TEST(Mmu, idle_falls_with_the_first_request_and_rises_after_the_last_effect_REQ_10)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    EXPECT_TRUE(b.look().idle);
    b.ask(D, 1, kVa);
    EXPECT_TRUE(b.look().idle); // state alone
    b.tick();
    for (unsigned n = 1; n <= 12; n++) {
        EXPECT_FALSE(b.look().idle) << n;
        b.tick();
    }
    EXPECT_TRUE(b.look().idle);
    b.fence(true, 3);
    EXPECT_TRUE(b.look().idle);
    b.tick();
    EXPECT_FALSE(b.look().idle);
}

TEST(Mmu, ports_take_turns_at_the_walker_TOP_4)
{
    mmu_cfg_t cfg = without_l2(tiny_shape());
    cfg.walks = 1;
    Bench b(cfg);
    for (unsigned n = 0; n < 4; n++)
        b.map(kVa + n * 0x1000, kPa + n * 0x1000);
    std::vector<unsigned> ports;
    for (unsigned n = 0; n < 100; n++) {
        if (n < 2) { // two misses on each port, at the same time
            b.ask(I, n, kVa + n * 0x1000, MMU_ACC_FETCH);
            b.ask(D, n, kVa + 0x2000 + n * 0x1000);
        }
        const bool start = (b.look().events >> MMU_EV_WALK_START) & 1;
        b.tick();
        if (start)
            ports.push_back(mmu_peek_walk(b.mmu, 0).port);
    }
    // Requesters are I0, I1, D0, D1. I0 is served first; when the walker is free again, all others ask.
    EXPECT_EQ(ports, (std::vector<unsigned>{I, I, D, D}));
}

TEST(Mmu, every_event_has_a_name_of_its_own_EVT)
{
    std::map<std::string, unsigned> names;
    for (unsigned n = 0; n < MMU_EVENT_W; n++) {
        ASSERT_NE(mmu_event_name(n), nullptr);
        names[mmu_event_name(n)]++;
    }
    EXPECT_EQ(names.size(), static_cast<size_t>(MMU_EVENT_W));
    EXPECT_STREQ(mmu_event_name(MMU_EV_L1_HIT_I), "l1_hit_i");
    EXPECT_EQ(mmu_event_name(MMU_EVENT_W), nullptr);
}

TEST(Mmu, many_live_in_one_process)
{
    Bench a(default_shape()), b(tiny_shape());
    a.map(kVa, kPa);
    b.map(kVa, kPa + 0x1000);
    a.ask(D, 1, kVa);
    b.ask(D, 1, kVa);
    for (unsigned n = 0; n < 20; n++) {
        a.tick();
        b.tick();
    }
    EXPECT_EQ(a.answer(D, 1)->rsp.pa, kPa);
    EXPECT_EQ(b.answer(D, 1)->rsp.pa, kPa + 0x1000);
}
} // namespace
