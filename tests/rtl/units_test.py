#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Modules of rtl/ that are tables at heart give what the tables say (units_tb.sv), and a wrong one is found."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
RTL = HERE.parents[1] / "rtl"
UNITS = ["format/mmu_riscv_effective", "mmu_pmp_check", "mmu_pmp_regs", "mmu_fence"]
# Each with its file, what it is planted in, and the unit that must tell
DEFECTS = [
    ("format/mmu_riscv_effective.sv", "hart_i.vmxr | hart_i.mxr", "hart_i.vmxr", "effective"),
    ("format/mmu_riscv_effective.sv", "prv_o == mmu_pkg::PrivM", "hart_i.prv == mmu_pkg::PrivM", "effective"),
    ("format/mmu_riscv_effective.sv", "mmu_pkg::HartLoad, mmu_pkg::HartStore: begin", "mmu_pkg::HartLoad: begin", "effective"),
    ("mmu_pmp_check.sv", "rights[0] & rights[2]", "rights[0]", "pmp_check"),
    ("mmu_pmp_check.sv", "{1'b0, machine | x, 1'b1}", "{1'b0, x, 1'b1}", "pmp_check"),
    ("mmu_pmp_check.sv", "if (machine && !mmwp) rights", "if (machine) rights", "pmp_check"),
    ("mmu_pmp_check.sv", "i = Entries; i > 0; i--", "i = 1; i <= Entries; i++", "pmp_check"),
    ("mmu_pmp_regs.sv", "write_i.cfg[1:0] == 2'b10", "write_i.cfg[2:0] == 3'b010", "pmp_regs"),
    ("mmu_pmp_regs.sv", "!(next_cfg[7] && next_cfg[4:3] == ATor)", "!next_cfg[7]", "pmp_regs"),
    ("mmu_pmp_regs.sv", "next_addr, new_addr)", "next_addr, write_i.addr)", "pmp_regs"),
    ("mmu_fence.sv", "~(wait_q & old_busy_i)", "~old_busy_i", "fence"),
    ("mmu_fence.sv", "mark_o   = take_o & (fence_kind_i != mmu_pkg::FenceWInval)", "mark_o   = take_o", "fence"),
    ("mmu_fence.sv", "Hypervisor && (fence_kind_i", "(fence_kind_i", "fence"),
    ("mmu_fence.sv", "fence_kind_i == mmu_pkg::FenceX ||", "", "fence"),
]


def run(*command, cwd):
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Units(unittest.TestCase):
    def bench(self, rtl, folder):
        """Exit status of the bench, and {unit: (tried, wrong)}."""
        status, said = run(
            "verilator", "--cc", "--exe", "--build", "-O3", "-Wno-lint", "-CFLAGS", "-O0", "--prefix", "Vtb",
            "--top", "units_tb", rtl / "waivers.vlt", rtl / "mmu_pkg.sv", *[rtl / f"{u}.sv" for u in UNITS],
            HERE / "units_tb.sv", HERE / "clock_main.cc", cwd=folder)
        self.assertEqual(status, 0, said)
        status, said = run(folder / "obj_dir" / "Vtb", cwd=folder)
        found = re.findall(r"(\w+): (\d+) tried, (\d+) wrong", said)
        self.assertEqual(len(found), len(UNITS), said)
        return status, {unit: (int(tried), int(wrong)) for unit, tried, wrong in found}

    def test_every_unit_gives_what_its_table_says(self):
        with tempfile.TemporaryDirectory() as folder:
            status, units = self.bench(RTL, Path(folder))
        print(units)
        self.assertEqual(status, 0)
        self.assertGreaterEqual(units["effective"][0], 6 << 12)
        self.assertGreaterEqual(units["pmp_check"][0], 1 << 16)
        for unit, (tried, wrong) in units.items():
            self.assertGreater(tried, 0, unit)
            self.assertEqual(wrong, 0, unit)

    def test_a_planted_defect_is_found_in_its_unit_alone(self):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)   # one for all, so that only what has changed is compiled again
            rtl = folder / "rtl"
            shutil.copytree(RTL, rtl)
            for file, old, new, where in DEFECTS:
                text = (rtl / file).read_text()
                with self.subTest(f"{file}: {new}"):
                    self.assertEqual(text.count(old), 1, f"{file}: '{old}'")
                    (rtl / file).write_text(text.replace(old, new))
                    status, units = self.bench(rtl, folder)
                    self.assertEqual(status, 1)
                    for unit, (_, wrong) in units.items():
                        self.assertEqual(wrong > 0, unit == where, unit)
                (rtl / file).write_text(text)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:])
