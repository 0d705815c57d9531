"""Every kind of fault at full size, with the counts: `python tests/faults/run.py [KIND ...]`.

Each kind is a module with `run(count, seed) -> Tally`; the tests beside it run a share of each.
"""

from __future__ import annotations

import argparse
import importlib
import sys

COUNTS = {"kills": 200, "damage": 200, "suites": 3000, "corpora": 500, "folders": 500}
"""How many of each kind are tried unless `--count` says otherwise."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="*", default=list(COUNTS), metavar="KIND")
    parser.add_argument("--count", type=int, help="how many of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = False
    for kind in options.kind:
        tally = importlib.import_module(kind).run(options.count or COUNTS[kind], options.seed)
        print(tally, flush=True)
        failed |= bool(tally.wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
