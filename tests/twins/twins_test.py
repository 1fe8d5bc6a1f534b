#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The comparison of twins must fail where a twin is changed: each test changes a copy and reads what is said."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Copy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lockwalk-twins-test-")
        self.addCleanup(folder.cleanup)
        self.tree = Path(folder.name)
        shutil.copytree(ROOT / "rtl", self.tree / "rtl")
        for part in ("model/cycle", "model/include"):
            shutil.copytree(ROOT / part, self.tree / part)
        shutil.copy(HERE / "exceptions.txt", self.tree)

    def compare(self, *options):
        command = [sys.executable, HERE / "twins.py", "--root", self.tree, "--exceptions", self.tree / "exceptions.txt"]
        done = subprocess.run([*map(str, command), *options], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def change(self, name, pattern, new):
        path = self.tree / name
        text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), flags=re.M)
        self.assertGreater(count, 0, f"{pattern} is not in {name}")
        path.write_text(text, encoding="utf-8")

    def parts(self, *words, options=("--text-only",)):
        """The comparison fails, and one line says all of these words."""
        status, text = self.compare(*options)
        self.assertEqual(status, 1, text)
        hits = [line for line in text.splitlines() if all(word in line for word in words)]
        self.assertTrue(hits, f"no line with {words} in:\n{text}")

    # ---- the tree as it is ----

    def test_unchanged_tree_agrees(self):
        status, text = self.compare("--text-only")
        self.assertEqual(status, 0, text)
        self.assertRegex(text, r"\d+ inputs, \d+ outputs, \d+ registers; 0 differences")

    # ---- ports ----

    def test_renamed_rtl_input_is_missed_on_both_sides(self):
        self.change("rtl/mmu_plru.sv", r"\btouch_way_i\b", "used_way_i")
        self.parts("rtl/mmu_plru.sv:", "input 'used_way' of mmu_plru", "[WayW]", "model/cycle/mmu_plru.h")
        self.parts("model/cycle/mmu_plru.h:", "input 'touch_way' of mmu_plru", "rtl/mmu_plru.sv")

    def test_renamed_c_output_is_missed(self):
        self.change("model/cycle/mmu_fence.h", r"\baccept;", "taken;")
        self.parts("model/cycle/mmu_fence.h:", "output 'taken' of mmu_fence", "rtl/mmu_fence.sv")

    def test_wider_rtl_port_differs(self):
        self.change("rtl/mmu_array.sv", r"logic \[mmu_pkg::DataW-1:0\] +data_o", "logic [mmu_pkg::DataW:0] data_o")
        self.parts("rtl/mmu_array.sv:", "output 'data' of mmu_array is [DataW+1]", "model/cycle/mmu_array.h:", "[DataW]")

    def test_other_parameter_as_width_differs(self):
        self.change("model/cycle/mmu_plru.h", r"victim_set; /\* \[SetW\]", "victim_set; /* [WayW]")
        self.parts("input 'victim_set' of mmu_plru is [SetW]", "model/cycle/mmu_plru.h:", "[WayW]")

    def test_input_that_became_an_output_differs(self):
        self.change("rtl/mmu_fence.sv", r"input  logic +scanning_i", "output logic scanning_o")
        self.parts("input 'scanning' of mmu_fence", "is not in rtl/mmu_fence.sv")
        self.parts("output 'scanning' of mmu_fence", "is not in model/cycle/mmu_fence.h")

    def test_other_record_differs(self):
        self.change("rtl/mmu_miss_queue.sv", r"mmu_pkg::rq_t( +)alloc_rq_i", r"mmu_pkg::req_t\1alloc_rq_i")
        self.parts("input 'alloc_rq' of mmu_miss_queue is req_t", "rq_t", "model/cycle/mmu_miss_queue.h:")

    def test_c_member_without_width_is_told(self):
        self.change("model/cycle/mmu_fence.h", r"bool old_busy; .*$", "bool old_busy;")
        self.parts("input 'old_busy' of mmu_fence", "bool without a width in its comment")

    def test_c_type_that_is_too_narrow_is_told(self):
        self.change("model/cycle/mmu_array.h", r"uint64_t fence_key;", "uint32_t fence_key;")
        self.parts("model/cycle/mmu_array.h:", "mmu_array fence_key needs 64 bits; uint32_t has 32")

    def test_top_is_compared(self):
        self.change("rtl/mmu.sv", r"\bfence_done_o\b", "fence_end_o")
        self.parts("output 'fence_end' of mmu ", "model/include/lockwalk/mmu.h")

    # ---- registers ----

    def test_dropped_register_is_missed(self):
        self.change("rtl/mmu_l1.sv", r"\bs1_old_q\b", "s1_old_x")
        self.parts("model/cycle/mmu_l1.h:", "register 's1_old' of mmu_l1", "is not in rtl/mmu_l1.sv")

    def test_flop_that_is_not_named_q_is_told(self):
        self.change("rtl/mmu_l1.sv", r"\bs1_old_q\b", "s1_old_x")
        self.parts("rtl/mmu_l1.sv:", "flop s1_old_x of mmu_l1 does not end in _q")

    def test_register_of_other_width_differs(self):
        self.change("rtl/mmu_miss_queue.sv", r"logic \[mmu_pkg::SlotW-1:0\] +slot_q", "logic [mmu_pkg::SlotW-2:0] slot_q")
        self.parts("register 'slot' of mmu_miss_queue is [Entries][SlotW-1]", "model/cycle/mmu_miss_queue.h:", "[SlotW]")

    def test_new_c_register_is_missed(self):
        self.change("model/cycle/mmu_rr_arb.h", r"uint8_t ptr; /\* \[IndexW\] \*/", r"uint8_t ptr; /* [IndexW] */\n        bool odd; /* [1] */")
        self.parts("model/cycle/mmu_rr_arb.h:", "register 'odd' of mmu_rr_arb", "rtl/mmu_rr_arb.sv")

    # ---- types ----

    def test_other_enum_value_differs(self):
        self.change("rtl/mmu_miss_queue.sv", r"MissWant = 3'd3", "MissWant = 3'd6")
        self.parts("rtl/mmu_miss_queue.sv:", "MissWant is 6", "MMU_MISS_WANT = 3")

    def test_enum_item_without_twin_is_missed(self):
        self.change("model/include/lockwalk/mmu_types.h", r", MMU_PRIV_M = 3", "")
        self.parts("rtl/mmu_pkg.sv:", "PrivM of priv_e has no MMU_PRIV_M")

    def test_other_constant_differs(self):
        self.change("model/include/lockwalk/mmu_types.h", r"#define MMU_ID_W 4", "#define MMU_ID_W 5")
        self.parts("IdW is 4", "model/include/lockwalk/mmu_types.h:", "MMU_ID_W = 5")

    def test_other_field_width_differs(self):
        self.change("rtl/mmu_pkg.sv", r"logic \[43:0\]      root;", "logic [42:0]      root;")
        self.parts("field 'root' of ctx_t is [43]", "model/include/lockwalk/mmu_types.h:", "[44]")

    def test_field_without_twin_is_missed(self):
        self.change("model/include/lockwalk/mmu_types.h", r"bool wide; .*$", "")
        self.parts("rtl/mmu_pkg.sv:", "field 'wide' of mreq_t", "mmu_mreq_t")

    def test_moved_field_of_an_entry_differs(self):
        self.change("model/include/lockwalk/mmu_types.h", r"#define MMU_ENTRY_W \(UINT64_C\(1\) << 54\)", "#define MMU_ENTRY_W (UINT64_C(1) << 53)")
        self.parts("field 'w' of entry_t stands at bit 54", "MMU_ENTRY_W = (UINT64_C(1) << 53)")

    # ---- modules, exceptions, Verilator ----

    def test_module_without_twin_is_missed(self):
        (self.tree / "rtl/mmu_fence.sv").rename(self.tree / "rtl/mmu_barrier.sv")
        self.parts("rtl/mmu_barrier.sv", "has no twin model/cycle/mmu_barrier.h")
        self.parts("model/cycle/mmu_fence.h: no twin rtl/mmu_fence.sv")

    def test_exception_that_excuses_nothing_is_told(self):
        with (self.tree / "exceptions.txt").open("a", encoding="utf-8") as file:
            file.write("input mmu_fence scanning: no reason at all\n")
        self.parts("exceptions.txt:", "nothing differs here any more: input mmu_fence scanning")

    def test_malformed_exception_is_bad_input(self):
        with (self.tree / "exceptions.txt").open("a", encoding="utf-8") as file:
            file.write("inputs mmu_fence scanning\n")
        status, text = self.compare("--text-only")
        self.assertEqual(status, 2, text)
        self.assertIn("not 'KIND WHERE NAME: reason'", text)

    def test_port_that_cannot_be_read_is_not_passed_over(self):
        self.change("rtl/mmu_fence.sv", r"input  logic +old_busy_i,", "input  `BIT old_busy_i,")
        status, text = self.compare("--text-only")
        self.assertEqual(status, 2, text)
        self.assertRegex(text, r"rtl/mmu_fence.sv:\d+: a port that this test cannot read: input  `BIT old_busy_i")

    def test_register_that_the_text_hides_is_seen_by_verilator(self):
        self.change("rtl/mmu_fence.sv", r"logic busy_d, busy_q;", "logic busy_d, busy_q;\n  logic more_q = 1'b0, less_q = 1'b1;")
        self.parts("register more_q of mmu_fence is seen by Verilator only", options=())

    def test_vector_that_outgrows_its_c_type_is_seen(self):
        self.change("model/cycle/mmu_rr_arb.h", r"uint16_t req;", "bool req;")
        self.parts("model/cycle/mmu_rr_arb.h:", "'req' of mmu_rr_arb_in_t is bool", "bits there", options=())


if __name__ == "__main__":
    unittest.main()
