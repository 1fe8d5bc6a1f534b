// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The reader of vector files (tests/vectors/FORMAT.md): what it reads, and what it says of what it cannot.
#include "../support/run.h"
#include "lockwalk/mmu_vectors.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

namespace
{

const std::string world = "world 0x1 isa=rv64 mode=sv39 root=0x80000 adue=1 ram=0x80000000:0x10000\n";
const std::string access_line = "a S R 0x1000 = pa 0x5000\n";

class Reader : public testing::Test
{
  protected:
    run::Folder folder;
    mmu_tv_err_t err = {};

    // Reads the text to its end: the error, without the folder; "" where there is none.
    std::string error(const std::string &text)
    {
        const std::string path = folder.file("x.tv", text);
        mmu_tv_t *tv = mmu_tv_open(path.c_str(), &err);
        const mmu_tv_world_t *w;
        int got = -1;

        if (tv != nullptr)
            while ((got = mmu_tv_next(tv, &w, &err)) > 0)
                ;
        mmu_tv_close(tv);
        return got == 0 ? "" : std::string(err.text).substr(folder.path().size() + 1);
    }

    std::string gzip(const std::string &text)
    {
        const std::string path = folder.path() + "/x.gz";
        gzFile file = gzopen(path.c_str(), "wb");
        EXPECT_EQ(gzwrite(file, text.data(), unsigned(text.size())), int(text.size()));
        gzclose(file);
        return run::read_file(path);
    }
};

TEST_F(Reader, reads_a_world)
{
    const std::string path =
        folder.file("w.tv", "# seed: 1\n"
                            "world 7 isa=rv64 mode=sv39 root=0x80000 sum=1 pmp=1 ram=0x80000000:0x10000\n"
                            "m 0x80000008 0x1\n"
                            "m 0x80000000 0xffffffffffffffff\n"
                            "p 3 0x1f 0x20000fff\n"
                            "a S R 0x1000 = pa 0x5000 pbmt=2 size=0x1000 len=8\n"
                            "# between\n"
                            "u 0x80000008 0xc1\n"
                            "u 0x80000010 5\n"
                            "a M RX 4096 = fault 0xd tval=0x1000 reason=rsvd\n"
                            "end\n"
                            "world 8 isa=rv32 mode=sv32 ram=0:8\n"
                            "end"); // without a newline
    mmu_tv_t *tv = mmu_tv_open(path.c_str(), &err);
    const mmu_tv_world_t *w;

    ASSERT_NE(tv, nullptr) << err.text;
    ASSERT_EQ(mmu_tv_next(tv, &w, &err), 1) << err.text;
    EXPECT_EQ(w->line, 2u);
    EXPECT_EQ(w->id, 7u);
    EXPECT_EQ(w->key[MMU_TV_ISA], uint64_t(MMU_TV_RV64));
    EXPECT_EQ(w->key[MMU_TV_MODE], uint64_t(MMU_TV_SV39));
    EXPECT_EQ(w->key[MMU_TV_ROOT], 0x80000u);
    EXPECT_EQ(w->key[MMU_TV_SUM], 1u);
    EXPECT_EQ(w->key[MMU_TV_MXR], 0u);
    EXPECT_EQ(w->ram_base, 0x80000000u);
    EXPECT_EQ(w->ram_size, 0x10000u);
    EXPECT_TRUE(w->wide);
    ASSERT_EQ(w->words, 2u);
    EXPECT_EQ(w->word[0].addr, 0x80000000u); // in the order of addresses
    EXPECT_EQ(w->word[0].value, ~uint64_t(0));
    ASSERT_EQ(w->pmps, 1u);
    EXPECT_TRUE(w->pmp[0].index == 3 && w->pmp[0].cfg == 0x1f && w->pmp[0].addr == 0x20000fff);
    ASSERT_EQ(w->accesses, 2u);
    const mmu_tv_access_t &a = w->access[0], &b = w->access[1];
    EXPECT_TRUE(a.priv == MMU_TV_PRIV_S && a.type == MMU_TV_LOAD && a.va == 0x1000 && !a.fault);
    EXPECT_TRUE(a.pa == 0x5000 && a.pbmt == 2 && a.size == 0x1000 && a.len == 8 && a.line == 6);
    EXPECT_EQ(a.given, unsigned(MMU_TV_HAS_PBMT | MMU_TV_HAS_SIZE | MMU_TV_HAS_LEN));
    ASSERT_EQ(a.updates, 2u);
    EXPECT_EQ(w->update[a.first_update].value, 0xc1u);
    EXPECT_EQ(w->update[a.first_update + 1].value, 5u);
    EXPECT_TRUE(b.priv == MMU_TV_PRIV_M && b.type == MMU_TV_LOAD_X && b.va == 4096 && b.fault && !b.gp);
    EXPECT_TRUE(b.cause == 13 && b.tval == 0x1000 && b.updates == 0);
    EXPECT_STREQ(b.reason, "rsvd");
    ASSERT_EQ(mmu_tv_next(tv, &w, &err), 1) << err.text;
    EXPECT_EQ(w->id, 8u);
    EXPECT_TRUE(!w->wide && w->words == 0 && w->accesses == 0 && w->key[MMU_TV_SUM] == 0 && w->pmps == 0);
    EXPECT_EQ(mmu_tv_next(tv, &w, &err), 0);
    mmu_tv_close(tv);
}

TEST_F(Reader, reads_a_classical_world_as_registers_and_requests)
{
    const std::string path = folder.file(
        "c.tv",
        "world 1 isa=classic mode=inverted root=0x20 aux=0x30 asid=0x1f plg=13 rows_lg=6 linear=1 adue=1 "
        "ram=0x20000:0x10000\n"
        "m 0x20008 0x1fd\n"
        "a M RX 0x2000 = pa 0x2000\n"
        "a U A 0x2000 = fault 0x35 tval=0x2000\n"
        "end\n"
        "world 2 isa=classic mode=bounds root=0x8001 aux=0xfffffffffff ram=0:8\n"
        "end\n");
    mmu_tv_t *tv = mmu_tv_open(path.c_str(), &err);
    const mmu_tv_world_t *w;

    ASSERT_NE(tv, nullptr) << err.text;
    ASSERT_EQ(mmu_tv_next(tv, &w, &err), 1) << err.text;
    EXPECT_TRUE(w->wide);
    ASSERT_EQ(w->accesses, 2u);
    EXPECT_EQ(w->access[0].priv, MMU_TV_PRIV_M);
    EXPECT_EQ(w->access[0].type, MMU_TV_LOAD_X);
    EXPECT_EQ(w->access[1].type, MMU_TV_APPEND);
    EXPECT_EQ(w->access[1].cause, 0x35u);
    const mmu_slow_t slow = mmu_vectors_slow(w);
    EXPECT_EQ(slow.format, MMU_FORMAT_INVERTED);
    EXPECT_EQ(slow.plg, 13);
    EXPECT_EQ(slow.rows_lg, 6);
    EXPECT_TRUE(slow.linear && slow.adue);
    const mmu_rq_t rq = mmu_vectors_request(w, &w->access[1], MMU_VECTORS_COLD);
    EXPECT_EQ(rq.acc, MMU_ACC_APPEND);
    EXPECT_EQ(rq.prv, MMU_PRIV_U);
    EXPECT_EQ(rq.ctx.root, 0x20u);
    EXPECT_EQ(rq.ctx.aux, 0x30u);
    EXPECT_EQ(rq.ctx.asid, 0x1f);
    EXPECT_EQ(rq.ctx.mode, 1);
    EXPECT_EQ(mmu_vectors_request(w, &w->access[1], MMU_VECTORS_OTHER).acc, MMU_ACC_FETCH);
    ASSERT_EQ(mmu_tv_next(tv, &w, &err), 1) << err.text;
    EXPECT_EQ(mmu_vectors_format(w), unsigned(MMU_FORMAT_BOUNDS));
    EXPECT_EQ(mmu_vectors_slow(w).plg, 0);
    mmu_tv_close(tv);
}

TEST_F(Reader, a_classical_mode_is_the_format_of_its_name)
{
    const char *const names[] = {"bounds", "segment", "linear", "directory", "inverted", "segpage"};
    for (unsigned i = 0; i < 6; i++) {
        const std::string path = folder.file("m.tv", "world 1 isa=classic mode=" + std::string(names[i]) +
                                                         " plg=9 ram=0:8\nend\n");
        mmu_tv_t *tv = mmu_tv_open(path.c_str(), &err);
        const mmu_tv_world_t *w;
        ASSERT_EQ(mmu_tv_next(tv, &w, &err), 1) << err.text;
        EXPECT_STREQ(mmu_format(mmu_vectors_format(w))->name, names[i]);
        mmu_tv_close(tv);
    }
}

TEST_F(Reader, words_are_as_wide_as_the_entries_of_the_tables)
{
    EXPECT_EQ(error("world 1 isa=rv32 mode=sv32 ram=0:16\nm 4 5\nend\n"), "");
    EXPECT_EQ(error("world 1 isa=rv32 mode=bare virt=1 gmode=sv32x4 ram=0:16\nm 4 5\nend\n"), "");
    EXPECT_EQ(error("world 1 isa=x86 mode=x86_2level ram=0:16\nm 4 5\nend\n"), "");
    EXPECT_EQ(error("world 1 isa=x86 mode=x86_pae ram=0:16\nm 4 5\nend\n"),
              "x.tv:2: found address '4', expected a multiple of 8");
    EXPECT_EQ(error("world 1 isa=rv32 mode=sv32 ram=0:16\nm 4 0x100000000\nend\n"),
              "x.tv:2: found word '0x100000000', expected a number up to 0xffffffff");
}

TEST_F(Reader, takes_gzip_by_content_and_not_by_name)
{
    EXPECT_EQ(error(gzip(world + access_line + "end\n")), "");
    EXPECT_EQ(error(gzip(world + "q\n")),
              "x.tv:2: found record 'q', expected one of m, p, a, u, end, or a comment (#)");
}

TEST_F(Reader, a_cut_or_spoilt_gzip_is_an_error)
{
    std::string text = world;
    for (int i = 0; i < 2000; i++)
        text += "a S R " + std::to_string(i * 7919) + " = pa 0x5000\n";
    const std::string whole = gzip(text + "end\n");
    EXPECT_EQ(error(whole), "");
    for (size_t length : {whole.size() / 3, whole.size() / 2, whole.size() - 9, whole.size() - 4})
        EXPECT_NE(error(whole.substr(0, length)).find("cannot be read on"), std::string::npos) << err.text;
    std::string spoilt = whole;
    spoilt[whole.size() - 6] = char(spoilt[whole.size() - 6] ^ 1); // in the checksum
    EXPECT_NE(error(spoilt).find("cannot be read on"), std::string::npos) << err.text;
}

TEST_F(Reader, names_a_file_that_is_not_there)
{
    EXPECT_EQ(mmu_tv_open("no/such.tv", &err), nullptr);
    EXPECT_STREQ(err.text, "no/such.tv: cannot be opened: No such file or directory");
    const mmu_tv_world_t *w;
    mmu_tv_t *tv = mmu_tv_open(folder.path().c_str(), &err);
    if (tv != nullptr) {
        EXPECT_EQ(mmu_tv_next(tv, &w, &err), -1);
    }
    EXPECT_NE(std::string(err.text).find("Is a directory"), std::string::npos) << err.text;
    mmu_tv_close(tv);
}

TEST_F(Reader, after_an_error_it_gives_nothing_more)
{
    const std::string path = folder.file("x.tv", world + "q\nend\n" + world + "end\n");
    mmu_tv_t *tv = mmu_tv_open(path.c_str(), &err);
    const mmu_tv_world_t *w;
    EXPECT_EQ(mmu_tv_next(tv, &w, &err), -1);
    EXPECT_EQ(mmu_tv_next(tv, &w, &err), -1);
    mmu_tv_close(tv);
}

TEST_F(Reader, the_longest_line_is_read_and_one_more_character_is_an_error)
{
    const std::string longest = "#" + std::string(1023, 'x');
    EXPECT_EQ(error(longest + "\n" + world + "end\n"), "");
    EXPECT_EQ(error(world + "end\n" + longest), "");
    EXPECT_EQ(error(longest + "x\n"),
              "x.tv:1: found a line of over 1024 characters or a NUL, expected a text line");
    EXPECT_EQ(error("#ab" + std::string(1, '\0') + "cd\n"),
              "x.tv:1: found a line of over 1024 characters or a NUL, expected a text line");
}

// Each text, and what is said of it. Lines are counted from 1; the world is line 1 where there is one.
TEST_F(Reader, golden_diagnostics)
{
    const std::string shape =
        "expected a PRIV TYPE VA = pa PA [key=value…] or a PRIV TYPE VA = fault CAUSE [key=value…]";
    const std::string ram = "expected ram=BASE:SIZE, multiples of 8, size not 0, not beyond 64 bits";
    const std::string number = "expected a number (0x and hexadecimal digits, or decimal)";
    const std::string on_pa = "expected one of pbmt=, size=, len=";
    const std::string on_fault = "expected one of tval=, gpa=, len=, reason=";
    const struct {
        std::string text, error;
    } cases[] = {
        // lines
        {"world  1\n", "1: found an empty field, expected fields separated by single spaces"},
        {"\n", "1: found an empty field, expected fields separated by single spaces"},
        {"end \n",
         "1: found an empty field at the end of the line, expected fields separated by single spaces"},
        // between worlds
        {"m 0 0\n", "1: found record 'm', expected world, or a comment (#)"},
        {world + "end\nend\n", "3: found record 'end', expected world, or a comment (#)"},
        // world
        {"world\n", "1: found a world without id, expected world ID isa=… mode=… key=value…"},
        {"world x\n", "1: found world id 'x', " + number},
        {"world 1 isa\n", "1: found field 'isa', expected key=value"},
        {"world 1 mdoe=sv39\n", "1: found key 'mdoe', expected a key of a world; did you mean 'mode'?"},
        {"world 1 flavour=1\n", "1: found key 'flavour', expected a key of a world"},
        {"world 1 isa=rv64 isa=rv64\n", "1: found a second key 'isa', expected each key once"},
        {"world 1 isa=rv65\n",
         "1: found isa 'rv65', expected one of rv32, rv64, x86, x86_64, classic; did you mean 'rv64'?"},
        {"world 1 mode=sv93\n", "1: found mode 'sv93', expected one of bare, sv32, sv39, sv48, sv57, "
                                "x86_2level, x86_pae, pml4, pml5, bounds, segment, linear, directory, "
                                "inverted, segpage; did you mean 'sv39'?"},
        {"world 1 sum=2\n", "1: found sum '2', expected 0 or 1"},
        {"world 1 root=0x100000000000\n",
         "1: found root '0x100000000000', expected a number up to 0xfffffffffff"},
        {"world 1 ram=0x1000\n", "1: found ram '0x1000', " + ram},
        {"world 1 ram=0:0\n", "1: found ram '0:0', " + ram},
        {"world 1 ram=4:8\n", "1: found ram '4:8', " + ram},
        {"world 1 ram=0xfffffffffffffff8:16\n", "1: found ram '0xfffffffffffffff8:16', " + ram},
        {"world 1 ram=0:8 ram=0:8\n", "1: found key 'ram' twice, expected each key once"},
        {"world 1 mode=sv39 ram=0:8\n", "1: found a world without isa, expected isa=… and mode=…"},
        {"world 1 isa=rv64 ram=0:8\n", "1: found a world without mode, expected isa=… and mode=…"},
        {"world 1 isa=rv64 mode=sv39\n", "1: found a world without ram, expected ram=BASE:SIZE"},
        {"world 1 isa=rv32 mode=sv39 ram=0:8\n", "1: found mode 'sv39', expected a mode of this isa"},
        {"world 1 isa=x86 mode=pml4 ram=0:8\n", "1: found mode 'pml4', expected a mode of this isa"},
        {"world 1 isa=rv64 mode=sv39 wp=1 ram=0:8\n", "1: found key 'wp', expected keys of this isa only"},
        {"world 1 isa=rv64 mode=sv39 virt=1 ram=0:8\n",
         "1: found virt=1 without gmode, expected both or none"},
        {"world 1 isa=rv64 mode=sv39 gmode=bare ram=0:8\n",
         "1: found gmode without virt=1, expected both or none"},
        {"world 1 isa=rv64 mode=sv39 virt=1 gmode=sv32x4 ram=0:8\n",
         "1: found gmode 'sv32x4', expected a mode of this isa"},
        {"world 1 isa=rv32 mode=sv32 virt=1 gmode=sv39x4 ram=0:8\n",
         "1: found gmode 'sv39x4', expected a mode of this isa"},
        // records
        {world + "x 1 2\n", "2: found record 'x', expected one of m, p, a, u, end, or a comment (#)"},
        {world + world, "2: found a world inside a world, expected end before the next world"},
        {world, "1: found the end of the file inside world 0x1, expected its end record"},
        {world + "end now\n", "2: found 2 fields, expected end alone"},
        // m
        {world + "m 0x80000000\n", "2: found 2 fields, expected m PA VALUE"},
        {world + "m 0x80000000 1 2\n", "2: found 4 fields, expected m PA VALUE"},
        {world + "m 0x8000000g 1\n", "2: found address '0x8000000g', " + number},
        {world + "m 0x80000000 0x10000000000000000\n", "2: found word '0x10000000000000000', " + number},
        {world + "m 0x80000000 0x\n", "2: found word '0x', " + number},
        {world + "m 0x80000000 -1\n", "2: found word '-1', " + number},
        {world + "m 0x80000004 1\n", "2: found address '0x80000004', expected a multiple of 8"},
        {world + "m 0x80010000 1\n", "2: found address '0x80010000', expected one inside the world's ram"},
        {world + "m 0x7ffffff8 1\n", "2: found address '0x7ffffff8', expected one inside the world's ram"},
        {world + access_line + "m 0x80000000 1\n",
         "3: found an m record after an access, expected all m records before the first a"},
        {world + "m 0x80000000 1\nm 0x80000008 1\nm 0x80000000 1\nend\n",
         "4: found a second m record of 0x80000000 (the first is in line 2), expected one"},
        // u
        {world + "u 0x80000000 1\n", "2: found a u record before the first access, "
                                     "expected u records after the access that changed the word"},
        {world + access_line + "u 0x80000000\n", "3: found 2 fields, expected u PA VALUE"},
        {world + access_line + "u 0x80000000 1\nu 0x80000000 1\n",
         "4: found a second u record of '0x80000000', expected one a word and access"},
        // p
        {world + "p 1 2\n", "2: found 3 fields, expected p I CFG ADDR"},
        {world + "p 64 0 0\n", "2: found PMP entry '64', expected a number up to 0x3f"},
        {world + "p 1 0x100 0\n", "2: found pmpcfg '0x100', expected a number up to 0xff"},
        {world + "p 1 0 0\np 1 0 0\n", "3: found a second PMP entry '1', expected each entry once"},
        {world + access_line + "p 1 0 0\n",
         "3: found a p record after an access, expected all p records before the first a"},
        {"world 1 isa=x86 mode=x86_pae ram=0:8\np 1 0 0\n",
         "2: found a p record in a world of another isa, expected p records in RISC-V worlds only"},
        // a
        {world + "a S R 0x1000 = pa\n", "2: found 6 fields, " + shape},
        {world + "a H R 0x1000 = pa 0\n", "2: found privilege 'H', expected one of M, S, U"},
        {world + "a S Q 0x1000 = pa 0\n", "2: found access type 'Q', expected one of R, W, X, RX"},
        {world + "a S R 0y1000 = pa 0\n", "2: found virtual address '0y1000', " + number},
        {world + "a S R 0x1000 == pa 0\n", "2: found field '==', expected ="},
        {world + "a S R 0x1000 = ok 0\n", "2: found result 'ok', expected pa or fault"},
        {world + "a S R 0x1000 = pa z\n", "2: found physical address 'z', " + number},
        {world + "a S R 0x1000 = fault 64\n", "2: found cause '64', expected a number up to 0x3f"},
        {world + "a S R 0x1000 = fault gp\n", "2: found cause 'gp', expected a number up to 0x3f"},
        {world + "a S R 0x1000 = pa 0 size\n", "2: found field 'size', " + on_pa},
        {world + "a S R 0x1000 = pa 0 tval=0\n", "2: found key 'tval', " + on_pa},
        {world + "a S R 0x1000 = pa 0 colour=0\n", "2: found key 'colour', " + on_pa},
        {world + "a S R 0x1000 = fault 13 size=8\n", "2: found key 'size', " + on_fault},
        {world + "a S R 0x1000 = pa 0 pbmt=0 pbmt=0\n",
         "2: found a second key 'pbmt', expected each key once"},
        {world + "a S R 0x1000 = pa 0 pbmt=3\n", "2: found pbmt '3', expected a number up to 0x2"},
        {world + "a S R 0x1000 = pa 0 size=12\n", "2: found size '12', expected a power of two"},
        {world + "a S R 0x1000 = pa 0 size=0\n", "2: found size '0', expected a power of two"},
        {world + "a S R 0x1000 = pa 0 len=3\n",
         "2: found len '3', expected 1, 2, 4 or 8, and an address that is a multiple of it"},
        {world + "a S R 0x1002 = pa 0 len=4\n",
         "2: found len '4', expected 1, 2, 4 or 8, and an address that is a multiple of it"},
        {world + "a S R 0x1000 = fault 13 gpa=0\n",
         "2: found a gpa in a world without virt=1, expected guest addresses with two stages only"},
        {world + "a S R 0x1000 = fault 13 reason=\n",
         "2: found reason '', expected a word of 1 to 15 letters"},
        {"world 1 isa=x86 mode=x86_pae ram=0:8\na M R 0 = pa 0\n",
         "2: found privilege 'M', expected one of S, U"},
        {"world 1 isa=x86 mode=x86_pae ram=0:8\na S RX 0 = pa 0\n",
         "2: found access type 'RX', expected one of R, W, X"},
        // classical worlds
        {"world 1 isa=classic mode=sv39 ram=0:8\n", "1: found mode 'sv39', expected a mode of this isa"},
        {"world 1 isa=rv64 mode=linear ram=0:8\n", "1: found mode 'linear', expected a mode of this isa"},
        {"world 1 isa=x86_64 mode=segpage ram=0:8\n", "1: found mode 'segpage', expected a mode of this isa"},
        {"world 1 isa=classic mode=linear plg=12 sum=1 ram=0:8\n",
         "1: found key 'sum', expected keys of this isa only"},
        {"world 1 isa=rv64 mode=sv39 aux=1 ram=0:8\n", "1: found key 'aux', expected keys of this isa only"},
        {"world 1 isa=classic mode=linear plg=17 ram=0:8\n",
         "1: found plg '17', expected a number up to 0x10"},
        {"world 1 isa=classic mode=linear plg=8 ram=0:8\n",
         "1: found plg '8', expected 9 to 16, the logarithm of the page's bytes"},
        {"world 1 isa=classic mode=segpage ram=0:8\n",
         "1: found plg '0', expected 9 to 16, the logarithm of the page's bytes"},
        {"world 1 isa=classic mode=inverted plg=9 rows_lg=17 ram=0:8\n",
         "1: found rows_lg '17', expected a number up to 0x10"},
        {"world 1 isa=classic mode=inverted plg=9 linear=2 ram=0:8\n",
         "1: found linear '2', expected 0 or 1"},
        {"world 1 isa=classic mode=bounds asid=0x10000 ram=0:8\n",
         "1: found asid '0x10000', expected a number up to 0xffff"},
        {"world 1 isa=classic mode=bounds ram=0:8\na S Q 0 = pa 0\n",
         "2: found access type 'Q', expected one of R, W, X, RX, A"},
        {world + "a S A 0x1000 = pa 0\n", "2: found access type 'A', expected one of R, W, X, RX"},
        {"world 1 isa=classic mode=bounds ram=0:8\na S R 0 = fault gp\n",
         "2: found cause 'gp', expected a number up to 0x3f"},
        {"world 1 isa=classic mode=bounds ram=0:8\np 1 0 0\n",
         "2: found a p record in a world of another isa, expected p records in RISC-V worlds only"},
    };
    for (const auto &c : cases)
        EXPECT_EQ(error(c.text), "x.tv:" + c.error) << c.text;
}

// ---- selection -----------------------------------------------------------------------------------------

class Select : public testing::Test
{
  protected:
    mmu_tv_err_t err = {};
    mmu_tv_world_t w = {};

