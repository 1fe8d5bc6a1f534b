// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker under physical memory protection: rule WALK-12. The test is the memory, word by word.
#include <gtest/gtest.h>

#include "cycle/mmu_walker.h"
#include "cycle/room.hh"

namespace
{
constexpr uint64_t V = 1, R = 2, W = 4, X = 8, A = 0x40, D = 0x80;
constexpr uint64_t kLeaf = V | R | W | X | A | D;
constexpr uint64_t kVa = 0x0000001234567abc; // vpn 0x48, 0x1a2, 0x167
constexpr uint64_t kRoot = 0x80000000, kMid = 0x90000000, kLow = 0x90001000;

constexpr uint64_t pte(uint64_t pa, uint64_t flags)
{
    return pa >> 12 << 10 | flags;
}

class WalkerPmp : public ::testing::Test
{
  protected:
    mmu_walker_t walker;
    mmu_walker_in_t in;
    mmu_walker_out_t out;
    Storage storage;
    mmu_pmp_range_t ranges[16];

    // Entry 0 is the tests'; entry 1 allows all.
    void SetUp() override
    {
        mmu_walker_cfg_t cfg = zero<mmu_walker_cfg_t>();
        cfg.slots = 2;
        cfg.pmp_entries = 16;
        storage.build([&](mmu_arena_t *arena) { mmu_walker_init(&walker, &cfg, arena); });
        in = zero<mmu_walker_in_t>();
        in.mreq_ready = in.fill_ready = true;
        in.slow.adue = true;
        in.ranges = ranges;
        std::memset(ranges, 0, sizeof ranges);
        const unsigned napot = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT;
        ranges[1] = mmu_pmp_decode(static_cast<uint8_t>(napot | MMU_PMP_R | MMU_PMP_W), MMU_PMP_ADDR_MASK, 0);
    }

    // The page at pa has these rights only.
    void protect(uint64_t pa, unsigned rights)
    {
        const unsigned napot = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT;
        ranges[0] = mmu_pmp_decode(static_cast<uint8_t>(napot | rights), pa >> 2 | 0x1ff, 0);
    }

    void comb()
    {
        mmu_walker_comb(&walker, &in, &out);
        mmu_walker_comb(&walker, &in, &out);
    }

    void edge()
    {
        mmu_walker_seq(&walker, true);
        in.start = in.fence_accept = false;
        in.mrsp = zero<mmu_mrsp_t>();
    }

    void clock()
    {
        comb();
        edge();
    }

    void start(uint64_t va, unsigned acc = MMU_ACC_LOAD)
    {
        in.start = true;
        in.start_rq = make_rq(va, acc);
        in.start_port = 1;
    }

    void respond(uint64_t word, unsigned slot = 0)
    {
        in.mrsp.valid = true;
        in.mrsp.id = static_cast<uint8_t>(slot);
        in.mrsp.data = word;
    }

    void level(uint64_t addr, uint64_t word)
    {
        comb();
        ASSERT_TRUE(out.mreq.valid);
        EXPECT_EQ(out.mreq.addr, addr);
        edge();
        respond(word);
        clock();
    }

    void start_at_low_table()
    {
        start(kVa);
        clock();
        level(kRoot + 0x48 * 8, pte(kMid, V));
        level(kMid + 0x1a2 * 8, pte(kLow, V));
    }

    void to_swap()
    {
        start_at_low_table();
        level(kLow + 0x167 * 8, pte(0x5000, V | R));
        EXPECT_EQ(walker.q.st[0], MMU_WALK_CAS_REQ);
    }

