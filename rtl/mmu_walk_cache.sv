// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Walk caches: where walks of pages near by have found their tables.
// Twin: model/cycle/mmu_walk_cache.c. Rules: docs/microarchitecture.md, PWC.
//
// Cache k holds pointers found in level-k entries; the deepest hit, the lowest k, saves most reads.
// A row's data is the position of the entry that the pointer leads to.
module mmu_walk_cache #(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     lookup_i,        // key_i is to be looked up
  input  logic [mmu_pkg::KeyW-1:0] key_i,           // KEY-1 of the starting walk
  input  logic                     use_i,           // a new walk starts from the hit
  input  logic                     fill_i,          // a pointer was read
  input  logic [2:0]               fill_level_i,    // in an entry of this level
  input  mmu_pkg::row_t            fill_row_i,
  input  logic                     fence_accept_i,  // clock t of a fence
  input  mmu_pkg::fence_t          fence_i,         // with fence_accept_i, ASID masked
  output logic                     hit_o,           // same clock
  output logic [2:0]               level_o,         // k of the hit, else 0; same clock
  output mmu_pkg::pos_t            pos_o            // of the hit, else 0; same clock
);

  localparam int unsigned Levels = mmu_pkg::PwcLevels;

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
  assign fence      = fence_accept_i & ~fence_i.va_en;
  assign fence_key  = mmu_pkg::make_key(fence_i.asid, fence_i.va);
  assign fence_mask = {{mmu_pkg::AsidW{fence_i.asid_en}}, {mmu_pkg::KeyVaW{1'b0}}};

  for (genvar k = 1; k <= Levels; k++) begin : gen_cache
    localparam int unsigned Ways = mmu_cfg_pkg::cfg_pwc_ways(Cfg, k - 1);

    if (Ways > 0) begin : gen_on
      mmu_array #(
        .Sets   (1),
        .Ways   (Ways),
        .Policy (mmu_cfg_pkg::cfg_pwc_policy(Cfg, k - 1)),
        .ArrayId((mmu_pkg::LevelL2 + 1) * mmu_pkg::Arrays + k - 1)
      ) u_array (
        .clk_i,
        .rst_ni,
        .lookup_i       (lookup_i),
        .key_i          (key_i),
        .key_lg_i       (6'd0),
        .touch_i        (use_i & k_hit[k-1] & (level_o == 3'(k))),            // PWC-1
        .drop_i         (1'b0),
        .fill_i         (fill_i & (fill_level_i == 3'(k))),                   // PWC-2
        .fill_row_i,
        .fill_lg_i      (6'd0),
        .fence_i        (fence),
        .fence_key_i    (fence_key),
        .fence_mask_i   (fence_mask),
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
                         key_i, fence, fence_key, fence_mask};

endmodule
