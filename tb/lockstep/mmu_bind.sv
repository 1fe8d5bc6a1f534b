// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Attaches the lockstep to every MMU of a simulation, and its probes to every array.
bind mmu mmu_lockstep #(.Cfg(Cfg)) u_lockstep (.*);
bind mmu_array mmu_array_probe #(
  .Sets(Sets), .Ways(Ways), .ArrayId(ArrayId)
) u_probe (.clk_i(clk_i));
bind mmu_row_array mmu_row_probe #(
  .Sets(Sets), .Ways(Ways), .ArrayId(ArrayId)
) u_probe (.clk_i(clk_i));
