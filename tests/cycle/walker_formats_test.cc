// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The walker with formats other than riscv: rules FRM-5, FRM-10, WALK-1, WALK-6, WALK-7, PWC-3, event 36.
#include "cycle/walker_bench.hh"

namespace
{
// x86
constexpr uint64_t kP = 1, kRw = 2, kUs = 4, kAcc = 0x20, kDirty = 0x40;
constexpr uint64_t kPointer = kP | kRw | kUs;
constexpr uint64_t kX86Leaf = kPointer | kAcc | kDirty;
constexpr mmu_pos_t kUsBit = UINT64_C(1) << 51, kRwBit = UINT64_C(1) << 52; // X86-2

class WalkerFormats : public Walker
{
  protected:
    void SetUp() override
    {
        mmu_walker_cfg_t cfg = zero<mmu_walker_cfg_t>();
        cfg.slots = 2;
        cfg.others = true;
        for (auto &pwc : cfg.cache.pwc)
            pwc = {2, MMU_POLICY_PLRU};
        storage.build([&](mmu_arena_t *arena) { mmu_walker_init(&walker, &cfg, arena); });
        in = zero<mmu_walker_in_t>();
        in.mreq_ready = in.fill_ready = true;
        in.slow.adue = true;
        x86(3);
    }

    void x86(unsigned paging)
    {
        in.slow.format = MMU_FORMAT_X86;
        in.slow.maxpa = 40;
        in.slow.afault = true;
        mode = paging;
    }

    void classical(unsigned format, unsigned plg)
    {
        in.slow.format = static_cast<uint8_t>(format);
        in.slow.plg = static_cast<uint8_t>(plg);
        mode = 1;
    }

    void begin(uint64_t va, unsigned acc = MMU_ACC_LOAD, uint64_t aux = 0, unsigned flags = 0)
    {
        start(va, acc);
        in.start_rq.ctx.mode = static_cast<uint8_t>(mode);
        in.start_rq.ctx.aux = aux;
        in.start_rq.ctx.flags = static_cast<uint8_t>(flags);
    }

    // Slot 0 offers this swap, and is answered with the word that stood there.
    void swap(uint64_t addr, uint64_t old_word, uint64_t new_word, uint64_t before)
    {
        comb();
        ASSERT_TRUE(out.mreq.valid);
        EXPECT_EQ(out.mreq.op, MMU_MEM_CAS);
        EXPECT_EQ(out.mreq.addr, addr);
        EXPECT_EQ(out.mreq.old_word, old_word);
        EXPECT_EQ(out.mreq.new_word, new_word);
        edge();
        respond(before);
        clock();
    }

    unsigned kept(unsigned cache) const
    {
        return static_cast<unsigned>(walker.cache.array[cache - 1].q.valid[0]);
    }

