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
// one is taken (or denied) at the walk port, one has a response, one asks the G stage and one
// completes in a clock, and these are different slots.
//
// Two stages (built in with the hypervisor extension): every address that the first stage gives is
// translated by the G stage, from its TLB or by a walk of its words (gst_q), before it is used:
//
//     for each VS entry   WalkG(GEntry)  [WalkReq, WalkWait: G words] WalkReq, WalkWait
//     to set A or D       WalkG(GUpdate) [G words]                    WalkCasReq, WalkCasWait
//     at the leaf         WalkG(GFinal)  [G words]                    WalkDone
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
  input  mmu_pkg::fence_t               fence_i,         // with fence_accept_i, masked
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
  output mmu_pkg::entry_t               done_entry_o,    // with FaultGuest {gpa[63:2], imp}, else 0
                                                         // with a fault
  output logic                          done_fill_o,     // done_row_o is to be kept
  output mmu_pkg::row_t                 done_row_o,      // 0 without done_fill_o
  output mmu_pkg::mreq_t                mreq_o,          // walk port: a request; from state
  output logic                          busy_o,          // from state
  output logic                          ev_restart_o,
  output logic [mmu_pkg::PwcLevels-1:0] ev_pwc_o,        // bit k-1: a walk starts from cache k
  output logic                          ev_cas_fail_o,
  output logic                          ev_g_hit_o,      // the G stage's TLB translates
  output logic                          ev_g_miss_o,     // it does not: a G walk
  output logic                          ev_g_refuse_o,   // since its row lacks a right
  output logic [mmu_pkg::PwcLevels-1:0] ev_gpwc_o        // bit k-1: a G walk starts from cache k
);

  localparam int unsigned Slots = mmu_cfg_pkg::cfg_walks(Cfg);
  localparam int unsigned IdxW  = (Slots > 1) ? $clog2(Slots) : 1;
  localparam bit          Hypervisor = mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0;

  if (Slots < 1 || Slots > 8) begin : gen_bad_slots
    $fatal(1, "mmu_walker: walks = %0d, must be 1 to 8", Slots);
  end

  typedef enum logic [2:0] {
    WalkIdle    = 3'd0,
    WalkReq     = 3'd1,
    WalkWait    = 3'd2,
    WalkCasReq  = 3'd3,
    WalkCasWait = 3'd4,
    WalkDone    = 3'd5,
    WalkG       = 3'd6    // asks the G stage's TLB
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
  // Without the hypervisor extension always 0
  logic [1:0]                 what_q    [Slots];   // g_what_e: what the G stage is asked for
  logic                       gst_q     [Slots];   // the G stage's words are being read
  logic [mmu_pkg::PosW-1:0]   gpos_q    [Slots];   // pos_t, of the G stage's entry
  logic [mmu_pkg::PaW-1:0]    spa_q     [Slots];   // where the first stage's entry is in memory
  logic [5:0]                 flg_q     [Slots];   // KEY-5, of the first stage's leaf
  logic [mmu_pkg::EntryW-1:0] gentry_q  [Slots];   // entry_t, once A (and D) are set
  logic [63:0]                gcas_old_q [Slots];
  logic [63:0]                gcas_new_q [Slots];

  // ---- what the G stage does in this clock (gen_g below); without it all 0 ----------------------
  logic                       ask_act;      // the slot that asks the G stage's TLB
  logic [IdxW-1:0]            ask_slot;
  logic                       ask_restart;  // starts again at ask_root
  mmu_pkg::pos_t              ask_root;
  logic [2:0]                 ask_st_d;
  logic [2:0]                 ask_fault_d;
  logic                       ask_entry_en;  // its entry becomes ask_entry_d
  mmu_pkg::entry_t            ask_entry_d;
  logic [mmu_pkg::PaW-1:0]    offer_gaddr;  // of the slot offered, in place of FMT-4's address
  logic                       offer_gwide;
  logic [63:0]                offer_gcas_old, offer_gcas_new;
  logic                       gcas_same;    // of the response: gst_q's compare-and-swap has happened
  mmu_pkg::step_e             gstep_kind;   // of the response, where gst_q
  logic                       rsp_known;    // the response gives the leaf that the G stage was asked for
  logic                       rsp_entry_en;  // the entry of its slot becomes rsp_entry_d
  mmu_pkg::entry_t            rsp_entry_d;
  logic [5:0]                 done_flg;     // KEY-5, of the slot that completes

  // COMB-2: the first stage that refuses nothing: D, A, X, W, R and lg
  localparam mmu_pkg::entry_t BareEntry = {4'd0, 7'b1100111, 6'd63, {mmu_pkg::PpnW{1'b0}}};

  // WALK-13
  function automatic logic may_restart(input logic [1:0] what);
    may_restart = what == mmu_pkg::GNone || what == mmu_pkg::GEntry;
  endfunction

  // ---- start (WALK-1, WALK-2) ---------------------------------------------------------------
  // What a request must share with a walk to join it: all of rq_t but size and VA[11:0].
  localparam logic [mmu_pkg::RqW-1:0] MergeMask =
      {{52{1'b1}}, 12'd0, 3'b111, 3'b000, 2'b11, {64{Hypervisor}}, {66{1'b1}}};
  // What a slot keeps of it: without the hypervisor extension there is no second stage (REQ-1).
  localparam logic [mmu_pkg::RqW-1:0] KeepMask = {{72{1'b1}}, {64{Hypervisor}}, {66{1'b1}}};

  logic            free_any, merge_any;
  logic [IdxW-1:0] free_slot, merge_slot;
  logic            start_new;
  logic            start_two;    // there is a G stage
  logic            start_bare;   // and the first stage is bare
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

  assign start_two  = Hypervisor & start_rq_i.ctx.v &                         // FMT-2
                      (start_rq_i.ctx.gmode != mmu_pkg::ModeBare);
  assign start_bare = start_two & (start_rq_i.ctx.mode == mmu_pkg::ModeBare);

  mmu_riscv_start #(
    .Hypervisor(Hypervisor)
  ) u_start (
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
  logic                    offer_two;     // there is a G stage: offer_gaddr
  logic                    offer_gst;
  logic [mmu_pkg::PaW-1:0] offer_vaddr;   // FMT-4's
  logic                    offer_vwide;
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
    offer_two = 1'b0;
    offer_gst = 1'b0;
    if (offer_any) begin
      offer_st  = st_q[offer_slot];
      offer_rq  = rq_q[offer_slot];
      offer_pos = pos_q[offer_slot];
      offer_two = what_q[offer_slot] != mmu_pkg::GNone;
      offer_gst = gst_q[offer_slot];
    end
  end

  mmu_riscv_addr u_addr (
    .rq_i  (offer_rq),
    .pos_i (offer_pos),
    .addr_o(offer_vaddr),
    .wide_o(offer_vwide)
  );

  assign offer_addr = offer_two ? offer_gaddr : offer_vaddr;
  assign offer_wide = offer_gst ? offer_gwide : offer_vwide;

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
      .sec_i   ({slow_i.rlb, slow_i.mmwp, slow_i.mml}),
      .allow_o (allow)
    );

    mmu_riscv_start #(
      .Hypervisor(Hypervisor)
    ) u_start (
      .rq_i   (offer_rq),
      .slow_i,
      .kind_o (unused_deny_kind),
      .fault_o(unused_deny_fault),
      .pos_o  (deny_root)
    );

    assign denied       = offer_any & ~allow;
    assign deny_restart = denied & (offer_st == WalkReq) & may_restart(what_q[offer_slot]) &
                          (redo_q[offer_slot] | fence_accept_i);
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
        mreq_o.old_word = offer_gst ? offer_gcas_old : cas_old_q[offer_slot];
        mreq_o.new_word = offer_gst ? offer_gcas_new : cas_new_q[offer_slot];
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
  logic            rsp_two;       // there is a G stage
  logic            rsp_gst;       // the word is the G stage's
  logic            cas_same;      // the compare-and-swap has happened
  logic            cas_good;      // and this is its response, without an error
  logic            restart;
  logic            step;          // what step_* say is the outcome
  logic            gstep;         // what gstep_* say is

  assign rsp_any  = mrsp_i.valid & (32'(mrsp_i.id) < Slots);
  assign rsp_slot = IdxW'(mrsp_i.id);
  assign rsp_read = rsp_any && st_q[rsp_slot] == WalkWait;
  assign rsp_cas  = rsp_any && st_q[rsp_slot] == WalkCasWait;
  assign rsp_two  = rsp_any && what_q[rsp_slot] != mmu_pkg::GNone;
  assign rsp_gst  = rsp_any && gst_q[rsp_slot];
  assign cas_same = rsp_gst ? gcas_same : mrsp_i.data == cas_old_q[rsp_slot];
  assign cas_good = rsp_cas & ~mrsp_i.err & cas_same;

  assign ev_cas_fail_o = rsp_cas & ~mrsp_i.err & ~cas_same;                   // WALK-7
  assign restart = may_restart(what_q[rsp_slot]) &
                   ((rsp_read & (redo_q[rsp_slot] | fence_accept_i)) |        // WALK-5
                    (ev_cas_fail_o & (nofill_q[rsp_slot] | fence_accept_i))); // WALK-7
  assign step    = ((rsp_read & ~mrsp_i.err) | ev_cas_fail_o) & ~restart &    // WALK-6, WALK-7
                   ~rsp_gst;
  assign gstep   = ((rsp_read & ~mrsp_i.err) | ev_cas_fail_o) & ~restart & rsp_gst;
  assign ev_restart_o = restart | deny_restart | ask_restart;

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

  mmu_riscv_start #(
    .Hypervisor(Hypervisor)
  ) u_root (
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
      rsp_st_d = rsp_two ? WalkG : WalkReq;
    end else if (step) begin
      unique case (step_kind)
        mmu_pkg::StepRead:   rsp_st_d = rsp_two ? WalkG : WalkReq;
        mmu_pkg::StepNeedAd: rsp_st_d = rsp_two ? WalkG : WalkCasReq;
        mmu_pkg::StepLeaf:   if (rsp_two) rsp_st_d = WalkG;
        default:             rsp_fault_d = step_fault;
      endcase
    end else if (rsp_known) begin                                             // WALK-15
      unique case (what_q[rsp_slot])
        mmu_pkg::GEntry:  rsp_st_d = WalkReq;
        mmu_pkg::GUpdate: rsp_st_d = WalkCasReq;
        default: ;
      endcase
    end else if (gstep) begin
      unique case (gstep_kind)
        mmu_pkg::StepRead:   rsp_st_d = WalkReq;
        mmu_pkg::StepNeedAd: rsp_st_d = WalkCasReq;
        default:             rsp_fault_d = mmu_pkg::FaultGuest;
      endcase
    end else if (mrsp_i.err) begin
      rsp_fault_d = mmu_pkg::FaultAccess;
    end else if (rsp_two) begin    // the first stage's compare-and-swap
      rsp_st_d = WalkG;
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
      if (Hypervisor) pwc_fill_row.vm = {step_lg, mmu_pkg::ctx_space(rsp_rq.ctx)};
    end
  end

  mmu_walk_cache #(
    .Cfg(Cfg)
  ) u_walk_cache (
    .clk_i,
    .rst_ni,
    .lookup_i    (start_new & ~start_bare),
    .key_i       (mmu_pkg::make_key(start_rq_i.ctx.asid, start_rq_i.va)),
    .space_i     (Hypervisor ? mmu_pkg::ctx_space(start_rq_i.ctx) : '0),
    .use_i       (start_new & ~start_bare),
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

  // ---- the G stage ------------------------------------------------------------------------------
  if (Hypervisor) begin : gen_g
    // Yosys 0.23 finds no field of a record that is declared in here: records go through whole.

    // ---- the slot offered (WALK-3): of a G word, or where the first stage's entry is -------------
    mmu_pkg::pos_t           offer_gpos;
    mmu_pkg::entry_t         offer_entry;
    logic [1:0]              offer_what;
    logic [mmu_pkg::VaW-1:0] offer_gpa;
    logic [mmu_pkg::PaW-1:0] offer_word;
    logic [mmu_pkg::KeyW-1:0] unused_offer_key;

    always_comb begin
      offer_gpos     = '0;
      offer_entry    = '0;
      offer_what     = mmu_pkg::GNone;
      offer_gcas_old = '0;
      offer_gcas_new = '0;
      if (offer_gst) begin
        offer_gpos     = gpos_q[offer_slot];
        offer_entry    = entry_q[offer_slot];
        offer_what     = what_q[offer_slot];
        offer_gcas_old = gcas_old_q[offer_slot];
        offer_gcas_new = gcas_new_q[offer_slot];
      end
    end

    mmu_riscv_gpa u_offer_gpa (
      .rq_i   (offer_rq),
      .what_i (offer_what),
      .pos_i  (offer_pos),
      .entry_i(offer_entry),
      .gpa_o  (offer_gpa),
      .key_o  (unused_offer_key)
    );

    mmu_riscv_gaddr u_gaddr (
      .rq_i  (offer_rq),
      .gpa_i (offer_gpa),
      .gpos_i(offer_gpos),
      .addr_o(offer_word),
      .wide_o(offer_gwide)
    );

    assign offer_gaddr = offer_gst ? offer_word : spa_q[offer_slot];

    // ---- the slot that asks (WALK-14) ------------------------------------------------------------
    mmu_pkg::rq_t            ask_rq;
    mmu_pkg::pos_t           ask_pos;
    mmu_pkg::entry_t         ask_f;        // the first stage's leaf
    logic [1:0]              ask_what;
    logic [mmu_pkg::VaW-1:0] ask_gpa;
    logic [mmu_pkg::KeyW-1:0] ask_key;
    logic                    ask_out;      // the G stage has no such address
    mmu_pkg::pos_t           ask_groot;
    logic                    ask_look;     // TLB and walk caches are looked up
    logic                    ask_hit, ask_grant;
    logic                    ask_known;    // ask_g is the leaf that was asked for
    logic                    ask_walk;     // a G walk begins
    mmu_pkg::entry_t         ask_g;
    mmu_pkg::entry_t         ask_both, ask_bad;   // entry, with GFinal and with FaultGuest
    logic [mmu_pkg::PaW-1:0] ask_spa;
    logic [5:0]              ask_flg;
    logic [mmu_pkg::KeyW-1:0] unused_ask_mask;
    logic                    unused_ask_keep;
    logic                    gpwc_hit;
    logic [2:0]              gpwc_level;
    mmu_pkg::pos_t           gpwc_pos;
    mmu_pkg::start_e         unused_ask_kind;
    logic [2:0]              unused_ask_fault;

    always_comb begin
      ask_act  = 1'b0;
      ask_slot = '0;
      for (int unsigned s = Slots; s > 0; s--) begin
        if (st_q[s-1] == WalkG && !fence_accept_i) begin
          ask_act  = 1'b1;
          ask_slot = IdxW'(s - 1);
        end
      end
    end

    always_comb begin
      ask_rq   = '0;
      ask_pos  = '0;
      ask_f    = '0;
      ask_what = mmu_pkg::GNone;
      if (ask_act) begin
        ask_rq   = rq_q[ask_slot];
        ask_pos  = pos_q[ask_slot];
        ask_f    = entry_q[ask_slot];
        ask_what = what_q[ask_slot];
      end
    end

    mmu_riscv_start u_ask_root (
      .rq_i   (ask_rq),
      .slow_i,
      .kind_o (unused_ask_kind),
      .fault_o(unused_ask_fault),
      .pos_o  (ask_root)
    );

    mmu_riscv_gpa u_ask_gpa (
      .rq_i   (ask_rq),
      .what_i (ask_what),
      .pos_i  (ask_pos),
      .entry_i(ask_f),
      .gpa_o  (ask_gpa),
      .key_o  (ask_key)
    );

    mmu_riscv_gstart u_gstart (
      .rq_i   (ask_rq),
      .gpa_i  (ask_gpa),
      .fault_o(ask_out),
      .gpos_o (ask_groot)
    );

    mmu_riscv_gperm u_gperm (
      .rq_i   (ask_rq),
      .what_i (ask_what),
      .entry_i(ask_g),
      .grant_o(ask_grant)
    );

    mmu_riscv_gfound u_ask_found (
      .rq_i   (ask_rq),
      .what_i (ask_what),
      .f_i    (ask_f),
      .g_i    (ask_g),
      .gpa_i  (ask_gpa),
      .entry_o(ask_both),
      .flg_o  (ask_flg),
      .spa_o  (ask_spa),
      .bad_o  (ask_bad),
      .mask_o (unused_ask_mask),
      .keep_o (unused_ask_keep)
    );

    assign ask_restart = ask_act & redo_q[ask_slot];
    assign ask_look    = ask_act & ~redo_q[ask_slot] & ~ask_out;
    assign ask_known   = ask_look & ask_hit & ask_grant;
    assign ask_walk    = ask_look & ~ask_known;

    assign ev_g_hit_o    = ask_known;
    assign ev_g_miss_o   = ask_walk;
    assign ev_g_refuse_o = ask_look & ask_hit & ~ask_grant;

    always_comb begin
      ask_st_d     = WalkReq;
      ask_fault_d  = mmu_pkg::FaultNone;
      ask_entry_en = 1'b0;
      ask_entry_d  = ask_both;
      if (ask_restart) begin
        ask_st_d = WalkG;
      end else if (ask_act && ask_out) begin
        ask_st_d     = WalkDone;
        ask_fault_d  = mmu_pkg::FaultGuest;
        ask_entry_en = 1'b1;
        ask_entry_d  = ask_bad;
      end else if (ask_known) begin                                           // WALK-15
        if (ask_what == mmu_pkg::GUpdate) begin
          ask_st_d = WalkCasReq;
        end else if (ask_what == mmu_pkg::GFinal) begin
          ask_st_d     = WalkDone;
          ask_entry_en = 1'b1;
        end
      end
    end

    // ---- the slot with the response (WALK-6, WALK-7), where gst_q --------------------------------
    logic [mmu_pkg::PosW-1:0] rsp_gpos;     // pos_t
    mmu_pkg::entry_t         rsp_f;
    logic [1:0]              rsp_what;
    logic [63:0]             rsp_word;
    logic [mmu_pkg::VaW-1:0] rsp_gpa;
    logic [mmu_pkg::KeyW-1:0] rsp_key;      // KEY-6
    logic [mmu_pkg::KeyW-1:0] rsp_mask;     // of rsp_g
    logic                    rsp_keep;      // the G stage's TLB keeps rsp_g
    logic [5:0]              gstep_lg;
    mmu_pkg::pos_t           gstep_pos;
    mmu_pkg::entry_t         gstep_entry;
    logic [63:0]             gstep_new;
    mmu_pkg::entry_t         rsp_g;         // the leaf, with rsp_known
    mmu_pkg::entry_t         rsp_both, rsp_bad;   // entry, with GFinal and with FaultGuest
    logic [mmu_pkg::PaW-1:0] rsp_spa;
    logic [5:0]              rsp_flg;

    always_comb begin
      rsp_gpos = '0;
      rsp_f    = '0;
      rsp_what = mmu_pkg::GNone;
      rsp_word = '0;
      if (rsp_gst) begin
        rsp_gpos = gpos_q[rsp_slot];
        rsp_f    = entry_q[rsp_slot];
        rsp_what = what_q[rsp_slot];
        rsp_word = mrsp_i.data;
      end
    end

    mmu_riscv_gpa u_rsp_gpa (
      .rq_i   (rsp_rq),
      .what_i (rsp_what),
      .pos_i  (rsp_pos),
      .entry_i(rsp_f),
      .gpa_o  (rsp_gpa),
      .key_o  (rsp_key)
    );

    mmu_riscv_gstep u_gstep (
      .rq_i      (rsp_rq),
      .what_i    (rsp_what),
      .slow_i,
      .gpos_i    (rsp_gpos),
      .word_i    (rsp_word),
      .kind_o    (gstep_kind),
      .lg_o      (gstep_lg),
      .gpos_o    (gstep_pos),
      .entry_o   (gstep_entry),
      .new_word_o(gstep_new)
    );

    mmu_riscv_gfound u_rsp_found (
      .rq_i   (rsp_rq),
      .what_i (rsp_what),
      .f_i    (rsp_f),
      .g_i    (rsp_g),
      .gpa_i  (rsp_gpa),
      .entry_o(rsp_both),
      .flg_o  (rsp_flg),
      .spa_o  (rsp_spa),
      .bad_o  (rsp_bad),
      .mask_o (rsp_mask),
      .keep_o (rsp_keep)
    );

    assign gcas_same = mrsp_i.data == gcas_old_q[rsp_slot];
    assign rsp_known = (gstep & (gstep_kind == mmu_pkg::StepLeaf)) | (cas_good & rsp_gst);

    always_comb begin
      rsp_g = gstep_entry;
      if (cas_good && rsp_gst) rsp_g = gentry_q[rsp_slot];
    end

    always_comb begin
      rsp_entry_en = 1'b0;
      rsp_entry_d  = rsp_both;
      if (gstep && gstep_kind == mmu_pkg::StepFault) begin                    // WALK-16
        rsp_entry_en = 1'b1;
        rsp_entry_d  = rsp_bad;
      end else if (rsp_known && rsp_what == mmu_pkg::GFinal) begin            // WALK-15
        rsp_entry_en = 1'b1;
      end
    end

    // ---- the G stage's TLB and walk caches (GTLB, PWC) -------------------------------------------
    logic          gstep_down;     // the G walk goes on at gstep_pos
    logic          gtlb_fill, gpwc_fill;
    mmu_pkg::row_t gtlb_fill_row, gpwc_fill_row;

    assign gstep_down = gstep & (gstep_kind == mmu_pkg::StepRead);
    assign gpwc_fill  = gstep_down & ~nofill_q[rsp_slot];
    assign gtlb_fill  = rsp_known & ~nofill_q[rsp_slot] & rsp_keep;

    always_comb begin
      gtlb_fill_row = '0;
      if (gtlb_fill) begin
        gtlb_fill_row = {{mmu_pkg::VmW{1'b0}}, rsp_key, rsp_mask, rsp_g};
      end
    end

    always_comb begin
      gpwc_fill_row = '0;
      if (gpwc_fill) begin
        gpwc_fill_row = {{mmu_pkg::VmW{1'b0}}, rsp_key, mmu_pkg::make_gmask(gstep_lg), gstep_pos};
      end
    end

    mmu_g_tlb #(
      .Cfg(Cfg)
    ) u_g_tlb (
      .clk_i,
      .rst_ni,
      .lookup_i  (ask_look),
      .key_i     (ask_key),
      .touch_i   (ask_known),
      .drop_i    (ev_g_refuse_o),
      .fill_i    (gtlb_fill),
      .fill_row_i(gtlb_fill_row),
      .fence_accept_i,
      .fence_i,
      .hit_o     (ask_hit),
      .entry_o   (ask_g)
    );

    mmu_walk_cache #(
      .Cfg  (Cfg),
      .Stage(1)
    ) u_g_walk_cache (
      .clk_i,
      .rst_ni,
      .lookup_i    (ask_look),
      .key_i       (ask_key),
      .space_i     ('0),
      .use_i       (ask_walk),
      .fill_i      (gpwc_fill),
      .fill_level_i(rsp_gpos[mmu_pkg::PpnW+1 +: 3]),
      .fill_row_i  (gpwc_fill_row),
      .fence_accept_i,
      .fence_i,
      .hit_o       (gpwc_hit),
      .level_o     (gpwc_level),
      .pos_o       (gpwc_pos)
    );

    for (genvar k = 1; k <= mmu_pkg::PwcLevels; k++) begin : gen_ev_gpwc
      assign ev_gpwc_o[k-1] = ask_walk & gpwc_hit & (gpwc_level == 3'(k));
    end

    // ---- registers -------------------------------------------------------------------------------
    assign done_flg = flg_q[done_slot];

    always_ff @(posedge clk_i) begin
      if (start_new) begin                                                    // WALK-2
        gst_q[free_slot]  <= 1'b0;
        what_q[free_slot] <= start_bare ? mmu_pkg::GFinal
                             : start_two ? mmu_pkg::GEntry : mmu_pkg::GNone;
      end
      if (ask_walk) gst_q[ask_slot] <= 1'b1;
      if (rsp_known || restart) gst_q[rsp_slot] <= 1'b0;
      if (deny_restart) gst_q[offer_slot] <= 1'b0;
      // A slot that may restart has GEntry, or nothing, already.
      if (rsp_two && step) begin                                              // WALK-6
        what_q[rsp_slot] <= (step_kind == mmu_pkg::StepLeaf) ? mmu_pkg::GFinal
                            : (step_kind == mmu_pkg::StepNeedAd) ? mmu_pkg::GUpdate
                            : mmu_pkg::GEntry;
      end
      if (rsp_two && cas_good && !rsp_gst) what_q[rsp_slot] <= mmu_pkg::GFinal;   // WALK-7
    end

    always_ff @(posedge clk_i) begin
      if (ask_walk) gpos_q[ask_slot] <= gpwc_hit ? gpwc_pos : ask_groot;
      if (gstep_down) gpos_q[rsp_slot] <= gstep_pos;
      if (ask_known) spa_q[ask_slot] <= ask_spa;                 // WALK-15
      if (rsp_known) spa_q[rsp_slot] <= rsp_spa;
      if (gstep) begin
        gentry_q[rsp_slot]   <= gstep_entry;
        gcas_old_q[rsp_slot] <= mrsp_i.data;
        gcas_new_q[rsp_slot] <= gstep_new;
      end
    end

    always_ff @(posedge clk_i) begin
      if (ask_known) flg_q[ask_slot] <= ask_flg;                              // WALK-15
      if (rsp_known) flg_q[rsp_slot] <= rsp_flg;
      if (step) flg_q[rsp_slot] <= step_entry.lg;   // a single stage's
    end

    logic unused_g_bits;
    assign unused_g_bits = ^{gpwc_level};
  end else begin : gen_no_g
    for (genvar s = 0; s < Slots; s++) begin : gen_slot
      logic unused_slot;
      assign what_q[s]     = mmu_pkg::GNone;
      assign gst_q[s]      = 1'b0;
      assign gpos_q[s]     = '0;
      assign spa_q[s]      = '0;
      assign flg_q[s]      = '0;
      assign gentry_q[s]   = '0;
      assign gcas_old_q[s] = '0;
      assign gcas_new_q[s] = '0;
      assign unused_slot   = ^{gpos_q[s], spa_q[s], flg_q[s], gentry_q[s], gcas_old_q[s],
                               gcas_new_q[s]};
    end
    assign ask_act        = 1'b0;
    assign ask_slot       = '0;
    assign ask_restart    = 1'b0;
    assign ask_root       = '0;
    assign ask_st_d       = WalkIdle;
    assign ask_fault_d    = mmu_pkg::FaultNone;
    assign ask_entry_en   = 1'b0;
    assign ask_entry_d    = '0;
    assign offer_gaddr    = '0;
    assign offer_gwide    = 1'b0;
    assign offer_gcas_old = '0;
    assign offer_gcas_new = '0;
    assign gcas_same      = 1'b0;
    assign gstep_kind     = mmu_pkg::StepFault;
    assign rsp_known      = 1'b0;
    assign rsp_entry_en   = 1'b0;
    assign rsp_entry_d    = '0;
    assign done_flg       = '0;
    assign ev_g_hit_o     = 1'b0;
    assign ev_g_miss_o    = 1'b0;
    assign ev_g_refuse_o  = 1'b0;
    assign ev_gpwc_o      = '0;
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
      end else if (Hypervisor && done_fault_o == mmu_pkg::FaultGuest) begin   // WALK-16
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
      if (Hypervisor) begin
        done_row_o.vm  = {done_flg, mmu_pkg::ctx_space(done_rq.ctx)};
        done_row_o.key = mmu_pkg::ctx_key(done_rq.ctx, done_rq.va);
      end
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
      if (start_new) st_q[free_slot] <= start_two ? WalkG : WalkReq;
      if (taken) st_q[offer_slot] <= (offer_st == WalkCasReq) ? WalkCasWait : WalkWait;
      if (denied) st_q[offer_slot] <= !deny_restart ? WalkDone : offer_two ? WalkG : WalkReq;
      if (ask_act) st_q[ask_slot] <= ask_st_d;
      if (rsp_read || rsp_cas) st_q[rsp_slot] <= rsp_st_d;
      if (done_o) st_q[done_slot] <= WalkIdle;
    end
  end

  // The fence comes first: what a response says of its slot's redo counts more (WALK-5, WALK-8).
  always_ff @(posedge clk_i) begin
    if (fence_accept_i) begin                                                 // WALK-8
      for (int unsigned s = 0; s < Slots; s++) begin
        nofill_q[s] <= 1'b1;
        if ((st_q[s] == WalkReq || st_q[s] == WalkWait || st_q[s] == WalkG) &&
            may_restart(what_q[s])) begin
          redo_q[s] <= 1'b1;
        end
      end
    end
    if (start_new) begin
      redo_q[free_slot]   <= 1'b0;
      nofill_q[free_slot] <= start_old_i;                                     // WALK-2
    end
    if (restart) redo_q[rsp_slot] <= 1'b0;                                    // WALK-5
    if (deny_restart) redo_q[offer_slot] <= 1'b0;                             // WALK-12
    if (ask_restart) redo_q[ask_slot] <= 1'b0;                                // WALK-14
  end

  always_ff @(posedge clk_i) begin
    if (start_new) begin
      port_q[free_slot] <= start_port_i;
      rq_q[free_slot]   <= start_rq_i & KeepMask;
      pos_q[free_slot]  <= pwc_hit ? pwc_pos : start_root;
    end
    if (restart) pos_q[rsp_slot] <= rsp_root;
    if (deny_restart) pos_q[offer_slot] <= deny_root;
    if (ask_restart) pos_q[ask_slot] <= ask_root;
    if (step_down) pos_q[rsp_slot] <= step_pos;
  end

  always_ff @(posedge clk_i) begin
    if (rsp_read || rsp_cas) fault_q[rsp_slot] <= rsp_fault_d;
    if (denied && !deny_restart) fault_q[offer_slot] <= mmu_pkg::FaultAccess;
    if (ask_act) fault_q[ask_slot] <= ask_fault_d;
    if (step) begin
      entry_q[rsp_slot]   <= step_entry;
      cas_old_q[rsp_slot] <= mrsp_i.data;
      cas_new_q[rsp_slot] <= step_new;
    end
    if (start_new && start_bare) entry_q[free_slot] <= BareEntry;             // WALK-2
    if (ask_entry_en) entry_q[ask_slot] <= ask_entry_d;
    if (rsp_entry_en) entry_q[rsp_slot] <= rsp_entry_d;
  end

  logic unused_bits;
  assign unused_bits = ^{done_rq, pwc_level, cas_good};

endmodule
