// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The four steps of an access of a vector (mmu_vectors.h), played by subjects that lie: each comparison of each step
// sees what it is there for, and nothing else.
#include "lockwalk/mmu_vectors.h"
#include "support/run.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace
{

// Two stages. The G stage: Sv39x4 at 0x80000000, 1 GiB pages: guest 0 is 0x40000000, guest 1 GiB is 0x80000000 (where
// the first stage's table is), guest 2 GiB may not be written, guest 3 GiB is not there. The first stage: Sv39 at
// guest 0x40004000, 1 GiB pages: 0 is guest 0, A and D clear; 1 GiB is guest 2 GiB; 2 GiB is guest 3 GiB.
const char two_stage[] = "world 0x7 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 root=0x40004 groot=0x80000 adue=1 "
                         "hadue=1 pbmte=1 hpbmte=1 "
                         "ram=0x80000000:0x10000\n"
                         "m 0x80000000 0x100000df\n"
                         "m 0x80000008 0x200000df\n"
                         "m 0x80000010 0x3000005b\n"
                         "m 0x80004000 0x2000000000000007\n"
                         "m 0x80004008 0x200000cf\n"
                         "m 0x80004010 0x300000cf\n"
                         "a S R 0x123 = pa 0x40000123 pbmt=1 size=0x40000000\n"
                         "u 0x80004000 0x2000000000000047\n"
                         "a S R 0x124 = pa 0x40000124 pbmt=1 size=0x40000000\n"
                         "a S W 0x40000208 = fault 0x17 tval=0x40000208 gpa=0x80000208\n"
                         "a S R 0x80000011 = fault 0x15 tval=0x80000011 gpa=0xc0000010\n"
                         "a S X 0x4000000000 = fault 0xc tval=0x4000000000\n"
                         "a M R 0x40000000 = pa 0x40000000 pbmt=0\n"
                         "end\n";
constexpr unsigned accesses = 6;

struct Heard {
    std::vector<mmu_vectors_found_t> found;
    mmu_vectors_counts_t counts = {};
};

void hear_found(void *user, unsigned, const mmu_vectors_found_t *found)
{
    static_cast<Heard *>(user)->found.push_back(*found);
}

void hear_file(void *user, unsigned, const mmu_vectors_counts_t *counts)
{
    static_cast<Heard *>(user)->counts = *counts;
}

// What a subject changes in the n-th translation of a world (four an access), in the order of the steps.
using Lie = std::function<void(unsigned n, const mmu_arch_mem_t &mem, mmu_arch_result_t &result)>;
struct Liar {
    Lie lie;
    unsigned n = 0;
};

void translate(void *user, const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
               const mmu_slow_t *slow, mmu_arch_result_t *result)
{
    Liar *liar = static_cast<Liar *>(user);
    mmu_arch_translate_pmp(mem, pmp, rq, slow, result, nullptr);
    liar->lie(liar->n++, *mem, *result);
}

Heard play(const std::string &text, const Lie &lie)
{
    run::Folder folder;
    mmu_tv_err_t err = {};
    mmu_tv_t *tv = mmu_tv_open(folder.file("x.tv", text).c_str(), &err);
    const mmu_tv_world_t *world;
    mmu_tv_image_t *image = mmu_tv_image_new();
    Heard heard;
    Liar liar{lie};
    const mmu_vectors_sink_t sink = {hear_found, hear_file, &heard};
    mmu_vectors_book_t book = {};
    book.sink = &sink;

    EXPECT_EQ(mmu_tv_next(tv, &world, &err), 1) << err.text;
    EXPECT_TRUE(mmu_vectors_play(world, image, translate, &liar, &book));
    EXPECT_EQ(liar.n, 4 * world->accesses);
    mmu_vectors_book_file(&book);
    mmu_vectors_book_free(&book);
    mmu_tv_image_free(image);
    mmu_tv_close(tv);
    return heard;
}

TEST(steps, an_honest_subject_passes_every_step)
{
    const Heard h = play(two_stage, [](unsigned, const mmu_arch_mem_t &, mmu_arch_result_t &) {});
    EXPECT_TRUE(h.found.empty());
    EXPECT_TRUE(mmu_vectors_counts_good(&h.counts));
    for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++)
        EXPECT_EQ(h.counts.compared[step], accesses);
    EXPECT_EQ(h.counts.outcome[0], 3u);
    EXPECT_EQ(h.counts.words, 1u);
}

