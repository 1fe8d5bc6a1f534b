// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The golden vectors of tests/vectors, all accesses, on the architectural model: physical address, size, memory type,
// or cause, tval and guest address, and every changed word.
#include "lockwalk/mmu_vectors.h"
#include "lockwalk/mmu_walk.h"
#include "world.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

namespace
{

const char *const x86_files[] = {"x86_2level", "x86_pae", "pml4", "pml5"};
const char *const all_files[] = {"bare",     "sv32",       "sv39",    "sv48", "sv57", "pmp",
                                 "twostage", "x86_2level", "x86_pae", "pml4", "pml5"};
constexpr unsigned riscv_accesses = 57200, x86_accesses = 30425;

struct Counts {
    unsigned worlds, accesses, words; // compared; words that the reference changed
    unsigned guest;                   // guest-page faults
    unsigned hlvx;                    // accesses of type RX
    unsigned mismatches;
};

using Translate = std::function<void(const mmu_arch_mem_t &mem, const mmu_pmp_file_t *pmp, const mmu_rq_t &rq,
                                     const mmu_slow_t &slow, mmu_arch_result_t &out)>;

void translate(const mmu_arch_mem_t &mem, const mmu_pmp_file_t *pmp, const mmu_rq_t &rq,
               const mmu_slow_t &slow, mmu_arch_result_t &out)
{
    if (pmp != nullptr)
        mmu_arch_translate_pmp(&mem, pmp, &rq, &slow, &out, nullptr);
    else
        mmu_arch_translate(&mem, &rq, &slow, &out);
}

// Calls `each` for each world of a file.
void worlds_of(const std::string &name, const std::function<void(const mmu_tv_world_t &)> &each)
{
    mmu_tv_err_t err = {};
    const mmu_tv_world_t *w;
    mmu_tv_t *tv = mmu_tv_open((LOCKWALK_SOURCE_DIR "/tests/vectors/" + name + ".tv.gz").c_str(), &err);
    int got;
    ASSERT_NE(tv, nullptr) << err.text;
    while ((got = mmu_tv_next(tv, &w, &err)) > 0)
        each(*w);
    EXPECT_EQ(got, 0) << err.text;
    mmu_tv_close(tv);
}

// Adds a world's accesses; the first mismatches are told where `tell`.
void play(const mmu_tv_world_t &w, const Translate &how, Counts &c, bool tell = true)
{
    mmu_tv_image_t *image = mmu_tv_image_new();
    const mmu_arch_mem_t mem = mmu_tv_image_mem(image);
    const mmu_slow_t slow = world::slow(w);
    mmu_pmp_file_t file;
    const mmu_pmp_file_t *pmp = world::pmp(w, file);

    ASSERT_TRUE(mmu_tv_image_load(image, &w));
    c.worlds++;
    for (unsigned i = 0; i < w.accesses; i++) {
        const mmu_tv_access_t &a = w.access[i];
        const mmu_tv_change_t *change;
        mmu_arch_result_t out = {};

        how(mem, pmp, world::request(w, a), slow, out);
        const unsigned changes = mmu_tv_image_changes(image, &change);
        const std::string differs = world::differs(w, a, out, change, changes);
        if (!differs.empty() && tell && c.mismatches < 5)
            ADD_FAILURE() << w.file << ":" << a.line << ": " << differs;
        c.mismatches += !differs.empty();
        c.accesses++;
        c.words += a.updates;
        c.guest += out.fault == MMU_FAULT_GUEST;
        c.hlvx += a.type == MMU_TV_LOAD_X;
        mmu_tv_image_settle(image, &w, &a);
    }
    mmu_tv_image_free(image);
}

// The counts say that nothing was left out.
void expect_all(const std::string &name, const Counts &want)
{
    Counts c = {};
    worlds_of(name, [&](const mmu_tv_world_t &w) { play(w, translate, c); });
    EXPECT_EQ(c.worlds, want.worlds);
    EXPECT_EQ(c.accesses, want.accesses);
    EXPECT_EQ(c.words, want.words);
    EXPECT_EQ(c.guest, want.guest);
    EXPECT_EQ(c.hlvx, want.hlvx);
    EXPECT_EQ(c.mismatches, 0u);
}

TEST(vectors, bare)
{
    expect_all("bare", {60, 3600, 0, 0, 145, 0});
}

TEST(vectors, sv32)
{
    expect_all("sv32", {100, 8000, 1116, 0, 0, 0});
}

TEST(vectors, sv39)
{
    expect_all("sv39", {110, 8800, 1143, 0, 0, 0});
}

TEST(vectors, sv48)
{
    expect_all("sv48", {110, 8800, 1044, 0, 0, 0});
}

TEST(vectors, sv57)
{
    expect_all("sv57", {110, 8800, 1081, 0, 0, 0});
}

TEST(vectors, pmp)
{
    expect_all("pmp", {120, 9600, 967, 672, 215, 0});
}

TEST(vectors, twostage)
{
    expect_all("twostage", {120, 9600, 1426, 2374, 617, 0});
}

TEST(vectors, x86_2level)
{
    expect_all("x86_2level", {100, 8142, 2160, 0, 0, 0});
}

TEST(vectors, x86_pae)
{
    expect_all("x86_pae", {98, 7924, 2660, 0, 0, 0});
}

TEST(vectors, pml4)
{
    expect_all("pml4", {98, 7937, 4588, 0, 0, 0});
}

TEST(vectors, pml5)
{
    expect_all("pml5", {80, 6422, 4525, 0, 0, 0});
}

// What a player of vectors asks of an MMU is what the tests above ask: cold, warm, from the other port.
TEST(vectors, x86_worlds_are_played_as_registers_and_requests)
{
    for (const char *name : x86_files) {
        mmu_vectors_sink_t sink = {};
        mmu_vectors_book_t book = {};
        mmu_tv_image_t *image = mmu_tv_image_new();
        book.sink = &sink;
        worlds_of(name, [&](const mmu_tv_world_t &w) {
            char what[200], select[64];
            mmu_cfg_t cfg = {};
            EXPECT_EQ(mmu_vectors_format(&w), unsigned(MMU_FORMAT_X86));
            EXPECT_TRUE(mmu_vectors_handles(&w, nullptr, what, select));
            cfg.formats = 1u << MMU_FORMAT_X86;
            EXPECT_TRUE(mmu_vectors_handles(&w, &cfg, what, select)) << what;
            cfg.formats = 1u << MMU_FORMAT_RISCV;
            EXPECT_FALSE(mmu_vectors_handles(&w, &cfg, what, select));
            EXPECT_EQ(std::string(select).find("x86"), std::string::npos) << select;
            for (unsigned i = 0; i < w.accesses; i++) {
                const mmu_rq_t a = mmu_vectors_request(&w, &w.access[i], MMU_VECTORS_COLD);
                const mmu_rq_t b = world::request(w, w.access[i]);
                const mmu_slow_t s = mmu_vectors_slow(&w), t = world::slow(w);
                EXPECT_TRUE(a.va == b.va && a.acc == b.acc && a.prv == b.prv && a.size == b.size);
                EXPECT_TRUE(a.ctx.root == b.ctx.root && a.ctx.mode == b.ctx.mode &&
                            a.ctx.flags == b.ctx.flags && !a.ctx.v);
                EXPECT_TRUE(a.ctx.mode != 2 || a.ctx.aux == b.ctx.aux);
                EXPECT_TRUE(s.format == t.format && s.pse == t.pse && s.pge == t.pge && s.nxe == t.nxe &&
                            s.afault == t.afault && s.maxpa == t.maxpa);
            }
            ASSERT_TRUE(mmu_vectors_play(&w, image, nullptr, nullptr, &book));
        });
        EXPECT_TRUE(mmu_vectors_counts_good(&book.counts)) << name;
        // Outcomes are told apart: translated, not present, protection, reserved, and #GP with 64 bits.
        uint64_t sum = 0;
        for (unsigned i : {0u, 10u, 11u, 12u, 13u}) {
            EXPECT_EQ(book.counts.outcome[i] != 0, i != 13 || name[0] == 'p')
                << name << " " << mmu_vectors_outcome_key(i);
            sum += book.counts.outcome[i];
        }
        EXPECT_EQ(sum, book.counts.accesses);
        mmu_vectors_book_free(&book);
        mmu_tv_image_free(image);
    }
}

// ---- what the files are about matters: with a bit of it moved, answers are wrong --------------------------

void expect_wrong(const std::string &name, const std::function<void(mmu_tv_world_t &)> &mutate,
                  unsigned least)
{
    Counts c = {};
    worlds_of(name, [&](const mmu_tv_world_t &w) {
        mmu_tv_world_t changed = w;
        mutate(changed);
        play(changed, translate, c, false);
    });
    EXPECT_GE(c.mismatches, least);
}

TEST(vectors, physical_protection_matters)
{
    expect_wrong(
        "pmp", [](mmu_tv_world_t &w) { w.key[MMU_TV_PMP] = 0; }, 1000);
    // Entry 1 is off; no locks; other addresses.
    expect_wrong(
        "pmp", [](mmu_tv_world_t &w) { w.pmp[1].cfg = 0; }, 50);
    auto all = [](mmu_tv_world_t &w, const std::function<void(mmu_tv_pmp_t &)> &f) {
        for (unsigned i = 0; i < w.pmps; i++)
            f(w.pmp[i]);
    };
    expect_wrong(
        "pmp", [&](mmu_tv_world_t &w) { all(w, [](mmu_tv_pmp_t &p) { p.cfg &= 0x7f; }); }, 10);
    expect_wrong(
        "pmp", [&](mmu_tv_world_t &w) { all(w, [](mmu_tv_pmp_t &p) { p.addr ^= 0x10; }); }, 10);
}

TEST(vectors, each_register_of_two_stages_matters)
{
    for (mmu_tv_key_e key : {MMU_TV_VIRT, MMU_TV_MXR, MMU_TV_VMXR, MMU_TV_VSUM, MMU_TV_ADUE, MMU_TV_HADUE,
                             MMU_TV_PBMTE, MMU_TV_HPBMTE, MMU_TV_NAPOT, MMU_TV_GROOT}) {
        SCOPED_TRACE(mmu_tv_key_name(key));
        expect_wrong(
            "twostage", [=](mmu_tv_world_t &w) { w.key[key] ^= key == MMU_TV_GROOT ? 4 : 1; }, 10);
    }
    // HS's SUM does not count, nor do the low two bits of hgatp's PPN.
    for (mmu_tv_key_e key : {MMU_TV_SUM, MMU_TV_GROOT}) {
        Counts c = {};
        worlds_of("twostage", [&](const mmu_tv_world_t &w) {
            mmu_tv_world_t changed = w;
            changed.key[key] ^= key == MMU_TV_GROOT ? 3 : 1;
            play(changed, translate, c);
        });
        EXPECT_EQ(c.mismatches, 0u) << mmu_tv_key_name(key);
    }
}

TEST(vectors, each_register_of_x86_matters)
{
    const struct {
        mmu_tv_key_e key;
        uint64_t flip;
        const char *file;
    } registers[] = {
        {MMU_TV_WP, 1, "x86_2level"},   {MMU_TV_PSE, 1, "x86_2level"}, {MMU_TV_SMEP, 1, "x86_2level"},
        {MMU_TV_SMAP, 1, "x86_2level"}, {MMU_TV_AC, 1, "x86_2level"},  {MMU_TV_NXE, 1, "x86_pae"},
        {MMU_TV_CR3, 0x20, "x86_pae"},  {MMU_TV_MAXPA, 4, "x86_pae"},  {MMU_TV_NXE, 1, "pml4"},
        {MMU_TV_AFAULT, 1, "pml4"},     {MMU_TV_CR3, 0x1000, "pml4"},  {MMU_TV_AFAULT, 1, "pml5"},
        {MMU_TV_MAXPA, 4, "pml5"}};
    for (const auto &r : registers) {
        SCOPED_TRACE(std::string(r.file) + " " + mmu_tv_key_name(r.key));
        expect_wrong(
            r.file, [&](mmu_tv_world_t &w) { w.key[r.key] ^= r.flip; }, 10);
    }
    // PSE counts in 2-level paging alone; G of a leaf answers nothing; CR3's low bits are no address there.
    const struct {
        mmu_tv_key_e key;
        uint64_t flip;
        const char *file;
    } idle[] = {{MMU_TV_PSE, 1, "x86_pae"},        {MMU_TV_PSE, 1, "pml4"},     {MMU_TV_PGE, 1, "pml5"},
                {MMU_TV_CR3, 0xff8, "x86_2level"}, {MMU_TV_CR3, 0xff8, "pml4"}, {MMU_TV_CR3, 0x1f, "x86_pae"},
                {MMU_TV_NXE, 1, "x86_2level"}};
    for (const auto &r : idle) {
        Counts c = {};
        worlds_of(r.file, [&](const mmu_tv_world_t &w) {
            mmu_tv_world_t changed = w;
            changed.key[r.key] ^= r.flip;
            play(changed, translate, c);
        });
        EXPECT_EQ(c.mismatches, 0u) << r.file << " " << mmu_tv_key_name(r.key);
    }
}

// ---- other ways to the same answer ------------------------------------------------------------------------

// The function without a trail is the one that others call: it must be the same walk.
TEST(vectors, a_translation_is_the_same_with_its_trail)
{
    Counts c = {};
    unsigned steps = 0;
    const Translate told = [&](const mmu_arch_mem_t &mem, const mmu_pmp_file_t *pmp, const mmu_rq_t &rq,
                               const mmu_slow_t &slow, mmu_arch_result_t &out) {
        mmu_arch_trail_t trail;
        if (pmp != nullptr)
            mmu_arch_translate_pmp(&mem, pmp, &rq, &slow, &out, &trail);
        else
            mmu_arch_translate_trail(&mem, &rq, &slow, &out, &trail);
        ASSERT_LE(trail.count, unsigned(MMU_TRAIL_STEPS));
        steps += trail.count;
    };
    for (const char *name : all_files)
        worlds_of(name, [&](const mmu_tv_world_t &w) { play(w, told, c); });
    EXPECT_EQ(c.mismatches, 0u);
    EXPECT_EQ(c.accesses, riscv_accesses + x86_accesses);
    EXPECT_GT(steps, 300000u);
}

// mmu_walk.h drives memory from outside, with one stage and with two; physical protection stands in front.
TEST(vectors, the_sequence_of_accesses_gives_the_same_answer)
{
    Counts c = {};
    const Translate driven = [](const mmu_arch_mem_t &mem, const mmu_pmp_file_t *pmp, const mmu_rq_t &rq,
                                const mmu_slow_t &slow, mmu_arch_result_t &out) {
        auto allowed = [&](uint64_t pa, uint8_t acc, uint8_t size, uint8_t prv) {
            return pmp == nullptr ||
                   mmu_pmp_allow(pmp->range, pmp->entries, pa, acc, size, prv, mmu_slow_sec(&slow));
        };
        mmu_walk_t walk;
        mmu_walk_begin(&walk, &rq, &slow);
        while (walk.kind != MMU_WALK_END) {
            mmu_walk_t copy = walk; // it is a value
            uint64_t word = 0;
            bool ok;
            if (!allowed(walk.addr, walk.kind == MMU_WALK_READ ? MMU_ACC_LOAD : MMU_ACC_STORE,
                         walk.wide ? 3 : 2, MMU_PRIV_S))
                ok = false;
            else if (walk.kind == MMU_WALK_READ)
                ok = mem.read(mem.user, walk.addr, walk.wide, &word);
            else
                ok = mem.cas(mem.user, walk.addr, walk.wide, walk.old_word, walk.new_word, &word);
            if (ok)
                mmu_walk_word(&copy, word);
            else
                mmu_walk_refused(&copy);
            walk = copy;
        }
        out = {};
        out.fault = walk.fault;
        if (walk.fault == MMU_FAULT_NONE) {
            out.pa = mmu_walk_pa(&walk);
            out.lg = mmu_entry_lg(walk.entry);
            out.mt = mmu_entry_mt(walk.entry);
            if (!allowed(out.pa, rq.acc, rq.size, rq.prv))
                out.fault = MMU_FAULT_ACCESS;
        }
        out.cause = mmu_format(slow.format)->cause(out.fault, &rq, &slow);
        EXPECT_TRUE(walk.fault == MMU_FAULT_NONE || mmu_walk_cause(&walk) == out.cause);
        out.tval = out.fault != MMU_FAULT_NONE ? rq.va : 0;
        out.gpa = out.fault == MMU_FAULT_GUEST ? walk.gpa & ~uint64_t(3) : 0;
    };
    for (const char *name : all_files)
        worlds_of(name, [&](const mmu_tv_world_t &w) { play(w, driven, c); });
    EXPECT_EQ(c.mismatches, 0u);
    EXPECT_EQ(c.accesses, riscv_accesses + x86_accesses);
}

} // namespace
