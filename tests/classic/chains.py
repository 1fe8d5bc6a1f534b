# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Inverted tables that are drawn: rows of several processes in hash chains, some of them broken."""

import model
import tv
from draw import BASES
from image import Image, play


class Table:
    """An operating system's view of an inverted table (INV-1, 2): it puts rows into chains."""

    def __init__(self, draw, plg, rows_lg):
        self.draw, self.plg, self.rows_lg = draw, plg, rows_lg
        self.rows = 1 << rows_lg
        self.chains = {}  # anchor -> row numbers, in the order of the chain
        self.keys = {}    # row number -> (process, page)
        self.bad = []     # anchors of chains that do not end well

    def anchor(self, process, page):
        return model.Inverted(asid=process, rows_lg=self.rows_lg).anchor(page)

    def page_with(self, process, anchor):
        """A page of a process in the chain of an anchor."""
        page = self.draw.bits(32 - self.plg) >> self.draw.pick((0, 0, self.draw.below(32 - self.plg)))
        low = (page ^ self.anchor(process, page) ^ anchor)
        return low if self.anchor(process, low) == anchor else page

    def fill(self, processes, load):
        free = self.draw.shuffled(range(self.rows) if self.rows <= 64 else [self.draw.below(self.rows)
                                                                           for _ in range(48)] + [0, self.rows - 1])
        free = list(dict.fromkeys(free))[: max(1, min(self.rows, 50) * load // 8)]
        crowded = self.draw.below(self.rows)
        for number in free:
            process = self.draw.pick(processes)
            if self.keys and self.draw.chance(1, 6):
                # The same page of another process, or the same page again: the first row of the chain counts.
                page = self.draw.pick(sorted(self.keys.values()))[1]
            else:
                anchor = crowded if self.draw.chance(2, 5) else self.draw.below(self.rows)
                page = self.page_with(process, anchor)
            self.keys[number] = (process, page)
            chain = self.chains.setdefault(self.anchor(process, page), [])
            chain.insert(self.draw.pick((0, len(chain), len(chain))), number)

    def write(self, image, root, anchors):
        """The words. In a chain of four rows or more one may be out of use; one chain in five does not end well."""
        draw = self.draw
        junk = lambda: draw.junk((63, 33))
        for anchor, chain in sorted(self.chains.items()):
            end = 0
            if draw.chance(1, 5):
                self.bad.append(anchor)
                number = draw.pick((self.rows, 0xFFFFFFFF, self.rows + draw.below(9), chain[0], chain[0]))
                # A circle is left after as many rows as there are: of many rows, nobody wants to wait for that.
                end = model.anchor_word(self.rows if self.rows_lg > 10 else number)
            image.put(anchors + anchor * 8, model.anchor_word(chain[0]) | junk())
            for number, following in zip(chain, chain[1:] + [None]):
                key, _, link = model.inverted_row(*self.keys[number], 0, "P", following)
                in_use = 0 if len(chain) >= 4 and draw.chance(1, 6) else 1
                image.put(root + number * 32, key & ~1 | in_use)
                image.put(root + number * 32 + 8, draw.page_row(self.plg))
                image.put(root + number * 32 + 16, (link or end) | junk())
                image.put(root + number * 32 + 24, draw.junk((63, 0)))
        for _ in range(2):
            broken = draw.below(self.rows)
            if broken not in self.chains:
                number = draw.pick((self.rows, self.rows + 1, 0xFFFFFFFF, 1 << 31))
                image.put(anchors + broken * 8, model.anchor_word(number) | junk())
                self.bad.append(broken)
            # An anchor whose number does not count: bit 0 says that there is no row.
            empty = draw.below(self.rows)
            if empty not in self.chains and empty != broken:
                image.put(anchors + empty * 8, draw.below(self.rows) << 1)


def inverted(draw, plg, adue):
    """INV-1..3: three worlds on one table: two processes by hash and chain, and the second by search."""
    rows_lg = draw.pick((0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 8, 10, 16))
    image = Image(draw.pick(BASES), draw)
    if draw.chance(1, 2):
        root, anchors = image.table(32 << rows_lg), image.table(8 << rows_lg)
    else:
        anchors, root = image.table(8 << rows_lg), image.table(32 << rows_lg)
    image.end(cut=draw.chance(1, 4), word=8)
    processes = [draw.bits(16), draw.pick((0, 0xFFFF, draw.bits(16)))]
    processes.append(processes[0] ^ 0x8000)
    table = Table(draw, plg, rows_lg)
    table.fill(processes, draw.pick((4, 7, 8, 8)))
    table.write(image, root, anchors)

    common = {"root": root >> 12, "plg": plg, "rows_lg": rows_lg, "adue": adue}
    for process, linear in ((processes[0], 0), (processes[1], 0), (processes[0], 1)):
        if linear and rows_lg > 10:
            continue  # 65536 reads an access would make nothing clearer
        pages = sorted({(page, owner == process) for owner, page in table.keys.values()})
        vas = [page << plg | draw.offset(plg) for page, is_own in pages for _ in range(5 if is_own else 1)]
        vas += [table.page_with(process, chain) << plg | draw.offset(plg) for chain in sorted(table.chains)[:8]]
        vas += [table.page_with(process, chain) << plg for chain in table.bad]
        vas += [draw.bits(32), draw.bits(64), 1 << 32, 0xFFFFFFFF]
        keys = dict(common, asid=process)
        keys.update({"linear": 1} if linear else {"aux": anchors >> 12})
        how = "search" if linear else "hash and chain"
        world = tv.World("inverted", image.ram, keys, dict(image.words), comment=f"Drawn: process {process:#x} by {how}.")
        play(draw, world, vas, 9 if linear and rows_lg > 6 else 16)
        yield world
