// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: the number of a fault. Combinational.
// Twin: mmu_riscv_cause in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, FMT-14.
module mmu_riscv_cause (
  input  logic [2:0] fault_i,   // mmu_pkg::fault_e
  input  logic [2:0] acc_i,     // mmu_pkg::acc_e
  output logic [5:0] cause_o    // 0 without a fault
);

  always_comb begin
    cause_o = 6'd0;
    if (fault_i == mmu_pkg::FaultPage) begin
      case (acc_i)
        mmu_pkg::AccFetch:                   cause_o = 6'd12;
        mmu_pkg::AccLoad, mmu_pkg::AccLoadX: cause_o = 6'd13;
        default:                             cause_o = 6'd15;
      endcase
    end else if (fault_i == mmu_pkg::FaultAccess) begin
      case (acc_i)
        mmu_pkg::AccFetch:                   cause_o = 6'd1;
        mmu_pkg::AccLoad, mmu_pkg::AccLoadX: cause_o = 6'd5;
        default:                             cause_o = 6'd7;
      endcase
    end else if (fault_i == mmu_pkg::FaultGuest) begin
      case (acc_i)
        mmu_pkg::AccFetch:                   cause_o = 6'd20;
        mmu_pkg::AccLoad, mmu_pkg::AccLoadX: cause_o = 6'd21;
        default:                             cause_o = 6'd23;
      endcase
    end
  end

endmodule
