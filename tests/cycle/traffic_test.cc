// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Random traffic: every answer is what the architectural model says, every request gets one, and neither
// calling comb again nor a reset in mid-traffic leaves a trace.
#include <random>

#include "cycle/bench.hh"

namespace
{
// Page tables in three roots, with pages of all sizes, rights and faults; they do not change but for A and D,
// so that every answer is known, whatever the order of things.
struct World {
    Memory memory;
    std::vector<uint64_t> vas;

    explicit World(unsigned seed)
    {
        std::mt19937 rng(seed);
        auto any = [&rng](unsigned n) { return static_cast<unsigned>(rng() % n); };
        for (unsigned n = 0; n < 6; n++)
            for (unsigned k = 0; k < 5; k++)
                vas.push_back(static_cast<uint64_t>(n) << 30 | static_cast<uint64_t>(k % 2) << 21 |
                              static_cast<uint64_t>(k) << 12);
        vas.push_back(UINT64_C(0x0000004000000000)); // not canonical
        vas.push_back(UINT64_C(0xffffffffc0000000));
        for (unsigned space = 0; space < 3; space++)
            for (uint64_t va : vas) {
                const unsigned n = static_cast<unsigned>(va >> 30) & 511;
                const unsigned lg = n == 1 ? 30 : n == 2 ? 21 : 12;
                uint64_t flags = kV | kR | (any(2) ? kW : 0) | (any(2) ? kX : 0) | (any(3) == 0 ? kU : 0) |
                                 (any(3) != 0 ? kA : 0) | (any(2) ? kD : 0);
                if (any(12) == 0)
                    flags = any(2) ? 0 : kV | kW; // faults
                // Global pages are the same in all spaces; here: those of the first space alone use no G.
                uint64_t pa = (static_cast<uint64_t>(any(1 << 20)) << 12) & ~((UINT64_C(1) << lg) - 1);
                if (n == 5)
                    pa = kRamEnd; // a superpage beyond memory is still a translation
                memory.map(root(space), va, pa, lg, flags);
            }
        // A table outside memory.
        memory.word(root(0) + 7 * 8) = (kRamEnd >> 12) << 10 | kV;
        vas.push_back(UINT64_C(7) << 30);
    }

    static uint64_t root(unsigned space)
    {
        return 0x80000000 + space * 0x10000;
    }
};

// Stimulus of one clock, from a generator that two benches can run in step.
void stir(Bench &b, const World &world, std::mt19937 &rng, bool allow_slow)
{
    auto any = [&rng](unsigned n) { return static_cast<unsigned>(rng() % n); };
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        const unsigned id = any(16), acc = p == 0 ? 0u : 1 + any(2);
        const unsigned va = any(static_cast<unsigned>(world.vas.size()));
        const unsigned near = any(4) != 0 ? va % 6 : va, prv = any(8) == 0 ? 3u : any(2);
        const bool now = any(4) != 0;
        if (!b.in.req[p].valid && now)
            b.ask(p, id, world.vas[near] + any(64) * 8, acc, prv);
        b.in.kill[p] = any(100) == 0;
    }
    const unsigned space = any(3);
    b.in.ctx[0].asid = b.in.ctx[1].asid = static_cast<uint16_t>(space);
    b.in.ctx[0].root = b.in.ctx[1].root = World::root(space) >> 12;
    b.in.ctx[0].mode = b.in.ctx[1].mode = any(20) == 0 ? MMU_MODE_BARE : MMU_MODE_SV39;
    b.in.ctx[0].sum = b.in.ctx[1].sum = any(2) != 0;
    b.in.ctx[0].mxr = b.in.ctx[1].mxr = any(2) != 0;
    b.in.mreq_ready = any(3) != 0;
    b.latency = allow_slow ? 1 + any(4) : 1;
    const bool fence = any(150) == 0, asid_en = any(2) != 0, va_en = any(2) != 0;
    const unsigned which = any(static_cast<unsigned>(world.vas.size())), of = any(3);
    if (fence && !b.in.fence.valid)
        b.fence(asid_en, of, va_en, world.vas[which]);
}

