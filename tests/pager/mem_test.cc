// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Sparse physical memory.
#include "lockwalk/mmu_mem.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace
{

using Mem = std::unique_ptr<mmu_mem_t, decltype(&mmu_mem_destroy)>;

constexpr uint64_t BASE = 0x80000000, SIZE = UINT64_C(1) << 40;

Mem make(uint64_t base = BASE, uint64_t size = SIZE)
{
    return Mem(mmu_mem_create(base, size), mmu_mem_destroy);
}

TEST(Mem, is_zero_until_written)
{
    Mem m = make();
    EXPECT_EQ(mmu_mem_read(m.get(), BASE, true), 0u);
    EXPECT_EQ(mmu_mem_read(m.get(), BASE + SIZE - 8, true), 0u);
}

TEST(Mem, keeps_words_over_many_frames)
{
    Mem m = make();
    std::map<uint64_t, uint64_t> written;
    for (uint64_t i = 0; i < 20000; i++) {
        const uint64_t addr = BASE + (i * UINT64_C(0x9e3779b97f4a7c15) % SIZE & ~UINT64_C(7));
        written[addr] = i + 1;
        mmu_mem_write(m.get(), addr, true, i + 1);
    }
    for (const auto &[addr, word] : written)
        ASSERT_EQ(mmu_mem_read(m.get(), addr, true), word) << std::hex << addr;
}

TEST(Mem, a_word_of_4_bytes_is_its_half_of_8)
{
    Mem m = make();
    mmu_mem_write(m.get(), BASE, true, UINT64_C(0x1122334455667788));
    EXPECT_EQ(mmu_mem_read(m.get(), BASE, false), 0x55667788u);
    EXPECT_EQ(mmu_mem_read(m.get(), BASE + 4, false), 0x11223344u);
    mmu_mem_write(m.get(), BASE + 4, false, UINT64_C(0xffffffffaabbccdd));
    EXPECT_EQ(mmu_mem_read(m.get(), BASE, true), UINT64_C(0xaabbccdd55667788));
}

TEST(Mem, the_ram_range_is_exact)
{
    Mem m = make(0x1000, 0x2000);
    EXPECT_FALSE(mmu_mem_is_ram(m.get(), 0xff8, 8));
    EXPECT_FALSE(mmu_mem_is_ram(m.get(), 0xffc, 8));
    EXPECT_TRUE(mmu_mem_is_ram(m.get(), 0x1000, 8));
    EXPECT_TRUE(mmu_mem_is_ram(m.get(), 0x2ff8, 8));
    EXPECT_FALSE(mmu_mem_is_ram(m.get(), 0x2ffc, 8));
    EXPECT_FALSE(mmu_mem_is_ram(m.get(), 0x3000, 8));
    EXPECT_FALSE(mmu_mem_is_ram(m.get(), UINT64_MAX - 7, 8));
    EXPECT_TRUE(mmu_mem_is_ram(m.get(), 0x1000, 0x2000));
    EXPECT_FALSE(mmu_mem_is_ram(m.get(), 0x1000, 0x2001));
}

TEST(Mem, a_swap_writes_only_over_the_old_word_and_returns_the_word_before)
{
    Mem m = make();
    mmu_mem_write(m.get(), BASE, true, 5);
    EXPECT_EQ(mmu_mem_cas(m.get(), BASE, true, 4, 9), 5u);
    EXPECT_EQ(mmu_mem_read(m.get(), BASE, true), 5u);
    EXPECT_EQ(mmu_mem_cas(m.get(), BASE, true, 5, 9), 5u);
    EXPECT_EQ(mmu_mem_read(m.get(), BASE, true), 9u);
}

TEST(Mem, a_swap_of_4_bytes_compares_32_bits)
{
    Mem m = make();
    mmu_mem_write(m.get(), BASE, true, UINT64_C(0x1122334455667788));
    EXPECT_EQ(mmu_mem_cas(m.get(), BASE + 4, false, UINT64_C(0xffffffff11223344), 7), 0x11223344u);
    EXPECT_EQ(mmu_mem_read(m.get(), BASE, true), UINT64_C(0x0000000755667788));
}

TEST(MemDeathTest, outside_ram_or_unaligned_is_a_programmers_mistake)
{
    Mem m = make(0x1000, 0x1000);
    EXPECT_DEATH(mmu_mem_read(m.get(), 0x2000, true), "is_ram");
    EXPECT_DEATH(mmu_mem_write(m.get(), 0x1004, true, 0), "is_ram");
}

} // namespace
