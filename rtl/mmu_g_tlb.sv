// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The G stage's TLB: leaves of the G stage, of any size, for the walks.
// Twin: model/cycle/mmu_g_tlb.c. Rules: docs/microarchitecture.md, GTLB.
//
// Keys are guest physical addresses in a virtual machine (KEY-6). It serves what a walk reads and
// where it ends; requests hit in L1 and L2, which hold both stages' translation combined.
module mmu_g_tlb #(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     lookup_i,        // key_i is to be looked up
  input  logic [mmu_pkg::KeyW-1:0] key_i,           // KEY-6
  input  logic                     touch_i,         // the row that hit is used
  input  logic                     drop_i,          // the row that hit becomes invalid
  input  logic                     fill_i,          // a leaf was read
  input  mmu_pkg::row_t            fill_row_i,
  input  logic                     fence_accept_i,  // clock t of a fence
  input  mmu_pkg::fence_t          fence_i,         // with fence_accept_i, masked
  output logic                     hit_o,           // same clock
  output mmu_pkg::entry_t          entry_o          // of the hit, else 0; same clock
);

  localparam int unsigned Ways   = mmu_cfg_pkg::cfg_gtlb_ways(Cfg);
  localparam int unsigned GpaKeyW = mmu_pkg::KeyW - mmu_pkg::VmidW;

  if (Ways > 0) begin : gen_on
    logic [mmu_pkg::KeyW-1:0] fence_mask;   // GTLB-3

    assign fence_mask = {{mmu_pkg::VmidW{fence_i.vmid_en}}, {GpaKeyW{fence_i.va_en}}};

    mmu_array #(
      .Sets   (1),
      .Ways   (Ways),
      .Policy (mmu_cfg_pkg::cfg_gtlb_policy(Cfg)),
      .ArrayId((mmu_pkg::LevelL2 + 1) * mmu_pkg::Arrays + 2 * mmu_pkg::PwcLevels)
    ) u_array (
      .clk_i,
      .rst_ni,
      .lookup_i,
      .key_i,
      .space_i        ('0),
      .key_lg_i       (6'd0),
      .touch_i,
      .drop_i,
      .fill_i         (fill_i & ~fence_accept_i),                              // GTLB-2
      .fill_row_i,
      .fill_lg_i      (6'd0),
      .fence_i        (fence_accept_i & (fence_i.kind == mmu_pkg::FenceG)),    // GTLB-3
      .fence_key_i    (mmu_pkg::make_gkey(fence_i.vmid, fence_i.va)),
      .fence_mask_i   (fence_mask),
      .fence_vm_i     ('0),
      .fence_vm_mask_i('0),
      .fence_spare_g_i(1'b0),
      .hit_o,
      .data_o         (entry_o)
    );
  end else begin : gen_off
    assign hit_o   = 1'b0;
    assign entry_o = '0;
  end

  logic unused_bits;
  assign unused_bits = ^{clk_i, rst_ni, lookup_i, key_i, touch_i, drop_i, fill_i, fill_row_i,
                         fence_accept_i, fence_i};

endmodule
