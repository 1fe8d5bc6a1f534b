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
  input ctx_t               ctx_i,
  input slow_t              slow_i,
  input fence_t             fence_i,
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

  // Whatever is an output or an input must be in the words of pack_out and pack_in below.
  localparam int unsigned RspBits  = 1 + 4 + 56 + 6 + 2 + 1 + 6 + 64;
  localparam int unsigned MreqBits = 1 + 3 + 1 + 1 + 56 + 64 + 64;
  localparam int unsigned OutBits  = 2 + 2 * RspBits + 1 + 1 + MreqBits + 1 + 29;
  localparam int unsigned InBits   = 2 * 77 + 2 + 66 + SlowW + 83 + 1 + 69;
  if ($bits(outputs_t) != OutBits) begin : gen_out_width
    $fatal(1, "the outputs of mmu have changed: pack_out and mmu_words_out.def must follow");
  end
  if ($bits(req_i) + $bits(kill_i) + $bits(ctx_i) + $bits(slow_i) + $bits(fence_i)
      + $bits(mreq_ready_i) + $bits(mrsp_i) != InBits) begin : gen_in_width
    $fatal(1, "the inputs of mmu have changed: pack_in and mmu_words_in.def must follow");
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

  // ---- the words of this clock ----------------------------------------------------------------
  words_t words;

  function automatic void pack_in();
    words[0] = req_i[0].va;
    words[1] = req_i[1].va;
    words[2] = {ctx_i.mode, ctx_i.asid, ctx_i.root};
    words[3] = fence_i.va;
    words[4] = mrsp_i.data;
    words[5] = {9'd0, ctx_i.mxr, ctx_i.sum, fence_i.asid, fence_i.asid_en, fence_i.va_en,
                fence_i.valid, mrsp_i.err, mrsp_i.id, mrsp_i.valid, mreq_ready_i, kill_i,
                req_i[1].prv, req_i[1].size, req_i[1].acc, req_i[1].id, req_i[1].valid,
                req_i[0].prv, req_i[0].size, req_i[0].acc, req_i[0].id, req_i[0].valid};
  endfunction

  function automatic void pack_out(input rsp_t [Ports-1:0] rsp, input mreq_t mreq,
                                   input logic [Ports-1:0] req_ready, input logic fence_ready,
                                   input logic fence_done, input logic idle,
                                   input logic [EventW-1:0] events);
    words[6]  = {rsp[0].mt, rsp[0].lg, rsp[0].pa};
    words[7]  = rsp[0].tval;
    words[8]  = {rsp[1].mt, rsp[1].lg, rsp[1].pa};
    words[9]  = rsp[1].tval;
    words[10] = {2'd0, mreq.wide, mreq.op, mreq.id, mreq.valid, mreq.addr};
    words[11] = mreq.old_word;
    words[12] = mreq.new_word;
    words[13] = {6'd0, events, idle, fence_done, fence_ready, req_ready,
                 rsp[1].cause, rsp[1].fault, rsp[1].id, rsp[1].valid,
                 rsp[0].cause, rsp[0].fault, rsp[0].id, rsp[0].valid};
  endfunction

  // ---- every clock ----------------------------------------------------------------------------
  longint unsigned clock;
  bit [SlowW-1:0]  slow_held;
  bit              slow_known;
  outputs_t        flipped;

  initial begin
    clock = 0;
    slow_known = 1'b0;
  end

  always @(posedge clk_i) begin
    if (on) begin
      if (slow_held != slow_i || !slow_known) begin
        mmu_dpi_lockstep_slow(handle, slow_i);
        slow_held = slow_i;
        slow_known = 1'b1;
      end
      pack_in();
      if (clock == flip_clock && rst_ni) begin
        flipped = {req_ready_o, rsp_o, fence_ready_o, fence_done_o, mreq_o, idle_o, events_o};
        flipped = flipped ^ (OutBits'(1) << flip_bit);
        pack_out(flipped.rsp, flipped.mreq, flipped.req_ready, flipped.fence_ready,
                 flipped.fence_done, flipped.idle, flipped.events);
      end else begin
        pack_out(rsp_o, mreq_o, req_ready_o, fence_ready_o, fence_done_o, idle_o, events_o);
      end
      if (mmu_dpi_lockstep_clock(handle, words, rst_ni)) begin
        on = 1'b0;
        whitebox = 1'b0;
        $stop;
      end
      clock = clock + 64'(rst_ni);
    end
  end

endmodule