struct Case {
    const char *name;
    unsigned access;
    std::function<void(const mmu_arch_mem_t &, mmu_arch_result_t &)> lie;
    unsigned differs;
};

void swap_word(const mmu_arch_mem_t &mem, uint64_t addr)
{
    uint64_t word, before;
    ASSERT_TRUE(mem.read(mem.user, addr, true, &word));
    ASSERT_TRUE(mem.cas(mem.user, addr, true, word, word ^ 0x200, &before));
}

const Case cases[] = {
    {"pa", 1, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.pa ^= 0x1000; }, MMU_VECTORS_PA},
    {"size", 1, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.lg = 21; }, MMU_VECTORS_SIZE},
    {"pbmt", 1, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.mt = 2; }, MMU_VECTORS_PBMT},
    {"gpa", 2, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.gpa += 8; }, MMU_VECTORS_GPA},
    {"gpa_missing", 3, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.gpa = 0; }, MMU_VECTORS_GPA},
    {"gpa_of_a_page_fault", 4, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.gpa = 0x1000; },
     MMU_VECTORS_GPA},
    {"cause", 3, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.cause = 13; }, MMU_VECTORS_CAUSE},
    {"tval", 4, [](const mmu_arch_mem_t &, mmu_arch_result_t &r) { r.tval = 0; }, MMU_VECTORS_TVAL},
    {"outcome", 4,
     [](const mmu_arch_mem_t &, mmu_arch_result_t &r) {
         r = {};
         r.pa = 0x1234;
     },
     MMU_VECTORS_OUTCOME},
    {"word", 1, [](const mmu_arch_mem_t &m, mmu_arch_result_t &) { swap_word(m, 0x80000ff8); },
     MMU_VECTORS_CHANGES},
};

class Differs : public testing::TestWithParam<std::tuple<Case, unsigned>>
{
};

// From the other port an access is another one: only what is a part of its answer can be wrong in it.
bool in_answer(unsigned differs, unsigned access, unsigned step)
{
    if (step != MMU_VECTORS_OTHER)
        return true;
    switch (differs) {
    case MMU_VECTORS_PA:
    case MMU_VECTORS_SIZE:
    case MMU_VECTORS_PBMT:
        return access != 1; // a fetch from a page without X
    case MMU_VECTORS_GPA:
        return access != 2; // a fetch, which is granted
    default:
        return true;
    }
}

TEST_P(Differs, is_seen_in_its_step)
{
    const auto &[c, step] = GetParam();
    if (!in_answer(c.differs, c.access, step))
        return;
    const unsigned target = 4 * c.access + step;
    const Heard h = play(two_stage, [&](unsigned n, const mmu_arch_mem_t &mem, mmu_arch_result_t &r) {
        if (n == target)
            c.lie(mem, r);
    });
    ASSERT_EQ(h.found.size(), 1u);
    EXPECT_EQ(h.found[0].access, c.access);
    EXPECT_EQ(h.found[0].step, step);
    EXPECT_EQ(h.found[0].differs, c.differs);
    EXPECT_EQ(h.found[0].world, 7u);
    EXPECT_EQ(h.counts.mismatches, 1u);
    for (unsigned s = 0; s < MMU_VECTORS_STEPS; s++)
        EXPECT_EQ(h.counts.differ[s], s == step ? 1u : 0u) << s;
    EXPECT_FALSE(mmu_vectors_counts_good(&h.counts));
}

INSTANTIATE_TEST_SUITE_P(steps, Differs, testing::Combine(testing::ValuesIn(cases), testing::Range(0u, 4u)),
                         [](const auto &i) {
                             return std::string(std::get<0>(i.param).name) + "_" +
                                    mmu_vectors_step_key(std::get<1>(i.param));
                         });

// Memory of the steps: cold's update stays for warm, whose own would be one word too many.
TEST(steps, warm_is_played_on_the_memory_that_cold_left)
{
    std::vector<uint64_t> words;
    const Heard h = play(two_stage, [&](unsigned n, const mmu_arch_mem_t &mem, mmu_arch_result_t &) {
        uint64_t word = 0;
        if (n < 4) {
            EXPECT_TRUE(mem.read(mem.user, 0x80004000, true, &word));
            words.push_back(word);
        }
    });
    // After the last step it has been put back before, and is updated once more.
    EXPECT_EQ(words, (std::vector<uint64_t>{0x2000000000000047, 0x2000000000000047, 0x2000000000000047,
                                            0x2000000000000047}));
    EXPECT_TRUE(h.found.empty());
}

