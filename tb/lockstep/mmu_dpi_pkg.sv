// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The DPI of lockstep and environment, and the words of a clock in which inputs and outputs travel.
// Twin of the layout: tb/compare/mmu_words_in.def and mmu_words_out.def. C side: tb/dpi/.
package mmu_dpi_pkg;

  import mmu_pkg::*;
  import mmu_cfg_pkg::CfgW;

  // Both sides must have the same; the first call of a run compares them.
  localparam int unsigned DpiVersion = 1;

  localparam int unsigned Words    = 14;
  localparam int unsigned WordsIn  = 6;
  localparam int unsigned WordsOut = Words - WordsIn;
  localparam int unsigned SlowW    = 3;

  typedef longint unsigned words_t     [Words];
  typedef longint unsigned words_in_t  [WordsIn];
  typedef longint unsigned words_out_t [WordsOut];

  // All outputs of the MMU, for the completeness check of mmu_lockstep.sv.
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

  // The slow registers of this and the following clocks; called before `clock`, on change.
  import "DPI-C" function void mmu_dpi_lockstep_slow(input chandle handle,
                                                     input bit [SlowW-1:0] slow);

  // All inputs and outputs of the clock that this edge ends. 1: stop, they differ.
  import "DPI-C" function bit mmu_dpi_lockstep_clock(input chandle handle,
                                                     input longint unsigned words[Words],
                                                     input bit rst_n);

  // White-box: the write port of an array in this clock, and one of its rows.
  import "DPI-C" function void mmu_dpi_lockstep_write(input chandle handle,
                                                      input int unsigned array_id, input bit phase,
                                                      input int unsigned row_no,
                                                      input longint unsigned key,
                                                      input longint unsigned mask,
                                                      input longint unsigned data);
  import "DPI-C" function void mmu_dpi_lockstep_row(input chandle handle,
                                                    input int unsigned array_id, input bit phase,
                                                    input int unsigned row_no, input bit valid,
                                                    input longint unsigned key,
                                                    input longint unsigned mask,
                                                    input longint unsigned data);

  // At the end: does the model want to see all rows? Then each of them.
  import "DPI-C" function bit mmu_dpi_lockstep_wants_sweep(input chandle handle);
  import "DPI-C" function void mmu_dpi_lockstep_sweep(input chandle handle,
                                                      input int unsigned array_id,
                                                      input int unsigned row_no, input bit valid,
                                                      input longint unsigned key,
                                                      input longint unsigned mask,
                                                      input longint unsigned data);

  // ---- environment and bench (mmu_tb.sv) -------------------------------------------------------
  // session: the address of the run's mmu_session_t, which the program's main has made.

  // The inputs of clock 0, which also stand in reset.
  import "DPI-C" function void mmu_dpi_env_reset(input longint unsigned session,
                                                 output longint unsigned next[WordsIn],
                                                 output bit [SlowW-1:0] slow);
  // Outputs of the clock that this edge ends in, inputs of the next one out.
  import "DPI-C" function void mmu_dpi_env_step(input longint unsigned session,
                                                input longint unsigned outs[WordsOut],
                                                output longint unsigned next[WordsIn]);
  // The slow registers of the next clock, where `next` says that they change.
  import "DPI-C" function void mmu_dpi_env_slow(input longint unsigned session,
                                                output bit [SlowW-1:0] slow);
  // Tells the session where the lockstep is.
  import "DPI-C" function void mmu_dpi_attach(input longint unsigned session,
                                              input chandle lockstep);

  // Bits of the environment's last word that are not inputs of the MMU.
  localparam int unsigned InSlowChanged = 62;
  localparam int unsigned InDone        = 63;

endpackage
