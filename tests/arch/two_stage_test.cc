// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Translation through both stages on the architectural model: which word is read and written when, what is
// protected, and which fault has which guest address (hypervisor extension; docs/microarchitecture.md, GST).
#include "memory.h"

#include <gtest/gtest.h>

#include <string>

using namespace memory;

namespace
{

constexpr uint64_t frame0 = ram_base >> 12;
constexpr uint64_t page = 0x1000;
// Pages of RAM: 0..3 the G stage's root, 4 its middle table, 5 its last; 6, 7, 8 the first stage's tables. Guest
// page i is page i of RAM; guest page 0x100 is frame 0x1234.
constexpr uint64_t g_last = ram_base + 5 * page;
constexpr uint64_t v2 = 6 * page + 3 * 8, v1 = 7 * page + 5 * 8,
                   v0 = 8 * page + 7 * 8; // guest addresses, of va
constexpr uint64_t all = R | W | X | U | A | D;

constexpr uint64_t g_at(uint64_t gpa)
{
    return g_last + (gpa >> 12) * 8;
}

Memory guest_tables(uint64_t flags = R | W | X | A | D, uint64_t g_flags = all)
{
    Memory m;
    m.word[ram_base] = pte(frame0 + 4, V);
    m.word[ram_base + 4 * page] = pte(frame0 + 5, V);
    for (uint64_t i = 0; i < 16; i++)
        m.word[g_last + i * 8] = pte(frame0 + i, V | g_flags);
    m.word[g_last + 0x100 * 8] = pte(0x1234, V | g_flags);
    m.word[ram_base + v2] = pte(7, V);
    m.word[ram_base + v1] = pte(8, V);
    m.word[ram_base + v0] = pte(0x100, V | flags);
    return m;
}

mmu_rq_t guest(uint8_t acc, uint64_t address = va)
{
    mmu_rq_t rq = request(MMU_MODE_SV39, MMU_PRIV_S, acc, address, 6);
    rq.ctx.v = true;
    rq.ctx.gmode = MMU_MODE_SV39;
    rq.ctx.groot = frame0;
    return rq;
}

mmu_slow_t svadu()
{
    mmu_slow_t s = slow(true, true, true);
    s.hadue = s.hpbmte = true;
    return s;
}

// With and without a trail, and by the sequence of accesses: one answer.
mmu_arch_result_t translate(Memory &m, const mmu_rq_t &rq, const mmu_slow_t &s,
                            mmu_arch_trail_t *trail = nullptr, const mmu_pmp_file_t *pmp = nullptr)
{
    Memory copy = m;
    const mmu_arch_mem_t port = m.port(), copy_port = copy.port();
    mmu_arch_result_t out, again;
    mmu_arch_trail_t own;
    mmu_arch_translate_pmp(&port, pmp, &rq, &s, &out, nullptr);
    mmu_arch_translate_pmp(&copy_port, pmp, &rq, &s, &again, trail != nullptr ? trail : &own);
    EXPECT_TRUE(out.pa == again.pa && out.tval == again.tval && out.gpa == again.gpa &&
                out.entry == again.entry && out.fault == again.fault && out.cause == again.cause &&
                out.lg == again.lg && out.mt == again.mt && out.imp == again.imp);
    EXPECT_EQ(m.word, copy.word);
    EXPECT_EQ(m.reads, copy.reads);
    EXPECT_EQ(m.writes, copy.writes);
    return out;
}

void expect_guest_fault(const mmu_arch_result_t &out, uint8_t cause, uint64_t gpa, uint8_t imp,
                        uint64_t tval = va)
{
    expect_fault(out, MMU_FAULT_GUEST, cause, tval);
    EXPECT_EQ(out.gpa, gpa);
    EXPECT_EQ(out.imp, imp);
}

// ---- the order of accesses ------------------------------------------------------------------------------------

TEST(two_stages, each_entry_is_found_through_the_g_stage_and_so_is_the_page)
{
    Memory m = guest_tables();
    const mmu_arch_result_t out = translate(m, guest(MMU_ACC_LOAD), svadu());
    std::vector<uint64_t> want;
    for (uint64_t gpa : {v2, v1, v0, uint64_t(0x100123)}) {
        want.insert(want.end(), {ram_base, ram_base + 4 * page, g_at(gpa)});
        if (gpa != 0x100123)
            want.push_back(ram_base + gpa);
    }
    EXPECT_EQ(m.reads, want);
    EXPECT_TRUE(m.writes.empty());
    EXPECT_EQ(out.pa, 0x1234123u);
    EXPECT_EQ(out.lg, 12);
}

TEST(two_stages, the_trail_tells_stage_purpose_and_guest_address)
{
    Memory m = guest_tables();
    mmu_arch_trail_t trail;
    translate(m, guest(MMU_ACC_LOAD), svadu(), &trail);
    ASSERT_EQ(trail.count, 15u);
    EXPECT_EQ(trail.start, MMU_START_WALK);
    for (unsigned i = 0; i < 15; i++) {
        const mmu_trail_step_t &s = trail.step[i];
        const uint64_t gpa[] = {v2, v1, v0, 0x100123};
        EXPECT_EQ(s.op, MMU_TRAIL_READ);
        EXPECT_EQ(s.gpa, gpa[i / 4]);
        EXPECT_EQ(s.stage, i % 4 == 3 ? 0 : 1);
        EXPECT_EQ(s.what, i % 4 == 3 ? MMU_G_NONE : i < 12 ? MMU_G_ENTRY : MMU_G_FINAL);
        EXPECT_EQ(s.level, i % 4 == 3 ? 2 - i / 4 : 2 - i % 4);
        EXPECT_EQ(s.word, m.word[s.addr]);
        EXPECT_EQ(s.rule, s.level == 0 ? MMU_RULE_LEAF : MMU_RULE_POINTER);
    }
}

TEST(two_stages, a_and_d_of_both_stages_are_set_in_order)
{
    Memory m = guest_tables(R | W, R | W | X | U);
    mmu_arch_trail_t trail;
    EXPECT_EQ(translate(m, guest(MMU_ACC_STORE), svadu(), &trail).pa, 0x1234123u);
    // The reads of entries set A; the write of an entry, D of its page; then the entry itself; then the page's.
    const std::vector<uint64_t> want = {g_at(v2), g_at(v1),      g_at(v0),
                                        g_at(v0), ram_base + v0, g_at(0x100000)};
    EXPECT_EQ(m.writes, want);
    EXPECT_EQ(m.word[g_at(v2)], pte(frame0 + 6, V | R | W | X | U | A));
    EXPECT_EQ(m.word[g_at(v0)], pte(frame0 + 8, V | R | W | X | U | A | D));
    EXPECT_EQ(m.word[ram_base + v0], pte(0x100, V | R | W | A | D));
    EXPECT_EQ(m.word[g_at(0x100000)], pte(0x1234, V | R | W | X | U | A | D));
    // 15 reads, 6 updates, and the G stage's three levels once more for the write of the entry.
    EXPECT_EQ(trail.count, 15u + 6 + 3);
    // Warm: nothing is left to do.
    m.writes.clear();
    EXPECT_EQ(translate(m, guest(MMU_ACC_STORE), svadu()).pa, 0x1234123u);
    EXPECT_TRUE(m.writes.empty());
}

TEST(two_stages, a_load_that_sets_a_dirties_the_page_of_the_table)
{
    Memory m = guest_tables(R, R | W | X | U | A);
    translate(m, guest(MMU_ACC_LOAD), svadu());
    EXPECT_EQ(m.writes, (std::vector<uint64_t>{g_at(v0), ram_base + v0}));
    EXPECT_EQ(m.word[g_at(v0)], pte(frame0 + 8, V | R | W | X | U | A | D));
    EXPECT_EQ(m.word[g_at(0x100000)], pte(0x1234, V | R | W | X | U | A)); // the page itself was only read
}

TEST(two_stages, svade_of_either_stage)
{
    mmu_slow_t s = svadu();
    Memory m = guest_tables(R | W, R | W | X | U | A);
    s.hadue = false;
    expect_fault(translate(m, guest(MMU_ACC_LOAD), s), MMU_FAULT_PAGE, 13, va);
    s.hadue = true;
    s.adue = false; // the entry's update needs D in the G stage
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD), s), 21, v0, 2);
    m.word[ram_base + v0] |= A | D;
    expect_guest_fault(translate(m, guest(MMU_ACC_STORE), s), 23, 0x100120, 0);
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), s).pa, 0x1234123u);
    m.word[g_at(v2)] &= ~A;
    expect_guest_fault(translate(m, guest(MMU_ACC_FETCH), s), 20, v2, 1);
    EXPECT_TRUE(m.writes.empty());
}

