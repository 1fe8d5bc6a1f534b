// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The pager's tables in every format, read by the architectural model: what is not mapped faults in a way that the
// pager serves, and what it has mapped is where its own list says.
#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_pager.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace
{

struct Setting {
    const char *name;
    mmu_pager_options_t options;
};

mmu_pager_options_t with(uint8_t format, uint8_t mode = 0, uint8_t plg = 0, mmu_huge_e huge = MMU_HUGE_NEVER)
{
    mmu_pager_options_t o = {};
    o.format = format;
    o.mode = mode;
    o.plg = plg;
    o.huge = huge;
    o.asid = 0x123;
    return o;
}

mmu_pager_options_t inverted(uint8_t rows_lg, bool linear)
{
    mmu_pager_options_t o = with(MMU_FORMAT_INVERTED);
    o.rows_lg = rows_lg;
    o.linear = linear;
    return o;
}

mmu_pager_options_t svade(mmu_pager_options_t o)
{
    o.svade = true;
    return o;
}

const Setting SETTINGS[] = {{"riscv", with(MMU_FORMAT_RISCV)},
                            {"two_level", with(MMU_FORMAT_X86, MMU_X86_2LEVEL)},
                            {"two_level_4m", with(MMU_FORMAT_X86, MMU_X86_2LEVEL, 0, MMU_HUGE_2M)},
                            {"pae", with(MMU_FORMAT_X86, MMU_X86_PAE)},
                            {"pae_mixed", with(MMU_FORMAT_X86, MMU_X86_PAE, 0, MMU_HUGE_MIXED)},
                            {"pml4_1g", with(MMU_FORMAT_X86, MMU_X86_PML4, 0, MMU_HUGE_1G)},
                            {"pml5_mixed", with(MMU_FORMAT_X86, MMU_X86_PML5, 0, MMU_HUGE_MIXED)},
                            {"bounds", with(MMU_FORMAT_BOUNDS)},
                            {"segment", with(MMU_FORMAT_SEGMENT)},
                            {"segment_svade", svade(with(MMU_FORMAT_SEGMENT))},
                            {"linear_512", with(MMU_FORMAT_LINEAR, 0, 9)},
                            {"linear_64k_svade", svade(with(MMU_FORMAT_LINEAR, 0, 16))},
                            {"directory", with(MMU_FORMAT_DIRECTORY)},
                            {"directory_2k", with(MMU_FORMAT_DIRECTORY, 0, 11)},
                            {"inverted", inverted(0, false)},
                            {"inverted_8_rows", inverted(3, false)},
                            {"inverted_linear", inverted(4, true)},
                            {"segpage", with(MMU_FORMAT_SEGPAGE)},
                            {"segpage_32k_svade", svade(with(MMU_FORMAT_SEGPAGE, 0, 15))}};

class Formats : public testing::TestWithParam<Setting>
{
  public:
    Formats()
        : mem(mmu_mem_create(0x80000000, UINT64_C(1) << 40)),
          pager(mmu_pager_create_format(mem, &GetParam().options))
    {
    }
    ~Formats() override
    {
        mmu_pager_destroy(pager);
        mmu_mem_destroy(mem);
    }
    mmu_arch_result_t translate(uint64_t va, uint8_t acc)
    {
        const mmu_arch_mem_t arch = {
            [](void *m, uint64_t addr, bool wide, uint64_t *word) {
                if (!mmu_mem_is_ram(static_cast<mmu_mem_t *>(m), addr, wide ? 8 : 4))
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
        mmu_slow_t slow = {};
        mmu_arch_result_t result;
        mmu_pager_registers(pager, &rq.ctx, &slow);
        EXPECT_EQ(rq.ctx.asid, GetParam().options.asid);
        rq.va = va;
        rq.acc = acc;
        rq.prv = MMU_PRIV_U;
        mmu_arch_translate(&arch, &rq, &slow, &result);
        return result;
    }
    mmu_mem_t *mem;
    mmu_pager_t *pager;
};

TEST_P(Formats, whatIsMappedIsWhereTheListSays)
{
    const uint64_t raw[] = {0x401234,       0x7ffe00001008,     0x402000, 0x5b0000ff8,
                            0x7ffe0003f000, 0xffff800000123400, 0x401ff0};
    std::set<uint64_t> frames;
    ASSERT_NE(pager, nullptr);
    for (uint64_t va : raw) {
        uint64_t folded = 0;
        ASSERT_TRUE(mmu_pager_place(pager, va, &folded));
        const mmu_page_t *page = mmu_pager_find(pager, folded);
        mmu_arch_result_t r = translate(folded, MMU_ACC_STORE);
        EXPECT_EQ(r.fault == MMU_FAULT_NONE, page != nullptr) << std::hex << va;
        for (int i = 0; i < 3 && r.fault != MMU_FAULT_NONE; i++) { // mapped, then with svade A and D set
            EXPECT_TRUE((mmu_pager_serves(pager) >> r.fault & 1) != 0) << unsigned(r.fault);
            EXPECT_NE(mmu_pager_serve(pager, folded, MMU_ACC_STORE, 7), MMU_PAGER_NO_MEMORY);
            r = translate(folded, MMU_ACC_STORE);
        }
        page = mmu_pager_find(pager, folded);
        ASSERT_NE(page, nullptr);
        EXPECT_EQ(r.fault, MMU_FAULT_NONE) << std::hex << va;
        EXPECT_EQ(r.pa, page->pa + (folded - page->va)) << std::hex << va;
        EXPECT_EQ(r.lg, page->lg);
        EXPECT_EQ(page->lg, mmu_pager_page_lg(pager, folded));
        EXPECT_EQ(mmu_pager_serve(pager, folded, MMU_ACC_STORE, 8), MMU_PAGER_NOTHING);
        for (uint8_t acc : {MMU_ACC_FETCH, MMU_ACC_LOAD, MMU_ACC_APPEND})
            EXPECT_EQ(translate(folded, acc).pa, r.pa);
        frames.insert(r.pa);
    }
    EXPECT_EQ(frames.size(), sizeof raw / sizeof raw[0]);
}

INSTANTIATE_TEST_SUITE_P(All, Formats, testing::ValuesIn(SETTINGS),
                         [](const auto &one) { return std::string(one.param.name); });

TEST(PagerFormats, anInvertedTableIsFullAfterItsRows)
{
    mmu_mem_t *mem = mmu_mem_create(0x80000000, 1u << 30);
    const mmu_pager_options_t options = inverted(2, false);
    mmu_pager_t *pager = mmu_pager_create_format(mem, &options);
    for (uint64_t page = 0; page < 4; page++)
        EXPECT_EQ(mmu_pager_serve(pager, page << 12, MMU_ACC_LOAD, 0), MMU_PAGER_MAPPED);
    EXPECT_EQ(mmu_pager_serve(pager, 4 << 12, MMU_ACC_LOAD, 0), MMU_PAGER_NO_MEMORY);
    mmu_pager_destroy(pager);
    mmu_mem_destroy(mem);
}

TEST(PagerFormats, tablesWithoutRoomAreRefused)
{
    mmu_mem_t *mem = mmu_mem_create(0x80000000, 1u << 20); // a quarter of it for 8 MiB of rows
    const mmu_pager_options_t options = with(MMU_FORMAT_LINEAR);
    EXPECT_EQ(mmu_pager_create_format(mem, &options), nullptr);
    mmu_mem_destroy(mem);
}

TEST(PagerFormats, regionsComeInOrderOfFirstTouch)
{
    mmu_mem_t *mem = mmu_mem_create(0x80000000, 1u << 30);
    const mmu_pager_options_t options = with(MMU_FORMAT_SEGMENT);
    mmu_pager_t *pager = mmu_pager_create_format(mem, &options);
    mmu_region_t region;
    uint64_t folded;
    EXPECT_FALSE(mmu_pager_region(pager, 0, &region));
    for (uint64_t n = 0; n < 65536; n++) {
        ASSERT_TRUE(mmu_pager_place(pager, n * 0x123450000 + 0x42, &folded));
        ASSERT_EQ(folded, n << 16 | 0x42);
    }
    EXPECT_FALSE(mmu_pager_place(pager, ~UINT64_C(0), &folded));
    EXPECT_TRUE(mmu_pager_place(pager, 3 * 0x123450000, &folded));
    EXPECT_EQ(folded, 0x30000u);
    ASSERT_TRUE(mmu_pager_region(pager, 65535, &region));
    EXPECT_EQ(region.va, 65535 * UINT64_C(0x123450000));
    EXPECT_EQ(region.folded, 0xffff0000u);
    mmu_pager_destroy(pager);
    mmu_mem_destroy(mem);
}

} // namespace
