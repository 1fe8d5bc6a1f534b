// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker in front of a G stage: fences of each kind in each clock of a walk, and physical protection. Rules
// WALK-5, 7, 8, 12, 13, 14.
#include "cycle/guest_bench.hh"

namespace
{
constexpr uint64_t kNoAd = kV | kR | kW | kX;
constexpr unsigned kKinds[] = {MMU_FENCE_S, MMU_FENCE_VV, MMU_FENCE_G};

class GuestFence : public Guest
{
  protected:
    // A walk that goes through everything: A in each leaf of the G stage, D for the update, A in the entry.
    void make_all()
    {
        make(Ways().gtlb(8).gpwc1(1).gpwc2(1).pwc1(1).pwc2(1));
        for (uint64_t gpa : {kRoot, kMid, kLow, kPage})
            gmap(gpa, kGLeaf & ~(kA | kD));
        vmap(kPage, kNoAd);
    }

    bool restarts_by_rule() const // WALK-8, WALK-13: from the state at t
    {
        const unsigned st = walker.q.st[0], what = walker.q.what[0];
        return what == MMU_G_ENTRY && (st == MMU_WALK_REQ || st == MMU_WALK_WAIT || st == MMU_WALK_G);
    }

    unsigned rows() const
    {
        unsigned valid = 0;
        for (const mmu_array_t *a : {&walker.gtlb.array, &walker.gcache.array[0], &walker.gcache.array[1],
                                     &walker.cache.array[0], &walker.cache.array[1]})
            if (a->cfg.ways != 0)
                valid += static_cast<unsigned>(__builtin_popcountll(a->q.valid[0]));
        return valid;
    }
};

TEST_F(GuestFence, in_any_clock_the_walk_fills_nothing_and_restarts_before_its_leaf_only_WALK_8)
{
    make_all();
    start(kVa);
    const uint64_t length = finish();
    ASSERT_GT(length, 30u);
    unsigned restarted = 0, kept = 0;
    for (unsigned kind : kKinds)
        for (uint64_t at = 1; at <= length; at++) {
            make_all();
            start(kVa);
            tick(static_cast<unsigned>(at));
            ASSERT_NE(walker.q.st[0], MMU_WALK_IDLE);
            const bool expected = restarts_by_rule();
            (expected ? restarted : kept)++;
            fence(kind);
            comb();
            EXPECT_FALSE(out.done) << at; // t: a leaf waits
            EXPECT_FALSE(out.ev_g_hit || out.ev_g_miss) << at;
            edge();
            EXPECT_TRUE(walker.q.nofill[0]);
            const unsigned left = rows() + g_refuses;
            drain();
            EXPECT_EQ(restarts, expected ? 1u : 0u) << "kind " << kind << " at " << at;
            EXPECT_EQ(rows() + g_refuses, left) << "kind " << kind << " at " << at;
            ASSERT_EQ(done.size(), 1u);
            EXPECT_FALSE(last().done_fill);
            EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
            EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + kHost + 0xabc);
            EXPECT_EQ(guest(kLowEntry), pte(kPage, kNoAd | kA)) << at;
        }
    EXPECT_GT(restarted, 40u);
    EXPECT_GT(kept, 40u);
}

TEST_F(GuestFence, what_each_kind_leaves_in_the_caches_PWC_3_GTLB_3)
{
    const struct {
        unsigned kind, first, g_tlb;
    } cases[] = {{MMU_FENCE_S, 2, 2}, {MMU_FENCE_VV, 0, 2}, {MMU_FENCE_G, 0, 0}};
    for (const auto &c : cases) {
        make(Ways().gtlb(2).gpwc1(1).gpwc2(1).pwc1(1).pwc2(1));
        warm();
        ASSERT_EQ(rows(), 6u);
        fence(c.kind);
        tick();
        EXPECT_EQ(walker.cache.array[0].q.valid[0] + walker.cache.array[1].q.valid[0], c.first) << c.kind;
        EXPECT_EQ(static_cast<unsigned>(__builtin_popcountll(walker.gtlb.array.q.valid[0])), c.g_tlb);
        EXPECT_EQ(walker.gcache.array[0].q.valid[0], c.kind == MMU_FENCE_G ? 0u : 1u);
    }
}

