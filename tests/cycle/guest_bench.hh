// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_walker with two stages, alone: a memory that answers by itself, tables of both stages, a log of what
// was offered and of what was answered.
//
//     make(Ways().gtlb(4));            which caches; each has so many ways
//     gmap(gpa);                    the G stage maps this page, to gpa + kHost
//     vmap(kVa, kPage);             so does the first stage, in tables that stand at guest addresses
//     start(kVa);                   in this clock
//     tick();                       one clock; `now` counts them
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "cycle/mmu_walker.h"
#include "cycle/room.hh"

constexpr uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kU = 0x10, kA = 0x40, kD = 0x80;
constexpr uint64_t kLeaf = kV | kR | kW | kX | kA | kD; // of the first stage
constexpr uint64_t kGLeaf = kLeaf | kU;                 // of the G stage

constexpr uint64_t kHost = 0x400000000; // where guest memory stands: G page frame + this
constexpr uint64_t kGRoot = 0x80000000; // Sv39x4
constexpr uint64_t kG1 = 0x80010000, kG0 = 0x80011000;
constexpr uint64_t kRoot = 0x10000, kMid = 0x11000, kLow = 0x12000; // Sv39, guest addresses
constexpr uint64_t kPage = 0x40000;                                 // a guest page
constexpr uint64_t kVa = 0x0000001234567abc;                        // vpn 0x48, 0x1a2, 0x167
constexpr unsigned kVmid = 3, kAsid = 1;

constexpr uint64_t pte(uint64_t pa, uint64_t flags)
{
    return pa >> 12 << 10 | flags;
}

// Where the entries of kVa stand, as guest addresses.
constexpr uint64_t kRootEntry = kRoot + 0x48 * 8, kMidEntry = kMid + 0x1a2 * 8, kLowEntry = kLow + 0x167 * 8;

constexpr uint64_t g_entry(uint64_t gpa) // its level-0 entry in the G stage
{
    return kG0 + (gpa >> 12 & 511) * 8;
}

// Which caches, of how many ways: Ways().gtlb(4).pwc1(2).
struct Ways {
    unsigned n_gtlb = 0, n_gpwc[2] = {0, 0}, n_pwc[2] = {0, 0}, n_slots = 2, n_pmp = 0;

    Ways gtlb(unsigned n) const
    {
        return with([=](Ways &w) { w.n_gtlb = n; });
    }
    Ways gpwc1(unsigned n) const
    {
        return with([=](Ways &w) { w.n_gpwc[0] = n; });
    }
    Ways gpwc2(unsigned n) const
    {
        return with([=](Ways &w) { w.n_gpwc[1] = n; });
    }
    Ways pwc1(unsigned n) const
    {
        return with([=](Ways &w) { w.n_pwc[0] = n; });
    }
    Ways pwc2(unsigned n) const
    {
        return with([=](Ways &w) { w.n_pwc[1] = n; });
    }
    Ways slots(unsigned n) const
    {
        return with([=](Ways &w) { w.n_slots = n; });
    }
    Ways pmp(unsigned n) const
    {
        return with([=](Ways &w) { w.n_pmp = n; });
    }

  private:
    template <typename Change> Ways with(Change change) const
    {
        Ways copy = *this;
        change(copy);
        return copy;
    }
};

class Guest : public ::testing::Test
{
  protected:
    struct Offer {
        uint64_t clock, addr, old_word, new_word;
        bool cas, wide;
        unsigned id;
    };
    struct Done {
        uint64_t clock;
        mmu_walker_out_t out;
    };

    mmu_walker_t walker;
    mmu_walker_in_t in;
    mmu_walker_out_t out;
    Storage storage;
    mmu_pmp_range_t ranges[16];
    std::map<uint64_t, uint64_t> memory;
    std::deque<std::pair<uint64_t, mmu_mrsp_t>> pending;
    std::vector<Offer> offers;
    std::vector<Done> done;
    uint64_t now = 0;
    unsigned g_hits = 0, g_misses = 0, g_refuses = 0, restarts = 0, cas_fails = 0;

    void SetUp() override
    {
        make(Ways());
    }

    static mmu_cfg_pwc_t cache(unsigned ways)
    {
        return {static_cast<uint8_t>(ways), MMU_POLICY_PLRU};
    }

    void make(const Ways &ways)
    {
        mmu_walker_cfg_t cfg = zero<mmu_walker_cfg_t>();
        cfg.slots = static_cast<uint8_t>(ways.n_slots);
        cfg.pmp_entries = static_cast<uint8_t>(ways.n_pmp);
        cfg.hypervisor = true;
        cfg.cache.pwc[0] = cache(ways.n_pwc[0]);
        cfg.cache.pwc[1] = cache(ways.n_pwc[1]);
        cfg.gcache.pwc[0] = cache(ways.n_gpwc[0]);
        cfg.gcache.pwc[1] = cache(ways.n_gpwc[1]);
        cfg.gtlb = {static_cast<uint8_t>(ways.n_gtlb), MMU_POLICY_PLRU};
        storage.build([&](mmu_arena_t *arena) { mmu_walker_init(&walker, &cfg, arena); });
        in = zero<mmu_walker_in_t>();
        in.mreq_ready = in.fill_ready = true;
        in.slow.adue = in.slow.hadue = true;
        in.ranges = ranges;
        memory.clear();
        pending.clear();
        forget();
        for (uint64_t gpa : {kRoot, kMid, kLow, kPage})
            gmap(gpa);
        vmap(kPage, kLeaf);
    }

    void forget()
    {
        offers.clear();
        done.clear();
        g_hits = g_misses = g_refuses = restarts = cas_fails = 0;
    }

    // ---- tables ----