// ---- guest-page faults ----------------------------------------------------------------------------------------

TEST(two_stages, a_guest_page_fault_has_the_access_s_cause_and_the_refused_address)
{
    const uint8_t cause[] = {20, 21, 23, 21};
    for (uint8_t acc = 0; acc < 4; acc++) {
        for (uint64_t gpa : {v2, v1, v0}) {
            Memory m = guest_tables();
            m.word[g_at(gpa)] = 0;
            expect_guest_fault(translate(m, guest(acc), svadu()), cause[acc], gpa, 1);
        }
        Memory m = guest_tables();
        m.word[g_at(0x100000)] = 0;
        expect_guest_fault(translate(m, guest(acc), svadu()), cause[acc], 0x100120, 0);
        // The page's rights come before the G stage's.
        m.word[ram_base + v0] = 0;
        EXPECT_EQ(translate(m, guest(acc), svadu()).fault, MMU_FAULT_PAGE);
    }
}

TEST(two_stages, the_update_of_an_entry_needs_w_in_the_g_stage)
{
    Memory m = guest_tables(R | W, R | X | U | A);
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), 21, v0, 2);
    expect_guest_fault(translate(m, guest(MMU_ACC_STORE), svadu()), 23, v0, 2);
    EXPECT_TRUE(m.writes.empty());
}

