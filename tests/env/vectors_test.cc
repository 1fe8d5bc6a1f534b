// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The stimulus "vectors" around a cycle model that lies now and then: what it sees in each step, and how it behaves
// as a requester.
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"
#include "support/run.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

namespace
{

// Sv39 at 0x80000000: a 1 GiB page with A and D clear; a table, and in it two pages of 2 MiB; accesses 1 to 4 change
// nothing, so that their last step is played at once.
const char single[] = "world 0x1 isa=rv64 mode=sv39 root=0x80000 adue=1 pbmte=1 ram=0x80000000:0x10000\n"
                      "m 0x80000000 0x2000000010000007\n"
                      "m 0x80000008 0x20000401\n"
                      "m 0x80001000 0x100000c7\n"
                      "m 0x80001008 0x100800c7\n"
                      "a S R 0x123 = pa 0x40000123 pbmt=1 size=0x40000000\n"
                      "u 0x80000000 0x2000000010000047\n"
                      "a S R 0x40000010 = pa 0x40000010 pbmt=0 size=0x200000\n"
                      "a S W 0x40200010 = pa 0x40200010 pbmt=0 size=0x200000\n"
                      "a S X 0x40200020 = fault 0xc tval=0x40200020\n"
                      "a U R 0x40000020 = fault 0xd tval=0x40000020\n"
                      "a M R 0x40000000 = pa 0x40000000 pbmt=0\n"
                      "end\n";
constexpr unsigned accesses = 6, first_of_group = 1, last_of_group = 5;

// What a world with a locked entry leaves must not be in the way of the next one.
const char locked[] = "world 0x2 isa=rv64 mode=bare pmp=1 ram=0x80000000:0x1000\n"
                      "p 0 0x98 0x10000000\n" // locked, NAPOT, no rights
                      "p 1 0x1f 0x3fffffffffffff\n"
                      "a S R 0x40000000 = fault 0x5 tval=0x40000000\n"
                      "a M R 0x40000000 = fault 0x5 tval=0x40000000\n"
                      "a S R 0x40001000 = pa 0x40001000 pbmt=0\n"
                      "end\n"
                      "world 0x3 isa=rv64 mode=bare pmp=1 ram=0x80000000:0x1000\n"
                      "p 0 0x19 0x10000000\n"
                      "a S R 0x40000000 = pa 0x40000000 pbmt=0\n"
                      "a S R 0x40001000 = fault 0x5 tval=0x40001000\n"
                      "end\n"
                      "world 0x4 isa=rv64 mode=bare ram=0x80000000:0x1000\n"
                      "a S R 0x40001000 = pa 0x40001000 pbmt=0\n"
                      "end\n";

struct Heard {
    std::vector<mmu_vectors_found_t> found;
    mmu_vectors_counts_t counts = {};
    unsigned files = 0;
};

void hear_found(void *user, unsigned, const mmu_vectors_found_t *found)
{
    static_cast<Heard *>(user)->found.push_back(*found);
}

void hear_file(void *user, unsigned, const mmu_vectors_counts_t *counts)
{
    Heard *h = static_cast<Heard *>(user);
    mmu_vectors_counts_add(&h->counts, counts);
    h->files++;
}

struct Played {
    mmu_env_fail_e kind;
    std::string text;
    Heard heard;
    uint64_t clocks;
};

// Called in each clock, with the number of answers before it, between the MMU and the environment.
using Meddle = std::function<void(unsigned answers, const mmu_in_t &in, mmu_out_t &out)>;

Played play(const std::string &text, const Meddle &meddle = nullptr, const char *preset = "vectors-riscv",
            const std::function<void(mmu_env_options_t &)> &change = nullptr, bool no_fences = false)
{
    run::Folder folder;
    const std::string path = folder.file("x.tv", text);
    Played r = {};
    const mmu_vectors_sink_t sink = {hear_found, hear_file, &r.heard};
    mmu_cfg_t cfg;
    mmu_env_options_t opt = {};
    char err[512] = "";

    EXPECT_TRUE(mmu_cfg_load(preset, &cfg, nullptr, nullptr));
    opt.kind = MMU_ENV_VECTORS;
    mmu_env_configure(&opt, &cfg);
    opt.vectors.file[opt.vectors.files++] = path.c_str();
    opt.vectors.sink = &sink;
    if (change)
        change(opt);
    mmu_env_t *env = mmu_env_create(&opt, err, sizeof err);
    if (env == nullptr) {
        r.kind = MMU_ENV_BAD_INPUT;
        r.text = err;
        return r;
    }
    std::unique_ptr<void, decltype(&free)> storage(malloc(mmu_sizeof(&cfg)), free);
    mmu_t *mmu = mmu_init(storage.get(), &cfg);
    mmu_in_t in, next;
    mmu_out_t out;
    unsigned answers = 0;
    bool fence = false; // ignored, in the clock before

    mmu_env_reset_inputs(env, &in);
    while (!mmu_env_done(env) && r.clocks < 200000) {
        mmu_in_t seen = in;
        if (no_fences)
            seen.fence = mmu_fence_t{};
        mmu_comb(mmu, &seen, &out);
        if (no_fences) {
            out.fence_done = fence;
            fence = in.fence.valid && out.fence_ready;
        }
        const unsigned now = out.rsp[0].valid + out.rsp[1].valid;
        if (meddle)
            meddle(answers, in, out);
        answers += now;
        mmu_env_step(env, &in, &out, &next);
        mmu_seq(mmu, true);
        in = next;
        r.clocks++;
    }
    EXPECT_TRUE(mmu_env_done(env));
    r.kind = mmu_env_failure(env)->kind;
    r.text = mmu_env_failure(env)->text;
    mmu_env_destroy(env);
    return r;
}

TEST(vectors, an_honest_mmu_passes_every_step)
{
    for (const char *preset : {"vectors-riscv", "tiny", "tiny-policies", "default"}) {
        const Played r = play(single, nullptr, preset);
        EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
        EXPECT_TRUE(r.heard.found.empty()) << preset;
        EXPECT_TRUE(mmu_vectors_counts_good(&r.heard.counts)) << preset;
        EXPECT_EQ(r.heard.files, 1u);
        for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++)
            EXPECT_EQ(r.heard.counts.compared[step], accesses) << preset;
    }
}

