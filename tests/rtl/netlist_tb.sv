// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The RTL of `tiny` beside the netlist that Yosys made of it, with the same random inputs: all outputs
// must be equal in every clock. Not what they should be (that is lockstep's task), but that Yosys reads
// the RTL as Verilator does. Made and run by netlist_test.py.
module netlist_tb #(
  parameter int unsigned Clocks = 30000
) (
  input  logic clk_i,
  output logic done_o,
  output logic bad_o
);

  localparam int unsigned ReqW = mmu_pkg::ReqW;
  localparam int unsigned CtxW = mmu_pkg::CtxW;
  localparam int unsigned RspW = mmu_pkg::RspW;

  // ---- random numbers -------------------------------------------------------------------------
  logic [63:0] a_q = 64'h9e3779b97f4a7c15;
  logic [63:0] b_q = 64'hd1b54a32d192ed03;
  logic [63:0] n_q = '0;

  function automatic logic [63:0] mix(input logic [63:0] x);
    logic [63:0] y;
    y   = (x ^ (x >> 30)) * 64'hbf58476d1ce4e5b9;
    y   = (y ^ (y >> 27)) * 64'h94d049bb133111eb;
    mix = y ^ (y >> 31);
  endfunction

  logic [63:0] r0, r1, r2, slow_r;   // slow_r changes every 64 clocks
  assign r0 = mix(a_q);
  assign r1 = mix(b_q);
  assign slow_r = mix(n_q >> 6);
  assign r2 = mix(a_q ^ {b_q[31:0], b_q[63:32]});

  always_ff @(posedge clk_i) begin
    a_q <= a_q + 64'h9e3779b97f4a7c15;
    b_q <= b_q + 64'hda942042e4dd58b5;
    n_q <= n_q + 64'd1;
  end

  // ---- memory: words follow from address and epoch; some are pointers, most are good leaves --------
  function automatic logic [63:0] word(input logic [55:0] addr);
    logic [63:0] h;
    h = mix({n_q[17:10], addr});
    case (h[3:0])
      4'd0, 4'd1, 4'd2, 4'd3, 4'd4, 4'd5: word = {51'd0, h[10:8], 10'h001};       // pointer
      4'd6:                               word = {51'd0, h[10:8], 10'h0cb};       // fetch, load
      4'd7:                               word = h;                               // anything
      // A, D clear; the G stage asks for U
      4'd8, 4'd9:                         word = {34'd1, h[11:4], 12'd0, 5'h00, h[13], 4'hf};
      default:                            word = {34'd1, h[11:4], 12'd0, 5'h06, h[13], 4'hf};
    endcase
  endfunction

  // ---- inputs -----------------------------------------------------------------------------------
  logic                   rst_n;
  logic [2*ReqW-1:0]      req;
  logic [1:0]             kill;
  logic [2*CtxW-1:0]      ctx;
  mmu_pkg::ctx_t          ctx_instr, ctx_data;
  mmu_pkg::slow_t         slow;
  mmu_pkg::fence_t        fence;
  logic                   mreq_ready;
  logic [1:0]             space;
  mmu_pkg::mrsp_t         mrsp;
  mmu_pkg::pmp_write_t    pmp;
  mmu_pkg::req_t          req_instr, req_data;

  function automatic logic [63:0] address(input logic [63:0] r);
    address = {25'd0, 7'd0, r[1:0], 7'd0, r[3:2], 7'd0, r[5:4], r[17:6]};
    if (r[23:18] == 6'd0) address[40] = 1'b1;   // not canonical
    if (r[24]) address[30:21] = '0;
  endfunction

  // Half of the accesses are to one page for a while, so that walks are joined.
  function automatic logic [63:0] near(input logic [63:0] r);
    near = address(r[25] ? {r[63:18], r[17:6], slow_r[5:0]} : r);
  endfunction

  // Contexts change seldom, so that rows are hit; most have two stages.
  function automatic mmu_pkg::ctx_t context_of(input logic [63:0] r);
    mmu_pkg::ctx_t c;
    c       = '0;
    c.v     = slow_r[33:32] != 2'd0;
    c.gmxr  = slow_r[34];
    c.gmode = slow_r[38:35] == 4'd0 ? mmu_pkg::ModeBare
            : slow_r[38:35] == 4'd1 ? mmu_pkg::ModeSv32 : mmu_pkg::ModeSv39;
    c.vmid  = {12'd0, r[3:0] == 4'd0 ? r[5:4] : slow_r[40:39]};
    c.groot = {40'd1, c.vmid[1:0], 2'd0};
    c.mode  = r[9:6] == 4'd0 ? mmu_pkg::ModeBare : mmu_pkg::ModeSv39;
    c.asid  = {14'd0, space};
    c.root  = 44'd2 + {42'd0, space};
    c.sum   = slow_r[14] ^ (r[12:10] == 3'd0);
    c.mxr   = slow_r[15];
    context_of = c;
  endfunction

  assign rst_n = n_q >= 64'd4 && n_q[12:2] != 11'd900;   // also in the midst of everything
  assign req_instr = {r0[63] | r0[62], r0[61:58], near(r0), mmu_pkg::AccFetch, 3'd2,
                  1'b0, r0[57]};
  assign req_data = {r1[63] | r1[62], r1[61:58], near(r1), r1[56] ? mmu_pkg::AccStore :
                  r1[51:50] == 2'd0 ? mmu_pkg::AccLoadX : mmu_pkg::AccLoad, 3'd3,
                  {2{r1[55:52] == 4'd0}} | {1'b0, r1[57]}};
  assign req        = {req_data, req_instr};
  assign kill       = {r2[7:0] == 8'd1, r2[7:0] == 8'd2};
  assign space      = r2[10] ? slow_r[13:12] : r2[13:12];
  assign ctx_instr  = context_of(r0 >> 26);
  assign ctx_data   = context_of(r1 >> 26);
  assign ctx        = {ctx_data, ctx_instr};
  assign slow       = {25'd0, slow_r[20], slow_r[21], slow_r[24:22] == 3'd0, slow_r[27:25] == 3'd0, slow_r[28],
                       slow_r[31:29] != 3'd0, 2'b11};
  assign fence      = {r0[25], r0[20:18] > 3'd5 ? mmu_pkg::FenceS : r0[20:18], r0[21], r0[22], 12'd0, r0[24:23],
                       r2[21:16] == 6'd0, r2[22], r2[23], address(r2 >> 24), 14'd0, r2[61:60]};
  assign mreq_ready = r0[51:50] != 2'd0;

  // Physical protection: everything is open (the last entry) but for what other entries close now and then.
  // Few are locked: that lasts until a reset or RLB.
  assign pmp = r2[53:50] == 4'd0 ? {1'b1, 6'd15, 8'h1f, {54{1'b1}}}
             : r1[35:30] == 6'd0 ? {1'b1, 3'd0, r1[28:26], r1[25:24] == 2'd0 && r0[20:18] == 3'd0,
                                    2'd0, r1[23:22], r1[21:19], 36'd0, r0[17:0]}
             : '0;

  // One response register a slot, answered at random.
  logic [7:0]  wait_q = '0;
  logic [63:0] data_q [8];
  logic [2:0]  pick;
  mmu_pkg::mreq_t mreq;

  assign pick = wait_q[r1[50:48]] ? r1[50:48] : wait_q[r1[47] ? 1 : 0] ? {2'd0, r1[47]} : 3'd0;
  assign mrsp = wait_q[pick] ? {1'b1, pick, data_q[pick], r1[46:40] == 7'd0} : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      wait_q <= '0;
    end else begin
      if (wait_q[pick]) wait_q[pick] <= 1'b0;
      if (mreq.valid && mreq_ready) begin
        wait_q[mreq.id] <= 1'b1;
        // One compare-and-swap in four finds another word.
        data_q[mreq.id] <= mreq.op == mmu_pkg::MemRead ? word(mreq.addr)
                         : r1[39:38] != 2'd0 ? mreq.old_word : word(mreq.addr ^ 56'h8);
      end
    end
  end

  // ---- both -----------------------------------------------------------------------------------------
  logic [1:0]                 rtl_ready, net_ready;
  logic [2*RspW-1:0]          rtl_rsp, net_rsp /*verilator split_var*/;
  logic                       rtl_fready, net_fready, rtl_fdone, net_fdone, rtl_idle, net_idle;
  mmu_pkg::mreq_t             net_mreq;
  logic [mmu_pkg::EventW-1:0] rtl_events, net_events;

  mmu u_rtl (
    .clk_i,
    .rst_ni       (rst_n),
    .req_i        (req),
    .kill_i       (kill),
    .ctx_i        (ctx),
    .slow_i       (slow),
    .fence_i      (fence),
    .pmp_i        (pmp),
    .mreq_ready_i (mreq_ready),
    .mrsp_i       (mrsp),
    .req_ready_o  (rtl_ready),
    .rsp_o        (rtl_rsp),
    .fence_ready_o(rtl_fready),
    .fence_done_o (rtl_fdone),
    .mreq_o       (mreq),
    .idle_o       (rtl_idle),
    .events_o     (rtl_events)
  );

  mmu_netlist u_netlist (
    .clk_i,
    .rst_ni       (rst_n),
    .req_i        (req),
    .kill_i       (kill),
    .ctx_i        (ctx),
    .slow_i       (slow),
    .fence_i      (fence),
    .pmp_i        (pmp),
    .mreq_ready_i (mreq_ready),
    .mrsp_i       (mrsp),
    .req_ready_o  (net_ready),
    .rsp_o        (net_rsp),
    .fence_ready_o(net_fready),
    .fence_done_o (net_fdone),
    .mreq_o       (net_mreq),
    .idle_o       (net_idle),
    .events_o     (net_events)
  );

  // ---- compare ------------------------------------------------------------------------------------
  logic [63:0]                compared_q = '0;
  logic [mmu_pkg::EventW-1:0] seen_q = '0;
  // Events that `tiny` can show: all but hits of walk caches 3 and 4 of either stage and rows of
  // inverted tables.
  localparam logic [mmu_pkg::EventW-1:0] Expected = ~((37'd3 << 18) | (37'd3 << 34) | (37'd1 << 36));

  always_ff @(posedge clk_i) begin
    if (rst_n && !done_o) begin
      compared_q <= compared_q + 64'd1;
      seen_q     <= seen_q | rtl_events;
      if ({rtl_ready, rtl_rsp, rtl_fready, rtl_fdone, mreq, rtl_idle, rtl_events} !=
          {net_ready, net_rsp, net_fready, net_fdone, net_mreq, net_idle, net_events}) begin
        bad_o <= 1'b1;
        if (!bad_o) begin
          $display("clock %0d: RTL and netlist differ", n_q);
          $display("  ready %b %b  fence %b%b %b%b  idle %b %b", rtl_ready, net_ready, rtl_fready,
                   rtl_fdone, net_fready, net_fdone, rtl_idle, net_idle);
          $display("  rsp %h\n      %h", rtl_rsp, net_rsp);
          $display("  mreq %h\n       %h", mreq, net_mreq);
          $display("  events %h %h", rtl_events, net_events);
        end
      end
    end
    if (n_q == 64'(Clocks) && !done_o) begin
      done_o <= 1'b1;
      $display("%0d clocks compared, events seen %h of %h", compared_q, seen_q, Expected);
      if ((seen_q & Expected) != Expected) bad_o <= 1'b1;
    end
  end

  initial begin
    done_o = 1'b0;
    bad_o  = 1'b0;
  end

endmodule
