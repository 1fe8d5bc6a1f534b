// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The random stimulus as a whole: reproducible, within the requester's rules, and everywhere in the end.
#include "random_bench.h"

#include "../support/run.h"
#include "lockwalk/mmu_arch.h"

#include <algorithm>
#include <set>

namespace
{

TEST(RandomRun, same_seed_same_operations)
{
    RandomBench a(7), b(7);
    EXPECT_EQ(a.play(20000).hash(), b.play(20000).hash());
}

TEST(RandomRun, another_seed_other_operations)
{
    RandomBench a(7), b(8);
    EXPECT_NE(a.play(2000).hash(), b.play(2000).hash());
}

// An MMU that accepts and never answers: what the generator does then depends on nothing but the seed, so
// it is the same on every machine and with every compiler. A change of the weights or of the generator's
// draws changes these numbers, and with them the meaning of every seed that somebody has noted.
TEST(RandomRun, operations_of_a_seed_are_fixed_for_good)
{
    RandomBench b(1, {"ctx.rebind=0", "reset.rate=0"});
    b.spoil = [](RandomBench &bench) {
        bench.out = {};
        bench.out.req_ready[0] = bench.out.req_ready[1] = true;
    };
    b.play(3000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(b.hash(), "fc5caabae86d32d6");
}

// The page of an access may itself hold a table: what was translated is not a word to change.
TEST(RandomRun, changes_words_of_tables_only_where_a_walk_has_read_them)
{
    const run::Result r = run::lockwalk("run --config tiny --random 8 --cycles 200000");
    EXPECT_EQ(r.status, 0) << r.err;
}

TEST(RandomRun, says_what_is_played)
{
    RandomBench plain(12);
    EXPECT_STREQ(mmu_env_describe(plain.env), "random, seed 12, profile default");
    mmu_env_options_t opt = {};
    opt.random.profile = "storm";
    RandomBench storm(3, {"fence.rate=1"}, "tiny", opt);
    EXPECT_STREQ(mmu_env_describe(storm.env), "random, seed 3, profile storm, single weights");
}

TEST(RandomRun, ends_by_itself_when_no_end_is_given)
{
    RandomBench b(2, {}, "default");
    b.play(150000);
    EXPECT_TRUE(mmu_env_done(b.env));
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_GE(b.clock, 100000u);
    EXPECT_TRUE(b.out.idle || b.stats().accepted[0] > 0);
    for (unsigned p = 0; p < MMU_PORTS; p++)
        EXPECT_EQ(b.stats().accepted[p], b.stats().answered[p] + b.stats().faults[p] + b.stats().killed[p]);
}

TEST(RandomRun, ends_after_the_clocks_that_are_given)
{
    mmu_env_options_t opt = {};
    opt.cycles = 1234;
    RandomBench b(2, {}, "tiny", opt);
    b.play(5000);
    EXPECT_EQ(b.clock, 1234u);
}

// ---- the requester's rules ----------------------------------------------------------------------

class RandomRules : public testing::TestWithParam<std::tuple<const char *, const char *>>
{
};

TEST_P(RandomRules, are_kept)
{
    mmu_env_options_t opt = {};
    opt.random.profile = std::get<0>(GetParam());
    RandomBench b(11, {"mode.sv32=30", "mode.sv39=50", "mode.sv48=30", "mode.sv57=30", "slow.drain=20"},
                  std::get<1>(GetParam()), opt);
    std::set<unsigned> busy[MMU_PORTS]; // ids
    bool slow_changed = false;
    uint64_t drains = 0, fences_owed = 0;
    bool owed = false;

    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next) {
        // REQ-9: slow changes only into a clock where idle is 1.
        EXPECT_FALSE(slow_changed && !out.idle) << b.clock;
        slow_changed = next.slow.adue != in.slow.adue || next.slow.pbmte != in.slow.pbmte ||
                       next.slow.svnapot != in.slow.svnapot;
        drains += slow_changed ? 1 : 0;
        // A change of the formats' extensions: a fence of everything before the next request.
        if (next.slow.pbmte != in.slow.pbmte || next.slow.svnapot != in.slow.svnapot) {
            owed = true;
            fences_owed++;
        }
        if (in.fence.valid && out.fence_ready && !in.fence.va_en && !in.fence.asid_en)
            owed = false;
        // REQ-11: nothing is left of what was before.
        if (mmu_env_reset_clocks(b.env) > 0) {
            owed = false;
            busy[0].clear();
            busy[1].clear();
            return;
        }
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            const mmu_req_t &r = in.req[p];
            bool accepted = r.valid && out.req_ready[p];
            EXPECT_FALSE(owed && r.valid) << b.clock;
            // An id is free again in the clock after its answer or kill.
            if (accepted) {
                EXPECT_TRUE(busy[p].insert(r.id).second) << b.clock;
            }
            if (out.rsp[p].valid)
                busy[p].erase(out.rsp[p].id);
            if (in.kill[p])
                busy[p].clear();
            // An offer stays as it is.
            if (r.valid && !accepted) {
                EXPECT_TRUE(next.req[p].valid) << b.clock;
                EXPECT_EQ(next.req[p].va, r.va);
                EXPECT_EQ(next.req[p].id, r.id);
                EXPECT_EQ(next.req[p].acc, r.acc);
                EXPECT_EQ(next.req[p].prv, r.prv);
            }
            // REQ-7
            if (r.valid) {
                EXPECT_LE((r.va & 0xfff) + (1u << r.size), 0x1000u);
                EXPECT_EQ(r.acc == MMU_ACC_FETCH, p == MMU_PORT_I);
                EXPECT_NE(r.prv, 2);
            }
        }
        if (in.fence.valid && !out.fence_ready) {
            EXPECT_TRUE(next.fence.valid);
            EXPECT_EQ(next.fence.va, in.fence.va);
            EXPECT_EQ(next.fence.asid, in.fence.asid);
        }
    };
    b.play(60000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    EXPECT_GT(drains, 5u);
    EXPECT_GT(fences_owed, 2u);
}

INSTANTIATE_TEST_SUITE_P(Profiles, RandomRules,
                         testing::Combine(testing::Values("default", "calm", "fences", "kills", "storm",
                                                          "faults", "hits", "swaps", "spaces"),
                                          testing::Values("tiny", "default")),
                         [](const auto &one) {
                             return std::string(std::get<0>(one.param)) + "_" + std::get<1>(one.param);
                         });

// ---- software's rules ---------------------------------------------------------------------------

// Tables that change only under a fence of everything leave nothing to choose: each answer is what the
// architecture says, whatever TLB it came from. So G, NAPOT pages and ASIDs that the MMU cannot tell apart
// are used as software may use them, and what a judge finds is never the stimulus's doing.
class RandomStatic : public testing::TestWithParam<const char *>
{
};

TEST_P(RandomStatic, answers_are_those_of_the_tables)
{
    std::vector<const char *> weights = {
        "write.rate=0",   "write.race=0",      "remap.rate=0",   "answer.error=0", "slow.adue=100",
        "slow.drain=20",  "world.rebuild=100", "space.count=12", "space.alias=50", "va.global=40",
        "phase.max=3000", "ctx.rebind=0",      GetParam()};
    mmu_env_options_t opt = {};
    opt.cycles = 150000;
    RandomBench b(5, weights, "tiny", opt);
    uint64_t compared = 0, pages = 0;

    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &) {
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            if (!out.rsp[p].valid || b.failed() != MMU_ENV_OK)
                continue;
            const mmu_env_pending_t *asked = mmu_env_pending(b.env, p, out.rsp[p].id);
            mmu_arch_mem_t mem = {[](void *env, uint64_t addr, bool wide, uint64_t *word) {
                                      if (!mmu_env_peek(static_cast<mmu_env_t *>(env), addr, word))
                                          return false;
                                      if (!wide)
                                          *word = (*word >> (addr & 4) * 8) & UINT32_MAX;
                                      return true;
                                  },
                                  [](void *, uint64_t, bool, uint64_t old_word, uint64_t, uint64_t *before) {
                                      *before = old_word;
                                      return true;
                                  },
                                  b.env};
            mmu_rq_t rq = {asked->req.va, asked->ctx, asked->req.acc, asked->req.size, asked->req.prv};
            mmu_arch_result_t r;
            mmu_arch_translate(&mem, &rq, &in.slow, &r);
            ASSERT_EQ(out.rsp[p].fault, r.fault != MMU_FAULT_NONE) << b.clock << " " << std::hex << rq.va;
            ASSERT_EQ(out.rsp[p].cause, r.cause) << b.clock;
            ASSERT_EQ(out.rsp[p].pa, r.pa) << b.clock << " " << std::hex << rq.va;
            ASSERT_EQ(out.rsp[p].mt, r.mt) << b.clock;
            ASSERT_EQ(out.rsp[p].lg, r.lg) << b.clock;
            compared++;
            pages += r.fault == MMU_FAULT_NONE && r.lg != 0 ? 1 : 0;
        }
    };
    b.play(opt.cycles);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    EXPECT_GT(compared, 20000u);
    EXPECT_GT(pages, 10000u);
}

