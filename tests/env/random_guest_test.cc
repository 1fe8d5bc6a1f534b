// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Virtual machines in the random stimulus: what software must obey, what a machine without the extension never sees,
// and that everything comes in the end.
#include "random_bench.h"

#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_format.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace
{

mmu_env_options_t with_guests(const char *profile = nullptr)
{
    mmu_env_options_t opt = {};
    opt.random.hypervisor = true;
    opt.random.profile = profile;
    return opt;
}

// ---- the requester's and software's rules -----------------------------------------------------------

class RandomGuestRules : public testing::TestWithParam<const char *>
{
};

TEST_P(RandomGuestRules, are_kept)
{
    RandomBench b(3, {"slow.drain=20"}, "tiny", with_guests(GetParam()));
    ASSERT_NE(b.env, nullptr) << b.error;
    using Machine = std::tuple<uint64_t, unsigned>; // root and mode of the G stage
    std::map<unsigned, Machine> machine;            // by VMID bits that are kept
    std::set<unsigned> owed;                        // VMIDs that have another root
    bool all_owed[2] = {false, false};              // for V = 0, for V = 1
    unsigned changes = 0, mixed = 0, apart = 0;

    b.look = [&](const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next) {
        if (in.fence.valid && out.fence_ready && in.fence.kind == MMU_FENCE_G && !in.fence.va_en) {
            if (!in.fence.vmid_en)
                owed.clear();
            owed.erase(in.fence.vmid & 3u);
        }
        if (in.fence.valid && out.fence_ready && !in.fence.va_en) {
            all_owed[0] = all_owed[0] && (in.fence.kind != MMU_FENCE_S || in.fence.asid_en);
            all_owed[1] = all_owed[1] && (in.fence.kind != MMU_FENCE_G || in.fence.vmid_en);
        }
        // A change of the formats' extensions: everything is fenced, for both, before the next request.
        if (next.slow.pbmte != in.slow.pbmte || next.slow.hpbmte != in.slow.hpbmte ||
            next.slow.svnapot != in.slow.svnapot)
            all_owed[0] = all_owed[1] = true;
        if (mmu_env_reset_clocks(b.env) > 0) {
            all_owed[0] = all_owed[1] = false;
            owed.clear();
            machine.clear();
        }
        apart += in.ctx[0].v != in.ctx[1].v ? 1 : 0;
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            const mmu_ctx_t &c = in.ctx[p];
            if (!in.req[p].valid || !out.req_ready[p])
                continue;
            EXPECT_FALSE(all_owed[0] || all_owed[1]) << b.clock;
            // HLVX is an access with V = 1 (EFF-3), and M has no V.
            EXPECT_TRUE(in.req[p].acc != MMU_ACC_LOAD_X || (c.v && p == MMU_PORT_D)) << b.clock;
            EXPECT_FALSE(c.v && in.req[p].prv == MMU_PRIV_M) << b.clock;
            EXPECT_TRUE(c.v || (c.gmode == MMU_MODE_BARE && c.vmid == 0 && c.groot == 0 && !c.gmxr))
                << b.clock;
            EXPECT_TRUE(!c.v || !c.gmxr || c.mxr) << b.clock; // EFF-2
            mixed += c.v ? 1 : 0;
            if (!c.v)
                continue;
            Machine now{c.gmode == MMU_MODE_BARE ? 0 : c.groot & ~UINT64_C(3), c.gmode};
            auto known = machine.find(c.vmid & 3u);
            if (known != machine.end() && known->second != now) {
                changes++;
                // Another mode only after a fence of everything, which a drain makes.
                if (std::get<1>(known->second) != c.gmode) {
                    EXPECT_EQ(owed.count(c.vmid & 3u), 0u) << b.clock;
                } else {
                    owed.insert(c.vmid & 3u);
                }
            }
            machine[c.vmid & 3u] = now;
        }
    };
    b.play(40000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    EXPECT_GT(changes, 10u);
    EXPECT_GT(mixed, 2000u);
    EXPECT_GT(apart, 4000u);
    EXPECT_LE(owed.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Profiles, RandomGuestRules,
                         testing::Values("default", "fences", "storm", "spaces", "guests"),
                         [](const auto &one) { return std::string(one.param); });

TEST(RandomGuests, are_not_seen_without_the_extension)
{
    mmu_env_options_t opt = {};
    opt.random.profile = "guests";
    RandomBench b(3, {}, "tiny", opt);
    b.look = [&](const mmu_in_t &in, const mmu_out_t &, const mmu_in_t &) {
        EXPECT_FALSE(in.ctx[0].v || in.ctx[1].v || in.ctx[0].gmode || in.ctx[1].vmid) << b.clock;
        EXPECT_FALSE(in.fence.kind != MMU_FENCE_S || in.fence.posted || in.fence.vmid_en) << b.clock;
        EXPECT_FALSE(in.slow.hadue || in.slow.hpbmte || in.slow.mml || in.slow.mmwp || in.slow.rlb)
            << b.clock;
        EXPECT_NE(in.req[1].acc, MMU_ACC_LOAD_X);
        EXPECT_EQ(in.ctx[0].root, in.ctx[1].root);
    };
    b.play(20000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(json_object_get(b.cover(), "stages"), nullptr);
}

// Weights of the extension draw nothing without it: a run stays what it was.
TEST(RandomGuests, weights_of_theirs_change_no_other_run)
{
    RandomBench a(9, {"slow.drain=30"});
    RandomBench b(9,
                  {"slow.drain=30", "virt.share=1", "virt.change=100", "fence.at_update=100", "write.guest=0",
                   "slow.rlb=0", "gmode.sv39x4=0", "vsmode.sv57=900", "fence.posted=100"});
    EXPECT_EQ(a.play(20000).hash(), b.play(20000).hash());
}

// ---- tables that stand still ----------------------------------------------------------------------

// As RandomStatic: where tables change under fences of everything only, each answer is what the architecture says.
TEST(RandomGuests, answers_are_those_of_the_tables)
{
    mmu_env_options_t opt = with_guests();
    opt.cycles = 80000;
    RandomBench b(5,
                  {"write.rate=0", "write.race=0", "remap.rate=0", "answer.error=0", "slow.adue=100",
                   "slow.hadue=100", "slow.drain=20", "world.rebuild=100", "phase.max=3000", "ctx.rebind=0",
                   "virt.rebind=0", "virt.rebind_space=0", "virt.share=90", "virt.alias=60", "va.global=40"},
                  "tiny", opt);
    unsigned compared = 0, pages = 0, refused = 0;

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
            ASSERT_EQ(out.rsp[p].cause, r.cause) << b.clock << " " << std::hex << rq.va;
            ASSERT_EQ(out.rsp[p].pa, r.pa) << b.clock << " " << std::hex << rq.va;
            ASSERT_EQ(out.rsp[p].gpa, r.gpa) << b.clock << " " << std::hex << rq.va;
            ASSERT_EQ(out.rsp[p].imp, r.imp) << b.clock;
            ASSERT_EQ(out.rsp[p].mt, r.mt) << b.clock;
            compared++;
            pages += asked->ctx.v && r.fault == MMU_FAULT_NONE ? 1 : 0;
            refused += r.fault == MMU_FAULT_GUEST ? 1 : 0;
        }
    };
    b.play(opt.cycles);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    EXPECT_GT(compared, 8000u);
    EXPECT_GT(pages, 2000u);
    EXPECT_GT(refused, 300u);
}

// ---- everything is seen ---------------------------------------------------------------------------

TEST(RandomGuests, meet_every_mode_fault_access_and_fence)
{
    mmu_env_options_t opt = with_guests("guests");
    opt.pmp_entries = 16;
    opt.unjudged = true; // others judge; this is a long run
    opt.cycles = 1800000;
    RandomBench b(1, {"slow.drain=30"}, "tiny", opt);
    b.play(opt.cycles);
    ASSERT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    // Rare together: a lost swap, a swap of the G stage, a G entry that is refused, with a given fence or kill.
    for (const std::string &name : b.never())
        EXPECT_TRUE(name.find("swap") != std::string::npos || name.find("refuse") != std::string::npos ||
                    name.find("error") != std::string::npos)
            << name;
    for (unsigned e = MMU_EV_G_HIT; e <= MMU_EV_GPWC_HIT_2; e++)
        EXPECT_GT(b.stats().events[e], 0u) << mmu_event_name(e);
    EXPECT_GT(b.count("fence_vv", "updating"), 50);
    EXPECT_GT(b.count("fence_g", "g_read_waiting"), 50);
}

struct Effect {
    const char *name;
    std::vector<const char *> settings;
    std::function<void(RandomBench &)> check;
};

void PrintTo(const Effect &effect, std::ostream *to)
{
    *to << effect.name;
}

class RandomGuestEffect : public testing::TestWithParam<Effect>
{
};

TEST_P(RandomGuestEffect, is_seen)
{
    mmu_env_options_t opt = with_guests();
    opt.pmp_entries = 16;
    opt.unjudged = true; // RandomWeight has them judged
    RandomBench b(6, GetParam().settings, "tiny", opt);
    ASSERT_NE(b.env, nullptr) << b.error;
    b.play(20000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    GetParam().check(b);
}

long long stages_over(RandomBench &b, const std::string &g)
{
    long long n = 0;
    for (const char *v : {"bare", "sv32", "sv39", "sv48", "sv57"})
        n += b.count("stages", std::string(v) + "_over_" + g);
    return n;
}

// Of reads of guest page tables.
long long read_faults(RandomBench &b)
{
    long long n = 0;
    for (const char *of : {"fetch", "load", "store", "hlvx"})
        n += b.count("guest_faults", std::string("g_read_") + of);
    return n;
}

const std::vector<Effect> effects = {
    {"no_v",
     {"virt.share=0"},
     [](RandomBench &b) { EXPECT_EQ(b.sum("stages") + b.count("v_changes", "v_on"), 0); }},
    {"always_v",
     {"virt.share=100", "priv.m=0", "phase.vary=0"},
     [](RandomBench &b) { EXPECT_LE(b.count("v_changes", "v_off") * 20, b.count("hart_accesses", "load")); }},
    {"no_hart_but_the_plain_one",
     {"virt.hlv=0", "virt.hlvx=0", "virt.mprv=0"},
     [](RandomBench &b) {
         for (const char *op : {"hlv", "hlvx", "hsv", "mprv_load", "mprv_store"})
             EXPECT_EQ(b.count("hart_accesses", op), 0) << op;
     }},
    {"all_by_hlv",
     {"virt.hlv=100", "virt.share=100", "virt.mprv=0", "priv.m=0"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("hart_accesses", "hlv"), 5 * b.count("hart_accesses", "load"));
     }},
    {"hlvx", {"virt.hlvx=100"}, [](RandomBench &b) { EXPECT_GT(b.count("hart_accesses", "hlvx"), 300); }},
    {"one_mode_over_one",
     {"vsmode.sv32=0", "vsmode.sv48=0", "vsmode.sv57=0", "gmode.sv32x4=0", "gmode.sv48x4=0", "gmode.sv57x4=0",
      "virt.bare=0", "virt.g_bare=0"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("stages", "sv39_over_sv39x4"), 100);
         EXPECT_EQ(b.count("stages", "sv39_over_sv39x4"), b.sum("stages"));
     }},
    {"bare_vs",
     {"virt.bare=100", "virt.g_bare=0"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("stages", "bare_over_sv39x4"), 50);
         EXPECT_EQ(b.count("stages", "sv39_over_sv39x4"), 0);
     }},
    {"bare_g",
     {"virt.g_bare=100"},
     [](RandomBench &b) { EXPECT_EQ(stages_over(b, "bare"), b.sum("stages")); }},
    {"one_machine",
     {"virt.machines=1", "virt.rebind=0"},
     [](RandomBench &b) { EXPECT_GT(b.sum("stages"), 300); }},
    {"no_svinval",
     {"fence.posted=0"},
     [](RandomBench &b) {
         for (const char *form : {"posted_s", "posted_vv", "posted_g", "w_inval", "inval_ir"})
             EXPECT_EQ(b.count("fence_forms", form), 0) << form;
     }},
    {"svinval",
     {"fence.posted=100", "fence.rate=60"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("fence_forms", "w_inval"), 30);
         EXPECT_GT(b.count("fence_forms", "inval_ir"), 30);
         EXPECT_GT(b.count("fence_forms", "posted_vv"), 30);
     }},
    {"fences_of_the_g_stage_by_everything",
     {"fence.kind_s=0", "fence.kind_vv=0", "fence.gpa=100", "fence.vmid=100", "fence.rate=30",
      "fence.at_vs_read=0", "fence.at_update=0", "remap.rate=0", "write.fence=0", "slow.drain=0",
      "world.rebuild=0", "virt.rebind=0", "ctx.rebind=0", "virt.rebind_space=0"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("fence_forms", "g_gpa_vmid"), 30);
         EXPECT_EQ(b.count("fence_forms", "vv_va") + b.count("fence_forms", "vv_all") +
                       b.count("fence_forms", "g_gpa"),
                   0);
     }},
    {"no_update_of_vs_entries",
     {"slow.hadue=0"},
     [](RandomBench &b) {
         EXPECT_EQ(b.count("guest_settings", "hadue_1"), 0);
         EXPECT_EQ(b.count("guest_faults", "g_update_store"), 0);
     }},
    {"no_smepmp",
     {"slow.mml=0", "slow.mmwp=0", "slow.rlb=100"},
     [](RandomBench &b) {
         EXPECT_EQ(b.count("guest_settings", "mml_1") + b.count("guest_settings", "mmwp_1") +
                       b.count("guest_settings", "rlb_0"),
                   0);
     }},
    {"g_stage_that_refuses",
     {"gleaf.user=0", "virt.g_bare=0"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("guest_faults", "g_load") + b.count("guest_faults", "g_fetch"), 20);
     }},
    {"good_windows",
     {"window.good=100", "gleaf.accessed=100", "world.clean=100", "write.rate=0", "remap.rate=0",
      "write.race=0", "answer.error=0", "virt.rebind=0", "virt.rebind_space=0"},
     [](RandomBench &b) {
         EXPECT_EQ(read_faults(b), 0);
         EXPECT_GT(b.sum("stages"), 300);
     }},
    {"bad_windows",
     {"window.good=0", "world.clean=0", "virt.bare=0"},
     [](RandomBench &b) { EXPECT_GT(read_faults(b), 100); }},
};

