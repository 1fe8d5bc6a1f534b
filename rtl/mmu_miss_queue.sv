// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Misses in flight of one port. Twin: model/cycle/mmu_miss_queue.c.
// Rules: docs/microarchitecture.md, MQ.
//
//               alloc          look_grant        l2_done, no hit      want_grant        walk_done
//     MissFree ──────► MissLook ──────► MissL2 ────────► MissWant ──────► MissWalk ──────► MissDone
//        ▲     without an L2: MissWant  │ │ l2_abort: MissLook                          ▲    │
//        │                              │ └──────────────────────────── l2_done, hit ───┘    │
//        └────────────────────────────── take_done, or kill from anywhere ───────────────────┘
//
// Outputs are functions of state and of the two selectors alone (MQ-9).
module mmu_miss_queue #(
  parameter int unsigned Entries = 2,      // misses in flight, 1 to 8
  parameter bit          HasL2   = 1'b1,
  parameter logic [mmu_pkg::RqW-1:0] KeepMask = '1   // bits of a request that this build has (REQ-1)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      alloc_i,         // a miss enters; never while full_o
  input  logic [mmu_pkg::IdW-1:0]   alloc_id_i,
  input  mmu_pkg::rq_t              alloc_rq_i,
  input  logic                      alloc_old_i,     // it is older than the running fence
  input  logic                      kill_i,          // all entries become free
  input  logic                      fence_mark_i,    // all entries become old
  input  logic [mmu_pkg::MissW-1:0] look_sel_i,      // entry that look_rq_o shows
  input  logic                      look_grant_i,    // its look-up starts in the L2
  input  logic                      l2_done_i,       // the L2 has looked up entry l2_sel_i
  input  logic                      l2_abort_i,      // the L2 gave up on entry l2_sel_i
  input  logic [mmu_pkg::MissW-1:0] l2_sel_i,
  input  logic                      l2_hit_i,        // with l2_done_i
  input  mmu_pkg::entry_t           l2_entry_i,      // with l2_hit_i
  input  logic [mmu_pkg::MissW-1:0] want_sel_i,      // entry that want_rq_o shows
  input  logic                      want_grant_i,    // its walk starts, or it joins one
  input  logic [mmu_pkg::SlotW-1:0] want_slot_i,     // with want_grant_i: that walk's slot
  input  logic                      walk_done_i,     // the walk in walk_slot_i is finished
  input  logic [mmu_pkg::SlotW-1:0] walk_slot_i,
  input  logic [2:0]                walk_fault_i,
  input  mmu_pkg::entry_t           walk_entry_i,
  input  logic                      take_done_i,     // the finished entry answers
  output logic                      full_o,
  output logic [Entries-1:0]        look_o,          // entries that want the L2
  output mmu_pkg::rq_t              look_rq_o,       // of look_sel_i, while some look_o
  output logic [Entries-1:0]        want_o,          // entries that want the walker
  output mmu_pkg::rq_t              want_rq_o,       // of want_sel_i, while some want_o
  output logic                      want_old_o,      // of want_sel_i: older than the running fence
  output logic                      done_o,          // an entry is finished; shown is the lowest
  output logic                      done_two_o,      // two or more are
  output logic [mmu_pkg::IdW-1:0]   done_id_o,
  output mmu_pkg::rq_t              done_rq_o,
  output logic [2:0]                done_fault_o,
  output mmu_pkg::entry_t           done_entry_o,
  output logic                      busy_o,          // some entry is in use
  output logic                      old_busy_o       // and older than the running fence
);

  localparam int unsigned EntryW = (Entries > 1) ? $clog2(Entries) : 1;

  if (Entries < 1 || Entries > 8) begin : gen_bad_entries
    $fatal(1, "mmu_miss_queue: Entries = %0d, must be 1 to 8", Entries);
  end

  typedef enum logic [2:0] {
    MissFree = 3'd0,
    MissLook = 3'd1,
    MissL2   = 3'd2,
    MissWant = 3'd3,
    MissWalk = 3'd4,
    MissDone = 3'd5
  } miss_st_e;

  logic [2:0]                 st_d    [Entries];
  logic [2:0]                 st_q    [Entries];   // miss_st_e
  logic                       old_q   [Entries];
  logic [mmu_pkg::IdW-1:0]    id_q    [Entries];
  logic [mmu_pkg::RqW-1:0]    rq_q    [Entries];   // rq_t
  logic [mmu_pkg::SlotW-1:0]  slot_q  [Entries];
  logic [2:0]                 fault_q [Entries];   // fault_e
  logic [mmu_pkg::EntryW-1:0] entry_q [Entries];   // entry_t

  // ---- what the entries want (MQ-1, MQ-5, MQ-8) ---------------------------------------------
  logic [EntryW-1:0]  alloc_sel;   // the lowest-numbered free entry
  logic [EntryW-1:0]  done_sel;    // the lowest-numbered finished entry
  logic [Entries-1:0] free, done, old_used;

  always_comb begin
    alloc_sel = '0;
    done_sel  = '0;
    for (int unsigned i = Entries; i > 0; i--) begin
      free[i-1]     = st_q[i-1] == MissFree;
      look_o[i-1]   = st_q[i-1] == MissLook;
      want_o[i-1]   = st_q[i-1] == MissWant;
      done[i-1]     = st_q[i-1] == MissDone;
      old_used[i-1] = st_q[i-1] != MissFree && old_q[i-1];
      if (free[i-1]) alloc_sel = EntryW'(i - 1);
      if (done[i-1]) done_sel  = EntryW'(i - 1);
    end
  end

  assign full_o     = free == '0;
  assign busy_o     = free != '1;
  assign old_busy_o = old_used != '0;
  assign done_o     = done != '0;
  assign done_two_o = (done & (done - Entries'(1))) != '0;

  // ---- what they show (MQ-5, MQ-9) ----------------------------------------------------------
  // Without a valid object they show any entry: to make wide records 0 costs a simulation more than to
  // copy them.
  assign look_rq_o    = rq_q[EntryW'(look_sel_i)];
  assign want_rq_o    = rq_q[EntryW'(want_sel_i)];
  assign want_old_o   = old_q[EntryW'(want_sel_i)];
  assign done_id_o    = id_q[done_sel];
  assign done_rq_o    = rq_q[done_sel];
  assign done_fault_o = fault_q[done_sel];
  assign done_entry_o = entry_q[done_sel];

  // ---- p_next -------------------------------------------------------------------------------
  logic [Entries-1:0] walked;   // entries whose walk is finished (MQ-4)

  always_comb begin
    walked = '0;
    if (walk_done_i) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        walked[i] = st_q[i] == MissWalk && slot_q[i] == walk_slot_i;
      end
    end
  end

  always_comb begin : p_next
    for (int unsigned i = 0; i < Entries; i++) begin
      st_d[i] = st_q[i];
      unique case (st_q[i])
        MissFree: begin                                                       // MQ-1
          if (alloc_i && alloc_sel == EntryW'(i)) st_d[i] = HasL2 ? MissLook : MissWant;
        end
        MissLook: begin                                                       // MQ-2
          if (look_grant_i && EntryW'(look_sel_i) == EntryW'(i)) st_d[i] = MissL2;
        end
        MissL2: begin                                                         // MQ-2
          if (EntryW'(l2_sel_i) == EntryW'(i)) begin
            if (l2_done_i) begin
              st_d[i] = l2_hit_i ? MissDone : MissWant;
            end else if (l2_abort_i) begin
              st_d[i] = MissLook;
            end
          end
        end
        MissWant: begin                                                       // MQ-3
          if (want_grant_i && EntryW'(want_sel_i) == EntryW'(i)) st_d[i] = MissWalk;
        end
        MissWalk: begin                                                       // MQ-4
          if (walked[i]) st_d[i] = MissDone;
        end
        MissDone: begin                                                       // MQ-5
          if (take_done_i && done_sel == EntryW'(i)) st_d[i] = MissFree;
        end
        default: st_d[i] = MissFree;
      endcase
      if (kill_i) st_d[i] = MissFree;                                         // MQ-7
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < Entries; i++) st_q[i] <= MissFree;
    end else begin
      for (int unsigned i = 0; i < Entries; i++) st_q[i] <= st_d[i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (alloc_i) begin
      id_q[alloc_sel] <= alloc_id_i;
      rq_q[alloc_sel] <= alloc_rq_i & KeepMask;
    end
    if (want_grant_i) slot_q[EntryW'(want_sel_i)] <= want_slot_i;
  end

  // MQ-6
  always_ff @(posedge clk_i) begin
    if (fence_mark_i) begin
      for (int unsigned i = 0; i < Entries; i++) old_q[i] <= 1'b1;
    end else if (alloc_i) begin
      old_q[alloc_sel] <= alloc_old_i;
    end
  end

  // MQ-2, MQ-4: the two concern different entries.
  always_ff @(posedge clk_i) begin
    if (l2_done_i && l2_hit_i) begin
      fault_q[EntryW'(l2_sel_i)] <= mmu_pkg::FaultNone;
      entry_q[EntryW'(l2_sel_i)] <= l2_entry_i;
    end
    for (int unsigned i = 0; i < Entries; i++) begin
      if (walked[i]) begin
        fault_q[i] <= walk_fault_i;
        entry_q[i] <= walk_entry_i;
      end
    end
  end

  logic unused_sel;
  assign unused_sel = ^{look_sel_i, want_sel_i, l2_sel_i};

endmodule
