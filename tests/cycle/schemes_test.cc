// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The schemes' presets as a machine with two processes uses them: one virtual address, two frames, and a switch of the
// base registers, with and without address spaces.
#include "cycle/bench.hh"
#include "lockwalk/mmu_config.h"

namespace
{
constexpr uint64_t kVa = 0x400000, kTables = 0x80000000, kApart = 0x1000000;

mmu_cfg_t preset(const char *name)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_TRUE(mmu_cfg_load(name, &cfg, nullptr, &errors)) << errors.text;
    return cfg;
}

// A page row of CLS-1, and rights R W X U A D with P.
constexpr uint64_t kAll = 0xfd;

constexpr uint64_t row(uint64_t pa)
{
    return pa >> 9 << 12 | kAll;
}

// Process n has its tables at root(n) and address kVa in the frame at frame(n).
constexpr uint64_t root(unsigned n)
{
    return kTables + n * kApart;
}

constexpr uint64_t frame(unsigned n)
{
    return 0x100000 + n * 0x20000;
}

struct Scheme {
    const char *name;
    unsigned format, mode;
    uint64_t aux;
    bool by_process; // its tables tell processes apart by themselves
    void (*map)(Memory &memory, unsigned n);
};

void map_linear(Memory &memory, unsigned n)
{
    memory.word(root(n) + (kVa >> 12) * 8) = row(frame(n));
}

void map_directory(Memory &memory, unsigned n)
{
    memory.word(root(n) + 8) = row(root(n) + 0x4000);
    memory.word(root(n) + 0x4000) = row(frame(n));
}

void map_segment(Memory &memory, unsigned n)
{
    memory.word(root(n) + (kVa >> 16) * 16) = UINT64_C(65536) << 32 | frame(n);
    memory.word(root(n) + (kVa >> 16) * 16 + 8) = kAll;
}

void map_segpage(Memory &memory, unsigned n)
{
    memory.word(root(n) + 8) = (root(n) + 0x4000) >> 9 << 22 | 16 << 8 | kAll;
    memory.word(root(n) + 0x4000) = row(frame(n));
}

// One table for all, searched row by row (INV-3).
void map_inverted(Memory &memory, unsigned n)
{
    memory.word(root(0) + n * 32) = (kVa >> 12) << 17 | n << 1 | 1;
    memory.word(root(0) + n * 32 + 8) = row(frame(n));
}

void map_pml4(Memory &memory, unsigned n)
{
    memory.word(root(n)) = (root(n) + 0x1000) | 0x27;
    memory.word(root(n) + 0x1000) = (root(n) + 0x2000) | 0x27;
    memory.word(root(n) + 0x2000 + (kVa >> 21) * 8) = (root(n) + 0x3000) | 0x27;
    memory.word(root(n) + 0x3000) = frame(n) | 0x67;
}

const Scheme kSchemes[] = {
    {"direct", MMU_FORMAT_LINEAR, 1, 0x1000, false, map_linear},
    {"associative", MMU_FORMAT_LINEAR, 1, 0x1000, false, map_linear},
    {"directory", MMU_FORMAT_DIRECTORY, 1, 4, false, map_directory},
    {"segmentation", MMU_FORMAT_SEGMENT, 1, 0x80, false, map_segment},
    {"segmented-paging", MMU_FORMAT_SEGPAGE, 1, 4, false, map_segpage},
    {"inverted", MMU_FORMAT_INVERTED, 1, 0, true, map_inverted},
    {"pml4", MMU_FORMAT_X86, 3, 0, false, map_pml4},
};

// A machine of a scheme with processes 1 and 2.
class Machine : public Bench
{
  public:
    explicit Machine(const Scheme &with, unsigned asid_bits = 16)
        : Bench(shape(with, asid_bits)), scheme(with)
    {
        in.slow.format = static_cast<uint8_t>(scheme.format);
        in.slow.plg = 12;
        in.slow.maxpa = 40;
        in.slow.rows_lg = 2;
        in.slow.linear = true;
        for (unsigned n : {1u, 2u})
            scheme.map(memory, n);
    }

    // The base registers of process n.
    void run(unsigned n, unsigned asid)
    {
        for (mmu_ctx_t &ctx : in.ctx) {
            ctx.mode = static_cast<uint8_t>(scheme.mode);
            ctx.root = root(scheme.by_process ? 0 : n) >> 12;
            ctx.aux = scheme.aux;
            ctx.asid = static_cast<uint16_t>(asid);
        }
    }

    // Where a load of kVa + 0x18 goes.
    uint64_t load()
    {
        ask(1, 3, kVa + 0x18);
        drain();
        EXPECT_FALSE(answer(1, 3)->rsp.fault) << scheme.name;
        return answer(1, 3)->rsp.pa;
    }

