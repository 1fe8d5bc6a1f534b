// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Replacement by tree-PLRU. Twin: model/cycle/mmu_plru.c. Rules: docs/microarchitecture.md, REPL.
//
// A set's tree for 4 ways; a node says where the victim is, 0 lower, 1 upper half:
//
//              node 0                tree_q of the set = {node 2, node 1, node 0}
//             0/    \1               victim of 3'b100: node 0 = 0, then node 1 = 0: way 0
//         node 1    node 2           touch of way 0: nodes 0 and 1 become 1: 3'b111
//         0/  \1    0/  \1           then the victim is way 3
//     way 0   1      2   3
module mmu_plru #(
  parameter  int unsigned Sets = 1,
  parameter  int unsigned Ways = 4,                           // a power of two
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

  if (Ways < 1 || (Ways & (Ways - 1)) != 0) begin : gen_bad_ways
    $fatal(1, "mmu_plru: Ways = %0d, must be a power of two", Ways);
  end

  logic unused_chose;
  assign unused_chose = chose_i;

  if (Ways == 1) begin : gen_one
    // REPL-2: with one way there is no state.
    logic unused_one;
    assign unused_one = ^{clk_i, rst_ni, touch_i, touch_set_i, touch_way_i, fill_i, fill_set_i,
                          fill_way_i, victim_set_i};
    assign victim_o = '0;
  end else begin : gen_tree
    localparam int unsigned Nodes = Ways - 1;
    localparam int unsigned NodeW = (Nodes > 1) ? $clog2(Nodes) : 1;

    logic [Sets*Nodes-1:0] tree_q;   // set s has bits s*Nodes and up
    logic [Nodes-1:0]      tree_d;   // of upd_set
    logic                  upd;
    logic [SetW-1:0]       upd_set;
    logic [WayW-1:0]       upd_way;
    logic [Nodes-1:0]      victim_tree;

    // REPL-1
    assign upd     = fill_i | touch_i;
    assign upd_set = fill_i ? fill_set_i : touch_set_i;
    assign upd_way = fill_i ? fill_way_i : touch_way_i;

    // REPL-2: on level l, the path to upd_way passes the node 2^l - 1 + (its upper l bits).
    always_comb begin
      tree_d = '0;
      if (upd) begin
        tree_d = tree_q[upd_set*Nodes +: Nodes];
        for (int unsigned l = 0; l < WayW; l++) begin
          tree_d[NodeW'((32'd1 << l) - 1 + (32'(upd_way) >> (WayW - l)))] = ~upd_way[WayW-1-l];
        end
      end
    end

    // REPL-2: from the root down, each node gives one bit of the victim.
    assign victim_tree = tree_q[victim_set_i*Nodes +: Nodes];
    always_comb begin
      victim_o = '0;
      for (int unsigned l = 0; l < WayW; l++) begin
        victim_o[WayW-1-l] =
            victim_tree[NodeW'((32'd1 << l) - 1 + (32'(victim_o) >> (WayW - l)))];
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        tree_q <= '0;
      end else if (upd) begin
        tree_q[upd_set*Nodes +: Nodes] <= tree_d;
      end
    end
  end

endmodule