    // This clock offers nothing; the next completes with an access fault.
    void expect_denied()
    {
        comb();
        EXPECT_FALSE(out.mreq.valid);
        EXPECT_EQ(out.mreq.addr | out.mreq.id | out.mreq.op | out.mreq.old_word | out.mreq.new_word, 0u);
        EXPECT_FALSE(out.done);
        EXPECT_FALSE(out.ev_restart);
        edge();
        EXPECT_EQ(walker.q.st[0], MMU_WALK_DONE);
        EXPECT_FALSE(walker.q.lock_valid);
        comb();
        EXPECT_TRUE(out.done);
        EXPECT_EQ(out.done_slot, 0);
        EXPECT_EQ(out.done_port, 1);
        EXPECT_EQ(out.done_fault, MMU_FAULT_ACCESS);
        EXPECT_EQ(out.done_entry, 0u);
        EXPECT_FALSE(out.done_fill);
        edge();
        EXPECT_EQ(walker.q.st[0], MMU_WALK_IDLE);
    }

    void fence()
    {
        in.fence_accept = true;
        in.fence = zero<mmu_fence_t>();
    }
};

TEST_F(WalkerPmp, denied_root_is_never_read)
{
    protect(kRoot, MMU_PMP_W | MMU_PMP_X);
    start(kVa);
    clock();
    expect_denied();
}

TEST_F(WalkerPmp, denied_table_is_never_read)
{
    protect(kLow, 0);
    start_at_low_table();
    expect_denied();
}

TEST_F(WalkerPmp, readable_table_takes_no_compare_and_swap)
{
    protect(kLow, MMU_PMP_R);
    to_swap();
    expect_denied();
}

TEST_F(WalkerPmp, writable_table_takes_it)
{
    protect(kLow, MMU_PMP_R | MMU_PMP_W);
    to_swap();
    comb();
    EXPECT_TRUE(out.mreq.valid);
    EXPECT_EQ(out.mreq.op, MMU_MEM_CAS);
}

TEST_F(WalkerPmp, walker_is_s_whoever_asks)
{
    ranges[1].on = false; // no entry: S may not, M may
    start(kVa);
    in.start_rq.prv = MMU_PRIV_U;
    clock();
    expect_denied();
}

TEST_F(WalkerPmp, an_entry_of_4_bytes_does_not_cover_a_wide_entry)
{
    ranges[0] = mmu_pmp_decode((MMU_PMP_NA4 << MMU_PMP_A_SHIFT) | MMU_PMP_R, (kRoot + 0x48 * 8) >> 2, 0);
    start(kVa);
    clock();
    expect_denied();

    start(kVa); // Sv32 reads 4 bytes
    in.start_rq.va = 0x90 << 22;
    in.start_rq.ctx.mode = MMU_MODE_SV32;
    clock();
    comb();
    EXPECT_TRUE(out.mreq.valid);
    EXPECT_EQ(out.mreq.addr, kRoot + 0x48 * 8);
    EXPECT_FALSE(out.mreq.wide);
}

TEST_F(WalkerPmp, back_pressure_is_no_reason_to_wait_with_a_fault)
{
    protect(kRoot, 0);
    in.mreq_ready = false;
    start(kVa);
    clock();
    expect_denied();
}

TEST_F(WalkerPmp, the_other_slot_is_offered_in_the_clock_after)
{
    protect(kLow, 0);
    start_at_low_table();
    start(kVa + (UINT64_C(1) << 30));
    comb(); // slot 0 is denied, slot 1 starts
    EXPECT_FALSE(out.mreq.valid);
    EXPECT_TRUE(out.start_grant);
    edge();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_TRUE(out.mreq.valid);
    EXPECT_EQ(out.mreq.id, 1);
}

TEST_F(WalkerPmp, denied_with_redo_restarts_from_the_root_WALK_5)
{
    protect(kLow, 0);
    in.mreq_ready = false;
    start(kVa);
    clock();
    in.mreq_ready = true;
    level(kRoot + 0x48 * 8, pte(kMid, V));
    comb(); // taken at t: WalkWait, redo
    fence();
    clock();
    EXPECT_TRUE(walker.q.redo[0]);
    respond(pte(kLow, V));
    clock(); // thrown away
    level(kRoot + 0x48 * 8, pte(kMid, V));
    level(kMid + 0x1a2 * 8, pte(kLow, V));
    EXPECT_FALSE(walker.q.redo[0]);
    walker.q.redo[0] = true; // as after a fence while another slot had the port
    comb();
    EXPECT_FALSE(out.mreq.valid);
    EXPECT_TRUE(out.ev_restart);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_REQ);
    EXPECT_FALSE(walker.q.redo[0]);
    comb();
    EXPECT_EQ(out.mreq.addr, kRoot + 0x48 * 8);
}