// Writes an entry of physical protection to both. The MMU is idle.
void protect(Bench &b, mmu_pmp_file_t &file, unsigned index, unsigned rights, uint64_t base, unsigned lg)
{
    const uint64_t addr = (base >> 2 | ((UINT64_C(1) << (lg - 3)) - 1)) & MMU_PMP_ADDR_MASK;
    b.in.pmp.valid = true;
    b.in.pmp.index = static_cast<uint8_t>(index);
    b.in.pmp.cfg = static_cast<uint8_t>(MMU_PMP_NAPOT << MMU_PMP_A_SHIFT | rights);
    b.in.pmp.addr = addr;
    b.tick();
    b.in.pmp.valid = false;
    mmu_pmp_write(&file, index, static_cast<uint8_t>(MMU_PMP_NAPOT << MMU_PMP_A_SHIFT | rights), addr,
                  MMU_SEC_RLB);
}

// Some tables may not be read, some not be written; some pages may not be read or are M's alone.
void protect_some(Bench &b, mmu_pmp_file_t &file)
{
    const unsigned rwx = MMU_PMP_R | MMU_PMP_W | MMU_PMP_X;
    protect(b, file, 0, MMU_PMP_R, 0x90004000, 13);
    protect(b, file, 1, 0, 0x90008000, 12);
    protect(b, file, 3, rwx, 0x80000000, 29); // the other tables
    protect(b, file, 4, MMU_PMP_R | MMU_PMP_X, 0x40000000, 28);
    protect(b, file, 5, MMU_PMP_L, 0xc0000000, 27);
    protect(b, file, 15, rwx, 0, 56);
}

void check_against_architecture(const mmu_cfg_t &cfg, unsigned seed, unsigned clocks)
{
    World world(seed);
    Bench b(cfg);
    b.memory = world.memory;
    b.in.slow.adue = seed % 2 != 0;
    std::mt19937 rng(seed);
    std::map<unsigned, mmu_rq_t> waiting[MMU_PORTS];
    unsigned answered = 0, faults = 0, fences = 0;
    mmu_pmp_file_t pmp;
    mmu_pmp_reset(&pmp, cfg.pmp_entries);
    if (cfg.pmp_entries != 0)
        protect_some(b, pmp);

    for (unsigned n = 0; n < clocks; n++) {
        stir(b, world, rng, seed % 4 == 0);
        for (unsigned p = 0; p < MMU_PORTS; p++) // an id that is in use must wait
            if (b.in.req[p].valid && waiting[p].count(b.in.req[p].id) != 0)
                b.in.req[p].valid = false;
        const mmu_in_t in = b.in;
        const mmu_out_t out = b.look();
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            if (out.rsp[p].valid) {
                ASSERT_EQ(waiting[p].count(out.rsp[p].id), 1u) << "an answer for nobody, clock " << n;
                const mmu_rq_t rq = waiting[p][out.rsp[p].id];
                const mmu_arch_result_t want = b.memory.translate(rq, b.in.slow, &pmp);
                ASSERT_EQ(out.rsp[p].fault, want.fault != MMU_FAULT_NONE)
                    << std::hex << rq.va << " clock " << n;
                ASSERT_EQ(out.rsp[p].pa, want.pa) << std::hex << rq.va;
                ASSERT_EQ(out.rsp[p].cause, want.cause) << std::hex << rq.va;
                ASSERT_EQ(out.rsp[p].tval, want.tval);
                ASSERT_EQ(out.rsp[p].lg, want.lg);
                ASSERT_EQ(out.rsp[p].mt, want.mt);
                waiting[p].erase(out.rsp[p].id);
                answered++;
                faults += out.rsp[p].fault;
            }
            if (in.kill[p])
                waiting[p].clear();
            else if (in.req[p].valid && out.req_ready[p])
                waiting[p][in.req[p].id] = {in.req[p].va, in.ctx[p], in.req[p].acc, in.req[p].size,
                                            in.req[p].prv};
        }
        fences += out.fence_done;
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
    EXPECT_GT(answered, clocks / 10);
    EXPECT_GT(faults, 100u);
    EXPECT_GT(fences, 10u);
    for (unsigned n : {MMU_EV_L1_HIT_I, MMU_EV_L1_HIT_D, MMU_EV_L1_REFUSE_D, MMU_EV_WALK_MERGE,
                       MMU_EV_WALK_RESTART, MMU_EV_PWC_HIT_1, MMU_EV_PWC_HIT_2, MMU_EV_STALL_D})
        EXPECT_GT(b.events[n], 0u) << mmu_event_name(n);
}