// ---- lies ---------------------------------------------------------------------------------------------------

// In the order of answers: access 0 in all four steps; then cold, warm and other port of each of the group, and their
// last step at once.
unsigned answer_of(unsigned access, unsigned step)
{
    if (access == 0)
        return step;
    return 4 + 3 * (access - first_of_group) + step;
}
constexpr unsigned first_at_once = 4 + 3 * (last_of_group - first_of_group + 1);

struct Lie {
    const char *name;
    unsigned access, step;
    std::function<void(mmu_rsp_t &)> lie;
    unsigned differs;
};

const Lie lies[] = {
    {"pa_cold", 1, MMU_VECTORS_COLD, [](mmu_rsp_t &r) { r.pa ^= 0x1000; }, MMU_VECTORS_PA},
    {"pa_warm", 2, MMU_VECTORS_WARM, [](mmu_rsp_t &r) { r.pa ^= 0x1000; }, MMU_VECTORS_PA},
    {"pa_warm_after_an_update", 0, MMU_VECTORS_WARM, [](mmu_rsp_t &r) { r.pa ^= 8; }, MMU_VECTORS_PA},
    {"size", 1, MMU_VECTORS_WARM, [](mmu_rsp_t &r) { r.lg = 12; }, MMU_VECTORS_SIZE},
    {"memory_type", 0, MMU_VECTORS_WARM, [](mmu_rsp_t &r) { r.mt = 0; }, MMU_VECTORS_PBMT},
    {"cause_cold", 3, MMU_VECTORS_COLD, [](mmu_rsp_t &r) { r.cause = 13; }, MMU_VECTORS_CAUSE},
    {"cause_warm", 3, MMU_VECTORS_WARM, [](mmu_rsp_t &r) { r.cause = 1; }, MMU_VECTORS_CAUSE},
    {"tval", 4, MMU_VECTORS_COLD, [](mmu_rsp_t &r) { r.tval = 0; }, MMU_VECTORS_TVAL},
    {"gpa_of_a_page_fault", 4, MMU_VECTORS_WARM, [](mmu_rsp_t &r) { r.gpa = 0x1000; }, MMU_VECTORS_GPA},
    {"cause_from_the_other_port", 1, MMU_VECTORS_OTHER, [](mmu_rsp_t &r) { r.cause = 1; }, MMU_VECTORS_CAUSE},
    {"pa_from_the_other_port", 3, MMU_VECTORS_OTHER, [](mmu_rsp_t &r) { r.pa ^= 0x1000; }, MMU_VECTORS_PA},
    {"fault_from_the_other_port", 3, MMU_VECTORS_OTHER,
     [](mmu_rsp_t &r) {
         r.fault = true;
         r.cause = 13;
     },
     MMU_VECTORS_OUTCOME},
    {"pa_with_random_latency", 0, MMU_VECTORS_RANDOM, [](mmu_rsp_t &r) { r.pa ^= 0x1000; }, MMU_VECTORS_PA},
};