TEST(two_stages, what_an_earlier_step_wrote_stays_when_a_later_one_faults)
{
    Memory m = guest_tables(R | W, R | W | X | U);
    m.word[g_at(0x100000)] = 0;
    expect_guest_fault(translate(m, guest(MMU_ACC_STORE), svadu()), 23, 0x100120, 0);
    EXPECT_EQ(m.word[ram_base + v0], pte(0x100, V | R | W | A | D));
    EXPECT_EQ(m.word[g_at(v0)], pte(frame0 + 8, V | R | W | X | U | A | D));
}

TEST(two_stages, a_guest_address_beyond_the_mode_faults_without_a_read)
{
    Memory m = guest_tables();
    const uint64_t beyond = uint64_t(1) << 41;
    mmu_rq_t rq = guest(MMU_ACC_LOAD);
    rq.ctx.root = (beyond >> 12) + 6;
    expect_guest_fault(translate(m, rq, svadu()), 21, beyond + v2, 1);
    EXPECT_TRUE(m.reads.empty());
    m.word[ram_base + v1] = pte((beyond >> 12) + 8, V); // a pointer
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), 21, beyond + v0, 1);
    m = guest_tables();
    m.word[ram_base + v0] = pte(beyond >> 12, V | R | A); // the page; its A/D first
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), 21, beyond + 0x120, 0);
    m.word[ram_base + v0] = pte(beyond >> 12, V | R);
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), 21, beyond + 0x120, 0);
    EXPECT_EQ(m.word[ram_base + v0], pte(beyond >> 12, V | R | A));
}

TEST(two_stages, mxr_never_helps_an_implicit_access)
{
    Memory m = guest_tables(X | A);
    mmu_rq_t rq = guest(MMU_ACC_LOAD);
    m.word[g_at(0x100000)] = pte(0x1234, V | X | U | A);
    expect_fault(translate(m, rq, svadu()), MMU_FAULT_PAGE, 13, va);
    rq.ctx.mxr = true; // vsstatus.MXR: the first stage alone
    expect_guest_fault(translate(m, rq, svadu()), 21, 0x100120, 0);
    rq.ctx.gmxr = true; // sstatus.MXR: both
    EXPECT_EQ(translate(m, rq, svadu()).pa, 0x1234123u);
    m.word[g_at(v1)] = pte(frame0 + 7, V | X | U | A);
    expect_guest_fault(translate(m, rq, svadu()), 21, v1, 1);
}

