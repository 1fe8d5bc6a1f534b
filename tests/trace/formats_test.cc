// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The readers of other tools' traces, on small samples: each is recognised, read in full, and says what is bad.
#include "lockwalk/mmu_trace.h"

#include "../support/run.h"
#include "trace/read.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace
{

using namespace traces;

std::string data(const std::string &name)
{
    return LOCKWALK_SOURCE_DIR "/tests/trace/data/" + name;
}

// ---- Spike --------------------------------------------------------------------------------------------------

TEST(Spike, reads_fetches_loads_stores_and_atomics_of_every_hart)
{
    const Read r = read_file(data("spike.log"));
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.form, "spike");
    EXPECT_EQ(r.accesses,
              (std::vector<Access>{
                  I(0x1000, 4), I(0x100c, 4), L(0x1018, 8), I(0x800022ea, 2), I(0xffffffc000001ec2, 2, 1),
                  L(0xffffffc00041bf10, 8, 1), I(0x3babc, 2, 1), S(0x3ffffffa38, 8, 1), I(0x80000010, 4),
                  S(0x80001004, 4), I(0x80000014, 4), S(0x80001001, 1), I(0x80000018, 4), L(0x80002000, 4),
                  S(0x80002000, 4), I(0x8000001c, 4), I(0x80000020, 4), L(0x80003000, 4), L(0x80003004, 4)}));
    EXPECT_EQ(r.notes, (Notes{{"line of a symbol", 1},
                              {"line of an executed instruction (-l)", 1},
                              {"line of an exception", 2}}));
    EXPECT_EQ(r.processes, 2u);
}

TEST(Spike, decodes_the_size_of_a_load_from_the_instruction)
{
    const struct {
        const char *insn;
        uint32_t size;
    } loads[] = {{"0x00050503", 1}, {"0x00051503", 2},  {"0x00052503", 4}, {"0x00053503", 8},
                 {"0x00054503", 1}, {"0x00056503", 4},  {"0x00052507", 4}, {"0x00053507", 8},
                 {"0x00051507", 2}, {"0x00054507", 16}, {"0x1005252f", 4}, {"0x1005352f", 8},
                 {"0x4108", 4},     {"0x6108", 8},      {"0x2108", 8},     {"0x4502", 4},
                 {"0x6502", 8},     {"0x2502", 8},      {"0x8108", 1},     {"0x8508", 2},
                 {"0x00000073", 8}};
    for (const auto &load : loads) {
        const Read r = read_text(std::string("core   0: 3 0x0000000000001000 (") + load.insn +
                                 ") x10 0x0000000000000000 mem 0x0000000080000000\n");
        ASSERT_EQ(r.accesses.size(), 2u) << load.insn << r.error;
        EXPECT_EQ(std::get<2>(r.accesses[1]), load.size) << load.insn;
    }
    // c.lwsp's neighbour: c.flwsp on RV32, c.ldsp on RV64.
    const Read r = read_text("core   0: 3 0x00001000 (0x6502) x10 0x00000000 mem 0x80000000\n");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0x1000, 2), L(0x80000000, 4)}));
}

TEST(Spike, a_log_without_commits_says_which_option_is_missing)
{
    const Read r = read_text("core   0: 0x0000000000001000 (0x00000297) auipc   t0, 0x0\n");
    EXPECT_EQ(r.error, "t: has 1 lines of executed instructions (-l), expected those of --log-commits");
}

// ---- QEMU ---------------------------------------------------------------------------------------------------

TEST(Qemu, reads_user_and_system_emulation)
{
    const Read r = read_file(data("qemu.log"));
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.form, "qemu");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0xa12, 2), I(0xa14, 4), I(0x10c8, 4), L(0x200000e4, 4),
                                               I(0x10ca, 2, 1), S(0x20000ff8, 8, 1), S(0x20000ffc, 4, 1),
                                               I(0x4000801a46, 2), L(0x40008009d3, 1)}));
    EXPECT_EQ(r.notes, (Notes{{"data access with a physical address (system emulation)", 3},
                              {"empty line (a vCPU that did nothing)", 1}}));
    EXPECT_EQ(r.processes, 2u);
}

// ---- DynamoRIO ----------------------------------------------------------------------------------------------

TEST(Drmemtrace, reads_the_view_tool)
{
    const Read r = read_file(data("drmemtrace.txt"));
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.form, "drmemtrace");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0x40100b, 7), I(0x401012, 8), I(0x40101a, 4),
                                               L(0x7ffc1a2b3c40, 8), S(0x7ffc1a2b3c60, 32), I(0x401026, 2)}));
    EXPECT_EQ(r.notes, (Notes{{"heading", 2},
                              {"dividing line", 2},
                              {"marker or thread's exit", 6},
                              {"line with further bytes of an instruction", 1},
                              {"prefetch or flush", 1},
                              {"change to another thread", 1},
                              {"result", 2}}));
}

