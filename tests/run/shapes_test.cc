// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Skipping equals stepping on MMUs of random shapes with random traces, and where a run fails.
#include "../support/run.h"
#include "pair.hh"

#include <gtest/gtest.h>

#include <string>

namespace
{

// ---- random shapes ----

class Shape
{
  public:
    explicit Shape(unsigned seed) : random_(seed)
    {
    }
    unsigned below(unsigned n)
    {
        return static_cast<unsigned>(random_() % n);
    }

    mmu_cfg_t cfg()
    {
        static const char *const bases[] = {"default",     "tiny",      "tiny-policies", "skylake",
                                            "cva6",        "pml4",      "x86-32",        "guest",
                                            "associative", "directory", "inverted",      "segmented-paging"};
        for (;;) {
            mmu_cfg_t c = preset(bases[below(sizeof bases / sizeof bases[0])]);
            for (unsigned p = 0; p < MMU_PORTS; p++)
                c.misses[p] = static_cast<uint8_t>(1 + below(below(2) == 0 ? 2 : 8));
            c.walks = static_cast<uint8_t>(1 + below(below(2) == 0 ? 2 : 8));
            if (c.l2_latency != 0)
                c.l2_latency = static_cast<uint8_t>(1 + below(5));
            for (auto &level : c.array)
                for (mmu_cfg_array_t &a : level)
                    change(a);
            for (mmu_cfg_pwc_t &cache : c.pwc)
                if (below(3) == 0)
                    cache.ways = 0;
            if (mmu_cfg_check(&c, nullptr))
                return c;
        }
    }

    // Bursts: a few pages of code, data here and there, now and then an odd address.
    std::string trace(unsigned accesses)
    {
        const unsigned pages = 1 + below(300);
        std::string text;
        char line[64];
        uint64_t pc = 0x10000;

        while (accesses != 0) {
            const unsigned burst = 1 + below(40), kind = below(4);
            const uint64_t base = 0x400000 + uint64_t{below(pages)} * 0x1000 + below(0x1000);
            for (unsigned n = 0; n < burst && accesses != 0; n++, accesses--) {
                if (kind == 0 || below(3) != 0) {
                    snprintf(line, sizeof line, "I %llx,%u\n", static_cast<unsigned long long>(pc),
                             1 + below(8));
                    pc += below(9);
                    if (below(50) == 0)
                        pc = 0x10000 + uint64_t{below(pages)} * 0x1000 + below(0x1000);
                } else {
                    const uint64_t va = kind == 1 ? base
                                        : kind == 2
                                            ? base + uint64_t{n} * 64
                                            : 0x400000 + uint64_t{below(pages)} * 0x1000 + below(0x1000);
                    snprintf(line, sizeof line, "%c %llx,%u\n", below(3) == 0 ? 'S' : 'L',
                             static_cast<unsigned long long>(va), 1 + below(below(20) == 0 ? 4096 : 16));
                }
                text += line;
            }
        }
        return text;
    }

    SetOptions setup(const mmu_cfg_t &cfg)
    {
        mmu_env_options_t o = {};
        mmu_run_options_t r = {};
        o.mem_latency_min = 1 + below(below(2) == 0 ? 3 : 150);
        o.mem_latency_max = o.mem_latency_min + below(below(2) == 0 ? 1 : 60);
        o.mem_stall_percent = below(2) * below(80);
        o.seed = below(1000);
        o.cycles = below(3) == 0 ? 1 + below(20000) : 0;
        o.svade = below(3) == 0 && (cfg.formats & (1u << MMU_FORMAT_X86)) == 0;
        if ((cfg.formats & 3u) != 0)
            o.huge = static_cast<mmu_huge_e>(below(4));
        r.warmup = below(2) * below(5000);
        r.window = below(2) * (1 + below(500));
        return [=](mmu_env_options_t &env, mmu_run_options_t &run) {
            const char *const trace = env.trace;
            env = o;
            env.trace = trace;
            env.unjudged = true;
            run = r;
        };
    }

  private:
    std::mt19937 random_;

