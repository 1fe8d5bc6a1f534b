// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker in front of a G stage: which words it reads, when, and what it answers. Rules WALK-1..3, 6, 9, 10,
// 14..17.
#include "cycle/guest_bench.hh"

namespace
{
using Addresses = std::vector<uint64_t>;

TEST_F(Guest, cold_walk_reads_both_stages_in_order_and_completes_at_w_plus_35_WALK_10)
{
    start(kVa);
    EXPECT_EQ(finish(), 35u); // 3 × (1 + 6 + 2) + 1 + 6, and the completion
    const Addresses expected = {
        kGRoot, kG1, g_entry(kRoot), kRootEntry + kHost, // each VS entry, and the page
        kGRoot, kG1, g_entry(kMid),  kMidEntry + kHost,  //
        kGRoot, kG1, g_entry(kLow),  kLowEntry + kHost,  //
        kGRoot, kG1, g_entry(kPage)};
    EXPECT_EQ(addresses(), expected);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_TRUE(last().done_fill);
    EXPECT_EQ(last().done_port, 1);
    EXPECT_EQ(last().done_fault, MMU_FAULT_NONE);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + kHost + 0xabc);
    EXPECT_EQ(g_misses, 4u);
    EXPECT_EQ(g_hits + g_refuses + restarts, 0u);
}

TEST_F(Guest, with_the_g_tlb_it_is_one_clock_more_for_each_address_WALK_10)
{
    make(Ways().gtlb(4));
    warm();
    start(kVa);
    EXPECT_EQ(finish(), 11u); // 3 × (1 + 2) + 1
    EXPECT_EQ(addresses(), (Addresses{kRootEntry + kHost, kMidEntry + kHost, kLowEntry + kHost}));
    EXPECT_EQ(g_hits, 4u);
    EXPECT_EQ(g_misses, 0u);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + kHost + 0xabc);
}

TEST_F(Guest, with_the_g_walk_cache_each_address_costs_one_g_read_WALK_10)
{
    make(Ways().gpwc1(1));
    start(kVa);
    EXPECT_EQ(finish(), 19u + 4); // the first from the root
    forget();
    start(kVa);
    EXPECT_EQ(finish(), 19u); // 3 × (1 + 2 + 2) + 1 + 2
    EXPECT_EQ(offers[0].addr, g_entry(kRoot));
    make(Ways().gpwc2(1));
    warm();
    start(kVa);
    EXPECT_EQ(finish(), 27u);
    EXPECT_EQ(offers[0].addr, kG1);
}

TEST_F(Guest, with_the_walk_caches_of_the_first_stage_it_begins_below_WALK_10)
{
    make(Ways().gtlb(4).pwc1(1).pwc2(1));
    warm();
    start(kVa);
    comb();
    EXPECT_EQ(out.ev_pwc, 1);
    EXPECT_EQ(finish(), 5u); // (1 + 2) + 1
    EXPECT_EQ(addresses(), (Addresses{kLowEntry + kHost}));
    make(Ways().gtlb(4).pwc2(1));
    warm();
    start(kVa);
    comb();
    EXPECT_EQ(out.ev_pwc, 2);
    EXPECT_EQ(finish(), 8u);
}

TEST_F(Guest, with_a_bare_first_stage_there_is_one_address_WALK_2)
{
    make(Ways().gtlb(1).pwc1(1));
    start_bare(kPage + 0x123);
    comb();
    EXPECT_TRUE(out.start_grant);
    EXPECT_EQ(out.ev_pwc, 0);
    edge();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
    EXPECT_EQ(walker.q.what[0], MMU_G_FINAL);
    EXPECT_FALSE(walker.q.gst[0]);
    EXPECT_EQ(mmu_entry_lg(walker.q.entry[0]), 63);
    EXPECT_EQ(walker.q.pos[0], 0u);
    drain();
    EXPECT_EQ(done.back().clock, now - 1);
    EXPECT_EQ(now - 1, 8u); // w = 0
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kPage + 0x123), kPage + kHost + 0x123);
    forget();
    start_bare(kPage);
    EXPECT_EQ(finish(), 2u);
}

