# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""A memory in the making, and the accesses of a world."""

import tv
from draw import ACCESSES, PRIVILEGES


def edges(draw, count, wanted):
    """Numbers below `count`: the first, the last, and others; at most `wanted` of them."""
    chosen = {0, count - 1}
    for _ in range(wanted - 2):
        chosen.add(draw.below(min(count, 64)) if draw.chance(1, 2) else draw.below(count))
    return sorted(chosen)


class Image:
    """Tables one behind the other from `base` on. After `end`, words may be put where the RAM is; others are lost."""

    def __init__(self, base, draw):
        self.base, self.next, self.draw = base, base, draw
        self.last = base
        self.words = {}
        self.ram = None

    def table(self, size, align=4096):
        start = (self.next + self.draw.below(3) * align + align - 1) // align * align
        self.last, self.next = start, start + size
        return start

    def end(self, cut, word):
        """RAM ends behind the last table, or, cut, within it."""
        size = self.next - self.base
        if cut:
            size = self.last - self.base + self.draw.below((self.next - self.last) // word) * word
        self.ram = (self.base, max(size, word))

    def put(self, pa, word):
        if self.ram[0] <= pa and pa + 8 <= self.ram[0] + self.ram[1]:
            self.words[pa] = word

    def worlds(self, mode, processes, vas, count):
        for i, keys in enumerate(processes):
            comment = f"Drawn: process {i + 1} of {len(processes)} in one memory."
            world = tv.World(mode, self.ram, dict(keys), dict(self.words), comment=comment)
            play(self.draw, world, vas, count)
            yield world


def play(draw, world, vas, count, accesses=None):
    """Has the model answer: `count` accesses of the addresses, some again and again, or those that are given."""
    if accesses is None:
        accesses = []
        while len(accesses) < count:
            va = draw.pick(vas)
            for _ in range(1 + draw.below(3)):
                accesses.append((draw.pick(PRIVILEGES), draw.pick(ACCESSES), va))
    scheme = world.scheme()
    for privilege, access, va in accesses:
        answer = scheme.translate(privilege, access, va)
        world.accesses.append((privilege, access, va, tv.answer_text(answer, va), answer.wrote))
