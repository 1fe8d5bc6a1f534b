// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// For the tests of the formats other than riscv: a memory of 8-byte words, requests, page rows.
#ifndef LOCKWALK_TESTS_ARCH_CLASSIC_H
#define LOCKWALK_TESTS_ARCH_CLASSIC_H

#include "lockwalk/mmu_arch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace classic
{

constexpr uint64_t P = 1, S = 2, X = 4, W = 8, R = 16, U = 32, A = 64, D = 128;
constexpr uint64_t all = P | X | W | R | U | A | D;

constexpr uint8_t user = MMU_PRIV_U, kernel = MMU_PRIV_S;
constexpr uint8_t fetch = MMU_ACC_FETCH, load = MMU_ACC_LOAD, store = MMU_ACC_STORE, append = MMU_ACC_APPEND;

// A page row for the frame that begins at pa.
constexpr uint64_t row(uint64_t pa, uint64_t rights)
{
    return pa >> 9 << 12 | rights;
}

// Words by address; those without one are 0. Every access is noted.
struct Ram {
    std::map<uint64_t, uint64_t> word;
    std::vector<uint64_t> reads, writes;
    uint64_t end = UINT64_MAX;    // no RAM from here up
    std::vector<uint64_t> meddle; // what somebody writes before the next compare-and-swaps

    static bool read(void *self, uint64_t addr, bool wide, uint64_t *word)
    {
        auto *m = static_cast<Ram *>(self);
        EXPECT_EQ(addr & (wide ? 7 : 3), 0u);
        if (addr >= m->end)
            return false;
        m->reads.push_back(addr);
        *word = m->word.count(addr) != 0 ? m->word[addr] : 0;
        return true;
    }
    static bool cas(void *self, uint64_t addr, bool, uint64_t old_word, uint64_t new_word, uint64_t *before)
    {
        auto *m = static_cast<Ram *>(self);
        if (addr >= m->end)
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

// A machine of one format: memory, and the registers of the process that runs.
struct Machine {
    Ram ram;
    mmu_slow_t slow = {};
    mmu_ctx_t ctx = {};
    mmu_arch_trail_t trail = {};

    explicit Machine(mmu_format_e format, unsigned plg = 12)
    {
        slow.format = uint8_t(format);
        slow.plg = uint8_t(plg);
        slow.adue = true;
        ctx.mode = 1;
    }
    const mmu_format_t &format() const
    {
        return *mmu_format(slow.format);
    }
    mmu_rq_t rq(uint8_t prv, uint8_t acc, uint64_t va) const
    {
        mmu_rq_t out = {};
        out.va = va;
        out.ctx = ctx;
        out.acc = acc;
        out.prv = prv;
        return out;
    }
    // Notes begin afresh.
    mmu_arch_result_t go(uint8_t prv, uint8_t acc, uint64_t va)
    {
        const mmu_rq_t request = rq(prv, acc, va);
        const mmu_arch_mem_t mem = ram.port();
        mmu_arch_result_t out = {};
        ram.reads.clear();
        ram.writes.clear();
        mmu_arch_translate_trail(&mem, &request, &slow, &out, &trail);
        return out;
    }
    // The sentence of the last word that was judged.
    std::string why() const
    {
        return trail.count == 0 ? "" : mmu_rule_text(trail.step[trail.count - 1].rule);
    }
};

inline std::string text(const mmu_arch_result_t &r)
{
    static const char *const faults[] = {"none", "page", "access", "guest", "prot", "rsvd", "limit", "table"};
    char buf[96];
    if (r.fault != MMU_FAULT_NONE)
        return faults[r.fault & 7];
    snprintf(buf, sizeof buf, "0x%llx", (unsigned long long)r.pa);
    return buf;
}

// {prv is U, acc, kind}
constexpr uint8_t cause(uint8_t prv, unsigned acc, unsigned kind)
{
    return uint8_t((prv == user ? 32 : 0) | acc << 3 | kind);
}

using Addresses = std::vector<uint64_t>;

// Tries all rights of a word against all accesses, and expects what CLS-2 says. put(rights) writes the word;
// absent: the fault where P is 0.
template <typename Put>
void expect_rights(Machine &m, uint64_t va, const char *pa, const char *absent, const Put &put)
{
    for (unsigned mode = 0; mode < 8; mode++)
        for (uint64_t u : {uint64_t(0), U})
            for (uint8_t prv : {user, kernel})
                for (uint8_t acc : {fetch, load, store, uint8_t(MMU_ACC_LOAD_X), append}) {
                    const bool r = (mode & 4) != 0, w = (mode & 2) != 0, x = (mode & 1) != 0;
                    const bool right = acc == load ? r : acc == store || acc == append ? w : x;
                    const char *want = mode == 2 || mode == 3             ? "rsvd"
                                       : right && (u != 0 || prv != user) ? pa
                                                                          : "prot";
                    SCOPED_TRACE("rights mode " + std::to_string(mode) + ", access " + std::to_string(acc));
                    put(P | A | D | u | (r ? R : 0) | (w ? W : 0) | (x ? X : 0));
                    const mmu_arch_result_t got = m.go(prv, acc, va);
                    EXPECT_EQ(text(got), want);
                    const mmu_rq_t same = m.rq(prv, acc, va);
                    if (got.fault == MMU_FAULT_NONE)
                        EXPECT_TRUE(m.format().perm(&same, &m.slow, got.entry));
                    put(A | D | u | (r ? R : 0) | (w ? W : 0) | (x ? X : 0));
                    EXPECT_EQ(text(m.go(prv, acc, va)), absent);
                }
}

} // namespace classic

#endif
