// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The formats bounds, linear and directory by rule (BND, LIN, DIR, CLS), with the textbook's examples.
#include "classic.h"

namespace
{

using namespace classic;

// ---- relocation by base and bounds ---------------------------------------------------------------------

TEST(bounds, base_32_kib_bounds_16_kib)
{
    Machine m(MMU_FORMAT_BOUNDS);
    m.ctx.root = 32 << 10;
    m.ctx.aux = 16 << 10;
    EXPECT_EQ(text(m.go(user, load, 0)), "0x8000");
    EXPECT_EQ(text(m.go(user, store, 1000)), "0x83e8");
    EXPECT_EQ(text(m.go(user, fetch, (16 << 10) - 1)), "0xbfff");
    EXPECT_EQ(m.go(user, load, 5).lg, 0);
    EXPECT_TRUE(m.ram.reads.empty());

    const mmu_arch_result_t beyond = m.go(user, store, 16 << 10);
    EXPECT_EQ(text(beyond), "limit");
    EXPECT_EQ(beyond.cause, cause(user, 2, 4));
    EXPECT_EQ(beyond.tval, 16u << 10);
    EXPECT_EQ(m.go(kernel, fetch, UINT64_MAX).cause, cause(kernel, 0, 4));
    EXPECT_EQ(m.go(user, load, uint64_t(1) << 32).cause, cause(user, 1, 4));
}

TEST(bounds, registers_are_of_the_process_and_the_mode_does_not_matter)
{
    Machine m(MMU_FORMAT_BOUNDS);
    for (uint8_t mode : {0, 1, 15}) {
        m.ctx.mode = mode;
        for (uint64_t base : {uint64_t(0), uint64_t(0x12345), (uint64_t(1) << 44) - 1}) {
            m.ctx.root = base;
            for (uint64_t bounds : {uint64_t(0), uint64_t(1), uint64_t(0x777)}) {
                m.ctx.aux = bounds;
                for (uint64_t va : {uint64_t(0), uint64_t(1), uint64_t(0x776), uint64_t(0x777)}) {
                    const mmu_arch_result_t got = m.go(kernel, load, va);
                    EXPECT_EQ(got.fault, va < bounds ? MMU_FAULT_NONE : MMU_FAULT_LIMIT);
                    EXPECT_EQ(got.pa, va < bounds ? base + va : 0);
                }
            }
        }
    }
}

TEST(bounds, the_machine_itself_is_not_relocated)
{
    Machine m(MMU_FORMAT_BOUNDS);
    m.ctx.root = 0x8000;
    EXPECT_EQ(text(m.go(MMU_PRIV_M, load, 0x1234567)), "0x1234567");
    EXPECT_EQ(text(m.go(MMU_PRIV_M, load, (uint64_t(1) << 56) - 1)), "0xffffffffffffff");
    EXPECT_EQ(text(m.go(MMU_PRIV_M, load, uint64_t(1) << 56)), "access");
}

// ---- one table ------------------------------------------------------------------------------------------

TEST(linear, page_size_512_va_2049_is_page_4_offset_1)
{
    Machine m(MMU_FORMAT_LINEAR, 9);
    m.ctx.root = 0x10;
    m.ctx.aux = 8;
    m.ram.word[0x10000 + 4 * 8] = row(0x2600, all);
    const mmu_arch_result_t got = m.go(user, load, 2049);
    EXPECT_EQ(text(got), "0x2601");
    EXPECT_EQ(got.lg, 9);
    EXPECT_EQ(m.ram.reads, (Addresses{0x10000 + 4 * 8}));
    EXPECT_EQ(text(m.go(user, load, 2048 + 511)), "0x27ff");
    EXPECT_EQ(text(m.go(user, load, 2048 + 512)), "page");
}

TEST(linear, address_0x400000_in_two_processes_reaches_two_frames)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = 0x1000;
    m.ram.word[0x100000 + 0x400 * 8] = row(0x7000, all);
    m.ram.word[0x200000 + 0x400 * 8] = row(0x9000, all);
    m.ctx.root = 0x100;
    EXPECT_EQ(text(m.go(user, load, 0x400000)), "0x7000");
    m.ctx.root = 0x200;
    EXPECT_EQ(text(m.go(user, load, 0x400000)), "0x9000");
}

