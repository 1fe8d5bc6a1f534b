// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Bits of storage by formula: of shapes against sums made by hand, of presets against what Yosys counted.
#include "lockwalk/mmu_area.h"
#include "lockwalk/mmu_config.h"
#include "support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <memory>
#include <string>

namespace
{

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

mmu_cfg_t load(const char *name)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_TRUE(mmu_cfg_load(name, &cfg, nullptr, &errors)) << errors.text;
    return cfg;
}

mmu_area_t area_of(const mmu_cfg_t &cfg)
{
    mmu_area_t area;
    mmu_area_of(&cfg, nullptr, &area);
    return area;
}

const mmu_area_box_t &box(const mmu_area_t &area, const std::string &name)
{
    for (unsigned b = 0; b < area.boxes; b++)
        if (area.box[b].name == name)
            return area.box[b];
    ADD_FAILURE() << "no box " << name;
    return area.box[0];
}

// ---- shapes -------------------------------------------------------------------------------------------------

TEST(shape, replacement_state_is_that_of_the_policy)
{
    EXPECT_EQ(mmu_area_policy_bits(0, 8, MMU_POLICY_PLRU), 7u);
    EXPECT_EQ(mmu_area_policy_bits(4, 8, MMU_POLICY_PLRU), 16u * 7);
    EXPECT_EQ(mmu_area_policy_bits(2, 5, MMU_POLICY_FIFO), 4u * 3);
    EXPECT_EQ(mmu_area_policy_bits(2, 5, MMU_POLICY_LRU), 4u * 5 * 3);
    EXPECT_EQ(mmu_area_policy_bits(2, 5, MMU_POLICY_NRU), 4u * 5);
    EXPECT_EQ(mmu_area_policy_bits(9, 32, MMU_POLICY_RANDOM), 16u);
    // One way chooses nothing.
    for (unsigned policy : {MMU_POLICY_PLRU, MMU_POLICY_FIFO, MMU_POLICY_LRU})
        EXPECT_EQ(mmu_area_policy_bits(6, 1, policy), 0u);
}

TEST(shape, a_row_of_sv39_has_the_fields_of_the_document)
{
    const mmu_area_widths_t sv39 = mmu_area_sv39();
    // valid, tag 39 - 12, ASID, global, frame 56 - 12, rights and memory type
    mmu_area_shape_t shape = {0, 12, 1, MMU_POLICY_LRU, 4};
    EXPECT_EQ(mmu_area_row_bits(&shape, &sv39), 1u + 27 + 16 + 1 + 44 + 7);
    shape.sets_log2 = 7; // the set's number is not kept
    EXPECT_EQ(mmu_area_row_bits(&shape, &sv39), 1u + 20 + 16 + 1 + 44 + 7);
    shape.sizes = 3; // which of three
    EXPECT_EQ(mmu_area_row_bits(&shape, &sv39), 1u + 20 + 16 + 1 + 44 + 7 + 2);
    shape = {15, 30, 1, MMU_POLICY_LRU, 1}; // more sets than pages: no tag
    EXPECT_EQ(mmu_area_row_bits(&shape, &sv39), 1u + 0 + 16 + 1 + 26 + 7);
}

TEST(shape, a_tlb_is_its_rows_and_their_replacement)
{
    const mmu_area_widths_t widths = {32, 34, 9, 5};
    const mmu_area_shape_t shape = {3, 12, 1, MMU_POLICY_NRU, 6};
    EXPECT_EQ(mmu_area_tlb_bits(&shape, &widths), 48u * (1 + 17 + 9 + 1 + 22 + 5) + 48);
    const mmu_area_shape_t large = {15, 12, 1, MMU_POLICY_RANDOM, 1u << 20};
    EXPECT_EQ(mmu_area_tlb_bits(&large, &widths), (UINT64_C(1) << 35) * (1 + 5 + 9 + 1 + 22 + 5) + 16);
}

// ---- configurations -------------------------------------------------------------------------------------------

TEST(configuration, every_preset_keeps_as_many_bits_as_yosys_counts)
{
    unsigned n = 0;
    for (; mmu_cfg_preset_name(n) != nullptr; n++) {
        const mmu_cfg_t cfg = load(mmu_cfg_preset_name(n));
        const mmu_area_t area = area_of(cfg);
        mmu_cfg_cells_t cells = {};
        ASSERT_TRUE(mmu_cfg_cells(&cfg, &cells))
            << mmu_cfg_preset_name(n) << " is another than was counted: scripts/preset-cells "
            << mmu_cfg_preset_name(n);
        // Yosys makes some arrays of 3 or 6 registers ones of 4 or 8 (docs/area.md): tiny-policies alone has such.
        const bool rounded = std::string(mmu_cfg_preset_name(n)) == "tiny-policies";
        EXPECT_EQ(area.flops + (rounded ? 853 : 0), cells.flops) << mmu_cfg_preset_name(n);
        EXPECT_EQ(area.memory, cells.memory_bits) << mmu_cfg_preset_name(n);
        EXPECT_GT(cells.cells, cells.flops);
        EXPECT_STRNE(cells.yosys, "");
    }
    EXPECT_GE(n, 20u);
}

TEST(configuration, another_shape_has_other_bits_and_no_cells)
{
    mmu_cfg_t cfg = load("cva6");
    const uint64_t before = area_of(cfg).flops;
    mmu_cfg_cells_t cells;
    cfg.array[MMU_LEVEL_L1D][0].ways = 32;
    EXPECT_EQ(area_of(cfg).flops, before + 16 * 193 + 16);
    EXPECT_FALSE(mmu_cfg_cells(&cfg, &cells));
}

