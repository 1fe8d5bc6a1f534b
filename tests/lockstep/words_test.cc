// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The words of a clock: nothing is lost on the way, no two fields share a bit, and SystemVerilog and C speak of the
// same ports.
#include "compare/mmu_words.h"

#include "support/run.h"

#include <gtest/gtest.h>

#include <cstring>
#include <regex>
#include <set>

TEST(Words, output_fields_do_not_overlap_and_have_the_widths_of_the_ports)
{
    std::set<unsigned> used;

    for (const mmu_field_t &field : mmu_fields) {
        ASSERT_GE(field.bit, 64 * MMU_WORDS_IN) << field.name;
        ASSERT_LE(field.bit + field.width, 64 * MMU_WORDS) << field.name;
        for (unsigned b = 0; b < field.width; b++)
            EXPECT_TRUE(used.insert(field.bit + b).second) << field.name << " bit " << b;
    }
    // req_ready, two answers, fence_ready, fence_done, mreq, idle, events
    EXPECT_EQ(used.size(), 2u + 2 * (1 + 4 + 56 + 6 + 2 + 1 + 6 + 64 + 64 + 2) + 2 +
                               (1 + 3 + 1 + 1 + 56 + 64 + 64) + 1 + MMU_EVENT_W);
}

TEST(Words, each_output_field_returns_from_its_bits)
{
    for (const mmu_field_t &field : mmu_fields)
        for (unsigned b = 0; b < field.width; b++) {
            uint64_t words[MMU_WORDS] = {}, again[MMU_WORDS] = {};
            mmu_out_t out;
            words[(field.bit + b) / 64] = UINT64_C(1) << (field.bit + b) % 64;
            mmu_words_unpack_out(words, &out);
            mmu_words_pack_out(&out, again);
            EXPECT_EQ(memcmp(words, again, sizeof words), 0) << field.name << " bit " << b;
            EXPECT_EQ(mmu_field_get(&field, again), UINT64_C(1) << b) << field.name;
        }
}

TEST(Words, inputs_return_from_their_words)
{
    mmu_in_t in{}, again{};

    in.req[0] = {0x123456789abcdef0, true, 11, 5, 6, 2};
    in.req[1] = {0xfedcba9876543210, true, 5, 2, 3, 1};
    in.kill[0] = false;
    in.kill[1] = true;
    in.ctx[0] = {0xabcdef01234, 0xfedc, 10,     true,          false,         true,
                 false,         9,      0x2bcd, 0x5a5a5a5a5a4, 0xfedcba98765, 0xb};
    in.ctx[1] = {0x123456789ab, 0x1357, 8,      false,         true,          false,
                 true,          1,      0x1234, 0xa5a5a5a5a58, 0x89abcdef012, 0x5};
    in.fence = {0x1122334455667788, 0x99aa, true, false, true, MMU_FENCE_G, true, true, 0x3001, true};
    in.mreq_ready = true;
    in.mrsp = {0x8899aabbccddeeff, true, true, 6};
    uint64_t words[MMU_WORDS] = {}, second[MMU_WORDS] = {};
    mmu_words_pack_in(&in, words);
    mmu_words_unpack_in(words, &again);
    mmu_words_pack_in(&again, second);
    EXPECT_EQ(memcmp(words, second, sizeof words), 0);
    EXPECT_EQ(again.req[0].va, in.req[0].va);
    EXPECT_EQ(again.req[0].id, 11);
    EXPECT_EQ(again.req[1].acc, 2);
    for (unsigned p = 0; p < MMU_PORTS; p++) {
        EXPECT_EQ(again.ctx[p].root, in.ctx[p].root);
        EXPECT_EQ(again.ctx[p].asid, in.ctx[p].asid);
        EXPECT_EQ(again.ctx[p].mode, in.ctx[p].mode);
        EXPECT_EQ(again.ctx[p].sum, in.ctx[p].sum);
        EXPECT_EQ(again.ctx[p].mxr, in.ctx[p].mxr);
        EXPECT_EQ(again.ctx[p].v, in.ctx[p].v);
        EXPECT_EQ(again.ctx[p].gmxr, in.ctx[p].gmxr);
        EXPECT_EQ(again.ctx[p].gmode, in.ctx[p].gmode);
        EXPECT_EQ(again.ctx[p].vmid, in.ctx[p].vmid);
        EXPECT_EQ(again.ctx[p].groot, in.ctx[p].groot);
        EXPECT_EQ(again.ctx[p].aux, in.ctx[p].aux);
        EXPECT_EQ(again.ctx[p].flags, in.ctx[p].flags);
    }
    EXPECT_EQ(again.fence.kind, MMU_FENCE_G);
    EXPECT_TRUE(again.fence.posted);
    EXPECT_TRUE(again.fence.keep_g);
    EXPECT_TRUE(again.fence.vmid_en);
    EXPECT_EQ(again.fence.vmid, 0x3001);
    EXPECT_TRUE(again.kill[1]);
    EXPECT_EQ(again.fence.asid, 0x99aa);
    EXPECT_TRUE(again.fence.asid_en);
    EXPECT_EQ(again.mrsp.id, 6);
}

