// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The simulation's own main: clock, reset, the end. Everything else happens in the bench (mmu_tb.sv) and in C.
#include "Vmmu_tb.h"
#include "verilated.h"

#include "dpi/mmu_session.h"
#include "verilator/wave.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <unistd.h>
#include <vector>

static_assert(sizeof(uintptr_t) <= sizeof(QData), "an address fits a longint");

// $stop: built with VL_USER_STOP, so that a failure ends the run in order instead of aborting the process.
void vl_stop(const char * /*filename*/, int /*linenum*/, const char * /*hier*/) VL_MT_UNSAFE
{
    Verilated::threadContextp()->gotError(true);
    Verilated::threadContextp()->gotFinish(true);
}

namespace
{

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int /*number*/)
{
    interrupted = 1;
}

// Plus arguments are the simulator's; the model's shape is passed on as one.
std::vector<std::string> plus_arguments(int argc, char **argv, const mmu_cosim_args_t &args)
{
    std::vector<std::string> plus = {argv[0]};

    for (int n = 1; n < argc; n++)
        if (argv[n][0] == '+')
            plus.emplace_back(argv[n]);
    if (args.cfg != nullptr)
        plus.emplace_back(std::string("+lockwalk_cfg=") + args.cfg);
    if (args.whitebox)
        plus.emplace_back("+whitebox");
    return plus;
}

// One line on a terminal, a few times a second; nothing in a pipe.
class Progress
{
    bool on = isatty(STDERR_FILENO) != 0;
    bool shown = false;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last = start;

  public:
    void show(uint64_t clocks)
    {
        if (!on)
            return;
        const auto now = std::chrono::steady_clock::now();
        if (now - last < std::chrono::milliseconds(500))
            return;
        last = now;
        shown = true;
        const double seconds = std::chrono::duration<double>(now - start).count();
        std::fprintf(stderr, "\r%.1f million clocks, %.0f thousand a second ",
                     static_cast<double>(clocks) / 1e6, static_cast<double>(clocks) / seconds / 1e3);
    }

    ~Progress()
    {
        if (shown)
            std::fprintf(stderr, "\r%60s\r", "");
    }
};

void run(Vmmu_tb &top, VerilatedContext &context, Wave &wave)
{
    constexpr unsigned kResetClocks = 4;
    Progress progress;
    uint64_t clocks = 0;

    top.clk_i = 0;
    top.rst_ni = 0;
    top.eval();
    while (!context.gotFinish() && !top.done_o) {
        wave.clock();
        top.rst_ni = clocks >= kResetClocks;
        top.clk_i = 1;
        context.timeInc(1);
        top.eval();
        wave.dump();
        top.clk_i = 0;
        context.timeInc(1);
        top.eval();
        wave.dump();
        if ((++clocks & 0xffff) == 0) {
            progress.show(clocks);
            if (interrupted)
                break;
        }
    }
}

} // namespace

int main(int argc, char **argv)
{
    mmu_session_t session;

    if (!mmu_session_open(&session, argc, argv, LOCKWALK_CFG))
        return 2;
    std::signal(SIGINT, on_signal);

    const auto context = std::make_unique<VerilatedContext>();
    std::vector<std::string> plus = plus_arguments(argc, argv, session.args);
    Wave::prepare(*context, session, plus);
    std::vector<const char *> plus_argv;
    for (const std::string &text : plus)
        plus_argv.push_back(text.c_str());

    context->commandArgs(static_cast<int>(plus_argv.size()), plus_argv.data());
    const auto top = std::make_unique<Vmmu_tb>(context.get());
    top->session_i = reinterpret_cast<uintptr_t>(&session);
    {
        Wave wave(*top, *context, session);
        run(*top, *context, wave);
    }
    top->final(); // the arrays' last sweep
    const int status = mmu_session_close(&session);
    if (interrupted)
        std::fprintf(stderr, "interrupted\n");
    return interrupted && status == 0 ? 1 : status;
}
