// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Storage for one twin on its own, and small things for its tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "cycle/mmu_internal.h"

// Storage like the one that mmu_init deals out: counted first, then taken.
class Storage
{
  public:
    template <typename Init> void build(Init init)
    {
        mmu_arena_t arena = {nullptr, 0};
        init(&arena);
        bytes.assign(arena.used / sizeof(uint64_t) + 8, 0);
        arena = {reinterpret_cast<unsigned char *>(bytes.data()), 0};
        init(&arena);
    }

  private:
    std::vector<uint64_t> bytes;
};

template <typename T> T zero()
{
    T t;
    std::memset(static_cast<void *>(&t), 0, sizeof t);
    return t;
}

// A row of a 2^lg page; `data` is an entry with that size, so that rooms which look into it can.
inline mmu_line_t make_row(uint64_t va, unsigned asid, unsigned lg, bool global, uint64_t flags = 0,
                           uint64_t pa = 0)
{
    mmu_line_t row = zero<mmu_line_t>();
    row.key = mmu_make_key(static_cast<uint16_t>(asid), va);
    row.mask = mmu_make_mask(lg, global);
    row.vm = lg << MMU_VM_FLG_SHIFT; // of V = 0
    row.data = (pa >> MMU_PPN_LG) | static_cast<uint64_t>(lg) << MMU_ENTRY_LG_SHIFT | flags |
               (global ? MMU_ENTRY_G : 0);
    return row;
}

// What a look-up of machine `vmid` compares (KEY-5), in the place of vm_t.
constexpr mmu_vm_t in_vm(unsigned vmid, bool bare = false)
{
    return MMU_VM_V | vmid | (bare ? MMU_VM_BARE : 0);
}

// The same of a virtual machine; 2^flg bytes are the first stage's page.
inline mmu_line_t make_vm_row(uint64_t va, unsigned asid, unsigned lg, bool global, mmu_vm_t vm, unsigned flg,
                              uint64_t flags = 0, uint64_t pa = 0)
{
    mmu_line_t row = make_row(va, asid, lg, global, flags, pa);
    row.vm = vm | flg << MMU_VM_FLG_SHIFT;
    return row;
}

inline mmu_fence_t make_fence(unsigned kind)
{
    mmu_fence_t fence = zero<mmu_fence_t>();
    fence.valid = true;
    fence.kind = static_cast<uint8_t>(kind);
    return fence;
}

inline mmu_fence_t by_va(mmu_fence_t fence, uint64_t va)
{
    fence.va_en = true;
    fence.va = va;
    return fence;
}

inline mmu_fence_t by_asid(mmu_fence_t fence, unsigned asid)
{
    fence.asid_en = true;
    fence.asid = static_cast<uint16_t>(asid);
    return fence;
}

inline mmu_fence_t by_vmid(mmu_fence_t fence, unsigned vmid)
{
    fence.vmid_en = fence.kind == MMU_FENCE_G; // of FenceVv of no account
    fence.vmid = static_cast<uint16_t>(vmid);
    return fence;
}

// A leaf that grants every access of S.
constexpr uint64_t kAllRights = MMU_ENTRY_R | MMU_ENTRY_W | MMU_ENTRY_X | MMU_ENTRY_A | MMU_ENTRY_D;

inline mmu_rq_t make_rq(uint64_t va, unsigned acc = MMU_ACC_LOAD, unsigned asid = 1,
                        unsigned prv = MMU_PRIV_S)
{
    mmu_rq_t rq = zero<mmu_rq_t>();
    rq.va = va;
    rq.acc = static_cast<uint8_t>(acc);
    rq.size = 3;
    rq.prv = static_cast<uint8_t>(prv);
    rq.ctx.mode = MMU_MODE_SV39;
    rq.ctx.asid = static_cast<uint16_t>(asid);
    rq.ctx.root = 0x80000;
    return rq;
}

// A context of machine `vmid` over Sv39x4.
inline mmu_ctx_t guest_ctx(unsigned vmid, unsigned mode = MMU_MODE_SV39, unsigned gmode = MMU_MODE_SV39)
{
    mmu_ctx_t ctx = make_rq(0).ctx;
    ctx.v = true;
    ctx.mode = static_cast<uint8_t>(mode);
    ctx.vmid = static_cast<uint16_t>(vmid);
    ctx.gmode = static_cast<uint8_t>(gmode);
    ctx.groot = 0x90000;
    return ctx;
}
