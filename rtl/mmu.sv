// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A memory-management unit: translates the requests of two ports, instruction (index 0) and data.
// Twin: model/cycle/mmu.c. Rules: docs/microarchitecture.md, TOP; for who uses it, REQ and FEN.
//
//     port 0 ─► mmu_l1 ─► mmu_miss_queue ─┬─ mmu_rr_arb ─► mmu_l2
//     port 1 ─► mmu_l1 ─► mmu_miss_queue ─┴─ mmu_rr_arb ─► mmu_walker ─► mreq_o, mrsp_i
//     fence_i ─► mmu_fence
//     pmp_i ─► mmu_pmp_regs ─► answers of both L1s, addresses of mmu_walker
//
// Ports of several parts are flat vectors, the instruction port's part in the low bits.
module mmu #(
  parameter  logic [mmu_cfg_pkg::CfgW-1:0] Cfg   = mmu_cfg_pkg::CfgDefault,
  localparam int unsigned                  Ports = mmu_pkg::Ports,
  localparam int unsigned                  ReqW  = mmu_pkg::ReqW,
  localparam int unsigned                  CtxW  = mmu_pkg::CtxW,
  localparam int unsigned                  RspW  = mmu_pkg::RspW
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic [Ports*ReqW-1:0]      req_i,         // req_t a port; accepted with req_ready_o
  input  logic [Ports-1:0]           kill_i,        // what was accepted up to this clock is dead
  input  logic [Ports*CtxW-1:0]      ctx_i,         // ctx_t a port; captured with each request
  input  mmu_pkg::slow_t             slow_i,        // changes only into a clock with idle_o
  input  mmu_pkg::fence_t            fence_i,       // accepted with fence_ready_o: clock t
  input  mmu_pkg::pmp_write_t        pmp_i,         // only in clocks with idle_o
  input  logic                       mreq_ready_i,  // walk port: mreq_o is taken
  input  mmu_pkg::mrsp_t             mrsp_i,        // walk port: after the request was taken
  output logic [Ports-1:0]           req_ready_o,   // from state alone
  output logic [Ports*RspW-1:0]      rsp_o,         // rsp_t a port; no back-pressure
  output logic                       fence_ready_o, // from state alone
  output logic                       fence_done_o,  // one clock, at t + 1 or later
  output mmu_pkg::mreq_t             mreq_o,        // walk port: from state; stays until taken
  output logic                       idle_o,        // from state alone
  output logic [mmu_pkg::EventW-1:0] events_o       // one-clock pulses (TOP-8)
);

  if (mmu_cfg_pkg::cfg_version(Cfg) != mmu_cfg_pkg::CfgVersion) begin : gen_bad_version
    $fatal(1, "mmu: Cfg has layout %0d, this RTL reads layout %0d",
           mmu_cfg_pkg::cfg_version(Cfg), mmu_cfg_pkg::CfgVersion);
  end
  if (mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0 &&
      (mmu_cfg_pkg::cfg_formats(Cfg) & (1 << mmu_pkg::FormatRiscv)) == 0) begin : gen_bad_hypervisor
    $fatal(1, "mmu: hypervisor = 1 with formats = %0d, needs riscv (bit 0) among them",
           mmu_cfg_pkg::cfg_formats(Cfg));
  end
  if (mmu_cfg_pkg::cfg_pmp_entries(Cfg) != 0 && mmu_cfg_pkg::cfg_pmp_entries(Cfg) != 16 &&
      mmu_cfg_pkg::cfg_pmp_entries(Cfg) != 64) begin : gen_bad_pmp_entries
    $fatal(1, "mmu: pmp_entries = %0d, must be 0, 16 or 64", mmu_cfg_pkg::cfg_pmp_entries(Cfg));
  end
  if (mmu_cfg_pkg::cfg_asid_bits(Cfg) > mmu_pkg::AsidW) begin : gen_bad_asid_bits
    $fatal(1, "mmu: asid_bits = %0d, must be 0 to %0d", mmu_cfg_pkg::cfg_asid_bits(Cfg),
           mmu_pkg::AsidW);
  end
  if (mmu_cfg_pkg::cfg_vmid_bits(Cfg) > mmu_pkg::VmidW) begin : gen_bad_vmid_bits
    $fatal(1, "mmu: vmid_bits = %0d, must be 0 to %0d", mmu_cfg_pkg::cfg_vmid_bits(Cfg),
           mmu_pkg::VmidW);
  end

  // ---- configuration ------------------------------------------------------------------------
  // Page sizes that the L2 holds, as a `pages` field; none: there is no L2.
  function automatic logic [15:0] l2_pages();
    l2_pages = '0;
    for (int unsigned k = 0; k < mmu_pkg::Arrays; k++) begin
      if (mmu_cfg_pkg::cfg_array_ways(Cfg, mmu_pkg::LevelL2, k) > 0) begin
        l2_pages = l2_pages | 16'(mmu_cfg_pkg::cfg_array_pages(Cfg, mmu_pkg::LevelL2, k));
      end
    end
  endfunction

  localparam logic [15:0] L2Pages  = l2_pages();
  localparam bit          HasL2    = L2Pages != '0;
  localparam int unsigned EntriesI = mmu_cfg_pkg::cfg_misses(Cfg, mmu_pkg::PortI);
  localparam int unsigned EntriesD = mmu_cfg_pkg::cfg_misses(Cfg, mmu_pkg::PortD);
  localparam int unsigned Entries  = EntriesI + EntriesD;
  localparam int unsigned IndexW   = $clog2(Entries);
  localparam logic [mmu_pkg::AsidW-1:0] AsidOnes =
      ~({mmu_pkg::AsidW{1'b1}} << mmu_cfg_pkg::cfg_asid_bits(Cfg));
  localparam logic [mmu_pkg::VmidW-1:0] VmidOnes =
      ~({mmu_pkg::VmidW{1'b1}} << mmu_cfg_pkg::cfg_vmid_bits(Cfg));
  localparam bit          Hypervisor = mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0;
  localparam bit          Others     = mmu_cfg_pkg::cfg_formats(Cfg) != 32'd1;   // than riscv

  // ---- contexts and fence as the rest of the MMU sees them (REQ-1, CFG-4) ----------------------
  mmu_pkg::ctx_t          ctx_of_i, ctx_of_d;
  mmu_pkg::req_t          req_of_i, req_of_d;
  logic [Ports*CtxW-1:0]  ctx;             // ctx_t a port

  assign {ctx_of_d, ctx_of_i} = ctx_i;
  assign {req_of_d, req_of_i} = req_i;

  // Of a request from M and of one without v there is no second stage.
  always_comb begin
    ctx = '0;
    ctx[CtxW +: CtxW] = {112'd0, ctx_of_d.mode, ctx_of_d.asid & AsidOnes, ctx_of_d.root,
                         ctx_of_d.sum, ctx_of_d.mxr};
    ctx[0 +: CtxW]    = {112'd0, ctx_of_i.mode, ctx_of_i.asid & AsidOnes, ctx_of_i.root,
                         ctx_of_i.sum, ctx_of_i.mxr};
    if (Hypervisor && ctx_of_d.v && req_of_d.prv != mmu_pkg::PrivM) begin
      ctx[CtxW + 66 +: 64] = {1'b1, ctx_of_d.gmxr, ctx_of_d.gmode, ctx_of_d.vmid & VmidOnes,
                              ctx_of_d.groot};
    end
    if (Hypervisor && ctx_of_i.v && req_of_i.prv != mmu_pkg::PrivM) begin
      ctx[66 +: 64]        = {1'b1, ctx_of_i.gmxr, ctx_of_i.gmode, ctx_of_i.vmid & VmidOnes,
                              ctx_of_i.groot};
    end
    if (Others) begin
      ctx[CtxW + 130 +: 48] = {ctx_of_d.aux, ctx_of_d.flags};
      ctx[130 +: 48]        = {ctx_of_i.aux, ctx_of_i.flags};
    end
  end

  mmu_pkg::slow_t slow;

  always_comb begin
    slow = slow_i;
    if (!Others) slow = {25'd0, slow_i.hadue, slow_i.hpbmte, slow_i.mml, slow_i.mmwp, slow_i.rlb,
                         slow_i.adue, slow_i.pbmte, slow_i.svnapot};
  end

  mmu_pkg::fence_t fence;
  logic            fence_take, fence_accept, fence_mark;
  logic            fence_busy;

  always_comb begin
    fence      = fence_i;
    fence.asid = fence_i.asid & AsidOnes;
    fence.vmid = fence_i.vmid & VmidOnes;
    if (!Hypervisor) begin   // only FenceS and FenceX are accepted
      fence.kind    = (fence_i.kind == mmu_pkg::FenceX) ? mmu_pkg::FenceX : mmu_pkg::FenceS;
      fence.vmid_en = 1'b0;
      fence.vmid    = '0;
    end
  end

  // ---- physical memory protection (PMP) -------------------------------------------------------
  localparam int unsigned PmpEntries = mmu_cfg_pkg::cfg_pmp_entries(Cfg);
  localparam int unsigned PmpRangesW = ((PmpEntries > 0) ? PmpEntries : 1) * mmu_pkg::PmpRangeW;

  logic [PmpRangesW-1:0] ranges;

  if (PmpEntries > 0) begin : gen_pmp
    mmu_pmp_regs #(
      .Entries(PmpEntries)
    ) u_pmp_regs (
      .clk_i,
      .rst_ni,
      .write_i (pmp_i),
      .sec_i   ({slow_i.rlb, slow_i.mmwp, slow_i.mml}),
      .ranges_o(ranges)
    );
  end else begin : gen_no_pmp
    logic unused_pmp;
    assign unused_pmp = ^pmp_i;
    assign ranges     = '0;
  end

  // ---- signals of the two ports, index 0 instruction ------------------------------------------
  logic [Ports-1:0]                p_miss, p_take_done, p_l1_busy, p_l1_old_busy;
  logic [Ports-1:0]                p_ev_hit, p_ev_refuse, p_ev_fault, p_ev_stall;
  logic [Ports-1:0]                p_mq_busy, p_mq_old_busy;
  logic [Ports-1:0]                p_l2_done, p_l2_abort, p_look_grant, p_want_grant, p_walk_done;
  logic [Ports-1:0]                p_fill;
  logic [Ports-1:0]                p_want_old;
  logic [Ports*mmu_pkg::MissW-1:0] p_look_sel, p_want_sel;
  logic [Entries-1:0]              look, want;          // instruction's entries lowest (TOP-3)
  mmu_pkg::rq_t                    look_rq_i_port, look_rq_d_port;
  mmu_pkg::rq_t                    want_rq_i_port, want_rq_d_port;

  // ---- L2 and walker: signals -----------------------------------------------------------------
  logic                      l2_ready, l2_done, l2_abort, l2_port, l2_hit, l2_scanning, l2_idle;
  logic                      l2_ev_refuse;
  logic [mmu_pkg::MissW-1:0] l2_sel;
  mmu_pkg::row_t             l2_row;
  mmu_pkg::entry_t           l2_entry;
  logic                      l2_fill;       // a walk's leaf goes to the L2
  logic                      start, start_grant, start_merge, start_port, start_old;
  logic [mmu_pkg::SlotW-1:0] start_slot;
  mmu_pkg::rq_t              start_rq;
  logic                      walk_done, walk_port, walk_fill, walk_busy;
  logic [mmu_pkg::SlotW-1:0] walk_slot;
  logic [2:0]                walk_fault;
  mmu_pkg::entry_t           walk_entry;
  mmu_pkg::row_t             walk_row;
  logic                      ev_restart, ev_cas_fail;
  logic                      ev_g_hit, ev_g_miss, ev_g_refuse;
  logic                      ev_row;
  logic [mmu_pkg::PwcLevels-1:0] ev_pwc, ev_gpwc;

  assign l2_entry = l2_row.data;

  // ---- what fills the L1s (TOP-5, TOP-6) --------------------------------------------------------
  mmu_pkg::row_t   fill_row;
  mmu_pkg::entry_t fill_entry;

  assign fill_entry = walk_row.data;
  assign l2_fill    = walk_fill & mmu_pkg::pages_hold(L2Pages, fill_entry.lg);

  always_comb begin
    fill_row = walk_row;
    if (l2_hit) fill_row = l2_row;
  end

  // ---- ports ------------------------------------------------------------------------------------
  for (genvar p = 0; p < Ports; p++) begin : gen_port
    localparam int unsigned PEntries = (p == mmu_pkg::PortI) ? EntriesI : EntriesD;
    localparam int unsigned PBase    = (p == mmu_pkg::PortI) ? 0 : EntriesI;

    logic                    full, done, done_two, miss_old;
    logic [mmu_pkg::IdW-1:0] done_id, miss_id;
    mmu_pkg::rq_t            done_rq, miss_rq, look_rq, want_rq;
    logic [2:0]              done_fault;
    mmu_pkg::entry_t         done_entry;
    assign p_fill[p]      = (walk_fill & (walk_port == 1'(p))) | (l2_hit & (l2_port == 1'(p)));
    assign p_l2_done[p]   = l2_done & (l2_port == 1'(p));
    assign p_l2_abort[p]  = l2_abort & (l2_port == 1'(p));
    assign p_walk_done[p] = walk_done & (walk_port == 1'(p));                   // TOP-7

    mmu_l1 #(
      .Cfg (Cfg),
      .Port(p)
    ) u_l1 (
      .clk_i,
      .rst_ni,
      .req_i          (req_i[p*ReqW +: ReqW]),
      .kill_i         (kill_i[p]),
      .ctx_i          (ctx[p*CtxW +: CtxW]),
      .slow_i         (slow),
      .fence_accept_i (fence_accept),
      .fence_mark_i   (fence_mark),
      .fence_i        (fence),
      .fill_i         (p_fill[p]),
      .fill_row_i     (fill_row),
      .mq_full_i      (full),
      .mq_done_i      (done),
      .mq_done_two_i  (done_two),
      .mq_done_id_i   (done_id),
      .mq_done_rq_i   (done_rq),
      .mq_done_fault_i(done_fault),
      .mq_done_entry_i(done_entry),
      .ranges_i       (ranges),
      .req_ready_o    (req_ready_o[p]),
      .rsp_o          (rsp_o[p*RspW +: RspW]),
      .miss_o         (p_miss[p]),
      .miss_id_o      (miss_id),
      .miss_rq_o      (miss_rq),
      .miss_old_o     (miss_old),
      .take_done_o    (p_take_done[p]),
      .busy_o         (p_l1_busy[p]),
      .old_busy_o     (p_l1_old_busy[p]),
      .ev_hit_o       (p_ev_hit[p]),
      .ev_refuse_o    (p_ev_refuse[p]),
      .ev_fault_o     (p_ev_fault[p]),
      .ev_stall_o     (p_ev_stall[p])
    );

    mmu_miss_queue #(
      .Entries (PEntries),
      .HasL2   (HasL2),
      .KeepMask(mmu_pkg::rq_bits(Others, Hypervisor))
    ) u_miss_queue (
      .clk_i,
      .rst_ni,
      .alloc_i       (p_miss[p]),
      .alloc_id_i    (miss_id),
      .alloc_rq_i    (miss_rq),
      .alloc_old_i   (miss_old),
      .kill_i        (kill_i[p]),
      .fence_mark_i  (fence_mark),
      .look_sel_i    (p_look_sel[p*mmu_pkg::MissW +: mmu_pkg::MissW]),
      .look_grant_i  (p_look_grant[p]),
      .l2_done_i     (p_l2_done[p]),
      .l2_abort_i    (p_l2_abort[p]),
      .l2_sel_i      (l2_sel),
      .l2_hit_i      (l2_hit),
      .l2_entry_i    (l2_entry),
      .want_sel_i    (p_want_sel[p*mmu_pkg::MissW +: mmu_pkg::MissW]),
      .want_grant_i  (p_want_grant[p]),
      .want_slot_i   (start_slot),
      .walk_done_i   (p_walk_done[p]),
      .walk_slot_i   (walk_slot),
      .walk_fault_i  (walk_fault),
      .walk_entry_i  (walk_entry),
      .take_done_i   (p_take_done[p]),
      .full_o        (full),
      .look_o        (look[PBase +: PEntries]),
      .look_rq_o     (look_rq),
      .want_o        (want[PBase +: PEntries]),
      .want_rq_o     (want_rq),
      .want_old_o    (p_want_old[p]),
      .done_o        (done),
      .done_two_o    (done_two),
      .done_id_o     (done_id),
      .done_rq_o     (done_rq),
      .done_fault_o  (done_fault),
      .done_entry_o  (done_entry),
      .busy_o        (p_mq_busy[p]),
      .old_busy_o    (p_mq_old_busy[p])
    );

    if (p == mmu_pkg::PortI) begin : gen_i
      assign look_rq_i_port = look_rq;
      assign want_rq_i_port = want_rq;
    end else begin : gen_d
      assign look_rq_d_port = look_rq;
      assign want_rq_d_port = want_rq;
    end
  end

  // ---- requesters: entries of a port that is killed now do not count (TOP-3, TOP-4) -------------
  logic [Entries-1:0] alive;

  assign alive = {{EntriesD{~kill_i[mmu_pkg::PortD]}}, {EntriesI{~kill_i[mmu_pkg::PortI]}}};

  // ---- L2 (TOP-3) -------------------------------------------------------------------------------
  if (HasL2) begin : gen_l2
    logic              look_any, look_port, look_grant;
    logic [IndexW-1:0] look_index;
    logic [mmu_pkg::MissW-1:0] look_sel;
    mmu_pkg::rq_t      look_rq;

    mmu_rr_arb #(
      .W(Entries)
    ) u_arb (
      .clk_i,
      .rst_ni,
      .req_i    (look & alive),
      .advance_i(look_grant),
      .valid_o  (look_any),
      .index_o  (look_index)
    );

    assign look_port    = look_index >= IndexW'(EntriesI);
    assign look_sel     = mmu_pkg::MissW'(look_index) -
                          (look_port ? mmu_pkg::MissW'(EntriesI) : '0);
    assign look_grant   = look_any & l2_ready & ~fence_accept & ~l2_fill;
    assign look_rq      = look_port ? look_rq_d_port : look_rq_i_port;
    assign p_look_sel   = {Ports{look_sel}};
    assign p_look_grant = {look_grant & look_port, look_grant & ~look_port};

    mmu_l2 #(
      .Cfg(Cfg)
    ) u_l2 (
      .clk_i,
      .rst_ni,
      .slow_i        (slow),
      .kill_i,
      .fence_accept_i(fence_accept),
      .fence_i       (fence),
      .look_i        (look_grant),
      .look_port_i   (look_port),
      .look_sel_i    (look_sel),
      .look_rq_i     (look_rq),
      .fill_i        (l2_fill),
      .fill_row_i    (walk_row),
      .ready_o       (l2_ready),
      .done_o        (l2_done),
      .abort_o       (l2_abort),
      .port_o        (l2_port),
      .sel_o         (l2_sel),
      .hit_o         (l2_hit),
      .row_o         (l2_row),
      .scanning_o    (l2_scanning),
      .idle_o        (l2_idle),
      .ev_refuse_o   (l2_ev_refuse)
    );
  end else begin : gen_no_l2
    logic unused_look;
    assign unused_look  = ^{look, look_rq_i_port, look_rq_d_port, l2_fill};
    assign p_look_sel   = '0;
    assign p_look_grant = '0;
    assign l2_ready     = 1'b1;
    assign l2_done      = 1'b0;
    assign l2_abort     = 1'b0;
    assign l2_port      = 1'b0;
    assign l2_sel       = '0;
    assign l2_hit       = 1'b0;
    assign l2_row       = '0;
    assign l2_scanning  = 1'b0;
    assign l2_idle      = 1'b1;
    assign l2_ev_refuse = 1'b0;
  end

  // ---- walker (TOP-4, TOP-5) ----------------------------------------------------------------------
  logic [IndexW-1:0]         start_index;
  logic [mmu_pkg::MissW-1:0] start_sel;

  mmu_rr_arb #(
    .W(Entries)
  ) u_walk_arb (
    .clk_i,
    .rst_ni,
    .req_i    (want & alive),
    .advance_i(start_grant),
    .valid_o  (start),
    .index_o  (start_index)
  );

  assign start_port   = start_index >= IndexW'(EntriesI);
  assign start_sel    = mmu_pkg::MissW'(start_index) -
                        (start_port ? mmu_pkg::MissW'(EntriesI) : '0);
  assign start_old    = p_want_old[start_port];
  assign start_rq     = start_port ? want_rq_d_port : want_rq_i_port;
  assign p_want_sel   = {Ports{start_sel}};
  assign p_want_grant = {start_grant & start_port, start_grant & ~start_port};

  mmu_walker #(
    .Cfg(Cfg)
  ) u_walker (
    .clk_i,
    .rst_ni,
    .slow_i        (slow),
    .fence_accept_i(fence_accept),
    .fence_i       (fence),
    .start_i       (start),
    .start_rq_i    (start_rq),
    .start_old_i   (start_old),
    .start_port_i  (start_port),
    .fill_ready_i  (l2_ready),
    .mreq_ready_i,
    .mrsp_i,
    .ranges_i      (ranges),
    .start_grant_o (start_grant),
    .start_slot_o  (start_slot),
    .start_merge_o (start_merge),
    .done_o        (walk_done),
    .done_slot_o   (walk_slot),
    .done_port_o   (walk_port),
    .done_fault_o  (walk_fault),
    .done_entry_o  (walk_entry),
    .done_fill_o   (walk_fill),
    .done_row_o    (walk_row),
    .mreq_o,
    .busy_o        (walk_busy),
    .ev_restart_o  (ev_restart),
    .ev_pwc_o      (ev_pwc),
    .ev_cas_fail_o (ev_cas_fail),
    .ev_g_hit_o    (ev_g_hit),
    .ev_g_miss_o   (ev_g_miss),
    .ev_g_refuse_o (ev_g_refuse),
    .ev_gpwc_o     (ev_gpwc),
    .ev_row_o      (ev_row)
  );

  // ---- fences (TOP-2, FEN) ------------------------------------------------------------------------
  mmu_fence #(
    .Hypervisor(Hypervisor)
  ) u_fence (
    .clk_i,
    .rst_ni,
    .fence_valid_i (fence_i.valid),
    .fence_kind_i  (fence_i.kind),
    .fence_posted_i(fence_i.posted),
    .old_busy_i    (p_l1_old_busy != '0 || p_mq_old_busy != '0),
    .scanning_i    (l2_scanning),
    .ready_o       (fence_ready_o),
    .take_o        (fence_take),
    .accept_o      (fence_accept),
    .mark_o        (fence_mark),
    .done_o        (fence_done_o),
    .busy_o        (fence_busy)
  );

  // REQ-10
  assign idle_o = p_l1_busy == '0 && p_mq_busy == '0 && !walk_busy && l2_idle && !fence_busy;

  // ---- events (TOP-8) -----------------------------------------------------------------------------
  logic [Ports-1:0] accept;

  for (genvar p = 0; p < Ports; p++) begin : gen_accept
    assign accept[p] = req_i[p*ReqW + ReqW - 1] & req_ready_o[p];   // req_t.valid is its top bit
  end

  assign events_o = {
    ev_row,                                           // 36
    ev_gpwc,                                          // 35..32
    ev_g_refuse,                                      // 31
    ev_g_miss,                                        // 30
    ev_g_hit,                                         // 29
    p_ev_stall,                                       // 28, 27
    p_ev_fault,                                       // 26, 25
    fence_done_o,                                     // 24
    fence_take,                                       // 23
    ev_cas_fail,                                      // 22
    mreq_o.valid & mreq_ready_i & mreq_o.op,          // 21
    mreq_o.valid & mreq_ready_i & ~mreq_o.op,         // 20
    ev_pwc,                                           // 19..16
    ev_restart,                                       // 15
    walk_done & (walk_fault != mmu_pkg::FaultNone),   // 14
    walk_done & (walk_fault == mmu_pkg::FaultNone),   // 13
    start_grant & start_merge,                        // 12
    start_grant & ~start_merge,                       // 11
    l2_ev_refuse,                                     // 10
    l2_done & ~l2_hit,                                // 9
    l2_done & l2_hit,                                 // 8
    p_ev_refuse,                                      // 7, 6
    p_miss,                                           // 5, 4
    p_ev_hit,                                         // 3, 2
    accept                                            // 1, 0
  };

  logic unused_bits;
  assign unused_bits = ^{fill_entry, ctx_of_i, ctx_of_d, req_of_i, req_of_d};

endmodule