INSTANTIATE_TEST_SUITE_P(Modes, RandomStatic,
                         testing::Values("mode.sv39=100", "mode.sv32=100", "mode.sv48=100", "mode.sv57=300"),
                         [](const auto &one) { return std::string(one.param).substr(5, 4); });

// ---- everything is seen -------------------------------------------------------------------------

TEST(RandomCoverage, default_weights_see_every_entry_form_and_outcome)
{
    mmu_env_options_t opt = {};
    opt.cycles = 600000;
    RandomBench b(1, {}, "tiny", opt);
    b.play(opt.cycles);
    ASSERT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    // A swap that is lost in the very clock of a fence of one given form is the only rarity.
    for (const std::string &name : b.never())
        EXPECT_NE(name.find("swap_lost"), std::string::npos) << name;
    for (unsigned e = 0; e < MMU_EV_G_HIT; e++)
        if (e != MMU_EV_PWC_HIT_3 && e != MMU_EV_PWC_HIT_4) { // Sv39 has no such levels
            EXPECT_GT(b.stats().events[e], 0u) << mmu_event_name(e);
        }
}

TEST(RandomCoverage, a_storm_sees_all_in_the_large_mmu)
{
    mmu_env_options_t opt = {};
    opt.random.profile = "swaps";
    opt.cycles = 1800000;
    RandomBench b(1, {}, "default", opt);
    b.play(opt.cycles);
    ASSERT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    for (const std::string &name : b.never())
        EXPECT_NE(name.find("swap_lost"), std::string::npos) << name;
}

TEST(RandomCoverage, what_never_happened_is_told)
{
    RandomBench b(1, {"kill.rate=0", "kill.aim=0", "kill.at_swap=0"});
    b.play(5000);
    std::vector<std::string> never = b.never();
    EXPECT_NE(std::find(never.begin(), never.end(), "operation_kinds.kill"), never.end());
    EXPECT_NE(std::find(never.begin(), never.end(), "kill_i.idle"), never.end());
    char *text = mmu_env_cover_text(b.env);
    ASSERT_NE(text, nullptr);
    EXPECT_NE(std::string(text).find("never: operation_kinds.kill"), std::string::npos) << text;
    free(text);
}

} // namespace
