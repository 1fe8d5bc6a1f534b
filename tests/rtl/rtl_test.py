#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""rtl/ is clean in Verilator for every preset, synthesised by Yosys, and refuses shapes that it cannot build."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RTL = ROOT / "rtl"
CELLS = ROOT / "scripts" / "yosys-cells"
LOCKWALK = os.environ.get("LOCKWALK", str(ROOT / "build" / "lockwalk"))


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def hex_of(config):
    status, text = run(LOCKWALK, "config", "hex", config)
    assert status == 0, text
    return text.strip()


def with_formats(config, formats):
    """The vector of a preset, but with this set of formats (bits 23:8)."""
    width, digits = hex_of(config).split("'h")
    return f"{width}'h{(int(digits, 16) & ~0xffff00) | formats << 8:x}"


def presets():
    return sorted(p.stem for p in (ROOT / "model" / "config" / "presets").glob("*.yaml"))


def lint(top, *options, rtl=RTL):
    return run("verilator", "--lint-only", "-Wall", rtl / "waivers.vlt", rtl / "mmu_pkg.sv", rtl / "mmu_cfg_pkg.sv",
               next(rtl.rglob(f"{Path(top).name}.sv")), "--top", Path(top).name, "-y", rtl, "-y", rtl / "format", *options)


def cells(*options):
    return run(CELLS, "--lockwalk", LOCKWALK, *options)


class Verilator(unittest.TestCase):
    def test_every_preset_is_clean(self):
        for preset in presets():
            with self.subTest(preset):
                self.assertEqual(lint("mmu", f"-GCfg={hex_of(preset)}"), (0, ""))

    def test_every_format_is_clean_alone_and_with_others(self):
        for preset, formats in [("default", 1 << n) for n in range(8)] + [("default", 0xff), ("default", 0x06),
                                                                          ("guest", 0x03), ("tiny", 0xff)]:
            with self.subTest(f"{preset}, formats {formats:#x}"):
                self.assertEqual(lint("mmu", f"-GCfg={with_formats(preset, formats)}"), (0, ""))

    def test_a_format_that_the_list_lacks_is_named(self):
        status, said = lint("mmu", f"-GCfg={with_formats('default', 0x8001)}")
        self.assertNotEqual(status, 0)
        self.assertIn("mmu_format: formats = 32769, must be a set of bits of the list riscv (bit 0) x86 (bit 1)", said)

    def test_two_stages_without_riscv_are_refused(self):
        status, said = lint("mmu", f"-GCfg={with_formats('guest', 2)}")
        self.assertNotEqual(status, 0)
        self.assertIn("mmu: hypervisor = 1 with formats = 2, needs riscv (bit 0) among them", said)

    def test_a_new_format_is_a_file_and_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            rtl = Path(folder) / "rtl"
            shutil.copytree(RTL, rtl)
            text = (rtl / "format" / "mmu_linear.sv").read_text()
            (rtl / "format" / "mmu_made_up.sv").write_text(text.replace("module mmu_linear", "module mmu_made_up"))
            with open(rtl / "format" / "mmu_formats.svh", "a") as formats:
                formats.write("`MMU_FORMAT(8, made_up, )\n")
            for formats in (0x100, 0x101):
                self.assertEqual(lint("mmu", f"-GCfg={with_formats('default', formats)}", rtl=rtl), (0, ""))

    def test_an_impossible_parameter_is_named(self):
        for top, option, text in [
            ("mmu_plru", "-GWays=3", "mmu_plru: Ways = 3, must be a power of two"),
            ("mmu_array", "-GSets=6", "mmu_array: Sets = 6, must be a power of two"),
            ("mmu_row_array", "-GPolicy=7", "mmu_row_array: Policy = 7, must be one of mmu_pkg::policy_e"),
            ("mmu_miss_queue", "-GEntries=9", "mmu_miss_queue: Entries = 9, must be 1 to 8"),
        ]:
            with self.subTest(top):
                status, said = lint(top, option)
                self.assertNotEqual(status, 0)
                self.assertIn(text, said)

    def test_a_vector_of_another_layout_is_refused(self):
        width, digits = hex_of("tiny").split("'h")
        other = f"{width}'h{int(digits, 16) ^ 0xff:x}"
        status, said = lint("mmu", f"-GCfg={other}")
        self.assertNotEqual(status, 0)
        self.assertRegex(said, r"mmu: Cfg has layout \d+, this RTL reads layout \d+")

    def test_a_virtual_machine_number_too_wide_is_refused(self):
        width, digits = hex_of("tiny").split("'h")
        place = int(re.search(r"cfg_vmid_bits = .*cfg >> (\d+)", (RTL / "mmu_cfg_pkg.sv").read_text())[1])
        status, said = lint("mmu", f"-GCfg={width}'h{int(digits, 16) | 15 << place:x}")
        self.assertNotEqual(status, 0)
        self.assertIn("mmu: vmid_bits = 15, must be 0 to 14", said)

    def test_what_stands_beside_mmu_is_clean(self):
        self.assertEqual(lint("format/mmu_riscv_effective"), (0, ""))

    def test_arrays_are_clean_with_and_without_virtual_machines(self):
        for top in ("mmu_array", "mmu_row_array"):
            for vm in (0, 1):
                with self.subTest(f"{top} {vm}"):
                    self.assertEqual(lint(top, f"-GVm=1'b{vm}"), (0, ""))

    def test_no_assertion_dpi_or_class_stands_in_rtl(self):
        for path in RTL.rglob("*.sv"):
            code = re.sub(r"//.*", "", path.read_text())
            self.assertIsNone(re.search(r"\b(assert|assume|cover|class|import|bind)\b", code), path)


