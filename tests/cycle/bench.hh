// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A bench for a whole MMU: a memory with page tables, and a log of the answers.
//
//     Bench b(default_shape());
//     b.map(0x5000, 0x9000, 12, kRwx);
//     b.ask(1, 7, 0x5123);       request on port 1, id 7; stays until it is accepted
//     b.tick();                  one clock: comb (twice), memory, edge
//     b.answer(1, 7)             the answer, with its clock
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "cycle/room.hh"
#include "lockwalk/mmu.h"
#include "lockwalk/mmu_arch.h"

constexpr uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kU = 0x10, kG = 0x20, kA = 0x40, kD = 0x80;
constexpr uint64_t kRwx = kV | kR | kW | kX | kA | kD;

// The preset `default`.
inline mmu_cfg_t default_shape()
{
    mmu_cfg_t cfg = zero<mmu_cfg_t>();
    cfg.version = MMU_CFG_VERSION;
    cfg.formats = 1;
    cfg.asid_bits = 16;
    cfg.misses[MMU_PORT_I] = 2;
    cfg.misses[MMU_PORT_D] = 4;
    cfg.walks = 2;
    cfg.l2_latency = 1;
    cfg.array[MMU_LEVEL_L1I][0] = {0, 32, 1u << 3 | 1u << 7 | 1u << 8 | 1u << 10, MMU_POLICY_PLRU};
    cfg.array[MMU_LEVEL_L1D][0] = {4, 4, 1u << 3, MMU_POLICY_PLRU};
    cfg.array[MMU_LEVEL_L1D][1] = {0, 16, 1u << 7 | 1u << 8 | 1u << 10, MMU_POLICY_PLRU};
    cfg.array[MMU_LEVEL_L2][0] = {7, 8, 1u << 3, MMU_POLICY_PLRU};
    cfg.pwc[0] = {8, MMU_POLICY_PLRU};
    cfg.pwc[1] = {4, MMU_POLICY_PLRU};
    return cfg;
}

// The preset `tiny`.
inline mmu_cfg_t tiny_shape()
{
    mmu_cfg_t cfg = zero<mmu_cfg_t>();
    cfg.version = MMU_CFG_VERSION;
    cfg.formats = 1;
    cfg.asid_bits = 4;
    cfg.misses[MMU_PORT_I] = 2;
    cfg.misses[MMU_PORT_D] = 2;
    cfg.walks = 2;
    cfg.l2_latency = 1;
    cfg.array[MMU_LEVEL_L1I][0] = {0, 2, 1u << 3 | 1u << 7 | 1u << 8 | 1u << 10, MMU_POLICY_PLRU};
    cfg.array[MMU_LEVEL_L1D][0] = {1, 1, 1u << 3, MMU_POLICY_FIFO};
    cfg.array[MMU_LEVEL_L1D][1] = {0, 2, 1u << 7 | 1u << 8 | 1u << 10, MMU_POLICY_PLRU};
    cfg.array[MMU_LEVEL_L2][0] = {1, 2, 1u << 3 | 1u << 8, MMU_POLICY_PLRU};
    cfg.pwc[0] = {2, MMU_POLICY_PLRU};
    cfg.pwc[1] = {1, MMU_POLICY_FIFO};
    return cfg;
}

inline mmu_cfg_t without_l2(mmu_cfg_t cfg)
{
    for (auto &array : cfg.array[MMU_LEVEL_L2])
        array = {0, 0, 0, 0};
    return cfg;
}

inline bool same(const mmu_rsp_t &a, const mmu_rsp_t &b)
{
    return a.pa == b.pa && a.tval == b.tval && a.valid == b.valid && a.fault == b.fault && a.id == b.id &&
           a.lg == b.lg && a.mt == b.mt && a.cause == b.cause && a.gpa == b.gpa && a.imp == b.imp;
}

inline bool same(const mmu_out_t &a, const mmu_out_t &b)
{
    for (unsigned p = 0; p < MMU_PORTS; p++)
        if (a.req_ready[p] != b.req_ready[p] || !same(a.rsp[p], b.rsp[p]))
            return false;
    return a.fence_ready == b.fence_ready && a.fence_done == b.fence_done && a.idle == b.idle &&
           a.events == b.events && a.mreq.addr == b.mreq.addr && a.mreq.old_word == b.mreq.old_word &&
           a.mreq.new_word == b.mreq.new_word && a.mreq.valid == b.mreq.valid && a.mreq.wide == b.mreq.wide &&
           a.mreq.id == b.mreq.id && a.mreq.op == b.mreq.op;
}

