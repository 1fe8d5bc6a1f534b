// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A bench for mmu_walker alone, with its walk caches. The test is the memory, word by word.
#pragma once

#include <gtest/gtest.h>

#include "cycle/mmu_walker.h"
#include "cycle/room.hh"

[[maybe_unused]] constexpr uint64_t V = 1, R = 2, W = 4, X = 8, U = 0x10, G = 0x20, A = 0x40, D = 0x80;
constexpr uint64_t kLeaf = V | R | W | X | A | D;
constexpr uint64_t kVa = 0x0000001234567abc; // vpn 0x48, 0x1a2, 0x167

constexpr uint64_t pte(uint64_t pa, uint64_t flags)
{
    return pa >> 12 << 10 | flags;
}

class Walker : public ::testing::Test
{
  protected:
    mmu_walker_t walker;
    mmu_walker_in_t in = zero<mmu_walker_in_t>();
    mmu_walker_out_t out;
    Storage storage;

    void SetUp() override
    {
        make(2, 2, 2);
    }

    void make(unsigned slots, unsigned ways1, unsigned ways2)
    {
        mmu_walker_cfg_t cfg = zero<mmu_walker_cfg_t>();
        cfg.slots = static_cast<uint8_t>(slots);
        cfg.cache.pwc[0] = {static_cast<uint8_t>(ways1), MMU_POLICY_PLRU};
        cfg.cache.pwc[1] = {static_cast<uint8_t>(ways2), MMU_POLICY_PLRU};
        storage.build([&](mmu_arena_t *arena) { mmu_walker_init(&walker, &cfg, arena); });
        in = zero<mmu_walker_in_t>();
        in.mreq_ready = in.fill_ready = true;
        in.slow.adue = true;
    }

    void comb()
    {
        mmu_walker_comb(&walker, &in, &out);
        mmu_walker_comb(&walker, &in, &out);
    }

    void edge()
    {
        mmu_walker_seq(&walker, true);
        in.start = in.fence_accept = false;
        in.mrsp = zero<mmu_mrsp_t>();
    }

    void clock()
    {
        comb();
        edge();
    }

    void start(uint64_t va, unsigned acc = MMU_ACC_LOAD, unsigned port = 1, unsigned asid = 1)
    {
        in.start = true;
        in.start_rq = make_rq(va, acc, asid);
        in.start_port = static_cast<uint8_t>(port);
    }

    void respond(uint64_t word, unsigned slot = 0, bool err = false)
    {
        in.mrsp.valid = true;
        in.mrsp.id = static_cast<uint8_t>(slot);
        in.mrsp.data = word;
        in.mrsp.err = err;
    }

    // One level of slot 0: the offer is taken, the word comes in the next clock.
    void level(uint64_t addr, uint64_t word)
    {
        comb();
        ASSERT_TRUE(out.mreq.valid);
        EXPECT_EQ(out.mreq.op, MMU_MEM_READ);
        EXPECT_EQ(out.mreq.addr, addr);
        edge();
        respond(word);
        clock();
    }

    // Brings a new walk of kVa in slot 0 to the clock in which its leaf has been answered.
    void walk_to_leaf(uint64_t leaf, unsigned acc = MMU_ACC_LOAD)
    {
        start(kVa, acc);
        clock();
        level(0x80000000 + 0x48 * 8, pte(0x90000000, V));
        level(0x90000000 + 0x1a2 * 8, pte(0x90001000, V));
        level(0x90001000 + 0x167 * 8, leaf);
    }

    unsigned state(unsigned slot = 0) const
    {
        return walker.q.st[slot];
    }

    void fence(bool asid_en = false, unsigned asid = 0, bool va_en = false, uint64_t va = 0)
    {
        in.fence_accept = true;
        in.fence = zero<mmu_fence_t>();
        in.fence.asid_en = asid_en;
        in.fence.asid = static_cast<uint16_t>(asid);
        in.fence.va_en = va_en;
        in.fence.va = va;
    }
};
