#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The sizing benchmark has all its rows on a small trace, keeps to its memory, and tells of a goal that is missed."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(FOLDER, "sizing")
TRACE = os.path.join(os.path.dirname(FOLDER), "sizing", "data", "true.trc.zst")
BUILD = sys.argv.pop() if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "build")

loader = importlib.machinery.SourceFileLoader("bench_sizing", PATH)
sizing = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_sizing", loader))
loader.exec_module(sizing)


class Sizing(unittest.TestCase):
    def test_all_rows_are_there_and_memory_is_small(self):
        done = subprocess.run([sys.executable, PATH, "--json", "--no-goals", "--build", BUILD, "--unified", TRACE,
                               "--data", TRACE, "--accesses", "1000000"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = {row["name"]: row["value"] for row in json.loads(done.stdout)["rows"]}
        self.assertEqual(set(rows), set(sizing.GOALS))
        self.assertTrue(all(value > 0 for value in rows.values()), rows)
        self.assertLess(rows["memory"], 64)

    def test_goals_that_are_missed_are_told_and_others_not(self):
        rows = [{"name": "instructions", "value": 101.0}, {"name": "unified", "value": 79.0},
                {"name": "data", "value": 61.0}, {"name": "OPT", "value": 1e9}, {"name": "memory", "value": 63.0}]
        texts = sizing.missed(rows)
        self.assertEqual(len(texts), 2)
        self.assertIn("instructions: 101.000 an access, the goal is at most 100", texts)
        self.assertIn("unified: 79.000 grids, the goal is at least 80", texts)

    def test_output_without_a_value_is_an_error(self):
        with self.assertRaises(sizing.bench.Failed):
            sizing.one("/bin/echo", "ratio", "accesses 5")


if __name__ == "__main__":
    unittest.main()