// An MMU in storage of its own.
class Mmu
{
  public:
    explicit Mmu(const mmu_cfg_t &cfg) : storage(mmu_sizeof(&cfg) / sizeof(uint64_t) + 1, ~UINT64_C(0))
    {
        mmu = mmu_init(storage.data(), &cfg);
    }
    operator mmu_t *()
    {
        return mmu;
    }

  private:
    std::vector<uint64_t> storage; // full of ones: mmu_init must not rely on what is there
    mmu_t *mmu;
};

// Words of 8 bytes; what nobody wrote is 0. Addresses from kRamEnd up answer with an error.
constexpr uint64_t kRamEnd = UINT64_C(1) << 40;

class Memory
{
  public:
    uint64_t &word(uint64_t addr)
    {
        return words[addr & ~UINT64_C(7)];
    }

    // Maps a page of 2^lg bytes by a leaf with these flags; tables appear as needed.
    void map(uint64_t root, uint64_t va, uint64_t pa, unsigned lg, uint64_t flags)
    {
        uint64_t table = root;
        for (unsigned level = 2;; level--) {
            uint64_t &entry = word(table + ((va >> (12 + 9 * level)) & 511) * 8);
            if (12 + 9 * level == lg) {
                entry = (pa >> 12) << 10 | flags;
                return;
            }
            if ((entry & kV) == 0) {
                entry = (next_table >> 12) << 10 | kV;
                next_table += 4096;
            }
            table = (entry >> 10) << 12;
        }
    }

    // Where the level-`level` entry of va stands.
    uint64_t entry_addr(uint64_t root, uint64_t va, unsigned level)
    {
        uint64_t table = root;
        for (unsigned at = 2; at > level; at--)
            table = (word(table + ((va >> (12 + 9 * at)) & 511) * 8) >> 10) << 12;
        return table + ((va >> (12 + 9 * level)) & 511) * 8;
    }

    mmu_mrsp_t serve(const mmu_mreq_t &req)
    {
        mmu_mrsp_t rsp = zero<mmu_mrsp_t>();
        rsp.valid = true;
        rsp.id = req.id;
        rsp.err = req.addr >= kRamEnd;
        if (!rsp.err) {
            rsp.data = word(req.addr);
            if (req.op == MMU_MEM_CAS && rsp.data == req.old_word)
                word(req.addr) = req.new_word;
        }
        return rsp;
    }

    // What the architecture says, without any side effect on this memory.
    mmu_arch_result_t translate(const mmu_rq_t &rq, const mmu_slow_t &slow,
                                const mmu_pmp_file_t *pmp = nullptr) const
    {
        Memory copy = *this;
        mmu_arch_mem_t mem;
        mem.user = &copy;
        mem.read = [](void *user, uint64_t addr, bool, uint64_t *word) {
            *word = static_cast<Memory *>(user)->word(addr);
            return addr < kRamEnd;
        };
        mem.cas = [](void *user, uint64_t addr, bool, uint64_t old_word, uint64_t new_word,
                     uint64_t *before) {
            uint64_t &now = static_cast<Memory *>(user)->word(addr);
            *before = now;
            if (now == old_word)
                now = new_word;
            return addr < kRamEnd;
        };
        mmu_arch_result_t result;
        mmu_arch_translate_pmp(&mem, pmp, &rq, &slow, &result, nullptr);
        return result;
    }

    uint64_t next_table = 0x90000000;

  private:
    std::unordered_map<uint64_t, uint64_t> words;
};

struct Answer {
    uint64_t clock;
    unsigned port;
    mmu_rsp_t rsp;
};

class Bench
{
  public:
    explicit Bench(const mmu_cfg_t &cfg) : mmu(cfg)
    {
        in.mreq_ready = true;
        in.slow.adue = true;
        in.ctx[0].mode = in.ctx[1].mode = MMU_MODE_SV39;
        in.ctx[0].asid = in.ctx[1].asid = 1;
        in.ctx[0].root = in.ctx[1].root = kRoot >> 12;
    }

