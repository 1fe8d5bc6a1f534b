// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format segment, with the ports of every format (mmu_format.sv): a table of segments, VA = <S, D>.
// Combinational. Twin: model/arch/format/segment.c. Rules: docs/microarchitecture.md, SEG, FRM.
//
//     word 0 of a row (level 1)   48     32 31        0        word 1 (level 0)   8    7    0
//                                 limit     base                                  down rights
//
//     position at level 0         51        47       32 31   0
//                                 limit[16] limit[15:0] base
//     entry                       63   62        46         32 31   0
//                                 down bound[15] bound[14:0]   base
//
// A segment that grows down holds the offsets from its limit up. `bound` is the last offset, or the first.
module mmu_segment (
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

  logic [15:0] number;                     // S
  logic [15:0] offset;                     // D

  assign number     = rq_i.va[31:16];
  assign offset     = rq_i.va[15:0];
  assign merge_lg_o = '0;                  // FRM-10: any two offsets may differ

  mmu_classic_start u_start (
    .rq_i,
    .outside_i({28'd0, number} >= rq_i.ctx.aux),
    .kind_o   (start_kind_o),
    .fault_o  (start_fault_o)
  );

  assign start_base_o = '0;
  assign start_pos_o  = (start_kind_o == mmu_pkg::StartWalk) ? {13'd0, 3'd1, 48'd0} : '0;

  // ---- addr (SEG-1) -------------------------------------------------------------------------
  assign addr_o = {rq_i.ctx.root, 12'd0} + {36'd0, number, pos_i.level == 3'd0, 3'd0};
  assign wide_o = 1'b1;

  // ---- step (SEG-2, SEG-3) --------------------------------------------------------------------
  logic [31:0]     base;                   // of the position
  logic [16:0]     limit;
  logic            down;
  logic            beyond;
  logic [15:0]     bound;
  logic [16:0]     read_limit;             // of word 0
  logic [2:0]      word_kind;
  logic [2:0]      word_fault;
  mmu_pkg::entry_t word_entry;
  logic [63:0]     word_new;

  assign base       = pos_i.ppn[31:0];
  assign limit      = {pos_i.zero[0], pos_i.g, pos_i.ppn[46:32]};
  assign down       = word_i[8];
  assign beyond     = ({1'b0, offset} >= limit) ^ down;
  assign bound      = limit[15:0] - {15'd0, ~down};
  assign read_limit = word_i[48] ? 17'h10000 : word_i[48:32];   // a larger one counts as 65536

  mmu_page_word u_word (
    .rq_i,
    .slow_i,
    .word_i,
    .rights_i  ({word_i[5], word_i[4], word_i[3], word_i[2]}),
    .ragged_i  (1'b0),
    .beyond_i  (beyond),
    .kind_o    (word_kind),
    .fault_o   (word_fault),
    .entry_o   (word_entry),
    .new_word_o(word_new)
  );

  assign step_lg_o = '0;

  always_comb begin
    step_kind_o  = mmu_pkg::StepRead;
    step_fault_o = mmu_pkg::FaultNone;
    step_pos_o   = '0;
    step_entry_o = '0;
    step_new_o   = '0;
    if (pos_i.level != 3'd0) begin
      step_pos_o = {12'd0, read_limit[16], 3'd0, read_limit[15:0], word_i[31:0]};
    end else begin
      step_kind_o  = word_kind;
      step_fault_o = word_fault;
      step_entry_o = word_entry;
      step_new_o   = word_new;
      if (word_kind != mmu_pkg::StepFault) begin
        step_entry_o.gnx = down;
        step_entry_o.gnr = bound[15];
        step_entry_o.lg  = 6'd16;
        step_entry_o.ppn = {bound[14:0], base};
      end
    end
  end

  // ---- perm, pa (SEG-3), cause ----------------------------------------------------------------
  logic        right;
  logic [15:0] held;                       // the entry's bound

  mmu_page_perm u_perm (
    .rq_i,
    .entry_i,
    .grant_o(right)
  );

  mmu_classic_cause u_cause (
    .rq_i,
    .fault_i,
    .cause_o
  );

  assign held    = {entry_i.gnr, entry_i.ppn[46:32]};
  assign grant_o = right & ~(entry_i.gnx ? offset < held : offset > held);
  assign pa_o    = {24'd0, entry_i.ppn[31:0]} + {40'd0, offset};

  logic unused_args;
  assign unused_args = ^{rq_i, pos_i, entry_i};

endmodule
