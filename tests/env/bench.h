// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// An environment on a trace, and a pretended MMU that answers from the architectural model after a fixed time. The
// pretended MMU can be told to misbehave.
#ifndef LOCKWALK_TESTS_ENV_BENCH_H
#define LOCKWALK_TESTS_ENV_BENCH_H

#include "../support/run.h"
#include "lockwalk/mmu_arch.h"
#include "lockwalk/mmu_env.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

class Bench
{
  public:
    explicit Bench(const std::string &trace, mmu_env_options_t opt = {})
    {
        char err[512] = "";
        path_ = folder_.file("t", trace);
        opt.trace = path_.c_str();
        opt.unjudged = true; // it reads no page tables at the walk port
        env = mmu_env_create(&opt, err, sizeof err);
        error = err;
        if (env != nullptr)
            mmu_env_reset_inputs(env, &in);
    }
    ~Bench()
    {
        mmu_env_destroy(env);
    }
    Bench(const Bench &) = delete;
    Bench &operator=(const Bench &) = delete;

    mmu_env_t *env;
    std::string error;
    mmu_in_t in = {};   // of the current clock
    mmu_out_t out = {}; // of the current clock: set it, then tick()
    uint64_t clock = 0;

    // The end of the clock with `out` as it is. The next clock starts with nothing valid and both ports ready.
    void tick()
    {
        mmu_in_t next;
        mmu_env_step(env, &in, &out, &next);
        in = next;
        out = {};
        ready();
        clock++;
    }
    void ready()
    {
        out.req_ready[0] = out.req_ready[1] = true;
    }

    // What the page tables say now. A swap of A and D is taken as done and not written.
    mmu_rsp_t translate(const mmu_req_t &req) const
    {
        mmu_arch_mem_t mem = {[](void *e, uint64_t addr, bool, uint64_t *word) {
                                  return mmu_env_peek(static_cast<mmu_env_t *>(e), addr, word);
                              },
                              [](void *, uint64_t, bool, uint64_t old_word, uint64_t, uint64_t *before) {
                                  *before = old_word;
                                  return true;
                              },
                              env};
        mmu_rq_t rq = {};
        rq.va = req.va;
        rq.ctx = in.ctx[req.acc != MMU_ACC_FETCH];
        rq.acc = req.acc;
        rq.size = req.size;
        rq.prv = req.prv;
        mmu_arch_result_t r;
        mmu_arch_translate(&mem, &rq, &in.slow, &r);
        mmu_rsp_t rsp = {};
        rsp.valid = true;
        rsp.id = req.id;
        rsp.pa = r.pa;
        rsp.lg = r.lg;
        rsp.mt = r.mt;
        rsp.fault = r.fault != MMU_FAULT_NONE;
        rsp.cause = r.cause;
        rsp.tval = r.tval;
        return rsp;
    }

    // Answers by itself, `latency` clocks after acceptance; `change` may spoil an answer.
    struct Job {
        mmu_req_t req;
        uint64_t due;
        uint64_t accepted;
    };
    unsigned latency = 1;
    std::function<void(unsigned port, const mmu_req_t &, mmu_rsp_t &)> change;
    std::function<bool(unsigned port)> is_ready; // nothing: always
    std::vector<Job> log[MMU_PORTS];             // accepted requests

    void serve()
    {
        for (unsigned p = 0; p < MMU_PORTS; p++)
            out.req_ready[p] = !is_ready || is_ready(p);
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            if (!jobs_[p].empty() && jobs_[p].front().due <= clock) {
                out.rsp[p] = translate(jobs_[p].front().req);
                if (change)
                    change(p, jobs_[p].front().req, out.rsp[p]);
                jobs_[p].pop_front();
            }
            if (in.req[p].valid && out.req_ready[p]) {
                jobs_[p].push_back({in.req[p], clock + latency, clock});
                log[p].push_back(jobs_[p].back());
            }
        }
        tick();
    }
    // Until the environment is done; false when that takes too long.
    bool play(uint64_t most = 100000)
    {
        while (!mmu_env_done(env) && clock < most)
            serve();
        return mmu_env_done(env);
    }
    // The failure with the trace's path taken out.
    std::string failure() const
    {
        std::string text = mmu_env_failure(env)->text;
        const size_t at = text.find(path_);
        if (at != std::string::npos)
            text.replace(at, path_.size(), "t");
        return text;
    }
    mmu_env_fail_e failed() const
    {
        return mmu_env_failure(env)->kind;
    }

  private:
    run::Folder folder_;
    std::string path_;
    std::deque<Job> jobs_[MMU_PORTS];
};

#endif
