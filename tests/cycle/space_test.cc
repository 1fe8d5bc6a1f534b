// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Virtual machines beside the keys, the same in both kinds of array: rules KEY-5, KEY-7, ARR-1, 4, 5, ROW-2, 4, 5.
#include <gtest/gtest.h>

#include "cycle/mmu_array.h"
#include "cycle/mmu_row_array.h"
#include "cycle/room.hh"

namespace
{
constexpr unsigned K4 = 12, M2 = 21, kWays = 8;

// One set of an mmu_array.
class Flops
{
  public:
    explicit Flops(bool vm)
    {
        const mmu_array_cfg_t cfg = {1, kWays, MMU_POLICY_FIFO, vm};
        storage.build([&](mmu_arena_t *arena) { mmu_array_init(&array, cfg, arena); });
    }

    void fill(const mmu_line_t &row)
    {
        mmu_array_in_t in = zero<mmu_array_in_t>();
        in.fill = true;
        in.fill_row = row;
        edge(in);
    }

    // The data that a look-up finds, 0 for none.
    uint64_t look(uint64_t key, mmu_vm_t space)
    {
        mmu_array_in_t in = zero<mmu_array_in_t>();
        mmu_array_out_t out;
        in.lookup = true;
        in.key = key;
        in.space = static_cast<uint16_t>(space);
        mmu_array_out(&array, &in, &out);
        return out.data;
    }

    void fence(const mmu_fence_t &fence)
    {
        const mmu_fence_cmp_t cmp = mmu_fence_cmp(&fence);
        mmu_array_in_t in = zero<mmu_array_in_t>();
        in.fence = true;
        in.fence_key = cmp.key;
        in.fence_mask = cmp.mask;
        in.fence_spare_g = cmp.spare_g;
        in.fence_vm = cmp.vm;
        in.fence_vm_mask = cmp.vm_mask;
        edge(in);
    }

    unsigned rows() const
    {
        return static_cast<unsigned>(__builtin_popcountll(array.q.valid[0]));
    }

  private:
    void edge(const mmu_array_in_t &in)
    {
        mmu_array_comb(&array, &in);
        mmu_array_comb(&array, &in);
        mmu_array_seq(&array, true);
    }

    mmu_array_t array;
    Storage storage;
};

// One set of an mmu_row_array, read all the time.
class Rows
{
  public:
    explicit Rows(bool vm)
    {
        const mmu_row_array_cfg_t cfg = {1, kWays, MMU_POLICY_FIFO, vm};
        storage.build([&](mmu_arena_t *arena) { mmu_row_array_init(&array, cfg, arena); });
    }

    void fill(const mmu_line_t &row)
    {
        mmu_row_array_in_t in = compare(row.key, row.mask, row.vm & MMU_VM_SPACE, MMU_VM_SPACE);
        in.fill = true;
        in.fill_row = row;
        edge(in);
    }

    uint64_t look(uint64_t key, mmu_vm_t space)
    {
        const mmu_row_array_in_t in = compare(key, ~UINT64_C(0), space, MMU_VM_SPACE);
        mmu_row_array_out_t out;
        mmu_row_array_out(&array, &in, &out);
        EXPECT_EQ(out.row.vm & MMU_VM_SPACE, out.hit && array.cfg.vm ? space : 0);
        return out.row.data;
    }

    void fence(const mmu_fence_t &fence)
    {
        const mmu_fence_cmp_t cmp = mmu_fence_cmp(&fence);
        mmu_row_array_in_t in = compare(cmp.key, cmp.mask, cmp.vm, cmp.vm_mask);
        in.cmp_spare_g = cmp.spare_g;
        in.scan = true;
        edge(in);
    }

    unsigned rows() const
    {
        return static_cast<unsigned>(__builtin_popcountll(array.q.valid[0]));
    }

  private:
    static mmu_row_array_in_t compare(uint64_t key, uint64_t mask, mmu_vm_t vm, unsigned vm_mask)
    {
        mmu_row_array_in_t in = zero<mmu_row_array_in_t>();
        in.cmp_key = key;
        in.cmp_mask = mask;
        in.cmp_vm = static_cast<uint16_t>(vm);
        in.cmp_vm_mask = static_cast<uint16_t>(vm_mask);
        return in;
    }