    bool holds() const
    {
        return std::string(scheme.name) != "direct";
    }

    const Scheme &scheme;

  private:
    static mmu_cfg_t shape(const Scheme &with, unsigned asid_bits)
    {
        mmu_cfg_t cfg = preset(with.name);
        if (cfg.asid_bits > asid_bits)
            cfg.asid_bits = static_cast<uint8_t>(asid_bits);
        return cfg;
    }
};

class Schemes : public ::testing::TestWithParam<Scheme>
{
};

TEST_P(Schemes, one_address_in_two_processes_reaches_two_frames_after_every_switch)
{
    Machine b(GetParam());
    for (unsigned round = 0; round < 6; round++)
        for (unsigned n : {1u, 2u}) {
            const uint64_t before = b.reads;
            b.run(n, n);
            EXPECT_EQ(b.load(), frame(n) + 0x18) << "round " << round << ", process " << n;
            // With address spaces a switch costs nothing: what was held is held.
            EXPECT_EQ(b.reads == before, round > 0 && b.holds()) << "round " << round << ", process " << n;
        }
}

TEST_P(Schemes, a_switch_between_two_requests_that_follow_at_once_lets_nothing_through)
{
    Machine b(GetParam());
    unsigned id = 0;
    uint64_t expected[8];
    for (unsigned n : {1u, 2u, 2u, 1u, 2u, 1u, 1u, 2u}) {
        b.run(n, n);
        b.ask(1, id, kVa + 8 * id);
        do
            b.tick();
        while (b.in.req[1].valid);
        expected[id] = frame(n) + 8 * id;
        id++;
    }
    b.drain();
    for (unsigned i = 0; i < id; i++)
        EXPECT_EQ(b.answer(1, i)->rsp.pa, expected[i]) << i;
}

class SchemesOfOneProcess : public Schemes
{
};

// asid_bits 0: the MMU has no address spaces, whatever the register says.
TEST_P(SchemesOfOneProcess, without_address_spaces_a_switch_with_a_fence_lets_no_old_translation_through)
{
    for (unsigned asid_bits : {0u, 16u}) {
        Machine b(GetParam(), asid_bits);
        const unsigned asid_two = asid_bits == 0 ? 2 : 1; // or both processes in one space
        b.run(1, 1);
        EXPECT_EQ(b.load(), frame(1) + 0x18);
        b.run(2, asid_two);
        // The other half of the story: without the fence the old one is still there.
        EXPECT_EQ(b.load(), frame(b.holds() ? 1 : 2) + 0x18);
        b.fence();
        b.drain();
        EXPECT_EQ(b.load(), frame(2) + 0x18);
        b.run(1, 1);
        b.fence();
        b.drain();
        EXPECT_EQ(b.load(), frame(1) + 0x18);
    }
}

std::vector<Scheme> of_one_process()
{
    std::vector<Scheme> schemes;
    for (const Scheme &scheme : kSchemes)
        if (!scheme.by_process) // else the process is part of what is looked for
            schemes.push_back(scheme);
    return schemes;
}

std::string name_of(const ::testing::TestParamInfo<Scheme> &scheme)
{
    std::string name = scheme.param.name;
    for (char &c : name)
        c = c == '-' ? '_' : c;
    return name;
}

INSTANTIATE_TEST_SUITE_P(Presets, Schemes, ::testing::ValuesIn(kSchemes), name_of);
INSTANTIATE_TEST_SUITE_P(Presets, SchemesOfOneProcess, ::testing::ValuesIn(of_one_process()), name_of);

// ---- base and bounds ----------------------------------------------------------------------------------------------

TEST(BaseAndBounds, the_registers_switch_with_the_process_from_one_clock_to_the_next)
{
    Bench b(preset("base-bounds"));
    b.in.slow.format = MMU_FORMAT_BOUNDS;
    const uint64_t base[2] = {32 * 1024, 128 * 1024}, bounds[2] = {16 * 1024, 4 * 1024};
    for (unsigned i = 0; i < 8; i++) {
        mmu_ctx_t &ctx = b.in.ctx[1];
        ctx.mode = 1;
        ctx.root = base[i % 2];
        ctx.aux = bounds[i % 2];
        b.ask(1, i, 4096 + i);
        b.tick();
        ASSERT_FALSE(b.in.req[1].valid) << "one request a clock";
    }
    b.drain();
    for (unsigned i = 0; i < 8; i++) {
        const mmu_rsp_t &rsp = b.answer(1, i)->rsp;
        EXPECT_EQ(rsp.fault, i % 2 == 1) << i; // 4096 is below 16 KiB, and not below 4 KiB
        EXPECT_EQ(rsp.pa, i % 2 == 0 ? base[0] + 4096 + i : 0) << i;
    }
    EXPECT_EQ(b.reads, 0u);
}

