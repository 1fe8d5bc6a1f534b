#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The benchmark of `lockwalk run` tells of a goal that is missed, and of what does not run; its table is complete."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import unittest

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run_speed")
loader = importlib.machinery.SourceFileLoader("bench_run_speed", path)
bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run_speed", loader))
loader.exec_module(bench)
BUILD = sys.argv.pop(1) if len(sys.argv) > 1 else os.path.join(bench.ROOT, "build")


def rows(rate, over):
    return [{"name": "run", "rate": rate, "over_lockstep": over}]


class RunSpeed(unittest.TestCase):
    def test_goals_that_are_met_are_not_told(self):
        self.assertEqual(bench.missed(rows(10e6, 5.0)), [])

    def test_a_goal_that_is_missed_is_told(self):
        self.assertIn("9,900,000 accesses a second", bench.missed(rows(9.9e6, 5.0))[0])
        self.assertIn("4.9 times the lockstep", bench.missed(rows(10e6, 4.9))[0])
        self.assertEqual(len(bench.missed(rows(1, 1))), 2)

    def test_a_run_that_fails_is_an_error(self):
        with self.assertRaises(bench.Failed):
            bench.call(["false"])

    def test_a_run_without_accesses_is_an_error(self):
        with self.assertRaises(bench.Failed):
            bench.a_second(["echo", '{"accesses": {"instruction": 0, "data": 0}}'], lambda j: j, 1)

    def test_the_table_has_all_rows(self):
        done = subprocess.run([path, "--quick", "--config", "tiny", "--clocks", "20000", "--json", "--build", BUILD],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        table = json.loads(done.stdout)["rows"]
        self.assertEqual([row["name"] for row in table], ["lockstep", "run --step", "run"])
        for row in table:
            self.assertGreater(row["accesses"], 10000)
            self.assertGreater(row["rate"], 0)
        self.assertEqual(table[1]["accesses"], table[2]["accesses"])


if __name__ == "__main__":
    unittest.main()
