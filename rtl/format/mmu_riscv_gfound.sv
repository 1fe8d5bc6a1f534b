// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: what a walk takes from the G stage's leaf, or from its refusal. Combinational.
// Rules: docs/microarchitecture.md, WALK-15, WALK-16; COMB-1, GTLB-2.
module mmu_riscv_gfound (
  input  mmu_pkg::rq_t            rq_i,
  input  logic [1:0]              what_i,   // mmu_pkg::g_what_e
  input  mmu_pkg::entry_t         f_i,      // GFinal: the first stage's leaf
  input  mmu_pkg::entry_t         g_i,      // the G stage's
  input  logic [mmu_pkg::VaW-1:0] gpa_i,
  output mmu_pkg::entry_t         entry_o,  // GFinal: of both stages
  output logic [5:0]              flg_o,    // and KEY-5's flg of it
  output logic [mmu_pkg::PaW-1:0] spa_o,    // GEntry, GUpdate: where the entry is in memory
  output logic [mmu_pkg::KeyW-1:0] mask_o,  // KEY-6, of the G stage's leaf
  output logic                    keep_o,   // the G stage's TLB may keep the leaf: no NAPOT (GTLB-2)
  output mmu_pkg::entry_t         bad_o     // with FaultGuest: {gpa[63:2], imp}
);

  mmu_pkg::entry_t both;
  logic [1:0]      imp;    // REQ-8
  logic            unused_args;

  mmu_riscv_combine u_combine (
    .f_i,
    .g_i,
    .gpa_i,
    .entry_o(both)
  );

  assign entry_o = both;
  assign flg_o   = (rq_i.ctx.mode == mmu_pkg::ModeBare) ? both.lg : f_i.lg;
  assign spa_o   = {g_i.ppn, 9'd0} |
                   (gpa_i[mmu_pkg::PaW-1:0] & ~({mmu_pkg::PaW{1'b1}} << g_i.lg));

  always_comb begin
    case (what_i)
      mmu_pkg::GEntry:  imp = 2'd1;
      mmu_pkg::GUpdate: imp = 2'd2;
      default:          imp = 2'd0;
    endcase
  end

  assign mask_o = mmu_pkg::make_gmask(g_i.lg);
  assign keep_o = g_i.lg != 6'd16;

  assign bad_o = {gpa_i[63:2], imp};

  assign unused_args = ^{rq_i, gpa_i};

endmodule
