// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What happens rarely: an ASID's new root under traffic, resets, PMP entries. And that the judge sees an MMU that
// keeps the former root's walks, as a cycle model and RTL that share the error would.
#include "random_bench.h"

extern "C" {
#include "cycle/mmu_internal.h"
#include "cycle/mmu_state.h"
}

#include <map>

namespace
{

// ---- new roots ------------------------------------------------------------------------------------

TEST(RandomRebind, an_asid_gets_another_root_under_traffic_and_a_fence_of_it_follows)
{
    RandomBench b(1, {"ctx.rebind=20", "ctx.rebind_delay=40", "slow.drain=0", "ctx.bare=0", "reset.rate=0",
                      "world.rebuild=0"});
    std::map<unsigned, uint64_t> root; // by ASID
    std::map<unsigned, uint64_t> due;  // ASIDs that owe a fence, and since when
    unsigned changes = 0, in_flight = 0, fences = 0;
    uint64_t longest = 0;
    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next) {
        if (in.fence.valid && out.fence_ready && !in.fence.va_en)
            for (auto it = due.begin(); it != due.end();)
                if (!in.fence.asid_en || (in.fence.asid & 15u) == it->first) {
                    longest = std::max(longest, b.clock - it->second);
                    it = due.erase(it);
                    fences++;
                } else {
                    ++it;
                }
        unsigned asid = next.ctx[1].asid & 15u; // tiny has 4 bits
        auto known = root.find(asid);
        if (known != root.end() && known->second != next.ctx[1].root) {
            due.emplace(asid, b.clock);
            changes++;
            in_flight += out.idle ? 0 : 1;
        }
        root[asid] = next.ctx[1].root;
    };
    b.play(60000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_GT(changes, 100u);
    EXPECT_GT(in_flight, 50u);
    EXPECT_GT(fences, 100u);
    EXPECT_LE(due.size(), 1u);
    EXPECT_LT(longest, 5000u);
    EXPECT_GT(b.count("fence_new_root", "read_waiting"), 50);
}

// The rules' former text, planted: walks that a fence restarts fill TLBs and walk caches.
TEST(RandomRebind, the_judge_stops_an_mmu_whose_restarted_walks_fill)
{
    auto restarted_walks_fill = [](mmu_t *mmu) {
        for (unsigned s = 0; s < MMU_MAX_WALKS; s++)
            if (mmu->walker.q.st[s] == MMU_WALK_REQ || mmu->walker.q.st[s] == MMU_WALK_WAIT)
                mmu->walker.q.nofill[s] = false;
    };
    unsigned stopped = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        RandomBench good(seed, {"ctx.rebind=10"}), bad(seed, {"ctx.rebind=10"});
        bad.look = [&](const mmu_in_t &, const mmu_out_t &, const mmu_in_t &) {
            restarted_walks_fill(bad.mmu);
        };
        good.play(50000);
        bad.play(50000);
        EXPECT_EQ(good.failed(), MMU_ENV_OK) << good.failure();
        stopped += bad.failed() == MMU_ENV_ILLEGAL ? 1 : 0;
    }
    EXPECT_EQ(stopped, 3u);
}

// ---- resets ---------------------------------------------------------------------------------------

TEST(RandomReset, forgets_what_was_outstanding_and_traffic_goes_on)
{
    RandomBench b(4, {"reset.rate=300", "answer.soon=200"});
    bool fresh = false;
    unsigned resets = 0, outstanding = 0, longest = 0;
    uint64_t answers = 0, last = 0;
    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next) {
        if (fresh) {
            EXPECT_TRUE(out.idle) << b.clock;
            EXPECT_FALSE(out.rsp[0].valid || out.rsp[1].valid || out.mreq.valid || in.mrsp.valid) << b.clock;
        }
        unsigned clocks = mmu_env_reset_clocks(b.env);
        fresh = clocks > 0;
        answers += out.rsp[1].valid ? 1 : 0;
        if (!fresh)
            return;
        resets++;
        longest = std::max(longest, clocks);
        outstanding += out.idle ? 0 : 1;
        EXPECT_FALSE(next.req[0].valid || next.req[1].valid || next.fence.valid || next.kill[0]);
        for (unsigned port = 0; port < MMU_PORTS; port++)
            for (unsigned id = 0; id < 16; id++)
                EXPECT_FALSE(mmu_env_pending(b.env, port, id)->busy);
        last = answers;
    };
    b.play(50000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(b.stats().resets, resets);
    EXPECT_EQ(b.count("operation_kinds", "reset"), resets);
    EXPECT_GT(resets, 80u);
    EXPECT_GT(outstanding, 40u);
    EXPECT_EQ(longest, 3u);
    EXPECT_GT(last, 5000u);
}

// A bench that does not reset its MMU: requests of before are answered, and the books say so.
TEST(RandomReset, an_mmu_that_is_not_reset_is_found)
{
    RandomBench b(4, {"reset.rate=300", "answer.soon=200"});
    b.resets = false;
    b.play(50000);
    EXPECT_NE(b.failed(), MMU_ENV_OK);
}

// ---- PMP entries ----------------------------------------------------------------------------------

class RandomPmp : public testing::TestWithParam<unsigned>
{
};

TEST_P(RandomPmp, entries_are_written_while_idle_and_decide)
{
    mmu_env_options_t opt = {};
    opt.pmp_entries = static_cast<uint8_t>(GetParam());
    RandomBench b(2, {"slow.drain=40", "reset.rate=20"}, "tiny", opt);
    unsigned writes = 0;
    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &) {
        if (!in.pmp.valid)
            return;
        writes++;
        EXPECT_TRUE(out.idle) << b.clock; // REQ-9
        EXPECT_LT(in.pmp.index, GetParam());
        if (!in.slow.mml) // there it means something (PMP-4)
            EXPECT_NE(in.pmp.cfg & 3u, 2u) << "W without R";
        EXPECT_EQ(in.pmp.cfg & 0x60u, 0u);
    };
    b.play(80000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_GT(writes, 100u);
    for (const char *kind : {"off", "tor", "na4", "napot", "locked", "no_rights", "first", "last"})
        EXPECT_GT(b.count("pmp_writes", kind), 0) << kind;
    EXPECT_GT(b.count("accesses", "load_access_fault"), 100);
    EXPECT_GT(b.count("accesses", "load"), 5000);
}

INSTANTIATE_TEST_SUITE_P(Entries, RandomPmp, testing::Values(16u, 64u));

// An MMU that loses a write: the judge knows the entries as well.
TEST(RandomPmp, a_write_that_is_lost_is_found)
{
    mmu_env_options_t opt = {};
    opt.pmp_entries = 16;
    RandomBench b(2, {"slow.drain=40"}, "tiny", opt);
    b.look = [&](const mmu_in_t &, const mmu_out_t &, const mmu_in_t &) {
        if (b.clock > 10)
            b.hide_pmp = true;
    };
    b.play(80000);
    EXPECT_EQ(b.failed(), MMU_ENV_ILLEGAL) << b.failure();
}

} // namespace
