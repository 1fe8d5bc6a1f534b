// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Clock for the benches of tests/rtl (built with --prefix Vtb). Exit status: 0 nothing differed, 1 something did.
#include "Vtb.h"
#include "verilated.h"

int main(int argc, char **argv)
{
    VerilatedContext context;
    context.commandArgs(argc, argv);
    Vtb tb(&context);
    while (!tb.done_o && !tb.bad_o) {
        tb.clk_i = 0;
        tb.eval();
        tb.clk_i = 1;
        tb.eval();
    }
    return tb.bad_o ? 1 : 0;
}
