# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""A model of the made-up format `trident` for its vectors: from the rules TRI-1..5 of docs/formats.md, and from nothing
of the C or the RTL. It draws worlds (tables and accesses) and writes them in the form of tests/vectors/FORMAT.md."""

import random

RAM, RAM_SIZE = 0x40000, 0x8000
ROOT = RAM >> 12
LEVELS = ((25, 7), (19, 6), (12, 7))          # of the index: lowest VA bit, width; from the root down
TYPES = {"X": 0, "R": 1, "W": 2, "RX": 3, "A": 4}
PAGE, PROT, RSVD, LIMIT, TABLE, ACCESS = 1, 2, 3, 4, 5, 6
NAMES = {PAGE: "page", PROT: "right", RSVD: "reserved", LIMIT: "limit", TABLE: "table", ACCESS: "access"}


def bit(word, number):
    return word >> number & 1


def indices(va):
    return [va >> low & (1 << width) - 1 for low, width in LEVELS]


class World:
    def __init__(self, number, adue):
        self.number, self.adue, self.memory, self.lines = number, adue, {}, []
        self.kinds = []                        # of the accesses: a fault's, or 0

    def put(self, address, word):
        assert address not in self.memory or self.memory[address] == word
        self.memory[address] = word

    def read(self, address):
        """None beyond RAM: an access fault."""
        return self.memory.get(address, 0) if RAM <= address < RAM + RAM_SIZE else None

    def translate(self, who, what, va):
        """(physical address, page size or None, changed word or None), or the kind of fault."""
        if who == "M":
            return (va, None, None) if va < 1 << 56 else ACCESS
        if va >= 1 << 32:
            return LIMIT
        table = ROOT << 12
        for level, index in zip((2, 1, 0), indices(va)):
            address = table + 8 * index
            word = self.read(address)
            if word is None:
                return ACCESS
            if not bit(word, 63):
                return TABLE if level else PAGE
            if bit(word, 0):
                return RSVD
            table = (word >> 3 & (1 << 47) - 1) << 9
        store = what in ("W", "A")
        right = {"W": 5, "A": 5, "R": 6}.get(what, 1)
        if not bit(word, right) or who == "U" and not bit(word, 62):
            return PROT
        new = word | 1 << 54 | (1 << 60 if store else 0)
        if new != word and not self.adue:
            return PAGE
        self.memory[address] = new
        return (word >> 9 & (1 << 44) - 1) << 12 | va & 0xfff, 0x1000, (address, new) if new != word else None

    def access(self, who, what, va):
        found = self.translate(who, what, va)
        line = f"a {who} {what} {va:#x} = "
        if isinstance(found, int):
            self.kinds.append(found)
            self.lines.append(line + f"fault {TYPES[what] << 3 | found:#x} tval={va:#x}")
            return
        pa, size, changed = found
        self.kinds.append(0)
        self.lines.append(line + f"pa {pa:#x}" + (f" size={size:#x}" if size else ""))
        if changed:
            self.lines.append("u {:#x} {:#x}".format(*changed))

    def text(self, tables):
        head = f"world {self.number} isa=classic mode=trident root={ROOT:#x} adue={self.adue} ram={RAM:#x}:{RAM_SIZE:#x}"
        return "\n".join([head] + [f"m {a:#x} {w:#x}" for a, w in sorted(tables.items())] + self.lines + ["end", ""])


def noise(rng, *fields):
    """Random bits everywhere but in the fields (high, low), which no rule names: they must not count."""
    word = rng.getrandbits(64)
    for high, low in fields:
        word &= ~((1 << high + 1) - (1 << low))
    return word


def pointer(rng, address):
    word = noise(rng, (63, 63), (49, 3), (0, 0))
    return word | (rng.random() < 0.94) << 63 | (address >> 9) << 3 | (rng.random() < 0.04)


def leaf(rng):
    word = noise(rng, (63, 63), (0, 0))
    for often in (62, 54, 60, 5, 6, 1):        # U A D W R X are set more often than not
        word |= (rng.random() < 0.5) << often
    return word | (rng.random() < 0.9) << 63 | (rng.random() < 0.04)


def draw(number, rng):
    """A tree of tables of 512 bytes and 1 KiB, on multiples of 512 bytes, and accesses around its pages."""
    world = World(number, rng.randrange(2))
    room = iter(range(RAM + 0x400, RAM + RAM_SIZE - 0x400, 0x600))
    pages = []
    for first in rng.sample(range(128), 3):
        second_table = next(room)
        world.put((ROOT << 12) + 8 * first, pointer(rng, second_table))
        for second in rng.sample(range(64), 3):
            third_table = next(room) if rng.random() < 0.95 else RAM + RAM_SIZE + 0x1000
            world.put(second_table + 8 * second, pointer(rng, third_table))
            for third in rng.sample(range(128), 4):
                pages.append(first << 25 | second << 19 | third << 12)
                if third_table < RAM + RAM_SIZE:
                    world.put(third_table + 8 * third, leaf(rng))
    tables = dict(world.memory)
    for _ in range(40):
        va = rng.choice(pages) | rng.randrange(0x1000)
        if rng.random() < 0.12:                # somewhere else: absent rows
            va ^= 1 << rng.randrange(12, 32)
        if rng.random() < 0.04:
            va |= 1 << rng.randrange(32, 64)
        world.access(rng.choice("UUUSSSM" if rng.random() < 0.3 else "US"), rng.choice(list(TYPES)), va)
    return world, world.text(tables)


def vectors(worlds, seed):
    """(text, how many accesses of each kind)"""
    rng = random.Random(seed)
    drawn = [draw(number, rng) for number in range(worlds)]
    kinds = [kind for world, _ in drawn for kind in world.kinds]
    return "".join(text for _, text in drawn), {kind: kinds.count(kind) for kind in sorted(set(kinds))}
