// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What a YAML file becomes, and where files and presets are found.
#include "config/yaml.h"
#include "lockwalk/mmu_config.h"
#include "support/run.h"

#include <gtest/gtest.h>

namespace
{

constexpr unsigned P4K = 1 << 3, P2M = 1 << 8, P1G = 1 << 10;

mmu_cfg_t parse(const std::string &text)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_TRUE(mmu_cfg_parse(text.data(), text.size(), "f.yaml", &cfg, nullptr, &errors)) << errors.text;
    return cfg;
}

void expect_array(const mmu_cfg_array_t &a, unsigned sets_log2, unsigned ways, unsigned pages,
                  unsigned policy)
{
    EXPECT_EQ(a.sets_log2, sets_log2);
    EXPECT_EQ(a.ways, ways);
    EXPECT_EQ(a.pages, pages);
    EXPECT_EQ(a.policy, policy);
}

TEST(load, every_key_reaches_its_member)
{
    const mmu_cfg_t c = parse(valid_yaml);
    EXPECT_EQ(c.version, MMU_CFG_VERSION);
    EXPECT_EQ(c.formats, 1);
    EXPECT_EQ(c.asid_bits, 4);
    EXPECT_EQ(c.misses[MMU_PORT_I], 2);
    EXPECT_EQ(c.misses[MMU_PORT_D], 3);
    EXPECT_EQ(c.walks, 2);
    EXPECT_EQ(c.l2_latency, 3);
    EXPECT_EQ(c.pmp_entries, 0);
    expect_array(c.array[MMU_LEVEL_L1I][0], 0, 4, P4K | P2M | P1G, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L1I][1], 0, 0, 0, 0);
    expect_array(c.array[MMU_LEVEL_L1D][0], 1, 2, P4K, MMU_POLICY_FIFO);
    expect_array(c.array[MMU_LEVEL_L1D][1], 0, 8, P2M | P1G, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L2][0], 4, 4, P4K | P2M, MMU_POLICY_PLRU);
    expect_array(c.array[MMU_LEVEL_L2][1], 0, 0, 0, 0);
    // In the file level 2 stands first: pwc[k] is level k + 1 all the same.
    EXPECT_EQ(c.pwc[0].ways, 3);
    EXPECT_EQ(c.pwc[0].policy, MMU_POLICY_FIFO);
    EXPECT_EQ(c.pwc[1].ways, 4);
    EXPECT_EQ(c.pwc[1].policy, MMU_POLICY_PLRU);
    EXPECT_EQ(c.pwc[2].ways, 0);
    EXPECT_EQ(c.pwc[3].ways, 0);
}

TEST(load, the_page_sizes_are_those_of_typ_4)
{
    for (unsigned i = 0; i < 16; i++) {
        if (mmu_cfg_page_name(i) == nullptr) {
            EXPECT_EQ(mmu_page_lg(i), 0u);
            continue;
        }
        const std::string name = mmu_cfg_page_name(i);
        size_t used;
        unsigned long long bytes = std::stoull(name, &used);
        const std::string unit = name.substr(used);
        bytes <<= unit == ""    ? 0
                  : unit == "K" ? 10
                  : unit == "M" ? 20
                  : unit == "G" ? 30
                  : unit == "T" ? 40
                                : 63;
        EXPECT_EQ(bytes, 1ull << mmu_page_lg(i)) << name;
        std::string text = edited("[4K, 2M]", "[" + name + "]");
        text.replace(text.find("[riscv]"), 7, "[riscv, linear]"); // together they have every size
        EXPECT_EQ(parse(text).array[MMU_LEVEL_L2][0].pages, 1u << i);
    }
}

TEST(load, a_format_is_a_bit_by_its_number)
{
    const char *const names[] = {"riscv",  "x86",       "bounds",   "segment",
                                 "linear", "directory", "inverted", "segpage"};
    for (unsigned bit = 0; bit < 8; bit++) {
        EXPECT_STREQ(mmu_cfg_format_name(bit), names[bit]);
        const std::string list = bit == 0 ? "[riscv]" : "[riscv, " + std::string(names[bit]) + "]";
        EXPECT_EQ(parse(edited("[riscv]", list)).formats, 1u | 1u << bit);
    }
    EXPECT_EQ(mmu_cfg_format_name(8), nullptr);
}

TEST(load, a_port_may_have_no_tlb)
{
    const mmu_cfg_t c =
        parse(edited("    arrays:\n      - {sets: 1, ways: 4, pages: [4K, 2M, 1G], policy: plru}\n",
                     "    arrays: none\n"));
    expect_array(c.array[MMU_LEVEL_L1I][0], 0, 0, 0, 0);
    EXPECT_EQ(c.array[MMU_LEVEL_L1D][0].ways, 2);
}

