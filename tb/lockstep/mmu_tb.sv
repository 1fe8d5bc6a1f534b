// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The bench: an MMU in its environment, which is C (model/env) behind one clocked call.
//
//     clock edge: outputs of this clock -> mmu_dpi_env_step -> flops -> inputs of the next clock
//
// C++ drives clock and reset only. mmu_bind.sv attaches the lockstep.
module mmu_tb
  import mmu_pkg::*;
  import mmu_dpi_pkg::*;
#(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  longint unsigned session_i,  // the run's mmu_session_t
  output logic            done_o      // the environment has come to its end
);

  req_t  [Ports-1:0]  req;
  logic  [Ports-1:0]  kill;
  ctx_t               ctx;
  slow_t              slow;
  fence_t             fence;
  logic               mreq_ready;
  mrsp_t              mrsp;
  logic  [Ports-1:0]  req_ready;
  rsp_t  [Ports-1:0]  rsp;
  logic               fence_ready;
  logic               fence_done;
  mreq_t              mreq;
  logic               idle;
  logic  [EventW-1:0] events;

  mmu #(
    .Cfg(Cfg)
  ) u_mmu (
    .clk_i,
    .rst_ni,
    .req_i        (req),
    .kill_i       (kill),
    .ctx_i        (ctx),
    .slow_i       (slow),
    .fence_i      (fence),
    .pmp_i        ('0),
    .mreq_ready_i (mreq_ready),
    .mrsp_i       (mrsp),
    .req_ready_o  (req_ready),
    .rsp_o        (rsp),
    .fence_ready_o(fence_ready),
    .fence_done_o (fence_done),
    .mreq_o       (mreq),
    .idle_o       (idle),
    .events_o     (events)
  );

  // ---- the environment's flops ----------------------------------------------------------------
  words_in_t       in_q;
  bit [SlowW-1:0]  slow_q;

  initial mmu_dpi_env_reset(session_i, in_q, slow_q);

  words_out_t      outs;
  words_in_t       in_d;
  bit [SlowW-1:0]  slow_d;
  bit              attached;

  initial attached = 1'b0;

  always @(posedge clk_i) begin
    if (!attached) begin
      mmu_dpi_attach(session_i, u_mmu.u_lockstep.handle);
      attached = 1'b1;
    end
    if (rst_ni && !in_q[5][InDone]) begin
      outs[0] = {rsp[0].mt, rsp[0].lg, rsp[0].pa};
      outs[1] = rsp[0].tval;
      outs[2] = {rsp[1].mt, rsp[1].lg, rsp[1].pa};
      outs[3] = rsp[1].tval;
      outs[4] = {2'd0, mreq.wide, mreq.op, mreq.id, mreq.valid, mreq.addr};
      outs[5] = mreq.old_word;
      outs[6] = mreq.new_word;
      outs[7] = {6'd0, events, idle, fence_done, fence_ready, req_ready,
                 rsp[1].cause, rsp[1].fault, rsp[1].id, rsp[1].valid,
                 rsp[0].cause, rsp[0].fault, rsp[0].id, rsp[0].valid};
      mmu_dpi_env_step(session_i, outs, in_d);
      in_q <= in_d;
      if (in_d[5][InSlowChanged]) begin
        mmu_dpi_env_slow(session_i, slow_d);
        slow_q <= slow_d;
      end
    end
  end

  // ---- words to records: twin of mmu_words_in.def ----------------------------------------------
  assign done_o = in_q[5][InDone];
  assign slow   = slow_q;

  assign req[0]     = {in_q[5][0], in_q[5][4:1], in_q[0], in_q[5][7:5], in_q[5][10:8],
                       in_q[5][12:11]};
  assign req[1]     = {in_q[5][13], in_q[5][17:14], in_q[1], in_q[5][20:18], in_q[5][23:21],
                       in_q[5][25:24]};
  assign kill       = in_q[5][27:26];
  assign mreq_ready = in_q[5][28];
  assign mrsp       = {in_q[5][29], in_q[5][32:30], in_q[4], in_q[5][33]};
  assign fence      = {in_q[5][34], in_q[5][35], in_q[5][36], in_q[3], in_q[5][52:37]};
  // mode, asid, root, sum, mxr
  assign ctx        = {in_q[2][63:60], in_q[2][59:44], in_q[2][43:0], in_q[5][53], in_q[5][54]};

endmodule