class Lies : public testing::TestWithParam<Lie>
{
};

TEST_P(Lies, are_seen)
{
    const Lie &lie = GetParam();
    const unsigned target = answer_of(lie.access, lie.step);
    const Played r = play(single, [&](unsigned answers, const mmu_in_t &, mmu_out_t &out) {
        for (mmu_rsp_t &rsp : out.rsp)
            if (rsp.valid && answers == target)
                lie.lie(rsp);
    });
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    ASSERT_EQ(r.heard.found.size(), 1u);
    EXPECT_EQ(r.heard.found[0].access, lie.access);
    EXPECT_EQ(r.heard.found[0].step, lie.step);
    EXPECT_EQ(r.heard.found[0].differs, lie.differs);
    EXPECT_EQ(r.heard.counts.mismatches, 1u);
    EXPECT_EQ(r.heard.counts.differ[lie.step], 1u);
    EXPECT_FALSE(mmu_vectors_counts_good(&r.heard.counts));
}

INSTANTIATE_TEST_SUITE_P(vectors, Lies, testing::ValuesIn(lies),
                         [](const auto &i) { return std::string(i.param.name); });

TEST(vectors, each_answer_of_those_at_once_is_compared)
{
    std::set<unsigned> told;
    for (unsigned n = 0; n < last_of_group - first_of_group + 1; n++) {
        const Played r = play(single, [&](unsigned answers, const mmu_in_t &, mmu_out_t &out) {
            unsigned at = answers;
            for (mmu_rsp_t &rsp : out.rsp)
                if (rsp.valid && at++ == first_at_once + n) {
                    rsp.pa = rsp.fault ? 0 : rsp.pa ^ 0x1000;
                    rsp.tval = rsp.fault ? 1 : 0;
                }
        });
        ASSERT_EQ(r.heard.found.size(), 1u) << n;
        EXPECT_EQ(r.heard.found[0].step, unsigned{MMU_VECTORS_RANDOM});
        EXPECT_EQ(r.heard.found[0].together, last_of_group - first_of_group + 1);
        told.insert(r.heard.found[0].access);
    }
    EXPECT_EQ(told, (std::set<unsigned>{1, 2, 3, 4, 5}));
}

