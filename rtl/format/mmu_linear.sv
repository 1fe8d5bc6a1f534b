// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format linear, with the ports of every format (mmu_format.sv): one table of pages, VA = <P, D>.
// Without TLBs the textbook's direct mapping, with one its associative mapping. Combinational.
// Twin: model/arch/format/linear.c. Rules: docs/microarchitecture.md, LIN, CLS, FRM.
module mmu_linear (
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

  logic [31:0] page;                       // P

  assign page       = rq_i.va[31:0] >> slow_i.plg;
  assign merge_lg_o = {1'b0, slow_i.plg};                                     // FRM-10

  mmu_classic_start u_start (
    .rq_i,
    .outside_i({12'd0, page} >= rq_i.ctx.aux),
    .kind_o   (start_kind_o),
    .fault_o  (start_fault_o)
  );

  assign start_base_o = '0;
  assign start_pos_o  = (start_kind_o == mmu_pkg::StartWalk) ? {17'd0, rq_i.ctx.root, 3'd0} : '0;

  // ---- addr, step (LIN-1) ---------------------------------------------------------------------
  assign addr_o     = {pos_i.ppn, 9'd0} + {21'd0, page, 3'd0};
  assign wide_o     = 1'b1;
  assign step_lg_o  = '0;
  assign step_pos_o = '0;

  // The row's own rights are those that count.
  mmu_page_row u_row (
    .rq_i,
    .slow_i,
    .word_i,
    .rights_i  ({word_i[5], word_i[4], word_i[3], word_i[2]}),
    .kind_o    (step_kind_o),
    .fault_o   (step_fault_o),
    .entry_o   (step_entry_o),
    .new_word_o(step_new_o)
  );

  // ---- perm, pa, cause ------------------------------------------------------------------------
  mmu_page_perm u_perm (
    .rq_i,
    .entry_i,
    .grant_o
  );

  mmu_page_pa u_pa (
    .rq_i,
    .entry_i,
    .pa_o
  );

  mmu_classic_cause u_cause (
    .rq_i,
    .fault_i,
    .cause_o
  );

  logic unused_args;
  assign unused_args = ^{rq_i, pos_i};

endmodule