TEST(linear, every_page_size)
{
    for (unsigned plg = 9; plg <= 16; plg++) {
        Machine m(MMU_FORMAT_LINEAR, plg);
        const uint64_t page = 5, va = page << plg | 0x1a5;
        m.ctx.aux = page + 1;
        m.ram.word[page * 8] = row(uint64_t(3) << plg, all);
        EXPECT_EQ(m.go(user, load, va).pa, uint64_t(3) << plg | 0x1a5);
        EXPECT_EQ(m.go(user, load, va).lg, plg);
        EXPECT_EQ(m.format().merge_lg(&m.slow), plg);
        // The last address in the table, and the first behind it.
        EXPECT_EQ(text(m.go(user, load, ((page + 1) << plg) - 1)).substr(0, 2), "0x");
        EXPECT_EQ(m.go(user, load, (page + 1) << plg).cause, cause(user, 1, 4));
        EXPECT_TRUE(m.ram.reads.empty());
        // A frame that lies across two pages of this size.
        if (plg > 9) {
            m.ram.word[page * 8] = row((uint64_t(3) << plg) + 512, all);
            EXPECT_EQ(m.go(kernel, load, va).cause, cause(kernel, 1, 3));
            EXPECT_NE(m.why().find("not aligned"), std::string::npos);
        }
    }
}

TEST(linear, all_eight_rights_modes)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = 16;
    expect_rights(m, 0x3123, "0x77123", "page",
                  [&](uint64_t rights) { m.ram.word[3 * 8] = row(0x77000, rights); });
}

TEST(linear, a_page_in_swap_is_a_page_fault)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = 16;
    m.ram.word[3 * 8] = row(0x77000, S | R | W | U);
    const mmu_arch_result_t got = m.go(user, store, 0x3000);
    EXPECT_EQ(got.cause, cause(user, 2, 1));
    EXPECT_EQ(got.tval, 0x3000u);
    EXPECT_EQ(m.ram.word[3 * 8], row(0x77000, S | R | W | U));
}

TEST(linear, off_from_the_machine_and_beyond_32_bits)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = UINT64_C(0xfffffffffff);
    EXPECT_EQ(text(m.go(user, load, uint64_t(1) << 32)), "limit");
    EXPECT_EQ(text(m.go(MMU_PRIV_M, load, uint64_t(1) << 32)), "0x100000000");
    m.ctx.mode = 0;
    EXPECT_EQ(text(m.go(user, load, uint64_t(1) << 32)), "0x100000000");
    EXPECT_EQ(text(m.go(user, load, uint64_t(1) << 56)), "access");
    EXPECT_EQ(m.go(user, load, uint64_t(1) << 56).cause, cause(user, 1, 6));
}

TEST(linear, accessed_and_dirty)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = 16;
    const struct {
        uint64_t before;
        uint8_t acc;
        uint64_t after;
    } cases[] = {{0, load, A},  {0, store, A | D}, {A, store, A | D},    {A, append, A | D},
                 {A, fetch, A}, {D, load, A | D},  {A | D, store, A | D}};
    for (const auto &c : cases) {
        const uint64_t base = P | R | W | X | U;
        m.ram.word[8] = row(0x5000, base | c.before);
        EXPECT_EQ(text(m.go(user, c.acc, 0x1008)), "0x5008");
        EXPECT_EQ(m.ram.word[8], row(0x5000, base | c.after));
        EXPECT_EQ(m.ram.writes.size(), c.after != c.before ? 1u : 0u);
        // Without hardware's help it is a page fault, and nothing is written.
        m.slow.adue = false;
        m.ram.word[8] = row(0x5000, base | c.before);
        EXPECT_EQ(text(m.go(user, c.acc, 0x1008)), c.after != c.before ? "page" : "0x5008");
        EXPECT_EQ(m.ram.word[8], row(0x5000, base | c.before));
        m.slow.adue = true;
    }
}

TEST(linear, a_lost_compare_and_swap_judges_the_word_that_is_there)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = 16;
    auto after = [&](uint64_t other) {
        m.ram.word[8] = row(0x5000, P | R | W | U);
        m.ram.meddle = {other};
        return text(m.go(user, store, 0x1008));
    };
    EXPECT_EQ(after(row(0x6000, P | R | W | U)), "0x6008");
    EXPECT_EQ(m.ram.word[8], row(0x6000, P | R | W | U | A | D));
    EXPECT_EQ(after(row(0x6000, all)), "0x6008");
    EXPECT_TRUE(m.ram.writes.empty());
    EXPECT_EQ(after(row(0x6000, S)), "page");
    EXPECT_EQ(after(row(0x6000, P | R | U)), "prot");
    EXPECT_EQ(after(row(0x6000, P | W | U)), "rsvd");
}

