// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Format trident, made up for docs/formats.md, with the ports of every format (mmu_format.sv): three
// levels of tables with fields of 7, 6 and 7 bits, pages of 4 KiB, rights in odd places. Combinational.
// Twin: trident.c. Rules: TRI-1..5 in docs/formats.md, and FRM.
//
//     pointer  63 P    49..3 PA[55:9] of the next table                      0 must be 0
//     page     63 P    62 U  60 D  57 G  54 A   52..9 PA[55:12]  6 R  5 W  1 X   0 must be 0
module mmu_trident (
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

  logic store;

  assign store      = rq_i.acc == mmu_pkg::AccStore || rq_i.acc == mmu_pkg::AccAppend;   // FRM-11
  assign merge_lg_o = 6'd12;                                                             // FRM-10

  // ---- start (TRI-1) --------------------------------------------------------------------------
  assign start_base_o = '0;

  always_comb begin
    start_kind_o  = mmu_pkg::StartWalk;
    start_fault_o = mmu_pkg::FaultNone;
    start_pos_o   = '0;
    if (rq_i.prv == mmu_pkg::PrivM || rq_i.ctx.mode == 4'd0) begin
      start_kind_o = mmu_pkg::StartBare;
      if (rq_i.va[63:mmu_pkg::PaW] != '0) begin
        start_kind_o  = mmu_pkg::StartFault;
        start_fault_o = mmu_pkg::FaultAccess;
      end
    end else if (rq_i.va[63:32] != '0) begin
      start_kind_o  = mmu_pkg::StartFault;
      start_fault_o = mmu_pkg::FaultLimit;
    end else begin
      start_pos_o.level = 3'd2;
      start_pos_o.ppn   = {rq_i.ctx.root, 3'd0};
    end
  end

  // ---- addr (TRI-2) ---------------------------------------------------------------------------
  logic [6:0] index;

  always_comb begin
    case (pos_i.level)
      3'd2:    index = rq_i.va[31:25];
      3'd1:    index = {1'b0, rq_i.va[24:19]};
      default: index = rq_i.va[18:12];
    endcase
  end

  assign addr_o = {pos_i.ppn, 9'd0} + {46'd0, index, 3'd0};
  assign wide_o = 1'b1;

  // ---- rights (TRI-4), of the word and of the held entry --------------------------------------
  logic word_right, entry_right, word_grant;

  always_comb begin
    case (rq_i.acc)
      mmu_pkg::AccStore, mmu_pkg::AccAppend: {word_right, entry_right} = {word_i[5], entry_i.w};
      mmu_pkg::AccLoad:                      {word_right, entry_right} = {word_i[6], entry_i.r};
      default:                               {word_right, entry_right} = {word_i[1], entry_i.x};
    endcase
  end

  assign word_grant = word_right && (rq_i.prv != mmu_pkg::PrivU || word_i[62]);
  assign grant_o    = entry_right && (rq_i.prv != mmu_pkg::PrivU || entry_i.u) &&
                      entry_i.a && (entry_i.d || !store);

  // ---- step (TRI-2, TRI-3) --------------------------------------------------------------------
  logic lacks;                             // A, or D that a store needs

  assign lacks = !word_i[54] || (store && !word_i[60]);

  always_comb begin
    step_kind_o  = mmu_pkg::StepFault;
    step_fault_o = mmu_pkg::FaultNone;
    step_lg_o    = '0;
    step_pos_o   = '0;
    step_entry_o = '0;
    step_new_o   = '0;
    if (!word_i[63]) begin
      step_fault_o = (pos_i.level != 3'd0) ? mmu_pkg::FaultTable : mmu_pkg::FaultPage;
    end else if (word_i[0]) begin
      step_fault_o = mmu_pkg::FaultRsvd;
    end else if (pos_i.level != 3'd0) begin
      step_kind_o      = mmu_pkg::StepRead;
      step_lg_o        = (pos_i.level == 3'd2) ? 6'd25 : 6'd19;
      step_pos_o.level = pos_i.level - 3'd1;
      step_pos_o.ppn   = word_i[49:3];
    end else if (!word_grant) begin
      step_fault_o = mmu_pkg::FaultProt;
    end else if (lacks && !slow_i.adue) begin
      step_fault_o = mmu_pkg::FaultPage;
    end else begin
      step_kind_o      = mmu_pkg::StepLeaf;
      step_entry_o.d   = word_i[60] | store;
      step_entry_o.a   = 1'b1;
      step_entry_o.g   = word_i[57];
      step_entry_o.u   = word_i[62];
      step_entry_o.x   = word_i[1];
      step_entry_o.w   = word_i[5];
      step_entry_o.r   = word_i[6];
      step_entry_o.lg  = 6'd12;
      step_entry_o.ppn = {word_i[52:9], 3'd0};
      if (lacks) begin
        step_kind_o = mmu_pkg::StepNeedAd;
        step_new_o  = word_i | {3'd0, store, 5'd0, 1'b1, 54'd0};
      end
    end
  end

  // ---- pa, cause (TRI-5) ----------------------------------------------------------------------
  logic [2:0] kind;

  assign pa_o = {entry_i.ppn[mmu_pkg::PpnW-1:3], rq_i.va[11:0]};

  always_comb begin
    case (fault_i)
      mmu_pkg::FaultPage:   kind = 3'd1;
      mmu_pkg::FaultProt:   kind = 3'd2;
      mmu_pkg::FaultRsvd:   kind = 3'd3;
      mmu_pkg::FaultLimit:  kind = 3'd4;
      mmu_pkg::FaultTable:  kind = 3'd5;
      mmu_pkg::FaultAccess: kind = 3'd6;
      default:              kind = 3'd0;
    endcase
  end

  assign cause_o = (kind == 3'd0) ? '0 : {rq_i.acc, kind};

  logic unused_args;
  assign unused_args = ^{rq_i, slow_i, pos_i, word_i, entry_i};

endmodule