TEST(load, the_limits_themselves_are_allowed)
{
    EXPECT_EQ(parse(edited("asid_bits: 4", "asid_bits: 0")).asid_bits, 0);
    EXPECT_EQ(parse(edited("asid_bits: 4", "asid_bits: 16")).asid_bits, 16);
    EXPECT_EQ(parse(edited("misses: 3", "misses: 1")).misses[MMU_PORT_D], 1);
    EXPECT_EQ(parse(edited("misses: 3", "misses: 8")).misses[MMU_PORT_D], 8);
    EXPECT_EQ(parse(edited("walks: 2", "walks: 8")).walks, 8);
    EXPECT_EQ(parse(edited("latency: 3", "latency: 15")).l2_latency, 15);
    EXPECT_EQ(parse(edited("sets: 16", "sets: 4096")).array[MMU_LEVEL_L2][0].sets_log2, 12);
    EXPECT_EQ(parse(edited("sets: 16", "sets: 1")).array[MMU_LEVEL_L2][0].sets_log2, 0);
    EXPECT_EQ(parse(edited("ways: 8", "ways: 64")).array[MMU_LEVEL_L1D][1].ways, 64);
    EXPECT_EQ(parse(edited("level: 2", "level: 4")).pwc[3].ways, 4);
}

TEST(load, policies_have_the_numbers_of_repl_8)
{
    const char *const names[] = {"plru", "fifo", "lru", "nru", "random"};
    for (unsigned n = 0; n < 5; n++) {
        const std::string cache = std::string("{level: 1, ways: 4, policy: ") + names[n] + "}";
        const std::string array = std::string("pages: [4K, 2M], policy: ") + names[n] + "}";
        EXPECT_EQ(parse(edited("{level: 1, ways: 3, policy: fifo}", cache)).pwc[0].policy, n);
        EXPECT_EQ(parse(edited("pages: [4K, 2M], policy: plru}", array)).array[MMU_LEVEL_L2][0].policy, n);
        EXPECT_STREQ(mmu_cfg_policy_name(n), names[n]);
    }
    EXPECT_EQ(mmu_cfg_policy_name(5), nullptr);
}

TEST(load, pmp_is_optional)
{
    for (unsigned entries : {0u, 16u, 64u})
        EXPECT_EQ(parse(edited("ports:", "pmp: " + std::to_string(entries) + "\nports:")).pmp_entries,
                  entries);
}

TEST(load, hypervisor_is_optional)
{
    const mmu_cfg_t plain = parse(valid_yaml), none = parse(std::string(valid_yaml) + "hypervisor: none\n");
    EXPECT_EQ(plain.hypervisor, 0);
    EXPECT_EQ(plain.vmid_bits + plain.gtlb_ways + plain.gtlb_policy, 0);
    for (const mmu_cfg_pwc_t &c : plain.gpwc)
        EXPECT_EQ(c.ways + c.policy, 0);
    EXPECT_TRUE(mmu_cfg_equal(&plain, &none));
}

TEST(load, every_key_of_hypervisor_reaches_its_member)
{
    const mmu_cfg_t c = parse(std::string(valid_yaml) + "hypervisor:\n"
                                                        "  vmid_bits: 14\n"
                                                        "  tlb: {ways: 9, policy: lru}\n"
                                                        "  caches:\n"
                                                        "    - {level: 4, ways: 2, policy: plru}\n"
                                                        "    - {level: 1, ways: 3, policy: fifo}\n");
    EXPECT_EQ(c.hypervisor, 1);
    EXPECT_EQ(c.vmid_bits, 14);
    EXPECT_EQ(c.gtlb_ways, 9);
    EXPECT_EQ(c.gtlb_policy, MMU_POLICY_LRU);
    EXPECT_EQ(c.gpwc[0].ways, 3);
    EXPECT_EQ(c.gpwc[0].policy, MMU_POLICY_FIFO);
    EXPECT_EQ(c.gpwc[1].ways + c.gpwc[2].ways, 0);
    EXPECT_EQ(c.gpwc[3].ways, 2);
    // Nothing of it went to the first stage's.
    EXPECT_EQ(c.pwc[0].ways, 3);
    EXPECT_EQ(c.pwc[1].ways, 4);
    EXPECT_EQ(c.pwc[3].ways, 0);
}

TEST(load, hypervisor_may_have_no_tlb_and_no_caches)
{
    const mmu_cfg_t c =
        parse(std::string(valid_yaml) + "hypervisor: {vmid_bits: 0, tlb: none, caches: none}\n");
    EXPECT_EQ(c.hypervisor, 1);
    EXPECT_EQ(c.vmid_bits + c.gtlb_ways + c.gtlb_policy, 0);
    for (const mmu_cfg_pwc_t &p : c.gpwc)
        EXPECT_EQ(p.ways, 0);
}

