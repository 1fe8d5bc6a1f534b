// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// .lwt: what is written is read, in one go, by seeking, and as far as it is whole.
#include "lockwalk/mmu_trace_write.h"

#include "../support/run.h"
#include "trace/read.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace
{

using namespace traces;
using Accesses = std::vector<mmu_access_t>;

mmu_access_t access(mmu_acc_e acc, uint64_t va, uint32_t size, uint16_t process = 0, bool modify = false)
{
    mmu_access_t a;
    memset(&a, 0, sizeof a);
    a.va = va;
    a.size = size;
    a.acc = static_cast<uint8_t>(acc);
    a.process = process;
    a.modify = modify;
    return a;
}

void write(const std::string &path, const Accesses &accesses, const mmu_trace_about_t *about = nullptr,
           size_t step = 1000)
{
    char err[512] = "";
    mmu_trace_writer_t *w = mmu_trace_create(path.c_str(), about, err, sizeof err);
    ASSERT_NE(w, nullptr) << err;
    for (size_t at = 0; at < accesses.size(); at += step)
        ASSERT_TRUE(mmu_trace_write(w, accesses.data() + at, std::min(step, accesses.size() - at)));
    EXPECT_EQ(mmu_trace_written(w), accesses.size());
    ASSERT_TRUE(mmu_trace_finish(w, err, sizeof err)) << err;
    EXPECT_NE(::access((path + ".part").c_str(), F_OK), 0);
}

struct Got {
    Accesses accesses;
    std::string error;
    unsigned processes = 0;
};

Got read(const std::string &path, size_t room = 4096)
{
    Got got;
    char err[512] = "";
    mmu_trace_t *t = mmu_trace_open(path.c_str(), err, sizeof err);
    if (t == nullptr) {
        got.error = err;
        return got;
    }
    Accesses block(room);
    while (const size_t n = mmu_trace_read(t, block.data(), room))
        got.accesses.insert(got.accesses.end(), block.begin(), block.begin() + static_cast<long>(n));
    if (mmu_trace_failed(t))
        got.error = mmu_trace_error(t);
    got.processes = mmu_trace_processes(t);
    mmu_trace_close(t);
    return got;
}

bool same(const mmu_access_t &a, const mmu_access_t &b)
{
    return a.va == b.va && a.size == b.size && a.acc == b.acc && a.modify == b.modify &&
           a.process == b.process;
}

// The first place where they differ; -1: nowhere.
long difference(const Accesses &a, const Accesses &b)
{
    for (size_t n = 0; n < a.size() || n < b.size(); n++)
        if (n >= a.size() || n >= b.size() || !same(a[n], b[n]))
            return static_cast<long>(n);
    return -1;
}

// Something like a program: loops over a few stretches of code, data near and far.
Accesses program(unsigned seed, size_t n, unsigned processes = 1)
{
    std::mt19937_64 random(seed);
    Accesses all;
    uint64_t pc = 0x400000, stack = 0x7ffffff000;
    uint16_t process = 0;
    while (all.size() < n) {
        if (random() % 50 == 0)
            process = static_cast<uint16_t>(random() % processes);
        if (random() % 6 == 0)
            pc = 0x400000 + random() % 64 * 40;
        const uint32_t size = 1 + static_cast<uint32_t>(pc * 7 % 9);
        all.push_back(access(MMU_ACC_FETCH, pc, size, process));
        pc += size;
        for (unsigned k = static_cast<unsigned>(pc % 3); k-- > 0;) {
            const bool modify = pc % 5 == 0;
            const uint64_t va = pc % 2 ? stack - random() % 64 * 8 : 0x10000000 + random() % (1 << 20);
            all.push_back(access(modify || k == 0 ? MMU_ACC_LOAD : MMU_ACC_STORE, va, 8, process, modify));
            if (modify)
                all.push_back(access(MMU_ACC_STORE, va, 8, process, true));
        }
    }
    all.resize(n);
    return all;
}

// Nothing like a program: any kind, size, process and address.
Accesses wild(unsigned seed, size_t n)
{
    std::mt19937_64 random(seed);
    Accesses all;
    for (size_t k = 0; k < n; k++) {
        const mmu_acc_e acc = static_cast<mmu_acc_e>(random() % 3);
        const uint32_t size =
            random() % 4 == 0 ? 1 + static_cast<uint32_t>(random() % 4096) : 1u << random() % 7;
        uint64_t va = random() >> random() % 64;
        if (random() % 8 == 0)
            va = UINT64_MAX - random() % 5000;
        if (random() % 8 == 0)
            va = random() % 3;
        if (va + size - 1 < va)
            va = UINT64_MAX - size + 1;
        all.push_back(access(acc, va, size, static_cast<uint16_t>(random() % 5 == 0 ? random() : 0),
                             random() % 9 == 0));
    }
    return all;
}

TEST(Lwt, what_is_written_is_read)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    for (const size_t n : {0, 1, 2, 7, 8, 9, 63, 64, 65, 1000, 30000}) {
        write(path, program(1, n));
        const Got got = read(path);
        EXPECT_EQ(got.error, "");
        EXPECT_EQ(difference(got.accesses, program(1, n)), -1) << n;
    }
}

