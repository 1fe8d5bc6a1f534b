// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The G stage of the RISC-V formats and the entry that combines both stages, rule by rule
// (docs/microarchitecture.md, GST, COMB, FMT-2, FMT-13, FMT-16).
#include "riscv.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace riscv;

namespace
{

struct Mode {
    uint8_t mode;
    unsigned levels, vpn_bits, gpa_bits;
};
const Mode modes[] = {{MMU_MODE_SV32, 2, 10, 34},
                      {MMU_MODE_SV39, 3, 9, 41},
                      {MMU_MODE_SV48, 4, 9, 50},
                      {MMU_MODE_SV57, 5, 9, 59}};
const uint8_t whats[] = {MMU_G_ENTRY, MMU_G_UPDATE, MMU_G_FINAL};

mmu_rq_t guest(uint8_t mode, uint8_t gmode, uint8_t acc = MMU_ACC_LOAD, uint64_t va = 0)
{
    mmu_rq_t rq = request(mode, MMU_PRIV_S, acc, va, 0x80000);
    rq.ctx.v = true;
    rq.ctx.gmode = gmode;
    rq.ctx.groot = 0x90000;
    return rq;
}

mmu_step_t gload(uint64_t word, unsigned level = 0, mmu_slow_t s = slow(true, true, true),
                 uint8_t what = MMU_G_FINAL)
{
    const mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV39);
    return mmu_riscv_gstep(&rq, &s, mmu_pos_make(level, false, 0), what, word);
}

void expect_guest_fault(const mmu_step_t &step, unsigned rule)
{
    EXPECT_EQ(step.kind, MMU_STEP_FAULT);
    EXPECT_EQ(step.fault, MMU_FAULT_GUEST);
    EXPECT_EQ(step.rule, rule) << mmu_rule_text(step.rule) << " instead of " << mmu_rule_text(rule);
}

// ---- is there one, and where does it begin: FMT-2, FMT-16, GST-2 --------------------------------------------

TEST(riscv_two_stage, needs_v_a_mode_and_less_than_m)
{
    mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV39);
    EXPECT_TRUE(mmu_riscv_two_stage(&rq));
    rq.prv = MMU_PRIV_U;
    EXPECT_TRUE(mmu_riscv_two_stage(&rq));
    rq.prv = MMU_PRIV_M;
    EXPECT_FALSE(mmu_riscv_two_stage(&rq));
    rq = guest(MMU_MODE_SV39, MMU_MODE_BARE);
    EXPECT_FALSE(mmu_riscv_two_stage(&rq));
    rq = guest(MMU_MODE_SV39, MMU_MODE_SV39);
    rq.ctx.v = false;
    EXPECT_FALSE(mmu_riscv_two_stage(&rq));
}

TEST(riscv_start, bare_in_front_of_a_g_stage_is_a_walk_where_the_address_fits)
{
    const mmu_slow_t s = slow(false);
    for (const Mode &g : modes) {
        const uint64_t top = (uint64_t(1) << g.gpa_bits) - 1;
        for (uint64_t va : {uint64_t(0), top}) {
            const mmu_rq_t rq = guest(MMU_MODE_BARE, g.mode, MMU_ACC_LOAD, va);
            const mmu_start_t start = mmu_riscv_start(&rq, &s);
            EXPECT_EQ(start.kind, MMU_START_WALK);
            EXPECT_EQ(start.pos, 0u);
        }
        for (unsigned bit = g.gpa_bits; bit < 64; bit++) {
            const mmu_rq_t rq = guest(MMU_MODE_BARE, g.mode, MMU_ACC_LOAD, uint64_t(1) << bit);
            const mmu_start_t start = mmu_riscv_start(&rq, &s);
            EXPECT_EQ(start.kind, MMU_START_FAULT);
            EXPECT_EQ(start.fault, MMU_FAULT_GUEST);
        }
    }
}

