// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format riscv, with the ports of every format (mmu_format.sv). Combinational.
// Twin: model/arch/format/riscv.c. Rules: docs/microarchitecture.md, FMT, FRM.
module mmu_riscv #(
  parameter bit Hypervisor = 1'b1     // 0: nobody sets ctx.v (REQ-1)
) (
  input  mmu_pkg::rq_t               rq_i,
  input  mmu_pkg::slow_t             slow_i,
  input  mmu_pkg::pos_t              pos_i,
  input  logic [63:0]                word_i,
  input  mmu_pkg::entry_t            entry_i,
  input  logic [2:0]                 fault_i,
  output mmu_pkg::start_e            start_kind_o,
  output logic [2:0]                 start_fault_o,
  output logic [mmu_pkg::PaW-1:0]    start_base_o,
  output mmu_pkg::pos_t              start_pos_o,
  output logic [mmu_pkg::PaW-1:0]    addr_o,
  output logic                       wide_o,
  output mmu_pkg::step_e             step_kind_o,
  output logic [2:0]                 step_fault_o,
  output logic [5:0]                 step_lg_o,
  output mmu_pkg::pos_t              step_pos_o,
  output mmu_pkg::entry_t            step_entry_o,
  output logic [63:0]                step_new_o,
  output logic                       grant_o,
  output logic [mmu_pkg::PaW-1:0]    pa_o,
  output logic [5:0]                 cause_o,
  output logic [5:0]                 merge_lg_o
);

  /*verilator inline_module*/   // as mmu_format

  assign start_base_o = '0;                                                   // FMT-2
  assign pa_o         = {entry_i.ppn, 9'd0} |                                 // FMT-15
                        (rq_i.va[mmu_pkg::PaW-1:0] & ~({mmu_pkg::PaW{1'b1}} << entry_i.lg));
  assign merge_lg_o   = 6'd12;                                                // FRM-10

  mmu_riscv_start #(
    .Hypervisor(Hypervisor)
  ) u_start (
    .rq_i,
    .slow_i,
    .kind_o (start_kind_o),
    .fault_o(start_fault_o),
    .pos_o  (start_pos_o)
  );

  mmu_riscv_addr u_addr (
    .rq_i,
    .pos_i,
    .addr_o,
    .wide_o
  );

  mmu_riscv_step u_step (
    .rq_i,
    .slow_i,
    .pos_i,
    .word_i,
    .kind_o    (step_kind_o),
    .fault_o   (step_fault_o),
    .lg_o      (step_lg_o),
    .pos_o     (step_pos_o),
    .entry_o   (step_entry_o),
    .new_word_o(step_new_o)
  );

  mmu_riscv_perm u_perm (
    .rq_i,
    .entry_i,
    .grant_o
  );

  mmu_riscv_cause u_cause (
    .fault_i,
    .acc_i  (rq_i.acc),
    .cause_o
  );

endmodule