INSTANTIATE_TEST_SUITE_P(Some, RandomGuestEffect, testing::ValuesIn(effects),
                         [](const auto &one) { return std::string(one.param.name); });

// ---- what a wrong MMU is told -----------------------------------------------------------------------

// An MMU that takes fences of one kind for those of another: the judge finds what they should have ended.
class RandomGuestFences : public testing::TestWithParam<unsigned>
{
};

TEST_P(RandomGuestFences, that_are_not_made_are_found)
{
    unsigned found = 0;
    for (uint64_t seed = 1; seed <= 3 && found == 0; seed++) {
        RandomBench b(seed, {"remap.fence=100"}, "tiny", with_guests("guests"));
        b.hear = [](mmu_in_t &in) {
            if (in.fence.kind == GetParam())
                in.fence.kind = MMU_FENCE_INVAL_IR; // it waits, and ends nothing
        };
        b.play(40000);
        found += b.failed() == MMU_ENV_ILLEGAL ? 1 : 0;
        EXPECT_TRUE(b.failed() == MMU_ENV_ILLEGAL || b.failed() == MMU_ENV_OK) << b.failure();
    }
    EXPECT_EQ(found, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RandomGuestFences, testing::Values(MMU_FENCE_S, MMU_FENCE_VV, MMU_FENCE_G), [](const auto &one) {
        return std::string(one.param == MMU_FENCE_S ? "s" : one.param == MMU_FENCE_VV ? "vv" : "g");
    });

// The shape of guest-page faults (REQ-8).
struct Spoilt {
    const char *name;
    std::function<bool(mmu_rsp_t &rsp, const mmu_env_pending_t &p)> spoil;
    const char *text;
};

void PrintTo(const Spoilt &spoilt, std::ostream *to)
{
    *to << spoilt.name;
}

class RandomGuestAnswer : public testing::TestWithParam<Spoilt>
{
};

TEST_P(RandomGuestAnswer, is_watched)
{
    mmu_env_options_t opt = with_guests();
    opt.unjudged = true;
    RandomBench b(17, {}, "tiny", opt);
    bool spoilt = false;
    b.spoil = [&](RandomBench &bench) {
        mmu_rsp_t &rsp = bench.out.rsp[MMU_PORT_D];
        if (!spoilt && rsp.valid && bench.clock > 500)
            spoilt = GetParam().spoil(rsp, *mmu_env_pending(bench.env, MMU_PORT_D, rsp.id));
    };
    b.play(20000);
    EXPECT_TRUE(spoilt);
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER) << b.failure();
    EXPECT_EQ(b.failure().find(GetParam().text), 0u) << b.failure();
}

