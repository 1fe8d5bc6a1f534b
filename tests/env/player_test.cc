// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The trace player: when accesses are offered, what happens to faults, and which wrong answers it finds.
#include "bench.h"
#include "lockwalk/mmu_pmp.h"

#include <algorithm>
#include <map>

namespace
{

// ---- order and time ----

TEST(Player, nothing_is_valid_in_clock_0_and_the_context_is_there)
{
    mmu_env_options_t opt = {};
    opt.asid = 0x1234;
    Bench b("I 1000,4\n", opt);
    EXPECT_FALSE(b.in.req[0].valid || b.in.req[1].valid || b.in.fence.valid || b.in.mrsp.valid);
    EXPECT_TRUE(b.in.mreq_ready);
    EXPECT_EQ(b.in.ctx[1].mode, MMU_MODE_SV39);
    EXPECT_EQ(b.in.ctx[1].asid, 0x1234);
    EXPECT_NE(b.in.ctx[1].root, 0u);
    EXPECT_TRUE(b.in.slow.adue);
    b.tick();
    EXPECT_TRUE(b.in.req[0].valid);
    EXPECT_EQ(b.in.req[0].va, 0x1000u);
    EXPECT_EQ(b.in.req[0].acc, MMU_ACC_FETCH);
    EXPECT_EQ(b.in.req[0].size, 2u);
    EXPECT_EQ(b.in.req[0].prv, MMU_PRIV_U);
}

TEST(Player, an_entry_that_allows_everything_is_written_in_clock_0_where_there_is_protection)
{
    mmu_env_options_t opt = {};
    Bench without("I 1000,4\n", opt);
    opt.pmp_entries = 16;
    Bench with("I 1000,4\n", opt);
    EXPECT_FALSE(without.in.pmp.valid);
    ASSERT_TRUE(with.in.pmp.valid);
    EXPECT_EQ(with.in.pmp.index, 0);
    // What the entry says, by the rules of PMP itself, before and after the write.
    mmu_pmp_file_t file;
    mmu_pmp_reset(&file, opt.pmp_entries);
    for (uint8_t acc : {MMU_ACC_FETCH, MMU_ACC_LOAD, MMU_ACC_STORE})
        EXPECT_FALSE(mmu_pmp_allow(file.range, file.entries, 0x80001000, acc, 2, MMU_PRIV_U, 0));
    mmu_pmp_write(&file, with.in.pmp.index, with.in.pmp.cfg, with.in.pmp.addr, MMU_SEC_RLB);
    for (uint8_t acc : {MMU_ACC_FETCH, MMU_ACC_LOAD, MMU_ACC_STORE})
        for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S})
            for (uint64_t pa : {UINT64_C(0), UINT64_C(0x80001000), MMU_PA_MASK - 7})
                EXPECT_TRUE(mmu_pmp_allow(file.range, file.entries, pa, acc, 3, prv, 0)) << pa;
    // Playing begins in clock 1, with entries or without.
    for (Bench *b : {&with, &without}) {
        EXPECT_FALSE(b->in.req[0].valid);
        b->tick();
        EXPECT_FALSE(b->in.pmp.valid);
        EXPECT_TRUE(b->in.req[0].valid);
        EXPECT_TRUE(b->play(1000));
        EXPECT_EQ(b->failed(), MMU_ENV_OK) << b->failure();
    }
    EXPECT_EQ(with.clock, without.clock);
}

TEST(Player, fetches_are_offered_one_a_clock_without_waiting_for_answers)
{
    Bench b("I 1000,4\nI 1004,4\nI 1008,4\nI 100c,4\n");
    b.tick();
    for (uint64_t va = 0x1000; va <= 0x100c; va += 4) {
        ASSERT_TRUE(b.in.req[0].valid);
        EXPECT_EQ(b.in.req[0].va, va);
        b.ready();
        b.tick();
    }
    EXPECT_FALSE(b.in.req[0].valid);
    EXPECT_FALSE(mmu_env_done(b.env));
}

