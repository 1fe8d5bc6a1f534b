// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The list of formats: number (slow_t.format, bit of `formats` in Cfg), name of the module without
// mmu_, its parameters. Twin: model/arch/format/formats.def. Rules: docs/microarchitecture.md, FRM.
// A new format is a file rtl/format/mmu_<name>.sv with the ports of mmu_format.sv, and a line here.
`MMU_FORMAT(0, riscv, #(.Hypervisor(Hypervisor)))
`MMU_FORMAT(1, x86, )
`MMU_FORMAT(2, bounds, )
`MMU_FORMAT(3, segment, )
`MMU_FORMAT(4, linear, )
`MMU_FORMAT(5, directory, )
`MMU_FORMAT(6, inverted, )
`MMU_FORMAT(7, segpage, )