TEST(Words, slow_registers_return_from_their_bits)
{
    // Each bit alone, and each but one: no two fields share one, and none is lost.
    for (unsigned b = 0; b < MMU_SLOW_BITS; b++)
        for (uint64_t bits : {UINT64_C(1) << b, ((UINT64_C(1) << MMU_SLOW_BITS) - 1) ^ UINT64_C(1) << b}) {
            const mmu_slow_t slow = mmu_words_unpack_slow(bits);
            EXPECT_EQ(mmu_words_pack_slow(&slow), bits) << "bit " << b;
        }
}

// slow_t and fence_t of rtl/mmu_pkg.sv, whose first field is the most significant.
TEST(Words, registers_of_formats_stand_where_rtl_has_them)
{
    mmu_slow_t slow{};
    slow.format = 0xa;
    slow.pse = slow.nxe = true;
    slow.maxpa = 0x2d;
    slow.plg = 0x13;
    slow.rows_lg = 0x11;
    EXPECT_EQ(mmu_words_pack_slow(&slow), UINT64_C(0xa) << 29 | UINT64_C(1) << 28 | UINT64_C(1) << 26 |
                                              UINT64_C(0x2d) << 19 | UINT64_C(0x13) << 14 |
                                              UINT64_C(0x11) << 8);

    mmu_in_t in{};
    uint64_t words[MMU_WORDS] = {};
    in.fence.keep_g = true;
    in.ctx[1].flags = 1;
    mmu_words_pack_in(&in, words);
    EXPECT_EQ(words[MMU_WORD_FENCE + 1], UINT64_C(1) << (102 - 64));
    EXPECT_EQ(words[MMU_WORD_CTX + 4], UINT64_C(1) << (178 + 130 - 4 * 64));
}

TEST(Words, pmp_writes_return_from_their_words)
{
    const mmu_pmp_write_t pmp = {0x2abcdef0123456, true, 0x2a, 0x9f};
    uint64_t words[MMU_PMP_WORDS];

    mmu_words_pack_pmp(&pmp, words);
    // pmp_write_t of rtl/mmu_pkg.sv: valid, index, cfg, addr
    EXPECT_EQ(words[0], UINT64_C(0x2abcdef0123456) | UINT64_C(0x9f) << 54 | UINT64_C(0x2a) << 62);
    EXPECT_EQ(words[1], 0x2au >> 2 | 1u << 4);
    const mmu_pmp_write_t again = mmu_words_unpack_pmp(words);
    EXPECT_EQ(again.addr, pmp.addr);
    EXPECT_EQ(again.cfg, pmp.cfg);
    EXPECT_EQ(again.index, pmp.index);
    EXPECT_TRUE(again.valid);
}

// A port that the MMU has and the lockstep has not would go uncompared.
TEST(Words, lockstep_has_every_port_of_the_rtl)
{
    const auto ports = [](const std::string &file) {
        const std::string text = run::read_file(std::string(LOCKWALK_SOURCE_DIR) + file);
        const std::regex port(R"((?:^|\n) *(?:input|output) +[^\n;]*?(\w+_n?[io]) *(?:,|//|\n|\)))");
        std::set<std::string> names;
        for (std::sregex_iterator it(text.begin(), text.end(), port), end; it != end; ++it)
            names.insert((*it)[1]);
        return names;
    };
    const auto rtl = ports("/rtl/mmu.sv");
    EXPECT_GE(rtl.size(), 16u);
    EXPECT_EQ(rtl, ports("/tb/lockstep/mmu_lockstep.sv"));
}
