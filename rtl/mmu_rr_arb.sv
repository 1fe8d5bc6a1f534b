// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Round-robin arbiter. Twin: model/cycle/mmu_rr_arb.c. Rules: docs/microarchitecture.md, ARB.
//
//     req_i    1 0 1 1      index_o for ptr 0: 0     (bit 0 is on the right)
//              3 2 1 0                  ptr 2: 3     first requester at or after ptr, cyclically
//                                       ptr 3: 3
module mmu_rr_arb #(
  parameter  int unsigned W      = 4,                          // requesters
  localparam int unsigned IndexW = (W > 1) ? $clog2(W) : 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [W-1:0]      req_i,      // who wants, in this clock
  input  logic              advance_i,  // the choice of this clock was served
  output logic              valid_o,    // somebody wants; same clock
  output logic [IndexW-1:0] index_o     // the choice, 0 if nobody wants; same clock
);

  if (W < 1) begin : gen_bad_w
    $fatal(1, "mmu_rr_arb: W = %0d, must be at least 1", W);
  end

  logic [IndexW-1:0] ptr_d, ptr_q;

  // ARB-1. The second loop overrides the first: requesters at or after ptr come before the others.
  always_comb begin
    valid_o = |req_i;
    index_o = '0;
    if (|req_i) begin
      for (int unsigned i = W; i > 0; i--) begin
        if (req_i[i-1]) index_o = IndexW'(i - 1);
      end
      for (int unsigned i = W; i > 0; i--) begin
        if (req_i[i-1] && IndexW'(i - 1) >= ptr_q) index_o = IndexW'(i - 1);
      end
    end
  end

  // ARB-2
  assign ptr_d = (index_o == IndexW'(W - 1)) ? '0 : index_o + IndexW'(1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ptr_q <= '0;
    end else if (advance_i) begin
      ptr_q <= ptr_d;
    end
  end

endmodule