TEST(Player, a_data_access_is_offered_in_the_clock_after_its_fetch_was_answered_not_before)
{
    Bench b("I 1000,4\nI 1004,4\nL 1080,8\nI 1008,4\n");
    b.latency = 7;
    b.play(1000);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    // The last acceptance of each address is the one that was answered with a PA.
    uint64_t fetch = 0, data = 0, after = 0;
    for (const auto &j : b.log[0]) {
        if (j.req.va == 0x1004)
            fetch = j.accepted;
        if (j.req.va == 0x1008)
            after = j.accepted;
    }
    for (const auto &j : b.log[1])
        if (j.req.va == 0x1080) {
            data = j.accepted;
            break;
        }
    EXPECT_EQ(data, fetch + 7 + 1); // answered at fetch + 7
    EXPECT_GE(after, data);         // the following fetch waits for its turn in the trace
}

TEST(Player, a_data_access_and_the_fetch_after_it_are_offered_in_one_clock)
{
    Bench b("I 1000,4\nL 1080,8\nI 1004,4\n");
    EXPECT_TRUE(b.play());
    ASSERT_FALSE(b.log[1].empty());
    bool together = false;
    for (const auto &i : b.log[0])
        together |= i.req.va == 0x1004 && i.accepted == b.log[1][0].accepted;
    EXPECT_TRUE(together);
}

TEST(Player, an_offer_stays_as_it_is_until_it_is_accepted_and_holds_up_what_follows_at_its_port)
{
    Bench b("I 1000,4\nI 1004,4\n");
    b.tick();
    const mmu_req_t first = b.in.req[0];
    for (int i = 0; i < 10; i++) {
        b.out.req_ready[0] = false;
        b.tick();
        ASSERT_TRUE(b.in.req[0].valid);
        ASSERT_EQ(b.in.req[0].va, first.va);
        ASSERT_EQ(b.in.req[0].id, first.id);
    }
    b.ready();
    b.tick();
    EXPECT_EQ(b.in.req[0].va, 0x1004u);
    EXPECT_EQ(mmu_env_stats(b.env)->accepted[0], 1u);
}

TEST(Player, an_access_that_crosses_a_page_is_two_requests_lower_page_first)
{
    Bench b("I 1ffe,4\nL 2ffd,8\n");
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(b.log[0].at(0).req.va, 0x1ffeu);
    EXPECT_EQ(b.log[0].at(0).req.size, 1u); // 2 bytes
    EXPECT_EQ(b.log[0].at(1).req.va, 0x2000u);
    EXPECT_EQ(b.log[1].at(0).req.va, 0x2ffdu);
    EXPECT_EQ(b.log[1].at(0).req.size, 1u); // 3 bytes: the largest power of two is 2
    EXPECT_EQ(b.log[1].at(1).req.va, 0x3000u);
    EXPECT_EQ(b.log[1].at(1).req.size, 2u); // 5 bytes: 4
    EXPECT_EQ(mmu_env_stats(b.env)->answered[0], 2u);
    EXPECT_EQ(mmu_env_stats(b.env)->answered[1], 2u);
}

TEST(Player, the_size_of_a_long_access_is_at_most_128_bytes)
{
    Bench b("L 1000,4096\nL 1000,512\nL 1000,128\nL 1000,127\nL 1000,1\n");
    EXPECT_TRUE(b.play());
    std::vector<unsigned> sizes; // the first is offered a second time, after its fault
    for (const auto &j : b.log[1])
        sizes.push_back(j.req.size);
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    EXPECT_EQ(sizes, (std::vector<unsigned>{0, 6, 7}));
}

