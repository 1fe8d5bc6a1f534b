// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Classical formats: the number of a fault. Combinational.
// Twin: model/arch/format/classic.h. Rules: docs/microarchitecture.md, "Classical formats".
module mmu_classic_cause (
  input  mmu_pkg::rq_t rq_i,
  input  logic [2:0]   fault_i,     // mmu_pkg::fault_e
  output logic [5:0]   cause_o      // 0 without a fault
);

  logic [1:0] acc;
  logic [2:0] kind;
  logic       unused_args;

  always_comb begin
    case (rq_i.acc)
      mmu_pkg::AccFetch:                   acc = 2'd0;
      mmu_pkg::AccLoad, mmu_pkg::AccLoadX: acc = 2'd1;
      default:                             acc = 2'd2;
    endcase
    case (fault_i)
      mmu_pkg::FaultPage:   kind = 3'd1;
      mmu_pkg::FaultProt:   kind = 3'd2;
      mmu_pkg::FaultRsvd:   kind = 3'd3;
      mmu_pkg::FaultLimit:  kind = 3'd4;
      mmu_pkg::FaultTable:  kind = 3'd5;
      mmu_pkg::FaultAccess: kind = 3'd6;
      default:              kind = 3'd0;
    endcase
  end

  assign cause_o = (kind == 3'd0) ? '0 : {rq_i.prv == mmu_pkg::PrivU, acc, kind};

  assign unused_args = ^rq_i;

endmodule
