// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Classical formats: does a page or segment with these rights let this access in? Combinational.
// Twin: model/arch/format/classic.h. Rules: docs/microarchitecture.md, CLS-2, FRM-11.
module mmu_page_rights (
  input  mmu_pkg::rq_t rq_i,
  input  logic         u_i,       // user may
  input  logic         r_i,
  input  logic         w_i,
  input  logic         x_i,
  output logic         grant_o
);

  logic right;
  logic unused_args;

  always_comb begin
    case (rq_i.acc)
      mmu_pkg::AccFetch, mmu_pkg::AccLoadX: right = x_i;
      mmu_pkg::AccLoad:                     right = r_i;
      default:                              right = w_i;   // AccStore, AccAppend
    endcase
  end

  assign grant_o = right & (u_i | (rq_i.prv != mmu_pkg::PrivU));

  assign unused_args = ^rq_i;

endmodule
