// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Answers of two stages: each kind of wrong one is caught, and the right one is not (JDG-4 to JDG-8, JDG-18, JDG-19).
#include "guest_bench.h"

using namespace judging;

namespace
{

// ---- what both stages give ----

TEST(JudgeGuest, what_both_stages_give_is_legal)
{
    GuestBench b;
    b.vtranslate();
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().remembered, 1u);
    EXPECT_EQ(b.counts().reads, 15u);
}

TEST(JudgeGuest, wrong_pa)
{
    GuestBench b;
    b.vtranslate(kGuestPa ^ 0x1000);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.details().find("G stage, level 0, 8 bytes at 0xa0005040"), std::string::npos) << b.details();
    EXPECT_NE(b.details().find("VMID 5, G stage Sv39x4, root at 0xa0000000"), std::string::npos)
        << b.details();
}

TEST(JudgeGuest, an_answer_without_fault_has_no_guest_address)
{
    for (bool imp : {false, true}) {
        GuestBench b;
        b.request(1);
        b.vwalk();
        b.out.rsp[MMU_PORT_D].gpa = imp ? 0 : kFinalGpa & ~UINT64_C(3);
        b.out.rsp[MMU_PORT_D].imp = imp ? 1 : 0;
        b.answer(1, kGuestPa);
        EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    }
}

TEST(JudgeGuest, a_guest_physical_address_is_no_physical_one)
{
    GuestBench b;
    b.vtranslate(kFinalGpa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, without_any_read_is_illegal)
{
    GuestBench b;
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, the_page_is_the_smaller_one)
{
    for (uint8_t lg : {12, 21}) {
        GuestBench b;
        b.write(host(kVTable1) + 8 * (kVa >> 21 & 511), pte(kGuest + 0x200000, kVLeaf)); // 2 MiB over 4 KiB
        b.gmap(kGuest + 0x301000, kHost + 0x8000, kGLeaf);
        b.request(1);
        b.vwalk();
        b.answer(1, kGuestPa, lg);
        EXPECT_EQ(b.failed(), lg == 12 ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER) << b.text() << b.details();
    }
}

TEST(JudgeGuest, a_large_page_of_both_is_large)
{
    GuestBench b;
    b.write(host(kVTable1) + 8 * (kVa >> 21 & 511), pte(0x40000000, kVLeaf)); // in another GiB of the guest
    b.write(kGRoot + 8, pte(0x140000000, kGLeaf));
    b.request(1);
    b.vwalk();
    b.answer(1, 0x140000000 + (kVa & 0x1fffff), 21);
    EXPECT_LEGAL(b);
    b.request(1, kVa ^ 0x5000);
    b.answer(1, 0x140000000 + ((kVa ^ 0x5000) & 0x1fffff), 21);
    EXPECT_LEGAL(b);
}

TEST(JudgeGuest, the_memory_type_of_the_first_stage_goes_before)
{
    for (uint8_t mt : {1, 2}) {
        GuestBench b;
        b.slow.pbmte = b.slow.hpbmte = true;
        b.vmap(kVa, kVPage, kVLeaf | UINT64_C(1) << 61);
        b.gmap(kVPage, host(kVPage), kGLeaf | UINT64_C(2) << 61);
        b.request(1);
        b.vwalk();
        b.answer(1, kGuestPa, 12, mt);
        EXPECT_EQ(b.failed(), mt == 1 ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER) << b.text();
    }
}

// ---- guest-page faults ----

// The G stage refuses the final address.
class JudgeGuestFault : public testing::Test
{
  protected:
    JudgeGuestFault()
    {
        b.gmap(kVPage, 0, 0);
        b.write(gleaf(kVPage), 0);
        b.request(3);
        b.vwalk();
    }
    GuestBench b;
};

TEST_F(JudgeGuestFault, with_its_address_is_legal)
{
    b.answer_guest(3, 21, kFinalGpa & ~UINT64_C(3), 0);
    EXPECT_LEGAL(b);
    b.request(3, kVa + 9); // remembered
    b.out.rsp[MMU_PORT_D].gpa = (kFinalGpa + 9) & ~UINT64_C(3);
    b.answer_fault(3, 21, kVa + 9);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().remembered, 1u);
}

