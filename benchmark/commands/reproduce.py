"""`reproduce`: runs one published cell again and compares the result with the published one."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.commands.shared.options import DEVICES
from benchmark.errors import Exit

ORDER = 8
SUMMARY = "Run one published cell again and check whether the result is the same."
EXAMPLE = "reproduce af3bb674ab2c --from leaderboard.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The cell and the place where it was published."""
    parser.add_argument("cell", metavar="CELL")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        default=Path("results"),
        metavar="PLACE",
        help="leaderboard.json or .parquet, a records.parquet, or a folder with one of them or with"
        " results folders (default: results)",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="location of the corpus, if it is a folder"
    )
    parser.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        help="auto: the device of the published run",
    )


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Exit with OK if the result is the same, REGRESSION if not, INCOMPLETE if it cannot run."""
    from benchmark.reproduce.compare import reproduce
    from benchmark.reproduce.find import find_cell

    published = find_cell(options.cell, options.source)
    reproduction = reproduce(published, options.data, options.device, console)
    for line in reproduction.stages:
        console.print(f"  {line}", markup=False)
    reason = f": {reproduction.reason}" if reproduction.reason else ""
    console.print(f"{options.cell}: {reproduction.answer}{reason}", markup=False)
    return {
        "same": Exit.OK,
        "same within rounding": Exit.OK,
        "different": Exit.REGRESSION,
        "not reproducible here": Exit.INCOMPLETE,
    }[reproduction.answer]