// A swap that writes another word; one that is not made at all; one where there is nothing to update.
TEST(vectors, changed_words_are_compared)
{
    const Played wrong = play(single, [](unsigned, const mmu_in_t &, mmu_out_t &out) {
        if (out.mreq.valid && out.mreq.op == MMU_MEM_CAS)
            out.mreq.new_word |= 0x100;
    });
    ASSERT_EQ(wrong.heard.found.size(), 1u);
    EXPECT_EQ(wrong.heard.found[0].differs, unsigned{MMU_VECTORS_CHANGES});
    EXPECT_EQ(wrong.heard.found[0].step, unsigned{MMU_VECTORS_COLD});
    EXPECT_EQ(wrong.heard.found[0].got.word[0].value, 0x2000000010000147u);
    EXPECT_EQ(wrong.heard.counts.differ[MMU_VECTORS_RANDOM], 1u);

    const Played none = play(single, [](unsigned, const mmu_in_t &, mmu_out_t &out) {
        if (out.mreq.valid && out.mreq.op == MMU_MEM_CAS)
            out.mreq.new_word = out.mreq.old_word;
    });
    ASSERT_GE(none.heard.found.size(), 1u);
    EXPECT_EQ(none.heard.found[0].differs, unsigned{MMU_VECTORS_CHANGES});
    EXPECT_EQ(none.heard.found[0].got.words, 0u);

    bool done = false;
    const Played more = play(single, [&](unsigned answers, const mmu_in_t &in, mmu_out_t &out) {
        if (answers == answer_of(1, MMU_VECTORS_COLD) && out.mreq.valid && in.mreq_ready && !done) {
            out.mreq.op = MMU_MEM_CAS;
            out.mreq.old_word = out.mreq.addr == 0x80000008 ? 0x20000401 : 0;
            out.mreq.new_word = 0x20000401 | 0x200;
            done = true;
        }
    });
    ASSERT_GE(more.heard.found.size(), 1u);
    EXPECT_EQ(more.heard.found[0].access, 1u);
    EXPECT_NE(more.heard.found[0].differs & MMU_VECTORS_CHANGES, 0u);
}

// An access that should change no word, by the vector, and does: the others of its group are not blamed for it.
TEST(vectors, an_access_that_changes_a_word_is_not_played_with_others)
{
    std::string text = single;
    const std::string update = "u 0x80000000 0x2000000010000047\n";
    text.erase(text.find(update), update.size());
    const Played r = play(text);
    ASSERT_EQ(r.heard.found.size(), 1u);
    EXPECT_EQ(r.heard.found[0].access, 0u);
    EXPECT_EQ(r.heard.counts.differ[MMU_VECTORS_COLD], 1u);
    EXPECT_EQ(r.heard.counts.differ[MMU_VECTORS_RANDOM], 1u);
    EXPECT_EQ(r.heard.counts.compared[MMU_VECTORS_RANDOM], accesses);
}

// ---- the requester --------------------------------------------------------------------------------------------

TEST(vectors, slow_registers_and_pmp_change_only_while_idle)
{
    mmu_slow_t before = {};
    unsigned changes = 0, writes = 0;
    bool first = true;
    const Played r = play(std::string(single) + locked, [&](unsigned, const mmu_in_t &in, mmu_out_t &out) {
        const bool changed = !first && mmu_slow_sec(&in.slow) != mmu_slow_sec(&before);
        if (changed || in.pmp.valid) {
            EXPECT_TRUE(out.idle);
            changes += changed;
            writes += in.pmp.valid;
        }
        // RLB only between worlds.
        if (in.req[0].valid || in.req[1].valid) {
            EXPECT_FALSE(in.slow.rlb);
        }
        before = in.slow;
        first = false;
    });
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    EXPECT_EQ(changes, 8u); // RLB up and down for four worlds
    EXPECT_GE(writes, 5u);
}

TEST(vectors, a_locked_entry_is_written_anew_in_the_next_world)
{
    const Played r = play(locked);
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    EXPECT_TRUE(r.heard.found.empty());
    EXPECT_EQ(r.heard.counts.compared[MMU_VECTORS_COLD], 6u);
    // Without RLB the lock stays, and it is seen.
    const std::string second = locked;
    const Played again = play(second.substr(second.find("world 0x3")));
    EXPECT_TRUE(again.heard.found.empty());
}