// A subject that forgets to write A back: cold misses a word, and so does the last step; warm is judged by the model
// on the memory as it is, where the word is still to be changed.
TEST(steps, an_update_that_is_lost_is_seen)
{
    const Heard h = play(two_stage, [](unsigned n, const mmu_arch_mem_t &mem, mmu_arch_result_t &) {
        uint64_t before;
        if (n < 4)
            mem.cas(mem.user, 0x80004000, true, 0x2000000000000047, 0x2000000000000007, &before);
    });
    ASSERT_EQ(h.found.size(), 1u);
    EXPECT_EQ(h.found[0].differs, unsigned{MMU_VECTORS_CHANGES});
    EXPECT_EQ(h.found[0].expected.words, 1u);
    EXPECT_EQ(h.found[0].got.words, 0u);
    EXPECT_EQ(h.counts.differ[MMU_VECTORS_COLD], 1u);
    EXPECT_EQ(h.counts.differ[MMU_VECTORS_WARM], 1u);
    EXPECT_EQ(h.counts.differ[MMU_VECTORS_RANDOM], 1u);
}

// ---- requests -------------------------------------------------------------------------------------------

// The first access of the one world of a text.
mmu_rq_t request(const std::string &text, unsigned step = MMU_VECTORS_COLD)
{
    run::Folder folder;
    mmu_tv_err_t err = {};
    mmu_tv_t *tv = mmu_tv_open(folder.file("x.tv", text).c_str(), &err);
    const mmu_tv_world_t *world;
    EXPECT_EQ(mmu_tv_next(tv, &world, &err), 1) << err.text;
    const mmu_rq_t rq = mmu_vectors_request(world, &world->access[0], step);
    mmu_tv_close(tv);
    return rq;
}

TEST(request, of_a_guest_has_both_stages)
{
    const std::string head = "world 1 isa=rv64 mode=sv48 virt=1 gmode=sv57x4 root=0x123 groot=0x4567 ";
    const std::string tail = " ram=0:4096\na S R 0x10 = pa 0x10 len=8\nend\n";
    const mmu_rq_t rq = request(head + "vsum=1" + tail);
    EXPECT_TRUE(rq.ctx.v);
    EXPECT_EQ(rq.ctx.mode, MMU_MODE_SV48);
    EXPECT_EQ(rq.ctx.gmode, MMU_MODE_SV57);
    EXPECT_EQ(rq.ctx.root, 0x123u);
    EXPECT_EQ(rq.ctx.groot, 0x4567u);
    EXPECT_TRUE(rq.ctx.sum);
    EXPECT_EQ(rq.size, 3);
    // SUM is vsstatus's alone; MXR of sstatus counts for both stages, of vsstatus for the first.
    EXPECT_FALSE(request(head + "sum=1" + tail).ctx.sum);
    EXPECT_TRUE(request(head + "mxr=1" + tail).ctx.mxr);
    EXPECT_TRUE(request(head + "mxr=1" + tail).ctx.gmxr);
    EXPECT_TRUE(request(head + "vmxr=1" + tail).ctx.mxr);
    EXPECT_FALSE(request(head + "vmxr=1" + tail).ctx.gmxr);
}

TEST(request, of_m_has_no_guest)
{
    const mmu_rq_t rq = request("world 1 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 groot=4 ram=0:4096\n"
                                "a M R 0x10 = pa 0x10\nend\n");
    EXPECT_FALSE(rq.ctx.v);
    EXPECT_EQ(rq.ctx.gmode, 0);
    EXPECT_EQ(rq.prv, MMU_PRIV_M);
}

