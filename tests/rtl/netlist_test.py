#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Yosys reads rtl/ as Verilator does: the netlist of `tiny` beside the RTL with the same inputs (netlist_tb.sv)."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
RTL = HERE.parents[1] / "rtl"


def run(*command, cwd):
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def sources(rtl):
    packages = [rtl / "mmu_pkg.sv", rtl / "mmu_cfg_pkg.sv"]
    return packages + sorted(set(rtl.rglob("*.sv")) - set(packages))


class Netlist(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)
        # A copy, so that both tools read the same text.
        self.rtl = self.folder / "rtl"
        shutil.copytree(RTL, self.rtl)

    def compare(self, for_yosys):
        """Exit status and words of the bench, for the RTL beside the netlist of the files in for_yosys."""
        netlist = self.folder / "netlist.v"
        files = " ".join(f'"{p}"' for p in sources(for_yosys))
        script = (f"read_verilog -sv {files}; synth -top mmu -flatten; splitnets; rename mmu mmu_netlist; "
                  f'write_verilog -noattr "{netlist}"')
        status, said = run("yosys", "-q", "-p", script, cwd=self.folder)
        self.assertEqual(status, 0, said)
        # Bits of an answer depend on others: Verilator is to order them one by one where it can (a matter of speed).
        netlist.write_text(re.sub(r"^(  (?:output|wire) \[[0-9:]+\] rsp_o);", r"\1 /*verilator split_var*/;",
                                  netlist.read_text(), flags=re.M))
        status, said = run(
            "verilator", "--cc", "--exe", "--build", "-O3", "-Wno-lint", "-Wno-UNOPTFLAT", "-CFLAGS", "-O1", "-j", "2",
            f"-I{self.rtl / 'format'}", "--prefix", "Vtb", "--top", "netlist_tb", self.rtl / "waivers.vlt",
            *sources(self.rtl), netlist, HERE / "netlist_tb.sv", HERE / "clock_main.cc", cwd=self.folder)
        self.assertEqual(status, 0, said)
        return run(self.folder / "obj_dir" / "Vtb", cwd=self.folder)

    def test_netlist_equals_rtl_in_every_clock(self):
        status, said = self.compare(self.rtl)
        print(said)
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"[1-9]\d{4} clocks compared")

    def test_an_array_that_yosys_drops_is_a_difference(self):
        other = self.folder / "other"
        shutil.copytree(RTL, other)
        old, new = "logic [mmu_pkg::PosW-1:0]   pos_q ", "mmu_pkg::pos_t  pos_q "
        text = (other / "mmu_walker.sv").read_text()
        self.assertEqual(text.count(old), 1)
        (other / "mmu_walker.sv").write_text(text.replace(old, new))
        status, said = self.compare(other)
        self.assertEqual(status, 1)
        self.assertRegex(said, r"clock \d+: RTL and netlist differ")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:])
