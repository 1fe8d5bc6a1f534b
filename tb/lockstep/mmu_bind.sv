// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Attaches the lockstep to every MMU of a simulation, and its probes to every array.
bind mmu mmu_lockstep #(.Cfg(Cfg)) u_lockstep (.*);
