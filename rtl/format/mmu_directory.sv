// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format directory, with the ports of every format (mmu_format.sv): a directory of tables of pages,
// VA = <P1, P2, D>; an inner table may be absent. Combinational.
// Twin: model/arch/format/directory.c. Rules: docs/microarchitecture.md, DIR, CLS, FRM.
//
//     a word of the directory (level 1)   58         12      0
//                                         PA[55:9] of table  P
module mmu_directory (
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

  logic [9:0]  outer;                      // P1
  logic [21:0] inner;                      // P2

  assign outer      = rq_i.va[31:22];
  assign inner      = rq_i.va[21:0] >> slow_i.plg;
  assign merge_lg_o = {1'b0, slow_i.plg};                                     // FRM-10

  mmu_classic_start u_start (
    .rq_i,
    .outside_i({34'd0, outer} >= rq_i.ctx.aux),
    .kind_o   (start_kind_o),
    .fault_o  (start_fault_o)
  );

  assign start_base_o = '0;
  assign start_pos_o  = (start_kind_o == mmu_pkg::StartWalk)
      ? {13'd0, 3'd1, 1'b0, rq_i.ctx.root, 3'd0} : '0;

  // ---- addr, step (DIR-1) ---------------------------------------------------------------------
  logic [2:0]      row_kind;
  logic [2:0]      row_fault;
  mmu_pkg::entry_t row_entry;
  logic [63:0]     row_new;

  assign addr_o = {pos_i.ppn, 9'd0} +
                  {31'd0, (pos_i.level == 3'd0) ? inner : {12'd0, outer}, 3'd0};
  assign wide_o = 1'b1;

  // The row's own rights are those that count.
  mmu_page_row u_row (
    .rq_i,
    .slow_i,
    .word_i,
    .rights_i  ({word_i[5], word_i[4], word_i[3], word_i[2]}),
    .kind_o    (row_kind),
    .fault_o   (row_fault),
    .entry_o   (row_entry),
    .new_word_o(row_new)
  );

  always_comb begin
    step_kind_o  = row_kind;
    step_fault_o = row_fault;
    step_lg_o    = '0;
    step_pos_o   = '0;
    step_entry_o = row_entry;
    step_new_o   = row_new;
    if (pos_i.level != 3'd0) begin
      step_kind_o  = mmu_pkg::StepFault;
      step_fault_o = mmu_pkg::FaultTable;
      step_entry_o = '0;
      step_new_o   = '0;
      if (word_i[0]) begin
        step_kind_o  = mmu_pkg::StepRead;
        step_fault_o = mmu_pkg::FaultNone;
        step_lg_o    = 6'd22;
        step_pos_o   = {17'd0, word_i[58:12]};
      end
    end
  end

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