TEST(Traffic, every_answer_is_the_architectures_on_tiny)
{
    for (unsigned seed = 1; seed <= 4; seed++)
        check_against_architecture(tiny_shape(), seed, 15000);
}

TEST(Traffic, every_answer_is_the_architectures_on_default)
{
    for (unsigned seed = 5; seed <= 6; seed++)
        check_against_architecture(default_shape(), seed, 15000);
}

TEST(Traffic, every_answer_is_the_architectures_without_an_l2)
{
    check_against_architecture(without_l2(tiny_shape()), 7, 15000);
}

TEST(Traffic, every_answer_is_the_architectures_with_a_slow_l2_and_many_walks)
{
    mmu_cfg_t cfg = tiny_shape();
    cfg.l2_latency = 3;
    cfg.walks = 8;
    cfg.misses[MMU_PORT_I] = cfg.misses[MMU_PORT_D] = 8;
    cfg.array[MMU_LEVEL_L2][1] = {0, 3, 1u << 10, MMU_POLICY_FIFO};
    cfg.pwc[0] = {4, MMU_POLICY_PLRU};
    check_against_architecture(cfg, 8, 15000);
}

TEST(Traffic, every_answer_is_the_architectures_with_arrays_that_are_probed_and_other_policies)
{
    mmu_cfg_t cfg = tiny_shape();
    const unsigned k4 = 1u << 3, m2 = 1u << 8, g1 = 1u << 10;
    cfg.array[MMU_LEVEL_L1I][0] = {1, 3, static_cast<uint16_t>(k4 | m2), MMU_POLICY_LRU};
    cfg.array[MMU_LEVEL_L1I][1] = {0, 2, g1, MMU_POLICY_NRU};
    cfg.array[MMU_LEVEL_L1D][0] = {1, 2, static_cast<uint16_t>(k4 | m2 | g1), MMU_POLICY_RANDOM};
    cfg.array[MMU_LEVEL_L1D][1] = {0, 0, 0, 0};
    cfg.array[MMU_LEVEL_L2][0] = {1, 3, static_cast<uint16_t>(k4 | m2), MMU_POLICY_NRU};
    cfg.pwc[0] = {3, MMU_POLICY_LRU};
    cfg.pwc[1] = {2, MMU_POLICY_RANDOM};
    for (unsigned seed = 9; seed <= 11; seed++)
        check_against_architecture(cfg, seed, 15000);
}

TEST(Traffic, every_answer_is_the_architectures_under_physical_protection)
{
    for (unsigned entries : {16u, 64u}) {
        mmu_cfg_t cfg = tiny_shape();
        cfg.pmp_entries = static_cast<uint8_t>(entries);
        for (unsigned seed = 12; seed <= 14; seed++)
            check_against_architecture(cfg, seed, 15000);
        check_against_architecture(without_l2(cfg), 15, 15000);
    }
}

