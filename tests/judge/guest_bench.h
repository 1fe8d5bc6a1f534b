// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The judge's bench with two stages: Sv39 over Sv39x4. The guest's tables stand at guest physical addresses, one table of
// each level; the G stage, one table of each level as well, maps each of their pages to another physical one.
#ifndef LOCKWALK_TESTS_JUDGE_GUEST_BENCH_H
#define LOCKWALK_TESTS_JUDGE_GUEST_BENCH_H

#include "bench.h"

namespace judging
{

// Guest physical addresses, all in one table of the G stage...
constexpr uint64_t kGuest = 0x10000000;
constexpr uint64_t kVRoot = kGuest, kVTable1 = kGuest + 0x1000, kVTable0 = kGuest + 0x2000;
constexpr uint64_t kVPage = kGuest + 0x8000;
// ...which has them here, page by page.
constexpr uint64_t kHost = 0xc0000000;
constexpr uint64_t kGRoot = 0xa0000000, kGTable1 = 0xa0004000, kGTable0 = 0xa0005000;

constexpr uint64_t kGLeaf = R | W | X | U | A | D;
constexpr uint64_t kVLeaf = R | W | X | A | D;
constexpr uint64_t kEntryGpa = kVTable0 + 8 * (kVa >> 12 & 511); // of kVa's leaf
constexpr uint64_t kGuestPa = kHost + 0x8000 + 0xabc;            // of kVa
constexpr uint64_t kFinalGpa = kVPage + 0xabc;
constexpr uint16_t kVmid = 5;

constexpr uint64_t host(uint64_t gpa)
{
    return gpa - kGuest + kHost;
}
constexpr uint64_t gleaf(uint64_t gpa) // address of the G stage's leaf
{
    return kGTable0 + 8 * (gpa >> 12 & 511);
}

class GuestBench : public Bench
{
  public:
    explicit GuestBench(mmu_judge_options_t opt = {}) : Bench(with(opt))
    {
        ctx.v = true;
        ctx.vmid = kVmid;
        ctx.gmode = MMU_MODE_SV39;
        ctx.groot = kGRoot >> 12;
        ctx.root = kVRoot >> 12;
        for (uint64_t gpa : {kVRoot, kVTable1, kVTable0, kVPage})
            gmap(gpa, host(gpa), kGLeaf);
        vmap(kVa, kVPage, kVLeaf);
    }
    static mmu_judge_options_t with(mmu_judge_options_t opt)
    {
        opt.hypervisor = true;
        return opt;
    }

    // ---- tables ----

    void gmap(uint64_t gpa, uint64_t pa, uint64_t flags)
    {
        write(kGRoot + 8 * (gpa >> 30 & 0x7ff), pte(kGTable1, 0));
        write(kGTable1 + 8 * (gpa >> 21 & 511), pte(kGTable0, 0));
        write(gleaf(gpa), pte(pa, flags));
    }
    void vmap(uint64_t va, uint64_t gpa, uint64_t flags)
    {
        write(host(kVRoot) + 8 * (va >> 30 & 511), pte(kVTable1, 0));
        write(host(kVTable1) + 8 * (va >> 21 & 511), pte(kVTable0, 0));
        write(host(kVTable0) + 8 * (va >> 12 & 511), pte(gpa, flags));
    }

    // ---- walks, with memory as it is; false where one ends in a fault ----

    static bool is_leaf(uint64_t word)
    {
        return (word & (R | W | X)) != 0;
    }
    bool gwalk(uint64_t gpa, uint64_t *pa, unsigned slot = 0, uint64_t need = R | U)
    {
        uint64_t word = read((ctx.groot << 12) + 8 * (gpa >> 30 & 0x7ff), slot);
        for (int level = 1; level >= -1; level--) {
            uint64_t below = (UINT64_C(1) << (12 + 9 * (level + 1))) - 1;
            *pa = (word >> 10 << 12 & ~below) | (gpa & below);
            if ((word & V) == 0)
                return false;
            if (is_leaf(word))
                return (word & need) == need;
            if (level >= 0)
                word = read((word >> 10 << 12) + 8 * (gpa >> (12 + 9 * level) & 511), slot);
        }
        return false;
    }
    // All reads, each place translated anew; not the final address where final is false.
    bool vwalk(uint64_t va = kVa, unsigned slot = 0, bool final = true)
    {
        uint64_t table = ctx.root << 12, pa = 0;
        for (int level = 2; level >= 0; level--) {
            if (!gwalk(table + 8 * (va >> (12 + 9 * level) & 511), &pa, slot))
                return false;
            uint64_t word = read(pa, slot);
            if ((word & V) == 0)
                return false;
            table = word >> 10 << 12;
            if (is_leaf(word))
                return !final || gwalk(table | (va & ((UINT64_C(1) << (12 + 9 * level)) - 1)), &pa, slot, U);
        }
        return false;
    }
    void vtranslate(uint64_t pa = kGuestPa)
    {
        request(15);
        vwalk();
        answer(15, pa);
    }
    // One that has been translated before is asked for again.
    void hit(uint64_t pa, uint8_t lg = 12)
    {
        request(1);
        answer(1, pa, lg);
    }
    void answer_guest(unsigned id, uint8_t cause, uint64_t gpa, uint8_t imp)
    {
        out.rsp[MMU_PORT_D].gpa = gpa;
        out.rsp[MMU_PORT_D].imp = imp;
        answer_fault(id, cause);
    }

    // ---- fences ----

    static mmu_fence_t of(uint8_t kind, mmu_fence_t f = {})
    {
        f.kind = kind;
        f.vmid = kVmid;
        f.vmid_en = kind == MMU_FENCE_G;
        return f;
    }
    static mmu_fence_t vv(mmu_fence_t f = {})
    {
        return of(MMU_FENCE_VV, f);
    }
    static mmu_fence_t g()
    {
        return of(MMU_FENCE_G);
    }
    static mmu_fence_t g_by(uint64_t gpa)
    {
        return of(MMU_FENCE_G, by_va(gpa));
    }
    static mmu_fence_t to(mmu_fence_t f, uint16_t vmid)
    {
        f.vmid = vmid;
        return f;
    }
};

} // namespace judging

#endif