TEST(load, l2_and_walk_caches_may_be_none)
{
    const mmu_cfg_t no_l2 = parse(edited("l2:\n"
                                         "  latency: 3\n"
                                         "  arrays:\n"
                                         "    - {sets: 16, ways: 4, pages: [4K, 2M], policy: plru}\n",
                                         "l2: none\n"));
    expect_array(no_l2.array[MMU_LEVEL_L2][0], 0, 0, 0, 0);
    EXPECT_EQ(no_l2.l2_latency, 1);
    const mmu_cfg_t no_caches = parse(edited("  caches:\n"
                                             "    - {level: 2, ways: 4, policy: plru}\n"
                                             "    - {level: 1, ways: 3, policy: fifo}\n",
                                             "  caches: none\n"));
    for (const mmu_cfg_pwc_t &c : no_caches.pwc)
        EXPECT_EQ(c.ways, 0);
}

TEST(load, about_is_handed_out_and_changes_no_shape)
{
    const std::string text = edited("asid_bits: 4", "about: a line\nasid_bits: 4");
    const mmu_cfg_t plain = parse(valid_yaml);
    mmu_cfg_t cfg;
    mmu_cfg_about_t about;
    ASSERT_TRUE(mmu_cfg_parse(text.data(), text.size(), "f.yaml", &cfg, &about, nullptr));
    EXPECT_STREQ(about.about, "a line");
    EXPECT_TRUE(mmu_cfg_equal(&cfg, &plain));
}

// ---- files and names -------------------------------------------------------------------------------------

TEST(load, a_file_is_found_by_its_path)
{
    run::Folder folder;
    const std::string path = folder.file("mine.yaml", valid_yaml);
    const mmu_cfg_t expected = parse(valid_yaml);
    mmu_cfg_t cfg;
    mmu_cfg_about_t about;
    mmu_cfg_errors_t errors;
    ASSERT_TRUE(mmu_cfg_load(path.c_str(), &cfg, &about, &errors)) << errors.text;
    EXPECT_TRUE(mmu_cfg_equal(&cfg, &expected));
    EXPECT_STREQ(about.name, "mine");
}

TEST(load, a_slash_makes_a_path_of_any_name)
{
    run::Folder folder;
    mmu_cfg_t cfg;
    mmu_cfg_about_t about;
    ASSERT_TRUE(mmu_cfg_load(folder.file("tiny", valid_yaml).c_str(), &cfg, &about, nullptr));
    EXPECT_STREQ(about.name, "tiny");
    EXPECT_EQ(cfg.misses[MMU_PORT_D], 3) << "the file, not the preset";
}

TEST(load, errors_name_the_file_as_it_was_given)
{
    run::Folder folder;
    const std::string path = folder.file("mine.yaml", edited("walks: 2", "walks: 9"));
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_FALSE(mmu_cfg_load(path.c_str(), &cfg, nullptr, &errors));
    EXPECT_EQ(errors.text, path + ":18:10: error: walker.walks is 9; allowed: a whole number, 1 to 8\n");
}

TEST(load, a_file_that_is_not_there_is_told)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_FALSE(mmu_cfg_load("no/such.yaml", &cfg, nullptr, &errors));
    EXPECT_STREQ(errors.text, "no/such.yaml: error: cannot open: No such file or directory\n");
    EXPECT_FALSE(mmu_cfg_load("./", &cfg, nullptr, &errors));
    EXPECT_STREQ(errors.text, "./: error: cannot read: Is a directory\n");
    EXPECT_EQ(errors.count, 1u);
}

TEST(load, a_file_of_more_than_a_mebibyte_is_told)
{
    run::Folder folder;
    const std::string path =
        folder.file("big.yaml", std::string(valid_yaml) + "#" + std::string(1 << 20, 'x') + "\n");
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_FALSE(mmu_cfg_load(path.c_str(), &cfg, nullptr, &errors));
    EXPECT_EQ(errors.text, path + ": error: too large; allowed: files up to 1 MiB\n");
}

TEST(load, an_unknown_preset_is_told_with_the_nearest)
{
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    std::string names;
    for (unsigned n = 0; mmu_cfg_preset_name(n) != nullptr; n++)
        names += std::string(mmu_cfg_preset_name(n)) + ", ";
    EXPECT_FALSE(mmu_cfg_load("defualt", &cfg, nullptr, &errors));
    EXPECT_EQ(errors.text, "error: 'defualt' is not a preset; allowed: " + names +
                               "or a file (with a '/' or ending in .yaml); did you mean 'default'?\n");
    EXPECT_FALSE(mmu_cfg_load("xyz", &cfg, nullptr, &errors));
    EXPECT_EQ(errors.text, "error: 'xyz' is not a preset; allowed: " + names +
                               "or a file (with a '/' or ending in .yaml)\n");
}

} // namespace
