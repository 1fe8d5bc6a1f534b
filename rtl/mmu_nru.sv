// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Replacement of a way not recently used. Twin: model/cycle/mmu_nru.c.
// Rules: docs/microarchitecture.md, REPL. Same ports as mmu_plru.
//
//     4 ways, used_q 4'b0101: victim 1. A touch of way 1: 4'b0111, victim 3. A fill of way 3 would set
//     all: 4'b1000, victim 0.
module mmu_nru #(
  parameter  int unsigned Sets = 1,
  parameter  int unsigned Ways = 4,
  localparam int unsigned SetW = (Sets > 1) ? $clog2(Sets) : 1,
  localparam int unsigned WayW = (Ways > 1) ? $clog2(Ways) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            touch_i,       // a way was used
  input  logic [SetW-1:0] touch_set_i,
  input  logic [WayW-1:0] touch_way_i,
  input  logic            fill_i,        // a way was filled; beats touch_i (REPL-1)
  input  logic [SetW-1:0] fill_set_i,
  input  logic [WayW-1:0] fill_way_i,
  input  logic            chose_i,       // the filled way was the victim; of no matter here
  input  logic [SetW-1:0] victim_set_i,
  output logic [WayW-1:0] victim_o       // of victim_set_i; same clock, from state
);

  if (Ways < 1) begin : gen_bad_ways
    $fatal(1, "mmu_nru: Ways = %0d, must be at least 1", Ways);
  end

  // Ways whose number has bit b set
  function automatic logic [Ways-1:0] ways_with(input int unsigned b);
    for (int unsigned w = 0; w < Ways; w++) ways_with[w] = ((w >> b) & 32'd1) == 32'd1;
  endfunction

  logic [Sets*Ways-1:0] used_q;       // set s has bits s*Ways and up

  logic [Ways-1:0] used_d;            // of upd_set
  logic [Ways-1:0] upd_one;           // one-hot: the way touched or filled
  logic [Ways-1:0] upd_all;           // with its bit set
  logic [Ways-1:0] victim_used;
  logic [Ways-1:0] is_victim;         // one-hot, or none
  logic            upd;
  logic [SetW-1:0] upd_set;

  logic unused_chose;
  assign unused_chose = chose_i;

  // REPL-1, REPL-6
  assign upd     = fill_i | touch_i;
  assign upd_set = fill_i ? fill_set_i : touch_set_i;
  assign upd_one = Ways'(1) << (fill_i ? fill_way_i : touch_way_i);
  assign upd_all = used_q[upd_set*Ways +: Ways] | upd_one;
  assign used_d  = (upd_all == '1) ? upd_one : upd_all;

  // REPL-6: the lowest bit that is 0
  assign victim_used = used_q[victim_set_i*Ways +: Ways];
  assign is_victim   = ~victim_used & (victim_used + Ways'(1));

  for (genvar b = 0; b < WayW; b++) begin : gen_victim
    assign victim_o[b] = |(is_victim & ways_with(b));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      used_q <= '0;
    end else if (upd) begin
      used_q[upd_set*Ways +: Ways] <= used_d;
    end
  end

endmodule
