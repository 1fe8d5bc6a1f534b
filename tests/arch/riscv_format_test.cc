// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The RISC-V paging formats, rule by rule (docs/microarchitecture.md, FMT).
#include "riscv.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace riscv;

namespace
{

const uint8_t paged[] = {MMU_MODE_SV32, MMU_MODE_SV39, MMU_MODE_SV48, MMU_MODE_SV57};

unsigned levels(uint8_t mode)
{
    return mode == MMU_MODE_SV32 ? 2 : mode == MMU_MODE_SV39 ? 3 : mode == MMU_MODE_SV48 ? 4 : 5;
}

unsigned vpn_bits(uint8_t mode)
{
    return mode == MMU_MODE_SV32 ? 10 : 9;
}

unsigned level_lg(uint8_t mode, unsigned level)
{
    return 12 + vpn_bits(mode) * level;
}

// A load from S in Sv39, the word at the given level.
mmu_step_t load(uint64_t word, unsigned level = 0, mmu_slow_t s = slow(true, true, true))
{
    const mmu_rq_t rq = request(MMU_MODE_SV39, MMU_PRIV_S, MMU_ACC_LOAD, 0);
    return mmu_riscv_step(&rq, &s, mmu_pos_make(level, false, 0), word);
}

void expect_fault(const mmu_step_t &step, unsigned rule)
{
    EXPECT_EQ(step.kind, MMU_STEP_FAULT);
    EXPECT_EQ(step.fault, MMU_FAULT_PAGE);
    EXPECT_EQ(step.rule, rule) << mmu_rule_text(step.rule) << " instead of " << mmu_rule_text(rule);
}

// ---- start: FMT-2, FMT-3, FMT-4 ------------------------------------------------------------------------

TEST(riscv_start, mode_bare_and_privilege_m_need_no_translation)
{
    const mmu_slow_t s = slow(false);
    for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M}) {
        const mmu_rq_t rq = request(MMU_MODE_BARE, prv, MMU_ACC_LOAD, 0x00ffffffffffffff);
        EXPECT_EQ(mmu_riscv_start(&rq, &s).kind, MMU_START_BARE);
    }
    for (uint8_t mode : paged) {
        const mmu_rq_t rq = request(mode, MMU_PRIV_M, MMU_ACC_FETCH, 0x00ffffffffffffff);
        EXPECT_EQ(mmu_riscv_start(&rq, &s).kind, MMU_START_BARE);
    }
}

TEST(riscv_start, a_bare_address_beyond_56_bits_is_an_access_fault)
{
    const mmu_slow_t s = slow(false);
    for (uint8_t mode : {MMU_MODE_BARE, MMU_MODE_SV39}) {
        const mmu_rq_t rq = request(mode, MMU_PRIV_M, MMU_ACC_LOAD, 0x0100000000000000);
        const mmu_start_t start = mmu_riscv_start(&rq, &s);
        EXPECT_EQ(start.kind, MMU_START_FAULT);
        EXPECT_EQ(start.fault, MMU_FAULT_ACCESS);
    }
}

TEST(riscv_start, an_address_with_unequal_upper_bits_is_a_page_fault)
{
    const mmu_slow_t s = slow(false);
    for (uint8_t mode : {MMU_MODE_SV39, MMU_MODE_SV48, MMU_MODE_SV57}) {
        const unsigned sign = level_lg(mode, levels(mode)) - 1;
        const uint64_t low = (uint64_t(1) << sign) - 1, high = ~low;
        for (uint64_t va : {uint64_t(0), low, high, ~uint64_t(0)}) {
            const mmu_rq_t rq = request(mode, MMU_PRIV_S, MMU_ACC_LOAD, va);
            EXPECT_EQ(mmu_riscv_start(&rq, &s).kind, MMU_START_WALK) << std::hex << va;
        }
        for (unsigned bit = sign; bit < 64; bit++)
            for (uint64_t base : {uint64_t(0x1234), high | 0x5678}) {
                const mmu_rq_t rq = request(mode, MMU_PRIV_U, MMU_ACC_STORE, base ^ (uint64_t(1) << bit));
                const mmu_start_t start = mmu_riscv_start(&rq, &s);
                EXPECT_EQ(start.kind, MMU_START_FAULT) << std::hex << rq.va;
                EXPECT_EQ(start.fault, MMU_FAULT_PAGE);
            }
    }
}