    void gmap(uint64_t gpa, uint64_t flags = kGLeaf)
    {
        memory[kGRoot] = pte(kG1, kV);
        memory[kG1] = pte(kG0, kV);
        memory[g_entry(gpa)] = pte(gpa + kHost, flags);
    }

    uint64_t &guest(uint64_t gpa) // the word at a guest address
    {
        return memory[gpa + kHost];
    }

    void vmap(uint64_t gpa, uint64_t flags) // kVa
    {
        guest(kRootEntry) = pte(kMid, kV);
        guest(kMidEntry) = pte(kLow, kV);
        guest(kLowEntry) = pte(gpa, flags);
    }

    // ---- what comes in ----

    static mmu_rq_t request(uint64_t va, unsigned acc = MMU_ACC_LOAD)
    {
        mmu_rq_t rq = make_rq(va, acc, kAsid);
        rq.ctx.root = kRoot >> 12;
        rq.ctx.v = true;
        rq.ctx.gmode = MMU_MODE_SV39;
        rq.ctx.vmid = kVmid;
        rq.ctx.groot = kGRoot >> 12;
        return rq;
    }

    void start(const mmu_rq_t &rq, unsigned port = 1)
    {
        in.start = true;
        in.start_rq = rq;
        in.start_port = static_cast<uint8_t>(port);
    }

    void start(uint64_t va, unsigned acc = MMU_ACC_LOAD)
    {
        start(request(va, acc));
    }

    void start_bare(uint64_t gpa, unsigned acc = MMU_ACC_LOAD)
    {
        mmu_rq_t rq = request(gpa, acc);
        rq.ctx.mode = MMU_MODE_BARE;
        start(rq);
    }

    void fence(unsigned kind = MMU_FENCE_G)
    {
        in.fence_accept = true;
        in.fence = zero<mmu_fence_t>();
        in.fence.kind = static_cast<uint8_t>(kind);
        in.fence.vmid = kVmid;
    }

    // ---- the clock ----

    void comb()
    {
        in.mrsp = zero<mmu_mrsp_t>();
        if (!pending.empty() && pending.front().first <= now)
            in.mrsp = pending.front().second;
        mmu_walker_comb(&walker, &in, &out);
        const mmu_walker_out_t first = out;
        mmu_walker_comb(&walker, &in, &out);
        EXPECT_EQ(std::memcmp(&first, &out, sizeof out), 0) << "comb called twice differs";
    }

    void serve()
    {
        mmu_mrsp_t rsp = zero<mmu_mrsp_t>();
        uint64_t &word = memory[out.mreq.addr];
        offers.push_back({now, out.mreq.addr, out.mreq.old_word, out.mreq.new_word,
                          out.mreq.op == MMU_MEM_CAS, out.mreq.wide, out.mreq.id});
        rsp.valid = true;
        rsp.id = out.mreq.id;
        rsp.data = word;
        if (out.mreq.op == MMU_MEM_CAS && word == out.mreq.old_word)
            word = out.mreq.new_word;
        pending.emplace_back(now + latency, rsp);
    }

    void edge()
    {
        if (in.mrsp.valid)
            pending.pop_front();
        if (out.mreq.valid && in.mreq_ready)
            serve();
        if (out.done)
            done.push_back({now, out});
        g_hits += out.ev_g_hit;
        g_misses += out.ev_g_miss;
        g_refuses += out.ev_g_refuse;
        restarts += out.ev_restart;
        cas_fails += out.ev_cas_fail;
        mmu_walker_seq(&walker, true);
        in.start = in.fence_accept = false;
        now++;
    }

    void tick(unsigned n = 1)
    {
        while (n-- > 0) {
            comb();
            edge();
        }
    }

    // Until slot s is in this state.
    void until(unsigned st, unsigned s = 0)
    {
        for (unsigned n = 0; n < 200; n++) {
            if (walker.q.st[s] == st)
                return;
            tick();
        }
        FAIL() << "slot " << s << " never comes to state " << st;
    }

    // Until it is so for this purpose.
    void until(unsigned st, unsigned what, bool gst)
    {
        for (unsigned n = 0; n < 200; n++) {
            if (walker.q.st[0] == st && walker.q.what[0] == what && walker.q.gst[0] == gst)
                return;
            tick();
        }
        FAIL() << "slot 0 never comes to state " << st << " for " << what;
    }

    void drain()
    {
        for (unsigned n = 0; n < 300; n++) {
            tick();
            if (!mmu_walker_busy(&walker))
                return;
        }
        FAIL() << "not idle after 300 clocks";
    }

    // A walk of the start that was set up, to its end; returns the clocks from its start to its completion.
    uint64_t finish()
    {
        const uint64_t began = now;
        drain();
        return done.empty() ? 0 : done.back().clock - began;
    }

    // So that the caches have what a walk of kVa leaves.
    void warm(uint64_t va = kVa)
    {
        start(va);
        finish();
        forget();
    }

    const mmu_walker_out_t &last() const
    {
        return done.back().out;
    }

    // The last walk ended with this guest-page fault.
    void expect_guest_fault(uint64_t gpa, unsigned imp)
    {
        ASSERT_EQ(done.size(), 1u);
        EXPECT_EQ(last().done_fault, MMU_FAULT_GUEST);
        EXPECT_EQ(last().done_entry, (gpa & ~UINT64_C(3)) | imp);
        EXPECT_FALSE(last().done_fill);
        EXPECT_EQ(last().done_row.key, 0u);
    }

    std::vector<uint64_t> addresses() const
    {
        std::vector<uint64_t> list;
        for (const Offer &offer : offers)
            list.push_back(offer.addr);
        return list;
    }

    unsigned latency = 1; // clocks from a word's request to its answer
};
