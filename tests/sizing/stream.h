// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Page numbers as engines want them.
#ifndef LOCKWALK_TESTS_SIZING_STREAM_H
#define LOCKWALK_TESTS_SIZING_STREAM_H

#include "lockwalk/mmu_sizing_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

using Ids = std::vector<mmu_page_id_t>;

// A stream of pages, and its ids.
struct Stream {
    mmu_pages_t pages{};
    Ids ids;

    explicit Stream(const std::vector<uint64_t> &numbers)
    {
        EXPECT_TRUE(mmu_pages_init(&pages));
        for (uint64_t page : numbers)
            ids.push_back(mmu_pages_id(&pages, page, uint32_t(page)));
    }
    // Feeds all ids in pieces of an odd size: state lasts over them.
    template <typename Feed> void feed(size_t piece, Feed fn) const
    {
        for (size_t from = 0; from < ids.size(); from += piece) {
            const mmu_page_block_t block =
                mmu_pages_block(&pages, &ids[from], std::min(piece, ids.size() - from));
            ASSERT_TRUE(fn(&block));
        }
    }
    ~Stream()
    {
        mmu_pages_free(&pages);
    }
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;
};

#endif
