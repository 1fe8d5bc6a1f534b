// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Random traffic of a host and of virtual machines, each port in one of its own: every answer is what the
// architectural model says, guest addresses included, and every request gets one.
#include <array>
#include <random>

#include "cycle/guest.hh"

namespace
{
// Tables that do not change but for A and D. In front of a G stage the first stages' tables lie in pages of which
// some cannot be read and some not be written.
struct Worlds {
    static constexpr uint64_t kFrames = 0xa0000000; // where the G stage's own tables begin
    Memory memory;
    std::vector<uint64_t> vas;
    std::vector<mmu_ctx_t> contexts;

    explicit Worlds(unsigned seed)
    {
        std::mt19937 rng(seed);
        auto any = [&rng](unsigned n) { return static_cast<unsigned>(rng() % n); };
        for (unsigned n = 0; n < 4; n++)
            for (unsigned k = 0; k < 6; k++)
                vas.push_back(static_cast<uint64_t>(n) << 30 | static_cast<uint64_t>(k % 2) << 21 |
                              static_cast<uint64_t>(k) << 12);
        vas.push_back(UINT64_C(0x0000004000000000)); // not canonical
        vas.push_back(UINT64_C(0x0000030000000000)); // and too wide for a guest physical address

        // First stages: 2 of the host, 2 each of machines 1 and 2, one of machine 3, which has no G stage.
        for (unsigned space = 0; space < 7; space++) {
            const unsigned vm = space / 2;
            mmu_ctx_t ctx = vm == 0 ? GuestBench::host() : GuestBench::guest(vm);
            ctx.asid = static_cast<uint16_t>(1 + space % 2);
            ctx.root = (0x80000000 + space * 0x10000) >> 12;
            if (vm == 3)
                ctx.gmode = MMU_MODE_BARE;
            contexts.push_back(ctx);
            for (uint64_t va : vas) {
                const unsigned n = static_cast<unsigned>(va >> 30) & 511, lg = n == 1 ? 30 : n == 2 ? 21 : 12;
                const uint64_t gpa = (0x40000000 + static_cast<uint64_t>(any(16)) * 0x1000 +
                                      static_cast<uint64_t>(any(3)) * 0x200000) &
                                     ~((UINT64_C(1) << lg) - 1);
                memory.map(ctx.root << 12, va, gpa, lg, flags(any));
            }
        }
        for (unsigned vm : {1u, 2u})
            contexts.push_back(GuestBench::guest(vm, MMU_MODE_BARE));

        // G stages: tables page by page, data in pages of 4 KiB, 2 MiB, and none.
        const uint64_t tables = memory.next_table;
        memory.next_table = kFrames;
        for (unsigned vm : {1u, 2u}) {
            const uint64_t root = GuestBench::groot(vm);
            for (uint64_t at = 0x80000000; at < 0x80070000; at += 0x1000)
                memory.map(root, at, at, 12, kRwx | kU);
            for (uint64_t at = 0x90000000; at < tables; at += 0x1000) {
                const uint64_t flags =
                    at == last_table(2 * vm, 0x1000) || at == last_table(2 * vm, 0xc0000000)
                        ? kV | kR | kU | kA // its words are not to be written
                    : at == last_table(2 * vm + 1, 0x1000) ? 0
                                                           : kRwx | kU;
                memory.map(root, at, at, 12, flags);
            }
            for (uint64_t at = 0x40000000; at < 0x40010000; at += 0x1000)
                memory.map(root, at, static_cast<uint64_t>(any(1 << 16)) << 12, 12,
                           flags(any) | kU | (any(4) == 0 ? kG : 0)); // G is of no account here
            memory.map(root, 0x40200000, static_cast<uint64_t>(any(1 << 8)) << 21, 21, flags(any) | kU);
            for (uint64_t at = 0; at < 0x6000; at += 0x1000)
                memory.map(root, at, static_cast<uint64_t>(any(1 << 16)) << 12, 12, flags(any) | kU);
        }
    }

    // The table of a first stage that holds the leaf of this address.
    uint64_t last_table(unsigned space, uint64_t va)
    {
        return memory.entry_addr(contexts[space].root << 12, va, 0) & ~UINT64_C(0xfff);
    }

