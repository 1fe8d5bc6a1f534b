#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The benchmark reads callgrind's listing as it is written, and tells of a goal that is missed."""
import importlib.machinery
import importlib.util
import os
import unittest

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run")
loader = importlib.machinery.SourceFileLoader("bench_run", path)
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
loader.exec_module(run)

LISTING = """
254,237,098 (100.0%)  PROGRAM TOTALS
 34,115,246 (13.42%)  ???:mmu_dpi_env_step [build/rtl/x/lockwalk-sim]
 21,000,269 ( 8.26%)  model/cycle/mmu.c:mmu_comb [build/rtl/x/lockwalk-sim]
"""


class Bench(unittest.TestCase):
    def test_listing_gives_the_total_and_each_function(self):
        total, functions = run.parse(LISTING)
        self.assertEqual(total, 254237098)
        self.assertEqual(functions, {"mmu_dpi_env_step": 34115246, "mmu_comb": 21000269})

    def test_listing_without_a_total_is_an_error(self):
        with self.assertRaises(run.Failed):
            run.parse("nothing here")

    def test_a_goal_that_is_missed_is_told_and_one_that_is_met_is_not(self):
        rows = [{"name": "RTL alone", "instructions": 6001.0, "ratio": None},
                {"name": "cycle model", "instructions": 500.0, "ratio": None},
                {"name": "+ lockstep", "instructions": 1.0, "ratio": 1.351},
                {"name": "+ judge", "instructions": 1.0, "ratio": 1.45}]
        texts = run.missed(rows)
        self.assertEqual(len(texts), 2)
        self.assertIn("RTL alone: 6001", texts[0])
        self.assertIn("+ lockstep: 1.351", texts[1])

    def test_a_run_that_fails_is_an_error(self):
        with self.assertRaises(run.Failed):
            run.call(["false"])


if __name__ == "__main__":
    unittest.main()