bool is_guest(const mmu_rsp_t &rsp)
{
    return rsp.cause == 21 || rsp.cause == 23;
}

INSTANTIATE_TEST_SUITE_P(
    Spoilt, RandomGuestAnswer,
    testing::Values(Spoilt{"gpa_of_a_page_fault",
                           [](mmu_rsp_t &rsp, const mmu_env_pending_t &) {
                               if (!rsp.fault || is_guest(rsp))
                                   return false;
                               rsp.gpa = 0x1000;
                               return true;
                           },
                           "the answer's gpa without a guest-page fault is 0x1000, expected 0x0"},
                    Spoilt{"imp_of_a_page",
                           [](mmu_rsp_t &rsp, const mmu_env_pending_t &) {
                               if (rsp.fault)
                                   return false;
                               rsp.imp = 1;
                               return true;
                           },
                           "the answer's imp without a guest-page fault is 0x1, expected 0x0"},
                    Spoilt{"low_bits_of_gpa",
                           [](mmu_rsp_t &rsp, const mmu_env_pending_t &) {
                               if (!is_guest(rsp))
                                   return false;
                               rsp.gpa |= 2;
                               return true;
                           },
                           "the answer's gpa is 0x"},
                    Spoilt{"imp_without_vs_stage",
                           [](mmu_rsp_t &rsp, const mmu_env_pending_t &p) {
                               if (!is_guest(rsp) || p.ctx.mode != MMU_MODE_BARE)
                                   return false;
                               rsp.imp = 1;
                               return true;
                           },
                           "the answer's imp is 0x1, expected 0x0"},
                    Spoilt{"guest_page_fault_without_machine",
                           [](mmu_rsp_t &rsp, const mmu_env_pending_t &p) {
                               if (!rsp.fault || p.ctx.v)
                                   return false;
                               rsp.cause = p.req.acc == MMU_ACC_STORE ? 23 : 21;
                               return true;
                           },
                           "the answer's cause is 0x"}),
    [](const auto &one) { return std::string(one.param.name); });

