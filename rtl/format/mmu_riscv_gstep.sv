// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv, G stage: what an entry read from memory says. Combinational.
// Twin: mmu_riscv_gstep in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, GST-4.
module mmu_riscv_gstep (
  input  mmu_pkg::rq_t            rq_i,
  input  logic [1:0]              what_i,       // mmu_pkg::g_what_e
  input  mmu_pkg::slow_t          slow_i,
  input  mmu_pkg::pos_t           gpos_i,       // of the entry
  input  logic [63:0]             word_i,       // the entry
  output mmu_pkg::step_e          kind_o,       // StepFault is FaultGuest
  output logic [5:0]              lg_o,         // with StepRead: log2 of the bytes that the pointer covers
  output mmu_pkg::pos_t           gpos_o,       // with StepRead: the next entry
  output mmu_pkg::entry_t         entry_o,      // with StepLeaf and StepNeedAd: the leaf
  output logic [63:0]             new_word_o    // with StepNeedAd: the word with A (and D) set
);

  mmu_pkg::rq_t    rq;
  mmu_pkg::pos_t   pos;
  mmu_pkg::entry_t entry;
  logic [2:0]      unused_fault;

  mmu_riscv_gaccess u_access (
    .rq_i,
    .what_i,
    .gpa_i('0),        // a step does not look at it
    .rq_o (rq)
  );

  mmu_riscv_step u_step (
    .rq_i   (rq),
    .slow_i,
    .pos_i  (gpos_i),
    .word_i,
    .kind_o,
    .fault_o(unused_fault),
    .lg_o,
    .pos_o  (pos),
    .entry_o(entry),
    .new_word_o
  );

  // G counts as 0.
  always_comb begin
    gpos_o    = pos;
    gpos_o.g  = 1'b0;
    entry_o   = entry;
    entry_o.g = 1'b0;
  end

endmodule
