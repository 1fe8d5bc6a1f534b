# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Reads the headers of the C twins: structs with the widths in their comments, enums and constants."""

import re
from collections import namedtuple

from rtl_text import IDENT, TextError, canonical, line_of

# A member. type: as written, without const; pointer: it is one; array: its C dimensions; dims, base: as its comment
# says them ("logic" where the comment names no record); comment: None where there is no width.
Member = namedtuple("Member", "name type pointer array dims base line")

BITS = {"bool": 1, "uint8_t": 8, "uint16_t": 16, "uint32_t": 32, "uint64_t": 64}
WIDTH = re.compile(rf"/\*\s*((?:\[[^\]]*\])*)\s*({IDENT}_t\b)?")


def blank_comments(text):
    """The text with comments blanked, every character where it was."""
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


class Header:
    """One header (or C file): structs {name: {member: Member}}, nested structs as "name.member"."""

    def __init__(self, path):
        self.path = path
        self.raw = path.read_text(encoding="utf-8")
        self.text = blank_comments(self.raw)
        self.structs, self.items, self.constants, self.lines = {}, {}, {}, {}
        for found in re.finditer(r"\bstruct\b[^;{]*\{", self.text):
            before = self.text[: found.start()].rstrip()
            if before.endswith("typedef") or self._depth(found.start()) == 0:
                self._read_struct(found)
        self._read_enums()
        for found in re.finditer(rf"^#define\s+({IDENT})\s+(.+)$", self.text, re.M):
            self.constants[found[1]] = found[2].strip()
            self.lines[found[1]] = line_of(self.text, found.start(1))

    def _depth(self, position):
        """Braces that are open at a position; that of extern "C" (its string is blanked) does not count."""
        before = re.sub(r"\bextern\s+\{", "", self.text[:position])
        return before.count("{") - before.count("}")

    def _close(self, opening):
        depth = 0
        for position in range(opening, len(self.text)):
            depth += {"{": 1, "}": -1}.get(self.text[position], 0)
            if depth == 0:
                return position
        raise TextError(f"{self.path}:{line_of(self.text, opening)}: a brace that does not close")

    def _read_struct(self, found):
        closing = self._close(found.end() - 1)
        name = re.match(rf"\s*({IDENT})", self.text[closing + 1 :])
        tag = re.match(rf"struct\s+({IDENT})", found[0])
        name = name[1] if name else tag[1] + "_t" if tag else None
        if name:
            self._read_members(name, found.end(), closing)

    def _read_members(self, struct, start, end):
        members = self.structs.setdefault(struct, {})
        self.lines[struct] = line_of(self.text, start)
        while True:
            semicolon, brace = self.text.find(";", start, end), self.text.find("{", start, end)
            if semicolon < 0:
                return
            if 0 <= brace < semicolon:  # a struct in the struct
                closing = self._close(brace)
                tail = re.match(rf"\s*({IDENT})\s*((?:\[[^\]]*\])*)\s*;", self.text[closing + 1 :])
                if not tail:
                    raise TextError(f"{self.path}:{line_of(self.text, brace)}: a nested struct without a name")
                self._read_members(f"{struct}.{tail[1]}", brace + 1, closing)
                start = closing + 1 + tail.end()
                continue
            self._read_member(members, start, semicolon)
            start = semicolon + 1

    def _read_member(self, members, start, semicolon):
        text = self.text[start:semicolon].strip()
        line = line_of(self.text, semicolon)
        found = re.fullmatch(rf"(?:const\s+|struct\s+|unsigned\s+(?=\w+\s*[*\s]\s*[*\w]))*({IDENT})\s*([*\s][\s*]*)({IDENT}(?:\[[^\]]*\])*(?:\s*,\s*{IDENT}(?:\[[^\]]*\])*)*)", text)
        if not found:
            raise TextError(f"{self.path}:{line}: a member that this test cannot read: {text}")
        after = self.raw[semicolon + 1 :].split("\n", 1)
        comment = WIDTH.match(after[0].strip())
        if not after[0].strip() and len(after) > 1:  # the comment may stand in the line below
            comment = WIDTH.match(after[1].split("\n", 1)[0].strip())
        dims = base = None
        if comment and (comment[1] or comment[2]):
            dims, base = [canonical(d) for d in re.findall(r"\[([^\]]*)\]", comment[1])], comment[2] or "logic"
        for item in found[3].split(","):
            name = re.match(rf"\s*({IDENT})", item)[1]
            array = [canonical(d) for d in re.findall(r"\[([^\]]*)\]", item)]
            members[name] = Member(name, found[1], "*" in found[2], array, dims, base, line)

    def _read_enums(self):
        for found in re.finditer(r"\benum\b[^;{]*\{([^}]*)\}", self.text):
            value = -1
            for item in found[1].split(","):
                pair = re.fullmatch(rf"\s*({IDENT})\s*(?:=\s*(\d+|0x[0-9a-fA-F]+))?\s*", item)
                if pair:
                    value = int(pair[2], 0) if pair[2] else value + 1
                    self.items[pair[1]] = value
                    self.lines[pair[1]] = line_of(self.text, found.start(1) + found[1].index(pair[1]))