    void edge(const mmu_row_array_in_t &in)
    {
        mmu_row_array_out_t out;
        mmu_row_array_out(&array, &in, &out);
        mmu_row_array_comb(&array, &in);
        mmu_row_array_comb(&array, &in);
        mmu_row_array_seq(&array, true);
    }

    mmu_row_array_t array;
    Storage storage;
};

template <typename Room> class Space : public ::testing::Test
{
  protected:
    Room room{true};

    // A row whose data is `name`, so that one can tell which was found.
    void fill(mmu_line_t row, uint64_t name)
    {
        row.data = name;
        room.fill(row);
    }

    uint64_t look(uint64_t va, mmu_vm_t space, unsigned asid = 1)
    {
        return room.look(mmu_make_key(static_cast<uint16_t>(asid), va), space);
    }
};

using Kinds = ::testing::Types<Flops, Rows>;
TYPED_TEST_SUITE(Space, Kinds);

TYPED_TEST(Space, one_address_is_another_in_each_machine_and_without_one_KEY_5)
{
    this->fill(make_row(0x5000, 1, K4, false), 1);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(1), K4), 2);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), K4), 3);
    EXPECT_EQ(this->room.rows(), 3u); // none overlaps another
    EXPECT_EQ(this->look(0x5000, 0), 1u);
    EXPECT_EQ(this->look(0x5000, in_vm(1)), 2u);
    EXPECT_EQ(this->look(0x5000, in_vm(2)), 3u);
    EXPECT_EQ(this->look(0x5000, in_vm(3)), 0u);
    EXPECT_EQ(this->look(0x5000, in_vm(0)), 0u); // machine 0 is not none
    EXPECT_EQ(this->look(0x5000, in_vm(1)), 2u); // whatever was found last
}

TYPED_TEST(Space, a_global_row_is_global_in_its_machine_only_KEY_5)
{
    this->fill(make_vm_row(0x5000, 1, K4, true, in_vm(1), K4), 1);
    EXPECT_EQ(this->look(0x5000, in_vm(1), 9), 1u);
    EXPECT_EQ(this->look(0x5000, in_vm(2), 9), 0u);
    EXPECT_EQ(this->look(0x5000, 0, 9), 0u);
}

TYPED_TEST(Space, bare_and_paged_of_one_machine_are_two_spaces_KEY_5)
{
    this->fill(make_vm_row(0x5000, 0, K4, false, in_vm(1), K4), 1);
    this->fill(make_vm_row(0x5000, 0, K4, false, in_vm(1, true), K4), 2);
    EXPECT_EQ(this->look(0x5000, in_vm(1), 0), 1u);
    EXPECT_EQ(this->look(0x5000, in_vm(1, true), 0), 2u);
}

TYPED_TEST(Space, a_fill_takes_the_place_of_rows_of_its_own_machine_ARR_4_ROW_4)
{
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(1), K4), 1);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), K4), 2);
    this->fill(make_vm_row(0x0, 1, M2, false, in_vm(2), 30), 3); // overlaps the second; flg does not matter
    EXPECT_EQ(this->room.rows(), 2u);
    EXPECT_EQ(this->look(0x5000, in_vm(1)), 1u);
    EXPECT_EQ(this->look(0x5000, in_vm(2)), 3u);
}

TYPED_TEST(Space, FenceS_ends_rows_without_a_machine_only_KEY_7)
{
    this->fill(make_row(0x5000, 1, K4, false), 1);
    this->fill(make_row(0x6000, 1, K4, true), 2);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(0), K4), 3);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(1), K4), 4);
    this->room.fence(by_asid(make_fence(MMU_FENCE_S), 1));
    EXPECT_EQ(this->look(0x5000, 0), 0u);
    EXPECT_EQ(this->look(0x6000, 0), 2u); // global
    this->room.fence(by_va(make_fence(MMU_FENCE_S), 0x6000));
    EXPECT_EQ(this->look(0x6000, 0), 0u);
    this->room.fence(make_fence(MMU_FENCE_S));
    EXPECT_EQ(this->look(0x5000, in_vm(0)), 3u);
    EXPECT_EQ(this->look(0x5000, in_vm(1)), 4u);
}