TEST(Player, a_data_access_waits_for_both_halves_of_its_fetch)
{
    Bench b("I 1ffe,4\nL 2800,8\n");
    bool second_answered = false, data_offered = false;
    b.change = [&](unsigned port, const mmu_req_t &req, mmu_rsp_t &rsp) {
        if (port == 0 && req.va == 0x2000 && !rsp.fault)
            second_answered = true;
    };
    while (!mmu_env_done(b.env) && b.clock < 1000) {
        if (b.in.req[1].valid && !data_offered) {
            data_offered = true;
            EXPECT_TRUE(second_answered);
        }
        b.serve();
    }
    EXPECT_TRUE(data_offered);
}

TEST(Player, ids_go_round_and_never_meet_an_outstanding_one)
{
    std::string trace;
    for (int i = 0; i < 200; i++)
        trace += "I 1000,4\n";
    Bench b(trace);
    b.latency = 40; // longer than there are ids: the player must wait
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    uint32_t used = 0;
    for (const auto &j : b.log[0])
        used |= 1u << j.req.id;
    EXPECT_EQ(used, 0xffffu);
    EXPECT_EQ(mmu_env_stats(b.env)->answered[0], 200u);
}

TEST(Player, is_done_when_the_last_answer_has_come)
{
    Bench b("I 1000,4\n");
    b.latency = 5;
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.log[0].back().due + 1, mmu_env_stats(b.env)->clocks);
}

TEST(Player, cycles_stop_it_after_exactly_so_many_clocks)
{
    mmu_env_options_t opt = {};
    opt.cycles = 3;
    Bench b("I 1000,4\nI 1004,4\nI 1008,4\nI 100c,4\n", opt);
    EXPECT_TRUE(b.play());
    EXPECT_EQ(mmu_env_stats(b.env)->clocks, 3u);
    EXPECT_EQ(b.failed(), MMU_ENV_OK);
}

// ---- faults ----

TEST(Player, a_page_fault_maps_the_page_and_the_access_is_offered_again_before_new_ones)
{
    Bench b("I 1000,4\nI 1004,4\nI 1008,4\n");
    EXPECT_TRUE(b.play());
    std::vector<uint64_t> order;
    for (const auto &j : b.log[0])
        order.push_back(j.req.va);
    // 1000 is answered (a fault) in the clock in which 1004 is accepted.
    EXPECT_EQ(order, (std::vector<uint64_t>{0x1000, 0x1004, 0x1000, 0x1008}));
    const mmu_env_stats_t *s = mmu_env_stats(b.env);
    EXPECT_EQ(s->faults[0], 1u);
    EXPECT_EQ(s->retries, 1u);
    EXPECT_EQ(s->answered[0], 3u);
    EXPECT_EQ(s->pages_mapped[0], 1u);
}

TEST(Player, several_faults_wait_for_their_turn_and_none_is_lost)
{
    // Four fetches from four pages fault while the port is not ready.
    Bench b("I 1000,4\nI 2000,4\nI 3000,4\nI 4000,4\nI 5000,4\n");
    b.latency = 6;
    b.is_ready = [&](unsigned) { return b.clock <= 4 || b.clock > 15; };
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    std::vector<uint64_t> order;
    for (const auto &j : b.log[0])
        order.push_back(j.req.va);
    EXPECT_EQ(order, (std::vector<uint64_t>{0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x1000, 0x2000, 0x3000,
                                            0x4000, 0x5000}));
}

TEST(Player, svade_takes_one_fault_to_map_one_for_a_and_one_for_d)
{
    mmu_env_options_t opt = {};
    opt.svade = true;
    std::string fetches; // time for the load's three attempts
    for (int i = 0; i < 8; i++)
        fetches += "I 1000,4\n";
    Bench b("I 1000,4\nL 2000,8\n" + fetches + "S 2000,8\nS 2008,8\n", opt);
    EXPECT_FALSE(b.in.slow.adue);
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    const mmu_env_stats_t *s = mmu_env_stats(b.env);
    EXPECT_EQ(s->pages_mapped[0], 2u);
    EXPECT_EQ(s->ad_set, 3u);
    EXPECT_EQ(s->answered[1], 3u);
}

