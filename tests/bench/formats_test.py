#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The benchmark of formats that are not built in takes all but riscv out of both lists, and tells of a goal missed."""
import importlib.machinery
import importlib.util
import os
import tempfile
import unittest
from pathlib import Path

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")
loader = importlib.machinery.SourceFileLoader("bench_formats", path)
formats = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_formats", loader))
loader.exec_module(formats)


class Formats(unittest.TestCase):
    def test_the_lists_of_the_copy_have_riscv_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = formats.copy_of(Path(folder))
            for name in formats.LISTS:
                whole, alone = (top / name for top in (formats.ROOT, tree))
                gone = set(whole.read_text().splitlines()) - set(alone.read_text().splitlines())
                self.assertEqual(len(gone), 7, gone)
                self.assertFalse(any("riscv" in line for line in gone))
                self.assertEqual([line for line in alone.read_text().splitlines() if "MMU_FORMAT(0" in line],
                                 [line for line in whole.read_text().splitlines() if "MMU_FORMAT(0" in line])
            self.assertTrue((tree / "model/arch/format/riscv.c").exists())
            self.assertFalse((tree / "model/arch/format/x86.c").exists())

    def test_a_goal_that_is_missed_is_told_and_one_that_is_met_is_not(self):
        rows = formats.table({"cycle model": 505.2, "RTL + environment": 5000.0},
                             {"cycle model": 500.0, "RTL + environment": 4995.0})
        texts = formats.missed(rows)
        self.assertEqual(len(texts), 1)
        self.assertIn("cycle model: 1.0104 times", texts[0])

    def test_figures_of_nothing_are_no_success(self):
        self.assertEqual(len(formats.missed([{"name": "x", "ratio": 0}])), 1)


if __name__ == "__main__":
    unittest.main()
