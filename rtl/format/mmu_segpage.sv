// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format segpage, with the ports of every format (mmu_format.sv): segments, each with its own table of
// pages, VA = <S, P, D>. Combinational.
// Twin: model/arch/format/segpage.c. Rules: docs/microarchitecture.md, SPG, CLS, FRM.
//
//     a word of the segment table (level 1)   63      22 21  8 7    0
//                                             PA[50:9]   limit rights
//     position at level 0                     54 53 52 51      46     0
//                                             U  X  W  R       ppn of the page table
module mmu_segpage (
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

  logic [9:0]  number;                     // S
  logic [21:0] page;                       // P

  assign number     = rq_i.va[31:22];
  assign page       = rq_i.va[21:0] >> slow_i.plg;
  assign merge_lg_o = {1'b0, slow_i.plg};                                     // FRM-10

  mmu_classic_start u_start (
    .rq_i,
    .outside_i({34'd0, number} >= rq_i.ctx.aux),
    .kind_o   (start_kind_o),
    .fault_o  (start_fault_o)
  );

  assign start_base_o = '0;
  assign start_pos_o  = (start_kind_o == mmu_pkg::StartWalk)
      ? {13'd0, 3'd1, 1'b0, rq_i.ctx.root, 3'd0} : '0;

  // ---- addr (SPG-1) -------------------------------------------------------------------------
  assign addr_o = {pos_i.ppn, 9'd0} +
                  {31'd0, (pos_i.level == 3'd0) ? page : {12'd0, number}, 3'd0};
  assign wide_o = 1'b1;

  // ---- step (SPG-2) -------------------------------------------------------------------------
  logic            u, r, w, x;             // of the segment
  logic            grant;
  logic [2:0]      row_kind;
  logic [2:0]      row_fault;
  mmu_pkg::entry_t row_entry;
  logic [63:0]     row_new;

  assign {u, r, w, x} = word_i[5:2];

  mmu_page_rights u_rights (
    .rq_i,
    .u_i    (u),
    .r_i    (r),
    .w_i    (w),
    .x_i    (x),
    .grant_o(grant)
  );

  mmu_page_row u_row (
    .rq_i,
    .slow_i,
    .word_i,
    .rights_i  ({pos_i.zero[3], pos_i.zero[0], pos_i.zero[1], pos_i.zero[2]}),
    .kind_o    (row_kind),
    .fault_o   (row_fault),
    .entry_o   (row_entry),
    .new_word_o(row_new)
  );

  assign step_lg_o = '0;

  always_comb begin
    step_kind_o  = row_kind;
    step_fault_o = row_fault;
    step_pos_o   = '0;
    step_entry_o = row_entry;
    step_new_o   = row_new;
    if (pos_i.level != 3'd0) begin
      step_kind_o  = mmu_pkg::StepFault;
      step_fault_o = mmu_pkg::FaultNone;
      step_entry_o = '0;
      step_new_o   = '0;
      if (!word_i[0]) begin
        step_fault_o = mmu_pkg::FaultTable;
      end else if (w && !r) begin
        step_fault_o = mmu_pkg::FaultRsvd;
      end else if (!grant) begin
        step_fault_o = mmu_pkg::FaultProt;
      end else if (page >= {8'd0, word_i[21:8]}) begin
        step_fault_o = mmu_pkg::FaultLimit;
      end else begin
        step_kind_o = mmu_pkg::StepRead;
        step_pos_o  = {9'd0, u, x, w, r, 3'd0, 1'b0, 5'd0, word_i[63:22]};
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
