// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Replacement of the least recently used way. Twin: model/cycle/mmu_lru.c.
// Rules: docs/microarchitecture.md, REPL. Same ports as mmu_plru.
//
//     4 ways, way 0 lowest       rank_q of the set     victim, the way of rank 3
//     after reset                3 2 1 0               way 3
//     after a touch of way 2     3 0 2 1               way 3
//     after a fill of way 3      0 1 3 2               way 1
module mmu_lru #(
  parameter  int unsigned Sets = 1,
  parameter  int unsigned Ways = 4,                           // 1 to 16
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

  if (Ways < 1 || Ways > 16) begin : gen_bad_ways
    $fatal(1, "mmu_lru: Ways = %0d, must be 1 to 16", Ways);
  end

  // REPL-5: after reset the rank of a way is its number.
  function automatic logic [Ways*4-1:0] first_ranks();
    first_ranks = '0;
    for (int unsigned w = 0; w < Ways; w++) first_ranks[w*4 +: 4] = 4'(w);
  endfunction

  // Ways whose number has bit b set
  function automatic logic [Ways-1:0] ways_with(input int unsigned b);
    for (int unsigned w = 0; w < Ways; w++) ways_with[w] = ((w >> b) & 32'd1) == 32'd1;
  endfunction

  localparam logic [Ways*4-1:0] FirstRanks = first_ranks();

  // Set s has bits s*Ways*4 and up: 4 bits a way, way 0 lowest; 0 is the most recently used.
  logic [Sets*Ways*4-1:0] rank_q;

  logic [Ways*4-1:0] rank_d;          // of upd_set
  logic [Ways*4-1:0] upd_rank, victim_rank;
  logic [Ways-1:0]   is_victim;
  logic [3:0]        own;             // rank of upd_way before
  logic              upd;
  logic [SetW-1:0]   upd_set;
  logic [WayW-1:0]   upd_way;

  logic unused_chose;
  assign unused_chose = chose_i;

  // REPL-1; a way that has rank 0 already leaves all as it is.
  assign upd_set  = fill_i ? fill_set_i : touch_set_i;
  assign upd_way  = fill_i ? fill_way_i : touch_way_i;
  assign upd_rank = rank_q[upd_set*(Ways*4) +: Ways*4];
  assign own      = upd_rank[upd_way*4 +: 4];
  assign upd      = (fill_i | touch_i) & (own != '0);

  // REPL-5
  always_comb begin
    rank_d = '0;
    if (upd) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        rank_d[w*4 +: 4] = upd_rank[w*4 +: 4] + {3'd0, upd_rank[w*4 +: 4] < own};
      end
      rank_d[upd_way*4 +: 4] = '0;
    end
  end

  assign victim_rank = rank_q[victim_set_i*(Ways*4) +: Ways*4];

  for (genvar w = 0; w < Ways; w++) begin : gen_way
    assign is_victim[w] = victim_rank[w*4 +: 4] == 4'(Ways - 1);
  end
  for (genvar b = 0; b < WayW; b++) begin : gen_victim
    assign victim_o[b] = |(is_victim & ways_with(b));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rank_q <= {Sets{FirstRanks}};
    end else if (upd) begin
      rank_q[upd_set*(Ways*4) +: Ways*4] <= rank_d;
    end
  end

endmodule
