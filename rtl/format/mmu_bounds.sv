// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format bounds, with the ports of every format (mmu_format.sv): relocation by base and bounds.
// Combinational. Twin: model/arch/format/bounds.c. Rules: docs/microarchitecture.md, BND, FRM.
//
// Nothing is walked and nothing held: start alone says something.
module mmu_bounds (
  input  mmu_pkg::rq_t               rq_i,
  input  mmu_pkg::slow_t             slow_i,
  input  mmu_pkg::pos_t              pos_i,
  input  logic [63:0]                word_i,
  input  mmu_pkg::entry_t            entry_i,
  input  logic [2:0]                 fault_i,
  output logic [1:0]                 start_kind_o,
  output logic [2:0]                 start_fault_o,
  output logic [mmu_pkg::PaW-1:0]    start_base_o,
  output mmu_pkg::pos_t              start_pos_o,
  output logic [mmu_pkg::PaW-1:0]    addr_o,
  output logic                       wide_o,
  output logic [2:0]                 step_kind_o,
  output logic [2:0]                 step_fault_o,
  output logic [5:0]                 step_lg_o,
  output mmu_pkg::pos_t              step_pos_o,
  output mmu_pkg::entry_t            step_entry_o,
  output logic [63:0]                step_new_o,
  output logic                       grant_o,
  output logic [mmu_pkg::PaW-1:0]    pa_o,
  output logic [5:0]                 cause_o,
  output logic [5:0]                 merge_lg_o
);

  always_comb begin
    start_kind_o  = mmu_pkg::StartBare;
    start_fault_o = mmu_pkg::FaultNone;
    start_base_o  = '0;
    if (rq_i.prv == mmu_pkg::PrivM) begin                                     // FRM-2
      if (rq_i.va[63:mmu_pkg::PaW] != '0) begin
        start_kind_o  = mmu_pkg::StartFault;
        start_fault_o = mmu_pkg::FaultAccess;
      end
    end else if (rq_i.va >= {20'd0, rq_i.ctx.aux}) begin                      // BND-1
      start_kind_o  = mmu_pkg::StartFault;
      start_fault_o = mmu_pkg::FaultLimit;
    end else begin                         // two numbers of 44 bits: no carry out of 56
      start_base_o = {12'd0, rq_i.ctx.root};
    end
  end

  mmu_classic_cause u_cause (
    .rq_i,
    .fault_i,
    .cause_o
  );

  assign start_pos_o  = '0;
  assign addr_o       = '0;
  assign wide_o       = 1'b0;
  assign step_kind_o  = '0;
  assign step_fault_o = '0;
  assign step_lg_o    = '0;
  assign step_pos_o   = '0;
  assign step_entry_o = '0;
  assign step_new_o   = '0;
  assign grant_o      = 1'b0;
  assign pa_o         = '0;
  assign merge_lg_o   = '0;                                                   // FRM-10

  logic unused_args;
  assign unused_args = ^{rq_i, slow_i, pos_i, word_i, entry_i};

endmodule
