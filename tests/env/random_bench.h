// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The environment with random stimulus around the cycle model, or around an MMU that a test pretends.
#ifndef LOCKWALK_TESTS_ENV_RANDOM_BENCH_H
#define LOCKWALK_TESTS_ENV_RANDOM_BENCH_H

#include "../support/run.h"
#include "lockwalk/mmu_config.h"
#include "lockwalk/mmu_env.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

class RandomBench
{
  public:
    explicit RandomBench(uint64_t seed, const std::vector<const char *> &weights = {},
                         const char *preset = "tiny", mmu_env_options_t opt = {})
    {
        mmu_cfg_errors_t errors = {};
        mmu_cfg_t cfg;
        if (!mmu_cfg_load(preset, &cfg, nullptr, &errors))
            throw std::runtime_error(errors.text);
        cfg.pmp_entries = opt.pmp_entries; // where a test asks for it: what PMP denies is no table's doing
        if (!opt.random.hypervisor) {      // likewise
            cfg.hypervisor = cfg.vmid_bits = cfg.gtlb_ways = cfg.gtlb_policy = 0;
            for (mmu_cfg_pwc_t &cache : cfg.gpwc)
                cache = {};
        }
        opt.kind = MMU_ENV_RANDOM;
        opt.seed = seed;
        for (const char *w : weights)
            opt.random.weight[opt.random.weights++] = w;
        mmu_env_configure(&opt, &cfg);
        char err[512] = "";
        env = mmu_env_create(&opt, err, sizeof err);
        error = err;
        storage_.resize((mmu_sizeof(&cfg) + 7) / 8);
        mmu = mmu_init(storage_.data(), &cfg);
        if (env != nullptr)
            mmu_env_reset_inputs(env, &in);
    }
    ~RandomBench()
    {
        mmu_env_destroy(env);
    }
    RandomBench(const RandomBench &) = delete;
    RandomBench &operator=(const RandomBench &) = delete;

    mmu_env_t *env;
    mmu_t *mmu;
    std::string error; // why there is no env
    mmu_in_t in = {};
    mmu_out_t out = {};
    uint64_t clock = 0;
    bool resets = true;    // the MMU is reset where the environment asks for it
    bool hide_pmp = false; // the MMU does not see writes of PMP entries

    // What the MMU hears instead of `in`.
    std::function<void(mmu_in_t &in)> hear;
    // Spoils the outputs before the environment sees them.
    std::function<void(RandomBench &)> spoil;
    // Sees each clock: in and out of it, and the inputs of the next one.
    std::function<void(const mmu_in_t &in, const mmu_out_t &out, const mmu_in_t &next)> look;

    void step()
    {
        mmu_in_t next;
        mmu_in_t seen = in;
        if (hide_pmp)
            seen.pmp = {};
        if (hear)
            hear(seen);
        mmu_comb(mmu, &seen, &out);
        if (spoil)
            spoil(*this);
        mmu_env_step(env, &in, &out, &next);
        mmu_seq(mmu, true);
        for (unsigned n = resets ? mmu_env_reset_clocks(env) : 0; n > 0; n--)
            mmu_seq(mmu, false);
        if (look)
            look(in, out, next);
        in = next;
        clock++;
    }
    // So many clocks, or until the environment is done.
    RandomBench &play(uint64_t clocks)
    {
        for (uint64_t i = 0; i < clocks && !mmu_env_done(env); i++)
            step();
        return *this;
    }
    const mmu_env_stats_t &stats() const
    {
        return *mmu_env_stats(env);
    }
    mmu_env_fail_e failed() const
    {
        return mmu_env_failure(env)->kind;
    }
    std::string failure() const
    {
        return mmu_env_failure(env)->text;
    }

    // Of the coverage: "fence_all.idle", or "hash".
    json_t *cover() const
    {
        if (!cover_)
            cover_.reset(reinterpret_cast<json_t *>(mmu_env_cover_json(env)));
        return cover_.get();
    }
    long long count(const std::string &group, const std::string &bin) const
    {
        const json_t *n = json_object_get(json_object_get(cover(), group.c_str()), bin.c_str());
        EXPECT_TRUE(json_is_integer(n)) << group << "." << bin;
        return json_integer_value(n);
    }
    long long sum(const std::string &group) const
    {
        long long all = 0;
        const char *key;
        json_t *value;
        json_object_foreach(json_object_get(cover(), group.c_str()), key, value) all +=
            json_integer_value(value);
        return all;
    }
    std::string hash() const
    {
        return json_string_value(json_object_get(cover(), "hash"));
    }
    std::vector<std::string> never() const
    {
        std::vector<std::string> names;
        size_t i;
        json_t *value;
        json_array_foreach(json_object_get(cover(), "never"), i, value)
            names.push_back(json_string_value(value));
        return names;
    }

  private:
    struct Free {
        void operator()(json_t *j) const
        {
            json_decref(j);
        }
    };
    std::vector<uint64_t> storage_;
    mutable std::unique_ptr<json_t, Free> cover_;
};

#endif
