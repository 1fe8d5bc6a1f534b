// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Waves of failures, as far as no simulation that writes them is built: waves_long.cc has the rest.
#include "support/run.h"
#include "two_models.hh"

#include <gtest/gtest.h>

#include <filesystem>

namespace
{

const char *const kFlip = " +lockwalk_flip_bit=0 +lockwalk_flip_clock=40";

class Waves : public ::testing::Test
{
  protected:
    run::Folder folder;

    // In a folder of its own: that is where a wave would be.
    run::Result cosim(const std::string &arguments)
    {
        return run::shell("cd '" + folder.path() + "' && '" LOCKWALK_BIN "' cosim --config tiny " +
                          arguments);
    }

    bool any_file()
    {
        return std::filesystem::directory_iterator(folder.path()) != std::filesystem::directory_iterator();
    }
};

} // namespace

// What the waves show of the model is what it is compared with; and to ask for it changes nothing.
TEST_F(Waves, the_model_can_be_asked_before_its_clock)
{
    for (const bool whitebox : {false, true}) {
        TwoModels two(whitebox);
        uint64_t asked = 0;
        two.alter_words = [&](uint64_t, uint64_t *words) {
            uint64_t preview[MMU_WORDS] = {};
            mmu_lockstep_preview(two.ls(), &two.in);
            mmu_words_pack_out(mmu_lockstep_outputs(two.ls()), preview);
            for (unsigned n = MMU_WORDS_IN; n < MMU_WORDS; n++)
                ASSERT_EQ(preview[n], words[n]) << "clock " << asked << ", word " << n;
            asked++;
        };
        for (unsigned n = 0; n < 20; n++)
            ASSERT_TRUE(two.request(UINT64_C(0x40001000) * n, n % 2 ? MMU_ACC_STORE : MMU_ACC_LOAD, n % 5));
        EXPECT_TRUE(two.finish());
        EXPECT_EQ(asked, two.counts().clocks);
        EXPECT_GT(asked, 60u);
    }
}

TEST_F(Waves, a_run_that_passes_writes_none)
{
    const run::Result r = cosim("--random 1 --cycles 300 --waves on");

    EXPECT_EQ(r.status, 0) << r.out << r.err;
    EXPECT_EQ(r.out.find("--waves on\n    "), std::string::npos) << r.out;
    EXPECT_EQ(r.err.find("that writes waves"), std::string::npos) << r.err;
    EXPECT_FALSE(any_file());
}

TEST_F(Waves, none_is_written_where_none_is_asked_for)
{
    for (const char *how : {"", "--waves auto ", "--wave w.fst --waves off "}) {
        const run::Result r = cosim(std::string(how) + "--random 1 --cycles 300" + kFlip);

        EXPECT_EQ(r.status, 1) << r.out << r.err;
        EXPECT_EQ(r.err.find("that writes waves"), std::string::npos) << r.err;
        EXPECT_FALSE(any_file());
        EXPECT_NE(r.out.find("\n    lockwalk cosim --config tiny " + std::string(how) +
                             "--random 1 --cycles 300" + kFlip + " --waves on\n"),
                  std::string::npos)
            << r.out;
    }
}

TEST_F(Waves, standard_input_cannot_be_read_twice)
{
    const std::string trace = folder.file("t.trc", "I 400000,4\nI 400004,4\nL 500000,8\nI 400008,4\n");
    const run::Result asked = cosim("--trace - --wave w.fst <t.trc");
    EXPECT_EQ(asked.status, 2) << asked.out;
    EXPECT_NE(asked.err.find("standard input can be read only once"), std::string::npos) << asked.err;

    const run::Result not_asked = cosim("--trace - <t.trc +lockwalk_flip_bit=0 +lockwalk_flip_clock=5");
    EXPECT_EQ(not_asked.status, 1) << not_asked.err;
    EXPECT_NE(not_asked.out.find("no wave: standard input can be read only once"), std::string::npos)
        << not_asked.out;
    EXPECT_EQ(not_asked.out.find("--waves on"), std::string::npos) << not_asked.out;
}

TEST_F(Waves, bad_use_ends_with_two)
{
    for (const char *bad : {"--waves maybe", "--wave-clocks 0", "--wave-clocks many", "--wave-clocks -3"}) {
        const run::Result r = cosim(bad);
        EXPECT_EQ(r.status, 2) << bad;
        EXPECT_NE(r.err.find("expected"), std::string::npos) << r.err;
    }
}
