#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The second model by itself: the textbook's examples by name, then each rule where it turns."""

import unittest

import model
from model import Bounds, Directory, Inverted, Linear, Memory, Segment, SegPage

TABLE = 0x10000  # where tables begin; its frame number is 0x10
ALL = "PRWXUAD"


def memory(*pairs, size=0x10000):
    """Words at offsets from TABLE."""
    return Memory(TABLE, size, {TABLE + offset: word for offset, word in pairs})


class Classic(unittest.TestCase):
    def reaches(self, scheme, who, access, va, pa):
        answer = scheme.translate(who, access, va)
        self.assertIsNone(answer.kind, str(answer))
        self.assertEqual(answer.pa, pa, f"{answer.pa:#x}")
        return answer

    def faults(self, scheme, who, access, va, kind, cause=None):
        answer = scheme.translate(who, access, va)
        self.assertEqual(answer.kind, kind, str(answer))
        self.assertIsNone(answer.pa)
        if cause is not None:
            self.assertEqual(answer.cause, cause)
        return answer


class Textbook(Classic):
    def test_page_size_512_va_2049_is_page_4_offset_1(self):
        # Row 4 alone leads anywhere, and offset 1 is what is left of 2049.
        scheme = Linear(memory((4 * 8, model.row(0x6000, ALL))), root=0x10, aux=8, plg=9)
        self.reaches(scheme, "U", "R", 2049, 0x6001)
        self.faults(scheme, "U", "R", 3 * 512 + 1, "page")
        self.faults(scheme, "U", "R", 5 * 512 + 1, "page")

    def test_segment_0_at_120_with_offset_32_is_152(self):
        first, second = model.segment_words(120, 64, ALL)
        self.reaches(Segment(memory((0, first), (8, second)), root=0x10, aux=1), "U", "R", 32, 152)

    def test_base_32_kib_bounds_16_kib(self):
        scheme = Bounds(root=32 * 1024, aux=16 * 1024)
        self.reaches(scheme, "U", "R", 0, 32 * 1024)
        self.reaches(scheme, "U", "W", 16 * 1024 - 1, 48 * 1024 - 1)
        self.faults(scheme, "U", "R", 16 * 1024, "limit", 0x2C)

    def test_0x400000_in_two_processes(self):
        frames = {1: 0x5000, 2: 0x6000}
        for process, frame in frames.items():
            va, pa = 0x400000, frame
            table = 0x1000 * process
            number = va >> 12

            self.reaches(Bounds(root=frame, aux=0x400001), "U", "R", va, 0x400000 + frame)

            words = memory((table + number * 8, model.row(frame, ALL)))
            self.reaches(Linear(words, root=0x10 + process, aux=number + 1), "U", "R", va, pa)

            words = memory((table + 8, model.row(TABLE + 0x8000 + 0x1000 * process, "P")),
                           (0x9000, model.row(frames[1], ALL)), (0xA000, model.row(frames[2], ALL)))
            self.reaches(Directory(words, root=0x10 + process, aux=2), "U", "R", va, pa)

            words = memory((table + 8, model.paged_segment(TABLE + 0x8000 + 0x1000 * process, 1, "PRU")),
                           (0x9000, model.row(frames[1], "PAD")), (0xA000, model.row(frames[2], "PAD")))
            self.reaches(SegPage(words, root=0x10 + process, aux=2), "U", "R", va, pa)

            first, second = model.segment_words(frame, 65536, ALL)
            words = memory((table + 0x40 * 16, first), (table + 0x40 * 16 + 8, second))
            self.reaches(Segment(words, root=0x10 + process, aux=0x41), "U", "R", va, pa)

        # Inverted: one table for both; the row names its process.
        pairs = []
        for process, frame in frames.items():
            words = model.inverted_row(process, 0x400, frame, ALL)
            pairs += [(process * 32 + i * 8, word) for i, word in enumerate(words)]
            anchor = (0x400 ^ (0x400 >> 2) ^ process) & 3
            pairs.append((0x1000 + anchor * 8, model.anchor_word(process)))
        for process, frame in frames.items():
            for linear in (0, 1):
                scheme = Inverted(memory(*pairs), root=0x10, aux=0x11, asid=process, rows_lg=2, linear=linear)
                self.reaches(scheme, "U", "R", 0x400000, frame)


