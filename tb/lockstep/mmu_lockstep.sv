// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The lockstep: steps the C cycle model beside an MMU and compares every output in every clock.
// Attached by mmu_bind.sv to each instance of `mmu`; each has a model of its own.
//
// At each rising edge it hands all inputs and outputs of the clock that ends to the model, which
// computes its outputs, compares, and steps. At the first difference it stops the simulation
// ($stop); the report is made in C (tb/compare). Arguments of the simulation:
//
//   +whitebox                   compares the arrays too (mmu_array_probe.sv, mmu_row_probe.sv)
//   +nolockstep                 switches the whole of it off, for measurements
//   +lockwalk_cfg=HEX           the shape that the model must have; RTL's must be the same
//   +lockwalk_flip_bit=BIT +lockwalk_flip_clock=CLOCK
//                               test of the comparison: turns bit BIT of `outputs_t` in clock CLOCK
module mmu_lockstep
  import mmu_pkg::*;
  import mmu_dpi_pkg::*;
#(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault
) (
  input logic               clk_i,
  input logic               rst_ni,

  input req_t  [Ports-1:0]  req_i,
  input logic  [Ports-1:0]  kill_i,
  input ctx_t  [Ports-1:0]  ctx_i,
  input slow_t              slow_i,
  input fence_t             fence_i,
  input pmp_write_t         pmp_i,
  input logic               mreq_ready_i,
  input mrsp_t              mrsp_i,

  input logic  [Ports-1:0]  req_ready_o,
  input rsp_t  [Ports-1:0]  rsp_o,
  input logic               fence_ready_o,
  input logic               fence_done_o,
  input mreq_t              mreq_o,
  input logic               idle_o,
  input logic  [EventW-1:0] events_o
);

  // What is compared is listed in C, bit by bit (mmu_words_out.def): a record of another width means
  // that the lists must follow.
  if ($bits(req_i) != ReqBits || $bits(ctx_i) != CtxBits || $bits(slow_i) != SlowBits ||
      $bits(fence_i) != FenceBits || $bits(pmp_i) != PmpBits ||
      $bits(mrsp_i) != MrspBits || $bits(kill_i) != 2) begin : gen_in
    $fatal(1, "the inputs of mmu have changed: mmu_dpi_pkg and mmu_words_in.def must follow");
  end
  if ($bits(rsp_o) != RspBits || $bits(mreq_o) != MreqBits || $bits(req_ready_o) != 2 ||
      $bits(events_o) != 37) begin : gen_out
    $fatal(1, "the outputs of mmu have changed: mmu_dpi_pkg and mmu_words_out.def must follow");
  end

  // Read by the probes too.
  chandle handle;
  bit     on;
  bit     whitebox;

  string           model_cfg;
  int unsigned     flip_bit;
  longint unsigned flip_clock;

  initial begin
    on = $test$plusargs("nolockstep") == 0;
    whitebox = on && $test$plusargs("whitebox") != 0;
    if ($value$plusargs("lockwalk_flip_bit=%d", flip_bit) == 0) flip_bit = 0;
    if ($value$plusargs("lockwalk_flip_clock=%d", flip_clock) == 0) flip_clock = '1;
    if (!on) begin
      handle = null;
    end else if (mmu_dpi_version(DpiVersion) != DpiVersion) begin
      on = 1'b0;
      $stop;
    end else begin
      model_cfg = "";
      if ($value$plusargs("lockwalk_cfg=%s", model_cfg) == 0) model_cfg = "";
      handle = mmu_dpi_lockstep_new(Cfg, mmu_cfg_pkg::CfgW, model_cfg, whitebox);
      if (handle == null) begin
        on = 1'b0;
        whitebox = 1'b0;
        $stop;
      end
    end
  end

  // ---- every clock ----------------------------------------------------------------------------
  longint unsigned   clock;
  bit [SlowBits-1:0] slow_held;
  bit                slow_known;
  bit                pmp_held;
  outputs_t          flipped;
  bit                differ;

  initial begin
    clock = 0;
    slow_known = 1'b0;
    pmp_held = 1'b0;
  end

  always @(posedge clk_i) begin
    if (on) begin
      if (slow_held != slow_i || pmp_i.valid || pmp_held || !slow_known) begin
        mmu_dpi_lockstep_slow(handle, slow_i, pmp_i);
        pmp_held = pmp_i.valid;
        slow_held = slow_i;
        slow_known = 1'b1;
      end
      if (clock != flip_clock || !rst_ni) begin
        differ = mmu_dpi_lockstep_clock(
            handle, rst_ni, req_i, kill_i, ctx_i, fence_i, mreq_ready_i, mrsp_i,
            req_ready_o, rsp_o, fence_ready_o, fence_done_o, mreq_o, idle_o, events_o);
      end else begin
        flipped = {req_ready_o, rsp_o, fence_ready_o, fence_done_o, mreq_o, idle_o, events_o};
        flipped = flipped ^ ($bits(outputs_t)'(1) << flip_bit);
        differ = mmu_dpi_lockstep_clock(
            handle, rst_ni, req_i, kill_i, ctx_i, fence_i, mreq_ready_i, mrsp_i,
            flipped.req_ready, flipped.rsp, flipped.fence_ready, flipped.fence_done,
            flipped.mreq, flipped.idle, flipped.events);
      end
      if (differ) begin
        on = 1'b0;
        whitebox = 1'b0;
        $stop;
      end
      clock = clock + 64'(rst_ni);
    end
  end

endmodule