TEST(riscv_start, sv32_looks_at_the_lower_32_bits_only)
{
    const mmu_slow_t s = slow(false);
    for (uint64_t va : {uint64_t(0x80000000), uint64_t(0xffffffff80000000), uint64_t(0x1234567800000000)}) {
        const mmu_rq_t rq = request(MMU_MODE_SV32, MMU_PRIV_S, MMU_ACC_LOAD, va);
        EXPECT_EQ(mmu_riscv_start(&rq, &s).kind, MMU_START_WALK);
    }
    const mmu_rq_t rq = request(MMU_MODE_SV32, MMU_PRIV_S, MMU_ACC_LOAD, 0xffffffff'00403004, 0x80);
    EXPECT_EQ(mmu_riscv_addr(&rq, mmu_pos_make(1, false, 0x80 << 3)).addr, 0x80000u + 1 * 4);
    EXPECT_EQ(mmu_riscv_addr(&rq, mmu_pos_make(0, false, 0x80 << 3)).addr, 0x80000u + 3 * 4);
}

TEST(riscv_start, a_walk_begins_at_the_root_table)
{
    const mmu_slow_t s = slow(false);
    for (uint8_t mode : paged) {
        const mmu_rq_t rq = request(mode, MMU_PRIV_S, MMU_ACC_LOAD, 0, 0xfffffffffff);
        EXPECT_EQ(mmu_riscv_start(&rq, &s).pos,
                  mmu_pos_make(levels(mode) - 1, false, uint64_t(0xfffffffffff) << 3));
    }
}

// ---- addr: FMT-4 ---------------------------------------------------------------------------------------

TEST(riscv_addr, each_level_is_indexed_by_its_own_part_of_the_address)
{
    for (uint8_t mode : paged)
        for (unsigned level = 0; level < levels(mode); level++) {
            const uint64_t index = mode == MMU_MODE_SV32 ? 0x2a5 : 0x155;
            // All other bits of the address are ones, so that a shift or mask that is off by one shows.
            const uint64_t field = ((uint64_t(1) << vpn_bits(mode)) - 1) << level_lg(mode, level);
            const mmu_rq_t rq = request(mode, MMU_PRIV_S, MMU_ACC_LOAD,
                                        (~uint64_t(0) & ~field) | index << level_lg(mode, level));
            const mmu_addr_t at = mmu_riscv_addr(&rq, mmu_pos_make(level, true, 0x123458));
            EXPECT_EQ(at.wide, mode != MMU_MODE_SV32);
            EXPECT_EQ(at.addr, (uint64_t(0x123458) << 9) + index * (mode == MMU_MODE_SV32 ? 4 : 8));
        }
}

TEST(riscv_addr, an_address_has_56_bits)
{
    const mmu_rq_t rq = request(MMU_MODE_SV39, MMU_PRIV_S, MMU_ACC_LOAD, ~uint64_t(0));
    EXPECT_EQ(mmu_riscv_addr(&rq, mmu_pos_make(0, false, uint64_t(0xfffffffffff) << 3)).addr,
              0xfffffffffffff8);
}

// ---- step, any entry: FMT-5 ----------------------------------------------------------------------------

TEST(riscv_step, v_clear_faults_whatever_else_is_set)
{
    for (unsigned level = 0; level < 3; level++) {
        expect_fault(load(0, level), MMU_RULE_INVALID);
        expect_fault(load(~V, level), MMU_RULE_INVALID);
        expect_fault(load(R | A, level), MMU_RULE_INVALID);
    }
}

TEST(riscv_step, w_without_r_faults_with_and_without_x)
{
    expect_fault(load(V | W | A | D), MMU_RULE_W_WITHOUT_R);
    expect_fault(load(V | W | X | A | D), MMU_RULE_W_WITHOUT_R);
    expect_fault(load(V | W, 2), MMU_RULE_W_WITHOUT_R);
}

TEST(riscv_step, each_reserved_bit_faults_in_leaf_and_pointer)
{
    for (unsigned bit = 54; bit <= 60; bit++) {
        expect_fault(load(V | R | A | uint64_t(1) << bit), MMU_RULE_RESERVED);
        expect_fault(load(V | uint64_t(1) << bit, 1), MMU_RULE_RESERVED);
    }
}

TEST(riscv_step, n_and_pbmt_are_reserved_while_their_extensions_are_off)
{
    expect_fault(load(N | pte(8, V | R | A), 0, slow(true, true, false)), MMU_RULE_N_DISABLED);
    expect_fault(load(pbmt(1) | V | R | A, 0, slow(true, false, true)), MMU_RULE_PBMT_DISABLED);
    expect_fault(load(pbmt(3) | V | R | A, 0, slow(true, false, true)), MMU_RULE_PBMT_DISABLED);
    expect_fault(load(pbmt(3) | V | R | A), MMU_RULE_PBMT_RESERVED);
    EXPECT_EQ(load(N | pte(8, V | R | A)).kind, MMU_STEP_LEAF);
    EXPECT_EQ(load(pbmt(1) | V | R | A).kind, MMU_STEP_LEAF);
}

TEST(riscv_step, software_bits_do_not_matter)
{
    EXPECT_EQ(load(V | R | A | 3 << 8).entry, load(V | R | A).entry);
    EXPECT_EQ(load(V | 3 << 8, 1).pos, load(V, 1).pos);
}

TEST(riscv_step, sv32_takes_the_lower_32_bits_of_a_word)
{
    const mmu_rq_t rq = request(MMU_MODE_SV32, MMU_PRIV_S, MMU_ACC_LOAD, 0);
    const mmu_slow_t s = slow(true);
    const uint64_t word = 0xfffffc00 | V | R;
    const mmu_step_t step = mmu_riscv_step(&rq, &s, mmu_pos_make(0, false, 0), word | 0xfedcba9800000000);
    EXPECT_EQ(step.kind, MMU_STEP_NEED_AD);
    EXPECT_EQ(step.new_word, word | A);
    EXPECT_EQ(mmu_entry_ppn(step.entry), uint64_t(0x3fffff) << 3);
    EXPECT_EQ(mmu_entry_mt(step.entry), 0);
}

// ---- step, pointer: FMT-6, FMT-7 -----------------------------------------------------------------------

TEST(riscv_step, a_pointer_leads_one_level_down_and_tells_what_it_covers)
{
    const mmu_slow_t s = slow(false);
    for (uint8_t mode : paged)
        for (unsigned level = 1; level < levels(mode); level++) {
            const mmu_rq_t rq = request(mode, MMU_PRIV_U, MMU_ACC_STORE, 0);
            const uint64_t frame = mode == MMU_MODE_SV32 ? 0x3fffff : 0xfffffffffff;
            const mmu_step_t step = mmu_riscv_step(&rq, &s, mmu_pos_make(level, false, 0), pte(frame, V));
            EXPECT_EQ(step.kind, MMU_STEP_READ);
            EXPECT_EQ(step.rule, MMU_RULE_POINTER);
            EXPECT_EQ(step.lg, level_lg(mode, level));
            EXPECT_EQ(step.pos, mmu_pos_make(level - 1, false, frame << 3));
        }
}

TEST(riscv_step, sv39_pointers_cover_1_gib_and_2_mib)
{
    EXPECT_EQ(load(V, 2).lg, 30);
    EXPECT_EQ(load(V, 1).lg, 21);
}

TEST(riscv_step, a_pointer_with_leaf_bits_faults)
{
    for (uint64_t bits : {A, D, U, N, pbmt(1), pbmt(2)})
        expect_fault(load(V | bits, 1), MMU_RULE_POINTER_BITS);
    expect_fault(load(V | A, 0), MMU_RULE_POINTER_BITS);
}

TEST(riscv_step, a_pointer_at_level_0_faults)
{
    expect_fault(load(V, 0), MMU_RULE_POINTER_LEVEL0);
    expect_fault(load(V | G, 0), MMU_RULE_POINTER_LEVEL0);
}

TEST(riscv_step, global_is_inherited_from_any_pointer)
{
    const mmu_rq_t rq = request(MMU_MODE_SV39, MMU_PRIV_S, MMU_ACC_LOAD, 0);
    const mmu_slow_t s = slow(false);
    for (bool above : {false, true})
        for (uint64_t own : {uint64_t(0), G}) {
            const mmu_step_t pointer = mmu_riscv_step(&rq, &s, mmu_pos_make(1, above, 0), V | own);
            const mmu_step_t leaf = mmu_riscv_step(&rq, &s, mmu_pos_make(0, above, 0), V | R | A | own);
            EXPECT_EQ((pointer.pos & MMU_POS_G) != 0, above || own != 0);
            EXPECT_EQ(mmu_entry_g(leaf.entry), above || own != 0);
        }
}

// ---- step, leaf: FMT-8 and FMT-13 ----------------------------------------------------------------------

// The rights as a table in words, to set against the model: what the rule says, no cleverness.
bool allowed(unsigned acc, unsigned prv, bool sum, bool mxr, uint64_t flags)
{
    bool right = acc == MMU_ACC_FETCH   ? (flags & X) != 0
                 : acc == MMU_ACC_STORE ? (flags & W) != 0
                                        : (flags & R) != 0 || (mxr && (flags & X) != 0);
    if (prv == MMU_PRIV_U)
        return right && (flags & U) != 0;
    if ((flags & U) != 0)
        return right && acc != MMU_ACC_FETCH && sum;
    return right;
}

TEST(riscv_step, rights_for_every_access_privilege_and_flag)
{
    unsigned granted = 0, refused = 0;
    for (unsigned flags = 0; flags < 256; flags += 2)
        for (unsigned acc = 0; acc < 3; acc++)
            for (unsigned prv = 0; prv < 2; prv++)
                for (unsigned regs = 0; regs < 8; regs++) {
                    if ((flags & (R | W | X)) == 0 || (flags & (R | W)) == W)
                        continue; // no leaf
                    mmu_rq_t rq = request(MMU_MODE_SV39, uint8_t(prv), uint8_t(acc), 0);
                    rq.ctx.sum = (regs & 1) != 0;
                    rq.ctx.mxr = (regs & 2) != 0;
                    const mmu_slow_t s = slow((regs & 4) != 0);
                    const mmu_step_t step = mmu_riscv_step(&rq, &s, mmu_pos_make(0, false, 0), V | flags);
                    const bool ok = allowed(acc, prv, rq.ctx.sum, rq.ctx.mxr, flags);
                    const uint64_t need = A | (acc == MMU_ACC_STORE ? D : 0);
                    const bool ad = (flags & need) == need;

                    if (!ok) {
                        EXPECT_EQ(step.kind, MMU_STEP_FAULT);
                        EXPECT_GE(step.rule, MMU_RULE_NO_X);
                        EXPECT_LE(step.rule, MMU_RULE_S_PAGE);
                        refused++;
                    } else {
                        EXPECT_EQ(step.kind, ad ? MMU_STEP_LEAF : s.adue ? MMU_STEP_NEED_AD : MMU_STEP_FAULT);
                        granted++;
                    }
                    // FMT-13: a held entry is judged alike, and A and D must be there.
                    const mmu_entry_t entry = uint64_t(flags) << 52 | uint64_t(12) << MMU_ENTRY_LG_SHIFT;
                    EXPECT_EQ(mmu_riscv_perm(&rq, entry), ok && ad);
                }
    EXPECT_GT(granted, 500u);
    EXPECT_GT(refused, 500u);
}

TEST(riscv_step, a_refused_right_is_named)
{
    const mmu_slow_t s = slow(true);
    auto rule = [&](uint8_t prv, uint8_t acc, uint64_t flags) {
        const mmu_rq_t rq = request(MMU_MODE_SV39, prv, acc, 0);
        return mmu_riscv_step(&rq, &s, mmu_pos_make(0, false, 0), V | A | D | flags).rule;
    };
    EXPECT_EQ(rule(MMU_PRIV_S, MMU_ACC_FETCH, R | W), MMU_RULE_NO_X);
    EXPECT_EQ(rule(MMU_PRIV_S, MMU_ACC_LOAD, X), MMU_RULE_NO_R);
    EXPECT_EQ(rule(MMU_PRIV_S, MMU_ACC_STORE, R | X), MMU_RULE_NO_W);
    EXPECT_EQ(rule(MMU_PRIV_S, MMU_ACC_LOAD, R | U), MMU_RULE_U_PAGE);
    EXPECT_EQ(rule(MMU_PRIV_U, MMU_ACC_LOAD, R), MMU_RULE_S_PAGE);
}

// ---- step, leaf: FMT-9, FMT-12 -------------------------------------------------------------------------

TEST(riscv_step, each_low_frame_bit_of_a_superpage_is_checked)
{
    const mmu_slow_t s = slow(true);
    for (uint8_t mode : paged)
        for (unsigned level = 0; level < levels(mode); level++)
            for (unsigned bit = 0; bit < (mode == MMU_MODE_SV32 ? 22 : 44); bit++) {
                const mmu_rq_t rq = request(mode, MMU_PRIV_S, MMU_ACC_LOAD, 0);
                const mmu_step_t step = mmu_riscv_step(&rq, &s, mmu_pos_make(level, false, 0),
                                                       pte(uint64_t(1) << bit, V | R | A));
                if (bit < vpn_bits(mode) * level) {
                    expect_fault(step, MMU_RULE_MISALIGNED);
                } else {
                    EXPECT_EQ(step.kind, MMU_STEP_LEAF);
                    EXPECT_EQ(mmu_entry_ppn(step.entry), uint64_t(8) << bit);
                    EXPECT_EQ(mmu_entry_lg(step.entry), level_lg(mode, level));
                }
            }
}

TEST(riscv_step, only_the_64_kib_pattern_of_napot_is_a_page)
{
    for (unsigned pattern = 0; pattern < 16; pattern++) {
        const mmu_step_t step = load(N | pte(0xabc0 | pattern, V | R | A));
        if (pattern != 8) {
            expect_fault(step, MMU_RULE_NAPOT);
        } else {
            EXPECT_EQ(step.kind, MMU_STEP_LEAF);
            EXPECT_EQ(mmu_entry_lg(step.entry), 16);
            EXPECT_EQ(mmu_entry_ppn(step.entry), uint64_t(0xabc0) << 3);
            EXPECT_EQ(mmu_entry_pa(step.entry, 0xfffff'1234'5678), 0xabc'5678u);
        }
    }
}

TEST(riscv_step, napot_above_level_0_faults)
{
    expect_fault(load(N | pte(uint64_t(1) << 18, V | R | A), 1), MMU_RULE_NAPOT);
    expect_fault(load(N | pte(uint64_t(1) << 18, V | R | A), 2), MMU_RULE_NAPOT);
}

TEST(riscv_step, the_memory_type_reaches_the_entry)
{
    for (unsigned type = 0; type < 3; type++)
        EXPECT_EQ(mmu_entry_mt(load(pbmt(type) | V | R | A).entry), type);
}

TEST(riscv_step, an_entry_holds_the_flags_of_its_word)
{
    const mmu_entry_t entry = load(pte(5, V | R | X | A)).entry;
    EXPECT_EQ(entry, MMU_ENTRY_R | MMU_ENTRY_X | MMU_ENTRY_A | uint64_t(12) << MMU_ENTRY_LG_SHIFT | 5 << 3);
}

// ---- step, A and D: FMT-10, FMT-11 ---------------------------------------------------------------------

TEST(riscv_step, a_and_d_are_set_by_hardware_with_svadu_and_fault_with_svade)
{
    for (unsigned level = 0; level < 3; level++)
        for (uint64_t ad : {uint64_t(0), A, D, A | D})
            for (uint8_t acc : {MMU_ACC_FETCH, MMU_ACC_LOAD, MMU_ACC_STORE}) {
                const mmu_rq_t rq = request(MMU_MODE_SV39, MMU_PRIV_S, acc, 0);
                const uint64_t word = pte(0x40000, V | R | W | X | ad | 1 << 8);
                const uint64_t need = A | (acc == MMU_ACC_STORE ? D : 0);
                const mmu_slow_t svadu = slow(true), svade = slow(false);
                const mmu_step_t set = mmu_riscv_step(&rq, &svadu, mmu_pos_make(level, false, 0), word);
                const mmu_step_t fault = mmu_riscv_step(&rq, &svade, mmu_pos_make(level, false, 0), word);

                if ((ad & need) == need) {
                    EXPECT_EQ(set.kind, MMU_STEP_LEAF);
                    EXPECT_EQ(fault.kind, MMU_STEP_LEAF);
                    EXPECT_EQ((set.entry & MMU_ENTRY_D) != 0, (ad & D) != 0);
                } else {
                    expect_fault(fault, MMU_RULE_AD_CLEAR);
                    EXPECT_EQ(set.kind, MMU_STEP_NEED_AD);
                    EXPECT_EQ(set.rule, MMU_RULE_AD_UPDATE);
                    EXPECT_EQ(set.new_word, word | need);
                    EXPECT_EQ((set.entry & MMU_ENTRY_A) != 0, true);
                    EXPECT_EQ((set.entry & MMU_ENTRY_D) != 0, ((ad | need) & D) != 0);
                    // What was written is a leaf like any other.
                    const mmu_step_t again =
                        mmu_riscv_step(&rq, &svadu, mmu_pos_make(level, false, 0), set.new_word);
                    EXPECT_EQ(again.kind, MMU_STEP_LEAF);
                    EXPECT_EQ(again.entry, set.entry);
                }
            }
}

TEST(riscv_step, the_first_rule_in_order_is_named)
{
    // One word that breaks them all, mended rule by rule.
    const mmu_rq_t rq = request(MMU_MODE_SV39, MMU_PRIV_U, MMU_ACC_STORE, 0);
    mmu_slow_t s = slow(false);
    uint64_t word = N | pbmt(3) | uint64_t(1) << 54 | pte(1, W);
    auto next = [&] { return mmu_riscv_step(&rq, &s, mmu_pos_make(1, false, 0), word).rule; };

    EXPECT_EQ(next(), MMU_RULE_INVALID);
    word |= V;
    EXPECT_EQ(next(), MMU_RULE_W_WITHOUT_R);
    word = (word & ~W) | R;
    EXPECT_EQ(next(), MMU_RULE_RESERVED);
    word &= ~(uint64_t(1) << 54);
    EXPECT_EQ(next(), MMU_RULE_N_DISABLED);
    s.svnapot = true;
    EXPECT_EQ(next(), MMU_RULE_PBMT_DISABLED);
    s.pbmte = true;
    EXPECT_EQ(next(), MMU_RULE_PBMT_RESERVED);
    word &= ~pbmt(1);
    EXPECT_EQ(next(), MMU_RULE_NO_W);
    word |= W;
    EXPECT_EQ(next(), MMU_RULE_S_PAGE);
    word |= U;
    EXPECT_EQ(next(), MMU_RULE_MISALIGNED);
    word &= ~pte(1, 0);
    EXPECT_EQ(next(), MMU_RULE_NAPOT);
    word &= ~N;
    EXPECT_EQ(next(), MMU_RULE_AD_CLEAR);
    s.adue = true;
    EXPECT_EQ(next(), MMU_RULE_AD_UPDATE);
    word |= A | D;
    EXPECT_EQ(next(), MMU_RULE_LEAF);
}

// ---- cause: FMT-14 -------------------------------------------------------------------------------------

TEST(riscv_cause, faults_have_the_numbers_of_mcause)
{
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_PAGE, MMU_ACC_FETCH), 12);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_PAGE, MMU_ACC_LOAD), 13);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_PAGE, MMU_ACC_STORE), 15);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_ACCESS, MMU_ACC_FETCH), 1);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_ACCESS, MMU_ACC_LOAD), 5);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_ACCESS, MMU_ACC_STORE), 7);
    EXPECT_EQ(mmu_riscv_cause(MMU_FAULT_NONE, MMU_ACC_LOAD), 0);
}

