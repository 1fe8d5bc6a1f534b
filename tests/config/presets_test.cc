// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The presets that come with the program.
#include "lockwalk/mmu_config.h"
#include "support/run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <vector>

namespace
{

constexpr unsigned P4K = 1 << 3, P64K = 1 << 7, P2M = 1 << 8, P1G = 1 << 10;

mmu_cfg_t load(const char *name)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_TRUE(mmu_cfg_load(name, &cfg, nullptr, &errors)) << errors.text;
    return cfg;
}

void expect_array(const mmu_cfg_array_t &a, unsigned sets, unsigned ways, unsigned pages, unsigned policy)
{
    EXPECT_EQ(1u << a.sets_log2, sets);
    EXPECT_EQ(a.ways, ways);
    EXPECT_EQ(a.pages, pages);
    EXPECT_EQ(a.policy, policy);
}

TEST(presets, are_valid_and_tell_what_they_are)
{
    unsigned n = 0;
    for (; mmu_cfg_preset_name(n) != nullptr; n++) {
        mmu_cfg_t cfg;
        mmu_cfg_about_t about;
        mmu_cfg_errors_t errors;
        EXPECT_TRUE(mmu_cfg_load(mmu_cfg_preset_name(n), &cfg, &about, &errors)) << errors.text;
        EXPECT_TRUE(mmu_cfg_check(&cfg, &errors)) << errors.text;
        EXPECT_STREQ(about.name, mmu_cfg_preset_name(n));
        EXPECT_STRNE(about.about, "");
    }
    EXPECT_GE(n, 6u);
    EXPECT_EQ(mmu_cfg_preset_text(n), nullptr);
}

TEST(presets, in_the_program_are_those_of_the_folder)
{
    std::set<std::string> in_folder, in_program;
    for (const auto &entry : std::filesystem::directory_iterator(LOCKWALK_SOURCE_DIR "/model/config/presets"))
        if (entry.path().extension() == ".yaml")
            in_folder.insert(entry.path().stem().string());
    for (unsigned n = 0; mmu_cfg_preset_name(n) != nullptr; n++) {
        const std::string name = mmu_cfg_preset_name(n);
        in_program.insert(name);
        EXPECT_EQ(mmu_cfg_preset_text(n),
                  run::read_file(LOCKWALK_SOURCE_DIR "/model/config/presets/" + name + ".yaml"));
        if (n > 0) {
            EXPECT_LT(std::string(mmu_cfg_preset_name(n - 1)), name) << "sorted by name";
        }
    }
    EXPECT_EQ(in_folder, in_program);
}

TEST(presets, tiny_has_two_entries_a_tlb_and_one_of_everything)
{
    const mmu_cfg_t c = load("tiny");
    EXPECT_EQ(c.asid_bits, 4);
    EXPECT_EQ(c.misses[MMU_PORT_I], 2);
    EXPECT_EQ(c.misses[MMU_PORT_D], 2);
    EXPECT_EQ(c.walks, 2);
    EXPECT_EQ(c.l2_latency, 1);
    EXPECT_EQ(c.pmp_entries, 16);
    expect_array(c.array[MMU_LEVEL_L1I][0], 1, 2, P4K | P64K | P2M | P1G, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L1D][0], 2, 1, P4K, MMU_POLICY_FIFO);
    expect_array(c.array[MMU_LEVEL_L1D][1], 1, 2, P64K | P2M | P1G, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L2][0], 2, 2, P4K | P2M, MMU_POLICY_PLRU);
    EXPECT_EQ(c.pwc[0].ways, 2);
    EXPECT_EQ(c.pwc[0].policy, MMU_POLICY_PLRU);
    EXPECT_EQ(c.pwc[1].ways, 1);
    EXPECT_EQ(c.pwc[1].policy, MMU_POLICY_FIFO);
    EXPECT_EQ(c.pwc[2].ways + c.pwc[3].ways, 0);
    EXPECT_EQ(c.hypervisor, 1);
    EXPECT_EQ(c.vmid_bits, 2);
    EXPECT_EQ(c.gtlb_ways, 2);
    EXPECT_EQ(c.gpwc[0].ways, 2);
    EXPECT_EQ(c.gpwc[1].ways, 1);
    EXPECT_EQ(c.gpwc[2].ways + c.gpwc[3].ways, 0);
}

// What two-stage translation costs is not to be paid by these.
TEST(presets, single_stage_machines_stay_so)
{
    for (const char *name : {"default", "cva6", "rocket", "cortex-a72", "skylake"})
        EXPECT_EQ(load(name).hypervisor, 0) << name;
}

TEST(presets, vectors_riscv_has_what_any_vector_asks_for)
{
    constexpr unsigned all = P4K | P64K | P2M | 1 << 9 | P1G | 1 << 11 | 1 << 12;
    const mmu_cfg_t c = load("vectors-riscv");
    EXPECT_EQ(c.asid_bits, 16);
    EXPECT_EQ(c.vmid_bits, 14);
    EXPECT_EQ(c.hypervisor, 1);
    EXPECT_EQ(c.pmp_entries, 16);
    EXPECT_GT(c.gtlb_ways, 0);
    for (unsigned level = 0; level < MMU_LEVELS; level++) {
        unsigned pages = 0;
        for (const mmu_cfg_array_t &a : c.array[level])
            pages |= a.pages;
        EXPECT_EQ(pages, all) << "level " << level;
    }
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++) {
        EXPECT_GT(c.pwc[k].ways, 0);
        EXPECT_GT(c.gpwc[k].ways, 0);
    }
}

