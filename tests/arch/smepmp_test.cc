// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Smepmp and locks (docs/microarchitecture.md, PMP-4, PMP-5), each case against the table of the Smepmp
// specification.
#include "memory.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

constexpr uint8_t TOR = MMU_PMP_TOR << MMU_PMP_A_SHIFT, NA4 = MMU_PMP_NA4 << MMU_PMP_A_SHIFT,
                  NAPOT = MMU_PMP_NAPOT << MMU_PMP_A_SHIFT, L = MMU_PMP_L;
constexpr uint8_t FETCH = MMU_ACC_FETCH, LOAD = MMU_ACC_LOAD, STORE = MMU_ACC_STORE, LOAD_X = MMU_ACC_LOAD_X;
constexpr uint64_t all = MMU_PMP_ADDR_MASK;

// With mseccfg.MML = 1: what M and what S and U may do, as the specification's table lists it.
struct Row {
    const char *lrwx, *m, *su;
};
const Row table[16] = {
    {"0000", "", ""},  {"0001", "", "x"},  {"0010", "rw", "r"}, {"0011", "rw", "rw"},
    {"0100", "", "r"}, {"0101", "", "rx"}, {"0110", "", "rw"},  {"0111", "", "rwx"},
    {"1000", "", ""},  {"1001", "x", ""},  {"1010", "x", "x"},  {"1011", "rx", "x"},
    {"1100", "r", ""}, {"1101", "rx", ""}, {"1110", "rw", ""},  {"1111", "r", "r"},
};

uint8_t cfg_of(const std::string &lrwx)
{
    return uint8_t((lrwx[0] == '1' ? MMU_PMP_L : 0) | (lrwx[1] == '1' ? MMU_PMP_R : 0) |
                   (lrwx[2] == '1' ? MMU_PMP_W : 0) | (lrwx[3] == '1' ? MMU_PMP_X : 0));
}

// HLVX reads what may be executed, and read.
bool grants(const std::string &rights, uint8_t acc)
{
    auto has = [&](char right) { return rights.find(right) != std::string::npos; };
    return acc == FETCH ? has('x') : acc == LOAD ? has('r') : acc == STORE ? has('w') : has('r') && has('x');
}

// All three ways to ask must agree.
bool allow(const mmu_pmp_file_t &f, uint64_t pa, uint8_t acc, uint8_t size, uint8_t prv, uint8_t sec)
{
    const bool yes = mmu_pmp_allow(f.range, f.entries, pa, acc, size, prv, sec);
    const uint8_t verdict = mmu_pmp_decide(f.range, f.entries, pa, acc, size, prv, sec).verdict;
    mmu_pmp_window_t window = {};
    EXPECT_EQ(verdict == MMU_PMP_ALLOWED || verdict == MMU_PMP_FREE, yes);
    EXPECT_EQ(mmu_pmp_allow_near(&window, f.range, f.entries, pa, acc, size, prv, sec), yes);
    return yes;
}

mmu_pmp_file_t file_of(uint8_t cfg, uint64_t addr)
{
    mmu_pmp_file_t f;
    mmu_pmp_reset(&f, 16);
    mmu_pmp_write(&f, 3, cfg, addr, MMU_SEC_RLB);
    return f;
}

TEST(smepmp, every_entry_for_every_privilege_and_access)
{
    for (const Row &row : table)
        for (uint8_t sec = 0; sec < 8; sec++)
            for (uint8_t acc : {FETCH, LOAD, STORE, LOAD_X})
                for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M}) {
                    const uint8_t cfg = cfg_of(row.lrwx);
                    const mmu_pmp_file_t f = file_of(uint8_t(cfg | NAPOT), 0x11ff);
                    const bool m = prv == MMU_PRIV_M;
                    bool want;
                    if ((sec & MMU_SEC_MML) != 0)
                        want = grants(m ? row.m : row.su, acc);
                    else
                        want =
                            (m && (cfg & L) == 0) || grants(std::string(cfg & 1 ? "r" : "") +
                                                                (cfg & 2 ? "w" : "") + (cfg & 4 ? "x" : ""),
                                                            acc);
                    EXPECT_EQ(allow(f, 0x4000, acc, 2, prv, sec), want)
                        << row.lrwx << " sec " << int(sec) << " acc " << int(acc) << " prv " << int(prv);
                    // A part of the access fails from everybody, whatever mseccfg says.
                    EXPECT_FALSE(allow(f, 0x3ff8, acc, 4, prv, sec));
                }
}

