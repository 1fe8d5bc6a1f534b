// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker in front of a G stage: A and D in the words of both stages, the G stage's TLB and walk caches. Rules
// WALK-6, 7, 14, 15, PWC-2, GTLB-2.
#include "cycle/guest_bench.hh"

namespace
{
constexpr uint64_t kNoAd = kV | kR | kW | kX;

TEST_F(Guest, an_update_of_a_first_stages_entry_is_translated_again_WALK_6)
{
    make(Ways().gtlb(4));
    warm();
    vmap(kPage, kNoAd);
    start(kVa, MMU_ACC_STORE);
    EXPECT_EQ(finish(), 11u + 3); // GUpdate 1, the swap 2
    ASSERT_EQ(offers.size(), 4u);
    EXPECT_TRUE(offers[3].cas);
    EXPECT_EQ(offers[3].addr, kLowEntry + kHost);
    EXPECT_EQ(offers[3].old_word, pte(kPage, kNoAd));
    EXPECT_EQ(offers[3].new_word, pte(kPage, kLeaf));
    EXPECT_EQ(guest(kLowEntry), pte(kPage, kLeaf));
    EXPECT_EQ(g_hits, 5u);
    EXPECT_TRUE(last().done_fill);
    EXPECT_EQ(last().done_entry & (MMU_ENTRY_A | MMU_ENTRY_D), MMU_ENTRY_A | MMU_ENTRY_D);
}

TEST_F(Guest, an_update_whose_g_leaf_lacks_d_sets_that_first_WALK_7)
{
    make(Ways().gtlb(4));
    gmap(kLow, kGLeaf & ~kD);
    warm(); // the row of kLow has no D
    vmap(kPage, kNoAd);
    start(kVa);
    EXPECT_EQ(finish(), 11u + 1 + 6 + 2 + 2); // GUpdate misses, three G reads, its swap, the swap
    ASSERT_EQ(offers.size(), 3 + 3 + 2u);
    EXPECT_TRUE(offers[6].cas);
    EXPECT_EQ(offers[6].addr, g_entry(kLow));
    EXPECT_EQ(offers[6].new_word, pte(kLow + kHost, kGLeaf));
    EXPECT_TRUE(offers[7].cas);
    EXPECT_EQ(offers[7].addr, kLowEntry + kHost);
    EXPECT_EQ(offers[7].new_word, pte(kPage, kNoAd | kA)); // a load
    EXPECT_EQ(memory[g_entry(kLow)], pte(kLow + kHost, kGLeaf));
    EXPECT_EQ(guest(kLowEntry), pte(kPage, kNoAd | kA));
    EXPECT_EQ(g_refuses, 1u);
    EXPECT_EQ(g_misses, 1u); // a refusal is a miss too
    EXPECT_EQ(g_hits, 4u);
    forget();
    vmap(kPage, kNoAd);
    start(kVa);
    EXPECT_EQ(finish(), 11u + 3); // its row has D now (GTLB-2)
}

TEST_F(Guest, a_g_leaf_without_a_is_set_before_its_address_is_used_WALK_7)
{
    gmap(kRoot, kGLeaf & ~(kA | kD));
    start(kVa);
    EXPECT_EQ(finish(), 35u + 2);
    EXPECT_TRUE(offers[3].cas);
    EXPECT_EQ(offers[3].addr, g_entry(kRoot));
    EXPECT_EQ(offers[3].new_word, pte(kRoot + kHost, kGLeaf & ~kD));
    EXPECT_EQ(offers[4].addr, kRootEntry + kHost);
    EXPECT_FALSE(offers[4].cas);
}

TEST_F(Guest, a_store_sets_d_in_both_stages_leaves_WALK_7)
{
    gmap(kPage, kGLeaf & ~(kA | kD));
    vmap(kPage, kNoAd);
    start(kVa, MMU_ACC_STORE);
    finish();
    EXPECT_EQ(memory[g_entry(kPage)], pte(kPage + kHost, kGLeaf));
    EXPECT_EQ(guest(kLowEntry), pte(kPage, kLeaf));
    EXPECT_EQ(last().done_entry & MMU_ENTRY_D, MMU_ENTRY_D);
}

TEST_F(Guest, each_stage_has_its_own_permission_to_set_a_FMT_2)
{
    vmap(kPage, kNoAd);
    in.slow.hadue = false;
    start(kVa);
    finish();
    EXPECT_EQ(last().done_fault, MMU_FAULT_PAGE);

    make(Ways());
    gmap(kPage, kGLeaf & ~kA);
    in.slow.adue = false;
    start(kVa);
    finish();
    expect_guest_fault(kPage + 0xabc, 0);
}

TEST_F(Guest, a_lost_swap_of_a_g_word_steps_again_with_the_word_returned_WALK_7)
{
    gmap(kPage, kGLeaf & ~kA);
    start(kVa);
    until(MMU_WALK_CAS_REQ, MMU_G_FINAL, true);
    memory[g_entry(kPage)] = pte(0x77000, kGLeaf & ~kA); // somebody else was here
    tick();
    ASSERT_EQ(walker.q.st[0], MMU_WALK_CAS_WAIT);
    comb();
    EXPECT_TRUE(out.ev_cas_fail);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_CAS_REQ);
    EXPECT_EQ(walker.q.gcas_old[0], pte(0x77000, kGLeaf & ~kA));
    drain();
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), 0x77abcu);
    EXPECT_EQ(memory[g_entry(kPage)], pte(0x77000, kGLeaf));
    EXPECT_EQ(cas_fails, 1u);
}

