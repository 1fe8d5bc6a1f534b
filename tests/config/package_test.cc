// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// rtl/mmu_cfg_pkg.sv: generated, fresh, and read alike by Verilator, Yosys and C (CFG-1).
#include "lockwalk/mmu_config.h"
#include "support/run.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace
{

const std::string source = LOCKWALK_SOURCE_DIR;

TEST(package, the_file_in_the_tree_is_what_the_generator_prints)
{
    const run::Result r = run::shell("'" LOCKWALK_BUILD_DIR "/mmu-cfg-gen'");
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out, run::read_file(source + "/rtl/mmu_cfg_pkg.sv"))
        << "cmake --build build --target mmu-cfg-pkg writes it anew";
}

// Each accessor's call and the value that C says.
std::string call(const mmu_cfg_field_t *f, unsigned i)
{
    const std::string name = f->name;
    switch (f->in) {
    case MMU_CFG_IN_PORT:
        return "cfg_" + name + "(Cfg, " + std::to_string(i) + ")";
    case MMU_CFG_IN_ARRAY:
        return "cfg_array_" + name + "(Cfg, " + std::to_string(i / MMU_ARRAYS) + ", " +
               std::to_string(i % MMU_ARRAYS) + ")";
    case MMU_CFG_IN_PWC:
        return "cfg_pwc_" + name + "(Cfg, " + std::to_string(i) + ")";
    case MMU_CFG_IN_GPWC:
        return "cfg_gpwc_" + name + "(Cfg, " + std::to_string(i) + ")";
    default:
        return "cfg_" + name + "(Cfg)";
    }
}

// A module that elaborates only where every accessor agrees with `cfg`; `wrong` names one to be told wrongly.
std::string probe(const mmu_cfg_t &cfg, const std::string &wrong)
{
    std::string text =
        "module cfg_probe #(parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault)\n"
        "  (output logic good_o);\n"
        "  assign good_o = 1'b1;\n"
        "  if (mmu_cfg_pkg::CfgW != " +
        std::to_string(MMU_CFG_BITS) + ") begin : g_width\n    $fatal(1, \"width\");\n  end\n";
    unsigned label = 0;
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++)
        for (unsigned i = 0; i < mmu_cfg_field(n)->count; i++) {
            const std::string name = call(mmu_cfg_field(n), i), at = std::to_string(label++);
            const unsigned value = mmu_cfg_get(&cfg, mmu_cfg_field(n), i) + (name == wrong ? 1u : 0u);
            text += "  localparam int unsigned V" + at + " = mmu_cfg_pkg::" + name + ";\n  if (V" + at +
                    " != " + std::to_string(value) + ") begin : g_" + at + "\n    $fatal(1, \"" + name +
                    "\");\n  end\n";
        }
    return text + "endmodule\n";
}

class Tools : public testing::TestWithParam<const char *>
{
  protected:
    run::Result elaborate(const char *preset, const std::string &wrong)
    {
        mmu_cfg_t cfg;
        char hex[MMU_CFG_HEX_SIZE];
        EXPECT_TRUE(mmu_cfg_load(preset, &cfg, nullptr, nullptr));
        mmu_cfg_to_hex(&cfg, hex);
        run::Folder folder;
        const std::string vector = std::to_string(MMU_CFG_BITS) + "'h" + hex;
        const std::string files =
            source + "/rtl/mmu_cfg_pkg.sv " + folder.file("cfg_probe.sv", probe(cfg, wrong));
        if (std::string(GetParam()) == "verilator")
            return run::shell("verilator --lint-only -Wall -Wno-UNUSEDPARAM --top-module cfg_probe \"-GCfg=" +
                              vector + "\" " + files);
        return run::shell("yosys -q -p \"read_verilog -sv -defer " + files + "; chparam -set Cfg " + vector +
                          " cfg_probe; hierarchy -check -top cfg_probe; proc\"");
    }
};

TEST_P(Tools, read_each_field_as_c_does)
{
    for (const char *preset : {"default", "tiny", "vectors-riscv"}) {
        const run::Result r = elaborate(preset, "");
        EXPECT_EQ(r.status, 0) << preset << "\n" << r.out << r.err;
        EXPECT_EQ(r.err, "") << preset;
    }
}

TEST_P(Tools, would_tell_a_difference)
{
    for (const char *name :
         {"cfg_version(Cfg)", "cfg_misses(Cfg, 1)", "cfg_pmp_entries(Cfg)", "cfg_array_pages(Cfg, 2, 0)",
          "cfg_array_policy(Cfg, 2, 2)", "cfg_pwc_ways(Cfg, 3)", "cfg_pwc_policy(Cfg, 3)",
          "cfg_hypervisor(Cfg)", "cfg_vmid_bits(Cfg)", "cfg_gtlb_ways(Cfg)", "cfg_gtlb_policy(Cfg)",
          "cfg_gpwc_ways(Cfg, 0)", "cfg_gpwc_ways(Cfg, 3)", "cfg_gpwc_policy(Cfg, 3)"}) {
        const run::Result r = elaborate("default", name);
        EXPECT_NE(r.status, 0) << name;
        // Both tools name the line of the $fatal that stopped them.
        mmu_cfg_t cfg;
        ASSERT_TRUE(mmu_cfg_load("default", &cfg, nullptr, nullptr));
        const std::string text = probe(cfg, name);
        const size_t at = text.find("$fatal(1, \"" + std::string(name));
        ASSERT_NE(at, std::string::npos);
        const std::string place =
            "cfg_probe.sv:" +
            std::to_string(1 +
                           std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
            ":";
        EXPECT_NE((r.out + r.err).find(place), std::string::npos) << place << "\n" << r.out << r.err;
    }
}

INSTANTIATE_TEST_SUITE_P(package, Tools, testing::Values("verilator", "yosys"),
                         [](const auto &i) { return std::string(i.param); });

} // namespace
