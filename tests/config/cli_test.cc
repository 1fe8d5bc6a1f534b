// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// `lockwalk` and `lockwalk config` as a user runs them.
#include "config/yaml.h"
#include "lockwalk/mmu_config.h"
#include "support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <memory>

namespace
{

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

Json json(const std::string &text)
{
    json_error_t error;
    json_t *value = json_loadb(text.data(), text.size(), 0, &error);
    EXPECT_NE(value, nullptr) << error.text << "\n" << text;
    return {value, json_decref};
}

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

// ---- the program ------------------------------------------------------------------------------------------

TEST(program, without_a_command_tells_how_and_exits_2)
{
    const run::Result r = run::lockwalk("");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.out, "");
    EXPECT_TRUE(has(r.err, "Usage: lockwalk COMMAND")) << r.err;
}

TEST(program, help_lists_the_commands)
{
    for (const char *help : {"--help", "-h", "help"}) {
        const run::Result r = run::lockwalk(help);
        EXPECT_EQ(r.status, 0);
        EXPECT_EQ(r.err, "");
        EXPECT_TRUE(has(r.out, "\n  config   ")) << r.out;
        EXPECT_TRUE(
            has(r.out, "Exit status: 0 good, 1 a mismatch or a failed check, 2 bad use or bad input."));
    }
}

TEST(program, version_is_one_line)
{
    const run::Result r = run::lockwalk("--version");
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.out, "lockwalk 0.1.0\n");
}

TEST(program, an_unknown_command_is_told_with_the_nearest)
{
    run::Result r = run::lockwalk("confg");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk: 'confg' is not a command; did you mean 'config'?\n");
    r = run::lockwalk("frobnicate");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk: 'frobnicate' is not a command; see `lockwalk --help`\n");
}

// ---- config -------------------------------------------------------------------------------------------------

TEST(config, help_has_examples)
{
    const run::Result r = run::lockwalk("config --help");
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "Usage: lockwalk config [OPTION...] ACTION [CONFIG...]")) << r.out;
    EXPECT_TRUE(has(r.out, "Examples:"));
}

TEST(config, bad_use_exits_2)
{
    run::Result r = run::lockwalk("config");
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "lockwalk config: no action; allowed: list, show, check, hex, area\n")) << r.err;
    r = run::lockwalk("config chek");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err,
              "lockwalk config: 'chek' is not an action; allowed: list, show, check, hex, area; did you mean "
              "'check'?\n");
    r = run::lockwalk("config show");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk config: 'show' has 0 configurations; allowed: one\n");
    r = run::lockwalk("config hex tiny default");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk config: 'hex' has 2 configurations; allowed: one\n");
    r = run::lockwalk("config list tiny");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk config: 'list' has 1 configurations; allowed: none\n");
    r = run::lockwalk("config check");
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.err, "lockwalk config: 'check' has 0 configurations; allowed: one or more\n");
    r = run::lockwalk("config --jsn list");
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(has(r.err, "unrecognized option '--jsn'")) << r.err;
}

TEST(config, list_names_each_preset_with_a_line_about_it)
{
    const run::Result r = run::lockwalk("config list"), j = run::lockwalk("config list --json");
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(j.status, 0);
    const Json list = json(j.out);
    unsigned n = 0;
    for (; mmu_cfg_preset_name(n) != nullptr; n++) {
        json_t *entry = json_array_get(list.get(), n);
        const std::string about = json_string_value(json_object_get(entry, "about"));
        EXPECT_STREQ(json_string_value(json_object_get(entry, "name")), mmu_cfg_preset_name(n));
        EXPECT_TRUE(has(r.out, mmu_cfg_preset_name(n)));
        EXPECT_TRUE(has(r.out, " " + about + "\n"));
    }
    EXPECT_EQ(json_array_size(list.get()), n);
}

TEST(config, show_prints_yaml_that_can_be_loaded_again)
{
    for (const char *name : {"tiny", "default", "vectors-riscv"}) {
        const run::Result r = run::lockwalk(std::string("config show ") + name);
        ASSERT_EQ(r.status, 0) << r.err;
        mmu_cfg_t again, preset;
        mmu_cfg_errors_t errors;
        ASSERT_TRUE(mmu_cfg_parse(r.out.data(), r.out.size(), "shown.yaml", &again, nullptr, &errors))
            << errors.text;
        ASSERT_TRUE(mmu_cfg_load(name, &preset, nullptr, nullptr));
        EXPECT_TRUE(mmu_cfg_equal(&again, &preset));
    }
}

