// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A bench with virtual machines: host tables, and for each machine a G stage and first-stage tables.
//
//     GuestBench b;
//     b.gmap(1, 0x5000, 0x9000);      machine 1: guest page 0x5000 is the frame 0x9000
//     b.vsmap(1, 0x1000, 0x5000);     its first stage maps 0x1000 there
//     b.enter(b.guest(1));            both ports are in it from now on
//
// Tables of first stages stand where their guest physical addresses say: a gigabyte from kTables up is mapped
// one to one in every machine.
#pragma once

#include "cycle/bench.hh"

inline mmu_cfg_t with_two_stages(mmu_cfg_t cfg, unsigned gtlb_ways = 2)
{
    cfg.hypervisor = 1;
    cfg.vmid_bits = 2;
    cfg.gtlb_ways = static_cast<uint8_t>(gtlb_ways);
    cfg.gtlb_policy = MMU_POLICY_PLRU;
    if (gtlb_ways != 0) {
        cfg.gpwc[0] = {2, MMU_POLICY_PLRU};
        cfg.gpwc[1] = {1, MMU_POLICY_FIFO};
    }
    return cfg;
}

class GuestBench : public Bench
{
  public:
    static constexpr uint64_t kTables = 0x80000000;

    explicit GuestBench(const mmu_cfg_t &cfg = with_two_stages(tiny_shape())) : Bench(cfg)
    {
        in.slow.hadue = true;
        for (unsigned vm = 0; vm < 4; vm++)
            gmap(vm, kTables, kTables, 30);
        enter(host());
    }

    static uint64_t groot(unsigned vm)
    {
        return 0x40000000 + vm * 0x10000;
    }

    static uint64_t vsroot(unsigned vm)
    {
        return kTables + 0x100000 * (vm + 1);
    }

    void gmap(unsigned vm, uint64_t gpa, uint64_t pa, unsigned lg = 12, uint64_t flags = kRwx | kU)
    {
        memory.map(groot(vm), gpa, pa, lg, flags);
    }

    void vsmap(unsigned vm, uint64_t va, uint64_t gpa, unsigned lg = 12, uint64_t flags = kRwx)
    {
        memory.map(vsroot(vm), va, gpa, lg, flags);
    }

    static mmu_ctx_t host()
    {
        mmu_ctx_t ctx = make_rq(0).ctx;
        ctx.root = kRoot >> 12;
        return ctx;
    }

    static mmu_ctx_t guest(unsigned vm, unsigned mode = MMU_MODE_SV39)
    {
        mmu_ctx_t ctx = guest_ctx(vm, mode);
        ctx.root = vsroot(vm) >> 12;
        ctx.groot = groot(vm) >> 12;
        return ctx;
    }

    void enter(const mmu_ctx_t &ctx)
    {
        in.ctx[0] = in.ctx[1] = ctx;
    }

    // One access to its end.
    mmu_rsp_t access(const mmu_ctx_t &ctx, uint64_t va, unsigned port = MMU_PORT_D,
                     unsigned acc = MMU_ACC_LOAD)
    {
        enter(ctx);
        ask(port, 9, va, acc);
        drain();
        const Answer *got = answer(port, 9);
        EXPECT_NE(got, nullptr);
        return got != nullptr ? got->rsp : zero<mmu_rsp_t>();
    }

    uint64_t pa(const mmu_ctx_t &ctx, uint64_t va, unsigned port = MMU_PORT_D)
    {
        return access(ctx, va, port, port == MMU_PORT_I ? MMU_ACC_FETCH : MMU_ACC_LOAD).pa;
    }

    // Table words that one access reads: 0 where a TLB has it.
    uint64_t words(const mmu_ctx_t &ctx, uint64_t va, unsigned port = MMU_PORT_D)
    {
        const uint64_t before = reads;
        (void)pa(ctx, va, port);
        return reads - before;
    }

    void do_fence(const mmu_fence_t &fence)
    {
        in.fence = fence;
        drain();
        EXPECT_FALSE(in.fence.valid);
    }
};
