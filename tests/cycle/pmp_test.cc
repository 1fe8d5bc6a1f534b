// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Physical memory protection in the cycle model: mmu_pmp_regs, mmu_pmp_check, the lane of an L1 and the whole
// MMU. Rules PMP, L1-14, TOP-1, REQ-9. (The walker's part, WALK-12, is in walker_pmp_test.cc.)
#include "cycle/bench.hh"
#include "cycle/mmu_l1.h"
#include "cycle/mmu_pmp_regs.h"

namespace
{
constexpr uint8_t kTor = MMU_PMP_TOR << MMU_PMP_A_SHIFT, kNa4 = MMU_PMP_NA4 << MMU_PMP_A_SHIFT,
                  kNapot = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT;
constexpr uint8_t kAll = MMU_PMP_R | MMU_PMP_W | MMU_PMP_X;
constexpr uint64_t kEverything = MMU_PMP_ADDR_MASK;

// pmpaddr of a NAPOT range of 2^lg bytes.
constexpr uint64_t napot(uint64_t base, unsigned lg)
{
    return base >> 2 | ((UINT64_C(1) << (lg - 3)) - 1);
}

// ---- registers ----

class PmpRegs : public ::testing::Test
{
  protected:
    mmu_pmp_regs_t regs;
    Storage storage;

    void make(unsigned entries)
    {
        const mmu_pmp_regs_cfg_t cfg = {static_cast<uint8_t>(entries)};
        storage.build([&](mmu_arena_t *arena) { mmu_pmp_regs_init(&regs, cfg, arena); });
    }

    void SetUp() override
    {
        make(16);
    }

    void comb(unsigned index, unsigned cfg, uint64_t addr, bool valid = true)
    {
        mmu_pmp_regs_in_t in = zero<mmu_pmp_regs_in_t>();
        in.write.valid = valid;
        in.write.index = static_cast<uint8_t>(index);
        in.write.cfg = static_cast<uint8_t>(cfg);
        in.write.addr = addr;
        mmu_pmp_regs_comb(&regs, &in);
        mmu_pmp_regs_comb(&regs, &in);
    }

    void write(unsigned index, unsigned cfg, uint64_t addr)
    {
        comb(index, cfg, addr);
        mmu_pmp_regs_seq(&regs, true);
    }