TEST_F(WalkerPmp, denied_in_the_fences_clock_restarts_clean_WALK_8)
{
    protect(kLow, 0);
    start_at_low_table();
    fence();
    comb();
    EXPECT_FALSE(out.mreq.valid);
    EXPECT_TRUE(out.ev_restart);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_REQ);
    EXPECT_FALSE(walker.q.redo[0]);
    EXPECT_TRUE(walker.q.nofill[0]);
    level(kRoot + 0x48 * 8, pte(0x40000000, kLeaf));
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_fault, MMU_FAULT_NONE);
    EXPECT_FALSE(out.done_fill);
}

TEST_F(WalkerPmp, a_root_that_is_denied_for_good_restarts_once_only)
{
    start(kVa);
    clock();
    protect(kRoot, 0);
    fence();
    comb();
    EXPECT_TRUE(out.ev_restart);
    edge();
    expect_denied();
}

TEST_F(WalkerPmp, denied_compare_and_swap_faults_with_nofill_and_in_the_fences_clock)
{
    for (bool before : {false, true}) {
        SetUp();
        protect(kLow, MMU_PMP_R);
        to_swap();
        walker.q.nofill[0] = before;
        if (!before)
            fence();
        expect_denied();
    }
}

TEST_F(WalkerPmp, an_answer_for_another_slot_acts_in_the_same_clock)
{
    protect(kLow, 0);
    start(kVa + (UINT64_C(1) << 30)); // slot 0: waits
    clock();
    start(kVa); // slot 1
    clock();
    comb();
    EXPECT_EQ(out.mreq.id, 1);
    edge();
    respond(pte(kMid, V), 1);
    clock();
    comb();
    EXPECT_EQ(out.mreq.id, 1);
    edge();
    respond(pte(kLow, V), 1);
    clock();
    respond(pte(0x40000000, kLeaf), 0); // in the clock in which slot 1 is denied
    comb();
    EXPECT_FALSE(out.mreq.valid);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_DONE);
    EXPECT_EQ(walker.q.st[1], MMU_WALK_DONE);
    comb();
    EXPECT_EQ(out.done_slot, 0);
    EXPECT_EQ(out.done_fault, MMU_FAULT_NONE);
    edge();
    comb();
    EXPECT_EQ(out.done_slot, 1);
    EXPECT_EQ(out.done_fault, MMU_FAULT_ACCESS);
}

TEST_F(WalkerPmp, both_kinds_of_restart_at_one_fence_are_clean_WALK_8)
{
    protect(kLow, 0);
    start(kVa + (UINT64_C(1) << 30));
    clock();
    start(kVa);
    clock();
    clock();
    respond(pte(kMid, V), 1);
    clock();
    clock();
    respond(pte(kLow, V), 1);
    clock();
    fence(); // slot 0 gets its word, slot 1 is denied
    respond(pte(0x40000000, kLeaf), 0);
    comb();
    EXPECT_TRUE(out.ev_restart);
    edge();
    for (unsigned s = 0; s < 2; s++) {
        EXPECT_EQ(walker.q.st[s], MMU_WALK_REQ);
        EXPECT_FALSE(walker.q.redo[s]);
        EXPECT_EQ(mmu_pos_level(walker.q.pos[s]), 2u);
    }
}
} // namespace