TEST_F(Guest, new_walk_wants_the_g_stage_for_its_first_entry_WALK_2)
{
    in.start_old = true;
    start(kVa);
    tick();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_G);
    EXPECT_EQ(walker.q.what[0], MMU_G_ENTRY);
    EXPECT_FALSE(walker.q.gst[0]);
    EXPECT_FALSE(walker.q.redo[0]);
    EXPECT_TRUE(walker.q.nofill[0]);
    EXPECT_EQ(walker.q.pos[0], mmu_pos_make(2, false, kRoot >> 9));
}

TEST_F(Guest, without_a_g_stage_a_guests_walk_has_one_stage_COMB_3)
{
    make(Ways().gtlb(1).pwc1(1));
    mmu_rq_t rq = request(kVa);
    rq.ctx.gmode = MMU_MODE_BARE;
    memory[kRootEntry] = pte(kMid, kV); // guest addresses are physical
    memory[kMidEntry] = pte(kLow, kV);
    memory[kLowEntry] = pte(kPage, kLeaf);
    start(rq);
    EXPECT_EQ(finish(), 7u);
    EXPECT_EQ(walker.q.what[0], MMU_G_NONE);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), kPage + 0xabc);
    EXPECT_EQ(last().done_row.vm, MMU_VM_V | kVmid | 12u << MMU_VM_FLG_SHIFT);
    EXPECT_EQ(walker.cache.array[0].q.vm[0], MMU_VM_V | kVmid | 21u << MMU_VM_FLG_SHIFT);
    EXPECT_EQ(g_hits + g_misses, 0u);
}

TEST_F(Guest, without_v_a_walk_has_one_stage_though_gmode_stands_FMT_2)
{
    mmu_rq_t rq = request(kVa);
    rq.ctx.v = false;
    rq.ctx.vmid = 0;
    start(rq);
    tick();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_REQ);
    EXPECT_EQ(walker.q.what[0], MMU_G_NONE);
}

TEST_F(Guest, row_is_a_piece_of_the_first_stages_page_WALK_9)
{
    guest(kMidEntry) = pte(0, kLeaf); // 2 MiB at guest address 0, in pieces of 4 KiB
    gmap(0x167000);
    start(kVa);
    finish();
    EXPECT_EQ(last().done_row.key, mmu_make_key(kAsid, kVa));
    EXPECT_EQ(last().done_row.mask, mmu_make_mask(12, false));
    EXPECT_EQ(last().done_row.vm, MMU_VM_V | kVmid | 21u << MMU_VM_FLG_SHIFT);
    EXPECT_EQ(last().done_row.data, last().done_entry);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, kVa), 0x167abc + kHost);
}

TEST_F(Guest, row_of_a_small_page_in_a_large_g_page_is_small_WALK_9)
{
    memory[kG1] = pte(kHost, kGLeaf); // 2 MiB
    start(kVa);
    EXPECT_EQ(finish(), 1 + 3 * (1 + 4 + 2) + 1 + 4u);
    EXPECT_EQ(last().done_row.mask, mmu_make_mask(12, false));
    EXPECT_EQ(mmu_vm_flg(last().done_row.vm), 12u);
}

