// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Classical formats: what a page row says, a word with rights and the frame of a page.
// Combinational. Twin: model/arch/format/classic.h. Rules: docs/microarchitecture.md, CLS-1.
//
//     63  59 58       12 11  8 7    0
//        -     PA[55:9]     -   rights (mmu_page_word.sv)
module mmu_page_row (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::slow_t  slow_i,
  input  logic [63:0]     word_i,
  input  logic [3:0]      rights_i,     // {U, R, W, X} that count
  output logic [2:0]      kind_o,       // mmu_pkg::step_e: leaf, need A/D or fault
  output logic [2:0]      fault_o,      // mmu_pkg::fault_e, with StepFault, else 0
  output mmu_pkg::entry_t entry_o,      // with leaf and need A/D, else 0
  output logic [63:0]     new_word_o    // with StepNeedAd, else 0
);

  logic [mmu_pkg::PaW-1:0] frame;
  logic                    ragged;
  mmu_pkg::entry_t         flags;

  assign frame  = {word_i[58:12], 9'd0};
  assign ragged = (frame & ~({mmu_pkg::PaW{1'b1}} << slow_i.plg)) != '0;

  mmu_page_word u_word (
    .rq_i,
    .slow_i,
    .word_i,
    .rights_i,
    .ragged_i(ragged),
    .beyond_i(1'b0),
    .kind_o,
    .fault_o,
    .entry_o (flags),
    .new_word_o
  );

  always_comb begin
    entry_o = flags;
    if (kind_o != mmu_pkg::StepFault) begin
      entry_o.lg  = {1'b0, slow_i.plg};
      entry_o.ppn = word_i[58:12];
    end
  end

endmodule
