// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The comparison: what it must notice, in which clock, and under which name.
#include "two_models.hh"

#include <gtest/gtest.h>

namespace
{

// Some traffic: misses, hits, a store that sets nothing, a fence, and requests in flight at the end.
bool traffic(TwoModels &two)
{
    bool good = two.request(0x1000, MMU_ACC_LOAD, 8) && two.request(0x2000) && two.request(0x40001000) &&
                two.request(0x3008, MMU_ACC_STORE, 3);
    two.in.fence.valid = true;
    two.in.fence.asid_en = true;
    two.in.fence.asid = 3;
    good = good && two.clock();
    two.in.fence = mmu_fence_t{};
    return good && two.idle(8) && two.request(0x80001000) && two.request(0x1000, MMU_ACC_LOAD, 4);
}

} // namespace

TEST(Compare, equal_models_agree_and_are_counted)
{
    TwoModels two;

    EXPECT_TRUE(traffic(two));
    EXPECT_TRUE(two.finish());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_NONE);
    EXPECT_GT(two.counts().clocks, 20u);
    EXPECT_EQ(two.counts().comparisons, two.counts().clocks * MMU_FIELDS);
    EXPECT_EQ(two.counts().rows, 0u);
}

TEST(Compare, every_bit_of_every_output_is_noticed_in_its_clock)
{
    for (unsigned f = 0; f < MMU_FIELDS; f++)
        for (unsigned b = 0; b < mmu_fields[f].width; b++) {
            TwoModels two;
            two.alter_words = [&](uint64_t clock, uint64_t *words) {
                if (clock == 17)
                    turn(words, mmu_fields[f].name, UINT64_C(1) << b);
            };
            EXPECT_FALSE(traffic(two));
            EXPECT_FALSE(two.finish());
            EXPECT_EQ(two.mismatch().kind, MMU_DIFF_OUTPUT) << mmu_fields[f].name;
            EXPECT_EQ(two.mismatch().clock, 17u);
            EXPECT_STREQ(mmu_fields[two.mismatch().field].name, mmu_fields[f].name);
            EXPECT_EQ(two.counts().clocks, 18u);
        }
}

TEST(Compare, nothing_is_compared_after_a_difference)
{
    TwoModels two;

    two.alter_words = [](uint64_t clock, uint64_t *words) { turn(words, "idle", clock == 5); };
    EXPECT_FALSE(two.idle(10));
    EXPECT_FALSE(two.clock());
    EXPECT_EQ(two.counts().clocks, 6u);
}

TEST(Compare, no_clock_is_a_failure)
{
    TwoModels two;

    EXPECT_FALSE(two.finish());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_NOTHING);
}

TEST(Compare, clocks_in_reset_do_not_count)
{
    TwoModels two(true);

    for (unsigned n = 0; n < 5; n++)
        EXPECT_TRUE(two.clock(false));
    EXPECT_FALSE(two.finish());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_NOTHING);
    EXPECT_EQ(two.counts().comparisons, 0u);
}

TEST(Compare, outputs_in_reset_are_not_compared)
{
    TwoModels two;

    two.alter_words = [](uint64_t, uint64_t *words) { turn(words, "rsp[0].pa", 0x5a5a); };
    EXPECT_TRUE(two.clock(false));
    EXPECT_FALSE(two.clock());
    EXPECT_EQ(two.mismatch().clock, 0u);
}

TEST(Compare, reset_in_mid_traffic_resets_the_model_too)
{
    TwoModels two(true);

    EXPECT_TRUE(two.request(0x1000));
    EXPECT_TRUE(two.request(0x40001000, MMU_ACC_LOAD, 2));
    EXPECT_TRUE(two.clock(false));
    EXPECT_TRUE(traffic(two));
    EXPECT_TRUE(two.finish());
}

// ---- slow registers (REQ-9) ------------------------------------------------------------------------------

TEST(Compare, slow_registers_may_change_while_idle)
{
    TwoModels two;

    EXPECT_TRUE(two.idle(3));
    two.in.slow.adue = true;
    two.tell_slow();
    EXPECT_TRUE(traffic(two));
    EXPECT_TRUE(two.finish());
}

TEST(Compare, slow_registers_that_change_while_busy_are_reported)
{
    TwoModels two;

    EXPECT_TRUE(two.request(0x1000, MMU_ACC_LOAD, 1));
    ASSERT_FALSE(two.out().idle);
    two.in.slow.svnapot = true;
    two.tell_slow();
    EXPECT_FALSE(two.clock());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_SLOW);
    EXPECT_EQ(two.mismatch().clock, 2u);
    EXPECT_EQ(two.mismatch().slow_before, 0u);
    EXPECT_EQ(two.mismatch().slow_after, 1u);
}

TEST(Compare, pmp_is_written_while_idle_only)
{
    TwoModels two(true);

    EXPECT_TRUE(two.idle(3));
    two.in.pmp.valid = true;
    two.tell_slow();
    EXPECT_TRUE(two.clock());
    two.in.pmp.valid = false;
    two.tell_slow();
    EXPECT_TRUE(two.request(0x1000, MMU_ACC_LOAD, 1));
    ASSERT_FALSE(two.out().idle);
    two.in.pmp.valid = true;
    two.tell_slow();
    EXPECT_FALSE(two.clock());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_SLOW);
    EXPECT_EQ(two.mismatch().clock, 6u);
}

