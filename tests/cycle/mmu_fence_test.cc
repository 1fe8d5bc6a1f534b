// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Fences in the whole MMU: rules FEN, L1-9, L2-6, WALK-8, PWC-3. t is the clock of valid and ready.
#include "cycle/bench.hh"

namespace
{
constexpr uint64_t kVa = 0x1234567000, kPa = 0x4242000, kNew = 0x7777000;
enum { I = MMU_PORT_I, D = MMU_PORT_D };

// Changes the page of kVa, as software does before a fence.
void remap(Bench &b)
{
    b.map(kVa, kNew);
}

uint64_t translate(Bench &b, uint64_t va)
{
    b.ask(D, 11, va);
    b.drain();
    return b.answer(D, 11)->rsp.pa;
}

TEST(MmuFence, full_fence_without_traffic_is_done_at_t_plus_1_FEN_2)
{
    Bench b(default_shape());
    b.fence();
    EXPECT_TRUE(b.look().fence_ready);
    EXPECT_FALSE(b.look().fence_done);
    b.tick();
    EXPECT_TRUE(b.look().fence_done);
    EXPECT_FALSE(b.look().fence_ready);
    b.tick();
    EXPECT_TRUE(b.look().fence_ready);
    EXPECT_FALSE(b.look().fence_done);
    EXPECT_EQ(b.events[MMU_EV_FENCE], 1u);
    EXPECT_EQ(b.events[MMU_EV_FENCE_DONE], 1u);
}

TEST(MmuFence, other_fences_are_done_after_the_scan_L2_7)
{
    Bench b(default_shape()); // 128 sets: L2Scan from t + 1 to t + 129
    b.fence(true, 1);
    b.ticks(130);
    EXPECT_EQ(b.fence_done, 0u);
    b.tick();
    EXPECT_EQ(b.fence_done, 130u);
    EXPECT_EQ(b.fence_accepted, 0u);
}

TEST(MmuFence, without_an_l2_every_fence_is_done_at_t_plus_1_FEN_2)
{
    Bench b(without_l2(default_shape()));
    b.fence(true, 1, true, kVa);
    b.tick();
    EXPECT_TRUE(b.look().fence_done);
}

TEST(MmuFence, l1_goes_on_during_the_scan_and_l2_waits_FEN_3)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.map(kVa + 0x1000, kPa);
    b.warm(D, kVa);
    b.fence(true, 9); // nothing to do with it
    b.tick();
    const uint64_t t = b.fence_accepted;
    b.ask(D, 1, kVa);
    b.tick();
    b.ask(D, 2, kVa + 0x1000); // a miss: waits for the L2
    b.drain();
    EXPECT_EQ(b.answered_at(D, 1), t + 2);
    EXPECT_EQ(b.fence_done, t + 130);
    EXPECT_GT(b.answered_at(D, 2), t + 130);
}

TEST(MmuFence, every_form_removes_what_it_covers_everywhere)
{
    struct {
        bool asid_en;
        unsigned asid;
        bool va_en;
        uint64_t va;
        bool global, gone;
    } const cases[] = {
        {false, 0, false, 0, false, true},  {false, 0, false, 0, true, true},
        {true, 1, false, 0, false, true},   {true, 1, false, 0, true, false},
        {true, 2, false, 0, false, false},  {false, 0, true, kVa + 0xfff, false, true},
        {false, 0, true, kVa, true, true},  {false, 0, true, kVa + 0x1000, false, false},
        {true, 1, true, kVa, false, true},  {true, 1, true, kVa, true, false},
        {true, 2, true, kVa, false, false}, {true, 1, true, kVa - 1, false, false},
    };
    for (const mmu_cfg_t &shape : {default_shape(), tiny_shape()}) {
        for (const auto &c : cases) {
            Bench b(shape);
            b.map(kVa, kPa, 12, kRwx | (c.global ? kG : 0));
            b.warm(D, kVa); // L1D and L2
            remap(b);
            EXPECT_EQ(translate(b, kVa), kPa); // still the old page
            b.fence(c.asid_en, c.asid, c.va_en, c.va);
            b.drain();
            EXPECT_EQ(translate(b, kVa), c.gone ? kNew : kPa)
                << "asid " << c.asid_en << " " << c.asid << " va " << c.va_en << " global " << c.global;
            b.ask(I, 1, kVa, MMU_ACC_FETCH); // the other port, through the L2
            b.drain();
            EXPECT_EQ(b.answer(I, 1)->rsp.pa, c.gone ? kNew : kPa);
        }
    }
}

