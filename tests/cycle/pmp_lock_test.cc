// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Locks of the PMP registers, and mseccfg (Smepmp), in the cycle model: rules PMP-4, PMP-5, L1-14.
#include "cycle/bench.hh"
#include "cycle/mmu_l1.h"
#include "cycle/mmu_pmp_regs.h"

namespace
{
constexpr unsigned kTor = MMU_PMP_TOR << MMU_PMP_A_SHIFT, kNa4 = MMU_PMP_NA4 << MMU_PMP_A_SHIFT,
                   kNapot = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT;
constexpr unsigned kPr = MMU_PMP_R, kPw = MMU_PMP_W, kPx = MMU_PMP_X, kPl = MMU_PMP_L;

class PmpLocks : public ::testing::Test
{
  protected:
    mmu_pmp_regs_t regs;
    Storage storage;
    unsigned sec = 0;

    void SetUp() override
    {
        storage.build([&](mmu_arena_t *arena) { mmu_pmp_regs_init(&regs, {16}, arena); });
    }

    void write(unsigned index, unsigned cfg, uint64_t addr)
    {
        mmu_pmp_regs_in_t in = zero<mmu_pmp_regs_in_t>();
        in.write.valid = true;
        in.write.index = static_cast<uint8_t>(index);
        in.write.cfg = static_cast<uint8_t>(cfg);
        in.write.addr = addr;
        in.sec = static_cast<uint8_t>(sec);
        mmu_pmp_regs_comb(&regs, &in);
        mmu_pmp_regs_comb(&regs, &in);
        mmu_pmp_regs_seq(&regs, true);
    }

    void expect(unsigned index, unsigned cfg, uint64_t addr)
    {
        EXPECT_EQ(regs.q.cfg[index], cfg);
        EXPECT_EQ(regs.q.addr[index], addr);
        // The range is always that of the registers (PMP-2).
        const mmu_pmp_range_t range =
            mmu_pmp_decode(regs.q.cfg[index], regs.q.addr[index], index == 0 ? 0 : regs.q.addr[index - 1]);
        EXPECT_EQ(regs.q.range[index].on, range.on);
        EXPECT_EQ(regs.q.range[index].base, range.base);
        EXPECT_EQ(regs.q.range[index].last, range.last);
        EXPECT_EQ(regs.q.range[index].r, range.r);
        EXPECT_EQ(regs.q.range[index].l, range.l);
    }
};

TEST_F(PmpLocks, a_locked_entry_stays_as_it_is_PMP_5)
{
    write(0, kNa4 | kPl, 7);
    write(0, kNa4 | kPr, 9);
    expect(0, kNa4 | kPl, 7);
    write(15, kNa4 | kPl, 7); // the last one has no neighbour
    write(15, 0, 0);
    expect(15, kNa4 | kPl, 7);
    write(1, kNa4 | kPr, 8); // others are free
    expect(1, kNa4 | kPr, 8);
    mmu_pmp_regs_seq(&regs, false); // until reset
    write(0, kNa4 | kPr, 9);
    expect(0, kNa4 | kPr, 9);
}

TEST_F(PmpLocks, with_rlb_a_locked_entry_is_written_PMP_5)
{
    write(0, kNa4 | kPl, 7);
    sec = MMU_SEC_RLB;
    write(0, kNa4 | kPr, 9);
    expect(0, kNa4 | kPr, 9);
}

TEST_F(PmpLocks, the_base_of_a_locked_tor_entry_does_not_move_PMP_5)
{
    write(2, kNa4, 0x100);
    write(3, kTor | kPl | kPr, 0x200);
    write(2, kNa4 | kPr, 0x180); // its cfg changes, its addr does not
    expect(2, kNa4 | kPr, 0x100);
    expect(3, kTor | kPl | kPr, 0x200);
    EXPECT_EQ(regs.q.range[3].base, 0x100u);
    sec = MMU_SEC_RLB;
    write(2, kNa4 | kPr, 0x180);
    expect(2, kNa4 | kPr, 0x180);
    expect(3, kTor | kPl | kPr, 0x200);
    EXPECT_EQ(regs.q.range[3].base, 0x180u);
}

TEST_F(PmpLocks, the_base_of_a_tor_entry_without_lock_moves_PMP_5)
{
    write(3, kTor | kPr, 0x200);
    write(2, 0, 0x180);
    expect(3, kTor | kPr, 0x200);
    EXPECT_EQ(regs.q.range[3].base, 0x180u);
    write(5, kNapot | kPl, 0x200); // locked, but no TOR
    write(4, 0, 0x180);
    expect(4, 0, 0x180);
}

TEST_F(PmpLocks, with_mml_no_new_rule_lets_m_execute_PMP_5)
{
    for (unsigned rwx = 0; rwx < 8; rwx++)
        for (unsigned mode : {0u, MMU_SEC_MML, MMU_SEC_RLB, MMU_SEC_MML | MMU_SEC_RLB})
            for (unsigned lock : {0u, kPl}) {
                SetUp();
                sec = mode;
                write(0, kNa4 | lock | rwx, 7);
                const bool fetches = rwx == kPx || rwx == (kPr | kPx) || rwx == kPw || rwx == (kPw | kPx);
                const bool refused = mode == MMU_SEC_MML && lock != 0 && fetches;
                expect(0, refused ? 0 : kNa4 | lock | rwx, 7); // addr is written all the same
            }
}

// ---- mseccfg at the lane of an L1 and in the whole MMU ----

class Smepmp : public ::testing::Test
{
  protected:
    static mmu_cfg_t shape()
    {
        mmu_cfg_t cfg = tiny_shape();
        cfg.pmp_entries = 16;
        return cfg;
    }

