#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Reads both twins of every module and fails where one side has what the other lacks.

    rtl/mmu_x.sv  input logic [WayW-1:0] touch_way_i     model/cycle/mmu_x.h  mmu_x_in_t:  uint8_t touch_way; /* [WayW] */
                  output ...             victim_o                             mmu_x_out_t: victim
                  flop                   tree_q                               q.tree
                  enum item              MissLook = 3'd1                      MMU_MISS_LOOK = 1
    rtl/mmu_pkg.sv  records, constants, enums            model/include/lockwalk/mmu_types.h

What is meant to differ stands in exceptions.txt, each with its reason.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import c_text
import rtl_text
from c_text import BITS
from elaborated import ElaborationError, elaborate
from rtl_text import TextError

RECORD_TYPES = {"row_t": "mmu_line_t"}  # else mmu_<record>
WORD_RECORDS = {"entry_t": 64, "pos_t": 64, "vm_t": 22}  # words of so many bits, with getters in C
KINDS = ("input", "output", "register", "constant", "enum", "field", "module")


def upper(name):
    """The C name of an RTL constant: KeyVaW is MMU_KEY_VA_W, L2Idle is MMU_L2_IDLE."""
    return "MMU_" + re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z])|(?<=^[A-Z])(?=[A-Z][a-z])|(?<=[a-z][A-Z])(?=[A-Z][a-z])", "_", name).upper()


def record_word(record):
    """The constant that holds a record's width: pmp_range_t is PmpRangeW."""
    return "".join(part.capitalize() for part in record[:-2].split("_")) + "W"


class Exceptions:
    """Lines "KIND WHERE NAME: reason"; one that excuses nothing is itself a failure."""

    def __init__(self, path):
        self.path, self.reasons, self.used = path, {}, set()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            found = re.fullmatch(rf"({'|'.join(KINDS)}) (\S+) (\S+): (\S.*)", line)
            if not found:
                raise TextError(f"{path}:{number}: not 'KIND WHERE NAME: reason'; kinds are {', '.join(KINDS)}")
            self.reasons[found.group(1, 2, 3)] = number

    def excuse(self, kind, where, name):
        key = (kind, where, name)
        if key in self.reasons:
            self.used.add(key)
        return key in self.reasons

    def unused(self):
        for key in sorted(set(self.reasons) - self.used):
            yield f"{self.path}:{self.reasons[key]}: nothing differs here any more: {' '.join(key)}"