unsigned held(const mmu_cfg_t &c, unsigned level)
{
    unsigned pages = 0;
    for (const mmu_cfg_array_t &a : c.array[level])
        pages |= a.pages;
    return pages;
}

TEST(presets, vectors_of_x86_and_of_the_classics_have_what_any_vector_asks_for)
{
    const mmu_cfg_t x86 = load("vectors-x86"), classic = load("vectors-classic");
    EXPECT_EQ(x86.formats, 1u << MMU_FORMAT_X86);
    EXPECT_EQ(classic.formats, 0xfcu);
    EXPECT_EQ(classic.asid_bits, 16);
    for (unsigned level = 0; level < MMU_LEVELS; level++) {
        EXPECT_EQ(held(x86, level), P4K | P2M | 1u << 9 | P1G) << "level " << level;
        EXPECT_EQ(held(classic, level), 0xffu) << "level " << level;
    }
    for (const mmu_cfg_pwc_t &p : x86.pwc)
        EXPECT_GT(p.ways, 0);
}

TEST(presets, of_each_scheme_build_its_format_and_no_other)
{
    const struct {
        const char *name;
        unsigned format;
    } schemes[] = {
        {"x86-32", MMU_FORMAT_X86},
        {"pml4", MMU_FORMAT_X86},
        {"base-bounds", MMU_FORMAT_BOUNDS},
        {"segmentation", MMU_FORMAT_SEGMENT},
        {"direct", MMU_FORMAT_LINEAR},
        {"associative", MMU_FORMAT_LINEAR},
        {"directory", MMU_FORMAT_DIRECTORY},
        {"inverted", MMU_FORMAT_INVERTED},
        {"segmented-paging", MMU_FORMAT_SEGPAGE},
    };
    for (const auto &s : schemes) {
        const mmu_cfg_t c = load(s.name);
        EXPECT_EQ(c.formats, 1u << s.format) << s.name;
        EXPECT_EQ(c.hypervisor, 0) << s.name;
        EXPECT_EQ(c.pmp_entries, 0) << s.name;
    }
}

TEST(presets, of_schemes_without_a_tlb_have_none)
{
    for (const char *name : {"base-bounds", "direct"}) {
        const mmu_cfg_t c = load(name);
        for (unsigned level = 0; level < MMU_LEVELS; level++)
            for (const mmu_cfg_array_t &a : c.array[level])
                EXPECT_EQ(a.ways, 0) << name;
        for (const mmu_cfg_pwc_t &p : c.pwc)
            EXPECT_EQ(p.ways, 0) << name;
    }
}

TEST(presets, associative_is_fully_associative_and_holds_every_page_size)
{
    const mmu_cfg_t c = load("associative");
    for (unsigned level : {MMU_LEVEL_L1I, MMU_LEVEL_L1D})
        expect_array(c.array[level][0], 1, 16, 0xff, MMU_POLICY_LRU);
    EXPECT_EQ(held(c, MMU_LEVEL_L2), 0u);
}

TEST(presets, segmentation_keeps_rows_of_64K_in_its_segment_caches)
{
    const mmu_cfg_t c = load("segmentation");
    EXPECT_EQ(held(c, MMU_LEVEL_L1I), P64K);
    EXPECT_EQ(held(c, MMU_LEVEL_L1D), P64K);
}

TEST(presets, guest_is_default_with_two_stages)
{
    const mmu_cfg_t c = load("guest"), d = load("default");
    EXPECT_EQ(c.hypervisor, 1);
    EXPECT_EQ(c.vmid_bits, 14);
    EXPECT_EQ(c.gtlb_ways, 16);
    EXPECT_EQ(c.gpwc[0].ways, 8);
    EXPECT_EQ(c.gpwc[1].ways, 4);
    for (unsigned level : {MMU_LEVEL_L1I, MMU_LEVEL_L1D})
        for (unsigned k = 0; k < MMU_ARRAYS; k++)
            expect_array(c.array[level][k], 1u << d.array[level][k].sets_log2, d.array[level][k].ways,
                         d.array[level][k].pages, d.array[level][k].policy);
}

