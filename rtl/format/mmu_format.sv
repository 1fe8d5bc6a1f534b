// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The format in force: all that the rest of the MMU knows of formats. Combinational.
// Twin: mmu_format in model/arch/format/formats.c. Rules: docs/microarchitecture.md, FRM.
//
//     start   a request                → bare (with a base) | fault | walk from a position
//     addr    a position               → where its word stands in memory
//     step    a position and its word  → read on | leaf | A, D first | read on after A | fault
//     perm    a held entry             → may the access use it?      pa    → its physical address
//     cause   a fault                  → the architecture's number
//     merge                            → bytes within which accesses have one outcome
//
// Who instantiates it leaves open what it does not need. It holds the formats that Cfg builds in, each
// one module with these ports; with one format it is wires.
module mmu_format #(
  parameter logic [mmu_cfg_pkg::CfgW-1:0] Cfg = mmu_cfg_pkg::CfgDefault
) (
  input  mmu_pkg::rq_t               rq_i,
  input  mmu_pkg::slow_t             slow_i,        // its field format says which is in force
  input  mmu_pkg::pos_t              pos_i,         // addr, step: of the word
  input  logic [63:0]                word_i,        // step: the word
  input  mmu_pkg::entry_t            entry_i,       // perm, pa
  input  logic [2:0]                 fault_i,       // cause: mmu_pkg::fault_e
  output logic [1:0]                 start_kind_o,  // mmu_pkg::start_e
  output logic [2:0]                 start_fault_o, // mmu_pkg::fault_e, with StartFault, else 0
  output logic [mmu_pkg::PaW-1:0]    start_base_o,  // with StartBare: PA is the VA plus this
  output mmu_pkg::pos_t              start_pos_o,   // with StartWalk: the first word to read, else 0
  output logic [mmu_pkg::PaW-1:0]    addr_o,
  output logic                       wide_o,        // 1: a word of 8 bytes, 0: of 4
  output logic [2:0]                 step_kind_o,   // mmu_pkg::step_e
  output logic [2:0]                 step_fault_o,  // mmu_pkg::fault_e, with StepFault, else 0
  output logic [5:0]                 step_lg_o,     // with StepRead: log2 of the bytes that the pointer
                                                    // covers; 0: no walk cache keeps it
  output mmu_pkg::pos_t              step_pos_o,    // with StepRead and StepReadAd: the next word
  output mmu_pkg::entry_t            step_entry_o,  // with StepLeaf and StepNeedAd: the leaf
  output logic [63:0]                step_new_o,    // with StepNeedAd and StepReadAd: the new word
  output logic                       grant_o,       // perm
  output logic [mmu_pkg::PaW-1:0]    pa_o,
  output logic [5:0]                 cause_o,
  output logic [5:0]                 merge_lg_o
);

  /*verilator inline_module*/   // so that nobody computes what its user has left open

  localparam logic [15:0] Formats    = 16'(mmu_cfg_pkg::cfg_formats(Cfg));
  localparam bit          Hypervisor = mmu_cfg_pkg::cfg_hypervisor(Cfg) != 0;   // for the list

  // ---- the list, as a set and as words ----------------------------------------------------------
  // Yosys 0.23 looks for it beside this file, Verilator where -y or -I say.
`define MMU_FORMAT(Number, Name, Parameters) | (16'd1 << Number)
  localparam logic [15:0] Listed = 16'd0
`include "mmu_formats.svh"
  ;