TEST(MmuFence, address_fence_of_a_superpage_works_from_any_address_in_it)
{
    Bench b(default_shape());
    b.map(0x40000000, 0x80000000, 30);
    b.warm(D, 0x40000000);
    b.map(0x40000000, 0xc0000000, 30);
    b.fence(false, 0, true, 0x7ffff000);
    b.drain();
    EXPECT_EQ(translate(b, 0x40000000), 0xc0000000u);
}

TEST(MmuFence, request_accepted_at_t_or_before_is_waited_for_FEN_2)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.latency = 10;
    b.ask(D, 1, kVa); // clock 0
    b.tick();
    b.fence();
    b.ask(D, 2, kVa + 8); // accepted at t = 1
    b.drain();
    ASSERT_NE(b.answer(D, 1), nullptr);
    EXPECT_EQ(b.fence_accepted, 1u);
    EXPECT_EQ(b.fence_done, b.answered_at(D, 2) + 1);
    EXPECT_GT(b.answered_at(D, 2), b.answered_at(D, 1));
}

TEST(MmuFence, request_accepted_after_t_is_not_waited_for_FEN_3)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.latency = 10;
    b.fence();
    b.tick();
    b.ask(D, 1, kVa);
    b.drain();
    EXPECT_EQ(b.fence_done, 1u);
    EXPECT_GT(b.answered_at(D, 1), 30u);
}

TEST(MmuFence, killed_requests_are_not_waited_for_FEN_2)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.latency = 30;
    b.ask(D, 1, kVa);
    b.ticks(8);
    b.fence();
    b.tick();
    b.in.kill[D] = true;
    b.tick();
    EXPECT_EQ(b.fence_done, 0u);
    b.tick();
    EXPECT_EQ(b.fence_done, 10u);
}

// The heart of it: a table changes, then a fence at any clock of a walk; a request accepted after t must see
// the new word, and nothing old may stay in any array.
TEST(MmuFence, at_every_clock_of_a_miss_the_old_page_is_not_kept_FEN_3)
{
    for (bool svadu : {false, true})
        for (unsigned form = 0; form < 4; form++)
            for (unsigned latency : {1u, 3u})
                for (unsigned at = 0; at < 40; at++) {
                    Bench b(default_shape());
                    b.map(kVa, kPa, 12, svadu ? kV | kR | kW : kRwx);
                    b.latency = latency;
                    b.ask(D, 1, kVa, MMU_ACC_STORE);
                    b.ticks(at);
                    remap(b);
                    b.fence((form & 1) != 0, 1, (form & 2) != 0, kVa);
                    b.tick();
                    b.ask(D, 2, kVa, MMU_ACC_STORE);
                    b.drain();
                    ASSERT_NE(b.answer(D, 1), nullptr);
                    ASSERT_NE(b.answer(D, 2), nullptr);
                    EXPECT_EQ(b.answer(D, 2)->rsp.pa, kNew)
                        << "form " << form << " latency " << latency << " fence at " << at;
                    EXPECT_EQ(translate(b, kVa), kNew);
                    EXPECT_LE(b.fence_accepted, b.fence_done);
                }
}

