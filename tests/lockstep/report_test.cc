// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What a failure tells: golden texts, tests/lockstep/golden. LOCKWALK_UPDATE_GOLDEN=1 writes them anew; read the
// difference before you keep it.
#include "two_models.hh"

#include "compare/mmu_report.h"
#include "support/run.h"

#include <gtest/gtest.h>

namespace
{

mmu_run_t run_of(TwoModels &two)
{
    mmu_run_t run{};
    run.lockstep = two.ls();
    run.config = "tiny";
    run.command = "lockwalk cosim --config tiny --random 7";
    run.seed = 7;
    return run;
}

std::string take(char *text)
{
    std::string result = text;
    free(text);
    return result;
}

std::string sentence(TwoModels &two)
{
    const mmu_run_t run = run_of(two);
    return take(mmu_run_sentence(&run));
}

std::string text(TwoModels &two)
{
    const mmu_run_t run = run_of(two);
    char *buffer = nullptr;
    size_t size = 0;
    FILE *f = open_memstream(&buffer, &size);
    mmu_run_print(&run, f);
    fclose(f);
    return take(buffer);
}

std::string json(TwoModels &two)
{
    const mmu_run_t run = run_of(two);
    json_t *json = mmu_run_json(&run);
    const std::string result = take(json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER)) + "\n";
    json_decref(json);
    return result;
}

void expect_golden(const std::string &name, const std::string &actual)
{
    const std::string path = std::string(LOCKWALK_SOURCE_DIR) + "/tests/lockstep/golden/" + name;
    if (getenv("LOCKWALK_UPDATE_GOLDEN") != nullptr)
        std::ofstream(path, std::ios::binary) << actual;
    EXPECT_EQ(actual, run::read_file(path)) << name;
}

// A fence, a walk that sets D, another that is under way, and then the answer of the first with another PA.
void wrong_answer(TwoModels &two)
{
    two.in.slow.adue = true;
    two.tell_slow();
    two.idle(2);
    two.in.fence.valid = true;
    two.in.fence.va_en = true;
    two.in.fence.va = 0x5000;
    two.clock();
    two.in.fence = mmu_fence_t{};
    two.leaf = 0x5f;
    two.alter_words = [&](uint64_t, uint64_t *words) {
        if (two.out().rsp[1].valid)
            turn(words, "rsp[1].pa", 0x3000);
    };
    two.request(0x40001238, MMU_ACC_STORE);
    two.request(0x80002000, MMU_ACC_LOAD, 20);
}

} // namespace

TEST(Report, text_of_a_wrong_answer)
{
    TwoModels two(true);

    wrong_answer(two);
    ASSERT_FALSE(two.finish());
    expect_golden("wrong_answer.txt", text(two));
}

TEST(Report, json_of_a_wrong_answer)
{
    TwoModels two(true);

    wrong_answer(two);
    ASSERT_FALSE(two.finish());
    expect_golden("wrong_answer.json", json(two));
}

TEST(Report, text_of_a_wrong_walk_port)
{
    TwoModels two;

    two.alter_words = [](uint64_t clock, uint64_t *words) { turn(words, "mreq.addr", clock == 6 ? 8 : 0); };
    two.request(0x40001238);
    two.idle(10);
    ASSERT_FALSE(two.finish());
    expect_golden("wrong_walk_port.txt", text(two));
}

TEST(Report, text_of_a_wrong_array_write)
{
    TwoModels two(true);

    two.alter_sample = [](uint64_t, unsigned array, bool write, mmu_row_sample_t *row) {
        if (write && array == 4)
            row->row_no ^= 1;
        return true;
    };
    two.request(0x40001238);
    two.idle(20);
    ASSERT_FALSE(two.finish());
    expect_golden("wrong_array_write.txt", text(two));
    expect_golden("wrong_array_write.json", json(two));
}

