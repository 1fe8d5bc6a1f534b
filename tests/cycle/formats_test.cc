// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The whole MMU with formats other than riscv: rules FRM, REQ-1, L1-14, KEY-7 and L2-6 for FenceX, FEN-1.
#include "cycle/bench.hh"

namespace
{
constexpr uint64_t kP = 1, kUs = 4, kAcc = 0x20, kDirty = 0x40, kGlobal = 0x100;
constexpr uint64_t kPointer = kP | 2 | kUs | kAcc, kLeaf = kPointer | kDirty;

mmu_cfg_t all_formats(mmu_cfg_t cfg)
{
    cfg.formats = 0xff;
    return cfg;
}

void use(Bench &b, unsigned format, unsigned mode, uint64_t root, uint64_t aux)
{
    b.in.slow.format = static_cast<uint8_t>(format);
    b.in.slow.maxpa = 40;
    b.in.slow.pge = true;
    b.in.slow.plg = 12;
    for (mmu_ctx_t &ctx : b.in.ctx) {
        ctx.mode = static_cast<uint8_t>(mode);
        ctx.root = root;
        ctx.aux = aux;
    }
}

// Tables of x86's 4-level paging, one of each level, and this page.
void map_x86(Bench &b, uint64_t va, uint64_t pa, uint64_t flags = kLeaf)
{
    b.memory.word(Bench::kRoot + 8 * (va >> 39 & 511)) = 0x90000000 | kPointer;
    b.memory.word(0x90000000 + 8 * (va >> 30 & 511)) = 0x90001000 | kPointer;
    b.memory.word(0x90001000 + 8 * (va >> 21 & 511)) = 0x90002000 | kPointer;
    b.memory.word(0x90002000 + 8 * (va >> 12 & 511)) = pa | flags;
}

const mmu_rsp_t &rsp(Bench &b, unsigned id)
{
    static const mmu_rsp_t none = zero<mmu_rsp_t>();
    const Answer *a = b.answer(1, id);
    EXPECT_NE(a, nullptr) << "id " << id;
    return a != nullptr ? a->rsp : none;
}

void fence_x(Bench &b, bool va_en, uint64_t va, bool asid_en, unsigned asid, bool keep_g)
{
    b.fence(asid_en, asid, va_en, va);
    b.in.fence.kind = MMU_FENCE_X;
    b.in.fence.keep_g = keep_g;
    b.drain();
}

// How many reads a load of this address takes now.
uint64_t reads_for(Bench &b, uint64_t va, unsigned asid = 1)
{
    const uint64_t before = b.reads;
    b.in.ctx[1].asid = static_cast<uint16_t>(asid);
    b.warm(1, va);
    return b.reads - before;
}

TEST(Formats, bare_answers_have_their_base_FRM_2)
{
    Bench b(all_formats(tiny_shape()));
    use(b, MMU_FORMAT_BOUNDS, 1, 32768, 16384);
    b.ask(1, 1, 16383);
    b.drain();
    EXPECT_EQ(rsp(b, 1).pa, 32768u + 16383);
    EXPECT_EQ(rsp(b, 1).lg, 0);
    b.ask(1, 2, 16384);
    b.drain();
    EXPECT_TRUE(rsp(b, 2).fault);
    EXPECT_EQ(rsp(b, 2).cause, 1 << 3 | 4); // supervisor, load, limit
    EXPECT_EQ(rsp(b, 2).pa, 0u);
    b.ask(1, 3, 16384, MMU_ACC_LOAD, MMU_PRIV_M);
    b.drain();
    EXPECT_EQ(rsp(b, 3).pa, 16384u);
    EXPECT_EQ(b.reads, 0u);
}

TEST(Formats, the_address_is_the_formats_FRM_7)
{
    Bench b(all_formats(default_shape()));
    use(b, MMU_FORMAT_SEGMENT, 1, Bench::kRoot >> 12, 2);
    b.memory.word(Bench::kRoot) = UINT64_C(4096) << 32 | 120; // segment 0 at 120
    b.memory.word(Bench::kRoot + 8) = 1 | 0x10 | 0x40;        // present, R, A
    for (unsigned id : {1u, 2u}) {
        b.ask(1, id, 32);
        b.drain();
        EXPECT_EQ(rsp(b, id).pa, 152u);
        EXPECT_EQ(rsp(b, id).lg, 16);
    }
    b.ask(1, 3, 4096);
    b.drain();
    EXPECT_EQ(rsp(b, 3).cause, 1 << 3 | 4);
}

TEST(Formats, a_held_segment_refuses_beyond_its_limit_and_walks_anew_FRM_6)
{
    mmu_cfg_t cfg = all_formats(tiny_shape());
    cfg.array[MMU_LEVEL_L1D][1].pages |= 1u << 7; // 64 KiB
    Bench b(cfg);
    use(b, MMU_FORMAT_SEGMENT, 1, Bench::kRoot >> 12, 2);
    b.memory.word(Bench::kRoot) = UINT64_C(4096) << 32 | 120;
    b.memory.word(Bench::kRoot + 8) = 1 | 0x10 | 0x40;
    EXPECT_EQ(reads_for(b, 32), 2u);
    EXPECT_EQ(reads_for(b, 4095), 0u);
    b.ask(1, 1, 4095);
    b.drain();
    EXPECT_EQ(rsp(b, 1).pa, 120u + 4095);
    EXPECT_EQ(reads_for(b, 4096), 2u); // refused, dropped, walked
    EXPECT_EQ(b.events[MMU_EV_L1_REFUSE_D], 1u);
    EXPECT_TRUE(rsp(b, 15).fault);
}

TEST(Formats, causes_are_the_formats_FRM_8)
{
    Bench b(all_formats(tiny_shape()));
    use(b, MMU_FORMAT_X86, 3, Bench::kRoot >> 12, 0);
    map_x86(b, 0x5000, 0x9000, kP | kAcc); // supervisor, read-only
    b.ask(1, 1, 0x5000, MMU_ACC_STORE, MMU_PRIV_U);
    b.drain();
    EXPECT_EQ(rsp(b, 1).cause, 1 | 2 | 4);
    b.ask(1, 2, UINT64_C(1) << 47);
    b.drain();
    EXPECT_EQ(rsp(b, 2).cause, 32); // #GP
}

TEST(Formats, with_riscv_alone_the_others_registers_are_as_if_0_REQ_1)
{
    Bench b(tiny_shape());
    b.map(0x5000, 0x9000);
    b.in.slow.format = MMU_FORMAT_BOUNDS;
    b.in.ctx[1].aux = 1;
    b.ask(1, 1, 0x5123);
    b.drain();
    EXPECT_EQ(rsp(b, 1).pa, 0x9123u);
    b.latency = 20;
    b.in.ctx[1].aux = 7; // another aux is the same context: it joins
    b.ask(1, 2, 0x6000);
    b.tick();
    b.in.ctx[1].flags = 5;
    b.ask(1, 3, 0x6008);
    b.drain();
    EXPECT_EQ(b.events[MMU_EV_WALK_MERGE], 1u);
}

TEST(Formats, an_append_is_protected_as_a_store_L1_14)
{
    mmu_cfg_t cfg = all_formats(tiny_shape());
    cfg.pmp_entries = 16;
    Bench b(cfg);
    use(b, MMU_FORMAT_BOUNDS, 1, 0, 1 << 20);
    for (unsigned i = 0; i < 2; i++) { // 0..4095 read-only, then everything
        b.in.pmp.valid = true;
        b.in.pmp.index = static_cast<uint8_t>(i);
        b.in.pmp.cfg = i == 0 ? 0x19 : 0x1b; // NAPOT, R; NAPOT, R W
        b.in.pmp.addr = i == 0 ? 0x1ff : (UINT64_C(1) << 54) - 1;
        b.tick();
        b.in.pmp.valid = false;
    }
    b.ask(1, 1, 0x100, MMU_ACC_APPEND);
    b.drain();
    EXPECT_EQ(rsp(b, 1).cause, 2 << 3 | 6); // a store's access fault
    b.ask(1, 2, 0x100);
    b.drain();
    EXPECT_FALSE(rsp(b, 2).fault);
    b.ask(1, 3, 0x1100, MMU_ACC_APPEND);
    b.drain();
    EXPECT_FALSE(rsp(b, 3).fault);
}

// ---- FenceX ----

class FenceX : public ::testing::TestWithParam<bool>
{
  protected:
    // Two pages, of which one is global, in two address spaces; held by L1 (and L2).
    void SetUp() override
    {
        use(b, MMU_FORMAT_X86, 3, Bench::kRoot >> 12, 0);
        map_x86(b, kLocal, 0x9000);
        map_x86(b, kShared, 0xa000, kLeaf | kGlobal);
        for (unsigned asid : {1u, 2u})
            EXPECT_NE(reads_for(b, kLocal, asid), 0u);
        EXPECT_NE(reads_for(b, kShared, 1), 0u);
        EXPECT_EQ(reads_for(b, kShared, 2), 0u);
    }