TEST_F(Guest, a_lost_swap_of_a_g_word_can_become_a_fault_WALK_7)
{
    gmap(kRoot, kGLeaf & ~kA);
    start(kVa);
    until(MMU_WALK_CAS_REQ, MMU_G_ENTRY, true);
    memory[g_entry(kRoot)] = 0;
    drain();
    expect_guest_fault(kRootEntry, 1);
}

TEST_F(Guest, a_lost_swap_of_a_first_stages_word_goes_on_from_there_WALK_7)
{
    make(Ways().gtlb(4));
    guest(kMidEntry) = pte(0, kNoAd); // 2 MiB without A
    start(kVa);
    until(MMU_WALK_CAS_REQ, MMU_G_UPDATE, false);
    guest(kMidEntry) = pte(kLow, kV); // a pointer by now
    drain();
    EXPECT_EQ(cas_fails, 1u);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + kHost + 0xabc);

    make(Ways().gtlb(4));
    vmap(kPage, kNoAd);
    start(kVa);
    until(MMU_WALK_CAS_REQ, MMU_G_UPDATE, false);
    guest(kLowEntry) = pte(kPage, kLeaf); // somebody else has set A: a leaf
    tick(2);
    EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
    EXPECT_EQ(walker.q.what[0], MMU_G_FINAL);
    drain();
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + kHost + 0xabc);

    make(Ways().gtlb(4));
    vmap(kPage, kNoAd);
    start(kVa);
    until(MMU_WALK_CAS_REQ, MMU_G_UPDATE, false);
    guest(kLowEntry) = pte(kPage + 0x1000, kNoAd); // another page: the update is translated again
    tick(2);
    EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
    EXPECT_EQ(walker.q.what[0], MMU_G_UPDATE);
    EXPECT_EQ(walker.q.cas_old[0], pte(kPage + 0x1000, kNoAd));
}

TEST_F(Guest, an_error_of_either_swap_is_an_access_fault_WALK_7)
{
    for (bool g : {false, true}) {
        make(Ways());
        gmap(kLow, g ? kGLeaf & ~kD : kGLeaf);
        vmap(kPage, kNoAd);
        start(kVa);
        until(MMU_WALK_CAS_WAIT);
        EXPECT_EQ(walker.q.gst[0], g);
        pending.back().second.err = true;
        drain();
        EXPECT_EQ(last().done_fault, MMU_FAULT_ACCESS);
        EXPECT_EQ(last().done_entry, 0u);
    }
}

TEST_F(Guest, the_g_tlb_keeps_leaves_by_vmid_and_guest_address_GTLB_2)
{
    make(Ways().gtlb(8));
    memory[kG1 + 8] = pte(0x40000000, kGLeaf); // 2 MiB at guest address 2 MiB
    vmap(0x234000, kLeaf);
    start(kVa);
    finish();
    const mmu_array_t &rows = walker.gtlb.array;
    EXPECT_EQ(rows.q.valid[0], 0xfu);
    EXPECT_EQ(rows.q.key[0], mmu_make_gkey(kVmid, kRootEntry));
    EXPECT_EQ(rows.q.mask[0], mmu_make_gmask(12));
    EXPECT_EQ(mmu_entry_pa(rows.q.data[0], 0), kRoot + kHost);
    EXPECT_EQ(rows.q.key[3], mmu_make_gkey(kVmid, 0x234abc));
    EXPECT_EQ(rows.q.mask[3], mmu_make_gmask(21));
    forget();
    start(kVa);
    in.start_rq.ctx.vmid = kVmid + 1;
    finish();
    EXPECT_EQ(g_hits, 0u);
}

TEST_F(Guest, a_napot_leaf_is_not_kept_since_each_of_its_entries_has_its_own_a_GTLB_2)
{
    constexpr uint64_t kN = UINT64_C(1) << 63;
    make(Ways().gtlb(8));
    in.slow.svnapot = true;
    for (uint64_t n = 0; n < 16; n++) // 64 KiB at guest address 0x10000: the tables of the first stage
        memory[g_entry(kRoot + n * 0x1000)] = pte(kHost + kRoot + 0x8000, kN | (kGLeaf & ~kA));
    start(kVa);
    finish();
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + kHost + 0xabc);
    EXPECT_EQ(g_hits, 0u);
    for (uint64_t n = 0; n < 16; n++) // of root, middle and low table
        EXPECT_EQ(memory[g_entry(kRoot + n * 0x1000)] & kA, n < 3 ? kA : 0) << n;
    EXPECT_EQ(walker.gtlb.array.q.valid[0], 1u); // the page
    EXPECT_EQ(walker.gtlb.array.q.key[0], mmu_make_gkey(kVmid, kPage + 0xabc));
}

