// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Paging format x86: may this access use a page with these rights? Combinational.
// Twin: model/arch/format/x86.c. Rules: docs/microarchitecture.md, X86-7.
module mmu_x86_rights (
  input  mmu_pkg::rq_t rq_i,
  input  logic         us_i,      // U/S, ANDed over the levels
  input  logic         rw_i,      // R/W, ANDed over the levels
  input  logic         nx_i,      // NX, ORed over the levels; counts only while EFER.NXE
  output logic         grant_o
);

  logic user, fetch, store;
  logic wp, smep, smap, ac;
  logic bad_fetch, bad_owner, bad_write;
  logic unused_args;

  assign user  = rq_i.prv == mmu_pkg::PrivU;
  assign fetch = rq_i.acc == mmu_pkg::AccFetch;
  assign store = rq_i.acc == mmu_pkg::AccStore || rq_i.acc == mmu_pkg::AccAppend;
  assign {ac, smap, smep, wp} = rq_i.ctx.flags;

  assign bad_fetch = fetch & nx_i;
  assign bad_owner = user ? ~us_i : us_i & (fetch ? smep : smap & ~ac);
  assign bad_write = store & ~rw_i & (user | wp);
  assign grant_o   = ~(bad_fetch | bad_owner | bad_write);

  assign unused_args = ^rq_i;

endmodule
