# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Random numbers that are the same on every machine and with every Python (splitmix64), and draws of words."""

import model

MASK = (1 << 64) - 1

# The modes R/W/X by weight: the two that are reserved come less often.
MODES = ("RWX",) * 7 + ("RW", "RW", "RW", "RX", "RX", "R", "R", "X", "", "W", "WX")
ACCESSES = ("R", "R", "R", "W", "W", "W", "X", "X", "X", "A", "A", "RX")
PRIVILEGES = ("U",) * 11 + ("S",) * 8 + ("M",)
BASES = (0, 0x10000, 0x80000000, 0x1000000000, 0x40000000)
HIGH_BASE = 0xFFFFFF00000000


class Draw:
    def __init__(self, seed):
        self.state = seed

    def bits(self, count):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        value = self.state
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
        value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
        return (value ^ value >> 31) >> (64 - count) if count else 0

    def below(self, count):
        return self.bits(64) % count

    def chance(self, part, of):
        return self.below(of) < part

    def pick(self, things):
        return things[self.below(len(things))]

    def shuffled(self, things):
        things = list(things)
        for i in range(len(things) - 1, 0, -1):
            j = self.below(i + 1)
            things[i], things[j] = things[j], things[i]
        return things

    # Words.

    def rights(self):
        """Mostly present; absent ones half "in swap", with rights that must not count."""
        word = model.rights(self.pick(MODES))
        word |= model.rights("P") if self.chance(10, 11) else 0
        word |= model.rights("U") if self.chance(5, 6) else 0
        word |= model.rights(self.pick(("", "", "A", "A", "AD", "AD", "D")))
        in_swap = self.chance(1, 8) if word & 1 else self.chance(1, 2)
        return word | (model.rights("S") if in_swap else 0)

    def frame(self, plg, top=56):
        """The address of a frame; one in twelve is not where a frame can be (but for 512 bytes, where all are)."""
        frame = self.bits(self.pick((32, 36, top))) >> plg << plg
        if plg > 9 and self.chance(1, 12):
            frame |= 512 << self.below(plg - 9)
        return frame

    def junk(self, *fields):
        """Bits that no rule names, in one word of four: (high, low) fields."""
        if not self.chance(1, 4):
            return 0
        word = 0
        for high, low in fields:
            word |= self.bits(high - low + 1) << low
        return word

    def page_row(self, plg):
        return model.row(self.frame(plg), "") | self.rights() | self.junk((63, 59), (11, 8))

    def offset(self, lg):
        return self.pick((0, (1 << lg) - 1, self.bits(lg), self.bits(lg), self.bits(lg)))