    template <typename Any> static uint64_t flags(Any any)
    {
        if (any(12) == 0)
            return any(2) ? 0 : kV | kW; // faults
        return kV | (any(6) ? kR : kX) | (any(2) ? kW | kR : 0) | (any(2) ? kX : 0) | (any(4) == 0 ? kU : 0) |
               (any(3) != 0 ? kA : 0) | (any(2) ? kD : 0);
    }
};

void stir(Bench &b, const Worlds &world, std::mt19937 &rng, bool slow)
{
    auto any = [&rng](unsigned n) { return static_cast<unsigned>(rng() % n); };
    const unsigned pages = static_cast<unsigned>(world.vas.size());
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        const unsigned of_data[] = {MMU_ACC_LOAD, MMU_ACC_STORE, MMU_ACC_LOAD_X};
        const unsigned id = any(16), acc = p == 0 ? unsigned{MMU_ACC_FETCH} : of_data[any(3)];
        const unsigned va = any(4) != 0 ? any(6) : any(pages), prv = any(10) == 0 ? 3u : any(2);
        if (!b.in.req[p].valid && any(4) != 0)
            b.ask(p, id, world.vas[va] + any(64) * 8, acc, prv);
        b.in.kill[p] = any(100) == 0;
        mmu_ctx_t &ctx = b.in.ctx[p];
        if (any(6) == 0) { // so long that there are hits
            ctx = world.contexts[any(static_cast<unsigned>(world.contexts.size()))];
            if (any(5) == 0 && ctx.gmode == MMU_MODE_BARE)
                ctx.mode = MMU_MODE_BARE;
        }
        ctx.sum = any(2) != 0;
        ctx.mxr = any(2) != 0;
        ctx.gmxr = any(2) != 0;
    }
    b.in.mreq_ready = any(3) != 0;
    b.latency = slow ? 1 + any(4) : 1;
    mmu_fence_t fence = make_fence(any(5));
    fence.va_en = any(2) != 0;
    fence.va = world.vas[any(pages)];
    fence.asid_en = any(2) != 0;
    fence.asid = static_cast<uint16_t>(1 + any(2));
    fence.vmid_en = any(2) != 0;
    fence.vmid = static_cast<uint16_t>(any(4));
    fence.posted = any(3) == 0;
    if (any(150) == 0 && !b.in.fence.valid)
        b.in.fence = fence;
}

using Events = std::array<uint64_t, MMU_EVENT_W>;

void check_against_architecture(const mmu_cfg_t &cfg, unsigned seed, unsigned clocks, Events &seen)
{
    Worlds world(seed);
    Bench b(cfg);
    b.memory = world.memory;
    b.in.slow.adue = seed % 3 != 0;
    b.in.slow.hadue = seed % 2 != 0;
    std::mt19937 rng(seed);
    std::map<unsigned, mmu_rq_t> waiting[MMU_PORTS];
    unsigned answered = 0, guest[4] = {0};

    for (unsigned n = 0; n < clocks; n++) {
        stir(b, world, rng, seed % 4 == 0);
        for (unsigned p = 0; p < MMU_PORTS; p++) // an id that is in use must wait
            if (b.in.req[p].valid && waiting[p].count(b.in.req[p].id) != 0)
                b.in.req[p].valid = false;
        const mmu_in_t in = b.in;
        const mmu_out_t out = b.look();
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            const mmu_rsp_t &rsp = out.rsp[p];
            if (rsp.valid) {
                ASSERT_EQ(waiting[p].count(rsp.id), 1u) << "an answer for nobody, clock " << n;
                const mmu_rq_t rq = waiting[p][rsp.id];
                const mmu_arch_result_t want = b.memory.translate(rq, b.in.slow);
                const mmu_rsp_t should = {want.pa, want.tval, want.gpa, true,       want.fault != 0,
                                          rsp.id,  want.lg,   want.mt,  want.cause, want.imp};
                ASSERT_TRUE(same(rsp, should))
                    << "clock " << n << std::hex << " va " << rq.va << " acc " << +rq.acc << " v " << rq.ctx.v
                    << " vmid " << rq.ctx.vmid << " mode " << +rq.ctx.mode << ": pa " << rsp.pa << " for "
                    << want.pa << ", cause " << +rsp.cause << " for " << +want.cause << ", gpa " << rsp.gpa
                    << " for " << want.gpa << ", imp " << +rsp.imp << " for " << +want.imp;
                waiting[p].erase(rsp.id);
                answered++;
                guest[rsp.imp] += want.fault == MMU_FAULT_GUEST;
                guest[3] += rq.ctx.v && !rsp.fault;
            }
            if (in.kill[p])
                waiting[p].clear();
            else if (in.req[p].valid && out.req_ready[p])
                waiting[p][in.req[p].id] = {in.req[p].va, in.ctx[p], in.req[p].acc, in.req[p].size,
                                            in.req[p].prv};
        }
        b.tick();
        if (::testing::Test::HasFatalFailure())
            return;
    }
    for (unsigned p = 0; p < MMU_PORTS; p++)
        b.in.req[p].valid = false;
    b.in.fence.valid = false;
    b.in.mreq_ready = true;
    const size_t before = b.answers.size();
    b.drain();
    EXPECT_EQ(b.answers.size() - before, waiting[0].size() + waiting[1].size()); // every request gets one
    EXPECT_GT(answered, clocks / 20);
    for (unsigned what : {0u, 1u, 3u}) // guest-page faults by purpose; 3: translations in a machine
        EXPECT_GT(guest[what], 20u) << what;
    EXPECT_EQ(guest[2] != 0, b.in.slow.hadue) << "A or D in a table that cannot be written";
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        seen[n] += b.events[n];
}

