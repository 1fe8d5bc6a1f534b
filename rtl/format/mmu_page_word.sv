// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Classical formats: judges the last word of a walk, of a page or of a segment, by its rights.
// Combinational. Twin: model/arch/format/classic.h. Rules: docs/microarchitecture.md, CLS-1, SEG-2, SPG-2.
//
//     7 6 5 4 3 2 1 0
//     D A U R W X S P      S (in swap) is software's
module mmu_page_word (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::slow_t  slow_i,
  input  logic [63:0]     word_i,
  input  logic [3:0]      rights_i,     // {U, R, W, X} that count: the word's own, or a segment's
  input  logic            ragged_i,     // the frame does not stand on a multiple of the page size
  input  logic            beyond_i,     // the offset is beyond the segment's limit
  output logic [2:0]      kind_o,       // mmu_pkg::step_e: leaf, need A/D or fault
  output logic [2:0]      fault_o,      // mmu_pkg::fault_e, with StepFault, else 0
  output mmu_pkg::entry_t entry_o,      // with leaf and need A/D: without ppn and lg
  output logic [63:0]     new_word_o    // with StepNeedAd
);

  logic p, a, d, u, r, w, x;
  logic store;
  logic grant;

  assign p            = word_i[0];
  assign a            = word_i[6];
  assign d            = word_i[7];
  assign {u, r, w, x} = rights_i;
  assign store        = rq_i.acc == mmu_pkg::AccStore || rq_i.acc == mmu_pkg::AccAppend;

  mmu_page_rights u_rights (
    .rq_i,
    .u_i    (u),
    .r_i    (r),
    .w_i    (w),
    .x_i    (x),
    .grant_o(grant)
  );

  always_comb begin
    kind_o     = mmu_pkg::StepFault;
    fault_o    = mmu_pkg::FaultNone;
    entry_o    = '0;
    new_word_o = '0;
    if (!p) begin
      fault_o = mmu_pkg::FaultPage;
    end else if ((w && !r) || ragged_i) begin
      fault_o = mmu_pkg::FaultRsvd;
    end else if (!grant) begin
      fault_o = mmu_pkg::FaultProt;
    end else if (beyond_i) begin
      fault_o = mmu_pkg::FaultLimit;
    end else if ((!a || (store && !d)) && !slow_i.adue) begin
      fault_o = mmu_pkg::FaultPage;
    end else begin
      kind_o    = mmu_pkg::StepLeaf;
      entry_o.d = d | store;
      entry_o.a = 1'b1;
      entry_o.u = u;
      entry_o.x = x;
      entry_o.w = w;
      entry_o.r = r;
      if (!a || (store && !d)) begin
        kind_o     = mmu_pkg::StepNeedAd;
        new_word_o = word_i | {56'd0, store, 7'h40};
      end
    end
  end

  logic unused_args;
  assign unused_args = ^{rq_i, slow_i, word_i};

endmodule
