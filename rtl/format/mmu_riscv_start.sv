// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: how a translation starts. Combinational.
// Twin: mmu_riscv_start in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, FMT-1..4, FMT-16.
module mmu_riscv_start #(
  parameter bit Hypervisor = 1'b1     // 0: nobody sets ctx.v (REQ-1)
) (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::slow_t  slow_i,    // of no matter to this format
  output mmu_pkg::start_e kind_o,
  output logic [2:0]      fault_o,   // mmu_pkg::fault_e, with StartFault, else 0
  output mmu_pkg::pos_t   pos_o      // with StartWalk: the root entry (first stage bare: 0), else 0
);

  logic       canonical;   // the VA bits above the mode's are all equal
  logic [2:0] top;         // level of the root entry
  logic       gstage;      // there is a G stage
  logic       gfault;      // and it does not take the VA (GST-2)
  logic       unused_args;

  if (Hypervisor) begin : gen_g
    mmu_pkg::pos_t unused_gpos;

    assign gstage = rq_i.ctx.v & (rq_i.ctx.gmode != mmu_pkg::ModeBare);

    mmu_riscv_gstart u_gstart (
      .rq_i,
      .gpa_i  (rq_i.va),
      .fault_o(gfault),
      .gpos_o (unused_gpos)
    );
  end else begin : gen_no_g
    assign gstage = 1'b0;
    assign gfault = 1'b0;
  end

  // FMT-3; Sv32 has no such bits.
  always_comb begin
    case (rq_i.ctx.mode)
      mmu_pkg::ModeSv32: begin
        canonical = 1'b1;
        top       = 3'd1;
      end
      mmu_pkg::ModeSv39: begin
        canonical = (rq_i.va[63:38] == '0) || (rq_i.va[63:38] == '1);
        top       = 3'd2;
      end
      mmu_pkg::ModeSv48: begin
        canonical = (rq_i.va[63:47] == '0) || (rq_i.va[63:47] == '1);
        top       = 3'd3;
      end
      default: begin  // Sv57
        canonical = (rq_i.va[63:56] == '0) || (rq_i.va[63:56] == '1);
        top       = 3'd4;
      end
    endcase
  end

  always_comb begin
    kind_o  = mmu_pkg::StartWalk;
    fault_o = mmu_pkg::FaultNone;
    pos_o   = '0;
    if (rq_i.prv == mmu_pkg::PrivM || (rq_i.ctx.mode == mmu_pkg::ModeBare && !gstage)) begin
      kind_o = mmu_pkg::StartBare;                                            // FMT-2
      if (rq_i.va[63:mmu_pkg::PaW] != '0) begin
        kind_o  = mmu_pkg::StartFault;
        fault_o = mmu_pkg::FaultAccess;
      end
    end else if (rq_i.ctx.mode == mmu_pkg::ModeBare) begin                    // FMT-16
      if (gfault) begin
        kind_o  = mmu_pkg::StartFault;
        fault_o = mmu_pkg::FaultGuest;
      end
    end else if (!canonical) begin                                            // FMT-3
      kind_o  = mmu_pkg::StartFault;
      fault_o = mmu_pkg::FaultPage;
    end else begin                                                            // FMT-4
      pos_o.level = top;
      pos_o.ppn   = {rq_i.ctx.root, 3'd0};
    end
  end

  assign unused_args = ^{rq_i, slow_i};

endmodule