TEST(Player, huge_pages_are_mapped_as_the_policy_says)
{
    mmu_env_options_t opt = {};
    opt.huge = MMU_HUGE_2M;
    Bench b("I 1000,4\nL 2000,8\nL 200000,8\n", opt);
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(mmu_env_stats(b.env)->pages_mapped[1], 2u);
    EXPECT_EQ(mmu_env_stats(b.env)->faults[1], 1u);
}

TEST(Player, a_wide_address_is_folded)
{
    Bench b("I 7f0000001000,4\n");
    b.tick();
    EXPECT_EQ(b.in.req[0].va, mmu_pager_fold(UINT64_C(0x7f0000001000)));
    EXPECT_LT(b.in.req[0].va, UINT64_C(1) << 38);
}

// ---- wrong answers ----

const char *const TRACE = "I 1000,4\nL 7f0012345678,8\nI 1004,4\nS 3000,1\n";

// Plays TRACE with the answer to `kind`'s first translation changed.
std::string spoil(Bench &b, uint8_t acc, bool fault, std::function<void(mmu_rsp_t &)> how)
{
    bool done = false;
    b.change = [=](unsigned, const mmu_req_t &req, mmu_rsp_t &rsp) mutable {
        if (!done && req.acc == acc && rsp.fault == fault) {
            done = true;
            how(rsp);
        }
    };
    EXPECT_TRUE(b.play());
    EXPECT_EQ(mmu_env_failure(b.env)->clock, b.clock - 1);
    return b.failure();
}

TEST(PlayerChecks, a_right_mmu_passes)
{
    Bench b(TRACE);
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
}

TEST(PlayerChecks, a_wrong_physical_address)
{
    Bench b(TRACE);
    EXPECT_EQ(spoil(b, MMU_ACC_LOAD, false, [](mmu_rsp_t &r) { r.pa ^= 0x1000; }),
              "data port, load of 8 bytes at 0x7f0012345678 (folded to 0x2db45678), access 2 of t: answered "
              "with PA "
              "0x1795606678, expected 0x1795607678 (a 4 KiB page, mapped in clock 6)");
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER);
}

TEST(PlayerChecks, a_wrong_page_size)
{
    Bench b(TRACE);
    EXPECT_EQ(spoil(b, MMU_ACC_STORE, false, [](mmu_rsp_t &r) { r.lg = 21; }),
              "data port, store of 1 byte at 0x3000, access 4 of t: answered with page size 2^21 and memory "
              "type 0, "
              "expected 2^12 and 0 (a 4 KiB page, mapped in clock 9)");
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER);
}

TEST(PlayerChecks, a_wrong_memory_type)
{
    Bench b(TRACE);
    spoil(b, MMU_ACC_FETCH, false, [](mmu_rsp_t &r) { r.mt = 1; });
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER);
}

TEST(PlayerChecks, an_answer_for_a_page_that_is_not_mapped)
{
    Bench b(TRACE);
    EXPECT_EQ(
        spoil(b, MMU_ACC_FETCH, true,
              [](mmu_rsp_t &r) {
                  r.fault = false;
                  r.pa = 0x5000;
                  r.cause = 0;
                  r.tval = 0;
              }),
        "instruction port, fetch of 4 bytes at 0x1000, access 1 of t: answered with PA 0x5000, but this "
        "page is "
        "not mapped");
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER);
}

TEST(PlayerChecks, a_wrong_cause)
{
    Bench b(TRACE);
    EXPECT_EQ(spoil(b, MMU_ACC_STORE, true, [](mmu_rsp_t &r) { r.cause = 13; }),
              "data port, store of 1 byte at 0x3000, access 4 of t: answered with cause 13 and tval 0x3000, "
              "expected "
              "cause 15 or 7 and tval 0x3000");
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER);
}