    void SetUp() override
    {
        w.id = 5;
        w.key[MMU_TV_ISA] = MMU_TV_RV64;
        w.key[MMU_TV_MODE] = MMU_TV_SV39;
        w.key[MMU_TV_ROOT] = 0x80;
        w.key[MMU_TV_SUM] = 1;
    }
    bool match(const char *text)
    {
        mmu_tv_select_t *select = mmu_tv_select_parse(text, &err);
        EXPECT_NE(select, nullptr) << text << ": " << err.text;
        const bool yes = select != nullptr && mmu_tv_select_match(select, &w);
        mmu_tv_select_free(select);
        return yes;
    }
    std::string error(const char *text)
    {
        mmu_tv_select_t *select = mmu_tv_select_parse(text, &err);
        EXPECT_EQ(select, nullptr) << text;
        mmu_tv_select_free(select);
        return err.text;
    }
};

TEST_F(Select, every_term_must_hold)
{
    EXPECT_TRUE(match(""));
    EXPECT_TRUE(match("mode=sv39"));
    EXPECT_TRUE(match("mode=sv39,sum=1,root=128"));
    EXPECT_FALSE(match("mode=sv39,sum=0"));
    EXPECT_FALSE(match("mode=sv48,sum=1"));
}

TEST_F(Select, a_key_that_is_left_out_is_0)
{
    EXPECT_TRUE(match("mxr=0,gmode=0,virt=0"));
    EXPECT_FALSE(match("mxr=1"));
    EXPECT_FALSE(match("gmode=bare"));
}

TEST_F(Select, several_values_and_not)
{
    EXPECT_TRUE(match("mode=sv48|sv39|sv57"));
    EXPECT_FALSE(match("mode=sv48|sv57"));
    EXPECT_TRUE(match("mode!=sv48|sv57"));
    EXPECT_FALSE(match("mode!=sv48|sv39"));
    EXPECT_TRUE(match("id=4|5"));
    EXPECT_FALSE(match("id!=0x5"));
}

TEST_F(Select, golden_diagnostics)
{
    EXPECT_EQ(error("mode"), "--select: found 'mode', expected key=value or key!=value");
    EXPECT_EQ(error("mode=sv39,"), "--select: found '', expected key=value or key!=value");
    EXPECT_EQ(error("=1"), "--select: found '=1', expected key=value or key!=value");
    EXPECT_EQ(error("napto=1"),
              "--select: found key 'napto', expected id or a key of a world; did you mean 'napot'?");
    EXPECT_EQ(error("colour=1"), "--select: found key 'colour', expected id or a key of a world");
    EXPECT_EQ(error("mode=sv93"),
              "--select: found mode 'sv93', expected one of bare, sv32, sv39, sv48, sv57, "
              "x86_2level, x86_pae, pml4, pml5, bounds, segment, linear, directory, inverted, segpage; did "
              "you mean 'sv39'?");
    EXPECT_EQ(error("sum=2"), "--select: found sum '2', expected 0 or 1");
    EXPECT_EQ(error("sum="), "--select: found sum '', expected 0 or 1");
    EXPECT_EQ(error("id=x"), "--select: found id 'x', expected a number");
    EXPECT_EQ(error("sum=0,sum=1"),
              "--select: found key 'sum' twice, expected it once; several values: sum=A|B");
}

// ---- memory image --------------------------------------------------------------------------------------

class Image : public testing::Test
{
  protected:
    mmu_tv_image_t *image = mmu_tv_image_new();
    mmu_arch_mem_t mem = mmu_tv_image_mem(image);
    mmu_tv_word_t word[2] = {{0x1000, 5, 0}, {0x1ff8, 6, 0}}, update[1] = {{0x1008, 9, 0}};
    mmu_tv_access_t access[1] = {};
    mmu_tv_world_t w = {};