TEST(riscv_rules, every_rule_has_a_text_that_cites_its_place)
{
    for (unsigned rule = 0; rule < MMU_RULES; rule++) {
        const std::string text = mmu_rule_text(rule);
        EXPECT_TRUE(text.find("(FMT-") != std::string::npos || text.find("(GST-") != std::string::npos)
            << text;
        EXPECT_NE(text.find("Priv "), std::string::npos) << text;
    }
    EXPECT_STREQ(mmu_rule_text(MMU_RULES), "no such rule");
}

// A step is a function of what it is given: unused fields of a result are zero, so that results compare.
TEST(riscv_step, unused_fields_of_a_result_are_zero)
{
    std::mt19937_64 random(1);
    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t word = random() & ((random() & 1) != 0 ? 0x00000000000fffff : ~uint64_t(0)) & ~W;
        const mmu_step_t step = load(word, unsigned(random() % 3));
        if (step.kind != MMU_STEP_FAULT) {
            EXPECT_EQ(step.fault, MMU_FAULT_NONE);
        }
        if (step.kind != MMU_STEP_READ) {
            EXPECT_TRUE(step.lg == 0 && step.pos == 0);
        }
        if (step.kind == MMU_STEP_READ || step.kind == MMU_STEP_FAULT) {
            EXPECT_EQ(step.entry, 0u);
        }
        if (step.kind != MMU_STEP_NEED_AD) {
            EXPECT_EQ(step.new_word, 0u);
        }
    }
}

} // namespace
