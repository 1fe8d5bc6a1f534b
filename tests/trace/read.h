// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Reading a whole trace, for tests.
#ifndef LOCKWALK_TESTS_TRACE_READ_H
#define LOCKWALK_TESTS_TRACE_READ_H

#include "lockwalk/mmu_trace.h"

#include "../support/run.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace traces
{

using Access = std::tuple<int, uint64_t, uint32_t, unsigned>; // kind, address, size, process
using Notes = std::map<std::string, uint64_t>;

inline Access I(uint64_t va, uint32_t size, unsigned process = 0)
{
    return {MMU_ACC_FETCH, va, size, process};
}
inline Access L(uint64_t va, uint32_t size, unsigned process = 0)
{
    return {MMU_ACC_LOAD, va, size, process};
}
inline Access S(uint64_t va, uint32_t size, unsigned process = 0)
{
    return {MMU_ACC_STORE, va, size, process};
}

struct Read {
    std::vector<Access> accesses;
    std::string error, form;
    Notes notes;
    unsigned processes = 0;
};

inline Read read_file(const std::string &path, bool pages = false)
{
    Read result;
    char err[512] = "";
    mmu_trace_t *trace = mmu_trace_open(path.c_str(), err, sizeof err);
    if (trace == nullptr) {
        result.error = err;
        return result;
    }
    mmu_access_t a;
    bool last = false;
    int got;
    while ((got = pages ? mmu_trace_next_page(trace, &a, &last) : mmu_trace_next(trace, &a)) > 0)
        result.accesses.emplace_back(a.acc, a.va, a.size, a.process);
    if (got < 0)
        result.error = mmu_trace_error(trace);
    // An error stays one.
    EXPECT_EQ(mmu_trace_next(trace, &a), got);
    uint64_t count;
    for (unsigned n = 0; const char *what = mmu_trace_note(trace, n, &count); n++)
        result.notes[what] = count;
    result.form = mmu_trace_form(trace);
    result.processes = mmu_trace_processes(trace);
    mmu_trace_close(trace);
    return result;
}

// The file is called t in errors.
inline Read read_text(const std::string &text, bool pages = false)
{
    run::Folder folder;
    const std::string path = folder.file("t", text);
    Read result = read_file(path, pages);
    const size_t at = result.error.find(path);
    if (at != std::string::npos)
        result.error.replace(at, path.size(), "t");
    return result;
}

} // namespace traces

#endif
