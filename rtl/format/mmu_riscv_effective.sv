// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What an access of a RISC-V hart brings to the MMU: its effective privilege, access and context.
// Combinational; stands between a hart and `mmu`, and is no part of that.
// Twin: mmu_riscv_effective in model/arch/format. Rules: docs/microarchitecture.md, EFF.
module mmu_riscv_effective (
  input  mmu_pkg::hart_t hart_i,
  input  logic [2:0]     op_i,    // mmu_pkg::hart_op_e
  output logic [1:0]     prv_o,   // priv_e, effective
  output logic [2:0]     acc_o,   // acc_e
  output mmu_pkg::ctx_t  ctx_o
);

  logic v;

  // EFF-1
  always_comb begin
    prv_o = hart_i.prv;
    v     = hart_i.v;
    unique case (op_i)
      mmu_pkg::HartLoad, mmu_pkg::HartStore: begin
        if (hart_i.mprv) begin
          prv_o = hart_i.mpp;
          v     = hart_i.mpv;
        end
      end
      mmu_pkg::HartHlv, mmu_pkg::HartHlvx, mmu_pkg::HartHsv: begin
        prv_o = hart_i.spvp ? mmu_pkg::PrivS : mmu_pkg::PrivU;
        v     = 1'b1;
      end
      default: ;
    endcase
    if (prv_o == mmu_pkg::PrivM) v = 1'b0;
  end

  // EFF-2
  always_comb begin
    ctx_o      = '0;
    ctx_o.mode = hart_i.mode;
    ctx_o.asid = hart_i.asid;
    ctx_o.root = hart_i.root;
    ctx_o.sum  = hart_i.sum;
    ctx_o.mxr  = hart_i.mxr;
    if (v) begin
      ctx_o.v     = 1'b1;
      ctx_o.gmxr  = hart_i.mxr;
      ctx_o.gmode = hart_i.gmode;
      ctx_o.vmid  = hart_i.vmid;
      ctx_o.groot = hart_i.groot;
      ctx_o.mode  = hart_i.vmode;
      ctx_o.asid  = hart_i.vasid;
      ctx_o.root  = hart_i.vroot;
      ctx_o.sum   = hart_i.vsum;
      ctx_o.mxr   = hart_i.vmxr | hart_i.mxr;
    end
  end

  // EFF-3
  always_comb begin
    unique case (op_i)
      mmu_pkg::HartFetch:                 acc_o = mmu_pkg::AccFetch;
      mmu_pkg::HartStore, mmu_pkg::HartHsv: acc_o = mmu_pkg::AccStore;
      mmu_pkg::HartHlvx:                  acc_o = mmu_pkg::AccLoadX;
      default:                          acc_o = mmu_pkg::AccLoad;
    endcase
  end

endmodule