    Bench b{shape()};

    void SetUp() override
    {
        b.in.ctx[0].mode = b.in.ctx[1].mode = MMU_MODE_BARE;
    }

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

    bool allowed(unsigned acc, unsigned prv, uint64_t pa = 0x9000)
    {
        b.ask(1, 1, pa, acc, prv);
        b.drain();
        return !b.answer(1, 1)->rsp.fault;
    }
};

TEST_F(Smepmp, mmwp_denies_m_what_no_entry_covers_PMP_4)
{
    EXPECT_TRUE(allowed(MMU_ACC_LOAD, MMU_PRIV_M));
    b.in.slow.mmwp = true;
    EXPECT_FALSE(allowed(MMU_ACC_LOAD, MMU_PRIV_M));
    b.in.slow.mmwp = false;
    b.in.slow.rlb = true; // of no account here
    EXPECT_TRUE(allowed(MMU_ACC_FETCH, MMU_PRIV_M));
    b.in.slow.mml = true;
    EXPECT_TRUE(allowed(MMU_ACC_STORE, MMU_PRIV_M));
    EXPECT_FALSE(allowed(MMU_ACC_FETCH, MMU_PRIV_M));
}

TEST_F(Smepmp, mml_makes_rights_those_of_m_or_of_s_and_u_PMP_4)
{
    write(0, kNa4 | kPr, 0x9000 >> 2);
    write(1, kNa4 | kPr | kPl, 0xa000 >> 2);
    const auto load = [&](unsigned prv, uint64_t pa) {
        b.ask(1, 1, pa, MMU_ACC_LOAD, prv);
        b.in.req[1].size = 2;
        b.drain();
        return !b.answer(1, 1)->rsp.fault;
    };
    EXPECT_TRUE(load(MMU_PRIV_S, 0x9000) && load(MMU_PRIV_M, 0x9000));
    EXPECT_TRUE(load(MMU_PRIV_S, 0xa000) && load(MMU_PRIV_M, 0xa000));
    b.in.slow.mml = true;
    EXPECT_TRUE(load(MMU_PRIV_S, 0x9000));
    EXPECT_FALSE(load(MMU_PRIV_M, 0x9000));
    EXPECT_FALSE(load(MMU_PRIV_S, 0xa000));
    EXPECT_TRUE(load(MMU_PRIV_M, 0xa000));
}

TEST_F(Smepmp, the_lane_of_the_miss_queue_and_the_registers_know_mseccfg_TOP_1)
{
    b.in.ctx[0].mode = b.in.ctx[1].mode = MMU_MODE_SV39;
    b.map(0x5000, 0x9000);
    write(0, kNapot | kPr | kPw | kPl, MMU_PMP_ADDR_MASK); // everything, of M and the others
    EXPECT_TRUE(allowed(MMU_ACC_LOAD, MMU_PRIV_S, 0x5000));
    b.in.slow.mml = true; // now M's alone: hit and table words are denied
    EXPECT_FALSE(allowed(MMU_ACC_LOAD, MMU_PRIV_S, 0x5000));
    b.in.slow.mml = false;
    write(0, 0, 0); // locked
    EXPECT_TRUE(allowed(MMU_ACC_LOAD, MMU_PRIV_S, 0x5000));
    b.in.slow.rlb = true;
    write(0, 0, 0);
    EXPECT_FALSE(allowed(MMU_ACC_LOAD, MMU_PRIV_S, 0x5000));
}
} // namespace