TEST(vectors, every_kind_of_fence_flushes_before_cold_and_last_steps)
{
    const std::string guest = "world 0x7 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 root=0x40004 groot=0x80000 "
                              "ram=0x80000000:0x10000\n"
                              "m 0x80000008 0x200000df\n"
                              "m 0x80004000 0x100000cf\n"
                              "a S R 0x10 = fault 0x15 tval=0x10 gpa=0x40000010\n"
                              "end\n";
    const std::string text = guest;
    std::set<std::pair<unsigned, bool>> kinds;
    const Played r = play(single + text, [&](unsigned, const mmu_in_t &in, mmu_out_t &out) {
        if (in.fence.valid && out.fence_ready) {
            kinds.insert({in.fence.kind, in.fence.posted});
            EXPECT_FALSE(in.fence.va_en || in.fence.asid_en || in.fence.vmid_en);
        }
    });
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    EXPECT_EQ(kinds, (std::set<std::pair<unsigned, bool>>{{MMU_FENCE_S, false},
                                                          {MMU_FENCE_S, true},
                                                          {MMU_FENCE_VV, false},
                                                          {MMU_FENCE_VV, true},
                                                          {MMU_FENCE_G, false},
                                                          {MMU_FENCE_G, true},
                                                          {MMU_FENCE_W_INVAL, false},
                                                          {MMU_FENCE_INVAL_IR, false}}));
}

// Its TLB holds the page with A set when memory has been put back: no word is changed then.
TEST(vectors, an_mmu_that_ignores_fences_is_seen)
{
    const Played r = play(single, nullptr, "vectors-riscv", nullptr, true);
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    ASSERT_GE(r.heard.found.size(), 1u);
    EXPECT_EQ(r.heard.found[0].access, 0u);
    EXPECT_EQ(r.heard.found[0].step, unsigned{MMU_VECTORS_RANDOM});
    EXPECT_EQ(r.heard.found[0].differs, unsigned{MMU_VECTORS_CHANGES});
}

TEST(vectors, walks_overlap_with_random_latency)
{
    unsigned most = 0, outstanding = 0;
    const Played r = play(single, [&](unsigned, const mmu_in_t &in, mmu_out_t &out) {
        if (out.mreq.valid && in.mreq_ready)
            outstanding++;
        most = std::max(most, outstanding);
        if (in.mrsp.valid)
            outstanding--;
    });
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    EXPECT_GE(most, 2u);
}

TEST(vectors, another_seed_is_another_run)
{
    auto clocks = [](uint64_t seed) {
        return play(single, nullptr, "vectors-riscv", [&](mmu_env_options_t &o) { o.seed = seed; }).clocks;
    };
    EXPECT_EQ(clocks(1), clocks(1));
    EXPECT_NE(clocks(1), clocks(2));
}

// Entries of a NAPOT page that differ: a TLB may answer from any of them, so their accesses are not played at once.
TEST(vectors, accesses_of_one_napot_page_are_not_played_at_once)
{
    const char text[] = "world 0x1 isa=rv64 mode=sv39 root=0x80000 napot=1 ram=0x80000000:0x10000\n"
                        "m 0x80000000 0x20000401\n"
                        "m 0x80001000 0x20000801\n"
                        "m 0x80002000 0x80000000100020c7\n" // the first of a NAPOT page at 0x40000000
                        "m 0x80002008 0x0\n"
                        "m 0x80002080 0x100400c7\n"
                        "a S R 0x10 = pa 0x40000010 pbmt=0 size=0x10000\n"
                        "a S R 0x1010 = fault 0xd tval=0x1010\n"
                        "a S R 0x10010 = pa 0x40100010 pbmt=0 size=0x1000\n"
                        "end\n";
    const Played r = play(text);
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;
    EXPECT_TRUE(r.heard.found.empty());
    // The second and the third were.
    const Played lie = play(text, [](unsigned answers, const mmu_in_t &, mmu_out_t &out) {
        if (answers >= 10)
            for (mmu_rsp_t &rsp : out.rsp)
                rsp.pa ^= rsp.valid && !rsp.fault ? 0x1000u : 0u;
    });
    ASSERT_EQ(lie.heard.found.size(), 1u);
    EXPECT_EQ(lie.heard.found[0].access, 2u);
    EXPECT_EQ(lie.heard.found[0].step, unsigned{MMU_VECTORS_RANDOM});
    EXPECT_EQ(lie.heard.found[0].together, 2u);
}