// ---- white-box ----------------------------------------------------------------------------------------------

TEST(Compare, arrays_agree_whatever_the_order_of_probes_and_clock)
{
    for (const bool probes_first : {true, false}) {
        TwoModels two(true);
        two.probes_first = probes_first;
        EXPECT_TRUE(traffic(two));
        EXPECT_TRUE(two.finish());
        EXPECT_GT(two.counts().final_rows, 10u);
        EXPECT_GT(two.counts().rows, 2 * two.counts().clocks);
    }
}

TEST(Compare, a_write_that_one_side_lacks_is_noticed)
{
    for (const bool probes_first : {true, false}) {
        TwoModels two(true);
        uint64_t lost = 0;
        two.probes_first = probes_first;
        two.alter_sample = [&](uint64_t clock, unsigned array, bool write, mmu_row_sample_t *row) {
            if (write && row->valid && array == 4) { // data L1, superpages
                row->valid = false;
                lost = clock;
            }
            return true;
        };
        EXPECT_FALSE(traffic(two));
        EXPECT_EQ(two.mismatch().kind, MMU_DIFF_WRITE);
        EXPECT_EQ(two.mismatch().array_id, 4u);
        EXPECT_EQ(two.mismatch().clock, lost);
        EXPECT_FALSE(two.mismatch().rtl_row.valid);
        EXPECT_TRUE(two.mismatch().model_row.valid);
    }
}

TEST(Compare, a_write_of_another_row_or_content_is_noticed)
{
    for (unsigned what = 0; what < 4; what++) {
        TwoModels two(true);
        two.alter_sample = [&](uint64_t, unsigned array, bool write, mmu_row_sample_t *row) {
            if (write && array == 4) {
                row->row_no ^= what == 0;
                row->key ^= what == 1;
                row->mask ^= what == 2;
                row->data ^= what == 3;
            }
            return true;
        };
        EXPECT_FALSE(traffic(two));
        EXPECT_EQ(two.mismatch().kind, MMU_DIFF_WRITE) << what;
    }
}

TEST(Compare, a_row_is_noticed_when_its_turn_comes)
{
    TwoModels two(true);

    two.alter_sample = [&](uint64_t, unsigned array, bool write, mmu_row_sample_t *row) {
        if (!write && array == 4 && row->valid)
            row->data ^= UINT64_C(1) << 63;
        return true;
    };
    EXPECT_FALSE(traffic(two));
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_ROW);
    EXPECT_EQ(two.mismatch().array_id, 4u);
}

TEST(Compare, what_an_invalid_row_holds_does_not_matter)
{
    TwoModels two(true);

    two.alter_sample = [&](uint64_t, unsigned, bool write, mmu_row_sample_t *row) {
        if (!write && !row->valid)
            row->key = row->mask = row->data = 0x123;
        return true;
    };
    EXPECT_TRUE(traffic(two));
    EXPECT_TRUE(two.finish());
}

TEST(Compare, an_array_without_a_probe_is_a_failure)
{
    TwoModels two(true);

    two.alter_sample = [&](uint64_t clock, unsigned array, bool, mmu_row_sample_t *) {
        return array != 9 || clock != 4;
    };
    EXPECT_FALSE(traffic(two));
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_UNSEEN);
    EXPECT_EQ(two.mismatch().array_id, 9u);
    EXPECT_EQ(two.mismatch().clock, 4u);
}

TEST(Compare, all_rows_are_compared_at_the_end)
{
    TwoModels two(true);
    unsigned rows = 0;

    EXPECT_TRUE(traffic(two));
    EXPECT_TRUE(two.finish());
    for (unsigned a = 0; a < MMU_ARRAY_IDS; a++)
        rows += two.rows_of(a);
    EXPECT_EQ(two.counts().final_rows, rows);
}

TEST(Compare, a_row_that_differs_at_the_end_is_noticed)
{
    TwoModels two(true);

    EXPECT_TRUE(traffic(two));
    two.alter_sweep = [](unsigned array, mmu_row_sample_t *row) {
        if (array == 6 && row->row_no == 2)
            row->valid = !row->valid;
        return true;
    };
    EXPECT_FALSE(two.finish());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_FINAL_ROW);
    EXPECT_EQ(two.mismatch().array_id, 6u);
}

TEST(Compare, a_row_that_is_missing_at_the_end_is_a_failure)
{
    TwoModels two(true);

    EXPECT_TRUE(traffic(two));
    two.alter_sweep = [](unsigned array, mmu_row_sample_t *row) { return array != 6 || row->row_no != 2; };
    EXPECT_FALSE(two.finish());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_UNSEEN);
    EXPECT_EQ(two.mismatch().array_id, 6u);
}

TEST(Compare, a_difference_in_the_last_clock_is_noticed)
{
    TwoModels two(true);
    uint64_t last = 0;

    EXPECT_TRUE(traffic(two));
    two.alter_sample = [&](uint64_t clock, unsigned array, bool write, mmu_row_sample_t *row) {
        if (write && array == 0) {
            row->valid = true;
            last = clock;
        }
        return true;
    };
    EXPECT_TRUE(two.clock());
    EXPECT_FALSE(two.finish());
    EXPECT_EQ(two.mismatch().kind, MMU_DIFF_WRITE);
    EXPECT_EQ(two.mismatch().clock, last);
}
