// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The configuration as RTL sees it: one packed vector, and what it says.
// Generated from model/config/mmu_cfg_fields.def by `cmake --build build --target mmu-cfg-pkg`:
// do not edit. Twin: model/config/mmu_cfg_pack.c. Rules: docs/microarchitecture.md, CFG.
package mmu_cfg_pkg;

  localparam int unsigned CfgW = 417;

  // Version of the layout; a vector of another one is refused at elaboration (mmu.sv).
  localparam int unsigned CfgVersion = 4;

  // Preset `tiny`, so that every module elaborates on its own.
  localparam logic [CfgW-1:0] CfgDefault =
    417'h0010000010401140200000208000100000000000084000002c000040000000002c400000800202000020010010002024444000104;

  // 8 bits, 4 to 4
  function automatic int unsigned cfg_version(input logic [CfgW-1:0] cfg);
    cfg_version = {24'd0, 8'(cfg >> 0)};
  endfunction

  // 16 bits, 1 to 65535
  function automatic int unsigned cfg_formats(input logic [CfgW-1:0] cfg);
    cfg_formats = {16'd0, 16'(cfg >> 8)};
  endfunction

  // 5 bits, 0 to 16
  function automatic int unsigned cfg_asid_bits(input logic [CfgW-1:0] cfg);
    cfg_asid_bits = {27'd0, 5'(cfg >> 24)};
  endfunction

  // 4 bits each, 1 to 8
  function automatic int unsigned cfg_misses(input logic [CfgW-1:0] cfg,
                                             input int unsigned port);
    cfg_misses = {28'd0, 4'(cfg >> (29 + port * 4))};
  endfunction

  // 4 bits, 1 to 8
  function automatic int unsigned cfg_walks(input logic [CfgW-1:0] cfg);
    cfg_walks = {28'd0, 4'(cfg >> 37)};
  endfunction

  // 4 bits, 1 to 15
  function automatic int unsigned cfg_l2_latency(input logic [CfgW-1:0] cfg);
    cfg_l2_latency = {28'd0, 4'(cfg >> 41)};
  endfunction

  // 7 bits, 0 to 64
  function automatic int unsigned cfg_pmp_entries(input logic [CfgW-1:0] cfg);
    cfg_pmp_entries = {25'd0, 7'(cfg >> 45)};
  endfunction

  // 4 bits each, 0 to 12
  function automatic int unsigned cfg_array_sets_log2(input logic [CfgW-1:0] cfg,
                                                      input int unsigned level,
                                                      input int unsigned k);
    cfg_array_sets_log2 = {28'd0, 4'(cfg >> (52 + (level * 3 + k) * 4))};
  endfunction

  // 7 bits each, 0 to 64
  function automatic int unsigned cfg_array_ways(input logic [CfgW-1:0] cfg,
                                                 input int unsigned level,
                                                 input int unsigned k);
    cfg_array_ways = {25'd0, 7'(cfg >> (88 + (level * 3 + k) * 7))};
  endfunction

  // 16 bits each, 0 to 8191
  function automatic int unsigned cfg_array_pages(input logic [CfgW-1:0] cfg,
                                                  input int unsigned level,
                                                  input int unsigned k);
    cfg_array_pages = {16'd0, 16'(cfg >> (151 + (level * 3 + k) * 16))};
  endfunction

  // 3 bits each, 0 to 4
  function automatic int unsigned cfg_array_policy(input logic [CfgW-1:0] cfg,
                                                   input int unsigned level,
                                                   input int unsigned k);
    cfg_array_policy = {29'd0, 3'(cfg >> (295 + (level * 3 + k) * 3))};
  endfunction

  // 7 bits each, 0 to 64
  function automatic int unsigned cfg_pwc_ways(input logic [CfgW-1:0] cfg,
                                               input int unsigned k);
    cfg_pwc_ways = {25'd0, 7'(cfg >> (322 + k * 7))};
  endfunction

  // 3 bits each, 0 to 4
  function automatic int unsigned cfg_pwc_policy(input logic [CfgW-1:0] cfg,
                                                 input int unsigned k);
    cfg_pwc_policy = {29'd0, 3'(cfg >> (350 + k * 3))};
  endfunction

  // 1 bit, 0 to 1
  function automatic int unsigned cfg_hypervisor(input logic [CfgW-1:0] cfg);
    cfg_hypervisor = {31'd0, 1'(cfg >> 362)};
  endfunction

  // 4 bits, 0 to 14
  function automatic int unsigned cfg_vmid_bits(input logic [CfgW-1:0] cfg);
    cfg_vmid_bits = {28'd0, 4'(cfg >> 363)};
  endfunction

  // 7 bits, 0 to 64
  function automatic int unsigned cfg_gtlb_ways(input logic [CfgW-1:0] cfg);
    cfg_gtlb_ways = {25'd0, 7'(cfg >> 367)};
  endfunction

  // 3 bits, 0 to 4
  function automatic int unsigned cfg_gtlb_policy(input logic [CfgW-1:0] cfg);
    cfg_gtlb_policy = {29'd0, 3'(cfg >> 374)};
  endfunction

  // 7 bits each, 0 to 64
  function automatic int unsigned cfg_gpwc_ways(input logic [CfgW-1:0] cfg,
                                                input int unsigned k);
    cfg_gpwc_ways = {25'd0, 7'(cfg >> (377 + k * 7))};
  endfunction

  // 3 bits each, 0 to 4
  function automatic int unsigned cfg_gpwc_policy(input logic [CfgW-1:0] cfg,
                                                  input int unsigned k);
    cfg_gpwc_policy = {29'd0, 3'(cfg >> (405 + k * 3))};
  endfunction

endpackage
