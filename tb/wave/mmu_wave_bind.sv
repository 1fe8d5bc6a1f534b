// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Only in the build that writes waves: attaches what they show of the model to the MMU.
bind mmu mmu_wave u_wave (.*);
