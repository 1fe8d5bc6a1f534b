// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Only in the build that writes waves (docs/lockstep.md): RTL's outputs and the cycle model's side by
// side, in the same clock, and the model's walk slots.
//
//     rtl       all outputs of RTL in this clock, as they are compared
//     model     the same outputs of the cycle model
//     differ    the bits in which they differ; mismatch: there is one
//     clock     the number of this clock, as reports have it
//     failure   this is the clock that the report tells of (+lockwalk_failure_clock=CLOCK)
//     walk      the model's walk slots in this clock
//
// It stands in the bench only (mmu_tb.sv), whose session it asks.
module mmu_wave
  import mmu_pkg::*;
  import mmu_dpi_pkg::*;
(
  input logic               clk_i,
  input logic               rst_ni,

  input logic  [Ports-1:0]  req_ready_o,
  input rsp_t  [Ports-1:0]  rsp_o,
  input logic               fence_ready_o,
  input logic               fence_done_o,
  input mreq_t              mreq_o,
  input logic               idle_o,
  input logic  [EventW-1:0] events_o
);

  localparam int unsigned Slots = 8;  // MMU_MAX_WALKS

  typedef struct packed {
    logic [2:0]       state;  // WALK-1
    logic             redo;
    logic             nofill;
    logic             port;
    logic [VaW-1:0]   va;
    pos_t             pos;    // the entry to be read next
    logic [2:0]       fault;
  } walk_t;

  // ---- C side: tb/wave/mmu_wave_dpi.c ---------------------------------------------------------
  // All of a clock: first `clock`, which asks the model, then the parts of its answer.
  import "DPI-C" function void mmu_dpi_wave_clock(input longint unsigned session);
  import "DPI-C" function void mmu_dpi_wave_rsp(
      input longint unsigned session, input int unsigned port, output bit valid,
      output byte unsigned id, output longint unsigned pa, output byte unsigned lg,
      output byte unsigned mt, output bit fault, output byte unsigned cause,
      output longint unsigned tval,
      output longint unsigned gpa, output byte unsigned imp);
  import "DPI-C" function void mmu_dpi_wave_mreq(
      input longint unsigned session, output bit valid, output byte unsigned id, output bit op,
      output bit wide, output longint unsigned addr, output longint unsigned old_word,
      output longint unsigned new_word);
  import "DPI-C" function void mmu_dpi_wave_rest(
      input longint unsigned session, output bit req_ready_i, output bit req_ready_d,
      output bit fence_ready, output bit fence_done, output bit idle,
      output longint unsigned events);
  import "DPI-C" function void mmu_dpi_wave_walk(
      input longint unsigned session, input int unsigned slot, output byte unsigned state,
      output bit redo, output bit nofill, output bit port, output longint unsigned va,
      output longint unsigned pos, output byte unsigned fault);

  // ---- what the waves show --------------------------------------------------------------------
  longint unsigned   clock;
  longint unsigned   failure_clock;
  outputs_t          rtl;
  outputs_t          model;
  outputs_t          differ;
  walk_t [Slots-1:0] walk;
  logic              mismatch;
  logic              failure;

  initial if ($value$plusargs("lockwalk_failure_clock=%d", failure_clock) == 0) failure_clock = '1;

  // With the bit that the test of the comparison turns.
  assign rtl = {req_ready_o, rsp_o, fence_ready_o, fence_done_o, mreq_o, idle_o, events_o}
             ^ ((clock == u_lockstep.flip_clock && rst_ni)
                ? $bits(outputs_t)'(1) << u_lockstep.flip_bit : '0);
  assign differ   = rst_ni ? rtl ^ model : '0;
  assign mismatch = |differ;
  assign failure  = rst_ni && clock == failure_clock;

  // ---- the model's outputs of the clock that has just begun --------------------------------------
  // `tick` changes with the flops: what follows it in this step of the simulation comes after all
  // checks of the clock before, and sees the environment's inputs of this clock.
  logic tick;

  initial begin
    tick = 1'b0;
    clock = 0;
  end

  always_ff @(posedge clk_i) begin
    tick <= ~tick;
    clock <= clock + 64'(rst_ni);
  end

  bit              valid, fault, op, wide, ready_i, ready_d, fence_ready, fence_done, idle;
  bit              redo, nofill, port;
  byte unsigned    id, lg, mt, cause, imp, state, walk_fault;
  longint unsigned events;
  longint unsigned pa, tval, gpa, addr, old_word, new_word, va, pos;

  always @(tick) begin
    mmu_dpi_wave_clock(mmu_tb.session_i);
    for (int unsigned p = 0; p < Ports; p++) begin
      mmu_dpi_wave_rsp(mmu_tb.session_i, p, valid, id, pa, lg, mt, fault, cause, tval, gpa, imp);
      model.rsp[p] = {valid, id[IdW-1:0], pa[PaW-1:0], lg[5:0], mt[1:0], fault, cause[5:0], tval, gpa,
                      imp[1:0]};
    end
    mmu_dpi_wave_mreq(mmu_tb.session_i, valid, id, op, wide, addr, old_word, new_word);
    model.mreq = {valid, id[SlotW-1:0], op, wide, addr[PaW-1:0], old_word, new_word};
    mmu_dpi_wave_rest(mmu_tb.session_i, ready_i, ready_d, fence_ready, fence_done, idle, events);
    model.req_ready   = {ready_d, ready_i};
    model.fence_ready = fence_ready;
    model.fence_done  = fence_done;
    model.idle        = idle;
    model.events      = events[EventW-1:0];
    for (int unsigned s = 0; s < Slots; s++) begin
      mmu_dpi_wave_walk(mmu_tb.session_i, s, state, redo, nofill, port, va, pos, walk_fault);
      walk[s] = {state[2:0], redo, nofill, port, va, pos, walk_fault[2:0]};
    end
  end

endmodule
