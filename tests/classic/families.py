# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Worlds that are drawn. A family is one memory and the worlds of its processes; each world gets the same addresses."""

import model
import tv
from chains import inverted
from draw import BASES, HIGH_BASE, Draw
from image import Image, edges, play

PAGE_SIZES = range(9, 17)


def worlds(name, seed):
    draw = Draw(seed ^ sum(ord(letter) << 8 * i for i, letter in enumerate(name)))
    yield from MAKERS[name](draw)


def every_size(draw, family, rounds=2):
    """A family for each page size and each way of A and D."""
    for _ in range(rounds):
        for plg in PAGE_SIZES:
            for adue in (0, 1):
                yield from family(draw, plg, adue)


def bounds(draw):
    """BND-1: bounds of 0 and 1, small, large, and all that 32 bits can say; bases to 44 bits."""
    limits = (1, 2, 0x200, 0x1000, 0x4000, 0xFFFF, 0x10000, 0x12345, 0x800000, 0x80000000, 0xFFFFFFFF)
    for round_ in range(3):
        for limit in limits:
            base = draw.bits((20, 32, 44)[round_])
            vas = [limit - 1, limit, limit + 1, 0, draw.below(limit), draw.below(limit), 1 << 32 | draw.below(limit),
                   draw.bits(32), draw.bits(56), draw.bits(64)]
            world = tv.World("bounds", (0, 0x1000), {"root": base, "aux": limit, "asid": round_},
                             comment=f"Drawn: bounds {limit:#x}.")
            play(draw, world, vas, 24)
            yield world


def segment(draw):
    """SEG-1..3: every kind of limit, up and down, exactly and off by one."""
    for number in range(20):
        yield from segment_family(draw, adue=number & 1)


def segment_family(draw, adue):
    base = draw.pick(BASES + (HIGH_BASE,))
    # More rows than an address can name are beyond its width.
    rows = draw.pick((1, 3, 8, 8, 12, 20, 0x1000, 65536, 65537))
    image = Image(base, draw)
    processes = [{"root": image.table(rows * 16) >> 12, "aux": rows, "asid": asid, "adue": adue}
                 for asid in (draw.bits(16), draw.bits(16))]
    image.end(cut=draw.chance(1, 4), word=8)
    vas = [rows << 16, (rows << 16) - 1, 1 << 32, 1 << 63 | draw.bits(20), 0xFFFFFFFF]
    numbers = edges(draw, rows, 10)
    for keys in processes:
        for number in numbers:
            limit = draw.pick((0, 1, 2, 0x10, 0x1000, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x10000, 0x10001, 0x1FFFF,
                               draw.bits(16), draw.bits(16), draw.bits(16)))
            start = draw.pick((draw.bits(32), draw.bits(20), 0xFFFF0000 | draw.bits(16)))
            place = keys["root"] * 4096 + number * 16
            image.put(place, start | limit << 32 | draw.junk((63, 49)))
            image.put(place + 8, draw.rights() | draw.chance(1, 3) << 8 | draw.junk((63, 9)))
            for offset in sorted({limit - 1, limit, limit + 1, draw.bits(16)}):
                vas.append(number << 16 | min(max(offset, 0), 0xFFFF))
            vas += [number << 16 | draw.pick((0, 0xFFFF)), number << 16 | draw.bits(16), number << 16 | draw.bits(16)]
    yield from image.worlds("segment", processes, vas, 30)


def linear(draw):
    yield from every_size(draw, linear_family)


def linear_family(draw, plg, adue):
    """LIN-1: small tables, whole ones, and ones whose last row is an odd one."""
    image = Image(draw.pick(BASES + (HIGH_BASE,)), draw)
    whole = 1 << (32 - plg)
    rows = draw.pick((1, 2, 9, 9, 16, 40, 40, whole, whole - 1, whole + 3, draw.below(whole) + 1))
    processes = [{"root": image.table(rows * 8) >> 12, "aux": rows, "asid": asid, "plg": plg, "adue": adue}
                 for asid in (draw.bits(16), draw.bits(16))]
    image.end(cut=draw.chance(1, 4), word=8)
    vas = [rows << plg, (rows << plg) - 1, 1 << 32 | draw.bits(plg), draw.bits(64) | 1 << 63, draw.bits(32)]
    pages = edges(draw, rows, 12)
    for keys in processes:
        for page in pages:
            image.put(keys["root"] * 4096 + page * 8, draw.page_row(plg))
    for page in pages:
        vas += [page << plg | draw.offset(plg) for _ in range(3)]
    yield from image.worlds("linear", processes, vas, 22)


def directory(draw):
    yield from every_size(draw, directory_family)


def directory_family(draw, plg, adue):
    """DIR-1: inner tables that are there, shared, absent, cut off and outside of RAM."""
    image = Image(draw.pick(BASES + (HIGH_BASE,)), draw)
    inner_rows = 1 << (22 - plg)
    rows = draw.pick((1, 2, 4, 6, 6, 9, 100, 1023, 1024, 1026))
    processes = [{"root": image.table(rows * 8) >> 12, "aux": rows, "asid": asid, "plg": plg, "adue": adue}
                 for asid in (draw.bits(16), draw.bits(16))]
    inner_tables = [image.table(inner_rows * 8, align=512) for _ in range(4)]
    image.end(cut=draw.chance(1, 4), word=8)
    pages = edges(draw, inner_rows, 7)
    for table in inner_tables:
        for page in pages:
            image.put(table + page * 8, draw.page_row(plg))
    vas = [rows << 22, (rows << 22) - 1, 1 << 32 | draw.bits(22), draw.bits(64) | 1 << 63, draw.bits(32)]
    outers = edges(draw, rows, 5)
    for keys in processes:
        for outer in outers:
            table = draw.pick(inner_tables) if draw.chance(6, 7) else draw.bits(56) >> 9 << 9
            word = model.row(table, "") | draw.rights() & ~1 | draw.junk((63, 59), (11, 8))
            image.put(keys["root"] * 4096 + outer * 8, word | draw.chance(6, 7))
    for outer in outers:
        for page in pages:
            vas.append(outer << 22 | page << plg | draw.offset(plg))
    yield from image.worlds("directory", processes, vas, 24)