TEST(riscv_start, both_stages_bare_need_no_translation)
{
    const mmu_slow_t s = slow(false);
    mmu_rq_t rq = guest(MMU_MODE_BARE, MMU_MODE_BARE, MMU_ACC_LOAD, 0x00ffffffffffffff);
    EXPECT_EQ(mmu_riscv_start(&rq, &s).kind, MMU_START_BARE);
    rq.va++;
    EXPECT_EQ(mmu_riscv_start(&rq, &s).fault, MMU_FAULT_ACCESS);
    rq = guest(MMU_MODE_BARE, MMU_MODE_SV39, MMU_ACC_LOAD, 0x1234);
    rq.prv = MMU_PRIV_M;
    EXPECT_EQ(mmu_riscv_start(&rq, &s).kind, MMU_START_BARE);
}

TEST(riscv_start, an_address_that_is_not_canonical_is_a_page_fault_with_a_g_stage_too)
{
    const mmu_slow_t s = slow(false);
    const mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV57, MMU_ACC_LOAD, uint64_t(1) << 38);
    EXPECT_EQ(mmu_riscv_start(&rq, &s).fault, MMU_FAULT_PAGE);
}

TEST(riscv_gstart, an_address_beyond_the_mode_is_a_guest_page_fault)
{
    for (const Mode &g : modes) {
        const mmu_rq_t rq = guest(MMU_MODE_SV57, g.mode);
        const mmu_start_t good = mmu_riscv_gstart(&rq, (uint64_t(1) << g.gpa_bits) - 1);
        EXPECT_EQ(good.kind, MMU_START_WALK);
        EXPECT_EQ(good.pos, mmu_pos_make(g.levels - 1, false, uint64_t(0x90000) << 3));
        for (unsigned bit = g.gpa_bits; bit < 64; bit++) {
            const mmu_start_t bad = mmu_riscv_gstart(&rq, uint64_t(1) << bit | 0x1234);
            EXPECT_EQ(bad.kind, MMU_START_FAULT);
            EXPECT_EQ(bad.fault, MMU_FAULT_GUEST);
        }
    }
}

TEST(riscv_gstart, the_low_two_bits_of_the_root_do_not_count)
{
    mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV39);
    rq.ctx.groot = 0xfffffffffff;
    EXPECT_EQ(mmu_riscv_gstart(&rq, 0).pos, mmu_pos_make(2, false, uint64_t(0xffffffffffc) << 3));
}

TEST(riscv_gaddr, the_root_is_indexed_by_two_bits_more)
{
    for (const Mode &g : modes)
        for (unsigned level = 0; level < g.levels; level++) {
            const mmu_rq_t rq = guest(MMU_MODE_SV39, g.mode);
            const unsigned bits = g.vpn_bits + (level == g.levels - 1 ? 2 : 0);
            const unsigned lg = 12 + g.vpn_bits * level;
            const uint64_t field = ((uint64_t(1) << bits) - 1) << lg;
            const uint64_t top = (uint64_t(1) << g.gpa_bits) - 1;
            for (uint64_t index : {uint64_t(1), uint64_t(1) << (bits - 1), (uint64_t(1) << bits) - 1}) {
                // All other bits of the address are ones, so that a shift or mask that is off by one shows.
                const uint64_t gpa = (top & ~field) | index << lg;
                const mmu_addr_t at = mmu_riscv_gaddr(&rq, mmu_pos_make(level, false, 0x123460), gpa);
                EXPECT_EQ(at.wide, g.mode != MMU_MODE_SV32);
                EXPECT_EQ(at.addr, (uint64_t(0x123460) << 9) + index * (at.wide ? 8 : 4));
            }
        }
}

// ---- words: GST-4 -------------------------------------------------------------------------------------------

