// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: may this access use this entry? Combinational.
// Twin: mmu_riscv_perm in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, FMT-8, FMT-13.
//
// An entry behind two stages carries what the G stage refuses (gnr, gnx); where the first stage is
// bare, it has all rights there (COMB-2), and only U is not to be asked.
module mmu_riscv_perm (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::entry_t entry_i,
  output logic            grant_o
);

  logic right;   // R, W, X
  logic user;    // U, SUM
  logic ad;      // A, D
  logic bare;    // the first stage is bare
  logic guest;   // R, X of the G stage
  logic unused_args;

  // FMT-8
  always_comb begin
    case (rq_i.acc)
      mmu_pkg::AccFetch: right = entry_i.x;
      mmu_pkg::AccLoad:  right = entry_i.r | (entry_i.x & rq_i.ctx.mxr);
      mmu_pkg::AccLoadX: right = entry_i.x;
      default:           right = entry_i.w;
    endcase
  end

  assign user = (rq_i.prv == mmu_pkg::PrivU)
      ? entry_i.u
      : ~entry_i.u | (rq_i.ctx.sum & (rq_i.acc != mmu_pkg::AccFetch));

  // FMT-13
  assign ad   = entry_i.a & (entry_i.d | (rq_i.acc != mmu_pkg::AccStore));
  assign bare = rq_i.ctx.v & (rq_i.ctx.mode == mmu_pkg::ModeBare);

  always_comb begin
    case (rq_i.acc)
      mmu_pkg::AccFetch, mmu_pkg::AccLoadX: guest = ~entry_i.gnx;
      mmu_pkg::AccLoad: guest = ~entry_i.gnr | (rq_i.ctx.gmxr & ~entry_i.gnx);
      default:          guest = 1'b1;
    endcase
  end

  assign grant_o = right & (user | bare) & ad & guest;

  assign unused_args = ^{rq_i, entry_i};

endmodule