TEST(smepmp, without_a_match)
{
    const mmu_pmp_file_t f = file_of(uint8_t(NAPOT | 7), 0x11ff);
    for (uint8_t sec = 0; sec < 8; sec++)
        for (uint8_t acc : {FETCH, LOAD, STORE, LOAD_X}) {
            // MMWP: nothing. MML: M's data, no code. Neither: M's anything.
            const bool m = (sec & MMU_SEC_MMWP) != 0  ? false
                           : (sec & MMU_SEC_MML) != 0 ? acc == LOAD || acc == STORE
                                                      : true;
            EXPECT_EQ(allow(f, 0x100000, acc, 0, MMU_PRIV_M, sec), m) << int(sec) << " " << int(acc);
            EXPECT_FALSE(allow(f, 0x100000, acc, 0, MMU_PRIV_S, sec));
            EXPECT_FALSE(allow(f, 0x100000, acc, 0, MMU_PRIV_U, sec));
        }
}

TEST(smepmp, without_entries_nothing_is_protected)
{
    mmu_pmp_file_t f;
    mmu_pmp_reset(&f, 0);
    for (uint8_t sec = 0; sec < 8; sec++)
        for (uint8_t prv : {MMU_PRIV_U, MMU_PRIV_S, MMU_PRIV_M})
            EXPECT_TRUE(allow(f, 0x1000, FETCH, 2, prv, sec));
}

TEST(smepmp, a_window_is_made_anew_where_mseccfg_is_another)
{
    const mmu_pmp_file_t f = file_of(uint8_t(NAPOT | 7), 0x11ff);
    mmu_pmp_window_t window = {};
    auto near = [&](uint8_t sec) {
        return mmu_pmp_allow_near(&window, f.range, f.entries, 0x4000, STORE, 2, MMU_PRIV_M, sec);
    };
    EXPECT_TRUE(near(0));
    window = {};
    EXPECT_FALSE(near(MMU_SEC_MML));
}

// ---- locks: PMP-5 -----------------------------------------------------------------------------------------

TEST(pmp_locks, what_a_write_changes)
{
    unsigned both = 0, addr_only = 0, cfg_only = 0, none = 0;
    for (uint8_t sec = 0; sec < 8; sec++)
        for (unsigned prev = 0; prev < 256; prev += 8) // L and the mode; R, W, X of it do not matter
            for (unsigned next = 0; next < 256; next += 8)
                for (unsigned cfg = 0; cfg < 256; cfg++) {
                    const bool rlb = (sec & MMU_SEC_RLB) != 0;
                    const std::string rights =
                        table[(cfg & L ? 8 : 0) + (cfg & 1 ? 4 : 0) + (cfg & 2 ? 2 : 0) + (cfg & 4 ? 1 : 0)]
                            .m;
                    // With MML no rule may be added that lets M execute, unless RLB.
                    const bool code = (sec & MMU_SEC_MML) != 0 && (cfg & L) != 0 && grants(rights, FETCH);
                    const bool open = rlb || (prev & L) == 0;
                    const bool base = !rlb && (next & L) != 0 && (next & 0x18) == TOR;
                    const mmu_pmp_acts_t acts = mmu_pmp_acts(uint8_t(prev), uint8_t(next), uint8_t(cfg), sec);
                    ASSERT_EQ(acts.cfg, open && (rlb || !code)) << prev << " " << cfg << " " << int(sec);
                    ASSERT_EQ(acts.addr, open && !base) << prev << " " << next << " " << int(sec);
                    (acts.cfg ? acts.addr ? both : cfg_only : acts.addr ? addr_only : none)++;
                }
    EXPECT_TRUE(both > 1000 && addr_only > 1000 && cfg_only > 1000 && none > 1000);
}

TEST(pmp_locks, the_rights_that_add_code_of_m_are_four)
{
    for (const Row &row : table) {
        const std::string r = row.lrwx;
        const bool refused = r == "1001" || r == "1010" || r == "1011" || r == "1101";
        EXPECT_EQ(mmu_pmp_acts(0, 0, cfg_of(r), MMU_SEC_MML).cfg, !refused) << r;
        EXPECT_TRUE(mmu_pmp_acts(0, 0, cfg_of(r), 0).cfg);
        EXPECT_TRUE(mmu_pmp_acts(0, 0, cfg_of(r), MMU_SEC_MML | MMU_SEC_RLB).cfg);
    }
}