    void SetUp() override
    {
        w.ram_base = 0x1000;
        w.ram_size = 0x1000;
        w.wide = true;
        w.word = word;
        w.words = 2;
        w.update = update;
        w.updates = 1;
        w.access = access;
        w.accesses = 1;
        ASSERT_TRUE(mmu_tv_image_load(image, &w));
    }
    void TearDown() override
    {
        mmu_tv_image_free(image);
    }

    uint64_t read(uint64_t addr)
    {
        uint64_t value = 0xdead;
        EXPECT_TRUE(mem.read(mem.user, addr, true, &value));
        return value;
    }
    bool cas(uint64_t addr, uint64_t old_word, uint64_t new_word)
    {
        uint64_t before = 0;
        EXPECT_TRUE(mem.cas(mem.user, addr, true, old_word, new_word, &before));
        return before == old_word;
    }
};

TEST_F(Image, holds_the_words_of_the_world_and_zero_elsewhere_in_ram)
{
    EXPECT_EQ(read(0x1000), 5u);
    EXPECT_EQ(read(0x1ff8), 6u);
    EXPECT_EQ(read(0x1008), 0u);
}

TEST_F(Image, refuses_what_is_outside_ram)
{
    uint64_t value;
    EXPECT_FALSE(mem.read(mem.user, 0xff8, true, &value));
    EXPECT_FALSE(mem.read(mem.user, 0x2000, true, &value));
    EXPECT_FALSE(mem.cas(mem.user, 0x2000, true, 0, 1, &value));
}

TEST_F(Image, tells_changed_words_once_and_not_those_with_their_old_value)
{
    const mmu_tv_change_t *change;
    EXPECT_EQ(mmu_tv_image_changes(image, &change), 0u);
    EXPECT_FALSE(cas(0x1000, 4, 7));
    EXPECT_EQ(mmu_tv_image_changes(image, &change), 0u);
    EXPECT_TRUE(cas(0x1000, 5, 7));
    EXPECT_TRUE(cas(0x1000, 7, 8));
    EXPECT_TRUE(cas(0x1010, 0, 1));
    EXPECT_TRUE(cas(0x1010, 1, 0));
    ASSERT_EQ(mmu_tv_image_changes(image, &change), 1u);
    EXPECT_TRUE(change[0].addr == 0x1000 && change[0].before == 5 && change[0].after == 8);
}

TEST_F(Image, settle_puts_the_words_of_the_reference_in_place_of_its_own)
{
    const mmu_tv_change_t *change;
    access[0].updates = 1;
    EXPECT_TRUE(cas(0x1000, 5, 7));
    mmu_tv_image_settle(image, &w, &access[0]);
    EXPECT_EQ(read(0x1000), 5u);
    EXPECT_EQ(read(0x1008), 9u);
    EXPECT_EQ(mmu_tv_image_changes(image, &change), 0u);
    ASSERT_TRUE(mmu_tv_image_load(image, &w));
    EXPECT_EQ(read(0x1008), 0u);
}

} // namespace
