// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Page-table walker, several walks in flight. Twin: model/cycle/mmu_walker.c.
// Rules: docs/microarchitecture.md, WALK; the format's are FMT.
//
//     clock           w        w+1      w+2       w+3      w+4       w+5      w+6       w+7
//     start_i         1
//     st_q of slot    WalkIdle WalkReq  WalkWait  WalkReq  WalkWait  WalkReq  WalkWait  WalkDone
//     mreq_o                   level 2            level 1            level 0
//     mrsp_i                            pointer            pointer            leaf
//     done_o                                                                            1
//
// Sv39, memory that answers in the next clock (WALK-10). A leaf that lacks A or D goes by
// WalkCasReq and WalkCasWait first. Every slot is in a state of its own; at most one slot starts,
// one is taken (or denied) at the walk port, one has a response and one completes in a clock, and
// these are different slots.
module mmu_walker #(
  parameter  logic [mmu_cfg_pkg::CfgW-1:0] Cfg     = mmu_cfg_pkg::CfgDefault,
  // PMP ranges at the port: one that does not matter where there is no PMP
  localparam int unsigned                  Entries = (mmu_cfg_pkg::cfg_pmp_entries(Cfg) > 0) ?
                                                     mmu_cfg_pkg::cfg_pmp_entries(Cfg) : 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  mmu_pkg::slow_t                slow_i,
  input  logic                          fence_accept_i,  // clock t of a fence
  input  mmu_pkg::fence_t               fence_i,         // with fence_accept_i, ASID masked
  input  logic                          start_i,         // a miss wants a walk
  input  mmu_pkg::rq_t                  start_rq_i,
  input  logic                          start_old_i,     // it is older than the running fence
  input  logic                          start_port_i,
  input  logic                          fill_ready_i,    // the L2 can take a fill; from state
  input  logic                          mreq_ready_i,    // walk port: mreq_o is taken
  input  mmu_pkg::mrsp_t                mrsp_i,          // walk port: a response
  input  logic [Entries*mmu_pkg::PmpRangeW-1:0] ranges_i,  // pmp_range_t an entry
  output logic                          start_grant_o,   // it has one: same clock
  output logic [mmu_pkg::SlotW-1:0]     start_slot_o,    // in this slot, else 0
  output logic                          start_merge_o,   // a walk that was there already
  output logic                          done_o,          // a walk completes
  output logic [mmu_pkg::SlotW-1:0]     done_slot_o,     // done_*: 0 without done_o
  output logic                          done_port_o,
  output logic [2:0]                    done_fault_o,    // mmu_pkg::fault_e
  output mmu_pkg::entry_t               done_entry_o,    // 0 with a fault
  output logic                          done_fill_o,     // done_row_o is to be kept
  output mmu_pkg::row_t                 done_row_o,      // 0 without done_fill_o
  output mmu_pkg::mreq_t                mreq_o,          // walk port: a request; from state
  output logic                          busy_o,          // from state
  output logic                          ev_restart_o,
  output logic [mmu_pkg::PwcLevels-1:0] ev_pwc_o,        // bit k-1: a walk starts from cache k
  output logic                          ev_cas_fail_o
);

  localparam int unsigned Slots = mmu_cfg_pkg::cfg_walks(Cfg);
  localparam int unsigned IdxW  = (Slots > 1) ? $clog2(Slots) : 1;

  if (Slots < 1 || Slots > 8) begin : gen_bad_slots
    $fatal(1, "mmu_walker: walks = %0d, must be 1 to 8", Slots);
  end

  typedef enum logic [2:0] {
    WalkIdle    = 3'd0,
    WalkReq     = 3'd1,
    WalkWait    = 3'd2,
    WalkCasReq  = 3'd3,
    WalkCasWait = 3'd4,
    WalkDone    = 3'd5
  } walk_st_e;

  logic                       lock_valid_d, lock_valid_q;   // lock_slot's offer stays till taken
  logic [IdxW-1:0]            lock_slot_q;
  logic [2:0]                 st_q      [Slots];   // walk_st_e
  logic                       redo_q    [Slots];   // starts again when the read under way is back
  logic                       nofill_q  [Slots];   // answers its waiters, but fills nothing
  logic                       port_q    [Slots];
  logic [mmu_pkg::RqW-1:0]    rq_q      [Slots];   // rq_t
  logic [mmu_pkg::PosW-1:0]   pos_q     [Slots];   // pos_t, of the entry that is read or written
  logic [2:0]                 fault_q   [Slots];   // fault_e
  logic [mmu_pkg::EntryW-1:0] entry_q   [Slots];   // entry_t
  logic [63:0]                cas_old_q [Slots];
  logic [63:0]                cas_new_q [Slots];

  // ---- start (WALK-1, WALK-2) ---------------------------------------------------------------
  // What a request must share with a walk to join it: all of rq_t but size and VA[11:0].
  localparam logic [mmu_pkg::RqW-1:0] MergeMask =
      {{52{1'b1}}, 12'd0, 3'b111, 3'b000, 2'b11, {66{1'b1}}};

  logic            free_any, merge_any;
  logic [IdxW-1:0] free_slot, merge_slot;
  logic            start_new;
  logic            pwc_hit;
  logic [2:0]      pwc_level;
  mmu_pkg::pos_t   pwc_pos;
  mmu_pkg::start_e unused_start_kind;
  logic [2:0]      unused_start_fault;
  mmu_pkg::pos_t   start_root;

  always_comb begin
    free_any  = 1'b0;
    free_slot = '0;
    merge_any  = 1'b0;
    merge_slot = '0;
    if (start_i) begin
      for (int unsigned s = Slots; s > 0; s--) begin
        if (st_q[s-1] == WalkIdle) begin
          free_any  = 1'b1;
          free_slot = IdxW'(s - 1);
        end else if (st_q[s-1] != WalkDone && !nofill_q[s-1] && port_q[s-1] == start_port_i &&
                     ((rq_q[s-1] ^ start_rq_i) & MergeMask) == '0) begin
          merge_any  = 1'b1;
          merge_slot = IdxW'(s - 1);
        end
      end
    end
  end

  assign start_merge_o = merge_any & ~fence_accept_i;
  assign start_new     = free_any & ~merge_any & ~fence_accept_i;
  assign start_grant_o = start_merge_o | start_new;
  assign start_slot_o  = start_merge_o ? mmu_pkg::SlotW'(merge_slot)
                       : start_new ? mmu_pkg::SlotW'(free_slot) : '0;

  mmu_riscv_start u_start (
    .rq_i   (start_rq_i),
    .slow_i,
    .kind_o (unused_start_kind),
    .fault_o(unused_start_fault),
    .pos_o  (start_root)
  );

  // ---- walk port (WALK-3) -------------------------------------------------------------------
  logic                    offer_any;
  logic [IdxW-1:0]         offer_slot;
  logic                    denied;        // by physical protection: not offered (WALK-12)
  logic                    deny_restart;  // and the walk starts again at deny_root
  mmu_pkg::pos_t           deny_root;
  logic                    taken;
  logic [2:0]              offer_st;
  mmu_pkg::rq_t            offer_rq;
  mmu_pkg::pos_t           offer_pos;
  logic [mmu_pkg::PaW-1:0] offer_addr;
  logic                    offer_wide;

  always_comb begin
    offer_any  = lock_valid_q;
    offer_slot = lock_slot_q;
    if (!lock_valid_q) begin
      offer_slot = '0;
      for (int unsigned s = Slots; s > 0; s--) begin
        if (st_q[s-1] == WalkReq || st_q[s-1] == WalkCasReq) begin
          offer_any  = 1'b1;
          offer_slot = IdxW'(s - 1);
        end
      end
    end
  end

  always_comb begin
    offer_st  = WalkIdle;
    offer_rq  = '0;
    offer_pos = '0;
    if (offer_any) begin
      offer_st  = st_q[offer_slot];
      offer_rq  = rq_q[offer_slot];
      offer_pos = pos_q[offer_slot];
    end
  end

  mmu_riscv_addr u_addr (
    .rq_i  (offer_rq),
    .pos_i (offer_pos),
    .addr_o(offer_addr),
    .wide_o(offer_wide)
  );

  if (mmu_cfg_pkg::cfg_pmp_entries(Cfg) > 0) begin : gen_pmp                  // WALK-12
    logic            allow;
    logic [2:0]      acc;
    mmu_pkg::start_e unused_deny_kind;
    logic [2:0]      unused_deny_fault;

    always_comb begin
      acc = '1;
      if (offer_any) acc = (offer_st == WalkCasReq) ? mmu_pkg::AccStore : mmu_pkg::AccLoad;
    end

    mmu_pmp_check #(
      .Entries(Entries)
    ) u_pmp (
      .ranges_i,
      .pa_i    (offer_addr),
      .acc_i   (acc),
      .size_i  (offer_wide ? 3'd3 : 3'd2),
      .prv_i   (mmu_pkg::PrivS),
      .allow_o (allow)
    );

    mmu_riscv_start u_start (
      .rq_i   (offer_rq),
      .slow_i,
      .kind_o (unused_deny_kind),
      .fault_o(unused_deny_fault),
      .pos_o  (deny_root)
    );

    assign denied       = offer_any & ~allow;
    assign deny_restart = denied & (offer_st == WalkReq) & (redo_q[offer_slot] | fence_accept_i);
  end else begin : gen_no_pmp
    logic unused_ranges;
    assign unused_ranges = ^ranges_i;
    assign denied        = 1'b0;
    assign deny_restart  = 1'b0;
    assign deny_root     = '0;
  end

  always_comb begin
    mreq_o = '0;
    if (offer_any && !denied) begin
      mreq_o.valid = 1'b1;
      mreq_o.id    = mmu_pkg::SlotW'(offer_slot);
      mreq_o.op    = mmu_pkg::MemRead;
      mreq_o.wide  = offer_wide;
      mreq_o.addr  = offer_addr;
      if (offer_st == WalkCasReq) begin
        mreq_o.op       = mmu_pkg::MemCas;
        mreq_o.old_word = cas_old_q[offer_slot];
        mreq_o.new_word = cas_new_q[offer_slot];
      end
    end
  end

  assign taken        = offer_any & ~denied & mreq_ready_i;
  assign lock_valid_d = offer_any & ~denied & ~mreq_ready_i;

  // ---- responses (WALK-4..7) ----------------------------------------------------------------
  logic            rsp_any;       // for a slot that there is
  logic [IdxW-1:0] rsp_slot;
  logic            rsp_read;      // of a read
  logic            rsp_cas;       // of a compare-and-swap
  mmu_pkg::rq_t    rsp_rq;
  mmu_pkg::pos_t   rsp_pos;
  mmu_pkg::pos_t   rsp_root;
  logic            cas_same;      // the compare-and-swap has happened
  logic            restart;
  logic            step;          // what step_* say is the outcome

  assign rsp_any  = mrsp_i.valid & (32'(mrsp_i.id) < Slots);
  assign rsp_slot = IdxW'(mrsp_i.id);
  assign rsp_read = rsp_any && st_q[rsp_slot] == WalkWait;
  assign rsp_cas  = rsp_any && st_q[rsp_slot] == WalkCasWait;
  assign cas_same = mrsp_i.data == cas_old_q[rsp_slot];

  assign ev_cas_fail_o = rsp_cas & ~mrsp_i.err & ~cas_same;                   // WALK-7
  assign restart = (rsp_read & (redo_q[rsp_slot] | fence_accept_i)) |         // WALK-5
                   (ev_cas_fail_o & (nofill_q[rsp_slot] | fence_accept_i));   // WALK-7
  assign step    = ((rsp_read & ~mrsp_i.err) | ev_cas_fail_o) & ~restart;     // WALK-6, WALK-7
  assign ev_restart_o = restart | deny_restart;

  always_comb begin
    rsp_rq  = '0;
    rsp_pos = '0;
    if (rsp_any) begin
      rsp_rq  = rq_q[rsp_slot];
      rsp_pos = pos_q[rsp_slot];
    end
  end

  mmu_pkg::start_e unused_root_kind;
  logic [2:0]      unused_root_fault;

  mmu_riscv_start u_root (
    .rq_i   (rsp_rq),
    .slow_i,
    .kind_o (unused_root_kind),
    .fault_o(unused_root_fault),
    .pos_o  (rsp_root)
  );

  mmu_pkg::step_e  step_kind;
  logic [2:0]      step_fault;
  logic [5:0]      step_lg;
  mmu_pkg::pos_t   step_pos;
  mmu_pkg::entry_t step_entry;
  logic [63:0]     step_new;

  mmu_riscv_step u_step (
    .rq_i      (rsp_rq),
    .slow_i,
    .pos_i     (rsp_pos),
    .word_i    (mrsp_i.data),
    .kind_o    (step_kind),
    .fault_o   (step_fault),
    .lg_o      (step_lg),
    .pos_o     (step_pos),
    .entry_o   (step_entry),
    .new_word_o(step_new)
  );

  logic [2:0] rsp_st_d;      // of the slot with the response
  logic [2:0] rsp_fault_d;

  always_comb begin
    rsp_st_d    = WalkDone;
    rsp_fault_d = mmu_pkg::FaultNone;
    if (restart) begin
      rsp_st_d = WalkReq;
    end else if (step) begin
      unique case (step_kind)
        mmu_pkg::StepRead:   rsp_st_d = WalkReq;
        mmu_pkg::StepNeedAd: rsp_st_d = WalkCasReq;
        default:             rsp_fault_d = step_fault;
      endcase
    end else if (mrsp_i.err) begin
      rsp_fault_d = mmu_pkg::FaultAccess;
    end
  end

  // ---- walk caches (PWC) --------------------------------------------------------------------
  logic          step_down;    // the walk goes on at step_pos
  logic          pwc_fill;
  logic [2:0]    pwc_fill_level;
  mmu_pkg::row_t pwc_fill_row;

  assign step_down      = step & (step_kind == mmu_pkg::StepRead);
  assign pwc_fill       = step_down & ~nofill_q[rsp_slot];                    // WALK-6, WALK-8
  assign pwc_fill_level = rsp_pos.level;

  always_comb begin
    pwc_fill_row = '0;
    if (pwc_fill) begin
      pwc_fill_row.key  = mmu_pkg::make_key(rsp_rq.ctx.asid, rsp_rq.va);
      pwc_fill_row.mask = mmu_pkg::make_mask(step_lg, 1'b0);
      pwc_fill_row.data = step_pos;
    end
  end

  mmu_walk_cache #(
    .Cfg(Cfg)
  ) u_walk_cache (
    .clk_i,
    .rst_ni,
    .lookup_i    (start_new),
    .key_i       (mmu_pkg::make_key(start_rq_i.ctx.asid, start_rq_i.va)),
    .use_i       (start_new),
    .fill_i      (pwc_fill),
    .fill_level_i(pwc_fill_level),
    .fill_row_i  (pwc_fill_row),
    .fence_accept_i,
    .fence_i,
    .hit_o       (pwc_hit),
    .level_o     (pwc_level),
    .pos_o       (pwc_pos)
  );

  for (genvar k = 1; k <= mmu_pkg::PwcLevels; k++) begin : gen_ev_pwc
    assign ev_pwc_o[k-1] = start_new & pwc_hit & (pwc_level == 3'(k));
  end

  // ---- completion (WALK-9) ------------------------------------------------------------------
  logic [IdxW-1:0] done_slot;
  logic            fill_ok;       // a walk that fills can complete
  mmu_pkg::rq_t    done_rq;
  mmu_pkg::entry_t done_entry;

  assign fill_ok = fill_ready_i & ~fence_accept_i;

  always_comb begin
    done_o    = 1'b0;
    done_slot = '0;
    for (int unsigned s = Slots; s > 0; s--) begin
      if (st_q[s-1] == WalkDone &&
          (fill_ok || nofill_q[s-1] || fault_q[s-1] != mmu_pkg::FaultNone)) begin
        done_o    = 1'b1;
        done_slot = IdxW'(s - 1);
      end
    end
  end

  always_comb begin
    done_slot_o  = '0;
    done_port_o  = 1'b0;
    done_fault_o = mmu_pkg::FaultNone;
    done_fill_o  = 1'b0;
    done_rq      = '0;
    done_entry   = '0;
    if (done_o) begin
      done_slot_o  = mmu_pkg::SlotW'(done_slot);
      done_port_o  = port_q[done_slot];
      done_fault_o = fault_q[done_slot];
      if (done_fault_o == mmu_pkg::FaultNone) begin
        done_fill_o = ~nofill_q[done_slot];
        done_rq     = rq_q[done_slot];
        done_entry  = entry_q[done_slot];
      end
    end
  end

  assign done_entry_o = done_entry;

  always_comb begin
    done_row_o = '0;
    if (done_fill_o) begin
      done_row_o.key  = mmu_pkg::make_key(done_rq.ctx.asid, done_rq.va);
      done_row_o.mask = mmu_pkg::make_mask(done_entry.lg, done_entry.g);
      done_row_o.data = done_entry;
    end
  end

  always_comb begin
    busy_o = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (st_q[s] != WalkIdle) busy_o = 1'b1;                                 // WALK-11
    end
  end

  // ---- registers ----------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      lock_valid_q <= 1'b0;
    end else begin
      lock_valid_q <= lock_valid_d;
      lock_slot_q  <= offer_slot;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned s = 0; s < Slots; s++) st_q[s] <= WalkIdle;
    end else begin
      if (start_new) st_q[free_slot] <= WalkReq;
      if (taken) st_q[offer_slot] <= (offer_st == WalkCasReq) ? WalkCasWait : WalkWait;
      if (denied && !deny_restart) st_q[offer_slot] <= WalkDone;
      if (rsp_read || rsp_cas) st_q[rsp_slot] <= rsp_st_d;
      if (done_o) st_q[done_slot] <= WalkIdle;
    end
  end

  // The fence comes first: what a response says of its slot's redo counts more (WALK-5, WALK-8).
  always_ff @(posedge clk_i) begin
    if (fence_accept_i) begin                                                 // WALK-8
      for (int unsigned s = 0; s < Slots; s++) begin
        nofill_q[s] <= 1'b1;
        if (st_q[s] == WalkReq || st_q[s] == WalkWait) redo_q[s] <= 1'b1;
      end
    end
    if (start_new) begin
      redo_q[free_slot]   <= 1'b0;
      nofill_q[free_slot] <= start_old_i;                                     // WALK-2
    end
    if (restart) redo_q[rsp_slot] <= 1'b0;                                    // WALK-5
    if (deny_restart) redo_q[offer_slot] <= 1'b0;                             // WALK-12
  end

  always_ff @(posedge clk_i) begin
    if (start_new) begin
      port_q[free_slot] <= start_port_i;
      rq_q[free_slot]   <= start_rq_i;
      pos_q[free_slot]  <= pwc_hit ? pwc_pos : start_root;
    end
    if (restart) pos_q[rsp_slot] <= rsp_root;
    if (deny_restart) pos_q[offer_slot] <= deny_root;
    if (step_down) pos_q[rsp_slot] <= step_pos;
  end

  always_ff @(posedge clk_i) begin
    if (rsp_read || rsp_cas) fault_q[rsp_slot] <= rsp_fault_d;
    if (denied && !deny_restart) fault_q[offer_slot] <= mmu_pkg::FaultAccess;
    if (step) begin
      entry_q[rsp_slot]   <= step_entry;
      cas_old_q[rsp_slot] <= mrsp_i.data;
      cas_new_q[rsp_slot] <= step_new;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{done_rq, pwc_level};

endmodule
