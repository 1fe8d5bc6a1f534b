// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format x86: what a word read from memory says. Combinational.
// Twin: model/arch/format/x86.c. Rules: docs/microarchitecture.md, X86-4..10; SDM volume 3, chapter 4.
//
//     63 62      52 51              12 11  9 8 7  6 5 4   3   2   1   0
//     NX  ignored   address                G PS D A PCD PWT U/S R/W P   2-level: bits 31:0 of these
//
// Words change in two ways (X86-8). While afault, A is set in each pointer as it is passed. Otherwise
// nothing may change where the access fails: a first pass only remembers that a pointer lacks A; if the
// leaf is good, a second pass, `commit`, begins at the root and sets A on its way.
module mmu_x86_step (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::slow_t  slow_i,
  input  mmu_pkg::pos_t   pos_i,        // of the word
  input  mmu_pkg::pos_t   root_i,       // where a walk of this request begins
  input  logic [63:0]     word_i,
  output logic [2:0]      kind_o,       // mmu_pkg::step_e
  output logic [2:0]      fault_o,      // mmu_pkg::fault_e, with StepFault, else 0
  output logic [5:0]      lg_o,         // with StepRead: log2 of the bytes covered; 0: not to be kept
  output mmu_pkg::pos_t   pos_o,        // with StepRead and StepReadAd: the next word
  output mmu_pkg::entry_t entry_o,      // with StepLeaf and StepNeedAd: the leaf
  output logic [63:0]     new_word_o    // with StepNeedAd and StepReadAd
);

  logic two, pae;                          // 2-level, PAE
  logic pdpte;                             // PAE's top word: no rights, no A
  logic [63:0] w;
  logic p, rw, us, a, d, ps, g, nx;
  logic store;

  assign two   = rq_i.ctx.mode == 4'd1;
  assign pae   = rq_i.ctx.mode == 4'd2;
  assign pdpte = pae & (pos_i.level == 3'd2);
  assign w     = two ? {32'd0, word_i[31:0]} : word_i;
  assign p     = w[0];
  assign rw    = w[1];
  assign us    = w[2];
  assign a     = w[5];
  assign d     = w[6];
  assign ps    = w[7];
  assign g     = w[8];
  assign nx    = w[63];
  assign store = rq_i.acc == mmu_pkg::AccStore || rq_i.acc == mmu_pkg::AccAppend;

  // ---- leaf or pointer (X86-6) ----------------------------------------------------------------
  logic leaf_4k, leaf_2m, leaf_4m, leaf_1g, leaf;

  assign leaf_4k = pos_i.level == 3'd0;
  assign leaf_2m = (pos_i.level == 3'd1) & ps & ~two;
  assign leaf_4m = (pos_i.level == 3'd1) & ps & two & slow_i.pse;
  assign leaf_1g = (pos_i.level == 3'd2) & ps & ~two & ~pae;
  assign leaf    = leaf_4k | leaf_2m | leaf_4m | leaf_1g;

  // ---- reserved bits (X86-5) ------------------------------------------------------------------
  logic [51:0] beyond;                     // address bits from MAXPHYADDR up
  logic        rsvd_wide, rsvd_4m;

  assign beyond    = {52{1'b1}} << slow_i.maxpa;
  assign rsvd_wide = ((w[51:12] & beyond[51:12]) != '0) | (nx & ~slow_i.nxe) |
                     (pae & (w[62:52] != '0)) | (pdpte & nx) |
                     (ps & (pos_i.level >= 3'd3)) |
                     (leaf_2m & (w[20:13] != '0)) | (leaf_1g & (w[29:13] != '0));
  assign rsvd_4m   = leaf_4m & (w[21] | ((w[20:13] & beyond[39:32]) != '0));

  // ---- rights over the levels (X86-6) ---------------------------------------------------------
  logic all_us, all_rw, all_nx;
  logic grant;

  assign all_us = pos_i.zero[0] & (us | pdpte);
  assign all_rw = pos_i.zero[1] & (rw | pdpte);
  assign all_nx = pos_i.zero[2] | (nx & ~pdpte);

  mmu_x86_rights u_rights (
    .rq_i,
    .us_i   (all_us),
    .rw_i   (all_rw),
    .nx_i   (all_nx & slow_i.nxe),
    .grant_o(grant)
  );

  // ---- the leaf's entry (X86-10), as it will be once A and D are set ---------------------------
  mmu_pkg::entry_t entry;

  always_comb begin
    entry   = '0;
    entry.d = d | store;
    entry.a = 1'b1;
    entry.g = g & slow_i.pge;
    entry.u = all_us;
    entry.x = ~(all_nx & slow_i.nxe);
    entry.w = all_rw;
    entry.r = 1'b1;
    if (leaf_4m) begin                     // PSE-36: bits 20:13 are PA[39:32]
      entry.lg  = 6'd22;
      entry.ppn = {16'd0, w[20:13], w[31:22], 13'd0};
    end else if (leaf_2m) begin
      entry.lg  = 6'd21;
      entry.ppn = {4'd0, w[51:21], 12'd0};
    end else if (leaf_1g) begin
      entry.lg  = 6'd30;
      entry.ppn = {4'd0, w[51:30], 21'd0};
    end else begin
      entry.lg  = 6'd12;
      entry.ppn = {4'd0, w[51:12], 3'd0};
    end
  end

  // ---- the pointer's position (X86-2) ----------------------------------------------------------
  mmu_pkg::pos_t next;
  logic          commit;
  logic          no_a;                     // this pointer lacks A
  logic          set_a;                    // and gets it now

  assign commit = pos_i.zero[4];
  assign no_a   = ~a & ~pdpte;
  assign set_a  = no_a & (slow_i.afault | commit);

  always_comb begin
    next         = '0;
    next.level   = pos_i.level - 3'd1;
    next.ppn     = {4'd0, w[51:12], 3'd0};
    next.zero[0] = all_us;
    next.zero[1] = all_rw;
    next.zero[2] = all_nx;
    next.zero[3] = pos_i.zero[3] | (no_a & ~set_a);
    next.zero[4] = commit;
  end

  logic [5:0] covered;                     // X86-9

  always_comb begin
    case (pos_i.level)
      3'd1:    covered = two ? 6'd22 : 6'd21;
      3'd2:    covered = 6'd30;
      3'd3:    covered = 6'd39;
      default: covered = 6'd48;
    endcase
    if (pdpte || next.zero[3] || commit) covered = '0;
  end

  // ---- outcome ------------------------------------------------------------------------------
  always_comb begin
    kind_o     = mmu_pkg::StepFault;
    fault_o    = mmu_pkg::FaultNone;
    lg_o       = '0;
    pos_o      = '0;
    entry_o    = '0;
    new_word_o = '0;
    if (!p) begin                                                             // X86-4
      fault_o = mmu_pkg::FaultPage;
    end else if (two ? rsvd_4m : rsvd_wide) begin                             // X86-5
      fault_o = mmu_pkg::FaultRsvd;
    end else if (leaf) begin
      if (!grant) begin                                                       // X86-7
        fault_o = mmu_pkg::FaultProt;
      end else if (pos_i.zero[3]) begin                                       // X86-8, second pass
        kind_o        = mmu_pkg::StepRead;
        pos_o         = root_i;
        pos_o.zero[4] = 1'b1;
      end else if (!a || (store && !d)) begin
        kind_o     = mmu_pkg::StepNeedAd;
        entry_o    = entry;
        new_word_o = word_i | {57'd0, store, 6'h20};
      end else begin
        kind_o  = mmu_pkg::StepLeaf;
        entry_o = entry;
      end
    end else if (set_a) begin                                                 // X86-8
      kind_o     = mmu_pkg::StepReadAd;
      pos_o      = next;
      new_word_o = word_i | 64'h20;
    end else begin
      kind_o = mmu_pkg::StepRead;
      lg_o   = covered;
      pos_o  = next;
    end
  end

  logic unused_args;
  assign unused_args = ^{rq_i, slow_i, pos_i, w, beyond};

endmodule
