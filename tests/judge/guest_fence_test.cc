// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Fences of two stages: which words of which stage they cover, posted ones, and what was read through a former mapping
// (JDG-3, JDG-20, JDG-22).
#include "guest_bench.h"

using namespace judging;

namespace
{

constexpr uint64_t kElsewhere = 0xd0000000;
constexpr uint64_t kMovedPa = kElsewhere + 0xabc;

// A page that was translated; then its leaf of the G stage, or of the first one, changed.
class JudgeGuestFence : public testing::Test
{
  protected:
    JudgeGuestFence()
    {
        b.vtranslate();
    }
    void move_page() // in the G stage
    {
        b.gmap(kVPage, kElsewhere, kGLeaf);
    }
    void change_page() // in the first stage; the other guest page is where it was moved to
    {
        b.gmap(kVPage + 0x1000, kElsewhere, kGLeaf);
        b.vmap(kVa, kVPage + 0x1000, kVLeaf);
    }
    void expect_stale(bool stale)
    {
        b.hit(kGuestPa);
        EXPECT_EQ(b.failed(), stale ? MMU_JUDGE_ANSWER : MMU_JUDGE_OK) << b.text() << "\n" << b.details();
    }
    GuestBench b;
};

// ---- the G stage ----

TEST_F(JudgeGuestFence, without_one_the_old_leaf_may_be_used)
{
    move_page();
    expect_stale(false);
}

TEST_F(JudgeGuestFence, of_the_g_stage_covers_its_leaf)
{
    move_page();
    uint64_t t = b.clock;
    b.fence(GuestBench::g());
    expect_stale(true);
    EXPECT_NE(b.text().find("this was right before the fence of clock " + std::to_string(t)),
              std::string::npos)
        << b.text();
    EXPECT_NE(b.details().find("G stage of VMID 5: everything"), std::string::npos) << b.details();
}

TEST_F(JudgeGuestFence, of_the_g_stage_of_all_machines_covers_its_leaf)
{
    move_page();
    mmu_fence_t f = GuestBench::g();
    f.vmid_en = false;
    f.vmid = 9;
    b.fence(f);
    expect_stale(true);
}

TEST_F(JudgeGuestFence, by_guest_address_covers_its_leaf)
{
    move_page();
    b.fence(GuestBench::g_by(kVPage + 0xff8));
    expect_stale(true);
}

TEST_F(JudgeGuestFence, by_guest_address_of_all_machines_covers_its_leaf)
{
    move_page();
    mmu_fence_t f = GuestBench::g_by(kVPage);
    f.vmid_en = false;
    f.vmid = 9;
    b.fence(f);
    expect_stale(true);
}

TEST_F(JudgeGuestFence, after_one_the_new_leaf_is_legal)
{
    move_page();
    b.fence(GuestBench::g());
    b.vtranslate(kMovedPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestFence, by_another_guest_address_or_machine_leaves_it)
{
    move_page();
    b.fence(GuestBench::g_by(kVPage ^ 0x1000));
    b.fence(GuestBench::g_by(kVa)); // it is no virtual address
    b.fence(GuestBench::g_by(kVPage | UINT64_C(1) << 60));
    b.fence(GuestBench::to(GuestBench::g(), kVmid + 1));
    b.fence(GuestBench::to(GuestBench::g_by(kVPage), kVmid + 1));
    expect_stale(false);
}

TEST_F(JudgeGuestFence, of_other_kinds_leave_the_g_stage)
{
    move_page();
    b.fence();
    b.fence(GuestBench::of(MMU_FENCE_W_INVAL));
    b.fence(GuestBench::of(MMU_FENCE_INVAL_IR));
    b.fence(GuestBench::vv(Bench::by_va(kFinalGpa)));
    expect_stale(false);
}

TEST_F(JudgeGuestFence, of_the_first_stage_leaves_leaves_of_the_g_stage)
{
    move_page();
    b.fence(GuestBench::vv());
    b.request(1);
    b.vwalk(kVa, 0, false); // the final address is still known
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestFence, of_the_g_stage_leaves_pointers_where_it_has_an_address)
{
    b.gmap(kVPage + 0x1000, kElsewhere, kGLeaf);
    b.fence(GuestBench::g_by(kVPage));
    b.vmap(kVa ^ 0x1000, kVPage + 0x1000, kVLeaf);
    b.request(1, kVa ^ 0x1000);
    b.read(host(kEntryGpa) ^ 8);
    b.read(gleaf(kVPage + 0x1000)); // below the pointers of before the fence
    b.answer(1, kMovedPa);
    EXPECT_LEGAL(b);
    b.fence(GuestBench::g());
    b.request(1);
    b.read(gleaf(kVRoot));
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST_F(JudgeGuestFence, requests_of_its_clock_are_older)
{
    move_page();
    b.offer(1, kVa);
    b.fence_now(GuestBench::g());
    b.tick();
    b.answer(1, kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestFence, ends_a_fault_as_well)
{
    b.write(gleaf(kVPage), 0);
    b.request(1);
    b.vwalk();
    b.answer_guest(1, 21, kFinalGpa & ~UINT64_C(3), 0);
    EXPECT_LEGAL(b);
    move_page();
    b.fence(GuestBench::g_by(kVPage));
    b.request(1);
    b.answer_guest(1, 21, kFinalGpa & ~UINT64_C(3), 0);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- the first stage ----

TEST_F(JudgeGuestFence, of_the_first_stage_covers_its_leaf)
{
    change_page();
    b.fence(GuestBench::vv());
    expect_stale(true);
}

TEST_F(JudgeGuestFence, of_the_first_stage_by_address_or_asid_covers_its_leaf)
{
    for (mmu_fence_t f : {Bench::by_va(kVa), Bench::by_asid(7), Bench::by_both(kVa, 7)}) {
        GuestBench c;
        c.vtranslate();
        c.vmap(kVa, kVPage + 0x1000, kVLeaf);
        c.fence(GuestBench::vv(f));
        c.hit(kGuestPa);
        EXPECT_ILLEGAL(c, MMU_JUDGE_ANSWER);
    }
}

TEST_F(JudgeGuestFence, of_the_first_stage_of_others_leaves_it)
{
    change_page();
    b.fence(GuestBench::to(GuestBench::vv(), kVmid + 1));
    b.fence(GuestBench::vv(Bench::by_asid(8)));
    b.fence(GuestBench::vv(Bench::by_va(kVa ^ 0x1000)));
    b.fence();
    b.fence(Bench::by_va(kVa));
    expect_stale(false);
}

TEST_F(JudgeGuestFence, of_the_first_stage_by_asid_spares_global_pages)
{
    b.vmap(kVa, kVPage, kVLeaf | G);
    b.fence(GuestBench::vv());
    b.vtranslate();
    change_page();
    b.fence(GuestBench::vv(Bench::by_asid(7)));
    expect_stale(false);
    b.fence(GuestBench::vv(Bench::by_va(kVa)));
    expect_stale(true);
}

TEST(JudgeGuestFenceForms, any_address_of_the_first_stage_s_page_ends_a_piece_of_it)
{
    for (uint64_t other : {UINT64_C(0x1ff000), UINT64_C(0x200000)}) {
        GuestBench b;
        b.write(host(kVTable1) + 8 * (kVa >> 21 & 511), pte(kGuest + 0x200000, kVLeaf)); // 2 MiB over 4 KiB
        b.gmap(kGuest + 0x301000, kHost + 0x8000, kGLeaf);
        b.vtranslate();
        b.fence(GuestBench::vv(Bench::by_va(kVa ^ other)));
        b.hit(kGuestPa);
        EXPECT_EQ(b.failed(), other == 0x200000 ? MMU_JUDGE_OK : MMU_JUDGE_ANSWER) << b.text();
    }
}

TEST(JudgeGuestFenceForms, of_a_machine_do_not_cover_what_is_none_s)
{
    GuestBench b;
    b.ctx.v = false;
    b.ctx.root = kRoot >> 12;
    b.translate();
    b.fence(GuestBench::g());
    b.fence(GuestBench::vv());
    b.hit(kPa);
    EXPECT_LEGAL(b);
    b.fence();
    b.hit(kPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuestFenceForms, of_guests_are_nothing_to_a_machine_without_them)
{
    Bench b;
    b.translate();
    b.fence(GuestBench::g());
    b.fence(GuestBench::to(GuestBench::vv(), 0));
    b.request(1);
    b.answer(1, kPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestFence, a_reset_ends_both_stages)
{
    mmu_judge_reset(b.judge, b.clock);
    expect_stale(true);
}

// ---- first-stage words read through the G stage (JDG-20) ----

// The guest's last table moved to another physical page, with a copy of its words.
class JudgeGuestMoved : public testing::Test
{
  protected:
    JudgeGuestMoved()
    {
        b.vtranslate();
        b.gmap(kVTable0, kElsewhere + 0x2000, kGLeaf);
        b.write(kMoved, pte(kVPage + 0x1000, kVLeaf));
        b.gmap(kVPage + 0x1000, kElsewhere, kGLeaf);
        b.fence(GuestBench::g_by(kVTable0));
    }
    static constexpr uint64_t kMoved = kElsewhere + 0x2000 + (kEntryGpa & 0xfff);
    GuestBench b;
};

TEST_F(JudgeGuestMoved, a_word_that_was_read_before_the_fence_may_be_used)
{
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestMoved, a_word_must_not_be_read_there_after_the_fence)
{
    b.request(1);
    b.read(host(kEntryGpa));
    EXPECT_ILLEGAL(b, MMU_JUDGE_READ);
}

TEST_F(JudgeGuestMoved, a_word_that_came_there_after_the_fence_is_of_no_use)
{
    // Somebody who is older reads it there; the request is younger than the fence.
    GuestBench c;
    c.vtranslate();
    c.request(2);
    c.gmap(kVTable0, kElsewhere + 0x2000, kGLeaf);
    c.gmap(kVPage + 0x2000, kElsewhere, kGLeaf);
    c.fence(GuestBench::g_by(kVTable0));
    c.write(host(kEntryGpa), pte(kVPage + 0x2000, kVLeaf));
    c.read(host(kEntryGpa));
    c.read(gleaf(kVPage + 0x2000));
    c.answer(2, kMovedPa);
    EXPECT_LEGAL(c);
    c.hit(kMovedPa);
    EXPECT_ILLEGAL(c, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestMoved, a_word_that_was_read_there_again_is_not_newer)
{
    GuestBench c;
    c.vtranslate();
    c.request(2);
    c.gmap(kVTable0, kElsewhere + 0x2000, kGLeaf);
    c.fence(GuestBench::g_by(kVTable0));
    c.fence(GuestBench::vv(Bench::by_va(kVa)));
    c.read(host(kEntryGpa)); // by the older request
    c.answer(2, kGuestPa);
    EXPECT_LEGAL(c);
    c.hit(kGuestPa);
    EXPECT_ILLEGAL(c, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestMoved, a_fence_of_the_first_stage_ends_it)
{
    b.fence(GuestBench::vv(Bench::by_va(kVa)));
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST_F(JudgeGuestMoved, the_word_of_the_new_place_is_legal)
{
    b.request(1);
    b.read(gleaf(kVTable0));
    b.read(kMoved);
    b.read(gleaf(kVPage + 0x1000));
    b.answer(1, kMovedPa);
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
}

TEST_F(JudgeGuestMoved, nor_does_it_excuse_a_stale_final_address)
{
    b.gmap(kVPage, kElsewhere, kGLeaf);
    b.fence(GuestBench::g_by(kVPage));
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- words of both stages, of different times ----

TEST(JudgeGuestFenceForms, words_of_both_stages_may_be_of_different_times)
{
    for (unsigned first = 0; first < 2; first++)
        for (unsigned second = 0; second < 2; second++) {
            GuestBench b;
            b.gmap(kVPage + 0x1000, kHost + 0x9000, kGLeaf);
            b.vtranslate();
            b.gmap(kVPage, kElsewhere, kGLeaf);
            b.gmap(kVPage + 0x1000, kElsewhere + 0x1000, kGLeaf);
            b.request(2);
            b.vwalk();
            b.answer(2, kMovedPa);
            b.vmap(kVa, kVPage + 0x1000, kVLeaf);
            b.request(2);
            b.vwalk();
            b.answer(2, kMovedPa + 0x1000);
            // Of the second guest page only the new leaf was ever read.
            b.hit((second != 0 ? kElsewhere : host(kVPage)) + 0x1000 * first + 0xabc);
            EXPECT_EQ(b.failed(), first == 1 && second == 0 ? MMU_JUDGE_ANSWER : MMU_JUDGE_OK) << b.text();
        }
}

// ---- posted fences (JDG-22) ----

mmu_fence_t posted(mmu_fence_t f)
{
    f.posted = true;
    return f;
}

TEST_F(JudgeGuestFence, that_are_posted_act_at_once)
{
    for (int kind : {MMU_FENCE_S, MMU_FENCE_VV, MMU_FENCE_G}) {
        GuestBench c;
        if (kind == MMU_FENCE_S) {
            c.ctx.v = false;
            c.ctx.root = kRoot >> 12;
            c.translate();
        } else {
            c.vtranslate();
        }
        c.fence(posted(GuestBench::of(static_cast<uint8_t>(kind))));
        c.hit(kind == MMU_FENCE_S ? kPa : kGuestPa);
        EXPECT_ILLEGAL(c, MMU_JUDGE_ANSWER);
    }
}

TEST(JudgeGuestForeign, posted_fences_count_from_the_next_sfence_inval_ir)
{
    for (bool inval_ir : {false, true}) {
        mmu_judge_options_t opt = {};
        opt.foreign = true;
        GuestBench b(opt);
        b.idle(3);
        b.hit(kGuestPa);
        b.gmap(kVPage, kElsewhere, kGLeaf);
        b.fence(posted(GuestBench::g()));
        b.hit(kGuestPa);
        b.hit(kMovedPa);
        EXPECT_LEGAL(b);
        b.request(2); // older
        if (inval_ir)
            b.fence(GuestBench::of(MMU_FENCE_INVAL_IR));
        b.answer(2, kGuestPa);
        b.hit(kMovedPa);
        EXPECT_LEGAL(b);
        b.hit(kGuestPa);
        EXPECT_EQ(b.failed(), inval_ir ? MMU_JUDGE_ANSWER : MMU_JUDGE_OK) << b.text();
    }
}

TEST(JudgeGuestForeign, words_of_before_a_posted_fence_are_too_old_and_those_after_it_are_not)
{
    mmu_judge_options_t opt = {};
    opt.foreign = true;
    GuestBench b(opt);
    b.idle(3);
    b.gmap(kVPage, kElsewhere, kGLeaf);
    b.fence(posted(GuestBench::g()));
    b.idle(3);
    b.gmap(kVPage, kElsewhere + 0x1000, kGLeaf);
    b.fence(GuestBench::of(MMU_FENCE_INVAL_IR));
    b.hit(kMovedPa);
    b.hit(kMovedPa + 0x1000);
    EXPECT_LEGAL(b);
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

TEST(JudgeGuestForeign, a_first_stage_may_be_cached_over_a_fence_of_the_g_stage)
{
    mmu_judge_options_t opt = {};
    opt.foreign = true;
    GuestBench b(opt);
    b.idle(3);
    b.gmap(kVTable0, kElsewhere + 0x2000, kGLeaf); // where no leaf is
    b.fence(GuestBench::g());
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
    b.fence(GuestBench::vv());
    b.hit(kGuestPa);
    EXPECT_ILLEGAL(b, MMU_JUDGE_ANSWER);
}

// ---- memory ----

// So many words of another machine that what nobody can use is forgotten.
void fill_memory(GuestBench &b)
{
    mmu_ctx_t ctx = b.ctx;
    b.ctx.mode = MMU_MODE_BARE;
    for (uint64_t gpa = UINT64_C(1) << 30; gpa < UINT64_C(1200) << 30; gpa += UINT64_C(1) << 30) {
        b.write(kGRoot + 8 * (gpa >> 30), pte(gpa, kGLeaf));
        b.request(2, gpa);
        b.read(kGRoot + 8 * (gpa >> 30), 1);
        b.answer(2, gpa, 30);
    }
    b.ctx = ctx;
}

// Somebody asks for the final address anew; all above it is as it was.
void expect_first_stage_known(GuestBench &b)
{
    uint64_t pa;
    b.ctx.mode = MMU_MODE_BARE;
    b.request(2, kFinalGpa);
    b.gwalk(kFinalGpa, &pa);
    b.answer(2, kGuestPa);
    b.ctx.mode = MMU_MODE_SV39;
    b.hit(kGuestPa);
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestMemory, keeps_a_first_stage_without_a_fence_of_it)
{
    GuestBench b;
    b.vtranslate();
    b.fence(GuestBench::g());
    b.fence();
    fill_memory(b);
    expect_first_stage_known(b);
}

TEST(JudgeGuestMemory, keeps_a_g_stage_that_a_first_stage_was_read_through)
{
    GuestBench b;
    b.vtranslate();
    b.fence();
    b.fence(GuestBench::vv());
    b.request(1);
    b.read(host(kVRoot) + 8); // all places are known
    b.read(host(kVTable1));
    b.read(host(kEntryGpa));
    b.answer(1, kGuestPa);
    b.fence(GuestBench::g());
    fill_memory(b);
    expect_first_stage_known(b);
}

TEST(JudgeGuestMemory, forgets_what_fences_of_both_stages_have_ended)
{
    GuestBench b;
    fill_memory(b);
    EXPECT_GT(b.counts().words, 1000u);
    b.fence();
    b.fence(GuestBench::vv());
    b.fence(GuestBench::g());
    b.fence(GuestBench::vv());
    fill_memory(b);
    b.fence();
    b.fence(GuestBench::vv());
    b.fence(GuestBench::g());
    b.fence(GuestBench::vv());
    fill_memory(b);
    EXPECT_LT(b.counts().words, 2500u);
    b.vtranslate();
    EXPECT_LEGAL(b);
}

TEST(JudgeGuestMemory, is_bounded_where_each_machine_has_fences_of_both_stages)
{
    GuestBench b;
    uint64_t most = 0;
    for (uint64_t n = 0; n < 20000; n++) {
        b.ctx.vmid = static_cast<uint16_t>(n / 50 % 4);
        b.write(host(kEntryGpa), pte(kVPage, kVLeaf) | (n & 3) << 8);
        b.write(gleaf(kVPage), pte(kHost + (n << 12), kGLeaf));
        b.request(1);
        b.vwalk();
        b.answer(1, kHost + (n << 12) + 0xabc);
        if (n % 25 == 0) {
            b.fence(GuestBench::to(GuestBench::g(), b.ctx.vmid));
            b.fence(GuestBench::to(GuestBench::vv(), b.ctx.vmid));
        }
        if (b.counts().versions > most)
            most = b.counts().versions;
    }
    EXPECT_LEGAL(b);
    EXPECT_LT(most, 200u);
}

} // namespace
