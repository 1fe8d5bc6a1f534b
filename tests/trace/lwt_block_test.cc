// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// .lwt blocks whose check sums are right and whose contents are not: told, and nothing outside them is touched (the
// debug build has sanitizers that watch).
extern "C" {
#include "trace/mmu_lwt.h"
}

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace
{

using Column = std::vector<uint8_t>;

struct Block {
    uint32_t counts[MMU_LWT_COUNTS];
    std::vector<Column> columns{MMU_LWT_COLUMNS};
    uint32_t count; // accesses
};

std::vector<mmu_access_t> some_accesses(std::mt19937_64 &random, size_t n)
{
    std::vector<mmu_access_t> all(n);
    memset(all.data(), 0, n * sizeof all[0]);
    uint64_t pc = 0x1000;
    for (auto &a : all) {
        a.acc = static_cast<uint8_t>(random() % 3);
        a.size = 1 + static_cast<uint32_t>(random() % (random() % 5 == 0 ? 4000 : 16));
        if (random() % 5 == 0)
            pc = random() % 50 * 16;
        a.va = a.acc == MMU_ACC_FETCH ? pc : random() >> random() % 60;
        if (a.acc == MMU_ACC_FETCH)
            pc += a.size;
        a.va = a.va + a.size - 1 < a.va ? 0 : a.va;
        a.process = random() % 20 == 0 ? 3 : 0;
    }
    return all;
}

Block take_apart(const uint8_t *payload, size_t n)
{
    Block b = {};
    const char *problem = nullptr;
    size_t at = MMU_LWT_BLOCK_HEAD;
    b.columns.resize(MMU_LWT_COLUMNS);
    for (unsigned k = 0; k < MMU_LWT_COUNTS; k++)
        b.counts[k] = mmu_lwt_get32(payload + 4 * k);
    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++) {
        const size_t stored = mmu_lwt_get32(payload + 16 + 8 * c);
        if (stored != 0) {
            size_t size = 0;
            uint8_t *bytes = mmu_lwt_inflate(payload + at, stored, 1 << 23, &size, &problem);
            b.columns[c].assign(bytes, bytes + size);
            free(bytes);
        }
        at += stored;
    }
    EXPECT_EQ(at, n);
    return b;
}

std::vector<uint8_t> put_together(const Block &b)
{
    std::vector<uint8_t> payload(MMU_LWT_BLOCK_HEAD);
    uint8_t *frame = nullptr;
    size_t room = 0;
    for (unsigned k = 0; k < MMU_LWT_COUNTS; k++)
        mmu_lwt_put32(&payload[4 * k], b.counts[k]);
    for (unsigned c = 0; c < MMU_LWT_COLUMNS; c++) {
        const Column &column = b.columns[c];
        const size_t stored =
            column.empty() ? 0 : mmu_lwt_deflate(&frame, &room, column.data(), column.size());
        mmu_lwt_put32(&payload[16 + 8 * c], static_cast<uint32_t>(stored));
        mmu_lwt_put32(&payload[20 + 8 * c], static_cast<uint32_t>(column.size()));
        payload.insert(payload.end(), frame, frame + stored);
    }
    free(frame);
    mmu_lwt_put32(&payload[MMU_LWT_BLOCK_HEAD - 4],
                  static_cast<uint32_t>(crc32(0, payload.data(), MMU_LWT_BLOCK_HEAD - 4)));
    return payload;
}

// What is wrong with it; "" where all was read.
std::string read(mmu_lwt_block_t *block, const std::vector<uint8_t> &payload, uint32_t count, size_t room)
{
    std::vector<mmu_access_t> to(room);
    const char *problem = mmu_lwt_block_load(block, payload.data(), payload.size(), count);
    size_t given = 0;
    while (problem == nullptr) {
        const size_t n = mmu_lwt_block_read(block, to.data(), room, &problem);
        if (n == 0)
            break;
        given += n;
        for (size_t k = 0; k < n; k++)
            EXPECT_TRUE(to[k].size >= 1 && to[k].size <= 4096 && to[k].acc <= MMU_ACC_STORE);
    }
    EXPECT_LE(given, count);
    EXPECT_TRUE(problem != nullptr || given == count);
    return problem != nullptr ? problem : "";
}

