// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// L2 TLB, shared by the ports: one operation at a time on arrays in memories.
// Twin: model/cycle/mmu_l2.c. Rules: docs/microarchitecture.md, L2.
//
//     clock      c        c+1                     (l2_latency 1, two page sizes to probe)
//     look_i     1
//     st_q       L2Idle   L2Look      L2Look      L2Idle
//     reads      probe 0  probe 1
//     compares            probe 0     probe 1
//     done_o              0 (no hit)  1
//
// A probe is a pair of a page size and the array that holds it; probes go up in size.
module mmu_l2 #(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  mmu_pkg::slow_t            slow_i,
  input  logic [mmu_pkg::Ports-1:0] kill_i,          // a look-up for such a port ends
  input  logic                      fence_accept_i,  // clock t of a fence
  input  mmu_pkg::fence_t           fence_i,         // with fence_accept_i, masked
  input  logic                      look_i,          // a look-up starts; only while ready_o
  input  logic                      look_port_i,     // for this port
  input  logic [mmu_pkg::MissW-1:0] look_sel_i,      // and this entry of its miss queue
  input  mmu_pkg::rq_t              look_rq_i,
  input  logic                      fill_i,          // a fill starts; only while ready_o
  input  mmu_pkg::row_t             fill_row_i,      // some array holds its size
  output logic                      ready_o,         // an operation can start; from state
  output logic                      done_o,          // the look-up is finished
  output logic                      abort_o,         // the look-up was given up for a fence
  output logic                      port_o,          // the look-up's, with done_o and abort_o
  output logic [mmu_pkg::MissW-1:0] sel_o,
  output logic                      hit_o,           // with done_o
  output mmu_pkg::row_t             row_o,           // the row that hit, else 0
  output logic                      scanning_o,      // a fence is clearing rows; from state
  output logic                      idle_o,          // from state
  output logic                      ev_refuse_o      // a row that refused the access was dropped
);

  localparam int unsigned Level = mmu_pkg::LevelL2;
  localparam int unsigned Arrays = mmu_pkg::Arrays;
  localparam int unsigned Sizes = 13;   // page sizes that there are (TYP-4)
  localparam bit Hypervisor = mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0;
  localparam bit Others = mmu_cfg_pkg::cfg_formats(Cfg) != 32'd1;   // formats other than riscv
  localparam logic [mmu_pkg::RqW-1:0] KeepMask = mmu_pkg::rq_bits(Others, Hypervisor);
  localparam logic [3:0] Latency = 4'(mmu_cfg_pkg::cfg_l2_latency(Cfg));

  if (Latency < 4'd1) begin : gen_bad_latency
    $fatal(1, "mmu_l2: l2_latency = %0d, must be 1 to 15", Latency);
  end

  // ---- configuration: the probes, and the most sets of any array ----------------------------
  // Does array k hold page size i?
  function automatic logic holds(input int unsigned k, input int unsigned i);
    holds = mmu_cfg_pkg::cfg_array_ways(Cfg, Level, k) > 0 &&
            ((mmu_cfg_pkg::cfg_array_pages(Cfg, Level, k) >> i) & 32'd1) == 32'd1;
  endfunction

  function automatic logic [3:0] count_probes();
    count_probes = '0;
    for (int unsigned i = 0; i < Sizes; i++) begin
      for (int unsigned k = 0; k < Arrays; k++) begin
        if (holds(k, i)) count_probes = count_probes + 4'd1;
      end
    end
  endfunction

  // 6 bits a probe: its page size
  function automatic logic [16*6-1:0] list_lg();
    int unsigned n;
    n       = 0;
    list_lg = '0;
    for (int unsigned i = 0; i < Sizes; i++) begin
      for (int unsigned k = 0; k < Arrays; k++) begin
        if (holds(k, i)) begin
          list_lg = list_lg | (96'(mmu_pkg::page_lg(4'(i))) << (n * 6));
          n       = n + 1;
        end
      end
    end
  endfunction

  // 2 bits a probe: its array
  function automatic logic [16*2-1:0] list_array();
    int unsigned n;
    n          = 0;
    list_array = '0;
    for (int unsigned i = 0; i < Sizes; i++) begin
      for (int unsigned k = 0; k < Arrays; k++) begin
        if (holds(k, i)) begin
          list_array = list_array | (32'(k) << (n * 2));
          n          = n + 1;
        end
      end
    end
  endfunction

  function automatic int unsigned most_sets();
    most_sets = 1;
    for (int unsigned k = 0; k < Arrays; k++) begin
      if (mmu_cfg_pkg::cfg_array_ways(Cfg, Level, k) > 0 &&
          (32'd1 << mmu_cfg_pkg::cfg_array_sets_log2(Cfg, Level, k)) > most_sets) begin
        most_sets = 32'd1 << mmu_cfg_pkg::cfg_array_sets_log2(Cfg, Level, k);
      end
    end
  endfunction

  localparam logic [3:0]      Probes     = count_probes();
  localparam logic [16*6-1:0] ProbeLg    = list_lg();
  localparam logic [16*2-1:0] ProbeArray = list_array();
  localparam int unsigned     MostSets   = most_sets();
  localparam int unsigned     ScanW      = $clog2(MostSets + 1);

  if (Probes == '0) begin : gen_bad_probes
    $fatal(1, "mmu_l2: no array of level 2 holds a page size");
  end

  // ---- registers ----------------------------------------------------------------------------
  typedef enum logic [1:0] {
    L2Idle = 2'd0,
    L2Look = 2'd1,
    L2Fill = 2'd2,
    L2Scan = 2'd3
  } l2_st_e;

  l2_st_e                    st_d, st_q;
  logic [3:0]                wait_d, wait_q;       // clocks to the compare
  logic [3:0]                probe_d, probe_q;
  logic                      port_q;
  logic [mmu_pkg::MissW-1:0] sel_q;
  mmu_pkg::rq_t              rq_q;
  mmu_pkg::row_t             fill_row_q;
  logic [ScanW-1:0]          scan_d, scan_q;       // set that is read next
  logic [mmu_pkg::KeyW-1:0]  fence_key_q;
  logic [mmu_pkg::KeyW-1:0]  fence_mask_q;
  logic                      fence_spare_g_q;
  logic [mmu_pkg::SpaceW-1:0] fence_vm_q;          // without two stages these are 0
  logic [mmu_pkg::SpaceW-1:0] fence_vm_mask_q;

  // ---- look-up: outcome (L2-3, L2-5, L2-6) --------------------------------------------------
  logic                 killed;
  logic                 compare;      // a compare clock, not killed
  logic                 match;        // in the probe's array
  mmu_pkg::row_t        match_row;
  mmu_pkg::entry_t      match_entry;
  logic                 grant;
  logic                 last;         // the last probe
  logic [1:0]           probe_array;
  logic [Arrays-1:0]    array_hit;
  logic [Arrays*mmu_pkg::RowW-1:0] array_row;

  assign killed      = kill_i[port_q];
  assign compare     = (st_q == L2Look) & (wait_q == '0) & ~killed;
  assign last        = probe_q == Probes - 4'd1;
  assign probe_array = ProbeArray[probe_q*2 +: 2];
  assign match       = array_hit != '0;
  assign match_entry = match_row.data;

  // Only the probe's array compares.
  always_comb begin
    match_row = '0;
    for (int unsigned k = 0; k < Arrays; k++) begin
      if (array_hit[k]) match_row = array_row[k*mmu_pkg::RowW +: mmu_pkg::RowW];
    end
  end

  mmu_format #(
    .Cfg(Cfg)
  ) u_format (
    .rq_i         (rq_q),
    .slow_i,
    .pos_i        ('0),
    .word_i       ('0),
    .entry_i      (match_entry),
    .fault_i      ('0),
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
    .grant_o      (grant),
    .pa_o         (),
    .cause_o      (),
    .merge_lg_o   ()
  );

  assign done_o      = compare & (match | last);
  assign hit_o       = compare & match & grant;
  assign ev_refuse_o = compare & match & ~grant;
  assign abort_o     = (st_q == L2Look) & ~killed & fence_accept_i & ~done_o;
  assign port_o      = port_q;
  assign sel_o       = sel_q;
  assign ready_o     = st_q == L2Idle;
  assign idle_o      = st_q == L2Idle;
  assign scanning_o  = st_q == L2Scan;

  always_comb begin
    row_o = '0;
    if (hit_o) row_o = match_row;
  end

  // ---- what starts in this clock (L2-1, L2-3) -----------------------------------------------
  logic start_look, start_fill, next_probe, fence_all;

  assign start_look = look_i & ready_o & ~fence_accept_i;
  assign start_fill = fill_i & ready_o & ~fence_accept_i;
  assign next_probe = compare & ~done_o & ~fence_accept_i;
  assign fence_all  = fence_accept_i &                                                       // L2-6
                      ((fence_i.kind == mmu_pkg::FenceS && !fence_i.va_en && !fence_i.asid_en) ||
                       (fence_i.kind == mmu_pkg::FenceX && !fence_i.va_en && !fence_i.asid_en &&
                        !fence_i.keep_g) ||
                       (fence_i.kind == mmu_pkg::FenceG && !fence_i.vmid_en));

  // ---- p_next -------------------------------------------------------------------------------
  always_comb begin : p_next
    st_d    = st_q;
    wait_d  = wait_q;
    probe_d = probe_q;
    scan_d  = scan_q;
    unique case (st_q)
      L2Idle: begin
        if (start_look) begin                                                 // L2-2
          st_d    = L2Look;
          wait_d  = Latency - 4'd1;
          probe_d = '0;
        end else if (start_fill) begin                                        // L2-4
          st_d    = L2Fill;
        end
      end
      L2Look: begin                                                           // L2-2, L2-3
        if (killed || done_o) begin
          st_d    = L2Idle;
        end else if (next_probe) begin
          wait_d  = Latency - 4'd1;
          probe_d = probe_q + 4'd1;
        end else begin
          wait_d  = wait_q - 4'd1;
        end
      end
      L2Fill: st_d = L2Idle;                                                  // L2-4
      L2Scan: begin                                                           // L2-7
        if (scan_q == ScanW'(MostSets)) begin
          st_d    = L2Idle;
        end else begin
          scan_d  = scan_q + ScanW'(1);
        end
      end
      default: st_d = L2Idle;
    endcase
    if (fence_accept_i) begin                                                 // L2-6
      st_d   = fence_all ? L2Idle : L2Scan;
      scan_d = '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      st_q            <= L2Idle;
      wait_q          <= '0;
      probe_q         <= '0;
      port_q          <= 1'b0;
      sel_q           <= '0;
      rq_q            <= '0;
      fill_row_q      <= '0;
      scan_q          <= '0;
      fence_key_q     <= '0;
      fence_mask_q    <= '0;
      fence_spare_g_q <= 1'b0;
    end else begin
      st_q    <= st_d;
      wait_q  <= wait_d;
      probe_q <= probe_d;
      scan_q  <= scan_d;
      if (start_look) begin
        port_q <= look_port_i;
        sel_q  <= look_sel_i;
        rq_q   <= look_rq_i & KeepMask;
      end
      if (start_fill) fill_row_q <= fill_row_i;
      if (fence_accept_i) begin
        fence_key_q     <= mmu_pkg::make_key(fence_i.asid, fence_i.va);
        fence_mask_q    <= mmu_pkg::fence_key_mask(fence_i);
        fence_spare_g_q <= mmu_pkg::fence_spare_g(fence_i);
      end
    end
  end

  if (Hypervisor) begin : gen_vm
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        fence_vm_q      <= '0;
        fence_vm_mask_q <= '0;
      end else if (fence_accept_i) begin
        fence_vm_q      <= mmu_pkg::fence_space(fence_i);
        fence_vm_mask_q <= mmu_pkg::fence_space_mask(fence_i);
      end
    end
  end else begin : gen_no_vm
    assign fence_vm_q      = '0;
    assign fence_vm_mask_q = '0;
  end

  // ---- which set is read (KEY-4): of a page of 2^rd_lg bytes at rd_va -------------------------
  mmu_pkg::entry_t            fill_entry;     // of a fill that starts
  mmu_pkg::entry_t            fill_entry_q;   // of a fill that acts
  logic [mmu_pkg::KeyVaW-1:0] rd_va;          // VA bits 56:9
  logic [5:0]                 rd_lg;

  assign fill_entry   = fill_row_i.data;
  assign fill_entry_q = fill_row_q.data;

  always_comb begin
    rd_va = '0;
    rd_lg = '0;
    if (start_fill) begin
      rd_va = fill_row_i.key[mmu_pkg::KeyVaW-1:0];
      rd_lg = fill_entry.lg;
    end else if (start_look) begin
      rd_va = look_rq_i.va[56:9];
      rd_lg = ProbeLg[5:0];
    end else if (next_probe) begin
      rd_va = rq_q.va[56:9];
      rd_lg = ProbeLg[probe_d*6 +: 6];
    end
  end

  // ---- what is compared (L2-2, L2-4, L2-7) --------------------------------------------------
  logic [mmu_pkg::KeyW-1:0] cmp_key, cmp_mask;
  logic                     cmp_spare_g;
  logic [mmu_pkg::SpaceW-1:0] cmp_vm, cmp_vm_mask;
  logic [mmu_pkg::VmW-1:0]    fill_vm;

  assign fill_vm = fill_row_q.vm;

  always_comb begin
    cmp_key     = '0;
    cmp_mask    = '0;
    cmp_spare_g = 1'b0;
    cmp_vm      = '0;
    cmp_vm_mask = '0;
    unique case (st_q)
      L2Look: begin
        if (compare) begin
          cmp_key  = mmu_pkg::make_key(rq_q.ctx.asid, rq_q.va);
          cmp_mask = '1;
          if (Hypervisor) begin
            cmp_key     = mmu_pkg::ctx_key(rq_q.ctx, rq_q.va);
            cmp_vm      = mmu_pkg::ctx_space(rq_q.ctx);
            cmp_vm_mask = '1;
          end
        end
      end
      L2Fill: begin
        cmp_key  = fill_row_q.key;
        cmp_mask = fill_row_q.mask;
        if (Hypervisor) begin
          cmp_vm      = fill_vm[mmu_pkg::SpaceW-1:0];
          cmp_vm_mask = '1;
        end
      end
      L2Scan: begin
        if (scan_q != '0) begin
          cmp_key     = fence_key_q;
          cmp_mask    = fence_mask_q;
          cmp_spare_g = fence_spare_g_q;
          if (Hypervisor) begin
            cmp_vm      = fence_vm_q;
            cmp_vm_mask = fence_vm_mask_q;
          end
        end
      end
      default: ;
    endcase
  end

  // ---- arrays -------------------------------------------------------------------------------
  for (genvar k = 0; k < Arrays; k++) begin : gen_array
    localparam int unsigned Ways  = mmu_cfg_pkg::cfg_array_ways(Cfg, Level, k);
    localparam logic [15:0] Pages = 16'(mmu_cfg_pkg::cfg_array_pages(Cfg, Level, k));
    localparam int unsigned Sets  = 32'd1 << mmu_cfg_pkg::cfg_array_sets_log2(Cfg, Level, k);
    localparam int unsigned SetW  = (Sets > 1) ? $clog2(Sets) : 1;

    if (Ways > 0) begin : gen_on
      logic            is_probe;    // the probe that is compared is of this array
      logic            is_fill;     // the fill that acts is of this array
      logic            read;
      logic [SetW-1:0] read_set;
      logic            acts;        // compares in this clock
      logic            scans;

      assign is_probe = probe_array == 2'(k);
      assign is_fill  = mmu_pkg::pages_hold(Pages, fill_entry_q.lg);
      assign scans    = (st_q == L2Scan) & (scan_q != '0) & (scan_q <= ScanW'(Sets));
      assign acts     = (st_q == L2Look) ? is_probe : (st_q == L2Fill) ? is_fill : scans;

      assign read = ((st_q == L2Scan) & (scan_q < ScanW'(Sets))) |
                    (((start_look | start_fill | next_probe) &
                      mmu_pkg::pages_hold(Pages, rd_lg)));

      if (Sets > 1) begin : gen_sets
        always_comb begin
          read_set = SetW'(scan_q);
          if (st_q != L2Scan) begin
            read_set = '0;
            for (int unsigned i = 0; i < Sizes; i++) begin
              if (Pages[i] && rd_lg == mmu_pkg::page_lg(4'(i))) begin
                read_set = SetW'(rd_va >> (mmu_pkg::page_lg(4'(i)) - 6'(mmu_pkg::PpnLg)));
              end
            end
          end
        end
      end else begin : gen_one_set
        assign read_set = '0;
      end

      mmu_row_array #(
        .Sets   (Sets),
        .Ways   (Ways),
        .Policy (mmu_cfg_pkg::cfg_array_policy(Cfg, Level, k)),
        .ArrayId(Level * mmu_pkg::Arrays + k),
        .Vm     (Hypervisor)
      ) u_array (
        .clk_i,
        .rst_ni,
        .read_i       (read),
        .read_set_i   (read_set),
        .cmp_key_i    (cmp_key),
        .cmp_mask_i   (acts ? cmp_mask : '0),
        .cmp_vm_i     (cmp_vm),
        .cmp_vm_mask_i(acts ? cmp_vm_mask : '0),
        .cmp_spare_g_i(acts & cmp_spare_g),
        .touch_i      (is_probe & hit_o & ~fence_accept_i),                   // L2-3, L2-6
        .drop_i       (is_probe & ev_refuse_o),                               // L2-3
        .fill_i       (is_fill & (st_q == L2Fill) & ~fence_accept_i),         // L2-4, L2-6
        .fill_row_i   (fill_row_q),
        .scan_i       (scans),                                                // L2-7
        .clear_i      (fence_all),                                            // L2-6
        .hit_o        (array_hit[k]),
        .row_o        (array_row[k*mmu_pkg::RowW +: mmu_pkg::RowW])
      );
    end else begin : gen_off
      assign array_hit[k] = 1'b0;
      assign array_row[k*mmu_pkg::RowW +: mmu_pkg::RowW] = '0;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{fence_i, fill_vm, fill_entry, fill_entry_q, match_entry};

endmodule
