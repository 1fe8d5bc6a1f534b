// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: what an entry read from memory says. Combinational.
// Twin: mmu_riscv_step in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, FMT-5..12.
//
//     63 62  61 60      54 53               10 9 8 7 6 5 4 3 2 1 0
//     N  PBMT   reserved   PPN                 -   D A G U X W R V      Sv32: bits 31:0 of these
module mmu_riscv_step (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::slow_t  slow_i,
  input  mmu_pkg::pos_t   pos_i,        // of the entry
  input  logic [63:0]     word_i,       // the entry
  output mmu_pkg::step_e  kind_o,
  output logic [2:0]      fault_o,      // mmu_pkg::fault_e, with StepFault, else 0
  output logic [5:0]      lg_o,         // with StepRead: log2 of the bytes that the pointer covers
  output mmu_pkg::pos_t   pos_o,        // with StepRead: the next entry
  output mmu_pkg::entry_t entry_o,      // with StepLeaf and StepNeedAd: the leaf
  output logic [63:0]     new_word_o    // with StepNeedAd: the word with A (and D) set
);

  logic        sv32;
  logic [63:0] pte;
  logic        v, r, w, x, u, g, a, d, n;
  logic [43:0] ppn;
  logic [1:0]  pbmt;
  logic        store;
  logic        adue, pbmte;   // of this stage (FMT-2)

  // FMT-5: in Sv32 bits 63:32 do not count; as zeros they are harmless below.
  assign sv32  = rq_i.ctx.mode == mmu_pkg::ModeSv32;
  assign pte   = sv32 ? {32'd0, word_i[31:0]} : word_i;
  assign {d, a, g, u, x, w, r, v} = pte[7:0];
  assign ppn   = pte[53:10];
  assign pbmt  = pte[62:61];
  assign n     = pte[63];
  assign store = rq_i.acc == mmu_pkg::AccStore;
  assign adue  = rq_i.ctx.v ? slow_i.hadue : slow_i.adue;
  assign pbmte = rq_i.ctx.v ? slow_i.hpbmte : slow_i.pbmte;

  // ---- any entry (FMT-5) --------------------------------------------------------------------
  logic bad;
  assign bad = ~v | (~r & w) | (pte[60:54] != '0) | (n & ~slow_i.svnapot) |
               ((pbmt != '0) & ~pbmte) | (pbmt == 2'd3);

  // ---- pointers (FMT-6, FMT-7) --------------------------------------------------------------
  logic pointer, bad_pointer;
  assign pointer     = ~(r | w | x);
  assign bad_pointer = a | d | u | n | (pbmt != '0) | (pos_i.level == 3'd0);

  // ---- leaves (FMT-8..12) -------------------------------------------------------------------
  logic [5:0]      lg;         // bytes that an entry of this level covers
  logic            misaligned;
  logic            bad_napot;
  logic            need_ad;
  logic            grant;
  mmu_pkg::entry_t leaf;

  always_comb begin
    lg         = 6'd12;
    misaligned = 1'b0;
    if (sv32) begin
      if (pos_i.level != 3'd0) begin
        lg         = 6'd22;
        misaligned = ppn[9:0] != '0;
      end
    end else begin
      case (pos_i.level)
        3'd0: ;
        3'd1: begin
          lg         = 6'd21;
          misaligned = ppn[8:0] != '0;
        end
        3'd2: begin
          lg         = 6'd30;
          misaligned = ppn[17:0] != '0;
        end
        3'd3: begin
          lg         = 6'd39;
          misaligned = ppn[26:0] != '0;
        end
        default: begin
          lg         = 6'd48;
          misaligned = ppn[35:0] != '0;
        end
      endcase
    end
  end

  assign bad_napot = n & ((pos_i.level != 3'd0) | (ppn[3:0] != 4'd8));   // FMT-9
  assign need_ad   = ~a | (store & ~d);                                  // FMT-10, FMT-11

  // FMT-12: as the entry will be once A and D are set.
  always_comb begin
    leaf     = '0;
    leaf.mt  = pbmt;
    leaf.d   = d | store;
    leaf.a   = 1'b1;
    leaf.g   = g | pos_i.g;
    leaf.u   = u;
    leaf.x   = x;
    leaf.w   = w;
    leaf.r   = r;
    leaf.lg  = n ? 6'd16 : lg;
    leaf.ppn = {ppn[43:4], n ? 4'd0 : ppn[3:0], 3'd0};
  end

  // FMT-8: with A and D as they will be, FMT-13 says no more than FMT-8.
  mmu_riscv_perm u_perm (
    .rq_i,
    .entry_i(leaf),
    .grant_o(grant)
  );

  // ---- outcome ------------------------------------------------------------------------------
  always_comb begin
    kind_o     = mmu_pkg::StepFault;
    fault_o    = mmu_pkg::FaultPage;
    lg_o       = '0;
    pos_o      = '0;
    entry_o    = '0;
    new_word_o = '0;
    if (!bad) begin
      if (pointer) begin
        if (!bad_pointer) begin
          kind_o      = mmu_pkg::StepRead;
          fault_o     = mmu_pkg::FaultNone;
          lg_o        = lg;
          pos_o.level = pos_i.level - 3'd1;
          pos_o.g     = g | pos_i.g;
          pos_o.ppn   = {ppn, 3'd0};
        end
      end else if (grant && !misaligned && !bad_napot) begin
        if (!need_ad) begin
          kind_o  = mmu_pkg::StepLeaf;
          fault_o = mmu_pkg::FaultNone;
          entry_o = leaf;
        end else if (adue) begin
          kind_o     = mmu_pkg::StepNeedAd;
          fault_o    = mmu_pkg::FaultNone;
          entry_o    = leaf;
          new_word_o = word_i | {56'd0, store, 7'h40};
        end
      end
    end
  end

  logic unused_args;
  assign unused_args = ^{rq_i, slow_i, pos_i, pte[9:8]};

endmodule
