// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Walks and accesses of the architectural model under physical memory protection (PMP-3, L1-14, WALK-12).
#include "memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

using namespace riscv;
using namespace memory;

namespace
{

constexpr uint8_t RWX = MMU_PMP_R | MMU_PMP_W | MMU_PMP_X, NA4 = MMU_PMP_NA4 << 3, NAPOT = MMU_PMP_NAPOT << 3;
constexpr uint64_t page = 0x1234000; // where three_levels maps va

// Registers: the last entry allows all that those before do not forbid.
struct Pmp {
    mmu_pmp_file_t file;
    Pmp()
    {
        mmu_pmp_reset(&file, 16);
        mmu_pmp_write(&file, 15, RWX | NAPOT, MMU_PMP_ADDR_MASK, MMU_SEC_RLB);
    }
    Pmp &four(unsigned i, uint8_t rights, uint64_t addr) // 4 bytes
    {
        mmu_pmp_write(&file, i, rights | NA4, addr >> 2, MMU_SEC_RLB);
        return *this;
    }
    Pmp &eight(unsigned i, uint8_t rights, uint64_t addr)
    {
        mmu_pmp_write(&file, i, rights | NAPOT, addr >> 2, MMU_SEC_RLB);
        return *this;
    }
};

// With and without a trail: the answer must be the same, and so must what memory saw.
mmu_arch_result_t translate(Memory &m, const Pmp &pmp, const mmu_rq_t &rq, mmu_slow_t s,
                            mmu_arch_trail_t *trail)
{
    Memory again = m;
    const mmu_arch_mem_t mem = m.port(), mem2 = again.port();
    mmu_arch_result_t out, without;
    memset(&out, 0xa5, sizeof out);
    memset(&without, 0x5a, sizeof without);
    mmu_arch_translate_pmp(&mem, &pmp.file, &rq, &s, &out, trail);
    mmu_arch_translate_pmp(&mem2, &pmp.file, &rq, &s, &without, nullptr);
    EXPECT_TRUE(out.pa == without.pa && out.tval == without.tval && out.entry == without.entry &&
                out.fault == without.fault && out.cause == without.cause && out.lg == without.lg &&
                out.mt == without.mt);
    EXPECT_EQ(m.reads, again.reads);
    EXPECT_EQ(m.writes, again.writes);
    EXPECT_EQ(m.word, again.word);
    return out;
}

void expect_denied(const mmu_trail_step_t &s, mmu_trail_op_e op, uint64_t addr, mmu_pmp_verdict_e verdict,
                   int entry)
{
    EXPECT_TRUE(s.denied);
    EXPECT_EQ(s.op, op);
    EXPECT_EQ(s.addr, addr);
    EXPECT_EQ(s.pmp.verdict, verdict);
    EXPECT_EQ(s.pmp.entry, entry);
}

TEST(translate_pmp, an_entry_that_may_not_be_read_is_never_read)
{
    const uint64_t at[] = {at2, at1, at0};
    const struct {
        uint8_t acc, cause;
    } kinds[] = {{MMU_ACC_FETCH, 1}, {MMU_ACC_LOAD, 5}, {MMU_ACC_STORE, 7}};
    for (unsigned n = 0; n < 3; n++)
        for (const auto &kind : kinds) {
            Memory m = three_levels(R | W | X | A | D);
            mmu_arch_trail_t trail;
            const mmu_arch_result_t out = translate(m, Pmp().eight(4, MMU_PMP_W | MMU_PMP_X, at[n]),
                                                    sv39(kind.acc), slow(true), &trail);
            expect_fault(out, MMU_FAULT_ACCESS, kind.cause, va);
            EXPECT_EQ(m.reads, std::vector<uint64_t>(at, at + n));
            ASSERT_EQ(trail.count, n + 1);
            expect_denied(trail.step[n], MMU_TRAIL_READ, at[n], MMU_PMP_NO_RIGHT, 4);
            EXPECT_EQ(trail.step[n].level, 2 - n);
        }
}

TEST(translate_pmp, entries_are_read_with_their_own_width)
{
    // R for half of the 8 bytes, from either side, is a partial match…
    for (uint64_t half : {0, 4}) {
        Memory m = three_levels(R | A);
        mmu_arch_trail_t trail;
        const mmu_arch_result_t out =
            translate(m, Pmp().four(3, RWX, at1 + half), sv39(MMU_ACC_LOAD), slow(true), &trail);
        expect_fault(out, MMU_FAULT_ACCESS, 5, va);
        ASSERT_EQ(trail.count, 2u);
        expect_denied(trail.step[1], MMU_TRAIL_READ, at1, MMU_PMP_PARTIAL, 3);
        EXPECT_EQ(m.reads, std::vector<uint64_t>{at2});
    }
    // …but an entry of Sv32 is 4 bytes.
    Memory m;
    mmu_arch_trail_t trail;
    m.wide = false;
    m.word[ram_base + 4] = pte(0x40000, V | R | A);
    const mmu_rq_t rq = request(MMU_MODE_SV32, MMU_PRIV_S, MMU_ACC_LOAD, 0x400123, root);
    mmu_arch_result_t out = translate(m, Pmp().four(3, MMU_PMP_R, ram_base + 4), rq, slow(true), &trail);
    EXPECT_EQ(out.pa, 0x40000123u);
    EXPECT_EQ(trail.step[0].pmp.entry, 3);
    out = translate(m, Pmp().four(3, 0, ram_base).four(4, 0, ram_base + 8), rq, slow(true), &trail);
    EXPECT_EQ(out.pa, 0x40000123u);
    out = translate(m, Pmp().four(3, 0, ram_base + 4), rq, slow(true), &trail);
    expect_fault(out, MMU_FAULT_ACCESS, 5, 0x400123);
}

TEST(translate_pmp, a_walk_is_judged_as_s_whoever_asks)
{
    // U's rights are S's; where nothing matches the tables, U's walk is denied as S's is.
    mmu_pmp_file_t only_page;
    mmu_pmp_reset(&only_page, 16);
    mmu_pmp_write(&only_page, 0, RWX | NAPOT, page >> 2 | 0x1ff, MMU_SEC_RLB);
    for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S}) {
        Memory m = three_levels(R | U | A);
        Pmp pmp;
        mmu_arch_trail_t trail;
        pmp.file = only_page;
        mmu_rq_t rq = request(MMU_MODE_SV39, prv, MMU_ACC_LOAD, va, root);
        rq.ctx.sum = true;
        expect_fault(translate(m, pmp, rq, slow(true), &trail), MMU_FAULT_ACCESS, 5, va);
        ASSERT_EQ(trail.count, 1u);
        expect_denied(trail.step[0], MMU_TRAIL_READ, at2, MMU_PMP_NO_MATCH, MMU_PMP_NO_ENTRY);
        EXPECT_TRUE(m.reads.empty());
    }
}

