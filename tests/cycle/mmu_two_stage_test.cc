// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Virtual machines in the whole MMU: rules KEY-5, KEY-7, REQ-1, REQ-8, L1-2, L1-12, L2-6, FEN, TOP-1, TOP-8.
#include <set>
#include <string>

#include "cycle/guest.hh"

namespace
{
enum { I = MMU_PORT_I, D = MMU_PORT_D };
constexpr uint64_t kVa = 0x5000;

TEST(TwoStage, one_address_is_another_in_each_machine_cold_warm_and_at_the_other_port)
{
    GuestBench b;
    b.map(kVa, 0x10000);
    for (unsigned vm : {1u, 2u}) {
        b.vsmap(vm, kVa, 0x20000);
        b.gmap(vm, 0x20000, 0x30000 + vm * 0x1000);
    }
    for (unsigned round = 0; round < 2; round++)
        for (unsigned port : {D, I}) {
            EXPECT_EQ(b.pa(b.host(), kVa, port), 0x10000u);
            EXPECT_EQ(b.pa(b.guest(1), kVa, port), 0x31000u);
            EXPECT_EQ(b.pa(b.guest(2), kVa, port), 0x32000u);
            EXPECT_EQ(b.words(b.guest(2), kVa, port), 0u); // and it is held
        }
}

TEST(TwoStage, bare_and_paged_first_stage_do_not_mix_under_one_asid)
{
    GuestBench b;
    b.vsmap(1, kVa, 0x20000);
    b.gmap(1, 0x20000, 0x31000);
    b.gmap(1, kVa, 0x32000);
    mmu_ctx_t paged = b.guest(1), bare = b.guest(1, MMU_MODE_BARE);
    paged.asid = bare.asid = 0;
    for (unsigned round = 0; round < 3; round++) {
        EXPECT_EQ(b.pa(paged, kVa), 0x31000u);
        EXPECT_EQ(b.pa(bare, kVa), 0x32000u);
    }
}

TEST(TwoStage, a_bare_first_stages_upper_bits_count_to_the_end)
{
    GuestBench b;
    mmu_ctx_t bare = b.guest(1, MMU_MODE_BARE);
    bare.gmode = MMU_MODE_SV57;
    // Five levels: bit 57 chooses another half of the root table, of 16 KiB.
    const uint64_t root = b.groot(1), high = UINT64_C(1) << 57, table = 0x48000000;
    for (uint64_t top : {UINT64_C(0), high}) {
        const uint64_t at = table + (top != 0 ? 0x100000 : 0);
        b.memory.word(root + (top >> 48) * 8) = at >> 12 << 10 | kV;
        b.memory.word(at) = (at + 0x1000) >> 12 << 10 | kV;
        b.memory.map(at + 0x1000, kVa, top != 0 ? 0x32000 : 0x31000, 12, kRwx | kU);
    }
    for (unsigned round = 0; round < 2; round++) {
        EXPECT_EQ(b.pa(bare, kVa), 0x31000u);
        EXPECT_EQ(b.pa(bare, high | kVa), 0x32000u);
    }
    EXPECT_EQ(b.words(bare, kVa) + b.words(bare, kVa), 0u);
}

// ---- fences ----

TEST(TwoStage, a_fence_by_address_ends_every_piece_of_a_large_page_KEY_7)
{
    for (const bool fenced : {false, true}) {
        GuestBench b(with_two_stages(default_shape()));
        const uint64_t pieces[] = {0x200000, 0x201000, 0x3ff000};
        b.vsmap(1, 0x200000, 0x20000000, 21);
        for (uint64_t piece : pieces) {
            b.gmap(1, 0x20000000 + piece - 0x200000, 0x1000000 + piece);
            b.gmap(1, 0x20200000 + piece - 0x200000, 0x2000000 + piece);
            EXPECT_EQ(b.pa(b.guest(1), piece), 0x1000000 + piece);
        }
        b.vsmap(1, 0x200000, 0x20200000, 21);
        if (fenced)
            b.do_fence(by_va(by_vmid(make_fence(MMU_FENCE_VV), 1), 0x2aa000)); // in none of them
        for (uint64_t piece : pieces)
            for (unsigned port : {D, I})
                EXPECT_EQ(b.pa(b.guest(1), piece, port), (fenced ? 0x2000000 : 0x1000000) + piece);
    }
}

TEST(TwoStage, each_fence_ends_what_it_covers_and_spares_the_rest)
{
    struct {
        mmu_fence_t fence;
        bool host, one, two;          // stay at the port that has used them
        bool l2_host, l2_one, l2_two; // at the other port, through the L2
    } const cases[] = {
        {by_asid(make_fence(MMU_FENCE_S), 1), false, true, true, false, true, true},
        {by_va(make_fence(MMU_FENCE_S), kVa), false, true, true, false, true, true},
        {make_fence(MMU_FENCE_S), false, true, true, false, false, false}, // L2-6: all of the L2
        {by_vmid(make_fence(MMU_FENCE_VV), 1), true, false, true, true, false, true},
        {by_va(by_vmid(make_fence(MMU_FENCE_VV), 2), kVa), true, true, false, true, true, false},
        {by_asid(by_vmid(make_fence(MMU_FENCE_VV), 2), 3), true, true, true, true, true, true},
        {by_vmid(make_fence(MMU_FENCE_G), 1), true, false, true, true, false, true},
        {by_va(by_vmid(make_fence(MMU_FENCE_G), 1), 0x777000), true, false, true, true, false, true},
        {make_fence(MMU_FENCE_G), true, false, false, false, false, false}, // L2-6
        {make_fence(MMU_FENCE_INVAL_IR), true, true, true, true, true, true},
        {make_fence(MMU_FENCE_W_INVAL), true, true, true, true, true, true},
    };
    unsigned n = 0;
    for (const auto &c : cases) {
        mmu_cfg_t cfg = with_two_stages(default_shape(), 0);
        for (auto &cache : cfg.pwc) // so that what is walked again reads words
            cache = {0, 0};
        GuestBench b(cfg);
        b.map(kVa, 0x10000);
        for (unsigned vm : {1u, 2u}) {
            b.vsmap(vm, kVa, 0x20000);
            b.gmap(vm, 0x20000, 0x30000 + vm * 0x1000);
        }
        const mmu_ctx_t ctx[] = {b.host(), b.guest(1), b.guest(2)};
        for (const mmu_ctx_t &of : ctx)
            (void)b.pa(of, kVa, D);
        b.do_fence(c.fence);
        const bool l2[] = {c.l2_host, c.l2_one, c.l2_two}, l1[] = {c.host, c.one, c.two};
        for (unsigned k = 0; k < 3; k++)
            EXPECT_EQ(b.words(ctx[k], kVa, I) == 0, l2[k]) << "case " << n << " L2 " << k;
        for (unsigned k = 0; k < 3; k++) // after the L2 has it again in any case
            EXPECT_EQ(b.events[MMU_EV_L1_HIT_D] + (b.pa(ctx[k], kVa, D) != 0 && l1[k]),
                      b.events[MMU_EV_L1_HIT_D])
                << "case " << n << " L1 " << k;
        n++;
    }
}

TEST(TwoStage, FenceG_makes_a_new_frame_seen_whatever_was_held_of_the_old)
{
    for (const mmu_fence_t &fence : {make_fence(MMU_FENCE_G), by_vmid(make_fence(MMU_FENCE_G), 1),
                                     by_va(by_vmid(make_fence(MMU_FENCE_G), 1), 0x20123)}) {
        for (const mmu_cfg_t &shape : {tiny_shape(), default_shape()}) {
            GuestBench b(with_two_stages(shape));
            b.vsmap(1, kVa, 0x20000);
            b.gmap(1, 0x20000, 0x31000);
            EXPECT_EQ(b.pa(b.guest(1), kVa), 0x31000u);
            b.gmap(1, 0x20000, 0x32000);
            EXPECT_EQ(b.pa(b.guest(1), kVa), 0x31000u); // still the old one
            b.do_fence(fence);
            EXPECT_EQ(b.pa(b.guest(1), kVa), 0x32000u);
            EXPECT_EQ(b.pa(b.guest(1), kVa, I), 0x32000u);
        }
    }
}

// A walk is under way for 20 clocks a word; a fence comes.
struct Busy : GuestBench {
    Busy() : GuestBench(with_two_stages(default_shape()))
    {
        map(kVa, 0x10000);
        latency = 20;
        ask(D, 1, kVa);
        ticks(6);
        EXPECT_FALSE(look().idle);
    }

