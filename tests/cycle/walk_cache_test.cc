// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// the walk caches as the walker uses them, and of each stage on their own: rules PWC.
#include "cycle/walker_bench.hh"

namespace
{
TEST_F(Walker, walk_caches_keep_pointers_by_level_PWC_2)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    const mmu_array_t &one = walker.cache.array[0], &two = walker.cache.array[1];
    EXPECT_EQ(one.q.valid[0], 1u);
    EXPECT_EQ(one.q.mask[0], mmu_make_mask(21, false));
    EXPECT_EQ(one.q.data[0], mmu_pos_make(0, false, 0x90001000 >> 9));
    EXPECT_EQ(two.q.mask[0], mmu_make_mask(30, false));
    EXPECT_EQ(two.q.data[0], mmu_pos_make(1, false, 0x90000000 >> 9));
    EXPECT_EQ(two.q.key[0], mmu_make_key(1, kVa));
}

TEST_F(Walker, walk_caches_are_per_address_space_also_for_global_pointers_PWC_2)
{
    start(kVa);
    clock();
    level(0x80000000 + 0x48 * 8, pte(0x90000000, V | G));
    EXPECT_EQ(walker.cache.array[1].q.mask[0], mmu_make_mask(30, false));
    EXPECT_EQ(walker.cache.array[1].q.data[0] & MMU_POS_G, MMU_POS_G);
    start(kVa + 0x40000, MMU_ACC_LOAD, 1, 2);
    comb();
    EXPECT_EQ(out.ev_pwc, 0);
}

TEST_F(Walker, only_the_cache_used_is_touched_and_only_by_a_new_walk_PWC_1)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    start(kVa + (1 << 21)); // fills way 1 of cache 1
    clock();
    level(0x90000000 + 0x1a3 * 8, pte(0x90002000, V));
    const uint64_t tree1 = walker.cache.array[0].repl.plru.q.tree[0];
    const uint64_t tree2 = walker.cache.array[1].repl.plru.q.tree[0];
    start(kVa + (1 << 21) + 64); // joins: no touch
    clock();
    EXPECT_EQ(walker.cache.array[0].repl.plru.q.tree[0], tree1);
    start(kVa + 0x3000); // uses way 0 of cache 1
    clock();
    EXPECT_NE(walker.cache.array[0].repl.plru.q.tree[0], tree1);
    EXPECT_EQ(walker.cache.array[1].repl.plru.q.tree[0], tree2);
}

TEST_F(Walker, without_a_cache_every_walk_starts_at_the_root_PWC_2)
{
    make(1, 0, 0);
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    start(kVa);
    comb();
    EXPECT_EQ(out.ev_pwc, 0);
    edge();
    comb();
    EXPECT_EQ(out.mreq.addr, 0x80000000u + 0x48 * 8);
}

TEST_F(Walker, address_fences_keep_pointers_others_do_not_PWC_3)
{
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    fence(false, 0, true, kVa);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 1u);
    fence(true, 1, true, kVa);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 1u);
    fence(true, 2);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 1u);
    fence(true, 1);
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 0u);
    EXPECT_EQ(walker.cache.array[1].q.valid[0], 0u);
    walk_to_leaf(pte(0x5000, kLeaf));
    clock();
    fence();
    clock();
    EXPECT_EQ(walker.cache.array[0].q.valid[0], 0u);
}

// ---- one cache alone ----

class WalkCache : public ::testing::Test
{
  protected:
    mmu_walk_cache_t cache;
    mmu_walk_cache_in_t in = zero<mmu_walk_cache_in_t>();
    mmu_walk_cache_out_t out;
    Storage storage;

    void make(unsigned stage)
    {
        mmu_walk_cache_cfg_t cfg = zero<mmu_walk_cache_cfg_t>();
        cfg.pwc[0] = cfg.pwc[2] = {8, MMU_POLICY_PLRU};
        cfg.stage = static_cast<uint8_t>(stage);
        cfg.hypervisor = true;
        storage.build([&](mmu_arena_t *arena) { mmu_walk_cache_init(&cache, &cfg, arena); });
        in = zero<mmu_walk_cache_in_t>();
    }

    void clock()
    {
        mmu_walk_cache_comb(&cache, &in, &out);
        mmu_walk_cache_comb(&cache, &in, &out);
        mmu_walk_cache_seq(&cache, true);
        in = zero<mmu_walk_cache_in_t>();
    }

    // In cache 1; space as of KEY-5, flg does not count.
    void fill(uint64_t va, unsigned asid, unsigned space, unsigned level = 1)
    {
        in.fill = true;
        in.fill_level = static_cast<uint8_t>(level);
        in.fill_row.key = mmu_make_key(static_cast<uint16_t>(asid), va);
        in.fill_row.mask = mmu_make_mask(21, false);
        in.fill_row.data = mmu_pos_make(level - 1, false, 77);
        in.fill_row.vm = space | 21u << MMU_VM_FLG_SHIFT;
    }

    void fill_g(uint64_t gpa, unsigned vmid)
    {
        in.fill = true;
        in.fill_level = 1;
        in.fill_row.key = mmu_make_gkey(static_cast<uint16_t>(vmid), gpa);
        in.fill_row.mask = mmu_make_gmask(21);
        in.fill_row.data = 5;
    }

    void look(uint64_t key, unsigned space)
    {
        in.lookup = in.use = true;
        in.key = key;
        in.space = static_cast<uint16_t>(space);
    }

    bool has(unsigned asid, unsigned space)
    {
        look(mmu_make_key(static_cast<uint16_t>(asid), kVa), space);
        clock();
        return out.hit;
    }

    bool has_g(unsigned vmid)
    {
        look(mmu_make_gkey(static_cast<uint16_t>(vmid), kVa), 0);
        clock();
        return out.hit;
    }