class Everywhere(Classic):
    def test_m_is_bare_in_every_scheme_up_to_56_bits(self):
        for scheme in model.SCHEMES.values():
            it = scheme(Memory(0, 8), root=5, aux=0)
            answer = self.reaches(it, "M", "W", (1 << 56) - 1, (1 << 56) - 1)
            self.assertIsNone(answer.size)
            self.faults(it, "M", "W", 1 << 56, "access", 0x16)

    def test_va_of_33_bits_is_beyond_the_limit_and_reads_nothing(self):
        for mode, scheme in model.SCHEMES.items():
            it = scheme(Memory(0, 8), aux=0xFFFFFFFF)
            self.assertEqual(self.faults(it, "S", "X", 1 << 32, "limit", 4).reads, 0, mode)

    def test_cause_tells_user_access_and_kind(self):
        scheme = Linear(memory(), root=0x10, aux=1)
        causes = [scheme.translate(who, access, 0).cause for who in "SU" for access in ("X", "R", "RX", "W", "A")]
        self.assertEqual(causes, [0x01, 0x09, 0x09, 0x11, 0x11, 0x21, 0x29, 0x29, 0x31, 0x31])

    def test_tables_outside_of_ram_are_access_faults(self):
        for mode in ("segment", "linear", "directory", "inverted", "segpage"):
            for linear in (0, 1):
                it = model.SCHEMES[mode](Memory(TABLE, 0x1000), root=0x8, aux=1, linear=linear)
                self.faults(it, "U", "W", 0, "access", 0x36)


class RightsOfRows(Classic):
    def test_eight_modes(self):
        allowed = {"": (), "X": ("X", "RX"), "R": ("R",), "RX": ("R", "X", "RX"), "RW": ("R", "W", "A"),
                   "RWX": ("R", "W", "X", "A", "RX")}
        for letters in ("", "X", "W", "WX", "R", "RX", "RW", "RWX"):
            scheme = Linear(memory((0, model.row(0x5000, "PUAD" + letters))), root=0x10, aux=1)
            for access in ("R", "W", "X", "A", "RX"):
                if letters in ("W", "WX"):
                    self.faults(scheme, "U", access, 0, "reserved")
                elif access in allowed[letters]:
                    self.reaches(scheme, "U", access, 0, 0x5000)
                else:
                    self.faults(scheme, "U", access, 0, "protection")

    def test_kernel_rows_refuse_users_and_user_rows_serve_the_kernel(self):
        scheme = Linear(memory((0, model.row(0x5000, "PRAD")), (8, model.row(0x6000, "PRUAD"))), root=0x10, aux=2)
        self.reaches(scheme, "S", "R", 0, 0x5000)
        self.faults(scheme, "U", "R", 0, "protection")
        self.reaches(scheme, "S", "R", 0x1000, 0x6000)

    def test_order_present_then_reserved_then_rights_then_marks(self):
        cases = (("S", "page"), ("PW", "reserved"), ("PX", "protection"), ("PRU", "page"))
        for letters, kind in cases:
            scheme = Linear(memory((0, model.row(0x5000, letters))), root=0x10, aux=1)
            self.faults(scheme, "U", "R", 0, kind)
        misplaced = Linear(memory((0, model.row(0x5200, "PX"))), root=0x10, aux=1)
        self.faults(misplaced, "U", "R", 0, "reserved")

    def test_bits_without_a_name_do_not_count(self):
        word = model.row(0x5000, ALL) | 0x1F << 59 | 0xF << 8
        self.reaches(Linear(memory((0, word)), root=0x10, aux=1), "U", "R", 0, 0x5000)

    def test_in_swap_alone_does_not_make_a_row_absent(self):
        self.reaches(Linear(memory((0, model.row(0x5000, ALL + "S"))), root=0x10, aux=1), "U", "R", 0, 0x5000)


class Marks(Classic):
    def test_hardware_sets_a_for_loads_and_d_for_stores_once(self):
        scheme = Linear(memory((0, model.row(0x5000, "PRWU"))), root=0x10, aux=1, adue=1)
        word = model.row(0x5000, "PRWUA")
        self.assertEqual(scheme.translate("U", "R", 0).wrote, (TABLE, word))
        self.assertIsNone(scheme.translate("U", "R", 0).wrote)
        self.assertEqual(scheme.translate("U", "A", 0).wrote, (TABLE, word | model.rights("D")))
        self.assertIsNone(scheme.translate("U", "W", 0).wrote)

    def test_without_it_software_gets_a_page_fault(self):
        for letters, access in (("PRWU", "R"), ("PRWUD", "W"), ("PRWUA", "W")):
            scheme = Linear(memory((0, model.row(0x5000, letters))), root=0x10, aux=1)
            self.assertIsNone(self.faults(scheme, "U", access, 0, "page").wrote)
        self.reaches(Linear(memory((0, model.row(0x5000, "PRWUA"))), root=0x10, aux=1), "U", "R", 0, 0x5000)

    def test_a_refused_access_marks_nothing(self):
        scheme = Linear(memory((0, model.row(0x5000, "PRU"))), root=0x10, aux=1, adue=1)
        self.assertIsNone(self.faults(scheme, "U", "W", 0, "protection").wrote)

    def test_segments_are_marked_in_their_second_word(self):
        first, second = model.segment_words(0x7000, 16, "PRU")
        scheme = Segment(memory((0, first), (8, second)), root=0x10, aux=1, adue=1)
        self.assertIsNone(self.faults(scheme, "U", "R", 16, "limit").wrote)
        self.assertEqual(scheme.translate("U", "R", 0).wrote, (TABLE + 8, second | model.rights("A")))


