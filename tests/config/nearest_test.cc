// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#include "config/mmu_nearest.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

const char *const words[] = {"walks", "caches", "policy", "pages", "4K", "x"};

const char *nearest(const std::string &word)
{
    const char *near = mmu_nearest(word.c_str(), words, sizeof words / sizeof words[0]);
    return near != nullptr ? near : "";
}

TEST(nearest, one_edit_of_each_kind_is_near)
{
    EXPECT_STREQ(nearest("walk"), "walks");   // a letter is missing
    EXPECT_STREQ(nearest("waalks"), "walks"); // one too many
    EXPECT_STREQ(nearest("wolks"), "walks");  // another one
    EXPECT_STREQ(nearest("wlaks"), "walks");  // two exchanged
    EXPECT_STREQ(nearest("walks"), "walks");
}

TEST(nearest, a_third_of_the_letters_may_differ)
{
    EXPECT_STREQ(nearest("pilocy"), "policy");
    EXPECT_STREQ(nearest("polluy"), "policy");
    EXPECT_STREQ(nearest("pilocyxyz"), "");
    EXPECT_STREQ(nearest("wolk"), ""); // two edits in five letters
}

TEST(nearest, short_words_are_no_hints_for_each_other)
{
    EXPECT_STREQ(nearest("3K"), "");
    EXPECT_STREQ(nearest("4KB"), "4K");
    EXPECT_STREQ(nearest(""), "");
}

TEST(nearest, long_words_are_near_to_nothing)
{
    EXPECT_STREQ(nearest(std::string(40, 'w')), "");
    EXPECT_STREQ(nearest(std::string(41, 'w')), "");
    EXPECT_STREQ(nearest(std::string(4000, 'w')), "");
}

TEST(nearest, the_closer_word_wins_and_the_first_of_equals)
{
    const char *const near[] = {"abcdef", "abcdxf", "abcdxy"};
    EXPECT_STREQ(mmu_nearest("abcdxz", near, 3), "abcdxf");
    EXPECT_STREQ(mmu_nearest("abcdyf", near, 3), "abcdef");
    EXPECT_EQ(mmu_nearest("abcdef", near, 0), nullptr);
}

} // namespace