TEST_F(GuestFence, in_walk_g_it_begins_anew_one_clock_later_WALK_14)
{
    start(kVa);
    tick(1 + 7 + 2); // the second entry is wanted
    ASSERT_EQ(walker.q.st[0], MMU_WALK_G);
    ASSERT_EQ(mmu_pos_level(walker.q.pos[0]), 1u);
    fence();
    comb(); // t
    EXPECT_FALSE(out.ev_restart);
    EXPECT_FALSE(out.ev_g_miss);
    edge();
    EXPECT_TRUE(walker.q.redo[0]);
    comb(); // t + 1: nothing is looked up
    EXPECT_TRUE(out.ev_restart);
    EXPECT_FALSE(out.ev_g_miss);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
    EXPECT_FALSE(walker.q.redo[0]);
    EXPECT_EQ(mmu_pos_level(walker.q.pos[0]), 2u);
    comb(); // t + 2
    EXPECT_FALSE(out.ev_restart);
    EXPECT_TRUE(out.ev_g_miss);
}

TEST_F(GuestFence, a_g_word_that_comes_at_t_is_thrown_away_at_once_WALK_5)
{
    for (bool at_t : {true, false}) {
        make(Ways().gtlb(2).gpwc1(1));
        start(kVa);
        until(MMU_WALK_WAIT, MMU_G_ENTRY, true);
        if (!at_t)
            pending.front().first = now + 1;
        fence(MMU_FENCE_VV);
        comb();
        EXPECT_EQ(out.ev_restart, at_t);
        edge();
        EXPECT_EQ(walker.q.redo[0], !at_t);
        if (!at_t) {
            pending.front().second.err = true; // thrown away too
            comb();
            EXPECT_TRUE(out.ev_restart);
            edge();
        }
        EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
        EXPECT_EQ(walker.q.what[0], MMU_G_ENTRY);
        EXPECT_FALSE(walker.q.gst[0]);
        EXPECT_FALSE(walker.q.redo[0]);
        EXPECT_EQ(rows(), 0u);
        drain();
        EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
        EXPECT_EQ(restarts, 1u);
    }
}

TEST_F(GuestFence, a_swap_of_a_g_word_goes_on_though_it_is_for_an_entry_WALK_8)
{
    for (unsigned st : {MMU_WALK_CAS_REQ, MMU_WALK_CAS_WAIT}) {
        make(Ways().gtlb(2));
        gmap(kRoot, kGLeaf & ~kA);
        start(kVa);
        until(st, MMU_G_ENTRY, true);
        fence();
        tick();
        drain();
        EXPECT_EQ(restarts, 0u);
        EXPECT_EQ(memory[g_entry(kRoot)], pte(kRoot + kHost, kGLeaf));
        EXPECT_EQ(rows(), 0u);
        EXPECT_FALSE(last().done_fill);
    }
}

TEST_F(GuestFence, a_swap_that_is_lost_after_a_fence_restarts_for_an_entry_only_WALK_7)
{
    for (bool same_clock : {false, true})
        for (bool entry : {false, true}) {
            make(Ways());
            gmap(entry ? kRoot : kPage, kGLeaf & ~kA);
            start(kVa);
            until(MMU_WALK_CAS_REQ, entry ? MMU_G_ENTRY : MMU_G_FINAL, true);
            memory[g_entry(entry ? kRoot : kPage)] ^= kD;
            if (!same_clock)
                fence();
            tick();
            if (same_clock)
                fence();
            comb();
            EXPECT_TRUE(out.ev_cas_fail);
            EXPECT_EQ(out.ev_restart, entry);
            edge();
            EXPECT_EQ(walker.q.st[0], entry ? MMU_WALK_G : MMU_WALK_CAS_REQ);
            EXPECT_FALSE(walker.q.redo[0]);
            drain();
            EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
            EXPECT_FALSE(last().done_fill);
        }
}

TEST_F(GuestFence, a_swap_of_a_first_stages_word_that_is_lost_after_a_fence_steps_on_WALK_7)
{
    vmap(kPage, kNoAd);
    start(kVa);
    until(MMU_WALK_CAS_WAIT, MMU_G_UPDATE, false);
    pending.front().second.data = pte(kPage, kNoAd | kD); // what another has made of it
    fence(MMU_FENCE_VV);
    comb();
    EXPECT_TRUE(out.ev_cas_fail);
    EXPECT_FALSE(out.ev_restart);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
    EXPECT_EQ(walker.q.what[0], MMU_G_UPDATE);
}

TEST_F(GuestFence, a_bare_walk_never_restarts_WALK_13)
{
    for (unsigned at = 1; at <= 8; at++) {
        make(Ways().gtlb(1));
        start_bare(kPage);
        tick(at);
        fence();
        tick();
        drain();
        EXPECT_EQ(restarts, 0u) << at;
        EXPECT_FALSE(last().done_fill);
        EXPECT_EQ(rows(), 0u);
        EXPECT_EQ(offers.size(), 3u);
    }
}