class Segments(Classic):
    def segment(self, limit, down, base=0x7000):
        first, second = model.segment_words(base, limit, ALL, down)
        return Segment(memory((0, first), (8, second)), root=0x10, aux=1)

    def test_limit_and_limit_minus_one(self):
        self.reaches(self.segment(16, False), "U", "R", 15, 0x700F)
        self.faults(self.segment(16, False), "U", "R", 16, "limit")
        self.faults(self.segment(0, False), "U", "R", 0, "limit")
        self.reaches(self.segment(65536, False), "U", "R", 65535, 0x16FFF)
        self.reaches(self.segment(0x1FFFF, False), "U", "R", 65535, 0x16FFF)

    def test_down_is_the_other_side_of_the_limit(self):
        self.faults(self.segment(16, True), "U", "R", 15, "limit")
        self.reaches(self.segment(16, True), "U", "R", 16, 0x7010)
        self.reaches(self.segment(0, True), "U", "R", 0, 0x7000)
        self.faults(self.segment(65536, True), "U", "R", 65535, "limit")
        self.faults(self.segment(0x1FFFF, True), "U", "R", 65535, "limit")

    def test_rights_come_before_the_limit(self):
        first, second = model.segment_words(0, 1, "PR")
        scheme = Segment(memory((0, first), (8, second)), root=0x10, aux=1)
        self.faults(scheme, "S", "W", 5, "protection")
        self.faults(scheme, "S", "R", 5, "limit")

    def test_a_segment_may_reach_over_4_gib(self):
        self.reaches(self.segment(65536, False, 0xFFFFFFFF), "U", "R", 1, 1 << 32)

    def test_number_of_segments(self):
        self.faults(self.segment(65536, False), "U", "R", 0x10000, "limit")


class Directories(Classic):
    def test_absent_inner_table_is_not_an_absent_page(self):
        scheme = Directory(memory((0, model.row(TABLE + 0x1000, "RWXUAD")), (8, model.row(TABLE + 0x1000, "P"))),
                           root=0x10, aux=2)
        self.assertEqual(self.faults(scheme, "U", "R", 0, "table", 0x2D).reads, 1)
        self.assertEqual(self.faults(scheme, "U", "R", 0x400000, "page", 0x29).reads, 2)
        self.assertEqual(self.faults(scheme, "U", "R", 0x800000, "limit", 0x2C).reads, 0)

    def test_inner_tables_start_at_multiples_of_512(self):
        scheme = Directory(memory((0, model.row(TABLE + 0x200, "P")), (0x208, model.row(0x5000, ALL))), root=0x10, aux=1)
        self.reaches(scheme, "U", "R", 0x1000, 0x5000)


class SegmentsWithPages(Classic):
    def scheme(self, letters, limit=2, row_letters="PAD", **keys):
        return SegPage(memory((0, model.paged_segment(TABLE + 0x1000, limit, letters)),
                              (0x1000, model.row(0x5000, row_letters))), root=0x10, aux=1, **keys)

    def test_rights_are_the_segments(self):
        self.reaches(self.scheme("PRU"), "U", "R", 0, 0x5000)
        self.reaches(self.scheme("PRU", row_letters="PADW"), "U", "R", 0, 0x5000)
        self.faults(self.scheme("PXU", row_letters=ALL), "U", "R", 0, "protection")
        self.faults(self.scheme("PR", row_letters=ALL), "U", "R", 0, "protection")
        self.faults(self.scheme("PWU"), "U", "W", 0, "reserved")

    def test_marks_are_the_rows(self):
        self.faults(self.scheme("PRUAD", row_letters="P"), "U", "R", 0, "page")
        self.assertEqual(self.scheme("PRU", row_letters="P", adue=1).translate("U", "R", 0).wrote,
                         (TABLE + 0x1000, model.row(0x5000, "PA")))

    def test_all_is_checked_before_the_page_table_is_read(self):
        for letters, va, kind in (("RU", 0, "table"), ("PWU", 0, "reserved"), ("PXU", 0, "protection"),
                                  ("PRU", 0x2000, "limit"), ("PXU", 0x2000, "protection")):
            self.assertEqual(self.faults(self.scheme(letters), "U", "R", va, kind).reads, 1)
        self.assertEqual(self.faults(self.scheme("PRU"), "U", "R", 0x1000, "page").reads, 2)

    def test_page_sizes_share_one_segment_size(self):
        for plg in range(9, 17):
            last = (1 << (22 - plg)) - 1
            words = Memory(0, 0x100000, {0: model.paged_segment(0x1000, last + 1, "PRU"),
                                         0x1000 + last * 8: model.row(0x20000, "PAD")})
            self.reaches(SegPage(words, root=0, aux=1, plg=plg), "U", "R", 0x3FFFFF, 0x20000 + (1 << plg) - 1)