// ---- bad input ------------------------------------------------------------------------------------------------

TEST(vectors, bad_files_and_selections_are_told)
{
    const Played none = play(single, nullptr, "tiny", [](mmu_env_options_t &o) { o.vectors.files = 0; });
    EXPECT_EQ(none.kind, MMU_ENV_BAD_INPUT);
    EXPECT_EQ(none.text, "no file of vectors is given");
    const Played missing =
        play(single, nullptr, "tiny", [](mmu_env_options_t &o) { o.vectors.file[0] = "no.tv"; });
    EXPECT_EQ(missing.kind, MMU_ENV_BAD_INPUT);
    const Played select =
        play(single, nullptr, "tiny", [](mmu_env_options_t &o) { o.vectors.select = "x=1"; });
    EXPECT_EQ(select.kind, MMU_ENV_BAD_INPUT);
    const Played broken = play(std::string(single) + "nonsense\n");
    EXPECT_EQ(broken.kind, MMU_ENV_BAD_INPUT);
    EXPECT_NE(broken.text.find("found record 'nonsense'"), std::string::npos) << broken.text;
    const Played other = play("world 1 isa=x86_64 mode=pml4 ram=0:4096\nend\n");
    EXPECT_EQ(other.kind, MMU_ENV_BAD_INPUT);
    EXPECT_NE(other.text.find("has isa=x86_64, for which its configuration needs `x86` in `formats`; such "
                              "worlds are left out by "
                              "'isa=rv32|rv64"),
              std::string::npos)
        << other.text;
}

// ---- the pipe -------------------------------------------------------------------------------------------------

TEST(pipe, brings_what_the_sink_would_have_heard)
{
    run::Folder folder;
    const std::string path = folder.path() + "/pipe";
    auto lie = [](unsigned answers, const mmu_in_t &, mmu_out_t &out) {
        for (mmu_rsp_t &rsp : out.rsp)
            if (rsp.valid && answers == answer_of(1, MMU_VECTORS_WARM))
                rsp.pa ^= 0x1000;
    };
    const int to = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ASSERT_GT(to, 0);
    const Played r = play(single, lie, "vectors-riscv", [&](mmu_env_options_t &o) {
        o.vectors.sink = nullptr;
        o.vectors.fd = to;
    });
    close(to);
    EXPECT_EQ(r.kind, MMU_ENV_OK) << r.text;

    Heard heard;
    const mmu_vectors_sink_t sink = {hear_found, hear_file, &heard};
    int from = open(path.c_str(), O_RDONLY);
    EXPECT_TRUE(mmu_vectors_pipe_read(from, &sink));
    close(from);
    ASSERT_EQ(heard.found.size(), 1u);
    EXPECT_EQ(heard.found[0].access, 1u);
    EXPECT_EQ(heard.found[0].differs, unsigned{MMU_VECTORS_PA});
    EXPECT_EQ(heard.files, 1u);
    EXPECT_EQ(heard.counts.compared[MMU_VECTORS_RANDOM], accesses);

    // A run that did not come to its end, or that somebody else has written, is told as such.
    const std::string whole = run::read_file(path);
    for (const std::string &part : {whole.substr(0, whole.size() - 1), whole.substr(0, 100), std::string(),
                                    "x" + whole, whole.substr(0, 30)}) {
        Heard ignored;
        const mmu_vectors_sink_t deaf = {hear_found, hear_file, &ignored};
        from = open(folder.file("part", part).c_str(), O_RDONLY);
        EXPECT_FALSE(mmu_vectors_pipe_read(from, &deaf)) << part.size();
        close(from);
    }
}

} // namespace
