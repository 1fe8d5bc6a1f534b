// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The architectural model on small page tables.
#include "memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

using namespace riscv;
using namespace memory;

namespace
{

mmu_arch_result_t translate(Memory &m, const mmu_rq_t &rq, mmu_slow_t s, mmu_arch_trail_t *trail = nullptr)
{
    const mmu_arch_mem_t mem = m.port();
    mmu_arch_result_t out;
    memset(&out, 0xa5, sizeof out);
    if (trail != nullptr)
        mmu_arch_translate_trail(&mem, &rq, &s, &out, trail);
    else
        mmu_arch_translate(&mem, &rq, &s, &out);
    return out;
}

TEST(translate, a_walk_reads_one_word_a_level_and_adds_the_offset)
{
    Memory m = three_levels(R | A);
    const mmu_arch_result_t out = translate(m, sv39(MMU_ACC_LOAD), slow(false));
    EXPECT_EQ(out.pa, 0x1234123u);
    EXPECT_EQ(out.lg, 12);
    EXPECT_EQ(out.mt, 0);
    EXPECT_TRUE(out.fault == 0 && out.cause == 0 && out.tval == 0);
    EXPECT_EQ(m.reads, (std::vector<uint64_t>{at2, at1, at0}));
    EXPECT_TRUE(m.writes.empty());
}

TEST(translate, superpages_end_the_walk_early)
{
    Memory m = three_levels(0);
    m.word[at1] = pbmt(2) | pte(0x40000000 >> 12, V | R | A);
    const mmu_arch_result_t out = translate(m, sv39(MMU_ACC_LOAD), slow(false, true));
    EXPECT_EQ(out.pa, 0x40000000u | (va & 0x1fffff));
    EXPECT_EQ(out.lg, 21);
    EXPECT_EQ(out.mt, 2);
    EXPECT_EQ(m.reads.size(), 2u);
}

TEST(translate, bare_answers_without_memory)
{
    Memory m;
    const mmu_arch_result_t out =
        translate(m, request(MMU_MODE_BARE, MMU_PRIV_S, MMU_ACC_STORE, 0x00fedcba98765432), slow(true));
    EXPECT_EQ(out.pa, 0x00fedcba98765432u);
    EXPECT_TRUE(out.lg == 0 && out.mt == 0 && out.fault == 0 && out.entry == 0 && out.tval == 0);
    EXPECT_TRUE(m.reads.empty());
}

TEST(translate, an_address_that_is_not_canonical_faults_without_memory)
{
    Memory m = three_levels(R | A);
    const uint64_t bad = va | uint64_t(1) << 39;
    expect_fault(translate(m, sv39(MMU_ACC_LOAD, bad), slow(true)), MMU_FAULT_PAGE, 13, bad);
    EXPECT_TRUE(m.reads.empty());
}

TEST(translate, a_table_outside_ram_is_an_access_fault_of_the_original_access)
{
    for (uint64_t at : {at2, at1}) {
        Memory m = three_levels(R | W | X | A | D);
        m.word[at] = pte(1, V);
        expect_fault(translate(m, sv39(MMU_ACC_FETCH), slow(true)), MMU_FAULT_ACCESS, 1, va);
        expect_fault(translate(m, sv39(MMU_ACC_LOAD), slow(true)), MMU_FAULT_ACCESS, 5, va);
        expect_fault(translate(m, sv39(MMU_ACC_STORE), slow(true)), MMU_FAULT_ACCESS, 7, va);
    }
    Memory m;
    mmu_rq_t rq = sv39(MMU_ACC_LOAD);
    rq.ctx.root = 1;
    expect_fault(translate(m, rq, slow(true)), MMU_FAULT_ACCESS, 5, va);
}

TEST(translate, the_final_address_may_be_anywhere)
{
    Memory m = three_levels(R | A);
    m.word[at0] = pte(0xfffffffffff, V | R | A);
    EXPECT_EQ(translate(m, sv39(MMU_ACC_LOAD), slow(false)).pa, 0xfffffffffff123u);
}

TEST(translate, svadu_writes_the_leaf_once_and_svade_faults)
{
    Memory m = three_levels(R | W);
    const uint64_t before = m.word[at0];
    expect_fault(translate(m, sv39(MMU_ACC_STORE), slow(false)), MMU_FAULT_PAGE, 15, va);
    EXPECT_EQ(m.word[at0], before);
    EXPECT_EQ(translate(m, sv39(MMU_ACC_LOAD), slow(true)).pa, 0x1234123u);
    EXPECT_EQ(m.word[at0], before | A);
    EXPECT_EQ(translate(m, sv39(MMU_ACC_STORE), slow(true)).pa, 0x1234123u);
    EXPECT_EQ(m.word[at0], before | A | D);
    EXPECT_EQ(translate(m, sv39(MMU_ACC_STORE), slow(true)).pa, 0x1234123u);
    EXPECT_EQ(m.writes, (std::vector<uint64_t>{at0, at0}));
}

TEST(translate, a_lost_compare_and_swap_judges_the_word_that_is_there)
{
    // Meanwhile the page went elsewhere: the answer is the new page, and its A bit is set.
    Memory moved = three_levels(R);
    moved.meddle = {pte(0x5678, V | R)};
    mmu_arch_trail_t trail;
    EXPECT_EQ(translate(moved, sv39(MMU_ACC_LOAD), slow(true), &trail).pa, 0x5678123u);
    EXPECT_EQ(moved.word[at0], pte(0x5678, V | R | A));
    EXPECT_EQ(trail.count, 6u);
    EXPECT_TRUE(trail.step[3].lost);
    EXPECT_EQ(trail.step[3].word, pte(0x5678, V | R));
    EXPECT_FALSE(trail.step[5].lost);

    // Meanwhile the page was taken away: a page fault, and nothing is written.
    Memory gone = three_levels(R);
    gone.meddle = {0};
    expect_fault(translate(gone, sv39(MMU_ACC_LOAD), slow(true)), MMU_FAULT_PAGE, 13, va);
    EXPECT_TRUE(gone.writes.empty());

    // Meanwhile somebody else set A: nothing is left to write.
    Memory done = three_levels(R);
    done.meddle = {pte(0x1234, V | R | A)};
    EXPECT_EQ(translate(done, sv39(MMU_ACC_LOAD), slow(true)).pa, 0x1234123u);
    EXPECT_TRUE(done.writes.empty());
}

TEST(translate, an_error_of_the_compare_and_swap_is_an_access_fault)
{
    Memory m = three_levels(R | W);
    m.cas_fails = true;
    expect_fault(translate(m, sv39(MMU_ACC_STORE), slow(true)), MMU_FAULT_ACCESS, 7, va);
}

TEST(translate, sv32_reads_and_writes_narrow_words)
{
    Memory m;
    m.wide = false;
    m.word[ram_base + 4] = pte((ram_base >> 12) + 1, V);
    m.word[ram_base + 0x1000 + 8] = pte(0x3fffff, V | R | W);
    const mmu_rq_t rq = request(MMU_MODE_SV32, MMU_PRIV_S, MMU_ACC_STORE, 1 << 22 | 2 << 12 | 0xabc, root);
    const mmu_arch_result_t out = translate(m, rq, slow(true));
    EXPECT_EQ(out.pa, 0x3fffffabcu);
    EXPECT_EQ(m.word[ram_base + 0x1000 + 8], pte(0x3fffff, V | R | W | A | D));
}

TEST(trail, tells_each_step_of_a_walk)
{
    Memory m = three_levels(R | W);
    mmu_arch_trail_t trail;
    translate(m, sv39(MMU_ACC_STORE), slow(true), &trail);
    ASSERT_EQ(trail.count, 4u);
    EXPECT_EQ(trail.start, MMU_START_WALK);
    const uint64_t at[] = {at2, at1, at0, at0};
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(trail.step[i].addr, at[i]);
        EXPECT_EQ(trail.step[i].level, i < 3 ? 2 - i : 0);
        EXPECT_TRUE(trail.step[i].wide);
        EXPECT_FALSE(trail.step[i].error);
        EXPECT_EQ(trail.step[i].op, i < 3 ? MMU_TRAIL_READ : MMU_TRAIL_CAS);
    }
    EXPECT_EQ(trail.step[0].rule, MMU_RULE_POINTER);
    EXPECT_EQ(trail.step[2].rule, MMU_RULE_AD_UPDATE);
    EXPECT_EQ(trail.step[2].kind, MMU_STEP_NEED_AD);
    EXPECT_EQ(trail.step[2].word, pte(0x1234, V | R | W));
    EXPECT_EQ(trail.step[3].new_word, pte(0x1234, V | R | W | A | D));
}

