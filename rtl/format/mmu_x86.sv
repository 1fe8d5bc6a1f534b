// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format x86, with the ports of every format (mmu_format.sv): 2-level, PAE, 4-level, 5-level.
// Combinational. Twin: model/arch/format/x86.c.
// Rules: docs/microarchitecture.md, X86, FRM; Intel SDM volume 3, chapter 4.
//
//     a position's bits in pos_t.zero (X86-2): us 0, rw 1, nx 2, lacks 3, commit 4
module mmu_x86 (
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

  localparam logic [3:0] ModeTwo = 4'd1;   // ctx_t.mode
  localparam logic [3:0] ModePae = 4'd2;
  localparam logic [3:0] ModePml4 = 4'd3;

  logic store;

  assign store      = rq_i.acc == mmu_pkg::AccStore || rq_i.acc == mmu_pkg::AccAppend;
  assign merge_lg_o = 6'd12;                                                  // FRM-10

  // ---- start (X86-1) ------------------------------------------------------------------------
  mmu_pkg::pos_t root;
  logic          canonical;

  always_comb begin
    root         = '0;
    root.ppn     = {rq_i.ctx.root, 3'd0};
    root.zero[0] = 1'b1;
    root.zero[1] = 1'b1;
    canonical    = 1'b1;
    case (rq_i.ctx.mode)
      ModeTwo: root.level = 3'd1;
      ModePae: root.level = 3'd2;
      ModePml4: begin
        root.level = 3'd3;
        canonical  = (rq_i.va[63:47] == '0) || (rq_i.va[63:47] == '1);
      end
      default: begin
        root.level = 3'd4;
        canonical  = (rq_i.va[63:56] == '0) || (rq_i.va[63:56] == '1);
      end
    endcase
  end

  assign start_base_o = '0;

  always_comb begin
    start_kind_o  = mmu_pkg::StartWalk;
    start_fault_o = mmu_pkg::FaultNone;
    start_pos_o   = '0;
    if (rq_i.prv == mmu_pkg::PrivM || rq_i.ctx.mode == mmu_pkg::ModeBare) begin   // FRM-2
      start_kind_o = mmu_pkg::StartBare;
      if (rq_i.va[63:mmu_pkg::PaW] != '0) begin
        start_kind_o  = mmu_pkg::StartFault;
        start_fault_o = mmu_pkg::FaultAccess;
      end
    end else if (!canonical) begin
      start_kind_o  = mmu_pkg::StartFault;
      start_fault_o = mmu_pkg::FaultLimit;
    end else begin
      start_pos_o = root;
    end
  end

  // ---- addr (X86-3) -------------------------------------------------------------------------
  logic [11:0] offset;                     // in the table's page

  always_comb begin
    if (rq_i.ctx.mode == ModeTwo) begin
      offset = {pos_i.level == 3'd0 ? rq_i.va[21:12] : rq_i.va[31:22], 2'd0};
    end else begin
      case (pos_i.level)
        3'd0: offset = {rq_i.va[20:12], 3'd0};
        3'd1: offset = {rq_i.va[29:21], 3'd0};
        3'd2: begin
          offset = {rq_i.va[38:30], 3'd0};
          if (rq_i.ctx.mode == ModePae) offset = {rq_i.ctx.aux[6:0], rq_i.va[31:30], 3'd0};
        end
        3'd3:    offset = {rq_i.va[47:39], 3'd0};
        default: offset = {rq_i.va[56:48], 3'd0};
      endcase
    end
  end

  assign addr_o = {pos_i.ppn, 9'd0} | {44'd0, offset};   // tables stand on pages
  assign wide_o = rq_i.ctx.mode != ModeTwo;

  // ---- step ---------------------------------------------------------------------------------
  mmu_x86_step u_step (
    .rq_i,
    .slow_i,
    .pos_i,
    .root_i    (root),
    .word_i,
    .kind_o    (step_kind_o),
    .fault_o   (step_fault_o),
    .lg_o      (step_lg_o),
    .pos_o     (step_pos_o),
    .entry_o   (step_entry_o),
    .new_word_o(step_new_o)
  );

  // ---- perm, pa (X86-11, FRM-7) ---------------------------------------------------------------
  logic right;

  mmu_x86_rights u_rights (
    .rq_i,
    .us_i   (entry_i.u),
    .rw_i   (entry_i.w),
    .nx_i   (~entry_i.x),
    .grant_o(right)
  );

  assign grant_o = right & ~(store & ~entry_i.d);

  mmu_page_pa u_pa (
    .rq_i,
    .entry_i,
    .pa_o
  );

  // ---- cause (X86-12) -----------------------------------------------------------------------
  logic [5:0] code;                        // of a page fault
  logic       says_fetch;                  // bit I exists

  assign says_fetch = rq_i.ctx.flags[1] | (slow_i.nxe & (rq_i.ctx.mode != ModeTwo));
  assign code       = {1'b0, (rq_i.acc == mmu_pkg::AccFetch) & says_fetch,
                       fault_i == mmu_pkg::FaultRsvd, rq_i.prv == mmu_pkg::PrivU, store,
                       fault_i != mmu_pkg::FaultPage};

  always_comb begin
    case (fault_i)
      mmu_pkg::FaultPage, mmu_pkg::FaultProt, mmu_pkg::FaultRsvd: cause_o = code;
      mmu_pkg::FaultLimit:  cause_o = 6'd32;
      mmu_pkg::FaultAccess: cause_o = 6'd33;
      default:              cause_o = '0;
    endcase
  end

  logic unused_args;
  assign unused_args = ^{rq_i, entry_i};

endmodule
