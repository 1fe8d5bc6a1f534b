// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// lockwalk run: the cycle model with the environment, as a user calls it; and the environment's options.
#include "../support/run.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <memory>
#include <string>

namespace
{

const std::string TREE = std::string("'") + LOCKWALK_SOURCE_DIR + "/traces/tree.trc.zst' ";
const std::string PERL = std::string("'") + LOCKWALK_SOURCE_DIR + "/traces/perl.trc.zst' ";

// A number of the JSON that `lockwalk run --json` prints: "counts.l1_hits.data".
class Json
{
  public:
    explicit Json(const std::string &arguments)
    {
        const run::Result r = run::lockwalk("run --json " + arguments);
        status = r.status;
        error = r.err;
        root_.reset(json_loads(r.out.c_str(), 0, nullptr));
    }
    int status;
    std::string error;
    const json_t *at(std::string path) const
    {
        const json_t *j = root_.get();
        for (size_t dot; !path.empty(); path.erase(0, dot == std::string::npos ? path.size() : dot + 1)) {
            dot = path.find('.');
            j = json_object_get(j, path.substr(0, dot).c_str());
        }
        return j;
    }
    long long number(const std::string &path) const
    {
        const json_t *j = at("counts." + path);
        EXPECT_TRUE(json_is_integer(j)) << path;
        return json_integer_value(j);
    }
    std::string text(const std::string &path) const
    {
        const char *t = json_string_value(at(path));
        return t == nullptr ? "" : t;
    }