    void change(mmu_cfg_array_t &a)
    {
        if (a.ways == 0)
            return;
        if (below(8) == 0) {
            a = {};
            return;
        }
        if (below(2) == 0)
            a.ways = static_cast<uint8_t>(1u << below(4));
        if (below(3) == 0)
            a.sets_log2 = static_cast<uint8_t>(below(4));
        if (below(2) == 0)
            a.policy = static_cast<uint8_t>(below(5));
    }
};

class RunShapes : public testing::TestWithParam<unsigned>
{
};

TEST_P(RunShapes, skipping_equals_stepping)
{
    run::Folder folder;
    for (unsigned n = 0; n < 5; n++) {
        Shape shape(100 * GetParam() + n);
        const mmu_cfg_t cfg = shape.cfg();
        const std::string trace = folder.file("t", shape.trace(4000));
        const SetOptions setup = shape.setup(cfg);
        SCOPED_TRACE(100 * GetParam() + n);
        Runner fast(cfg, trace, true, setup), stepped(cfg, trace, false, setup);
        EXPECT_EQ(compare(fast, stepped, 20), "");
        Runner switched(cfg, trace, true, setup), again(cfg, trace, false, setup);
        Switch change(switched);
        EXPECT_EQ(compare(switched, again, 20, std::ref(change)), "");
        change.done(switched.run);
    }
}

INSTANTIATE_TEST_SUITE_P(, RunShapes, testing::Range(0u, 12u));

// ---- runs that fail do so in the same clock, with the same words and in the same state ----

struct Failing {
    const char *name, *preset, *end; // of the trace, after 3,000 good accesses
    SetOptions setup;
    const char *sentence;
};

class RunFails : public testing::TestWithParam<Failing>
{
};

TEST_P(RunFails, in_the_same_clock_and_state)
{
    const Failing &f = GetParam();
    run::Folder folder;
    // The failure comes at every place in a block of accesses, and near its end.
    for (unsigned more :
         {0u, 1u, 2u, 3u, 4u, 5u, 90u, 1017u, 1018u, 1019u, 1020u, 1021u, 1022u, 1023u, 1024u}) {
        std::string text;
        for (unsigned n = 0; n < 1500 + more / 2; n++)
            text += "I 1000,4\nL 2ff8,16\n";
        if (more % 2 != 0)
            text += "I 1ffe,4\n";
        const std::string trace = folder.file("t", text + f.end);
        Runner fast(preset(f.preset), trace, true, f.setup), stepped(preset(f.preset), trace, false, f.setup);
        SCOPED_TRACE(more);
        EXPECT_EQ(compare(fast, stepped, 50), "");
        EXPECT_NE(fast.failure().find(f.sentence), std::string::npos) << fast.failure();
        EXPECT_LT(fast.run->result.stepped, fast.clock() - 1000);
    }
}

std::string many_regions()
{
    std::string text;
    for (unsigned n = 0; n < 1030; n++)
        text += "L " + std::to_string(n) + "400000,4\n"; // hexadecimal: 4 MiB apart at least
    return text;
}

const std::string regions = many_regions();

INSTANTIATE_TEST_SUITE_P(
    , RunFails,
    testing::Values(
        Failing{"broken", "default", "I 1004,4\nfrob\nI 1004,4\n", {}, "found 'frob'"},
        Failing{"broken_after_data", "default", "I 1004,4\nL 2000,4\nL 2000,4\nfrob\n", {}, "found 'frob'"},
        Failing{"another_process",
                "default",
                "I 1004,4\nL 2000,4\nP 1\nI 1004,4\n",
                {},
                "of another process than those before"},
        Failing{"no_frame", "default", "L 5000,4\nL 6000,4\nL 7000,4\n",
                [](mmu_env_options_t &env, mmu_run_options_t &) { env.ram_size = 7 * 4096; },
                "no frame is left"},
        Failing{"no_region", "associative", regions.c_str(), {}, "no more addresses"},
        Failing{"watchdog", "default", "L 5000,4\nL 6000,4\n",
                [](mmu_env_options_t &env, mmu_run_options_t &) {
                    env.watchdog = 99;
                    env.mem_latency_min = env.mem_latency_max = 40;
                    env.mem_stall_percent = 90;
                    env.seed = 3;
                },
                "no progress for 99 clocks"}),
    [](const auto &p) { return std::string(p.param.name); });

} // namespace