    unsigned mode = 0;
};

constexpr uint64_t kRoot = 0x80000000, kIndex3 = 0, kIndex2 = 0, kIndex1 = 0x91, kIndex0 = 0x167;
constexpr uint64_t kLow = 0x12367abc; // indices 0, 0, 0x91, 0x167

TEST_F(WalkerFormats, a_pointer_is_written_before_the_walk_goes_on_WALK_6_WALK_7)
{
    begin(kLow);
    clock();
    level(kRoot + kIndex3 * 8, 0x90000000 | kPointer);
    EXPECT_EQ(state(), MMU_WALK_CAS_REQ);
    EXPECT_TRUE(walker.q.more[0]);
    EXPECT_EQ(kept(3), 0u); // FRM-5: nor after the swap
    swap(kRoot, 0x90000000 | kPointer, 0x90000000 | kPointer | kAcc, 0x90000000 | kPointer);
    EXPECT_EQ(state(), MMU_WALK_REQ);
    EXPECT_FALSE(walker.q.more[0]);
    EXPECT_EQ(kept(3), 0u);
    level(0x90000000 + kIndex2 * 8, 0x90001000 | kPointer | kAcc);
    EXPECT_EQ(kept(2), 1u);
    level(0x90001000 + kIndex1 * 8, 0x90002000 | kPointer | kAcc);
    level(0x90002000 + kIndex0 * 8, 0x5000 | kX86Leaf);
    comb();
    EXPECT_TRUE(out.done && out.done_fill);
    EXPECT_EQ(mmu_entry_pa(out.done_entry, kLow), 0x5abcu);
}

TEST_F(WalkerFormats, a_lost_swap_steps_with_the_word_returned_WALK_7)
{
    begin(kLow);
    clock();
    level(kRoot, 0x90000000 | kPointer);
    in.mrsp = zero<mmu_mrsp_t>();
    swap(kRoot, 0x90000000 | kPointer, 0x90000000 | kPointer | kAcc, 0x90008000 | kPointer | kAcc);
    EXPECT_EQ(state(), MMU_WALK_REQ);
    EXPECT_EQ(kept(3), 1u); // a read outcome now
    comb();
    EXPECT_EQ(out.mreq.addr, 0x90008000u + kIndex2 * 8);
}

TEST_F(WalkerFormats, a_swap_that_errs_ends_the_walk_though_more_was_to_come_WALK_7)
{
    begin(kLow);
    clock();
    level(kRoot, 0x90000000 | kPointer);
    comb();
    edge();
    respond(0, 0, true);
    clock();
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.done_fault, MMU_FAULT_ACCESS);
}

TEST_F(WalkerFormats, a_leaf_after_a_pointer_was_written_ends_the_walk_WALK_7)
{
    begin(kLow, MMU_ACC_STORE);
    clock();
    level(kRoot, 0x90000000 | kPointer);
    swap(kRoot, 0x90000000 | kPointer, 0x90000000 | kPointer | kAcc, 0x90000000 | kPointer);
    level(0x90000000 + kIndex2 * 8, 0x90001000 | kPointer | kAcc);
    level(0x90001000 + kIndex1 * 8, 0x90002000 | kPointer | kAcc);
    level(0x90002000 + kIndex0 * 8, 0x5000 | kPointer);
    EXPECT_FALSE(walker.q.more[0]);
    swap(0x90002000 + kIndex0 * 8, 0x5000 | kPointer, 0x5000 | kX86Leaf, 0x5000 | kPointer);
    comb();
    EXPECT_TRUE(out.done);
    EXPECT_NE(out.done_entry & MMU_ENTRY_D, 0u);
}

TEST_F(WalkerFormats, kept_positions_carry_the_rights_passed_X86_2)
{
    begin(kLow);
    clock();
    level(kRoot, 0x90000000 | kP | kUs | kAcc); // not writable
    EXPECT_EQ(walker.cache.array[2].q.data[0], mmu_pos_make(2, false, 0x90000000 >> 9) | kUsBit);
    level(0x90000000, 0x90001000 | kPointer | kAcc);
    EXPECT_EQ(walker.cache.array[1].q.data[0], mmu_pos_make(1, false, 0x90001000 >> 9) | kUsBit);
    EXPECT_EQ(walker.cache.array[1].q.data[0] & kRwBit, 0u);
}

TEST_F(WalkerFormats, a_read_without_lg_is_kept_nowhere_FRM_5)
{
    x86(2); // PAE
    begin(kLow);
    clock();
    level(kRoot, 0x90000000 | kP); // a PDPTE: cache 2 exists, and gets nothing
    EXPECT_EQ(state(), MMU_WALK_REQ);
    EXPECT_EQ(kept(2), 0u);
    level(0x90000000 + kIndex1 * 8, 0x90001000 | kPointer | kAcc);
    EXPECT_EQ(kept(1), 1u);
}