def segpage(draw):
    yield from every_size(draw, segpage_family)


def segpage_family(draw, plg, adue):
    """SPG-1, 2: limits of 0, 1, some, all and more than all pages; tables below 2^51."""
    image = Image(draw.pick(BASES + (HIGH_BASE & (1 << 51) - 1,)), draw)
    most = 1 << (22 - plg)
    rows = draw.pick((1, 2, 4, 6, 6, 9, 100, 1023, 1024, 1026))
    processes = [{"root": image.table(rows * 8) >> 12, "aux": rows, "asid": asid, "plg": plg, "adue": adue}
                 for asid in (draw.bits(16), draw.bits(16))]
    tables = [image.table(most * 8, align=512) for _ in range(4)]
    image.end(cut=draw.chance(1, 4), word=8)
    vas = [rows << 22, (rows << 22) - 1, 1 << 32 | draw.bits(22), draw.bits(64) | 1 << 63, draw.bits(32)]
    limits = (0, 1, 5, most - 1, most, 0x3FFF, draw.below(most) + 1)
    numbers = edges(draw, rows, 6)
    for keys in processes:
        for number in numbers:
            limit = draw.pick(limits)
            table = draw.pick(tables) if draw.chance(6, 7) else draw.bits(51) >> 9 << 9
            image.put(keys["root"] * 4096 + number * 8, model.paged_segment(table, limit, "") | draw.rights())
            for page in sorted({limit - 1, limit - 2, limit, limit + 1, 0, draw.below(max(limit, 1)), most - 1}):
                page = min(max(page, 0), most - 1)
                if draw.chance(9, 10):
                    image.put(table + page * 8, draw.page_row(plg))
                vas.append(number << 22 | page << plg | draw.offset(plg))
    yield from image.worlds("segpage", processes, vas, 24)


def rights(draw):
    """CLS-2: in each scheme with rights, each mode R/W/X, with U and without, against each access of S and U."""
    for number, mode in enumerate(("segment", "linear", "directory", "inverted", "segpage") * 2):
        adue = number >= 5
        plg = 9 + draw.below(8)
        image = Image(draw.pick(BASES), draw)
        root, inner = image.table(0x1000), image.table(0x10000)
        image.end(cut=False, word=8)
        keys = {"root": root >> 12, "asid": draw.bits(16), "adue": int(adue)}
        letters = ("", "X", "W", "WX", "R", "RX", "RW", "RWX")
        words = [model.rights(letters[i & 7] + "P" + "U" * (i >> 3) + draw.pick(("", "A", "AD", "AD", "D")))
                 for i in range(16)]
        keys.update({"aux": 16} if mode == "segment" else {"plg": plg, "aux": 16})
        shift = {"segment": 16, "segpage": 22}.get(mode, plg)
        vas = [i << shift | draw.offset(min(shift, plg)) for i in range(16)]
        for i, word in enumerate(words):
            frame = draw.bits(56) >> plg << plg
            if mode == "segment":
                image.put(root + i * 16, draw.bits(32) | 65536 << 32)
                image.put(root + i * 16 + 8, word)
            elif mode == "linear":
                image.put(root + i * 8, model.row(frame, "") | word)
            elif mode == "directory":
                keys["aux"] = 1
                image.put(root, model.row(inner, "P"))
                image.put(inner + i * 8, model.row(frame, "") | word)
            elif mode == "segpage":
                image.put(root + i * 8, model.paged_segment(inner + i * 512, 1, "") | word & 0x3F)
                # The row has rights of its own, which must not count.
                image.put(inner + i * 512, model.row(frame, draw.pick(letters) + draw.pick(("P", "PU"))) | word & 0xC0)
            else:
                # As many rows as pages, each anchor with its own row.
                keys.update({"aux": inner >> 12, "rows_lg": 4})
                anchor = (i ^ keys["asid"]) & 15
                image.put(inner + anchor * 8, model.anchor_word(15 - i))
                key, _, link = model.inverted_row(keys["asid"], i, 0, "P")
                image.put(root + (15 - i) * 32, key)
                image.put(root + (15 - i) * 32 + 8, model.row(frame, "") | word)
                image.put(root + (15 - i) * 32 + 16, link)
        world = tv.World(mode, image.ram, keys, image.words, comment=f"Drawn: the 8 modes in {mode}.")
        accesses = [(privilege, access, va) for va in vas for privilege in "SU" for access in ("R", "W", "X", "A", "RX")]
        play(draw, world, [], 0, draw.shuffled(accesses))
        yield world


MAKERS = {"bounds": bounds, "segment": segment, "linear": linear, "directory": directory,
          "inverted": lambda draw: every_size(draw, inverted), "segpage": segpage, "rights": rights}