TEST_F(Guest, row_of_a_bare_first_stage_has_the_address_in_the_place_of_the_asid_WALK_9)
{
    mmu_rq_t rq = request((UINT64_C(1) << 57) | kPage);
    rq.ctx.mode = MMU_MODE_BARE;
    rq.ctx.gmode = MMU_MODE_SV57; // 59 bits
    const uint64_t root = kGRoot + (UINT64_C(1) << 57 >> 48) * 8;
    memory[root] = pte(0x90000000, kV);
    memory[0x90000000] = pte(0x90001000, kV);
    memory[0x90001000] = pte(0x90002000, kV);
    memory[0x90002000] = pte(0x200000, kGLeaf);
    start(rq);
    EXPECT_EQ(finish(), 1 + 1 + 8u);
    EXPECT_EQ(offers[0].addr, root);
    EXPECT_EQ(last().done_row.key, mmu_make_key(1, kPage)); // VA[63:57]
    EXPECT_EQ(last().done_row.mask, mmu_make_mask(21, false));
    EXPECT_EQ(last().done_row.vm, MMU_VM_V | MMU_VM_BARE | kVmid | 21u << MMU_VM_FLG_SHIFT);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, rq.va), 0x200000 + kPage);
}

TEST_F(Guest, words_are_as_wide_as_their_stages_WALK_3)
{
    mmu_rq_t rq = request(0x00c03004);
    rq.ctx.mode = MMU_MODE_SV32;
    memory[kRoot + kHost + 3 * 4] = 0x00000000 | kLeaf; // 4 MiB at guest address 0
    gmap(0x3000);
    start(rq);
    finish();
    ASSERT_EQ(offers.size(), 7u);
    for (unsigned n = 0; n < 7; n++)
        EXPECT_EQ(offers[n].wide, n != 3) << n;
    EXPECT_EQ(offers[3].addr, kRoot + kHost + 3 * 4);
    EXPECT_EQ(mmu_entry_pa(last().done_entry, rq.va), 0x3004 + kHost);

    make(Ways());
    rq = request(kPage);
    rq.ctx.mode = MMU_MODE_BARE;
    rq.ctx.gmode = MMU_MODE_SV32;
    start(rq);
    tick(2);
    comb();
    EXPECT_TRUE(out.mreq.valid);
    EXPECT_FALSE(out.mreq.wide);
}

TEST_F(Guest, an_offer_of_a_g_word_stays_until_taken_WALK_3)
{
    in.mreq_ready = false;
    start(kVa);
    tick(2);
    for (unsigned n = 0; n < 3; n++) {
        comb();
        EXPECT_TRUE(out.mreq.valid);
        EXPECT_EQ(out.mreq.addr, kGRoot);
        edge();
        EXPECT_TRUE(walker.q.lock_valid);
        EXPECT_EQ(walker.q.st[0], MMU_WALK_REQ);
    }
    in.mreq_ready = true;
    tick();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_WAIT);
    EXPECT_FALSE(walker.q.lock_valid);
}

TEST_F(Guest, no_word_is_offered_in_the_clock_of_the_g_look_up_WALK_14)
{
    start(kVa);
    tick();
    comb(); // w + 1
    EXPECT_FALSE(out.mreq.valid);
    EXPECT_TRUE(out.ev_g_miss);
    edge();
    comb(); // w + 2
    EXPECT_TRUE(out.mreq.valid);
    EXPECT_FALSE(out.ev_g_miss);
    EXPECT_TRUE(walker.q.gst[0]);
    EXPECT_EQ(walker.q.gpos[0], mmu_pos_make(2, false, kGRoot >> 9));
}

TEST_F(Guest, joins_in_walk_g_too_WALK_1)
{
    start(kVa);
    tick();
    ASSERT_EQ(walker.q.st[0], MMU_WALK_G);
    start(kVa + 8);
    comb();
    EXPECT_TRUE(out.start_merge);
    EXPECT_EQ(out.start_slot, 0);
}

TEST_F(Guest, another_machine_takes_a_walk_of_its_own_WALK_1)
{
    using Change = void (*)(mmu_ctx_t &);
    const Change changes[] = {
        [](mmu_ctx_t &c) { c.vmid++; },
        [](mmu_ctx_t &c) { c.groot += 4; },
        [](mmu_ctx_t &c) { c.gmode = MMU_MODE_SV48; },
        [](mmu_ctx_t &c) { c.gmxr = true; },
        [](mmu_ctx_t &c) { c.v = false; },
    };
    for (const Change &change : changes) {
        make(Ways());
        start(kVa);
        tick();
        start(kVa);
        change(in.start_rq.ctx);
        comb();
        EXPECT_TRUE(out.start_grant);
        EXPECT_FALSE(out.start_merge);
        edge();
        drain();
    }
}

