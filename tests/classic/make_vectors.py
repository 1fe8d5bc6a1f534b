#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""Makes tests/vectors/classic-*.tv: worlds that were worked out by hand (hand/*.tv), then many that are drawn.

    tests/classic/make_vectors.py            # writes the files
    tests/classic/make_vectors.py --check    # exit 1 if a file is not what would be written
    tests/classic/make_vectors.py --out DIR  # elsewhere

The answers are those of model.py; by hand are those of the first worlds, which the model must give.
"""

import argparse
import sys
from pathlib import Path

import families
import tv

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
SEED = 0xC1A551C
NAMES = ("bounds", "segment", "linear", "directory", "inverted", "segpage", "rights")


def text_of(name, seed=SEED):
    """A whole file."""
    by_hand = (HERE / "hand" / f"{name}.tv").read_text()
    worlds = tv.read(by_hand.splitlines())
    wrong = tv.differences(worlds)
    if wrong:
        raise SystemExit("\n".join([f"hand/{name}.tv is not what the model answers:", *wrong]))
    lines = [
        "# format: translation vectors, see FORMAT.md",
        "# source: the rules of docs/microarchitecture.md, by hand and by tests/classic/model.py",
        f"# kind: classic-{name}",
        f"# seed: {seed:#x}",
        by_hand.rstrip("\n"),
    ]
    for number, world in enumerate(families.worlds(name, seed), len(worlds)):
        lines.extend(world.lines(number))
    return "\n".join(lines) + "\n"


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    parser.add_argument("--out", type=Path, default=VECTORS, metavar="DIR", help="the folder of the files")
    parser.add_argument("--seed", type=lambda text: int(text, 0), default=SEED, help="another seed, for other worlds")
    options = parser.parse_args(arguments)
    if not options.out.is_dir():
        parser.error(f"--out {options.out}: not a folder")
    differ = 0
    for name in NAMES:
        path = options.out / f"classic-{name}.tv"
        text = text_of(name, options.seed)
        if not options.check:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            print(f"{path}: not what make_vectors.py makes", file=sys.stderr)
            differ = 1
    return differ


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
