"""`reproduce`: run one published cell again and say whether it came out the same."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.commands.shared.options import DEVICES
from benchmark.errors import Exit

ORDER = 8
SUMMARY = "Run one cell again and say whether it came out the same."
EXAMPLE = "reproduce af3bb674ab2c --from leaderboard.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The cell, and where it was published."""
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
        "--data", type=Path, metavar="DIR", help="where the corpus lies, if it is a folder"
    )
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="auto is what the cell was run on"
    )


def main(options: argparse.Namespace, console: Console) -> Exit:
    """OK when the same, REGRESSION when different, INCOMPLETE when it cannot be run here."""
    from benchmark.reproduce.compare import reproduce
    from benchmark.reproduce.find import find_cell

    published = find_cell(options.cell, options.source)
    verdict = reproduce(published, options.data, options.device, console)
    for line in verdict.stages:
        console.print(f"  {line}", markup=False)
    reason = f": {verdict.reason}" if verdict.reason else ""
    console.print(f"{options.cell}: {verdict.answer}{reason}", markup=False)
    return {
        "same": Exit.OK,
        "different": Exit.REGRESSION,
        "not reproducible here": Exit.INCOMPLETE,
    }[verdict.answer]