    static constexpr uint64_t kRoot = 0x80000000;

    void map(uint64_t va, uint64_t pa, unsigned lg = 12, uint64_t flags = kRwx)
    {
        memory.map(kRoot, va, pa, lg, flags);
    }

    void ask(unsigned port, unsigned id, uint64_t va, unsigned acc = MMU_ACC_LOAD, unsigned prv = MMU_PRIV_S)
    {
        mmu_req_t &req = in.req[port];
        req.valid = true;
        req.id = static_cast<uint8_t>(id);
        req.va = va;
        req.acc = static_cast<uint8_t>(acc);
        req.size = 3;
        req.prv = static_cast<uint8_t>(prv);
    }

    void fence(bool asid_en = false, unsigned asid = 0, bool va_en = false, uint64_t va = 0)
    {
        in.fence.valid = true;
        in.fence.asid_en = asid_en;
        in.fence.asid = static_cast<uint16_t>(asid);
        in.fence.va_en = va_en;
        in.fence.va = va;
    }

    // The outputs of this clock, as often as one likes.
    const mmu_out_t &look()
    {
        in.mrsp = zero<mmu_mrsp_t>();
        if (!pending.empty() && pending.front().first <= clock)
            in.mrsp = pending.front().second;
        mmu_comb(mmu, &in, &out);
        return out;
    }

    // One clock. Requests and fences that were accepted are withdrawn, pulses end.
    void tick()
    {
        look();
        const mmu_out_t first = out;
        look();
        ASSERT_TRUE(same(first, out)) << "comb called twice differs in clock " << clock;
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            if (out.rsp[p].valid)
                answers.push_back({clock, p, out.rsp[p]});
            if (in.req[p].valid && out.req_ready[p])
                in.req[p].valid = false;
        }
        if (in.mrsp.valid)
            pending.pop_front();
        if (out.mreq.valid && in.mreq_ready) {
            reads += out.mreq.op == MMU_MEM_READ;
            swaps += out.mreq.op == MMU_MEM_CAS;
            pending.emplace_back(clock + latency, memory.serve(out.mreq));
        }
        for (unsigned n = 0; n < MMU_EVENT_W; n++)
            events[n] += (out.events >> n) & 1u;
        if (out.fence_done)
            fence_done = clock;
        if (in.fence.valid && out.fence_ready) {
            fence_accepted = clock;
            in.fence.valid = false;
        }
        mmu_seq(mmu, true);
        in.kill[0] = in.kill[1] = false;
        clock++;
    }

    void ticks(unsigned n)
    {
        while (n-- > 0)
            tick();
    }

    // Until the MMU is idle and no word is under way; fails after 1000 clocks.
    void drain()
    {
        for (unsigned n = 0; n < 1000; n++) {
            tick();
            if (look().idle && pending.empty())
                return;
        }
        FAIL() << "not idle after 1000 clocks";
    }

    // The last answer for this id, or a null pointer.
    const Answer *answer(unsigned port, unsigned id) const
    {
        for (auto a = answers.rbegin(); a != answers.rend(); ++a)
            if (a->port == port && a->rsp.id == id)
                return &*a;
        return nullptr;
    }

    uint64_t answered_at(unsigned port, unsigned id) const
    {
        const Answer *a = answer(port, id);
        return a != nullptr ? a->clock : 0;
    }

    // A translation to its end, so that it is in the TLBs.
    void warm(unsigned port, uint64_t va, unsigned acc = MMU_ACC_LOAD)
    {
        ask(port, 15, va, acc);
        drain();
    }

    Mmu mmu;
    Memory memory;
    mmu_in_t in = zero<mmu_in_t>();
    mmu_out_t out = zero<mmu_out_t>();
    uint64_t clock = 0;
    unsigned latency = 1; // clocks from a word's request to its answer
    std::vector<Answer> answers;
    uint64_t events[MMU_EVENT_W] = {0};
    uint64_t reads = 0, swaps = 0;
    uint64_t fence_accepted = 0, fence_done = 0;

  private:
    std::deque<std::pair<uint64_t, mmu_mrsp_t>> pending;
};