    const mmu_pmp_range_t &range(unsigned i)
    {
        mmu_pmp_regs_out_t out;
        mmu_pmp_regs_out(&regs, &out);
        return out.ranges[i];
    }
};

TEST_F(PmpRegs, a_write_counts_from_the_next_clock_PMP_1)
{
    comb(3, kNapot | MMU_PMP_R | MMU_PMP_L, napot(0x1000, 12));
    EXPECT_FALSE(range(3).on);
    mmu_pmp_regs_seq(&regs, true);
    EXPECT_TRUE(range(3).on);
    EXPECT_EQ(range(3).base, 0x400u);
    EXPECT_EQ(range(3).last, 0x7ffu);
    EXPECT_TRUE(range(3).r && range(3).l);
    EXPECT_FALSE(range(3).w || range(3).x);
    comb(3, 0, 0, false); // not valid
    mmu_pmp_regs_seq(&regs, true);
    EXPECT_TRUE(range(3).on);
}

TEST_F(PmpRegs, tor_begins_at_the_register_before_whatever_its_mode_PMP_2)
{
    write(0, kTor | kAll, 0x100);
    EXPECT_EQ(range(0).base, 0u);
    EXPECT_EQ(range(0).last, 0xffu);
    write(1, 0, 0x200); // off
    write(2, kTor | kAll, 0x300);
    EXPECT_EQ(range(2).base, 0x200u);
    EXPECT_EQ(range(2).last, 0x2ffu);
    write(1, kNa4, 0x280); // its neighbour is decoded anew
    EXPECT_EQ(range(1).base, 0x280u);
    EXPECT_EQ(range(2).base, 0x280u);
    EXPECT_EQ(range(2).last, 0x2ffu);
    EXPECT_TRUE(range(2).x);
    write(1, 0, 0x300); // nothing is left
    EXPECT_FALSE(range(2).on);
    EXPECT_EQ(range(2).last, 0u);
    EXPECT_TRUE(range(2).r);
    write(1, 0, 0);
    EXPECT_TRUE(range(2).on);
    EXPECT_EQ(range(2).base, 0u);
}

TEST_F(PmpRegs, only_a_tor_neighbour_is_decoded_anew_PMP_2)
{
    write(2, kNa4, 0x300);
    write(1, kTor, 0x200);
    EXPECT_EQ(range(2).base, 0x300u);
    write(15, kTor, 0x900); // the last one has no neighbour
    EXPECT_EQ(range(15).last, 0x8ffu);
}

TEST_F(PmpRegs, an_index_from_entries_up_writes_nothing_PMP_1)
{
    comb(16, kNapot | kAll, kEverything);
    EXPECT_FALSE(regs.d.write);
    make(64);
    write(63, kNapot | kAll, kEverything);
    EXPECT_EQ(range(63).last, MMU_PMP_ADDR_MASK);
    make(0);
    comb(0, kNapot | kAll, kEverything);
    EXPECT_FALSE(regs.d.write);
    mmu_pmp_regs_seq(&regs, true);
    mmu_pmp_regs_seq(&regs, false);
}

TEST_F(PmpRegs, address_has_54_bits_and_reset_clears_PMP_1)
{
    write(5, kNa4 | kAll, ~UINT64_C(0));
    EXPECT_EQ(regs.q.addr[5], MMU_PMP_ADDR_MASK);
    EXPECT_EQ(regs.q.cfg[5], kNa4 | kAll);
    mmu_pmp_regs_seq(&regs, false);
    EXPECT_EQ(regs.q.addr[5], 0u);
    EXPECT_EQ(regs.q.cfg[5], 0u);
    EXPECT_FALSE(range(5).on || range(5).r);
    EXPECT_EQ(range(5).last, 0u);
}

// ---- the check ----

TEST(PmpCheck, lowest_numbered_entry_that_matches_decides_PMP_3)
{
    mmu_pmp_range_t ranges[16];
    std::memset(ranges, 0, sizeof ranges);
    ranges[1] = mmu_pmp_decode(kNapot | MMU_PMP_R, napot(0x1000, 12), 0);
    ranges[2] = mmu_pmp_decode(kNapot | kAll, kEverything, 0);
    mmu_pmp_check_t check;
    mmu_pmp_check_init(&check, {16});
    auto allow = [&](uint64_t pa, unsigned acc, unsigned size, unsigned prv) {
        const mmu_pmp_check_in_t in = {
            ranges, pa, static_cast<uint8_t>(acc), static_cast<uint8_t>(size), static_cast<uint8_t>(prv), 0};
        mmu_pmp_check_out_t out;
        mmu_pmp_check_comb(&check, &in, &out);
        return out.allow;
    };
    EXPECT_TRUE(allow(0x1000, MMU_ACC_LOAD, 3, MMU_PRIV_S));
    EXPECT_FALSE(allow(0x1000, MMU_ACC_STORE, 3, MMU_PRIV_S));
    EXPECT_TRUE(allow(0x1000, MMU_ACC_STORE, 3, MMU_PRIV_M));
    EXPECT_TRUE(allow(0x2000, MMU_ACC_STORE, 3, MMU_PRIV_S));
    EXPECT_FALSE(allow(0x0ffc, MMU_ACC_LOAD, 3, MMU_PRIV_M)); // half of it
    ranges[2].on = false;
    EXPECT_FALSE(allow(0x2000, MMU_ACC_LOAD, 0, MMU_PRIV_U));
    EXPECT_TRUE(allow(0x2000, MMU_ACC_LOAD, 0, MMU_PRIV_M));
    mmu_pmp_check_init(&check, {0});
    EXPECT_TRUE(allow(0x2000, MMU_ACC_LOAD, 0, MMU_PRIV_U));
}

// ---- the lane of an L1 ----

class L1Pmp : public ::testing::Test
{
  protected:
    mmu_l1_t l1;
    mmu_l1_in_t in = zero<mmu_l1_in_t>();
    mmu_l1_out_t out;
    Storage storage;
    mmu_pmp_range_t ranges[16];