  private:
    struct Free {
        void operator()(json_t *j) const
        {
            json_decref(j);
        }
    };
    std::unique_ptr<json_t, Free> root_;
};

// What must hold in any good run of a trace on the cycle model.
void check_sums(const Json &j)
{
    ASSERT_EQ(j.status, 0) << j.error;
    EXPECT_EQ(j.text("verdict"), "good");
    for (const char *port : {"instruction", "data"}) {
        const std::string p = port, end = p == "data" ? "_d" : "_i";
        // Each accepted request is a hit or a miss, each ends with a PA or a fault, and each fault is retried.
        EXPECT_EQ(j.number("events.accept" + end), j.number("accesses." + p) + j.number("faults." + p));
        EXPECT_EQ(j.number("l1_hits." + p) + j.number("l1_misses." + p), j.number("events.accept" + end));
    }
    EXPECT_EQ(j.number("retries"), j.number("faults.instruction") + j.number("faults.data"));
    EXPECT_EQ(j.number("memory_reads"), j.number("events.mem_read"));
    EXPECT_EQ(j.number("compare_and_swaps"), j.number("events.mem_cas"));
    EXPECT_EQ(j.number("walks"), j.number("events.walk_leaf") + j.number("events.walk_fault"));
}

class RunPages : public testing::TestWithParam<const char *>
{
};

TEST_P(RunPages, every_policy_runs_clean_on_every_preset)
{
    for (const char *config : {"tiny", "default"})
        for (const char *svade : {"", "--svade "}) {
            const Json j(TREE + "--cycles 100000 --mem-latency 1..20 --mem-stall 20 --config " + config +
                         " " + svade + "--huge-pages " + GetParam());
            SCOPED_TRACE(std::string(config) + svade);
            ASSERT_EQ(j.status, 0) << j.error;
            EXPECT_EQ(j.number("clocks"), 100000);
            EXPECT_GT(j.number("accesses.data"), 0);
        }
}

INSTANTIATE_TEST_SUITE_P(, RunPages, testing::Values("never", "2m", "1g", "mixed"),
                         [](const auto &p) { return std::string("pages_") + p.param; });

TEST(Run, a_whole_trace_adds_up)
{
    const Json j(TREE);
    check_sums(j);
    EXPECT_EQ(j.number("accesses.instruction"), 248594); // as `trace info` counts
    EXPECT_EQ(j.number("accesses.data"), 48894 + 2512);
    EXPECT_EQ(j.number("pages_mapped.4k"), 447);
    EXPECT_EQ(j.text("config"), "default");
    EXPECT_NE(j.text("stimulus").find("tree.trc.zst, 4 KiB pages, Svadu"), std::string::npos);
}

TEST(Run, accesses_that_cross_a_page_count_twice)
{
    const Json j(PERL);
    check_sums(j);
    EXPECT_EQ(j.number("accesses.instruction") + j.number("accesses.data"), 600000 + 552);
    EXPECT_EQ(j.number("pages_mapped.4k"), 387);
}

TEST(Run, mixed_pages_map_all_three_sizes_of_a_real_program)
{
    const Json j(PERL + "--huge-pages mixed");
    check_sums(j);
    EXPECT_GT(j.number("pages_mapped.4k"), 100);
    EXPECT_GT(j.number("pages_mapped.2m"), 1);
    EXPECT_GT(j.number("pages_mapped.1g"), 0);
}

TEST(Run, svade_has_no_compare_and_swap_and_svadu_has)
{
    const Json svade(TREE + "--svade"), svadu(TREE);
    check_sums(svade);
    EXPECT_EQ(svade.number("compare_and_swaps"), 0);
    EXPECT_GT(svade.number("ad_set_by_pager"), 0);
    EXPECT_GT(svadu.number("compare_and_swaps"), 0);
    EXPECT_EQ(svadu.number("ad_set_by_pager"), 0);
}

TEST(Run, a_slow_memory_costs_clocks_and_changes_no_access)
{
    const Json fast(TREE), slow(TREE + "--mem-latency 50");
    check_sums(slow);
    EXPECT_EQ(fast.number("accesses.data"), slow.number("accesses.data"));
    EXPECT_GT(slow.number("clocks"), fast.number("clocks") + 10000);
}

TEST(Run, the_same_seed_is_the_same_run_and_another_is_another)
{
    const std::string how = TREE + "--cycles 50000 --mem-latency 1..40 --seed ";
    const run::Result a = run::lockwalk("run --json " + how + "1"),
                      b = run::lockwalk("run --json " + how + "1"),
                      c = run::lockwalk("run --json " + how + "2");
    EXPECT_EQ(a.out, b.out);
    EXPECT_NE(a.out, c.out);
}

TEST(Run, prints_the_closing_table_for_people)
{
    const run::Result r = run::lockwalk("run --cycles 1000 " + TREE);
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.err, "");
    EXPECT_EQ(r.out.substr(0, r.out.find(';')), "cycle model, configuration default");
    EXPECT_NE(r.out.find("  clocks                             1,000\n"), std::string::npos) << r.out;
}

TEST(Run, reads_standard_input)
{
    const run::Result r =
        run::shell(std::string("printf 'I 1000,4\\nL 2000,8\\n' | '") + LOCKWALK_BIN + "' run --json -");
    EXPECT_EQ(r.status, 0) << r.err;
}

// ---- failures ----

TEST(RunFailures, no_progress_is_exit_status_1)
{
    const run::Result r = run::lockwalk("run --watchdog 30 --mem-latency 100 " + TREE);
    EXPECT_EQ(r.status, 1);
    EXPECT_NE(
        r.err.find(
            "lockwalk run: clock 31: no progress for 30 clocks while work is outstanding: instruction port, "
            "id 1: fetch of 4 bytes at "),
        std::string::npos)
        << r.err;
    EXPECT_NE(r.err.find("accepted in clock 1; 1 walk-port request waits for the memory\n"),
              std::string::npos)
        << r.err;
    const Json j("--watchdog 30 --mem-latency 100 " + TREE);
    EXPECT_EQ(j.status, 1);
    EXPECT_EQ(j.text("verdict"), "failed");
    EXPECT_EQ(j.text("failure.kind"), "no_progress");
    EXPECT_EQ(json_integer_value(j.at("failure.clock")), 31);
}

TEST(RunFailures, a_slow_memory_is_no_lack_of_progress)
{
    run::Folder folder;
    const run::Result r = run::lockwalk("run --mem-latency 30000 " + folder.file("t", "I 1000,4\n"));
    EXPECT_EQ(r.status, 0) << r.err;
}

