// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A small memory for the architectural model, with page tables.
#ifndef LOCKWALK_TESTS_ARCH_MEMORY_H
#define LOCKWALK_TESTS_ARCH_MEMORY_H

#include "lockwalk/mmu_arch.h"
#include "riscv.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace memory
{

using namespace riscv;

constexpr uint64_t ram_base = 0x80000000, ram_size = 0x10000;

// Words, each access to them, and a hook before a compare-and-swap.
struct Memory {
    std::map<uint64_t, uint64_t> word;
    std::vector<uint64_t> reads, writes;
    bool wide = true;
    bool cas_fails = false;       // an error on the bus
    std::vector<uint64_t> meddle; // what somebody writes before the next compare-and-swaps

    static bool inside(uint64_t addr)
    {
        return addr >= ram_base && addr < ram_base + ram_size;
    }

    static bool read(void *user, uint64_t addr, bool wide, uint64_t *word)
    {
        auto *m = static_cast<Memory *>(user);
        EXPECT_EQ(wide, m->wide);
        if (!inside(addr))
            return false;
        m->reads.push_back(addr);
        *word = m->word[addr];
        return true;
    }
    static bool cas(void *user, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word,
                    uint64_t *before)
    {
        auto *m = static_cast<Memory *>(user);
        EXPECT_EQ(wide, m->wide);
        if (!inside(addr) || m->cas_fails)
            return false;
        if (!m->meddle.empty()) {
            m->word[addr] = m->meddle.back();
            m->meddle.pop_back();
        }
        *before = m->word[addr];
        if (*before == old_word) {
            m->word[addr] = new_word;
            m->writes.push_back(addr);
        }
        return true;
    }
    mmu_arch_mem_t port()
    {
        return {read, cas, this};
    }
};

constexpr uint64_t root = ram_base >> 12;
constexpr uint64_t va = uint64_t(3) << 30 | uint64_t(5) << 21 | uint64_t(7) << 12 | 0x123;
constexpr uint64_t at2 = ram_base + 3 * 8, at1 = ram_base + 0x1000 + 5 * 8, at0 = ram_base + 0x2000 + 7 * 8;

// Three levels of Sv39 that map va to frame 0x1234.
inline Memory three_levels(uint64_t flags)
{
    Memory m;
    m.word[at2] = pte((ram_base >> 12) + 1, V);
    m.word[at1] = pte((ram_base >> 12) + 2, V);
    m.word[at0] = pte(0x1234, V | flags);
    return m;
}

inline mmu_rq_t sv39(uint8_t acc, uint64_t address = va)
{
    return request(MMU_MODE_SV39, MMU_PRIV_S, acc, address, root);
}

inline void expect_fault(const mmu_arch_result_t &out, uint8_t fault, uint8_t cause, uint64_t tval)
{
    EXPECT_EQ(out.fault, fault);
    EXPECT_EQ(out.cause, cause);
    EXPECT_EQ(out.tval, tval);
    EXPECT_TRUE(out.pa == 0 && out.entry == 0 && out.lg == 0 && out.mt == 0);
}

} // namespace memory

#endif
