// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A lockstep whose other side is a second cycle model in place of RTL, with a small memory: so that a test can
// change what the "RTL" says, in one clock and one bit.
#pragma once

#include "compare/mmu_lockstep.h"
#include "lockwalk/mmu_config.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <vector>

// Turns these bits of an output field in the words of a clock.
inline void turn(uint64_t *words, const char *name, uint64_t bits)
{
    for (const mmu_field_t &field : mmu_fields)
        if (strcmp(field.name, name) == 0) {
            for (unsigned b = 0; b < field.width; b++)
                if ((bits >> b & 1u) != 0)
                    words[(field.bit + b) / 64] ^= UINT64_C(1) << (field.bit + b) % 64;
            return;
        }
    throw std::runtime_error("no such field");
}

class TwoModels
{
  public:
    std::function<void(uint64_t clock, uint64_t *words)> alter_words;
    // Return false: the probe says nothing. `write`: the write port, else a row.
    std::function<bool(uint64_t clock, unsigned array, bool write, mmu_row_sample_t *row)> alter_sample;
    bool probes_first = true;
    mmu_in_t in{};
    // Every read finds this word: a 1 GiB leaf, everything granted.
    uint64_t leaf = 0xdf;

    explicit TwoModels(bool whitebox = false, const char *preset = "tiny")
    {
        if (!mmu_cfg_load(preset, &cfg_, nullptr, nullptr))
            throw std::runtime_error("no such preset");
        cfg_.pmp_entries = 0; // nothing would be allowed before a test has written an entry
        ls_ = mmu_lockstep_create(&cfg_, whitebox);
        storage_.resize(mmu_sizeof(&cfg_) / sizeof(uint64_t) + 8);
        rtl_ = mmu_init(storage_.data(), &cfg_);
        in.mreq_ready = true;
        in.ctx[0].mode = in.ctx[1].mode = MMU_MODE_SV39;
        in.ctx[0].root = in.ctx[1].root = 0x80000;
        in.ctx[0].asid = in.ctx[1].asid = 3;
    }
    ~TwoModels()
    {
        mmu_lockstep_destroy(ls_);
    }
    TwoModels(const TwoModels &) = delete;
    TwoModels &operator=(const TwoModels &) = delete;

    mmu_lockstep_t *ls()
    {
        return ls_;
    }
    const mmu_cfg_t &cfg() const
    {
        return cfg_;
    }
    const mmu_mismatch_t &mismatch() const
    {
        return *mmu_lockstep_mismatch(ls_);
    }
    const mmu_lockstep_counts_t &counts() const
    {
        return *mmu_lockstep_counts(ls_);
    }
    const mmu_out_t &out() const
    {
        return out_;
    }

    // One clock with `in`; false where the lockstep stops. The memory answers in the following clock.
    bool clock(bool rst_n = true)
    {
        uint64_t words[MMU_WORDS];
        bool good;

        in.mrsp = response_;
        mmu_comb(rtl_, &in, &out_);
        mmu_words_pack_in(&in, words);
        mmu_words_pack_out(&out_, words);
        if (alter_words)
            alter_words(mmu_lockstep_clock_count(ls_), words);
        if (probes_first && mmu_lockstep_whitebox(ls_))
            probe();
        good = mmu_lockstep_clock(ls_, words, rst_n);
        if (!probes_first && mmu_lockstep_whitebox(ls_))
            probe();
        calls_++;
        respond(rst_n);
        mmu_seq(rtl_, rst_n);
        return good;
    }

    // in.slow and in.pmp have changed.
    void tell_slow()
    {
        const mmu_slow_in_t slow = {in.slow, in.pmp};
        mmu_lockstep_slow(ls_, &slow);
    }

