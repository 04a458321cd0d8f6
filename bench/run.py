#!/usr/bin/env python3
"""How fast and how large things are: one table, each line with the limit that it must keep.

`run.py [PART…]` measures every part, or those that are named. A part is a module beside this file with a function
`lines()` that yields `Line`s. Ends with 1 where a limit is not kept. Seconds are of this machine: on a busy one, a line
over its limit says nothing yet.
"""

import importlib
import sys

# Nothing is left beside the sources.
sys.dont_write_bytecode = True

PARTS = ["functions"]


def main():
    sys.stdout.reconfigure(line_buffering=True)
    parts = sys.argv[1:] or PARTS
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    kept = True
    print(f"{'part':<10} {'what':<52} {'found':>12} {'limit':>12}")
    for part in parts:
        for line in importlib.import_module(part).lines():
            kept = kept and line.kept
            verdict = "" if line.kept else "  over"
            print(f"{part:<10} {line.what:<52} {line.shown(line.found):>12} {line.shown(line.limit):>12}{verdict}")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
