// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: where the entry at a position stands in memory. Combinational.
// Twin: mmu_riscv_addr in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, FMT-1, FMT-4.
module mmu_riscv_addr (
  input  mmu_pkg::rq_t            rq_i,
  input  mmu_pkg::pos_t           pos_i,
  output logic [mmu_pkg::PaW-1:0] addr_o,
  output logic                    wide_o    // 1: an entry of 8 bytes, 0: of 4
);

  logic [11:0] offset;   // of the entry in its table
  logic        unused_args;

  assign wide_o = rq_i.ctx.mode != mmu_pkg::ModeSv32;

  always_comb begin
    if (rq_i.ctx.mode == mmu_pkg::ModeSv32) begin
      offset = {(pos_i.level == 3'd0) ? rq_i.va[21:12] : rq_i.va[31:22], 2'd0};
    end else begin
      case (pos_i.level)
        3'd0:    offset = {rq_i.va[20:12], 3'd0};
        3'd1:    offset = {rq_i.va[29:21], 3'd0};
        3'd2:    offset = {rq_i.va[38:30], 3'd0};
        3'd3:    offset = {rq_i.va[47:39], 3'd0};
        default: offset = {rq_i.va[56:48], 3'd0};
      endcase
    end
  end

  // Tables have 4 KiB: the base has zeros where the offset stands.
  assign addr_o = {pos_i.ppn, 9'd0} | {44'd0, offset};

  assign unused_args = ^{rq_i, pos_i};

endmodule