TEST(translate_pmp, a_fetch_reads_its_entries_as_loads)
{
    // X alone does not let a fetch's walk read; R alone does, and the page needs X alone.
    Memory m = three_levels(X | A);
    mmu_arch_trail_t trail;
    Pmp good = Pmp().eight(1, MMU_PMP_R, at2).eight(2, MMU_PMP_R, at1).eight(3, MMU_PMP_R, at0);
    mmu_pmp_write(&good.file, 4, MMU_PMP_X | NAPOT, page >> 2 | 0x1ff, MMU_SEC_RLB);
    EXPECT_EQ(translate(m, good, sv39(MMU_ACC_FETCH), slow(true), &trail).pa, page + 0x123);
    const Pmp bad = Pmp().eight(1, MMU_PMP_X, at2);
    expect_fault(translate(m, bad, sv39(MMU_ACC_FETCH), slow(true), &trail), MMU_FAULT_ACCESS, 1, va);
}

TEST(translate_pmp, a_word_that_may_not_be_written_keeps_a_and_d_clear)
{
    for (uint8_t acc : {MMU_ACC_LOAD, MMU_ACC_STORE}) {
        Memory m = three_levels(R | W);
        const uint64_t before = m.word[at0];
        mmu_arch_trail_t trail;
        const mmu_arch_result_t out =
            translate(m, Pmp().eight(0, MMU_PMP_R, at0), sv39(acc), slow(true), &trail);
        expect_fault(out, MMU_FAULT_ACCESS, acc == MMU_ACC_LOAD ? 5 : 7, va);
        EXPECT_EQ(m.word[at0], before);
        EXPECT_TRUE(m.writes.empty());
        ASSERT_EQ(trail.count, 4u);
        EXPECT_EQ(trail.step[2].rule, MMU_RULE_AD_UPDATE);
        expect_denied(trail.step[3], MMU_TRAIL_CAS, at0, MMU_PMP_NO_RIGHT, 0);
    }
    // With nothing to be written the right to write is not needed.
    Memory m = three_levels(R | A);
    mmu_arch_trail_t trail;
    EXPECT_EQ(translate(m, Pmp().eight(0, MMU_PMP_R, at0), sv39(MMU_ACC_LOAD), slow(true), &trail).pa,
              page + 0x123);
    // Software's A and D: a page fault, for which no right is asked.
    m = three_levels(R);
    expect_fault(translate(m, Pmp().eight(0, MMU_PMP_R, at0), sv39(MMU_ACC_LOAD), slow(false), &trail),
                 MMU_FAULT_PAGE, 13, va);
}