TEST(two_stages, hlvx_reads_entries_as_a_load_does)
{
    Memory m = guest_tables(X | A, X | U | A);
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD_X), svadu()), 21, v2, 1); // X does not help there
    m = guest_tables(X | A, R | U | A);
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD_X), svadu()), 21, 0x100120, 0); // nor R here
    m.word[g_at(0x100000)] = pte(0x1234, V | X | U | A);
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD_X), svadu()).pa, 0x1234123u);
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), svadu()).cause, 13);
}

// ---- memory and protection ------------------------------------------------------------------------------------

TEST(two_stages, outside_of_ram_is_an_access_fault_without_a_guest_address)
{
    Memory m = guest_tables();
    m.word[ram_base + 4 * page] = pte(0x12, V); // a G table
    expect_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), MMU_FAULT_ACCESS, 5, va);
    m = guest_tables();
    m.word[g_at(v1)] = pte(0x12, V | all); // where the first stage's table is
    const mmu_arch_result_t out = translate(m, guest(MMU_ACC_STORE), svadu());
    expect_fault(out, MMU_FAULT_ACCESS, 7, va);
    EXPECT_TRUE(out.gpa == 0 && out.imp == 0);
    m = guest_tables(R, R | W | X | U); // an update that the bus refuses
    m.cas_fails = true;
    expect_fault(translate(m, guest(MMU_ACC_FETCH), svadu()), MMU_FAULT_ACCESS, 1, va);
}

// One page of RAM with these rights, all else allowed.
mmu_pmp_file_t protect(uint64_t pa, uint8_t rights)
{
    mmu_pmp_file_t f;
    mmu_pmp_reset(&f, 16);
    mmu_pmp_write(&f, 0, uint8_t(rights | MMU_PMP_NAPOT << MMU_PMP_A_SHIFT), pa >> 2 | 0x1ff, 0);
    mmu_pmp_write(&f, 1, 7 | MMU_PMP_NAPOT << MMU_PMP_A_SHIFT, MMU_PMP_ADDR_MASK, 0);
    return f;
}

TEST(two_stages, every_access_is_protected)
{
    for (uint64_t pa : {ram_base, ram_base + 4 * page, g_last, ram_base + 6 * page, ram_base + 7 * page,
                        ram_base + 8 * page, uint64_t(0x1234000)}) {
        const mmu_pmp_file_t closed = protect(pa, 0);
        Memory m = guest_tables();
        mmu_arch_trail_t trail;
        expect_fault(translate(m, guest(MMU_ACC_LOAD), svadu(), &trail, &closed), MMU_FAULT_ACCESS, 5, va);
        const mmu_trail_step_t &last = trail.step[trail.count - 1];
        EXPECT_TRUE(last.denied && (last.addr & ~(page - 1)) == pa && last.pmp.entry == 0);
        for (uint64_t read : m.reads)
            EXPECT_NE(read & ~(page - 1), pa); // it never reached memory
        // As S, whoever asks, and as a read: X is of no use, even to a fetch.
        const mmu_pmp_file_t code = protect(pa, MMU_PMP_X);
        EXPECT_EQ(translate(m, guest(MMU_ACC_FETCH), svadu(), nullptr, &code).cause, pa == 0x1234000 ? 0 : 1);
        const mmu_pmp_file_t open = protect(pa, MMU_PMP_R);
        EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), svadu(), nullptr, &open).pa, 0x1234123u);
    }
}

TEST(two_stages, updates_are_protected_as_stores_of_s)
{
    Memory m = guest_tables(R | W, R | W | X | U | A);
    const mmu_pmp_file_t g = protect(g_last, MMU_PMP_R); // the first write is D for the entry's page
    expect_fault(translate(m, guest(MMU_ACC_LOAD), svadu(), nullptr, &g), MMU_FAULT_ACCESS, 5, va);
    EXPECT_TRUE(m.writes.empty());
    const mmu_pmp_file_t v = protect(ram_base + 8 * page, MMU_PMP_R);
    expect_fault(translate(m, guest(MMU_ACC_LOAD), svadu(), nullptr, &v), MMU_FAULT_ACCESS, 5, va);
    EXPECT_EQ(m.writes, std::vector<uint64_t>{g_at(v0)}); // that D stays
}