TEST(Report, text_of_a_pass)
{
    TwoModels two(true);

    two.request(0x40001238);
    two.idle(1200);
    ASSERT_TRUE(two.finish());
    expect_golden("pass.txt", text(two));
    expect_golden("pass.json", json(two));
}

// An MMU without a TLB: that no row was compared is no success of the white-box check.
TEST(Report, sentence_of_white_box_without_arrays)
{
    TwoModels two(true, "direct");

    two.idle(10);
    ASSERT_TRUE(two.finish());
    EXPECT_EQ(sentence(two),
              "PASS: RTL and cycle model agreed on all 33 output fields in every one of 10 clocks (330 "
              "comparisons); they have no arrays, so white-box has compared nothing more");
}

TEST(Report, sentence_of_no_comparison)
{
    TwoModels two;

    two.finish();
    EXPECT_EQ(sentence(two), "FAIL: not one clock was compared, so this run proves nothing");
}

TEST(Report, sentence_of_slow_registers)
{
    TwoModels two;

    two.request(0x1000, MMU_ACC_LOAD, 1);
    two.in.slow.adue = two.in.slow.svnapot = true;
    two.tell_slow();
    two.clock();
    EXPECT_EQ(sentence(two),
              "FAIL: in clock 2 the slow registers changed (from 0x0 to 0x5) while the MMU was not "
              "idle, which a user of the MMU must not do (REQ-9)");
}

TEST(Report, sentence_of_an_event)
{
    TwoModels two;

    two.alter_words = [](uint64_t clock, uint64_t *words) {
        turn(words, "events", clock == 3 ? 1u << MMU_EV_L2_HIT | 1u << MMU_EV_FENCE : 0);
    };
    two.idle(9);
    EXPECT_EQ(sentence(two),
              "MISMATCH: in clock 3 RTL and cycle model differ in events, the events: RTL reports "
              "l2_hit, fence");
}

TEST(Report, sentence_of_a_row)
{
    TwoModels two(true);

    two.request(0x40001238, MMU_ACC_LOAD, 20);
    two.alter_sweep = [](unsigned array, mmu_row_sample_t *row) {
        if (array == 10)
            row->valid = true;
        return true;
    };
    two.finish();
    EXPECT_EQ(
        sentence(two),
        "MISMATCH: after the last clock, number 20, RTL and cycle model differ in a row of the walk cache of "
        "level 2, "
        "set 0, way 0: RTL has key 0x0000000000000000, mask 0x0000000000000000, data 0x0000000000000000; the "
        "model has no valid row there");
}

TEST(Report, sentence_of_an_unseen_array)
{
    TwoModels two(true);

    two.alter_sample = [](uint64_t, unsigned array, bool, mmu_row_sample_t *) { return array != 6; };
    two.idle(9);
    EXPECT_EQ(sentence(two),
              "FAIL: the white-box check heard nothing of the L2 TLB, array 0 of RTL (number 6) in "
              "clock 0, so it proves nothing");
}

TEST(Report, exit_status_by_verdict)
{
    EXPECT_EQ(mmu_verdict_exit_status(MMU_VERDICT_PASS), 0);
    EXPECT_EQ(mmu_verdict_exit_status(MMU_VERDICT_NOT_COMPARED), 0);
    EXPECT_EQ(mmu_verdict_exit_status(MMU_VERDICT_MISMATCH), 1);
    EXPECT_EQ(mmu_verdict_exit_status(MMU_VERDICT_FAIL), 1);
    EXPECT_EQ(mmu_verdict_exit_status(MMU_VERDICT_BAD_INPUT), 2);
}

TEST(Report, decodes_page_table_entries)
{
    char text[160];

    mmu_decode_word(MMU_FORMAT_RISCV, 0, 0x20000401, true, text, sizeof text);
    EXPECT_STREQ(text, "PPN 0x80001, - - - - - - - V");
    mmu_decode_word(MMU_FORMAT_RISCV, 0, UINT64_C(0xa0000000000020df), true, text, sizeof text);
    EXPECT_STREQ(text, "PPN 0x8, D A - U X W R V, N, PBMT 1");
    mmu_decode_word(MMU_FORMAT_RISCV, 0, UINT64_C(0xffffffff000004cb), false, text, sizeof text);
    EXPECT_STREQ(text, "PPN 0x1, D A - - X - R V");
}