    // A request at the data port, offered until it is taken; then n idle clocks.
    bool request(uint64_t va, unsigned acc = MMU_ACC_LOAD, unsigned idle_clocks = 0)
    {
        in.req[1].valid = true;
        in.req[1].id = static_cast<uint8_t>(next_id_++ & 15u);
        in.req[1].va = va;
        in.req[1].acc = static_cast<uint8_t>(acc);
        in.req[1].size = 3;
        bool good = true;
        for (unsigned n = 0; n < 100 && good; n++) {
            good = clock();
            if (out_.req_ready[1])
                break;
        }
        in.req[1] = mmu_req_t{};
        for (unsigned n = 0; n < idle_clocks && good; n++)
            good = clock();
        return good;
    }

    bool idle(unsigned clocks)
    {
        bool good = true;
        for (unsigned n = 0; n < clocks && good; n++)
            good = clock();
        return good;
    }

    // The rows after the last clock, as the simulation's end hands them over; then the verdict.
    bool finish()
    {
        if (mmu_lockstep_wants_sweep(ls_))
            for (unsigned a = 0; a < MMU_ARRAY_IDS; a++) {
                const unsigned rows = rows_of(a);
                for (unsigned r = 0; r < rows; r++) {
                    mmu_row_sample_t row = rtl_row(a, r);
                    if (!alter_sweep || alter_sweep(a, &row))
                        mmu_lockstep_sweep(ls_, a, &row);
                }
            }
        return mmu_lockstep_finish(ls_);
    }
    std::function<bool(unsigned array, mmu_row_sample_t *row)> alter_sweep;

    unsigned rows_of(unsigned array) const
    {
        const mmu_array_shape_t shape = mmu_array_shape(&cfg_, array);
        return shape.ways << shape.sets_log2;
    }

  private:
    mmu_row_sample_t rtl_row(unsigned array, unsigned row_no) const
    {
        const unsigned ways = mmu_array_shape(&cfg_, array).ways;
        const mmu_row_t row = mmu_peek_row(rtl_, array, row_no / ways, row_no % ways);
        mmu_row_sample_t sample{};
        sample.valid = row.valid;
        sample.row_no = row_no;
        sample.key = row.key;
        sample.vm = row.vm;
        sample.mask = row.mask;
        sample.data = row.data;
        return sample;
    }

    void probe()
    {
        const bool phase = (calls_ & 1u) != 0;
        // The clock's call may already have counted it.
        const uint64_t clock = mmu_lockstep_clock_count(ls_) - (probes_first ? 0 : 1);

        for (unsigned a = 0; a < MMU_ARRAY_IDS; a++) {
            const unsigned rows = rows_of(a);
            if (rows == 0)
                continue;
            const mmu_write_t write = mmu_peek_write(rtl_, a);
            mmu_row_sample_t sample{};
            sample.valid = write.enable;
            sample.row_no = write.set * mmu_array_shape(&cfg_, a).ways + write.way;
            sample.key = write.key;
            sample.vm = write.vm;
            sample.mask = write.mask;
            sample.data = write.data;
            if ((!alter_sample || alter_sample(clock, a, true, &sample)) && sample.valid)
                mmu_lockstep_write(ls_, a, phase, &sample);
            sample = rtl_row(a, static_cast<unsigned>(calls_ % rows));
            if (!alter_sample || alter_sample(clock, a, false, &sample))
                mmu_lockstep_row(ls_, a, phase, &sample);
        }
    }

    void respond(bool rst_n)
    {
        response_ = mmu_mrsp_t{};
        if (!rst_n || !out_.mreq.valid || !in.mreq_ready)
            return;
        response_.valid = true;
        response_.id = out_.mreq.id;
        response_.data = out_.mreq.op == MMU_MEM_CAS ? out_.mreq.old_word : leaf;
    }

    mmu_cfg_t cfg_{};
    mmu_lockstep_t *ls_ = nullptr;
    std::vector<uint64_t> storage_;
    mmu_t *rtl_ = nullptr;
    mmu_out_t out_{};
    mmu_mrsp_t response_{};
    uint64_t calls_ = 0;
    unsigned next_id_ = 0;
};