TEST_F(WalkerFormats, FenceX_with_an_address_ends_all_pointers_of_its_space_PWC_3)
{
    for (unsigned asid : {1u, 2u}) {
        begin(kLow);
        in.start_rq.ctx.asid = static_cast<uint16_t>(asid);
        clock();
        level(kRoot, 0x90000000 | kPointer | kAcc);
        level(0x90000000, 0x90001000 | kPointer | kAcc);
        level(0x90001000 + kIndex1 * 8, 0); // not present
        clock();
    }
    ASSERT_EQ(kept(3), 3u);
    fence(true, 1, true, 0x7fff0000); // another address
    in.fence.kind = MMU_FENCE_X;
    clock();
    EXPECT_EQ(kept(3), 2u);
    EXPECT_EQ(kept(2), 2u);
    fence(true, 2, true, 0x7fff0000);
    in.fence.kind = MMU_FENCE_S; // spares them
    clock();
    EXPECT_EQ(kept(3), 2u);
    fence();
    in.fence.kind = MMU_FENCE_X;
    in.fence.keep_g = true; // no pointer is global
    clock();
    EXPECT_EQ(kept(3), 0u);
}

// ---- joining (WALK-1) ----

TEST_F(WalkerFormats, walks_are_joined_within_the_formats_page_FRM_10)
{
    classical(MMU_FORMAT_LINEAR, 9);
    begin(0x1000, MMU_ACC_LOAD, 100);
    clock();
    begin(0x11ff, MMU_ACC_LOAD, 100);
    comb();
    EXPECT_TRUE(out.start_merge);
    begin(0x1200, MMU_ACC_LOAD, 100);
    comb();
    EXPECT_FALSE(out.start_merge);
}

TEST_F(WalkerFormats, segments_join_the_same_address_alone_FRM_10)
{
    classical(MMU_FORMAT_SEGMENT, 12);
    begin(0x10020, MMU_ACC_LOAD, 8);
    clock();
    begin(0x10020, MMU_ACC_LOAD, 8);
    comb();
    EXPECT_TRUE(out.start_merge);
    begin(0x10021, MMU_ACC_LOAD, 8);
    comb();
    EXPECT_FALSE(out.start_merge);
}

TEST_F(WalkerFormats, aux_and_flags_are_of_the_context_WALK_1)
{
    begin(kLow, MMU_ACC_LOAD, 5, 1);
    clock();
    begin(kLow, MMU_ACC_LOAD, 5, 1);
    comb();
    EXPECT_TRUE(out.start_merge);
    begin(kLow, MMU_ACC_LOAD, 5, 3);
    comb();
    EXPECT_FALSE(out.start_merge);
    begin(kLow, MMU_ACC_LOAD, 4, 1);
    comb();
    EXPECT_FALSE(out.start_merge);
}

// ---- event 36 ----

TEST_F(WalkerFormats, each_further_row_of_an_inverted_table_is_an_event)
{
    classical(MMU_FORMAT_INVERTED, 12);
    in.slow.rows_lg = 4;
    begin(0x3000, MMU_ACC_LOAD, 0x90000); // process 1, page 3: anchor 2
    clock();
    const auto answer = [&](uint64_t addr, uint64_t word) {
        comb();
        EXPECT_EQ(out.mreq.addr, addr);
        edge();
        respond(word);
        comb();
        const bool event = out.ev_row;
        edge();
        return event;
    };
    EXPECT_FALSE(answer(0x90000000 + 2 * 8, 7 << 1 | 1));                      // the first row
    EXPECT_FALSE(answer(kRoot + 7 * 32, UINT64_C(9) << 17 | 1 << 1 | 1));      // another page
    EXPECT_TRUE(answer(kRoot + 7 * 32 + 16, 4 << 1 | 1));                      // the next row
    EXPECT_FALSE(answer(kRoot + 4 * 32, UINT64_C(3) << 17 | 1 << 1 | 1));      // it matches
    EXPECT_FALSE(answer(kRoot + 4 * 32 + 8, 0x41 | 0x10 | UINT64_C(8) << 12)); // its page row
    comb();
    EXPECT_TRUE(out.done_fill);
    for (unsigned cache : {1u, 2u, 3u})
        EXPECT_EQ(kept(cache), 0u);
}

TEST_F(WalkerFormats, other_formats_reads_at_level_2_are_no_such_event)
{
    begin(kLow);
    clock();
    comb();
    edge();
    respond(0x90000000 | kPointer | kAcc);
    comb();
    EXPECT_FALSE(out.ev_row);
}
} // namespace
