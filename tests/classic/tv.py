# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The part of the .tv format that classical worlds use: writing a world, and reading worlds again."""

from dataclasses import dataclass, field

import model

KEYS = ("root", "aux", "asid", "plg", "rows_lg", "linear", "adue")
DECIMAL = ("plg", "rows_lg", "linear", "adue")


@dataclass
class World:
    """`accesses` holds (privilege, type, VA, the text of the answer, (PA, word) changed or None)."""

    mode: str
    ram: tuple
    keys: dict = field(default_factory=dict)
    words: dict = field(default_factory=dict)
    accesses: list = field(default_factory=list)
    comment: str = ""

    def scheme(self):
        """A scheme of the model with this world's registers and a memory of its own."""
        return model.SCHEMES[self.mode](model.Memory(*self.ram, self.words), **self.keys)

    def lines(self, number):
        if self.comment:
            yield f"# {self.comment}"
        keys = [
            f"{key}={self.keys[key]}" if key in DECIMAL else f"{key}={self.keys[key]:#x}"
            for key in KEYS
            if self.keys.get(key)
        ]
        yield " ".join(
            [f"world {number} isa=classic mode={self.mode}", *keys, f"ram={self.ram[0]:#x}:{self.ram[1]:#x}"])
        for pa, word in sorted(self.words.items()):
            if word:
                yield f"m {pa:#x} {word:#x}"
        for privilege, access, va, text, wrote in self.accesses:
            yield f"a {privilege} {access} {va:#x} = {text}"
            if wrote:
                yield f"u {wrote[0]:#x} {wrote[1]:#x}"
        yield "end"


def answer_text(answer, va):
    """What stands behind the `=`."""
    if answer.kind:
        return f"fault {answer.cause:#x} tval={va:#x}"
    return f"pa {answer.pa:#x}" + (f" size={answer.size:#x}" if answer.size else "")


def read(lines):
    """The worlds of a file. Only what this project writes is understood; anything else is a ValueError."""
    worlds = []
    for number, line in enumerate(lines, 1):
        fields = line.rstrip("\n").split(" ")
        if line.startswith("#") or fields == ["end"]:
            continue
        try:
            if fields[0] == "world":
                pairs = dict(pair.split("=") for pair in fields[2:])
                if pairs.pop("isa") != "classic" or int(fields[1]) != len(worlds):
                    raise ValueError
                mode, (base, size) = pairs.pop("mode"), pairs.pop("ram").split(":")
                keys = {key: int(value, 0) for key, value in pairs.items()}
                worlds.append(World(mode, (int(base, 0), int(size, 0)), keys))
            elif fields[0] == "m":
                worlds[-1].words[int(fields[1], 0)] = int(fields[2], 0)
            elif fields[0] == "a" and fields[4] == "=":
                worlds[-1].accesses.append((fields[1], fields[2], int(fields[3], 0), " ".join(fields[5:]), None))
            elif fields[0] == "u":
                worlds[-1].accesses[-1] = worlds[-1].accesses[-1][:4] + ((int(fields[1], 0), int(fields[2], 0)),)
            else:
                raise ValueError
        except (ValueError, KeyError, IndexError):
            raise ValueError(f"line {number}: not understood: {line.rstrip()}") from None
    return worlds


def differences(worlds):
    """Where the model's answers are not those of the worlds: a list of texts."""
    found = []
    for number, world in enumerate(worlds):
        scheme = world.scheme()
        for privilege, access, va, text, wrote in world.accesses:
            answer = scheme.translate(privilege, access, va)
            ours = answer_text(answer, va)
            if (ours, answer.wrote) != (text, wrote):
                found.append(f"world {number}: a {privilege} {access} {va:#x}: {text} {wrote}; the model: {ours} {answer.wrote}")
    return found
