// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Set-associative array in flops: L1 arrays and walk caches.
// Twin: model/cycle/mmu_array.c. Rules: docs/microarchitecture.md, ARR and KEY.
//
// Row of (set, way) is number set*Ways + way; a row holds a key, a mask of the bits that count, and
// data, and with Vm the virtual machine beside the key (KEY-5). A look-up answers in its own clock,
// from state as of the clock's beginning:
//
//     clock        n        n+1
//     fill_i       row A
//     lookup_i     A: miss  A: hit_o, data_o
module mmu_array #(
  parameter  int unsigned Sets    = 1,                        // a power of two
  parameter  int unsigned Ways    = 4,
  parameter  int unsigned Policy  = 0,                        // mmu_pkg::policy_e
  parameter  int unsigned ArrayId = 0,                        // its number, for the white-box check
  parameter  bit          Vm      = 1'b0,                     // rows keep and compare vm_t
  localparam int unsigned SetW    = (Sets > 1) ? $clog2(Sets) : 1,
  localparam int unsigned WayW    = (Ways > 1) ? $clog2(Ways) : 1
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        lookup_i,        // key_i is to be looked up
  input  logic [mmu_pkg::KeyW-1:0]    key_i,
  input  logic [mmu_pkg::SpaceW-1:0]  space_i,         // in this virtual machine; only with Vm
  input  logic [5:0]                  key_lg_i,        // in the set of a page of 2^key_lg_i bytes
  input  logic                        touch_i,         // the row that hit is used
  input  logic                        drop_i,          // the row that hit becomes invalid
  input  logic                        fill_i,          // a row is written
  input  mmu_pkg::row_t               fill_row_i,
  input  logic [5:0]                  fill_lg_i,       // to the set of a page of 2^fill_lg_i bytes
  input  logic                        fence_i,         // rows that it covers become invalid
  input  logic [mmu_pkg::KeyW-1:0]    fence_key_i,
  input  logic [mmu_pkg::KeyW-1:0]    fence_mask_i,
  input  logic [mmu_pkg::SpaceW-1:0]  fence_vm_i,      // only with Vm
  input  logic [mmu_pkg::SpaceW-1:0]  fence_vm_mask_i,
  input  logic                        fence_spare_g_i, // but not global rows
  output logic                        hit_o,           // same clock
  output logic [mmu_pkg::DataW-1:0]   data_o           // same clock; 0 without a hit
);

  localparam int unsigned Rows = Sets * Ways;
  localparam int unsigned RowW = (Rows > 1) ? $clog2(Rows) : 1;
  localparam int unsigned VmW  = mmu_pkg::VmW;
  localparam int unsigned SpaceW = mmu_pkg::SpaceW;   // flg above the space (KEY-5)
  localparam logic [mmu_pkg::KeyW-1:0] AsidMask =
      {{mmu_pkg::AsidW{1'b1}}, {mmu_pkg::KeyVaW{1'b0}}};

  if (Sets < 1 || (Sets & (Sets - 1)) != 0) begin : gen_bad_sets
    $fatal(1, "mmu_array: Sets = %0d, must be a power of two", Sets);
  end
  if (Ways < 1) begin : gen_bad_ways
    $fatal(1, "mmu_array: Ways = %0d, must be at least 1", Ways);
  end
  if (Policy > 4) begin : gen_bad_policy
    $fatal(1, "mmu_array: Policy = %0d, must be one of mmu_pkg::policy_e", Policy);
  end

  logic [Rows-1:0]           valid_d, valid_q;
  logic [mmu_pkg::KeyW-1:0]  key_q  [Rows];
  logic [mmu_pkg::KeyW-1:0]  mask_q [Rows];
  logic [mmu_pkg::DataW-1:0] data_q [Rows];
  logic [mmu_pkg::VmW-1:0]   vm_q   [Rows];   // vm_t; without Vm always 0

  logic [mmu_pkg::VmW-1:0] fill_vm;
  assign fill_vm = fill_row_i.vm;

  // KEY-7: what a fence compares of a row's mask; the row is a piece of its first stage's page
  function automatic logic [mmu_pkg::KeyW-1:0] fence_part(input logic [mmu_pkg::KeyW-1:0] mask,
                                                          input logic [5:0] flg);
    fence_part = Vm ? mask & mmu_pkg::make_mask(flg, 1'b0) : mask;
  endfunction

  // ---- sets (KEY-4) -------------------------------------------------------------------------
  logic [SetW-1:0] set;
  logic [SetW-1:0] wr_set;

  if (Sets > 1) begin : gen_sets
    assign set    = SetW'(key_i[mmu_pkg::KeyVaW-1:0] >> (key_lg_i - 6'(mmu_pkg::PpnLg)));
    assign wr_set = SetW'(fill_row_i.key[mmu_pkg::KeyVaW-1:0] >> (fill_lg_i - 6'(mmu_pkg::PpnLg)));
  end else begin : gen_one_set
    logic unused_lg;
    assign unused_lg = ^{key_lg_i, fill_lg_i};
    assign set    = '0;
    assign wr_set = '0;
  end

  // ---- look-up (ARR-1) ----------------------------------------------------------------------
  logic [Ways-1:0] match;
  logic [WayW-1:0] hit_way;

  always_comb begin
    match = '0;
    if (lookup_i) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        match[w] = valid_q[RowW'(set * Ways + w)] &&
                   ((key_q[RowW'(set * Ways + w)] ^ key_i) & mask_q[RowW'(set * Ways + w)]) == '0 &&
                   (!Vm || vm_q[RowW'(set * Ways + w)][SpaceW-1:0] == space_i);
      end
    end
  end

  // At most one way matches (ARR-4), so that OR encodes.
  always_comb begin
    hit_way = '0;
    if (|match) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        if (match[w]) hit_way = hit_way | WayW'(w);
      end
    end
  end

  assign hit_o  = |match;
  assign data_o = hit_o ? data_q[RowW'(set * Ways + 32'(hit_way))] : '0;

  // ---- write port (ARR-4, ARR-6, ARR-9) -----------------------------------------------------
  logic            wr_en;
  logic [WayW-1:0] wr_way;
  logic            chose;
  logic [WayW-1:0] victim;
  logic [Ways-1:0] overlap;   // ways of wr_set that the new row overlaps

  assign wr_en = fill_i & ~fence_i;

  always_comb begin
    overlap = '0;
    if (fill_i) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        overlap[w] = valid_q[RowW'(wr_set * Ways + w)] &&
                     ((key_q[RowW'(wr_set * Ways + w)] ^ fill_row_i.key) &
                      mask_q[RowW'(wr_set * Ways + w)] & fill_row_i.mask) == '0 &&
                     (!Vm || vm_q[RowW'(wr_set * Ways + w)][SpaceW-1:0] == fill_vm[SpaceW-1:0]);
      end
    end
  end

  // ARR-4, ARR-7: the lowest-numbered way that is free, or is so by the overlap; a row that is
  // dropped in this clock is not free yet.
  always_comb begin
    wr_way = victim;
    chose  = 1'b1;
    if (fill_i) begin
      for (int unsigned w = Ways; w > 0; w--) begin
        if (!valid_q[RowW'(wr_set * Ways + w - 1)] || overlap[w-1]) begin
          wr_way = WayW'(w - 1);
          chose  = 1'b0;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (wr_en) begin
      key_q[RowW'(wr_set * Ways + 32'(wr_way))]  <= fill_row_i.key;
      mask_q[RowW'(wr_set * Ways + 32'(wr_way))] <= fill_row_i.mask;
      data_q[RowW'(wr_set * Ways + 32'(wr_way))] <= fill_row_i.data;
    end
  end

  if (Vm) begin : gen_vm
    always_ff @(posedge clk_i) begin
      if (wr_en) vm_q[RowW'(wr_set * Ways + 32'(wr_way))] <= fill_vm;
    end
  end else begin : gen_no_vm
    logic unused_vm;
    assign unused_vm = ^{fill_vm, space_i, fence_vm_i, fence_vm_mask_i};
    for (genvar r = 0; r < Rows; r++) begin : gen_row
      assign vm_q[r] = '0;
    end
  end

  // ---- valid bits: fence (ARR-5), drop (ARR-3), then fill, which wins (ARR-7) ---------------
  always_comb begin
    valid_d = valid_q;
    if (fence_i) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        if (((key_q[r] ^ fence_key_i) & fence_mask_i &
             fence_part(mask_q[r], vm_q[r][VmW-1:SpaceW])) == '0 &&
            (!Vm || ((vm_q[r][SpaceW-1:0] ^ fence_vm_i) & fence_vm_mask_i) == '0) &&
            !(fence_spare_g_i && (mask_q[r] & AsidMask) == '0)) begin
          valid_d[r] = 1'b0;
        end
      end
    end
    if (drop_i) valid_d[RowW'(set * Ways + 32'(hit_way))] = 1'b0;
    if (wr_en) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        if (overlap[w]) valid_d[RowW'(wr_set * Ways + w)] = 1'b0;
      end
      valid_d[RowW'(wr_set * Ways + 32'(wr_way))] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else if (fence_i || drop_i || wr_en) begin
      valid_q <= valid_d;
    end
  end

  // ---- replacement (ARR-2, ARR-6, ARR-8) ----------------------------------------------------
  logic touch;
  assign touch = touch_i & ~fence_i;

  if (Policy == 32'(mmu_pkg::PolicyFifo)) begin : gen_fifo
    mmu_fifo #(
      .Sets(Sets),
      .Ways(Ways)
    ) u_policy (
      .clk_i,
      .rst_ni,
      .touch_i     (touch),
      .touch_set_i (set),
      .touch_way_i (hit_way),
      .fill_i      (wr_en),
      .fill_set_i  (wr_set),
      .fill_way_i  (wr_way),
      .chose_i     (chose),
      .victim_set_i(wr_set),
      .victim_o    (victim)
    );
  end else if (Policy == 32'(mmu_pkg::PolicyLru)) begin : gen_lru
    mmu_lru #(
      .Sets(Sets),
      .Ways(Ways)
    ) u_policy (
      .clk_i,
      .rst_ni,
      .touch_i     (touch),
      .touch_set_i (set),
      .touch_way_i (hit_way),
      .fill_i      (wr_en),
      .fill_set_i  (wr_set),
      .fill_way_i  (wr_way),
      .chose_i     (chose),
      .victim_set_i(wr_set),
      .victim_o    (victim)
    );
  end else if (Policy == 32'(mmu_pkg::PolicyNru)) begin : gen_nru
    mmu_nru #(
      .Sets(Sets),
      .Ways(Ways)
    ) u_policy (
      .clk_i,
      .rst_ni,
      .touch_i     (touch),
      .touch_set_i (set),
      .touch_way_i (hit_way),
      .fill_i      (wr_en),
      .fill_set_i  (wr_set),
      .fill_way_i  (wr_way),
      .chose_i     (chose),
      .victim_set_i(wr_set),
      .victim_o    (victim)
    );
  end else if (Policy == 32'(mmu_pkg::PolicyRandom)) begin : gen_random
    mmu_lfsr #(
      .Sets(Sets),
      .Ways(Ways)
    ) u_policy (
      .clk_i,
      .rst_ni,
      .touch_i     (touch),
      .touch_set_i (set),
      .touch_way_i (hit_way),
      .fill_i      (wr_en),
      .fill_set_i  (wr_set),
      .fill_way_i  (wr_way),
      .chose_i     (chose),
      .victim_set_i(wr_set),
      .victim_o    (victim)
    );
  end else begin : gen_plru
    mmu_plru #(
      .Sets(Sets),
      .Ways(Ways)
    ) u_policy (
      .clk_i,
      .rst_ni,
      .touch_i     (touch),
      .touch_set_i (set),
      .touch_way_i (hit_way),
      .fill_i      (wr_en),
      .fill_set_i  (wr_set),
      .fill_way_i  (wr_way),
      .chose_i     (chose),
      .victim_set_i(wr_set),
      .victim_o    (victim)
    );
  end

endmodule