TEST(configuration, boxes_add_up_and_each_is_said_once)
{
    for (const char *name : {"tiny", "tiny-policies", "default", "direct", "skylake"}) {
        const mmu_area_t area = area_of(load(name));
        uint64_t flops = 0, memory = 0, plain = 0;
        for (unsigned b = 0; b < area.boxes; b++) {
            flops += area.box[b].flops;
            memory += area.box[b].memory;
            plain += area.box[b].plain;
            EXPECT_LE(area.box[b].replacement, area.box[b].flops);
            EXPECT_EQ(area.box[b].plain != 0, area.box[b].kind == MMU_AREA_TLB) << area.box[b].name;
            for (unsigned other = 0; other < b; other++) {
                EXPECT_STRNE(area.box[b].name, area.box[other].name);
                EXPECT_STRNE(area.box[b].rtl, area.box[other].rtl);
            }
        }
        EXPECT_EQ(flops, area.flops);
        EXPECT_EQ(memory, area.memory);
        EXPECT_EQ(plain, area.plain);
    }
}

TEST(configuration, an_array_is_rows_of_193_bits_and_its_policy)
{
    const mmu_area_t area = area_of(load("default"));
    const mmu_area_box_t &l1 = box(area, "L1 data, array 1"), &l2 = box(area, "L2, array 1");
    EXPECT_EQ(l1.flops, 64u * 193 + 16 * 3);
    EXPECT_EQ(l1.replacement, 16u * 3);
    EXPECT_EQ(l1.memory, 0u);
    // Rows in memory; valid bits, what was read last (8 rows, their valid bits, the set) and the policy are not.
    EXPECT_EQ(l2.memory, 1024u * 192);
    EXPECT_EQ(l2.flops, 1024u + 8 * 193 + 7 + 128 * 7);
}

TEST(configuration, plain_bits_are_those_of_the_shape)
{
    const mmu_cfg_t cfg = load("default");
    const mmu_area_widths_t sv39 = mmu_area_sv39(), narrow = {32, 34, 0, 5};
    const mmu_area_shape_t l1 = {4, 12, 1, MMU_POLICY_PLRU, 4}, large = {0, 16, 3, MMU_POLICY_PLRU, 16};
    mmu_area_t area = area_of(cfg);
    EXPECT_EQ(box(area, "L1 data, array 1").plain, mmu_area_tlb_bits(&l1, &sv39));
    EXPECT_EQ(box(area, "L1 data, array 2").plain, mmu_area_tlb_bits(&large, &sv39));
    mmu_area_of(&cfg, &narrow, &area);
    EXPECT_EQ(box(area, "L1 data, array 1").plain, mmu_area_tlb_bits(&l1, &narrow));
}

// ---- the command ------------------------------------------------------------------------------------------------

TEST(command, area_prints_the_boxes_of_each_configuration)
{
    const run::Result r = run::lockwalk("config area cva6");
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out, run::read_file(LOCKWALK_SOURCE_DIR "/tests/area/cva6.txt"));
}

TEST(command, area_without_a_name_has_a_line_for_each_preset)
{
    const run::Result r = run::lockwalk("config area");
    ASSERT_EQ(r.status, 0) << r.err;
    for (unsigned n = 0; mmu_cfg_preset_name(n) != nullptr; n++)
        EXPECT_NE(r.out.find("\n" + std::string(mmu_cfg_preset_name(n)) + " "), std::string::npos);
}

TEST(command, area_in_json_is_the_formula)
{
    const run::Result r = run::lockwalk("config area tiny default --json");
    ASSERT_EQ(r.status, 0) << r.err;
    const Json list(json_loads(r.out.c_str(), 0, nullptr), json_decref);
    ASSERT_EQ(json_array_size(list.get()), 2u);
    const mmu_area_t area = area_of(load("default"));
    json_t *one = json_array_get(list.get(), 1), *boxes = json_object_get(one, "boxes");
    EXPECT_STREQ(json_string_value(json_object_get(one, "config")), "default");
    EXPECT_EQ(json_integer_value(json_object_get(one, "storage_bits")), json_int_t(area.flops + area.memory));
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(one, "yosys"), "flops")),
              json_int_t(area.flops));
    ASSERT_EQ(json_array_size(boxes), area.boxes);
    for (unsigned b = 0; b < area.boxes; b++) {
        json_t *item = json_array_get(boxes, b);
        EXPECT_STREQ(json_string_value(json_object_get(item, "instance")), area.box[b].rtl);
        EXPECT_EQ(json_integer_value(json_object_get(item, "flops")), json_int_t(area.box[b].flops));
        EXPECT_EQ(json_integer_value(json_object_get(item, "memory_bits")), json_int_t(area.box[b].memory));
    }
}

TEST(command, area_of_a_file_that_nobody_counted_says_so)
{
    run::Folder folder;
    std::string text = mmu_cfg_preset_text(0);
    const std::string name = mmu_cfg_preset_name(0);
    ASSERT_EQ(name, "associative");
    const size_t at = text.find("asid_bits: ");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, text.find_first_of(" \n", at + 11) - at, "asid_bits: 3");
    const std::string file = folder.file("mine.yaml", text);
    const run::Result r = run::lockwalk("config area " + file);
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_NE(r.out.find("cells were not counted; `scripts/yosys-cells " + file + "` does\n"),
              std::string::npos)
        << r.out;
}

TEST(command, area_of_a_bad_file_exits_2)
{
    const run::Result r = run::lockwalk("config area tinny");
    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find("'tinny' is not a preset"), std::string::npos) << r.err;
    EXPECT_EQ(r.out, "");
}

} // namespace