class InvertedTables(Classic):
    def scheme(self, rows, anchors, **keys):
        """Rows are (number, page, next); frames are 0x5000 plus the row's number in pages."""
        pairs = [(0x1000 + anchor * 8, model.anchor_word(number)) for anchor, number in anchors]
        for number, page, following in rows:
            words = model.inverted_row(7, page, 0x5000 + number * 0x1000, ALL, following)
            pairs += [(number * 32 + i * 8, word) for i, word in enumerate(words)]
        return Inverted(memory(*pairs), **dict(dict(root=0x10, aux=0x11, asid=7, rows_lg=2), **keys))

    def va_in_chain(self, anchor, which=0):
        pages = [page for page in range(0x40) if (page ^ (page >> 2) ^ 7) & 3 == anchor]
        return pages[which] << 12

    def test_chains_of_every_length(self):
        pages = [self.va_in_chain(1, i) >> 12 for i in range(5)]
        scheme = self.scheme([(0, pages[0], 2), (2, pages[1], 1), (1, pages[2], 3), (3, pages[3], None)], [(1, 0)])
        for i, (page, frame) in enumerate(zip(pages, (0x5000, 0x7000, 0x6000, 0x8000))):
            # Anchor, for each row before ours its key and link, our key, our page row.
            self.assertEqual(self.reaches(scheme, "U", "R", page << 12, frame).reads, 3 + 2 * i)
        self.faults(scheme, "U", "R", pages[4] << 12, "page")

    def test_no_row_at_all(self):
        self.assertEqual(self.faults(self.scheme([], []), "U", "R", 0, "page").reads, 1)

    def test_row_numbers_that_there_are_not(self):
        page = self.va_in_chain(1) >> 12
        self.faults(self.scheme([], [(1, 4)]), "U", "R", page << 12, "table")
        self.faults(self.scheme([(0, 0x777, 4)], [(1, 0)]), "U", "R", page << 12, "table")

    def test_a_chain_in_a_circle_ends_after_as_many_rows_as_there_are(self):
        va = self.va_in_chain(1)
        answer = self.faults(self.scheme([(0, 0x777, 1), (1, 0x778, 0)], [(1, 0)]), "U", "R", va, "table", 0x2D)
        self.assertEqual(answer.reads, 1 + 2 * 4)
        # A chain of as many rows that does end is a page fault.
        rows = [(0, 0x777, 1), (1, 0x778, 2), (2, 0x779, 3), (3, 0x77A, None)]
        self.assertEqual(self.faults(self.scheme(rows, [(1, 0)]), "U", "R", va, "page").reads, 1 + 2 * 4)

    def test_rows_of_others_and_rows_out_of_use_are_passed_over(self):
        page = self.va_in_chain(1) >> 12
        it = self.scheme([(0, page, 1), (1, page, None)], [(1, 0)])
        for word in (model.inverted_row(6, page, 0, "")[0], model.inverted_row(7, page, 0, "")[0] & ~1,
                     model.inverted_row(7, page | 1 << 46, 0, "")[0]):
            it.memory.words[TABLE] = word
            self.reaches(it, "U", "R", page << 12, 0x6000)

    def test_the_first_of_two_rows_counts(self):
        page = self.va_in_chain(1) >> 12
        rows = [(2, page, 1), (1, page, None)]
        self.reaches(self.scheme(rows, [(1, 2)]), "U", "R", page << 12, 0x7000)
        self.reaches(self.scheme(rows, [(1, 2)], linear=1), "U", "R", page << 12, 0x6000)

    def test_search_reads_rows_in_order_and_no_anchors(self):
        it = self.scheme([(3, 9, None)], [], linear=1, aux=0)
        self.assertEqual(self.reaches(it, "U", "R", 0x9000, 0x8000).reads, 5)
        self.assertEqual(self.faults(it, "U", "R", 0xA000, "page").reads, 4)


if __name__ == "__main__":
    unittest.main()
