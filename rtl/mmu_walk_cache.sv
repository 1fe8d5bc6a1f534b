// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Walk caches: where walks of pages near by have found their tables.
// Twin: model/cycle/mmu_walk_cache.c. Rules: docs/microarchitecture.md, PWC.
//
// Cache k holds pointers found in level-k entries; the deepest hit, the lowest k, saves most reads.
// A row's data is the position of the entry that the pointer leads to. Those of the first stage are
// found by VA (KEY-1, KEY-5), those of the G stage by guest physical address (KEY-6).
module mmu_walk_cache #(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg   = mmu_cfg_pkg::CfgDefault,
  parameter int unsigned                  Stage = 0    // 0 the first stage's, 1 the G stage's
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     lookup_i,        // key_i is to be looked up
  input  logic [mmu_pkg::KeyW-1:0] key_i,           // of the starting walk (PWC-1)
  input  logic [mmu_pkg::SpaceW-1:0] space_i,       // KEY-5 of the starting walk; only Stage 0
  input  logic                     use_i,           // a new walk starts from the hit
  input  logic                     fill_i,          // a pointer was read
  input  logic [2:0]               fill_level_i,    // in an entry of this level
  input  mmu_pkg::row_t            fill_row_i,
  input  logic                     fence_accept_i,  // clock t of a fence
  input  mmu_pkg::fence_t          fence_i,         // with fence_accept_i, masked
  output logic                     hit_o,           // same clock
  output logic [2:0]               level_o,         // k of the hit, else 0; same clock
  output mmu_pkg::pos_t            pos_o            // of the hit, else 0; same clock
);

  localparam int unsigned Levels  = mmu_pkg::PwcLevels;
  localparam bit          Vm      = Stage == 0 && mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0;
  // Of the G stage's caches, behind the first stage's
  localparam int unsigned FirstId = (mmu_pkg::LevelL2 + 1) * mmu_pkg::Arrays + Stage * Levels;

  if (Stage > 1) begin : gen_bad_stage
    $fatal(1, "mmu_walk_cache: Stage = %0d, must be 0 or 1", Stage);
  end

  logic [Levels-1:0]                k_hit;    // bit k-1: cache k
  logic [Levels*mmu_pkg::DataW-1:0] k_data;
  logic                             fence;
  logic [mmu_pkg::KeyW-1:0]         fence_key;
  logic [mmu_pkg::KeyW-1:0]         fence_mask;

  // PWC-1
  assign hit_o = k_hit != '0;

  always_comb begin
    level_o = '0;
    pos_o   = '0;
    for (int unsigned k = Levels; k > 0; k--) begin
      if (k_hit[k-1]) begin
        level_o = 3'(k);
        pos_o   = k_data[(k-1)*mmu_pkg::DataW +: mmu_pkg::DataW];
      end
    end
  end

  // PWC-3
  logic [mmu_pkg::SpaceW-1:0] fence_vm;
  logic [mmu_pkg::SpaceW-1:0] fence_vm_mask;

  if (Stage == 0) begin : gen_fence
    if (Vm) begin : gen_vm
      assign fence         = fence_accept_i & (~fence_i.va_en | (fence_i.kind == mmu_pkg::FenceG) |
                                               (fence_i.kind == mmu_pkg::FenceX));
      assign fence_mask    = mmu_pkg::fence_key_mask(fence_i) &
                             {{mmu_pkg::AsidW{1'b1}}, {mmu_pkg::KeyVaW{1'b0}}};
      assign fence_vm      = mmu_pkg::fence_space(fence_i);
      assign fence_vm_mask = mmu_pkg::fence_space_mask(fence_i);
    end else begin : gen_no_vm
      assign fence         = fence_accept_i & (~fence_i.va_en | (fence_i.kind == mmu_pkg::FenceX));
      assign fence_mask    = {{mmu_pkg::AsidW{fence_i.asid_en}}, {mmu_pkg::KeyVaW{1'b0}}};
      assign fence_vm      = '0;
      assign fence_vm_mask = '0;
    end
    assign fence_key  = mmu_pkg::make_key(fence_i.asid, fence_i.va);
  end else begin : gen_gfence
    assign fence         = fence_accept_i & ~fence_i.va_en & (fence_i.kind == mmu_pkg::FenceG);
    assign fence_key     = mmu_pkg::make_gkey(fence_i.vmid, fence_i.va);
    assign fence_mask    = {{mmu_pkg::VmidW{fence_i.vmid_en}},
                            {(mmu_pkg::KeyW - mmu_pkg::VmidW){1'b0}}};
    assign fence_vm      = '0;
    assign fence_vm_mask = '0;
  end

  for (genvar k = 1; k <= Levels; k++) begin : gen_cache
    localparam int unsigned Ways   = (Stage == 0) ? mmu_cfg_pkg::cfg_pwc_ways(Cfg, k - 1)
                                                  : mmu_cfg_pkg::cfg_gpwc_ways(Cfg, k - 1);
    localparam int unsigned Policy = (Stage == 0) ? mmu_cfg_pkg::cfg_pwc_policy(Cfg, k - 1)
                                                  : mmu_cfg_pkg::cfg_gpwc_policy(Cfg, k - 1);

    if (Ways > 0) begin : gen_on
      mmu_array #(
        .Sets   (1),
        .Ways   (Ways),
        .Policy (Policy),
        .ArrayId(FirstId + k - 1),
        .Vm     (Vm)
      ) u_array (
        .clk_i,
        .rst_ni,
        .lookup_i       (lookup_i),
        .key_i          (key_i),
        .space_i        (space_i),
        .key_lg_i       (6'd0),
        .touch_i        (use_i & k_hit[k-1] & (level_o == 3'(k))),            // PWC-1
        .drop_i         (1'b0),
        .fill_i         (fill_i & ~fence_accept_i & (fill_level_i == 3'(k))), // PWC-2
        .fill_row_i,
        .fill_lg_i      (6'd0),
        .fence_i        (fence),
        .fence_key_i    (fence_key),
        .fence_mask_i   (fence_mask),
        .fence_vm_i     (fence_vm),
        .fence_vm_mask_i(fence_vm_mask),
        .fence_spare_g_i(1'b0),
        .hit_o          (k_hit[k-1]),
        .data_o         (k_data[(k-1)*mmu_pkg::DataW +: mmu_pkg::DataW])
      );
    end else begin : gen_off
      assign k_hit[k-1] = 1'b0;
      assign k_data[(k-1)*mmu_pkg::DataW +: mmu_pkg::DataW] = '0;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{fence_i, use_i, fill_level_i, clk_i, rst_ni, fill_i, fill_row_i, lookup_i,
                         key_i, space_i, fence, fence_key, fence_mask, fence_vm, fence_vm_mask};

endmodule