// ---- a word that somebody changes meanwhile -------------------------------------------------------------------

TEST(two_stages, a_g_entry_that_changed_before_its_update_is_judged_anew)
{
    Memory m = guest_tables(R | A, R | W | X | U);
    m.word[g_at(v2)] |= A;
    m.word[g_at(v1)] |= A;
    m.word[g_at(v0)] |= A;
    m.meddle = {pte(0x4321, V | R | U)};
    mmu_arch_trail_t trail;
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), svadu(), &trail).pa, 0x4321123u);
    EXPECT_EQ(trail.count, 15u + 3); // lost, judged, set
    EXPECT_TRUE(trail.step[15].lost && !trail.step[17].lost && trail.step[15].stage == 1);
    EXPECT_EQ(trail.step[16].rule, MMU_RULE_AD_UPDATE);
    m = guest_tables(R | A, R | W | X | U);
    m.meddle = {0};
    expect_guest_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), 21, v2, 1);
}

TEST(two_stages, a_first_stage_entry_that_changed_before_its_update_is_judged_anew)
{
    Memory m = guest_tables(R);
    m.meddle = {pte(0x100, V | R | W)};
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), svadu()).pa, 0x1234123u);
    EXPECT_EQ(m.word[ram_base + v0], pte(0x100, V | R | W | A));
    m = guest_tables(R);
    m.meddle = {0};
    expect_fault(translate(m, guest(MMU_ACC_LOAD), svadu()), MMU_FAULT_PAGE, 13, va);
    m = guest_tables(R);
    m.meddle = {pte(0x100, V | R | A)}; // somebody else has set A
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), svadu()).pa, 0x1234123u);
    EXPECT_TRUE(m.writes.empty());
}

// ---- sizes, types, and one stage bare -------------------------------------------------------------------------

TEST(two_stages, the_smaller_page_and_the_first_type_that_is_set)
{
    Memory m = guest_tables();
    m.word[ram_base + v1] = pte(uint64_t(1) << 9, V | R | A | pbmt(2)); // 2 MiB at guest 2 MiB
    m.word[ram_base + 4 * page + 8] = pte(frame0 & ~uint64_t(0x1ff), V | all | pbmt(1));
    mmu_arch_result_t out = translate(m, guest(MMU_ACC_LOAD), svadu());
    EXPECT_EQ(out.lg, 21);
    EXPECT_EQ(out.pa, (frame0 << 12) + 0x7123);
    EXPECT_EQ(out.mt, 2);
    m.word[ram_base + v1] = pte(uint64_t(1) << 9, V | R | A);
    EXPECT_EQ(translate(m, guest(MMU_ACC_LOAD), svadu()).mt, 1);
    // NAPOT in either stage.
    m = guest_tables();
    m.word[ram_base + v0] = N | pte(0x108, V | R | A);
    m.word[g_at(0x107000)] = pte(0x777, V | all);
    out = translate(m, guest(MMU_ACC_LOAD), svadu());
    EXPECT_TRUE(out.lg == 12 && out.pa == 0x777123);
    m.word[g_at(0x107000)] = N | pte(0x778, V | all);
    out = translate(m, guest(MMU_ACC_LOAD), svadu());
    EXPECT_TRUE(out.lg == 16 && out.pa == 0x777123);
}

TEST(two_stages, bare_in_front_asks_the_g_stage_alone)
{
    Memory m = guest_tables();
    mmu_rq_t rq = guest(MMU_ACC_STORE, 0x100456);
    rq.ctx.mode = MMU_MODE_BARE;
    for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S}) {
        rq.prv = prv;
        mmu_arch_result_t out = translate(m, rq, svadu());
        EXPECT_TRUE(out.pa == 0x1234456 && out.lg == 12);
    }
    EXPECT_EQ(m.reads.size(), 6u);
    m.word[g_at(0x100000)] = pte(0x1234, V | R | U | A);
    expect_guest_fault(translate(m, rq, svadu()), 23, 0x100454, 0, rq.va);
    rq.va = uint64_t(1) << 41 | 7;
    mmu_arch_trail_t trail;
    expect_guest_fault(translate(m, rq, svadu(), &trail), 23, rq.va - 3, 0, rq.va);
    EXPECT_TRUE(trail.start == MMU_START_FAULT && trail.fault == MMU_FAULT_GUEST && trail.count == 0);
}