// ---- Dinero -------------------------------------------------------------------------------------------------

TEST(Din, reads_dinero_3)
{
    const Read r = read_file(data("din3.din"));
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.form, "din");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0, 4), L(0x1000, 4), L(0x70f60888, 4), I(0x2cb5, 1),
                                               S(0x70f60890, 8), S(UINT64_MAX, 1)}));
    EXPECT_EQ(r.notes,
              (Notes{{"escape record", 1}, {"flush, copy back or invalidate", 1}, {"empty line", 1}}));
}

TEST(Din, reads_dinero_4_with_sizes_in_hexadecimal)
{
    const Read r = read_file(data("din4.din"));
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.form, "din");
    EXPECT_EQ(r.accesses, (std::vector<Access>{L(0x1000, 4), S(0x7fff0010, 16), I(0x400001, 3), L(0x20, 1)}));
    EXPECT_EQ(r.notes, (Notes{{"flush, copy back or invalidate", 2}}));
}

// ---- ChampSim -----------------------------------------------------------------------------------------------

std::string champsim(uint64_t ip, std::vector<uint64_t> loads, std::vector<uint64_t> stores, char branch = 0)
{
    std::string record(64, '\0');
    const auto put = [&](size_t at, uint64_t value) {
        for (size_t n = 0; n < 8; n++)
            record[at + n] = static_cast<char>(value >> 8 * n);
    };
    put(0, ip);
    record[8] = branch;
    record[9] = branch;
    record[10] = 6; // registers
    record[12] = 25;
    for (size_t n = 0; n < stores.size(); n++)
        put(16 + 8 * n, stores[n]);
    for (size_t n = 0; n < loads.size(); n++)
        put(32 + 8 * n, loads[n]);
    return record;
}

TEST(ChampSim, a_record_is_a_fetch_its_loads_and_its_stores)
{
    const Read r =
        read_text(champsim(0x400000, {}, {}) + champsim(0x400007, {0x7ffc10, 0x20, 3, 4}, {0x88, 0x92}, 1));
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.form, "champsim");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0x400000, 4), I(0x400007, 1), L(0x7ffc10, 8), L(0x20, 8),
                                               L(3, 1), L(4, 4), S(0x88, 8), S(0x92, 2)}));
}

TEST(ChampSim, a_cut_record_is_told_and_what_was_whole_is_given)
{
    const std::string two = champsim(0x400000, {}, {}) + champsim(0x400004, {}, {});
    for (size_t cut = 1; cut < 64; cut++) {
        const Read r = read_text(two.substr(0, 64 + cut));
        EXPECT_EQ(r.accesses.size(), 1u);
        EXPECT_EQ(r.error, "t: byte 64: found " + std::to_string(cut) +
                               " bytes, expected a record of 64: the file is cut short; 1 record was whole");
    }
}

TEST(ChampSim, a_bad_record_names_its_byte)
{
    std::string many; // more than is looked at to recognise it
    for (unsigned n = 0; n < 100; n++)
        many += champsim(0x400000, {}, {});
    const Read r = read_text(many + champsim(4, {}, {}, 2));
    EXPECT_EQ(r.error, "t: byte 6408: found 2, expected 0 or 1 (is it a branch?) in record 101 of 64 bytes");
    EXPECT_EQ(r.accesses.size(), 100u);
    EXPECT_EQ(read_text(champsim(0x400000, {1, 2, 3, 4}, {1, 2})).accesses.size(), 7u);
}

// ---- what is bad, text formats --------------------------------------------------------------------------------

struct Bad {
    const char *name, *text, *error;
};

class FormatErrors : public testing::TestWithParam<Bad>
{
};

TEST_P(FormatErrors, name_line_what_was_found_and_what_was_expected)
{
    const Read r = read_text(GetParam().text);
    EXPECT_EQ(r.error, GetParam().error);
}

#define SPIKE "core   0: 3 0x0000000000001000 (0x00000297)"
#define QEMU "0, 0xa12, 0x2400, \"nop\""
#define VIEW "           1           0:      296231 "

