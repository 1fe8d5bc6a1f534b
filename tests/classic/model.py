#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The classical schemes of translation, one class a scheme, straight from the rules.

Rules: docs/microarchitecture.md, "Classical formats" (CLS, BND, SEG, LIN, DIR, INV, SPG) and FRM-2. This is a second
model, written from the text alone: it shares nothing with the C model or the RTL and must stay so, for its answers
are the vectors that both are checked against. There is no time, no TLB and no walker here: every access is a walk.

    memory = Memory(0x80000000, 0x100000, {0x80000000: row(frame=0x4000, rights="PRA")})
    scheme = Linear(memory, root=0x80000, aux=8, plg=9)
    scheme.translate("U", "R", 0x10)   -> Answer: "pa 0x4010", or a fault with its cause
"""

from dataclasses import dataclass

PA_BITS = 56
PA_MASK = (1 << PA_BITS) - 1

# Rights of a word (introduction of "Classical formats"): the bit of each letter.
RIGHT = {"P": 0, "S": 1, "X": 2, "W": 3, "R": 4, "U": 5, "A": 6, "D": 7}

# Which right an access needs (CLS-2, FRM-11), and its number in a cause. "A" is append, a store in all but name.
NEEDS = {"X": "X", "R": "R", "RX": "X", "W": "W", "A": "W"}
ACCESS_NUMBER = {"X": 0, "R": 1, "RX": 1, "W": 2, "A": 2}
STORES = ("W", "A")

KIND = {
    "page": 1,        # the row, or the segment, is not present
    "protection": 2,  # a right is missing
    "reserved": 3,    # a word that means nothing
    "limit": 4,       # the address is outside of what the tables hold
    "table": 5,       # an inner table is not there, or a chain is broken
    "access": 6,      # memory, or the width of an address, ends
}


class Fault(Exception):
    """A translation that ends without a physical address."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


@dataclass
class Answer:
    """What an access gets. `size` is None where no page or segment is behind it; `wrote` is the word it changed."""

    pa: int | None = None
    size: int | None = None
    kind: str | None = None
    cause: int | None = None
    wrote: tuple | None = None
    reads: int = 0  # words read: for the tests of this model, and to see which chains are long

    def __str__(self):
        return f"pa {self.pa:#x}" if self.kind is None else f"fault {self.kind} {self.cause:#x}"


def bits(word, high, low):
    return (word >> low) & ((1 << (high - low + 1)) - 1)


def rights(letters):
    """The number of a set of rights, "PRWXUAD" in any order."""
    return sum(1 << RIGHT[letter] for letter in letters)


def has(word, letter):
    return (word >> RIGHT[letter]) & 1 == 1


def row(frame, rights_of_it):
    """A page row (CLS-1), or a directory's word (DIR-1): address of a frame, or of a table, and rights."""
    assert frame % 512 == 0 and frame <= PA_MASK
    return (frame >> 9) << 12 | rights(rights_of_it)


def segment_words(base, limit, rights_of_it, down=False):
    """The two words of a segment's row (SEG-1)."""
    return base | limit << 32, rights(rights_of_it) | down << 8


def paged_segment(table, limit, rights_of_it):
    """A segment's word in `segpage` (SPG-1)."""
    assert table % 512 == 0 and table < 1 << 51
    return (table >> 9) << 22 | limit << 8 | rights(rights_of_it)


class Memory:
    """Words of 8 bytes. What was not written is 0 inside the RAM, and an access fault outside."""

    def __init__(self, base, size, words=None):
        self.base, self.size = base, size
        self.words = dict(words or {})

    def holds(self, pa):
        return self.base <= pa and pa + 8 <= self.base + self.size

    def read(self, pa):
        if not self.holds(pa):
            raise Fault("access")
        return self.words.get(pa, 0)

    def write(self, pa, word):
        assert self.holds(pa)
        self.words[pa] = word


class Scheme:
    """What all have in common; each scheme below says what its `walk` does with an address."""

    mode = None

    def __init__(self, memory=None, root=0, aux=0, asid=0, plg=12, rows_lg=0, linear=0, adue=0):
        self.memory = memory
        self.root, self.aux, self.asid = root, aux, asid
        self.plg, self.rows_lg, self.linear, self.adue = plg, rows_lg, linear, adue

    def translate(self, privilege, access, va):
        self.privilege, self.access, self.va = privilege, access, va
        answer = Answer()
        self.answer = answer
        try:
            if privilege == "M":
                answer.pa = self.bare(va, 0)
            else:
                self.walk(va)
        except Fault as fault:
            answer.pa = answer.size = None
            answer.kind = fault.kind
            answer.cause = (privilege == "U") << 5 | ACCESS_NUMBER[access] << 3 | KIND[fault.kind]
        return answer

    def walk(self, va):
        raise NotImplementedError

    # Steps that several schemes share.

    def bare(self, va, base):
        """FRM-2: 56 bits in, 56 bits out."""
        if va > PA_MASK or va + base > PA_MASK:
            raise Fault("access")
        return va + base

    def check_width(self, va):
        if va >> 32:
            raise Fault("limit")

    def read(self, pa):
        self.answer.reads += 1
        return self.memory.read(pa & PA_MASK)

    def check_rights(self, word):
        """CLS-2, after the two modes that are reserved."""
        if has(word, "W") and not has(word, "R"):
            raise Fault("reserved")
        if not has(word, NEEDS[self.access]):
            raise Fault("protection")
        if self.privilege == "U" and not has(word, "U"):
            raise Fault("protection")

    def mark(self, pa, word):
        """The end of CLS-1: A for every access, D for stores; by hardware, or else a fault for software."""
        new = word | rights("AD" if self.access in STORES else "A")
        if new == word:
            return
        if not self.adue:
            raise Fault("page")
        self.memory.write(pa & PA_MASK, new)
        self.answer.wrote = (pa & PA_MASK, new)

    def finish(self, pa, size):
        self.answer.pa, self.answer.size = pa & PA_MASK, size

    def page_row(self, pa, rights_from=None):
        """CLS-1: the last word of a walk. In `segpage` the rights are the segment's, and checked already."""
        word = self.read(pa)
        if not has(word, "P"):
            raise Fault("page")
        if has(word, "W") and not has(word, "R") and rights_from is None:
            raise Fault("reserved")
        frame = bits(word, 58, 12) << 9
        if frame % (1 << self.plg):
            raise Fault("reserved")
        if rights_from is None:
            self.check_rights(word)
        self.mark(pa, word)
        self.finish(frame + self.offset(), 1 << self.plg)

    def offset(self):
        return self.va & ((1 << self.plg) - 1)


