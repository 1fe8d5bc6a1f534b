# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Reads the text of SystemVerilog: ports, registers, enums, records and constants.

Not a parser of the language, only of how rtl/ is written. What the text says is held against what Verilator
elaborates (elaborated.py), so that a declaration that is overlooked here is a failure and not a gap.
"""

import re
from collections import namedtuple

# A port, register or record field. dims: outermost first, each an expression of a count; base: "logic" or a record.
Object = namedtuple("Object", "name dims base line")

IDENT = r"[A-Za-z_]\w*"
DIMS = r"(?:\[[^\]]*\]\s*)*"
TYPE = rf"(?:{IDENT}::)?{IDENT}"


class TextError(Exception):
    """The text is written in a way that this reader does not know."""


def is_memory(name):
    """Memories are registers whose name does not end in _q."""
    return name == "mem" or name.startswith("mem_")


def blank_comments(text):
    """The text without comments and strings, every line where it was."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"", blank, text, flags=re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def canonical(expression):
    """One spelling for an expression of a width: "mmu_pkg::KeyW" is "KeyW", "(Ways - 1)" is "Ways-1"."""
    text = expression.replace("−", "-").replace("·", "*").replace("mmu_pkg::", "").replace("mmu_cfg_pkg::", "")
    text = re.sub(r"\s+", "", text)
    while re.fullmatch(r"\([^()]*\)", text):
        text = text[1:-1]
    found = re.fullmatch(r"(.+?)([+-]\d+)([+-]\d+)?", text)  # A-1+1 is A
    if found and re.search(r"[A-Za-z]", found[1]):
        rest = int(found[2]) + int(found[3] or 0)
        text = found[1] + (f"{rest:+d}" if rest else "")
    elif re.fullmatch(r"[\d+*-]+", text):
        text = str(eval(text))  # digits and + - * only
    return text


def count_of(dim):
    """The count that a packed or unpacked dimension's inside declares: "KeyW-1:0" is KeyW."""
    dim = dim.replace("::", ".").replace("mmu_pkg.", "").replace("mmu_cfg_pkg.", "")
    high, colon, low = dim.partition(":")
    if not colon:
        return canonical(dim)
    if low.strip() == "0":
        return canonical(high + "+1")
    if high.strip() == "0":  # an unpacked [0:N-1]
        return canonical(low + "+1")
    raise TextError(f"a dimension that does not end at 0: [{dim}]")


def dims_of(text):
    return [count_of(d) for d in re.findall(r"\[([^\]]*)\]", text)]


def split_commas(text, offset):
    """(position, item) for items between commas that stand in no bracket."""
    depth, start, items = 0, 0, []
    for position, char in enumerate(text + ","):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            items.append((offset + start, text[start:position]))
            start = position + 1
    return items


