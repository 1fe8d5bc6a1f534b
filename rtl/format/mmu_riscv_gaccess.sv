// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv, G stage: what reads a guest physical address, as a request of a single stage.
// Combinational. Rules: docs/microarchitecture.md, GST-1, GST-4.
//
// The G stage is a stage as the first, seen so: its virtual address is the guest physical one, its
// mode is hgatp's, its accesses are those of user mode (an entry needs U), and executable pages are
// read by sstatus.MXR for the request's own access only. So it has no code of its own for entries.
module mmu_riscv_gaccess (
  input  mmu_pkg::rq_t            rq_i,
  input  logic [1:0]              what_i,   // mmu_pkg::g_what_e
  input  logic [mmu_pkg::VaW-1:0] gpa_i,
  output mmu_pkg::rq_t            rq_o
);

  logic unused_args;

  always_comb begin
    rq_o          = '0;
    rq_o.va       = gpa_i;
    rq_o.prv      = mmu_pkg::PrivU;
    rq_o.ctx.mode = rq_i.ctx.gmode;
    case (what_i)
      mmu_pkg::GFinal: begin
        rq_o.acc     = rq_i.acc;
        rq_o.ctx.mxr = rq_i.ctx.gmxr;
      end
      mmu_pkg::GUpdate: rq_o.acc = mmu_pkg::AccStore;
      default:          rq_o.acc = mmu_pkg::AccLoad;
    endcase
  end

  assign unused_args = ^rq_i;

endmodule
