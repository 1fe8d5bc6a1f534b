// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The DPI of lockstep and environment. Records of ports travel as they stand (mmu_pkg.sv); C knows
// where their fields are: tb/compare/mmu_words_in.def and mmu_words_out.def. C side: tb/dpi/.
package mmu_dpi_pkg;

  import mmu_pkg::*;
  import mmu_cfg_pkg::CfgW;

  // Both sides must have the same; the first call of a run compares them.
  localparam int unsigned DpiVersion = 3;

  localparam int unsigned ReqBits   = 2 * 77;   // req_t a port
  localparam int unsigned CtxBits   = 2 * 178;  // ctx_t a port
  localparam int unsigned SlowBits  = 33;
  localparam int unsigned PmpBits   = 69;
  localparam int unsigned FenceBits = 103;
  localparam int unsigned MrspBits  = 69;
  localparam int unsigned RspBits   = 2 * 206;  // rsp_t a port
  localparam int unsigned MreqBits  = 190;
  localparam int unsigned VmBits    = 22;

  // All outputs of the MMU, for the test of the comparison.
  typedef struct packed {
    logic   [Ports-1:0]  req_ready;
    rsp_t   [Ports-1:0]  rsp;
    logic                fence_ready;
    logic                fence_done;
    mreq_t               mreq;
    logic                idle;
    logic   [EventW-1:0] events;
  } outputs_t;

  // ---- lockstep -----------------------------------------------------------------------------
  // Call order: version, new, then in every clock [slow] clock, and whitebox once for each array.

  import "DPI-C" function int unsigned mmu_dpi_version(input int unsigned version);

  // A model of the shape that RTL has. model_cfg: the shape that the model is to have, in hex
  // digits, or "" where RTL's word is taken. null: refused, the reason has been printed.
  import "DPI-C" function chandle mmu_dpi_lockstep_new(input bit [CfgW-1:0] cfg,
                                                       input int unsigned cfg_w,
                                                       input string model_cfg,
                                                       input bit whitebox);

  // The slow registers of this and the following clocks; called before `clock`, on change, and where
  // a write of PMP begins or ends.
  import "DPI-C" function void mmu_dpi_lockstep_slow(input chandle handle,
                                                     input bit [SlowBits-1:0] slow,
                                                     input bit [PmpBits-1:0] pmp);

  // All inputs and outputs of the clock that this edge ends. 1: stop, they differ.
  import "DPI-C" function bit mmu_dpi_lockstep_clock(
      input chandle handle, input bit rst_n,
      input bit [ReqBits-1:0] req, input bit [1:0] kill, input bit [CtxBits-1:0] ctx,
      input bit [FenceBits-1:0] fence, input bit mreq_ready, input bit [MrspBits-1:0] mrsp,
      input bit [1:0] req_ready, input bit [RspBits-1:0] rsp, input bit fence_ready,
      input bit fence_done, input bit [MreqBits-1:0] mreq, input bit idle,
      input bit [EventW-1:0] events);

  // White-box: the write port of an array in this clock, and one of its rows.
  import "DPI-C" function void mmu_dpi_lockstep_write(input chandle handle,
                                                      input int unsigned array_id, input bit phase,
                                                      input int unsigned row_no,
                                                      input bit [VmBits-1:0] vm,
                                                      input longint unsigned key,
                                                      input longint unsigned mask,
                                                      input longint unsigned data);
  import "DPI-C" function void mmu_dpi_lockstep_row(input chandle handle,
                                                    input int unsigned array_id, input bit phase,
                                                    input int unsigned row_no, input bit valid,
                                                    input bit [VmBits-1:0] vm,
                                                    input longint unsigned key,
                                                    input longint unsigned mask,
                                                    input longint unsigned data);

  // At the end: does the model want to see all rows? Then each of them.
  import "DPI-C" function bit mmu_dpi_lockstep_wants_sweep(input chandle handle);
  import "DPI-C" function void mmu_dpi_lockstep_sweep(input chandle handle,
                                                      input int unsigned array_id,
                                                      input int unsigned row_no, input bit valid,
                                                      input bit [VmBits-1:0] vm,
                                                      input longint unsigned key,
                                                      input longint unsigned mask,
                                                      input longint unsigned data);

  // ---- environment and bench (mmu_tb.sv) -------------------------------------------------------
  // session: the address of the run's mmu_session_t, which the program's main has made.

  // The inputs of clock 0, which also stand in reset.
  import "DPI-C" function void mmu_dpi_env_reset(
      input longint unsigned session, output bit done, output bit [SlowBits-1:0] slow,
      output bit [PmpBits-1:0] pmp, output bit [ReqBits-1:0] req, output bit [1:0] kill, output bit [CtxBits-1:0] ctx,
      output bit [FenceBits-1:0] fence, output bit mreq_ready, output bit [MrspBits-1:0] mrsp);
  // Outputs of the clock that this edge ends in; inputs of the next one out. done: that was the last
  // clock. slow_changed: mmu_dpi_env_slow tells the slow registers of the next clock. reset_clocks: the
  // MMU is to be in reset for so many clocks before the next one, in which nobody is called.
  import "DPI-C" function void mmu_dpi_env_step(
      input longint unsigned session, output bit done, output bit slow_changed,
      output int unsigned reset_clocks,
      input bit [1:0] req_ready, input bit [RspBits-1:0] rsp, input bit fence_ready,
      input bit fence_done, input bit [MreqBits-1:0] mreq, input bit idle,
      input bit [EventW-1:0] events,
      output bit [ReqBits-1:0] req, output bit [1:0] kill, output bit [CtxBits-1:0] ctx,
      output bit [FenceBits-1:0] fence, output bit mreq_ready, output bit [MrspBits-1:0] mrsp);
  import "DPI-C" function void mmu_dpi_env_slow(input longint unsigned session,
                                                output bit [SlowBits-1:0] slow,
                                                output bit [PmpBits-1:0] pmp);
  // Tells the session where the lockstep is.
  import "DPI-C" function void mmu_dpi_attach(input longint unsigned session,
                                              input chandle lockstep);

endpackage
