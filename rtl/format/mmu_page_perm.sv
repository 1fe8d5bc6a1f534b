// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Classical formats: may this access use this held entry? Combinational.
// Twin: model/arch/format/classic.h. Rules: docs/microarchitecture.md, CLS-2.
module mmu_page_perm (
  input  mmu_pkg::rq_t    rq_i,
  input  mmu_pkg::entry_t entry_i,
  output logic            grant_o
);

  logic right;
  logic store;
  logic unused_args;

  mmu_page_rights u_rights (
    .rq_i,
    .u_i    (entry_i.u),
    .r_i    (entry_i.r),
    .w_i    (entry_i.w),
    .x_i    (entry_i.x),
    .grant_o(right)
  );

  assign store   = rq_i.acc == mmu_pkg::AccStore || rq_i.acc == mmu_pkg::AccAppend;
  assign grant_o = right & entry_i.a & (entry_i.d | ~store);

  assign unused_args = ^entry_i;

endmodule