TEST_F(JudgeGuestFault, with_another_address)
{
    b.answer_guest(3, 21, kVPage, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    EXPECT_NE(b.text().find("guest physical address 0x10008000 of the access itself (imp 0)"),
              std::string::npos)
        << b.text();
    EXPECT_NE(b.details().find(": G stage, V is 0"), std::string::npos) << b.details();
}

TEST_F(JudgeGuestFault, without_an_address)
{
    b.answer_fault(3, 21);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestFault, as_an_implicit_access)
{
    b.answer_guest(3, 21, kFinalGpa & ~UINT64_C(3), 1);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestFault, as_a_page_fault)
{
    b.answer_fault(3, 13);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestFault, as_that_of_another_access)
{
    b.answer_guest(3, 23, kFinalGpa & ~UINT64_C(3), 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestFault, missing)
{
    b.answer(3, kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, a_page_fault_has_no_guest_address)
{
    GuestBench b;
    b.vmap(kVa, kVPage, 0);
    b.request(1);
    b.vwalk();
    b.answer_fault(1, 13);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer_guest(1, 13, kEntryGpa, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, a_guest_page_fault_of_an_entry_s_read)
{
    for (unsigned wrong = 0; wrong < 4; wrong++) {
        GuestBench b;
        b.gmap(kVTable0, host(kVTable0), X | U | A); // MXR of the final access does not count for it
        b.ctx.mxr = b.ctx.gmxr = true;
        b.request(1, kVa, MMU_ACC_STORE);
        b.vwalk();
        b.answer_guest(1, wrong == 3 ? 21 : 23, wrong == 1 ? kFinalGpa & ~UINT64_C(3) : kEntryGpa,
                       wrong == 2 ? 2 : 1);
        EXPECT_EQ(b.failed(), wrong == 0 ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER)
            << wrong << b.text() << b.details();
    }
}

TEST(JudgeGuest, a_guest_page_fault_of_an_entry_s_update)
{
    for (unsigned wrong = 0; wrong < 3; wrong++) {
        GuestBench b;
        b.slow.hadue = true;
        b.gmap(kVTable0, host(kVTable0), R | U | A);
        b.vmap(kVa, kVPage, R | W);
        b.request(1);
        b.vwalk(kVa, 0, false);
        if (wrong == 1)
            b.answer(1, kGuestPa); // without the update
        else
            b.answer_guest(1, 21, kEntryGpa, wrong == 2 ? 1 : 2);
        EXPECT_EQ(b.failed(), wrong == 0 ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER)
            << wrong << b.text() << b.details();
    }
}

TEST(JudgeGuest, a_guest_physical_address_that_is_too_wide)
{
    GuestBench b;
    b.vmap(kVa, UINT64_C(1) << 41, kVLeaf);
    b.request(1);
    b.vwalk(kVa, 0, false);
    b.answer_guest(1, 21, (UINT64_C(1) << 41) + 0xabc, 0);
    EXPECT_LEGAL(b);
    b.request(1);
    b.answer_guest(1, 21, 0xabc, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- rights of the G stage ----

TEST(JudgeGuest, a_leaf_without_u_is_refused)
{
    for (bool refused : {true, false}) {
        GuestBench b;
        b.gmap(kVPage, host(kVPage), kGLeaf & ~U);
        b.request(1);
        b.vwalk();
        if (refused)
            b.answer_guest(1, 21, kFinalGpa & ~UINT64_C(3), 0);
        else
            b.answer(1, kGuestPa);
        EXPECT_EQ(b.failed(), refused ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER) << b.text();
        EXPECT_EQ(b.details().find("without U") == std::string::npos, refused) << b.details();
    }
}

TEST(JudgeGuest, a_load_of_code_needs_x_in_both)
{
    for (unsigned n = 0; n < 4; n++) {
        GuestBench b;
        bool first = (n & 1) != 0, second = (n & 2) != 0;
        b.vmap(kVa, kVPage, first ? X | A : R | A);
        b.gmap(kVPage, host(kVPage), second ? X | U | A : R | U | A);
        b.request(1, kVa, MMU_ACC_LOAD_X);
        b.vwalk(kVa, 0, first);
        if (first && second)
            b.answer(1, kGuestPa);
        else if (first)
            b.answer_guest(1, 21, kFinalGpa & ~UINT64_C(3), 0);
        else
            b.answer_fault(1, 13);
        EXPECT_LEGAL(b);
        b.request(1, kVa, MMU_ACC_LOAD_X);
        b.answer_fault(1, first ? 13 : 15);
        EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    }
}

TEST(JudgeGuest, mxr_of_the_g_stage_is_the_host_s)
{
    for (bool gmxr : {true, false}) {
        GuestBench b;
        b.ctx.mxr = true;
        b.ctx.gmxr = gmxr;
        b.gmap(kVPage, host(kVPage), X | U | A);
        b.request(1);
        b.vwalk();
        b.answer(1, kGuestPa);
        EXPECT_EQ(b.failed(), gmxr ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER) << b.text();
    }
}

// ---- whose translation ----

TEST(JudgeGuest, of_another_machine)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.vmid = 6;
    b.ctx.groot += 4;
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, of_another_machine_with_the_same_g_stage)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.vmid = 6;
    b.ctx.root += 4;
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, without_a_g_stage_is_not_what_has_no_virtualization)
{
    for (bool v : {true, false}) {
        GuestBench b;
        b.ctx.gmode = MMU_MODE_BARE;
        b.ctx.vmid = 0;
        b.ctx.root = kRoot >> 12;
        b.ctx.v = v;
        b.translate();
        b.ctx.v = !v;
        b.ctx.root += 4;
        b.hit(kPa);
        EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    }
}

TEST(JudgeGuest, what_is_remembered_of_one_machine_does_not_excuse_another)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.vmid = 6; // the same tables
    b.hit(kGuestPa);
    b.fence(GuestBench::to(GuestBench::g(), 6));
    b.ctx.vmid = kVmid;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    b.ctx.vmid = 6;
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, a_global_page_is_not_another_machine_s)
{
    GuestBench b;
    b.vmap(kVa, kVPage, kVLeaf | G);
    b.vtranslate();
    b.ctx.asid = 8;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    b.ctx.vmid = 6;
    b.ctx.groot += 4;
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, bits_that_the_vmid_does_not_have_do_not_count)
{
    mmu_judge_options_t opt = {};
    opt.vmid_bits_ignored = 10;
    GuestBench b(opt);
    b.vtranslate();
    b.ctx.vmid = kVmid + 16;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    b.fence(GuestBench::to(GuestBench::g(), kVmid + 32));
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, low_bits_of_the_g_stage_s_root_do_not_count)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.groot |= 3;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().remembered, 1u);
}

TEST(JudgeGuest, one_without_virtualization_is_not_the_guest_s)
{
    for (bool v : {true, false}) {
        GuestBench b;
        mmu_ctx_t guest = b.ctx;
        b.ctx.v = v;
        if (v)
            b.vtranslate();
        else
            b.ctx.root = kRoot >> 12, b.translate();
        EXPECT_LEGAL(b);
        b.ctx = guest;
        b.ctx.v = !v;
        b.hit(v ? kGuestPa : kPa);
        EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
    }
}

TEST(JudgeGuest, m_mode_and_a_machine_without_the_extension_have_one_stage)
{
    GuestBench b;
    b.request(1, kVa, MMU_ACC_LOAD, MMU_PRIV_M);
    b.answer(1, kVa, 0);
    EXPECT_LEGAL(b);
    Bench plain;
    plain.ctx.v = true;
    plain.ctx.gmode = MMU_MODE_SV39;
    plain.ctx.groot = kGRoot >> 12;
    plain.translate();
    EXPECT_LEGAL(plain);
}

TEST(JudgeGuest, a_bare_g_stage_is_none)
{
    GuestBench b;
    b.ctx.gmode = MMU_MODE_BARE;
    b.ctx.root = kRoot >> 12;
    b.translate();
    EXPECT_LEGAL(b);
}

// ---- a bare first stage ----

class JudgeGuestBare : public testing::Test
{
  protected:
    JudgeGuestBare()
    {
        uint64_t pa;
        b.ctx.mode = MMU_MODE_BARE;
        b.request(1, kVPage);
        b.gwalk(kVPage, &pa);
        b.answer(1, host(kVPage));
    }
    GuestBench b;
};

TEST_F(JudgeGuestBare, is_the_guest_physical_address)
{
    b.request(1, kVPage + 5);
    b.answer(1, host(kVPage) + 5);
    EXPECT_LEGAL(b);
    EXPECT_EQ(b.counts().reads, 3u);
    b.request(1, kVPage);
    b.answer(1, kVPage, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestBare, is_of_any_asid)
{
    b.ctx.asid = 9;
    b.ctx.root = 0;
    b.request(1, kVPage);
    b.answer(1, host(kVPage));
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestBare, is_refused_where_it_is_too_wide)
{
    const uint64_t wide = (UINT64_C(1) << 41) + 7;
    b.request(1, wide);
    b.out.rsp[MMU_PORT_D].gpa = wide - 3;
    b.answer_fault(1, 21, wide);
    EXPECT_LEGAL(b);
    b.request(1, wide);
    b.out.rsp[MMU_PORT_D].gpa = wide;
    b.answer_fault(1, 21, wide);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- errors and physical protection ----

TEST(JudgeGuest, an_error_on_a_word_of_the_g_stage_is_an_access_fault)
{
    for (bool error : {true, false}) {
        GuestBench b;
        b.request(1);
        b.take_read(kGRoot);
        b.respond(b.memory[kGRoot], 0, error);
        b.answer_fault(1, 5);
        EXPECT_EQ(b.failed(), error ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER) << b.text();
    }
}

void protect(GuestBench &b, uint8_t index, uint8_t cfg, uint64_t addr)
{
    b.in.pmp.valid = true;
    b.in.pmp.index = index;
    b.in.pmp.cfg = cfg;
    b.in.pmp.addr = addr;
    b.tick();
}

TEST(JudgeGuest, a_table_of_the_g_stage_that_is_denied_is_an_access_fault)
{
    mmu_judge_options_t opt = {};
    opt.pmp_entries = 16;
    GuestBench b(opt);
    protect(b, 0, 0x00, kGTable0 >> 2);
    protect(b, 1, 0x08, (kGTable0 + 0x1000) >> 2);
    protect(b, 2, 0x1f, (UINT64_C(1) << 53) - 1);
    b.request(1);
    b.read(kGRoot);
    b.read(kGTable1 + 8 * (kGuest >> 21 & 511));
    b.answer_fault(1, 5);
    EXPECT_LEGAL(b);
    protect(b, 1, 0x0f, (kGTable0 + 0x1000) >> 2);
    b.request(1); // what was proven of the denied table does not hold any more
    b.answer_fault(1, 5);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, mseccfg_is_that_of_the_clock)
{
    mmu_judge_options_t opt = {};
    opt.pmp_entries = 16;
    GuestBench b(opt);
    b.ctx.mode = MMU_MODE_BARE;
    b.request(1, 0x1000, MMU_ACC_LOAD, MMU_PRIV_M);
    b.answer(1, 0x1000, 0);
    EXPECT_LEGAL(b);
    b.slow.mmwp = true;
    b.request(1, 0x1000, MMU_ACC_LOAD, MMU_PRIV_M);
    b.answer_fault(1, 5, 0x1000);
    EXPECT_LEGAL(b);
    b.request(1, 0x1000, MMU_ACC_LOAD, MMU_PRIV_M);
    b.answer(1, 0x1000, 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- other tables, other words of a page ----

TEST(JudgeGuest, the_former_g_root_of_the_machine_counts_until_a_fence)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.groot += 4;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    b.fence(GuestBench::g());
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// A request with the former root that is older than the fence goes on reading after it (JDG-19).
class JudgeGuestFormer : public testing::Test
{
  protected:
    JudgeGuestFormer()
    {
        mmu_ctx_t former = b.ctx;
        b.request(2);
        b.ctx.groot += 4;
        b.fence(GuestBench::g());
        std::swap(former, b.ctx);
        b.vwalk();
        std::swap(former, b.ctx);
        b.answer(2, kGuestPa);
        EXPECT_LEGAL(b);
        b.request(1);
    }
    GuestBench b;
};

TEST_F(JudgeGuestFormer, g_root_s_walks_of_before_a_fence_fill_nothing)
{
    b.answer(1, kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestFormer, g_root_s_pointers_of_before_a_fence_lead_nowhere)
{
    b.read(gleaf(kVRoot));
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST(JudgeGuest, a_new_first_root_over_the_former_g_root_and_the_other_way_round)
{
    GuestBench b;
    b.vtranslate();
    b.ctx.root = (kVRoot + 0x4000) >> 12; // no G stage has it
    b.hit(kGuestPa);
    b.ctx.groot += 4;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    b.fence(GuestBench::vv());
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuest, a_napot_page_of_the_g_stage_may_come_from_its_neighbour_s_word)
{
    GuestBench b;
    b.slow.svnapot = true;
    for (uint64_t k = 0; k < 16; k++) // the 64 KiB at kVTable0's are not among them
        b.gmap(kGuest + 0x10000 + 0x1000 * k, 0, N | pte(0xd0008000, kGLeaf));
    b.vmap(kVa, kGuest + 0x13000, kVLeaf);
    b.vmap(kVa ^ 0x1000, kGuest + 0x14000, kVLeaf);
    b.vtranslate(0xd0003abc);
    EXPECT_LEGAL(b);
    b.request(1, kVa ^ 0x1000); // the first stage's leaf only
    b.read(host(kEntryGpa) ^ 8);
    b.answer(1, 0xd0004abc);
    EXPECT_LEGAL(b);
    b.vmap(kVa ^ 0x2000, kGuest + 0x24000, kVLeaf); // another 64 KiB
    b.request(1, kVa ^ 0x2000);
    b.read(host(kEntryGpa) ^ 16);
    b.answer(1, 0xd0004abc);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

} // namespace