class Yosys(unittest.TestCase):
    def test_tiny_is_synthesised_and_every_module_counted(self):
        status, said = cells("tiny")
        self.assertEqual(status, 0, said)
        print(said)
        table = said.split("\n\n")[1]
        counted = {line.split()[0] for line in table.splitlines()[1:-1]}
        used = {p.stem for p in RTL.rglob("mmu*.sv") if not p.stem.endswith("_pkg")}
        # tiny does not use them all, but there is nothing that is no module of rtl/
        self.assertLessEqual(counted, used)
        self.assertLessEqual({"mmu", "mmu_l1", "mmu_l2", "mmu_walker", "mmu_miss_queue", "mmu_row_array", "mmu_g_tlb"},
                             counted)
        for line in table.splitlines()[1:]:
            name, instances, count, *_ = line.split()
            self.assertGreater(int(instances), 0)
            # Modules that hold others may be nothing but wires between them, as mmu_riscv_gstep is.
            holds_others = any(" u_" in p.read_text() for p in RTL.rglob(f"{name}.sv"))
            if not holds_others or name in {"mmu", "mmu_l1", "mmu_l2", "mmu_walker"}:
                self.assertGreater(int(count), 0, name)

    def planted(self, file, old, new):
        with tempfile.TemporaryDirectory() as folder:
            rtl = Path(folder) / "rtl"
            shutil.copytree(RTL, rtl)
            text = (rtl / file).read_text()
            self.assertEqual(text.count(old), 1, f"{file}: '{old}'")
            (rtl / file).write_text(text.replace(old, new))
            return cells("--rtl", rtl, "tiny")

    def test_an_array_of_records_is_refused(self):
        status, said = self.planted("mmu_walker.sv", "logic [mmu_pkg::PosW-1:0]   pos_q ", "mmu_pkg::pos_t  pos_q ")
        self.assertEqual(status, 1)
        self.assertIn("Yosys takes an array of records for one record", said)
        self.assertRegex(said, r"mmu_walker\.sv:\d+: mmu_pkg::pos_t  pos_q")

    def test_a_made_up_identifier_is_refused(self):
        status, said = self.planted("mmu_fence.sv", "assign busy_o   = busy_q;", "assign busy_o   = busy_r;")
        self.assertEqual(status, 1)
        self.assertIn("busy_r", said)

    def test_bad_use_exits_2(self):
        status, said = cells("tinny")
        self.assertEqual(status, 2)
        self.assertIn("'tinny' is not a preset", said)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:])