TEST(riscv_gstep, each_rule_is_a_guest_page_fault)
{
    const uint64_t good = V | R | W | X | U | A | D;
    EXPECT_EQ(gload(good).kind, MMU_STEP_LEAF);
    expect_guest_fault(gload(0), MMU_RULE_INVALID);
    expect_guest_fault(gload(V | W | U | A), MMU_RULE_W_WITHOUT_R);
    for (unsigned bit = 54; bit <= 60; bit++)
        expect_guest_fault(gload(good | uint64_t(1) << bit), MMU_RULE_RESERVED);
    expect_guest_fault(gload(N | pte(8, good), 0, slow(true, true, false)), MMU_RULE_N_DISABLED);
    expect_guest_fault(gload(pbmt(1) | good, 0, slow(true, false, true)), MMU_RULE_PBMT_DISABLED);
    expect_guest_fault(gload(pbmt(3) | good), MMU_RULE_PBMT_RESERVED);
    for (uint64_t bits : {A, D, U, N, pbmt(1), pbmt(2)})
        expect_guest_fault(gload(V | bits, 1), MMU_RULE_POINTER_BITS);
    expect_guest_fault(gload(V, 0), MMU_RULE_POINTER_LEVEL0);
    expect_guest_fault(gload(V | X | U | A), MMU_RULE_NO_R);
    expect_guest_fault(gload(V | R | W | X | A | D), MMU_RULE_G_NO_U);
    expect_guest_fault(gload(pte(1, good), 1), MMU_RULE_MISALIGNED);
    expect_guest_fault(gload(N | pte(7, good)), MMU_RULE_NAPOT);
    expect_guest_fault(gload(N | pte(uint64_t(1) << 18, good), 1), MMU_RULE_NAPOT);
    expect_guest_fault(gload(V | R | U, 0, slow(false)), MMU_RULE_AD_CLEAR);
}

TEST(riscv_gstep, menvcfg_steers_it_and_henvcfg_the_first_stage)
{
    const mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV39);
    mmu_rq_t alone = rq;
    alone.ctx.gmode = MMU_MODE_BARE; // V = 1 without a G stage
    for (unsigned bits = 0; bits < 16; bits++) {
        mmu_slow_t s = slow((bits & 1) != 0, (bits & 2) != 0, true);
        s.hadue = (bits & 4) != 0;
        s.hpbmte = (bits & 8) != 0;
        EXPECT_EQ(mmu_riscv_gstep(&rq, &s, 0, MMU_G_FINAL, V | R | U).kind,
                  s.adue ? MMU_STEP_NEED_AD : MMU_STEP_FAULT);
        EXPECT_EQ(mmu_riscv_gstep(&rq, &s, 0, MMU_G_FINAL, V | R | U | A | pbmt(1)).kind,
                  s.pbmte ? MMU_STEP_LEAF : MMU_STEP_FAULT);
        for (const mmu_rq_t *first : {&rq, static_cast<const mmu_rq_t *>(&alone)}) {
            EXPECT_EQ(mmu_riscv_step(first, &s, 0, V | R).kind, s.hadue ? MMU_STEP_NEED_AD : MMU_STEP_FAULT);
            EXPECT_EQ(mmu_riscv_step(first, &s, 0, V | R | A | pbmt(1)).kind,
                      s.hpbmte ? MMU_STEP_LEAF : MMU_STEP_FAULT);
        }
        const mmu_rq_t host = request(MMU_MODE_SV39, MMU_PRIV_S, MMU_ACC_LOAD, 0);
        EXPECT_EQ(mmu_riscv_step(&host, &s, 0, V | R).kind, s.adue ? MMU_STEP_NEED_AD : MMU_STEP_FAULT);
        EXPECT_EQ(mmu_riscv_step(&host, &s, 0, V | R | A | pbmt(1)).kind,
                  s.pbmte ? MMU_STEP_LEAF : MMU_STEP_FAULT);
    }
}

TEST(riscv_gstep, g_counts_as_clear)
{
    const mmu_step_t pointer = gload(V | G, 2);
    EXPECT_EQ(pointer.kind, MMU_STEP_READ);
    EXPECT_EQ(pointer.pos, mmu_pos_make(1, false, 0));
    EXPECT_EQ(pointer.lg, 30);
    EXPECT_FALSE(mmu_entry_g(gload(V | R | U | A | G).entry));
    EXPECT_EQ(gload(V | R | U | G).new_word, V | R | U | A | G); // but stays in the word
}

