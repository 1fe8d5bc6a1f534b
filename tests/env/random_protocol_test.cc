// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// An MMU that breaks the protocol or answers nonsense is found by random stimulus, with a message of its
// own. The cycle model's outputs are spoiled once; without spoiling, the same run is clean.
#include "random_bench.h"

#include <regex>

namespace
{

struct Spoilt {
    const char *name;
    // True once it has spoiled something.
    std::function<bool(RandomBench &)> spoil;
    mmu_env_fail_e kind;
    const char *text; // regular expression
};

void PrintTo(const Spoilt &spoilt, std::ostream *to)
{
    *to << spoilt.name;
}

class RandomProtocol : public testing::TestWithParam<Spoilt>
{
};

mmu_env_options_t options()
{
    mmu_env_options_t opt = {};
    opt.unjudged = true; // it would speak first
    opt.watchdog = 3000;
    opt.cycles = 40000;
    return opt;
}

TEST_P(RandomProtocol, is_watched)
{
    RandomBench b(17, {}, "tiny", options());
    bool spoilt = false;
    b.spoil = [&](RandomBench &bench) {
        if (bench.clock > 500 && !spoilt)
            spoilt = GetParam().spoil(bench);
    };
    b.play(40000);
    EXPECT_TRUE(spoilt);
    EXPECT_EQ(b.failed(), GetParam().kind) << b.failure();
    EXPECT_TRUE(std::regex_match(b.failure(), std::regex(GetParam().text))) << b.failure();
}

TEST(RandomProtocol, of_the_cycle_model_is_good)
{
    RandomBench b(17, {}, "tiny", options());
    b.play(40000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(b.clock, 40000u);
}

// The data port's answer of this clock where `good` says so.
std::function<bool(RandomBench &)> answer(std::function<bool(RandomBench &, const mmu_env_pending_t &)> good,
                                          std::function<void(mmu_rsp_t &)> change)
{
    return [=](RandomBench &b) {
        mmu_rsp_t &rsp = b.out.rsp[MMU_PORT_D];
        if (!rsp.valid || !good(b, *mmu_env_pending(b.env, MMU_PORT_D, rsp.id)))
            return false;
        change(rsp);
        return true;
    };
}

bool is_bare(RandomBench &b, const mmu_env_pending_t &p)
{
    return !b.out.rsp[MMU_PORT_D].fault && (p.ctx.mode == MMU_MODE_BARE || p.req.prv == MMU_PRIV_M);
}
bool is_page(RandomBench &b, const mmu_env_pending_t &p)
{
    return !b.out.rsp[MMU_PORT_D].fault && !is_bare(b, p);
}
bool is_fault(RandomBench &b, const mmu_env_pending_t &)
{
    return b.out.rsp[MMU_PORT_D].fault;
}
bool is_not_canonical(RandomBench &b, const mmu_env_pending_t &p)
{
    int64_t va = static_cast<int64_t>(p.req.va);
    return b.out.rsp[MMU_PORT_D].fault && p.req.prv != MMU_PRIV_M && p.ctx.mode == MMU_MODE_SV39 &&
           va >> 38 != 0 && va >> 38 != -1;
}

// An id of the data port that is not outstanding, has been used, and ended as `killed` says.
int idle_id(RandomBench &b, bool killed)
{
    for (unsigned id = 0; id < 16; id++) {
        const mmu_env_pending_t *p = mmu_env_pending(b.env, MMU_PORT_D, id);
        if (!p->busy && p->req.valid && p->killed == killed)
            return static_cast<int>(id);
    }
    return -1;
}

std::function<bool(RandomBench &)> ghost(bool killed)
{
    return [=](RandomBench &b) {
        int id = idle_id(b, killed);
        if (b.out.rsp[MMU_PORT_D].valid || b.in.kill[MMU_PORT_D] || id < 0)
            return false;
        b.out.rsp[MMU_PORT_D].valid = true;
        b.out.rsp[MMU_PORT_D].id = static_cast<uint8_t>(id);
        return true;
    };
}

#define R "data port, id [0-9]+: (load|store) of [0-9] bytes? at 0x[0-9a-f]+, accepted in clock [0-9]+"

const std::vector<Spoilt> spoilts = {
    {"answer_twice", ghost(false), MMU_ENV_BAD_ID,
     "an answer for an id that is not outstanding \\(" R ", was answered in clock [0-9]+\\)"},
    {"answer_after_kill", ghost(true), MMU_ENV_BAD_ID,
     "an answer for an id that is not outstanding \\(" R ", was killed in clock [0-9]+\\)"},
    {"answer_in_the_clock_of_a_kill",
     [](RandomBench &b) {
         if (!b.in.kill[MMU_PORT_D] || b.out.rsp[MMU_PORT_D].valid)
             return false;
         b.out.rsp[MMU_PORT_D].valid = true;
         return true;
     },
     MMU_ENV_BAD_ID, "an answer at the data port, id 0, in the clock of a kill \\(REQ-6\\)"},
    {"answer_to_nobody",
     [](RandomBench &b) {
         if (b.out.rsp[MMU_PORT_D].valid)
             return false;
         b.out.rsp[MMU_PORT_D].valid = true;
         b.out.rsp[MMU_PORT_D].id = 16;
         return true;
     },
     MMU_ENV_BAD_ID, "an answer at the data port for id 16, which no request has had"},
    {"wrong_tval", answer(is_fault, [](mmu_rsp_t &rsp) { rsp.tval ^= 1; }), MMU_ENV_BAD_ANSWER,
     "the answer's tval is 0x[0-9a-f]+, expected 0x[0-9a-f]+ \\(REQ-8; " R "\\)"},
    {"wrong_cause", answer(is_fault, [](mmu_rsp_t &rsp) { rsp.cause = 12; }), MMU_ENV_BAD_ANSWER,
     "the answer's cause is 0xc, expected 0x[df5] \\(REQ-8; " R "\\)"},
    {"pa_with_a_fault", answer(is_fault, [](mmu_rsp_t &rsp) { rsp.pa = 0x1000; }), MMU_ENV_BAD_ANSWER,
     "the answer's pa with a fault is 0x1000, expected 0x0 \\(REQ-8; " R "\\)"},
    {"lg_with_a_fault", answer(is_fault, [](mmu_rsp_t &rsp) { rsp.lg = 12; }), MMU_ENV_BAD_ANSWER,
     "the answer's lg with a fault is 0xc, expected 0x0 \\(REQ-8; " R "\\)"},
    {"mt_with_a_fault", answer(is_fault, [](mmu_rsp_t &rsp) { rsp.mt = 1; }), MMU_ENV_BAD_ANSWER,
     "the answer's mt with a fault is 0x1, expected 0x0 \\(REQ-8; " R "\\)"},
    {"cause_without_a_fault", answer(is_page, [](mmu_rsp_t &rsp) { rsp.cause = 13; }), MMU_ENV_BAD_ANSWER,
     "the answer's cause without a fault is 0xd, expected 0x0 \\(REQ-8; " R "\\)"},
    {"tval_without_a_fault", answer(is_page, [](mmu_rsp_t &rsp) { rsp.tval = 1; }), MMU_ENV_BAD_ANSWER,
     "the answer's tval without a fault is 0x1, expected 0x0 \\(REQ-8; " R "\\)"},
    {"wrong_offset", answer(is_page, [](mmu_rsp_t &rsp) { rsp.pa ^= 8; }), MMU_ENV_BAD_ANSWER,
     "the answer's offset in the page is 0x[0-9a-f]+, expected 0x[0-9a-f]+ \\(REQ-8; " R "\\)"},
    {"page_of_no_size", answer(is_page, [](mmu_rsp_t &rsp) { rsp.lg = 0; }), MMU_ENV_BAD_ANSWER,
     "the answer's lg is 0x0, expected 0xc \\(REQ-8; " R "\\)"},
    {"reserved_memory_type", answer(is_page, [](mmu_rsp_t &rsp) { rsp.mt = 3; }), MMU_ENV_BAD_ANSWER,
     "the answer's mt is 0x3, expected 0x0 \\(REQ-8; " R "\\)"},
    {"bare_elsewhere", answer(is_bare, [](mmu_rsp_t &rsp) { rsp.pa ^= 0x10000; }), MMU_ENV_BAD_ANSWER,
     "the answer's pa without paging is 0x[0-9a-f]+, expected 0x[0-9a-f]+ \\(REQ-8; " R "\\)"},
    {"bare_page", answer(is_bare, [](mmu_rsp_t &rsp) { rsp.lg = 12; }), MMU_ENV_BAD_ANSWER,
     "the answer's lg without a page is 0xc, expected 0x0 \\(REQ-8; " R "\\)"},
    {"bare_fault",
     answer(is_bare,
            [](mmu_rsp_t &rsp) {
                rsp.fault = true;
                rsp.cause = 13;
            }),
     MMU_ENV_BAD_ANSWER, "the answer's fault is 0x1, expected 0x0 \\(REQ-8; " R "\\)"},
    {"not_canonical_passes",
     answer(is_not_canonical,
            [](mmu_rsp_t &rsp) {
                uint8_t id = rsp.id;
                rsp = {};
                rsp.valid = true;
                rsp.id = id;
                rsp.lg = 12;
            }),
     MMU_ENV_BAD_ANSWER, "the answer's fault is 0x0, expected 0x1 \\(REQ-8; " R "\\)"},
    {"noise_on_the_lane",
     [](RandomBench &b) {
         if (b.out.rsp[MMU_PORT_I].valid)
             return false;
         b.out.rsp[MMU_PORT_I].pa = 0x55000;
         return true;
     },
     MMU_ENV_BAD_PROTOCOL,
     "the instruction port's answer is not valid and not all 0 \\(REQ-8\\): pa 0x55000, tval 0x0, id 0"},
    {"noise_on_the_walk_port",
     [](RandomBench &b) {
         if (b.out.mreq.valid)
             return false;
         b.out.mreq.addr = 0x80000008;
         return true;
     },
     MMU_ENV_BAD_PROTOCOL,
     "the walk port's request is not valid and not all 0 \\(REQ-8\\): address 0x80000008"},
    {"words_of_a_read",
     [](RandomBench &b) {
         if (!b.out.mreq.valid || b.out.mreq.op != MMU_MEM_READ)
             return false;
         b.out.mreq.new_word = 7;
         return true;
     },
     MMU_ENV_BAD_PROTOCOL, "the walk port's read at 0x[0-9a-f]+ has words \\(TYP-3\\)"},
    {"fence_done_early",
     [](RandomBench &b) {
         if (!b.in.fence.valid || !b.out.fence_ready)
             return false;
         b.out.fence_done = true;
         return true;
     },
     MMU_ENV_BAD_PROTOCOL, "fence_done is 1 and no fence is running"},
    {"idle_too_early",
     [](RandomBench &b) {
         if (b.out.idle)
             return false;
         for (unsigned id = 0; id < 16; id++)
             if (mmu_env_pending(b.env, MMU_PORT_D, id)->busy) {
                 b.out.idle = true;
                 return true;
             }
         return false;
     },
     MMU_ENV_BAD_PROTOCOL, "idle is 1 while a request is outstanding \\(.*, accepted in clock [0-9]+\\)"},
};

INSTANTIATE_TEST_SUITE_P(Spoilt, RandomProtocol, testing::ValuesIn(spoilts),
                         [](const auto &one) { return std::string(one.param.name); });

// An answer that never comes, while all others go on. (MMUs that lose a request may believe that they are
// idle.)
TEST(RandomProtocol, lost_answer_is_missed)
{
    RandomBench b(17,
                  {"kill.rate=0", "reset.rate=0", "ctx.rebind=0", "fence.rate=0", "fence.aim=0",
                   "fence.at_response=0", "fence.at_swap=0", "remap.rate=0", "write.fence=0", "kill.aim=0",
                   "kill.at_swap=0", "slow.drain=0", "world.rebuild=0"},
                  "tiny", options());
    bool lost = false;
    b.spoil = [&](RandomBench &bench) {
        bench.out.idle = false;
        if (bench.clock > 500 && !lost && bench.out.rsp[MMU_PORT_D].valid) {
            bench.out.rsp[MMU_PORT_D] = {};
            lost = true;
        }
    };
    b.play(40000);
    EXPECT_TRUE(lost);
    EXPECT_EQ(b.failed(), MMU_ENV_NO_PROGRESS);
    EXPECT_TRUE(std::regex_match(
        b.failure(), std::regex("a request has had no answer for [0-9]+ clocks while others went on: " R)))
        << b.failure();
    EXPECT_LT(b.clock, 500 + 3000 + 2048u);
}

} // namespace