class Twins:
    """Compares a whole tree and collects sentences about what differs."""

    def __init__(self, root, exceptions):
        self.root, self.exceptions = root, exceptions
        self.problems, self.compared = [], Counter()
        self.package = rtl_text.Package(root / "rtl/mmu_pkg.sv")
        self.types = c_text.Header(root / "model/include/lockwalk/mmu_types.h")
        self.internal = c_text.Header(root / "model/cycle/mmu_internal.h")

    def problem(self, kind, where, name, text):
        if not self.exceptions.excuse(kind, where, name):
            self.problems.append(text)

    def show(self, path):
        return path.relative_to(self.root)

    # ---- widths ----

    def factors(self, dims, local=None):
        """Dimensions as one list of factors without ones, numbers where the package knows them."""
        product = []
        for dim in dims:
            for factor in dim.split("*") if "(" not in dim else [dim]:
                product += self.expand(factor, local or {})
        return [f for f in product if f != "1"]

    def expand(self, factor, local):
        known = local.get(factor)
        if known and re.fullmatch(r"[\w\s+*-]+", known):  # Rows = Sets * Ways, Nodes = Ways - 1
            return self.factors([rtl_text.canonical(known)], {n: v for n, v in local.items() if n != factor})
        value = local.get("enums", {}).get(factor) or self.package.enum_widths.get(factor) or self.package.value(factor)
        return [str(value) if value is not None else factor]

    def container(self, member):
        """What C's own array brackets say, or None where the member is a single value."""
        if member.pointer and not member.array:
            return ["*"]
        dims = [self.types.constants.get(d, d) for d in member.array]
        return [str(self.package.value(d) if d.isdigit() else d) for d in dims] or None

    def unpacked(self, mine, local):
        """logic [Ports*ReqW-1:0] is [Ports] of req_t: records of a vector, as Yosys wants it."""
        for record in self.package.records:
            word = record_word(record)
            for dim in mine.dims:
                factors = [word if local.get(f, f).strip() in (word, "mmu_pkg::" + word) else f for f in dim.split("*")]
                if mine.base == "logic" and word in self.package.constants and word in factors:
                    rest = [f for f in factors if f != word]
                    return mine._replace(dims=[d for d in mine.dims if d != dim] + rest, base=record)
        return mine

    def record_width(self, record):
        if record == "logic":
            return 1
        total = 0
        for field in self.package.records[record]:
            count = self.record_width(field.base)
            for factor in self.factors(field.dims):
                count *= int(factor)
            total += count
        return total

    def same_width(self, mine, member, local):
        """RTL's dimensions against the C comment's; the array's brackets may carry the outer ones."""
        if member.dims is None:
            return False
        mine = self.unpacked(mine, local or {})
        rtl, c = self.factors(mine.dims, local), self.factors(member.dims, local)
        if mine.base != member.base:
            return False
        if rtl == c:
            return True
        outer = self.container(member)
        if not outer or (c and rtl[-len(c) :] != c):
            return False
        rest = rtl[: len(rtl) - len(c)]
        return not (rest and rest[0].isdigit() and outer[0].isdigit()) or rest == outer

    def say(self, mine):
        return mine.base.replace("logic", "") + "".join(f"[{d}]" for d in mine.dims) if mine.dims or mine.base != "logic" else "[1]"

    def say_c(self, member):
        if member.dims is None:
            return f"{member.type} without a width in its comment"
        return f"{member.type} /* {''.join(f'[{d}]' for d in member.dims)}{'' if member.base == 'logic' else ' ' + member.base} */"

    def check_type(self, kind, where, header, member):
        """The C type must be able to hold what the comment says."""
        if member.dims is None:
            return
        if member.base != "logic":
            want = RECORD_TYPES.get(member.base, "mmu_" + member.base)
            if member.type != want:
                self.problem(kind, where, member.name, f"{self.show(header.path)}:{member.line}: {where} {member.name} is {member.base}, so its type is {want}, not {member.type}")
            return
        bits = BITS.get(member.type)
        factors, outer = self.factors(member.dims), self.container(member) or []
        last = (factors[len(outer) :] if factors[: len(outer)] == outer else factors)[-1:] or ["1"]
        if bits is None:
            self.problem(kind, where, member.name, f"{self.show(header.path)}:{member.line}: {where} {member.name} has the type {member.type}, which is no fixed-width integer")
        elif last[0].isdigit() and int(last[0]) > bits:
            self.problem(kind, where, member.name, f"{self.show(header.path)}:{member.line}: {where} {member.name} needs {last[0]} bits; {member.type} has {bits}")

    # ---- one module ----

    def compare_side(self, kind, module, mine, header, struct, local):
        theirs = header.structs.get(struct, {})
        for name in sorted(set(mine) | set(theirs)):
            rtl, c = mine.get(name), theirs.get(name)
            at_rtl = f"{self.show(module.path)}:{rtl.line}" if rtl else f"{self.show(module.path)}"
            at_c = f"{self.show(header.path)}:{c.line}" if c else f"{self.show(header.path)} ({struct})"
            if rtl is None:
                self.problem(kind, module.name, name, f"{at_c}: {kind} '{name}' of {module.name} ({self.say_c(c)}) is not in {at_rtl}")
            elif c is None:
                self.problem(kind, module.name, name, f"{at_rtl}: {kind} '{name}' of {module.name} ({self.say(rtl)}) is not in {at_c}")
            elif not self.same_width(rtl, c, local):
                self.problem(kind, module.name, name, f"{at_rtl}: {kind} '{name}' of {module.name} is {self.say(rtl)}; {at_c} has {self.say_c(c)}")
            else:
                self.compared[kind] += 1
                self.check_type(kind, module.name, header, c)

    def compare_module(self, path):
        module, package = rtl_text.Module(path), rtl_text.Package(path)
        where = self.root / "model/cycle" / (path.stem + ".h")
        if path.stem == "mmu":
            where = self.root / "model/include/lockwalk/mmu.h"
        if module.name != path.stem:
            self.problem("module", module.name, "name", f"{self.show(path)}: module {module.name} stands in a file of another name")
        if not where.exists():
            self.problem("module", module.name, "twin", f"{self.show(path)}: module {module.name} has no twin {self.show(where)}")
            return module
        header = c_text.Header(where)
        local = {n: v for n, v in re.findall(r"localparam\s+int\s+unsigned\s+(\w+)\s*=\s*([^;,\n]*)", module.text)}
        local["enums"] = package.enum_widths
        self.compare_side("input", module, self.without(module, module.inputs), header, f"{path.stem}_in_t", local)
        self.compare_side("output", module, module.outputs, header, f"{path.stem}_out_t", local)
        state = header
        if path.stem == "mmu":  # its state is nobody's business, so it is not in the public header
            own = [p for p in sorted((self.root / "model/cycle").glob("mmu*.[ch]")) if "struct mmu {" in p.read_text(encoding="utf-8")]
            state = c_text.Header(own[0]) if own else header
        struct = next((s for s in state.structs if s.endswith(".q")), f"{path.stem}_t.q")
        self.compare_side("register", module, module.registers, state, struct, local)
        for name, line in module.flops.items():
            if not (name.endswith("_q") or name in module.registers):
                self.problem("register", module.name, name, f"{self.show(path)}:{line}: flop {name} of {module.name} does not end in _q, so its twin cannot be found")
        self.compare_enums(package, header)
        return module

    def without(self, module, ports):
        """Clock and reset are calls of seq in C."""
        left = {}
        for name, port in ports.items():
            if name in ("clk", "rst"):
                self.exceptions.excuse("input", "*", name)
            else:
                left[name] = port
        return left

    # ---- types ----

    def all_items(self, header):
        items, lines = {}, {}
        for source in (self.types, header):
            for name, value in source.items.items():
                items[name], lines[name] = value, f"{self.show(source.path)}:{source.lines[name]}"
        return items, lines

    def compare_enums(self, package, header):
        items, lines = self.all_items(header)
        for enum, mine in package.enums.items():
            for name, value in mine.items():
                at = f"{self.show(package.path)}:{package.lines[name]}"
                if upper(name) not in items:
                    self.problem("enum", enum, name, f"{at}: {name} of {enum} has no {upper(name)} in {self.show(header.path)}")
                elif items[upper(name)] != value:
                    self.problem("enum", enum, name, f"{at}: {name} is {value}; {lines[upper(name)]} has {upper(name)} = {items[upper(name)]}")
                else:
                    self.compared["enum"] += 1
            prefix = "_".join(upper(next(iter(mine))).split("_")[:2]) + "_"
            for name in sorted(items):
                if name.startswith(prefix) and name not in map(upper, mine) and lines[name].startswith(str(self.show(header.path))):
                    self.problem("enum", enum, name, f"{lines[name]}: {name} has no item in {enum} of {self.show(package.path)}")

    def compare_constants(self):
        for name in self.package.constants:
            value, c_name = self.package.value(name), upper(name)
            at = f"{self.show(self.package.path)}:{self.package.lines[name]}"
            record = next((r for r in self.package.records if record_word(r) == name), None)
            if record:
                if self.record_width(record) != value:
                    self.problem("constant", "mmu_pkg", name, f"{at}: {name} is {value}; {record} has {self.record_width(record)} bits")
                else:
                    self.compared["constant"] += 1
                continue
            theirs = self.types.items.get(c_name, self.types.constants.get(c_name))
            if theirs is None:
                self.problem("constant", "mmu_pkg", name, f"{at}: {name} has no {c_name} in {self.show(self.types.path)}")
            elif str(theirs) != str(value):
                self.problem("constant", "mmu_pkg", name, f"{at}: {name} is {value}; {self.show(self.types.path)}:{self.types.lines[c_name]} has {c_name} = {theirs}")
            else:
                self.compared["constant"] += 1

    def compare_records(self):
        for record, fields in self.package.records.items():
            if record in WORD_RECORDS:
                self.compare_word(record, fields)
                continue
            struct = RECORD_TYPES.get(record, "mmu_" + record)
            header = self.internal if struct in self.internal.structs else self.types
            theirs, mine = header.structs.get(struct, {}), {f.name: f for f in fields}
            for name in sorted(set(mine) | set(theirs)):
                rtl, c = mine.get(name), theirs.get(name)
                if rtl is None:
                    self.problem("field", record, name, f"{self.show(header.path)}:{c.line}: field '{name}' of {struct} is not in {record} of {self.show(self.package.path)}")
                elif c is None:
                    self.problem("field", record, name, f"{self.show(self.package.path)}:{rtl.line}: field '{name}' of {record} is not in {struct} of {self.show(header.path)}")
                elif not self.same_width(rtl, c, None):
                    self.problem("field", record, name, f"{self.show(self.package.path)}:{rtl.line}: field '{name}' of {record} is {self.say(rtl)}; {self.show(header.path)}:{c.line} has {self.say_c(c)}")
                else:
                    self.compared["field"] += 1
                    self.check_type("field", record, header, c)

    def compare_word(self, record, fields):
        """A record that is a word in C: its fields are shifts and masks."""
        shift, stem = 0, "MMU_" + record[:-2].upper()
        for field in reversed(fields):
            width = int((self.factors(field.dims) or ["1"])[0])
            macro = f"{stem}_{field.name.upper()}" + ("_SHIFT" if width > 1 else "")
            one = "UINT64_C(1)" if WORD_RECORDS[record] > 32 else "UINT32_C(1)"
            want = str(shift) if width > 1 else f"({one} << {shift})"
            if field.name != "zero" and shift > 0:
                theirs = self.types.constants.get(macro)
                at = f"{self.show(self.package.path)}:{field.line}"
                if theirs != want:
                    line = f":{self.types.lines[macro]}" if macro in self.types.lines else ""
                    self.problem("field", record, field.name, f"{at}: field '{field.name}' of {record} stands at bit {shift}; {self.show(self.types.path)}{line} has {macro} = {theirs}, not {want}")
                else:
                    self.compared["field"] += 1
            shift += width
        if shift != WORD_RECORDS[record]:
            self.problem("field", record, "width", f"{self.show(self.package.path)}: {record} has {shift} bits, not {WORD_RECORDS[record]}")

    # ---- what Verilator says ----

    def compare_elaborated(self, module, elaborated, configuration):
        at = self.show(module.path)
        for made in elaborated:
            for name in sorted(set(made.ports) ^ set(module.port_names)):
                self.problems.append(f"{at}: port {name} of {module.name} is seen by {'Verilator' if name in made.ports else 'this test'} only")
            seen = {n[:-2] if n.endswith("_q") else n for n in made.variables if n.endswith("_q") or rtl_text.is_memory(n)}
            for name in sorted(seen - set(module.registers)):
                self.problems.append(f"{at}: register {name}_q of {module.name} is seen by Verilator only")
            for side in (module.inputs, module.outputs):
                for port in side.values():
                    self.compare_numbers(module, made, port, configuration)

    def compare_numbers(self, module, made, port, configuration):
        name = next(n for n in module.port_names if re.sub(r"_n?[io]$", "", n) == port.name)
        if port.base != "logic" or name not in made.ports:
            return
        numbers = [made.constants.get(f, f) for f in self.factors(port.dims)]
        if all(str(n).isdigit() for n in numbers):
            product = 1
            for number in numbers:
                product *= int(number)
            if product != made.ports[name]:
                self.problems.append(f"{self.show(module.path)}:{port.line}: port {name} of {module.name} has {made.ports[name]} bits in '{configuration}'; this test reads {self.say(port)}")
            self.compared["width"] += 1
        self.room(module, made, port, name, configuration)

    def room(self, module, made, port, name, configuration):
        """A vector whose width is a parameter must fit the C type in every preset."""
        where = "model/include/lockwalk/mmu.h" if module.name == "mmu" else f"model/cycle/{module.name}.h"
        path = self.root / where
        if not path.exists():
            return
        header = c_text.Header(path)
        for struct in (f"{module.name}_in_t", f"{module.name}_out_t"):
            member = header.structs.get(struct, {}).get(port.name)
            if member and member.base == "logic" and not member.array and not member.pointer:
                if made.ports[name] > BITS.get(member.type, 0):
                    self.problems.append(f"{where}:{member.line}: '{port.name}' of {struct} is {member.type}; {module.name} has {made.ports[name]} bits there in '{configuration}'")

    # ---- all of it ----

    def run(self, configurations):
        paths = sorted((self.root / "rtl").glob("mmu*.sv"))
        modules = [self.compare_module(p) for p in paths if not p.stem.endswith("_pkg")]
        for header in sorted((self.root / "model/cycle").glob("mmu_*.h")):
            name = header.stem
            if not (self.root / "rtl" / f"{name}.sv").exists():
                self.problem("module", name, "twin", f"{self.show(header)}: no twin rtl/{name}.sv")
        self.compare_enums(self.package, self.types)
        self.compare_constants()
        self.compare_records()
        elaborated = {name: elaborate(self.root / "rtl", cfg) for name, cfg in configurations.items()}
        for module in modules:
            for configuration, made in elaborated.items():
                self.compare_elaborated(module, made.get(module.name, []), configuration)
            if elaborated and not any(module.name in made for made in elaborated.values()):
                self.problem("module", module.name, "instance", f"{self.show(module.path)}: {module.name} is in no MMU, so Verilator said nothing of it")
        self.problems += self.exceptions.unused()
        return modules