TEST_F(Guest, a_hit_that_is_granted_is_touched_and_the_other_is_the_victim_WALK_14)
{
    for (bool again : {false, true}) {
        make(Ways().gtlb(2));
        gmap(0x41000);
        gmap(0x42000);
        for (uint64_t gpa : {kPage, UINT64_C(0x41000)}) {
            start_bare(gpa);
            finish();
        }
        if (again) { // else kPage is the older
            start_bare(kPage);
            finish();
        }
        start_bare(0x42000);
        finish();
        forget();
        start_bare(kPage);
        finish();
        EXPECT_EQ(g_hits, again ? 1u : 0u);
    }
}

TEST_F(Guest, the_g_walk_caches_keep_pointers_by_level_PWC_2)
{
    make(Ways().gpwc1(2).gpwc2(2));
    start(kVa);
    finish();
    const mmu_array_t &one = walker.gcache.array[0], &two = walker.gcache.array[1];
    EXPECT_EQ(one.q.valid[0], 1u);
    EXPECT_EQ(one.q.key[0], mmu_make_gkey(kVmid, kRootEntry));
    EXPECT_EQ(one.q.mask[0], mmu_make_gmask(21));
    EXPECT_EQ(one.q.data[0], mmu_pos_make(0, false, kG0 >> 9));
    EXPECT_EQ(two.q.mask[0], mmu_make_gmask(30));
    EXPECT_EQ(two.q.data[0], mmu_pos_make(1, false, kG1 >> 9));
    EXPECT_FALSE(one.cfg.vm);
    EXPECT_TRUE(walker.cache.cfg.hypervisor);
}

TEST_F(Guest, the_deepest_g_pointer_counts_and_only_it_is_touched_WALK_14)
{
    make(Ways().gpwc1(2).gpwc2(2));
    memory[kG1 + 8] = pte(kG0 + 0x1000, kV); // a second 2 MiB
    memory[kG0 + 0x1000] = pte(0x40000000, kGLeaf);
    vmap(0x200000, kLeaf);
    start(kVa);
    finish();
    const uint64_t tree1 = walker.gcache.array[0].repl.plru.q.tree[0];
    const uint64_t tree2 = walker.gcache.array[1].repl.plru.q.tree[0];
    start(kVa);
    tick();
    comb();
    EXPECT_EQ(out.ev_gpwc, 1);
    EXPECT_TRUE(out.ev_g_miss);
    edge();
    EXPECT_EQ(walker.q.gpos[0], mmu_pos_make(0, false, kG0 >> 9));
    EXPECT_NE(walker.gcache.array[0].repl.plru.q.tree[0], tree1);
    EXPECT_EQ(walker.gcache.array[1].repl.plru.q.tree[0], tree2);
}

TEST_F(Guest, a_hit_in_the_g_tlb_leaves_the_g_walk_caches_alone_WALK_14)
{
    make(Ways().gtlb(8).gpwc1(2).gpwc2(2));
    memory[kG1 + 8] = pte(kG0 + 0x1000, kV);
    memory[kG0 + 0x1000] = pte(0x40000000, kGLeaf);
    vmap(0x200000, kLeaf);
    warm();
    const uint64_t tree1 = walker.gcache.array[0].repl.plru.q.tree[0];
    start(kVa);
    tick();
    comb();
    EXPECT_TRUE(out.ev_g_hit);
    EXPECT_EQ(out.ev_gpwc, 0);
    drain();
    EXPECT_EQ(g_misses, 0u);
    EXPECT_EQ(walker.gcache.array[0].repl.plru.q.tree[0], tree1);
}

TEST_F(Guest, a_look_up_sees_the_state_of_before_a_fill_of_its_clock_WALK_17)
{
    for (unsigned late : {0u, 1u}) {
        make(Ways().gtlb(4).gpwc1(1));
        start_bare(kPage);
        tick();
        until(MMU_WALK_WAIT, MMU_G_FINAL, true);
        tick(4); // its last word is on its way
        ASSERT_EQ(walker.q.st[0], MMU_WALK_WAIT);
        pending.front().first = now + 1 - late;
        if (late != 0)
            tick(); // in this clock the row is filled
        start_bare(kPage, MMU_ACC_STORE);
        tick();
        comb();
        EXPECT_EQ(out.ev_g_hit, late != 0) << late;
        EXPECT_EQ(out.ev_g_miss, late == 0) << late;
        edge();
        drain();
        EXPECT_EQ(done.size(), 2u);
    }
}
} // namespace
