// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Handshake of fences. Twin: model/cycle/mmu_fence.c. Rules: docs/microarchitecture.md, FEN.
//
//     clock          t      t+1    ...      d      d+1
//     fence_valid_i  1                                     accept_o, mark_o at t
//     ready_o        1      0      0        0      1
//     done_o         0      0      0        1      0       no scan left, and, where the fence waits,
//                                                          no older request
module mmu_fence #(
  parameter bit Hypervisor = 1'b0    // fences of guests invalidate too
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       fence_valid_i,  // a fence is offered
  input  logic [2:0] fence_kind_i,   // mmu_pkg::fence_kind_e
  input  logic       fence_posted_i, // it does not wait for older requests
  input  logic       old_busy_i,     // a request older than the fence has not answered; from state
  input  logic       scanning_i,     // the L2 is still clearing rows; from state
  output logic       ready_o,        // a fence is taken in this clock if offered; from state
  output logic       take_o,         // it is
  output logic       accept_o,       // and invalidates: all arrays act
  output logic       mark_o,         // and what was accepted so far becomes old
  output logic       done_o,         // one clock, t + 1 at the earliest; from state
  output logic       busy_o          // from t + 1 to the clock of done_o; from state
);

  logic busy_d, busy_q;
  logic wait_d, wait_q;   // for older requests

  // FEN-1
  assign ready_o  = ~busy_q;
  assign take_o   = fence_valid_i & ~busy_q;
  assign accept_o = take_o & (fence_kind_i == mmu_pkg::FenceS ||
                              fence_kind_i == mmu_pkg::FenceX ||
                              (Hypervisor && (fence_kind_i == mmu_pkg::FenceVv ||
                                              fence_kind_i == mmu_pkg::FenceG)));
  assign mark_o   = take_o & (fence_kind_i != mmu_pkg::FenceWInval);
  assign busy_o   = busy_q;
  assign busy_d   = take_o | (busy_q & ~done_o);

  // FEN-2, FEN-4
  assign done_o = busy_q & ~(wait_q & old_busy_i) & ~scanning_i;

  always_comb begin
    wait_d = wait_q;
    if (take_o) begin
      unique case (fence_kind_i)
        mmu_pkg::FenceWInval:  wait_d = 1'b0;
        mmu_pkg::FenceInvalIr: wait_d = 1'b1;
        default:               wait_d = ~fence_posted_i;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      wait_q <= 1'b0;
    end else begin
      busy_q <= busy_d;
      wait_q <= wait_d;
    end
  end

endmodule