TEST(riscv_gstep, an_update_keeps_the_word_and_sets_what_the_purpose_needs)
{
    const mmu_rq_t store = guest(MMU_MODE_SV39, MMU_MODE_SV39, MMU_ACC_STORE);
    const mmu_rq_t load = guest(MMU_MODE_SV39, MMU_MODE_SV39, MMU_ACC_LOAD);
    const mmu_slow_t s = slow(true);
    const uint64_t word = pte(0x1234, V | R | W | X | U);
    // Reading an entry sets A alone, whatever the access is; writing one sets D, even for a load.
    EXPECT_EQ(mmu_riscv_gstep(&store, &s, 0, MMU_G_ENTRY, word).new_word, word | A);
    EXPECT_EQ(mmu_riscv_gstep(&load, &s, 0, MMU_G_UPDATE, word).new_word, word | A | D);
    EXPECT_EQ(mmu_riscv_gstep(&store, &s, 0, MMU_G_FINAL, word).new_word, word | A | D);
    EXPECT_EQ(mmu_riscv_gstep(&load, &s, 0, MMU_G_FINAL, word).new_word, word | A);
    EXPECT_EQ(mmu_riscv_gstep(&store, &s, 0, MMU_G_ENTRY, word | A).kind, MMU_STEP_LEAF);
    EXPECT_EQ(mmu_riscv_gstep(&load, &s, 0, MMU_G_UPDATE, word | A).kind, MMU_STEP_NEED_AD);
}

TEST(riscv_gstep, sizes_of_every_mode)
{
    const mmu_slow_t s = slow(true, true, true);
    for (const Mode &g : modes) {
        const mmu_rq_t rq = guest(MMU_MODE_SV39, g.mode);
        for (unsigned level = 0; level < g.levels; level++) {
            const mmu_step_t leaf =
                mmu_riscv_gstep(&rq, &s, mmu_pos_make(level, false, 0), MMU_G_FINAL, V | R | U | A);
            EXPECT_EQ(mmu_entry_lg(leaf.entry), 12 + g.vpn_bits * level);
        }
    }
    const mmu_step_t napot = gload(N | pte(0xabc8, V | R | U | A));
    EXPECT_EQ(mmu_entry_lg(napot.entry), 16);
    EXPECT_EQ(mmu_entry_ppn(napot.entry), uint64_t(0xabc0) << 3);
}

// The rights as a table in words, to set against the model: GST-1 and GST-4.
bool g_allowed(uint8_t what, uint8_t acc, bool gmxr, uint64_t flags)
{
    if ((flags & U) == 0)
        return false;
    if (what == MMU_G_ENTRY)
        return (flags & R) != 0;
    if (what == MMU_G_UPDATE)
        return (flags & W) != 0;
    if (acc == MMU_ACC_FETCH || acc == MMU_ACC_LOAD_X)
        return (flags & X) != 0;
    if (acc == MMU_ACC_STORE)
        return (flags & W) != 0;
    return (flags & R) != 0 || (gmxr && (flags & X) != 0);
}

