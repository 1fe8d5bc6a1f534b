#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Yosys finds in each box of a configuration the bits that `lockwalk config area` tells, and cells.csv is as counted.

    yosys_test.py            two small presets, and that differences are seen
    yosys_test.py --all      every preset (half an hour)
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKWALK = os.environ.get("LOCKWALK", str(ROOT / "build" / "lockwalk"))
CELLS = ROOT / "scripts" / "yosys-cells"
PRESET_CELLS = ROOT / "scripts" / "preset-cells"
# Boxes in which Yosys makes an array of 3 or 6 registers one of 4 or 8 (docs/area.md), and by how many flip-flops
ROUNDED = {("tiny-policies", "gen_port[0].u_l1.gen_array[0].gen_on.u_array"): 288,
           ("tiny-policies", "gen_port[1].u_l1.gen_array[1].gen_on.u_array"): 288,
           ("tiny-policies", "gen_port[1].u_miss_queue"): 65, ("tiny-policies", "u_walker"): 212}
POLICIES = {"mmu_plru", "mmu_fifo", "mmu_lru", "mmu_nru", "mmu_lfsr"}


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def boxes_told(preset):
    """{instance: (flops, memory bits, replacement)} by the formula."""
    status, said = run(LOCKWALK, "config", "area", "--json", preset)
    assert status == 0, said
    return {b["instance"]: (b["flops"], b["memory_bits"], b["replacement"]) for b in json.loads(said)[0]["boxes"]}


def rows_of(preset, rtl=ROOT / "rtl"):
    status, said = run(CELLS, "--lockwalk", LOCKWALK, "--rtl", rtl, "--json", preset)
    assert status == 0, said
    return json.loads(said)["rows"]


def boxes_counted(rows, instances):
    """The same by Yosys, each part of the RTL in the innermost box that holds it; "" is what is in none."""
    flops, memory, replacement = Counter(), Counter(), Counter()
    for row in rows:
        path = row["instance"].removeprefix("mmu").removeprefix(".")
        inside = [i for i in instances if path == i or path.startswith(i + ".")]
        box = max(inside, key=len) if inside else ""
        flops[box] += row["flip_flops"]
        memory[box] += row["memory_bits"]
        replacement[box] += row["flip_flops"] if row["module"] in POLICIES else 0
    return {i: (flops[i], memory[i], replacement[i]) for i in [*instances, ""]}


def differences(preset, rows):
    told = boxes_told(preset)
    counted = boxes_counted(rows, told)
    told[""] = (0, 0, 0)
    for (of, box), more in ROUNDED.items():
        if of == preset:
            told[box] = (told[box][0] + more, *told[box][1:])
    return {i: (told[i], counted[i]) for i in told if told[i] != counted[i]}


def line_of(preset):
    with open(ROOT / "model" / "config" / "presets" / "cells.csv", newline="") as file:
        line = next(row for row in csv.DictReader(file) if row["preset"] == preset)
    return tuple(int(line[column]) for column in ("cells", "flops", "memory_bits"))


class Area(unittest.TestCase):
    small = ["base-bounds", "segmentation"]

    def test_boxes_and_cells_are_what_yosys_finds(self):
        for preset in self.presets:
            with self.subTest(preset):
                rows = rows_of(preset)
                self.assertEqual(differences(preset, rows), {})
                total = tuple(sum(row[key] for row in rows) for key in ("cells", "flip_flops", "memory_bits"))
                self.assertEqual(total, line_of(preset), f"scripts/preset-cells {preset} writes the line anew")

    def test_cells_are_checked_by_the_script_too(self):
        self.assertEqual(run(PRESET_CELLS, "--lockwalk", LOCKWALK, "--check", "base-bounds"), (0, ""))

    def planted(self, folder):
        """rtl/ with one flip-flop more in each array."""
        rtl = Path(folder) / "rtl"
        shutil.copytree(ROOT / "rtl", rtl)
        text = (rtl / "mmu_array.sv").read_text()
        old = "  assign hit_o  = |match;\n"
        self.assertEqual(text.count(old), 1)
        (rtl / "mmu_array.sv").write_text(text.replace(old, """  logic late_q;
  always_ff @(posedge clk_i) late_q <= lookup_i;
  assign hit_o  = |match & ~late_q;
"""))
        return rtl

    def test_a_register_more_is_seen_in_its_box(self):
        with tempfile.TemporaryDirectory() as folder:
            different = differences("segmentation", rows_of("segmentation", self.planted(folder)))
        self.assertEqual(sorted(different), [f"gen_port[{p}].u_l1.gen_array[0].gen_on.u_array" for p in (0, 1)])
        for told, counted in different.values():
            self.assertEqual(counted[0], told[0] + 1)

    def test_cells_that_drifted_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            status, said = run(PRESET_CELLS, "--lockwalk", LOCKWALK, "--check", "--rtl", self.planted(folder), "segmentation")
        self.assertEqual(status, 1)
        self.assertRegex(said, r"segmentation is\n  segmentation,\d+,(\d+),.*\nand counts now\n  segmentation,")
        self.assertIn("Run scripts/preset-cells segmentation", said)

    def test_presets_written_anew_leave_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "cells.csv"
            shutil.copy(ROOT / "model" / "config" / "presets" / "cells.csv", file)
            whole = file.read_text()
            file.write_text(re.sub(r"(?m)^base-bounds,\d+", "base-bounds,1", whole))
            self.assertEqual(run(PRESET_CELLS, "--lockwalk", LOCKWALK, "--file", file, "base-bounds"), (0, ""))
            self.assertEqual(file.read_text(), whole)

    def test_bad_use_exits_2(self):
        status, said = run(PRESET_CELLS, "--lockwalk", LOCKWALK, "--check", "tinny")
        self.assertEqual(status, 2)
        self.assertIn("'tinny' is not a preset; those are associative, ", said)


if __name__ == "__main__":
    everything = "--all" in sys.argv
    arguments = [a for a in sys.argv if a != "--all"]
    Area.presets = sorted(p.stem for p in (ROOT / "model/config/presets").glob("*.yaml")) if everything else Area.small
    unittest.main(argv=[arguments[0], "-v"] + arguments[1:])