TEST(config, show_tells_what_follows_from_a_file)
{
    run::Folder folder;
    const run::Result r = run::lockwalk("config show " + folder.file("mine.yaml", valid_yaml));
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_TRUE(has(r.out, std::string(valid_yaml) +
                               "\n"
                               "# What follows from it:\n"
                               "#   L1 instruction      4 entries (1 set x 4 ways); "
                               "reach 16 KiB in 4K pages, 8 MiB in 2M pages, 4 GiB in 1G pages\n"
                               "#   L1 data             4 entries (2 sets x 2 ways); "
                               "reach 16 KiB in 4K pages\n"
                               "#   L1 data             8 entries (1 set x 8 ways); "
                               "reach 16 MiB in 2M pages, 8 GiB in 1G pages\n"
                               "#   L2                 64 entries (16 sets x 4 ways); "
                               "reach 256 KiB in 4K pages, 128 MiB in 2M pages\n"
                               "#   walk cache 1        3 entries\n"
                               "#   walk cache 2        4 entries\n"
                               "#   storage in all  "))
        << r.out;
    EXPECT_TRUE(has(r.out, " bits; `lockwalk config area` tells of what\n#   Cfg             417'h"))
        << r.out;
}

TEST(config, show_tells_of_protection_and_of_the_hypervisor_extension)
{
    run::Folder folder;
    const std::string section = "hypervisor:\n"
                                "  vmid_bits: 14\n"
                                "  tlb: {ways: 8, policy: plru}\n"
                                "  caches:\n"
                                "    - {level: 2, ways: 3, policy: fifo}\n";
    const run::Result r = run::lockwalk(
        "config show " + folder.file("guest.yaml", edited("ports:", "pmp: 16\nports:") + section));
    EXPECT_TRUE(has(r.out, "#   walk cache 2        4 entries\n"
                           "#   G-stage TLB         8 entries\n"
                           "#   G walk cache 2      3 entries\n"
                           "#   protection         16 entries\n"
                           "#   storage in all  "))
        << r.out << r.err;
}

TEST(config, show_json_has_the_hypervisor_section)
{
    const run::Result with = run::lockwalk("config show tiny --json"),
                      without = run::lockwalk("config show default --json");
    const Json shape = json(with.out), plain = json(without.out);
    json_t *hypervisor = json_object_get(shape.get(), "hypervisor");
    int vmid_bits, ways, level;
    const char *policy;
    ASSERT_EQ(json_unpack(hypervisor, "{s:i, s:{s:i, s:s}}", "vmid_bits", &vmid_bits, "tlb", "ways", &ways,
                          "policy", &policy),
              0);
    EXPECT_EQ(vmid_bits, 2);
    EXPECT_EQ(ways, 2);
    EXPECT_STREQ(policy, "plru");
    json_t *caches = json_object_get(hypervisor, "caches");
    ASSERT_EQ(json_array_size(caches), 2u);
    ASSERT_EQ(json_unpack(json_array_get(caches, 1), "{s:i, s:i, s:s}", "level", &level, "ways", &ways,
                          "policy", &policy),
              0);
    EXPECT_EQ(level, 2);
    EXPECT_EQ(ways, 1);
    EXPECT_STREQ(policy, "fifo");
    EXPECT_TRUE(json_is_null(json_object_get(plain.get(), "hypervisor")));
}