TYPED_TEST(Space, FenceVv_ends_rows_of_its_machine_only_KEY_7)
{
    this->fill(make_row(0x5000, 1, K4, false), 1);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(0), K4), 2);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(1), K4), 3);
    this->fill(make_vm_row(0x6000, 2, K4, false, in_vm(1), K4), 4);
    this->fill(make_vm_row(0x7000, 1, K4, true, in_vm(1), K4), 5);
    this->fill(make_vm_row(0x8000, 1, K4, false, in_vm(1), K4), 6);
    this->room.fence(by_va(by_asid(by_vmid(make_fence(MMU_FENCE_VV), 1), 1), 0x8fff));
    EXPECT_EQ(this->look(0x8000, in_vm(1)), 0u);
    EXPECT_EQ(this->room.rows(), 5u);
    this->room.fence(by_asid(by_vmid(make_fence(MMU_FENCE_VV), 1), 1));
    EXPECT_EQ(this->look(0x5000, in_vm(1)), 0u);
    EXPECT_EQ(this->look(0x6000, in_vm(1), 2), 4u);
    EXPECT_EQ(this->look(0x7000, in_vm(1)), 5u); // global
    this->room.fence(by_vmid(make_fence(MMU_FENCE_VV), 1));
    EXPECT_EQ(this->look(0x6000, in_vm(1), 2), 0u);
    EXPECT_EQ(this->look(0x7000, in_vm(1)), 0u);
    EXPECT_EQ(this->look(0x5000, 0), 1u);
    EXPECT_EQ(this->look(0x5000, in_vm(0)), 2u);
}

TYPED_TEST(Space, a_fence_of_one_address_ends_all_pieces_of_its_page_KEY_7)
{
    for (uint64_t piece : {0x200000u, 0x201000u, 0x3ff000u, 0x400000u})
        this->fill(make_vm_row(piece, 1, K4, false, in_vm(1), piece == 0x400000u ? K4 : M2), piece);
    EXPECT_EQ(this->look(0x202000, in_vm(1)), 0u); // a look-up finds the piece, not the page
    this->room.fence(by_va(by_vmid(make_fence(MMU_FENCE_VV), 1), 0x2aa000));
    EXPECT_EQ(this->look(0x200000, in_vm(1)), 0u);
    EXPECT_EQ(this->look(0x201000, in_vm(1)), 0u);
    EXPECT_EQ(this->look(0x3ff000, in_vm(1)), 0u);
    EXPECT_EQ(this->look(0x400000, in_vm(1)), 0x400000u);
    this->room.fence(by_va(by_vmid(make_fence(MMU_FENCE_VV), 1), 0x401000)); // its page is of 4 KiB
    EXPECT_EQ(this->look(0x400000, in_vm(1)), 0x400000u);
}

TYPED_TEST(Space, FenceG_ends_all_of_a_machine_or_of_all_whatever_its_address_KEY_7)
{
    this->fill(make_row(0x5000, 1, K4, false), 1);
    this->fill(make_vm_row(0x5000, 1, K4, true, in_vm(1), K4), 2);
    this->fill(make_vm_row(0x5000, 0, K4, false, in_vm(1, true), K4), 3);
    this->fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), K4), 4);
    this->room.fence(by_va(by_vmid(make_fence(MMU_FENCE_G), 1), 0x123456000));
    EXPECT_EQ(this->look(0x5000, in_vm(1)), 0u);
    EXPECT_EQ(this->look(0x5000, in_vm(1, true), 0), 0u);
    EXPECT_EQ(this->look(0x5000, in_vm(2)), 4u);
    mmu_fence_t all = by_va(make_fence(MMU_FENCE_G), 0x123456000);
    all.vmid = 1; // without vmid_en of no account
    this->room.fence(all);
    EXPECT_EQ(this->look(0x5000, in_vm(2)), 0u);
    EXPECT_EQ(this->look(0x5000, 0), 1u);
}

TYPED_TEST(Space, without_the_parameter_nothing_of_it_is_kept_or_compared_KEY_5)
{
    TypeParam plain{false};
    const mmu_line_t row = make_vm_row(0x5000, 1, K4, false, in_vm(1), M2);
    plain.fill(row);
    EXPECT_EQ(plain.look(row.key, in_vm(2)), row.data);
    plain.fence(by_va(make_fence(MMU_FENCE_S), 0x6000)); // flg would have it too
    EXPECT_EQ(plain.rows(), 1u);
    plain.fill(make_vm_row(0x5000, 1, K4, false, in_vm(2), K4));
    EXPECT_EQ(plain.rows(), 1u);
    plain.fence(by_va(make_fence(MMU_FENCE_S), 0x5000));
    EXPECT_EQ(plain.rows(), 0u);
}
} // namespace
