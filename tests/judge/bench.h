// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A judge, and the ports of an MMU that does what a test says. Sv39: a root table, one table of each level below.
#ifndef LOCKWALK_TESTS_JUDGE_BENCH_H
#define LOCKWALK_TESTS_JUDGE_BENCH_H

#include "lockwalk/mmu_judge.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace judging
{

enum : uint64_t { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128, N = UINT64_C(1) << 63 };

inline uint64_t pte(uint64_t pa, uint64_t flags)
{
    return pa >> 12 << 10 | flags | V;
}

constexpr uint64_t kRoot = 0x80000000, kTable1 = 0x80001000, kTable0 = 0x80002000;
constexpr uint64_t kVa = 0x40101abc;   // entries 1, 0, 0x101
constexpr uint64_t kPage = 0x90000000; // where the leaf leads to
constexpr uint64_t kPa = kPage | 0xabc;
constexpr uint64_t kLeafAddr = kTable0 + 8 * (kVa >> 12 & 511);

class Bench
{
  public:
    explicit Bench(mmu_judge_options_t opt = {})
    {
        if (opt.foreign) {
            opt.peek = [](void *self, uint64_t addr, bool, uint64_t *word) {
                *word = static_cast<Bench *>(self)->memory[addr];
                return addr >= kRoot;
            };
            opt.user = this;
        }
        judge = mmu_judge_create(&opt);
        ctx.root = kRoot >> 12;
        ctx.mode = MMU_MODE_SV39;
        ctx.asid = 7;
        map(kVa, kPage, R | W | X | A | D);
    }
    ~Bench()
    {
        mmu_judge_destroy(judge);
    }
    Bench(const Bench &) = delete;
    Bench &operator=(const Bench &) = delete;

    mmu_judge_t *judge;
    uint64_t clock = 100;
    mmu_in_t in = {};
    mmu_out_t out = {};
    mmu_ctx_t ctx = {};
    mmu_slow_t slow = {};
    std::map<uint64_t, uint64_t> memory;

    // ---- time and memory ----

    void tick()
    {
        in.ctx[0] = in.ctx[1] = ctx;
        in.slow = slow;
        in.mreq_ready = true;
        mmu_judge_step(judge, clock++, &in, &out);
        in = {};
        out = {};
    }
    void idle(unsigned clocks)
    {
        while (clocks-- > 0)
            tick();
    }
    // A write that reads of this clock see.
    void write(uint64_t addr, uint64_t word)
    {
        uint64_t before = memory[addr];
        memory[addr] = word;
        mmu_judge_write(judge, clock, addr, before, word);
    }
    // A 4 KiB page, through the one table of each level.
    void map(uint64_t va, uint64_t pa, uint64_t flags)
    {
        write(kRoot + 8 * (va >> 30 & 511), pte(kTable1, 0));
        write(kTable1 + 8 * (va >> 21 & 511), pte(kTable0, 0));
        write(kTable0 + 8 * (va >> 12 & 511), pte(pa, flags));
    }

    // ---- the ports, each a clock or two ----

    void offer(unsigned id, uint64_t va, uint8_t acc = MMU_ACC_LOAD, uint8_t prv = MMU_PRIV_S)
    {
        unsigned port = acc == MMU_ACC_FETCH ? MMU_PORT_I : MMU_PORT_D;
        in.req[port].valid = out.req_ready[port] = true;
        in.req[port].id = static_cast<uint8_t>(id);
        in.req[port].va = va;
        in.req[port].acc = acc;
        in.req[port].prv = prv;
        in.req[port].size = 2;
    }
    void request(unsigned id, uint64_t va = kVa, uint8_t acc = MMU_ACC_LOAD, uint8_t prv = MMU_PRIV_S)
    {
        offer(id, va, acc, prv);
        tick();
    }
    void kill(unsigned port = MMU_PORT_D)
    {
        in.kill[port] = true;
        tick();
    }
    void fence_now(mmu_fence_t f)
    {
        in.fence = f;
        in.fence.valid = out.fence_ready = true;
    }
    void fence(mmu_fence_t f = {})
    {
        fence_now(f);
        tick();
    }
    static mmu_fence_t by_va(uint64_t va)
    {
        mmu_fence_t f = {};
        f.va = va;
        f.va_en = true;
        return f;
    }
    static mmu_fence_t by_asid(uint16_t asid)
    {
        mmu_fence_t f = {};
        f.asid = asid;
        f.asid_en = true;
        return f;
    }
    static mmu_fence_t by_both(uint64_t va, uint16_t asid)
    {
        mmu_fence_t f = by_va(va);
        f.asid = asid;
        f.asid_en = true;
        return f;
    }
    void take_read(uint64_t addr, unsigned slot = 0, bool wide = true)
    {
        out.mreq.valid = true;
        out.mreq.id = static_cast<uint8_t>(slot);
        out.mreq.op = MMU_MEM_READ;
        out.mreq.addr = addr;
        out.mreq.wide = wide;
        tick();
    }
    void respond(uint64_t word, unsigned slot = 0, bool err = false)
    {
        in.mrsp.valid = true;
        in.mrsp.id = static_cast<uint8_t>(slot);
        in.mrsp.data = word;
        in.mrsp.err = err;
        tick();
    }
    uint64_t read(uint64_t addr, unsigned slot = 0)
    {
        uint64_t word = memory[addr];
        take_read(addr, slot);
        respond(word, slot);
        return word;
    }
    // A swap, as the memory does it; true where it wrote.
    bool swap(uint64_t addr, uint64_t old_word, uint64_t new_word, unsigned slot = 0, bool err = false)
    {
        uint64_t before = memory[addr];
        out.mreq.valid = true;
        out.mreq.id = static_cast<uint8_t>(slot);
        out.mreq.op = MMU_MEM_CAS;
        out.mreq.addr = addr;
        out.mreq.wide = true;
        out.mreq.old_word = old_word;
        out.mreq.new_word = new_word;
        tick();
        if (!err && before == old_word)
            write(addr, new_word);
        respond(err ? 0 : before, slot, err);
        return !err && before == old_word;
    }
    // All reads of a walk, with memory as it is.
    void walk(uint64_t va = kVa, unsigned slot = 0)
    {
        uint64_t table = ctx.root << 12;
        for (int level = 2; level >= 0; level--) {
            uint64_t word = read(table + 8 * (va >> (12 + 9 * level) & 511), slot);
            if ((word & V) == 0 || (word & (R | X)) != 0)
                return;
            table = word >> 10 << 12;
        }
    }
    void answer(unsigned id, uint64_t pa, uint8_t lg = 12, uint8_t mt = 0, unsigned port = MMU_PORT_D)
    {
        out.rsp[port].valid = true;
        out.rsp[port].id = static_cast<uint8_t>(id);
        out.rsp[port].pa = pa;
        out.rsp[port].lg = lg;
        out.rsp[port].mt = mt;
        tick();
    }
    void answer_fault(unsigned id, uint8_t cause, uint64_t tval = kVa, unsigned port = MMU_PORT_D)
    {
        out.rsp[port].valid = true;
        out.rsp[port].fault = true;
        out.rsp[port].id = static_cast<uint8_t>(id);
        out.rsp[port].cause = cause;
        out.rsp[port].tval = tval;
        tick();
    }
    // A request that walks and is answered rightly: its words have been read.
    void translate(uint64_t va = kVa, uint64_t pa = kPa)
    {
        request(15, va);
        walk(va);
        answer(15, pa);
    }

    // ---- the verdict ----

    const mmu_judge_counts_t &counts() const
    {
        return *mmu_judge_counts(judge);
    }
    mmu_judge_fail_e failed() const
    {
        return mmu_judge_failure(judge)->kind;
    }
    std::string text() const
    {
        return mmu_judge_failure(judge)->text;
    }
    std::string details() const
    {
        return mmu_judge_failure(judge)->details;
    }
};

#define EXPECT_LEGAL(b)                                                                                      \
    EXPECT_EQ((b).failed(), MMU_JUDGE_OK) << (b).text() << "\n" << (b).details();                            \
    EXPECT_EQ((b).counts().undecided, 0u);                                                                   \
    EXPECT_EQ((b).counts().port_undecided, 0u)

#define EXPECT_ILLEGAL(b, kind) EXPECT_EQ((b).failed(), kind) << (b).text()

} // namespace judging

#endif