    void fence(unsigned kind, bool va_en, bool asid_en, unsigned asid, bool vmid_en, unsigned vmid)
    {
        in.fence_accept = true;
        in.fence.kind = static_cast<uint8_t>(kind);
        in.fence.va_en = va_en;
        in.fence.va = va_en ? kVa ^ (UINT64_C(1) << 35) : 0; // of something else
        in.fence.asid_en = asid_en;
        in.fence.asid = static_cast<uint16_t>(asid);
        in.fence.vmid_en = vmid_en;
        in.fence.vmid = static_cast<uint16_t>(vmid);
    }
};

constexpr unsigned kVm3 = MMU_VM_V | 3, kVm4 = MMU_VM_V | 4;

TEST_F(WalkCache, pointers_of_another_machine_do_not_hit_PWC_1)
{
    make(0);
    fill(kVa, 1, kVm3);
    clock();
    EXPECT_TRUE(has(1, kVm3));
    EXPECT_FALSE(has(1, kVm4));
    EXPECT_FALSE(has(1, 0));
    EXPECT_FALSE(has(2, kVm3));
}

TEST_F(WalkCache, the_g_stages_key_is_vmid_and_guest_address_PWC_1)
{
    make(1);
    fill_g(kVa, 3);
    clock();
    EXPECT_TRUE(has_g(3));
    EXPECT_FALSE(has_g(4));
    look(mmu_make_gkey(3, kVa | UINT64_C(1) << 58), 0);
    clock();
    EXPECT_FALSE(out.hit);
    EXPECT_EQ(out.pos, 0u);
    EXPECT_EQ(out.level, 0);
}

TEST_F(WalkCache, the_deepest_pointer_counts_PWC_1)
{
    make(0);
    fill(kVa, 1, 0, 3);
    clock();
    look(mmu_make_key(1, kVa), 0);
    clock();
    EXPECT_EQ(out.level, 3);
    fill(kVa, 1, 0, 1);
    clock();
    look(mmu_make_key(1, kVa), 0);
    clock();
    EXPECT_EQ(out.level, 1);
    EXPECT_EQ(out.pos, mmu_pos_make(0, false, 77));
}

TEST_F(WalkCache, without_a_cache_of_its_level_a_pointer_is_not_kept_PWC_2)
{
    make(0);
    fill(kVa, 1, 0, 2);
    clock();
    EXPECT_FALSE(has(1, 0));
}

TEST_F(WalkCache, nothing_is_filled_at_a_fences_clock_though_it_ends_nothing_PWC_2)
{
    make(0);
    fill(kVa, 1, 0);
    fence(MMU_FENCE_S, true, false, 0, false, 0);
    clock();
    EXPECT_FALSE(has(1, 0));
    make(1);
    fill_g(kVa, 3);
    fence(MMU_FENCE_S, false, false, 0, false, 0);
    clock();
    EXPECT_FALSE(has_g(3));
}

// What stays of: {asid 1, 2} with v = 0, {1, 2} in VMID 3, {1, 2} in VMID 4; bits from 0 up.
TEST_F(WalkCache, what_fences_leave_of_the_first_stages_pointers_PWC_3)
{
    const struct {
        unsigned kind;
        bool va_en, asid_en, vmid_en;
        unsigned left;
    } cases[] = {
        {MMU_FENCE_S, false, false, false, 0b111100},  {MMU_FENCE_S, false, true, false, 0b111101},
        {MMU_FENCE_S, true, false, false, 0b111111},   {MMU_FENCE_S, true, true, false, 0b111111},
        {MMU_FENCE_VV, false, false, false, 0b110011}, {MMU_FENCE_VV, false, true, false, 0b110111},
        {MMU_FENCE_VV, true, false, false, 0b111111},  {MMU_FENCE_VV, true, true, false, 0b111111},
        {MMU_FENCE_G, false, false, false, 0b000011},  {MMU_FENCE_G, false, false, true, 0b110011},
        {MMU_FENCE_G, true, false, false, 0b000011},   {MMU_FENCE_G, true, false, true, 0b110011},
    };
    const unsigned spaces[] = {0, kVm3, kVm4};
    for (const auto &c : cases) {
        make(0);
        for (unsigned space : spaces)
            for (unsigned asid : {1u, 2u}) {
                fill(kVa, asid, space);
                clock();
            }
        fence(c.kind, c.va_en, c.asid_en, 2, c.vmid_en, 3);
        clock();
        unsigned left = 0;
        for (unsigned n = 0; n < 6; n++)
            left |= static_cast<unsigned>(has(1 + n % 2, spaces[n / 2])) << n;
        EXPECT_EQ(left, c.left) << "kind " << c.kind << c.va_en << c.asid_en << c.vmid_en;
    }
}

TEST_F(WalkCache, what_fences_leave_of_the_g_stages_pointers_PWC_3)
{
    const struct {
        unsigned kind;
        bool va_en, vmid_en;
        unsigned left;
    } cases[] = {{MMU_FENCE_G, false, false, 0b00}, {MMU_FENCE_G, false, true, 0b10},
                 {MMU_FENCE_G, true, false, 0b11},  {MMU_FENCE_G, true, true, 0b11},
                 {MMU_FENCE_S, false, false, 0b11}, {MMU_FENCE_VV, false, true, 0b11}};
    for (const auto &c : cases) {
        make(1);
        for (unsigned vmid : {3u, 4u}) {
            fill_g(kVa, vmid);
            clock();
        }
        fence(c.kind, c.va_en, false, 0, c.vmid_en, 3);
        clock();
        EXPECT_EQ(has_g(3) | has_g(4) << 1, c.left) << "kind " << c.kind << c.va_en << c.vmid_en;
    }
}
} // namespace
