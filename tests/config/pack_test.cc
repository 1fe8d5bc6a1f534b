// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// mmu_cfg_t and the packed vector (CFG-1).
#include "lockwalk/mmu_config.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <set>

namespace
{

struct Words {
    uint32_t w[MMU_CFG_WORDS];
    // Bits [base, base + width) as a number.
    unsigned get(unsigned base, unsigned width) const
    {
        unsigned value = 0;
        for (unsigned i = 0; i < width; i++)
            value |= ((w[(base + i) / 32] >> ((base + i) % 32)) & 1u) << i;
        return value;
    }
    void put(unsigned base, unsigned width, unsigned value)
    {
        for (unsigned i = 0; i < width; i++) {
            w[(base + i) / 32] &= ~(1u << ((base + i) % 32));
            w[(base + i) / 32] |= ((value >> i) & 1u) << ((base + i) % 32);
        }
    }
};

mmu_cfg_t tiny()
{
    mmu_cfg_t cfg;
    EXPECT_TRUE(mmu_cfg_load("tiny", &cfg, nullptr, nullptr));
    return cfg;
}

TEST(pack, fields_fill_the_vector_without_gap_or_overlap)
{
    unsigned next = 0;
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
        EXPECT_EQ(mmu_cfg_field(n)->base, next) << mmu_cfg_field(n)->name;
        next += mmu_cfg_field(n)->width * mmu_cfg_field(n)->count;
    }
    EXPECT_EQ(next, unsigned{MMU_CFG_BITS});
}

TEST(pack, every_maximum_fits_its_width)
{
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(n);
        EXPECT_LT(unsigned{f->max}, 1u << f->width) << f->name;
        EXPECT_LE(f->min, f->max) << f->name;
    }
}

TEST(pack, each_field_stands_at_its_place)
{
    Words words;
    const mmu_cfg_t cfg = tiny();
    mmu_cfg_pack(&cfg, words.w);
    EXPECT_EQ(words.get(0, 8), unsigned{MMU_CFG_VERSION});
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(n);
        for (unsigned i = 0; i < f->count; i++)
            EXPECT_EQ(words.get(f->base + i * f->width, f->width), mmu_cfg_get(&cfg, f, i)) << f->name << i;
    }
}

TEST(pack, fields_read_the_members_that_they_are_named_after)
{
    mmu_cfg_t cfg = tiny();
    cfg.misses[MMU_PORT_D] = 7;
    cfg.array[MMU_LEVEL_L2][1].pages = 0x1234;
    cfg.array[MMU_LEVEL_L1D][2].ways = 33;
    cfg.pwc[3].ways = 21;
    cfg.gpwc[3].ways = 22;
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(n);
        const std::string name = f->name;
        if (name == "misses") {
            EXPECT_EQ(mmu_cfg_get(&cfg, f, MMU_PORT_D), 7);
        }
        if (name == "pages") {
            EXPECT_EQ(mmu_cfg_get(&cfg, f, MMU_LEVEL_L2 * MMU_ARRAYS + 1), 0x1234);
        }
        if (name == "ways" && f->in == MMU_CFG_IN_ARRAY) {
            EXPECT_EQ(mmu_cfg_get(&cfg, f, MMU_LEVEL_L1D * MMU_ARRAYS + 2), 33);
        }
        if (name == "ways" && f->in == MMU_CFG_IN_PWC) {
            EXPECT_EQ(mmu_cfg_get(&cfg, f, 3), 21);
        }
        if (name == "ways" && f->in == MMU_CFG_IN_GPWC) {
            EXPECT_EQ(mmu_cfg_get(&cfg, f, 3), 22);
        }
    }
}

TEST(pack, random_vectors_come_back_through_struct_and_hex)
{
    std::mt19937 random(1);
    for (int round = 0; round < 500; round++) {
        Words words = {};
        for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
            const mmu_cfg_field_t *f = mmu_cfg_field(n);
            for (unsigned i = 0; i < f->count; i++)
                words.put(f->base + i * f->width, f->width,
                          f->min + static_cast<unsigned>(random() % (f->max - f->min + 1u)));
        }
        mmu_cfg_t cfg, again;
        Words packed;
        char hex[MMU_CFG_HEX_SIZE];
        ASSERT_TRUE(mmu_cfg_unpack(words.w, &cfg, nullptr));
        mmu_cfg_pack(&cfg, packed.w);
        ASSERT_EQ(memcmp(words.w, packed.w, sizeof words.w), 0);
        mmu_cfg_to_hex(&cfg, hex);
        ASSERT_EQ(strlen(hex), size_t{MMU_CFG_HEX_SIZE - 1});
        ASSERT_TRUE(mmu_cfg_from_hex(hex, &again, nullptr));
        ASSERT_TRUE(mmu_cfg_equal(&cfg, &again));
    }
}