TEST(PlayerChecks, a_wrong_tval)
{
    Bench b(TRACE);
    EXPECT_EQ(
        spoil(b, MMU_ACC_FETCH, true, [](mmu_rsp_t &r) { r.tval = 0; }),
        "instruction port, fetch of 4 bytes at 0x1000, access 1 of t: answered with cause 12 and tval 0x0, "
        "expected cause 12 or 1 and tval 0x1000");
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_ANSWER);
}

TEST(PlayerChecks, an_access_fault_ends_the_run)
{
    Bench b(TRACE);
    EXPECT_EQ(spoil(b, MMU_ACC_STORE, true, [](mmu_rsp_t &r) { r.cause = 7; }),
              "data port, store of 1 byte at 0x3000, access 4 of t: answered with an access fault, but all "
              "page tables "
              "and pages are in RAM");
    EXPECT_EQ(b.failed(), MMU_ENV_ACCESS_FAULT);
}

TEST(PlayerChecks, page_faults_without_end_for_a_mapped_page)
{
    Bench b("I 1000,4\n");
    unsigned faults = 0;
    b.change = [&](unsigned, const mmu_req_t &req, mmu_rsp_t &rsp) {
        if (!rsp.fault) {
            faults++;
            rsp = {};
            rsp.valid = rsp.fault = true;
            rsp.id = req.id;
            rsp.cause = 12;
            rsp.tval = req.va;
        }
    };
    EXPECT_TRUE(b.play());
    EXPECT_EQ(faults, 8u);
    EXPECT_EQ(b.failure(),
              "instruction port, fetch of 4 bytes at 0x1000, access 1 of t: answered 8 times in a row with "
              "a page fault, though the page is mapped (in clock 2) and its entry grants the access");
    EXPECT_EQ(b.failed(), MMU_ENV_REFUSED);
}

TEST(PlayerChecks, many_accesses_may_each_be_refused_a_few_times)
{
    // The counter of faults in a row belongs to one access.
    std::string trace;
    for (int i = 0; i < 20; i++)
        trace += "I 10" + std::to_string(10 + i) + ",1\n";
    Bench b(trace);
    std::map<uint64_t, unsigned> given;
    b.change = [&](unsigned, const mmu_req_t &req, mmu_rsp_t &rsp) {
        if (!rsp.fault && given[req.va]++ < 3) {
            rsp = {};
            rsp.valid = rsp.fault = true;
            rsp.id = req.id;
            rsp.cause = 12;
            rsp.tval = req.va;
        }
    };
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
    EXPECT_EQ(given.size(), 20u);
}

TEST(PlayerChecks, a_late_page_fault_for_a_page_mapped_meanwhile_is_legal)
{
    // The first answers of both requests are faults, the second from a word read before the page was mapped.
    Bench b("I 1000,4\nI 1004,4\n");
    unsigned given = 0;
    b.change = [&](unsigned, const mmu_req_t &req, mmu_rsp_t &rsp) {
        if (req.va == 0x1004 && given++ < 7) {
            rsp = {};
            rsp.valid = rsp.fault = true;
            rsp.id = req.id;
            rsp.cause = 12;
            rsp.tval = req.va;
        }
    };
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.failure();
}

TEST(PlayerChecks, too_little_ram)
{
    mmu_env_options_t opt = {};
    opt.ram_size = 4 * 4096;
    Bench b("I 1000,4\nI 2000,4\n", opt);
    EXPECT_TRUE(b.play());
    EXPECT_EQ(
        b.failure(),
        "instruction port, fetch of 4 bytes at 0x2000, access 2 of t: no frame is left for a 4 KiB page "
        "in the 0 MiB of RAM; give --ram more");
    EXPECT_EQ(b.failed(), MMU_ENV_NO_MEMORY);
}

// ---- bad traces ----

TEST(PlayerInput, a_bad_line_in_the_middle_is_bad_input)
{
    Bench b("I 1000,4\nI 1004,4\nfrob\n");
    EXPECT_TRUE(b.play());
    EXPECT_EQ(b.failed(), MMU_ENV_BAD_INPUT);
    EXPECT_EQ(
        b.failure(),
        "t:3: found 'frob', expected 'I addr,size', 'L addr,size' or 'S addr,size' as in the lines before");
}

