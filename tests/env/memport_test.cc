// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The memory at the walk port: when it responds, and what.
#include "env/mmu_stage.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace
{

constexpr uint64_t BASE = 0x80000000;

struct Port {
    mmu_env_options_t opt = {};
    mmu_stage_t stage = {};
    mmu_in_t in = {}, next = {};
    mmu_out_t out = {};

    explicit Port(uint32_t min = 1, uint32_t max = 1, uint32_t stall = 0, uint64_t seed = 1)
    {
        opt.mem_latency_min = min;
        opt.mem_latency_max = max;
        opt.mem_stall_percent = stall;
        opt.seed = seed;
        stage.opt = &opt;
        stage.mem = mmu_mem_create(BASE, 1 << 20);
        mmu_memport_init(&stage.memport, stage.mem, &opt);
        in.mreq_ready = true;
    }
    ~Port()
    {
        mmu_mem_destroy(stage.mem);
    }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;

    void offer(uint8_t id, uint64_t addr, uint8_t op = MMU_MEM_READ, uint64_t old_word = 0,
               uint64_t new_word = 0, bool wide = true)
    {
        out.mreq.valid = true;
        out.mreq.id = id;
        out.mreq.addr = addr;
        out.mreq.op = op;
        out.mreq.old_word = old_word;
        out.mreq.new_word = new_word;
        out.mreq.wide = wide;
    }
    // The end of a clock; the response of the next one.
    mmu_mrsp_t tick()
    {
        mmu_memport_step(&stage, &in, &out, &next);
        in = next;
        out = {};
        stage.clock++;
        return in.mrsp;
    }
    std::string failure() const
    {
        return stage.failure.text;
    }
};

TEST(MemPort, latency_1_responds_in_the_following_clock)
{
    Port p;
    mmu_mem_write(p.stage.mem, BASE + 8, true, 77);
    p.offer(3, BASE + 8);
    const mmu_mrsp_t r = p.tick();
    EXPECT_TRUE(r.valid);
    EXPECT_EQ(r.id, 3);
    EXPECT_EQ(r.data, 77u);
    EXPECT_FALSE(r.err);
    EXPECT_FALSE(p.tick().valid);
}

TEST(MemPort, latency_n_responds_n_clocks_later_and_not_before)
{
    Port p(5, 5);
    p.offer(0, BASE);
    for (int k = 1; k < 5; k++)
        EXPECT_FALSE(p.tick().valid) << k;
    EXPECT_TRUE(p.tick().valid);
    EXPECT_FALSE(p.tick().valid);
}

TEST(MemPort, nothing_is_taken_while_it_is_not_ready)
{
    Port p;
    p.in.mreq_ready = false;
    p.offer(0, BASE);
    EXPECT_FALSE(p.tick().valid);
    EXPECT_FALSE(p.tick().valid);
    EXPECT_EQ(p.stage.stats.mem_reads, 0u);
}

TEST(MemPort, the_word_is_that_of_the_clock_of_acceptance)
{
    Port p(5, 5);
    mmu_mem_write(p.stage.mem, BASE, true, 1);
    p.offer(0, BASE);
    p.tick();
    mmu_mem_write(p.stage.mem, BASE, true, 2);
    mmu_mrsp_t r = {};
    for (int k = 0; k < 4; k++)
        r = p.tick();
    EXPECT_TRUE(r.valid);
    EXPECT_EQ(r.data, 1u);
}

TEST(MemPort, a_swap_that_meets_the_old_word_writes)
{
    Port p;
    mmu_mem_write(p.stage.mem, BASE, true, 5);
    p.offer(1, BASE, MMU_MEM_CAS, 5, 9);
    EXPECT_EQ(p.tick().data, 5u);
    EXPECT_EQ(mmu_mem_read(p.stage.mem, BASE, true), 9u);
    EXPECT_EQ(p.stage.stats.mem_cas, 1u);
    EXPECT_EQ(p.stage.stats.mem_cas_failed, 0u);
}

TEST(MemPort, a_swap_that_meets_another_word_returns_it_and_writes_nothing)
{
    Port p;
    mmu_mem_write(p.stage.mem, BASE, true, 6);
    p.offer(1, BASE, MMU_MEM_CAS, 5, 9);
    EXPECT_EQ(p.tick().data, 6u);
    EXPECT_EQ(mmu_mem_read(p.stage.mem, BASE, true), 6u);
    EXPECT_EQ(p.stage.stats.mem_cas_failed, 1u);
}

TEST(MemPort, words_of_4_bytes)
{
    Port p;
    mmu_mem_write(p.stage.mem, BASE, true, UINT64_C(0x1122334455667788));
    p.offer(0, BASE + 4, MMU_MEM_READ, 0, 0, false);
    EXPECT_EQ(p.tick().data, 0x11223344u);
    p.offer(0, BASE + 4, MMU_MEM_CAS, 0x11223344, 0x99, false);
    EXPECT_EQ(p.tick().data, 0x11223344u);
    EXPECT_EQ(mmu_mem_read(p.stage.mem, BASE, true), UINT64_C(0x0000009955667788));
}

TEST(MemPort, outside_ram_is_an_error_and_not_a_failure)
{
    Port p;
    p.offer(0, BASE - 8);
    EXPECT_TRUE(p.tick().err);
    p.offer(0, BASE + (1 << 20));
    EXPECT_TRUE(p.tick().err);
    p.offer(0, BASE + (1 << 20) - 8);
    EXPECT_FALSE(p.tick().err);
    EXPECT_EQ(p.stage.stats.mem_errors, 2u);
    EXPECT_EQ(p.failure(), "");
}

TEST(MemPort, an_injected_error_does_nothing)
{
    Port p;
    p.stage.memport.error_percent = 100;
    p.offer(0, BASE, MMU_MEM_CAS, 0, 9);
    const mmu_mrsp_t r = p.tick();
    EXPECT_TRUE(r.err);
    EXPECT_EQ(r.data, 0u);
    EXPECT_EQ(mmu_mem_read(p.stage.mem, BASE, true), 0u);
}

TEST(MemPort, random_latency_keeps_its_bounds_meets_both_and_lets_responses_overtake)
{
    Port p(2, 6);
    std::map<uint64_t, unsigned> seen;
    std::map<unsigned, uint64_t> taken; // id -> clock
    bool overtaken = false;
    for (int i = 0; i < 4000; i++) {
        // Few requests at a time, so that none has to wait for the response lane.
        for (uint8_t id = 0; id < 2 && i % 4 < 2; id++)
            if (taken.count(id) == 0 && !p.out.mreq.valid) {
                p.offer(id, BASE + 8 * id);
                taken[id] = p.stage.clock;
            }
        const mmu_mrsp_t r = p.tick();
        if (!r.valid)
            continue;
        ASSERT_EQ(taken.count(r.id), 1u);
        seen[p.stage.clock - taken[r.id]]++;
        for (const auto &[id, clock] : taken)
            overtaken |= id != r.id && clock < taken[r.id];
        taken.erase(r.id);
    }
    EXPECT_TRUE(overtaken);
    EXPECT_GT(seen[2], 0u);
    EXPECT_GT(seen[6], 0u);
    EXPECT_EQ(seen.begin()->first, 2u);
    EXPECT_LE(seen.rbegin()->first, 7u); // 7: the lane was taken
}

TEST(MemPort, two_responses_of_one_clock_come_one_after_the_other)
{
    Port p(3, 3);
    p.offer(5, BASE);
    p.tick();
    p.stage.memport.latency_min = p.stage.memport.latency_max = 2;
    p.offer(2, BASE);
    p.tick();
    const mmu_mrsp_t first = p.tick(), second = p.tick();
    EXPECT_TRUE(first.valid);
    EXPECT_EQ(first.id, 5);
    EXPECT_TRUE(second.valid);
    EXPECT_EQ(second.id, 2);
    EXPECT_FALSE(p.tick().valid);
}

TEST(MemPort, of_two_responses_the_one_that_has_waited_longer_comes_first)
{
    Port p(3, 3);
    p.offer(5, BASE); // due in clock 3
    p.tick();
    p.stage.memport.latency_min = p.stage.memport.latency_max = 2;
    p.offer(6, BASE); // due in clock 3
    p.tick();
    p.offer(0, BASE); // due in clock 4
    EXPECT_EQ(p.tick().id, 5);
    EXPECT_EQ(p.tick().id, 6);
    const mmu_mrsp_t last = p.tick();
    EXPECT_TRUE(last.valid);
    EXPECT_EQ(last.id, 0);
}

TEST(MemPort, stalls_as_often_as_told)
{
    Port p(1, 1, 30);
    int stalled = 0;
    for (int i = 0; i < 10000; i++) {
        p.tick();
        stalled += !p.in.mreq_ready;
    }
    EXPECT_NEAR(stalled, 3000, 200);
    Port never;
    for (int i = 0; i < 1000; i++) {
        never.tick();
        ASSERT_TRUE(never.in.mreq_ready);
    }
}

std::vector<uint64_t> responses(uint64_t seed)
{
    Port p(1, 50, 20, seed);
    std::vector<uint64_t> clocks;
    uint8_t id = 0;
    for (int i = 0; i < 1000; i++) {
        if ((p.stage.memport.busy >> id & 1) == 0)
            p.offer(id, BASE);
        id = (id + 1) % 8;
        if (p.tick().valid)
            clocks.push_back(p.stage.clock << 3 | p.in.mrsp.id);
    }
    return clocks;
}

TEST(MemPort, the_same_seed_gives_the_same_responses_and_another_gives_others)
{
    EXPECT_EQ(responses(1), responses(1));
    EXPECT_NE(responses(1), responses(2));
}

TEST(Rng, gives_the_same_numbers_on_every_machine)
{
    mmu_rng_t r;
    r.state = 0;
    // The first numbers of splitmix64 from state 0.
    EXPECT_EQ(mmu_rng_next(&r), UINT64_C(0xe220a8397b1dcdaf));
    EXPECT_EQ(mmu_rng_next(&r), UINT64_C(0x6e789e6aa1b965f4));
    for (uint32_t n : {1u, 2u, 7u, 1000u, 0xffffffffu})
        for (int i = 0; i < 1000; i++)
            ASSERT_LT(mmu_rng_below(&r, n), n);
    EXPECT_FALSE(mmu_rng_percent(&r, 0));
    EXPECT_TRUE(mmu_rng_percent(&r, 100));
}

TEST(Rng, streams_of_one_seed_differ)
{
    mmu_rng_t a, b;
    mmu_rng_seed(&a, 1, 1);
    mmu_rng_seed(&b, 1, 2);
    EXPECT_NE(mmu_rng_next(&a), mmu_rng_next(&b));
}

// ---- protocol ----

TEST(MemPortProtocol, an_id_that_waits_for_its_response_may_not_come_again)
{
    Port p(5, 5);
    p.offer(3, BASE + 8);
    p.tick();
    p.offer(3, BASE + 16);
    p.tick();
    EXPECT_EQ(p.stage.failure.kind, MMU_ENV_BAD_PROTOCOL);
    EXPECT_EQ(p.failure(),
              "walk port: a request at 0x80000010 with id 3, whose request at 0x80000008 has no response "
              "yet");
}

TEST(MemPortProtocol, an_id_may_come_again_in_the_clock_of_its_response)
{
    Port p;
    p.offer(3, BASE + 8);
    ASSERT_TRUE(p.tick().valid);
    p.offer(3, BASE + 16);
    p.tick();
    EXPECT_EQ(p.failure(), "");
}

TEST(MemPortProtocol, an_address_must_be_aligned)
{
    Port p;
    p.offer(0, BASE + 4);
    p.tick();
    EXPECT_EQ(p.failure(), "walk port: the address 0x80000004 is not a multiple of the word's 8 bytes");
    Port q;
    q.offer(0, BASE + 2, MMU_MEM_READ, 0, 0, false);
    q.tick();
    EXPECT_EQ(q.failure(), "walk port: the address 0x80000002 is not a multiple of the word's 4 bytes");
}

TEST(MemPortProtocol, ids_and_operations_have_a_range)
{
    Port p;
    p.offer(8, BASE);
    p.tick();
    EXPECT_EQ(p.failure(), "walk port: id 8, expected 0 to 7");
    Port q;
    q.offer(0, BASE, 2);
    q.tick();
    EXPECT_EQ(q.failure(), "walk port: operation 2, expected 0 (read) or 1 (swap)");
}

} // namespace
