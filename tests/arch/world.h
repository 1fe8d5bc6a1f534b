// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Worlds of vector files as the architectural model takes them.
#ifndef LOCKWALK_TESTS_ARCH_WORLD_H
#define LOCKWALK_TESTS_ARCH_WORLD_H

#include "lockwalk/mmu_tv.h"

#include <gtest/gtest.h>

#include <string>

namespace world
{

inline uint8_t mode(uint64_t value)
{
    const uint8_t modes[] = {0, 0, MMU_MODE_SV32, MMU_MODE_SV39, MMU_MODE_SV48, MMU_MODE_SV57};
    return modes[value];
}

inline bool x86(const mmu_tv_world_t &w)
{
    return w.key[MMU_TV_ISA] == MMU_TV_X86 || w.key[MMU_TV_ISA] == MMU_TV_X86_64;
}

inline mmu_slow_t slow(const mmu_tv_world_t &w)
{
    mmu_slow_t s = {};
    if (x86(w)) {
        s.format = MMU_FORMAT_X86;
        s.pse = w.key[MMU_TV_PSE] != 0;
        s.pge = w.key[MMU_TV_PGE] != 0;
        s.nxe = w.key[MMU_TV_NXE] != 0;
        s.afault = w.key[MMU_TV_AFAULT] != 0;
        s.maxpa = uint8_t(w.key[MMU_TV_MAXPA]);
        return s;
    }
    s.adue = w.key[MMU_TV_ADUE] != 0;
    s.pbmte = w.key[MMU_TV_PBMTE] != 0;
    s.hadue = w.key[MMU_TV_HADUE] != 0;
    s.hpbmte = w.key[MMU_TV_HPBMTE] != 0;
    s.svnapot = w.key[MMU_TV_NAPOT] != 0;
    return s;
}

inline mmu_rq_t request(const mmu_tv_world_t &w, const mmu_tv_access_t &a)
{
    mmu_rq_t rq = {};
    rq.va = a.va;
    rq.acc = a.type;
    rq.prv = a.priv;
    while (UINT64_C(1) << rq.size < a.len)
        rq.size++;
    if (x86(w)) {
        const uint64_t cr3 = w.key[MMU_TV_CR3];
        rq.ctx.root = cr3 >> 12;
        rq.ctx.aux = cr3 >> 5 & 0x7f; // counts in PAE only
        rq.ctx.mode = uint8_t(w.key[MMU_TV_MODE] - MMU_TV_X86_2LEVEL + 1);
        rq.ctx.flags = uint8_t(w.key[MMU_TV_WP] | w.key[MMU_TV_SMEP] << 1 | w.key[MMU_TV_SMAP] << 2 |
                               w.key[MMU_TV_AC] << 3);
        return rq;
    }
    rq.ctx.root = w.key[MMU_TV_ROOT];
    rq.ctx.mode = mode(w.key[MMU_TV_MODE]);
    rq.ctx.sum = w.key[MMU_TV_SUM] != 0;
    rq.ctx.mxr = w.key[MMU_TV_MXR] != 0;
    if (w.key[MMU_TV_VIRT] != 0) {
        rq.ctx.v = true;
        rq.ctx.sum = w.key[MMU_TV_VSUM] != 0;
        rq.ctx.gmxr = rq.ctx.mxr;
        rq.ctx.mxr = rq.ctx.mxr || w.key[MMU_TV_VMXR] != 0;
        rq.ctx.gmode = mode(w.key[MMU_TV_GMODE]);
        rq.ctx.groot = w.key[MMU_TV_GROOT];
    }
    return rq;
}

// NULL where there is none.
inline const mmu_pmp_file_t *pmp(const mmu_tv_world_t &w, mmu_pmp_file_t &file)
{
    mmu_pmp_reset(&file, 16);
    for (unsigned i = 0; i < w.pmps; i++)
        mmu_pmp_write(&file, w.pmp[i].index, w.pmp[i].cfg, w.pmp[i].addr, MMU_SEC_RLB);
    return w.key[MMU_TV_PMP] != 0 ? &file : nullptr;
}

// What differs from the reference: empty where nothing does.
inline std::string differs(const mmu_tv_world_t &w, const mmu_tv_access_t &a, const mmu_arch_result_t &r,
                           const mmu_tv_change_t *change, unsigned changes)
{
    std::string text;
    auto check = [&](bool given, const char *what, uint64_t want, uint64_t got) {
        char buf[96];
        if (!given || want == got)
            return;
        snprintf(buf, sizeof buf, "%s: expected 0x%llx, found 0x%llx; ", what, (unsigned long long)want,
                 (unsigned long long)got);
        text += buf;
    };
    check(true, "a fault", a.fault, r.fault != MMU_FAULT_NONE);
    check(true, "#GP", a.gp, x86(w) && r.fault == MMU_FAULT_LIMIT);
    check(!a.gp, "cause", a.fault ? a.cause : 0, r.cause);
    if (a.fault) {
        check((a.given & MMU_TV_HAS_TVAL) != 0, "tval", a.tval, r.tval);
        check(true, "gpa", (a.given & MMU_TV_HAS_GPA) != 0 ? a.gpa : 0, r.gpa);
        check(true, "a guest-page fault", (a.given & MMU_TV_HAS_GPA) != 0, r.fault == MMU_FAULT_GUEST);
    } else {
        check(true, "pa", a.pa, r.pa);
        check((a.given & MMU_TV_HAS_SIZE) != 0, "size", a.size, UINT64_C(1) << r.lg);
        check((a.given & MMU_TV_HAS_PBMT) != 0, "pbmt", a.pbmt, r.mt);
    }
    check(true, "changed words", a.updates, changes);
    for (unsigned i = 0; i < changes; i++) {
        bool found = false;
        for (unsigned k = 0; k < a.updates; k++)
            found |= w.update[a.first_update + k].addr == change[i].addr &&
                     w.update[a.first_update + k].value == change[i].after;
        check(true, "a changed word", found, true);
    }
    return text;
}

} // namespace world

#endif