TEST(two_stages, without_a_g_stage_guest_addresses_are_physical)
{
    Memory m = three_levels(R | W);
    mmu_rq_t rq = sv39(MMU_ACC_STORE);
    rq.ctx.v = true;
    mmu_slow_t s = slow(true);
    expect_fault(translate(m, rq, s), MMU_FAULT_PAGE, 15, va); // henvcfg.ADUE counts
    s = slow(false);
    s.hadue = true;
    EXPECT_EQ(translate(m, rq, s).pa, 0x1234123u);
    EXPECT_EQ(m.reads.size(), 6u);
}

TEST(two_stages, from_m_there_is_no_stage)
{
    Memory m;
    mmu_rq_t rq = guest(MMU_ACC_LOAD);
    rq.prv = MMU_PRIV_M;
    EXPECT_EQ(translate(m, rq, svadu()).pa, va);
    EXPECT_TRUE(m.reads.empty());
}

TEST(two_stages, entries_of_four_and_eight_bytes_do_not_mix_up)
{
    // Sv32 over Sv32x4: the first stage's entry at guest address 0x6000 + 0x200 * 4 and so on.
    Memory m;
    m.wide = false;
    m.word[ram_base] = uint32_t(pte(frame0 + 4, V));
    for (uint64_t i = 0; i < 16; i++)
        m.word[ram_base + 4 * page + i * 4] = uint32_t(pte(frame0 + i, V | all));
    m.word[ram_base + 0x3ffc] = uint32_t(pte(0x3ffc00, V | all)); // the last 4 MiB of 16 GiB
    m.word[ram_base + 6 * page + 0x200 * 4] = uint32_t(pte(7, V));
    m.word[ram_base + 7 * page + 3 * 4] = uint32_t(pte(0x3fffff, V | R | W | A | D));
    mmu_rq_t rq = guest(MMU_ACC_STORE, 0x80003abc);
    rq.ctx.mode = rq.ctx.gmode = MMU_MODE_SV32;
    const mmu_arch_result_t out = translate(m, rq, svadu());
    EXPECT_EQ(out.pa, 0x3fffffabcu);
    EXPECT_EQ(out.lg, 12);
}

TEST(two_stages, five_levels_over_five_fit_into_the_trail)
{
    Memory m;
    // The G stage's tables are pages 0, 6, 7, 8 and 9, the first stage's 10 to 14; neither has a bit of A or D set.
    const uint64_t g[] = {0, 6, 7, 8, 9};
    m.word[ram_base] = pte(frame0 + 6, V);
    for (unsigned i = 1; i < 4; i++)
        m.word[ram_base + g[i] * page] = pte(frame0 + g[i + 1], V);
    for (uint64_t i = 0; i < 16; i++)
        m.word[ram_base + 9 * page + i * 8] = pte(frame0 + i, V | R | W | U);
    for (uint64_t i = 0; i < 4; i++)
        m.word[ram_base + (10 + i) * page] = pte(11 + i, V);
    m.word[ram_base + 14 * page] = pte(15, V | R | W);
    mmu_rq_t rq = guest(MMU_ACC_STORE, 0x123);
    rq.ctx.mode = rq.ctx.gmode = MMU_MODE_SV57;
    rq.ctx.root = 10;
    mmu_arch_trail_t trail;
    EXPECT_EQ(translate(m, rq, svadu(), &trail).pa, ram_base + 15 * page + 0x123);
    EXPECT_EQ(m.reads.size(), 5u * 6 + 5 + 5);
    EXPECT_EQ(m.writes.size(), 5u + 2 + 1);
    EXPECT_EQ(trail.count, 48u);
    EXPECT_LE(trail.count, unsigned(MMU_TRAIL_STEPS));
}

} // namespace