// FEN-2: a fence that is posted is done although older requests are outstanding, another is not.
class RandomGuestDone : public testing::TestWithParam<bool>
{
};

TEST_P(RandomGuestDone, early_is_for_posted_fences_only)
{
    const bool posted = GetParam();
    mmu_env_options_t opt = with_guests("guests");
    opt.unjudged = true;
    RandomBench b(2, {}, "tiny", opt);
    bool spoilt = false, running = false;
    b.spoil = [&](RandomBench &bench) {
        if (running && !spoilt && !bench.out.fence_done)
            for (unsigned id = 0; id < 16 && !spoilt; id++) {
                const mmu_env_pending_t *p = mmu_env_pending(bench.env, MMU_PORT_D, id);
                spoilt = p->busy && p->clock + 2 < bench.clock && !bench.out.rsp[MMU_PORT_D].valid &&
                         !bench.in.kill[MMU_PORT_D];
            }
        running = bench.in.fence.valid && bench.out.fence_ready && bench.in.fence.kind <= MMU_FENCE_G &&
                  bench.in.fence.posted == posted;
        bench.out.fence_done = bench.out.fence_done || spoilt;
    };
    while (!spoilt && b.clock < 20000)
        b.step();
    ASSERT_TRUE(spoilt);
    EXPECT_EQ(b.failed(), posted ? MMU_ENV_OK : MMU_ENV_BAD_PROTOCOL) << b.failure();
    if (!posted) {
        EXPECT_NE(b.failure().find("is done while an older request is outstanding"), std::string::npos)
            << b.failure();
    }
}

INSTANTIATE_TEST_SUITE_P(Posted, RandomGuestDone, testing::Bool(),
                         [](const auto &one) { return one.param ? "posted" : "waiting"; });

} // namespace
