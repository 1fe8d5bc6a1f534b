// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv, G stage: may a guest physical address be used so by this entry? Combinational.
// Twin: mmu_riscv_gperm in model/arch/format/riscv.c. Rules: docs/microarchitecture.md, GST-5.
module mmu_riscv_gperm (
  input  mmu_pkg::rq_t    rq_i,
  input  logic [1:0]      what_i,   // mmu_pkg::g_what_e
  input  mmu_pkg::entry_t entry_i,  // of the G stage
  output logic            grant_o
);

  mmu_pkg::rq_t rq;

  mmu_riscv_gaccess u_access (
    .rq_i,
    .what_i,
    .gpa_i('0),        // a right does not depend on it
    .rq_o (rq)
  );

  mmu_riscv_perm u_perm (
    .rq_i   (rq),
    .entry_i,
    .grant_o
  );

endmodule
