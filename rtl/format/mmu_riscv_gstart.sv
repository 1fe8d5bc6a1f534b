// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv, G stage: how the translation of a guest physical address starts. Combinational.
// Twin: mmu_riscv_gstart in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, GST-1, GST-2.
module mmu_riscv_gstart (
  input  mmu_pkg::rq_t            rq_i,
  input  logic [mmu_pkg::VaW-1:0] gpa_i,
  output logic                    fault_o,   // FaultGuest: the mode has no such address
  output mmu_pkg::pos_t           gpos_o     // without fault_o: the root entry, else 0
);

  logic       high;   // bits above the mode's are set
  logic [2:0] top;    // level of the root entry
  logic       unused_args;

  always_comb begin
    case (rq_i.ctx.gmode)
      mmu_pkg::ModeSv32: begin
        high = gpa_i[63:34] != '0;
        top  = 3'd1;
      end
      mmu_pkg::ModeSv39: begin
        high = gpa_i[63:41] != '0;
        top  = 3'd2;
      end
      mmu_pkg::ModeSv48: begin
        high = gpa_i[63:50] != '0;
        top  = 3'd3;
      end
      default: begin  // Sv57x4
        high = gpa_i[63:59] != '0;
        top  = 3'd4;
      end
    endcase
  end

  assign fault_o = high;

  always_comb begin
    gpos_o = '0;
    if (!high) begin
      gpos_o.level = top;
      gpos_o.ppn   = {rq_i.ctx.groot[43:2], 5'd0};   // the root table has 16 KiB
    end
  end

  assign unused_args = ^{rq_i, gpa_i};

endmodule