    // The clocks from t to done.
    uint64_t lasts(const mmu_fence_t &which)
    {
        in.fence = which;
        const uint64_t before = events[MMU_EV_FENCE_DONE];
        for (unsigned n = 0; n < 1000 && events[MMU_EV_FENCE_DONE] == before; n++)
            tick();
        return fence_done - fence_accepted;
    }
};

mmu_fence_t posted(mmu_fence_t fence)
{
    fence.posted = true;
    return fence;
}

TEST(TwoStage, a_posted_fence_acts_at_once_and_does_not_wait_FEN_4)
{
    Busy b;
    EXPECT_EQ(b.lasts(posted(make_fence(MMU_FENCE_S))), 1u);
    EXPECT_EQ(b.answer(D, 1), nullptr);
    EXPECT_EQ(b.lasts(posted(make_fence(MMU_FENCE_G))), 1u);
    EXPECT_EQ(b.answer(D, 1), nullptr);
    b.map(kVa, 0x11000);
    EXPECT_EQ(b.lasts(posted(by_asid(make_fence(MMU_FENCE_S), 1))), 130u); // the scan
    b.drain();
    EXPECT_EQ(b.pa(b.host(), kVa), 0x11000u); // the older walk has left nothing
}

TEST(TwoStage, a_fence_that_is_not_posted_waits_for_older_requests_FEN_2)
{
    Busy b;
    EXPECT_GT(b.lasts(make_fence(MMU_FENCE_S)), 20u);
    EXPECT_NE(b.answer(D, 1), nullptr);
    EXPECT_LE(b.answered_at(D, 1), b.fence_done);
}

TEST(TwoStage, inval_ir_waits_for_what_came_before_it_and_no_later_FEN_4)
{
    Busy b;
    b.map(kVa + 0x40000000, 0x12000);
    EXPECT_EQ(b.lasts(posted(make_fence(MMU_FENCE_S))), 1u);
    b.in.fence = make_fence(MMU_FENCE_INVAL_IR);
    b.ticks(40); // the older walk restarts meanwhile
    const uint64_t t = b.fence_accepted;
    EXPECT_EQ(b.fence_done, t - 1); // of the first fence: this one waits
    b.ask(D, 2, kVa + 0x40000000);  // younger: it is not waited for
    while (b.fence_done <= t)
        b.tick();
    ASSERT_NE(b.answer(D, 1), nullptr);
    EXPECT_EQ(b.fence_done, b.answered_at(D, 1) + 1);
    EXPECT_EQ(b.answer(D, 2), nullptr);
    b.drain();
    EXPECT_EQ(b.events[MMU_EV_FENCE], 2u);
    EXPECT_EQ(b.events[MMU_EV_FENCE_DONE], 2u);
}

TEST(TwoStage, inval_ir_alone_waits_for_requests_that_no_fence_has_marked_FEN_1)
{
    Busy b;
    EXPECT_GT(b.lasts(make_fence(MMU_FENCE_INVAL_IR)), 20u);
    EXPECT_NE(b.answer(D, 1), nullptr);
}

TEST(TwoStage, w_inval_is_done_at_once_and_touches_nothing_FEN_4)
{
    Busy b;
    EXPECT_EQ(b.lasts(make_fence(MMU_FENCE_W_INVAL)), 1u);
    EXPECT_EQ(b.answer(D, 1), nullptr);
    b.drain();
    EXPECT_EQ(b.words(b.host(), kVa), 0u); // the walk was no older one: it has filled
    EXPECT_EQ(b.events[MMU_EV_WALK_RESTART], 0u);
}

TEST(TwoStage, fences_of_machines_do_nothing_where_there_are_none_FEN_1)
{
    for (unsigned kind : {MMU_FENCE_VV, MMU_FENCE_G}) {
        GuestBench b{default_shape()};
        b.map(kVa, 0x10000);
        b.warm(D, kVa);
        b.do_fence(make_fence(kind));
        EXPECT_EQ(b.events[MMU_EV_FENCE], 1u);
        EXPECT_EQ(b.events[MMU_EV_FENCE_DONE], 1u);
        EXPECT_EQ(b.words(b.host(), kVa), 0u);
        EXPECT_EQ(b.words(b.host(), kVa, I), 0u);
    }
}

// ---- guest-page faults ----

TEST(TwoStage, guest_faults_tell_address_and_purpose_REQ_8)
{
    GuestBench b;
    b.vsmap(1, kVa, 0x20000);            // no frame
    b.vsmap(1, 0x40000000, 0x20000, 30); // of no account
    const uint64_t table = 0xc0000000;   // guest address of a table outside what is mapped
    b.memory.word(b.vsroot(1) + 2 * 8) = table >> 12 << 10 | kV;
    b.gmap(1, table + 0x1000, table + 0x1000, 12, kV | kR | kU | kA); // a table that is not to be written
    b.memory.word(b.vsroot(1) + 3 * 8) = (table + 0x1000) >> 12 << 10 | kV;
    b.memory.word(table + 0x1000) = 0x40000000 >> 12 << 10 | (kRwx & ~kA & ~kD);
    struct {
        uint64_t va, gpa;
        unsigned imp;
    } const cases[] = {
        {kVa + 0x123, 0x20120, 0},
        {0x80000000 + 0x600007, table + 3 * 8, 1},
        {0xc0000000 + 0x18, table + 0x1000, 2},
    };
    for (const auto &c : cases)
        for (unsigned round = 0; round < 2; round++) {
            const struct {
                unsigned port, acc, cause;
            } kinds[] = {{D, MMU_ACC_LOAD, 21}, {D, MMU_ACC_STORE, 23}, {I, MMU_ACC_FETCH, 20}};
            for (const auto &k : kinds) {
                const mmu_rsp_t rsp = b.access(b.guest(1), c.va, k.port, k.acc);
                EXPECT_TRUE(rsp.fault);
                EXPECT_EQ(rsp.cause, k.cause);
                EXPECT_EQ(rsp.tval, c.va);
                EXPECT_EQ(rsp.gpa, c.gpa) << std::hex << c.va;
                EXPECT_EQ(rsp.imp, c.imp) << std::hex << c.va;
                EXPECT_EQ(rsp.pa, 0u);
            }
        }
    EXPECT_EQ(b.access(b.guest(1), 0x1000).cause, 13); // the guest's own fault
    EXPECT_EQ(b.access(b.guest(1), 0x1000).gpa, 0u);
}

// ---- what of the context counts ----

TEST(TwoStage, without_the_extension_there_is_no_machine_REQ_1)
{
    GuestBench b{default_shape()};
    b.map(kVa, 0x10000);
    mmu_ctx_t ctx = b.guest(1);
    ctx.root = Bench::kRoot >> 12;
    EXPECT_EQ(b.pa(b.host(), kVa), 0x10000u);
    EXPECT_EQ(b.words(ctx, kVa), 0u); // the same row
    ctx.mode = MMU_MODE_BARE;
    EXPECT_EQ(b.pa(ctx, kVa), kVa);
}

TEST(TwoStage, an_access_of_m_is_in_no_machine_REQ_1)
{
    GuestBench b;
    b.enter(b.guest(1));
    b.ask(D, 1, 0x7123, MMU_ACC_LOAD, MMU_PRIV_M);
    b.drain();
    EXPECT_EQ(b.answer(D, 1)->rsp.pa, 0x7123u);
}

TEST(TwoStage, bits_of_a_vmid_above_its_width_do_not_count_REQ_1)
{
    GuestBench b; // 2 bits
    b.vsmap(1, kVa, 0x20000);
    b.gmap(1, 0x20000, 0x31000);
    EXPECT_EQ(b.pa(b.guest(1), kVa), 0x31000u);
    mmu_ctx_t ctx = b.guest(1);
    ctx.vmid = 0x3ffd;
    EXPECT_EQ(b.words(ctx, kVa), 0u);
    b.do_fence(by_vmid(make_fence(MMU_FENCE_VV), 0x1001));
    EXPECT_GT(b.words(ctx, kVa), 0u);
}

TEST(TwoStage, without_v_nothing_of_a_machine_counts_REQ_1)
{
    GuestBench b;
    b.map(kVa, 0x10000);
    b.latency = 10;
    mmu_ctx_t ctx = b.host();
    ctx.vmid = 2;
    ctx.gmode = MMU_MODE_SV48;
    ctx.groot = 77;
    ctx.gmxr = true;
    b.enter(ctx);
    b.ask(D, 1, kVa);
    b.ticks(8);
    const mmu_ctx_t held = mmu_peek_walk(b.mmu, 0).rq.ctx;
    EXPECT_EQ(held.vmid | held.gmode | held.groot | held.gmxr, 0u);
    EXPECT_EQ(held.root, Bench::kRoot >> 12); // there is a walk
    b.enter(b.host());
    b.ask(D, 2, kVa + 8);
    b.drain();
    EXPECT_EQ(b.answer(D, 2)->rsp.pa, 0x10008u);
    EXPECT_EQ(b.events[MMU_EV_WALK_MERGE], 1u); // the same walk (WALK-1)
    EXPECT_EQ(b.events[MMU_EV_WALK_START], 1u);
}

TEST(TwoStage, each_port_has_a_context_of_its_own_TOP_1)
{
    GuestBench b;
    b.map(kVa, 0x10000);
    b.vsmap(1, kVa, 0x20000);
    b.gmap(1, 0x20000, 0x31000);
    b.in.ctx[I] = b.host();
    b.in.ctx[D] = b.guest(1);
    b.ask(I, 1, kVa, MMU_ACC_FETCH);
    b.ask(D, 2, kVa);
    b.drain();
    EXPECT_EQ(b.answer(I, 1)->rsp.pa, 0x10000u);
    EXPECT_EQ(b.answer(D, 2)->rsp.pa, 0x31000u);
}

// ---- looking inside ----

TEST(TwoStage, events_of_the_g_stage_are_seen_and_named_TOP_8)
{
    GuestBench b(with_two_stages(tiny_shape(), 4));
    b.vsmap(1, kVa, 0x20000);
    b.vsmap(1, kVa + 0x1000, 0x21000);
    b.gmap(1, 0x20000, 0x31000, 12, (kRwx & ~kW) | kU);
    b.gmap(1, 0x21000, 0x32000);
    (void)b.pa(b.guest(1), kVa);
    EXPECT_GT(b.events[MMU_EV_G_MISS], 0u);
    EXPECT_GT(b.events[MMU_EV_G_HIT], 0u); // of the tables' gigabyte
    (void)b.pa(b.guest(1), kVa + 0x1000);
    EXPECT_GT(b.events[MMU_EV_GPWC_HIT_1], 0u);
    EXPECT_EQ(b.events[MMU_EV_G_REFUSE], 0u);
    (void)b.access(b.guest(1), kVa, D, MMU_ACC_STORE); // the G stage's TLB holds a page that refuses it
    EXPECT_EQ(b.events[MMU_EV_G_REFUSE], 1u);
    std::set<std::string> names;
    for (unsigned n = 0; n < MMU_EVENT_W; n++)
        names.insert(mmu_event_name(n));
    EXPECT_EQ(names.size(), static_cast<size_t>(MMU_EVENT_W));
    EXPECT_STREQ(mmu_event_name(MMU_EV_GPWC_HIT_4), "gpwc_hit_4");
    EXPECT_EQ(mmu_event_name(MMU_EVENT_W), nullptr);
}

TEST(TwoStage, rows_of_all_arrays_are_shown_with_their_machine)
{
    GuestBench b(with_two_stages(default_shape(), 4));
    b.vsmap(1, kVa, 0x20000);
    b.gmap(1, 0x20000, 0x31000);
    bool written[MMU_ARRAY_IDS] = {};
    b.enter(b.guest(1));
    b.ask(D, 1, kVa);
    for (unsigned n = 0; n < 200; n++) {
        mmu_write_t writes[MMU_ARRAY_IDS];
        b.look();
        for (unsigned id = 0; id < MMU_ARRAY_IDS; id++)
            writes[id] = mmu_peek_write(b.mmu, id);
        b.tick();
        for (unsigned id = 0; id < MMU_ARRAY_IDS; id++) {
            const mmu_write_t &w = writes[id];
            if (!w.enable)
                continue;
            const mmu_row_t row = mmu_peek_row(b.mmu, id, w.set, w.way);
            written[id] = true;
            EXPECT_EQ(w.vm & MMU_VM_SPACE, id < MMU_ARRAY_GPWC ? in_vm(1) : 0) << id;
            EXPECT_TRUE(row.valid && row.vm == w.vm && row.key == w.key && row.data == w.data) << id;
        }
    }
    const unsigned l1d = MMU_LEVEL_L1D * MMU_ARRAYS, l2 = MMU_LEVEL_L2 * MMU_ARRAYS;
    const std::set<unsigned> want = {
        l1d, l2, MMU_ARRAY_PWC, MMU_ARRAY_PWC + 1, MMU_ARRAY_GPWC, MMU_ARRAY_GPWC + 1, MMU_ARRAY_GTLB};
    for (unsigned id = 0; id < MMU_ARRAY_IDS; id++)
        EXPECT_EQ(written[id], want.count(id) != 0) << id;
}

TEST(TwoStage, a_walk_is_shown_with_its_stage)
{
    GuestBench b;
    b.vsmap(1, kVa, 0x20000);
    b.gmap(1, 0x20000, 0x31000);
    b.enter(b.guest(1));
    b.ask(D, 1, kVa);
    bool entry = false, final = false, positions = false;
    for (unsigned n = 0; n < 100; n++) {
        const mmu_walk_view_t view = mmu_peek_walk(b.mmu, 0);
        entry |= view.gst && view.what == MMU_G_ENTRY;
        final |= view.gst && view.what == MMU_G_FINAL;
        positions |= view.gst && mmu_pos_ppn(view.gpos) == b.groot(1) >> 9;
        b.tick();
    }
    EXPECT_TRUE(entry && final && positions);
}
} // namespace