TEST(pmp_locks, a_locked_entry_keeps_address_rights_and_range)
{
    mmu_pmp_file_t f;
    mmu_pmp_reset(&f, 16);
    mmu_pmp_write(&f, 4, L | NA4 | MMU_PMP_R, 0x100, 0);
    const mmu_pmp_file_t before = f;
    mmu_pmp_write(&f, 4, 0, 0x200, 0);
    EXPECT_TRUE(f.cfg[4] == before.cfg[4] && f.addr[4] == 0x100 && f.range[4].base == 0x100 && f.range[4].on);
    mmu_pmp_write(&f, 4, NA4, 0x200, MMU_SEC_RLB);
    EXPECT_TRUE(f.cfg[4] == NA4 && f.addr[4] == 0x200 && f.range[4].base == 0x200);
}

TEST(pmp_locks, a_locked_tor_entry_keeps_the_base_below_it)
{
    mmu_pmp_file_t f;
    mmu_pmp_reset(&f, 16);
    mmu_pmp_write(&f, 4, 0, 0x100, 0);
    mmu_pmp_write(&f, 5, L | TOR | MMU_PMP_R, 0x200, 0);
    mmu_pmp_write(&f, 4, NA4 | MMU_PMP_W, 0x180, 0); // the rights change, the address does not
    EXPECT_TRUE(f.addr[4] == 0x100 && f.cfg[4] == (NA4 | MMU_PMP_W) && f.range[4].base == 0x100);
    EXPECT_TRUE(f.range[5].base == 0x100 && f.range[5].last == 0x1ff);
    mmu_pmp_write(&f, 4, NA4, 0x180, MMU_SEC_RLB);
    EXPECT_TRUE(f.addr[4] == 0x180 && f.range[5].base == 0x180);
    // The entry above the last is none.
    mmu_pmp_write(&f, 15, NA4, 0x300, 0);
    EXPECT_EQ(f.addr[15], 0x300u);
}

// ---- in a translation -------------------------------------------------------------------------------------

using namespace memory;

mmu_arch_result_t under(Memory &m, const mmu_pmp_file_t &f, const mmu_rq_t &rq, uint8_t sec)
{
    const mmu_arch_mem_t port = m.port();
    mmu_slow_t s = slow(true);
    mmu_arch_result_t out;
    s.mml = (sec & MMU_SEC_MML) != 0;
    s.mmwp = (sec & MMU_SEC_MMWP) != 0;
    s.rlb = (sec & MMU_SEC_RLB) != 0;
    mmu_arch_translate_pmp(&port, &f, &rq, &s, &out, nullptr);
    return out;
}

TEST(smepmp, mseccfg_steers_a_translation)
{
    Memory m = three_levels(R | W | A | D);
    const mmu_rq_t bare = request(MMU_MODE_BARE, MMU_PRIV_M, MMU_ACC_LOAD, 0x12345678);
    const mmu_pmp_file_t nothing = file_of(0, 0);
    EXPECT_EQ(under(m, nothing, bare, MMU_SEC_MML).pa, 0x12345678u);
    EXPECT_EQ(under(m, nothing, bare, MMU_SEC_MMWP).cause, 5);
    // Tables are read as S: a region of M alone, L R, refuses them with MML and grants them without.
    const mmu_pmp_file_t of_m = file_of(L | NAPOT | MMU_PMP_R, all);
    EXPECT_EQ(under(m, of_m, sv39(MMU_ACC_LOAD), 0).pa, 0x1234123u);
    EXPECT_EQ(under(m, of_m, sv39(MMU_ACC_LOAD), MMU_SEC_MML).cause, 5);
    // Shared data that S reads: the walk, not the store.
    const mmu_pmp_file_t shared = file_of(NAPOT | MMU_PMP_W, all);
    EXPECT_EQ(under(m, shared, sv39(MMU_ACC_LOAD), MMU_SEC_MML).pa, 0x1234123u);
    EXPECT_EQ(under(m, shared, sv39(MMU_ACC_STORE), MMU_SEC_MML).cause, 7);
    EXPECT_EQ(under(m, shared, sv39(MMU_ACC_LOAD), 0).cause, 5);
}

} // namespace