TEST(Lwt, any_accesses_are_kept)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    for (unsigned seed = 0; seed < 8; seed++) {
        const Accesses all = wild(seed, 20000);
        write(path, all);
        const Got got = read(path, 1 + seed * 97);
        EXPECT_EQ(got.error, "");
        EXPECT_EQ(difference(got.accesses, all), -1) << seed;
    }
}

TEST(Lwt, the_ends_of_the_address_space_are_kept)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    Accesses all;
    for (const mmu_acc_e acc : {MMU_ACC_FETCH, MMU_ACC_LOAD, MMU_ACC_STORE})
        for (unsigned round = 0; round < 4; round++)
            for (const uint64_t va : {UINT64_MAX, UINT64_C(0), UINT64_C(1) << 63, UINT64_MAX - 4095})
                all.push_back(access(acc, va, va == UINT64_MAX - 4095 ? 4096 : 1));
    write(path, all);
    const Got got = read(path, 5);
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(difference(got.accesses, all), -1);
}

TEST(Lwt, more_than_a_block_and_blocks_that_are_full_early)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    Accesses all = program(3, 700000, 40);
    const Accesses some = wild(4, 400000); // more different runs than a block holds
    all.insert(all.end(), some.begin(), some.end());
    write(path, all, nullptr, 123457);
    const Got got = read(path);
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(difference(got.accesses, all), -1);
    EXPECT_GT(got.processes, 40u);
}

TEST(Lwt, rooms_of_any_size_give_the_same)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    const Accesses all = program(5, 5000, 3);
    write(path, all);
    for (size_t room = 1; room < 200; room += room < 20 ? 1 : 13)
        EXPECT_EQ(difference(read(path, room).accesses, all), -1) << room;
}

TEST(Lwt, the_file_is_the_same_every_time)
{
    run::Folder folder;
    write(folder.path() + "/a.lwt", program(6, 40000, 3), nullptr, 1);
    write(folder.path() + "/b.lwt", program(6, 40000, 3), nullptr, 39999);
    EXPECT_EQ(run::read_file(folder.path() + "/a.lwt"), run::read_file(folder.path() + "/b.lwt"));
}

// ---- the header ---------------------------------------------------------------------------------------------

TEST(Lwt, carries_source_command_page_map_and_processes)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt",
                      map_text = "400000-7fffff 2M\n40000000-7fffffff 1G process 2\n";
    char err[512];
    mmu_page_map_t *map = mmu_page_map_parse(map_text.data(), map_text.size(), "m", err, sizeof err);
    const mmu_trace_about_t about = {"x.trc, plain", "lockwalk trace convert x.trc", map};
    Accesses all = program(7, 3000, 3);
    all.push_back(access(MMU_ACC_LOAD, 1, 1, 9));
    write(path, all, &about);
    mmu_page_map_free(map);
    mmu_trace_t *t = mmu_trace_open(path.c_str(), err, sizeof err);
    ASSERT_NE(t, nullptr) << err;
    EXPECT_EQ(mmu_trace_processes(t), 10u); // before anything is read
    ASSERT_NE(mmu_trace_page_map(t), nullptr);
    EXPECT_EQ(mmu_page_map_lg(mmu_trace_page_map(t), 0, 0x400000), 21u);
    EXPECT_EQ(mmu_page_map_lg(mmu_trace_page_map(t), 2, 0x40000000), 30u);
    mmu_trace_header_t header;
    ASSERT_TRUE(mmu_trace_header(t, &header));
    EXPECT_STREQ(header.source, "x.trc, plain");
    EXPECT_STREQ(header.command, "lockwalk trace convert x.trc");
    EXPECT_EQ(header.accesses, 3001u);
    EXPECT_EQ(header.blocks, 1u);
    EXPECT_EQ(header.kinds[0] + header.kinds[1] + header.kinds[2], 3001u);
    EXPECT_TRUE(header.indexed);
    mmu_trace_close(t);
}

