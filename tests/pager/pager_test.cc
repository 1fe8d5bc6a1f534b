// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The pager: what it maps is what the architectural model then translates.
#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_pager.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace
{

constexpr uint64_t BASE = 0x80000000;

struct World {
    mmu_mem_t *mem;
    mmu_pager_t *pager;
    mmu_huge_e huge;
    bool svade;

    explicit World(mmu_huge_e how = MMU_HUGE_NEVER, bool ade = false, uint64_t size = UINT64_C(1) << 40)
        : mem(mmu_mem_create(BASE, size)), pager(mmu_pager_create(mem, how, ade)), huge(how), svade(ade)
    {
    }
    ~World()
    {
        mmu_pager_destroy(pager);
        mmu_mem_destroy(mem);
    }
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    mmu_arch_result_t translate(uint64_t va, uint8_t acc)
    {
        mmu_arch_mem_t port = {
            [](void *m, uint64_t addr, bool wide, uint64_t *word) {
                if (!mmu_mem_is_ram(static_cast<mmu_mem_t *>(m), addr, 8))
                    return false;
                *word = mmu_mem_read(static_cast<mmu_mem_t *>(m), addr, wide);
                return true;
            },
            [](void *m, uint64_t addr, bool wide, uint64_t old_word, uint64_t new_word, uint64_t *before) {
                *before = mmu_mem_cas(static_cast<mmu_mem_t *>(m), addr, wide, old_word, new_word);
                return true;
            },
            mem};
        mmu_rq_t rq = {};
        rq.va = va;
        rq.acc = acc;
        rq.prv = MMU_PRIV_U;
        rq.ctx.mode = MMU_MODE_SV39;
        rq.ctx.root = mmu_pager_root(pager);
        mmu_slow_t slow = {};
        slow.adue = !svade;
        mmu_arch_result_t out;
        mmu_arch_translate(&port, &rq, &slow, &out);
        return out;
    }

    // The pager maps va; the architectural model and the pager's own list must then agree on it.
    mmu_arch_result_t touch(uint64_t va)
    {
        EXPECT_EQ(translate(va, MMU_ACC_LOAD).fault, MMU_FAULT_PAGE);
        EXPECT_EQ(mmu_pager_find(pager, va), nullptr);
        EXPECT_EQ(mmu_pager_serve(pager, va, MMU_ACC_LOAD, 7), MMU_PAGER_MAPPED);
        if (svade)
            EXPECT_EQ(mmu_pager_serve(pager, va, MMU_ACC_LOAD, 8), MMU_PAGER_AD_SET);
        const mmu_arch_result_t r = translate(va, MMU_ACC_LOAD);
        const mmu_page_t *page = mmu_pager_find(pager, va);
        EXPECT_NE(page, nullptr);
        EXPECT_EQ(r.fault, MMU_FAULT_NONE);
        EXPECT_EQ(r.pa, page->pa + (va - page->va));
        EXPECT_EQ(r.lg, page->lg);
        EXPECT_EQ(page->lg, mmu_pager_lg(huge, va));
        EXPECT_EQ(page->clock, 7u);
        EXPECT_TRUE(mmu_mem_is_ram(mem, page->pa, UINT64_C(1) << page->lg));
        return r;
    }
};

class PagerPolicies : public testing::TestWithParam<mmu_huge_e>
{
};

TEST_P(PagerPolicies, what_it_maps_is_what_the_architectural_model_translates)
{
    World w(GetParam());
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < 3000; i++) {
        const uint64_t va = i * UINT64_C(0x9e3779b97f4a7c15) >> (64 - MMU_PAGER_VA_BITS);
        const unsigned lg = mmu_pager_lg(GetParam(), va);
        if (seen.insert(va >> lg << lg).second && seen.size() <= 200)
            w.touch(va);
    }
}

TEST_P(PagerPolicies, no_two_pages_or_tables_share_a_byte)
{
    World w(GetParam());
    std::vector<std::pair<uint64_t, uint64_t>> used; // first byte, size
    for (uint64_t i = 0; i < 200; i++) {
        const uint64_t va = i * UINT64_C(0x9e3779b97f4a7c15) >> (64 - MMU_PAGER_VA_BITS);
        if (mmu_pager_find(w.pager, va) != nullptr)
            continue;
        ASSERT_EQ(mmu_pager_serve(w.pager, va, MMU_ACC_LOAD, 0), MMU_PAGER_MAPPED);
        const mmu_page_t *p = mmu_pager_find(w.pager, va);
        used.emplace_back(p->pa, UINT64_C(1) << p->lg);
    }
    // Tables: the root, and each one that a pointer names.
    const uint64_t root = mmu_pager_root(w.pager) << 12;
    std::vector<uint64_t> tables = {root};
    for (unsigned level = 2; level > 0; level--) {
        std::vector<uint64_t> below;
        for (uint64_t table : tables) {
            used.emplace_back(table, 4096);
            for (uint64_t at = table; at < table + 4096; at += 8) {
                const uint64_t pte = mmu_mem_read(w.mem, at, true);
                if ((pte & 0xf) == 1)
                    below.push_back(pte >> 10 << 12);
            }
        }
        tables = below;
    }
    for (uint64_t table : tables)
        used.emplace_back(table, 4096);
    std::sort(used.begin(), used.end());
    for (size_t i = 1; i < used.size(); i++)
        ASSERT_LE(used[i - 1].first + used[i - 1].second, used[i].first) << std::hex << used[i].first;
}