TEST(Report, words_of_other_formats_are_taken_apart_by_level)
{
    const auto decode = [](unsigned format, unsigned level, uint64_t word) {
        char text[160];
        mmu_decode_word(format, level, word, true, text, sizeof text);
        return std::string(text);
    };
    EXPECT_EQ(decode(MMU_FORMAT_X86, 1, UINT64_C(0x80000000002001e3)),
              "address 0x200000, S D A - - - W P, G, NX");
    EXPECT_EQ(decode(MMU_FORMAT_LINEAR, 0, 0x7000 | 0x31), "frame 0xe00, - - U R - - - P");
    EXPECT_EQ(decode(MMU_FORMAT_DIRECTORY, 1, 0x8000), "inner table 0x1000, absent");
    EXPECT_EQ(decode(MMU_FORMAT_SEGMENT, 1, UINT64_C(32) << 32 | 120), "base 0x78, limit 32");
    EXPECT_EQ(decode(MMU_FORMAT_SEGMENT, 0, 0x111), "- - - R - - - P, down");
    EXPECT_EQ(decode(MMU_FORMAT_INVERTED, 3, 0), "no first row");
    EXPECT_EQ(decode(MMU_FORMAT_INVERTED, 2, 0x5 << 17 | 3 << 1 | 1), "process 3, page 0x5");
    EXPECT_EQ(decode(MMU_FORMAT_INVERTED, 1, 7 << 1 | 1), "next row 7");
    EXPECT_EQ(decode(MMU_FORMAT_SEGPAGE, 1, UINT64_C(9) << 22 | 4 << 8 | 0x11),
              "page table 0x1200, 4 pages, - - - R - - - P");
}

TEST(Report, names_of_fences_and_contexts_are_the_formats)
{
    const auto name = [](bool va, bool asid, bool keep_g) {
        mmu_fence_t fence{};
        fence.kind = MMU_FENCE_X;
        fence.va_en = va;
        fence.asid_en = asid;
        fence.keep_g = keep_g;
        return std::string(mmu_name_fence(&fence));
    };
    EXPECT_EQ(name(true, true, false), "INVLPG");
    EXPECT_EQ(name(true, true, true), "INVPCID 0");
    EXPECT_EQ(name(false, true, true), "INVPCID 1 or MOV to CR3");
    EXPECT_EQ(name(false, false, false), "INVPCID 2");
    EXPECT_EQ(name(false, false, true), "INVPCID 3");

    mmu_rq_t rq{};
    mmu_slow_t slow{};
    char text[512];
    rq.ctx.mode = 2;
    rq.ctx.root = 5;
    rq.ctx.aux = 3;
    rq.ctx.asid = 7;
    rq.ctx.flags = 5;
    slow.format = MMU_FORMAT_X86;
    slow.maxpa = 40;
    mmu_describe_context(&rq, &slow, text, sizeof text);
    EXPECT_STREQ(
        text, "x86 PAE, PCID 7, CR3 0x5060, WP 1, SMEP 0, SMAP 1, AC 0, PSE 0, PGE 0, NXE 0, MAXPHYADDR 40, "
              "A set in pointers where the access succeeds");
    slow.format = MMU_FORMAT_BOUNDS;
    mmu_describe_context(&rq, &slow, text, sizeof text);
    EXPECT_STREQ(text, "bounds: base 0x5, bounds 0x3");
    slow.format = MMU_FORMAT_LINEAR;
    slow.plg = 9;
    rq.ctx.mode = 1;
    mmu_describe_context(&rq, &slow, text, sizeof text);
    EXPECT_STREQ(text, "linear, on: ASID 7, table of 3 rows at 0x5000, pages of 2^9 bytes, ADUE 0");
}