TEST(linear, a_held_entry_is_asked_again)
{
    Machine m(MMU_FORMAT_LINEAR);
    auto may = [&](uint64_t rights, uint8_t prv, uint8_t acc) {
        mmu_entry_t e = 0;
        e |= (rights & R) != 0 ? MMU_ENTRY_R : 0;
        e |= (rights & W) != 0 ? MMU_ENTRY_W : 0;
        e |= (rights & X) != 0 ? MMU_ENTRY_X : 0;
        e |= (rights & U) != 0 ? MMU_ENTRY_U : 0;
        e |= (rights & A) != 0 ? MMU_ENTRY_A : 0;
        e |= (rights & D) != 0 ? MMU_ENTRY_D : 0;
        const mmu_rq_t rq = m.rq(prv, acc, 0);
        return m.format().perm(&rq, &m.slow, e);
    };
    EXPECT_TRUE(may(R | A | U, user, load));
    EXPECT_FALSE(may(R | U, user, load));
    EXPECT_FALSE(may(R | A, user, load));
    EXPECT_TRUE(may(R | A, kernel, load));
    EXPECT_TRUE(may(R | W | A | D, kernel, store));
    EXPECT_FALSE(may(R | W | A, kernel, store));
    EXPECT_FALSE(may(R | W | A, kernel, append));
    EXPECT_TRUE(may(R | W | A, kernel, load));
    EXPECT_FALSE(may(R | A | D, kernel, append));
    EXPECT_TRUE(may(X | A, kernel, MMU_ACC_LOAD_X));
    EXPECT_FALSE(may(R | A, kernel, MMU_ACC_LOAD_X));
}

TEST(linear, a_table_where_no_ram_is)
{
    Machine m(MMU_FORMAT_LINEAR);
    m.ctx.aux = 16;
    m.ctx.root = 0x10;
    m.ram.end = 0x10000;
    EXPECT_EQ(m.go(kernel, store, 0).cause, cause(kernel, 2, 6));
    EXPECT_EQ(text(m.go(kernel, store, 0)), "access");
}

// ---- directory ------------------------------------------------------------------------------------------

struct Directory : Machine {
    explicit Directory(unsigned plg = 12) : Machine(MMU_FORMAT_DIRECTORY, plg)
    {
        ctx.root = 0x10;
        ctx.aux = 4;
    }
};

TEST(directory, an_absent_inner_table_and_an_absent_page_are_told_apart)
{
    Directory m;
    const uint64_t va = 3 << 22 | 5 << 12 | 0x123;
    const mmu_arch_result_t table = m.go(user, load, va);
    EXPECT_EQ(text(table), "table");
    EXPECT_EQ(table.cause, cause(user, 1, 5));
    EXPECT_EQ(m.ram.reads, (Addresses{0x10000 + 3 * 8}));
    EXPECT_NE(m.why().find("inner table is absent"), std::string::npos);

    m.ram.word[0x10000 + 3 * 8] = row(0x20000, P);
    const mmu_arch_result_t page = m.go(user, load, va);
    EXPECT_EQ(text(page), "page");
    EXPECT_EQ(page.cause, cause(user, 1, 1));
    EXPECT_EQ(m.ram.reads, (Addresses{0x10000 + 3 * 8, 0x20000 + 5 * 8}));

    m.ram.word[0x20000 + 5 * 8] = row(0x44000, all);
    EXPECT_EQ(text(m.go(user, load, va)), "0x44123");
    EXPECT_EQ(text(m.go(user, load, 4 << 22)), "limit");
}

TEST(directory, rights_are_the_page_rows_alone)
{
    Directory m;
    for (uint64_t of_directory : {P, P | W, all}) {
        m.ram.word[0x10000] = row(0x20000, of_directory);
        expect_rights(m, 0x1040, "0x44040", "page",
                      [&](uint64_t rights) { m.ram.word[0x20008] = row(0x44000, rights); });
    }
}

TEST(directory, inner_tables_stand_anywhere_and_of_any_page_size)
{
    for (unsigned plg = 9; plg <= 16; plg++) {
        Directory m(plg);
        const uint64_t p2 = (uint64_t(1) << (22 - plg)) - 1, table = 0xabcde00;
        m.ram.word[0x10000 + 8] = row(table, P);
        m.ram.word[table + p2 * 8] = row(uint64_t(9) << plg, all);
        const mmu_arch_result_t got = m.go(user, load, (uint64_t(2) << 22) - 3);
        EXPECT_EQ(got.pa, (uint64_t(10) << plg) - 3);
        EXPECT_EQ(got.lg, plg);
    }
}

// FRM-9, PWC-2: the pointer is for a walk cache.
TEST(directory, a_pointer_covers_4_mib)
{
    Directory m;
    const mmu_rq_t rq = m.rq(user, load, 0x400000);
    const mmu_start_t start = m.format().start(&rq, &m.slow);
    ASSERT_EQ(start.kind, MMU_START_WALK);
    EXPECT_EQ(mmu_pos_level(start.pos), 1u);
    const mmu_step_t step = m.format().step(&rq, &m.slow, start.pos, row(0x20000, P));
    EXPECT_EQ(step.kind, MMU_STEP_READ);
    EXPECT_EQ(step.lg, 22);
    EXPECT_EQ(step.pos, mmu_pos_make(0, false, 0x100));
}

} // namespace