TEST(riscv_gstep, rights_for_every_purpose_access_and_flag)
{
    unsigned granted = 0, refused = 0;
    for (uint64_t flags = 0; flags < 256; flags += 2)
        for (uint8_t what : whats)
            for (uint8_t acc = 0; acc < 4; acc++)
                for (unsigned regs = 0; regs < 32; regs++) {
                    if ((flags & (R | W | X)) == 0 || (flags & (R | W)) == W)
                        continue; // no leaf
                    mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV39, acc);
                    // Of these only sstatus.MXR counts, not the first stage's MXR and SUM, nor the privilege.
                    rq.ctx.gmxr = (regs & 1) != 0;
                    rq.ctx.mxr = (regs & 2) != 0;
                    rq.ctx.sum = (regs & 4) != 0;
                    rq.prv = (regs & 8) != 0 ? MMU_PRIV_S : MMU_PRIV_U;
                    const mmu_slow_t s = slow((regs & 16) != 0);
                    const mmu_step_t step = mmu_riscv_gstep(&rq, &s, 0, what, V | flags);
                    const bool ok = g_allowed(what, acc, rq.ctx.gmxr, flags);
                    const bool store = what == MMU_G_UPDATE || (what == MMU_G_FINAL && acc == MMU_ACC_STORE);
                    const uint64_t need = A | (store ? D : 0);
                    const bool ad = (flags & need) == need;

                    ASSERT_EQ(step.kind, !ok      ? MMU_STEP_FAULT
                                         : ad     ? MMU_STEP_LEAF
                                         : s.adue ? MMU_STEP_NEED_AD
                                                  : MMU_STEP_FAULT);
                    if (!ok)
                        ASSERT_TRUE(step.fault == MMU_FAULT_GUEST && step.rule != MMU_RULE_AD_CLEAR);
                    // GST-5: a held entry is judged alike, and A and D must be there.
                    const mmu_entry_t entry = flags << 52 | uint64_t(12) << MMU_ENTRY_LG_SHIFT;
                    ASSERT_EQ(mmu_riscv_gperm(&rq, what, entry), ok && ad);
                    (ok ? granted : refused)++;
                }
    EXPECT_GT(granted, 5000u);
    EXPECT_GT(refused, 5000u);
}

TEST(riscv_gstep, a_refused_right_is_named_after_the_purpose)
{
    const mmu_slow_t s = slow(true);
    auto rule = [&](uint8_t what, uint8_t acc, uint64_t flags) {
        const mmu_rq_t rq = guest(MMU_MODE_SV39, MMU_MODE_SV39, acc);
        return mmu_riscv_gstep(&rq, &s, 0, what, V | A | D | flags).rule;
    };
    EXPECT_EQ(rule(MMU_G_ENTRY, MMU_ACC_FETCH, X | U), MMU_RULE_NO_R);
    EXPECT_EQ(rule(MMU_G_UPDATE, MMU_ACC_LOAD, R | X | U), MMU_RULE_NO_W);
    EXPECT_EQ(rule(MMU_G_FINAL, MMU_ACC_FETCH, R | U), MMU_RULE_NO_X);
    EXPECT_EQ(rule(MMU_G_FINAL, MMU_ACC_LOAD_X, R | U), MMU_RULE_NO_X_READ);
    EXPECT_EQ(rule(MMU_G_FINAL, MMU_ACC_LOAD, R), MMU_RULE_G_NO_U);
}

// ---- HLVX in the first stage: FMT-8 -------------------------------------------------------------------------

TEST(riscv_step, hlvx_needs_x_and_nothing_else_of_the_three)
{
    const mmu_slow_t s = slow(true);
    for (unsigned regs = 0; regs < 8; regs++) {
        mmu_rq_t rq = request(MMU_MODE_SV39, regs & 1 ? MMU_PRIV_S : MMU_PRIV_U, MMU_ACC_LOAD_X, 0);
        rq.ctx.sum = (regs & 2) != 0;
        rq.ctx.mxr = (regs & 4) != 0;
        for (uint64_t user : {uint64_t(0), U}) {
            const bool seen = rq.prv == MMU_PRIV_U ? user != 0 : user == 0 || rq.ctx.sum;
            for (uint64_t flags : {X, R | X, R | W | X})
                EXPECT_EQ(mmu_riscv_step(&rq, &s, 0, V | A | flags | user).kind,
                          seen ? MMU_STEP_LEAF : MMU_STEP_FAULT);
            for (uint64_t flags : {R, R | W})
                EXPECT_EQ(mmu_riscv_step(&rq, &s, 0, V | A | flags | user).rule, MMU_RULE_NO_X_READ);
        }
        EXPECT_EQ(mmu_riscv_step(&rq, &s, 0, V | X | (rq.prv == MMU_PRIV_U ? U : 0)).new_word & (A | D), A);
    }
}