    // S may read [0x8000, 0xa000), and read and write [0xa000, 0xc000).
    void SetUp() override
    {
        mmu_l1_cfg_t cfg = zero<mmu_l1_cfg_t>();
        cfg.array[0] = {0, 4, 1u << 3, MMU_POLICY_FIFO};
        cfg.pmp_entries = 16;
        storage.build([&](mmu_arena_t *arena) { mmu_l1_init(&l1, &cfg, arena); });
        std::memset(ranges, 0, sizeof ranges);
        ranges[0] = mmu_pmp_decode(kNapot | MMU_PMP_R, napot(0x8000, 13), 0);
        ranges[1] = mmu_pmp_decode(kNapot | MMU_PMP_R | MMU_PMP_W, napot(0xa000, 13), 0);
        in.ranges = ranges;
        in.ctx = make_rq(0).ctx;
    }

    void comb()
    {
        mmu_l1_comb(&l1, &in, &out);
        mmu_l1_comb(&l1, &in, &out);
    }

    void edge()
    {
        mmu_l1_seq(&l1, true);
        in.req.valid = in.fill = false;
    }

    void fill(uint64_t va, uint64_t pa)
    {
        in.fill = true;
        in.fill_row = make_row(va, 1, 12, false, kAllRights, pa);
        comb();
        edge();
    }

    // A request and its clock in stage 1, to be looked at.
    void ask(uint64_t va, unsigned acc, unsigned prv = MMU_PRIV_S, unsigned size = 3)
    {
        in.req.valid = true;
        in.req.id = 5;
        in.req.va = va;
        in.req.acc = static_cast<uint8_t>(acc);
        in.req.size = static_cast<uint8_t>(size);
        in.req.prv = static_cast<uint8_t>(prv);
        comb();
        edge();
        comb();
    }