TEST(trail, ends_with_the_error_where_no_ram_is)
{
    Memory m = three_levels(R);
    m.word[at2] = pte(1, V);
    mmu_arch_trail_t trail;
    translate(m, sv39(MMU_ACC_LOAD), slow(true), &trail);
    ASSERT_EQ(trail.count, 2u);
    EXPECT_TRUE(trail.step[1].error);
    EXPECT_EQ(trail.step[1].addr, 0x1000u + 5 * 8);
}

TEST(trail, steps_beyond_its_room_are_counted_only)
{
    Memory m = three_levels(R);
    for (unsigned i = 0; i < 40; i++)
        m.meddle.push_back(pte(0x100 + i, V | R));
    mmu_arch_trail_t trail;
    EXPECT_EQ(translate(m, sv39(MMU_ACC_LOAD), slow(true), &trail).pa, 0x100123u);
    EXPECT_EQ(trail.count, 3u + 40 * 2 + 1);
    EXPECT_TRUE(trail.step[MMU_TRAIL_STEPS - 1].addr == at0);
}

TEST(trail, without_a_walk_the_start_tells_why)
{
    Memory m;
    mmu_arch_trail_t trail;
    translate(m, request(MMU_MODE_BARE, MMU_PRIV_S, MMU_ACC_LOAD, 0), slow(true), &trail);
    EXPECT_EQ(trail.start, MMU_START_BARE);
    EXPECT_EQ(trail.count, 0u);
    translate(m, sv39(MMU_ACC_LOAD, uint64_t(1) << 63), slow(true), &trail);
    EXPECT_EQ(trail.start, MMU_START_FAULT);
    EXPECT_EQ(trail.fault, MMU_FAULT_PAGE);
    EXPECT_EQ(trail.count, 0u);
}

} // namespace
