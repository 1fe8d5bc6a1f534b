// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Classical formats with a table: how a translation starts. Combinational.
// Twin: model/arch/format/classic.h. Rules: docs/microarchitecture.md, FRM-2, "Classical formats".
module mmu_classic_start (
  input  mmu_pkg::rq_t rq_i,
  input  logic         outside_i,   // the table has no such row
  output logic [1:0]   kind_o,      // mmu_pkg::start_e
  output logic [2:0]   fault_o      // mmu_pkg::fault_e, with StartFault, else 0
);

  logic unused_args;

  always_comb begin
    kind_o  = mmu_pkg::StartWalk;
    fault_o = mmu_pkg::FaultNone;
    if (rq_i.prv == mmu_pkg::PrivM || rq_i.ctx.mode == mmu_pkg::ModeBare) begin
      kind_o = mmu_pkg::StartBare;
      if (rq_i.va[63:mmu_pkg::PaW] != '0) begin
        kind_o  = mmu_pkg::StartFault;
        fault_o = mmu_pkg::FaultAccess;
      end
    end else if (rq_i.va[63:32] != '0 || outside_i) begin
      kind_o  = mmu_pkg::StartFault;
      fault_o = mmu_pkg::FaultLimit;
    end
  end

  assign unused_args = ^rq_i;

endmodule