TEST(pack, values_one_outside_of_their_range_are_refused_by_name)
{
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(n);
        for (unsigned value : {f->min - 1u, f->max + 1u}) {
            if (value >= 1u << f->width)
                continue;
            Words words;
            mmu_cfg_t cfg = tiny();
            const char *bad = nullptr;
            mmu_cfg_pack(&cfg, words.w);
            words.put(f->base + (f->count - 1u) * f->width, f->width, value);
            EXPECT_FALSE(mmu_cfg_unpack(words.w, &cfg, &bad)) << f->name << " " << value;
            EXPECT_STREQ(bad, f->name);
        }
    }
}

TEST(pack, a_bit_above_the_vector_is_refused)
{
    Words words;
    mmu_cfg_t cfg = tiny();
    const char *bad = nullptr;
    mmu_cfg_pack(&cfg, words.w);
    words.put(MMU_CFG_BITS, 1, 1);
    EXPECT_FALSE(mmu_cfg_unpack(words.w, &cfg, &bad));
    EXPECT_STREQ(bad, "a bit above the vector");
}

TEST(pack, hex_is_refused_where_it_is_none_or_too_long)
{
    mmu_cfg_t cfg;
    const char *bad = nullptr;
    EXPECT_FALSE(mmu_cfg_from_hex("", &cfg, &bad));
    EXPECT_STREQ(bad, "the number of digits");
    EXPECT_FALSE(mmu_cfg_from_hex(std::string(MMU_CFG_HEX_SIZE, '0').c_str(), &cfg, &bad));
    EXPECT_STREQ(bad, "the number of digits");
    EXPECT_FALSE(mmu_cfg_from_hex("12g4", &cfg, &bad));
    EXPECT_STREQ(bad, "a character that is no hexadecimal digit");
}

TEST(pack, equal_sees_each_field_and_no_padding)
{
    mmu_cfg_t a, b;
    memset(&a, 0xff, sizeof a);
    memset(&b, 0x00, sizeof b);
    // Whole members are assigned, padding is not.
    const mmu_cfg_t source = tiny();
    a.version = b.version = source.version;
    a.formats = b.formats = source.formats;
    a.asid_bits = b.asid_bits = source.asid_bits;
    a.walks = b.walks = source.walks;
    a.l2_latency = b.l2_latency = source.l2_latency;
    a.pmp_entries = b.pmp_entries = source.pmp_entries;
    a.hypervisor = b.hypervisor = source.hypervisor;
    a.vmid_bits = b.vmid_bits = source.vmid_bits;
    a.gtlb_ways = b.gtlb_ways = source.gtlb_ways;
    a.gtlb_policy = b.gtlb_policy = source.gtlb_policy;
    for (int p = 0; p < MMU_PORTS; p++)
        a.misses[p] = b.misses[p] = source.misses[p];
    for (int l = 0; l < MMU_LEVELS; l++)
        for (int k = 0; k < MMU_ARRAYS; k++) {
            const mmu_cfg_array_t &s = source.array[l][k];
            for (mmu_cfg_array_t *t : {&a.array[l][k], &b.array[l][k]}) {
                t->sets_log2 = s.sets_log2;
                t->ways = s.ways;
                t->pages = s.pages;
                t->policy = s.policy;
            }
        }
    for (int k = 0; k < MMU_PWC_LEVELS; k++)
        for (mmu_cfg_pwc_t *t : {&a.pwc[k], &b.pwc[k]}) {
            t->ways = source.pwc[k].ways;
            t->policy = source.pwc[k].policy;
        }
    for (int k = 0; k < MMU_PWC_LEVELS; k++)
        for (mmu_cfg_pwc_t *t : {&a.gpwc[k], &b.gpwc[k]}) {
            t->ways = source.gpwc[k].ways;
            t->policy = source.gpwc[k].policy;
        }
    EXPECT_TRUE(mmu_cfg_equal(&a, &b));

    Words words;
    mmu_cfg_pack(&source, words.w);
    for (unsigned n = 0; mmu_cfg_field(n) != nullptr; n++) {
        const mmu_cfg_field_t *f = mmu_cfg_field(n);
        for (unsigned i = 0; i < f->count; i++) {
            Words other = words;
            mmu_cfg_t cfg;
            other.put(f->base + i * f->width, 1, other.get(f->base + i * f->width, 1) ^ 1u);
            mmu_cfg_unpack(other.w, &cfg, nullptr);
            EXPECT_FALSE(mmu_cfg_equal(&source, &cfg)) << f->name << i;
        }
    }
}

// The layout is a contract with RTL that people have at hand: a change must come with a new version.
TEST(pack, the_layout_of_version_4_stays)
{
    char hex[MMU_CFG_HEX_SIZE];
    const mmu_cfg_t cfg = tiny();
    ASSERT_EQ(MMU_CFG_VERSION, 4);
    mmu_cfg_to_hex(&cfg, hex);
    EXPECT_STREQ(hex, "0010000010401140200000208000100000000000084000002c000040000000002c40000080020200"
                      "0020010010002024444000104");
}

} // namespace
