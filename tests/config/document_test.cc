// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// docs/configuration.md tells the truth.
#include "lockwalk/mmu_config.h"
#include "support/run.h"

#include <gtest/gtest.h>

namespace
{

const std::string document = run::read_file(LOCKWALK_SOURCE_DIR "/docs/configuration.md");

TEST(document, its_example_is_valid)
{
    const std::string fence = "```yaml\n";
    const size_t start = document.find(fence) + fence.size(), end = document.find("```\n", start);
    ASSERT_NE(end, std::string::npos);
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_TRUE(
        mmu_cfg_parse(document.data() + start, end - start, "configuration.md", &cfg, nullptr, &errors))
        << errors.text;
    EXPECT_EQ(cfg.misses[MMU_PORT_D], 4);
}

TEST(document, lists_the_page_sizes_and_policies)
{
    std::string pages, policies;
    for (unsigned i = 0; mmu_cfg_page_name(i) != nullptr; i++)
        pages += (i > 0 ? ", " : "") + std::string(mmu_cfg_page_name(i));
    EXPECT_NE(document.find("| " + pages + " |"), std::string::npos) << pages;
    for (unsigned i = 0; mmu_cfg_policy_name(i) != nullptr; i++)
        EXPECT_NE(document.find("`" + std::string(mmu_cfg_policy_name(i)) + "`"), std::string::npos);
    EXPECT_NE(document.find(" " + std::to_string(MMU_CFG_BITS) + "'h"), std::string::npos);
}

} // namespace
