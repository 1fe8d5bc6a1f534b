// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A two-stage walk whose request is killed: it never answers, and the walk finishes and fills. Rules REQ-6, WALK-9.
#include "cycle/guest.hh"

namespace
{
constexpr uint64_t kVa = 0x5000;

TEST(TwoStageKill, in_any_clock_the_walk_goes_on_and_fills_but_nobody_is_answered_REQ_6)
{
    unsigned after_start = 0;
    for (unsigned at = 0;; at++) {
        GuestBench b;
        b.vsmap(1, kVa, 0x20000, 12, kV | kR | kW | kX); // A is set on the way
        b.gmap(1, 0x20000, 0x31000);
        b.enter(b.guest(1));
        b.ask(MMU_PORT_D, 3, kVa);
        b.ticks(at);
        if (b.answer(MMU_PORT_D, 3) != nullptr)
            break; // it has answered before: all clocks were tried
        const bool walks = b.events[MMU_EV_WALK_START] != 0;
        b.in.kill[MMU_PORT_D] = true;
        b.tick();
        b.in.req[MMU_PORT_D].valid = false;
        b.drain();
        ASSERT_EQ(b.answers.size(), 0u) << at;
        EXPECT_EQ(b.swaps, walks ? 1u : 0u) << at;
        EXPECT_EQ(b.words(b.guest(1), kVa) == 0, walks) << at; // held, without a word
        EXPECT_EQ(b.pa(b.guest(1), kVa), 0x31000u);
        after_start += walks;
    }
    EXPECT_GT(after_start, 12u);
}
} // namespace