TEST(Lwt, a_pipe_and_packed_again_give_the_same)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    const Accesses all = program(8, 20000, 3);
    write(path, all);
    for (const char *tool : {"gzip", "xz", "zstd"}) {
        ASSERT_EQ(run::shell(std::string(tool) + " -c " + path + " >" + path + ".packed").status, 0);
        const Got got = read(path + ".packed");
        EXPECT_EQ(got.error, "");
        EXPECT_EQ(difference(got.accesses, all), -1);
        EXPECT_EQ(got.processes, 3u);
    }
    const run::Result r = run::shell("cat " + path + " | " LOCKWALK_BIN " trace info -");
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_NE(r.out.find("20000"), std::string::npos) << r.out;
}

// ---- seeking -------------------------------------------------------------------------------------------------

TEST(Lwt, seeks_to_any_access)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    const Accesses all = program(9, 1300000, 3);
    write(path, all);
    // With its index, and without: then the blocks' heads are looked at.
    const std::string bytes = run::read_file(path);
    const std::string cut = folder.file("cut.lwt", bytes.substr(0, bytes.size() - 20));
    for (const std::string &file : {path, cut}) {
        char err[512];
        mmu_trace_t *t = mmu_trace_open(file.c_str(), err, sizeof err);
        ASSERT_NE(t, nullptr) << err;
        std::mt19937 random(10);
        for (unsigned n = 0; n < 60; n++) {
            // The cut file's end is an error.
            const size_t size = file == path ? all.size() : all.size() - 3;
            const uint64_t to = n == 0   ? 0
                                : n == 1 ? size - 1
                                : n == 2 ? 524288
                                : n == 3 ? 524287
                                         : random() % size;
            mmu_access_t a[3];
            ASSERT_TRUE(mmu_trace_seek(t, to)) << mmu_trace_error(t);
            EXPECT_EQ(mmu_trace_count(t), to);
            const size_t got = mmu_trace_read(t, a, 3);
            ASSERT_EQ(got, std::min<size_t>(3, all.size() - to));
            for (size_t k = 0; k < got; k++)
                EXPECT_TRUE(same(a[k], all[to + k])) << to + k;
        }
        if (file == path) {
            mmu_access_t a;
            ASSERT_TRUE(mmu_trace_seek(t, all.size()));
            EXPECT_EQ(mmu_trace_read(t, &a, 1), 0u);
            EXPECT_FALSE(mmu_trace_failed(t)) << mmu_trace_error(t);
            EXPECT_FALSE(mmu_trace_seek(t, all.size() + 1));
            EXPECT_EQ(mmu_trace_error(t), path + ": there is no access 1300001: the trace has 1300000");
        }
        mmu_trace_close(t);
    }
}

TEST(Lwt, other_formats_seek_forward_by_reading)
{
    run::Folder folder;
    char err[512];
    const std::string path = folder.file("t.trc", "I 10,1\nI 20,1\nI 30,1\nI 40,1\n");
    mmu_access_t a;
    mmu_trace_t *t = mmu_trace_open(path.c_str(), err, sizeof err);
    ASSERT_TRUE(mmu_trace_seek(t, 2));
    ASSERT_EQ(mmu_trace_next(t, &a), 1);
    EXPECT_EQ(a.va, 0x30u);
    ASSERT_TRUE(mmu_trace_seek(t, 4));
    EXPECT_FALSE(mmu_trace_seek(t, 5));
    EXPECT_EQ(mmu_trace_error(t), path + ": there is no access 5: the trace has 4");
    mmu_trace_close(t);
    t = mmu_trace_open(path.c_str(), err, sizeof err);
    ASSERT_TRUE(mmu_trace_seek(t, 2));
    EXPECT_FALSE(mmu_trace_seek(t, 1));
    EXPECT_EQ(mmu_trace_error(t),
              path + ": cannot go back from access 2 to 1: only an .lwt file (not compressed again, "
                     "no pipe) can");
    mmu_trace_close(t);
}

// ---- damage --------------------------------------------------------------------------------------------------

std::string small_file(const run::Folder &folder, Accesses *all)
{
    *all = program(11, 300, 3);
    const std::string path = folder.path() + "/small.lwt";
    write(path, *all);
    return run::read_file(path);
}

TEST(Lwt, cut_at_any_byte_is_an_error_and_gives_what_was_whole)
{
    run::Folder folder;
    Accesses all;
    const std::string bytes = small_file(folder, &all);
    for (size_t cut = 1; cut < bytes.size(); cut++) {
        const Got got = read(folder.file("cut.lwt", bytes.substr(0, cut)));
        EXPECT_NE(got.error, "") << cut;
        EXPECT_TRUE(got.accesses.empty() || difference(got.accesses, all) == -1) << cut;
    }
    const Got got = read(folder.file("cut.lwt", bytes.substr(0, bytes.size() - 1)));
    EXPECT_EQ(got.error, folder.path() + "/cut.lwt: byte " + std::to_string(bytes.size() - 1) +
                             ": the file is cut short; 300 accesses of 1 block were whole");
    EXPECT_EQ(difference(got.accesses, all), -1);
}