TEST(translate_pmp, rights_of_the_page_come_before_the_update)
{
    // A store to a page without W is a page fault, though the update would be denied.
    Memory m = three_levels(R);
    mmu_arch_trail_t trail;
    expect_fault(translate(m, Pmp().eight(0, MMU_PMP_R, at0), sv39(MMU_ACC_STORE), slow(true), &trail),
                 MMU_FAULT_PAGE, 15, va);
}

TEST(translate_pmp, an_update_stays_when_the_access_itself_is_denied)
{
    Memory m = three_levels(R | W);
    Pmp pmp;
    mmu_arch_trail_t trail;
    mmu_pmp_write(&pmp.file, 6, MMU_PMP_R | NAPOT, page >> 2 | 0x1ff, MMU_SEC_RLB);
    const mmu_arch_result_t out = translate(m, pmp, sv39(MMU_ACC_STORE), slow(true), &trail);
    expect_fault(out, MMU_FAULT_ACCESS, 7, va);
    EXPECT_EQ(m.word[at0] & (A | D), A | D);
    ASSERT_EQ(trail.count, 5u);
    EXPECT_EQ(trail.step[3].op, MMU_TRAIL_CAS);
    EXPECT_FALSE(trail.step[3].denied);
    expect_denied(trail.step[4], MMU_TRAIL_FINAL, page + 0x123, MMU_PMP_NO_RIGHT, 6);
    // A load is allowed, and the trail says by whom.
    EXPECT_EQ(translate(m, pmp, sv39(MMU_ACC_LOAD), slow(true), &trail).pa, page + 0x123);
    ASSERT_EQ(trail.count, 4u);
    EXPECT_TRUE(trail.step[3].op == MMU_TRAIL_FINAL && !trail.step[3].denied);
    EXPECT_TRUE(trail.step[3].pmp.verdict == MMU_PMP_ALLOWED && trail.step[3].pmp.entry == 6);
    EXPECT_EQ(trail.step[0].pmp.entry, 15);
}

TEST(translate_pmp, the_access_is_judged_with_its_size)
{
    Memory m = three_levels(R | A);
    const Pmp pmp = Pmp().four(2, RWX, page + 0x120);
    mmu_arch_trail_t trail;
    for (uint8_t size = 0; size < 4; size++) {
        mmu_rq_t rq = sv39(MMU_ACC_LOAD, va - 3); // page + 0x120
        rq.size = size;
        const mmu_arch_result_t out = translate(m, pmp, rq, slow(true), &trail);
        if (size < 3) {
            EXPECT_EQ(out.pa, page + 0x120);
            EXPECT_TRUE(out.lg == 12 && mmu_entry_lg(out.entry) == 12);
        } else {
            expect_fault(out, MMU_FAULT_ACCESS, 5, va - 3);
            expect_denied(trail.step[3], MMU_TRAIL_FINAL, page + 0x120, MMU_PMP_PARTIAL, 2);
        }
    }
}