def matching(text, start):
    """Position of the bracket that closes the one at `start`."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] == "(":
            depth += 1
        elif text[position] == ")":
            depth -= 1
            if depth == 0:
                return position
    raise TextError("a bracket that does not close")


class Module:
    """One module: inputs and outputs by name without ending, registers without _q, memories."""

    def __init__(self, path):
        self.path = path
        self.text = blank_comments(path.read_text(encoding="utf-8"))
        modules = list(re.finditer(rf"\bmodule\s+({IDENT})", self.text))
        if len(modules) != 1:
            raise TextError(f"{path}: {len(modules)} modules in a file, not one")
        self.name = modules[0][1]
        self.inputs, self.outputs, self.registers, self.flops, self.typedefs = {}, {}, {}, {}, {}
        self.port_names = []
        self._read_header(modules[0].end())
        self._read_body()

    def _read_header(self, position):
        while True:
            opening = self.text.index("(", position)
            closing = matching(self.text, opening)
            if "#" not in self.text[position:opening]:
                break
            position = closing + 1
        for start, item in split_commas(self.text[opening + 1 : closing], opening + 1):
            found = re.fullmatch(rf"\s*(input|output)\s+(?:(?:var|wire)\s+)?({TYPE})\s*({DIMS})\s*({IDENT})\s*({DIMS})\s*", item)
            if not found:
                raise TextError(f"{self.path}:{line_of(self.text, start)}: a port that this test cannot read: {item.strip()}")
            direction, base, packed, name, unpacked = found.groups()
            self.port_names.append(name)
            ending = {"input": ("_i", "_ni"), "output": ("_o",)}[direction]
            if not name.endswith(ending):
                raise TextError(f"{self.path}:{line_of(self.text, start)}: {direction} {name} does not end in {ending[0]}")
            bare = re.sub(r"_n?[io]$", "", name)
            line = line_of(self.text, self.text.index(name, start))
            side = self.inputs if direction == "input" else self.outputs
            side[bare] = self._object(bare, unpacked, base, packed, line)
        self.body = self.text.index(";", closing) + 1

    def _object(self, name, unpacked, base, packed, line):
        base = base.replace("mmu_pkg::", "")
        dims = dims_of(unpacked) + dims_of(packed)
        if base in self.typedefs:
            inner_dims, base = self.typedefs[base]
            dims += inner_dims
        if base.endswith("_e"):
            dims, base = dims + [base], "logic"
        return Object(name, dims, base, line)

    def _read_body(self):
        for found in re.finditer(rf"\btypedef\s+({TYPE})\s*({DIMS})\s*({IDENT})\s*;", self.text):
            self.typedefs[found[3]] = (dims_of(found[2]), found[1].replace("mmu_pkg::", ""))
        statement = re.compile(rf"(?<![\w.])({TYPE})\s+({DIMS})\s*({IDENT}\s*{DIMS}(?:,\s*{IDENT}\s*{DIMS})*);")
        for found in statement.finditer(self.text, self.body):
            base = found[1].replace("mmu_pkg::", "")
            if base != "logic" and not base.endswith(("_t", "_e")):
                continue
            for position, item in split_commas(found[3], found.start(3)):
                name, unpacked = re.fullmatch(rf"\s*({IDENT})\s*({DIMS})\s*", item).groups()
                line = line_of(self.text, position + item.index(name))
                if name.endswith("_q"):
                    self.registers[name[:-2]] = self._object(name[:-2], unpacked, base, found[2], line)
                elif is_memory(name):
                    self.registers[name] = self._object(name, unpacked, base, found[2], line)
        for block in re.finditer(r"\balways_ff\b", self.text):
            end = self.text.find("always", block.end())
            for flop in re.finditer(rf"(?:^|[;\s])({IDENT})\s*(?:\[[^;]*?\]|\.{IDENT})*\s*<=", self.text[block.end() : end if end > 0 else None]):
                self.flops.setdefault(flop[1], line_of(self.text, block.end() + flop.start(1)))


class Package:
    """A package (or a module): constants, enums {type: {item: value}}, records {type: [Object]}."""

    def __init__(self, path):
        self.path = path
        self.text = blank_comments(path.read_text(encoding="utf-8"))
        self.constants, self.enums, self.enum_widths, self.records = {}, {}, {}, {}
        self.lines = {}
        for found in re.finditer(rf"\blocalparam\s+int\s+unsigned\s+({IDENT})\s*=\s*([^;]*);", self.text):
            self.constants[found[1]] = found[2].strip()
            self.lines[found[1]] = line_of(self.text, found.start(1))
        for found in re.finditer(rf"\btypedef\s+enum\s+logic\s*({DIMS})\s*\{{([^}}]*)\}}\s*({IDENT})\s*;", self.text):
            items = {}
            for position, item in split_commas(found[2], found.start(2)):
                pair = re.fullmatch(rf"\s*({IDENT})\s*=\s*(?:\d+\s*)?'([bdh])\s*([0-9a-fA-F_]+)\s*", item)
                if not pair:
                    raise TextError(f"{path}:{line_of(self.text, position)}: an enum item without a plain value: {item.strip()}")
                items[pair[1]] = int(pair[3].replace("_", ""), {"b": 2, "d": 10, "h": 16}[pair[2]])
                self.lines[pair[1]] = line_of(self.text, self.text.index(pair[1], position))
            self.enums[found[3]] = items
            self.enum_widths[found[3]] = (dims_of(found[1]) or ["1"])[0]
        for found in re.finditer(rf"\btypedef\s+struct\s+packed\s*\{{([^}}]*)\}}\s*({IDENT})\s*;", self.text):
            fields = []
            for field in re.finditer(rf"({TYPE})\s*({DIMS})\s*({IDENT})\s*;", found[1]):
                line = line_of(self.text, found.start(1) + field.start(3))
                fields.append(Object(field[3], dims_of(field[2]), field[1].replace("mmu_pkg::", ""), line))
            self.records[found[2]] = fields

    def value(self, expression):
        """The number that a width expression stands for, or None."""
        text = expression
        for _ in range(8):
            wider = re.sub(IDENT, lambda m: f"({self.constants[m[0]]})" if m[0] in self.constants else m[0], text)
            if wider == text:
                break
            text = wider
        return eval(text) if re.fullmatch(r"[\d\s()+*-]+", text) else None
