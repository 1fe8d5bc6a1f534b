// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// L1 TLB of one port: accepts requests, looks them up, answers.
// Twin: model/cycle/mmu_l1.c. Rules: docs/microarchitecture.md, L1 and REQ.
//
//     clock        n          n+1
//     req_i        accepted   in stage 1 (s1): looked up, and one of
//                             bare, fault, granted hit   answers on rsp_o in n+1
//                             miss, refused hit          goes to the miss queue, or stalls in s1
//     With several probes (L1-13) a miss takes as many clocks, and a hit of a later probe comes later.
//     A finished miss answers on rsp_o in a clock in which stage 1 does not.
module mmu_l1 #(
  parameter  logic [mmu_cfg_pkg::CfgW-1:0] Cfg     = mmu_cfg_pkg::CfgDefault,
  parameter  int unsigned                  Port    = 0,    // 0 instruction, 1 data
  // PMP ranges at the port: one that does not matter where there is no PMP
  localparam int unsigned                  Entries = (mmu_cfg_pkg::cfg_pmp_entries(Cfg) > 0) ?
                                                     mmu_cfg_pkg::cfg_pmp_entries(Cfg) : 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  mmu_pkg::req_t           req_i,           // a request is offered
  input  logic                    kill_i,          // what was accepted up to this clock is dead
  input  mmu_pkg::ctx_t           ctx_i,           // context of req_i, masked
  input  mmu_pkg::slow_t          slow_i,
  input  logic                    fence_accept_i,  // clock t of a fence: rows become invalid
  input  logic                    fence_mark_i,    // requests become old
  input  mmu_pkg::fence_t         fence_i,         // with fence_accept_i, masked
  input  logic                    fill_i,          // fill_row_i is to be kept
  input  mmu_pkg::row_t           fill_row_i,
  input  logic                    mq_full_i,       // miss queue: takes no miss in this clock
  input  logic                    mq_done_i,       // has a finished entry, shown in mq_done_*
  input  logic                    mq_done_two_i,   // has two or more
  input  logic [mmu_pkg::IdW-1:0] mq_done_id_i,
  input  mmu_pkg::rq_t            mq_done_rq_i,
  input  logic [2:0]              mq_done_fault_i,
  input  mmu_pkg::entry_t         mq_done_entry_i,
  input  logic [Entries*mmu_pkg::PmpRangeW-1:0] ranges_i,  // pmp_range_t an entry
  output logic                    req_ready_o,     // from state alone
  output mmu_pkg::rsp_t           rsp_o,           // answer lane; all 0 without an answer
  output logic                    miss_o,          // the request of stage 1 enters the miss queue
  output logic [mmu_pkg::IdW-1:0] miss_id_o,
  output mmu_pkg::rq_t            miss_rq_o,
  output logic                    miss_old_o,
  output logic                    take_done_o,     // the finished entry has the lane
  output logic                    busy_o,          // from state
  output logic                    old_busy_o,      // from state
  output logic                    ev_hit_o,
  output logic                    ev_refuse_o,
  output logic                    ev_fault_o,
  output logic                    ev_stall_o
);

  if (Port >= mmu_pkg::Ports) begin : gen_bad_port
    $fatal(1, "mmu_l1: Port = %0d, must be 0 or 1", Port);
  end

  localparam bit Hypervisor = mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0;
  localparam bit Others     = mmu_cfg_pkg::cfg_formats(Cfg) != 32'd1;   // formats other than riscv
  localparam logic [mmu_pkg::RqW-1:0] KeepMask = mmu_pkg::rq_bits(Others, Hypervisor);

  // ---- configuration: probes (L1-13) --------------------------------------------------------
  // Page sizes that an array is looked up for one after the other.
  function automatic int unsigned probes(input int unsigned k);
    probes = 0;
    for (int unsigned i = 0; i < 13; i++) begin
      if (((mmu_cfg_pkg::cfg_array_pages(Cfg, Port, k) >> i) & 32'd1) == 32'd1) begin
        probes = probes + 1;
      end
    end
    if (mmu_cfg_pkg::cfg_array_ways(Cfg, Port, k) == 0 || probes == 0 ||
        mmu_cfg_pkg::cfg_array_sets_log2(Cfg, Port, k) == 0) begin
      probes = 1;
    end
  endfunction

  // The probe in which array k is looked up first
  function automatic int unsigned first_probe(input int unsigned k);
    first_probe = 0;
    for (int unsigned j = 0; j < k; j++) first_probe = first_probe + probes(j) - 1;
  endfunction

  // How many page sizes of a `pages` field are smaller than size i
  function automatic int unsigned smaller(input logic [15:0] pages, input int unsigned i);
    smaller = 0;
    for (int unsigned j = 0; j < i; j++) begin
      if (pages[4'(j)]) smaller = smaller + 1;
    end
  endfunction

  localparam int unsigned LastProbe = first_probe(mmu_pkg::Arrays);

  if (LastProbe > 7) begin : gen_bad_probes
    $fatal(1, "mmu_l1: Port %0d has %0d probes, at most 8 are possible", Port, LastProbe + 1);
  end

  // ---- stage 1: registers -------------------------------------------------------------------
  logic                    s1_valid_d, s1_valid_q;
  logic                    s1_old_d, s1_old_q;      // older than the running fence
  logic [mmu_pkg::IdW-1:0] s1_id_q;
  mmu_pkg::rq_t            s1_rq_q;
  logic [2:0]              s1_probe_d, s1_probe_q;
  mmu_pkg::rq_t            req_rq;                  // req_i as it travels from here on

  assign req_rq = {req_i.va, req_i.acc, req_i.size, req_i.prv, ctx_i};

  // ---- stage 1: the format's start and perm (L1-2, L1-3) ------------------------------------
  logic [1:0]              s1_kind;          // start_e
  logic [2:0]              s1_start_fault;
  logic [mmu_pkg::PaW-1:0] s1_base;          // FRM-2
  mmu_pkg::entry_t         hit_entry;
  logic                    grant;

  mmu_format #(
    .Cfg(Cfg)
  ) u_s1 (
    .rq_i         (s1_rq_q),
    .slow_i,
    .pos_i        ('0),
    .word_i       ('0),
    .entry_i      (hit_entry),
    .fault_i      ('0),
    .start_kind_o (s1_kind),
    .start_fault_o(s1_start_fault),
    .start_base_o (s1_base),
    .start_pos_o  (),
    .addr_o       (),
    .wide_o       (),
    .step_kind_o  (),
    .step_fault_o (),
    .step_lg_o    (),
    .step_pos_o   (),
    .step_entry_o (),
    .step_new_o   (),
    .grant_o      (grant),
    .pa_o         (),
    .cause_o      (),
    .merge_lg_o   ()
  );

  // ---- stage 1: look-up (L1-2) --------------------------------------------------------------
  logic                                     lookup;
  logic [mmu_pkg::KeyW-1:0]                 key;
  logic [mmu_pkg::SpaceW-1:0]               space;
  logic [mmu_pkg::Arrays-1:0]               array_hit;
  logic [mmu_pkg::Arrays*mmu_pkg::DataW-1:0] array_data;
  logic [mmu_pkg::Arrays-1:0]               array_sel;   // one-hot: the array whose hit counts
  logic                                     hit;

  assign lookup    = s1_valid_q & (s1_kind == mmu_pkg::StartWalk);
  assign key       = Hypervisor ? mmu_pkg::ctx_key(s1_rq_q.ctx, s1_rq_q.va)
                                : mmu_pkg::make_key(s1_rq_q.ctx.asid, s1_rq_q.va);
  assign space     = Hypervisor ? mmu_pkg::ctx_space(s1_rq_q.ctx) : '0;
  assign array_sel = array_hit & (~array_hit + mmu_pkg::Arrays'(1));
  assign hit       = array_hit != '0;

  always_comb begin
    hit_entry = '0;
    for (int unsigned k = mmu_pkg::Arrays; k > 0; k--) begin
      if (array_hit[k-1]) hit_entry = array_data[(k-1)*mmu_pkg::DataW +: mmu_pkg::DataW];
    end
  end

  // ---- stage 1: outcome (L1-3..5, L1-13) -----------------------------------------------------------
  logic s1_hit, s1_refuse, s1_more, s1_miss, s1_stall, s1_answer;

  assign s1_hit    = hit & grant;
  assign s1_refuse = hit & ~grant;
  assign s1_more   = lookup & ~hit & (s1_probe_q != 3'(LastProbe));
  assign s1_miss   = lookup & ~s1_hit & ~s1_more;
  assign s1_stall  = s1_miss & mq_full_i;
  assign s1_answer = s1_valid_q & ~s1_miss & ~s1_more;

  // L1-6, L1-7, L1-13
  assign req_ready_o = ~s1_stall & ~s1_more & (~mq_done_i | (~mq_done_two_i & ~s1_answer));
  assign take_done_o = mq_done_i & ~s1_answer;

  assign miss_o     = s1_miss & ~mq_full_i & ~kill_i;                         // L1-5, L1-8
  assign miss_id_o  = s1_id_q;
  assign miss_rq_o  = s1_rq_q;
  assign miss_old_o = s1_old_q;

  // L1-11
  assign busy_o      = s1_valid_q;
  assign old_busy_o  = s1_valid_q & s1_old_q;
  assign ev_hit_o    = s1_hit & ~kill_i;
  assign ev_refuse_o = s1_refuse & ~kill_i;
  assign ev_stall_o  = s1_stall & ~kill_i;
  assign ev_fault_o  = rsp_o.fault;

  // ---- stage 1: next (L1-1, L1-8, L1-9) -----------------------------------------------------
  logic accept;

  assign accept     = req_i.valid & req_ready_o;
  assign s1_valid_d = ~kill_i & (accept | s1_stall | s1_more);
  assign s1_old_d   = fence_mark_i | (s1_old_q & ~accept);
  assign s1_probe_d = s1_more ? s1_probe_q + 3'd1 : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      s1_old_q   <= 1'b0;
      s1_id_q    <= '0;
      s1_rq_q    <= '0;
    end else begin
      s1_valid_q <= s1_valid_d;
      s1_old_q   <= s1_old_d;
      if (accept) begin
        s1_id_q <= req_i.id;
        s1_rq_q <= req_rq & KeepMask;
      end
    end
  end

  if (LastProbe > 0) begin : gen_probes
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        s1_probe_q <= '0;
      end else begin
        s1_probe_q <= s1_probe_d;
      end
    end
  end else begin : gen_one_probe
    logic unused_probe;
    assign unused_probe = ^s1_probe_d;
    assign s1_probe_q   = '0;
  end

  // ---- arrays -------------------------------------------------------------------------------
  mmu_pkg::entry_t            fill_entry;
  logic [mmu_pkg::KeyW-1:0]   fence_key;       // L1-9, KEY-7
  logic [mmu_pkg::KeyW-1:0]   fence_mask;
  logic                       fence_spare_g;
  logic [mmu_pkg::SpaceW-1:0] fence_vm;
  logic [mmu_pkg::SpaceW-1:0] fence_vm_mask;

  assign fill_entry    = fill_row_i.data;
  assign fence_key     = mmu_pkg::make_key(fence_i.asid, fence_i.va);
  assign fence_mask    = mmu_pkg::fence_key_mask(fence_i);
  assign fence_spare_g = mmu_pkg::fence_spare_g(fence_i);
  assign fence_vm      = Hypervisor ? mmu_pkg::fence_space(fence_i) : '0;
  assign fence_vm_mask = Hypervisor ? mmu_pkg::fence_space_mask(fence_i) : '0;

  for (genvar k = 0; k < mmu_pkg::Arrays; k++) begin : gen_array
    localparam int unsigned Ways  = mmu_cfg_pkg::cfg_array_ways(Cfg, Port, k);
    localparam logic [15:0] Pages = 16'(mmu_cfg_pkg::cfg_array_pages(Cfg, Port, k));
    localparam int unsigned Sets  = 32'd1 << mmu_cfg_pkg::cfg_array_sets_log2(Cfg, Port, k);

    if (Ways > 0) begin : gen_on
      localparam int unsigned First = first_probe(k);
      localparam int unsigned Last  = First + probes(k) - 1;
      localparam logic [7:0]  Turns = (8'd2 << Last) - (8'd1 << First);   // probes First to Last

      logic       array_lookup;   // its turn (L1-13)
      logic [5:0] key_lg;

      assign array_lookup = lookup & Turns[s1_probe_q];

      if (First == Last) begin : gen_one_size
        assign key_lg = mmu_pkg::first_lg(Pages);
      end else begin : gen_sizes
        always_comb begin
          key_lg = mmu_pkg::first_lg(Pages);
          for (int unsigned i = 0; i < 13; i++) begin
            // Page size i stands at the probe that its number of smaller sizes says.
            if (Pages[i] && s1_probe_q == 3'(First + smaller(Pages, i))) begin
              key_lg = mmu_pkg::page_lg(4'(i));
            end
          end
        end
      end

      mmu_array #(
        .Sets   (Sets),
        .Ways   (Ways),
        .Policy (mmu_cfg_pkg::cfg_array_policy(Cfg, Port, k)),
        .ArrayId(Port * mmu_pkg::Arrays + k),
        .Vm     (Hypervisor)
      ) u_array (
        .clk_i,
        .rst_ni,
        .lookup_i       (array_lookup),
        .key_i          (key),
        .space_i        (space),
        .key_lg_i       (key_lg),
        .touch_i        (array_sel[k] & grant & ~kill_i),                     // L1-3, L1-8
        .drop_i         (array_sel[k] & ~grant & ~kill_i),                    // L1-4, L1-8
        .fill_i         (fill_i & mmu_pkg::pages_hold(Pages, fill_entry.lg)), // L1-10
        .fill_row_i,
        .fill_lg_i      (fill_entry.lg),
        .fence_i        (fence_accept_i),
        .fence_key_i    (fence_key),
        .fence_mask_i   (fence_mask),
        .fence_vm_i     (fence_vm),
        .fence_vm_mask_i(fence_vm_mask),
        .fence_spare_g_i(fence_spare_g),
        .hit_o          (array_hit[k]),
        .data_o         (array_data[k*mmu_pkg::DataW +: mmu_pkg::DataW])
      );
    end else begin : gen_off
      assign array_hit[k] = 1'b0;
      assign array_data[k*mmu_pkg::DataW +: mmu_pkg::DataW] = '0;
    end
  end

  // A port without arrays looks nothing up and keeps nothing (CFG-5).
  if (mmu_cfg_pkg::cfg_array_ways(Cfg, Port, 0) == 0) begin : gen_no_tlb
    logic unused_tlb;
    assign unused_tlb = ^{fence_accept_i, fill_i, fill_row_i, key, space, fence_key, fence_mask,
                          fence_spare_g, fence_vm, fence_vm_mask};
  end

  // ---- answer lane (L1-6, L1-8, L1-12, L1-14, REQ-8) -----------------------------------------------
  logic                       ans_bare;    // without translation
  logic                       ans_valid;
  logic [2:0]                 ans_fault;   // of the translation
  logic                       denied;      // by physical protection (L1-14)
  logic [2:0]                 rsp_fault;
  logic [mmu_pkg::IdW-1:0]    ans_id;
  logic [mmu_pkg::VaW-1:0]    ans_va;
  logic [2:0]                 ans_acc;
  mmu_pkg::entry_t            ans_entry;
  logic [mmu_pkg::EntryW-1:0] ans_guest;
  mmu_pkg::rq_t               ans_rq;      // what the format looks at
  logic [mmu_pkg::PaW-1:0]    ans_page;    // FRM-7
  logic [mmu_pkg::PaW-1:0]    ans_pa;
  logic [5:0]                 ans_cause;

  assign ans_valid = (s1_answer | mq_done_i) & ~kill_i;
  assign ans_bare  = s1_answer & ~s1_hit;
  assign ans_fault = s1_answer ? (s1_hit ? mmu_pkg::FaultNone : s1_start_fault) : mq_done_fault_i;
  assign ans_id    = s1_answer ? s1_id_q : mq_done_id_i;
  assign ans_va    = s1_answer ? s1_rq_q.va : mq_done_rq_i.va;
  assign ans_acc   = s1_answer ? s1_rq_q.acc : mq_done_rq_i.acc;
  assign ans_entry = s1_answer ? hit_entry : mq_done_entry_i;
  // With FaultGuest: {gpa[63:2], imp}, from stage 1 of the VA itself (L1-2).
  assign ans_guest = s1_answer ? {s1_rq_q.va[63:2], 2'd0} : mq_done_entry_i;
  // FRM-2, FRM-7
  assign ans_pa = ans_bare ? ans_va[mmu_pkg::PaW-1:0] + s1_base : ans_page;

  // FMT-14 and FMT-15 ask for no more.
  if (Others) begin : gen_ans_rq
    assign ans_rq = s1_answer ? s1_rq_q : mq_done_rq_i;
  end else begin : gen_ans_part
    assign ans_rq = {ans_va, ans_acc, {(mmu_pkg::RqW - mmu_pkg::VaW - 3){1'b0}}};
  end

  mmu_format #(
    .Cfg(Cfg)
  ) u_answer (
    .rq_i         (ans_rq),
    .slow_i,
    .pos_i        ('0),
    .word_i       ('0),
    .entry_i      (ans_entry),
    .fault_i      (rsp_fault),
    .start_kind_o (),
    .start_fault_o(),
    .start_base_o (),
    .start_pos_o  (),
    .addr_o       (),
    .wide_o       (),
    .step_kind_o  (),
    .step_fault_o (),
    .step_lg_o    (),
    .step_pos_o   (),
    .step_entry_o (),
    .step_new_o   (),
    .grant_o      (),
    .pa_o         (ans_page),
    .cause_o      (ans_cause),
    .merge_lg_o   ()
  );

  if (mmu_cfg_pkg::cfg_pmp_entries(Cfg) > 0) begin : gen_pmp
    logic       checked, allow;
    logic [2:0] acc;

    assign checked = ans_valid & (ans_fault == mmu_pkg::FaultNone);

    always_comb begin
      acc = '1;
      if (checked) begin
        acc = ans_acc;
        if (Others && ans_acc == mmu_pkg::AccAppend) acc = mmu_pkg::AccStore;
      end
    end

    assign denied  = checked & ~allow;

    mmu_pmp_check #(
      .Entries(Entries)
    ) u_pmp (
      .ranges_i,
      .pa_i    (ans_pa),
      .acc_i   (acc),
      .size_i  (s1_answer ? s1_rq_q.size : mq_done_rq_i.size),
      .prv_i   (s1_answer ? s1_rq_q.prv : mq_done_rq_i.prv),
      .sec_i   ({slow_i.rlb, slow_i.mmwp, slow_i.mml}),
      .allow_o (allow)
    );
  end else begin : gen_no_pmp
    logic unused_ranges;
    assign unused_ranges = ^ranges_i;
    assign denied = 1'b0;
  end

  assign rsp_fault = denied ? mmu_pkg::FaultAccess : ans_fault;

  always_comb begin
    rsp_o = '0;
    if (ans_valid) begin
      rsp_o.valid = 1'b1;
      rsp_o.id    = ans_id;
      if (rsp_fault == mmu_pkg::FaultNone) begin
        rsp_o.pa = ans_pa;
        rsp_o.lg = ans_entry.lg;
        rsp_o.mt = ans_entry.mt;
      end else begin
        rsp_o.fault = 1'b1;
        rsp_o.cause = ans_cause;
        rsp_o.tval  = ans_va;
        if (Hypervisor && rsp_fault == mmu_pkg::FaultGuest) begin
          rsp_o.gpa = {ans_guest[63:2], 2'd0};
          rsp_o.imp = ans_guest[1:0];
          // The walk may have been begun for another address of the page (L1-12).
          if (ans_guest[1:0] == 2'd0) rsp_o.gpa[11:2] = ans_va[11:2];
        end
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{mq_done_rq_i, ans_entry, ans_guest, ans_acc, fence_i, array_sel, fill_entry};

endmodule