    void expect_denied(unsigned cause, uint64_t tval)
    {
        EXPECT_TRUE(out.rsp.valid);
        EXPECT_TRUE(out.rsp.fault);
        EXPECT_TRUE(out.ev_fault);
        EXPECT_EQ(out.rsp.id, 5);
        EXPECT_EQ(out.rsp.cause, cause);
        EXPECT_EQ(out.rsp.tval, tval);
        EXPECT_EQ(out.rsp.pa, 0u); // REQ-8
        EXPECT_EQ(out.rsp.lg, 0);
    }
};

TEST_F(L1Pmp, a_hit_is_checked_by_its_physical_address_and_access_L1_14)
{
    fill(0x1000, 0x9000);
    ask(0x1230, MMU_ACC_LOAD);
    EXPECT_FALSE(out.rsp.fault || out.ev_fault);
    EXPECT_EQ(out.rsp.pa, 0x9230u);
    edge();
    ask(0x1230, MMU_ACC_STORE);
    expect_denied(7, 0x1230);
    edge();
    ask(0x1230, MMU_ACC_FETCH);
    expect_denied(1, 0x1230);
    edge();
    fill(0x2000, 0x1000); // no entry there
    ask(0x2000, MMU_ACC_LOAD);
    expect_denied(5, 0x2000);
}

TEST_F(L1Pmp, a_denied_hit_is_a_hit_to_the_array_L1_14)
{
    fill(0x1000, 0x1000);
    ask(0x1000, MMU_ACC_LOAD);
    expect_denied(5, 0x1000);
    EXPECT_TRUE(out.ev_hit);
    EXPECT_FALSE(out.ev_refuse || out.miss);
    EXPECT_TRUE(out.req_ready);
    edge();
    EXPECT_EQ(l1.array[0].q.valid[0], 1u);
    ask(0x1000, MMU_ACC_LOAD);
    EXPECT_TRUE(out.ev_hit);
}

TEST_F(L1Pmp, size_of_the_access_counts_L1_14)
{
    ranges[0] = mmu_pmp_decode(kNa4 | MMU_PMP_R, 0x9000 >> 2, 0);
    fill(0x1000, 0x9000);
    ask(0x1000, MMU_ACC_LOAD, MMU_PRIV_S, 2);
    EXPECT_FALSE(out.rsp.fault);
    edge();
    ask(0x1000, MMU_ACC_LOAD, MMU_PRIV_S, 3); // a part of it
    expect_denied(5, 0x1000);
}

TEST_F(L1Pmp, bare_is_checked_too_and_m_passes_without_l_L1_14)
{
    in.ctx.mode = MMU_MODE_BARE;
    ask(0x9000, MMU_ACC_LOAD);
    EXPECT_FALSE(out.rsp.fault);
    edge();
    ask(0x9000, MMU_ACC_STORE);
    expect_denied(7, 0x9000);
    EXPECT_FALSE(out.ev_hit);
    edge();
    ask(0x9000, MMU_ACC_STORE, MMU_PRIV_M);
    EXPECT_FALSE(out.rsp.fault);
    edge();
    ranges[0].l = true;
    ask(0x9000, MMU_ACC_STORE, MMU_PRIV_M);
    expect_denied(7, 0x9000);
    edge();
    ask(0x100000000000123, MMU_ACC_LOAD, MMU_PRIV_M); // a fault of start stays what it is (FMT-2)
    EXPECT_EQ(out.rsp.cause, 5);
    EXPECT_EQ(out.rsp.tval, 0x100000000000123u);
}

TEST_F(L1Pmp, a_misss_answer_is_checked_by_its_own_request_L1_14)
{
    in.mq_done = true;
    in.mq_done_id = 5;
    in.mq_done_rq = make_rq(0x1008, MMU_ACC_STORE);
    in.mq_done_entry = make_row(0x1000, 1, 12, false, kAllRights, 0x9000).data;
    comb();
    EXPECT_TRUE(out.take_done);
    expect_denied(7, 0x1008);
    in.mq_done_entry = make_row(0x1000, 1, 12, false, kAllRights, 0xa000).data;
    comb();
    EXPECT_FALSE(out.rsp.fault);
    EXPECT_EQ(out.rsp.pa, 0xa008u);
    in.mq_done_fault = MMU_FAULT_PAGE; // is no access: stays a page fault
    comb();
    EXPECT_EQ(out.rsp.cause, 15);
}

TEST_F(L1Pmp, a_kill_silences_a_denied_answer_too_L1_8)
{
    fill(0x1000, 0x1000);
    in.req.valid = true;
    in.req.va = 0x1000;
    in.req.acc = MMU_ACC_LOAD;
    in.req.prv = MMU_PRIV_S;
    comb();
    edge();
    in.kill = true;
    comb();
    EXPECT_FALSE(out.rsp.valid || out.rsp.fault || out.ev_fault || out.ev_hit);
}

// ---- the whole MMU ----

class MmuPmp : public ::testing::Test
{
  protected:
    static mmu_cfg_t shape()
    {
        mmu_cfg_t cfg = tiny_shape();
        cfg.pmp_entries = 16;
        return cfg;
    }

    Bench b{shape()};

