// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Modules that are tables at heart, against the tables, through all their inputs: the effective context
// of a hart (EFF), the verdict of physical protection with and without Smepmp (PMP-3, PMP-4); and at
// random the locks of its registers (PMP-5) and the handshake of fences (FEN). Run by units_test.py.
module units_tb #(
  parameter int unsigned Clocks = 80000
) (
  input  logic clk_i,
  output logic done_o,
  output logic bad_o
);

  logic [31:0] n_q = '0;      // clocks; also the input that is tried
  logic [3:0]  bad;           // one bit a unit
  logic [31:0] tried_q [4];
  logic [31:0] failed_q [4];

  function automatic logic [63:0] mix(input logic [63:0] x);
    logic [63:0] y;
    y   = (x ^ (x >> 30)) * 64'hbf58476d1ce4e5b9;
    y   = (y ^ (y >> 27)) * 64'h94d049bb133111eb;
    mix = y ^ (y >> 31);
  endfunction

  logic [63:0] random;
  assign random = mix({n_q, ~n_q} * 64'h9e3779b97f4a7c15);

  // ---- the effective context (EFF): 2^12 harts, 6 operations --------------------------------------
  mmu_pkg::hart_t hart;
  logic [2:0]     op;
  logic [1:0]     eff_prv, want_prv;
  logic [2:0]     eff_acc, want_acc;
  mmu_pkg::ctx_t  eff_ctx, want_ctx;
  logic           guest;   // HLV, HLVX, HSV
  logic           lent;    // by MPRV
  logic           want_v;

  assign op   = 3'(n_q / 32'd4096 % 32'd6);
  assign hart = {n_q[11:0], 4'd8, 16'h1234, 44'h11111111111, 4'd9, 16'h5678, 44'h22222222222, 4'd10,
                 14'h2bcd, 44'h33333333333};

  mmu_riscv_effective u_effective (
    .hart_i(hart),
    .op_i  (op),
    .prv_o (eff_prv),
    .acc_o (eff_acc),
    .ctx_o (eff_ctx)
  );

  //                                   HSV   HLVX  HLV   store load  fetch
  localparam logic [6*3-1:0] OpAcc = {3'd2, 3'd3, 3'd1, 3'd2, 3'd1, 3'd0};

  assign guest    = op > 3'd2;
  assign lent     = hart.mprv && (op == 3'd1 || op == 3'd2);
  assign want_prv = guest ? {1'b0, hart.spvp} : lent ? hart.mpp : hart.prv;
  assign want_v   = guest || (want_prv != 2'd3 && (lent ? hart.mpv : hart.v));
  assign want_acc = OpAcc[op*3 +: 3];
  assign want_ctx = want_v ? {1'b1, hart.mxr, 4'd10, 14'h2bcd, 44'h33333333333, 4'd9, 16'h5678,
                              44'h22222222222, hart.vsum, hart.vmxr | hart.mxr}
                           : {64'd0, 4'd8, 16'h1234, 44'h11111111111, hart.sum, hart.mxr};
  assign bad[0]   = {eff_prv, eff_acc, eff_ctx} != {want_prv, want_acc, want_ctx};

  // ---- the verdict of physical protection (PMP-3, PMP-4) --------------------------------------------
  // The specification's table for mseccfg.MML = 1, by l r w x: rights r, w, x of M, then of S and U
  localparam logic [16*6-1:0] Mml = {
    6'b100_100, 6'b110_000, 6'b101_000, 6'b100_000,    // 1111 1110 1101 1100
    6'b101_001, 6'b001_001, 6'b001_000, 6'b000_000,    // 1011 1010 1001 1000
    6'b000_111, 6'b000_110, 6'b000_101, 6'b000_100,    // 0111 0110 0101 0100
    6'b110_110, 6'b110_100, 6'b000_001, 6'b000_000     // 0011 0010 0001 0000
  };

  logic [3:0]  lrwx;
  logic [2:0]  sec, acc, shape;
  logic [2:0]  size;
  logic [1:0]  prv;
  logic [55:0] pa;
  logic [53:0] unit, base, last;
  logic [3*mmu_pkg::PmpRangeW-1:0] ranges;
  mmu_pkg::pmp_range_t range0, range1, range2;
  logic        allow, want_allow;
  logic        any, whole;      // bytes of the access that range1 has
  logic [2:0]  rights;

  assign {lrwx, sec, acc[1:0], shape, size[1:0], prv} = n_q[15:0];
  assign acc[2]  = 1'b0;
  assign size[2] = 1'b0;
  assign pa      = random[63:8] & ~((56'd1 << size) - 56'd1) & 56'h7fffffffffffff;
  assign unit    = pa[55:2];

  // Where the entry lies about the access
  always_comb begin
    base = unit;
    last = unit + 54'd1;
    case (shape)
      3'd0: ;
      3'd1: begin base = '0; last = '1; end
      3'd2: last = unit;                                // half of 8 bytes
      3'd3: base = unit + 54'd1;
      3'd4: begin base = unit + 54'd2; last = '1; end   // beside it
      3'd5: begin base = '0; last = unit - 54'd1; end
      default: ;
    endcase
  end

  // Shape 6: an entry before has the word and is the contrary; 7: the entry is off, one behind is open
  assign range0 = {base, last, shape == 3'd6, ~{lrwx[3], lrwx[0], lrwx[1], lrwx[2]}};
  assign range1 = {base, last, shape != 3'd7, lrwx[3], lrwx[0], lrwx[1], lrwx[2]};
  assign range2 = {54'd0, {54{1'b1}}, shape == 3'd7, 4'b0111};
  assign ranges = {range2, range1, range0};

  mmu_pmp_check #(
    .Entries(3)
  ) u_check (
    .ranges_i(ranges),
    .pa_i    (pa),
    .acc_i   (acc),
    .size_i  (size),
    .prv_i   (prv),
    .sec_i   (sec),
    .allow_o (allow)
  );

  function automatic logic [2:0] rwx(input logic [3:0] bits, input logic mml, input logic m);
    if (mml) rwx = m ? Mml[bits*6+3 +: 3] : Mml[bits*6 +: 3];
    else     rwx = (m && !bits[3]) ? 3'b111 : bits[2:0];
  endfunction

  always_comb begin
    any   = 1'b0;
    whole = 1'b1;
    for (int unsigned i = 0; i < 8; i++) begin
      if (i < (32'd1 << size)) begin
        if (54'((pa + 56'(i)) >> 2) >= base && 54'((pa + 56'(i)) >> 2) <= last) any = 1'b1;
        else whole = 1'b0;
      end
    end
    rights = 3'b000;
    if (shape == 3'd7) rights = rwx(4'b0111, sec[0], prv == 2'd3);
    else if (!any) rights = (prv != 2'd3 || sec[1]) ? 3'b000 : {2'b11, ~sec[0]};
    else if (whole) rights = rwx((shape == 3'd6) ? ~lrwx : lrwx, sec[0], prv == 2'd3);
    case (acc)
      3'd0:    want_allow = rights[0];
      3'd1:    want_allow = rights[2];
      3'd2:    want_allow = rights[1];
      default: want_allow = rights[2] && rights[0];   // HLVX
    endcase
  end

  assign bad[1] = prv != 2'd2 && allow != want_allow;

  // ---- the registers of physical protection and their locks (PMP-1, PMP-2, PMP-5) ---------------------
  localparam int unsigned Entries = 4;

  mmu_pkg::pmp_write_t  write;
  logic [2:0]           write_sec;
  logic                 rst_n;
  logic [53:0]          ref_addr_q [Entries];
  logic [7:0]           ref_cfg_q  [Entries];
  logic [Entries*mmu_pkg::PmpRangeW-1:0] got, want;
  logic [1:0]           at;
  logic                 may_addr, may_cfg;

  assign rst_n     = n_q[7:0] > 8'd1;
  assign write     = {random[0], 3'd0, random[3:1], random[4] & random[5], 2'd0, random[10:6], 46'd0,
                      random[18:11]};
  assign write_sec = {random[21:19] == 3'd0, random[22], n_q[8]};

  mmu_pmp_regs #(
    .Entries(Entries)
  ) u_regs (
    .clk_i,
    .rst_ni  (rst_n),
    .write_i (write),
    .sec_i   (write_sec),
    .ranges_o(got)
  );

  assign at = write.index[1:0];

  // Privileged specification, PMP; Smepmp, rules 2 and 4
  always_comb begin
    may_addr = 1'b1;
    may_cfg  = 1'b1;
    if (!write_sec[2]) begin
      if (ref_cfg_q[at][7]) begin
        may_addr = 1'b0;
        may_cfg  = 1'b0;
      end
      if (at != 2'd3 && ref_cfg_q[at + 2'd1][7] && ref_cfg_q[at + 2'd1][4:3] == 2'd1) may_addr = 1'b0;
      // By the same table: M would fetch there.
      if (write_sec[0] && write.cfg[7] &&
          Mml[{1'b1, write.cfg[0], write.cfg[1], write.cfg[2]}*6+3]) may_cfg = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        ref_addr_q[i] <= '0;
        ref_cfg_q[i]  <= '0;
      end
    end else if (write.valid && write.index < 6'd4) begin
      if (may_addr) ref_addr_q[at] <= write.addr;
      if (may_cfg) ref_cfg_q[at] <= write.cfg;
    end
  end

  // All ranges from the registers, decoded anew in each clock
  always_comb begin
    mmu_pkg::pmp_range_t r;
    logic [53:0]         below;
    want  = '0;
    below = '0;
    for (int unsigned i = 0; i < Entries; i++) begin
      r = '0;
      {r.l, r.x, r.w, r.r} = {ref_cfg_q[i][7], ref_cfg_q[i][2:0]};
      case (ref_cfg_q[i][4:3])
        2'd1: if (below < ref_addr_q[i]) {r.base, r.last, r.on} = {below, ref_addr_q[i] - 54'd1, 1'b1};
        2'd2: {r.base, r.last, r.on} = {ref_addr_q[i], ref_addr_q[i], 1'b1};
        2'd3: begin
          r.on   = 1'b1;
          r.last = ref_addr_q[i] | (ref_addr_q[i] + 54'd1);
          r.base = ref_addr_q[i] & (ref_addr_q[i] + 54'd1);
        end
        default: ;
      endcase
      want[i*mmu_pkg::PmpRangeW +: mmu_pkg::PmpRangeW] = r;
      below = ref_addr_q[i];
    end
  end

  assign bad[2] = rst_n && got != want;

  // ---- the handshake of fences (FEN), with guests' and without -----------------------------------------
  logic       f_valid, f_posted, f_old, f_scan;
  logic [2:0] f_kind;
  logic [1:0] f_ready, f_take, f_accept, f_mark, f_done, f_busy;
  logic [2:0] run_kind_q;      // the fence that runs
  logic       run_q, run_posted_q;
  logic       f_waits, f_last;

  assign f_valid  = random[24];
  assign f_posted = random[25];
  assign f_old    = random[27:26] != 2'd0;
  assign f_scan   = random[29:28] == 2'd0;
  assign f_kind   = 3'(random[63:48] % 16'd6);

  for (genvar h = 0; h < 2; h++) begin : gen_fence
    mmu_fence #(
      .Hypervisor(h == 1)
    ) u_fence (
      .clk_i,
      .rst_ni        (rst_n),
      .fence_valid_i (f_valid),
      .fence_kind_i  (f_kind),
      .fence_posted_i(f_posted),
      .old_busy_i    (f_old),
      .scanning_i    (f_scan),
      .ready_o       (f_ready[h]),
      .take_o        (f_take[h]),
      .accept_o      (f_accept[h]),
      .mark_o        (f_mark[h]),
      .done_o        (f_done[h]),
      .busy_o        (f_busy[h])
    );
  end

  assign f_waits = run_kind_q == 3'd4 || (run_kind_q != 3'd3 && !run_posted_q);
  assign f_last  = run_q && !f_scan && !(f_waits && f_old);

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      run_q <= 1'b0;
    end else if (!run_q && f_valid) begin
      run_q        <= 1'b1;
      run_kind_q   <= f_kind;
      run_posted_q <= f_posted;
    end else if (f_last) begin
      run_q <= 1'b0;
    end
  end

  assign bad[3] = rst_n &&
      {f_ready, f_take, f_accept, f_mark, f_done, f_busy} !=
      {{2{!run_q}}, {2{!run_q && f_valid}},
       !run_q && f_valid && (f_kind <= 3'd2 || f_kind == 3'd5),
       !run_q && f_valid && (f_kind == 3'd0 || f_kind == 3'd5),
       {2{!run_q && f_valid && f_kind != 3'd3}}, {2{f_last}}, {2{run_q}}};

  // ---- count ----------------------------------------------------------------------------------------
  initial begin
    done_o = 1'b0;
    bad_o  = 1'b0;
    for (int unsigned i = 0; i < 4; i++) begin
      tried_q[i]  = '0;
      failed_q[i] = '0;
    end
  end

  always_ff @(posedge clk_i) begin
    n_q <= n_q + 32'd1;
    for (int unsigned i = 0; i < 4; i++) begin
      if (!done_o) tried_q[i] <= tried_q[i] + 32'(i < 2 || rst_n);
      if (!done_o && bad[i]) failed_q[i] <= failed_q[i] + 32'd1;
    end
    if (n_q == Clocks && !done_o) begin
      done_o <= 1'b1;
      bad_o  <= (failed_q[0] | failed_q[1] | failed_q[2] | failed_q[3]) != '0;
      $display("effective: %0d tried, %0d wrong", tried_q[0], failed_q[0]);
      $display("pmp_check: %0d tried, %0d wrong", tried_q[1], failed_q[1]);
      $display("pmp_regs: %0d tried, %0d wrong", tried_q[2], failed_q[2]);
      $display("fence: %0d tried, %0d wrong", tried_q[3], failed_q[3]);
    end
  end

endmodule
