// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The stimulus "vectors" in front of the cycle model: with which fences it flushes, and that it depends on them.
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"
#include "support/run.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace
{

// One page, mapped elsewhere by the second world: what the first one leaves must be gone. The leaf's A is clear, so that
// each access stands alone.
const char x86[] = "world 1 isa=x86_64 mode=pml4 cr3=0x1000 maxpa=40 pge=1 ram=0x0:0x10000\n"
                   "m 0x1000 0x2027\nm 0x2000 0x3027\nm 0x3000 0x4027\nm 0x4000 0x5107\n"
                   "a S R 0x10 = pa 0x5010\nu 0x4000 0x5127\n"
                   "end\n"
                   "world 2 isa=x86_64 mode=pml4 cr3=0x1000 maxpa=40 pge=1 ram=0x0:0x10000\n"
                   "m 0x1000 0x2027\nm 0x2000 0x3027\nm 0x3000 0x4027\nm 0x4000 0x6107\n"
                   "a S R 0x10 = pa 0x6010\nu 0x4000 0x6127\n"
                   "end\n";
const char classic[] =
    "world 1 isa=classic mode=directory root=1 aux=1 plg=12 asid=3 adue=1 ram=0x0:0x10000\n"
    "m 0x1000 0x10001\nm 0x2000 0x280bd\n"
    "a S R 0x10 = pa 0x5010\nu 0x2000 0x280fd\n"
    "end\n"
    "world 2 isa=classic mode=directory root=1 aux=1 plg=12 asid=3 adue=1 ram=0x0:0x10000\n"
    "m 0x1000 0x10001\nm 0x2000 0x300bd\n"
    "a S R 0x10 = pa 0x6010\nu 0x2000 0x300fd\n"
    "end\n";

struct Played {
    std::vector<mmu_fence_t> fences;
    mmu_vectors_counts_t counts = {};
    std::string failure;
};

void hear_file(void *user, unsigned, const mmu_vectors_counts_t *counts)
{
    mmu_vectors_counts_add(&static_cast<Played *>(user)->counts, counts);
}

// `change`: what becomes of a fence on its way to the MMU.
Played play(
    const char *preset, const std::string &text,
    const std::function<void(mmu_fence_t &)> &change = [](mmu_fence_t &) {})
{
    run::Folder folder;
    const std::string path = folder.file("x.tv", text);
    Played played;
    const mmu_vectors_sink_t sink = {nullptr, hear_file, &played};
    mmu_cfg_t cfg;
    mmu_env_options_t opt = {};
    char err[512] = "";

    EXPECT_TRUE(mmu_cfg_load(preset, &cfg, nullptr, nullptr));
    mmu_env_configure(&opt, &cfg);
    opt.kind = MMU_ENV_VECTORS;
    opt.vectors.file[0] = path.c_str();
    opt.vectors.files = 1;
    opt.vectors.sink = &sink;
    mmu_env_t *env = mmu_env_create(&opt, err, sizeof err);
    EXPECT_NE(env, nullptr) << err;
    if (env == nullptr)
        return played;
    std::unique_ptr<char[]> storage(new char[mmu_sizeof(&cfg)]);
    mmu_t *mmu = mmu_init(storage.get(), &cfg);
    mmu_in_t in, next;
    mmu_out_t out;
    mmu_env_reset_inputs(env, &in);
    while (!mmu_env_done(env)) {
        mmu_in_t seen = in;
        if (in.fence.valid)
            change(seen.fence);
        mmu_comb(mmu, &seen, &out);
        if (in.fence.valid && out.fence_ready)
            played.fences.push_back(in.fence);
        mmu_env_step(env, &in, &out, &next);
        mmu_seq(mmu, true);
        in = next;
    }
    if (mmu_env_failure(env)->kind != MMU_ENV_OK)
        played.failure = mmu_env_failure(env)->text;
    mmu_env_destroy(env);
    return played;
}

TEST(vectors, of_x86_are_flushed_by_the_fence_of_everything_of_x86)
{
    const Played p = play("vectors-x86", x86);
    EXPECT_EQ(p.failure, "");
    EXPECT_TRUE(mmu_vectors_counts_good(&p.counts));
    std::set<unsigned> kinds;
    for (const mmu_fence_t &f : p.fences) {
        kinds.insert(f.kind);
        EXPECT_FALSE(f.va_en || f.asid_en || f.keep_g);
        // Only the first flush of a world may end what other formats have left.
        EXPECT_TRUE(f.kind == MMU_FENCE_X || f.kind == MMU_FENCE_VV || f.kind == MMU_FENCE_G)
            << unsigned(f.kind);
    }
    EXPECT_TRUE(kinds.count(MMU_FENCE_X));
    // Cold and last step of each of the two accesses.
    unsigned x = 0;
    for (const mmu_fence_t &f : p.fences)
        x += f.kind == MMU_FENCE_X;
    EXPECT_EQ(x, 4u);
}

TEST(vectors, of_classical_worlds_are_flushed_by_fences_of_everything)
{
    const Played p = play("vectors-classic", classic);
    EXPECT_EQ(p.failure, "");
    EXPECT_TRUE(mmu_vectors_counts_good(&p.counts));
    unsigned s = 0;
    for (const mmu_fence_t &f : p.fences) {
        s += f.kind == MMU_FENCE_S;
        EXPECT_FALSE(f.va_en || f.asid_en);
    }
    EXPECT_EQ(s, 4u);
}

// The MMU gets fences that end nothing: old translations are seen as what they are.
TEST(vectors, notice_a_flush_that_does_nothing)
{
    const auto nothing = [](mmu_fence_t &f) { f.kind = MMU_FENCE_W_INVAL; };
    const Played a = play("vectors-x86", x86, nothing), b = play("vectors-classic", classic, nothing);
    EXPECT_FALSE(mmu_vectors_counts_good(&a.counts) && a.failure.empty());
    EXPECT_FALSE(mmu_vectors_counts_good(&b.counts) && b.failure.empty());
    EXPECT_GT(a.counts.differ[MMU_VECTORS_COLD] + a.counts.differ[MMU_VECTORS_RANDOM], 0u) << a.failure;
    EXPECT_GT(b.counts.differ[MMU_VECTORS_COLD] + b.counts.differ[MMU_VECTORS_RANDOM], 0u) << b.failure;
}

// INVPCID of type 3 keeps global pages, as the x86 world has one.
TEST(vectors, notice_a_flush_that_keeps_global_pages)
{
    const Played p = play("vectors-x86", x86, [](mmu_fence_t &f) { f.keep_g = true; });
    EXPECT_GT(p.counts.differ[MMU_VECTORS_COLD] + p.counts.differ[MMU_VECTORS_RANDOM], 0u) << p.failure;
}

} // namespace
