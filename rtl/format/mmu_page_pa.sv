// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The physical address under a page's entry. Combinational. Rules: docs/microarchitecture.md, FMT-15,
// FRM-7.
module mmu_page_pa (
  input  mmu_pkg::rq_t            rq_i,
  input  mmu_pkg::entry_t         entry_i,
  output logic [mmu_pkg::PaW-1:0] pa_o
);

  logic unused_args;

  assign pa_o = {entry_i.ppn, 9'd0} |
                (rq_i.va[mmu_pkg::PaW-1:0] & ~({mmu_pkg::PaW{1'b1}} << entry_i.lg));

  assign unused_args = ^{rq_i, entry_i};

endmodule
