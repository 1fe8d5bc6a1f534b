// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The weights: each has an effect, each may be 0 and at its most, and mistakes are told.
#include "random_bench.h"

#include <map>
#include <sstream>

namespace
{

constexpr uint64_t CLOCKS = 20000;

// Of an MMU in which it counts.
const char *preset_of(const std::string &weight)
{
    static const std::map<std::string, const char *> ones = {
        {"slow.hadue", "guest"},       {"slow.hpbmte", "guest"},      {"fence.gpa", "guest"},
        {"fence.vmid", "guest"},       {"fence.kind_s", "guest"},     {"fence.kind_vv", "guest"},
        {"fence.kind_g", "guest"},     {"fence.posted", "guest"},     {"fence.posted_most", "guest"},
        {"fence.at_vs_read", "guest"}, {"fence.at_g_read", "guest"},  {"fence.at_update", "guest"},
        {"write.guest", "guest"},      {"row.down", "segmentation"},  {"row.edge", "segmentation"},
        {"row.rows", "inverted"},      {"row.linear", "inverted"},    {"row.unused", "inverted"},
        {"row.broken", "inverted"},    {"acc.append", "associative"}, {"acc.load_x", "associative"}};
    static const std::map<std::string, const char *> groups = {
        {"vsmode", "guest"}, {"gmode", "guest"}, {"virt", "guest"},      {"gleaf", "guest"},
        {"window", "guest"}, {"gpa", "guest"},   {"x86", "vectors-x86"}, {"row", "associative"}};
    if (ones.count(weight) != 0)
        return ones.at(weight);
    const std::string group = weight.substr(0, weight.find('.'));
    return groups.count(group) != 0 ? groups.at(group) : "tiny";
}

std::string hash_with(const std::string &preset, const std::vector<std::string> &settings,
                      mmu_env_fail_e *failed, std::string *failure)
{
    std::vector<const char *> weights;
    for (const std::string &s : settings)
        weights.push_back(s.c_str());
    mmu_env_options_t opt = {};
    opt.pmp_entries = 16;
    opt.random.hypervisor = preset == "guest";
    // Judged runs of the other formats: random_formats_test.cc.
    opt.unjudged = preset != "guest" && preset != "tiny";
    if (opt.unjudged)
        opt.pmp_entries = 0;
    RandomBench b(4, weights, opt.random.hypervisor ? "tiny" : preset.c_str(), opt);
    b.play(opt.random.hypervisor ? CLOCKS / 2 : CLOCKS);
    *failed = b.failed();
    *failure = std::to_string(b.clock) + ": " + b.failure();
    return b.hash();
}

class RandomWeight : public testing::TestWithParam<unsigned>
{
};

// A weight that has no effect in this test would be one that nothing reads.
TEST_P(RandomWeight, has_an_effect_and_any_value_is_good)
{
    const mmu_random_weight_t *w = mmu_random_weight(GetParam());
    const std::string name = w->name;
    // Two modes, so that a share of one matters; phases of one length, whatever their limits.
    std::vector<std::string> common = {"mode.sv48=100", "phase.min=900", "slow.drain=30",
                                       "leaf.global_wild=1"};
    if (name == "reset.length")
        common.push_back("reset.rate=200");
    if (name == "phase.min" || name == "phase.max")
        common[1] = name == "phase.min" ? "phase.max=1000000" : "phase.min=1";
    mmu_env_fail_e failed;
    std::string failure;
    std::string plain = hash_with(preset_of(name), common, &failed, &failure);
    EXPECT_EQ(failed, MMU_ENV_OK) << failure;
    bool differs = false;
    for (int32_t value : {w->min, w->max}) {
        std::vector<std::string> settings = common;
        settings.push_back(name + "=" + std::to_string(value));
        std::string other = hash_with(preset_of(name), settings, &failed, &failure);
        EXPECT_EQ(failed, MMU_ENV_OK) << settings.back() << ": " << failure;
        differs = differs || other != plain;
    }
    EXPECT_TRUE(differs);
}

unsigned weights()
{
    unsigned n = 0;
    while (mmu_random_weight(n) != nullptr)
        n++;
    return n;
}

std::string weight_name(const testing::TestParamInfo<unsigned> &one)
{
    std::string name = mmu_random_weight(one.param)->name;
    name[name.find('.')] = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, RandomWeight, testing::Range(0u, weights()), weight_name);

// ---- what some of them do -----------------------------------------------------------------------

struct Effect {
    const char *name;
    std::vector<const char *> settings;
    std::function<void(RandomBench &)> check;
};

void PrintTo(const Effect &effect, std::ostream *to)
{
    *to << effect.name;
}

class RandomEffect : public testing::TestWithParam<Effect>
{
};

TEST_P(RandomEffect, is_seen)
{
    RandomBench b(6, GetParam().settings);
    ASSERT_NE(b.env, nullptr) << b.error;
    b.play(CLOCKS);
    EXPECT_EQ(b.failed(), MMU_ENV_OK) << b.clock << ": " << b.failure();
    GetParam().check(b);
}

const std::vector<Effect> effects = {
    {"no_kills",
     {"kill.rate=0", "kill.aim=0", "kill.at_swap=0", "reset.rate=0"},
     [](RandomBench &b) { EXPECT_EQ(b.stats().killed[0] + b.stats().killed[1], 0u); }},
    {"kills_in_every_clock",
     {"kill.rate=1000", "phase.vary=0"},
     [](RandomBench &b) { EXPECT_EQ(b.stats().answered[0] + b.stats().faults[1], 0u); }},
    {"no_fences",
     {"fence.rate=0", "fence.aim=0", "fence.at_response=0", "fence.at_swap=0", "remap.rate=0",
      "write.fence=0", "slow.drain=0", "world.rebuild=0", "ctx.rebind=0"},
     [](RandomBench &b) { EXPECT_EQ(b.stats().events[MMU_EV_FENCE], 0u); }},
    {"fences_of_one_form",
     {"fence.all=0", "fence.asid=0", "fence.va=0", "fence.rate=50", "write.fence=0", "slow.drain=0",
      "world.rebuild=0", "remap.leaf=100", "remap.rate=0", "ctx.rebind=0"},
     [](RandomBench &b) {
         EXPECT_EQ(b.sum("fence_all") + b.sum("fence_va") + b.sum("fence_asid"), 0);
         EXPECT_GT(b.sum("fence_va_asid"), 100);
     }},
    {"errors_always",
     {"answer.error=1000", "phase.vary=0"},
     [](RandomBench &b) {
         EXPECT_EQ(b.stats().events[MMU_EV_WALK_LEAF], 0u);
         EXPECT_EQ(b.stats().mem_errors, b.stats().mem_reads);
     }},
    {"errors_never",
     {"answer.error=0", "entry.pointer_out=0"},
     [](RandomBench &b) { EXPECT_EQ(b.stats().mem_errors, 0u); }},
    {"one_address_space",
     {"space.count=1"},
     [](RandomBench &b) {
         std::map<uint16_t, int> asids;
         b.look = [&](const mmu_in_t &in, const mmu_out_t &, const mmu_in_t &) { asids[in.ctx[1].asid]++; };
         b.play(10000);
         EXPECT_LE(asids.size(), 4u); /* a drain may give it another number */
     }},
    {"svade", {"slow.adue=0"}, [](RandomBench &b) { EXPECT_EQ(b.stats().mem_cas, 0u); }},
    {"svadu", {"slow.adue=100"}, [](RandomBench &b) { EXPECT_GT(b.stats().mem_cas, 20u); }},
    {"lost_swaps",
     {"slow.adue=100", "write.race=100", "write.versions=7", "phase.vary=0", "leaf.accessed=0"},
     [](RandomBench &b) { EXPECT_GT(b.stats().mem_cas_failed * 3, b.stats().mem_cas); }},
    {"user_only",
     {"priv.s=0", "priv.m=0", "va.fit=0"},
     [](RandomBench &b) {
         EXPECT_EQ(b.count("privileges", "s") + b.count("privileges", "m"), 0);
         EXPECT_GT(b.count("privileges", "u"), 1000);
     }},
    {"no_stores", {"acc.store=0"}, [](RandomBench &b) { EXPECT_EQ(b.count("accesses", "store"), 0); }},
    {"all_stores",
     {"acc.store=100", "va.fit=0"},
     [](RandomBench &b) { EXPECT_EQ(b.count("accesses", "load"), 0); }},
    {"never_bare",
     {"ctx.bare=0", "priv.m=0"},
     [](RandomBench &b) { EXPECT_EQ(b.count("answers_i", "bare") + b.count("answers_d", "bare"), 0); }},
    {"no_superpages",
     {"entry.super=0", "entry.pbmt=0", "entry.napot=0"},
     [](RandomBench &b) {
         EXPECT_EQ(b.count("answers_d", "2M") + b.count("answers_d", "1G") + b.count("answers_d", "64K"), 0);
         EXPECT_GT(b.count("answers_d", "4K"), 500);
     }},
    {"only_good_entries",
     {"world.clean=100", "write.rate=0", "remap.rate=0", "write.race=0"},
     [](RandomBench &b) {
         for (const char *bad : {"pointer0", "zero", "invalid", "reserved", "w_without_r", "misaligned",
                                 "pointer_bits", "pointer_out", "loop", "napot_bad", "pbmt_reserved"})
             EXPECT_EQ(b.count("entries", bad), 0) << bad;
     }},
    {"slow_memory",
     {"answer.one=0", "answer.soon=0", "answer.max=1000"},
     [](RandomBench &b) { EXPECT_LT(b.stats().mem_reads, CLOCKS / 9 * 2); }},
    {"few_requests",
     {"port.outstanding=1"},
     [](RandomBench &b) {
         EXPECT_EQ(b.stats().events[MMU_EV_STALL_I], 0u);
         EXPECT_GT(b.stats().accepted[0], 200u);
     }},
    {"gaps",
     {"port.steady=0", "port.burst=0"},
     [](RandomBench &b) { EXPECT_LT(b.stats().accepted[0], 500u); }},
    {"one_hit_a_clock",
     {"port.gap=0", "port.steady=1", "port.burst=1000", "port.length=1000", "phase.vary=0", "ctx.change=0",
      "ctx.sum=0", "ctx.mxr=0", "fence.rate=0", "kill.rate=0", "write.rate=0", "remap.rate=0", "slow.drain=0",
      "world.rebuild=0", "priv.change=0", "va.pages=2"},
     [](RandomBench &b) {
         EXPECT_GT(b.stats().events[MMU_EV_L1_HIT_I] + b.stats().events[MMU_EV_L1_HIT_D], CLOCKS);
     }},
    {"five_levels",
     {"mode.sv32=0", "mode.sv39=0", "mode.sv48=0"},
     [](RandomBench &b) { EXPECT_GT(b.count("answers_d", "256T") + b.count("answers_d", "512G"), 10); }},
    {"four_byte_entries",
     {"mode.sv39=0", "mode.sv48=0", "mode.sv57=0"},
     [](RandomBench &b) {
         EXPECT_GT(b.count("answers_d", "4M"), 10);
         EXPECT_EQ(b.count("answers_d", "2M"), 0);
     }},
};

INSTANTIATE_TEST_SUITE_P(Some, RandomEffect, testing::ValuesIn(effects),
                         [](const auto &one) { return std::string(one.param.name); });

// ---- profiles and documents ---------------------------------------------------------------------

TEST(RandomProfiles, all_load_and_differ)
{
    std::map<std::string, std::string> seen;
    for (unsigned i = 0; mmu_random_profile(i) != nullptr; i++) {
        mmu_env_options_t opt = {};
        opt.random.profile = mmu_random_profile(i)->name;
        RandomBench b(1, {}, "tiny", opt);
        ASSERT_NE(b.env, nullptr) << b.error;
        b.play(3000);
        EXPECT_TRUE(seen.insert({b.hash(), opt.random.profile}).second) << opt.random.profile;
    }
    EXPECT_GE(seen.size(), 9u);
}

TEST(RandomWeights, documented_as_they_are)
{
    const std::string text = run::read_file(std::string(LOCKWALK_SOURCE_DIR) + "/docs/stimulus.md");
    for (unsigned i = 0; mmu_random_weight(i) != nullptr; i++) {
        const mmu_random_weight_t *w = mmu_random_weight(i);
        std::ostringstream row;
        row << "| `" << w->name << "` | " << w->def << (w->phase ? " *" : "") << " | " << w->min << ".."
            << w->max << " | " << w->text << " |\n";
        EXPECT_NE(text.find(row.str()), std::string::npos) << row.str();
    }
    for (unsigned i = 0; mmu_random_profile(i) != nullptr; i++) {
        const mmu_random_profile_t *p = mmu_random_profile(i);
        std::string row = std::string("| `") + p->name + "` | " + p->text + " |\n";
        EXPECT_NE(text.find(row), std::string::npos) << row;
    }
}

TEST(RandomWeights, are_listed)
{
    const run::Result r = run::lockwalk("run --list-weights");
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_NE(
        r.out.find("  fence.rate               3      0..1000    * fences at any time, per 1000 clocks\n"),
        std::string::npos)
        << r.out;
    EXPECT_NE(r.out.find("  storm      everything at once\n"), std::string::npos);
}

// ---- order and mistakes -------------------------------------------------------------------------

std::string hash_of(const char *profile, const std::string &file, std::vector<const char *> weights)
{
    mmu_env_options_t opt = {};
    opt.random.profile = profile;
    opt.random.weights_file = file.empty() ? nullptr : file.c_str();
    RandomBench b(1, weights, "tiny", opt);
    EXPECT_NE(b.env, nullptr) << b.error;
    return b.play(2000).hash();
}

TEST(RandomWeights, of_a_file_and_single_ones_are_the_same)
{
    run::Folder folder;
    const std::string nested = folder.file("a.yaml", "fence: {rate: 77, range: 3}\nmode:\n  sv48: 9\n");
    const std::string flat = folder.file("b.yaml", "fence.rate: 77\nfence.range: 3\nmode.sv48: 9\n");
    const std::string expected = hash_of(nullptr, "", {"fence.rate=77", "fence.range=3", "mode.sv48=9"});
    EXPECT_EQ(hash_of(nullptr, nested, {}), expected);
    EXPECT_EQ(hash_of(nullptr, flat, {}), expected);
    EXPECT_EQ(hash_of(nullptr, folder.file("c.yaml", ""), {}), hash_of(nullptr, "", {}));
}

TEST(RandomWeights, later_ones_win)
{
    run::Folder folder;
    const std::string file = folder.file("a.yaml", "priv.m: 77\n");
    EXPECT_NE(hash_of(nullptr, file, {}), hash_of(nullptr, "", {}));
    EXPECT_EQ(hash_of(nullptr, file, {"priv.m=1", "priv.m=4"}), hash_of(nullptr, "", {}));
    EXPECT_NE(hash_of("storm", file, {}), hash_of("storm", "", {}));
    EXPECT_EQ(hash_of("storm", file, {"priv.m=4"}), hash_of("storm", "", {}));
}

struct BadFile {
    const char *name, *text, *error;
};

void PrintTo(const BadFile &bad, std::ostream *to)
{
    *to << bad.text;
}

class RandomWeightFiles : public testing::TestWithParam<BadFile>
{
};

TEST_P(RandomWeightFiles, are_refused)
{
    run::Folder folder;
    const std::string file = folder.file("w.yaml", GetParam().text);
    mmu_env_options_t opt = {};
    opt.random.weights_file = file.c_str();
    RandomBench b(1, {}, "tiny", opt);
    EXPECT_EQ(b.env, nullptr);
    std::string error = b.error;
    if (error.find(file) == 0)
        error.replace(0, file.size(), "w.yaml");
    EXPECT_EQ(error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Golden, RandomWeightFiles,
    testing::Values(
        BadFile{"unknown_weight", "fence:\n  rate: 1\n  ragne: 3\n",
                "w.yaml:3:3: error: 'fence.ragne' is not a weight; did you mean 'fence.range'?"},
        BadFile{"unknown_group", "wind: {rate: 1}\n",
                "w.yaml:1:8: error: 'wind.rate' is not a weight; did you mean 'write.rate'?"},
        BadFile{"far_from_all", "zzzzzzzzzz: 1\n",
                "w.yaml:1:1: error: 'zzzzzzzzzz' is not a weight; see --list-weights"},
        BadFile{"too_large", "fence: {rate: 1001}\n",
                "w.yaml:1:15: error: fence.rate is '1001'; allowed: 0 to 1000"},
        BadFile{"negative", "fence: {rate: -1}\n",
                "w.yaml:1:15: error: fence.rate is '-1'; allowed: 0 to 1000"},
        BadFile{"huge", "fence: {rate: 99999999999999999999}\n",
                "w.yaml:1:15: error: fence.rate is '99999999999999999999'; allowed: 0 to 1000"},
        BadFile{"no_number", "fence: {rate: often}\n",
                "w.yaml:1:15: error: fence.rate is 'often'; allowed: 0 to 1000"},
        BadFile{"list", "fence: {rate: [1, 2]}\n",
                "w.yaml:1:15: error: fence.rate is a list; allowed: 0 to 1000"},
        BadFile{
            "not_a_mapping", "- fence\n",
            "w.yaml:1:1: error: the file is a list; allowed: groups of weights, for instance 'fence: {rate: "
            "20}'"},
        BadFile{"group_without_weights", "fence: 3\n",
                "w.yaml:1:1: error: 'fence' is not a weight; see --list-weights"},
        BadFile{"no_yaml", "fence: {rate: 1\n", "w.yaml:2:1: error: did not find expected ',' or '}'"},
        BadFile{"no_mode", "mode: {sv32: 0, sv39: 0, sv48: 0, sv57: 0}\n",
                "mode.sv32, mode.sv39, mode.sv48 and mode.sv57 are all 0; at least one must not be"},
        BadFile{"phases", "phase: {min: 10, max: 9}\n", "phase.max is 9; allowed: at least phase.min, 10"}),
    [](const auto &one) { return std::string(one.param.name); });

TEST(RandomWeights, mistakes_on_the_command_line_are_told)
{
    auto error = [](const std::string &arguments) {
        const run::Result r = run::lockwalk("run --random 1 --cycles 10 " + arguments);
        EXPECT_EQ(r.status, 2);
        return r.err.substr(0, r.err.find('\n'));
    };
    EXPECT_EQ(error("--weight fence.raet=3"),
              "lockwalk run: --weight: 'fence.raet' is not a weight; did you mean 'fence.rate'?");
    EXPECT_EQ(error("--weight fence.rate=x"),
              "lockwalk run: --weight: fence.rate is 'x'; allowed: 0 to 1000");
    EXPECT_EQ(error("--weight fence.rate"),
              "lockwalk run: --weight: 'fence.rate'; expected NAME=VALUE, for instance fence.rate=20");
    EXPECT_EQ(error("--profile strom"),
              "lockwalk run: --profile: 'strom' is not a profile; did you mean 'storm'?");
    EXPECT_EQ(error("--weights /nowhere/w"),
              "lockwalk run: cannot open '/nowhere/w': No such file or directory");
    EXPECT_EQ(error("--replay x"), "lockwalk run: --replay: only one of --trace, --random and --replay");
}

TEST(RandomWeights, small_ram_is_told)
{
    mmu_env_options_t opt = {};
    opt.ram_base = 0x80000000;
    opt.ram_size = 0x1000;
    RandomBench b(1, {"mode.sv32=0"}, "tiny", opt);
    EXPECT_EQ(b.error,
              "RAM 0x80000000:0x1000: mode.sv39 needs 2 MiB of RAM below 0x100000000000000 for page tables");
}

} // namespace