TEST_F(GuestFence, nothing_joins_a_walk_of_before_a_fence_WALK_1)
{
    start(kVa);
    tick();
    fence();
    tick();
    start(kVa);
    comb();
    EXPECT_FALSE(out.start_merge);
    EXPECT_EQ(out.start_slot, 1);
}

TEST_F(GuestFence, a_walk_for_an_older_request_fills_no_g_cache_WALK_2)
{
    make(Ways().gtlb(2).gpwc1(1).gpwc2(1).pwc1(1).pwc2(1));
    in.start_old = true;
    start(kVa);
    finish();
    EXPECT_EQ(rows(), 0u);
    EXPECT_FALSE(last().done_fill);
    EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
}

// ---- physical protection ----

class GuestPmp : public GuestFence
{
  protected:
    void SetUp() override
    {
        make(Ways().pmp(16));
        const unsigned napot = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT;
        std::memset(ranges, 0, sizeof ranges);
        ranges[1] = mmu_pmp_decode(static_cast<uint8_t>(napot | MMU_PMP_R | MMU_PMP_W), MMU_PMP_ADDR_MASK, 0);
    }

    void protect(uint64_t pa, unsigned rights)
    {
        const unsigned napot = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT;
        ranges[0] = mmu_pmp_decode(static_cast<uint8_t>(napot | rights), pa >> 2 | 0x1ff, 0);
    }

    void expect_denied(size_t reads)
    {
        ASSERT_EQ(done.size(), 1u);
        EXPECT_EQ(last().done_fault, MMU_FAULT_ACCESS);
        EXPECT_EQ(last().done_entry, 0u);
        EXPECT_FALSE(last().done_fill);
        EXPECT_EQ(offers.size(), reads);
        EXPECT_EQ(restarts, 0u);
    }
};

TEST_F(GuestPmp, both_stages_words_are_checked_at_their_physical_address_WALK_12)
{
    const struct {
        uint64_t page;
        size_t reads;
    } cases[] = {{kGRoot, 0}, {kG1, 1}, {kG0, 2}, {kRoot + kHost, 3}, {kLow + kHost, 11}};
    for (const auto &c : cases) {
        SetUp();
        protect(c.page, MMU_PMP_W | MMU_PMP_X);
        start(kVa);
        finish();
        expect_denied(c.reads);
    }
    SetUp();
    protect(kRoot, 0); // a guest address only
    start(kVa);
    finish();
    EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
}

TEST_F(GuestPmp, swaps_of_both_stages_need_a_writable_word_WALK_12)
{
    protect(kG0, MMU_PMP_R);
    gmap(kRoot, kGLeaf & ~kA);
    start(kVa);
    finish();
    expect_denied(3);
    SetUp();
    protect(kLow + kHost, MMU_PMP_R);
    vmap(kPage, kNoAd);
    start(kVa);
    finish();
    expect_denied(12 + 3);
    EXPECT_EQ(guest(kLowEntry), pte(kPage, kNoAd));
}

TEST_F(GuestPmp, denied_at_a_fence_restarts_for_an_entry_only_WALK_12)
{
    for (bool entry : {true, false})
        for (bool redo : {false, true}) {
            SetUp();
            start(kVa);
            until(MMU_WALK_REQ, entry ? MMU_G_ENTRY : MMU_G_FINAL, true);
            protect(kGRoot, 0);
            if (redo) { // the fence comes while the port is another's
                walker.q.redo[0] = entry;
                walker.q.nofill[0] = true;
            } else {
                fence();
            }
            comb();
            EXPECT_FALSE(out.mreq.valid);
            EXPECT_EQ(out.ev_restart, entry);
            edge();
            EXPECT_EQ(walker.q.st[0], entry ? MMU_WALK_G : MMU_WALK_DONE);
            EXPECT_FALSE(walker.q.redo[0]);
            EXPECT_FALSE(walker.q.gst[0] && entry);
            if (!entry) {
                EXPECT_EQ(walker.q.fault[0], MMU_FAULT_ACCESS);
            }
        }
}

TEST_F(GuestPmp, mseccfg_counts_for_the_walkers_words_PMP_4)
{
    ranges[1].l = true; // with MML: M's alone
    start(kVa);
    finish();
    EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
    forget();
    in.slow.mml = true;
    start(kVa);
    finish();
    expect_denied(0);
}
} // namespace