TEST(riscv_cause, hlvx_and_guest_page_faults)
{
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_GUEST, MMU_ACC_FETCH), 20);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_GUEST, MMU_ACC_LOAD), 21);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_GUEST, MMU_ACC_STORE), 23);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_GUEST, MMU_ACC_LOAD_X), 21);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_PAGE, MMU_ACC_LOAD_X), 13);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_ACCESS, MMU_ACC_LOAD_X), 5);
}

// ---- both stages in one entry: COMB, FMT-13 -----------------------------------------------------------------

mmu_entry_t entry_of(uint64_t frame, unsigned lg, uint64_t flags, unsigned mt = 0)
{
    return frame << 3 | uint64_t(lg) << MMU_ENTRY_LG_SHIFT | flags << 52 | uint64_t(mt) << MMU_ENTRY_MT_SHIFT;
}

TEST(riscv_combine, the_smaller_page_wins_and_maps_as_both_stages_do)
{
    std::mt19937_64 random(1);
    const unsigned sizes[] = {12, 16, 21, 22, 30, 39, 48};
    for (unsigned flg : sizes)
        for (unsigned glg : sizes)
            for (unsigned n = 0; n < 50; n++) {
                const uint64_t low_f = (uint64_t(1) << (flg - 12)) - 1,
                               low_g = (uint64_t(1) << (glg - 12)) - 1, frames = (uint64_t(1) << 44) - 1;
                const mmu_entry_t f = entry_of(random() & frames & ~low_f, flg, R | A);
                const mmu_entry_t g = entry_of(random() & frames & ~low_g, glg, R | U | A);
                const uint64_t va = random(), gpa = mmu_entry_pa(f, va);
                const mmu_entry_t c = mmu_riscv_combine(f, g, gpa);
                ASSERT_EQ(mmu_entry_lg(c), std::min(flg, glg));
                ASSERT_EQ(mmu_entry_ppn(c) & ((uint64_t(1) << (mmu_entry_lg(c) - 9)) - 1), 0u);
                ASSERT_EQ(mmu_entry_pa(c, va), mmu_entry_pa(g, gpa));
                // Any other address of the same small page, too.
                const uint64_t near = va ^ (random() & ((uint64_t(1) << std::min(flg, glg)) - 1));
                ASSERT_EQ(mmu_entry_pa(c, near), mmu_entry_pa(g, mmu_entry_pa(f, near)));
            }
}

TEST(riscv_combine, flags_and_memory_type)
{
    const uint64_t low = 2, high = 0xfe; // R up to D, as in a word
    for (uint64_t ff = 0; ff <= high; ff += low)
        for (uint64_t gf = 0; gf <= high; gf += low) {
            const mmu_entry_t c =
                mmu_riscv_combine(entry_of(8, 12, ff), entry_of(16, 12, gf), uint64_t(8) << 12);
            const uint64_t want = (ff & (R | X | U | G | A)) | (ff & gf & (W | D));
            ASSERT_EQ(c, entry_of(16, 12, want) | ((gf & R) != 0 ? 0 : MMU_ENTRY_GNR) |
                             ((gf & X) != 0 ? 0 : MMU_ENTRY_GNX));
        }
    for (unsigned fm = 0; fm < 3; fm++)
        for (unsigned gm = 0; gm < 3; gm++)
            EXPECT_EQ(mmu_entry_mt(mmu_riscv_combine(entry_of(8, 12, R, fm), entry_of(16, 12, R, gm), 0)),
                      fm != 0 ? fm : gm);
}

