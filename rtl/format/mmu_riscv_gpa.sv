// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv: the guest physical address that a walk has come to. Combinational.
// Rules: docs/microarchitecture.md, WALK-14; FMT-4, FMT-15, COMB-2.
module mmu_riscv_gpa (
  input  mmu_pkg::rq_t            rq_i,
  input  logic [1:0]              what_i,   // mmu_pkg::g_what_e
  input  mmu_pkg::pos_t           pos_i,    // GEntry, GUpdate: of the first stage's entry
  input  mmu_pkg::entry_t         entry_i,  // GFinal: the first stage's leaf
  output logic [mmu_pkg::VaW-1:0] gpa_o,
  output logic [mmu_pkg::KeyW-1:0] key_o    // KEY-6
);

  logic [mmu_pkg::PaW-1:0] addr;
  logic                    unused_wide;
  logic                    unused_args;

  mmu_riscv_addr u_addr (
    .rq_i,
    .pos_i,
    .addr_o(addr),
    .wide_o(unused_wide)
  );

  always_comb begin
    gpa_o = {8'd0, addr};
    if (what_i == mmu_pkg::GFinal) begin
      gpa_o = (rq_i.ctx.mode == mmu_pkg::ModeBare) ? rq_i.va
            : {8'd0, {entry_i.ppn, 9'd0} |
                     (rq_i.va[mmu_pkg::PaW-1:0] & ~({mmu_pkg::PaW{1'b1}} << entry_i.lg))};
    end
  end

  assign key_o = mmu_pkg::make_gkey(rq_i.ctx.vmid, gpa_o);

  assign unused_args = ^{rq_i, entry_i};

endmodule