TEST(RunFailures, a_broken_trace_is_exit_status_2)
{
    run::Folder folder;
    const std::string late = folder.file("late", "I 1000,4\nfrob\n"), early = folder.file("early", "frob\n");
    run::Result r = run::lockwalk("run " + late);
    EXPECT_EQ(r.status, 2);
    EXPECT_NE(r.err.find(late + ":2: found 'frob'"), std::string::npos) << r.err;
    r = run::lockwalk("run " + early);
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.out, "");
    EXPECT_NE(r.err.find("lockwalk run: " + early + ":1: found 'frob'"), std::string::npos) << r.err;
}

struct BadUse {
    const char *name, *arguments, *error;
};

class RunUse : public testing::TestWithParam<BadUse>
{
};

TEST_P(RunUse, is_exit_status_2_with_a_sentence)
{
    const run::Result r = run::lockwalk(std::string("run ") + GetParam().arguments);
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(r.err.substr(0, r.err.find('\n')), std::string("lockwalk run: ") + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    , RunUse,
    testing::Values(
        BadUse{"nothing", "", "no trace"}, BadUse{"two_traces", "a b", "more than one trace: 'a' and 'b'"},
        BadUse{"trace_and_random", "a --random 1", "a trace, 'a', and random accesses: only one of them"},
        BadUse{"missing", "/no/such", "/no/such: cannot be opened: No such file or directory"},
        BadUse{"cycles", "a --cycles 0",
               "--cycles: '0', expected a whole number from 1 to 18446744073709551615"},
        BadUse{"cycles_word", "a --cycles 1x",
               "--cycles: '1x', expected a whole number from 1 to 18446744073709551615"},
        BadUse{"cycles_sign", "a --cycles -1",
               "--cycles: '-1', expected a whole number from 1 to 18446744073709551615"},
        BadUse{"asid", "a --asid 65536", "--asid: '65536', expected a whole number from 0 to 65535"},
        BadUse{"stall", "a --mem-stall 96", "--mem-stall: '96', expected a whole number from 0 to 95"},
        BadUse{"latency", "a --mem-latency 0",
               "--mem-latency: '0', expected a whole number from 1 to 100000"},
        BadUse{"latency_order", "a --mem-latency 9..8",
               "--mem-latency: '8', expected a whole number from 9 to 100000"},
        BadUse{"latency_word", "a --mem-latency fast",
               "--mem-latency: 'fast', expected a whole number from 1 to 100000"},
        BadUse{"ram_form", "a --ram 1G", "--ram: '1G', expected BASE:SIZE, e.g. 0x80000000:64G"},
        BadUse{
            "ram_unit", "a --ram 2G:1X",
            "--ram: '1X', expected a whole number from 4096 to 72057594037927935, K, M, G or T may follow"},
        BadUse{"ram_aligned", "a --ram 4097:8K",
               "--ram: '4097:8K', expected multiples of 4096 that end at 2^56 at most"},
        BadUse{"ram_end", "a --ram 65535T:2T",
               "--ram: '65535T:2T', expected multiples of 4096 that end at 2^56 at most"},
        BadUse{"huge", "a --huge-pages 4m", "--huge-pages: '4m', expected never, 2m, 1g or mixed"}),
    [](const auto &p) { return std::string(p.param.name); });

TEST(Run, a_small_ram_is_used_and_its_end_is_told)
{
    EXPECT_EQ(run::lockwalk("run --ram 64K:8M " + TREE).status, 0);
    const run::Result r = run::lockwalk("run --ram 64K:1M " + TREE);
    EXPECT_EQ(r.status, 1);
    EXPECT_NE(r.err.find("no frame is left for a 4 KiB page in the 1 MiB of RAM; give --ram more"),
              std::string::npos)
        << r.err;
}

TEST(Run, an_unknown_configuration_is_exit_status_2)
{
    EXPECT_EQ(run::lockwalk("run --config tyni " + TREE).status, 2);
}

} // namespace
