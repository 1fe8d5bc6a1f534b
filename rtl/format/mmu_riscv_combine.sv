// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: the entry that two stages make together. Combinational.
// Twin: mmu_riscv_combine in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, COMB-1.
//
//     first stage    VA  ──► gpa      a page of 2^f.lg bytes    the smaller of both pages,
//     G stage        gpa ──► PA       a page of 2^g.lg bytes    from VA to PA
module mmu_riscv_combine (
  input  mmu_pkg::entry_t         f_i,      // the first stage's leaf
  input  mmu_pkg::entry_t         g_i,      // the G stage's
  input  logic [mmu_pkg::VaW-1:0] gpa_i,    // of the access
  output mmu_pkg::entry_t         entry_o
);

  logic [5:0]               lg;
  logic [mmu_pkg::PpnW-1:0] offset;   // bits of the address inside of the G stage's page
  logic [mmu_pkg::PpnW-1:0] base;     // bits of the address that a page's base may have
  logic                     unused_args;

  assign lg     = (f_i.lg < g_i.lg) ? f_i.lg : g_i.lg;
  assign offset = ~({mmu_pkg::PpnW{1'b1}} << (g_i.lg - 6'(mmu_pkg::PpnLg)));
  assign base   = {mmu_pkg::PpnW{1'b1}} << (lg - 6'(mmu_pkg::PpnLg));

  always_comb begin
    entry_o     = f_i;
    entry_o.lg  = lg;
    entry_o.ppn = g_i.ppn | (gpa_i[mmu_pkg::PaW-1:mmu_pkg::PpnLg] & offset & base);
    entry_o.w   = f_i.w & g_i.w;
    entry_o.d   = f_i.d & g_i.d;
    entry_o.mt  = (f_i.mt != '0) ? f_i.mt : g_i.mt;
    entry_o.gnr = ~g_i.r;
    entry_o.gnx = ~g_i.x;
  end

  assign unused_args = ^{f_i, g_i, gpa_i};

endmodule