// All of these have happened; `g`: there are a TLB and walk caches of the G stage.
void expect_seen(const Events &seen, bool g)
{
    for (unsigned n : {MMU_EV_L1_HIT_I, MMU_EV_L1_HIT_D, MMU_EV_L1_REFUSE_D, MMU_EV_WALK_RESTART,
                       MMU_EV_PWC_HIT_1, MMU_EV_G_MISS})
        EXPECT_GT(seen[n], 0u) << mmu_event_name(n);
    for (unsigned n : {MMU_EV_G_HIT, MMU_EV_G_REFUSE, MMU_EV_GPWC_HIT_1, MMU_EV_GPWC_HIT_2})
        EXPECT_EQ(seen[n] != 0, g) << mmu_event_name(n);
}

TEST(TrafficVm, every_answer_is_the_architectures_on_tiny)
{
    Events seen = {};
    for (unsigned seed = 1; seed <= 6; seed++)
        check_against_architecture(with_two_stages(tiny_shape()), seed, 12000, seen);
    expect_seen(seen, true);
}

TEST(TrafficVm, every_answer_is_the_architectures_on_default)
{
    Events seen = {};
    for (unsigned seed = 7; seed <= 10; seed++)
        check_against_architecture(with_two_stages(default_shape(), 16), seed, 12000, seen);
    expect_seen(seen, true);
}

TEST(TrafficVm, every_answer_is_the_architectures_without_an_l2_and_without_a_g_stages_tlb)
{
    Events seen = {}, none = {};
    check_against_architecture(with_two_stages(without_l2(tiny_shape())), 11, 12000, seen);
    expect_seen(seen, true);
    check_against_architecture(with_two_stages(tiny_shape(), 0), 13, 12000, none);
    expect_seen(none, false);
}

TEST(TrafficVm, every_answer_is_the_architectures_with_a_slow_l2_many_walks_and_probes)
{
    Events seen = {};
    mmu_cfg_t cfg = with_two_stages(tiny_shape(), 8);
    const unsigned k4 = 1u << 3, m2 = 1u << 8, g1 = 1u << 10;
    cfg.l2_latency = 3;
    cfg.walks = 8;
    cfg.misses[MMU_PORT_I] = cfg.misses[MMU_PORT_D] = 8;
    cfg.array[MMU_LEVEL_L1D][0] = {1, 2, static_cast<uint16_t>(k4 | m2 | g1), MMU_POLICY_RANDOM};
    cfg.array[MMU_LEVEL_L1D][1] = {0, 0, 0, 0};
    cfg.array[MMU_LEVEL_L2][0] = {1, 3, static_cast<uint16_t>(k4 | m2), MMU_POLICY_NRU};
    cfg.array[MMU_LEVEL_L2][1] = {0, 3, static_cast<uint16_t>(g1), MMU_POLICY_FIFO};
    cfg.pwc[0] = {4, MMU_POLICY_PLRU};
    for (unsigned seed = 14; seed <= 17; seed++)
        check_against_architecture(cfg, seed, 12000, seen);
    expect_seen(seen, true);
}
} // namespace