// ---- direct and associative mapping -------------------------------------------------------------------------------

TEST(DirectMapping, every_translation_reads_the_table_at_every_page_size)
{
    for (unsigned plg = 9; plg <= 16; plg++) {
        Machine b(kSchemes[0]);
        b.in.slow.plg = static_cast<uint8_t>(plg);
        b.run(1, 1);
        b.in.ctx[1].aux = (kVa >> plg) + 1;
        b.memory.word(root(1) + (kVa >> plg) * 8) = row(frame(1));
        for (unsigned i = 1; i <= 5; i++) {
            EXPECT_EQ(b.load(), frame(1) + 0x18);
            EXPECT_EQ(b.reads, i) << "pages of 2^" << plg;
        }
    }
}

TEST(AssociativeMapping, hits_never_read_memory_at_any_page_size)
{
    for (unsigned plg = 9; plg <= 16; plg++) {
        Machine b(kSchemes[1]);
        const uint64_t page = UINT64_C(1) << plg, first = kVa >> plg;
        b.in.slow.plg = static_cast<uint8_t>(plg);
        b.run(1, 1);
        b.in.ctx[1].aux = first + 17;
        for (unsigned i = 0; i < 17; i++)
            b.memory.word(root(1) + (first + i) * 8) = row(0x1000000 + i * page);
        for (unsigned i = 0; i < 16; i++) // as many as it has entries
            b.warm(1, kVa + i * page);
        EXPECT_EQ(b.reads, 16u);
        for (unsigned i = 0; i < 48; i++) {
            b.ask(1, 3, kVa + i % 16 * page + 8);
            b.drain();
            EXPECT_EQ(b.answer(1, 3)->rsp.pa, 0x1000000 + i % 16 * page + 8);
        }
        EXPECT_EQ(b.reads, 16u) << "pages of 2^" << plg;
        b.warm(1, kVa + 16 * page); // one more: the least recently used goes
        b.warm(1, kVa);
        EXPECT_EQ(b.reads, 18u);
    }
}

TEST(AssociativeMapping, a_row_in_swap_is_a_page_fault_and_is_not_held)
{
    Machine b(kSchemes[1]);
    const uint64_t at = root(1) + (kVa >> 12) * 8;
    b.run(1, 1);
    b.memory.word(at) = row(frame(1)) - 1 + 2; // P = 0, S = 1
    for (unsigned i = 1; i <= 2; i++) {
        b.ask(1, 3, kVa);
        b.drain();
        EXPECT_TRUE(b.answer(1, 3)->rsp.fault);
        EXPECT_EQ(b.answer(1, 3)->rsp.cause, 1 << 3 | 1); // a kernel's load, page fault
        EXPECT_EQ(b.reads, i);
    }
    b.memory.word(at) = row(frame(1)); // it has been fetched
    EXPECT_EQ(b.load(), frame(1) + 0x18);
}

// ---- MOV to CR3 (X86-13) ------------------------------------------------------------------------------------------

class MovToCr3 : public ::testing::Test
{
  protected:
    static constexpr uint64_t kShared = kVa + 0x1000;

    void SetUp() override
    {
        b.in.slow.pge = true;
        for (unsigned n : {1u, 2u}) // a global page, the same in both
            b.memory.word(root(n) + 0x3000 + 8) = 0x300000 | 0x167;
        for (unsigned n : {1u, 2u}) {
            b.run(n, n);
            b.warm(1, kVa);
        }
        b.warm(1, kShared);
    }

    uint64_t reads_for(unsigned n, uint64_t va)
    {
        const uint64_t before = b.reads;
        b.run(n, n);
        b.warm(1, va);
        return b.reads - before;
    }

    Machine b{kSchemes[6]};
};

TEST_F(MovToCr3, with_the_no_flush_bit_what_the_PCID_had_is_still_there)
{
    EXPECT_EQ(reads_for(1, kVa), 0u);
    EXPECT_EQ(reads_for(2, kVa), 0u);
    EXPECT_EQ(reads_for(1, kShared), 0u);
}

TEST_F(MovToCr3, without_it_the_new_PCID_begins_anew_but_for_global_pages)
{
    b.run(1, 1);
    b.fence(true, 1);
    b.in.fence.kind = MMU_FENCE_X;
    b.in.fence.keep_g = true;
    b.drain();
    EXPECT_EQ(reads_for(1, kShared), 0u);
    EXPECT_EQ(reads_for(2, kVa), 0u);
    EXPECT_NE(reads_for(1, kVa), 0u);
    EXPECT_EQ(b.load(), frame(1) + 0x18);
}

} // namespace
