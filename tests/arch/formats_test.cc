// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What every format must have (FRM), and how a walk by a format meets memory, protection and the trail.
#include "classic.h"
#include "lockwalk/mmu_walk.h"

#include <set>

namespace
{

using namespace classic;

TEST(formats, numbers_and_names)
{
    const char *const names[] = {"riscv",  "x86",       "bounds",   "segment",
                                 "linear", "directory", "inverted", "segpage"};
    for (unsigned n = 0; n < 8; n++) {
        ASSERT_NE(mmu_format(n), nullptr);
        EXPECT_STREQ(mmu_format(n)->name, names[n]);
    }
    for (unsigned n : {8u, 15u, 16u, 255u})
        EXPECT_EQ(mmu_format(n), nullptr);
}

TEST(formats, every_rule_is_a_sentence_that_cites)
{
    std::set<std::string> all;
    for (unsigned n = 0; n < 8; n++) {
        const mmu_format_t &f = *mmu_format(n);
        std::set<std::string> own;
        for (unsigned k = 0; k < f.rule_count; k++) {
            const std::string text = mmu_rule_text(n << 8 | k);
            EXPECT_GT(text.size(), 15u);
            EXPECT_EQ(text.back(), ')') << text;
            EXPECT_NE(text.find('-'), std::string::npos) << text;
            EXPECT_TRUE(own.insert(text).second) << text;
        }
        EXPECT_STREQ(mmu_rule_text(n << 8 | f.rule_count), "no such rule");
        EXPECT_EQ(f.rule_count == 0, n == MMU_FORMAT_BOUNDS); // it judges no word
    }
    EXPECT_STREQ(mmu_rule_text(8 << 8), "no such rule");
    EXPECT_STREQ(mmu_rule_text(0xffff), "no such rule");
    EXPECT_STREQ(mmu_rule_text(MMU_RULE_INVALID), mmu_format(0)->rules[MMU_RULE_INVALID]);
}

// A step says which rule of its own format decided, whatever the word.
TEST(formats, steps_name_rules_of_their_format)
{
    for (unsigned n = 0; n < 8; n++) {
        if (n == MMU_FORMAT_BOUNDS)
            continue;
        Machine m{mmu_format_e(n)};
        m.ctx.mode = n == MMU_FORMAT_RISCV ? MMU_MODE_SV39 : n == MMU_FORMAT_X86 ? 3 : 1;
        m.ctx.aux = 1;
        m.slow.maxpa = 40;
        m.slow.rows_lg = 2;
        const mmu_rq_t rq = m.rq(user, load, 0x123);
        const mmu_start_t start = m.format().start(&rq, &m.slow);
        ASSERT_EQ(start.kind, MMU_START_WALK) << n;
        std::set<mmu_pos_t> positions = {start.pos};
        std::vector<mmu_pos_t> open = {start.pos};
        while (!open.empty() && positions.size() < 200) {
            const mmu_pos_t pos = open.back();
            open.pop_back();
            for (uint64_t word = 0; word < 1024; word++) {
                const mmu_step_t step = m.format().step(&rq, &m.slow, pos, word);
                EXPECT_EQ(step.rule >> 8, int(n));
                EXPECT_STRNE(mmu_rule_text(step.rule), "no such rule");
                EXPECT_LE(step.kind, MMU_STEP_READ_AD);
                if (step.kind == MMU_STEP_FAULT)
                    EXPECT_TRUE(step.fault != MMU_FAULT_NONE && step.fault != MMU_FAULT_ACCESS);
                if ((step.kind == MMU_STEP_READ || step.kind == MMU_STEP_READ_AD) &&
                    positions.insert(step.pos).second)
                    open.push_back(step.pos);
            }
        }
    }
}

// FRM-8 and "Classical formats": {prv is U, acc, kind}.
TEST(formats, causes_of_the_classical_formats)
{
    const unsigned kinds[8] = {0, 1, 6, 0, 2, 3, 4, 5}; // by mmu_fault_e
    const unsigned accs[5] = {0, 1, 2, 1, 2};           // by mmu_acc_e
    for (unsigned n = MMU_FORMAT_BOUNDS; n <= MMU_FORMAT_SEGPAGE; n++) {
        const Machine m{mmu_format_e(n)};
        for (uint8_t fault = 0; fault < 8; fault++)
            for (uint8_t acc = 0; acc < 5; acc++)
                for (uint8_t prv : {user, kernel, uint8_t(MMU_PRIV_M)}) {
                    const mmu_rq_t rq = m.rq(prv, acc, 0);
                    EXPECT_EQ(m.format().cause(fault, &rq, &m.slow),
                              kinds[fault] == 0 ? 0 : cause(prv, accs[acc], kinds[fault]));
                }
    }
}

// FRM-11
TEST(formats, append_is_a_store_in_riscv_too)
{
    const mmu_format_t &f = *mmu_format(MMU_FORMAT_RISCV);
    Machine m(MMU_FORMAT_RISCV);
    m.ctx.mode = MMU_MODE_SV39;
    for (uint64_t word = 0; word < 256; word++) {
        const mmu_rq_t a = m.rq(user, append, 0), s = m.rq(user, store, 0);
        const mmu_pos_t pos = mmu_pos_make(0, false, 0);
        const mmu_step_t x = f.step(&a, &m.slow, pos, word), y = f.step(&s, &m.slow, pos, word);
        EXPECT_TRUE(x.kind == y.kind && x.fault == y.fault && x.entry == y.entry &&
                    x.new_word == y.new_word && x.rule == y.rule);
        EXPECT_EQ(f.perm(&a, &m.slow, word << 52), f.perm(&s, &m.slow, word << 52));
        for (uint8_t fault = 0; fault < 4; fault++)
            EXPECT_EQ(f.cause(fault, &a, &m.slow), f.cause(fault, &s, &m.slow));
    }
}

// ---- walks ----------------------------------------------------------------------------------------------

// An x86 walk that writes at each level: 4 KiB page at VA 0, tables at 0x1000, 0x2000.
struct TwoLevels : Machine {
    TwoLevels() : Machine(MMU_FORMAT_X86)
    {
        slow.maxpa = 36;
        slow.afault = true;
        ctx.root = 1;
        ram.word[0x1000] = 0x2007;
        ram.word[0x2000] = 0x5007;
    }
};

TEST(format_walk, a_read_after_a_is_written_first)
{
    TwoLevels m;
    const mmu_rq_t rq = m.rq(user, store, 0x10);
    mmu_walk_t w;
    mmu_walk_begin(&w, &rq, &m.slow);
    EXPECT_TRUE(w.kind == MMU_WALK_READ && w.addr == 0x1000 && !w.wide);
    mmu_walk_word(&w, 0x2007);
    EXPECT_TRUE(w.kind == MMU_WALK_SWAP && w.addr == 0x1000 && w.more);
    EXPECT_TRUE(w.old_word == 0x2007 && w.new_word == 0x2027);
    mmu_walk_t lost = w;
    mmu_walk_word(&w, 0x2007);
    EXPECT_TRUE(w.kind == MMU_WALK_READ && w.addr == 0x2000 && !w.more);
    mmu_walk_word(&w, 0x5007);
    EXPECT_TRUE(w.kind == MMU_WALK_SWAP && w.addr == 0x2000 && !w.more);
    EXPECT_EQ(w.new_word, 0x5067u);
    mmu_walk_word(&w, 0x5007);
    EXPECT_TRUE(w.kind == MMU_WALK_END && w.fault == MMU_FAULT_NONE && !w.bare);
    EXPECT_EQ(mmu_walk_pa(&w), 0x5010u);
    EXPECT_EQ(w.flg, 12);
    // Somebody had set A, and another table: that one counts.
    mmu_walk_word(&lost, 0x3027);
    EXPECT_TRUE(lost.kind == MMU_WALK_READ && lost.addr == 0x3000);
    mmu_walk_refused(&lost);
    EXPECT_TRUE(lost.kind == MMU_WALK_END && lost.fault == MMU_FAULT_ACCESS);
    EXPECT_EQ(mmu_walk_cause(&lost), 33);
}

TEST(format_walk, bare_with_a_base)
{
    Machine m(MMU_FORMAT_BOUNDS);
    m.ctx.root = 0x8000;
    m.ctx.aux = 0x4000;
    mmu_rq_t rq = m.rq(user, load, 0x123);
    mmu_walk_t w;
    mmu_walk_begin(&w, &rq, &m.slow);
    EXPECT_TRUE(w.kind == MMU_WALK_END && w.fault == MMU_FAULT_NONE && w.bare && w.base == 0x8000);
    EXPECT_EQ(mmu_walk_pa(&w), 0x8123u);
    rq.va = 0x4000;
    mmu_walk_begin(&w, &rq, &m.slow);
    EXPECT_EQ(w.fault, MMU_FAULT_LIMIT);
    EXPECT_EQ(mmu_walk_cause(&w), cause(user, 1, 4));
    m.slow.format = MMU_FORMAT_RISCV;
    rq.prv = MMU_PRIV_M;
    mmu_walk_begin(&w, &rq, &m.slow);
    EXPECT_EQ(mmu_walk_pa(&w), 0x4000u);
}

TEST(format_walk, the_trail_tells_each_access)
{
    TwoLevels m;
    EXPECT_EQ(text(m.go(user, store, 0)), "0x5000");
    EXPECT_EQ(m.trail.start, MMU_START_WALK);
    ASSERT_EQ(m.trail.count, 4u);
    const mmu_trail_step_t *s = m.trail.step;
    EXPECT_TRUE(s[0].op == MMU_TRAIL_READ && s[0].kind == MMU_STEP_READ_AD && s[0].level == 1 &&
                s[0].word == 0x2007);
    EXPECT_TRUE(s[1].op == MMU_TRAIL_CAS && s[1].new_word == 0x2027 && !s[1].lost && s[1].addr == 0x1000);
    EXPECT_TRUE(s[2].op == MMU_TRAIL_READ && s[2].kind == MMU_STEP_NEED_AD && s[2].level == 0);
    EXPECT_TRUE(s[3].op == MMU_TRAIL_CAS && s[3].new_word == 0x5067);
    // One that is lost is told, and then what was there.
    m.ram.word[0x1000] = 0x2007;
    m.ram.meddle = {0};
    EXPECT_EQ(text(m.go(user, load, 0)), "page");
    ASSERT_EQ(m.trail.count, 3u);
    EXPECT_TRUE(s[1].lost && s[1].word == 0 && s[2].op == MMU_TRAIL_READ && s[2].kind == MMU_STEP_FAULT);
    // Outside RAM, and from a start that faults or is bare.
    m.ram.word[0x1000] = 0x2027;
    m.ram.end = 0x2000;
    EXPECT_EQ(text(m.go(user, load, 0)), "access");
    EXPECT_TRUE(m.trail.count == 2 && s[1].error && !s[1].denied);
    m.ctx.mode = 0;
    m.go(user, load, 0);
    EXPECT_TRUE(m.trail.start == MMU_START_BARE && m.trail.count == 0);
    m.go(user, load, uint64_t(1) << 60);
    EXPECT_TRUE(m.trail.start == MMU_START_FAULT && m.trail.fault == MMU_FAULT_ACCESS);
}

// PMP-3 stands in front of every access of a walk, whatever the format, and judges PA last (L1-14).
TEST(format_walk, physical_protection)
{
    const uint8_t r = MMU_PMP_R, w = MMU_PMP_W, x = MMU_PMP_X, na4 = 2 << 3, napot = 3 << 3;
    auto outcome = [&](uint64_t addr, uint8_t cfg, uint8_t acc, mmu_arch_trail_t *trail) {
        TwoLevels m;
        mmu_pmp_file_t pmp;
        mmu_pmp_reset(&pmp, 16);
        mmu_pmp_write(&pmp, 0, cfg, addr >> 2, 0);
        mmu_pmp_write(&pmp, 1, uint8_t(napot | r | w | x), MMU_PMP_ADDR_MASK, 0);
        const mmu_rq_t rq = m.rq(user, acc, 0);
        const mmu_arch_mem_t mem = m.ram.port();
        mmu_arch_result_t out;
        mmu_arch_translate_pmp(&mem, &pmp, &rq, &m.slow, &out, trail);
        EXPECT_TRUE(out.fault == MMU_FAULT_NONE || out.cause == 33);
        return text(out) + " " + std::to_string(m.ram.reads.size()) + std::to_string(m.ram.writes.size());
    };
    mmu_arch_trail_t trail;
    for (mmu_arch_trail_t *t : {static_cast<mmu_arch_trail_t *>(nullptr), &trail}) {
        EXPECT_EQ(outcome(0x9000, na4, store, t), "0x5000 22");
        EXPECT_EQ(outcome(0x1000, na4, load, t), "access 00");
        EXPECT_EQ(outcome(0x1000, na4 | r, load, t), "access 10"); // A may not be set
        EXPECT_EQ(outcome(0x2000, na4 | r, load, t), "access 21");
        EXPECT_EQ(outcome(0x5000, na4 | r, store, t), "access 22"); // D stays
        EXPECT_EQ(outcome(0x5000, na4 | r, append, t), "access 22");
        EXPECT_EQ(outcome(0x5000, na4 | r | w, append, t), "0x5000 22");
        EXPECT_EQ(outcome(0x5000, na4 | x, load, t), "access 22");
        EXPECT_EQ(outcome(0x5000, na4 | x, fetch, t), "0x5000 22");
    }
    EXPECT_EQ(trail.step[trail.count - 1].op, MMU_TRAIL_FINAL);
}

} // namespace
