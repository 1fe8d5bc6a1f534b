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
} // namespace
