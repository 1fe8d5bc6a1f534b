#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""scripts/bugs must fail where it should: on stale and malformed bug files, and on a bug that is none."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

GOOD = """# a comment
bug: FEN-1
kind: F
file: rtl/mmu_fence.sv
why: a test
run: --config tiny --random 1 --cycles 20000
quick: yes
<<<<
  assign ready_o  = ~busy_q;
====
  assign ready_o  = 1'b1;
>>>>
"""


class Planter(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lockwalk-bugs-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, text, name="FEN-1-test.bug"):
        (self.folder / name).write_text(text, encoding="utf-8")

    def bugs(self, *options):
        done = subprocess.run([ROOT / "scripts/bugs", "--dir", self.folder, *options], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def refused(self, text, message, *options):
        self.write(text)
        status, out, err = self.bugs(*(options or ("--check",)))
        self.assertEqual(status, 2, out + err)
        self.assertIn(message, err)

    # ---- --check ----

    def test_text_that_stands_once_fits(self):
        self.write(GOOD)
        status, out, err = self.bugs("--check")
        self.assertEqual((status, out, err), (0, "1 of 1 bugs fit the tree.\n", ""))

    def test_text_that_is_gone_fails(self):
        self.write(GOOD.replace("~busy_q;", "~busy_q & gone;"))
        status, out, err = self.bugs("--check")
        self.assertEqual(status, 1)
        self.assertIn("FEN-1-test.bug:9: error: the old text is found not in rtl/mmu_fence.sv", err)
        self.assertEqual(out, "0 of 1 bugs fit the tree.\n")

    def test_text_that_stands_twice_fails(self):
        self.write(GOOD.replace("  assign ready_o  = ~busy_q;\n", "  always_comb begin\n").replace("mmu_fence", "mmu_array"))
        status, out, err = self.bugs("--check")
        self.assertEqual(status, 1)
        self.assertRegex(err, r"FEN-1-test.bug:9: error: the old text is found \d+ times, not once, in rtl/mmu_array.sv: lines \d+, \d+")

    def test_file_that_is_gone_fails(self):
        self.write(GOOD.replace("mmu_fence.sv", "mmu_barrier.sv"))
        status, _, err = self.bugs("--check")
        self.assertEqual(status, 1)
        self.assertIn("FEN-1-test.bug:4: error: no file rtl/mmu_barrier.sv", err)

    def test_part_of_a_line_does_not_count(self):
        self.write(GOOD.replace("  assign ready_o  = ~busy_q;\n====", "assign ready_o  = ~busy_q;\n===="))
        self.assertEqual(self.bugs("--check")[0], 1)

    def test_stale_bug_is_not_run(self):
        self.write(GOOD.replace("~busy_q;", "~busy_q & gone;"))
        status, out, err = self.bugs("--no-unchanged", "--lockwalk", "/bin/true")
        self.assertEqual(status, 2, out + err)
        self.assertIn("the old text is found not", err)

    # ---- malformed files ----

    def test_unknown_key_is_told_with_its_neighbour(self):
        self.refused(GOOD.replace("why:", "whi:"), "FEN-1-test.bug:5: error: unknown key 'whi'; did you mean 'why'?")

    def test_missing_key_is_told(self):
        self.refused(GOOD.replace("kind: F\n", ""), "FEN-1-test.bug:1: error: the key 'kind:' is missing")

    def test_key_given_twice_is_told(self):
        self.refused(GOOD.replace("why: a test\n", "why: a test\nwhy: b\n"), "FEN-1-test.bug:6: error: 'why' stands twice; first in line 5")

    def test_unknown_kind_is_told(self):
        self.refused(GOOD.replace("kind: F", "kind: X"), "FEN-1-test.bug:3: error: kind 'X' is not one of A H F C M L P")

    def test_name_that_does_not_fit_is_told(self):
        self.refused(GOOD.replace("bug: FEN-1", "bug: FEN-2"), "FEN-1-test.bug:2: error: the file's name must begin with 'FEN-2-'")

    def test_file_outside_is_refused(self):
        self.refused(GOOD.replace("rtl/mmu_fence.sv", "rtl/../docs/x"), "FEN-1-test.bug:4: error: 'rtl/../docs/x' is not a path below")

    def test_missing_mark_is_told(self):
        self.refused(GOOD.replace(">>>>\n", ""), "FEN-1-test.bug:11: error: no '>>>>'")

    def test_same_text_is_refused(self):
        self.refused(GOOD.replace("1'b1;", "~busy_q;"), "FEN-1-test.bug:9: error: old and new text are the same")

    # ---- use ----

    def test_unknown_name_is_told_with_its_neighbour(self):
        self.refused(GOOD, "no bug is called 'FEN-1-tset'; did you mean 'FEN-1-test'?", "FEN-1-tset")

    def test_folder_without_bugs_is_told(self):
        status, _, err = self.bugs("--all")
        self.assertEqual(status, 2)
        self.assertIn("no bug files", err)

    def test_program_that_is_not_there_is_told(self):
        self.refused(GOOD, "no program", "--lockwalk", "/nowhere/lockwalk")

    # ---- runs ----

    def test_bug_is_caught_and_comment_is_missed(self):
        self.write(GOOD)
        self.write(GOOD.replace("FEN-1", "FEN-2").replace("1'b1;", "~busy_q;  // the same"), "FEN-2-only-a-comment.bug")
        report = self.folder / "report.json"
        status, out, err = self.bugs("--all", "--json", report)
        self.assertEqual(status, 1, out + err)
        self.assertRegex(out, r"FEN-1-test +F +\d+  \S+")
        self.assertRegex(out, r"FEN-2-only-a-comment +F +MISSED: 20000 clocks and \d+ comparisons without a difference")
        self.assertIn("1 of 2 bugs caught.", out)
        caught, missed = json.loads(report.read_text(encoding="utf-8"))["bugs"]
        self.assertTrue(caught["caught"] and caught["comparisons"] > 0 and caught["clock"] > 0)
        self.assertFalse(missed["caught"])

    def test_bug_in_a_c_twin_is_caught(self):
        self.write(GOOD.replace("rtl/mmu_fence.sv", "model/cycle/mmu_fence.c").replace(
            "  assign ready_o  = ~busy_q;", "    out->ready = !m->q.busy; /* FEN-1 */").replace("  assign ready_o  = 1'b1;", "    out->ready = true;"))
        status, out, err = self.bugs("--all")
        self.assertEqual(status, 0, out + err)
        self.assertIn("1 of 1 bugs caught.", out)

    def test_run_that_fails_without_the_bug_proves_nothing(self):
        self.write(GOOD.replace("--random 1", "--random 1 --weight nonsense=1"))
        status, out, err = self.bugs("--all")
        self.assertEqual(status, 1, out + err)
        self.assertIn("without any bug", err)


if __name__ == "__main__":
    unittest.main()
