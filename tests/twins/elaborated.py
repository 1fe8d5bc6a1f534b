# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""What Verilator makes of the RTL: ports, registers, constants and widths of each module, for one configuration."""

import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path


class ElaborationError(Exception):
    """Verilator refuses the RTL."""


class Elaborated:
    """One module as elaborated: {port: width}, {variable: width}, {constant: value}."""

    def __init__(self, element, widths):
        self.origin = element.get("origName")
        self.ports, self.variables, self.constants = {}, {}, {}
        for var in self._variables(element):
            name, width = var.get("name"), widths.get(var.get("dtype_id"))
            constant = var.find("const")
            if var.get("dir") and var.get("pinIndex"):
                self.ports[name] = width
            elif constant is not None and (var.get("localparam") or var.get("param")):
                digits = constant.get("name").split("'")[-1].lstrip("s")
                if digits[:1] == "h":
                    self.constants[name] = int(digits[1:], 16)
            else:
                self.variables[name] = width

    def _variables(self, element):
        """The module's own variables, also those of its generate blocks, but not those of functions."""
        for child in element:
            if child.tag == "var":
                yield child
            elif child.tag == "begin":
                yield from self._variables(child)


def type_widths(table):
    """Bits of every type of the netlist; unpacked arrays count as packed ones do."""
    types = {t.get("id"): t for t in table}
    widths = {}

    def constant(node):
        return int(node.find("const").get("name").split("'")[-1].lstrip("sh"), 16)

    def width(key):
        if key in widths:
            return widths[key]
        node = types[key]
        if node.tag == "basicdtype":
            left, right = node.get("left"), node.get("right")
            named = {"logic": 1, "bit": 1, "int": 32, "integer": 32, "byte": 8, "shortint": 16, "longint": 64}
            bits = abs(int(left) - int(right)) + 1 if left is not None else named.get(node.get("name"))
        elif node.tag in ("packarraydtype", "unpackarraydtype"):
            ends = [constant(end) for end in node.find("range")] if node.find("range").find("const") is None else None
            if ends is None:
                ends = [int(c.get("name").split("'")[-1].lstrip("sh"), 16) for c in node.find("range")]
            inner = width(node.get("sub_dtype_id"))
            bits = None if inner is None else inner * (abs(ends[0] - ends[1]) + 1)
        elif node.tag == "structdtype":
            parts = [width(m.get("sub_dtype_id")) for m in node.findall("memberdtype")]
            bits = None if None in parts else sum(parts)
        elif node.get("sub_dtype_id"):
            bits = width(node.get("sub_dtype_id"))
        else:
            bits = None
        widths[key] = bits
        return bits

    for key in types:
        width(key)
    return widths


def elaborate(rtl, cfg):
    """{module: [Elaborated]} of the whole MMU; cfg is the vector as a Verilog literal, or None for RTL's own."""
    sources = sorted(rtl.rglob("*_pkg.sv"), key=lambda p: (p.name != "mmu_pkg.sv", p.name))
    sources += sorted(p for p in rtl.rglob("*.sv") if p not in sources)
    with tempfile.TemporaryDirectory(prefix="lockwalk-twins-") as folder:
        output = Path(folder) / "mmu.xml"
        command = ["verilator", "--xml-only", "--xml-output", str(output), "--Mdir", folder, "--top-module", "mmu", "-Wno-lint",
                   f"-I{rtl / 'format'}"]
        command += [f"-GCfg={cfg}"] if cfg else []
        done = subprocess.run(command + [str(s) for s in sources], capture_output=True, text=True)
        if done.returncode != 0:
            raise ElaborationError(done.stderr.strip())
        netlist = ElementTree.parse(output).getroot().find("netlist")
    widths = type_widths(netlist.find("typetable"))
    modules = {}
    for element in netlist.findall("module"):
        module = Elaborated(element, widths)
        modules.setdefault(module.origin, []).append(module)
    return modules