// One bench calls comb once a clock with the true inputs; the other first with rubbish.
TEST(Traffic, comb_with_other_inputs_before_changes_nothing)
{
    World world(3);
    Bench a(tiny_shape()), b(tiny_shape());
    a.memory = b.memory = world.memory;
    std::mt19937 rng_a(3), rng_b(3), rubbish(99);
    for (unsigned n = 0; n < 10000; n++) {
        stir(a, world, rng_a, true);
        stir(b, world, rng_b, true);
        const mmu_in_t keep = b.in;
        for (unsigned k = 0; k < 2; k++) {
            mmu_out_t out;
            mmu_in_t junk = keep;
            for (unsigned p = 0; p < MMU_PORTS; p++) {
                junk.req[p].valid = rubbish() % 2 != 0;
                junk.req[p].va = rubbish();
                junk.kill[p] = rubbish() % 4 == 0;
            }
            junk.fence.valid = rubbish() % 2 != 0;
            junk.fence.va_en = rubbish() % 2 != 0;
            junk.mreq_ready = rubbish() % 2 != 0;
            junk.mrsp.valid = rubbish() % 2 != 0;
            junk.mrsp.id = rubbish() % 2;
            junk.mrsp.data = rubbish();
            mmu_comb(b.mmu, &junk, &out);
        }
        a.look();
        b.look();
        ASSERT_TRUE(same(a.out, b.out)) << "clock " << n;
        a.tick();
        b.tick();
    }
}

// After a reset in mid-traffic an MMU does in every clock what a new one does.
TEST(Traffic, reset_in_mid_traffic_returns_to_the_reset_state)
{
    for (unsigned at : {1u, 13u, 500u, 1777u}) {
        World world(4);
        std::mt19937 rng(4);
        Bench old(tiny_shape());
        old.memory = world.memory;
        for (unsigned n = 0; n < at; n++) {
            stir(old, world, rng, true);
            old.tick();
        }
        stir(old, world, rng, true); // whatever the inputs are
        old.look();
        mmu_seq(old.mmu, false);

        Bench used(tiny_shape()), fresh(tiny_shape());
        used.memory = fresh.memory = world.memory;
        std::swap(used.mmu, old.mmu);
        std::mt19937 rng_a(5), rng_b(5);
        for (unsigned array = 0; array < MMU_ARRAY_IDS; array++)
            for (unsigned set = 0; set < 2; set++)
                for (unsigned way = 0; way < 2; way++)
                    ASSERT_FALSE(mmu_peek_row(used.mmu, array, set, way).valid);
        for (unsigned n = 0; n < 3000; n++) {
            stir(used, world, rng_a, true);
            stir(fresh, world, rng_b, true);
            used.look();
            fresh.look();
            ASSERT_TRUE(same(used.out, fresh.out)) << "reset after " << at << ", clock " << n;
            for (unsigned array = 0; array < MMU_ARRAY_IDS; array++) {
                const mmu_write_t a = mmu_peek_write(used.mmu, array), b = mmu_peek_write(fresh.mmu, array);
                ASSERT_TRUE(a.enable == b.enable && a.set == b.set && a.way == b.way && a.key == b.key &&
                            a.mask == b.mask && a.data == b.data)
                    << "array " << array << ", clock " << n;
            }
            used.tick();
            fresh.tick();
        }
    }
}

// REQ-8: without valid all is 0. WALK-3: an offer stays until it is taken.
TEST(Traffic, outputs_keep_their_protocol)
{
    World world(6);
    Bench b(tiny_shape());
    b.memory = world.memory;
    std::mt19937 rng(6);
    mmu_mreq_t offered = zero<mmu_mreq_t>();
    const mmu_rsp_t none = zero<mmu_rsp_t>();
    for (unsigned n = 0; n < 20000; n++) {
        stir(b, world, rng, true);
        b.look();
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            if (!b.out.rsp[p].valid) {
                ASSERT_TRUE(same(b.out.rsp[p], none));
            }
            ASSERT_FALSE(b.out.rsp[p].valid && b.in.kill[p]); // REQ-6
        }
        if (!b.out.mreq.valid) {
            ASSERT_EQ(b.out.mreq.addr | b.out.mreq.old_word | b.out.mreq.new_word | b.out.mreq.id |
                          b.out.mreq.op,
                      0u);
        }
        if (offered.valid) {
            ASSERT_TRUE(b.out.mreq.valid && b.out.mreq.addr == offered.addr && b.out.mreq.id == offered.id &&
                        b.out.mreq.op == offered.op && b.out.mreq.old_word == offered.old_word &&
                        b.out.mreq.new_word == offered.new_word);
        }
        offered = b.out.mreq;
        offered.valid = b.out.mreq.valid && !b.in.mreq_ready;
        b.tick();
    }
}
} // namespace