class LwtBlock : public testing::Test
{
  protected:
    LwtBlock() : random_(1), pack_(mmu_lwt_packer_new()), block_(mmu_lwt_block_new())
    {
    }
    ~LwtBlock() override
    {
        mmu_lwt_packer_free(pack_);
        mmu_lwt_block_free(block_);
    }
    Block some_block(size_t n)
    {
        const auto all = some_accesses(random_, n);
        const uint8_t *payload = nullptr;
        size_t length = 0;
        EXPECT_EQ(mmu_lwt_pack(pack_, all.data(), n, &payload, &length), n);
        Block b = take_apart(payload, length);
        b.count = static_cast<uint32_t>(n);
        return b;
    }
    std::mt19937_64 random_;
    mmu_lwt_packer_t *pack_;
    mmu_lwt_block_t *block_;
};

TEST_F(LwtBlock, taken_apart_and_put_together_is_the_same)
{
    const Block b = some_block(500);
    EXPECT_EQ(read(block_, put_together(b), 500, 64), "");
}

TEST_F(LwtBlock, wrong_contents_are_told_or_are_other_accesses)
{
    unsigned told = 0;
    for (unsigned n = 0; n < 1500; n++) {
        Block b = some_block(1 + random_() % 300);
        for (unsigned k = 0; k <= n % 3; k++) {
            Column &column = b.columns[random_() % MMU_LWT_COLUMNS];
            switch (random_() % 4) {
            case 0:
                if (!column.empty())
                    column[random_() % column.size()] = static_cast<uint8_t>(random_());
                break;
            case 1:
                column.push_back(static_cast<uint8_t>(random_()));
                break;
            case 2:
                if (!column.empty())
                    column.pop_back();
                break;
            default:
                b.counts[random_() % MMU_LWT_COUNTS] += static_cast<uint32_t>(random_() % 3) - 1;
                break;
            }
        }
        told += read(block_, put_together(b), b.count, 1 + random_() % 100) != "";
    }
    EXPECT_GT(told, 800u);
}

struct Wrong {
    const char *name;
    void (*change)(Block &b);
    const char *says;
};

class LwtBlockSays : public LwtBlock, public testing::WithParamInterface<Wrong>
{
};

TEST_P(LwtBlockSays, what_is_wrong)
{
    Block b = some_block(300);
    GetParam().change(b);
    EXPECT_EQ(read(block_, put_together(b), b.count, 1000), GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    , LwtBlockSays,
    testing::Values(
        Wrong{"counts", [](Block &b) { b.counts[0] = MMU_LWT_RUNS + 1; }, "its counts are too large"},
        Wrong{"more_slots_than_data", [](Block &b) { b.counts[3] = b.counts[2] + 1; },
              "its counts are too large"},
        Wrong{"fewer_slots", [](Block &b) { b.counts[3]--; }, "the description of its runs"},
        Wrong{"a_run_less", [](Block &b) { b.counts[0]--; }, "its runs are not what it counts"},
        Wrong{"heads", [](Block &b) { b.columns[MMU_LWT_HEADS].push_back(0); },
              "its runs are not what it counts"},
        Wrong{"kind_3", [](Block &b) { b.columns[MMU_LWT_KINDS][0] = 3; }, "the description of its runs"},
        Wrong{"size_4097",
              [](Block &b) {
                  Column &kinds = b.columns[MMU_LWT_KINDS];
                  kinds.erase(kinds.begin());
                  kinds.insert(kinds.begin(), {0x81, 0x80, 0x02});
              },
              "the description of its runs"},
        Wrong{"slot", [](Block &b) { b.columns[MMU_LWT_SLOTS][0] = 1; }, "the description of its runs"},
        Wrong{"list_odd", [](Block &b) { b.columns[MMU_LWT_LIST].push_back(0); },
              "its list of runs ends in the middle of one"},
        Wrong{"list_number", [](Block &b) { b.columns[MMU_LWT_LIST][0] = b.columns[MMU_LWT_LIST][1] = 0xff; },
              "its list names a run that is not described"},
        Wrong{"list_longer",
              [](Block &b) {
                  b.columns[MMU_LWT_LIST].push_back(0);
                  b.columns[MMU_LWT_LIST].push_back(0);
              },
              "its runs have another number of accesses"},
        Wrong{"codes", [](Block &b) { b.columns[MMU_LWT_CODES].push_back(0); },
              "its runs have another number of data accesses"},
        Wrong{"code_10", [](Block &b) { b.columns[MMU_LWT_CODES][0] = 10; }, "a data address"},
        Wrong{"difference_missing", [](Block &b) { b.columns[MMU_LWT_DIFF8].pop_back(); }, "a data address"},
        Wrong{"difference_left_over", [](Block &b) { b.columns[MMU_LWT_DIFF1].push_back(0); },
              "differences are left over"}),
    [](const auto &p) { return p.param.name; });

} // namespace