class Bounds(Scheme):
    """BND-1. Relocation by base and bounds: PA = VA + base, for VAs below the bounds."""

    mode = "bounds"

    def walk(self, va):
        if va >= self.aux:
            raise Fault("limit")
        self.answer.pa = self.bare(va, self.root)


class Segment(Scheme):
    """SEG-1..3. VA = <S, D>: a table of base, limit and rights, two words a row."""

    mode = "segment"

    def walk(self, va):
        self.check_width(va)
        number, offset = va >> 16, va & 0xFFFF
        if number >= self.aux:
            raise Fault("limit")
        place = self.root * 4096 + number * 16
        first = self.read(place)
        second = self.read(place + 8)
        base = bits(first, 31, 0)
        limit = min(bits(first, 48, 32), 65536)
        down = bits(second, 8, 8)
        if not has(second, "P"):
            raise Fault("page")
        self.check_rights(second)
        if (offset < limit) if down else (offset >= limit):
            raise Fault("limit")
        self.mark(place + 8, second)
        self.finish(base + offset, 65536)


class Linear(Scheme):
    """LIN-1. VA = <P, D>: one table."""

    mode = "linear"

    def walk(self, va):
        self.check_width(va)
        page = va >> self.plg
        if page >= self.aux:
            raise Fault("limit")
        self.page_row(self.root * 4096 + page * 8)


class Directory(Scheme):
    """DIR-1. VA = <P1, P2, D>: a directory of inner tables, each of which may be absent."""

    mode = "directory"

    def walk(self, va):
        self.check_width(va)
        outer, inner = va >> 22, (va & 0x3FFFFF) >> self.plg
        if outer >= self.aux:
            raise Fault("limit")
        word = self.read(self.root * 4096 + outer * 8)
        if not has(word, "P"):
            raise Fault("table")
        table = bits(word, 58, 12) << 9
        self.page_row(table + inner * 8)


class Inverted(Scheme):
    """INV-1..3. One table for all processes, a row for a frame: <process, page>, found by hash and chain or by search."""

    mode = "inverted"

    def walk(self, va):
        self.check_width(va)
        page = va >> self.plg
        found = self.search(page) if self.linear else self.follow(page)
        self.page_row(self.place(found) + 8)

    def place(self, number):
        return self.root * 4096 + number * 32

    def is_ours(self, word, page):
        return bits(word, 0, 0) == 1 and bits(word, 16, 1) == self.asid and bits(word, 63, 17) == page

    def search(self, page):
        for number in range(1 << self.rows_lg):
            if self.is_ours(self.read(self.place(number)), page):
                return number
        raise Fault("page")

    def anchor(self, page):
        return (page ^ (page >> self.rows_lg) ^ self.asid) & ((1 << self.rows_lg) - 1)

    def follow(self, page):
        rows = 1 << self.rows_lg
        link = self.read(self.aux * 4096 + self.anchor(page) * 8)
        for _ in range(rows):
            if bits(link, 0, 0) == 0:
                raise Fault("page")
            number = bits(link, 32, 1)
            if number >= rows:
                raise Fault("table")
            if self.is_ours(self.read(self.place(number)), page):
                return number
            link = self.read(self.place(number) + 16)
        # All rows that there are were looked at: a further link can only lead in circles.
        raise Fault("table" if bits(link, 0, 0) else "page")


class SegPage(Scheme):
    """SPG-1..2. VA = <S, P, D>: rights and limit in the segment, each segment with a page table of its own."""

    mode = "segpage"

    def walk(self, va):
        self.check_width(va)
        number, page = va >> 22, (va & 0x3FFFFF) >> self.plg
        if number >= self.aux:
            raise Fault("limit")
        segment = self.read(self.root * 4096 + number * 8)
        if not has(segment, "P"):
            raise Fault("table")
        self.check_rights(segment)
        if page >= bits(segment, 21, 8):
            raise Fault("limit")
        table = bits(segment, 63, 22) << 9
        self.page_row(table + page * 8, rights_from=segment)


SCHEMES = {scheme.mode: scheme for scheme in (Bounds, Segment, Linear, Directory, Inverted, SegPage)}


def inverted_row(process, page, frame, rights_of_it, next_row=None):
    """The first three words of a row (INV-1)."""
    link = 0 if next_row is None else 1 | next_row << 1
    return 1 | process << 1 | page << 17, row(frame, rights_of_it), link


def anchor_word(number):
    return 1 | number << 1
