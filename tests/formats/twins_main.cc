// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Every function of a format, C against RTL, on random inputs: what vectors cannot reach, since they play one
// access after the other (perm of an entry that another access has brought, merge_lg). Exit status 1 at the first
// difference.
#include "Vmmu_trident.h"
#include "lockwalk/mmu_format.h"

#include <cinttypes>
#include <cstdio>
#include <random>

extern const mmu_format_t mmu_format_trident;

namespace
{

std::mt19937_64 rng(1);

uint64_t bits(unsigned n)
{
    return n == 64 ? rng() : rng() & ((UINT64_C(1) << n) - 1);
}

// Fields of a packed record, the least significant first.
struct Packer {
    uint32_t word[9] = {};
    unsigned at = 0;

    void add(uint64_t value, unsigned width)
    {
        for (unsigned i = 0; i < width; i++, at++)
            word[at / 32] |= static_cast<uint32_t>(value >> i & 1) << at % 32;
    }
};

void drive(Vmmu_trident &rtl, const mmu_rq_t &rq, const mmu_slow_t &slow)
{
    Packer p, s;

    p.add(rq.ctx.mxr, 1), p.add(rq.ctx.sum, 1), p.add(rq.ctx.root, 44), p.add(rq.ctx.asid, 16);
    p.add(rq.ctx.mode, 4), p.add(0, 44 + 14 + 4 + 1 + 1); // groot to v
    p.add(rq.ctx.flags, 4), p.add(rq.ctx.aux, 44);
    p.add(rq.prv, 2), p.add(rq.size, 3), p.add(rq.acc, 3), p.add(rq.va, 64);
    for (unsigned i = 0; i < 8; i++)
        rtl.rq_i[i] = p.word[i];
    s.add(0, 2), s.add(slow.adue, 1), s.add(0, 26), s.add(slow.format, 4);
    rtl.slow_i = s.word[0] | static_cast<uint64_t>(s.word[1]) << 32;
}

unsigned long seen[5], granted, faults[8];

bool same(const char *what, uint64_t c, uint64_t rtl, const mmu_rq_t &rq)
{
    if (c != rtl)
        printf("%s differs: C 0x%" PRIx64 ", RTL 0x%" PRIx64 "; va 0x%" PRIx64 " acc %u prv %u\n", what, c,
               rtl, rq.va, rq.acc, rq.prv);
    return c == rtl;
}

bool once(Vmmu_trident &rtl)
{
    static const uint8_t privs[] = {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M, MMU_PRIV_U, MMU_PRIV_S};
    const mmu_format_t &c = mmu_format_trident;
    mmu_rq_t rq = {};
    mmu_slow_t slow = {};

    rq.va = bits(2) != 0 ? bits(32) : bits(2) != 0 ? bits(56) : bits(64);
    rq.acc = static_cast<uint8_t>(rng() % 5), rq.prv = privs[rng() % 5],
    rq.size = static_cast<uint8_t>(rng() % 4);
    rq.ctx.mode = bits(3) != 0, rq.ctx.root = bits(44), rq.ctx.asid = static_cast<uint16_t>(bits(16));
    rq.ctx.aux = bits(44), rq.ctx.flags = static_cast<uint8_t>(bits(4));
    slow.format = 8, slow.adue = bits(1) != 0;
    const mmu_pos_t pos = mmu_pos_make(static_cast<unsigned>(rng() % 3), false, bits(47));
    const uint64_t word = (bits(64) & ~UINT64_C(1)) | (bits(2) != 0 ? UINT64_C(1) << 63 : 0) | (bits(3) == 0);
    // A page of 4 KiB, with whatever rights.
    const mmu_entry_t entry = (bits(64) & ~(UINT64_C(63) << MMU_ENTRY_LG_SHIFT) & ~UINT64_C(7)) |
                              UINT64_C(12) << MMU_ENTRY_LG_SHIFT;
    const uint8_t fault = static_cast<uint8_t>(bits(3));

    drive(rtl, rq, slow);
    rtl.pos_i = pos, rtl.word_i = word, rtl.entry_i = entry, rtl.fault_i = fault;
    rtl.eval();
    const mmu_start_t start = c.start(&rq, &slow);
    const mmu_addr_t addr = c.addr(&rq, &slow, pos);
    const mmu_step_t step = c.step(&rq, &slow, pos, word);
    const bool perm = c.perm(&rq, &slow, entry);
    seen[step.kind]++, faults[step.fault]++, granted += perm;
    return same("start kind", start.kind, rtl.start_kind_o, rq) &&
           same("start fault", start.fault, rtl.start_fault_o, rq) &&
           same("start base", start.kind == MMU_START_BARE ? start.base : 0, rtl.start_base_o, rq) &&
           same("start pos", start.kind == MMU_START_WALK ? start.pos : 0, rtl.start_pos_o, rq) &&
           same("addr", addr.addr, rtl.addr_o, rq) && same("wide", addr.wide, rtl.wide_o, rq) &&
           same("step kind", step.kind, rtl.step_kind_o, rq) &&
           same("step fault", step.fault, rtl.step_fault_o, rq) &&
           same("step lg", step.lg, rtl.step_lg_o, rq) && same("step pos", step.pos, rtl.step_pos_o, rq) &&
           same("step entry", step.entry, rtl.step_entry_o, rq) &&
           same("step new", step.new_word, rtl.step_new_o, rq) && same("perm", perm, rtl.grant_o, rq) &&
           same("pa", c.pa(&rq, &slow, entry), rtl.pa_o, rq) &&
           same("cause", c.cause(fault, &rq, &slow), rtl.cause_o, rq) &&
           same("merge_lg", c.merge_lg(&slow), rtl.merge_lg_o, rq);
}

} // namespace

int main()
{
    Vmmu_trident rtl;
    const unsigned long times = 300000;

    for (unsigned long i = 0; i < times; i++)
        if (!once(rtl))
            return 1;
    printf("%lu compared: %lu read, %lu leaf, %lu need A/D; %lu page, %lu prot, %lu rsvd, %lu table; %lu "
           "granted\n",
           times, seen[MMU_STEP_READ], seen[MMU_STEP_LEAF], seen[MMU_STEP_NEED_AD], faults[MMU_FAULT_PAGE],
           faults[MMU_FAULT_PROT], faults[MMU_FAULT_RSVD], faults[MMU_FAULT_TABLE], granted);
    return 0;
}
