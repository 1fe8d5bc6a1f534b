// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Set-associative array in memories, one a way, for the L2.
// Twin: model/cycle/mmu_row_array.c. Rules: docs/microarchitecture.md, ROW and KEY.
//
//     clock          n        n+1 ... until the next read
//     read_i         1
//     read_set_i     s
//     cmp_*_i                 compared with the rows of set s: hit_o, row_o; one of
//                             touch_i, drop_i, fill_i, scan_i may act on them
//
// While cmp_mask_i, cmp_spare_g_i, with Vm also cmp_vm_mask_i, are 0 nothing is compared. Without Vm a row is kept
// as {key, mask, data}.
module mmu_row_array #(
  parameter  int unsigned Sets    = 2,                        // a power of two
  parameter  int unsigned Ways    = 2,
  parameter  int unsigned Policy  = 0,                        // mmu_pkg::policy_e
  parameter  int unsigned ArrayId = 0,                        // its number, for the white-box check
  parameter  bit          Vm      = 1'b0,                     // rows keep and compare vm_t
  localparam int unsigned SetW    = (Sets > 1) ? $clog2(Sets) : 1,
  localparam int unsigned WayW    = (Ways > 1) ? $clog2(Ways) : 1
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        read_i,         // read_set_i can be compared from n + 1 on
  input  logic [SetW-1:0]             read_set_i,
  input  logic [mmu_pkg::KeyW-1:0]    cmp_key_i,
  input  logic [mmu_pkg::KeyW-1:0]    cmp_mask_i,     // which bits of cmp_key_i count
  input  logic [mmu_pkg::SpaceW-1:0]  cmp_vm_i,       // {bare, v, vmid}; only with Vm
  input  logic [mmu_pkg::SpaceW-1:0]  cmp_vm_mask_i,  // which bits of cmp_vm_i count
  input  logic                        cmp_spare_g_i,  // global rows do not match
  input  logic                        touch_i,        // the row that hit is used
  input  logic                        drop_i,         // the row that hit becomes invalid
  input  logic                        fill_i,         // fill_row_i is written; rows that match go
  input  mmu_pkg::row_t               fill_row_i,
  input  logic                        scan_i,         // rows that match become invalid
  input  logic                        clear_i,        // all rows become invalid
  output logic                        hit_o,          // same clock as cmp_*
  output mmu_pkg::row_t               row_o           // same clock; 0 without a hit
);

  localparam int unsigned Rows = Sets * Ways;
  // A row as it is kept: row_t, without its vm where that is always 0
  localparam int unsigned KeptW   = mmu_pkg::RowW - (Vm ? 0 : mmu_pkg::VmW);
  localparam int unsigned AtMask  = mmu_pkg::DataW;
  localparam int unsigned AtKey   = AtMask + mmu_pkg::KeyW;
  localparam int unsigned AtSpace = AtKey + mmu_pkg::KeyW;   // {bare, v, vmid}
  localparam int unsigned AtFlg   = AtSpace + mmu_pkg::SpaceW;
  localparam logic [mmu_pkg::KeyW-1:0] AsidMask =
      {{mmu_pkg::AsidW{1'b1}}, {mmu_pkg::KeyVaW{1'b0}}};

  if (Sets < 1 || (Sets & (Sets - 1)) != 0) begin : gen_bad_sets
    $fatal(1, "mmu_row_array: Sets = %0d, must be a power of two", Sets);
  end
  if (Ways < 1) begin : gen_bad_ways
    $fatal(1, "mmu_row_array: Ways = %0d, must be at least 1", Ways);
  end
  if (Policy > 4) begin : gen_bad_policy
    $fatal(1, "mmu_row_array: Policy = %0d, must be one of mmu_pkg::policy_e", Policy);
  end

  // KEY-7: what a fence compares of a row's mask; the row is a piece of its first stage's page
  function automatic logic [mmu_pkg::KeyW-1:0] fence_part(input logic [mmu_pkg::KeyW-1:0] mask,
                                                          input logic [5:0] flg);
    fence_part = mask & mmu_pkg::make_mask(flg, 1'b0);
  endfunction

  logic [Rows-1:0]               valid_q;      // row of (set, way) is number set*Ways + way
  logic [SetW-1:0]               rd_set_q;     // the set that was read
  logic [Ways-1:0]               rd_valid_q;   // its valid bits
  logic [Ways*KeptW-1:0]         rd_row_q;     // its rows; way 0 lowest

  // ---- memories (ROW-1, ARR-9) --------------------------------------------------------------
  logic            wr_en;
  logic [SetW-1:0] wr_set;
  logic [WayW-1:0] wr_way;

  assign wr_en  = fill_i & ~clear_i;
  assign wr_set = rd_set_q;

  for (genvar w = 0; w < Ways; w++) begin : gen_way
    logic [KeptW-1:0] mem [Sets];

    always_ff @(posedge clk_i) begin
      if (wr_en && wr_way == WayW'(w)) mem[wr_set] <= KeptW'(fill_row_i);
    end

    always_ff @(posedge clk_i) begin
      if (read_i) rd_row_q[w*KeptW +: KeptW] <= mem[read_set_i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rd_set_q   <= '0;
      rd_valid_q <= '0;
    end else if (read_i) begin
      rd_set_q   <= read_set_i;
      rd_valid_q <= valid_q[read_set_i*Ways +: Ways];
    end
  end

  // ---- compare (ROW-2) ----------------------------------------------------------------------
  logic [Ways-1:0] match;
  logic [WayW-1:0] hit_way;   // the lowest-numbered that matches

  if (Vm) begin : gen_vm
    always_comb begin
      match = '0;
      if (cmp_mask_i != '0 || cmp_vm_mask_i != '0 || cmp_spare_g_i) begin
        for (int unsigned w = 0; w < Ways; w++) begin
          match[w] =
              rd_valid_q[w] &&
              ((rd_row_q[w*KeptW + AtKey +: mmu_pkg::KeyW] ^ cmp_key_i) &
               fence_part(rd_row_q[w*KeptW + AtMask +: mmu_pkg::KeyW],
                          scan_i ? rd_row_q[w*KeptW + AtFlg +: 6] : 6'd9) & cmp_mask_i) == '0 &&
              ((rd_row_q[w*KeptW + AtSpace +: mmu_pkg::SpaceW] ^ cmp_vm_i) & cmp_vm_mask_i) == '0 &&
              !(cmp_spare_g_i &&
                (rd_row_q[w*KeptW + AtMask +: mmu_pkg::KeyW] & AsidMask) == '0);
        end
      end
    end
  end else begin : gen_no_vm
    logic unused_vm;
    assign unused_vm = ^{cmp_vm_i, cmp_vm_mask_i, fill_row_i};

    always_comb begin
      match = '0;
      if (cmp_mask_i != '0 || cmp_spare_g_i) begin
        for (int unsigned w = 0; w < Ways; w++) begin
          match[w] =
              rd_valid_q[w] &&
              ((rd_row_q[w*KeptW + AtKey +: mmu_pkg::KeyW] ^ cmp_key_i) &
               rd_row_q[w*KeptW + AtMask +: mmu_pkg::KeyW] & cmp_mask_i) == '0 &&
              !(cmp_spare_g_i &&
                (rd_row_q[w*KeptW + AtMask +: mmu_pkg::KeyW] & AsidMask) == '0);
        end
      end
    end
  end

  always_comb begin
    hit_way = '0;
    if (|match) begin
      for (int unsigned w = Ways; w > 0; w--) begin
        if (match[w-1]) hit_way = WayW'(w - 1);
      end
    end
  end

  assign hit_o = |match;

  always_comb begin
    row_o = '0;
    if (|match) row_o = mmu_pkg::RowW'(rd_row_q[hit_way*KeptW +: KeptW]);
  end

  // ---- fill (ROW-4): as ARR-4 ---------------------------------------------------------------
  logic [WayW-1:0] victim;
  logic            chose;

  always_comb begin
    wr_way = victim;
    chose  = 1'b1;
    if (fill_i) begin
      for (int unsigned w = Ways; w > 0; w--) begin
        if (!rd_valid_q[w-1] || match[w-1]) begin
          wr_way = WayW'(w - 1);
          chose  = 1'b0;
        end
      end
    end
  end

  // ---- valid bits (ROW-3..6) ----------------------------------------------------------------
  logic [Ways-1:0] set_valid_d;   // of rd_set_q

  always_comb begin
    set_valid_d = rd_valid_q;
    if (drop_i) set_valid_d[hit_way] = 1'b0;
    if (scan_i || fill_i) set_valid_d = set_valid_d & ~match;
    if (fill_i) set_valid_d[wr_way] = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else if (clear_i) begin
      valid_q <= '0;
    end else if (drop_i || scan_i || fill_i) begin
      valid_q[rd_set_q*Ways +: Ways] <= set_valid_d;
    end
  end

  // ---- replacement (ROW-3, ROW-4, ROW-6) ----------------------------------------------------
  logic touch;
  assign touch = touch_i & ~clear_i;

  if (Policy == 32'(mmu_pkg::PolicyFifo)) begin : gen_fifo
    mmu_fifo #(
      .Sets(Sets),
      .Ways(Ways)
    ) u_policy (
      .clk_i,
      .rst_ni,
      .touch_i     (touch),
      .touch_set_i (rd_set_q),
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
      .touch_set_i (rd_set_q),
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
      .touch_set_i (rd_set_q),
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
      .touch_set_i (rd_set_q),
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
      .touch_set_i (rd_set_q),
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