TEST(config, show_json_has_the_shape_and_what_follows)
{
    const run::Result r = run::lockwalk("config show tiny --json");
    ASSERT_EQ(r.status, 0) << r.err;
    const Json shape = json(r.out);
    const char *name, *hex, *level, *size;
    int asid_bits, misses_i, misses_d, walks, latency, bits, sets, ways, cache_level;
    json_int_t reach;
    json_t *arrays, *caches;
    ASSERT_EQ(json_unpack(shape.get(), "{s:s, s:i, s:{s:i, s:i}, s:i, s:i, s:o, s:o, s:{s:i, s:s}}", "name",
                          &name, "asid_bits", &asid_bits, "misses", "instruction", &misses_i, "data",
                          &misses_d, "walks", &walks, "l2_latency", &latency, "arrays", &arrays,
                          "walk_caches", &caches, "cfg", "bits", &bits, "hex", &hex),
              0);
    EXPECT_STREQ(name, "tiny");
    EXPECT_EQ(asid_bits, 4);
    EXPECT_EQ(misses_i + misses_d + walks, 6);
    EXPECT_EQ(latency, 1);
    EXPECT_EQ(bits, MMU_CFG_BITS);
    EXPECT_EQ(std::string(hex).size(), size_t{MMU_CFG_HEX_SIZE - 1});
    ASSERT_EQ(json_array_size(arrays), 4u);
    ASSERT_EQ(json_array_size(caches), 2u);
    json_t *l2 = json_array_get(arrays, 3), *page = json_array_get(json_object_get(l2, "pages"), 1);
    ASSERT_EQ(json_unpack(l2, "{s:s, s:i, s:i}", "level", &level, "sets", &sets, "ways", &ways), 0);
    ASSERT_EQ(json_unpack(page, "{s:s, s:I}", "size", &size, "reach_bytes", &reach), 0);
    EXPECT_STREQ(level, "L2");
    EXPECT_EQ(sets * ways, 4);
    EXPECT_STREQ(size, "2M");
    EXPECT_EQ(reach, 8 << 20);
    ASSERT_EQ(json_unpack(json_array_get(caches, 1), "{s:i}", "level", &cache_level), 0);
    EXPECT_EQ(cache_level, 2);
}

TEST(config, hex_is_the_packed_vector)
{
    const run::Result r = run::lockwalk("config hex default"), j = run::lockwalk("config hex default --json");
    mmu_cfg_t cfg, again;
    char hex[MMU_CFG_HEX_SIZE];
    ASSERT_TRUE(mmu_cfg_load("default", &cfg, nullptr, nullptr));
    mmu_cfg_to_hex(&cfg, hex);
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.out, std::to_string(MMU_CFG_BITS) + "'h" + hex + "\n");
    ASSERT_TRUE(
        mmu_cfg_from_hex(json_string_value(json_object_get(json(j.out).get(), "hex")), &again, nullptr));
    EXPECT_TRUE(mmu_cfg_equal(&cfg, &again));
}

TEST(config, check_tells_each_file_and_exits_2_where_one_is_bad)
{
    run::Folder folder;
    const std::string good = folder.file("good.yaml", valid_yaml);
    const std::string bad = folder.file("bad.yaml", edited("walks: 2", "walks: 9"));
    run::Result r = run::lockwalk("config check tiny " + good);
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.out, "tiny: valid\n" + good + ": valid\n");
    EXPECT_EQ(r.err, "");
    r = run::lockwalk("config check " + bad + " " + good);
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.out, good + ": valid\n");
    EXPECT_EQ(r.err, bad + ":18:10: error: walker.walks is 9; allowed: a whole number, 1 to 8\n");

    r = run::lockwalk("config check --json " + bad + " " + good);
    EXPECT_EQ(r.status, 2);
    const Json list = json(r.out);
    json_t *first = json_array_get(list.get(), 0), *second = json_array_get(list.get(), 1);
    EXPECT_TRUE(json_is_false(json_object_get(first, "valid")));
    EXPECT_EQ(json_array_size(json_object_get(first, "errors")), 1u);
    EXPECT_TRUE(json_is_true(json_object_get(second, "valid")));
    EXPECT_EQ(json_array_size(json_object_get(second, "errors")), 0u);
}

TEST(config, show_and_hex_refuse_a_bad_file)
{
    run::Folder folder;
    const std::string bad = folder.file("bad.yaml", edited("walks: 2", "walks: 9"));
    for (const char *action : {"show ", "hex ", "show --json ", "hex --json "}) {
        const run::Result r = run::lockwalk("config " + (action + bad));
        EXPECT_EQ(r.status, 2) << action;
        EXPECT_EQ(r.out, "") << action;
        EXPECT_TRUE(has(r.err, "walker.walks is 9")) << r.err;
    }
}

TEST(config, works_in_any_folder)
{
    const run::Result r = run::shell("cd / && '" LOCKWALK_BIN "' config hex tiny");
    EXPECT_EQ(r.status, 0) << r.err;
}

} // namespace