// A few bits of a zstd frame mean nothing.
TEST(Lwt, a_changed_byte_anywhere_is_an_error_or_changes_nothing)
{
    run::Folder folder;
    Accesses all;
    const std::string bytes = small_file(folder, &all);
    size_t silent = 0;
    for (size_t at = 0; at < bytes.size(); at++)
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string bad = bytes;
            bad[at] = static_cast<char>(bad[at] ^ flip);
            const Got got = read(folder.file("bad.lwt", bad));
            const bool all_there = difference(got.accesses, all) == -1;
            EXPECT_TRUE(got.error != "" || all_there) << at;
            EXPECT_TRUE(got.accesses.empty() || all_there) << at;
            silent += got.error == "";
        }
    EXPECT_LT(silent, bytes.size() / 20);
}

TEST(Lwt, a_damaged_block_is_named_and_those_before_it_are_given)
{
    run::Folder folder;
    const std::string path = folder.path() + "/t.lwt";
    const Accesses all = program(12, 1100000);
    write(path, all);
    std::string bytes = run::read_file(path);
    std::vector<size_t> blocks;
    for (size_t at = 0; (at = bytes.find("BLCK", at)) != std::string::npos; at++)
        blocks.push_back(at);
    ASSERT_EQ(blocks.size(), 3u);
    bytes[blocks[1] + 24 + 200] = static_cast<char>(~bytes[blocks[1] + 24 + 200]);
    const Got got = read(folder.file("bad.lwt", bytes));
    EXPECT_EQ(got.accesses.size(), 524288u);
    EXPECT_EQ(difference(got.accesses, Accesses(all.begin(), all.begin() + 524288)), -1);
    EXPECT_EQ(got.error.substr(0, got.error.find("damaged")),
              folder.path() + "/bad.lwt: byte " + std::to_string(blocks[1]) + ": block 2 is ");
    EXPECT_NE(got.error.find("; 524288 accesses of the 1 block before it were whole"), std::string::npos)
        << got.error;
}

TEST(Lwt, another_version_and_another_file_are_told)
{
    run::Folder folder;
    Accesses all;
    std::string bytes = small_file(folder, &all);
    bytes[8] = 2;
    EXPECT_EQ(read(folder.file("v.lwt", bytes)).error,
              folder.path() + "/v.lwt: is .lwt of version 2, expected 1");
    bytes.replace(4, 2, "\n"); // as a transfer of text does
    EXPECT_EQ(read(folder.file("v.lwt", bytes)).error,
              folder.path() +
                  "/v.lwt: is no .lwt file, expected one that begins with the bytes 89 4c 57 54 0d 0a 1a 0a");
    EXPECT_NE(read(folder.file("more.lwt", run::read_file(folder.path() + "/small.lwt") + "x")).error, "");
}

// ---- text ------------------------------------------------------------------------------------------------------

TEST(TraceText, is_written_as_it_is_read)
{
    run::Folder folder;
    Accesses all = wild(13, 30000);
    for (auto &a : all)
        a.modify = false; // text has none
    for (const char *name : {"/t.trc", "/t.txt", "/t.trc.zst", "/t.trc.gz", "/t.txt.xz"}) {
        write(folder.path() + name, all);
        const Got got = read(folder.path() + name);
        EXPECT_EQ(got.error, "");
        EXPECT_EQ(difference(got.accesses, all), -1) << name;
    }
    char err[512];
    EXPECT_EQ(mmu_trace_create((folder.path() + "/t.zip").c_str(), nullptr, err, sizeof err), nullptr);
    EXPECT_EQ(
        err,
        folder.path() +
            "/t.zip: expected a name that ends in .lwt, or in .trc or .txt and perhaps .zst, .gz or .xz");
    EXPECT_EQ(mmu_trace_create("/no/such/folder/t.lwt", nullptr, err, sizeof err), nullptr);
    EXPECT_STREQ(err, "/no/such/folder/t.lwt cannot be written: No such file or directory");
}

TEST(TraceText, an_abandoned_file_is_gone)
{
    run::Folder folder;
    char err[512];
    mmu_trace_writer_t *w = mmu_trace_create((folder.path() + "/t.lwt").c_str(), nullptr, err, sizeof err);
    const mmu_access_t a = access(MMU_ACC_LOAD, 1, 1);
    ASSERT_TRUE(mmu_trace_write(w, &a, 1));
    mmu_trace_abandon(w);
    EXPECT_EQ(run::shell("ls " + folder.path()).out, "");
}

} // namespace