INSTANTIATE_TEST_SUITE_P(, PagerPolicies,
                         testing::Values(MMU_HUGE_NEVER, MMU_HUGE_2M, MMU_HUGE_1G, MMU_HUGE_MIXED),
                         [](const auto &p) {
                             return std::string(p.param == MMU_HUGE_NEVER ? "never"
                                                : p.param == MMU_HUGE_2M  ? "only_2m"
                                                : p.param == MMU_HUGE_1G  ? "only_1g"
                                                                          : "mixed");
                         });

TEST(Pager, mixed_uses_every_page_size_in_one_program)
{
    // Code and heap below 128 MiB, libraries, stack: as valgrind lays a program out.
    std::set<unsigned> sizes;
    for (uint64_t va = 0; va < 0x8000000; va += 1 << 21)
        sizes.insert(mmu_pager_lg(MMU_HUGE_MIXED, va));
    EXPECT_EQ(sizes, (std::set<unsigned>{12, 21}));
    EXPECT_EQ(mmu_pager_lg(MMU_HUGE_MIXED, 0x1fff000608), 30u); // the stack
    for (uint64_t va = 0; va < UINT64_C(1) << 38; va += 1 << 21)
        sizes.insert(mmu_pager_lg(MMU_HUGE_MIXED, va));
    EXPECT_EQ(sizes, (std::set<unsigned>{12, 21, 30}));
}

TEST(Pager, the_hash_of_mixed_is_the_documented_one)
{
    // docs/traces.md: h(n) = bits 31:16 of (n + 1) * 0x9e3779b1; 1 GiB where h(va >> 30) is a multiple of 4, else 2 MiB
    // where bit 13 of h(va >> 21) is 0.
    const auto h = [](uint64_t n) { return ((n + 1) * 0x9e3779b1u & 0xffffffffu) >> 16; };
    for (uint64_t va = 0; va < UINT64_C(1) << 38; va += UINT64_C(0x7654321)) {
        const unsigned lg = h(va >> 30) % 4 == 0 ? 30 : (h(va >> 21) >> 13 & 1) == 0 ? 21 : 12;
        ASSERT_EQ(mmu_pager_lg(MMU_HUGE_MIXED, va), lg) << std::hex << va;
    }
}

TEST(Pager, neighbouring_pages_get_frames_far_apart_and_none_is_the_address_itself)
{
    World w;
    uint64_t bits = 0;
    for (uint64_t va = 0x400000; va < 0x400000 + 64 * 4096; va += 4096) {
        const mmu_arch_result_t r = w.touch(va);
        EXPECT_NE(r.pa, va);
        bits |= r.pa ^ w.translate(0x400000, MMU_ACC_LOAD).pa;
    }
    EXPECT_EQ(bits & 0x3ffffff000, UINT64_C(0x3ffffff000)); // each frame-number bit below 38 has changed
}

TEST(Pager, one_fault_maps_one_page)
{
    World w;
    w.touch(0x5000);
    EXPECT_EQ(w.translate(0x4fff, MMU_ACC_LOAD).fault, MMU_FAULT_PAGE);
    EXPECT_EQ(w.translate(0x6000, MMU_ACC_LOAD).fault, MMU_FAULT_PAGE);
    EXPECT_EQ(mmu_pager_find(w.pager, 0x6000), nullptr);
}

TEST(Pager, every_kind_of_access_from_user_mode_is_allowed)
{
    World w;
    w.touch(0x5000);
    for (uint8_t acc : {MMU_ACC_FETCH, MMU_ACC_LOAD, MMU_ACC_STORE})
        EXPECT_EQ(w.translate(0x5000, acc).fault, MMU_FAULT_NONE) << unsigned(acc);
}

uint64_t pte_of(World &w, uint64_t va)
{
    return mmu_mem_read(w.mem, mmu_pager_find(w.pager, va)->pte_addr, true);
}