INSTANTIATE_TEST_SUITE_P(
    , FormatErrors,
    testing::Values(
        Bad{"spike_other", SPIKE "\nhello\n",
            "t:2: found 'hello', expected a line 'core HART: ...' of Spike"},
        Bad{"spike_unknown", SPIKE "\ncore   0: hello\n",
            "t:2: found 'core   0: hello', expected a line 'core HART: ...' of Spike"},
        Bad{"spike_hart", "core 65536: 3 0x1000 (0x297)\n",
            "t:1: found 'core 65536: 3 0x1000 (0x297)', expected the number of a hart, 0 to 65535"},
        Bad{"spike_pc", "core   0: 3 1000 (0x00000297)\n",
            "t:1: found 'core   0: 3 1000 (0x00000297)', expected 'core HART: PRIVILEGE 0xPC (0xINSTRUCTION) "
            "...' of "
            "--log-commits"},
        Bad{"spike_mem", SPIKE " mem hello\n",
            "t:1: found 'core   0: 3 0x0000000000001000 (0x00000297) mem hello', expected an address, 0x and "
            "1 to 16 "
            "hexadecimal digits, after 'mem'"},
        Bad{"spike_wraps", SPIKE " mem 0xffffffffffffffff 0x0011\n",
            "t:1: found 'core   0: 3 0x0000000000001000 (0x00000297) mem 0xffffffffff...', expected an "
            "access that ends "
            "below 2^64"},
        Bad{"qemu_other", QEMU "\nhello\n",
            "t:2: found 'hello', expected 'VCPU, 0xPC, 0xOPCODE, \"DISASSEMBLY\"[, load|store, 0xADDRESS]'"},
        Bad{"qemu_no_quote", "0, 0xa12, 0x2400, \"nop\n",
            "t:1: found '0, 0xa12, 0x2400, \"nop', expected 'VCPU, 0xPC, 0xOPCODE, \"DISASSEMBLY\"[, "
            "load|store, "
            "0xADDRESS]'"},
        Bad{"qemu_behind", QEMU " x\n",
            "t:1: found '0, 0xa12, 0x2400, \"nop\" x', expected ', load, 0xADDRESS', ', store, 0xADDRESS' or "
            "the end "
            "of the line after the disassembly"},
        Bad{"qemu_vcpu", "65536, 0xa12, 0x2400, \"nop\"\n",
            "t:1: found '65536, 0xa12, 0x2400, \"nop\"', expected the number of a vCPU, 0 to 65535"},
        Bad{"qemu_kind", QEMU ", jump, 0x10\n",
            "t:1: found '0, 0xa12, 0x2400, \"nop\", jump, 0x10', expected 'load, 0xADDRESS', 'store, "
            "0xADDRESS' or "
            "'REGISTER -> VALUE' after the disassembly"},
        Bad{"qemu_address", QEMU ", load, 10\n",
            "t:1: found '0, 0xa12, 0x2400, \"nop\", load, 10', expected an address, 0x and 1 to 16 "
            "hexadecimal digits, "
            "after 'load, ' or 'store, '"},
        Bad{"view_other", VIEW "<marker: version 6>\nhello\n",
            "t:2: found 'hello', expected 'RECORD INSTRUCTION: THREAD ...' of DynamoRIO's view tool"},
        Bad{"view_kind", VIEW "jump 4\n",
            "t:1: found '           1           0:      296231 jump 4', expected ifetch, read, write, a "
            "prefetch, a "
            "flush or <...> after the thread"},
        Bad{"view_bytes", VIEW "read         8 bytes @ 0x10 by PC 0x1\n",
            "t:1: found '           1           0:      296231 read         8 bytes @...', expected 'SIZE "
            "byte(s) @ "
            "0xADDRESS' after the kind"},
        Bad{"view_size", VIEW "read         0 byte(s) @ 0x10 by PC 0x1\n",
            "t:1: found '           1           0:      296231 read         0 byte(s)...', expected a size "
            "of "
            "1 to 4096 "
            "bytes"},
        Bad{"din_label", "0 10\n5 10\n",
            "t:2: found '5 10', expected a label (0 to 4, or r, w, i, m, c, v), a space and a hexadecimal "
            "address"},
        Bad{"din_address", "0 10\n0 12345678901234567\n",
            "t:2: found '0 12345678901234567', expected a label (0 to 4, or r, w, i, m, c, v), a space and a "
            "hexadecimal address"},
        Bad{"din_size", "r 10\n", "t:1: found 'r 10', expected a hexadecimal size after the address"},
        Bad{"din_size_0", "r 10 0\n", "t:1: found 'r 10 0', expected a size of 1 to 4096 bytes"},
        Bad{"plain_process", "P 65536\n",
            "t:1: found 'P 65536', expected the number of a process, 0 to 65535, after 'P '"}),
    [](const auto &p) { return p.param.name; });

// ---- choosing -------------------------------------------------------------------------------------------------