// Every policy and number of probes that tiny has not: together they meet all of them.
TEST(presets, tiny_policies_has_what_tiny_has_not)
{
    const mmu_cfg_t tiny = load("tiny"), c = load("tiny-policies");
    std::set<unsigned> policies, g_policies;
    unsigned probed = 0;
    for (const mmu_cfg_t *cfg : {&tiny, &c}) {
        for (unsigned level = 0; level < MMU_LEVELS; level++)
            for (const mmu_cfg_array_t &a : cfg->array[level]) {
                if (a.ways == 0)
                    continue;
                policies.insert(a.policy);
                if (level != MMU_LEVEL_L2 && a.sets_log2 > 0 && (a.pages & (a.pages - 1)) != 0)
                    probed++;
                EXPECT_LE(static_cast<unsigned>(a.ways) << a.sets_log2, 8u) << "tiny";
            }
    }
    EXPECT_EQ(policies, (std::set<unsigned>{MMU_POLICY_PLRU, MMU_POLICY_FIFO, MMU_POLICY_LRU, MMU_POLICY_NRU,
                                            MMU_POLICY_RANDOM}));
    EXPECT_GE(probed, 2u);
    for (const mmu_cfg_t *cfg : {&tiny, &c}) {
        g_policies.insert(cfg->gtlb_policy);
        for (const mmu_cfg_pwc_t &p : cfg->gpwc)
            if (p.ways > 0)
                g_policies.insert(p.policy);
    }
    EXPECT_EQ(g_policies, policies);
    EXPECT_EQ(c.pmp_entries, 64);
}

TEST(presets, default_is_an_application_core)
{
    const mmu_cfg_t c = load("default");
    EXPECT_EQ(c.asid_bits, 16);
    EXPECT_EQ(c.misses[MMU_PORT_I], 2);
    EXPECT_EQ(c.misses[MMU_PORT_D], 4);
    EXPECT_EQ(c.walks, 2);
    EXPECT_EQ(c.l2_latency, 1);
    EXPECT_EQ(c.pmp_entries, 0);
    expect_array(c.array[MMU_LEVEL_L1I][0], 1, 32, P4K | P64K | P2M | P1G, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L1D][0], 16, 4, P4K, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L1D][1], 1, 16, P64K | P2M | P1G, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L2][0], 128, 8, P4K, MMU_POLICY_PLRU);
    EXPECT_EQ(c.pwc[0].ways, 8);
    EXPECT_EQ(c.pwc[1].ways, 4);
    EXPECT_EQ(c.pwc[2].ways + c.pwc[3].ways, 0);
}

TEST(presets, elaborate_without_a_warning)
{
    for (unsigned n = 0; mmu_cfg_preset_name(n) != nullptr; n++) {
        const mmu_cfg_t cfg = load(mmu_cfg_preset_name(n));
        char hex[MMU_CFG_HEX_SIZE];
        mmu_cfg_to_hex(&cfg, hex);
        const run::Result r =
            run::shell("cd '" LOCKWALK_SOURCE_DIR "' && verilator --lint-only -Wall --top-module mmu "
                       "\"-GCfg=" +
                       std::to_string(MMU_CFG_BITS) + "'h" + hex +
                       "\" -Irtl/format rtl/waivers.vlt rtl/mmu_pkg.sv rtl/mmu_cfg_pkg.sv "
                       "$(ls rtl/*.sv rtl/format/*.sv | grep -v _pkg)");
        EXPECT_EQ(r.status, 0) << mmu_cfg_preset_name(n);
        EXPECT_EQ(r.out + r.err, "") << mmu_cfg_preset_name(n);
    }
}

// The figures of the documents that the presets cite.
struct Machine {
    const char *name;
    unsigned asid_bits, pmp;
    std::vector<unsigned> entries[MMU_LEVELS]; // of the arrays of each level
    unsigned walks;
    std::vector<unsigned> caches; // of levels 1 and up
};

class Machines : public testing::TestWithParam<Machine>
{
};

TEST_P(Machines, have_the_figures_of_their_documents)
{
    const Machine &m = GetParam();
    const mmu_cfg_t c = load(m.name);
    EXPECT_EQ(c.asid_bits, m.asid_bits);
    EXPECT_EQ(c.pmp_entries, m.pmp);
    EXPECT_EQ(c.walks, m.walks);
    for (unsigned level = 0; level < MMU_LEVELS; level++) {
        std::vector<unsigned> entries;
        for (const mmu_cfg_array_t &a : c.array[level])
            if (a.ways > 0)
                entries.push_back(static_cast<unsigned>(a.ways) << a.sets_log2);
        EXPECT_EQ(entries, m.entries[level]) << "level " << level;
    }
    for (unsigned k = 0; k < MMU_PWC_LEVELS; k++)
        EXPECT_EQ(c.pwc[k].ways, k < m.caches.size() ? m.caches[k] : 0) << "cache " << k;
}

INSTANTIATE_TEST_SUITE_P(
    presets, Machines,
    testing::Values(Machine{"cva6", 16, 16, {{16}, {16}, {}}, 1, {}},
                    Machine{"rocket", 0, 16, {{32, 4}, {32, 4}, {}}, 1, {4, 4}},
                    Machine{"cortex-a72", 16, 0, {{48}, {32}, {1024}}, 2, {8, 4}},
                    Machine{"skylake", 12, 0, {{128, 8}, {64, 32, 4}, {1536, 16}}, 2, {32, 4, 2}}),
    [](const auto &i) { return std::string(i.param.name) == "cortex-a72" ? "cortex_a72" : i.param.name; });

} // namespace
