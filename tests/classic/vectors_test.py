#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The files of vectors: they are what make_vectors.py makes, hold every outcome, and find a model with a wrong rule."""

import collections
import contextlib
import io
import shutil
import tempfile
import types
import unittest
from pathlib import Path

import make_vectors
import model
import tv

TYPES = ("X", "R", "RX", "W", "A")
WITH_TABLES = ("segment", "linear", "directory", "inverted", "segpage")
PAGED = WITH_TABLES[1:]
# The faults that S and U get; `bounds` has an access fault too, but with bounds below 2^32 only M's addresses get there.
KINDS = {"bounds": ("limit",), "segment": ("page", "protection", "reserved", "limit", "access"),
         "linear": ("page", "protection", "reserved", "limit", "access"),
         **{mode: ("page", "protection", "reserved", "limit", "table", "access") for mode in PAGED[1:]}}
FILES = {name: tv.read((make_vectors.VECTORS / f"classic-{name}.tv").read_text().splitlines())
         for name in make_vectors.NAMES}

# One wrong rule each: the text of model.py that is changed, and the file that must find it.
WRONG = (
    ("va >= self.aux", "va > self.aux", "bounds"),
    ("return va + base", "return va | base", "bounds"),
    ("answer.pa = self.bare(va, 0)", "answer.pa = self.bare(va, self.root)", "bounds"),
    ("if va > PA_MASK or va + base > PA_MASK:", "if va + base > PA_MASK << 8:", "bounds"),
    ('(privilege == "U") << 5', "0", "bounds"),
    ('"W": 2, "A": 2}', '"W": 2, "A": 3}', "bounds"),
    ("min(bits(first, 48, 32), 65536)", "bits(first, 47, 32)", "segment"),
    ("bits(first, 31, 0)", "bits(first, 47, 0)", "segment"),
    ("self.finish(base + offset, 65536)", "self.finish(base + offset & 0xFFFFFFFF, 65536)", "segment"),
    ("(offset < limit) if down", "(offset <= limit) if down", "segment"),
    ("else (offset >= limit)", "else (offset > limit)", "segment"),
    ("down = bits(second, 8, 8)", "down = 0", "segment"),
    ("self.mark(place + 8, second)", "self.mark(place, second)", "segment"),
    ("number * 16", "number * 8", "segment"),
    ("if va >> 32:", "if va >> 33:", "inverted"),
    ("if va >> 32:", "if va >> 33:", "linear"),
    ("if va >> 32:", "if va >> 33:", "segment"),
    ("if va >> 32:", "if va >> 33:", "directory"),
    ("if va >> 32:", "if va >> 33:", "segpage"),
    ("page >= self.aux", "page > self.aux", "linear"),
    ("bits(word, 58, 12) << 9\n        if frame", "bits(word, 57, 12) << 9\n        if frame", "linear"),
    ("if frame % (1 << self.plg):", "if frame % (1 << min(self.plg, 12)):", "linear"),
    ('"AD" if self.access in STORES', '"AD" if self.access == "W"', "linear"),
    ('"AD" if self.access in STORES', '"D" if self.access in STORES', "linear"),
    ("if not self.adue:", "if self.adue:", "linear"),
    ('self.privilege == "U" and not has(word, "U")', "False", "linear"),
    ('raise Fault("table")\n        table = bits', 'raise Fault("page")\n        table = bits', "directory"),
    ("table = bits(word, 58, 12) << 9", "table = bits(word, 58, 15) << 12", "directory"),
    ("table = bits(word, 58, 12) << 9", "table = bits(word, 54, 12) << 9", "directory"),
    ("outer >= self.aux", "outer > self.aux", "directory"),
    ("bits(word, 16, 1) == self.asid", "True", "inverted"),
    ("bits(word, 0, 0) == 1 and", "", "inverted"),
    ("page ^ (page >> self.rows_lg) ^ self.asid", "page ^ self.asid", "inverted"),
    ("page ^ (page >> self.rows_lg) ^ self.asid", "page ^ (page >> self.rows_lg)", "inverted"),
    ("if number >= rows:", "if number > rows:", "inverted"),
    ("number = bits(link, 32, 1)", "number = bits(link, 63, 1)", "inverted"),
    ("number = bits(link, 32, 1)", "number = bits(link, 16, 1)", "inverted"),
    ("for _ in range(rows):", "for _ in range(rows - 1):", "inverted"),
    ('Fault("table" if bits(link, 0, 0) else "page")', 'Fault("page")', "inverted"),
    ('Fault("table" if bits(link, 0, 0) else "page")', 'Fault("table")', "inverted"),
    ("self.search(page) if self.linear else self.follow(page)", "self.follow(page)", "inverted"),
    ("for number in range(1 << self.rows_lg):", "for number in range((1 << self.rows_lg) - 1):", "inverted"),
    ("for number in range(1 << self.rows_lg):", "for number in range((1 << self.rows_lg) - 1, -1, -1):", "inverted"),
    ("page >= bits(segment, 21, 8)", "page > bits(segment, 21, 8)", "segpage"),
    ("page >= bits(segment, 21, 8)", "page >= bits(segment, 20, 8)", "segpage"),
    ("bits(segment, 63, 22) << 9", "bits(segment, 63, 25) << 12", "segpage"),
    (", rights_from=segment)", ")", "segpage"),
    ("        self.check_rights(segment)\n", "", "segpage"),
    ('"RX": "X", "W"', '"RX": "R", "W"', "rights"),
    ('raise Fault("reserved")\n        if not has(word, NEEDS', 'pass\n        if not has(word, NEEDS', "segment"),
    ('"A": "W"}', '"A": "R"}', "rights"),
)