// The same, where a pointer changes: fences without an address.
TEST(MmuFence, at_every_clock_of_a_miss_the_old_pointer_is_not_kept_PWC_3)
{
    for (bool asid : {false, true})
        for (unsigned at = 0; at < 16; at++) {
            Bench b(default_shape());
            b.map(kVa, kPa);
            b.ask(D, 1, kVa);
            b.ticks(at);
            b.memory.word(b.memory.entry_addr(Bench::kRoot, kVa, 1)) = 0; // the level-0 table is unlinked
            b.map(kVa, kNew);                                             // a new one comes
            b.fence(asid, 1);
            b.tick();
            b.ask(D, 2, kVa + 8);
            b.drain();
            EXPECT_EQ(b.answer(D, 2)->rsp.pa, kNew + 8) << at;
        }
}

TEST(MmuFence, fence_beats_a_refill_of_the_same_clock_ARR_6)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 1, kVa);
    b.ticks(11); // clock 11 is the walk's done clock
    b.fence();
    EXPECT_TRUE(b.look().fence_ready);
    EXPECT_FALSE(mmu_peek_write(b.mmu, MMU_LEVEL_L1D * MMU_ARRAYS).enable);
    b.drain();
    EXPECT_NE(b.answer(D, 1), nullptr);
    for (unsigned set = 0; set < 16; set++)
        EXPECT_FALSE(mmu_peek_row(b.mmu, MMU_LEVEL_L1D * MMU_ARRAYS, set, 0).valid);
}

TEST(MmuFence, fence_in_the_clock_of_the_l2_fill_loses_it_L2_6)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 1, kVa);
    b.ticks(12); // clock 12 is the L2's write
    EXPECT_TRUE((b.look(), mmu_peek_write(b.mmu, MMU_LEVEL_L2 * MMU_ARRAYS).enable));
    b.fence(true, 1);
    EXPECT_FALSE((b.look(), mmu_peek_write(b.mmu, MMU_LEVEL_L2 * MMU_ARRAYS).enable));
    b.drain();
    for (unsigned set = 0; set < 128; set++)
        EXPECT_FALSE(mmu_peek_row(b.mmu, MMU_LEVEL_L2 * MMU_ARRAYS, set, 0).valid);
}

TEST(MmuFence, walk_in_progress_starts_again_from_the_root_WALK_5)
{
    Bench b(default_shape());
    b.map(kVa, kPa);
    b.ask(D, 1, kVa);
    b.ticks(8); // two words read or asked for
    b.fence();
    b.drain();
    EXPECT_EQ(b.events[MMU_EV_WALK_RESTART], 1u);
    EXPECT_EQ(b.reads, 5u);
}

// The fence is there because the root changed under the same ASID: what an older request still reads from the
// old root must not be found by a younger one. `busy`: its walk starts after the fence only.
TEST(MmuFence, older_walks_leave_nothing_of_the_old_root_WALK_2_WALK_8)
{
    constexpr uint64_t kOther = 0x80100000;
    for (bool busy : {false, true})
        for (unsigned at = 0; at < 30; at++) {
            mmu_cfg_t cfg = tiny_shape();
            cfg.walks = 1;
            Bench b(cfg);
            b.latency = 3;
            b.map(kVa, kPa);
            b.map(kVa + (UINT64_C(1) << 30), kPa);
            b.memory.map(kOther, kVa, kNew, 12, kRwx);
            if (busy) {
                b.ask(D, 1, kVa + (UINT64_C(1) << 30));
                b.tick();
            }
            b.ask(D, 2, kVa);
            b.ticks(at);
            if (b.in.req[D].valid)
                continue; // not accepted yet, so not older
            b.fence(true, 1);
            b.tick();
            b.in.ctx[0].root = b.in.ctx[1].root = kOther >> 12;
            b.drain();
            ASSERT_NE(b.answer(D, 2), nullptr);
            EXPECT_EQ(b.answer(D, 2)->rsp.pa, kPa);
            EXPECT_EQ(translate(b, kVa), kNew)
                << "fence " << at << " clocks after the request, busy " << busy;
        }
}
} // namespace
