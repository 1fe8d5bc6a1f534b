// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Two runs of one trace, one of which may skip clocks, and their comparison.
#ifndef LOCKWALK_TESTS_RUN_PAIR_HH
#define LOCKWALK_TESTS_RUN_PAIR_HH

#include "lockwalk/mmu_config.h"
#include "state.hh"

#include <functional>
#include <random>
#include <stdexcept>
#include <string>

using SetOptions = std::function<void(mmu_env_options_t &, mmu_run_options_t &)>;

inline mmu_cfg_t preset(const std::string &name)
{
    mmu_cfg_t cfg;
    if (!mmu_cfg_load(name.c_str(), &cfg, nullptr, nullptr))
        throw std::runtime_error("no preset " + name);
    return cfg;
}

class Runner
{
  public:
    Runner(const mmu_cfg_t &cfg, const std::string &trace, bool skips, const SetOptions &setup) : path_(trace)
    {
        mmu_env_options_t env = {};
        mmu_run_options_t options = {};
        char err[512] = "";
        env.trace = path_.c_str();
        env.unjudged = true;
        if (setup)
            setup(env, options);
        options.step = !skips;
        run = mmu_runner_create(&cfg, &env, &options, err, sizeof err);
        if (run == nullptr)
            throw std::runtime_error(err);
    }
    ~Runner()
    {
        mmu_runner_destroy(run);
    }
    Runner(const Runner &) = delete;
    Runner &operator=(const Runner &) = delete;

    mmu_runner_t *run;

    uint64_t clock() const
    {
        return mmu_env_stats(run->env)->clocks;
    }
    bool done() const
    {
        return mmu_env_done(run->env);
    }
    std::string failure() const
    {
        const mmu_env_failure_t *f = mmu_env_failure(run->env);
        return f->kind == MMU_ENV_OK ? "" : std::to_string(f->clock) + ": " + f->text;
    }
    void to(uint64_t clock_)
    {
        while (clock() < clock_ && !done())
            mmu_runner_advance(run);
    }

  private:
    std::string path_;
};

// Plays both to the end; `look` of 1000 places where the fast one stops are compared, and the end. Returns the first
// difference. `change`, where given, is called before each step of the fast one.
inline std::string compare(Runner &fast, Runner &stepped, unsigned look,
                           const std::function<void(mmu_runner_t *)> &change = {})
{
    std::mt19937 random(1);

    while (!fast.done()) {
        if (change)
            change(fast.run);
        mmu_runner_advance(fast.run);
        if (random() % 1000 >= look && !fast.done())
            continue;
        stepped.to(fast.clock());
        const std::string what = State::difference(State(fast.run), State(stepped.run));
        if (!what.empty())
            return "clock " + std::to_string(fast.clock()) + ": " + what;
    }
    if (!stepped.done())
        return "only one of them is at its end";
    mmu_runner_close(fast.run);
    mmu_runner_close(stepped.run);
    if (fast.failure() != stepped.failure())
        return "'" + fast.failure() + "' and '" + stepped.failure() + "'";
    return State::difference(State(fast.run), State(stepped.run));
}

// Before each step the way is chosen anew, at random.
class Switch
{
  public:
    explicit Switch(Runner &runner) : way_(runner.run->fast), random_(7)
    {
    }
    void operator()(mmu_runner_t *run)
    {
        if (left_-- != 0)
            return;
        run->fast = run->fast == nullptr ? way_ : nullptr;
        left_ = random_() % (run->fast == nullptr ? 40 : 8);
    }
    // So that it is freed.
    void done(mmu_runner_t *run)
    {
        run->fast = way_;
    }

  private:
    mmu_fast_t *way_;
    std::mt19937 random_;
    unsigned left_ = 0;
};

#endif
