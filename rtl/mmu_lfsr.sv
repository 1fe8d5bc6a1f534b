// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Replacement at random. Twin: model/cycle/mmu_lfsr.c. Rules: docs/microarchitecture.md, REPL.
// Same ports as mmu_plru; one register for all sets.
//
//     4 ways, lfsr 16'hACE1: victim 2, its upper two bits. A fill that chose it moves lfsr to 16'hE270
//     (shifted right, and 16'hB400 by XOR for the 1 shifted out): victim 3.
module mmu_lfsr #(
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
  output logic [WayW-1:0] victim_o       // of every set; same clock, from state
);

  if (Ways < 1) begin : gen_bad_ways
    $fatal(1, "mmu_lfsr: Ways = %0d, must be at least 1", Ways);
  end

  logic [15:0] lfsr_d, lfsr_q;
  logic [31:0] scaled;

  logic unused_args;
  assign unused_args = ^{touch_i, touch_set_i, touch_way_i, fill_set_i, fill_way_i, victim_set_i, scaled};

  // REPL-7
  assign lfsr_d   = {1'b0, lfsr_q[15:1]} ^ (lfsr_q[0] ? 16'hB400 : 16'h0000);
  assign scaled   = {16'd0, lfsr_q} * Ways;
  assign victim_o = scaled[16 +: WayW];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      lfsr_q <= 16'hACE1;
    end else if (fill_i && chose_i) begin
      lfsr_q <= lfsr_d;
    end
  end

endmodule