TEST(riscv_combine, bare_in_front_is_the_g_stage_alone)
{
    const mmu_entry_t bare = mmu_riscv_bare_entry();
    EXPECT_EQ(bare, entry_of(0, 63, R | W | X | A | D));
    const uint64_t gpa = (uint64_t(1) << 59) - 0x1234;
    const mmu_entry_t g = entry_of(0x40000, 30, R | W | U | A | D, 2);
    const mmu_entry_t c = mmu_riscv_combine(bare, g, gpa);
    EXPECT_EQ(mmu_entry_lg(c), 30);
    EXPECT_EQ(mmu_entry_pa(c, gpa), mmu_entry_pa(g, gpa));
    EXPECT_EQ(c, entry_of(0x40000, 30, R | W | X | A | D, 2) | MMU_ENTRY_GNX);
}

// What a TLB grants on a held entry is what a walk of both stages would grant without an update. So cold and
// warm agree. All accesses, privileges, registers and flags of both leaves.
TEST(riscv_combine, a_held_entry_grants_what_the_walk_grants)
{
    const mmu_slow_t s = slow(false);
    const uint64_t flags[] = {R, R | W, X, R | X, R | W | X};
    unsigned granted = 0, refused = 0;
    for (bool bare : {false, true})
        for (uint64_t f0 : flags)
            for (uint64_t g0 : flags)
                for (unsigned more = 0; more < 32; more++) // U A D of f, A D of g
                    for (unsigned access = 0; access < 64; access++) {
                        const uint64_t f = f0 | (more & 1 ? U : 0) | (more & 2 ? A : 0) | (more & 4 ? D : 0);
                        const uint64_t g = g0 | U | (more & 8 ? A : 0) | (more & 16 ? D : 0);
                        mmu_rq_t rq = guest(bare ? MMU_MODE_BARE : MMU_MODE_SV39, MMU_MODE_SV39,
                                            uint8_t(access & 3), 0x5123);
                        rq.prv = access & 4 ? MMU_PRIV_S : MMU_PRIV_U;
                        rq.ctx.sum = (access & 8) != 0;
                        rq.ctx.gmxr = (access & 16) != 0;
                        rq.ctx.mxr = rq.ctx.gmxr || (access & 32) != 0;
                        bool walk = true;
                        if (!bare)
                            walk = mmu_riscv_step(&rq, &s, 0, pte(7, V | f)).kind == MMU_STEP_LEAF;
                        walk = walk &&
                               mmu_riscv_gstep(&rq, &s, 0, MMU_G_FINAL, pte(9, V | g)).kind == MMU_STEP_LEAF;
                        const mmu_entry_t held =
                            mmu_riscv_combine(bare ? mmu_riscv_bare_entry() : entry_of(7, 12, f),
                                              entry_of(9, 12, g), bare ? rq.va : uint64_t(7) << 12);
                        // A held entry has been granted to somebody, so A of both was set.
                        if ((g & A) == 0)
                            continue;
                        ASSERT_EQ(mmu_riscv_perm(&rq, held), walk)
                            << std::hex << f << " over " << g << " access " << access << " bare " << bare;
                        (walk ? granted : refused)++;
                    }
    EXPECT_GT(granted, 5000u);
    EXPECT_GT(refused, 5000u);
}

TEST(riscv_gstep, unused_fields_of_a_result_are_zero)
{
    std::mt19937_64 random(1);
    for (unsigned i = 0; i < 20000; i++) {
        const mmu_step_t step = gload(random() & random(), i % 3, slow(i & 4, i & 8, i & 16), whats[i % 3]);
        if (step.kind != MMU_STEP_READ)
            ASSERT_TRUE(step.pos == 0 && step.lg == 0);
        if (step.kind != MMU_STEP_NEED_AD)
            ASSERT_EQ(step.new_word, 0u);
        if (step.kind == MMU_STEP_READ || step.kind == MMU_STEP_FAULT)
            ASSERT_EQ(step.entry, 0u);
        ASSERT_EQ(step.fault != 0, step.kind == MMU_STEP_FAULT);
    }
}

} // namespace