def model_with(old, new):
    """model.py with one change, as a module of its own."""
    text = Path(model.__file__).read_text()
    assert text.count(old) >= 1, f"WRONG names what model.py does not hold: {old}"
    changed = types.ModuleType("changed_model")
    changed.__dict__["__name__"] = model.__name__
    exec(compile(text.replace(old, new), "changed_model", "exec"), changed.__dict__)
    return changed


class Files(unittest.TestCase):
    def run_make(self, *arguments):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            return make_vectors.main(list(arguments)), said.getvalue()

    def test_are_what_make_vectors_makes(self):
        self.assertEqual(self.run_make("--check"), (0, ""))

    def test_check_tells_a_changed_file(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in make_vectors.NAMES:
                shutil.copy(make_vectors.VECTORS / f"classic-{name}.tv", folder)
            path = Path(folder) / "classic-inverted.tv"
            path.write_text(path.read_text().replace("fault 0x29", "fault 0x2d", 1))
            status, said = self.run_make("--check", "--out", folder)
            self.assertEqual(status, 1)
            self.assertEqual(said, f"{path}: not what make_vectors.py makes\n")

    def test_another_seed_makes_other_worlds(self):
        self.assertNotEqual(make_vectors.text_of("linear", 1), make_vectors.text_of("linear", 2))

    def test_the_model_answers_what_they_say(self):
        for name, worlds in FILES.items():
            self.assertEqual(tv.differences(worlds), [], name)

    def test_lines_are_short_and_words_lie_in_ram(self):
        for name in make_vectors.NAMES:
            for line in (make_vectors.VECTORS / f"classic-{name}.tv").read_text().splitlines():
                self.assertLess(len(line), 1024)
            for world in FILES[name]:
                for pa in world.words:
                    self.assertTrue(pa % 8 == 0 and model.Memory(*world.ram).holds(pa))


class Outcomes(unittest.TestCase):
    def counted(self, name):
        count = collections.Counter()
        for world in FILES[name]:
            scheme = world.scheme()
            for privilege, access, va, _, _ in world.accesses:
                answer = scheme.translate(privilege, access, va)
                count[world.mode, answer.kind, privilege, access] += 1
        return count

    def test_each_file_has_600_accesses(self):
        for name, worlds in FILES.items():
            self.assertGreaterEqual(sum(len(world.accesses) for world in worlds), 600, name)

    def test_each_fault_for_each_access_of_kernel_and_user(self):
        for mode, kinds in KINDS.items():
            count = self.counted(mode)
            for kind in kinds + (None,):
                for privilege in "SU":
                    for access in TYPES:
                        self.assertTrue(count[mode, kind, privilege, access], (mode, kind, privilege, access))
            self.assertTrue(any(count[mode, None, "M", access] for access in TYPES), mode)

    def test_each_page_size_with_and_without_adue(self):
        for mode in PAGED:
            seen = {(world.keys["plg"], world.keys.get("adue", 0)) for world in FILES[mode]}
            self.assertEqual(seen, {(plg, adue) for plg in range(9, 17) for adue in (0, 1)})

    def test_words_change_in_each_scheme_with_tables(self):
        for mode in WITH_TABLES:
            wrote = [access[4] for world in FILES[mode] for access in world.accesses if access[4]]
            self.assertGreaterEqual(len(wrote), 15, mode)
            self.assertTrue(any(word & 0xC0 == 0x40 for _, word in wrote), mode)
            self.assertTrue(any(word & 0xC0 == 0xC0 for _, word in wrote), mode)

    def test_two_processes_reach_different_frames_with_one_address(self):
        for mode in KINDS:
            reached = collections.defaultdict(set)
            for world in FILES[mode]:
                for _, _, va, text, _ in world.accesses:
                    if text.startswith("pa") and world.keys.get("asid") and mode != "bounds":
                        reached[tuple(sorted(world.words.items())), va].add(text)
                    elif text.startswith("pa") and va == 0x400000:
                        reached[va].add(text)
            self.assertTrue(any(len(texts) > 1 for texts in reached.values()), mode)

    def test_chains_are_of_many_lengths_and_searches_too(self):
        for linear in (0, 1):
            reads = set()
            for world in FILES["inverted"]:
                if world.keys.get("linear", 0) == linear:
                    scheme = world.scheme()
                    for privilege, access, va, _, _ in world.accesses:
                        answer = scheme.translate(privilege, access, va)
                        if answer.kind is None and privilege != "M":
                            reads.add(answer.reads)
            self.assertGreaterEqual(len(reads), 6, reads)

    def test_all_modes_of_rights_in_each_scheme(self):
        for mode in WITH_TABLES:
            count = self.counted("rights")
            for kind in (None, "protection", "reserved"):
                for privilege in "SU":
                    for access in TYPES:
                        self.assertTrue(count[mode, kind, privilege, access], (mode, kind, privilege, access))


class WrongRules(unittest.TestCase):
    def test_each_is_found_by_the_vectors(self):
        real = tv.model
        try:
            for old, new, name in WRONG:
                with self.subTest(old=old, new=new):
                    tv.model = model_with(old, new)
                    self.assertNotEqual(self.found(name), [], "no vector tells this model from the right one")
        finally:
            tv.model = real

    def found(self, name):
        try:
            return tv.differences(FILES[name])
        except AssertionError as error:
            # The wrong rule wrote outside of RAM.
            return [str(error) or "assertion"]


if __name__ == "__main__":
    unittest.main()