TEST(PlayerInput, a_second_process_is_bad_input)
{
    Bench b("P 3\nI 1000,4\nP 4\nI 1000,4\n");
    while (!mmu_env_done(b.env))
        b.tick();
    EXPECT_EQ(mmu_env_failure(b.env)->kind, MMU_ENV_BAD_INPUT);
    EXPECT_NE(std::string(mmu_env_failure(b.env)->text)
                  .find("t: access 2 is of another process than those before: a trace is played in one "
                        "address space"),
              std::string::npos)
        << mmu_env_failure(b.env)->text;
}

TEST(PlayerInput, a_bad_first_line_is_found_before_any_clock)
{
    Bench b("frob\n");
    EXPECT_EQ(b.env, nullptr);
    EXPECT_NE(b.error.find("t:1: found 'frob', expected"), std::string::npos) << b.error;
}

TEST(PlayerInput, an_empty_trace_is_an_error)
{
    Bench b("");
    EXPECT_EQ(b.env, nullptr);
    EXPECT_NE(b.error.find("t: the trace holds no access"), std::string::npos) << b.error;
}

TEST(PlayerInput, no_trace_is_an_error)
{
    mmu_env_options_t opt = {};
    char err[512] = "";
    EXPECT_EQ(mmu_env_create(&opt, err, sizeof err), nullptr);
    EXPECT_STREQ(err, "no trace is given");
}

TEST(EnvOptions, bad_values_are_errors_that_name_them)
{
    const auto error = [](std::function<void(mmu_env_options_t &)> set) {
        mmu_env_options_t opt = {};
        set(opt);
        Bench b("I 1000,4\n", opt);
        EXPECT_EQ(b.env, nullptr);
        return b.error;
    };
    EXPECT_EQ(error([](mmu_env_options_t &o) { o.mem_latency_min = 5, o.mem_latency_max = 4; }),
              "memory latency 5..4: expected 1 <= lowest <= highest <= 100000");
    EXPECT_EQ(error([](mmu_env_options_t &o) { o.mem_stall_percent = 96; }),
              "memory stall 96 percent: expected 0 to 95");
    EXPECT_EQ(error([](mmu_env_options_t &o) { o.ram_base = 0x80000001; }),
              "RAM 0x80000001:0x10000000000: expected base and size to be multiples of 4096 and to end at "
              "2^56 at most");
    EXPECT_EQ(error([](mmu_env_options_t &o) { o.ram_size = UINT64_C(1) << 56; }),
              "RAM 0x80000000:0x100000000000000: expected base and size to be multiples of 4096 and to end "
              "at 2^56 at "
              "most");
}

TEST(Env, describes_what_it_plays)
{
    mmu_env_options_t opt = {};
    opt.huge = MMU_HUGE_MIXED;
    opt.svade = true;
    Bench b("I 1000,4\n", opt);
    const std::string text = mmu_env_describe(b.env);
    EXPECT_NE(text.find("/t, mixed page sizes, Svade"), std::string::npos) << text;
}

TEST(Env, shows_requests_that_are_outstanding)
{
    Bench b("I 1000,4\n");
    b.tick();
    const unsigned id = b.in.req[0].id;
    EXPECT_FALSE(mmu_env_pending(b.env, 0, id)->busy);
    b.ready();
    b.tick();
    EXPECT_TRUE(mmu_env_pending(b.env, 0, id)->busy);
    EXPECT_EQ(mmu_env_pending(b.env, 0, id)->clock, 1u);
    EXPECT_EQ(mmu_env_pending(b.env, 0, id)->req.va, 0x1000u);
    EXPECT_FALSE(mmu_env_pending(b.env, 1, id)->busy);
}

} // namespace
