// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Requests and page-table words for the tests of this room.
#ifndef LOCKWALK_TESTS_ARCH_RISCV_H
#define LOCKWALK_TESTS_ARCH_RISCV_H

#include "lockwalk/mmu_format.h"

namespace riscv
{

constexpr uint64_t V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128;
constexpr uint64_t N = uint64_t(1) << 63;

constexpr uint64_t pbmt(unsigned type)
{
    return uint64_t(type) << 61;
}

// A word: frame number (4 KiB) and flags.
constexpr uint64_t pte(uint64_t frame, uint64_t flags)
{
    return frame << 10 | flags;
}

inline mmu_rq_t request(uint8_t mode, uint8_t prv, uint8_t acc, uint64_t va, uint64_t root = 0)
{
    mmu_rq_t rq = {};
    rq.va = va;
    rq.ctx.mode = mode;
    rq.ctx.root = root;
    rq.acc = acc;
    rq.prv = prv;
    return rq;
}

inline mmu_slow_t slow(bool adue, bool pbmte = false, bool svnapot = false)
{
    mmu_slow_t s = {};
    s.adue = adue;
    s.pbmte = pbmte;
    s.svnapot = svnapot;
    return s;
}

} // namespace riscv

#endif
