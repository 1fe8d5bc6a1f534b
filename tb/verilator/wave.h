// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Writes the wave (FST) of the last clocks before a failure whose clock is known, for main.cpp. A simulation that is
// not built for it (sim.mk, WAVE=1) has the same class without contents.
#ifndef LOCKWALK_VERILATOR_WAVE_H
#define LOCKWALK_VERILATOR_WAVE_H

#include "Vmmu_tb.h"
#include "verilated.h"

#include "dpi/mmu_session.h"

#include <string>
#include <vector>

#ifdef LOCKWALK_WAVE

#include "verilated_fst_c.h"

#include <cstdio>

class Wave
{
    Vmmu_tb &top;
    VerilatedContext &context;
    mmu_session_t &session;
    VerilatedFstC fst;

  public:
    Wave(Vmmu_tb &t, VerilatedContext &c, mmu_session_t &s) : top(t), context(c), session(s)
    {
        if (session.args.rerun)
            top.trace(&fst, 99);
    }

    // Before the top module is made.
    static void prepare(VerilatedContext &context, const mmu_session_t &session,
                        std::vector<std::string> &plus)
    {
        if (!session.args.rerun)
            return;
        context.traceEverOn(true);
        plus.emplace_back("+lockwalk_failure_clock=" + std::to_string(session.args.failure_clock));
    }

    // Before the edge that begins the next clock: is that one of those that are written?
    void clock()
    {
        if (!session.args.rerun || session.wave_on ||
            mmu_env_stats(session.env)->clocks + 1 + session.args.wave_clocks <= session.args.failure_clock)
            return;
        fst.open(session.args.wave);
        if (!fst.isOpen())
            std::fprintf(stderr, "lockwalk cosim: cannot write %s\n", session.args.wave);
        session.wave_on = fst.isOpen();
    }

    // After each change; up to the clock after the failure, from where on the model is no longer stepped.
    void dump()
    {
        if (session.wave_on && mmu_env_stats(session.env)->clocks <= session.args.failure_clock + 1)
            fst.dump(context.time());
    }

    ~Wave()
    {
        if (session.wave_on)
            fst.close();
    }
};

#else

class Wave
{
  public:
    Wave(Vmmu_tb &, VerilatedContext &, mmu_session_t &)
    {
    }
    static void prepare(VerilatedContext &, const mmu_session_t &, std::vector<std::string> &)
    {
    }
    void clock()
    {
    }
    void dump()
    {
    }
};

#endif
#endif