    // Which of the three translations are held.
    std::vector<bool> held()
    {
        return {reads_for(b, kLocal, 1) == 0, reads_for(b, kLocal, 2) == 0, reads_for(b, kShared, 1) == 0};
    }

    static constexpr uint64_t kLocal = 0x5000, kShared = 0x6000;
    Bench b{all_formats(GetParam() ? default_shape() : without_l2(default_shape()))};
    using Held = std::vector<bool>;
};

TEST_P(FenceX, INVLPG_ends_its_address_in_its_space)
{
    fence_x(b, true, kLocal + 8, true, 1, false);
    EXPECT_EQ(held(), (Held{false, true, true}));
}

TEST_P(FenceX, INVLPG_ends_global_pages)
{
    fence_x(b, true, kShared, true, 2, false);
    EXPECT_EQ(held(), (Held{true, true, false}));
}

TEST_P(FenceX, INVPCID_0_spares_global_pages)
{
    fence_x(b, true, kShared, true, 1, true);
    EXPECT_EQ(held(), (Held{true, true, true}));
    fence_x(b, true, kLocal, true, 2, true);
    EXPECT_EQ(held(), (Held{true, false, true}));
}

TEST_P(FenceX, INVPCID_1_ends_a_space_but_global_pages)
{
    fence_x(b, false, 0, true, 1, true);
    EXPECT_EQ(held(), (Held{false, true, true}));
}

TEST_P(FenceX, INVPCID_2_ends_everything)
{
    fence_x(b, false, 0, false, 0, false);
    EXPECT_EQ(held(), (Held{false, false, false}));
}

// The scan of the L2 compares neither address nor space (ROW-2).
TEST_P(FenceX, INVPCID_3_ends_all_but_global_pages)
{
    fence_x(b, false, 0, false, 0, true);
    EXPECT_EQ(held(), (Held{false, false, true}));
}

INSTANTIATE_TEST_SUITE_P(Shapes, FenceX, ::testing::Bool(),
                         [](const auto &shape) { return shape.param ? "with_l2" : "l1_alone"; });

TEST(Formats, FenceX_of_everything_clears_the_L2_at_once_L2_6)
{
    for (bool keep_g : {false, true}) {
        Bench b(all_formats(default_shape()));
        use(b, MMU_FORMAT_X86, 3, Bench::kRoot >> 12, 0);
        fence_x(b, false, 0, false, 0, keep_g);
        // 128 sets are scanned, one a clock
        EXPECT_EQ(b.fence_done - b.fence_accepted, keep_g ? 130u : 1u);
    }
}
} // namespace