TEST(request, from_the_other_port_is_a_fetch_or_a_load)
{
    const std::string head = "world 1 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 ram=0:4096\na S ";
    const struct {
        const char *type;
        uint8_t acc, other;
    } kinds[] = {{"R", MMU_ACC_LOAD, MMU_ACC_FETCH},
                 {"W", MMU_ACC_STORE, MMU_ACC_FETCH},
                 {"RX", MMU_ACC_LOAD_X, MMU_ACC_FETCH},
                 {"X", MMU_ACC_FETCH, MMU_ACC_LOAD}};
    for (const auto &k : kinds) {
        const std::string text = head + k.type + " 0x10 = pa 0x10 len=4\nend\n";
        const mmu_rq_t own = request(text), other = request(text, MMU_VECTORS_OTHER);
        EXPECT_EQ(own.acc, k.acc) << k.type;
        EXPECT_EQ(other.acc, k.other) << k.type;
        EXPECT_NE(mmu_vectors_port(&own), mmu_vectors_port(&other)) << k.type;
        EXPECT_EQ(other.size, 2) << k.type;
    }
}

TEST(request, of_x86_has_the_control_registers)
{
    const std::string tail = " ram=0:4096\na U W 0x10 = pa 0x10\nend\n";
    const mmu_rq_t plain = request("world 1 isa=x86_64 mode=pml5 cr3=0x12345abc maxpa=46" + tail);
    EXPECT_EQ(plain.ctx.root, 0x12345u);
    EXPECT_EQ(plain.ctx.mode, 4);
    EXPECT_EQ(plain.ctx.flags, 0);
    EXPECT_EQ(plain.ctx.aux, 0u); // CR3[11:5] counts in PAE alone
    EXPECT_EQ(plain.acc, MMU_ACC_STORE);
    EXPECT_EQ(plain.prv, MMU_PRIV_U);
    const mmu_rq_t pae = request("world 1 isa=x86 mode=x86_pae cr3=0x123450e0" + tail);
    EXPECT_EQ(pae.ctx.mode, 2);
    EXPECT_EQ(pae.ctx.aux, 7u);
    EXPECT_EQ(request("world 1 isa=x86 mode=x86_2level" + tail).ctx.mode, 1);
    EXPECT_EQ(request("world 1 isa=x86_64 mode=pml4" + tail).ctx.mode, 3);
    unsigned bit = 0;
    for (const char *flag : {"wp", "smep", "smap", "ac"})
        EXPECT_EQ(request("world 1 isa=x86_64 mode=pml4 " + std::string(flag) + "=1" + tail).ctx.flags,
                  1u << bit++)
            << flag;
}

TEST(request, of_x86_has_slow_registers_of_its_own)
{
    for (const char *key : {"pse", "pge", "nxe", "afault", "maxpa"}) {
        mmu_tv_err_t err = {};
        run::Folder folder;
        const std::string k = key;
        mmu_tv_t *tv = mmu_tv_open(
            folder.file("x.tv", "world 1 isa=x86_64 mode=pml4 " + k + "=1 ram=0:4096\nend\n").c_str(), &err);
        const mmu_tv_world_t *world;
        ASSERT_EQ(mmu_tv_next(tv, &world, &err), 1) << err.text;
        const mmu_slow_t s = mmu_vectors_slow(world);
        EXPECT_EQ(s.format, MMU_FORMAT_X86);
        EXPECT_EQ(s.pse, k == "pse");
        EXPECT_EQ(s.pge, k == "pge");
        EXPECT_EQ(s.nxe, k == "nxe");
        EXPECT_EQ(s.afault, k == "afault");
        EXPECT_EQ(s.maxpa, k == "maxpa" ? 1 : 0);
        mmu_tv_close(tv);
    }
}

TEST(request, slow_registers_are_those_of_both_stages)
{
    for (const char *key : {"adue", "pbmte", "napot", "hadue", "hpbmte"}) {
        mmu_tv_err_t err = {};
        run::Folder folder;
        const std::string text =
            std::string("world 1 isa=rv64 mode=sv39 virt=1 gmode=sv39x4 ") + key + "=1 ram=0:4096\nend\n";
        mmu_tv_t *tv = mmu_tv_open(folder.file("x.tv", text).c_str(), &err);
        const mmu_tv_world_t *world;
        ASSERT_EQ(mmu_tv_next(tv, &world, &err), 1) << err.text;
        const mmu_slow_t s = mmu_vectors_slow(world);
        const std::string k = key;
        EXPECT_EQ(s.adue, k == "adue");
        EXPECT_EQ(s.pbmte, k == "pbmte");
        EXPECT_EQ(s.svnapot, k == "napot");
        EXPECT_EQ(s.hadue, k == "hadue");
        EXPECT_EQ(s.hpbmte, k == "hpbmte");
        mmu_tv_close(tv);
    }
}

} // namespace