`undef MMU_FORMAT
`define MMU_FORMAT(Number, Name, Parameters) , `" Name (bit Number)`"
  localparam ListedText = {""
`include "mmu_formats.svh"
  };
`undef MMU_FORMAT

  if (Formats == '0 || (Formats & ~Listed) != '0) begin : gen_bad_formats
    $fatal(1, "mmu_format: formats = %0d, must be a set of bits of the list%0s", Formats, ListedText);
  end

  // ---- places: the formats built in, numbered in their order ------------------------------------
  function automatic int unsigned place_of(input int unsigned number);
    place_of = 0;
    for (int unsigned i = 0; i < number; i++) begin
      if (Formats[4'(i)]) place_of = place_of + 1;
    end
  endfunction

  function automatic logic [3:0] format_at(input int unsigned place);
    format_at = '0;
    for (int unsigned i = 0; i < 16; i++) begin
      if (Formats[4'(i)] && place_of(i) == place) format_at = 4'(i);
    end
  endfunction

  localparam int unsigned Places = place_of(16);

  // ---- the formats; a vector of each output has a part for each ----------------------------------
  logic [Places*2-1:0]               all_start_kind;
  logic [Places*3-1:0]               all_start_fault;
  logic [Places*mmu_pkg::PaW-1:0]    all_start_base;
  logic [Places*mmu_pkg::PosW-1:0]   all_start_pos;
  logic [Places*mmu_pkg::PaW-1:0]    all_addr;
  logic [Places-1:0]                 all_wide;
  logic [Places*3-1:0]               all_step_kind;
  logic [Places*3-1:0]               all_step_fault;
  logic [Places*6-1:0]               all_step_lg;
  logic [Places*mmu_pkg::PosW-1:0]   all_step_pos;
  logic [Places*mmu_pkg::EntryW-1:0] all_step_entry;
  logic [Places*64-1:0]              all_step_new;
  logic [Places-1:0]                 all_grant;
  logic [Places*mmu_pkg::PaW-1:0]    all_pa;
  logic [Places*6-1:0]               all_cause;
  logic [Places*6-1:0]               all_merge_lg;

`define MMU_FORMAT(Number, Name, Parameters) \
  if (Formats[Number]) begin : gen_``Name \
    localparam int unsigned Place = place_of(Number); \
    mmu_``Name Parameters u_format ( \
      .rq_i, \
      .slow_i, \
      .pos_i, \
      .word_i, \
      .entry_i, \
      .fault_i, \
      .start_kind_o (all_start_kind[Place*2 +: 2]), \
      .start_fault_o(all_start_fault[Place*3 +: 3]), \
      .start_base_o (all_start_base[Place*mmu_pkg::PaW +: mmu_pkg::PaW]), \
      .start_pos_o  (all_start_pos[Place*mmu_pkg::PosW +: mmu_pkg::PosW]), \
      .addr_o       (all_addr[Place*mmu_pkg::PaW +: mmu_pkg::PaW]), \
      .wide_o       (all_wide[Place]), \
      .step_kind_o  (all_step_kind[Place*3 +: 3]), \
      .step_fault_o (all_step_fault[Place*3 +: 3]), \
      .step_lg_o    (all_step_lg[Place*6 +: 6]), \
      .step_pos_o   (all_step_pos[Place*mmu_pkg::PosW +: mmu_pkg::PosW]), \
      .step_entry_o (all_step_entry[Place*mmu_pkg::EntryW +: mmu_pkg::EntryW]), \
      .step_new_o   (all_step_new[Place*64 +: 64]), \
      .grant_o      (all_grant[Place]), \
      .pa_o         (all_pa[Place*mmu_pkg::PaW +: mmu_pkg::PaW]), \
      .cause_o      (all_cause[Place*6 +: 6]), \
      .merge_lg_o   (all_merge_lg[Place*6 +: 6]) \
    ); \
  end
`include "mmu_formats.svh"
`undef MMU_FORMAT

  // ---- the one in force ---------------------------------------------------------------------------
  if (Places <= 1) begin : gen_one
    assign start_kind_o  = all_start_kind;
    assign start_fault_o = all_start_fault;
    assign start_base_o  = all_start_base;
    assign start_pos_o   = all_start_pos;
    assign addr_o        = all_addr;
    assign wide_o        = all_wide;
    assign step_kind_o   = all_step_kind;
    assign step_fault_o  = all_step_fault;
    assign step_lg_o     = all_step_lg;
    assign step_pos_o    = all_step_pos;
    assign step_entry_o  = all_step_entry;
    assign step_new_o    = all_step_new;
    assign grant_o       = all_grant;
    assign pa_o          = all_pa;
    assign cause_o       = all_cause;
    assign merge_lg_o    = all_merge_lg;
  end else begin : gen_several
    always_comb begin
      start_kind_o  = '0;
      start_fault_o = '0;
      start_base_o  = '0;
      start_pos_o   = '0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) begin
          start_kind_o  = all_start_kind[p*2 +: 2];
          start_fault_o = all_start_fault[p*3 +: 3];
          start_base_o  = all_start_base[p*mmu_pkg::PaW +: mmu_pkg::PaW];
          start_pos_o   = all_start_pos[p*mmu_pkg::PosW +: mmu_pkg::PosW];
        end
      end
    end

    always_comb begin
      addr_o = '0;
      wide_o = 1'b0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) begin
          addr_o = all_addr[p*mmu_pkg::PaW +: mmu_pkg::PaW];
          wide_o = all_wide[p];
        end
      end
    end

    always_comb begin
      step_kind_o  = '0;
      step_fault_o = '0;
      step_lg_o    = '0;
      step_pos_o   = '0;
      step_entry_o = '0;
      step_new_o   = '0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) begin
          step_kind_o  = all_step_kind[p*3 +: 3];
          step_fault_o = all_step_fault[p*3 +: 3];
          step_lg_o    = all_step_lg[p*6 +: 6];
          step_pos_o   = all_step_pos[p*mmu_pkg::PosW +: mmu_pkg::PosW];
          step_entry_o = all_step_entry[p*mmu_pkg::EntryW +: mmu_pkg::EntryW];
          step_new_o   = all_step_new[p*64 +: 64];
        end
      end
    end

    always_comb begin
      grant_o = 1'b0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) grant_o = all_grant[p];
      end
    end

    always_comb begin
      pa_o = '0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) pa_o = all_pa[p*mmu_pkg::PaW +: mmu_pkg::PaW];
      end
    end

    always_comb begin
      cause_o = '0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) cause_o = all_cause[p*6 +: 6];
      end
    end

    always_comb begin
      merge_lg_o = '0;
      for (int unsigned p = 0; p < Places; p++) begin
        if (slow_i.format == format_at(p)) merge_lg_o = all_merge_lg[p*6 +: 6];
      end
    end
  end

endmodule
