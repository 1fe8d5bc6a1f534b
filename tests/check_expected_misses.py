#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Holds `lockwalk sweep` against counts that an independent reference has made: every row of a file.

    tests/check_expected_misses.py [--lockwalk build/lockwalk] EXPECTED.csv TRACE...

EXPECTED.csv has the columns trace,config,accesses,misses. A config is STREAM:POLICY:SETSxWAYS, STREAM:FALRU:ENTRIES
(fully associative LRU), STREAM:COLD (distinct pages; no accesses), or SPLIT:L1I-LRU:SETSxWAYS and so on, for a
hierarchy; STREAM is unified or data, SPLIT is split2, and 2M at their ends means pages of 2 MiB. A trace is named by its file's
name up to the first dot. Each trace is read a few times, for all rows of one kind at once.

Exit status: 0 every row equal, 1 one differs, or none was compared, 2 bad use or bad input.
"""

import argparse
import collections
import csv
import io
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BadInput(Exception):
    pass


def sweep(lockwalk, trace, *arguments):
    command = [lockwalk, "sweep", "--csv", "-", *arguments, trace]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise BadInput(f"{' '.join(map(str, command))} exits with {run.returncode}: {run.stderr.strip()}")
    return csv.DictReader(io.StringIO(run.stdout))


def parse(config, where):
    """A config as (kind, stream, page, policy, sets, ways)."""
    match = re.fullmatch(r"(unified|data|split2_?)(2M)?:(.*)", config)
    if match is None:
        raise BadInput(f"{where}: config '{config}' names no stream; expected unified, data or split2")
    stream, page, rest = match[1].rstrip("_"), match[2] or "4K", match[3]
    if rest == "COLD":
        return ("cold", stream, page, "lru", 1, 0)
    if re.fullmatch(r"FALRU:\d+", rest):
        return ("flat", stream, page, "lru", 1, int(rest[6:]))
    match = re.fullmatch(r"(LRU|FIFO|PLRU|L1I-LRU|L1D-LRU|L2-LRU):(\d+)x(\d+)", rest)
    if match is None:
        raise BadInput(f"{where}: config '{config}': '{rest}' is not understood; expected e.g. LRU:16x4")
    kind = "level" if stream == "split2" else "shape"
    return (kind, stream, page, match[1].lower(), int(match[2]), int(match[3]))


def read(path):
    """By trace: {config: (accesses, misses)}, in the file's order."""
    rows = collections.defaultdict(dict)
    with open(path, newline="") as f:
        reader = csv.DictReader(f)
        if reader.fieldnames != ["trace", "config", "accesses", "misses"]:
            raise BadInput(f"{path}:1: columns {reader.fieldnames}; expected trace,config,accesses,misses")
        for n, row in enumerate(reader, 2):
            key = parse(row["config"], f"{path}:{n}")
            accesses = int(row["accesses"]) if row["accesses"] else None
            rows[row["trace"]][row["config"]] = (key, accesses, int(row["misses"]))
    return rows


def batches(items, size):
    items = sorted(items)
    return [items[n : n + size] for n in range(0, len(items), size)]


def counts(lockwalk, trace, keys):
    """What the command says: {key: (accesses, misses)}."""
    got = {}
    for policy in sorted({k[3] for k in keys if k[0] == "shape"}):
        mine = [k for k in keys if k[0] == "shape" and k[3] == policy]
        sets = ",".join(map(str, sorted({k[4] for k in mine})))
        for ways in batches({k[5] for k in mine}, 64):
            for row in sweep(lockwalk, trace, "--stream", ",".join(sorted({k[1] for k in mine})), "--page",
                             ",".join(sorted({k[2] for k in mine})), "--policy", policy, "--sets", sets, "--ways",
                             ",".join(map(str, ways))):
                key = ("shape", row["stream"], row["page"], policy, int(row["sets"]), int(row["ways"]))
                got[key] = (int(row["accesses"]), int(row["misses"]))
    flat = [k for k in keys if k[0] in ("flat", "cold")]
    # As many entries as there can be: what is left is the first use of each page.
    for ways in batches({k[5] for k in flat if k[5] != 0} | {65536}, 64) if flat else []:
        for row in sweep(lockwalk, trace, "--stream", ",".join(sorted({k[1] for k in flat})), "--page",
                         ",".join(sorted({k[2] for k in flat})), "--sets", "1", "--ways", ",".join(map(str, ways))):
            count = (int(row["accesses"]), int(row["misses"]))
            got[("flat", row["stream"], row["page"], "lru", 1, int(row["ways"]))] = count
            if row["ways"] == "65536":
                got[("cold", row["stream"], row["page"], "lru", 1, 0)] = count
    levels = [k for k in keys if k[0] == "level"]
    for page in sorted({k[2] for k in levels}):
        shape = {k[3]: f"{k[4]}x{k[5]}" for k in levels if k[2] == page}
        for row in sweep(lockwalk, trace, "--page", page, "--l1i", shape["l1i-lru"], "--l1d", shape["l1d-lru"], "--l2",
                         shape["l2-lru"]):
            key = ("level", "split2", page, row["level"].lower() + "-lru", int(row["sets"]), int(row["ways"]))
            got[key] = (int(row["accesses"]), int(row["misses"]))
    return got


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockwalk", default=str(ROOT / "build" / "lockwalk"))
    parser.add_argument("expected")
    parser.add_argument("trace", nargs="+")
    options = parser.parse_args()
    compared = wrong = 0
    try:
        rows = read(options.expected)
        traces = {Path(t).name.split(".")[0]: t for t in options.trace}
        unknown = sorted(set(traces) - set(rows))
        if unknown:
            raise BadInput(f"{options.expected} has no rows of {', '.join(unknown)}; it has {', '.join(rows)}")
        for name, trace in traces.items():
            keys = [key for key, _, _ in rows[name].values()]
            got = counts(options.lockwalk, trace, keys)
            for config, (key, accesses, misses) in rows[name].items():
                if key not in got:
                    raise BadInput(f"{name},{config}: the command told nothing of it")
                compared += 1
                has_accesses, has_misses = got[key]
                if has_misses != misses or (accesses not in (None, 0) and has_accesses != accesses):
                    wrong += 1
                    print(f"{name},{config}: {has_accesses} accesses, {has_misses} misses; "
                          f"expected {accesses}, {misses}")
            print(f"{name}: {len(rows[name])} rows compared", flush=True)
    except (BadInput, OSError) as error:
        print(f"check_expected_misses: {error}", file=sys.stderr)
        return 2
    print(f"{compared} rows compared, {wrong} differ")
    return 1 if wrong or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
