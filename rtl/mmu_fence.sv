// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Handshake of fences. Twin: model/cycle/mmu_fence.c. Rules: docs/microarchitecture.md, FEN.
//
//     clock          t      t+1    ...      d      d+1
//     fence_valid_i  1                                     accept_o at t: all arrays act
//     ready_o        1      0      0        0      1
//     done_o         0      0      0        1      0       no older request, no scan left
module mmu_fence (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic fence_valid_i,   // a fence is offered
  input  logic old_busy_i,      // a request older than the fence has not answered; from state
  input  logic scanning_i,      // the L2 is still clearing rows; from state
  output logic ready_o,         // a fence is taken in this clock if offered; from state
  output logic accept_o,        // clock t
  output logic done_o,          // one clock, t + 1 at the earliest; from state
  output logic busy_o           // from t + 1 to the clock of done_o; from state
);

  logic busy_d, busy_q;

  // FEN-1, FEN-2
  assign ready_o  = ~busy_q;
  assign accept_o = fence_valid_i & ~busy_q;
  assign done_o   = busy_q & ~old_busy_i & ~scanning_i;
  assign busy_o   = busy_q;
  assign busy_d   = accept_o | (busy_q & ~done_o);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
    end else begin
      busy_q <= busy_d;
    end
  end

endmodule