TEST_F(Guest, an_error_of_a_g_read_is_an_access_fault_WALK_6)
{
    for (unsigned read = 0; read < 15; read++) {
        make(Ways());
        start(kVa);
        while (offers.size() <= read)
            tick();
        pending.back().second.err = true;
        drain();
        ASSERT_EQ(done.size(), 1u);
        EXPECT_EQ(last().done_fault, MMU_FAULT_ACCESS) << read;
        EXPECT_EQ(last().done_entry, 0u);
        EXPECT_EQ(offers.size(), read + 1);
    }
}

TEST_F(Guest, a_first_stages_page_fault_is_no_guest_page_fault_WALK_6)
{
    vmap(kPage, 0);
    start(kVa);
    finish();
    EXPECT_EQ(last().done_fault, MMU_FAULT_PAGE);
    EXPECT_EQ(last().done_entry, 0u);
}

TEST_F(Guest, a_page_that_the_g_stage_lacks_faults_with_its_address_WALK_16)
{
    gmap(kPage, 0);
    start(kVa + 2); // 0xabe: the low two bits do not count
    finish();
    expect_guest_fault(kPage + 0xabc, 0);
}

TEST_F(Guest, an_entry_that_the_g_stage_lacks_faults_with_its_address_WALK_16)
{
    const uint64_t entries[] = {kRootEntry, kMidEntry, kLowEntry};
    for (uint64_t entry : entries) {
        make(Ways().gtlb(4));
        gmap(entry & ~UINT64_C(0xfff), 0);
        start(kVa, MMU_ACC_STORE);
        finish();
        expect_guest_fault(entry, 1);
        EXPECT_EQ(walker.q.what[0], MMU_G_ENTRY);
    }
}

TEST_F(Guest, an_entry_that_may_not_be_written_faults_as_an_update_WALK_16)
{
    for (unsigned ways : {0u, 4u}) {
        make(Ways().gtlb(ways));
        gmap(kLow, kV | kR | kU | kA); // readable
        vmap(kPage, kV | kR);          // A is clear
        start(kVa);
        finish();
        expect_guest_fault(kLowEntry, 2);
        EXPECT_EQ(guest(kLowEntry), pte(kPage, kV | kR));
        EXPECT_EQ(g_refuses, ways != 0 ? 1u : 0u);
    }
}

TEST_F(Guest, beyond_the_g_stages_width_nothing_is_looked_up_WALK_14)
{
    mmu_rq_t rq = request(kVa);
    rq.ctx.root = UINT64_C(1) << 29; // bit 41
    start(rq);
    EXPECT_EQ(finish(), 2u);
    expect_guest_fault((UINT64_C(1) << 41) + 0x48 * 8, 1);
    EXPECT_EQ(g_hits + g_misses + g_refuses, 0u);
    EXPECT_TRUE(offers.empty());

    make(Ways().gtlb(4));
    vmap(UINT64_C(1) << 41, kLeaf);
    start(kVa);
    finish();
    expect_guest_fault((UINT64_C(1) << 41) | 0xabc, 0);
    EXPECT_EQ(g_misses, 3u);

    make(Ways().gtlb(4)); // a page is at its end still in: t - 1 of the limit
    vmap((UINT64_C(1) << 41) - 0x1000, kLeaf);
    start(kVa);
    finish();
    EXPECT_EQ(g_misses, 4u);
    expect_guest_fault((UINT64_C(1) << 41) - 0x1000 + 0xabc, 0); // not mapped
}

