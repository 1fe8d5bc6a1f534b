// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format inverted, with the ports of every format (mmu_format.sv): one table with a row for each frame,
// found by hash and chain, or row by row. Combinational.
// Twin: model/arch/format/inverted.c. Rules: docs/microarchitecture.md, INV, CLS, FRM.
//
//     level 3   anchor    32      1 0       bits of a row: 32 bytes
//                         row       there
//     level 2   word 0    63   17 16      1 0
//                         page    process   in use
//     level 1   word 2    32      1 0
//                         next      there
//     level 0   word 1    a page row
//
//     position            50  48 32             16 15 0
//                         level  rows looked at    row
module mmu_inverted (
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

  logic [22:0] page;
  logic [15:0] row;                        // of the position
  logic [16:0] looked;
  logic [16:0] rows;                       // the table's
  logic [16:0] low;                        // ones at the bits of a row number

  assign page       = 23'(rq_i.va[31:0] >> slow_i.plg);
  assign row        = pos_i.ppn[15:0];
  assign looked     = pos_i.ppn[32:16];
  assign rows       = 17'd1 << slow_i.rows_lg;
  assign low        = rows - 17'd1;
  assign merge_lg_o = {1'b0, slow_i.plg};                                     // FRM-10

  mmu_classic_start u_start (
    .rq_i,
    .outside_i(1'b0),
    .kind_o   (start_kind_o),
    .fault_o  (start_fault_o)
  );

  assign start_base_o = '0;

  always_comb begin
    start_pos_o = '0;
    if (start_kind_o == mmu_pkg::StartWalk) begin
      start_pos_o = slow_i.linear ? {13'd0, 3'd2, 15'd0, 17'd1, 16'd0} : {13'd0, 3'd3, 48'd0};
    end
  end

  // ---- addr (INV-1, INV-2) --------------------------------------------------------------------
  logic [22:0] folded;
  logic [15:0] anchor;

  assign folded = page ^ (page >> slow_i.rows_lg);
  assign anchor = (folded[15:0] ^ rq_i.ctx.asid) & low[15:0];
  assign wide_o = 1'b1;

  always_comb begin
    case (pos_i.level)
      3'd0:    addr_o = {rq_i.ctx.root, 12'd0} + {35'd0, row, 5'd8};
      3'd1:    addr_o = {rq_i.ctx.root, 12'd0} + {35'd0, row, 5'd16};
      3'd2:    addr_o = {rq_i.ctx.root, 12'd0} + {35'd0, row, 5'd0};
      default: addr_o = {rq_i.ctx.aux, 12'd0} + {37'd0, anchor, 3'd0};
    endcase
  end

  // ---- step (INV-2, INV-3) --------------------------------------------------------------------
  logic            match;                  // word 0 is of this process and page
  logic            wild;                   // a row number beyond the table
  logic [2:0]      row_kind;
  logic [2:0]      row_fault;
  mmu_pkg::entry_t row_entry;
  logic [63:0]     row_new;

  assign match = word_i[0] & (word_i[16:1] == rq_i.ctx.asid) & (word_i[63:17] == {24'd0, page});
  assign wild  = word_i[32:1] >= {15'd0, rows};

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

  assign step_lg_o = '0;

  always_comb begin
    step_kind_o  = mmu_pkg::StepRead;
    step_fault_o = mmu_pkg::FaultNone;
    step_pos_o   = '0;
    step_entry_o = '0;
    step_new_o   = '0;
    case (pos_i.level)
      3'd0: begin
        step_kind_o  = row_kind;
        step_fault_o = row_fault;
        step_entry_o = row_entry;
        step_new_o   = row_new;
      end
      3'd1: begin                          // to the next of the chain
        if (!word_i[0]) begin
          step_kind_o  = mmu_pkg::StepFault;
          step_fault_o = mmu_pkg::FaultPage;
        end else if (wild || looked >= rows) begin
          step_kind_o  = mmu_pkg::StepFault;
          step_fault_o = mmu_pkg::FaultTable;
        end else begin
          step_pos_o = {13'd0, 3'd2, 15'd0, looked + 17'd1, word_i[16:1]};
        end
      end
      3'd2: begin
        if (match) begin
          step_pos_o = {13'd0, 3'd0, 15'd0, looked, row};
        end else if (!slow_i.linear) begin
          step_pos_o = {13'd0, 3'd1, 15'd0, looked, row};
        end else if (row == low[15:0]) begin
          step_kind_o  = mmu_pkg::StepFault;
          step_fault_o = mmu_pkg::FaultPage;
        end else begin
          step_pos_o = {13'd0, 3'd2, 15'd0, looked + 17'd1, row + 16'd1};
        end
      end
      default: begin                       // to the first of the chain
        if (!word_i[0]) begin
          step_kind_o  = mmu_pkg::StepFault;
          step_fault_o = mmu_pkg::FaultPage;
        end else if (wild) begin
          step_kind_o  = mmu_pkg::StepFault;
          step_fault_o = mmu_pkg::FaultTable;
        end else begin
          step_pos_o = {13'd0, 3'd2, 15'd0, 17'd1, word_i[16:1]};
        end
      end
    endcase
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
  assign unused_args = ^{rq_i, slow_i, pos_i, low, folded};

endmodule