    void write(unsigned index, unsigned cfg, uint64_t addr)
    {
        ASSERT_TRUE(b.look().idle); // REQ-9
        b.in.pmp.valid = true;
        b.in.pmp.index = static_cast<uint8_t>(index);
        b.in.pmp.cfg = static_cast<uint8_t>(cfg);
        b.in.pmp.addr = addr;
        b.tick();
        b.in.pmp.valid = false;
    }
};

TEST_F(MmuPmp, after_reset_s_may_do_nothing_and_an_entry_lets_it_TOP_1)
{
    b.map(0x5000, 0x9000);
    b.ask(1, 1, 0x5000);
    b.drain();
    ASSERT_NE(b.answer(1, 1), nullptr);
    EXPECT_EQ(b.answer(1, 1)->rsp.cause, 5);
    EXPECT_EQ(b.reads, 0u); // not even the root was read (WALK-12)
    write(0, kNapot | kAll, kEverything);
    b.ask(1, 2, 0x5000);
    b.drain();
    EXPECT_EQ(b.answer(1, 2)->rsp.pa, 0x9000u);
}

TEST_F(MmuPmp, a_write_counts_for_the_request_that_is_accepted_with_it_PMP_1)
{
    write(0, kNapot | kAll, kEverything);
    b.map(0x5000, 0x9000);
    b.warm(1, 0x5000);
    b.ask(1, 1, 0x5000); // accepted in the clock of the write, checked in the next
    write(0, 0, 0);
    b.ask(1, 2, 0x5000, MMU_ACC_LOAD, MMU_PRIV_M);
    b.drain();
    EXPECT_TRUE(b.answer(1, 1)->rsp.fault);
    EXPECT_EQ(b.events[MMU_EV_L1_HIT_D], 1u); // hit and fault in one clock
    EXPECT_EQ(b.events[MMU_EV_FAULT_D], 1u);
    EXPECT_FALSE(b.answer(1, 2)->rsp.fault);
    write(0, kNapot | kAll, kEverything); // the translation is still there
    b.reads = 0;
    b.ask(1, 3, 0x5000);
    b.drain();
    EXPECT_EQ(b.answer(1, 3)->rsp.pa, 0x9000u);
    EXPECT_EQ(b.reads, 0u);
}

TEST_F(MmuPmp, table_that_cannot_be_written_gets_no_a_bit_WALK_12)
{
    b.map(0x5000, 0x9000, 12, kV | kR);
    const uint64_t leaf = b.memory.entry_addr(Bench::kRoot, 0x5000, 0);
    write(0, kNapot | MMU_PMP_R, napot(leaf & ~UINT64_C(4095), 12));
    write(1, kNapot | kAll, kEverything);
    b.ask(1, 1, 0x5008);
    b.drain();
    EXPECT_EQ(b.answer(1, 1)->rsp.cause, 5);
    EXPECT_EQ(b.answer(1, 1)->rsp.tval, 0x5008u);
    EXPECT_EQ(b.swaps, 0u);
    EXPECT_EQ(b.memory.word(leaf) & kA, 0u);
    write(0, kNapot | MMU_PMP_R | MMU_PMP_W, napot(leaf & ~UINT64_C(4095), 12));
    b.ask(1, 2, 0x5008);
    b.drain();
    EXPECT_EQ(b.answer(1, 2)->rsp.pa, 0x9008u);
    EXPECT_NE(b.memory.word(leaf) & kA, 0u);
}

TEST_F(MmuPmp, reset_clears_the_entries)
{
    write(0, kNapot | kAll, kEverything);
    mmu_seq(b.mmu, false);
    b.in.ctx[0].mode = b.in.ctx[1].mode = MMU_MODE_BARE;
    b.ask(1, 1, 0x9000);
    b.drain();
    EXPECT_TRUE(b.answer(1, 1)->rsp.fault);
}

TEST(MmuWithoutPmp, a_write_is_of_no_account_PMP_3)
{
    Bench b(tiny_shape());
    b.in.ctx[0].mode = b.in.ctx[1].mode = MMU_MODE_BARE;
    b.in.pmp.valid = true;
    b.in.pmp.cfg = kNapot;
    b.in.pmp.addr = kEverything;
    b.tick();
    b.in.pmp.valid = false;
    b.ask(1, 1, 0x9000, MMU_ACC_STORE);
    b.drain();
    EXPECT_EQ(b.answer(1, 1)->rsp.pa, 0x9000u);
}
} // namespace
