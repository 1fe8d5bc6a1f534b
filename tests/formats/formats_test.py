#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""A new format is two files and two lines (docs/formats.md): `trident` is put into a copy of the tree, built, and run on
its own tables in all layers; and a difference between its C and its RTL is caught."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

import trident

HERE = Path(__file__).resolve().parent
ROOT = Path(os.environ.get("FORMATS_ROOT", HERE.parents[1]))
COPIED = ("rtl", "model", "tb", "CMakeLists.txt")
FILES = {"trident.c": "model/arch/format/trident.c", "mmu_trident.sv": "rtl/format/mmu_trident.sv"}
LINES = {"model/arch/format/formats.def": "MMU_FORMAT(8, trident)\n",
         "rtl/format/mmu_formats.svh": "`MMU_FORMAT(8, trident, )\n"}
MOST_LINES = 200
WORLDS, SEED = 60, 5


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)
    return done.returncode, done.stdout + done.stderr


def differing(old, new):
    """Files below two folders that are not the same, or on one side only, by their path."""
    if old.is_file():
        return set() if filecmp.cmp(old, new, shallow=False) else {Path("")}
    names = {p.relative_to(side) for side in (old, new) for p in side.rglob("*") if p.is_file()}
    return {n for n in names if not (old / n).is_file() or not (new / n).is_file() or
            not filecmp.cmp(old / n, new / n, shallow=False)}


class Trident(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lockwalk-formats-")
        cls.top = Path(cls.folder.name)
        cls.tree = cls.top / "tree"
        cls.tree.mkdir()
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, cls.tree / name)
        for source, place in FILES.items():
            shutil.copy(HERE / source, cls.tree / place)
        for name, line in LINES.items():
            with open(cls.tree / name, "a", encoding="ascii") as listed:
                listed.write(line)
        build = cls.top / "build"
        environment = dict(os.environ, CCACHE_BASEDIR=str(cls.top), CCACHE_NOHASHDIR="1")
        for command in (["cmake", "-S", cls.tree, "-B", build, "-G", "Ninja"],
                        ["ninja", "-C", build, "-j2", "lockwalk"]):
            status, said = run(*command, env=environment)
            if status != 0:
                raise RuntimeError(f"{command[0]}: {said[-4000:]}")
        cls.lockwalk = build / "lockwalk"
        cls.tv = cls.top / "trident.tv"
        text, cls.kinds = trident.vectors(WORLDS, SEED)
        cls.tv.write_text(text, encoding="ascii")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self, layer, *options, tv=None):
        environment = {k: v for k, v in os.environ.items() if k != "LOCKWALK_ROOT"}
        config = [] if layer == "arch" else ["--config", HERE / "trident.yaml"]
        return run(self.lockwalk, "check", "--on", layer, *config, *options, tv or self.tv, env=environment)

    def test_it_is_two_short_files_and_two_lines(self):
        different = set()
        for name in COPIED:
            different |= {str(Path(name) / n) for n in differing(ROOT / name, self.tree / name)}
        self.assertEqual(different, set(FILES.values()) | set(LINES))
        for name, line in LINES.items():
            self.assertEqual((self.tree / name).read_text(), (ROOT / name).read_text() + line)
        for name in FILES:
            self.assertLess(len((HERE / name).read_text().splitlines()), MOST_LINES, name)

    def test_its_vectors_have_every_outcome(self):
        for kind in [0] + list(trident.NAMES):
            self.assertGreaterEqual(self.kinds.get(kind, 0), 10, trident.NAMES.get(kind, "translated"))

    def test_the_command_knows_its_name(self):
        self.assertEqual(run(self.lockwalk, "config", "check", HERE / "trident.yaml")[0], 0)

    def test_what_writes_tables_says_that_it_cannot(self):
        trace = self.top / "some.trace"
        trace.write_text("R 0x1000 8\n", encoding="ascii")
        status, said = run(self.lockwalk, "run", "--config", HERE / "trident.yaml", trace)
        self.assertEqual(status, 2, said)
        self.assertIn("format trident: nobody writes tables of it; expected vectors", said)

    def test_every_layer_gives_what_its_rules_say(self):
        for layer in ("arch", "cycle", "rtl"):
            with self.subTest(layer):
                status, said = self.check(layer, *(["--whitebox"] if layer == "rtl" else []))
                self.assertEqual(status, 0, said)
                self.assertIn(f"PASS: on {layer}, {sum(self.kinds.values())} accesses of {WORLDS} worlds compared, "
                              "0 mismatches", said)

    def test_the_worked_example_of_the_document_holds(self):
        text = (HERE.parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
        worlds = re.findall(r"^    world .*?^    end$", text, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(worlds), 1)
        tv = self.top / "document.tv"
        tv.write_text(textwrap.dedent(worlds[0]) + "\n", encoding="ascii")
        for layer in ("arch", "cycle"):
            status, said = self.check(layer, tv=tv)
            self.assertEqual(status, 0, said)
            self.assertIn("2 accesses of 1 worlds compared, 0 mismatches", said)

    def planted(self, old, new):
        """A copy of rtl/ in which the format is another."""
        rtl = Path(tempfile.mkdtemp(dir=self.top)) / "rtl"
        shutil.copytree(self.tree / "rtl", rtl)
        file = rtl / "format" / "mmu_trident.sv"
        text = file.read_text()
        self.assertEqual(text.count(old), 1, old)
        file.write_text(text.replace(old, new))
        return rtl

    def test_lockstep_catches_a_difference_between_its_files(self):
        for old, new in (("word_i[49:3]", "{word_i[49:4], 1'b0}"),      # where the next table stands
                         ("rq_i.va[24:19]", "rq_i.va[23:18]")):
            with self.subTest(new):
                status, said = self.check("rtl", "--rtl", self.planted(old, new))
                self.assertEqual(status, 1, said)
                self.assertIn("differ", said)

    def twins(self, rtl):
        """All functions on random inputs, C against RTL."""
        build = tempfile.mkdtemp(dir=self.top)
        include = f"-I{self.tree}/model/include -I{self.tree}/model"
        for command in (["gcc", "-std=c11", "-O1", *include.split(), "-c", self.tree / FILES["trident.c"],
                         "-o", f"{build}/trident.o"],
                        ["verilator", "--cc", "--exe", "--build", "--Mdir", build, "--top", "mmu_trident", "-CFLAGS",
                         f"-O1 {include}", rtl / "mmu_pkg.sv", rtl / "format" / "mmu_trident.sv",
                         HERE / "twins_main.cc", f"{build}/trident.o"]):
            status, said = run(*command)
            self.assertEqual(status, 0, said)
        return run(f"{build}/Vmmu_trident")

    def test_its_files_are_the_same_functions(self):
        status, said = self.twins(self.tree / "rtl")
        self.assertEqual(status, 0, said)
        self.assertIn("300000 compared", said)
        self.assertNotRegex(said, r"\b0 (read|leaf|need|page|prot|rsvd|table|granted)")

    def test_a_difference_that_vectors_cannot_reach_is_caught(self):
        for old, new, what in (("entry_i.a && (entry_i.d || !store)", "entry_i.a", "perm"),
                               ("merge_lg_o = 6'd12", "merge_lg_o = 6'd13", "merge_lg")):
            with self.subTest(what):
                status, said = self.twins(self.planted(old, new))
                self.assertEqual(status, 1, said)
                self.assertIn(f"{what} differs: C ", said)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:])
