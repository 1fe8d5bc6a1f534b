// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Replacement first in, first out. Twin: model/cycle/mmu_fifo.c. Rules: docs/microarchitecture.md,
// REPL. Same ports as mmu_plru.
//
//     3 ways, ptr 2: victim 2; a fill that chose it moves ptr to 0. A fill of an invalid way, which
//     the policy did not choose, leaves ptr where it is.
module mmu_fifo #(
  parameter  int unsigned Sets = 1,
  parameter  int unsigned Ways = 4,
  localparam int unsigned SetW = (Sets > 1) ? $clog2(Sets) : 1,
  localparam int unsigned WayW = (Ways > 1) ? $clog2(Ways) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            touch_i,       // of no matter here
  input  logic [SetW-1:0] touch_set_i,
  input  logic [WayW-1:0] touch_way_i,
  input  logic            fill_i,        // a way was filled
  input  logic [SetW-1:0] fill_set_i,
  input  logic [WayW-1:0] fill_way_i,
  input  logic            chose_i,       // the filled way was the victim
  input  logic [SetW-1:0] victim_set_i,
  output logic [WayW-1:0] victim_o       // of victim_set_i; same clock, from state
);

  if (Ways < 1) begin : gen_bad_ways
    $fatal(1, "mmu_fifo: Ways = %0d, must be at least 1", Ways);
  end

  logic [Sets*WayW-1:0] ptr_q;   // set s has bits s*WayW and up
  logic [WayW-1:0]      ptr_d;   // of fill_set_i
  logic [WayW-1:0]      ptr_fill;

  logic unused_touch;
  assign unused_touch = ^{touch_i, touch_set_i, touch_way_i, fill_way_i};

  // REPL-3
  assign victim_o = ptr_q[victim_set_i*WayW +: WayW];
  assign ptr_fill = ptr_q[fill_set_i*WayW +: WayW];
  assign ptr_d    = (ptr_fill == WayW'(Ways - 1)) ? '0 : ptr_fill + WayW'(1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ptr_q <= '0;
    end else if (fill_i && chose_i) begin
      ptr_q[fill_set_i*WayW +: WayW] <= ptr_d;
    end
  end

endmodule
