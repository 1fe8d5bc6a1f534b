// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv, G stage: where the entry at a position stands in memory. Combinational.
// Twin: mmu_riscv_gaddr in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, GST-3.
module mmu_riscv_gaddr (
  input  mmu_pkg::rq_t            rq_i,
  input  logic [mmu_pkg::VaW-1:0] gpa_i,
  input  mmu_pkg::pos_t           gpos_i,
  output logic [mmu_pkg::PaW-1:0] addr_o,
  output logic                    wide_o    // 1: an entry of 8 bytes, 0: of 4
);

  mmu_pkg::rq_t            rq;
  logic [mmu_pkg::PaW-1:0] addr;   // as in a table of 4 KiB
  logic [1:0]              quarter;   // of the root table, else 0

  mmu_riscv_gaccess u_access (
    .rq_i,
    .what_i(mmu_pkg::GEntry),
    .gpa_i,
    .rq_o  (rq)
  );

  mmu_riscv_addr u_addr (
    .rq_i  (rq),
    .pos_i (gpos_i),
    .addr_o(addr),
    .wide_o
  );

  always_comb begin
    quarter = '0;
    case (rq_i.ctx.gmode)
      mmu_pkg::ModeSv32: if (gpos_i.level == 3'd1) quarter = gpa_i[33:32];
      mmu_pkg::ModeSv39: if (gpos_i.level == 3'd2) quarter = gpa_i[40:39];
      mmu_pkg::ModeSv48: if (gpos_i.level == 3'd3) quarter = gpa_i[49:48];
      default:           if (gpos_i.level == 3'd4) quarter = gpa_i[58:57];
    endcase
  end

  // The root table is aligned to its 16 KiB.
  assign addr_o = addr | {42'd0, quarter, 12'd0};

endmodule
