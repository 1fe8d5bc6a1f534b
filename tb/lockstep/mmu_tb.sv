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

  // The environment's flops: the inputs of this clock.
  bit [ReqBits-1:0]   req;
  bit [1:0]           kill;
  bit [CtxBits-1:0]   ctx;
  bit [SlowBits-1:0]  slow;
  bit [PmpBits-1:0]   pmp;
  bit [FenceBits-1:0] fence;
  bit                 mreq_ready;
  bit [MrspBits-1:0]  mrsp;
  bit                 done;

  logic  [Ports-1:0]  req_ready;
  rsp_t  [Ports-1:0]  rsp;
  logic               fence_ready;
  logic               fence_done;
  mreq_t              mreq;
  logic               idle;
  logic  [EventW-1:0] events;

  // The environment may reset the MMU in mid-traffic (REQ-11).
  logic mmu_rst_n;
  assign mmu_rst_n = rst_ni && reset_left == 0;

  mmu #(
    .Cfg(Cfg)
  ) u_mmu (
    .clk_i,
    .rst_ni       (mmu_rst_n),
    .req_i        (req),
    .kill_i       (kill),
    .ctx_i        (ctx),
    .slow_i       (slow),
    .fence_i      (fence),
    .pmp_i        (pmp),
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

  // ---- the environment ------------------------------------------------------------------------
  bit [ReqBits-1:0]   req_d;
  bit [1:0]           kill_d;
  bit [CtxBits-1:0]   ctx_d;
  bit [SlowBits-1:0]  slow_d;
  bit [PmpBits-1:0]   pmp_d;
  bit [FenceBits-1:0] fence_d;
  bit                 mreq_ready_d;
  bit [MrspBits-1:0]  mrsp_d;
  bit                 done_d;
  bit                 slow_changed;
  int unsigned        reset_clocks;
  int unsigned        reset_left;
  bit                 attached;

  initial begin
    attached = 1'b0;
    reset_left = 0;
    mmu_dpi_env_reset(session_i, done, slow, pmp, req, kill, ctx, fence, mreq_ready, mrsp);
  end

  assign done_o = done;

  always @(posedge clk_i) begin
    if (!attached) begin
      mmu_dpi_attach(session_i, u_mmu.u_lockstep.handle);
      attached = 1'b1;
    end
    if (reset_left != 0) begin
      reset_left <= reset_left - 1;
    end else if (rst_ni && !done) begin
      mmu_dpi_env_step(session_i, done_d, slow_changed, reset_clocks, req_ready, rsp, fence_ready, fence_done,
                       mreq, idle, events,
                       req_d, kill_d, ctx_d, fence_d, mreq_ready_d, mrsp_d);
      req        <= req_d;
      kill       <= kill_d;
      ctx        <= ctx_d;
      fence      <= fence_d;
      mreq_ready <= mreq_ready_d;
      mrsp       <= mrsp_d;
      done       <= done_d;
      reset_left <= reset_clocks;
      if (slow_changed) begin
        mmu_dpi_env_slow(session_i, slow_d, pmp_d);
        slow <= slow_d;
        pmp  <= pmp_d;
      end
    end
  end

endmodule