TEST(TraceFormats, plain_text_names_processes)
{
    const Read r = read_text("I 10,1\nP 3\nL 20,2\nP 0\nS 30,4\n");
    EXPECT_EQ(r.accesses, (std::vector<Access>{I(0x10, 1), L(0x20, 2, 3), S(0x30, 4)}));
    EXPECT_EQ(r.processes, 4u);
    EXPECT_EQ(r.notes, (Notes{{"line that names a process", 2}}));
}

TEST(TraceFormats, line_ends_of_other_systems_are_fine)
{
    EXPECT_EQ(read_text("I 10,1\r\nL 20,2\r\n").accesses, (std::vector<Access>{I(0x10, 1), L(0x20, 2)}));
    EXPECT_EQ(read_text("I  10,1\r\n M 20,2\r\n").accesses,
              (std::vector<Access>{I(0x10, 1), L(0x20, 2), S(0x20, 2)}));
}

TEST(TraceFormats, a_format_can_be_forced)
{
    // Text that looks like Dinero's and is plain enough for none else.
    run::Folder folder;
    char err[512];
    const std::string file = folder.file("t", "0 10\n");
    mmu_trace_t *t = mmu_trace_open_as(file.c_str(), "plain", err, sizeof err);
    ASSERT_NE(t, nullptr);
    mmu_access_t a;
    EXPECT_EQ(mmu_trace_next(t, &a), -1);
    EXPECT_EQ(std::string(mmu_trace_error(t)), file + ":1: found '0 10', expected 'I addr,size', 'L "
                                                      "addr,size' or 'S addr,size' as in the lines before");
    mmu_trace_close(t);
    EXPECT_EQ(mmu_trace_open_as(file.c_str(), "vhs", err, sizeof err), nullptr);
    EXPECT_NE(std::string(err).find("'vhs' is no format of traces, expected "), std::string::npos) << err;
}

// Every sample keeps its format in every way of compressing.
TEST(TraceFormats, compression_does_not_matter)
{
    run::Folder folder;
    for (const char *name : {"spike.log", "qemu.log", "drmemtrace.txt", "din3.din", "din4.din"}) {
        const Read plain = read_file(data(name));
        EXPECT_GT(plain.accesses.size(), 3u);
        for (const char *tool : {"gzip", "xz", "zstd"}) {
            const std::string packed = folder.path() + "/packed";
            ASSERT_EQ(run::shell(std::string(tool) + " -c <" + data(name) + " >" + packed).status, 0);
            const Read r = read_file(packed);
            EXPECT_EQ(r.error, "");
            EXPECT_EQ(r.form, plain.form);
            EXPECT_EQ(r.accesses, plain.accesses);
        }
    }
}

// Cut at any byte: never a crash; what is given is the beginning of the whole, or the sentence says what is wrong.
TEST(TraceFormats, cut_anywhere_gives_the_beginning)
{
    for (const char *name : {"spike.log", "qemu.log", "drmemtrace.txt", "din3.din", "din4.din"}) {
        const std::string text = run::read_file(data(name));
        const Read whole = read_text(text);
        for (size_t cut = 0; cut < text.size(); cut++) {
            const Read r = read_text(text.substr(0, cut));
            const bool line_end = cut == 0 || text[cut - 1] == '\n';
            // A last line that was cut is an error, or is said to have no end.
            EXPECT_TRUE(line_end || r.error != "" || r.notes.count("last line without a line end") == 1)
                << name << " cut at " << cut;
            if (line_end)
                EXPECT_EQ(r.accesses,
                          std::vector<Access>(whole.accesses.begin(),
                                              whole.accesses.begin() + static_cast<long>(r.accesses.size())));
        }
    }
}

// Changed anywhere: never a crash; what is given are accesses.
TEST(TraceFormats, changed_anywhere_is_read_or_told)
{
    std::mt19937 random(1);
    unsigned told = 0;
    for (const char *name : {"spike.log", "qemu.log", "drmemtrace.txt", "din3.din", "din4.din"})
        for (unsigned n = 0; n < 300; n++) {
            std::string text = run::read_file(data(name));
            for (unsigned k = 0; k <= n % 4; k++)
                text[random() % text.size()] = "0fx, \n\"(:-Im\xff\x00"[random() % 14];
            const Read r = read_text(text);
            for (const auto &[acc, va, size, process] : r.accesses) {
                EXPECT_LE(acc, MMU_ACC_STORE);
                EXPECT_TRUE(size >= 1 && size <= 4096 && va + size - 1 >= va);
            }
            told += r.error != "";
        }
    EXPECT_GT(told, 300u);
}

} // namespace
