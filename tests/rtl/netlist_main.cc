// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Clock for netlist_tb.sv. Exit status: 0 RTL and netlist agreed, 1 they did not.
#include "Vnetlist_tb.h"
#include "verilated.h"

int main(int argc, char **argv)
{
    VerilatedContext context;
    context.commandArgs(argc, argv);
    Vnetlist_tb tb(&context);
    while (!tb.done_o && !tb.bad_o) {
        tb.clk_i = 0;
        tb.eval();
        tb.clk_i = 1;
        tb.eval();
    }
    return tb.bad_o ? 1 : 0;
}