TEST_F(Guest, one_slot_asks_one_has_a_response_one_is_offered_in_one_clock_WALK_17)
{
    make(Ways().slots(3));
    bool all = false;
    unsigned started = 0;
    for (unsigned n = 0; n < 2000 && (started < 40 || mmu_walker_busy(&walker)); n++) {
        if (started < 40)
            start(kVa ^ (static_cast<uint64_t>(started) << 12));
        comb();
        started += in.start && out.start_grant;
        if (out.ev_g_miss && in.mrsp.valid && out.mreq.valid) {
            const unsigned asks = walker.d.ask.at, answers = walker.d.answer.at, offers_now = out.mreq.id;
            EXPECT_TRUE(asks != answers && answers != offers_now && asks != offers_now);
            edge();
            all = true;
            EXPECT_EQ(walker.q.st[asks], MMU_WALK_REQ);
            EXPECT_TRUE(walker.q.gst[asks]);
            EXPECT_EQ(walker.q.st[offers_now], MMU_WALK_WAIT);
            EXPECT_NE(walker.q.st[answers], MMU_WALK_WAIT);
        } else {
            edge();
        }
    }
    EXPECT_TRUE(all);
    EXPECT_EQ(done.size(), 40u);
}

TEST_F(Guest, the_lowest_slot_asks_first_WALK_14)
{
    start(kVa);
    tick();
    fence(); // slot 0 does not ask in this clock, and begins anew in the next
    tick();
    start(kVa);
    comb(); // slot 1 takes its own walk, since that of slot 0 will not fill
    EXPECT_TRUE(out.ev_restart);
    EXPECT_EQ(out.start_slot, 1);
    edge();
    ASSERT_EQ(walker.q.st[0], MMU_WALK_G);
    ASSERT_EQ(walker.q.st[1], MMU_WALK_G);
    tick();
    EXPECT_EQ(walker.q.st[0], MMU_WALK_REQ);
    EXPECT_EQ(walker.q.st[1], MMU_WALK_G);
    tick();
    EXPECT_EQ(walker.q.st[1], MMU_WALK_REQ);
}

TEST_F(Guest, two_walks_at_once_have_their_own_state)
{
    make(Ways().gtlb(8));
    gmap(0x41000);
    guest(kLow + 0x168 * 8) = pte(0x41000, kLeaf);
    start(kVa);
    tick();
    start(kVa + 0x1000);
    finish();
    ASSERT_EQ(done.size(), 2u);
    EXPECT_EQ(done[0].out.done_slot, 0);
    EXPECT_EQ(mmu_entry_pa(done[0].out.done_entry, kVa), kPage + kHost + 0xabc);
    EXPECT_EQ(done[1].out.done_slot, 1);
    EXPECT_EQ(mmu_entry_pa(done[1].out.done_entry, kVa), 0x41000 + kHost + 0xabc);
}

TEST_F(Guest, a_slot_that_ended_in_the_g_stage_begins_clean_WALK_2)
{
    for (bool two : {false, true}) {
        make(Ways().slots(1));
        gmap(kRoot, 0);
        start(kVa);
        finish();
        expect_guest_fault(kRootEntry, 1);
        forget();
        gmap(kRoot);
        start(two ? request(kVa) : make_rq(kVa));
        tick();
        EXPECT_FALSE(walker.q.gst[0]);
        EXPECT_EQ(walker.q.what[0], two ? MMU_G_ENTRY : MMU_G_NONE);
        tick(2);
        EXPECT_EQ(offers[0].addr, two ? kGRoot : 0x80000000 + 0x48 * 8);
    }
}

TEST_F(Guest, reset_forgets_the_g_stage_too)
{
    make(Ways().gtlb(4).gpwc1(2).gpwc2(2).pwc1(2));
    warm();
    start(kVa);
    tick(3);
    mmu_walker_seq(&walker, false);
    pending.clear();
    EXPECT_FALSE(mmu_walker_busy(&walker));
    forget();
    start(kVa);
    finish();
    EXPECT_EQ(offers[0].addr, kGRoot);
    EXPECT_EQ(g_misses, 4u);
}
} // namespace
