// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The golden vectors of tests/vectors, all accesses, on the architectural model.
#include "../support/run.h"
#include "lockwalk/mmu_tv.h"
#include "riscv.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace
{

const std::string folder = LOCKWALK_SOURCE_DIR "/tests/vectors/";

// The whole text is expected: the counts say that nothing was left out.
void expect_pass(const std::string &arguments, const std::string &verdict)
{
    const run::Result r = run::lockwalk("check " + arguments);
    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_NE(r.out.find("PASS: on arch, " + verdict + "\n"), std::string::npos) << r.out << r.err;
}

const std::string none = "left out by --select: 0 worlds, 0 accesses";

TEST(vectors, sv32)
{
    expect_pass(folder + "sv32.tv.gz",
                "8000 accesses of 100 worlds compared, 0 mismatches, 1116 changed words; " + none);
}

TEST(vectors, sv39)
{
    expect_pass(folder + "sv39.tv.gz",
                "8800 accesses of 110 worlds compared, 0 mismatches, 1143 changed words; " + none);
}

TEST(vectors, sv48)
{
    expect_pass(folder + "sv48.tv.gz",
                "8800 accesses of 110 worlds compared, 0 mismatches, 1044 changed words; " + none);
}

TEST(vectors, sv57)
{
    expect_pass(folder + "sv57.tv.gz",
                "8800 accesses of 110 worlds compared, 0 mismatches, 1081 changed words; " + none);
}

TEST(vectors, bare_without_second_stage)
{
    expect_pass("--select virt=0 " + folder + "bare.tv.gz",
                "2700 accesses of 45 worlds compared, 0 mismatches, 0 changed words; "
                "left out by --select: 15 worlds, 900 accesses");
}

TEST(vectors, pmp_without_second_stage)
{
    expect_pass("--select virt=0 " + folder + "pmp.tv.gz",
                "7680 accesses of 96 worlds compared, 0 mismatches, 740 changed words; "
                "left out by --select: 24 worlds, 1920 accesses");
}

// Physical protection is what these worlds are about: without it, or with a bit of it moved, answers are wrong.
TEST(vectors, pmp_matters)
{
    const char *const mutations[] = {
        "s/ pmp=1 / /",                         // none at all
        "/^p 0x1 /d",                           // entry 1 is off, and not the base of entry 2
        "s/^\\(p [^ ]*\\) 0x9/\\1 0x1/",        // no locks
        "s/^\\(p .*\\) 0x\\(.*\\)/\\1 0x1\\2/", // other addresses
        "s/ len=.*//",                          // accesses of one byte
    };
    run::Folder folder_of_mutants;
    for (const char *mutation : mutations) {
        const run::Result r = run::shell(
            "cd '" + folder_of_mutants.path() + "' && gunzip -c '" + folder + "pmp.tv.gz' | sed '" +
            mutation + "' > pmp.tv && '" LOCKWALK_BIN "' check --select virt=0 --shown 0 pmp.tv");
        EXPECT_EQ(r.status, 1) << mutation << r.err;
        EXPECT_NE(r.out.find("FAIL: on arch, 7680 accesses of 96 worlds compared, "), std::string::npos)
            << mutation << r.out << r.err;
    }
}

TEST(vectors, sv39_without_napot_and_pbmt)
{
    expect_pass("--select mode=sv39,napot=0,pbmte=0 " + folder + "sv39.tv.gz",
                "1920 accesses of 24 worlds compared, 0 mismatches, 160 changed words; "
                "left out by --select: 86 worlds, 6880 accesses");
}

// The function without a trail is the one that others call: it must be the same walk.
TEST(vectors, a_translation_is_the_same_without_its_trail)
{
    uint64_t compared = 0;
    for (const char *name :
         {"bare.tv.gz", "sv32.tv.gz", "sv39.tv.gz", "sv48.tv.gz", "sv57.tv.gz", "pmp.tv.gz"}) {
        mmu_tv_err_t err;
        mmu_tv_t *tv = mmu_tv_open((folder + name).c_str(), &err);
        mmu_tv_image_t *with = mmu_tv_image_new(), *without = mmu_tv_image_new();
        const mmu_arch_mem_t mem_with = mmu_tv_image_mem(with), mem_without = mmu_tv_image_mem(without);
        const mmu_tv_world_t *w;

        ASSERT_NE(tv, nullptr) << err.text;
        while (mmu_tv_next(tv, &w, &err) > 0) {
            const uint8_t modes[] = {0, 0, MMU_MODE_SV32, MMU_MODE_SV39, MMU_MODE_SV48, MMU_MODE_SV57};
            mmu_pmp_file_t file;
            if (w->key[MMU_TV_VIRT] != 0)
                continue;
            mmu_pmp_reset(&file, 16);
            for (unsigned i = 0; i < w->pmps; i++)
                mmu_pmp_write(&file, w->pmp[i].index, w->pmp[i].cfg, w->pmp[i].addr, MMU_SEC_RLB);
            const mmu_pmp_file_t *pmp = w->key[MMU_TV_PMP] != 0 ? &file : nullptr;
            ASSERT_TRUE(mmu_tv_image_load(with, w) && mmu_tv_image_load(without, w));
            for (unsigned i = 0; i < w->accesses; i++) {
                const mmu_tv_access_t &a = w->access[i];
                mmu_rq_t rq =
                    riscv::request(modes[w->key[MMU_TV_MODE]], a.priv, a.type, a.va, w->key[MMU_TV_ROOT]);
                const mmu_slow_t slow =
                    riscv::slow(w->key[MMU_TV_ADUE], w->key[MMU_TV_PBMTE], w->key[MMU_TV_NAPOT]);
                mmu_arch_result_t one = {}, two = {};
                mmu_arch_trail_t trail;
                const mmu_tv_change_t *c1, *c2;

                rq.ctx.sum = w->key[MMU_TV_SUM] != 0;
                rq.ctx.mxr = w->key[MMU_TV_MXR] != 0;
                while (1u << rq.size < a.len)
                    rq.size++;
                mmu_arch_translate_pmp(&mem_with, pmp, &rq, &slow, &one, &trail);
                if (pmp != nullptr)
                    mmu_arch_translate_pmp(&mem_without, pmp, &rq, &slow, &two, nullptr);
                else
                    mmu_arch_translate(&mem_without, &rq, &slow, &two);
                ASSERT_TRUE(one.pa == two.pa && one.entry == two.entry && one.cause == two.cause &&
                            one.tval == two.tval && one.fault == two.fault && one.lg == two.lg &&
                            one.mt == two.mt)
                    << name << ":" << a.line;
                const unsigned n1 = mmu_tv_image_changes(with, &c1), n2 = mmu_tv_image_changes(without, &c2);
                ASSERT_TRUE(n1 == n2 && memcmp(c1, c2, n1 * sizeof *c1) == 0) << name << ":" << a.line;
                mmu_tv_image_settle(with, w, &a);
                mmu_tv_image_settle(without, w, &a);
                compared++;
            }
        }
        mmu_tv_image_free(with);
        mmu_tv_image_free(without);
        mmu_tv_close(tv);
    }
    EXPECT_EQ(compared, 44780u);
}

} // namespace