TEST(translate_pmp, bare_and_m_are_judged_too)
{
    const Pmp pmp = Pmp().four(2, MMU_PMP_R, 0x5000).four(3, MMU_PMP_R | MMU_PMP_L, 0x6000);
    Memory m;
    mmu_arch_trail_t trail;
    auto at = [&](uint8_t mode, uint8_t prv, uint8_t acc, uint64_t address, uint8_t size = 2) {
        mmu_rq_t rq = request(mode, prv, acc, address, root);
        rq.size = size;
        return translate(m, pmp, rq, slow(true), &trail);
    };
    expect_fault(at(MMU_MODE_BARE, MMU_PRIV_S, MMU_ACC_STORE, 0x5000), MMU_FAULT_ACCESS, 7, 0x5000);
    EXPECT_EQ(trail.start, MMU_START_BARE);
    ASSERT_EQ(trail.count, 1u);
    expect_denied(trail.step[0], MMU_TRAIL_FINAL, 0x5000, MMU_PMP_NO_RIGHT, 2);
    EXPECT_EQ(at(MMU_MODE_BARE, MMU_PRIV_S, MMU_ACC_LOAD, 0x5000).pa, 0x5000u);
    for (uint8_t mode : {MMU_MODE_BARE, MMU_MODE_SV39}) {
        EXPECT_EQ(at(mode, MMU_PRIV_M, MMU_ACC_STORE, 0x5000).pa, 0x5000u);
        expect_fault(at(mode, MMU_PRIV_M, MMU_ACC_STORE, 0x6000), MMU_FAULT_ACCESS, 7, 0x6000);
        EXPECT_EQ(at(mode, MMU_PRIV_M, MMU_ACC_LOAD, 0x6000).pa, 0x6000u);
        expect_fault(at(mode, MMU_PRIV_M, MMU_ACC_LOAD, 0x5000, 3), MMU_FAULT_ACCESS, 5, 0x5000); // partly
    }
    EXPECT_TRUE(m.reads.empty());
}

TEST(translate_pmp, faults_of_the_walk_come_before_the_access)
{
    Memory m = three_levels(R | A);
    Pmp pmp;
    mmu_arch_trail_t trail;
    mmu_pmp_write(&pmp.file, 0, NAPOT, page >> 2 | 0x1ff, MMU_SEC_RLB); // nothing
    expect_fault(translate(m, pmp, sv39(MMU_ACC_STORE), slow(true), &trail), MMU_FAULT_PAGE, 15, va);
    expect_fault(translate(m, pmp, sv39(MMU_ACC_LOAD, uint64_t(1) << 40), slow(true), &trail), MMU_FAULT_PAGE,
                 13, uint64_t(1) << 40);
    EXPECT_EQ(trail.count, 0u);
}

TEST(translate_pmp, a_swap_that_was_lost_may_be_made_again)
{
    Memory m = three_levels(R | W);
    const Pmp pmp = Pmp().eight(0, MMU_PMP_R | MMU_PMP_W, at0);
    mmu_arch_trail_t trail;
    m.meddle = {pte(0x1234, V | R | W | G)};
    EXPECT_EQ(translate(m, pmp, sv39(MMU_ACC_LOAD), slow(true), &trail).pa, page + 0x123);
    EXPECT_EQ(trail.count, 7u); // three reads, lost, judged again, written, the access
    EXPECT_EQ(m.word[at0], pte(0x1234, V | R | W | G | A));
}

TEST(translate_pmp, without_registers_or_entries_it_is_the_plain_translation)
{
    mmu_pmp_file_t none;
    mmu_pmp_reset(&none, 0);
    for (const mmu_pmp_file_t *pmp :
         {static_cast<const mmu_pmp_file_t *>(nullptr), static_cast<const mmu_pmp_file_t *>(&none)}) {
        Memory m = three_levels(R | W);
        const mmu_arch_mem_t mem = m.port();
        const mmu_rq_t rq = sv39(MMU_ACC_STORE);
        const mmu_slow_t s = slow(true);
        mmu_arch_result_t out;
        mmu_arch_trail_t trail;
        mmu_arch_translate_pmp(&mem, pmp, &rq, &s, &out, &trail);
        EXPECT_EQ(out.pa, page + 0x123);
        EXPECT_EQ(trail.count, pmp == nullptr ? 4u : 5u);
        for (unsigned i = 0; i < trail.count; i++)
            EXPECT_TRUE(!trail.step[i].denied && trail.step[i].pmp.entry == MMU_PMP_NO_ENTRY &&
                        trail.step[i].pmp.verdict == MMU_PMP_FREE);
    }
}

} // namespace