def main(argv):
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Compares the text of RTL and C twins.", epilog="Exit status: 0 they agree, 1 they part, 2 bad use.")
    parser.add_argument("--root", type=Path, default=here.parent.parent, help="the tree to read")
    parser.add_argument("--exceptions", type=Path, default=here / "exceptions.txt", help="what may differ (exceptions.txt)")
    parser.add_argument("--lockwalk", type=Path, metavar="PROGRAM", help="elaborate the presets too, as this program packs them")
    parser.add_argument("--text-only", action="store_true", help="do not run Verilator")
    args = parser.parse_args(argv)
    configurations = {} if args.text_only else {"the RTL's own Cfg": None}
    for preset in ("tiny", "tiny-policies", "default") if args.lockwalk and not args.text_only else ():
        done = subprocess.run([args.lockwalk, "config", "hex", preset], capture_output=True, text=True)
        if done.returncode != 0:
            parser.error(f"{args.lockwalk} config hex {preset}: {done.stderr.strip()}")
        configurations[preset] = done.stdout.strip()
    try:
        twins = Twins(args.root.resolve(), Exceptions(args.exceptions))
        modules = twins.run(configurations)
    except (TextError, ElaborationError, OSError) as error:
        print(f"twins: {error}", file=sys.stderr)
        return 2
    for problem in twins.problems:
        print(problem)
    counts = ", ".join(f"{n} {kind}{'s' if n != 1 else ''}" for kind, n in sorted(twins.compared.items()))
    print(f"{len(modules)} modules; compared: {counts}; {len(twins.problems)} differences")
    return 1 if twins.problems or not modules else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