TEST(Pager, svadu_leaves_a_and_d_to_the_hardware)
{
    World w(MMU_HUGE_NEVER, false);
    mmu_pager_serve(w.pager, 0x5000, MMU_ACC_STORE, 0);
    EXPECT_EQ(pte_of(w, 0x5000) & 0xff, 0x1fu); // V R W X U
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x5000, MMU_ACC_STORE, 0), MMU_PAGER_NOTHING);
}

TEST(Pager, svade_sets_a_and_d_one_fault_at_a_time)
{
    World w(MMU_HUGE_NEVER, true);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x5000, MMU_ACC_LOAD, 0), MMU_PAGER_MAPPED);
    EXPECT_EQ(w.translate(0x5000, MMU_ACC_LOAD).fault, MMU_FAULT_PAGE);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x5000, MMU_ACC_LOAD, 0), MMU_PAGER_AD_SET);
    EXPECT_EQ(pte_of(w, 0x5000) & 0xff, 0x5fu); // and A
    EXPECT_EQ(w.translate(0x5000, MMU_ACC_LOAD).fault, MMU_FAULT_NONE);
    EXPECT_EQ(w.translate(0x5000, MMU_ACC_STORE).fault, MMU_FAULT_PAGE);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x5000, MMU_ACC_LOAD, 0), MMU_PAGER_NOTHING);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x5000, MMU_ACC_STORE, 0), MMU_PAGER_AD_SET);
    EXPECT_EQ(pte_of(w, 0x5000) & 0xff, 0xdfu); // and D
    EXPECT_EQ(w.translate(0x5000, MMU_ACC_STORE).fault, MMU_FAULT_NONE);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x5000, MMU_ACC_STORE, 0), MMU_PAGER_NOTHING);
}

TEST(Pager, says_when_no_frame_is_left)
{
    World w(MMU_HUGE_NEVER, false, 5 * 4096); // a root, two tables, two pages
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x0000, MMU_ACC_LOAD, 0), MMU_PAGER_MAPPED);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x1000, MMU_ACC_LOAD, 0), MMU_PAGER_MAPPED);
    EXPECT_EQ(mmu_pager_serve(w.pager, 0x2000, MMU_ACC_LOAD, 0), MMU_PAGER_NO_MEMORY);
    EXPECT_EQ(mmu_pager_find(w.pager, 0x2000), nullptr);
    World tables(MMU_HUGE_NEVER, false, 2 * 4096);
    EXPECT_EQ(mmu_pager_serve(tables.pager, 0, MMU_ACC_LOAD, 0), MMU_PAGER_NO_MEMORY);
    World huge(MMU_HUGE_2M, false, 4 << 21); // a quarter of RAM is one 2 MiB page
    EXPECT_EQ(mmu_pager_serve(huge.pager, 0, MMU_ACC_LOAD, 0), MMU_PAGER_MAPPED);
    EXPECT_EQ(mmu_pager_serve(huge.pager, 1 << 21, MMU_ACC_LOAD, 0), MMU_PAGER_NO_MEMORY);
}

TEST(Pager, needs_a_frame_for_the_root)
{
    mmu_mem_t *mem = mmu_mem_create(BASE, 0);
    EXPECT_EQ(mmu_pager_create(mem, MMU_HUGE_NEVER, false), nullptr);
    mmu_mem_destroy(mem);
}

// ---- folding ----

TEST(PagerFold, an_address_that_fits_stays)
{
    for (uint64_t va : {UINT64_C(0), UINT64_C(0x401ab70), UINT64_C(0x1fff000608), UINT64_C(0x3fffffffff)})
        EXPECT_EQ(mmu_pager_fold(va), va);
}

TEST(PagerFold, the_map_is_the_documented_one)
{
    // docs/traces.md: bits 20:0 stay; bits 54:38 and 63:55 are XORed onto bits 37:21.
    for (uint64_t i = 1; i < 10000; i++) {
        const uint64_t va = i * UINT64_C(0x9e3779b97f4a7c15);
        const uint64_t region = (va >> 21 ^ va >> 38 ^ va >> 55) & 0x1ffff;
        ASSERT_EQ(mmu_pager_fold(va), region << 21 | (va & 0x1fffff)) << std::hex << va;
    }
    EXPECT_EQ(mmu_pager_fold(UINT64_C(0x7ffc12345678)),
              UINT64_C(0x7ffc12345678) % (UINT64_C(1) << 38) ^ UINT64_C(0x1ff) << 21);
    EXPECT_EQ(mmu_pager_fold(UINT64_MAX) >> 38, 0u);
}

} // namespace
